"""Enforce the budgets of a run and of a month before each call, rather than after it."""

from __future__ import annotations

import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager

from curator.errors import BudgetReached, SettingsError
from curator.settings import Settings

_ROUNDING = 1e-9  # the warehouse adds the same costs in another order


class Budget:
    """The budget of one run, in the currency of the settings' prices. Safe to share between threads.

    Each call reserves the most that it may cost and later releases the rest. So neither limit is exceeded, even
    if all calls under way cost as much as they can.

    Args:
        run: The limit of the run; None for no limit.
        month: The limit of the calendar month, in UTC; None for no limit.
        spent_this_month: The money already spent this month.
    """

    def __init__(self, run: float | None = None, month: float | None = None, spent_this_month: float = 0.0) -> None:
        self._limits = {"budget.per_run": run, "budget.per_month": month}
        self._spent = {"budget.per_run": 0.0, "budget.per_month": spent_this_month}
        self._set_aside = 0.0
        self._changed = threading.Condition()

    @property
    def left(self) -> float | None:
        """The money that may still be spent; None if there is no limit."""
        left = [limit - self._spent[name] for name, limit in self._limits.items() if limit is not None]
        return max(0.0, min(left)) if left else None

    @property
    def has_month_limit(self) -> bool:
        """True if the month has a limit, toward which other processes spend as well."""
        return self._limits["budget.per_month"] is not None

    @contextmanager
    def reserve(self, at_most: float) -> Iterator[Callable[[float | None], None]]:
        """Reserve the most that a call may cost; yield the function that charges its actual cost.

        Wait if the budget suffices only once other calls release their reserves.

        Raises:
            BudgetReached: The call could exceed a limit.
        """
        with self._changed:
            while True:
                if name := self._exceeded_by(at_most):
                    raise BudgetReached(self._message(name, self._spent[name], at_most), "budget")
                if not self._exceeded_by(at_most + self._set_aside):
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
        """Raise BudgetReached if a call could exceed the month's limit.

        Args:
            spent: The money that all processes have spent this month.
            at_most: The most that the call may cost.
        """
        name = "budget.per_month"
        limit = self._limits[name]
        if limit is not None and spent + at_most > limit + _ROUNDING:
            raise BudgetReached(self._message(name, spent, at_most), "budget")

    def _pay(self, cost: float | None) -> None:
        with self._changed:
            for name in self._spent:
                self._spent[name] += cost or 0.0

    def _exceeded_by(self, more: float) -> str | None:
        """Return the name of a limit that spending `more` would exceed."""
        for name, limit in self._limits.items():
            if limit is not None and self._spent[name] + more > limit:
                return name
        return None

    def _message(self, name: str, spent: float, at_most: float) -> str:
        limit = self._limits[name]
        may_cost = f"{at_most:.2f}" if at_most >= 1 else f"{at_most:.4f}"
        if limit is not None and at_most > limit:
            return (
                f"{name} = {limit:g} is too small: this call alone may cost {may_cost}. In curator.toml, raise the "
                "limit or lower draft.answer_tokens or draft.context_tokens. All work done so far is kept."
            )
        return (
            f"{name} = {limit:g} is reached: {spent:.4f} is spent, and the next call, which may cost {may_cost}, could "
            "exceed it. All work done so far is kept and the next run continues it; or raise the limit in curator.toml."
        )


def budget_from_settings(settings: Settings, spent_this_month: float) -> Budget:
    """Return the budget that the settings allow.

    Args:
        settings: The limits and prices.
        spent_this_month: The money already spent this month.

    Raises:
        SettingsError: There is a limit, and a price that it needs is missing.
    """
    budget, draft = settings.budget, settings.draft
    limited = budget.per_run is not None or budget.per_month is not None
    missing = [name for name in ("price_in", "price_out") if getattr(draft, name) is None]
    if draft.check_support and draft.support_model not in (None, settings.model):
        missing += [name for name in ("support_price_in", "support_price_out") if getattr(draft, name) is None]
    if limited and missing:
        raise SettingsError(
            f"A budget needs prices: set draft.{', draft.'.join(missing)} in curator.toml, or remove the budget."
        )
    return Budget(budget.per_run, budget.per_month, spent_this_month)
