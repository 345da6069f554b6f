"""Names and titles come out right in every format, whatever arXiv has: read back by readers that are not ours."""

from __future__ import annotations

import json
import re
from datetime import UTC, datetime

import feedparser
import pytest
import rispy
from bibtexparser.entrypoint import parse_string

from curator.publish.citations import PersonName, citation_label, display_name, split_name
from curator.publish.formats.bibtex import citation_key
from curator.publish.readable_metadata import find_doi, list_authors, make_paper_readable, make_readable, to_plain_text
from curator.sanitize import single_line
from tests.publish.frames import frame, listing, paper, render_text

NAMES = {
    "Mira Lindqvist": PersonName("Lindqvist", "Mira"),
    "M. K. Lindqvist": PersonName("Lindqvist", "M. K."),
    "Plato": PersonName("Plato"),
    "Ludwig van der Bergh": PersonName("van der Bergh", "Ludwig"),
    "Anna Van den Bergh": PersonName("Van den Bergh", "Anna"),
    "Anna Van Der Bergh": PersonName("Van Der Bergh", "Anna"),
    "Juan de la Sierra": PersonName("de la Sierra", "Juan"),
    "Juana De La Sierra": PersonName("De La Sierra", "Juana"),
    "Maria De Lucca": PersonName("De Lucca", "Maria"),
    "Emanuele La Marfa": PersonName("La Marfa", "Emanuele"),
    "Teo Le Scabo": PersonName("Le Scabo", "Teo"),
    "W. E. Du Bosc": PersonName("Du Bosc", "W. E."),
    "Salma El Ghazi": PersonName("El Ghazi", "Salma"),
    "von Nordheim": PersonName("von Nordheim"),
    "Nguyen Van Binh": PersonName("Binh", "Nguyen Van"),
    "Hong Bin Yuan": PersonName("Yuan", "Hong Bin"),
    "Thi Do Lanh": PersonName("Lanh", "Thi Do"),
    "John Smithe Jr.": PersonName("Smithe", "John", "Jr."),
    "John Smithe, Jr.": PersonName("Smithe", "John", "Jr."),
    "John Smithe III": PersonName("Smithe", "John", "III"),
    "Jean-Luc O'Hara-Smithe": PersonName("O'Hara-Smithe", "Jean-Luc"),
    r"G\"unter Gra\ss{}mann": PersonName("Graßmann", "Günter"),
    r"{\L}ukasz Kowal": PersonName("Kowal", "Łukasz"),
    r"\'Etienne Fran\c{c}oit": PersonName("Françoit", "Étienne"),
    r"Jos\'{e} Mart\'{\i}nes": PersonName("Martínes", "José"),
    r"P\'al Erd\H{o}di": PersonName("Erdődi", "Pál"),
    r"Bj{\o}rn S{\o}rli": PersonName("Sørli", "Bjørn"),
    "Ren&#233; Fa&ccedil;ade": PersonName("Façade", "René"),
    "Łukasz Żak": PersonName("Żak", "Łukasz"),
    "李 小明": PersonName("小明", "李"),
    "李小明": PersonName("李小明"),
    "Gemini Team": PersonName("Gemini Team"),
    "The Atlas Collaboration": PersonName("The Atlas Collaboration"),
    "Research and Engineering": PersonName("Research and Engineering"),
}

AUTHORS = [
    (("OpenLab", ":", "Ada Example"), [PersonName("OpenLab"), PersonName("Example", "Ada")]),
    (("BigWord Workshop", ":", "Tev Le Example"), [PersonName("BigWord Workshop"), PersonName("Le Example", "Tev")]),
    (("BigWord Workshop", ":"), [PersonName("BigWord Workshop")]),
    (("BigWord Workshop:", "Bo Sample"), [PersonName("BigWord Workshop"), PersonName("Sample", "Bo")]),
    (("Ada Example", "Open Models", ":", "Bo Sample"),
     [PersonName("Example", "Ada"), PersonName("Open Models"), PersonName("Sample", "Bo")]),
    ((":", "Ada Example"), [PersonName("Example", "Ada")]),
]  # fmt: skip

TITLES = {
    "Plain words: a study": "Plain words: a study",
    r"Schr\"odinger bridges": "Schrödinger bridges",
    r"Erd\H{o}s graphs": "Erdős graphs",
    r"\emph{Language} models": "Language models",
    r"\textit{In-context} learning": "In-context learning",
    r"\textbf{Bold} claims": "Bold claims",
    r"{\em Old} emphasis": "Old emphasis",
    r"At 5\% of the cost \& more": "At 5% of the cost & more",
    "At 5% of the cost & more": "At 5% of the cost & more",
    "AT&amp;X and R&#233;sum&eacute;s": "AT&X and Résumés",
    "Models -- a survey": "Models – a survey",
    "Models --- a survey": "Models — a survey",
    "They say ``yes'' often": "They say “yes” often",
    "Section~2 of 3": "Section 2 of 3",
    "About ~10% less": "About ~10% less",
    "{LLaMA} and {GPT}-4": "LLaMA and GPT-4",
    "Over the set {0,1}^n": "Over the set {0,1}^n",
    "An unpaired { brace": "An unpaired { brace",
    r"Sorting in $O(n\log n)$": r"Sorting in $O(n\log n)$",
    r"$\alpha$-stable \emph{noise} and $\beta_1$": r"$\alpha$-stable noise and $\beta_1$",
    r"\alpha-models": "α-models",
    r"\ourmethod: fast": r"\ourmethod: fast",
    "x_1, C# and a^2": "x_1, C# and a^2",
    "It costs $5 and $6": "It costs $5 and $6",
    "a < b > c & d": "a < b > c & d",
    r"A line \\ break": "A line break",
    r"Stra\ss e, \O{}re and {\aa}": "Straße, Øre and å",
    r"na\"{\i}ve \c{c}a": "naïve ça",
}


def test_there_are_at_least_sixty_shapes() -> None:
    assert len(NAMES) + len(AUTHORS) + len(TITLES) >= 60


@pytest.mark.parametrize(("title", "expected"), TITLES.items())
def test_a_title_is_text_of_which_nothing_is_lost(title: str, expected: str) -> None:
    assert to_plain_text(title) == expected


def in_bibtex(text: str) -> str:
    """What BibTeX prints: without braces and with the signs that were escaped."""
    text = re.sub(r"\\textasciitilde\{\}", "~", re.sub(r"\\textasciicircum\{\}", "^", text))
    text = re.sub(r"\\text(less|greater)\{\}", lambda match: {"less": "<", "greater": ">"}[match[1]], text)
    text = re.sub(r"\\textbrace(left|right)(\{\})?", "", text)
    return re.sub(r"(?<!\\)[{}]", "", re.sub(r"\\([%&#_$])", r"\1", text)).replace(r"\textbackslash", "\\")


@pytest.mark.parametrize(
    ("names", "people"),
    [*(((name,), [person]) for name, person in NAMES.items()), *AUTHORS],
    ids=lambda value: " ".join(value) if isinstance(value, tuple) else "",
)
def test_authors_come_out_right_in_every_bibliography(names: tuple[str, ...], people: list[PersonName]) -> None:
    read = make_readable(frame(paper=paper(authors=names)))
    assert [split_name(name) for name in read.paper.authors] == people
    assert [display_name(name) for name in read.paper.authors if ":" in display_name(name)] == []
    (ris,) = rispy.loads(render_text("ris", listing(read)))
    assert [tuple(filter(None, re.split(", ?", name))) for name in ris["authors"]] == [
        tuple(filter(None, (one.last, one.first, one.suffix))) for one in people
    ]
    (csl,) = json.loads(render_text("csl", listing(read)))
    assert csl["author"] == [
        {"literal": one.last} if not one.first
        else {k: v for k, v in {"family": one.last, "given": one.first, "suffix": one.suffix}.items() if v}
        for one in people
    ]  # fmt: skip
    (entry,) = parse_string(render_text("bibtex", listing(read))).entries
    written = [in_bibtex(name) for name in re.split(r" and (?![^{]*\})", entry["author"])]
    assert written == [", ".join(filter(None, (one.last, one.suffix, one.first))) for one in people]


@pytest.mark.parametrize("title", [title for title in TITLES if "$" not in title and "\\our" not in title])
def test_a_title_comes_out_right_in_every_format(title: str) -> None:
    read = make_readable(frame(paper=paper(title=title)))
    expected = TITLES[title]
    assert rispy.loads(render_text("ris", listing(read)))[0]["title"] == expected
    assert json.loads(render_text("csl", listing(read)))[0]["title"] == expected
    (entry,) = parse_string(render_text("bibtex", listing(read))).entries
    assert single_line(in_bibtex(entry["title"])) == single_line(re.sub("[{}]", "", expected))
    feed = feedparser.parse(render_text("atom", listing(read)).encode())
    assert not feed.bozo
    assert "\\emph" not in str(feed.entries)


def test_a_collective_is_cited_by_its_name() -> None:
    read = make_paper_readable(
        paper(authors=("BigWord Workshop", ":", "Ada Example", "Bo Sample"), title="An Open Model",
              published=datetime(2024, 1, 2, tzinfo=UTC))
    )  # fmt: skip
    assert citation_label(read) == "BigWord Workshop et al. 2024"
    assert citation_key(read) == "bigwordworkshop2024open"


SICI = "10.1002/(SICI)1097-4636(199823)43:3<338::AID-JBM16>3.0.CO;2-B"


@pytest.mark.parametrize(
    ("field", "doi"),
    [("10.1000/182", "10.1000/182"), ("10.1000/a, 10.1000/b", "10.1000/a"), ("10.1000/a 10.1000/b", "10.1000/a"),
     ("10.1000/a;10.1000/b", "10.1000/a"), (SICI, SICI), ("https://doi.org/10.1000/a", "10.1000/a"),
     ("unknown", "unknown")],
)  # fmt: skip
def test_the_first_of_several_dois_is_taken(field: str, doi: str) -> None:
    assert find_doi(field) == doi


def test_a_source_that_a_person_named_keeps_its_words() -> None:
    named = paper(place="web", title=r"C:\emph{x} & {y}", authors=("A:", "B"))
    assert make_paper_readable(named) == named


def test_names_are_listed_without_empty_ones() -> None:
    assert list(list_authors(["", " ", ":", ":", "Ada Example"])) == ["Ada Example"]
    assert list(list_authors([])) == []


def test_an_entity_brings_no_invisible_character_and_no_markup_into_an_export() -> None:
    title = "A &#8238;title &#27;[31m with &lt;script&gt;alert(1)&lt;/script&gt;"
    read = make_readable(frame(paper=paper(title=title, authors=("Ada &#8238;Example",))))
    for name in ("md", "ris", "csl", "bibtex", "atom", "json", "csv"):
        text = render_text(name, listing(read))
        assert "\u202e" not in text, name
        assert "\x1b" not in text, name
        assert name not in ("md", "atom") or "<script>" not in text
