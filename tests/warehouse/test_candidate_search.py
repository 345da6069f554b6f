"""Looking around in the queue: filters, orders, and what a candidate could be merged into."""

from __future__ import annotations

from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from curator.review.decisions import DecisionRequest, Reviewer
from curator.warehouse import Warehouse, candidate_search, candidates
from curator.warehouse.candidate_search import CandidateFilter
from tests.warehouse.things import ABSENT, candidate, paper, quote, stock

OTHER = paper(2, title="On grokking")


@pytest.fixture(scope="module")
def warehouse(tmp_path_factory: pytest.TempPathFactory) -> Warehouse:
    return stocked(tmp_path_factory.mktemp("browse"))


def stocked(folder: Path) -> Warehouse:
    made = Warehouse(folder / "w.duckdb")
    stock(
        made,
        candidate("aa01", text="Induction heads copy tokens from the context."),
        candidate("aa02", text="Copying heads appear early.", kind="representational", topics=("grokking",)),
        candidate("bb01", OTHER, text="Grokking is délayed generalization.", topics=("grokking", "refusal")),
        candidate("bb02", OTHER, quotes=(ABSENT,), text="Baseless."),
        candidate("bb03", OTHER, text="Else.", quotes=(quote("A near one.", grade="near"),), drafter="a model"),
        papers=[paper(), OTHER],
    )
    Reviewer(made, "Ada").accept("aa01")
    Reviewer(made, "Bo").reject("aa02", "too vague")
    return made


@pytest.mark.parametrize(
    ("wanted", "found"),
    [
        (CandidateFilter(), {"aa01", "aa02", "bb01", "bb02", "bb03"}),
        (CandidateFilter(status="pending"), {"bb01", "bb03"}),
        (CandidateFilter(status=candidate_search.WITHOUT_EVIDENCE), {"bb02"}),
        (CandidateFilter(topic="grokking"), {"aa02", "bb01"}),
        (CandidateFilter(kind="representational"), {"aa02"}),
        (CandidateFilter(drafter="a model"), {"bb03"}),
        (CandidateFilter(paper=OTHER.id), {"bb01", "bb02", "bb03"}),
        (CandidateFilter(grade="near"), {"bb03"}),
        (CandidateFilter(grade="absent"), {"bb02"}),
        (CandidateFilter(reviewer="Bo"), {"aa02"}),
        (CandidateFilter(text="COPY heads"), {"aa01", "aa02"}),
        (CandidateFilter(text="delayed"), {"bb01"}),
        (CandidateFilter(text="f1"), {"aa01"}),
        (CandidateFilter(text="on grokking"), {"bb01", "bb02", "bb03"}),
        (CandidateFilter(text="copy grokking"), set()),
        (CandidateFilter(text="%"), set()),
        (CandidateFilter(disputed=True), set()),
    ],
)
def test_a_filter_finds_what_fits_it(warehouse: Warehouse, wanted: CandidateFilter, found: set[str]) -> None:
    rows, total = warehouse.read(candidate_search.search_candidates, wanted)
    assert {row.id for row in rows} == found
    assert total == len(found)
    assert set(warehouse.read(candidate_search.list_matching_ids, wanted)) == found


def test_pages_of_a_list_make_up_the_whole(warehouse: Warehouse) -> None:
    for sort in candidate_search.SORTS:
        whole, total = warehouse.read(candidate_search.search_candidates, CandidateFilter(), sort)
        parts = [
            row
            for offset in range(0, 6, 2)
            for row in warehouse.read(candidate_search.search_candidates, CandidateFilter(), sort, 2, offset)[0]
        ]
        assert parts == whole
        assert len(whole) == total == 5


def test_what_waits_comes_in_the_queues_order(warehouse: Warehouse) -> None:
    items = warehouse.read(candidates.load_candidates)
    assert warehouse.read(candidate_search.list_waiting) == [item.id for item in items]
    assert warehouse.read(candidate_search.list_waiting, "grokking") == ["bb01"]


def test_items_come_in_the_order_asked_for(warehouse: Warehouse) -> None:
    found = warehouse.read(candidates.load_candidates_by_id, ["bb03", "nobody", "aa01", "bb03"])
    assert [item.id for item in found] == ["bb03", "aa01"]
    assert warehouse.read(candidates.load_candidates_by_id, []) == []


def test_a_merge_is_offered_what_has_most_words_in_common(warehouse: Warehouse) -> None:
    offered = warehouse.read(candidate_search.find_merge_candidates, "bb01", "heads that copy tokens")
    assert [row.id for row in offered] == ["aa01"]  # the other one that speaks of heads is rejected
    assert warehouse.read(candidate_search.find_merge_candidates, "bb01", "F1")[0].id == "aa01"
    assert warehouse.read(candidate_search.find_merge_candidates, "aa01", "aa01") == []


def test_facets_are_what_there_is(warehouse: Warehouse) -> None:
    facets = warehouse.read(candidate_search.load_facets)
    assert facets.topics == ("grokking", "in-context learning", "refusal")
    assert facets.reviewers == ("Ada", "Bo")
    assert facets.statuses == {"accepted": 1, "rejected": 1, "pending": 2, candidate_search.WITHOUT_EVIDENCE: 1}


def test_the_mark_changes_with_every_decision_and_candidate(tmp_path: Path) -> None:
    made = stocked(tmp_path)
    marks = [made.read(candidate_search.load_change_mark)]
    Reviewer(made, "Ada").undo()
    marks.append(made.read(candidate_search.load_change_mark))
    stock(made, candidate("cc01"))
    marks.append(made.read(candidate_search.load_change_mark))
    Reviewer(made, "Ada").decide_many(["cc01", "bb01"], DecisionRequest("defer"))
    marks.append(made.read(candidate_search.load_change_mark))
    assert len(set(marks)) == 4


@given(text=st.text(max_size=40), topic=st.text(max_size=10), paper=st.text(max_size=10))
def test_whatever_is_typed_is_a_filter_and_never_sql(warehouse: Warehouse, text: str, topic: str, paper: str) -> None:
    clean = [value.encode("utf-8", "ignore").decode() for value in (text, topic, paper)]
    rows, total = warehouse.read(
        candidate_search.search_candidates, CandidateFilter(text=clean[0], topic=clean[1], paper=clean[2])
    )
    assert len(rows) <= total <= 5
