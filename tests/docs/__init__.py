"""The documentation: tests."""
