"""Hash a region's content, so that Curator recognises a hand edit but ignores what editors and git change."""

from __future__ import annotations

import hashlib


def normalize_content(content: str) -> str:
    """Remove what editors and git change by themselves: line ends, and white space at the ends of lines."""
    return "\n".join(line.rstrip() for line in content.split("\n")).strip()


def hash_content(content: str) -> str:
    """Return the hash of a region's content: the first 12 hexadecimal digits of SHA-256 after normalisation."""
    hasher = RegionHasher()
    hasher.add(content)
    return hasher.digest()


class RegionHasher:
    """Hash a region that comes in pieces; the result is the hash of the whole after `normalize_content`."""

    def __init__(self) -> None:
        self._hash = hashlib.sha256()
        self._unfinished = ""  # the last line so far
        self._empty_lines = 0  # since the last line with text
        self._started = False

    def add(self, piece: str) -> None:
        """Add the next piece of the content."""
        *lines, self._unfinished = (self._unfinished + piece).split("\n")
        for line in lines:
            self._add_line(line)

    def digest(self) -> str:
        """Return the hash; no piece may be added afterwards."""
        self._add_line(self._unfinished)
        self._unfinished = ""
        return self._hash.hexdigest()[:12]

    def _add_line(self, line: str) -> None:
        text = line.rstrip()
        if not self._started:
            text = text.lstrip()
        if not text:
            self._empty_lines += self._started
            return
        separator = "\n" * (self._empty_lines + 1) if self._started else ""
        self._hash.update((separator + text).encode("utf-8", "surrogatepass"))
        self._started, self._empty_lines = True, 0
