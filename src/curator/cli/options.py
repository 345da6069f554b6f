"""Options and look-ups that several commands share."""

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
    "--notify", is_flag=True, help="Send a message where [notify] says, as scheduled runs do; for cron."
)


class Day(click.ParamType[datetime]):
    """A day such as 2026-11-23, as the moment it begins in UTC."""

    name = "date"

    def convert(self, value: Any, param: click.Parameter | None, ctx: click.Context | None) -> datetime:
        if isinstance(value, datetime):
            return value
        try:
            moment = datetime.fromisoformat(value)
        except ValueError:
            self.fail(f"{value!r} is not a date. Write dates as 2026-11-23.", param, ctx)
        return moment if moment.tzinfo else moment.replace(tzinfo=UTC)


def send_notification(workspace: Workspace, message: Notification | None) -> None:
    """Send a message where the settings want it sent; one that cannot be sent is told, and fails nothing."""
    from curator.cli.json_log import complain
    from curator.notifications import filter_message, send_notification

    settings = workspace.settings.notify
    try:
        if told := filter_message(settings, message):
            send_notification(settings, told)
    except NotSent as error:
        complain(str(error))


def current_reviewer() -> Reviewer:
    """The desk of whoever decides in the workspace that we are in. Raises SettingsError."""
    from curator.review.decisions import Reviewer
    from curator.review.identity import reviewer_name

    workspace, warehouse = current_workspace()
    return Reviewer(warehouse, reviewer_name(workspace.settings))


def current_workspace() -> tuple[Workspace, Warehouse]:
    """The workspace that we are in, and its warehouse. Raises SettingsError."""
    workspace = find_workspace()
    return workspace, Warehouse(workspace.warehouse_file)
