"""The exports read back to what went in."""

from __future__ import annotations

import csv
import io
import json
from datetime import UTC, date, datetime
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from jsonschema import Draft202012Validator

from curator import publish
from curator.errors import PublishError
from curator.publish.formats import TEXTS
from curator.publish.formats.bibtex import write_bibtex
from curator.publish.formats.registry import frame_rows, write_export
from curator.publish.managed_regions import write_regions
from curator.publish.markdown import render_list
from curator.types import Change, Frame, Question, Support
from curator.warehouse.frames import RetiredFrame
from tests.publish.frames import frame, hostile_text, listing, paper, quote


def exported(format: str, *frames: Frame, **changes: Any) -> str:
    stream = io.BytesIO()
    write_export(format, listing(*frames, **changes), stream)
    assert not stream.closed
    return stream.getvalue().decode()


def read_csv(text: str) -> list[dict[str, str]]:
    return list(csv.DictReader(io.StringIO(text, newline=""), strict=True))


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


def test_json_is_a_versioned_document_with_quotes_as_a_list() -> None:
    document = json.loads(exported("json", frame(1), frame(2), title='A "list"'))
    assert (document["version"], document["title"]) == (1, 'A "list"')
    assert [item["id"] for item in document["frames"]] == ["F1", "F2"]
    assert document["frames"][0]["quotes"][0]["text"] == "Heads copy the token."
    assert document["frames"][0]["accepted"] == "2026-02-03T04:05:00Z"
    assert json.loads(exported("json")) == {
        "version": 1, "title": "A list", "topics": [], "questions": [], "retired": [], "frames": [],
    }  # fmt: skip


@given(hostile_text, st.lists(hostile_text, max_size=3))
def test_json_reads_back_to_the_same_text(text: str, topics: list[str]) -> None:
    [item] = json.loads(exported("json", frame(text=text, topics=tuple(topics))))["frames"]
    assert (item["text"], item["topics"]) == (text, topics)


@given(st.lists(hostile_text, min_size=3, max_size=3))
def test_csv_reads_back_to_the_same_text_and_starts_no_formula(texts: list[str]) -> None:
    text, title, quoted = texts
    [row] = read_csv(exported("csv", frame(text=text, paper=paper(title=title), quotes=(quote(quoted),))))
    for cell, value in ((row["text"], text), (row["title"], title)):
        assert cell == (f"'{value}" if value[:1] in ("=", "+", "-", "@", "\t", "\r", "\n") and value else value)
    assert json.loads(row["quotes"])[0]["text"] == quoted
    assert not any(cell.startswith(("=", "+", "-", "@", "\t", "\r", "\n")) for cell in row.values())


@pytest.mark.parametrize("start", ["=", "+", "-", "@", "\t", "\r", "\n"])
def test_a_csv_cell_that_a_spreadsheet_would_run_gets_an_apostrophe(start: str) -> None:
    [row] = read_csv(exported("csv", frame(text=f"{start}1+1", reviewer=start)))
    assert (row["text"], row["reviewer"]) == (f"'{start}1+1", f"'{start}")


def test_csv_joins_lists_and_leaves_nothing_as_an_empty_cell() -> None:
    text = exported("csv", frame(topics=("a", "b"), question=None, quotes=()))
    assert text.count("\r\n") == 2
    [row] = read_csv(text)
    assert (row["topics"], row["question"], row["page"], row["version"]) == ("a; b", "", "", "1")
    assert row["published"] == "2026-01-05T00:00:00Z"


def test_csv_without_frames_is_its_header() -> None:
    header = exported("csv").rstrip("\r\n").split(",")
    assert header == list(next(frame_rows([frame()])))


def test_markdown_is_the_list_as_it_would_be_laid_out_anew() -> None:
    stream = io.BytesIO()
    changes = [Change(date(2026, 1, 2), "added", "F12", "One.")]
    told = listing(frame(), title="T", about="About.", topics=("Learning",), changes=changes)
    write_export("md", told, stream)
    expected = write_regions(None, render_list(told), "T", "About.")
    assert stream.getvalue().decode() == expected


def test_bibtex_holds_every_entry() -> None:
    frames = (frame(1), frame(2, paper=paper(id="2402.00001")))
    assert exported("bibtex", *frames) == "".join(f"{entry}\n" for entry in write_bibtex(frames))


@pytest.mark.parametrize("format", TEXTS)
def test_every_format_gives_the_same_bytes_twice_and_takes_what_no_file_can_hold(format: str) -> None:
    odd = frame(text="lone \ud800 surrogate", paper=paper(title="lone \udfff"))
    assert exported(format, odd) == exported(format, odd) != ""


def test_an_unknown_format_is_refused_with_the_known_ones() -> None:
    with pytest.raises(PublishError, match="md, json, csv, bibtex"):
        exported("docx", frame())


SCHEMA = json.loads(Path(publish.__file__).with_name("list.schema.json").read_text(encoding="utf-8"))


def test_json_is_as_its_schema_says_and_the_schema_knows_every_key() -> None:
    Draft202012Validator.check_schema(SCHEMA)
    absent = quote(grade="absent", spans=(), section=None)
    odd = frame(2, question="Why?", quotes=(quote(), absent), paper=paper(id="none"), accepted=datetime(2026, 2, 3))
    wanted = frame(3, paper=paper(id="none:1", place="none"), quotes=())
    questions = [Question("Q1", "Why?", None, ("F1",))]
    gone = {"F9": RetiredFrame("F9", "c0", "Gone.", "functional", "rejected", "old", "F1", "Ana", datetime(2026, 2, 3))}
    told = exported("json", frame(1), odd, wanted, questions=questions, retired=gone, topics=("A",))
    assert "Ana" not in told.replace('"reviewer": "Ana"', "")
    document = json.loads(told)
    assert (document["frames"][2]["paper"], document["frames"][2]["sources"]) == (None, [])
    Draft202012Validator(SCHEMA, format_checker=Draft202012Validator.FORMAT_CHECKER).validate(document)
    keys = SCHEMA["$defs"]["frame"]
    assert set(document["frames"][0]) == set(keys["properties"]) == set(keys["required"])
    assert set(document["frames"][0]["quotes"][0]) == set(SCHEMA["$defs"]["quote"]["properties"])


@pytest.mark.parametrize("change", [{"kind": "moral"}, {"id": "12"}, {"quotes": [{}]}, {"accepted": "yesterday"}])
def test_the_schema_refuses_what_is_no_list(change: dict[str, object]) -> None:
    document = json.loads(exported("json", frame(1)))
    document["frames"][0] |= change
    checker = Draft202012Validator(SCHEMA, format_checker=Draft202012Validator.FORMAT_CHECKER)
    assert not checker.is_valid(document)
