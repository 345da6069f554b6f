"""Differences that a person would call none, and those that look as small and are not."""

from __future__ import annotations

import pytest

from curator.quotes.checker import QuoteChecker
from curator.types import Difference, Quote
from tests.helpers.documents import document

PAPER = QuoteChecker(
    document(
        "We find that large models may improve accuracy on arithmetic by 12.5% on unseen data (Brown et al., 2020). "
        "The effect does not hold for GPT-2 with 10³ layers, and it vanishes at a learning rate of 10⁻⁴. "
        "Models don't memorise rare tokens [12, 13] in the efficient setting of our second experiment. "
        "The loss L(θ) ≤ 0.5 × α² holds for all θ ∈ Rd and for 1,000 steps. "
        "The optimisation of unimodal behaviour improves performance in all layers (see Figure 3). "
        "Mistral outperforms the Llama-7B-chat model on three benchmarks of the new collection. "
        "As Mistral does, the encoder shows typical behaviour in every interlayer circuit of the network. "
        "The most extensive study (May et al., 2021; Still, 2020) covers a large number of tasks."
    )
)


def grade(quote: str) -> Quote:
    return PAPER.grade(quote)


@pytest.mark.parametrize(
    "quote",
    [
        "large models may improve accuracy on arithmetic by 12.5 % on unseen data",
        "large models may improve accuracy on arithmetic by 12.5 percent on unseen data",
        "large models **may improve** accuracy on _arithmetic_ by 12.5%",
        "large models <em>may</em> improve accuracy on&nbsp;arithmetic by 12.5%",
        r"large models may improve accuracy on arithmetic by $12.5\%$ on unseen data",
        "Models do not memorise rare tokens [12,13] in the efficient setting",
        "Models don’t memorise rare tokens [12, 13] in the eﬃcient setting",
        "Models don't memorise rare tokens [12, 13] in the ecient setting",
        "Models don't memorise rare tokens [12, 13] in the ef\ufffdcient setting",
        "Models don't memorise rare tokens [12, 13] in the ef cient setting",
        "GPT-2 with 10^3 layers, and it vanishes at a learning rate of 10^-4",
        "GPT-2 with $10^{3}$ layers, and it vanishes at a learning rate of $10^{-4}$",
        "GPT‑2 with 10³ layers and it vanishes at a learning rate of 10−4",
        r"The loss $L(\theta) \leq 0.5 \times \alpha^2$ holds for all $\theta \in \mathbb{R}^d$",
        "The loss L(theta) <= 0.5 x alpha^2 holds for all theta ∈ R^d",
        "holds for all θ ∈ Rd and for 1000 steps",
        "Mistral outperforms the Llama-7B-chat model on 3 benchmarks of the new collection",
        "[l]arge models may improve accuracy on arithmetic by 12.5%",
        "[t]he encoder shows typical behaviour in every interlayer circuit",
        "The loss L(θ) ≤ 0.5 × α² holds for all θ ∈ Rd and for 1{,}000 steps",
        r"The optimisation of {\em unimodal} behaviour improves performance in all layers (see Figure~3)",
        "GPT-2 with 10<sup>3</sup> layers, and it vanishes at a learning rate of 10<sup>-4</sup>",
        "<blockquote>The optimisation of unimodal behaviour improves performance</blockquote>",
        r"\begin{quote}The optimisation of unimodal behaviour improves performance\end{quote}",
        r"large models may improve accuracy on arithmetic by \num{12.5}\% on unseen data",
    ],
)
def test_the_same_text_printed_otherwise_is_normalised(quote: str) -> None:
    found = grade(quote)
    assert (found.grade, found.differences) == ("normalised", ()), found.why


@pytest.mark.parametrize(
    ("quote", "claimed", "found"),
    [
        ("We find large models may improve accuracy on arithmetic", "", "that"),
        ("large models may improve accurracy on arithmetic by 12.5%", "accurracy", "accuracy"),
        ("large models may improve acuracy on arithmetic by 12.5%", "acuracy", "accuracy"),
        ("large models may improve accuarcy on arithmetic by 12.5%", "accuarcy", "accuracy"),
        ("large models may improve improve accuracy on arithmetic by 12.5%", "improve", ""),
        ("Models don't memorize rare tokens [12, 13] in the efficient setting", "memorize", "memorise"),
        ("The optimisation of unimodal behavior improves performance", "behavior", "behaviour"),
        ("The optimisation of an unimodal behaviour improves performance", "an", ""),
        ("Models don't memorise rare tokens in the efficient setting", "", "[12, 13]"),
        ("The most extensive study covers a large number of tasks", "", "(May et al., 2021; Still, 2020)"),
        ("on unseen data (Brown et al., 2020).¹ The effect does not hold for GPT-2", "¹", ""),
        ("large models may improve accuracy on arithmetic by 12.5%.", ".", "on unseen data (Brown et al., 2020)."),
    ],
)
def test_a_harmless_difference_is_near_and_named(quote: str, claimed: str, found: str) -> None:
    graded = grade(quote)
    assert graded.grade == "near", graded.why
    assert graded.differences == (Difference(claimed, found),)


@pytest.mark.parametrize(
    "quote",
    [
        "large models can improve accuracy on arithmetic by 12.5% on unseen data",
        "large models improve accuracy on arithmetic by 12.5% on unseen data",
        "large models may improve accuracy on arithmetic by 12.6% on unseen data",
        "large models may improve accuracy on arithmetic by 125% on unseen data",
        "large models may improve accuracy on arithmetic by 12.5 points on unseen data",
        "large models may improve accuracy on arithmetic by -12.5% on unseen data",
        "large models may improve accuracy on arithmetic by 12.5% on seen data",
        "small models may improve accuracy on arithmetic by 12.5% on unseen data",
        "GPT-2 with 103 layers, and it vanishes at a learning rate",
        "GPT-2 with 10³ layers, and it vanishes at a learning rate of 10⁴.",
        "The effect does hold for GPT-2 with 10³ layers, and it vanishes",
        "GPT-3 with 10³ layers, and it vanishes at a learning rate",
        "Models memorise rare tokens [12, 13] in the efficient setting",
        "Models don't memorise rare tokens [12, 13] in the inefficient setting",
        "Models don't memorise rare tokens [12, 14] in the efficient setting",
        "The loss L(θ) ≥ 0.5 × α² holds for all θ ∈ Rd and for 1,000 steps",
        "The loss L(θ) ≤ 0.5 × β² holds for all θ ∈ Rd and for 1,000 steps",
        "holds for all θ ∈ Rd and for 1.000 steps of the second experiment",
        "The optimisation of bimodal behaviour improves performance in all layers",
        "Mixtral outperforms the Llama-7B-chat model on three benchmarks",
        "Mistral outperforms the Llama-7M-chat model on three benchmarks",
        "Mistral outperforms the Llama-70B-chat model on three benchmarks",
        "Mistral outperforms the Llama-7B-chat model on two benchmarks",
        "the decoder shows typical behaviour in every interlayer circuit",
        "the encoder shows atypical behaviour in every interlayer circuit",
        "the encoder shows typical behaviour in every intralayer circuit",
        "the encoder shows typical behaviour in any interlayer circuit",
        "The optimisation of unimodal behaviour performance improves in all layers",
        "The optimisation of behaviour improves performance in all layers",
        "As Mistral does, the encoder shows a typical behavior in every no-interlayer circuit",
        "large models ~~may~~ improve accuracy on arithmetic by 12.5%",
    ],
)
def test_a_difference_that_may_matter_is_absent_and_says_where(quote: str) -> None:
    found = grade(quote)
    assert found.grade == "absent"
    assert found.why
    assert not found.spans


@pytest.mark.parametrize(
    "marker",
    [
        "[7]", "[7, 12–14]", "[7; 9]", "(Smith et al., 2020)", "(Smith & Doe, 2020b)", "(see Smith, 2020, p. 3)",
        "(e.g., Smith et al., 2020a,b; May et al., 2019)", "[Smith et al., 2020]", "(Doe, 2020, inter alia)",
        "[BMR+20]",
        "(Figure 3)", "(see Table 2)", "(Section 4.1)", "(Appendix B)", "(2020)",
    ],
)  # fmt: skip
def test_a_marker_that_is_left_out_is_named(marker: str) -> None:
    paper = QuoteChecker(document(f"Larger models of this kind {marker} are worse at the task."))
    found = paper.grade("Larger models of this kind are worse at the task.")
    assert (found.grade, found.differences) == ("near", (Difference("", marker),)), found.why


def test_a_footnotes_number_that_the_pdf_set_against_the_full_stop_may_be_left_out() -> None:
    paper = QuoteChecker(document("Larger models are worse at the task.3 Smaller ones do well in 2.5 of 10 cases."))
    found = paper.grade("Larger models are worse at the task. Smaller ones do well")
    assert (found.grade, found.differences) == ("near", (Difference("", "3"),)), found.why
    assert paper.grade("Smaller ones do well in 2. of 10 cases").grade == "absent"


@pytest.mark.parametrize("aside", ["(not in 2020)", "(released in 2023)", "(if tuned, 2020)", "(of 7)", "(70B)"])
def test_a_bracket_that_is_no_marker_is_not_left_out(aside: str) -> None:
    paper = QuoteChecker(document(f"Larger models of this kind {aside} are worse at the task."))
    assert paper.grade("Larger models of this kind are worse at the task.").grade == "absent"


@pytest.mark.parametrize(
    ("paper", "quote"),
    [
        ("A rule-based tagger of this kind is trained here.", "A role-based tagger of this kind is trained"),
        ("The multi-turn setting of this kind is harder.", "The multi-term setting of this kind is harder"),
        ("The difference-in-means of this kind is larger.", "The difference-means of this kind is larger"),
        ("With regularization of this kind it is harder.", "With no-regularization of this kind it is harder"),
        ("It learns in different layers of this network.", "It learns indifferent layers of this network"),
        ("In a typical run of this network it is harder.", "In atypical run of this network it is harder"),
    ],
)
def test_hyphens_and_blanks_excuse_no_other_word(paper: str, quote: str) -> None:
    assert QuoteChecker(document(paper)).grade(quote).grade == "absent"


def test_a_slip_in_one_part_of_a_compound_is_near() -> None:
    paper = QuoteChecker(document("The regularization-based approach of this kind is harder."))
    assert paper.grade("The regularizaton-based approach of this kind is harder.").grade == "near"


def test_small_capitals_that_came_apart_are_the_same_word() -> None:
    paper = QuoteChecker(document("We compare NEARDUP with the other way to find copies."))
    assert paper.grade("We compare N EAR D UP with the other way to find copies.").holds


def test_a_hat_beside_its_letter_is_no_difference() -> None:
    paper = QuoteChecker(document("We project onto the direction ˆr of each of the layers."))
    assert paper.grade("We project onto the direction r\u0302 of each of the layers.").holds


def test_markers_of_both_kinds_may_be_left_out_of_one_sentence() -> None:
    text = (
        "Larger models of this kind.2 Others use encoders [4], to study features. So do we [5], in the end.3 And more."
    )
    paper = QuoteChecker(document(text))
    found = paper.grade("Others use encoders, to study features. So do we, in the end.")
    assert [one.found for one in found.differences if one.found][:2] == ["[4]", "[5]"], found.why


def test_slips_must_be_few() -> None:
    slipped = "large modles may imporve accuarcy on arithemtic by 12.5% on unesen data"
    assert grade(slipped.replace("modles", "models").replace("unesen", "unseen")).grade == "near"
    assert grade(slipped).grade == "absent"


def test_a_word_that_is_english_is_no_slip_of_another() -> None:
    paper = QuoteChecker(document("The causal structure of trials affects the adaptive policy in our runs."))
    assert paper.grade("The casual structure of trials affects the adaptive policy").grade == "absent"
    assert paper.grade("The causal structure of trials effects the adaptive policy").grade == "absent"
    assert paper.grade("The cuasal structure of trials affects the adaptive policy").grade == "near"


def test_a_quote_that_was_copied_over_a_page_break_may_have_the_page_number() -> None:
    paper = QuoteChecker(document("The last sentence of this page goes", "on over the break and ends. More things."))
    assert paper.grade("The last sentence of this page goes 17 on over the break and ends.").grade == "normalised"
    assert paper.grade("The last sentence of this page goes on over 17 the break and ends.").grade == "absent"
