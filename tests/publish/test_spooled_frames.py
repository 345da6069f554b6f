"""Frames on the disk read like a list of them."""

from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from curator.publish.spooled_frames import FrameSubset, SpooledFrames
from tests.publish.frames import frame

FRAMES = [frame(n, text=f"Frame {n} \x00 é") for n in range(1, 8)]
PLACES = st.integers(-8, 8)


def test_a_shelf_gives_back_what_was_put_on_it() -> None:
    shelf = SpooledFrames(iter(FRAMES))
    assert (len(shelf), list(shelf), list(reversed(shelf))) == (7, FRAMES, FRAMES[::-1])
    assert list(zip(shelf, shelf, strict=True)) == list(zip(FRAMES, FRAMES, strict=True))
    assert not SpooledFrames([])


@given(st.slices(7), PLACES, st.lists(st.integers(0, 6)))
def test_slices_and_places_are_those_of_a_list(some: slice, at: int, places: list[int]) -> None:
    shelf = SpooledFrames(FRAMES)
    assert list(shelf[some]) == FRAMES[some]
    picked = FrameSubset(shelf, places)
    assert list(picked) == [FRAMES[place] for place in places]
    assert list(picked[1:]) == [FRAMES[place] for place in places[1:]]
    try:
        expected = FRAMES[at]
    except IndexError:
        return
    assert shelf[at] == expected
