"""What is printed on a page but is not the paper: running heads, page numbers, arXiv's stamp, line numbers."""

from __future__ import annotations

import re
from collections import Counter, defaultdict
from collections.abc import Sequence
from itertools import pairwise
from statistics import median

from curator.pdf.layout import margins
from curator.pdf.layout.fragments import Fragment, RawPage
from curator.pdf.layout.line_numbers import INTEGER, line_numbers
from curator.pdf.layout.parameters import FURNITURE, MARGINS

_STAMP = re.compile(r"^arXiv:\s?[\w./-]{6,}")
_PAGE_NUMBER = re.compile(r"^(?:page )?[-–—|\[( ]*(?:\d{1,4}|[ivxl]{1,7})[-–—|\]) ]*(?:(?:of|/) ?\d{1,4})?$", re.I)
_WORD = re.compile(r"[^\W_]+")
_DIGITS = re.compile(r"\d+")


def strip(pages: Sequence[RawPage]) -> None:
    """Take the furniture out of each page's fragments, in place."""
    _strip_repeated(pages)
    for page in pages:
        drop = margins.sideways(page)
        if len(pages) <= MARGINS.max_pages and page.fragments:
            drop |= margins.heads_and_feet(page, _usual_size(page))
        if drop:
            page.fragments = [f for f in page.fragments if id(f) not in drop]


def _strip_repeated(pages: Sequence[RawPage]) -> None:
    """Take out what comes again from page to page, and what can be told by what it says."""
    before: list[Fragment] = []  # the last line numbers
    for page in pages:
        numbers = line_numbers(page, before)
        before = numbers or before
        if drop := _stamps(page) | {id(f) for f in numbers}:
            page.fragments = [f for f in page.fragments if id(f) not in drop]
    outer = [_outer(page) for page in pages]
    repeated = _repeated(pages, outer)
    slots = _slots(pages, outer)
    offsets = _numbering(pages, outer)
    title = _title(pages)
    for page, fragments in zip(pages, outer, strict=True):
        if not fragments:
            continue
        again = [f for f in fragments if _key(f, page) in repeated]
        drop = {id(f) for f in fragments if _is_page_number(f, page) or _at(f, slots)}
        drop |= {id(f) for f in fragments if _numbers(f, page, offsets)}
        drop |= {id(f) for f in again if len(f.text) >= FURNITURE.min_repeat_chars}
        if page is not pages[0]:
            drop |= {id(f) for head in fragments if _repeats(head, title, page) for f in _row(head, page)}
        short = [f for f in again if len(f.text) < FURNITURE.min_repeat_chars]
        doubted = {id(f) for f in short}
        staying = [f.middle for f in page.fragments if id(f) not in drop | doubted] if short else []
        alone = {id(f) for f in short if not _is_beside(f, staying)}
        page.fragments = [f for f in page.fragments if id(f) not in drop | alone]


def _numbers(fragment: Fragment, page: RawPage, offsets: set[int]) -> bool:
    """Whether this is a number that keeps step with the pages', and not that of a heading behind it."""
    if not INTEGER.match(fragment.text) or int(fragment.text) - page.number not in offsets:
        return False
    return not any(0 <= f.x0 - fragment.x1 < FURNITURE.min_number_gap * fragment.size for f in _row(fragment, page))


def _title(pages: Sequence[RawPage]) -> list[str]:
    """The words of the first page's largest print; none where nothing is larger than the rest."""
    upright = [f for page in pages[:1] for f in page.fragments if f.upright]
    largest = max((f.size for f in upright), default=0.0)
    title = [f.text for f in upright if f.size > largest - 0.5]
    return _WORD.findall(" ".join(title).casefold()) if len(title) < len(upright) else []


def _repeats(fragment: Fragment, title: Sequence[str], page: RawPage) -> bool:
    """Whether this is a running head that gives the paper's title, shortened perhaps, and no heading in its words."""
    said = _WORD.findall(fragment.text.casefold())
    words = iter(title)
    if len(said) < FURNITURE.min_title_words or not all(word in words for word in said):
        return False
    alone = all(
        _white(fragment, f) >= FURNITURE.min_number_gap * fragment.size
        for f in _row(fragment, page)
        if f is not fragment
    )
    return alone and not fragment.bold and fragment.size <= _usual_size(page)


def _row(fragment: Fragment, page: RawPage) -> list[Fragment]:
    """What stands side by side with this, and this itself."""
    return [f for f in page.fragments if abs(f.middle - fragment.middle) <= FURNITURE.max_row_shift]


def _white(one: Fragment, other: Fragment) -> float:
    """Points between two fragments of a row."""
    return max(one.x0 - other.x1, other.x0 - one.x1)


def _is_beside(fragment: Fragment, staying: Sequence[float]) -> bool:
    """Whether text that stays on the page (its middles, points) is beside this, which may be a heading's number."""
    middle = fragment.middle
    return any(abs(other - middle) <= FURNITURE.max_row_shift for other in staying)


def _numbering(pages: Sequence[RawPage], outer: Sequence[Sequence[Fragment]]) -> set[int]:
    """By how much printed page numbers differ from the pages' own, where numbers at the rim keep step with these."""
    steps: Counter[int] = Counter()
    for page, fragments in zip(pages, outer, strict=True):
        steps.update({int(f.text) - page.number for f in fragments if INTEGER.match(f.text)})
    return {step for step, count in steps.items() if count >= max(3, 0.5 * len(pages))}


def _stamps(page: RawPage) -> set[int]:
    return {id(f) for f in page.fragments if not f.upright and _STAMP.match(f.text)}


def _outer(page: RawPage) -> list[Fragment]:
    """Fragments in the outermost rows of the top and bottom margins, as far as white space parts them from the text."""
    placed = [(f.middle, f) for f in page.fragments if f.upright]
    high = [f for middle, f in placed if middle < 2 * FURNITURE.margin * page.height]
    low = [f for middle, f in placed if middle > (1 - 2 * FURNITURE.margin) * page.height]
    top = _apart(sorted(high, key=lambda f: f.middle))
    bottom = _apart(sorted(low, key=lambda f: f.middle)[::-1])
    top = [f for f in top if f.middle < FURNITURE.margin * page.height]
    return top + [f for f in bottom if f.middle > (1 - FURNITURE.margin) * page.height]


def _apart(fragments: list[Fragment]) -> list[Fragment]:
    """Of fragments sorted from the rim inwards, the outermost rows that lie outside a gap."""
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
    if (
        len(rows) <= FURNITURE.max_rows and len(rows) == outside + 1
    ):  # nothing but this row: all of the page, or far from the rest
        outside = len(rows)
    return [f for row in rows[:outside] for f in row]


_Key = tuple[str, bool, int]


def _key(fragment: Fragment, page: RawPage) -> _Key:
    """What makes furniture the same on two pages; with its size, since a running head may repeat the title."""
    return _DIGITS.sub("#", fragment.text.casefold()), fragment.middle < page.height / 2, round(fragment.size)


def _repeated(pages: Sequence[RawPage], outer: Sequence[Sequence[Fragment]]) -> set[_Key]:
    """Texts that stand at the same height on several pages, digits aside. Two pages are enough in a short paper."""
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


def _slots(pages: Sequence[RawPage], outer: Sequence[Sequence[Fragment]]) -> dict[int, float]:
    """Heights at which most pages have something apart from the text, in print that is no larger than the text's.

    There stand running heads, also those that change from section to section. By font size; both in points.
    """
    heights: dict[int, dict[int, list[float]]] = defaultdict(lambda: defaultdict(list))
    for page, fragments in zip(pages, outer, strict=True):
        usual = _usual_size(page) if fragments else 0.0
        heads = [
            f
            for f in fragments
            if f.size <= FURNITURE.max_head_size * usual and len(f.text) >= FURNITURE.min_repeat_chars
        ]
        lowest = _head_room(page) if heads else 0.0
        for f in heads:
            if f.middle <= lowest:
                heights[round(f.size)][page.number].append(f.middle)
    slots: dict[int, float] = {}
    for slot, by_page in heights.items():
        for middles in list(by_page.values())[:8]:
            alike = sum(
                any(abs(m - middles[0]) <= FURNITURE.max_slot_shift for m in others) for others in by_page.values()
            )
            if alike >= max(FURNITURE.min_slot_pages, FURNITURE.min_slot_share * len(pages)):
                slots[slot] = middles[0]
    return slots


def _usual_size(page: RawPage) -> float:
    """The font size of most of a page's characters, points."""
    sizes: Counter[float] = Counter()
    for f in page.fragments:
        sizes[f.size] += len(f.text)
    return max(sizes, key=lambda size: sizes[size], default=0.0)


def _head_room(page: RawPage) -> float:
    """Where the page's first row ends, if it is farther from the text than the text's lines are from one another.

    A height in points, 0 where it is no farther.
    """
    middles = sorted([f.middle for f in page.fragments if f.upright])[: FURNITURE.max_sampled_rows]
    rows = [m for before, m in pairwise([-page.height, *middles]) if m - before > FURNITURE.max_row_shift]
    steps = [after - before for before, after in pairwise(rows)]
    if len(steps) < 3 or steps[0] <= FURNITURE.min_head_gap * median(steps[1:]):
        return 0.0
    return rows[0] + FURNITURE.max_row_shift


def _at(fragment: Fragment, slots: dict[int, float]) -> bool:
    height = slots.get(round(fragment.size))
    return height is not None and abs(fragment.middle - height) <= FURNITURE.max_slot_shift


def _is_page_number(fragment: Fragment, page: RawPage) -> bool:
    """A number that stands alone, above or below everything else."""
    if not _PAGE_NUMBER.match(fragment.text):
        return False
    middle = fragment.middle
    others = [(f.middle, f) for f in page.fragments if f is not fragment and f.upright]
    middles = [height for height, _ in others]
    if min(middles, default=middle) < middle - 3 and max(middles, default=middle) > middle + 3:
        return False
    return not any(abs(height - middle) < 3 and not _DIGITS.search(f.text) for height, f in others)
