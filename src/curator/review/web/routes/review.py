"""One candidate after the other: the card, what is decided on it, and what is kept while it is edited."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from typing import Annotated, Any
from urllib.parse import quote, urlencode

from fastapi import APIRouter, Form, HTTPException, Query
from fastapi.responses import Response

from curator.errors import DecisionConflict, DecisionError
from curator.review import consent, unsaved_edits, wording_check
from curator.review.decisions import MAX_TEXT_CHARS, DecisionRequest, DecisionResult, SeenState, find_candidate
from curator.review.identity import clean_name
from curator.review.web.consent_fields import Sent
from curator.review.web.context import FlashMessage, ReadContext, RequestContext, WriteContext, progress_json
from curator.review.web.view_models import CandidateView, build_views, is_on_record
from curator.sanitize import single_line
from curator.types import KINDS
from curator.warehouse import Connection, candidate_search, decisions, overview
from curator.warehouse.unsaved_edits import UnsavedEdit

router = APIRouter()
MOST_CARDS = 40  # that a browser takes at once
MOST_BESIDE = 400  # that it says it has already
NONE = "none"  # in a form: no decision stood when it was made
DONE = {"accept": "Accepted", "reject": "Rejected", "defer": "Deferred", "merge": "Merged"}


@router.get("/review")
def review(visit: ReadContext, topic: str = "", after: str = "") -> Response:
    """On to the best that waits; where nothing does, a page that says so and goes on by itself when something comes."""
    found = visit.read(visit.site.board.next, 1, after=after, topic=topic)
    if found and found[0] != after:
        return visit.went(_address(found[0], topic))
    return visit.page("review.html", card=None, topic=topic, progress=visit.read(visit.progress), previous=None)


@router.get("/candidate/{candidate}")
def candidate(
    visit: ReadContext, candidate: str, topic: str = "", shown: Annotated[int, Query(alias="quote", ge=1, le=1000)] = 1
) -> Response:
    def ask(c: Connection) -> tuple[list[CandidateView], Any, Any, Any]:
        found = build_views(c, [candidate], visit.reviewer, shown)
        return (
            found,
            visit.progress(c),
            visit.site.board.before(c, candidate, topic),
            overview.load_disagreements(c, candidate),
        )

    found, progress, previous, differing = visit.read(ask)
    if not found:
        raise HTTPException(404, "There is no such candidate.")
    others = visit.site.presence.here(visit.session, visit.reviewer, candidate)
    return visit.page(
        "review.html",
        card=found[0], topic=topic, progress=progress, others=others, previous=previous, differing=differing,
        known_topics=_topics(visit),
    )  # fmt: skip


@router.get("/cards")
def next_cards(
    visit: ReadContext,
    after: str = "",
    beside: str = "",
    topic: str = "",
    id: str = "",
    count: Annotated[int, Query(ge=1, le=MOST_CARDS)] = 10,
) -> Response:
    """The cards that come next, as the page shows them; or the one of `id`."""
    have = set(beside.split(",")[:MOST_BESIDE])

    def ask(c: Connection) -> tuple[Sequence[CandidateView], Any]:
        ids = [id] if id else visit.site.board.next(c, count, after=after, beside=have, topic=topic)
        return build_views(c, ids, visit.reviewer), visit.progress(c)

    found, progress = visit.read(ask)
    known = _topics(visit)
    return visit.told(
        cards=[
            {
                "id": card.item.id,
                "html": visit.rendered("_card.html", card=card, topic=topic, known_topics=known, differing=()),
            }
            for card in found
        ],
        progress=progress_json(progress),
    )


@router.get("/pulse")
def pulse(visit: ReadContext, candidate: str = "", topic: str = "") -> Response:
    """What changed meanwhile: asked every few seconds by a page that stands open."""

    def ask(c: Connection) -> tuple[Any, Any, int]:
        standing = decisions.load_current_decision(c, candidate) if candidate else None
        return visit.progress(c), standing, visit.site.board.waiting(c, topic)

    progress, standing, waiting = visit.read(ask)
    return visit.told(
        progress=progress_json(progress),
        others=visit.site.presence.here(visit.session, visit.reviewer, candidate),
        waiting=waiting,
        decision=standing,
        form_token=visit.form_token,  # of a session that was opened since the page was loaded
    )


@router.get("/candidate/{candidate}/targets")
def targets(visit: ReadContext, candidate: str, q: str = "") -> Response:
    """What it could be merged into."""
    found = visit.read(candidate_search.find_merge_candidates, candidate, q[:500])
    return visit.told(html=visit.rendered("_targets.html", rows=found))


@router.post("/candidate/{candidate}/decide")
def decide(
    visit: WriteContext,
    candidate: str,
    sent: Sent,
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
    looked = SeenState(None if seen == NONE else seen, noticed) if seen is not None else None
    following: list[str] = []
    if not visit.wants_json:  # a page with scripts knows already
        following = visit.read(visit.site.board.next, 1, after=candidate, beside={candidate}, topic=topic)
    try:
        _check_reviewer(visit, reviewer)
        choice = chosen(
            action, text=text, kind=kind, topics=topics, reason=other_reason, into=into, contradicts=contradicts
        )
        if choice.action == "accept":
            sent.check(find_candidate(visit.site.warehouse, candidate))
            choice = replace(choice, question=sent.question.wish, scope=sent.scope.wish)
        outcome = visit.desk.decide(candidate, choice, request=request, seen=looked)
    except DecisionError as error:
        return _refused(visit, error, _address(candidate, topic))
    visit.site.board.took(outcome.decided)
    said = said_of(outcome, choice)
    if visit.wants_json:
        progress = progress_json(visit.read(visit.progress))
        return visit.told(message=said, progress=progress, unchanged=bool(outcome.unchanged))
    return visit.went(_address(following[0], topic) if following else "/review", FlashMessage(said))


@router.post("/candidate/{candidate}/edit")
def edit(
    visit: WriteContext,
    candidate: str,
    sent: Sent,
    text: Annotated[str, Form()] = "",
    kind: Annotated[str | None, Form()] = None,
    topics: Annotated[list[str] | None, Form()] = None,
    reviewer: Annotated[str | None, Form()] = None,
    drop: Annotated[str, Form()] = "",
) -> Response:
    """Keep what is being typed; `drop` gives it up."""
    at = None
    try:
        _check_reviewer(visit, reviewer)
        if drop:
            unsaved_edits.drop_edit(visit.site.warehouse, visit.reviewer, candidate)
        else:
            begun = UnsavedEdit(text, kind if kind in KINDS else None, _without_blanks(topics), **sent.edit)
            at = unsaved_edits.save_edit(visit.site.warehouse, visit.reviewer, candidate, begun)
    except DecisionError as error:
        return _refused(visit, error, _address(candidate, ""))
    if not visit.wants_json:
        return visit.went(_address(candidate, ""))
    return visit.told(at=at.isoformat(timespec="microseconds") if at else "")


@router.post("/candidate/{candidate}/wording")
def check_wording(visit: WriteContext, candidate: str, sent: Sent, text: Annotated[str, Form()] = "") -> Response:
    """Say whether the quotes carry a wording that is being typed; nothing is kept."""
    words = single_line(text[: 2 * MAX_TEXT_CHARS])
    try:
        item = find_candidate(visit.site.warehouse, candidate)
        scope = consent.scope_published(item, sent.scope.wish)
    except DecisionError as error:
        return visit.told(404, error=str(error))
    found = wording_check.check_wording(item, words, scope) if len(words) <= MAX_TEXT_CHARS else None
    told = found if not is_on_record(item, words) else None
    html = visit.rendered("_wording.html", found=told, reworded=wording_check.is_reworded(item, words))
    return visit.told(html=html, verdict=found.verdict if found else None)


def chosen(
    action: str, *, reason: str, into: str, text: str | None = None, kind: str | None = None,
    topics: list[str] | None = None, contradicts: bool = False,
) -> DecisionRequest:  # fmt: skip
    """What a form asks for; a button may carry its reason or target with it, as in "reject:too vague".

    Raises HTTPException where it is none of ours.
    """
    action, _, detail = action.partition(":")
    if action not in DONE:
        raise HTTPException(422, "That is nothing that can be done to a candidate.")
    if action == "accept":
        return DecisionRequest("accept", text=text, kind=kind or None, topics=_without_blanks(topics))  # type: ignore[arg-type]
    if action == "reject":
        return DecisionRequest("reject", reason=detail or reason)
    return DecisionRequest(action, into=(detail or into).strip() or None, contradicts=contradicts and action == "merge")  # type: ignore[arg-type]


def _without_blanks(topics: list[str] | None) -> tuple[str, ...] | None:
    """A form says by a blank topic that it asked for topics, where none is ticked."""
    return tuple(one for one in topics if one.strip()) if topics is not None else None


def said_of(outcome: DecisionResult, choice: DecisionRequest) -> str:
    """What was done, in words."""
    number = len(outcome.decided)
    said = DONE[choice.action] + (f" {number:,} candidates" if number > 1 else "")
    if choice.action == "accept" and number == 1:
        said += f" as {outcome.frames[outcome.decided[0]]}"
    if choice.reason:
        said += f": {choice.reason}"
    if outcome.unchanged:
        if number == 1:
            return f"Already {said[0].lower()}{said[1:]}"
        said += f", {len(outcome.unchanged):,} of them already"
    return said


def _check_reviewer(visit: RequestContext, shown_to: str | None) -> None:
    """Raise DecisionConflict for a form of a card that was shown to another reviewer: its ticks are not this one's."""
    if shown_to is not None and clean_name(shown_to) != clean_name(visit.reviewer):
        raise DecisionConflict(
            f"You review as {visit.reviewer} now, and this card was shown to {clean_name(shown_to)}; nothing was "
            "changed. Look at the card again and decide.",
            None,
        )


def _refused(visit: RequestContext, error: DecisionError, back: str) -> Response:
    if not visit.wants_json:
        return visit.went(back, FlashMessage(str(error), bad=True))
    return visit.told(409 if isinstance(error, DecisionConflict) else 422, error=str(error))


def _topics(visit: RequestContext) -> tuple[str, ...]:
    return tuple(topic.name for topic in visit.site.workspace.settings.topics)


def _address(candidate: str, topic: str) -> str:
    return f"/candidate/{quote(candidate, safe='')}" + (f"?{urlencode({'topic': topic})}" if topic else "")
