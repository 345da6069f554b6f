"""Keyless drafts for a day on which the model does not answer, where the settings allow them.

Candidates are queued and nothing else is put on record: their papers are still to be screened and drafted by the
model, as soon as it is back.
"""

from __future__ import annotations

from collections.abc import Sequence

from curator.drafting.drafters import DraftResult, ExtractiveDrafter
from curator.errors import BudgetReached, ModelRefused
from curator.pdf.reader import Reader
from curator.pipeline.process_paper import PaperWork
from curator.pipeline.report import Executor
from curator.pipeline.run_context import Run
from curator.screening.screeners import LexicalScreener
from curator.settings import Topic
from curator.types import Paper
from curator.warehouse import candidates, work_queue
from curator.warehouse.rows import utc_now


class ProvisionalWork(PaperWork):
    """Queues what the keyless drafter finds, and leaves the paper undrafted."""

    def _queue(self, paper: Paper, drafted: DraftResult) -> int:
        return self._run.warehouse.write(
            lambda c: len(candidates.add_candidates(c, drafted.candidates, run=self._run.id))
        )


def is_wanted(run: Run) -> bool:
    """Whether the model is out of reach, and the settings want drafts all the same."""
    stopped = run.report.stopped
    return (
        run.settings.draft.keyless_when_down
        and isinstance(stopped, ModelRefused)
        and not isinstance(stopped, BudgetReached)
    )


def offer(run: Run, reader: Reader, topics: Sequence[Topic], each: Executor) -> None:
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
    found = {one.id: one for one in run.warehouse.read(work_queue.list_to_draft, names, utc_now(), attempts)}
    screener = LexicalScreener(run.settings.discover.screen_threshold)
    for topic in topics:
        waiting = run.warehouse.read(work_queue.list_to_screen, topic.name, attempts)
        relevant = {one.paper_id for one in screener.screen(topic, waiting).screenings if one.relevant}
        found |= {one.id: one for one in waiting if one.id in relevant}
    return list(found.values())
