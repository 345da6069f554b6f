"""A short version of `make chaos`."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.chaos.killing import run


@pytest.mark.parametrize("seed", [1, 2])
def test_whatever_is_killed_nothing_is_half_lost_or_there_twice(tmp_path: Path, seed: int) -> None:
    assert run(tmp_path / "list", kills=7, seed=seed, papers=8).kills == 7
