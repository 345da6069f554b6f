"""A verdict on support belongs to the words that it was given on; the accepted words get their own."""

from __future__ import annotations

from pathlib import Path

import pytest

from curator.records import Support
from curator.review.decisions import Desk, find
from curator.review.wording import support_of
from curator.warehouse import Warehouse, drafts
from tests.warehouse.things import ABSENT, candidate, quote, stock

ONE, BARE = "aa11", "bb22"
QUOTED = "Small models often copy the token that followed."
LEXICAL = Support("supported", "It is the quote's own words.", "lexical 1")
MODEL = Support("supported", "It follows.", "support.md 12345678 with m")


@pytest.fixture
def warehouse(tmp_path: Path) -> Warehouse:
    made = Warehouse(tmp_path / "curator.duckdb")
    told = candidate(ONE, text=QUOTED, quotes=(quote(QUOTED),), support=(LEXICAL,))
    run = stock(made, told, candidate(BARE, quotes=(ABSENT,), author="Bo"))
    made.write(lambda c: drafts.add_supports(c, run, ONE, [MODEL], call="c1", text=QUOTED))
    return made


def verdicts(warehouse: Warehouse) -> list[tuple[str, str, str, bool]]:
    return [(one.checker.split(" ")[0], one.verdict, one.judged, one.current) for one in find(warehouse, ONE).support]


def test_the_accepted_words_are_judged_and_the_drafts_verdicts_stay_the_drafts(warehouse: Warehouse) -> None:
    of_draft = [("support.md", "supported", "draft"), ("lexical", "supported", "draft")]
    assert verdicts(warehouse) == [(*one, True) for one in of_draft]
    desk = Desk(warehouse, "Ada")
    desk.accept(ONE, "All models always copy.")
    own = ("lexical", "overreaches")
    assert verdicts(warehouse) == [(*own, "final", True), *((*one, False) for one in of_draft)]
    assert find(warehouse, ONE).support[0].text == "All models always copy."
    desk.accept(ONE, "Small models copy 42 tokens.")
    assert verdicts(warehouse)[0] == ("lexical", "not supported", "final", True)
    assert (*own, "earlier", False) in verdicts(warehouse)
    view = "select judged, count(*) from supports group by all order by all"
    assert warehouse.read(lambda c: c.execute(view).fetchall()) == [("draft", 2), ("earlier", 1), ("final", 1)]
    for _ in range(2):
        desk.undo()
    assert [one for one in verdicts(warehouse) if one[3]] == [(*one, True) for one in of_draft]


def test_accepting_the_draft_or_the_same_words_again_adds_no_verdict(warehouse: Warehouse) -> None:
    desk = Desk(warehouse, "Ada")
    desk.accept(ONE)
    desk.accept(ONE, f" {QUOTED}\n")
    assert len(verdicts(warehouse)) == 2
    for _ in range(2):
        desk.accept(ONE, "Small models copy.")
    assert len(verdicts(warehouse)) == 3


def test_words_without_evidence_have_no_verdict(warehouse: Warehouse) -> None:
    Desk(warehouse, "Ada").accept(BARE, "In Bo's words.")
    assert find(warehouse, BARE).support == ()
    assert support_of(find(warehouse, BARE), "Anything.") is None
    assert support_of(find(warehouse, ONE), " \n") is None


def test_what_is_merged_in_is_no_evidence_for_the_wording(warehouse: Warehouse) -> None:
    stock(warehouse, candidate("cc33", quotes=(quote("All models always copy 42 tokens."),)))
    desk = Desk(warehouse, "Ada")
    desk.accept(ONE)
    desk.merge("cc33", ONE)
    found = support_of(find(warehouse, ONE), "All models always copy 42 tokens.")
    assert found
    assert found.verdict == "not supported"
