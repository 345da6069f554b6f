"""The papers that the stand-in for arXiv holds, indexed once, so that ten thousand can be searched at once."""

from __future__ import annotations

import re
from collections import Counter, defaultdict
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import UTC, datetime
from fnmatch import translate
from pathlib import Path

from curator.demo.search_query import (
    FIELDS,
    WHOLE_FIELDS,
    Node,
    QueryRefused,
    fold_whole,
    fold_words,
)
from curator.types import Paper

_ID = re.compile(
    r"(?:(?P<new>\d{4}\.\d{4,6})|(?P<archive>[a-z]+(?:-[a-z]+)?)(?:\.[A-Za-z]{2})?/(?P<old>\d{7}))(?:v(?P<version>\d{1,4}))?",
    re.ASCII,
)
_BREAK = "|"  # no word; stands between two authors or two fields, so that no phrase runs over both


@dataclass(frozen=True)
class HeldPaper:
    """A paper version on the server's shelf."""

    paper: Paper
    pdf: Path | bytes | None  # None: asking for the PDF answers 404


def parse_id(text: str) -> tuple[str, int | None]:
    """An arXiv id, new or old style, and the version it names, if any; an old one without its subject class.

    Raises:
        QueryRefused: it is not an arXiv id.
    """
    match = _ID.fullmatch(text)
    if match is None:
        raise QueryRefused(f"incorrect id format for {text}")
    return match["new"] or f"{match['archive']}/{match['old']}", int(match["version"]) if match["version"] else None


class Holdings:
    """Held papers by id and version, and an inverted index over the latest version of each.

    Of two held papers with the same id and version, the later one counts.
    """

    def __init__(self, papers: Iterable[HeldPaper]) -> None:
        self._versions: dict[str, dict[int, HeldPaper]] = defaultdict(dict)
        for held in papers:
            self._versions[held.paper.id][held.paper.version] = held
        self._latest = [versions[max(versions)] for versions in self._versions.values()]
        self._phrases: list[dict[str, str]] = []  # by field, words parted and bordered by single blanks
        self._postings: dict[str, dict[str, set[int]]] = {field: defaultdict(set) for field in FIELDS}
        for number, held in enumerate(self._latest):
            self._index(number, held.paper)

    def find(self, paper_id: str, version: int | None = None) -> HeldPaper | None:
        """That version, or the latest one; None where it is not held."""
        versions = self._versions.get(paper_id)
        if not versions:
            return None
        return versions.get(max(versions) if version is None else version)

    def search(self, query: Node) -> list[tuple[HeldPaper, int]]:
        """The latest versions that answer the query, each with its score: how many of the terms it meets."""
        scores: Counter[int] = Counter()
        found = query.match(self, scores)
        return [(self._latest[number], scores[number]) for number in found]

    def holding(self, field: str, words: tuple[str, ...]) -> frozenset[int]:
        """Papers with these words side by side in a field."""
        if not words:
            return frozenset()
        fewest, *others = sorted((self._with_word(field, word) for word in words), key=len)
        found = frozenset(fewest.intersection(*others))
        if len(words) == 1:
            return found
        phrase = f" {' '.join(words)} "
        return frozenset(number for number in found if phrase in self._phrases[number].get(field, ""))

    def dated(self, field: str, low: datetime, high: datetime) -> frozenset[int]:
        """Papers whose v1 (submittedDate) or version (lastUpdatedDate) is from that time, ends included."""
        return frozenset(
            number
            for number, held in enumerate(self._latest)
            if low <= format_moment(held.paper, field).replace(microsecond=0) <= high
        )

    def _index(self, number: int, paper: Paper) -> None:
        texts = {
            "ti": fold_words(paper.title),
            "au": tuple(word for name in paper.authors for word in (*fold_words(name), _BREAK)),
            "abs": fold_words(paper.abstract),
            "co": fold_words(paper.comment or ""),
            "jr": fold_words(paper.journal_ref or ""),
            "cat": tuple(fold_whole(category) for category in paper.categories),
            "id": (fold_whole(paper.id), fold_whole(paper.versioned_id)),
        }
        running = {field: f" {' '.join(words)} " for field, words in texts.items() if field not in WHOLE_FIELDS}
        self._phrases.append({**running, "all": f" {_BREAK} ".join(running.values())})
        for field, words in texts.items():
            for word in words:
                self._postings[field][word].add(number)
                if field not in WHOLE_FIELDS:
                    self._postings["all"][word].add(number)

    def _with_word(self, field: str, word: str) -> set[int]:
        postings = self._postings[field]
        if "*" not in word and "?" not in word:
            return postings.get(word, set())
        pattern = re.compile(translate(word.replace("[", "[[]")))
        return set().union(*(numbers for other, numbers in postings.items() if pattern.fullmatch(other)))


def format_moment(paper: Paper, field: str) -> datetime:
    """The date that arXiv searches and sorts by under that name, in UTC."""
    date = paper.published if field == "submittedDate" else paper.updated
    return date.replace(tzinfo=UTC) if date.tzinfo is None else date.astimezone(UTC)
