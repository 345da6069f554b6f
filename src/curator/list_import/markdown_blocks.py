"""Parse a post into blocks (headings, paragraphs, list items, rules), each with its plain text and its links.

Markdown, HTML and text pasted from a web page give the same blocks. Nothing is fetched, scripts are ignored, and the
walk does not recurse, so that deep nesting is harmless.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass, field, replace
from typing import Any, Literal

from lxml import etree as _etree  # type: ignore[import-untyped]
from lxml import html as _html
from markdown_it import MarkdownIt
from mdit_py_plugins.footnote import footnote_plugin
from mdit_py_plugins.front_matter import front_matter_plugin

from curator.errors import PublishError
from curator.list_import.addresses import Link, find_addresses
from curator.list_import.tree_rewrites import rewrite_tree

etree: Any = _etree
html: Any = _html

BlockKind = Literal["heading", "paragraph", "item", "rule", "quotation"]


@dataclass
class MarkdownBlock:
    """A block of a post."""

    kind: BlockKind
    text: str = ""  # with the post's line ends
    links: list[Link] = field(default_factory=list)
    struck: list[tuple[int, int]] = field(default_factory=list)  # ranges of the text that are struck out
    depth: int = 0  # the number of lists around an item or a quotation
    anchors: list[str] = field(default_factory=list)  # ids of the anchors in it


_HEADINGS = {f"h{n}" for n in range(1, 7)}
_PARAGRAPHS = {"p", "div", "section", "article", "main", "body", "td", "th", "dd", "dt", "pre", "figcaption", "address"}
_LISTS = {"ul", "ol", "menu"}
_STRIKES = {"s", "del", "strike"}
MAX_SUMMARY = 200
"""Characters of the summary above a frame's quotes; a longer one is not Curator's."""
_IGNORED_TAGS = {"script", "style", "head", "template", "noscript", "iframe", "object", "svg", "math", "form", "nav"}
_IS_HTML = re.compile(r"\s*<(?:!doctype|html|head|body|article|main|section|div|h[1-6]|p|ul|ol)\b", re.IGNORECASE)
_OWN_QUOTES = re.compile(r"\d+ quotes?(?:, \d+ against it)?")
_PASTED_BULLET = re.compile(r"^([ \t]*)[•◦▪‣●○–—][ \t]+", re.MULTILINE)
_DECLARATION = re.compile(r"\A\s*<\?xml[^>]*>")
_DEFINITION = re.compile(r"\n(?=\[[^\]\n]{1,80}\]:[ \t])")
"""The line end before a definition of a link or footnote, which otherwise continues a footnote above it."""
_TOML_FRONT_MATTER = re.compile(r"\A\+\+\+\n.*?\n\+\+\+\n", re.DOTALL)


def parse_blocks(content: str, *, is_html: bool | None = None) -> list[MarkdownBlock]:
    """Return the blocks of a post, in their order.

    Args:
        content: The post.
        is_html: True for HTML, False for Markdown; if None, the beginning of the post decides.

    Raises:
        PublishError: The post is nested more than about 2,000 levels deep (libxml2's limit).
    """
    if is_html is None:
        is_html = _IS_HTML.match(content) is not None
    text = content if is_html else _markdown_to_html(content)
    if not text.strip():
        return []
    parser = html.HTMLParser(huge_tree=True, remove_pis=True, no_network=True)
    try:
        root = html.document_fromstring(text if is_html else f"<html><body>{text}</body></html>", parser=parser)
    except (etree.ParserError, ValueError):  # the post is only a broken tag, or has an XML declaration with an encoding
        root = html.document_fromstring(f"<html><body>{_DECLARATION.sub('', text)}</body></html>", parser=parser)
    if any("Excessive depth" in error.message for error in parser.error_log):
        raise PublishError(
            "The post is nested more than 2,000 levels deep, which is too deep for a list. Nothing was read."
        )
    rewrite_tree(root)
    return [block for block in _TreeWalk().collect(root) if block.text.strip() or block.kind == "rule"]


def _markdown_to_html(content: str) -> str:
    """Render Markdown; bullets that other programs paste, such as •, become list items."""
    plain = _PASTED_BULLET.sub(r"\1- ", content.replace("\r\n", "\n").replace("\r", "\n"))
    apart = _DEFINITION.sub("\n\n", plain)
    parser = MarkdownIt("commonmark").enable(["table", "strikethrough"]).use(footnote_plugin).use(front_matter_plugin)
    return str(parser.render(_TOML_FRONT_MATTER.sub("", apart)))


class _TreeWalk:
    """Collect the blocks of an HTML tree in one pass, without recursion."""

    def __init__(self) -> None:
        self._blocks: list[MarkdownBlock] = []
        self._pieces: list[list[str]] = []  # by block: its text
        self._lengths: list[int] = []  # by block: the length of its text
        self._open: list[tuple[Any, int]] = []  # open elements that started a block, and the block's index
        self._list_depth = 0
        self._skipped: Any = None  # the element whose content is being skipped
        self._link: tuple[Any, str, int, int] | None = None  # the open link: element, address, block, offset
        self._struck: tuple[Any, int, int] | None = None  # the open element that strikes text out: its block, offset

    def collect(self, root: Any) -> list[MarkdownBlock]:
        for event, element in etree.iterwalk(root, events=("start", "end", "comment")):
            if event == "comment":
                self._add_text(element.tail)
            elif event == "start":
                self._start(element)
            else:
                self._end(element)
        for block, pieces in zip(self._blocks, self._pieces, strict=True):
            block.text = "".join(pieces)
            _link_bare_addresses(block)
        return self._blocks

    def _add(self, kind: BlockKind, depth: int = 0) -> int:
        self._blocks.append(MarkdownBlock(kind, depth=depth))
        self._pieces.append([])
        self._lengths.append(0)
        return len(self._blocks) - 1

    def _start(self, element: Any) -> None:
        if self._skipped is not None:
            return
        tag = element.tag
        if tag in _IGNORED_TAGS or (tag == "details" and _is_own_quotes(element)):
            self._skipped = element
            return
        self._list_depth += tag in _LISTS
        kind = self._block_kind(tag)
        if kind == "rule":
            self._add("rule")
        elif kind:
            self._open.append((element, self._add(kind, self._list_depth)))
        elif tag in ("br", "tr") or (tag == "p" and self._open):
            self._add_text("\n")
        if tag == "a":
            self._start_link(element)
        elif tag in _STRIKES and self._open and self._struck is None:
            index = self._open[-1][1]
            self._struck = (element, index, self._lengths[index])
        self._add_text(element.text)

    def _block_kind(self, tag: str) -> BlockKind | None:
        if tag in _HEADINGS:
            return "heading"
        if tag == "li":
            return "item"
        if tag == "hr":
            return "rule"
        if tag == "blockquote":
            return "quotation"
        enclosing = self._blocks[self._open[-1][1]].kind if self._open else None
        return "paragraph" if tag in _PARAGRAPHS and enclosing in (None, "paragraph") else None

    def _start_link(self, element: Any) -> None:
        name = element.get("id") or element.get("name")
        url = (element.get("href") or "").strip()
        if not self._open:
            return
        index = self._open[-1][1]
        if name:
            self._blocks[index].anchors.append(name)
        if re.match(r"(?:https?|doi|arxiv):", url, re.IGNORECASE):
            self._link = (element, url, index, self._lengths[index])

    def _end(self, element: Any) -> None:
        if self._skipped is not None:
            if element is not self._skipped:
                return
            self._skipped = None
        else:
            if self._link and self._link[0] is element:
                _, url, index, start = self._link
                self._blocks[index].links.append(Link(url, start, self._lengths[index]))
                self._link = None
            if self._struck and self._struck[0] is element:
                _, index, start = self._struck
                self._blocks[index].struck.append((start, self._lengths[index]))
                self._struck = None
            if self._open and self._open[-1][0] is element:
                self._open.pop()
            self._list_depth -= element.tag in _LISTS
        self._add_text(element.tail)

    def _add_text(self, text: str | None) -> None:
        if not text or self._skipped is not None:
            return
        if self._open:
            index = self._open[-1][1]
            if self._blocks[index].kind == "paragraph" and index < len(self._blocks) - 1:
                index = self._add("paragraph")  # text after a block inside this one
                self._open[-1] = (self._open[-1][0], index)
        elif text.strip():
            index = self._add("paragraph")
        else:
            return
        self._pieces[index].append(text)
        self._lengths[index] += len(text)


def _is_own_quotes(element: Any) -> bool:
    """Return True for the fold-out in which Curator publishes a frame's quotes."""
    summary = element.find("summary")
    if summary is None:
        return False
    text = ""
    for piece in summary.itertext():
        text += piece
        if len(text) > MAX_SUMMARY:
            return False
    return _OWN_QUOTES.fullmatch(text.strip()) is not None


def _link_bare_addresses(block: MarkdownBlock) -> None:
    """Add a link for each address in the text that no link covers."""
    links = sorted(block.links, key=lambda link: link.end)  # they do not overlap
    position = 0
    for found in sorted(find_addresses(block.text), key=lambda link: link.start):
        while position < len(links) and links[position].end <= found.start:
            position += 1
        if position == len(links) or links[position].start >= found.end:
            block.links.append(found)
    block.links.sort(key=lambda link: link.start)


def split_lines(block: MarkdownBlock) -> Iterator[MarkdownBlock]:
    """Yield each line of a block as a block."""
    start = position = 0
    for line in block.text.split("\n"):
        end = start + len(line)
        links = []
        while position < len(block.links) and block.links[position].start < end:  # links are in the text's order
            link = block.links[position]
            if link.start >= start:
                links.append(replace(link, start=link.start - start, end=link.end - start))
            position += 1
        yield MarkdownBlock(block.kind, line, links, depth=block.depth, anchors=block.anchors)
        start = end + 1
