"""Every number that shapes a text is a parameter of a stage, and every parameter is stored with the document."""

from __future__ import annotations

import ast
import importlib
from collections.abc import Iterator
from dataclasses import FrozenInstanceError, dataclass, fields, is_dataclass
from pathlib import Path

import pytest

import curator.pdf
from curator.pdf.parameters import DOCUMENT, READER, DocumentParameters, ReaderParameters
from tests.pdf.pdfs import Sheets, prose

PDF = Path(curator.pdf.__file__).parent

# Modules and constants whose numbers have no say in a text, or are no choice of the reader's; and why.
EXEMPT = {
    "confinement.py": "numbers of the kernel's interface",
    "protocol.py": "limits on messages between processes",
    "reader.py": "time limits of processes",
    "worker.py": "time limits of processes",
    "page_images.py": "pictures for the review page",
    "page_renderer.py": "pictures for the review page",
    "pipeline.py:READER_VERSION": "stored as part of `documents.extractor`",
    "layout/blocks.py:_NO_LETTERS": "ASCII codes",
    "text/characters.py": "Unicode code points and codes of TeX's fonts",
    "text/hyphens.py:_ASCII_LETTERS": "ASCII codes",
    "text/homoglyphs.py:_LATIN_OF": "positions in a table of letters",
    "text/text_quality.py:_ENGLISH": "measured frequencies of letters",
    "extraction/spans.py:_ADDED_SPACE": "a bit of MuPDF's",
    "extraction/spans.py:(_SUPERSCRIPT, _ITALIC, _BOLD)": "bits of MuPDF's",
    "rendering/contrast.py:(_GREY_SPACE, _RGB_SPACE, _SEPARATION_SPACE)": "codes of MuPDF's",
    "rendering/contrast.py:BLACK": "a colour",
    "rendering/contrast.py:WHITE": "a colour",
    "rendering/geometry.py:EVERYWHERE": "larger than any page",
    "rendering/page_grid.py:_COLUMNS": "sets of bits",
    "rendering/page_grid.py:_FULL_ROW": "a set of bits",
    "visibility/reasons.py:(_FILLED, _STROKED, _CLIPPED)": "bits of MuPDF's",
    "visibility/reasons.py:_OPAQUE": "the largest value of a channel",
    "visibility/render_diff.py:_MAX_CHANNEL": "the largest value of a channel",
    "worker_process.py": "time limits of processes",
}

# The keys that version 6 of the reader stored before parameters had names of their own.
OLD_KEYS = frozenset({
    "aligned", "aligned_gap", "aligned_lines", "apart", "caption_leading", "cell_gap", "cell_lines", "cell_white",
    "column_white", "crossing", "crumbs", "edge", "em_per_char", "family", "far", "flags", "foot", "formula_gap",
    "formula_reach", "full_width", "gap", "hanging_lines", "head_gap", "indent", "initial", "inside_note",
    "interleaved", "justified_gap", "label", "label_size", "larger", "largest_at_rim", "largest_head",
    "least_difference", "lift", "long_enough", "long_word", "look_zoom", "margin", "margin_note",
    "max_column_fragments", "max_depth", "max_looks", "max_page_chars", "max_sentence", "max_title", "min_abstract",
    "min_chars", "min_column", "min_gutter", "min_line_numbers", "min_slot_pages", "narrow", "narrow_blank", "near",
    "near_rim", "numbered_apart", "outer_rows", "piece_words", "prose_chars", "prose_fill", "rim", "same_gutter",
    "same_height", "same_row", "same_size", "same_slot", "scan_explained", "scan_honest", "scan_inked", "scan_picture",
    "short_line", "slot_share", "small", "small_print", "smaller", "tallest", "tiny", "title_words", "touching",
    "uneven", "wide_gap", "wordy", "written_letters", "written_words"
})  # fmt: skip


def numeric_constants(source: str) -> Iterator[str]:
    """Name the module-level constants whose value contains a number, patterns aside."""
    for statement in ast.parse(source).body:
        if not isinstance(statement, ast.Assign | ast.AnnAssign) or statement.value is None:
            continue
        target = statement.targets[0] if isinstance(statement, ast.Assign) else statement.target
        if isinstance(statement.value, ast.Call) and ast.unparse(statement.value.func) == "re.compile":
            continue
        if any(isinstance(node, ast.Constant) and type(node.value) in (int, float) for node in ast.walk(statement)):
            yield ast.unparse(target)


def test_numeric_constants_are_recognised() -> None:
    source = "A = 1\nB: float = 0.5\nC = (1, -2)\nD = 'x'\nE = re.compile('x', 2)\nF = True\nG = 1 << 3\n"
    assert list(numeric_constants(source)) == ["A", "B", "C", "G"]


def test_no_numeric_constant_is_left_outside_of_the_parameters() -> None:
    found = {
        f"{path.relative_to(PDF).as_posix()}:{name}"
        for path in PDF.rglob("*.py")
        if path.name != "parameters.py"
        for name in numeric_constants(path.read_text(encoding="utf-8"))
    }
    exempt = {name for name in found if {name, name.split(":")[0], name.split("/")[0]} & set(EXEMPT)}
    assert not found - exempt
    used = {key for key in EXEMPT if any(key in (name, name.split(":")[0], name.split("/")[0]) for name in exempt)}
    assert used == set(EXEMPT), "an exemption is no longer needed"


def test_every_stage_of_every_room_is_part_of_the_readers_parameters() -> None:
    collected = {type(getattr(READER, stage.name)) for stage in fields(READER)}
    for path in PDF.rglob("parameters.py"):
        module = importlib.import_module(".".join(("curator.pdf", *path.relative_to(PDF).with_suffix("").parts)))
        own = {kind for kind in vars(module).values() if is_dataclass(kind) and isinstance(kind, type)}
        assert own - {ReaderParameters} <= collected, f"{module.__name__} has a stage that is not collected"


def test_every_parameter_is_stored_with_the_document() -> None:
    sheets = Sheets()
    sheets.justified(60, 80, 492, prose("body", 6))
    settings = sheets.read().extraction.settings
    for stage in fields(READER):
        parameters = getattr(READER, stage.name)
        for parameter in fields(parameters):
            key = parameter.metadata.get("stored_as", f"{stage.name}_{parameter.name}")
            assert settings[key] == getattr(parameters, parameter.name), f"{stage.name}.{parameter.name}"
    assert set(settings) >= OLD_KEYS


def test_parameters_cannot_be_changed_at_run_time() -> None:
    for stage in fields(READER):
        parameters = getattr(READER, stage.name)
        with pytest.raises(FrozenInstanceError):
            setattr(parameters, fields(parameters)[0].name, 0)


def test_two_parameters_under_one_key_are_an_error() -> None:
    @dataclass(frozen=True)
    class Twice(ReaderParameters):
        again: DocumentParameters = DOCUMENT

    with pytest.raises(ValueError, match="min_chars"):
        Twice().to_settings()
