"""Makes a long paper fit the model's window, by whole sentences, and says what was left out."""

from __future__ import annotations

from collections.abc import Container, Sequence
from dataclasses import dataclass

from curator.drafting.sentence_pointers import numbered_text
from curator.llm.usage import CHARACTERS_PER_TOKEN
from curator.types import Document, SectionKind, Sentence

TOKENS_PER_LINE = 4
"""A sentence's number, its brackets and its line end."""


_SECTIONS: tuple[SectionKind, ...] = (
    "references",
    "appendix",
    "related work",
    "body",
    "front",
    "limitations",
    "conclusion",
    "abstract",
)


@dataclass(frozen=True)
class Fitted:
    """The sentences that fit, in order and under their own numbers."""

    sentences: tuple[Sentence, ...]
    dropped: tuple[str, ...]  # in words: "body (120 of 400 sentences)"
    tokens: int  # estimated


def estimate_tokens(sentence: Sentence) -> int:
    """Upper estimate of the tokens of one line of `numbered_text`."""
    size = len(numbered_text([sentence]).encode())
    return -(-size // CHARACTERS_PER_TOKEN) + TOKENS_PER_LINE


def fit_to_window(document: Document, budget_tokens: int) -> Fitted:
    """The document's sentences, without references, reduced to at most `budget_tokens`.

    What goes first: the end of the appendices, the end of the related work, the middle of the body, then (only where
    the budget is very small) the front matter, the end of the limitations, of the conclusion, of the abstract.
    """
    kept = {s.number: s for s in document.sentences if s.section != "references"}
    tokens = {number: estimate_tokens(sentence) for number, sentence in kept.items()}
    total = sum(tokens.values())
    for sentence in _in_order_of_dropping(tuple(kept.values())):
        if total <= budget_tokens:
            break
        total -= tokens[sentence.number]
        del kept[sentence.number]
    return Fitted(tuple(kept.values()), _dropped(document.sentences, kept.keys()), total)


def _in_order_of_dropping(sentences: Sequence[Sentence]) -> list[Sentence]:
    of: dict[SectionKind, list[Sentence]] = {}
    for sentence in sentences:
        of.setdefault(sentence.section, []).append(sentence)
    body = of.get("body", [])
    from_the_middle = sorted(range(len(body)), key=lambda i: (abs(2 * i - len(body)), i))
    return [
        *reversed(of.get("appendix", [])),
        *reversed(of.get("related work", [])),
        *(body[i] for i in from_the_middle),
        *reversed(of.get("front", [])),
        *reversed(of.get("limitations", [])),
        *reversed(of.get("conclusion", [])),
        *reversed(of.get("abstract", [])),
    ]


def _dropped(sentences: Sequence[Sentence], kept: Container[int]) -> tuple[str, ...]:
    notes = []
    for section in _SECTIONS:
        numbers = [sentence.number for sentence in sentences if sentence.section == section]
        gone = sum(number not in kept for number in numbers)
        if gone:
            amount = str(gone) if gone == len(numbers) else f"{gone} of {len(numbers)}"
            notes.append(f"{section} ({amount} {'sentence' if len(numbers) == 1 else 'sentences'})")
    return tuple(notes)
