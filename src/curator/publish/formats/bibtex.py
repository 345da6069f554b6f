"""Sources as BibTeX: one entry for each paper version that a frame rests on, safe to compile.

Titles come from strangers and may hold TeX. Math is kept only where it is made of commands that do nothing but
print, because `$\\input{…}$` in a title would otherwise run on the machine of whoever compiles the bibliography.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterable, Iterator, Sequence

from curator.publish.citations import is_on_arxiv, paper_url, sources, split_name
from curator.sanitize import single_line, word_set
from curator.types import Frame, Paper

_ESCAPES = {
    "\\": r"\textbackslash{}",
    # BibTeX counts braces even after a backslash, so "\{" would unbalance the field
    "{": r"\textbraceleft{}",
    "}": r"\textbraceright{}",
    "~": r"\textasciitilde{}",
    "^": r"\textasciicircum{}",
    **{character: "\\" + character for character in "&%$#_"},
}
_SPECIAL = re.compile(r"[\\{}~^&%$#_]")

# As in Pandoc: no blank inside the dollars, no digit after them, so that "$5 to $10" is money.
_MATH = re.compile(r"\$(?=\S)([^$]+)(?<=\S)\$(?!\d)")
_MATH_TOKEN = re.compile(r"\\([A-Za-z]+)|\\[,;:! ]|[A-Za-z0-9 +*/=<>|.,:;!?'()\[\]{}_-]|\^(?!\^)", re.ASCII)
_MATH_COMMANDS = word_set(
    """alpha beta gamma delta epsilon varepsilon zeta eta theta vartheta iota kappa lambda mu nu xi pi rho sigma
    tau upsilon phi varphi chi psi omega Gamma Delta Theta Lambda Xi Pi Sigma Upsilon Phi Psi Omega
    mathbf mathrm mathcal mathbb mathit mathsf mathtt mathfrak boldsymbol text textbf textit textrm textsc texttt
    hat bar tilde vec dot ddot widehat widetilde overline underline sqrt frac rm bf it cal
    sum prod int partial nabla infty ell hbar Re Im log ln exp sin cos tan min max arg lim sup inf det dim
    to rightarrow leftarrow leftrightarrow Rightarrow Leftarrow mapsto le leq ge geq ne neq approx sim simeq equiv
    propto ll gg times cdot div pm mp ast star circ bullet oplus otimes in notin subset subseteq cup cap
    forall exists neg land lor mid parallel perp langle rangle lfloor rfloor lceil rceil
    ldots cdots dots quad qquad prime dagger top"""
)

_LATIN = str.maketrans(
    {"ß": "ss", "æ": "ae", "œ": "oe", "ø": "o", "đ": "d", "ð": "d", "ħ": "h", "ł": "l", "þ": "th", "ı": "i"}
)
_TITLE_STOP_WORDS = word_set(
    "a an and are as at be by can do does for from how in is it of on or s the to towards toward via what when where "
    "which who why will with"
)
_MONTHS = ("jan", "feb", "mar", "apr", "may", "jun", "jul", "aug", "sep", "oct", "nov", "dec")
_TEX = re.compile(r"\$[^$]*\$|\\[A-Za-z]+")

# Crossref's expression for a DOI, https://www.crossref.org/blog/dois-and-matching-regular-expressions/
_PLAIN_DOI = re.compile(r"10\.\d{4,9}/[-._;()/:A-Za-z0-9]+", re.ASCII)


def write_bibtex(frames: Sequence[Frame]) -> Iterator[str]:
    """One entry for each source paper version, in the order of the frames that first used it.

    Frames are taken by id number, so a key once given stays the same when later frames bring clashing papers.
    """
    taken: set[str] = set()
    for paper, frame_ids in sources(frames):
        key = citation_key(paper)
        if key in taken:
            key = f"{key}-{re.sub('[^a-z0-9]+', '-', paper.versioned_id.lower())}"
        taken.add(key)
        yield entry(paper, key, frame_ids)


def entry(paper: Paper, key: str, frame_ids: Iterable[str]) -> str:
    """The paper as a BibTeX entry, with a newline at its end.

    `url` names the version that was quoted, `eprint` the paper, as arXiv's own entries do;
    year and month are of the paper's first version.
    """
    fields = {
        "author": escape_names(paper.authors),
        "title": f"{{{escape_latex(paper.title)}}}",
        "year": f"{paper.issued:%Y}" if paper.issued else "",
        "month": _MONTHS[paper.issued.month - 1] if paper.issued else "",
        "journal": escape_latex(paper.journal_ref or ""),
        "doi": _doi(paper.doi or ""),
        "url": paper_url(paper) or "",
        "note": f"Frames {', '.join(frame_ids)}",
    }
    if is_on_arxiv(paper):
        fields["eprint"] = paper.id
        fields["archivePrefix"] = "arXiv"
        fields["primaryClass"] = escape_latex(paper.categories[0]) if paper.categories else ""
    # a month is a macro, which the bibliography's style spells out in its language
    values = {name: value if name == "month" else f"{{{value}}}" for name, value in fields.items() if value}
    lines = [f"  {name} = {value}," for name, value in values.items()]
    kind = "article" if fields["journal"] else "misc"
    return "\n".join([f"@{kind}{{{key},", *lines, "}"]) + "\n"


def citation_key(paper: Paper) -> str:
    """First author, year and the title's first word of substance, in ASCII: `lindqvist2026induction`."""
    author = _ascii_word(split_name(paper.authors[0]).last) if paper.authors else ""
    title = _TEX.sub(" ", single_line(paper.title)).replace("-", " ").replace("'", " ").split()
    words = (word for word in map(_ascii_word, title) if word and word not in _TITLE_STOP_WORDS)
    year = f"{paper.issued:%Y}" if paper.issued else ""
    return f"{author or 'anonymous'}{year}{next(words, 'untitled')}"


def _ascii_word(text: str) -> str:
    folded = unicodedata.normalize("NFKD", text.lower().translate(_LATIN))
    return re.sub("[^a-z0-9]", "", folded)


def escape_names(authors: Iterable[str]) -> str:
    """The authors in their order as BibTeX reads them: "Last, First and Last, Jr., First and {Some Group}"."""
    return " and ".join(map(_name, filter(single_line, authors)))


def _name(author: str) -> str:
    name = split_name(author)
    last, first, suffix = map(escape_latex, (name.last, name.first, name.suffix))
    if not first:
        return f"{{{last}}}"
    return ", ".join(filter(None, [last, suffix, first]))


def escape_latex(text: str) -> str:
    """The text on one line as LaTeX that prints it. Letters stay UTF-8; harmless math and paired braces are kept.

    Braces in what is returned are balanced, also for BibTeX, which does not know "\\{".
    """
    folded = single_line(text)
    pieces: list[str] = []
    position = 0
    for match in _MATH.finditer(folded):
        if _is_harmless_math(match[1]):
            pieces += _escape_prose(folded[position : match.start()]), match[0]
            position = match.end()
    return "".join([*pieces, _escape_prose(folded[position:])])


def _is_harmless_math(math: str) -> bool:
    position = depth = 0
    while position < len(math):
        token = _MATH_TOKEN.match(math, position)
        if token is None or (token[1] and token[1] not in _MATH_COMMANDS):
            return False
        depth += (token[0] == "{") - (token[0] == "}")
        if depth < 0:
            return False
        position = token.end()
    return depth == 0


def _escape_prose(text: str) -> str:
    kept = _paired_braces(text)
    return _SPECIAL.sub(lambda match: match[0] if match.start() in kept else _ESCAPES[match[0]], text)


def _paired_braces(text: str) -> set[int]:
    """Offsets of the braces that pair up."""
    paired: set[int] = set()
    opened: list[int] = []
    for match in re.finditer("[{}]", text):
        if match[0] == "{":
            opened.append(match.start())
        elif opened:
            paired |= {opened.pop(), match.start()}
    return paired


def _doi(doi: str) -> str:
    """A DOI as it is, without LaTeX's escapes, where its characters allow that: readers make a link of it."""
    folded = single_line(doi)
    return folded if _PLAIN_DOI.fullmatch(folded) else escape_latex(folded)
