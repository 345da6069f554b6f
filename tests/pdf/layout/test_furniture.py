"""What is printed on each page but does not belong to the paper."""

from __future__ import annotations

from tests.pdf.pdfs import Sheets, prose


def paper(pages: int, head: str = "", foot: str = "") -> Sheets:
    sheets = Sheets()
    for number in range(1, pages + 1):
        if number > 1:
            sheets.add()
        if head:
            sheets.line(200, 40, head.format(number), 8)
        sheets.justified(60, 80, 492, prose(f"page{number}", 14))
        if foot:
            sheets.line(300, 760, foot.format(number), 9)
    return sheets


def second_page(title: str) -> Sheets:
    """A paper of two pages; what stands above the text of the second is still to be printed."""
    sheets = Sheets()
    sheets.line(60, 80, title, 17)
    sheets.justified(60, 120, 492, prose("first", 14))
    sheets.add()
    sheets.justified(60, 80, 492, prose("second", 14))
    return sheets


def test_running_heads_and_page_numbers_are_left_out() -> None:
    for page in paper(5, "Smith and Jones: Larger models, part {}", "{}").read().pages:
        assert page.text == prose(f"page{page.number}", 14)


def test_heads_that_alternate_between_pages_are_left_out() -> None:
    sheets = Sheets()
    for number in range(1, 7):
        if number > 1:
            sheets.add()
        sheets.line(200, 40, "Smith et al." if number % 2 else "Larger models follow more instructions", 8)
        sheets.justified(60, 80, 492, prose(f"page{number}", 14))
    assert all("Smith" not in page.text and page.text.startswith("The page") for page in sheets.read().pages)


def test_a_page_number_beside_a_title_that_changes_is_left_out() -> None:
    sheets = Sheets()
    for number, title in enumerate(
        ("Where we begin", "What we ask of it", "How it was done", "All that we saw"), start=11
    ):
        if number > 11:
            sheets.add()
        sheets.line(60, 40, title, 8)
        sheets.line(540, 40, str(number), 8)
        sheets.justified(60, 80, 492, prose("body", 14))
    for number, page in enumerate(sheets.read().pages, start=11):
        assert str(number) not in page.text.partition("The body")[0]


def test_text_at_the_top_of_one_page_only_stays() -> None:
    sheets = paper(4, "Smith and Jones")
    sheets.line(60, 60, "Only this page says so.")
    assert "Only this page says so." in sheets.read().pages[3].text


def test_the_number_of_a_heading_at_a_pages_top_stays() -> None:
    sheets = Sheets()
    titles = {"1": "Where we begin", "3": "What we ask of it", "4": "How it was done", "7": "All that we saw"}
    for at, (number, title) in enumerate(titles.items()):
        if at:
            sheets.add()
        sheets.line(60, 60, number, 12, "tibo")
        sheets.line(85, 60, title, 12, "tibo")
        sheets.justified(60, 80, 492, prose("body", 10))
    found = [section.title for section in sheets.read().sections]
    assert found == [f"{number} {title}" for number, title in titles.items()]


def test_arxivs_stamp_is_left_out() -> None:
    sheets = Sheets()
    sheets.line(30, 560, "arXiv:2501.01234v1 [cs.CL] 1 Jan 2025", 18, rotate=90)
    sheets.justified(60, 80, 492, prose("body", 10))
    assert sheets.read().pages[0].text == prose("body", 10)


def test_other_sideways_text_is_kept_apart_from_the_prose() -> None:
    sheets = Sheets()
    sheets.line(40, 500, "Accuracy of each model", 9, rotate=90)
    sheets.justified(60, 80, 492, prose("body", 10))
    assert sheets.read().pages[0].text == prose("body", 10) + "\n\nAccuracy of each model"


def test_a_reviewers_line_numbers_are_left_out() -> None:
    sheets = Sheets()
    y = 80.0
    for number in range(1, 51):
        sheets.line(30, y, f"{number:03d}", 7)
        sheets.line(
            60, y, f"Row {'abcdefghij'[number % 10]} of the text that is numbered for its reviewers, as journals ask."
        )
        y += 12
    text = sheets.read().pages[0].text
    assert "017" not in text
    assert text.count("Row") == 50


def test_a_column_of_rising_numbers_inside_a_table_stays() -> None:
    sheets = Sheets()
    y = sheets.justified(60, 80, 492, prose("body", 10)) + 20
    for number in range(1, 11):
        sheets.line(200, y, str(number))
        sheets.line(260, y, f"item {'abcdefghijk'[number]}")
        y += 12
    assert "7 item h" in sheets.read().pages[0].text


def test_running_heads_that_change_with_the_section_are_gone() -> None:
    sheets = Sheets()
    heads = ["Introduction", "The method", "The method", "What we found", "Conclusion of it all", "References"]
    for number, head in enumerate(heads):
        if number:
            sheets.add()
        sheets.line(250, 50, head)
        sheets.justified(60, 90, 492, prose(f"page{number}", 8))
    document = sheets.read()
    assert [page.text for page in document.pages] == [prose(f"page{number}", 8) for number in range(6)]


def test_first_lines_of_double_spaced_pages_stay() -> None:
    sheets = Sheets()
    words = ["apples", "bread", "cheese", "dates", "eggs", "figs"]
    for number, word in enumerate(words):
        if number:
            sheets.add()
        for row in range(20):
            sheets.line(60, 90 + 30 * row, f"The line about {word} {row} stands far from the lines around it")
    document = sheets.read()
    assert all(f"The line about {word} 0" in page.text for word, page in zip(words, document.pages, strict=True))


def test_page_numbers_below_a_text_that_ends_high_on_the_sheet_are_left_out() -> None:
    sheets = Sheets()
    sheets.document.delete_page(0)
    for number in range(1, 5):
        sheets.add(595, 842)  # LaTeX's own margins on A4: the number stands 145 points above the edge
        y = sheets.justified(130, 135, 345, prose(f"page{number}", 30))
        assert y < 670
        sheets.line(300, 697, str(number))
    for page in sheets.read().pages:
        assert page.text == prose(f"page{page.number}", 30)


def test_a_running_head_that_gives_the_title_is_left_out_of_a_short_paper() -> None:
    sheets = second_page("Larger models follow more instructions than small ones do")
    sheets.line(200, 40, "Larger models follow more instructions", 9)
    assert sheets.read().pages[1].text == prose("second", 14)


def test_a_heading_in_the_words_of_the_title_stays() -> None:
    sheets = second_page("Larger models follow more instructions than small ones do")
    sheets.line(60, 60, "4.1", 10, "tibo")
    sheets.line(85, 60, "Larger models follow more instructions", 10, "tibo")
    assert "Larger models follow more instructions" in sheets.read().pages[1].text


def test_line_numbers_that_go_on_beside_the_last_few_lines_are_left_out() -> None:
    sheets = Sheets()
    for page, count in enumerate((40, 5)):
        if page:
            sheets.add()
        for at in range(count):
            sheets.line(60, 80 + 15 * at, f"Line {chr(97 + at % 26)} of this paper says what nobody has said so far.")
            sheets.line(30, 80 + 15 * at, str(40 * page + at + 1), 6)
    assert "4" not in sheets.read().pages[1].text


def test_a_running_head_that_shortens_the_title_goes_with_what_stands_far_beside_it() -> None:
    sheets = second_page("Larger models: they follow more of the instructions")
    sheets.line(60, 40, "Larger models follow instructions", 9)
    sheets.line(480, 40, "Smith et al.", 9)
    assert sheets.read().pages[1].text == prose("second", 14)


def single_page(head: str = "", foot: str = "", size: float = 8) -> Sheets:
    sheets = Sheets()
    if head:
        sheets.line(60, 40, head, size)
    sheets.justified(60, 80, 492, prose("only", 30))
    if foot:
        sheets.line(60, 760, foot, size)
    return sheets


def test_head_and_foot_of_a_single_page_are_left_out() -> None:
    sheets = single_page("Journal of Small Models | Volume 8", "www.smallmodels.example | March 2024")
    assert sheets.read().pages[0].text == prose("only", 30)


def test_a_single_pages_number_goes_with_what_stands_beside_it() -> None:
    sheets = single_page(size=10)
    sheets.line(60, 50, "Chapter 3 | Derivatives", 10)
    sheets.line(540, 50, "273", 10)
    assert sheets.read().pages[0].text == prose("only", 30)


def test_a_title_a_heading_and_a_footnote_at_the_rim_of_a_single_page_stay() -> None:
    title = single_page("Small models are led astray", size=17).read().pages[0].text
    assert title.startswith("Small models are led astray")
    headed = single_page()
    headed.line(60, 40, "Results", 10, "tibo")
    assert headed.read().pages[0].text.startswith("Results")
    said = "We thank those who looked at all of these models day and night and told us what they saw in them."
    assert said in single_page(foot=said).read().pages[0].text


def test_an_archives_stamp_along_the_edge_is_left_out() -> None:
    sheets = single_page()
    sheets.page.insert_text((600, 600), "Downloaded from an archive on Monday", fontsize=7, rotate=90)
    assert "Downloaded" not in sheets.read().pages[0].text
