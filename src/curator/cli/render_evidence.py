"""Evidence as text and JSON: quotes with their grades, support verdicts, warnings and revision notices."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import Any

import click

from curator.cli.output import count, wrap_text
from curator.sanitize import single_line
from curator.types import Difference, HiddenText, Notice, Quote, Support

MAX_HIDDEN_CHARS = 120
"""Characters of a passage of hidden text that are shown."""
MAX_HIDDEN_PASSAGES = 3
"""Passages of hidden text that are shown for one paper."""

_NOTHING = "nothing"
_ELLIPSES = frozenset({"...", "…", "[...]", "[…]", "(...)", "(…)"})
_OF = {"draft": " of the draft", "final": " of the accepted words", "earlier": " of an earlier wording"}
_COLOURS = {"supported": "green", "partly": "yellow", "overreaches": "yellow", "not supported": "red"}


def place_of(quote: Quote) -> str:
    """Return grade and place in words, such as "near, p. 4, caption, appendix"."""
    return ", ".join(part for part in (quote.grade, f"p. {quote.page}" if quote.page else "", quote.place) if part)


def quote_lines(quote: Quote, indent: str = "    ") -> Iterator[str]:
    """Yield the quote with its place, then its differences from the paper, or why it is not verified."""
    yield wrap_text(f'"{quote.text}" ({place_of(quote)})', f"{indent}> ", f"{indent}  ")
    deeper = f"{indent}    "
    changed = [difference for difference in quote.differences if difference.claimed.strip() not in _ELLIPSES]
    if changed:
        yield f"{deeper}quoted → in the paper: " + " ".join(format_difference(difference) for difference in changed)
    for difference in quote.differences:
        if difference.claimed.strip() in _ELLIPSES:
            yield wrap_text(f"the ellipsis leaves out: {difference.found}", deeper, f"{deeper}  ")
    if quote.why:
        yield wrap_text(f"does not hold: {quote.why}", deeper, f"{deeper}  ")


def format_difference(difference: Difference, colour: bool = True) -> str:
    """Return a difference as [quoted → in the paper], in red and green on a terminal."""
    claimed, found = single_line(difference.claimed) or _NOTHING, single_line(difference.found) or _NOTHING
    if colour:
        claimed, found = click.style(claimed, fg="red"), click.style(found, fg="green")
    return f"[{claimed} → {found}]"


def support_lines(verdicts: Sequence[Support], indent: str = "  ") -> Iterator[str]:
    """Yield each verdict on whether the quotes support the frame; without colour if it judged an earlier wording."""
    for support in verdicts:
        as_drafted = support.current and support.judged == "draft"
        yield support_line(support, "Support" if as_drafted else f"Support{_OF[support.judged]}", indent)


def support_line(support: Support, head: str, indent: str = "") -> str:
    """Return one verdict after `head`, which names the judged text."""
    verdict = click.style(support.verdict, fg=_COLOURS.get(support.verdict)) if support.current else support.verdict
    beyond = f" ({', '.join(support.overreach)})" if support.overreach else ""
    by = support.checker.split(" ")[0].removesuffix(".md")
    line = wrap_text(f"{head}: @{beyond}: {support.reason} [{by}]", indent, f"{indent}  ")
    return line.replace("@", verdict, 1)


def warnings_of(hidden: Sequence[HiddenText]) -> list[dict[str, Any]]:
    """Return the warnings about a paper as JSON: its text that readers cannot see."""
    return [
        {"what": "hidden text", "page": passage.page, "why": passage.why, "text": _cut(passage.text)}
        for passage in hidden
        if not passage.is_ocr_layer
    ]


def warning_lines(hidden: Sequence[HiddenText], indent: str = "  ") -> Iterator[str]:
    """Yield a warning about hidden text, with the first passages; nothing if there is none."""
    warnings = warnings_of(hidden)
    if not warnings:
        return
    warning = f"Warning: this paper contains hidden text in {count(len(warnings), 'place')}; no model saw it."
    yield click.style(wrap_text(warning, indent, f"{indent}  "), fg="red")
    for passage in warnings[:MAX_HIDDEN_PASSAGES]:
        yield wrap_text(f"p. {passage['page']} ({passage['why']}): {passage['text']}", f"{indent}  ", f"{indent}    ")
    if len(warnings) > MAX_HIDDEN_PASSAGES:
        yield f"{indent}  ... and {len(warnings) - MAX_HIDDEN_PASSAGES} more"


_NOTICES = {
    "withdrawn": "Withdrawn: version {} of {} withdraws the paper. arXiv says: {}",
    "unreadable": "Revised: version {} of {} cannot be read, so its quotes could not be checked. {}",
    "no longer holds": "Revised: version {} of {} has appeared; {}.",
    "unchanged": "Revised: version {} of {} has appeared; {}.",
}


def notice_lines(notice: Notice, indent: str = "    ") -> Iterator[str]:
    """Yield what a later version of the paper means for a frame: each lost passage, and the nearest one now."""
    message = _NOTICES[notice.what].format(notice.version, notice.paper_id, notice.detail)
    yield click.style(wrap_text(message, indent, f"{indent}  "), fg="yellow" if notice.what == "unchanged" else "red")
    for recheck in notice.lost:
        page = f" (p. {recheck.cited_page})" if recheck.cited_page else ""
        yield wrap_text(f'cited: "{recheck.cited}"{page}', f"{indent}  ", f"{indent}    ")
        if recheck.nearest:
            at = f" (p. {recheck.nearest_page})" if recheck.nearest_page else ""
            yield wrap_text(f'now, nearest: "{recheck.nearest}"{at}', f"{indent}  ", f"{indent}    ")
        else:
            yield f"{indent}  now: no similar passage"
        if recheck.now.why:
            yield wrap_text(recheck.now.why, f"{indent}    ", f"{indent}    ")


def notice_json(notice: Notice) -> dict[str, Any]:
    """Return a revision notice as JSON."""
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
                "cited": recheck.cited,
                "cited_page": recheck.cited_page,
                "now": quote_json(recheck.now),
                "nearest": recheck.nearest,
                "nearest_page": recheck.nearest_page,
            }
            for recheck in notice.rechecks
        ],
    }


def quote_json(quote: Quote) -> dict[str, Any]:
    """Return a quote with its grade as JSON."""
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
    """Return the differences between a quote and the paper as JSON."""
    return [{"claimed": change.claimed, "found": change.found} for change in quote.differences]


def _cut(text: str) -> str:
    line = single_line(text)
    return line if len(line) <= MAX_HIDDEN_CHARS else line[: MAX_HIDDEN_CHARS - 1] + "…"
