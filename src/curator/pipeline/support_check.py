"""Ask a model whether candidates' quotes support them: the last stage of a run.

The candidates are in the queue, or on the list, before the model is asked. A failure here loses no candidate and fails
no paper: it is noted, and later runs ask again, up to `draft.attempts` times.
"""

from __future__ import annotations

from collections.abc import Sequence

from curator.errors import CuratorError, ModelError
from curator.pipeline.run_context import Run, make_thread_pool
from curator.support.support import SupportChecker
from curator.types import Candidate, Paper
from curator.warehouse import Connection, papers, supports
from curator.warehouse.candidates import load_unchecked


def check_support(run: Run, checker: SupportChecker, paper: Paper, candidates: Sequence[Candidate]) -> str | None:
    """Ask the model about the candidates whose quotes hold, and record its verdicts; return the problem, if any."""
    holding = [candidate for candidate in candidates if candidate.holds]
    if not holding:
        return None
    try:
        checked = checker.check(paper, holding)
    except ModelError as error:
        return f"not checked for support: {error.message}"
    except CuratorError:
        raise
    except Exception as error:  # a bug in a check that only advises must not fail the paper
        return f"not checked for support: Curator failed: {type(error).__name__}: {error}"

    by_id = {candidate.id: candidate for candidate in holding}

    def write(connection: Connection) -> None:
        for id_, support in checked.support.items():
            candidate = by_id[id_]
            supports.add_supports(
                connection, run.id, id_, [support], call=checked.call, text=candidate.text, scope=candidate.scope
            )

    run.warehouse.write(write)
    missing = len(holding) - len(checked.support)
    return f"not all checked for support: the model's answer does not mention {missing}" if missing else None


def check_unjudged(run: Run, checker: SupportChecker) -> None:
    """Check texts that no model has judged: drafts of earlier runs, and wordings that reviewers accepted.

    Each paper costs one call, so `limit` applies here too.
    """
    attempts = run.settings.draft.attempts
    waiting = run.warehouse.read(load_unchecked, run.id, attempts)
    by_paper: dict[tuple[str, int], list[Candidate]] = {}
    for candidate in waiting:
        by_paper.setdefault((candidate.paper_id, candidate.version), []).append(candidate)
    chosen = list(by_paper.items())[: run.request.limit]
    if not chosen:
        return
    versions = run.warehouse.read(papers.get_papers, [key for key, _ in chosen])
    stage = "checking support of earlier drafts and accepted frames"
    run.progress.begin(stage, len(chosen))
    with make_thread_pool(min(len(chosen), run.settings.draft.calls_at_once), run.progress) as pool:
        problems = pool.map(lambda entry: check_support(run, checker, versions[entry[0]], entry[1]), chosen)
        for (key, _), problem in zip(chosen, problems, strict=True):
            run.report.add_unchecked(versions[key], problem)
            if problem:
                run.progress.note(f"{versions[key].versioned_id}: {problem}")
            run.progress.advance(stage)
