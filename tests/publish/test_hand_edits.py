"""The list's file belongs to the person: whatever happens around it, their words stay, and it is never half written."""

from __future__ import annotations

import random
import re
import subprocess
import sys
import time
from pathlib import Path

import pytest

from curator.errors import DecisionError
from curator.publish.publisher import publish
from curator.review.decisions import Reviewer
from curator.review.ordering import PlacementRequest, arrange
from curator.review.questions import write_entry
from curator.warehouse import Warehouse, candidates
from curator.warehouse.frames import load_positions
from curator.workspace import Workspace
from tests.helpers.forms import form
from tests.publish.frames import HOSTILE
from tests.warehouse.things import candidate, paper, stock

_REGION = re.compile(r"<!-- curator:begin (\w+) sha=\w+ -->\r?\n.*?<!-- curator:end \1 -->", re.DOTALL)
_OWN_WORDS = [piece for piece in HOSTILE if "curator:" not in piece and "\r" not in piece]


@pytest.fixture
def warehouse(workspace: Workspace) -> Warehouse:
    made = Warehouse(workspace.warehouse_file)
    papers = [paper(n) for n in range(1, 7)]
    stock(made, *(candidate(f"c{n}", of, question=f"Why {n}?") for n, of in enumerate(papers, 1)), papers=papers)
    return made


def parts(text: str) -> list[str]:
    """What stands around Curator's regions."""
    return _REGION.split(text)[::2]


def edited(text: str, chosen: random.Random) -> str:
    """The file with something of the person's put somewhere around the regions."""
    cut = [0, *(end for found in _REGION.finditer(text) for end in (found.start(), found.end())), len(text)]
    place = chosen.choice([where for where in cut if text[where - 1 : where] in ("", "\n")])
    words = "".join(chosen.choices(_OWN_WORDS, k=chosen.randint(1, 5))).replace("\n", " ")
    return f"{text[:place]}{words}\n{text[place:]}"


def something(workspace: Workspace, warehouse: Warehouse, chosen: random.Random) -> None:
    """Something that a person does to the list."""
    desk = Reviewer(warehouse, "Ada")
    ids = [item.id for item in warehouse.read(candidates.load_candidates, ("pending", "accepted", "rejected"))]
    frames = [place.frame for place in warehouse.read(load_positions)]
    match chosen.randrange(7):
        case 0 | 1:
            desk.accept(chosen.choice(ids), chosen.choice([None, "Reworded <!-- --> *so*."]))
        case 2:
            desk.undo() if chosen.random() < 0.5 else desk.redo()
        case 3:
            desk.retire(chosen.choice(frames or ["F1"]), "not so")
        case 4:
            desk.merge(chosen.choice(ids), chosen.choice(ids), contradicts=chosen.random() < 0.5)
        case 5:
            wish = chosen.choice(
                [
                    PlacementRequest(first=True),
                    PlacementRequest(pinned=True),
                    PlacementRequest(section="Of mine"),
                    PlacementRequest(last=True),
                ]
            )
            arrange(warehouse, "Ada", ("in-context learning",), chosen.choice(frames or ["F1"]), wish)
        case _:
            write_entry(warehouse, "Ada", "question", f"Why {chosen.randrange(9)}?", "functional")


@pytest.mark.parametrize("seed", range(form(2, 4)))
def test_any_sequence_of_edits_decisions_and_publications_leaves_the_persons_words(
    workspace: Workspace, warehouse: Warehouse, seed: int
) -> None:
    chosen = random.Random(seed)
    publish(workspace)
    for _ in range(form(6, 25)):
        text = workspace.list_file.read_bytes().decode()
        if chosen.random() < 0.5:
            text = edited(text, chosen)
            workspace.list_file.write_bytes(text.encode())
        for _ in range(chosen.randrange(3)):
            try:
                something(workspace, warehouse, chosen)
            except DecisionError:
                continue
        publish(workspace)
        after = workspace.list_file.read_bytes().decode()
        assert parts(after) == parts(text)
        assert publish(workspace).diff == ""
        assert workspace.list_file.read_bytes().decode() == after


_LOOP = """
import sys
from pathlib import Path
from curator.publish.publisher import publish
from curator.review.decisions import Reviewer
from curator.warehouse import Warehouse
from curator.workspace import Workspace
workspace = Workspace(Path(sys.argv[1]))
desk = Reviewer(Warehouse(workspace.warehouse_file), "Ada")
print("ready", flush=True)
while True:
    desk.accept("c2")
    publish(workspace)
    desk.undo()
    publish(workspace)
"""


def test_a_publication_that_is_killed_leaves_the_old_list_or_the_new(
    workspace: Workspace, warehouse: Warehouse
) -> None:
    desk = Reviewer(warehouse, "Ada")
    whole = set[bytes]()
    for _ in range(2):
        desk.accept("c1" if not whole else "c2")
        publish(workspace)
        whole.add(workspace.list_file.read_bytes())
    desk.undo()
    chosen = random.Random(3)
    for _ in range(form(3, 8)):
        command = [sys.executable, "-c", _LOOP, str(workspace.root)]
        with subprocess.Popen(command, stdout=subprocess.PIPE, cwd=Path(__file__).parents[2]) as loop:
            assert loop.stdout is not None
            assert loop.stdout.readline() == b"ready\n"
            time.sleep(chosen.uniform(0.01, 0.4))
            loop.kill()
        assert workspace.list_file.read_bytes() in whole
        publish(workspace)  # the next one carries on, whatever the killed one left behind
        assert workspace.list_file.read_bytes() in whole
