"""Printed lines into paragraphs: where one ends, what it is, and what goes on after an interruption."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from itertools import pairwise
from typing import Literal

from curator.pdf.layout.reading_order import PROSE_FILL, Line, Region
from curator.types import Form

Role = Literal["text", "heading", "caption", "footnote", "equation", "quotation", "other"]

RUNNING: frozenset[Role] = frozenset({"text", "quotation"})  # what may go on after an interruption
SHORT_LINE = 0.25  # of the column that a paragraph's last line leaves white, to part paragraphs by that alone
SAME_SIZE = 0.08  # relative difference of font sizes within one paragraph
WIDE_GAP = 1.22  # of the usual distance between baselines: more parts paragraphs
HANGING_LINES = 3  # more indented lines after full ones than indented first lines: a list of references
CAPTION_LEADING = 1.35  # ems between the baselines of a caption's lines at most
FOOT = 0.7  # of the page's height; a column that ends above has no footnotes
SMALL_PRINT = 0.94  # of the body's font size: footnotes and captions are smaller than this

CAPTION = re.compile(
    r"^(?:(?:Supplementary |Extended Data |Appendix )?"
    r"(?:Figure|Fig\.?|Table|Tab\.|Algorithm|Listing|Scheme|Exhibit|Box|Plate|Chart)"
    r"|FIGURE|FIG\.|TABLE|ALGORITHM|LISTING)\s?"
    r"(?:[A-Z]{0,2}\.?\d{1,3}(?:\.\d{1,3})*[a-z]?|[IVXL]{1,6})(?P<stop>\s?[:.|–—]|\s*$|\s)"
)
BULLET = re.compile(r"^(?:[•◦▪■●○‣∙·–—⋄◆▶►✓✗]|\((?:[a-z]|[ivx]{1,4}|\d{1,2})\)|(?:\d{1,2}|[a-z])[.)])\s?\S")
_REFERENCE = re.compile(r"^\[(?:\d{1,3}|[A-Za-z+]{2,12}\d{2}[a-z]?)\] ?[^\W\d_a-z]")
_NUMBERED = re.compile(r"^(?:\d{1,2}|[A-Z])(?:\.\d{1,2}){0,3}\.? ")
_HEADING_NUMBER = re.compile(r"^(?:(?:\d{1,2}|[A-Z])(?:\.\d{1,2}){0,3}\.?|[IVX]{1,5}\.) [^\W\d_]{3}")
_FOOTNOTE = re.compile(r"^(?:\d{1,2}(?![\d.,)%])\s?\S|[*∗†‡§¶⋆♠♣♦♡]\s?)")
_TERMINAL = re.compile(r"[.!?:…。！？](?:[\"'”’»)\]]|\d{1,2}(?![\d.]))*$")
_ABBREVIATED = re.compile(r"(?:\b(?:al|e\.g|i\.e|cf|vs|[Ff]igs?|[Ee]qs?|[Ss]ecs?|[Tt]ab|pp|vol|no|w\.r\.t)|\b[A-Z])\.$")
_BEYOND_ASCII = re.compile(r"[^\x00-\x7f]+")
_NO_LETTERS = bytes(code for code in range(128) if not chr(code).isalpha())
_LOWER = re.compile(r"^[(\[“\"'‘]?[^\W\d_A-ZÀ-Þ]")


@dataclass(slots=True)
class Style:
    """What the document's body text looks like."""

    size: float  # points
    leading: float  # between baselines, points


@dataclass(slots=True)
class Block:
    """A paragraph, heading, caption, or something that is none of these, on one page."""

    page: int
    lines: list[Line]
    role: Role
    left: float  # of its column
    right: float
    column: int  # number of its region on the page
    form: Form = "prose"
    text: str = ""
    size: float = 0.0  # of most of its text, points
    extent: tuple[float, float] = (0.0, 0.0)  # where its lines start and end, in points from the page's left

    def __post_init__(self) -> None:
        lines = self.lines
        if len(lines) == 1:
            only = lines[0]
            self.text, self.size, self.extent = only.text, only.size, (only.x0, only.x1)
            return
        self.text = " ".join([line.text for line in lines])
        self.size = max(lines, key=lambda line: line.chars).size
        self.extent = min([line.x0 for line in lines]), max([line.x1 for line in lines])

    def go_on(self, lines: Sequence[Line]) -> None:
        """Add lines that belong to it."""
        self.lines.extend(lines)
        self.__post_init__()

    @property
    def families(self) -> Counter[str]:
        """How many letters each font has, formulas aside."""
        chars: Counter[str] = Counter()
        for line in self.lines:
            for part in line.parts:
                chars[part.families[0]] += 0 if part.math else len(part.text)
        return chars

    @property
    def ends(self) -> bool:
        """Whether it ends where a sentence ends."""
        return ends_sentence(self.lines[-1])


def letters(text: str) -> int:
    """How many characters of a text are letters."""
    plain = text.encode("ascii", "ignore")
    count = len(plain.translate(None, _NO_LETTERS))
    return count if len(plain) == len(text) else count + sum(map(str.isalpha, "".join(_BEYOND_ASCII.findall(text))))


def ends_sentence(line: Line) -> bool:
    """Whether a sentence may end where this line does."""
    tail = line.text[-16:]
    if tail[-1:].isalpha():
        return False
    return bool(_TERMINAL.search(tail)) and not _ABBREVIATED.search(tail)


def style_of(regions: Iterable[Region]) -> Style:
    """The size that most characters have, and the distance between its lines."""
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


def blocks_of(page: int, regions: Sequence[Region], style: Style, height: float) -> list[Block]:
    """The blocks of a page in reading order, each with its role except that headings are still "text" or "other".

    `height` is the page's, in points.
    """
    blocks: list[Block] = []
    for column, region in enumerate(regions):
        start = len(blocks)
        blocks.extend(Block(page, lines, "other", region.x0, region.x1, column) for lines in _paragraphs(region, style))
        for block in blocks[start:]:
            block.role = _role(block, style)
        if region.lines and region.lines[-1].y1 > FOOT * height:
            _mark_footnotes(blocks[start:], style)
    return blocks


def _paragraphs(region: Region, style: Style) -> list[list[Line]]:
    lines = region.lines
    if not lines:
        return []
    prose = [line for line in lines if line.chars > 20] or lines
    lefts = Counter(round(line.x0) for line in prose)
    left = min((x for x, count in lefts.items() if count >= 0.2 * len(prose)), default=round(region.x0))
    right = max(line.x1 for line in prose)
    hanging = _hanging(lines, left, right)
    found = [[lines[0]]]
    for at in range(1, len(lines)):
        if _parts(lines, at, left, right, hanging[at], style):
            found.append([])
        found[-1].append(lines[at])
    return found


def _hanging(lines: Sequence[Line], left: float, right: float) -> list[bool]:
    """For each line, whether paragraphs around it start at the margin and go on indented, as in lists of references."""
    evidence = [0] * len(lines)
    for at in range(1, len(lines)):
        before, line = lines[at - 1], lines[at]
        alike = abs(before.size - line.size) < SAME_SIZE * line.size
        if alike and abs(before.x0 - left) < 2 and 3 < line.x0 - left < 4 * line.size:
            over = ends_sentence(before) or before.x1 < right - 2 * line.size
            evidence[at] = -1 if over else 1
    reach = 14
    total = sum(evidence[: reach + 1])
    found: list[bool] = []
    for at in range(len(lines)):
        found.append(total >= HANGING_LINES)
        total += evidence[at + reach + 1] if at + reach + 1 < len(lines) else 0
        total -= evidence[at - reach] if at >= reach else 0
    return found


def _parts(lines: Sequence[Line], at: int, left: float, right: float, hanging: bool, style: Style) -> bool:
    """Whether a new paragraph starts with line `at`."""
    before, line = lines[at - 1], lines[at]
    text = line.text
    step = line.y1 - before.y1
    smaller, larger = sorted((before.size, line.size))
    leading = style.leading * (larger / style.size if larger < style.size else 1)
    if (
        step > max(leading * WIDE_GAP + 0.5, leading + 1.5, larger * (1.15 if larger < 1.15 * style.size else 1.3))
        or step < -2
    ):
        return True
    solid = before.chars > 3 and line.chars > 3
    resized = larger > smaller * (1 + SAME_SIZE) + 0.2
    if solid and resized and not _same_print(before, line, right):
        return True
    if solid and before.bold and line.bold and not _NUMBERED.match(text):
        return False
    if solid and before.bold != line.bold and not _runs_on(before, line, right):
        return True
    if solid and _other_family(before, line):
        return True
    if _is_heading_line(before) != _is_heading_line(line):
        return True
    if (caption := CAPTION.match(text)) and (line.parts[0].lead or line.bold or caption["stop"].strip()):
        return True
    if _REFERENCE.match(text) and line.x0 <= left + 3 * line.size and (hanging or ends_sentence(before)):
        return True
    over = ends_sentence(before)
    if BULLET.match(text) and (over or before.x1 < right - 3 * line.size):
        return True
    if line.parts[0].marker and line.size < style.size * SMALL_PRINT and (over or before.x1 < right - line.size):
        return True
    indent, indent_before = line.x0 - left, before.x0 - left
    if hanging:
        return indent < 2 and (indent_before > 3 or over)
    short = before.x1 < right - 2 * line.size
    if abs(indent_before) < 2 and 0.5 * line.size < indent < 5 * line.size and (over or short):
        return True
    return over and before.x1 < right - SHORT_LINE * (right - left) and (indent < 2 or line.x0 > before.x0 - 2)


def _same_print(before: Line, line: Line, right: float) -> bool:
    """Whether a full line ends in the print that the next starts in, though most of either is set in another."""
    return before.parts[-1].last_font == line.parts[0].first_font and before.x1 > right - 3 * before.size


def _other_family(before: Line, line: Line) -> bool:
    """Whether the font changes altogether, as from a figure's labels to the text."""
    if before.parts[0].math or line.parts[0].math:
        return False
    if before.parts[0].families[0] == line.parts[0].families[0]:
        return False
    families = {family for part in before.parts for family in part.families}
    return not any(family in families for part in line.parts for family in part.families)


def _is_heading_line(line: Line) -> bool:
    """Whether it looks like a heading that is neither larger nor bold: numbered capitals or italics."""
    text = line.text
    return len(text) < 90 and (line.italic or text.isupper()) and bool(_HEADING_NUMBER.match(text))


def _runs_on(before: Line, line: Line, right: float) -> bool:
    """Whether a change between bold and not is none between paragraphs: formulas, or a long bold run-in heading."""
    first = line.parts[0]
    long = before.x1 > right - 6 * before.size and not _NUMBERED.match(before.text)
    return before.parts[0].math or first.math or (before.bold and long and bool(first.lead or first.bold))


def _role(block: Block, style: Style) -> Role:
    text = block.text
    first = block.lines[0]
    if match := CAPTION.match(text):
        if match["stop"].strip() or first.parts[0].lead or first.bold or not text[match.end() :].strip():
            return "caption"
        if block.size < style.size * SMALL_PRINT:
            return "caption"
    alphabetic = letters(text)
    solid = len(text) - text.count(" ")
    maths = sum(len(part.text) for line in block.lines for part in line.parts if part.math)
    if maths > 0.4 * solid or (("=" in text or "≤" in text) and alphabetic < 0.65 * solid and len(text) < 300):
        return "equation" if block.size > 0.8 * style.size else "other"
    if alphabetic < 0.55 * solid or block.size < 0.8 * style.size:
        return "other"
    wide = max(line.x1 - line.x0 for line in block.lines) > 0.45 * (block.right - block.left)
    if len(text) >= 60 and wide:
        return "text"
    return (
        "text"
        if alphabetic >= 2 and wide and abs(block.size - style.size) < SAME_SIZE * style.size
        else ("text" if _LOWER.match(text) and _TERMINAL.search(text[-12:]) and " " in text else "other")
    )


def _mark_footnotes(blocks: Sequence[Block], style: Style) -> None:
    """The run of small print at a column's bottom, from the first block with a footnote's mark on."""
    start = len(blocks)
    while start and blocks[start - 1].size < style.size * SMALL_PRINT and blocks[start - 1].role in ("text", "other"):
        start -= 1
    if start == 0 and len(blocks) > 1:
        return
    tail = blocks[start:]
    for at, block in enumerate(tail):
        if block.lines[0].parts[0].marker or _FOOTNOTE.match(block.text):
            for note in tail[at:]:
                note.role = "footnote"
            return


def join(blocks: Sequence[Block], style: Style) -> list[Block]:
    """The page's blocks with paragraphs whole: what interrupts one comes after it, footnotes at the end."""
    out: list[Block] = []
    notes: list[Block] = []
    current: Block | None = None  # a paragraph that may go on
    between: list[Block] = []  # what came after it
    for block in blocks:
        if block.role == "footnote":
            if notes and not notes[-1].ends and not block.lines[0].parts[0].marker:
                notes[-1].go_on(block.lines)
            else:
                notes.append(block)
            continue
        if block.role == "heading":
            current = None
        elif _is_display(current, block, between):
            assert current is not None
            current.go_on(block.lines)
            continue
        elif out and belongs_to_caption(out[-1], block):
            if not out[-1].ends and _LOWER.match(block.text):
                out[-1].go_on(block.lines)
                continue
            block.role = block.form = "caption"
        elif block.role in RUNNING:
            if current is not None and may_interrupt(between, current) and continues(current, block):
                block.lines[0].joined = bool(between) or current.column != block.column
                current.go_on(block.lines)
                current.left, current.right, current.column = block.left, block.right, block.column
                continue
            current, between = block, []
            out.append(block)
            continue
        between.append(block)
        out.append(block)
    return out + notes


def may_interrupt(blocks: Sequence[Block], before: Block) -> bool:
    """Whether these blocks may stand inside a sentence of `before`: a float with its caption, notes in the margin.

    A formula or a table without a caption is part of what is said: without it a sentence would say something else.
    """
    if any(block.role == "caption" for block in blocks):
        return True
    left, right = before.extent
    return all(line.x0 > right or line.x1 < left for block in blocks for line in block.lines)


def _is_display(current: Block | None, block: Block, between: Sequence[Block]) -> bool:
    """Whether a block is a formula that a sentence goes on with."""
    if block.role != "equation" or current is None or between:
        return False
    return not current.ends and current.column == block.column


def belongs_to_caption(caption: Block, block: Block) -> bool:
    """Whether a block is set right below a caption as its next line is, though in another weight or font."""
    if caption.role != "caption" or block.role not in ("text", "other") or caption.column != block.column:
        return False
    if block.form != "prose":
        return False
    if abs(caption.size - block.size) > SAME_SIZE * block.size:
        return False
    return 0 < block.lines[0].y1 - caption.lines[-1].y1 < CAPTION_LEADING * caption.size


def continues(before: Block, block: Block) -> bool:
    """Whether `block` surely goes on with the sentence that `before` breaks off in."""
    if before.ends or before.role not in RUNNING or block.role != before.role:
        return False
    if abs(before.size - block.size) > SAME_SIZE * before.size:
        return False
    last, first = before.lines[-1], block.lines[0]
    text = first.text
    next_line = (before.page, before.column) == (block.page, block.column) and first.y0 - last.y1 < last.size
    if last.text.endswith("-") or (_LOWER.match(text) and not BULLET.match(text)):
        return next_line or (_is_prose(before) and _share_a_font(before, block))
    if not next_line or BULLET.match(text) or _REFERENCE.match(text) or first.bold or first.parts[0].lead:
        return False
    full = last.x1 > before.right - 1.5 * last.size
    flush = first.x0 < block.left + 0.5 * first.size
    return full and flush and last.chars > 20


def _share_a_font(before: Block, block: Block) -> bool:
    """Whether the main font of one stands in the other too: a list of web addresses has several."""
    ours, theirs = before.families, block.families
    return ours.most_common(1)[0][0] in theirs or theirs.most_common(1)[0][0] in ours


def _is_prose(block: Block) -> bool:
    """Whether a block's lines fill their column, as those of an algorithm, a poem or a table do not."""
    lines = block.lines[:-1]
    full = sum(line.x1 - line.x0 > PROSE_FILL * (block.right - block.left) for line in lines)
    cells = any(b.x0 - a.x1 > 2 * line.size for line in block.lines for a, b in pairwise(line.parts) if not b.math)
    return not cells and full >= 0.5 * len(lines)
