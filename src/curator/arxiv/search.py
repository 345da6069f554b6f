"""Search arXiv for papers, and report every paper that may be missing.

arXiv's index sometimes returns an empty or a short page, or another total than a minute before. Such a page is
requested again a few times. If it stays inconsistent, `SearchResult.problems` says so, so that "no papers", "not all
papers" and "could not ask" can be told apart.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import cast

import requests

import arxiv  # type: ignore[import-untyped]
from curator.arxiv.client import ArxivSession
from curator.arxiv.feed import ErrorEntry, FeedPage, read_feed
from curator.arxiv_ids import ArxivId, parse_arxiv_id
from curator.errors import ArxivBadAnswer, SettingsError
from curator.sanitize import single_line
from curator.types import Paper

MAX_RESULTS = 30_000
"""Results that arXiv returns for one query (info.arxiv.org/help/api/user-manual.html, 3.1.1.2)."""

MAX_PAGE_SIZE = 2000
"""Results that arXiv returns in one response (the same page of its manual)."""

_MAX_IDS = 100  # of one request; keeps the address well under the 4 kB that proxies allow
_MAX_TRIES = 3  # for a page that looks wrong
_MAX_EMPTY_PAGES = 2  # in a row; then the search ends as incomplete
_MIN_SPAN = timedelta(minutes=2)  # arXiv's dates have minutes

SearchProgress = Callable[[int, int], None]
"""Receives the papers received so far, and the total that arXiv announced."""


@dataclass(frozen=True)
class SearchResult:
    """The papers that arXiv returned for one search, and the problems of its answers."""

    papers: tuple[Paper, ...]
    announced: int  # the number of matching papers that arXiv states
    requests: int  # pages requested; the session's own retries are not counted
    complete: bool  # False if papers are missing: because of `limit`, or because arXiv did not return them
    unread: tuple[str, ...]  # ids of the papers whose entries could not be read
    problems: tuple[str, ...]  # unusable entries, short pages, changed totals, unknown ids


class ArxivSearch:
    """A client for arXiv's search API. All methods raise ArxivUnavailable, ArxivRefused or ArxivBadAnswer.

    Args:
        session: The session for all requests.
        page_size: Results per request, at most MAX_PAGE_SIZE.

    Raises:
        SettingsError: The page size is out of range.
    """

    def __init__(self, session: ArxivSession, page_size: int = 100) -> None:
        if not 1 <= page_size <= MAX_PAGE_SIZE:
            raise SettingsError(
                f"arXiv does not return pages of {page_size} results. Use a page size of 1 to {MAX_PAGE_SIZE}."
            )
        self._session = session
        self._page_size = page_size

    def search(
        self,
        query: str,
        since: datetime,
        until: datetime,
        limit: int | None = None,
        progress: SearchProgress | None = None,
    ) -> SearchResult:
        """Search for papers by query and submission time, newest first.

        Args:
            query: The query, in arXiv's query language; "" for all papers.
            since: The earliest submission time, in UTC unless it has a zone. arXiv compares whole minutes.
            until: The latest submission time.
            limit: The most papers to return; None for all.
            progress: Called after each page.

        Raises:
            SettingsError: `since` is after `until`.
        """
        first, last = _to_utc(since), _to_utc(until)
        if first > last:
            raise SettingsError(
                f"The search starts at {first:%Y-%m-%d %H:%M}, after its end at {last:%Y-%m-%d %H:%M}. Swap the dates."
            )
        pager = _SearchPager(self._session, self._page_size, limit, progress)
        announced = pager.fetch_span(query.strip(), first, last)
        return pager.make_result(announced)

    def by_ids(self, ids: Sequence[str]) -> SearchResult:
        """Request papers by id.

        Args:
            ids: arXiv ids, with or without a version; without one, arXiv returns the latest.

        Returns:
            The papers in the order of `ids`. Invalid ids, and ids unknown to arXiv, are named in its problems.
        """
        pager = _SearchPager(self._session, self._page_size, None, None)
        valid: dict[ArxivId, None] = {}
        for text in ids:
            try:
                valid[parse_arxiv_id(text)] = None
            except ValueError as error:
                pager.add_missing(str(error))
        requested = list(valid)
        announced = 0
        for start in range(0, len(requested), _MAX_IDS):
            announced += pager.fetch_ids(requested[start : start + _MAX_IDS])
        return pager.make_result(announced, order=requested)


@dataclass(frozen=True)
class _Page:
    total: int
    entries: int
    papers: tuple[Paper, ...]
    problems: tuple[str, ...]
    unread: tuple[str, ...]


class _SearchPager:
    """Pages through one search: collects the papers and the problems of all its pages."""

    def __init__(
        self, session: ArxivSession, page_size: int, limit: int | None, progress: SearchProgress | None
    ) -> None:
        self._checked = _CheckedSession(session)
        self._client = arxiv.Client(page_size=page_size, delay_seconds=0, num_retries=0)
        self._client._session = cast(requests.Session, self._checked)
        self._client.query_url_format = session.endpoint.url + "/api/query?{}"
        self._page_size = page_size
        self._limit = limit
        self._progress = progress or (lambda got, announced: None)
        self._papers: dict[tuple[str, int], Paper] = {}
        self._left_out: dict[str, None] = {}
        self._unread: dict[str, None] = {}
        self._problems: list[str] = []
        self._complete = True
        self._requests = 0

    def make_result(self, announced: int, order: Sequence[ArxivId] = ()) -> SearchResult:
        papers = list(self._papers.values())
        if order:
            position = {id_: number for number, id_ in reversed(list(enumerate(order)))}
            end = len(order)
            papers.sort(
                key=lambda p: min(position.get(ArxivId(p.id, None), end), position.get(ArxivId(p.id, p.version), end))
            )
        got = len(papers) + len(self._left_out)
        if self._is_full() and got < announced:
            self._complete = False
        elif not order and got < announced and self._complete:
            self.add_missing(f"arXiv announced {announced} papers but returned only {got} different ones.")
        return SearchResult(
            papers=tuple(papers[: self._limit]),
            announced=announced,
            requests=self._requests,
            complete=self._complete,
            unread=tuple(self._unread.keys() - {paper.id for paper in papers}),
            problems=tuple(dict.fromkeys([*self._left_out, *self._problems])),
        )

    def add_missing(self, problem: str) -> None:
        """Record that a requested paper or page did not come."""
        self._problems.append(problem)
        self._complete = False

    def fetch_span(self, query: str, since: datetime, until: datetime) -> int:
        """Fetch the papers submitted in a span of time, in two halves if there are too many; return arXiv's total."""
        search = arxiv.Search(
            query=_add_dates(query, since, until),
            max_results=None,
            sort_by=arxiv.SortCriterion.SubmittedDate,
            sort_order=arxiv.SortOrder.Descending,
        )
        first = self._fetch_consistent_page(search, 0, self._next_size(0), None)
        too_many = first.total > MAX_RESULTS and (self._limit is None or self._limit > MAX_RESULTS)
        if too_many and until - since > _MIN_SPAN:
            middle = since + (until - since) / 2
            self.fetch_span(query, middle, until)
            if not self._is_full():
                self.fetch_span(query, since, middle)
            return first.total
        if too_many:
            self.add_missing(
                f"More than {MAX_RESULTS} papers were submitted at {since:%Y-%m-%d %H:%M}; the rest is missing."
            )
        return self._fetch_pages(search, first)

    def fetch_ids(self, ids: Sequence[ArxivId]) -> int:
        """Fetch papers by id; return arXiv's total. Ids without a paper are requested twice."""
        total = 0
        missing = list(ids)
        for _ in range(2):
            try:
                page = self._fetch_page(
                    arxiv.Search(id_list=list(map(str, missing)), max_results=None), 0, len(missing)
                )
            except ErrorEntry as error:
                if "id format" not in str(error):
                    raise
                return total + self._split_rejected(missing, error)
            total += page.total
            unrequested = [paper for paper in page.papers if not _is_requested(paper, missing)]
            self._problems += [f"arXiv sent {paper.versioned_id}, which was not requested." for paper in unrequested]
            self._add([paper for paper in page.papers if paper not in unrequested], page)
            missing = [id_ for id_ in missing if not self._received(id_)]
            if not missing:
                return total
        for id_ in missing:
            self.add_missing(f"arXiv has no paper {id_}.")
        return total

    def _split_rejected(self, ids: Sequence[ArxivId], error: ErrorEntry) -> int:
        """Request the halves of a rejected list, down to the one id for which arXiv rejects the whole list."""
        if len(ids) == 1:
            self.add_missing(f"{ids[0]}: {error}")
            return 0
        half = len(ids) // 2
        return self.fetch_ids(ids[:half]) + self.fetch_ids(ids[half:])

    def _fetch_pages(self, search: arxiv.Search, first: _Page) -> int:
        total, start, empty_pages, page = first.total, 0, 0, first
        while True:
            added = self._add(page.papers, page)
            self._progress(len(self._papers), total)
            empty_pages = 0 if added else empty_pages + 1
            start += page.entries or self._next_size(start)  # after an empty page there may be more
            if start >= min(total, MAX_RESULTS) or self._is_full() or empty_pages == _MAX_EMPTY_PAGES:
                return total
            page = self._fetch_consistent_page(search, start, self._next_size(start), total)
            if page.entries:
                total = page.total

    def _fetch_consistent_page(self, search: arxiv.Search, start: int, size: int, total: int | None) -> _Page:
        """Fetch a page with the expected entries and `total`, or else the longest of a few tries."""
        best = self._fetch_page(search, start, size)
        for _ in range(_MAX_TRIES - 1):
            if _is_consistent(best, start, size, total):
                return best
            page = self._fetch_page(search, start, size)
            if total is None and best.total == page.total == best.entries == page.entries == 0:
                return page  # a total of zero is believed if arXiv states it twice
            if page.entries >= best.entries:
                best = page
        if not _is_consistent(best, start, size, total):
            if total is not None and best.total != total:
                self.add_missing(f"arXiv's total changed from {total} to {best.total} between two pages.")
            if best.entries < (due := _expected_entries(best, start, size)):
                self.add_missing(
                    f"The page from result {start + 1} had {best.entries} of {due} papers in {_MAX_TRIES} tries."
                )
        return best

    def _fetch_page(self, search: arxiv.Search, start: int, size: int) -> _Page:
        self._requests += 1
        self._client.page_size = size
        results = []
        try:
            for result in self._client.results(search, start):
                results.append(result)
                if len(results) >= self._checked.page.usable:
                    break  # otherwise the package requests the next page itself, without checks
        except (arxiv.ArxivError, requests.RequestException, ValueError) as error:
            raise ArxivBadAnswer(f"arXiv's answer could not be read: {error}.") from error
        page = self._checked.page
        return _Page(page.total, page.entries, tuple(map(_to_paper, results)), page.problems, page.unread)

    def _add(self, papers: Sequence[Paper], page: _Page) -> int:
        """Keep a page's new entries; return their number."""
        before = len(self._papers) + len(self._left_out)
        for paper in papers:
            self._papers.setdefault((paper.id, paper.version), paper)
        self._left_out.update(dict.fromkeys(page.problems))
        self._unread.update(dict.fromkeys(page.unread))
        return len(self._papers) + len(self._left_out) - before

    def _received(self, requested: ArxivId) -> bool:
        return any(requested.id == id_ and requested.version in (None, version) for id_, version in self._papers)

    def _is_full(self) -> bool:
        return self._limit is not None and len(self._papers) >= self._limit

    def _next_size(self, start: int) -> int:
        size = min(self._page_size, max(1, MAX_RESULTS - start))
        return size if self._limit is None else min(size, max(1, self._limit - len(self._papers)))


class _CheckedSession:
    """Takes the place of the arxiv package's requests.Session; checks each body before the package parses it."""

    page: FeedPage

    def __init__(self, session: ArxivSession) -> None:
        self._session = session

    def get(self, url: str, headers: Mapping[str, str]) -> requests.Response:
        response = self._session.get(url, headers=headers, check=self._check)
        response._content = self.page.content
        return response

    def _check(self, response: requests.Response) -> None:
        self.page = read_feed(response)


def _is_requested(paper: Paper, ids: Sequence[ArxivId]) -> bool:
    return ArxivId(paper.id, None) in ids or ArxivId(paper.id, paper.version) in ids


def _expected_entries(page: _Page, start: int, size: int) -> int:
    return max(0, min(size, page.total - start))


def _is_consistent(page: _Page, start: int, size: int, total: int | None) -> bool:
    if total is None and page.total == 0:
        return False
    return page.entries >= _expected_entries(page, start, size) and total in (None, page.total)


def _add_dates(query: str, since: datetime, until: datetime) -> str:
    dates = f"submittedDate:[{since:%Y%m%d%H%M} TO {until:%Y%m%d%H%M}]"
    return f"({query}) AND {dates}" if query else dates


def _to_utc(when: datetime) -> datetime:
    return when.replace(tzinfo=UTC) if when.tzinfo is None else when.astimezone(UTC)


def _to_paper(result: arxiv.Result) -> Paper:
    arxiv_id = parse_arxiv_id(result.entry_id)
    categories = (single_line(category) for category in [result.primary_category, *result.categories])
    return Paper(
        id=arxiv_id.id,
        version=arxiv_id.version or 1,
        title=single_line(result.title),
        abstract=single_line(result.summary),
        authors=tuple(filter(None, (single_line(author.name) for author in result.authors))),
        categories=tuple(dict.fromkeys(filter(None, categories))),
        published=result.published,
        updated=result.updated,
        comment=single_line(result.comment or "") or None,
        journal_ref=single_line(result.journal_ref or "") or None,
        doi=single_line(result.doi or "") or None,
    )
