"""What is asked in one call, and what is read out of its answer, which may be anything at all."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Any, TypeVar

from pydantic import BaseModel, ValidationError

from curator.errors import ModelReplyUnusable
from curator.llm.endpoint import brief_error
from curator.sanitize import load_json, single_line, to_storable
from curator.settings import DraftSettings
from curator.warehouse.model_calls import ModelCall

if TYPE_CHECKING:
    from openai.types.chat import ChatCompletion

Reply = TypeVar("Reply", bound=BaseModel)
Message = dict[str, str]


def fingerprint(model: str, messages: Sequence[Message], schema: type[BaseModel], temperature: float | None) -> str:
    """What tells a question from all others."""
    asked = json.dumps([model, list(messages), schema.model_json_schema(), temperature], sort_keys=True)
    return hashlib.sha256(asked.encode()).hexdigest()


def body(
    model: str,
    messages: Sequence[Message],
    schema: type[BaseModel],
    settings: DraftSettings,
    *,
    with_schema: bool = True,
) -> dict[str, Any]:
    """The request, as `/chat/completions` takes it; the schema said in words where the endpoint does not take one."""
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
        "model": model,
        "messages": list(messages),
        "response_format": form,
        "max_completion_tokens": settings.answer_tokens,
    }
    if settings.temperature is not None:
        asked["temperature"] = settings.temperature
    return asked


def with_reply(call: ModelCall, completion: ChatCompletion, seconds: float) -> ModelCall:
    """Return the call with what came back and how long it took."""
    reply = _first(completion)
    return replace(call, reply=reply.content or reply.refusal, finish_reason=reply.finish_reason, seconds=seconds)


def content(completion: ChatCompletion) -> str:
    """The answer's text. Raises ModelReplyUnusable."""
    reply = _first(completion)
    error: object = getattr(completion, "error", None)  # some endpoints send errors with status 200
    if error:
        raise ModelReplyUnusable(f"The endpoint answers with an error: {brief_error(error)}", "rejected")
    if reply.refusal:
        raise ModelReplyUnusable(f"The model refused: {single_line(reply.refusal)[:200]}", "refused")
    if reply.finish_reason == "content_filter":
        raise ModelReplyUnusable("The endpoint's content filter stopped the answer.", "refused")
    if reply.finish_reason == "length":
        raise ModelReplyUnusable("The answer was cut short; raise draft.answer_tokens in curator.toml.", "cut-short")
    text = reply.content.strip()
    if not text:
        raise ModelReplyUnusable("The model's answer is empty.", "empty")
    return text


def parse(text: str, schema: type[Reply]) -> Reply:
    """The answer as a `schema`. Raises ModelReplyUnusable."""
    try:
        return schema.model_validate(_storable(load_json(text)))
    except ValidationError as error:
        first = error.errors(include_url=False, include_input=False)[0]
        where = single_line(".".join(str(part) for part in first["loc"]))[:80] or "the answer"
        message = f"The answer is not the JSON asked for: {where}: {first['msg']}."
        raise ModelReplyUnusable(message, "no-json") from error
    except ValueError as error:
        raise ModelReplyUnusable(f"The answer is not JSON: {single_line(str(error))[:80]}.", "no-json") from error


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
    return to_storable(value) if isinstance(value, str) else ""


def _storable(value: Any) -> Any:
    """Half characters in one string ("\\ud800") must not cost the whole answer."""
    if isinstance(value, str):
        return to_storable(value)
    if isinstance(value, list):
        return [_storable(one) for one in value]
    if isinstance(value, dict):
        return {to_storable(name): _storable(one) for name, one in value.items()}
    return value
