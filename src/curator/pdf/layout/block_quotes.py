"""Other people's words that a paper sets off: block quotes of prior work.

Conservative. Authors indent much that is their own: theorems, takeaways, prompts, examples. So a block must be indented
on both sides, and something must say whose words they are: a citation, a name after a dash, or a sentence before it
that hands over to somebody.
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
_NAMES_SOMEBODY = re.compile(
    rf"\bet al\b|\(\s?{_YEAR}[^()]{{0,30}}\)|\[\d{{1,3}}[^\[\]]{{0,20}}\]|[A-Z][\w’'-]+,? (?:\(|\[)?{_YEAR}"
)
_SAYS = re.compile(
    r"\b(?:writes?|wrote|says?|said|argue[sd]?|states?|stated|notes?|noted|observe[sd]?|remark(?:s|ed)|puts? it|"
    r"putting it|define[sd]?|definition|quot(?:es?|ed|ing)|according to|explain(?:s|ed)|suggest(?:s|ed)|conclude[sd]?|"
    r"claim(?:s|ed)|warn(?:s|ed)|describe[sd]?|summari[sz]e[sd]?|word(?:s|ed)|formulat(?:es?|ed|ion)|propos(?:es?|ed)|"
    r"predict(?:s|ed)|ask(?:s|ed))\b",
    re.I,
)
_WE = re.compile(r"\b(?:we|our|us|I|my)\b", re.I)
_NAME = r"[A-Z][\w.’'-]*"
_SIGNED = re.compile(
    rf"(?:^|[\s.\"”’'])(?:—|–|―|--) ?{_NAME}(?:,? (?:and |& |de |van |von |der )?{_NAME}){{0,5}}(?:,? [^.]{{0,80}})?$"
)
_OWN = re.compile(
    r"\b(?:prompts?|templates?|instructions?|inputs?|outputs?|examples?|respon[sd]\w*|completions?|generat\w+|answers?|"
    r"questions?|system message|query|queries|following (?:steps|rules|hypothes[ie]s|claims?|contributions)|"
    r"we (?:ask|define|hypothesi[sz]e|propose|conjecture|find|conclude|use the))\b",
    re.I,
)
_NO_QUOTE = re.compile(
    r"^(?:theorem|lemma|proposition|corollary|definition|remark|proof|claim|conjecture|assumption|hypothesis|takeaways?|"
    r"finding|observation|key|summary|note|rq ?\d|q ?\d|system|user|human|assistant|prompt|input|output|question|"
    r"answer|instruction|algorithm|[•◦▪■●○‣∙·–⋄◆▶►✓✗]|\(?(?:\d{1,2}|[a-z]|[ivx]{1,4})[.)]|\[\d)",
    re.I,
)


def mark(blocks: Sequence[Block], kinds: Sequence[SectionKind], style: Style) -> None:
    """Give block quotes of prior work their role, in place. `blocks`: the document's, in reading order."""
    texts = [at for at, block in enumerate(blocks) if block.role in ("text", "other")]
    open_quote: Block | None = None
    for place, at in enumerate(texts):
        block = blocks[at]
        if kinds[at] == "references" or not _may_be(block, style):
            open_quote = None
            continue
        if not _is_set_in(block, _margins(blocks, at)):
            open_quote = None
            continue
        before = blocks[texts[place - 1]] if place else None
        after = blocks[texts[place + 1]] if place + 1 < len(texts) else None
        if (open_quote is not None and _goes_on(open_quote, block)) or _is_quoted(block, before, after):
            block.role = "quotation"
            open_quote = block
            if after is not None and _is_signature(after.text):
                after.role = "quotation"
        else:
            open_quote = None


def _may_be(block: Block, style: Style) -> bool:
    text = block.text
    return (
        0.75 * style.size <= block.size <= (1 + 2 * BLOCKS.max_size_change) * style.size
        and 5 <= len(text.split()) <= QUOTES.max_words
        and not _NO_QUOTE.match(text.lstrip("\"“‘'"))
        and not CAPTION.match(text)
        and not any(line.parts[0].lead and line.parts[0].bold for line in block.lines[:1])
    )


def _margins(blocks: Sequence[Block], at: int) -> tuple[float, float] | None:
    """Where full lines of text start and end in the column around block `at`; None where there are none to tell."""
    own = blocks[at]
    near = [
        block
        for block in (
            *blocks[max(0, at - QUOTES.neighbours) : at],
            *blocks[at + 1 : at + 1 + QUOTES.neighbours],
        )
        if block.role == "text" and len(block.lines) > 1 and (block.page, block.column) == (own.page, own.column)
    ]
    if not near:
        return None
    widest = max(near, key=lambda block: block.extent[1] - block.extent[0])
    left, right = widest.extent
    return (left, right) if right - left > QUOTES.min_margin_width * (own.right - own.left) else None


def _is_set_in(block: Block, margins: tuple[float, float] | None) -> bool:
    if margins is None:
        return False
    em = block.size
    start, end = block.extent
    left, right = start - margins[0], margins[1] - end
    if left < QUOTES.min_indent * em or right < QUOTES.min_indent * em:
        return False
    return len(block.lines) == 1 or abs(left - right) < QUOTES.max_indent_difference * em


def _is_quoted(block: Block, before: Block | None, after: Block | None) -> bool:
    """Whether something says that these are somebody's words."""
    text = block.text
    handing_over = _last_sentence(before.text) if before is not None and before.role == "text" else ""
    if _OWN.search(handing_over):
        return False
    if _CITED.search(text) or _is_signed(text) or (after is not None and _is_signature(after.text)):
        return bool(_OPENS.match(text)) or len(block.lines) > 1
    named = bool(_NAMES_SOMEBODY.search(handing_over))
    in_marks = bool(_OPENS.match(text) and _CLOSES.search(text))
    leads = handing_over.rstrip().endswith((":", ",")) and not (_WE.search(handing_over) and not named)
    says = leads and bool(_SAYS.search(handing_over))
    return (says and (named or in_marks)) or (in_marks and named)


def _last_sentence(text: str) -> str:
    tail = text[-QUOTES.max_introduction :]
    start, end = list(sentences.split_sentences(tail))[-1]
    return tail[start:end]


def _is_signed(text: str) -> bool:
    return bool(_SIGNED.search(text[-140:])) and not text.endswith(".")


def _is_signature(text: str) -> bool:
    """Whether a block is nothing but the line that says who spoke."""
    return len(text) < 140 and text[:1] in "—–―-" and bool(_SIGNED.match(text))


def _goes_on(quote: Block, block: Block) -> bool:
    """Whether a block set in is the next paragraph of a quote, or its rest in the next column."""
    alike = abs(quote.size - block.size) < BLOCKS.max_size_change * quote.size
    closed = bool(_OPENS.match(quote.text)) and bool(_CLOSES.search(quote.text))
    same_place = (quote.page, quote.column) == (block.page, block.column)
    aligned = abs(quote.extent[0] - block.extent[0]) < 2 if same_place else not quote.ends
    return alike and aligned and not closed and not _CITED.search(quote.text)
