"""How one version of a list differs from another, as a unified diff, in time that grows with their length.

`difflib` alone takes quadratic time and more, depending on what the lines say. So texts of any length are first parted
at lines that stand in both exactly once and in the same order (B. Cohen's patience diff); `difflib` compares what lies
between, where that is short.
"""

from __future__ import annotations

import difflib
from bisect import bisect_left
from collections import Counter
from collections.abc import Iterator, Sequence
from typing import Literal

SHORT = 10_000  # lines of one side times lines of the other, up to which difflib compares them
_Opcode = tuple[Literal["replace", "delete", "insert", "equal"], int, int, int, int]


class _Opcodes(difflib.SequenceMatcher[str]):
    """difflib's way of grouping them, without its way of finding them."""

    def __init__(self, found: list[_Opcode]) -> None:
        super().__init__(None, "", "")
        self._found = found

    def get_opcodes(self) -> list[_Opcode]:
        return self._found


def unified_diff(
    before: Sequence[str], after: Sequence[str], name_before: str, name_after: str, around: int
) -> list[str]:
    """List the lines of a unified diff, without line ends; empty where nothing differs.

    Args:
        before: The lines of one version.
        after: The lines of the other.
        name_before: What the diff calls the first.
        name_after: What it calls the second.
        around: How many lines are shown around each change.
    """
    if len(before) * len(after) <= SHORT:
        return list(difflib.unified_diff(before, after, name_before, name_after, lineterm="", n=around))
    shown: list[str] = []
    for group in _Opcodes(list(_opcodes(before, after))).get_grouped_opcodes(around):
        first, last = group[0], group[-1]
        shown.append(f"@@ -{_range(first[1], last[2])} +{_range(first[3], last[4])} @@")
        for what, low, high, new_low, new_high in group:
            shown += [f" {line}" for line in before[low:high]] if what == "equal" else []
            shown += [f"-{line}" for line in before[low:high]] if what in ("replace", "delete") else []
            shown += [f"+{line}" for line in after[new_low:new_high]] if what in ("replace", "insert") else []
    return [f"--- {name_before}", f"+++ {name_after}", *shown] if shown else []


def _range(start: int, stop: int) -> str:
    """A range of lines as unified diffs have it."""
    length = stop - start
    if length == 1:
        return str(start + 1)
    return f"{start + 1 if length else start},{length}"


def _opcodes(before: Sequence[str], after: Sequence[str]) -> Iterator[_Opcode]:
    low = new_low = 0
    for at, new_at, length in [*_runs(before, after), (len(before), len(after), 0)]:
        yield from _between(before, after, (low, at), (new_low, new_at))
        low, new_low = at + length, new_at + length
        if length:
            yield "equal", at, low, new_at, new_low


def _between(
    before: Sequence[str], after: Sequence[str], old: tuple[int, int], new: tuple[int, int]
) -> Iterator[_Opcode]:
    size, new_size = old[1] - old[0], new[1] - new[0]
    if size and new_size and size * new_size <= SHORT:
        matcher = difflib.SequenceMatcher(None, before[slice(*old)], after[slice(*new)], autojunk=False)
        for what, low, high, new_low, new_high in matcher.get_opcodes():
            yield what, low + old[0], high + old[0], new_low + new[0], new_high + new[0]
    elif size or new_size:
        yield "replace" if size and new_size else "delete" if size else "insert", *old, *new


def _runs(before: Sequence[str], after: Sequence[str]) -> Iterator[tuple[int, int, int]]:
    """Stretches that both have, grown from such lines: where they begin on either side, and their length."""
    end = new_end = 0
    for at, new_at in _anchors(before, after):
        if at < end:
            continue
        low, new_low = at, new_at
        while low > end and new_low > new_end and before[low - 1] == after[new_low - 1]:
            low, new_low = low - 1, new_low - 1
        end, new_end = at + 1, new_at + 1
        while end < len(before) and new_end < len(after) and before[end] == after[new_end]:
            end, new_end = end + 1, new_end + 1
        yield low, new_low, end - low


def _anchors(before: Sequence[str], after: Sequence[str]) -> list[tuple[int, int]]:
    """Lines that stand once on either side, as many as follow one another on both: the longest rising sequence."""
    seen, new_seen = Counter(before), Counter(after)
    there = {line: at for at, line in enumerate(after) if new_seen[line] == 1}
    pairs = [(at, there[line]) for at, line in enumerate(before) if seen[line] == 1 and line in there]
    ends: list[int] = []  # the least place in `after` at which a rising sequence of this length ends
    last: list[int] = []  # and which pair that is
    previous: list[int] = []
    for number, (_, place) in enumerate(pairs):
        length = bisect_left(ends, place)
        previous.append(last[length - 1] if length else -1)
        ends[length : length + 1], last[length : length + 1] = [place], [number]
    rising = []
    number = last[-1] if last else -1
    while number >= 0:
        rising.append(pairs[number])
        number = previous[number]
    return rising[::-1]
