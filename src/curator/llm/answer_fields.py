"""Fit an answer's JSON into a schema, and forgive what changes nothing about its meaning.

Models add keys, leave out those that may be null, write "Functional" for "functional", "<12>" for 12 and "" for an
empty list, or answer with the bare list. An item of a list that does not fit is left out, and noted; the others stay.
"""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from types import NoneType, UnionType
from typing import Any, Literal, TypeVar, Union, get_args, get_origin

from pydantic import BaseModel, ValidationError

from curator.sanitize import single_line

Reply = TypeVar("Reply", bound=BaseModel)

MAX_NUMBER = 30
"""Characters of a text that is read as a number."""
MAX_NOTES = 20
"""Notes of one answer."""

_INTEGER = re.compile(r"[^\d.-]*(-?\d{1,18})(?:\.0+)?[^\d.]*", re.ASCII)
"""A text with one whole number, such as "<12>", "12." and "sentence 12"."""
_NUMBER = re.compile(r"\s*(-?\d{1,18}(?:\.\d{1,18})?)\s*(?:/\s*10)?\s*", re.ASCII)
"""A text that is a number, such as "8", "7.5" and "8/10"."""
_NO_LETTER = re.compile(r"[\W_]+")
_MISSING = object()


class Misfit(ValueError):
    """A value does not fit.

    Args:
        place: Of the value in the answer, such as "candidates.1.kind"; "" for the whole answer.
        reason: Why it does not fit.
    """

    def __init__(self, place: str, reason: str) -> None:
        super().__init__(place, reason)
        self.place = place
        self.reason = reason

    def __str__(self) -> str:
        return f"{self.place or 'the answer'}: {self.reason}"


def fit(value: Any, schema: type[Reply], *, is_exact: bool = False) -> tuple[Reply, tuple[str, ...]]:
    """Return a value as an instance of a schema, with a note of each item that was left out.

    Args:
        value: JSON.
        schema: The schema. Its lists may hold objects of other schemas.
        is_exact: An unknown key is a misfit, and the value has to have the schema's own form. For values that may be
            parts of others or were mended.

    Raises:
        Misfit: The value does not fit: it is of another form, or no item of its list fits.
    """
    try:
        return schema.model_validate(value), ()
    except ValidationError:
        pass
    reading = _Reading(is_exact)
    fields = reading.read_object(value if is_exact else _unwrap(value, schema), schema, "", is_root=True)
    return schema.model_validate(fields), tuple(reading.notes[:MAX_NOTES])


def _unwrap(value: Any, schema: type[BaseModel]) -> Any:
    """Return the object with the schema's keys: of a bare list, or of an object with it as its only value."""
    names = list(schema.model_fields)
    if isinstance(value, list) and len(names) == 1 and value and all(isinstance(item, Mapping) for item in value):
        return {names[0]: value}
    if isinstance(value, Mapping) and len(value) == 1:
        (name, inner), *_ = value.items()
        if isinstance(inner, Mapping) and _fold(str(name)) not in map(_fold, names):
            return inner
    return value


class _Reading:
    """Reads one answer.

    Args:
        is_exact: As in `fit`.
    """

    def __init__(self, is_exact: bool) -> None:
        self.notes: list[str] = []
        self._is_exact = is_exact

    def read_object(self, value: Any, schema: type[BaseModel], place: str, *, is_root: bool = False) -> dict[str, Any]:
        """Return the fields of an object. Raises Misfit."""
        if not isinstance(value, Mapping):
            raise Misfit(place, f"it is not an object but {_describe(value)}")
        given = {_fold(str(name)): item for name, item in reversed(list(value.items()))}
        names = {name: _fold(name) for name in schema.model_fields}
        unknown = given.keys() - set(names.values())
        if unknown and self._is_exact:
            raise Misfit(place, f"it has the unknown key {sorted(unknown)[0][:40]!r}")
        if is_root and not given.keys() & set(names.values()):
            raise Misfit(place, f"it has no key {next(iter(names))!r}")
        return {
            name: self.read(given.get(key, _MISSING), schema.model_fields[name].annotation, _join(place, name))
            for name, key in names.items()
        }

    def read(self, value: Any, kind: Any, place: str) -> Any:
        """Return a value as one of the kind that a schema's field names. Raises Misfit."""
        origin = get_origin(kind)
        if origin in (Union, UnionType):
            inner = [part for part in get_args(kind) if part is not NoneType]
            is_null = value is None or value is _MISSING or (isinstance(value, str) and _fold(value) == "null")
            return None if is_null else self.read(value, inner[0], place)
        if origin is list:
            return self._read_list(value, get_args(kind)[0], place)
        if origin is Literal:
            return _read_choice(value, get_args(kind), place)
        if isinstance(kind, type) and issubclass(kind, BaseModel):
            return self.read_object(value, kind, place)
        return _READERS[kind](value, place)

    def _read_list(self, value: Any, kind: Any, place: str) -> list[Any]:
        if isinstance(kind, type) and issubclass(kind, BaseModel):
            return self._read_items([value] if isinstance(value, Mapping) else value, kind, place)
        if value is _MISSING or value is None:
            return []
        texts = re.split(r"[,;\n]", value[:10_000]) if isinstance(value, str) else value
        if not isinstance(texts, list):
            raise Misfit(place, f"it is not a list but {_describe(value)}")
        return [self.read(item, kind, place) for item in texts if item not in (None, "") and str(item).strip()]

    def _read_items(self, value: Any, kind: type[BaseModel], place: str) -> list[dict[str, Any]]:
        """Return the items that fit, and note the others. Raises Misfit if there are items and none fits."""
        if not isinstance(value, list):
            raise Misfit(place, f"it is not a list but {_describe(value)}")
        items, misfits = [], {}
        for number, item in enumerate(value, 1):
            try:
                items.append(self.read_object(item, kind, f"{place}.{number}"))
            except Misfit as misfit:
                misfits[number] = misfit
        if misfits and not items:
            raise next(iter(misfits.values()))
        name = place.rpartition(".")[2].removesuffix("s")
        self.notes += [f"{name} {number} left out: {_shorten(misfit)}" for number, misfit in misfits.items()]
        return items


def _read_choice(value: Any, choices: Sequence[Any], place: str) -> Any:
    folded = {_fold(str(choice)): choice for choice in choices}
    chosen = folded.get(_fold(value)) if isinstance(value, str) else None
    if chosen is None:
        allowed = ", ".join(repr(choice) for choice in choices)
        raise Misfit(place, f"it is {_describe(value)} and none of {allowed}")
    return chosen


def _read_text(value: Any, place: str) -> str:
    """Return a text; "" for a missing one, which is judged where the text is used."""
    if value is _MISSING or value is None:
        return ""
    if isinstance(value, int | float) and not isinstance(value, bool):
        return str(value)
    if not isinstance(value, str):
        raise Misfit(place, f"it is not a text but {_describe(value)}")
    return value


def _read_integer(value: Any, place: str) -> int:
    if isinstance(value, float) and value.is_integer():
        return int(value)
    if isinstance(value, str) and len(value) <= MAX_NUMBER and (match := _INTEGER.fullmatch(value)):
        return int(match[1])
    if isinstance(value, bool) or not isinstance(value, int):
        raise Misfit(place, f"it is not a whole number but {_describe(value)}")
    return value


def _read_number(value: Any, place: str) -> float:
    if isinstance(value, str) and len(value) <= MAX_NUMBER and (match := _NUMBER.fullmatch(value)):
        return float(match[1])
    if isinstance(value, bool) or not isinstance(value, int | float):
        raise Misfit(place, f"it is not a number but {_describe(value)}")
    return float(value)


_READERS = {str: _read_text, int: _read_integer, float: _read_number}


def _fold(name: str) -> str:
    return _NO_LETTER.sub("", name[:200]).casefold()


def _join(place: str, name: str) -> str:
    return f"{place}.{name}" if place else name


def _shorten(misfit: Misfit) -> str:
    field = misfit.place.rpartition(".")[2]
    return single_line(misfit.reason if field.isdigit() else f"{field}: {misfit.reason}")[:200]


def _describe(value: Any) -> str:
    if value is _MISSING:
        return "missing"
    if value is None:
        return "null"
    if isinstance(value, str):
        return repr(single_line(value)[:60])
    return {bool: "a truth value", dict: "an object", list: "a list"}.get(type(value), f"the number {str(value)[:40]}")
