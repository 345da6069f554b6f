"""Neither limit of a budget is ever passed, whatever calls that are under way turn out to cost."""

from __future__ import annotations

import random
import threading
import time
from concurrent.futures import ThreadPoolExecutor

import pytest

from curator.errors import BudgetReached, SettingsError
from curator.llm.budget import Budget, budget_from_settings
from curator.settings import BudgetSettings, Settings, Topic

TOPICS = (Topic(name="any", query="all:any", about="anything"),)


def spend(budget: Budget, at_most: float, cost: float) -> None:
    with budget.reserve(at_most) as pay:
        pay(cost)


@pytest.mark.parametrize(("run", "month", "before"), [(1.0, None, 0.0), (None, 1.0, 0.0), (5.0, 3.0, 2.0)])
def test_a_call_that_could_pass_a_limit_is_not_made(run: float | None, month: float | None, before: float) -> None:
    budget = Budget(run, month, before)
    spend(budget, 0.6, 0.5)
    assert budget.left == 0.5
    with pytest.raises(BudgetReached, match="is reached"):
        spend(budget, 0.6, 0.1)
    spend(budget, 0.5, 0.0)


def test_without_limits_there_is_no_end() -> None:
    budget = Budget()
    for _ in range(10):
        spend(budget, 1e9, 1e9)
    assert budget.left is None


def test_many_calls_at_once_never_pass_it_and_use_it_well() -> None:
    budget, spent, lock, dice = Budget(10.0), [0.0], threading.Lock(), random.Random(1)
    costs = [dice.uniform(0, 0.5) for _ in range(200)]

    def call(cost: float) -> bool:
        try:
            with budget.reserve(0.5) as pay:
                time.sleep(0.0005)
                with lock:
                    spent[0] += cost
                pay(cost)
            return True
        except BudgetReached:
            return False

    with ThreadPoolExecutor(16) as pool:
        made = list(pool.map(call, costs))
    assert 9.5 <= spent[0] <= 10.0
    assert not all(made)


def test_a_call_that_fails_gives_back_what_it_set_aside() -> None:
    budget = Budget(1.0)
    for _ in range(3):
        with pytest.raises(ZeroDivisionError), budget.reserve(0.9):
            raise ZeroDivisionError
    assert budget.left == 1.0


def test_a_budget_without_prices_cannot_be_kept_and_says_so() -> None:
    settings = Settings(topics=TOPICS, budget=BudgetSettings(per_run=1.0))
    with pytest.raises(SettingsError, match=r"draft\.price_in, draft\.price_out"):
        budget_from_settings(settings, 0.0)
    prices = {"price_in": 1.0, "price_out": 2.0, "support_model": "small"}
    with pytest.raises(SettingsError, match="support_price_in"):
        budget_from_settings(settings.model_copy(update={"draft": settings.draft.model_copy(update=prices)}), 0.0)
