"""One run from start to end: its parts are made here, its steps joined, its end put on record."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from concurrent.futures import as_completed
from datetime import datetime

from curator.arxiv.search import ArxivSearch
from curator.drafting.drafters import Drafter, Drafts, ExtractiveDrafter, ModelDrafter
from curator.errors import ModelRefused, SettingsError
from curator.llm import BatchCollector, BatchQueue, LanguageModel, is_configured, model_name
from curator.llm.budget import budget_from_settings
from curator.llm.prompts import Prompt, load_prompt
from curator.pdf.reader import Reader, ReadLimits
from curator.pipeline import cost_estimate, discover, fallback, support_check
from curator.pipeline.process_paper import PaperWork
from curator.pipeline.report import (
    Executor,
    IngestReport,
    IngestRequest,
    PaperResult,
    PaperTask,
    Progress,
    SilentProgress,
)
from curator.pipeline.run_context import PATIENCE, Run, arxiv_session, make_thread_pool, recording_outcome
from curator.screening.screeners import LexicalScreener, ModelScreener, Screener
from curator.settings import DraftSettings, Settings, Topic
from curator.support.support import SupportChecker
from curator.types import Paper
from curator.warehouse import Warehouse, costs, runs
from curator.warehouse.batches import load_batch_papers, load_open_batches
from curator.workspace import Workspace, exclusive_lock


def run_in_threads(width: int, progress: Progress) -> Executor:
    """Spread work over `width` threads of this process."""

    def each(work: PaperTask, items: Sequence[Paper]) -> Iterator[PaperResult]:
        with make_thread_pool(width, progress) as pool:
            for future in as_completed([pool.submit(work, item) for item in items]):
                yield future.result()

    return each


def ingest(
    workspace: Workspace,
    request: IngestRequest | None = None,
    *,
    each: Executor | None = None,
    progress: Progress | None = None,
) -> IngestReport:
    """One run: ask arXiv, screen, read, draft, queue. Everything is on record when it returns.

    Raises SettingsError, PromptError, WarehouseError; what arXiv, a paper or a model does wrong is in the report.
    """
    request = request or IngestRequest()
    topics = chosen_topics(workspace.settings, request.topics)
    prompts = {name: load_prompt(name, workspace.prompt_file(name)) for name in ("screen", "draft", "support")}
    with exclusive_lock(workspace, "ingest"):
        return _carry_out(workspace, request, topics, prompts, each, progress or SilentProgress())


def has_open_batches(workspace: Workspace) -> bool:
    """Whether answers of batches are still to come, as far as is known without asking."""
    warehouse = Warehouse(workspace.warehouse_file)
    return warehouse.file.exists() and bool(warehouse.read(load_open_batches))


def has_run_since(workspace: Workspace, moment: datetime) -> bool:
    """Whether an ingest of all topics has begun since a moment and ended: what was due then has been made up."""
    warehouse = Warehouse(workspace.warehouse_file)
    return warehouse.file.exists() and warehouse.read(runs.has_ended_since, moment)


def chosen_topics(settings: Settings, names: Sequence[str]) -> tuple[Topic, ...]:
    """The settings' topics of these names, or all. Raises SettingsError for a name that is none."""
    by_name = {topic.name.casefold(): topic for topic in settings.topics}
    unknown = [name for name in names if name.casefold() not in by_name]
    if unknown:
        known = ", ".join(topic.name for topic in settings.topics)
        raise SettingsError(f"There is no topic {', '.join(map(repr, unknown))} in curator.toml; it has: {known}.")
    return tuple(by_name[name] for name in dict.fromkeys(map(str.casefold, names))) or settings.topics


def _carry_out(
    workspace: Workspace,
    request: IngestRequest,
    topics: Sequence[Topic],
    prompts: dict[str, Prompt],
    each: Executor | None,
    progress: Progress,
) -> IngestReport:
    settings = workspace.settings
    keyless = request.keyless or not is_configured()
    if keyless and settings.model and not request.keyless:
        progress.note(
            f"The settings name the model {settings.model}, but neither OPENAI_API_KEY nor OPENAI_BASE_URL is set: "
            "the keyless drafter works instead."
        )
    arguments = {name: value for name, value in vars(request).items() if value}
    drafter = ExtractiveDrafter.name if keyless else model_name(settings.model)
    warehouse = Warehouse(workspace.warehouse_file, wait=PATIENCE)
    run_id = warehouse.write(runs.start_run, arguments, drafter)
    report = IngestReport(run_id, drafter)
    with recording_outcome(warehouse, report, progress), arxiv_session(settings, progress) as session:
        run = Run(run_id, workspace, request, warehouse, session, progress, report)
        _steps(run, topics, prompts, each, keyless)
    return report


def _steps(run: Run, topics: Sequence[Topic], prompts: dict[str, Prompt], each: Executor | None, keyless: bool) -> None:
    limits = ReadLimits.of(run.settings.read)
    source = ArxivSearch(run.session, run.settings.discover.page_size)
    # Twice as many threads as calls at once: while some wait for the model, others download, read and record.
    each = each or run_in_threads(2 * run.settings.draft.calls_at_once, run.progress)
    with Reader(limits) as reader, run.warehouse.bulk():
        reader.warm()
        try:
            _with_drafter(run, reader, source, topics, prompts, each, keyless)
        except ModelRefused as error:
            run.report.stopped = error
        if fallback.is_wanted(run):
            fallback.offer(run, reader, topics, each)


def _with_drafter(
    run: Run,
    reader: Reader,
    source: ArxivSearch,
    topics: Sequence[Topic],
    prompts: dict[str, Prompt],
    each: Executor,
    keyless: bool,
) -> None:
    """Find, read and draft. Raises ArxivRefused, ModelRefused."""
    batches = None if keyless else _batches(run)
    answered = _collected(run, batches) if batches else []
    screener, drafter, checker = _who_works(run, prompts, batches)
    unscreened = set[str]()
    if run.request.collect:
        wanted = discover.by_key(run, answered)
    elif run.request.sources:
        wanted = discover.by_key(run, run.request.sources)
    elif run.request.ids:
        wanted = discover.by_id(run, source)
    else:
        discover.by_topic(run, source, topics)
        to_screen, unscreened = discover.to_screen(run, topics)
        if to_screen and not keyless:
            cost_estimate.tell(run, len(discover.to_draft(run, topics)), [batch for _, batch in to_screen])
        discover.screen(run, screener, to_screen)
        wanted = discover.to_draft(run, topics)
    taken = wanted[: run.request.limit]
    run.report.left_over = len(unscreened.union(paper.id for paper in wanted[len(taken) :]))
    if not (keyless or run.request.collect):  # what is collected is paid for
        cost_estimate.tell(run, len(taken))
    work = PaperWork(run, reader, drafter, checker)
    _read_and_draft(run, taken, work, each)
    if batches:
        _send(run, batches, work, each)
    if checker and not (run.report.stopped or run.request.ids or run.request.sources):
        support_check.make_up(run, checker)


def _batches(run: Run) -> BatchQueue:
    return BatchQueue(run.settings.draft, run.warehouse, run.id, {"draft": Drafts}, new=run.request.batch)


def _collected(run: Run, batches: BatchQueue) -> list[str]:
    """Put on record what batches have answered by now; the papers that those asked about which ended."""
    found = BatchCollector(batches).collect()
    run.report.answers, run.report.batches = found.answers, found.still_open
    run.report.batch_problems += found.notes
    for note in found.notes:
        run.progress.note(note)
    return run.warehouse.read(load_batch_papers, found.ended)


def _send(run: Run, batches: BatchQueue, work: PaperWork, each: Executor) -> None:
    """Send what is left to a batch; where the endpoint takes none, the model is asked live after all."""
    batches.send()
    run.report.batch_problems += batches.problems
    for problem in batches.problems:
        run.progress.note(problem)
    if batches.refused and not run.report.stopped:
        run.progress.note(f"No batch was taken, so the model is asked live: {batches.refused.message}")
        left, run.report.later = run.report.later, []
        _read_and_draft(run, left, work, each)


def _who_works(
    run: Run, prompts: dict[str, Prompt], batches: BatchQueue | None
) -> tuple[Screener, Drafter, SupportChecker | None]:
    settings = run.settings
    threshold = settings.discover.screen_threshold
    if batches is None:
        return LexicalScreener(threshold), ExtractiveDrafter(settings.topics), None
    budget = budget_from_settings(settings, run.warehouse.read(costs.sum_spent_this_month))
    model = LanguageModel(settings.model, settings.draft, run.warehouse, run.id, budget, batches)
    screener = ModelScreener(model, prompts["screen"], threshold)
    drafter = ModelDrafter(model, prompts["draft"], settings.topics)
    if not settings.draft.check_support:
        return screener, drafter, None
    return screener, drafter, SupportChecker(_checking_model(model, settings.draft), prompts["support"])


def _checking_model(model: LanguageModel, draft: DraftSettings) -> LanguageModel:
    """The model that checks support: one of its own, with prices of its own, or the one that drafts."""
    if draft.support_model in (None, model.name):
        return model
    prices = {name: getattr(draft, f"support_{name}") for name in ("price_in", "price_cached", "price_out")}
    return model.with_model(draft.support_model, draft.model_copy(update=prices))


def _read_and_draft(run: Run, wanted: Sequence[Paper], work: PaperWork, each: Executor) -> None:
    if not wanted:
        return
    stage = "reading and drafting"
    run.progress.begin(stage, len(wanted))
    try:
        for result in each(work, wanted):
            run.report.take(result)
            if said := result.problem or result.unchecked:
                run.progress.note(f"{result.paper.versioned_id}: {said}")
            run.progress.advance(stage)
    except BaseException:
        work.abandon()
        raise
