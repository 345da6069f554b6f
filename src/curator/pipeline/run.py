"""One run from start to end: its parts are made here, its steps joined, its end put on record."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from concurrent.futures import as_completed
from datetime import datetime

from curator.discover.arxiv_source import ArxivSource
from curator.discover.screen import LexicalScreener, ModelScreener, Screener
from curator.draft.drafters import Drafter, Drafts, ExtractiveDrafter, ModelDrafter
from curator.draft.support import SupportChecker
from curator.errors import ModelRefused, SettingsError
from curator.language_model import Batches, LanguageModel, is_configured, model_name
from curator.pipeline import checking, discovering, estimate, provisional
from curator.pipeline.context import PATIENCE, Run, arxiv_session, recorded, thread_pool
from curator.pipeline.outcome import Each, PaperResult, Progress, Report, Request, Silent, Work
from curator.pipeline.paper_work import PaperWork
from curator.prompts import Prompt, load_prompt
from curator.purse import purse_of
from curator.read.worker import Reader, ReadLimits
from curator.records import Paper
from curator.settings import Draft, Settings, Topic
from curator.warehouse import Warehouse, reports, runs
from curator.warehouse.batches import open_batches, papers_of
from curator.workspace import Workspace, alone


def in_threads(width: int, progress: Progress) -> Each:
    """Spread work over `width` threads of this process."""

    def each(work: Work, items: Sequence[Paper]) -> Iterator[PaperResult]:
        with thread_pool(width, progress) as pool:
            for future in as_completed([pool.submit(work, item) for item in items]):
                yield future.result()

    return each


def ingest(
    workspace: Workspace, request: Request | None = None, *, each: Each | None = None, progress: Progress | None = None
) -> Report:
    """One run: ask arXiv, screen, read, draft, queue. Everything is on record when it returns.

    Raises SettingsError, PromptError, WarehouseError; what arXiv, a paper or a model does wrong is in the report.
    """
    request = request or Request()
    topics = chosen_topics(workspace.settings, request.topics)
    prompts = {name: load_prompt(name, workspace.prompt_file(name)) for name in ("screen", "draft", "support")}
    with alone(workspace, "ingest"):
        return _carry_out(workspace, request, topics, prompts, each, progress or Silent())


def waits_for_batches(workspace: Workspace) -> bool:
    """Whether answers of batches are still to come, as far as is known without asking."""
    warehouse = Warehouse(workspace.warehouse_file)
    return warehouse.file.exists() and bool(warehouse.read(open_batches))


def has_run_since(workspace: Workspace, moment: datetime) -> bool:
    """Whether an ingest of all topics has begun since a moment and ended: what was due then has been made up."""
    warehouse = Warehouse(workspace.warehouse_file)
    return warehouse.file.exists() and warehouse.read(lambda c: runs.ended_since(c, moment))


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
    request: Request,
    topics: Sequence[Topic],
    prompts: dict[str, Prompt],
    each: Each | None,
    progress: Progress,
) -> Report:
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
    run_id = warehouse.write(lambda c: runs.start_run(c, arguments, drafter))
    report = Report(run_id, drafter)
    with recorded(warehouse, report, progress), arxiv_session(settings, progress) as session:
        run = Run(run_id, workspace, request, warehouse, session, progress, report)
        _steps(run, topics, prompts, each, keyless)
    return report


def _steps(run: Run, topics: Sequence[Topic], prompts: dict[str, Prompt], each: Each | None, keyless: bool) -> None:
    limits = ReadLimits.of(run.settings.read)
    source = ArxivSource(run.session, run.settings.discover.page_size)
    # Twice as many threads as calls at once: while some wait for the model, others download, read and record.
    each = each or in_threads(2 * run.settings.draft.calls_at_once, run.progress)
    with Reader(limits) as reader, run.warehouse.bulk():
        reader.warm()
        try:
            _with_drafter(run, reader, source, topics, prompts, each, keyless)
        except ModelRefused as error:
            run.report.stopped = error
        if provisional.is_wanted(run):
            provisional.offer(run, reader, topics, each)


def _with_drafter(
    run: Run,
    reader: Reader,
    source: ArxivSource,
    topics: Sequence[Topic],
    prompts: dict[str, Prompt],
    each: Each,
    keyless: bool,
) -> None:
    """Find, read and draft. Raises ArxivRefused, ModelRefused."""
    batches = None if keyless else _batches(run)
    answered = _collected(run, batches) if batches else []
    screener, drafter, checker = _who_works(run, prompts, batches)
    unscreened = set[str]()
    if run.request.collect:
        wanted = discovering.by_key(run, answered)
    elif run.request.sources:
        wanted = discovering.by_key(run, run.request.sources)
    elif run.request.ids:
        wanted = discovering.by_id(run, source)
    else:
        discovering.by_topic(run, source, topics)
        to_screen, unscreened = discovering.to_screen(run, topics)
        if to_screen and not keyless:
            estimate.tell(run, len(discovering.to_draft(run, topics)), [batch for _, batch in to_screen])
        discovering.screen(run, screener, to_screen)
        wanted = discovering.to_draft(run, topics)
    taken = wanted[: run.request.limit]
    run.report.left_over = len(unscreened.union(paper.id for paper in wanted[len(taken) :]))
    if not (keyless or run.request.collect):  # what is collected is paid for
        estimate.tell(run, len(taken))
    work = PaperWork(run, reader, drafter, checker)
    _read_and_draft(run, taken, work, each)
    if batches:
        _send(run, batches, work, each)
    if checker and not (run.report.stopped or run.request.ids or run.request.sources):
        checking.make_up(run, checker)


def _batches(run: Run) -> Batches:
    return Batches(run.settings.draft, run.warehouse, run.id, {"draft": Drafts}, new=run.request.batch)


def _collected(run: Run, batches: Batches) -> list[str]:
    """Put on record what batches have answered by now; the papers that those asked about which ended."""
    found = batches.collect()
    run.report.answers, run.report.batches = found.answers, found.going_on
    run.report.batch_problems += found.notes
    for note in found.notes:
        run.progress.note(note)
    return run.warehouse.read(lambda c: papers_of(c, found.ended))


def _send(run: Run, batches: Batches, work: PaperWork, each: Each) -> None:
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
    run: Run, prompts: dict[str, Prompt], batches: Batches | None
) -> tuple[Screener, Drafter, SupportChecker | None]:
    settings = run.settings
    threshold = settings.discover.screen_threshold
    if batches is None:
        return LexicalScreener(threshold), ExtractiveDrafter(settings.topics), None
    purse = purse_of(settings, run.warehouse.read(reports.spent_this_month))
    model = LanguageModel(settings.model, settings.draft, run.warehouse, run.id, purse, batches)
    screener = ModelScreener(model, prompts["screen"], threshold)
    drafter = ModelDrafter(model, prompts["draft"], settings.topics)
    if not settings.draft.check_support:
        return screener, drafter, None
    return screener, drafter, SupportChecker(_checking_model(model, settings.draft), prompts["support"])


def _checking_model(model: LanguageModel, draft: Draft) -> LanguageModel:
    """The model that checks support: one of its own, with prices of its own, or the one that drafts."""
    if draft.support_model in (None, model.name):
        return model
    prices = {name: getattr(draft, f"support_{name}") for name in ("price_in", "price_cached", "price_out")}
    return model.beside(draft.support_model, draft.model_copy(update=prices))


def _read_and_draft(run: Run, wanted: Sequence[Paper], work: PaperWork, each: Each) -> None:
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
