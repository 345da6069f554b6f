"""Discover → read → draft, written once. Whoever calls says how work is spread over papers, and gets a report.

What is still to be done is asked of the warehouse at each step, so a run that was killed is carried on by the next one
and running twice adds nothing. One paper's failure is a row, never the end of the run.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor, as_completed
from contextlib import contextmanager
from datetime import UTC, datetime, timedelta
from typing import Any

from filelock import FileLock, Timeout

from curator.arxiv_http import ArxivEndpoint, ArxivSession
from curator.discover.arxiv_source import Answer, ArxivSource
from curator.discover.screen import LexicalScreener, ModelScreener, Screener
from curator.draft.drafters import Drafted, Drafter, ExtractiveDrafter, ModelDrafter
from curator.errors import (
    ArxivError,
    ArxivRefused,
    CuratorError,
    ModelError,
    ModelRefused,
    PaperError,
    SettingsError,
    WarehouseBusy,
)
from curator.language_model import LanguageModel, is_configured
from curator.outcome import Each, PaperResult, Progress, Report, Request, Silent, TopicResult, Work
from curator.prompts import load_prompt
from curator.read.download import download_pdf
from curator.read.worker import Reader, ReadLimits
from curator.records import Document, Paper
from curator.settings import Settings, Topic
from curator.warehouse import Warehouse, drafts, papers, runs
from curator.workspace import Workspace

__all__ = ["Each", "PaperResult", "Progress", "Report", "Request", "TopicResult", "Work", "in_threads", "ingest"]

ASK_AGAIN = timedelta(hours=20)  # arXiv's answers change once a day, so a PDF that is not there is asked for tomorrow
_ASK_LATER = frozenset({"not-found", "not-a-pdf"})


def in_threads(width: int) -> Each:
    """Spread work over `width` threads of this process."""

    def each(work: Work, items: Sequence[Paper]) -> Iterator[PaperResult]:
        with _threads(width) as pool:
            for future in as_completed([pool.submit(work, item) for item in items]):
                yield future.result()

    return each


@contextmanager
def _threads(width: int) -> Iterator[ThreadPoolExecutor]:
    """A pool that is waited for, unless it was left by Ctrl-C: a thread that waits for a model cannot be hurried."""
    pool = ThreadPoolExecutor(width, thread_name_prefix="paper")
    wait = True
    try:
        yield pool
    except (KeyboardInterrupt, GeneratorExit):
        wait = False
        raise
    finally:
        pool.shutdown(wait=wait, cancel_futures=True)


def ingest(
    workspace: Workspace, request: Request | None = None, *, each: Each | None = None, progress: Progress | None = None
) -> Report:
    """One run: ask arXiv, screen, read, draft, queue. Everything is on record when it returns.

    Raises SettingsError, PromptError, WarehouseError; what arXiv, a paper or a model does wrong is in the report.
    """
    request = request or Request()
    progress = progress or Silent()
    topics = chosen_topics(workspace.settings, request.topics)
    lock = FileLock(workspace.root / "warehouse" / "ingest.lock")
    workspace.warehouse_file.parent.mkdir(parents=True, exist_ok=True)
    try:
        with lock.acquire(timeout=0):
            return _Run(workspace, request, topics, progress).carry_out(each)
    except Timeout as error:
        raise WarehouseBusy(
            f"Another ingest of {workspace.root} is going on; `curator runs` shows it. Nothing was started."
        ) from error


def chosen_topics(settings: Settings, names: Sequence[str]) -> tuple[Topic, ...]:
    """The settings' topics of these names, or all. Raises SettingsError for a name that is none."""
    by_name = {topic.name.casefold(): topic for topic in settings.topics}
    unknown = [name for name in names if name.casefold() not in by_name]
    if unknown:
        known = ", ".join(topic.name for topic in settings.topics)
        raise SettingsError(f"There is no topic {', '.join(map(repr, unknown))} in curator.toml; it has: {known}.")
    return tuple(by_name[name.casefold()] for name in names) or settings.topics


class _Run:
    """One ingest from start to end: its parts are made here, and its steps stand below in their order."""

    def __init__(self, workspace: Workspace, request: Request, topics: Sequence[Topic], progress: Progress) -> None:
        self.settings = workspace.settings
        self.workspace = workspace
        self.request = request
        self.topics = topics
        self.progress = progress
        self.warehouse = Warehouse(workspace.warehouse_file)
        arxiv = self.settings.arxiv
        self.session = ArxivSession(ArxivEndpoint(arxiv.url, arxiv.interval), on_wait=self._on_wait)
        self.source = ArxivSource(self.session, self.settings.discover.page_size)
        self.keyless = request.keyless or not is_configured()
        self._unscreened: set[str] = set()  # left for a later run by `limit`

    def carry_out(self, each: Each | None) -> Report:
        screen_prompt = load_prompt("screen", self.workspace.prompt_file("screen"))
        draft_prompt = load_prompt("draft", self.workspace.prompt_file("draft"))
        arguments = {name: value for name, value in vars(self.request).items() if value}
        drafter = ExtractiveDrafter.name if self.keyless else str(self.settings.model)
        self.run = self.warehouse.write(lambda c: runs.start_run(c, arguments, drafter))
        self.report = Report(self.run, drafter)
        read = self.settings.read
        limits = ReadLimits(read.seconds, read.memory_mb, read.max_pages, read.workers)
        try:
            with Reader(limits) as reader, self.warehouse.bulk():
                reader.warm()
                screener, drafter_used = self._screener_and_drafter(screen_prompt, draft_prompt)
                wanted = self._discover(screener)
                self._read_and_draft(wanted, PaperWork(self, reader, drafter_used), each)
        except (ArxivRefused, ModelRefused) as error:
            self.report.stopped = error
        except KeyboardInterrupt:
            self._end("interrupted", None)
            raise
        except BaseException as error:
            self._end("failed", str(error) or type(error).__name__)
            raise
        self._end(self.report.outcome, str(self.report.stopped) if self.report.stopped else None)
        return self.report

    def _end(self, outcome: runs.Outcome, message: str | None) -> None:
        self.warehouse.write(lambda c: runs.end_run(c, self.run, outcome, message))

    def _screener_and_drafter(self, screen_prompt: Any, draft_prompt: Any) -> tuple[Screener, Drafter]:
        threshold = self.settings.discover.screen_threshold
        if self.keyless:
            return LexicalScreener(threshold), ExtractiveDrafter(self.settings.topics)
        model = LanguageModel(self.settings.model, self.settings.draft, self.warehouse, self.run)
        return (
            ModelScreener(model, screen_prompt, threshold),
            ModelDrafter(model, draft_prompt, self.settings.topics),
        )

    # Discover

    def _discover(self, screener: Screener) -> list[Paper]:
        """Ask arXiv, screen what is new, and return the papers to be read."""
        attempts = self.settings.draft.attempts
        moment = _now()
        if self.request.ids:
            found = self._ask_for_ids()
            return self.warehouse.read(lambda c: papers.undrafted(c, found, moment, attempts))
        self._ask_for_topics()
        self._screen(screener)
        names = [topic.name for topic in self.topics]
        return self.warehouse.read(lambda c: papers.to_draft(c, names, moment, attempts))

    def _ask_for_ids(self) -> list[Paper]:
        self.progress.begin("asking arXiv", None)
        try:
            answer = self.source.by_ids(self.request.ids)
        except ArxivError as error:
            self._note_topic("by id", "failed", problems=(str(error),))
            if isinstance(error, ArxivRefused):
                raise
            return []
        for problem in answer.problems:
            self.progress.note(problem)
        new = self.warehouse.write(lambda c: runs.add_found(c, self.run, None, answer.papers))
        state: runs.TopicState = "fresh" if new else "quiet" if answer.papers else "failed"
        self._note_topic("by id", state, answer, len(new))
        return list(answer.papers)

    def _ask_for_topics(self) -> None:
        self.progress.begin("asking arXiv", len(self.topics))
        refused: ArxivRefused | None = None
        for topic in self.topics:
            if refused is None:
                try:
                    self._ask_for_topic(topic)
                except ArxivRefused as error:
                    refused = error
                    self._note_topic(topic.name, "failed", problems=(str(error),))
                except ArxivError as error:
                    self._note_topic(topic.name, "failed", problems=(str(error),))
                    self.progress.note(f"{topic.name}: {error}")
            else:
                self._note_topic(topic.name, "not asked")
            self.progress.advance("asking arXiv")
        if refused:
            raise refused

    def _ask_for_topic(self, topic: Topic) -> None:
        since, until = self._window(topic)
        answer = self.source.search(topic.query, since, until)
        new = self.warehouse.write(lambda c: runs.add_found(c, self.run, topic.name, answer.papers))
        state: runs.TopicState = "failed" if not answer.complete else "fresh" if new else "quiet"
        self._note_topic(topic.name, state, answer, len(new), since=since, until=until)

    def _window(self, topic: Topic) -> tuple[datetime, datetime]:
        discover = self.settings.discover
        until = self.request.until or datetime.now(UTC)
        if self.request.since:
            return self.request.since, until
        left_off = self.warehouse.read(lambda c: runs.left_off(c, topic.name))
        if left_off is None:
            return until - timedelta(days=discover.first_days), until
        since = left_off.replace(tzinfo=UTC) - timedelta(days=discover.overlap_days)
        if since >= until:
            raise SettingsError(
                f"{topic.name!r} was asked up to {left_off:%Y-%m-%d} already, which is past --until "
                f"{until:%Y-%m-%d}. Give --since too, to ask for an earlier stretch again."
            )
        return since, until

    def _note_topic(
        self,
        name: str,
        state: runs.TopicState,
        answer: Answer | None = None,
        new: int = 0,
        *,
        since: datetime | None = None,
        until: datetime | None = None,
        problems: tuple[str, ...] = (),
    ) -> None:
        problems = answer.problems if answer else problems
        announced = answer.announced if answer else 0
        self.report.topics.append(TopicResult(name, state, announced, new, problems))
        self.warehouse.write(
            lambda c: runs.add_topic_run(
                c, self.run, name, state, since=since, until=until, announced=announced, found=new,
                complete=bool(answer and answer.complete), problems=problems,
            )
        )  # fmt: skip

    def _screen(self, screener: Screener) -> None:
        batches = [(topic, batch) for topic in self.topics for batch in self._batches(topic)]
        if not batches:
            return
        self.progress.begin("screening", sum(len(batch) for _, batch in batches))
        with _threads(min(len(batches), self.settings.draft.calls_at_once)) as pool:
            screened = pool.map(lambda one: self._screen_batch(screener, *one), batches)
            for (_, batch), screenings in zip(batches, screened, strict=True):
                self.progress.advance("screening", len(batch))
                if isinstance(screenings, ModelRefused):
                    raise screenings
                relevant = sum(one.relevant for one in screenings)
                self.report.screened_in += relevant
                self.report.screened_out += len(screenings) - relevant

    def _batches(self, topic: Topic) -> list[list[Paper]]:
        waiting = self.warehouse.read(lambda c: papers.to_screen(c, topic.name, self.settings.draft.attempts))
        self._unscreened.update(paper.id for paper in waiting[len(waiting[: self.request.limit]) :])
        waiting = waiting[: self.request.limit]
        size = self.settings.discover.screen_batch
        return [waiting[start : start + size] for start in range(0, len(waiting), size)]

    def _screen_batch(
        self, screener: Screener, topic: Topic, batch: Sequence[Paper]
    ) -> Sequence[papers.Screening] | ModelRefused:
        try:
            screened = screener.screen(topic, batch)
        except ModelRefused as error:
            return error
        except ModelError as error:
            self._note_unscreened(batch, error.code, error.message)
            return ()
        self.warehouse.write(lambda c: papers.add_screenings(c, self.run, screened.screenings))
        if screened.unanswered:
            self._note_unscreened(screened.unanswered, "left-out", "The model's answer leaves this paper out.")
        return screened.screenings

    def _note_unscreened(self, batch: Sequence[Paper], code: str, message: str) -> None:
        def write(connection: Any) -> None:
            for paper in batch:
                papers.add_failure(connection, self.run, "screen", paper, code, message, _now())

        self.warehouse.write(write)
        self.report.screening_failures.append(f"{len(batch)} papers not screened: {message}")
        self.progress.note(self.report.screening_failures[-1])

    # Read and draft

    def _read_and_draft(self, wanted: Sequence[Paper], work: PaperWork, each: Each | None) -> None:
        left = wanted[len(wanted[: self.request.limit]) :]
        self.report.left_over = len(self._unscreened.union(paper.id for paper in left))
        wanted = wanted[: self.request.limit]
        if not wanted:
            return
        self.progress.begin("reading and drafting", len(wanted))
        # Twice as many threads as calls at once: while some wait for the model, others download, read and record.
        each = each or in_threads(2 * self.settings.draft.calls_at_once)
        try:
            for result in each(work, wanted):
                self._take(result)
        except BaseException:
            work.abandon()
            raise

    def _take(self, result: PaperResult) -> None:
        if result.stops and not self.report.stopped:
            self.report.stopped = result.stops
        if not result.stops:
            self.report.results.append(result)
        if result.problem:
            self.progress.note(f"{result.paper.versioned_id}: {result.problem}")
        self.progress.advance("reading and drafting")

    def _on_wait(self, why: str, seconds: float) -> None:
        self.progress.note(f"{why}; waiting {seconds:.0f} s")


class PaperWork:
    """One paper from its PDF to the queue. Called from many threads."""

    def __init__(self, run: _Run, reader: Reader, drafter: Drafter) -> None:
        self._run = run
        self._reader = reader
        self._drafter = drafter
        self._read_before = run.warehouse.read(papers.read_papers)
        self._stopped: CuratorError | None = None
        self._abandoned = False

    def abandon(self) -> None:
        """The run is ending under threads that are still at work: what fails from now on is no paper's fault."""
        self._abandoned = True

    def __call__(self, paper: Paper) -> PaperResult:
        step = "download"
        if self._stopped:
            return PaperResult(paper, stops=self._stopped)
        try:
            document = self._stored(paper)
            if document is None:
                file = self._download(paper)
                step = "read"
                document = self._reader.read(file, paper.id, paper.version)
                self._keep(document)
            step = "draft"
            return PaperResult(paper, self._queue(paper, self._drafter.draft(paper, document)))
        except (ArxivRefused, ModelRefused) as error:
            self._stopped = error
            return PaperResult(paper, stops=error)
        except (PaperError, ModelError) as error:
            return self._failed(paper, step, error.code, error.message, _retry_at(error))
        except ArxivError as error:
            return self._failed(paper, step, "arxiv", str(error), _now())
        except CuratorError:
            raise
        except Exception as error:  # a fault of ours on one paper must not take the others along
            message = f"Curator failed on this paper: {type(error).__name__}: {error}"
            return self._failed(paper, step, "unexpected", message, _now())

    def _stored(self, paper: Paper) -> Document | None:
        if (paper.id, paper.version) not in self._read_before:
            return None
        return self._run.warehouse.read(lambda c: papers.get_document(c, paper.id, paper.version))

    def _download(self, paper: Paper) -> Any:
        most = self._run.settings.read.max_pdf_mb * 2**20
        return download_pdf(self._run.session, paper.id, paper.version, self._run.workspace.pdfs, most)

    def _keep(self, document: Document) -> None:
        self._run.warehouse.write(lambda c: papers.add_document(c, self._run.run, document))

    def _queue(self, paper: Paper, drafted: Drafted) -> int:
        return self._run.warehouse.write(
            lambda c: drafts.add_draft(
                c, self._run.run, paper, drafted.drafter, drafted.candidates, call=drafted.call,
                sentences=drafted.sentences, dropped=drafted.dropped, note="; ".join(drafted.notes) or None,
            )
        )  # fmt: skip

    def _failed(self, paper: Paper, step: str, code: str, message: str, retry_at: datetime | None) -> PaperResult:
        if self._abandoned:
            return PaperResult(paper)
        attempts = self._run.settings.draft.attempts

        def write(connection: Any) -> bool:
            papers.add_failure(connection, self._run.run, step, paper, code, message, retry_at)
            return bool(papers.undrafted(connection, [paper], datetime.max, attempts))

        return PaperResult(paper, failed_at=step, problem=message, again=self._run.warehouse.write(write))


def _retry_at(error: PaperError | ModelError) -> datetime | None:
    if isinstance(error, ModelError):  # another answer may be better; how often is bounded by `draft.attempts`
        return _now()
    if not error.transient:
        return None
    return _now() + ASK_AGAIN if error.code in _ASK_LATER else _now()


def _now() -> datetime:
    return datetime.now(UTC).replace(tzinfo=None)
