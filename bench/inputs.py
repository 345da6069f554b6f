"""Which papers a measurement may use beyond the bundled samples: they are not ours to ship, so a folder names them."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

DATA = Path(__file__).parents[2] / "shared" / "data"
"""Where real papers are looked for by default: beside the checkout."""


@dataclass(frozen=True)
class Inputs:
    """`data` holds `pdf/papers/*.pdf` and `pdf/groundtruth/*.txt`; `pairs` holds NAME.pdf beside NAME.txt."""

    data: Path = DATA
    pairs: Path | None = None
    options: tuple[str, ...] = ()
    """What the command line says beyond that: for the one measurement that has options of its own."""
    frames: int = 10_000  # that exports are measured with

    @property
    def papers(self) -> list[Path]:
        """Real papers, in a fixed order; none where there is no such folder."""
        return sorted((self.data / "pdf" / "papers").glob("*.pdf"))

    @property
    def ground_truths(self) -> list[tuple[Path, Path]]:
        """PDFs, each with the file that holds its true text."""
        found = []
        for text in sorted((self.data / "pdf" / "groundtruth").glob("*.txt")):
            found += [(pdf, text) for pdf in sorted((self.data / "pdf").glob(f"*/{text.stem}.pdf"))[:1]]
        if self.pairs is not None:
            found += [
                (text.with_suffix(".pdf"), text)
                for text in sorted(self.pairs.glob("*.txt"))
                if text.with_suffix(".pdf").is_file()
            ]
        return found


def spread(papers: list[Path], most: int) -> list[Path]:
    """At most `most` of the papers, evenly spread over the list."""
    if len(papers) <= most:
        return papers
    return [papers[number * len(papers) // most] for number in range(most)]
