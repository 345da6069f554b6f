"""Options and look-ups that several commands share."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Any

import click

from curator.warehouse import Warehouse
from curator.workspace import Workspace, find_workspace

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


def here() -> tuple[Workspace, Warehouse]:
    """The workspace that we are in, and its warehouse. Raises SettingsError."""
    workspace = find_workspace()
    return workspace, Warehouse(workspace.warehouse_file)
