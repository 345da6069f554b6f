"""Separate text that a reader of the page cannot see from text that is printed on it."""
