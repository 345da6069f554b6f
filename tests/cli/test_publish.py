"""`publish` and `export`: the list out, and nothing else touched."""

from __future__ import annotations

import csv
import io
import json
from pathlib import Path

import duckdb
import pytest

from curator.publish.formats.registry import EXPORT_FORMATS, format_names
from curator.workspace import Workspace
from tests.cli.conftest import Curator


@pytest.fixture
def accepted(demo: Workspace, curator: Curator) -> list[str]:
    """Texts of the two frames on the list."""
    ids = [item["id"] for item in curator("queue", "--json").json]
    curator("accept", ids[0], "--text", "Models wait before they generalise.")
    curator("accept", ids[1])
    return [row["text"] for row in curator("sql", "select text from frames order by number", "--json").json]


def test_publish_writes_the_list_and_a_second_time_changes_nothing(
    demo: Workspace, accepted: list[str], curator: Curator
) -> None:
    said = curator("publish")
    assert said.code == 0
    assert "2 frames" in said.out
    text = demo.list_file.read_text(encoding="utf-8")
    assert all(one in text.replace("\\", "") for one in accepted)
    assert "Nothing to change" in curator("publish").out
    assert demo.list_file.read_text(encoding="utf-8") == text
    assert curator("status", "--json").json["published"] == 2


def test_check_says_what_would_change_and_changes_nothing(
    demo: Workspace, accepted: list[str], curator: Curator
) -> None:
    said = curator("publish", "--check")
    assert said.code == 3
    assert "+" in said.out
    assert "Models wait before they generalise." in said.out
    assert not demo.list_file.exists()
    assert curator("status", "--json").json["published"] == 0
    curator("publish")
    same = curator("publish", "--check")
    assert same.code == 0
    assert "up to date with 2 frames" in same.out
    curator("undo")
    assert curator("publish", "--check").code == 3


def test_what_a_person_wrote_in_the_list_stays(demo: Workspace, accepted: list[str], curator: Curator) -> None:
    curator("publish")
    text = demo.list_file.read_text(encoding="utf-8")
    demo.list_file.write_text(f"My own words.\n\n{text}\nAnd mine here.\n", encoding="utf-8")
    curator("undo")
    assert curator("publish").code == 0
    after = demo.list_file.read_text(encoding="utf-8")
    assert after.startswith("My own words.\n")
    assert after.endswith("And mine here.\n")
    assert "1 frame." in curator("publish").out


def test_a_frame_reworded_in_the_list_itself_is_refused_and_then_adopted(
    demo: Workspace, accepted: list[str], curator: Curator
) -> None:
    curator("publish")
    before = demo.list_file.read_text(encoding="utf-8")
    edited = before.replace("Models wait before", "Networks \\*tarry\\* (a*b) before", 1)
    demo.list_file.write_text(edited, encoding="utf-8")
    refused = curator("publish")
    assert (refused.code, "--adopt" in refused.err) == (1, True)
    adopted = curator("publish", "--adopt")
    assert adopted.code == 0, adopted.err
    assert "Adopted F1:" in adopted.out
    new = "Networks *tarry* (a*b) before they generalise."
    assert [row["text"] for row in curator("sql", "select text from frames order by number", "--json").json] == [
        new, accepted[1],
    ]  # fmt: skip
    assert "Nothing to change" in curator("publish").out
    assert "No frame was reworded" in curator("publish", "--adopt").out
    curator("undo")
    assert curator("sql", "select text from frames order by number", "--json").json[0]["text"] == accepted[0]


def test_another_reviewers_frame_is_reworded_only_where_that_is_agreed_to(
    demo: Workspace, accepted: list[str], curator: Curator, monkeypatch: pytest.MonkeyPatch
) -> None:
    curator("publish")
    text = demo.list_file.read_text(encoding="utf-8")
    demo.list_file.write_text(text.replace("Models wait before", "Models always wait before", 1), encoding="utf-8")
    monkeypatch.setenv("CURATOR_REVIEWER", "Bo")
    refused = curator("publish", "--adopt")
    assert (refused.code, "Add --yes" in refused.err) == (1, True)
    assert "Support of your wording: " in refused.out
    assert curator("sql", "select reviewer from frames order by number", "--json").json[0]["reviewer"] != "Bo"
    agreed = curator("publish", "--adopt", "--yes")
    assert (agreed.code, "Adopted F1:" in agreed.out) == (0, True), agreed.err
    assert curator("sql", "select reviewer from frames order by number", "--json").json[0]["reviewer"] == "Bo"


def test_an_edit_that_is_no_rewording_is_adopted_by_nobody(
    demo: Workspace, accepted: list[str], curator: Curator
) -> None:
    curator("publish")
    before = demo.list_file.read_text(encoding="utf-8")
    for edit in (before.replace(" · F1", " · F7"), before.replace("— [", "— see [", 1), f"{before}{before}"):
        demo.list_file.write_text(edit.replace('- <a id="F2"></a>', "- "), encoding="utf-8")
        said = curator("publish", "--adopt")
        assert (said.code, "Adopted" in said.out) == (1, False)
        assert "Nothing was written" in said.err
        assert curator("sql", "select text from frames order by number", "--json").json[0]["text"] == accepted[0]


def test_what_changed_since_a_day_is_printed_to_be_pasted_and_nothing_is_written(
    demo: Workspace, accepted: list[str], curator: Curator
) -> None:
    said = curator("publish", "--since", "2020-01-01")
    assert said.code == 0
    assert said.out.startswith("**Added**\n\n- Models wait before they generalise. — [")
    assert said.out.count("\n- ") == 2
    assert "<a id" not in said.out
    assert not demo.list_file.exists()
    curator("publish")
    assert "_Nothing has changed._" in curator("publish", "--since", "2100-01-01").out
    assert curator("publish", "--since", "2020-01-01", "--check").code == 2


@pytest.mark.parametrize("format", format_names("text"))
def test_every_text_format_goes_to_stdout_or_a_file_alike(
    demo: Workspace, accepted: list[str], curator: Curator, tmp_path: Path, format: str
) -> None:
    said = curator("export", format)
    assert (said.code, said.err) == (0, "")
    file = tmp_path / f"list.{format}"
    to_file = curator("export", format, "-o", str(file))
    assert (to_file.code, to_file.out) == (0, "")
    assert "Wrote 2 frames" in to_file.err
    assert file.read_bytes().decode() == said.out


def test_an_export_may_be_of_one_topic_one_kind_and_since_a_day(
    demo: Workspace, accepted: list[str], curator: Curator
) -> None:
    def texts(*options: str) -> list[str]:
        return [frame["text"] for frame in json.loads(curator("export", "json", *options).out)["frames"]]

    frames = json.loads(curator("export", "json").out)["frames"]
    for frame in frames:
        assert texts("--topic", frame["topics"][0]) == [
            one["text"] for one in frames if frame["topics"][0] in one["topics"]
        ]
        assert texts("--kind", frame["kind"]) == [one["text"] for one in frames if one["kind"] == frame["kind"]]
    today = frames[0]["accepted"][:10]
    assert texts("--since", today) == accepted
    assert texts("--since", "2100-01-01") == []
    said = curator("export", "json", "--topic", "grokin")
    assert (said.code, "grokking" in said.err) == (2, True)


def test_a_folder_of_notes_is_written_where_it_is_asked_for_and_leaves_ones_own_notes_alone(
    demo: Workspace, accepted: list[str], curator: Curator, tmp_path: Path
) -> None:
    vault = tmp_path / "vault"
    vault.mkdir()
    (vault / "My note.md").write_text("mine")
    assert curator("export", "obsidian", "-o", str(vault)).code == 0
    assert curator("export", "obsidian", "-o", str(vault)).code == 0
    assert (vault / "My note.md").read_text() == "mine"
    assert sorted(file.name for file in (vault / "Frames").iterdir()) == ["F1.md", "F2.md"]
    assert curator("export", "obsidian").code == 2
    assert curator("export", "obsidian", "-o", str(vault / "List.md")).code == 1
    assert curator("export", "json", "-o", str(vault)).code == 1


def test_exports_hold_the_frames(demo: Workspace, accepted: list[str], curator: Curator, tmp_path: Path) -> None:
    assert [frame["text"] for frame in json.loads(curator("export", "json").out)["frames"]] == accepted
    assert [row["text"] for row in csv.DictReader(io.StringIO(curator("export", "csv").out))] == accepted
    assert curator("export", "bibtex").out.count("@") >= 2
    file = tmp_path / "list.parquet"
    assert curator("export", "parquet", "-o", str(file)).code == 0
    with duckdb.connect() as connection:
        found = connection.execute("select text from read_parquet($file)", {"file": str(file)}).fetchall()
    assert [text for (text,) in found] == accepted


def test_parquet_wants_a_file_and_an_unknown_format_names_the_known_ones(demo: Workspace, curator: Curator) -> None:
    assert curator("export", "parquet").code == 2
    said = curator("export", "docx")
    assert said.code == 2
    assert all(one in said.err for one in EXPORT_FORMATS)


@pytest.mark.parametrize("format", ["json", "parquet"])
def test_an_export_into_a_folder_that_is_not_there_is_told(
    demo: Workspace, curator: Curator, tmp_path: Path, format: str
) -> None:
    said = curator("export", format, "-o", str(tmp_path / "nowhere" / "file"))
    assert said.code == 1
    assert "nowhere" in said.err
