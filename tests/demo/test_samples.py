"""The sample papers: they are what they say they are, and as awkward to read back as real ones."""

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
from curator.demo.markup import parse_source
from curator.demo.samples import FIRST_DAY, PAPERS, sample_papers
from curator.demo.search_query import parse_query
from curator.demo.server import ArxivServer, HeldPaper
from curator.demo.typeset import NOTICE, typeset

BROKEN = "2610.90016v1"
REPOSITORY = Path(__file__).parents[2]
mupdf: Any = pymupdf


def readable() -> list[HeldPaper]:
    return [held for held in sample_papers() if held.paper.versioned_id != BROKEN]


def text_of(held: HeldPaper) -> str:
    with mupdf.open(stream=held.pdf) as document:
        return "\n".join(page.get_text() for page in document)


def test_there_are_sixteen_papers_and_one_of_them_has_two_versions() -> None:
    names = [held.paper.versioned_id for held in sample_papers()]
    assert len(set(names)) == len(names) == 17
    assert [name for name in names if "90003" in name] == ["2610.90003v1", "2610.90003v2"]
    assert all(name.startswith("2610.9") for name in names)


@pytest.mark.parametrize("held", readable(), ids=lambda held: held.paper.versioned_id)
def test_a_sample_says_on_page_one_that_it_is_invented(held: HeldPaper) -> None:
    with mupdf.open(stream=held.pdf) as document:
        assert NOTICE in document[0].get_text()
        assert 2 <= len(document) <= 4
        assert document.metadata["title"] == held.paper.title


@pytest.mark.parametrize("held", readable(), ids=lambda held: held.paper.versioned_id)
def test_a_sample_has_ligature_signs_and_words_cut_at_line_ends(held: HeldPaper) -> None:
    text = text_of(held)
    assert len(set(re.findall("[ﬀ-ﬄ]", text))) >= 2
    assert not re.search("f[fil]", text)
    assert re.search(r"[a-zﬀ-ﬄ]-\n[a-z]", text)
    assert "�" not in text


def test_samples_break_words_that_have_hyphens_of_their_own() -> None:
    assert re.search(r"\bin-\ncontext", "".join(text_of(held) for held in readable()))


@pytest.mark.parametrize("held", readable(), ids=lambda held: held.paper.versioned_id)
def test_every_word_of_the_source_is_in_the_file(held: HeldPaper) -> None:
    source = parse_source((PAPERS / f"{held.paper.versioned_id}.md").read_text(encoding="utf-8"))
    printed = bare(text_of(held))
    texts = [source.abstract, *(block.text for block in source.blocks), *source.footnotes.values()]
    for text in texts:
        for sentence in re.split(r"(?<=[.?:]) ", text):
            if "[^" in sentence:
                continue
            for word in sentence.split():
                assert bare(word) in printed


def bare(text: str) -> str:
    """Without anything that typesetting adds or a page break may come between."""
    for sign, letters in {"ﬀ": "ff", "ﬁ": "fi", "ﬂ": "fl", "ﬃ": "ffi", "ﬄ": "ffl", "“": '"', "”": '"'}.items():
        text = text.replace(sign, letters)
    return re.sub(r"[-\s*]", "", text.replace("’", "'").replace("‘", "'"))


def test_the_damaged_sample_is_a_pdf_that_cannot_be_read() -> None:
    (held,) = (held for held in sample_papers() if held.paper.versioned_id == BROKEN)
    assert isinstance(held.pdf, bytes)
    assert held.pdf.startswith(b"%PDF-")
    assert b"%%EOF" not in held.pdf
    try:
        with mupdf.open(stream=held.pdf) as document:
            assert len(document) == 0
    except mupdf.FileDataError:
        pass


def test_typesetting_twice_gives_the_same_bytes_and_small_ones() -> None:
    for held in readable():
        source = parse_source((PAPERS / f"{held.paper.versioned_id}.md").read_text(encoding="utf-8"))
        assert typeset(source) == held.pdf
        assert isinstance(held.pdf, bytes)
        assert len(held.pdf) <= 150 * 1024


def test_no_sample_is_older_than_the_first_day() -> None:
    dates = [held.paper.published for held in sample_papers()]
    assert min(dates) >= FIRST_DAY
    assert all(held.paper.published <= held.paper.updated for held in sample_papers())


def test_the_shipped_topics_find_the_samples() -> None:
    topics = tomllib.loads((REPOSITORY / "curator.toml").read_text(encoding="utf-8"))["topics"]
    shelf = Holdings(sample_papers())
    found = [{held.paper.id for held, _ in shelf.search(parse_query(topic["query"]))} for topic in topics]
    assert all(found)
    everything = {held.paper.id for held in sample_papers()}
    assert everything - set().union(*found) == {"2610.90014"}  # the coral reef; the tram crews speak of refusal


def test_a_sample_talks_to_models_and_shows_a_numbered_line() -> None:
    text = " ".join("".join(text_of(held) for held in readable()).split())
    assert "“Ignore previous instructions and" in text
    assert "<12> We ﬁnd" in text


def test_the_server_serves_the_samples_without_pymupdf_until_they_are_typeset() -> None:
    program = "import sys, curator.demo.samples, curator.demo.server\nassert 'pymupdf' not in sys.modules\n"
    subprocess.run([sys.executable, "-c", program], check=True)
    with ArxivServer(sample_papers()) as server:
        assert server.holdings.find("2610.90003") is server.holdings.find("2610.90003", 2)
