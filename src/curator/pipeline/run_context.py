"""The context that all stages of a run share, and the record of how the run ends."""

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

PATIENCE = 600.0
"""Seconds that a run waits for a locked warehouse, since it may have to record an answer that is paid for."""


@dataclass(frozen=True)
class Run:
    """One ingest while it runs."""

    id: str
    workspace: Workspace
    request: IngestRequest
    warehouse: Warehouse
    session: ArxivSession
    progress: Progress
    report: IngestReport

    @property
    def settings(self) -> Settings:
        """The settings of the run's workspace."""
        return self.workspace.settings


def arxiv_session(settings: Settings, progress: Progress) -> ArxivSession:
    """Return a session with arXiv at the pace that the settings give; `progress` receives a note on each wait."""

    def on_wait(reason: str, seconds: float) -> None:
        progress.note(f"{reason}; waiting {seconds:.0f} s" if seconds >= 1 else reason)

    return ArxivSession(ArxivEndpoint(settings.arxiv.url, settings.arxiv.interval), on_wait=on_wait)


@contextmanager
def recording_outcome(warehouse: Warehouse, report: RunReport, progress: Progress) -> Iterator[None]:
    """Record how a run ends, and report it to `progress`. A refusal by arXiv or the model's provider ends it too."""

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
    """Yield a pool, and wait for its threads, also after Ctrl-C: they may be in model calls that are paid for.

    After Ctrl-C, no further work is started. A second Ctrl-C ends the wait, but cannot end a call under way.
    """
    pool = ThreadPoolExecutor(width, thread_name_prefix="paper")
    try:
        yield pool
    except KeyboardInterrupt:
        progress.note(
            "Stopping as soon as the current papers are done, because their model calls are paid for. "
            "Press Ctrl-C again to stop now."
        )
        raise
    finally:
        pool.shutdown(cancel_futures=True)
