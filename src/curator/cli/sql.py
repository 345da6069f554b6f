"""`sql` and `query`: read-only questions to the warehouse."""

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
    """Run read-only SQL over the warehouse's views. `show tables` names them."""
    _answer(sql, as_json)


@click.command()
@click.argument("name", metavar="[NAME]", required=False)
@json_option
def query(name: str | None, as_json: bool) -> None:
    """Run a named query from warehouse/queries/; without a name, list them."""
    workspace, _ = current_workspace()
    files = workspace.query_files()
    if name is None and as_json:
        echo_json([{"name": known, "about": _first_line(file)} for known, file in files.items()])
        return
    if name is None:
        for known, file in files.items():
            click.echo(f"{known:<24}{_first_line(file)}")
        return
    if name not in files:
        raise QueryError(f"There is no query {name!r}; there are: {', '.join(files)}.")
    _answer(files[name].read_text(encoding="utf-8"), as_json)


def _first_line(file: Path) -> str:
    return file.read_text(encoding="utf-8").splitlines()[0].removeprefix("--").strip()


def _answer(sql: str, as_json: bool) -> None:
    from curator.warehouse import ad_hoc

    _, warehouse = current_workspace()
    answer = warehouse.read_foreign_sql(ad_hoc.run_query, sql)
    if as_json:
        echo_json(answer.dicts())
    elif answer.columns:
        print_table(answer.columns, answer.rows)
        click.echo(count(len(answer.rows), "row"), err=True)


COMMANDS = (sql, query)
