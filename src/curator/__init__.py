"""Curator keeps a living list of what is known about language models."""

__version__ = "0.1.0"
