"""An open question and a scope are published only where an acceptance agreed to them, in the words it agreed to."""

from __future__ import annotations

from pathlib import Path

import pytest

from curator.errors import DecisionError
from curator.review import unsaved_edits
from curator.review.consent import ConsentChoice
from curator.review.decisions import DecisionRequest, Reviewer, find_candidate
from curator.review.questions import close_entry
from curator.warehouse import Warehouse, candidate_search, frames, questions, unconfirmed
from curator.warehouse.unsaved_edits import UnsavedEdit, load_edits
from tests.helpers.templates import new_warehouse
from tests.warehouse.things import bring_back, candidate, paper, stock

ASKED, OTHER, PLAIN = "aa11", "bb22", "cc33"


def fill(made: Warehouse) -> None:
    stock(
        made,
        candidate(ASKED, question="Does it scale?", scope="Small models."),
        candidate(OTHER, paper(2), question=" does it SCALE? ", scope="Large models."),
        candidate(PLAIN, paper(2), question=None, scope=""),
        papers=[paper(), paper(2)],
    )


@pytest.fixture
def warehouse(tmp_path: Path) -> Warehouse:
    return new_warehouse(tmp_path / "curator.duckdb", fill)


@pytest.fixture
def desk(warehouse: Warehouse) -> Reviewer:
    return Reviewer(warehouse, "Ada")


def accept(
    desk: Reviewer,
    one: str = ASKED,
    question: ConsentChoice = None,
    scope: ConsentChoice = None,
    text: str | None = None,
) -> None:
    desk.decide(one, DecisionRequest("accept", text, question=question, scope=scope))


def published(warehouse: Warehouse) -> list[tuple[str | None, str]]:
    """The question and the scope of each frame on the list."""
    return [(one.question, one.scope) for one in warehouse.read(frames.load_frames)]


def asked(warehouse: Warehouse) -> list[tuple[str, str, tuple[str, ...]]]:
    return [(one.id, one.text, one.raised_by) for one in warehouse.read(questions.load_questions)]


def as_before(warehouse: Warehouse) -> None:
    """Let every acceptance be one of an earlier version, which published questions and scopes unasked."""

    def forget(connection: object) -> None:
        connection.execute("update record.decisions set question_agreed = null, scope_agreed = null")  # type: ignore[attr-defined]

    warehouse.write(forget)
    warehouse.write(questions.number_questions, {ASKED: "Does it scale?"})


def undecided(warehouse: Warehouse) -> list[tuple[str, str, str, str | None]]:
    return [(one.frame, one.what, one.text, one.question) for one in warehouse.read(unconfirmed.load_unconfirmed)]


def test_accepting_publishes_neither_whatever_was_drafted(desk: Reviewer, warehouse: Warehouse) -> None:
    desk.accept(ASKED)
    desk.decide_many([OTHER, PLAIN], DecisionRequest("accept"))
    assert published(warehouse) == [(None, "")] * 3
    assert asked(warehouse) == []
    assert warehouse.read(questions.load_questions, everything=True) == []
    item = find_candidate(warehouse, ASKED)
    assert (item.draft_question, item.draft_scope) == ("Does it scale?", "Small models."), "the draft is kept"
    assert undecided(warehouse) == []


@pytest.mark.parametrize(
    ("question", "scope", "then"),
    [
        (True, None, ("Does it scale?", "")),
        (None, True, (None, "Small models.")),
        (" Does it\nscale up? ", "Up to 1B.", ("Does it scale up?", "Up to 1B.")),
        (False, False, (None, "")),
    ],
)
def test_each_is_agreed_to_by_itself_and_may_be_reworded(
    desk: Reviewer, warehouse: Warehouse, question: ConsentChoice, scope: ConsentChoice, then: tuple[str | None, str]
) -> None:
    accept(desk, ASKED, question, scope)
    assert published(warehouse) == [then]
    assert asked(warehouse) == ([("Q1", then[0], ("F1",))] if then[0] else [])
    desk.undo()
    assert asked(warehouse) == []


def test_accepting_again_keeps_what_was_agreed_and_the_reviewers_words(desk: Reviewer, warehouse: Warehouse) -> None:
    accept(desk, ASKED, "Mine?", True, text="In my words.")
    bring_back(warehouse, find_candidate(warehouse, ASKED))
    accept(desk)
    assert published(warehouse) == [("Mine?", "Small models.")]
    accept(desk, question=False)
    assert published(warehouse) == [(None, "Small models.")]
    assert find_candidate(warehouse, ASKED).text == "In my words."
    accept(desk, question=True)
    assert published(warehouse) == [("Does it scale?", "Small models.")]
    desk.reject(ASKED, "no")
    accept(desk)
    assert published(warehouse) == [(None, "")], "a frame that left the list is agreed to anew"


def test_one_question_of_two_frames_has_one_number(desk: Reviewer, warehouse: Warehouse) -> None:
    accept(desk, ASKED, True)
    accept(desk, OTHER, True)
    assert asked(warehouse) == [("Q1", "Does it scale?", ("F1", "F2"))]
    accept(desk, OTHER, False)
    assert asked(warehouse) == [("Q1", "Does it scale?", ("F1",))]


@pytest.mark.parametrize(
    ("one", "question", "said"),
    [(PLAIN, True, "without an open question"), (ASKED, "  \n ", "is empty"), (ASKED, "x" * 1001, "longer than 1000")],
)
def test_what_has_no_words_or_too_many_is_refused_and_changes_nothing(
    desk: Reviewer, warehouse: Warehouse, one: str, question: ConsentChoice, said: str
) -> None:
    with pytest.raises(DecisionError, match=said):
        accept(desk, one, question)
    assert published(warehouse) == []
    accept(desk, PLAIN, "Why?")
    assert published(warehouse) == [("Why?", "")]


class TestWhatEarlierVersionsPublished:
    def test_it_stays_published_until_it_is_decided_on(self, desk: Reviewer, warehouse: Warehouse) -> None:
        desk.accept(ASKED)
        as_before(warehouse)
        both = [("F1", "question", "Does it scale?", "Q1"), ("F1", "scope", "Small models.", None)]
        assert undecided(warehouse) == both
        assert published(warehouse) == [("Does it scale?", "Small models.")]
        assert asked(warehouse) == [("Q1", "Does it scale?", ("F1",))]
        desk.accept(ASKED, "In other words.")  # says nothing of them
        assert undecided(warehouse) == both
        assert (
            warehouse.read(
                candidate_search.search_candidates,
                candidate_search.CandidateFilter(status=candidate_search.UNCONFIRMED),
            )[1]
            == 1
        )
        accept(desk, scope=False)
        assert (undecided(warehouse), published(warehouse)) == (both[:1], [("Does it scale?", "")])
        accept(desk, question=True)
        assert (undecided(warehouse), published(warehouse)) == ([], [("Does it scale?", "")])
        assert (
            warehouse.read(
                candidate_search.search_candidates,
                candidate_search.CandidateFilter(status=candidate_search.UNCONFIRMED),
            )[1]
            == 0
        )
        desk.undo()
        assert undecided(warehouse) == both[:1], "undone, the decision is open again"

    def test_dropping_a_question_decides_on_it_for_every_frame(self, desk: Reviewer, warehouse: Warehouse) -> None:
        desk.decide_many([ASKED, OTHER], DecisionRequest("accept"))
        as_before(warehouse)
        assert [what for _, what, *_ in undecided(warehouse)] == ["question", "scope"] * 2
        close_entry(warehouse, "Ada", "Q1", "question", "dropped")
        assert [what for _, what, *_ in undecided(warehouse)] == ["scope"] * 2
        assert [question for question, _ in published(warehouse)] == [None, None]
        close_entry(warehouse, "Ada", "Q1", "question", "open")
        assert asked(warehouse) == [("Q1", "Does it scale?", ("F1", "F2"))]

    def test_a_candidate_that_is_accepted_only_now_is_none_of_them(self, desk: Reviewer, warehouse: Warehouse) -> None:
        desk.accept(ASKED)
        as_before(warehouse)
        desk.undo()
        desk.accept(ASKED)
        assert (undecided(warehouse), published(warehouse)) == ([], [(None, "")])


def test_ticks_and_words_are_kept_while_they_are_written_and_come_back_when_undone(
    desk: Reviewer, warehouse: Warehouse
) -> None:
    def kept() -> UnsavedEdit | None:
        return warehouse.read(load_edits, "Ada", [ASKED]).get(ASKED)

    begun = UnsavedEdit("Half", None, None, "Half a\u0007 question", True, "", False)
    unsaved_edits.save_edit(warehouse, "Ada", ASKED, begun)
    assert kept() == UnsavedEdit("Half", None, None, "Half a question", True, "", False)
    with pytest.raises(DecisionError, match="longer than"):
        unsaved_edits.save_edit(
            warehouse, "Ada", ASKED, UnsavedEdit("Half", question="x" * (unsaved_edits.MAX_EDIT_CHARS + 1))
        )
    accept(desk, ASKED, "Mine?")
    assert kept() is None
    desk.undo()
    again = kept()
    assert again
    assert (again.question, again.question_agreed, again.scope_agreed) == ("Mine?", True, None)
