"""Each format in the table can be exported and is named wherever a user looks for it."""

from __future__ import annotations

import inspect
import re
import subprocess
import sys
from importlib import import_module
from pathlib import Path

import pytest
from click.testing import CliRunner

from curator.cli import curator
from curator.errors import PublishError
from curator.publish import formats
from curator.publish.export_dir import write_folder
from curator.publish.formats.registry import EXPORT_FORMATS, find_format, format_names
from curator.publish.list_file import write_atomically
from curator.publish.snapshot import ListSnapshot
from tests.publish.frames import frame, listing, paper, render_text

ROOT = Path(__file__).parents[3]
PAGES = [ROOT / "README.md", *sorted((ROOT / "docs").rglob("*.md"))]


def test_each_module_of_the_package_is_a_format_in_the_table_and_the_reverse() -> None:
    modules = {file.stem for file in Path(formats.__file__).parent.glob("*.py")} - {"__init__", "registry"}
    assert modules == set(EXPORT_FORMATS)


@pytest.mark.parametrize("name", EXPORT_FORMATS)
def test_each_format_is_rendered_by_a_function_of_one_name_and_one_signature(name: str) -> None:
    render = import_module(f"{formats.__name__}.{name}").render
    (parameter,) = inspect.signature(render, eval_str=True).parameters.values()
    assert (parameter.name, parameter.annotation) == ("snapshot", ListSnapshot)


@pytest.mark.parametrize("name", format_names("text"))
def test_a_text_replaces_what_no_file_can_hold_and_gives_the_same_bytes_twice(name: str) -> None:
    snapshot = listing(frame(text="lone \ud800 surrogate", paper=paper(title="lone \udfff")))
    assert render_text(name, snapshot) == render_text(name, snapshot) != ""


@pytest.mark.parametrize("name", EXPORT_FORMATS)
def test_each_format_exports_the_frame_and_the_same_bytes_twice(name: str, tmp_path: Path) -> None:
    snapshot = listing(frame(), frame(13))

    def contents(folder: Path) -> dict[str, bytes]:
        folder.mkdir()
        if EXPORT_FORMATS[name].output == "folder":
            write_folder(folder, EXPORT_FORMATS[name].render_folder(snapshot))
        else:
            write_atomically(folder / "list", EXPORT_FORMATS[name].render_file(snapshot))
        return {str(file.relative_to(folder)): file.read_bytes() for file in folder.rglob("*") if file.is_file()}

    first = contents(tmp_path / "first")
    assert first == contents(tmp_path / "second")
    words = frame().paper.title if name in ("bibtex", "ris", "csl") else frame().text
    assert any(words.encode() in content for content in first.values()) or name == "parquet"


def test_the_help_of_export_names_each_format() -> None:
    help = CliRunner().invoke(curator, ["export", "--help"]).output
    choices = "".join(help.split()).partition("{")[2].partition("}")[0]
    assert choices.split("|") == list(EXPORT_FORMATS)
    assert f"for {' and '.join(format_names('folder'))}, a folder" in " ".join(help.split())


@pytest.mark.parametrize("name", EXPORT_FORMATS)
def test_the_docs_describe_each_format(name: str) -> None:
    assert any(f"`{name}`" in page.read_text(encoding="utf-8") for page in PAGES)
    assert EXPORT_FORMATS[name].about.endswith(".")
    assert ("Needs `-o`." in EXPORT_FORMATS[name].about) == (EXPORT_FORMATS[name].output != "text")


@pytest.mark.parametrize("name", EXPORT_FORMATS)
def test_each_format_has_a_test_of_its_content(name: str) -> None:
    files = set((ROOT / "tests" / "publish").rglob("test_*.py")) - {Path(__file__)}
    assert any(re.search(rf"[\"_ ]{name}\b", f"{file.stem} {file.read_text(encoding='utf-8')}") for file in files)


def test_an_unknown_format_is_refused_with_the_known_ones() -> None:
    with pytest.raises(PublishError, match=", ".join(EXPORT_FORMATS)):
        find_format("docx")


def test_the_table_is_imported_without_any_format() -> None:
    program = (
        "import sys, curator.publish.formats.registry\n"
        "print(*(name for name in sys.modules if name.startswith('curator.publish.formats.')))"
    )
    done = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True, check=True)
    assert done.stdout.split() == ["curator.publish.formats.registry"]
