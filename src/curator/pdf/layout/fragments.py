"""Stretches of printed lines, and what they are gathered into: pages, lines and columns."""

from __future__ import annotations

from dataclasses import dataclass, field

from curator.pdf.layout.parameters import FRAGMENTS
from curator.types import HiddenText


@dataclass(slots=True)
class Fragment:
    """A stretch of one printed line, in displayed page coordinates (points, origin top left)."""

    text: str
    x0: float
    y0: float
    x1: float
    y1: float
    size: float  # of the font, points
    bold: bool = False
    italic: bool = False
    math: bool = False  # mostly set in a mathematics font
    lead: str = ""  # bold or italic text at the start, where the rest is set differently
    marker: str = ""  # superscript at the start: a footnote's number
    families: tuple[str, ...] = ("",)  # starts of its fonts' names, the same for bold and italic cuts; most used first
    first_font: tuple[str, float] = ("", 0.0)  # what it starts in: family and size
    last_font: tuple[str, float] = ("", 0.0)  # what it ends in
    upright: bool = True  # reads from left to right as displayed
    order: int = 0  # among the page's fragments as the file has them

    @property
    def middle(self) -> float:
        return (self.y0 + self.y1) / 2


@dataclass(slots=True)
class RawPage:
    """What is printed on a page, in no particular order."""

    number: int
    width: float
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
    size: float = 0.0
    chars: int = field(default=0)
    joined: bool = False  # goes on with a paragraph that broke off elsewhere
    text: str = ""
    bold: bool = False  # all of it
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
        widest = max(parts, key=lambda part: len(part.text))
        self.size, self.y0, self.y1 = widest.size, widest.y0, widest.y1
        self.x0, self.x1 = min(part.x0 for part in parts), max(part.x1 for part in parts)
        self.chars = sum(len(part.text) for part in parts)

    @property
    def middle(self) -> float:
        return (self.y0 + self.y1) / 2


@dataclass(slots=True)
class Region:
    """Lines of one column, from top to bottom."""

    lines: list[Line]
    x0: float
    x1: float


def glue(fragments: list[Fragment]) -> list[Fragment]:
    """Words and syllables that some programs place one by one, put together into stretches of lines."""
    if not fragments or sum(len(f.text) for f in fragments) > FRAGMENTS.min_mean_chars * len(fragments):
        return fragments
    glued: list[Fragment] = []
    for f in sorted(fragments, key=lambda f: (round(f.y1 / 2), f.x0)):
        last = glued[-1] if glued else None
        if last is None or not _follows(last, f):
            glued.append(f)
            continue
        blank = "" if f.x0 - last.x1 < FRAGMENTS.max_touching_gap * last.size else " "
        last.text = f"{last.text}{blank}{f.text}"
        last.x1, last.y0, last.y1 = max(last.x1, f.x1), min(last.y0, f.y0), max(last.y1, f.y1)
        last.bold, last.italic, last.math = last.bold and f.bold, last.italic and f.italic, last.math and f.math
    return glued


def _follows(last: Fragment, f: Fragment) -> bool:
    level = abs(last.y1 - f.y1) < 0.15 * last.size and abs(last.size - f.size) < 0.25 * last.size
    return level and last.upright == f.upright and -0.3 * last.size < f.x0 - last.x1 < FRAGMENTS.max_gap * last.size
