"""The HTTP client under OpenAI's SDK, with the SDK's own timeouts, proxies and certificates.

It differs from the SDK's in three ways: a redirect is not followed, since each request may be billed; an answer is read
only up to a size; and an answer is text in UTF-8, as JSON has to be, whatever character set its headers name.
"""

from __future__ import annotations

from typing import Any

import openai

from curator.errors import ModelReplyUnusable

MOST_ANSWER_BYTES = 32 * 2**20  # once unpacked; the longest answer of any model is below 1 MB
MOST_FILE_BYTES = 256 * 2**20  # of a batch's answers, which has at most 1000


class HttpClient(openai.DefaultHttpxClient):
    """An HTTP client that sends one request for each request it is given. Safe to share between threads."""

    def __init__(self) -> None:
        super().__init__(follow_redirects=False)

    def send(self, request: Any, *, stream: bool = False, **options: Any) -> Any:
        """Send a request and return the answer, read to its end unless `stream` is set.

        Raises ModelReplyUnusable for an answer that is too large, and what the SDK expects of its client.
        """
        response = super().send(request, stream=True, **options)
        response.encoding = "utf-8"
        if stream:
            return response
        try:
            content = self._read(response, MOST_FILE_BYTES if request.method == "GET" else MOST_ANSWER_BYTES)
        finally:
            response.close()
        headers = [pair for pair in response.headers.multi_items() if pair[0].lower() not in _OF_THE_TRANSFER]
        whole = type(response)(response.status_code, headers=headers, content=content, request=request)
        whole.encoding = "utf-8"
        return whole

    def _read(self, response: Any, most: int) -> bytes:
        pieces, size = [], 0
        for piece in response.iter_bytes():
            size += len(piece)
            if size > most:
                raise ModelReplyUnusable(f"The endpoint's answer is larger than {most // 2**20} MB.", "garbled")
            pieces.append(piece)
        return b"".join(pieces)


_OF_THE_TRANSFER = frozenset({"content-encoding", "content-length", "transfer-encoding"})
