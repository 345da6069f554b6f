"""Draft with a language model, which reads the numbered sentences of a paper and points at its evidence.

The quotes are copied from the paper by Curator, never written by the model; see `curator.drafting.sentence_pointers`.
"""

from __future__ import annotations

import json
import re
from collections.abc import Iterable, Mapping, Sequence
from typing import Literal

from pydantic import BaseModel, ConfigDict

from curator.drafting.base import DraftResult, make_candidate
from curator.drafting.context_window import FittedText, fit_to_window
from curator.drafting.sentence_pointers import Pointer, number_sentences, resolve_pointer
from curator.errors import PromptTooLong, SettingsError
from curator.llm import LanguageModel, ModelAnswer
from curator.llm.prompts import Prompt, prompt_text
from curator.llm.usage import CHARACTERS_PER_TOKEN
from curator.sanitize import single_line
from curator.settings import Topic
from curator.types import Candidate, Document, Paper, Quote, Sentence

MAX_CANDIDATES = 3
"""Candidates of one paper; the prompt asks for no more."""
MAX_QUOTES = 3
"""Quotes of one candidate."""
MAX_POINTERS = 50
"""Pointers of one candidate that are looked up. A frame rests on a few sentences."""
MAX_NOTES = 10
"""Notes that are recorded of one paper."""
MAX_OPENING_WORDS = 12
"""Words of a pointer's opening that are compared with the sentence. Some models copy the whole sentence."""
MAX_OPENING_CHARACTERS = 2000
"""Characters of a pointer's opening that are read. No sentence is longer."""
MAX_TEXT_CHARACTERS = 600
"""Characters of a candidate's text: two long sentences."""
MAX_TEXT_SENTENCES = 2
"""Sentences of a candidate's text."""
MAX_NOTE_CHARACTERS = 400
"""Characters of a candidate's scope, and of its open question."""

_NO_QUESTION = frozenset({"", "-", "n/a", "na", "null", "none"})
_SENTENCE_BREAK = re.compile(r"\w{4,}[.!?][\"”’)]*\s+(?=[\"“‘(]?[A-Z0-9])")
"""An end of a sentence before another one. The last word is longer than "al.", "vs." or an initial."""


# The names, docstrings and fields of these three models are in the JSON schema that is sent to the model, and so in
# the fingerprint of each paid call: a change of one letter makes Curator pay for every recorded answer again.
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
    """Asks a language model to read the numbered sentences and to point at those that support a frame.

    Attributes:
        name: The prompt's name and hash, and the model's name.
    """

    def __init__(self, model: LanguageModel, prompt: Prompt, topics: Sequence[Topic]) -> None:
        """Make a drafter.

        Args:
            model: The model to ask.
            prompt: With the variables `topics`, `title` and `sentences`.
            topics: The list's topics, which the model may assign.
        """
        self._model = model
        self._prompt = prompt
        self._topics = {topic.name.casefold(): topic.name for topic in topics}
        self._window = model.settings.context_tokens  # the endpoint may name a smaller one
        self._topic_list = "\n".join(f"- {topic.name}: {topic.about}" for topic in topics)
        self.name = f"{prompt.name}.md {prompt.sha256[:8]} with {model.name}"

    def draft(self, paper: Paper, document: Document) -> DraftResult:
        """Draft up to `MAX_CANDIDATES` candidates; see `Drafter.draft`.

        Args:
            paper: The paper's metadata.
            document: The paper's text.

        Returns:
            The candidates, and notes of what was left out.

        Raises:
            ModelError: The model could not be asked or gave no usable answer.
            SettingsError: The prompt and the answer leave no room for a paper in the model's context window.
        """
        fitted, answer = self._ask(paper, document)
        shown = {sentence.number: sentence for sentence in fitted.sentences}
        candidates: list[Candidate] = []
        notes = list(answer.notes)
        for number, drafted in enumerate(answer.reply.candidates, 1):
            fault = "over the number asked for" if number > MAX_CANDIDATES else _find_fault(drafted)
            if fault:
                notes.append(f"candidate {number} left out: {fault}")
                continue
            unread = len(drafted.evidence) - MAX_POINTERS
            if unread > 0:
                notes.append(
                    f"candidate {number}: {unread} pointers beyond the first {MAX_POINTERS} were not looked up"
                )
            candidates.append(self._make_candidate(paper, drafted, _resolve_quotes(drafted, shown, document)))
        return DraftResult(
            tuple(candidates),
            self.name,
            answer.call,
            len(fitted.sentences),
            fitted.dropped,
            tuple(notes[:MAX_NOTES]),
        )

    def _ask(self, paper: Paper, document: Document) -> tuple[FittedText, ModelAnswer[Drafts]]:
        """Ask about the text that fits the model's window; once more if the endpoint names a smaller window."""
        window = self._window
        try:
            return self._ask_within(window, paper, document)
        except PromptTooLong as error:
            if error.window is None or error.window >= window:
                raise
            self._window = min(self._window, error.window)
            return self._ask_within(error.window, paper, document)

    def _ask_within(self, window: int, paper: Paper, document: Document) -> tuple[FittedText, ModelAnswer[Drafts]]:
        fitted = self._fit(paper, document, window)
        messages = self._fill_prompt(paper, number_sentences(fitted.sentences))
        return fitted, self._model.ask(self._prompt, messages, Drafts, purpose="draft", paper=paper)

    def _fit(self, paper: Paper, document: Document, window: int) -> FittedText:
        """Cut the document down to the tokens of the window that prompt, schema and answer leave free."""
        messages = self._fill_prompt(paper, "")
        schema = json.dumps(Drafts.model_json_schema())  # some endpoints get it as part of the prompt
        prompt_bytes = sum(len(text.encode()) for text in (*(message["content"] for message in messages), schema))
        settings = self._model.settings
        budget = window - settings.answer_tokens - prompt_bytes // CHARACTERS_PER_TOKEN
        fitted = fit_to_window(document, budget)
        if not fitted.sentences and document.sentences:
            raise SettingsError(
                f"A context window of {window} tokens leaves no room for a paper besides the prompt and an answer of "
                f"{settings.answer_tokens} tokens. In curator.toml, raise draft.context_tokens (now "
                f"{settings.context_tokens}) if the model has a larger window, or lower draft.answer_tokens."
            )
        return fitted

    def _fill_prompt(self, paper: Paper, sentences: str) -> tuple[dict[str, str], dict[str, str]]:
        return self._prompt.fill(topics=self._topic_list, title=prompt_text(paper.title), sentences=sentences)

    def _make_candidate(self, paper: Paper, drafted: _Candidate, quotes: Sequence[Quote]) -> Candidate:
        topics = (self._topics.get(name.strip().casefold()) for name in drafted.topics)
        return make_candidate(
            paper,
            self.name,
            text=single_line(drafted.text),
            kind=drafted.kind,
            topics=tuple(dict.fromkeys(name for name in topics if name)),
            quotes=tuple(quotes),
            scope=single_line(drafted.scope)[:MAX_NOTE_CHARACTERS],
            question=_read_question(drafted.open_question),
        )


def _read_question(text: str | None) -> str | None:
    """Return an open question on one line; None if there is none, which some models say in words."""
    question = single_line(text or "")[:MAX_NOTE_CHARACTERS]
    return None if question.casefold().strip(".") in _NO_QUESTION else question


def _resolve_quotes(drafted: _Candidate, shown: Mapping[int, Sentence], document: Document) -> list[Quote]:
    """Resolve a candidate's pointers to distinct quotes, those that hold first."""
    pointers = dict.fromkeys(
        Pointer(evidence.sentence, _cut_opening(evidence.starts)) for evidence in drafted.evidence[:MAX_POINTERS]
    )
    return _sort_quotes(resolve_pointer(pointer, shown, document) for pointer in pointers)[:MAX_QUOTES]


def _cut_opening(words: str) -> str:
    """Return the first words of a pointer's opening, none of them cut in the middle."""
    return " ".join(single_line(words[:MAX_OPENING_CHARACTERS]).split()[:MAX_OPENING_WORDS])


def _find_fault(drafted: _Candidate) -> str | None:
    """Return the reason to leave a candidate out, or None."""
    text = single_line(drafted.text)
    if not text:
        return "it has no text"
    if len(text) > MAX_TEXT_CHARACTERS:
        return f"its text is longer than {MAX_TEXT_CHARACTERS} characters"
    if len(_SENTENCE_BREAK.findall(text)) >= MAX_TEXT_SENTENCES:
        return f"its text is longer than {MAX_TEXT_SENTENCES} sentences"
    if not drafted.evidence:
        return "it points at no sentence"
    return None


def _sort_quotes(quotes: Iterable[Quote]) -> list[Quote]:
    """Return each quote once, those that hold first."""
    return sorted(dict.fromkeys(quotes), key=lambda quote: not quote.holds)
