"""Check whether the quotes of a frame support the words of that frame."""
