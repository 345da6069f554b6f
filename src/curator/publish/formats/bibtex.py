r"""The sources as BibTeX, safe to compile: one entry for each paper version that a frame cites.

A title may contain TeX. Only mathematics made of commands that print is kept; `$\input{…}$` in a title would
otherwise run on the machine of every reader who compiles the bibliography.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterable, Iterator

from curator.publish.citations import cited_papers, is_on_arxiv, paper_url, split_name
from curator.publish.snapshot import ListSnapshot
from curator.sanitize import single_line
from curator.types import Paper

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

# Pandoc's rule: no space just inside the dollar signs and no digit after them, so that "$5 to $10" is money.
_MATH = re.compile(r"\$(?=\S)([^$]+)(?<=\S)\$(?!\d)")
_MATH_TOKEN = re.compile(r"\\([A-Za-z]+)|\\[,;:! ]|[A-Za-z0-9 +*/=<>|.,:;!?'()\[\]{}_-]|\^(?!\^)", re.ASCII)
_MATH_COMMANDS = frozenset({
    "alpha", "beta", "gamma", "delta", "epsilon", "varepsilon", "zeta", "eta", "theta", "vartheta", "iota", "kappa",
    "lambda", "mu", "nu", "xi", "pi", "rho", "sigma", "tau", "upsilon", "phi", "varphi", "chi", "psi", "omega",
    "Gamma", "Delta", "Theta", "Lambda", "Xi", "Pi", "Sigma", "Upsilon", "Phi", "Psi", "Omega", "mathbf", "mathrm",
    "mathcal", "mathbb", "mathit", "mathsf", "mathtt", "mathfrak", "boldsymbol", "text", "textbf", "textit",
    "textrm", "textsc", "texttt", "hat", "bar", "tilde", "vec", "dot", "ddot", "widehat", "widetilde", "overline",
    "underline", "sqrt", "frac", "rm", "bf", "it", "cal", "sum", "prod", "int", "partial", "nabla", "infty", "ell",
    "hbar", "Re", "Im", "log", "ln", "exp", "sin", "cos", "tan", "min", "max", "arg", "lim", "sup", "inf", "det",
    "dim", "to", "rightarrow", "leftarrow", "leftrightarrow", "Rightarrow", "Leftarrow", "mapsto", "le", "leq",
    "ge", "geq", "ne", "neq", "approx", "sim", "simeq", "equiv", "propto", "ll", "gg", "times", "cdot", "div", "pm",
    "mp", "ast", "star", "circ", "bullet", "oplus", "otimes", "in", "notin", "subset", "subseteq", "cup", "cap",
    "forall", "exists", "neg", "land", "lor", "mid", "parallel", "perp", "langle", "rangle", "lfloor", "rfloor",
    "lceil", "rceil", "ldots", "cdots", "dots", "quad", "qquad", "prime", "dagger", "top",
})  # fmt: skip

_LATIN = str.maketrans(
    {"ß": "ss", "æ": "ae", "œ": "oe", "ø": "o", "đ": "d", "ð": "d", "ħ": "h", "ł": "l", "þ": "th", "ı": "i"}
)
_TITLE_STOP_WORDS = frozenset({
    "a", "an", "and", "are", "as", "at", "be", "by", "can", "do", "does", "for", "from", "how", "in", "is", "it",
    "of", "on", "or", "s", "the", "to", "towards", "toward", "via", "what", "when", "where", "which", "who", "why",
    "will", "with",
})  # fmt: skip
_MONTHS = ("jan", "feb", "mar", "apr", "may", "jun", "jul", "aug", "sep", "oct", "nov", "dec")
_TEX = re.compile(r"\$[^$]*\$|\\[A-Za-z]+")

# Crossref's expression for a DOI, https://www.crossref.org/blog/dois-and-matching-regular-expressions/
_PLAIN_DOI = re.compile(r"10\.\d{4,9}/[-._;()/:A-Za-z0-9]+", re.ASCII)


def render(snapshot: ListSnapshot) -> Iterator[str]:
    """Yield an entry for each source, followed by an empty line, in the order of the frames that cite it.

    `cited_papers` orders frames by number, so a key stays the same when a later frame cites a paper whose key would
    clash with it.
    """
    keys: set[str] = set()
    for paper, frame_ids in cited_papers(snapshot.frames):
        key = citation_key(paper)
        if key in keys:
            key = f"{key}-{re.sub('[^a-z0-9]+', '-', paper.versioned_id.lower())}"
        keys.add(key)
        yield f"{_entry(paper, key, frame_ids)}\n"


def _entry(paper: Paper, key: str, frame_ids: Iterable[str]) -> str:
    """Return a BibTeX entry, with a newline at its end.

    As in arXiv's own entries, `url` is the address of the quoted version and `eprint` the id of the paper. Year and
    month are those of the first version.
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
    # a month is a macro, not text: the bibliography style spells it out in its own language
    values = {name: value if name == "month" else f"{{{value}}}" for name, value in fields.items() if value}
    lines = [f"  {name} = {value}," for name, value in values.items()]
    kind = "article" if fields["journal"] else "misc"
    return "\n".join([f"@{kind}{{{key},", *lines, "}"]) + "\n"


def citation_key(paper: Paper) -> str:
    """Return the first author, the year and the title's first significant word, in ASCII: `lindqvist2026induction`."""
    author = _ascii_word(split_name(paper.authors[0]).last) if paper.authors else ""
    title = _TEX.sub(" ", single_line(paper.title)).replace("-", " ").replace("'", " ").split()
    words = (word for word in map(_ascii_word, title) if word and word not in _TITLE_STOP_WORDS)
    year = f"{paper.issued:%Y}" if paper.issued else ""
    return f"{author or 'anonymous'}{year}{next(words, 'untitled')}"


def _ascii_word(text: str) -> str:
    folded = unicodedata.normalize("NFKD", text.lower().translate(_LATIN))
    return re.sub("[^a-z0-9]", "", folded)


def escape_names(authors: Iterable[str]) -> str:
    """Return the authors as a BibTeX field: "Last, First and Last, Jr., First and {Some Group}"."""
    return " and ".join(map(_name, filter(single_line, authors)))


def _name(author: str) -> str:
    name = split_name(author)
    last, first, suffix = map(escape_latex, (name.last, name.first, name.suffix))
    if not first:
        return f"{{{last}}}"
    return ", ".join(filter(None, [last, suffix, first]))


def escape_latex(text: str) -> str:
    r"""Return LaTeX that prints a text on one line. Letters stay UTF-8; harmless mathematics and paired braces stay.

    The braces of the result are balanced for BibTeX too, which counts the brace of "\{".
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
    """Return the offsets of the braces that pair up."""
    paired: set[int] = set()
    opened: list[int] = []
    for match in re.finditer("[{}]", text):
        if match[0] == "{":
            opened.append(match.start())
        elif opened:
            paired |= {opened.pop(), match.start()}
    return paired


def _doi(doi: str) -> str:
    """Return a DOI unescaped where its characters allow that, since reference managers turn it into a link."""
    folded = single_line(doi)
    return folded if _PLAIN_DOI.fullmatch(folded) else escape_latex(folded)
