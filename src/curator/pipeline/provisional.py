"""Keyless drafts for a day on which the model does not answer, where the settings allow them.

Candidates are queued and nothing else is put on record: their papers are still to be screened and drafted by the
model, as soon as it is back.
"""

from __future__ import annotations

from collections.abc import Sequence

from curator.discover.screen import LexicalScreener
from curator.draft.drafters import Drafted, ExtractiveDrafter
from curator.errors import BudgetReached, ModelRefused
from curator.pipeline.context import Run
from curator.pipeline.outcome import Each
from curator.pipeline.paper_work import PaperWork
from curator.read.worker import Reader
from curator.records import Paper
from curator.settings import Topic
from curator.warehouse import drafts, papers
from curator.warehouse.store import now


class ProvisionalWork(PaperWork):
    """Queues what the keyless drafter finds, and leaves the paper undrafted."""

    def _queue(self, paper: Paper, drafted: Drafted) -> int:
        return self._run.warehouse.write(lambda c: len(drafts.add_candidates(c, drafted.candidates, run=self._run.id)))


def is_wanted(run: Run) -> bool:
    """Whether the model is out of reach, and the settings want drafts all the same."""
    stopped = run.report.stopped
    return (
        run.settings.draft.keyless_when_down
        and isinstance(stopped, ModelRefused)
        and not isinstance(stopped, BudgetReached)
    )


def offer(run: Run, reader: Reader, topics: Sequence[Topic], each: Each) -> None:
    """Draft, without a model, from what waits for one."""
    wanted = _wanted(run, topics)[: run.request.limit]
    if not wanted:
        return
    stage = "drafting without the model"
    run.progress.begin(stage, len(wanted))
    for result in each(ProvisionalWork(run, reader, ExtractiveDrafter(run.settings.topics), None), wanted):
        run.report.provisional += result.candidates
        run.progress.advance(stage)


def _wanted(run: Run, topics: Sequence[Topic]) -> list[Paper]:
    """Papers that the model found relevant, and those that it has not seen whose words say so."""
    names, attempts = [topic.name for topic in topics], run.settings.draft.attempts
    found = {one.id: one for one in run.warehouse.read(lambda c: papers.to_draft(c, names, now(), attempts))}
    screener = LexicalScreener(run.settings.discover.screen_threshold)
    for topic in topics:
        waiting = run.warehouse.read(lambda c, name=topic.name: papers.to_screen(c, name, attempts))  # type: ignore[misc]
        relevant = {one.paper_id for one in screener.screen(topic, waiting).screenings if one.relevant}
        found |= {one.id: one for one in waiting if one.id in relevant}
    return list(found.values())
