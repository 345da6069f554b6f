"""The quote benchmark's corpus: labelled rightly, of all classes, the same for the same seed."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable
from itertools import islice
from random import Random
from typing import Any

import pymupdf
import pytest
from bench.passages import Base, BenchPaper, is_prose, key, letters, load, one_line, pasted, samples
from bench.wordings import MAIN, Table, Wording
from bench.wordings_held_out import HELD_OUT

from bench import disturb, falsify, quotes

WORDINGS = pytest.mark.parametrize("words", [MAIN, HELD_OUT], ids=lambda words: words.name)


@pytest.fixture(scope="module")
def papers() -> list[BenchPaper]:
    loaded = [load(name, pdf) for name, pdf in islice(samples(), 4)]
    return [paper for paper in loaded if paper is not None]


def base(paper: BenchPaper, text: str, seed: int = 1, words: Wording = MAIN) -> Base:
    return Base(text, paper, 0, 1, Random(seed), words)


def some(papers: list[BenchPaper], words: Wording, seed: int = 1) -> list[quotes.Case]:
    return list(quotes.corpus(papers, words, seed, per_class=8, tries=60))


def text_of(paper: BenchPaper) -> str:
    return letters(" ".join(page.text for page in paper.document.pages))


@WORDINGS
def test_the_same_seed_gives_the_same_quotes_and_another_seed_others(papers: list[BenchPaper], words: Wording) -> None:
    first = some(papers, words)
    assert first == some(papers, words)
    assert len(set(first) & set(some(papers, words, seed=2))) < len(first) / 2


@WORDINGS
def test_no_false_quote_stands_in_its_paper(papers: list[BenchPaper], words: Wording) -> None:
    full = {paper.name: paper for paper in papers}
    false = [case for case in some(papers, words) if not case.holds]
    assert len({case.label for case in false}) > 35
    for case in false:
        if case.label not in falsify.MAY_STAND_IN_PAPER:
            assert letters(case.claimed) != letters(case.origin) or key(case.claimed) != key(case.origin), case
            assert not full[case.paper].has(case.claimed), case


def test_what_the_paper_says_elsewhere_or_says_already_is_not_labelled_false(papers: list[BenchPaper]) -> None:
    here, elsewhere = (sentence.text for sentence in papers[0].sentences[:2])
    assert not quotes.is_false("antonym", base(papers[0], here), elsewhere)
    assert not quotes.is_false("antonym", base(papers[0], here), here.replace(" ", "\n").upper())
    assert quotes.is_false("antonym", base(papers[0], here), f"Never. {here}")


@WORDINGS
def test_true_quotes_of_the_plainest_classes_keep_every_letter(papers: list[BenchPaper], words: Wording) -> None:
    plain = {
        "verbatim", "white space", "line breaks", "line-end hyphens kept", "soft hyphens, zero width", "ligatures",
        "quotation marks, apostrophes", "dashes", "case at the start", "final full stop", "comma", "accents lost",
    }  # fmt: skip
    true = [case for case in some(papers, words) if case.holds and case.label in plain]
    assert {case.label for case in true} >= plain - {"dashes", "accents lost"}
    for case in true:
        assert letters(case.claimed) == letters(case.origin), case


@pytest.mark.parametrize(
    ("label", "sentence", "gone"),
    [
        ("negation removed", "We find that the small model does not learn the task at all.", "not"),
        ("negation removed", "A probe on this layer cannot tell the two apart in our data.", "not"),
        ("hedge dropped", "The small model often fails on longer inputs of the task.", "often"),
        ("unit", "Training the largest of the models took 12 hours on the cluster.", "hours"),
        ("modality", "Larger models may memorise more of what they were trained on.", "may"),
        ("number: exponent", "We use a learning rate of 10−3 for all of the models.", "−"),
        ("number: a digit", "The accuracy on the held-out part rises to 84.5% in the end.", "84.5"),
        ("comparison", "The larger model was slower than the one before it in our tests.", "larger model was slower"),
    ],
)
def test_a_falsification_changes_what_it_is_named_after(
    papers: list[BenchPaper], label: str, sentence: str, gone: str
) -> None:
    quote = falsify.FALSE[label](base(papers[0], sentence))
    assert quote is not None
    assert gone not in quote
    assert key(quote) != key(sentence)


@pytest.mark.parametrize(
    "sentence",
    [
        "The result is in line with earlier work (Smith et al., 2023) on the same question.",
        "This was first shown by others [12, 14] and is what Figure 3 shows as well.",
    ],
)
def test_numbers_of_citations_and_figures_are_left_alone(papers: list[BenchPaper], sentence: str) -> None:
    assert all(falsify.digit_changed(base(papers[0], sentence, seed)) is None for seed in range(20))


def test_an_ellipsis_swallows_the_negation(papers: list[BenchPaper]) -> None:
    sentence = (
        "Our results show that the larger of the two models does not learn the rule from the data of its training."
    )
    made = {falsify.FALSE["ellipsis over a negation"](base(papers[0], sentence, seed)) for seed in range(20)}
    assert made
    assert all(quote and " not " not in quote and any(dot.strip() in quote for dot in MAIN.ellipses) for quote in made)


def test_citations_leave_no_trace_when_they_are_left_out(papers: list[BenchPaper]) -> None:
    sentence = "It has been shown [3, 7] that larger models memorise more (Smith et al., 2023; Wu and Ng, 2021)."
    quote = disturb.TRUE["citations left out"](base(papers[0], sentence))
    assert quote == "It has been shown that larger models memorise more."


def test_a_true_ellipsis_leaves_out_nothing_that_decides(papers: list[BenchPaper]) -> None:
    harmless = "We train large language models (LLMs) on the data that we have collected for this."
    decisive = "We train large language models (e.g., those without any labels) on the data that we collected."
    assert disturb.TRUE["ellipsis for a parenthesis"](base(papers[0], harmless)) is not None
    assert disturb.TRUE["ellipsis for a parenthesis"](base(papers[0], decisive)) is None


def test_slips_spare_the_start_and_end_of_a_word(papers: list[BenchPaper]) -> None:
    for seed in range(50):
        quote = disturb.TRUE["typo in a long word"](base(papers[0], "uninterpretable", seed))
        if quote is None:  # the letter that was mistyped was the right one
            continue
        assert quote != "uninterpretable"
        assert (quote[:3], quote[-3:]) == ("uni", "ble")


def test_pasted_sentences_are_those_of_the_paper_with_its_line_breaks(papers: list[BenchPaper]) -> None:
    found = [(paper, raw) for paper in papers for raw in pasted(paper)]
    assert len(found) > 20
    assert any("\n" in raw for _, raw in found)
    assert all(is_prose(one_line(raw)) for _, raw in found)
    assert all(letters(raw) in letters(paper.plain_text) for paper, raw in found)


def test_planted_sentences_are_in_the_file_and_do_not_change_what_is_seen() -> None:
    _, pdf = next(samples())
    planted = quotes.plant(pdf, MAIN.hidden, Random(1))
    library: Any = pymupdf
    with library.open(stream=planted, filetype="pdf") as document, library.open(stream=pdf, filetype="pdf") as before:
        text = letters("".join(page.get_text("text", clip=library.INFINITE_RECT()) for page in document))
        assert all(letters(sentence) in text for sentence in MAIN.hidden)
        for page, old in zip(document, before, strict=True):
            seen, then = page.get_pixmap(dpi=40).samples, old.get_pixmap(dpi=40).samples
            assert sum(abs(a - b) > 60 for a, b in zip(seen, then, strict=True)) < len(then) / 1000


def test_the_held_out_wording_exchanges_other_words() -> None:
    def pairs(table: Table) -> set[tuple[str, str]]:
        return {(old, new) for old, choices in table.entries.items() for new in choices}

    for table in ("quantifiers", "modality", "claims", "directions", "antonyms", "causality", "names", "units"):
        ours, others = pairs(getattr(MAIN, table)), pairs(getattr(HELD_OUT, table))
        assert len(ours & others) <= len(others) / 10, table
    assert not set(MAIN.invented) & set(HELD_OUT.invented)


def test_both_parts_of_the_papers_are_large_enough() -> None:
    parts = Counter(quotes.is_held_out(f"paper-{number}") for number in range(600))
    assert 0.2 < parts[True] / 600 < 0.5


def test_outcomes_count_as_wrong_on_both_sides() -> None:
    def outcome(holds: bool, held: bool) -> quotes.Outcome:
        return quotes.Outcome(quotes.Case("any", "paper", "a", "a", holds), "absent", "", held)

    assert [outcome(h, g).wrong for h, g in ((True, True), (True, False), (False, True), (False, False))] == [
        False, True, True, False,
    ]  # fmt: skip


def test_rates_are_printed_by_class(capsys: pytest.CaptureFixture[str]) -> None:
    def outcomes(label: str, right: int, wrong: int) -> Iterable[quotes.Outcome]:
        case = quotes.Case(label, "paper", "a", "a", True)
        yield from [quotes.Outcome(case, "exact", "a", True)] * right
        yield from [quotes.Outcome(case, "absent", "", False)] * wrong

    quotes.print_table("True", [*outcomes("one class", 3, 1), *outcomes("another", 4, 0)])
    rows = [line.split() for line in capsys.readouterr().out.splitlines() if line]
    assert rows[1:] == [["one", "class", "4", "1", "25.00"], ["another", "4", "0", "0.00"], ["all", "8", "1", "12.50"]]
