"""Quote by pointing: a model names a sentence by its number, and Curator copies the words.

A model that is asked to copy a sentence may invent one. A model that answers "sentence 12, which starts 'We find that'"
cannot: the quote is taken from the paper, and the opening words reveal a wrong number.
"""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import lru_cache

from curator.llm.prompts import prompt_text
from curator.quotes.normalize import fold_space, normalize
from curator.types import Document, Quote, Sentence

MAX_DISTANCE = 3
"""Sentences before and after the one named that are compared with the opening words."""

_LABEL = re.compile(r"\A\s*[<‹]\s*\d{1,9}\s*[>›]")
_WORD = re.compile(r"[^\W_]+")


@dataclass(frozen=True)
class Pointer:
    """A sentence as a model names it."""

    sentence: int
    starts: str  # its opening words


def number_sentences(sentences: Sequence[Sentence]) -> str:
    """Return one sentence a line, each after its own number: `<12> text`.

    A sentence cannot start a line or forge a number, whatever its text: see `prompt_text`.
    """
    return "\n".join(f"<{sentence.number}> {prompt_text(sentence.text)}".rstrip() for sentence in sentences)


def resolve_pointer(pointer: Pointer, sentences: Mapping[int, Sentence], document: Document) -> Quote:
    """Find the sentence that a pointer names, or a neighbour that starts with its words.

    Args:
        pointer: The model's pointer.
        sentences: The sentences that the model was shown, by number.
        document: The paper's text.

    Returns:
        The sentence as a quote in the document's own words. Its grade is `absent` if no sentence fits.
    """
    opening = _split_words(_LABEL.sub("", pointer.starts, count=1))
    for number in _list_nearest(pointer.sentence):
        sentence = sentences.get(number)
        if sentence is None or not _starts_with(sentence, opening):
            continue
        quote = quote_sentence(sentence, document)
        if quote.holds:
            return quote
    return Quote(fold_space(pointer.starts), "absent")


def quote_sentence(sentence: Sentence, document: Document) -> Quote:
    """Quote a whole sentence. Its grade is `absent` if it is a reference or not a sentence of this document."""
    pages = {span.page: "" for span in sentence.spans}
    pages.update((page.number, page.text) for page in document.pages if page.number in pages)
    text = fold_space(" ".join(pages[span.page][span.start : span.end] for span in sentence.spans))
    if not text or sentence.section == "references" or text != fold_space(sentence.text):
        return Quote(fold_space(sentence.text), "absent")
    return Quote(text, "exact", sentence.spans, sentence.section, sentence.form)


def _list_nearest(number: int) -> list[int]:
    neighbours = [number + sign * distance for distance in range(1, MAX_DISTANCE + 1) for sign in (-1, 1)]
    return [number, *neighbours]


def _split_words(text: str) -> list[str]:
    return _WORD.findall(normalize(prompt_text(text)).text)


@lru_cache(maxsize=1024)
def _split_sentence(text: str) -> list[str]:
    """Return a sentence's words. Cached, since a model names the same sentences many times."""
    return _split_words(text)


def _starts_with(sentence: Sentence, opening: list[str]) -> bool:
    """Return True if the sentence starts with these words. A single word has to be the whole sentence."""
    if not opening:
        return False
    words = _split_sentence(sentence.text)
    return words[: len(opening)] == opening and (len(opening) >= 2 or words == opening)
