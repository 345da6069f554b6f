"""The reference is what the code says, and leaves nothing out."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from click.testing import CliRunner
from docs.generate import PAGES, pages, table_model

from curator.cli import curator
from curator.settings import Settings
from tests.helpers.pages import ROOT

JSON_PAGE = (PAGES / "json.md").read_text(encoding="utf-8")
DOCUMENTED = {
    "queue --all": "queue",
    "why F1": "why",
    "status": "status",
    "runs": "runs",
    "days": "days",
    "questions --all": "questions",
    "doctor --offline": "doctor",
    "read 2610.90004": "read",
    "check-quotes 2610.90004 --quotes quotes.jsonl": "check-quotes",
    "import old-list.md --yes --offline": "import",
    "watch": "watch",
}
"""Commands whose `--json` has a table of its own keys, with arguments."""

DESCRIBED_IN_WORDS = {"sql", "query", "costs", "ingest", "collect"}
"""Commands whose documents are those of another command, or rows of a view or of the user's own columns."""


@pytest.mark.parametrize("page", pages(), ids=lambda path: str(path.name))
def test_a_generated_page_is_current(page: Path) -> None:
    assert page.read_text(encoding="utf-8") == pages()[page], "run `make reference`"


def test_every_command_view_query_format_and_setting_has_its_place() -> None:
    """Read from the pages as they are, by names that the generator does not hand over."""
    commands = (PAGES / "commands.md").read_text(encoding="utf-8")
    for name, command in curator.commands.items():
        section = commands.partition(f"\n## curator {name}\n")[2].partition("\n## ")[0]
        assert section, name
        options = {
            option
            for one in command.params
            for option in one.opts
            if option.startswith("-") and not getattr(one, "hidden", False)
        }
        assert not {option for option in options if option not in section}, name
    warehouse = (PAGES / "warehouse.md").read_text(encoding="utf-8")
    sql = "".join(path.read_text(encoding="utf-8") for path in (ROOT / "warehouse" / "views").glob("*.sql"))
    views = re.findall(r"create or replace view (\w+)", sql)
    assert len(views) >= 15
    assert all(f"\n## {view}\n" in warehouse for view in views)
    assert all(f"| `{path.stem}` |" in warehouse for path in (ROOT / "warehouse" / "queries").glob("*.sql"))
    exports = (PAGES / "exports.md").read_text(encoding="utf-8")
    (choice,) = (one.type for one in curator.commands["export"].params if one.name == "format")
    assert all(f"| `{name}` |" in exports for name in choice.choices)  # type: ignore[attr-defined]


def test_every_setting_has_its_row() -> None:
    text = (PAGES / "settings.md").read_text(encoding="utf-8")
    for name, field in Settings.model_fields.items():
        model = table_model(field.annotation)
        section = text.partition(f"{name}]{']' * (name == 'topics')}`\n")[2].partition("\n## ")[0] if model else text
        for key in model.model_fields if model else (name,):
            assert f"| `{key}` |" in section or f"`[{name}.{key}]`" in text, f"{name}.{key}"


def test_every_json_document_is_described_and_its_keys_are_checked() -> None:
    printing = {name for name, one in curator.commands.items() if "--json" in {o for p in one.params for o in p.opts}}
    assert printing == set(DOCUMENTED.values()) | DESCRIBED_IN_WORDS
    for name in printing:
        assert f"`curator {name}" in JSON_PAGE, f"docs/reference/json.md says nothing of `curator {name} --json`"


@pytest.mark.parametrize("line", DOCUMENTED)
def test_the_keys_of_a_json_document_are_those_in_its_table(line: str, filled: Path) -> None:
    done = CliRunner().invoke(curator, [*line.split(), "--json"])
    assert done.exit_code == 0, done.output
    document = json.loads(done.stdout)
    printed = set(keys(document))
    table = JSON_PAGE.partition(f"\n## `curator {DOCUMENTED[line]}`\n")[2].partition("\n## ")[0]
    told = set(re.findall(r"`([a-z0-9_\[\].]+)`", "".join(re.findall(r"^\| (.+?) \|", table, re.MULTILINE))))
    extra = {"id", "paper_id"} | view_columns("candidates") if DOCUMENTED[line] == "why" else set()
    undocumented = {key for key in printed if not any(key == one or key.startswith(one + ".") for one in told | extra)}
    undocumented -= {key for key in printed if key.removesuffix("[]") in extra}
    assert not undocumented
    assert not {key for key in told if not is_in(document, key)}, "documented, and not printed"


def keys(value: Any, path: str = "") -> Iterator[str]:
    """Yield the path of each plain value in a document; the outer list is left out."""
    if isinstance(value, dict):
        for name, inner in value.items():
            yield from keys(inner, f"{path}.{name}" if path else name)
    elif isinstance(value, list):
        path = f"{path}[]" if path else ""
        yield from {key for one in value for key in keys(one, path)}
    else:
        yield path


def is_in(value: Any, path: str) -> bool:
    """Return True if a document has a key, or an empty list where the key would be."""
    if isinstance(value, list):
        return not value or any(is_in(one, path) for one in value)
    if not path:
        return True
    name, _, rest = path.partition(".")
    return isinstance(value, dict) and name.removesuffix("[]") in value and (
        not rest or is_in(value[name.removesuffix("[]")], rest)
    )  # fmt: skip


def view_columns(view: str) -> set[str]:
    text = (PAGES / "warehouse.md").read_text(encoding="utf-8").partition(f"\n## {view}\n")[2].partition("\n## ")[0]
    return set(re.findall(r"^\| `(\w+)` \| `", text, re.MULTILINE))
