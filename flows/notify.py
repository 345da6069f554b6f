"""Telling whoever runs the list, after a scheduled run: by a Prefect notification block, or as `[notify]` says."""

from __future__ import annotations

import logging
from collections.abc import Coroutine, Iterator
from contextlib import contextmanager

from prefect import get_run_logger
from prefect.blocks.abstract import NotificationBlock
from prefect.blocks.core import Block
from prefect.exceptions import MissingContextError
from prefect.logging import get_logger
from prefect.utilities.asyncutils import run_coro_as_sync

from curator.errors import CuratorError, NotSent
from curator.notifications import Notification, filter_message, send_notification
from curator.workspace import Workspace


def tell(place: Workspace, message: Notification | None) -> None:
    """Send it where the settings want it sent. A message that cannot be sent is logged, and fails no run."""
    settings = place.settings.notify
    told = filter_message(settings, message)
    if told is None:
        return
    try:
        send_notification(settings, told)
    except NotSent as error:
        _log().warning("%s", error)
    if settings.block:
        _by_block(settings.block, told)


def _by_block(name: str, message: Notification) -> None:
    try:
        block = Block.load(name)
        if not isinstance(block, NotificationBlock):
            raise TypeError("it is no notification block")
        sent: object = block.notify(message.body, subject=message.title)
        if isinstance(sent, Coroutine):  # of a block that knows only that way
            run_coro_as_sync(sent)
    except Exception as error:  # any service's own; it may repeat the address
        _log().warning("The message could not be sent by the block %s: %s", name, type(error).__name__)


def _log() -> logging.Logger | logging.LoggerAdapter[logging.Logger]:
    """The run's, or outside of a run the process's."""
    try:
        return get_run_logger()
    except MissingContextError:
        return get_logger("curator")


@contextmanager
def told_of_failure(place: Workspace, what: str) -> Iterator[None]:
    """What ends a run before it has anything to report is told too, and passes on."""
    try:
        yield
    except Exception as error:  # a fault of ours as well
        said = str(error) if isinstance(error, CuratorError) else f"{type(error).__name__}: {error}"
        tell(place, Notification(f"Curator: {what} failed", (said,), trouble=True))
        raise
