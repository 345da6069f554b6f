"""Lists as people write them: footnotes, tables, ticked and struck-out items, papers under any of their addresses."""

from __future__ import annotations

import pytest

from curator.arxiv_ids import ArxivId, parse_arxiv_id
from curator.list_import.parser import ParsedList, parse_list
from curator.sources import parse_source

FIRST = "Heads in small models copy the token that followed."
SECOND = "The delay before grokking shrinks with weight decay."
PAPER, OTHER = "https://arxiv.org/abs/2501.01234", "https://arxiv.org/abs/2502.04321"


def parse(*lines: str, name: str = "") -> ParsedList:
    return parse_list("\n".join(["## Functional frames", "", *lines]), name)


def frames(post: ParsedList) -> list[tuple[str, tuple[str, ...]]]:
    return [(entry.text, entry.links) for entry in post.of("frame")]


@pytest.mark.parametrize(
    "lines",
    [
        [f"- {FIRST}[^1]", f"- {SECOND}[^b]", "", f"[^1]: {PAPER}", f"[^b]: Doe et al., *Delays*, {OTHER}"],
        [f"- {FIRST} [^1]", f"- {SECOND} [^2]", "", "[^1]: See", f"    [this]({PAPER}).", "", f"[^2]: <{OTHER}>"],
        [f"- {FIRST} [1]", f"- {SECOND} [2]", "", f"[1]: {PAPER}", f'[2]: {OTHER} "Delays"'],
        [f"- {FIRST} [paper][a]", f"- {SECOND} ([link][b])", "", f"[a]: {PAPER}", f"[b]: {OTHER}"],
        [f"- {FIRST}[^1]", f"- {SECOND}[2]", "", f"[^1]: Text, {PAPER}", f"[2]: {OTHER}"],
    ],
)
def test_the_link_of_a_note_is_the_source_and_nothing_of_the_notes_is_left_over(lines: list[str]) -> None:
    post = parse(*lines)
    assert frames(post) == [(FIRST, (PAPER,)), (SECOND, (OTHER,))]
    assert post.rest == ()


def test_a_note_with_two_links_gives_two_sources_and_one_without_a_link_is_not_lost() -> None:
    post = parse(f"- {FIRST}[^1]", f"- {SECOND}[^2]", "", f"[^1]: {PAPER} and {OTHER}", "", "[^2]: From a talk in May.")
    assert frames(post)[0] == (FIRST, (PAPER, OTHER))
    assert frames(post)[1][0] == SECOND
    assert "From a talk in May." in " ".join([*post.rest, *(entry.note or "" for entry in post.entries), *(
        entry.text for entry in post.entries)])  # fmt: skip


@pytest.mark.parametrize(
    "lines",
    [
        ["| Frame | Source | Added |", "|---|---|---|", f"| {FIRST} | [Doe]({PAPER}) | May |",
         f"| {SECOND} | {OTHER} | June |"],
        ["| # | Where | Claim |", "|---|---|---|", f"| 1 | [a]({PAPER}) | {FIRST} |",
         f"| 2 | [b]({OTHER}) | {SECOND} |"],
        [f"<table><tr><td>{FIRST}</td><td><a href='{PAPER}'>x</a></td></tr>"
         f"<tr><td>{SECOND}</td><td><a href='{OTHER}'>y</a></td></tr></table>"],
    ],
)  # fmt: skip
def test_the_column_of_sentences_holds_the_frames_and_the_links_of_a_row_their_sources(lines: list[str]) -> None:
    assert frames(parse(*lines)) == [(FIRST, (PAPER,)), (SECOND, (OTHER,))]


def test_other_cells_of_a_row_become_a_note() -> None:
    (entry,) = parse("| Frame | Added |", "|---|---|", f"| {FIRST} | 2025-01-02 |").of("frame")
    assert entry.note == "(Added: 2025-01-02)"


def test_a_table_without_sentences_stays_text() -> None:
    post = parse("| a | b |", "|---|---|", "| 1 | 2 |")
    assert post.entries == ()
    assert post.rest


@pytest.mark.parametrize(
    "item",
    [
        f"- ~~{FIRST}~~",
        f"- ~~{FIRST}~~ Refuted, see [here]({OTHER}).",
        f"- ~~{FIRST} [link]({PAPER})~~",
        f"- <del>{FIRST}</del>",
        f"- <s>{FIRST}</s> no longer true",
        f"- <strike>{FIRST}</strike>",
        f"- ~~**{FIRST}**~~",
    ],
)
def test_what_is_struck_out_is_shown_and_is_no_frame(item: str) -> None:
    post = parse(item, f"- {SECOND} [link]({OTHER})")
    assert frames(post) == [(SECOND, (OTHER,))]
    assert len(post.struck) == 1
    assert post.struck[0].startswith(FIRST)


def test_what_stands_below_a_struck_item_goes_to_no_other_frame() -> None:
    post = parse(f"- {SECOND}", f"- ~~{FIRST}~~", f"  - see [this]({PAPER})")
    assert frames(post) == [(SECOND, ())]


def test_a_correction_within_an_item_leaves_the_words_that_stand() -> None:
    post = parse(f"- Heads in ~~large~~ small models copy the token that followed. [link]({PAPER})")
    assert frames(post) == [(FIRST, (PAPER,))]
    assert post.struck == ()


def test_a_ticked_item_is_a_frame_and_an_empty_box_a_to_do() -> None:
    post = parse(f"- [x] {FIRST} [link]({PAPER})", f"- [X] {SECOND}", "- [ ] read the paper on curricula")
    assert frames(post) == [(FIRST, (PAPER,)), (SECOND, ())]
    assert [entry.text for entry in post.of("todo")] == ["read the paper on curricula"]


@pytest.mark.parametrize("front", ["---\ntitle: Mine\ntags: [a, b]\n---\n", "+++\ntitle = 'Mine'\n+++\n"])
def test_front_matter_is_no_text_of_the_list(front: str) -> None:
    post = parse_list(f"{front}\n## Functional frames\n\n- {FIRST}\n")
    assert (len(post.of("frame")), post.rest) == (1, ())


NAMES = [
    "https://arxiv.org/abs/2501.01234", "http://www.arxiv.org/pdf/2501.01234.pdf", "arxiv.org/html/2501.01234",
    "https://export.arxiv.org/abs/2501.01234", "https://ar5iv.labs.arxiv.org/html/2501.01234",
    "https://ar5iv.org/abs/2501.01234", "https://www.alphaxiv.org/abs/2501.01234",
    "https://alphaxiv.org/overview/2501.01234", "https://huggingface.co/papers/2501.01234",
    "https://hf.co/papers/2501.01234", "https://www.semanticscholar.org/arxiv/2501.01234",
    "https://api.semanticscholar.org/arXiv:2501.01234", "https://www.arxiv-vanity.com/papers/2501.01234/",
    "https://doi.org/10.48550/arXiv.2501.01234", "doi:10.48550/ARXIV.2501.01234", "arXiv:2501.01234",
    "arxiv: 2501.01234",
]  # fmt: skip


@pytest.mark.parametrize("name", NAMES)
def test_a_paper_is_the_same_under_each_of_its_names(name: str) -> None:
    assert parse_arxiv_id(name) == ArxivId("2501.01234", None)
    if not name.startswith(("arxiv.org", "arxiv: ", "doi:")):
        assert parse_source(name).arxiv == ArxivId("2501.01234", None)


@pytest.mark.parametrize(
    "words", ["(arXiv:2501.01234)", "arXiv:2501.01234v2 [cs.LG]", "(arXiv: 2501.01234)", "arXiv:hep-th/9901001"]
)
def test_a_paper_that_is_named_in_running_text_is_the_source(words: str) -> None:
    ((text, links),) = frames(parse(f"- {FIRST} {words}"))
    assert text == FIRST
    assert [parse_source(link).arxiv is not None for link in links] == [True]
