"""Build the request of one call, and parse its answer without trusting its form."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import Any, Generic

from pydantic import BaseModel

from curator.errors import ModelReplyUnusable
from curator.llm.answer_fields import Misfit, Reply, fit
from curator.llm.answer_json import find_json
from curator.llm.answer_text import AnswerText
from curator.llm.request_form import RequestForm
from curator.sanitize import single_line, to_storable
from curator.settings import DraftSettings
from curator.warehouse.model_calls import ModelCall

Message = dict[str, str]

CUT_SHORT = frozenset({"length", "max_tokens", "MAX_TOKENS"})
"""Values of `finish_reason` for an answer that was cut off: OpenAI's, Anthropic's and Google's."""
MENDED = "the answer's JSON was damaged and has been mended"
"""The note of an answer whose JSON was mended; recorded with the call."""


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
    form: RequestForm = RequestForm(),  # noqa: B008 - it is frozen
) -> dict[str, Any]:
    """Return the body of a request to `/chat/completions`.

    Args:
        model: The model's name.
        messages: The messages.
        schema: The schema of the answer.
        settings: The length of the answer, and the temperature.
        form: The parameters that the endpoint accepts.
    """
    json_schema = schema.model_json_schema()
    if form.schema != "json_schema":
        in_words = f"Answer with one JSON object of this schema:\n{json.dumps(json_schema)}"
        messages = [{**messages[0], "content": f"{messages[0]['content']}\n\n{in_words}"}, *messages[1:]]
    if not form.has_system_message:
        messages = _merge_system_message(messages)
    body: dict[str, Any] = {"model": model, "messages": list(messages)}
    if form.schema == "json_schema":
        description = {"name": schema.__name__, "schema": json_schema, "strict": True}
        body["response_format"] = {"type": "json_schema", "json_schema": description}
    elif form.schema == "json_object":
        body["response_format"] = {"type": "json_object"}
    body[form.length] = settings.answer_tokens
    if settings.temperature is not None and form.has_temperature:
        body["temperature"] = settings.temperature
    return body


def _merge_system_message(messages: Sequence[Message]) -> list[Message]:
    """Return the messages with the system message's text at the start of the user's."""
    if len(messages) < 2 or messages[0]["role"] != "system":
        return list(messages)
    user = {**messages[1], "content": f"{messages[0]['content']}\n\n{messages[1]['content']}"}
    return [user, *messages[2:]]


def with_reply(call: ModelCall, answer: AnswerText) -> ModelCall:
    """Return the call with the model's reply, as it came."""
    return replace(call, reply=answer.text or answer.refusal, finish_reason=answer.finish_reason)


def get_text(answer: AnswerText) -> str:
    """Return the text of an answer.

    Raises:
        ModelReplyUnusable: The answer is a refusal, cut short or empty.
    """
    if answer.refusal:
        raise ModelReplyUnusable(f"The model refused: {single_line(answer.refusal)[:200]}", "refused")
    if answer.finish_reason == "content_filter":
        raise ModelReplyUnusable("The endpoint's content filter stopped the answer.", "refused")
    if answer.finish_reason in CUT_SHORT:
        raise ModelReplyUnusable("The answer was cut short; raise draft.answer_tokens in curator.toml.", "cut-short")
    if not answer.text.strip():
        raise ModelReplyUnusable("The model's answer is empty.", "empty")
    return answer.text


@dataclass(frozen=True)
class ParsedReply(Generic[Reply]):
    """An answer by its schema.

    Attributes:
        reply: The answer.
        notes: Whether its JSON was mended, and the items that were left out.
    """

    reply: Reply
    notes: tuple[str, ...] = ()


def parse(text: str, schema: type[Reply]) -> ParsedReply[Reply]:
    """Return an answer as an instance of `schema`; see `answer_json` and `answer_fields` for what is forgiven.

    Raises:
        ModelReplyUnusable: The text holds no JSON, or none that fits the schema.
    """
    misfit: Misfit | None = None
    try:
        for found in find_json(text):
            is_exact = found.is_mended or found.is_part
            try:
                reply, notes = fit(_storable(found.value), schema, is_exact=is_exact)
            except Misfit as error:
                misfit = misfit or error
            else:
                return ParsedReply(reply, (MENDED, *notes) if found.is_mended else notes)
    except ValueError as error:
        raise ModelReplyUnusable(f"The answer is not JSON: {single_line(str(error))[:80]}.", "no-json") from error
    if misfit:
        message = f"The answer does not fit the schema: {single_line(str(misfit))[:200]}."
        raise ModelReplyUnusable(message, "no-json") from misfit
    raise ModelReplyUnusable(f"The answer is not JSON: {single_line(text[:80])!r}.", "no-json")


def _storable(value: Any) -> Any:
    """Return the value without lone surrogates: one of them must not make the whole answer unusable."""
    if isinstance(value, str):
        return to_storable(value)
    if isinstance(value, list):
        return [_storable(item) for item in value]
    if isinstance(value, dict):
        return {to_storable(name): _storable(item) for name, item in value.items()}
    return value
