"""`python -m flows.serve`: run the schedules. Each run has a process of its own, and runs follow one another.

This process requires a Prefect server and its password: `curator up --exports` prints the settings for both. Times are
in the time zone of `[schedule]` in curator.toml. arXiv announces papers at 20:00 US Eastern time, Sunday to Thursday.
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
from flows.health import Watchdog, find_deployment
from flows.ingest import ingest
from flows.publish import publish
from flows.watch import watch

MAX_POLL_AGE = timedelta(minutes=3)
"""Time since the last poll after which a deployment counts as unserved. A serving process polls every 10 seconds."""


def deployments(workspace: Workspace) -> list[RunnerDeployment]:
    """Return the deployments of all flows, each named `scheduled`; those without a cron line run only when triggered.

    `publish` writes the list if the settings have a schedule for it; otherwise it only reports the changes.
    """
    schedule = workspace.settings.schedule
    target = {"workspace": str(workspace.root)}

    def deploy(flow: Flow[Any, Any], cron: str | None, **parameters: object) -> RunnerDeployment:
        schedules = [Cron(cron, timezone=schedule.timezone)] if cron else []
        deployment = flow.to_deployment("scheduled", parameters=target | parameters, schedules=schedules)
        assert isinstance(deployment, RunnerDeployment)  # a coroutine only inside a running event loop
        return deployment

    return [
        deploy(ingest, schedule.ingest, batch=workspace.settings.draft.batch),
        deploy(collect, schedule.collect if workspace.settings.draft.batch else None),
        deploy(watch, schedule.watch),
        deploy(backup, schedule.backup),
        deploy(publish, schedule.publish or schedule.check, check=schedule.publish is None),
    ]


def refuse_beside_another_list(workspace: Workspace, names: Sequence[str]) -> None:
    """Raise an error if another list's schedules are served from this Prefect server under the same names.

    The process that starts later would take the runs of the earlier one, whose list would not be updated any more.

    Args:
        workspace: The workspace of the list.
        names: The names of the deployments.

    Raises:
        SupervisionError: Another list is served, no server answers, or the server refuses the password.
    """
    try:
        with get_client(sync_client=True) as client:
            known = [found for name in names if (found := find_deployment(client, name))]
    except httpx.TransportError as error:
        raise SupervisionError(
            f"No Prefect server answers at PREFECT_API_URL ({error}). `prefect server start` starts one."
        ) from error
    except httpx.HTTPStatusError as error:
        if error.response.status_code not in (401, 403):
            raise
        raise SupervisionError(
            f"The Prefect server at PREFECT_API_URL refuses this process (HTTP {error.response.status_code}). "
            'If `curator up` started the server, run `eval "$(curator up --exports)"` in this terminal. If the server '
            "is your own, set PREFECT_API_AUTH_STRING or PREFECT_API_KEY."
        ) from error
    for deployment in known:
        other = deployment.parameters.get("workspace", str(workspace.root))
        is_served = deployment.last_polled and datetime.now(UTC) - deployment.last_polled < MAX_POLL_AGE
        if is_served and other != str(workspace.root):
            raise SupervisionError(
                f"This Prefect server runs the schedules of the list at {other}. Use one server for each list: if "
                "PREFECT_API_URL is not set, `curator up` starts one. Or stop the schedules of the other list, and try "
                f"again after {MAX_POLL_AGE.seconds // 60} minutes."
            )


def main() -> None:
    """Print the schedules, and serve them until a signal arrives.

    Raises:
        SupervisionError: Another list is served, no server answers, or the server refuses the password.
    """
    _remove_other_variables()
    workspace = find_workspace()
    served = deployments(workspace)
    names = [f"{deployment.flow_name}/{deployment.name}" for deployment in served]
    refuse_beside_another_list(workspace, names)
    for name, deployment in zip(names, served, strict=True):
        schedules = [one.schedule for one in deployment.schedules or []]
        when = ", ".join(f"{cron.cron} ({cron.timezone})" for cron in schedules if isinstance(cron, CronSchedule))
        print(f"{name}: {when or 'when triggered'}", flush=True)
    watchdog = Watchdog(workspace, names)
    threading.Thread(target=watchdog.run, daemon=True).start()
    serve(*served, limit=1, pause_on_shutdown=False)


def _remove_other_variables() -> None:
    """Remove all environment variables that the runs, which inherit them, do not need."""
    kept = run_variables(os.environ)
    for name in set(os.environ) - set(kept):
        del os.environ[name]


if __name__ == "__main__":
    try:
        with private_umask():
            main()
    except CuratorError as error:
        sys.exit(str(error))
