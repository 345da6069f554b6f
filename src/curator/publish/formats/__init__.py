"""The formats that the list is exported in; light, as the command line names them before anything is opened."""

from __future__ import annotations

TEXTS = ("md", "json", "csv", "bibtex", "ris", "csl", "atom")
"""One file of text each, which may go to a terminal."""
FOLDERS = frozenset({"obsidian", "html"})
"""Folders of files."""
FORMATS = ("md", "json", "csv", "parquet", "bibtex", "ris", "csl", "atom", "obsidian", "html")
