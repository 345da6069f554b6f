"""The list out: tests."""
