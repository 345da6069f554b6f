"""Costs of model calls: this month's total, the usual cost of a call, and costs per frame."""

from __future__ import annotations

from dataclasses import dataclass

from curator.warehouse.batches import sum_set_aside
from curator.warehouse.connection import Connection
from curator.warehouse.rows import Table, fetch_table, utc_now


def sum_spent_this_month(connection: Connection) -> float:
    """Return the cost of model calls this month (UTC), plus the most that calls under way or in batches may cost."""
    row = connection.execute(
        "select coalesce(sum(cost), 0) from calls where added >= date_trunc('month', $now)", {"now": utc_now()}
    ).fetchone()
    assert row is not None  # an aggregate always gives a row
    return float(row[0]) + sum_set_aside(connection)


@dataclass(frozen=True)
class UsualCost:
    """The average recent cost of a call for one purpose."""

    cost: float
    known: bool  # False: an upper limit, because the endpoint reports no usage


def load_usual_costs(connection: Connection, latest: int = 200) -> dict[str, UsualCost]:
    """Return the usual cost of an answered call by purpose; purposes without a recorded cost are left out.

    Estimated costs are upper limits, far above known costs, so they count only if no recent cost of that purpose is
    known. Calls without a token count, which earlier versions recorded as free, do not count.

    Args:
        connection: A connection.
        latest: The number of calls of each purpose to average, latest first.
    """
    rows = connection.execute(
        """
        select purpose, avg(cost) filter (where not estimated), avg(cost) from (
            select purpose, cost, coalesce(estimated, false) as estimated from record.calls
            where cost is not null and outcome = 'ok' and tokens_in is not null and tokens_out is not null
            qualify row_number() over (partition by purpose order by added desc) <= $latest)
        group by purpose
        """,
        {"latest": latest},
    ).fetchall()
    return {
        purpose: UsualCost(upper_limit if known is None else known, known is not None)
        for purpose, known, upper_limit in rows
    }


def load_usual_share(connection: Connection, latest: int = 1000) -> float | None:
    """Return the share of recent abstracts that passed screening, from 0 to 1; None if none was ever screened."""
    row = connection.execute(
        "select avg(relevant::int) from (from record.screenings order by added desc limit $latest)",
        {"latest": latest},
    ).fetchone()
    return row[0] if row else None


def load_costs(connection: Connection) -> Table:
    """Return the costs by day, purpose and model."""
    return fetch_table(connection, "select * from costs order by day desc, purpose, model")


def load_cost_per_frame(connection: Connection) -> float | None:
    """Return the total cost of model calls per frame on the list; None if either number is unknown."""
    row = connection.execute(
        "select (select sum(cost) from calls) / nullif((select count(*) from frames), 0)"
    ).fetchone()
    return row[0] if row else None
