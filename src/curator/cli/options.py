"""Options that several commands share, and access to the current workspace."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import TYPE_CHECKING, Any

import click

from curator.errors import NotSent
from curator.warehouse import Warehouse
from curator.workspace import Workspace, find_workspace

if TYPE_CHECKING:
    from curator.notifications import Notification
    from curator.review.decisions import Reviewer

json_option = click.option(
    "--json", "as_json", is_flag=True, help="Print one JSON document on stdout and nothing else."
)

notify_option = click.option(
    "--notify", is_flag=True, help="Send a message to the addresses in [notify], as scheduled runs do; for cron."
)


class Day(click.ParamType[datetime]):
    """A date such as 2026-11-23, converted to the time at which that day begins in UTC."""

    name = "date"

    def convert(self, value: Any, param: click.Parameter | None, ctx: click.Context | None) -> datetime:
        """Convert the argument; report invalid dates as a usage error."""
        if isinstance(value, datetime):
            return value
        try:
            moment = datetime.fromisoformat(value)
        except ValueError:
            self.fail(f"{value!r} is not a date. Write dates as 2026-11-23.", param, ctx)
        return moment if moment.tzinfo else moment.replace(tzinfo=UTC)


def send_notification(workspace: Workspace, message: Notification | None) -> None:
    """Send a message as the settings require. If it cannot be sent, print the error; the command does not fail."""
    from curator.cli.json_log import print_error
    from curator.notifications import filter_message, send_notification

    settings = workspace.settings.notify
    try:
        if wanted := filter_message(settings, message):
            send_notification(settings, wanted)
    except NotSent as error:
        print_error(str(error))


def current_reviewer() -> Reviewer:
    """Return the reviewer who decides in the current workspace.

    Raises:
        SettingsError: There is no workspace, or its settings are invalid.
    """
    from curator.review.decisions import Reviewer
    from curator.review.identity import reviewer_name

    workspace, warehouse = current_workspace()
    return Reviewer(warehouse, reviewer_name(workspace.settings))


def current_workspace() -> tuple[Workspace, Warehouse]:
    """Return the current workspace and its warehouse.

    Raises:
        SettingsError: There is no workspace.
    """
    workspace = find_workspace()
    return workspace, Warehouse(workspace.warehouse_file)
