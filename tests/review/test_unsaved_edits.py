"""What a person was typing is kept until it is used or given up."""

from __future__ import annotations

import pytest

from curator.errors import DecisionError
from curator.review import unsaved_edits
from curator.review.decisions import DecisionRequest, Reviewer
from curator.warehouse import Warehouse
from curator.warehouse.unsaved_edits import UnsavedEdit, load_edits
from tests.review.deciding import FIRST, SECOND


class TestUnfinishedEdits:
    TYPED = UnsavedEdit("Half a\n thought ", "representational", ("grokking",))

    def kept(self, warehouse: Warehouse, reviewer: str = "Ada") -> object:
        return warehouse.read(load_edits, reviewer, [FIRST, SECOND]).get(FIRST)

    def test_they_are_kept_as_typed_for_whoever_typed_them(self, warehouse: Warehouse) -> None:
        unsaved_edits.save_edit(warehouse, "Ada", FIRST, UnsavedEdit("Half"))
        unsaved_edits.save_edit(warehouse, "Ada", FIRST, self.TYPED)
        assert (self.kept(warehouse), self.kept(warehouse, "Bo")) == (self.TYPED, None)

    def test_the_same_again_adds_no_row(self, warehouse: Warehouse) -> None:
        for _ in range(3):
            unsaved_edits.save_edit(warehouse, "Ada", FIRST, self.TYPED)
        assert warehouse.read(lambda c: c.execute("select count(*) from record.edits").fetchone()) == (1,)

    def test_they_outlive_a_decision_that_does_not_use_them(self, warehouse: Warehouse, desk: Reviewer) -> None:
        unsaved_edits.save_edit(warehouse, "Ada", FIRST, self.TYPED)
        desk.defer(FIRST)
        desk.reject(FIRST, "no")
        assert self.kept(warehouse) == self.TYPED

    def test_what_was_accepted_is_an_unfinished_edit_again_when_that_is_undone(
        self, warehouse: Warehouse, desk: Reviewer
    ) -> None:
        desk.decide(FIRST, DecisionRequest("accept", "Mine.", "representational", ("grokking",)))
        assert self.kept(warehouse) is None
        desk.undo()
        assert self.kept(warehouse) == UnsavedEdit("Mine.", "representational", ("grokking",))
        unsaved_edits.drop_edit(warehouse, "Ada", FIRST)
        desk.accept(FIRST)
        desk.undo()
        assert self.kept(warehouse) is None

    def test_accepting_or_giving_up_ends_them(self, warehouse: Warehouse, desk: Reviewer) -> None:
        unsaved_edits.save_edit(warehouse, "Ada", FIRST, self.TYPED)
        desk.accept(FIRST)
        assert self.kept(warehouse) is None
        unsaved_edits.save_edit(warehouse, "Ada", FIRST, self.TYPED)
        unsaved_edits.drop_edit(warehouse, "Ada", FIRST)
        unsaved_edits.drop_edit(warehouse, "Ada", FIRST)
        assert self.kept(warehouse) is None

    def test_an_endless_one_and_one_on_nothing_are_refused(self, warehouse: Warehouse) -> None:
        with pytest.raises(DecisionError, match="longer than"):
            unsaved_edits.save_edit(warehouse, "Ada", FIRST, UnsavedEdit("x" * (unsaved_edits.MAX_EDIT_CHARS + 1)))
        with pytest.raises(DecisionError, match="no such candidate"):
            unsaved_edits.save_edit(warehouse, "Ada", "nobody", UnsavedEdit("x"))
