"""How often the quote checker turns away true quotes, and how often it lets false ones pass, by class.

`python -m bench quotes [--data DIR] [--papers DIR] [--seed N] [--limit N] [--only CLASS] [--show N] [--cases FILE]
[--held-out]`. The quotes are cut from our sample papers and from the PDFs of a folder, one part of which, drawn by
hash, is kept for --held-out, with wordings of its own: what the checker gets there, nobody has tuned it to.
"""

from __future__ import annotations

import argparse
import hashlib
import json
import time
from collections import defaultdict
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import asdict, dataclass
from itertools import islice
from pathlib import Path
from random import Random

import pymupdf

from bench import disturb, falsify
from bench.inputs import Inputs
from bench.passages import (
    MAX_PAGES,
    Base,
    BenchPaper,
    across_columns,
    across_pages,
    key,
    load,
    one_line,
    papers_in,
    passages,
    pasted,
    pasted_by_poppler,
    samples,
)
from bench.wordings import MAIN, Wording
from bench.wordings_held_out import HELD_OUT
from curator.pdf.pipeline import read_bytes
from curator.quotes.checker import QuoteChecker

SEED = 1
PER_CLASS = 170  # quotes at most
PER_PASTED_CLASS = 400  # what users do most
TRIES = 400  # passages of one paper that a class may look at in vain
NOISE = 0.25  # share of the false quotes that are disturbed as well
HELD_OUT_OF = 3  # one paper in so many is held out
LONG_PAPER = 40  # pages
TIMED_QUOTES = 100
SHOWN = 10
HARMLESS = (
    "white space",
    "line breaks",
    "quotation marks, apostrophes",
    "ligatures",
    "soft hyphens, zero width",
    "Markdown",
)


@dataclass(frozen=True)
class Case:
    label: str
    paper: str
    claimed: str
    origin: str  # what the paper has there; "" where nothing
    holds: bool  # what should come out
    counted: bool = True


@dataclass(frozen=True)
class Making:
    """How the quotes of one class are made."""

    label: str
    make: Callable[[Base], str | None]
    holds: bool
    counted: bool
    per_class: int
    tries: int


@dataclass(frozen=True)
class Outcome:
    case: Case
    grade: str
    found: str
    held: bool
    why: str = ""  # what the checker says where it refuses

    @property
    def wrong(self) -> bool:
        return self.held != self.case.holds


def measure(inputs: Inputs) -> None:
    """Print the error rates by class, the worst cases, and the time that grading takes."""
    options = _options(inputs)
    words = HELD_OUT if options.held_out else MAIN
    papers = list(_papers(options.papers, words))
    cases = [case for case in corpus(papers, words, options.seed) if not options.only or options.only in case.label]
    cases = cases[: options.limit] if options.limit else cases
    outcomes = list(graded(papers, cases))
    print(f"Quotes from {len(papers)} papers, {sum(len(p.document.pages) for p in papers)} pages; seed {options.seed}"
          f"{', held out' if options.held_out else ''}")  # fmt: skip
    print_table("True quotes: false rejects", [o for o in outcomes if o.case.holds and o.case.counted])
    print_table("False quotes: false accepts", [o for o in outcomes if not o.case.holds and o.case.counted])
    print_table("Arguable, true: rejected", [o for o in outcomes if o.case.holds and not o.case.counted])
    print_table("Arguable, false: accepted", [o for o in outcomes if not o.case.holds and not o.case.counted])
    if not options.held_out:
        _print_worst(outcomes, options.show)
    if options.cases and not options.held_out:
        _write_wrong(options.cases, outcomes)
    print(timing(papers, cases))


def _options(inputs: Inputs) -> argparse.Namespace:
    parser = argparse.ArgumentParser(prog="python -m bench quotes")
    parser.add_argument("--papers", type=Path, default=inputs.data / "pdf" / "papers", help="folder of PDFs")
    parser.add_argument("--seed", type=int, default=SEED)
    parser.add_argument("--limit", type=int, default=0, help="grade only so many quotes")
    parser.add_argument("--only", default="", help="only classes whose name has this in it")
    parser.add_argument("--show", type=int, default=SHOWN, help="worst cases to print")
    parser.add_argument("--cases", type=Path, help="write every wrong case to this file, as JSON lines")
    parser.add_argument("--held-out", action="store_true", help="other papers, other wordings; rates only")
    return parser.parse_args(inputs.options)


def is_held_out(name: str) -> bool:
    return hashlib.sha256(name.encode()).digest()[0] % HELD_OUT_OF == 0


def _papers(folder: Path, words: Wording) -> Iterator[BenchPaper]:
    """The samples always; of the folder the part that belongs to this wording; a few once more, with hidden text."""
    found = list(samples())
    if folder.is_dir():
        found += [(name, pdf) for name, pdf in papers_in(folder) if is_held_out(name) == (words is HELD_OUT)]
    for number, (name, pdf) in enumerate(found):
        paper = load(name, pdf)
        if paper is None or not paper.sentences:
            continue
        yield paper
        if number % 3 == 0:
            again = load(f"{name}+hidden", plant(pdf, words.hidden, Random(name)))
            if again is not None:
                yield BenchPaper(again.name, again.pdf, again.document, words.hidden)


def plant(pdf: bytes, sentences: Iterable[str], rng: Random) -> bytes:
    """The PDF with sentences on its pages that nobody sees: white, tiny, drawn in no mode, or outside the page."""
    with pymupdf.open(stream=pdf, filetype="pdf") as document:  # type: ignore[no-untyped-call]
        for sentence in sentences:
            page = document[rng.randrange(len(document))]
            corner = (page.rect.x0 + 40, page.rect.y1 - rng.randrange(8, 20))
            way = rng.randrange(4)
            if way == 0:
                page.insert_text(corner, sentence, fontsize=7, color=(1, 1, 1))
            elif way == 1:
                page.insert_text(corner, sentence, fontsize=0.5)
            elif way == 2:
                page.insert_text(corner, sentence, fontsize=7, render_mode=3)
            else:
                page.insert_text((page.rect.x1 + 30, page.rect.y1 - 90), sentence, fontsize=7)
        return bytes(document.tobytes())


def corpus(
    papers: Sequence[BenchPaper], words: Wording, seed: int, per_class: int = PER_CLASS, tries: int = TRIES
) -> Iterator[Case]:
    """All quotes, the same for the same papers, wording and seed."""
    plain = [paper for paper in papers if not paper.planted]
    for label, disturbance in (*disturb.TRUE.items(), *disturb.ARGUABLE.items()):
        counted = label in disturb.TRUE
        making = Making(label, disturbance, True, counted, per_class, tries)
        yield from _cases(making, plain, words, seed)
    yield from _pasted_cases(plain, seed)
    for label, falsification in (*falsify.FALSE.items(), *falsify.ARGUABLE.items()):
        chosen = [paper for paper in papers if paper.planted] if label == "hidden text" else plain
        making = Making(label, falsification, False, label in falsify.FALSE, per_class, tries)
        yield from _cases(making, chosen, words, seed)


def _cases(making: Making, papers: Sequence[BenchPaper], words: Wording, seed: int) -> Iterator[Case]:
    """The quotes of a class, every paper in turn, none twice."""
    sources = [iter(passages(paper, papers, words, f"{words.name}/{seed}/{making.label}")) for paper in papers]
    seen: set[tuple[str, str]] = set()
    while sources and len(seen) < making.per_class:
        for source in tuple(sources):
            case = next(_tried(making, source), None)
            if case is None:
                sources.remove(source)
            elif len(seen) < making.per_class and (case.paper, case.claimed) not in seen:
                seen.add((case.paper, case.claimed))
                yield case


def _tried(making: Making, source: Iterator[Base]) -> Iterator[Case]:
    for base in islice(source, making.tries):
        quote = making.make(base)
        if quote is None or (not making.holds and not is_false(making.label, base, quote)):
            continue
        if not making.holds and base.rng.random() < NOISE and making.label not in falsify.MAY_STAND_IN_PAPER:
            quote = _noisy(base, quote)
        yield Case(making.label, base.paper.name, quote, base.text, making.holds, making.counted)


def is_false(label: str, base: Base, quote: str) -> bool:
    """Whether a quote may be labelled false: it says something else than the passage, and the paper nowhere has it."""
    return label in falsify.MAY_STAND_IN_PAPER or (key(quote) != key(base.text) and not base.paper.has(quote))


def _noisy(base: Base, quote: str) -> str:
    disturbance = disturb.TRUE[base.rng.choice(HARMLESS)]
    return disturbance(Base(quote, base.paper, base.at, base.count, base.rng, base.words)) or quote


def _pasted_cases(papers: Sequence[BenchPaper], seed: int) -> Iterator[Case]:
    """Quotes as users make them: copied out of another program's text of the same PDF."""
    ours = [(p, raw) for p in papers for raw in pasted(p)]
    poppler = [(p, raw) for p in papers for raw in pasted_by_poppler(p)]
    columns = [(p, raw) for p in papers for raw in across_columns(p)]
    pages = [(p, *raws) for p in papers for raws in across_pages(p)]
    rng = Random(f"pasted/{seed}")
    for label, found, joint, counted in (
        ("pasted from PyMuPDF", ours, None, True),
        ("pasted from PyMuPDF, one line", ours, " ", True),
        ("pasted from PyMuPDF, mended", ours, "", True),
        ("pasted from pdftotext", poppler, None, True),
        ("pasted from pdftotext, one line", poppler, " ", True),
        ("pasted across a column", columns, None, True),
        ("pasted across a page", [(p, raw) for p, raw, _ in pages], None, True),
        ("pasted with page furniture", [(p, raw) for p, _, raw in pages], None, False),
    ):
        for paper, raw in rng.sample(found, min(PER_PASTED_CLASS, len(found))):
            mended = raw if joint is None else one_line(raw.replace("-\n", f"-{joint}" if joint else ""))
            yield Case(label, paper.name, mended, raw, True, counted)


def graded(papers: Iterable[BenchPaper], cases: Iterable[Case]) -> Iterator[Outcome]:
    by_paper: dict[str, list[Case]] = defaultdict(list)
    for case in cases:
        by_paper[case.paper].append(case)
    for paper in papers:
        checker = QuoteChecker(paper.document)
        for case in by_paper[paper.name]:
            quote = checker.grade(case.claimed)
            yield Outcome(case, quote.grade, quote.text if quote.holds else "", quote.holds, quote.why or "")


def print_table(title: str, outcomes: Sequence[Outcome]) -> None:
    rows: Mapping[str, list[Outcome]] = defaultdict(list)
    for outcome in outcomes:
        rows[outcome.case.label].append(outcome)
    print(f"\n{title:<36}{'n':>7}{'wrong':>7}{'%':>8}")
    for label, row in rows.items():
        _print_row(label, row)
    _print_row("all", outcomes)


def _print_row(label: str, row: Sequence[Outcome]) -> None:
    wrong = sum(outcome.wrong for outcome in row)
    print(f"  {label:<34}{len(row):>7}{wrong:>7}{100 * wrong / max(1, len(row)):>8.2f}")


def _print_worst(outcomes: Sequence[Outcome], count: int) -> None:
    """False accepts first, one class after the other."""
    classes: dict[tuple[bool, str], list[Outcome]] = defaultdict(list)
    for outcome in outcomes:
        if outcome.wrong and outcome.case.counted:
            classes[outcome.case.holds, outcome.case.label].append(outcome)
    ranked = sorted((place, *kind, i) for i, kind in enumerate(classes) for place in range(len(classes[kind])))
    ranked.sort(key=lambda entry: (entry[1], entry[0]))
    for place, holds, label, _ in ranked[:count]:
        outcome = classes[holds, label][place]
        print(f"\n{'false reject' if holds else 'FALSE ACCEPT'} ({outcome.grade}): {label}, {outcome.case.paper}")
        print(f"  claimed {outcome.case.claimed!r}\n  stands  {outcome.case.origin!r}")
        print(f"  found   {outcome.found or outcome.why!r}")


def _write_wrong(path: Path, outcomes: Iterable[Outcome]) -> None:
    with path.open("w", encoding="utf-8") as file:
        for outcome in outcomes:
            if outcome.wrong:
                row = asdict(outcome.case) | {"grade": outcome.grade, "found": outcome.found, "why": outcome.why}
                file.write(json.dumps(row, ensure_ascii=False) + "\n")


def timing(papers: Sequence[BenchPaper], cases: Sequence[Case]) -> str:
    """Grading TIMED_QUOTES quotes, true and false, against reading the PDF of the paper nearest to LONG_PAPER pages."""
    paper = min(papers, key=lambda p: (abs(len(p.document.pages) - LONG_PAPER), p.name))
    quotes = [case.claimed for case in cases if case.paper == paper.name]
    quotes = Random(SEED).sample(quotes, min(TIMED_QUOTES, len(quotes)))
    started = time.perf_counter()
    document = read_bytes(paper.pdf, paper.name, 1, MAX_PAGES)
    read = time.perf_counter()
    checker = QuoteChecker(document)
    for quote in quotes:
        checker.grade(quote)
    done = time.perf_counter()
    return (f"\n{len(quotes)} quotes against {len(document.pages)} pages: {done - read:.2f} s;"
            f" reading them: {read - started:.2f} s; ratio {(done - read) / (read - started):.2f}")  # fmt: skip
