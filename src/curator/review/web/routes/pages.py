"""The other pages: how the list is doing, a paper, a run, a model call, page pictures, and who reviews."""

from __future__ import annotations

import json
from datetime import UTC, datetime
from typing import Annotated

from fastapi import APIRouter, Form, HTTPException, Query
from fastapi.responses import Response

from curator.errors import PaperError
from curator.review.identity import clean_name
from curator.review.web.context import FlashMessage, ReadContext, WriteContext
from curator.sources import parse_paper_key, pdf_file_name
from curator.warehouse import overview

router = APIRouter()


@router.get("/")
def front(visit: ReadContext) -> Response:
    told, progress = visit.read(
        lambda c: (overview.load_front_overview(c, datetime.now(UTC).date()), visit.progress(c))
    )
    return visit.page("front.html", told=told, progress=progress, most=max([1, *(a + o for _, a, o in told.days)]))


@router.get("/paper/{paper:path}")
def paper(visit: ReadContext, paper: str) -> Response:
    id, version = _key(paper)
    told = visit.read(overview.load_paper_overview, id, version)
    if told is None:
        raise HTTPException(404, "This list knows no such paper.")
    return visit.page("paper.html", told=told)


@router.get("/run/{run}")
def run(visit: ReadContext, run: str) -> Response:
    told = visit.read(overview.load_run_overview, run)
    if told is None:
        raise HTTPException(404, "There was no such run.")
    return visit.page("run.html", told=told)


@router.get("/call/{call}")
def call(visit: ReadContext, call: str) -> Response:
    """As a page, or as the part of one that the review page unfolds."""
    told = visit.read(overview.load_call, call)
    if told is None:
        raise HTTPException(404, "There was no such model call.")
    messages = json.loads(told["messages"] or "[]")
    if visit.wants_json:
        return visit.told(html=visit.rendered("_call.html", call=told, messages=messages))
    return visit.page("call.html", call=told, messages=messages)


@router.get("/help")
def help_(visit: ReadContext) -> Response:
    return visit.page("help.html")


@router.get("/picture/{paper:path}/{page}.png")
def picture(
    visit: ReadContext, paper: str, page: int, width: Annotated[int, Query(ge=1, le=10_000)] = 1200
) -> Response:
    """A page of a paper, drawn in the reading process. A file never changes under its version, so browsers keep it."""
    id, version = _key(paper)
    if version is None:
        raise HTTPException(404, "A picture is of one version of a paper.")
    try:
        drawn = visit.site.pictures.get(visit.site.workspace.pdfs / pdf_file_name(id, version), page, width)
    except (PaperError, ValueError) as error:
        raise HTTPException(404, str(error)) from error
    return Response(drawn, media_type="image/png", headers={"Cache-Control": "private, max-age=86400"})


@router.post("/who")
def who(visit: WriteContext, name: Annotated[str, Form()] = "", back: Annotated[str, Form()] = "/") -> Response:
    """Take the name that goes on this browser's decisions; without one, the settings' goes on them again."""
    name = clean_name(name)
    local = back if back.startswith("/") and not back.startswith(("//", "/\\")) else "/"
    went = visit.went(local, FlashMessage(f"Your decisions are signed {name}." if name else "Your name was taken off."))
    visit.sign(went, name)
    return went


def _key(paper: str) -> tuple[str, int | None]:
    try:
        return parse_paper_key(paper)
    except ValueError as error:
        raise HTTPException(404, "That is no arXiv id.") from error
