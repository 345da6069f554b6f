"""`curator watch`: what became of the papers that the list rests on."""

from __future__ import annotations

from datetime import UTC, datetime

import pytest

from curator.arxiv.mailings import MailingDay
from curator.cli.watch import trouble_lines
from curator.workspace import Workspace
from tests.cli.conftest import Curator
from tests.helpers.arxiv_faults import REFUSED, FaultyArxiv, held


@pytest.fixture
def frame(list_: Workspace, curator: Curator) -> str:
    """The list's only frame; its candidate's id."""
    curator("ingest")
    first = next(one for one in curator("queue", "--json").json if "11 percent" in one["text"])
    assert curator("accept", first["id"]).code == 0
    return str(first["id"])


def test_a_quote_that_was_lost_is_shown_beside_what_stands_there_now(
    arxiv: FaultyArxiv, curator: Curator, frame: str
) -> None:
    assert "No frame needs a new decision." in curator("watch").out
    arxiv.add(held(1, version=2, pdf=held(41).pdf))
    said = curator("watch")
    assert said.code == 0, said.err
    assert "11 percent of all runs" in said.out
    assert "51 percent of all runs" in said.out
    assert "1 frame returned to the queue and stays on the list until you decide it" in said.out
    assert "1 frame on the list to decide again" in curator("status").out
    first, *_ = curator("queue", "--json").json
    assert (first["id"], first["status"]) == (frame, "accepted")
    assert first["notices"][0]["what"] == "no longer holds"
    assert "now, nearest:" in curator("queue").out
    assert "now, nearest:" in curator("why", frame).out
    assert "check of the papers on the list" in curator("runs").out
    curator("accept", frame)
    assert "to decide again" not in curator("status").out


def test_a_withdrawal_and_a_reference_are_told(arxiv: FaultyArxiv, curator: Curator, frame: str) -> None:
    arxiv.add(held(1, version=2, pdf=None, comment="Withdrawn: \x1b[31mwrong", doi="10.1000/x"))
    said = curator("watch")
    assert said.code == 0, said.err
    assert "withdraws the paper" in said.out
    assert "doi:10.1000/x" in said.out
    assert "\x1b" not in said.out
    assert "doi = {10.1000/x}" in curator("export", "bibtex").out
    told = curator("watch", "--json").json
    assert (told["outcome"], told["notices"], told["published"]) == ("done", [], [])


def test_an_arxiv_that_refuses_is_an_error_and_a_list_without_papers_is_none(
    arxiv: FaultyArxiv, curator: Curator, frame: str
) -> None:
    arxiv.faults.append(lambda request: REFUSED)
    said = curator("watch")
    assert said.code == 1
    assert "curator: " in said.err
    assert curator("undo").code == 0
    said = curator("watch")
    assert said.code == 0
    assert "The list does not cite any arXiv paper yet." in said.out


def test_days_with_the_same_trouble_are_told_in_one_line() -> None:
    monday, tuesday, wednesday = (datetime(2026, 11, day, 1, tzinfo=UTC) for day in (23, 24, 25))
    why = "no paper of that mailing"
    days = [
        MailingDay(wednesday, "grokking", "fresh", 2),
        MailingDay(wednesday, "refusal", "stalled", 0, why),
        *(
            MailingDay(when, topic, "stalled", 0, why)
            for when in (tuesday, monday)
            for topic in ("grokking", "refusal")
        ),
        MailingDay(monday, "refusal", "failed", 0, "asked for"),
    ]
    assert list(trouble_lines(days, ("grokking", "refusal"))) == [
        f"2026-11-25, refusal: stalled; {why}",
        f"2026-11-23 to 2026-11-24 (2 mailings), all topics: stalled; {why}",
        "2026-11-23, refusal: failed; asked for",
    ]
