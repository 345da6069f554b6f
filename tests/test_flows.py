"""The flows on a real Prefect: one server for the session, one real run of each flow."""

from __future__ import annotations

import os
import re
import subprocess
import sys
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import TYPE_CHECKING
from uuid import UUID

import pytest

from curator.demo.samples import FIRST_DAY, load_sample_papers
from curator.demo.server import ArxivServer
from curator.errors import CuratorError, SupervisionError
from curator.ops.backup import restore
from curator.review.decisions import Reviewer
from curator.warehouse import Warehouse, candidates, statistics
from curator.workspace import Workspace
from tests.helpers.arxiv_faults import ERROR_ENTRY, FaultyArxiv, on_topic
from tests.helpers.inbox import Hook, webhook
from tests.helpers.recorder import recorder
from tests.helpers.waiting import wait_until
from tests.test_settings import INVALID, NEVER, VALID

if TYPE_CHECKING:
    from prefect.client.orchestration import SyncPrefectClient
    from prefect.client.schemas.objects import FlowRun


@pytest.fixture(scope="module")
def prefect_server() -> Iterator[None]:
    from prefect.testing.utilities import prefect_test_harness

    with prefect_test_harness(server_startup_timeout=120):
        yield


@pytest.fixture
def samples(monkeypatch: pytest.MonkeyPatch) -> Iterator[ArxivServer]:
    with ArxivServer(load_sample_papers()) as server:
        monkeypatch.setenv("CURATOR_ARXIV_URL", server.url)
        monkeypatch.setenv("CURATOR_ARXIV_INTERVAL", "0")
        yield server


def artifacts(key: str) -> list[str]:
    from prefect.client.orchestration import get_client
    from prefect.client.schemas.filters import ArtifactFilter, ArtifactFilterKey

    with get_client(sync_client=True) as client:
        found = client.read_artifacts(artifact_filter=ArtifactFilter(key=ArtifactFilterKey(any_=[key])))
    return [str(artifact.data) for artifact in found]


@pytest.mark.filterwarnings("default")  # Prefect's own
@pytest.mark.usefixtures("prefect_server", "samples")
def test_flows_fill_the_queue_look_again_say_what_would_change_and_back_up(
    workspace: Workspace, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Take more than 10 s: four flows run on a Prefect server, over all sample papers."""
    from flows.backup import backup
    from flows.ingest import ingest
    from flows.publish import publish
    from flows.watch import watch
    from prefect.runtime import flow_run

    run = ingest(workspace=str(workspace.root), since=FIRST_DAY.date())

    warehouse = Warehouse(workspace.warehouse_file)
    (row,) = warehouse.read(statistics.load_runs)
    assert row["id"] == run
    assert row["outcome"] == "done"
    assert row["candidates"] >= 5
    (said,) = artifacts("ingest")
    assert "2610\\.90016v1" in said or "2610.90016v1" in said, "the broken paper stands in the artifact"

    assert ingest(workspace=str(workspace.root)) != "", "on time"
    waiting = warehouse.read(candidates.load_candidates)
    Reviewer(warehouse, "Ada").accept(waiting[0].id)
    looked = watch(workspace=str(workspace.root))
    row, *_ = warehouse.read(statistics.load_runs)
    assert (row["id"], row["outcome"]) == (looked, "done")
    (told,) = artifacts("watch")
    assert "1 papers behind the list" in told
    assert publish(workspace=str(workspace.root)) is True
    assert not workspace.list_file.exists(), "a check writes nothing"
    assert publish(workspace=str(workspace.root), check=False) is True
    assert "F1" in workspace.list_file.read_text(encoding="utf-8")
    assert any("F1" in text for text in artifacts("publish"))

    file = backup(workspace=str(workspace.root))
    assert Path(file).parent == workspace.root / "backups"
    runs = len(warehouse.read(statistics.load_runs))
    with monkeypatch.context() as late:
        due = datetime.now(UTC) - timedelta(days=3)
        late.setattr(flow_run, "scheduled_start_time", due, raising=False)
        assert [flow(workspace=str(workspace.root)) for flow in (ingest, watch, backup)] == ["", "", ""]
    assert len(warehouse.read(statistics.load_runs)) == runs, "late, and made up"
    assert list((workspace.root / "backups").iterdir()) == [Path(file)]
    (aside,) = restore(workspace, Path(file)).aside
    assert aside.startswith("warehouse/curator.duckdb.before-"), "nothing else had changed"


@pytest.mark.filterwarnings("default")  # Prefect's own
@pytest.mark.usefixtures("prefect_server")
def test_a_schedule_follows_arxivs_announcements_in_their_time_zone(workspace: Workspace) -> None:
    from flows.serve import deployments
    from prefect.client.schemas.schedules import CronSchedule

    by_flow = {deployment.flow_name: deployment for deployment in deployments(workspace)}
    assert set(by_flow) == {"ingest", "collect", "watch", "backup", "publish"}
    (scheduled,) = by_flow["ingest"].schedules or []
    assert isinstance(scheduled.schedule, CronSchedule)
    assert scheduled.schedule.cron == "30 0 * * 1-5"
    assert scheduled.schedule.timezone == "America/New_York"
    (weekly,) = by_flow["watch"].schedules or []
    assert isinstance(weekly.schedule, CronSchedule)
    assert weekly.schedule.cron == "0 6 * * 1"
    (daily,) = by_flow["publish"].schedules or []
    assert isinstance(daily.schedule, CronSchedule)
    assert daily.schedule.cron == "0 7 * * *"
    assert by_flow["publish"].parameters["check"] is True, "nobody asked for the list to be written by itself"
    assert by_flow["ingest"].parameters == {"workspace": str(workspace.root), "batch": False}
    assert not by_flow["collect"].schedules, "nothing is drafted in batches"


@pytest.mark.filterwarnings("default")  # Prefect's own
@pytest.mark.usefixtures("prefect_server")
def test_where_drafting_is_left_to_batches_their_answers_are_looked_for_every_hour(
    workspace: Workspace, monkeypatch: pytest.MonkeyPatch
) -> None:
    from flows.serve import deployments
    from prefect.client.schemas.schedules import CronSchedule

    monkeypatch.setenv("CURATOR_DRAFT_BATCH", "true")
    by_flow = {deployment.flow_name: deployment for deployment in deployments(workspace)}
    assert by_flow["ingest"].parameters["batch"] is True
    (hourly,) = by_flow["collect"].schedules or []
    assert isinstance(hourly.schedule, CronSchedule)
    assert hourly.schedule.cron == "15 * * * *"


def test_flow_files_load_as_scripts_outside_of_the_checkout(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    from prefect.flows import load_flow_from_entrypoint

    monkeypatch.chdir(tmp_path)
    folder = Path(__file__).parents[1] / "flows"
    for name in ("ingest", "collect", "watch", "backup", "publish"):
        assert load_flow_from_entrypoint(f"{folder / name}.py:{name}", use_placeholder_flow=False).name == name


@pytest.mark.filterwarnings("default")  # Prefect's own
@pytest.mark.usefixtures("prefect_server")
def test_a_run_is_told_by_webhook_and_by_a_block_of_prefect(
    list_: Workspace, arxiv: FaultyArxiv, monkeypatch: pytest.MonkeyPatch
) -> None:
    from flows.ingest import ingest
    from flows.publish import publish
    from prefect.blocks.notifications import CustomWebhookNotificationBlock

    with webhook() as hook, webhook() as by_block:
        said = {"subject": "{{subject}}", "body": "{{body}}"}
        block = CustomWebhookNotificationBlock(
            name="mine",
            url=f"http://127.0.0.1:{by_block.port}/",
            method="POST",
            json_data=said,
            headers=None,
            cookies=None,
        )
        block.save("mine")
        monkeypatch.setenv("CURATOR_NOTIFY_TO", f"json://127.0.0.1:{hook.port}/")
        monkeypatch.setenv("CURATOR_NOTIFY_BLOCK", "custom-webhook/mine")
        ingest(workspace=str(list_.root))
        assert hook.came[0]["title"] == by_block.came[0]["subject"] == "Curator: 3 new candidates"

        ingest(workspace=str(list_.root))
        assert len(hook.came) == 1, "nothing new, nothing told"

        arxiv.faults = [on_topic("", ERROR_ENTRY)]
        with pytest.raises(CuratorError):
            ingest(workspace=str(list_.root))
        assert hook.came[1]["title"] == "Curator: 0 new candidates, failed"
        assert "grokking: failed" in hook.came[1]["message"]
        list_.list_file.mkdir()
        with pytest.raises(CuratorError):
            publish(workspace=str(list_.root), check=False)
        assert hook.came[2]["title"] == "Curator: publish failed"
        list_.list_file.rmdir()

        (list_.root / "prompts" / "draft.md").write_text("nothing", encoding="utf-8")
        with pytest.raises(CuratorError):
            ingest(workspace=str(list_.root))
        assert hook.came[3]["title"] == "Curator: ingest failed"
    monkeypatch.setenv("CURATOR_NOTIFY_TO", "json://127.0.0.1:9/")
    with pytest.raises(CuratorError, match=r"draft\.md"):
        ingest(workspace=str(list_.root))


@dataclass(frozen=True)
class Deployed:
    """The scheduled ingest on a server that plans nothing by itself, as one that does not get on with its packages."""

    id: UUID
    client: SyncPrefectClient
    hook: Hook

    def plan(self, when: datetime) -> FlowRun:
        from prefect.states import Scheduled

        return self.client.create_flow_run_from_deployment(self.id, state=Scheduled(scheduled_time=when))


NAMES = ["ingest/scheduled"]


@pytest.fixture
def deployed(workspace: Workspace, prefect_server: None, monkeypatch: pytest.MonkeyPatch) -> Iterator[Deployed]:
    from flows.serve import deployments
    from prefect.client.orchestration import get_client

    with get_client(sync_client=True) as client, webhook() as hook:
        monkeypatch.setenv("CURATOR_NOTIFY_TO", f"json://127.0.0.1:{hook.port}/")
        (ingest,) = [one for one in deployments(workspace) if one.flow_name == "ingest"]
        id = ingest.apply()
        assert isinstance(id, UUID)  # a coroutine only inside a running event loop
        yield Deployed(id, client, hook)
        client.delete_deployment(id)


@pytest.mark.filterwarnings("default")  # Prefect's own
def test_scheduled_runs_that_do_not_happen_are_told_once_a_day(
    workspace: Workspace, deployed: Deployed, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    from flows.health import Watchdog, check_plans

    assert check_plans(["collect/scheduled"]) == ({}, ["collect/scheduled: the Prefect server does not know it"])
    unplanned = "ingest/scheduled: the Prefect server has not planned a run of it"
    watchdog = Watchdog(workspace, NAMES)
    assert watchdog.wait_for_plans(seconds=0) == [unplanned]
    watchdog.check()
    assert not deployed.hook.came, "a machine that slept gets until the next look"
    watchdog.check()
    watchdog.check()
    (told,) = deployed.hook.came
    assert told["title"] == "Curator: scheduled runs do not start"
    assert unplanned in told["message"]
    assert "curator doctor" in told["message"]
    with monkeypatch.context() as next_day:
        next_day.setattr("flows.health.REMINDER_SECONDS", 0.0)
        watchdog.check()
    assert len(deployed.hook.came) == 2, "it lasts"

    soon = datetime.now(UTC).replace(microsecond=0) + timedelta(hours=3)
    deployed.plan(soon)
    assert watchdog.wait_for_plans() == []
    assert f"Planned: ingest {soon:%Y-%m-%d %H:%M} UTC" in capsys.readouterr().out
    deployed.client.pause_deployment(deployed.id)
    assert check_plans(NAMES) == ({}, []), "somebody wants it so"


@pytest.mark.filterwarnings("default")  # Prefect's own
def test_a_run_that_is_not_started_is_told_unless_it_waits_for_another(
    workspace: Workspace, deployed: Deployed
) -> None:
    from flows.health import Watchdog, check_plans
    from prefect.states import Running

    watchdog = Watchdog(workspace, NAMES)
    due = datetime.now(UTC).replace(microsecond=0) - timedelta(hours=2)
    deployed.plan(due)
    overdue = f"ingest/scheduled: the run of {due:%Y-%m-%d %H:%M} UTC was not started"
    watchdog.check()
    watchdog.check()
    assert [overdue in one["message"] for one in deployed.hook.came] == [True]

    other = deployed.plan(due - timedelta(hours=1))
    deployed.client.set_flow_run_state(other.id, Running(), force=True)
    assert check_plans(NAMES)[1] == []
    watchdog.check()
    deployed.client.delete_flow_run(other.id)
    watchdog.check()
    watchdog.check()
    assert [overdue in one["message"] for one in deployed.hook.came] == [True, True], "well in between, so told anew"


@pytest.mark.filterwarnings("default")  # Prefect's own
def test_schedules_are_not_taken_from_another_list_that_is_served_from_the_same_server(
    workspace: Workspace, deployed: Deployed, tmp_path: Path
) -> None:
    from flows.serve import refuse_beside_another_list

    other = Workspace(tmp_path / "other")
    refuse_beside_another_list(other, NAMES)  # nobody serves them
    deployed.client.get_scheduled_flow_runs_for_deployments([deployed.id])  # as whoever serves them does
    wait_until(lambda: bool(deployed.client.read_deployment(deployed.id).last_polled))
    with pytest.raises(SupervisionError, match=re.escape(str(workspace.root))):
        refuse_beside_another_list(other, NAMES)
    refuse_beside_another_list(workspace, NAMES)  # it comes back after a fall


@pytest.mark.filterwarnings("default")  # Prefect's own
def test_runs_that_cannot_tell_of_their_failure_are_told(workspace: Workspace, deployed: Deployed) -> None:
    from flows.health import Watchdog
    from prefect.states import Crashed

    _ = workspace.settings  # as of the start
    deployed.plan(datetime.now(UTC) + timedelta(hours=3))
    killed = deployed.plan(datetime.now(UTC))
    watchdog = Watchdog(workspace, NAMES)
    watchdog.check()
    assert not deployed.hook.came
    deployed.client.set_flow_run_state(killed.id, Crashed(message="Process exited with status code: -9"), force=True)
    watchdog.check()
    watchdog.check()
    (told,) = deployed.hook.came
    assert told["title"] == "Curator: a scheduled run crashed"
    assert "status code: -9" in told["message"]

    (workspace.root / "curator.toml").write_text("topics = 1", encoding="utf-8")
    watchdog.check()
    watchdog.check()
    assert "curator.toml: topics = 1 is not allowed" in deployed.hook.came[-1]["message"]


def test_a_server_that_does_not_answer_is_told_too(workspace: Workspace, monkeypatch: pytest.MonkeyPatch) -> None:
    from flows.health import Watchdog
    from flows.serve import refuse_beside_another_list
    from prefect.settings import PREFECT_API_URL, temporary_settings

    with temporary_settings({PREFECT_API_URL: "http://127.0.0.1:9/api"}):
        with pytest.raises(SupervisionError, match="No Prefect server answers"):
            refuse_beside_another_list(workspace, NAMES)
        assert Watchdog(workspace, NAMES).wait_for_plans(seconds=0) == ["the Prefect server cannot be reached"]


def test_a_server_that_refuses_the_password_is_named_with_what_to_do(workspace: Workspace) -> None:
    from flows.serve import refuse_beside_another_list
    from prefect.settings import PREFECT_API_URL, temporary_settings

    with recorder() as server, temporary_settings({PREFECT_API_URL: f"{server.url}/api"}):
        server.status = 401
        with pytest.raises(SupervisionError, match=r"HTTP 401.*curator up --exports"):
            refuse_beside_another_list(workspace, NAMES)


def test_started_by_hand_the_schedules_keep_keys_of_the_shell_from_their_runs(workspace: Workspace) -> None:
    """Runs inherit what is left in the process that serves them."""
    script = (
        "import os, flows.serve as serve; serve.deployments = lambda _: (print(*sorted(os.environ)), exit())\n"
        "serve.main()"
    )
    shell = {"PATH": os.environ["PATH"], "CURATOR_WORKSPACE": str(workspace.root), "OPENAI_API_KEY": "k", "LC_ALL": "C"}
    told = subprocess.run(
        [sys.executable, "-c", script], env=shell | {"GITHUB_TOKEN": "t", "AWS_SECRET_ACCESS_KEY": "s"},
        cwd=Path(__file__).parents[1], capture_output=True, text=True, check=True,
    )  # fmt: skip
    assert set(shell) <= set(told.stdout.split())
    assert {"GITHUB_TOKEN", "AWS_SECRET_ACCESS_KEY"}.isdisjoint(told.stdout.split())


@pytest.mark.parametrize("line", [*VALID, *NEVER, *(line for line in INVALID if not line.startswith("@"))])
def test_the_scheduler_takes_just_the_lines_that_the_settings_take(line: str) -> None:
    from prefect.client.schemas.schedules import CronSchedule

    try:
        CronSchedule(cron=line)
        is_taken = len(line.split()) == 5
    except ValueError:
        is_taken = False
    assert is_taken == (line in VALID + NEVER), "whether a line fires is asked of the settings alone"
