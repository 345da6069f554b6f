"""Quotes by pointing: the model names a sentence by its number, Curator copies the words.

A model that is asked to copy may invent. A model that answers "sentence 12, which starts 'We find that'" cannot:
what is shown as a quote is taken from the paper, and the opening words catch a wrong number.
"""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import lru_cache

from curator.llm.prompts import prompt_text
from curator.quotes.normalize import fold_space, normalize
from curator.types import Document, Quote, Sentence

NEIGHBOURS = 3
"""How far from the named sentence, either way, the opening words are looked for."""

_LABEL = re.compile(r"\A\s*[<‹]\s*\d{1,9}\s*[>›]")
_WORD = re.compile(r"[^\W_]+")


@dataclass(frozen=True)
class Pointer:
    """A sentence as a model names it."""

    sentence: int
    starts: str  # its opening words


def numbered_text(sentences: Sequence[Sentence]) -> str:
    """One sentence a line, each behind its own number: `<12> text`.

    No sentence can begin a line or forge a number, whatever it says: see `prompt_text`.
    """
    return "\n".join(f"<{sentence.number}> {prompt_text(sentence.text)}".rstrip() for sentence in sentences)


def resolve_pointer(pointer: Pointer, sentences: Mapping[int, Sentence], document: Document) -> Quote:
    """The sentence that `pointer` names, in the document's own words; absent where none fits.

    `sentences` are those that the model was shown, by number.
    """
    claimed = _claimed_words(pointer.starts)
    for number in _nearest_first(pointer.sentence):
        sentence = sentences.get(number)
        if sentence is None or not _fits(claimed, sentence):
            continue
        quote = quote_sentence(sentence, document)
        if quote.holds:
            return quote
    return Quote(fold_space(pointer.starts), "absent")


def quote_sentence(sentence: Sentence, document: Document) -> Quote:
    """A whole sentence as a quote; absent where it is a reference or does not stand in this document."""
    pages = {span.page: "" for span in sentence.spans}
    pages.update((page.number, page.text) for page in document.pages if page.number in pages)
    text = fold_space(" ".join(pages[span.page][span.start : span.end] for span in sentence.spans))
    if not text or sentence.section == "references" or text != fold_space(sentence.text):
        return Quote(fold_space(sentence.text), "absent")
    return Quote(text, "exact", sentence.spans, sentence.section, sentence.form)


def _nearest_first(number: int) -> list[int]:
    around = [number + sign * distance for distance in range(1, NEIGHBOURS + 1) for sign in (-1, 1)]
    return [number, *around]


def _claimed_words(starts: str) -> list[str]:
    return _words(_LABEL.sub("", starts, count=1))


def _words(text: str) -> list[str]:
    return _WORD.findall(normalize(prompt_text(text)).text)


@lru_cache(maxsize=1024)
def _words_of_sentence(text: str) -> list[str]:
    """A model names the same sentences again and again."""
    return _words(text)


def _fits(claimed: list[str], sentence: Sentence) -> bool:
    if not claimed:
        return False
    words = _words_of_sentence(sentence.text)
    return words[: len(claimed)] == claimed and (len(claimed) >= 2 or words == claimed)
