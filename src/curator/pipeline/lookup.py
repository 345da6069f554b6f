"""Find the papers that a person names: their metadata from the warehouse or arXiv, and their text."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from contextlib import suppress
from dataclasses import replace
from pathlib import Path

from curator.arxiv.client import ArxivSession
from curator.arxiv.download import download_pdf, store_pdf
from curator.arxiv.search import ArxivSearch
from curator.arxiv_ids import ArxivId
from curator.errors import ArxivError, PdfUnavailable
from curator.pdf.reader import Reader, ReadLimits
from curator.pipeline.report import Progress, SilentProgress
from curator.pipeline.run_context import arxiv_session
from curator.sources import NamedSource, make_external_source, parse_source, pdf_file_name
from curator.types import Document, Paper
from curator.warehouse import Connection, Warehouse, documents, papers
from curator.workspace import Workspace


def look_up_papers(
    workspace: Workspace, ids: Sequence[ArxivId], progress: Progress | None = None
) -> tuple[dict[ArxivId, Paper], tuple[str, ...]]:
    """Find papers in the warehouse or, in one request, at arXiv. Nothing is recorded.

    Args:
        workspace: The workspace.
        ids: The ids. One without a version means the latest version that the warehouse or else arXiv knows.
        progress: Receives a note on each wait for arXiv.

    Returns:
        The papers by id, and the problems as sentences.
    """
    warehouse = Warehouse(workspace.warehouse_file)
    papers_by_id: dict[ArxivId, Paper] = {}
    if warehouse.file.exists():
        stored = warehouse.read(lambda c: {id: papers.get_paper(c, id.id, id.version) for id in ids})
        papers_by_id = {id: paper for id, paper in stored.items() if paper}
    missing = [id for id in dict.fromkeys(ids) if id not in papers_by_id]
    if not missing:
        return papers_by_id, ()
    try:
        with arxiv_session(workspace.settings, progress or SilentProgress()) as session:
            answer = ArxivSearch(session, workspace.settings.discover.page_size).by_ids([str(id) for id in missing])
    except ArxivError as error:
        return papers_by_id, (str(error),)
    versions_by_id: dict[str, list[Paper]] = {}
    for paper in answer.papers:
        versions_by_id.setdefault(paper.id, []).append(paper)
    for id in missing:
        versions = versions_by_id.get(id.id, ())
        if match := next((paper for paper in versions if id.version in (None, paper.version)), None):
            papers_by_id[id] = match
    return papers_by_id, answer.problems


def resolve_sources(
    workspace: Workspace, named: Iterable[str], progress: Progress, *, offline: bool = False
) -> tuple[dict[str, Paper], tuple[str, ...]]:
    """Resolve the sources that a person named to papers, in one request to arXiv.

    Args:
        workspace: The workspace.
        named: Ids, addresses or other texts that name sources. A text that names no source is left out.
        progress: Receives a note before arXiv is asked.
        offline: Do not ask arXiv.

    Returns:
        The papers by the texts that name them, and the problems as sentences. A paper that arXiv did not describe
        has only its address.
    """
    sources: dict[str, NamedSource] = {}
    for text in dict.fromkeys(named):
        with suppress(ValueError):
            sources[text] = parse_source(text)
    ids = list(dict.fromkeys(source.arxiv for source in sources.values() if source.arxiv))
    papers, problems = dict[ArxivId, Paper](), tuple[str, ...]()
    if ids and not offline:
        progress.note(f"Looking up {len(ids)} paper{'' if len(ids) == 1 else 's'} at arXiv ...")
        papers, problems = look_up_papers(workspace, ids, progress)
    return {
        text: papers[source.arxiv] if source.arxiv in papers else make_external_source(source)
        for text, source in sources.items()
    }, problems


def get_text(
    workspace: Workspace, paper: Paper, progress: Progress | None = None, *, run: str | None = None
) -> Document:
    """Return a paper's text from the warehouse, or else download, read and store it.

    Args:
        workspace: The workspace.
        paper: The paper, in the version to read.
        progress: Receives a note on each wait for arXiv.
        run: The id of the run that stores the text, if any.

    Raises:
        PaperError: The PDF is not available or cannot be read.
        ArxivRefused: arXiv refuses this machine.
    """
    warehouse = Warehouse(workspace.warehouse_file)
    if warehouse.file.exists():
        document = warehouse.read(documents.get_document, paper.id, paper.version)
        if document:
            return document
    with arxiv_session(workspace.settings, progress or SilentProgress()) as session:
        file = _fetch_pdf(workspace, paper, session, workspace.settings.read.max_pdf_mb * 2**20)
    document = _read(workspace, file, paper)
    _store(warehouse, paper, document, run)
    return document


def _read(workspace: Workspace, file: Path, paper: Paper) -> Document:
    with Reader(ReadLimits.from_settings(workspace.settings.read, workers=1)) as reader:
        return reader.read(file, paper.id, paper.version)


def _store(warehouse: Warehouse, paper: Paper, document: Document, run: str | None = None) -> None:
    def write(connection: Connection) -> None:
        papers.add_papers(connection, [paper], run)
        documents.add_document(connection, run, document)

    warehouse.write(write)


def _fetch_pdf(workspace: Workspace, paper: Paper, session: ArxivSession, max_bytes: int) -> Path:
    if paper.place == "arxiv":
        return download_pdf(session, paper.id, paper.version, workspace.pdfs, max_bytes)
    file = workspace.pdfs / pdf_file_name(paper.id, paper.version)
    if not file.is_file():
        raise PdfUnavailable(f"{file} is missing; add the PDF again.", "not-found")
    return file


def store_local_pdf(workspace: Workspace, content: bytes, paper: Paper) -> Paper:
    """Store and read a person's own PDF; return its source with the abstract that the PDF contains.

    Args:
        workspace: The workspace.
        content: The bytes of the PDF.
        paper: The source. If the warehouse has it already, that one is returned.

    Raises:
        PaperError: The PDF is too large or cannot be read; nothing is recorded.
    """
    file = workspace.pdfs / pdf_file_name(paper.id, paper.version)
    store_pdf(content, file, workspace.settings.read.max_pdf_mb * 2**20)
    warehouse = Warehouse(workspace.warehouse_file)
    if warehouse.file.exists():
        stored = warehouse.read(papers.get_paper, paper.id)
        if stored:
            return stored
    document = _read(workspace, file, paper)
    abstract = " ".join(sentence.text for sentence in document.sentences if sentence.section == "abstract")
    described = replace(paper, abstract=abstract)
    _store(warehouse, described, document)
    return described
