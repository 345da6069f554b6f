"""The scheduled ingest: `pipeline.ingest`, with a Prefect task for each paper."""

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
from flows.catch_up import is_caught_up
from flows.notify import notify, notify_on_failure
from flows.progress import FlowLog

MAX_PAPERS_AT_ONCE = 32
"""Twice the number of concurrent model calls: some papers are downloaded and read while others wait for the model."""


@task(task_run_name="{paper.versioned_id}", cache_policy=NO_CACHE, persist_result=False)
def read_and_draft(work: PaperTask, paper: Paper) -> PaperResult:
    """Process one paper. The warehouse records failures for later runs, so Prefect does not retry the task."""
    return work(paper)


def map_as_tasks(work: PaperTask, papers: Sequence[Paper]) -> Iterator[PaperResult]:
    """Process each paper in a Prefect task, and yield the results as they arrive."""
    for future in as_completed(read_and_draft.map(unmapped(work), list(papers))):
        yield future.result()


RUNNER: TaskRunner[PrefectFuture[Any]] = ThreadPoolTaskRunner(max_workers=MAX_PAPERS_AT_ONCE)  # type: ignore[assignment]


@flow(name="ingest", task_runner=RUNNER, persist_result=False)
def ingest(
    workspace: str | None = None,
    topics: list[str] | None = None,
    since: date | None = None,
    limit: int | None = None,
    batch: bool = False,
) -> str:
    """Fetch new papers from arXiv, draft frames and queue them, catching up on missed runs.

    Args:
        workspace: The folder of the workspace; by default the current one.
        topics: The names of the topics to search; by default all.
        since: Search from this submission date, instead of where the last run ended.
        limit: Read at most this number of papers.
        batch: Draft through the provider's Batch API.

    Returns:
        The id of the run; "" if this run is late and a later run has already done its work.
    """
    target = Workspace(Path(workspace)) if workspace else find_workspace()
    if since is None and topics is None and is_caught_up(lambda due: has_run_since(target, due)):
        return ""
    start = datetime(since.year, since.month, since.day, tzinfo=UTC) if since else None
    request = IngestRequest(tuple(topics or ()), start, limit=limit, batch=batch)
    return run_and_notify(target, request)


def run_and_notify(target: Workspace, request: IngestRequest) -> str:
    """Run an ingest, publish its report as an artifact and send a message; return the id of the run.

    Raises:
        CuratorError: The run failed.
    """
    with notify_on_failure(target, "ingest"):
        report = run_pipeline(target, request, map_papers=map_as_tasks, progress=FlowLog())
    _leave_artifact(report)
    notify(target, run_message(report))
    if report.outcome == "failed":
        raise CuratorError(str(report.stopped or "No topic could be searched; the run's artifact gives the reasons."))
    return report.run


def _leave_artifact(report: IngestReport) -> None:
    create_markdown_artifact(key="ingest", markdown=render_run(report), description=f"Run {report.run}")


if __name__ == "__main__":
    with private_umask():
        ingest()
