"""The HTTP client for OpenAI's SDK, with the SDK's own timeouts, proxies and certificates.

It differs from the SDK's own client in four ways: redirects are not followed, since each request may be billed; an
endpoint on this machine is asked directly; an answer is read only up to a maximum size; and every answer is decoded as
UTF-8, which JSON requires, even if its headers name another character set.
"""

from __future__ import annotations

import ssl
from typing import Any
from urllib.parse import urlsplit

import openai

from curator.errors import ModelReplyUnusable
from curator.loopback import is_loopback

MAX_ANSWER_BYTES = 32 * 2**20
"""Bytes of an answer after decompression; no model's longest answer exceeds 1 MB."""
MAX_FILE_BYTES = 256 * 2**20
"""Bytes of the file of a batch's answers, of which there are at most 1000."""


class HttpClient(openai.DefaultHttpxClient):
    """An HTTP client that sends each request exactly once. Safe to share between threads.

    Args:
        address: The endpoint's address. One on this machine is never reached through a proxy of the environment.
    """

    def __init__(self, address: str) -> None:
        direct: dict[str, Any] = {}
        if is_loopback(urlsplit(address).hostname or ""):
            direct = {"trust_env": False, "verify": ssl.create_default_context()}
        super().__init__(follow_redirects=False, **direct)

    def send(self, request: Any, *, stream: bool = False, **options: Any) -> Any:
        """Send a request and return the answer.

        Args:
            request: The request.
            stream: Return before the answer's body is read.
            options: Further arguments of the SDK's client.

        Raises:
            ModelReplyUnusable: The answer is too large.
        """
        response = super().send(request, stream=True, **options)
        response.encoding = "utf-8"
        if stream:
            return response
        try:
            content = self._read(response, MAX_FILE_BYTES if request.method == "GET" else MAX_ANSWER_BYTES)
        finally:
            response.close()
        headers = [pair for pair in response.headers.multi_items() if pair[0].lower() not in _TRANSFER_HEADERS]
        complete = type(response)(response.status_code, headers=headers, content=content, request=request)
        complete.encoding = "utf-8"
        return complete

    def _read(self, response: Any, max_bytes: int) -> bytes:
        chunks, size = [], 0
        for chunk in response.iter_bytes():
            size += len(chunk)
            if size > max_bytes:
                raise ModelReplyUnusable(f"The endpoint's answer is larger than {max_bytes // 2**20} MB.", "garbled")
            chunks.append(chunk)
        return b"".join(chunks)


_TRANSFER_HEADERS = frozenset({"content-encoding", "content-length", "transfer-encoding"})
