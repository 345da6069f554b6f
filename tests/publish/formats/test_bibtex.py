"""The bibliography: right names, safe TeX, stable keys; read back by a parser that counts braces as BibTeX does."""

from __future__ import annotations

import re
from datetime import UTC, datetime

import pytest
from hypothesis import given
from hypothesis import strategies as st

from curator.publish.formats.bibtex import citation_key, escape_latex, escape_names, render
from curator.sanitize import single_line
from tests.publish.frames import frame, hostile_text, listing, paper


def parse(text: str) -> dict[str, dict[str, str]]:
    """Entries by key, each field without its outer braces; fails on anything that BibTeX would trip over."""
    found: dict[str, dict[str, str]] = {}
    position = 0
    while start := re.compile(r"\s*@(\w+)\{([a-z0-9-]+),\s*").match(text, position):
        fields = {"ENTRYTYPE": start[1]}
        position = start.end()
        while name := re.compile(r"(\w+) = ").match(text, position):
            position = name.end()
            end = braced(text, position) if text[position] == "{" else text.index(",", position)
            assert name[1] not in fields
            fields[name[1]] = text[position + 1 : end - 1] if text[position] == "{" else text[position:end]
            assert text[end : end + 2] == ",\n"
            position = re.compile(r",\s*").match(text, end).end()  # type: ignore[union-attr]
        assert text[position] == "}"
        position += 1
        assert start[2] not in found
        found[start[2]] = fields
    assert not text[position:].strip()
    return found


def braced(text: str, start: int) -> int:
    depth = 0
    for position in range(start, len(text)):
        depth += (text[position] == "{") - (text[position] == "}")
        if depth == 0:
            return position + 1
    raise AssertionError("the braces are not balanced")


UNESCAPE = {r"\textbackslash{}": "\\", r"\textbraceleft{}": "{", r"\textbraceright{}": "}"} | {
    r"\textasciitilde{}": "~",
    r"\textasciicircum{}": "^",
    **{"\\" + c: c for c in "&%$#_"},
}
COMMANDS = re.compile("|".join(map(re.escape, UNESCAPE)))


def printed(latex: str) -> str:
    return COMMANDS.sub(lambda match: UNESCAPE[match[0]], latex)


def test_an_entry_has_every_field_in_biblatex_and_bibtex_form() -> None:
    published = paper(journal_ref="J. Interp. 4 (2026)", doi="10.1234/ab_c(1)", version=2)
    assert list(render(listing(frame(12, paper=published)))) == [
        "@article{lindqvist2026induction,\n"
        "  author = {Lindqvist, Mira and van Beethoven, Ludwig and Smith, Jr., John},\n"
        "  title = {{Induction Heads Carry In-Context Learning}},\n"
        "  year = {2026},\n"
        "  month = jan,\n"
        "  journal = {J. Interp. 4 (2026)},\n"
        "  doi = {10.1234/ab_c(1)},\n"
        "  url = {https://arxiv.org/abs/2401.90001v2},\n"
        "  note = {Frames F12},\n"
        "  eprint = {2401.90001},\n"
        "  archivePrefix = {arXiv},\n"
        "  primaryClass = {cs.CL},\n"
        "}\n\n"
    ]


@pytest.mark.parametrize(
    ("name", "expected"),
    [
        ("Ludwig van Beethoven", "van Beethoven, Ludwig"),
        ("Anna-Lena von der Leyen", "von der Leyen, Anna-Lena"),
        ("Aaron van den Oord", "van den Oord, Aaron"),
        ("Nando de Freitas", "de Freitas, Nando"),
        ("Maria da Silva Santos", "da Silva Santos, Maria"),
        ("Martin Luther King, Jr.", "King, Jr., Martin Luther"),
        ("Martin Luther King Jr.", "King, Jr., Martin Luther"),
        ("Robert de Niro III", "de Niro, III, Robert"),
        ("José Hernández-Orallo", "Hernández-Orallo, José"),
        ("J. R. R. Tolkien", "Tolkien, J. R. R."),
        ("OpenAI", "{OpenAI}"),
        ("Gemini Team", "{Gemini Team}"),
        ("The ATLAS Collaboration", "{The ATLAS Collaboration}"),
        ("Llama Team, AI @ Meta", "{Llama Team, AI @ Meta}"),
        ("King Jr., of Memphis", "{King Jr., of Memphis}"),
        ("Science And Society", "{Science And Society}"),
        ("van Gogh", "{van Gogh}"),
        ("A_B C#", r"C\#, A\_B"),
    ],
)
def test_a_name_is_split_as_bibtex_expects(name: str, expected: str) -> None:
    assert escape_names([name]) == expected


def test_authors_keep_their_order() -> None:
    names = [f"A{number} B{number}" for number in range(30)]
    assert escape_names(names) == " and ".join(f"B{number}, A{number}" for number in range(30))


@pytest.mark.parametrize(
    ("text", "latex"),
    [
        ("A $k$-shot study of $\\alpha_{1}^2$", "A $k$-shot study of $\\alpha_{1}^2$"),
        ("Learning \\alpha", r"Learning \textbackslash{}alpha"),
        ("100% of R&D_1 #2", r"100\% of R\&D\_1 \#2"),
        ("from $5 to $10", r"from \$5 to \$10"),
        ("$5-$10", r"\$5-\$10"),
        ("one $ alone", r"one \$ alone"),
        ("{BERT} and }x{", r"{BERT} and \textbraceright{}x\textbraceleft{}"),
        ("$a}{b$", r"\$a\textbraceright{}\textbraceleft{}b\$"),
        ("$\\frac{a$", r"\$\textbackslash{}frac\textbraceleft{}a\$"),
        ("~Gödel^", r"\textasciitilde{}Gödel\textasciicircum{}"),
        ("$\\input{x}$", r"\$\textbackslash{}input{x}\$"),
        ("$^^5cinput{x}$", r"\$\textasciicircum{}\textasciicircum{}5cinput{x}\$"),
        ("$50%$", r"\$50\%\$"),
    ],
)
def test_tex_in_a_title_is_kept_only_where_it_is_harmless(text: str, latex: str) -> None:
    assert escape_latex(text) == latex


@given(hostile_text)
def test_escaped_latex_is_balanced_and_prints_the_text(text: str) -> None:
    latex = escape_latex(text)
    assert braced(f"{{{latex}}}", 0) == len(latex) + 2
    assert printed(latex) == single_line(text)
    prose = re.sub(r"(?<!\\)\$.*?(?<!\\)\$", "", latex)
    assert not re.search(r"[\\%&#_~^$]", COMMANDS.sub("", prose))
    assert not re.search(r"\\(input|write|include|catcode)|\^\^", latex)


@given(st.lists(hostile_text, min_size=4, max_size=4), st.lists(hostile_text, max_size=4))
def test_any_paper_reads_back(texts: list[str], authors: list[str]) -> None:
    title, doi, journal, category = texts
    hostile = paper(title=title, doi=doi, journal_ref=journal, categories=(category,), authors=tuple(authors))
    [fields] = parse("".join(render(listing(frame(7, paper=hostile))))).values()
    assert printed(fields["title"].removeprefix("{").removesuffix("}")) == single_line(title)
    assert printed(fields.get("journal", "")) == single_line(journal)
    assert printed(fields.get("doi", "")) == single_line(doi)
    assert printed(fields.get("primaryClass", "")) == single_line(category)
    assert fields["note"] == "Frames F7"
    depth, names = 0, 1
    author = fields.get("author", "")
    for position, character in enumerate(author):
        depth += (character == "{") - (character == "}")
        names += depth == 0 and author[position : position + 5].lower() == " and "
    assert names == max(1, len([name for name in authors if single_line(name)]))


def test_each_paper_version_has_one_entry_that_names_its_frames() -> None:
    second = paper(version=2)
    found = parse("\n".join(render(listing(frame(10, paper=second), frame(2), frame(3, sources=(second, paper()))))))
    assert {key: fields["note"] for key, fields in found.items()} == {
        "lindqvist2026induction": "Frames F2, F3",
        "lindqvist2026induction-2401-90001v2": "Frames F3, F10",
    }


def test_a_key_stays_when_a_later_frame_brings_a_clashing_paper() -> None:
    other = frame(13, paper=paper(id="2401.90002"))
    before = list(parse("".join(render(listing(frame(12))))))
    assert list(parse("".join(render(listing(other, frame(12))))))[:1] == before


@pytest.mark.parametrize(
    ("author", "title", "key"),
    [
        ("Kurt Gödel", "On the Łukasiewicz logics", "godel2026lukasiewicz"),
        ("Bjørn Großmann", "A $k$-shot study", "grossmann2026shot"),
        ("王 伟", "注意力", "anonymous2026untitled"),
        ("Ludwig van Beethoven", "What is it?", "vanbeethoven2026untitled"),
        ("Gemini Team", "GPT-4's limits", "geminiteam2026gpt"),
    ],
)
def test_a_key_is_ascii_from_author_year_and_title(author: str, title: str, key: str) -> None:
    assert citation_key(paper(authors=(author,), title=title)) == key


def test_the_month_is_of_the_first_version() -> None:
    december = paper(published=datetime(2025, 12, 31, tzinfo=UTC))
    [fields] = parse("".join(render(listing(frame(paper=december))))).values()
    assert (fields["month"], fields["year"]) == ("dec", "2025")


def test_a_paper_that_is_not_on_arxiv_claims_no_eprint() -> None:
    [fields] = parse("".join(render(listing(frame(paper=paper(id="local-1")))))).values()
    assert fields["ENTRYTYPE"] == "misc"
    assert not fields.keys() & {"eprint", "archivePrefix", "primaryClass", "url"}
