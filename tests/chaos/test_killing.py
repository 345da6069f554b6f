"""A short version of `make chaos`."""

from __future__ import annotations

from pathlib import Path

from tests.chaos.killing import run


def test_whatever_is_killed_nothing_is_half_lost_or_there_twice(tmp_path: Path) -> None:
    assert run(tmp_path / "list", kills=9, seed=1, papers=8).kills == 9
