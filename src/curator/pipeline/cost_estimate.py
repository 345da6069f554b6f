"""Estimate the cost of a run, and show the estimate before the money is spent."""

from __future__ import annotations

from collections.abc import Sequence

from curator.llm.usage import CHARACTERS_PER_TOKEN
from curator.pipeline.run_context import Run
from curator.types import Paper
from curator.warehouse import costs

SCREEN_PROMPT_TOKENS = 600
"""Tokens of one screening call besides its abstracts: prompts/screen.md, a topic, the schema."""

SCREEN_ANSWER_TOKENS = 60
"""Tokens of the answer for each abstract: its id, a score, at most fifteen words."""


def note_estimate(run: Run, to_draft: int, to_screen: Sequence[Sequence[Paper]] = ()) -> None:
    """Note the likely cost of drafting and screening, if prices are set.

    The share of abstracts that passes screening is assumed to be the recent one; without a record, all of them.

    Args:
        run: The run, whose progress receives the note.
        to_draft: The number of papers to draft.
        to_screen: Batches of papers to screen, each of which costs one call.
    """
    draft, abstracts = run.settings.draft, sum(map(len, to_screen))
    if not (to_draft or abstracts) or draft.price_in is None or draft.price_out is None:
        return
    usual, passed, spent = run.warehouse.read(
        lambda c: (costs.load_usual_costs(c), costs.load_usual_share(c), costs.sum_spent_this_month(c))
    )
    max_cost = (draft.context_tokens * draft.price_in + draft.answer_tokens * draft.price_out) / 1_000_000
    upper_limit = costs.UsualCost(max_cost * (draft.batch_price if run.request.batch else 1.0), known=False)
    drafting, checking = usual.get("draft", upper_limit), usual.get("support", costs.UsualCost(0.0, known=True))
    cost_per_draft = drafting.cost + checking.cost
    drafts = to_draft + round(abstracts * (1.0 if passed is None else passed))
    if run.request.limit is not None:
        drafts = min(drafts, run.request.limit)
    screening = usual.get("screen", costs.UsualCost(0.0, known=True))
    if screening.known:
        cost = drafts * cost_per_draft + _estimate_screening(to_screen, draft.price_in, draft.price_out)
    else:
        cost = drafts * cost_per_draft + len(to_screen) * screening.cost
    if "draft" not in usual or (abstracts and passed is None):
        about, basis = "at most", "because no call has been recorded yet"
    elif drafting.known and checking.known and (screening.known or not abstracts):
        about, basis = "about", "judging by recent papers"
    else:
        about, basis = "at most", "because the model's endpoint does not report usage"
    work = f"Papers to draft: {drafts}"
    if abstracts:
        work = f"Abstracts to screen: {abstracts}, papers to draft: {about} {drafts}"
    run.progress.note(
        f"{work}. That costs {about} {cost:.2f}, {basis}; {spent:.2f} spent this month{_format_limits(run)}"
    )


def _estimate_screening(batches: Sequence[Sequence[Paper]], price_in: float, price_out: float) -> float:
    characters = sum(len(paper.title) + len(paper.abstract) for batch in batches for paper in batch)
    tokens_in = len(batches) * SCREEN_PROMPT_TOKENS + characters / CHARACTERS_PER_TOKEN
    return (tokens_in * price_in + sum(map(len, batches)) * SCREEN_ANSWER_TOKENS * price_out) / 1_000_000


def _format_limits(run: Run) -> str:
    budget = run.settings.budget
    limits = [
        f"{name} {limit:g}" for name, limit in (("a run", budget.per_run), ("a month", budget.per_month)) if limit
    ]
    return f"; limits: {', '.join(limits)}" if limits else ""
