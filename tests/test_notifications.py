"""Messages to whoever runs the list arrive, say what matters, and hold no secret."""

from __future__ import annotations

import logging

import pytest

from curator.errors import NotSent
from curator.notifications import MAX_MESSAGE_CHARS, Notification, count_addresses, send_notification
from curator.pipeline import IngestReport, TopicResult
from curator.pipeline.report_text import run_message
from curator.settings import NotifySettings
from tests.helpers.inbox import mailbox, webhook

NEWS = Notification("Curator: 2 new candidates", ("Run r1: done; 2 new candidates in the queue.",))


def test_a_webhook_gets_it() -> None:
    with webhook() as hook:
        send_notification(NotifySettings(to=f"json://127.0.0.1:{hook.port}/hook"), NEWS)
    (came,) = hook.came
    assert came["title"] == NEWS.title
    assert NEWS.lines[0] in came["message"]


def test_mail_arrives() -> None:
    with mailbox() as (port, mails):
        send_notification(
            NotifySettings(to=f"mailto://127.0.0.1:{port}/?from=curator@example.org&to=ada@example.org"), NEWS
        )
    (mail,) = mails
    assert "To: ada@example.org" in mail
    assert "Curator: 2 new candidates" in mail


def test_one_address_that_fails_keeps_none_from_the_others_and_is_not_repeated(
    caplog: pytest.LogCaptureFixture,
) -> None:
    with webhook() as bad, webhook() as good, caplog.at_level(logging.INFO):
        bad.status = 500
        settings = NotifySettings(
            to=f"json://ada:hunter2@127.0.0.1:{bad.port}/token-of-mine json://127.0.0.1:{good.port}/"
        )
        with pytest.raises(NotSent, match=r"number 1 \(json\)") as caught:
            send_notification(settings, NEWS)
    assert len(good.came) == 1
    for secret in ("hunter2", "token-of-mine"):
        assert secret not in str(caught.value)
        assert secret not in caplog.text


@pytest.mark.parametrize("address", ["nonsense", "gopher://secret@host", "http:/"])
def test_what_is_no_address_is_named_by_its_number_only(address: str) -> None:
    with pytest.raises(NotSent, match="number 2") as caught:
        count_addresses(NotifySettings(to=f"json://127.0.0.1:9/ {address}"))
    assert address not in str(caught.value)


def test_a_message_keeps_to_its_size_and_to_what_is_visible(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("OPENAI_API_KEY", "sk-secret-of-the-test")
    told = Notification("t", ("\x1b[31mred\x1b[0m\u202e\nsecond line", "with sk-secret-of-the-test in it", "x" * 9000))
    assert len(told.body) <= MAX_MESSAGE_CHARS
    assert told.body.startswith("[31mred[0m second line\nwith [OPENAI_API_KEY] in it\n")


def test_a_run_that_found_nothing_and_failed_at_nothing_is_not_told() -> None:
    assert run_message(IngestReport("r1", "d", topics=[TopicResult("grokking", "quiet")])) is None


def test_a_stalled_topic_is_told_though_the_run_is_done() -> None:
    report = IngestReport("r1", "d", topics=[TopicResult("grokking", "stalled", problems=("arXiv has none.",))])
    told = run_message(report)
    assert told is not None
    assert told.trouble
    assert told.title == "Curator: 0 new candidates, stalled"
    assert "grokking: stalled. arXiv has none." in told.body
