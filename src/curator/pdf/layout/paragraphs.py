"""Printed lines grouped into paragraphs."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Sequence

from curator.pdf.layout.block_roles import assign_role, mark_footnotes
from curator.pdf.layout.blocks import BULLET, CAPTION, REFERENCE, Block, Style, ends_sentence
from curator.pdf.layout.fragments import Line, Region
from curator.pdf.layout.parameters import BLOCKS, PARAGRAPHS

_NUMBERED = re.compile(r"^(?:\d{1,2}|[A-Z])(?:\.\d{1,2}){0,3}\.? ")
_HEADING_NUMBER = re.compile(r"^(?:(?:\d{1,2}|[A-Z])(?:\.\d{1,2}){0,3}\.?|[IVX]{1,5}\.) [^\W\d_]{3}")


def blocks_of(page: int, regions: Sequence[Region], style: Style, height: float) -> list[Block]:
    """The blocks of a page in reading order, each with its role except that headings are still "text" or "other".

    `height` is the page's, in points.
    """
    blocks: list[Block] = []
    for column, region in enumerate(regions):
        start = len(blocks)
        blocks.extend(Block(page, lines, "other", region.x0, region.x1, column) for lines in _paragraphs(region, style))
        for block in blocks[start:]:
            block.role = assign_role(block, style)
        if region.lines and region.lines[-1].y1 > PARAGRAPHS.min_footnote_depth * height:
            mark_footnotes(blocks[start:], style)
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
        alike = abs(before.size - line.size) < BLOCKS.max_size_change * line.size
        if alike and abs(before.x0 - left) < 2 and 3 < line.x0 - left < 4 * line.size:
            over = ends_sentence(before) or before.x1 < right - 2 * line.size
            evidence[at] = -1 if over else 1
    reach = 14
    total = sum(evidence[: reach + 1])
    found: list[bool] = []
    for at in range(len(lines)):
        found.append(total >= PARAGRAPHS.min_hanging_lines)
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
        step
        > max(
            leading * PARAGRAPHS.max_leading + 0.5,
            leading + 1.5,
            larger * (1.15 if larger < 1.15 * style.size else 1.3),
        )
        or step < -2
    ):
        return True
    solid = before.chars > 3 and line.chars > 3
    resized = larger > smaller * (1 + BLOCKS.max_size_change) + 0.2
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
    if REFERENCE.match(text) and line.x0 <= left + 3 * line.size and (hanging or ends_sentence(before)):
        return True
    over = ends_sentence(before)
    if BULLET.match(text) and (over or before.x1 < right - 3 * line.size):
        return True
    if (
        line.parts[0].marker
        and line.size < style.size * BLOCKS.max_small_print
        and (over or before.x1 < right - line.size)
    ):
        return True
    indent, indent_before = line.x0 - left, before.x0 - left
    if hanging:
        return indent < 2 and (indent_before > 3 or over)
    short = before.x1 < right - 2 * line.size
    if abs(indent_before) < 2 and 0.5 * line.size < indent < 5 * line.size and (over or short):
        return True
    return (
        over
        and before.x1 < right - PARAGRAPHS.min_last_line_white * (right - left)
        and (indent < 2 or line.x0 > before.x0 - 2)
    )


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
