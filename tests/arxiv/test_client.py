from __future__ import annotations

import getpass
import itertools
import os
import re
import socket
import subprocess
import sys
import threading
import time
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from email.utils import format_datetime
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from curator.arxiv.client import (
    ArxivEndpoint,
    ArxivSession,
    TransientResponse,
    _may_follow,
    retry_after,
)
from curator.arxiv.rate_limit import MAX_COOL_DOWN, RateLimiter, gate_file
from curator.arxiv.response_body import BodyTooLarge, Sink
from curator.errors import ArxivBadAnswer, ArxivRefused, ArxivUnavailable, SettingsError
from tests.arxiv.scripted_server import Reply, scripted_server


def session(url: str, interval: float = 0, **options: object) -> ArxivSession:
    return ArxivSession(ArxivEndpoint(url, interval), **{"retries": 2, "first_wait": 0, **options})  # type: ignore[arg-type]


@pytest.mark.parametrize("url", ["https://export.arxiv.org", "http://192.0.2.7:80", "https://arxiv.org.example"])
def test_an_interval_under_three_seconds_is_for_this_machine_only(url: str) -> None:
    with pytest.raises(SettingsError, match="terms of use"):
        ArxivEndpoint(url, 2.9)
    assert ArxivEndpoint(url, 3).interval == 3


@pytest.mark.parametrize(
    "url", ["", "arxiv.org", "ftp://arxiv.org", "https://u:p@arxiv.org", "http://[::1", "http://a?b"]
)
def test_an_address_that_cannot_be_asked_is_a_settings_error(url: str) -> None:
    with pytest.raises(SettingsError, match="address"):
        ArxivEndpoint(url)


@pytest.mark.parametrize("interval", [-1, float("nan"), float("inf")])
def test_an_interval_that_is_no_time_is_a_settings_error(interval: float) -> None:
    with pytest.raises(SettingsError, match="interval"):
        ArxivEndpoint("http://127.0.0.1:1", interval)


def test_every_request_names_us_whatever_the_caller_says() -> None:
    with scripted_server(Reply(b"ok")) as server, session(server.url) as arxiv:
        arxiv.get(server.url, headers={"user-agent": "arxiv.py/4"})
        assert server.requests[0].headers["User-Agent"].startswith("curator/")


def test_one_connection_is_kept_for_many_requests_and_cookies_are_not() -> None:
    with scripted_server(Reply(b"ok", headers={"Set-Cookie": "a=b"})) as server, session(server.url) as arxiv:
        for _ in range(5):
            arxiv.get(server.url)
        assert len({request.connection for request in server.requests}) == 1
        assert all("Cookie" not in request.headers for request in server.requests)


@pytest.mark.parametrize(
    "step",
    [
        Reply(status=429),
        Reply(status=503),
        Reply(status=500),
        Reply(b"x" * 5000, cut=10),
        Reply(b"x" * 5000, cut=5, chunked=True),
        Reply(reset=True),
    ],
)
def test_a_passing_fault_is_asked_again(step: Reply) -> None:
    with scripted_server(step, Reply(b"fine")) as server, session(server.url) as arxiv:
        assert arxiv.get(server.url).content == b"fine"
        assert len(server.requests) == 2


def test_a_fault_that_stays_is_unavailable_after_the_last_try() -> None:
    with scripted_server(Reply(status=503)) as server, session(server.url) as arxiv:
        with pytest.raises(ArxivUnavailable, match=r"in 3 tries .*HTTP 503.*next run"):
            arxiv.get(f"{server.url}/api/query")
        assert len(server.requests) == 3


def test_no_answer_in_time_is_a_passing_fault() -> None:
    slow = Reply(b"late", delay=0.2)
    with scripted_server(slow, Reply(b"fine")) as server, session(server.url, read_timeout=0.05) as arxiv:
        assert arxiv.get(server.url).content == b"fine"


def test_a_server_that_is_not_there_is_unavailable() -> None:
    with scripted_server(Reply()) as server:
        url = server.url
    try:
        with session(url, retries=1) as arxiv, pytest.raises(ArxivUnavailable, match="2 tries"):
            arxiv.get(url)
    finally:
        gate_file(url).unlink(missing_ok=True)


def test_a_refusal_is_never_asked_again_not_even_for_another_page() -> None:
    with scripted_server(Reply(status=403), Reply(b"ok")) as server, session(server.url) as arxiv:
        for _ in range(2):
            with pytest.raises(ArxivRefused, match="403"):
                arxiv.get(server.url)
        assert len(server.requests) == 1


def test_a_refusal_holds_for_other_processes_until_somebody_says_go_on() -> None:
    code = (
        "import sys; from curator.arxiv.client import ArxivEndpoint, ArxivSession; "
        "print(ArxivSession(ArxivEndpoint(sys.argv[1], 0)).get(sys.argv[1]).text)"
    )
    with scripted_server(Reply(status=403), Reply(b"ok")) as server:
        with session(server.url) as arxiv, pytest.raises(ArxivRefused):
            arxiv.get(server.url)
        asking = [sys.executable, "-c", code, server.url]
        refused = subprocess.run(asking, capture_output=True, text=True, timeout=60)
        assert "ArxivRefused" in refused.stderr
        assert "curator resume" in refused.stderr
        assert len(server.requests) == 1
        gate = RateLimiter(gate_file(server.url), 0)
        assert gate.refused_at() is not None
        gate.resume()
        assert gate.refused_at() is None
        assert subprocess.run(asking, capture_output=True, text=True, timeout=60).stdout == "ok\n"


def test_other_statuses_are_the_callers_to_judge() -> None:
    with scripted_server(Reply(b"gone", status=404)) as server, session(server.url) as arxiv:
        answer = arxiv.get(server.url)
        assert (answer.status_code, answer.content, len(server.requests)) == (404, b"gone", 1)


def test_an_answer_that_the_caller_does_not_believe_is_asked_again() -> None:
    def check(answer: object) -> None:
        if len(server.requests) < 3:
            raise TransientResponse("odd")

    with scripted_server(Reply(b"ok")) as server, session(server.url) as arxiv:
        arxiv.get(server.url, check=check)
        assert len(server.requests) == 3


def test_retry_after_is_waited_for_by_every_session_of_the_machine() -> None:
    waits: list[float] = []
    later = Reply(status=429, headers={"Retry-After": "600"})
    with scripted_server(later, Reply(b"ok")) as server, session(server.url, retries=0) as arxiv:
        with pytest.raises(ArxivUnavailable):
            arxiv.get(server.url)

        def interrupt(why: str, seconds: float) -> None:
            waits.append(seconds)
            raise KeyboardInterrupt

        with session(server.url, on_wait=interrupt) as other, pytest.raises(KeyboardInterrupt):
            other.get(server.url)
        assert len(server.requests) == 1
    assert 590 < waits[0] <= 600


def test_a_wait_of_hours_is_not_waited_for() -> None:
    later = Reply(status=503, headers={"Retry-After": "7200"})
    with scripted_server(later) as server, session(server.url) as arxiv:
        with pytest.raises(ArxivUnavailable, match=r"before \d{4}-\d\d-\d\d"):
            arxiv.get(server.url)
        assert len(server.requests) == 1


def test_retry_after_may_be_a_date() -> None:
    now = datetime(2026, 5, 1, 12, tzinfo=UTC)
    assert retry_after(format_datetime(now + timedelta(seconds=90), usegmt=True), now) == 90
    assert retry_after(format_datetime(now - timedelta(seconds=90), usegmt=True), now) is None
    assert retry_after("120") == 120


@pytest.mark.parametrize("year", ["0000", "10000", "99999999999", "9" * 40])
@pytest.mark.parametrize("hour", ["12", "99999999999"])
@pytest.mark.parametrize("zone", ["GMT", "+99999999999", "-2359"])
def test_a_date_out_of_range_asks_for_no_wait(year: str, hour: str, zone: str) -> None:
    assert retry_after(f"Mon, 01 Jan {year} {hour}:00:00 {zone}") is None


@pytest.mark.parametrize("date", ["Fri, 31 Dec 9999 23:59:59 -2359", "Mon, 01 Jan 0001 00:00:00 +2359"])
def test_a_date_at_the_end_of_the_calendar_is_no_error(date: str) -> None:
    seconds = retry_after(date)
    assert seconds is None or seconds > 10**9


@given(st.text(max_size=80))
def test_no_retry_after_header_breaks_us(value: str) -> None:
    seconds = retry_after(value)
    assert seconds is None or seconds > 0


def test_a_redirect_on_the_same_server_is_followed_through_the_gate() -> None:
    steps = (Reply(status=301, headers={"Location": "/there"}), Reply(b"here"))
    with scripted_server(*steps) as server, session(server.url, interval=0.1) as arxiv:
        assert arxiv.get(f"{server.url}/here").content == b"here"
        first, second = server.requests
        assert second.path == "/there"
        assert second.began - first.began >= 0.099


def test_a_redirect_away_from_arxiv_is_not_followed() -> None:
    with scripted_server(Reply(b"login")) as other:
        away = Reply(status=302, headers={"Location": f"{other.url}/login"})
        with (
            scripted_server(away) as server,
            session(server.url) as arxiv,
            pytest.raises(ArxivBadAnswer, match="login"),
        ):
            arxiv.get(server.url)
        assert other.requests == []


def test_a_circle_of_redirects_ends() -> None:
    with scripted_server(Reply(status=302, headers={"Location": "/"})) as server, session(server.url) as arxiv:
        with pytest.raises(ArxivBadAnswer, match="redirect"):
            arxiv.get(server.url)
        assert len(server.requests) == 6


@pytest.mark.parametrize(
    ("old", "new", "may"),
    [
        ("http://export.arxiv.org/a", "https://arxiv.org/a", True),
        ("https://export.arxiv.org/a", "http://arxiv.org/a", False),
        ("https://export.arxiv.org/a", "http://export.arxiv.org/a", False),
        ("https://arxiv.org/a", "https://evilarxiv.org/a", False),
        ("https://arxiv.org/a", "https://arxiv.org.evil.example/a", False),
        ("https://arxiv.org/a", "https://arxiv.org@evil.example/a", False),
        ("https://arxiv.org/a", "file:///etc/passwd", False),
        ("http://127.0.0.1:8000/a", "http://127.0.0.1:9000/a", False),
    ],
)
def test_where_a_redirect_may_lead(old: str, new: str, may: bool) -> None:
    assert _may_follow(old, new) is may


def test_a_broken_download_starts_again_in_an_empty_sink() -> None:
    kept = bytearray()

    def open_sink() -> Sink:
        kept.clear()
        return kept.extend

    with scripted_server(Reply(b"a" * 200_000, cut=9), Reply(b"b" * 10)) as server, session(server.url) as arxiv:
        arxiv.fetch_to(server.url, open_sink, 10**6)
    assert bytes(kept) == b"b" * 10


@pytest.mark.parametrize("chunked", [True, False])
def test_a_download_over_its_limit_is_given_up_at_once(chunked: bool) -> None:
    big = Reply(b"a" * 100_000, chunked=chunked)
    with scripted_server(big) as server, session(server.url) as arxiv:
        with pytest.raises(BodyTooLarge, match="larger than"):
            arxiv.fetch_to(server.url, lambda: lambda chunk: None, 99_999)
        assert len(server.requests) == 1


def test_a_bad_answer_never_reaches_the_sink() -> None:
    with scripted_server(Reply(b"not here", status=404)) as server, session(server.url) as arxiv:
        answer = arxiv.fetch_to(server.url, lambda: pytest.fail("the sink was opened"), 10**6)
        assert (answer.status_code, answer.content) == (404, b"not here")


def test_what_the_sink_raises_is_the_callers_and_leaves_the_gate_open() -> None:
    def full(chunk: bytes) -> None:
        raise OSError("no space left")

    with scripted_server(Reply(b"a" * 100)) as server, session(server.url) as arxiv:
        with pytest.raises(OSError, match="no space"):
            arxiv.fetch_to(server.url, lambda: full, 10**6)
        assert len(server.requests) == 1
        assert arxiv.get(server.url).status_code == 200


def test_threads_and_sessions_share_one_turn_and_its_interval() -> None:
    with scripted_server(Reply(b"x" * 1000, delay=0.02)) as server:

        def ask() -> None:
            with session(server.url, interval=0.05) as arxiv:
                for _ in range(2):
                    arxiv.get(server.url)

        threads = [threading.Thread(target=ask) for _ in range(3)]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()
        began = [request.began for request in server.requests]
        assert server.most_at_once == 1
    assert len(began) == 6
    assert min(b - a for a, b in itertools.pairwise(began)) >= 0.049


def test_processes_share_one_turn_and_its_interval(tmp_path: Path) -> None:
    program = (
        "import sys; from curator.arxiv.client import *\n"
        "with ArxivSession(ArxivEndpoint(sys.argv[1], 0.1)) as s:\n"
        "    for _ in range(3): s.get(sys.argv[1])\n"
    )
    for name in ("a", "b"):
        (tmp_path / name).mkdir()
    with scripted_server(Reply(b"ok", delay=0.01)) as server:
        children = [
            subprocess.Popen(
                [sys.executable, "-c", program, server.url], env={**os.environ, "TMPDIR": str(tmp_path / name)}
            )
            for name in ("a", "b")
        ]
        assert [child.wait(30) for child in children] == [0, 0]
        began = [request.began for request in server.requests]
        assert server.most_at_once == 1
    assert len(began) == 6
    assert min(b - a for a, b in itertools.pairwise(began)) >= 0.099


def test_all_arxiv_hosts_share_a_gate_and_local_ports_do_not() -> None:
    arxiv = {gate_file(f"https://{host}/a") for host in ("arxiv.org", "export.arxiv.org", "EXPORT.arxiv.org:443")}
    assert len(arxiv) == 1
    assert gate_file("http://127.0.0.1:1") != gate_file("http://127.0.0.1:2")
    assert gate_file("http://notarxiv.org") not in arxiv
    assert gate_file("http://a_b/../../c").parent == gate_file("http://d").parent


def test_the_lock_file_is_open_to_all_users(tmp_path: Path) -> None:
    before = os.umask(0o077)
    try:
        with RateLimiter(tmp_path / "gate", 0).slot():
            pass
    finally:
        os.umask(before)
    assert (tmp_path / "gate").stat().st_mode & 0o777 == 0o666


def test_a_symbolic_link_in_place_of_the_lock_file_is_not_followed(tmp_path: Path) -> None:
    target = tmp_path / "precious"
    target.write_text("keep")
    (tmp_path / "gate").symlink_to(target)
    with pytest.raises(SettingsError, match="lock file"), RateLimiter(tmp_path / "gate", 0).slot():
        pass
    assert target.read_text() == "keep"


def _socket(path: Path) -> None:
    with socket.socket(socket.AF_UNIX) as bound:
        before = Path.cwd()
        os.chdir(path.parent)  # a socket's address is short
        try:
            bound.bind(path.name)
        finally:
            os.chdir(before)


def _hard_link(path: Path) -> None:
    (path.parent / "precious").write_text("keep")
    path.hardlink_to(path.parent / "precious")


@pytest.mark.skipif(sys.platform == "win32", reason="the lock file is each user's own")
@pytest.mark.parametrize(
    ("lay", "called"),
    [
        (os.mkfifo, "a FIFO"), (_socket, "a socket"), (Path.mkdir, "a folder"), (_hard_link, "a hard link"),
        (lambda path: path.symlink_to(path.parent / "nowhere"), "a symbolic link"),
    ],
    ids=lambda value: value if isinstance(value, str) else "",
)  # fmt: skip
def test_anything_but_a_file_in_place_of_the_lock_file_is_refused_at_once(
    tmp_path: Path, lay: Callable[[Path], None], called: str
) -> None:
    path = tmp_path / "gate"
    lay(path)
    owner = getpass.getuser()
    for use in (RateLimiter(path, 0).refused_at, RateLimiter(path, 0).slot().__enter__):
        with pytest.raises(SettingsError, match=rf"is {called}.* belongs to {owner}\. Remove it"):
            use()
    if called == "a hard link":
        assert path.read_text() == "keep"


def test_what_rests_on_the_lock_file_names_its_owner(tmp_path: Path) -> None:
    path = tmp_path / "gate"
    said = re.escape(f"according to {path} (a file of {getpass.getuser()}, which every user of this machine can write)")
    for moment in (1_700_000_000, 999_999_999_999):  # the second is after the year 9999
        path.write_text(f"{0:020.6f} {0:020.6f}\nrefused {moment}\n")
        with pytest.raises(ArxivRefused, match=said), RateLimiter(path, 0).slot():
            pass
    path.write_text(f"{0:020.6f} {time.time() + 100:020.6f}\n")
    told: list[str] = []

    def interrupt(why: str, seconds: float) -> None:
        told.append(why)
        raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt), RateLimiter(path, 0, interrupt).slot():
        pass
    assert re.search(said, told[0])


@pytest.mark.parametrize("content", [b"rubbish\n", b"nan nan\n", b"\x00" * 50, b"1.2.3 4\n", b"9" * 100])
def test_rubbish_in_the_lock_file_costs_one_interval_at_most(tmp_path: Path, content: bytes) -> None:
    path = tmp_path / "gate"
    path.write_bytes(content)
    start = time.monotonic()
    with RateLimiter(path, 0.1, lambda why, seconds: pytest.fail("a cool-down")).slot():
        assert time.monotonic() - start >= 0.09


def test_a_last_request_in_the_future_costs_one_interval(tmp_path: Path) -> None:
    path = tmp_path / "gate"
    path.write_text(f"{time.time() + 5000:020.6f} {0:020.6f}\n")
    with RateLimiter(path, 0.1).slot():
        pass
    assert float(path.read_text().split()[0]) <= time.time()


def test_a_cool_down_that_nobody_can_have_meant_is_cut_to_its_limit(tmp_path: Path) -> None:
    path = tmp_path / "gate"
    path.write_text(f"{0:020.6f} {time.time() + 10**8:020.6f}\n")
    waits: list[float] = []

    def interrupt(why: str, seconds: float) -> None:
        waits.append(seconds)
        raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt), RateLimiter(path, 0, interrupt).slot():
        pass
    assert waits == [MAX_COOL_DOWN]
    assert float(path.read_text().split()[1]) <= time.time() + MAX_COOL_DOWN
