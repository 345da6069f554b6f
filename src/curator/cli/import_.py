"""`import`: an old list, read in once. What was understood is shown before anything is written."""

from __future__ import annotations

import hashlib
import sys
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

import click

from curator.cli.options import current_reviewer, current_workspace, json_option
from curator.cli.output import count, echo_json, program, wrap_text
from curator.errors import CuratorError
from curator.types import KINDS

if TYPE_CHECKING:
    from curator.drafting.extractive import TopicWords
    from curator.list_import.parser import ParsedEntry, ParsedList
    from curator.review.manual import AddResult, ManualFrame
    from curator.types import Kind
    from curator.warehouse.questions import NewEntry
    from curator.workspace import Workspace

LARGEST = 5_000_000  # bytes of a post


@dataclass(frozen=True)
class Plan:
    """What of a post is to be written, and what is there already."""

    frames: Sequence[ManualFrame]
    entries: Sequence[NewEntry]
    known: int  # frames and entries that are there already


@click.command("import")
@click.argument("file", type=click.Path(exists=True, dir_okay=False, path_type=Path), metavar="FILE")
@click.option("--check", is_flag=True, help="Show what was understood, and write nothing.")
@click.option("--yes", is_flag=True, help="Write without asking.")
@click.option("--kind", type=click.Choice(KINDS), help="Of frames that stand under no kind; else their words tell.")
@click.option("--offline", is_flag=True, help="Do not ask arXiv for the papers that are linked.")
@json_option
def import_(file: Path, check: bool, yes: bool, kind: Kind | None, offline: bool, as_json: bool) -> None:
    """Read an old list: Markdown, HTML, or text pasted from a web page. Nothing is imported twice.

    Frames, open questions, to-dos, topics and changelog of the post are put on the list as they are, on your word;
    those without a link are marked as wanting a source.
    """
    from curator.list_import.parser import parse_list

    workspace, _ = current_workspace()
    content = _content(file)
    post = parse_list(content, file.name)
    plan = _planned(workspace, post, file.name, kind, offline=offline or check)
    if as_json and check:
        echo_json(_plain(post))
        return
    if not as_json:
        _show(post, plan)
    if check:
        return
    if not plan.frames and not plan.entries:
        if as_json:
            echo_json(_plain(post) | {"frames_added": [], "entries_added": []})
        else:
            click.echo("Nothing of it is new; nothing was written.")
        return
    if sys.stdin.isatty() and not (yes or as_json):
        click.confirm("Put this on the list?", abort=True)
    taken, entries = _write(plan, file.name, content)
    if as_json:
        echo_json(_plain(post) | {"frames_added": list(taken.frames.values()), "entries_added": entries})
        return
    wanted = sum(not one.source.is_named for one in plan.frames)
    others = count(len(entries), "other entry", "other entries")
    click.echo(f"Imported {count(len(taken.frames), 'frame')} and {others}.")
    if wanted:
        click.echo(f"{count(wanted, 'frame')} want a source: `{program()} add --frame F --source S` names one.")
    _suggest_topics(workspace, post)
    click.echo(f"Next: `{program()} publish --check`; `{program()} undo` takes all of it back.")


def _content(file: Path) -> str:
    if file.stat().st_size > LARGEST:
        raise CuratorError(f"{file} has more than {LARGEST // 1_000_000} MB, which no list has. Nothing was read.")
    try:
        return file.read_text(encoding="utf-8-sig")
    except UnicodeDecodeError as error:
        raise CuratorError(f"{file} is not UTF-8 text (byte {error.start}). Save it as UTF-8 and try again.") from error


def _planned(workspace: Workspace, post: ParsedList, file: str, kind: Kind | None, *, offline: bool) -> Plan:
    from curator.cli.progress import make_progress
    from curator.drafting.extractive import classify_kind, extract_topic_words
    from curator.pipeline.lookup import resolve_sources
    from curator.review.manual import ManualFrame, fold_frame, known_frames
    from curator.sources import unnamed_source

    _, warehouse = current_workspace()
    known = warehouse.read(known_frames) if warehouse.file.exists() else {}
    standing = {text for text, one in known.items() if one.status != "pending"}  # an import that was undone waits
    new = {fold_frame(one.text): one for one in post.of("frame") if fold_frame(one.text) not in standing}
    with make_progress() as progress:
        links = (link for one in new.values() for link in one.links)
        sources, problems = resolve_sources(workspace, links, progress, offline=offline)
    for problem in problems:
        click.echo(wrap_text(problem, ""), err=True)
    reviewer, words = current_reviewer().reviewer, extract_topic_words(workspace.settings.topics)
    names: dict[str, str] = {}
    for name in (*(topic.name for topic in workspace.settings.topics), *(one.text for one in post.of("topic"))):
        names.setdefault(name.casefold(), name)
    written = []
    for one in new.values():
        papers = [sources[link] for link in one.links if link in sources]
        topics, section = _grouped(names, words, one)
        written.append(
            ManualFrame(
                one.text, one.kind or kind or classify_kind(one.text),
                papers[0] if papers else unnamed_source(f"Imported from {file}"), reviewer, "imported", topics,
                further=tuple(papers[1:]), section=section, note=one.note,
            )
        )  # fmt: skip
    entries = _new_entries(workspace, post)
    every = [one for one in post.entries if one.what != "frame"]
    return Plan(written, entries, len(post.of("frame")) - len(written) + len(every) - len(entries))


def _grouped(
    topics: Mapping[str, str], words: Sequence[TopicWords], entry: ParsedEntry
) -> tuple[tuple[str, ...], str | None]:
    """The topics of a frame and its section: a heading that is a topic's name is that topic, any other a section.

    `topics`: their names by the same in lower case.
    """
    from curator.drafting.extractive import match_topics

    topic = topics.get(entry.group.casefold()) if entry.group else None
    return ((topic,), None) if topic else (match_topics(words, entry.text), entry.group)


def _new_entries(workspace: Workspace, post: ParsedList) -> list[NewEntry]:
    """The questions, to-dos, topics and old changes that are not on the list yet."""
    from curator.list_import.parser import parse_list
    from curator.publish.markdown import render_list
    from curator.publish.snapshot import take_snapshot
    from curator.warehouse.questions import NewEntry, fold_entry

    _, warehouse = current_workspace()
    there: set[tuple[str, str]] = {("topic", topic.name.casefold()) for topic in workspace.settings.topics}
    if warehouse.file.exists():
        told = warehouse.read(take_snapshot, workspace.settings)
        own = parse_list("\n\n".join(f"## {name}\n\n{text}" for name, text in render_list(told).items()))
        there |= {(one.what, fold_entry(one.text)) for one in own.entries}
    found: dict[tuple[str, str], NewEntry] = {}
    for one in post.entries:
        key = (one.what, fold_entry(one.text))
        if one.what != "frame" and key not in there:
            found.setdefault(key, NewEntry(one.what, one.text, one.kind, one.day))
    return list(found.values())


def _write(plan: Plan, name: str, content: str) -> tuple[AddResult, list[str]]:
    from curator.list_import.take_in import import_list

    _, warehouse = current_workspace()
    sha256 = hashlib.sha256(content.encode()).hexdigest()
    return import_list(current_reviewer(), warehouse, plan.frames, plan.entries, name, sha256)


def _show(post: ParsedList, plan: Plan) -> None:
    """What was understood, the new of it in full, and what was passed over."""
    new = {one.text: one for one in plan.frames}
    for what, plural in (("topic", "topics"), ("frame", "frames"), ("question", "open questions"), ("todo", "to-dos"),
                         ("change", "changes")):  # fmt: skip
        found = post.of(what)  # type: ignore[arg-type]
        if not found:
            continue
        click.secho(f"{count(len(found), plural.removesuffix('s'), plural)}", bold=True)
        for one in found:
            written = new.get(one.text) if what == "frame" else None
            kind = written.kind if written else one.kind
            head = " · ".join(filter(None, [kind, one.day, written.section if written else None]))
            click.echo(wrap_text((f"[{head}] " if head else "") + one.text, "  - ", "    "))
            if what == "frame":
                click.echo(f"    {_said_of(one, written)}")
    if post.rest:
        click.secho(f"Passed over, {count(len(post.rest), 'paragraph')}:", bold=True)
        for text in post.rest:
            click.echo(wrap_text(text if len(text) < 100 else f"{text[:99]}…", "  ", "  "))
    if plan.known:
        click.echo(f"{plan.known} of these are on the list already.")


def _said_of(entry: ParsedEntry, written: ManualFrame | None) -> str:
    if written is None:
        return "known already"
    if not written.source.is_named:
        return "source wanted"
    return "; ".join(dict.fromkeys(one.url or one.versioned_id for one in (written.source, *written.further)))


def _suggest_topics(workspace: Workspace, post: ParsedList) -> None:
    """Topics that nothing watches are named, with the settings that would have arXiv asked for them."""
    import json

    from curator.drafting.extractive import extract_topic_words, match_topics

    words = extract_topic_words(workspace.settings.topics)
    known = {topic.name.casefold() for topic in workspace.settings.topics}
    unwatched = [
        one.text for one in post.of("topic") if one.text.casefold() not in known and not match_topics(words, one.text)
    ]
    if not unwatched:
        return
    click.echo("These topics are on the list, but not watched. To have arXiv asked for them, add to curator.toml:")
    for name in unwatched:
        about = name.split("(")[0].strip().lower()
        query = f'cat:cs.CL AND abs:"{about}"'
        click.echo(f"\n  [[topics]]\n  name = {json.dumps(name, ensure_ascii=False)}\n  query = {json.dumps(query)}")
        click.echo(f'  about = {json.dumps(about, ensure_ascii=False)}\n  not_about = ""')
    click.echo()


def _plain(post: ParsedList) -> dict[str, object]:
    return {"entries": [vars(one) for one in post.entries], "passed_over": list(post.rest)}


COMMANDS = (import_,)
