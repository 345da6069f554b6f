"""The changelog is what differs between the days' last publications."""

from __future__ import annotations

from datetime import date, timedelta
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from curator.publish.changelog import change_key, describe_change, group_by_day
from curator.publish.markdown import render_update
from curator.types import Change
from curator.warehouse import Connection, Warehouse, publications
from curator.warehouse.frames import RetiredFrame
from curator.warehouse.publications import FrameChange, PublishedText
from curator.warehouse.rows import utc_now
from tests.helpers.forms import form
from tests.helpers.templates import new_warehouse
from tests.publish.frames import frame

DAY = date(2026, 1, 2)
Texts = dict[str, str]


@pytest.fixture
def warehouse(tmp_path: Path) -> Warehouse:
    return new_warehouse(tmp_path / "curator.duckdb")


def publish(warehouse: Warehouse, texts: Texts, *, days_ago: int) -> None:
    def write(c: Connection) -> None:
        publications.add_publication(c, "list.md", "0", {id: PublishedText(text, ()) for id, text in texts.items()})
        c.execute(
            "update record.publications set added = $when where publication = (select max(publication) from "
            "record.publications)", {"when": utc_now() - timedelta(days=days_ago)},
        )  # fmt: skip

    warehouse.write(write)


def changes(warehouse: Warehouse) -> list[tuple[str, str, str]]:
    found = warehouse.read(publications.load_frame_changes, date.max)
    told = [change for one in found for change in describe_change(one, {})]
    return [(one.what, one.frame_id, one.text) for _, group in reversed(group_by_day(told)) for one in group]


def test_added_reworded_and_retired_frames_are_told_apart_and_sorted_by_number(warehouse: Warehouse) -> None:
    publish(warehouse, {"F2": "two", "F10": "ten"}, days_ago=2)
    publish(warehouse, {"F3": "three", "F10": "TEN"}, days_ago=1)
    assert changes(warehouse) == [
        ("added", "F2", "two"),
        ("added", "F10", "ten"),
        ("added", "F3", "three"),
        ("reworded", "F10", "TEN"),
        ("retired", "F2", "two"),
    ]


def test_a_days_publications_are_one_net_change(warehouse: Warehouse) -> None:
    for texts in ({"F1": "a", "F2": "x"}, {"F1": "b"}, {"F1": "c"}):
        publish(warehouse, texts, days_ago=3)
    assert changes(warehouse) == [("added", "F1", "c")]


def test_a_retired_frame_that_comes_back_is_added_again(warehouse: Warehouse) -> None:
    for days_ago, texts in ((3, {"F1": "a"}), (2, dict[str, str]()), (1, {"F1": "a"})):
        publish(warehouse, texts, days_ago=days_ago)
    assert [what for what, _, _ in changes(warehouse)] == ["added", "retired", "added"]


snapshots = st.dictionaries(st.integers(1, 5).map("F{}".format), st.text("abcé'", max_size=2), max_size=5)


@settings(max_examples=form(8, 25), deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(st.lists(snapshots, max_size=5))
def test_replaying_the_changes_gives_the_last_publication(
    tmp_path_factory: pytest.TempPathFactory, published: list[Texts]
) -> None:
    warehouse = new_warehouse(tmp_path_factory.mktemp("w") / "curator.duckdb")
    for number, texts in enumerate(published):
        publish(warehouse, texts, days_ago=len(published) - number)
    list_now: Texts = {}
    for what, id, text in changes(warehouse):
        if what == "retired":
            assert list_now.pop(id) == text
        else:
            assert (id in list_now) == (what == "reworded")
            assert list_now.get(id) != text
            list_now[id] = text
    assert list_now == (published[-1] if published else {})


def test_another_paper_is_new_evidence_and_another_version_a_revised_paper() -> None:
    before = PublishedText("One.", ("2401.00001v1", "doi:10.1/vv1"))
    after = PublishedText("One.", ("2401.00001v2", "doi:10.1/vv1", "against 2402.00001v1"))
    assert [*describe_change(FrameChange(DAY, "F1", before, after), {})] == [
        Change(DAY, "new evidence", "F1", "One.", "against 2402.00001v1"),
        Change(DAY, "paper revised", "F1", "One.", "2401.00001v2"),
    ]


def test_a_list_from_before_sources_were_kept_tells_of_no_evidence() -> None:
    one = FrameChange(DAY, "F1", PublishedText("One.", None), PublishedText("Two.", ("2401.00001v1",)))
    assert [change.what for change in describe_change(one, {})] == ["reworded"]


def test_a_retired_frame_says_why_and_what_stands_in_its_place() -> None:
    gone = RetiredFrame("F1", "c", "One.", "functional", "rejected", "Too vague.", "F7", "Ada", utc_now())
    (change,) = describe_change(FrameChange(DAY, "F1", PublishedText("One.", ()), None), {"F1": gone})
    assert (change.what, change.note) == ("retired", "Too vague.; superseded by F7")


def test_changes_of_one_day_have_keys_of_their_own() -> None:
    told = [Change(DAY, "added", "F1", "a"), Change(DAY, "reworded", "F1", "a"), Change(DAY, "added", "F11", "a")]
    assert len({*map(change_key, told)}) == 3


def test_an_update_names_sources_of_what_is_on_the_list_and_has_no_anchors() -> None:
    gone = Change(date(2026, 1, 9), "retired", "F9", "Gone <b>.", "old")
    update = render_update([frame(12)], [gone, Change(date(2026, 1, 9), "added", "F12", frame(12).text)])
    assert update.startswith("**Added**\n\n- Induction heads copy")
    assert "](https://arxiv.org/pdf/2401.90001v1#page=3)" in update
    assert update.endswith("**Retired**\n\n- Gone \\<b\\>. (old)")
    assert "<a" not in update
    assert render_update([], []) == "_Nothing has changed._"
