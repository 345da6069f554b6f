"""Separate the links that only name a frame's sources from the words of the frame."""

from __future__ import annotations

import re
from dataclasses import replace

from curator.list_import.addresses import Link
from curator.list_import.markdown_blocks import MarkdownBlock
from curator.sanitize import single_line

MAX_CUT_LINKS = 100
"""Links that are removed from the end of one item."""

_LINK_WORDS = re.compile(
    r"(?:links?|sources?|papers?|here|arxiv|this|ref|post|pdf|abs|\[?\d+\]?|arxiv:\s*\S+(?:\s\[[\w.-]+)?|https?://\S+)",
    re.IGNORECASE,
)
_OWN_ID = re.compile(r"\s·\s(?P<id>[FQT]\d+)$")
_OWN_REFERENCES = re.compile(r"\s\((?:raised by|see) F\d+(?:, F\d+)*(?:; see F\d+(?:, F\d+)*)?\)$")
_DASHES = ("—", "–", " -")


def find_own_id(block: MarkdownBlock) -> str | None:
    """Return the id of an item that Curator published: a to-do, or a frame or question with the anchor of its id."""
    match = _OWN_ID.search(single_line(block.text))
    if match and (match["id"] in block.anchors or match["id"].startswith("T")):
        return match["id"]
    return None


def is_struck_out(block: MarkdownBlock) -> bool:
    """Return whether an item was struck out: from its beginning to a sentence's end, or as a whole.

    Words behind it, such as "Refuted, see here", are a reason. A few struck words are a correction.
    """
    start = len(block.text) - len(block.text.lstrip())
    first = next((end for begin, end in block.struck if begin <= start), None)
    if first is None:
        return False
    struck = block.text[:first].strip()
    return struck.endswith((".", "!", "?", "…")) or not block.text[first:].strip(" \t\n.,;:()[]")


def remove_struck(block: MarkdownBlock) -> MarkdownBlock:
    """Return a block without the words that are struck out in it, and without their links."""
    pieces, links, position, removed = [], [], 0, 0
    for begin, end in [*block.struck, (len(block.text), len(block.text))]:
        pieces.append(block.text[position:begin])
        links += [
            replace(link, start=link.start - removed, end=link.end - removed)
            for link in block.links
            if position <= link.start and link.end <= begin
        ]
        position, removed = end, removed + end - begin
    return replace(block, text="".join(pieces), links=links, struck=[]) if block.struck else block


def list_addresses(block: MarkdownBlock) -> tuple[str, ...]:
    """Return the addresses of a block's links, in order, without duplicates."""
    return tuple(dict.fromkeys(single_line(link.url) for link in block.links))


def remove_links(block: MarkdownBlock) -> str:
    """Return a block's text outside its links, on one line."""
    pieces, position = [], 0
    for link in block.links:
        pieces.append(block.text[position : link.start])
        position = link.end
    return single_line(" ".join([*pieces, block.text[position:]]))


def strip_sources(block: MarkdownBlock, id: str | None) -> str:
    """Return an item's text on one line, without links that only name its sources.

    Args:
        block: The item.
        id: The id that Curator published the item with, if any; its format then shows which links are sources.
    """
    text, links = block.text.rstrip(), block.links
    if id:
        text = _OWN_ID.sub("", text if links else single_line(text))
        return single_line(_OWN_REFERENCES.sub("", single_line(text)) if id.startswith("Q") else text)
    for _ in range(MAX_CUT_LINKS):
        if not links or (shorter := _cut_last_source(text, links)) is None:
            break
        text, links = shorter
    return single_line(text)


def extract_published_text(block: MarkdownBlock) -> str:
    """Return a frame's text from a line that Curator published. The text has no link, so the first link is a source."""
    text = block.text.rstrip()
    first_link = next((link.start for link in block.links if not link.bare), None)
    before = _OWN_ID.sub("", text) if first_link is None else text[:first_link]
    if not before.endswith(" — "):
        before = before.rpartition(" — ")[0] or before
    return single_line(before.removesuffix(" — "))


def _cut_last_source(text: str, links: list[Link]) -> tuple[str, list[Link]] | None:
    """Return the text without its last link, and the other links; None if the link belongs to the sentence."""
    last = links[-1]
    before, label, after = text[: last.start].rstrip(), text[last.start : last.end], text[last.end :]
    if not before or after.strip(" \t\n.,;)]"):
        return None
    if _is_in_brackets(before, after):
        if before.endswith((",", ";")):  # the brackets hold more links before this one
            return _strip_separators(before) + after.strip(), links[:-1]
        return _strip_separators(before) + after.strip(" \t\n)];,"), links[:-1]
    if _follows_sentence(before) and _names_source(label, before):
        return _strip_separators(before), links[:-1]
    return None


def _is_in_brackets(before: str, after: str) -> bool:
    """Return True for the last link in brackets: "Heads copy ([one](…), [two](…))."."""
    return before.endswith(("(", "[", ",", ";")) and after.lstrip()[:1] in (")", "]")


def _follows_sentence(before: str) -> bool:
    """Return True for a link after the sentence or a dash: "Heads copy. [link](…)"."""
    return before.endswith((*_DASHES, ":", ".", "!", "?", ";", ")"))


def _names_source(label: str, before: str) -> bool:
    """Return True if a link after the sentence follows a dash, or if its label says no more than "link" or "[1]"."""
    return before.endswith(_DASHES) or _LINK_WORDS.fullmatch(single_line(label).strip("[]().")) is not None


def _strip_separators(text: str) -> str:
    return text.rstrip("([,;—–: ").removesuffix(" -")
