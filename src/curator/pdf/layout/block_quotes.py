"""Block quotes: words of prior work that a paper sets off.

The rules are conservative, because authors indent much text of their own: theorems, takeaways, prompts, examples. A
quote must be indented on both sides, and something must show whose words they are: a citation, a name after a dash, or
a sentence before the quote that introduces its author.
"""

from __future__ import annotations

import re
from collections.abc import Sequence

from curator.pdf.layout.blocks import CAPTION, Block, Style
from curator.pdf.layout.parameters import BLOCKS, QUOTES
from curator.pdf.text import sentences
from curator.types import SectionKind

_OPENS = re.compile("^[\"“”„‟«‘'`]")
_CLOSES = re.compile("[\"”“»’'][.,;]?(?:\\s?\\d{1,2})?$")
_YEAR = r"(?:1[89]|20)\d\d[a-z]?"
_CITED = re.compile(
    rf"(?:\([^()]{{2,120}}\b{_YEAR}[^()]{{0,40}}\)|\[[^\[\]]{{2,120}}\b{_YEAR}[^\[\]]{{0,40}}\]|"
    r"\[\d{1,3}(?:[,–-] ?\d{1,3}|, ?(?:pp?|§)\.? ?\d+[^\]]{0,12})*\])[.,]?$"
)
_NAMED = re.compile(
    rf"\bet al\b|\(\s?{_YEAR}[^()]{{0,30}}\)|\[\d{{1,3}}[^\[\]]{{0,20}}\]|[A-Z][\w’'-]+,? (?:\(|\[)?{_YEAR}"
)
_REPORTING_VERB = re.compile(
    r"\b(?:writes?|wrote|says?|said|argue[sd]?|states?|stated|notes?|noted|observe[sd]?|remark(?:s|ed)|puts? it|"
    r"putting it|define[sd]?|definition|quot(?:es?|ed|ing)|according to|explain(?:s|ed)|suggest(?:s|ed)|conclude[sd]?|"
    r"claim(?:s|ed)|warn(?:s|ed)|describe[sd]?|summari[sz]e[sd]?|word(?:s|ed)|formulat(?:es?|ed|ion)|propos(?:es?|ed)|"
    r"predict(?:s|ed)|ask(?:s|ed))\b",
    re.I,
)
_FIRST_PERSON = re.compile(r"\b(?:we|our|us|I|my)\b", re.I)
_NAME = r"[A-Z][\w.’'-]*"
_SIGNED = re.compile(
    rf"(?:^|[\s.\"”’'])(?:—|–|―|--) ?{_NAME}(?:,? (?:and |& |de |van |von |der )?{_NAME}){{0,5}}(?:,? [^.]{{0,80}})?$"
)
_OWN_MATERIAL = re.compile(
    r"\b(?:prompts?|templates?|instructions?|inputs?|outputs?|examples?|respon[sd]\w*|completions?|generat\w+|answers?|"
    r"questions?|system message|query|queries|following (?:steps|rules|hypothes[ie]s|claims?|contributions)|"
    r"we (?:ask|define|hypothesi[sz]e|propose|conjecture|find|conclude|use the))\b",
    re.I,
)
_OWN_START = re.compile(
    r"^(?:theorem|lemma|proposition|corollary|definition|remark|proof|claim|conjecture|assumption|hypothesis|takeaways?|"
    r"finding|observation|key|summary|note|rq ?\d|q ?\d|system|user|human|assistant|prompt|input|output|question|"
    r"answer|instruction|algorithm|[•◦▪■●○‣∙·–⋄◆▶►✓✗]|\(?(?:\d{1,2}|[a-z]|[ivx]{1,4})[.)]|\[\d)",
    re.I,
)


def mark_block_quotes(blocks: Sequence[Block], kinds: Sequence[SectionKind], style: Style) -> None:
    """Give block quotes of prior work the role "quotation", in place.

    Args:
        blocks: Of the document, in reading order.
        kinds: The kind of section of each block.
        style: The document's body text.
    """
    texts = [at for at, block in enumerate(blocks) if block.role in ("text", "other")]
    open_quote: Block | None = None
    for place, at in enumerate(texts):
        block = blocks[at]
        if (
            kinds[at] == "references"
            or not _may_be_quote(block, style)
            or not _is_indented(block, _margins(blocks, at))
        ):
            open_quote = None
            continue
        before = blocks[texts[place - 1]] if place else None
        after = blocks[texts[place + 1]] if place + 1 < len(texts) else None
        if (open_quote is not None and _continues(open_quote, block)) or _is_quoted(block, before, after):
            block.role = "quotation"
            open_quote = block
            if after is not None and _is_signature(after.text):
                after.role = "quotation"
        else:
            open_quote = None


def _may_be_quote(block: Block, style: Style) -> bool:
    """Return whether a block has the size and length of a quote, and does not start as authors' own material does."""
    text = block.text
    return (
        0.75 * style.size <= block.size <= (1 + 2 * BLOCKS.max_size_change) * style.size
        and 5 <= len(text.split()) <= QUOTES.max_words
        and not _OWN_START.match(text.lstrip("\"“‘'"))
        and not CAPTION.match(text)
        and not any(line.parts[0].lead and line.parts[0].bold for line in block.lines[:1])
    )


def _margins(blocks: Sequence[Block], at: int) -> tuple[float, float] | None:
    """Return the start and end of full lines of text in the column around block `at`, in points, if there are any."""
    own = blocks[at]
    reach = QUOTES.neighbours
    near = [
        block
        for block in (*blocks[max(0, at - reach) : at], *blocks[at + 1 : at + 1 + reach])
        if block.role == "text" and len(block.lines) > 1 and (block.page, block.column) == (own.page, own.column)
    ]
    if not near:
        return None
    widest = max(near, key=lambda block: block.extent[1] - block.extent[0])
    left, right = widest.extent
    return (left, right) if right - left > QUOTES.min_margin_width * (own.right - own.left) else None


def _is_indented(block: Block, margins: tuple[float, float] | None) -> bool:
    """Return whether a block is indented on both sides, and about equally unless it has only one line."""
    if margins is None:
        return False
    em = block.size
    start, end = block.extent
    left, right = start - margins[0], margins[1] - end
    if left < QUOTES.min_indent * em or right < QUOTES.min_indent * em:
        return False
    return len(block.lines) == 1 or abs(left - right) < QUOTES.max_indent_difference * em


def _is_quoted(block: Block, before: Block | None, after: Block | None) -> bool:
    """Return whether a citation, a name or an introduction shows that the words are another author's."""
    text = block.text
    introduction = _last_sentence(before.text) if before is not None and before.role == "text" else ""
    if _OWN_MATERIAL.search(introduction):
        return False
    if _CITED.search(text) or _is_signed(text) or (after is not None and _is_signature(after.text)):
        return bool(_OPENS.match(text)) or len(block.lines) > 1
    named = bool(_NAMED.search(introduction))
    in_marks = bool(_OPENS.match(text) and _CLOSES.search(text))
    leads = introduction.rstrip().endswith((":", ",")) and not (_FIRST_PERSON.search(introduction) and not named)
    reports = leads and bool(_REPORTING_VERB.search(introduction))
    return (reports and (named or in_marks)) or (in_marks and named)


def _last_sentence(text: str) -> str:
    tail = text[-QUOTES.max_introduction :]
    start, end = list(sentences.split_sentences(tail))[-1]
    return tail[start:end]


def _is_signed(text: str) -> bool:
    """Return whether a quote ends with a dash and its author's name."""
    return bool(_SIGNED.search(text[-140:])) and not text.endswith(".")


def _is_signature(text: str) -> bool:
    """Return whether a block is only a dash and an author's name."""
    return len(text) < 140 and text[:1] in "—–―-" and bool(_SIGNED.match(text))


def _continues(quote: Block, block: Block) -> bool:
    """Return whether an indented block is the next paragraph of a quote, or the rest of it in the next column."""
    alike = abs(quote.size - block.size) < BLOCKS.max_size_change * quote.size
    closed = bool(_OPENS.match(quote.text)) and bool(_CLOSES.search(quote.text))
    same_column = (quote.page, quote.column) == (block.page, block.column)
    aligned = abs(quote.extent[0] - block.extent[0]) < 2 if same_column else not quote.is_complete
    return alike and aligned and not closed and not _CITED.search(quote.text)
