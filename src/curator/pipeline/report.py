"""What an ingest is asked to do, what it tells meanwhile, and what it says afterwards."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Protocol

from curator.errors import BudgetReached, CuratorError
from curator.types import Paper
from curator.warehouse import runs


@dataclass(frozen=True)
class IngestRequest:
    """What one ingest is to do. Without anything: every topic, from where it was left off."""

    topics: tuple[str, ...] = ()
    since: datetime | None = None  # UTC
    until: datetime | None = None
    limit: int | None = None  # papers to read
    ids: tuple[str, ...] = ()  # these papers, whatever their topic or date, unscreened
    sources: tuple[str, ...] = ()  # these of the warehouse's sources, which a person put there with their PDF
    keyless: bool = False  # even where a model is configured
    batch: bool = False  # drafts are left to the provider's Batch API, for a later run to collect
    collect: bool = False  # only what batches have answered


@dataclass(frozen=True)
class PaperResult:
    """What became of one paper."""

    paper: Paper
    candidates: int = 0
    failed_at: str | None = None  # the step
    problem: str | None = None
    again: bool = False  # a later run will try it again
    stops: CuratorError | None = None  # the whole run has to end
    later: bool = False  # the model's answer is to come, in a batch
    unchecked: str | None = None  # why a model's word on its candidates' support is missing; fails nothing


@dataclass(frozen=True)
class TopicResult:
    topic: str
    state: runs.TopicState
    announced: int = 0
    new: int = 0
    problems: tuple[str, ...] = ()


@dataclass
class IngestReport:
    """What one run did, as it is told to a person."""

    run: str
    drafter: str
    topics: list[TopicResult] = field(default_factory=list)
    screened_in: int = 0
    screened_out: int = 0
    results: list[PaperResult] = field(default_factory=list)
    screening_failures: list[str] = field(default_factory=list)
    unchecked: list[str] = field(default_factory=list)  # papers whose drafts a model did not check, and why
    provisional: int = 0  # candidates that were drafted without the model, which did not answer
    later: list[Paper] = field(default_factory=list)  # whose drafts are to come, in a batch
    answers: int = 0  # that batches of earlier runs have brought
    batches: int = 0  # of earlier runs, whose answers are still to come
    batch_problems: list[str] = field(default_factory=list)
    left_over: int = 0  # papers that `limit` left for a later run, unscreened ones among them
    stopped: CuratorError | None = None

    def take(self, result: PaperResult) -> None:
        """Take in what became of one paper."""
        if result.stops:
            self.stopped = self.stopped or result.stops
        elif result.later:
            self.later.append(result.paper)
        else:
            self.results.append(result)
            self.note_unchecked(result.paper, result.unchecked)

    def note_unchecked(self, paper: Paper, problem: str | None) -> None:
        if problem:
            self.unchecked.append(f"{paper.versioned_id}: {problem}")

    @property
    def candidates(self) -> int:
        return sum(result.candidates for result in self.results)

    @property
    def failures(self) -> list[PaperResult]:
        return [result for result in self.results if result.failed_at]

    @property
    def outcome(self) -> runs.RunOutcome:
        asked = [topic.state for topic in self.topics]
        if isinstance(self.stopped, BudgetReached):
            return "done with failures"
        if self.stopped or (asked and set(asked) <= {"failed", "not asked"}):
            return "failed"
        if (
            {"failed", "incomplete"} & set(asked)
            or self.screening_failures
            or self.batch_problems
            or any(result.again for result in self.failures)
        ):
            return "done with failures"
        return "done"


class RunReport(Protocol):
    """What the record of every run needs of its report."""

    run: str
    stopped: CuratorError | None

    @property
    def outcome(self) -> runs.RunOutcome: ...


class Progress(Protocol):
    """Told of how far a run is; draws it, or does not."""

    def started(self, run: str) -> None: ...
    def begin(self, stage: str, total: int | None) -> None: ...
    def advance(self, stage: str, done: int = 1, total: int | None = None) -> None: ...
    def note(self, text: str) -> None: ...
    def ended(self, outcome: str, message: str | None) -> None: ...


class SilentProgress:
    """Draws nothing."""

    def started(self, run: str) -> None: ...
    def begin(self, stage: str, total: int | None) -> None: ...
    def advance(self, stage: str, done: int = 1, total: int | None = None) -> None: ...
    def note(self, text: str) -> None: ...
    def ended(self, outcome: str, message: str | None) -> None: ...


PaperTask = Callable[[Paper], PaperResult]
Executor = Callable[[PaperTask, Sequence[Paper]], Iterable[PaperResult]]
"""How work is spread over papers: yields each result as it is there, in any order."""
