"""The papers of the stand-in for arXiv, with an index that searches ten thousand papers without delay."""

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
    InvalidQueryError,
    Node,
    fold_whole,
    fold_words,
)
from curator.types import Paper

_ID = re.compile(
    r"(?:(?P<new>\d{4}\.\d{4,6})|(?P<archive>[a-z]+(?:-[a-z]+)?)(?:\.[A-Za-z]{2})?/(?P<old>\d{7}))(?:v(?P<version>\d{1,4}))?",
    re.ASCII,
)
_BREAK = "|"  # not a word; separates authors and fields, so that no phrase matches across a boundary


@dataclass(frozen=True)
class HeldPaper:
    """A version of a paper that the server holds."""

    paper: Paper
    pdf: Path | bytes | None  # None: the server answers requests for the PDF with status 404


def parse_id(text: str) -> tuple[str, int | None]:
    """Parse an arXiv id of the new or old style.

    Returns:
        The id without a version, an old one without its subject class; and the version, if the text has one.

    Raises:
        InvalidQueryError: The text is not an arXiv id.
    """
    match = _ID.fullmatch(text)
    if match is None:
        raise InvalidQueryError(f"incorrect id format for {text}")
    return match["new"] or f"{match['archive']}/{match['old']}", int(match["version"]) if match["version"] else None


class Holdings:
    """Papers by id and version, and an inverted index over the latest version of each.

    Args:
        papers: The papers to hold. A later paper replaces an earlier one with the same id and version.
    """

    def __init__(self, papers: Iterable[HeldPaper]) -> None:
        self._versions: dict[str, dict[int, HeldPaper]] = defaultdict(dict)
        for held in papers:
            self._versions[held.paper.id][held.paper.version] = held
        self._latest = [versions[max(versions)] for versions in self._versions.values()]
        self._phrases: list[
            dict[str, str]
        ] = []  # by number and field: the words, with one space before, between and after
        self._postings: dict[str, dict[str, set[int]]] = {field: defaultdict(set) for field in FIELDS}
        for number, held in enumerate(self._latest):
            self._index(number, held.paper)

    def find(self, paper_id: str, version: int | None = None) -> HeldPaper | None:
        """Return a version of a paper, by default the latest; None if the server does not hold it."""
        versions = self._versions.get(paper_id)
        if not versions:
            return None
        return versions.get(max(versions) if version is None else version)

    def search(self, query: Node) -> list[tuple[HeldPaper, int]]:
        """Return the latest versions that match a query, each with its score.

        The score is the number of terms that match, plus one for each term of the field `all` in the title.
        """
        scores: Counter[int] = Counter()
        matches = query.match(self, scores)
        return [(self._latest[number], scores[number]) for number in matches]

    def match_words(self, field: str, words: tuple[str, ...]) -> frozenset[int]:
        """Return the numbers of the papers in which a field contains these words next to each other."""
        if not words:
            return frozenset()
        smallest, *others = sorted((self._find_word(field, word) for word in words), key=len)
        matches = frozenset(smallest.intersection(*others))
        if len(words) == 1:
            return matches
        phrase = f" {' '.join(words)} "
        return frozenset(number for number in matches if phrase in self._phrases[number].get(field, ""))

    def match_dates(self, field: str, low: datetime, high: datetime) -> frozenset[int]:
        """Return the numbers of the papers whose submittedDate or lastUpdatedDate is in a range, ends included."""
        return frozenset(
            number
            for number, held in enumerate(self._latest)
            if low <= get_date(held.paper, field).replace(microsecond=0) <= high
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
        joined = {field: f" {' '.join(words)} " for field, words in texts.items() if field not in WHOLE_FIELDS}
        self._phrases.append({**joined, "all": f" {_BREAK} ".join(joined.values())})
        for field, words in texts.items():
            for word in words:
                self._postings[field][word].add(number)
                if field not in WHOLE_FIELDS:
                    self._postings["all"][word].add(number)

    def _find_word(self, field: str, word: str) -> set[int]:
        postings = self._postings[field]
        if "*" not in word and "?" not in word:
            return postings.get(word, set())
        pattern = re.compile(translate(word.replace("[", "[[]")))
        return set().union(*(numbers for indexed, numbers in postings.items() if pattern.fullmatch(indexed)))


def get_date(paper: Paper, field: str) -> datetime:
    """Return a paper's `submittedDate` (of version 1) or `lastUpdatedDate` (of this version), in UTC."""
    date = paper.published if field == "submittedDate" else paper.updated
    return date.replace(tzinfo=UTC) if date.tzinfo is None else date.astimezone(UTC)
