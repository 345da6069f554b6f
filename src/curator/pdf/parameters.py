"""All limits and thresholds of the reader, as they are stored with every document (`documents.settings`).

Each room of this package keeps its own in a `parameters` module, one frozen dataclass per stage. `READER` collects
them, so a parameter cannot be left out of the record of how a text was made.
"""

from __future__ import annotations

import ast
import inspect
from collections.abc import Iterable
from dataclasses import dataclass, field, fields
from types import ModuleType

from curator.pdf.extraction import annotations as attached
from curator.pdf.extraction import optional_content, spans, word_spacing
from curator.pdf.layout import parameters as layout
from curator.pdf.rendering import contrast, paint_trace
from curator.pdf.text import parameters as text
from curator.pdf.visibility import hidden_text, render_diff, scans

Setting = str | int | float | bool


@dataclass(frozen=True)
class DocumentParameters:
    """How little text makes a document unreadable."""

    min_page_chars: int = field(default=10, metadata={"stored_as": "min_chars"})
    """Characters on an average page, white space aside. With fewer, there is nothing to read or quote."""


@dataclass(frozen=True)
class HiddenReportParameters:
    """How much of a page's hidden text is reported."""

    max_reports: int = 50
    """Hidden texts of one page."""

    max_chars: int = 2000
    """Characters of one hidden text."""

    max_layer_chars: int = 200
    """Characters of a scan's text layer. The layer repeats the page, so its start is enough."""


DOCUMENT = DocumentParameters()
HIDDEN_REPORTS = HiddenReportParameters()


@dataclass(frozen=True)
class ReaderParameters:
    """The parameters of all stages, by the stage's name."""

    document: DocumentParameters = DOCUMENT
    hidden_reports: HiddenReportParameters = HIDDEN_REPORTS
    homoglyphs: text.HomoglyphParameters = text.HOMOGLYPHS
    sentences: text.SentenceParameters = text.SENTENCES
    text_quality: text.TextQualityParameters = text.TEXT_QUALITY
    fragments: layout.FragmentParameters = layout.FRAGMENTS
    lines: layout.LineParameters = layout.LINES
    columns: layout.ColumnParameters = layout.COLUMNS
    reading_order: layout.ReadingOrderParameters = layout.READING_ORDER
    blocks: layout.BlockParameters = layout.BLOCKS
    paragraphs: layout.ParagraphParameters = layout.PARAGRAPHS
    joining: layout.JoiningParameters = layout.JOINING
    furniture: layout.FurnitureParameters = layout.FURNITURE
    margins: layout.MarginParameters = layout.MARGINS
    line_numbers: layout.LineNumberParameters = layout.LINE_NUMBERS
    drop_caps: layout.DropCapParameters = layout.DROP_CAPS
    block_splitting: layout.BlockSplittingParameters = layout.SPLITTING
    block_types: layout.BlockTypeParameters = layout.BLOCK_TYPES
    block_quotes: layout.BlockQuoteParameters = layout.QUOTES
    headings: layout.HeadingParameters = layout.HEADINGS
    sections: layout.SectionParameters = layout.SECTIONS

    def to_settings(self) -> dict[str, Setting]:
        """Flatten the parameters into the keys and values of `documents.settings`.

        A parameter is stored under its `stored_as`, if it has one, and otherwise under the stage's name and its own.

        Raises:
            ValueError: Two parameters would share a key.
        """
        settings: dict[str, Setting] = {}
        for stage in fields(self):
            parameters = getattr(self, stage.name)
            for parameter in fields(parameters):
                key = parameter.metadata.get("stored_as", f"{stage.name}_{parameter.name}")
                _add(settings, key, getattr(parameters, parameter.name))
        for name, (module, stored_as) in _MODULES.items():
            for constant, value in vars(module).items():
                if constant[0].isupper() and constant in _constants(module):
                    _add(settings, stored_as.get(constant, f"{name}_{constant.lower()}"), value)
        return settings


def _add(settings: dict[str, Setting], key: str, value: Setting | Iterable[object]) -> None:
    if key in settings:
        raise ValueError(f"Two parameters of the reader are stored under {key!r}.")
    settings[key] = value if isinstance(value, int | float | str) else " ".join(map(str, value))


def _constants(module: ModuleType) -> frozenset[str]:
    """Return the names of a module's own numeric constants."""
    numeric = {
        target.id
        for statement in ast.parse(inspect.getsource(module)).body
        if isinstance(statement, ast.Assign)
        for target in statement.targets
        if isinstance(target, ast.Name) and target.id.isupper()
    }
    return frozenset(
        name for name in numeric if isinstance(getattr(module, name), int | float) or name in ("WEIGHTS", "SHIFTS")
    )


# Rooms whose parameters are still constants of their modules, and the keys under which some have always been stored.
_MODULES: dict[str, tuple[ModuleType, dict[str, str]]] = {
    "annotations": (attached, {}),
    "optional_content": (optional_content, {}),
    "spans": (spans, {name: name.lower() for name in ("TINY", "FAMILY", "SMALL", "LIFT", "EM_PER_CHAR")}),
    "word_spacing": (word_spacing, {"LONG_WORD": "long_word", "NARROW_BLANK": "narrow_blank"}),
    "contrast": (contrast, {}),
    "paint_trace": (paint_trace, {}),
    "hidden_text": (hidden_text, {name: name.lower() for name in ("FLAGS", "NARROW", "MAX_LOOKS", "MAX_PAGE_CHARS")}),
    "render_diff": (render_diff, {"LEAST": "least_difference", "ZOOM": "look_zoom"}),
    "scans": (
        scans,
        {name: f"scan_{name.lower()}" for name in ("PICTURE", "INKED", "HONEST", "EXPLAINED")},
    ),
}

READER = ReaderParameters()
