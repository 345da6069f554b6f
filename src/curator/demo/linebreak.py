"""Breaks paragraphs into lines as a typesetter does: ligatures, hyphenation, footnote marks that take their room.

What makes a PDF hard to read back is made here on purpose: a word cut by a hyphen at a line's end, and ﬁ as one sign.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from functools import lru_cache
from typing import Literal

Face = Literal["roman", "bold", "italic", "raised"]
Measure = Callable[[str, Face], float]
"""The width of a text in a face, in units of the type size."""

LIGATURES = {"ffi": "ﬃ", "ffl": "ﬄ", "ff": "ﬀ", "fi": "ﬁ", "fl": "ﬂ"}

_LIGATURE = re.compile("ffi|ffl|ff|fi|fl")
_INLINE = re.compile(r"\*([^*]+)\*|\[\^(\d+)\]")
_LETTERS = re.compile(r"[A-Za-z]{6,}")
# between two consonants that belong to two syllables, or after a vowel before consonant and vowel
_SYLLABLE = re.compile(
    r"(?<=[aeiouy][bcdfgklmnprstvxz])(?=[bcdfgjklmnpqrstvwz](?!$)[aeiouyhlr])|(?<=[aeiou])(?=[bcdfglmnprtv][aeiouy])"
)
_INSEPARABLE = re.compile("[bcdfgkpst]l|[bcdfgptw]r|[cgpstw]h|s[kmnptcw]|gn|ng|ck|qu|tw")
_SILENT = re.compile("[^aeiouy]*(?:e|ed|es|est|er)")  # no syllable, or not one to part from the rest
_PARTICIPLE = re.compile(r"([^aeiouy])(?!\1)[^aeiouy]*ing$|(?<=[aeiouy][^aeiouy])ing$")
_SHORTEST = 3  # letters that a part of a broken word must have
_LOOSE = 0.1  # a line is left unhyphenated if its gaps grow by less than this, in units of the type size


@dataclass(frozen=True)
class Word:
    parts: tuple[tuple[str, Face], ...]  # without blanks, ligatures set
    width: float
    footnotes: tuple[str, ...] = ()


@dataclass(frozen=True)
class Line:
    words: tuple[Word, ...]
    gap: float  # between words, in units of the type size
    width: float  # of the words and gaps
    indent: float

    @property
    def footnotes(self) -> tuple[str, ...]:
        return tuple(name for word in self.words for name in word.footnotes)


def with_quotes(text: str) -> str:
    """Straight quotation marks and apostrophes made curly."""
    text = re.sub(r'(?<![^\s(])"', "“", text).replace('"', "”")
    return re.sub(r"(?<![^\s(“])'", "‘", text).replace("'", "’")


def with_ligatures(text: str) -> str:
    return _LIGATURE.sub(lambda match: LIGATURES[match[0]], text)


def break_points(word: str) -> list[tuple[str, str]]:
    """The ways to part a word, longest first part last; the first part carries its hyphen.

    A word with hyphens of its own is parted only at those.
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
        for cut in _syllables(letters.lower())
        if cut >= _SHORTEST and len(letters) - cut >= _SHORTEST
    ]


@lru_cache(maxsize=20_000)
def _syllables(letters: str) -> tuple[int, ...]:
    cuts = [match.start() for match in _SYLLABLE.finditer(letters)]
    if participle := _PARTICIPLE.search(letters):
        cuts = [cut for cut in cuts if cut <= participle.start()] + [len(letters) - 3]
    return tuple(
        cut
        for cut in cuts
        if not _INSEPARABLE.fullmatch(letters[cut - 1 : cut + 1]) and not _SILENT.fullmatch(letters, cut)
    )


def words_of(text: str, measure: Measure, face: Face = "roman") -> list[Word]:
    """The words of a paragraph's text, its `*italics*` and footnote marks resolved."""
    words: list[Word] = []
    parts: list[tuple[str, Face]] = []
    notes: list[str] = []

    def finish() -> None:
        if parts:
            words.append(Word(tuple(parts), sum(measure(*part) for part in parts), tuple(notes)))
        parts.clear()
        notes.clear()

    for run, run_face, note in _runs(with_quotes(text), face):
        pieces = run.split(" ")
        for number, piece in enumerate(pieces):
            if number:
                finish()
            if piece:
                parts.append((with_ligatures(piece), run_face))
        if note:
            notes.append(note)
    finish()
    return words


def _runs(text: str, face: Face) -> Iterable[tuple[str, Face, str]]:
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
    """Greedy lines of at most `width`, all lengths in units of the type size.

    Only a word that is wider than a whole line, and cannot be parted, sticks out.
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
        parted = None
        if not row or (hyphenate and slack > _LOOSE * max(1, len(row) - 1) and not _hyphenated(lines[-2:])):
            parted = _part(word, room, measure)
        if parted:
            row.append(parted[0])
            queue.append(parted[1])
            used += parted[0].width + (space if len(row) > 1 else 0.0)
        elif row:
            queue.append(word)
        else:
            row.append(word)
            used = word.width
        lines.append(_line(row, used, width - indent, space, indent, justified))
        row, indent, used = [], hanging, 0.0
    if row:
        lines.append(Line(tuple(row), space, used, indent))
    return lines


def _part(word: Word, room: float, measure: Measure) -> tuple[Word, Word] | None:
    if len(word.parts) != 1:
        return None
    text, face = word.parts[0]
    for ligature, letters in ((sign, letters) for letters, sign in LIGATURES.items()):
        text = text.replace(ligature, letters)
    for first, second in reversed(break_points(text)):
        head = with_ligatures(first)
        if measure(head, face) <= room:
            tail = with_ligatures(second)
            return Word(((head, face),), measure(head, face)), Word(
                ((tail, face),), measure(tail, face), word.footnotes
            )
    return None


def _hyphenated(lines: list[Line]) -> bool:
    return len(lines) == 2 and all(line.words[-1].parts[-1][0].endswith("-") for line in lines)


def _line(row: list[Word], used: float, room: float, space: float, indent: float, justified: bool) -> Line:
    gaps = len(row) - 1
    if not justified or gaps == 0:
        return Line(tuple(row), space, used, indent)
    return Line(tuple(row), space + (room - used) / gaps, room, indent)
