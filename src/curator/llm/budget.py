"""What a run and a month may cost, kept before each call rather than counted after it."""

from __future__ import annotations

import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager

from curator.errors import BudgetReached, SettingsError
from curator.settings import Settings

_ROUNDING = 1e-9  # the warehouse adds up in another order


class Budget:
    """The budget of one run, in the currency of the settings' prices. Safe to share between threads.

    A call sets aside the most that it may cost and gives back what it did not; so neither limit is passed, whatever
    the calls that are under way turn out to cost. A limit that is None is none.
    """

    def __init__(self, run: float | None = None, month: float | None = None, spent_this_month: float = 0.0) -> None:
        self._limits = {"budget.per_run": run, "budget.per_month": month}
        self._spent = {"budget.per_run": 0.0, "budget.per_month": spent_this_month}
        self._set_aside = 0.0
        self._changed = threading.Condition()

    @property
    def left(self) -> float | None:
        """What may still be spent; None where there is no limit."""
        left = [limit - self._spent[name] for name, limit in self._limits.items() if limit is not None]
        return max(0.0, min(left)) if left else None

    @property
    def has_month(self) -> bool:
        """Whether a month's spending is limited, which other processes add to."""
        return self._limits["budget.per_month"] is not None

    @contextmanager
    def spending(self, at_most: float) -> Iterator[Callable[[float | None], None]]:
        """Set aside what a call may cost; what is yielded takes what it did cost. Raises BudgetReached.

        Waits where only what other calls have set aside stands in the way.
        """
        with self._changed:
            while True:
                if name := self._reached(at_most):
                    raise BudgetReached(self._said(name, self._spent[name], at_most), "budget")
                if not self._reached(at_most + self._set_aside):
                    break
                self._changed.wait()
            self._set_aside += at_most
        try:
            yield self._pay
        finally:
            with self._changed:
                self._set_aside -= at_most
                self._changed.notify_all()

    def check_month(self, spent: float, at_most: float) -> None:
        """Raise BudgetReached if a call could exceed the month's limit, given what all processes have `spent` in it."""
        name = "budget.per_month"
        limit = self._limits[name]
        if limit is not None and spent + at_most > limit + _ROUNDING:
            raise BudgetReached(self._said(name, spent, at_most), "budget")

    def _pay(self, cost: float | None) -> None:
        with self._changed:
            for name in self._spent:
                self._spent[name] += cost or 0.0

    def _reached(self, more: float) -> str | None:
        """The limit that so much more would pass."""
        for name, limit in self._limits.items():
            if limit is not None and self._spent[name] + more > limit:
                return name
        return None

    def _said(self, name: str, spent: float, at_most: float) -> str:
        limit = self._limits[name]
        may_cost = f"{at_most:.2f}" if at_most >= 1 else f"{at_most:.4f}"
        if limit is not None and at_most > limit:
            return (
                f"{name} = {limit:g} is too small for this call: a call may cost {may_cost}. Raise the limit, or lower "
                "draft.answer_tokens or draft.context_tokens, in curator.toml. What was done is kept."
            )
        return (
            f"{name} = {limit:g} is reached: {spent:.4f} is spent, and another call, which may cost {may_cost}, could "
            "exceed it. What was done is kept; the next run goes on from there, or raise the limit in curator.toml."
        )


def budget_from_settings(settings: Settings, spent_this_month: float) -> Budget:
    """The budget that the settings allow. Raises SettingsError where it cannot be kept."""
    budget, draft = settings.budget, settings.draft
    limited = budget.per_run is not None or budget.per_month is not None
    missing = [name for name in ("price_in", "price_out") if getattr(draft, name) is None]
    if draft.check_support and draft.support_model not in (None, settings.model):
        missing += [name for name in ("support_price_in", "support_price_out") if getattr(draft, name) is None]
    if limited and missing:
        raise SettingsError(
            f"A budget can only be kept where prices are known: set draft.{', draft.'.join(missing)} in curator.toml."
        )
    return Budget(budget.per_run, budget.per_month, spent_this_month)
