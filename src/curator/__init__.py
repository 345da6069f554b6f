"""Curator keeps a living list of what is known about language models.

The names in `__all__` are the public interface for Python. Each is loaded on first use, so that `import curator` loads
nothing else.
"""

from __future__ import annotations

from importlib import import_module
from typing import TYPE_CHECKING, Any

__version__ = "0.1.0"

if TYPE_CHECKING:
    from curator.pdf.reader import Reader, ReadLimits, read_pdf
    from curator.pipeline import IngestReport, IngestRequest, ingest
    from curator.pipeline.quote_check import check_quotes
    from curator.pipeline.recheck import WatchReport, watch
    from curator.publish.publisher import PublishResult, export
    from curator.publish.publisher import publish as publish_list
    from curator.quotes.checker import QuoteChecker, grade_quote
    from curator.review.decisions import Reviewer
    from curator.warehouse import Warehouse
    from curator.workspace import Workspace, find_workspace

__all__ = [
    "IngestReport",
    "IngestRequest",
    "PublishResult",
    "QuoteChecker",
    "ReadLimits",
    "Reader",
    "Reviewer",
    "Warehouse",
    "WatchReport",
    "Workspace",
    "__version__",
    "check_quotes",
    "export",
    "find_workspace",
    "grade_quote",
    "ingest",
    "publish_list",
    "read_pdf",
    "watch",
]

_PUBLIC = {
    "IngestReport": ("curator.pipeline", "IngestReport"),
    "IngestRequest": ("curator.pipeline", "IngestRequest"),
    "PublishResult": ("curator.publish.publisher", "PublishResult"),
    "QuoteChecker": ("curator.quotes.checker", "QuoteChecker"),
    "ReadLimits": ("curator.pdf.reader", "ReadLimits"),
    "Reader": ("curator.pdf.reader", "Reader"),
    "Reviewer": ("curator.review.decisions", "Reviewer"),
    "Warehouse": ("curator.warehouse", "Warehouse"),
    "WatchReport": ("curator.pipeline.recheck", "WatchReport"),
    "Workspace": ("curator.workspace", "Workspace"),
    "check_quotes": ("curator.pipeline.quote_check", "check_quotes"),
    "export": ("curator.publish.publisher", "export"),
    "find_workspace": ("curator.workspace", "find_workspace"),
    "grade_quote": ("curator.quotes.checker", "grade_quote"),
    "ingest": ("curator.pipeline", "ingest"),
    "publish_list": ("curator.publish.publisher", "publish"),  # `curator.publish` is the package
    "read_pdf": ("curator.pdf.reader", "read_pdf"),
    "watch": ("curator.pipeline.recheck", "watch"),
}


def __getattr__(name: str) -> Any:
    """Load a public name on first use."""
    if name not in _PUBLIC:
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
    module, attribute = _PUBLIC[name]
    return getattr(import_module(module), attribute)


def __dir__() -> list[str]:
    """Return the public names, for completion in a notebook."""
    return sorted(__all__)
