"""The model's endpoint: its address, key and client, and the translation of the SDK's errors."""

from __future__ import annotations

import os
import random
import re
import threading
import time
import weakref
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from importlib import import_module
from itertools import count
from typing import TYPE_CHECKING, Any, TypeVar

from curator.arxiv.client import retry_after
from curator.errors import (
    ModelError,
    ModelRefused,
    ModelReplyUnusable,
    ModelUnavailable,
    PromptTooLong,
    RequestRejected,
    SettingsError,
)
from curator.llm.usage import parse_body
from curator.sanitize import single_line

if TYPE_CHECKING:
    import openai

OPENAI = "https://api.openai.com/v1"
"""The address of the endpoint unless OPENAI_BASE_URL is set."""

MAX_RETRIES = 2
"""Further attempts after the first; the default of OpenAI's SDK."""
FIRST_WAIT = 0.5
"""Seconds before the first retry; doubled before each further retry."""
MAX_WAIT = 120.0
"""Seconds, the limit of OpenAI's SDK. If an endpoint asks for a longer wait, a later run asks it again."""

_TEMPORARY = frozenset({409, 429})  # HTTP statuses below 500 after which a retry may help
_TIMED_OUT = frozenset({408, 504, 524})
_NEVER_SENT = frozenset(
    {"ConnectError", "ConnectTimeout", "PoolTimeout", "ProxyError", "UnsupportedProtocol", "SSLCertVerificationError"}
)
"""The HTTP client's exceptions (httpx or httpx2, as the SDK chooses) for a request that never left this machine."""

MIN_WINDOW, MAX_WINDOW = 512, 20_000_000
"""Tokens of a context window that an endpoint may name."""
MAX_ERROR_DEPTH, MAX_ERROR_ITEMS = 5, 5
"""Levels of an error's body that are read, and items of a list in it."""

_ERROR_PARTS = ("error", "errors", "message", "detail", "msg", "title", "reason", "code")
_STATUS_OF_NAME = {
    "rate_limit_exceeded": 429, "rate_limit_error": 429, "rate_limited": 429, "resource_exhausted": 429,
    "too_many_requests": 429, "insufficient_quota": 402, "billing_error": 402, "payment_required": 402,
    "authentication_error": 401, "invalid_api_key": 401, "unauthenticated": 401, "permission_error": 403,
    "permission_denied": 403, "not_found_error": 404, "model_not_found": 404, "invalid_request_error": 400,
    "invalid_argument": 400, "context_length_exceeded": 400, "overloaded_error": 503, "unavailable": 503,
    "server_error": 500, "api_error": 500, "internal": 500, "timeout": 504, "deadline_exceeded": 504,
}  # fmt: skip
"""HTTP statuses of the errors that OpenAI, Anthropic, Google and OpenRouter name in an answer."""
_TOO_LONG = re.compile(
    r"context.{0,20}(?:length|window|size)|maximum context|too many (?:input |prompt )?tokens|prompt is too long"
    r"|(?:input|prompt|request).{0,40}(?:exceed|too long|too large|longer than).{0,80}token"
    r"|token.{0,40}exceed",
    re.IGNORECASE,
)
_WINDOW = re.compile(
    r"(?:max(?:imum)?|limit|window|context|length|supports?|up to|only)[^\d\n]{0,40}?(\d{1,3}(?:,\d{3})+|\d{3,8})"
    r"|(\d{1,3}(?:,\d{3})+|\d{3,8})\s*(?:tokens?\s*)?(?:max(?:imum)?|limit)",
    re.IGNORECASE,
)
"""The number of tokens that a refusal names as the most that the model takes."""

UNREADABLE_ERRORS = (ValueError, TypeError, AttributeError, LookupError, AssertionError, RuntimeError)
"""Exceptions of the SDK and its HTTP client for malformed answers, which they do not check; RuntimeError includes an
answer that is nested too deeply."""

_Result = TypeVar("_Result")


def is_configured() -> bool:
    """Return True if the environment names a key, or an endpoint other than OpenAI's."""
    return bool(os.environ.get("OPENAI_API_KEY") or os.environ.get("OPENAI_BASE_URL"))


def model_name(name: str | None) -> str:
    """Return the name of the model to ask.

    Raises:
        SettingsError: The settings name no model.
    """
    if not name:
        raise SettingsError(
            "OPENAI_API_KEY or OPENAI_BASE_URL is set, but no model is named. Set `model` in curator.toml, or "
            "CURATOR_MODEL. To draft without a model, unset OPENAI_API_KEY and OPENAI_BASE_URL."
        )
    return name


class Endpoint:
    """The endpoint that the environment names, with OpenAI's protocol. Safe to share between threads.

    Args:
        seconds: The time limit of one call, in seconds.

    Raises:
        SettingsError: The address or the key is invalid.
    """

    def __init__(self, seconds: float) -> None:
        self.address, self._key = _address_and_key()
        self._seconds = seconds
        self._client: openai.OpenAI | None = None
        self._connecting = threading.Lock()
        threading.Thread(target=import_module, args=("openai",), daemon=True).start()  # takes half a second

    def client(self) -> openai.OpenAI:
        """Return the SDK's client, which is created on first use."""
        import openai

        from curator.llm.http_client import HttpClient

        with self._connecting:
            if self._client is None:
                self._client = openai.OpenAI(
                    api_key=self._key,
                    base_url=self.address,
                    timeout=self._seconds,
                    max_retries=0,
                    http_client=HttpClient(self.address),
                )
                weakref.finalize(self, self._client.close)
            return self._client

    @contextmanager
    def connect(self, model: str) -> Iterator[openai.OpenAI]:
        """Yield the SDK's client, and translate every error of its calls and answers.

        Args:
            model: The model's name, for messages.

        Raises:
            ModelError: A call in the block failed, or its answer cannot be read.
        """
        import openai

        try:
            yield self.client()
        except openai.OpenAIError as error:
            raise self.translate(error, model) from error
        except UNREADABLE_ERRORS as error:
            raise ModelReplyUnusable(
                f"The endpoint's answer cannot be read: {brief_error(error)}", "garbled"
            ) from error

    def call_with_retries(self, function: Callable[[], _Result]) -> _Result:
        """Return the result of `function`; call it again after errors that may pass.

        Args:
            function: Sends a request. It must be free of charge, since it may be sent several times.

        Raises:
            openai.OpenAIError: The last attempt failed.
        """
        import openai

        for failures in count(1):
            try:
                return function()
            except openai.OpenAIError as error:
                wait = wait_before_retry(error, failures)
                if wait is None:
                    raise
                time.sleep(wait)
        raise AssertionError("unreachable")

    def translate(self, error: openai.OpenAIError, model: str) -> ModelError:
        """Translate an error of the SDK into one of Curator's.

        Args:
            error: The SDK's error.
            model: The model's name, for the message.
        """
        import openai

        if isinstance(error, openai.APIStatusError):
            words = error_words(parse_body(error.response.text)) or brief_error(error)
            if 300 <= error.status_code < 400:
                return _make_redirect_error(error)
            return translate_status(error.status_code, str(error.code or ""), words, model)
        if isinstance(error, openai.APIConnectionError):  # includes timeouts
            return ModelUnavailable(f"The model gave no answer: {brief_error(error)}", "no-answer", True)
        return ModelReplyUnusable(f"The endpoint's answer cannot be read: {brief_error(error)}", "garbled")


def translate_reported(error: object, model: str) -> ModelError:
    """Translate an error that an endpoint reports in an answer with HTTP 200.

    Args:
        error: The value of `error` in the answer: usually an object, sometimes a text.
        model: The model's name, for the message.
    """
    parts: Mapping[str, Any] = error if isinstance(error, Mapping) else {}
    named = [str(parts[name]) for name in ("status", "code", "type") if isinstance(parts.get(name), str | int)]
    status = next((int(name) for name in named if name.isascii() and name.isdigit() and len(name) == 3), None)
    if status is None:
        status = next((_STATUS_OF_NAME[name.lower()] for name in named if name.lower() in _STATUS_OF_NAME), 500)
    words = error_words(error) or "an error without a message"
    return translate_status(status, " ".join(named), words, model)


def translate_status(status: int, code: str, words: str, model: str) -> ModelError:
    """Return the error that a status of HTTP stands for.

    Args:
        status: The status, 400 or more.
        code: The endpoint's own code for the error; "" if it names none.
        words: The endpoint's own words.
        model: The model's name, for the message.
    """
    if status == 402 or "insufficient_quota" in code or "insufficient_balance" in code.lower():
        return ModelRefused(
            f"The model's account has no credit left: {words}. Add credit at the provider; the next run continues.",
            "no-credit",
        )
    if status == 429:
        return ModelUnavailable(f"The model's endpoint limits the request rate: {words}", "rate-limited", True)
    if status in (401, 403):
        return ModelRefused(f"The model's endpoint rejects the key; check OPENAI_API_KEY: {words}", "key")
    if status == 404:
        return ModelRefused(
            f"The endpoint does not know the model {model!r}, or OPENAI_BASE_URL is wrong: {words}", "not-found"
        )
    if status >= 500 or status in _TIMED_OUT:
        return ModelUnavailable(f"The model gave no answer: {words}", "server-error", True)
    if window := parse_window(words, code):
        return PromptTooLong(
            f"The prompt is too long for the model: {words}. Set draft.context_tokens in curator.toml to the model's "
            f"context window{f', {window:,} tokens' if window > 1 else ''}.",
            window=window if window > 1 else None,
        )
    return RequestRejected(f"The model's endpoint rejects the request: {words}", "rejected", True)


def parse_window(words: str, code: str) -> int:
    """Return the model's context window in tokens that a refusal names; 1 if it names none; 0 for another refusal.

    Args:
        words: The endpoint's own words.
        code: Its own code for the error.
    """
    if "context_length" not in code and not _TOO_LONG.search(words):
        return 0
    numbers = [int(digits.replace(",", "")) for match in _WINDOW.finditer(words) if (digits := match[1] or match[2])]
    plausible = [number for number in numbers if MIN_WINDOW <= number <= MAX_WINDOW]
    return min(plausible, default=1)


def _make_redirect_error(error: openai.APIStatusError) -> ModelRefused:
    target = brief_error(error.response.headers.get("location") or "an address that it does not name")
    return ModelRefused(
        f"The model's endpoint redirects to {target} (HTTP {error.status_code}). Curator does not follow redirects "
        "of requests that may be billed: set OPENAI_BASE_URL to the address that it redirects to.",
        "redirected",
    )


def error_words(body: object) -> str:
    """Return an endpoint's own words for an error, as one short line; "" if it gives none.

    Endpoints send {"error": {"message": ...}}, [{"error": ...}], {"detail": [{"msg": ...}]}, {"message": ...} or text.

    Args:
        body: The body of the response, parsed, or a part of it.
    """
    return brief_error("; ".join(dict.fromkeys(_iterate_words(body, 0))))


def _iterate_words(body: object, depth: int) -> Iterator[str]:
    if depth > MAX_ERROR_DEPTH:
        return
    if isinstance(body, str):
        if body.strip() and not body.lstrip().startswith("<"):  # the page of a gateway says nothing
            yield body.strip()
    elif isinstance(body, Sequence):
        for item in body[:MAX_ERROR_ITEMS]:
            yield from _iterate_words(item, depth + 1)
    elif isinstance(body, Mapping):
        part = next((body[name] for name in _ERROR_PARTS if body.get(name)), None)
        yield from _iterate_words(part, depth + 1)
        if isinstance(raw := body.get("metadata"), Mapping):  # OpenRouter: the words of the provider behind it
            yield from _iterate_words(raw.get("raw"), depth + 1)


def was_sent(error: openai.OpenAIError) -> bool:
    """Return True if a failed call may have reached the endpoint."""
    causes = [type(cause).__name__ for cause in _causes(error)]
    return not _NEVER_SENT.intersection(causes)


def has_timed_out(error: openai.OpenAIError) -> bool:
    """Return True if a call reached the endpoint and timed out, here or at a gateway."""
    import openai

    if isinstance(error, openai.APIStatusError):
        return error.status_code in _TIMED_OUT
    return isinstance(error, openai.APITimeoutError) and was_sent(error)


def wait_before_retry(error: openai.OpenAIError, failures: int) -> float | None:
    """Return the seconds to wait before a retry; None if no retry is left or it would not help.

    The endpoint's Retry-After takes precedence over Curator's own wait, which grows with each failure, with jitter.

    Args:
        error: The error of the latest attempt.
        failures: The number of failed attempts, from 1.
    """
    import openai

    if isinstance(error, openai.APIStatusError):
        return compute_wait(error.response.headers, failures) if _may_pass(error) else None
    return compute_wait({}, failures) if isinstance(error, openai.APIConnectionError) else None


def compute_wait(headers: Mapping[str, str], failures: int) -> float | None:
    """Return the seconds to wait before a retry; None if no retry is left or the endpoint asks for too long a wait.

    Args:
        headers: Of the response, by their names in small letters.
        failures: The number of failed attempts, from 1.
    """
    if failures > MAX_RETRIES:
        return None
    requested = _retry_after(headers.get("retry-after-ms"), headers.get("retry-after"))
    if requested is not None:
        return requested if requested <= MAX_WAIT else None
    return float(FIRST_WAIT * 2 ** (failures - 1) * random.uniform(0.75, 1.0))


def _may_pass(error: openai.APIStatusError) -> bool:
    """Return True if a retry of a call that was answered with an error may succeed."""
    if error.status_code < 500 and error.status_code not in _TEMPORARY:
        return False
    return error.response.headers.get("x-should-retry") != "false" and error.code != "insufficient_quota"


def _retry_after(milliseconds: str | None, seconds: str | None) -> float | None:
    """Return the seconds of a Retry-After, in OpenAI's own header or in HTTP's."""
    if milliseconds and milliseconds.isascii() and milliseconds.isdigit():
        return int(milliseconds[:12]) / 1000
    return retry_after(seconds)


def _causes(error: BaseException | None) -> Iterator[BaseException]:
    while error is not None:
        yield error
        error = error.__cause__


def brief_error(error: object) -> str:
    """Return an error as one short line, without the key, which some endpoints repeat."""
    text = single_line(str(error))
    if key := _own_key():
        text = text.replace(key, "[key]")
    return text if len(text) <= 300 else text[:297] + "..."


def _address_and_key() -> tuple[str, str]:
    """Return the endpoint's address and key from the environment. Raises SettingsError if either is invalid."""
    address = os.environ.get("OPENAI_BASE_URL") or OPENAI  # the SDK would use "" as an address
    if not address.startswith(("http://", "https://")):
        raise SettingsError(
            f"OPENAI_BASE_URL = {address!r} is not a valid address. Use one such as http://127.0.0.1:8080/v1."
        )
    key = _own_key() or "none"  # a local endpoint often needs no key; the SDK always does
    if not (key.isascii() and key.isprintable()):
        raise SettingsError("OPENAI_API_KEY contains characters that cannot occur in a key. Copy the key again.")
    return address, key


def _own_key() -> str:
    return os.environ.get("OPENAI_API_KEY", "").strip()  # a line break in it would break the request's header
