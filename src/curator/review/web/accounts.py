"""The local account at the other end of a connection.

TCP does not carry the account of a client, but on Linux the kernel knows it for sockets of the same machine, and
answers queries over netlink (sock_diag(7)).
"""

from __future__ import annotations

import socket
import struct
from contextlib import suppress

_SOCK_DIAG = 4  # NETLINK_SOCK_DIAG, linux/netlink.h
_BY_FAMILY = 20  # SOCK_DIAG_BY_FAMILY, linux/sock_diag.h
_REQUEST = 1  # NLM_F_REQUEST
_HEADER = struct.Struct("=IHHII")  # nlmsghdr: length, type, flags, sequence, port
_QUERY = struct.Struct("=BBBxI")  # inet_diag_req_v2: family, protocol, extensions, states
_REST = struct.Struct("=III")  # of inet_diag_sockid: interface, cookie (not known)
_PORTS = struct.Struct("!HH")
_STATE_AT = _HEADER.size + 1  # of idiag_state in the answer, linux/inet_diag.h
_ACCOUNT_AT = _HEADER.size + 4 + 48 + 12  # of idiag_uid in the answer: after state, sockid, expires and two queues
_ANY = 0xFFFFFFFF
_ALIVE = (1, 8)  # TCP_ESTABLISHED and TCP_CLOSE_WAIT, linux/tcp_states.h: the client holds its socket
_TIMEOUT = 1.0  # seconds; the kernel answers at once

GONE = -1
"""In place of an account: the client has closed its socket, so its account is unknown and it cannot read an answer."""


def account_of(client: tuple[str, int], server: tuple[str, int]) -> int | None:
    """Return the user id of the process at the client's end of a connection.

    Args:
        client: Address and port of the client.
        server: Address and port at which the server accepted the connection.

    Returns:
        The user id. `GONE` for a client that has closed its socket or its sending side: the kernel may then name
        account 0. None for clients on other machines or in other network namespaces, and on systems other than Linux.
    """
    if not hasattr(socket, "AF_NETLINK"):
        return None
    family = socket.AF_INET6 if ":" in client[0] else socket.AF_INET
    with suppress(OSError, ValueError, struct.error):
        ends = b"".join(socket.inet_pton(family, address).ljust(16, b"\0") for address, _ in (client, server))
        query = _QUERY.pack(family, socket.IPPROTO_TCP, 0, _ANY) + _PORTS.pack(client[1], server[1])
        query += ends + _REST.pack(0, _ANY, _ANY)
        with socket.socket(socket.AF_NETLINK, socket.SOCK_DGRAM, _SOCK_DIAG) as kernel:
            kernel.settimeout(_TIMEOUT)
            kernel.send(_HEADER.pack(_HEADER.size + len(query), _BY_FAMILY, _REQUEST, 0, 0) + query)
            answer = kernel.recv(4096)
        if _HEADER.unpack_from(answer)[1] == _BY_FAMILY:
            if answer[_STATE_AT] not in _ALIVE:
                return GONE
            return int(struct.unpack_from("=I", answer, _ACCOUNT_AT)[0])
    return None
