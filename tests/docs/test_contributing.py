"""The worked examples of CONTRIBUTING.md are carried out in a copy of the checkout, and every step of them is needed.

A block of code belongs to the file that the text before it names last. A block of Python or SQL is a new file; one of
`diff` changes a file, and its other lines must occur there exactly once. A table names the test that fails without a
step. `make long` leaves out each such step in turn; `make test` leaves out none.
"""

from __future__ import annotations

import os
import re
import shutil
import subprocess
import sys
from functools import cache
from pathlib import Path
from typing import NamedTuple

import pytest

from tests.helpers.forms import LONG
from tests.helpers.pages import ROOT, anchors, tokens

PAGE = ROOT / "CONTRIBUTING.md"
LEFT_OUT = {".git", ".venv", "site", "demo", "shots", "dist", "build", "backups"}
"""Folders of a checkout that setting it up, running it or building it makes."""
REFERENCE = "make reference"
ALSO = (
    "tests/test_rules.py",
    "tests/test_settings.py",
    "tests/publish/formats/test_registry.py",
    "tests/cli/test_output.py::test_every_command_that_a_module_defines_can_be_run",
    "tests/docs/test_reference.py::test_every_json_document_is_described_and_its_keys_are_checked",
    "tests/docs/test_reference.py::test_the_keys_of_a_json_document_are_those_in_its_table[authors]",
)
"""Tests of the house that look at what the examples add. The files that `make long` runs hold more of them."""


class Step(NamedTuple):
    """A block of code, and the file that it is or changes."""

    example: str
    file: str
    language: str
    text: str


class Need(NamedTuple):
    """A step of an example, and the file of tests that fails without it."""

    example: str
    step: str
    test: str


@cache
def read_examples() -> tuple[list[Step], list[Need]]:
    """Return the steps and needs of all worked examples, in their order."""
    steps: list[Step] = []
    needs: list[Need] = []
    example, files, cells = "", [""], list[str]()
    for token in tokens(PAGE):
        if token.type == "inline" and token.content in titles():
            example = token.content
        elif token.type == "inline":
            files = re.findall(r"`([\w./-]+\.\w+)`", token.content) or files
            cells.append(token.content)
        elif token.type == "tr_open":
            cells = []
        elif token.type == "tr_close" and example and cells[0].startswith("`"):
            needs.append(Need(example, cells[0].strip("`"), cells[1].strip("`")))
        elif token.type == "fence" and example:
            steps.append(Step(example, files[-1], token.info, token.content))
    return steps, needs


@cache
def titles() -> tuple[str, ...]:
    """Return the headings of the worked examples."""
    text = PAGE.read_text(encoding="utf-8").partition("\n## Worked examples\n")[2]
    return tuple(re.findall(r"^### (.+)$", text, re.MULTILINE))


def test_there_is_an_example_of_each_kind_with_files_and_tests() -> None:
    assert titles() == ("Add an export format", "Add a setting", "Add a view", "Add a command")
    assert "worked-examples" in anchors(PAGE)
    steps, needs = read_examples()
    for title in titles():
        of_this = [step for step in steps if step.example == title]
        assert {step.language for step in of_this} <= {"python", "sql", "diff"}
        assert any(step.file.startswith("tests/") for step in of_this)
        known = {step.file for step in of_this} | {REFERENCE}
        assert {need.step for need in needs if need.example == title} <= known


@pytest.fixture(scope="module")
def original(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A copy of the checkout, to be copied for each trial; skip if somebody is carrying out an example in this one."""
    present = [step.file for step in read_examples()[0] if step.language != "diff" and (ROOT / step.file).exists()]
    if present:
        pytest.skip(f"{present[0]} is here already; if it is to stay, CONTRIBUTING.md needs another example")

    def left_out(folder: str, names: list[str]) -> set[str]:
        made = LEFT_OUT if Path(folder) == ROOT else set()
        return {name for name in names if name in made or name == "__pycache__" or name.endswith("cache")}

    return shutil.copytree(ROOT, tmp_path_factory.mktemp("contributing") / "checkout", ignore=left_out)


def carry_out(folder: Path, *, without: Need | None = None) -> None:
    """Carry out all examples in a copy of the checkout, or those up to one whose step is left out."""
    last = titles().index(without.example) if without else len(titles())
    for step in read_examples()[0]:
        if titles().index(step.example) > last:
            break
        if without and (step.example, step.file) == (without.example, without.step):
            continue
        file = folder / step.file
        if step.language == "diff":
            change(file, step.text)
        else:
            assert not file.exists(), f"{step.file} exists already"
            file.write_text(step.text, encoding="utf-8")
    if not without or without.step != REFERENCE:
        run(folder, "-m", "docs.generate")


def change(file: Path, diff: str) -> None:
    """Change a file as the pieces of a diff say, which are parted by lines of `@@`."""
    for piece in re.split(r"^@@\n", diff, flags=re.MULTILINE):
        lines = [line if line.strip() else " \n" for line in piece.splitlines(keepends=True)]
        before = "".join(line[1:] for line in lines if line[0] != "+")
        after = "".join(line[1:] for line in lines if line[0] != "-")
        old = file.read_text(encoding="utf-8")
        assert old.count(before) == 1, f"{file.name} has these lines {old.count(before)} times:\n{before}"
        file.write_text(old.replace(before, after), encoding="utf-8")


def run(folder: Path, *arguments: str) -> subprocess.CompletedProcess[str]:
    """Run Python in a copy of the checkout, with the package of that copy."""
    environment = os.environ | {"PYTHONPATH": f"{folder / 'src'}:{folder}", "PYTHONDONTWRITEBYTECODE": "1"}
    for name in [name for name in environment if name.startswith(("PYTEST_", "CURATOR_"))]:
        del environment[name]
    return subprocess.run(
        [sys.executable, *arguments], cwd=folder, env=environment, capture_output=True, text=True, errors="replace"
    )


def run_tests(folder: Path, *files: str) -> subprocess.CompletedProcess[str]:
    return run(folder, "-m", "pytest", "-q", "-x", "-n", "0", "-p", "no:cacheprovider", *files)


def test_the_examples_work_as_written(original: Path, tmp_path: Path) -> None:
    """Take more than 10 s: tests that take workspaces and warehouses run in a copy of the checkout."""
    folder = shutil.copytree(original, tmp_path / "checkout")
    carry_out(folder)
    own = [step.file for step in read_examples()[0] if step.file.startswith("tests/") and step.language == "python"]
    done = run_tests(folder, *own, *ALSO)
    assert done.returncode == 0, done.stdout[-5000:] + done.stderr
    for command in (["check"], ["format", "--check"]):
        linted = run(folder, "-m", "ruff", *command, "--no-cache", ".")
        assert linted.returncode == 0, linted.stdout


@pytest.mark.skipif(not LONG, reason="left for `make long`: a minute")
@pytest.mark.parametrize("need", read_examples()[1], ids=lambda need: f"{need.example}: {need.step}")
def test_a_step_that_is_left_out_is_noticed(need: Need, original: Path, tmp_path: Path) -> None:
    folder = shutil.copytree(original, tmp_path / "checkout")
    carry_out(folder, without=need)
    done = run_tests(folder, need.test)
    assert done.returncode in (1, 2, 4), f"{need.test} does not notice it:\n{done.stdout[-2000:]}"
