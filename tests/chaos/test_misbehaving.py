"""A few seeds of what `make faults` does with two hundred."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.chaos import misbehaving


@pytest.mark.parametrize("seed", [5])
def test_whatever_arxiv_and_the_model_do_every_paper_ends_drafted_or_on_record(tmp_path: Path, seed: int) -> None:
    of_arxiv, of_model, _ = misbehaving.run(tmp_path / "list", seed)
    assert of_arxiv.total() > 0
    assert of_model.total() > 0
