"""All limits and thresholds of the reader, as they are stored with every document (`documents.settings`).

Each room of this package keeps its own in a `parameters` module, one frozen dataclass per stage. `READER` collects
them, so a parameter cannot be left out of the record of how a text was made.
"""

from __future__ import annotations

from dataclasses import dataclass, field, fields

from curator.pdf.extraction import parameters as extraction
from curator.pdf.layout import parameters as layout
from curator.pdf.rendering import parameters as rendering
from curator.pdf.text import parameters as text
from curator.pdf.visibility import parameters as visibility

Setting = str | int | float | bool


@dataclass(frozen=True)
class DocumentParameters:
    """What a document takes to be read, and the size of pages that cannot be."""

    min_page_chars: int = field(default=10, metadata={"stored_as": "min_chars"})
    """Characters on an average page, white space aside. With fewer, there is nothing to read or quote."""

    unreadable_width: float = 612.0
    """Points. The width of a page that is damaged; US letter."""

    unreadable_height: float = 792.0
    """Points. The height of a page that is damaged; US letter."""


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
    contrast: rendering.ContrastParameters = rendering.CONTRAST
    paint_trace: rendering.PaintTraceParameters = rendering.PAINT_TRACE
    occlusion: rendering.OcclusionParameters = rendering.OCCLUSION
    spans: extraction.SpanParameters = extraction.SPANS
    word_spacing: extraction.WordSpacingParameters = extraction.WORD_SPACING
    annotations: extraction.AnnotationParameters = extraction.ANNOTATIONS
    optional_content: extraction.OptionalContentParameters = extraction.OPTIONAL_CONTENT
    replacement_text: extraction.ReplacementTextParameters = extraction.REPLACEMENT_TEXT
    hidden_text: visibility.HiddenTextParameters = visibility.HIDDEN_TEXT
    reasons: visibility.ReasonParameters = visibility.REASONS
    suspects: visibility.SuspectParameters = visibility.SUSPECTS
    render_diff: visibility.RenderDiffParameters = visibility.RENDER_DIFF
    scans: visibility.ScanParameters = visibility.SCANS
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
                if key in settings:
                    raise ValueError(f"Two parameters of the reader are stored under {key!r}.")
                settings[key] = getattr(parameters, parameter.name)
        return settings


READER = ReaderParameters()
