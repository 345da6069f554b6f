"""Undo and redo. A step of more than one decision is shown first, and undone when the reviewer confirms it."""

from __future__ import annotations

from typing import Annotated, Any
from urllib.parse import quote, urlencode

from fastapi import APIRouter, Form
from fastapi.responses import Response

from curator.errors import DecisionConflict, DecisionError, UndoUnconfirmed
from curator.review.undo import MAX_LINES_SHOWN, Reversal, describe_reversal, describe_step, list_step_lines
from curator.review.web.context import FlashMessage, ReadContext, RequestContext, WriteContext, pace_to_json

router = APIRouter()
MAX_CANDIDATES_SENT = 100
"""Candidates that an answer names to the page's scripts, which redraw only cards that a browser still holds."""


@router.get("/undo")
def show_undo(context: ReadContext, topic: str = "", to: str = "") -> Response:
    """Show the step that an undo would reverse, and ask for confirmation."""
    try:
        values = _describe_next_undo(context, topic, to)
    except DecisionError as error:
        return _answer_error(context, error, to)
    return context.render_page("undo.html", back=_return_path(to), **values)


@router.post("/undo")
def undo(
    context: WriteContext,
    request: Annotated[str | None, Form()] = None,
    step: Annotated[str, Form()] = "",
    topic: Annotated[str, Form()] = "",
    to: Annotated[str, Form()] = "",
) -> Response:
    """Undo the reviewer's latest step, and show the candidate it was about.

    Args:
        context: The request.
        request: The client's token, which makes a repeated request harmless.
        step: The step that was shown and confirmed; "" if none was.
        topic: The topic that is being reviewed; "" for all.
        to: The path of the list, to return to it.
    """
    try:
        reversal = context.reviewer.undo(request, shown=step or None, single=True)
    except UndoUnconfirmed:
        if not context.wants_json:
            return context.redirect(f"/undo?{urlencode({'topic': topic, 'to': to})}")
        return context.json(confirm=context.render("_undo.html", **_describe_next_undo(context, topic, to)))
    except DecisionError as error:
        return _answer_error(context, error, to)
    context.state.queue.invalidate(reversal.candidates)
    return _answer_reversal(context, reversal, f"Undid: {describe_reversal(reversal)}", topic, to)


@router.post("/redo")
def redo(
    context: WriteContext,
    request: Annotated[str | None, Form()] = None,
    topic: Annotated[str, Form()] = "",
    to: Annotated[str, Form()] = "",
) -> Response:
    """Redo the step that the reviewer's latest undo reversed. The arguments are those of `undo`."""
    try:
        reversal = context.reviewer.redo(request)
    except DecisionError as error:
        return _answer_error(context, error, to)
    context.state.queue.remove(reversal.candidates)
    return _answer_reversal(context, reversal, f"Redid: {describe_reversal(reversal)}", topic, to or "/review")


def _describe_next_undo(context: RequestContext, topic: str, to: str) -> dict[str, Any]:
    """Return the values with which the templates describe the step that an undo would reverse.

    Raises:
        DecisionError: There is nothing to undo.
    """
    step = context.reviewer.next_undo()
    lines = context.read(list_step_lines, step)
    return {
        "step": step,
        "summary": describe_step(step),
        "lines": lines[:MAX_LINES_SHOWN],
        "left_out": max(0, len(lines) - MAX_LINES_SHOWN),
        "topic": topic,
        "to": to,
    }


def _answer_reversal(context: RequestContext, reversal: Reversal, summary: str, topic: str, to: str) -> Response:
    message = " ".join([summary + ("." if reversal.notes else ""), *reversal.notes])
    if context.wants_json:
        progress = pace_to_json(context.read(context.measure_pace))
        sent = list(reversal.candidates[:MAX_CANDIDATES_SENT])
        return context.json(message=message, candidates=sent, progress=progress)
    if to or not reversal.candidates:
        return context.redirect(_return_path(to), FlashMessage(message))
    query = f"?{urlencode({'topic': topic})}" if topic else ""
    return context.redirect(f"/candidate/{quote(reversal.candidates[0], safe='')}{query}", FlashMessage(message))


def _return_path(to: str) -> str:
    """Return the path of the list that a form names, else that of the review."""
    return to if to.startswith("/list") else "/review"


def _answer_error(context: RequestContext, error: DecisionError, to: str) -> Response:
    if not context.wants_json:
        return context.redirect(_return_path(to), FlashMessage(str(error), is_error=True))
    return context.json(409 if isinstance(error, DecisionConflict) else 422, error=str(error))
