"""Who may ask, and from where: every request passes here first.

A page on another site can make a browser send us requests, and a name that it controls can be made to point at this
machine (DNS rebinding). So the Host must be one of ours, whatever changes something must come from our own pages, and
where others can reach the page it asks for a token. Sources: OWASP's cheat sheets on request forgery and on Content
Security Policy.
"""

from __future__ import annotations

import ipaddress
import re
import secrets
import socket
from collections.abc import MutableMapping
from typing import Any
from urllib.parse import parse_qs, unquote, urlencode, urlsplit

from starlette.datastructures import Headers, MutableHeaders
from starlette.requests import cookie_parser
from starlette.responses import PlainTextResponse, RedirectResponse, Response
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from curator.arxiv_gate import is_loopback
from curator.review.web.keep import Secrets

SESSION = "curator_session"
ENTRY = "curator_entry"
REVIEWER = "curator_reviewer"
MAX_BODY = 2_000_000  # bytes of a request
A_YEAR = 365 * 24 * 3600  # seconds
_SESSION = re.compile(r"[A-Za-z0-9_-]{20,64}")
_ANYWHERE = frozenset({"0.0.0.0", "::", ""})

HEADERS = {
    "Content-Security-Policy": "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self'; "
    "connect-src 'self'; form-action 'self'; base-uri 'none'; frame-ancestors 'none'",
    "X-Content-Type-Options": "nosniff",
    "X-Frame-Options": "DENY",
    "Referrer-Policy": "same-origin",
    "Cross-Origin-Opener-Policy": "same-origin",
    "Cross-Origin-Resource-Policy": "same-origin",
}


class Guard:
    """Middleware that refuses what does not come from our own pages, and names each browser's session.

    `scope["state"]` gets `session` (the browser's) and `reviewer` (the name that it gave, or "").
    """

    def __init__(self, app: ASGIApp, secrets: Secrets, host: str) -> None:
        self._app = app
        self._secrets = secrets
        self._host = host
        self._needs_entry = not is_loopback(host)

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] != "http":
            await self._app(scope, receive, send)
            return
        headers = Headers(scope=scope)
        cookies = cookie_parser(headers.get("cookie", ""))
        refusal = self._refusal(scope, headers, cookies)
        if refusal is not None:
            await refusal(scope, receive, _with_headers(send, {}))
            return
        session = cookies.get(SESSION, "")
        fresh = {} if _SESSION.fullmatch(session) else {SESSION: secrets.token_urlsafe(24)}
        scope.setdefault("state", {})
        scope["state"]["session"] = fresh.get(SESSION, session)
        scope["state"]["reviewer"] = unquote(cookies.get(REVIEWER, ""), errors="replace")
        await self._app(scope, _bounded(receive), _with_headers(send, fresh))

    def _refusal(self, scope: Scope, headers: Headers, cookies: MutableMapping[str, str]) -> Response | None:
        host = headers.get("host", "")
        if not self._is_ours(host):
            return _no("This address is not one under which the review page answers.", 421)
        length = headers.get("content-length", "0")
        if not length.isdigit() or int(length) > MAX_BODY:
            return _no("That is more than the review page takes at once.", 413)
        if self._needs_entry and not self._secrets.opens(cookies.get(ENTRY, "")):
            return self._entrance(scope)
        if scope["method"] not in ("GET", "HEAD") and not _comes_from(headers, host):
            return _no("This request comes from another site, so nothing was changed.", 403)
        return None

    def _entrance(self, scope: Scope) -> Response:
        query = parse_qs(scope["query_string"].decode("ascii", "replace"))
        given = query.pop("token", [""])[0]
        if scope["method"] != "GET" or not self._secrets.opens(given):
            return _no("This page needs its token: open the address that `curator review` printed.", 401)
        rest = urlencode(query, doseq=True)
        entered = RedirectResponse(_local(scope["path"]) + (f"?{rest}" if rest else ""), 303)
        entered.set_cookie(ENTRY, given, max_age=A_YEAR, httponly=True, samesite="strict")
        return entered

    def _is_ours(self, host: str) -> bool:
        """Whether a Host header names this machine in a way that no stranger's name server can."""
        try:
            name = urlsplit(f"//{host}").hostname or ""
        except ValueError:
            return False
        if is_loopback(name) or name == self._host.lower():
            return True
        if self._host not in _ANYWHERE:
            return False
        return _is_address(name) or name == socket.gethostname().lower()


def _is_address(name: str) -> bool:
    try:
        ipaddress.ip_address(name)
    except ValueError:
        return False
    return True


def _comes_from(headers: Headers, host: str) -> bool:
    """Whether a browser says that one of our own pages sent this. A program that is no browser says nothing."""
    site = headers.get("sec-fetch-site")
    if site is not None and site not in ("same-origin", "none"):
        return False
    origin = headers.get("origin")
    return origin is None or origin in (f"http://{host}", f"https://{host}")


def _local(path: str) -> str:
    return "/" + path.lstrip("/\\")


def _no(why: str, status: int) -> Response:
    return PlainTextResponse(why + "\n", status)


def _bounded(receive: Receive) -> Receive:
    """A body without a stated length is bounded as well."""
    taken = 0

    async def take() -> Message:
        nonlocal taken
        message = await receive()
        taken += len(message.get("body", b""))
        if taken > MAX_BODY:
            return {"type": "http.disconnect"}
        return message

    return take


def _with_headers(send: Send, cookies: MutableMapping[str, str]) -> Send:
    async def sent(message: MutableMapping[str, Any]) -> None:
        if message["type"] == "http.response.start":
            headers = MutableHeaders(scope=message)
            for name, value in HEADERS.items():
                headers.setdefault(name, value)
            headers.setdefault("Cache-Control", "no-store")
            for name, value in cookies.items():
                headers.append("Set-Cookie", f"{name}={value}; Path=/; Max-Age={A_YEAR}; HttpOnly; SameSite=Strict")
        await send(message)

    return sent
