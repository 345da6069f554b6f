"""A page interpreted once: its display list, what it paints, and what may hide text on it."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from curator.pdf.rendering.display_list import make_display_list, play
from curator.pdf.rendering.geometry import Rectangle
from curator.pdf.rendering.occlusion_index import OcclusionIndex
from curator.pdf.rendering.paint_trace import PaintDevice


@dataclass(frozen=True)
class TracedPage:
    """A page with its painting operations."""

    box: Rectangle  # of the page, as displayed
    display_list: Any  # MuPDF's
    paint: PaintDevice
    occlusion: OcclusionIndex


def trace_page(page: Any, with_notes: bool) -> TracedPage:
    """Interpret a page and trace its painting.

    Args:
        page: PyMuPDF's page.
        with_notes: Also trace the annotations and form fields that are drawn over the page, without their text.

    Returns:
        The traced page.
    """
    width, height = float(page.rect.width), float(page.rect.height)
    display_list = make_display_list(page, with_notes)
    paint = PaintDevice(width, height)
    play(display_list, paint)
    return TracedPage((0.0, 0.0, width, height), display_list, paint, OcclusionIndex(paint, width, height))
