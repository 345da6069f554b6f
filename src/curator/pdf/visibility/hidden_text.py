"""Text that a page carries and does not show: parted from what people read before anything else sees it.

`split` gives a page's printed lines and, apart from them, its hidden words, each with the reason. Cheap suspicions come
first (how letters are painted, how large, where, over and under what); only doubtful words are looked at.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Sequence, Set
from dataclasses import dataclass, field
from typing import Any, Literal

import pymupdf as _pymupdf

from curator.pdf.extraction.annotations import has_notes
from curator.pdf.extraction.spans import TINY, is_upright, rejoin, size_bitmap_fonts
from curator.pdf.rendering.contrast import Colour, alike
from curator.pdf.rendering.display_list import interpret, play, spans_of, text_page
from curator.pdf.rendering.paint_trace import Ledger, Rectangle, Text
from curator.pdf.visibility.render_diff import Comparison, View, together
from curator.pdf.visibility.scans import Scan, honest_words, is_picture

pymupdf: Any = _pymupdf

FLAGS = pymupdf.TEXT_PRESERVE_WHITESPACE | pymupdf.TEXT_CID_FOR_UNKNOWN_UNICODE | pymupdf.TEXT_IGNORE_ACTUALTEXT
MAX_PAGE_CHARS = 400_000  # a page of a paper has about 5,000; beyond this it is noise, and would only cost time
MAX_LOOKS = 1500  # of one document: a page is looked at for each kind of suspicion
REPEATED = 1.5  # points: the same words within this distance of one another are one text printed twice
FLAT = 1.0  # points of a line's height
NARROW = 0.08  # of their font's size: letters that are squeezed to this width on average
CROWDED = 0.16  # of their font's size: the average advance of letters that stand upon one another
TIGHT = 0.45  # points: that of letters too narrow to be read
SEVERAL = 5  # letters, of whose widths an average says something
JOINING = "\u0590"  # the first letter of the scripts that join or stack their letters
DENSE = 0.3  # of a font's size: the average advance in a line in part of which letters may be crowded
BROAD = 1.2  # of a font's size: that of letters that are flattened, since MuPDF's size is the mean of both
LOW = 2.0  # points of height: of letters that are flattened
NEARLY_WHITE = 0.92  # in all channels

INVISIBLE = "set in invisible ink"
TRANSPARENT = "fully transparent"
FAINT = "too faint to be seen: transparent, masked or cut away"
SMALL = "too small to be read"
OUTSIDE = "outside the page"
WHITE_ON_WHITE = "printed in white on white"
SAME_COLOUR = "printed in the colour beneath it"
COVERED = "covered by a picture or a shape"
MIXED = "in part, perhaps"  # for words to be judged one by one
UNCHECKED = "perhaps not visible: the page could not be painted to see"

# Bits of a span's char_flags (MuPDF's fz_stext_char.flags): how its glyphs were painted.
_FILLED, _STROKED, _CLIPPED = 16, 32, 64
_PAINTED = _FILLED | _STROKED

Suspicion = Literal["inkless", "covered", "veiled", "ground"]  # what a text may be hidden by
Line = tuple[list[dict[str, Any]], tuple[float, float]]  # spans as MuPDF gives them, and the line's direction


@dataclass
class Looks:
    """How many pages of a document may still be painted."""

    left: int = MAX_LOOKS


@dataclass
class Shown:
    """One page, parted."""

    shown: Any  # its display list
    lines: list[Line] = field(default_factory=list)
    hidden: list[tuple[str, list[dict[str, Any]], tuple[float, float]]] = field(default_factory=list)
    pictures: list[Rectangle] = field(default_factory=list)
    replaces: bool = False  # whether the page tells machines other words than it prints (/ActualText)


def split(page: Any, looks: Looks) -> Shown:
    """The page's visible lines and its hidden words."""
    box: Rectangle = (0.0, 0.0, float(page.rect.width), float(page.rect.height))
    shown = interpret(page, with_notes=has_notes(page))
    ledger = Ledger(box[2], box[3])
    play(shown, ledger)
    ledger.settle()
    parted = Shown(shown, pictures=ledger.pictures, replaces=ledger.replaces)
    suspects = {key: text for key, text in ledger.texts.items() if text.over or text.covered}
    unseen = ledger.ignored if is_picture(ledger.pictures, box) else set()  # perhaps a scan's: wanted word by word
    blocks = _blocks(shown)
    aside = Shown(shown)
    if suspects and _needs_look(shown, blocks, ledger, box):
        _part_suspects(aside, ledger, suspects, box, looks)
    if not aside.hidden:  # all of it is seen: the page is read as it stands
        aside, suspects = Shown(shown), {}

    def wanted(key: int) -> bool:
        return key not in suspects and key not in unseen

    if suspects or unseen:
        blocks = _blocks(shown, wanted)
    _part_plain(parted, blocks, box, lambda: _blocks(shown, wanted, _always))
    if unseen:
        layer = _blocks(shown, unseen.__contains__, _always)
        _part_plain(parted, layer, box, lambda: layer)
    parted.lines += aside.lines
    parted.hidden += aside.hidden
    parted.hidden = [hidden for hidden in parted.hidden if not _is_repeated(hidden[1], parted.lines)]
    return parted


def _is_repeated(run: list[dict[str, Any]], lines: list[Line]) -> bool:
    """Whether the same text is printed once more in the same place, as some programs do to embolden or to outline."""
    text = "".join(span["text"] for span in run).strip()
    x0, y0, _, y1 = run[0]["bbox"]
    x1 = run[-1]["bbox"][2]
    for spans, _ in lines:
        first, last = spans[0]["bbox"], spans[-1]["bbox"]
        level = abs(first[1] - y0) < REPEATED and abs(first[3] - y1) < REPEATED
        within = first[0] - REPEATED < x0 and x1 < last[2] + REPEATED
        if level and within and text in "".join(span["text"] for span in spans):
            return True
    return False


def _needs_look(shown: Any, blocks: list[dict[str, Any]], ledger: Ledger, page: Rectangle) -> bool:
    """Whether a page's words have to be judged one by one; letters on top of all else need but another ground."""
    on_top: list[dict[str, Any]] = []
    for spans, _ in _lines(blocks, MAX_PAGE_CHARS):
        for span in spans:
            if span["text"].isspace() or not (doubt := ledger.doubt(span["bbox"], _colour(span["color"]))):
                continue
            if doubt == "depth" or not _is_plain_ink(span):
                return True
            on_top.append(span)
    return any(_in_doubt_on_their_ground(shown, near, page) for near in together(on_top))


def _in_doubt_on_their_ground(shown: Any, spans: list[dict[str, Any]], page: Rectangle) -> list[dict[str, Any]]:
    """Those of some spans that do not clearly stand out from their surroundings."""
    view = View(shown, [span["bbox"] for span in spans], page)
    return [span for span in spans if not view.contrasts(span["bbox"], _colour(span["color"]))]


def _is_doubtful(span: dict[str, Any], ledger: Ledger) -> bool:
    return not span["text"].isspace() and bool(ledger.doubt(span["bbox"], _colour(span["color"])))


def _blocks(
    shown: Any,
    wanted: Callable[[int], bool] | None = None,
    part: Callable[[dict[str, Any]], bool] | None = None,
) -> list[dict[str, Any]]:
    """The text that is wanted, by default all. `part`: which of its spans are to be parted into words."""
    blocks = spans_of(text_page(shown, FLAGS, wanted), chars=part is not None)
    if part is None:
        rejoin(blocks)
    else:
        for block in blocks:
            for line in block.get("lines", ()):
                line["spans"] = [piece for span in line["spans"] for piece in _pieces(span, part)]
    size_bitmap_fonts(blocks)
    return blocks


def _always(_: dict[str, Any]) -> bool:
    return True


def _pieces(span: dict[str, Any], part: Callable[[dict[str, Any]], bool]) -> Iterable[dict[str, Any]]:
    """A span in characters as its words, or as a whole."""
    span["text"] = "".join([char["c"] for char in span["chars"]])
    return _words(span) if part(span) else (span,)


def _lines(blocks: Iterable[dict[str, Any]], most: int) -> Iterator[Line]:
    chars = 0
    for block in blocks:
        for line in block.get("lines", ()):
            chars += sum([len(span["text"]) for span in line["spans"]])
            if chars > most:
                return
            yield line["spans"], line["dir"]


def _words(span: dict[str, Any]) -> Iterator[dict[str, Any]]:
    """A span's words, each with the blanks behind it."""
    word: list[dict[str, Any]] = []
    for char in span["chars"]:
        if word and word[-1]["c"].isspace() and not char["c"].isspace():
            yield _word(span, word)
            word = []
        word.append(char)
    if word:
        yield _word(span, word)


def _word(span: dict[str, Any], chars: list[dict[str, Any]]) -> dict[str, Any]:
    inked = [char["bbox"] for char in chars if not char["c"].isspace()] or [chars[0]["bbox"]]
    box = (
        min(b[0] for b in inked),
        min(b[1] for b in inked),
        max(b[2] for b in inked),
        max(b[3] for b in inked),
    )
    text = "".join(char["c"] for char in chars)
    return {**span, "chars": None, "text": text, "bbox": box, "origin": chars[0]["origin"]}


def _core(word: dict[str, Any], direction: tuple[float, float]) -> Rectangle:
    """Where a word's own letters are, and not what hangs down from the line above."""
    x0, y0, x1, y1 = word["bbox"]
    baseline, size = word["origin"][1], word["size"]
    top, bottom = max(y0, baseline - 0.8 * size), min(y1, baseline + 0.1 * size)
    return (x0, top, x1, bottom) if is_upright(direction) and bottom - top > 0.5 * size else (x0, y0, x1, y1)


def _part_plain(
    parted: Shown, blocks: list[dict[str, Any]], page: Rectangle, in_words: Callable[[], list[dict[str, Any]]]
) -> None:
    """Part text by what it says of itself. `in_words`: the same text, in spans of one word each."""
    words: list[Line] = []
    for at, (spans, direction) in enumerate(_lines(blocks, MAX_PAGE_CHARS)):
        if _are_usual(spans, page):  # nearly all are: the rest is for the few that remain
            parted.lines.append((spans, direction))
            continue
        reasons = [_plain_reason(span, page) for span in spans]
        if MIXED in reasons:
            words = words or list(_lines(in_words(), MAX_PAGE_CHARS))
            reasons = _word_reasons(*words[at], page)
            spans = words[at][0] if any(reasons) else spans
        if any(reasons):
            _sort_out(parted, list(zip(spans, reasons, strict=True)), direction)
        else:
            parted.lines.append((spans, direction))


def _word_reasons(words: list[dict[str, Any]], direction: tuple[float, float], page: Rectangle) -> list[str]:
    """Why words of a line cannot be seen; what is too short to tell by itself goes with the word before it."""
    reasons: list[str] = []
    for word, after in zip(words, [*words[1:], None], strict=True):
        why = _plain_reason(word, page)
        if not why and after and max(word["text"]) < JOINING:
            steps = (there - here for here, there in zip(word["origin"], after["origin"], strict=True))
            length = abs(sum(step * along for step, along in zip(steps, direction, strict=True)))
            why = SMALL if _is_squeezed(len(word["text"]), word["size"], length) else ""
        elif not why and reasons and (after is None or len(word["text"]) < SEVERAL):
            why = reasons[-1]
        reasons.append(why)
    return reasons


def _sort_out(parted: Shown, judged: list[tuple[dict[str, Any], str]], direction: tuple[float, float]) -> None:
    """Put each run of a line's spans where it belongs; blanks go with what stands before them."""
    run: list[dict[str, Any]] = []
    last = ""
    for span, why in judged:
        reason = last if run and span["text"].isspace() else why
        if run and reason != last:
            _file(parted, run, last, direction)
            run = []
        run.append(span)
        last = reason
    if run:
        _file(parted, run, last, direction)


def _file(parted: Shown, run: list[dict[str, Any]], why: str, direction: tuple[float, float]) -> None:
    if why:
        parted.hidden.append((why, run, direction))
    else:
        parted.lines.append((run, direction))


def _are_usual(spans: Sequence[dict[str, Any]], page: Rectangle) -> bool:
    """Whether these are painted in letters of some size and width that stand within the page."""
    left, top, right, bottom = page
    for span in spans:
        x0, y0, x1, y1 = span["bbox"]
        size = span["size"]
        if (
            not span["char_flags"] & _PAINTED
            or span["alpha"] == 0
            or size < TINY
            or y1 - y0 <= LOW
            or x1 - x0 <= FLAT
            or x1 - x0 <= DENSE * size * len(span["text"])
            or not (left <= x0 and x1 <= right and top <= y0 and y1 <= bottom)
        ):
            return False
    return True


def _plain_reason(span: dict[str, Any], page: Rectangle) -> str:
    """Why a span cannot be seen, as far as it tells by itself."""
    flags = span["char_flags"]
    if not flags & (_PAINTED | _CLIPPED):
        return INVISIBLE
    if span["alpha"] == 0 and not flags & _CLIPPED:
        return TRANSPARENT
    if _are_usual((span,), page):
        return ""
    x0, y0, x1, y1 = span["bbox"]
    size, text = span["size"], span["text"].strip()
    count = sum(char.isalnum() or char.isspace() for char in text)  # marks may have no width
    length, height = max(x1 - x0, y1 - y0), min(x1 - x0, y1 - y0)
    flat = count > 1 and height < (LOW if count >= SEVERAL and length > BROAD * size * count else FLAT)
    if size < TINY or flat:
        return SMALL
    several = len(text.split()) > 1
    if _is_squeezed(count, size, length):
        return MIXED if several else SMALL
    if not (page[0] - 1 <= (x0 + x1) / 2 <= page[2] + 1 and page[1] - 1 <= (y0 + y1) / 2 <= page[3] + 1):
        return MIXED if several and x0 < page[2] and x1 > page[0] and y0 < page[3] and y1 > page[1] else OUTSIDE
    off = x0 < page[0] - 1 or x1 > page[2] + 1 or y0 < page[1] - 1 or y1 > page[3] + 1
    crowded = count > 2 * SEVERAL and length < DENSE * size * count
    return MIXED if several and (off or crowded) else ""


def _is_squeezed(count: int, size: float, length: float) -> bool:
    """Whether letters are too narrow to be read, or stand upon one another."""
    advance = length / max(1, count)
    return advance < (CROWDED if count > 2 else NARROW) * size or (count >= SEVERAL and advance < TIGHT)


def _part_suspects(parted: Shown, ledger: Ledger, suspects: dict[int, Text], page: Rectangle, looks: Looks) -> None:
    """Look at suspicious text, at each kind by itself: texts of two kinds may share a place."""
    kinds: dict[Suspicion, set[int]] = {}
    for key, text in suspects.items():
        kinds.setdefault(_suspicion(key, text, ledger), set()).add(key)
    for kind, keys in kinds.items():
        blocks = _blocks(
            parted.shown,
            keys.__contains__,
            lambda span: _plain_reason(span, page) == MIXED or _is_doubtful(span, ledger),
        )
        judged = [
            ([(span, _plain_reason(span, page)) for span in spans], direction)
            for spans, direction in _lines(blocks, MAX_PAGE_CHARS)
        ]
        looked: list[dict[str, Any]] = []
        for line, direction in judged:
            for span, why in line:
                if not why and _is_doubtful(span, ledger):
                    span["core"] = _core(span, direction)
                    looked.append(span)
        unseen = _look(parted.shown, looked, keys, page, looks, kind)
        for line, direction in judged:
            _sort_out(parted, [(span, why or unseen.get(id(span), "")) for span, why in line], direction)


def _suspicion(key: int, text: Text, ledger: Ledger) -> Suspicion:
    if key in ledger.inkless:
        return "inkless"
    return "covered" if text.covered else "veiled" if text.veiled else "ground"


def _look(
    shown: Any, words: list[dict[str, Any]], keys: Set[int], page: Rectangle, looks: Looks, kind: Suspicion
) -> dict[int, str]:
    """Why words cannot be seen, by their identity, for those that cannot."""
    if not words or kind == "inkless":
        return {id(word): FAINT for word in words}
    if looks.left <= 0:
        return {id(word): UNCHECKED for word in words}
    looks.left -= 1
    reasons: dict[int, str] = {}
    for near in together(words):
        if kind == "ground":  # painted last and in full: seen wherever its surroundings are of another colour
            plain = [word for word in near if _is_plain_ink(word)]
            near = [word for word in near if not _is_plain_ink(word)]
            near += _in_doubt_on_their_ground(shown, plain, page)
        reasons |= _compare(shown, near, keys, page, kind)
    return reasons


def _compare(
    shown: Any, words: list[dict[str, Any]], keys: Set[int], page: Rectangle, kind: Suspicion
) -> dict[int, str]:
    """Why words cannot be seen, by the page's pictures with them and without them."""
    reasons: dict[int, str] = {}
    for fine in (False, True):  # few words need a closer look
        if not words:
            break
        comparison = Comparison(shown, [word["bbox"] for word in words], page, lambda key: key not in keys, fine)
        judged = {id(word): _reason(word, comparison, kind) for word in words}
        reasons = {name: why for name, why in judged.items() if why}
        words = [word for word in words if id(word) in reasons]
    return reasons


def _is_plain_ink(span: dict[str, Any]) -> bool:
    return bool(span["char_flags"] & _PAINTED == _FILLED and span["alpha"] == 255)


def _reason(span: dict[str, Any], comparison: Comparison, kind: Suspicion) -> str:
    colour = _colour(span["color"])
    simple = _is_plain_ink(span) and kind == "ground"
    if comparison.shows(span["core"], colour if simple else None, any(c.isalnum() for c in span["text"])):
        return ""
    if kind == "covered":
        return COVERED
    ground = comparison.ground(span["bbox"])
    if alike(colour, ground):
        return WHITE_ON_WHITE if min(ground) > NEARLY_WHITE else SAME_COLOUR
    return FAINT


def _colour(number: int) -> Colour:
    """The colour that MuPDF writes as one number, 0xRRGGBB."""
    return (number >> 16 & 255) / 255, (number >> 8 & 255) / 255, (number & 255) / 255


def recover_scan(parted: Shown, page: Rectangle, looks: Looks) -> str:
    """Give a scan's page its honest text layer back; returns that layer's text, "" where there is none."""
    runs = [(why, run, direction) for why, run, direction in parted.hidden if why in (INVISIBLE, COVERED)]
    if not runs or looks.left <= 0 or not is_picture(parted.pictures, page):
        return ""
    looks.left -= 1
    words = [[span["bbox"] for span in run if not span["text"].isspace()] for _, run, _ in runs]
    verdicts = honest_words(Scan(parted.shown, page), words)
    layer: list[str] = []
    for (why, run, direction), verdict in zip(runs, verdicts, strict=True):
        if not any(verdict):
            continue
        parted.hidden.remove((why, run, direction))
        judged = iter(verdict)
        marked = [(span, "" if span["text"].isspace() or next(judged) else why) for span in run]
        _sort_out(parted, marked, direction)
        layer += [span["text"] for span, hidden in marked if not hidden]
    return "".join(layer)
