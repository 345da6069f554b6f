"""List the export formats: the only table of them, used by the command line, messages, benchmark and docs.

The command line imports this module at every start. It therefore imports a format's module only to render it.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from importlib import import_module
from pathlib import PurePosixPath
from typing import TYPE_CHECKING, Literal

from curator.errors import PublishError

if TYPE_CHECKING:
    from curator.publish.snapshot import ListSnapshot

Output = Literal["text", "binary", "folder"]
ExportFile = tuple[PurePosixPath, str | Iterable[bytes]]
"""A file of an export that is a folder: its relative path and its content."""


@dataclass(frozen=True)
class ExportFormat:
    """An export format, rendered by `render(snapshot)` in the module of its name in `curator.publish.formats`."""

    name: str
    output: Output  # one file of text, which may go to a terminal; one binary file; or a folder of files
    about: str  # for docs/reference/exports.md
    with_changelog: bool = False  # whether the snapshot needs the changelog, which takes time to compute

    def render_file(self, snapshot: ListSnapshot) -> Iterator[bytes]:
        """Yield the content of the export's one file.

        Args:
            snapshot: The list to render.

        Yields:
            Pieces of the file. Text is encoded as UTF-8, with "?" for what UTF-8 cannot hold (lone surrogates).
        """
        for piece in import_module(f"{__package__}.{self.name}").render(snapshot):
            yield piece.encode("utf-8", "replace") if isinstance(piece, str) else piece

    def render_folder(self, snapshot: ListSnapshot) -> Iterator[ExportFile]:
        """Yield the files of an export that is a folder."""
        yield from import_module(f"{__package__}.{self.name}").render(snapshot)


EXPORT_FORMATS: dict[str, ExportFormat] = {
    format.name: format
    for format in (
        ExportFormat(
            "md",
            "text",
            "The whole list in Markdown, as `curator publish` would write it into a new file.",
            with_changelog=True,
        ),
        ExportFormat(
            "json",
            "text",
            "One JSON document with frames, topics, questions and retired frames; the schema is below.",
        ),
        ExportFormat(
            "csv", "text", "A row for each frame, for spreadsheets; lists within a cell are joined with “; ”."
        ),
        ExportFormat(
            "parquet",
            "binary",
            "The same rows as `csv`, with types, for pandas, Polars, DuckDB or R. Needs `-o`.",
        ),
        ExportFormat("bibtex", "text", "The sources of the frames as a BibTeX file."),
        ExportFormat("ris", "text", "The sources as RIS, which Zotero, EndNote and Mendeley import."),
        ExportFormat("csl", "text", "The sources as CSL-JSON, which Pandoc and Zotero read."),
        ExportFormat("atom", "text", "A feed of accepted frames for a feed reader."),
        ExportFormat(
            "obsidian",
            "folder",
            "A folder of linked notes, for Obsidian or any other Markdown editor. Needs `-o`.",
        ),
        ExportFormat(
            "html",
            "folder",
            "A static site with search that needs no server. Needs `-o`.",
            with_changelog=True,
        ),
    )
}
"""Every export format by name, in the order in which help and docs list them."""


def format_names(*outputs: Output) -> list[str]:
    """Return the names of the formats with one of these outputs, or of all formats."""
    return [format.name for format in EXPORT_FORMATS.values() if not outputs or format.output in outputs]


def find_format(name: str) -> ExportFormat:
    """Return the export format of a name.

    Raises:
        PublishError: There is no such format; the message lists the formats.
    """
    try:
        return EXPORT_FORMATS[name]
    except KeyError:
        raise PublishError(f"There is no export format {name!r}. Choose one of {', '.join(EXPORT_FORMATS)}.") from None
