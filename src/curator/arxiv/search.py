"""Papers from arXiv's search, none lost without a word.

arXiv's index answers now and then with an empty or a short page, or with another total than a minute before. Such an
answer is asked for again a few times; what stays odd is told in `Answer.problems`, so that "no papers", "not all
papers" and "could not ask" never look alike.
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

MOST_RESULTS = 30_000
"""Results that arXiv hands out for one query (info.arxiv.org/help/api/user-manual.html, 3.1.1.2)."""

LARGEST_PAGE = 2000
_IDS_AT_ONCE = 100  # keeps the address well under the 4 kB that proxies allow
_ASKS = 3  # how often in all a page that looks wrong is asked for
_MOST_HOLES = 2  # pages in a row without anything new, after which the rest is given up for this run
_SHORTEST_SPAN = timedelta(minutes=2)  # arXiv's dates have minutes

SearchProgress = Callable[[int, int], None]


@dataclass(frozen=True)
class SearchResult:
    """What arXiv gave for one question."""

    papers: tuple[Paper, ...]
    announced: int  # how many papers there are, as arXiv states it
    requests: int  # pages asked for; the session's own retries are not counted
    complete: bool  # False when `limit` or a hole in arXiv's answers kept papers from us
    unread: tuple[str, ...]  # papers whose entries could not be read, by identifier
    problems: tuple[str, ...]  # entries left out, pages that stayed short, totals that changed, unknown identifiers


class ArxivSearch:
    """Asks arXiv's API through `session`, `page_size` results (at most 2,000) at a time.

    All methods raise ArxivUnavailable, ArxivRefused or ArxivBadAnswer when there is no answer to be had.
    """

    def __init__(self, session: ArxivSession, page_size: int = 100) -> None:
        if not 1 <= page_size <= LARGEST_PAGE:
            raise SettingsError(f"A page of {page_size} results cannot be asked of arXiv; 1 to {LARGEST_PAGE} can.")
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
        """Papers that match `query` (arXiv's query language) and were submitted from `since` to `until`, newest first.

        Times without a zone are UTC; arXiv compares whole minutes. At most `limit` papers; `progress(got, announced)`
        is called after each page. Raises SettingsError when `since` is after `until`.
        """
        first, last = _utc(since), _utc(until)
        if first > last:
            raise SettingsError(
                f"There is no time from {first:%Y-%m-%d %H:%M} to {last:%Y-%m-%d %H:%M}; swap the dates."
            )
        hunt = _Hunt(self._session, self._page_size, limit, progress)
        announced = hunt.span(query.strip(), first, last)
        return hunt.answer(announced)

    def by_ids(self, ids: Sequence[str]) -> SearchResult:
        """The papers with these identifiers, in their order; a version may be named, else it is the latest.

        What is no identifier, or unknown to arXiv, is named in the problems.
        """
        hunt = _Hunt(self._session, self._page_size, None, None)
        wanted: dict[ArxivId, None] = {}
        for text in ids:
            try:
                wanted[parse_arxiv_id(text)] = None
            except ValueError as error:
                hunt.miss(str(error))
        asked = list(wanted)
        announced = 0
        for start in range(0, len(asked), _IDS_AT_ONCE):
            announced += hunt.chunk(asked[start : start + _IDS_AT_ONCE])
        return hunt.answer(announced, order=asked)


@dataclass(frozen=True)
class _Page:
    total: int
    entries: int
    papers: tuple[Paper, ...]
    problems: tuple[str, ...]
    unread: tuple[str, ...]


class _Hunt:
    """One question to arXiv: what it has brought so far, and what went wrong."""

    def __init__(
        self, session: ArxivSession, page_size: int, limit: int | None, progress: SearchProgress | None
    ) -> None:
        self._door = _CheckedDoor(session)
        self._client = arxiv.Client(page_size=page_size, delay_seconds=0, num_retries=0)
        self._client._session = cast(requests.Session, self._door)
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

    def answer(self, announced: int, order: Sequence[ArxivId] = ()) -> SearchResult:
        papers = list(self._papers.values())
        if order:
            place = {asked: number for number, asked in reversed(list(enumerate(order)))}
            end = len(order)
            papers.sort(
                key=lambda p: min(place.get(ArxivId(p.id, None), end), place.get(ArxivId(p.id, p.version), end))
            )
        got = len(papers) + len(self._left_out)
        if self._full() and got < announced:
            self._complete = False
        elif not order and got < announced and self._complete:
            self.miss(f"arXiv counts {announced} papers but handed out {got} different ones.")
        return SearchResult(
            papers=tuple(papers[: self._limit]),
            announced=announced,
            requests=self._requests,
            complete=self._complete,
            unread=tuple(self._unread.keys() - {paper.id for paper in papers}),
            problems=tuple(dict.fromkeys([*self._left_out, *self._problems])),
        )

    def miss(self, problem: str) -> None:
        """Something that was asked for did not come."""
        self._problems.append(problem)
        self._complete = False

    def span(self, query: str, since: datetime, until: datetime) -> int:
        """Fetch the papers of a stretch of time, in halves if there are too many at once; gives their total."""
        search = arxiv.Search(
            query=_dated(query, since, until),
            max_results=None,
            sort_by=arxiv.SortCriterion.SubmittedDate,
            sort_order=arxiv.SortOrder.Descending,
        )
        first = self._settled_page(search, 0, self._size(0), None)
        too_many = first.total > MOST_RESULTS and (self._limit is None or self._limit > MOST_RESULTS)
        if too_many and until - since > _SHORTEST_SPAN:
            middle = since + (until - since) / 2
            self.span(query, middle, until)
            if not self._full():
                self.span(query, since, middle)
            return first.total
        if too_many:
            self.miss(
                f"More than {MOST_RESULTS} papers share one minute ({since:%Y-%m-%d %H:%M}); the rest is missing."
            )
        return self._pages(search, first)

    def chunk(self, asked: Sequence[ArxivId]) -> int:
        """Fetch papers by identifier; those that did not come are asked for once more before they count as unknown."""
        total = 0
        missing = list(asked)
        for _ in range(2):
            try:
                page = self._page(arxiv.Search(id_list=list(map(str, missing)), max_results=None), 0, len(missing))
            except ErrorEntry as error:
                if "id format" not in str(error):
                    raise
                return total + self._rejected_chunk(missing, error)
            total += page.total
            unasked = [paper for paper in page.papers if not _is_asked(paper, missing)]
            self._problems += [f"arXiv sent {paper.versioned_id}, which was not asked for." for paper in unasked]
            self._add([paper for paper in page.papers if paper not in unasked], page)
            missing = [one for one in missing if not self._has(one)]
            if not missing:
                return total
        for one in missing:
            self.miss(f"arXiv does not know {one}.")
        return total

    def _rejected_chunk(self, asked: Sequence[ArxivId], error: ErrorEntry) -> int:
        """arXiv rejects a whole list for one identifier, so halves are asked until that one is alone."""
        if len(asked) == 1:
            self.miss(f"{asked[0]}: {error}")
            return 0
        half = len(asked) // 2
        return self.chunk(asked[:half]) + self.chunk(asked[half:])

    def _pages(self, search: arxiv.Search, first: _Page) -> int:
        total, start, holes, page = first.total, 0, 0, first
        while True:
            brought = self._add(page.papers, page)
            self._progress(len(self._papers), total)
            holes = 0 if brought else holes + 1
            start += page.entries or self._size(start)  # past a page that stayed empty there may be more
            if start >= min(total, MOST_RESULTS) or self._full() or holes == _MOST_HOLES:
                return total
            page = self._settled_page(search, start, self._size(start), total)
            if page.entries:
                total = page.total

    def _settled_page(self, search: arxiv.Search, start: int, size: int, total: int | None) -> _Page:
        """A page that is as long as it should be and states the `total` it should; else the longest of a few tries."""
        best = self._page(search, start, size)
        for _ in range(_ASKS - 1):
            if _fits(best, start, size, total):
                return best
            page = self._page(search, start, size)
            if total is None and best.total == page.total == best.entries == page.entries == 0:
                return page  # zero, said twice, is believed
            if page.entries >= best.entries:
                best = page
        if not _fits(best, start, size, total):
            if total is not None and best.total != total:
                self.miss(f"arXiv's count changed from {total} to {best.total} while its pages were fetched.")
            if best.entries < (due := _expected(best, start, size)):
                self.miss(f"The page from result {start + 1} brought {best.entries} of {due} papers, {_ASKS} times.")
        return best

    def _page(self, search: arxiv.Search, start: int, size: int) -> _Page:
        self._requests += 1
        self._client.page_size = size
        results = []
        try:
            for result in self._client.results(search, start):
                results.append(result)
                if len(results) >= self._door.page.usable:
                    break  # the package would turn the page itself, and not look at what it got
        except (arxiv.ArxivError, requests.RequestException, ValueError) as error:
            raise ArxivBadAnswer(f"arXiv's answer could not be read: {error}.") from error
        page = self._door.page
        return _Page(page.total, page.entries, tuple(map(_paper, results)), page.problems, page.unread)

    def _add(self, papers: Sequence[Paper], page: _Page) -> int:
        """Keep what is new of a page, and say how much that was."""
        before = len(self._papers) + len(self._left_out)
        for paper in papers:
            self._papers.setdefault((paper.id, paper.version), paper)
        self._left_out.update(dict.fromkeys(page.problems))
        self._unread.update(dict.fromkeys(page.unread))
        return len(self._papers) + len(self._left_out) - before

    def _has(self, asked: ArxivId) -> bool:
        return any(asked.id == id_ and asked.version in (None, version) for id_, version in self._papers)

    def _full(self) -> bool:
        return self._limit is not None and len(self._papers) >= self._limit

    def _size(self, start: int) -> int:
        size = min(self._page_size, max(1, MOST_RESULTS - start))
        return size if self._limit is None else min(size, max(1, self._limit - len(self._papers)))


class _CheckedDoor:
    """Stands where the arxiv package keeps its requests.Session: checks each body before the package parses it."""

    page: FeedPage

    def __init__(self, session: ArxivSession) -> None:
        self._session = session

    def get(self, url: str, headers: Mapping[str, str]) -> requests.Response:
        response = self._session.get(url, headers=headers, check=self._check)
        response._content = self.page.content
        return response

    def _check(self, response: requests.Response) -> None:
        self.page = read_feed(response)


def _is_asked(paper: Paper, asked: Sequence[ArxivId]) -> bool:
    return ArxivId(paper.id, None) in asked or ArxivId(paper.id, paper.version) in asked


def _expected(page: _Page, start: int, size: int) -> int:
    return max(0, min(size, page.total - start))


def _fits(page: _Page, start: int, size: int, total: int | None) -> bool:
    if total is None and page.total == 0:
        return False
    return page.entries >= _expected(page, start, size) and total in (None, page.total)


def _dated(query: str, since: datetime, until: datetime) -> str:
    dates = f"submittedDate:[{since:%Y%m%d%H%M} TO {until:%Y%m%d%H%M}]"
    return f"({query}) AND {dates}" if query else dates


def _utc(when: datetime) -> datetime:
    return when.replace(tzinfo=UTC) if when.tzinfo is None else when.astimezone(UTC)


def _paper(result: arxiv.Result) -> Paper:
    found = parse_arxiv_id(result.entry_id)
    categories = (single_line(category) for category in [result.primary_category, *result.categories])
    return Paper(
        id=found.id,
        version=found.version or 1,
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
