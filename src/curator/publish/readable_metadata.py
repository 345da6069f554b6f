"""Turn metadata as arXiv has it into text that a person reads: without TeX's commands, HTML's entities and ":" authors.

The warehouse keeps what arXiv sent. Mathematics between dollar signs stays as it is.
"""

from __future__ import annotations

import html
import re
from collections.abc import Iterator, Sequence
from dataclasses import replace
from functools import cache, lru_cache
from itertools import pairwise

from pylatexenc.latex2text import LatexNodes2Text, get_default_latex_context_db
from pylatexenc.latexwalker import LatexWalkerError

from curator.sanitize import single_line
from curator.types import Frame, Paper

MAX_CONVERTED_CHARACTERS = 5000
"""Characters of a text whose TeX is converted; arXiv allows 1,920 in an abstract."""

_ENTITY = re.compile(r"&(?:[A-Za-z][A-Za-z0-9]{1,30}|#\d{1,7}|#[xX][0-9A-Fa-f]{1,6});")
_MATH = re.compile(r"\$\$?[^$]*\$\$?")
_TEX = re.compile(r"[\\{}~]|--|``|''")
_MACRO = re.compile(r"\\([A-Za-z]+)")
_FONT = re.compile(r"\\(?:em|it|bf|tt|rm|sf|sc|sl|itshape|bfseries)(?![A-Za-z])\s*")
_TIE = re.compile(r"(?<=[\w.,)])~(?=[\w(\\$])")
_LITERAL = re.compile(r"(?<!\\)[%&#_^~]|(?<![A-Za-z\\])\{[^A-Za-z{}\\]+\}")
_DOI = re.compile(r"10\.\d{4,9}/(?:(?![,;]?\s|[,;]\s*10\.)\S)+")
_CIRCUMFLEX = "\ue05e"  # stands for "^", which TeX would not print as such
_COLLECTIVE = ":"  # arXiv's author entry after the name of a collective


def make_readable(frame: Frame) -> Frame:
    """Return a frame whose papers have readable metadata; see `make_paper_readable`."""
    return replace(
        frame,
        paper=make_paper_readable(frame.paper),
        sources=tuple(map(make_paper_readable, frame.sources)),
        contradicting=tuple(map(make_paper_readable, frame.contradicting)),
    )


@lru_cache(maxsize=1024)
def make_paper_readable(paper: Paper) -> Paper:
    """Return a paper with readable title, abstract and journal, its authors by `list_authors`, and its first DOI.

    Of a source that a person named, only the DOI is changed.
    """
    if paper.place != "arxiv":
        return replace(paper, doi=find_doi(paper.doi)) if paper.doi else paper
    return replace(
        paper,
        title=to_plain_text(paper.title),
        abstract=to_plain_text(paper.abstract),
        authors=tuple(list_authors(paper.authors)),
        journal_ref=to_plain_text(paper.journal_ref) if paper.journal_ref else None,
        doi=find_doi(paper.doi) if paper.doi else None,
    )


def list_authors(names: Sequence[str]) -> Iterator[str]:
    """Yield authors' names as text. A collective's name is in braces, which `citations.split_name` understands.

    arXiv writes a collective as a name, followed by an author ":" and perhaps by its members.
    """
    entries = [to_plain_text(name).strip() for name in names]
    for entry, following in pairwise([*entries, ""]):
        name = entry.removesuffix(_COLLECTIVE).strip()
        if not name:
            continue
        is_collective = following == _COLLECTIVE or entry != name
        yield f"{{{name}}}" if is_collective else name


def find_doi(text: str) -> str:
    """Return the first DOI in a field, which may hold several; the text itself if it holds none."""
    match = _DOI.search(text)
    return match[0].rstrip(".") if match else text


def to_plain_text(text: str) -> str:
    r"""Return TeX as text: "Schr\"odinger" as "Schrödinger", "\emph{not}" as "not", "5\%" as "5%".

    Text with a command that is not known stays as it is, so that nothing is lost.
    """
    if _ENTITY.search(text):  # an entity may stand for an invisible or direction-changing character
        text = single_line(_ENTITY.sub(lambda match: html.unescape(match[0]), text))
    if len(text) > MAX_CONVERTED_CHARACTERS or not _TEX.search(text):
        return text
    pieces: list[str] = []
    position = 0
    for math in _MATH.finditer(text):
        pieces += _convert_prose(text[position : math.start()]), math[0]
        position = math.end()
    return "".join([*pieces, _convert_prose(text[position:])])


def _convert_prose(text: str) -> str:
    text = _FONT.sub("", text)
    if not _TEX.search(text) or not _is_balanced(text) or not all(map(_is_known_macro, set(_MACRO.findall(text)))):
        return text
    # signs that TeX would take for commands, although the author meant the sign
    literal = _LITERAL.sub(_escape, _TIE.sub(" ", text))
    start, end = len(text) - len(text.lstrip()), len(text.rstrip())
    try:
        converted = _converter().latex_to_text(literal.strip())
    except (LatexWalkerError, RecursionError, ValueError, IndexError, TypeError, AttributeError):
        return text
    return text[:start] + single_line(converted).replace(_CIRCUMFLEX, "^") + text[end:] if text.strip() else text


def _is_balanced(text: str) -> bool:
    depth = 0
    for brace in re.findall(r"(?<!\\)[{}]", text):
        depth += 1 if brace == "{" else -1
        if depth < 0:
            return False
    return depth == 0


def _escape(match: re.Match[str]) -> str:
    """Return a sign as a command; a group without letters, such as "{0, 1}", with its braces."""
    if match[0].startswith("{"):
        return f"\\{match[0][:-1]}\\}}"
    return {"~": r"\textasciitilde{}", "^": _CIRCUMFLEX}.get(match[0], f"\\{match[0]}")


@cache
def _converter() -> LatexNodes2Text:
    return LatexNodes2Text(math_mode="verbatim", strict_latex_spaces=True, keep_braced_groups=False)


@cache
def _is_known_macro(name: str) -> bool:
    specification = get_default_latex_context_db().get_macro_spec(name)
    return specification is not None and bool(specification.macroname)
