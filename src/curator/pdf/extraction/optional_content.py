"""Memberships of optional content (OCMD), put into words that MuPDF judges as the standard does.

MuPDF takes every visibility expression for true and the policies AllOn and AnyOff for one another: text that no viewer
shows would be read, and text that all show would not. Source: ISO 32000-1, 8.11.2.2.
"""

from __future__ import annotations

import re
from typing import Any

MAX_OBJECTS = 200_000  # looked at in one file
MAX_EXPRESSION = 20_000  # characters of a visibility expression; of a longer one MuPDF's word is taken

_REFERENCE = re.compile(r"(\d{1,10}) \d+ R")
_TERM = re.compile(r"(?P<group>\d{1,10}) \d+ R|[\[\]]|/(?:And|Or|Not)\b")


def settle(document: Any) -> None:
    """Rewrite each membership of an open document, in memory, by what it comes to."""
    try:
        shown = _shown_groups(document)
        if not shown:
            return
        known = next(iter(shown))
        for xref in range(1, min(MAX_OBJECTS, document.xref_length())):
            if document.xref_get_key(xref, "Type")[1] == "/OCMD":
                holds = _holds(document, xref, shown)
                document.xref_set_key(xref, "VE", "null")
                document.xref_set_key(xref, "OCGs", f"[{known} 0 R]")
                document.xref_set_key(xref, "P", "/AnyOn" if holds == shown[known] else "/AllOff")
    except MemoryError:
        raise
    except Exception:  # PyMuPDF raises anything; what a damaged file says stays as it is
        return


def _shown_groups(document: Any) -> dict[int, bool]:
    """Whether each group is shown when the document is opened."""
    groups = document.get_ocgs()
    if not groups:
        return {}
    usual = document.get_layer(-1)
    on, off = set(usual.get("on", ())), set(usual.get("off", ()))
    return {xref: xref in on if usual.get("basestate") == "OFF" else xref not in off for xref in groups}


def _holds(document: Any, xref: int, shown: dict[int, bool]) -> bool:
    kind, expression = document.xref_get_key(xref, "VE")
    if kind == "array" and len(expression) <= MAX_EXPRESSION:
        return evaluate(expression, shown)
    named = [int(number) for number in _REFERENCE.findall(document.xref_get_key(xref, "OCGs")[1])]
    states = [shown[number] for number in named if number in shown]
    if not states:
        return True
    policy = document.xref_get_key(xref, "P")[1]
    return {"/AllOn": all(states), "/AnyOff": not all(states), "/AllOff": not any(states)}.get(policy, any(states))


def evaluate(expression: str, shown: dict[int, bool]) -> bool:
    """Whether a visibility expression such as "[/And 5 0 R [/Not 6 0 R]]" is true; unknown groups are shown."""
    open_lists: list[tuple[str, list[bool]]] = [("", [])]
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
