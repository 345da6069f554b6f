"""Blocks (paragraphs, headings, captions and the like), and the style of a document's body text."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from itertools import pairwise
from typing import Literal

from curator.pdf.layout.fragments import Line, Region
from curator.types import Form

Role = Literal["text", "heading", "caption", "footnote", "equation", "quotation", "other"]

CONTINUABLE: frozenset[Role] = frozenset({"text", "quotation"})
"""Roles of blocks that may continue after an interruption."""

CAPTION = re.compile(
    r"^(?:(?:Supplementary |Extended Data |Appendix )?"
    r"(?:Figure|Fig\.?|Table|Tab\.|Algorithm|Listing|Scheme|Exhibit|Box|Plate|Chart)"
    r"|FIGURE|FIG\.|TABLE|ALGORITHM|LISTING)\s?"
    r"(?:[A-Z]{0,2}\.?\d{1,3}(?:\.\d{1,3})*[a-z]?|[IVXL]{1,6})(?P<stop>\s?[:.|–—]|\s*$|\s)"
)
BULLET = re.compile(r"^(?:[•◦▪■●○‣∙·–—⋄◆▶►✓✗]|\((?:[a-z]|[ivx]{1,4}|\d{1,2})\)|(?:\d{1,2}|[a-z])[.)])\s?\S")
REFERENCE = re.compile(r"^\[(?:\d{1,3}|[A-Za-z+]{2,12}\d{2}[a-z]?)\] ?[^\W\d_a-z]")
LOWER_CASE = re.compile(r"^[(\[“\"'‘]?[^\W\d_A-ZÀ-Þ]")
TERMINAL = re.compile(r"[.!?:…。！？](?:[\"'”’»)\]]|\d{1,2}(?![\d.]))*$")
_ABBREVIATED = re.compile(r"(?:\b(?:al|e\.g|i\.e|cf|vs|[Ff]igs?|[Ee]qs?|[Ss]ecs?|[Tt]ab|pp|vol|no|w\.r\.t)|\b[A-Z])\.$")
_BEYOND_ASCII = re.compile(r"[^\x00-\x7f]+")
_NO_LETTERS = bytes(code for code in range(128) if not chr(code).isalpha())


@dataclass(slots=True)
class Style:
    """The print of a document's body text."""

    size: float  # of the font, points
    leading: float  # between baselines, points


@dataclass(slots=True)
class Block:
    """A paragraph, a heading, a caption, or other text that is set as one, on one page."""

    page: int
    lines: list[Line]
    role: Role
    left: float  # of its column, points
    right: float
    column: int  # number of its region on the page
    form: Form = "prose"
    text: str = ""
    size: float = 0.0  # font size of its longest line, points
    extent: tuple[float, float] = (0.0, 0.0)  # start and end of its lines, in points from the page's left

    def __post_init__(self) -> None:
        lines = self.lines
        if len(lines) == 1:
            only = lines[0]
            self.text, self.size, self.extent = only.text, only.size, (only.x0, only.x1)
            return
        self.text = " ".join([line.text for line in lines])
        self.size = max(lines, key=lambda line: line.chars).size
        self.extent = min([line.x0 for line in lines]), max([line.x1 for line in lines])

    def extend(self, lines: Sequence[Line]) -> None:
        """Add lines that belong to the block."""
        self.lines.extend(lines)
        self.__post_init__()

    @property
    def families(self) -> Counter[str]:
        """Count the characters set in each font family, formulas aside."""
        chars: Counter[str] = Counter()
        for line in self.lines:
            for part in line.parts:
                chars[part.families[0]] += 0 if part.math else len(part.text)
        return chars

    @property
    def is_complete(self) -> bool:
        """Whether the block ends where a sentence ends."""
        return ends_sentence(self.lines[-1])


def count_letters(text: str) -> int:
    """Count the letters of a text, in any script."""
    plain = text.encode("ascii", "ignore")
    count = len(plain.translate(None, _NO_LETTERS))
    return count if len(plain) == len(text) else count + sum(map(str.isalpha, "".join(_BEYOND_ASCII.findall(text))))


def ends_sentence(line: Line) -> bool:
    """Return whether a sentence may end at the end of this line."""
    tail = line.text[-16:]
    if tail[-1:].isalpha():
        return False
    return bool(TERMINAL.search(tail)) and not _ABBREVIATED.search(tail)


def measure_style(regions: Iterable[Region]) -> Style:
    """Find the font size of most characters, and the usual distance between their lines."""
    chars: Counter[float] = Counter()
    steps: Counter[float] = Counter()
    for region in regions:
        for line in region.lines:
            chars[round(line.size * 4) / 4] += line.chars
        for before, line in pairwise(region.lines):
            if line.chars > 20 and abs(before.size - line.size) < 0.5 and line.y1 > before.y1:
                steps[round((line.y1 - before.y1) * 4) / 4] += line.chars
    size = chars.most_common(1)[0][0] if chars else 10.0
    plausible = {step: count for step, count in steps.items() if 0.9 * size <= step <= 2.2 * size}
    return Style(size, max(plausible, key=lambda step: plausible[step]) if plausible else 1.2 * size)
