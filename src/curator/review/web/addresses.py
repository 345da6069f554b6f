"""The addresses of the review page, and what each of them means for its links, cookies and forms.

Another site can make a browser send requests to the page, and can make a name of its own point at this machine (DNS
rebinding). So the Host header must name the page. Behind a proxy, Host proves nothing until the settings state the
address that browsers use (`review.public_url`), because nginx by default sends the page's own host.
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

_ALL_INTERFACES = frozenset({"0.0.0.0", "::", ""})
_DEFAULT_PORTS = {"http": ":80", "https": ":443"}
_PROXY_HEADERS = ("x-forwarded", "x-original-", "forwarded", "via", "x-real-ip")
"""Beginnings of the names of headers that a proxy adds."""

UNKNOWN_HOST = "The review page does not answer at this address."
NOT_CONFIGURED = (
    "This request came through a proxy. Set review.public_url in curator.toml to the address that browsers use, such "
    "as https://lists.example.org/curator/, and restart the review page."
)
HOST_NOT_FORWARDED = (
    "This request came through a proxy that did not forward the Host header. Configure it to send the host of "
    "review.public_url; docs/how-to/proxy.md has working lines for nginx and Caddy."
)
PREFIX_NOT_FORWARDED = (
    "This path is outside review.public_url. Configure the proxy to forward paths unchanged, including their prefix; "
    "docs/how-to/proxy.md has working lines for nginx and Caddy."
)


class UnknownAddress(Exception):
    """A request was sent to an address at which the page does not answer.

    Args:
        reason: A sentence for the person who reads the answer.
        status: The HTTP status of the answer.
    """

    def __init__(self, reason: str, status: int) -> None:
        super().__init__(reason, status)
        self.reason = reason
        self.status = status


@dataclass(frozen=True)
class Address:
    """An address at which the page answers."""

    scheme: str
    host: str  # with the port, as in a Host header
    root: str = ""  # the prefix of the page's paths, without a slash at its end

    @property
    def secure(self) -> bool:
        """Whether browsers reach the page over HTTPS."""
        return self.scheme == "https"

    def is_origin(self, origin: str) -> bool:
        """Return whether an Origin header names this address."""
        return origin in self._origins

    @property
    def _origins(self) -> tuple[str, ...]:
        return (f"{self.scheme}://{self.host}",)


@dataclass(frozen=True)
class DirectAddress(Address):
    """The address of the page without a proxy. A tunnel may add encryption that the page does not notice."""

    @property
    def _origins(self) -> tuple[str, ...]:
        return (f"http://{self.host}", f"https://{self.host}")


class Addresses:
    """All addresses of one page.

    Args:
        secrets: Hold the page's own host name.
        host: The host that the page listens on.
        public_url: The address that browsers use if there is a proxy, from the settings; "" without a proxy.
    """

    def __init__(self, secrets: Secrets, host: str, public_url: str) -> None:
        self._own_name = secrets.host
        self._host = host.lower()
        self._public = public_address(public_url) if public_url else None

    def find(self, scope: Scope, headers: Headers) -> Address:
        """Return the address that a request was sent to.

        Raises:
            UnknownAddress: The page does not answer there.
        """
        host = headers.get("host", "").lower()
        public = self._public
        if public and host.removesuffix(_DEFAULT_PORTS[public.scheme]) == public.host:
            if scope["path"] != public.root and not scope["path"].startswith(f"{public.root}/"):
                raise UnknownAddress(PREFIX_NOT_FORWARDED, 404)
            return public
        if _came_through_proxy(scope, headers):
            raise UnknownAddress(HOST_NOT_FORWARDED if public else NOT_CONFIGURED, 403)
        if not self._names_this_machine(host):
            raise UnknownAddress(UNKNOWN_HOST, 421)
        return DirectAddress("http", host)

    def find_own_address(self, address: Address, scope: Scope) -> Address | None:
        """Return the address under the page's own name that replaces a plain loopback address; None for any other."""
        name = _name(address.host)
        local = (scope.get("server") or ("",))[0]
        plain = isinstance(address, DirectAddress) and name in ("127.0.0.1", "::1", "localhost")
        if plain and local in ("127.0.0.1", "::1"):
            port = urlsplit(f"//{address.host}").port
            return DirectAddress("http", self._own_name + (f":{port}" if port else ""))
        return None

    def _names_this_machine(self, host: str) -> bool:
        """Return whether a Host header names this machine in a way that no outside name server can fake."""
        name = _name(host)
        if is_loopback(name) or name in (self._own_name, self._host):
            return bool(name)
        if self._host not in _ALL_INTERFACES:
            return False
        return _is_address(name) or name == socket.gethostname().lower()


def public_address(url: str) -> Address:
    """Return the address in `review.public_url`."""
    parts = urlsplit(url)
    host = parts.netloc.lower().removesuffix(_DEFAULT_PORTS[parts.scheme])
    return Address(parts.scheme, host, parts.path.rstrip("/"))


def _came_through_proxy(scope: Scope, headers: Headers) -> bool:
    """Return whether a request has traces of a proxy. Browsers do not use HTTP/1.0, which is nginx's default."""
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
