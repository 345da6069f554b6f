"""`sql` and `query` run read-only SQL on the warehouse."""

from __future__ import annotations

from pathlib import Path

import click

from curator.cli.options import current_workspace, json_option
from curator.cli.output import count, echo_json, print_table
from curator.errors import QueryError


@click.command()
@click.argument("sql", metavar="QUERY")
@json_option
def sql(sql: str, as_json: bool) -> None:
    """Run read-only SQL on the warehouse's views. `show tables` lists the views."""
    _run(sql, as_json)


@click.command()
@click.argument("name", metavar="[NAME]", required=False)
@json_option
def query(name: str | None, as_json: bool) -> None:
    """Run a named query, or list the queries.

    Queries are SQL files: those that come with Curator, and your own in warehouse/queries/ of the workspace.
    """
    workspace, _ = current_workspace()
    files = workspace.query_files()
    if name is None and as_json:
        echo_json([{"name": stem, "about": _first_line(file)} for stem, file in files.items()])
        return
    if name is None:
        for stem, file in files.items():
            click.echo(f"{stem:<24}{_first_line(file)}")
        return
    if name not in files:
        raise QueryError(f"There is no query {name!r}. Choose one of {', '.join(files)}.")
    _run(files[name].read_text(encoding="utf-8"), as_json)


def _first_line(file: Path) -> str:
    return file.read_text(encoding="utf-8").splitlines()[0].removeprefix("--").strip()


def _run(sql: str, as_json: bool) -> None:
    from curator.warehouse import ad_hoc

    _, warehouse = current_workspace()
    table = warehouse.read_foreign_sql(ad_hoc.run_query, sql)
    if as_json:
        echo_json(table.dicts())
    elif table.columns:
        print_table(table.columns, table.rows)
        click.echo(count(len(table.rows), "row"), err=True)


COMMANDS = (sql, query)
