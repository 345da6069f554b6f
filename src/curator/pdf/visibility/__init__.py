"""Separate text that people cannot see on the page from text that is printed on it."""
