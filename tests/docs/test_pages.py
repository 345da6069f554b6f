"""What the pages say is so: links lead somewhere, examples are valid, and the README stays short."""

from __future__ import annotations

import json
import re
import shlex
import subprocess
import tomllib
from pathlib import Path
from urllib.parse import unquote

import click
import pytest
from docs.generate import table_model

from curator.cli import curator
from curator.settings import Settings
from curator.warehouse import Warehouse
from tests.helpers.pages import PAGES, ROOT, USER_PAGES, anchors, blocks, inline_code, links

LONGEST_README = 150
"""Lines."""

TESTED_ELSEWHERE = {
    "nginx": "tests/review/web/test_proxy.py",
    "caddy": "tests/review/web/test_proxy.py",
    "text": "output, or lines for a file of another program",
}
ADDED_BY_AN_EXAMPLE = "authors"
"""A command that a worked example of CONTRIBUTING.md adds, which tests/docs/test_contributing.py carries out."""

LINTED = {"sh", "toml", "sql", "json", "python"}
TOPIC = {"name": "any", "query": "all:any", "about": "anything"}

each_user_page = pytest.mark.parametrize("page", USER_PAGES, ids=lambda page: str(page.relative_to(ROOT)))
each_page = pytest.mark.parametrize("page", PAGES, ids=lambda page: str(page.relative_to(ROOT)))


def test_the_readme_stays_one_page() -> None:
    assert len((ROOT / "README.md").read_text(encoding="utf-8").splitlines()) <= LONGEST_README


@each_page
def test_every_link_within_the_project_leads_to_a_file_and_a_heading(page: Path) -> None:
    for link in links(page):
        if re.match(r"[a-z]+:", link):
            continue
        path, _, anchor = unquote(link).partition("#")
        target = (page.parent / path).resolve() if path else page
        assert target.exists(), f"{link} leads nowhere"
        assert not anchor or anchor in anchors(target), f"{link}: {target.name} has no such heading"


@each_user_page
def test_pages_of_the_site_link_to_nothing_outside_of_it(page: Path) -> None:
    docs = ROOT / "docs"
    if page.is_relative_to(docs):
        inside = [link for link in links(page) if not re.match(r"[a-z]+:", link) and not link.startswith("#")]
        for link in inside:
            assert (page.parent / link.partition("#")[0]).resolve().is_relative_to(docs), link


@each_user_page
def test_every_block_of_code_names_a_language_that_a_test_reads(page: Path) -> None:
    assert {language for language, _ in blocks(page)} <= LINTED | TESTED_ELSEWHERE.keys()


@each_page
def test_shell_blocks_are_valid_shell(page: Path) -> None:
    for _, text in blocks(page, "sh"):
        checked = subprocess.run(["sh", "-n"], input=text, text=True, capture_output=True)
        assert checked.returncode == 0, checked.stderr


@each_user_page
def test_toml_blocks_are_valid_settings(page: Path) -> None:
    for _, text in blocks(page, "toml"):
        Settings(**({"topics": [TOPIC]} | tomllib.loads(text)))


@each_user_page
def test_json_and_python_blocks_parse(page: Path) -> None:
    for _, text in blocks(page, "json"):
        json.loads(text)
    for _, text in blocks(page, "python"):
        compile(text, str(page), "exec")


def test_sql_blocks_run(tmp_path: Path) -> None:
    warehouse = Warehouse(tmp_path / "curator.duckdb")
    warehouse.write(lambda _: None)
    texts = [text for page in USER_PAGES for _, text in blocks(page, "sql")]
    assert texts
    warehouse.read(lambda connection: [connection.execute(text).fetchall() for text in texts])


@each_page
def test_commands_within_text_exist_with_their_options(page: Path) -> None:
    """The changelog, too: it names what a user can do now."""
    for code in inline_code(page):
        words = shlex.split(code.replace("'", "\\'").replace("…", " "))
        if words[:1] != ["curator"] or len(words) < 2 or not re.fullmatch(r"[a-z][a-z-]+", words[1]):
            continue
        if page.name == "CONTRIBUTING.md" and words[1] == ADDED_BY_AN_EXAMPLE:
            continue
        command = curator.commands.get(words[1])
        assert command, f"`{code}`: there is no such command"
        known = {name for one in command.params for name in (*one.opts, *one.secondary_opts)} | {"--help"}
        given = {word for word in words[2:] if re.match(r"--?[a-z]", word)}
        assert given <= known, f"`{code}`: {', '.join(sorted(given - known))} is unknown"


def test_every_command_of_make_that_is_named_is_a_target() -> None:
    targets = set(re.findall(r"^([a-z]+):", (ROOT / "Makefile").read_text(encoding="utf-8"), re.MULTILINE))
    for page in PAGES:
        for code in inline_code(page):
            if named := re.match(r"make ([a-z]+)", code):
                assert named[1] in targets, f"{page.name}: `{code}`"


def test_every_setting_named_with_its_table_is_one() -> None:
    models = {name: table_model(field.annotation) for name, field in Settings.model_fields.items()}
    known = {name: set(model.model_fields) for name, model in models.items() if model}
    assert {"draft", "budget", "review"} <= known.keys()
    pattern = re.compile(rf"({'|'.join(known)})\.(?!md$)([a-z_]+)(?: = .*)?")
    found = [match.groups() for page in PAGES for code in inline_code(page) if (match := pattern.fullmatch(code))]
    assert len(found) >= 10
    for table, key in found:
        assert key in known[table] or key == "keys", f"{table}.{key} is no setting"


def test_commands_have_help_for_the_reference() -> None:
    for name, command in curator.commands.items():
        assert command.help, name
        assert command.help.splitlines()[0].strip().endswith((".", ":")), name
        for option in command.params:
            assert not isinstance(option, click.Option) or option.help, f"{name} {option.name}"
