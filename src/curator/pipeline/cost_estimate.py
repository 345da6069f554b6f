"""Estimates of what a run will cost, announced before the money is spent."""

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
    """Note the likely cost of drafting and of screening these batches, if prices are set.

    The share of abstracts that recently passed screening is assumed to be drafted; all of them while none is on record.
    """
    draft, abstracts = run.settings.draft, sum(map(len, to_screen))
    if not (to_draft or abstracts) or draft.price_in is None or draft.price_out is None:
        return
    usual, passed, spent = run.warehouse.read(
        lambda c: (costs.load_usual_costs(c), costs.load_usual_share(c), costs.sum_spent_this_month(c))
    )
    most = (draft.context_tokens * draft.price_in + draft.answer_tokens * draft.price_out) / 1_000_000
    unknown = costs.UsualCost(most * (draft.batch_price if run.request.batch else 1.0), known=False)
    drafting, checking = usual.get("draft", unknown), usual.get("support", costs.UsualCost(0.0, known=True))
    each = drafting.cost + checking.cost
    drafts = to_draft + round(abstracts * (1.0 if passed is None else passed))
    if run.request.limit is not None:
        drafts = min(drafts, run.request.limit)
    screening = usual.get("screen", costs.UsualCost(0.0, known=True))
    if screening.known:
        cost = drafts * each + _screening(to_screen, draft.price_in, draft.price_out)
    else:
        cost = drafts * each + len(to_screen) * screening.cost
    if "draft" not in usual or (abstracts and passed is None):
        about, basis = "at most", "because no call has been recorded yet"
    elif drafting.known and checking.known and (screening.known or not abstracts):
        about, basis = "about", "judging by recent papers"
    else:
        about, basis = "at most", "because the model's endpoint does not report usage"
    what = f"Papers to draft: {drafts}"
    if abstracts:
        what = f"Abstracts to screen: {abstracts}, papers to draft: {about} {drafts}"
    run.progress.note(f"{what}. That costs {about} {cost:.2f}, {basis}; {spent:.2f} spent this month{_limits(run)}")


def _screening(batches: Sequence[Sequence[Paper]], price_in: float, price_out: float) -> float:
    characters = sum(len(paper.title) + len(paper.abstract) for batch in batches for paper in batch)
    tokens_in = len(batches) * SCREEN_PROMPT_TOKENS + characters / CHARACTERS_PER_TOKEN
    return (tokens_in * price_in + sum(map(len, batches)) * SCREEN_ANSWER_TOKENS * price_out) / 1_000_000


def _limits(run: Run) -> str:
    budget = run.settings.budget
    limits = [
        f"{name} {limit:g}" for name, limit in (("a run", budget.per_run), ("a month", budget.per_month)) if limit
    ]
    return f"; limits: {', '.join(limits)}" if limits else ""
