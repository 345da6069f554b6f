"""One message to whoever runs the list, by any service that Apprise knows: a webhook, e-mail, Slack, ntfy …

Addresses hold secrets (a password, a token), so none is ever repeated: not in an error, not in a log.
"""

from __future__ import annotations

import logging
import os
from dataclasses import dataclass
from typing import TYPE_CHECKING

from curator.errors import NotSent
from curator.sanitize import single_line
from curator.settings import NotifySettings

if TYPE_CHECKING:
    import apprise

MAX_MESSAGE_CHARS = 4000  # characters; some services take no more


@dataclass(frozen=True)
class Notification:
    """What is sent. `trouble` where something failed or stalled."""

    title: str
    lines: tuple[str, ...]
    trouble: bool = False

    @property
    def body(self) -> str:
        """The lines, short, without what is invisible and without any key of ours that strayed into one."""
        text = "\n".join(_without_secrets(single_line(line)) for line in self.lines)
        return text if len(text) <= MAX_MESSAGE_CHARS else text[: MAX_MESSAGE_CHARS - 4] + " ..."


def count_addresses(settings: NotifySettings) -> int:
    """How many addresses the settings name. Raises NotSent where one is none that Apprise knows."""
    return len(_parse_addresses(settings))


def filter_message(settings: NotifySettings, message: Notification | None) -> Notification | None:
    """The message, where the settings want it sent."""
    return message if message and (message.trouble or settings.when == "news") else None


def send_notification(settings: NotifySettings, message: Notification) -> None:
    """Send a message to every address of the settings. Raises NotSent, once all were tried."""
    if not settings.to:
        return  # and load nothing
    import apprise

    failed = [
        f"number {number} ({scheme})"
        for number, (scheme, service) in enumerate(_parse_addresses(settings), 1)
        if not service.notify(body=message.body, title=message.title, body_format=apprise.NotifyFormat.TEXT)
    ]
    if failed:
        raise NotSent(
            f"The message could not be sent to notify.to's address {', '.join(failed)}. "
            "`curator doctor --notify` sends another."
        )


def _parse_addresses(settings: NotifySettings) -> list[tuple[str, apprise.NotifyBase]]:
    """The kind of each address, and what sends there."""
    import apprise

    logging.getLogger("apprise").setLevel(logging.CRITICAL + 1)  # it would tell whole addresses
    services = []
    for number, address in enumerate(settings.to.split(), 1):
        service = apprise.Apprise.instantiate(address, suppress_exceptions=True)
        if service is None:
            raise NotSent(
                f"notify.to's address number {number} (it is not repeated here) is none that Apprise knows; "
                "such as json://host/path, mailtos://user:password@host?to=me@host, slack://..."
            )
        services.append((address.partition(":")[0], service))
    return services


def _without_secrets(text: str) -> str:
    for name in ("OPENAI_API_KEY", "CURATOR_NOTIFY_TO"):
        for secret in os.environ.get(name, "").split():
            text = text.replace(secret, f"[{name}]")
    return text
