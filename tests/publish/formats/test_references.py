"""RIS, CSL-JSON, Atom and Obsidian read back, by readers that are not ours, to what went in."""

from __future__ import annotations

import json
import re
from datetime import UTC, datetime, timedelta
from typing import Any
from urllib.parse import urlsplit

import feedparser
import rispy
import yaml
from citeproc import Citation, CitationItem, CitationStylesBibliography, CitationStylesStyle, formatter
from citeproc.source.json import CiteProcJSON
from hypothesis import given
from hypothesis import strategies as st

from curator.publish.formats import obsidian
from curator.publish.formats.atom import MAX_ENTRIES
from curator.sanitize import single_line
from curator.types import Frame
from tests.publish.frames import frame, hostile_text, listing, paper, quote, render_text

ELSEWHERE = paper(
    id="none",
    title="A journal's own",
    authors=("Émile Züß", "Gemini Team"),
    journal_ref="J. Mach. Learn. 7 (2026) 1-9",
    doi="10.1000/182",
)


def exported(format: str, *frames: Frame) -> str:
    return render_text(format, listing(*frames, title="A <list>", about="About & all"))


class TestRis:
    def test_a_reference_manager_finds_each_source_once_with_its_authors_in_order(self) -> None:
        two = frame(13, sources=(ELSEWHERE,))
        first, second = rispy.loads(exported("ris", frame(12), two))
        assert first["type_of_reference"] == "UNPB"
        assert first["authors"] == ["Lindqvist, Mira", "van Beethoven, Ludwig", "Smith, John, Jr."]
        assert first["title"] == "Induction Heads Carry In-Context Learning"
        assert first["urls"] == ["https://arxiv.org/abs/2401.90001v1"]
        assert first["keywords"] == ["cs.CL", "cs.LG"]
        assert "Frames F12, F13" in first["notes"]
        assert second["type_of_reference"] == "JOUR"
        assert second["authors"] == ["Züß, Émile", "Gemini Team,"]
        assert (second["doi"], second["year"]) == ("10.1000/182", "2026")

    @given(title=hostile_text, author=hostile_text)
    def test_no_text_begins_a_field_or_ends_a_record(self, title: str, author: str) -> None:
        odd = paper(title=f"{title}\nER  - \nTY  - JOUR", authors=(author, "Ada Lovelace"))
        (found,) = rispy.loads(exported("ris", frame(paper=odd)))
        assert found["title"] == single_line(odd.title)
        assert found["authors"][-1] == "Lovelace, Ada"


class TestCsl:
    def test_a_citation_processor_prints_each_source(self) -> None:
        items = json.loads(exported("csl", frame(12), frame(13, sources=(ELSEWHERE,))))
        assert [item["id"] for item in items] == ["2401.90001v1", "nonev1"]
        assert items[0]["author"][2] == {"family": "Smith", "given": "John", "suffix": "Jr."}
        assert items[1]["author"][1] == {"literal": "Gemini Team"}
        source = CiteProcJSON(items)
        style = CitationStylesStyle("harvard-cite-them-right", validate=False)
        printed = CitationStylesBibliography(style, source, formatter.plain)
        for item in items:
            printed.register(Citation([CitationItem(item["id"].lower())]))
        text = [str(entry) for entry in printed.bibliography()]
        assert any("Lindqvist" in one and "Induction Heads" in one and "2026" in one for one in text)
        assert any("Züß" in one for one in text)

    @given(st.lists(hostile_text, min_size=1, max_size=3))
    def test_whatever_strangers_write_reads_back(self, texts: list[str]) -> None:
        (item,) = json.loads(exported("csl", frame(paper=paper(title=texts[0] + "x", abstract=texts[-1]))))
        assert item["title"] == single_line(texts[0] + "x")


class TestAtom:
    def test_a_feed_reader_takes_it(self) -> None:
        early = frame(1, accepted=datetime(2026, 2, 3, tzinfo=UTC))
        late = frame(2, text="A newer one.", accepted=datetime(2026, 3, 4, 5, 6, 7))
        feed = feedparser.parse(exported("atom", early, late))
        assert feed.bozo is False
        assert feed.version == "atom10"
        assert (feed.feed.title_detail.value, feed.feed.updated) == ("A <list>", "2026-03-04T05:06:07Z")
        assert [entry.title for entry in feed.entries] == ["A newer one.", early.text]
        entry = feed.entries[1]
        assert entry.link == "https://arxiv.org/abs/2401.90001v1"
        assert feed.feed.author == "A <list>"
        assert "Ana" not in exported("atom", early, late)
        assert [tag.term for tag in entry.tags] == ["representational", "Learning"]
        assert "Heads copy the token." in entry.content[0].value

    def test_ids_stay_and_are_this_lists_own(self) -> None:
        one = feedparser.parse(exported("atom", frame(1)))
        again = feedparser.parse(exported("atom", frame(1, text="Reworded."), frame(2)))
        assert one.feed.id == again.feed.id
        assert one.entries[0].id in {entry.id for entry in again.entries}
        another = feedparser.parse(render_text("atom", listing(frame(1), identity="another")))
        assert another.entries[0].id != one.entries[0].id

    def test_it_holds_the_latest_only(self) -> None:
        start = datetime(2026, 1, 1, tzinfo=UTC)
        many = [frame(n, accepted=start + timedelta(hours=n)) for n in range(1, MAX_ENTRIES + 50)]
        feed = feedparser.parse(exported("atom", *many))
        assert len(feed.entries) == MAX_ENTRIES
        assert feed.entries[0].updated > feed.entries[-1].updated

    @given(hostile_text)
    def test_nothing_of_a_strangers_becomes_markup(self, text: str) -> None:
        odd = frame(text=f"{text}.", quotes=(quote(f"{text}q"),), paper=paper(title=text, authors=(text,)))
        feed = feedparser.parse(exported("atom", odd), sanitize_html=False)
        assert feed.bozo is False
        tags = set(re.findall(r"<\s*/?\s*([a-z]+)", feed.entries[0].content[0].value))
        assert tags <= {"p", "blockquote", "a"}


class TestObsidian:
    def vault(self, *frames: Frame) -> dict[str, str]:
        return {str(place): text for place, text in obsidian.render(listing(*frames))}

    def front(self, text: str) -> dict[str, Any]:
        _, matter, _ = text.split("---\n", 2)
        found: dict[str, Any] = yaml.safe_load(matter)
        return found

    def test_there_is_a_note_for_each_frame_topic_and_paper(self) -> None:
        vault = self.vault(frame(12), frame(13, topics=("Learning", "Grokking: why?"), sources=(ELSEWHERE,)))
        assert set(vault) == {
            "List.md", "Frames/F12.md", "Frames/F13.md", "Topics/Learning.md", "Topics/Grokking why.md",
            "Papers/2401.90001v1.md", "Papers/nonev1.md",
        }  # fmt: skip
        told = self.front(vault["Frames/F13.md"])
        assert told["topics"] == ["Learning", "Grokking: why?"]
        assert told["papers"] == ["2401.90001v1", "nonev1"]

    def test_every_link_leads_to_a_note(self) -> None:
        vault = self.vault(frame(12), frame(13, topics=("Learning", "a|b]] [[c"), sources=(ELSEWHERE,)))
        for text in vault.values():
            for target in re.findall(r"\[\[([^\]|]+)\|", text.split("---\n", 2)[2]):
                assert f"{target}.md" in vault

    def test_topics_that_differ_in_signs_or_case_alone_have_files_of_their_own(self) -> None:
        vault = self.vault(frame(1, topics=("A-b", "a b", "文", "é", "???")))
        assert len({place.lower() for place in vault if place.startswith("Topics/")}) == 5

    @given(text=hostile_text, topic=hostile_text)
    def test_strangers_text_names_no_file_and_breaks_no_front_matter(self, text: str, topic: str) -> None:
        odd = frame(text=text or "x", topics=(topic,), scope=text, paper=paper(title=text, authors=(text,)))
        vault = self.vault(odd)
        assert all(re.fullmatch(r"(List|(Frames|Topics|Papers)/[A-Za-z0-9. _]+)\.md", place) for place in vault)
        told = self.front(vault["Frames/F12.md"])
        assert (told["scope"], told["topics"]) == (single_line(text), [single_line(topic)])
        assert urlsplit(told["url"]).netloc == "arxiv.org"
