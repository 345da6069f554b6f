"""The bundled PDFs and their catalogue are the ones that the Markdown sources give."""

from __future__ import annotations

import re
from dataclasses import replace
from pathlib import Path
from typing import Any

import pymupdf
import pytest

from curator.demo.samples import CATALOGUE, PAPERS, load_catalogue
from tests.typesetting.demo_data import format_catalogue, is_truncated, load_sources, make_pdf, write_demo_data
from tests.typesetting.markup import parse_source
from tests.typesetting.typeset import typeset

SOURCES = dict(load_sources())
WHOLE = {name: source for name, source in SOURCES.items() if not is_truncated(source)}
DAMAGED = {name: source for name, source in SOURCES.items() if is_truncated(source)}
METADATA = ("title", "author", "subject", "creator", "creationDate")
PICTURE_DPI = 40
MAX_GREY_DIFFERENCE = 40  # of 255: versions of PyMuPDF may smooth an edge in their own way
MAX_DIFFERING_SHARE = 0.0002  # of a page's pixels: about 30, less than a figure's bar that is 4 % too high
mupdf: Any = pymupdf


@pytest.fixture(scope="module")
def typeset_pdfs() -> dict[str, bytes]:
    """Each readable sample paper, typeset by the installed PyMuPDF."""
    return {name: typeset(source) for name, source in WHOLE.items()}


def read_shipped(name: str) -> bytes:
    return (PAPERS / f"{name}.pdf").read_bytes()


def read_pages(pdf: bytes) -> list[str]:
    with mupdf.open(stream=pdf) as document:
        return [page.get_text() for page in document]


def read_metadata(pdf: bytes) -> list[str]:
    with mupdf.open(stream=pdf) as document:
        return [document.metadata[key] for key in METADATA]


def draw_pages(pdf: bytes) -> list[bytes]:
    with mupdf.open(stream=pdf) as document:
        return [page.get_pixmap(dpi=PICTURE_DPI, colorspace=mupdf.csGRAY).samples for page in document]


def find_differing_share(picture: bytes, other: bytes) -> float:
    assert len(picture) == len(other)
    pairs = zip(picture, other, strict=True)
    return sum(abs(grey - grey_there) > MAX_GREY_DIFFERENCE for grey, grey_there in pairs) / len(picture)


def find_largest_difference(pdf: bytes, other: bytes) -> float:
    pairs = zip(draw_pages(pdf), draw_pages(other), strict=True)
    return max(find_differing_share(*pair) for pair in pairs)


@pytest.mark.parametrize("name", WHOLE)
def test_a_shipped_pdf_has_the_text_and_pictures_that_its_source_gives(
    name: str, typeset_pdfs: dict[str, bytes]
) -> None:
    shipped, made = read_shipped(name), typeset_pdfs[name]
    hint = f"{name}.pdf is not what its source gives: run `make demo-data`"
    assert read_pages(shipped) == read_pages(made), hint
    assert read_metadata(shipped) == read_metadata(made), hint
    assert find_largest_difference(shipped, made) <= MAX_DIFFERING_SHARE, hint


def test_the_comparison_of_pictures_sees_a_small_change_in_a_figure() -> None:
    front = dict(SOURCES["2610.90007v1"].front)
    front["figure1"] = front["figure1"].replace("shared = 0.38", "shared = 0.42")
    changed = replace(SOURCES["2610.90007v1"], front=front)
    assert find_largest_difference(read_shipped("2610.90007v1"), typeset(changed)) > MAX_DIFFERING_SHARE


@pytest.mark.parametrize("name", DAMAGED)
def test_a_damaged_pdf_is_the_beginning_of_a_whole_one(name: str) -> None:
    """Its pages cannot be compared: the table that leads to them is cut off."""
    shipped, made = read_shipped(name), make_pdf(DAMAGED[name])
    assert len(read_pages(typeset(DAMAGED[name]))) >= 2
    assert shipped[:8] == made[:8]
    assert len(shipped) == pytest.approx(len(made), rel=0.1)


def test_the_shipped_catalogue_is_the_one_that_the_sources_give() -> None:
    assert (PAPERS / CATALOGUE).read_text(encoding="utf-8") == format_catalogue(), "run `make demo-data`"


def test_the_catalogue_reads_back_as_the_papers_that_the_sources_describe() -> None:
    papers = {held.paper.versioned_id: held.paper for held in load_catalogue(PAPERS / CATALOGUE, PAPERS)}
    assert papers == {name: source.paper for name, source in SOURCES.items()}


def test_writing_the_demo_data_replaces_what_an_earlier_run_wrote(tmp_path: Path) -> None:
    stale, readme = tmp_path / "2610.00001v1.pdf", tmp_path / "notes.txt"
    for path in (stale, readme):
        path.write_bytes(b"old")
    write_demo_data(tmp_path)
    assert {path.name for path in tmp_path.iterdir()} == {
        "notes.txt", CATALOGUE, *(f"{name}.pdf" for name in SOURCES)
    }  # fmt: skip
    assert {held.pdf for held in load_catalogue(tmp_path / CATALOGUE, tmp_path)} == set(tmp_path.glob("*.pdf"))


def test_typesetting_a_source_again_gives_the_same_bytes(typeset_pdfs: dict[str, bytes]) -> None:
    name = next(iter(WHOLE))
    assert typeset(WHOLE[name]) == typeset_pdfs[name]


@pytest.mark.parametrize("name", WHOLE)
def test_every_word_of_the_source_is_in_the_pdf(name: str) -> None:
    source = WHOLE[name]
    printed = strip_typesetting("\n".join(read_pages(read_shipped(name))))
    texts = [source.abstract, *(block.text for block in source.blocks), *source.footnotes.values()]
    sentences = [sentence for text in texts for sentence in re.split(r"(?<=[.?:]) ", text) if "[^" not in sentence]
    assert not [word for sentence in sentences for word in sentence.split() if strip_typesetting(word) not in printed]


def strip_typesetting(text: str) -> str:
    """Remove what typesetting adds or moves: ligatures, curly quotation marks, hyphens and blanks."""
    for sign, letters in {"ﬀ": "ff", "ﬁ": "fi", "ﬂ": "fl", "ﬃ": "ffi", "ﬄ": "ffl", "“": '"', "”": '"'}.items():
        text = text.replace(sign, letters)
    return re.sub(r"[-\s*]", "", text.replace("’", "'").replace("‘", "'"))


HEAD = "---\nid: 2610.99999\nversion: 1\ntitle: T\nauthors: A. Person\ncategories: cs.CL\n"
DATES = "published: 2026-10-05T14:12:00Z\nupdated: 2026-10-05T14:12:00Z\n---\n\n"


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("# Abstract\n\nNo front matter.", "front matter"),
        (HEAD + DATES + "## 1 Introduction\n\nNo abstract.", "# Abstract"),
    ],
)
def test_a_source_without_front_matter_or_abstract_is_refused(text: str, message: str) -> None:
    with pytest.raises(ValueError, match=message):
        parse_source(text)


@pytest.mark.parametrize(
    ("extra", "body", "message"),
    [
        ("", "A snowman: ☃.", "no glyph for '☃'"),
        ("", "![A figure.](figure1)", "does not describe figure1"),
        ("figure1: pie | a | b | c = 1\n", "![A figure.](figure1)", "cannot be drawn"),
        ("figure1: bars | a | b | c = much\n", "![A figure.](figure1)", "cannot be drawn"),
    ],
)
def test_a_source_that_cannot_be_typeset_is_refused(extra: str, body: str, message: str) -> None:
    source = parse_source(HEAD + extra + DATES + f"# Abstract\n\nWe find it.\n\n## 1 Introduction\n\n{body}")
    with pytest.raises(ValueError, match=message):
        typeset(source)
