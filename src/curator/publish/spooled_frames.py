"""Frames on the disk, so that a list of any length is laid out with few of them in memory."""

from __future__ import annotations

import pickle
import tempfile
import weakref
from abc import abstractmethod
from array import array
from collections.abc import Iterable, Iterator, Sequence
from contextlib import suppress
from typing import IO, overload

from curator.types import Frame


class _Frames(Sequence[Frame]):
    """What the two below have in common: a place, or a stretch of places, asked for as of a list."""

    @overload
    def __getitem__(self, at: int) -> Frame: ...
    @overload
    def __getitem__(self, at: slice) -> Sequence[Frame]: ...
    def __getitem__(self, at: int | slice) -> Frame | Sequence[Frame]:
        if isinstance(at, slice):
            return FrameSubset(self, range(len(self))[at])
        return self._frame(range(len(self))[at])

    @abstractmethod
    def _frame(self, number: int) -> Frame: ...


class SpooledFrames(_Frames):
    """Frames in a temporary file without a name, in the order in which they came; each is read when it is asked for."""

    def __init__(self, frames: Iterable[Frame]) -> None:
        self._file = tempfile.TemporaryFile()  # noqa: SIM115
        weakref.finalize(self, _let_go, self._file)
        self._starts = array("q", [0])
        for frame in frames:
            self._file.write(pickle.dumps(frame, pickle.HIGHEST_PROTOCOL))
            self._starts.append(self._file.tell())

    def __len__(self) -> int:
        return len(self._starts) - 1

    def _frame(self, number: int) -> Frame:
        self._file.seek(self._starts[number])
        told = self._file.read(self._starts[number + 1] - self._starts[number])
        return pickle.loads(told)  # type: ignore[no-any-return]  # nobody else has written there


def _let_go(file: IO[bytes]) -> None:
    with suppress(OSError):  # what is not written yet, on a disk that is full, is not wanted any more
        file.close()


class FrameSubset(_Frames):
    """Some of a sequence's frames, by their places in it."""

    def __init__(self, frames: Sequence[Frame], places: Sequence[int]) -> None:
        self._frames = frames
        self._places = places

    def __len__(self) -> int:
        return len(self._places)

    def _frame(self, number: int) -> Frame:
        return self._frames[self._places[number]]

    def __iter__(self) -> Iterator[Frame]:
        return (self._frames[place] for place in self._places)
