"""Whether Prefect plans and starts what is scheduled.

A server may take schedules and never plan a run, or plan runs that nobody starts, and look well all the while. Runs
that do not happen cannot tell of it, so whoever serves the schedules looks, and tells.
"""

from __future__ import annotations

import time
from collections.abc import Sequence
from datetime import UTC, datetime, timedelta

from prefect.client.orchestration import SyncPrefectClient, get_client
from prefect.client.schemas.filters import (
    FlowRunFilter,
    FlowRunFilterDeploymentId,
    FlowRunFilterState,
    FlowRunFilterStateType,
)
from prefect.client.schemas.objects import FlowRun, StateType
from prefect.client.schemas.responses import DeploymentResponse
from prefect.client.schemas.sorting import FlowRunSort
from prefect.exceptions import ObjectNotFound
from prefect.logging import get_logger

from curator.notify import Message
from curator.workspace import Workspace
from flows.notify import tell

FIRST = 120.0  # seconds that a server gets to plan the first runs; Prefect's own rhythm is a minute
EVERY = 600.0  # seconds
OVERDUE = timedelta(hours=1)
REMIND = 86_400.0  # seconds after which what lasts is told anew

_HELP = "`curator doctor` says whether what is installed works together; then start `curator up` anew."
_UNDER_WAY = (StateType.RUNNING, StateType.PENDING, StateType.CANCELLING)


def look(names: Sequence[str]) -> tuple[dict[str, datetime], list[str]]:
    """When each of these deployments runs next, as far as a schedule of it is active; and what is wrong, in words.

    Raises whatever Prefect's client does where the server cannot be asked.
    """
    planned: dict[str, datetime] = {}
    wrong: list[str] = []
    with get_client(sync_client=True) as client:
        deployments = {name: _deployment(client, name) for name in names}
        is_busy = bool(_runs(client, [one for one in deployments.values() if one], _UNDER_WAY))
        for name, deployment in deployments.items():
            if deployment is None:
                wrong.append(f"{name}: the Prefect server does not know it")
                continue
            if deployment.paused or not any(one.active for one in deployment.schedules):
                continue
            times = [one.expected_start_time for one in _runs(client, [deployment], (StateType.SCHEDULED,))]
            due = min((one for one in times if one), default=None)
            if due is None:
                wrong.append(f"{name}: the Prefect server plans no run of it")
            elif datetime.now(UTC) - due > OVERDUE and not is_busy:
                wrong.append(f"{name}: the run of {due:%Y-%m-%d %H:%M} UTC was not started")
            else:
                planned[name] = due
    return planned, wrong


def _deployment(client: SyncPrefectClient, name: str) -> DeploymentResponse | None:
    try:
        return client.read_deployment_by_name(name)
    except ObjectNotFound:
        return None


def _runs(
    client: SyncPrefectClient, deployments: Sequence[DeploymentResponse], states: Sequence[StateType]
) -> list[FlowRun]:
    return client.read_flow_runs(
        flow_run_filter=FlowRunFilter(
            deployment_id=FlowRunFilterDeploymentId(any_=[one.id for one in deployments]),
            state=FlowRunFilterState(type=FlowRunFilterStateType(any_=list(states))),
        ),
        sort=FlowRunSort.EXPECTED_START_TIME_ASC,
        limit=1,
    )


class Watch:
    """Looks after deployments, for as long as the process lives that serves them."""

    def __init__(self, place: Workspace, names: Sequence[str]) -> None:
        self._place = place
        self._names = names
        self._log = get_logger("curator.schedules")
        self._before: list[str] = []  # what was wrong at the last look
        self._told: float | None = None  # when it was told that something is wrong; None while all is well

    def run(self) -> None:
        """For ever. What is wrong is told by the log and a message: at the start, and later once two looks see it."""
        wrong = self.begin()
        if wrong:
            self._tell(wrong)
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
            self._tell(again)
        elif not wrong and self._told is not None:
            self._told = None
            self._log.warning("Scheduled runs are planned again.")
        self._before = wrong

    def _looked(self) -> tuple[dict[str, datetime], list[str]]:
        try:
            return look(self._names)
        except Exception as error:  # of Prefect's client and what it is made of, there is no end
            self._log.debug("The Prefect server could not be asked.", exc_info=error)
            return {}, ["the Prefect server cannot be asked"]

    def _tell(self, wrong: Sequence[str]) -> None:
        self._told = time.monotonic()
        self._log.error("Scheduled runs do not happen. %s. %s", "; ".join(wrong), _HELP)
        tell(self._place, Message("Curator: scheduled runs do not happen", (*wrong, _HELP), trouble=True))
