"""How true the text is that the reader makes of a PDF, beside PyMuPDF's plain text, pymupdf4llm and pdftotext.

All extractors get the same files in the same run and are measured alike; see `bench.likeness` for the measures and
`bench.ground_truth` for the texts. On papers whose text nobody knows, extractors are held against each other: a
sentence whose words stand in no other extractor's output may well be spliced together from two places.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Mapping, Sequence
from statistics import mean

from bench.extractors import MARKDOWN, OURS, SENTENCES, Extractor, extractors
from bench.ground_truth import Truth, typeset_samples, written_down
from bench.inputs import Inputs, spread
from bench.latex import latex_samples
from bench.likeness import Output, edit_similarity, share_belonging, squashed, without_markdown
from curator.errors import PdfUnreadable
from curator.pdf.pipeline import read_bytes

KINDS = ("present", "unbroken", "order", "absent")
MARKDOWN_PAPERS = 6  # pymupdf4llm takes half a second a page, so it reads only some of the papers without a truth
MIN_WORDS = 8  # of a sentence that extractors are asked to agree on
SHOWN = 3  # failed checks and lone sentences that are printed


def measure(inputs: Inputs) -> None:
    """Print a table for each set of ground truths, then how far extractors agree on papers without one."""
    missing: list[str] = []
    with extractors(missing) as available:
        for note in missing:
            print(f"fidelity: {note}")
        _compare("the demo's sample papers", typeset_samples(), available)
        _compare("the same texts, set by LaTeX", latex_samples(print), available)
        pairs = [written_down(pdf, text) for pdf, text in inputs.ground_truths]
        _compare("texts that somebody wrote down", pairs, available)
        _agreement(inputs, available)


def _compare(title: str, truths: Sequence[Truth], available: Mapping[str, Extractor]) -> None:
    if not truths:
        return
    print(f"fidelity, {title}: {len(truths)} papers, {sum(len(truth.checks) for truth in truths)} checks, in per cent")
    print(f"  {'':16}" + "".join(f"{name:>11}" for name in ("edit sim.", "words true", *KINDS, "all checks")))
    failed: list[str] = []
    for name, extractor in available.items():
        figures: dict[str, list[float]] = defaultdict(list)
        for truth in truths:
            output = _output(name, extractor, truth.pdf)
            figures["edit sim."].append(edit_similarity(truth.words, output.words))
            figures["words true"].append(share_belonging(truth.words, output.words))
            for check in truth.checks:
                held = check.holds(output)
                figures[check.kind].append(held)
                figures["all checks"].append(held)
                if not held and name == OURS:
                    failed.append(f"{truth.name}, {check.kind}: {check.about}")
        columns = ("edit sim.", "words true", *KINDS, "all checks")
        print(f"  {name:16}" + "".join(f"{_per_cent(figures[column]):>11}" for column in columns))
    for line in spread_lines(failed):
        print(f"  {OURS} fails {line[:150]}")
    if failed:
        print(f"  {OURS} fails {len(failed)} in all")


def spread_lines(lines: Sequence[str]) -> list[str]:
    """A few of the lines, evenly spread."""
    return [lines[number * len(lines) // SHOWN] for number in range(SHOWN)] if len(lines) > SHOWN else list(lines)


def _per_cent(values: Sequence[float]) -> str:
    return f"{100 * mean(values):.1f}" if values else "-"


def _output(name: str, extractor: Extractor, pdf: bytes) -> Output:
    pages = extractor(pdf)
    return Output(tuple(without_markdown(page) for page in pages) if name == MARKDOWN else tuple(pages))


def _agreement(inputs: Inputs, available: Mapping[str, Extractor]) -> None:
    """Print the share of our prose sentences whose words stand, one after another, in the other extractors' outputs."""
    papers = inputs.papers
    if not papers:
        print(f"fidelity: no papers in {inputs.data.name}/pdf/papers, so no agreement is measured")
        return
    slow = set(spread(papers, MARKDOWN_PAPERS))
    found: dict[str, list[bool]] = defaultdict(list)
    lone: list[str] = []
    for path in papers:
        data = path.read_bytes()
        sentences = _prose(data)
        others = {
            name: _output(name, extractor, data).squashed
            for name, extractor in available.items()
            if name not in (OURS, SENTENCES) and (name != MARKDOWN or path in slow)
        }
        for sentence in sentences:
            wanted = squashed(sentence)
            agreeing = {name: wanted in text for name, text in others.items()}
            for name, agrees in agreeing.items():
                found[name].append(agrees)
            found["any of them"].append(any(agreeing.values()))
            if not any(agreeing.values()):
                lone.append(f"{path.stem}: {sentence}")
    print(
        f"agreement on {len(papers)} papers: our prose sentences of {MIN_WORDS} words and more that stand word for word"
    )
    for name, agreed in found.items():
        print(f"  in {name:16} {100 * mean(agreed):6.2f} %  of {len(agreed)}")
    for line in spread_lines(lone):
        print(f"  in none: {line[:200]}")


def _prose(data: bytes) -> list[str]:
    """Sentences of running text that do not cross a page break."""
    try:
        document = read_bytes(data, "2501.01234", 1, 1000)
    except PdfUnreadable:
        return []
    return [
        sentence.text
        for sentence in document.sentences
        if sentence.form == "prose"
        and sentence.section != "references"
        and len(sentence.spans) == 1
        and len(sentence.text.split()) >= MIN_WORDS
    ]
