"""A short version of what `make soak` and `make together` do for an hour."""

from __future__ import annotations

import sys
from pathlib import Path

import pytest

from tests.chaos import soak, together
from tests.helpers.forms import form


@pytest.mark.skipif(sys.platform != "linux", reason="looks into /proc")
def test_weeks_go_by_and_nothing_is_left_open(tmp_path: Path) -> None:
    """Take more than 10 s: a week has a run after each mailing, and growth shows only from week to week."""
    first, last = soak.run(tmp_path / "list", weeks=2, minutes=5, seed=1, mailings=form(2, 5), every=1)
    assert (first.week, last.week) == (1, 2)
    assert last.papers > first.papers
    assert last.handles <= first.handles + 1
    assert last.page_handles <= first.page_handles + 1
    assert last.backups == 2


def test_everything_at_once_fails_nothing_and_loses_nothing(tmp_path: Path) -> None:
    done = together.run(tmp_path / "list", minutes=form(0.03, 1), seed=1)
    assert {"ingest", "decide", "page", "publish", "sql"} <= set(done)
