"""Read the body of an arXiv response, within a limit of bytes and of seconds, into memory or into a sink."""

from __future__ import annotations

import contextlib
import time
from collections.abc import Callable, Iterator

import requests

from curator.errors import ArxivBadAnswer

MAX_RESPONSE_BYTES = 64 * 2**20
"""Bytes of a response kept in memory; 2,000 entries, the most that arXiv sends in one response, are about 5 MB."""
MAX_RESPONSE_SECONDS = 300.0
"""Seconds in which a response kept in memory must be complete; our own choice, far above arXiv's usual seconds."""
_CHUNK_BYTES = 64 * 1024
_MAX_URL_CHARACTERS = 200  # of an address in a message

Sink = Callable[[bytes], object]
"""Receives the body, one chunk of bytes a call."""


class BodyTooLarge(ArxivBadAnswer):
    """The body of a response is larger than the caller allows."""


class MemoryReader:
    """Keeps the whole body in the response's `content`, as requests itself would."""

    def read(self, response: requests.Response) -> None:
        """Read the body.

        Raises:
            BodyTooLarge: The body has more than MAX_RESPONSE_BYTES.
            requests.Timeout: The body is not complete after MAX_RESPONSE_SECONDS.
        """
        chunks = list(_read_chunks(response, MAX_RESPONSE_BYTES, MAX_RESPONSE_SECONDS))
        _set_content(response, b"".join(chunks))


class SinkReader:
    """Passes the body of a 2xx response to a sink; keeps any other response's body in its `content`.

    Args:
        open_sink: Returns the sink; called once for each body.
        max_bytes: The largest body that is allowed.
        total_seconds: The time in which the body must be complete.
    """

    def __init__(self, open_sink: Callable[[], Sink], max_bytes: int, total_seconds: float) -> None:
        self._open_sink = open_sink
        self._max_bytes = max_bytes
        self._total_seconds = total_seconds

    def read(self, response: requests.Response) -> None:
        """Read the body.

        Raises:
            BodyTooLarge: The body has more than `max_bytes`.
            requests.Timeout: The body is not complete after `total_seconds`.
        """
        if not 200 <= response.status_code < 300:
            MemoryReader().read(response)
            return
        write = self._open_sink()
        for chunk in _read_chunks(response, self._max_bytes, self._total_seconds):
            write(chunk)
        _set_content(response, b"")


@contextlib.contextmanager
def closed_on_error(response: requests.Response) -> Iterator[None]:
    """Close the connection of a response that is not read to its end, before the rate limiter frees the slot."""
    try:
        yield
    except BaseException:
        response.close()
        raise


def shorten_url(url: str) -> str:
    """Return an address for a message: at most 200 characters, unprintable ones replaced by "?"."""
    printable = "".join(c if c.isprintable() else "?" for c in url)
    return printable if len(printable) <= _MAX_URL_CHARACTERS else printable[: _MAX_URL_CHARACTERS - 1] + "…"


def _read_chunks(response: requests.Response, max_bytes: int, total_seconds: float) -> Iterator[bytes]:
    """Yield the body in chunks as they arrive.

    read1 returns at each packet, so a server that sends a byte a minute runs into the time limit and does not occupy
    the slot for ever.
    """
    content_length = response.headers.get("Content-Length", "")
    if content_length.isdecimal() and int(content_length[:20]) > max_bytes:
        raise _too_large(response, max_bytes)
    deadline = time.monotonic() + total_seconds
    size = 0
    while chunk := response.raw.read1(_CHUNK_BYTES, decode_content=True):
        size += len(chunk)
        if size > max_bytes:
            raise _too_large(response, max_bytes)
        if time.monotonic() > deadline:
            raise requests.Timeout(f"the body was not complete after {total_seconds:g} s")
        yield chunk


def _set_content(response: requests.Response, content: bytes) -> None:
    response._content = content
    response._content_consumed = True  # type: ignore[attr-defined]


def _too_large(response: requests.Response, max_bytes: int) -> BodyTooLarge:
    return BodyTooLarge(
        f"The answer to {shorten_url(response.url)} is larger than the {max_bytes / 2**20:.1f} MB allowed."
    )
