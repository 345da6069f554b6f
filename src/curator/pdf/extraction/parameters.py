"""Limits and thresholds of the extraction stages, one frozen dataclass per stage (see `curator.pdf.layout.parameters`).

A field is stored under its `stored_as` where it has one, because these keys are older than the fields' names. Values
without a named source were found by trial on real papers. An em is the font's size.
"""

from __future__ import annotations

from dataclasses import dataclass, field


@dataclass(frozen=True)
class SpanParameters:
    """How MuPDF's spans become fragments of lines: sizes, styles and rectangles."""

    max_overlap: float = 0.5
    """Points by which a span may reach into the one before it and still continue it."""

    min_size: float = field(default=1.5, metadata={"stored_as": "tiny"})
    """Points. Smaller print is not meant for people, or is a bitmap font that states no size."""

    family_letters: int = field(default=5, metadata={"stored_as": "family"})
    """First letters of a font's name, which its bold and italic cuts share."""

    max_raised_size: float = field(default=0.85, metadata={"stored_as": "small"})
    """Share of the font size of the letters before it. Larger print is no exponent."""

    min_lift: float = field(default=0.15, metadata={"stored_as": "lift"})
    """Ems by which an exponent's baseline is above its base's, at least."""

    max_small_capitals: float = 1.4
    """Font size of capitals in times that of the small capitals beside them, at most."""

    mean_advance: float = field(default=0.48, metadata={"stored_as": "em_per_char"})
    """Ems from one letter to the next, on average, in a text font. It gives a bitmap font its size."""

    ascent: float = 0.8
    """Ems from the baseline to the top of a line's rectangle. Some fonts claim absurd heights."""

    descent: float = 0.25
    """Ems from the baseline to the bottom of a line's rectangle."""

    max_slope: float = 0.1
    """Points down or up per point of a line that still counts as upright."""

    min_style_share: float = 0.8
    """Share of a line's characters, at least, by which the whole line counts as bold or italic."""

    min_math_share: float = 0.4
    """Share of a line's characters, at least, by which the whole line counts as mathematics."""

    max_marker: int = 3
    """Characters of a footnote's number."""

    max_marker_size: float = 0.8
    """Share of the line's font size. Larger print is no footnote's number, unless its font says superscript."""

    min_marker_lift: float = 1.0
    """Points by which a footnote's number is above the baseline, at least."""


SPANS = SpanParameters()


@dataclass(frozen=True)
class WordSpacingParameters:
    """Which fonts set spaces so narrow that MuPDF does not see them."""

    min_long_word: int = field(default=20, metadata={"stored_as": "long_word"})
    """Letters. A longer word is unlikely, and its font is examined."""

    min_space: float = field(default=0.09, metadata={"stored_as": "narrow_blank"})
    """Ems of white between two letters that make a space, at least. MuPDF asks for 0.15."""

    min_mean_word: float = 3.5
    """Letters of an average word, at least. With fewer, the white is the font's usual distance between letters."""


WORD_SPACING = WordSpacingParameters()


@dataclass(frozen=True)
class AnnotationParameters:
    """How much of a page's annotations and form fields is examined."""

    max_annotations: int = 200
    """Annotations and form fields of one page."""

    max_chars: int = 2000
    """Characters of one text of an annotation."""

    max_parents: int = 8
    """Levels of form fields above a field, from which it may inherit its text."""


ANNOTATIONS = AnnotationParameters()


@dataclass(frozen=True)
class OptionalContentParameters:
    """How much of a document's optional content is examined."""

    max_objects: int = 200_000
    """Objects of one file that are searched for memberships."""

    max_expression: int = 20_000
    """Characters of a visibility expression. A longer one is left to MuPDF's judgement."""

    max_layers: int = 500
    """Layers of one document that are switched on and off."""


OPTIONAL_CONTENT = OptionalContentParameters()


@dataclass(frozen=True)
class ReplacementTextParameters:
    """When a replacement text (/ActualText) differs from what is printed."""

    min_word: int = 3
    """Letters of a word that is not printed, at least. Shorter differences come from fonts' tables of letters."""


REPLACEMENT_TEXT = ReplacementTextParameters()
