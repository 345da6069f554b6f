"""The bundled sample papers: invented, labelled as such, and as awkward to read back as real papers."""

from __future__ import annotations

import re
import subprocess
import sys
import tomllib
from pathlib import Path
from typing import Any

import pymupdf
import pytest

from curator.demo.holdings import Holdings
from curator.demo.samples import FIRST_DAY, PAPERS, load_sample_papers
from curator.demo.search_query import parse_query
from curator.demo.server import ArxivServer, HeldPaper
from tests.typesetting.typeset import NOTICE

DAMAGED = "2610.90016v1"
MAX_PDF_BYTES = 150 * 1024
ROOT = Path(__file__).parents[2]
mupdf: Any = pymupdf


def readable_papers() -> list[HeldPaper]:
    return [held for held in load_sample_papers() if held.paper.versioned_id != DAMAGED]


def read_text(held: HeldPaper) -> str:
    with mupdf.open(stream=held.pdf) as document:
        return "\n".join(page.get_text() for page in document)


def test_there_are_sixteen_papers_and_one_of_them_has_two_versions() -> None:
    names = [held.paper.versioned_id for held in load_sample_papers()]
    assert len(set(names)) == len(names) == 17
    assert [name for name in names if "90003" in name] == ["2610.90003v1", "2610.90003v2"]
    assert all(name.startswith("2610.9") for name in names)


def test_every_bundled_pdf_is_in_the_catalogue_and_small() -> None:
    files = {path.stem: path.stat().st_size for path in PAPERS.glob("*.pdf")}
    assert set(files) == {held.paper.versioned_id for held in load_sample_papers()}
    assert max(files.values()) <= MAX_PDF_BYTES


@pytest.mark.parametrize("held", readable_papers(), ids=lambda held: held.paper.versioned_id)
def test_page_one_of_a_sample_says_that_the_paper_is_invented(held: HeldPaper) -> None:
    with mupdf.open(stream=held.pdf) as document:
        assert NOTICE in document[0].get_text()
        assert 2 <= len(document) <= 4
        assert document.metadata["title"] == held.paper.title


@pytest.mark.parametrize("held", readable_papers(), ids=lambda held: held.paper.versioned_id)
def test_a_sample_has_ligatures_and_words_hyphenated_at_line_ends(held: HeldPaper) -> None:
    text = read_text(held)
    assert len(set(re.findall("[ﬀ-ﬄ]", text))) >= 2
    assert not re.search("f[fil]", text)
    assert re.search(r"[a-zﬀ-ﬄ]-\n[a-z]", text)
    assert "�" not in text


def test_samples_break_a_compound_word_at_its_own_hyphen() -> None:
    assert re.search(r"\bin-\ncontext", "".join(read_text(held) for held in readable_papers()))


def test_the_damaged_sample_is_a_pdf_that_cannot_be_read() -> None:
    (held,) = (held for held in load_sample_papers() if held.paper.versioned_id == DAMAGED)
    assert isinstance(held.pdf, bytes)
    assert held.pdf.startswith(b"%PDF-")
    assert b"%%EOF" not in held.pdf
    try:
        with mupdf.open(stream=held.pdf) as document:
            assert len(document) == 0
    except mupdf.FileDataError:
        pass


def test_no_sample_is_older_than_the_first_day() -> None:
    assert min(held.paper.published for held in load_sample_papers()) >= FIRST_DAY
    assert all(held.paper.published <= held.paper.updated for held in load_sample_papers())


def test_the_bundled_topics_find_every_sample_but_the_coral_reef() -> None:
    topics = tomllib.loads((ROOT / "curator.toml").read_text(encoding="utf-8"))["topics"]
    holdings = Holdings(load_sample_papers())
    found = [{held.paper.id for held, _ in holdings.search(parse_query(topic["query"]))} for topic in topics]
    assert all(found)
    all_ids = {held.paper.id for held in load_sample_papers()}
    assert all_ids - set().union(*found) == {"2610.90014"}  # the paper on tram crews mentions refusal


def test_samples_contain_a_prompt_injection_and_a_sentence_with_a_number_like_ours() -> None:
    text = " ".join("".join(read_text(held) for held in readable_papers()).split())
    assert "“Ignore previous instructions and" in text
    assert "<12> We ﬁnd" in text


def test_samples_load_and_are_served_without_pymupdf() -> None:
    program = (
        "import sys\n"
        "from curator.demo.server import ArxivServer\n"
        "from curator.demo.samples import load_sample_papers\n"
        "with ArxivServer(load_sample_papers()): pass\n"
        "assert 'pymupdf' not in sys.modules\n"
    )
    subprocess.run([sys.executable, "-c", program], check=True)


def test_the_server_returns_the_latest_version_of_a_sample_by_default() -> None:
    with ArxivServer(load_sample_papers()) as server:
        latest = server.holdings.find("2610.90003")
        assert latest is not None
        assert latest is server.holdings.find("2610.90003", 2)
