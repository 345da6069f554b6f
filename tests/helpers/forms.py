"""Slow tests have a short form, for `make test`, and a long one, for `make long`."""

from __future__ import annotations

import os
from typing import TypeVar

T = TypeVar("T")

LONG = os.environ.get("LONG_TESTS") == "1"


def form(short: T, long: T) -> T:
    """Choose between a test's sizes: `long` where `LONG_TESTS=1` asks for it."""
    return long if LONG else short
