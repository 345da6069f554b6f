"""Undoing goes back any number of steps, and no frame's number moves by it."""

from __future__ import annotations

import shutil
import tempfile
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from curator.errors import DecisionConflict, DecisionError, UndoUnconfirmed
from curator.list_import.importer import import_list
from curator.review.decisions import DecisionRequest, DecisionResult, Reviewer
from curator.review.manual import ManualFrame
from curator.sources import make_unnamed_source
from curator.types import Frame, Question
from curator.warehouse import Connection, Warehouse, decisions, questions, unsaved_edits
from curator.warehouse.frames import RetiredFrame, load_frames, load_retired
from curator.warehouse.questions import NewEntry
from tests.helpers.forms import form
from tests.review.deciding import FIRST, SECOND, THIRD, WITHOUT, frames, status, statuses, stocked
from tests.warehouse.things import candidate, stock


class TestUndoing:
    def test_undo_takes_back_ones_own_decisions_only(self, warehouse: Warehouse, desk: Reviewer) -> None:
        desk.accept(FIRST)
        Reviewer(warehouse, "Bo").reject(SECOND, "already known")
        desk.undo()
        assert (status(warehouse, FIRST), status(warehouse, SECOND)) == ("pending", "rejected")

    def test_nothing_to_undo_is_an_error(self, desk: Reviewer) -> None:
        with pytest.raises(DecisionError, match="no decision to undo"):
            desk.undo()

    def test_undoing_goes_back_one_decision_after_the_other(self, warehouse: Warehouse, desk: Reviewer) -> None:
        desk.accept(FIRST, "One.")
        desk.accept(FIRST, "Two.")
        desk.reject(FIRST, "no")
        assert desk.undo().action == "reject"
        assert statuses(warehouse)[FIRST][:2] == ("accepted", "Two.")
        assert desk.undo().candidates == (FIRST,)
        assert statuses(warehouse)[FIRST][:2] == ("accepted", "One.")
        desk.undo()
        assert statuses(warehouse)[FIRST][:2] == ("pending", candidate(FIRST).text)
        with pytest.raises(DecisionError):
            desk.undo()

    def test_a_decision_after_an_undo_is_the_next_to_be_undone(self, warehouse: Warehouse, desk: Reviewer) -> None:
        desk.defer(FIRST)
        desk.reject(FIRST, "no")
        desk.undo()
        desk.accept(FIRST)
        assert [desk.undo().action, desk.undo().action] == ["accept", "defer"]
        assert status(warehouse, FIRST) == "pending"

    def test_every_decision_stays_on_record(self, warehouse: Warehouse, desk: Reviewer) -> None:
        desk.accept(FIRST)
        desk.undo()
        desk.reject(FIRST, "no")
        kept = warehouse.read(decisions.load_decisions_on, FIRST)
        assert [one.action for one in kept] == ["accept", "undo", "reject"]
        assert [one.number for one in kept] == [1, 2, 3]
        assert kept[1].undoes == kept[0].id

    def test_a_frames_number_is_never_given_to_another(self, warehouse: Warehouse, desk: Reviewer) -> None:
        assert desk.accept(FIRST).frames[FIRST] == "F1"
        desk.undo()
        assert frames(warehouse) == {}
        assert desk.accept(SECOND).frames[SECOND] == "F2"
        assert desk.accept(FIRST).frames[FIRST] == "F1"


class TestRedoing:
    def test_redo_brings_back_one_undo_after_the_other_across_restarts(
        self, warehouse: Warehouse, desk: Reviewer
    ) -> None:
        desk.accept(FIRST, "One.")
        desk.accept(FIRST, "Two.")
        desk.decide_many([SECOND, THIRD], DecisionRequest("reject", reason="no"))
        after = state(warehouse)
        for _ in range(3):
            desk.undo()
        again = Reviewer(Warehouse(warehouse.file), "Ada")
        assert (again.redo().action, statuses(warehouse)[FIRST][:2]) == ("accept", ("accepted", "One."))
        assert (again.redo().candidates, statuses(warehouse)[FIRST][1]) == ((FIRST,), "Two.")
        assert again.redo().candidates == (SECOND, THIRD)
        assert state(warehouse) == after
        with pytest.raises(DecisionError, match="nothing to redo"):
            again.redo()

    def test_a_new_decision_ends_what_can_be_redone_and_one_that_changes_nothing_does_not(
        self, warehouse: Warehouse, desk: Reviewer
    ) -> None:
        desk.defer(SECOND)
        desk.accept(FIRST)
        desk.undo()
        Reviewer(warehouse, "Bo").defer(THIRD)
        desk.defer(SECOND)  # stands already
        assert desk.redo().candidates == (FIRST,)
        desk.undo()
        desk.reject(THIRD, "no")
        with pytest.raises(DecisionError, match="decided a candidate or imported a list since"):
            desk.redo()
        with pytest.raises(DecisionError, match="nothing to redo: Bo"):
            Reviewer(warehouse, "Bo").redo()

    def test_undo_redo_and_undo_are_rows_and_the_edit_that_undo_reopened_is_ended(
        self, warehouse: Warehouse, desk: Reviewer
    ) -> None:
        desk.accept(FIRST, "Mine.")
        desk.undo()
        assert warehouse.read(unsaved_edits.load_edits, "Ada", [FIRST])[FIRST].text == "Mine."
        assert desk.redo("r-1").repeated is False
        assert desk.redo("r-1").repeated is True
        assert warehouse.read(unsaved_edits.load_edits, "Ada", [FIRST]) == {}
        assert desk.undo("u-2").action == "accept"
        kept = warehouse.read(decisions.load_decisions_on, FIRST)
        assert [one.action for one in kept] == ["accept", "undo", "redo", "undo"]
        assert [one.undoes for one in kept] == [None, kept[0].id, kept[1].id, kept[0].id]
        assert warehouse.read(lambda c: c.execute("select undone from decisions order by number").fetchall()) == [
            (True,), (True,), (False,), (False,),
        ]  # fmt: skip

    def test_another_reviewers_later_decision_stays_and_is_told(self, warehouse: Warehouse, desk: Reviewer) -> None:
        desk.accept(FIRST)
        desk.undo()
        Reviewer(warehouse, "Bo").reject(FIRST, "no")
        assert desk.redo().notes == (f"Bo has decided candidate {FIRST} since, so it stays rejected.",)
        assert status(warehouse, FIRST) == "rejected"

    def test_undoing_what_another_reviewer_has_replaced_tells_whose_decision_stands(
        self, warehouse: Warehouse, desk: Reviewer
    ) -> None:
        desk.accept(FIRST)
        Reviewer(warehouse, "Bo").reject(FIRST, "no")
        assert desk.undo().notes == (f"Bo has decided candidate {FIRST} since, so it stays rejected.",)
        assert Reviewer(warehouse, "Bo").undo().notes == ()

    def test_merges_that_an_undo_or_redo_turns_into_a_circle_are_told(
        self, warehouse: Warehouse, desk: Reviewer
    ) -> None:
        desk.merge(FIRST, SECOND)
        desk.undo()
        Reviewer(warehouse, "Bo").merge(SECOND, FIRST)
        (said,) = desk.redo().notes
        assert "merged into each other" in said


class TestMany:
    def test_more_than_one_decision_is_undone_only_once_it_was_shown(
        self, warehouse: Warehouse, desk: Reviewer
    ) -> None:
        desk.decide_many([FIRST, SECOND], DecisionRequest("accept"))
        with pytest.raises(UndoUnconfirmed, match="would undo 2 decisions that you made together"):
            desk.undo(single=True)
        step = desk.next_undo()
        assert (step.action, step.candidates, step.size) == ("accept", (FIRST, SECOND), 2)
        desk.defer(THIRD)
        with pytest.raises(DecisionConflict, match="made another decision"):
            desk.undo(shown=step.batch)
        assert desk.undo(single=True).candidates == (THIRD,)
        assert desk.undo(shown=step.batch, single=True).candidates == (FIRST, SECOND)


OLD = (ManualFrame("Models copy.", "functional", make_unnamed_source("old.md"), "Ada", "imported"),)
BESIDE = (
    NewEntry("question", "Why?", "functional"), NewEntry("todo", "Read on."), NewEntry("topic", "Grokking"),
    NewEntry("change", "Began.", day="2 Jan"),
)  # fmt: skip


def beside(warehouse: Warehouse) -> list[object]:
    """What stands on the list beside frames."""
    return warehouse.read(entries_of)


def entries_of(c: Connection) -> list[object]:
    return [
        *questions.load_questions(c),
        *questions.load_todos(c),
        *questions.load_topics(c),
        *questions.load_old_changes(c),
    ]


class TestImports:
    def test_an_import_is_undone_and_redone_with_all_that_it_wrote(self, warehouse: Warehouse, desk: Reviewer) -> None:
        desk.defer(FIRST)
        before = state(warehouse)
        import_list(desk, warehouse, OLD, BESIDE, "old.md", "0" * 64)
        after = state(warehouse)
        assert len(beside(warehouse)) == 4
        step = desk.next_undo()
        assert (step.action, step.size) == ("import", 5)
        undone = desk.undo()
        assert (undone.action, len(undone.candidates), len(undone.entries)) == ("import", 1, 4)
        assert undone.notes == ("Its frame is in the queue.",)
        waits = state(warehouse)
        assert (beside(warehouse), waits.frames, waits.retired) == ([], before.frames, before.retired)
        assert desk.redo().entries == undone.entries
        assert state(warehouse) == after

    def test_an_import_without_frames_is_a_step_of_its_own(self, warehouse: Warehouse, desk: Reviewer) -> None:
        desk.defer(FIRST)
        import_list(desk, warehouse, (), BESIDE, "old.md", "0" * 64)
        assert desk.undo("u-1").candidates == ()
        assert desk.undo("u-1").repeated is True
        assert (beside(warehouse), status(warehouse, FIRST)) == ([], "deferred")
        assert (desk.redo("r-1").action, desk.redo("r-1").repeated) == ("import", True)
        assert len(beside(warehouse)) == 4

    def test_what_comes_in_again_comes_back_under_its_ids(self, warehouse: Warehouse, desk: Reviewer) -> None:
        import_list(desk, warehouse, OLD, BESIDE, "old.md", "0" * 64)
        there = beside(warehouse), frames(warehouse)
        desk.undo()
        import_list(desk, warehouse, OLD, BESIDE, "old.md", "0" * 64)
        assert (beside(warehouse), frames(warehouse)) == there
        desk.undo()
        assert beside(warehouse) == []
        assert warehouse.write(questions.add_entries, "Bo", BESIDE[:1]) == {BESIDE[0]: "Q1"}
        assert warehouse.read(questions.load_questions) == [Question("Q1", "Why?", "functional", author="Bo")]

    def test_a_question_that_a_frame_raises_too_stays(self, warehouse: Warehouse, desk: Reviewer) -> None:
        stock(warehouse, candidate("eeee00000005", question="Why?"))
        import_list(desk, warehouse, (), BESIDE[:1], "old.md", "0" * 64)
        Reviewer(warehouse, "Bo").decide("eeee00000005", DecisionRequest("accept", question=True))
        desk.undo()
        (stays,) = warehouse.read(questions.load_questions)
        assert (stays.id, stays.author, stays.raised_by) == ("Q1", None, ("F1",))

    def test_entries_of_an_import_by_an_earlier_version_stay_and_that_is_told(
        self, warehouse: Warehouse, desk: Reviewer
    ) -> None:
        import_list(desk, warehouse, OLD, BESIDE, "old.md", "0" * 64)
        forget = ("delete from record.entry_steps", "delete from record.entry_batches",
                  "update record.imports set batch = null")  # fmt: skip
        warehouse.write(lambda c: [c.execute(sql) for sql in forget])
        assert "4 other entries of old.md stay" in desk.next_undo().left
        assert "4 other entries of old.md stay" in desk.undo().notes[0]
        assert len(beside(warehouse)) == 4
        desk.defer(FIRST)
        assert desk.undo().notes == ()


@dataclass(frozen=True)
class State:
    """All that decisions make of a warehouse."""

    statuses: dict[str, tuple[str, str, str | None]]
    frames: list[Frame]
    retired: list[RetiredFrame]
    beside: list[object]


def state(warehouse: Warehouse) -> State:
    def read(c: Connection) -> State:
        rows = c.execute("select candidate, status, text, merged_into from candidates").fetchall()
        return State({row[0]: row[1:] for row in rows}, load_frames(c), load_retired(c), entries_of(c))

    return warehouse.read(read)


WHO = ("Ada", "Bo")
IDS = (FIRST, SECOND, THIRD, WITHOUT)
ACTIONS = ("accept", "reword", "reject", "defer", "merge", "both", "import", "undo", "redo")
steps = st.lists(
    st.tuples(st.sampled_from(WHO), st.sampled_from(ACTIONS), st.integers(0, 3), st.integers(0, 3)), max_size=form(5, 8)
)


def take(warehouse: Warehouse, who: str, what: str, one: int, other: int) -> object:
    """Take a step; return what came of it, or None where it could not be taken."""
    desk = Reviewer(warehouse, who)
    actions: dict[str, Callable[[], object]] = {
        "accept": lambda: desk.accept(IDS[one]),
        "reword": lambda: desk.accept(IDS[one], f"Reworded {other}."),
        "reject": lambda: desk.reject(IDS[one], "no"),
        "defer": lambda: desk.defer(IDS[one]),
        "merge": lambda: desk.merge(IDS[one], IDS[other]),
        "both": lambda: desk.decide_many([IDS[one], IDS[other]], DecisionRequest("reject", reason="weak")),
        "import": lambda: import_list(desk, warehouse, OLD, BESIDE[: one + 1], "old.md", "0" * 64),
        "undo": desk.undo,
        "redo": desk.redo,
    }
    try:
        return actions[what]()
    except DecisionError:
        return None


@pytest.fixture(scope="module")
def template(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return stocked(tmp_path_factory.mktemp("decisions") / "w.duckdb").file


@settings(max_examples=form(3, 24))
@given(steps)
def test_undo_gives_back_what_was_and_redo_what_was_undone_whoever_decides(
    template: Path, taken: list[tuple[str, str, int, int]]
) -> None:
    with tempfile.TemporaryDirectory() as folder:
        warehouse = Warehouse(Path(shutil.copy(template, folder)))
        numbers: dict[str, str] = {}
        undone = dict.fromkeys(WHO, 0)  # what each can redo
        standing = dict.fromkeys(WHO, 0)  # what each can undo
        for who, what, one, other in taken:
            before = state(warehouse)
            done = take(warehouse, who, what, one, other)
            after = state(warehouse)
            if what in ("undo", "redo"):
                can = standing if what == "undo" else undone
                assert (done is not None) == (can[who] > 0)
            if done is None or _changed_nothing(done):
                assert after == before
                continue
            if what == "undo":
                Reviewer(warehouse, who).redo()
                assert state(warehouse) == before
                Reviewer(warehouse, who).undo()
                assert state(warehouse) == after
            back, forth = {"undo": (-1, 1), "redo": (1, -1)}.get(what, (1, -undone[who]))
            standing[who] += back
            undone[who] += forth
            for frame in after.frames:
                assert numbers.setdefault(frame.id, frame.candidate_id) == frame.candidate_id
        assert len(set(numbers.values())) == len(numbers)
        last = state(warehouse)
        undos = [who for who in WHO for _ in range(standing[who])]
        for who in undos:
            Reviewer(warehouse, who).undo()
        none = state(warehouse)
        assert {entry[0] for entry in none.statuses.values()} == {"pending"}
        assert (none.frames, none.retired, none.beside) == ([], [], [])
        for who in reversed(undos):
            Reviewer(warehouse, who).redo()
        assert state(warehouse) == last


def _changed_nothing(done: object) -> bool:
    if isinstance(done, DecisionResult):
        return done.unchanged == done.decided
    return isinstance(done, tuple) and not done[0].frames and not done[1]  # an import of what is there
