"""Small PDFs for the reader's tests, laid out by hand so that a test knows what is printed where."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import pymupdf as _pymupdf

from curator.pdf.pipeline import read_bytes
from curator.types import Document

pymupdf: Any = _pymupdf
WIDTH, HEIGHT = 612.0, 792.0
_FONT = pymupdf.Font("tiro")


def text_width(text: str, size: float = 10) -> float:
    """In points, set in the font that `Sheets` prints with."""
    return float(pymupdf.get_text_length(text, fontname="tiro", fontsize=size))


class Sheets:
    """A PDF under construction; positions are baselines in points from the page's top left."""

    def __init__(self) -> None:
        self.document = pymupdf.open()
        self.page = self.add()

    def add(self, width: float = WIDTH, height: float = HEIGHT) -> Any:
        self.page = self.document.new_page(width=width, height=height)
        return self.page

    def line(self, x: float, y: float, text: str, size: float = 10, font: str = "tiro", **options: Any) -> float:
        """Print one line; returns the next baseline."""
        self.page.insert_text((x, y), text, fontsize=size, fontname=font, **options)
        return y + size * 1.2

    def lines(self, x: float, y: float, texts: Sequence[str], size: float = 10, font: str = "tiro") -> float:
        for text in texts:
            y = self.line(x, y, text, size, font)
        return y

    def justified(self, x: float, y: float, width: float, text: str, size: float = 10) -> float:
        """Print a paragraph in a column of this width, wrapped at blanks; returns the next baseline."""
        writer = pymupdf.TextWriter(self.page.rect)
        line: list[str] = []
        for word in text.split():
            if text_width(" ".join([*line, word]), size) > width:
                slack = (width - text_width(" ".join(line), size)) / max(1, len(line) - 1)
                y = _print(writer, x, y, line, size, slack)
                line = []
            line.append(word)
        y = _print(writer, x, y, line, size, 0)
        writer.write_text(self.page)
        return y

    def data(self, **options: Any) -> bytes:
        return bytes(self.document.tobytes(**options))

    def read(self) -> Document:
        return read(self.data())


class Scanner:
    """Makes a scan of a page: its picture, and over that the words that were recognised in it, in invisible ink."""

    def __init__(self, original: Sheets, skew: float = 0.0, strips: int = 1, jpeg: bool = False) -> None:
        """`skew`: degrees that the sheet lay askew. `strips`: pictures that the page is cut into."""
        page = original.page
        if skew:
            turn = pymupdf.Matrix(skew)
            turn.e, turn.f = -40 * turn.b, 40 * turn.b
            page.clean_contents()
            (xref,) = page.get_contents()
            moved = f"q {' '.join(f'{number:f}' for number in turn)} cm "
            original.document.update_stream(xref, moved.encode() + page.read_contents() + b" Q")
            page = original.document.reload_page(page)
        self.words = [word[:5] for word in page.get_text("words", sort=False)]
        self._lines = [tuple(word[5:7]) for word in page.get_text("words", sort=False)]
        self.sheets = Sheets()
        height = page.rect.height / strips
        for strip in range(strips):
            area = pymupdf.Rect(0, strip * height, page.rect.width, (strip + 1) * height)
            pixmap = page.get_pixmap(dpi=100, clip=area, colorspace=pymupdf.csGRAY)
            picture = {"stream": pixmap.tobytes("jpg", jpg_quality=60)} if jpeg else {"pixmap": pixmap}
            self.sheets.page.insert_image(area, **picture)

    def recognise(self, across: float = 0.0, down: float = 0.0) -> Sheets:
        """Lay the words over the picture, so many points beside their places."""
        lines: dict[Any, list[Any]] = {}
        for line, word in zip(self._lines, self.words, strict=True):
            lines.setdefault(line, []).append(word)
        for words in lines.values():
            baseline = sum(word[3] for word in words) / len(words) - 2.5 + down
            for x0, _, x1, _, text in words:
                size = 10 * (x1 - x0) / text_width(text)
                self.sheets.line(x0 + across, baseline, text + " ", size=size, render_mode=3)
        return self.sheets


def _print(writer: Any, x: float, y: float, words: Sequence[str], size: float, slack: float) -> float:
    """Print a line with `slack` points added to each blank; returns the next baseline."""
    for word in words:
        writer.append((x, y), word, font=_FONT, fontsize=size)
        x += text_width(word + " ", size) + slack
    return y + size * 1.2


def read(data: bytes, max_pages: int = 400) -> Document:
    """Read in this process: what the child does, without the child."""
    return read_bytes(data, "2501.01234", 2, max_pages)


def sentences(document: Document) -> list[str]:
    return [sentence.text for sentence in document.sentences]


def prose(topic: str, count: int) -> str:
    """`count` sentences about a topic that differ from one another and wrap over many lines."""
    return " ".join(
        f"The {topic} of experiment {number} shows that larger models follow instructions more often than small ones."
        for number in range(1, count + 1)
    )


def scanned(page: Any, dpi: int = 100) -> Sheets:
    """A new paper whose one page is a picture of this one, as a scanner makes it."""
    sheets = Sheets()
    sheets.page.insert_image(sheets.page.rect, pixmap=page.get_pixmap(dpi=dpi))
    return sheets
