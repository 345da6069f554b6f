"""A document's optional content: which layers are shown, and the text in those that are not.

MuPDF takes every visibility expression for true, and the policies AllOn and AnyOff for each other: it would read text
that no viewer shows, and leave out text that all viewers show. So the memberships (OCMD) are first rewritten into
equivalent ones that MuPDF judges correctly. Source: ISO 32000-1, 8.11.2.2.
"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterator
from typing import Any

import pymupdf as _pymupdf

from curator.pdf.extraction.parameters import OPTIONAL_CONTENT
from curator.pdf.rendering.display_list import make_display_list, make_text_page
from curator.pdf.text.characters import clean_text

pymupdf: Any = _pymupdf
mupdf: Any = pymupdf.mupdf

IN_HIDDEN_LAYER = "in a layer that is switched off"

_REFERENCE = re.compile(r"(\d{1,10}) \d+ R")
_TERM = re.compile(r"(?P<group>\d{1,10}) \d+ R|[\[\]]|/(?:And|Or|Not)\b")
_TEXT_FLAGS = pymupdf.TEXT_PRESERVE_WHITESPACE | pymupdf.TEXT_CID_FOR_UNKNOWN_UNICODE | pymupdf.TEXT_IGNORE_ACTUALTEXT


def apply_visibility(document: Any) -> None:
    """Rewrite each membership of an open document, in memory, into a plain one that gives the same result.

    A damaged file is left as it is.

    Raises:
        MemoryError: MuPDF ran out of memory.
    """
    try:
        shown = _find_shown_groups(document)
        if not shown:
            return
        known = next(iter(shown))
        for xref in range(1, min(OPTIONAL_CONTENT.max_objects, document.xref_length())):
            if document.xref_get_key(xref, "Type")[1] == "/OCMD":
                is_shown = _is_shown(document, xref, shown)
                document.xref_set_key(xref, "VE", "null")
                document.xref_set_key(xref, "OCGs", f"[{known} 0 R]")
                document.xref_set_key(xref, "P", "/AnyOn" if is_shown == shown[known] else "/AllOff")
    except MemoryError:
        raise
    except Exception:  # PyMuPDF raises anything on a damaged file
        return


def _find_shown_groups(document: Any) -> dict[int, bool]:
    """Return whether each group, by its xref, is shown when the document is opened."""
    groups = document.get_ocgs()
    if not groups:
        return {}
    usual = document.get_layer(-1)
    on, off = set(usual.get("on", ())), set(usual.get("off", ()))
    return {xref: xref in on if usual.get("basestate") == "OFF" else xref not in off for xref in groups}


def _is_shown(document: Any, xref: int, shown: dict[int, bool]) -> bool:
    """Return whether the content of a membership is shown."""
    kind, expression = document.xref_get_key(xref, "VE")
    if kind == "array" and len(expression) <= OPTIONAL_CONTENT.max_expression:
        return evaluate(expression, shown)
    members = [int(number) for number in _REFERENCE.findall(document.xref_get_key(xref, "OCGs")[1])]
    states = [shown[number] for number in members if number in shown]
    if not states:
        return True
    policy = document.xref_get_key(xref, "P")[1]
    return {"/AllOn": all(states), "/AnyOff": not all(states), "/AllOff": not any(states)}.get(policy, any(states))


def evaluate(expression: str, shown: dict[int, bool]) -> bool:
    """Evaluate a visibility expression, such as "[/And 5 0 R [/Not 6 0 R]]".

    Args:
        expression: The expression, of any depth, which may be malformed.
        shown: Whether each group, by its xref, is shown. Unknown groups count as shown.

    Returns:
        Whether the content is shown.
    """
    open_lists: list[tuple[str, list[bool]]] = [("", [])]  # each with its operator
    for term in _TERM.finditer(expression):
        if term["group"]:
            open_lists[-1][1].append(shown.get(int(term["group"]), True))
        elif term[0] == "[":
            open_lists.append(("", []))
        elif term[0] != "]":
            open_lists[-1] = (term[0], open_lists[-1][1])
        elif len(open_lists) > 1:
            operator, operands = open_lists.pop()
            open_lists[-1][1].append(_apply(operator, operands))
    return all(open_lists[0][1])


def _apply(operator: str, operands: list[bool]) -> bool:
    if operator == "/Not":
        return not all(operands)
    return any(operands) if operator == "/Or" else all(operands)


class Layers:
    """The layers of an open document. False if it has none."""

    def __init__(self, document: Any) -> None:
        """Note which layers of PyMuPDF's document are shown."""
        self._pdf = mupdf.pdf_document_from_fz_document(document.this)
        self._count = min(OPTIONAL_CONTENT.max_layers, int(mupdf.pdf_count_layers(self._pdf)))
        self._shown = [bool(mupdf.pdf_layer_is_enabled(self._pdf, at)) for at in range(self._count)]

    def __bool__(self) -> bool:
        return bool(self._count)

    def find_hidden_lines(self, page: Any) -> list[str]:
        """Find the lines of a page that are visible only when layers are switched on, or off."""
        usual = Counter(_find_lines(page))
        hidden: Counter[tuple[str, int, int]] = Counter()
        try:
            for state in (True, False):
                for at in range(self._count):
                    mupdf.pdf_enable_layer(self._pdf, at, state)
                hidden |= Counter(_find_lines(page)) - usual
        finally:
            for at, state in enumerate(self._shown):
                mupdf.pdf_enable_layer(self._pdf, at, state)
        return [text for text, _, _ in hidden]


def _find_lines(page: Any) -> Iterator[tuple[str, int, int]]:
    """Yield the text and the position, in whole points, of each of a page's spans."""
    for block in make_text_page(make_display_list(page), _TEXT_FLAGS).extractDICT()["blocks"]:
        for line in block.get("lines", ()):
            for span in line["spans"]:
                if text := clean_text(span["text"]):
                    yield text, round(span["origin"][0]), round(span["origin"][1])
