"""Errors pass through process pools and Prefect, which pickle them."""

from __future__ import annotations

import pickle
from collections.abc import Iterator

import pytest

from curator import errors
from curator.errors import CodedError, CuratorError


def family(parent: type[CuratorError]) -> Iterator[type[CuratorError]]:
    yield parent
    for child in parent.__subclasses__():
        yield from family(child)


EVERY = sorted(set(family(CuratorError)), key=lambda one: one.__name__)


@pytest.mark.parametrize("kind", EVERY, ids=lambda kind: str(kind.__name__))
def test_every_error_survives_pickling_with_message_and_attributes(kind: type[CuratorError]) -> None:
    message = "The paper “2401.90001” is\nnot there."
    error = kind(message, "not-found", True) if issubclass(kind, CodedError) else kind(message)
    back = pickle.loads(pickle.dumps(error))
    assert type(back) is kind
    assert str(back) == message
    assert vars(back) == vars(error)
    assert back.transient == error.transient


def test_every_error_stands_in_the_tree_that_the_module_draws() -> None:
    drawn = errors.__doc__ or ""
    ours = [kind.__name__ for kind in EVERY if kind.__module__ == errors.__name__]
    assert not [name for name in ours if name not in drawn]


def test_only_what_may_pass_by_itself_is_transient() -> None:
    transient = {kind.__name__ for kind in EVERY if kind.transient}
    assert transient == {"WarehouseBusy", "ArxivUnavailable"}
