"""How like the truth an extracted text is: a few well-known measures, the same for every extractor.

* Edit similarity: 1 - Levenshtein distance in words ÷ words of the longer text; order matters, and so does a word cut
  by a hyphen. The normalised edit distance of Nougat (Blecher et al. 2023, arXiv:2308.13418), over words as in Bast and
  Korzen, "A Benchmark and Evaluation for Text Extraction from PDF", JCDL 2017.
* Words that belong: the share of the output's words that the truth has, each as often as it has it: precision in a bag
  of words. The rest is noise: furniture, labels of figures, broken words.
* The checks of olmOCR-bench (Poznanski et al. 2025, arXiv:2502.18443): what must be present, what must be absent, and
  what comes before what; each passes or fails. `unbroken` is ours: a paragraph stands in one piece, spliced by nothing.

Before comparing, both sides lose what no reader would miss: Markdown's marks, ligatures, typographic quotes. Checks
also leave out white space and hyphens, so that a broken word is punished once, by the edit similarity.
"""

from __future__ import annotations

import re
import unicodedata
from collections import Counter
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from functools import cached_property, partial
from typing import Literal

from rapidfuzz.distance import Levenshtein

CheckKind = Literal["present", "absent", "order", "unbroken"]

_MARKDOWN = re.compile(
    r"(?m)^#{1,6} +|^\s*[-*] +(?=\S)|"
    r"\*\*|</?(?:sup|sub|u|br|b|i)\b[^>]*>|^```\w*$|!\[[^\]]*\]\([^)]*\)|(?<![\w\\])_|(?<!\\)_(?!\w)"
)
_STARS = re.compile(r"(?<!\\)\*")
_LINK = re.compile(r"\[([^\]]*)\]\((?:https?|mailto)[^)]*\)")
_QUOTES = dict.fromkeys(map(ord, "‘’‚‛“”„‟′″`´\"'"), "'")
_DASHES = dict.fromkeys(map(ord, "‐‑‒–—―−"), "-")
_UNSEEN = re.compile(r"[\s\-'*_#|\u00ad\u200b]+")


def without_markdown(text: str) -> str:
    """What Markdown's marks stand around; escaped characters are themselves."""
    text = _LINK.sub(r"\1", text)
    text = _STARS.sub("", _MARKDOWN.sub("", text)).replace("|", " ")
    return re.sub(r"\\([\\`*_{}\[\]()#+\-.!>~$])", r"\1", text)


def folded(text: str) -> str:
    """Compatibility forms, quotation marks and dashes made alike."""
    return unicodedata.normalize("NFKC", text).translate(_QUOTES | _DASHES)


def words(text: str) -> list[str]:
    """Words as white space parts them."""
    return folded(text).split()


def squashed(text: str) -> str:
    """The text as one string without white space, hyphens, quotation marks and case."""
    return _UNSEEN.sub("", folded(text)).casefold()


def edit_similarity(true: Sequence[str], got: Sequence[str]) -> float:
    """Of two lists of words, 0 to 1; 1 where they are the same."""
    return Levenshtein.normalized_similarity(true, got)


def share_belonging(true: Iterable[str], got: Sequence[str]) -> float:
    """The share of the words of `got` that `true` has too, counted as often; 0 where there is nothing."""
    return (Counter(got) & Counter(true)).total() / len(got) if got else 0.0


@dataclass(frozen=True)
class Output:
    """What an extractor made of a PDF, with Markdown's marks taken off."""

    pages: tuple[str, ...]

    @cached_property
    def words(self) -> list[str]:
        return words("\n".join(self.pages))

    @cached_property
    def squashed(self) -> str:
        return squashed("\n".join(self.pages))


@dataclass(frozen=True)
class Check:
    """One thing that must hold of an output."""

    kind: CheckKind
    about: str
    holds: Callable[[Output], bool]


def present(text: str, *otherwise: str) -> Check:
    """`text` is there, or one of its other wordings."""
    return Check("present", text, partial(_has, _squash_all(text, otherwise)))


def unbroken(text: str, *otherwise: str) -> Check:
    """The whole of a paragraph stands in one piece."""
    return Check("unbroken", text, partial(_has, _squash_all(text, otherwise)))


def absent(text: str, allowed: int = 0) -> Check:
    """`text`, of a page's furniture, stands there no more often than the paper itself says it."""
    wanted = squashed(text)
    return Check("absent", text, lambda output: output.squashed.count(wanted) <= allowed)


def no_such_line(page: int, line: str) -> Check:
    """Neither of the first nor of the last two lines of this page is this one alone: a page number."""

    def holds(output: Output) -> bool:
        if len(output.pages) < page:
            return False
        lines = [part.strip() for part in output.pages[page - 1].splitlines() if part.strip()]
        return line not in lines[:2] + lines[-2:]

    return Check("absent", f"page {page}: {line}", holds)


def order(first: Sequence[str], second: Sequence[str]) -> Check:
    """Both are there, `first` before `second`; each is a text and its other wordings."""
    one, two = _squash_all(first[0], first[1:]), _squash_all(second[0], second[1:])

    def holds(output: Output) -> bool:
        return 0 <= _first(one, output.squashed) < _first(two, output.squashed)

    return Check("order", f"{first[0]} … {second[0]}", holds)


def _squash_all(text: str, otherwise: Iterable[str]) -> tuple[str, ...]:
    return tuple(dict.fromkeys(squashed(wording) for wording in (text, *otherwise)))


def _has(wordings: tuple[str, ...], output: Output) -> bool:
    return _first(wordings, output.squashed) >= 0


def _first(wordings: tuple[str, ...], whole: str) -> int:
    """Where the first of the wordings that is there begins, or -1."""
    return next((at for wording in wordings if (at := whole.find(wording)) >= 0), -1)
