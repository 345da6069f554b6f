"""A verdict on support belongs to the words that it was given on; the accepted words get their own."""

from __future__ import annotations

from pathlib import Path

import pytest

from curator.review.consent import ConsentChoice
from curator.review.decisions import DecisionRequest, Reviewer, find_candidate
from curator.review.wording_check import check_wording
from curator.types import Support, Verdict
from curator.warehouse import Warehouse, candidates, supports
from tests.helpers.templates import new_warehouse
from tests.warehouse.things import ABSENT, candidate, quote, stock

ONE, BARE = "aa11", "bb22"
QUOTED = "Small models often copy the token that followed."
LEXICAL = Support("supported", "It is the quote's own words.", "lexical 1")
MODEL = Support("supported", "It follows.", "support.md 12345678 with m")


def fill(made: Warehouse) -> None:
    told = candidate(ONE, text=QUOTED, scope="", quotes=(quote(QUOTED),), support=(LEXICAL,))
    run = stock(made, told, candidate(BARE, quotes=(ABSENT,), author="Bo"))
    made.write(supports.add_supports, run, ONE, [MODEL], call="c1", text=QUOTED)


@pytest.fixture
def warehouse(tmp_path: Path) -> Warehouse:
    return new_warehouse(tmp_path / "curator.duckdb", fill)


def verdicts(warehouse: Warehouse) -> list[tuple[str, str, str, bool]]:
    return [
        (one.checker.split(" ")[0], one.verdict, one.judged, one.current)
        for one in find_candidate(warehouse, ONE).support
    ]


def test_the_accepted_words_are_judged_and_the_drafts_verdicts_stay_the_drafts(warehouse: Warehouse) -> None:
    of_draft = [("support.md", "supported", "draft"), ("lexical", "supported", "draft")]
    assert verdicts(warehouse) == [(*one, True) for one in of_draft]
    desk = Reviewer(warehouse, "Ada")
    desk.accept(ONE, "All models always copy.")
    own = ("lexical", "overreaches")
    assert verdicts(warehouse) == [(*own, "final", True), *((*one, False) for one in of_draft)]
    assert find_candidate(warehouse, ONE).support[0].text == "All models always copy."
    desk.accept(ONE, "Small models copy 42 tokens.")
    assert verdicts(warehouse)[0] == ("lexical", "not supported", "final", True)
    assert (*own, "earlier", False) in verdicts(warehouse)
    view = "select judged, count(*) from supports group by all order by all"
    assert warehouse.read(lambda c: c.execute(view).fetchall()) == [("draft", 2), ("earlier", 1), ("final", 1)]
    for _ in range(2):
        desk.undo()
    assert [one for one in verdicts(warehouse) if one[3]] == [(*one, True) for one in of_draft]


def test_accepting_the_draft_or_the_same_words_again_adds_no_verdict(warehouse: Warehouse) -> None:
    desk = Reviewer(warehouse, "Ada")
    desk.accept(ONE)
    desk.accept(ONE, f" {QUOTED}\n")
    assert len(verdicts(warehouse)) == 2
    for _ in range(2):
        desk.accept(ONE, "Small models copy.")
    assert len(verdicts(warehouse)) == 3


def test_words_without_evidence_have_no_verdict(warehouse: Warehouse) -> None:
    Reviewer(warehouse, "Ada").accept(BARE, "In Bo's words.")
    assert find_candidate(warehouse, BARE).support == ()
    assert check_wording(find_candidate(warehouse, BARE), "Anything.", "") is None
    assert check_wording(find_candidate(warehouse, ONE), " \n", "") is None


def test_what_is_merged_in_is_no_evidence_for_the_wording(warehouse: Warehouse) -> None:
    stock(warehouse, candidate("cc33", quotes=(quote("All models always copy 42 tokens."),)))
    desk = Reviewer(warehouse, "Ada")
    desk.accept(ONE)
    desk.merge("cc33", ONE)
    found = check_wording(find_candidate(warehouse, ONE), "All models always copy 42 tokens.", "")
    assert found
    assert found.verdict == "not supported"


@pytest.mark.parametrize(("scope", "then"), [(None, "partly"), (True, "supported"), ("for Mistral only", "partly")])
def test_the_wording_is_judged_with_the_scope_that_is_published(
    warehouse: Warehouse, scope: ConsentChoice, then: Verdict
) -> None:
    run = stock(warehouse, candidate("dd44", text=QUOTED, quotes=(quote(QUOTED),), scope="for GPT-J only"))
    warehouse.write(supports.add_supports, run, "dd44", [MODEL], call="c1")
    desk = Reviewer(warehouse, "Ada")
    words = "Small models such as GPT-J often copy the token that followed."
    desk.decide("dd44", DecisionRequest("accept", words, scope=scope))
    found = find_candidate(warehouse, "dd44").support
    assert (found[0].verdict, found[0].judged, found[0].current) == (then, "final", True)
    assert [(one.judged, one.current) for one in found[1:]] == [("draft", False)]


def test_a_verdict_on_the_draft_with_its_scope_is_none_on_the_draft_without_it(warehouse: Warehouse) -> None:
    run = stock(warehouse, candidate("dd44", text=f"GPT-J: {QUOTED}", quotes=(quote(QUOTED),), scope="GPT-J"))
    warehouse.write(supports.add_supports, run, "dd44", [MODEL], call="c1")

    def asked() -> list[str]:
        return [one.scope for one in warehouse.read(candidates.load_unchecked, "another run", 3) if one.id == "dd44"]

    def current() -> list[str]:
        return [one.checker.split(" ")[0] for one in find_candidate(warehouse, "dd44").support if one.current]

    desk = Reviewer(warehouse, "Ada")
    warehouse.write(lambda c: c.execute("update record.candidates set call = 'c1' where candidate = 'dd44'"))
    assert (asked(), current()) == ([], ["support.md"])
    desk.accept("dd44")
    assert (asked(), current()) == ([""], ["lexical"])
    view = "select judged, current from supports where candidate = 'dd44' order by all"
    assert warehouse.read(lambda c: c.execute(view).fetchall()) == [("draft", False), ("final", True)]
    warehouse.write(supports.add_supports, run, "dd44", [MODEL], call="c2", scope="")
    assert (asked(), sorted(current())) == ([], ["lexical", "support.md"])
    desk.decide("dd44", DecisionRequest("accept", scope=True))
    assert (asked(), current()) == ([], ["support.md"])
