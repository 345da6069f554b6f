"""What a person was typing is kept until it is used or given up."""

from __future__ import annotations

import pytest

from curator.errors import DecisionError
from curator.review import edits
from curator.review.decisions import Choice, Desk
from curator.warehouse import Warehouse
from curator.warehouse.edits import Edit, edits_of
from tests.review.deciding import FIRST, SECOND


class TestUnfinishedEdits:
    TYPED = Edit("Half a\n thought ", "representational", ("grokking",))

    def kept(self, warehouse: Warehouse, reviewer: str = "Ada") -> object:
        return warehouse.read(lambda c: edits_of(c, reviewer, [FIRST, SECOND])).get(FIRST)

    def test_they_are_kept_as_typed_for_whoever_typed_them(self, warehouse: Warehouse) -> None:
        edits.save(warehouse, "Ada", FIRST, Edit("Half"))
        edits.save(warehouse, "Ada", FIRST, self.TYPED)
        assert (self.kept(warehouse), self.kept(warehouse, "Bo")) == (self.TYPED, None)

    def test_the_same_again_adds_no_row(self, warehouse: Warehouse) -> None:
        for _ in range(3):
            edits.save(warehouse, "Ada", FIRST, self.TYPED)
        assert warehouse.read(lambda c: c.execute("select count(*) from record.edits").fetchone()) == (1,)

    def test_they_outlive_a_decision_that_does_not_use_them(self, warehouse: Warehouse, desk: Desk) -> None:
        edits.save(warehouse, "Ada", FIRST, self.TYPED)
        desk.defer(FIRST)
        desk.reject(FIRST, "no")
        assert self.kept(warehouse) == self.TYPED

    def test_what_was_accepted_is_an_unfinished_edit_again_when_that_is_undone(
        self, warehouse: Warehouse, desk: Desk
    ) -> None:
        desk.decide(FIRST, Choice("accept", "Mine.", "representational", ("grokking",)))
        assert self.kept(warehouse) is None
        desk.undo()
        assert self.kept(warehouse) == Edit("Mine.", "representational", ("grokking",))
        edits.drop(warehouse, "Ada", FIRST)
        desk.accept(FIRST)
        desk.undo()
        assert self.kept(warehouse) is None

    def test_accepting_or_giving_up_ends_them(self, warehouse: Warehouse, desk: Desk) -> None:
        edits.save(warehouse, "Ada", FIRST, self.TYPED)
        desk.accept(FIRST)
        assert self.kept(warehouse) is None
        edits.save(warehouse, "Ada", FIRST, self.TYPED)
        edits.drop(warehouse, "Ada", FIRST)
        edits.drop(warehouse, "Ada", FIRST)
        assert self.kept(warehouse) is None

    def test_an_endless_one_and_one_on_nothing_are_refused(self, warehouse: Warehouse) -> None:
        with pytest.raises(DecisionError, match="longer than"):
            edits.save(warehouse, "Ada", FIRST, Edit("x" * (edits.LONGEST + 1)))
        with pytest.raises(DecisionError, match="no such candidate"):
            edits.save(warehouse, "Ada", "nobody", Edit("x"))
