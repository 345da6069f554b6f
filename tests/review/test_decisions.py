"""Decisions are rows that are only added, whoever decides, one or many at once."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import pytest

from curator.errors import DecisionConflict, DecisionError
from curator.review.decision_rules import MAX_REASON_CHARS, MAX_TEXT_CHARS
from curator.review.decisions import DecisionRequest, Reviewer, SeenState, find_candidate
from curator.review.undo import Reversal
from curator.warehouse import Warehouse, candidates, decisions
from curator.warehouse.frames import load_frames
from tests.helpers.templates import new_warehouse
from tests.review.deciding import FIRST, OTHER, SECOND, THIRD, WITHOUT, frames, status, statuses
from tests.warehouse.things import candidate, paper, quote, stock


class TestDeciding:
    def test_accepting_puts_the_draft_on_the_list(self, warehouse: Warehouse, desk: Reviewer) -> None:
        outcome = desk.accept(FIRST)
        assert (outcome.decided, outcome.frames) == ((FIRST,), {FIRST: "F1"})
        (shown,) = warehouse.read(load_frames)
        assert (shown.id, shown.text, shown.draft_text) == ("F1", candidate(FIRST).text, candidate(FIRST).text)
        assert (shown.reviewer, shown.paper, shown.quotes) == ("Ada", paper(), candidate(FIRST).quotes)
        assert [one.id for one in warehouse.read(candidates.load_candidates)] == [SECOND, THIRD]

    def test_a_final_text_stands_and_the_draft_is_kept(self, warehouse: Warehouse, desk: Reviewer) -> None:
        desk.accept(FIRST, "  Better\u202e\nwords. ")
        (shown,) = warehouse.read(load_frames)
        assert (shown.text, shown.draft_text) == ("Better words.", candidate(FIRST).text)

    def test_accepting_anew_rewords_under_the_same_number(self, warehouse: Warehouse, desk: Reviewer) -> None:
        desk.accept(FIRST, "One.")
        assert desk.accept(FIRST, "Two.").frames == {FIRST: "F1"}
        assert [frame.text for frame in warehouse.read(load_frames)] == ["Two."]

    def test_rejecting_takes_a_reason_and_keeps_it(self, warehouse: Warehouse, desk: Reviewer) -> None:
        desk.reject(FIRST, "too narrow")
        item = find_candidate(warehouse, FIRST)
        assert (item.status, item.reason) == ("rejected", "too narrow")
        with pytest.raises(DecisionError, match="reason is empty"):
            desk.reject(SECOND, " \u200b\n")
        assert status(warehouse, SECOND) == "pending"

    def test_a_deferred_candidate_waits_behind_the_others(self, warehouse: Warehouse, desk: Reviewer) -> None:
        desk.defer(FIRST)
        assert status(warehouse, FIRST) == "deferred"
        shown = warehouse.read(candidates.load_candidates, ("pending", "deferred"))
        assert [item.id for item in shown] == [SECOND, THIRD, FIRST]

    def test_a_candidate_without_a_quote_that_holds_cannot_be_accepted(
        self, warehouse: Warehouse, desk: Reviewer
    ) -> None:
        with pytest.raises(DecisionError, match="none of its quotes was found"):
            desk.accept(WITHOUT, "But it is true.")
        assert status(warehouse, WITHOUT) == "pending"
        assert warehouse.read(load_frames) == []
        assert desk.reject(WITHOUT, "no evidence").decided == (WITHOUT,)

    @pytest.mark.parametrize(
        ("text", "why"), [("", "empty"), (" \n", "empty"), ("x" * (MAX_TEXT_CHARS + 1), "longer than")]
    )
    def test_a_final_text_is_neither_empty_nor_endless(self, desk: Reviewer, text: str, why: str) -> None:
        with pytest.raises(DecisionError, match=why):
            desk.accept(FIRST, text)

    def test_a_text_of_the_greatest_length_is_taken(self, desk: Reviewer, warehouse: Warehouse) -> None:
        desk.accept(FIRST, "x" * MAX_TEXT_CHARS)
        desk.reject(SECOND, "y" * MAX_REASON_CHARS)
        found = statuses(warehouse)
        assert found[FIRST][:2] == ("accepted", "x" * MAX_TEXT_CHARS)
        assert found[SECOND][0] == "rejected"


class TestIds:
    def test_a_beginning_that_only_one_has_is_enough(self, warehouse: Warehouse) -> None:
        assert find_candidate(warehouse, "cc").id == THIRD
        assert find_candidate(warehouse, " F1AA ").id == FIRST

    def test_a_whole_id_is_that_candidate_even_where_another_begins_so(self, tmp_path: Path) -> None:
        warehouse = new_warehouse(tmp_path / "w.duckdb")
        stock(warehouse, candidate("ab12"), candidate("ab1234"))
        assert find_candidate(warehouse, "ab12").id == "ab12"

    @pytest.mark.parametrize("beginning", ["", "c", " ", "zz", "cc%", "c_", "F9", "\udcff\udcff", "'; --"])
    def test_an_unknown_or_too_short_id_is_refused(self, warehouse: Warehouse, beginning: str) -> None:
        with pytest.raises(DecisionError, match="There is no candidate"):
            find_candidate(warehouse, beginning)

    def test_an_ambiguous_beginning_names_those_it_could_be(self, warehouse: Warehouse, desk: Reviewer) -> None:
        with pytest.raises(DecisionError, match=rf"{FIRST}, {SECOND}"):
            desk.defer("f1")
        assert {entry[0] for entry in statuses(warehouse).values()} == {"pending"}

    def test_a_frames_id_names_its_candidate_even_where_candidates_begin_so(
        self, warehouse: Warehouse, desk: Reviewer
    ) -> None:
        desk.accept(THIRD)
        assert find_candidate(warehouse, "F1").id == THIRD


class TestMerging:
    def test_quotes_and_sources_of_what_was_merged_stand_in_the_frame(
        self, warehouse: Warehouse, desk: Reviewer
    ) -> None:
        desk.accept(FIRST)
        outcome = desk.merge(SECOND, "F1")
        assert (outcome.decided, outcome.merged_into) == ((SECOND,), FIRST)
        desk.merge(THIRD, SECOND)
        (frame,) = warehouse.read(load_frames)
        assert frame.quotes == tuple(quote(f"Quote of {one}.") for one in (FIRST, SECOND, THIRD))
        assert frame.sources == (OTHER,)
        assert frame.paper == paper()

    def test_what_was_merged_before_its_target_was_accepted_counts_too(
        self, warehouse: Warehouse, desk: Reviewer
    ) -> None:
        desk.merge(SECOND, FIRST)
        assert warehouse.read(load_frames) == []
        desk.accept(FIRST)
        (frame,) = warehouse.read(load_frames)
        assert len(frame.quotes) == 2

    def test_evidence_that_does_not_hold_is_not_merged(self, warehouse: Warehouse, desk: Reviewer) -> None:
        desk.accept(FIRST)
        desk.merge(WITHOUT, FIRST)
        (frame,) = warehouse.read(load_frames)
        assert frame.quotes == candidate(FIRST).quotes
        assert frame.sources == ()

    def test_a_frame_that_is_merged_away_leaves_the_list_and_keeps_its_number(
        self, warehouse: Warehouse, desk: Reviewer
    ) -> None:
        desk.accept(FIRST)
        desk.accept(SECOND)
        desk.merge("F1", "F2")
        assert frames(warehouse) == {"F2": SECOND}
        desk.undo()
        assert frames(warehouse) == {"F1": FIRST, "F2": SECOND}

    def test_circles_are_refused(self, warehouse: Warehouse, desk: Reviewer) -> None:
        with pytest.raises(DecisionError, match="circle"):
            desk.merge(FIRST, FIRST)
        desk.merge(FIRST, SECOND)
        desk.merge(SECOND, THIRD)
        with pytest.raises(DecisionError, match="circle"):
            desk.merge(THIRD, FIRST)
        assert status(warehouse, THIRD) == "pending"

    def test_a_merge_that_was_decided_otherwise_since_makes_no_circle(
        self, warehouse: Warehouse, desk: Reviewer
    ) -> None:
        desk.merge(FIRST, SECOND)
        desk.accept(FIRST)
        desk.merge(SECOND, FIRST)
        (frame,) = warehouse.read(load_frames)
        assert len(frame.quotes) == 2

    def test_a_rejected_candidate_takes_no_evidence(self, warehouse: Warehouse, desk: Reviewer) -> None:
        desk.reject(SECOND, "too vague")
        with pytest.raises(DecisionError, match="rejected"):
            desk.merge(FIRST, SECOND)
        assert status(warehouse, FIRST) == "pending"

    def test_what_went_into_a_candidate_that_is_rejected_later_waits_again(
        self, warehouse: Warehouse, desk: Reviewer
    ) -> None:
        desk.merge(FIRST, SECOND)
        desk.reject(SECOND, "too vague")
        assert status(warehouse, FIRST) == "pending"
        desk.undo()
        assert status(warehouse, FIRST) == "merged"


DECIDER = """
import sys
from pathlib import Path
from curator.review.decisions import Reviewer
from curator.warehouse import Warehouse
desk = Reviewer(Warehouse(Path(sys.argv[1])), sys.argv[2])
for number in range(21):
    if number % 3 == 2:
        desk.accept(sys.argv[3])
    else:
        desk.reject(sys.argv[3], f"{sys.argv[2]} {number}")
"""


def test_two_processes_that_decide_at_once_lose_no_decision(warehouse: Warehouse) -> None:
    started = [
        subprocess.Popen(
            [sys.executable, "-c", DECIDER, str(warehouse.file), name, one], stderr=subprocess.PIPE, text=True
        )
        for name, one in (("Ada", FIRST), ("Bob", SECOND))
    ]
    for process in started:
        _, err = process.communicate(timeout=120)
        assert process.returncode == 0, err
    for one in (FIRST, SECOND):
        assert len(warehouse.read(decisions.load_decisions_on, one)) == 21
    rows = warehouse.read(lambda c: c.execute("select number from record.decisions order by number").fetchall())
    assert [number for (number,) in rows] == list(range(1, 43))
    assert sorted(frames(warehouse)) == ["F1", "F2"]


class TestChoices:
    def test_kind_and_topics_are_the_reviewers_and_the_drafts_are_kept(
        self, warehouse: Warehouse, desk: Reviewer
    ) -> None:
        desk.decide(
            FIRST, DecisionRequest("accept", kind="representational", topics=("grokking", " in-context  learning "))
        )
        item = find_candidate(warehouse, FIRST)
        assert (item.kind, item.topics) == ("representational", ("grokking", "in-context learning"))
        assert (item.draft_kind, item.draft_topics) == ("functional", ("in-context learning",))
        (frame,) = warehouse.read(load_frames)
        assert (frame.kind, frame.topics) == (item.kind, item.topics)
        desk.undo()
        assert find_candidate(warehouse, FIRST).kind == "functional"

    def test_rewording_a_frame_leaves_kind_and_topics_as_they_were_set(
        self, warehouse: Warehouse, desk: Reviewer
    ) -> None:
        desk.decide(FIRST, DecisionRequest("accept", kind="representational", topics=("grokking",)))
        desk.accept(FIRST, "Other words.")
        (frame,) = warehouse.read(load_frames)
        assert (frame.text, frame.kind, frame.topics) == ("Other words.", "representational", ("grokking",))

    def test_what_is_left_as_drafted_is_not_recorded_as_set(self, warehouse: Warehouse, desk: Reviewer) -> None:
        drafted = candidate(FIRST)
        desk.decide(FIRST, DecisionRequest("accept", drafted.text, drafted.kind, drafted.topics))
        (kept,) = warehouse.read(decisions.load_decisions_on, FIRST)
        assert (kept.text, kept.kind, kept.topics) == (None, None, None)

    @pytest.mark.parametrize(
        ("choice", "why"),
        [
            (DecisionRequest("accept", kind="moral"), "kind is one of"),  # type: ignore[arg-type]
            (DecisionRequest("accept", topics=("x" * 81,)), "longer than 80"),
            (DecisionRequest("accept", topics=tuple(map(str, range(11)))), "at most 10 topics"),
            (DecisionRequest("reject"), "reason is empty"),
            (DecisionRequest("merge"), "Name the candidate or frame to merge into"),
        ],
    )
    def test_a_choice_that_cannot_be_is_refused(self, desk: Reviewer, choice: DecisionRequest, why: str) -> None:
        with pytest.raises(DecisionError, match=why):
            desk.decide(FIRST, choice)

    def test_the_same_request_is_carried_out_once(self, warehouse: Warehouse, desk: Reviewer) -> None:
        first = desk.decide(FIRST, DecisionRequest("accept", "Mine."), request="a-1")
        again = desk.decide(FIRST, DecisionRequest("accept", "Mine."), request="a-1")
        assert (first.repeated, again.repeated) == (False, True)
        assert (again.batch, again.decided, again.frames) == (first.batch, first.decided, first.frames)
        assert desk.undo("u-1").repeated is False
        assert desk.undo("u-1") == Reversal("accept", (FIRST,), repeated=True)
        assert [one.action for one in warehouse.read(decisions.load_decisions_on, FIRST)] == [
            "accept",
            "undo",
        ]

    @pytest.mark.parametrize("request_", ["", "a b", "x" * 65, "'; drop"])
    def test_a_request_has_a_plain_name(self, desk: Reviewer, request_: str) -> None:
        with pytest.raises(DecisionError, match="token"):
            desk.decide(FIRST, DecisionRequest("defer"), request=request_)

    def test_who_did_not_see_the_decision_that_stands_is_asked_again(
        self, warehouse: Warehouse, desk: Reviewer
    ) -> None:
        looked = SeenState(find_candidate(warehouse, FIRST).decision)
        Reviewer(warehouse, "Bo").reject(FIRST, "already known")
        with pytest.raises(DecisionConflict, match="Bo has rejected this candidate") as caught:
            desk.decide(FIRST, DecisionRequest("accept"), seen=looked)
        assert status(warehouse, FIRST) == "rejected"
        desk.decide(FIRST, DecisionRequest("accept"), seen=SeenState(caught.value.standing))
        assert status(warehouse, FIRST) == "accepted"
        with pytest.raises(DecisionConflict, match="Ada has accepted"):
            desk.decide(FIRST, DecisionRequest("defer"), seen=looked)


class TestTogether:
    def test_one_undo_takes_all_of_it_back(self, warehouse: Warehouse, desk: Reviewer) -> None:
        desk.defer(SECOND)
        before = statuses(warehouse)
        desk.decide_many([FIRST, SECOND, FIRST], DecisionRequest("reject", reason="too vague"))
        assert (status(warehouse, FIRST), status(warehouse, SECOND)) == ("rejected", "rejected")
        assert desk.undo().candidates == (FIRST, SECOND)
        assert statuses(warehouse) == before
        assert desk.undo().action == "defer"

    def test_frames_are_numbered_in_the_order_given(self, warehouse: Warehouse, desk: Reviewer) -> None:
        outcome = desk.decide_many([THIRD, FIRST, SECOND], DecisionRequest("accept"))
        assert outcome.frames == {THIRD: "F1", FIRST: "F2", SECOND: "F3"}

    def test_what_cannot_be_decided_so_is_left_and_named(self, warehouse: Warehouse, desk: Reviewer) -> None:
        outcome = desk.decide_many([WITHOUT, FIRST], DecisionRequest("accept"))
        assert outcome.decided == (FIRST,)
        assert "none of its quotes was found" in outcome.refused[WITHOUT]
        with pytest.raises(DecisionError, match="No selected candidate"):
            desk.decide_many([WITHOUT], DecisionRequest("accept"))
        desk.decide_many([FIRST, SECOND], DecisionRequest("merge", into=THIRD))
        with pytest.raises(DecisionError, match="form a circle"):
            desk.decide_many([THIRD], DecisionRequest("merge", into=FIRST))

    @pytest.mark.parametrize("ids", [[], ["nobody"], [FIRST, "nobody"], [str(n) for n in range(5001)]])
    def test_of_those_that_there_are_not_none_is_decided(
        self, warehouse: Warehouse, desk: Reviewer, ids: list[str]
    ) -> None:
        with pytest.raises(DecisionError):
            desk.decide_many(ids, DecisionRequest("defer"))
        assert {entry[0] for entry in statuses(warehouse).values()} == {"pending"}

    def test_reviewers_who_differ_are_listed_whoever_came_last(self, warehouse: Warehouse, desk: Reviewer) -> None:
        bo = Reviewer(warehouse, "Bo")
        desk.decide_many([FIRST, SECOND], DecisionRequest("accept"))
        bo.reject(FIRST, "no")
        bo.accept(SECOND, "Other words.")
        listed = "select candidate, reviewer, action from disagreements"
        assert warehouse.read(lambda c: c.execute(listed).fetchall()) == [
            (FIRST, "Ada", "accept"),
            (FIRST, "Bo", "reject"),
        ]
        bo.undo()
        bo.undo()
        assert warehouse.read(lambda c: c.execute(listed).fetchall()) == []
