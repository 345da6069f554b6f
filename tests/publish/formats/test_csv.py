"""CSV reads back to the same text, and no cell is a formula."""

from __future__ import annotations

import csv
import io
import json

import pytest
from hypothesis import given
from hypothesis import strategies as st

from curator.publish.frame_rows import frame_rows
from tests.publish.frames import frame, hostile_text, listing, paper, quote, render_text


def read_csv(text: str) -> list[dict[str, str]]:
    return list(csv.DictReader(io.StringIO(text, newline=""), strict=True))


@given(st.lists(hostile_text, min_size=3, max_size=3))
def test_csv_reads_back_to_the_same_text_and_starts_no_formula(texts: list[str]) -> None:
    text, title, quoted = texts
    [row] = read_csv(render_text("csv", listing(frame(text=text, paper=paper(title=title), quotes=(quote(quoted),)))))
    for cell, value in ((row["text"], text), (row["title"], title)):
        assert cell == (f"'{value}" if value[:1] in ("=", "+", "-", "@", "\t", "\r", "\n") and value else value)
    assert json.loads(row["quotes"])[0]["text"] == quoted
    assert not any(cell.startswith(("=", "+", "-", "@", "\t", "\r", "\n")) for cell in row.values())


@pytest.mark.parametrize("start", ["=", "+", "-", "@", "\t", "\r", "\n"])
def test_a_csv_cell_that_a_spreadsheet_would_run_gets_an_apostrophe(start: str) -> None:
    [row] = read_csv(render_text("csv", listing(frame(text=f"{start}1+1", reviewer=start))))
    assert (row["text"], row["reviewer"]) == (f"'{start}1+1", f"'{start}")


def test_csv_joins_lists_and_leaves_nothing_as_an_empty_cell() -> None:
    text = render_text("csv", listing(frame(topics=("a", "b"), question=None, quotes=())))
    assert text.count("\r\n") == 2
    [row] = read_csv(text)
    assert (row["topics"], row["question"], row["page"], row["version"]) == ("a; b", "", "", "1")
    assert row["published"] == "2026-01-05T00:00:00Z"


def test_csv_without_frames_is_its_header() -> None:
    header = render_text("csv", listing()).rstrip("\r\n").split(",")
    assert header == list(next(frame_rows([frame()])))
