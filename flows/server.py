"""`python -m flows.server FD,FD`: Prefect's own server, on listening sockets that `curator up` has opened.

`curator up` keeps the port open while this server restarts. Otherwise another user of the machine could take the port
and receive the password from the schedules. Prefect answers a few more requests without a password than this server
does, some of which load scripts from other hosts or query its database. Here, only `/api/health` and the files of
Prefect's web page need no password.
"""

from __future__ import annotations

import base64
import binascii
import hmac
import os
import socket
import sys
from collections.abc import Awaitable, Callable, MutableMapping
from typing import Any

import uvicorn
from prefect.server.api.server import create_app
from prefect.settings import get_current_settings

from curator.loopback import adopt_listeners

Message = MutableMapping[str, Any]
Receive = Callable[[], Awaitable[Message]]
Send = Callable[[Message], Awaitable[None]]
App = Callable[[Message, Receive, Send], Awaitable[None]]

API = "/api"
HEALTH = "/api/health"
_DESCRIPTIONS = ("/docs", "/redoc", "/openapi.json")  # pages that run scripts of a content delivery network
# Other pages cannot frame Prefect's page, where a click would act as the signed-in user. The page sends requests to
# this server only: otherwise it would report its use to Prefect's makers, even with DO_NOT_TRACK.
_POLICY = b"default-src 'self' 'unsafe-inline' 'unsafe-eval' blob: data:; frame-ancestors 'none'"


class PasswordGate:
    """ASGI middleware that answers 401 to requests without the password.

    WebSockets pass: Prefect itself checks the password in their first message.
    """

    def __init__(self, app: App, password: str) -> None:
        self._app = app
        self._password = password.encode()

    async def __call__(self, scope: Message, receive: Receive, send: Send) -> None:
        """Answer one request, or pass it on to Prefect."""
        if scope["type"] != "http":
            await self._app(scope, receive, send)
        elif (b"service-worker", b"script") in scope["headers"]:
            await _refuse_worker(send)
        elif _is_open(scope["method"], scope["path"]) or self._has_password(scope):
            await self._app(scope, receive, _with_policy(send))
        else:
            await _refuse(send)

    def _has_password(self, scope: Message) -> bool:
        headers = [value for name, value in scope["headers"] if name == b"authorization"]
        if len(headers) != 1:
            return False
        scheme, _, credentials = headers[0].partition(b" ")
        try:
            sent = base64.b64decode(credentials.strip(), validate=True)
        except binascii.Error:
            return False
        return bool(scheme.lower() == b"basic" and hmac.compare_digest(sent, self._password))


def _is_open(method: str, path: str) -> bool:
    if path == HEALTH:
        return method == "GET"
    is_page = path != API and not path.startswith((f"{API}/", *_DESCRIPTIONS))
    return is_page and method in ("GET", "HEAD")


def _with_policy(send: Send) -> Send:
    async def send_with_policy(message: Message) -> None:
        if message["type"] == "http.response.start":
            message["headers"] = [*message.get("headers", ()), (b"content-security-policy", _POLICY)]
        await send(message)

    return send_with_policy


async def _refuse(send: Send) -> None:
    await _answer(send, 401, b'{"exception_message":"Unauthorized"}')  # the body of Prefect's own answer


async def _refuse_worker(send: Send) -> None:
    """Make the browser remove a service worker.

    Prefect's page has none. A server of another account can have registered one at this address while this server was
    not running.
    """
    body = b'{"exception_message":"There is no service worker."}'
    await _answer(send, 404, body, (b"clear-site-data", b'"storage"'))


async def _answer(send: Send, status: int, body: bytes, *more: tuple[bytes, bytes]) -> None:
    headers = [(b"content-type", b"application/json"), (b"content-length", str(len(body)).encode()), *more]
    await send({"type": "http.response.start", "status": status, "headers": headers})
    await send({"type": "http.response.body", "body": body})


def main(listeners: list[socket.socket]) -> None:
    """Serve until SIGINT or SIGTERM.

    Raises:
        ValueError: No password is set.
    """
    settings = get_current_settings().server
    password = settings.api.auth_string.get_secret_value() if settings.api.auth_string else ""
    if not password:
        raise ValueError("PREFECT_SERVER_API_AUTH_STRING is not set; `curator up` sets it.")
    os.umask(0o077)  # only the owner may read the database
    config = uvicorn.Config(
        PasswordGate(create_app(final=True), password),
        log_level=settings.logging_level.lower(),
        timeout_keep_alive=settings.api.keepalive_timeout,
        ws_ping_interval=settings.api.websocket_ping_interval,
        ws_ping_timeout=settings.api.websocket_ping_timeout,
        proxy_headers=False,
    )
    uvicorn.Server(config).run(sockets=listeners)


if __name__ == "__main__":
    with adopt_listeners(sys.argv[1]) as handed_down:
        main(handed_down)
