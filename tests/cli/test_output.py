"""What the terminal gets: help, errors as sentences, closed pipes, and strangers' text made harmless."""

from __future__ import annotations

import re
import subprocess
import sys
from importlib import import_module
from pathlib import Path

import click
import pytest

from curator import cli
from curator.cli import curator as group
from curator.cli.output import format_cell, short_ids, wrap_text
from curator.workspace import Workspace, create_files
from tests.cli.conftest import Curator, environment, run_apart
from tests.helpers.arxiv_faults import FaultyArxiv, held

NEED_A_WORKSPACE = (
    ["ingest"], ["queue"], ["accept", "ab"], ["reject", "ab", "--reason", "r"], ["defer", "ab"], ["merge", "ab", "cd"],
    ["undo"], ["publish"], ["export", "json"], ["status"], ["runs"], ["costs"], ["why", "ab"], ["sql", "select 1"],
    ["query", "list"], ["read", "2610.90001"],
)  # fmt: skip
NEED_A_WAREHOUSE = NEED_A_WORKSPACE[1:]
HOSTILE = (
    "\x1b[31mGrokking\x1b]0;owned\x07 [bold]in language models[/bold] [link=http://evil.example]x[/link] "
    "<script>alert(1)</script> [a](javascript:alert(1)) \u202egnitset\u2066 `rm -rf` @everyone '; drop table papers; --"
)


def is_one_sentence(err: str) -> bool:
    return bool(re.fullmatch(r"curator: [A-Z/].*[.!]\n", err, re.DOTALL)) and "Traceback" not in err


@pytest.mark.parametrize("arguments", NEED_A_WORKSPACE, ids=" ".join)
def test_without_a_workspace_every_command_says_so(
    tmp_path: Path, curator: Curator, monkeypatch: pytest.MonkeyPatch, arguments: list[str]
) -> None:
    monkeypatch.chdir(tmp_path)
    said = curator(*arguments)
    assert (said.code, said.out) == (1, "")
    assert is_one_sentence(said.err)
    assert "curator init" in said.err


@pytest.mark.parametrize("arguments", NEED_A_WAREHOUSE, ids=" ".join)
def test_without_a_warehouse_every_command_says_so_and_makes_none(
    tmp_path: Path, curator: Curator, monkeypatch: pytest.MonkeyPatch, arguments: list[str]
) -> None:
    list(create_files(tmp_path))
    monkeypatch.chdir(tmp_path)
    said = curator(*arguments)
    assert (said.code, said.out) == (1, "")
    assert is_one_sentence(said.err)
    assert "curator ingest" in said.err
    assert not Workspace(tmp_path).warehouse_file.exists()


@pytest.mark.parametrize("content", ["title = ", 'title = 5\n[[topics]]\nname = "x"', "topics = []", "\x00"])
def test_broken_settings_are_told_with_their_file(
    tmp_path: Path, curator: Curator, monkeypatch: pytest.MonkeyPatch, content: str
) -> None:
    list(create_files(tmp_path))
    (tmp_path / "curator.toml").write_text(content, encoding="utf-8")
    monkeypatch.chdir(tmp_path)
    said = curator("ingest")
    assert (said.code, said.out) == (1, "")
    assert is_one_sentence(said.err)
    assert "curator.toml" in said.err
    assert not Workspace(tmp_path).warehouse_file.exists()


def test_a_warehouse_that_is_none_is_told(demo: Workspace, curator: Curator) -> None:
    demo.warehouse_file.write_bytes(b"this is no database" * 1000)
    said = curator("status")
    assert (said.code, said.out) == (1, "")
    assert "curator.duckdb" in said.err
    assert "Traceback" not in said.err


def test_a_prompt_that_was_broken_stops_before_anything_is_asked(
    list_: Workspace, arxiv: FaultyArxiv, curator: Curator
) -> None:
    (list_.root / "prompts" / "draft.md").write_text("--- system ---\n{{nonsense}}\n", encoding="utf-8")
    said = curator("ingest")
    assert said.code == 1
    assert "draft.md" in said.err
    assert arxiv.log == []


@pytest.mark.parametrize("arguments", [["queue"], ["read", "2610.90004"], ["sql", "from pages"], ["export", "json"]])
def test_a_reader_of_our_output_that_has_seen_enough_is_no_error(demo: Workspace, arguments: list[str]) -> None:
    process = subprocess.Popen(
        [sys.executable, "-m", "curator", *arguments],
        env=environment({"CURATOR_WORKSPACE": str(demo.root)}),
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
    )
    assert process.stdout is not None
    process.stdout.close()
    assert process.stderr is not None
    err = process.stderr.read()
    process.stderr.close()
    process.wait(60)
    assert "Traceback" not in err
    assert "Exception" not in err


def test_a_full_disk_is_a_sentence(demo: Workspace) -> None:
    with Path("/dev/full").open("w") as full:
        done = subprocess.run(
            [sys.executable, "-m", "curator", "queue"],
            env=environment({"CURATOR_WORKSPACE": str(demo.root)}), stdout=full, stderr=subprocess.PIPE, text=True,
        )  # fmt: skip
    assert done.returncode == 1
    assert "Traceback" not in done.stderr
    assert "No space left" in done.stderr


# Strangers' text


@pytest.fixture
def hostile(list_: Workspace, arxiv: FaultyArxiv, curator: Curator) -> str:
    """A candidate of a paper whose metadata is out to do harm."""
    arxiv.papers.clear()
    arxiv.add(
        held(9, title=HOSTILE, authors=("[red]Mallory[/red]\x1b[2J", "\u202eyllA"), comment=HOSTILE),
        held(10, pdf=b"<html>\x1b[31m[bold]no PDF[/bold]</html>"),
    )
    said = curator("ingest")
    assert said.code == 3
    harmless(said.out + said.err)
    return str(curator("queue", "--json").json[0]["id"])


def harmless(text: str) -> None:
    assert not re.search("[\x00-\x08\x0b-\x1f\x7f-\x9f\u202a-\u202e\u2066-\u2069]", text), ascii(text)


def test_hostile_metadata_is_shown_as_plain_text(hostile: str, curator: Curator) -> None:
    for command in (["queue"], ["why", hostile], ["status"], ["runs"], ["sql", "select title, authors from papers"]):
        said = curator(*command)
        assert said.code == 0, said.err
        harmless(said.out + said.err)
    titles = curator("sql", "select title from papers where paper = '2611.00009'").out
    assert "[bold]in language models[/bold]" in " ".join(titles.split())
    assert "drop table papers" in " ".join(curator("why", hostile).out.split())


def test_hostile_metadata_is_no_markup_in_the_list(hostile: str, list_: Workspace, curator: Curator) -> None:
    curator("accept", hostile)
    assert curator("publish").code == 0
    text = list_.list_file.read_text(encoding="utf-8")
    harmless(text)
    assert "<script" not in text.replace("\\<", "")
    assert not re.search(r"(?<!\\)\]\(javascript", text)
    assert "@everyone" not in text


def test_cells_and_lines_lose_what_terminals_act_on() -> None:
    assert format_cell("a\x1b[31mb\r\nc\u202ed") == "a[31mb cd"
    assert format_cell(["x", None, 1.23456]) == "x, , 1.235"
    assert wrap_text("word " * 60, "> ", "  ").count("\n") >= 2
    harmless(wrap_text("a\x1b]8;;http://evil\x07b"))


def test_short_ids_grow_until_they_differ() -> None:
    assert short_ids(["abcdef111111", "123456aaaaaa"]) == {"abcdef111111": "abcdef", "123456aaaaaa": "123456"}
    assert short_ids(["abcdef1x1111", "abcdef1y1111"]) == {
        "abcdef1x1111": "abcdef1x",
        "abcdef1y1111": "abcdef1y",
    }


# Help


@pytest.mark.parametrize("name", sorted(group.commands))
def test_every_command_has_help_that_begins_with_a_sentence(name: str, curator: Curator) -> None:
    said = curator(name, "--help")
    assert said.code == 0
    assert said.out.startswith("Usage:")
    first = (group.commands[name].help or "").strip().split("\n\n")[0]
    assert re.fullmatch(r"[A-Z].*\.", first, re.DOTALL)
    for parameter in group.commands[name].params:
        assert not isinstance(parameter, click.Option) or parameter.help, parameter.name


@pytest.mark.parametrize("module", sorted(file.stem for file in Path(cli.__file__).parent.glob("[a-z]*.py")))
def test_every_command_that_a_module_defines_can_be_run(module: str) -> None:
    """It is in its module's COMMANDS, and its module among those of the group."""
    defined = [one for one in vars(import_module(f"curator.cli.{module}")).values() if isinstance(one, click.Command)]
    assert [one.name for one in defined if one not in group.commands.values()] == []


def test_every_command_is_run_by_a_test() -> None:
    text = "".join(file.read_text(encoding="utf-8") for file in Path(__file__).parents[1].rglob("*.py"))
    for name in group.commands:
        called = rf'\b(?:curator|run_apart|start|run)\(\s*"{name}"'
        listed = rf'(?<![\w\])])\[(?:"[\w-]+", )?"{name}"|"curator", "{name}"'
        assert re.search(rf"{called}|{listed}|curator {name}\b", text), f"no test runs `curator {name}`"


def test_the_group_names_its_commands_and_version(curator: Curator) -> None:
    said = curator("--help")
    assert all(name in said.out for name in group.commands)
    assert re.search(r"\d+\.\d+", curator("--version").out)
    assert curator("nonsense").code == 2


def test_it_runs_as_a_module() -> None:
    said = run_apart("--version")
    assert (said.code, said.err) == (0, "")


def test_the_commands_that_init_shows_can_be_pasted_whatever_the_folders_name(tmp_path: Path, curator: Curator) -> None:
    said = curator("init", str(tmp_path / "my list's folder"))
    (line,) = [line for line in said.out.splitlines() if line.startswith("  cd ")]
    done = subprocess.run(["sh", "-c", f"{line} && pwd"], capture_output=True, text=True, check=True)
    assert done.stdout.strip() == str(tmp_path / "my list's folder")


@pytest.mark.parametrize("variables", [{"NO_COLOR": "1"}, {"TERM": "dumb"}])
def test_a_terminal_without_colours_gets_no_escape_sequences(
    list_: Workspace, arxiv: FaultyArxiv, variables: dict[str, str]
) -> None:
    env = environment({"CURATOR_WORKSPACE": str(list_.root), "PYTHONPATH": "", "TERM": "xterm-256color"} | variables)
    for command in ("ingest", "doctor --offline", "queue"):
        terminal = ["script", "-qec", f"{sys.executable} -m curator {command}", "/dev/null"]
        done = subprocess.run(terminal, env=env, capture_output=True, text=True)
        assert "\x1b[3" not in done.stdout, done.stdout
        assert "TERM" not in variables or "\x1b" not in done.stdout, done.stdout
