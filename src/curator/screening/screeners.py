"""Screening on title and abstract, before any PDF is fetched: is this paper about the topic?

With a model in batches, its answers matched by arXiv id and never by position; without one by the topic's own words.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Protocol

from pydantic import BaseModel, ConfigDict

from curator.arxiv_ids import parse_arxiv_id
from curator.errors import ModelReplyUnusable
from curator.llm import LanguageModel
from curator.llm.prompts import Prompt
from curator.sanitize import single_line
from curator.screening import lexical
from curator.settings import Topic
from curator.types import Paper
from curator.warehouse.papers import Screening

LONGEST_ABSTRACT = 3000  # characters; arXiv's own limit is 1920
LONGEST_REASON = 300


@dataclass(frozen=True)
class ScreeningResult:
    screenings: tuple[Screening, ...]
    unanswered: tuple[Paper, ...] = ()  # the model left them out; they are asked about again on a later run


class Screener(Protocol):
    def screen(self, topic: Topic, papers: Sequence[Paper]) -> ScreeningResult:
        """Raises ModelError."""
        ...


class _Verdict(BaseModel):
    model_config = ConfigDict(extra="forbid")

    id: str
    score: float
    reason: str


class ScreeningVerdicts(BaseModel):
    """The model's answer for one batch."""

    model_config = ConfigDict(extra="forbid")

    papers: list[_Verdict]


class ModelScreener:
    """Asks a language model about a batch of abstracts in one call."""

    def __init__(self, model: LanguageModel, prompt: Prompt, threshold: float) -> None:
        self._model = model
        self._prompt = prompt
        self._threshold = threshold
        self.name = f"{prompt.name}.md {prompt.sha256[:8]} with {model.name}"

    def screen(self, topic: Topic, papers: Sequence[Paper]) -> ScreeningResult:
        messages = self._prompt.fill(
            topic=topic.name,
            about=topic.about,
            not_about=topic.not_about or "nothing in particular",
            papers="\n\n".join(_described(paper) for paper in papers),
            count=str(len(papers)),
        )
        asked = {paper.id for paper in papers}

        def names_some(reply: ScreeningVerdicts) -> None:
            if asked.isdisjoint(_paper_id(verdict) for verdict in reply.papers):
                raise ModelReplyUnusable("The answer names none of the papers that were asked about.", "wrong-ids")

        answer = self._model.ask(self._prompt, messages, ScreeningVerdicts, purpose="screen", check=names_some)
        verdicts = {_paper_id(verdict): verdict for verdict in reversed(answer.reply.papers)}
        answered = [paper for paper in papers if paper.id in verdicts]
        return ScreeningResult(
            tuple(self._screening(topic, paper, verdicts[paper.id], answer.call) for paper in answered),
            tuple(paper for paper in papers if paper.id not in verdicts),
        )

    def _screening(self, topic: Topic, paper: Paper, verdict: _Verdict, call: str) -> Screening:
        score = min(max(0.0, verdict.score / 10), 1.0)  # in this order NaN becomes 0
        reason = single_line(verdict.reason)[:LONGEST_REASON]
        return Screening(paper.id, topic.name, score, score >= self._threshold, reason, self.name, call)


class LexicalScreener:
    """Keyless: scores title and abstract against the topic's words."""

    def __init__(self, threshold: float) -> None:
        self._threshold = threshold
        self.name = lexical.SCREENER

    def screen(self, topic: Topic, papers: Sequence[Paper]) -> ScreeningResult:
        return ScreeningResult(tuple(self._screening(topic, paper) for paper in papers))

    def _screening(self, topic: Topic, paper: Paper) -> Screening:
        found = lexical.score(paper.title, paper.abstract, topic.name, topic.about, topic.not_about, topic.query)
        return Screening(paper.id, topic.name, found.score, found.score >= self._threshold, found.reason, self.name)


def _paper_id(verdict: _Verdict) -> str:
    """The paper that a verdict names; some models add "arXiv:" or a version."""
    try:
        return parse_arxiv_id(verdict.id).id
    except ValueError:
        return verdict.id


def _described(paper: Paper) -> str:
    """Title and abstract on lines of their own, where they cannot pose as another paper's id."""
    title, abstract = (single_line(text).replace("<", "‹").replace(">", "›") for text in (paper.title, paper.abstract))
    return f'<paper id="{paper.id}">\n{title}\n{abstract[:LONGEST_ABSTRACT]}\n</paper>'
