from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from curator.screening.lexical import score

TOPIC = {
    "name": "memorization and factual recall",
    "about": "What language models memorise: training data extraction, knowledge editing.",
    "not_about": "Human memory, hippocampus, and pilots' recall.",
    "query": 'all:"fact retrieval" ANDNOT all:"flash cards"',
}
FILLER = "We study large language models and report results on several tasks."


def judge(title: str, abstract: str = FILLER) -> float:
    return score(title, abstract, **TOPIC).score


def test_the_topics_name_in_the_title_is_enough() -> None:
    assert judge("Factual recall in transformers") >= 0.5
    assert judge("Memorisation at scale") >= 0.5


def test_a_passing_mention_in_the_abstract_is_not_enough() -> None:
    assert 0 < judge("Faster decoding", FILLER + " It needs no memorization.") < 0.5


def test_a_paper_that_keeps_coming_back_to_the_topic_is_enough() -> None:
    assert judge("Faster decoding", FILLER + " Memorization hurts. We measure memorization. Memorization grows.") >= 0.5


def test_a_phrase_of_the_query_counts_and_a_negated_one_does_not() -> None:
    assert judge("Fact retrieval heads") >= 0.5
    assert judge("Flash cards for pupils") == 0


def test_other_forms_of_a_word_are_the_same_word() -> None:
    assert judge("Memorizing") == judge("Memorisation") == judge("memorized")


def test_a_phrase_weighs_more_than_its_words_apart() -> None:
    assert judge("Knowledge editing") > judge("Editing knowledge")


def test_words_that_the_topic_is_not_about_count_against_and_are_named() -> None:
    found = score("Memorization in the hippocampus", FILLER, **TOPIC)
    assert found.score < judge("Memorization")
    assert 'against it: "hippocampus" (title)' in found.reason


def test_a_paper_without_language_models_or_neural_networks_stays_low() -> None:
    found = score("Memorization", "How pupils learn: memorization, factual recall.", **TOPIC)
    assert found.score <= 0.3
    assert "nothing says that it is about language models" in found.reason


def test_the_reason_names_the_terms_and_where_they_stand() -> None:
    found = score("Factual recall", FILLER + " Factual recall and memorization.", **TOPIC)
    assert found.reason.startswith('mentions "factual recall" (title, abstract), "memorization" (abstract)')


def test_a_paper_on_something_else_has_a_score_of_zero_and_a_reason() -> None:
    assert score("Black holes", "We observe them.", **TOPIC) == (found := score("Black holes", "", **TOPIC))
    assert (found.score, found.reason) == (0.0, "mentions none of the topic's words")


def test_a_name_of_common_words_alone_does_not_let_everything_pass() -> None:
    assert score("Reasoning", FILLER, name="reasoning", about="Reasoning in models.").score < 0.5


@given(
    st.text(max_size=300), st.text(max_size=300), st.text(max_size=100), st.text(max_size=100), st.text(max_size=100)
)
def test_any_texts_have_a_score_between_zero_and_one(
    title: str, abstract: str, name: str, about: str, query: str
) -> None:
    found = score(title, abstract, name=name, about=about, query=query)
    assert 0 <= found.score <= 1
    assert found.reason


@pytest.mark.parametrize("text", ["a " * 200_000, '"' * 100_000, "ANDNOT (" * 20_000, "x-" * 100_000])
def test_huge_texts_are_scored_all_the_same(text: str) -> None:
    assert 0 <= score(text, text, name=text[:80], about=text, query=text).score <= 1
