"""Whether everything that Curator needs is there and fits together; of each trouble, what to do about it."""

from __future__ import annotations

import importlib.metadata
import os
import shutil
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from email.utils import parsedate_to_datetime
from pathlib import Path
from typing import Literal
from urllib.parse import urlsplit

from pydantic import BaseModel

from curator import notifications
from curator.arxiv import calendar
from curator.errors import BudgetReached, CuratorError, ModelError, WarehouseBusy, WarehouseMissing
from curator.llm import LanguageModel, is_configured, model_name
from curator.llm.budget import budget_from_settings
from curator.llm.prompts import VARIABLES, Prompt, load_prompt
from curator.loopback import is_loopback
from curator.ops import scheduler
from curator.pdf.reader import Reader, ReadLimits
from curator.pipeline.report import SilentProgress
from curator.pipeline.run_context import arxiv_session
from curator.private_files import is_open, owner_of
from curator.warehouse import Warehouse, costs, statistics
from curator.workspace import LINKABLE_FOLDERS, PRIVATE_FOLDERS, Workspace, exclusive_lock

FindingState = Literal["good", "look", "bad", "not asked"]

LOW = 2 * 2**30  # bytes free
TOO_LOW = 200 * 2**20
SKEW = 300  # seconds that the clock may differ from arXiv's
LONG_AGO = timedelta(days=5)  # a weekend, with a holiday before or after it
_PATIENCE = 2.0  # seconds
_PACKAGES = ("prefect", "fastapi", "sqlalchemy", "arxiv", "openai", "pymupdf", "duckdb")
_TOO_NEW_FOR_PREFECT_3_8 = {  # the first version, and what its server cannot do with it
    "fastapi": ((0, 151), "start"),
    "sqlalchemy": ((2, 1), "plan runs: it starts, and no schedule ever runs"),
}


@dataclass(frozen=True)
class Finding:
    what: str
    state: FindingState
    said: str
    do: str = ""  # what helps


class _Tiny(BaseModel):
    answer: str


def examine(workspace: Workspace, *, offline: bool = False, message: bool = False) -> Iterator[Finding]:
    """Look at one thing after the other. `offline`: without the one call of the model and the one of arXiv.

    `message`: send one, as scheduled runs do.
    """
    settings = _settings(workspace)
    yield settings
    if settings.state == "bad":
        return
    yield from (_prompts(workspace), _versions(), _disk(workspace), _privacy(workspace))
    yield from _warehouse(workspace)
    yield _calendar()
    yield _messages(workspace, send=message)
    yield _reading(workspace)
    if offline:
        yield Finding("arXiv", "not asked", "--offline")
        yield Finding("model", "not asked", "--offline")
        if scheduler.own_address():
            yield Finding("Prefect", "not asked", "--offline")
        return
    yield from _arxiv(workspace)
    yield _model(workspace)
    if address := scheduler.own_address():
        yield from _prefect(address)


def _reading(workspace: Workspace) -> Finding:
    """Ask a reading process what it can still reach on this machine."""
    try:
        with Reader(ReadLimits.from_settings(workspace.settings.read, workers=1)) as reader:
            held = reader.check_confinement()
    except CuratorError as error:
        return Finding("PDF reader", "bad", str(error), "Reinstall Curator's packages.")
    means = ", ".join(held.means) or "no means of confinement"
    if held.is_complete:
        return Finding("PDF reader", "good", f"PDFs are parsed without files, network or other processes ({means})")
    reach = {"open files": held.files, "use the network": held.network, "signal other processes": held.processes}
    able = " and ".join(", ".join(act for act, refused in reach.items() if not refused).rsplit(", ", 1))
    return Finding(
        "PDF reader", "look", f"On this machine, a hostile PDF that takes over the parser could {able} ({means}).",
        "Use Linux 5.13 or later with Landlock and seccomp; a container's own filter has to let both through.",
    )  # fmt: skip


def _messages(workspace: Workspace, *, send: bool) -> Finding:
    settings = workspace.settings.notify
    if not settings.to:
        by = f"by the Prefect block {settings.block}" if settings.block else "not sent: [notify] is empty"
        return Finding("messages", "good", by)
    try:
        number = notifications.count_addresses(settings)
        if send:
            notifications.send_notification(
                settings,
                notifications.Notification("Curator: a test", ("This is what messages of scheduled runs are like.",)),
            )
    except CuratorError as error:
        return Finding("messages", "bad", str(error), "Correct notify.to, or CURATOR_NOTIFY_TO.")
    said = "one was sent to" if send else "none was sent to try"
    return Finding("messages", "good", f"{said} {number} {'address' if number == 1 else 'addresses'}")


def _settings(workspace: Workspace) -> Finding:
    file = workspace.root / "curator.toml"
    try:
        topics = workspace.settings.topics
    except CuratorError as error:
        return Finding("settings", "bad", str(error), f"Correct {file}.")
    return Finding("settings", "good", f"{file}, {len(topics)} topics")


def _prompts(workspace: Workspace) -> Finding:
    try:
        for name in VARIABLES:
            load_prompt(name, workspace.prompt_file(name))
    except CuratorError as error:
        return Finding("prompts", "bad", str(error), "Correct the file, or remove it; Curator then uses its own.")
    return Finding("prompts", "good", f"{', '.join(VARIABLES)} can be filled in")


def _versions() -> Finding:
    found = {name: importlib.metadata.version(name) for name in _PACKAGES}
    said = ", ".join(f"{name} {version}" for name, version in found.items())
    if _numbers(found["prefect"]) < (3, 9):
        for name, (first, fails) in _TOO_NEW_FOR_PREFECT_3_8.items():
            if _numbers(found[name]) >= first:
                return Finding(
                    "versions", "bad",
                    f"With {name} {found[name]} the server of prefect {found['prefect']} cannot {fails}.",
                    f"pip install '{name}<{'.'.join(map(str, first))}'",
                )  # fmt: skip
    return Finding("versions", "good", said)


def _numbers(version: str) -> tuple[int, ...]:
    return tuple(int(part) for part in version.split(".")[:2] if part.isdigit())


def _disk(workspace: Workspace) -> Finding:
    free = shutil.disk_usage(workspace.root).free
    said = f"{free / 2**30:.1f} GB free"
    if free >= LOW:
        return Finding("disk", "good", said)
    do = "Make room; warehouse/pictures/ may be deleted, and old backups."
    return Finding("disk", "bad" if free < TOO_LOW else "look", said, do)


def _privacy(workspace: Workspace) -> Finding:
    """Look whether other users of the machine can enter the folders that hold everything."""
    folders = {workspace.root / name for name in (*PRIVATE_FOLDERS, *LINKABLE_FOLDERS)}
    backups = workspace.root / workspace.settings.backup.folder
    if workspace.root in backups.parents:
        folders.add(backups)
    still_open = [one for one in sorted(folders) if one.exists() and is_open(one)]
    if not still_open:
        return Finding("privacy", "good", f"only you can read {', '.join(f'{name}/' for name in PRIVATE_FOLDERS)}")
    named = ", ".join(f"{one} (a folder of {owner_of(one)})" for one in still_open)
    return Finding(
        "privacy", "look", f"Other users of this machine can read {named}, and Curator cannot close it.",
        "Let its owner run `chmod 700` on it, or move the workspace to a file system that has permissions.",
    )  # fmt: skip


def _warehouse(workspace: Workspace) -> Iterator[Finding]:
    warehouse = Warehouse(workspace.warehouse_file, wait=_PATIENCE)
    try:
        told = warehouse.read(statistics.load_status)
        yield Finding("warehouse", "good", f"{told['papers']} papers, {told['failures']} open failures")
        yield from _last_ingest(told["last_ingest"])
    except WarehouseMissing:
        yield Finding("warehouse", "good", "none yet; the first ingest makes it")
    except WarehouseBusy as error:
        yield Finding("warehouse", "look", str(error), "Close what holds it, or wait for it.")
    except CuratorError as error:
        yield Finding("warehouse", "bad", str(error), "`curator restore FILE` puts a backup back.")
    if workspace.warehouse_file.parent.exists():
        for what in ("ingest", "watch"):
            try:
                with exclusive_lock(workspace, what):
                    pass
            except WarehouseBusy:
                yield Finding(what, "good", "is going on now")
            except OSError as error:
                yield Finding(what, "bad", f"It cannot be started: {error}.", "Run Curator as the owner of that file.")


def _last_ingest(moment: datetime | None) -> Iterator[Finding]:
    """`moment`: UTC without zone."""
    if moment is None:
        return
    said = f"all topics were last asked for on {moment:%Y-%m-%d at %H:%M} UTC"
    if datetime.now(UTC) - moment.replace(tzinfo=UTC) < LONG_AGO:
        yield Finding("last ingest", "good", said)
    else:
        yield Finding(
            "last ingest",
            "look",
            said,
            "Is `curator up` running, or the cron line in place? `curator ingest` makes up.",
        )


def _calendar() -> Finding:
    now = datetime.now(UTC)
    said = f"arXiv announces next on {calendar.next_announcement(now):%A, %d %B at %H:%M} UTC"
    if calendar.is_known(now.year):
        return Finding("calendar", "good", said)
    return Finding(
        "calendar", "look", f"arXiv's days without a mailing in {now.year} are not known to this version.",
        "Update Curator; until then a holiday looks like a day on which nothing came.",
    )  # fmt: skip


def _arxiv(workspace: Workspace) -> Iterator[Finding]:
    try:
        with arxiv_session(workspace.settings, SilentProgress()) as session:
            started = time.time()
            url = f"{session.endpoint.url}/api/query"
            answer = session.get(url, params={"id_list": "1706.03762", "max_results": "1"})
            taken = time.time() - started
    except CuratorError as error:
        yield Finding("arXiv", "bad", str(error), "Wait, or do what it says.")
        return
    if answer.status_code != 200 or b"<feed" not in answer.content[:2000]:
        yield Finding(
            "arXiv",
            "bad",
            f"{url} answers HTTP {answer.status_code}, and no feed.",
            "Look at arxiv.url and the network.",
        )
        return
    yield Finding("arXiv", "good", f"{urlsplit(url).hostname} answered in {taken:.1f} s")
    yield from compare_clock(answer.headers.get("Date", ""), started)


def compare_clock(told: str, ours: float) -> Iterator[Finding]:
    """Our time, in seconds since 1970, against an HTTP Date; nothing where that is none."""
    try:
        skew = ours - parsedate_to_datetime(told).timestamp()
    except (ValueError, TypeError):
        return
    if abs(skew) <= SKEW:
        yield Finding("clock", "good", f"within {SKEW // 60} minutes of arXiv's")
    else:
        yield Finding(
            "clock", "bad", f"{abs(skew) / 60:.0f} minutes {'ahead of' if skew > 0 else 'behind'} arXiv's.",
            "Set the clock (NTP): runs and decisions are ordered by it.",
        )  # fmt: skip


def _prefect(address: str) -> Iterator[Finding]:
    """Find out whether a Prefect server of the user's own asks for a password; send it none."""
    server = "the server at PREFECT_API_URL"  # which may hold a password
    try:
        url = urlsplit(address)
        server = f"the server at {url.hostname or 'PREFECT_API_URL'}"
        status = scheduler.status_without_password(address)
    except (OSError, ValueError) as error:
        do = "Start the server, or correct PREFECT_API_URL; without that, `curator up` starts a server of its own."
        yield Finding("Prefect", "bad", f"{server} cannot be reached: {error}", do)
        return
    if 200 <= status < 300:
        yield Finding(
            "Prefect", "bad", f"{server} asks for no password: anybody who can reach it can run commands as its users.",
            "Set PREFECT_SERVER_API_AUTH_STRING for the server and PREFECT_API_AUTH_STRING here. Or unset "
            "PREFECT_API_URL: `curator up` then starts a server with a password.",
        )  # fmt: skip
    elif status not in (401, 403):
        yield Finding(
            "Prefect", "look", f"{server} answers HTTP {status}, which does not tell whether it asks for a password.",
            "Check PREFECT_API_URL: the address of the API, usually with /api at its end, without a redirect.",
        )  # fmt: skip
    elif not (os.environ.get("PREFECT_API_AUTH_STRING") or os.environ.get("PREFECT_API_KEY")):
        yield Finding("Prefect", "good", f"{server} asks for a password")
        do = "Set PREFECT_API_AUTH_STRING or PREFECT_API_KEY: without it, no scheduled run happens."
        yield Finding("Prefect password", "look", "none is set", do)
    else:
        yield Finding("Prefect", "good", f"{server} asks for a password (one is set; not shown)")
        if url.scheme == "http" and not is_loopback(url.hostname or ""):
            do = "Use an https address, or a tunnel."
            yield Finding("Prefect password", "look", "it crosses the network without encryption", do)


@contextmanager
def _record(workspace: Workspace) -> Iterator[Warehouse]:
    """Where the call is put on record: the warehouse or, where there is none yet, one that is thrown away."""
    if workspace.warehouse_file.exists():
        yield Warehouse(workspace.warehouse_file, wait=_PATIENCE)
        return
    with tempfile.TemporaryDirectory() as folder:
        warehouse = Warehouse(Path(folder) / "curator.duckdb")
        warehouse.write(lambda _: None)
        yield warehouse


def _model(workspace: Workspace) -> Finding:
    settings = workspace.settings
    if not is_configured():
        return Finding("model", "good", "none: the keyless drafter works (neither OPENAI_API_KEY nor OPENAI_BASE_URL)")
    key = "with a key (not shown)" if os.environ.get("OPENAI_API_KEY") else "without a key"
    where = urlsplit(os.environ.get("OPENAI_BASE_URL") or "https://api.openai.com").hostname
    try:
        name = model_name(settings.model)
        said = f"Answer with the word yes. ({datetime.now(UTC).isoformat()})"  # or an answer on record would do
        with _record(workspace) as warehouse:
            budget = budget_from_settings(settings, warehouse.read(costs.sum_spent_this_month))
            model = LanguageModel(name, settings.draft, warehouse, "doctor", budget)
            messages = [{"role": "user", "content": said}]
            answer = model.ask(Prompt("doctor", "", "", said), messages, _Tiny, purpose="doctor")
    except BudgetReached as error:
        return Finding("model", "look", f"{name} was not asked. {error.message}", "Raise the limit, or wait.")
    except ModelError as error:
        return Finding(
            "model", "bad", error.message, f"Look at the model's name, OPENAI_BASE_URL ({where}) and the key."
        )
    except CuratorError as error:
        return Finding("model", "bad", str(error), "Fix that first.")
    if answer.estimated:
        return _reports_no_usage(f"{name} at {where} answers, {key}")
    return Finding("model", "good", f"{name} at {where} answers, {key}")


def _reports_no_usage(answers: str) -> Finding:
    return Finding(
        "model", "look", f"{answers}, but does not report the tokens that a call used.",
        "Each call is booked at the most that it may cost, so budgets end runs early. Turn usage on at the endpoint.",
    )  # fmt: skip
