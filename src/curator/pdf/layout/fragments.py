"""Stretches of printed lines, and the pages, lines and regions that are made of them."""

from __future__ import annotations

from dataclasses import dataclass, field

from curator.pdf.layout.parameters import FRAGMENTS
from curator.types import HiddenText


@dataclass(slots=True)
class Fragment:
    """A stretch of one printed line, in displayed page coordinates (points, origin at the top left)."""

    text: str
    x0: float
    y0: float
    x1: float
    y1: float
    size: float  # of the font, points
    bold: bool = False
    italic: bool = False
    math: bool = False  # mostly set in a mathematics font
    lead: str = ""  # bold or italic text at the start, if the rest is set differently
    marker: str = ""  # superscript at the start: a footnote's number
    families: tuple[str, ...] = ("",)  # prefixes of its fonts' names, shared by bold and italic cuts; most used first
    first_font: tuple[str, float] = ("", 0.0)  # family and size at its start
    last_font: tuple[str, float] = ("", 0.0)  # family and size at its end
    upright: bool = True  # reads from left to right as displayed
    order: int = 0  # position among the page's fragments in the file

    @property
    def middle(self) -> float:
        """The height of its middle, in points from the page's top."""
        return (self.y0 + self.y1) / 2


@dataclass(slots=True)
class RawPage:
    """The print of one page, in no particular order."""

    number: int  # from 1
    width: float  # points
    height: float
    fragments: list[Fragment] = field(default_factory=list)
    hidden: list[HiddenText] = field(default_factory=list)


@dataclass(slots=True)
class Line:
    """Fragments printed side by side, from left to right."""

    parts: list[Fragment]
    x0: float = 0.0
    x1: float = 0.0
    y0: float = 0.0
    y1: float = 0.0
    size: float = 0.0  # of its longest fragment, points
    chars: int = 0
    joined: bool = False  # continues a paragraph that was interrupted elsewhere
    text: str = ""
    bold: bool = False  # every fragment is
    italic: bool = False

    def __post_init__(self) -> None:
        parts = self.parts
        if len(parts) == 1:
            only = parts[0]
            self.text, self.size, self.chars = only.text, only.size, len(only.text)
            self.x0, self.x1, self.y0, self.y1 = only.x0, only.x1, only.y0, only.y1
            self.bold, self.italic = only.bold, only.italic
            return
        self.text = " ".join([part.text for part in parts])
        self.bold, self.italic = all(part.bold for part in parts), all(part.italic for part in parts)
        longest = max(parts, key=lambda part: len(part.text))
        self.size, self.y0, self.y1 = longest.size, longest.y0, longest.y1
        self.x0, self.x1 = min(part.x0 for part in parts), max(part.x1 for part in parts)
        self.chars = sum(len(part.text) for part in parts)

    @property
    def middle(self) -> float:
        """The height of its middle, in points from the page's top."""
        return (self.y0 + self.y1) / 2


@dataclass(slots=True)
class Region:
    """Lines of one column, from top to bottom."""

    lines: list[Line]
    x0: float
    x1: float


def merge_fragments(fragments: list[Fragment]) -> list[Fragment]:
    """Merge words and syllables that a program placed one by one into stretches of lines.

    Returns:
        The merged fragments, or the list itself if its fragments are long enough already.
    """
    if not fragments or sum(len(f.text) for f in fragments) > FRAGMENTS.min_mean_chars * len(fragments):
        return fragments
    merged: list[Fragment] = []
    for f in sorted(fragments, key=lambda f: (round(f.y1 / 2), f.x0)):
        last = merged[-1] if merged else None
        if last is None or not _continues(last, f):
            merged.append(f)
            continue
        space = "" if f.x0 - last.x1 < FRAGMENTS.max_touching_gap * last.size else " "
        last.text = f"{last.text}{space}{f.text}"
        last.x1, last.y0, last.y1 = max(last.x1, f.x1), min(last.y0, f.y0), max(last.y1, f.y1)
        last.bold, last.italic, last.math = last.bold and f.bold, last.italic and f.italic, last.math and f.math
    return merged


def _continues(last: Fragment, f: Fragment) -> bool:
    """Return whether a fragment is printed right after another, on the same baseline and in the same size."""
    level = abs(last.y1 - f.y1) < 0.15 * last.size and abs(last.size - f.size) < 0.25 * last.size
    near = -0.3 * last.size < f.x0 - last.x1 < FRAGMENTS.max_gap * last.size
    return level and last.upright == f.upright and near
