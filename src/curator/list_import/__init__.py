"""Read an existing list, written by hand, into the warehouse."""
