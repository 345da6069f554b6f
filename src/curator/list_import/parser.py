"""Parse a list that a person keeps in one long post: find frames, open questions, topics, to-dos and changes.

Headings decide the type of the entries, in whatever style they are written; without headings, the words decide. No
text is lost: the parser also returns the text that belongs to no entry.
"""

from __future__ import annotations

import re
from dataclasses import dataclass, field, replace
from typing import Literal

from curator.list_import.headings import (
    ListPart,
    Subsection,
    is_known_heading,
    mark_headings,
    match_part,
    match_subsection,
)
from curator.list_import.markdown_blocks import MarkdownBlock, parse_blocks, split_lines
from curator.list_import.source_links import (
    extract_published_text,
    find_own_id,
    is_struck_out,
    list_addresses,
    remove_links,
    remove_struck,
    strip_sources,
)
from curator.sanitize import single_line
from curator.types import Kind

EntryKind = Literal["topic", "frame", "question", "todo", "change"]

MAX_GROUP_WORDS = 8
"""Words of a text that can be a heading over list items."""
MIN_FRAME_WORDS = 6
"""Words of an item below another item; an item with fewer is a note to the other one."""
MAX_OUTER_GROUP = 1000
"""Characters of the joined names of the groups around a group; longer ones are left out."""

_TICKED = re.compile(r"\A\s*\[[xX]\]\s+")
_TODO = re.compile(r"\(?\s*to-?do\b\s*[:.,\-–—]?\s*(?P<text>.*?)\s*\)?$|\[ ?\]\s*(?P<box>.*)$", re.IGNORECASE)
_NOTE = re.compile(r"\(?(?:sources?|see(?: also)?|evidence|quotes?|links?|refs?|references?|cf|via|e\.g)\b[.:]?", re.I)
_SENTENCE_END = re.compile(r"[.?!…][\"'”’)\]]*(?=\s|$)")
_DATE = re.compile(
    r"(?P<date>\d{4}-\d{2}-\d{2}|\d{1,2}(?:st|nd|rd|th)? (?P<m>[A-Z][a-z]{2,8})\.?(?:,? \d{4})?|"
    r"[A-Z][a-z]{2,8}\.? \d{1,2}(?:st|nd|rd|th)?(?:,? \d{4})?|\d{1,2}[./]\d{1,2}[./]\d{2,4})"
)
_DATED_CHANGE = re.compile(_DATE.pattern + r"\s*[:—–-]\s*(?P<text>\S.*)")
_EMPTY_REGION = re.compile(r"No (?:topics|open questions|frames|changes) yet\.")
_KINDS: tuple[Kind, ...] = ("representational", "functional")


@dataclass(frozen=True)
class ParsedEntry:
    """A frame, question, topic, to-do or change of the post."""

    what: EntryKind
    text: str  # on one line, without links that only name its source
    kind: Kind | None = None  # of a frame, question or to-do; None if the post does not say
    links: tuple[str, ...] = ()  # addresses, in their order
    group: str | None = None  # the heading or list item above it
    day: str | None = None  # the date of a change, as the post writes it
    id: str | None = None  # "F12", if Curator published the list
    note: str | None = None  # text below it that is not an entry


@dataclass(frozen=True)
class ParsedList:
    """The content of a post."""

    entries: tuple[ParsedEntry, ...]
    rest: tuple[str, ...]  # text that belongs to no entry: introductions, unknown headings
    struck: tuple[str, ...] = ()  # items that the author struck out

    def of(self, what: EntryKind) -> list[ParsedEntry]:
        """Return the entries of one type."""
        return [entry for entry in self.entries if entry.what == what]


def parse_list(content: str, name: str = "") -> ParsedList:
    """Parse a post into entries and the rest of its text.

    Args:
        content: The post: Markdown, HTML, or text pasted from a web page.
        name: The file's name. The ending .html or .htm means HTML; otherwise, the beginning of the content decides.

    Raises:
        PublishError: The post is nested too deeply.
    """
    is_html = True if name.lower().endswith((".html", ".htm")) else None
    blocks = list(mark_headings(parse_blocks(content, is_html=is_html)))
    has_parts = any(block.kind == "heading" and is_known_heading(block.text) for block in blocks)
    return _ListParser(has_parts).parse(blocks)


@dataclass
class _Item:
    """A list item above the current block."""

    depth: int
    entry: int | None = None  # the index of the entry that it became
    group: str | None = None  # the group that it opened for the items below it
    is_struck: bool = False  # the author struck it out, and with it all below it


@dataclass
class _Additions:
    """Text and links that later blocks add to an entry."""

    words: list[str] = field(default_factory=list)  # of its text
    links: list[str] = field(default_factory=list)
    notes: list[str] = field(default_factory=list)

    def apply_to(self, entry: ParsedEntry) -> ParsedEntry:
        links = (*entry.links, *self.links)
        return replace(
            entry,
            text=" ".join([entry.text, *self.words]),
            links=links if entry.what == "change" else tuple(dict.fromkeys(links)),
            note=" ".join(self.notes) or entry.note,
        )


@dataclass
class _ListParser:
    """Parses a post's blocks in order, and keeps track of the part of the list that the current block is in."""

    has_parts: bool
    part: ListPart | None = None
    subsection: Subsection | None = None
    group: str | None = None
    day: str | None = None
    entries: list[ParsedEntry] = field(default_factory=list)
    rest: list[str] = field(default_factory=list)
    struck: list[str] = field(default_factory=list)
    parents: list[_Item] = field(default_factory=list)  # the items that the current block is below
    additions: dict[int, _Additions] = field(default_factory=dict)  # by the entry's index

    def parse(self, blocks: list[MarkdownBlock]) -> ParsedList:
        for index, block in enumerate(blocks):
            following = blocks[index + 1] if index + 1 < len(blocks) else None
            match block.kind:
                case "heading":
                    self._parse_heading(block)
                case "rule":
                    self.subsection, self.group = None, None
                case "item":
                    self._parse_item(block, following)
                case "quotation":
                    if not self._add_to_parent(block):
                        self._add_rest(block.text)
                case _:
                    self._parse_paragraph(block, following)
        entries = (
            self.additions[index].apply_to(entry) if index in self.additions else entry
            for index, entry in enumerate(self.entries)
        )
        return ParsedList(tuple(entries), tuple(self.rest), tuple(self.struck))

    def _parse_heading(self, block: MarkdownBlock) -> None:
        self.parents = []
        text = single_line(block.text)
        if part := match_part(block.text):
            self.part, self.subsection, self.group, self.day = part, None, None, None
        elif subsection := match_subsection(block.text):
            self.subsection, self.group = subsection, None
        elif self.part == "changelog":
            self.day = None if text.casefold() == "earlier" else text
        elif self.part in _KINDS or (self.subsection and not self.part):
            self.group = text
        else:
            self._add_rest(text)

    def _parse_paragraph(self, block: MarkdownBlock, following: MarkdownBlock | None) -> None:
        self.parents = []
        text = single_line(block.text)
        if _EMPTY_REGION.fullmatch(text):
            return
        if self.part == "changelog":
            self._parse_changes(block)
        elif self.part in _KINDS and _can_be_group(text) and _is_item(following):
            self.group = text.rstrip(":")
        elif _TODO.fullmatch(text) and self.part:
            self._add(self._classify(block))
        else:
            self._add_rest(text)

    def _parse_item(self, block: MarkdownBlock, following: MarkdownBlock | None) -> None:
        while self.parents and self.parents[-1].depth >= block.depth:
            self.parents.pop()
        item = _Item(block.depth, is_struck=is_struck_out(block))
        if item.is_struck or any(parent.is_struck for parent in self.parents):
            self._add_struck(block, item)
            return
        block = remove_struck(block)
        if self.part == "changelog":
            self._parse_changes(block)
        elif self.part is None and self.has_parts and not self.subsection:
            self._add_rest(block.text)
        elif self._add_to_parent(block):
            pass
        elif self._opens_group(block, following):
            item.group = self._nested_group(single_line(block.text).rstrip(":"))
        else:
            item.entry = self._add(self._classify(block))
        self.parents.append(item)

    def _add_struck(self, block: MarkdownBlock, item: _Item) -> None:
        """Add an item that is struck out; or one below it, with what it is below."""
        text = single_line(block.text)
        if any(parent.is_struck for parent in self.parents):
            self.struck[-1] = f"{self.struck[-1]} {text}"
        else:
            self.struck.append(text)
        self.parents.append(replace(item, is_struck=True))

    def _opens_group(self, block: MarkdownBlock, following: MarkdownBlock | None) -> bool:
        """Return True for an item that serves as a heading over the frames below it, such as "- Attention heads:"."""
        can_open = self.part != "topics" and not block.links and _can_be_group(single_line(block.text))
        return can_open and _is_frame_below(following, block.depth)

    def _nested_group(self, name: str) -> str:
        """Return a group's name with the names of the groups around it, such as "Attention / Induction heads"."""
        outer = self._parent_group() or ""
        return " / ".join(filter(None, [outer if len(outer) < MAX_OUTER_GROUP else "", name]))

    def _parent_group(self) -> str | None:
        return next((item.group for item in reversed(self.parents) if item.group), None)

    def _add_to_parent(self, block: MarkdownBlock) -> bool:
        """Add a block's sources or note to the entry that it is below; return False if the block is an entry itself."""
        above = (item for item in reversed(self.parents) if item.depth <= block.depth)
        parent = next((item.entry for item in above if item.entry is not None), None)
        if parent is None:
            return False
        text = single_line(block.text)
        only_links = not remove_links(block).strip(" .,;:()—–-")
        is_frame = len(text.split()) >= MIN_FRAME_WORDS and not _NOTE.match(text)
        if block.kind == "item" and not only_links and (is_frame or self.part == "topics" or _TODO.fullmatch(text)):
            return False
        additions = self.additions.setdefault(parent, _Additions())
        additions.links += list_addresses(block)
        additions.notes += [] if only_links else [text]
        return True

    def _classify(self, block: MarkdownBlock) -> ParsedEntry:
        kind = next((kind for kind in _KINDS if kind == self.part), None)
        group = self._parent_group() or self.group
        id = find_own_id(block)
        if id and id.startswith("F"):  # a frame that Curator published, whatever its words are
            links = dict.fromkeys(link.url for link in block.links if not link.bare)
            return ParsedEntry("frame", extract_published_text(block), kind, tuple(links), group, id=id)
        text = _TICKED.sub("", strip_sources(block, id))
        if todo := _TODO.fullmatch(text):
            text = (todo["text"] or todo["box"] or "").strip()
            return ParsedEntry("todo", text, kind, list_addresses(block), id=id)
        what = self._entry_kind(text, id)
        return ParsedEntry(what, text, kind, list_addresses(block), group if what == "frame" else None, id=id)

    def _entry_kind(self, text: str, id: str | None) -> EntryKind:
        if self.subsection == "todos" or (id and id.startswith("T")):
            return "todo"
        if self.part == "topics":
            return "topic"
        if self.subsection == "questions" or (self.subsection is None and not id and _is_question(text)):
            return "question"
        return "frame"

    def _parse_changes(self, block: MarkdownBlock) -> None:
        """Parse a block of the changelog: its first line, and each later line with a date, starts a change."""
        has_change = False
        for line in split_lines(block):
            text = single_line(line.text)
            if not text or _EMPTY_REGION.fullmatch(text):
                continue
            dated = _DATED_CHANGE.fullmatch(text)
            if dated or not has_change:
                change = ParsedEntry("change", text, links=list_addresses(line), day=self.day)
                self.entries.append(replace(change, text=dated["text"], day=dated["date"]) if dated else change)
                has_change = True
            else:
                additions = self.additions.setdefault(len(self.entries) - 1, _Additions())
                additions.words.append(text)
                additions.links += list_addresses(line)

    def _add(self, entry: ParsedEntry) -> int | None:
        """Add an entry and return its index; None for an entry without text."""
        if not entry.text:
            return None
        self.entries.append(entry)
        return len(self.entries) - 1

    def _add_rest(self, text: str) -> None:
        if single_line(text):
            self.rest.append(single_line(text))


def _can_be_group(text: str) -> bool:
    """Return True if a text can be a heading over list items: it ends with a colon, or is short and no sentence."""
    return text.endswith(":") or (len(text.split()) <= MAX_GROUP_WORDS and not _SENTENCE_END.search(text))


def _is_item(block: MarkdownBlock | None) -> bool:
    return block is not None and block.kind == "item"


def _is_frame_below(block: MarkdownBlock | None, depth: int) -> bool:
    """Return True for an item that is deeper than `depth` and long enough for a frame."""
    if block is None or block.kind != "item" or block.depth <= depth:
        return False
    return len(block.text.split()) >= MIN_FRAME_WORDS


def _is_question(text: str) -> bool:
    """Return True if the first sentence is a question."""
    end = _SENTENCE_END.search(text)
    return end is not None and text[end.start()] == "?"
