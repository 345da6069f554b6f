"""Undoing goes back any number of steps, and no frame's number moves by it."""

from __future__ import annotations

import shutil
import tempfile
from collections.abc import Callable
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from curator.errors import DecisionError
from curator.review.decisions import Desk
from curator.warehouse import Warehouse, queue
from tests.review.deciding import FIRST, SECOND, THIRD, WITHOUT, frames, status, statuses, stocked
from tests.warehouse.things import candidate


class TestUndoing:
    def test_undo_takes_back_ones_own_decisions_only(self, warehouse: Warehouse, desk: Desk) -> None:
        desk.accept(FIRST)
        Desk(warehouse, "Bo").reject(SECOND, "already known")
        desk.undo()
        assert (status(warehouse, FIRST), status(warehouse, SECOND)) == ("pending", "rejected")

    def test_nothing_to_undo_is_an_error(self, desk: Desk) -> None:
        with pytest.raises(DecisionError, match="no decision to undo"):
            desk.undo()

    def test_undoing_goes_back_one_decision_after_the_other(self, warehouse: Warehouse, desk: Desk) -> None:
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

    def test_a_decision_after_an_undo_is_the_next_to_be_undone(self, warehouse: Warehouse, desk: Desk) -> None:
        desk.defer(FIRST)
        desk.reject(FIRST, "no")
        desk.undo()
        desk.accept(FIRST)
        assert [desk.undo().action, desk.undo().action] == ["accept", "defer"]
        assert status(warehouse, FIRST) == "pending"

    def test_every_decision_stays_on_record(self, warehouse: Warehouse, desk: Desk) -> None:
        desk.accept(FIRST)
        desk.undo()
        desk.reject(FIRST, "no")
        kept = warehouse.read(lambda c: queue.decisions_on(c, FIRST))
        assert [one.action for one in kept] == ["accept", "undo", "reject"]
        assert [one.number for one in kept] == [1, 2, 3]
        assert kept[1].undoes == kept[0].id

    def test_a_frames_number_is_never_given_to_another(self, warehouse: Warehouse, desk: Desk) -> None:
        assert desk.accept(FIRST).frames[FIRST] == "F1"
        desk.undo()
        assert frames(warehouse) == {}
        assert desk.accept(SECOND).frames[SECOND] == "F2"
        assert desk.accept(FIRST).frames[FIRST] == "F1"


Step = tuple[str, int, int]
steps = st.lists(
    st.tuples(
        st.sampled_from(["accept", "reword", "reject", "defer", "merge", "undo"]), st.integers(0, 3), st.integers(0, 3)
    ),
    max_size=8,
)
IDS = (FIRST, SECOND, THIRD, WITHOUT)


def take(desk: Desk, step: Step) -> bool:
    """Whether the step could be taken."""
    what, one, other = step
    actions: dict[str, Callable[[], object]] = {
        "accept": lambda: desk.accept(IDS[one]),
        "reword": lambda: desk.accept(IDS[one], f"Reworded {other}."),
        "reject": lambda: desk.reject(IDS[one], "no"),
        "defer": lambda: desk.defer(IDS[one]),
        "merge": lambda: desk.merge(IDS[one], IDS[other]),
        "undo": lambda: desk.undo(),
    }
    try:
        actions[what]()
    except DecisionError:
        return False
    return True


@pytest.fixture(scope="module")
def template(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return stocked(tmp_path_factory.mktemp("decisions") / "w.duckdb").file


@settings(max_examples=12)
@given(steps)
def test_as_many_undos_as_decisions_give_back_the_beginning_and_numbers_never_move(
    template: Path, taken: list[Step]
) -> None:
    with tempfile.TemporaryDirectory() as folder:
        warehouse = Warehouse(Path(shutil.copy(template, folder)))
        desk = Desk(warehouse, "Ada")
        standing = [statuses(warehouse)]  # what each undo must give back
        numbers: dict[str, str] = {}
        for step in taken:
            if not take(desk, step):
                continue
            if step[0] == "undo":
                standing.pop()
                assert statuses(warehouse) == standing[-1]
                continue
            standing.append(statuses(warehouse))
            if step[0] in {"accept", "reword"}:
                for frame, of in frames(warehouse).items():
                    assert numbers.setdefault(frame, of) == of
        assert len(set(numbers.values())) == len(numbers)
        for expected in reversed(standing[:-1]):
            desk.undo()
            assert statuses(warehouse) == expected
        assert not take(desk, ("undo", 0, 0))
