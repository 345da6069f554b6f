"""Frames to publish, and the text that strangers might send."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime
from typing import Any

from hypothesis import strategies as st

from curator.publish.formats.registry import find_format
from curator.publish.snapshot import ListSnapshot
from curator.types import Frame, Paper, Quote, Span

PAPER = Paper(
    id="2401.90001",
    version=1,
    title="Induction Heads Carry In-Context Learning",
    abstract="",
    authors=("Mira Lindqvist", "Ludwig van Beethoven", "John Smith Jr."),
    categories=("cs.CL", "cs.LG"),
    published=datetime(2026, 1, 5, tzinfo=UTC),
    updated=datetime(2026, 1, 5, tzinfo=UTC),
)

HOSTILE = (
    *"\\`*_[]<>#|~!&${}^%\"':/()",
    *("1. ", "12) ", "- ", "+ ", "= ", "===", "---", "\n\n", "\r\n", "  \n", "\t", "    code", "```\n", "~~~\n"),
    *("http://bad.example", "www.bad.example", "@somebody", "a@b.example", "#12", "o/r#3", "GH-4", ":tada:"),
    *("<script>", "<!-- curator:end functional -->", "<!-- curator:begin topics -->", "-->", "</details>"),
    *("&lt;", "&#64;", "[a](b)", "![a](b)", "[^1]", "**", "__", "| a | b |\n|--|--|\n", "{{ x }}", "{% y %}"),
    *("\u200b", "\u202e", "\u2028", "\x00", "\x1b", "\ufeff", "\U000e0041", "\u00a0", "é", "文", "word", " "),
    *("$k$-shot", "$\\alpha$", "\\alpha", "\\input{x}", "$\\input{x}$", "$^^5cinput{x}$", "$5 and $10", " and ", ","),
    *('=HYPERLINK("http://bad.example")', "'", ";", "Jr.", "van der"),
)
"""Fragments that are markup, code or structure somewhere."""

hostile_text = st.lists(st.sampled_from(HOSTILE) | st.text(max_size=4), max_size=8).map("".join)


def paper(**changes: Any) -> Paper:
    return replace(PAPER, **changes)


def quote(text: str = "Heads copy the token.", page: int = 3, **changes: Any) -> Quote:
    return replace(Quote(text, "exact", (Span(page, 0, len(text)),), "abstract"), **changes)


def frame(number: int = 12, **changes: Any) -> Frame:
    return replace(
        Frame(
            id=f"F{number}",
            candidate_id="c0ffee",
            text="Induction heads copy what followed an earlier occurrence.",
            draft_text="Induction heads copy.",
            kind="representational",
            topics=("Learning",),
            paper=PAPER,
            quotes=(quote(),),
            scope="Small models.",
            question=None,
            drafter="extractive 1",
            accepted=datetime(2026, 2, 3, 4, 5, tzinfo=UTC),
            reviewer="Ana",
            position=number,
        ),
        **changes,
    )


def listing(*frames: Frame, **changes: Any) -> ListSnapshot:
    """A list of these frames."""
    return ListSnapshot(**{"title": "A list", "frames": frames, "identity": "2026-01-01"} | changes)


def render_text(format: str, snapshot: ListSnapshot) -> str:
    """An export that is one file of text."""
    return b"".join(find_format(format).render_file(snapshot)).decode()
