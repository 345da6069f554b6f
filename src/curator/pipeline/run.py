"""Run one ingest: build its stages, run them in order, and record the outcome."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from concurrent.futures import as_completed
from datetime import datetime

from curator.arxiv.search import ArxivSearch
from curator.drafting.base import Drafter
from curator.drafting.extractive import ExtractiveDrafter
from curator.drafting.model_drafter import Drafts, ModelDrafter
from curator.errors import ModelRefused, SettingsError
from curator.llm import BatchCollector, BatchQueue, LanguageModel, is_configured, model_name
from curator.llm.budget import budget_from_settings
from curator.llm.prompts import Prompt, load_prompt
from curator.pdf.reader import Reader, ReadLimits
from curator.pipeline import cost_estimate, discover, fallback, support_check
from curator.pipeline.process_paper import PaperProcessor
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
    """Return an executor that works in `width` threads of this process."""

    def map_papers(task: PaperTask, papers: Sequence[Paper]) -> Iterator[PaperResult]:
        with make_thread_pool(width, progress) as pool:
            for future in as_completed([pool.submit(task, paper) for paper in papers]):
                yield future.result()

    return map_papers


def ingest(
    workspace: Workspace,
    request: IngestRequest | None = None,
    *,
    map_papers: Executor | None = None,
    progress: Progress | None = None,
) -> IngestReport:
    """Run one ingest: ask arXiv, screen, read, draft, queue. All results are in the warehouse when it returns.

    Args:
        workspace: The list to add candidates to.
        request: What to ingest; by default every topic, from where its last ingest left off.
        map_papers: How to spread the work over papers; by default threads of this process.
        progress: Receives the run's progress; by default, it is discarded.

    Returns:
        The report. Failures of arXiv, of a paper or of the model are in it.

    Raises:
        SettingsError: A setting or an option is invalid.
        PromptError: A prompt cannot be filled in.
        WarehouseError: The warehouse cannot be used, or another ingest is running.
    """
    request = request or IngestRequest()
    topics = select_topics(workspace.settings, request.topics)
    prompts = {name: load_prompt(name, workspace.prompt_file(name)) for name in ("screen", "draft", "support")}
    with exclusive_lock(workspace, "ingest"):
        return _run(workspace, request, topics, prompts, map_papers, progress or SilentProgress())


def has_open_batches(workspace: Workspace) -> bool:
    """Return True if the warehouse records batches without an answer. The provider is not asked."""
    warehouse = Warehouse(workspace.warehouse_file)
    return warehouse.file.exists() and bool(warehouse.read(load_open_batches))


def has_run_since(workspace: Workspace, moment: datetime) -> bool:
    """Return True if an ingest of all topics began after `moment` and has ended, so that no run is overdue."""
    warehouse = Warehouse(workspace.warehouse_file)
    return warehouse.file.exists() and warehouse.read(runs.has_ended_since, moment)


def select_topics(settings: Settings, names: Sequence[str]) -> tuple[Topic, ...]:
    """Return the topics with these names; all topics if `names` is empty. Raises SettingsError for an unknown name."""
    by_name = {topic.name.casefold(): topic for topic in settings.topics}
    unknown = [name for name in names if name.casefold() not in by_name]
    if unknown:
        topics = ", ".join(topic.name for topic in settings.topics)
        raise SettingsError(
            f"There is no topic {', '.join(map(repr, unknown))} in curator.toml; its topics are {topics}."
        )
    return tuple(by_name[name] for name in dict.fromkeys(map(str.casefold, names))) or settings.topics


def _run(
    workspace: Workspace,
    request: IngestRequest,
    topics: Sequence[Topic],
    prompts: dict[str, Prompt],
    map_papers: Executor | None,
    progress: Progress,
) -> IngestReport:
    settings = workspace.settings
    keyless = request.keyless or not is_configured()
    if keyless and settings.model and not request.keyless:
        progress.note(
            f"The settings name the model {settings.model}, but neither OPENAI_API_KEY nor OPENAI_BASE_URL is set. "
            "The keyless drafter is used instead."
        )
    arguments = {name: value for name, value in vars(request).items() if value}
    drafter = ExtractiveDrafter.name if keyless else model_name(settings.model)
    warehouse = Warehouse(workspace.warehouse_file, wait=PATIENCE)
    run_id = warehouse.write(runs.start_run, arguments, drafter)
    report = IngestReport(run_id, drafter)
    with recording_outcome(warehouse, report, progress), arxiv_session(settings, progress) as session:
        run = Run(run_id, workspace, request, warehouse, session, progress, report)
        _run_stages(run, topics, prompts, map_papers, keyless)
    return report


def _run_stages(
    run: Run, topics: Sequence[Topic], prompts: dict[str, Prompt], map_papers: Executor | None, keyless: bool
) -> None:
    # Twice as many threads as calls at once: while some wait for the model, others download, read and record.
    map_papers = map_papers or run_in_threads(2 * run.settings.draft.calls_at_once, run.progress)
    with Reader(ReadLimits.from_settings(run.settings.read)) as reader, run.warehouse.bulk():
        try:
            _find_and_draft(run, reader, topics, prompts, map_papers, keyless)
        except ModelRefused as error:
            run.report.stopped = error
        if fallback.is_fallback_wanted(run):
            fallback.draft_without_model(run, reader, topics, map_papers)


def _find_and_draft(
    run: Run,
    reader: Reader,
    topics: Sequence[Topic],
    prompts: dict[str, Prompt],
    map_papers: Executor,
    keyless: bool,
) -> None:
    """Find papers, read them, and draft from them. Raises ArxivRefused, ModelRefused."""
    batches = None if keyless else _open_batch_queue(run)
    answered = _collect_answers(run, batches) if batches else []
    screener, drafter, checker = _build_stages(run, prompts, batches)
    selected, unscreened = _select_papers(run, topics, screener, answered, keyless=keyless)
    run.report.selected = selected
    to_read = selected[: run.request.limit]
    run.report.left_over = len(unscreened.union(paper.id for paper in selected[len(to_read) :]))
    if not (keyless or run.request.collect):  # the answers of batches are paid for already
        cost_estimate.note_estimate(run, len(to_read))
    task = PaperProcessor(run, reader, drafter, checker)
    if not all(map(task.has_document, to_read)):
        reader.warm_up()
    _read_and_draft(run, to_read, task, map_papers)
    if batches:
        _send_batches(run, batches, task, map_papers)
    if checker and not (run.report.stopped or run.request.ids or run.request.sources):
        support_check.check_unjudged(run, checker)


def _select_papers(
    run: Run, topics: Sequence[Topic], screener: Screener, answered: Sequence[str], *, keyless: bool
) -> tuple[list[Paper], set[str]]:
    """Return the papers to read, and the ids of those that `limit` leaves unscreened.

    `answered` are the keys of papers that batches have answered. Raises ArxivRefused, ModelRefused.
    """
    if run.request.collect:
        return discover.select_by_source(run, answered), set()
    if run.request.sources:
        return discover.select_by_source(run, run.request.sources), set()
    search = ArxivSearch(run.session, run.settings.discover.page_size)
    if run.request.ids:
        return discover.select_by_id(run, search), set()
    discover.search_topics(run, search, topics)
    to_screen, unscreened = discover.select_to_screen(run, topics)
    if to_screen and not keyless:
        drafts = len(discover.select_to_draft(run, topics))
        cost_estimate.note_estimate(run, drafts, [batch for _, batch in to_screen])
    discover.screen_batches(run, screener, to_screen)
    return discover.select_to_draft(run, topics), unscreened


def _open_batch_queue(run: Run) -> BatchQueue:
    return BatchQueue(run.settings.draft, run.warehouse, run.id, {"draft": Drafts}, new=run.request.batch)


def _collect_answers(run: Run, batches: BatchQueue) -> list[str]:
    """Record the answers that batches have returned; return the keys of the papers whose batches have ended."""
    collected = BatchCollector(batches).collect()
    run.report.answers, run.report.batches = collected.answers, collected.still_open
    run.report.batch_problems += collected.notes
    for note in collected.notes:
        run.progress.note(note)
    return run.warehouse.read(load_batch_papers, collected.ended)


def _send_batches(run: Run, batches: BatchQueue, task: PaperProcessor, map_papers: Executor) -> None:
    """Send the queued questions as a batch; ask the model live if the endpoint accepts no batches."""
    batches.send()
    run.report.batch_problems += batches.problems
    for problem in batches.problems:
        run.progress.note(problem)
    if batches.refused and not run.report.stopped:
        run.progress.note(f"The endpoint accepted no batch, so the model is asked live: {batches.refused.message}")
        waiting, run.report.in_batch = run.report.in_batch, []
        _read_and_draft(run, waiting, task, map_papers)


def _build_stages(
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
    """Return the model that checks support: `draft.support_model` with its own prices, else the drafting model."""
    if draft.support_model in (None, model.name):
        return model
    prices = {name: getattr(draft, f"support_{name}") for name in ("price_in", "price_cached", "price_out")}
    return model.with_model(draft.support_model, draft.model_copy(update=prices))


def _read_and_draft(run: Run, papers: Sequence[Paper], task: PaperProcessor, map_papers: Executor) -> None:
    if not papers:
        return
    stage = "reading and drafting"
    run.progress.begin(stage, len(papers))
    try:
        for result in map_papers(task, papers):
            run.report.add_result(result)
            if problem := result.problem or result.unchecked:
                run.progress.note(f"{result.paper.versioned_id}: {problem}")
            run.progress.advance(stage)
    except BaseException:
        task.abandon()
        raise
