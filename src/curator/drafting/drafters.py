"""From a document to candidates, by whoever drafts: a language model that points at sentences, or the keyless rules.

Both give the same thing: candidates whose quotes are the paper's own words, each graded, and a note of what was left
out on the way.
"""

from __future__ import annotations

import hashlib
import json
import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Literal, Protocol

from pydantic import BaseModel, ConfigDict

from curator.drafting import extractive
from curator.drafting.context_window import fit_to_window
from curator.drafting.sentence_pointers import Pointer, numbered_text, resolve_pointer
from curator.errors import SettingsError
from curator.llm import LanguageModel
from curator.llm.prompts import Prompt, prompt_text
from curator.llm.usage import CHARACTERS_PER_TOKEN
from curator.sanitize import single_line
from curator.settings import Topic
from curator.support.overclaim import lexical_support
from curator.types import Candidate, Document, Kind, Paper, Quote

MOST_CANDIDATES = 3
MOST_QUOTES = 3
MOST_POINTERS = 50  # of one candidate, that are looked up; a frame rests on a few sentences
MOST_NOTES = 10
OPENING_WORDS = 12
LONGEST_OPENING = 2000  # characters; no sentence is longer
LONGEST_TEXT = 600  # characters: two long sentences
MOST_SENTENCES = 2
LONGEST_NOTE = 400  # characters of a scope or a question


# A sentence goes on behind it; the word before it is longer than "al.", "vs." or an initial.
_SENTENCE_END = re.compile(r"\w{4,}[.!?][\"”’)]*\s+(?=[\"“‘(]?[A-Z0-9])")


@dataclass(frozen=True)
class DraftResult:
    """What drafting from one paper gave. No candidates is a fine answer."""

    candidates: tuple[Candidate, ...]
    drafter: str
    call: str | None = None
    sentences: int = 0  # that the drafter saw
    dropped: tuple[str, ...] = ()  # what it did not see, in words
    notes: tuple[str, ...] = ()  # candidates and pointers that were left out, and why


class Drafter(Protocol):
    name: str

    def draft(self, paper: Paper, document: Document) -> DraftResult:
        """Raises ModelError."""
        ...


class _Evidence(BaseModel):
    model_config = ConfigDict(extra="forbid")

    sentence: int
    starts: str


class _Candidate(BaseModel):
    model_config = ConfigDict(extra="forbid")

    text: str
    kind: Literal["representational", "functional"]
    topics: list[str]
    evidence: list[_Evidence]
    scope: str
    open_question: str | None


class Drafts(BaseModel):
    """The model's answer. No field has a default, so that endpoints with strict schemas take it as it is."""

    model_config = ConfigDict(extra="forbid")

    candidates: list[_Candidate]


class ModelDrafter:
    """Has a language model read the numbered sentences and point at those that carry a frame."""

    def __init__(self, model: LanguageModel, prompt: Prompt, topics: Sequence[Topic]) -> None:
        self._model = model
        self._prompt = prompt
        self._topics = {topic.name.casefold(): topic.name for topic in topics}
        self._listed = "\n".join(f"- {topic.name}: {topic.about}" for topic in topics)
        self.name = f"{prompt.name}.md {prompt.sha256[:8]} with {model.name}"

    def draft(self, paper: Paper, document: Document) -> DraftResult:
        empty = self._messages(paper, "")
        schema = json.dumps(Drafts.model_json_schema())  # some endpoints get it in words
        frame = sum(len(text.encode()) for text in (*(one["content"] for one in empty), schema)) // CHARACTERS_PER_TOKEN
        settings = self._model.settings
        fitted = fit_to_window(document, settings.context_tokens - settings.answer_tokens - frame)
        if not fitted.sentences and document.sentences:
            raise SettingsError(
                f"draft.context_tokens = {settings.context_tokens} leaves no room for a paper beside the prompt and "
                f"an answer of {settings.answer_tokens} tokens; raise it in curator.toml."
            )
        answer = self._model.ask(
            self._prompt,
            self._messages(paper, numbered_text(fitted.sentences)),
            Drafts,
            purpose="draft",
            paper=paper,
        )
        shown_sentences = {sentence.number: sentence for sentence in fitted.sentences}
        candidates, notes = [], []
        for number, drafted in enumerate(answer.reply.candidates, 1):
            fault = "over the number asked for" if number > MOST_CANDIDATES else _fault(drafted)
            if fault:
                notes.append(f"candidate {number} left out: {fault}")
                continue
            if len(drafted.evidence) > MOST_POINTERS:
                unread = len(drafted.evidence) - MOST_POINTERS
                notes.append(
                    f"candidate {number}: {unread} pointers beyond the first {MOST_POINTERS} were not looked up"
                )
            evidence = drafted.evidence[:MOST_POINTERS]
            pointers = dict.fromkeys(Pointer(one.sentence, _opening(one.starts)) for one in evidence)
            quotes = _once(resolve_pointer(pointer, shown_sentences, document) for pointer in pointers)
            candidates.append(self._candidate(paper, drafted, quotes[:MOST_QUOTES]))
        seen = len(fitted.sentences)
        return DraftResult(tuple(candidates), self.name, answer.call, seen, fitted.dropped, tuple(notes[:MOST_NOTES]))

    def _messages(self, paper: Paper, sentences: str) -> tuple[dict[str, str], dict[str, str]]:
        return self._prompt.fill(topics=self._listed, title=prompt_text(paper.title), sentences=sentences)

    def _candidate(self, paper: Paper, drafted: _Candidate, quotes: Sequence[Quote]) -> Candidate:
        known = (self._topics.get(name.strip().casefold()) for name in drafted.topics)
        return make_candidate(
            paper,
            self.name,
            text=single_line(drafted.text),
            kind=drafted.kind,
            topics=tuple(dict.fromkeys(name for name in known if name)),
            quotes=tuple(quotes),
            scope=single_line(drafted.scope)[:LONGEST_NOTE],
            question=single_line(drafted.open_question or "")[:LONGEST_NOTE] or None,
        )


class ExtractiveDrafter:
    """Keyless: picks the claim sentences of abstract and conclusion, and quotes them."""

    name = extractive.DRAFTER

    def __init__(self, topics: Sequence[Topic]) -> None:
        self._topics = extractive.extract_topic_words(topics)

    def draft(self, paper: Paper, document: Document) -> DraftResult:
        candidates = tuple(
            make_candidate(
                paper,
                self.name,
                text=one.text,
                kind=one.kind,
                topics=one.topics,
                quotes=one.quotes,
                scope=one.scope,
                question=one.question,
            )
            for one in extractive.draft_frames(document, self._topics, paper)
        )
        return DraftResult(candidates, self.name, sentences=len(document.sentences))


def make_candidate(
    paper: Paper,
    drafter: str,
    *,
    text: str,
    kind: Kind,
    topics: tuple[str, ...],
    quotes: tuple[Quote, ...],
    scope: str,
    question: str | None,
) -> Candidate:
    """A candidate whose id is a hash of what it was drafted from, so that drafting again adds nothing.

    It comes with the keyless check's word on whether its quotes carry it.
    """
    origin = "\x1f".join([paper.versioned_id, drafter, kind, text, *(quote.text for quote in quotes)])
    candidate_id = hashlib.sha256(origin.encode()).hexdigest()[:12]
    support = (lexical_support(text, quotes, scope),)
    return Candidate(
        candidate_id, paper.id, paper.version, text, kind, topics, quotes, scope, question, drafter, support
    )


def _opening(words: str) -> str:
    """Some models copy the whole sentence; its first words are enough to know it by, and are cut at none's middle."""
    return " ".join(single_line(words[:LONGEST_OPENING]).split()[:OPENING_WORDS])


def _fault(drafted: _Candidate) -> str | None:
    text = single_line(drafted.text)
    if not text:
        return "it has no text"
    if len(text) > LONGEST_TEXT:
        return f"its text is longer than {LONGEST_TEXT} characters"
    if len(_SENTENCE_END.findall(text)) >= MOST_SENTENCES:
        return f"its text is longer than {MOST_SENTENCES} sentences"
    if not drafted.evidence:
        return "it points at no sentence"
    return None


def _once(quotes: Iterable[Quote]) -> list[Quote]:
    """Each passage once, those that hold first."""
    return sorted(dict.fromkeys(quotes), key=lambda quote: not quote.holds)
