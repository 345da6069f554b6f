"""The review, one candidate after the other: cards, decisions, and edits that are saved while they are typed."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace
from typing import Annotated, Any
from urllib.parse import quote, urlencode

from fastapi import APIRouter, Form, HTTPException, Query
from fastapi.responses import Response

from curator.errors import DecisionConflict, DecisionError
from curator.review import consent, unsaved_edits, wording_check
from curator.review.decisions import MAX_TEXT_CHARS, DecisionRequest, DecisionResult, SeenState, find_candidate
from curator.review.identity import clean_name
from curator.review.pace import Pace
from curator.review.web.consent_fields import TermsForm
from curator.review.web.context import FlashMessage, ReadContext, RequestContext, WriteContext, pace_to_json
from curator.review.web.view_models import CandidateView, build_views, is_on_record
from curator.sanitize import single_line
from curator.types import KINDS
from curator.warehouse import Connection, candidate_search, decisions, overview
from curator.warehouse.unsaved_edits import UnsavedEdit

router = APIRouter()
MAX_CARDS = 40
"""Cards that a browser may fetch at once."""
MAX_EXCLUDED = 400
"""Candidates that a browser may name as ones that it has already."""
MAX_QUERY_CHARS = 500
"""Characters of a search for candidates to merge into; more are ignored."""
NO_DECISION = "none"
"""The value of a form's `seen` field if the candidate had no decision when the form was made."""
PAST_TENSE = {"accept": "Accepted", "reject": "Rejected", "defer": "Deferred", "merge": "Merged"}
"""The actions that a form may ask for, each with the word that reports it."""


@router.get("/review")
def show_next(context: ReadContext, topic: str = "", after: str = "") -> Response:
    """Redirect to the next waiting candidate; without one, show an empty page that loads the next one by itself."""
    following = context.read(context.state.queue.list_next, 1, after=after, topic=topic)
    if following and following[0] != after:
        return context.redirect(_candidate_path(following[0], topic))
    progress = context.read(context.measure_pace)
    return context.render_page("review.html", card=None, topic=topic, progress=progress, previous=None)


@router.get("/candidate/{candidate}")
def show_candidate(
    context: ReadContext,
    candidate: str,
    topic: str = "",
    number: Annotated[int, Query(alias="quote", ge=1, le=1000)] = 1,
) -> Response:
    """Show the card of a candidate, opened at the page of one of its quotes.

    Args:
        context: The request.
        candidate: The candidate's id.
        topic: The topic that is being reviewed; "" for all.
        number: The number of the quote, from 1.
    """

    def load(connection: Connection) -> tuple[list[CandidateView], Mapping[str, Any]]:
        return build_views(connection, [candidate], context.reviewer_name, number), {
            "progress": context.measure_pace(connection),
            "previous": context.state.queue.find_previous(connection, candidate, topic),
            "differing": overview.load_disagreements(connection, candidate),
        }

    cards, values = context.read(load)
    if not cards:
        raise HTTPException(404, "There is no candidate with this id.")
    others = context.state.presence.report(context.session, context.reviewer_name, candidate)
    return context.render_page(
        "review.html", card=cards[0], topic=topic, others=others, known_topics=_topic_names(context), **values
    )


@router.get("/cards")
def send_cards(
    context: ReadContext,
    after: str = "",
    beside: str = "",
    topic: str = "",
    id: str = "",
    count: Annotated[int, Query(ge=1, le=MAX_CARDS)] = 10,
) -> Response:
    """Return the HTML of the next cards, or of one card.

    Args:
        context: The request.
        after: The candidate after which the cards come.
        beside: Ids of candidates to leave out, separated by commas.
        topic: The topic that is being reviewed; "" for all.
        id: The candidate whose card is returned; "" for the next cards.
        count: The largest number of cards.
    """
    excluded = set(beside.split(",")[:MAX_EXCLUDED])

    def load(connection: Connection) -> tuple[Sequence[CandidateView], Pace]:
        queue = context.state.queue
        ids = [id] if id else queue.list_next(connection, count, after=after, exclude=excluded, topic=topic)
        return build_views(connection, ids, context.reviewer_name), context.measure_pace(connection)

    cards, progress = context.read(load)
    values = {"topic": topic, "known_topics": _topic_names(context), "differing": ()}
    return context.json(
        cards=[{"id": card.item.id, "html": context.render("_card.html", card=card, **values)} for card in cards],
        progress=pace_to_json(progress),
    )


@router.get("/pulse")
def send_state(context: ReadContext, candidate: str = "", topic: str = "") -> Response:
    """Return what may have changed since the page was loaded; an open page asks every few seconds."""

    def load(connection: Connection) -> tuple[Pace, str | None, int]:
        decision = decisions.load_current_decision(connection, candidate) if candidate else None
        return context.measure_pace(connection), decision, context.state.queue.count_waiting(connection, topic)

    progress, decision, waiting = context.read(load)
    return context.json(
        progress=pace_to_json(progress),
        others=context.state.presence.report(context.session, context.reviewer_name, candidate),
        waiting=waiting,
        decision=decision,
        form_token=context.form_token,  # a session opened since the page was loaded has another one
    )


@router.get("/candidate/{candidate}/targets")
def send_merge_targets(context: ReadContext, candidate: str, q: str = "") -> Response:
    """Return the HTML of the candidates and frames that this candidate could be merged into."""
    rows = context.read(candidate_search.find_merge_candidates, candidate, q[:MAX_QUERY_CHARS])
    return context.json(html=context.render("_targets.html", rows=rows))


@router.post("/candidate/{candidate}/decide")
def decide(
    context: WriteContext,
    candidate: str,
    terms: TermsForm,
    action: Annotated[str, Form()],
    text: Annotated[str | None, Form()] = None,
    kind: Annotated[str | None, Form()] = None,
    topics: Annotated[list[str] | None, Form()] = None,
    other_reason: Annotated[str, Form()] = "",
    into: Annotated[str, Form()] = "",
    contradicts: Annotated[bool, Form()] = False,
    reviewer: Annotated[str | None, Form()] = None,
    seen: Annotated[str | None, Form()] = None,
    noticed: Annotated[int, Form()] = 0,
    request: Annotated[str | None, Form()] = None,
    topic: Annotated[str, Form()] = "",
) -> Response:
    """Decide a candidate, and go to the next one.

    The fields `reviewer`, `seen` and `noticed` say who was shown the card, with which decision and how many notices.
    """
    seen_state = SeenState(None if seen == NO_DECISION else seen, noticed) if seen is not None else None
    following: list[str] = []
    if not context.wants_json:  # a page with scripts has the next card already
        following = context.read(context.state.queue.list_next, 1, after=candidate, exclude={candidate}, topic=topic)
    try:
        _check_reviewer(context, reviewer)
        choice = parse_decision(
            action, text=text, kind=kind, topics=topics, reason=other_reason, into=into, contradicts=contradicts
        )
        if choice.action == "accept":
            terms.check(find_candidate(context.state.warehouse, candidate))
            choice = replace(choice, question=terms.question.choice, scope=terms.scope.choice)
        result = context.reviewer.decide(candidate, choice, request=request, seen=seen_state)
    except DecisionError as error:
        return _answer_error(context, error, _candidate_path(candidate, topic))
    context.state.queue.remove(result.decided)
    message = describe_result(result, choice)
    if context.wants_json:
        progress = pace_to_json(context.read(context.measure_pace))
        return context.json(message=message, progress=progress, unchanged=bool(result.unchanged))
    path = _candidate_path(following[0], topic) if following else "/review"
    return context.redirect(path, FlashMessage(message))


@router.post("/candidate/{candidate}/edit")
def save_edit(
    context: WriteContext,
    candidate: str,
    terms: TermsForm,
    text: Annotated[str, Form()] = "",
    kind: Annotated[str | None, Form()] = None,
    topics: Annotated[list[str] | None, Form()] = None,
    reviewer: Annotated[str | None, Form()] = None,
    drop: Annotated[str, Form()] = "",
) -> Response:
    """Save an unfinished edit, or discard it if `drop` is set."""
    saved_at = None
    try:
        _check_reviewer(context, reviewer)
        if drop:
            unsaved_edits.drop_edit(context.state.warehouse, context.reviewer_name, candidate)
        else:
            edit = UnsavedEdit(text, kind if kind in KINDS else None, _without_blanks(topics), **terms.edit_fields)
            saved_at = unsaved_edits.save_edit(context.state.warehouse, context.reviewer_name, candidate, edit)
    except DecisionError as error:
        return _answer_error(context, error, _candidate_path(candidate, ""))
    if not context.wants_json:
        return context.redirect(_candidate_path(candidate, ""))
    return context.json(at=saved_at.isoformat(timespec="microseconds") if saved_at else "")


@router.post("/candidate/{candidate}/wording")
def check_wording(
    context: WriteContext, candidate: str, terms: TermsForm, text: Annotated[str, Form()] = ""
) -> Response:
    """Check whether the quotes support a wording that is being typed. Nothing is saved."""
    words = single_line(text[: 2 * MAX_TEXT_CHARS])
    try:
        item = find_candidate(context.state.warehouse, candidate)
        scope = consent.scope_published(item, terms.scope.choice)
    except DecisionError as error:
        return context.json(404, error=str(error))
    support = wording_check.check_wording(item, words, scope) if len(words) <= MAX_TEXT_CHARS else None
    shown = support if not is_on_record(item, words) else None  # the card has the verdict on record already
    is_reworded = wording_check.is_reworded(item, words)
    html = context.render("_wording.html", support=shown, is_reworded=is_reworded)
    return context.json(html=html, verdict=support.verdict if support else None)


def parse_decision(
    action: str, *, reason: str, into: str, text: str | None = None, kind: str | None = None,
    topics: list[str] | None = None, contradicts: bool = False,
) -> DecisionRequest:  # fmt: skip
    """Return the decision that a form asks for.

    Args:
        action: One of `PAST_TENSE`. The value of a button may also carry a reason or a target: "reject:too vague".
        reason: For a rejection whose action carries no reason.
        into: The candidate or frame to merge into, if the action carries no target.
        text: The final text of an accepted frame; None for the draft's.
        kind: The kind of an accepted frame; None for the draft's.
        topics: The topics of an accepted frame; None for the draft's.
        contradicts: The candidate is merged as evidence against its target.

    Raises:
        HTTPException: There is no such action.
    """
    action, _, detail = action.partition(":")
    if action not in PAST_TENSE:
        raise HTTPException(422, "A form can accept, reject, defer or merge a candidate, and nothing else.")
    if action == "accept":
        return DecisionRequest("accept", text=text, kind=kind or None, topics=_without_blanks(topics))  # type: ignore[arg-type]
    if action == "reject":
        return DecisionRequest("reject", reason=detail or reason)
    return DecisionRequest(action, into=(detail or into).strip() or None, contradicts=contradicts and action == "merge")  # type: ignore[arg-type]


def _without_blanks(topics: list[str] | None) -> tuple[str, ...] | None:
    """Return the ticked topics. A form with topics sends a blank one, so that unticking all of them is noticed."""
    return tuple(topic for topic in topics if topic.strip()) if topics is not None else None


def describe_result(result: DecisionResult, choice: DecisionRequest) -> str:
    """Return the outcome of a decision in a few words, such as "Accepted as F12"."""
    number = len(result.decided)
    summary = PAST_TENSE[choice.action] + (f" {number:,} candidates" if number > 1 else "")
    if choice.action == "accept" and number == 1:
        summary += f" as {result.frames[result.decided[0]]}"
    if choice.reason:
        summary += f": {choice.reason}"
    if not result.unchanged:
        return summary
    if number == 1:
        return f"Already {summary[0].lower()}{summary[1:]}"
    return f"{summary}, {len(result.unchanged):,} of them already"


def _check_reviewer(context: RequestContext, shown_to: str | None) -> None:
    """Refuse the form of a card that was shown to another reviewer, whose ticks it carries.

    Raises:
        DecisionConflict: The card was shown to another reviewer.
    """
    if shown_to is not None and clean_name(shown_to) != clean_name(context.reviewer_name):
        raise DecisionConflict(
            f"You review as {context.reviewer_name} now, but this card was shown to {clean_name(shown_to)}. Nothing "
            "was changed. Look at the card again and decide.",
            None,
        )


def _answer_error(context: RequestContext, error: DecisionError, back: str) -> Response:
    if not context.wants_json:
        return context.redirect(back, FlashMessage(str(error), is_error=True))
    return context.json(409 if isinstance(error, DecisionConflict) else 422, error=str(error))


def _topic_names(context: RequestContext) -> tuple[str, ...]:
    return tuple(topic.name for topic in context.state.workspace.settings.topics)


def _candidate_path(candidate: str, topic: str) -> str:
    return f"/candidate/{quote(candidate, safe='')}" + (f"?{urlencode({'topic': topic})}" if topic else "")
