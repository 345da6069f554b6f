"""Limits and thresholds of the visibility stages, one frozen dataclass per stage (see `curator.pdf.layout.parameters`).

A field is stored under its `stored_as` where it has one, because these keys are older than the fields' names. Values
without a named source were found by trial on real papers and on papers with hidden text. An em is the font's size.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any

import pymupdf as _pymupdf

pymupdf: Any = _pymupdf


@dataclass(frozen=True)
class HiddenTextParameters:
    """How a page's text is extracted, and how much of it is examined."""

    flags: int = field(
        default=int(
            pymupdf.TEXT_PRESERVE_WHITESPACE | pymupdf.TEXT_CID_FOR_UNKNOWN_UNICODE | pymupdf.TEXT_IGNORE_ACTUALTEXT
        ),
        metadata={"stored_as": "flags"},
    )
    """Options of MuPDF's structured text: the text as printed, not as /ActualText replaces it."""

    max_page_chars: int = field(default=400_000, metadata={"stored_as": "max_page_chars"})
    """Characters of one page. A page of a paper has about 5,000; the rest is noise, and would only take time."""

    max_renderings: int = field(default=1500, metadata={"stored_as": "max_looks"})
    """Times that pages of one document are rendered to examine text; each kind of suspicion on a page counts once."""

    max_repeat_shift: float = 1.5
    """Points between two printings of the same words, at most, by which a program prints bold or outlined text."""


HIDDEN_TEXT = HiddenTextParameters()


@dataclass(frozen=True)
class ReasonParameters:
    """When the size, width or place of letters hides them."""

    max_flat: float = 1.0
    """Points of a line's height, or of a span's width, that are too few to be read."""

    max_low: float = 2.0
    """Points of height that are too few to be read if the letters are flattened as well."""

    min_flattened: float = 1.2
    """Ems per letter, at least, of flattened letters, since MuPDF's size is the mean of width and height."""

    max_narrow: float = field(default=0.08, metadata={"stored_as": "narrow"})
    """Ems per letter, at most, of one or two letters that are squeezed to nothing."""

    max_crowded: float = 0.16
    """Ems per letter, at most, of three or more letters that are printed on top of each other."""

    max_tight: float = 0.45
    """Points per letter, at most, of letters that are too narrow to be read in any size."""

    max_dense: float = 0.3
    """Ems per letter, at most, in a line that may be crowded in part."""

    min_letters: int = 5
    """Letters, at least, for a reliable average of their widths."""

    min_dense_letters: int = 10
    """Letters of a line, more than which are examined word by word if the line is dense."""

    first_stacking_letter: int = 0x0590
    """Code point of the first letter of the scripts that join or stack their letters, which may look squeezed."""

    max_outside: float = 1.0
    """Points by which letters may reach over the page's edge and still be inside."""


REASONS = ReasonParameters()


@dataclass(frozen=True)
class SuspectParameters:
    """How suspicious words are examined on the rendered page."""

    core_ascent: float = 0.8
    """Ems above the baseline of the part of a word that is examined."""

    core_descent: float = 0.1
    """Ems below the baseline. The rectangle of a word also holds what descends from the line above."""

    min_core: float = 0.5
    """Ems of height, at least, of that part. With less, the word's whole rectangle is examined."""

    min_white: float = 0.92
    """Value of each channel, at least, of a ground that is reported as white."""


SUSPECTS = SuspectParameters()


@dataclass(frozen=True)
class RenderDiffParameters:
    """When the difference between two pictures shows a word to a person."""

    zoom: float = field(default=1.5, metadata={"stored_as": "look_zoom"})
    """Pixels per point, at most at first, and at least on closer examination."""

    ground_zoom: float = 1.0
    """Pixels per point of a picture that is examined only for the colour beneath plain letters."""

    max_zoom: float = 6.0
    """Pixels per point, at most."""

    min_line_pixels: int = 16
    """Pixels of height to which the lowest line is magnified, within these zooms."""

    max_pixels: int = 3_000_000
    """Pixels of one picture."""

    min_difference: float = field(default=18.0, metadata={"stored_as": "least_difference"})
    """Of 255, channels weighted by their brightness. A smaller difference is not seen as letters."""

    min_large_height: float = 24.0
    """Points. Letters of this height are seen at half of that difference."""

    min_clear_difference: float = 30.0
    """Of 255, channels weighted. Nobody misses such a difference."""

    min_clear_share: float = 0.4
    """Share of a word's rectangle that must differ clearly from its ink. Letters fill a quarter of it."""

    window: int = 2
    """Width, in heights of the line, of the parts of a long span that are examined one by one."""

    samples: int = 12
    """Pixels of a rectangle, across and down, that are examined for its colour."""

    max_gap: float = 30.0
    """Points between words that are rendered in one picture, at most."""

    min_along: float = 0.33
    """Share of a word's pixels along its line that must show the word."""

    min_across: float = 0.25
    """Share across the line. Letters without ascenders are half as high as capitals or higher."""

    full_height: int = 30
    """Pixels of height. Of letters twice as high only every second pixel is examined, and so on."""


RENDER_DIFF = RenderDiffParameters()


@dataclass(frozen=True)
class ScanParameters:
    """When invisible text is the text layer of a scan: it repeats the scan's picture word by word."""

    min_image_share: float = field(default=0.6, metadata={"stored_as": "scan_picture"})
    """Share of the page that images cover, at least."""

    zoom: float = 1.5
    """Pixels per point of the scan's picture, at most."""

    max_pixels: int = 2_000_000
    """Pixels of the scan's picture."""

    max_paper_samples: int = 10_000
    """Pixels, about, that are examined for the brightness of the paper."""

    paper_quantile: float = 0.8
    """Share of the pixels that are as dark as the paper or darker."""

    min_ink_contrast: int = 48
    """Of 255. Ink is darker than its paper by this much, at least."""

    min_inked: float = field(default=0.45, metadata={"stored_as": "scan_inked"})
    """Share of a word's columns of pixels with ink, at least, and share of a line's words that have so much."""

    max_gap_ink: float = 0.6
    """Ink in the gaps between words, at most, as a share of the ink in words."""

    min_inked_words: float = field(default=0.6, metadata={"stored_as": "scan_honest"})
    """Share of the layer's words that are on ink, at least."""

    min_explained: float = field(default=0.2, metadata={"stored_as": "scan_explained"})
    """Share of the picture's cells with ink that are under words, at least."""

    cell_pixels: int = 8
    """Pixels across and down of such a cell."""

    max_shared: float = 0.5
    """Share of a word's width or height that another word of the layer may cover, at most."""

    row_points: int = 4
    """Points of height of the rows by which words in the same place are found."""

    min_gap: float = 1.0
    """Points between two words, more than which are a gap."""

    max_gap: float = 2.0
    """Heights of the word between two words, fewer than which are a gap."""

    gap_margin: float = 0.25
    """Share of a gap, left and right, that is not examined."""

    min_shifted_words: int = 30
    """Words of a layer that may be shifted against its picture, at least. With fewer, any text would fit somewhere."""

    max_shifted_gap_ink: float = 0.35
    """`max_gap_ink` for a shifted layer. It is stricter, because the best of many shifts was taken."""

    shift_samples: int = 40
    """Words, and gaps, by which shifts are compared."""

    shift_step_across: float = 1.0
    """Points between two shifts to the side."""

    shift_steps_across: int = 5
    """Shifts to either side."""

    shift_step_down: float = 1.5
    """Points between two shifts up or down."""

    shift_steps_down: int = 3
    """Shifts up, and down."""


SCANS = ScanParameters()
