"""Publishing writes what the warehouse holds, once, between the markers, and puts it on record."""

from __future__ import annotations

import csv
import io
import json
import re
import shutil
from datetime import timedelta
from pathlib import Path

import duckdb
import pytest

from curator.errors import PublishError
from curator.publish.formats.registry import format_names
from curator.publish.publisher import export, publish
from curator.review.decisions import Reviewer
from curator.warehouse import Warehouse, ad_hoc, candidates
from curator.warehouse.frames import load_frames
from curator.warehouse.rows import utc_now
from curator.workspace import Workspace
from tests.warehouse.things import candidate, paper, quote, stock

ODD = 'Models \\alpha "copy", <b>; =1+1 🙂'


@pytest.fixture
def warehouse(workspace: Workspace) -> Warehouse:
    made = Warehouse(workspace.warehouse_file)
    stock(
        made,
        candidate("aa11", text=ODD, quotes=(quote("A “quote”, with\u00a0a comma."), quote("Another.", 4))),
        candidate("bb22", paper(2), question="Why?"),
        candidate("cc33", paper(2), kind="representational", topics=()),
        papers=[paper(), paper(2)],
    )
    return made


@pytest.fixture
def desk(warehouse: Warehouse) -> Reviewer:
    return Reviewer(warehouse, "Ada")


def publications(warehouse: Warehouse) -> int:
    return len(warehouse.read(ad_hoc.run_query, "from publications").rows)


def days_pass(warehouse: Warehouse, days: int) -> None:
    """What is on record happened so many days earlier."""
    warehouse.write(lambda c: c.execute(f"update record.publications set added = added - interval {days} day"))


def exported(workspace: Workspace, warehouse: Warehouse, format: str) -> str:
    stream = io.BytesIO()
    export(warehouse, workspace.settings, format, stream)
    return stream.getvalue().decode()


def everything(workspace: Workspace, warehouse: Warehouse) -> dict[str, str]:
    """All that a reader sees: the list, every export of one file, the site and the vault; by file."""
    formats = set(format_names("text")) - {"md", "atom"}
    told = {format: exported(workspace, warehouse, format) for format in formats}
    told["list.md"] = exported(workspace, warehouse, "md")
    for format in format_names("folder"):
        folder = workspace.root / f"out-{format}"
        shutil.rmtree(folder, ignore_errors=True)
        export(warehouse, workspace.settings, format, folder)
        files = (file for file in folder.rglob("*") if file.is_file() and file.suffix in (".html", ".js", ".md"))
        told |= {file.relative_to(folder).as_posix(): file.read_text(encoding="utf-8") for file in files}
    return told


class TestPublishing:
    def test_what_was_accepted_stands_in_the_list(self, workspace: Workspace, desk: Reviewer) -> None:
        desk.accept("aa11", "Induction heads copy.")
        desk.accept("cc33")
        published = publish(workspace)
        text = workspace.list_file.read_text(encoding="utf-8")
        assert published.frames == 2
        assert "Induction heads copy." in text
        assert text.index("Representational frames") < text.index("says cc33") < text.index("Functional frames")
        assert "bb22" not in text
        assert f"https://arxiv.org/abs/{paper().versioned_id}" in text
        assert "## Changelog" in text

    def test_check_says_what_would_change_and_changes_nothing(
        self, workspace: Workspace, warehouse: Warehouse, desk: Reviewer
    ) -> None:
        desk.accept("aa11", "First.")
        assert "+" in publish(workspace, check=True).diff
        assert not workspace.list_file.exists()
        publish(workspace)
        desk.accept("aa11", "Second.")
        warehouse.close()
        before = workspace.list_file.read_bytes(), workspace.warehouse_file.read_bytes(), publications(warehouse)
        diff = publish(workspace, check=True).diff
        assert "First." in diff
        assert "Second." in diff
        after = workspace.list_file.read_bytes(), workspace.warehouse_file.read_bytes(), publications(warehouse)
        assert after == before
        publish(workspace)
        assert "Second." in workspace.list_file.read_text(encoding="utf-8")

    def test_publishing_twice_writes_once(self, workspace: Workspace, warehouse: Warehouse, desk: Reviewer) -> None:
        desk.accept("aa11")
        assert publish(workspace).diff
        written = workspace.list_file.stat()
        again = publish(workspace)
        assert again.diff == publish(workspace, check=True).diff == ""
        now_there = workspace.list_file.stat()
        assert (now_there.st_mtime_ns, now_there.st_ino) == (written.st_mtime_ns, written.st_ino)
        assert publications(warehouse) == 1

    def test_an_empty_list_can_be_published(self, workspace: Workspace, warehouse: Warehouse) -> None:
        assert publish(workspace).frames == 0
        assert "_No frames yet._" in workspace.list_file.read_text(encoding="utf-8")

    def test_the_changelog_tells_what_was_added_reworded_and_retired(
        self, workspace: Workspace, warehouse: Warehouse, desk: Reviewer
    ) -> None:
        desk.accept("aa11", "First wording.")
        desk.accept("bb22", "It stays.")
        publish(workspace)
        days_pass(warehouse, 1)
        desk.accept("aa11", "Second wording.")
        publish(workspace)
        days_pass(warehouse, 1)
        desk.reject("F2", "no longer true")
        desk.accept("cc33", "New.")
        publish(workspace)
        log = workspace.list_file.read_text(encoding="utf-8").split("## Changelog")[1]
        today = utc_now().date()
        days = [f"### {today - timedelta(days=ago)}" for ago in (0, 1, 2)]
        parts = [log.index(day) for day in days]
        assert parts == sorted(parts)
        newest, middle, oldest = log[parts[0] : parts[1]], log[parts[1] : parts[2]], log[parts[2] :]
        assert "Added [F3](#F3): New." in newest
        assert "Retired F2: It stays." in newest
        assert "Reworded [F1](#F1): Second wording." in middle
        assert "Added [F1](#F1): First wording." in oldest
        assert "Added F2: It stays." in oldest
        assert publish(workspace, check=True).diff == ""

    def test_several_publications_of_a_day_are_told_as_one(
        self, workspace: Workspace, warehouse: Warehouse, desk: Reviewer
    ) -> None:
        for text in ("One.", "Two.", "Three."):
            desk.accept("aa11", text)
            publish(workspace)
        log = workspace.list_file.read_text(encoding="utf-8").split("## Changelog")[1]
        assert log.count("F1](#F1)") == 1
        assert "Added [F1](#F1): Three." in log
        assert publications(warehouse) == 3

    def test_an_acceptance_that_was_undone_before_any_publication_leaves_no_trace(
        self, workspace: Workspace, warehouse: Warehouse, desk: Reviewer
    ) -> None:
        bo = Reviewer(warehouse, "Bo")
        never = everything(workspace, warehouse)
        desk.accept("aa11", "Unseen.")
        desk.undo()
        assert everything(workspace, warehouse) == never
        desk.reject("aa11", "a private reason")
        assert everything(workspace, warehouse) == never
        desk.accept("bb22", "Seen.")  # F2: no id is given twice
        publish(workspace)
        days_pass(warehouse, 1)
        bo.accept("cc33", "Unseen, too.")
        desk.retire("F2", "outdated", "F3")
        bo.undo()
        publish(workspace)
        (gone,) = json.loads(exported(workspace, warehouse, "json"))["retired"]
        assert (gone["id"], gone["reason"], gone["superseded_by"]) == ("F2", "outdated", None)
        told = everything(workspace, warehouse)
        assert "Retired F2: Seen." in told["list.md"]
        assert "frames/F2.html" in told
        for trace in ("F1", "F3", "Unseen", "private"):
            assert not [name for name, text in told.items() if re.search(rf"\b{trace}\b", name + text)]

    @pytest.mark.parametrize("how", ["undo", "retire"])
    def test_what_was_published_once_keeps_its_place_when_it_leaves(
        self, workspace: Workspace, warehouse: Warehouse, desk: Reviewer, how: str
    ) -> None:
        desk.accept("aa11", "Seen.")
        publish(workspace)
        desk.undo() if how == "undo" else desk.retire("F1", "outdated")
        (gone,) = json.loads(exported(workspace, warehouse, "json"))["retired"]
        assert (gone["id"], gone["reason"]) == ("F1", None if how == "undo" else "outdated")
        assert gone["text"] == "Seen.", "the words that were published, not the draft's"
        told = everything(workspace, warehouse)
        assert "Seen." in told["frames/F1.html"]
        (draft,) = warehouse.read(candidates.load_candidates_by_id, ["aa11"])
        assert not [name for name, text in told.items() if draft.draft_text in text]

    def test_a_frame_that_was_never_published_is_remembered_in_the_accepted_words(
        self, workspace: Workspace, warehouse: Warehouse, desk: Reviewer
    ) -> None:
        desk.accept("aa11", "Accepted.")
        desk.retire("F1", "outdated")
        (gone,) = json.loads(exported(workspace, warehouse, "json"))["retired"]
        assert gone["text"] == "Accepted."

    def test_text_that_a_person_wrote_stays_untouched(self, workspace: Workspace, desk: Reviewer) -> None:
        desk.accept("aa11", "First.")
        publish(workspace)
        text = workspace.list_file.read_text(encoding="utf-8")
        own = "My own words —\r\n  with odd blanks  \n\n" + text.replace("## Changelog", "Mine, too.\n\n## Changelog")
        workspace.list_file.write_bytes((own + "\nAnd an end.").encode())
        desk.accept("aa11", "Second.")
        publish(workspace)
        expected = workspace.list_file.read_bytes().decode()
        assert expected.startswith("My own words —\r\n  with odd blanks  \n\n")
        assert "Mine, too.\n\n## Changelog" in expected
        assert expected.endswith("\nAnd an end.")
        assert "Second." in expected

    def test_a_hand_edit_between_the_markers_stops_publishing_and_nothing_is_recorded(
        self, workspace: Workspace, warehouse: Warehouse, desk: Reviewer
    ) -> None:
        desk.accept("aa11", "First.")
        publish(workspace)
        edited = workspace.list_file.read_text(encoding="utf-8").replace("First.", "My first.")
        workspace.list_file.write_text(edited, encoding="utf-8")
        desk.accept("aa11", "Second.")
        with pytest.raises(PublishError, match="edited by hand"):
            publish(workspace)
        assert workspace.list_file.read_text(encoding="utf-8") == edited
        assert publications(warehouse) == 1

    def test_a_list_that_was_deleted_is_written_anew(
        self, workspace: Workspace, warehouse: Warehouse, desk: Reviewer
    ) -> None:
        desk.accept("aa11")
        publish(workspace)
        before = workspace.list_file.read_bytes()
        workspace.list_file.unlink()
        assert publish(workspace).diff
        assert workspace.list_file.read_bytes() == before
        assert publications(warehouse) == 1

    def test_a_list_that_cannot_be_written_is_not_put_on_record(
        self, workspace: Workspace, warehouse: Warehouse, desk: Reviewer
    ) -> None:
        desk.accept("aa11")
        workspace.list_file.mkdir()
        with pytest.raises(PublishError):
            publish(workspace)
        assert publications(warehouse) == 0


class TestExports:
    @pytest.fixture(autouse=True)
    def accepted(self, desk: Reviewer) -> None:
        desk.accept("aa11")
        desk.accept("bb22", "Reworded.")
        desk.merge("cc33", "F1")

    def test_parquet_reads_back_equal(self, workspace: Workspace, warehouse: Warehouse, tmp_path: Path) -> None:
        file = tmp_path / "it's a list.parquet"
        assert export(warehouse, workspace.settings, "parquet", file) == 2
        frames = warehouse.read(load_frames)
        with duckdb.connect() as connection:
            found = connection.execute("select * from read_parquet($file)", {"file": str(file)})
            columns = [column[0] for column in found.description or ()]
            rows = [dict(zip(columns, row, strict=True)) for row in found.fetchall()]
        assert [row["text"] for row in rows] == [ODD, "Reworded."]
        for row, frame in zip(rows, frames, strict=True):
            assert (row["id"], row["draft_text"], row["question"]) == (frame.id, frame.draft_text, frame.question)
            assert row["topics"] == list(frame.topics)
            assert row["authors"] == list(frame.paper.authors)
            assert (row["accepted"], row["published"]) == (frame.accepted, frame.paper.published)
            assert [one["text"] for one in json.loads(row["quotes"])] == [one.text for one in frame.quotes]
        assert rows[0]["sources"] == [paper().versioned_id, paper(2).versioned_id]
        assert [path.name for path in tmp_path.iterdir() if path.is_file()] == [file.name]

    def test_an_empty_parquet_file_has_all_columns(
        self, workspace: Workspace, warehouse: Warehouse, desk: Reviewer, tmp_path: Path
    ) -> None:
        for _ in range(3):
            desk.undo()
        assert export(warehouse, workspace.settings, "parquet", tmp_path / "x.parquet") == 0
        with duckdb.connect() as connection:
            found = connection.execute("select * from read_parquet($file)", {"file": str(tmp_path / "x.parquet")})
            assert "candidate" in [column[0] for column in found.description or ()]

    def test_a_parquet_file_that_cannot_be_written_is_told_and_leaves_nothing(
        self, workspace: Workspace, warehouse: Warehouse, tmp_path: Path
    ) -> None:
        with pytest.raises(PublishError, match="cannot be written"):
            export(warehouse, workspace.settings, "parquet", tmp_path / "no such folder" / "x.parquet")
        (tmp_path / "x.parquet").mkdir()
        with pytest.raises(PublishError, match="cannot be written"):
            export(warehouse, workspace.settings, "parquet", tmp_path / "x.parquet")
        assert not list(tmp_path.glob("**/.*"))

    def test_csv_and_json_read_back_equal(self, workspace: Workspace, warehouse: Warehouse) -> None:
        frames = warehouse.read(load_frames)
        out = {}
        for format in ("csv", "json"):
            stream = io.BytesIO()
            assert export(warehouse, workspace.settings, format, stream) == 2
            out[format] = stream.getvalue().decode()
        in_csv = list(csv.DictReader(io.StringIO(out["csv"], newline="")))
        in_json = json.loads(out["json"])["frames"]
        for frame, row, entry in zip(frames, in_csv, in_json, strict=True):
            assert row["text"] == entry["text"] == frame.text
            assert json.loads(row["quotes"]) == entry["quotes"]
            assert [one["text"] for one in entry["quotes"]] == [one.text for one in frame.quotes]
            assert row["accepted"] == entry["accepted"] == f"{frame.accepted:%Y-%m-%dT%H:%M:%SZ}"

    def test_markdown_is_the_list_as_publishing_lays_it_out(self, workspace: Workspace, warehouse: Warehouse) -> None:
        publish(workspace)
        stream = io.BytesIO()
        export(warehouse, workspace.settings, "md", stream)
        assert stream.getvalue() == workspace.list_file.read_bytes()

    def test_an_unknown_format_is_refused(self, workspace: Workspace, warehouse: Warehouse) -> None:
        with pytest.raises(PublishError, match="docx"):
            export(warehouse, workspace.settings, "docx", io.BytesIO())
