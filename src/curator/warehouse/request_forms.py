"""The forms of request that endpoints were found to accept."""

from __future__ import annotations

import json
from collections.abc import Mapping
from datetime import timedelta
from typing import Any

from curator.warehouse.connection import Connection
from curator.warehouse.rows import add_rows, utc_now


def load_request_form(connection: Connection, endpoint: str, model: str, max_age: timedelta) -> dict[str, Any] | None:
    """Return the form that an endpoint was last found to accept for a model; None if that is too long ago.

    Args:
        connection: A connection.
        endpoint: The endpoint's address.
        model: The model's name.
        max_age: The age up to which a form counts.
    """
    row = connection.execute(
        """
        select form from record.request_forms
        where endpoint = $endpoint and model = $model and added > $since order by added desc limit 1
        """,
        {"endpoint": endpoint, "model": model, "since": utc_now() - max_age},
    ).fetchone()
    return json.loads(row[0]) if row else None


def add_request_form(connection: Connection, endpoint: str, model: str, form: Mapping[str, Any]) -> None:
    """Record the form that an endpoint accepts for a model."""
    row = {"endpoint": endpoint, "model": model, "form": json.dumps(form), "added": utc_now()}
    add_rows(connection, "request_forms", [row])
