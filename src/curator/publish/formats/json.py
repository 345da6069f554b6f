"""The list as one JSON document; `curator/publish/list.schema.json` is its schema."""

from __future__ import annotations

from collections.abc import Iterator

from curator.publish.frame_rows import frame_rows, quote_fields, to_json
from curator.publish.snapshot import ListSnapshot

JSON_VERSION = 1
"""The version of the document. It increases when a key is renamed or changes its meaning, not when a key is added."""


def render(snapshot: ListSnapshot) -> Iterator[str]:
    """Yield `{"version", "title", "topics", "questions", "retired", "frames": […]}`, with one frame on each line."""
    head = {
        "version": JSON_VERSION,
        "title": snapshot.title,
        "topics": list(snapshot.topics),
        "questions": [
            {name: value for name, value in vars(question).items() if name != "author"}
            for question in snapshot.questions
        ],
        "retired": [
            {
                "id": retired.frame,
                "text": retired.text,
                "reason": retired.reason,
                "superseded_by": retired.superseded_by,
                "retired": retired.retired,
            }
            for retired in snapshot.retired.values()
        ],
    }
    yield f'{to_json(head)[:-1]}, "frames": ['
    separator = "\n"
    for frame, row in zip(snapshot.frames, frame_rows(snapshot.frames), strict=True):
        nested = {
            "quotes": [quote_fields(quote, frame) for quote in frame.quotes],
            "support": [support.to_json() for support in frame.support],
        }
        yield separator + to_json({**row, **nested})
        separator = ",\n"
    yield "\n]}\n"
