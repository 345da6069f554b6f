"""Under which addresses the page answers, and what each means for its links, cookies and forms.

A page on another site can make a browser send us requests, and a name that it controls can be made to point at this
machine (DNS rebinding), so the Host header must be one of ours. Behind a proxy, Host says nothing until the settings
name the page's outer address (`review.public_url`): by default nginx sends the Host of the page itself.
"""

from __future__ import annotations

import ipaddress
import socket
from dataclasses import dataclass
from typing import Any
from urllib.parse import urlsplit

from starlette.datastructures import Headers
from starlette.types import Scope

from curator.loopback import is_loopback
from curator.review.web.secrets import Secrets

_ANYWHERE = frozenset({"0.0.0.0", "::", ""})
_DEFAULT_PORTS = {"http": ":80", "https": ":443"}
_PROXY_HEADERS = ("x-forwarded", "x-original-", "forwarded", "via", "x-real-ip")  # beginnings of names

UNKNOWN_HOST = "The review page does not answer under this address."
NOT_SET_UP = (
    "This request came through a proxy. Set review.public_url in curator.toml to the address of the page outside of "
    "the proxy, such as https://lists.example.org/curator/, and start the page again."
)
HOST_NOT_PASSED = (
    "This request came through a proxy that did not pass on the Host header. It has to send the host that "
    "review.public_url names; docs/how-to/proxy.md has working lines for nginx and Caddy."
)
PREFIX_NOT_PASSED = (
    "This path is outside of review.public_url. The proxy has to pass paths on unchanged, with their prefix; "
    "docs/how-to/proxy.md has working lines for nginx and Caddy."
)


class NotOurs(Exception):
    """A request came under an address under which the page does not answer.

    Args:
        why: A sentence for the person who sees the answer.
        status: The HTTP status of the answer.
    """

    def __init__(self, why: str, status: int) -> None:
        super().__init__(why, status)
        self.why = why
        self.status = status


@dataclass(frozen=True)
class Address:
    """An address under which the page answers a request."""

    scheme: str
    host: str  # with its port, as in a Host header
    root: str = ""  # the path before the page's own paths, without a slash at its end

    @property
    def secure(self) -> bool:
        return self.scheme == "https"

    def sent_by(self, origin: str) -> bool:
        """Whether an Origin header names a page of this address."""
        return origin in self._origins

    @property
    def _origins(self) -> tuple[str, ...]:
        return (f"{self.scheme}://{self.host}",)


@dataclass(frozen=True)
class DirectAddress(Address):
    """The address of the page without a proxy. A tunnel may encrypt on the way, and the page does not see it."""

    @property
    def _origins(self) -> tuple[str, ...]:
        return (f"http://{self.host}", f"https://{self.host}")


class Addresses:
    """All addresses of one page.

    Args:
        secrets: Whose host name is the page's own.
        host: The host that the page listens on.
        public_url: The address outside of a proxy, as the settings have it; "" without one.
    """

    def __init__(self, secrets: Secrets, host: str, public_url: str) -> None:
        self._own = secrets.host
        self._host = host.lower()
        self._public = public_address(public_url) if public_url else None

    def of(self, scope: Scope, headers: Headers) -> Address:
        """Return the address that a request came under.

        Raises:
            NotOurs: The page does not answer there.
        """
        host = headers.get("host", "").lower()
        public = self._public
        if public and host.removesuffix(_DEFAULT_PORTS[public.scheme]) == public.host:
            if scope["path"] != public.root and not scope["path"].startswith(f"{public.root}/"):
                raise NotOurs(PREFIX_NOT_PASSED, 404)
            return public
        if _came_through_a_proxy(scope, headers):
            raise NotOurs(HOST_NOT_PASSED if public else NOT_SET_UP, 403)
        if not self._is_ours(host):
            raise NotOurs(UNKNOWN_HOST, 421)
        return DirectAddress("http", host)

    def own(self, address: Address, scope: Scope) -> Address | None:
        """Return the page's own name for a plain loopback address, or None where there is no better name."""
        name = _name(address.host)
        local = (scope.get("server") or ("",))[0]
        plain = isinstance(address, DirectAddress) and name in ("127.0.0.1", "::1", "localhost")
        if plain and local in ("127.0.0.1", "::1"):
            port = urlsplit(f"//{address.host}").port
            return DirectAddress("http", self._own + (f":{port}" if port else ""))
        return None

    def _is_ours(self, host: str) -> bool:
        """Whether a Host header names this machine in a way that no stranger's name server can."""
        name = _name(host)
        if is_loopback(name) or name in (self._own, self._host):
            return bool(name)
        if self._host not in _ANYWHERE:
            return False
        return _is_address(name) or name == socket.gethostname().lower()


def public_address(url: str) -> Address:
    """Return the address that `review.public_url` names."""
    parts = urlsplit(url)
    host = parts.netloc.lower().removesuffix(_DEFAULT_PORTS[parts.scheme])
    return Address(parts.scheme, host, parts.path.rstrip("/"))


def _came_through_a_proxy(scope: Scope, headers: Headers) -> bool:
    """Whether a request shows traces of a proxy. No browser speaks HTTP/1.0, which is nginx's default."""
    http: Any = scope.get("http_version")
    return http == "1.0" or any(name.startswith(_PROXY_HEADERS) for name in headers)


def _name(host: str) -> str:
    try:
        return urlsplit(f"//{host}").hostname or ""
    except ValueError:
        return ""


def _is_address(name: str) -> bool:
    try:
        ipaddress.ip_address(name)
    except ValueError:
        return False
    return True
