"""The list's Markdown: what it shows, and that strangers' text stays text."""

from __future__ import annotations

import re
from datetime import date

import pytest
from hypothesis import example, given
from hypothesis import strategies as st
from markdown_it import MarkdownIt
from markdown_it.token import Token

from curator.publish.citations import citation_label
from curator.publish.markdown import render_list
from curator.sanitize import escape_markdown, single_line, unescape_markdown
from curator.types import Change, Question, Todo
from curator.warehouse.questions import DayText, OldChange
from tests.publish.frames import frame, hostile_text, listing, paper, quote

MARKDOWN = MarkdownIt("commonmark").enable(["table", "strikethrough"])


def inline_tokens(markdown: str) -> list[Token]:
    blocks = MARKDOWN.parse(markdown)
    assert [block.type for block in blocks] == ["paragraph_open", "inline", "paragraph_close"]
    return blocks[1].children or []


@given(hostile_text)
@example("1. a")
@example("http://a.example www.b.example @c #4")
def test_escaped_text_renders_as_exactly_the_folded_text(text: str) -> None:
    tokens = inline_tokens(f"{escape_markdown(text)}\n") if single_line(text) else []
    assert {token.content for token in tokens if token.type != "text"} <= {"<!-- -->"}
    assert "".join(token.content for token in tokens if token.type == "text") == single_line(text)


@given(hostile_text)
@example("http://a.example WWW.b.example @c d@e.example #4 f/g#5 GH-6 :tada: :+1:")
def test_escaped_text_holds_nothing_that_github_links_by_itself(text: str) -> None:
    escaped = escape_markdown(text)
    assert not re.search(r"(?<!\\):(?=//)|www\.", escaped, re.IGNORECASE)
    # GitHub looks for these in the text between tags and comments, when the backslashes are gone
    for stretch in escaped.split("<!-- -->"):
        shown = re.sub(r"\\(.)", r"\1", stretch)
        assert not re.search(r"@[A-Za-z0-9]|#\d|\bGH-\d|:[A-Za-z0-9_+-]{1,60}:", shown, re.IGNORECASE)


@pytest.mark.parametrize("lead", ["", "text ", "- ", "> ", "1. ", "## ", "[", '- <a id="F1"></a>'])
@pytest.mark.parametrize(
    "hostile", ["- item", "# heading", "> quote", "1. one", "2) two", "===", "+ a", "```", "    code", "</a>", "](b)"]
)
def test_escaped_text_adds_no_structure_wherever_it_stands(lead: str, hostile: str) -> None:
    def structure(text: str) -> list[str]:
        return [token.type for token in MARKDOWN.parse(f"{lead}{text}\n")]

    assert structure(escape_markdown(hostile)) == structure("word")


def test_white_space_of_any_kind_is_folded_to_one_blank() -> None:
    assert single_line("\n a\nb\tc\r\n\r\nd\u2028e\u00a0 f\x0b") == "a b c d e f"


def test_invisible_and_reordering_characters_are_dropped() -> None:
    assert single_line("a\u200bb\u202ec\u00add\x00\ufeff e\U000e0041\ufe0f\n\n f\u2028g\ud800") == "abcd e f g"


def test_a_frame_shows_its_anchor_text_source_page_and_id() -> None:
    functional = render_list(listing(frame(12, kind="functional")))["functional"]
    assert functional.splitlines()[6] == (
        '- <a id="F12"></a>Induction heads copy what followed an earlier occurrence. — '
        "[Lindqvist et al. 2026, p. 3](https://arxiv.org/pdf/2401.90001v1#page=3) "
        "([arXiv:2401.90001v1](https://arxiv.org/abs/2401.90001v1)) · F12"
    )


def test_quotes_unfold_inside_the_frames_list_item() -> None:
    text = render_list(listing(frame(quotes=(quote(page=3), quote("Second.", page=9)))))["representational"]
    tokens = MARKDOWN.parse(text)
    types = [token.type for token in tokens]
    end = types.index("list_item_close")
    assert types.index("list_item_open") < types.index("html_block") < types.index("blockquote_open") < end
    assert types[:end].count("blockquote_open") == 2
    htmls = [token.content.strip() for token in tokens if token.type == "html_block"]
    assert htmls == ["<details><summary>2 quotes</summary>", "</details>"]
    assert "> — [p. 9](https://arxiv.org/pdf/2401.90001v1#page=9), abstract" in text


def test_quotes_that_do_not_hold_are_not_shown() -> None:
    absent = quote("Never said.", grade="absent", spans=())
    text = render_list(listing(frame(quotes=(absent, quote(page=7)))))["representational"]
    assert "Never said" not in text
    assert "1 quote<" in text
    assert ", p. 7]" in text


def test_a_frame_without_quotes_links_the_version_alone() -> None:
    text = render_list(listing(frame(quotes=())))["representational"]
    assert "— [Lindqvist et al. 2026](https://arxiv.org/abs/2401.90001v1) · F12" in text
    assert "details" not in text


def test_a_merged_frame_names_every_source_and_links_no_quote_to_the_wrong_one() -> None:
    other = paper(id="2402.00007", version=3, authors=("Ada Ek", "Bo Li"))
    quotes = (quote(), quote("Heads copy, too.", page=7, paper="2402.00007v3"))
    text = render_list(listing(frame(quotes=quotes, sources=(other, paper()))))["representational"]
    assert "; [Ek and Li 2026](https://arxiv.org/abs/2402.00007v3) · F12" in text
    assert "> — [Lindqvist et al. 2026, p. 3](https://arxiv.org/pdf/2401.90001v1#page=3), abstract" in text
    assert "> — [Ek and Li 2026, p. 7](https://arxiv.org/pdf/2402.00007v3#page=7), abstract" in text


@pytest.mark.parametrize(
    ("doi", "source"),
    [
        ("10.1/a(b)", "[Lindqvist et al. 2026, p. 3](https://doi.org/10.1/a%28b%29)"),
        (None, "Lindqvist et al. 2026, p. 3"),
    ],
)
def test_a_paper_that_is_not_on_arxiv_gets_no_arxiv_link(doi: str | None, source: str) -> None:
    elsewhere = paper(id="a](http://bad.example)", doi=doi)
    text = render_list(listing(frame(paper=elsewhere)))["representational"]
    assert f"— {source} · F12" in text
    assert "bad.example" not in text
    assert "arxiv.org" not in text


def test_frames_stand_by_kind_then_topic_order_then_number() -> None:
    frames = [
        frame(10, topics=("B", "A")),
        frame(9, topics=("B",)),
        frame(2, topics=("unwatched",)),
        frame(11, topics=("A",)),
        frame(1, topics=()),
        frame(3, kind="functional"),
    ]
    regions = render_list(listing(*frames, topics=("A", "B")))
    assert re.findall(r'id="(F\d+)"', regions["representational"]) == ["F10", "F11", "F9", "F1", "F2"]
    assert re.findall(r'id="(F\d+)"', regions["functional"]) == ["F3"]


def test_an_open_question_names_the_frames_that_raised_it_and_those_that_speak_to_it() -> None:
    questions = [
        Question("Q1", "Does it scale?", "representational", ("F1", "F2"), ("F7",)),
        Question("Q2", "Why?", "functional"),
        Question("Q3", "Where?", "functional", (), ("F1",)),
    ]
    regions = render_list(listing(questions=questions))
    assert (
        '### Open questions\n\n- <a id="Q1"></a>Does it scale? (raised by [F1](#F1), [F2](#F2); see [F7](#F7)) · Q1\n\n'
        in regions["representational"]
    )
    assert '- <a id="Q2"></a>Why? · Q2\n- <a id="Q3"></a>Where? (see [F1](#F1)) · Q3' in regions["functional"]


def test_what_is_to_be_done_stands_with_its_kind_or_else_with_the_topics() -> None:
    todos = [Todo("T1", "Read on.", "functional"), Todo("T2", "Think.")]
    regions = render_list(listing(todos=todos, topics=("A",)))
    assert regions["functional"].endswith("### To do\n\n- Read on. · T1")
    assert regions["topics"] == "- A\n\n### To do\n\n- Think. · T2"
    assert "To do" not in regions["representational"]


def test_pinned_frames_come_first_and_sections_last_under_their_headings() -> None:
    frames = [
        frame(1, position=1, section="Per*sonas"),
        frame(2, position=2),
        frame(3, position=0.5),
        frame(4, position=4, pinned=True),
        frame(5, position=1.5, section="Per*sonas"),
        frame(6, position=0.1, section="Other"),
    ]
    text = render_list(listing(*frames))["representational"]
    assert re.findall(r'id="(F\d+)"|(?m:^#### (.*)$)', text) == [
        ("F4", ""), ("F3", ""), ("F2", ""), ("", "Other"), ("F6", ""), ("", "Per\\*sonas"), ("F1", ""), ("F5", ""),
    ]  # fmt: skip


def test_a_frame_without_a_source_says_that_one_is_wanted() -> None:
    wanted = paper(id="none:1", place="none", title="Imported")
    assert "— _source wanted_ · F12" in render_list(listing(frame(paper=wanted, quotes=())))["representational"]
    completed = frame(paper=wanted, quotes=(quote(paper="2401.90001v1"),), sources=(paper(),))
    assert (
        "— [Lindqvist et al. 2026, p. 3](https://arxiv.org/pdf/2401.90001v1#page=3) ([arXiv"
        in render_list(listing(completed))["representational"]
    )


def test_a_page_of_the_web_is_cited_by_its_title_and_linked_whole() -> None:
    blog = paper(
        id="web:1", place="web", title="A [post]", authors=(), dated=False, url="https://a.example/x_(y)?q=[1]"
    )
    text = render_list(listing(frame(paper=blog, quotes=())))["representational"]
    assert "— [A \\[post\\]](https://a.example/x_%28y%29?q=%5B1%5D) · F12" in text


def test_contradicting_evidence_is_called_so_in_the_line_and_at_its_quotes() -> None:
    other = paper(id="2402.00007", version=3, authors=("Ada Ek", "Bo Li"))
    against = quote("They do not.", page=7, paper="2402.00007v3", contradicts=True)
    text = render_list(listing(frame(quotes=(quote(), against), contradicting=(other,))))["representational"]
    assert "; contradicted by [Ek and Li 2026](https://arxiv.org/abs/2402.00007v3) · F12" in text
    assert "<summary>2 quotes, 1 against it<" in text
    assert "> — contradicts this: [Ek and Li 2026, p. 7](https://arxiv.org/pdf/2402.00007v3#page=7), abstract" in text


def test_empty_sections_say_so_in_one_italic_line() -> None:
    nothing = "### Open questions\n\n_No open questions yet._\n\n### Frames\n\n_No frames yet._"
    assert render_list(listing()) == {
        "topics": "_No topics yet._",
        "representational": nothing,
        "functional": nothing,
        "changelog": "_No changes yet._",
    }


def test_the_changelog_has_the_newest_day_first_and_links_only_what_is_listed() -> None:
    changes = [
        Change(date(2026, 1, 2), "added", "F12", "One."),
        Change(date(2026, 2, 3), "retired", "F3", "*Old*."),
        Change(date(2026, 2, 3), "added", "F10", "Ten."),
        Change(date(2026, 2, 3), "added", "F9", "Nine."),
    ]
    assert render_list(listing(frame(12), changes=changes))["changelog"] == (
        "### 2026-02-03\n\n- Added F9: Nine.\n- Added F10: Ten.\n- Retired F3: \\*Old\\*.\n\n"
        "### 2026-01-02\n\n- Added [F12](#F12): One."
    )


def test_the_changelog_says_what_evidence_is_new_and_why_a_frame_left() -> None:
    day = date(2026, 2, 3)
    changes = [
        Change(day, "retired", "F3", "Old.", "too vague; superseded by F12"),
        Change(day, "new evidence", "F12", "One.", "2401.90001v1"),
        Change(day, "paper revised", "F12", "One.", "2999.00001v2"),
    ]
    assert render_list(listing(frame(12), changes=changes))["changelog"] == (
        "### 2026-02-03\n\n- New evidence for [F12](#F12) (arXiv:2401.90001v1): One.\n"
        "- Paper revised of [F12](#F12): One.\n- Retired F3: Old. (too vague; superseded by F12)"
    )


def test_a_day_that_a_person_worded_stands_so_and_what_came_later_follows() -> None:
    day = date(2026, 2, 3)
    changes = [Change(day, "added", "F9", "Nine."), Change(day, "added", "F10", "Ten.")]
    days = {day: DayText(("A *good* day.",), frozenset({"added F9 Nine."})), date(2026, 1, 1): DayText((), frozenset())}
    old = [OldChange("Initial post", "2 Jan")]
    assert render_list(listing(changes=changes, days=days, old_changes=old))["changelog"] == (
        "### 2026-02-03\n\n- A *good* day.\n- Added F10: Ten.\n\n### Earlier\n\n- 2 Jan: Initial post"
    )


@given(st.lists(hostile_text, min_size=6, max_size=6))
def test_no_stranger_can_add_html_links_or_markers_to_the_list(texts: list[str]) -> None:
    text, author, quoted, question, topic, section = texts
    hostile = frame(
        text=text, question=question, paper=paper(authors=(author,)), quotes=(quote(quoted),), topics=(topic,)
    )
    changes = [Change(date(2026, 1, 2), "added", "F12", section)]
    regions = render_list(
        listing(hostile, topics=(topic,), changes=changes, questions=[Question("Q1", question, "functional", ("F12",))])
    )
    assert not re.search(r"(?<!\\)<!--(?! -->)", "".join(regions.values()))
    tokens = [token for region in regions.values() for token in MARKDOWN.parse(region)]
    inline = [child for token in tokens for child in token.children or []]
    html = {token.content.strip() for token in [*tokens, *inline] if token.type.startswith("html")}
    assert html <= {
        '<a id="F12">',
        '<a id="Q1">',
        "</a>",
        "<!-- -->",
        "<details><summary>1 quote</summary>",
        "</details>",
    }
    links = {child.attrs["href"] for child in inline if child.type == "link_open"}
    arxiv = {"https://arxiv.org/pdf/2401.90001v1#page=3", "https://arxiv.org/abs/2401.90001v1"}
    assert links <= {*arxiv, "#F12"}
    assert not {token.type for token in inline} & {"image", "code_inline", "strong_open", "s_open"}


@pytest.mark.parametrize(
    ("authors", "expected"),
    [
        ((), "Anonymous 2026"),
        (("Ludwig van Beethoven",), "van Beethoven 2026"),
        (("A. One", "B. Two"), "One and Two 2026"),
        (("A. One", "B. Two", "C. Three"), "One et al. 2026"),
        (("Gemini Team",), "Gemini Team 2026"),
    ],
)
def test_a_source_is_cited_by_its_authors_and_year(authors: tuple[str, ...], expected: str) -> None:
    assert citation_label(paper(authors=authors)) == expected


@given(hostile_text)
def test_what_was_escaped_is_read_back(text: str) -> None:
    assert unescape_markdown(escape_markdown(text)) == single_line(text)
