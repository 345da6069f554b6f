from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from curator.quotes.normalize import fold_character, fold_space, normalize

PIECES = st.sampled_from(
    [
        *"aZé.,'‘”-–—−\n\t ",
        "\u00ad",
        "\u200b",
        "ﬁ",
        "ﬃ",
        "½",
        "²",
        "¨",
        "≠",
        "…",
        "experi-\nment",
        "--",
        "- ",
        "4",
        "İ",
        "ß",
    ]
)
WILD = st.one_of(st.text(max_size=60), st.lists(PIECES, max_size=40).map("".join))


@pytest.mark.parametrize(
    ("printed", "typed"),
    [
        ("e\ufb03cient \ufb01ne", "efficient fine"),
        ("“quoted” and ‘this’", "\"quoted\" and 'this'"),
        ("``quoted''", '"quoted"'),
        ("experi-\nment", "experiment"),
        ("experi- ment", "experiment"),
        ("experi\u00ad\nment", "experiment"),
        ("exper\u00adiment", "experiment"),
        ("zero\u200bwidth", "zerowidth"),
        ("state-of-the-\nart", "state-of-the-art"),
        ("GPT-\n4", "GPT-4"),
        ("input–output", "input-output"),
        ("a pause — here", "a pause -- here"),
        ("x = −5", "x = -5"),
        ("two   \n words", "Two words"),
        ("naïve, nai\u0308ve, na¨ıve", "naive, naive, naive"),
        ("𝑥 ∼ 𝐷", "x ~ D"),
        ("and so on…", "and so on..."),
    ],
)
def test_what_a_reader_would_call_the_same_is_equal(printed: str, typed: str) -> None:
    assert normalize(printed).text == normalize(typed).text


@pytest.mark.parametrize(
    ("one", "other"),
    [
        ("10² runs", "102 runs"),
        ("2½ runs", "21/2 runs"),
        ("x ≠ y", "x = y"),
        ("−5 points", "5 points"),
        ("3-5 points", "35 points"),
        ("now here", "nowhere"),
        ("word—not", "wordnot"),
        ("p < 1", "p > 1"),
    ],
)
def test_what_differs_in_meaning_stays_different(one: str, other: str) -> None:
    assert normalize(one).text != normalize(other).text


@given(WILD)
def test_normalising_twice_changes_nothing(text: str) -> None:
    once = normalize(text).text
    assert normalize(once).text == once


@given(WILD)
def test_every_character_comes_from_the_place_it_names(text: str) -> None:
    normalised = normalize(text)
    assert len(normalised.starts) == len(normalised.ends) == len(normalised.text)
    last_start = 0
    for index, character in enumerate(normalised.text):
        start, end = normalised.get_original_span(index, index + 1)
        assert last_start <= start < end <= len(text)
        assert character == "—" or any(character in fold_character(piece) for piece in text[start:end])
        last_start = start


@given(WILD)
def test_the_whole_maps_back_to_text_that_normalises_to_it(text: str) -> None:
    normalised = normalize(text)
    if normalised.text:
        start, end = normalised.get_original_span(0, len(normalised.text))
        assert normalize(text[start:end]).text == normalised.text


@given(st.lists(st.sampled_from(["models", "Eﬃcient", "naïve", "3.5", "“so”", "x²", "experi-\nment"]), min_size=1))
def test_words_map_back_to_themselves(words: list[str]) -> None:
    text = " \n".join(words)
    normalised = normalize(text)
    assert normalised.text == " ".join(normalize(word).text for word in words)
    offset = 0
    for word in words:
        length = len(normalize(word).text)
        start, end = normalised.get_original_span(offset, offset + length)
        assert text[start:end] == word
        offset += length + 1


@given(WILD, WILD)
def test_texts_parted_by_a_full_stop_normalise_by_themselves(left: str, right: str) -> None:
    joined = normalize(f"{left}.\n\n.{right}").text
    assert joined == f"{normalize(left + '.').text} {normalize('.' + right).text}"


@pytest.mark.parametrize(("start", "end"), [(0, 0), (2, 1), (-1, 2), (0, 9)])
def test_a_stretch_outside_the_text_is_refused(start: int, end: int) -> None:
    with pytest.raises(IndexError, match="no stretch"):
        normalize("short").get_original_span(start, end)


@given(WILD)
def test_folded_space_is_one_line(text: str) -> None:
    assert len(fold_space(text).splitlines()) <= 1
