"""`python -m flows.serve`: keeps the schedules. Each run has its own process, one at a time.

Needs a Prefect server and its password: `curator up --exports` prints what this process and the server have to know.
Times are the time zone's of `[schedule]` in curator.toml: arXiv announces at 20:00 US Eastern, Sunday to Thursday.
"""

from __future__ import annotations

import os
import sys
import threading
from collections.abc import Sequence
from datetime import UTC, datetime, timedelta
from typing import Any

import httpx
from prefect import Flow, serve
from prefect.client.orchestration import get_client
from prefect.client.schemas.schedules import CronSchedule
from prefect.deployments.runner import RunnerDeployment
from prefect.schedules import Cron

from curator.errors import CuratorError, SupervisionError
from curator.ops.environment import run_variables
from curator.private_files import private_umask
from curator.workspace import Workspace, find_workspace
from flows.backup import backup
from flows.collect import collect
from flows.health import Watchdog, deployment_named
from flows.ingest import ingest
from flows.publish import publish
from flows.watch import watch

RECENT = timedelta(minutes=3)  # whoever serves a deployment asks for its runs every 10 seconds


def deployments(workspace: Workspace) -> list[RunnerDeployment]:
    """`ingest`, `collect`, `watch`, `backup`, `publish`, each `/scheduled`; without a cron line, only when triggered.

    A list that is published on schedule is written; else `publish` only says what would change.
    """
    schedule = workspace.settings.schedule
    where = {"workspace": str(workspace.root)}

    def deployed(flow: Flow[Any, Any], cron: str | None, **parameters: object) -> RunnerDeployment:
        schedules = [Cron(cron, timezone=schedule.timezone)] if cron else []
        deployment = flow.to_deployment("scheduled", parameters=where | parameters, schedules=schedules)
        assert isinstance(deployment, RunnerDeployment)  # a coroutine only inside a running event loop
        return deployment

    return [
        deployed(ingest, schedule.ingest, batch=workspace.settings.draft.batch),
        deployed(collect, schedule.collect if workspace.settings.draft.batch else None),
        deployed(watch, schedule.watch),
        deployed(backup, schedule.backup),
        deployed(publish, schedule.publish or schedule.check, check=schedule.publish is None),
    ]


def refuse_beside_another_list(workspace: Workspace, names: Sequence[str]) -> None:
    """Raises SupervisionError where another list's schedules are served from this Prefect server under these names.

    The later would take the runs of the earlier, which would never be asked for again. Raises it too where no server
    answers, or where the server refuses the password.
    """
    try:
        with get_client(sync_client=True) as client:
            known = [one for name in names if (one := deployment_named(client, name))]
    except httpx.TransportError as error:
        raise SupervisionError(
            f"No Prefect server answers at PREFECT_API_URL ({error}). `prefect server start` starts one."
        ) from error
    except httpx.HTTPStatusError as error:
        if error.response.status_code not in (401, 403):
            raise
        raise SupervisionError(
            f"The Prefect server at PREFECT_API_URL refuses this process (HTTP {error.response.status_code}). "
            'If it is this list\'s own, run `eval "$(curator up --exports)"` in this terminal; if it is a server of '
            "yours, set PREFECT_API_AUTH_STRING or PREFECT_API_KEY."
        ) from error
    for one in known:
        other = one.parameters.get("workspace", str(workspace.root))
        served = one.last_polled and datetime.now(UTC) - one.last_polled < RECENT
        if served and other != str(workspace.root):
            raise SupervisionError(
                f"This Prefect server has the schedules of the list at {other}, and they are served now. Give each "
                "list a server of its own: without PREFECT_API_URL, `curator up` starts one. Or stop the other, "
                f"and try again after {RECENT.seconds // 60} minutes."
            )


def main() -> None:
    """Serve the schedules until stopped, and say what they are. Raises SupervisionError."""
    _keep_named_variables()
    workspace = find_workspace()
    served = deployments(workspace)
    names = [f"{one.flow_name}/{one.name}" for one in served]
    refuse_beside_another_list(workspace, names)
    for name, deployment in zip(names, served, strict=True):
        crons = [one.schedule for one in deployment.schedules or []]
        when = ", ".join(f"{one.cron} ({one.timezone})" for one in crons if isinstance(one, CronSchedule))
        print(f"{name}: {when or 'when triggered'}", flush=True)
    watchdog = Watchdog(workspace, names)
    threading.Thread(target=watchdog.run, daemon=True).start()
    serve(*served, limit=1, pause_on_shutdown=False)


def _keep_named_variables() -> None:
    """Remove from this process what its runs, which inherit it, do not need."""
    kept = run_variables(os.environ)
    for name in set(os.environ) - set(kept):
        del os.environ[name]


if __name__ == "__main__":
    try:
        with private_umask():
            main()
    except CuratorError as error:
        sys.exit(str(error))
