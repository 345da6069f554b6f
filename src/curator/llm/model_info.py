"""Read what an endpoint lists about a model: its context window and its prices."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from decimal import Decimal, InvalidOperation
from typing import Any

from curator.errors import ModelError
from curator.llm.endpoint import MAX_WINDOW, MIN_WINDOW, Endpoint
from curator.llm.usage import parse_body
from curator.settings import DraftSettings

_WINDOW_NAMES = ("context_length", "max_model_len", "context_window", "max_context_length", "max_input_tokens", "n_ctx")
"""Fields of a listed model: OpenRouter's, vLLM's, Groq's, Mistral's, LiteLLM's and llama.cpp's."""
_PRICE_NAMES = {"price_in": "prompt", "price_cached": "input_cache_read", "price_out": "completion"}
"""Fields of OpenRouter's `pricing`, in dollars a token, by the settings that they stand for."""
_TOKENS_PRICED = 1_000_000
_MAX_PRICE = 10_000


@dataclass(frozen=True)
class ModelInfo:
    """What an endpoint lists about a model; None and no prices if it lists nothing.

    Attributes:
        context_tokens: The context window.
        prices: Prices per million tokens, by the names of the settings.
    """

    context_tokens: int | None = None
    prices: tuple[tuple[str, str], ...] = ()


def load_model_info(model: str, settings: DraftSettings) -> ModelInfo:
    """Ask the endpoint for its list of models, which is free of charge, and return the entry of one of them.

    Args:
        model: The model's name.
        settings: The time limit of a call.
    """
    endpoint = Endpoint(settings.seconds)
    try:
        with endpoint.connect(model) as client:
            body = parse_body(client.models.with_raw_response.list().http_response.text)
    except ModelError:  # many endpoints have no such list
        return ModelInfo()
    listed = body.get("data") if isinstance(body, Mapping) else None
    entries = [entry for entry in listed if isinstance(entry, Mapping)] if isinstance(listed, list) else []
    entry = next((entry for entry in entries if entry.get("id") == model), {})
    return ModelInfo(_find_window(entry), tuple(_iterate_prices(entry.get("pricing"))))


def suggest_settings(info: ModelInfo, settings: DraftSettings) -> list[str]:
    """Return the lines of `[draft]` in curator.toml that differ from what the endpoint lists."""
    lines = []
    if info.context_tokens and info.context_tokens != settings.context_tokens:
        lines.append(f"context_tokens = {info.context_tokens}")
    lines += [f"{name} = {price}" for name, price in info.prices if getattr(settings, name) is None]
    return lines


def _find_window(entry: Mapping[str, Any]) -> int | None:
    meta = entry.get("meta")
    places = [entry, meta] if isinstance(meta, Mapping) else [entry]
    values = (place.get(name) for place in places for name in _WINDOW_NAMES)
    return next((value for value in values if isinstance(value, int) and MIN_WINDOW <= value <= MAX_WINDOW), None)


def _iterate_prices(pricing: object) -> Iterator[tuple[str, str]]:
    for setting, name in _PRICE_NAMES.items():
        value = pricing.get(name) if isinstance(pricing, Mapping) else None
        try:
            price = Decimal(str(value)[:30]) * _TOKENS_PRICED
        except InvalidOperation:
            continue
        if price.is_finite() and 0 <= price <= _MAX_PRICE:
            yield setting, f"{price.normalize():f}"
