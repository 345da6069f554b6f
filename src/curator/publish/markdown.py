"""Render the list as Markdown. The same frames always give the same bytes.

All untrusted text (titles, names, quotes, a model's sentences) passes through `escape_markdown`, so that a Markdown
program shows it as plain text.
"""

from __future__ import annotations

from collections.abc import Container, Iterable, Iterator, Mapping, Sequence
from datetime import date

from curator.publish.changelog import change_key, group_by_day
from curator.publish.citations import (
    all_papers_of,
    citation_label,
    id_number,
    page_of,
    page_url,
    paper_name,
    paper_url,
    papers_of,
    quoted_page,
    source_of,
)
from curator.publish.snapshot import ListSnapshot
from curator.sanitize import escape_markdown
from curator.types import CHANGES, Change, Frame, Kind, Paper, Question, Quote, SectionKind, Todo
from curator.warehouse.publications import CONTRADICTS

_SECTION_NAMES: dict[SectionKind, str] = {
    "front": "front matter",
    "abstract": "abstract",
    "body": "main text",
    "related work": "related work",
    "limitations": "limitations",
    "conclusion": "conclusion",
    "references": "references",
    "appendix": "appendix",
}
_PAPER_CHANGES = ("new evidence", "paper revised")
"""Changes whose note lists paper versions."""
EARLIER = "Earlier"
"""The heading of the changelog's lines that are older than Curator's record of changes."""


def render_list(snapshot: ListSnapshot) -> dict[str, str]:
    """Return the list's regions by name: topics, representational, functional, changelog; without a final newline."""
    return {name: "\n\n".join(blocks) for name, blocks in render_blocks(snapshot).items()}


def render_blocks(snapshot: ListSnapshot) -> dict[str, Iterable[str]]:
    """Return the blocks of each region, rendered one by one; a blank line separates two blocks."""
    return {
        "topics": _topic_blocks(snapshot),
        "representational": _kind_blocks("representational", snapshot),
        "functional": _kind_blocks("functional", snapshot),
        "changelog": _changelog_blocks(snapshot),
    }


def _topic_blocks(snapshot: ListSnapshot) -> Iterator[str]:
    yield _bullets((escape_markdown(topic) for topic in snapshot.topics), "No topics yet.")
    yield from _todo_blocks(todo for todo in snapshot.todos if todo.kind is None)


def render_update(frames: Sequence[Frame], changes: Sequence[Change]) -> str:
    """Return changes as Markdown to paste into a post: frames with their sources, without anchors or internal links.

    Args:
        frames: The frames that are on the list.
        changes: What changed.
    """
    by_id = {frame.id: frame for frame in frames}
    groups = []
    for what in CHANGES:
        ordered = sorted(
            (change for change in changes if change.what == what), key=lambda change: id_number(change.frame_id)
        )
        lines = [
            _frame_with_sources(by_id[change.frame_id]) if change.frame_id in by_id else _retired_line(change)
            for change in ordered
        ]
        if lines:
            groups.append(f"**{what.capitalize()}**\n\n{_bullets(lines, '')}")
    return "\n\n".join(groups) or "_Nothing has changed._"


def _retired_line(change: Change) -> str:
    return escape_markdown(change.text) + (f" ({escape_markdown(change.note)})" if change.note else "")


def _kind_blocks(kind: Kind, snapshot: ListSnapshot) -> Iterator[str]:
    questions = [_question_line(question) for question in snapshot.questions if question.kind == kind]
    yield f"### Open questions\n\n{_bullets(questions, 'No open questions yet.')}"
    yield "### Frames"
    sections = snapshot.in_sections(kind)
    for name, frames in sections:
        if name:
            yield f"#### {escape_markdown(name)}"
        yield from map(_frame_block, frames)
    if not sections:
        yield "_No frames yet._"
    yield from _todo_blocks(todo for todo in snapshot.todos if todo.kind == kind)


def _todo_blocks(todos: Iterable[Todo]) -> list[str]:
    lines = [f"{escape_markdown(todo.text)} · {todo.id}" for todo in todos]
    return [f"### To do\n\n{_bullets(lines, '')}"] if lines else []


def _bullets(lines: Iterable[str], when_empty: str) -> str:
    return "\n".join(f"- {line}" for line in lines) or f"_{when_empty}_"


def _question_line(question: Question) -> str:
    """Return a question with the frames that raise it, and those that bear on it."""
    notes = []
    if question.raised_by:
        notes.append(f"raised by {_frame_links(question.raised_by)}")
    if question.spoken_to_by:
        notes.append(f"see {_frame_links(question.spoken_to_by)}")
    in_brackets = f" ({'; '.join(notes)})" if notes else ""
    return f'<a id="{question.id}"></a>{escape_markdown(question.text)}{in_brackets} · {question.id}'


def _frame_links(frame_ids: Iterable[str]) -> str:
    return ", ".join(map(_frame_link, frame_ids))


def _frame_link(frame_id: str) -> str:
    return f"[{frame_id}](#{frame_id})"


def _frame_block(frame: Frame) -> str:
    line = f'- <a id="{frame.id}"></a>{frame_line(frame)}'
    return "\n\n".join([line, *_quote_blocks(frame)])


def frame_line(frame: Frame, *, ending: bool = True) -> str:
    """Return the line after a frame's anchor: its text and, as the `ending`, its sources and its id."""
    return f"{_frame_with_sources(frame)} · {frame.id}" if ending else escape_markdown(frame.text)


def _frame_with_sources(frame: Frame) -> str:
    page = quoted_page(frame)
    supporting = [_source(paper, None if index else page) for index, paper in enumerate(papers_of(frame))]
    sources = "; ".join(supporting) or "_source wanted_"
    contradicting = "; ".join(_source(paper, None) for paper in frame.contradicting)
    if contradicting:
        sources += f"; contradicted by {contradicting}"
    return f"{escape_markdown(frame.text)} — {sources}"


def _source(paper: Paper, page: int | None) -> str:
    """Return a link to the quoted page of a paper, and one to the arXiv page of that version."""
    name = escape_markdown(citation_label(paper)) + (f", p. {page}" if page else "")
    pdf = page_url(paper, page)
    if pdf is None:
        return _link(name, paper_url(paper))
    return f"{_link(name, pdf)} ({_link(paper_name(paper), paper_url(paper))})"


def _link(text: str, url: str | None) -> str:
    """Return a link. `text` is Markdown; `url` comes from `citations`, whose addresses contain no parenthesis."""
    return f"[{text}]({url})" if url else text


def _quote_blocks(frame: Frame) -> list[str]:
    """Return the proved quotes, folded away. Blank lines let GitHub read Markdown between the HTML tags."""
    quotes = [quote for quote in frame.quotes if quote.holds]
    if not quotes:
        return []
    against = sum(quote.contradicts for quote in quotes)
    count = (f"{len(quotes)} quotes" if len(quotes) > 1 else "1 quote") + (f", {against} against it" if against else "")
    blocks = [f"  > {escape_markdown(quote.text)}\n  >\n  > — {_quote_source(quote, frame)}" for quote in quotes]
    return [f"  <details><summary>{count}</summary>", *blocks, "  </details>"]


def _quote_source(quote: Quote, frame: Frame) -> str:
    """Return a quote's page and section and, if the frame cites several papers, its paper."""
    paper = source_of(quote, frame)
    page = page_of(quote)
    if len(papers_of(frame)) + len(frame.contradicting) > 1:
        page = f"{escape_markdown(citation_label(paper))}, {page}"
    page = _link(page, page_url(paper, quote.page))
    source = f"{page}, {_SECTION_NAMES[quote.section]}" if quote.section else page
    return f"contradicts this: {source}" if quote.contradicts else source


def _changelog_blocks(snapshot: ListSnapshot) -> Iterator[str]:
    """Yield the days, newest first, then the lines that are older than Curator's record of changes."""
    blocks = {day.isoformat(): lines for day, lines in day_lines(snapshot).items() if lines}
    earlier = earlier_lines(snapshot)
    if earlier:
        blocks[EARLIER] = earlier
    for heading, lines in blocks.items():
        yield f"### {heading}\n\n{_bullets(lines, '')}"
    if not blocks:
        yield "_No changes yet._"


def day_lines(snapshot: ListSnapshot) -> dict[date, list[str]]:
    """Return the items of each day of the changelog as Markdown, the newest day first.

    A day that the user has reworded has the user's lines, then those of the changes that they do not cover.
    """
    listed = {frame.id for frame in snapshot.outline}
    papers = _changed_papers(snapshot)
    by_day = dict(group_by_day(snapshot.changes))
    lines: dict[date, list[str]] = {}
    for day in sorted({*by_day, *snapshot.days} - {date.min}, reverse=True):
        own = snapshot.days.get(day)
        uncovered = [change for change in by_day.get(day, ()) if own is None or change_key(change) not in own.covers]
        lines[day] = [*(own.lines if own else ()), *(_change_line(change, listed, papers) for change in uncovered)]
    return lines


def _changed_papers(snapshot: ListSnapshot) -> dict[str, str]:
    """Return the name of each paper version that the changelog mentions."""
    mentioned = {id for change in snapshot.changes if change.what in _PAPER_CHANGES for id in _paper_ids(change)}
    if not mentioned:
        return {}
    return {
        paper.versioned_id: paper_name(paper)
        for frame in snapshot.frames
        for paper in all_papers_of(frame)
        if paper.versioned_id in mentioned
    }


def _paper_ids(change: Change) -> list[str]:
    return [source.removeprefix(CONTRADICTS) for source in change.note.split(", ")]


def earlier_lines(snapshot: ListSnapshot) -> list[str]:
    """Return the changelog's lines that are older than Curator's record of changes, as Markdown."""
    own = snapshot.days.get(date.min)
    if own is not None:
        return list(own.lines)
    return [
        escape_markdown(f"{change.day}: {change.text}" if change.day else change.text)
        for change in snapshot.old_changes
    ]


def _change_line(change: Change, listed: Container[str], papers: Mapping[str, str]) -> str:
    frame = _frame_link(change.frame_id) if change.frame_id in listed else change.frame_id
    text = escape_markdown(change.text)
    match change.what:
        case "new evidence" | "paper revised":
            names = [escape_markdown(papers[id]) for id in _paper_ids(change) if id in papers]
            what = "New evidence for" if change.what == "new evidence" else "Paper revised of"
            return f"{what} {frame}" + (f" ({', '.join(names)})" if names else "") + f": {text}"
        case "retired" if change.note:
            return f"Retired {frame}: {text} ({escape_markdown(change.note)})"
    return f"{change.what.capitalize()} {frame}: {text}"
