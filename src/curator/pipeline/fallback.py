"""Keyless drafts for a day on which the model does not answer (`draft.keyless_when_down`).

Only the candidates are recorded: once the model answers again, it screens the papers and drafts from them.
"""

from __future__ import annotations

from collections.abc import Sequence

from curator.drafting.base import DraftResult
from curator.drafting.extractive import ExtractiveDrafter
from curator.errors import BudgetReached, ModelRefused
from curator.pdf.reader import Reader
from curator.pipeline.process_paper import PaperProcessor
from curator.pipeline.report import Executor
from curator.pipeline.run_context import Run
from curator.screening.screeners import LexicalScreener
from curator.settings import Topic
from curator.types import Paper
from curator.warehouse import candidates, work_queue
from curator.warehouse.rows import utc_now


class FallbackProcessor(PaperProcessor):
    """Queues the keyless drafter's candidates without marking the paper as drafted."""

    def _queue(self, paper: Paper, drafted: DraftResult) -> int:
        return self._run.warehouse.write(
            lambda c: len(candidates.add_candidates(c, drafted.candidates, run=self._run.id))
        )


def is_fallback_wanted(run: Run) -> bool:
    """Return True if the model cannot be reached and the settings ask for keyless drafts in that case."""
    stopped = run.report.stopped
    return (
        run.settings.draft.keyless_when_down
        and isinstance(stopped, ModelRefused)
        and not isinstance(stopped, BudgetReached)
    )


def draft_without_model(run: Run, reader: Reader, topics: Sequence[Topic], map_papers: Executor) -> None:
    """Draft without a model from the papers that wait for one."""
    waiting = _select_waiting(run, topics)[: run.request.limit]
    if not waiting:
        return
    stage = "drafting without the model"
    run.progress.begin(stage, len(waiting))
    task = FallbackProcessor(run, reader, ExtractiveDrafter(run.settings.topics), None)
    for result in map_papers(task, waiting):
        run.report.provisional += result.candidates
        run.progress.advance(stage)


def _select_waiting(run: Run, topics: Sequence[Topic]) -> list[Paper]:
    """Return papers that the model found relevant, and unscreened ones that the lexical screener finds relevant."""
    names, attempts = [topic.name for topic in topics], run.settings.draft.attempts
    selected = {paper.id: paper for paper in run.warehouse.read(work_queue.list_to_draft, names, utc_now(), attempts)}
    screener = LexicalScreener(run.settings.discover.screen_threshold)
    for topic in topics:
        waiting = run.warehouse.read(work_queue.list_to_screen, topic.name, attempts)
        screenings = screener.screen(topic, waiting).screenings
        relevant = {screening.paper_id for screening in screenings if screening.relevant}
        selected |= {paper.id: paper for paper in waiting if paper.id in relevant}
    return list(selected.values())
