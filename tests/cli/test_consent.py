"""Open question, scope and wording from the shell: what is published is what was asked for, and it is said."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from curator.publish.publisher import publish
from curator.warehouse import Warehouse, questions
from curator.workspace import Workspace, create_files
from tests.cli.conftest import Curator
from tests.helpers.templates import new_warehouse
from tests.warehouse.things import candidate, paper, quote, stock

QUOTED = "Small models often copy the token that followed."


@pytest.fixture
def list_(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Workspace:
    """Two candidates wait, aa11 with a question and a scope, bb22 with neither."""
    list(create_files(tmp_path))
    monkeypatch.setenv("CURATOR_WORKSPACE", str(tmp_path))
    workspace = Workspace(tmp_path)
    stock(
        new_warehouse(workspace.warehouse_file),
        candidate("aa11", text=QUOTED, quotes=(quote(QUOTED),), question="Does it scale?", scope="Small models."),
        candidate("bb22", paper(2), question=None, scope=""),
        papers=[paper(), paper(2)],
    )
    return workspace


def exported(curator: Curator) -> tuple[object, object]:
    (frame,) = curator("export", "json").json["frames"]
    return frame["question"], frame["scope"]


def as_before(list_: Workspace) -> None:
    """The acceptance is one of an earlier version."""
    warehouse = Warehouse(list_.warehouse_file)
    warehouse.write(lambda c: c.execute("update record.decisions set question_agreed = null, scope_agreed = null"))
    warehouse.write(questions.number_questions, {"aa11": "Does it scale?"})


def test_question_and_scope_are_flags_and_can_be_reworded(list_: Workspace, curator: Curator) -> None:
    said = " ".join(curator("accept", "aa11").out.split())
    assert "Not published: the drafted open question and scope." in said
    assert "accept F1 --question --scope" in said
    assert exported(curator) == (None, "")
    assert "Does it scale?" not in publish(list_).diff + list_.list_file.read_text(encoding="utf-8")
    assert "Open question Q1: Does it scale?" in curator("accept", "F1", "--question").out
    assert exported(curator) == ("Does it scale?", "")
    curator("accept", "F1", "--no-question", "--scope-text", "Up to 1B.")
    assert exported(curator) == (None, "Up to 1B.")
    curator("accept", "F1", "--question-text", "Mine?", "--text", "Small models copy.")
    assert exported(curator) == ("Mine?", "Up to 1B.")
    told = curator("why", "F1").out
    assert "Open question: Mine?\n    drafted as: Does it scale?" in told
    assert "with its open question and scope" in " ".join(told.split())
    (item,) = curator("queue", "--status", "accepted", "--json").json
    assert (item["question"], item["draft_question"], item["question_agreed"]) == ("Mine?", "Does it scale?", True)
    waiting = curator("queue", "--json").json[0]
    assert (waiting["id"], waiting["question_agreed"]) == ("bb22", None)


def test_a_question_that_no_frame_raises_any_more_says_so_and_can_be_asked(list_: Workspace, curator: Curator) -> None:
    curator("accept", "aa11", "--question-text", "Does it hold at scale?")
    curator("undo")
    assert "no frame raises it" in curator("questions", "--all").out
    curator("answer", "Q1", "--drop")
    said = curator("ask", "Does it hold at scale?", "--kind", "functional").out
    assert said.startswith("Q1: Does it hold at scale?\nQ1 is dropped; `curator answer Q1 --reopen` reopens it.")
    curator("answer", "Q1", "--reopen")
    assert "Does it hold at scale?" in curator("export", "md").out
    assert "no frame raises it" not in curator("questions", "--all").out


@pytest.mark.parametrize(
    ("options", "code", "why"),
    [
        (["bb22", "--question"], 1, "was drafted without an open question"),
        (["bb22", "--scope"], 1, "was drafted without a scope"),
        (["aa11", "--question-text", " "], 1, "The open question is empty"),
        (["aa11", "--no-scope", "--scope-text", "x"], 2, "Use one of them"),
    ],
)
def test_what_cannot_be_agreed_to_is_an_error(
    list_: Workspace, curator: Curator, options: list[str], code: int, why: str
) -> None:
    said = curator("accept", *options)
    assert (said.code, why in said.err) == (code, True), said.err
    assert curator("export", "json").json["frames"] == []


def test_what_earlier_versions_published_is_listed_until_it_is_decided_on(list_: Workspace, curator: Curator) -> None:
    assert "has been confirmed" in curator("questions", "--unconfirmed").out
    curator("accept", "aa11")
    as_before(list_)
    assert exported(curator) == ("Does it scale?", "Small models.")
    assert "Does it scale?" in publish(list_).diff + list_.list_file.read_text(encoding="utf-8")
    told = curator("questions", "--unconfirmed", "--json").json
    assert [(one["frame"], one["what"], one["text"], one["question"]) for one in told] == [
        ("F1", "question", "Does it scale?", "Q1"),
        ("F1", "scope", "Small models.", None),
    ]
    said = curator("questions", "--unconfirmed").out
    for part in (QUOTED, "Open question Q1: Does it scale?", "Scope: Small models.", "1 open question and 1 scope",
                 "accept F1 --question --scope", "accept F1 --no-question --no-scope"):  # fmt: skip
        assert part in said
    assert "Published without your consent: 1 open question and 1 scope;" in curator("questions").out
    assert "published without consent: Does it scale?" in curator("why", "F1").out
    curator("answer", "Q1", "--drop")
    assert [one["what"] for one in curator("questions", "--unconfirmed", "--json").json] == ["scope"]
    again = curator("accept", "F1").out
    assert "Not decided: the scope that an earlier version published" in again
    assert "Q1 is dropped; `curator answer Q1 --reopen` reopens it." in again
    assert "Open question, dropped: Does it scale?" in curator("why", "F1").out
    curator("accept", "F1", "--scope")
    assert curator("questions", "--unconfirmed", "--json").json == []
    assert exported(curator) == (None, "Small models.")
    assert "Q1 is dropped" in curator("accept", "F1", "--question").out
    assert curator("questions", "--unconfirmed", "--all").code == 2


def test_the_wording_is_judged_before_it_is_accepted_and_the_verdict_on_the_draft_is_marked(
    list_: Workspace, curator: Curator
) -> None:
    said = curator("accept", "aa11", "--text", "All models always copy.")
    assert said.code == 0
    assert said.out.startswith("Support of your wording: overreaches")
    assert said.out.index("Support of your wording") < said.out.index("Accepted")
    assert "Support of your wording: supported" in curator("accept", "F1", "--text", QUOTED).out
    curator("undo")
    told = curator("why", "F1").out
    assert "Support of the accepted words: overreaches" in told
    support, without_scope = curator("why", "F1", "--json").json["support"]
    assert (without_scope["of"], without_scope["current"]) == ("earlier", False)
    assert (support["of"], support["text"], support["current"]) == ("final", "All models always copy.", True)
    frame = curator("export", "json").json["frames"][0]
    assert frame["support"] == [support]
    site = list_.root / "site"
    assert curator("export", "html", "-o", str(site)).code == 0
    assert "Judged: the published text" in (site / "frames" / "F1.html").read_text(encoding="utf-8")
    table = curator("export", "csv").out
    assert json.dumps("final")[1:-1] in table.splitlines()[1]


def test_the_wording_is_judged_with_the_scope_that_is_asked_for(list_: Workspace, curator: Curator) -> None:
    words = "Small models such as GPT-J often copy the token that followed."
    for options, verdict in (([], "partly"), (["--scope-text", "GPT-J only"], "supported"), (["--no-scope"], "partly")):
        assert f"Support of your wording: {verdict}" in curator("accept", "aa11", "--text", words, *options).out
    assert "The scope is empty" in curator("accept", "aa11", "--text", words, "--scope-text", " ").err
