"""Many candidates at once: filtered, sorted, chosen, and decided together."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Annotated
from urllib.parse import urlencode

from fastapi import APIRouter, Form, Query
from fastapi.responses import Response
from pydantic import BaseModel, Field

from curator.errors import DecisionError
from curator.review.web.context import FlashMessage, ReadContext, WriteContext
from curator.review.web.routes.review import chosen, said_of
from curator.types import GRADES
from curator.warehouse import Connection, candidate_search, candidates
from curator.warehouse.candidate_search import SORTS, STATUSES, CandidateFilter, CandidateRow, Facets

router = APIRouter()
ON_A_PAGE = 50
ALL = "all"
REFUSALS = 3  # that are told one by one
NAMED = 3  # candidates, and reviewers, of those left alone that are named
Value = Annotated[str, Field(max_length=500)]


class Wanted(BaseModel):
    """A list's filter and order, as they stand in its address."""

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
        return CandidateFilter(
            text=self.q, topic=self.topic, kind=self.kind, status="" if self.status == ALL else self.status,
            drafter=self.drafter, paper=self.paper, grade=self.grade, run=self.run, reviewer=self.by,
            disputed=bool(self.disputed),
        )  # fmt: skip

    @property
    def address(self) -> str:
        usual = Wanted()
        values = {name: getattr(self, name) for name in Wanted.model_fields}
        query = urlencode({name: value for name, value in values.items() if value != getattr(usual, name)})
        return f"/list?{query}" if query else "/list"


class Asked(Wanted):
    page: Annotated[int, Field(ge=1, le=100_000)] = 1


class Decided(Wanted):
    action: str
    id: list[str] = []
    everything: str = ""
    other_reason: str = ""
    into: str = ""
    request: str | None = None


@router.get("/list")
def list_(visit: ReadContext, asked: Annotated[Asked, Query()]) -> Response:
    def ask(c: Connection) -> tuple[list[CandidateRow], int, Facets]:
        rows, total = candidate_search.search_candidates(
            c, asked.filter, asked.sort, ON_A_PAGE, (asked.page - 1) * ON_A_PAGE
        )
        return rows, total, candidate_search.load_facets(c)

    rows, total, facets = visit.read(ask)
    return visit.page(
        "list.html",
        rows=rows, total=total, facets=facets, wanted=asked, sorts=tuple(SORTS),
        statuses=(*STATUSES, candidate_search.WITHOUT_EVIDENCE, *_unconfirmed(asked, facets), ALL), grades=GRADES,
        pages=max(1, -(-total // ON_A_PAGE)), most=candidate_search.MAX_SELECTED,
    )  # fmt: skip


def _unconfirmed(asked: Wanted, facets: Facets) -> tuple[str, ...]:
    """A status that only lists of earlier versions have."""
    return (candidate_search.UNCONFIRMED,) if candidate_search.UNCONFIRMED in (asked.status, *facets.statuses) else ()


@router.post("/list/decide")
def decide_many(visit: WriteContext, asked: Annotated[Decided, Form()]) -> Response:
    """Decide those that are ticked, or `everything` that fits the filter; leave what other reviewers decided."""
    choice = chosen(asked.action, reason=asked.other_reason, into=asked.into)
    try:
        ids = visit.read(candidate_search.list_matching_ids, asked.filter) if asked.everything else asked.id
        others = visit.read(_decided_by_others, ids, visit.reviewer)
        left = _left(others)
        if others and others.keys() == set(ids):
            return visit.went(asked.address, FlashMessage(f"Nothing was decided. {left}", bad=True))
        ids = [one for one in ids if one not in others]
        outcome = visit.desk.decide_many(ids, choice, request=asked.request)
    except DecisionError as error:
        return visit.went(asked.address, FlashMessage(str(error), bad=True))
    visit.site.board.took(outcome.decided)
    said = said_of(outcome, choice) + "."
    for why in list(outcome.refused.values())[:REFUSALS]:
        said += f" Not done: {why}"
    if len(outcome.refused) > REFUSALS:
        said += f" And {len(outcome.refused) - REFUSALS} more could not be."
    said += f" {left}" if left else ""
    return visit.went(asked.address, FlashMessage(said, bad=bool(outcome.refused or left)))


def _decided_by_others(connection: Connection, ids: Sequence[str], reviewer: str) -> Mapping[str, str]:
    """The candidates on which another reviewer's decision stands, each with that reviewer's name."""
    items = (
        candidates.load_candidates_by_id(connection, ids) if len(ids) <= candidate_search.MAX_SELECTED else ()
    )  # more are refused
    return {one.id: one.reviewer for one in items if one.decision and one.reviewer and one.reviewer != reviewer}


def _left(others: Mapping[str, str]) -> str:
    """Name the candidates that were left to the reviewers who decided them; "" for none."""
    if not others:
        return ""
    ids, names = list(others), _named(sorted(set(others.values())))
    if len(ids) == 1:
        return f"1 was left ({ids[0]}): {names} decided it; open it to replace that."
    return f"{len(ids):,} were left ({_named(ids)}): {names} decided them; open each to replace that."


def _named(names: Sequence[str]) -> str:
    """Write "a, b and c", or "a, b, c and 2 more"."""
    shown = list(names[:NAMED])
    if len(names) > NAMED:
        shown.append(f"{len(names) - NAMED:,} more")
    return " and ".join(", ".join(shown).rsplit(", ", 1)) if len(shown) > 1 else shown[0]
