"""The weekly look at what the list rests on: later versions, withdrawals, and where papers were published since.

Nothing on the list changes by it. A frame that has lost evidence waits for a decision, with both passages beside.
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

ASKED = "papers on the list"
"""In place of a topic, in the record of the run."""

_WITHDRAWN = re.compile(r"\b(?:withdrawn|withdraws?|withdrawal|retracted|retraction)\b", re.IGNORECASE)
_LONGEST_REASON = 500


@dataclass
class WatchReport:
    """What one look at the list's papers found."""

    run: str
    papers: int = 0  # on which the list rests, and that were asked for
    state: runs.TopicState = "quiet"
    problems: tuple[str, ...] = ()  # what arXiv did not answer
    notices: list[Notice] = field(default_factory=list)
    appeared: list[Paper] = field(default_factory=list)  # published elsewhere, as arXiv did not say before
    failures: list[PaperResult] = field(default_factory=list)  # later versions that are to be tried again
    stopped: CuratorError | None = None

    @property
    def waiting(self) -> list[Notice]:
        """What somebody has to decide on."""
        return [notice for notice in self.notices if notice.what != "unchanged"]

    @property
    def outcome(self) -> runs.RunOutcome:
        if self.stopped or self.state == "failed":
            return "failed"
        return "done with failures" if self.failures or self.problems else "done"


def watch(workspace: Workspace, *, progress: Progress | None = None) -> WatchReport:
    """Ask arXiv again for the papers of every frame on the list, and lay its quotes beside later versions.

    Raises WarehouseError; what arXiv or a paper does wrong is in the report, and tried again by the next look.
    """
    progress = progress or SilentProgress()
    with exclusive_lock(workspace, "watch"):
        warehouse = Warehouse(workspace.warehouse_file, wait=PATIENCE)
        report = WatchReport(warehouse.write(runs.start_run, {"watch": True}, ""))
        with recording_outcome(warehouse, report, progress):
            every = warehouse.read(watchlist.load_evidence)
            _ask(workspace, warehouse, report, sorted({one.paper_id for one in every}), progress)
            _look(workspace, warehouse, report, every, progress)
        return report


def has_rechecked_since(workspace: Workspace, moment: datetime) -> bool:
    """Whether a look has begun since a moment and ended."""
    warehouse = Warehouse(workspace.warehouse_file)
    last = warehouse.read(runs.load_last_watch) if warehouse.file.exists() else None
    return last is not None and last.replace(tzinfo=UTC) >= moment


def _ask(
    workspace: Workspace, warehouse: Warehouse, report: WatchReport, ids: Sequence[str], progress: Progress
) -> None:
    """What arXiv says of these papers now, onto the record. Raises ArxivRefused."""
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
            _note(warehouse, report)
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
    _note(warehouse, report, announced, len(new))


def _note(warehouse: Warehouse, report: WatchReport, announced: int = 0, new: int = 0) -> None:
    warehouse.write(
        runs.add_topic_run,
        report.run,
        ASKED,
        report.state,
        announced=announced,
        found=new,
        complete=not report.problems,
        problems=report.problems,
    )


def _look(
    workspace: Workspace, warehouse: Warehouse, report: WatchReport, every: Sequence[Evidence], progress: Progress
) -> None:
    due = warehouse.read(watchlist.load_unseen_revisions, every)
    if not due:
        return
    stage = "reading later versions"
    progress.begin(stage, len(due))
    for paper, unseen in due.items():
        try:
            found = _found(workspace, report.run, paper, unseen, progress)
        except PaperError as error:
            report.failures.append(_failed(warehouse, report.run, paper, error))
            progress.note(f"{paper.versioned_id}: {error.message}")
        else:
            warehouse.write(add_notices, report.run, found)
            report.notices += found
        progress.advance(stage)


def _found(
    workspace: Workspace, run: str, paper: Paper, unseen: Iterable[UnseenRevision], progress: Progress
) -> list[Notice]:
    """What a later version does to each piece of evidence. Raises PaperError where that may be known another day."""
    try:
        document = get_text(workspace, paper, progress, run=run)
    except PaperError as error:
        if reason := _why_withdrawn(paper, error):
            return [_notice(one, paper, "withdrawn", reason) for one in unseen]
        if error.transient:
            raise
        return [_notice(one, paper, "unreadable", error.message) for one in unseen]
    checker = QuoteChecker(document)
    return [_graded(one, paper, document, checker) for one in unseen]


def _why_withdrawn(paper: Paper, error: PaperError) -> str | None:
    """arXiv's reason where this version is a withdrawal: one without a PDF whose comment says so.

    The comment alone does not: "withdrawn from ..." may tell of a conference.
    """
    if error.code != "not-found":
        return None
    told = (one for one in (paper.comment or "", paper.abstract) if _WITHDRAWN.search(one))
    return next((single_line(one)[:_LONGEST_REASON] for one in told), None)


def _graded(one: UnseenRevision, paper: Paper, document: Document, checker: QuoteChecker) -> Notice:
    rechecks = [_recheck(position, quote, document, checker) for position, quote in one.quotes.items()]
    lost = {each.position for each in rechecks if not each.now.holds}
    if not lost:
        said = f"all {len(rechecks)} quotes stand in it" if rechecks else "no quotes were to be looked for"
        return _notice(one, paper, "unchanged", said, rechecks)
    said = f"{len(lost)} of {len(rechecks)} quotes no longer stand{'s' if len(lost) == 1 else ''} in it"
    if lost <= one.given_up:
        return _notice(one, paper, "unchanged", f"{said}, as was decided on before", rechecks)
    return _notice(one, paper, "no longer holds", said, rechecks)


def _recheck(position: int, quote: Quote, document: Document, checker: QuoteChecker) -> Recheck:
    now_is = checker.grade(quote.text, quote.page)
    nearest = [] if now_is.holds else propose_quotes(quote.text, document, most=1)
    passage, page = (nearest[0].text, nearest[0].page) if nearest else (None, None)
    return Recheck(position, quote.text, quote.page, now_is, passage, page)


def _notice(
    one: UnseenRevision, paper: Paper, what: NoticeKind, detail: str, rechecks: Sequence[Recheck] = ()
) -> Notice:
    evidence = one.evidence
    return Notice(
        evidence.candidate_id, evidence.evidence_id, paper.id, paper.version, what, detail, utc_now(), tuple(rechecks)
    )


def _failed(warehouse: Warehouse, run: str, paper: Paper, error: PaperError) -> PaperResult:
    step = "download" if isinstance(error, PdfUnavailable) else "read"
    warehouse.write(work_queue.add_failure, run, step, paper, error.code, error.message, utc_now())
    return PaperResult(paper, failed_at=step, problem=error.message, again=True)
