"""A signal that comes while a step must not be cut in two is delivered right after it."""

from __future__ import annotations

import signal
from collections.abc import Iterator
from types import FrameType

import pytest

from curator.warehouse.interrupts import uninterrupted


class Stopped(Exception):
    pass


@pytest.fixture(params=[signal.SIGINT, signal.SIGTERM])
def number(request: pytest.FixtureRequest) -> Iterator[int]:
    """A signal whose handler raises Stopped."""

    def stop(number: int, frame: FrameType | None) -> None:
        raise Stopped

    before = signal.signal(request.param, stop)
    yield request.param
    signal.signal(request.param, before)


def take(number: int, steps: list[str], *, fail: bool = False) -> None:
    with uninterrupted():
        signal.raise_signal(number)
        steps.append("ended")
        if fail:
            raise ValueError


def test_the_step_ends_before_the_signal_is_delivered(number: int) -> None:
    steps = list[str]()
    with pytest.raises(Stopped):
        take(number, steps)
    assert steps == ["ended"]
    with pytest.raises(Stopped):
        signal.raise_signal(number)


def test_a_step_that_fails_still_lets_the_signal_through(number: int) -> None:
    with pytest.raises(Stopped):
        take(number, [], fail=True)


def test_without_a_signal_nothing_changes(number: int) -> None:
    handler = signal.getsignal(number)
    with uninterrupted():
        pass
    assert signal.getsignal(number) is handler


def test_a_signal_that_is_ignored_stays_ignored(number: int) -> None:
    before = signal.signal(number, signal.SIG_IGN)
    with uninterrupted():
        signal.raise_signal(number)
    after = signal.signal(number, before)
    assert after is signal.SIG_IGN
