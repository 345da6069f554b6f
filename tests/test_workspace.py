"""A workspace is found from within, or by its variable, and laying one out never overwrites."""

from __future__ import annotations

from pathlib import Path

import pytest

from curator.errors import SettingsError
from curator.settings import ArxivSettings
from curator.workspace import Workspace, create_files, find_workspace


def test_a_workspace_is_found_upwards(workspace: Workspace) -> None:
    deep = workspace.root / "notes" / "2026"
    deep.mkdir(parents=True)
    assert find_workspace(deep).root == workspace.root


def test_the_nearest_workspace_wins(workspace: Workspace) -> None:
    inner = workspace.root / "inner"
    list(create_files(inner))
    assert find_workspace(inner / "prompts").root == inner


def test_the_variable_goes_before_the_folder(
    workspace: Workspace, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    other = tmp_path / "other"
    list(create_files(other))
    monkeypatch.setenv("CURATOR_WORKSPACE", str(other))
    assert find_workspace(workspace.root).root == other


def test_a_variable_that_names_no_workspace_is_an_error_and_not_passed_over(
    workspace: Workspace, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("CURATOR_WORKSPACE", str(tmp_path / "nothing"))
    with pytest.raises(SettingsError, match=r"CURATOR_WORKSPACE names .*nothing"):
        find_workspace(workspace.root)


def test_no_workspace_anywhere_says_what_makes_one(tmp_path: Path) -> None:
    with pytest.raises(SettingsError, match="curator init"):
        find_workspace(tmp_path)


def test_laying_out_gives_settings_prompts_and_folders(tmp_path: Path) -> None:
    written = {str(path.relative_to(tmp_path)) for path in create_files(tmp_path)}
    assert written == {"curator.toml", "prompts/draft.md", "prompts/screen.md", "prompts/support.md"}
    assert (tmp_path / "warehouse" / "queries").is_dir()
    assert len(Workspace(tmp_path).settings.topics) == 7


def test_laying_out_leaves_what_is_there_as_it_is(workspace: Workspace) -> None:
    own = workspace.root / "prompts" / "draft.md"
    own.write_text("mine")
    (workspace.root / "prompts" / "screen.md").unlink()
    assert list(create_files(workspace.root)) == [workspace.root / "prompts" / "screen.md"]
    assert own.read_text() == "mine"


def test_own_prompts_and_queries_stand_before_those_that_come_with_curator(workspace: Workspace) -> None:
    (workspace.root / "warehouse" / "queries" / "list.sql").write_text("select 1")
    (workspace.root / "warehouse" / "queries" / "mine.sql").write_text("select 2")
    (workspace.root / "prompts" / "screen.md").unlink()
    queries = workspace.query_files()
    assert queries["list"].is_relative_to(workspace.root)
    assert {"mine", "waiting"} <= queries.keys()
    assert not queries["waiting"].is_relative_to(workspace.root)
    assert workspace.prompt_file("draft").is_relative_to(workspace.root)
    assert not workspace.prompt_file("screen").is_relative_to(workspace.root)


def test_an_arxiv_of_ones_own_stands_in_for_the_settings(workspace: Workspace) -> None:
    arxiv = ArxivSettings(url="http://127.0.0.1:1", interval=0)
    assert Workspace(workspace.root, arxiv).settings.arxiv == arxiv
