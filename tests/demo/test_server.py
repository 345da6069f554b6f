"""The stand-in for arXiv, queried over real HTTP."""

from __future__ import annotations

import socket
import threading
from collections.abc import Iterator
from datetime import UTC
from pathlib import Path
from typing import Any
from xml.etree import ElementTree

import pytest
import requests
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

import arxiv  # type: ignore[import-untyped]
from curator.demo.server import ArxivServer, Request, Response
from tests.demo.papers import PDF, make_paper

ATOM = "{http://www.w3.org/2005/Atom}"
OPENSEARCH = "{http://a9.com/-/spec/opensearch/1.1/}"
ARXIV = "{http://arxiv.org/schemas/atom}"

PAPERS = [make_paper(number, title=f"Grokking {number}" if number % 3 else "Coral") for number in range(1, 24)]


@pytest.fixture(scope="module")
def server() -> Iterator[ArxivServer]:
    extra = [
        make_paper(30, version=1, title="Two versions, first"),
        make_paper(30, version=3, title="Two versions, third"),
        make_paper(31, id="hep-th/9901001", title="Old style"),
        make_paper(32, pdf=None, title="No file"),
        make_paper(
            33,
            title="</title><script>&\x00\x0b\ud800 \ufffe“ok”",
            abstract="a < b && c",
            comment="3 pages",
            journal_ref="Sample J. 1",
            doi="10.5555/x",
        ),
    ]
    with ArxivServer([*PAPERS, *extra]) as running:
        yield running


def send_query(server: ArxivServer, **query: Any) -> requests.Response:
    return requests.get(f"{server.url}/api/query", params=query, timeout=10)


def read_entries(answer: requests.Response) -> list[ElementTree.Element]:
    assert answer.headers["Content-Type"].startswith("application/atom+xml")
    return ElementTree.fromstring(answer.content).findall(f"{ATOM}entry")


def read_names(answer: requests.Response) -> list[str]:
    assert answer.status_code == 200
    return [(entry.findtext(f"{ATOM}id") or "").removeprefix("http://arxiv.org/abs/") for entry in read_entries(answer)]


def test_an_entry_has_the_elements_of_an_arxiv_entry(server: ArxivServer) -> None:
    (entry,) = read_entries(send_query(server, id_list="2601.00033"))
    assert entry.findtext(f"{ATOM}id") == "http://arxiv.org/abs/2601.00033v1"
    assert entry.findtext(f"{ATOM}published") == "2026-02-03T12:00:00Z"
    assert entry.findtext(f"{ATOM}summary") == "a < b && c"
    assert [author.findtext(f"{ATOM}name") for author in entry.findall(f"{ATOM}author")] == [
        "Zoë Lindqvist",
        "Jürgen Østby",
    ]
    assert [category.get("term") for category in entry.findall(f"{ATOM}category")] == ["cs.CL", "cs.LG"]
    primary = entry.find(f"{ARXIV}primary_category")
    assert primary is not None
    assert primary.get("term") == "cs.CL"
    assert entry.findtext(f"{ARXIV}comment") == "3 pages"
    assert entry.findtext(f"{ARXIV}journal_ref") == "Sample J. 1"
    assert entry.findtext(f"{ARXIV}doi") == "10.5555/x"
    links = {(link.get("rel"), link.get("title")): link.get("href") for link in entry.findall(f"{ATOM}link")}
    assert links == {
        ("alternate", None): "https://arxiv.org/abs/2601.00033v1",
        ("related", "pdf"): "https://arxiv.org/pdf/2601.00033v1",
        ("related", "doi"): "https://doi.org/10.5555/x",
    }


def test_a_later_version_has_the_first_versions_date_and_its_own(server: ArxivServer) -> None:
    (entry,) = read_entries(send_query(server, id_list="2601.00030"))
    assert entry.findtext(f"{ATOM}published") == "2026-01-31T12:00:00Z"
    assert entry.findtext(f"{ATOM}updated") == "2026-02-02T12:00:00Z"


def test_a_hostile_title_stays_text_without_characters_that_xml_forbids(server: ArxivServer) -> None:
    (entry,) = read_entries(send_query(server, id_list="2601.00033"))
    assert entry.findtext(f"{ATOM}title") == "</title><script>& “ok”"


def test_a_feed_has_the_counts_of_its_query(server: ArxivServer) -> None:
    feed = ElementTree.fromstring(send_query(server, search_query="ti:grokking", start=3, max_results=4).content)
    counts = {name: feed.findtext(f"{OPENSEARCH}{name}") for name in ("totalResults", "startIndex", "itemsPerPage")}
    assert counts == {"totalResults": "16", "startIndex": "3", "itemsPerPage": "4"}
    assert len(feed.findall(f"{ATOM}entry")) == 4


def test_a_query_without_results_gives_an_empty_feed_with_the_requested_page_size(server: ArxivServer) -> None:
    feed = ElementTree.fromstring(send_query(server, id_list="0000.0000", max_results=100).content)
    assert feed.findtext(f"{OPENSEARCH}totalResults") == "0"
    assert feed.findtext(f"{OPENSEARCH}itemsPerPage") == "100"
    assert not feed.findall(f"{ATOM}entry")


def test_the_default_page_size_is_ten(server: ArxivServer) -> None:
    assert len(read_names(send_query(server, search_query="ti:grokking"))) == 10


def test_an_empty_request_finds_nothing(server: ArxivServer) -> None:
    assert read_names(send_query(server)) == []


@pytest.mark.parametrize(
    ("query", "message"),
    [
        ({"id_list": "abc"}, "incorrect id format for abc"),
        ({"id_list": "2601.00001,26010.0001"}, "incorrect id format for 26010.0001"),
        ({"id_list": "2601.00001v"}, "incorrect id format for 2601.00001v"),
        ({"search_query": "a", "start": "x"}, "start must be an integer"),
        ({"search_query": "a", "start": "1.5"}, "start must be an integer"),
        ({"search_query": "a", "start": "٣"}, "start must be an integer"),
        ({"search_query": "a", "start": -1}, "start must be non-negative"),
        ({"search_query": "a", "max_results": "many"}, "max_results must be an integer"),
        ({"search_query": "a", "max_results": -1}, "max_results must be non-negative"),
        ({"search_query": "a", "max_results": "9" * 5000}, "max_results must be an integer"),
        ({"search_query": "a", "max_results": 2001}, "max_results must not exceed 2000"),
        ({"search_query": "a", "start": 29_001, "max_results": 1000}, "start plus max_results must not exceed 30000"),
        ({"search_query": "a", "sortBy": "date"}, "sortBy must be in: relevance, lastUpdatedDate, submittedDate"),
        ({"search_query": "a", "sortOrder": "up"}, "sortOrder must be in: descending, ascending"),
        ({"search_query": "(a"}, "a closing parenthesis is missing in the query"),
        ({"search_query": "\x00 ("}, "a search term is missing before end"),
    ],
)
def test_a_bad_request_is_answered_400_with_an_error_entry(
    server: ArxivServer, query: dict[str, Any], message: str
) -> None:
    answer = send_query(server, **query)
    assert answer.status_code == 400
    (entry,) = read_entries(answer)
    assert entry.findtext(f"{ATOM}title") == "Error"
    assert entry.findtext(f"{ATOM}summary") == message
    assert entry.findtext(f"{ATOM}id") == f"https://arxiv.org/api/errors#{message.replace(' ', '_')}"
    assert entry.find(f"{ATOM}published") is None


def test_values_at_the_limits_are_allowed(server: ArxivServer) -> None:
    assert len(read_names(send_query(server, search_query="ti:grokking", max_results=2000))) == 16
    assert read_names(send_query(server, search_query="ti:grokking", start=29_000, max_results=1000)) == []
    assert read_names(send_query(server, search_query="ti:grokking", max_results=0)) == []


@pytest.mark.parametrize(
    ("ids", "found"),
    [
        ("2601.00030", ["2601.00030v3"]),
        ("2601.00030v1", ["2601.00030v1"]),
        ("2601.00030v2", []),
        ("2601.00030v1,2601.00030", ["2601.00030v1", "2601.00030v3"]),
        ("2601.00030v3,2601.00030", ["2601.00030v3"]),
        ("2601.00002,2601.00001,2601.00002", ["2601.00002v1", "2601.00001v1"]),
        ("hep-th/9901001", ["hep-th/9901001v1"]),
        ("hep-th/9901001v1", ["hep-th/9901001v1"]),
        ("2601.99999,2601.00001", ["2601.00001v1"]),
    ],
)
def test_an_id_without_a_version_means_the_latest_and_a_missing_version_is_not_found(
    server: ArxivServer, ids: str, found: list[str]
) -> None:
    assert read_names(send_query(server, id_list=ids)) == found


def test_a_search_covers_only_latest_versions(server: ArxivServer) -> None:
    assert read_names(send_query(server, search_query='ti:"two versions"')) == ["2601.00030v3"]
    assert read_names(send_query(server, search_query='ti:"versions first"')) == []


def test_a_query_filters_the_listed_ids(server: ArxivServer) -> None:
    both = send_query(server, id_list="2601.00003,2601.00004,2601.00005", search_query="ti:grokking")
    assert read_names(both) == ["2601.00004v1", "2601.00005v1"]


@pytest.mark.parametrize("key", ["submittedDate", "lastUpdatedDate"])
def test_results_are_sorted_by_date_either_way(server: ArxivServer, key: str) -> None:
    down = read_names(send_query(server, search_query="ti:coral", sortBy=key))
    up = read_names(send_query(server, search_query="ti:coral", sortBy=key, sortOrder="ascending"))
    assert down == sorted(down, reverse=True)
    assert up == down[::-1]
    assert len(up) == 7


def test_relevance_sorts_by_the_number_of_matching_terms(server: ArxivServer) -> None:
    best = read_names(send_query(server, search_query='grokking OR id:2601.00007 OR ti:"grokking 7"', max_results=3))
    assert best[0] == "2601.00007v1"


@settings(max_examples=25, suppress_health_check=[HealthCheck.function_scoped_fixture], deadline=None)
@given(
    size=st.integers(1, 30),
    query=st.sampled_from(["ti:grokking", "cat:cs.CL", "ti:coral OR grokking", "submittedDate:[20260103 TO 20260110]"]),
    by=st.sampled_from(["relevance", "submittedDate", "lastUpdatedDate"]),
    order=st.sampled_from(["ascending", "descending"]),
)
def test_small_pages_add_up_to_the_one_large_page(
    server: ArxivServer, size: int, query: str, by: str, order: str
) -> None:
    def page(start: int, count: int) -> tuple[list[str], int]:
        request = {
            "search_query": query,
            "sortBy": by,
            "sortOrder": order,
            "start": str(start),
            "max_results": str(count),
        }
        answer = server.answer(Request("GET", "/api/query", request, {}))
        feed = ElementTree.fromstring(answer.body)
        ids = [entry.findtext(f"{ATOM}id") or "" for entry in feed.findall(f"{ATOM}entry")]
        return ids, int(feed.findtext(f"{OPENSEARCH}totalResults") or -1)

    all_ids, total = page(0, 2000)
    pages = [page(start, size) for start in range(0, total, size)]
    assert [name for names, _ in pages for name in names] == all_ids
    assert {count for _, count in pages} == {total} == {len(all_ids)}
    assert len(set(all_ids)) == total


def test_the_arxiv_package_pages_through_it(server: ArxivServer) -> None:
    client = arxiv.Client(page_size=5, delay_seconds=0, num_retries=0)
    client.query_url_format = server.url + "/api/query?{}"
    search = arxiv.Search(query="cat:cs.CL AND ti:grokking", sort_by=arxiv.SortCriterion.SubmittedDate)
    results = list(client.results(search))
    assert len(results) == 16
    assert [result.published for result in results] == sorted((r.published for r in results), reverse=True)
    assert results[0].published.tzinfo == UTC
    assert results[0].pdf_url == "https://arxiv.org/pdf/2601.00023v1"
    assert [author.name for author in results[0].authors] == ["Zoë Lindqvist", "Jürgen Østby"]


@pytest.mark.parametrize(
    "path",
    ["2601.00001", "2601.00001v1", "2601.00001.pdf", "2601.00001v1.pdf", "hep-th/9901001v1", "hep-th/9901001"],
)
def test_a_pdf_is_served_at_each_of_its_addresses(server: ArxivServer, path: str) -> None:
    answer = requests.get(f"{server.url}/pdf/{path}", timeout=10)
    assert (answer.status_code, answer.headers["Content-Type"], answer.content) == (200, "application/pdf", PDF)


def test_head_returns_the_length_without_a_body(server: ArxivServer) -> None:
    host, port = server.url.removeprefix("http://").split(":")
    with socket.create_connection((host, int(port)), timeout=10) as connection:
        connection.sendall(b"HEAD /pdf/2601.00001 HTTP/1.1\r\nHost: here\r\nConnection: close\r\n\r\n")
        head, _, body = b"".join(iter(lambda: connection.recv(4096), b"")).partition(b"\r\n\r\n")
    assert f"Content-Length: {len(PDF)}".encode() in head
    assert body == b""


@pytest.mark.parametrize(
    "path",
    [
        "/pdf/2601.00032",
        "/pdf/2601.00001v2",
        "/pdf/2601.99999",
        "/pdf/abc",
        "/pdf/%2e%2e/%2e%2e/etc/passwd",
        "/pdf/",
        "/",
        "/abs/abc",
        "/api",
        "/api/query/",
        "/%00<script>",
    ],
)
def test_an_unknown_address_gets_a_404_page(server: ArxivServer, path: str) -> None:
    answer = requests.get(server.url + path, timeout=10)
    assert answer.status_code == 404
    assert answer.headers["Content-Type"].startswith("text/html")
    assert "<script>" not in answer.text


def test_a_missing_pdf_file_is_served_once_it_exists(tmp_path: Path) -> None:
    file = tmp_path / "paper.pdf"
    with ArxivServer([make_paper(1, pdf=file)]) as server:
        assert requests.get(f"{server.url}/pdf/2601.00001", timeout=10).status_code == 404
        file.write_bytes(PDF)
        assert requests.get(f"{server.url}/pdf/2601.00001", timeout=10).content == PDF


def test_an_abstract_page_escapes_the_title(server: ArxivServer) -> None:
    answer = requests.get(f"{server.url}/abs/2601.00033v1", timeout=10)
    assert answer.status_code == 200
    assert "&lt;script&gt;" in answer.text
    assert "<script>" not in answer.text


def test_every_request_is_logged_with_its_user_agent_and_status() -> None:
    with ArxivServer([make_paper(1)]) as server:
        before = server.log
        url = f"{server.url}/api/query?search_query=ti:a&search_query=ti:b&start="
        requests.get(url, headers={"User-Agent": "tester/1"}, timeout=10)
        requests.get(f"{server.url}/pdf/2601.09999", timeout=10)
        first, second = server.log
    assert before == []
    assert (first.path, first.query, first.user_agent, first.status) == (
        "/api/query",
        {"search_query": "ti:a", "start": ""},
        "tester/1",
        200,
    )
    assert (second.path, second.status) == ("/pdf/2601.09999", 404)
    assert first.arrived <= second.arrived
    assert first.seconds is not None
    assert first.seconds >= 0


def test_simultaneous_clients_are_all_answered() -> None:
    answers: list[int] = []
    with ArxivServer(PAPERS) as server:
        threads = [
            threading.Thread(target=lambda: answers.append(send_query(server, search_query="ti:grokking").status_code))
            for _ in range(12)
        ]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()
        assert len(server.log) == 12
    assert answers == [200] * 12


class MisbehavingArxiv(ArxivServer):
    def answer(self, request: Request) -> Response:
        if request.path == "/dropped":
            raise ConnectionError
        if request.path == "/broken":
            raise KeyError("boom")
        if request.path == "/short":
            return Response(200, b"half", {"Content-Length": "8"})
        if request.path == "/busy":
            return Response(503, b"later", {"Retry-After": "7"})
        return super().answer(request)


def test_a_subclass_can_drop_cut_refuse_and_break_responses() -> None:
    with MisbehavingArxiv([make_paper(1)]) as server:
        with pytest.raises(requests.ConnectionError):
            requests.get(f"{server.url}/dropped", timeout=10)
        with pytest.raises(requests.exceptions.ChunkedEncodingError):
            requests.get(f"{server.url}/short", timeout=10)
        busy = requests.get(f"{server.url}/busy", timeout=10)
        broken = requests.get(f"{server.url}/broken", timeout=10)
        assert read_names(send_query(server, id_list="2601.00001")) == ["2601.00001v1"]
        log = server.log
    assert (busy.status_code, busy.headers["Retry-After"]) == (503, "7")
    assert broken.status_code == 500
    assert [entry.status for entry in log] == [0, 200, 503, 500, 200]
    assert log[0].seconds is None


def test_a_stopped_server_closes_connections_and_frees_its_port(capfd: pytest.CaptureFixture[str]) -> None:
    with requests.Session() as session:
        server = ArxivServer([make_paper(1)]).start()
        url = server.url
        session.get(f"{url}/pdf/2601.00001", timeout=10)
        server.stop()
        server.stop()
        with pytest.raises(requests.ConnectionError):
            session.get(f"{url}/pdf/2601.00001", timeout=10)
    with ArxivServer([make_paper(1)], port=int(url.rpartition(":")[2])) as again:
        assert again.url == url
    assert capfd.readouterr() == ("", "")
