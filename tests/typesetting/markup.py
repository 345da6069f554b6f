"""The small Markdown that the sample papers are written in.

A source begins with front matter, `key: value` lines between two `---` lines. Blocks follow, with blank lines between:

    # Abstract                     the abstract, up to the next heading
    ## 1 Introduction              a section;  ### a subsection
    > E = mc²                      an equation on a line of its own
    ![caption](figure1)            the figure that the front matter describes as `figure1`
    [^1]: text                     a footnote; the text refers to it as [^1]
    - text                         under "## References": a reference

All other blocks are paragraphs. `*word*` is in italics.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Literal

from curator.types import Paper

BlockKind = Literal["section", "subsection", "paragraph", "equation", "figure", "reference"]

_FIGURE = re.compile(r"!\[(.*)\]\((\w+)\)", re.DOTALL)
_FOOTNOTE = re.compile(r"\[\^(\d+)\]:\s+(.*)", re.DOTALL)


@dataclass(frozen=True)
class Block:
    """A heading, paragraph, equation, figure or reference."""

    kind: BlockKind
    text: str  # without line breaks; of a figure, its caption
    figure: str = ""  # the key in the front matter under which the figure is described


@dataclass(frozen=True)
class Source:
    """A sample paper's source, parsed."""

    front: Mapping[str, str]
    abstract: str
    blocks: tuple[Block, ...]
    footnotes: Mapping[str, str]

    @property
    def authors(self) -> tuple[str, ...]:
        """The authors' names."""
        return tuple(name.strip() for name in self.front["authors"].split(","))

    @property
    def paper(self) -> Paper:
        """The metadata that arXiv would give."""
        front = self.front
        return Paper(
            id=front["id"],
            version=int(front["version"]),
            title=front["title"],
            abstract=self.abstract.replace("*", ""),
            authors=self.authors,
            categories=tuple(name.strip() for name in front["categories"].split(",")),
            published=datetime.fromisoformat(front["published"]).astimezone(UTC),
            updated=datetime.fromisoformat(front["updated"]).astimezone(UTC),
            comment=front.get("comment"),
            journal_ref=front.get("journal_ref"),
            doi=front.get("doi"),
        )


def parse_source(text: str) -> Source:
    """Parse a sample paper's source.

    Raises:
        ValueError: It does not begin with front matter, or has no abstract.
    """
    opening, _, rest = text.partition("---\n")
    head, closing, body = rest.partition("\n---\n")
    if opening.strip() or not closing:
        raise ValueError("A sample paper must begin with front matter between two lines of three hyphens.")
    front = {
        key.strip(): value.strip() for key, colon, value in (line.partition(":") for line in head.splitlines()) if colon
    }
    abstract: list[str] = []
    blocks: list[Block] = []
    footnotes: dict[str, str] = {}
    section = ""
    for raw in re.split(r"\n\s*\n", body.strip()):
        chunk = " ".join(raw.split())
        if chunk.startswith("#"):
            level, _, section = chunk.partition(" ")
            if level != "#":
                blocks.append(Block("section" if level == "##" else "subsection", section))
        elif footnote := _FOOTNOTE.fullmatch(chunk):
            footnotes[footnote[1]] = footnote[2]
        elif section == "Abstract":
            abstract.append(chunk)
        elif section == "References":
            items = re.split(r"^- ", raw, flags=re.MULTILINE)[1:]
            blocks.extend(
                Block("reference", f"[{number}] {' '.join(item.split())}") for number, item in enumerate(items, 1)
            )
        else:
            blocks.append(_parse_block(chunk))
    if not abstract:
        raise ValueError("A sample paper must have a paragraph under the heading “# Abstract”.")
    return Source(front, " ".join(abstract), tuple(blocks), footnotes)


def _parse_block(chunk: str) -> Block:
    if figure := _FIGURE.fullmatch(chunk):
        return Block("figure", figure[1], figure[2])
    if chunk.startswith("> "):
        return Block("equation", chunk[2:])
    return Block("paragraph", chunk)
