"""Limits and thresholds of the layout stages, one frozen dataclass per stage.

`curator.pdf.parameters` collects them with those of the other rooms and stores them with every document
(`documents.settings`). A field is stored under its `stored_as` where it has one, because these keys are older than
the fields' names, otherwise under the stage's name and its own. Values without a named source were found by trial
on real papers. An em is the font's size.
"""

from __future__ import annotations

from dataclasses import dataclass, field


@dataclass(frozen=True)
class FragmentParameters:
    """When words that a program placed one by one are merged into stretches of lines."""

    min_mean_chars: int = field(default=14, metadata={"stored_as": "crumbs"})
    """Characters in a page's average fragment. With fewer, the program placed words or syllables one by one."""

    max_touching_gap: float = field(default=0.1, metadata={"stored_as": "touching"})
    """Ems of white, at most, between fragments that are printed without a space between them."""

    max_gap: float = field(default=0.7, metadata={"stored_as": "near"})
    """Ems of white, at most, between fragments of one stretch of text. MuPDF starts a new one at 0.8."""


FRAGMENTS = FragmentParameters()


@dataclass(frozen=True)
class LineParameters:
    """When smaller print beside a line is a note and not part of the line."""

    min_margin_note_gap: float = field(default=0.6, metadata={"stored_as": "margin_note"})
    """Ems of white, at least, between a line and a note outside its column's margins."""

    min_inner_note_gap: float = field(default=1.5, metadata={"stored_as": "inside_note"})
    """Ems of white, at least, between a line and a note inside its column.

    Symbols with large subscripts are closer and belong to the line.
    """


LINES = LineParameters()


@dataclass(frozen=True)
class ColumnParameters:
    """What counts as prose, and which white gaps between fragments are gutters."""

    min_width: float = field(default=50.0, metadata={"stored_as": "min_column"})
    """Points. Anything narrower is the numbers of headings, or the page numbers in a table of contents."""

    min_gutter: float = field(default=6.0, metadata={"stored_as": "min_gutter"})
    """Points. The narrowest gutter that journals print is about 10 points wide."""

    min_prose_chars: int = field(default=20, metadata={"stored_as": "prose_chars"})
    """Characters. Shorter fragments (labels, numbers) give no evidence of columns."""

    min_prose_fill: float = field(default=0.66, metadata={"stored_as": "prose_fill"})
    """Share of the column's width that a line of prose fills, at least."""

    min_crossing: float = field(default=0.12, metadata={"stored_as": "crossing"})
    """Share of the narrower side's width by which a fragment must reach into both sides to cross the gutter.

    A line that only sticks out a little (an overfull line, a hanging mark) stays in its column.
    """

    max_gutter_shift: float = field(default=8.0, metadata={"stored_as": "same_gutter"})
    """Points by which a gutter may move from page to page and still be the same gutter."""

    max_letter_height: float = field(default=60.0, metadata={"stored_as": "tallest"})
    """Points. Beside taller letters, as on a title page, no columns are looked for."""

    max_fragments: int = field(default=3000, metadata={"stored_as": "max_column_fragments"})
    """Fragments. A page with more is a plot or a map; it is read from top to bottom, and in linear time."""


COLUMNS = ColumnParameters()


@dataclass(frozen=True)
class ReadingOrderParameters:
    """How far the search for columns inside columns goes."""

    max_depth: int = field(default=4, metadata={"stored_as": "max_depth"})
    """Levels of columns inside columns, as for a table inside a column of a band."""


READING_ORDER = ReadingOrderParameters()


@dataclass(frozen=True)
class BlockParameters:
    """Comparisons of font sizes that several stages share."""

    max_size_change: float = field(default=0.08, metadata={"stored_as": "same_size"})
    """Relative difference of font sizes, at most, within one paragraph."""

    max_small_print: float = field(default=0.94, metadata={"stored_as": "small_print"})
    """Share of the body's font size. Footnotes and captions are set smaller than this."""


BLOCKS = BlockParameters()


@dataclass(frozen=True)
class ParagraphParameters:
    """Where one paragraph ends and the next begins."""

    min_last_line_white: float = field(default=0.25, metadata={"stored_as": "short_line"})
    """Share of the column that a paragraph's last line leaves white, at least, to end the paragraph by that alone.

    Papers without indents or extra leading mark the end of a paragraph in no other way.
    """

    max_leading: float = field(default=1.22, metadata={"stored_as": "wide_gap"})
    """Times the usual distance between baselines. A larger distance separates paragraphs."""

    min_hanging_lines: int = field(default=3, metadata={"stored_as": "hanging_lines"})
    """Lines, at least, by which indented lines after full ones outnumber indented first lines.

    They show a list of references, whose entries start at the margin.
    """

    min_footnote_depth: float = field(default=0.7, metadata={"stored_as": "foot"})
    """Share of the page's height. A column that ends above it has no footnotes."""


PARAGRAPHS = ParagraphParameters()


@dataclass(frozen=True)
class JoiningParameters:
    """When a block continues the one above it."""

    max_caption_leading: float = field(default=1.35, metadata={"stored_as": "caption_leading"})
    """Ems between the baselines of a caption's lines, at most. The weight or font may change from line to line."""


JOINING = JoiningParameters()


@dataclass(frozen=True)
class FurnitureParameters:
    """Running heads and page numbers that repeat from page to page."""

    margin: float = field(default=0.19, metadata={"stored_as": "margin"})
    """Share of the page's height, at the top and at the bottom, in which furniture may be printed."""

    max_rows: int = field(default=3, metadata={"stored_as": "outer_rows"})
    """Outermost rows of a page, at the top and at the bottom, that may be furniture."""

    max_row_shift: float = field(default=4.0, metadata={"stored_as": "same_row"})
    """Points, at most, between the middles of fragments in one row."""

    min_row_gap: float = field(default=1.5, metadata={"stored_as": "gap"})
    """Times the font's size from furniture to the next row. Lines of text are closer to one another."""

    max_repeat_shift: float = field(default=5.0, metadata={"stored_as": "same_height"})
    """Points by which repeated furniture may move from page to page."""

    max_slot_shift: float = field(default=2.0, metadata={"stored_as": "same_slot"})
    """Points by which running heads whose words change from page to page may move."""

    min_slot_share: float = field(default=0.5, metadata={"stored_as": "slot_share"})
    """Share of all pages that have a running head at the same height, at least."""

    min_slot_pages: int = field(default=4, metadata={"stored_as": "min_slot_pages"})
    """Pages with a running head at the same height, at least. In a shorter paper that may be chance."""

    max_head_size: float = field(default=1.1, metadata={"stored_as": "largest_head"})
    """Times the text's font size. Larger print at a page's top is a title."""

    min_head_gap: float = field(default=1.4, metadata={"stored_as": "head_gap"})
    """Times the distance between lines, at least, from a running head to the text."""

    max_sampled_rows: int = 40
    """Fragments from the top of a page by which the distance between its lines is measured."""

    min_number_gap: float = field(default=4.0, metadata={"stored_as": "far"})
    """Ems of white, at least, between a page number and a running head.

    After the number of a heading there are one or two.
    """

    min_title_words: int = field(default=3, metadata={"stored_as": "title_words"})
    """Words of the title, at least, in a running head that repeats the title."""

    min_repeat_chars: int = field(default=6, metadata={"stored_as": "long_enough"})
    """Characters. Shorter text that repeats may be the number of a heading."""


FURNITURE = FurnitureParameters()


@dataclass(frozen=True)
class MarginParameters:
    """Heads and feet of papers too short for anything to repeat."""

    max_pages: int = 2
    """Pages of a paper in which nothing needs to repeat. Longer papers are left to the stage `furniture`."""

    depth: float = field(default=0.12, metadata={"stored_as": "rim"})
    """Share of the page's height, at the top and bottom, where small print and page numbers are furniture."""

    body_size_depth: float = field(default=0.065, metadata={"stored_as": "near_rim"})
    """The same share for print as large as the text's, which may be a title."""

    max_small_size: float = 0.9
    """Times the text's font size. Print up to this size is small."""

    edge: float = field(default=0.045, metadata={"stored_as": "edge"})
    """Share of the page's width where sideways print is a stamp or a page number.

    Sideways labels of a figure are farther in.
    """

    max_rows: int = 3
    """Rows of a head or a foot, at most."""

    max_numbered_parts: int = 3
    """Fragments of a row with a page number, at most. A row with more is a row of a table."""

    max_row_shift: float = 4.0
    """Points, at most, between the middles of fragments in one row."""

    min_gap: float = field(default=2.0, metadata={"stored_as": "apart"})
    """Times the distance between the page's rows, at least, from a head or a foot to the text."""

    min_numbered_gap: float = field(default=1.4, metadata={"stored_as": "numbered_apart"})
    """The same for a head or a foot that contains a page number."""

    max_head_size: float = field(default=1.3, metadata={"stored_as": "largest_at_rim"})
    """Times the text's font size. Larger print is a title."""

    min_prose_words: int = 16
    """Words. A row with as many is prose; a head or a foot has fewer."""

    min_sentence_words: int = 6
    """Words before a full stop. A row with as many is a sentence, as of a footnote, and not a foot."""

    min_page_rows: int = 6
    """Rows. On a page with fewer, no distance between rows is the usual one."""


MARGINS = MarginParameters()


@dataclass(frozen=True)
class LineNumberParameters:
    """Line numbers beside the text of papers under review."""

    min_numbers: int = field(default=8, metadata={"stored_as": "min_line_numbers"})
    """Integers in a column of line numbers, at least. Fewer may be a column of a table."""

    min_continued_numbers: int = 3
    """The same where the numbers continue those of the page before, as on a last page with a few lines."""

    max_column_shift: float = 6.0
    """Points by which a column of line numbers may move from page to page."""


LINE_NUMBERS = LineNumberParameters()


@dataclass(frozen=True)
class DropCapParameters:
    """Large initials that journals set into the first lines of an article."""

    min_size: float = field(default=1.8, metadata={"stored_as": "initial"})
    """Times the size of the line that the letter belongs to."""

    max_gap: float = 0.6
    """Ems of the line's font, at most, between the letter and the line."""

    max_overlap: float = 0.15
    """Share of the letter's height by which the first line may rise above the letter."""


DROP_CAPS = DropCapParameters()


@dataclass(frozen=True)
class BlockSplittingParameters:
    """Which fragments of a block may not be read as one sentence."""

    min_cell_gap: float = field(default=1.5, metadata={"stored_as": "cell_gap"})
    """Ems of white after which the next fragment of a line is another cell."""

    max_alignment_shift: float = field(default=1.5, metadata={"stored_as": "aligned"})
    """Points by which the starts of cells of one column may differ."""

    min_aligned_gap: float = field(default=0.7, metadata={"stored_as": "aligned_gap"})
    """Ems of white between cells whose starts are aligned with cells of nearby lines."""

    aligned_lines: int = field(default=3, metadata={"stored_as": "aligned_lines"})
    """Lines above and below in which aligned cells are looked for."""

    max_justified_gap: float = field(default=3.0, metadata={"stored_as": "justified_gap"})
    """Ems between words, at most, where a narrow column is justified."""

    max_formula_gap: float = field(default=4.0, metadata={"stored_as": "formula_gap"})
    """Ems of white inside a formula, at most, as before its condition."""

    max_label_size: float = field(default=0.75, metadata={"stored_as": "smaller"})
    """Share of the font size beside it. Smaller words are a figure's labels and not part of the text."""

    min_baseline_gap: float = field(default=0.7, metadata={"stored_as": "interleaved"})
    """Share of a line's height.

    Lines with closer baselines are not two lines of one text, as where two boxes interleave.
    """

    max_label_chars: int = field(default=4, metadata={"stored_as": "label"})
    """Characters in a bullet, or in the number of a heading or of an item of a list."""

    min_running_words: int = field(default=4, metadata={"stored_as": "wordy"})
    """Words of three letters or more in a cell that contains running text, as in a table of examples."""


SPLITTING = BlockSplittingParameters()


@dataclass(frozen=True)
class BlockTypeParameters:
    """How tables, labels, formulas and prose are distinguished."""

    min_cell_gap: float = field(default=1.5, metadata={"stored_as": "cell_white"})
    """Ems of white between two cells of a line."""

    min_column_gap: float = field(default=1.2, metadata={"stored_as": "column_white"})
    """Ems of white before a column of cells, where few lines have such white but at the same place."""

    min_cell_lines: float = field(default=0.3, metadata={"stored_as": "cell_lines"})
    """Share of a table's lines that have such white, at least."""

    min_prose_words: int = field(default=4, metadata={"stored_as": "written_words"})
    """Words in a line of prose, at least."""

    min_piece_words: int = field(default=2, metadata={"stored_as": "piece_words"})
    """Words in a piece of a line that may still be prose, at least."""

    min_letters: float = field(default=0.7, metadata={"stored_as": "written_letters"})
    """Share of letters among the characters of prose, spaces aside."""

    max_label_size: float = field(default=0.8, metadata={"stored_as": "label_size"})
    """Share of the body's font size. Smaller print is a figure's labels."""

    max_captions: int = 30
    """Captions of one page. A page with more is a list of figures, and would take quadratic time."""

    max_formula_gap: float = field(default=1.0, metadata={"stored_as": "formula_reach"})
    """Ems from a formula within which its limits, sums and fractions are printed."""


BLOCK_TYPES = BlockTypeParameters()


@dataclass(frozen=True)
class BlockQuoteParameters:
    """Which indented blocks are words of prior work."""

    min_indent: float = field(default=0.9, metadata={"stored_as": "indent"})
    """Ems by which a quote is indented on either side, at least. LaTeX's quote environment has 2.2 to 2.5."""

    max_indent_difference: float = field(default=2.0, metadata={"stored_as": "uneven"})
    """Ems by which the two indents of a quote may differ."""

    min_margin_width: float = field(default=0.8, metadata={"stored_as": "full_width"})
    """Share of the column's width that the widest nearby block must fill, to show the column's margins."""

    neighbours: int = 6
    """Blocks before and after a quote in which the column's margins are looked for."""

    max_introduction: int = 400
    """Characters before a quote in which the sentence that introduces it is looked for."""

    max_words: int = 350
    """Words of a quote. A longer block is a text of its own, such as a prompt."""


QUOTES = BlockQuoteParameters()


@dataclass(frozen=True)
class HeadingParameters:
    """Which blocks are headings."""

    max_title: int = field(default=150, metadata={"stored_as": "max_title"})
    """Characters of a section's title, at most."""

    min_size: float = field(default=1.07, metadata={"stored_as": "larger"})
    """Times the body's font size, at least, of a heading that is told by its size."""


HEADINGS = HeadingParameters()


@dataclass(frozen=True)
class SectionParameters:
    """How a section without a heading is found."""

    min_abstract: int = field(default=300, metadata={"stored_as": "min_abstract"})
    """Characters, at least, of a paragraph that is taken for an abstract though it has no heading."""


SECTIONS = SectionParameters()
