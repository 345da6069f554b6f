"""How proof is shown: each quote's grade and place, how it differs from the paper, what its frame claims beyond it."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import Any

import click

from curator.cli.show import count, wrapped
from curator.records import Difference, Hidden, Quote, Support
from curator.text import one_line

LONGEST_HIDDEN = 120  # characters of hidden text that are shown
MOST_HIDDEN = 3  # passages of hidden text that are shown of one paper
NOTHING = "nothing"
_ELLIPSES = frozenset({"...", "…", "[...]", "[…]", "(...)", "(…)"})
_COLOURS = {"supported": "green", "partly": "yellow", "overreaches": "yellow", "not supported": "red"}


def place_of(quote: Quote) -> str:
    """Grade and place in words: "near, p. 4, caption, appendix"."""
    return ", ".join(part for part in (quote.grade, f"p. {quote.page}" if quote.page else "", quote.place) if part)


def quote_lines(quote: Quote, indent: str = "    ") -> Iterator[str]:
    """The quote with its place; then what differs from the paper, or why it does not hold."""
    yield wrapped(f'"{quote.text}" ({place_of(quote)})', f"{indent}> ", f"{indent}  ")
    deeper = f"{indent}    "
    changed = [one for one in quote.differences if one.claimed.strip() not in _ELLIPSES]
    if changed:
        yield f"{deeper}quoted → in the paper: " + " ".join(difference(one) for one in changed)
    for one in quote.differences:
        if one.claimed.strip() in _ELLIPSES:
            yield wrapped(f"the ellipsis leaves out: {one.found}", deeper, f"{deeper}  ")
    if quote.why:
        yield wrapped(f"does not hold: {quote.why}", deeper, f"{deeper}  ")


def difference(one: Difference, colour: bool = True) -> str:
    """ "[claimed → found]", in red and green on a terminal."""
    claimed, found = one_line(one.claimed) or NOTHING, one_line(one.found) or NOTHING
    if colour:
        claimed, found = click.style(claimed, fg="red"), click.style(found, fg="green")
    return f"[{claimed} → {found}]"


def support_lines(support: Sequence[Support], indent: str = "  ") -> Iterator[str]:
    """Each checker's word on whether the quotes carry the frame."""
    for one in support:
        verdict = click.style(one.verdict, fg=_COLOURS.get(one.verdict))
        beyond = f" ({', '.join(one.overreach)})" if one.overreach else ""
        by = one.checker.split(" ")[0].removesuffix(".md")
        said = wrapped(f"Support: @{beyond}: {one.reason} [{by}]", indent, f"{indent}  ")
        yield said.replace("@", verdict, 1)


def warnings_of(hidden: Sequence[Hidden]) -> list[dict[str, Any]]:
    """What a reviewer must know of a paper before trusting it, as JSON: text that it hides from people."""
    return [
        {"what": "hidden text", "page": one.page, "why": one.why, "text": _cut(one.text)}
        for one in hidden
        if not one.honest
    ]


def warning_lines(hidden: Sequence[Hidden], indent: str = "  ") -> Iterator[str]:
    found = warnings_of(hidden)
    if not found:
        return
    said = f"Warning: this paper hides text from people in {count(len(found), 'place')}; no model was shown it."
    yield click.style(wrapped(said, indent, f"{indent}  "), fg="red")
    for one in found[:MOST_HIDDEN]:
        yield wrapped(f"p. {one['page']} ({one['why']}): {one['text']}", f"{indent}  ", f"{indent}    ")
    if len(found) > MOST_HIDDEN:
        yield f"{indent}  ... and {len(found) - MOST_HIDDEN} more"


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


def support_json(support: Sequence[Support]) -> list[dict[str, Any]]:
    return [
        {"verdict": one.verdict, "reason": one.reason, "overreach": list(one.overreach), "checker": one.checker}
        for one in support
    ]


def _cut(text: str) -> str:
    line = one_line(text)
    return line if len(line) <= LONGEST_HIDDEN else line[: LONGEST_HIDDEN - 1] + "…"
