"""Options and look-ups that several commands share."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import TYPE_CHECKING, Any

import click

from curator.warehouse import Warehouse
from curator.workspace import Workspace, find_workspace

if TYPE_CHECKING:
    from curator.review.decisions import Desk

json_option = click.option(
    "--json", "as_json", is_flag=True, help="Print one JSON document on stdout and nothing else."
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
            self.fail(f"{value!r} is no date; write it as 2026-11-23.", param, ctx)
        return moment if moment.tzinfo else moment.replace(tzinfo=UTC)


def desk_here() -> Desk:
    """The desk of whoever decides in the workspace that we are in. Raises SettingsError."""
    from curator.review.decisions import Desk
    from curator.review.reviewer import reviewer_name

    workspace, warehouse = here()
    return Desk(warehouse, reviewer_name(workspace.settings))


def here() -> tuple[Workspace, Warehouse]:
    """The workspace that we are in, and its warehouse. Raises SettingsError."""
    workspace = find_workspace()
    return workspace, Warehouse(workspace.warehouse_file)
