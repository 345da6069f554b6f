"""The other pages: the front page, a paper, a run, a model call, pictures of pages, and the reviewer's name."""

from __future__ import annotations

import json
from datetime import UTC, datetime
from typing import Annotated

from fastapi import APIRouter, Form, HTTPException, Query
from fastapi.responses import Response

from curator.errors import PaperError
from curator.review.identity import clean_name
from curator.review.pace import Pace
from curator.review.web.context import FlashMessage, ReadContext, WriteContext
from curator.sources import parse_paper_key, pdf_file_name
from curator.warehouse import Connection, overview
from curator.warehouse.overview import FrontOverview

router = APIRouter()


@router.get("/")
def show_front_page(context: ReadContext) -> Response:
    """Show the state of the list: its candidates, topics, decisions and latest runs."""

    def load(connection: Connection) -> tuple[FrontOverview, Pace]:
        today = datetime.now(UTC).date()
        return overview.load_front_overview(connection, today), context.measure_pace(connection)

    front, progress = context.read(load)
    max_decisions = max([1, *(accepted + other for _, accepted, other in front.days)])
    return context.render_page("front.html", front=front, progress=progress, max_decisions=max_decisions)


@router.get("/paper/{paper:path}")
def show_paper(context: ReadContext, paper: str) -> Response:
    """Show a version of a paper: its candidates, decisions, hidden text, screening and text."""
    id, version = _parse_paper_key(paper)
    paper_overview = context.read(overview.load_paper_overview, id, version)
    if paper_overview is None:
        raise HTTPException(404, "This paper is not in the warehouse.")
    return context.render_page("paper.html", overview=paper_overview)


@router.get("/run/{run}")
def show_run(context: ReadContext, run: str) -> Response:
    """Show a run: its figures, topics, candidates, failures and papers."""
    run_overview = context.read(overview.load_run_overview, run)
    if run_overview is None:
        raise HTTPException(404, "There is no run with this id.")
    return context.render_page("run.html", overview=run_overview)


@router.get("/call/{call}")
def show_call(context: ReadContext, call: str) -> Response:
    """Show a model call as a page, or return its messages as HTML for a card."""
    model_call = context.read(overview.load_call, call)
    if model_call is None:
        raise HTTPException(404, "There is no model call with this id.")
    messages = json.loads(model_call["messages"] or "[]")
    if context.wants_json:
        return context.json(html=context.render("_call.html", call=model_call, messages=messages))
    return context.render_page("call.html", call=model_call, messages=messages)


@router.get("/help")
def show_help(context: ReadContext) -> Response:
    """Show the keys."""
    return context.render_page("help.html")


@router.get("/picture/{paper:path}/{page}.png")
def show_picture(
    context: ReadContext, paper: str, page: int, width: Annotated[int, Query(ge=1, le=10_000)] = 1200
) -> Response:
    """Return a picture of a page, rendered in the reader's process.

    The PDF of a version never changes, so browsers may cache the picture.

    Args:
        context: The request.
        paper: The paper's id with a version.
        page: The page's number, from 1.
        width: Of the picture, in pixels.
    """
    id, version = _parse_paper_key(paper)
    if version is None:
        raise HTTPException(404, "The address of a picture needs the version of the paper, as in 2501.01234v2.")
    try:
        picture = context.state.pictures.get(context.state.workspace.pdfs / pdf_file_name(id, version), page, width)
    except (PaperError, ValueError) as error:
        raise HTTPException(404, str(error)) from error
    return Response(picture, media_type="image/png", headers={"Cache-Control": "private, max-age=86400"})


@router.post("/who")
def set_reviewer_name(
    context: WriteContext, name: Annotated[str, Form()] = "", back: Annotated[str, Form()] = "/"
) -> Response:
    """Set the name under which this browser's decisions are recorded; "" returns to the name in the settings."""
    name = clean_name(name)
    is_own_path = back.startswith("/") and not back.startswith(("//", "/\\"))
    message = f"Your decisions are now signed {name}." if name else "Your name has been removed from this browser."
    response = context.redirect(back if is_own_path else "/", FlashMessage(message))
    context.set_reviewer_cookie(response, name)
    return response


def _parse_paper_key(paper: str) -> tuple[str, int | None]:
    try:
        return parse_paper_key(paper)
    except ValueError as error:
        raise HTTPException(404, "This is not the id of a paper.") from error
