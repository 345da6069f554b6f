from __future__ import annotations

import contextlib
from collections.abc import Iterator
from datetime import UTC, datetime

import pytest
from hypothesis import given
from hypothesis import strategies as st

from curator.arxiv.client import ArxivEndpoint, ArxivSession, TransientResponse
from curator.arxiv.feed import read_feed
from curator.arxiv.search import ArxivSearch
from curator.errors import ArxivBadAnswer, ArxivUnavailable, CuratorError, SettingsError
from curator.sanitize import single_line
from tests.arxiv.feeds import entry, error_feed, feed
from tests.arxiv.scripted_server import Reply, Request, Script, ScriptedServer, scripted_server

SINCE, UNTIL = datetime(2025, 1, 1, tzinfo=UTC), datetime(2025, 1, 31, tzinfo=UTC)


@contextlib.contextmanager
def asking(*steps: Reply | Script, page_size: int = 100) -> Iterator[tuple[ArxivSearch, ScriptedServer]]:
    with (
        scripted_server(*steps) as server,
        ArxivSession(ArxivEndpoint(server.url, 0), retries=1, first_wait=0) as session,
    ):
        yield ArxivSearch(session, page_size), server


def shelf(count: int) -> Script:
    """A far end that holds `count` papers and pages through them properly."""
    entries = [entry(f"2501.{number:05d}v1") for number in range(1, count + 1)]

    def answer(request: Request) -> Reply:
        start, size = int(request.query["start"]), int(request.query["max_results"])
        return Reply(feed(entries[start : start + size], count))

    return answer


def test_a_search_fetches_all_pages_and_asks_for_the_dates_newest_first() -> None:
    seen: list[tuple[int, int]] = []
    with asking(shelf(5), page_size=2) as (source, server):
        answer = source.search("cat:cs.CL OR all:x", SINCE, UNTIL, progress=lambda got, all_: seen.append((got, all_)))
        query = server.requests[0].query
    assert [p.id for p in answer.papers] == [f"2501.0000{n}" for n in range(1, 6)]
    assert (answer.announced, answer.requests, answer.complete, answer.problems) == (5, 3, True, ())
    assert query["search_query"] == "(cat:cs.CL OR all:x) AND submittedDate:[202501010000 TO 202501310000]"
    assert (query["sortBy"], query["sortOrder"]) == ("submittedDate", "descending")
    assert seen == [(2, 5), (4, 5), (5, 5)]


def test_a_paper_has_the_fields_of_its_entry_on_one_line_each() -> None:
    messy = entry("hep-th/9901001v3", title="A\n  long\u202e title", summary=" two\nlines ")
    with asking(Reply(feed([messy]))) as (source, _):
        (paper,) = source.search("x", SINCE, UNTIL).papers
    assert (paper.id, paper.version, paper.title, paper.abstract) == ("hep-th/9901001", 3, "A long title", "two lines")
    assert paper.authors == ("Ada Lovelace", "Émilie du Châtelet")
    assert paper.categories == ("cs.CL", "cs.LG")
    assert paper.published == datetime(2025, 1, 2, 10, tzinfo=UTC)
    assert paper.updated == datetime(2025, 1, 3, 10, tzinfo=UTC)
    assert (paper.comment, paper.doi) == ("9 pages", None)


def test_a_limit_stops_early_and_says_so() -> None:
    with asking(shelf(5), page_size=2) as (source, server):
        answer = source.search("x", SINCE, UNTIL, limit=3)
        sizes = [request.query["max_results"] for request in server.requests]
    assert (len(answer.papers), answer.announced, answer.complete) == (3, 5, False)
    assert sizes == ["2", "1"]


def test_a_limit_that_everything_fits_under_is_complete() -> None:
    with asking(shelf(3)) as (source, _):
        assert source.search("x", SINCE, UNTIL, limit=3).complete


def test_zero_is_believed_only_when_said_twice() -> None:
    with asking(Reply(feed())) as (source, _):
        answer = source.search("x", SINCE, UNTIL)
    assert (answer.papers, answer.announced, answer.requests, answer.complete) == ((), 0, 2, True)


def test_an_empty_first_answer_that_was_a_mistake_loses_nothing() -> None:
    with asking(Reply(feed()), shelf(2)) as (source, _):
        answer = source.search("x", SINCE, UNTIL)
    assert (len(answer.papers), answer.complete, answer.problems) == (2, True, ())


def test_an_empty_page_of_a_query_with_results_is_no_quiet_day() -> None:
    with asking(Reply(feed([], total=7))) as (source, _):
        answer = source.search("x", SINCE, UNTIL)
    assert (answer.papers, answer.announced, answer.complete) == ((), 7, False)
    assert "0 of 7" in answer.problems[0]


def test_a_short_page_is_asked_for_again() -> None:
    short = Reply(feed([entry("2501.00001v1")], total=3))
    with asking(short, shelf(3)) as (source, _):
        answer = source.search("x", SINCE, UNTIL)
    assert (len(answer.papers), answer.requests, answer.complete) == (3, 2, True)


def test_after_a_page_that_stays_empty_the_rest_is_still_fetched() -> None:
    whole = shelf(6)

    def hole(request: Request) -> Reply:
        return Reply(feed([], 6)) if request.query["start"] == "2" else whole(request)

    with asking(hole, page_size=2) as (source, _):
        answer = source.search("x", SINCE, UNTIL)
    assert [p.id[-1] for p in answer.papers] == ["1", "2", "5", "6"]
    assert not answer.complete
    assert len(answer.problems) == 1


def test_pages_that_repeat_for_ever_are_given_up() -> None:
    with asking(Reply(feed([entry("2501.00001v1")], total=1000)), page_size=1) as (source, server):
        answer = source.search("x", SINCE, UNTIL)
    assert (len(answer.papers), answer.complete) == (1, False)
    assert len(server.requests) < 10


def test_a_total_that_changes_is_recorded_and_duplicates_are_not() -> None:
    first = Reply(feed([entry("2501.00001v1"), entry("2501.00002v1")], total=4))
    moved = Reply(feed([entry("2501.00002v1"), entry("2501.00003v1")], total=5))
    last = Reply(feed([entry("2501.00004v1")], total=5))
    with asking(first, moved, moved, moved, last, page_size=2) as (source, _):
        answer = source.search("x", SINCE, UNTIL)
    assert [p.id[-1] for p in answer.papers] == ["1", "2", "3", "4"]
    assert (answer.announced, answer.complete) == (5, False)
    assert "from 4 to 5" in answer.problems[0]


def test_more_results_than_arxiv_hands_out_are_asked_for_in_halves_of_the_time() -> None:
    def answer(request: Request) -> Reply:
        dates = request.query["search_query"].split("submittedDate:")[1]
        if dates == "[202501010000 TO 202501310000]":
            return Reply(feed([entry("2501.00001v1")], total=30_001))
        later = dates == "[202501160000 TO 202501310000]"
        return Reply(feed([entry("2501.00002v1" if later else "2501.00001v1")]))

    with asking(answer, page_size=1) as (source, server):
        found = source.search("x", SINCE, UNTIL)
    assert [p.id for p in found.papers] == ["2501.00002", "2501.00001"]
    assert found.announced == 30_001
    assert len(server.requests) == 3


@pytest.mark.parametrize(
    ("broken", "fault"),
    [
        (entry("2501.00002v1", title=" "), "no title"),
        (entry("2501.00002v1", published="yesterday"), "published"),
        (entry("2501.00002v1", updated=""), "updated"),
        (entry("2501.00002"), "no version"),
        (entry("nonsense"), "no arXiv id"),
    ],
)
def test_a_malformed_entry_is_named_and_the_others_are_kept(broken: str, fault: str) -> None:
    entries = [entry("2501.00001v1"), broken, entry("2501.00003v1")]
    with asking(Reply(feed(entries))) as (source, _):
        answer = source.search("x", SINCE, UNTIL)
    assert [p.id for p in answer.papers] == ["2501.00001", "2501.00003"]
    assert len(answer.problems) == 1
    assert fault in answer.problems[0]
    assert answer.complete


@pytest.mark.parametrize("status", [200, 400])
def test_an_error_entry_is_an_error_in_arxivs_own_words(status: int) -> None:
    with (
        asking(Reply(error_feed("unbalanced parentheses"), status)) as (source, _),
        pytest.raises(ArxivBadAnswer, match="unbalanced parentheses"),
    ):
        source.search("(x", SINCE, UNTIL)


def test_rate_exceeded_with_status_200_is_asked_again() -> None:
    with asking(Reply(b"Rate exceeded."), shelf(1)) as (source, server):
        assert len(source.search("x", SINCE, UNTIL).papers) == 1
        assert len(server.requests) == 2


def test_rate_exceeded_to_the_end_is_unavailable_and_never_no_papers() -> None:
    with asking(Reply(b"Rate exceeded.")) as (source, _), pytest.raises(ArxivUnavailable, match="Rate exceeded"):
        source.search("x", SINCE, UNTIL)


def test_a_feed_cut_off_in_the_middle_is_asked_again() -> None:
    with asking(Reply(feed([entry("2501.00001v1")])[:-40]), shelf(1)) as (source, _):
        assert len(source.search("x", SINCE, UNTIL).papers) == 1


@pytest.mark.parametrize(
    "body",
    [
        b"<html><body>Please log in\x07</body></html>",
        b'<?xml version="1.0"?><rss/>',
        b'<!DOCTYPE feed [<!ENTITY a "b">]>' + feed([entry("2501.00001v1", title="&a;")]).split(b"?>")[1],
        b'<feed xmlns="http://www.w3.org/2005/Atom"/>',
        feed(total=-1),
    ],
)
def test_what_is_not_a_feed_of_results_is_a_bad_answer_quoted(body: bytes) -> None:
    with asking(Reply(body)) as (source, server), pytest.raises(ArxivBadAnswer) as caught:
        source.search("x", SINCE, UNTIL)
    assert len(server.requests) == 1
    assert str(caught.value).isprintable()


def test_characters_that_xml_forbids_do_not_cost_the_page() -> None:
    body = feed([entry("2501.00001v1", title="A\x0bB &#11;C")])
    with asking(Reply(body)) as (source, _):
        assert source.search("x", SINCE, UNTIL).papers[0].title == "AB C"


def test_dates_in_the_wrong_order_are_a_persons_mistake() -> None:
    with asking(Reply(feed())) as (source, server):
        with pytest.raises(SettingsError, match="Swap"):
            source.search("x", UNTIL, SINCE)
        assert server.requests == []


def library(*ids: str) -> Script:
    """A far end that knows these papers by identifier."""

    def answer(request: Request) -> Reply:
        wanted = request.query["id_list"].split(",")
        return Reply(feed([entry(i) for i in ids if i in wanted or i.rpartition("v")[0] in wanted]))

    return answer


def test_papers_by_identifier_come_in_the_order_asked_for() -> None:
    with asking(library("2501.00001v2", "hep-th/9901001v1", "2501.00003v1")) as (source, server):
        answer = source.by_ids(["2501.00003v1", "arXiv:2501.00001", "https://arxiv.org/abs/hep-th/9901001"])
    assert [p.versioned_id for p in answer.papers] == ["2501.00003v1", "2501.00001v2", "hep-th/9901001v1"]
    assert (answer.complete, answer.problems, len(server.requests)) == (True, (), 1)


def test_an_identifier_that_arxiv_does_not_know_is_asked_twice_and_named() -> None:
    with asking(library("2501.00001v1")) as (source, server):
        answer = source.by_ids(["2501.00001", "2501.00009v4", "rubbish"])
        assert [r.query["id_list"] for r in server.requests] == ["2501.00001,2501.00009v4", "2501.00009v4"]
    assert [p.id for p in answer.papers] == ["2501.00001"]
    assert not answer.complete
    assert [p for p in answer.problems if "has no paper 2501.00009v4" in p]
    assert [p for p in answer.problems if "'rubbish'" in p]


def test_one_identifier_that_arxiv_rejects_does_not_cost_the_others() -> None:
    known = library("2501.00001v1", "2501.00003v1")

    def strict(request: Request) -> Reply:
        bad = "2501.00002" in request.query["id_list"]
        return Reply(error_feed("incorrect id format for 2501.00002"), 400) if bad else known(request)

    with asking(strict) as (source, _):
        answer = source.by_ids(["2501.00001", "2501.00002", "2501.00003"])
    assert [p.id for p in answer.papers] == ["2501.00001", "2501.00003"]
    assert "2501.00002" in " ".join(answer.problems)


def test_many_identifiers_go_a_hundred_at_a_time() -> None:
    ids = [f"2501.{number:05d}" for number in range(1, 151)]
    with asking(library(*(f"{i}v1" for i in ids))) as (source, server):
        assert len(source.by_ids(ids).papers) == 150
        assert len(server.requests) == 2


def test_a_paper_that_was_not_asked_for_is_not_taken() -> None:
    with asking(Reply(feed([entry("2501.00007v1")]))) as (source, _):
        answer = source.by_ids(["2501.00001"])
    assert answer.papers == ()
    assert "2501.00007v1" in answer.problems[0]


class _Body:
    status_code = 200

    def __init__(self, content: bytes) -> None:
        self.content = content


@given(st.one_of(st.binary(max_size=300), st.text(max_size=200).map(lambda t: feed([entry("2501.00001v1", title=t)]))))
def test_no_body_breaks_the_reader(body: bytes) -> None:
    with contextlib.suppress(CuratorError, TransientResponse):
        page = read_feed(_Body(body))  # type: ignore[arg-type]
        assert page.usable >= 0


@given(st.text())
def test_one_line_is_one_line_and_stays_so(text: str) -> None:
    line = single_line(text)
    assert len(line.splitlines()) <= 1
    assert single_line(line) == line
    line.encode()
