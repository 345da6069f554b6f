"""`curator doctor`: check that everything Curator needs is in order, and say how to fix what is not.

The checks that send requests are in `service_checks.py`; those that concern Prefect are in `scheduler_checks.py`.
"""

from __future__ import annotations

import shutil
from collections.abc import Callable, Iterable, Iterator
from datetime import UTC, datetime, timedelta

from curator import notifications
from curator.arxiv import calendar
from curator.errors import CuratorError, WarehouseBusy, WarehouseMissing
from curator.llm.prompts import VARIABLES, load_prompt
from curator.ops import scheduler
from curator.ops.findings import Finding
from curator.ops.scheduler_checks import check_packages, check_server
from curator.ops.service_checks import MAX_WAIT, check_arxiv, check_model, check_proxies
from curator.pdf.reader import Reader, ReadLimits
from curator.private_files import is_open, owner_of
from curator.warehouse import Warehouse, statistics
from curator.workspace import LINKABLE_FOLDERS, PRIVATE_FOLDERS, Workspace, exclusive_lock

LOW_DISK_BYTES = 2 * 2**30
"""Free bytes below which the disk is a warning."""
MIN_FREE_BYTES = 200 * 2**20
"""Free bytes below which the disk is an error."""
MAX_INGEST_AGE = timedelta(days=5)
"""The age of the last ingest above which it is a warning: a weekend, with a holiday before or after it."""


def examine(
    workspace: Workspace,
    parse_query: Callable[[str], object],
    *,
    offline: bool = False,
    message: bool = False,
) -> Iterator[Finding]:
    """Run every check, one after the other, whatever fails. Checks that need valid settings are skipped without them.

    Args:
        workspace: The workspace to check.
        parse_query: Parses a topic's query; raises CuratorError for one that arXiv would reject.
        offline: Skip the checks that send a request to arXiv, the model or Prefect.
        message: Send a test message, as scheduled runs do.
    """
    settings = _check_settings(workspace)
    yield settings
    has_settings = settings.state != "bad"
    checks: list[tuple[str, bool, Callable[[], Iterable[Finding]]]] = [
        ("topics", True, lambda: [_check_queries(workspace, parse_query)]),
        ("prompts", False, lambda: [_check_prompts(workspace)]),
        ("versions", False, lambda: [check_packages()]),
        ("disk", False, lambda: [_check_disk(workspace)]),
        ("privacy", True, lambda: [_check_privacy(workspace)]),
        ("warehouse", False, lambda: _check_warehouse(workspace)),
        ("calendar", False, lambda: [_check_calendar()]),
        ("messages", True, lambda: [_check_messages(workspace, send=message)]),
        ("PDF reader", False, lambda: [_check_reader(workspace if has_settings else None)]),
        ("proxies", False, lambda: [check_proxies(workspace if has_settings else None)]),
    ]
    if not offline:
        checks += [("arXiv", True, lambda: check_arxiv(workspace)), ("model", True, lambda: [check_model(workspace)])]
        if address := scheduler.own_address():
            checks.append(("Prefect", False, lambda: check_server(address)))
    for subject, needs_settings, check in checks:
        if needs_settings and not has_settings:
            yield Finding(subject, "not asked", "needs valid settings")
        else:
            yield from _run_check(subject, check)
    if offline:
        yield from _skipped_checks()


def _run_check(subject: str, check: Callable[[], Iterable[Finding]]) -> Iterator[Finding]:
    """Yield what a check finds; if it cannot be carried out, that is its finding."""
    try:
        yield from check()
    except (CuratorError, OSError) as error:
        yield Finding(subject, "bad", f"The check failed: {error}.".replace("..", "."), "Fix this first.")


def _skipped_checks() -> Iterator[Finding]:
    prefect = ["Prefect"] if scheduler.own_address() else []
    for subject in ("arXiv", "model", *prefect):
        yield Finding(subject, "not asked", "--offline")


def _check_queries(workspace: Workspace, parse_query: Callable[[str], object]) -> Finding:
    """Check the syntax of each topic's query."""
    faults = []
    for topic in workspace.settings.topics:
        try:
            parse_query(topic.query)
        except CuratorError as error:
            faults.append(f"{topic.name!r}: {error}")
    if faults:
        return Finding(
            "topics", "bad", f"arXiv would reject the query of topic {'; '.join(faults)}",
            "Correct the query in curator.toml; see https://info.arxiv.org/help/api/user-manual.html#query_details.",
        )  # fmt: skip
    return Finding("topics", "good", "the queries are in arXiv's query language")


def _check_settings(workspace: Workspace) -> Finding:
    file = workspace.root / "curator.toml"
    try:
        topics = workspace.settings.topics
    except CuratorError as error:
        return Finding("settings", "bad", str(error), f"Correct {file}.")
    return Finding("settings", "good", f"{file}, {len(topics)} topics")


def _check_prompts(workspace: Workspace) -> Finding:
    try:
        for name in VARIABLES:
            load_prompt(name, workspace.prompt_file(name))
    except CuratorError as error:
        return Finding(
            "prompts", "bad", str(error), "Correct the file, or delete it; Curator then uses the default prompt."
        )
    return Finding("prompts", "good", f"{', '.join(VARIABLES)} are valid")


def _check_disk(workspace: Workspace) -> Finding:
    free = shutil.disk_usage(workspace.root).free
    message = f"{free / 2**30:.1f} GB free"
    if free >= LOW_DISK_BYTES:
        return Finding("disk", "good", message)
    advice = "Free some space: you may delete warehouse/pictures/ and old backups."
    return Finding("disk", "bad" if free < MIN_FREE_BYTES else "look", message, advice)


def _check_privacy(workspace: Workspace) -> Finding:
    """Check that other users of the machine cannot enter the private folders."""
    folders = {workspace.root / name for name in (*PRIVATE_FOLDERS, *LINKABLE_FOLDERS)}
    backups = workspace.root / workspace.settings.backup.folder
    if workspace.root in backups.parents:
        folders.add(backups)
    still_open = [folder for folder in sorted(folders) if folder.exists() and is_open(folder)]
    if not still_open:
        return Finding("privacy", "good", f"only you can read {', '.join(f'{name}/' for name in PRIVATE_FOLDERS)}")
    names = ", ".join(f"{folder} (a folder of {owner_of(folder)})" for folder in still_open)
    return Finding(
        "privacy", "look", f"Other users of this machine can read {names}, and Curator cannot change that.",
        "Ask the owner to run `chmod 700` on it, or move the workspace to a file system with permissions.",
    )  # fmt: skip


def _check_warehouse(workspace: Workspace) -> Iterator[Finding]:
    warehouse = Warehouse(workspace.warehouse_file, wait=MAX_WAIT)
    try:
        counts = warehouse.read(statistics.load_status)
        papers, failures = (
            f"{number} {noun}{'' if number == 1 else 's'}"
            for number, noun in ((counts["papers"], "paper"), (counts["failures"], "open failure"))
        )
        yield Finding("warehouse", "good", f"{papers}, {failures}")
        yield from _check_last_ingest(counts["last_ingest"])
    except WarehouseMissing:
        yield Finding("warehouse", "good", "none yet; the first ingest creates it")
    except WarehouseBusy as error:
        yield Finding("warehouse", "look", str(error), "Close the program that uses it, or wait.")
    except CuratorError as error:
        yield Finding("warehouse", "bad", str(error), "`curator restore FILE` restores a backup.")
    if workspace.warehouse_file.parent.exists():
        for kind in ("ingest", "watch"):
            try:
                with exclusive_lock(workspace, kind):
                    pass
            except WarehouseBusy:
                yield Finding(kind, "good", "is running now")
            except OSError as error:
                yield Finding(kind, "bad", f"It cannot start: {error}.", "Run Curator as the owner of that file.")


def _check_last_ingest(last: datetime | None) -> Iterator[Finding]:
    """Check that the last ingest of all topics is recent; `last` is in UTC, without a time zone."""
    if last is None:
        return
    message = f"all topics were last searched on {last:%Y-%m-%d at %H:%M} UTC"
    if datetime.now(UTC) - last.replace(tzinfo=UTC) < MAX_INGEST_AGE:
        yield Finding("last ingest", "good", message)
    else:
        advice = "Check that `curator up` is running or the cron line is in place. `curator ingest` catches up."
        yield Finding("last ingest", "look", message, advice)


def _check_calendar() -> Finding:
    now = datetime.now(UTC)
    message = f"arXiv's next announcement is on {calendar.next_announcement(now):%A, %d %B at %H:%M} UTC"
    if calendar.is_known(now.year):
        return Finding("calendar", "good", message)
    return Finding(
        "calendar", "look", f"This version of Curator does not know arXiv's days without a mailing in {now.year}.",
        "Update Curator. Until then, a holiday looks like a day on which no paper arrived.",
    )  # fmt: skip


def _check_messages(workspace: Workspace, *, send: bool) -> Finding:
    settings = workspace.settings.notify
    if not settings.to:
        block = f"scheduled runs send them through the Prefect block {settings.block}"
        return Finding("messages", "good", block if settings.block else "none, because notify.to is not set")
    try:
        number = notifications.count_addresses(settings)
        if send:
            notifications.send_notification(
                settings,
                notifications.Notification(
                    "Curator: a test", ("This is a test. Scheduled runs send their messages to this address.",)
                ),
            )
    except CuratorError as error:
        return Finding("messages", "bad", str(error), "Correct notify.to in curator.toml, or CURATOR_NOTIFY_TO.")
    addresses = f"{number} {'address' if number == 1 else 'addresses'}"
    message = f"sent a test message to {addresses}" if send else f"scheduled runs send them to {addresses}"
    return Finding("messages", "good", message)


def _check_reader(workspace: Workspace | None) -> Finding:
    """Check that the process that parses PDFs is confined; with the default limits if there is no workspace."""
    limits = ReadLimits.from_settings(workspace.settings.read, workers=1) if workspace else ReadLimits(workers=1)
    try:
        with Reader(limits) as reader:
            confinement = reader.check_confinement()
    except CuratorError as error:
        return Finding("PDF reader", "bad", str(error), "Reinstall Curator's packages.")
    means = ", ".join(confinement.means) or "no means of confinement"
    if confinement.is_complete:
        return Finding(
            "PDF reader", "good", f"PDFs are parsed without access to files, the network or other processes ({means})"
        )
    refused_acts = {
        "open files": confinement.files,
        "use the network": confinement.network,
        "signal other processes": confinement.processes,
    }
    possible = [act for act, refused in refused_acts.items() if not refused]
    acts = " and ".join(", ".join(possible).rsplit(", ", 1))
    return Finding(
        "PDF reader", "look", f"On this machine, a hostile PDF that takes over the parser could {acts} ({means}).",
        "Use Linux 5.13 or later with Landlock and seccomp. In a container, its filter has to permit both.",
    )  # fmt: skip
