"""Furniture: print that is not part of the paper, such as running heads, page numbers, arXiv's stamp, line numbers."""

from __future__ import annotations

import re
from collections import Counter, defaultdict
from collections.abc import Sequence
from itertools import pairwise
from statistics import median

from curator.pdf.layout.fragments import Fragment, RawPage
from curator.pdf.layout.line_numbers import INTEGER, find_line_numbers
from curator.pdf.layout.margins import find_heads_and_feet, find_sideways_print
from curator.pdf.layout.parameters import FURNITURE, MARGINS

_STAMP = re.compile(r"^arXiv:\s?[\w./-]{6,}")
_PAGE_NUMBER = re.compile(r"^(?:page )?[-–—|\[( ]*(?:\d{1,4}|[ivxl]{1,7})[-–—|\]) ]*(?:(?:of|/) ?\d{1,4})?$", re.I)
_WORD = re.compile(r"[^\W_]+")
_DIGITS = re.compile(r"\d+")

_Key = tuple[str, bool, int]  # text without digits, whether in the upper half, font size


def remove_furniture(pages: Sequence[RawPage]) -> None:
    """Remove the furniture from the fragments of each page, in place."""
    _remove_stamps_and_line_numbers(pages)
    _remove_repeated(pages)
    for page in pages:
        furniture = find_sideways_print(page)
        if len(pages) <= MARGINS.max_pages and page.fragments:
            furniture |= find_heads_and_feet(page, _body_size(page))
        _remove(page, furniture)


def _remove(page: RawPage, furniture: set[int]) -> None:
    if furniture:
        page.fragments = [f for f in page.fragments if id(f) not in furniture]


def _remove_stamps_and_line_numbers(pages: Sequence[RawPage]) -> None:
    before: list[Fragment] = []  # the last line numbers
    for page in pages:
        numbers = find_line_numbers(page, before)
        before = numbers or before
        stamps = {id(f) for f in page.fragments if not f.upright and _STAMP.match(f.text)}
        _remove(page, stamps | {id(f) for f in numbers})


def _remove_repeated(pages: Sequence[RawPage]) -> None:
    """Remove print that repeats from page to page, and page numbers, whose form is enough to recognise them."""
    outer = [_find_outer_rows(page) for page in pages]
    repeated = _find_repeated(pages, outer)
    slots = _find_slots(pages, outer)
    offsets = _find_number_offsets(pages, outer)
    title = _find_title_words(pages)
    for page, fragments in zip(pages, outer, strict=True):
        if not fragments:
            continue
        again = [f for f in fragments if _key(f, page) in repeated]
        furniture = {id(f) for f in fragments if _is_page_number(f, page) or _is_in_slot(f, slots)}
        furniture |= {id(f) for f in fragments if _counts_pages(f, page, offsets)}
        furniture |= {id(f) for f in again if len(f.text) >= FURNITURE.min_repeat_chars}
        if page is not pages[0]:
            furniture |= {id(f) for head in fragments if _repeats_title(head, title, page) for f in _row(head, page)}
        short = [f for f in again if len(f.text) < FURNITURE.min_repeat_chars]
        doubtful = {id(f) for f in short}
        remaining = [f.middle for f in page.fragments if id(f) not in furniture | doubtful] if short else []
        furniture |= {id(f) for f in short if not _is_beside(f, remaining)}
        page.fragments = [f for f in page.fragments if id(f) not in furniture]


def _find_outer_rows(page: RawPage) -> list[Fragment]:
    """Return the fragments in the top and bottom margins that white separates from the text."""
    placed = [(f.middle, f) for f in page.fragments if f.upright]
    margin = FURNITURE.margin
    upper = [f for middle, f in placed if middle < 2 * margin * page.height]
    lower = [f for middle, f in placed if middle > (1 - 2 * margin) * page.height]
    top = _select_separate_rows(sorted(upper, key=lambda f: f.middle))
    bottom = _select_separate_rows(sorted(lower, key=lambda f: f.middle)[::-1])
    top = [f for f in top if f.middle < margin * page.height]
    return top + [f for f in bottom if f.middle > (1 - margin) * page.height]


def _select_separate_rows(fragments: list[Fragment]) -> list[Fragment]:
    """Return the outermost rows outside of a gap, of fragments sorted from the edge of the sheet inwards."""
    rows: list[list[Fragment]] = []
    for f in fragments:
        if rows and abs(f.middle - rows[-1][0].middle) <= FURNITURE.max_row_shift:
            rows[-1].append(f)
        elif len(rows) > FURNITURE.max_rows:
            break
        else:
            rows.append([f])
    outside = 0
    for at, (row, inner) in enumerate(pairwise(rows), start=1):
        if abs(inner[0].middle - row[0].middle) > FURNITURE.min_row_gap * max(row[0].size, inner[0].size):
            outside = at
    alone = len(rows) <= FURNITURE.max_rows and len(rows) == outside + 1
    if alone:  # no text follows the last row: it is all of the page, or far from the rest
        outside = len(rows)
    return [f for row in rows[:outside] for f in row]


def _key(fragment: Fragment, page: RawPage) -> _Key:
    """Return the properties that furniture shares between pages; with its size, as a head may repeat the title."""
    return _DIGITS.sub("#", fragment.text.casefold()), fragment.middle < page.height / 2, round(fragment.size)


def _find_repeated(pages: Sequence[RawPage], outer: Sequence[Sequence[Fragment]]) -> set[_Key]:
    """Find texts at the same height on several pages, digits aside. Two pages are enough in a short paper."""
    heights: dict[_Key, list[float]] = defaultdict(list)
    for page, fragments in zip(pages, outer, strict=True):
        for key, f in {_key(f, page): f for f in fragments}.items():
            heights[key].append(f.middle)
    needed = 2 if len(pages) <= 8 else 3
    repeated: set[_Key] = set()
    for key, middles in heights.items():
        most = max(sum(abs(m - middle) <= FURNITURE.max_repeat_shift for m in middles) for middle in middles[:8])
        if most >= needed:
            repeated.add(key)
    return repeated


def _find_slots(pages: Sequence[RawPage], outer: Sequence[Sequence[Fragment]]) -> dict[int, float]:
    """Find the heights of running heads, also of those whose words change from section to section.

    Most pages have print there that is away from the text and not larger than it.

    Returns:
        The height by the font's size, both in points.
    """
    heights: dict[int, dict[int, list[float]]] = defaultdict(lambda: defaultdict(list))
    for page, fragments in zip(pages, outer, strict=True):
        max_size = FURNITURE.max_head_size * (_body_size(page) if fragments else 0.0)
        heads = [f for f in fragments if f.size <= max_size and len(f.text) >= FURNITURE.min_repeat_chars]
        lowest = _find_head_bottom(page) if heads else 0.0
        for f in heads:
            if f.middle <= lowest:
                heights[round(f.size)][page.number].append(f.middle)
    slots: dict[int, float] = {}
    for slot, by_page in heights.items():
        for middles in list(by_page.values())[:8]:
            height = middles[0]
            alike = sum(any(abs(m - height) <= FURNITURE.max_slot_shift for m in other) for other in by_page.values())
            if alike >= max(FURNITURE.min_slot_pages, FURNITURE.min_slot_share * len(pages)):
                slots[slot] = height
    return slots


def _find_head_bottom(page: RawPage) -> float:
    """Return the end of the page's first row, in points, if it is farther from the text than lines are from others.

    Otherwise return 0.
    """
    middles = sorted([f.middle for f in page.fragments if f.upright])[: FURNITURE.max_sampled_rows]
    rows = [m for before, m in pairwise([-page.height, *middles]) if m - before > FURNITURE.max_row_shift]
    steps = [after - before for before, after in pairwise(rows)]
    if len(steps) < 3 or steps[0] <= FURNITURE.min_head_gap * median(steps[1:]):
        return 0.0
    return rows[0] + FURNITURE.max_row_shift


def _is_in_slot(fragment: Fragment, slots: dict[int, float]) -> bool:
    height = slots.get(round(fragment.size))
    return height is not None and abs(fragment.middle - height) <= FURNITURE.max_slot_shift


def _find_number_offsets(pages: Sequence[RawPage], outer: Sequence[Sequence[Fragment]]) -> set[int]:
    """Find how far printed page numbers are from the pages' own, where numbers in the margins count the pages."""
    offsets: Counter[int] = Counter()
    for page, fragments in zip(pages, outer, strict=True):
        offsets.update({int(f.text) - page.number for f in fragments if INTEGER.match(f.text)})
    return {offset for offset, count in offsets.items() if count >= max(3, 0.5 * len(pages))}


def _counts_pages(fragment: Fragment, page: RawPage, offsets: set[int]) -> bool:
    """Return whether a number counts the pages, and is not the number of a heading after it."""
    if not INTEGER.match(fragment.text) or int(fragment.text) - page.number not in offsets:
        return False
    return not any(0 <= f.x0 - fragment.x1 < FURNITURE.min_number_gap * fragment.size for f in _row(fragment, page))


def _find_title_words(pages: Sequence[RawPage]) -> list[str]:
    """Return the words of the first page's largest print; none if no print is larger than the rest."""
    upright = [f for page in pages[:1] for f in page.fragments if f.upright]
    largest = max((f.size for f in upright), default=0.0)
    title = [f.text for f in upright if f.size > largest - 0.5]
    return _WORD.findall(" ".join(title).casefold()) if len(title) < len(upright) else []


def _repeats_title(fragment: Fragment, title: Sequence[str], page: RawPage) -> bool:
    """Return whether a running head repeats the paper's title, perhaps shortened, and is not a heading."""
    words = _WORD.findall(fragment.text.casefold())
    remaining = iter(title)
    if len(words) < FURNITURE.min_title_words or not all(word in remaining for word in words):
        return False
    min_gap = FURNITURE.min_number_gap * fragment.size
    alone = all(_gap(fragment, f) >= min_gap for f in _row(fragment, page) if f is not fragment)
    return alone and not fragment.bold and fragment.size <= _body_size(page)


def _is_page_number(fragment: Fragment, page: RawPage) -> bool:
    """Return whether a fragment is a number that is alone, above or below everything else."""
    if not _PAGE_NUMBER.match(fragment.text):
        return False
    middle = fragment.middle
    others = [(f.middle, f) for f in page.fragments if f is not fragment and f.upright]
    middles = [height for height, _ in others]
    if min(middles, default=middle) < middle - 3 and max(middles, default=middle) > middle + 3:
        return False
    return not any(abs(height - middle) < 3 and not _DIGITS.search(f.text) for height, f in others)


def _row(fragment: Fragment, page: RawPage) -> list[Fragment]:
    """Return the fragments side by side with this one, and this one itself."""
    return [f for f in page.fragments if abs(f.middle - fragment.middle) <= FURNITURE.max_row_shift]


def _gap(fragment: Fragment, other: Fragment) -> float:
    """Return the points of white between two fragments of a row."""
    return max(fragment.x0 - other.x1, other.x0 - fragment.x1)


def _is_beside(fragment: Fragment, middles: Sequence[float]) -> bool:
    """Return whether text with these middles (points) is beside a fragment, which may be a heading's number."""
    middle = fragment.middle
    return any(abs(other - middle) <= FURNITURE.max_row_shift for other in middles)


def _body_size(page: RawPage) -> float:
    """Return the font size of most of a page's characters, in points."""
    sizes: Counter[float] = Counter()
    for f in page.fragments:
        sizes[f.size] += len(f.text)
    return max(sizes, key=lambda size: sizes[size], default=0.0)
