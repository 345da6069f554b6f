"""The list of candidates: filtered, sorted, and decided many at a time."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Annotated
from urllib.parse import urlencode

from fastapi import APIRouter, Form, Query
from fastapi.responses import Response
from pydantic import BaseModel, Field

from curator.errors import DecisionError
from curator.review.decisions import DecisionResult
from curator.review.web.context import FlashMessage, ReadContext, WriteContext
from curator.review.web.routes.review import describe_result, parse_decision
from curator.types import GRADES
from curator.warehouse import Connection, candidate_search, candidates
from curator.warehouse.candidate_search import SORTS, STATUSES, CandidateFilter, CandidateRow, Facets

router = APIRouter()
PAGE_SIZE = 50
"""Candidates on a page of the list."""
ALL = "all"
"""The status that stands for every status."""
MAX_REFUSALS_SHOWN = 3
"""Refused decisions that a message explains one by one."""
MAX_NAMES_SHOWN = 3
"""Candidates, and reviewers, that a message names of those that were skipped."""
Value = Annotated[str, Field(max_length=500)]


class ListQuery(BaseModel):
    """The filter and the order of a list, as its address carries them."""

    q: Value = ""
    topic: Value = ""
    kind: Value = ""
    status: Value = "pending"
    drafter: Value = ""
    paper: Value = ""
    grade: Value = ""
    run: Value = ""
    by: Value = ""
    disputed: Value = ""
    sort: Value = "best"

    @property
    def filter(self) -> CandidateFilter:
        """The filter for the warehouse."""
        return CandidateFilter(
            text=self.q, topic=self.topic, kind=self.kind, status="" if self.status == ALL else self.status,
            drafter=self.drafter, paper=self.paper, grade=self.grade, run=self.run, reviewer=self.by,
            disputed=bool(self.disputed),
        )  # fmt: skip

    @property
    def address(self) -> str:
        """The path of this list, with a query that holds what differs from the default."""
        default = ListQuery()
        values = {name: getattr(self, name) for name in ListQuery.model_fields}
        query = urlencode({name: value for name, value in values.items() if value != getattr(default, name)})
        return f"/list?{query}" if query else "/list"


class ListPageQuery(ListQuery):
    """A page of a list."""

    page: Annotated[int, Field(ge=1, le=100_000)] = 1


class BulkDecisionForm(ListQuery):
    """A decision on ticked candidates, or on every candidate that matches the filter if `everything` is set."""

    action: str
    id: list[str] = []
    everything: str = ""
    other_reason: str = ""
    into: str = ""
    request: str | None = None


@router.get("/list")
def show_list(context: ReadContext, query: Annotated[ListPageQuery, Query()]) -> Response:
    """Show a page of the candidates that match a filter."""

    def load(connection: Connection) -> tuple[list[CandidateRow], int, Facets]:
        offset = (query.page - 1) * PAGE_SIZE
        rows, total = candidate_search.search_candidates(connection, query.filter, query.sort, PAGE_SIZE, offset)
        return rows, total, candidate_search.load_facets(connection)

    rows, total, facets = context.read(load)
    return context.render_page(
        "list.html",
        rows=rows, total=total, facets=facets, query=query, sorts=tuple(SORTS), grades=GRADES,
        statuses=(*STATUSES, candidate_search.WITHOUT_EVIDENCE, *_unconfirmed(query, facets), ALL),
        pages=max(1, -(-total // PAGE_SIZE)), max_selected=candidate_search.MAX_SELECTED,
    )  # fmt: skip


def _unconfirmed(query: ListQuery, facets: Facets) -> tuple[str, ...]:
    """Return the status that only lists of earlier versions of Curator have, if this list has it."""
    return (candidate_search.UNCONFIRMED,) if candidate_search.UNCONFIRMED in (query.status, *facets.statuses) else ()


@router.post("/list/decide")
def decide_many(context: WriteContext, form: Annotated[BulkDecisionForm, Form()]) -> Response:
    """Decide many candidates together. Candidates that another reviewer has decided are skipped."""
    choice = parse_decision(form.action, reason=form.other_reason, into=form.into)
    try:
        ids = context.read(candidate_search.list_matching_ids, form.filter) if form.everything else form.id
        reviewers = context.read(_find_other_reviewers, ids, context.reviewer_name)
        if reviewers and reviewers.keys() == set(ids):
            message = f"Nothing was decided. {_describe_skipped(reviewers)}"
            return context.redirect(form.address, FlashMessage(message, is_error=True))
        ids = [id for id in ids if id not in reviewers]
        result = context.reviewer.decide_many(ids, choice, request=form.request)
    except DecisionError as error:
        return context.redirect(form.address, FlashMessage(str(error), is_error=True))
    context.state.queue.remove(result.decided)
    sentences = [f"{describe_result(result, choice)}.", *_describe_refusals(result), _describe_skipped(reviewers)]
    message = " ".join(filter(None, sentences))
    return context.redirect(form.address, FlashMessage(message, is_error=bool(result.refused or reviewers)))


def _find_other_reviewers(connection: Connection, ids: Sequence[str], reviewer: str) -> Mapping[str, str]:
    """Return the candidates that another reviewer has decided, each with that reviewer's name.

    Return none of them for more candidates than can be decided at once: that request is refused as a whole.
    """
    if len(ids) > candidate_search.MAX_SELECTED:
        return {}
    items = candidates.load_candidates_by_id(connection, ids)
    return {item.id: item.reviewer for item in items if item.decision and item.reviewer and item.reviewer != reviewer}


def _describe_refusals(result: DecisionResult) -> list[str]:
    """Return sentences on the candidates that did not allow the decision."""
    reasons = list(result.refused.values())
    sentences = [f"Not decided: {reason}" for reason in reasons[:MAX_REFUSALS_SHOWN]]
    if len(reasons) > MAX_REFUSALS_SHOWN:
        sentences.append(f"{len(reasons) - MAX_REFUSALS_SHOWN:,} more were not decided.")
    return sentences


def _describe_skipped(reviewers: Mapping[str, str]) -> str:
    """Return a sentence on the candidates that were skipped; "" for none.

    Args:
        reviewers: By the id of each skipped candidate, the name of the reviewer who has decided it.
    """
    if not reviewers:
        return ""
    ids, names = list(reviewers), _join_names(sorted(set(reviewers.values())))
    if len(ids) == 1:
        return f"1 candidate was skipped ({ids[0]}): {names} has decided it. Open it to replace that decision."
    have = "has" if len(set(reviewers.values())) == 1 else "have"
    return (
        f"{len(ids):,} candidates were skipped ({_join_names(ids)}): {names} {have} decided them. Open each one to "
        "replace that decision."
    )


def _join_names(names: Sequence[str]) -> str:
    """Return "a, b and c", or "a, b, c and 2 more"."""
    shown = list(names[:MAX_NAMES_SHOWN])
    if len(names) > MAX_NAMES_SHOWN:
        shown.append(f"{len(names) - MAX_NAMES_SHOWN:,} more")
    return " and ".join(", ".join(shown).rsplit(", ", 1)) if len(shown) > 1 else shown[0]
