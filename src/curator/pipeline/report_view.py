"""The view of a run's report that the terminal, Markdown and messages share: counts, states and problems."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from functools import cached_property

from curator.pipeline.report import IngestReport, PaperResult

_TROUBLED_STATES = ("stalled", "failed", "incomplete", "not asked")
_BEFORE_DRAFTING = ("download", "read")


@dataclass(frozen=True)
class PaperCounts:
    """The results of one run, as counts of papers. Every field counts papers, each paper once.

    In a run over topics `found + earlier == on_topic + off_topic + unscreened`; in a run over requested papers
    `found` is their number, and all of them count as on topic. In both,
    `on_topic == drafted + failed + in_batch + left + finished`.
    """

    found: int
    earlier: int  # found by earlier runs, and screened or selected by this one
    on_topic: int
    off_topic: int
    unscreened: int
    read: int
    drafted: int
    failed: int
    in_batch: int  # read, and sent to the model in a batch
    left: int  # for a later run, by `limit` or because the run stopped
    finished: int  # drafted, or given up, in an earlier run


@dataclass(frozen=True)
class ReportView:
    """A report in words and counts. Strangers' text is not escaped here: the code that prints it escapes it."""

    report: IngestReport

    @cached_property
    def papers(self) -> PaperCounts:
        """Count the run's papers."""
        report, requested = self.report, self.report.requested
        failed = len(report.failures)
        drafted, in_batch = len(report.results) - failed, len(report.in_batch)
        unread = sum(result.failed_at in _BEFORE_DRAFTING for result in report.failures)
        if requested is None:
            selected = {paper.id for paper in report.selected or ()}
            on_topic, found = report.on_topic | selected, report.found
        else:
            selected = {paper.versioned_id for paper in report.selected or ()}
            on_topic = found = requested | selected
        off_topic = report.off_topic - on_topic
        attempted = drafted + failed + in_batch
        to_draft = on_topic if report.selected is None else selected
        return PaperCounts(
            found=len(found),
            earlier=len((on_topic | off_topic) - found),
            on_topic=len(on_topic),
            off_topic=len(off_topic),
            unscreened=len(found - on_topic - off_topic),
            read=drafted + failed - unread + in_batch,
            drafted=drafted,
            failed=failed,
            in_batch=in_batch,
            left=len(to_draft) - attempted,
            finished=len(on_topic) - len(to_draft),
        )

    @property
    def paper_line(self) -> str:
        """All counts in one line, such as "14 papers found, 12 on topic, 12 read, 11 drafted, 1 failed (2 off topic)".

        The numbers in parentheses account for all papers that were neither drafted nor failed.
        """
        papers = self.papers
        requested = self.report.requested is not None
        line = f"{_count(papers.found, 'paper')} {'requested' if requested else 'found'}"
        if papers.earlier:
            line += f" and {papers.earlier} from earlier runs"
        if not requested:
            line += f", {papers.on_topic} on topic"
        line += f", {papers.read} read, {papers.drafted} drafted, {papers.failed} failed"
        others = [
            (papers.off_topic, "off topic"),
            (papers.unscreened, "not screened yet"),
            (papers.in_batch, "waiting for a batch"),
            (papers.left, "left for a later run"),
            (papers.finished, "finished in an earlier run"),
        ]
        explained = ", ".join(f"{number} {words}" for number, words in others if number)
        return f"{line} ({explained})" if explained else line

    @property
    def candidate_count(self) -> str:
        """The number of new candidates in words, such as "1 new candidate"."""
        return _count(self.report.candidates, "new candidate")

    @property
    def stalled_topics(self) -> list[str]:
        """The names of the topics whose empty answer from arXiv is doubtful."""
        return [topic.topic for topic in self.report.topics if topic.state == "stalled"]

    @property
    def has_trouble(self) -> bool:
        """True if the list's owner should be notified of this run even if it found nothing."""
        return self.report.outcome != "done" or bool(self.stalled_topics)

    @property
    def headline(self) -> str:
        """The title of a message about the run."""
        trouble = f", {'stalled' if self.stalled_topics else self.report.outcome}" if self.has_trouble else ""
        return f"{self.candidate_count}{trouble}"

    @property
    def topic_lines(self) -> list[str]:
        """One line for each topic: its state and, if arXiv answered, the papers that it announced or returned."""
        verb = "announced" if self.report.requested is None else "returned by arXiv"
        return [
            f"{topic.topic}: {topic.state}"
            + ("" if topic.state in ("failed", "not asked") else f", {topic.announced} {verb}, {topic.new} new")
            for topic in self.report.topics
        ]

    @property
    def topic_troubles(self) -> list[str]:
        """One line for each topic without a complete answer, with the reasons."""
        return [
            f"{topic.topic}: {topic.state}. {' '.join(topic.problems)}"
            for topic in self.report.topics
            if topic.state in _TROUBLED_STATES
        ]

    @property
    def topic_problems(self) -> list[str]:
        """Each problem of each topic."""
        return [problem for topic in self.report.topics for problem in topic.problems]

    @property
    def run_problems(self) -> list[str]:
        """The problems of no single topic or paper: failed screening calls, and batches."""
        return [*self.report.screening_failures, *self.report.batch_problems]

    @property
    def paper_failures(self) -> list[str]:
        """One line for each failed paper, with the step and the reason."""
        return [
            f"{result.paper.versioned_id} ({result.failed_at}): {result.problem}" for result in self.report.failures
        ]

    def failures_with_outlook(self) -> Iterator[str]:
        """Yield one line for each failed paper, with the step, the reason, and whether a later run tries it again."""
        for result in self.report.failures:
            yield f"{result.paper.versioned_id} ({result.failed_at}, {_outlook(result)}): {result.problem}"


def _outlook(result: PaperResult) -> str:
    return "will be tried again" if result.will_retry else "will not be tried again"


def _count(number: int, noun: str) -> str:
    return f"{number} {noun}{'' if number == 1 else 's'}"
