"""Layers: hidden ones are reported, shown ones read, and memberships are judged as the standard has it."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from curator.pdf.extraction.optional_content import evaluate
from curator.types import Document
from tests.pdf.extraction.traps import TRAP, paper, reports
from tests.pdf.pdfs import read

SHOWN = {1: True, 2: False}


@pytest.mark.parametrize(
    ("expression", "holds"),
    [
        ("1 0 R", True),
        ("[/Not 1 0 R]", False),
        ("[/And 1 0 R 2 0 R]", False),
        ("[/Or 1 0 R 2 0 R]", True),
        ("[/And[/Not 2 0 R][/Or 2 0 R[/Not[/Not 1 0 R]]]]", True),
        ("[/Not 3 0 R]", False),
        ("", True),
    ],
)
def test_an_expression_is_true_or_false(expression: str, holds: bool) -> None:
    assert evaluate(expression, SHOWN) is holds


@given(st.lists(st.sampled_from(["[", "]", "/And", "/Or", "/Not", "1 0 R", "2 0 R", "/Nor", "x", " "]), max_size=60))
def test_whatever_an_expression_holds_it_comes_to_an_end(terms: list[str]) -> None:
    assert evaluate("".join(terms), SHOWN) in (True, False)


def test_an_expression_may_be_as_deep_as_it_likes() -> None:
    assert evaluate("[/Not" * 5000 + " 1 0 R" + "]" * 5000, SHOWN) is True


def assert_layer(document: Document, shown: bool) -> None:
    """The trap is read where its layer is shown, and otherwise reported, once."""
    if shown:
        assert TRAP in document.pages[0].text
        assert document.hidden == ()
    else:
        assert reports(document) == [(1, "in a layer that is switched off")]
        assert [hidden.text for hidden in document.hidden] == [TRAP]


@pytest.mark.parametrize("shown", [True, False])
def test_a_layer_that_is_off_is_reported_and_one_that_is_on_is_read(shown: bool) -> None:
    sheets = paper()
    layer = sheets.document.add_ocg("layer", on=shown)
    sheets.line(60, 500, TRAP, oc=layer)
    assert_layer(read(sheets.data()), shown)


@pytest.mark.parametrize(
    ("membership", "seen"),
    [
        ("/OCGs [{on} 0 R {off} 0 R] /P /AllOn", False),
        ("/OCGs [{on} 0 R {off} 0 R] /P /AnyOff", True),
        ("/OCGs [{on} 0 R {off} 0 R] /P /AllOff", False),
        ("/OCGs [{off} 0 R] /P /AllOff", True),
        ("/OCGs [{on} 0 R {off} 0 R]", True),
        ("/OCGs {off} 0 R", False),
        ("/OCGs [{on} 0 R] /VE [/Not {on} 0 R]", False),
        ("/OCGs [{off} 0 R] /VE [/Or {on} 0 R {off} 0 R]", True),
        ("/VE [/And {on} 0 R [/Not {on} 0 R]]", False),
        ("/VE [/And {on} 0 R [/Not {off} 0 R]]", True),
    ],
)
def test_a_membership_of_layers_is_judged_as_the_standard_has_it(membership: str, seen: bool) -> None:
    sheets = paper()
    on, off = (sheets.document.add_ocg(name, on=name == "on") for name in ("on", "off"))
    xref = sheets.document.get_new_xref()
    sheets.document.update_object(xref, f"<< /Type /OCMD {membership.format(on=on, off=off)} >>")
    sheets.line(60, 500, TRAP, oc=xref)
    assert_layer(read(sheets.data()), seen)
