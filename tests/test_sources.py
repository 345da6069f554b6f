"""Sources as people name them: known again however they are written, and never fetched."""

from __future__ import annotations

from datetime import date

import pytest
from hypothesis import given
from hypothesis import strategies as st

from curator.sources import (
    NamedSource,
    make_external_source,
    make_local_source,
    make_unnamed_source,
    parse_paper_key,
    parse_source,
    pdf_file_name,
)


@pytest.mark.parametrize(
    ("text", "shown"),
    [
        ("2501.01234v2", "2501.01234v2"),
        ("https://arxiv.org/abs/2501.01234", "2501.01234"),
        ("https://doi.org/10.48550/arXiv.2501.01234", "2501.01234"),
        (" arXiv:hep-th/9901001 ", "hep-th/9901001"),
    ],
)
def test_papers_at_arxiv_are_known_in_every_shape(text: str, shown: str) -> None:
    assert str(parse_source(text).arxiv) == shown


@pytest.mark.parametrize("text", ["10.1000/182", "doi:10.1000/182", "https://doi.org/10.1000/182", "DOI: 10.1000/182."])
def test_a_doi_is_one_source_however_it_is_written(text: str) -> None:
    named = parse_source(text)
    assert named.doi == "10.1000/182"
    one = make_external_source(named, title="A\nbook", authors=("Ada Ek", " "), issued=date(2020, 1, 2))
    assert (one.id, one.place, one.title, one.authors, one.issued) == (
        "doi:10.1000/182", "doi", "A book", ("Ada Ek",), date(2020, 1, 2),
    )  # fmt: skip


def test_an_address_is_one_source_whatever_its_scheme_trackers_and_fragment() -> None:
    same = ["https://Blog.example/post/", "http://www.blog.example/post#part", "https://blog.example/post?utm_source=x"]
    assert len({make_external_source(parse_source(text)).id for text in same}) == 1
    other = make_external_source(parse_source("https://blog.example/post?page=2"))
    assert other.id not in {make_external_source(parse_source(text)).id for text in same}
    assert (other.title, other.issued, other.dated) == ("blog.example/post", None, False)


@pytest.mark.parametrize(
    "text", ["", "a blog post", "javascript:alert(1)", "file:///etc/passwd", "ftp://a.example/x", "https://", "https://[",
             "https://a.example/" + "x" * 3000, "/etc/passwd", "http://a b.example"],
)  # fmt: skip
def test_what_is_no_source_is_refused_with_a_sentence(text: str) -> None:
    with pytest.raises(ValueError, match=r"(?i)source"):
        parse_source(text)


@given(st.text(max_size=80))
def test_any_text_is_a_source_or_refused(text: str) -> None:
    try:
        named = parse_source(text)
    except ValueError:
        return
    assert isinstance(named, NamedSource)
    if named.arxiv is None:
        assert parse_paper_key(make_external_source(named).versioned_id)[1] in (1, None)


def test_a_file_is_known_by_its_content_and_named_safely() -> None:
    one, two = (
        make_local_source(b"%PDF-1", "../x y.pdf", url="https://a.example"),
        make_local_source(b"%PDF-1", "other.pdf"),
    )
    assert one.id == two.id
    assert (one.title, one.url) == ("x y", "https://a.example")
    assert pdf_file_name(one.id, 1) == one.id.replace(":", "_") + "v1.pdf"
    assert parse_paper_key(one.versioned_id) == (one.id, 1)
    for id in ("file:../../etc", "web:3fa9c1d20b7e", "doi:10.1000/182", make_unnamed_source("x").id, "../x"):
        with pytest.raises(ValueError, match="arXiv"):
            pdf_file_name(id, 1)


def test_keys_of_the_warehouse_are_read_back() -> None:
    for id in ("doi:10.1000/182", "web:3fa9c1d20b7e", "none:3fa9c1d20b7e", "2501.01234", "hep-th/9901001"):
        assert parse_paper_key(id) == (id, None)
        assert parse_paper_key(f"{id}v1") == (id, 1)
    assert parse_paper_key("2501.01234v12") == ("2501.01234", 12)
