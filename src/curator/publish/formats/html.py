"""The list as a static site, a folder of pages; `curator.publish.site` holds its templates."""

from __future__ import annotations

from collections.abc import Iterator

from curator.publish.formats import atom
from curator.publish.formats.registry import ExportFile
from curator.publish.site.pages import site_files
from curator.publish.snapshot import ListSnapshot


def render(snapshot: ListSnapshot) -> Iterator[ExportFile]:
    """Yield the site's files: the front page, a page for each frame and topic, the search, the feed."""
    yield from site_files(snapshot, atom.render(snapshot))
