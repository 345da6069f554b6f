"""`add` and `suggest`, as a person types them."""

from __future__ import annotations

import io
import json
import sys
from pathlib import Path

import pytest

from curator.demo.server import Response
from curator.workspace import Workspace
from tests.cli.conftest import Curator
from tests.helpers.arxiv_faults import MISSING, FaultyArxiv, held, on_pdf

REAL = "grokking vanishes when weights are not decayed."


def frames(curator: Curator) -> list[dict[str, object]]:
    exported = json.loads(curator("export", "json").out)["frames"]
    assert isinstance(exported, list)
    return exported


def content() -> bytes:
    pdf = held(1).pdf
    assert isinstance(pdf, bytes)
    return pdf


class TestPapers:
    def test_a_paper_is_read_whatever_its_topic(self, list_: Workspace, curator: Curator) -> None:
        said = curator("add", "https://arxiv.org/abs/2611.00001")
        assert said.code == 0, said.err
        assert "1 paper requested, 1 read, 1 drafted" in said.out
        assert {item["paper"] for item in curator("queue", "--json").json} == {"2611.00001"}

    def test_a_pdf_file_is_read_drafted_from_and_kept(
        self, list_: Workspace, curator: Curator, tmp_path: Path, arxiv: FaultyArxiv
    ) -> None:
        pdf = tmp_path / "a paper.pdf"
        pdf.write_bytes(content())
        said = curator("add", str(pdf), "--title", "A paper of mine", "--url", "https://a.example/p.pdf")
        assert said.code == 0, said.err
        assert arxiv.log == []
        items = curator("queue", "--json").json
        assert items
        assert {item["title"] for item in items} == {"A paper of mine"}
        assert items[0]["quotes"][0]["grade"] == "exact"
        pdf.unlink()
        assert curator("add", str(pdf)).code == 2
        assert len(list((list_.root / "warehouse" / "pdfs").glob("file_*v1.pdf"))) == 1
        assert curator("accept", items[0]["id"]).code == 0
        curator("publish")
        assert "[A paper of mine, p. 1](https://a.example/p.pdf)" in list_.list_file.read_text(encoding="utf-8")
        assert "A paper of mine" in curator("why", "F1").out

    def test_adding_it_again_adds_nothing(self, list_: Workspace, curator: Curator, tmp_path: Path) -> None:
        pdf = tmp_path / "a.pdf"
        pdf.write_bytes(content())
        curator("add", str(pdf))
        before = curator("queue", "--json").json
        said = curator("add", str(pdf))
        assert said.code == 0
        assert "0 new candidates" in said.out
        assert curator("queue", "--json").json == before

    @pytest.mark.parametrize(
        ("named", "complaint"),
        [
            ("https://blog.example/post", "with --frame"),
            ("10.1000/182", "with --frame"),
            ("no such thing", "not a source"),
        ],
    )
    def test_what_cannot_be_read_is_told_with_what_to_do(
        self, list_: Workspace, curator: Curator, named: str, complaint: str
    ) -> None:
        said = curator("add", named)
        assert said.code == 2
        assert complaint in said.err
        assert curator("add").code == 2

    def test_a_file_that_is_no_pdf_is_refused(self, list_: Workspace, curator: Curator, tmp_path: Path) -> None:
        (tmp_path / "a.pdf").write_text("hello")
        said = curator("add", str(tmp_path / "a.pdf"))
        assert (said.code, "not a PDF" in said.err) == (1, True)


class TestFrames:
    def test_a_frame_of_ones_own_is_on_the_list_at_once(self, list_: Workspace, curator: Curator) -> None:
        said = curator("add", "--frame", "Grokking comes late in attention heads.")
        assert said.code == 0, said.err
        assert "F1, representational, grokking:" in said.out
        assert "Source wanted" in said.out
        (frame,) = frames(curator)
        assert (frame["author"], frame["sources"], frame["topics"]) == ("Ada", [], ["grokking"])
        assert "nothing was added" in curator("add", "--frame", "grokking comes late in attention heads").out
        curator("undo")
        assert frames(curator) == []

    def test_a_page_of_the_web_is_its_source_without_being_fetched(
        self, list_: Workspace, curator: Curator, arxiv: FaultyArxiv
    ) -> None:
        said = curator(
            "add", "--frame", "Models copy.", "--source", "https://blog.example/post", "--title", "A post", "--author",
            "Ada Ek", "--date", "2025-03-04", "--kind", "functional", "--topic", "refusal", "--quote", "It copies.",
        )  # fmt: skip
        assert said.code == 0, said.err
        (frame,) = frames(curator)
        assert (frame["url"], frame["title"], frame["published"]) == (
            "https://blog.example/post", "A post", "2025-03-04T00:00:00Z",
        )  # fmt: skip
        assert frame["grades"] == []  # a quote that nobody can check is not shown
        assert "(unreadable)" in curator("why", "F1").out
        assert "Ek 2025" in curator("export", "md").out
        assert arxiv.log == []

    def test_quotes_of_a_paper_are_proved_before_they_count(self, list_: Workspace, curator: Curator) -> None:
        said = curator("add", "2611.00001", "--frame", "Decay makes models grok.", "--quote", REAL)
        assert said.code == 0, said.err
        (frame,) = frames(curator)
        assert (frame["paper"], frame["grades"], frame["page"]) == ("2611.00001", ["exact"], 1)
        invented = "grokking never occurs in any run"
        refused = curator("add", "2611.00001", "--frame", "Models never grok.", "--quote", invented)
        assert refused.code == 1
        assert "nothing was added" in refused.err
        assert "Nearest passages" in refused.err
        assert len(frames(curator)) == 1

    def test_a_frame_that_lacks_a_source_is_completed_by_id_or_words(self, list_: Workspace, curator: Curator) -> None:
        curator("add", "--frame", "Decay makes models grok.")
        said = curator("add", "--frame", "F1", "--source", "2611.00001", "--quote", REAL)
        assert said.code == 0, said.err
        assert "Source: Lindqvist and Süß" in said.out
        curator("add", "--frame", "decay makes models grok", "--source", "10.1000/182")
        (frame,) = frames(curator)
        assert frame["sources"] == ["2611.00001v1", "doi:10.1000/182v1"]
        assert curator("add", "--frame", "F9", "--source", "10.1000/182").code == 1

    def test_a_source_that_speaks_against_a_frame_is_shown_so(self, list_: Workspace, curator: Curator) -> None:
        curator("add", "--frame", "Models always grok.")
        said = curator("add", "--frame", "F1", "--source", "2611.00001", "--quote", REAL, "--contradicts")
        assert "Contradicted by Lindqvist and Süß" in said.out
        assert frames(curator)[0]["contradicted_by"] == ["2611.00001v1"]
        assert curator("add", "--frame", "New.", "--source", "10.1000/182", "--contradicts").code == 2

    def test_a_paper_that_arxiv_does_not_tell_of_stops_it_and_nothing_is_added(
        self, list_: Workspace, curator: Curator, arxiv: FaultyArxiv
    ) -> None:
        said = curator("add", "--frame", "Models copy.", "--source", "2611.00099")
        assert (said.code, "could not be looked up" in said.err) == (1, True)
        arxiv.faults.append(on_pdf("2611.00001", MISSING))
        assert curator("add", "--frame", "Models copy.", "--source", "2611.00001", "--quote", REAL).code == 1
        assert curator("status").code == 1 or frames(curator) == []

    def test_at_a_terminal_quotes_are_proposed_and_chosen(
        self, list_: Workspace, curator: Curator, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        class Terminal(io.StringIO):
            def isatty(self) -> bool:
                return True

        monkeypatch.setattr(sys, "stdin", Terminal("y\n1\n"))
        said = curator("add", "--frame", "Grokking vanishes without weight decay.", "--source", "2611.00001")
        assert said.code == 0, said.err
        assert "Which quotes support the frame?" in said.out
        assert frames(curator)[0]["grades"] == ["exact"]

    def test_a_frames_chain_is_told_as_linked_data(self, list_: Workspace, curator: Curator) -> None:
        curator("add", "2611.00001", "--frame", "Decay makes models grok.", "--quote", REAL)
        told = json.dumps(curator("why", "F1", "--prov").json["@graph"])
        assert "https://arxiv.org/pdf/2611.00001v1#page=1" in told
        curator("retire", "F1", "--reason", "outdated")
        assert curator("why", "F1", "--prov").code == 1

    def test_a_quote_without_a_source_is_refused(self, list_: Workspace, curator: Curator) -> None:
        assert "Name it with --source" in curator("add", "--frame", "x y", "--quote", "z").err


class TestSuggestions:
    def test_they_wait_with_their_writers_and_graded_quotes(
        self, list_: Workspace, curator: Curator, tmp_path: Path
    ) -> None:
        file = tmp_path / "ideas.jsonl"
        rows = [
            {"frame": "Decay makes models grok.", "source": "arXiv:2611.00001", "quote": REAL, "by": "Bo"},
            {"frame": "Models <b>copy</b>.", "source": "somewhere on the web"},
            {"frame": "Heads copy.", "source": "https://blog.example/x", "kind": "representational", "note": "look"},
        ]
        file.write_text("\n".join(map(json.dumps, rows)))
        said = curator("suggest", str(file), "--by", "a visitor")
        assert said.code == 0, said.err
        assert "Queued 3 suggestions" in said.out
        found = {item["text"]: item for item in curator("queue", "--json").json}
        assert found["Decay makes models grok."]["author"] == "Bo"
        assert found["Decay makes models grok."]["quotes"][0]["grade"] == "exact"
        assert found["Models <b>copy</b>."]["author"] == "a visitor"
        assert found["Models <b>copy</b>."]["note"] == "source as given: somewhere on the web"
        assert found["Heads copy."]["kind"] == "representational"
        shown = curator("queue").out
        assert "suggested by Bo" in shown
        assert "https://blog.example/x" in shown
        assert frames(curator) == []
        assert "Queued 0 suggestions" in curator("suggest", str(file)).out

    def test_an_issue_forms_body_comes_in_on_standard_input(
        self, list_: Workspace, curator: Curator, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        body = b"### Frame\n\nModels copy.\n\n### Source\n\n_No response_\n"
        monkeypatch.setattr(sys, "stdin", io.TextIOWrapper(io.BytesIO(body)))
        assert "Queued 1 suggestion;" in curator("suggest", "-").out

    def test_a_fault_is_told_and_nothing_is_queued(self, list_: Workspace, curator: Curator, tmp_path: Path) -> None:
        (tmp_path / "a.csv").write_text("frame,kind\nFine.,\nNot.,moral\n")
        said = curator("suggest", str(tmp_path / "a.csv"))
        assert (said.code, "line 3" in said.err) == (1, True)
        (tmp_path / "b.csv").write_bytes(b"frame\n\xff\n")
        assert "not UTF-8" in curator("suggest", str(tmp_path / "b.csv")).err


def test_arxiv_is_asked_politely_and_once_for_what_is_known(
    list_: Workspace, curator: Curator, arxiv: FaultyArxiv
) -> None:
    arxiv.faults.append(lambda request: Response(503, b"later", {"Retry-After": "0"}) if len(arxiv.log) == 1 else None)
    curator("add", "--frame", "One.", "--source", "2611.00001")
    asked = len(arxiv.log)
    curator("add", "--frame", "Two.", "--source", "2611.00001")
    assert len(arxiv.log) == asked
