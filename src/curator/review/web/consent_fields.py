"""The fields of a card for a frame's open question and scope: a tick that publishes each, and its editable words."""

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
class TermView:
    """The open question or the scope of a candidate, as the card shows it."""

    part: Part
    name: str
    words: str  # with the reviewer's unfinished edit
    saved_words: str  # without it: the published words, or the drafted ones
    is_ticked: bool
    was_ticked: bool  # on record, without the unfinished edit
    is_undecided: bool  # published by an earlier version of Curator, and no reviewer has decided on it
    is_removed: bool  # ticked to be removed from the list; only an undecided part can be
    max_chars: ClassVar[int] = MAX_TERM_CHARS


def build_terms(item: QueuedCandidate, edit: UnsavedEdit | None) -> tuple[TermView, ...]:
    """Return the open question and the scope of a candidate, with a reviewer's unfinished edit."""
    return tuple(_build_term(part, item, edit) for part in PARTS)


def _build_term(part: Part, item: QueuedCandidate, edit: UnsavedEdit | None) -> TermView:
    saved_words, was_ticked = term_words(item, part), bool(agreed(item, part))
    edited_words: str | None = getattr(edit, part, None)
    edited_tick: bool | None = getattr(edit, f"{part}_agreed", None)
    return TermView(
        part=part,
        name=PARTS[part],
        words=saved_words if edited_words is None else edited_words,
        saved_words=saved_words,
        is_ticked=was_ticked if edited_tick is None else edited_tick,
        was_ticked=was_ticked,
        is_undecided=is_undecided(item, part),
        is_removed=is_undecided(item, part) and edited_tick is False,
    )


@dataclass(frozen=True)
class SentTerm:
    """The open question or the scope, as a form sends it."""

    part: Part
    words: str | None  # None if the form has no field for this part
    is_ticked: bool
    is_removed: bool  # to be removed from the list
    is_undecided: bool  # the part was undecided on the card, and stays so unless one of the ticks is set

    @property
    def choice(self) -> ConsentChoice:
        """The choice that a decision records.

        Raises:
            DecisionError: Both ticks are set.
        """
        if self.is_ticked and self.is_removed:
            raise DecisionError(f"The {PARTS[self.part]} is ticked both to be published and to be removed. Choose one.")
        if self.is_ticked:
            return self.words if self.words is not None else True
        if self.is_removed:
            return False
        return None if self.words is None or self.is_undecided else False

    @property
    def agreed(self) -> bool | None:
        """The ticks as an unfinished edit records them; None if they leave the part undecided."""
        if self.is_ticked:
            return True
        return None if self.is_undecided and not self.is_removed else False

    def check(self, item: QueuedCandidate) -> None:
        """Refuse new words for an undecided part while neither tick is set, since they would be lost.

        Raises:
            DecisionError: The words were changed and neither tick is set.
        """
        if self.words is None or self.is_ticked or self.is_removed or not is_undecided(item, self.part):
            return
        if single_line(self.words) != single_line(term_words(item, self.part)):
            raise DecisionError(
                f"The {PARTS[self.part]} was changed, and nobody has agreed to it yet: tick it to publish it in your "
                "words, or tick “Take it off”."
            )


@dataclass(frozen=True)
class SentTerms:
    """The open question and the scope, as a form sends them."""

    question: SentTerm
    scope: SentTerm

    @property
    def edit_fields(self) -> dict[str, Any]:
        """Their fields of an unfinished edit."""
        fields: dict[str, Any] = {}
        for term in (self.question, self.scope):
            if term.words is not None:
                fields |= {term.part: term.words, f"{term.part}_agreed": term.agreed}
        return fields

    def check(self, item: QueuedCandidate) -> None:
        """Refuse to accept a frame if words that the reviewer wrote would be lost.

        Raises:
            DecisionError: The words of an undecided part were changed and neither of its ticks is set.
        """
        self.question.check(item)
        self.scope.check(item)


def parse_terms(
    question: Annotated[list[str] | None, Form()] = None,  # a list, because FastAPI treats an empty text as missing
    question_agreed: Annotated[bool, Form()] = False,
    question_off: Annotated[bool, Form()] = False,
    question_undecided: Annotated[bool, Form()] = False,
    scope: Annotated[list[str] | None, Form()] = None,
    scope_agreed: Annotated[bool, Form()] = False,
    scope_off: Annotated[bool, Form()] = False,
    scope_undecided: Annotated[bool, Form()] = False,
) -> SentTerms:
    """Return the open question and the scope that a form sends. The parameters are the form's fields."""
    return SentTerms(
        SentTerm("question", question[0] if question else None, question_agreed, question_off, question_undecided),
        SentTerm("scope", scope[0] if scope else None, scope_agreed, scope_off, scope_undecided),
    )


TermsForm = Annotated[SentTerms, Depends(parse_terms)]
"""A parameter of a route: the open question and the scope that its form sends."""
