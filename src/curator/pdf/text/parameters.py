"""Limits and thresholds of the text stages, one frozen dataclass per stage (see `curator.pdf.layout.parameters`)."""

from __future__ import annotations

from dataclasses import dataclass, field


@dataclass(frozen=True)
class HomoglyphParameters:
    """When letters of other scripts are a disguise for Latin ones."""

    min_word: int = 3
    """Letters of a word in which look-alikes count, at least. Shorter words are symbols of formulas."""

    min_run: int = 3
    """Consecutive words of look-alikes only, at least, that are a hidden text of their own."""

    min_run_letters: int = 10
    """Letters in such a run, at least."""

    max_report: int = 200
    """Characters of a report that is shown to reviewers."""


HOMOGLYPHS = HomoglyphParameters()


@dataclass(frozen=True)
class SentenceParameters:
    """The length of sentences."""

    max_sentence: int = field(default=1500, metadata={"stored_as": "max_sentence"})
    """Characters. A longer stretch is a table or noise, and is cut at white space."""


SENTENCES = SentenceParameters()


@dataclass(frozen=True)
class TextQualityParameters:
    """How much text a verdict on garbled text takes."""

    max_sample_chars: int = 100000
    """Characters from the start of a document that are examined."""

    max_sample_words: int = 4000
    """Words from the start of a document that are examined."""

    min_words: int = 120
    """Words. A text with fewer gets no verdict."""


TEXT_QUALITY = TextQualityParameters()
