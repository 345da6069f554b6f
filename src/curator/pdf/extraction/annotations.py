"""Text in a page's annotations and form fields.

It is never part of the page's text, which is what the page's content streams paint. It is reported as hidden text, so
that a reviewer learns of it.
"""

from __future__ import annotations

import html
import re
from collections.abc import Iterable, Iterator
from typing import Any

import pymupdf as _pymupdf

from curator.pdf.extraction.parameters import ANNOTATIONS
from curator.pdf.text.characters import clean_text

pymupdf: Any = _pymupdf

IN_ANNOTATION = "in an annotation"
IN_FORM_FIELD = "in a form field"

_LINK, _POPUP, _WIDGET = pymupdf.PDF_ANNOT_LINK, pymupdf.PDF_ANNOT_POPUP, pymupdf.PDF_ANNOT_WIDGET
_HIDDEN = pymupdf.PDF_ANNOT_IS_HIDDEN | pymupdf.PDF_ANNOT_IS_NO_VIEW
_MARKUP = re.compile(r"<[^<>]{0,300}>")


def has_notes(page: Any) -> bool:
    """Return whether annotations or form fields are drawn on a page, where they may cover text. Links are not drawn."""
    return any(kind not in (_LINK, _POPUP) for _, kind, _ in page.annot_xrefs())


def find_notes(page: Any) -> Iterator[tuple[str, str]]:
    """Yield where each annotation and form field of a page keeps a text, and the text, each text once.

    A link's address is not text.
    """
    document = page.parent
    seen: set[str] = set()
    for xref, kind, _ in page.annot_xrefs()[: ANNOTATIONS.max_annotations]:
        if kind == _LINK or not xref:
            continue
        is_field = kind == _WIDGET
        texts = _find_field_texts(document, xref) if is_field else _find_annotation_texts(page, xref, kind)
        for text in texts:
            if text and text not in seen:
                seen.add(text)
                yield IN_FORM_FIELD if is_field else IN_ANNOTATION, text


def _find_annotation_texts(page: Any, xref: int, kind: int) -> Iterable[str]:
    keys = ("Contents",) if kind == _POPUP else ("Contents", "RC")
    return [*(_get_string(page.parent, xref, key) for key in keys), *_find_drawn_text(page, xref, kind)]


def _find_field_texts(document: Any, xref: int) -> Iterable[str]:
    """Return the value, default value and tooltip of a form field and of the fields that it belongs to."""
    texts: list[str] = []
    for _ in range(ANNOTATIONS.max_parents):
        texts += [_get_string(document, xref, key) for key in ("V", "DV", "TU")]
        kind, parent = document.xref_get_key(xref, "Parent")
        if kind != "xref":
            break
        xref = int(parent.split()[0])
    return texts


def _get_string(document: Any, xref: int, key: str) -> str:
    kind, value = document.xref_get_key(xref, key)
    if kind not in ("string", "name"):
        return ""
    if key == "RC":  # rich text
        value = html.unescape(_MARKUP.sub(" ", value))
    return clean_text(" ".join(value.split()))[: ANNOTATIONS.max_chars]


def _find_drawn_text(page: Any, xref: int, kind: int) -> list[str]:
    """Return the text that an annotation draws, even if it is hidden; none if it cannot be drawn."""
    if kind == _POPUP or page.parent.xref_get_key(xref, "AP")[0] == "null":
        return []
    try:
        annotation = page.load_annot(xref)
        flags = annotation.flags
        if flags & _HIDDEN:
            annotation.set_flags(flags & ~_HIDDEN)
        return [clean_text(annotation.get_text("text"))[: ANNOTATIONS.max_chars]]
    except MemoryError:
        raise
    except Exception:  # PyMuPDF raises anything
        return []
