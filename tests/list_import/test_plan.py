"""A plan says what an import would add, and writes nothing."""

from __future__ import annotations

from curator.list_import.importer import import_list
from curator.list_import.parser import parse_list
from curator.list_import.plan import ImportPlan, find_unwatched_topics, plan_import
from curator.pipeline.report import SilentProgress
from curator.review.decisions import Reviewer
from curator.warehouse import Warehouse
from curator.workspace import Workspace

POST = parse_list(
    """\
## Things we want to understand
- grokking
- Copying

## Representational frames
### Frames
#### Heads
- A few heads copy. ([one](https://blog.example/a), [two](https://doi.org/10.1000/182))
- A few heads COPY.

## Functional frames
- Models know what they know.
- TODO: read about refusal
"""
)


def plan(workspace: Workspace) -> ImportPlan:
    return plan_import(workspace, POST, file="old.md", author="Ada", kind=None, progress=SilentProgress(), offline=True)


def test_frames_and_entries_that_the_list_does_not_have_are_planned_and_nothing_is_written(
    workspace: Workspace,
) -> None:
    workspace.warehouse_file.unlink()
    planned = plan(workspace)
    assert [(frame.text, frame.kind, frame.section, frame.author) for frame in planned.frames] == [
        ("A few heads COPY.", "representational", "Heads", "Ada"),
        ("Models know what they know.", "functional", None, "Ada"),
    ]
    assert ("todo", "read about refusal") in [(entry.what, entry.text) for entry in planned.entries]
    assert planned.unsourced == 2
    assert not planned.is_empty
    assert not workspace.warehouse_file.exists()


def test_what_was_imported_is_known_and_what_was_undone_is_new_again(workspace: Workspace) -> None:
    first = plan(workspace)
    warehouse = Warehouse(workspace.warehouse_file)
    ada = Reviewer(warehouse, "Ada")
    import_list(ada, warehouse, first.frames, first.entries, "old.md", "0" * 64)
    second = plan(workspace)
    assert second.is_empty
    assert second.listed == len(POST.entries)
    ada.undo()
    assert [frame.text for frame in plan(workspace).frames] == [frame.text for frame in first.frames]


def test_a_topic_that_no_setting_covers_is_named(workspace: Workspace) -> None:
    unwatched = find_unwatched_topics(workspace.settings, POST)
    watched = {topic.name.casefold() for topic in workspace.settings.topics}
    assert "Copying" in unwatched
    assert not watched & {name.casefold() for name in unwatched}
