"""Checks that Prefect plans, starts and ends the scheduled runs.

A server may accept schedules without ever planning a run, or plan runs that no process starts, and still look healthy.
A run may be killed, or may find its settings invalid and so have no address for a message. Such runs cannot report
their failure, so the process that serves the schedules checks for them.
"""

from __future__ import annotations

import time
from collections.abc import Sequence
from datetime import UTC, datetime, timedelta

from prefect.client.orchestration import SyncPrefectClient, get_client
from prefect.client.schemas.filters import (
    FlowRunFilter,
    FlowRunFilterDeploymentId,
    FlowRunFilterEndTime,
    FlowRunFilterState,
    FlowRunFilterStateType,
)
from prefect.client.schemas.objects import FlowRun, StateType
from prefect.client.schemas.responses import DeploymentResponse
from prefect.client.schemas.sorting import FlowRunSort
from prefect.exceptions import ObjectNotFound
from prefect.logging import get_logger

from curator.errors import SettingsError
from curator.notifications import Notification
from curator.workspace import Workspace
from flows.notify import notify

MAX_PLANNING_SECONDS = 120.0
"""Seconds that a server may take to plan the first runs. Prefect plans runs once a minute."""
CHECK_SECONDS = 600.0
"""Seconds between two checks."""
MAX_DELAY = timedelta(hours=1)
"""Time after which a planned run that has not started is reported."""
REMINDER_SECONDS = 86_400.0
"""Seconds after which a lasting problem is reported again."""

_ADVICE = "`curator doctor` checks the settings and the installed packages."
_ACTIVE_STATES = (StateType.RUNNING, StateType.PENDING, StateType.CANCELLING)


def check_plans(names: Sequence[str]) -> tuple[dict[str, datetime], list[str]]:
    """Look up the next run of each deployment.

    Args:
        names: The names of the deployments.

    Returns:
        The time of the next run of each deployment with an active schedule, and a sentence for each problem.

    Raises:
        Exception: The Prefect server cannot be reached, or Prefect's client fails.
    """
    planned: dict[str, datetime] = {}
    problems: list[str] = []
    with get_client(sync_client=True) as client:
        deployments = {name: find_deployment(client, name) for name in names}
        is_busy = any(_load_runs(client, known, _ACTIVE_STATES) for known in deployments.values() if known)
        for name, deployment in deployments.items():
            if deployment is None:
                problems.append(f"{name}: the Prefect server does not know it")
                continue
            if deployment.paused or not any(schedule.active for schedule in deployment.schedules):
                continue
            first = next(iter(_load_runs(client, deployment, (StateType.SCHEDULED,))), None)
            if first is None or first.expected_start_time is None:
                problems.append(f"{name}: the Prefect server has not planned a run of it")
            elif datetime.now(UTC) - first.expected_start_time > MAX_DELAY and not is_busy:
                problems.append(f"{name}: the run of {_moment(first)} was not started")
            else:
                planned[name] = first.expected_start_time
    return planned, problems


def find_crashed_runs(names: Sequence[str], since: datetime) -> list[str]:
    """Describe the runs that have crashed since a time, and so could not send a message, in one sentence each.

    Args:
        names: The names of the deployments.
        since: The time, with its zone.

    Raises:
        Exception: The Prefect server cannot be reached, or Prefect's client fails.
    """
    with get_client(sync_client=True) as client:
        deployments = {name: known for name in names if (known := find_deployment(client, name))}
        return [
            f"{name}: the run of {_moment(run)} crashed: {run.state.message if run.state else ''}"
            for name, deployment in deployments.items()
            for run in _load_runs(client, deployment, (StateType.CRASHED,), ended_after=since, limit=20)
        ]


def find_deployment(client: SyncPrefectClient, name: str) -> DeploymentResponse | None:
    """Return the deployment with this name; None if the Prefect server does not know it."""
    try:
        return client.read_deployment_by_name(name)
    except ObjectNotFound:
        return None


def _load_runs(
    client: SyncPrefectClient,
    deployment: DeploymentResponse,
    states: Sequence[StateType],
    *,
    ended_after: datetime | None = None,
    limit: int = 1,
) -> list[FlowRun]:
    """Load the runs of a deployment that are in one of these states, the earliest due first."""
    return client.read_flow_runs(
        flow_run_filter=FlowRunFilter(
            deployment_id=FlowRunFilterDeploymentId(any_=[deployment.id]),
            state=FlowRunFilterState(type=FlowRunFilterStateType(any_=list(states))),
            end_time=FlowRunFilterEndTime.model_validate({"after_": ended_after}) if ended_after else None,
        ),
        sort=FlowRunSort.EXPECTED_START_TIME_ASC,
        limit=limit,
    )


def _moment(run: FlowRun) -> str:
    return f"{run.expected_start_time:%Y-%m-%d %H:%M} UTC"


class Watchdog:
    """Checks deployments regularly while the process that serves them is alive.

    A problem is reported in the log and in a message: at the start at once, later if two checks in a row find it.
    """

    def __init__(self, workspace: Workspace, names: Sequence[str]) -> None:
        self._workspace = workspace  # keeps the settings of the start, should they become invalid
        self._names = names
        self._log = get_logger("curator.schedules")
        self._last_problems: list[str] = []
        self._reported: float | None = None  # the time of the last report; None while there is no problem
        self._crashes_since = datetime.now(UTC)

    def run(self) -> None:
        """Check for ever."""
        problems = self.wait_for_plans()
        if problems:
            self._report_problems(problems)
        while True:
            time.sleep(CHECK_SECONDS)
            self.check()

    def wait_for_plans(self, seconds: float = MAX_PLANNING_SECONDS) -> list[str]:
        """Wait until every scheduled run is planned, and print the plan; return the problems if it takes too long."""
        deadline = time.monotonic() + seconds
        while True:
            planned, problems = self._check_all()
            if not problems:
                when = ", ".join(f"{name.partition('/')[0]} {due:%Y-%m-%d %H:%M} UTC" for name, due in planned.items())
                print(f"Planned: {when or 'nothing; no schedule is active'}", flush=True)
                return []
            if time.monotonic() > deadline:
                return problems
            time.sleep(2)

    def check(self) -> None:
        """Check once. Right after a machine has slept, runs are late; the next check finds them started."""
        _, problems = self._check_all()
        lasting = [problem for problem in problems if problem in self._last_problems]
        if lasting and (self._reported is None or time.monotonic() - self._reported > REMINDER_SECONDS):
            self._report_problems(lasting)
        elif not problems and self._reported is not None:
            self._reported = None
            self._log.warning("Scheduled runs are planned again.")
        self._last_problems = problems
        self._report_crashed_runs()

    def _check_all(self) -> tuple[dict[str, datetime], list[str]]:
        try:
            planned, problems = check_plans(self._names)
        except Exception as error:  # Prefect's client and its libraries raise errors of many classes
            self._log.debug("The Prefect server cannot be reached.", exc_info=error)
            return {}, ["the Prefect server cannot be reached"]
        try:
            _ = Workspace(self._workspace.root).settings
        except SettingsError as error:
            problems.append(str(error))
        return planned, problems

    def _report_crashed_runs(self) -> None:
        now = datetime.now(UTC)
        try:
            lines = find_crashed_runs(self._names, self._crashes_since)
        except Exception as error:  # as above; the next check starts from the same time
            self._log.debug("The Prefect server cannot be reached.", exc_info=error)
            return
        self._crashes_since = now
        if lines:
            self._report("a scheduled run crashed", lines)

    def _report_problems(self, problems: Sequence[str]) -> None:
        self._reported = time.monotonic()
        self._report("scheduled runs do not start", problems)

    def _report(self, title: str, lines: Sequence[str]) -> None:
        self._log.error("%s. %s. %s", title.capitalize(), "; ".join(lines), _ADVICE)
        try:
            notify(self._workspace, Notification(f"Curator: {title}", (*lines, _ADVICE), trouble=True))
        except Exception as error:  # of any message service; the checks continue
            self._log.error("The message could not be sent: %s", type(error).__name__)
