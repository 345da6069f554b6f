"""Runs that come late and in a row, after a machine was off: the first makes up for all of them."""

from __future__ import annotations

from collections.abc import Callable
from datetime import UTC, datetime, timedelta

from prefect import get_run_logger
from prefect.runtime import flow_run

LATE = timedelta(minutes=10)


def is_made_up(has_run_since: Callable[[datetime], bool]) -> bool:
    """Whether this flow run comes late, and what was due then has been done since."""
    due = flow_run.scheduled_start_time
    if datetime.now(UTC) - due <= LATE or not has_run_since(due):
        return False
    get_run_logger().info("Due %s, and made up by a later run already.", due)
    return True
