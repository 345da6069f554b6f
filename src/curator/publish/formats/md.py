"""The whole list in Markdown, as `curator publish` would write it into a new file."""

from __future__ import annotations

from collections.abc import Iterator

from curator.publish.managed_regions import lay_out_regions
from curator.publish.markdown import render_blocks
from curator.publish.snapshot import ListSnapshot


def render(snapshot: ListSnapshot) -> Iterator[str]:
    """Yield the list's Markdown, piece by piece.

    Raises:
        PublishError: The text contains one of Curator's region markers.
    """
    yield from lay_out_regions(render_blocks(snapshot), snapshot.title, snapshot.about)
