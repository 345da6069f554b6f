"""Text that hangs on a page and is not printed on it: notes, form fields, layers switched off, replacement texts.

None of it is ever part of the page's text, since pages are read from what their content streams paint in the layers
that are shown. Here it is found all the same, so that a reviewer hears of it.
"""

from __future__ import annotations

import html
import re
import unicodedata
from collections import Counter
from collections.abc import Iterable, Iterator
from typing import Any

import pymupdf as _pymupdf

from curator.pdf.rendering.display_list import interpret, text_page
from curator.pdf.text.characters import clean_text

pymupdf: Any = _pymupdf
mupdf: Any = pymupdf.mupdf

IN_NOTE = "in an annotation"
IN_FIELD = "in a form field"
IN_LAYER = "in a layer that is switched off"
INSTEAD = "given to machines in place of what is printed"

MAX_ANNOTATIONS = 200  # looked at on one page
MAX_CHARS = 2000  # of one annotation
MAX_LAYERS = 500
MAX_PARENTS = 8  # of a form field, upwards
MIN_WORD = 3  # letters; a replacement text that differs in fewer is a matter of fonts
_LINK, _POPUP, _WIDGET = pymupdf.PDF_ANNOT_LINK, pymupdf.PDF_ANNOT_POPUP, pymupdf.PDF_ANNOT_WIDGET
_READ_ALL = pymupdf.TEXT_PRESERVE_WHITESPACE | pymupdf.TEXT_CID_FOR_UNKNOWN_UNICODE
_MARKUP = re.compile(r"<[^<>]{0,300}>")
_WORD = re.compile(r"\w+")


def has_notes(page: Any) -> bool:
    """Whether annotations or form fields are drawn on a page, and may lie over its text. Links are not drawn."""
    return any(kind not in (_LINK, _POPUP) for _, kind, _ in page.annot_xrefs())


def notes(page: Any) -> Iterator[tuple[str, str]]:
    """(why, text) of each annotation and form field that carries a text. Links' addresses are not text."""
    document = page.parent
    seen: set[str] = set()
    for xref, kind, _ in page.annot_xrefs()[:MAX_ANNOTATIONS]:
        if kind == _LINK or not xref:
            continue
        if kind == _WIDGET:
            texts: Iterable[str] = _field_values(document, xref)
        else:
            keys = ("Contents", "RC") if kind != _POPUP else ("Contents",)
            texts = [*(_string(document, xref, key) for key in keys), *_appearance(page, xref, kind)]
        for text in texts:
            if text and text not in seen:
                seen.add(text)
                yield IN_FIELD if kind == _WIDGET else IN_NOTE, text


def _string(document: Any, xref: int, key: str) -> str:
    kind, value = document.xref_get_key(xref, key)
    if kind not in ("string", "name"):
        return ""
    if key == "RC":
        value = html.unescape(_MARKUP.sub(" ", value))
    return clean_text(" ".join(value.split()))[:MAX_CHARS]


def _field_values(document: Any, xref: int) -> list[str]:
    found: list[str] = []
    for _ in range(MAX_PARENTS):
        found += [_string(document, xref, key) for key in ("V", "DV", "TU")]
        kind, parent = document.xref_get_key(xref, "Parent")
        if kind != "xref":
            break
        xref = int(parent.split()[0])
    return found


def _appearance(page: Any, xref: int, kind: int) -> list[str]:
    """What an annotation draws, hidden or not."""
    if kind == _POPUP or page.parent.xref_get_key(xref, "AP")[0] == "null":
        return []
    try:
        annotation = page.load_annot(xref)
        flags = annotation.flags
        if flags & (pymupdf.PDF_ANNOT_IS_HIDDEN | pymupdf.PDF_ANNOT_IS_NO_VIEW):
            annotation.set_flags(flags & ~(pymupdf.PDF_ANNOT_IS_HIDDEN | pymupdf.PDF_ANNOT_IS_NO_VIEW))
        return [clean_text(annotation.get_text("text"))[:MAX_CHARS]]
    except MemoryError:
        raise
    except Exception:  # PyMuPDF raises anything; an annotation that cannot be drawn says nothing
        return []


class Layers:
    """A document's optional content: what its layers hold that are not shown when it is opened."""

    def __init__(self, document: Any) -> None:
        self._pdf = mupdf.pdf_document_from_fz_document(document.this)
        count = int(mupdf.pdf_count_layers(self._pdf))
        self._count = min(MAX_LAYERS, count)
        self._shown = [bool(mupdf.pdf_layer_is_enabled(self._pdf, at)) for at in range(self._count)]

    def __bool__(self) -> bool:
        return bool(self._count)

    def hidden(self, page: Any) -> list[str]:
        """Lines of text that show up only when layers are switched on, or off."""
        usual = Counter(_placed_lines(page))
        found: Counter[tuple[str, int, int]] = Counter()
        try:
            for state in (True, False):
                for at in range(self._count):
                    mupdf.pdf_enable_layer(self._pdf, at, state)
                found |= Counter(_placed_lines(page)) - usual
        finally:
            for at, state in enumerate(self._shown):
                mupdf.pdf_enable_layer(self._pdf, at, state)
        return [text for text, _, _ in found]


def _placed_lines(page: Any) -> Iterator[tuple[str, int, int]]:
    blocks = text_page(interpret(page), _READ_ALL | pymupdf.TEXT_IGNORE_ACTUALTEXT).extractDICT()["blocks"]
    for block in blocks:
        for line in block.get("lines", ()):
            for span in line["spans"]:
                if text := clean_text(span["text"]):
                    yield text, round(span["origin"][0]), round(span["origin"][1])


def replacements(shown: Any) -> str:
    """Words that the display list gives to machines and whose letters are not among those printed; "" if none."""
    said = _plain_words(shown, _READ_ALL)
    printed = _plain_words(shown, _READ_ALL | pymupdf.TEXT_IGNORE_ACTUALTEXT)
    if said == printed:
        return ""
    letters = "".join(_letters(word) for word in printed)
    extra = Counter(_letters(word) for word in said) - Counter(_letters(word) for word in printed)
    found: list[str] = []
    for word in said:
        plain = _letters(word)
        if extra[plain] > 0:
            extra[plain] -= 1
            if len(plain) >= MIN_WORD and plain not in letters:
                found.append(word)
    return " ".join(found)


def _plain_words(shown: Any, flags: int) -> list[str]:
    text = text_page(shown, flags).extractText()
    return clean_text(text.replace("\u00ad\n", "").replace("-\n", "")).split()


def _letters(word: str) -> str:
    return "".join(_WORD.findall(unicodedata.normalize("NFKC", word))).casefold()
