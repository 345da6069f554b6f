"""Headings, and the kinds of sections that they start."""

from __future__ import annotations

import pytest

from curator.types import Document
from tests.pdf.pdfs import Sheets, prose

PLAN = [
    ("Abstract", "abstract"),
    ("1 Introduction", "body"),
    ("2 Method", "body"),
    ("2.1 Data", "body"),
    ("3 Discussion and Conclusion", "conclusion"),
    ("Acknowledgments", "body"),
    ("References", "references"),
    ("A Prompts", "appendix"),
    ("A.1 More Prompts", "appendix"),
]


def paper(titles: list[str], font: str = "tibo", size: float = 12) -> Sheets:
    sheets = Sheets()
    y = sheets.line(120, 60, "Larger Models Follow Instructions More Often", 17, "tibo")
    y = sheets.line(250, y, "Ada Smith and Bo Jones") + 10
    for title in titles:
        if y > 640:
            sheets.add()
            y = 80
        y = sheets.line(60, y + 10, title, size, font) + 4
        y = sheets.justified(60, y, 492, prose(title.split()[-1].lower(), 4))
    return sheets


def kinds(document: Document) -> list[tuple[str, str]]:
    return [(section.title, section.kind) for section in document.sections]


def test_sections_are_found_with_their_kinds() -> None:
    document = paper([title for title, _ in PLAN]).read()
    assert kinds(document) == [("Larger Models Follow Instructions More Often", "front"), *PLAN]


def test_headings_in_capitals_without_bold_print_are_found() -> None:
    document = paper([title.upper() for title, _ in PLAN], font="tiro").read()
    assert [kind for _, kind in kinds(document)] == ["front", *[kind for _, kind in PLAN]]


def test_a_sections_start_is_where_its_heading_stands() -> None:
    document = paper([title for title, _ in PLAN]).read()
    for section in document.sections:
        text = document.pages[section.page - 1].text
        assert text[section.start :].startswith(section.title)


def test_sentences_know_their_section() -> None:
    document = paper([title for title, _ in PLAN]).read()
    section = {sentence.text: sentence.section for sentence in document.sentences}
    assert section[prose("abstract", 1)] == "abstract"
    assert section[prose("data", 1)] == "body"
    assert section[prose("conclusion", 1)] == "conclusion"
    assert section[prose("references", 1)] == "references"
    assert section[prose("prompts", 1)] == "appendix"


@pytest.mark.parametrize("heading", ["Abstract. ", "Abstract: ", "ABSTRACT - "])
def test_an_abstract_that_runs_in_after_its_heading_is_found(heading: str) -> None:
    sheets = Sheets()
    sheets.line(120, 60, "Larger Models Follow Instructions More Often", 17, "tibo")
    y = sheets.justified(60, 100, 492, heading + prose("abstract", 4))
    sheets.line(60, y + 12, "1 Introduction", 12, "tibo")
    sheets.justified(60, y + 30, 492, prose("body", 4))
    document = sheets.read()
    assert ("Abstract", "abstract") in kinds(document)
    assert [s.section for s in document.sentences if "abstract of experiment" in s.text] == ["abstract"] * 4


def test_an_abstract_without_a_heading_is_the_long_paragraph_before_the_body() -> None:
    sheets = Sheets()
    sheets.line(120, 60, "Larger Models Follow Instructions More Often", 17, "tibo")
    sheets.line(250, 84, "Ada Smith and Bo Jones")
    y = sheets.justified(90, 120, 430, prose("summary", 5))
    sheets.line(60, y + 20, "1 Introduction", 12, "tibo")
    sheets.justified(60, y + 40, 492, prose("body", 4))
    document = sheets.read()
    assert {s.section for s in document.sentences if "summary of experiment" in s.text} == {"abstract"}
    assert {s.section for s in document.sentences if "body of experiment" in s.text} == {"body"}


@pytest.mark.parametrize("title", ["Appendix", "Supplementary Material", "Appendix A Prompts"])
def test_what_follows_the_references_is_an_appendix(title: str) -> None:
    document = paper(["Abstract", "1 Introduction", "References", title]).read()
    assert kinds(document)[-1] == (title, "appendix")


def test_a_bold_phrase_in_the_references_is_no_section() -> None:
    sheets = paper(["Abstract", "1 Introduction", "References"])
    sheets.line(60, 640, "Proceedings of the Meeting", 10, "tibo")
    assert kinds(sheets.read())[-1] == ("References", "references")


def test_captions_and_tables_of_contents_are_no_sections() -> None:
    sheets = paper(["Abstract"])
    y = sheets.line(60, 300, "Contents", 12, "tibo") + 6
    for number, title in enumerate(("Introduction", "Method", "Results", "Discussion", "Conclusion"), start=1):
        sheets.line(60, y, f"{number} {title}", 10, "tibo")
        sheets.line(500, y, str(number * 4), 10, "tibo")
        y += 14
    sheets.add()
    y = sheets.line(60, 80, "1 Introduction", 12, "tibo")
    y = sheets.justified(60, y, 492, prose("body", 4))
    sheets.line(60, y + 20, "Table 1: Scores of all models", 10, "tibo")
    found = [title for title, kind in kinds(sheets.read()) if kind not in ("front", "abstract")]
    assert found == ["1 Introduction"]


def test_a_heading_of_two_lines_is_one_section() -> None:
    sheets = paper(["Abstract", "1 Introduction"])
    y = sheets.line(60, 400, "2 A Long Heading That Has to Run", 12, "tibo")
    y = sheets.line(74, y, "Over Two Lines", 12, "tibo")
    sheets.justified(60, y + 4, 492, prose("body", 4))
    assert kinds(sheets.read())[-1] == ("2 A Long Heading That Has to Run Over Two Lines", "body")


def test_a_heading_before_a_paragraph_that_starts_bold_stands_alone() -> None:
    sheets = paper(["Abstract", "1 Introduction"])
    y = sheets.line(60, 420, "2 Data", 10, "tibo")
    sheets.line(60, y, "Arithmetic", 10, "tibo")
    sheets.line(115, y, "The data set adds up numbers, and goes on in this way for a line.", 10)
    assert kinds(sheets.read())[-1] == ("2 Data", "body")


def section_of(document: Document, topic: str) -> str:
    (found,) = {s.section for s in document.sentences if f"The {topic} of experiment" in s.text}
    return found


def test_related_work_and_limitations_are_sections_of_their_own_with_their_subsections() -> None:
    titles = ["Abstract", "1 Introduction", "2 Background and Related Work", "2.1 Probing", "3 Method", "4 Discussion"]
    titles += ["4.1 Limitations and Future Work", "4.2 Reach", "5 Conclusion", "6 Threats to Validity", "References"]
    document = paper(titles).read()
    assert ("4.1 Limitations and Future Work", "limitations") in kinds(document)
    assert section_of(document, "method") == "body"
    assert section_of(document, "probing") == "related work"
    assert section_of(document, "reach") == "body"
    assert section_of(document, "conclusion") == "conclusion"
    assert section_of(document, "validity") == "limitations"


@pytest.mark.parametrize(
    ("title", "kind"),
    [
        ("Related Work", "related work"),
        ("Literature Review", "related work"),
        ("Connections to Prior Work", "related work"),
        ("Limitations", "limitations"),
        ("Discussion, Limitations, and Future Work", "limitations"),
        ("Limitations of Our Approach", "limitations"),
        ("Limitations of Existing Methods", "body"),
        ("Conclusion and Limitations", "conclusion"),
        ("Background", "body"),
    ],
)
def test_titles_say_what_a_section_is(title: str, kind: str) -> None:
    document = paper(["Abstract", "1 Introduction", f"2 {title}", "3 More"]).read()
    assert (f"2 {title}", kind) in kinds(document)
    assert ("3 More", "body") in kinds(document)


def test_limitations_that_only_run_in_are_found() -> None:
    sheets = paper(["Abstract", "1 Introduction", "2 Discussion"])
    sheets.line(60, 420, "Limitations.", 10, "tibo")
    sheets.line(122, 420, "The study looks at one family of models, and at two of its sizes.", 10)
    sheets.line(60, 450, "Outlook.", 10, "tibo")
    sheets.line(105, 450, "The next study will look at several families of models, and at sizes.", 10)
    found = {s.text.split(" will")[0]: s.section for s in sheets.read().sentences}
    assert found["The study looks at one family of models, and at two of its sizes."] == "limitations"
    assert found["The next study"] == "body"
