"""The list as its owner keeps it, from the shell."""

from __future__ import annotations

import pytest

from curator.workspace import Workspace
from tests.cli.conftest import Curator


@pytest.fixture
def three(list_: Workspace, curator: Curator) -> Workspace:
    for text in ("Models copy.", "Models wait.", "Models know."):
        curator("add", "--frame", text, "--kind", "functional")
    return list_


def listed(curator: Curator) -> list[str]:
    text = curator("export", "md").out
    return [line.split('id="')[1].split('"')[0] for line in text.splitlines() if line.startswith('- <a id="F')]


def test_frames_are_moved_pinned_and_put_under_headings(three: Workspace, curator: Curator) -> None:
    said = curator("arrange", "F3", "--before", "F1")
    assert said.code == 0, said.err
    assert said.out.index("F3 Models know.") < said.out.index("F1 Models copy.")
    assert listed(curator) == ["F3", "F1", "F2"]
    curator("arrange", "F2", "--pin")
    curator("arrange", "F3", "--section", "Self-knowledge")
    assert listed(curator) == ["F2", "F1", "F3"]
    assert "#### Self-knowledge" in curator("export", "md").out
    assert curator("arrange", "F1").code == 2
    assert "not in the same group" in curator("arrange", "F1", "--after", "F2").err


def test_a_retired_frame_leaves_the_list_with_its_reason(three: Workspace, curator: Curator) -> None:
    curator("publish")
    said = curator("retire", "F1", "--reason", "too vague", "--superseded-by", "F2")
    assert said.code == 0, said.err
    assert listed(curator) == ["F2", "F3"]
    assert curator("sql", "select frame, reason, superseded_by from retired", "--json").json == [
        {"frame": "F1", "reason": "too vague", "superseded_by": "F2"}
    ]
    assert "rejected · F1" in curator("why", "F1").out
    curator("undo")
    assert listed(curator) == ["F1", "F2", "F3"]
    assert curator("retire", "F9", "--reason", "x").code == 1


def test_questions_are_asked_linked_and_answered(three: Workspace, curator: Curator) -> None:
    assert curator("ask", "Do models know that they copy?", "--kind", "functional").out.startswith("Q1: ")
    assert "already, as Q1" in curator("ask", "do models know that they copy?", "--kind", "functional").out
    shown = curator("questions").out
    assert "may be related: F1: Models copy." in shown
    assert "F1 is linked to Q1" in curator("link", "Q1", "F1").out
    assert "(see [F1](#F1)) · Q1" in curator("export", "md").out
    (told,) = curator("questions", "--json").json
    assert (told["spoken_to_by"], len(told["linked"])) == (["F1"], 1)
    curator("link", "Q1", "F1", "--off")
    assert "(see" not in curator("export", "md").out
    assert "Q1 is answered, by F3" in curator("answer", "Q1", "F3", "--reason", "shown").out
    assert "know that they" not in curator("export", "md").out
    assert "answered by F3" in curator("questions", "--all").out
    curator("answer", "Q1", "--reopen")
    assert "know that they" in curator("export", "md").out
    assert curator("answer", "Q1").code == 2
    assert curator("answer", "Q7", "--drop").code == 1


def test_to_dos_stand_on_the_list_until_they_are_done(three: Workspace, curator: Curator) -> None:
    assert curator("todo").out == "There are no to-dos.\n"
    assert curator("todo", "Read on.", "--kind", "functional").out == "T1: Read on.\n"
    assert "- Read on. · T1" in curator("export", "md").out
    assert "T1 Read on. (functional)" in curator("todo").out
    assert "T1 is done" in curator("todo", "--done", "t1").out
    assert "Read on." not in curator("export", "md").out
    assert curator("todo", "x", "--done", "T1").code == 2


def test_the_changelog_is_worded_by_hand_and_goes_on_by_itself(three: Workspace, curator: Curator) -> None:
    curator("publish")
    text = three.list_file.read_text(encoding="utf-8")
    line = next(line for line in text.splitlines() if line.startswith("- Added [F1](#F1)"))
    three.list_file.write_text(text.replace(line, "- The first frame, *at last*."), encoding="utf-8")
    refused = curator("publish")
    assert (refused.code, "edited by hand" in refused.err) == (1, True)
    said = curator("publish", "--adopt")
    assert said.code == 0, said.err
    assert "Adopted the changelog" in said.out
    curator("add", "--frame", "Models refuse.", "--kind", "functional")
    curator("publish")
    kept = three.list_file.read_text(encoding="utf-8")
    assert "- The first frame, *at last*.\n" in kept
    assert line not in kept
    assert "- Added [F4](#F4): Models refuse." in kept
    assert curator("publish", "--check").code == 0
    assert "its changelog was not edited" in curator("publish", "--adopt").out
