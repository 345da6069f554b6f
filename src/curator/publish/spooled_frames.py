"""Keep frames on disk, so that a list of any length can be laid out with few frames in memory."""

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
    """Implement indexing and slicing on top of `_frame`."""

    @overload
    def __getitem__(self, index: int) -> Frame: ...
    @overload
    def __getitem__(self, index: slice) -> Sequence[Frame]: ...
    def __getitem__(self, index: int | slice) -> Frame | Sequence[Frame]:
        if isinstance(index, slice):
            return FrameSubset(self, range(len(self))[index])
        return self._frame(range(len(self))[index])

    @abstractmethod
    def _frame(self, index: int) -> Frame: ...


class SpooledFrames(_Frames):
    """Frames in an unnamed temporary file, in the order in which they were added; each is read when it is needed."""

    def __init__(self, frames: Iterable[Frame]) -> None:
        self._file = tempfile.TemporaryFile()  # noqa: SIM115
        weakref.finalize(self, _close_file, self._file)
        self._starts = array("q", [0])
        for frame in frames:
            self._file.write(pickle.dumps(frame, pickle.HIGHEST_PROTOCOL))
            self._starts.append(self._file.tell())

    def __len__(self) -> int:
        return len(self._starts) - 1

    def _frame(self, index: int) -> Frame:
        self._file.seek(self._starts[index])
        pickled = self._file.read(self._starts[index + 1] - self._starts[index])
        return pickle.loads(pickled)  # type: ignore[no-any-return]  # safe: only `__init__` writes to this file


def _close_file(file: IO[bytes]) -> None:
    with suppress(OSError):  # on a full disk, closing fails to write data that is no longer needed
        file.close()


class FrameSubset(_Frames):
    """Some frames of a sequence, given by their indices."""

    def __init__(self, frames: Sequence[Frame], indices: Sequence[int]) -> None:
        self._frames = frames
        self._indices = indices

    def __len__(self) -> int:
        return len(self._indices)

    def _frame(self, index: int) -> Frame:
        return self._frames[self._indices[index]]

    def __iter__(self) -> Iterator[Frame]:
        return (self._frames[index] for index in self._indices)
