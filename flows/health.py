"""Whether Prefect plans, starts and ends what is scheduled.

A server may take schedules and never plan a run, or plan runs that nobody starts, and look well all the while; a run
may be killed, or find no settings that say whom to tell. Such runs cannot tell of it, so whoever serves the schedules
looks, and tells.
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
from flows.notify import tell

FIRST = 120.0  # seconds that a server gets to plan the first runs; Prefect's own rhythm is a minute
EVERY = 600.0  # seconds
OVERDUE = timedelta(hours=1)
REMIND = 86_400.0  # seconds after which what lasts is told anew

_HELP = "`curator doctor` says whether settings and what is installed are as they should be."
_UNDER_WAY = (StateType.RUNNING, StateType.PENDING, StateType.CANCELLING)


def look(names: Sequence[str]) -> tuple[dict[str, datetime], list[str]]:
    """When each of these deployments runs next, as far as a schedule of it is active; and what is wrong, in words.

    Raises whatever Prefect's client does where the server cannot be asked; so does `crashed`.
    """
    planned: dict[str, datetime] = {}
    wrong: list[str] = []
    with get_client(sync_client=True) as client:
        deployments = {name: deployment_named(client, name) for name in names}
        is_busy = any(_runs(client, one, _UNDER_WAY) for one in deployments.values() if one)
        for name, deployment in deployments.items():
            if deployment is None:
                wrong.append(f"{name}: the Prefect server does not know it")
                continue
            if deployment.paused or not any(one.active for one in deployment.schedules):
                continue
            first = next(iter(_runs(client, deployment, (StateType.SCHEDULED,))), None)
            if first is None or first.expected_start_time is None:
                wrong.append(f"{name}: the Prefect server plans no run of it")
            elif datetime.now(UTC) - first.expected_start_time > OVERDUE and not is_busy:
                wrong.append(f"{name}: the run of {_moment(first)} was not started")
            else:
                planned[name] = first.expected_start_time
    return planned, wrong


def crashed(names: Sequence[str], since: datetime) -> list[str]:
    """The runs of these deployments that have ended since a moment and could not say how, in words."""
    with get_client(sync_client=True) as client:
        deployments = {name: one for name in names if (one := deployment_named(client, name))}
        return [
            f"{name}: the run of {_moment(run)} crashed: {run.state.message if run.state else ''}"
            for name, deployment in deployments.items()
            for run in _runs(client, deployment, (StateType.CRASHED,), ended_after=since, limit=20)
        ]


def deployment_named(client: SyncPrefectClient, name: str) -> DeploymentResponse | None:
    """What the Prefect server has under this name."""
    try:
        return client.read_deployment_by_name(name)
    except ObjectNotFound:
        return None


def _runs(
    client: SyncPrefectClient,
    deployment: DeploymentResponse,
    states: Sequence[StateType],
    *,
    ended_after: datetime | None = None,
    limit: int = 1,
) -> list[FlowRun]:
    """The first runs of a deployment, by when they are due, that are in one of these states."""
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
    """Looks after deployments, for as long as the process lives that serves them."""

    def __init__(self, place: Workspace, names: Sequence[str]) -> None:
        self._place = place  # with the settings of the start, which say whom to tell
        self._names = names
        self._log = get_logger("curator.schedules")
        self._before: list[str] = []  # what was wrong at the last look
        self._told: float | None = None  # when it was told that something is wrong; None while all is well
        self._looked_at = datetime.now(UTC)

    def run(self) -> None:
        """For ever. What is wrong is told by the log and a message: at the start, and later once two looks see it."""
        wrong = self.begin()
        if wrong:
            self._tell_wrong(wrong)
        while True:
            time.sleep(EVERY)
            self.once()

    def begin(self, patience: float = FIRST) -> list[str]:
        """Wait until runs are planned, and say when they are; what is wrong where that takes too long."""
        give_up = time.monotonic() + patience
        while True:
            planned, wrong = self._looked()
            if not wrong:
                when = ", ".join(f"{name.partition('/')[0]} {due:%Y-%m-%d %H:%M} UTC" for name, due in planned.items())
                print(f"Planned: {when or 'nothing; no schedule is active'}", flush=True)
                return []
            if time.monotonic() > give_up:
                return wrong
            time.sleep(2)

    def once(self) -> None:
        """Look. Right after a machine has slept runs are late, and the next look finds them started."""
        _, wrong = self._looked()
        again = [one for one in wrong if one in self._before]
        if again and (self._told is None or time.monotonic() - self._told > REMIND):
            self._tell_wrong(again)
        elif not wrong and self._told is not None:
            self._told = None
            self._log.warning("Scheduled runs are planned again.")
        self._before = wrong
        self._tell_crashed()

    def _looked(self) -> tuple[dict[str, datetime], list[str]]:
        try:
            planned, wrong = look(self._names)
        except Exception as error:  # of Prefect's client and what it is made of, there is no end
            self._log.debug("The Prefect server could not be asked.", exc_info=error)
            return {}, ["the Prefect server cannot be asked"]
        try:
            _ = Workspace(self._place.root).settings
        except SettingsError as error:
            wrong.append(str(error))
        return planned, wrong

    def _tell_crashed(self) -> None:
        since, now = self._looked_at, datetime.now(UTC)
        try:
            lines = crashed(self._names, since)
        except Exception as error:  # as above; the next look asks from the same moment on
            self._log.debug("The Prefect server could not be asked.", exc_info=error)
            return
        self._looked_at = now
        if lines:
            self._tell("a scheduled run crashed", lines)

    def _tell_wrong(self, wrong: Sequence[str]) -> None:
        self._told = time.monotonic()
        self._tell("scheduled runs do not happen", wrong)

    def _tell(self, what: str, lines: Sequence[str]) -> None:
        self._log.error("%s. %s. %s", what.capitalize(), "; ".join(lines), _HELP)
        try:
            tell(self._place, Notification(f"Curator: {what}", (*lines, _HELP), trouble=True))
        except Exception as error:  # whatever a service does, looking goes on
            self._log.error("The message could not be sent: %s", type(error).__name__)
