"""Download and read one paper, draft from it, and queue the candidates: the second stage of a run."""

from __future__ import annotations

from datetime import datetime, timedelta
from pathlib import Path

from curator.arxiv.download import download_pdf
from curator.drafting.base import Drafter, DraftResult
from curator.errors import AnswerLater, ArxivRefused, CuratorError, ModelError, ModelRefused, PaperError
from curator.pdf.reader import Reader
from curator.pipeline.report import PaperResult
from curator.pipeline.run_context import Run
from curator.pipeline.support_check import check_support
from curator.support.support import SupportChecker
from curator.types import Document, Paper
from curator.warehouse import Connection, candidates, documents, work_queue
from curator.warehouse.rows import utc_now

RETRY_MISSING_AFTER = timedelta(hours=20)
"""The wait before a missing PDF is requested again; arXiv publishes once a day."""

_RETRIED_NEXT_DAY = frozenset({"not-found", "not-a-pdf"})


class PaperProcessor:
    """Downloads one paper, reads it and drafts from it. Many threads call it; it records and returns failures.

    Args:
        run: The run.
        reader: Reads the PDFs.
        drafter: Drafts candidates from the text.
        checker: Checks whether the quotes support the candidates; None to check nothing.
    """

    def __init__(self, run: Run, reader: Reader, drafter: Drafter, checker: SupportChecker | None) -> None:
        self._run = run
        self._reader = reader
        self._drafter = drafter
        self._checker = checker
        self._stored_texts = run.warehouse.read(documents.list_read_papers)
        self._stopped: CuratorError | None = None
        self._abandoned = False

    def abandon(self) -> None:
        """Stop recording failures: once the run is ending, they are not caused by the papers."""
        self._abandoned = True

    def __call__(self, paper: Paper) -> PaperResult:
        """Process one paper.

        Raises:
            CuratorError: The whole run is affected; for example, the warehouse cannot be written.
        """
        step = "download"
        if self._stopped:
            return PaperResult(paper, ends_run=self._stopped)
        try:
            document = self._load_document(paper)
            if document is None:
                file = self._download(paper)
                step = "read"
                document = self._reader.read(file, paper.id, paper.version)
                self._store_document(document)
            step = "draft"
            drafted = self._drafter.draft(paper, document)
            queued = self._queue(paper, drafted)
        except AnswerLater:
            return PaperResult(paper, in_batch=True)
        except (ArxivRefused, ModelRefused) as error:
            self._stopped = error
            return PaperResult(paper, ends_run=error)
        except (PaperError, ModelError) as error:
            return self._record_failure(paper, step, error.code, error.message, _retry_at(error))
        except CuratorError:
            raise
        except Exception as error:  # a bug that one paper triggers must not fail the others
            message = f"Curator failed on this paper: {type(error).__name__}: {error}"
            return self._record_failure(paper, step, "unexpected", message, utc_now())
        return PaperResult(paper, queued, unchecked=self._check(paper, drafted))

    def has_document(self, paper: Paper) -> bool:
        """Return whether this version of a paper had been read before the run."""
        return (paper.id, paper.version) in self._stored_texts

    def _load_document(self, paper: Paper) -> Document | None:
        if not self.has_document(paper):
            return None
        return self._run.warehouse.read(documents.get_document, paper.id, paper.version)

    def _download(self, paper: Paper) -> Path:
        max_bytes = self._run.settings.read.max_pdf_mb * 2**20
        return download_pdf(self._run.session, paper.id, paper.version, self._run.workspace.pdfs, max_bytes)

    def _store_document(self, document: Document) -> None:
        self._run.warehouse.write(documents.add_document, self._run.id, document)

    def _queue(self, paper: Paper, drafted: DraftResult) -> int:
        return self._run.warehouse.write(
            candidates.add_draft,
            self._run.id,
            paper,
            drafted.drafter,
            drafted.candidates,
            call=drafted.call,
            sentences=drafted.sentences,
            dropped=drafted.dropped,
            note="; ".join(drafted.notes) or None,
        )

    def _check(self, paper: Paper, drafted: DraftResult) -> str | None:
        """Check the candidates' support; if the run is ending, leave that to the next run."""
        if self._checker is None or self._stopped or self._abandoned:
            return None
        return check_support(self._run, self._checker, paper, drafted.candidates)

    def _record_failure(
        self, paper: Paper, step: str, code: str, message: str, retry_at: datetime | None
    ) -> PaperResult:
        if self._abandoned:
            return PaperResult(paper)
        attempts = self._run.settings.draft.attempts

        def write(connection: Connection) -> bool:
            work_queue.add_failure(connection, self._run.id, step, paper, code, message, retry_at)
            return bool(work_queue.list_undrafted(connection, [paper], datetime.max, attempts))

        return PaperResult(paper, failed_at=step, problem=message, will_retry=self._run.warehouse.write(write))


def _retry_at(error: PaperError | ModelError) -> datetime | None:
    """Return the time (UTC) from which the paper may be tried again; None for never."""
    if isinstance(error, ModelError):  # the next answer may be better; `draft.attempts` limits the tries
        return utc_now()
    if not error.transient:
        return None
    return utc_now() + RETRY_MISSING_AFTER if error.code in _RETRIED_NEXT_DAY else utc_now()
