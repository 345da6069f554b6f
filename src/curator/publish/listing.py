"""The list as Markdown: pure text from frames, so that the same frames always give the same bytes.

Everything that a stranger wrote (titles, names, quotes, a model's sentences) passes `escape_markdown` and can
only ever be read as text.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence
from itertools import groupby

from curator.publish.cite import id_number, label, page_url, paper_url, papers_of, quoted_page
from curator.records import Change, Frame, Kind, Paper, Quote, SectionKind
from curator.text import one_line

_SECTIONS: dict[SectionKind, str] = {
    "front": "front matter",
    "abstract": "abstract",
    "body": "main text",
    "related work": "related work",
    "limitations": "limitations",
    "conclusion": "conclusion",
    "references": "references",
    "appendix": "appendix",
}
_WHAT_ORDER = ("added", "reworded", "retired")

# Braces are no Markdown, but "{{" and "{%" are code to Jekyll, which GitHub Pages runs over Markdown first.
_PUNCTUATION = re.compile(r"[\\`*_\[\]<>#|~!&${}]|:(?=//)|(?<=www)\.", re.IGNORECASE)
_LINE_START = re.compile(r"^(\d*)([-+=.)])")
# GitHub makes mentions, issue references, e-mail links and emoji out of the finished text, after Markdown's
# backslashes are gone; only a break in the text stops it, and an empty comment is one that nobody sees or copies.
_ESCAPED = re.compile(r"\\([!-/:-@\[-`{-~])")
_REFERENCE = re.compile(r"@(?=\w)|#(?=\d)|\bGH-(?=\d)|:(?=[\w+\\-]{1,60}:)", re.IGNORECASE)


def escape_markdown(text: str) -> str:
    r"""Markdown that renders as exactly this text, folded onto one line, wherever in a line it is put.

    No structure, HTML, link, image, math, mention, issue reference or emoji can come of it, on GitHub or in
    plain CommonMark: punctuation gets a backslash, and what GitHub links of its own accord (`@name`, `#12`,
    `GH-12`, `a@b.c`, `:emoji:`) is broken by an empty comment.
    """
    escaped = _PUNCTUATION.sub(r"\\\g<0>", one_line(text))
    return _LINE_START.sub(r"\1\\\2", _REFERENCE.sub(r"\g<0><!-- -->", escaped))


def unescape_markdown(text: str) -> str:
    """What `escape_markdown` made Markdown of, on one line."""
    return one_line(_ESCAPED.sub(r"\1", text.replace("<!-- -->", "")))


def render(topics: Sequence[str], frames: Sequence[Frame], changes: Sequence[Change]) -> dict[str, str]:
    """The list's regions by name: topics, representational, functional, changelog; without a newline at the end.

    Frames stand in the order of the given topics (a frame with several in that of its first), then of their ids.
    """
    ranks = {topic: rank for rank, topic in reversed(list(enumerate(topics)))}

    def position(frame: Frame) -> tuple[int, int]:
        return min((ranks.get(topic, len(ranks)) for topic in frame.topics), default=len(ranks)), id_number(frame.id)

    ordered = sorted(frames, key=position)
    return {
        "topics": _bullets((escape_markdown(topic) for topic in topics), "No topics yet."),
        "representational": _of_kind("representational", ordered),
        "functional": _of_kind("functional", ordered),
        "changelog": _changelog(changes, {frame.id for frame in frames}),
    }


def render_update(frames: Sequence[Frame], changes: Sequence[Change]) -> str:
    """What changed, to be pasted into a post: no anchors, no links within the list; the sources of what was added."""
    by_id = {frame.id: frame for frame in frames}
    groups = []
    for what in _WHAT_ORDER:
        texts = {change.frame_id: change.text for change in changes if change.what == what}
        ids = sorted(texts, key=id_number)
        lines = [_sourced(by_id[id]) if id in by_id else escape_markdown(texts[id]) for id in ids]
        if lines:
            groups.append(f"**{what.capitalize()}**\n\n{_bullets(lines, '')}")
    return "\n\n".join(groups) or "_Nothing has changed._"


def _of_kind(kind: Kind, ordered: Iterable[Frame]) -> str:
    frames = [frame for frame in ordered if frame.kind == kind]
    questions = _bullets(_questions(frames), "No open questions yet.")
    bullets = "\n\n".join(map(_frame, frames)) or "_No frames yet._"
    return f"### Open questions\n\n{questions}\n\n### Frames\n\n{bullets}"


def _bullets(lines: Iterable[str], when_empty: str) -> str:
    return "\n".join(f"- {line}" for line in lines) or f"_{when_empty}_"


def _questions(frames: Iterable[Frame]) -> list[str]:
    """Each question once, however its case and blanks differ, with the frames that raised it."""
    raised_by: dict[str, list[str]] = {}
    wording: dict[str, str] = {}
    for frame in frames:
        question = one_line(frame.question or "")
        if question:
            wording.setdefault(question.casefold(), question)
            raised_by.setdefault(question.casefold(), []).append(_reference(frame.id))
    return [f"{escape_markdown(wording[key])} (raised by {', '.join(ids)})" for key, ids in raised_by.items()]


def _reference(frame_id: str) -> str:
    return f"[{frame_id}](#{frame_id})"


def _frame(frame: Frame) -> str:
    line = f'- <a id="{frame.id}"></a>{frame_line(frame)}'
    return "\n\n".join([line, *_evidence(frame)])


def frame_line(frame: Frame, *, ending: bool = True) -> str:
    """What stands behind a frame's anchor: its text and, as the `ending`, its sources and id."""
    return f"{_sourced(frame)} · {frame.id}" if ending else escape_markdown(frame.text)


def _sourced(frame: Frame) -> str:
    """What a frame says, and its sources."""
    page = quoted_page(frame)
    first, *merged = papers_of(frame)
    sources = "; ".join([_source(first, page), *(_source(paper, None) for paper in merged)])
    return f"{escape_markdown(frame.text)} — {sources}"


def _source(paper: Paper, page: int | None) -> str:
    """The paper at the page quoted, with the arXiv page of that version."""
    name = escape_markdown(label(paper)) + (f", p. {page}" if page else "")
    pdf = page_url(paper, page) if page else None
    if pdf is None:
        return _link(name, paper_url(paper))
    return f"{_link(name, pdf)} ({_link(f'arXiv:{paper.versioned_id}', paper_url(paper))})"


def _link(text: str, url: str | None) -> str:
    """Markdown of a link; `text` is Markdown already, `url` one of `cite`'s, which hold no parenthesis."""
    return f"[{text}]({url})" if url else text


def _evidence(frame: Frame) -> list[str]:
    """The quotes that hold, folded away. The blank lines let GitHub read Markdown between the HTML tags."""
    quotes = [quote for quote in frame.quotes if quote.holds]
    if not quotes:
        return []
    count = f"{len(quotes)} quotes" if len(quotes) > 1 else "1 quote"
    blocks = [f"  > {escape_markdown(quote.text)}\n  >\n  > — {_place(quote, frame)}" for quote in quotes]
    return [f"  <details><summary>{count}</summary>", *blocks, "  </details>"]


def _place(quote: Quote, frame: Frame) -> str:
    """Page and section, and the paper where the frame rests on several."""
    papers = papers_of(frame)
    paper = next((one for one in papers if one.versioned_id == quote.paper), papers[0])
    page = f"p. {quote.page}" if quote.page else "page unknown"
    if len(papers) > 1:
        page = f"{escape_markdown(label(paper))}, {page}"
    if quote.page:
        page = _link(page, page_url(paper, quote.page))
    return f"{page}, {_SECTIONS[quote.section]}" if quote.section else page


def _changelog(changes: Sequence[Change], listed: set[str]) -> str:
    def newest_first(change: Change) -> tuple[int, int, int]:
        return -change.day.toordinal(), _WHAT_ORDER.index(change.what), id_number(change.frame_id)

    def line(change: Change) -> str:
        name = _reference(change.frame_id) if change.frame_id in listed else change.frame_id
        return f"{change.what.capitalize()} {name}: {escape_markdown(change.text)}"

    days = groupby(sorted(changes, key=newest_first), key=lambda change: change.day)
    groups = [f"### {day.isoformat()}\n\n{_bullets(map(line, group), '')}" for day, group in days]
    return "\n\n".join(groups) or "_No changes yet._"
