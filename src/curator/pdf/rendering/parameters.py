"""Limits and thresholds of the rendering stages, one frozen dataclass per stage (see `curator.pdf.layout.parameters`).

Values without a named source were found by trial on real papers and on papers with hidden text.
"""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True)
class ContrastParameters:
    """When two colours are hard to tell apart."""

    red_weight: float = 0.30
    """Share of red in perceived brightness (ITU-R BT.601)."""

    green_weight: float = 0.59
    """Share of green in perceived brightness (ITU-R BT.601)."""

    blue_weight: float = 0.11
    """Share of blue in perceived brightness (ITU-R BT.601)."""

    max_similar: float = 0.08
    """Share of full brightness, channels weighted. Letters that differ less from their ground are rendered to check."""

    min_opaque: float = 0.84
    """Opacity. A shape that is less opaque lets the colour beneath it through."""


CONTRAST = ContrastParameters()


@dataclass(frozen=True)
class PaintTraceParameters:
    """Which painting operations can make text hard to see."""

    min_text_opacity: float = 0.4
    """Opacity. Text that is more transparent is rendered to check."""

    min_thickness: float = 2.0
    """Points. Thinner shapes are rules, and cannot cover a letter."""

    min_broad_line: float = 6.0
    """Points. Lines of this width can cover text stroke by stroke, as a marker does."""


PAINT_TRACE = PaintTraceParameters()


@dataclass(frozen=True)
class OcclusionParameters:
    """When a shape covers text, or a clip cuts it away."""

    max_outline: float = 0.16
    """Share of the letter's size. A wider outline leaves little of the letter's own colour."""

    max_overlap: float = 0.35
    """Share of the text's height, above and below, that a shape may overlap without covering a letter.

    Fonts claim more height than their letters have.
    """

    max_overlap_points: float = 5.0
    """Points; the most that `max_overlap` comes to, for large letters."""

    max_side_overlap: float = 1.2
    """Points, left and right, that a shape may overlap without covering a letter."""

    min_light: float = 0.3
    """Share of a text's light that the shapes over it let through. With less, the text is rendered to check."""

    grid_cells: int = 32
    """Cells of the grid, across and down, by which texts and shapes in one place are found."""

    max_colours: int = 64
    """Colours of shapes on one page. Shapes of further colours count as images, which may have any colour."""

    max_shapes: int = 1500
    """Shapes on one page whose places are kept. With more, every text of the page is doubtful."""

    max_comparisons: int = 100_000
    """Comparisons of a shape with a text on one page. After that, the grid alone decides, which takes linear time."""

    max_clip_side: float = 2.0
    """Points, left and right, that a clip may take from a text's rectangle without cutting a letter."""

    max_clip_height: float = 0.3
    """Share of a line's height, above and below, that a clip may take without cutting a letter."""

    max_line_height: float = 1.2
    """Ems. The part of a text's rectangle that counts as one line, for `max_clip_height`."""


OCCLUSION = OcclusionParameters()
