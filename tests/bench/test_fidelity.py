"""The measures by which text is called true: a yardstick that cannot tell good from bad measures nothing."""

from __future__ import annotations

from pathlib import Path

import pytest
from bench.extractors import OURS, PLAIN, extractors, ours, plain
from bench.ground_truth import Truth, typeset_samples, written_down
from bench.inputs import Inputs, spread
from bench.latex import STYLES, Style, document, escaped
from bench.likeness import (
    Output,
    absent,
    edit_similarity,
    no_such_line,
    order,
    present,
    share_belonging,
    squashed,
    unbroken,
    without_markdown,
    words,
)

from tests.pdf.pdfs import Sheets, prose
from tests.typesetting.demo_data import load_sources

FIRST, SECOND = "Larger models learn faster than small ones.", "Nobody knows why that should be so."


@pytest.fixture(scope="module")
def samples() -> list[Truth]:
    return typeset_samples(2)


@pytest.fixture
def sample(samples: list[Truth]) -> Truth:
    return samples[0]


def output(*pages: str) -> Output:
    return Output(pages)


def test_a_text_is_most_like_itself_and_less_with_each_word_that_moves_or_breaks() -> None:
    true = words(f"{FIRST} {SECOND}")
    assert edit_similarity(true, true) == 1
    moved = words(f"{SECOND} {FIRST}")
    broken = words(f"{FIRST} {SECOND}".replace("faster", "fas- ter"))
    assert edit_similarity(true, moved) < edit_similarity(true, broken) < 1
    assert edit_similarity(true, []) == 0


def test_words_that_the_truth_lacks_or_has_less_often_are_noise() -> None:
    true = words(FIRST)
    assert share_belonging(true, words(FIRST)) == 1
    assert share_belonging(true, words(FIRST + " " + FIRST)) == 0.5
    assert share_belonging(true, [*words(FIRST), "17"]) == pytest.approx(7 / 8)
    assert share_belonging(true, []) == 0


@pytest.mark.parametrize(
    "printed", ["Larger models learn fas-\nter than\nsmall ones.", "larger models learn ﬁrst", "“Larger” models"]
)
def test_checks_do_not_mind_broken_lines_ligatures_and_quotation_marks(printed: str) -> None:
    plainly = printed.replace("-\n", "").replace("ﬁ", "fi").replace("“", '"').replace("”", '"')
    assert present(plainly).holds(output(f"Before. {printed} After."))


def test_checks_mind_a_word_a_number_and_a_sign() -> None:
    for true, wrong in (("3.5 points", "35 points"), ("is not so", "is so"), ("x < 1", "x > 1")):
        assert not present(true).holds(output(wrong))


def test_what_must_be_there_may_stand_on_any_page_but_not_be_spliced() -> None:
    assert present(SECOND).holds(output(FIRST, SECOND))
    assert unbroken(f"{FIRST} {SECOND}").holds(output(f"{FIRST}\n{SECOND}"))
    assert not unbroken(f"{FIRST} {SECOND}").holds(output(f"{FIRST} Figure 1. {SECOND}"))


def test_either_wording_will_do() -> None:
    assert present("so.1", "so.").holds(output("It is so. It is."))
    assert present("so.1 It", "so. It").holds(output("It is so.1 It is."))


def test_order_needs_both_and_the_first_before_the_second() -> None:
    check = order((FIRST,), (SECOND,))
    assert check.holds(output(FIRST, SECOND))
    assert not check.holds(output(SECOND, FIRST))
    assert not check.holds(output(FIRST))


def test_furniture_must_be_gone_but_not_what_the_paper_says_itself() -> None:
    assert not absent("A running head").holds(output(FIRST, "A running head " + SECOND))
    assert absent("A running head", allowed=1).holds(output("A running head", SECOND))
    assert not no_such_line(2, "2").holds(output(FIRST, f"{SECOND}\n2"))
    assert no_such_line(2, "2").holds(output(FIRST, f"{SECOND} 2"))
    assert not no_such_line(2, "2").holds(output(FIRST)), "a page that is not there passes nothing"


def test_markdown_is_not_held_against_anybody() -> None:
    marked = "## Results\n\n**Larger** models _learn_ faster<sup>1</sup> [than](https://a.b/c) `small\\_ones`."
    assert squashed(without_markdown(marked)) == squashed("Results Larger models learn faster1 than small_ones.")


def test_a_sample_is_like_its_own_source_and_not_like_anothers(samples: list[Truth]) -> None:
    sample, other = samples
    mine, strange = Output(tuple(ours(sample.pdf))), Output(tuple(ours(other.pdf)))
    assert edit_similarity(sample.words, mine.words) > 0.9
    assert edit_similarity(sample.words, strange.words) < 0.3
    held = [check.holds(mine) for check in sample.checks]
    assert sum(held) / len(held) > 0.9
    assert not any(check.holds(strange) for check in sample.checks if check.kind == "unbroken")


def test_every_kind_of_check_is_made_of_a_sample_and_plain_text_fails_on_furniture(sample: Truth) -> None:
    assert {check.kind for check in sample.checks} == {"present", "unbroken", "order", "absent"}
    raw = Output(tuple(plain(sample.pdf)))
    assert not all(check.holds(raw) for check in sample.checks if check.kind == "absent")


def test_one_page_is_held_against_its_own_stretch_of_a_long_text(tmp_path: Path) -> None:
    sheets = Sheets()
    sheets.justified(60, 80, 492, prose("middle", 8))
    (tmp_path / "page.pdf").write_bytes(sheets.data())
    text = "\n\n".join(prose(word, 8).replace(". ", ".\n") for word in ("first", "second", "middle", "last"))
    (tmp_path / "page.txt").write_text(text, encoding="utf-8")
    truth = written_down(tmp_path / "page.pdf", tmp_path / "page.txt")
    assert truth.words == words(prose("middle", 8))
    assert all(check.holds(Output(tuple(ours(truth.pdf)))) for check in truth.checks)


def test_given_pairs_are_found_and_a_missing_folder_is_empty(tmp_path: Path) -> None:
    for name in ("a.pdf", "a.txt", "b.txt"):
        (tmp_path / name).touch()
    inputs = Inputs(data=tmp_path / "nothing", pairs=tmp_path)
    assert inputs.papers == []
    assert inputs.ground_truths == [(tmp_path / "a.pdf", tmp_path / "a.txt")]


def test_a_few_papers_are_spread_over_all() -> None:
    papers = [Path(str(number)) for number in range(10)]
    assert spread(papers, 3) == [papers[0], papers[3], papers[6]]
    assert spread(papers, 20) == papers


def test_what_is_not_installed_is_said(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.setenv("PATH", str(tmp_path))
    missing: list[str] = []
    with extractors(missing) as found:
        assert next(iter(found)) == OURS
        assert PLAIN in found
        assert "pdftotext" not in found
    assert any("poppler-utils" in note for note in missing)


@pytest.mark.parametrize("style", STYLES, ids=lambda style: style.name)
def test_latex_gets_the_words_and_none_of_its_own_signs_unescaped(style: Style) -> None:
    source = dict(load_sources())["2610.90001v1"]
    made = document(source, style)
    assert r"\section*{1 Introduction}" in made
    assert r"\footnotetext[1]" in made
    assert escaped("50% of A&B_c {x}") == r"50\% of A\&B\_c \{x\}"
    assert "62% of" not in made
