"""Who may ask, and from where: every request passes here first.

The Host must be one of ours (addresses.py), the browser must have been let in (access.py), and requests that change
something must come from our own pages. Sources: OWASP's cheat sheets on request forgery, on session management and on
Content Security Policy; web.dev's resource isolation policy for Fetch Metadata.
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
from curator.review.web.access import IDLE, Access, Session
from curator.review.web.accounts import GONE, account_of
from curator.review.web.addresses import Address, Addresses, NotOurs

MAX_BODY = 2_000_000  # bytes of a request
A_YEAR = 365 * 24 * 3600  # seconds
TOKEN = "token"  # in the query of the address that lets a browser in
ENTER = "Open the address that `curator review --address` prints in the folder of the list."
_OWN_PAGES = ("same-origin", "none")  # of Sec-Fetch-Site: our own page, or the person
_CLEAR_WORKERS = {"Clear-Site-Data": '"storage"'}
_FIND_LOCALHOST_NAMES = ("Chrome/", "Firefox/")  # browsers that resolve NAME.localhost themselves, by User-Agent

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
    """The page's cookies. Their names carry the list's id, so that two lists in one browser do not meet."""

    def __init__(self, list_id: str) -> None:
        self.session = f"curator_session_{list_id}"
        self.reviewer = f"curator_reviewer_{list_id}"

    @staticmethod
    def header(address: Address, name: str, value: str, lasts: int) -> str:
        """Return a Set-Cookie header's value; `lasts` in seconds, 0 takes the cookie off."""
        secure = "; Secure" if address.secure else ""
        return f"{name}={value}; Path={address.root}/; Max-Age={lasts}; HttpOnly; SameSite=Strict{secure}"


class Guard:
    """Middleware that refuses requests that do not come from our own pages in a browser that was let in.

    `scope["state"]` gets `address` (the request came under it), `session` (an id, not the cookie) and `reviewer` (the
    name that the browser gave, or "").
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
        if scope["type"] != "http":
            await self._app(scope, receive, send)
            return
        request = _Request(scope)
        try:
            answer, renewed = self._check(request)
        except NotOurs as error:
            answer, renewed = PlainTextResponse(f"{error.why}\n", error.status), {}
        except SettingsError as error:
            answer, renewed = PlainTextResponse(f"{error}\n", 500), {}
        if answer is not None:
            await answer(scope, receive, _with_headers(send, {}))
        else:
            await self._app(scope, _bounded(receive), _with_headers(send, renewed))

    def _check(self, request: _Request) -> tuple[Response | None, Mapping[str, str]]:
        """Return the answer to a request that must not go on, or None and the headers that its answer gets.

        Raises:
            NotOurs: The page does not answer under this address.
            SettingsError: The files of the secrets and sessions cannot be used.
        """
        scope, headers = request.scope, request.headers
        address = self._addresses.of(scope, headers)
        scope["root_path"], scope["scheme"] = address.root, address.scheme
        if headers.get("service-worker") == "script":
            return _refuse_worker(), {}
        length = headers.get("content-length", "0")
        if not length.isdigit() or int(length) > MAX_BODY:
            return PlainTextResponse("That is more than the review page takes at once.\n", 413), {}
        session = self._access.find(request.cookies.get(self._cookies.session, ""), request.account)
        if scope["method"] == "GET" and TOKEN in request.query:
            return self._enter(request, address, session), {}
        if session is None:
            return self._refuse_entry(request, address), {}
        if not _comes_from_us(scope, headers, address):
            return PlainTextResponse("This request comes from another site, so nothing was changed.\n", 403), {}
        if scope["path"] == address.root and address.root:
            return RedirectResponse(f"{address.root}/", 308), {}
        scope.setdefault("state", {})
        reviewer = unquote(request.cookies.get(self._cookies.reviewer, ""), errors="replace")
        scope["state"] |= {"address": address, "session": session.id, "reviewer": reviewer}
        if not self._access.note_use(session):
            return None, {}
        cookie = request.cookies[self._cookies.session]
        return None, {"Set-Cookie": self._cookies.header(address, self._cookies.session, cookie, IDLE)}

    def _enter(self, request: _Request, address: Address, session: Session | None) -> Response:
        """Change a token for a session, and go on to the same address without the token."""
        given, query = request.query[TOKEN], {name: value for name, value in request.query.items() if name != TOKEN}
        if request.account == GONE or not self._access.opens(given[0]):
            return self._refuse_entry(request, address) if session is None else _go(request, query)
        if own := self._better_name(request, address):
            return _go(request, query | {TOKEN: [self._access.ticket()]}, f"{own.scheme}://{own.host}")
        went = _go(request, query)
        if request.headers.get("sec-fetch-site", "none") not in _OWN_PAGES:
            # the browser counts a redirect as the other site's, and would keep a SameSite=Strict cookie back
            went = self._page(request, 200, onward=went.headers["location"])
        cookie = self._access.open_session(request.account)
        went.headers.append("Set-Cookie", self._cookies.header(address, self._cookies.session, cookie, IDLE))
        return went

    def _better_name(self, request: _Request, address: Address) -> Address | None:
        """Return the page's own name where a browser that finds it came by the plain loopback address."""
        agent = request.headers.get("user-agent", "")
        if "sec-fetch-site" in request.headers and any(name in agent for name in _FIND_LOCALHOST_NAMES):
            return self._addresses.own(address, request.scope)
        return None

    def _refuse_entry(self, request: _Request, address: Address) -> Response:
        accept = request.headers.get("accept", "")
        if "application/json" in accept:
            return JSONResponse({"error": f"This browser has no session, or its session has ended. {ENTER}"}, 401)
        if "text/html" in accept:
            return self._page(request, 401)
        proxy = "Behind a proxy, review.public_url in curator.toml has to name the page's outer address."
        return PlainTextResponse(f"The review page needs its token. {ENTER} {proxy}\n", 401)

    def _page(self, request: _Request, status: int, *, onward: str = "") -> Response:
        """Return the page that a browser sees before it is let in; `onward` takes it to another address at once."""
        here = _target(request, {name: value for name, value in request.query.items() if name != TOKEN})
        reads = request.scope["method"] in ("GET", "HEAD")
        shown = self._templates.get_template("enter.html").render(onward=onward, here=here, reads=reads)
        return HTMLResponse(shown, status, headers={"Referrer-Policy": "no-referrer"})


class _Request:
    """What the guard looks at in a request."""

    def __init__(self, scope: Scope) -> None:
        self.scope = scope
        self.headers = Headers(scope=scope)
        self.cookies = cookie_parser(self.headers.get("cookie", ""))
        self.query = parse_qs(scope["query_string"].decode("ascii", "replace"), keep_blank_values=True)

    @cached_property
    def account(self) -> int | None:
        """The local account that asks, or the proxy's; GONE if it has left, None where it is not known."""
        client, server = self.scope.get("client"), self.scope.get("server")
        return account_of(tuple(client), tuple(server)) if client and server else None


def _refuse_worker() -> Response:
    """Return the answer to a browser that asks for a service worker's script. The page has no service worker.

    While no page was served, a server of another account at its address can have registered one, which would go on
    reading and changing what the page shows. Browsers ask for the script anew, and this answer unregisters the worker.
    """
    return PlainTextResponse("The review page has no service worker.\n", 404, headers=_CLEAR_WORKERS)


def _comes_from_us(scope: Scope, headers: Headers, address: Address) -> bool:
    """Whether a browser says that our own page or the person sent this. A program that is no browser says nothing.

    A link on another site may lead to the page; other sites can neither embed it nor change anything.
    """
    origin = headers.get("origin")
    if scope["method"] not in ("GET", "HEAD"):
        ours = headers.get("sec-fetch-site", "none") in _OWN_PAGES
        return ours and (origin is None or address.sent_by(origin))
    if headers.get("sec-fetch-site", "none") in _OWN_PAGES:
        return True
    return (headers.get("sec-fetch-mode"), headers.get("sec-fetch-dest")) == ("navigate", "document")


def _go(request: _Request, query: Mapping[str, list[str]], at: str = "") -> Response:
    return RedirectResponse(at + _target(request, query), 303)


def _target(request: _Request, query: Mapping[str, list[str]]) -> str:
    """Return the request's own path, on this server whatever it begins with, with another query."""
    path = "/" + quote(request.scope["path"].lstrip("/\\"), safe="/:@!$&'()*+,;=~")
    return path + (f"?{urlencode(query, doseq=True)}" if query else "")


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


def _with_headers(send: Send, more: Mapping[str, str]) -> Send:
    async def sent(message: MutableMapping[str, Any]) -> None:
        if message["type"] == "http.response.start":
            headers = MutableHeaders(scope=message)
            for name, value in HEADERS.items():
                headers.setdefault(name, value)
            headers.setdefault("Cache-Control", "no-store")
            for name, value in more.items():
                headers.append(name, value)
        await send(message)

    return sent
