"""A stranger's text costs no quadratic work, wherever it comes in: four times the text, about four times the time."""

from __future__ import annotations

import time
from collections.abc import Callable
from contextlib import suppress
from types import SimpleNamespace
from typing import Any

import pytest

from curator.arxiv.client import TransientResponse
from curator.arxiv.feed import read_feed
from curator.drafting.model_drafter import MAX_TEXT_CHARACTERS, Drafts
from curator.errors import CuratorError
from curator.list_import.parser import parse_list
from curator.llm.answer_json import find_json
from curator.llm.responses import parse
from curator.publish.hand_edits import find_reworded
from curator.publish.managed_regions import write_regions
from curator.publish.readable_metadata import to_plain_text
from curator.quotes.checker import QuoteChecker
from curator.quotes.tokens import find_citations
from curator.review.suggestions import read_suggestions
from curator.support.claim_features import find_names
from curator.support.overclaim import check_overclaim
from curator.types import Document, Extraction, Page, Quote, Sentence, Span

MOST = 9.0  # times the work for four times the text; linear is 4, quadratic 16
FLOOR = 0.03  # seconds of CPU below which nothing is said
REGIONS = {"topics": "- t", "representational": "r", "functional": "f", "changelog": "c"}
CLAIM = "We find that models copy the sentences that they have seen in training."


def seconds(work: Callable[[str], object], text: str) -> float:
    """CPU seconds of this process, the best of three."""
    best = float("inf")
    for _ in range(3):
        started = time.process_time()
        with suppress(CuratorError, TransientResponse):
            work(text)
        best = min(best, time.process_time() - started)
        if best < FLOOR:
            break
    return best


def document(text: str) -> Document:
    """A paper of one page, cut into sentences of the reader's greatest length."""
    pieces = [(at, min(at + 1500, len(text))) for at in range(0, len(text), 1500)]
    sentences = tuple(
        Sentence(number, text[low:high], (Span(1, low, high),), "body") for number, (low, high) in enumerate(pieces, 1)
    )
    return Document(
        "2501.01234", 1, "", pages=(Page(1, text, 600, 800, ()),), sections=(), sentences=sentences, hidden=(),
        extraction=Extraction("test", {}),
    )  # fmt: skip


def suggested_heading(text: str) -> object:
    return read_suggestions(f"### Your frame\n\nModels copy.\n\n### a{text}x")


def suggested_table(text: str) -> object:
    """As many columns as rows."""
    return read_suggestions(f"frame{',a' * (len(text) // 4)}\n" + "b\n" * (len(text) // 4), "suggestions.csv")


def feed(text: str) -> object:
    body = (
        '<feed xmlns="http://www.w3.org/2005/Atom" xmlns:o="http://a9.com/-/spec/opensearch/1.1/">'
        f"<o:totalResults>1</o:totalResults><entry><id>http://arxiv.org/abs/2501.01234v1</id><title>t</title>{text}"
        "<published>2025-01-01T00:00:00Z</published><updated>2025-01-01T00:00:00Z</updated></entry></feed>"
    )
    return read_feed(SimpleNamespace(content=body.encode(), status_code=200))  # type: ignore[arg-type]


def answer_json(text: str) -> object:
    return parse('{"candidates":[' + text, Drafts)


def frame_of_an_answer(text: str) -> object:
    quote = Quote(CLAIM, "exact", (Span(1, 0, len(CLAIM)),))
    return check_overclaim(text[:MAX_TEXT_CHARACTERS], [quote])


def list_with_edits(text: str) -> object:
    """A region of which every line was edited."""
    region = "\n".join(f"- {number % 97} {line}" for number, line in enumerate(text.split("\n")))
    ours = REGIONS | {"topics": "\n".join(reversed(region.split("\n")))}
    return write_regions(f"<!-- curator:begin topics sha=1 -->\n{region}\n<!-- curator:end topics -->\n", ours, "t", "")


def list_line(text: str) -> object:
    return find_reworded(f'- <a id="F1"></a>{text}x', ())


def paper_and_its_quotes(text: str) -> object:
    checker = QuoteChecker(document(text))
    checker.grade(CLAIM)
    checker.grade(f"{text[:1200]} … {text[40:400]}x")
    return checker.grade(text[:1500] + " x")


def as_html(text: str) -> object:
    return parse_list(f"<p>{text}", "post.html")


CASES: list[tuple[str, Callable[[str], Any], str, int]] = [
    ("import: bare addresses", as_html, "http://x/a ", 3_000),
    ("import: links in one item", as_html, "<a href='http://x'>a</a> ", 4_000),
    ("import: lines with links", lambda text: as_html(f"topics<br>{text}"), "<a href='http://x'>a</a><br>", 1_500),
    ("import: autolinks", lambda text: parse_list(f"- a {text}"), "<http://x> ", 1_000),
    ("import: sources at the end", lambda text: parse_list(f"## Frames\n\n- a. {text}"), "([a](http://x)) ", 700),
    ("import: notes below an item", lambda text: parse_list(f"## Frames\n\n- A copy.\n{text}"), "  - see a\n", 400),
    ("import: a changelog's lines", lambda text: parse_list(f"## Changelog\n\n{text}"), "a b\n", 1_000),
    ("import: brackets", parse_list, "[", 4_000),
    ("import: emphasis", parse_list, "*a **b ", 700),
    ("import: backticks", parse_list, "`a ``b ", 1_000),
    ("import: comments", parse_list, "<!-- a ", 3_000),
    ("import: quotations", parse_list, "> ", 5_000),
    ("import: footnotes", lambda text: parse_list(f"- a {text}\n\n[^1]: http://x"), "b[^1] ", 500),
    ("import: struck words", lambda text: parse_list(f"## Frames\n\n- {text}"), "~~a~~ [b](http://x) ", 400),
    ("import: a table", lambda text: parse_list(f"| a | b |\n|---|---|\n{text}"), "| a b c d e f | http://x |\n", 200),
    ("import: definitions", lambda text: parse_list(f"- a\n{text}"), "[1]: http://x\n", 500),
    ("answer: damaged JSON", lambda text: list(find_json('{"a": [' + text)), "{'a': 1,}, ", 1_000),
    ("metadata: TeX", lambda text: to_plain_text(text), "\\emph{a} \\\"o ", 80),
    ("suggest: a heading's blanks", suggested_heading, " \t", 8_000),
    ("suggest: columns", suggested_table, "a", 8_000),
    ("suggest: JSON", lambda text: read_suggestions('{"frame": "a", "b": ' + text), '["\\"', 10_000),
    ("feed: references", feed, "&#000", 10_000),
    ("feed: elements", feed, "<a b='c'>d</a>", 5_000),
    ("feed: comments", feed, "<!--a-->", 10_000),
    ("answer: brackets and strings", answer_json, '{"a":"[{', 10_000),
    ("answer: a number's endings", frame_of_an_answer, "1-ss-ss", 50),
    ("paper: one word", paper_and_its_quotes, "a ", 1_000),
    ("paper: citations of May", lambda text: list(find_citations(text)), f"({'m' * 280}, 2020) ", 60),
    ("paper: open citations", paper_and_its_quotes, "(a, 2020 [1, ", 2_000),
    ("paper: ellipses", paper_and_its_quotes, "a … b ", 3_000),
    ("quote: long", lambda text: QuoteChecker(document(CLAIM * 100)).grade(text), "*a *a, ", 4_000),
    ("quote: blanks", lambda text: QuoteChecker(document(CLAIM * 100)).grade(CLAIM[:40] + text), " \n>", 10_000),
    ("list file: edited lines", list_with_edits, "a\n", 1_000),
    ("list file: blanks in a line", list_line, " ", 8_000),
]  # fmt: skip


@pytest.mark.parametrize(("work", "unit", "times"), [case[1:] for case in CASES], ids=[case[0] for case in CASES])
def test_four_times_the_text_costs_about_four_times_the_work(work: Callable[[str], Any], unit: str, times: int) -> None:
    once, more = seconds(work, unit * times), seconds(work, unit * 4 * times)
    assert more <= MOST * once + FLOOR, f"{once:.3f} s for {times} times {unit!r}, {more:.3f} s for four times that"


def test_a_number_with_many_endings_is_looked_at_once() -> None:
    assert find_names("A 1" + "-ss" * 200 + "/x here") == ["1" + "-ss" * 200 + "/x"]
