"""Decide from title and abstract whether a paper is about one of the list's topics."""
