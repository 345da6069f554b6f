"""Questions and to-dos: numbered once, closed and opened again, linked with what speaks to them."""

from __future__ import annotations

from pathlib import Path

import pytest

from curator.errors import DecisionError
from curator.list_import.importer import import_list
from curator.review.decisions import DecisionRequest, Reviewer
from curator.review.questions import EntryType, close_entry, link_question, write_entry
from curator.warehouse import Warehouse, questions
from curator.warehouse.questions import NewEntry
from tests.helpers.templates import new_warehouse
from tests.warehouse.things import candidate, stock


def fill(made: Warehouse) -> None:
    stock(made, candidate("aa11", question="Does it scale?"))


@pytest.fixture
def warehouse(tmp_path: Path) -> Warehouse:
    return new_warehouse(tmp_path / "curator.duckdb", fill)


def test_a_question_of_ones_own_is_numbered_and_asked_once(warehouse: Warehouse) -> None:
    assert write_entry(warehouse, "Ada", "question", " Is it\nlinear? ", "representational") == ("Q1", True)
    assert write_entry(warehouse, "Ada", "question", "is it linear?", "functional") == ("Q1", False)
    Reviewer(warehouse, "Ada").decide("aa11", DecisionRequest("accept", question=True))
    assert write_entry(warehouse, "Ada", "question", "Does it scale?", "functional") == ("Q2", False)
    found = warehouse.read(questions.load_questions)
    assert [(one.id, one.text, one.kind, one.author) for one in found] == [
        ("Q1", "Is it linear?", "representational", "Ada"),
        ("Q2", "Does it scale?", "functional", None),
    ]


def test_a_question_whose_frame_left_the_list_can_be_asked_and_imported_under_its_id(warehouse: Warehouse) -> None:
    desk, again = Reviewer(warehouse, "Ada"), NewEntry("question", "does it SCALE?", "functional")
    desk.decide("aa11", DecisionRequest("accept", question=True))
    desk.undo()
    assert warehouse.read(questions.load_questions) == []
    import_list(desk, warehouse, (), (again,), "old.md", "0" * 64)
    assert [(one.id, one.author) for one in warehouse.read(questions.load_questions)] == [("Q1", "Ada")]
    desk.undo()
    assert warehouse.read(questions.load_questions) == []
    assert write_entry(warehouse, "Bo", "question", "Does it scale at all?", None) == ("Q2", True)
    assert write_entry(warehouse, "Bo", "question", again.text, "representational") == ("Q1", True)
    (one, _) = warehouse.read(questions.load_questions)
    assert (one.text, one.kind, one.author) == ("does it SCALE?", "representational", "Bo")
    assert write_entry(warehouse, "Ada", "question", "Does it scale?", None) == ("Q1", False)


@pytest.mark.parametrize("what", ["question", "todo"])
def test_what_stands_only_from_an_import_stays_once_a_person_writes_it(warehouse: Warehouse, what: EntryType) -> None:
    desk = Reviewer(warehouse, "Ada")
    import_list(desk, warehouse, (), (NewEntry(what, "Read on.", None),), "old.md", "0" * 64)
    id, new = write_entry(warehouse, "Bo", what, "read on.", None)
    assert not new
    desk.undo()
    left = warehouse.read(
        lambda c: [
            *((one.id, one.text) for one in questions.load_questions(c)),
            *((one.id, one.text) for one, _ in questions.load_todos(c)),
        ]
    )
    assert left == [(id, "read on.")]
    desk.redo()
    assert write_entry(warehouse, "Cy", what, "Read on.", None) == (id, False)


def test_a_question_is_printed_in_the_words_that_were_agreed_to(warehouse: Warehouse) -> None:
    desk = Reviewer(warehouse, "Ada")
    desk.decide("aa11", DecisionRequest("accept", question=True))
    desk.decide("aa11", DecisionRequest("accept", question="Does it SCALE?"))
    assert [(one.id, one.text) for one in warehouse.read(questions.load_questions)] == [("Q1", "Does it SCALE?")]


@pytest.mark.parametrize("text", ["", " \n", "x" * 1001])
def test_what_is_empty_or_endless_is_refused(warehouse: Warehouse, text: str) -> None:
    with pytest.raises(DecisionError, match="1 to 1000 characters"):
        write_entry(warehouse, "Ada", "question", text, None)


def test_a_question_is_closed_and_opened_again_and_all_of_it_is_kept(warehouse: Warehouse) -> None:
    write_entry(warehouse, "Ada", "question", "Why?", "functional")
    assert close_entry(warehouse, "Ada", "q1", "question", "answered", frame="F7", reason="shown") == "Why?"
    assert warehouse.read(questions.load_questions) == []
    (told,) = warehouse.read(questions.load_questions, everything=True)
    assert (told.state, told.answered_by) == ("answered", "F7")
    close_entry(warehouse, "Ada", "Q1", "question", "open")
    assert [one.state for one in warehouse.read(questions.load_questions)] == ["open"]
    with pytest.raises(DecisionError, match="no question 'Q9'"):
        close_entry(warehouse, "Ada", "Q9", "question", "dropped")


def test_a_linked_candidate_speaks_to_the_question_on_the_list_once_it_is_a_frame(warehouse: Warehouse) -> None:
    write_entry(warehouse, "Ada", "question", "Why?", "functional")
    link_question(warehouse, "Ada", "Q1", "aa11")
    assert warehouse.read(questions.load_links) == {"Q1": ("aa11",)}
    assert warehouse.read(questions.load_questions)[0].spoken_to_by == ()
    Reviewer(warehouse, "Ada").accept("aa11")
    assert warehouse.read(questions.load_questions)[0].spoken_to_by == ("F1",)
    link_question(warehouse, "Ada", "Q1", "aa11", speaks=False)
    assert warehouse.read(questions.load_questions)[0].spoken_to_by == ()
    with pytest.raises(DecisionError, match="no question"):
        link_question(warehouse, "Ada", "T1", "aa11")


def test_what_is_done_leaves_the_list(warehouse: Warehouse) -> None:
    assert write_entry(warehouse, "Ada", "todo", "Read on.", None) == ("T1", True)
    close_entry(warehouse, "Ada", "T1", "todo", "done")
    assert warehouse.read(questions.load_todos) == []
    assert [state for _, state in warehouse.read(questions.load_todos, everything=True)] == ["done"]
