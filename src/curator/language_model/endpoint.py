"""Where the model is: address, key and client, and the SDK's errors in our words."""

from __future__ import annotations

import os
import threading
import weakref
from collections.abc import Iterator
from contextlib import contextmanager
from importlib import import_module
from typing import TYPE_CHECKING

from curator.errors import ModelError, ModelRefused, ModelReplyUnusable, ModelUnavailable, SettingsError
from curator.text import one_line

if TYPE_CHECKING:
    import openai

OPENAI = "https://api.openai.com/v1"


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

        with self._connecting:
            if self._client is None:
                self._client = openai.OpenAI(api_key=self._key, base_url=self.address, timeout=self._seconds)
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
        except (ValueError, TypeError, AttributeError, RecursionError) as error:  # the SDK checks nothing it is sent
            raise ModelReplyUnusable(f"The endpoint's answer cannot be read: {brief(error)}", "garbled") from error

    def translated(self, error: openai.OpenAIError, model: str) -> ModelError:
        """What an error of the SDK means."""
        import openai

        said = brief(error)
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
        if isinstance(error, openai.APIConnectionError):  # a timeout too
            return ModelUnavailable(f"The model gave no answer: {said}", "no-answer", True)
        if isinstance(error, openai.InternalServerError):
            return ModelUnavailable(f"The model gave no answer: {said}", "server-error", True)
        return ModelReplyUnusable(f"The model's endpoint rejects the request: {said}", "rejected")


def brief(error: object) -> str:
    """What the endpoint said, on one line and short, without the key, which some endpoints repeat."""
    text = one_line(str(error))
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
