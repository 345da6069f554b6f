"""What all steps of one run share."""

from __future__ import annotations

from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from dataclasses import dataclass

from curator.arxiv.client import ArxivEndpoint, ArxivSession
from curator.errors import ArxivRefused, ModelRefused
from curator.pipeline.report import IngestReport, IngestRequest, Progress, RunReport
from curator.settings import Settings
from curator.warehouse import Warehouse, runs
from curator.workspace import Workspace

PATIENCE = 600.0  # seconds that a run waits for whoever holds the warehouse: an answer in hand is paid for


@dataclass(frozen=True)
class Run:
    """One ingest that is going on."""

    id: str
    workspace: Workspace
    request: IngestRequest
    warehouse: Warehouse
    session: ArxivSession
    progress: Progress
    report: IngestReport

    @property
    def settings(self) -> Settings:
        return self.workspace.settings


def arxiv_session(settings: Settings, progress: Progress) -> ArxivSession:
    """A way to arXiv with its manners; waits are told."""

    def on_wait(why: str, seconds: float) -> None:
        progress.note(f"{why}; waiting {seconds:.0f} s")

    return ArxivSession(ArxivEndpoint(settings.arxiv.url, settings.arxiv.interval), on_wait=on_wait)


@contextmanager
def recording_outcome(warehouse: Warehouse, report: RunReport, progress: Progress) -> Iterator[None]:
    """Puts on record how a run ends, and tells. Being turned away by arXiv or the model's provider is an end too."""

    def end(outcome: runs.RunOutcome, message: str | None) -> None:
        warehouse.write(runs.end_run, report.run, outcome, message)
        progress.ended(outcome, message)

    progress.started(report.run)
    try:
        yield
    except (ArxivRefused, ModelRefused) as error:
        report.stopped = error
    except KeyboardInterrupt:
        end("interrupted", None)
        raise
    except BaseException as error:
        end("failed", str(error) or type(error).__name__)
        raise
    end(report.outcome, str(report.stopped) if report.stopped else None)


@contextmanager
def make_thread_pool(width: int, progress: Progress) -> Iterator[ThreadPoolExecutor]:
    """A pool that is waited for, also on Ctrl-C: what is under way may be a model call that is paid for.

    Nothing more is started then. Ctrl-C once more leaves at once: a thread that waits for a model cannot be hurried.
    """
    pool = ThreadPoolExecutor(width, thread_name_prefix="paper")
    try:
        yield pool
    except KeyboardInterrupt:
        progress.note(
            "Stopping once the papers under way are done, as their model calls are paid for; Ctrl-C again: now."
        )
        raise
    finally:
        pool.shutdown(cancel_futures=True)
