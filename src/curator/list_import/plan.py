"""Plan an import: compare a parsed list with the warehouse, resolve its sources, and decide what would be added."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass

from curator.drafting.extractive import classify_kind
from curator.drafting.topic_words import TopicWords, extract_topic_words, match_topics
from curator.list_import.parser import ParsedEntry, ParsedList, parse_list
from curator.pipeline.lookup import resolve_sources
from curator.pipeline.report import Progress
from curator.publish.markdown import render_list
from curator.publish.snapshot import take_snapshot
from curator.review.manual import ManualFrame, fold_frame, known_frames
from curator.settings import Settings
from curator.sources import make_unnamed_source
from curator.types import Kind
from curator.warehouse import Warehouse
from curator.warehouse.questions import NewEntry, fold_entry
from curator.workspace import Workspace


@dataclass(frozen=True)
class ImportPlan:
    """What an import would add to the list."""

    frames: Sequence[ManualFrame]
    entries: Sequence[NewEntry]  # topics, questions, to-dos and changes
    listed: int  # the number of frames and entries that are on the list already
    problems: tuple[str, ...] = ()  # reasons why arXiv did not describe a linked paper

    @property
    def is_empty(self) -> bool:
        """True if the list has every frame and entry already."""
        return not self.frames and not self.entries

    @property
    def unsourced(self) -> int:
        """The number of frames without a source."""
        return sum(not frame.source.is_named for frame in self.frames)


def plan_import(
    workspace: Workspace,
    post: ParsedList,
    *,
    file: str,
    author: str,
    kind: Kind | None,
    progress: Progress,
    offline: bool,
) -> ImportPlan:
    """Decide which frames and entries of a post are new, and look up the papers to which its frames link.

    Nothing is written.

    Args:
        workspace: The workspace to import into.
        post: The parsed post.
        file: The name of the post's file, which stands in for a source where a frame has none.
        author: The person who imports the post and vouches for its frames.
        kind: The kind of the frames whose kind the post does not give; if None, their words decide.
        progress: Receives a note before arXiv is asked, in one request for all papers.
        offline: Do not ask arXiv; sources are then named by their addresses.

    Returns:
        The plan, with the problems of arXiv's answer, if any.
    """
    new_frames = _find_new_frames(Warehouse(workspace.warehouse_file), post)
    links = (link for entry in new_frames for link in entry.links)
    sources, problems = resolve_sources(workspace, links, progress, offline=offline)
    words = extract_topic_words(workspace.settings.topics)
    topic_names = _collect_topic_names(workspace.settings, post)
    frames = []
    for entry in new_frames:
        papers = [sources[link] for link in entry.links if link in sources]
        topics, section = _assign_topics(topic_names, words, entry)
        frames.append(
            ManualFrame(
                entry.text,
                entry.kind or kind or classify_kind(entry.text),
                papers[0] if papers else make_unnamed_source(f"Imported from {file}"),
                author,
                "imported",
                topics,
                further=tuple(papers[1:]),
                section=section,
                note=entry.note,
            )
        )
    entries = _find_new_entries(workspace, post)
    return ImportPlan(frames, entries, len(post.entries) - len(frames) - len(entries), problems)


def find_unwatched_topics(settings: Settings, post: ParsedList) -> list[str]:
    """Return the topics of a post that no topic of the settings covers, by name or by words."""
    words = extract_topic_words(settings.topics)
    watched = {topic.name.casefold() for topic in settings.topics}
    return [
        entry.text
        for entry in post.of("topic")
        if entry.text.casefold() not in watched and not match_topics(words, entry.text)
    ]


def _find_new_frames(warehouse: Warehouse, post: ParsedList) -> Iterable[ParsedEntry]:
    """Return the frames of a post that the list does not have, without duplicate texts.

    A frame that is pending counts as new: it was imported before, and that import was undone.
    """
    stored = warehouse.read(known_frames) if warehouse.file.exists() else {}
    listed = {text for text, frame in stored.items() if frame.status != "pending"}
    return {
        fold_frame(entry.text): entry for entry in post.of("frame") if fold_frame(entry.text) not in listed
    }.values()


def _collect_topic_names(settings: Settings, post: ParsedList) -> dict[str, str]:
    """Return the topics of the settings and of the post by their case-folded names."""
    names: dict[str, str] = {}
    for name in (*(topic.name for topic in settings.topics), *(entry.text for entry in post.of("topic"))):
        names.setdefault(name.casefold(), name)
    return names


def _assign_topics(
    topic_names: Mapping[str, str], words: Sequence[TopicWords], entry: ParsedEntry
) -> tuple[tuple[str, ...], str | None]:
    """Return a frame's topics and section.

    A heading with a topic's name assigns that topic; any other heading is a section.
    """
    topic = topic_names.get(entry.group.casefold()) if entry.group else None
    if topic:
        return (topic,), None
    return match_topics(words, entry.text), entry.group


def _find_new_entries(workspace: Workspace, post: ParsedList) -> list[NewEntry]:
    """Return the topics, questions, to-dos and changes of a post that the list does not have, without duplicates."""
    listed = _load_listed_entries(workspace)
    new: dict[tuple[str, str], NewEntry] = {}
    for entry in post.entries:
        key = (entry.what, fold_entry(entry.text))
        if entry.what != "frame" and key not in listed:
            new.setdefault(key, NewEntry(entry.what, entry.text, entry.kind, entry.day))
    return list(new.values())


def _load_listed_entries(workspace: Workspace) -> set[tuple[str, str]]:
    """Return the type and folded text of each entry on the list, as it would be parsed if it were published now."""
    listed: set[tuple[str, str]] = {("topic", topic.name.casefold()) for topic in workspace.settings.topics}
    warehouse = Warehouse(workspace.warehouse_file)
    if warehouse.file.exists():
        regions = render_list(warehouse.read(take_snapshot, workspace.settings))
        published = parse_list("\n\n".join(f"## {name}\n\n{text}" for name, text in regions.items()))
        listed |= {(entry.what, fold_entry(entry.text)) for entry in published.entries}
    return listed
