"""The scheduled ingest: `pipeline.ingest`, with each paper as a Prefect task of its own."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from datetime import UTC, date, datetime
from pathlib import Path
from typing import Any

from prefect import flow, task, unmapped
from prefect.artifacts import create_markdown_artifact
from prefect.cache_policies import NO_CACHE
from prefect.futures import PrefectFuture, as_completed
from prefect.task_runners import TaskRunner, ThreadPoolTaskRunner

from curator.errors import CuratorError
from curator.pipeline import IngestReport, IngestRequest, PaperResult, PaperTask, has_run_since
from curator.pipeline import ingest as run_pipeline
from curator.pipeline.report_text import render_run, run_message
from curator.private_files import private_umask
from curator.types import Paper
from curator.workspace import Workspace, find_workspace
from flows.catch_up import is_made_up
from flows.notify import tell, told_of_failure
from flows.progress import FlowLog

WIDTH = 32  # papers at once: twice the calls at once, since some download and read while others wait


@task(task_run_name="{paper.versioned_id}", cache_policy=NO_CACHE, persist_result=False)
def read_and_draft(work: PaperTask, paper: Paper) -> PaperResult:
    """One paper from its PDF to the queue. Its failures are rows in the warehouse, so nothing is retried here."""
    return work(paper)


def as_tasks(work: PaperTask, papers: Sequence[Paper]) -> Iterator[PaperResult]:
    """How a schedule spreads work over papers."""
    for future in as_completed(read_and_draft.map(unmapped(work), list(papers))):
        yield future.result()


RUNNER: TaskRunner[PrefectFuture[Any]] = ThreadPoolTaskRunner(max_workers=WIDTH)  # type: ignore[assignment]


@flow(name="ingest", task_runner=RUNNER, persist_result=False)
def ingest(
    workspace: str | None = None,
    topics: list[str] | None = None,
    since: date | None = None,
    limit: int | None = None,
    batch: bool = False,
) -> str:
    """Ask arXiv for what is new, read it, draft and queue. Returns the run's id; a run that was missed is made up.

    `batch` leaves the drafting to the provider's Batch API. Of runs that come late and in a row, after a machine was
    off, the first makes up for all; the others return "".
    """
    place = Workspace(Path(workspace)) if workspace else find_workspace()
    if since is None and topics is None and is_made_up(lambda due: has_run_since(place, due)):
        return ""
    start = datetime(since.year, since.month, since.day, tzinfo=UTC) if since else None
    request = IngestRequest(tuple(topics or ()), start, limit=limit, batch=batch)
    return run_and_tell(place, request)


def run_and_tell(place: Workspace, request: IngestRequest) -> str:
    """One run, with an artifact and a message of what it did; returns its id. Raises CuratorError where it failed."""
    with told_of_failure(place, "ingest"):
        report = run_pipeline(place, request, map_papers=as_tasks, progress=FlowLog())
    _leave_artifact(report)
    tell(place, run_message(report))
    if report.outcome == "failed":
        raise CuratorError(str(report.stopped or "arXiv could not be asked for any topic; the artifact says why."))
    return report.run


def _leave_artifact(report: IngestReport) -> None:
    create_markdown_artifact(key="ingest", markdown=render_run(report), description=f"Run {report.run}")


if __name__ == "__main__":
    with private_umask():
        ingest()
