"""Serving a folder of PDFs from a catalogue of JSON lines."""

from __future__ import annotations

import json
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest
import requests

from curator.demo.samples import load_catalogue
from curator.errors import CuratorError

ENTRY: dict[str, Any] = {
    "id": "2601.00001",
    "version": 2,
    "title": "A title",
    "abstract": "An abstract.",
    "authors": ["Zoë Lindqvist"],
    "categories": ["cs.CL"],
    "published": "2026-01-01T10:00:00Z",
    "updated": "2026-01-02T10:00:00",
    "file": "one.pdf",
}


def write_catalogue(folder: Path, *entries: object) -> Path:
    path = folder / "catalogue.jsonl"
    path.write_text("\n\n".join(json.dumps(entry) for entry in entries) + "\n", encoding="utf-8")
    return path


def test_a_catalogue_lists_papers_and_their_files(tmp_path: Path) -> None:
    path = write_catalogue(tmp_path, ENTRY, {**ENTRY, "id": "2601.00002", "file": None, "doi": "10.5555/x"})
    first, second = load_catalogue(path, tmp_path)
    assert (first.paper.versioned_id, first.pdf) == ("2601.00001v2", tmp_path / "one.pdf")
    assert first.paper.authors == ("Zoë Lindqvist",)
    assert (second.pdf, second.paper.doi) == (None, "10.5555/x")
    assert second.paper.updated.isoformat() == "2026-01-02T10:00:00+00:00"


@pytest.mark.parametrize(
    "entry",
    [
        {**ENTRY, "file": "../one.pdf"},
        {**ENTRY, "file": "/etc/passwd"},
        {**ENTRY, "file": ".."},
        {**ENTRY, "published": "yesterday"},
        {**ENTRY, "version": "two"},
        {**ENTRY, "file": 3},
        {key: value for key, value in ENTRY.items() if key != "title"},
        [ENTRY],
        7,
    ],
)
def test_an_invalid_line_is_reported_with_its_number(tmp_path: Path, entry: object) -> None:
    with pytest.raises(CuratorError, match=r"^Line 3 of .*catalogue\.jsonl"):
        load_catalogue(write_catalogue(tmp_path, ENTRY, entry), tmp_path)


def test_an_unreadable_catalogue_is_reported_with_its_path(tmp_path: Path) -> None:
    with pytest.raises(CuratorError, match=r"nowhere\.jsonl cannot be read"):
        load_catalogue(tmp_path / "nowhere.jsonl", tmp_path)


def test_the_module_serves_a_folder_and_prints_its_address(tmp_path: Path) -> None:
    (tmp_path / "one.pdf").write_bytes(b"%PDF-1.7 one")
    command = [sys.executable, "-m", "curator.demo.server", str(write_catalogue(tmp_path, ENTRY)), str(tmp_path)]
    with subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True) as process:
        assert process.stdout is not None
        url = process.stdout.readline().strip()
        answer = requests.get(f"{url}/pdf/2601.00001", timeout=10)
        process.terminate()
        process.communicate()
    assert answer.content == b"%PDF-1.7 one"
