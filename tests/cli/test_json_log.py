"""`--log-json` and `--log-file`: one line an event, the run in each, strangers' text escaped, no endless file."""

from __future__ import annotations

import json
from pathlib import Path

from curator.cli.json_log import MAX_LOG_BYTES, MAX_OLD_LOGS
from curator.demo.server import Response
from curator.workspace import Workspace
from tests.cli.conftest import Curator
from tests.helpers.arxiv_faults import FaultyArxiv, on_pdf, on_topic


def test_every_line_is_an_event_of_the_run(list_: Workspace, curator: Curator) -> None:
    said = curator("--log-json", "ingest", "--json")
    assert said.code == 0
    events = [json.loads(line) for line in said.err.splitlines()]
    assert {one["run"] for one in events} == {said.json["id"]}
    assert [events[0]["event"], events[-1]["event"]] == ["started", "ended"]
    assert events[-1]["outcome"] == "done"
    assert {"stage", "progress"} <= {one["event"] for one in events}
    assert all(one["time"].endswith("+00:00") for one in events)


def test_strangers_text_is_escaped(list_: Workspace, arxiv: FaultyArxiv, curator: Curator) -> None:
    page = "<b>\x1b]0;owned\x07\u202e evil\u2028line".encode()
    arxiv.faults = [
        on_pdf("2611.00001", Response(200, page, {"Content-Type": "text/html"})),
        on_topic("refusal", Response(200, page, {"Content-Type": "text/html"})),
    ]
    said = curator("--log-json", "ingest")
    assert said.code == 3
    assert "evil" in said.err
    assert said.err.isascii()
    for line in said.err.splitlines():
        assert json.loads(line)["run"]
        assert line.isprintable()


def test_a_command_that_cannot_run_says_so_in_json_too(list_: Workspace, curator: Curator) -> None:
    (list_.root / "curator.toml").write_text("topics = 7", encoding="utf-8")
    said = curator("--log-json", "ingest")
    assert said.code == 1
    (line,) = said.err.splitlines()
    assert "topics" in json.loads(line)["message"]


def test_a_file_is_appended_to_and_moved_aside_when_it_has_grown(
    list_: Workspace, curator: Curator, tmp_path: Path
) -> None:
    file = tmp_path / "logs" / "curator.log"
    assert curator("--log-file", str(file), "ingest").code == 0
    once = file.read_text(encoding="utf-8")
    curator("--log-file", str(file), "ingest")
    assert file.read_text(encoding="utf-8").startswith(once)
    for number in range(MAX_OLD_LOGS + 2):
        file.write_text("x" * MAX_LOG_BYTES + f"{number}", encoding="utf-8")
        curator("--log-file", str(file), "ingest")
        assert file.stat().st_size < MAX_LOG_BYTES
    kept = sorted(one.name for one in file.parent.iterdir())
    assert kept == ["curator.log", *(f"curator.log.{number}" for number in range(1, MAX_OLD_LOGS + 1))]
    assert file.with_name("curator.log.1").read_text(encoding="utf-8").endswith(f"{MAX_OLD_LOGS + 1}")


def test_a_file_that_cannot_be_written_stops_before_anything_is_asked(
    list_: Workspace, arxiv: FaultyArxiv, curator: Curator, tmp_path: Path
) -> None:
    said = curator("--log-file", str(tmp_path), "ingest")
    assert said.code != 0
    assert not arxiv.log
