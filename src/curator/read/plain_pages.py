"""Most pages of a paper write dark text and draw thin lines: on those nothing can hide a text, so nobody need look."""

from __future__ import annotations

import re

DARK = 0.68  # of a channel's light: darker letters stand out from white paper
BROAD = 2.0  # units of a line's width, thicker than any rule of a table
LONGEST = 60_000  # bytes; longer streams draw figures

_HIDES = frozenset(b"Do sh BI f F f* B B* b b* W W* gs cs sc scn BDC BMC Tr".split())
"""Pictures, shapes, clips, transparency, layers, ways of painting letters, colours told elsewhere."""
_OPERANDS = {b"k": 4, b"rg": 3, b"g": 1, b"w": 1, b"cm": 6}
_FORM_OR_STATE = re.compile(rb"/[!-~]{1,40} (?:Do|gs)\s")
"""What most pages that draw have; within a string it would cost a closer look, no more."""
_STRING_OR_COMMENT = re.compile(rb"%[^\r\n]*+|\((?:[^()\\]++|\\.|\((?:[^()\\]++|\\.)*+\))*+\)", re.S)
_SPACED = bytes.maketrans(b"[]{}<>/\0", b" " * 8)  # delimiters: "f[" and "f/" are the operator f


def is_plain(contents: bytes) -> bool:
    """Whether a content stream has nothing that could hide text, whatever its letters say of themselves.

    Operators: ISO 32000-1, annex A. What cannot be told costs a closer look, no more.
    """
    if len(contents) > LONGEST or _FORM_OR_STATE.search(contents):
        return False
    bare = _STRING_OR_COMMENT.sub(b" ", contents)
    if b"(" in bare or b")" in bare:  # strings nested deeper: what is an operator cannot be told
        return False
    tokens = bare.translate(_SPACED).split()
    if not _HIDES.isdisjoint(tokens):
        return False
    told = {
        (token, *tokens[max(0, at - _OPERANDS[token]) : at]) for at, token in enumerate(tokens) if token in _OPERANDS
    }
    return all(_is_harmless(operator, operands) for operator, *operands in told)


def _is_harmless(operator: bytes, operands: list[bytes]) -> bool:
    """Whether a colour is dark, a line thin, a matrix no magnifier."""
    try:
        values = [float(operand) for operand in operands]
    except ValueError:
        return False
    if len(values) < _OPERANDS[operator]:
        return False
    if operator == b"cm":  # nothing that would broaden lines
        return max(abs(value) for value in values[:4]) <= 1
    if operator == b"w":
        return abs(values[0]) < BROAD
    if operator == b"k":  # cyan, magenta, yellow, black
        return max(values[:3]) + values[3] > 2 * (1 - DARK)
    return min(values) < DARK
