"""Rewrite a post's HTML tree so that tables and footnotes read as list items with links."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from lxml import html as _html  # type: ignore[import-untyped]

from curator.list_import.addresses import find_addresses

html: Any = _html

MIN_SENTENCE_WORDS = 6
"""Words of a cell, on average, in a column that holds frames."""
MAX_CELLS = 100_000
"""Cells of one table; a larger one is left as it is."""


def rewrite_tree(root: Any) -> None:
    """Rewrite tables as lists and references to footnotes as links, in place."""
    _resolve_footnotes(root)
    for table in list(root.iter("table")):
        if next(table.iterancestors("table"), None) is None:
            _rewrite_table(table)


def _resolve_footnotes(root: Any) -> None:
    """Put the addresses of each footnote in the place of the references to it, and remove footnotes with addresses.

    A footnote without an address stays, as text that belongs to no entry.
    """
    notes = {note.get("id"): note for note in root.iter("li") if (note.get("id") or "").startswith("fn")}
    addresses = {name: list(_iterate_addresses(note)) for name, note in notes.items()}
    for reference in list(root.iter("sup")):
        link = next(iter(reference.iter("a")), None)
        name = (link.get("href") or "").removeprefix("#") if link is not None else ""
        if name in notes:
            _replace(reference, _make_links(addresses[name]))
    for name, note in notes.items():
        for back in [link for link in note.iter("a") if (link.get("href") or "").startswith("#fnref")]:
            back.drop_tree()
        if addresses[name]:
            note.drop_tree()


def _iterate_addresses(element: Any) -> Iterator[str]:
    """Yield the addresses that an element links to or contains as text."""
    linked = [href for link in element.iter("a") if (href := link.get("href") or "") and not href.startswith("#")]
    yield from dict.fromkeys([*linked, *(found.url for found in find_addresses("".join(element.itertext())))])


def _rewrite_table(table: Any) -> None:
    """Rewrite a table as a list: in each row the sentence, then the links of the other cells, and their text below it.

    A table without a column of sentences stays as it is.
    """
    rows = [[cell for cell in row if cell.tag in ("td", "th")] for row in table.xpath("./tr|./*/tr")]
    if sum(map(len, rows)) > MAX_CELLS:
        return
    heads = [cell.text_content().strip() for cell in rows[0]] if rows and all(c.tag == "th" for c in rows[0]) else []
    body = rows[1:] if heads else rows
    column = _find_sentences(body)
    if column is None:
        return
    items = html.fromstring("<ul></ul>")
    for row in body:
        if column < len(row):
            items.append(_make_item(row, column, heads))
    _replace(table, [items])


def _find_sentences(rows: list[list[Any]]) -> int | None:
    """Return the index of the column with the most words, if they are sentences."""
    words: dict[int, int] = {}
    for row in rows:
        for index, cell in enumerate(row):
            words[index] = words.get(index, 0) + len(cell.text_content().split())
    best = max(words, key=lambda index: words[index], default=None)
    return best if best is not None and words[best] >= MIN_SENTENCE_WORDS * len(rows) else None


def _make_item(row: list[Any], column: int, heads: list[str]) -> Any:
    item = html.fromstring("<li></li>")
    cell = row[column]
    item.text = cell.text
    item.extend(list(cell))
    details = []
    for index, other in enumerate(row):
        if index == column:
            continue
        addresses = list(_iterate_addresses(other))
        for link in _make_links(addresses):
            item.append(link)
        text = " ".join(other.text_content().split())
        if text and not addresses:
            details.append(f"{heads[index]}: {text}" if index < len(heads) and heads[index] else text)
    if details:
        below = html.fromstring("<ul><li></li></ul>")
        below[0].text = f"({'; '.join(details)})"
        item.append(below)
    return item


def _make_links(addresses: list[str]) -> list[Any]:
    """Return links in brackets, as an author puts sources behind a sentence: " ([1], [2])"."""
    links = []
    for number, url in enumerate(addresses, 1):
        around = html.fromstring("<span><a></a></span>")
        (link,) = around
        link.set("href", url)
        link.text = f"[{number}]"
        around.text = " (" if number == 1 else " "
        link.tail = ")" if number == len(addresses) else ","
        links.append(around)
    return links


def _replace(element: Any, substitutes: list[Any]) -> None:
    """Put other elements in the place of an element; the text behind it stays."""
    for substitute in substitutes:
        element.addprevious(substitute)
    element.drop_tree()
