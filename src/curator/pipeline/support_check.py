"""The last look at a paper's candidates: a model says whether their quotes carry them.

They stand in the queue already when it is asked, or on the list in the words that were accepted. Whatever goes wrong
here costs no candidate and fails no paper: it is noted, and a later run asks again, as often as `draft.attempts` says.
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
    """Ask about those of `candidates` that hold and keep the answer; return what went wrong, if anything did."""
    holding = [one for one in candidates if one.holds]
    if not holding:
        return None
    try:
        checked = checker.check(paper, holding)
    except ModelError as error:
        return f"not checked for support: {error.message}"
    except CuratorError:
        raise
    except Exception as error:  # a fault of ours in a piece of advice must not take the paper along
        return f"not checked for support: Curator failed: {type(error).__name__}: {error}"

    asked = {one.id: one for one in holding}

    def write(connection: Connection) -> None:
        for candidate, support in checked.support.items():
            one = asked[candidate]
            supports.add_supports(
                connection, run.id, candidate, [support], call=checked.call, text=one.text, scope=one.scope
            )

    run.warehouse.write(write)
    missing = len(holding) - len(checked.support)
    return f"not all checked for support: the model's answer leaves {missing} out" if missing else None


def make_up(run: Run, checker: SupportChecker) -> None:
    """Ask about words that no model has judged: drafts that got no answer in earlier runs, and what reviewers accepted.

    `limit` holds here too, as each paper is a call.
    """
    attempts = run.settings.draft.attempts
    waiting = run.warehouse.read(load_unchecked, run.id, attempts)
    by_paper: dict[tuple[str, int], list[Candidate]] = {}
    for one in waiting:
        by_paper.setdefault((one.paper_id, one.version), []).append(one)
    taken = list(by_paper.items())[: run.request.limit]
    if not taken:
        return
    known = run.warehouse.read(papers.get_papers, [key for key, _ in taken])
    stage = "checking support of earlier drafts and of accepted words"
    run.progress.begin(stage, len(taken))
    with make_thread_pool(min(len(taken), run.settings.draft.calls_at_once), run.progress) as pool:
        problems = pool.map(lambda one: check_support(run, checker, known[one[0]], one[1]), taken)
        for (key, _), problem in zip(taken, problems, strict=True):
            run.report.note_unchecked(known[key], problem)
            if problem:
                run.progress.note(f"{known[key].versioned_id}: {problem}")
            run.progress.advance(stage)
