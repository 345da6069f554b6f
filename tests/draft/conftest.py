"""Properties are tried without a time limit for one example: a busy machine is no failure."""

from __future__ import annotations

from hypothesis import settings

settings.register_profile("without a clock", deadline=None)
settings.load_profile("without a clock")
