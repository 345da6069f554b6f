"""The only HTTP client for arXiv: every request passes the rate limiter, and no layer above this one retries.

arXiv asks its clients to use one connection, to limit their rate, to identify themselves, to wait when asked to, and
to stop after a refusal (info.arxiv.org/help/api/tou.html, info.arxiv.org/help/robots.html). This module does all of it.
"""

from __future__ import annotations

import math
import random
import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from email.utils import parsedate_to_datetime
from http.cookiejar import DefaultCookiePolicy
from typing import Any
from urllib.parse import urljoin, urlsplit

import requests
import urllib3

from curator import __version__
from curator.arxiv.rate_limit import (
    AFTER_REFUSAL,
    ARXIV_INTERVAL,
    MAX_COOL_DOWN,
    OnWait,
    RateLimiter,
    Slot,
    gate_file,
    is_arxiv,
)
from curator.arxiv.response_body import MemoryReader, Sink, SinkReader, closed_on_error, shorten_url
from curator.errors import ArxivBadAnswer, ArxivError, ArxivRefused, ArxivUnavailable, SettingsError
from curator.loopback import is_loopback

USER_AGENT = f"curator/{__version__} (+living list of frames; python-requests/{requests.__version__})"
MAX_FIRST_WAIT = 5.0
"""Seconds: the longest wait after the first failure, at arXiv's interval of 3 s; our own choice."""
MAX_WAIT = 300.0
"""Seconds: the longest wait between two tries, unless arXiv asks for a longer one; our own choice."""
MAX_REDIRECTS = 5
"""Redirects followed for one request; arXiv itself needs one or two."""


@dataclass(frozen=True)
class ArxivEndpoint:
    """The server that answers for arXiv.

    Attributes:
        url: The address below which /api/query and /pdf/ are served.
        interval: Seconds between two requests.

    Raises:
        SettingsError: The address is not a plain HTTP address, or the interval is under arXiv's three seconds and the
            address is not a loopback address.
    """

    url: str = "https://export.arxiv.org"
    interval: float = ARXIV_INTERVAL

    def __post_init__(self) -> None:
        object.__setattr__(self, "url", self.url.strip().rstrip("/"))
        try:
            parts = urlsplit(self.url)
            host, _ = parts.hostname or "", parts.port
        except ValueError:
            host = ""
        if not host or parts.scheme not in ("http", "https") or parts.query or parts.fragment or "@" in parts.netloc:
            raise SettingsError(
                f"arXiv's address {self.url!r} is not a valid HTTP address. Give an address such as "
                "https://export.arxiv.org or http://127.0.0.1:8000."
            )
        if not math.isfinite(self.interval) or self.interval < 0:
            raise SettingsError(f"The interval between requests to arXiv is {self.interval}. Give 3 or more seconds.")
        if self.interval < ARXIV_INTERVAL and not is_loopback(host):
            raise SettingsError(
                f"An interval of {self.interval:g} s between requests to {host} is too short: arXiv's terms of use ask "
                f"for {ARXIV_INTERVAL:g} s. A shorter interval is allowed only for a server on this machine."
            )


class TransientResponse(Exception):
    """A failed request that is worth repeating: an unusable response, or no response.

    Attributes:
        reason: The failure, in words for a message.
        wait: Seconds until the next try; None for the usual wait.
        paced: True if the rate limiter already makes every process wait.
        final_error: The error to raise when the retries fail too; None for ArxivUnavailable.
    """

    def __init__(
        self, reason: str, *, wait: float | None = None, paced: bool = False, final_error: ArxivError | None = None
    ) -> None:
        super().__init__(reason)
        self.reason = reason
        self.wait = wait
        self.paced = paced
        self.final_error = final_error


class ArxivSession(requests.Session):
    """A requests.Session whose every request follows arXiv's rules. Safe to share between threads.

    Args:
        endpoint: The server to ask, and the interval between requests.
        retries: Tries after a failed one. Before each the session waits: as long as Retry-After says, otherwise a
            random time below a limit that starts at `first_wait` and doubles up to MAX_WAIT ("full jitter").
        connect_timeout: Seconds to wait for a connection.
        read_timeout: Seconds to wait for the next bytes of a response.
        first_wait: Seconds: the longest wait after the first failure; by default MAX_FIRST_WAIT, in proportion to the
            endpoint's interval.
        on_wait: Called with a reason and the seconds before a wait long enough that a user would wonder about it.
    """

    def __init__(
        self,
        endpoint: ArxivEndpoint,
        *,
        retries: int = 4,
        connect_timeout: float = 10,
        read_timeout: float = 60,
        first_wait: float | None = None,
        on_wait: OnWait | None = None,
    ) -> None:
        super().__init__()
        self.endpoint = endpoint
        self._retries = retries
        self._timeout = (connect_timeout, read_timeout)
        self._first_wait = MAX_FIRST_WAIT * endpoint.interval / ARXIV_INTERVAL if first_wait is None else first_wait
        self._on_wait: OnWait = on_wait or (lambda why, seconds: None)
        self.cookies.set_policy(DefaultCookiePolicy(allowed_domains=[]))

    def get(  # type: ignore[override]
        self,
        url: str,
        *,
        params: Mapping[str, str] | None = None,
        headers: Mapping[str, str] | None = None,
        check: Callable[[requests.Response], object] | None = None,
        **ignored: Any,
    ) -> requests.Response:
        """Request a page, with retries, and follow redirects within arXiv.

        Args:
            url: The address.
            params: Parameters of the query.
            headers: Headers beside the session's own.
            check: Called with each response; may raise TransientResponse to have it requested again.
            ignored: Other arguments of `requests` (timeout, stream, allow_redirects), which the session itself sets.

        Returns:
            The response with its whole body, at most MAX_RESPONSE_BYTES. The caller judges 4xx statuses other than
            403 and 429.

        Raises:
            ArxivUnavailable: arXiv gave no usable answer, even after the retries, or asks for a long wait.
            ArxivRefused: arXiv refuses this machine.
            ArxivBadAnswer: The response is larger than allowed, or redirects away from arXiv.
        """
        return self._ask(url, MemoryReader(), check, params=params, headers=headers)

    def fetch_to(
        self, url: str, open_sink: Callable[[], Sink], max_bytes: int, total_seconds: float = 600
    ) -> requests.Response:
        """Stream a body to a sink.

        Args:
            url: The address.
            open_sink: Returns the sink. Called at the start of each body, so once per try: it must discard the data
                of an earlier, broken try.
            max_bytes: The largest body that is allowed.
            total_seconds: The time in which the body must be complete.

        Returns:
            The response with its status and headers. The body of a response that is not 2xx never reaches the sink;
            the response has it.

        Raises:
            BodyTooLarge: The body has more than `max_bytes`.
            ArxivError: As `get` raises it. Errors of the sink pass through.
        """
        body = SinkReader(open_sink, max_bytes, total_seconds)
        return self._ask(url, body, None, headers={"Accept-Encoding": "identity"})

    def send(self, request: requests.PreparedRequest, **kwargs: Any) -> requests.Response:
        """Send one request through the rate limiter, without retries. HTTP methods other than GET use this.

        Raises:
            ArxivUnavailable: The request failed.
            ArxivRefused: arXiv refuses this machine.
        """
        try:
            return self._attempt(request, MemoryReader(), kwargs, self._jittered(1))
        except TransientResponse as error:
            raise ArxivUnavailable(_gave_up(request.url or "", 1, error.reason)) from error

    def get_redirect_target(self, resp: requests.Response) -> None:
        """Return None: `requests` must not follow a redirect past the rate limiter; `_follow` does."""

    def _ask(
        self,
        url: str,
        body: MemoryReader | SinkReader,
        check: Callable[[requests.Response], object] | None,
        *,
        params: Mapping[str, str] | None = None,
        headers: Mapping[str, str] | None = None,
    ) -> requests.Response:
        for failures in range(1, self._retries + 2):
            pause = self._jittered(failures)
            try:
                response = self._follow(url, body, params, headers, pause)
                if check is not None:
                    check(response)
                return response
            except TransientResponse as error:
                if failures > self._retries:
                    raise error.final_error or ArxivUnavailable(_gave_up(url, failures, error.reason)) from error
                if not error.paced:
                    self._sleep(error.reason, pause if error.wait is None else error.wait)
        raise AssertionError("unreachable")

    def _follow(
        self,
        url: str,
        body: MemoryReader | SinkReader,
        params: Mapping[str, str] | None,
        headers: Mapping[str, str] | None,
        pause: float,
    ) -> requests.Response:
        """Send the request and follow its redirects, each through the rate limiter."""
        for _ in range(MAX_REDIRECTS + 1):
            try:
                prepared = self.prepare_request(requests.Request("GET", url, params=params, headers=headers))
                options = self.merge_environment_settings(prepared.url, {}, True, None, None)
            except (requests.RequestException, ValueError) as error:
                raise ArxivBadAnswer(f"{shorten_url(url)} is not a valid address: {error}.") from error
            response = self._attempt(prepared, body, dict(options), pause)
            target = response.headers.get("Location")
            if not response.is_redirect or not target:
                return response
            url, params = urljoin(prepared.url or "", target), None
            if not _may_follow(prepared.url or "", url):
                raise ArxivBadAnswer(
                    f"{shorten_url(prepared.url or '')} redirects to {shorten_url(url)}, which is not arXiv. A "
                    "network that requires a login does that; check the connection in a browser."
                )
        raise ArxivBadAnswer(f"{shorten_url(url)} was given up after {MAX_REDIRECTS} redirects.")

    def _attempt(
        self, request: requests.PreparedRequest, body: MemoryReader | SinkReader, options: dict[str, Any], pause: float
    ) -> requests.Response:
        """Send one request and read its body while holding the slot.

        `pause` is the cool-down in seconds if arXiv asks for a pause without naming its length.
        """
        url = request.url or ""
        host = (urlsplit(url).hostname or "").lower()
        request.headers["User-Agent"] = USER_AGENT  # overrides the arxiv package's own
        options.update(stream=True, allow_redirects=False, timeout=self._timeout)
        if is_loopback(host):
            options["proxies"] = {}
        interval = max(self.endpoint.interval, ARXIV_INTERVAL) if is_arxiv(host) else self.endpoint.interval
        with RateLimiter(gate_file(url), interval, self._on_wait).slot() as slot:
            try:
                response = super().send(request, **options)
                slot.stamp()
                with closed_on_error(response):
                    self._check_status(response, slot, pause)
                    body.read(response)
                return response
            except (requests.RequestException, urllib3.exceptions.HTTPError) as error:
                slot.stamp()
                raise TransientResponse(_describe(error)) from error

    def _check_status(self, response: requests.Response, slot: Slot, pause: float) -> None:
        status = response.status_code
        if status == 403:
            slot.block()
            raise ArxivRefused(
                f"arXiv refused {shorten_url(response.url)} (HTTP 403), so Curator sends no more requests: "
                f"{AFTER_REFUSAL} and name the user agent {USER_AGENT!r}."
            )
        if status != 429 and status < 500:
            return
        wait = retry_after(response.headers.get("Retry-After"))
        paced = wait is not None or status in (429, 503)
        if paced:
            slot.cool_down(pause if wait is None else wait)
        if wait is not None and wait > MAX_COOL_DOWN:
            when = datetime.now(UTC) + timedelta(seconds=min(wait, 10 * 366 * 86400))
            raise ArxivUnavailable(
                f"arXiv answered HTTP {status} to {shorten_url(response.url)} and asks for no more requests before "
                f"{when:%Y-%m-%d %H:%M} UTC. A run after that time will fetch the missing papers."
            )
        raise TransientResponse(f"HTTP {status}", wait=wait, paced=paced)

    def _jittered(self, failures: int) -> float:
        return random.uniform(0, min(MAX_WAIT, self._first_wait * 2 ** (failures - 1)))

    def _sleep(self, why: str, seconds: float) -> None:
        if seconds > 0:
            self._on_wait(f"the request to arXiv failed ({why}) and will be repeated", seconds)
            time.sleep(seconds)


def retry_after(value: str | None, now: datetime | None = None) -> float | None:
    """Parse a Retry-After header (RFC 9110, 10.2.3), which gives seconds or a date.

    Args:
        value: The header's value; None if the response has none.
        now: The time from which seconds are counted; by default the current time.

    Returns:
        Seconds to wait, above 0; None if the header asks for no wait.
    """
    text = (value or "").strip()[:64]
    if text.isascii() and text.isdigit():
        seconds = float(text)
    else:
        try:
            when = parsedate_to_datetime(text)
            when = when if when.tzinfo else when.replace(tzinfo=UTC)
            seconds = (when - (now or datetime.now(UTC))).total_seconds()
        except (ValueError, OverflowError):  # not a date, or a year, hour or zone out of range
            return None
    return seconds if seconds > 0 else None


def _may_follow(old: str, new: str) -> bool:
    """Return True if a redirect stays at arXiv or on the same server, and does not go from https to http."""
    try:
        before, after = urlsplit(old), urlsplit(new)
        port = after.port
    except ValueError:
        return False
    if after.scheme == "https" and is_arxiv(after.hostname or "") and port in (None, 443):
        return True
    return (before.scheme, before.hostname, before.port) == (after.scheme, after.hostname, port)


def _describe(error: Exception) -> str:
    if isinstance(error, requests.ConnectTimeout):
        return "no connection in time"
    if isinstance(error, requests.Timeout | urllib3.exceptions.TimeoutError):
        return f"no answer in time: {error}"[:200]
    if isinstance(error, urllib3.exceptions.IncompleteRead):
        return "the body was cut short"
    return f"{type(error).__name__}: {error}"[:200]


def _gave_up(url: str, tries: int, reason: str) -> str:
    return (
        f"arXiv gave no usable answer to {shorten_url(url)} in {tries} {'try' if tries == 1 else 'tries'} "
        f"(the last: {reason}). The next run will fetch the missing papers."
    )
