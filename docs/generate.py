"""Write docs/reference/ and the architecture's pictures from the code. Run: `make reference`.

The pages come from the same objects that Curator runs on: click's commands, the settings' models with the comments of
`curator.toml`, the SQL files with their comments and the columns of a real warehouse, and the JSON export's schema.
`tests/docs/` checks that the pages in the repository are the ones that this module makes.
"""

from __future__ import annotations

import json
import re
import sys
import tempfile
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Any, get_args, get_origin

import annotated_types
import click
from pydantic import BaseModel
from pydantic.fields import FieldInfo

from curator.cli import curator
from curator.publish.formats.registry import EXPORT_FORMATS
from curator.settings import Settings
from curator.warehouse import Warehouse
from docs.drawings import drawings

ROOT = Path(__file__).parents[1]
PAGES = ROOT / "docs" / "reference"
NOTE = "<!-- Written by docs/generate.py from the code: run `make reference` after a change. -->\n\n"

UNITS = (
    (r"draft\.(support_)?price_\w+", "currency per 1 M tokens"),
    (r"budget\.\w+", "currency"),
    (r"\w+\.(interval|seconds)", "seconds"),
    (r"\w+\.\w+_mb", "MB"),
    (r"\w+\.\w+_days", "days"),
    (r"\w+\.\w+_tokens", "tokens"),
    (r"backup\.keep", "backups"),
    (r"schedule\.(?!timezone)\w+", "cron line"),
)
"""Patterns of a setting's key, and the unit of its value."""


def main() -> None:
    """Write every page that differs from what the code says, and name it."""
    for path, text in pages().items():
        if not path.exists() or path.read_text(encoding="utf-8") != text:
            path.write_text(text, encoding="utf-8")
            sys.stdout.write(f"{path.relative_to(ROOT)}\n")


def pages() -> dict[Path, str]:
    """Return the text of each generated page and picture, by its path."""
    made = {
        "commands.md": command_page(),
        "settings.md": settings_page(),
        "warehouse.md": warehouse_page(),
        "exports.md": export_page(),
    }
    pictures = {ROOT / "docs" / name: text for name, text in drawings().items()}
    return {PAGES / name: NOTE + text for name, text in made.items()} | pictures


# Commands


def command_page() -> str:
    """Return every command with its arguments and options, as `--help` shows them."""
    names = sorted(curator.commands)
    intro = (
        "# Commands\n\n"
        "Every command works on the workspace that contains the current folder, or on the one that the variable\n"
        "`CURATOR_WORKSPACE` names. `curator COMMAND --help` prints the same text as this page.\n"
        "[Exit codes](exit-codes.md) and the [documents that `--json` prints](json.md) have pages of their own.\n\n"
    )
    rows = [(f"[`curator {name}`](#curator-{name})", first_sentence(curator.commands[name])) for name in names]
    parts = [intro, table(("Command", "Purpose"), rows), "\n## Options of `curator` itself\n\n", option_table(curator)]
    return "".join(parts) + "".join(command_section(name, curator.commands[name]) for name in names)


def command_section(name: str, command: click.Command) -> str:
    """Return the part of the page about one command."""
    context = click.Context(command, info_name=name, parent=click.Context(curator, info_name="curator"))
    usage = " ".join([context.command_path, *command.collect_usage_pieces(context)])
    about = f"\n## curator {name}\n\n```text\n{usage}\n```\n\n{prose(command.help or '')}\n"
    options = option_table(command)
    return f"{about}\n{options}" if options else about


def option_table(command: click.Command) -> str:
    """Return a command's options as a table; the help option is left out, as every command has it."""
    context = click.Context(command)
    records = [one.get_help_record(context) for one in command.params if isinstance(one, click.Option)]
    return table(("Option", "Meaning"), [(f"`{record[0]}`", cell(record[1])) for record in records if record])


def first_sentence(command: click.Command) -> str:
    """Return the first paragraph of a command's help on one line."""
    return cell(" ".join((command.help or "").split("\n\n")[0].split()))


# Settings


def settings_page() -> str:
    """Return every key of `curator.toml`, with its default, unit and range."""
    intro = (
        "# Settings\n\n"
        "`curator.toml` in the workspace holds all settings of a list. Each key, except those of topics and of the\n"
        "review page's keys, can be set in the environment as well: `CURATOR_MODEL` for `model`,\n"
        "`CURATOR_DRAFT_CONTEXT_TOKENS` for `context_tokens` in `[draft]`. The environment takes precedence.\n"
        "An invalid setting is reported with its file, key, value and the values that are allowed.\n\n"
        "An API key and the address of the endpoint are read from `OPENAI_API_KEY` and `OPENAI_BASE_URL` only, and\n"
        "the workspace's folder from `CURATOR_WORKSPACE`. Neither belongs in `curator.toml`.\n"
    )
    top: dict[str, FieldInfo] = {}
    parts: list[str] = []
    for name, field in Settings.model_fields.items():
        model = table_model(field.annotation)
        if model is None:
            top[name] = field
        else:
            parts.extend(model_sections(name, model, is_list=get_origin(field.annotation) is tuple))
    return "".join([intro, "\n## At the top of the file\n\n", setting_table("", top), *parts, commented_file()])


def commented_file() -> str:
    """Return the settings that `curator init` writes, without the topics, with all comments."""
    text = (ROOT / "curator.toml").read_text(encoding="utf-8").partition("# The topics:")[0].rstrip()
    return (
        "\n## The file that `curator init` writes\n\n"
        f"Lines that start with `#` are commented out. Seven topics follow.\n\n```toml\n{text}\n```\n"
    )


def model_sections(name: str, model: type[BaseModel], *, is_list: bool = False) -> Iterator[str]:
    """Yield the section about one table of the file, then those about the tables inside it."""
    inner = {key: nested for key, field in model.model_fields.items() if (nested := table_model(field.annotation))}
    own = {key: field for key, field in model.model_fields.items() if key not in inner}
    heading = f"`[[{name}]]`" if is_list else f"`[{name}]`"
    about = f"{prose(model.__doc__ or '')}\n\n" if model.__doc__ else ""
    yield f"\n## {heading}\n\n{about}{setting_table(name, own)}"
    for key, nested in inner.items():
        yield from model_sections(f"{name}.{key}", nested)


def table_model(annotation: Any) -> type[BaseModel] | None:
    """Return the model behind a table of the file, or behind each of several tables; None for a plain value."""
    for candidate in (annotation, *get_args(annotation)):
        if isinstance(candidate, type) and issubclass(candidate, BaseModel):
            return candidate
    return None


def setting_table(prefix: str, fields: dict[str, FieldInfo]) -> str:
    """Return the keys of one table of the file."""
    comments = toml_comments()
    rows = []
    for name, field in fields.items():
        key = f"{prefix}.{name}" if prefix else name
        about = field.description or comments.get(key)
        if not about:
            raise SystemExit(f"The setting {key} has neither a description nor a comment in curator.toml.")
        rows.append((f"`{name}`", shown_default(field), unit(key), allowed(field), sentence(about)))
    return table(("Key", "Default", "Unit", "Allowed", "Meaning"), rows)


def toml_comments() -> dict[str, str]:
    """Return the comment beside each key of the project's curator.toml, also of keys that are commented out."""
    found: dict[str, str] = {}
    prefix = ""
    for line in (ROOT / "curator.toml").read_text(encoding="utf-8").splitlines():
        if header := re.match(r"\[+([\w.]+)\]+", line):
            prefix = header[1] + "."
        elif beside := re.match(r"(?:# )?(\w+) = (?:\"[^\"]*\"|'[^']*'|[^#]*?) +# (.+)$", line):
            found[prefix + beside[1]] = beside[2]
    return found


def shown_default(field: FieldInfo) -> str:
    """Return a default as it would be written in the file."""
    if field.is_required():
        return "required"
    if field.default_factory is not None:
        return "from the machine"
    if field.default is None:
        return "unset"
    return f"`{json.dumps(field.default, ensure_ascii=False)}`"


def unit(key: str) -> str:
    """Return the unit of a setting's value."""
    return next((name for pattern, name in UNITS if re.fullmatch(pattern, key)), "—")


def allowed(field: FieldInfo) -> str:
    """Return the values that a setting may have, from its type and bounds."""
    literal = next((one for one in (field.annotation, *get_args(field.annotation)) if is_literal(one)), None)
    if literal is not None:
        return " or ".join(f"`{json.dumps(value)}`" for value in get_args(literal))
    kind = next(one for one in (*get_args(field.annotation), field.annotation) if isinstance(one, type))
    bounds = [text for one in field.metadata for text in bound_texts(one)]
    return ", ".join([{bool: "true or false", str: "text"}.get(kind, "number"), *bounds])


def is_literal(annotation: Any) -> bool:
    """Return True for `Literal[...]`."""
    return getattr(get_origin(annotation), "__name__", str(get_origin(annotation))).endswith("Literal")


def bound_texts(bound: Any) -> Iterator[str]:
    """Yield one bound of a value in words."""
    match bound:
        case annotated_types.Ge(ge=value):
            yield f"at least {value:g}"
        case annotated_types.Gt(gt=value):
            yield f"more than {value:g}"
        case annotated_types.Le(le=value):
            yield f"at most {value:g}"
        case annotated_types.MinLen():
            yield "not empty"
        case annotated_types.MaxLen(max_length=value):
            yield f"at most {value} characters"


# Views and queries


def warehouse_page() -> str:
    """Return every view with its columns, and every named query."""
    views, queries = described_views(), sorted((ROOT / "warehouse" / "queries").glob("*.sql"))
    with tempfile.TemporaryDirectory() as folder:
        columns = view_columns(Path(folder) / "curator.duckdb", list(views))
    intro = (
        "# Views and queries\n\n"
        "These views are the warehouse's public interface: `curator sql`, notebooks and other tools read them. All\n"
        "times are UTC. [Notebooks and SQL](../how-to/sql.md) shows how to use them.\n\n"
    )
    parts = [intro, table(("View", "Contents"), [(f"[`{name}`](#{name})", sentence(views[name])) for name in views])]
    for name, about in views.items():
        parts.append(f"\n## {name}\n\n{sentence(about)}\n\n{table(('Column', 'Type'), columns[name])}")
    rows = [(f"`{path.stem}`", cell(leading_comment(path.read_text(encoding="utf-8")))) for path in queries]
    parts.append(
        "\n## Named queries\n\n`curator query NAME` runs one of these, or one of your own: a `.sql` file in\n"
        "`warehouse/queries/` of the workspace.\n\n" + table(("Query", "Answers"), rows)
    )
    return "".join(parts)


def described_views() -> dict[str, str]:
    """Return the comment above each view, by the view's name, in the order of the files."""
    found = {}
    for path in sorted((ROOT / "warehouse" / "views").glob("*.sql")):
        text = path.read_text(encoding="utf-8")
        for comment, name in re.findall(r"((?:^-- .*\n)+)create or replace view (\w+)", text, re.MULTILINE):
            found[name] = leading_comment(comment).removeprefix(f"{name}: ")
    return found


def leading_comment(sql: str) -> str:
    """Return the comment that a piece of SQL starts with, on one line."""
    lines = re.match(r"(?:-- .*\n)+", sql)
    return " ".join(line.removeprefix("-- ").strip() for line in lines[0].splitlines()) if lines else ""


def view_columns(file: Path, names: list[str]) -> dict[str, list[tuple[str, str]]]:
    """Return the columns of views with their types, from a new warehouse in `file`."""
    warehouse = Warehouse(file)
    warehouse.write(lambda _: None)
    described = warehouse.read(
        lambda connection: {name: connection.execute(f"describe {name}").fetchall() for name in names}
    )
    return {name: [(f"`{row[0]}`", f"`{row[1].lower()}`") for row in rows] for name, rows in described.items()}


# Exports


def export_page() -> str:
    """Return every export format, and the JSON export's schema as tables."""
    (schema_file,) = (ROOT / "src").rglob("list.schema.json")
    schema = json.loads(schema_file.read_text(encoding="utf-8"))
    rows = [(f"`{name}`", format.about) for name, format in EXPORT_FORMATS.items()]
    parts = [
        "# Export formats\n\n`curator export FORMAT -o FILE` writes the accepted frames for other programs;\n"
        "`--topic`, `--kind` and `--since` select some of them. The same list always gives the same bytes.\n\n",
        table(("Format", "Output"), rows),
        "\n## The JSON document\n\n"
        f"A JSON schema in the package, `{schema_file.name}`, validates this document. The\n"
        "keys of a frame are the columns of the CSV and Parquet exports as well; there, `quotes` and `support`\n"
        "are text in JSON.\n\n",
        property_table(schema),
    ]
    for name, definition in schema["$defs"].items():
        if "properties" in definition:
            parts.append(f"\n### {name}\n\n{property_table(definition)}")
    return "".join(parts)


def property_table(definition: dict[str, Any]) -> str:
    """Return the keys of one object of a JSON schema."""
    rows = [
        (f"`{name}`", property_type(value), sentence(value.get("description", "")))
        for name, value in definition["properties"].items()
    ]
    return table(("Key", "Type", "Meaning"), rows)


def property_type(value: dict[str, Any]) -> str:
    """Return the type of a JSON schema's property in a few words."""
    if "enum" in value:
        return ", ".join(f"`{json.dumps(one)}`" for one in value["enum"])
    if "const" in value:
        return f"`{json.dumps(value['const'])}`"
    if "$ref" in value:
        return str(value["$ref"]).rpartition("/")[2]
    if value.get("type") == "array":
        return f"list of {property_type(value['items'])}"
    types = value.get("type", "any")
    return " or ".join([types] if isinstance(types, str) else types)


# Markdown


def table(head: tuple[str, ...], rows: Sequence[tuple[str, ...]]) -> str:
    """Return a Markdown table, or nothing where it would have no rows."""
    if not rows:
        return ""
    lines = [head, ("---",) * len(head), *rows]
    return "".join(f"| {' | '.join(line)} |\n" for line in lines)


def cell(text: str) -> str:
    """Return text that fits into a cell of a table."""
    return " ".join(text.split()).replace("|", "\\|").replace("<", "&lt;")


def sentence(text: str) -> str:
    """Return a description as a sentence."""
    text = cell(text)
    first = text.partition(" ")[0]
    start = text[:1] if first[1:] != first[1:].lower() else text[:1].upper()  # not "ArXiv"
    return start + text[1:] + ("" if text.endswith((".", "?")) else ".") if text else ""


def prose(text: str) -> str:
    """Return help text as Markdown paragraphs."""
    return "\n\n".join(" ".join(part.split()) for part in text.replace("<", "&lt;").split("\n\n"))


if __name__ == "__main__":
    main()
