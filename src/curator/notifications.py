"""Notifications to the person who runs the list, by any service of Apprise: a webhook, e-mail, Slack or ntfy.

Addresses contain secrets (a password, a token), so no error and no log ever repeats an address.
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

MAX_MESSAGE_CHARS = 4000
"""Characters of a notification; some services accept no more."""


@dataclass(frozen=True)
class Notification:
    """One notification; `trouble` is True if it reports a failure or a stalled topic."""

    title: str
    lines: tuple[str, ...]
    trouble: bool = False

    @property
    def body(self) -> str:
        """The lines as one short text, without invisible characters and without secrets of the environment."""
        text = "\n".join(_without_secrets(single_line(line)) for line in self.lines)
        return text if len(text) <= MAX_MESSAGE_CHARS else text[: MAX_MESSAGE_CHARS - 4] + " ..."


def count_addresses(settings: NotifySettings) -> int:
    """Return the number of addresses in the settings.

    Raises:
        NotSent: Apprise does not recognise an address.
    """
    return len(_parse_addresses(settings))


def filter_message(settings: NotifySettings, message: Notification | None) -> Notification | None:
    """Return the message if the settings ask for messages of its kind; else None."""
    return message if message and (message.trouble or settings.when == "news") else None


def send_notification(settings: NotifySettings, message: Notification) -> None:
    """Send a message to every address of the settings.

    Raises:
        NotSent: At least one address failed; the others were tried as well.
    """
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
            f"The message could not be sent to these addresses of notify.to: {', '.join(failed)}. "
            "Check them; `curator doctor --notify` sends a test message."
        )


def _parse_addresses(settings: NotifySettings) -> list[tuple[str, apprise.NotifyBase]]:
    """Return the scheme of each address, and the service that sends to it."""
    import apprise

    logging.getLogger("apprise").setLevel(logging.CRITICAL + 1)  # it would log whole addresses
    services = []
    for number, address in enumerate(settings.to.split(), 1):
        service = apprise.Apprise.instantiate(address, suppress_exceptions=True)
        if service is None:
            raise NotSent(
                f"Apprise does not recognise address number {number} of notify.to (not shown here, as it may contain a "
                "password). Write it like json://host/path, mailtos://user:password@host?to=me@host or slack://..."
            )
        services.append((address.partition(":")[0], service))
    return services


def _without_secrets(text: str) -> str:
    for name in ("OPENAI_API_KEY", "CURATOR_NOTIFY_TO"):
        for secret in os.environ.get(name, "").split():
            text = text.replace(secret, f"[{name}]")
    return text
