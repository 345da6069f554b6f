"""Replacement texts: words for machines that differ from the printed ones are reported, and never read."""

from __future__ import annotations

from curator.types import Document
from tests.pdf.extraction.traps import TRAP, paper, reports
from tests.pdf.pdfs import read


def replaced(printed: str, said: str) -> Document:
    sheets = paper()
    sheets.line(60, 700, "Some words that load the font.")
    said_in_hex = said.encode("utf-16-be").hex()
    stream = f"/Span <</ActualText <FEFF{said_in_hex}>>> BDC BT /tiro 10 Tf 60 300 Td ({printed}) Tj ET EMC".encode()
    xref = sheets.document.get_new_xref()
    sheets.document.update_object(xref, "<<>>")
    sheets.document.update_stream(xref, sheets.page.read_contents() + b"\n" + stream)
    sheets.page.set_contents(xref)
    return read(sheets.data())


def test_what_is_printed_wins_over_what_machines_are_told() -> None:
    document = replaced("These words are what people see.", TRAP)
    assert "These words are what people see." in document.pages[0].text
    assert reports(document) == [(1, "given to machines in place of what is printed")]


def test_a_replacement_text_that_says_the_same_is_nothing_to_report() -> None:
    document = replaced("These words are what people see.", "These words are what people see.")
    assert "These words are what people see." in document.pages[0].text
    assert document.hidden == ()
