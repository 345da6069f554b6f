"""The list as Markdown: pure text from frames, so that the same frames always give the same bytes.

Everything that a stranger wrote (titles, names, quotes, a model's sentences) passes `escape_markdown` and can
only ever be read as text.
"""

from __future__ import annotations

from collections.abc import Container, Iterable, Iterator, Mapping, Sequence
from datetime import date

from curator.publish.changelog import group_by_day, key_of
from curator.publish.citations import (
    citation_label,
    id_number,
    iterate_papers,
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
from curator.warehouse.frames import AGAINST

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
OF_PAPERS = ("new evidence", "paper revised")
EARLIER = "Earlier"
"""The heading over the changelog's lines from before Curator kept it."""

# Braces are no Markdown, but "{{" and "{%" are code to Jekyll, which GitHub Pages runs over Markdown first.


def render_list(told: ListSnapshot) -> dict[str, str]:
    """The list's regions by name: topics, representational, functional, changelog; without a newline at the end."""
    return {name: "\n\n".join(blocks) for name, blocks in blocks_of(told).items()}


def blocks_of(told: ListSnapshot) -> dict[str, Iterable[str]]:
    """The blocks of each region, one after the other; a blank line belongs between them."""
    return {
        "topics": _topics(told),
        "representational": _of_kind("representational", told),
        "functional": _of_kind("functional", told),
        "changelog": _changelog(told),
    }


def _topics(told: ListSnapshot) -> Iterator[str]:
    yield _bullets((escape_markdown(topic) for topic in told.topics), "No topics yet.")
    yield from _todos(todo for todo in told.todos if todo.kind is None)


def render_update(frames: Sequence[Frame], changes: Sequence[Change]) -> str:
    """What changed, to be pasted into a post: no anchors, no links within the list; the sources of what was added."""
    by_id = {frame.id: frame for frame in frames}
    groups = []
    for what in CHANGES:
        mine = sorted((one for one in changes if one.what == what), key=lambda one: id_number(one.frame_id))
        lines = [_sourced(by_id[one.frame_id]) if one.frame_id in by_id else _gone(one) for one in mine]
        if lines:
            groups.append(f"**{what.capitalize()}**\n\n{_bullets(lines, '')}")
    return "\n\n".join(groups) or "_Nothing has changed._"


def _gone(change: Change) -> str:
    return escape_markdown(change.text) + (f" ({escape_markdown(change.note)})" if change.note else "")


def _of_kind(kind: Kind, told: ListSnapshot) -> Iterator[str]:
    questions = [_question(one) for one in told.questions if one.kind == kind]
    yield f"### Open questions\n\n{_bullets(questions, 'No open questions yet.')}"
    yield "### Frames"
    sections = told.in_sections(kind)
    for name, its in sections:
        if name:
            yield f"#### {escape_markdown(name)}"
        yield from map(_frame, its)
    if not sections:
        yield "_No frames yet._"
    yield from _todos(todo for todo in told.todos if todo.kind == kind)


def _todos(todos: Iterable[Todo]) -> list[str]:
    lines = [f"{escape_markdown(todo.text)} · {todo.id}" for todo in todos]
    return [f"### To do\n\n{_bullets(lines, '')}"] if lines else []


def _bullets(lines: Iterable[str], when_empty: str) -> str:
    return "\n".join(f"- {line}" for line in lines) or f"_{when_empty}_"


def _question(question: Question) -> str:
    """A question with the frames that raised it, and those that speak to it."""
    frames = []
    if question.raised_by:
        frames.append(f"raised by {_references(question.raised_by)}")
    if question.spoken_to_by:
        frames.append(f"see {_references(question.spoken_to_by)}")
    told = f" ({'; '.join(frames)})" if frames else ""
    return f'<a id="{question.id}"></a>{escape_markdown(question.text)}{told} · {question.id}'


def _references(frames: Iterable[str]) -> str:
    return ", ".join(map(_reference, frames))


def _reference(frame_id: str) -> str:
    return f"[{frame_id}](#{frame_id})"


def _frame(frame: Frame) -> str:
    line = f'- <a id="{frame.id}"></a>{frame_line(frame)}'
    return "\n\n".join([line, *_evidence(frame)])


def frame_line(frame: Frame, *, ending: bool = True) -> str:
    """What stands behind a frame's anchor: its text and, as the `ending`, its sources and id."""
    return f"{_sourced(frame)} · {frame.id}" if ending else escape_markdown(frame.text)


def _sourced(frame: Frame) -> str:
    """What a frame says, and its sources; what contradicts it comes last, and is called so."""
    page = quoted_page(frame)
    found = [_source(paper, None if place else page) for place, paper in enumerate(papers_of(frame))]
    told = "; ".join(found) or "_source wanted_"
    against = "; ".join(_source(paper, None) for paper in frame.contradicting)
    return f"{escape_markdown(frame.text)} — {told}" + (f"; contradicted by {against}" if against else "")


def _source(paper: Paper, page: int | None) -> str:
    """The paper at the page quoted, with the arXiv page of that version."""
    name = escape_markdown(citation_label(paper)) + (f", p. {page}" if page else "")
    pdf = page_url(paper, page)
    if pdf is None:
        return _link(name, paper_url(paper))
    return f"{_link(name, pdf)} ({_link(paper_name(paper), paper_url(paper))})"


def _link(text: str, url: str | None) -> str:
    """Markdown of a link; `text` is Markdown already, `url` one of `cite`'s, which hold no parenthesis."""
    return f"[{text}]({url})" if url else text


def _evidence(frame: Frame) -> list[str]:
    """The quotes that hold, folded away. The blank lines let GitHub read Markdown between the HTML tags."""
    quotes = [quote for quote in frame.quotes if quote.holds]
    if not quotes:
        return []
    against = sum(quote.contradicts for quote in quotes)
    count = (f"{len(quotes)} quotes" if len(quotes) > 1 else "1 quote") + (f", {against} against it" if against else "")
    blocks = [f"  > {escape_markdown(quote.text)}\n  >\n  > — {_place(quote, frame)}" for quote in quotes]
    return [f"  <details><summary>{count}</summary>", *blocks, "  </details>"]


def _place(quote: Quote, frame: Frame) -> str:
    """Page and section, and the paper where the frame rests on several."""
    paper = source_of(quote, frame)
    page = page_of(quote)
    if len(papers_of(frame)) + len(frame.contradicting) > 1:
        page = f"{escape_markdown(citation_label(paper))}, {page}"
    page = _link(page, page_url(paper, quote.page))
    place = f"{page}, {_SECTIONS[quote.section]}" if quote.section else page
    return f"contradicts this: {place}" if quote.contradicts else place


def _changelog(told: ListSnapshot) -> Iterator[str]:
    """The days, newest first, each in the person's words where there are any; then the lines from before Curator."""
    days = {day.isoformat(): lines for day, lines in day_lines(told).items() if lines}
    for name, lines in (days | ({EARLIER: old} if (old := old_lines(told)) else {})).items():
        yield f"### {name}\n\n{_bullets(lines, '')}"
    if not days and not old:
        yield "_No changes yet._"


def day_lines(told: ListSnapshot) -> dict[date, list[str]]:
    """The items of each day of the changelog as Markdown, the newest day first."""
    shown = {one.id for one in told.outline}
    papers = _papers_named(told)
    found = dict(group_by_day(told.changes))
    lines: dict[date, list[str]] = {}
    for day in sorted({*found, *told.days} - {date.min}, reverse=True):
        own = told.days.get(day)
        left = [one for one in found.get(day, ()) if own is None or key_of(one) not in own.covers]
        lines[day] = [*(own.lines if own else ()), *(_change(one, shown, papers) for one in left)]
    return lines


def _papers_named(told: ListSnapshot) -> dict[str, str]:
    """What to call the paper versions that the changelog speaks of."""
    spoken = {id for one in told.changes if one.what in OF_PAPERS for id in _ids_in(one)}
    if not spoken:
        return {}
    return {
        paper.versioned_id: paper_name(paper)
        for frame in told.frames
        for paper in iterate_papers(frame)
        if paper.versioned_id in spoken
    }


def _ids_in(change: Change) -> list[str]:
    return [one.removeprefix(AGAINST) for one in change.note.split(", ")]


def old_lines(told: ListSnapshot) -> list[str]:
    own = told.days.get(date.min)
    if own is not None:
        return list(own.lines)
    return [escape_markdown(f"{one.day}: {one.text}" if one.day else one.text) for one in told.old_changes]


def _change(change: Change, shown: Container[str], papers: Mapping[str, str]) -> str:
    name = _reference(change.frame_id) if change.frame_id in shown else change.frame_id
    text = escape_markdown(change.text)
    match change.what:
        case "new evidence" | "paper revised":
            named = [escape_markdown(papers[id]) for id in _ids_in(change) if id in papers]
            what = "New evidence for" if change.what == "new evidence" else "Paper revised of"
            return f"{what} {name}" + (f" ({', '.join(named)})" if named else "") + f": {text}"
        case "retired" if change.note:
            return f"Retired {name}: {text} ({escape_markdown(change.note)})"
    return f"{change.what.capitalize()} {name}: {text}"
