"""Printed lines grouped into paragraphs."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from functools import cached_property

from curator.pdf.layout.block_roles import assign_role, mark_footnotes
from curator.pdf.layout.blocks import BULLET, CAPTION, REFERENCE, Block, Style, ends_sentence
from curator.pdf.layout.fragments import Line, Region
from curator.pdf.layout.parameters import BLOCKS, PARAGRAPHS

_NUMBERED = re.compile(r"^(?:\d{1,2}|[A-Z])(?:\.\d{1,2}){0,3}\.? ")
_HEADING_NUMBER = re.compile(r"^(?:(?:\d{1,2}|[A-Z])(?:\.\d{1,2}){0,3}\.?|[IVX]{1,5}\.) [^\W\d_]{3}")


@dataclass
class _LinePair:
    """A line and the one before it in the same column."""

    before: Line
    line: Line
    left: float  # margins of the column's text, points
    right: float
    hanging: bool  # paragraphs around start at the margin and continue indented
    style: Style

    @cached_property
    def solid(self) -> bool:
        """Both lines have enough characters to compare their print."""
        return self.before.chars > 3 and self.line.chars > 3

    @cached_property
    def after_sentence(self) -> bool:
        """A sentence may end with the first line."""
        return ends_sentence(self.before)


def build_blocks(page: int, regions: Sequence[Region], style: Style, height: float) -> list[Block]:
    """Group the lines of a page into blocks.

    Args:
        page: Number of the page, from 1.
        regions: The page's regions in reading order.
        style: The document's body text.
        height: The page's, in points.

    Returns:
        The blocks in reading order, with their roles; headings still have the role "text" or "other".
    """
    blocks: list[Block] = []
    for column, region in enumerate(regions):
        start = len(blocks)
        paragraphs = _group_lines(region, style)
        blocks.extend(Block(page, lines, "other", region.x0, region.x1, column) for lines in paragraphs)
        for block in blocks[start:]:
            block.role = assign_role(block, style)
        if region.lines and region.lines[-1].y1 > PARAGRAPHS.min_footnote_depth * height:
            mark_footnotes(blocks[start:], style)
    return blocks


def _group_lines(region: Region, style: Style) -> list[list[Line]]:
    lines = region.lines
    if not lines:
        return []
    prose = [line for line in lines if line.chars > 20] or lines
    starts = Counter(round(line.x0) for line in prose)
    left = min((x for x, count in starts.items() if count >= 0.2 * len(prose)), default=round(region.x0))
    right = max(line.x1 for line in prose)
    hanging = _find_hanging(lines, left, right)
    paragraphs = [[lines[0]]]
    for at in range(1, len(lines)):
        if _starts_paragraph(_LinePair(lines[at - 1], lines[at], left, right, hanging[at], style)):
            paragraphs.append([])
        paragraphs[-1].append(lines[at])
    return paragraphs


def _find_hanging(lines: Sequence[Line], left: float, right: float) -> list[bool]:
    """Return for each line whether paragraphs around it have hanging indents, as in lists of references."""
    evidence = [0] * len(lines)
    for at in range(1, len(lines)):
        before, line = lines[at - 1], lines[at]
        alike = abs(before.size - line.size) < BLOCKS.max_size_change * line.size
        if alike and abs(before.x0 - left) < 2 and 3 < line.x0 - left < 4 * line.size:
            ended = ends_sentence(before) or before.x1 < right - 2 * line.size
            evidence[at] = -1 if ended else 1
    reach = 14  # lines before and after
    total = sum(evidence[: reach + 1])
    hanging: list[bool] = []
    for at in range(len(lines)):
        hanging.append(total >= PARAGRAPHS.min_hanging_lines)
        total += evidence[at + reach + 1] if at + reach + 1 < len(lines) else 0
        total -= evidence[at - reach] if at >= reach else 0
    return hanging


def _starts_paragraph(pair: _LinePair) -> bool:
    """Return whether a new paragraph starts with the second line."""
    if _is_far(pair) or _changes_size(pair):
        return True
    if _continues_in_bold(pair):
        return False
    return any(rule(pair) for rule in _RULES)


def _is_far(pair: _LinePair) -> bool:
    """Extra leading separates paragraphs; so does a step up, which leads to another part of the page."""
    step = pair.line.y1 - pair.before.y1
    body = pair.style.size
    larger = max(pair.before.size, pair.line.size)
    leading = pair.style.leading * (larger / body if larger < body else 1)
    usual = max(leading * PARAGRAPHS.max_leading + 0.5, leading + 1.5, larger * (1.15 if larger < 1.15 * body else 1.3))
    return step > usual or step < -2


def _changes_size(pair: _LinePair) -> bool:
    """A heading, a caption or small print is set in another size than the text around it.

    A full line may end in the print that the next line starts in, though most of either is set in another; then it is
    one paragraph.
    """
    smaller, larger = sorted((pair.before.size, pair.line.size))
    if not pair.solid or larger <= smaller * (1 + BLOCKS.max_size_change) + 0.2:
        return False
    before, line = pair.before, pair.line
    same_print = before.parts[-1].last_font == line.parts[0].first_font and before.x1 > pair.right - 3 * before.size
    return not same_print


def _continues_in_bold(pair: _LinePair) -> bool:
    """A bold heading of several lines is one block, unless the second line has a number of its own."""
    return pair.solid and pair.before.bold and pair.line.bold and not _NUMBERED.match(pair.line.text)


def _changes_weight(pair: _LinePair) -> bool:
    """A bold heading ends where regular print begins.

    Formulas, and a long bold heading that runs into its paragraph, change their weight inside a paragraph.
    """
    before, line = pair.before, pair.line
    if not pair.solid or before.bold == line.bold:
        return False
    first = line.parts[0]
    long = before.x1 > pair.right - 6 * before.size and not _NUMBERED.match(before.text)
    runs_on = before.parts[0].math or first.math or (before.bold and long and bool(first.lead or first.bold))
    return not runs_on


def _changes_family(pair: _LinePair) -> bool:
    """The font changes altogether, as from a figure's labels to the text."""
    before, line = pair.before.parts, pair.line.parts
    if not pair.solid or before[0].math or line[0].math or before[0].families[0] == line[0].families[0]:
        return False
    families = {family for part in before for family in part.families}
    return not any(family in families for part in line for family in part.families)


def _changes_to_heading(pair: _LinePair) -> bool:
    """One line is a heading that is neither larger nor bold, and the other is not."""
    return _is_heading_line(pair.before) != _is_heading_line(pair.line)


def _is_heading_line(line: Line) -> bool:
    """Return whether a line is a number with capitals or italics."""
    text = line.text
    return len(text) < 90 and (line.italic or text.isupper()) and bool(_HEADING_NUMBER.match(text))


def _is_caption(pair: _LinePair) -> bool:
    """A caption starts with its number in bold print, or followed by a stop; text may start with "Figure 3" too."""
    line = pair.line
    caption = CAPTION.match(line.text)
    return bool(caption and (line.parts[0].lead or line.bold or caption["stop"].strip()))


def _is_reference(pair: _LinePair) -> bool:
    """An entry of the references starts with its number in brackets, near the margin."""
    line = pair.line
    return (
        bool(REFERENCE.match(line.text))
        and line.x0 <= pair.left + 3 * line.size
        and (pair.hanging or pair.after_sentence)
    )


def _is_list_item(pair: _LinePair) -> bool:
    """An item of a list starts with a bullet after a sentence or a short line; elsewhere the bullet is a dash."""
    ended = pair.after_sentence or pair.before.x1 < pair.right - 3 * pair.line.size
    return bool(BULLET.match(pair.line.text)) and ended


def _is_footnote(pair: _LinePair) -> bool:
    """A footnote is small print that starts with a mark, after a sentence or a short line."""
    line = pair.line
    if not line.parts[0].marker or line.size >= pair.style.size * BLOCKS.max_small_print:
        return False
    return pair.after_sentence or pair.before.x1 < pair.right - line.size


def _is_set_off(pair: _LinePair) -> bool:
    """A first line is indented, or follows a short last line; with hanging indents, it starts at the margin."""
    before, line, left, right = pair.before, pair.line, pair.left, pair.right
    indent, indent_before = line.x0 - left, before.x0 - left
    if pair.hanging:
        return indent < 2 and (indent_before > 3 or pair.after_sentence)
    short = before.x1 < right - 2 * line.size
    if abs(indent_before) < 2 and 0.5 * line.size < indent < 5 * line.size and (pair.after_sentence or short):
        return True
    very_short = before.x1 < right - PARAGRAPHS.min_last_line_white * (right - left)
    return pair.after_sentence and very_short and (indent < 2 or line.x0 > before.x0 - 2)


_RULES = (
    _changes_weight,
    _changes_family,
    _changes_to_heading,
    _is_caption,
    _is_reference,
    _is_list_item,
    _is_footnote,
    _is_set_off,
)
