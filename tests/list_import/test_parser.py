"""A list that a person keeps by hand is understood, however it is written, and nothing of it is lost."""

from __future__ import annotations

import re
import time
from pathlib import Path

import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st
from markdown_it import MarkdownIt

from curator.errors import PublishError
from curator.list_import.parser import ParsedEntry, ParsedList, parse_list
from curator.publish.managed_regions import write_regions
from curator.publish.markdown import render_list
from curator.sanitize import escape_markdown, single_line
from curator.types import Change, Question, Todo
from curator.warehouse.questions import OldChange
from tests.publish.frames import frame, hostile_text, listing, paper, quote

SEED = Path(__file__).parents[3] / "shared" / "data" / "seed-list.md"

POST = """\
# Everything we know

An introduction that is no frame.

## Things we want to understand

- Copying
- Waiting

## Representational frames

### Open questions

- Is copying linear? ([a start](https://blog.example/linear))
- (TODO think of more)

### Frames

- Copying is done by a few heads. [source](https://arxiv.org/abs/2401.90001)
- **Depth:** copying needs two layers ([paper](https://doi.org/10.1000/182), [code](https://code.example/x)).
  - Source: the appendix
  - > quoted words of it

#### Waiting

- Waiting is visible in the weights — [Ek 2026, p. 3](https://a.example/pdf) ([arXiv:2402.90002](https://arxiv.org/abs/2402.90002))

## Functional frames

- Models know [what they know](https://know.example/).
- Do models know what they copy? I ask this more [here](https://ask.example).
- Personas
  - Models have many personas, and which one speaks depends on the prompt. https://persona.example/a_(b).
- [ ] read on

## Changelog

- 2 Jan: Initial post
- **3 Feb 2026**: more
"""


def told(post: ParsedList, what: str) -> list[ParsedEntry]:
    return [entry for entry in post.entries if entry.what == what]


def test_every_part_of_a_post_is_understood() -> None:
    post = parse_list(POST)
    assert [one.text for one in told(post, "topic")] == ["Copying", "Waiting"]
    assert [(one.kind, one.text, one.links) for one in told(post, "frame")] == [
        ("representational", "Copying is done by a few heads.", ("https://arxiv.org/abs/2401.90001",)),
        ("representational", "Depth: copying needs two layers.",
         ("https://doi.org/10.1000/182", "https://code.example/x")),
        ("representational", "Waiting is visible in the weights",
         ("https://a.example/pdf", "https://arxiv.org/abs/2402.90002")),
        ("functional", "Models know what they know.", ("https://know.example/",)),
        ("functional", "Models have many personas, and which one speaks depends on the prompt.",
         ("https://persona.example/a_(b)",)),
    ]  # fmt: skip
    assert [one.group for one in told(post, "frame")] == [None, None, "Waiting", None, "Personas"]
    assert [(one.kind, one.text) for one in told(post, "question")] == [
        ("representational", "Is copying linear?"),
        ("functional", "Do models know what they copy? I ask this more here."),
    ]
    assert [(one.kind, one.text) for one in told(post, "todo")] == [
        ("representational", "think of more"),
        ("functional", "read on"),
    ]
    assert [(one.day, one.text) for one in told(post, "change")] == [("2 Jan", "Initial post"), ("3 Feb 2026", "more")]
    assert post.rest == ("Everything we know", "An introduction that is no frame.")
    assert told(post, "frame")[1].note == "Source: the appendix quoted words of it"


def test_html_says_the_same_as_markdown() -> None:
    html = MarkdownIt("commonmark").render(POST)
    assert parse_list(html) == parse_list(f"<!doctype html><html><head><title>x</title></head><body>{html}", "a.html")
    assert parse_list(html) == parse_list(POST)


def test_text_pasted_from_a_web_page_says_the_same_where_its_headings_are_bare_lines() -> None:
    pasted = re.sub(r"^#+ ", "", POST, flags=re.MULTILINE).replace("- ", "• ").replace("• >", "- >")
    post = parse_list(re.sub(r"\n\n+", "\n", pasted))
    for what in ("topic", "question", "todo", "change"):
        assert told(post, what) == told(parse_list(POST), what)
    assert {one.text for one in told(post, "frame")} >= {one.text for one in told(parse_list(POST), "frame")[:4]}


def test_the_real_list_is_understood_whole() -> None:
    if not SEED.exists():
        pytest.skip("the real list is not here")
    post = parse_list(SEED.read_text(encoding="utf-8"), SEED.name)
    assert len(told(post, "topic")) == 6
    assert [one.kind for one in told(post, "frame")] == ["functional"] * 11
    assert [(one.kind, one.text[:28]) for one in told(post, "question")] == [
        ("functional", "Do language models 'do bette")
    ]
    assert [(one.kind, one.text[:14]) for one in told(post, "todo")] == [
        ("representational", "think of some "),
        ("functional", "look at the pa"),
        ("functional", "look at papers"),
    ]
    assert [(one.day, one.text) for one in told(post, "change")] == [("2 Jan", "Initial post")]
    assert len(post.rest) == 3


def test_a_list_without_kinds_is_frames_of_no_kind() -> None:
    post = parse_list("Some words.\n\n- Models copy what they have seen.\n- Why do models copy?\n- (TODO: look)\n")
    assert [(one.what, one.kind) for one in post.entries] == [("frame", None), ("question", None), ("todo", None)]
    assert [one.what for one in parse_list("## Frames\n\n- Models copy.\n").entries] == ["frame"]


def test_under_a_heading_for_frames_a_question_mark_makes_no_question_and_a_rule_ends_the_heading() -> None:
    post = parse_list("## Functional frames\n### Frames\n- Who knows? Models do.\n\n---\n\n- Who asks?\n")
    assert [one.what for one in post.entries] == ["frame", "question"]


def test_what_stands_before_the_first_part_is_handed_back() -> None:
    post = parse_list("- a bullet of the introduction\n\n## Functional frames\n- Models copy.\n")
    assert post.rest == ("a bullet of the introduction",)
    assert [one.text for one in post.entries] == ["Models copy."]


@pytest.mark.parametrize(
    ("item", "text"),
    [
        ("Models copy. [link](https://a.example)", "Models copy."),
        ("Models copy ([link](https://a.example)).", "Models copy."),
        ("Models copy ([1](https://a.example), [2](https://b.example))", "Models copy"),
        ("Models copy. (https://a.example)", "Models copy."),
        ("Models copy: https://a.example", "Models copy"),
        ("Models [copy](https://a.example).", "Models copy."),
        ("Models copy, says [Ek](https://a.example)", "Models copy, says Ek"),
        ("[Models copy.](https://a.example)", "Models copy."),
        ("Models copy – [Ek and Li, 2026](https://a.example)", "Models copy"),
        ("Models copy more [here](https://a.example)", "Models copy more here"),
    ],
)
def test_words_that_only_link_a_source_are_no_part_of_a_frame(item: str, text: str) -> None:
    (entry,) = parse_list(f"## Functional frames\n\n- {item}\n").entries
    assert entry.text == text
    assert entry.links[0] == "https://a.example"


def test_scripts_styles_and_their_links_are_not_looked_at() -> None:
    post = parse_list(
        "<p>hi</p><script>var x = '<li>no</li>'</script><style>li{}</style>"
        "<h2>Functional frames</h2><ul><li>Models <a href='javascript:alert(1)'>copy</a><!-- no --> a lot.</li></ul>"
    )
    assert [(one.text, one.links) for one in post.entries] == [("Models copy a lot.", ())]


def test_what_nests_beyond_all_reason_is_refused_and_deep_lists_are_not() -> None:
    with pytest.raises(PublishError, match="2,000 levels"):
        parse_list("<ul><li>x" * 5000)
    assert len(parse_list("<ul><li>Models copy what they have seen." * 300).entries) == 300


@settings(deadline=None, max_examples=200)
@given(st.text(max_size=300) | hostile_text)
@example("<ul><li><ul></li>")
@example("[a](<b\n- ")
def test_no_text_breaks_it(text: str) -> None:
    for name in ("a.md", "a.html"):
        post = parse_list(text, name)
        assert all(entry.text == single_line(entry.text) for entry in post.entries)


@settings(deadline=None, max_examples=100)
@given(st.lists(st.text("abcdefgh ", min_size=1, max_size=30).filter(lambda t: t.strip()), min_size=1, max_size=8))
def test_every_word_of_a_plain_list_is_an_entry_or_handed_back(items: list[str]) -> None:
    post = parse_list("## Functional frames\n\n" + "\n".join(f"- {item.strip()}" for item in items))
    found = " ".join([*(f"{one.text} {one.note or ''}" for one in post.entries), *post.rest])
    assert sorted(found.split()) == sorted(" ".join(items).split())


def test_a_large_post_is_read_in_time_that_grows_with_its_length() -> None:
    def seconds(items: int) -> float:
        started = time.process_time()
        assert len(parse_list("## Functional frames\n\n" + "- Models copy.\n" * items).entries) == items
        return time.process_time() - started

    seconds(100)
    assert seconds(20_000) < 40 * max(seconds(2_000), 0.01)


def published(*frames: object, **changes: object) -> str:
    told = listing(*frames, **changes)  # type: ignore[arg-type]
    return write_regions(None, render_list(told), told.title, told.about)


class TestOwnList:
    def test_it_reads_back_as_it_was_published(self) -> None:
        web = paper(id="web:1", place="web", title="A post", authors=(), dated=False, url="https://a.example/x_(y)")
        none = paper(id="none:1", place="none", title="x")
        frames = [
            frame(1, text="Models copy — a lot."),
            frame(2, kind="functional", paper=web, quotes=(), text="A [link](https://b.example) (see F1) · F9."),
            frame(3, kind="functional", paper=none, quotes=(), text="Nothing *yet*."),
            frame(4, sources=(web,), contradicting=(paper(id="2402.7"),), section="Heads", text="TODO is no to-do?"),
        ]
        post = parse_list(
            published(
                *frames,
                topics=("Learning", "Waiting"),
                questions=[
                    Question("Q1", "Why (raised by F1)?", "functional", ("F1",), ("F2",)),
                    Question("Q2", "And?", "representational"),
                ],
                todos=[Todo("T1", "Read on.", "functional"), Todo("T2", "Think.")],
                old_changes=[OldChange("Initial post", "2 Jan")],
            )
        )  # fmt: skip
        assert [(one.id, one.kind, one.text) for one in told(post, "frame")] == [
            ("F1", "representational", "Models copy — a lot."),
            ("F4", "representational", "TODO is no to-do?"),
            ("F2", "functional", "A [link](https://b.example) (see F1) · F9."),
            ("F3", "functional", "Nothing *yet*."),
        ]
        assert told(post, "frame")[2].links == ("https://a.example/x_%28y%29",)
        assert told(post, "frame")[1].group == "Heads"
        assert [(one.id, one.kind, one.text) for one in told(post, "question")] == [
            ("Q2", "representational", "And?"),
            ("Q1", "functional", "Why (raised by F1)?"),
        ]
        assert [one.text for one in told(post, "topic")] == ["Learning", "Waiting"]
        assert [(one.kind, one.text) for one in told(post, "todo")] == [(None, "Think."), ("functional", "Read on.")]
        assert [(one.day, one.text) for one in told(post, "change")] == [("2 Jan", "Initial post")]

    def test_an_empty_list_says_nothing(self) -> None:
        assert parse_list(published()).entries == ()

    @settings(deadline=None, max_examples=300)
    @given(text=hostile_text, quoted=hostile_text, title=hostile_text)
    @example(text="(TODO: x)", quoted="", title="")
    @example(text="Frames", quoted="", title="")
    @example(text="x · F12", quoted="", title="")
    @example(text="No frames yet.", quoted="", title="")
    def test_any_text_reads_back_as_it_is(self, text: str, quoted: str, title: str) -> None:
        odd = frame(text=text, quotes=(quote(quoted or "q"),), paper=paper(title=title))
        post = parse_list(published(odd, title="T"))
        frames = told(post, "frame")
        assert [(one.id, one.text) for one in frames] == ([("F12", single_line(text))] if single_line(text) else [])

    def test_its_changelog_reads_back_by_day(self) -> None:
        from datetime import date

        changes = [Change(date(2026, 2, 3), "added", "F12", "One."), Change(date(2026, 2, 3), "retired", "F9", "Old.")]
        post = parse_list(published(frame(12), changes=changes))
        assert [(one.day, one.text) for one in told(post, "change")] == [
            ("2026-02-03", "Added F12: One."),
            ("2026-02-03", "Retired F9: Old."),
        ]


def test_escaping_is_undone_by_reading() -> None:
    (entry,) = parse_list(f"## Functional frames\n- {escape_markdown('a@b.example #1 & <b> _x_ $k$')}\n").entries
    assert entry.text == "a@b.example #1 & <b> _x_ $k$"
