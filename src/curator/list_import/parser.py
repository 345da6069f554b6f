"""A list as a person keeps it by hand, in one long post: what in it is a frame, a question, a topic, a to-do, a change.

Headings say so where there are any, however they are written; elsewhere the words do. Nothing of a post is lost: what
is none of these is handed back as well, to be shown.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field, replace
from typing import Literal

from curator.list_import.markdown_blocks import Link, MarkdownBlock, block_lines, parse_blocks
from curator.sanitize import single_line
from curator.types import Kind

EntryKind = Literal["topic", "frame", "question", "todo", "change"]
ListPart = Literal["topics", "representational", "functional", "changelog"]
Below = Literal["frames", "questions", "todos"]

LONGEST_HEADING = 12  # words
LONGEST_GROUP = 8  # words
SHORTEST_FRAME = 6  # words, of an item below another
LONGEST_OUTER = 1000  # characters of the headings around a group, each within the other
MOST_SOURCES = 100  # of one item, that are cut off its text

_PARTS: tuple[tuple[ListPart, str], ...] = (
    ("topics", r"topics|(?:things|what) we(?:re| are|d| would)?\b.*\bunderstand\w*"),
    ("representational", r"representational(?: frames?)?"),
    ("functional", r"functional(?: frames?)?"),
    ("changelog", r"change ?log|changes|updates|history"),
)
_BELOW: tuple[tuple[Below, str], ...] = (
    ("questions", r"(?:open )?(?:questions|problems)"),
    ("frames", r"(?:the )?frames"),
    ("todos", r"to ?dos?"),
)
_TODO = re.compile(r"\(?\s*to-?do\b\s*[:.,\-–—]?\s*(?P<text>.*?)\s*\)?$|\[ ?\]\s*(?P<box>.*)$", re.IGNORECASE)
_NOTE = re.compile(r"\(?(?:sources?|see(?: also)?|evidence|quotes?|links?|refs?|references?|cf|via|e\.g)\b[.:]?", re.I)
_LINK_WORDS = re.compile(
    r"(?:links?|sources?|papers?|here|arxiv|this|ref|post|pdf|abs|\[?\d+\]?|arxiv:\s*\S+|https?://\S+)", re.IGNORECASE
)
_SENTENCE_END = re.compile(r"[.?!…][\"'”’)\]]*(?=\s|$)")
_WHEN = re.compile(
    r"(?P<when>\d{4}-\d{2}-\d{2}|\d{1,2}(?:st|nd|rd|th)? (?P<m>[A-Z][a-z]{2,8})\.?(?:,? \d{4})?|"
    r"[A-Z][a-z]{2,8}\.? \d{1,2}(?:st|nd|rd|th)?(?:,? \d{4})?|\d{1,2}[./]\d{1,2}[./]\d{2,4})"
)
_SAID = re.compile(_WHEN.pattern + r"\s*[:—–-]\s*(?P<text>\S.*)")
_EMPTY = re.compile(r"No (?:topics|open questions|frames|changes) yet\.")
_OWN_ID = re.compile(r"\s·\s(?P<id>[FQT]\d+)$")
_OWN_REFERENCES = re.compile(r"\s\((?:raised by|see) F\d+(?:, F\d+)*(?:; see F\d+(?:, F\d+)*)?\)$")


@dataclass(frozen=True)
class ParsedEntry:
    """One thing that the post says."""

    what: EntryKind
    text: str  # on one line, without the words that only link its source
    kind: Kind | None = None  # of a frame, question or to-do; None where the post does not say
    links: tuple[str, ...] = ()  # addresses, in their order
    group: str | None = None  # the sub-heading or the item above it
    day: str | None = None  # of a change: when, as the post puts it
    id: str | None = None  # where Curator published the list: "F12"
    note: str | None = None  # what stands below it and is no frame of its own


@dataclass(frozen=True)
class ParsedList:
    """What a post says."""

    entries: tuple[ParsedEntry, ...]
    rest: tuple[str, ...]  # what is none of these: introductions, headings that say nothing of frames

    def of(self, what: EntryKind) -> list[ParsedEntry]:
        return [entry for entry in self.entries if entry.what == what]


def parse_list(content: str, name: str = "") -> ParsedList:
    """What a post says; `name` is its file's, whose ending tells HTML from Markdown and text.

    Raises PublishError where it cannot be read.
    """
    is_html = True if name.lower().endswith((".html", ".htm")) else None
    found = list(_parted(parse_blocks(content, is_html=is_html)))
    return _Reading(has_parts=any(block.what == "heading" and _known(block.text) for block in found)).over(found)


def _parted(found: Iterable[MarkdownBlock]) -> Iterator[MarkdownBlock]:
    """The blocks, with headings that are bare lines of paragraphs and items as headings of their own."""
    for block in found:
        if block.what == "heading" and ("\n" in block.text.strip() or len(block.text.split()) > LONGEST_HEADING):
            block = replace(block, what="paragraph")  # what was pasted above a row of hyphens
        if block.what == "heading" or "\n" not in block.text.strip():
            known = block.what in ("paragraph", "item") and not block.anchors and _known(block.text)
            yield replace(block, what="heading") if known and block.what == "paragraph" else block
            continue
        yield from _lines(block)


def _lines(block: MarkdownBlock) -> Iterator[MarkdownBlock]:
    """A block of several lines, parted where one of them is a heading that is known."""
    begun, ended = block, False
    lines: list[str] = []
    links: list[Link] = []
    length = 0
    for line in block_lines(block):
        if line.text.strip() and _known(line.text) and block.what != "quotation":
            if any(map(str.strip, lines)):
                yield _gathered(begun, lines, links)
            yield replace(line, what="heading", anchors=[])
            begun, ended = MarkdownBlock("paragraph"), True
            lines, links, length = [], [], 0
            continue
        shift = length + 1
        links += [replace(one, start=one.start + shift, end=one.end + shift) for one in line.links]
        lines.append(line.text)
        length += len(line.text) + 1
    if any(map(str.strip, lines)) or (not ended and links):
        yield _gathered(begun, lines, links)


def _gathered(begun: MarkdownBlock, lines: Iterable[str], links: list[Link]) -> MarkdownBlock:
    return replace(begun, text="".join(f"\n{line}" for line in lines), links=links)


def _plain(heading: str) -> str:
    return " ".join(re.sub(r"[^\w\s]|_", "", single_line(heading).casefold()).split())


def _known(heading: str) -> ListPart | Below | None:
    """The part of a list that a heading opens."""
    plain = _plain(heading)
    if len(plain.split()) > LONGEST_HEADING:
        return None
    return next((name for name, pattern in (*_PARTS, *_BELOW) if re.fullmatch(pattern, plain)), None)


@dataclass
class _Item:
    """An item of a list, with what was made of it."""

    depth: int
    entry: int | None = None  # its place among the entries
    group: str | None = None  # it is a heading over those below it


@dataclass
class _More:
    """What later blocks add to an entry."""

    words: list[str] = field(default_factory=list)  # of its text
    links: list[str] = field(default_factory=list)
    notes: list[str] = field(default_factory=list)


def _with(entry: ParsedEntry, more: _More | None) -> ParsedEntry:
    if more is None:
        return entry
    links = (*entry.links, *more.links)
    return replace(
        entry,
        text=" ".join([entry.text, *more.words]),
        links=links if entry.what == "change" else tuple(dict.fromkeys(links)),
        note=" ".join(more.notes) or entry.note,
    )


@dataclass
class _Reading:
    """Goes through a post's blocks, knowing which part of the list it is in."""

    has_parts: bool
    part: ListPart | None = None
    below: Below | None = None
    group: str | None = None
    day: str | None = None
    entries: list[ParsedEntry] = field(default_factory=list)
    rest: list[str] = field(default_factory=list)
    above: list[_Item] = field(default_factory=list)  # the items that the present one stands below
    more: dict[int, _More] = field(default_factory=dict)  # by an entry's place

    def over(self, found: list[MarkdownBlock]) -> ParsedList:
        for place, block in enumerate(found):
            following = found[place + 1] if place + 1 < len(found) else None
            match block.what:
                case "heading":
                    self._heading(block)
                case "rule":
                    self.below, self.group = None, None
                case "item":
                    self._item(block, following)
                case "quotation":
                    if not self._below_item(block):
                        self._left(block.text)
                case _:
                    self._paragraph(block, following)
        return ParsedList(
            tuple(_with(entry, self.more.get(at)) for at, entry in enumerate(self.entries)), tuple(self.rest)
        )

    def _heading(self, block: MarkdownBlock) -> None:
        self.above = []
        known = _known(block.text)
        text = single_line(block.text)
        if known in ("topics", "representational", "functional", "changelog"):
            self.part, self.below, self.group, self.day = known, None, None, None
        elif known:
            self.below, self.group = known, None  # type: ignore[assignment]
        elif self.part == "changelog":
            self.day = None if text.casefold() == "earlier" else text
        elif self.part in ("representational", "functional") or (self.below and not self.part):
            self.group = text
        else:
            self._left(text)

    def _paragraph(self, block: MarkdownBlock, following: MarkdownBlock | None) -> None:
        self.above = []
        text = single_line(block.text)
        if _EMPTY.fullmatch(text):
            return
        if self.part == "changelog":
            self._changes(block)
        elif self.part in ("representational", "functional") and _is_group(text) and _is_item(following):
            self.group = text.rstrip(":")
        elif _TODO.fullmatch(text) and self.part:
            self._add(self._classified(block))
        else:
            self._left(text)

    def _item(self, block: MarkdownBlock, following: MarkdownBlock | None) -> None:
        while self.above and self.above[-1].depth >= block.depth:
            self.above.pop()
        item = _Item(block.depth)
        text = single_line(block.text)
        if self.part == "changelog":
            self._changes(block)
        elif self.part is None and self.has_parts and not self.below:
            self._left(text)
        elif self._below_item(block):
            pass
        elif self.part != "topics" and not block.links and _is_group(text) and _is_child(following, block.depth):
            outer = next((one.group for one in reversed(self.above) if one.group), None)
            item.group = " / ".join(filter(None, [outer if len(outer or "") < LONGEST_OUTER else "", text.rstrip(":")]))
        else:
            item.entry = self._add(self._classified(block))
        self.above.append(item)

    def _below_item(self, block: MarkdownBlock) -> bool:
        """Whether the block only adds to the entry that it stands below: its sources, or a note."""
        under = (one for one in reversed(self.above) if one.entry is not None and one.depth <= block.depth)
        parent = next(under, None)
        if parent is None or parent.entry is None:
            return False
        text = single_line(block.text)
        only_links = not _beside_links(block).strip(" .,;:()—–-")
        whole = len(text.split()) >= SHORTEST_FRAME and not _NOTE.match(text)
        if block.what == "item" and not only_links and (whole or self.part == "topics" or _TODO.fullmatch(text)):
            return False
        more = self.more.setdefault(parent.entry, _More())
        more.links += _addresses(block)
        more.notes += [] if only_links else [text]
        return True

    def _classified(self, block: MarkdownBlock) -> ParsedEntry:
        kind: Kind | None = self.part if self.part in ("representational", "functional") else None
        group = next((one.group for one in reversed(self.above) if one.group), self.group)
        own = _OWN_ID.search(single_line(block.text))
        id = own["id"] if (own and own["id"] in block.anchors) or (own and own["id"][0] == "T") else None
        if id and id[0] == "F":  # Curator's own: its words say nothing of what it is
            links = dict.fromkeys(one.url for one in block.links if not one.bare)
            return ParsedEntry("frame", _own_text(block), kind, tuple(links), group, id=id)
        text = _text(block, id)
        if todo := _TODO.fullmatch(text):
            return ParsedEntry("todo", (todo["text"] or todo["box"] or "").strip(), kind, _addresses(block), id=id)
        what: EntryKind = "frame"
        if self.below == "todos" or (id and id[0] == "T"):
            what = "todo"
        elif self.part == "topics":
            what = "topic"
        elif self.below == "questions" or (self.below is None and not id and _asks(text)):
            what = "question"
        return ParsedEntry(what, text, kind, _addresses(block), group if what == "frame" else None, id=id)

    def _changes(self, block: MarkdownBlock) -> None:
        """What a block of the changelog says: its first line, and each that names a day, begins a change."""
        begun = False
        for line in block_lines(block):
            text = single_line(line.text)
            if not text or _EMPTY.fullmatch(text):
                continue
            said = _SAID.fullmatch(text)
            if said or not begun:
                change = ParsedEntry("change", text, links=_addresses(line), day=self.day)
                self.entries.append(replace(change, text=said["text"], day=said["when"]) if said else change)
                begun = True
            else:
                more = self.more.setdefault(len(self.entries) - 1, _More())
                more.words.append(text)
                more.links += _addresses(line)

    def _add(self, entry: ParsedEntry) -> int | None:
        if not entry.text:
            return None
        self.entries.append(entry)
        return len(self.entries) - 1

    def _left(self, text: str) -> None:
        if single_line(text):
            self.rest.append(single_line(text))


def _is_group(text: str) -> bool:
    """Whether a text can be a heading over others: short, and no sentence."""
    return text.endswith(":") or (len(text.split()) <= LONGEST_GROUP and not _SENTENCE_END.search(text))


def _is_item(block: MarkdownBlock | None) -> bool:
    return block is not None and block.what == "item"


def _is_child(block: MarkdownBlock | None, depth: int) -> bool:
    return (
        block is not None and block.what == "item" and block.depth > depth and len(block.text.split()) >= SHORTEST_FRAME
    )


def _asks(text: str) -> bool:
    """Whether the first sentence is a question."""
    end = _SENTENCE_END.search(text)
    return end is not None and text[end.start()] == "?"


def _addresses(block: MarkdownBlock) -> tuple[str, ...]:
    return tuple(dict.fromkeys(single_line(link.url) for link in block.links))


def _beside_links(block: MarkdownBlock) -> str:
    """What a block says beside its links, on one line."""
    pieces, at = [], 0
    for link in block.links:
        pieces.append(block.text[at : link.start])
        at = link.end
    return single_line(" ".join([*pieces, block.text[at:]]))


def _text(block: MarkdownBlock, id: str | None) -> str:
    """What an item says, without what only names its sources."""
    text, links = block.text.rstrip(), block.links
    if id:
        text = _OWN_ID.sub("", single_line(text)) if not links else _OWN_ID.sub("", text)
        if id[0] == "Q":
            return single_line(_OWN_REFERENCES.sub("", single_line(text)))
        return single_line(text)
    for _ in range(MOST_SOURCES):
        if not links or (cut := _cut_source(text, links)) is None:
            break
        text, links = cut
    return single_line(text)


def _own_text(block: MarkdownBlock) -> str:
    """A frame's text out of the line that Curator published: it holds no link, so the first one is a source's."""
    text = block.text.rstrip()
    linked = next((one.start for one in block.links if not one.bare), None)
    before = _OWN_ID.sub("", text) if linked is None else text[:linked]
    if not before.endswith(" — "):
        before = before.rpartition(" — ")[0] or before
    return single_line(before.removesuffix(" — "))


def _cut_source(text: str, links: list[Link]) -> tuple[str, list[Link]] | None:
    """The text without its last link, where that only names a source: in parentheses, or after the sentence's end."""
    last = links[-1]
    before, shown, after = text[: last.start], text[last.start : last.end], text[last.end :]
    if after.strip(" \t\n.,;)]"):
        return None
    stripped = before.rstrip()
    in_brackets = stripped.endswith(("(", "[", ",", ";")) and after.lstrip()[:1] in (")", "]")
    apart = stripped.endswith(("—", "–", " -", ":", ".", "!", "?", ";", ")")) and bool(stripped)
    if not stripped or not (in_brackets or (apart and _names_source(shown, stripped))):
        return None
    cut = stripped.rstrip("([,;—–: ").removesuffix(" -")
    closing = after.strip(" \t\n)];,") if in_brackets else ""
    if in_brackets and stripped.endswith((",", ";")):
        return cut + after.strip(), links[:-1]  # other links stand in the brackets before it
    return cut + closing, links[:-1]


def _names_source(shown: str, before: str) -> bool:
    """Whether a link at the end is no part of the sentence: it stands after a dash, or says no more than "link"."""
    return before.endswith(("—", "–", " -")) or _LINK_WORDS.fullmatch(single_line(shown).strip("[]().")) is not None
