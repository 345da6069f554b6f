"""The project's Markdown pages as their readers and renderers see them: blocks of code, links, headings."""

from __future__ import annotations

import re
from collections.abc import Iterator
from functools import cache
from pathlib import Path

from markdown_it import MarkdownIt
from markdown_it.token import Token

ROOT = Path(__file__).parents[2]
PAGES = (*sorted(ROOT.glob("*.md")), *sorted((ROOT / "docs").rglob("*.md")))
FOR_DEVELOPERS = ("CONTRIBUTING.md", "docs/adr/", "docs/architecture")
USER_PAGES = tuple(page for page in PAGES if not str(page.relative_to(ROOT)).startswith(FOR_DEVELOPERS))
"""Those whose examples are for users: each of them is run, or is checked to be valid."""


@cache
def tokens(page: Path) -> tuple[Token, ...]:
    """Return a page's tokens, those inside of paragraphs and headings after their own."""
    found: list[Token] = []
    for token in MarkdownIt("commonmark").enable("table").parse(page.read_text(encoding="utf-8")):
        found.append(token)
        found.extend(token.children or ())
    return tuple(found)


def blocks(page: Path, language: str | None = None) -> Iterator[tuple[str, str]]:
    """Yield language and text of each block of code."""
    for token in tokens(page):
        if token.type == "fence" and language in (None, token.info.strip()):
            yield token.info.strip(), token.content


def inline_code(page: Path) -> Iterator[str]:
    """Yield each piece of code within text."""
    yield from (token.content for token in tokens(page) if token.type == "code_inline")


def links(page: Path) -> Iterator[str]:
    """Yield the target of each link and picture."""
    for token in tokens(page):
        if token.type in ("link_open", "image"):
            yield str(token.attrs["href" if token.type == "link_open" else "src"])


@cache
def anchors(page: Path) -> frozenset[str]:
    """Return the anchors of a page's headings, as GitHub and the site's builder name them."""
    found = tokens(page)
    titles = [found[place + 1].content for place, token in enumerate(found) if token.type == "heading_open"]
    return frozenset(re.sub(r"[^\w\- ]", "", title.lower()).strip().replace(" ", "-") for title in titles)
