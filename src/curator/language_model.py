"""The only door to a language model: one question, one schema, one answer that fits it, every call on record.

Any endpoint that speaks OpenAI's `/chat/completions` will do. The SDK retries (connection errors, 408, 409, 429, 5xx,
with Retry-After); nothing here or above does. A question that was answered in full once is never paid for again.
"""

from __future__ import annotations

import hashlib
import json
import os
import threading
import time
import weakref
from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from importlib import import_module
from typing import TYPE_CHECKING, Any, Generic, NoReturn, TypeVar

from pydantic import BaseModel, ValidationError

from curator.errors import BudgetReached, ModelError, ModelRefused, ModelReplyUnusable, ModelUnavailable, SettingsError
from curator.purse import Purse
from curator.records import Paper
from curator.settings import Draft
from curator.text import one_line, storable
from curator.warehouse import Warehouse
from curator.warehouse.drafts import Call, add_call, paid_reply, paid_requests

if TYPE_CHECKING:
    import openai
    from openai.types.chat import ChatCompletion

    from curator.prompts import Prompt

Reply = TypeVar("Reply", bound=BaseModel)
Message = dict[str, str]

OPENAI = "https://api.openai.com/v1"
GIVE_UP_AFTER = 5  # calls in a row without any answer: the endpoint is down, and asking for the other papers is no use


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


@dataclass(frozen=True)
class Answer(Generic[Reply]):
    reply: Reply
    call: str  # its id in the warehouse
    paid_before: bool  # it was on record already, and nothing was asked


class LanguageModel:
    """One model at one endpoint, for one run. Safe to share between threads. Raises SettingsError when made."""

    def __init__(
        self, name: str | None, settings: Draft, warehouse: Warehouse, run: str, purse: Purse | None = None
    ) -> None:
        self.name = model_name(name)
        self._purse = purse or Purse()
        self.settings = settings
        self._warehouse = warehouse
        self._run = run
        self._endpoint = _endpoint()
        threading.Thread(target=import_module, args=("openai",), daemon=True).start()  # half a second, needed later
        self._client: openai.OpenAI | None = None
        self._connecting = threading.Lock()
        self._calls = threading.BoundedSemaphore(settings.calls_at_once)
        self._unanswered = 0  # calls in a row
        self._refused: ModelRefused | None = None
        self._takes_schema = True
        self._paid = warehouse.read(paid_requests)

    def beside(self, name: str, settings: Draft) -> LanguageModel:
        """Another model at the same endpoint: both together keep to `calls_at_once`; one refused leaves the other."""
        other = LanguageModel(name, settings, self._warehouse, self._run, self._purse)
        other._calls = self._calls
        return other

    def ask(
        self,
        prompt: Prompt,
        messages: Sequence[Message],
        schema: type[Reply],
        *,
        purpose: str,
        paper: Paper | None = None,
        check: Callable[[Reply], None] = lambda reply: None,
    ) -> Answer[Reply]:
        """Put `messages` to the model and return its answer as a `schema`; the call is kept, whatever comes of it.

        `check` may raise ModelReplyUnusable: such an answer counts as none, and is asked for again another time.

        Raises ModelReplyUnusable (no JSON, cut short, refused, empty), ModelUnavailable (no answer, rate limit, server
        error), ModelRefused (wrong key, unknown model, endpoint down, budget: no further call of this run is tried).
        """
        request = _fingerprint(self.name, messages, schema, self.settings.temperature)
        paid = self._paid_reply(request)
        if paid is not None:
            return Answer(_parse(paid[1], schema), paid[0], paid_before=True)
        call = Call(request, purpose, prompt.name, prompt.sha256, self.name, list(messages), outcome="ok")
        with self._calls:
            if self._refused:
                raise self._refused
            try:
                with self._purse.spending(self._most(messages)) as pay:
                    call, outcome = self._attempt(call, messages, schema, check)
                    pay(call.cost)
            except BudgetReached as error:
                self._refused = error
                raise
        call_id = self._keep(call, paper)
        if isinstance(outcome, ModelError):
            raise outcome
        self._paid.add(request)
        return Answer(outcome, call_id, paid_before=False)

    def _most(self, messages: Sequence[Message]) -> float:
        """What a call may cost; a token has two bytes or more (of English text, about four)."""
        size = sum(len(message["content"].encode()) for message in messages)
        return _cost(self.settings, size // 2, 0, self.settings.answer_tokens) or 0.0

    def _connected(self) -> openai.OpenAI:
        import openai

        with self._connecting:
            if self._client is None:
                base_url, key = self._endpoint
                self._client = openai.OpenAI(api_key=key, base_url=base_url, timeout=self.settings.seconds)
                weakref.finalize(self, self._client.close)
            return self._client

    def _paid_reply(self, request: str) -> tuple[str, str] | None:
        if request not in self._paid:
            return None
        return self._warehouse.read(lambda connection: paid_reply(connection, request))

    def _attempt(
        self, call: Call, messages: Sequence[Message], schema: type[Reply], check: Callable[[Reply], None]
    ) -> tuple[Call, Reply | ModelError]:
        started = time.monotonic()
        try:
            completion = self._complete(messages, schema)
            call = self._with_usage(call, completion, time.monotonic() - started)
            reply = _parse(_content(completion), schema)
            check(reply)
            return call, reply
        except ModelError as error:
            if isinstance(error, ModelRefused):
                self._refused = error
            seconds = call.seconds or time.monotonic() - started
            return replace(call, outcome=error.code, message=error.message, seconds=seconds), error

    def _keep(self, call: Call, paper: Paper | None) -> str:
        return self._warehouse.write(lambda connection: add_call(connection, self._run, call, paper))

    def _complete(self, messages: Sequence[Message], schema: type[BaseModel]) -> ChatCompletion:
        import openai

        with_schema = self._takes_schema  # other calls may find out meanwhile that it is not taken
        try:
            completion = self._create(messages, schema, with_schema)
        except (openai.BadRequestError, openai.UnprocessableEntityError) as error:
            if not (with_schema and "response_format" in str(error)):
                self._translate(error)
            self._takes_schema = False  # json_object then, with the schema said in words
            return self._complete(messages, schema)
        except openai.OpenAIError as error:
            self._translate(error)
        except ValueError as error:  # the SDK lets a body through that is announced as JSON and is none
            raise ModelReplyUnusable(f"The endpoint's answer cannot be read: {_brief(error)}", "garbled") from error
        self._unanswered = 0
        answered: object = completion
        if isinstance(answered, str):  # what the SDK makes of a page
            raise ModelRefused(
                "OPENAI_BASE_URL answers, but not as an OpenAI-compatible endpoint; it usually ends in /v1.",
                "not-an-api",
            )
        return completion

    def _create(self, messages: Sequence[Message], schema: type[BaseModel], with_schema: bool) -> ChatCompletion:
        described = schema.model_json_schema()
        form: dict[str, Any] = {
            "type": "json_schema",
            "json_schema": {"name": schema.__name__, "schema": described, "strict": True},
        }
        if not with_schema:
            form = {"type": "json_object"}
            system = f"{messages[0]['content']}\n\nAnswer with one JSON object of this schema:\n{json.dumps(described)}"
            messages = [{"role": "system", "content": system}, *messages[1:]]
        asked: dict[str, Any] = {
            "model": self.name,
            "messages": list(messages),
            "response_format": form,
            "max_completion_tokens": self.settings.answer_tokens,
        }
        if self.settings.temperature is not None:
            asked["temperature"] = self.settings.temperature
        completion: ChatCompletion = self._connected().chat.completions.create(**asked)
        return completion

    def _translate(self, error: openai.OpenAIError) -> NoReturn:
        import openai

        brief = _brief(error)
        if not isinstance(error, openai.APIConnectionError | openai.InternalServerError):
            self._unanswered = 0
        if isinstance(error, openai.RateLimitError):
            if getattr(error, "code", None) == "insufficient_quota":
                raise ModelRefused(f"The model's account has no credit left: {brief}", "no-credit") from error
            raise ModelUnavailable(f"The model's endpoint limits our rate: {brief}", "rate-limited", True) from error
        if isinstance(error, openai.AuthenticationError | openai.PermissionDeniedError):
            raise ModelRefused(f"The model's endpoint rejects the key; check OPENAI_API_KEY: {brief}", "key") from error
        if isinstance(error, openai.NotFoundError):
            raise ModelRefused(
                f"The endpoint knows no model {self.name!r}, or OPENAI_BASE_URL is not its address: {brief}",
                "not-found",
            ) from error
        if isinstance(error, openai.APIConnectionError | openai.InternalServerError):  # a timeout is the former
            self._unanswered += 1
            if self._unanswered >= GIVE_UP_AFTER:
                raise ModelRefused(
                    f"The model's endpoint gave no answer {GIVE_UP_AFTER} times in a row; the last was: {brief}", "down"
                ) from error
            code = "no-answer" if isinstance(error, openai.APIConnectionError) else "server-error"
            raise ModelUnavailable(f"The model gave no answer: {brief}", code, True) from error
        raise ModelReplyUnusable(f"The model's endpoint rejects the request: {brief}", "rejected") from error

    def _with_usage(self, call: Call, completion: ChatCompletion, seconds: float) -> Call:
        usage = getattr(completion, "usage", None)
        given = getattr(usage, "prompt_tokens_details", None)
        made = getattr(usage, "completion_tokens_details", None)
        reply = _first(completion)
        tokens_in, tokens_out = _count(usage, "prompt_tokens"), _count(usage, "completion_tokens")
        cached = _count(given, "cached_tokens")
        return replace(
            call,
            reply=reply.content or reply.refusal,
            finish_reason=reply.finish_reason,
            tokens_in=tokens_in,
            tokens_cached=cached,
            tokens_out=tokens_out,
            tokens_reasoning=_count(made, "reasoning_tokens"),
            cost=_cost(self.settings, tokens_in, cached, tokens_out),
            seconds=seconds,
        )


def _endpoint() -> tuple[str, str]:
    """Address and key. Raises SettingsError where they cannot be any."""
    base_url = os.environ.get("OPENAI_BASE_URL") or OPENAI  # the SDK takes "" for an address
    if not base_url.startswith(("http://", "https://")):
        raise SettingsError(f"OPENAI_BASE_URL = {base_url!r} is no address; it looks like http://127.0.0.1:8080/v1.")
    key = _key() or "none"  # endpoints of one's own often want no key; the SDK always does
    if not (key.isascii() and key.isprintable()):
        raise SettingsError("OPENAI_API_KEY holds characters that no key has; copy it again.")
    return base_url, key


def _key() -> str:
    return os.environ.get("OPENAI_API_KEY", "").strip()  # a line end left in it would break the request's header


def _fingerprint(model: str, messages: Sequence[Message], schema: type[BaseModel], temperature: float | None) -> str:
    asked = json.dumps([model, list(messages), schema.model_json_schema(), temperature], sort_keys=True)
    return hashlib.sha256(asked.encode()).hexdigest()


@dataclass(frozen=True)
class _First:
    """What is read of a completion's first choice. The SDK checks nothing, so any part may be missing or odd."""

    content: str
    refusal: str
    finish_reason: str | None


def _first(completion: ChatCompletion) -> _First:
    choices: object = getattr(completion, "choices", None)
    choice = choices[0] if isinstance(choices, list) and choices else None
    message = getattr(choice, "message", None)
    return _First(_text(message, "content"), _text(message, "refusal"), _text(choice, "finish_reason") or None)


def _text(part: object, name: str) -> str:
    value = getattr(part, name, None)
    return storable(value) if isinstance(value, str) else ""


def _count(part: object, name: str) -> int | None:
    """A number of tokens, where it is one."""
    value = getattr(part, name, None)
    return value if isinstance(value, int) and 0 <= value < 2**31 else None


def _content(completion: ChatCompletion) -> str:
    reply = _first(completion)
    error: object = getattr(completion, "error", None)  # some endpoints send errors with status 200
    if error:
        raise ModelReplyUnusable(f"The endpoint answers with an error: {_brief(error)}", "rejected")
    if reply.refusal:
        raise ModelReplyUnusable(f"The model refused: {one_line(reply.refusal)[:200]}", "refused")
    if reply.finish_reason == "content_filter":
        raise ModelReplyUnusable("The endpoint's content filter stopped the answer.", "refused")
    if reply.finish_reason == "length":
        raise ModelReplyUnusable("The answer was cut short; raise draft.answer_tokens in curator.toml.", "cut-short")
    content = reply.content.strip()
    if not content:
        raise ModelReplyUnusable("The model's answer is empty.", "empty")
    return content


def _parse(content: str, schema: type[Reply]) -> Reply:
    try:
        return schema.model_validate(_storable(json.loads(content)))
    except ValidationError as error:
        first = error.errors(include_url=False, include_input=False)[0]
        where = one_line(".".join(str(part) for part in first["loc"]))[:80] or "the answer"
        message = f"The answer is not the JSON asked for: {where}: {first['msg']}."
        raise ModelReplyUnusable(message, "no-json") from error
    except (ValueError, RecursionError) as error:
        raise ModelReplyUnusable(f"The answer is not JSON: {one_line(str(error))[:80]}.", "no-json") from error


def _storable(value: Any) -> Any:
    """Half characters in one string ("\\ud800") must not cost the whole answer."""
    if isinstance(value, str):
        return storable(value)
    if isinstance(value, list):
        return [_storable(one) for one in value]
    if isinstance(value, dict):
        return {storable(name): _storable(one) for name, one in value.items()}
    return value


def _cost(settings: Draft, tokens_in: int | None, cached: int | None, tokens_out: int | None) -> float | None:
    """In the currency of the settings' prices, which are per million tokens; None where no price is set."""
    if settings.price_in is None or settings.price_out is None:
        return None
    cheap = min(cached or 0, tokens_in or 0)
    price_cached = settings.price_in if settings.price_cached is None else settings.price_cached
    spent = (
        ((tokens_in or 0) - cheap) * settings.price_in + cheap * price_cached + (tokens_out or 0) * settings.price_out
    )
    return spent / 1_000_000


def _brief(error: object) -> str:
    """What the endpoint said, on one line and short, without the key, which some endpoints repeat."""
    text = one_line(str(error))
    if key := _key():
        text = text.replace(key, "[key]")
    return text if len(text) <= 300 else text[:297] + "..."
