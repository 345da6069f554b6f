"""Frames are put where their owner wants them, and stay there."""

from __future__ import annotations

import random
from pathlib import Path

import pytest

from curator.errors import DecisionError
from curator.list_order import sort_by_list_order
from curator.review.decisions import Reviewer
from curator.review.ordering import PlacementRequest, arrange
from curator.warehouse import Warehouse, frames
from tests.helpers.forms import form
from tests.helpers.templates import new_warehouse
from tests.warehouse.things import candidate, stock

TOPICS = ("copying", "waiting")


def fill(made: Warehouse) -> None:
    stock(
        made,
        *(candidate(f"a{n}", topics=("copying",)) for n in range(1, 6)),
        candidate("b1", topics=("waiting",)),
        candidate("c1", topics=("copying",), kind="representational"),
    )
    desk = Reviewer(made, "Ada")
    for id in ("a1", "a2", "a3", "a4", "a5", "b1", "c1"):
        desk.accept(id)


@pytest.fixture
def warehouse(tmp_path: Path) -> Warehouse:
    return new_warehouse(tmp_path / "curator.duckdb", fill)


def order(warehouse: Warehouse, kind: str = "functional") -> list[str]:
    places = [one for one in warehouse.read(frames.load_positions) if one.kind == kind]
    return [one.frame for one in sort_by_list_order(places, TOPICS)]


def put(warehouse: Warehouse, frame: str, **wish: object) -> list[str]:
    return [one.frame for one in arrange(warehouse, "Ada", TOPICS, frame, PlacementRequest(**wish))]  # type: ignore[arg-type]


def test_frames_are_moved_among_those_of_their_topic(warehouse: Warehouse) -> None:
    assert put(warehouse, "F4", before="F2") == ["F1", "F4", "F2", "F3", "F5"]
    assert put(warehouse, "f1", after="f3") == ["F4", "F2", "F3", "F1", "F5"]
    assert put(warehouse, "F5", first=True) == ["F5", "F4", "F2", "F3", "F1"]
    assert put(warehouse, "F5", last=True) == ["F4", "F2", "F3", "F1", "F5"]
    assert order(warehouse) == ["F4", "F2", "F3", "F1", "F5", "F6"]
    assert order(warehouse, "representational") == ["F7"]


def test_pinned_frames_come_first_and_sections_last(warehouse: Warehouse) -> None:
    put(warehouse, "F6", pinned=True)
    put(warehouse, "F3", section="Heads")
    put(warehouse, "F1", section=" Heads ")
    assert order(warehouse) == ["F6", "F2", "F4", "F5", "F1", "F3"]
    assert put(warehouse, "F3", first=True) == ["F3", "F1"]
    put(warehouse, "F6", pinned=False)
    put(warehouse, "F3", section="")
    assert order(warehouse)[-2:] == ["F6", "F1"]


def test_a_place_in_another_group_is_refused_with_what_to_do(warehouse: Warehouse) -> None:
    with pytest.raises(DecisionError, match="same first topic"):
        put(warehouse, "F6", before="F1")
    with pytest.raises(DecisionError, match="the same group"):
        put(warehouse, "F7", before="F1")
    with pytest.raises(DecisionError, match="itself"):
        put(warehouse, "F1", before="F1")
    with pytest.raises(DecisionError, match="no frame 'F99'"):
        put(warehouse, "F1", before="F99")
    with pytest.raises(DecisionError, match="only one of before"):
        put(warehouse, "F1", first=True, last=True)
    with pytest.raises(DecisionError, match="at most 80"):
        put(warehouse, "F1", section="x" * 81)


def test_any_number_of_moves_into_one_gap_ends_where_a_list_would(warehouse: Warehouse) -> None:
    mirror = ["F1", "F2", "F3", "F4", "F5"]
    chosen = random.Random(7)
    for _ in range(form(20, 60)):
        frame, other = chosen.sample(mirror, 2)
        mirror.remove(frame)
        mirror.insert(mirror.index(other), frame)
        assert put(warehouse, frame, before=other) == mirror
    for _ in range(40):  # halves the same gap until there is no room
        frame = mirror.pop(0)
        mirror.insert(1, frame)
        assert put(warehouse, frame, after=mirror[0]) == mirror


def test_frames_that_leave_and_come_back_are_where_they_were(warehouse: Warehouse) -> None:
    put(warehouse, "F4", first=True)
    desk = Reviewer(warehouse, "Ada")
    desk.retire("F4", "a moment")
    assert order(warehouse) == ["F1", "F2", "F3", "F5", "F6"]
    desk.undo()
    assert order(warehouse)[0] == "F4"
