"""A page's picture shows what a person sees, where the reader says that it stands; it is drawn once and kept."""

from __future__ import annotations

import os
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import suppress
from pathlib import Path
from typing import Any

import pymupdf as _pymupdf
import pytest

from curator.errors import PaperError, PdfUnavailable, PdfUnreadable
from curator.pdf.page_images import PageImages
from curator.pdf.reader import Reader, ReadLimits
from curator.quotes.highlight import find_highlights
from curator.types import Span
from tests.helpers.forms import form
from tests.pdf.mutants import hostile
from tests.pdf.pdfs import Sheets, prose

pymupdf: Any = _pymupdf
PHRASE = "a phrase that stands by itself on this page"


@pytest.fixture(scope="module")
def reader() -> Iterator[Reader]:
    with Reader(ReadLimits(seconds=20, workers=1)) as made:
        made.warm_up()
        yield made


@pytest.fixture(scope="module")
def hurried() -> Iterator[Reader]:
    """A reader with little time for each file: some hostile ones take all that they are given."""
    with Reader(ReadLimits(seconds=form(4, 20), workers=1)) as made:
        yield made


def saved(folder: Path, sheets: Sheets, name: str = "paper") -> Path:
    file = folder / f"{name}.pdf"
    file.write_bytes(sheets.data())
    return file


def one_phrase(turn: int = 0, crop: tuple[float, float, float, float] | None = None) -> Sheets:
    sheets = Sheets()
    sheets.line(120, 300, PHRASE, 12)
    if crop:
        sheets.page.set_cropbox(pymupdf.Rect(*crop))
    sheets.page.set_rotation(turn)
    return sheets


def ink(picture: Any, left: float, top: float, right: float, bottom: float) -> int:
    """How many pixels of this part are dark."""
    grey = pymupdf.Pixmap(pymupdf.csGRAY, picture)
    samples, width = grey.samples, grey.width
    return sum(
        samples[y * width + x] < 128
        for y in range(max(0, int(top)), min(grey.height, int(bottom) + 1))
        for x in range(max(0, int(left)), min(width, int(right) + 1))
    )


@pytest.mark.parametrize("turn", [0, 90, 180, 270])
@pytest.mark.parametrize("crop", [None, (60, 100, 500, 600)])
def test_a_highlight_lies_on_the_ink_of_its_passage(
    reader: Reader, tmp_path: Path, turn: int, crop: tuple[float, float, float, float] | None
) -> None:
    file = saved(tmp_path, one_phrase(turn, crop))
    (page,) = reader.read(file, "2501.01234", 1).pages
    picture = pymupdf.Pixmap(reader.render_page(file, 1, 1200))
    zoom = picture.width / page.width
    assert picture.height == pytest.approx(page.height * zoom, abs=1)
    marks = find_highlights([page], [Span(1, 0, len(page.text))])
    assert marks
    inside = sum(
        ink(picture, x0 * zoom - 2, y0 * zoom - 2, x1 * zoom + 2, y1 * zoom + 2) for _, x0, y0, x1, y1 in marks
    )
    everywhere = ink(picture, 0, 0, picture.width, picture.height)
    assert inside == everywhere > 200


def test_notes_are_drawn_as_a_viewer_shows_them(reader: Reader, tmp_path: Path) -> None:
    sheets = one_phrase()
    plain = ink(pymupdf.Pixmap(reader.render_page(saved(tmp_path, sheets), 1, 800)), 0, 0, 800, 2000)
    sheets.page.draw_rect(pymupdf.Rect(100, 500, 200, 550), fill=(0, 0, 0))
    sheets.page.add_freetext_annot(pymupdf.Rect(300, 500, 400, 550), "note", fill_color=(0, 0, 0))
    both = ink(pymupdf.Pixmap(reader.render_page(saved(tmp_path, sheets, "noted"), 1, 800)), 0, 0, 800, 2000)
    assert both - plain > 1.8 * (100 * 50) * (800 / 612) ** 2


def test_a_page_that_there_is_not_is_said_to_be_missing(reader: Reader, tmp_path: Path) -> None:
    file = saved(tmp_path, one_phrase())
    for number in (0, 2, -1):
        with pytest.raises(PdfUnavailable, match="1 pages; there is no page") as caught:
            reader.render_page(file, number, 800)
        assert caught.value.code == "no-page"


def test_an_endless_page_is_drawn_smaller(reader: Reader, tmp_path: Path) -> None:
    sheets = Sheets()
    sheets.add(200, 14_000)
    picture = pymupdf.Pixmap(reader.render_page(saved(tmp_path, sheets), 2, 2400))
    assert picture.width * picture.height <= 12_100_000
    assert picture.height / picture.width == pytest.approx(70, rel=0.01)


def test_a_locked_pdf_says_so(reader: Reader, tmp_path: Path) -> None:
    file = tmp_path / "locked.pdf"
    file.write_bytes(one_phrase().data(encryption=pymupdf.PDF_ENCRYPT_AES_256, user_pw="x", owner_pw="y"))
    with pytest.raises(PdfUnreadable) as caught:
        reader.render_page(file, 1, 800)
    assert caught.value.code == "encrypted"


@pytest.mark.parametrize("name", sorted(hostile()))
def test_a_hostile_pdf_costs_its_own_picture_only(hurried: Reader, tmp_path: Path, name: str) -> None:
    file = tmp_path / "hostile.pdf"
    file.write_bytes(hostile()[name])
    with suppress(PaperError):
        assert hurried.render_page(file, 1, 800).startswith(b"\x89PNG")
    good = saved(tmp_path, one_phrase(), "good")
    assert hurried.render_page(good, 1, 800).startswith(b"\x89PNG")


class TestKeeping:
    @pytest.fixture
    def pdf(self, tmp_path: Path) -> Path:
        sheets = Sheets()
        sheets.justified(60, 80, 492, prose("one", 20))
        return saved(tmp_path, sheets)

    def test_a_picture_is_drawn_once(self, reader: Reader, tmp_path: Path, pdf: Path) -> None:
        pictures = PageImages(reader, tmp_path / "pictures", 10)
        first = pictures.get(pdf, 1, 1100)
        assert pymupdf.Pixmap(first).width == 1200
        with Reader(ReadLimits(workers=1), command=["/nonexistent"]) as gone:
            assert PageImages(gone, tmp_path / "pictures", 10).get(pdf, 1, 1200) == first

    def test_many_who_ask_at_once_get_the_same(self, reader: Reader, tmp_path: Path, pdf: Path) -> None:
        pictures = PageImages(reader, tmp_path / "pictures", 10)
        with ThreadPoolExecutor(8) as pool:
            found = list(pool.map(lambda _: pictures.get(pdf, 1, 800), range(8)))
        assert len(set(found)) == 1
        assert len(list((tmp_path / "pictures").iterdir())) == 1

    def test_a_changed_file_gets_another_picture(self, reader: Reader, tmp_path: Path, pdf: Path) -> None:
        pictures = PageImages(reader, tmp_path / "pictures", 10)
        before = pictures.get(pdf, 1, 800)
        saved(tmp_path, one_phrase())
        os.utime(pdf, (1, 1))
        assert pictures.get(pdf, 1, 800) != before

    @pytest.mark.parametrize("damage", [b"", b"\x89PNG\r\n\x1a\n half of it", b"<script>"])
    def test_a_damaged_picture_is_drawn_again(self, reader: Reader, tmp_path: Path, pdf: Path, damage: bytes) -> None:
        pictures = PageImages(reader, tmp_path / "pictures", 10)
        good = pictures.get(pdf, 1, 800)
        (kept,) = (tmp_path / "pictures").iterdir()
        kept.write_bytes(damage)
        assert pictures.get(pdf, 1, 800) == good
        assert kept.read_bytes() == good

    def test_those_not_used_for_longest_make_room(self, reader: Reader, tmp_path: Path, pdf: Path) -> None:
        folder = tmp_path / "pictures"
        folder.mkdir()
        for number in range(20):
            (folder / f"{number:02}.png").write_bytes(bytes(100_000))
            os.utime(folder / f"{number:02}.png", (number, number))
        PageImages(reader, folder, 1).get(pdf, 1, 800)
        left = {file.name for file in folder.iterdir()}
        assert sum(file.stat().st_size for file in folder.iterdir()) <= 1_000_000
        assert "19.png" in left
        assert "00.png" not in left
        assert len(left) >= 8

    def test_a_folder_that_cannot_be_written_costs_no_picture(self, reader: Reader, tmp_path: Path, pdf: Path) -> None:
        (tmp_path / "pictures").write_text("a file where the folder would be")
        assert PageImages(reader, tmp_path / "pictures", 10).get(pdf, 1, 800).startswith(b"\x89PNG")

    def test_a_missing_pdf_is_said_to_be_missing(self, reader: Reader, tmp_path: Path) -> None:
        with pytest.raises(PdfUnavailable) as caught:
            PageImages(reader, tmp_path / "pictures", 10).get(tmp_path / "none.pdf", 1, 800)
        assert caught.value.code == "missing"
