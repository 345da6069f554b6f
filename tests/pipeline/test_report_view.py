"""The counts of a run's report: papers only, each once, and nothing missing from the sum."""

from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from curator.pipeline import IngestReport, IngestRequest, PaperResult, ingest
from curator.pipeline.report_text import render_run, run_message
from curator.pipeline.report_view import ReportView
from curator.types import Paper
from curator.workspace import Workspace
from tests.helpers.arxiv_faults import MISSING, FaultyArxiv, held, on_pdf

IDS = [f"2611.{number:05}" for number in range(12)]
FATES = ("drafted", "download", "read", "draft", "batch", "unread")


def paper(id: str) -> Paper:
    return held(int(id.partition(".")[2])).paper


def adds_up(report: IngestReport) -> None:
    papers = ReportView(report).papers
    assert papers.found + papers.earlier == papers.on_topic + papers.off_topic + papers.unscreened
    assert papers.on_topic == papers.drafted + papers.failed + papers.in_batch + papers.left + papers.finished
    assert min(vars(papers).values()) >= 0


@given(
    found=st.sets(st.sampled_from(IDS)),
    on_topic=st.sets(st.sampled_from(IDS)),
    off_topic=st.sets(st.sampled_from(IDS)),
    fates=st.none() | st.dictionaries(st.sampled_from(IDS), st.sampled_from(FATES)),
)
def test_counts_add_up_whatever_a_run_found_screened_and_failed_at(
    found: set[str], on_topic: set[str], off_topic: set[str], fates: dict[str, str] | None
) -> None:
    report = IngestReport("r1", "d", found=found, on_topic=on_topic, off_topic=off_topic)
    report.selected = None if fates is None else [paper(id) for id in fates]
    for id, fate in (fates or {}).items():
        if fate == "batch":
            report.add_result(PaperResult(paper(id), in_batch=True))
        elif fate != "unread":
            report.add_result(PaperResult(paper(id), failed_at=None if fate == "drafted" else fate))
    adds_up(report)


def test_a_run_counts_papers_in_one_line_that_explains_each_difference(list_: Workspace, arxiv: FaultyArxiv) -> None:
    off = held(8, title="Tram rosters", abstract="Crews say they grasp timetables; grokking is what they call it.")
    both = held(7, title="Grokking and refusal in language models", abstract="Grokking meets refusal.")
    arxiv.add(off, both)
    arxiv.faults = [on_pdf("2611.00001", MISSING)]
    report = ingest(list_)
    adds_up(report)
    line = "5 papers found, 4 on topic, 3 read, 3 drafted, 1 failed (1 off topic)"
    assert ReportView(report).paper_line == line
    assert line in render_run(report)
    message = run_message(report)
    assert message is not None
    assert line in message.body


def test_a_limit_and_earlier_runs_are_explained(list_: Workspace) -> None:
    first = ingest(list_, IngestRequest(limit=1))
    adds_up(first)
    assert ReportView(first).paper_line == (
        "3 papers found, 2 on topic, 1 read, 1 drafted, 0 failed (1 not screened yet, 1 left for a later run)"
    )
    second = ingest(list_)
    adds_up(second)
    assert ReportView(second).paper_line == (
        "0 papers found and 2 from earlier runs, 2 on topic, 2 read, 2 drafted, 0 failed"
    )


def test_papers_asked_for_by_id_are_requested_and_not_screened(list_: Workspace) -> None:
    request = IngestRequest(ids=("2611.00001", "2611.00002"))
    assert ReportView(ingest(list_, request)).paper_line == "2 papers requested, 2 read, 2 drafted, 0 failed"
    again = ReportView(ingest(list_, request)).paper_line
    assert again == "2 papers requested, 0 read, 0 drafted, 0 failed (2 finished in an earlier run)"
