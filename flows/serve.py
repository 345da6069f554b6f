"""`python -m flows.serve`: keeps the schedules. Each run has its own process, one at a time.

Needs a Prefect server: `prefect server start`, and PREFECT_API_URL=http://127.0.0.1:4200/api for this process.
Times are the time zone's of `[schedule]` in curator.toml: arXiv announces at 20:00 US Eastern, Sunday to Thursday.
"""

from __future__ import annotations

from typing import Any

from prefect import Flow, serve
from prefect.deployments.runner import RunnerDeployment
from prefect.schedules import Cron, Schedule

from curator.workspace import find_workspace
from flows.ingest import ingest
from flows.publish import publish


def main() -> None:
    """Serve the deployments `ingest/scheduled` and `publish/scheduled` until stopped."""
    workspace = find_workspace()
    schedule = workspace.settings.schedule
    where = {"workspace": str(workspace.root)}

    def timed(cron: str | None) -> list[Schedule]:
        return [Cron(cron, timezone=schedule.timezone)] if cron else []

    def deployed(flow: Flow[Any, Any], cron: str | None) -> RunnerDeployment:
        deployment = flow.to_deployment("scheduled", parameters=where, schedules=timed(cron))
        assert isinstance(deployment, RunnerDeployment)  # a coroutine only inside a running event loop
        return deployment

    serve(deployed(ingest, schedule.ingest), deployed(publish, schedule.publish), limit=1, pause_on_shutdown=False)


if __name__ == "__main__":
    main()
