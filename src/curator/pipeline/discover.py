"""The first step of a run: ask arXiv, record what it says, screen what is new."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import UTC, datetime, timedelta

from curator.arxiv.search import ArxivSearch, SearchResult
from curator.errors import ArxivError, ArxivRefused, ModelError, ModelRefused, SettingsError
from curator.pipeline.coverage import Window, believed
from curator.pipeline.report import TopicResult
from curator.pipeline.run_context import Run, make_thread_pool
from curator.screening.screeners import Screener
from curator.settings import Topic
from curator.types import Paper
from curator.warehouse import Connection, papers, runs, work_queue
from curator.warehouse.rows import utc_now

Batch = tuple[Topic, list[Paper]]
"""Abstracts for one call of the screener."""


def by_id(run: Run, source: ArxivSearch) -> list[Paper]:
    """Ask for the papers that the request names; return those to be read. Raises ArxivRefused."""
    run.progress.begin("asking arXiv", None)
    try:
        answer = source.by_ids(run.request.ids)
    except ArxivError as error:
        _note(run, "by id", "failed", problems=(str(error),))
        if isinstance(error, ArxivRefused):
            raise
        return []
    for problem in answer.problems:
        run.progress.note(problem)
    new = run.warehouse.write(runs.add_found, run.id, None, answer.papers)
    _note(run, "by id", _state(answer, len(new)), answer, len(new))
    attempts, moment = run.settings.draft.attempts, utc_now()
    wanted, spent = run.warehouse.read(
        lambda c: (
            work_queue.list_undrafted(c, answer.papers, moment, attempts),
            work_queue.load_failure_messages(c, answer.papers),
        )
    )
    for paper in answer.papers:
        if paper not in wanted and paper.versioned_id in spent:
            run.progress.note(
                f"{paper.versioned_id} is not tried again now. It failed before: {spent[paper.versioned_id]}"
            )
    return wanted


def by_key(run: Run, keys: Sequence[str]) -> list[Paper]:
    """These sources, as far as they were not drafted from yet."""
    attempts, moment = run.settings.draft.attempts, utc_now()

    def read(connection: Connection) -> list[Paper]:
        found = [papers.get_paper(connection, key) for key in keys]
        return work_queue.list_undrafted(connection, [paper for paper in found if paper], moment, attempts)

    return run.warehouse.read(read)


def by_topic(run: Run, source: ArxivSearch, topics: Sequence[Topic]) -> None:
    """Ask for each topic, and for what is still owed from earlier runs.

    Raises ArxivRefused; SettingsError before anything is asked where `--until` lies too early.
    """
    windows = [(topic, _window(run, topic)) for topic in topics]
    refused: ArxivRefused | None = None
    for topic, window in windows:
        if refused is not None:
            _note(run, topic.name, "not asked")
            continue
        try:
            _ask(run, source, topic, window)
        except ArxivError as error:
            _note(run, topic.name, "failed", query=topic.query, window=window, problems=(str(error),))
            run.progress.note(f"{topic.name}: {error}")
            refused = error if isinstance(error, ArxivRefused) else None
    if refused:
        raise refused
    _fill(run, source)


def to_screen(run: Run, topics: Sequence[Topic]) -> tuple[list[Batch], set[str]]:
    """What waits to be screened, for one call each; and the ids that `limit` leaves out."""
    batches: list[Batch] = []
    left: set[str] = set()
    size, limit, attempts = run.settings.discover.screen_batch, run.request.limit, run.settings.draft.attempts
    for topic in topics:
        waiting = run.warehouse.read(work_queue.list_to_screen, topic.name, attempts)
        taken = waiting[:limit]
        left.update(paper.id for paper in waiting[len(taken) :])
        batches += [(topic, taken[start : start + size]) for start in range(0, len(taken), size)]
    return batches, left


def screen(run: Run, screener: Screener, batches: Sequence[Batch]) -> None:
    """Screen batches of all topics side by side. Raises ModelRefused."""
    if not batches:
        return
    run.progress.begin("screening", sum(len(batch) for _, batch in batches))
    with make_thread_pool(min(len(batches), run.settings.draft.calls_at_once), run.progress) as pool:
        screened = pool.map(lambda one: _screen_batch(run, screener, *one), batches)
        for (_, batch), screenings in zip(batches, screened, strict=True):
            run.progress.advance("screening", len(batch))
            if isinstance(screenings, ModelRefused):
                raise screenings
            relevant = sum(one.relevant for one in screenings)
            run.report.screened_in += relevant
            run.report.screened_out += len(screenings) - relevant


def to_draft(run: Run, topics: Sequence[Topic]) -> list[Paper]:
    """The papers of these topics that passed screening and are to be read, as far as they may be tried now."""
    names, attempts = [topic.name for topic in topics], run.settings.draft.attempts
    return run.warehouse.read(work_queue.list_to_draft, names, utc_now(), attempts)


def _window(run: Run, topic: Topic) -> Window:
    """From where the topic was left off, with an overlap, until now; or as the request says. Raises SettingsError.

    A topic that never came whole is asked for from where it was first tried.
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
            f"{topic.name!r} was asked up to {left_off:%Y-%m-%d} already, which is past --until "
            f"{until:%Y-%m-%d}. Give --since too, to ask for an earlier stretch again."
        )
    return since, until


def _ask(run: Run, source: ArxivSearch, topic: Topic, window: Window) -> None:
    stage = f"asking arXiv for {topic.name}"
    run.progress.begin(stage, None)
    shown = 0

    def show(got: int, announced: int) -> None:
        nonlocal shown
        run.progress.advance(stage, got - shown, announced)
        shown = got

    answer = source.search(topic.query, *window, progress=show)
    new = run.warehouse.write(runs.add_found, run.id, topic.name, answer.papers)
    state, problems = _state(answer, len(new)), answer.problems
    if state == "quiet":
        state, why = believed(run, source, topic, window)
        problems += why
    _note(run, topic.name, state, answer, len(new), query=topic.query, window=window, problems=problems)


def _fill(run: Run, source: ArxivSearch) -> None:
    """Ask once more, by their ids, for papers that topics should have got and did not. Raises ArxivRefused."""
    missing = run.warehouse.read(runs.load_missing)
    if not missing:
        return
    try:
        answer = source.by_ids(list(missing))
    except ArxivRefused:
        raise
    except ArxivError as error:
        run.progress.note(f"{len(missing)} papers that arXiv owes us could not be asked for: {error}")
        return
    for name in sorted({topic for paper in answer.papers for topic in missing.get(paper.id, ())}):
        mine = [paper for paper in answer.papers if name in missing.get(paper.id, ())]
        run.warehouse.write(runs.add_found, run.id, name, mine)
    still = len(missing) - len({paper.id for paper in answer.papers})
    if still:
        run.progress.note(f"{still} papers that arXiv announced cannot be read there still; the next run asks again.")


def _state(answer: SearchResult, new: int) -> runs.TopicState:
    if not answer.complete:
        return "incomplete" if answer.papers else "failed"
    return "fresh" if new else "quiet"


def _note(
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
        _note_unscreened(run, topic, batch, error.code, error.message)
        return ()
    run.warehouse.write(papers.add_screenings, run.id, screened.screenings)
    if screened.unanswered:
        _note_unscreened(run, topic, screened.unanswered, "left-out", "The model's answer leaves this paper out.")
    return screened.screenings


def _note_unscreened(run: Run, topic: Topic, batch: Sequence[Paper], code: str, message: str) -> None:
    def write(connection: Connection) -> None:
        for paper in batch:
            work_queue.add_failure(connection, run.id, "screen", paper, code, message, utc_now(), topic=topic.name)

    run.warehouse.write(write)
    run.report.screening_failures.append(f"{len(batch)} papers not screened for {topic.name}: {message}")
    run.progress.note(run.report.screening_failures[-1])
