"""The files that services outside read: workflows, hooks, the container's recipe. They run what a person runs."""

from __future__ import annotations

import re
import shutil
import subprocess
import sys
from functools import cache
from pathlib import Path
from typing import Any

import pytest
import yaml

ROOT = Path(__file__).parents[1]
BIN = Path(sys.executable).parent
WORKFLOWS = sorted((ROOT / ".github" / "workflows").glob("*.yml"))
COMPOSE = ROOT / "compose.yaml"
HOOKS = ROOT / ".pre-commit-config.yaml"

each_workflow = pytest.mark.parametrize("file", WORKFLOWS, ids=lambda file: str(file.name))


@cache
def parsed(file: Path) -> dict[Any, Any]:
    found = yaml.safe_load(file.read_text(encoding="utf-8"))
    assert isinstance(found, dict)
    return found


def run(*command: str, cwd: Path = ROOT) -> subprocess.CompletedProcess[str]:
    return subprocess.run(command, cwd=cwd, capture_output=True, text=True)


def steps(file: Path) -> list[dict[str, Any]]:
    return [step for job in parsed(file)["jobs"].values() for step in job.get("steps", ())]


def make_targets() -> set[str]:
    return set(re.findall(r"^([a-z-]+):", (ROOT / "Makefile").read_text(encoding="utf-8"), re.MULTILINE))


def hooks() -> dict[str, dict[str, Any]]:
    (repository,) = parsed(HOOKS)["repos"]
    assert repository["repo"] == "local", "a hook from elsewhere is downloaded, and is not in the lock"
    return {hook["id"]: hook for hook in repository["hooks"]}


# Workflows


@pytest.mark.parametrize(
    ("file", "schema"),
    [*((file, "vendor.github-workflows") for file in WORKFLOWS), (COMPOSE, "vendor.compose-spec")],
    ids=lambda value: value.name if isinstance(value, Path) else "",
)
def test_a_file_has_the_form_that_its_service_accepts(file: Path, schema: str) -> None:
    checked = run(str(BIN / "check-jsonschema"), "--builtin-schema", schema, str(file))
    assert checked.returncode == 0, checked.stdout


def test_the_workflows_have_no_known_fault() -> None:
    """Among the faults: an action that is not pinned, text of strangers in a script, more rights than needed."""
    checked = run(str(BIN / "zizmor"), "--offline", "--no-progress", "--format", "plain", ".github/workflows")
    assert checked.returncode == 0, checked.stdout


def test_a_planted_fault_in_a_workflow_is_found(tmp_path: Path) -> None:
    text = (ROOT / ".github" / "workflows" / "ci.yml").read_text(encoding="utf-8")
    shutil.copytree(ROOT / ".github", tmp_path / ".github")
    planted = tmp_path / ".github" / "workflows" / "ci.yml"
    planted.write_text(text.replace("actions/checkout@v6", "somebody/checkout@v6"), encoding="utf-8")
    assert run(str(BIN / "zizmor"), "--offline", "--no-progress", ".github", cwd=tmp_path).returncode != 0
    planted.write_text(text.replace("runs-on", "run-on"), encoding="utf-8")
    schema = ("--builtin-schema", "vendor.github-workflows")
    assert run(str(BIN / "check-jsonschema"), *schema, str(planted)).returncode != 0


@each_workflow
def test_a_workflow_runs_commands_of_make_and_scripts_that_exist(file: Path) -> None:
    commands = "\n".join(step["run"] for step in steps(file) if "run" in step)
    named = re.findall(r"^make ([a-z]+)", commands, re.MULTILINE)
    assert named
    assert set(named) <= make_targets()
    for script in re.findall(r"\.ci/[a-z-]+", commands):
        assert (ROOT / script).stat().st_mode & 0o100, f"{script} cannot be run"
    assert run("sh", "-n", "-c", re.sub(r"\$\{\{.*?\}\}", "x", commands)).returncode == 0


def test_the_tests_run_on_three_pythons_and_two_systems() -> None:
    matrix = parsed(ROOT / ".github" / "workflows" / "ci.yml")["jobs"]["test"]["strategy"]["matrix"]
    assert matrix["python"] == ["3.11", "3.12", "3.13"]
    assert {system.partition("-")[0] for system in matrix["system"]} == {"ubuntu", "macos"}
    commands = [step.get("run") for step in steps(ROOT / ".github" / "workflows" / "ci.yml")]
    assert {"make check", "make test"} <= set(commands)


def test_a_release_is_made_by_a_tag_after_all_tests() -> None:
    release = parsed(ROOT / ".github" / "workflows" / "release.yml")
    assert release[True] == {"push": {"tags": ["v*"]}}  # YAML 1.1 reads the key `on` as true
    assert release["jobs"]["tests"]["uses"] == "./.github/workflows/ci.yml"
    assert release["jobs"]["release"]["needs"] == "tests"
    assert "workflow_call" in parsed(ROOT / ".github" / "workflows" / "ci.yml")[True]


# Releases


def checkout(folder: Path, *, package: str = "1.2.3", heading: str = "1.2.3 (2026-12-01)") -> Path:
    """Make the files that a release is checked against, and return the script."""
    for name in (".ci", "src/curator"):
        (folder / name).mkdir(parents=True)
    shutil.copy(ROOT / ".ci" / "release-notes", folder / ".ci")
    (folder / "pyproject.toml").write_text('[project]\nversion = "1.2.3"\n', encoding="utf-8")
    (folder / "src" / "curator" / "__init__.py").write_text(f'__version__ = "{package}"\n', encoding="utf-8")
    text = f"# Changelog\n\n## {heading}\n\n- New.\n\n## 1.2.2 (2026-11-01)\n\n- Old.\n"
    (folder / "CHANGELOG.md").write_text(text, encoding="utf-8")
    return folder / ".ci" / "release-notes"


def test_the_notes_of_a_release_are_its_entry_in_the_changelog(tmp_path: Path) -> None:
    assert run(sys.executable, str(checkout(tmp_path)), "v1.2.3").stdout == "- New.\n\n"


@pytest.mark.parametrize(
    ("tag", "changes", "why"),
    [
        ("v1.2.4", {}, "The tag is v1.2.4, and pyproject.toml has version 1.2.3."),
        ("v1.2.3", {"package": "1.2.2"}, "src/curator/__init__.py another"),
        ("v1.2.3", {"heading": "Unreleased"}, "CHANGELOG.md has no entry"),
    ],
)
def test_a_release_that_does_not_agree_with_the_project_is_refused(
    tmp_path: Path, tag: str, changes: dict[str, str], why: str
) -> None:
    done = run(sys.executable, str(checkout(tmp_path, **changes)), tag)
    assert done.returncode == 1
    assert why in done.stderr


def test_the_present_version_has_one_number_and_an_entry() -> None:
    version = re.search(r'^version = "(.*)"$', (ROOT / "pyproject.toml").read_text(encoding="utf-8"), re.MULTILINE)
    assert version
    assert run(sys.executable, ".ci/release-notes", f"v{version[1]}").stdout.startswith("- ")


# Hooks


def test_the_hooks_are_valid_and_run_each_step_of_make_check() -> None:
    checked = run(str(BIN / "pre-commit"), "validate-config", str(HOOKS))
    assert checked.returncode == 0, checked.stdout
    dry = run("make", "--dry-run", "--old-file", ".venv/.installed", "check").stdout
    tools = set(re.findall(r"\.venv/bin/([a-z-]+(?: (?:check|format))?)", dry))
    assert tools == {"mypy", "ruff check", "ruff format", "lint-imports"}
    entries = " ".join(hook["entry"] for hook in hooks().values())
    assert all(f".venv/bin/{tool}" in entries for tool in tools)


@pytest.mark.parametrize("hook", ["ruff-check", "ruff-format"])
def test_a_hook_stops_a_commit_of_code_that_breaks_its_rule(
    hook: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("PRE_COMMIT_HOME", str(tmp_path / "cache"))
    for name in (".pre-commit-config.yaml", "pyproject.toml"):
        shutil.copy(ROOT / name, tmp_path)
    (tmp_path / ".venv").symlink_to(BIN.parent)
    for command in (["git", "init", "--quiet"], ["git", "add", ".pre-commit-config.yaml"]):
        assert run(*command, cwd=tmp_path).returncode == 0
    bad = tmp_path / "bad.py"
    for text, code in (("import os\nx = ( 1)\n", 1), ('"""Nothing."""\n', 0)):
        bad.write_text(text, encoding="utf-8")
        done = run(str(BIN / "pre-commit"), "run", hook, "--files", "bad.py", cwd=tmp_path)
        assert done.returncode == code, done.stdout + done.stderr


@pytest.mark.parametrize(
    ("message", "fault"),
    [
        ("publish: add JSON Feed\n\nFeed readers ask for it.\n", ""),
        ("docs, cli: name each setting\n\nWhy not.\n# a comment of git's\n", ""),
        ("Merge branch 'main'\n", ""),
        ("Add JSON Feed\n\nBecause.\n", 'must read "area: imperative"'),
        ("publish: add JSON Feed.\n\nBecause.\n", "without a full stop"),
        (f"publish: {'x' * 70}\n\nBecause.\n", "at most 72"),
        ("publish: add JSON Feed\nBecause.\n", "must be empty"),
        ("publish: add JSON Feed\n", "needs a body"),
        ("", 'must read "area: imperative"'),
    ],
)
def test_the_hook_for_messages_says_what_is_wrong(message: str, fault: str, tmp_path: Path) -> None:
    (tmp_path / "MESSAGE").write_text(message, encoding="utf-8")
    done = run(sys.executable, str(ROOT / hooks()["commit-message"]["entry"]), str(tmp_path / "MESSAGE"))
    assert (done.returncode == 0) == (not fault), done.stderr
    assert fault in done.stderr


# Containers


def test_compose_runs_the_image_as_the_docs_run_it_by_hand() -> None:
    page = (ROOT / "docs" / "how-to" / "containers.md").read_text(encoding="utf-8")
    (command,) = re.findall(r"^docker run .*$", page, re.MULTILINE)
    service = parsed(COMPOSE)["services"]["curator"]
    assert re.findall(r" -p (\S+)", command) == service["ports"]
    assert re.findall(r" -v (\S+)", command) == service["volumes"]
    assert set(re.findall(r" -e (\S+)", command)) < set(service["environment"])
    assert not any(service["environment"].values()), "a value belongs in the shell or in .env"
    assert all(f"`{name}`" in page for name in service["environment"])
    seconds = re.search(r"docker stop --time (\d+)", page)
    assert seconds
    assert service["stop_grace_period"] == f"{seconds[1]}s"


def test_the_image_gets_no_keys_no_history_and_no_environment() -> None:
    ignored = (ROOT / ".dockerignore").read_text(encoding="utf-8").splitlines()
    assert {".git", ".venv", "**/.env", "**/secrets.env"} <= set(ignored)


def test_no_file_for_a_service_names_a_package_registry() -> None:
    files = [*WORKFLOWS, COMPOSE, HOOKS, ROOT / "Dockerfile", *(ROOT / ".ci").iterdir()]
    for file in files:
        assert not re.search(r"index-url|https?://|find-links", file.read_text(encoding="utf-8")), file.name
