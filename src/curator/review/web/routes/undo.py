"""Undoing and redoing: a step of more than one decision is shown first, and undone once that is confirmed."""

from __future__ import annotations

from typing import Annotated, Any
from urllib.parse import quote, urlencode

from fastapi import APIRouter, Form
from fastapi.responses import Response

from curator.errors import DecisionConflict, DecisionError, UndoUnconfirmed
from curator.review.undo import MAX_LINES_SHOWN, Reversal, describe_reversal, describe_step, list_step_lines
from curator.review.web.context import FlashMessage, ReadContext, RequestContext, WriteContext, progress_json

router = APIRouter()
MOST_NAMED = 100  # candidates that the answer to a page's script names


@router.get("/undo")
def show_undo(visit: ReadContext, topic: str = "", to: str = "") -> Response:
    """Show what an undo would take back, and ask."""
    try:
        asked = _asked(visit, topic, to)
    except DecisionError as error:
        return _refused(visit, error, to)
    return visit.page("undo.html", back=_back(to), **asked)


@router.post("/undo")
def undo(
    visit: WriteContext,
    request: Annotated[str | None, Form()] = None,
    step: Annotated[str, Form()] = "",
    topic: Annotated[str, Form()] = "",
    to: Annotated[str, Form()] = "",
) -> Response:
    """Take the latest step back, and show what it was about.

    `step`: the one that was shown and confirmed. `to`: the list, to stay there.
    """
    try:
        undone = visit.desk.undo(request, shown=step or None, single=True)
    except UndoUnconfirmed:
        if not visit.wants_json:
            return visit.went(f"/undo?{urlencode({'topic': topic, 'to': to})}")
        return visit.told(confirm=visit.rendered("_undo.html", **_asked(visit, topic, to)))
    except DecisionError as error:
        return _refused(visit, error, to)
    visit.site.board.gave_back(undone.candidates)
    return _done(visit, undone, f"Undid: {describe_reversal(undone)}", topic, to)


@router.post("/redo")
def redo(
    visit: WriteContext,
    request: Annotated[str | None, Form()] = None,
    topic: Annotated[str, Form()] = "",
    to: Annotated[str, Form()] = "",
) -> Response:
    """Bring back what the latest undo took back."""
    try:
        redone = visit.desk.redo(request)
    except DecisionError as error:
        return _refused(visit, error, to)
    visit.site.board.took(redone.candidates)
    return _done(visit, redone, f"Redid: {describe_reversal(redone)}", topic, to or "/review")


def _asked(visit: RequestContext, topic: str, to: str) -> dict[str, Any]:
    """What the templates show of the step that an undo would take back. Raises DecisionError where there is none."""
    step = visit.desk.next_undo()
    lines = visit.read(list_step_lines, step)
    left_out = max(0, len(lines) - MAX_LINES_SHOWN)
    return {
        "step": step,
        "summary": describe_step(step),
        "lines": lines[:MAX_LINES_SHOWN],
        "left_out": left_out,
        "topic": topic,
        "to": to,
    }


def _done(visit: RequestContext, done: Reversal, said: str, topic: str, to: str) -> Response:
    said = " ".join([said + ("." if done.notes else ""), *done.notes])
    if visit.wants_json:
        progress = progress_json(visit.read(visit.progress))
        return visit.told(message=said, candidates=list(done.candidates[:MOST_NAMED]), progress=progress)
    if to or not done.candidates:
        return visit.went(_back(to), FlashMessage(said))
    about = f"/candidate/{quote(done.candidates[0], safe='')}" + (f"?{urlencode({'topic': topic})}" if topic else "")
    return visit.went(about, FlashMessage(said))


def _back(to: str) -> str:
    return to if to.startswith("/list") else "/review"


def _refused(visit: RequestContext, error: DecisionError, to: str) -> Response:
    if not visit.wants_json:
        return visit.went(_back(to), FlashMessage(str(error), bad=True))
    return visit.told(409 if isinstance(error, DecisionConflict) else 422, error=str(error))
