"""A short version of `make chaos`."""

from __future__ import annotations

from pathlib import Path

from tests.chaos.killing import run
from tests.helpers.forms import form


def test_whatever_is_killed_nothing_is_half_lost_or_there_twice(tmp_path: Path) -> None:
    """Take more than 10 s: every round starts a process, and every kill is followed by a whole look at the list."""
    assert run(tmp_path / "list", kills=form(4, 9), seed=1, papers=8).kills == form(4, 9)
