from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from curator.arxiv_ids import ArxivId, file_stem, parse_arxiv_id


@pytest.mark.parametrize(
    ("text", "id_", "version"),
    [
        ("2501.01234", "2501.01234", None),
        (" 2501.01234v12\n", "2501.01234", 12),
        ("arXiv:2501.01234v2 [cs.CL]", "2501.01234", 2),
        ("arXiv:2501.01234v2  [cs.CL]  2 Jan 2025", "2501.01234", 2),
        ("https://arxiv.org/abs/2501.01234", "2501.01234", None),
        ("http://export.arxiv.org/pdf/2501.01234v1.pdf", "2501.01234", 1),
        ("arxiv.org/html/2501.01234v3?x=1#S2", "2501.01234", 3),
        ("https://arxiv.org/abs/hep-th/9901001v1/", "hep-th/9901001", 1),
        ("hep-th/9901001", "hep-th/9901001", None),
        ("math.GT/0309136", "math/0309136", None),
        ("10.48550/arXiv.2501.01234", "2501.01234", None),
        ("https://doi.org/10.48550/arXiv.hep-th/9901001", "hep-th/9901001", None),
        ("0704.0001", "0704.0001", None),
        ("1412.9999", "1412.9999", None),
        ("cond-mat/0703470", "cond-mat/0703470", None),
    ],
)
def test_an_identifier_is_read_in_every_shape(text: str, id_: str, version: int | None) -> None:
    assert parse_arxiv_id(text) == (id_, version)


@pytest.mark.parametrize(
    "text",
    [
        "",
        "abc",
        "0808.05394",
        "1501.0123",
        "1412.00001",
        "2501.012345",
        "2513.01234",
        "2500.01234",
        "0703.0001",
        "2501.00000",
        "2501.01234v0",
        "2501.01234v2x",
        "hep-th/0704001",
        "hep-th/9107001",
        "hep-th/9913001",
        "https://example.org/abs/2501.01234",
        "https://arxiv.org.example/abs/2501.01234",
        "../2501.01234",
        "٢٥٠١.٠١٢٣٤",
        "2501.01234 " + "x" * 400,
    ],
)
def test_what_is_no_identifier_is_refused_with_an_example(text: str) -> None:
    with pytest.raises(ValueError, match=r"write one such as 2501\.01234"):
        parse_arxiv_id(text)


@given(st.text(max_size=400))
def test_any_text_is_an_identifier_or_a_value_error(text: str) -> None:
    try:
        found = parse_arxiv_id(text)
    except ValueError:
        return
    assert parse_arxiv_id(str(found)) == found


@given(st.integers(15, 99), st.integers(1, 12), st.integers(1, 99_999), st.integers(1, 99))
def test_every_identifier_survives_being_written_and_read(year: int, month: int, number: int, version: int) -> None:
    id_ = f"{year:02d}{month:02d}.{number:05d}"
    assert parse_arxiv_id(f"https://arxiv.org/pdf/{id_}v{version}.pdf") == ArxivId(id_, version)
    assert file_stem(id_, version) == f"{id_}v{version}"


def test_a_file_stem_has_no_slash() -> None:
    assert file_stem("hep-th/9901001", 1) == "hep-th_9901001v1"


@pytest.mark.parametrize(
    ("id_", "version"), [("2501.01234v1", 1), ("arXiv:2501.01234", 1), ("2501.01234", 0), ("/", 1)]
)
def test_a_file_stem_is_made_of_plain_identifiers_only(id_: str, version: int) -> None:
    with pytest.raises(ValueError, match="arXiv identifier"):
        file_stem(id_, version)
