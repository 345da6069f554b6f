"""arXiv's query language, so that the stand-in for arXiv understands what the list's topics really ask.

    query  = clause { "OR" clause }             words side by side without an operator count as OR
    clause = item { ("AND" | "ANDNOT") item }
    item   = [ field ":" ] ( word | "phrase" | "(" query ")" )  |  date ":" "[" from "TO" to "]"

Fields and operators are those of arXiv's API user manual. In a single word `*` and `?` stand for
any letters and for one letter.
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
"""Fields whose values are compared whole: `cat:cs.CL` is one word, not two."""
DATE_FIELDS = ("submittedDate", "lastUpdatedDate")

MAX_DEPTH = 50
MAX_TERMS = 1024  # Lucene's own default limit on the clauses of one query

_WORD = re.compile(r"[^\W_]+")
_WILD_WORD = re.compile(r"(?=[^*?]+[*?])[^\W_](?:[^\W_]|[*?])*")
_TOKEN = re.compile(
    r"""(?P<blank>\s+) | (?P<open>\() | (?P<close>\)) | (?P<colon>:)
      | "(?P<phrase>[^"]*)" | \[(?P<range>[^\[\]]*)\] | (?P<word>[^\s()":\[\]]+)""",
    re.VERBOSE,
)
_DATE = re.compile(r"(\d{4})(\d\d)(\d\d)(?:(\d\d)(\d\d)(\d\d)?)?")


class QueryRefused(CuratorError):
    """A request that arXiv's API would answer with HTTP 400 and an error entry."""


class Searchable(Protocol):
    """What a query needs to know of the papers it is put to; papers go by number."""

    def holding(self, field: str, words: tuple[str, ...]) -> frozenset[int]: ...

    def dated(self, field: str, low: datetime, high: datetime) -> frozenset[int]: ...


class Node(Protocol):
    """A parsed query."""

    def match(self, papers: Searchable, scores: Counter[int]) -> frozenset[int]:
        """The papers that answer it; adds to `scores` what each paper earned by the terms it meets."""


@dataclass(frozen=True)
class Term:
    field: str
    words: tuple[str, ...]  # folded; more than one is a phrase

    def match(self, papers: Searchable, scores: Counter[int]) -> frozenset[int]:
        found = papers.holding(self.field, self.words)
        scores.update(found)
        if self.field == "all":
            scores.update(papers.holding("ti", self.words))
        return found


@dataclass(frozen=True)
class DateRange:
    field: str
    low: datetime
    high: datetime  # inclusive

    def match(self, papers: Searchable, scores: Counter[int]) -> frozenset[int]:
        return papers.dated(self.field, self.low, self.high)


@dataclass(frozen=True)
class Chain:
    """Operands joined from left to right; flat, so that a long query does not recurse."""

    first: Node
    rest: tuple[tuple[str, Node], ...]

    def match(self, papers: Searchable, scores: Counter[int]) -> frozenset[int]:
        found = self.first.match(papers, scores)
        for operator, node in self.rest:
            if operator == "ANDNOT":
                found -= node.match(papers, Counter())
            elif operator == "AND":
                found &= node.match(papers, scores)
            else:
                found |= node.match(papers, scores)
        return found


def fold_words(text: str) -> tuple[str, ...]:
    """The words of a text without case, accents and plural s; hyphens and underscores part words."""
    return tuple(_singular(word) for word in _WORD.findall(_fold(text)))


def fold_whole(text: str) -> str:
    """A value that is compared whole, without case and accents."""
    return _fold(text).strip()


def parse_query(text: str) -> Node:
    """The query that `text` says. Linear in its length; nesting and number of terms are bounded.

    Raises:
        QueryRefused: it is not in arXiv's query language.
    """
    return _Parser(text).parse()


def parse_date(text: str, end: bool = False) -> datetime:
    """YYYYMMDD, YYYYMMDDHHMM or YYYYMMDDHHMMSS in GMT; with `end` the last second of what it names."""
    match = _DATE.fullmatch(text)
    if match is None or not text.isascii():
        raise QueryRefused(f"{text} is not a date of the form YYYYMMDDHHMM")
    try:
        date = datetime(*(int(part) for part in match.groups() if part), tzinfo=UTC)  # type: ignore[misc, arg-type]
    except ValueError as error:
        raise QueryRefused(f"{text} is not a date of the calendar") from error
    if not end:
        return date
    unit = timedelta(days=1) if match[4] is None else timedelta(minutes=1)
    if match[6] is not None:
        unit = timedelta(seconds=1)
    # one second less before adding, so that the last day of the year 9999 does not overflow
    return date + (unit - timedelta(seconds=1))


def _fold(text: str) -> str:
    if text.isascii():
        return text.casefold()
    decomposed = unicodedata.normalize("NFKD", text)
    return "".join(char for char in decomposed if not unicodedata.combining(char)).casefold()


@lru_cache(maxsize=200_000)
def _singular(word: str) -> str:
    return word[:-1] if len(word) > 3 and word.endswith("s") and not word.endswith("ss") else word


class _Parser:
    def __init__(self, text: str) -> None:
        self.tokens = _tokens(text)
        self.at = 0
        self.depth = 0
        self.terms = 0

    def parse(self) -> Node:
        node = self.query("all")
        if self.at < len(self.tokens):
            raise QueryRefused(f"there is an unexpected {self.tokens[self.at][1]} in the query")
        return node

    def peek(self) -> tuple[str, str]:
        return self.tokens[self.at] if self.at < len(self.tokens) else ("end", "end")

    def take(self) -> tuple[str, str]:
        token = self.peek()
        self.at += 1
        return token

    def query(self, field: str) -> Node:
        first = self.clause(field)
        rest: list[tuple[str, Node]] = []
        while self.peek()[0] not in ("end", "close"):
            if self.peek() == ("operator", "OR"):
                self.take()
            rest.append(("OR", self.clause(field)))
        return Chain(first, tuple(rest)) if rest else first

    def clause(self, field: str) -> Node:
        first = self.item(field)
        rest: list[tuple[str, Node]] = []
        while self.peek() in (("operator", "AND"), ("operator", "ANDNOT")):
            operator = self.take()[1]
            rest.append((operator, self.item(field)))
        return Chain(first, tuple(rest)) if rest else first

    def item(self, field: str) -> Node:
        kind, value = self.take()
        if kind == "word" and self.peek()[0] == "colon":
            self.take()
            if value in DATE_FIELDS:
                return self.dates(value)
            if value not in FIELDS:
                raise QueryRefused(f"{value} is not a field that can be searched")
            field, (kind, value) = value, self.take()
        if kind == "open":
            return self.group(field)
        if kind not in ("word", "phrase"):
            raise QueryRefused(f"a search term is missing before {value}")
        self.terms += 1
        if self.terms > MAX_TERMS:
            raise QueryRefused(f"the query has more than {MAX_TERMS} terms")
        return Term(field, _query_words(field, value))

    def group(self, field: str) -> Node:
        self.depth += 1
        if self.depth > MAX_DEPTH:
            raise QueryRefused(f"the query has parentheses more than {MAX_DEPTH} deep")
        node = self.query(field)
        if self.take()[0] != "close":
            raise QueryRefused("a closing parenthesis is missing in the query")
        self.depth -= 1
        return node

    def dates(self, field: str) -> DateRange:
        kind, value = self.take()
        parts = value.split()
        if kind != "range" or len(parts) != 3 or parts[1] != "TO":
            raise QueryRefused(f"{field} needs a range of the form [YYYYMMDDHHMM TO YYYYMMDDHHMM]")
        self.terms += 1
        return DateRange(field, parse_date(parts[0]), parse_date(parts[2], end=True))


def _tokens(text: str) -> list[tuple[str, str]]:
    tokens: list[tuple[str, str]] = []
    at = 0
    while at < len(text):
        match = _TOKEN.match(text, at)
        if match is None:
            raise QueryRefused(f"the query has an unmatched {text[at]}")
        at = match.end()
        kind = match.lastgroup or ""
        if kind == "word" and match[kind] in ("AND", "OR", "ANDNOT"):
            kind, value = "operator", match["word"]
        else:
            value = match[kind]
        if kind != "blank":
            tokens.append((kind, value))
    return tokens


def _query_words(field: str, value: str) -> tuple[str, ...]:
    if field in WHOLE_FIELDS:
        return (fold_whole(value),)
    folded = _fold(value)
    return (folded,) if _WILD_WORD.fullmatch(folded) else fold_words(value)
