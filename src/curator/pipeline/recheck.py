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
"""Takes the place of a topic in the record of the run."""

_WITHDRAWN = re.compile(r"\b(?:withdrawn|withdraws?|withdrawal|retracted|retraction)\b", re.IGNORECASE)
_MAX_REASON_CHARS = 500


@dataclass
class WatchReport:
    """The result of one check of the list's papers."""

    run: str
    papers: int = 0  # number of papers that the list rests on
    state: runs.TopicState = "quiet"
    problems: tuple[str, ...] = ()  # what arXiv did not return
    notices: list[Notice] = field(default_factory=list)
    appeared: list[Paper] = field(default_factory=list)  # papers that arXiv newly reports as published elsewhere
    failures: list[PaperResult] = field(default_factory=list)  # later versions that a later check tries again
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
    """Ask arXiv again about the papers of every frame on the list, and check its quotes against later versions.

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
            every = warehouse.read(watchlist.load_evidence)
            _refresh_papers(workspace, warehouse, report, sorted({one.paper_id for one in every}), progress)
            _compare_revisions(workspace, warehouse, report, every, progress)
        return report


def has_rechecked_since(workspace: Workspace, moment: datetime) -> bool:
    """Return True if a check began after `moment` and has ended."""
    warehouse = Warehouse(workspace.warehouse_file)
    last = warehouse.read(runs.load_last_watch) if warehouse.file.exists() else None
    return last is not None and last.replace(tzinfo=UTC) >= moment


def _refresh_papers(
    workspace: Workspace, warehouse: Warehouse, report: WatchReport, ids: Sequence[str], progress: Progress
) -> None:
    """Record arXiv's present metadata of these papers. Raises ArxivRefused."""
    report.papers = len(ids)
    new: list[Row] = []
    announced = 0
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
        announced, report.problems = len(answer.papers), answer.problems

        def write(connection: Connection) -> list[Row]:
            report.appeared = add_appearances(connection, report.run, answer.papers)
            return papers.add_papers(connection, answer.papers, report.run)

        new = warehouse.write(write)
    if report.problems:
        report.state = "incomplete"
    elif new or report.appeared:
        report.state = "fresh"
    _record_check(warehouse, report, announced, len(new))


def _record_check(warehouse: Warehouse, report: WatchReport, announced: int = 0, new: int = 0) -> None:
    warehouse.write(
        runs.add_topic_run,
        report.run,
        TOPIC_NAME,
        report.state,
        announced=announced,
        found=new,
        complete=not report.problems,
        problems=report.problems,
    )


def _compare_revisions(
    workspace: Workspace, warehouse: Warehouse, report: WatchReport, every: Sequence[Evidence], progress: Progress
) -> None:
    due = warehouse.read(watchlist.load_unseen_revisions, every)
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
    """Return the notice on each piece of evidence. Raises PaperError if a later check may find out."""
    try:
        document = get_text(workspace, paper, progress, run=run)
    except PaperError as error:
        if reason := _withdrawal_reason(paper, error):
            return [_notice(one, paper, "withdrawn", reason) for one in unseen]
        if error.transient:
            raise
        return [_notice(one, paper, "unreadable", error.message) for one in unseen]
    checker = QuoteChecker(document)
    return [_compare_quotes(one, paper, document, checker) for one in unseen]


def _withdrawal_reason(paper: Paper, error: PaperError) -> str | None:
    """Return arXiv's reason if this version is a withdrawal: it has no PDF, and its comment says so.

    The comment alone does not suffice: "withdrawn from ..." may be about a conference.
    """
    if error.code != "not-found":
        return None
    texts = (text for text in (paper.comment or "", paper.abstract) if _WITHDRAWN.search(text))
    return next((single_line(text)[:_MAX_REASON_CHARS] for text in texts), None)


def _compare_quotes(one: UnseenRevision, paper: Paper, document: Document, checker: QuoteChecker) -> Notice:
    rechecks = [_recheck(position, quote, document, checker) for position, quote in one.quotes.items()]
    lost = {each.position for each in rechecks if not each.now.holds}
    if not lost:
        detail = f"all {len(rechecks)} quotes stand in it" if rechecks else "no quotes were to be looked for"
        return _notice(one, paper, "unchanged", detail, rechecks)
    detail = f"{len(lost)} of {len(rechecks)} quotes no longer stand{'s' if len(lost) == 1 else ''} in it"
    if lost <= one.given_up:
        return _notice(one, paper, "unchanged", f"{detail}, as was decided on before", rechecks)
    return _notice(one, paper, "no longer holds", detail, rechecks)


def _recheck(position: int, quote: Quote, document: Document, checker: QuoteChecker) -> Recheck:
    now_is = checker.grade(quote.text, quote.page)
    nearest = [] if now_is.holds else propose_quotes(quote.text, document, limit=1)
    passage, page = (nearest[0].text, nearest[0].page) if nearest else (None, None)
    return Recheck(position, quote.text, quote.page, now_is, passage, page)


def _notice(
    one: UnseenRevision, paper: Paper, what: NoticeKind, detail: str, rechecks: Sequence[Recheck] = ()
) -> Notice:
    evidence = one.evidence
    return Notice(
        evidence.candidate_id, evidence.evidence_id, paper.id, paper.version, what, detail, utc_now(), tuple(rechecks)
    )


def _record_failure(warehouse: Warehouse, run: str, paper: Paper, error: PaperError) -> PaperResult:
    step = "download" if isinstance(error, PdfUnavailable) else "read"
    warehouse.write(work_queue.add_failure, run, step, paper, error.code, error.message, utc_now())
    return PaperResult(paper, failed_at=step, problem=error.message, again=True)
