"""A post as a stream of blocks: headings, paragraphs, list items and rules, each with its plain text and its links.

Markdown, HTML and text pasted from a web page all come out alike. Nothing is fetched, no script is looked at, and how
deep a document nests makes no difference.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass, field, replace
from typing import Any, Literal

from lxml import etree as _etree  # type: ignore[import-untyped]
from lxml import html as _html
from markdown_it import MarkdownIt

from curator.errors import PublishError

etree: Any = _etree
html: Any = _html

BlockKind = Literal["heading", "paragraph", "item", "rule", "quotation"]


@dataclass
class Link:
    url: str
    start: int  # offsets in the block's text
    end: int
    bare: bool = False  # an address in the text, made a link by nobody


@dataclass
class MarkdownBlock:
    what: BlockKind
    text: str = ""  # with a newline where the post has one
    links: list[Link] = field(default_factory=list)
    depth: int = 0  # of an item: how many lists it stands in; of a quotation within an item: that item's
    anchors: list[str] = field(default_factory=list)  # ids of anchors in it


_HEADINGS = {f"h{n}" for n in range(1, 7)}
_PARAGRAPHS = {"p", "div", "section", "article", "main", "body", "td", "th", "dd", "dt", "pre", "figcaption", "address"}
_LISTS = {"ul", "ol", "menu"}
LONGEST_SUMMARY = 200  # characters of what Curator writes over a frame's quotes
_UNSEEN = {"script", "style", "head", "template", "noscript", "iframe", "object", "svg", "math", "form", "nav"}
_IS_HTML = re.compile(r"\s*<(?:!doctype|html|head|body|article|main|section|div|h[1-6]|p|ul|ol)\b", re.IGNORECASE)
_OWN_QUOTES = re.compile(r"\d+ quotes?(?:, \d+ against it)?")
_PASTED_BULLET = re.compile(r"^([ \t]*)[•◦▪‣●○–—][ \t]+", re.MULTILINE)
_DECLARATION = re.compile(r"\A\s*<\?xml[^>]*>")
_URL = re.compile(r"https?://[^\s<>\"']+")
_TRAILING = ".,;:!?)]}’”"


def parse_blocks(content: str, *, is_html: bool | None = None) -> list[MarkdownBlock]:
    """The blocks of a post, in their order. Without `is_html` its beginning tells whether it is HTML or Markdown.

    Raises PublishError where it nests beyond all reason.
    """
    if is_html is None:
        is_html = _IS_HTML.match(content) is not None
    text = content if is_html else _rendered(content)
    if not text.strip():
        return []
    parser = html.HTMLParser(huge_tree=True, remove_pis=True, no_network=True)
    try:
        root = html.document_fromstring(text if is_html else f"<html><body>{text}</body></html>", parser=parser)
    except (etree.ParserError, ValueError):  # nothing but a broken tag; an XML declaration that names an encoding
        root = html.document_fromstring(f"<html><body>{_DECLARATION.sub('', text)}</body></html>", parser=parser)
    if any("Excessive depth" in error.message for error in parser.error_log):
        raise PublishError("The post nests more than 2,000 levels deep, which no list does. Nothing was read.")
    return [block for block in _Walk().over(root) if block.text.strip() or block.what == "rule"]


def _rendered(content: str) -> str:
    """Markdown as HTML; bullets as other programs paste them are bullets too."""
    plain = _PASTED_BULLET.sub(r"\1- ", content.replace("\r\n", "\n").replace("\r", "\n"))
    return str(MarkdownIt("commonmark").render(plain))


class _Walk:
    """One pass over the tree, without recursion."""

    def __init__(self) -> None:
        self._done: list[MarkdownBlock] = []
        self._said: list[list[str]] = []  # the text of each of those, in pieces
        self._length: list[int] = []  # and how long that is
        self._open: list[tuple[Any, int]] = []  # elements that began a block, and which
        self._lists = 0
        self._skip: Any = None
        self._link: tuple[Any, str, int, int] | None = None

    def over(self, root: Any) -> list[MarkdownBlock]:
        for event, element in etree.iterwalk(root, events=("start", "end", "comment")):
            if event == "comment":
                self._say(element.tail)
            elif event == "start":
                self._begin(element)
            else:
                self._end(element)
        for block, said in zip(self._done, self._said, strict=True):
            block.text = "".join(said)
            _link_bare_addresses(block)
        return self._done

    def _add(self, what: BlockKind, depth: int = 0) -> int:
        self._done.append(MarkdownBlock(what, depth=depth))
        self._said.append([])
        self._length.append(0)
        return len(self._done) - 1

    def _begin(self, element: Any) -> None:
        if self._skip is not None:
            return
        tag = element.tag
        if tag in _UNSEEN or (tag == "details" and _is_own_quotes(element)):
            self._skip = element
            return
        self._lists += tag in _LISTS
        what = self._what(tag)
        if what == "rule":
            self._add("rule")
        elif what:
            self._open.append((element, self._add(what, self._lists)))
        elif tag in ("br", "tr") or (tag == "p" and self._open):
            self._say("\n")
        if tag == "a":
            self._begin_link(element)
        self._say(element.text)

    def _what(self, tag: str) -> BlockKind | None:
        if tag in _HEADINGS:
            return "heading"
        if tag == "li":
            return "item"
        if tag == "hr":
            return "rule"
        if tag == "blockquote":
            return "quotation"
        inside = self._done[self._open[-1][1]].what if self._open else None
        return "paragraph" if tag in _PARAGRAPHS and inside in (None, "paragraph") else None

    def _begin_link(self, element: Any) -> None:
        name = element.get("id") or element.get("name")
        url = (element.get("href") or "").strip()
        if not self._open:
            return
        place = self._open[-1][1]
        if name:
            self._done[place].anchors.append(name)
        if re.match(r"(?:https?|doi|arxiv):", url, re.IGNORECASE):
            self._link = (element, url, place, self._length[place])

    def _end(self, element: Any) -> None:
        if self._skip is not None:
            if element is not self._skip:
                return
            self._skip = None
        else:
            if self._link and self._link[0] is element:
                _, url, place, start = self._link
                self._done[place].links.append(Link(url, start, self._length[place]))
                self._link = None
            if self._open and self._open[-1][0] is element:
                self._open.pop()
            self._lists -= element.tag in _LISTS
        self._say(element.tail)

    def _say(self, text: str | None) -> None:
        if not text or self._skip is not None:
            return
        if self._open:
            place = self._open[-1][1]
            if self._done[place].what == "paragraph" and place < len(self._done) - 1:  # text after a block within it
                place = self._add("paragraph")
                self._open[-1] = (self._open[-1][0], place)
        elif text.strip():
            place = self._add("paragraph")
        else:
            return
        self._said[place].append(text)
        self._length[place] += len(text)


def _is_own_quotes(element: Any) -> bool:
    """Whether it is the fold-out in which Curator publishes a frame's quotes."""
    summary = element.find("summary")
    if summary is None:
        return False
    said = ""
    for piece in summary.itertext():
        said += piece
        if len(said) > LONGEST_SUMMARY:
            return False
    return _OWN_QUOTES.fullmatch(said.strip()) is not None


def _link_bare_addresses(block: MarkdownBlock) -> None:
    links = sorted(block.links, key=lambda link: link.end)  # they do not overlap
    at = 0
    for found in _URL.finditer(block.text):
        while at < len(links) and links[at].end <= found.start():
            at += 1
        if at == len(links) or links[at].start >= found.end():
            url = found[0].rstrip(_TRAILING)
            if url.count("(") > url.count(")"):  # an address with parentheses of its own
                url += ")"
            block.links.append(Link(url, found.start(), found.start() + len(url), bare=True))
    block.links.sort(key=lambda link: link.start)


def block_lines(block: MarkdownBlock) -> Iterator[MarkdownBlock]:
    """A block's lines as blocks of their own."""
    start = at = 0
    for line in block.text.split("\n"):
        end = start + len(line)
        links = []
        while at < len(block.links) and block.links[at].start < end:  # they are in the order of the text
            link = block.links[at]
            if link.start >= start:
                links.append(replace(link, start=link.start - start, end=link.end - start))
            at += 1
        yield MarkdownBlock(block.what, line, links, block.depth, block.anchors)
        start = end + 1
