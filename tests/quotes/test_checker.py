from __future__ import annotations

import re

import pytest
from hypothesis import assume, given
from hypothesis import strategies as st

from curator.quotes.checker import MAX_CHARACTERS, QuoteChecker, grade_quote, mark_unreadable
from curator.types import Document, Quote, Span
from tests.helpers.documents import document

SENTENCE = "We ﬁnd that the state-of-the-\nart GPT-3 models do not improve accu-\nracy by more than 0.95 points."
PAPER = document(
    f"An opening sentence stands here. {SENTENCE} Another remark follows after it.",
    [
        ("body", "The eﬃcient network (Smith et al., 2020) is trained on all layers [12, 13] of the data set."),
        ("references", "J. Doe. Language models are shown to repeat whole sentences verbatim. 2021."),
    ],
)


def graded(quote: str, paper: Document = PAPER) -> str:
    return grade_quote(quote, paper).grade


def there(quote: Quote, paper: Document) -> str:
    return " ".join(" ".join(paper.pages[s.page - 1].text[s.start : s.end] for s in quote.spans).split())


def test_the_papers_own_characters_are_exact() -> None:
    quote = grade_quote("do not improve accu-\nracy by more than 0.95", PAPER)
    assert quote.grade == "exact"
    assert quote.text == "do not improve accu- racy by more than 0.95" == there(quote, PAPER)
    assert (quote.page, quote.section) == (1, "body")


def test_line_breaks_ligatures_and_hyphens_do_not_matter() -> None:
    quote = grade_quote("we find that the state-of-the-art GPT‑3 models do not improve accuracy", PAPER)
    assert quote.grade == "normalised"
    assert quote.text == "We ﬁnd that the state-of-the- art GPT-3 models do not improve accu- racy"
    assert quote.text == there(quote, PAPER)


def test_quotation_marks_and_dots_around_a_quote_do_not_matter() -> None:
    assert graded("“…models do not improve accuracy by more than 0.95 points.”") == "normalised"


@pytest.mark.parametrize(
    "quote",
    [
        "The efficient network is trained on all layers of the data set.",
        "The efficient network (Smith et al., 2020), is is trained trained on all layers [12, 13] of the dataset",
        "The efficient network is trained on all the layers of the data set",
        "The efficient netwrok is trained on all layers [12, 13] of the data set.",
    ],
)
def test_harmless_slips_are_near(quote: str) -> None:
    found = grade_quote(quote, PAPER)
    assert found.grade == "near"
    assert found.text == there(found, PAPER)
    assert found.text.startswith("The eﬃcient network (Smith et al., 2020) is trained")


def test_a_ligature_that_the_pdf_lost_does_not_matter() -> None:
    paper = document("The ecient network is trained on all of the layers at once.")
    assert graded("The efficient network is trained on all of the layers", paper) == "normalised"


@pytest.mark.parametrize(
    "quote",
    [
        "the GPT-3 models do improve accuracy by more than 0.95 points",
        "improve accuracy by more than 0.95 points",  # "not" stands right before it
        "GPT-4 models do not improve accuracy by more than 0.95 points",
        "GPT-3 models do not improve accuracy by less than 0.95 points",
        "GPT-3 models do not improve accuracy by more than 0.96 points",
        "GPT-3 models may not improve accuracy by more than 0.95 points",
        "models do not improve accuracy by more than 0",  # cuts a number
        "3 models do not improve accuracy by more",  # cuts a name
        "models do ... improve accuracy by more than 0.95 points",
        "models do … accuracy by more than 0.95 points",
        "models do [...] accuracy by more than 0.95 points",
        "accuracy do not improve GPT-3 models by more than 0.95 points",
        "the data set is trained on all layers of the efficient network",
        "Language models are shown to repeat whole sentences verbatim.",  # only in the references
        "do not improve",
        "a b c d",
        "",
        "\x00" * 30,
        "word " * MAX_CHARACTERS,
    ],
)
def test_what_the_paper_does_not_say_is_absent(quote: str) -> None:
    found = grade_quote(quote, PAPER)
    assert (found.grade, found.text, found.spans) == ("absent", " ".join(quote.split()), ())
    assert found.why


def test_ellipsis_that_the_paper_prints_is_no_obstacle() -> None:
    paper = document("The model answers I do not ... know what this is about.")
    assert graded("The model answers I do not ... know what this", paper) == "exact"


def test_an_omitted_condition_in_brackets_is_no_citation() -> None:
    paper = document(
        "Larger models improve accuracy on every task (but not, in our runs, 2020) that we have tried so far."
    )
    assert graded("Larger models improve accuracy on every task that we have tried so far.", paper) == "absent"


def test_an_article_that_makes_the_meaning_is_not_harmless() -> None:
    paper = document("Of all the larger models we tried few of them refuse every harmful request at all.")
    assert (
        graded("Of all the larger models we tried a few of them refuse every harmful request at all", paper) == "absent"
    )


def test_a_quote_over_a_page_break_has_two_spans() -> None:
    paper = document("First words here. The last sentence of this page goes", "on over the break and ends. More.")
    quote = grade_quote("The last sentence of this page goes on over the break", paper)
    assert quote.grade == "exact"
    assert quote.spans == (Span(1, 18, 53), Span(2, 0, 17))


def test_a_footnote_between_the_halves_of_a_sentence_does_not_hide_it() -> None:
    made = document("The last sentence of this page goes", "on over the break and ends. More.")
    first = made.pages[0]
    paper = Document(
        made.paper_id,
        made.version,
        made.sha256,
        (type(first)(1, first.text + "\n\n1 A footnote of the first page.", 612, 792), *made.pages[1:]),
        (),
        made.sentences,
        made.extraction,
    )
    quote = grade_quote("The last sentence of this page goes on over the break and ends.", paper)
    assert quote.grade == "exact"
    assert [span.page for span in quote.spans] == [1, 2]


def test_the_claimed_page_only_breaks_ties() -> None:
    paper = document("The same words stand twice here.", "Other matter.", "The same words stand twice here.")
    assert grade_quote("The same words stand twice", paper).page == 1
    assert grade_quote("The same words stand twice", paper, claimed_page=3).page == 3
    assert grade_quote("The same words stand twice", paper, claimed_page=2).page == 1
    better = document("The SAME words stand twice here.", "The same words stand twice here.")
    assert grade_quote("The same words stand twice", better, claimed_page=1).page == 2


def test_body_text_counts_although_the_references_have_it_too() -> None:
    paper = document([("references", "The same words stand here. "), ("body", "The same words stand here.")])
    assert grade_quote("The same words stand here.", paper).section == "body"


def test_without_text_a_quote_is_unreadable_not_absent() -> None:
    assert (mark_unreadable("some \n words").grade, mark_unreadable("some \n words").text) == (
        "unreadable",
        "some words",
    )


WORDS = st.sampled_from(
    [
        "refusal",
        "latent",
        "transformers",
        "memorise",
        "tokens",
        "during",
        "pretraining",
        "of",
        "persona",
        "vectors",
        "along",
        "data",
    ]
)
TURNS = st.sampled_from(
    [
        ("more", "less"),
        ("increase", "decrease"),
        ("increases", "reduces"),
        ("all", "some"),
        ("may", "must"),
        ("GPT-3", "GPT-4"),
        ("13", "31"),
        ("0.5", "0.05"),
        ("5%", "50%"),
        ("before", "after"),
        ("Llama", "Pythia"),
        ("10²", "102"),
        ("robust", "non-robust"),
        ("aligned", "misaligned"),
        ("able", "unable"),
        ("present", "prevent"),
        ("interior", "inferior"),
        ("few", "a few"),
        ("is", "is not"),
        ("can", "cannot"),
        ("does", "doesn’t"),
        ("with", "without"),
        ("harmful", "harmless"),
        ("−5", "5"),
    ]
)


@given(st.lists(WORDS, min_size=5, max_size=30), TURNS, st.booleans(), st.data())
def test_no_changed_meaning_is_accepted(
    words: list[str], turn: tuple[str, str], back: bool, data: st.DataObject
) -> None:
    true, false = reversed(turn) if back else turn
    at = data.draw(st.integers(0, len(words)))
    sentence = " ".join([*words[:at], true, *words[at:]])
    changed = " ".join([*words[:at], false, *words[at:]])
    paper = document(f"Something else first. {sentence}. Something else last.")
    checker = QuoteChecker(paper)
    assume(min(len(sentence), len(changed)) >= 20)
    assert checker.grade(sentence).grade == "exact"
    assert checker.grade(changed).grade == "absent"


@given(st.lists(WORDS, min_size=6, max_size=30), st.data())
def test_a_negation_that_is_added_or_left_out_is_never_accepted(words: list[str], data: st.DataObject) -> None:
    at = data.draw(st.integers(0, len(words)))
    negation = data.draw(st.sampled_from(["not", "never", "no", "hardly"]))
    plain = " ".join(words)
    negated = " ".join([*words[:at], negation, *words[at:]])
    assume(len(plain) >= 20)
    assert graded(negated, document(f"Before. {plain}. Afterwards.")) == "absent"
    if at < len(words):
        assert graded(plain, document(f"Before. {negated}. Afterwards.")) == "absent"


@given(st.lists(WORDS, min_size=6, max_size=40), st.data())
def test_a_true_quote_survives_line_breaks_hyphens_and_pages(words: list[str], data: st.DataObject) -> None:
    assume(len(" ".join(words)) >= 20)
    pieces = []
    for word in words:
        if len(word) > 5 and data.draw(st.booleans()):
            word = f"{word[:3]}-\n{word[3:]}"
        pieces.append(word.replace("fi", "ﬁ"))
    gap = data.draw(st.integers(1, len(words) - 1))
    first, second = " ".join(pieces[:gap]), " \n".join(pieces[gap:])
    paper = document(f"Before it. {first}", f"{second}. After it.")
    quote = grade_quote(" ".join(words), paper)
    assert quote.holds
    assert quote.text == there(quote, paper)
    assert re.findall("[a-z]", quote.text) == re.findall("[a-z]", "".join(words))


@given(st.text(max_size=300), st.text(max_size=80))
def test_any_text_can_be_checked_and_what_holds_stands_there(text: str, quote: str) -> None:
    paper = document(text)
    for asked in (quote, text[10:80]):
        found = grade_quote(asked, paper)
        assert found.text == (there(found, paper) if found.holds else " ".join(asked.split()))
