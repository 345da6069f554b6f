"""A frame's open question and scope on the card: each with a tick that publishes it, and words that can be edited."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Annotated, Any, ClassVar

from fastapi import Depends, Form

from curator.errors import DecisionError
from curator.review.consent import MAX_TERM_CHARS, PARTS, ConsentChoice, Part, agreed, is_undecided, term_words
from curator.sanitize import single_line
from curator.warehouse.candidates import QueuedCandidate
from curator.warehouse.unsaved_edits import UnsavedEdit


@dataclass(frozen=True)
class Term:
    """One of the two, as the card shows it."""

    part: Part
    name: str
    words: str  # as the reviewer left them
    standing: str  # published, or drafted: what undoing the edit brings back
    ticked: bool
    ticked_before: bool  # on record, without the unfinished edit
    undecided: bool  # an earlier version published it, and nobody has decided on it
    off: bool  # ticked to be taken off the list, which only an undecided part can be
    longest: ClassVar[int] = MAX_TERM_CHARS  # characters


def terms_of(item: QueuedCandidate, edit: UnsavedEdit | None) -> tuple[Term, ...]:
    """The open question and the scope of a candidate, with what the reviewer has begun to change."""
    return tuple(_term(part, item, edit) for part in PARTS)


def _term(part: Part, item: QueuedCandidate, edit: UnsavedEdit | None) -> Term:
    standing, before = term_words(item, part), bool(agreed(item, part))
    typed: str | None = getattr(edit, part, None)
    ticked: bool | None = getattr(edit, f"{part}_agreed", None)
    return Term(
        part=part,
        name=PARTS[part],
        words=standing if typed is None else typed,
        standing=standing,
        ticked=before if ticked is None else ticked,
        ticked_before=before,
        undecided=is_undecided(item, part),
        off=is_undecided(item, part) and ticked is False,
    )


@dataclass(frozen=True)
class Ticked:
    """One of the two, as a form sends it; a form that has no field for it says nothing of it."""

    part: Part
    words: str | None
    ticked: bool
    dropped: bool  # to be taken off the list
    undecided: bool  # the form left the decision open, unless either is ticked

    @property
    def wish(self) -> ConsentChoice:
        """What a decision records of it. Raises DecisionError where both ticks are set."""
        if self.ticked and self.dropped:
            raise DecisionError(f"The {PARTS[self.part]} is ticked to be kept and to be taken off; choose one.")
        if self.ticked:
            return self.words if self.words is not None else True
        if self.dropped:
            return False
        return None if self.words is None or self.undecided else False

    @property
    def agreed(self) -> bool | None:
        """The ticks as an unfinished edit keeps them; None where they leave the part undecided."""
        if self.ticked:
            return True
        return None if self.undecided and not self.dropped else False

    def check(self, item: QueuedCandidate) -> None:
        """Raise DecisionError where the words of an undecided part were changed and neither tick says what for."""
        if self.words is None or self.ticked or self.dropped or not is_undecided(item, self.part):
            return
        if single_line(self.words) != single_line(term_words(item, self.part)):
            raise DecisionError(
                f"The {PARTS[self.part]} was changed, and nobody has agreed to it yet: tick it to publish it in your "
                "words, or tick “Take it off”."
            )


@dataclass(frozen=True)
class SentTerms:
    question: Ticked
    scope: Ticked

    @property
    def edit(self) -> dict[str, Any]:
        """The fields of an unfinished edit."""
        fields: dict[str, Any] = {}
        for one in (self.question, self.scope):
            if one.words is not None:
                fields |= {one.part: one.words, f"{one.part}_agreed": one.agreed}
        return fields

    def check(self, item: QueuedCandidate) -> None:
        """Raise DecisionError where accepting the frame would silently drop words that were written."""
        self.question.check(item)
        self.scope.check(item)


def sent_terms(
    question: Annotated[list[str] | None, Form()] = None,  # a list, since FastAPI takes an empty text for none at all
    question_agreed: Annotated[bool, Form()] = False,
    question_off: Annotated[bool, Form()] = False,
    question_undecided: Annotated[bool, Form()] = False,
    scope: Annotated[list[str] | None, Form()] = None,
    scope_agreed: Annotated[bool, Form()] = False,
    scope_off: Annotated[bool, Form()] = False,
    scope_undecided: Annotated[bool, Form()] = False,
) -> SentTerms:
    return SentTerms(
        Ticked("question", question[0] if question else None, question_agreed, question_off, question_undecided),
        Ticked("scope", scope[0] if scope else None, scope_agreed, scope_off, scope_undecided),
    )


Sent = Annotated[SentTerms, Depends(sent_terms)]
