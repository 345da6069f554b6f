"""Build the request of one call, and parse its answer without trusting its form."""

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
    """Return the hash that identifies a question. Stored: answers that are paid for are found by it.

    Args:
        model: The model's name.
        messages: The messages.
        schema: The schema of the answer.
        temperature: The temperature; None for the endpoint's default.
    """
    question = json.dumps([model, list(messages), schema.model_json_schema(), temperature], sort_keys=True)
    return hashlib.sha256(question.encode()).hexdigest()


def build_request(
    model: str,
    messages: Sequence[Message],
    schema: type[BaseModel],
    settings: DraftSettings,
    *,
    with_schema: bool = True,
) -> dict[str, Any]:
    """Return the body of a request to `/chat/completions`.

    Args:
        model: The model's name.
        messages: The messages.
        schema: The schema of the answer.
        settings: The length of the answer, and the temperature.
        with_schema: Send the schema as `response_format`; otherwise describe it in the system message, for endpoints
            that do not support schemas.
    """
    json_schema = schema.model_json_schema()
    response_format: dict[str, Any] = {
        "type": "json_schema",
        "json_schema": {"name": schema.__name__, "schema": json_schema, "strict": True},
    }
    if not with_schema:
        response_format = {"type": "json_object"}
        system = f"{messages[0]['content']}\n\nAnswer with one JSON object of this schema:\n{json.dumps(json_schema)}"
        messages = [{"role": "system", "content": system}, *messages[1:]]
    body: dict[str, Any] = {
        "model": model,
        "messages": list(messages),
        "response_format": response_format,
        "max_completion_tokens": settings.answer_tokens,
    }
    if settings.temperature is not None:
        body["temperature"] = settings.temperature
    return body


def with_reply(call: ModelCall, completion: ChatCompletion, seconds: float) -> ModelCall:
    """Return the call with the model's reply and the seconds that it took."""
    reply = _parse_first_choice(completion)
    return replace(call, reply=reply.content or reply.refusal, finish_reason=reply.finish_reason, seconds=seconds)


def get_content(completion: ChatCompletion) -> str:
    """Return the text of an answer.

    Raises:
        ModelReplyUnusable: The answer is an error, a refusal, cut short or empty.
    """
    reply = _parse_first_choice(completion)
    error: object = getattr(completion, "error", None)  # some endpoints send errors with status 200
    if error:
        raise ModelReplyUnusable(f"The endpoint answered with an error: {brief_error(error)}", "rejected")
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
    """Return an answer as an instance of `schema`.

    Raises:
        ModelReplyUnusable: The text is not JSON, or does not fit the schema.
    """
    try:
        return schema.model_validate(_storable(load_json(text)))
    except ValidationError as error:
        first = error.errors(include_url=False, include_input=False)[0]
        where = single_line(".".join(str(part) for part in first["loc"]))[:80] or "the answer"
        message = f"The answer does not fit the schema: {where}: {first['msg']}."
        raise ModelReplyUnusable(message, "no-json") from error
    except ValueError as error:
        raise ModelReplyUnusable(f"The answer is not JSON: {single_line(str(error))[:80]}.", "no-json") from error


@dataclass(frozen=True)
class _Choice:
    """The first choice of a completion. The SDK checks nothing, so any part may be missing or malformed."""

    content: str
    refusal: str
    finish_reason: str | None


def _parse_first_choice(completion: ChatCompletion) -> _Choice:
    choices: object = getattr(completion, "choices", None)
    choice = choices[0] if isinstance(choices, list) and choices else None
    message = getattr(choice, "message", None)
    return _Choice(_text(message, "content"), _text(message, "refusal"), _text(choice, "finish_reason") or None)


def _text(part: object, name: str) -> str:
    value = getattr(part, name, None)
    return to_storable(value) if isinstance(value, str) else ""


def _storable(value: Any) -> Any:
    """Return the value without lone surrogates: one of them must not make the whole answer unusable."""
    if isinstance(value, str):
        return to_storable(value)
    if isinstance(value, list):
        return [_storable(item) for item in value]
    if isinstance(value, dict):
        return {to_storable(name): _storable(item) for name, item in value.items()}
    return value
