from __future__ import annotations

from datetime import UTC, datetime

import pytest
from hypothesis import given
from hypothesis import strategies as st

from curator.drafting.extractive import MAX_DRAFTS, ExtractiveDraft, ExtractiveDrafter, draft_frames
from curator.drafting.topic_words import TopicWords
from curator.settings import Topic
from curator.types import Document, Paper
from tests.helpers.documents import document

REFUSAL = TopicWords("refusal", frozenset({"refusal", "jailbreaks"}))
ICL = TopicWords("in-context learning", frozenset({"in-context learning"}))
OPENING = "Language models are used by many people today."


def paper(title: str = "On language models", abstract: str = OPENING) -> Paper:
    when = datetime(2025, 1, 1, tzinfo=UTC)
    return Paper("2501.01234", 1, title, abstract, ("Ada",), ("cs.CL",), when, when)


def drafts(abstract: str, conclusion: str = "", title: str = "On language models") -> list[ExtractiveDraft]:
    made = document([("abstract", f"{OPENING} {abstract}")], [("conclusion", conclusion)])
    return draft_frames(made, [REFUSAL, ICL], paper(title, f"{OPENING} {abstract}"))


@pytest.mark.parametrize(
    ("sentence", "text"),
    [
        (
            "We find that larger language models refuse more often when asked twice.",
            "Larger language models refuse more often when asked twice.",
        ),
        (
            "In this paper, we show that refusal is mediated by one direction across chat models.",
            "Refusal is mediated by one direction across chat models.",
        ),
        (
            "Using linear probes, we further demonstrate that language models represent truth only when they do err.",
            "Language models represent truth only when they do err.",
        ),
        (
            "Moreover, our experiments reveal that transformers learn in-context learning only with bursty data.",
            "Transformers learn in-context learning only with bursty data.",
        ),
    ],
)
def test_the_opening_of_a_claim_is_cut_off_and_nothing_else_changes(sentence: str, text: str) -> None:
    (made,) = drafts(sentence)
    assert made.text == text
    assert [quote.text for quote in made.quotes] == [sentence]
    assert made.quotes[0].grade == "exact"
    assert made.quotes[0].section == "abstract"


@pytest.mark.parametrize(
    "sentence",
    [
        "Our results suggest that language models refuse more often when asked twice.",
        "We provide evidence that language models refuse more often when asked twice.",
        "In small transformers we find that refusal appears only after long training.",
        "For each model, we find one direction such that erasing this direction removes refusal in language models.",
    ],
)
def test_hedges_and_conditions_stay_in_the_text(sentence: str) -> None:
    (made,) = drafts(sentence)
    assert made.text == sentence


@pytest.mark.parametrize(
    "sentence",
    [
        "We propose a new attack on language models that jailbreaks them when asked twice.",
        "We find that our method outperforms all other language models when asked twice.",
        "Our code and all of the language models are available when asked for.",
        "We show that this leads language models to refuse more often when asked twice.",
        "We find that it refuses more often than all other language models when asked.",
        "This leads language models to refuse more often when they are asked twice.",
        "These findings highlight the importance of language models that refuse when asked.",
        "We argue that language models ought to refuse more often when asked twice.",
        "Recent work has shown that language models refuse more often when asked twice.",
        "We find that the weather is warmer in spring when the sun shines more.",
        "We find that models refuse.",
        "Methods of analysis We find that language models refuse more often when asked twice.",
        "Do language models refuse more often when they are asked the same thing twice?",
        "We find that language models refuse more often when asked as in",
    ],
)
def test_what_is_no_claim_that_stands_by_itself_is_passed_over(sentence: str) -> None:
    assert drafts(sentence) == []


def test_what_a_paper_says_of_its_own_tool_is_no_frame() -> None:
    own = "We introduce FooBAR for language models. We find that FooBAR refuses more than language models when asked."
    assert drafts(own) == []
    named = "We find that LLMProbe refuses more than other language models when asked."
    assert drafts(named, title="LLMProbe: probing language models") == []


def test_a_plain_statement_counts_only_where_findings_are_reported() -> None:
    plain = "Language models refuse more often when refusal was in their training data."
    assert drafts(plain) == []
    headed = "Effects of scale The language models refuse more often when refusal was in their training data."
    assert drafts(f"We find an effect here. {headed}") == []
    assert drafts(f"We find a surprising effect in language models. {plain}")[0].text == plain


def test_papers_about_something_else_give_nothing() -> None:
    made = document([("abstract", "We find that plants grow more when the models predict rain.")])
    assert draft_frames(made, [REFUSAL], paper("On plants", "We find that plants grow.")) == []


def test_the_conclusions_words_for_the_same_claim_are_a_second_quote() -> None:
    (made,) = drafts(
        "We find that larger language models refuse more often when asked twice.",
        "We have shown that larger language models refuse more often when asked twice.",
    )
    assert [(quote.section, quote.page) for quote in made.quotes] == [("abstract", 1), ("conclusion", 2)]


def test_the_best_three_of_many_claims_are_kept_best_first() -> None:
    made = drafts(
        "We find that networks differ from each other in odd ways. "
        "We find that fine-tuning of neural networks costs energy as time goes by. "
        "We find that attention heads of transformers copy tokens. "
        "We find that refusal of language models increases by 30 percent when they are asked twice.",
    )
    assert len(made) == MAX_DRAFTS
    assert made[0].text.startswith("Refusal of language models increases by 30")


def test_kind_topics_and_scope_are_read_off_the_claim() -> None:
    inside, outside = drafts(
        "We find that refusal in Llama-2-7B is one direction of the residual stream. "
        "We find that GPT-4 and Pythia answer jailbreaks more often when the prompt is long.",
    )
    if inside.kind == "functional":
        inside, outside = outside, inside
    assert (inside.kind, inside.topics) == ("representational", ("refusal",))
    assert (outside.kind, outside.topics) == ("functional", ("refusal",))
    assert inside.scope.split(", ")[0] == "Llama-2-7B"
    assert outside.scope.split(", ")[:2] == ["GPT-4", "Pythia"]


def test_a_claim_without_a_topic_word_takes_the_papers_topic() -> None:
    claim = "We find that larger language models are worse when asked twice."
    assert drafts(claim, title="Refusal in language models")[0].topics == ("refusal",)
    assert drafts(claim)[0].topics == ()
    assert drafts(claim)[0].scope == ""


@pytest.mark.parametrize(
    ("closing", "question"),
    [
        (
            "However, it remains unclear whether larger language models refuse for the same reasons.",
            "It remains unclear whether larger language models refuse for the same reasons.",
        ),
        (
            "How refusal arises in training remains an open question.",
            "How refusal arises in training remains an open question.",
        ),
        ("It is far better than we know and remains an open question.", None),
        ("Whether these effects persist in other models remains an open question.", None),
        ("Nothing else is to be said about any of the language models.", None),
    ],
)
def test_an_open_question_is_taken_from_the_end_of_the_paper(closing: str, question: str | None) -> None:
    claim = "We find that larger language models refuse more often when asked twice."
    assert drafts(claim, closing)[0].question == question


def test_an_abstract_without_a_heading_is_known_by_the_metadata() -> None:
    claim = "We find that larger language models refuse more often when asked twice."
    made = document([("front", f"Ada Lovelace, Some University. {claim}"), ("body", f"Besides. {claim}")])
    assert draft_frames(made, [], paper(abstract=claim))[0].quotes[0].section == "front"


def test_a_footnote_mark_is_no_part_of_the_claim() -> None:
    (made,) = drafts("We find that larger language models refuse more often when asked twice.†")
    assert made.text == "Larger language models refuse more often when asked twice."
    assert made.quotes[0].text.endswith("twice.†")


def test_topic_words_come_from_the_name_and_the_listed_phrases() -> None:
    about = "When and how language models refuse requests: refusal directions, jailbreaks, and how training helps."
    topic = TopicWords.from_text("refusal and safety", about)
    assert topic == TopicWords(
        "refusal and safety", frozenset({"refusal", "safety", "refusal directions", "jailbreaks"})
    )


@pytest.mark.parametrize("word", ["refuses", "refused", "refusing", "Refusal"])
def test_topic_words_are_known_in_their_other_forms(word: str) -> None:
    assert drafts(f"We find that {word} language models increases when asked twice or more.")[0].topics == ("refusal",)


@given(st.text(), st.text())
def test_no_text_breaks_the_drafter_and_every_quote_is_the_papers(abstract: str, body: str) -> None:
    made: Document = document(
        [("abstract", f"We find that language models refuse {abstract}. {body}"), ("conclusion", body)]
    )
    for one in draft_frames(made, [REFUSAL], paper()):
        assert all(quote.holds for quote in one.quotes)
        assert {quote.text for quote in one.quotes} <= {sentence.text for sentence in made.sentences}
        assert one.text[1:] in one.quotes[0].text


def test_without_a_model_claims_are_quoted_from_the_paper() -> None:
    abstract = (
        "We study how small transformers copy. "
        "We find that induction heads in language models copy the token that followed an earlier occurrence."
    )
    of = document([("abstract", abstract)])
    described = paper(abstract=abstract)
    drafter = ExtractiveDrafter([Topic(name="refusal", query="q", about="saying no")])
    drafted = drafter.draft(described, of)
    assert drafted == drafter.draft(described, of)
    assert (drafted.call, drafted.sentences) == (None, 2)
    (candidate,) = drafted.candidates
    assert candidate.drafter == ExtractiveDrafter.name
    assert candidate.holds
    assert all(quote.text in abstract for quote in candidate.quotes)
