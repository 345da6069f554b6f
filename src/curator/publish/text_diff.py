"""Compare two versions of a list as a unified diff, in time that grows linearly with their length.

`difflib` alone takes quadratic time or more, depending on the lines. Long texts are therefore split at lines that occur
exactly once in each version and in the same order (B. Cohen's patience diff); `difflib` compares the short stretches
between them.
"""

from __future__ import annotations

import difflib
from bisect import bisect_left
from collections import Counter
from collections.abc import Iterator, Sequence
from typing import Literal

MAX_DIFFLIB_CELLS = 10_000
"""The number of lines of one version times that of the other, up to which difflib compares them."""
_Opcode = tuple[Literal["replace", "delete", "insert", "equal"], int, int, int, int]


class _Opcodes(difflib.SequenceMatcher[str]):
    """Group operation codes as difflib does, without its search for them."""

    def __init__(self, opcodes: list[_Opcode]) -> None:
        super().__init__(None, "", "")
        self._opcodes = opcodes

    def get_opcodes(self) -> list[_Opcode]:
        return self._opcodes


def unified_diff(
    before: Sequence[str], after: Sequence[str], name_before: str, name_after: str, context: int
) -> list[str]:
    """Return the lines of a unified diff, without line ends; empty if the versions are equal.

    Args:
        before: The lines of the old version.
        after: The lines of the new version.
        name_before: The old version's name in the diff.
        name_after: The new version's name in the diff.
        context: The number of unchanged lines around each change.
    """
    if len(before) * len(after) <= MAX_DIFFLIB_CELLS:
        return list(difflib.unified_diff(before, after, name_before, name_after, lineterm="", n=context))
    lines: list[str] = []
    for group in _Opcodes(list(_opcodes(before, after))).get_grouped_opcodes(context):
        first, last = group[0], group[-1]
        lines.append(f"@@ -{_range(first[1], last[2])} +{_range(first[3], last[4])} @@")
        for what, low, high, new_low, new_high in group:
            lines += [f" {line}" for line in before[low:high]] if what == "equal" else []
            lines += [f"-{line}" for line in before[low:high]] if what in ("replace", "delete") else []
            lines += [f"+{line}" for line in after[new_low:new_high]] if what in ("replace", "insert") else []
    return [f"--- {name_before}", f"+++ {name_after}", *lines] if lines else []


def _range(start: int, stop: int) -> str:
    """Format a range of lines for the head of a hunk."""
    length = stop - start
    if length == 1:
        return str(start + 1)
    return f"{start + 1 if length else start},{length}"


def _opcodes(before: Sequence[str], after: Sequence[str]) -> Iterator[_Opcode]:
    low = new_low = 0
    for start, new_start, length in [*_common_runs(before, after), (len(before), len(after), 0)]:
        yield from _compare_between(before, after, (low, start), (new_low, new_start))
        low, new_low = start + length, new_start + length
        if length:
            yield "equal", start, low, new_start, new_low


def _compare_between(
    before: Sequence[str], after: Sequence[str], old: tuple[int, int], new: tuple[int, int]
) -> Iterator[_Opcode]:
    size, new_size = old[1] - old[0], new[1] - new[0]
    if size and new_size and size * new_size <= MAX_DIFFLIB_CELLS:
        matcher = difflib.SequenceMatcher(None, before[slice(*old)], after[slice(*new)], autojunk=False)
        for what, low, high, new_low, new_high in matcher.get_opcodes():
            yield what, low + old[0], high + old[0], new_low + new[0], new_high + new[0]
    elif size or new_size:
        yield "replace" if size and new_size else "delete" if size else "insert", *old, *new


def _common_runs(before: Sequence[str], after: Sequence[str]) -> Iterator[tuple[int, int, int]]:
    """Yield runs of equal lines, grown from the anchors: their starts in both versions, and their length."""
    end = new_end = 0
    for start, new_start in _anchors(before, after):
        if start < end:
            continue
        low, new_low = start, new_start
        while low > end and new_low > new_end and before[low - 1] == after[new_low - 1]:
            low, new_low = low - 1, new_low - 1
        end, new_end = start + 1, new_start + 1
        while end < len(before) and new_end < len(after) and before[end] == after[new_end]:
            end, new_end = end + 1, new_end + 1
        yield low, new_low, end - low


def _anchors(before: Sequence[str], after: Sequence[str]) -> list[tuple[int, int]]:
    """Return the lines that occur once in each version and in the same order: the longest increasing subsequence."""
    counts, new_counts = Counter(before), Counter(after)
    index_after = {line: index for index, line in enumerate(after) if new_counts[line] == 1}
    pairs = [
        (index, index_after[line]) for index, line in enumerate(before) if counts[line] == 1 and line in index_after
    ]
    ends: list[int] = []  # by length: the smallest index in `after` at which an increasing sequence of it ends
    last: list[int] = []  # by length: the pair at that end
    previous: list[int] = []  # by pair: the pair before it in its sequence, or -1
    for number, (_, new_index) in enumerate(pairs):
        length = bisect_left(ends, new_index)
        previous.append(last[length - 1] if length else -1)
        ends[length : length + 1], last[length : length + 1] = [new_index], [number]
    increasing = []
    number = last[-1] if last else -1
    while number >= 0:
        increasing.append(pairs[number])
        number = previous[number]
    return increasing[::-1]
