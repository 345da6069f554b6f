"""`python -m flows.serve`: keeps the schedules. Each run has its own process, one at a time.

Needs a Prefect server: `prefect server start`, and PREFECT_API_URL=http://127.0.0.1:4200/api for this process.
Times are the time zone's of `[schedule]` in curator.toml: arXiv announces at 20:00 US Eastern, Sunday to Thursday.
"""

from __future__ import annotations

import threading
from typing import Any

from prefect import Flow, serve
from prefect.client.schemas.schedules import CronSchedule
from prefect.deployments.runner import RunnerDeployment
from prefect.schedules import Cron

from curator.workspace import Workspace, find_workspace
from flows.backup import backup
from flows.collect import collect
from flows.ingest import ingest
from flows.publish import publish
from flows.watch import watch
from flows.watchdog import Watchdog


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


def main() -> None:
    """Serve the schedules until stopped, and say what they are."""
    workspace = find_workspace()
    served = deployments(workspace)
    for deployment in served:
        crons = [one.schedule for one in deployment.schedules or []]
        when = ", ".join(f"{one.cron} ({one.timezone})" for one in crons if isinstance(one, CronSchedule))
        print(f"{deployment.flow_name}/{deployment.name}: {when or 'when triggered'}", flush=True)
    watchdog = Watchdog(workspace, [f"{one.flow_name}/{one.name}" for one in served])
    threading.Thread(target=watchdog.run, daemon=True).start()
    serve(*served, limit=1, pause_on_shutdown=False)


if __name__ == "__main__":
    main()
