"""The changelog is what differs between the days' last publications."""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta

from hypothesis import given
from hypothesis import strategies as st

from curator.publish.changelog import changes, changes_since
from curator.publish.listing import render_update
from curator.records import Change

from .frames import frame

START = datetime(2026, 1, 1, 12, tzinfo=UTC)
DAY = timedelta(days=1)


def test_added_reworded_and_retired_frames_are_told_apart_and_sorted_by_number() -> None:
    found = changes([(START, {"F2": "two", "F10": "ten"}), (START + DAY, {"F3": "three", "F10": "TEN"})])
    assert found == [
        Change(date(2026, 1, 1), "added", "F2", "two"),
        Change(date(2026, 1, 1), "added", "F10", "ten"),
        Change(date(2026, 1, 2), "added", "F3", "three"),
        Change(date(2026, 1, 2), "reworded", "F10", "TEN"),
        Change(date(2026, 1, 2), "retired", "F2", "two"),
    ]


def test_a_days_publications_are_one_net_change() -> None:
    hour = timedelta(hours=1)
    found = changes([(START, {"F1": "a", "F2": "x"}), (START + hour, {"F1": "b"}), (START + 2 * hour, {"F1": "c"})])
    assert found == [Change(date(2026, 1, 1), "added", "F1", "c")]


def test_publications_may_come_in_any_order() -> None:
    first, second = (START, {"F1": "a"}), (START + DAY, {"F1": "b"})
    assert changes([second, first]) == changes([first, second])


def test_a_retired_frame_that_comes_back_is_added_again() -> None:
    found = changes([(START, {"F1": "a"}), (START + DAY, {}), (START + 2 * DAY, {"F1": "a"})])
    assert [change.what for change in found] == ["added", "retired", "added"]


snapshots = st.dictionaries(st.integers(1, 5).map("F{}".format), st.text(max_size=2), max_size=5)


@given(st.lists(snapshots, max_size=5))
def test_replaying_the_changes_gives_the_last_publication(published: list[dict[str, str]]) -> None:
    list_now: dict[str, str] = {}
    for change in changes([(START + DAY * number, texts) for number, texts in enumerate(published)]):
        if change.what == "retired":
            assert list_now.pop(change.frame_id) == change.text
        else:
            assert (change.frame_id in list_now) == (change.what == "reworded")
            assert list_now.get(change.frame_id) != change.text
            list_now[change.frame_id] = change.text
    assert list_now == (published[-1] if published else {})


def test_what_changed_since_a_day_is_net_of_what_came_and_went() -> None:
    published = [
        (datetime(2026, 1, 1), {"F1": "One.", "F2": "Two.", "F3": "Three."}),
        (datetime(2026, 1, 5, 9), {"F1": "One.", "F2": "Zwei.", "F4": "Came and went."}),
        (datetime(2026, 1, 9), {"F1": "One.", "F2": "Deux.", "F10": "Ten."}),
    ]
    assert [(c.what, c.frame_id, c.text) for c in changes_since(published, date(2026, 1, 2))] == [
        ("added", "F10", "Ten."),
        ("reworded", "F2", "Deux."),
        ("retired", "F3", "Three."),
    ]
    assert changes_since(published, date(2026, 1, 10)) == []
    assert [c.what for c in changes_since(published, date(2025, 1, 1))] == ["added"] * 3
    assert changes_since([], date(2026, 1, 1)) == []


def test_an_update_names_sources_of_what_is_on_the_list_and_has_no_anchors() -> None:
    gone = Change(date(2026, 1, 9), "retired", "F9", "Gone <b>.")
    update = render_update([frame(12)], [gone, Change(date(2026, 1, 9), "added", "F12", frame(12).text)])
    assert update.startswith("**Added**\n\n- Induction heads copy")
    assert "](https://arxiv.org/pdf/2401.90001v1#page=3)" in update
    assert update.endswith("**Retired**\n\n- Gone \\<b\\>.")
    assert "<a" not in update
    assert render_update([], []) == "_Nothing has changed._"
