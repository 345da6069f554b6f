"""Shorten a long paper to the model's context window, by whole sentences, and report which sentences were dropped."""

from __future__ import annotations

from collections.abc import Container, Sequence
from dataclasses import dataclass

from curator.drafting.sentence_pointers import number_sentences
from curator.llm.usage import CHARACTERS_PER_TOKEN
from curator.types import Document, SectionKind, Sentence

TOKENS_PER_LINE = 4
"""Tokens of a line beside its text: the sentence's number, its brackets and the line end."""


_REPORTED_SECTIONS: tuple[SectionKind, ...] = (
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
class FittedText:
    """The sentences that fit, in reading order and with their own numbers."""

    sentences: tuple[Sentence, ...]
    dropped: tuple[str, ...]  # by section, in words: "body (120 of 400 sentences)"
    tokens: int  # estimated


def estimate_tokens(sentence: Sentence) -> int:
    """Return an upper estimate of the tokens of a sentence's line in `number_sentences`."""
    size = len(number_sentences([sentence]).encode())
    return -(-size // CHARACTERS_PER_TOKEN) + TOKENS_PER_LINE


def fit_to_window(document: Document, max_tokens: int) -> FittedText:
    """Drop the references, and then sentences, until the rest has at most `max_tokens`.

    Sentences are dropped in this order: from the end of the appendices, from the end of the related work, from the
    middle of the body and, if the limit is very low, the front matter and the ends of limitations, conclusion and
    abstract.

    Args:
        document: The paper's text.
        max_tokens: Tokens, as `estimate_tokens` counts them.

    Returns:
        The sentences that are kept. Empty if the limit leaves no room for any.
    """
    kept = {s.number: s for s in document.sentences if s.section != "references"}
    tokens = {number: estimate_tokens(sentence) for number, sentence in kept.items()}
    total = sum(tokens.values())
    for sentence in _sort_by_dispensability(tuple(kept.values())):
        if total <= max_tokens:
            break
        total -= tokens[sentence.number]
        del kept[sentence.number]
    return FittedText(tuple(kept.values()), _describe_dropped(document.sentences, kept.keys()), total)


def _sort_by_dispensability(sentences: Sequence[Sentence]) -> list[Sentence]:
    """Return the sentences in the order in which they are dropped."""
    by_section: dict[SectionKind, list[Sentence]] = {}
    for sentence in sentences:
        by_section.setdefault(sentence.section, []).append(sentence)
    body = by_section.get("body", [])
    from_the_middle = sorted(range(len(body)), key=lambda i: (abs(2 * i - len(body)), i))
    return [
        *reversed(by_section.get("appendix", [])),
        *reversed(by_section.get("related work", [])),
        *(body[i] for i in from_the_middle),
        *reversed(by_section.get("front", [])),
        *reversed(by_section.get("limitations", [])),
        *reversed(by_section.get("conclusion", [])),
        *reversed(by_section.get("abstract", [])),
    ]


def _describe_dropped(sentences: Sequence[Sentence], kept: Container[int]) -> tuple[str, ...]:
    notes = []
    for section in _REPORTED_SECTIONS:
        numbers = [sentence.number for sentence in sentences if sentence.section == section]
        dropped = sum(number not in kept for number in numbers)
        if dropped:
            amount = str(dropped) if dropped == len(numbers) else f"{dropped} of {len(numbers)}"
            notes.append(f"{section} ({amount} {'sentence' if len(numbers) == 1 else 'sentences'})")
    return tuple(notes)
