"""Draw the pictures of docs/architecture.md from the code, as SVG: rooms, imports, processes and the data model.

`docs/generate.py` writes them with the pages of the reference. They need no program to be drawn, and no script to be
seen.
"""

from __future__ import annotations

import configparser
import tempfile
from collections.abc import Iterable, Mapping, Sequence
from html import escape
from pathlib import Path

import grimp

from curator.warehouse import Warehouse

ROOT = Path(__file__).parents[1]

INK, GREY, LINE = "#111827", "#4b5563", "#6b7280"
BLUE, GREEN, AMBER, PALE = "#e0e7ff", "#ecfdf5", "#fef3c7", "#f3f4f6"
Box = tuple[float, float, float, float]
"""Left, top, width and height, in pixels."""


def drawings() -> dict[str, str]:
    """Return the text of each picture, by its file's name in docs/."""
    return {
        "architecture-rooms.svg": draw_rooms(),
        "architecture-imports.svg": draw_imports(),
        "architecture-processes.svg": draw_processes(),
        "architecture-entities.svg": draw_entities(),
        "architecture-data.svg": draw_data_model(),
    }


# Rooms


def draw_rooms() -> str:
    """Draw the layers of `.importlinter`, the highest first, under the flows that call them."""
    rows = [["flows"], *read_layers()]
    width, step, parts = 1090, 54, []
    for number, row in enumerate(rows):
        top = 20 + number * step
        wide = (width - 140) / len(row) - 10
        for place, room in enumerate(row):
            box = (110 + place * (wide + 10), top, wide, 38.0)
            parts.append(draw_box(box, room, fill=AMBER if room == "flows" else BLUE, size=13 if wide > 95 else 10))
    bottom = 20 + len(rows) * step
    parts.append(draw_arrow(f"M60 24V{bottom - 20}"))
    parts += [draw_text(46, bottom / 2, "may import", fill=GREY, turn=-90)]
    return picture(width, bottom, "Rooms of the package, from the top down; a room imports only rooms below it", parts)


def read_layers() -> list[list[str]]:
    """Return the rooms of each layer, as `.importlinter` states them, the highest layer first."""
    rules = configparser.ConfigParser()
    rules.read(ROOT / ".importlinter", encoding="utf-8")
    lines = rules["importlinter:contract:rooms"]["layers"].strip().splitlines()
    return [[room.strip() for room in line.split("|")] for line in lines]


def draw_imports() -> str:
    """Draw which room imports which, as a matrix in the order of the layers: no mark may be left of the diagonal."""
    rooms = ["flows", *(room for row in read_layers() for room in row)]
    imports = find_imports(rooms)
    cell, left, top = 22, 130, 110
    size = cell * len(rooms)
    parts = []
    for number, room in enumerate(rooms):
        middle = number * cell + cell / 2
        parts.append(draw_text(left - 8, top + middle + 4, room, anchor="end", size=12))
        parts.append(draw_text(left + middle + 4, top - 8, room, anchor="start", size=12, turn=-60))
        parts.append(draw_box((left + number * cell, top + number * cell, cell, cell), fill="#d1d5db", round=0))
        for line in (f"M{left} {top + number * cell}h{size}", f"M{left + number * cell} {top}v{size}"):
            parts.append(f'<path d="{line}" stroke="#e5e7eb"/>')
    for number, room in enumerate(rooms):
        for other in sorted(imports[room]):
            x, y = left + rooms.index(other) * cell + cell / 2, top + number * cell + cell / 2
            parts.append(f'<circle cx="{x:g}" cy="{y:g}" r="5" fill="#4338ca"/>')
    about = "Which room (left) imports which (top). Every mark is right of the diagonal: nothing imports upwards"
    return picture(left + size + 60, top + size + 20, about, parts)


def find_imports(rooms: Sequence[str]) -> dict[str, set[str]]:
    """Return the rooms that each room imports, itself excluded."""
    graph = grimp.build_graph("curator", "flows", cache_dir=None)
    found: dict[str, set[str]] = {room: set() for room in rooms}
    for module in graph.modules:
        room = room_of(module)
        if room in found:
            found[room] |= {room_of(other) for other in graph.find_modules_directly_imported_by(module)}
    return {room: (others & found.keys()) - {room} for room, others in found.items()}


def room_of(module: str) -> str:
    """Return the room of a module: "flows", a child of `curator`, or "" for the package itself."""
    package, _, rest = module.partition(".")
    return "flows" if package == "flows" else rest.partition(".")[0]


# Processes


def draw_processes() -> str:
    """Draw the processes of `curator up` and of a shell, and what they share."""
    up, browser, model, arxiv = (20, 150, 160, 52), (20, 30, 160, 52), (900, 30, 170, 52), (900, 110, 170, 52)
    server, schedule, page = (240, 110, 170, 52), (240, 190, 170, 52), (240, 30, 170, 52)
    runs, planned, shell, worker = (470, 98, 190, 156), (480, 108, 170, 52), (480, 192, 170, 52), (690, 190, 170, 52)
    file, pace = (20, 290, 840, 52), (900, 190, 170, 52)
    parts = [
        draw_box(browser, "browser", "here or elsewhere", fill=PALE),
        draw_box(up, "curator up", "starts and restarts"),
        draw_box(page, "review page", "curator review", fill=AMBER),
        draw_box(server, "Prefect server", "plans the runs"),
        draw_box(schedule, "flows.serve", "starts planned runs"),
        draw_box(runs, fill="#ffffff"),
        draw_box(planned, "scheduled run", "a process for each"),
        draw_box(shell, "curator ingest", "from a shell"),
        draw_box(worker, "PDF workers", "no files, no network", fill=AMBER),
        draw_box(model, "model endpoint", "OpenAI's protocol", fill=PALE),
        draw_box(arxiv, "arXiv", "search and PDFs", fill=PALE),
        draw_box(pace, "pace file", "one for the machine", fill=GREEN),
        draw_box(file, "warehouse/curator.duckdb", "one writer at a time: open, commit, close", fill=GREEN),
        draw_arrow("M182 56h54", both=True),
        *(draw_arrow(f"M182 {y}h54") for y in (158, 196)),
        draw_arrow("M100 148V118H210V70H236"),
        draw_arrow("M325 188V166", both=True),
        draw_arrow("M412 130h64", both=True),
        draw_arrow("M412 216H440V146H476"),
        draw_arrow("M662 216h24", both=True),
        draw_arrow("M662 136H896", both=True),
        draw_arrow("M662 120H780V56H896", both=True),
        draw_arrow("M565 256v30", both=True),
        draw_arrow("M412 56H455V286", both=True),
        draw_arrow("M985 188v-22", dashed=True),
    ]
    about = "Processes: the review page, the Prefect server, the schedules and their runs share one warehouse file"
    return picture(1090, 362, about, parts)


# Data model

GROUPS = {
    "Papers": ["papers", "sightings", "requests", "screenings", "appearances", "failures", "retries"],
    "Texts": ["documents", "pages", "sections", "sentences", "hidden"],
    "Model calls": ["calls", "call_starts", "request_forms", "batches", "batch_questions", "batch_states"],
    "Candidates": ["drafts", "candidates", "quotes", "supports", "notices", "rechecks"],
    "Decisions": ["decisions", "edits", "entry_steps", "imports"],
    "The list": [
        *("frames", "arrangements", "publications", "publication_frames", "entries", "entry_states", "entry_links"),
        *("entry_batches", "changelog_days"),
    ],
    "Runs": ["runs", "run_ends", "run_topics", "mailings", "migrations"],
}
"""The tables of the schema `record`, in the columns of the picture. Every table has a place."""

REFERENCES = {
    "paper": "papers", "run": "runs", "call": "calls", "candidate": "candidates", "frame": "frames",
    "entry": "entries", "evidence": "candidates", "merged_into": "candidates", "superseded_by": "candidates",
    "publication": "publications",
}  # fmt: skip
"""Columns by whose name rows belong together, and the table that holds the key. DuckDB is given no foreign keys."""

BATCHES = {"calls": "batches", "batch_questions": "batches", "batch_states": "batches"}
"""Tables whose column `batch` is a batch of model calls. Elsewhere it is a group of decisions taken together."""


NOUNS: dict[str, tuple[int, int]] = {
    "runs": (0, 0), "calls": (1, 0), "drafts": (2, 0), "supports": (3, 0),
    "papers": (0, 1), "documents": (1, 1), "candidates": (2, 1), "quotes": (3, 1), "decisions": (4, 1),
    "screenings": (0, 2), "pages": (1, 2), "frames": (2, 2), "publication_frames": (3, 2), "publications": (4, 2),
}  # fmt: skip
"""The tables of the short picture, with their column and row in it."""

LINKS = (
    ("papers", "run", "runs"), ("calls", "run", "runs"), ("drafts", "call", "calls"),
    ("screenings", "paper", "papers"), ("documents", "paper", "papers"), ("pages", "paper", "documents"),
    ("candidates", "paper", "documents"), ("candidates", "call", "drafts"),
    ("quotes", "candidate", "candidates"), ("supports", "candidate", "candidates"),
    ("decisions", "candidate", "candidates"), ("frames", "candidate", "candidates"),
    ("publication_frames", "frame", "frames"), ("publication_frames", "publication", "publications"),
)  # fmt: skip
"""Lines of the short picture: rows of the first table, by that column, belong to one row of the last."""

AT_MOST_ONE = {"drafts", "frames"}
"""Tables of which at most one row belongs to a row of the other table."""


def draw_entities() -> str:
    """Draw the main tables and how many rows of one belong to a row of another."""
    tables = read_tables()
    boxes = {name: (30 + column * 210, 30 + row * 110) for name, (column, row) in NOUNS.items()}
    parts = [draw_box((left, top, 150, 44), name, fill=GREEN, size=13) for name, (left, top) in boxes.items()]
    for many, column, one in LINKS:
        if column not in tables[many] or column not in tables[one]:
            raise SystemExit(f"{many}.{column} or {one}.{column} is no column: correct LINKS in docs/drawings.py.")
        parts.append(draw_link(boxes[many], boxes[one], column, behind=many == "decisions", single=many in AT_MOST_ONE))
    about = "Entities: a crow's foot marks the side with many rows; the line names the column that joins them"
    return picture(30 + 5 * 210 - 30, 30 + 3 * 110 - 30, about, parts)


def draw_link(
    many: tuple[int, int], one: tuple[int, int], column: str, *, behind: bool = False, single: bool = False
) -> str:
    """Draw the line from one row to many, with a crow's foot at the many and the name of the column that joins them."""
    (x, y), (u, v) = many, one
    label: tuple[float, float]
    if behind:  # in the row of a table that is between the two: pass below it
        line = f"M{x + 75} {y + 44}v22H{u + 110}v-22"
        foot, label = f"M{x + 69} {y + 44}l6 10 6-10", (x + 5, y + 61)
    elif y == v:
        side = 1 if x > u else -1
        edge = x if side > 0 else x + 150
        line = f"M{edge} {y + 22}H{u + 150 if side > 0 else u}"
        foot, label = f"M{edge} {y + 16}l{-10 * side} 6 {10 * side} 6", (edge - 30 * side, y + 16)
    elif x == u:
        side = 1 if y > v else -1
        edge = y if side > 0 else y + 44
        line = f"M{x + 60} {edge}V{v + 44 if side > 0 else v}"
        foot, label = f"M{x + 54} {edge}l6 {-10 * side} 6 {10 * side}", (x + 92, (edge + v + 22 + 22 * side) / 2 + 4)
    else:
        line = f"M{x + 75} {y + 44}V{y + 77}H{u + 130}V{v}"
        foot, label = f"M{x + 69} {y + 44}l6 10 6-10", (x + 35, y + 72)
    stroke = f'fill="none" stroke="{GREY}" stroke-width="1.4"'
    name = draw_text(label[0], label[1], column, size=11, fill="#4338ca")
    marked = "" if single else f'<path d="{foot}" {stroke}/>'
    return f'<path d="{line}" {stroke}/>{marked}\n{name}'


def draw_data_model() -> str:
    """Draw the tables of the record with their columns, and the references between them."""
    tables = read_tables()
    if placeless := tables.keys() ^ {name for group in GROUPS.values() for name in group}:
        raise SystemExit(f"Give these tables a place in GROUPS of docs/drawings.py, or take it away: {placeless}")
    width, gap, line, parts, lowest = 206, 16, 14, list[str](), 0
    for number, (title, names) in enumerate(GROUPS.items()):
        left, top = 20 + number * (width + gap), 44
        parts.append(draw_text(left, 28, title, anchor="start", size=15, bold=True))
        for name in names:
            height = 26 + line * len(tables[name])
            parts += draw_table((left, top, width, height), name, tables[name], line)
            top += height + 12
        lowest = max(lowest, top)
    about = "Data model: the tables of the record and their columns; an arrow names the table that a column refers to"
    return picture(20 + len(GROUPS) * (width + gap), lowest + 10, about, parts)


def draw_table(box: Box, name: str, columns: Mapping[str, str], line: int) -> list[str]:
    """Draw one table; a column that refers to a row of another table names it."""
    left, top, width, _ = box
    parts = [draw_box(box, fill="#ffffff"), draw_box((left, top, width, 20), fill=GREEN)]
    parts.append(draw_text(left + 8, top + 14, name, anchor="start", size=12, bold=True))
    for number, (column, kind) in enumerate(columns.items()):
        y = top + 34 + number * line
        owner = BATCHES.get(name) if column == "batch" else REFERENCES.get(column)
        if owner and owner != name:
            parts.append(draw_text(left + 8, y, f"{column} → {owner}", anchor="start", size=11, fill="#4338ca"))
        else:
            parts.append(draw_text(left + 8, y, column, anchor="start", size=11))
            parts.append(draw_text(left + width - 6, y, kind, anchor="end", size=9, fill=LINE))
    return parts


def read_tables() -> dict[str, dict[str, str]]:
    """Return the columns of each table of the record with their types, from a new warehouse."""
    with tempfile.TemporaryDirectory() as folder:
        warehouse = Warehouse(Path(folder) / "curator.duckdb")
        warehouse.write(lambda _: None)
        rows = warehouse.read(
            lambda connection: connection.execute(
                "select table_name, column_name, lower(data_type) from duckdb_columns() "
                "where schema_name = 'record' and table_name in (select table_name from duckdb_tables()) "
                "order by table_name, column_index"
            ).fetchall()
        )
    tables: dict[str, dict[str, str]] = {}
    for table, column, kind in rows:
        tables.setdefault(table, {})[column] = short_type(kind)
    return tables


def short_type(kind: str) -> str:
    """Return a column's type as a word or two; the fields of a structure are left out."""
    name = "struct" if kind.startswith("struct") else kind.partition("[")[0].partition("(")[0]
    word = {"varchar": "text", "timestamp": "time"}.get(name, name)
    return f"list of {word}" if kind.endswith("[]") else word


# SVG


def picture(width: float, height: float, about: str, parts: Iterable[str]) -> str:
    """Return a whole picture, on white so that it can be read on dark pages as well."""
    head = (
        f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {width:g} {height:g}" role="img" aria-labelledby="t" '
        'font-family="system-ui, sans-serif">\n<!-- Written by docs/drawings.py: run `make reference`. -->\n'
        f'<title id="t">{escape(about)}</title>\n<rect width="{width:g}" height="{height:g}" rx="8" fill="#ffffff"/>\n'
        '<defs><marker id="a" viewBox="0 0 8 8" refX="7" refY="4" markerWidth="7" markerHeight="7" '
        f'orient="auto-start-reverse"><path d="M0 0 8 4 0 8z" fill="{GREY}"/></marker></defs>\n'
    )
    return head + "\n".join(parts) + "\n</svg>\n"


def draw_box(
    box: Box, title: str = "", about: str = "", *, fill: str = BLUE, round: float = 6, size: float = 14
) -> str:
    """Draw a box with a title and a line below it."""
    left, top, width, height = box
    middle, centre = left + width / 2, top + height / 2
    parts = [
        f'<rect x="{left:g}" y="{top:g}" width="{width:g}" height="{height:g}" rx="{round:g}" fill="{fill}" '
        f'stroke="{LINE}" stroke-width="0.8"/>'
    ]
    if title:
        parts.append(draw_text(middle, centre + (-3 if about else 5), title, size=size, bold=True))
    if about:
        parts.append(draw_text(middle, centre + 15, about, size=11, fill="#374151"))
    return "\n".join(parts)


def draw_text(
    x: float, y: float, text: str, *, anchor: str = "middle", size: float = 12, fill: str = INK, bold: bool = False,
    turn: int = 0,
) -> str:  # fmt: skip
    """Draw a line of text."""
    weight = ' font-weight="600"' if bold else ""
    turned = f' transform="rotate({turn} {x:g} {y:g})"' if turn else ""
    return (
        f'<text x="{x:g}" y="{y:g}" text-anchor="{anchor}" font-size="{size:g}"{weight} fill="{fill}"{turned}>'
        f"{escape(text)}</text>"
    )


def draw_arrow(path: str, *, both: bool = False, dashed: bool = False) -> str:
    """Draw an arrow along a path."""
    start = ' marker-start="url(#a)"' if both else ""
    dashes = ' stroke-dasharray="4 3"' if dashed else ""
    return f'<path d="{path}" fill="none" stroke="{GREY}" stroke-width="1.4"{dashes}{start} marker-end="url(#a)"/>'
