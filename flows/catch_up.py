"""Late runs: after a machine was off, the first of several late runs does the work of all of them."""

from __future__ import annotations

from collections.abc import Callable
from datetime import UTC, datetime, timedelta

from prefect import get_run_logger
from prefect.runtime import flow_run

MIN_DELAY = timedelta(minutes=10)
"""The delay after which a run counts as late."""


def is_caught_up(has_run_since: Callable[[datetime], bool]) -> bool:
    """Return True if this flow run is late and its work has already been done.

    Args:
        has_run_since: Returns True if the same work has been done since a time.
    """
    due = flow_run.scheduled_start_time
    if datetime.now(UTC) - due <= MIN_DELAY or not has_run_since(due):
        return False
    get_run_logger().info("This run was due at %s; a later run has already done its work.", due)
    return True
