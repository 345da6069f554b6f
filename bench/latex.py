"""The bundled sample papers set by LaTeX, so that the reader is also measured on what it will mostly meet.

Needs `pdflatex` (Debian: texlive-latex-recommended); without it this ground truth is left out.
"""

from __future__ import annotations

import shutil
import subprocess
import tempfile
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

from tests.typesetting.linebreak import curl_quotes
from tests.typesetting.markup import Block, Source

from bench.ground_truth import Truth, sample_sources, truth_of

COMPILE_SECONDS = 120
_SPECIAL = {c: f"\\{c}" for c in "#$%&_{}"} | {
    "\\": r"\textbackslash{}",
    "~": r"\textasciitilde{}",
    "^": r"\textasciicircum{}",
    "<": r"\ensuremath{<}",
    ">": r"\ensuremath{>}",
    "−": r"\ensuremath{-}",
    "±": r"\ensuremath{\pm}",
    "·": r"\ensuremath{\cdot}",
    "÷": r"\ensuremath{\div}",
    "×": r"\ensuremath{\times}",
    "→": r"\ensuremath{\rightarrow}",
    "≤": r"\ensuremath{\leq}",
    "≥": r"\ensuremath{\geq}",
    "≈": r"\ensuremath{\approx}",
    "Σ": r"\ensuremath{\Sigma}",
    "η": r"\ensuremath{\eta}",
    "λ": r"\ensuremath{\lambda}",
    "²": r"\ensuremath{^2}",
    "…": r"\ldots{}",
}
_HEAD = r"""
\documentclass[%(options)s]{%(kind)s}
\usepackage[utf8]{inputenc}
%(packages)s
\setlength{\emergencystretch}{2em}
\title{%(title)s}
\author{%(authors)s}
\date{}
\begin{document}
\maketitle
"""


@dataclass(frozen=True)
class Style:
    """A way of setting a paper that many preprints have."""

    name: str
    options: str
    packages: str


_HEADER = r"\usepackage{fancyhdr}\pagestyle{fancy}\fancyhf{}\lhead{\small %s}\cfoot{\thepage}"
_NUMBERS = r"\usepackage{lineno}\linenumbers"
STYLES = (
    Style(
        "two columns",
        "twocolumn,10pt",
        _HEADER + r"\usepackage[margin=2cm]{geometry}\usepackage[T1]{fontenc}\usepackage{times}",
    ),
    Style("one column", "11pt", _HEADER),
    Style("one column with line numbers", "10pt,draft", _HEADER + _NUMBERS),
)
PAPERS = 6  # of each style, so that a run stays short


def latex_samples(say: Callable[[str], None]) -> list[Truth]:
    """Sample papers set in each style; an empty list, and a note, without LaTeX."""
    if shutil.which("pdflatex") is None:
        say("fidelity: pdflatex is not installed (apt install texlive-latex-recommended), so LaTeX papers are left out")
        return []
    sources = list(sample_sources())
    found = []
    for at, style in enumerate(STYLES):
        for name, source in sources[at :: len(STYLES)][:PAPERS]:
            pdf = compiled(document(source, style))
            if pdf is None:
                say(f"fidelity: {name} could not be set in {style.name}; left out")
            else:
                found.append(truth_of(f"{name}, {style.name}", pdf, source, [source.front["running"]]))
    return found


def compiled(text: str) -> bytes | None:
    """The PDF that pdflatex makes, or None where it makes none. Two runs, for the references to settle."""
    with tempfile.TemporaryDirectory() as folder:
        (Path(folder) / "paper.tex").write_text(text, encoding="utf-8")
        for _ in range(2):
            command = ["pdflatex", "-interaction=nonstopmode", "-halt-on-error", "-no-shell-escape", "paper.tex"]
            done = subprocess.run(
                command,
                cwd=folder,
                stdin=subprocess.DEVNULL,
                stdout=subprocess.DEVNULL,
                stderr=subprocess.DEVNULL,
                timeout=COMPILE_SECONDS,
            )
        made = Path(folder) / "paper.pdf"
        return made.read_bytes() if done.returncode == 0 and made.is_file() else None


def document(source: Source, style: Style) -> str:
    """The paper's LaTeX. Headings carry the numbers of the source, and references are set as it numbers them."""
    head = _HEAD % {
        "kind": "article",
        "options": style.options,
        "packages": style.packages.replace("%s", escaped(source.front["running"])),
        "title": escaped(source.paper.title),
        "authors": r" \and ".join(map(escaped, source.authors)),
    }
    body = [r"\begin{abstract}", _inline(source, source.abstract), r"\end{abstract}"]
    body += [_block(source, block) for block in source.blocks]
    return "\n".join([head, *body, r"\end{document}"])


def _block(source: Source, block: Block) -> str:
    text = _inline(source, block.text)
    if block.kind in ("section", "subsection"):
        return f"\\{block.kind}*{{{text}}}"
    if block.kind == "equation":
        return f"\\begin{{center}}\n{text}\n\\end{{center}}"
    if block.kind == "figure":
        return f"\\begin{{figure}}[t]\\centering\\rule{{5cm}}{{3cm}}\\caption{{{text}}}\\end{{figure}}\n"
    if block.kind == "reference":
        return f"\\par\\noindent\\hangindent=1.5em {text}\\par"
    return text + "\n\n"


def _inline(source: Source, text: str) -> str:
    """Markdown's italics and footnote marks as LaTeX commands."""
    out = []
    for number, part in enumerate(text.split("*")):
        pieces = [escaped(curl_quotes(piece)) if at % 2 == 0 else _note(source, piece) for at, piece in _marked(part)]
        out.append("".join(pieces) if number % 2 == 0 else f"\\emph{{{''.join(pieces)}}}")
    return "".join(out)


def _marked(text: str) -> list[tuple[int, str]]:
    """Text and footnote numbers in turn."""
    pieces: list[str] = []
    for number, part in enumerate(text.split("[^")):
        if number:
            mark, _, part = part.partition("]")
            pieces.append(mark)
        pieces.append(part)
    return list(enumerate(pieces))


def _note(source: Source, number: str) -> str:
    return f"\\footnotemark[{number}]\\footnotetext[{number}]{{{_inline(source, source.footnotes[number])}}}"


def escaped(text: str) -> str:
    """Text as LaTeX prints it."""
    return "".join(_SPECIAL.get(char, char) for char in text)
