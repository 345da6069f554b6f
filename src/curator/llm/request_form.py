"""The form of a request: the parameters by which an endpoint differs from OpenAI's, and the order of their fallbacks.

An endpoint that refuses a request does not reliably say why. The next form is therefore found by trying; the words of
a refusal only decide which parameter is tried first.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass, replace
from typing import Any, Literal

Schema = Literal["json_schema", "json_object", "words"]
Length = Literal["max_completion_tokens", "max_tokens"]


@dataclass(frozen=True)
class RequestForm:
    """The parameters of a request. The defaults are those of OpenAI's own endpoint.

    Attributes:
        schema: How the schema of the answer is given: as a schema; in words, with `json_object` requested; or in words
            alone.
        length: The name of the parameter for the length of the answer.
        has_temperature: Whether a temperature that the settings name is sent.
        has_system_message: Whether there is a system message; otherwise its text precedes the user's.
    """

    schema: Schema = "json_schema"
    length: Length = "max_completion_tokens"
    has_temperature: bool = True
    has_system_message: bool = True

    @classmethod
    def from_fields(cls, fields: Mapping[str, Any]) -> RequestForm:
        """Return the form with these fields; unknown names and values get the default."""
        default = cls()
        known = {
            "schema": ("json_schema", "json_object", "words"),
            "length": ("max_completion_tokens", "max_tokens"),
            "has_temperature": (True, False),
            "has_system_message": (True, False),
        }
        return replace(default, **{name: fields[name] for name, values in known.items() if fields.get(name) in values})


Change = Callable[[RequestForm], RequestForm]


@dataclass(frozen=True)
class _Fallback:
    """A change to a form.

    Attributes:
        words: Words of a refusal that suggest this change.
        change: Makes the change.
    """

    words: re.Pattern[str]
    change: Change


def _drop_json_schema(form: RequestForm) -> RequestForm:
    return replace(form, schema="json_object") if form.schema == "json_schema" else form


_FALLBACKS = (
    _Fallback(re.compile(r"response.?format|json.?schema|structured|guided|grammar", re.IGNORECASE), _drop_json_schema),
    _Fallback(
        re.compile(r"max_(completion_)?tokens|max_new_tokens", re.IGNORECASE),
        lambda form: replace(form, length="max_tokens"),
    ),
    _Fallback(re.compile(r"temperature", re.IGNORECASE), lambda form: replace(form, has_temperature=False)),
    _Fallback(
        re.compile(r"\bsystem\b|\broles?\b|developer", re.IGNORECASE),
        lambda form: replace(form, has_system_message=False),
    ),
    _Fallback(re.compile(r"json_object|response.?format", re.IGNORECASE), lambda form: replace(form, schema="words")),
)


def list_fallbacks(refusal: str, *, sends_temperature: bool) -> list[Change]:
    """Return the changes to try after a refusal, those first that its words suggest.

    Args:
        refusal: The endpoint's words.
        sends_temperature: Whether the refused request had a temperature.
    """
    fallbacks = [item for item in _FALLBACKS if sends_temperature or "temperature" not in item.words.pattern]
    return [item.change for item in sorted(fallbacks, key=lambda item: not item.words.search(refusal))]


def apply_all(form: RequestForm, changes: Iterable[Change]) -> RequestForm:
    """Return the form with all changes."""
    for change in changes:
        form = change(form)
    return form


def describe_form(form: RequestForm) -> Iterator[str]:
    """Yield what an endpoint that takes this form accepts, in words for a person."""
    yield {
        "json_schema": "JSON schemas",
        "json_object": "JSON objects, but no schemas",
        "words": "no response_format, so the schema is described in words",
    }[form.schema]
    if form.length != "max_completion_tokens":
        yield f"{form.length} in place of max_completion_tokens"
    if not form.has_temperature:
        yield "no temperature"
    if not form.has_system_message:
        yield "no system message, so its text precedes the user's"
