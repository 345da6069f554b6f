"""Break paragraphs into lines as a typesetter does, with ligatures, hyphenation and raised footnote marks.

The results are as hard to read back as a real paper: words are hyphenated at line ends, and “ﬁ” is one character.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from functools import lru_cache
from typing import Literal

Face = Literal["roman", "bold", "italic", "raised"]
Measure = Callable[[str, Face], float]
"""Return the width of a text in a face, in ems."""

LIGATURES = {"ffi": "ﬃ", "ffl": "ﬄ", "ff": "ﬀ", "fi": "ﬁ", "fl": "ﬂ"}

_LIGATURE = re.compile("ffi|ffl|ff|fi|fl")
_INLINE = re.compile(r"\*([^*]+)\*|\[\^(\d+)\]")
_LETTERS = re.compile(r"[A-Za-z]{6,}")
# between two consonants of different syllables, or between a vowel and a consonant that a vowel follows
_SYLLABLE = re.compile(
    r"(?<=[aeiouy][bcdfgklmnprstvxz])(?=[bcdfgjklmnpqrstvwz](?!$)[aeiouyhlr])|(?<=[aeiou])(?=[bcdfglmnprtv][aeiouy])"
)
_INSEPARABLE = re.compile("[bcdfgkpst]l|[bcdfgptw]r|[cgpstw]h|s[kmnptcw]|gn|ng|ck|qu|tw")
_SILENT = re.compile("[^aeiouy]*(?:e|ed|es|est|er)")  # an ending that is silent or too weak to begin a line
_PARTICIPLE = re.compile(r"([^aeiouy])(?!\1)[^aeiouy]*ing$|(?<=[aeiouy][^aeiouy])ing$")
_MIN_LETTERS = 3  # on either side of a hyphen
_MIN_STRETCH = 0.1  # ems; a line whose gaps would grow by less is left unhyphenated


@dataclass(frozen=True)
class Word:
    """A word, or a piece of a hyphenated word, with its punctuation and footnote marks."""

    parts: tuple[tuple[str, Face], ...]  # with ligatures, without spaces
    width: float  # ems
    footnotes: tuple[str, ...] = ()


@dataclass(frozen=True)
class Line:
    """A line of a paragraph; lengths in ems."""

    words: tuple[Word, ...]
    gap: float  # between words
    width: float  # of the words and gaps
    indent: float

    @property
    def footnotes(self) -> tuple[str, ...]:
        """The numbers of the footnotes that the line refers to."""
        return tuple(name for word in self.words for name in word.footnotes)


def curl_quotes(text: str) -> str:
    """Replace straight quotation marks and apostrophes with curly ones."""
    text = re.sub(r'(?<![^\s(])"', "“", text).replace('"', "”")
    return re.sub(r"(?<![^\s(“])'", "‘", text).replace("'", "’")


def set_ligatures(text: str) -> str:
    """Replace letter pairs such as "fi" with ligature characters, the longest match first."""
    return _LIGATURE.sub(lambda match: LIGATURES[match[0]], text)


def find_breaks(word: str) -> list[tuple[str, str]]:
    """Return each way to break a word in two, the first part with its hyphen, in order of the first part's length.

    A word that has hyphens of its own is broken only there.
    """
    if "-" in word.strip("-"):
        cuts = [match.end() for match in re.finditer(r"(?<=\w)-(?=\w)", word)]
        return [(word[:cut], word[cut:]) for cut in cuts]
    found = _LETTERS.search(word)
    if found is None or any(char.isdigit() for char in word):
        return []
    letters, before = found[0], word[: found.start()]
    return [
        (f"{before}{letters[:cut]}-", word[found.start() + cut :])
        for cut in _find_syllables(letters.lower())
        if cut >= _MIN_LETTERS and len(letters) - cut >= _MIN_LETTERS
    ]


@lru_cache(maxsize=20_000)
def _find_syllables(letters: str) -> tuple[int, ...]:
    cuts = [match.start() for match in _SYLLABLE.finditer(letters)]
    if participle := _PARTICIPLE.search(letters):
        cuts = [cut for cut in cuts if cut <= participle.start()] + [len(letters) - 3]
    return tuple(
        cut
        for cut in cuts
        if not _INSEPARABLE.fullmatch(letters[cut - 1 : cut + 1]) and not _SILENT.fullmatch(letters, cut)
    )


def split_words(text: str, measure: Measure, face: Face = "roman") -> list[Word]:
    """Split a paragraph's source into words, and resolve its `*italics*` and footnote marks."""
    words: list[Word] = []
    parts: list[tuple[str, Face]] = []
    notes: list[str] = []

    def finish() -> None:
        if parts:
            words.append(Word(tuple(parts), sum(measure(*part) for part in parts), tuple(notes)))
        parts.clear()
        notes.clear()

    for run, run_face, note in _split_runs(curl_quotes(text), face):
        pieces = run.split(" ")
        for number, piece in enumerate(pieces):
            if number:
                finish()
            if piece:
                parts.append((set_ligatures(piece), run_face))
        if note:
            notes.append(note)
    finish()
    return words


def _split_runs(text: str, face: Face) -> Iterable[tuple[str, Face, str]]:
    at = 0
    for match in _INLINE.finditer(text):
        yield text[at : match.start()], face, ""
        at = match.end()
        if match[2]:
            yield match[2], "raised", match[2]
        else:
            yield match[1], "roman" if face == "italic" else "italic", ""
    yield text[at:], face, ""


def break_lines(
    words: Iterable[Word],
    width: float,
    measure: Measure,
    *,
    justified: bool = True,
    hyphenate: bool = True,
    first_indent: float = 0.0,
    hanging: float = 0.0,
) -> list[Line]:
    """Break words into lines of at most `width`, as many words a line as fit; all lengths in ems.

    Only a word that is wider than a whole line, and cannot be broken, is allowed to overflow.
    """
    space = measure(" ", "roman")
    queue = list(reversed(list(words)))
    lines: list[Line] = []
    row: list[Word] = []
    indent, used = first_indent, 0.0
    while queue:
        word = queue.pop()
        room = width - indent - used - (space if row else 0.0)
        if word.width <= room:
            used += word.width + (space if row else 0.0)
            row.append(word)
            continue
        slack = width - indent - used
        broken = None
        if not row or (hyphenate and slack > _MIN_STRETCH * max(1, len(row) - 1) and not _end_in_hyphens(lines[-2:])):
            broken = _break_word(word, room, measure)
        if broken:
            row.append(broken[0])
            queue.append(broken[1])
            used += broken[0].width + (space if len(row) > 1 else 0.0)
        elif row:
            queue.append(word)
        else:
            row.append(word)
            used = word.width
        lines.append(_make_line(row, used, width - indent, space, indent, justified))
        row, indent, used = [], hanging, 0.0
    if row:
        lines.append(Line(tuple(row), space, used, indent))
    return lines


def _break_word(word: Word, room: float, measure: Measure) -> tuple[Word, Word] | None:
    if len(word.parts) != 1:
        return None
    text, face = word.parts[0]
    for ligature, letters in ((sign, letters) for letters, sign in LIGATURES.items()):
        text = text.replace(ligature, letters)
    for first, second in reversed(find_breaks(text)):
        head = set_ligatures(first)
        if measure(head, face) <= room:
            tail = set_ligatures(second)
            return Word(((head, face),), measure(head, face)), Word(
                ((tail, face),), measure(tail, face), word.footnotes
            )
    return None


def _end_in_hyphens(lines: list[Line]) -> bool:
    return len(lines) == 2 and all(line.words[-1].parts[-1][0].endswith("-") for line in lines)


def _make_line(row: list[Word], used: float, room: float, space: float, indent: float, justified: bool) -> Line:
    gaps = len(row) - 1
    if not justified or gaps == 0:
        return Line(tuple(row), space, used, indent)
    return Line(tuple(row), space + (room - used) / gaps, room, indent)
