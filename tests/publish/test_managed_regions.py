"""Curator writes between its own markers and nowhere else."""

from __future__ import annotations

import re
from collections.abc import Callable

import pytest
from hypothesis import given
from hypothesis import strategies as st

from curator.errors import PublishError
from curator.publish.managed_regions import lay_out_regions, write_regions
from curator.publish.markdown import render_list
from tests.publish.frames import frame, listing

NAMES = ("topics", "representational", "functional", "changelog")
REGIONS = {name: f"the {name}\n\n- one" for name in NAMES}
LATER = {name: f"{name} later" for name in NAMES}
REGION = re.compile(r"(<!-- curator:begin \w+)(?: sha=\w+)? -->\r?\n.*?(?=<!-- curator:end)", re.DOTALL)


def write(existing: str | None, regions: dict[str, str] = REGIONS) -> str:
    return write_regions(existing, regions, "A *list*", "What it is [about](https://a.example).")


def outside(text: str) -> list[str]:
    """What is not Curator's: all but the regions' content and hash."""
    return REGION.sub(r"\1\0", text).split("\0")


def test_a_new_file_is_laid_out_whole_with_its_headings_outside_of_the_regions() -> None:
    text = write(None)
    assert text.startswith(
        "# A \\*list\\*\n\nWhat it is [about](https://a.example).\n\n## Things we want to understand\n\n<!--"
    )
    assert re.findall(r"begin (\w+)", text) == re.findall(r"end (\w+)", text) == list(NAMES)
    assert [line for part in outside(text) for line in part.splitlines() if line.startswith("## ")] == [
        "## Things we want to understand",
        "## Representational frames",
        "## Functional frames",
        "## Changelog",
    ]
    assert text.endswith("<!-- curator:end changelog -->\n")


@pytest.mark.parametrize("empty", ["", "\ufeff", "\n", " \r\n"])
def test_an_empty_file_is_laid_out_whole(empty: str) -> None:
    text = write(empty)
    assert text.startswith(empty)
    assert "# A \\*list\\*" in text


def test_a_file_without_regions_keeps_its_text_and_gets_them_at_its_end() -> None:
    text = write("My own list")
    assert text.startswith("My own list\n\n## Things we want to understand\n")
    assert "A \\*list" not in text


LISTED = {**REGIONS, "functional": '- <a id="F1"></a>Heads copy. · F1\n- <a id="F12"></a>Heads wait. · F12'}

LOSSES = {
    "comments taken out": lambda text: re.sub(r"<!--.*?-->\n?", "", text),
    "comments typeset": lambda text: text.replace("<!--", "<!—").replace("-->", "—>"),
    "markup escaped": lambda text: text.replace("<", "&lt;").replace(">", "&gt;"),
    "comments taken out, tags in capitals": lambda text: re.sub(r"<!--.*?-->\n?", "", text).replace("a id=", "A ID="),
    "comments taken out, quotation marks typeset": lambda text: re.sub(
        r'id="(\w+)"', "id=“\\1”", re.sub(r"<!--.*?-->\n?", "", text)
    ),
    "comments taken out, tags escaped": lambda text: re.sub(r"<!--.*?-->\n?", "", text).replace("<a", "\\<a"),
}


@pytest.mark.parametrize("lose", LOSSES.values(), ids=LOSSES.keys())
def test_a_list_that_lost_its_markers_is_not_written_a_second_time(lose: Callable[[str], str]) -> None:
    with pytest.raises(PublishError, match=r"F1, F12.*Nothing was written"):
        write(lose(write(None, LISTED)), LISTED)


def test_a_file_of_ones_own_with_other_anchors_gets_the_regions() -> None:
    assert "curator:begin functional" in write('My list. <a id="F99"></a> <a id="intro"></a>', LISTED)


def test_writing_twice_changes_nothing() -> None:
    assert write(write(None)) == write(None)


@given(
    texts=st.lists(st.text(alphabet=st.characters(exclude_categories=["Cs"])), min_size=5, max_size=5),
    newline=st.sampled_from(["\n", "\r\n"]),
    order=st.permutations(NAMES),
    kept=st.integers(1, 4),
    writes=st.lists(st.dictionaries(st.sampled_from(NAMES), st.text("ab#\n -", max_size=9)), min_size=1, max_size=3),
)
def test_text_outside_of_the_regions_is_untouched_after_any_writes(
    texts: list[str], newline: str, order: list[str], kept: int, writes: list[dict[str, str]]
) -> None:
    first, *others = texts
    text = first + newline if first else ""
    for name, after in zip(order[:kept], others, strict=False):
        text += f"<!-- curator:begin {name} -->{newline}<!-- curator:end {name} -->{newline}"
        text += after + newline if after else ""
    text = text.removesuffix(newline)
    before = outside(text)
    for regions in writes:
        text = write(text, {**REGIONS, **regions})
        assert outside(text) == before
    assert write(text, {**REGIONS, **writes[-1]}) == text


def test_line_ends_and_byte_order_mark_and_a_missing_last_newline_are_kept() -> None:
    existing = "\ufeff<!-- curator:begin topics -->\r\n<!-- curator:end topics -->\r\nmine\r\n\u2028\x0bmine"
    text = write(existing)
    assert text == re.sub(
        "begin topics -->\r\n",
        lambda _: text[text.index("begin") : text.index(" -->")] + " -->\r\nthe topics\r\n\r\n- one\r\n",
        existing,
    )
    assert write(text, LATER).endswith("\r\nmine\r\n\u2028\x0bmine")


def test_a_hand_edit_in_a_region_stops_everything_and_is_shown() -> None:
    edited = write(None).replace("the functional\n\n- one", "the functional\n\n- one, as I see it")
    with pytest.raises(PublishError) as caught:
        write(edited)
    message = str(caught.value)
    assert "+- one, as I see it" in message
    assert "-- one\n" in message
    assert "outside the markers" in message
    assert "topics" not in message


def test_every_hand_edited_region_is_reported_at_once() -> None:
    edited = write(None).replace("- one", "- two")
    with pytest.raises(PublishError) as caught:
        write(edited)
    assert all(f"+++ {name}, as it is in the file from line" in str(caught.value) for name in NAMES)


def test_a_long_hand_edit_is_cut() -> None:
    edited = write(None).replace("the topics", "mine\n" * 500)
    with pytest.raises(PublishError, match=r"… and \d+ more lines"):
        write(edited)


def test_text_that_a_person_put_into_an_empty_region_is_not_overwritten() -> None:
    text = "<!-- curator:begin topics -->\nmine\n<!-- curator:end topics -->\n"
    with pytest.raises(PublishError, match="mine"):
        write(text)


def test_an_emptied_region_is_written_anew() -> None:
    text = write(None)
    emptied = re.sub(r"the functional\s+- one", " ", text)
    assert "the functional" not in emptied
    assert write(emptied) == text


def test_changed_line_ends_and_trailing_blanks_are_no_hand_edit() -> None:
    text = write(None)
    assert write(text.replace("\n", "\r\n"), LATER) == write(text, LATER).replace("\n", "\r\n")
    assert "later" in write(text.replace("- one", "- one  "), LATER)


def test_a_hand_edit_that_says_what_curator_would_write_is_none() -> None:
    assert write(write(None).replace("the topics\n\n- one", "topics later"), LATER) == write(None, LATER)


def test_a_region_that_was_taken_out_stays_out() -> None:
    text = re.sub(r"<!-- curator:begin topics.*?end topics -->\n", "", write(None), flags=re.DOTALL)
    assert "the topics" not in write(text)
    assert "functional later" in write(text, LATER)


@pytest.mark.parametrize(
    ("text", "complaint"),
    [
        ("a\n<!-- curator:begin topics -->\n", r'"curator:begin topics" on line 2 has no end marker'),
        ("<!-- curator:end topics -->", r'"curator:end topics" on line 1 has no begin marker'),
        (
            "<!-- curator:begin topics -->\n<!-- curator:begin functional -->",
            "functional.* on line 2 is inside .* line 1",
        ),
        (
            "<!-- curator:begin topics -->\n<!-- curator:end functional -->",
            'functional.* on line 2 does not end the region "topics"',
        ),
        (
            "<!-- curator:begin topics -->\n<!-- curator:end topics -->\n" * 2,
            "topics.* on line 3 occurs a second time",
        ),
        ("<!-- curator:begin other -->\n<!-- curator:end other -->", "other.* on line 1 names no region"),
        ("x <!-- curator:begin topics -->\n<!-- curator:end topics -->", "on line 1 .* not alone on its line"),
        ("<!-- curator:begin topics\n<!-- curator:end topics -->", "on line 1 .* damaged"),
        ("a\r\n\r\n<!-- curator: begin topics -->", "on line 3 .* damaged"),
    ],
)
def test_a_damaged_marker_is_named_with_its_line(text: str, complaint: str) -> None:
    with pytest.raises(PublishError, match=complaint):
        write(text)


@pytest.mark.parametrize("place", ["title", "about", "region"])
def test_marker_text_in_what_is_to_be_written_is_refused(place: str) -> None:
    marker = "<!-- curator:end topics -->"
    texts = {"title": "t", "about": "a", "region": "r"} | {place: marker}
    with pytest.raises(PublishError, match="marks Curator's regions"):
        write_regions(None, {"topics": texts["region"]}, texts["title"], texts["about"])


def test_rendered_frames_can_be_written_and_written_again() -> None:
    regions = render_list(listing(frame(text="<!-- curator:end representational -->"), topics=("T",)))
    text = write_regions(None, regions, "T", "")
    assert write_regions(text, regions, "T", "") == text
    assert "F13" in write_regions(text, render_list(listing(frame(13), topics=("T",))), "T", "")


@given(st.lists(st.text(st.sampled_from("ab \t\r\n\u00a0\x1cé"), max_size=9), min_size=1, max_size=5))
def test_a_list_in_pieces_is_the_list_in_one(blocks: list[str]) -> None:
    whole = write_regions(None, {"topics": "\n\n".join(blocks), "changelog": "x"}, "A list", "About it.")
    assert "".join(lay_out_regions({"topics": blocks, "changelog": ["x"]}, "A list", "About it.")) == whole


def test_marker_text_in_pieces_is_refused_too() -> None:
    with pytest.raises(PublishError, match="marks Curator's regions"):
        list(lay_out_regions({"topics": ["- a", "<!-- curator:end topics -->"]}, "A list", ""))
