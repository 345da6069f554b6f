"""Checks of `curator doctor` that send requests: arXiv, its clock, and the model."""

from __future__ import annotations

import os
import re
import tempfile
import time
import urllib.request
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, datetime
from email.utils import parsedate_to_datetime
from pathlib import Path
from urllib.parse import urlsplit

from pydantic import BaseModel

from curator.errors import BudgetReached, CuratorError, ModelError
from curator.llm import OPENAI, LanguageModel, is_configured, model_name
from curator.llm.budget import budget_from_settings
from curator.llm.model_info import load_model_info, suggest_settings
from curator.llm.prompts import Prompt
from curator.llm.request_form import describe_form
from curator.loopback import is_loopback
from curator.ops.findings import Finding
from curator.pipeline.report import SilentProgress
from curator.pipeline.run_context import arxiv_session
from curator.warehouse import Warehouse, costs
from curator.workspace import Workspace

MAX_CLOCK_SKEW = 300
"""Seconds by which the machine's clock may differ from arXiv's."""
MAX_WAIT = 2.0
"""Seconds that a check waits while another process uses the warehouse."""


_LOGIN = re.compile(r"//[^/@]*@")  # a user and password in an address

_RULES = "You answer with one word."
"""The system message of the question: an endpoint may refuse system messages, which the check finds out."""


class _Tiny(BaseModel):
    answer: str


def check_proxies(workspace: Workspace | None) -> Finding:
    """Name the proxy through which each service is reached.

    Args:
        workspace: Its settings name arXiv's address; without it, only the model's address is known.
    """
    services = {"the model": os.environ.get("OPENAI_BASE_URL") or OPENAI} if is_configured() else {}
    if workspace:
        services = {"arXiv": workspace.settings.arxiv.url} | services
    if not any(scheme != "no" for scheme in urllib.request.getproxies()):
        return Finding("proxies", "good", "none are set")
    routes = [f"{name} ({urlsplit(url).hostname}) {_find_route(url)}" for name, url in services.items()]
    return Finding("proxies", "good", "; ".join(routes) or "set, but no service is asked")


def _find_route(url: str) -> str:
    """Return the way to an address: "directly", or "through" the proxy, without its password."""
    parts = urlsplit(url)
    host, proxies = parts.hostname or "", urllib.request.getproxies()
    proxy = proxies.get(parts.scheme) or proxies.get("all")
    if proxy is None or is_loopback(host) or urllib.request.proxy_bypass(host):
        return "directly"
    return f"through {_LOGIN.sub('//***@', proxy)}"


def check_arxiv(workspace: Workspace) -> Iterator[Finding]:
    """Send one request to arXiv, and compare the clocks."""
    try:
        with arxiv_session(workspace.settings, SilentProgress()) as session:
            started = time.time()
            url = f"{session.endpoint.url}/api/query"
            response = session.get(url, params={"id_list": "1706.03762", "max_results": "1"})
            seconds = time.time() - started
    except CuratorError as error:
        yield Finding("arXiv", "bad", str(error), "Follow the advice in the message, or wait.")
        return
    if response.status_code != 200 or b"<feed" not in response.content[:2000]:
        yield Finding(
            "arXiv",
            "bad",
            f"{url} answered with HTTP {response.status_code} and without a feed.",
            "Check arxiv.url in curator.toml, and the network.",
        )
        return
    yield Finding("arXiv", "good", f"{urlsplit(url).hostname} answered in {seconds:.1f} s")
    yield from compare_clock(response.headers.get("Date", ""), started)


def compare_clock(date: str, local_time: float) -> Iterator[Finding]:
    """Compare the machine's clock with arXiv's; yield nothing if arXiv sent no valid date.

    Args:
        date: The Date header of arXiv's response.
        local_time: Seconds since 1970 when the request was sent.
    """
    try:
        skew = local_time - parsedate_to_datetime(date).timestamp()
    except (ValueError, TypeError):
        return
    if abs(skew) <= MAX_CLOCK_SKEW:
        yield Finding("clock", "good", f"within {MAX_CLOCK_SKEW // 60} minutes of arXiv's clock")
    else:
        yield Finding(
            "clock", "bad", f"{abs(skew) / 60:.0f} minutes {'ahead of' if skew > 0 else 'behind'} arXiv's clock.",
            "Set the clock, for instance with NTP: it orders runs and decisions.",
        )  # fmt: skip


def check_model(workspace: Workspace) -> Finding:
    """Ask the model one short question, within the budget."""
    settings = workspace.settings
    if not is_configured():
        return Finding(
            "model", "good", "none; Curator drafts without a model (neither OPENAI_API_KEY nor OPENAI_BASE_URL is set)"
        )
    key = "with a key (not shown)" if os.environ.get("OPENAI_API_KEY") else "without a key"
    host = urlsplit(os.environ.get("OPENAI_BASE_URL") or OPENAI).hostname
    try:
        name = model_name(settings.model)
        # the time makes the question new, so that it is not answered from recorded replies
        question = f"Answer with the word yes. ({datetime.now(UTC).isoformat()})"
        with _call_warehouse(workspace) as warehouse:
            budget = budget_from_settings(settings, warehouse.read(costs.sum_spent_this_month))
            model = LanguageModel(name, settings.draft, warehouse, "doctor", budget)
            messages = [{"role": "system", "content": _RULES}, {"role": "user", "content": question}]
            reply = model.ask(Prompt("doctor", "", _RULES, question), messages, _Tiny, purpose="doctor")
            accepted = "; ".join(describe_form(model.form))
            lines = suggest_settings(load_model_info(name, settings.draft), settings.draft)
    except BudgetReached as error:
        return Finding(
            "model", "look", f"{name} was not asked. {error.message}", "Raise the limit, or wait for the next month."
        )
    except ModelError as error:
        return Finding("model", "bad", error.message, f"Check the model's name, OPENAI_BASE_URL ({host}) and the key.")
    except CuratorError as error:
        return Finding("model", "bad", str(error), "Fix this first.")
    message = f"{name} at {host} answers, {key}. It accepts {accepted}"
    if reply.estimated:
        return _without_usage(message)
    cached = "cached tokens included" if reply.reports_cache else "but not cached tokens"
    message += f". It reports the tokens that a call used, {cached}"
    if lines:
        return Finding(
            "model",
            "look",
            message,
            f"The endpoint lists other figures. Set in curator.toml: [draft] {'; '.join(lines)}",
        )
    return Finding("model", "good", message)


@contextmanager
def _call_warehouse(workspace: Workspace) -> Iterator[Warehouse]:
    """Yield the warehouse in which the model call is recorded: the workspace's or, if it has none, a temporary one."""
    if workspace.warehouse_file.exists():
        yield Warehouse(workspace.warehouse_file, wait=MAX_WAIT)
        return
    with tempfile.TemporaryDirectory() as folder:
        warehouse = Warehouse(Path(folder) / "curator.duckdb")
        warehouse.write(lambda _: None)
        yield warehouse


def _without_usage(message: str) -> Finding:
    return Finding(
        "model", "look", f"{message}. It does not report the tokens that a call used.",
        "Curator counts each call at its highest possible cost, so budgets end runs early. Enable usage reports.",
    )  # fmt: skip
