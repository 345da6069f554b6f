"""`import`, as a person types it: shown first, written once, and the same list after a round through publishing."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from curator.list_import.parser import ParsedList, parse_list
from curator.workspace import Workspace
from tests.cli.conftest import Curator
from tests.helpers.arxiv_faults import BUSY, FaultyArxiv

SEED = Path(__file__).parents[3] / "shared" / "data" / "seed-list.md"

POST = """\
# Known things

Read on.

## Things we want to understand
- grokking
- Copying (in general)

## Representational frames
### Open questions
- Is it linear?
### Frames
- Grokking is visible in the weights. [source](https://arxiv.org/abs/2611.00001)
#### Heads
- A few heads copy. ([one](https://blog.example/a), [two](https://doi.org/10.1000/182))

## Functional frames
- Models know what they know.
- (TODO: read about refusal)

## Changelog
- 2 Jan: Initial post
"""


@pytest.fixture
def post(tmp_path: Path) -> Path:
    file = tmp_path / "old list.md"
    file.write_text(POST, encoding="utf-8")
    return file


def frames(curator: Curator) -> list[dict[str, object]]:
    exported = json.loads(curator("export", "json").out)["frames"]
    assert isinstance(exported, list)
    return exported


def said_by(post: ParsedList, *whats: str) -> list[tuple[object, ...]]:
    return sorted((one.what, one.kind or "", one.text) for one in post.entries if one.what in whats)


def test_what_was_understood_is_shown_and_nothing_written_where_it_is_only_checked(
    list_: Workspace, curator: Curator, post: Path, arxiv: FaultyArxiv
) -> None:
    list_.warehouse_file.unlink()
    said = curator("import", str(post), "--check")
    assert said.code == 0, said.err
    counts = ("2 topics", "3 frames", "1 open question", "1 to-do", "1 change", "Skipped 2 paragraphs:")
    shown = ("[representational · Heads] A few heads copy.", "https://blog.example/a", "source wanted")
    for line in (*counts, *shown):
        assert line in said.out
    assert arxiv.log == []
    assert not list_.warehouse_file.exists()
    told = curator("import", str(post), "--check", "--json").json
    assert [one["what"] for one in told["entries"]].count("frame") == 3
    assert told["passed_over"] == ["Known things", "Read on."]


def test_an_old_list_becomes_the_list(list_: Workspace, curator: Curator, post: Path, arxiv: FaultyArxiv) -> None:
    said = curator("import", str(post), "--yes")
    assert said.code == 0, said.err
    assert "Imported 3 frames and 4 other entries." in said.out
    assert "1 frame lacks a source" in said.out
    assert 'name = "Copying (in general)"' in said.out
    assert [(one["text"], one["sources"], one["section"]) for one in frames(curator)] == [
        ("Grokking is visible in the weights.", ["2611.00001v1"], None),
        ("A few heads copy.", [frames(curator)[1]["sources"][0], "doi:10.1000/182v1"], "Heads"),  # type: ignore[index]
        ("Models know what they know.", [], None),
    ]
    assert frames(curator)[0]["title"] == "On grokking in language models, part 1"
    assert arxiv.asked("/api/query") == ["2611.00001"]
    assert arxiv.asked("/pdf/") == []


def test_nothing_is_imported_twice_also_from_the_list_that_came_of_it(
    list_: Workspace, curator: Curator, post: Path, arxiv: FaultyArxiv
) -> None:
    curator("import", str(post), "--yes")
    curator("publish")
    published = list_.list_file.read_text(encoding="utf-8")
    for file in (post, list_.list_file):
        said = curator("import", str(file), "--yes")
        assert "The list has all of this already" in said.out, said.out
    curator("publish")
    assert list_.list_file.read_text(encoding="utf-8") == published
    assert curator("publish", "--check").code == 0
    for what in ("topic", "frame", "question", "todo"):
        assert set(said_by(parse_list(POST), what)) <= set(said_by(parse_list(published), what))
    assert len(arxiv.log) == 1


def test_the_real_list_goes_round(tmp_path: Path, list_: Workspace, curator: Curator) -> None:
    if not SEED.exists():
        pytest.skip("the real list is not here")
    assert curator("import", str(SEED), "--yes").code == 0
    curator("publish")
    published = list_.list_file.read_text(encoding="utf-8")
    for what in ("frame", "question", "todo"):
        assert said_by(parse_list(published), what) == said_by(parse_list(SEED.read_text(encoding="utf-8")), what)
    assert {one[2] for one in said_by(parse_list(SEED.read_text(encoding="utf-8")), "topic")} <= {
        one[2] for one in said_by(parse_list(published), "topic")
    } | {"Refusal"}
    assert "The list has all of this already" in curator("import", str(list_.list_file), "--yes").out
    curator("publish")
    assert list_.list_file.read_text(encoding="utf-8") == published


def test_another_workspace_takes_the_published_list_whole(
    list_: Workspace, curator: Curator, post: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    curator("import", str(post), "--yes")
    curator("publish")
    published = list_.list_file.read_text(encoding="utf-8")
    monkeypatch.setenv("CURATOR_WORKSPACE", str(tmp_path / "other"))
    curator("init", str(tmp_path / "other"))
    copy = tmp_path / "published.md"
    copy.write_text(published, encoding="utf-8")
    assert curator("import", str(copy), "--yes", "--offline").code == 0
    curator("publish")
    again = (tmp_path / "other" / "list.md").read_text(encoding="utf-8")
    for what in ("frame", "question", "todo"):
        assert said_by(parse_list(again), what) == said_by(parse_list(published), what)


def test_where_arxiv_does_not_answer_frames_keep_their_links(
    list_: Workspace, curator: Curator, post: Path, arxiv: FaultyArxiv
) -> None:
    said = curator("import", str(post), "--yes", "--offline")
    assert said.code == 0
    assert (frames(curator)[0]["url"], frames(curator)[0]["title"]) == (
        "https://arxiv.org/abs/2611.00001", "arXiv:2611.00001",
    )  # fmt: skip
    assert arxiv.log == []


def test_an_import_is_taken_back_and_can_be_done_again(list_: Workspace, curator: Curator, post: Path) -> None:
    def whole() -> str:
        curator("publish")
        return list_.list_file.read_text(encoding="utf-8")

    curator("todo", "Begin.")
    empty = whole()
    curator("import", str(post), "--yes")
    refused = curator("undo")
    assert refused.code == 1
    assert all(
        part in refused.err
        for part in (
            "the import of old list.md: 4 decisions and 4 other entries",
            "A few heads copy.",
            "Q1 Is it linear?",
            "--yes",
        )
    )
    assert len(frames(curator)) == 3
    assert "Undid: import of 4 candidates and 4 other entries" in curator("undo", "--yes").out
    assert (frames(curator), whole()) == ([], empty)
    assert json.loads(curator("export", "json").out)["retired"] == []
    assert "Redid: import of 4 candidates and 4 other entries" in curator("redo").out
    listed, published = frames(curator), whole()
    curator("undo", "--yes")
    assert "Imported 3 frames and 4 other entries" in curator("import", str(post), "--yes").out
    assert [one["sources"] for one in frames(curator)] == [one["sources"] for one in listed]
    assert [one["id"] for one in frames(curator)] == ["F1", "F2", "F3"]
    assert whole() == published


def test_a_frame_reworded_since_is_known_by_its_old_words(list_: Workspace, curator: Curator, post: Path) -> None:
    curator("import", str(post), "--yes")
    curator("accept", "F3", "--text", "Models are calibrated.")
    assert "The list has all of this already" in curator("import", str(post), "--yes").out


def test_frames_under_no_kind_are_of_the_kind_that_is_named(list_: Workspace, curator: Curator, tmp_path: Path) -> None:
    (tmp_path / "a.txt").write_text("- Models copy.\n- Attention heads copy.\n", encoding="utf-8")
    curator("import", str(tmp_path / "a.txt"), "--yes")
    assert [one["kind"] for one in frames(curator)] == ["functional", "representational"]
    (tmp_path / "b.txt").write_text("- Models wait.\n", encoding="utf-8")
    curator("import", str(tmp_path / "b.txt"), "--yes", "--kind", "representational")
    assert frames(curator)[2]["kind"] == "representational"


def test_a_file_that_cannot_be_read_is_told_and_nothing_is_written(
    list_: Workspace, curator: Curator, tmp_path: Path
) -> None:
    (tmp_path / "latin.md").write_bytes(b"- caf\xe9 models copy a lot\n")
    assert "not UTF-8" in curator("import", str(tmp_path / "latin.md"), "--yes").err
    (tmp_path / "large.md").write_text("- x\n" * 1_300_000)
    assert "larger than 5 MB" in curator("import", str(tmp_path / "large.md"), "--yes").err
    (tmp_path / "long.md").write_text("- " + "word " * 300)
    said = curator("import", str(tmp_path / "long.md"), "--yes")
    assert (said.code, "1 to 1000 characters" in said.err) == (1, True)
    assert curator("import", str(tmp_path / "none.md")).code == 2


def test_a_busy_arxiv_is_waited_for(list_: Workspace, curator: Curator, post: Path, arxiv: FaultyArxiv) -> None:
    arxiv.faults.append(lambda _: BUSY if len(arxiv.log) == 1 else None)
    assert curator("import", str(post), "--yes").code == 0
    assert frames(curator)[0]["sources"] == ["2611.00001v1"]
