"""Which pages are exempt from the search for covered text: no stream that could cover any may pass for one."""

from __future__ import annotations

import pytest

from curator.read.plain_pages import is_plain

TEXT = b"BT /F1 10 Tf 60 700 Td (Plain words (10% of them) \\( and f Do W) Tj ET 0 g 0.4 w 0 0 m 9 9 l S "


def test_dark_text_and_thin_lines_are_plain() -> None:
    assert is_plain(TEXT)
    assert is_plain(b"q 1 0 0 1 72 720 cm " + TEXT + b"Q")


@pytest.mark.parametrize(
    "hiding",
    [
        b"0 0 99 99 re f",
        b"0 0 99 99 re f[]0 d",
        b"0 0 99 99 re f/G gs",
        b"0 0 99 99 re\x00f\x00",
        b"% (\n/Im Do\n% )",
        b"(a (b (c % ) d) e) Tj /Im Do",
        b"/Im Do",
        b"/G gs",
        b"50 w 0 0 m 99 0 l S",
        b"100 0 0 100 0 0 cm 0.5 w 0 0 m 1 0 l S",
        b"1 g",
        b"1 1 1 rg",
        b"0 0 0 0 k",
        b"3 Tr",
        b"0 0 9 9 re W n",
        b"/OC /L BDC",
        b"BI /W 1 /H 1 ID x EI",
    ],
)
def test_what_could_hide_a_text_is_not_plain(hiding: bytes) -> None:
    assert not is_plain(TEXT + hiding)
    assert not is_plain(hiding + b"\n" + TEXT)
