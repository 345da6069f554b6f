"""How proof is shown: each quote's grade and place, how it differs from the paper, what its frame claims beyond it."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import Any

import click

from curator.cli.output import count, wrap_text
from curator.sanitize import single_line
from curator.types import Difference, HiddenText, Notice, Quote, Support

LONGEST_HIDDEN = 120  # characters of hidden text that are shown
MOST_HIDDEN = 3  # passages of hidden text that are shown of one paper
NOTHING = "nothing"
_ELLIPSES = frozenset({"...", "…", "[...]", "[…]", "(...)", "(…)"})
_OF = {"draft": " of the draft", "final": " of the accepted words", "earlier": " of an earlier wording"}
_COLOURS = {"supported": "green", "partly": "yellow", "overreaches": "yellow", "not supported": "red"}


def place_of(quote: Quote) -> str:
    """Grade and place in words: "near, p. 4, caption, appendix"."""
    return ", ".join(part for part in (quote.grade, f"p. {quote.page}" if quote.page else "", quote.place) if part)


def quote_lines(quote: Quote, indent: str = "    ") -> Iterator[str]:
    """The quote with its place; then what differs from the paper, or why it does not hold."""
    yield wrap_text(f'"{quote.text}" ({place_of(quote)})', f"{indent}> ", f"{indent}  ")
    deeper = f"{indent}    "
    changed = [one for one in quote.differences if one.claimed.strip() not in _ELLIPSES]
    if changed:
        yield f"{deeper}quoted → in the paper: " + " ".join(difference(one) for one in changed)
    for one in quote.differences:
        if one.claimed.strip() in _ELLIPSES:
            yield wrap_text(f"the ellipsis leaves out: {one.found}", deeper, f"{deeper}  ")
    if quote.why:
        yield wrap_text(f"does not hold: {quote.why}", deeper, f"{deeper}  ")


def difference(one: Difference, colour: bool = True) -> str:
    """ "[claimed → found]", in red and green on a terminal."""
    claimed, found = single_line(one.claimed) or NOTHING, single_line(one.found) or NOTHING
    if colour:
        claimed, found = click.style(claimed, fg="red"), click.style(found, fg="green")
    return f"[{claimed} → {found}]"


def support_lines(support: Sequence[Support], indent: str = "  ") -> Iterator[str]:
    """Each checker's verdict on whether the quotes carry the frame; without colour where it judged other words."""
    for one in support:
        as_drafted = one.current and one.judged == "draft"
        yield support_line(one, "Support" if as_drafted else f"Support{_OF[one.judged]}", indent)


def support_line(one: Support, head: str, indent: str = "") -> str:
    """One verdict after `head`, which says on which words it was given."""
    verdict = click.style(one.verdict, fg=_COLOURS.get(one.verdict)) if one.current else one.verdict
    beyond = f" ({', '.join(one.overreach)})" if one.overreach else ""
    by = one.checker.split(" ")[0].removesuffix(".md")
    said = wrap_text(f"{head}: @{beyond}: {one.reason} [{by}]", indent, f"{indent}  ")
    return said.replace("@", verdict, 1)


def warnings_of(hidden: Sequence[HiddenText]) -> list[dict[str, Any]]:
    """What a reviewer must know of a paper before trusting it, as JSON: text that it hides from people."""
    return [
        {"what": "hidden text", "page": one.page, "why": one.why, "text": _cut(one.text)}
        for one in hidden
        if not one.is_ocr_layer
    ]


def warning_lines(hidden: Sequence[HiddenText], indent: str = "  ") -> Iterator[str]:
    found = warnings_of(hidden)
    if not found:
        return
    said = f"Warning: this paper hides text from people in {count(len(found), 'place')}; no model was shown it."
    yield click.style(wrap_text(said, indent, f"{indent}  "), fg="red")
    for one in found[:MOST_HIDDEN]:
        yield wrap_text(f"p. {one['page']} ({one['why']}): {one['text']}", f"{indent}  ", f"{indent}    ")
    if len(found) > MOST_HIDDEN:
        yield f"{indent}  ... and {len(found) - MOST_HIDDEN} more"


_WHAT = {
    "withdrawn": "Withdrawn: version {} of {} takes the paper back. arXiv says: {}",
    "unreadable": "Revised: version {} of {} cannot be read, so nobody knows what became of its quotes. {}",
    "no longer holds": "Revised: version {} of {} is out; {}.",
    "unchanged": "Revised: version {} of {} is out; {}.",
}


def notice_lines(notice: Notice, indent: str = "    ") -> Iterator[str]:
    """What a later version does to a frame: each lost passage as it is cited, and what stands there now."""
    said = _WHAT[notice.what].format(notice.version, notice.paper_id, notice.detail)
    yield click.style(wrap_text(said, indent, f"{indent}  "), fg="yellow" if notice.what == "unchanged" else "red")
    for one in notice.lost:
        page = f" (p. {one.cited_page})" if one.cited_page else ""
        yield wrap_text(f'cited: "{one.cited}"{page}', f"{indent}  ", f"{indent}    ")
        if one.nearest:
            at = f" (p. {one.nearest_page})" if one.nearest_page else ""
            yield wrap_text(f'now, nearest: "{one.nearest}"{at}', f"{indent}  ", f"{indent}    ")
        else:
            yield f"{indent}  now: nothing like it"
        if one.now.why:
            yield wrap_text(one.now.why, f"{indent}    ", f"{indent}    ")


def notice_json(notice: Notice) -> dict[str, Any]:
    return {
        "candidate": notice.candidate_id,
        "evidence": notice.evidence_id,
        "paper": notice.paper_id,
        "version": notice.version,
        "what": notice.what,
        "detail": notice.detail,
        "added": notice.added,
        "quotes": [
            {
                "cited": one.cited,
                "cited_page": one.cited_page,
                "now": quote_json(one.now),
                "nearest": one.nearest,
                "nearest_page": one.nearest_page,
            }
            for one in notice.rechecks
        ],
    }


def quote_json(quote: Quote) -> dict[str, Any]:
    return {
        "text": quote.text,
        "grade": quote.grade,
        "page": quote.page,
        "section": quote.section,
        "where": quote.place,
        "differences": differences_json(quote),
        "why": quote.why,
    }


def differences_json(quote: Quote) -> list[dict[str, str]]:
    return [{"claimed": one.claimed, "found": one.found} for one in quote.differences]


def _cut(text: str) -> str:
    line = single_line(text)
    return line if len(line) <= LONGEST_HIDDEN else line[: LONGEST_HIDDEN - 1] + "…"
