"""The first stage of a run: ask arXiv, record its answers, screen new papers."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import UTC, datetime, timedelta

from curator.arxiv.search import ArxivSearch, SearchResult
from curator.errors import ArxivError, ArxivRefused, ModelError, ModelRefused, SettingsError
from curator.pipeline.coverage import Window, verify_quiet_topic
from curator.pipeline.report import TopicResult
from curator.pipeline.run_context import Run, make_thread_pool
from curator.screening.screeners import Screener
from curator.settings import Topic
from curator.types import Paper
from curator.warehouse import Connection, papers, runs, work_queue
from curator.warehouse.rows import utc_now

Batch = tuple[Topic, list[Paper]]
"""A topic, and the papers whose abstracts one call of the screener judges."""


def select_by_id(run: Run, search: ArxivSearch) -> list[Paper]:
    """Ask arXiv for the requested papers, and return those to read. Raises ArxivRefused."""
    run.report.requested = set()
    run.progress.begin("asking arXiv", None)
    try:
        answer = search.by_ids(run.request.ids)
    except ArxivError as error:
        _record_topic(run, "by id", "failed", problems=(str(error),))
        if isinstance(error, ArxivRefused):
            raise
        return []
    for problem in answer.problems:
        run.progress.note(problem)
    run.report.requested.update(paper.versioned_id for paper in answer.papers)
    new = run.warehouse.write(runs.add_found, run.id, None, answer.papers)
    _record_topic(run, "by id", _classify_answer(answer, len(new)), answer, len(new))
    attempts, moment = run.settings.draft.attempts, utc_now()
    selected, given_up = run.warehouse.read(
        lambda c: (
            work_queue.list_undrafted(c, answer.papers, moment, attempts),
            work_queue.load_failure_messages(c, answer.papers),
        )
    )
    for paper in answer.papers:
        if paper not in selected and paper.versioned_id in given_up:
            run.progress.note(
                f"{paper.versioned_id} is not tried again now. It failed before: {given_up[paper.versioned_id]}"
            )
    return selected


def select_by_source(run: Run, keys: Sequence[str]) -> list[Paper]:
    """Return the papers with these keys that have not been drafted from yet."""
    attempts, moment = run.settings.draft.attempts, utc_now()

    def read(connection: Connection) -> tuple[list[Paper], list[Paper]]:
        stored = [paper for key in keys if (paper := papers.get_paper(connection, key))]
        return stored, work_queue.list_undrafted(connection, stored, moment, attempts)

    stored, undrafted = run.warehouse.read(read)
    run.report.requested = {paper.versioned_id for paper in stored}
    return undrafted


def search_topics(run: Run, search: ArxivSearch, topics: Sequence[Topic]) -> None:
    """Ask arXiv for new papers of each topic, then for papers that earlier runs should have received.

    Raises:
        ArxivRefused: arXiv refuses this machine.
        SettingsError: `--until` lies before the last ingest of a topic; arXiv is not asked then.
    """
    windows = [(topic, _window(run, topic)) for topic in topics]
    refused: ArxivRefused | None = None
    for topic, window in windows:
        if refused is not None:
            _record_topic(run, topic.name, "not asked")
            continue
        try:
            _search_topic(run, search, topic, window)
        except ArxivError as error:
            _record_topic(run, topic.name, "failed", query=topic.query, window=window, problems=(str(error),))
            run.progress.note(f"{topic.name}: {error}")
            refused = error if isinstance(error, ArxivRefused) else None
    if refused:
        raise refused
    _fetch_missing(run, search)


def select_to_screen(run: Run, topics: Sequence[Topic]) -> tuple[list[Batch], set[str]]:
    """Return the papers to screen, in batches of one call each, and the ids of the papers that `limit` leaves out."""
    batches: list[Batch] = []
    left_out: set[str] = set()
    size, limit, attempts = run.settings.discover.screen_batch, run.request.limit, run.settings.draft.attempts
    for topic in topics:
        waiting = run.warehouse.read(work_queue.list_to_screen, topic.name, attempts)
        chosen = waiting[:limit]
        left_out.update(paper.id for paper in waiting[len(chosen) :])
        batches += [(topic, chosen[start : start + size]) for start in range(0, len(chosen), size)]
    return batches, left_out


def screen_batches(run: Run, screener: Screener, batches: Sequence[Batch]) -> None:
    """Screen the batches of all topics in parallel. Raises ModelRefused."""
    if not batches:
        return
    run.progress.begin("screening", sum(len(batch) for _, batch in batches))
    with make_thread_pool(min(len(batches), run.settings.draft.calls_at_once), run.progress) as pool:
        screened = pool.map(lambda batch: _screen_batch(run, screener, *batch), batches)
        for (_, batch), screenings in zip(batches, screened, strict=True):
            run.progress.advance("screening", len(batch))
            if isinstance(screenings, ModelRefused):
                raise screenings
            for screening in screenings:
                (run.report.on_topic if screening.relevant else run.report.off_topic).add(screening.paper_id)


def select_to_draft(run: Run, topics: Sequence[Topic]) -> list[Paper]:
    """Return the papers of these topics that passed screening, have no drafts yet, and may be tried now."""
    names, attempts = [topic.name for topic in topics], run.settings.draft.attempts
    return run.warehouse.read(work_queue.list_to_draft, names, utc_now(), attempts)


def _window(run: Run, topic: Topic) -> Window:
    """Return the submission dates to ask for: as requested, or else from the topic's last complete ingest until now.

    The last `discover.overlap_days` before that ingest are asked for again. A topic without a complete ingest starts
    where its first attempt started. Raises SettingsError if `--until` lies before the start.
    """
    discover = run.settings.discover
    until = run.request.until or datetime.now(UTC)
    if run.request.since:
        return run.request.since, until
    left_off, tried = run.warehouse.read(
        lambda c: (runs.load_left_off(c, topic.name, topic.query), runs.load_first_tried(c, topic.name, topic.query))
    )
    if left_off is None:
        first = until - timedelta(days=discover.first_days)
        return min(first, tried.replace(tzinfo=UTC)) if tried else first, until
    since = left_off.replace(tzinfo=UTC) - timedelta(days=discover.overlap_days)
    if since >= until:
        raise SettingsError(
            f"{topic.name!r} has been asked for up to {left_off:%Y-%m-%d}, which is later than --until "
            f"{until:%Y-%m-%d}. Add --since to ask for earlier papers again."
        )
    return since, until


def _search_topic(run: Run, search: ArxivSearch, topic: Topic, window: Window) -> None:
    stage = f"asking arXiv for {topic.name}"
    run.progress.begin(stage, None)
    received = 0

    def advance(total_received: int, announced: int) -> None:
        nonlocal received
        run.progress.advance(stage, total_received - received, announced)
        received = total_received

    answer = search.search(topic.query, *window, progress=advance)
    new = _add_found(run, topic.name, answer.papers)
    state, problems = _classify_answer(answer, len(new)), answer.problems
    if state == "quiet":
        state, reasons = verify_quiet_topic(run, search, topic, window)
        problems += reasons
    _record_topic(run, topic.name, state, answer, len(new), query=topic.query, window=window, problems=problems)


def _add_found(run: Run, topic: str, answer: Sequence[Paper]) -> list[Paper]:
    """Record that arXiv returned these papers for a topic; return the new ones."""
    new = run.warehouse.write(runs.add_found, run.id, topic, answer)
    run.report.found.update(paper.id for paper in new)
    return new


def _fetch_missing(run: Run, search: ArxivSearch) -> None:
    """Request by id the papers that arXiv announced to a topic and did not return. Raises ArxivRefused."""
    missing = run.warehouse.read(runs.load_missing)
    if not missing:
        return
    try:
        answer = search.by_ids(list(missing))
    except ArxivRefused:
        raise
    except ArxivError as error:
        run.progress.note(
            f"Could not re-request {len(missing)} papers that arXiv announced but did not return: {error}"
        )
        return
    for name in sorted({topic for paper in answer.papers for topic in missing.get(paper.id, ())}):
        _add_found(run, name, [paper for paper in answer.papers if name in missing.get(paper.id, ())])
    if still := len(missing) - len({paper.id for paper in answer.papers}):
        run.progress.note(
            f"arXiv announced {still} papers that it still does not return; the next run will request them again."
        )


def _classify_answer(answer: SearchResult, new: int) -> runs.TopicState:
    if not answer.complete:
        return "incomplete" if answer.papers else "failed"
    return "fresh" if new else "quiet"


def _record_topic(
    run: Run,
    name: str,
    state: runs.TopicState,
    answer: SearchResult | None = None,
    new: int = 0,
    *,
    query: str | None = None,
    window: Window | None = None,
    problems: tuple[str, ...] = (),
) -> None:
    problems = problems or (answer.problems if answer else ())
    announced = answer.announced if answer else 0
    since, until = window or (None, None)
    run.report.topics.append(TopicResult(name, state, announced, new, problems))
    run.warehouse.write(
        runs.add_topic_run,
        run.id,
        name,
        state,
        query=query,
        since=since,
        until=until,
        announced=announced,
        found=new,
        got=len(answer.papers) if answer else 0,
        unread=answer.unread if answer else (),
        complete=bool(answer and answer.complete),
        problems=problems,
    )


def _screen_batch(
    run: Run, screener: Screener, topic: Topic, batch: Sequence[Paper]
) -> Sequence[papers.Screening] | ModelRefused:
    try:
        screened = screener.screen(topic, batch)
    except ModelRefused as error:
        return error
    except ModelError as error:
        _record_unscreened(run, topic, batch, error.code, error.message)
        return ()
    run.warehouse.write(papers.add_screenings, run.id, screened.screenings)
    if screened.unanswered:
        _record_unscreened(run, topic, screened.unanswered, "left-out", "The model's answer leaves this paper out.")
    return screened.screenings


def _record_unscreened(run: Run, topic: Topic, batch: Sequence[Paper], code: str, message: str) -> None:
    def write(connection: Connection) -> None:
        for paper in batch:
            work_queue.add_failure(connection, run.id, "screen", paper, code, message, utc_now(), topic=topic.name)

    run.warehouse.write(write)
    run.report.screening_failures.append(f"{len(batch)} papers not screened for {topic.name}: {message}")
    run.progress.note(run.report.screening_failures[-1])
