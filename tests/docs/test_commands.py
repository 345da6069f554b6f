"""Every line of shell in README and docs is run, page by page, in a list that has papers, frames and a question.

Commands of Curator run in this process, as their own process is not the point; `test_processes.py` has those for which
it is. Lines for other programs are only checked for their syntax, by `test_pages.py`.
"""

from __future__ import annotations

import json
import os
import re
import shlex
import subprocess
from collections.abc import Iterator
from contextlib import ExitStack
from pathlib import Path

import pytest
from click.testing import CliRunner, Result

from curator.cli import curator
from tests.helpers.model_server import ModelServer
from tests.helpers.pages import ROOT, USER_PAGES, blocks
from tests.helpers.recorder import recorder

OTHER_PROGRAMS = {"uv", "pipx", "python", "curator-env/bin/pip", "mkdir", "docker", "systemctl", "prefect", "eval"}
SERVING = {"curator review", "curator up", "curator demo"}
"""Run until they are stopped: see test_processes.py, tests/cli/test_up.py and tests/cli/test_demo.py."""

EXIT_CODES = {
    "curator publish --check": {3},
    "curator retry": {0, 3},
    "curator doctor": {0, 1},  # what it finds depends on the machine
    "curator ingest": {0, 3},  # a sample is damaged
}
"""Codes other than 0 that are as documented, by the beginning of a line."""

PRINTED = {
    "tutorial.md": ["> "],  # the queue shows quotes
    "import.md": ["Imported 1 frame and 1 other entry."],
    "models.md": ["draft"],
    "watch.md": ["on the list checked; done."],
    "sql.md": ["exact"],
}
"""What a page's commands print, by the page's name."""

PUBLISHED = {
    "README.md": ["Your own wording"],  # the rejection was undone
    "import.md": ["Models know what they know.", "[A post](https://blog.example/post)"],
}
"""What stands on the list after a page's commands."""

WITH_COMMANDS = [page for page in USER_PAGES if any(blocks(page, "sh"))]


@pytest.mark.parametrize("page", WITH_COMMANDS, ids=lambda page: str(page.relative_to(ROOT)))
def test_every_line_of_shell_on_a_page_runs(page: Path, filled: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    printed: list[str] = []
    ids: dict[str, str] = {}
    with ExitStack() as servers:
        model = servers.enter_context(ModelServer()) if "OPENAI_BASE_URL=" in page.read_text("utf-8") else None
        hook = servers.enter_context(recorder())
        if model:  # has papers to draft from
            monkeypatch.chdir(filled.parent)
            run_curator("curator init new", ids)
            monkeypatch.chdir("new")
        if page.name == "notifications.md":
            monkeypatch.setenv("CURATOR_NOTIFY_TO", hook.url.replace("http:", "json:") + "/hook")
        for line in lines(page):
            printed.append(run_line(line, ids, model.url if model else "", monkeypatch))
        assert page.name != "notifications.md" or hook.came, "no message came"
        assert not model or model.asked_to_draft()
    for text in PRINTED.get(page.name, []):
        assert text in "".join(printed)
    for text in PUBLISHED.get(page.name, []):
        assert text in Path("list.md").read_text(encoding="utf-8")


def lines(page: Path) -> Iterator[str]:
    """Yield the lines of a page's shell blocks, without comments."""
    for _, text in blocks(page, "sh"):
        for line in text.splitlines():
            if command := re.sub(r"(^|  +)#.*", "", line).strip():
                yield command


def run_line(line: str, ids: dict[str, str], model: str, monkeypatch: pytest.MonkeyPatch) -> str:
    """Carry out one line as a shell in the list's folder would, and return what it prints."""
    program, *rest = shlex.split(line)
    if program == "make":
        done = subprocess.run(["make", "--dry-run", *rest], cwd=ROOT, capture_output=True, text=True)
        assert done.returncode == 0, done.stderr
    elif program == "cd":
        monkeypatch.chdir(rest[0])
    elif program == "export":
        set_variable(rest[0], model, monkeypatch)
    elif program == "curator":
        return "" if line in SERVING else run_curator(line, ids)
    else:
        assert program in OTHER_PROGRAMS, f"{line}: nothing tests this"
    return ""


def set_variable(assignment: str, model: str, monkeypatch: pytest.MonkeyPatch) -> None:
    """Set a variable; a model's address is that of the stand-in."""
    name, _, value = assignment.partition("=")
    if name == "CURATOR_WORKSPACE":
        return  # the list that the test is in
    monkeypatch.setenv(name, model if name == "OPENAI_BASE_URL" else value)


def run_curator(line: str, ids: dict[str, str]) -> str:
    """Run a command of Curator and return what it prints; `ids` gets those of two candidates when they are needed."""
    words = shlex.split(line.partition(" > ")[0])[1:]
    if {"ID", "OTHER"} & set(words) and not ids:
        waiting = [one["id"][:6] for one in json.loads(invoke(["queue", "--json"]).stdout)]
        ids.update(ID=waiting[0], OTHER=waiting[1])
    words = [ids.get(word, word) for word in words]
    done = invoke(words)
    expected = next((codes for start, codes in EXIT_CODES.items() if line.startswith(start)), {0})
    assert done.exit_code in expected, f"{line}: {done.exit_code}\n{done.output}\n{done.exception!r}"
    return done.output


def invoke(words: list[str]) -> Result:
    return CliRunner().invoke(curator, words, env=dict(os.environ))
