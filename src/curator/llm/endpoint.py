"""Where the model is: address, key and client, and the SDK's errors in our words."""

from __future__ import annotations

import os
import random
import threading
import time
import weakref
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from importlib import import_module
from itertools import count
from typing import TYPE_CHECKING, TypeVar

from curator.arxiv.client import retry_after
from curator.errors import ModelError, ModelRefused, ModelReplyUnusable, ModelUnavailable, SettingsError
from curator.sanitize import single_line

if TYPE_CHECKING:
    import openai

OPENAI = "https://api.openai.com/v1"

RETRIES = 2
FIRST_WAIT = 0.5  # seconds; doubled before each further retry
LONGEST_WAIT = 120.0  # seconds; who asks us to wait for longer is asked by a later run. OpenAI's SDK has the same limit

_TEMPORARY = frozenset({409, 429})  # HTTP statuses below 500 after which asking again may help
_TIMED_OUT = frozenset({408, 504, 524})
_NEVER_SENT = frozenset(
    {"ConnectError", "ConnectTimeout", "PoolTimeout", "ProxyError", "UnsupportedProtocol", "SSLCertVerificationError"}
)
"""The HTTP client's exceptions (httpx or httpx2, as the SDK chooses) for a request that never left this machine."""

UNREADABLE = (ValueError, TypeError, AttributeError, LookupError, AssertionError, RuntimeError)
"""What the SDK and its HTTP client raise of an odd answer, of which they check nothing; too deep a one is the last."""

_Told = TypeVar("_Told")


def is_configured() -> bool:
    """Whether there is a model to ask: a key, or an endpoint of one's own."""
    return bool(os.environ.get("OPENAI_API_KEY") or os.environ.get("OPENAI_BASE_URL"))


def model_name(name: str | None) -> str:
    """The model to ask. Raises SettingsError where none is named."""
    if not name:
        raise SettingsError(
            "A model endpoint or key is set, but no model: set `model` in curator.toml or CURATOR_MODEL. "
            "To draft without a model, unset OPENAI_API_KEY and OPENAI_BASE_URL."
        )
    return name


class Endpoint:
    """One endpoint that speaks OpenAI's protocol, as the environment names it. Safe to share between threads.

    `seconds` is what one call may take. Raises SettingsError when made.
    """

    def __init__(self, seconds: float) -> None:
        self.address, self._key = _address_and_key()
        self._seconds = seconds
        self._client: openai.OpenAI | None = None
        self._connecting = threading.Lock()
        threading.Thread(target=import_module, args=("openai",), daemon=True).start()  # half a second, needed later

    def client(self) -> openai.OpenAI:
        """The SDK's client, made on first use."""
        import openai

        from curator.llm.http_client import HttpClient

        with self._connecting:
            if self._client is None:
                self._client = openai.OpenAI(
                    api_key=self._key,
                    base_url=self.address,
                    timeout=self._seconds,
                    max_retries=0,
                    http_client=HttpClient(),
                )
                weakref.finalize(self, self._client.close)
            return self._client

    @contextmanager
    def asking(self, model: str) -> Iterator[openai.OpenAI]:
        """The client, to ask and to look at what it hands out. Raises ModelError for whatever goes wrong in that."""
        import openai

        try:
            yield self.client()
        except openai.OpenAIError as error:
            raise self.translated(error, model) from error
        except UNREADABLE as error:
            raise ModelReplyUnusable(
                f"The endpoint's answer cannot be read: {brief_error(error)}", "garbled"
            ) from error

    def asked_again(self, ask: Callable[[], _Told]) -> _Told:
        """Return what `ask` returns, which must be free of charge; it is called again where that may help.

        Raises what `ask` raises.
        """
        import openai

        for failures in count(1):
            try:
                return ask()
            except openai.OpenAIError as error:
                wait = wait_before_retry(error, failures)
                if wait is None:
                    raise
                time.sleep(wait)
        raise AssertionError("unreachable")

    def translated(self, error: openai.OpenAIError, model: str) -> ModelError:
        """What an error of the SDK means."""
        import openai

        said = brief_error(error)
        if isinstance(error, openai.RateLimitError):
            if getattr(error, "code", None) == "insufficient_quota":
                return ModelRefused(f"The model's account has no credit left: {said}", "no-credit")
            return ModelUnavailable(f"The model's endpoint limits our rate: {said}", "rate-limited", True)
        if isinstance(error, openai.AuthenticationError | openai.PermissionDeniedError):
            return ModelRefused(f"The model's endpoint rejects the key; check OPENAI_API_KEY: {said}", "key")
        if isinstance(error, openai.NotFoundError):
            return ModelRefused(
                f"The endpoint knows no model {model!r}, or OPENAI_BASE_URL is not its address: {said}", "not-found"
            )
        if isinstance(error, openai.APIStatusError) and 300 <= error.status_code < 400:
            to = brief_error(error.response.headers.get("location") or "an address that it does not name")
            return ModelRefused(
                f"The model's endpoint redirects to {to} (HTTP {error.status_code}), and Curator follows no redirect "
                "of a request that may be billed: set OPENAI_BASE_URL to the address that it redirects to.",
                "redirected",
            )
        if isinstance(error, openai.APIConnectionError):  # a timeout too
            return ModelUnavailable(f"The model gave no answer: {said}", "no-answer", True)
        if isinstance(error, openai.InternalServerError):
            return ModelUnavailable(f"The model gave no answer: {said}", "server-error", True)
        return ModelReplyUnusable(f"The model's endpoint rejects the request: {said}", "rejected")


def was_sent(error: openai.OpenAIError) -> bool:
    """Return whether a call that failed may have reached the endpoint."""
    causes = [type(cause).__name__ for cause in _causes(error)]
    return not _NEVER_SENT.intersection(causes)


def timed_out(error: openai.OpenAIError) -> bool:
    """Return whether a call reached the endpoint and had no answer in time, by our clock or a gateway's."""
    import openai

    if isinstance(error, openai.APIStatusError):
        return error.status_code in _TIMED_OUT
    return isinstance(error, openai.APITimeoutError) and was_sent(error)


def wait_before_retry(error: openai.OpenAIError, failures: int) -> float | None:
    """Return the seconds to wait before asking again after so many failures; None where that is no use or too many.

    The endpoint's Retry-After goes before our own wait, which grows, with jitter.
    """
    import openai

    if failures > RETRIES:
        return None
    if isinstance(error, openai.APIStatusError):
        told = error.response.headers
        if (error.status_code < 500 and error.status_code not in _TEMPORARY) or told.get("x-should-retry") == "false":
            return None
        if error.code == "insufficient_quota":
            return None
        asked = _asked_wait(told.get("retry-after-ms"), told.get("retry-after"))
        if asked is not None:
            return asked if asked <= LONGEST_WAIT else None
    elif not isinstance(error, openai.APIConnectionError):
        return None
    return float(FIRST_WAIT * 2 ** (failures - 1) * random.uniform(0.75, 1.0))


def _asked_wait(milliseconds: str | None, seconds: str | None) -> float | None:
    """Return the seconds of a Retry-After, in OpenAI's own header or HTTP's."""
    if milliseconds and milliseconds.isascii() and milliseconds.isdigit():
        return int(milliseconds[:12]) / 1000
    return retry_after(seconds)


def _causes(error: BaseException | None) -> Iterator[BaseException]:
    while error is not None:
        yield error
        error = error.__cause__


def brief_error(error: object) -> str:
    """What the endpoint said, on one line and short, without the key, which some endpoints repeat."""
    text = single_line(str(error))
    if key := _own_key():
        text = text.replace(key, "[key]")
    return text if len(text) <= 300 else text[:297] + "..."


def _address_and_key() -> tuple[str, str]:
    """Raises SettingsError where they cannot be any."""
    address = os.environ.get("OPENAI_BASE_URL") or OPENAI  # the SDK takes "" for an address
    if not address.startswith(("http://", "https://")):
        raise SettingsError(f"OPENAI_BASE_URL = {address!r} is no address; it looks like http://127.0.0.1:8080/v1.")
    key = _own_key() or "none"  # endpoints of one's own often want no key; the SDK always does
    if not (key.isascii() and key.isprintable()):
        raise SettingsError("OPENAI_API_KEY holds characters that no key has; copy it again.")
    return address, key


def _own_key() -> str:
    return os.environ.get("OPENAI_API_KEY", "").strip()  # a line end left in it would break the request's header
