"""Settings of one list: `curator.toml`, overridden by the environment, and checked before any work starts.

Environment variables are named `CURATOR_` and the key: `CURATOR_MODEL`, `CURATOR_ARXIV_URL`, `CURATOR_ARXIV_INTERVAL`,
`CURATOR_DRAFT_CONTEXT_TOKENS` … The model's address and key are the OpenAI client's own variables `OPENAI_BASE_URL` and
`OPENAI_API_KEY`; they are read when the client is made, and never stored.
"""

from __future__ import annotations

import json
import os
import re
import tomllib
from collections.abc import Mapping
from datetime import UTC, datetime
from difflib import get_close_matches
from pathlib import Path
from typing import Annotated, Any, Literal, get_args
from urllib.parse import urlsplit

from pydantic import (
    BaseModel,
    ConfigDict,
    Field,
    ValidationError,
    ValidationInfo,
    field_validator,
    model_validator,
)
from pydantic_settings import BaseSettings, PydanticBaseSettingsSource, SettingsConfigDict

from curator.arxiv.rate_limit import ARXIV_INTERVAL
from curator.errors import SettingsError
from curator.loopback import is_loopback

_OUTER_HOST = re.compile(r"[a-z0-9]([a-z0-9.-]*[a-z0-9])?|[0-9a-f:.]*:[0-9a-f:.]*")  # a name in ASCII, or an address
_OUTER_PATH = re.compile(r"(/[A-Za-z0-9._~-]+)*/?")
_CRON = re.compile(r"[\d*,/A-Za-z#-]+(?: +[\d*,/A-Za-z#-]+){4}")

Name = Annotated[str, Field(min_length=1, max_length=80)]


class _Table(BaseModel):
    model_config = ConfigDict(extra="forbid", frozen=True, str_strip_whitespace=True)


class Topic(_Table):
    """A topic of the list, and the arXiv query that finds papers about it."""

    name: Name = Field(description="the topic's heading on the list")
    query: str = Field(min_length=1, description="in arXiv's own query language")
    about: str = Field(min_length=1, description="what counts, in plain words")
    not_about: str = Field(default="", description="what does not count, in plain words")


class ArxivSettings(_Table):
    """arXiv's address, and the pace of requests."""

    url: str = Field(default="https://export.arxiv.org", description="the server that answers /api/query and /pdf/")
    interval: float = Field(default=ARXIV_INTERVAL, ge=0, le=3600, description="seconds between requests")

    @field_validator("url")
    @classmethod
    def _is_a_web_address(cls, value: str) -> str:
        parts = urlsplit(value)
        if parts.scheme not in {"http", "https"} or not parts.hostname:
            raise ValueError("it must be an address such as https://export.arxiv.org")
        return value.rstrip("/")

    @field_validator("interval")
    @classmethod
    def _is_polite(cls, value: float, others: ValidationInfo) -> float:
        url = others.data.get("url")  # missing if it is invalid itself
        if url and value < ARXIV_INTERVAL and not is_loopback(urlsplit(url).hostname or ""):
            raise ValueError(
                f"it must be at least {ARXIV_INTERVAL:g} seconds, unless arxiv.url is on this machine: "
                "arXiv's terms of use allow one request every three seconds"
            )
        return value


class DiscoverSettings(_Table):
    """Discovery of papers on arXiv, and their screening."""

    first_days: int = Field(default=30, ge=1, le=3650, description="how far back a topic's first run looks")
    overlap_days: int = Field(
        default=14, ge=7, le=365, description="searched again on each run: moderation delays papers"
    )
    page_size: int = Field(default=100, ge=1, le=2000, description="papers in one answer from arXiv")
    screen_threshold: float = Field(default=0.5, ge=0, le=1, description="lowest score at which a paper is read")
    screen_batch: int = Field(default=20, ge=1, le=100, description="abstracts in one model call")


class ReadSettings(_Table):
    """Limits on the reading of PDFs."""

    max_pdf_mb: int = Field(default=60, ge=1, le=2000, description="larger PDFs are not read")
    seconds: float = Field(default=60, gt=0, le=3600, description="per PDF")
    memory_mb: int = Field(default=2048, ge=256, le=65536, description="per reading process")
    max_pages: int = Field(default=400, ge=1, le=5000, description="longer PDFs are not read")
    workers: int = Field(
        default_factory=lambda: min(8, os.cpu_count() or 2),
        ge=1,
        le=64,
        description="processes that read PDFs: by default one for each processor, at most 8",
    )


class DraftSettings(_Table):
    """Drafting by a model: limits, prices, batches and the check of support."""

    context_tokens: int = Field(default=32_000, ge=2000, description="the model's window: prompt and answer together")
    answer_tokens: int = Field(default=4000, ge=200, validate_default=True, description="room for the answer")
    calls_at_once: int = Field(default=16, ge=1, le=256, description="model calls under way at the same time")
    seconds: float = Field(default=300, gt=0, le=3600, description="per model call")
    attempts: int = Field(default=3, ge=1, le=20, description="runs that try a failed step, in total")
    temperature: float | None = Field(default=None, ge=0, le=2, description="sent only if set")
    price_in: float | None = Field(default=None, ge=0, description="per million tokens")
    price_cached: float | None = Field(default=None, ge=0, description="per million tokens")
    price_out: float | None = Field(default=None, ge=0, description="per million tokens")
    keyless_when_down: bool = Field(default=False, description="queue keyless drafts when the model does not answer")
    batch: bool = Field(default=False, description="scheduled runs draft through the provider's Batch API")
    batch_price: float = Field(default=0.5, gt=0, le=1, description="fraction of the live price, for batches")
    check_support: bool = Field(default=True, description="one small extra call per paper: do quotes support drafts?")
    support_model: str | None = Field(default=None, min_length=1, description="a cheaper model for that check")
    support_price_in: float | None = Field(default=None, ge=0, description="for support_model, per million tokens")
    support_price_cached: float | None = Field(default=None, ge=0, description="per million tokens")
    support_price_out: float | None = Field(default=None, ge=0, description="per million tokens")

    @field_validator("support_model", mode="before")
    @classmethod
    def _empty_is_unset(cls, value: object) -> object:
        return value or None

    @field_validator("answer_tokens")
    @classmethod
    def _leaves_room(cls, value: int, others: ValidationInfo) -> int:
        window = others.data.get("context_tokens")  # missing if it is invalid itself
        if window and value * 2 > window:
            raise ValueError(f"it must be at most half of draft.context_tokens, which is {window}")
        return value


_KEYLESS = ("redo", "question", "scope")  # actions that need no key of their own


class KeySettings(_Table):
    """The keys of the review page: each is one character, or a browser's name of a key such as ArrowRight."""

    accept: str = Field(default="a", description="accept the candidate")
    reject: str = Field(default="r", description="reject it; then 1 to 6 for the reason")
    edit: str = Field(default="e", description="edit the frame in place")
    question: str = Field(default="q", description="publish the open question with the frame; empty for no key")
    scope: str = Field(default="s", description="publish the scope with the frame; empty for no key")
    defer: str = Field(default="d", description="put the candidate aside")
    merge: str = Field(default="m", description="merge it into another candidate or a frame")
    undo: str = Field(default="u", description="undo the latest decision")
    redo: str = Field(default="U", description="redo the latest undo; empty for no key")
    next: str = Field(default="j", description="go to the next candidate")
    previous: str = Field(default="k", description="go back to the previous candidate")
    open: str = Field(default="o", description="open the PDF on arXiv, at the quote's page")
    zoom: str = Field(default="z", description="enlarge the page picture")
    prompt: str = Field(default="p", description="show the prompt and the model's reply")
    list: str = Field(default="l", description="show all candidates")
    help: str = Field(default="?", description="show all keys")

    @model_validator(mode="before")
    @classmethod
    def _make_room(cls, given: Any) -> Any:
        """Leave a newer action without a key if an older settings file gives its default key to another action."""
        if not isinstance(given, dict):
            return given
        taken = [name for name in _KEYLESS if cls.model_fields[name].default in given.values()]
        return dict.fromkeys(taken, "") | given

    @model_validator(mode="after")
    def _do_not_clash(self) -> KeySettings:
        names: dict[str, str] = {}
        for action, key in self:
            if not key and action in _KEYLESS:
                continue
            if not re.fullmatch(r"[^\s0-9]|[A-Z][A-Za-z0-9]{2,}", key) or key in ("Escape", "Tab", "Enter", "Shift"):
                raise ValueError(
                    f"review.keys.{action} = {key!r} is not allowed; a key is one character other than a digit (digits "
                    "choose quotes and reasons), or a browser's name of a key such as ArrowRight"
                )
            if key in names:
                raise ValueError(f"review.keys.{action} and review.keys.{names[key]} are the same key, {key!r}")
            names[key] = action
        return self


class ReviewSettings(_Table):
    """The review page."""

    host: str = Field(default="127.0.0.1", min_length=1, description="the address that the page listens on")
    port: int = Field(default=8765, ge=0, le=65535, description="0 chooses any free port")
    public_url: str = Field(default="", max_length=2000, description="the page's address as seen from outside a proxy")
    pictures_mb: int = Field(default=500, ge=10, le=100_000, description="page pictures kept on disk")
    keys: KeySettings = KeySettings()

    @field_validator("public_url")
    @classmethod
    def _is_public_address(cls, value: str) -> str:
        address = _normalize_public_url(value) if value else ""
        if address is None:
            raise ValueError(
                "it must be an address such as https://lists.example.org/curator/: http or https, a host, optionally a "
                "port, and a path of letters, digits, '-', '.', '_' and '~'; no user, password, query or fragment"
            )
        return address


def _normalize_public_url(value: str) -> str | None:
    """Return the address with a slash at its end; None if a proxy cannot serve the page at that address."""
    try:
        parts = urlsplit(value)
        port = parts.port
    except ValueError:
        return None
    host_is_plain = _OUTER_HOST.fullmatch(parts.hostname or "") and port != 0 and not parts.netloc.endswith(":")
    path_is_plain = _OUTER_PATH.fullmatch(parts.path) and not {".", ".."} & set(parts.path.split("/"))
    if parts.scheme not in {"http", "https"} or set("@?#\\") & set(value) or not (host_is_plain and path_is_plain):
        return None
    return f"{parts.scheme}://{parts.netloc.lower()}{parts.path.rstrip('/')}/"


class ScheduleSettings(_Table):
    """The schedule of `flows/serve.py`, as cron expressions in `timezone` (arXiv's own zone is US Eastern)."""

    timezone: str = Field(default="America/New_York", description="the IANA time zone of the cron expressions")
    ingest: str = Field(default="30 0 * * 1-5", description="the night after a mailing, once arXiv's search has it")
    collect: str = Field(default="15 * * * *", description="hourly, if draft.batch is set: collect batches' answers")
    watch: str = Field(default="0 6 * * 1", description="weekly: have the list's papers been revised?")
    backup: str = Field(default="0 3 * * *", description="nightly")
    check: str = Field(
        default="0 7 * * *", description="daily: would publishing change anything? Not if `publish` is set"
    )
    publish: str | None = Field(default=None, description="publish by schedule; left out, only a person publishes")

    @field_validator("ingest", "collect", "watch", "backup", "check", "publish")
    @classmethod
    def _fires(cls, value: str | None) -> str | None:
        if value is not None:
            _check_cron(value)
        return value

    @field_validator("timezone")
    @classmethod
    def _is_a_zone(cls, value: str) -> str:
        from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

        try:
            ZoneInfo(value)
        except (ZoneInfoNotFoundError, ValueError, OSError) as error:
            raise ValueError("it must be an IANA time zone such as America/New_York") from error
        return value


def _check_cron(value: str) -> None:
    """Raise ValueError unless a cron expression is valid and will fire, by the parser that Prefect's scheduler uses."""
    if not _CRON.fullmatch(value):
        raise ValueError("it must be a cron expression of five fields, such as 30 0 * * 1-5")
    from croniter import CroniterBadDateError, CroniterError, croniter

    try:
        croniter(value, datetime.now(UTC)).get_next(datetime)
    except CroniterBadDateError as error:
        raise ValueError("it is a cron expression that never fires, such as one for 31 February") from error
    except (CroniterError, ValueError, TypeError, LookupError) as error:
        raise ValueError(
            "it must be a cron expression of five fields: minute (0-59), hour (0-23), day of the month (1-31), month "
            "(1-12 or jan-dec), day of the week (0-7 or sun-sat)"
        ) from error


class BudgetSettings(_Table):
    """Limits on the cost of model calls, in the currency of the prices; a run stops before it could exceed one."""

    per_run: float | None = Field(default=None, gt=0, description="per run")
    per_month: float | None = Field(default=None, gt=0, description="per calendar month, in UTC")


class BackupSettings(_Table):
    """The folder of scheduled backups, and how many are kept."""

    folder: str = Field(default="backups", min_length=1, description="relative to the workspace, or an absolute path")
    keep: int = Field(default=14, ge=1, le=1000, description="number of scheduled backups to keep")


class NotifySettings(_Table):
    """Recipients of notifications about new candidates and problems in scheduled runs."""

    to: str = Field(default="", max_length=4000, description="Apprise addresses, separated by spaces")
    block: str = Field(
        default="", max_length=200, description="a Prefect notification block, such as slack-webhook/mine"
    )
    when: Literal["news", "trouble"] = Field(default="news", description="trouble: only failures and stalled topics")


class Settings(BaseSettings):
    """All settings of one workspace."""

    model_config = SettingsConfigDict(
        env_prefix="CURATOR_",
        env_nested_delimiter="_",
        env_nested_max_split=1,
        extra="forbid",
        frozen=True,
        str_strip_whitespace=True,
    )

    title: Name = Field(default="What we know about language models", description="the list's heading")
    about: str = Field(default="", description="the paragraph below the heading")
    list: str = Field(default="list.md", description="the published list, beside curator.toml")
    reviewer: str = Field(default="", max_length=80, description="your name on decisions")
    model: str | None = Field(default=None, min_length=1, description="the model's name at its endpoint")
    topics: tuple[Topic, ...]
    arxiv: ArxivSettings = ArxivSettings()
    discover: DiscoverSettings = DiscoverSettings()
    read: ReadSettings = Field(default_factory=ReadSettings)
    draft: DraftSettings = DraftSettings()
    review: ReviewSettings = ReviewSettings()
    schedule: ScheduleSettings = ScheduleSettings()
    backup: BackupSettings = BackupSettings()
    budget: BudgetSettings = BudgetSettings()
    notify: NotifySettings = NotifySettings()

    @field_validator("model", mode="before")
    @classmethod
    def _empty_is_unset(cls, value: object) -> object:
        return value or None

    @field_validator("list")
    @classmethod
    def _stays_in_the_workspace(cls, value: str) -> str:
        path = Path(value)
        if path.is_absolute() or path.suffix != ".md" or {"..", "prompts", "warehouse"} & set(path.parts):
            raise ValueError("it must be a Markdown file in the workspace, such as list.md")
        return value

    @field_validator("topics")
    @classmethod
    def _have_names_of_their_own(cls, value: tuple[Topic, ...]) -> tuple[Topic, ...]:
        if not value:
            raise ValueError("there must be at least one [[topics]] table")
        names = [topic.name.casefold() for topic in value]
        doubled = sorted({name for name in names if names.count(name) > 1})
        if doubled:
            raise ValueError(f"each topic needs a name of its own; used more than once: {', '.join(doubled)}")
        return value

    @classmethod
    def settings_customise_sources(
        cls,
        settings_cls: type[BaseSettings],
        init_settings: PydanticBaseSettingsSource,
        env_settings: PydanticBaseSettingsSource,
        dotenv_settings: PydanticBaseSettingsSource,
        file_secret_settings: PydanticBaseSettingsSource,
    ) -> tuple[PydanticBaseSettingsSource, ...]:
        """Let the environment override the file."""
        return env_settings, init_settings


def load_settings(path: Path) -> Settings:
    """Read the settings file at `path`, overridden by the environment, and check it.

    Args:
        path: The `curator.toml` to read.

    Raises:
        SettingsError: The settings are invalid. The message lists every fault, with its file or variable, key, value
            and the allowed values.
    """
    try:
        table = tomllib.loads(path.read_text(encoding="utf-8-sig"))
    except FileNotFoundError as error:
        raise SettingsError(f"There is no {path}. `curator init` creates one.") from error
    except (OSError, UnicodeDecodeError) as error:
        raise SettingsError(f"{path} cannot be read: {error}.") from error
    except tomllib.TOMLDecodeError as error:
        raise SettingsError(f"{path} is not valid TOML: {error}.") from error
    hidden = [key for key in table if key.startswith("_")]  # pydantic-settings would read them as its own options
    if hidden:
        raise SettingsError(f"{path}: {hidden[0]} is not a setting of Curator; remove it.")
    try:
        return Settings(**table)
    except ValidationError as error:
        faults = [_describe_fault(path, table, dict(fault)) for fault in error.errors(include_url=False)]
        raise SettingsError("\n".join(faults)) from error
    except ValueError as error:  # pydantic-settings: a variable should contain JSON and does not
        raise SettingsError(f"A CURATOR_ variable in the environment is invalid: {error}.") from error


def _describe_fault(path: Path, table: Mapping[str, Any], fault: dict[str, Any]) -> str:
    where, key = str(path), _name_key(table, fault["loc"])
    variable = "CURATOR_" + "_".join(str(part) for part in fault["loc"]).upper()
    if variable in os.environ:
        where, key = "the environment", variable
    if fault["type"] == "missing":
        return f"{where}: {key} is missing; it must be set."
    if fault["type"] == "extra_forbidden":
        return f"{where}: {key} is not a setting of Curator; {_suggest_key(fault['loc'])}"
    allowed = fault["msg"].removeprefix("Value error, ")
    allowed = allowed[0].lower() + allowed[1:]
    if isinstance(fault["input"], dict | BaseModel):
        return f"{where}: [{key}] {allowed}."
    is_secret = fault["loc"] == ("notify", "to")
    value = json.dumps(fault["input"], default=str, ensure_ascii=False)
    shown = "..." if is_secret else value if len(value) <= 120 else value[:117] + "..."
    return f"{where}: {key} = {shown} is not allowed; {allowed}."


def _name_key(table: Mapping[str, Any], place: tuple[str | int, ...]) -> str:
    """Return a key as a person finds it in the file: "draft.attempts", or "query of topic 'grokking'"."""
    if len(place) > 2 and place[0] == "topics" and isinstance(place[1], int):
        return f"{'.'.join(map(str, place[2:]))} of {_name_topic(table, place[1])}"
    if len(place) == 2 and place[0] == "topics" and isinstance(place[1], int):
        return _name_topic(table, place[1])
    return ".".join(map(str, place))


def _name_topic(table: Mapping[str, Any], index: int) -> str:
    topics = table.get("topics")
    topic = topics[index] if isinstance(topics, list) and index < len(topics) else None
    name = topic.get("name") if isinstance(topic, dict) else None
    return f"topic {name!r}" if isinstance(name, str) and name.strip() else f"[[topics]] number {index + 1}"


def _suggest_key(place: tuple[str | int, ...]) -> str:
    """Return advice on an unknown key: the known key of its table that reads most alike."""
    model: Any = Settings
    for part in place[:-1]:
        if isinstance(part, str):
            model = model.model_fields[part].annotation
            model = next((kind for kind in get_args(model) if isinstance(kind, type)), model)
    close = get_close_matches(str(place[-1]).lower(), model.model_fields, n=1)
    return f"did you mean {close[0]}?" if close else "check its spelling, or remove it."
