from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from curator.drafting.context_window import estimate_tokens, fit_to_window
from curator.drafting.sentence_pointers import number_sentences
from curator.llm.usage import CHARACTERS_PER_TOKEN
from curator.types import SectionKind
from tests.helpers.documents import document


def many(section: SectionKind, amount: int) -> tuple[SectionKind, str]:
    return section, " ".join(f"This is {section} sentence {number}." for number in range(amount))


PAPER = document(
    [many("front", 3), many("abstract", 5), many("body", 40)],
    [many("conclusion", 6), many("references", 30), many("appendix", 20)],
)
TOTAL = sum(estimate_tokens(s) for s in PAPER.sentences if s.section != "references")


def kept(section: SectionKind, budget: int) -> list[str]:
    return [s.text for s in fit_to_window(PAPER, budget).sentences if s.section == section]


def test_a_short_paper_loses_its_references_only() -> None:
    fitted = fit_to_window(PAPER, TOTAL)
    assert fitted.dropped == ("references (30 sentences)",)
    assert fitted.tokens == TOTAL
    assert fitted.sentences == tuple(s for s in PAPER.sentences if s.section != "references")


def test_nothing_dropped_is_nothing_said() -> None:
    assert fit_to_window(document("One sentence. And another."), 1000).dropped == ()


def test_the_end_of_the_appendix_goes_first() -> None:
    assert fit_to_window(PAPER, TOTAL - 1).dropped == ("references (30 sentences)", "appendix (1 of 20 sentences)")
    assert kept("appendix", TOTAL - 1)[-1] == "This is appendix sentence 18."


def test_then_the_middle_of_the_body_goes() -> None:
    fitted = fit_to_window(PAPER, TOTAL // 2)
    assert fitted.dropped[1] == "appendix (20 sentences)"
    assert fitted.dropped[2].startswith("body (")
    assert fitted.dropped[2].endswith(" of 40 sentences)")
    body = kept("body", TOTAL // 2)
    assert body[0] == "This is body sentence 0."
    assert body[-1] == "This is body sentence 39."
    assert "This is body sentence 20." not in body
    for section, amount in (("front", 3), ("abstract", 5), ("conclusion", 6)):
        assert len([s for s in fitted.sentences if s.section == section]) == amount


def test_the_abstract_is_the_last_to_go() -> None:
    smallest = estimate_tokens(next(s for s in PAPER.sentences if s.section == "abstract"))
    assert [s.text for s in fit_to_window(PAPER, smallest + 1).sentences] == ["This is abstract sentence 0."]


@pytest.mark.parametrize("budget", [0, -5])
def test_no_budget_is_no_sentence(budget: int) -> None:
    assert fit_to_window(PAPER, budget).sentences == ()
    assert fit_to_window(PAPER, budget).tokens == 0


@given(st.integers(-10, TOTAL + 100))
def test_what_is_kept_fits_in_order_under_its_own_numbers(budget: int) -> None:
    fitted = fit_to_window(PAPER, budget)
    assert fitted.tokens <= max(budget, 0)
    assert fitted.tokens == sum(estimate_tokens(s) for s in fitted.sentences)
    assert len(number_sentences(fitted.sentences).encode()) <= CHARACTERS_PER_TOKEN * max(fitted.tokens, 0)
    numbers = [s.number for s in fitted.sentences]
    assert numbers == sorted(numbers)
    assert set(fitted.sentences) <= set(PAPER.sentences)
    gone = len(PAPER.sentences) - len(fitted.sentences)
    assert gone == sum(int(note.split("(")[1].split()[0]) for note in fitted.dropped)


def test_dense_scripts_are_not_underestimated() -> None:
    chinese = document("语言模型在训练数据上的记忆能力随着规模增长。").sentences[0]
    assert estimate_tokens(chinese) >= len(chinese.text)
