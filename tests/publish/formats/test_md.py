"""The Markdown export is the list as publishing would lay it out in a new file."""

from __future__ import annotations

from datetime import date

from curator.publish.managed_regions import write_regions
from curator.publish.markdown import render_list
from curator.types import Change
from tests.publish.frames import frame, listing, render_text


def test_markdown_is_the_list_as_it_would_be_laid_out_anew() -> None:
    changes = [Change(date(2026, 1, 2), "added", "F12", "One.")]
    snapshot = listing(frame(), title="T", about="About.", topics=("Learning",), changes=changes)
    assert render_text("md", snapshot) == write_regions(None, render_list(snapshot), "T", "About.")
