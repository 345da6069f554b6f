"""What failed is tried again when a person says so, however often it failed."""

from __future__ import annotations

from curator.workspace import Workspace
from tests.cli.conftest import Curator
from tests.helpers.arxiv_faults import MISSING, FaultyArxiv, held, on_pdf


def test_a_paper_that_was_given_up_is_read_when_a_person_says_so(
    list_: Workspace, arxiv: FaultyArxiv, curator: Curator
) -> None:
    fault = on_pdf("2611.00001", MISSING)
    arxiv.faults.append(fault)
    assert curator("ingest").code == 3
    asked = len(arxiv.asked("/pdf/"))
    assert "not tried again" not in curator("ingest").err
    assert len(arxiv.asked("/pdf/")) == asked, "a PDF that is not there is asked for once a day"
    said = curator("retry")
    assert said.code == 3, said.out
    assert len(arxiv.asked("/pdf/")) == asked + 1
    assert curator("status", "--json").json["failures"] == 1

    arxiv.faults.remove(fault)
    said = curator("retry", "2611.00001")
    assert said.code == 0, said.err
    assert "1 drafted, 0 failed" in said.out
    assert curator("status", "--json").json["failures"] == 0
    assert curator("retry").out == "Nothing has failed.\n"


def test_a_broken_pdf_is_not_read_twice_unless_a_person_says_so(
    list_: Workspace, arxiv: FaultyArxiv, curator: Curator
) -> None:
    arxiv.add(held(7, pdf=b"%PDF-1.4\nno more than that"))
    curator("ingest")
    failures = "select count(*) as n from failures where paper = '2611.00007'"
    assert curator("sql", failures, "--json").json == [{"n": 1}]
    curator("ingest")
    assert curator("sql", failures, "--json").json == [{"n": 1}]
    curator("retry", "2611.00007")
    assert curator("sql", failures, "--json").json == [{"n": 2}]
    (row,) = curator("sql", f"{failures.replace('count(*) as n', 'attempts')} and open", "--json").json
    assert row == {"attempts": 1}, "counted anew"


def test_what_has_not_failed_and_what_is_no_id_is_told(list_: Workspace, curator: Curator) -> None:
    curator("ingest")
    said = curator("retry", "2611.00001")
    assert (said.code, "has not failed" in said.err) == (1, True)
    assert curator("retry", "nonsense").code == 2


def test_later_versions_are_left_to_the_next_look(list_: Workspace, arxiv: FaultyArxiv, curator: Curator) -> None:
    curator("ingest")
    first = next(one for one in curator("queue", "--json").json if one["paper"] == "2611.00001")
    curator("accept", first["id"])
    arxiv.add(held(1, version=2))
    arxiv.faults.append(on_pdf("2611.00001v2", MISSING))
    assert curator("watch").code == 3
    before = len(arxiv.log)
    said = curator("retry")
    assert said.code == 0, said.err
    assert "`curator watch` will check 1 later version again" in said.out
    assert len(arxiv.log) == before
