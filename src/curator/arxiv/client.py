"""The only door to arXiv: every request passes the gate, and nothing above this layer retries.

arXiv asks its clients to keep one connection and a pace, to name themselves, to wait when told to, and to stop when
refused (info.arxiv.org/help/api/tou.html, info.arxiv.org/help/robots.html). All of that is kept here, once.
"""

from __future__ import annotations

import contextlib
import math
import random
import time
from collections.abc import Callable, Iterator, Mapping
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
from curator.errors import ArxivBadAnswer, ArxivError, ArxivRefused, ArxivUnavailable, SettingsError
from curator.loopback import is_loopback

USER_AGENT = f"curator/{__version__} (+living list of frames; python-requests/{requests.__version__})"
MAX_RESPONSE_BYTES = 64 * 2**20
"""Bytes of an answer that is kept in memory; 2,000 entries, the most that arXiv sends at once, are about 5 MB."""
BACKOFF = 5.0
"""Seconds; the longest first wait after an answer of arXiv's that was none."""
MAX_BACKOFF = 300.0
MAX_REDIRECTS = 5
_CHUNK = 64 * 1024
_ANSWER_SECONDS = 300.0

Sink = Callable[[bytes], object]


@dataclass(frozen=True)
class ArxivEndpoint:
    """Where arXiv is asked: `url` serves /api/query and /pdf/; `interval` is the seconds between two requests.

    Raises SettingsError for an address that cannot be asked, and for an interval under arXiv's three seconds unless
    the address is this machine's own.
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
                f"arXiv's address {self.url!r} is not one that can be asked: give one such as "
                "https://export.arxiv.org or http://127.0.0.1:8000."
            )
        if not math.isfinite(self.interval) or self.interval < 0:
            raise SettingsError(f"The interval between requests to arXiv is {self.interval}; give seconds, 3 or more.")
        if self.interval < ARXIV_INTERVAL and not is_loopback(host):
            raise SettingsError(
                f"An interval of {self.interval:g} s between requests to {host} is too short: arXiv's terms of use ask "
                f"for {ARXIV_INTERVAL:g} s. Less is allowed for a server on this machine only."
            )


class BodyTooLarge(ArxivBadAnswer):
    """The answer's body is larger than the caller allows."""


class TransientResponse(Exception):
    """An answer, or the lack of one, that is worth asking for again.

    `wait`: seconds until then, None for the usual backoff. `paced`: the gate itself makes everybody wait.
    `finally_`: what to raise when asking again does not help, instead of ArxivUnavailable.
    """

    def __init__(
        self, reason: str, *, wait: float | None = None, paced: bool = False, finally_: ArxivError | None = None
    ) -> None:
        super().__init__(reason)
        self.reason = reason
        self.wait = wait
        self.paced = paced
        self.finally_ = finally_


class ArxivSession(requests.Session):
    """A requests.Session whose every request keeps arXiv's rules. Safe to share between threads.

    Times are in seconds. `retries` more tries follow a failed one, after a wait that starts at up to `backoff` (where
    left out, BACKOFF in proportion to the endpoint's interval), doubles up to 300 and is drawn at random below that
    ("full jitter"), or as long as Retry-After says.
    `on_wait(why, seconds)` is called before a wait that a person would wonder about.
    """

    def __init__(
        self,
        endpoint: ArxivEndpoint,
        *,
        retries: int = 4,
        connect_timeout: float = 10,
        read_timeout: float = 60,
        backoff: float | None = None,
        on_wait: OnWait | None = None,
    ) -> None:
        super().__init__()
        self.endpoint = endpoint
        self._retries = retries
        self._timeout = (connect_timeout, read_timeout)
        self._backoff = BACKOFF * endpoint.interval / ARXIV_INTERVAL if backoff is None else backoff
        self._on_wait: OnWait = on_wait or (lambda why, seconds: None)
        self.cookies.set_policy(DefaultCookiePolicy(allowed_domains=[]))

    def get(  # type: ignore[override]
        self,
        url: str,
        *,
        params: Mapping[str, str] | None = None,
        headers: Mapping[str, str] | None = None,
        check: Callable[[requests.Response], object] | None = None,
        **fixed: Any,
    ) -> requests.Response:
        """The answer with its whole body (at most MAX_ANSWER bytes), retried and redirected within arXiv.

        What else `requests` would take (timeout, stream, allow_redirects) is this session's to say, and is ignored.
        `check` looks at each answer and may raise TransientAnswer to have it asked for again. Statuses of 4xx other
        than 403 and 429 are for the caller to judge. Raises ArxivUnavailable, ArxivRefused, ArxivBadAnswer.
        """
        return self._ask(url, _Memory(), check, params=params, headers=headers)

    def fetch_to(
        self, url: str, open_sink: Callable[[], Sink], max_bytes: int, total_seconds: float = 600
    ) -> requests.Response:
        """Stream a body of at most `max_bytes` to a sink; the answer returned has status and headers only.

        `open_sink` is called at the start of each body, so once for every try: it must drop what an earlier, broken
        try has left. An answer that is not 2xx never reaches the sink; its body is in the answer returned.
        Raises BodyTooLarge, and all that `get` raises; what the sink raises passes through.
        """
        body = _Stream(open_sink, max_bytes, total_seconds)
        return self._ask(url, body, None, headers={"Accept-Encoding": "identity"})

    def send(self, request: requests.PreparedRequest, **kwargs: Any) -> requests.Response:
        """One request through the gate, not retried: what the verbs other than `get` come down to."""
        try:
            return self._attempt(request, _Memory(), kwargs, self._jittered(1))
        except TransientResponse as error:
            raise ArxivUnavailable(_gave_up(request.url or "", 1, error.reason)) from error

    def get_redirect_target(self, resp: requests.Response) -> None:
        """None: requests itself must not follow a redirect past the gate; `_follow` does."""

    def _ask(
        self,
        url: str,
        body: _Memory | _Stream,
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
                    raise error.finally_ or ArxivUnavailable(_gave_up(url, failures, error.reason)) from error
                if not error.paced:
                    self._sleep(error.reason, pause if error.wait is None else error.wait)
        raise AssertionError("unreachable")

    def _follow(
        self,
        url: str,
        body: _Memory | _Stream,
        params: Mapping[str, str] | None,
        headers: Mapping[str, str] | None,
        pause: float,
    ) -> requests.Response:
        """One try: the request and its redirects, each hop through the gate."""
        for _ in range(MAX_REDIRECTS + 1):
            try:
                prepared = self.prepare_request(requests.Request("GET", url, params=params, headers=headers))
                settings = self.merge_environment_settings(prepared.url, {}, True, None, None)
            except (requests.RequestException, ValueError) as error:
                raise ArxivBadAnswer(f"{_short(url)} is not an address that can be asked: {error}.") from error
            response = self._attempt(prepared, body, dict(settings), pause)
            target = response.headers.get("Location")
            if not response.is_redirect or not target:
                return response
            url, params = urljoin(prepared.url or "", target), None
            if not _may_follow(prepared.url or "", url):
                raise ArxivBadAnswer(
                    f"{_short(prepared.url or '')} sent us on to {_short(url)}, which is not arXiv. A network that "
                    "wants a login does that; check the connection in a browser."
                )
        raise ArxivBadAnswer(f"{_short(url)} was still a redirect after {MAX_REDIRECTS} of them; it was given up.")

    def _attempt(
        self, request: requests.PreparedRequest, body: _Memory | _Stream, settings: dict[str, Any], pause: float
    ) -> requests.Response:
        """One request inside the gate until its body has been read; `pause` is the cool-down if arXiv names none."""
        url = request.url or ""
        host = (urlsplit(url).hostname or "").lower()
        request.headers["User-Agent"] = USER_AGENT  # also where the arxiv package sets its own
        settings.update(stream=True, allow_redirects=False, timeout=self._timeout)
        if is_loopback(host):
            settings["proxies"] = {}
        interval = max(self.endpoint.interval, ARXIV_INTERVAL) if is_arxiv(host) else self.endpoint.interval
        with RateLimiter(gate_file(url), interval, self._on_wait).turn() as turn:
            try:
                response = super().send(request, **settings)
                turn.stamp()
                with _closed_on_error(response):
                    self._judge(response, turn, pause)
                    body.take(response)
                return response
            except (requests.RequestException, urllib3.exceptions.HTTPError) as error:
                turn.stamp()
                raise TransientResponse(_in_words(error)) from error

    def _judge(self, response: requests.Response, turn: Slot, pause: float) -> None:
        status = response.status_code
        if status == 403:
            turn.refused()
            raise ArxivRefused(
                f"arXiv refused {_short(response.url)} (HTTP 403), so nothing more is asked: {AFTER_REFUSAL} "
                f"and name the user agent {USER_AGENT!r}."
            )
        if status != 429 and status < 500:
            return
        wait = retry_after(response.headers.get("Retry-After"))
        paced = wait is not None or status in (429, 503)
        if paced:
            turn.cool_down(pause if wait is None else wait)
        if wait is not None and wait > MAX_COOL_DOWN:
            when = datetime.now(UTC) + timedelta(seconds=min(wait, 10 * 366 * 86400))
            raise ArxivUnavailable(
                f"arXiv answered HTTP {status} to {_short(response.url)} and asks not to be called before "
                f"{when:%Y-%m-%d %H:%M} UTC. A run after that will make it up."
            )
        raise TransientResponse(f"HTTP {status}", wait=wait, paced=paced)

    def _jittered(self, failures: int) -> float:
        return random.uniform(0, min(MAX_BACKOFF, self._backoff * 2 ** (failures - 1)))

    def _sleep(self, why: str, seconds: float) -> None:
        if seconds > 0:
            self._on_wait(f"arXiv did not answer well ({why}); it is asked again", seconds)
            time.sleep(seconds)


class _Memory:
    """Keeps the whole body in the answer, as requests would."""

    def take(self, response: requests.Response) -> None:
        chunks = list(_chunks(response, MAX_RESPONSE_BYTES, _ANSWER_SECONDS))
        response._content = b"".join(chunks)
        response._content_consumed = True  # type: ignore[attr-defined]


class _Stream:
    """Passes the body of a good answer to the caller's sink."""

    def __init__(self, open_sink: Callable[[], Sink], max_bytes: int, total_seconds: float) -> None:
        self._open_sink = open_sink
        self._max_bytes = max_bytes
        self._total_seconds = total_seconds

    def take(self, response: requests.Response) -> None:
        if not 200 <= response.status_code < 300:
            _Memory().take(response)
            return
        write = self._open_sink()
        for chunk in _chunks(response, self._max_bytes, self._total_seconds):
            write(chunk)
        response._content = b""
        response._content_consumed = True  # type: ignore[attr-defined]


def _chunks(response: requests.Response, max_bytes: int, total_seconds: float) -> Iterator[bytes]:
    """The body piece by piece, as it comes in: read1 returns at each packet, so that a server that sends one byte a
    minute meets the time limit instead of holding the gate."""
    announced = response.headers.get("Content-Length", "")
    if announced.isdecimal() and int(announced[:20]) > max_bytes:
        raise BodyTooLarge(_too_large(response, max_bytes))
    deadline = time.monotonic() + total_seconds
    size = 0
    while chunk := response.raw.read1(_CHUNK, decode_content=True):
        size += len(chunk)
        if size > max_bytes:
            raise BodyTooLarge(_too_large(response, max_bytes))
        if time.monotonic() > deadline:
            raise requests.Timeout(f"the body was not complete after {total_seconds:g} s")
        yield chunk


@contextlib.contextmanager
def _closed_on_error(response: requests.Response) -> Iterator[None]:
    """An answer that is not read to its end takes its connection with it, before the gate opens."""
    try:
        yield
    except BaseException:
        response.close()
        raise


def retry_after(value: str | None, now: datetime | None = None) -> float | None:
    """Seconds that a Retry-After header asks for (RFC 9110, 10.2.3: seconds or a date); None if it asks for none."""
    text = (value or "").strip()[:64]
    if text.isascii() and text.isdigit():
        seconds = float(text)
    else:
        try:
            when = parsedate_to_datetime(text)
            when = when if when.tzinfo else when.replace(tzinfo=UTC)
            seconds = (when - (now or datetime.now(UTC))).total_seconds()
        except (ValueError, OverflowError):  # no date, or a year, hour or zone out of range
            return None
    return seconds if seconds > 0 else None


def _may_follow(old: str, new: str) -> bool:
    """Whether a redirect stays with arXiv or on the same server; never from https down to http."""
    try:
        before, after = urlsplit(old), urlsplit(new)
        port = after.port
    except ValueError:
        return False
    if after.scheme == "https" and is_arxiv(after.hostname or "") and port in (None, 443):
        return True
    return (before.scheme, before.hostname, before.port) == (after.scheme, after.hostname, port)


def _in_words(error: Exception) -> str:
    if isinstance(error, requests.ConnectTimeout):
        return "no connection in time"
    if isinstance(error, requests.Timeout | urllib3.exceptions.TimeoutError):
        return f"no answer in time: {error}"[:200]
    if isinstance(error, urllib3.exceptions.IncompleteRead):
        return "the body was cut short"
    return f"{type(error).__name__}: {error}"[:200]


def _gave_up(url: str, tries: int, reason: str) -> str:
    return (
        f"arXiv gave no usable answer to {_short(url)} in {tries} {'try' if tries == 1 else 'tries'} "
        f"(the last: {reason}). The next run will make it up."
    )


def _too_large(response: requests.Response, max_bytes: int) -> str:
    return f"The answer to {_short(response.url)} is larger than the {max_bytes / 2**20:.1f} MB allowed."


def _short(url: str) -> str:
    shown = "".join(c if c.isprintable() else "?" for c in url)
    return shown if len(shown) <= 200 else shown[:199] + "…"
