"""Parse arXiv's query language, so that the stand-in for arXiv answers the real queries of a list's topics.

    query  = clause { [ "OR" ] clause }         terms without an operator between them are joined by OR
    clause = item { ("AND" | "ANDNOT") item }
    item   = [ field ":" ] ( word | "phrase" | "(" query ")" )  |  date ":" "[" from "TO" to "]"

Fields and operators are those of arXiv's API user manual. In a single word, `*` matches any number of letters and `?`
matches one.
"""

from __future__ import annotations

import re
import unicodedata
from collections import Counter
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from functools import lru_cache
from typing import Protocol

from curator.errors import CuratorError

FIELDS = ("ti", "au", "abs", "co", "jr", "cat", "rn", "id", "all")
WHOLE_FIELDS = frozenset({"cat", "rn", "id"})
"""Fields whose values are compared as a whole: `cat:cs.CL` is one word, not two."""
DATE_FIELDS = ("submittedDate", "lastUpdatedDate")
"""Fields that a query can restrict to a range of dates."""

MAX_DEPTH = 50  # nested parentheses
MAX_TERMS = 1024  # of a query; Lucene's default limit on clauses

_WORD = re.compile(r"[^\W_]+")
_WILD_WORD = re.compile(r"(?=[^*?]+[*?])[^\W_](?:[^\W_]|[*?])*")
_TOKEN = re.compile(
    r"""(?P<blank>\s+) | (?P<open>\() | (?P<close>\)) | (?P<colon>:)
      | "(?P<phrase>[^"]*)" | \[(?P<range>[^\[\]]*)\] | (?P<word>[^\s()":\[\]]+)""",
    re.VERBOSE,
)
_DATE = re.compile(r"(\d{4})(\d\d)(\d\d)(?:(\d\d)(\d\d)(\d\d)?)?")


class InvalidQueryError(CuratorError):
    """A request that arXiv's API answers with HTTP status 400 and an error entry."""


class Searchable(Protocol):
    """An index of papers, each of which has a number."""

    def match_words(self, field: str, words: tuple[str, ...]) -> frozenset[int]:
        """Return the numbers of the papers in which a field contains these words next to each other."""

    def match_dates(self, field: str, low: datetime, high: datetime) -> frozenset[int]:
        """Return the numbers of the papers whose date in this field is in a range, ends included."""


class Node(Protocol):
    """A parsed query, or a part of one."""

    def match(self, papers: Searchable, scores: Counter[int]) -> frozenset[int]:
        """Return the numbers of the papers that match; add to `scores` one point for each term a paper matches."""


@dataclass(frozen=True)
class QueryTerm:
    """A word or phrase in a field; if the field is `all`, a match in the title scores another point."""

    field: str
    words: tuple[str, ...]  # folded; more than one word is a phrase

    def match(self, papers: Searchable, scores: Counter[int]) -> frozenset[int]:
        """Return the numbers of the papers that contain the term, and score each."""
        matches = papers.match_words(self.field, self.words)
        scores.update(matches)
        if self.field == "all":
            scores.update(papers.match_words("ti", self.words))
        return matches


@dataclass(frozen=True)
class DateRange:
    """A range of submittedDate or lastUpdatedDate."""

    field: str
    low: datetime
    high: datetime  # inclusive

    def match(self, papers: Searchable, scores: Counter[int]) -> frozenset[int]:
        """Return the numbers of the papers dated in the range; dates score no points."""
        return papers.match_dates(self.field, self.low, self.high)


@dataclass(frozen=True)
class Chain:
    """Operands that are joined from left to right; a flat list, so that a long query causes no deep recursion."""

    first: Node
    rest: tuple[tuple[str, Node], ...]

    def match(self, papers: Searchable, scores: Counter[int]) -> frozenset[int]:
        """Return the numbers of the papers that match the joined operands, and score each."""
        matches = self.first.match(papers, scores)
        for operator, node in self.rest:
            if operator == "ANDNOT":
                matches -= node.match(papers, Counter())
            elif operator == "AND":
                matches &= node.match(papers, scores)
            else:
                matches |= node.match(papers, scores)
        return matches


def fold_words(text: str) -> tuple[str, ...]:
    """Split a text into words without case, accents and plural s; hyphens and underscores separate words."""
    return tuple(_strip_plural(word) for word in _WORD.findall(_fold(text)))


def fold_whole(text: str) -> str:
    """Fold a value that is compared as a whole: remove case, accents and outer whitespace."""
    return _fold(text).strip()


def parse_query(text: str) -> Node:
    """Parse a query in time linear in its length, with at most MAX_DEPTH nested parentheses and MAX_TERMS terms.

    Raises:
        InvalidQueryError: The text is not in arXiv's query language, or exceeds a limit.
    """
    return _Parser(text).parse()


def parse_date(text: str, end: bool = False) -> datetime:
    """Parse YYYYMMDD, YYYYMMDDHHMM or YYYYMMDDHHMMSS in GMT.

    Args:
        text: The date.
        end: Return the last second of the day, minute or second that the text names, instead of the first.

    Raises:
        InvalidQueryError: The text is not a date of this form, or not in the calendar.
    """
    match = _DATE.fullmatch(text)
    if match is None or not text.isascii():
        raise InvalidQueryError(f"{text} is not a date of the form YYYYMMDDHHMM")
    try:
        date = datetime(*(int(part) for part in match.groups() if part), tzinfo=UTC)  # type: ignore[misc, arg-type]
    except ValueError as error:
        raise InvalidQueryError(f"{text} is not a calendar date") from error
    if not end:
        return date
    unit = timedelta(days=1) if match[4] is None else timedelta(minutes=1)
    if match[6] is not None:
        unit = timedelta(seconds=1)
    # subtract the second before adding: the last day of the year 9999 must not overflow
    return date + (unit - timedelta(seconds=1))


def _fold(text: str) -> str:
    if text.isascii():
        return text.casefold()
    decomposed = unicodedata.normalize("NFKD", text)
    return "".join(char for char in decomposed if not unicodedata.combining(char)).casefold()


@lru_cache(maxsize=200_000)
def _strip_plural(word: str) -> str:
    return word[:-1] if len(word) > 3 and word.endswith("s") and not word.endswith("ss") else word


class _Parser:
    def __init__(self, text: str) -> None:
        self.tokens = _tokenize(text)
        self.position = 0
        self.depth = 0
        self.terms = 0

    def parse(self) -> Node:
        node = self.parse_query("all")
        if self.position < len(self.tokens):
            raise InvalidQueryError(f"there is an unexpected {self.tokens[self.position][1]} in the query")
        return node

    def peek_token(self) -> tuple[str, str]:
        return self.tokens[self.position] if self.position < len(self.tokens) else ("end", "end")

    def take_token(self) -> tuple[str, str]:
        token = self.peek_token()
        self.position += 1
        return token

    def parse_query(self, field: str) -> Node:
        first = self.parse_clause(field)
        rest: list[tuple[str, Node]] = []
        while self.peek_token()[0] not in ("end", "close"):
            if self.peek_token() == ("operator", "OR"):
                self.take_token()
            rest.append(("OR", self.parse_clause(field)))
        return Chain(first, tuple(rest)) if rest else first

    def parse_clause(self, field: str) -> Node:
        first = self.parse_item(field)
        rest: list[tuple[str, Node]] = []
        while self.peek_token() in (("operator", "AND"), ("operator", "ANDNOT")):
            operator = self.take_token()[1]
            rest.append((operator, self.parse_item(field)))
        return Chain(first, tuple(rest)) if rest else first

    def parse_item(self, field: str) -> Node:
        kind, value = self.take_token()
        if kind == "word" and self.peek_token()[0] == "colon":
            self.take_token()
            if value in DATE_FIELDS:
                return self.parse_dates(value)
            if value not in FIELDS:
                raise InvalidQueryError(f"{value} is not a field that can be searched")
            field, (kind, value) = value, self.take_token()
        if kind == "open":
            return self.parse_group(field)
        if kind not in ("word", "phrase"):
            raise InvalidQueryError(f"a search term is missing before {value}")
        self.terms += 1
        if self.terms > MAX_TERMS:
            raise InvalidQueryError(f"the query has more than {MAX_TERMS} terms")
        return QueryTerm(field, _fold_term(field, value))

    def parse_group(self, field: str) -> Node:
        self.depth += 1
        if self.depth > MAX_DEPTH:
            raise InvalidQueryError(f"the query has parentheses more than {MAX_DEPTH} deep")
        node = self.parse_query(field)
        if self.take_token()[0] != "close":
            raise InvalidQueryError("a closing parenthesis is missing in the query")
        self.depth -= 1
        return node

    def parse_dates(self, field: str) -> DateRange:
        kind, value = self.take_token()
        parts = value.split()
        if kind != "range" or len(parts) != 3 or parts[1] != "TO":
            raise InvalidQueryError(f"{field} needs a range of the form [YYYYMMDDHHMM TO YYYYMMDDHHMM]")
        self.terms += 1
        return DateRange(field, parse_date(parts[0]), parse_date(parts[2], end=True))


def _tokenize(text: str) -> list[tuple[str, str]]:
    tokens: list[tuple[str, str]] = []
    position = 0
    while position < len(text):
        match = _TOKEN.match(text, position)
        if match is None:
            raise InvalidQueryError(f"the query has an unmatched {text[position]}")
        position = match.end()
        kind = match.lastgroup or ""
        if kind == "word" and match[kind] in ("AND", "OR", "ANDNOT"):
            kind, value = "operator", match["word"]
        else:
            value = match[kind]
        if kind != "blank":
            tokens.append((kind, value))
    return tokens


def _fold_term(field: str, value: str) -> tuple[str, ...]:
    if field in WHOLE_FIELDS:
        return (fold_whole(value),)
    folded = _fold(value)
    return (folded,) if _WILD_WORD.fullmatch(folded) else fold_words(value)
