"""Find an answer's text in a response, wherever the endpoint has put it.

OpenAI's endpoint puts it into `message.content`. Others send a list of parts, answer by a tool call, put everything
into a field for reasoning, or send a stream of events although none was requested.
"""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any

from curator.llm.usage import parse_body
from curator.sanitize import to_storable

MAX_EVENTS = 200_000
"""Events of a stream that are read. Each holds a token or more, and no answer has more tokens."""

_REASONING = ("reasoning_content", "reasoning")  # fields in which some servers put the whole answer
_THINKING_PARTS = frozenset({"thinking", "reasoning", "redacted_thinking"})
_END_OF_STREAM = "[DONE]"


@dataclass(frozen=True)
class AnswerText:
    """What the first choice of a response says. Any part of it may be missing."""

    text: str = ""
    refusal: str = ""
    finish_reason: str | None = None
    error: object = None  # that the endpoint reports, of the response or of the choice


def parse_response(text: str) -> object:
    """Return the JSON of a response's body; that of a stream of events as the one answer that its events make up.

    Args:
        text: The body.

    Returns:
        The JSON, or the text itself if it is neither JSON nor a stream of events.
    """
    body = parse_body(text.removeprefix("\ufeff"))
    if not isinstance(body, str):
        return body
    events = list(_iterate_events(body))
    return _join_events(events) if events else body


def find_answer(response: object) -> AnswerText:
    """Return what the first choice of a response says.

    Args:
        response: The body, as `parse_response` returns it. Nothing about it is certain.
    """
    body = response if isinstance(response, Mapping) else {}
    choices = body.get("choices")
    first = choices[0] if isinstance(choices, list) and choices else None
    choice: Mapping[str, Any] = first if isinstance(first, Mapping) else {}
    message = choice.get("message")
    finish_reason = choice.get("finish_reason")
    return AnswerText(
        to_storable(_find_text(message if isinstance(message, Mapping) else {}, choice)),
        to_storable(_text_of(message.get("refusal")) if isinstance(message, Mapping) else ""),
        to_storable(finish_reason) if isinstance(finish_reason, str) and finish_reason else None,
        body.get("error") or choice.get("error") or None,
    )


def _find_text(message: Mapping[str, Any], choice: Mapping[str, Any]) -> str:
    places = (
        _text_of(message.get("content")),
        "\n".join(_iterate_arguments(message)),
        _text_of(choice.get("text")),
        *(_text_of(message.get(name)) for name in _REASONING),
    )
    return next((text for text in places if text.strip()), places[0])


def _text_of(content: object) -> str:
    """Return the text of a message's content; of a list of parts, the text parts without those of thinking."""
    if isinstance(content, str):
        return content
    if isinstance(content, list):
        return "".join(map(_text_of_part, content))
    return ""


def _text_of_part(part: object) -> str:
    if isinstance(part, str):
        return part
    if not isinstance(part, Mapping) or part.get("type") in _THINKING_PARTS:
        return ""
    text = part.get("text")
    if isinstance(text, Mapping):
        text = text.get("value")
    return text if isinstance(text, str) else ""


def _iterate_arguments(message: Mapping[str, Any]) -> Iterator[str]:
    """Yield the arguments of a message's tool calls, and of a function call by its older name."""
    calls = message.get("tool_calls")
    functions = [call.get("function") for call in calls if isinstance(call, Mapping)] if isinstance(calls, list) else []
    for function in (*functions, message.get("function_call")):
        arguments = function.get("arguments") if isinstance(function, Mapping) else None
        if isinstance(arguments, Mapping):
            yield json.dumps(arguments)
        elif isinstance(arguments, str):
            yield arguments


def _iterate_events(text: str) -> Iterator[Mapping[str, Any]]:
    """Yield the JSON of a stream's events: lines that begin with "data:"."""
    if not text.lstrip().startswith(("data:", "event:", "id:", "retry:", ":")):
        return
    for number, line in enumerate(text.splitlines()):
        data = line[len("data:") :].strip() if line.startswith("data:") else ""
        if number > MAX_EVENTS or data == _END_OF_STREAM:
            return
        event = parse_body(data) if data else None
        if isinstance(event, Mapping):
            yield event


def _join_events(events: list[Mapping[str, Any]]) -> dict[str, Any]:
    """Return the one answer that the events of a stream make up, with the last usage and error that they report."""
    pieces: dict[str, list[str]] = {name: [] for name in ("content", "refusal", *_REASONING)}
    arguments: dict[object, list[str]] = {}
    joined: dict[str, Any] = {}
    finish_reason: object = None
    for event in events:
        joined |= {name: event[name] for name in ("id", "model", "usage", "error") if event.get(name)}
        choices = event.get("choices")
        choice = choices[0] if isinstance(choices, list) and choices and isinstance(choices[0], Mapping) else {}
        finish_reason = choice.get("finish_reason") or finish_reason
        delta = choice.get("delta") or choice.get("message")
        if isinstance(delta, Mapping):
            for name, texts in pieces.items():
                texts.append(_text_of(delta.get(name)))
            _add_arguments(arguments, delta.get("tool_calls"))
    message: dict[str, Any] = {name: "".join(texts) for name, texts in pieces.items()}
    if arguments:
        message["tool_calls"] = [{"function": {"arguments": "".join(texts)}} for texts in arguments.values()]
    return joined | {"choices": [{"index": 0, "finish_reason": finish_reason, "message": message}]}


def _add_arguments(arguments: dict[object, list[str]], calls: object) -> None:
    for call in calls if isinstance(calls, list) else ():
        function = call.get("function") if isinstance(call, Mapping) else None
        if isinstance(function, Mapping) and isinstance(function.get("arguments"), str):
            index = call.get("index")
            arguments.setdefault(index if isinstance(index, int) else 0, []).append(function["arguments"])
