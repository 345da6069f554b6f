"""Book the tokens and the cost of each call: as its endpoint reports them, otherwise the maximum that is possible.

The rule, for live calls and for the answers of batches:

- Tokens that the answer reports plausibly are booked as reported, with any HTTP status.
- Nothing is booked for a call that never reached the endpoint, nor for a call that was clearly refused: HTTP 3xx, 4xx
  or 5xx, or a web page instead of an answer.
- Any other call may have been billed: an answer without usage, a call that timed out, an answer that broke off. Each
  half (prompt, answer) without a plausible report is booked at its maximum, and the call is marked as estimated. The
  same holds for HTTP 408, 502, 504, 520 and 524, with which a gateway reports that it lost a model at work, and for 5xx
  errors without a body. An answer that contains a reply is not a refusal, even if an error or a status comes with it.
- An endpoint that reports an answer longer than the model's window is booked at no less than the window.
"""

from __future__ import annotations

import json
import re
from collections.abc import Mapping
from dataclasses import dataclass, replace
from typing import Any

from curator.sanitize import load_json
from curator.settings import DraftSettings
from curator.warehouse.model_calls import MaxUsage, ModelCall

CHARACTERS_PER_TOKEN = 3
"""Characters per token, for estimates. English has 4 to 5, formulas and tables nearer 3.

UTF-8 bytes are counted: a Chinese character has three and takes about one token. An exact tokenizer such as tiktoken
would download its tables at run time.
"""
TEMPLATE_TOKENS = 200
"""Tokens that an endpoint may add to the messages; the chat templates of open models add a few dozen."""

_LOST_AT_WORK = frozenset({408, 502, 504, 520, 524})  # HTTP statuses; the last two are Cloudflare's
_NUMBER = re.compile(r"[0-9]{1,30}", re.ASCII)
_REPLY_PARTS = ("content", "refusal", "reasoning", "reasoning_content", "tool_calls")  # parts that a model writes


def compute_max_usage(body: Mapping[str, Any], settings: DraftSettings, longest: int = 0) -> MaxUsage:
    """Return the most tokens that a request may use.

    No common tokenizer makes more than one token of a byte. The whole request counts, since it may become the prompt.

    Args:
        body: The request.
        settings: The maximum length of the answer.
        longest: Tokens of the longest answer so far: an endpoint that ignored `max_completion_tokens` once may do so
            again.
    """
    size = len(json.dumps(body, ensure_ascii=False).encode(errors="replace"))
    return MaxUsage(size + TEMPLATE_TOKENS, max(settings.answer_tokens, longest))


def compute_cost(settings: DraftSettings, tokens_in: int, cached: int | None, tokens_out: int) -> float | None:
    """Return the cost of a call, in the currency of the settings' prices; None without prices.

    Args:
        settings: The prices, per million tokens.
        tokens_in: Tokens of the prompt.
        cached: Tokens of the prompt that came from the provider's cache.
        tokens_out: Tokens of the answer.
    """
    if settings.price_in is None or settings.price_out is None:
        return None
    cheap = min(cached or 0, tokens_in)
    price_cached = settings.price_in if settings.price_cached is None else settings.price_cached
    spent = (tokens_in - cheap) * settings.price_in + cheap * price_cached + tokens_out * settings.price_out
    return spent / 1_000_000


def compute_max_cost(settings: DraftSettings, max_usage: MaxUsage) -> float | None:
    """Return the most that a call may cost; None without prices. The budget reserves this amount."""
    return compute_cost(settings, max_usage.tokens_in, None, max_usage.tokens_out)


def book_nothing(call: ModelCall, settings: DraftSettings) -> ModelCall:
    """Return the call with a cost of 0: it never reached the endpoint."""
    return replace(call, cost=compute_cost(settings, 0, None, 0), estimated=False)


def book_usage(
    call: ModelCall,
    status: int | None,
    answer: object,
    settings: DraftSettings,
    max_usage: MaxUsage,
    *,
    share: float = 1.0,
) -> ModelCall:
    """Return the call with its tokens and cost, by the rule above.

    Args:
        call: The call, with its reply if there is one.
        status: The response's HTTP status; None if no response arrived, or only a part of it.
        answer: The response's body, as `parse_body` returns it.
        settings: The prices, and the model's window.
        max_usage: The most tokens that the call may have used.
        share: The fraction of the live price that is charged: 1 for live calls, less for batches.
    """
    reported = _read_usage(answer, call.reply or "", max_usage, settings)
    if not (reported.tokens_in or reported.tokens_out) and _is_refusal(status, answer):
        return book_nothing(call, settings)
    tokens_in = max_usage.tokens_in if reported.tokens_in is None else reported.tokens_in
    tokens_out = max(max_usage.tokens_out, reported.min_out) if reported.tokens_out is None else reported.tokens_out
    spent = compute_cost(settings, tokens_in, reported.cached, tokens_out)
    return replace(
        call,
        tokens_in=tokens_in,
        tokens_cached=reported.cached,
        tokens_out=tokens_out,
        tokens_reasoning=reported.reasoning,
        cost=None if spent is None else spent * share,
        estimated=reported.tokens_in is None or reported.tokens_out is None,
    )


def parse_body(text: str) -> object:
    """Return the JSON of an answer's body; the text itself if it is not JSON."""
    try:
        return load_json(text)
    except ValueError:
        return text


def _is_refusal(status: int | None, answer: object) -> bool:
    """Return True if an endpoint clearly refused a call, and so billed nothing."""
    if status is None or _contains_reply(answer):
        return False
    if status < 300:
        status = _find_error_status(answer) or status
    if status < 300:
        return isinstance(answer, str) and answer.lstrip()[:1] == "<"
    return status not in _LOST_AT_WORK and (status < 500 or bool(answer))


def _contains_reply(answer: object) -> bool:
    """Return True if a model wrote any part of an answer, even if an error came with it."""
    choices = answer.get("choices") if isinstance(answer, Mapping) else None
    for choice in choices if isinstance(choices, list) else ():
        message = choice.get("message") if isinstance(choice, Mapping) else None
        if isinstance(message, Mapping) and any(message.get(name) for name in _REPLY_PARTS):
            return True
    return False


def _find_error_status(answer: object) -> int | None:
    """Return the status of an error that some endpoints send with HTTP 200."""
    error = answer.get("error") if isinstance(answer, Mapping) else None
    status = _parse_count(error.get("code")) if isinstance(error, Mapping) else None
    return status if status is not None and 400 <= status < 600 else None


@dataclass(frozen=True)
class _ReportedUsage:
    """The tokens that an endpoint reports; None for values that are missing or implausible."""

    tokens_in: int | None = None
    tokens_out: int | None = None
    cached: int | None = None
    reasoning: int | None = None
    min_out: int = 0  # the model's window, if the answer is reported to be longer than that


def _read_usage(answer: object, reply: str, max_usage: MaxUsage, settings: DraftSettings) -> _ReportedUsage:
    """Read an answer's `usage`, by the names of OpenAI's older and newer interfaces and of Anthropic's.

    Implausible, and so ignored: values that are not whole numbers, a prompt of 0 tokens or of more tokens than the
    request has bytes, an answer with text and 0 tokens, and an answer longer than the model's window.
    """
    usage = answer.get("usage") if isinstance(answer, Mapping) else None
    if not isinstance(usage, Mapping):
        return _ReportedUsage()
    window = max(settings.context_tokens, max_usage.tokens_out)
    tokens_in = _parse_between(1, usage.get("prompt_tokens"), max_usage.tokens_in)
    cached = _parse_count(_find_part(usage, "prompt_tokens_details", "input_tokens_details").get("cached_tokens"))
    if tokens_in is None:
        tokens_in, cached = _input_tokens(usage, cached, max_usage)
    min_tokens = 1 if reply else 0
    tokens_out = _parse_between(min_tokens, usage.get("completion_tokens"), window)
    if tokens_out is None:
        tokens_out = _parse_between(min_tokens, usage.get("output_tokens"), window)
    total = _parse_count(usage.get("total_tokens"))
    if total is not None and tokens_in is not None:  # some endpoints count reasoning tokens in the total alone
        rest = _parse_between(max(min_tokens, 1), total - tokens_in, window)
        tokens_out = tokens_out if rest is None else max(rest, tokens_out or 0)
    elif total is not None and tokens_out is not None:
        tokens_in = _parse_between(1, total - tokens_out, max_usage.tokens_in)
    lengths = [_parse_count(usage.get(name)) for name in ("completion_tokens", "output_tokens")]
    lengths.append(None if total is None or tokens_in is None else total - tokens_in)
    reasoning = _parse_count(
        _find_part(usage, "completion_tokens_details", "output_tokens_details").get("reasoning_tokens")
    )
    return _ReportedUsage(
        tokens_in,
        tokens_out,
        _parse_between(0, cached, tokens_in) if tokens_in is not None else None,
        _parse_between(0, reasoning, tokens_out) if tokens_out is not None else None,
        window if any(number is not None and number > window for number in lengths) else 0,
    )


def _input_tokens(usage: Mapping[str, Any], cached: int | None, max_usage: MaxUsage) -> tuple[int | None, int | None]:
    """Return the prompt's tokens and those from a cache, which Anthropic does not count among `input_tokens`."""
    read, written = (_parse_count(usage.get(f"cache_{kind}_input_tokens")) for kind in ("read", "creation"))
    fresh = _parse_count(usage.get("input_tokens"))
    if fresh is None:
        return None, None
    tokens_in = _parse_between(1, fresh + (read or 0) + (written or 0), max_usage.tokens_in)
    return tokens_in, cached if read is None else read


def _find_part(usage: Mapping[str, Any], *names: str) -> Mapping[str, Any]:
    return next((part for name in names if isinstance(part := usage.get(name), Mapping)), {})


def _parse_between(low: int, value: object, high: int) -> int | None:
    number = _parse_count(value)
    return number if number is not None and low <= number <= high else None


def _parse_count(value: object) -> int | None:
    """Return a whole number of 0 or more, even if it is written as a string or with a decimal point; else None."""
    if isinstance(value, str) and _NUMBER.fullmatch(value.strip()[:31]):
        return int(value)
    if isinstance(value, float) and value.is_integer():
        value = int(value)
    return value if isinstance(value, int) and not isinstance(value, bool) and value >= 0 else None
