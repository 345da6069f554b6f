"""What people write stands on their word: on the list at once, once, and taken back by one undo."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from curator.errors import DecisionError
from curator.review.decisions import DecisionRequest, Reviewer
from curator.review.manual import AddResult, ManualFrame, add_frames, add_source
from curator.sources import make_external_source, make_unnamed_source, parse_source
from curator.warehouse import Warehouse, ad_hoc, candidates, questions, statistics
from curator.warehouse.frames import load_frames, load_retired
from tests.helpers.templates import new_warehouse
from tests.warehouse.things import ABSENT, candidate, paper, quote, stock

BLOG = make_external_source(parse_source("https://blog.example/post"), title="A post")
NONE = make_unnamed_source("Imported from list.md")


def fill(made: Warehouse) -> None:
    stock(made, candidate("aa11"), candidate("bb22", paper(2), question="Does it scale?"), papers=[paper(), paper(2)])


@pytest.fixture
def warehouse(tmp_path: Path) -> Warehouse:
    return new_warehouse(tmp_path / "curator.duckdb", fill)


@pytest.fixture
def desk(warehouse: Warehouse) -> Reviewer:
    return Reviewer(warehouse, "Ada")


def written(text: str = "Models copy.", **changes: Any) -> ManualFrame:
    return replace(ManualFrame(text, "functional", NONE, "Ada"), **changes)


def down(desk: Reviewer, warehouse: Warehouse, *frames: ManualFrame, accept: bool = True) -> AddResult:
    return add_frames(desk, warehouse, frames, accept=accept)


def on_list(warehouse: Warehouse) -> list[str]:
    return [frame.text for frame in warehouse.read(load_frames)]


def test_a_frame_of_ones_own_is_on_the_list_and_wants_a_source(warehouse: Warehouse, desk: Reviewer) -> None:
    taken = down(desk, warehouse, written("  Models\ncopy. "))
    (frame,) = warehouse.read(load_frames)
    assert taken.frames == {frame.candidate_id: "F1"}
    assert (frame.text, frame.author, frame.paper.is_named) == ("Models copy.", "Ada", False)
    found = warehouse.read(ad_hoc.run_query, "select frame, source_wanted from frames")
    assert found.rows == [("F1", True)]
    assert warehouse.read(statistics.load_status)["papers"] == 2  # what is no paper is not counted as one


def test_many_are_taken_back_together_and_come_back_when_they_are_written_again(
    warehouse: Warehouse, desk: Reviewer
) -> None:
    frames = [written("One model copies."), written("Two models copy.", source=BLOG, further=(paper(),))]
    assert len(down(desk, warehouse, *frames).frames) == 2
    desk.undo()
    assert on_list(warehouse) == []
    again = down(desk, warehouse, *frames)
    assert set(again.frames.values()) == {"F1", "F2"}
    assert on_list(warehouse) == ["One model copies.", "Two models copy."]


@pytest.mark.parametrize("again", ["models copy", "Models copy!", "MODELS   COPY."])
def test_the_same_words_are_never_taken_twice(warehouse: Warehouse, desk: Reviewer, again: str) -> None:
    down(desk, warehouse, written())
    taken = down(desk, warehouse, written(again, source=BLOG))
    assert (taken.new, taken.frames) == ((), {})
    assert [known.frame for _, known in taken.known] == ["F1"]
    assert on_list(warehouse) == ["Models copy."]


def test_words_that_a_frame_had_once_are_known_too(warehouse: Warehouse, desk: Reviewer) -> None:
    desk.accept("aa11", "Reworded.")
    assert down(desk, warehouse, written(candidate("aa11").text)).known[0][1].frame == "F1"
    down(desk, warehouse, written())
    desk.retire("F2", "too vague")
    assert down(desk, warehouse, written()).known[0][1].status == "rejected"
    assert on_list(warehouse) == ["Reworded."]


def test_a_text_that_only_waits_as_a_draft_is_no_obstacle(warehouse: Warehouse, desk: Reviewer) -> None:
    assert down(desk, warehouse, written(candidate("aa11").text)).frames


@pytest.mark.parametrize("text", ["", " . ", "x" * 1001])
def test_what_is_no_frame_is_refused_with_all_that_came_with_it(
    warehouse: Warehouse, desk: Reviewer, text: str
) -> None:
    with pytest.raises(DecisionError, match="1 to 1000 characters"):
        down(desk, warehouse, written(), written(text))
    assert on_list(warehouse) == []


def test_a_suggestion_waits_with_its_writers_name_and_note(warehouse: Warehouse, desk: Reviewer) -> None:
    down(desk, warehouse, written(author="Reader", origin="suggested", note="saw it"), accept=False)
    item = warehouse.read(candidates.load_candidates)[-1]
    assert (item.text, item.author, item.note, item.drafter) == ("Models copy.", "Reader", "saw it", "suggested")
    assert (item.holds, item.acceptable) == (False, True)
    desk.accept(item.id)
    assert on_list(warehouse) == ["Models copy."]


def test_several_sources_stand_with_the_frame_in_their_order(warehouse: Warehouse, desk: Reviewer) -> None:
    down(desk, warehouse, written(source=BLOG, further=(paper(),), quotes=()))
    (frame,) = warehouse.read(load_frames)
    assert (frame.paper.id, [one.id for one in frame.sources]) == (BLOG.id, [paper().id])


def test_a_source_completes_a_frame_that_lacks_one(warehouse: Warehouse, desk: Reviewer) -> None:
    down(desk, warehouse, written())
    add_source(desk, warehouse, "F1", paper(), [quote("Models copy, it says.")])
    (frame,) = warehouse.read(load_frames)
    assert [one.id for one in frame.sources] == [paper().id]
    assert [one.text for one in frame.quotes] == ["Models copy, it says."]
    assert warehouse.read(ad_hoc.run_query, "select source_wanted from frames").rows == [(False,)]
    with pytest.raises(DecisionError, match="names this source already"):
        add_source(desk, warehouse, "F1", paper(), [])
    desk.undo()
    assert warehouse.read(load_frames)[0].sources == ()


def test_evidence_against_a_frame_is_kept_apart_also_when_it_was_drafted(warehouse: Warehouse, desk: Reviewer) -> None:
    desk.accept("aa11")
    add_source(desk, warehouse, "F1", BLOG, [], contradicts=True)
    desk.merge("bb22", "F1", contradicts=True)
    (frame,) = warehouse.read(load_frames)
    assert frame.sources == ()
    assert {one.id for one in frame.contradicting} == {BLOG.id, paper(2).id}
    assert [(one.text, one.contradicts) for one in frame.quotes] == [
        ("Quote of aa11.", False),
        ("Quote of bb22.", True),
    ]
    desk.undo()
    assert {one.id for one in warehouse.read(load_frames)[0].contradicting} == {BLOG.id}


def test_sources_that_were_added_together_are_undone_together_or_not_added(
    warehouse: Warehouse, desk: Reviewer
) -> None:
    desk.accept("aa11")
    with pytest.raises(DecisionError, match="names this source already"):
        add_source(desk, warehouse, "F1", BLOG, [], further=[paper()])
    add_source(desk, warehouse, "F1", BLOG, [], further=[paper(3)])
    assert {one.id for one in warehouse.read(load_frames)[0].sources} == {BLOG.id, paper(3).id}
    assert len(desk.undo().candidates) == 2
    assert warehouse.read(load_frames)[0].sources == ()


def test_what_contradicts_evidence_against_a_frame_is_no_evidence_for_it(warehouse: Warehouse, desk: Reviewer) -> None:
    desk.accept("aa11")
    desk.accept("bb22")
    down(desk, warehouse, written("A third thing.", source=BLOG))
    desk.merge("F3", "F2", contradicts=True)
    desk.merge("F2", "F1", contradicts=True)
    (frame,) = warehouse.read(load_frames)
    assert ([*frame.sources], [one.id for one in frame.contradicting]) == ([], [paper(2).id])


class TestRetiring:
    def test_it_leaves_the_list_and_stays_findable(self, warehouse: Warehouse, desk: Reviewer) -> None:
        desk.accept("aa11")
        desk.accept("bb22")
        desk.retire("F1", "outdated", "F2")
        (gone,) = warehouse.read(load_retired)
        assert (gone.frame, gone.reason, gone.superseded_by, gone.reviewer) == ("F1", "outdated", "F2", "Ada")
        assert [frame.id for frame in warehouse.read(load_frames)] == ["F2"]
        desk.undo()
        assert warehouse.read(load_retired) == []

    def test_a_merged_frame_names_what_it_went_into(self, warehouse: Warehouse, desk: Reviewer) -> None:
        desk.accept("aa11")
        desk.accept("bb22")
        desk.merge("F1", "F2")
        assert warehouse.read(load_retired)[0].superseded_by == "F2"

    def test_its_number_is_never_given_again(self, warehouse: Warehouse, desk: Reviewer) -> None:
        desk.accept("aa11")
        desk.retire("F1", "outdated")
        assert [*down(desk, warehouse, written()).frames.values()] == ["F2"]
        assert [frame.id for frame in warehouse.read(load_frames)] == ["F2"]

    def test_what_is_not_on_the_list_cannot_be_retired(self, warehouse: Warehouse, desk: Reviewer) -> None:
        with pytest.raises(DecisionError, match="not on the list"):
            desk.retire("aa11", "why not")
        desk.accept("aa11")
        with pytest.raises(DecisionError, match="supersede itself"):
            desk.retire("F1", "why not", "F1")
        with pytest.raises(DecisionError, match="no candidate"):
            desk.retire("F1", "why not", "F9")

    def test_only_what_leaves_is_superseded_and_only_a_merge_goes_into_another(
        self, warehouse: Warehouse, desk: Reviewer
    ) -> None:
        with pytest.raises(DecisionError, match="Only a frame that leaves"):
            desk.decide("aa11", DecisionRequest("accept", superseded_by="bb22"))
        with pytest.raises(DecisionError, match="Only a merge"):
            desk.decide("aa11", DecisionRequest("reject", reason="r", into="bb22"))


def test_a_draft_without_evidence_cannot_be_accepted_whoever_asks(warehouse: Warehouse, desk: Reviewer) -> None:
    stock(warehouse, candidate("cc33", quotes=(ABSENT,)))
    with pytest.raises(DecisionError, match="none of its quotes"):
        desk.accept("cc33")


def test_questions_of_accepted_frames_get_numbers_once_and_leave_with_them(
    warehouse: Warehouse, desk: Reviewer
) -> None:
    stock(warehouse, candidate("cc33", question=" does it SCALE? "), candidate("dd44", question="Why?"))
    for one in ("bb22", "cc33", "dd44"):
        desk.decide(one, DecisionRequest("accept", question=True))
    found = warehouse.read(questions.load_questions)
    assert [(one.id, one.text, one.raised_by) for one in found] == [
        ("Q1", "Does it scale?", ("F1", "F2")),
        ("Q2", "Why?", ("F3",)),
    ]
    desk.retire("F3", "outdated")
    assert [one.id for one in warehouse.read(questions.load_questions)] == ["Q1"]
    assert [one.id for one in warehouse.read(questions.load_questions, everything=True)] == ["Q1", "Q2"]
