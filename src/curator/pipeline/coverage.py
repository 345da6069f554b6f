"""The ledger of mailing days, for a run that found nothing and for whoever looks back."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from functools import cache

from curator.arxiv.calendar import announcements_between, last_announcement, next_announcement, submission_window
from curator.arxiv.mailings import MailingDay, QueryRecord, categories_of, classify_day, counted, scope_of
from curator.arxiv.search import ArxivSearch
from curator.errors import ArxivError, ArxivRefused
from curator.pipeline.run_context import Run
from curator.settings import Settings, Topic
from curator.warehouse import Connection, mailings, runs

Window = tuple[datetime, datetime]


def believed(run: Run, source: ArxivSearch, topic: Topic, window: Window) -> tuple[runs.TopicState, tuple[str, ...]]:
    """Whether a topic that brought nothing new in this window is quiet; else waiting, stalled or incomplete, and why.

    Of the last mailing in the window only: one question to arXiv, or two, where the warehouse has no proof already.
    Raises ArxivRefused.
    """
    now = datetime.now(UTC)
    announced = last_announcement(min(window[1], now))
    since, until = submission_window(announced)
    if window[0] > since or window[1] < until:
        return "quiet", ()  # no whole mailing was asked for
    try:
        proof, elsewhere = _proof(run, source, topic, announced)
    except ArxivRefused:
        raise
    except ArxivError as error:
        return "incomplete", (f"Nothing came, and that could not be cross-checked: {error}",)
    one = QueryRecord(topic.name, now, *window, complete=True)
    day = classify_day(topic.name, announced, now, found=0, asked=[one], proof=proof, elsewhere=elsewhere)
    if day.state == "quiet":
        return "quiet", ()
    return ("waiting" if day.state == "waiting" else "stalled"), (f"{announced:%Y-%m-%d %H:%M} UTC: {day.why}.",)


def _proof(run: Run, source: ArxivSearch, topic: Topic, announced: datetime) -> tuple[int, int]:
    """How many papers of a mailing there are in a topic's categories, and in all of arXiv where those are none."""
    scope = scope_of(topic.query)
    known = run.warehouse.read(_known, announced, scope)
    if known:
        return known, known
    mine = _ask(run, source, announced, scope)
    if mine or not scope:
        return mine, mine
    return 0, run.warehouse.read(_known, announced, "") or _ask(run, source, announced, "")


def _known(connection: Connection, announced: datetime, scope: str) -> int:
    times = submission_window(announced)
    return max(
        mailings.count_seen(connection, *times, categories_of(scope)),
        mailings.load_count(connection, announced, scope),
    )


def _ask(run: Run, source: ArxivSearch, announced: datetime, scope: str) -> int:
    number = source.search(scope, *submission_window(announced), limit=1).announced
    run.warehouse.write(mailings.add_count, run.id, announced, scope, number)
    return number


def load_days(connection: Connection, settings: Settings, last: int, now: datetime) -> list[MailingDay]:
    """The ledger: every topic on the last mailing days and on the one that comes next, the latest day first."""
    past = announcements_between(now - timedelta(days=2 * last + 14), now)[-last:]
    first = submission_window(past[0])[0]
    asked = [QueryRecord(*row) for row in mailings.load_queries(connection, first)]
    found = mailings.load_found(connection, first)

    @cache
    def known(announced: datetime, scope: str) -> int:
        return _known(connection, announced, scope)

    return [
        classify_day(
            topic.name, announced, now, found=counted(found.get(topic.name, ()), announced), asked=asked,
            proof=known(announced, scope_of(topic.query)), elsewhere=known(announced, ""),
        )
        for announced in (next_announcement(now), *reversed(past))
        for topic in settings.topics
    ]  # fmt: skip
