"""Many candidates at once: filtered, sorted, chosen, and decided together."""

from __future__ import annotations

from typing import Annotated
from urllib.parse import urlencode

from fastapi import APIRouter, Form, Query
from fastapi.responses import Response
from pydantic import BaseModel, Field

from curator.errors import DecisionError
from curator.records import GRADES
from curator.review.web.routes.reviewing import chosen, said_of
from curator.review.web.site import Asking, Changing, Note
from curator.warehouse import Connection, browse
from curator.warehouse.browse import SORTS, STATUSES, Facets, Filter, Row

router = APIRouter()
ON_A_PAGE = 50
ALL = "all"
REFUSALS = 3  # that are told one by one
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
    def filter(self) -> Filter:
        return Filter(
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
def list_(visit: Asking, asked: Annotated[Asked, Query()]) -> Response:
    def ask(c: Connection) -> tuple[list[Row], int, Facets]:
        rows, total = browse.search(c, asked.filter, asked.sort, ON_A_PAGE, (asked.page - 1) * ON_A_PAGE)
        return rows, total, browse.facets(c)

    rows, total, facets = visit.read(ask)
    return visit.page(
        "list.html",
        rows=rows, total=total, facets=facets, wanted=asked, sorts=tuple(SORTS),
        statuses=(*STATUSES, browse.WITHOUT_EVIDENCE, *_unconfirmed(asked, facets), ALL), grades=GRADES,
        pages=max(1, -(-total // ON_A_PAGE)), most=browse.MOST,
    )  # fmt: skip


def _unconfirmed(asked: Wanted, facets: Facets) -> tuple[str, ...]:
    """A status that only lists of earlier versions have."""
    return (browse.UNCONFIRMED,) if browse.UNCONFIRMED in (asked.status, *facets.statuses) else ()


@router.post("/list/decide")
def decide_many(visit: Changing, asked: Annotated[Decided, Form()]) -> Response:
    """Decide those that are ticked, or `everything` that fits the filter."""
    choice = chosen(asked.action, reason=asked.other_reason, into=asked.into)
    try:
        ids = visit.read(lambda c: browse.matching_ids(c, asked.filter)) if asked.everything else asked.id
        outcome = visit.desk.decide_many(ids, choice, request=asked.request)
    except DecisionError as error:
        return visit.went(asked.address, Note(str(error), bad=True))
    visit.site.board.took(outcome.decided)
    said = said_of(outcome, choice) + "."
    for why in list(outcome.refused.values())[:REFUSALS]:
        said += f" Not done: {why}"
    if len(outcome.refused) > REFUSALS:
        said += f" And {len(outcome.refused) - REFUSALS} more could not be."
    return visit.went(asked.address, Note(said, bad=bool(outcome.refused)))
