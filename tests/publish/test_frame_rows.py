"""A frame as a flat row."""

from __future__ import annotations

from datetime import UTC, datetime

from curator.publish.frame_rows import frame_rows
from curator.types import Support
from tests.publish.frames import frame, paper, quote


def test_a_row_holds_the_frame_and_its_whole_trace() -> None:
    absent = quote("No.", grade="absent", spans=(), section=None)
    other = paper(id="2402.00001", version=4)
    judged = Support("partly", "A word.", "lexical 1", ("scope",), "Heads copy.", "draft", current=False)
    quotes = (absent, quote(page=5, paper="2402.00001v4"))
    [row] = frame_rows([frame(quotes=quotes, sources=(other,), question="Why?", support=(judged,))])
    assert row == {
        "id": "F12",
        "kind": "representational",
        "text": "Induction heads copy what followed an earlier occurrence.",
        "topics": ["Learning"],
        "paper": "2401.90001",
        "version": 1,
        "title": "Induction Heads Carry In-Context Learning",
        "authors": ["Mira Lindqvist", "Ludwig van Beethoven", "John Smith Jr."],
        "published": datetime(2026, 1, 5, tzinfo=UTC),
        "page": None,  # of the first source, of which no quote holds
        "quotes": '[{"text": "No.", "paper": "2401.90001v1", "grade": "absent", "page": null, "section": null, '
        '"contradicts": false}, '
        '{"text": "Heads copy the token.", "paper": "2402.00001v4", '
        '"grade": "exact", "page": 5, "section": "abstract", "contradicts": false}]',
        "grades": ["absent", "exact"],
        "scope": "Small models.",
        "question": "Why?",
        "draft_text": "Induction heads copy.",
        "drafter": "extractive 1",
        "reviewer": "Ana",
        "accepted": datetime(2026, 2, 3, 4, 5, tzinfo=UTC),
        "url": "https://arxiv.org/abs/2401.90001v1",
        "sources": ["2401.90001v1", "2402.00001v4"],
        "candidate": "c0ffee",
        "contradicted_by": [],
        "author": None,
        "pinned": False,
        "section": None,
        "support": '[{"verdict": "partly", "reason": "A word.", "overreach": ["scope"], "checker": "lexical 1", '
        '"of": "draft", "text": "Heads copy.", "current": false}]',
    }
