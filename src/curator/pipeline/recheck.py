"""The weekly check of the papers behind the list: later versions, withdrawals, and publication in journals.

The list itself does not change. A frame that lost evidence returns to the queue with the old and the new passage.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime

from curator.arxiv.search import ArxivSearch
from curator.drafting.suggest_quotes import propose_quotes
from curator.errors import ArxivError, ArxivRefused, CuratorError, PaperError, PdfUnavailable
from curator.pipeline.lookup import get_text
from curator.pipeline.report import PaperResult, Progress, SilentProgress
from curator.pipeline.run_context import PATIENCE, arxiv_session, recording_outcome
from curator.quotes.checker import QuoteChecker
from curator.sanitize import single_line
from curator.types import Document, Notice, NoticeKind, Paper, Quote, Recheck
from curator.warehouse import Warehouse, papers, runs, watchlist, work_queue
from curator.warehouse.connection import Connection
from curator.warehouse.papers import add_appearances
from curator.warehouse.revision_notices import add_notices
from curator.warehouse.rows import Row, utc_now
from curator.warehouse.watchlist import Evidence, UnseenRevision
from curator.workspace import Workspace, exclusive_lock

TOPIC_NAME = "papers on the list"
"""The name under which the record of the run lists the check, instead of a topic. Stored: never reword."""

_WITHDRAWN = re.compile(r"\b(?:withdrawn|withdraws?|withdrawal|retracted|retraction)\b", re.IGNORECASE)
_MAX_REASON_CHARS = 500


@dataclass
class WatchReport:
    """The result of one check of the list's papers."""

    run: str
    papers: int = 0  # number of papers behind the list
    state: runs.TopicState = "quiet"
    problems: tuple[str, ...] = ()  # reasons why arXiv did not describe a paper
    notices: list[Notice] = field(default_factory=list)
    appeared: list[Paper] = field(default_factory=list)  # papers that arXiv newly reports as published elsewhere
    failures: list[PaperResult] = field(
        default_factory=list
    )  # versions that could not be read; a later check tries again
    stopped: CuratorError | None = None

    @property
    def waiting(self) -> list[Notice]:
        """The notices that need a decision."""
        return [notice for notice in self.notices if notice.what != "unchanged"]

    @property
    def outcome(self) -> runs.RunOutcome:
        """The outcome of the check as the warehouse records it."""
        if self.stopped or self.state == "failed":
            return "failed"
        return "done with failures" if self.failures or self.problems else "done"


def watch(workspace: Workspace, *, progress: Progress | None = None) -> WatchReport:
    """Ask arXiv about the papers behind every frame on the list, and check the quotes against later versions.

    Args:
        workspace: The list.
        progress: Receives the progress of the check; by default, it is discarded.

    Returns:
        The report. Failures of arXiv or of a paper are in it; the next check tries them again.

    Raises:
        WarehouseError: The warehouse cannot be used, or another check is running.
    """
    progress = progress or SilentProgress()
    with exclusive_lock(workspace, "watch"):
        warehouse = Warehouse(workspace.warehouse_file, wait=PATIENCE)
        report = WatchReport(warehouse.write(runs.start_run, {"watch": True}, ""))
        with recording_outcome(warehouse, report, progress):
            evidence = warehouse.read(watchlist.load_evidence)
            _refresh_papers(workspace, warehouse, report, sorted({each.paper_id for each in evidence}), progress)
            _compare_revisions(workspace, warehouse, report, evidence, progress)
        return report


def has_rechecked_since(workspace: Workspace, moment: datetime) -> bool:
    """Return True if a check began after `moment` and has ended."""
    warehouse = Warehouse(workspace.warehouse_file)
    last = warehouse.read(runs.load_last_watch) if warehouse.file.exists() else None
    return last is not None and last.replace(tzinfo=UTC) >= moment


def _refresh_papers(
    workspace: Workspace, warehouse: Warehouse, report: WatchReport, ids: Sequence[str], progress: Progress
) -> None:
    """Record arXiv's current metadata of these papers. Raises ArxivRefused."""
    report.papers = len(ids)
    new: list[Row] = []
    described = 0
    if ids:
        progress.begin("asking arXiv", None)
        try:
            with arxiv_session(workspace.settings, progress) as session:
                answer = ArxivSearch(session, workspace.settings.discover.page_size).by_ids(ids)
        except ArxivError as error:
            report.state, report.problems = "failed", (str(error),)
            _record_check(warehouse, report)
            if isinstance(error, ArxivRefused):
                raise
            return
        described, report.problems = len(answer.papers), answer.problems

        def write(connection: Connection) -> list[Row]:
            report.appeared = add_appearances(connection, report.run, answer.papers)
            return papers.add_papers(connection, answer.papers, report.run)

        new = warehouse.write(write)
    if report.problems:
        report.state = "incomplete"
    elif new or report.appeared:
        report.state = "fresh"
    _record_check(warehouse, report, described, len(new))


def _record_check(warehouse: Warehouse, report: WatchReport, described: int = 0, new: int = 0) -> None:
    warehouse.write(
        runs.add_topic_run,
        report.run,
        TOPIC_NAME,
        report.state,
        announced=described,
        found=new,
        complete=not report.problems,
        problems=report.problems,
    )


def _compare_revisions(
    workspace: Workspace, warehouse: Warehouse, report: WatchReport, evidence: Sequence[Evidence], progress: Progress
) -> None:
    """Read each later version of a paper once, and record a notice on each piece of evidence that cites the paper."""
    due = warehouse.read(watchlist.load_unseen_revisions, evidence)
    if not due:
        return
    stage = "reading later versions"
    progress.begin(stage, len(due))
    for paper, unseen in due.items():
        try:
            notices = _find_changes(workspace, report.run, paper, unseen, progress)
        except PaperError as error:
            report.failures.append(_record_failure(warehouse, report.run, paper, error))
            progress.note(f"{paper.versioned_id}: {error.message}")
        else:
            warehouse.write(add_notices, report.run, notices)
            report.notices += notices
        progress.advance(stage)


def _find_changes(
    workspace: Workspace, run: str, paper: Paper, unseen: Iterable[UnseenRevision], progress: Progress
) -> list[Notice]:
    """Return a notice on each piece of evidence. Raises PaperError if another check may read the paper."""
    try:
        document = get_text(workspace, paper, progress, run=run)
    except PaperError as error:
        if reason := _withdrawal_reason(paper, error):
            return [_make_notice(revision, paper, "withdrawn", reason) for revision in unseen]
        if error.transient:
            raise
        return [_make_notice(revision, paper, "unreadable", error.message) for revision in unseen]
    checker = QuoteChecker(document)
    return [_compare_quotes(revision, paper, document, checker) for revision in unseen]


def _withdrawal_reason(paper: Paper, error: PaperError) -> str | None:
    """Return arXiv's reason if this version is a withdrawal: it has no PDF, and its comment says so.

    The comment alone does not suffice: "withdrawn from ..." may be about a conference.
    """
    if error.code != "not-found":
        return None
    texts = (text for text in (paper.comment or "", paper.abstract) if _WITHDRAWN.search(text))
    return next((single_line(text)[:_MAX_REASON_CHARS] for text in texts), None)


def _compare_quotes(revision: UnseenRevision, paper: Paper, document: Document, checker: QuoteChecker) -> Notice:
    rechecks = [_recheck_quote(position, quote, document, checker) for position, quote in revision.quotes.items()]
    lost = {recheck.position for recheck in rechecks if not recheck.now.holds}
    if not lost:
        detail = f"all {len(rechecks)} quotes stand in it" if rechecks else "no quotes were to be looked for"
        return _make_notice(revision, paper, "unchanged", detail, rechecks)
    detail = f"{len(lost)} of {len(rechecks)} quotes no longer stand{'s' if len(lost) == 1 else ''} in it"
    if lost <= revision.given_up:
        return _make_notice(revision, paper, "unchanged", f"{detail}, as was decided on before", rechecks)
    return _make_notice(revision, paper, "no longer holds", detail, rechecks)


def _recheck_quote(position: int, quote: Quote, document: Document, checker: QuoteChecker) -> Recheck:
    match = checker.grade(quote.text, quote.page)
    nearest = [] if match.holds else propose_quotes(quote.text, document, limit=1)
    passage, page = (nearest[0].text, nearest[0].page) if nearest else (None, None)
    return Recheck(position, quote.text, quote.page, match, passage, page)


def _make_notice(
    revision: UnseenRevision, paper: Paper, what: NoticeKind, detail: str, rechecks: Sequence[Recheck] = ()
) -> Notice:
    evidence = revision.evidence
    return Notice(
        evidence.candidate_id, evidence.evidence_id, paper.id, paper.version, what, detail, utc_now(), tuple(rechecks)
    )


def _record_failure(warehouse: Warehouse, run: str, paper: Paper, error: PaperError) -> PaperResult:
    step = "download" if isinstance(error, PdfUnavailable) else "read"
    warehouse.write(work_queue.add_failure, run, step, paper, error.code, error.message, utc_now())
    return PaperResult(paper, failed_at=step, problem=error.message, will_retry=True)
