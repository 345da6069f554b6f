"""The keyless check flags the words by which a frame goes further than its quotes, and nothing else."""

from __future__ import annotations

import re

import pytest
from hypothesis import given
from hypothesis import strategies as st

from curator.support.overclaim import check_overclaim
from curator.types import Quote, Span, Support


def quoted(*texts: str) -> list[Quote]:
    return [Quote(text, "exact", (Span(1, 0, max(1, len(text))),), "abstract") for text in texts]


def check(frame: str, *quotes: str, scope: str = "") -> Support:
    return check_overclaim(frame, quoted(*quotes), scope)


OVERREACHING = [
    # all, never, only, any
    ("All language models memorise duplicated text.", "We find that language models memorise duplicated text.", "all"),
    ("Chain-of-thought always helps reasoning.", "Chain-of-thought prompting helps arithmetic reasoning.", "all"),
    ("Every attention head copies tokens.", "Several attention heads copy tokens.", "all"),
    ("Removing a backdoor is impossible.", "Removing a backdoor is hard.", "all"),
    ("Refusal depends only on one direction.", "Refusal depends on one direction.", "all"),
    ("A single direction controls refusal in any model.", "A single direction controls refusal in this model.", "all"),
    ("Probes entirely explain truthfulness.", "Probes explain truthfulness.", "all"),
    # certainty
    ("Probing proves that models track truth.", "Probing shows that models track truth.", "certainty"),
    ("Deduplication guarantees less memorisation.", "Deduplication gives less memorisation.", "certainty"),
    ("Models refuse harmless prompts.", "Models may refuse harmless prompts.", "certainty"),
    ("Models represent truth linearly.", "Models appear to represent truth linearly.", "certainty"),
    # causality
    ("Weight decay causes grokking.", "We observe that grokking is correlated with weight decay.", "causality"),
    ("Weight decay makes grokking faster.", "The onset of grokking is associated with weight decay.", "causality"),
    ("Models fail because of tokenisation.", "Models fail on rare tokens and on tokenisation tasks.", "causality"),
    ("Long training leads to sycophancy.", "Sycophancy was high in the models with long training.", "causality"),
    # scope
    ("In general, language models copy.", "The two language models that we study copy.", "scope"),
    ("Models read irony as humans do.", "Models read irony with high accuracy.", "scope"),
    ("Language models understand irony.", "Language models label irony with high accuracy.", "scope"),
    ("Models memorise duplicated text.", "In some settings, models memorise duplicated text.", "scope"),
    ("Patching restores the accuracy.", "Patching restores up to 40% of the accuracy.", "scope"),
    ("Heads copy the previous token.", "Some heads copy the previous token.", "scope"),
    ("Models learn modular addition.", "Models learn modular addition only when weights decay.", "scope"),
    ("Transformers learn to search.", "On synthetic graphs, transformers learn to search.", "scope"),
    # model size
    ("Transformers implement gradient descent.", "We show that one-layer transformers implement gradient descent.",
     "model size"),
    ("Language models copy labels.", "Small language models copy labels.", "model size"),
    ("At scale, models stop copying labels.", "Models stop copying labels late in training.", "model size"),
]  # fmt: skip


@pytest.mark.parametrize(("frame", "quote", "kind"), OVERREACHING)
def test_a_frame_that_claims_more_is_said_to_overreach(frame: str, quote: str, kind: str) -> None:
    support = check(frame, quote)
    assert support.verdict == "overreaches", support
    assert kind in support.overreach, support
    assert support.reason.endswith(".")


PARTLY = [
    ("Models refuse harmless prompts.", "Our results suggest that models refuse harmless prompts.", "suggest"),
    ("Models track the state of a game.", "Models can track the state of a game.", "can"),
    ("Models copy their demonstrations.", "Models often copy their demonstrations.", "often"),
    ("Larger models are more truthful.", "The largest models were the least truthful.", "least"),
    ("GPT-4 refuses harmful requests.", "GPT-4o refuses harmful requests.", "GPT-4"),
    ("Steering fails on TruthfulQA questions.", "Steering fails on hard questions.", "TruthfulQA"),
]


@pytest.mark.parametrize(("frame", "quote", "word"), PARTLY)
def test_a_dropped_hedge_or_a_new_name_is_partly_supported(frame: str, quote: str, word: str) -> None:
    support = check(frame, quote)
    assert support.verdict == "partly", support
    assert word in support.reason


UNSUPPORTED = [
    ("Accuracy falls by 73% when labels are shuffled.", "Accuracy falls by 37% when labels are shuffled.", "73%"),
    ("Three heads copy the token.", "Two heads copy the token.", "three"),
    ("Accuracy doubles with 1,500 examples.", "Accuracy doubles with 150 examples.", "1,500"),
    ("Models benefit from chain of thought.", "Models do not benefit from chain of thought.", "benefit"),
    ("Models cannot verify their answers.", "Models verify their answers.", "verify"),
    ("Bananas turn yellow slowly.", "Induction heads copy the token that followed.", "no word"),
]


@pytest.mark.parametrize(("frame", "quote", "word"), UNSUPPORTED)
def test_other_numbers_negations_and_subjects_are_not_supported(frame: str, quote: str, word: str) -> None:
    support = check(frame, quote)
    assert support.verdict == "not supported", support
    assert word in support.reason


SUPPORTED = [
    ("Induction heads copy what followed.", "We find that induction heads copy the token that followed."),
    ("Weight decay leads to earlier grokking.", "Increasing weight decay reduces the steps until grokking."),
    ("Half of the heads can be removed.", "We find that 50% of the heads can be removed."),
    ("Accuracy falls by about 40 percent.", "Accuracy falls by 39.2%."),
    ("Models of 7B parameters copy labels.", "Models of 7 billion parameters copy labels."),
    ("Accuracy rises with 10,000 examples.", "Accuracy rises with 10000 examples."),
    ("ICL relies on induction heads.", "In-context learning relies on induction heads."),
    ("Llama-2 refuses harmful requests.", "Llama 2 refuses harmful requests."),
    ("Models fail to benefit from chain of thought.", "Models do not benefit from chain of thought."),
    ("Models can't verify their own answers.", "Models cannot verify their own answers."),
    ("Models sometimes copy labels.", "In some tasks, models copy labels."),
    ("Models might represent truth linearly.", "Our results suggest that models represent truth linearly."),
    ("Refusal in chat models is mediated by a single direction.",
     "Refusal is mediated by a one-dimensional subspace across 13 popular open-source chat models."),
    ("Middle-layer MLPs store facts.",
     "We find that middle-layer MLPs store facts, although attention may play a role late in the network."),
    ("Models do not only copy but also generalise.", "Models copy and generalise."),
    ("Grokking is correlated with weight decay.", "We observe that grokking is correlated with weight decay."),
    ("Larger models are more likely to refuse.", "We find larger models more likely to refuse."),
    ("Some models copy labels.", "Not all models copy labels."),
    ("Models rank answers without any fine-tuning.", "Models rank answers without fine-tuning."),
]  # fmt: skip


@pytest.mark.parametrize(("frame", "quote"), SUPPORTED)
def test_another_wording_of_the_same_is_supported(frame: str, quote: str) -> None:
    support = check(frame, quote)
    assert (support.verdict, support.overreach) == ("supported", ()), support


def test_one_quote_that_says_so_is_enough() -> None:
    assert check("All heads copy.", "Heads copy tokens.", "All of them copy.").verdict == "supported"
    hedged, plain = "Models may refuse harmless prompts.", "Models refuse harmless prompts in our runs."
    assert check("Models refuse harmless prompts.", hedged, plain).verdict == "supported"


def test_the_scope_may_name_the_models() -> None:
    frame, quote = "Pythia models and GPT-J copy labels.", "Both model families copy labels."
    assert check(frame, quote).verdict == "partly"
    assert check(frame, quote, scope="Pythia, GPT-J").verdict == "supported"


def test_quotes_that_do_not_hold_bear_nothing() -> None:
    support = check_overclaim("Models copy.", [Quote("Models copy.", "absent"), Quote("Models copy.", "unreadable")])
    assert (support.verdict, support.reason) == ("not supported", "None of its quotes stands in the paper.")


WORDS = st.sampled_from(
    re.findall(
        r"\S+",
        "all every never only any not no cannot models can may suggest some often up to 40% 3.5 two half GPT-4 "
        "Llama-2-7B "
        "causes because correlated with small one-layer transformers if unless except in general humans "
        "understand prove "
        "least less more than , . : ; — ( ) … heads copy tokens “so” don't isn't x² ﬁne naïve 中文 at scale "
        "without LLMs "
        "synthetic BERT's e.g. 1,000 .5 10^-3 -- likely to appear The",
    )
)
TEXTS = st.one_of(st.lists(WORDS, max_size=30).map(" ".join), st.text(max_size=200))


@given(text=TEXTS, others=st.lists(TEXTS, max_size=2))
def test_a_frame_that_equals_a_quote_is_never_flagged(text: str, others: list[str]) -> None:
    support = check(text, *others, text)
    assert (support.verdict, support.overreach) == ("supported", ()), support


@given(frame=TEXTS, quotes=st.lists(TEXTS, max_size=3))
def test_any_text_gets_a_verdict_with_a_reason_on_one_line(frame: str, quotes: list[str]) -> None:
    support = check(frame, *quotes)
    assert support.reason
    assert "\n" not in support.reason
    assert (support.verdict == "overreaches") <= bool(support.overreach)
