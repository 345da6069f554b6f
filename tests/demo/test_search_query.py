"""The parser for arXiv's query language: matches, invalid queries, and no crash on any text."""

from __future__ import annotations

from datetime import UTC, datetime

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from curator.demo.holdings import Holdings
from curator.demo.search_query import MAX_DEPTH, MAX_TERMS, InvalidQueryError, parse_date, parse_query
from tests.demo.papers import make_paper

HOLDINGS = Holdings(
    [
        make_paper(1, title="Grokking in transformers", abstract="Late generalisation.", categories=("cs.LG",)),
        make_paper(2, title="In-context learning", abstract="Grokking is mentioned once.", comment="5 pages"),
        make_paper(
            3, title="Refusals", abstract="In the context of chat, learning to say no.", journal_ref="J. Sample 3"
        ),
        make_paper(
            4,
            title="Coral reefs",
            abstract="Loss of sound.",
            authors=("Ana María", "Bo Del Maestro"),
            categories=("q-bio.PE",),
        ),
    ]
)


def find_numbers(query: str) -> set[int]:
    return {int(held.paper.id[-1]) for held, _ in HOLDINGS.search(parse_query(query))}


@pytest.mark.parametrize(
    ("query", "numbers"),
    [
        ("grokking", {1, 2}),
        ("all:GROKKING", {1, 2}),
        ("ti:grokking", {1}),
        ("abs:grokking", {2}),
        ("co:pages", {2}),
        ("jr:sample", {3}),
        ("rn:anything", set()),
        ("id:2601.00003", {3}),
        ("id:2601.00003v1", {3}),
        ("cat:cs.CL", {2, 3}),
        ("cat:CS.cl", {2, 3}),
        ("cat:cs.*", {1, 2, 3}),
        ("cat:cs", set()),
        ("ti:refusal", {3}),
        ("ti:transformer", {1}),
        ("abs:los", set()),
        ("au:maria", {4}),
        ("au:María", {4}),
        ("au:del_maestro", {4}),
        ('au:"maría bo"', set()),
        ("ti:gro*", {1}),
        ("ti:gr?kking", {1}),
    ],
)
def test_a_field_is_searched_word_by_word_without_case_accents_and_plurals(query: str, numbers: set[int]) -> None:
    assert find_numbers(query) == numbers


def test_a_phrase_matches_adjacent_words_in_one_field() -> None:
    assert find_numbers('"in context learning"') == {2}
    assert find_numbers("all:in-context") == {2}
    assert find_numbers("all:in AND all:context") == {2, 3}
    assert find_numbers('all:"transformers late"') == set()


@pytest.mark.parametrize(
    ("query", "numbers"),
    [
        ("grokking AND cat:cs.CL", {2}),
        ("ti:grokking OR ti:coral", {1, 4}),
        ("ti:grokking ti:coral", {1, 4}),
        ("grokking ANDNOT ti:grokking", {2}),
        ("ti:coral OR grokking AND cat:cs.CL", {2, 4}),
        ("(ti:coral OR grokking) AND cat:cs.CL", {2}),
        ("cat:cs.CL ANDNOT (ti:refusal OR ti:coral)", {2}),
        ("ti:(grokking OR coral)", {1, 4}),
        ("cat:cs.CL ANDNOT ti:refusal ANDNOT ti:learning", set()),
    ],
)
def test_and_binds_tighter_than_or(query: str, numbers: set[int]) -> None:
    assert find_numbers(query) == numbers


@pytest.mark.parametrize(
    ("query", "numbers"),
    [
        ("submittedDate:[202601020000 TO 202601032359]", {1, 2}),
        ("submittedDate:[20260103 TO 20260104]", {2, 3}),
        ("submittedDate:[202601021200 TO 202601021200]", {1}),
        ("submittedDate:[20260102120000 TO 20260102120000]", {1}),
        ("submittedDate:[20260102120001 TO 20260103115959]", set()),
        ("submittedDate:[20260104 TO 20260103]", set()),
        ("cat:cs.CL AND lastUpdatedDate:[20260104 TO 99991231]", {3}),
    ],
)
def test_a_date_range_includes_both_ends(query: str, numbers: set[int]) -> None:
    assert find_numbers(query) == numbers


def test_submission_and_update_dates_are_separate() -> None:
    holdings = Holdings([make_paper(1, version=1), make_paper(1, version=9)])
    on_the_tenth = "[20260110 TO 20260110]"
    assert holdings.search(parse_query(f"lastUpdatedDate:{on_the_tenth}"))
    assert not holdings.search(parse_query(f"submittedDate:{on_the_tenth}"))


@pytest.mark.parametrize(
    "query",
    [
        "",
        "   ",
        "(",
        "grokking AND",
        "AND grokking",
        "ANDNOT grokking",
        "(grokking",
        "grokking)",
        "()",
        'ti:"unclosed',
        "title:grokking",
        "ti:",
        "ti:ti:grokking",
        "submittedDate:2026",
        "submittedDate:[20260101]",
        "submittedDate:[20260101 AND 20260102]",
        "submittedDate:[2026 TO 2027]",
        "submittedDate:[20261301 TO 20270101]",
        "submittedDate:[20260101 TO 20260102",
        "[20260101 TO 20260102]",
        "(" * (MAX_DEPTH + 1) + "a" + ")" * (MAX_DEPTH + 1),
        "(" * 50_000,
        " OR ".join(["a"] * (MAX_TERMS + 1)),
    ],
)
def test_an_invalid_query_is_refused(query: str) -> None:
    with pytest.raises(InvalidQueryError):
        parse_query(query)


def test_nesting_and_number_of_terms_up_to_the_limits_are_accepted() -> None:
    assert find_numbers("(" * MAX_DEPTH + "coral" + ")" * MAX_DEPTH) == {4}
    assert find_numbers(" OR ".join(["coral"] * MAX_TERMS)) == {4}


def test_an_end_date_is_the_last_second_of_its_day_minute_or_second() -> None:
    assert parse_date("20260228", end=True) == datetime(2026, 2, 28, 23, 59, 59, tzinfo=UTC)
    assert parse_date("202602281530", end=True) == datetime(2026, 2, 28, 15, 30, 59, tzinfo=UTC)
    assert parse_date("20260228153012", end=True) == datetime(2026, 2, 28, 15, 30, 12, tzinfo=UTC)
    assert parse_date("99991231", end=True).year == 9999


PIECES = st.sampled_from(
    [
        *("AND", "OR", "ANDNOT", "(", ")", '"', "ti:", "cat:", "all:", ":", "*", "?", "[", "]"),
        *("grok*", "in-context", "lastUpdatedDate:", "TO", "\x00", "é", "٣", "learning"),
    ]
)


@given(
    st.one_of(
        st.text(),
        st.lists(PIECES | st.just("submittedDate:[20260101 TO 20260103]")).map(" ".join),
        st.lists(PIECES).map("".join),
    )
)
@example("a*?[!]*")
@example("submittedDate:[٢٠٢٦٠١٠١ TO 20260103]")
def test_any_text_is_either_matched_or_refused(query: str) -> None:
    try:
        node = parse_query(query)
    except InvalidQueryError:
        return
    assert {held.paper.id for held, _ in HOLDINGS.search(node)} <= {f"2601.0000{number}" for number in range(1, 5)}


TERMS = st.sampled_from(["ti:grokking", "cat:cs.CL", '"in context"', "au:maria", "coral", "nothing"])


@given(TERMS, TERMS)
def test_operators_are_set_operations(left: str, right: str) -> None:
    assert find_numbers(f"{left} AND {right}") == find_numbers(left) & find_numbers(right)
    assert find_numbers(f"{left} OR {right}") == find_numbers(left) | find_numbers(right)
    assert find_numbers(f"{left} ANDNOT {right}") == find_numbers(left) - find_numbers(right)
