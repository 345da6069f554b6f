"""Access control, which every request passes first.

The Host header must name the review page (addresses.py), the browser must have a session (access.py), and a request
that changes something must come from a form or script of the page. Sources: OWASP's cheat sheets on cross-site request
forgery, session management and Content Security Policy; web.dev's resource isolation policy for Fetch Metadata.
"""

from __future__ import annotations

from collections.abc import Mapping, MutableMapping
from functools import cached_property
from typing import Any
from urllib.parse import parse_qs, quote, unquote, urlencode

from starlette.datastructures import Headers, MutableHeaders
from starlette.requests import cookie_parser
from starlette.responses import HTMLResponse, JSONResponse, PlainTextResponse, RedirectResponse, Response
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from curator.errors import SettingsError
from curator.html import Environment
from curator.review.web.access import MAX_IDLE, Access, Session
from curator.review.web.accounts import GONE, account_of
from curator.review.web.addresses import Address, Addresses, UnknownAddress

MAX_BODY = 2_000_000
"""Bytes of a request's body. A choice: far more than a form with long texts needs."""
REVIEWER_LIFETIME = 365 * 24 * 3600
"""Seconds for which a browser keeps the reviewer's name."""
TOKEN = "token"
"""The parameter that carries the entry token in the query of an address."""
ENTRY_HELP = "Open the address that `curator review --address` prints in the folder of the list."
_OWN_SITES = ("same-origin", "none")
"""Values of Sec-Fetch-Site for requests from the page itself, and for addresses that a person has entered."""
_CLEAR_STORAGE = {"Clear-Site-Data": '"storage"'}
_LOCALHOST_BROWSERS = ("Chrome/", "Firefox/")
"""Marks, in the User-Agent header, of browsers that resolve NAME.localhost themselves."""

HEADERS = {
    "Content-Security-Policy": "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self'; "
    "connect-src 'self'; form-action 'self'; base-uri 'none'; frame-ancestors 'none'",
    "X-Content-Type-Options": "nosniff",
    "X-Frame-Options": "DENY",
    "Referrer-Policy": "same-origin",
    "Cross-Origin-Opener-Policy": "same-origin",
    "Cross-Origin-Resource-Policy": "same-origin",
}


class Cookies:
    """The names and headers of the page's cookies.

    Args:
        list_id: Part of the names, so that the cookies of two lists in one browser do not collide.
    """

    def __init__(self, list_id: str) -> None:
        self.session = f"curator_session_{list_id}"
        self.reviewer = f"curator_reviewer_{list_id}"

    @staticmethod
    def header(address: Address, name: str, value: str, lifetime: int) -> str:
        """Return the value of a Set-Cookie header. The lifetime is in seconds; 0 deletes the cookie."""
        secure = "; Secure" if address.secure else ""
        return f"{name}={value}; Path={address.root}/; Max-Age={lifetime}; HttpOnly; SameSite=Strict{secure}"


class Guard:
    """ASGI middleware that refuses requests except those of the page's own forms, scripts and links, with a session.

    It adds to `scope["state"]`: `address`, the `Address` that the request was sent to; `session`, the id of its
    session, which is not the cookie; and `reviewer`, the name that the browser has stored, or "".

    Args:
        app: The application behind it.
        access: The sessions.
        addresses: The addresses of the page.
        cookies: The names of the cookies.
        templates: Hold the page for browsers without a session.
    """

    def __init__(
        self, app: ASGIApp, access: Access, addresses: Addresses, cookies: Cookies, templates: Environment
    ) -> None:
        self._app = app
        self._access = access
        self._addresses = addresses
        self._cookies = cookies
        self._templates = templates

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Answer a request, or pass it to the application. Every answer gets the security headers."""
        if scope["type"] != "http":
            await self._app(scope, receive, send)
            return
        request = _Request(scope)
        try:
            refusal, headers = self._check(request)
        except UnknownAddress as error:
            refusal, headers = PlainTextResponse(f"{error.reason}\n", error.status), {}
        except SettingsError as error:
            refusal, headers = PlainTextResponse(f"{error}\n", 500), {}
        if refusal is not None:
            await refusal(scope, receive, _with_headers(send, {}))
        else:
            await self._app(scope, _limit_body(receive), _with_headers(send, headers))

    def _check(self, request: _Request) -> tuple[Response | None, Mapping[str, str]]:
        """Return the answer to a request that must not reach the application, or None and headers for its answer.

        Raises:
            UnknownAddress: The page does not answer at this address.
            SettingsError: The files of the secrets or sessions cannot be used.
        """
        scope, headers = request.scope, request.headers
        address = self._addresses.find(scope, headers)
        scope["root_path"], scope["scheme"] = address.root, address.scheme
        if headers.get("service-worker") == "script":
            return _refuse_service_worker(), {}
        length = headers.get("content-length", "0")
        if not length.isdigit() or int(length) > MAX_BODY:
            return PlainTextResponse(f"The request is larger than {MAX_BODY:,} bytes.\n", 413), {}
        session = self._access.find_session(request.cookies.get(self._cookies.session, ""), request.account)
        if scope["method"] == "GET" and TOKEN in request.query:
            return self._enter(request, address, session), {}
        if session is None:
            return self._refuse_entry(request, address), {}
        if not _comes_from_page(scope, headers, address):
            return PlainTextResponse("This request came from another site, so nothing was changed.\n", 403), {}
        if scope["path"] == address.root and address.root:
            return RedirectResponse(f"{address.root}/", 308), {}
        scope.setdefault("state", {})
        reviewer = unquote(request.cookies.get(self._cookies.reviewer, ""), errors="replace")
        scope["state"] |= {"address": address, "session": session.id, "reviewer": reviewer}
        if not self._access.record_use(session):
            return None, {}
        cookie = request.cookies[self._cookies.session]
        return None, {"Set-Cookie": self._cookies.header(address, self._cookies.session, cookie, MAX_IDLE)}

    def _enter(self, request: _Request, address: Address, session: Session | None) -> Response:
        """Exchange a token for a session, and redirect to the same address without the token."""
        token, query = request.query[TOKEN][0], request.query_without_token
        if request.account == GONE or not self._access.accept_token(token):
            return self._refuse_entry(request, address) if session is None else _redirect(request, query)
        if own := self._find_own_address(request, address):
            query_with_ticket = query | {TOKEN: [self._access.create_ticket()]}
            return _redirect(request, query_with_ticket, f"{own.scheme}://{own.host}")
        response = _redirect(request, query)
        if request.headers.get("sec-fetch-site", "none") not in _OWN_SITES:
            # a browser attributes a redirect to the other site, and would not send a SameSite=Strict cookie after it
            response = self._render_entry_page(request, 200, onward=response.headers["location"])
        cookie = self._access.open_session(request.account)
        header = self._cookies.header(address, self._cookies.session, cookie, MAX_IDLE)
        response.headers.append("Set-Cookie", header)
        return response

    def _find_own_address(self, request: _Request, address: Address) -> Address | None:
        """Return the page's address under its own name, if the browser can resolve that and used the plain address."""
        agent = request.headers.get("user-agent", "")
        if "sec-fetch-site" in request.headers and any(name in agent for name in _LOCALHOST_BROWSERS):
            return self._addresses.find_own_address(address, request.scope)
        return None

    def _refuse_entry(self, request: _Request, address: Address) -> Response:
        accept = request.headers.get("accept", "")
        if "application/json" in accept:
            return JSONResponse({"error": f"This browser has no session, or its session has ended. {ENTRY_HELP}"}, 401)
        if "text/html" in accept:
            return self._render_entry_page(request, 401)
        proxy_help = "Behind a proxy, set review.public_url in curator.toml to the address that browsers use."
        return PlainTextResponse(f"The review page needs its token. {ENTRY_HELP} {proxy_help}\n", 401)

    def _render_entry_page(self, request: _Request, status: int, *, onward: str = "") -> Response:
        """Return the page for a browser without a session; with `onward`, a page that leads to that address at once."""
        here = _own_path(request, request.query_without_token)
        is_read = request.scope["method"] in ("GET", "HEAD")
        page = self._templates.get_template("enter.html").render(onward=onward, here=here, is_read=is_read)
        return HTMLResponse(page, status, headers={"Referrer-Policy": "no-referrer"})


class _Request:
    """The parts of a request that the guard checks."""

    def __init__(self, scope: Scope) -> None:
        self.scope = scope
        self.headers = Headers(scope=scope)
        self.cookies = cookie_parser(self.headers.get("cookie", ""))
        self.query = parse_qs(scope["query_string"].decode("ascii", "replace"), keep_blank_values=True)

    @property
    def query_without_token(self) -> dict[str, list[str]]:
        """The query, for an address that may be shown and stored."""
        return {name: values for name, values in self.query.items() if name != TOKEN}

    @cached_property
    def account(self) -> int | None:
        """The local account of the client, or of the proxy; `GONE` if it has left, None if it is unknown."""
        client, server = self.scope.get("client"), self.scope.get("server")
        return account_of(tuple(client), tuple(server)) if client and server else None


def _refuse_service_worker() -> Response:
    """Return the answer to a browser that asks for the script of a service worker, which this page does not have.

    Another account's server can have registered one at this address while the page was not being served; it would
    continue to read and change the page. Browsers check the script regularly, and this answer unregisters the worker.
    """
    return PlainTextResponse("The review page has no service worker.\n", 404, headers=_CLEAR_STORAGE)


def _comes_from_page(scope: Scope, headers: Headers, address: Address) -> bool:
    """Return whether the page itself or a person sent this request, according to the browser's own headers.

    Programs other than browsers send no such headers. Other sites may link to the page, but can neither embed it nor
    change anything.
    """
    origin = headers.get("origin")
    is_own_site = headers.get("sec-fetch-site", "none") in _OWN_SITES
    if scope["method"] not in ("GET", "HEAD"):
        return is_own_site and (origin is None or address.is_origin(origin))
    is_link = (headers.get("sec-fetch-mode"), headers.get("sec-fetch-dest")) == ("navigate", "document")
    return is_own_site or is_link


def _redirect(request: _Request, query: Mapping[str, list[str]], origin: str = "") -> Response:
    return RedirectResponse(origin + _own_path(request, query), 303)


def _own_path(request: _Request, query: Mapping[str, list[str]]) -> str:
    """Return the path of a request with another query. It never leads to another host, even if it begins with "//"."""
    path = "/" + quote(request.scope["path"].lstrip("/\\"), safe="/:@!$&'()*+,;=~")
    return path + (f"?{urlencode(query, doseq=True)}" if query else "")


def _limit_body(receive: Receive) -> Receive:
    """Return a `receive` that disconnects a client whose body exceeds `MAX_BODY`, with or without a stated length."""
    received = 0

    async def receive_limited() -> Message:
        nonlocal received
        message = await receive()
        received += len(message.get("body", b""))
        if received > MAX_BODY:
            return {"type": "http.disconnect"}
        return message

    return receive_limited


def _with_headers(send: Send, more: Mapping[str, str]) -> Send:
    async def send_with_headers(message: MutableMapping[str, Any]) -> None:
        if message["type"] == "http.response.start":
            headers = MutableHeaders(scope=message)
            for name, value in HEADERS.items():
                headers.setdefault(name, value)
            headers.setdefault("Cache-Control", "no-store")
            for name, value in more.items():
                headers.append(name, value)
        await send(message)

    return send_with_headers
