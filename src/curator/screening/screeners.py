"""Screen papers by title and abstract, before any PDF is downloaded: is a paper about the topic?

A language model screens papers in batches; its verdicts are matched by arXiv id, never by position. Without a model the
topic's own words decide.
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

MAX_ABSTRACT = 3000
"""Characters of an abstract that the model reads; arXiv's own limit is 1,920."""
MAX_REASON = 300
"""Characters of a verdict's reason that are kept; our own choice."""


@dataclass(frozen=True)
class ScreeningResult:
    """The screenings of one batch of papers."""

    screenings: tuple[Screening, ...]
    unanswered: tuple[Paper, ...] = ()  # papers without a verdict from the model; a later run screens them again


class Screener(Protocol):
    """Decides which papers are about a topic."""

    def screen(self, topic: Topic, papers: Sequence[Paper]) -> ScreeningResult:
        """Screen a batch of papers for a topic. Raises ModelError."""
        ...


class _Verdict(BaseModel):
    model_config = ConfigDict(extra="forbid")

    id: str
    score: float
    reason: str


class ScreeningVerdicts(BaseModel):
    """The schema of the model's answer for one batch."""

    model_config = ConfigDict(extra="forbid")

    papers: list[_Verdict]


class ModelScreener:
    """Screens a batch of papers with one call of a language model."""

    def __init__(self, model: LanguageModel, prompt: Prompt, threshold: float) -> None:
        self._model = model
        self._prompt = prompt
        self._threshold = threshold
        self.name = f"{prompt.name}.md {prompt.sha256[:8]} with {model.name}"

    def screen(self, topic: Topic, papers: Sequence[Paper]) -> ScreeningResult:
        """Screen a batch of papers for a topic. Raises ModelError."""
        messages = self._prompt.fill(
            topic=topic.name,
            about=topic.about,
            not_about=topic.not_about or "nothing in particular",
            papers="\n\n".join(_described(paper) for paper in papers),
            count=str(len(papers)),
        )
        requested = {paper.id for paper in papers}

        def require_known_ids(reply: ScreeningVerdicts) -> None:
            if requested.isdisjoint(_paper_id(verdict) for verdict in reply.papers):
                raise ModelReplyUnusable("The answer does not mention any of the requested papers.", "wrong-ids")

        answer = self._model.ask(self._prompt, messages, ScreeningVerdicts, purpose="screen", check=require_known_ids)
        verdicts = {_paper_id(verdict): verdict for verdict in reversed(answer.reply.papers)}
        answered = [paper for paper in papers if paper.id in verdicts]
        return ScreeningResult(
            tuple(self._screening(topic, paper, verdicts[paper.id], answer.call) for paper in answered),
            tuple(paper for paper in papers if paper.id not in verdicts),
        )

    def _screening(self, topic: Topic, paper: Paper, verdict: _Verdict, call: str) -> Screening:
        score = min(max(0.0, verdict.score / 10), 1.0)  # in this order NaN becomes 0
        reason = single_line(verdict.reason)[:MAX_REASON]
        return Screening(paper.id, topic.name, score, score >= self._threshold, reason, self.name, call)


class LexicalScreener:
    """Screens papers without a model, by the topic's words in title and abstract."""

    def __init__(self, threshold: float) -> None:
        self._threshold = threshold
        self.name = lexical.SCREENER

    def screen(self, topic: Topic, papers: Sequence[Paper]) -> ScreeningResult:
        """Screen a batch of papers for a topic."""
        return ScreeningResult(tuple(self._screening(topic, paper) for paper in papers))

    def _screening(self, topic: Topic, paper: Paper) -> Screening:
        result = lexical.score(paper.title, paper.abstract, topic.name, topic.about, topic.not_about, topic.query)
        return Screening(paper.id, topic.name, result.score, result.score >= self._threshold, result.reason, self.name)


def _paper_id(verdict: _Verdict) -> str:
    """Return the id of a verdict's paper; some models add "arXiv:" or a version."""
    try:
        return parse_arxiv_id(verdict.id).id
    except ValueError:
        return verdict.id


def _described(paper: Paper) -> str:
    """Return a paper for the prompt; its title and abstract are on own lines and cannot imitate another paper's tag."""
    title, abstract = (single_line(text).replace("<", "‹").replace(">", "›") for text in (paper.title, paper.abstract))
    return f'<paper id="{paper.id}">\n{title}\n{abstract[:MAX_ABSTRACT]}\n</paper>'
