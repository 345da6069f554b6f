"""Checks of the services that Curator depends on; `tests/cli/test_doctor.py` tests the whole command."""

from __future__ import annotations

from curator.ops.service_checks import compare_clock


def test_a_clock_that_is_wrong_is_told_with_how_much() -> None:
    date = "Sat, 28 Nov 2026 12:00:00 GMT"
    noon = 1795867200.0
    assert [one.state for one in compare_clock(date, noon + 60)] == ["good"]
    (ahead,) = compare_clock(date, noon + 3600)
    (behind,) = compare_clock(date, noon - 7200)
    assert (ahead.state, ahead.message) == ("bad", "60 minutes ahead of arXiv's clock.")
    assert behind.message == "120 minutes behind arXiv's clock."
    assert list(compare_clock("yesterday", noon)) == []
