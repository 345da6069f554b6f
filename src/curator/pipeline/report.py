"""The request for one ingest, its progress, and its report."""

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
    """The request for one ingest. By default: every topic, from where its last ingest left off."""

    topics: tuple[str, ...] = ()
    since: datetime | None = None  # UTC
    until: datetime | None = None
    limit: int | None = None  # papers to read
    ids: tuple[str, ...] = ()  # these papers, whatever their topic or date, unscreened
    sources: tuple[str, ...] = ()  # keys of sources in the warehouse that a person added with a PDF
    keyless: bool = False  # even where a model is configured
    batch: bool = False  # draft by the provider's Batch API; a later run collects the answers
    collect: bool = False  # only fetch the answers of batches


@dataclass(frozen=True)
class PaperResult:
    """The outcome of one paper."""

    paper: Paper
    candidates: int = 0
    failed_at: str | None = None  # the step that failed: download, read or draft
    problem: str | None = None
    will_retry: bool = False  # a later run tries the paper again
    ends_run: CuratorError | None = None  # the reason why the whole run has to end
    in_batch: bool = False  # the model answers in a batch; a later run collects the answer
    unchecked: str | None = None  # why no model checked the candidates' support; not a failure


@dataclass(frozen=True)
class TopicResult:
    """The outcome of one topic."""

    topic: str
    state: runs.TopicState
    announced: int = 0
    new: int = 0
    problems: tuple[str, ...] = ()


@dataclass
class IngestReport:
    """The results of one run. `ReportView` prepares them for people."""

    run: str
    drafter: str
    topics: list[TopicResult] = field(default_factory=list)
    found: set[str] = field(default_factory=set)  # papers that a topic found for the first time
    on_topic: set[str] = field(default_factory=set)  # papers that were screened and suit a topic
    off_topic: set[str] = field(default_factory=set)  # papers that were screened and do not suit a topic
    requested: set[str] | None = None  # versioned ids of a run over named papers; None in a run over topics
    selected: list[Paper] | None = None  # papers to read and draft, before `limit`; None until they are selected
    results: list[PaperResult] = field(default_factory=list)
    screening_failures: list[str] = field(default_factory=list)
    unchecked: list[str] = field(default_factory=list)  # papers whose drafts no model checked, and why
    provisional: int = 0  # candidates drafted without the model, which did not answer
    in_batch: list[Paper] = field(default_factory=list)  # papers that the model drafts from in a batch
    answers: int = 0  # answers of earlier runs' batches
    batches: int = 0  # batches of earlier runs that are not answered yet
    batch_problems: list[str] = field(default_factory=list)
    left_over: int = 0  # papers that `limit` leaves for a later run, unscreened ones included
    stopped: CuratorError | None = None

    def add_result(self, result: PaperResult) -> None:
        """Add the outcome of one paper."""
        if result.ends_run:
            self.stopped = self.stopped or result.ends_run
        elif result.in_batch:
            self.in_batch.append(result.paper)
        else:
            self.results.append(result)
            self.add_unchecked(result.paper, result.unchecked)

    def add_unchecked(self, paper: Paper, problem: str | None) -> None:
        """Add the reason why no model checked a paper's drafts; None adds nothing."""
        if problem:
            self.unchecked.append(f"{paper.versioned_id}: {problem}")

    @property
    def candidates(self) -> int:
        """The number of new candidates."""
        return sum(result.candidates for result in self.results)

    @property
    def failures(self) -> list[PaperResult]:
        """The papers that failed."""
        return [result for result in self.results if result.failed_at]

    @property
    def outcome(self) -> runs.RunOutcome:
        """The outcome of the run as the warehouse records it."""
        states = {topic.state for topic in self.topics}
        if isinstance(self.stopped, BudgetReached):
            return "done with failures"
        if self.stopped or (states and states <= {"failed", "not asked"}):
            return "failed"
        if (
            {"failed", "incomplete"} & states
            or self.screening_failures
            or self.batch_problems
            or any(result.will_retry for result in self.failures)
        ):
            return "done with failures"
        return "done"


class RunReport(Protocol):
    """The part of a report that the record of every run needs."""

    run: str
    stopped: CuratorError | None

    @property
    def outcome(self) -> runs.RunOutcome:
        """The outcome of the run as the warehouse records it."""
        ...


class Progress(Protocol):
    """Receives the progress of a run: a bar, a log, or nothing."""

    def started(self, run: str) -> None:
        """Receive the id of the run that starts."""

    def begin(self, stage: str, total: int | None) -> None:
        """Begin a stage with `total` items; None if the number is unknown."""

    def advance(self, stage: str, done: int = 1, total: int | None = None) -> None:
        """Advance a stage by `done` items, and correct its total if one is given."""

    def note(self, text: str) -> None:
        """Receive a remark for people. It may contain strangers' text."""

    def ended(self, outcome: str, message: str | None) -> None:
        """Receive the outcome of the run, and the reason if it did not succeed."""


class SilentProgress:
    """Discards the progress of a run."""

    def started(self, run: str) -> None:
        """Discard it."""

    def begin(self, stage: str, total: int | None) -> None:
        """Discard it."""

    def advance(self, stage: str, done: int = 1, total: int | None = None) -> None:
        """Discard it."""

    def note(self, text: str) -> None:
        """Discard it."""

    def ended(self, outcome: str, message: str | None) -> None:
        """Discard it."""


PaperTask = Callable[[Paper], PaperResult]
"""The work on one paper, from its PDF to the queue."""

Executor = Callable[[PaperTask, Sequence[Paper]], Iterable[PaperResult]]
"""Applies a task to each paper, in parallel or not; yields the results in any order, each as soon as it is known."""
