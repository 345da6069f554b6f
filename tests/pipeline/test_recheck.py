"""The papers that the list rests on are looked at again: revised, withdrawn, published elsewhere."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from curator.demo.holdings import HeldPaper, Holdings
from curator.demo.server import Response
from curator.errors import DecisionConflict, WarehouseBusy
from curator.pipeline import IngestRequest, ingest
from curator.pipeline.quote_check import check_quotes
from curator.pipeline.recheck import WatchReport, watch
from curator.publish.publisher import publish
from curator.review.decisions import DecisionRequest, Reviewer, SeenState, find_candidate
from curator.review.manual import ManualFrame, add_frames
from curator.types import Frame
from curator.warehouse import Warehouse, candidate_search, candidates, documents, papers, statistics
from curator.warehouse.candidates import QueuedCandidate
from curator.warehouse.frames import load_frames
from curator.workspace import Workspace, exclusive_lock
from tests.helpers.arxiv_faults import BUSY, HTML, MISSING, REFUSED, FaultyArxiv, held, make_workspace, on_pdf
from tests.helpers.templates import copy_workspace

REASON = "This paper has been withdrawn by the author due to an error in Theorem 2"


@pytest.fixture(scope="module")
def shelf() -> list[HeldPaper]:
    return [held(1), held(2, "refusal")]


@pytest.fixture(scope="module")
def filled(shelf: list[HeldPaper], tmp_path_factory: pytest.TempPathFactory) -> Workspace:
    """A list whose queue holds what the two papers gave, to be copied."""
    with FaultyArxiv(shelf) as server:
        workspace = make_workspace(tmp_path_factory.mktemp("filled") / "list", server.url)
        assert ingest(workspace, IngestRequest(keyless=True)).outcome == "done"
    return workspace


@pytest.fixture
def arxiv(shelf: list[HeldPaper]) -> Iterator[FaultyArxiv]:
    with FaultyArxiv(shelf) as server:
        yield server


@pytest.fixture
def workspace(tmp_path: Path, filled: Workspace, arxiv: FaultyArxiv) -> Workspace:
    """A list of one's own, with that queue, which asks `arxiv`."""
    copy_workspace(filled.root, tmp_path / "list")
    return make_workspace(tmp_path / "list", arxiv.url)


@pytest.fixture
def warehouse(workspace: Workspace) -> Warehouse:
    return Warehouse(workspace.warehouse_file)


@pytest.fixture
def desk(warehouse: Warehouse) -> Reviewer:
    return Reviewer(warehouse, "Ada")


def waiting_with(warehouse: Warehouse, words: str) -> QueuedCandidate:
    return next(
        item for item in warehouse.read(candidates.load_candidates) if any(words in quote.text for quote in item.quotes)
    )


@pytest.fixture
def percent(warehouse: Warehouse, desk: Reviewer) -> QueuedCandidate:
    """The frame F1, which rests on the number that version 2 will change."""
    item = waiting_with(warehouse, "11 percent")
    desk.accept(item.id)
    return find_candidate(warehouse, item.id)


NUMBER = "We find that grokking occurs in 11 percent of all runs that we trained."
DECAY = "We show that grokking vanishes when weights are not decayed."


def by_hand(warehouse: Warehouse, desk: Reviewer, text: str, *quotes: str) -> str:
    """A frame of Ada's on the list, with these quotes of the first paper; its candidate's id."""
    paper = warehouse.read(papers.get_paper, "2611.00001")
    document = warehouse.read(documents.get_document, "2611.00001", 1)
    assert paper
    assert document
    found = check_quotes(document, quotes)
    assert all(quote.holds for quote in found)
    one = ManualFrame(text, "functional", paper, "Ada", topics=("grokking",), quotes=tuple(found))
    (candidate,) = add_frames(desk, warehouse, [one], accept=True).new
    return candidate


@pytest.fixture
def decay(warehouse: Warehouse, desk: Reviewer, percent: QueuedCandidate) -> QueuedCandidate:
    """The frame F2, which rests on a sentence that version 2 keeps."""
    assert percent
    return find_candidate(warehouse, by_hand(warehouse, desk, "Grokking needs the decay of weights.", DECAY))


def frames(warehouse: Warehouse) -> dict[str, Frame]:
    return {frame.id: frame for frame in warehouse.read(load_frames)}


def revised(version: int = 2, number: int = 41) -> HeldPaper:
    """A later version of the first paper, with the text of another: "51 percent" in place of "11 percent"."""
    return held(1, version=version, pdf=held(number).pdf)


def waiting(warehouse: Warehouse) -> list[str]:
    return warehouse.read(candidate_search.list_waiting)


def test_nothing_on_the_list_asks_nothing(workspace: Workspace, arxiv: FaultyArxiv) -> None:
    before = len(arxiv.log)
    report = watch(workspace)
    assert (report.outcome, report.papers, len(arxiv.log)) == ("done", 0, before)


def test_papers_are_asked_for_together_and_unchanged_ones_change_nothing(
    workspace: Workspace, arxiv: FaultyArxiv, warehouse: Warehouse, desk: Reviewer
) -> None:
    for item in warehouse.read(candidates.load_candidates):
        desk.accept(item.id)
    before = len(arxiv.log)

    report = watch(workspace)

    assert report.outcome == "done"
    assert (report.papers, report.state, report.notices) == (2, "quiet", [])
    (asked,) = arxiv.log[before:]
    assert set(asked.query["id_list"].split(",")) == {"2611.00001", "2611.00002"}
    assert waiting(warehouse) == []


def test_a_quote_that_a_later_version_has_lost_brings_its_frame_back_with_both_passages(
    workspace: Workspace, arxiv: FaultyArxiv, warehouse: Warehouse, percent: QueuedCandidate, decay: QueuedCandidate
) -> None:
    told = frames(warehouse)
    arxiv.add(revised())

    report = watch(workspace)

    assert report.outcome == "done"
    assert {notice.candidate_id: notice.what for notice in report.notices} == {
        percent.id: "no longer holds",
        decay.id: "unchanged",
    }
    assert frames(warehouse) == told, "nothing on the list changes without a decision"
    first, *_ = warehouse.read(candidates.load_candidates)
    assert first.id == percent.id == waiting(warehouse)[0], "before what is new"
    assert decay.id not in waiting(warehouse)
    (notice,) = first.notices
    (lost,) = notice.lost
    assert "11 percent of all runs" in lost.cited
    assert lost.nearest is not None
    assert "51 percent of all runs" in lost.nearest
    assert lost.cited_page == lost.nearest_page == 1
    assert lost.now.why is not None


def test_a_second_look_reads_and_says_nothing_twice(
    workspace: Workspace, arxiv: FaultyArxiv, warehouse: Warehouse, percent: QueuedCandidate
) -> None:
    arxiv.add(revised())
    watch(workspace)
    pdfs = arxiv.asked("/pdf/")
    again = watch(workspace)
    assert (again.notices, arxiv.asked("/pdf/")) == ([], pdfs)
    assert len(find_candidate(warehouse, percent.id).notices) == 1


def test_a_frame_that_is_kept_without_what_was_lost_still_cites_the_version_that_says_it(
    workspace: Workspace, arxiv: FaultyArxiv, warehouse: Warehouse, desk: Reviewer, percent: QueuedCandidate
) -> None:
    arxiv.add(revised())
    watch(workspace)
    desk.accept(percent.id)

    assert percent.id not in waiting(warehouse)
    (frame,) = frames(warehouse).values()
    assert frame.paper.version == 1
    assert "11 percent" in frame.quotes[0].text

    desk.undo()
    assert waiting(warehouse)[0] == percent.id, "the decision on it was taken back"
    desk.reject(percent.id, "the number was corrected")
    assert not frames(warehouse)
    assert percent.id not in waiting(warehouse)


def test_a_frame_that_is_kept_with_what_still_holds_cites_the_later_version_from_then_on(
    workspace: Workspace, arxiv: FaultyArxiv, warehouse: Warehouse, desk: Reviewer
) -> None:
    both = by_hand(warehouse, desk, "Grokking is rare, and needs the decay of weights.", NUMBER, DECAY)
    publish(workspace)
    arxiv.add(revised())
    watch(workspace)
    (told,) = frames(warehouse).values()
    assert told.paper.version == 1

    desk.accept(both)
    (frame,) = frames(warehouse).values()
    assert frame.paper.version == 2
    assert [quote.text for quote in frame.quotes] == [DECAY]
    assert {quote.paper for quote in frame.quotes} == {"2611.00001v2"}
    publish(workspace)
    text = workspace.list_file.read_text(encoding="utf-8")
    assert "2611.00001v2" in text
    assert "2611.00001v1" not in text.partition("## Changelog")[0]

    desk.decide(both, DecisionRequest("accept", text="Grokking needs the decay of weights."))
    (frame,) = frames(warehouse).values()
    assert frame.paper.version == 2, "a later edit does not go back to what was revised"
    desk.undo()
    desk.undo()
    (frame,) = frames(warehouse).values()
    assert frame.paper.version == 1


def test_what_was_decided_on_does_not_come_back_until_more_is_lost(
    workspace: Workspace, arxiv: FaultyArxiv, warehouse: Warehouse, desk: Reviewer, percent: QueuedCandidate
) -> None:
    arxiv.add(revised())
    watch(workspace)
    desk.accept(percent.id)
    arxiv.add(revised(3, number=42))
    report = watch(workspace)
    assert [notice.what for notice in report.notices] == ["unchanged"]
    assert percent.id not in waiting(warehouse)


def test_a_version_that_has_the_quote_again_settles_it(
    workspace: Workspace, arxiv: FaultyArxiv, warehouse: Warehouse, percent: QueuedCandidate
) -> None:
    arxiv.add(revised())
    watch(workspace)
    assert percent.id in waiting(warehouse)
    arxiv.add(held(1, version=3))
    watch(workspace)
    assert percent.id not in waiting(warehouse)


def test_a_withdrawal_is_flagged_at_once_with_arxivs_reason(
    workspace: Workspace,
    arxiv: FaultyArxiv,
    warehouse: Warehouse,
    desk: Reviewer,
    percent: QueuedCandidate,
    decay: QueuedCandidate,
) -> None:
    arxiv.add(held(1, version=2, pdf=None, comment=REASON))
    report = watch(workspace)
    assert report.outcome == "done", "it is no failure"
    assert {notice.what for notice in report.notices} == {"withdrawn"}
    assert set(waiting(warehouse)[:2]) == {percent.id, decay.id}
    (notice,) = find_candidate(warehouse, percent.id).notices
    assert notice.detail == REASON
    assert len(frames(warehouse)) == 2
    assert warehouse.read(statistics.load_status)["returned"] == 2
    desk.retire("F1", "withdrawn")
    assert set(frames(warehouse)) == {"F2"}


def test_a_comment_that_tells_of_another_withdrawal_takes_nothing_back(
    workspace: Workspace, arxiv: FaultyArxiv, warehouse: Warehouse, percent: QueuedCandidate
) -> None:
    arxiv.add(held(1, version=2, comment="Withdrawn from a workshop; 12 pages"))
    report = watch(workspace)
    assert [notice.what for notice in report.notices] == ["unchanged"]
    assert percent.id not in waiting(warehouse)


@pytest.mark.parametrize("answer", [MISSING, HTML])
def test_a_version_whose_pdf_is_not_there_yet_is_looked_for_again(
    workspace: Workspace, arxiv: FaultyArxiv, warehouse: Warehouse, percent: QueuedCandidate, answer: Response
) -> None:
    arxiv.add(revised())
    fault = on_pdf("2611.00001v2", answer)
    arxiv.faults.append(fault)
    report = watch(workspace)
    assert report.outcome == "done with failures"
    assert [result.paper.versioned_id for result in report.failures] == ["2611.00001v2"]
    assert percent.id not in waiting(warehouse)
    assert warehouse.read(statistics.load_status)["failures"] == 1

    arxiv.faults.remove(fault)
    assert watch(workspace).outcome == "done"
    assert percent.id in waiting(warehouse)
    assert warehouse.read(statistics.load_status)["failures"] == 0


def test_a_version_that_cannot_be_read_is_for_a_person_to_look_at(
    workspace: Workspace, arxiv: FaultyArxiv, warehouse: Warehouse, percent: QueuedCandidate
) -> None:
    arxiv.add(held(1, version=2, pdf=b"%PDF-1.4\nno more than that"))
    report = watch(workspace)
    assert [notice.what for notice in report.notices] == ["unreadable"]
    assert waiting(warehouse)[0] == percent.id


def test_where_a_paper_was_published_its_reference_follows(
    workspace: Workspace, arxiv: FaultyArxiv, warehouse: Warehouse, percent: QueuedCandidate
) -> None:
    arxiv.add(held(1, journal_ref="Journal of Sudden Insight 3 (2027) 14", doi="10.1000/insight.14"))
    report = watch(workspace)
    assert [paper.id for paper in report.appeared] == ["2611.00001"]
    (frame,) = frames(warehouse).values()
    assert (frame.paper.journal_ref, frame.paper.doi) == (
        "Journal of Sudden Insight 3 (2027) 14",
        "10.1000/insight.14",
    )
    assert percent.id not in waiting(warehouse)
    assert watch(workspace).appeared == [], "it is told once"
    arxiv.add(held(1))
    watch(workspace)
    (frame,) = frames(warehouse).values()
    assert frame.paper.doi == "10.1000/insight.14", "what arXiv no longer says is not lost"


def test_evidence_that_was_merged_into_a_frame_brings_the_frame_back(
    workspace: Workspace, arxiv: FaultyArxiv, warehouse: Warehouse, desk: Reviewer
) -> None:
    frame = waiting_with(warehouse, "refusal")
    desk.accept(frame.id)
    evidence = waiting_with(warehouse, "11 percent")
    desk.merge(evidence.id, frame.id)
    arxiv.add(revised())
    watch(workspace)
    (notice,) = find_candidate(warehouse, frame.id).notices
    assert (notice.evidence_id, notice.candidate_id) == (evidence.id, frame.id)
    assert waiting(warehouse)[0] == frame.id
    desk.accept(frame.id)
    assert frame.id not in waiting(warehouse)
    assert frames(warehouse)["F1"].paper.id == "2611.00002"


def test_an_arxiv_that_does_not_answer_is_no_quiet_week(
    workspace: Workspace, arxiv: FaultyArxiv, warehouse: Warehouse, percent: QueuedCandidate
) -> None:
    arxiv.faults.append(lambda request: REFUSED)
    report = watch(workspace)
    assert (report.outcome, report.state) == ("failed", "failed")
    assert report.stopped is not None
    row, *_ = warehouse.read(statistics.load_runs)
    assert (row["id"], row["outcome"]) == (report.run, "failed")
    assert row["topics"][0]["state"] == "failed"
    assert percent.id not in waiting(warehouse)


def test_a_paper_that_arxiv_no_longer_knows_is_told(
    workspace: Workspace, arxiv: FaultyArxiv, warehouse: Warehouse, percent: QueuedCandidate
) -> None:
    arxiv.holdings = Holdings([held(2, "refusal")])
    report = watch(workspace)
    assert report.outcome == "done with failures"
    assert any("2611.00001" in problem for problem in report.problems)


def test_a_version_that_an_ingest_has_brought_is_looked_at_too(
    workspace: Workspace, arxiv: FaultyArxiv, warehouse: Warehouse, percent: QueuedCandidate
) -> None:
    arxiv.add(revised())
    ingest(workspace, IngestRequest(keyless=True))
    assert percent.id not in waiting(warehouse)
    watch(workspace)
    assert waiting(warehouse)[0] == percent.id


def test_a_decision_by_somebody_who_has_not_seen_the_notice_is_asked_for_again(
    workspace: Workspace, arxiv: FaultyArxiv, warehouse: Warehouse, desk: Reviewer, percent: QueuedCandidate
) -> None:
    arxiv.add(revised())
    watch(workspace)
    with pytest.raises(DecisionConflict, match="later version"):
        desk.decide(percent.id, DecisionRequest("accept"), seen=SeenState(percent.decision, 0))
    desk.decide(percent.id, DecisionRequest("accept"), seen=SeenState(percent.decision, 1))


def test_only_one_look_goes_on_at_a_time(workspace: Workspace) -> None:
    with exclusive_lock(workspace, "watch"), pytest.raises(WarehouseBusy):
        watch(workspace)


def test_busy_answers_are_waited_out(workspace: Workspace, arxiv: FaultyArxiv, percent: QueuedCandidate) -> None:
    answers = iter([BUSY])
    arxiv.faults.append(lambda request: next(answers, None))
    report: WatchReport = watch(workspace)
    assert report.outcome == "done"
    assert percent
