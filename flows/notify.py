"""Messages about scheduled runs, sent to the addresses of `[notify]` or through a Prefect notification block."""

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


def notify(workspace: Workspace, message: Notification | None) -> None:
    """Send a message as the settings require. If it cannot be sent, log the error; the run does not fail."""
    settings = workspace.settings.notify
    wanted = filter_message(settings, message)
    if wanted is None:
        return
    try:
        send_notification(settings, wanted)
    except NotSent as error:
        _log().warning("%s", error)
    if settings.block:
        _send_by_block(settings.block, wanted)


def _send_by_block(name: str, message: Notification) -> None:
    try:
        block = Block.load(name)
        if not isinstance(block, NotificationBlock):
            raise TypeError("it is not a notification block")
        result: object = block.notify(message.body, subject=message.title)
        if isinstance(result, Coroutine):  # some blocks have only an asynchronous method
            run_coro_as_sync(result)
    except Exception as error:  # of any service; its text may contain the address
        _log().warning("The message could not be sent by the block %s: %s", name, type(error).__name__)


def _log() -> logging.Logger | logging.LoggerAdapter[logging.Logger]:
    """Return the logger of the run or, outside of a run, that of the process."""
    try:
        return get_run_logger()
    except MissingContextError:
        return get_logger("curator")


@contextmanager
def notify_on_failure(workspace: Workspace, flow_name: str) -> Iterator[None]:
    """Send a message about any error that ends a run without a report, and raise the error again."""
    try:
        yield
    except Exception as error:  # including programming errors
        reason = str(error) if isinstance(error, CuratorError) else f"{type(error).__name__}: {error}"
        notify(workspace, Notification(f"Curator: {flow_name} failed", (reason,), trouble=True))
        raise
