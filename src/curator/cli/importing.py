"""`import`: an old list, read in once. What was understood is shown before anything is written."""

from __future__ import annotations

import hashlib
import sys
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

import click

from curator.cli.options import desk_here, here, json_option
from curator.cli.show import count, echo_json, program, wrapped
from curator.errors import CuratorError
from curator.records import KINDS

if TYPE_CHECKING:
    from curator.draft.extractive import TopicWords
    from curator.publish.posts import Entry, Post
    from curator.records import Kind
    from curator.review.writing import Taken, Written
    from curator.warehouse.entries import NewEntry
    from curator.workspace import Workspace

LARGEST = 5_000_000  # bytes of a post


@dataclass(frozen=True)
class Plan:
    """What of a post is to be written, and what is there already."""

    frames: Sequence[Written]
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
    from curator.publish.posts import read_post

    workspace, _ = here()
    content = _content(file)
    post = read_post(content, file.name)
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


def _planned(workspace: Workspace, post: Post, file: str, kind: Kind | None, *, offline: bool) -> Plan:
    from curator.cli.progress import told
    from curator.draft.extractive import kind_of, topic_words
    from curator.pipeline.named import sources_of
    from curator.review.writing import Written, folded, known_frames
    from curator.source import unnamed

    _, warehouse = here()
    known = warehouse.read(known_frames) if warehouse.file.exists() else {}
    standing = {text for text, one in known.items() if one.status != "pending"}  # an import that was undone waits
    new = {folded(one.text): one for one in post.of("frame") if folded(one.text) not in standing}
    with told() as progress:
        links = (link for one in new.values() for link in one.links)
        sources, problems = sources_of(workspace, links, progress, offline=offline)
    for problem in problems:
        click.echo(wrapped(problem, ""), err=True)
    reviewer, words = desk_here().reviewer, topic_words(workspace.settings.topics)
    names: dict[str, str] = {}
    for name in (*(topic.name for topic in workspace.settings.topics), *(one.text for one in post.of("topic"))):
        names.setdefault(name.casefold(), name)
    written = []
    for one in new.values():
        papers = [sources[link] for link in one.links if link in sources]
        topics, section = _grouped(names, words, one)
        written.append(
            Written(
                one.text, one.kind or kind or kind_of(one.text),
                papers[0] if papers else unnamed(f"Imported from {file}"), reviewer, "imported", topics,
                further=tuple(papers[1:]), section=section, note=one.note,
            )
        )  # fmt: skip
    entries = _new_entries(workspace, post)
    every = [one for one in post.entries if one.what != "frame"]
    return Plan(written, entries, len(post.of("frame")) - len(written) + len(every) - len(entries))


def _grouped(
    topics: Mapping[str, str], words: Sequence[TopicWords], entry: Entry
) -> tuple[tuple[str, ...], str | None]:
    """The topics of a frame and its section: a heading that is a topic's name is that topic, any other a section.

    `topics`: their names by the same in lower case.
    """
    from curator.draft.extractive import topics_named

    topic = topics.get(entry.group.casefold()) if entry.group else None
    return ((topic,), None) if topic else (topics_named(words, entry.text), entry.group)


def _new_entries(workspace: Workspace, post: Post) -> list[NewEntry]:
    """The questions, to-dos, topics and old changes that are not on the list yet."""
    from curator.publish.contents import contents
    from curator.publish.listing import render
    from curator.publish.posts import read_post
    from curator.warehouse.entries import NewEntry, folded

    _, warehouse = here()
    there: set[tuple[str, str]] = {("topic", topic.name.casefold()) for topic in workspace.settings.topics}
    if warehouse.file.exists():
        told = warehouse.read(lambda c: contents(c, workspace.settings))
        own = read_post("\n\n".join(f"## {name}\n\n{text}" for name, text in render(told).items()))
        there |= {(one.what, folded(one.text)) for one in own.entries}
    found: dict[tuple[str, str], NewEntry] = {}
    for one in post.entries:
        key = (one.what, folded(one.text))
        if one.what != "frame" and key not in there:
            found.setdefault(key, NewEntry(one.what, one.text, one.kind, one.day))
    return list(found.values())


def _write(plan: Plan, name: str, content: str) -> tuple[Taken, list[str]]:
    from curator.review.importing import import_list

    _, warehouse = here()
    sha256 = hashlib.sha256(content.encode()).hexdigest()
    return import_list(desk_here(), warehouse, plan.frames, plan.entries, name, sha256)


def _show(post: Post, plan: Plan) -> None:
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
            click.echo(wrapped((f"[{head}] " if head else "") + one.text, "  - ", "    "))
            if what == "frame":
                click.echo(f"    {_said_of(one, written)}")
    if post.rest:
        click.secho(f"Passed over, {count(len(post.rest), 'paragraph')}:", bold=True)
        for text in post.rest:
            click.echo(wrapped(text if len(text) < 100 else f"{text[:99]}…", "  ", "  "))
    if plan.known:
        click.echo(f"{plan.known} of these are on the list already.")


def _said_of(entry: Entry, written: Written | None) -> str:
    if written is None:
        return "known already"
    if not written.source.is_named:
        return "source wanted"
    return "; ".join(dict.fromkeys(one.url or one.versioned_id for one in (written.source, *written.further)))


def _suggest_topics(workspace: Workspace, post: Post) -> None:
    """Topics that nothing watches are named, with the settings that would have arXiv asked for them."""
    import json

    from curator.draft.extractive import topic_words, topics_named

    words = topic_words(workspace.settings.topics)
    known = {topic.name.casefold() for topic in workspace.settings.topics}
    unwatched = [
        one.text for one in post.of("topic") if one.text.casefold() not in known and not topics_named(words, one.text)
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


def _plain(post: Post) -> dict[str, object]:
    return {"entries": [vars(one) for one in post.entries], "passed_over": list(post.rest)}


COMMANDS = (import_,)
