"""Drop caps: the large first letters that journals set into the first lines of an article, put back on their words."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

from curator.pdf.layout.fragments import Fragment
from curator.pdf.layout.parameters import DROP_CAPS


def restore_drop_caps(fragments: Sequence[Fragment]) -> list[Fragment]:
    """Return the fragments of a page with each drop cap joined to the topmost line beside it."""
    letters = [f for f in fragments if len(f.text) == 1 and f.text.isupper() and f.upright]
    if not letters:
        return list(fragments)
    replacements: dict[int, Fragment | None] = {}
    for letter in letters:
        line = _find_first_line(letter, fragments)
        if line is not None:
            replacements[id(letter)] = None
            replacements[id(line)] = replace(line, text=letter.text + line.text, x0=letter.x0)
    return [kept for f in fragments if (kept := replacements.get(id(f), f)) is not None]


def _find_first_line(letter: Fragment, fragments: Sequence[Fragment]) -> Fragment | None:
    """Return the first of the lines right beside a letter that is much larger; None if there are fewer than two."""
    top = letter.y0 - DROP_CAPS.max_overlap * (letter.y1 - letter.y0)
    beside = [
        f
        for f in fragments
        if f.upright
        and letter.size >= DROP_CAPS.min_size * f.size
        and -0.2 * f.size <= f.x0 - letter.x1 <= DROP_CAPS.max_gap * f.size
        and top <= f.middle <= letter.y1
    ]
    first = min(beside, key=lambda f: f.middle, default=None)
    return first if len(beside) > 1 and first is not None and first.text[:1].isalpha() else None
