"""The messages between a reader and its worker processes, and a document as one of them.

Messages are JSON and not pickles: a worker parses strangers' files, and a worker that has been taken over must not be
able to run code in the process that reads its messages.
"""

from __future__ import annotations

import base64
import json
import struct
from typing import IO, Any, get_args

from curator.types import Box, Document, Extraction, Form, HiddenText, Page, Section, SectionKind, Sentence, Span

MAX_MESSAGE_BYTES = 256 * 1024 * 1024
"""Bytes of one message. A book of 400 pages with all its rectangles takes about 10 MB."""

MAX_SENTENCE_CHARS = 10_000
"""Characters of one sentence. The reader splits sentences at 1,500; later steps rely on a bound."""

_CHUNK_BYTES = 1024 * 1024
_KINDS: frozenset[str] = frozenset(get_args(SectionKind))
_FORMS: frozenset[str] = frozenset(get_args(Form))


def send(stream: IO[bytes], message: Any) -> None:
    """Write one message: its length as four bytes in big-endian order, then JSON."""
    body = json.dumps(message, ensure_ascii=True, separators=(",", ":")).encode("ascii")
    stream.write(struct.pack(">I", len(body)) + body)
    stream.flush()


def receive(stream: IO[bytes]) -> Any:
    """Read one message.

    Raises:
        EOFError: The stream ends.
        ValueError: The bytes are no message, or the message is too long.
    """
    head = stream.read(4)
    if len(head) < 4:
        raise EOFError
    (length,) = struct.unpack(">I", head)
    if length > MAX_MESSAGE_BYTES:
        raise ValueError(f"The message has {length} bytes, more than {MAX_MESSAGE_BYTES}.")
    body = stream.read(length)
    if len(body) < length:
        raise EOFError
    return json.loads(body)


def send_file(stream: IO[bytes], file: IO[bytes], size: int) -> None:
    """Write the next bytes of an open file: their number as eight bytes in big-endian order, then the bytes.

    Args:
        stream: To write to.
        file: To read from.
        size: The number of bytes.

    Raises:
        EOFError: The file is shorter.
    """
    stream.write(struct.pack(">Q", size))
    while size:
        chunk = file.read(min(size, _CHUNK_BYTES))
        if not chunk:
            raise EOFError
        stream.write(chunk)
        size -= len(chunk)
    stream.flush()


def receive_bytes(stream: IO[bytes]) -> bytes | None:
    """Read what `send_file` wrote.

    Returns:
        The bytes; None, with all of them read, if memory does not hold them.

    Raises:
        EOFError: The stream ends before that.
    """
    head = stream.read(8)
    if len(head) < 8:
        raise EOFError
    (left,) = struct.unpack(">Q", head)
    try:
        body: bytes | None = stream.read(left)
    except MemoryError:  # raised before anything is read
        body = None
        while left:
            chunk = stream.read(min(left, _CHUNK_BYTES))
            if not chunk:
                raise EOFError from None
            left -= len(chunk)
    if body is not None and len(body) < left:
        raise EOFError
    return body


def encode_bytes(data: bytes) -> str:
    """Encode bytes for JSON."""
    return base64.b64encode(data).decode("ascii")


def decode_bytes(text: str) -> bytes:
    """Decode what `encode_bytes` encoded.

    Raises:
        ValueError: The text is something else.
    """
    return base64.b64decode(text.encode("ascii"), validate=True)


def pack_document(document: Document) -> dict[str, Any]:
    """Turn a document into lists, tuples and dictionaries."""
    return {
        "sha256": document.sha256,
        "pages": [[p.number, p.text, p.width, p.height, p.boxes] for p in document.pages],
        "sections": [[s.title, s.kind, s.page, s.start] for s in document.sections],
        "sentences": [[s.text, s.spans, s.section, s.form] for s in document.sentences],
        "hidden": [[h.page, h.text, h.why, h.is_ocr_layer] for h in document.hidden],
        "extractor": document.extraction.extractor,
        "settings": dict(document.extraction.settings),
    }


def unpack_document(message: dict[str, Any], paper_id: str, version: int) -> Document:
    """Turn what `pack_document` made into a document.

    Args:
        message: Received from a worker, and not to be trusted.
        paper_id: The paper's id, without its version.
        version: Of the paper.

    Returns:
        The document.

    Raises:
        KeyError: A part is missing.
        TypeError: A part has another shape.
        ValueError: A part has a value that no document has.
    """
    return Document(
        paper_id=paper_id,
        version=version,
        sha256=str(message["sha256"]),
        pages=tuple(
            Page(int(number), str(text), float(width), float(height), tuple(Box(*box) for box in boxes))
            for number, text, width, height, boxes in message["pages"]
        ),
        sections=tuple(
            Section(str(title), _check_kind(kind), int(page), int(start))
            for title, kind, page, start in message["sections"]
        ),
        sentences=tuple(
            Sentence(
                number,
                _check_length(text),
                tuple(Span(*span) for span in spans),
                _check_kind(kind),
                _check_form(form),
            )
            for number, (text, spans, kind, form) in enumerate(message["sentences"], start=1)
        ),
        hidden=tuple(
            HiddenText(int(page), str(text), str(why), bool(is_ocr_layer))
            for page, text, why, is_ocr_layer in message["hidden"]
        ),
        extraction=Extraction(str(message["extractor"]), message["settings"]),
    )


def _check_length(sentence: Any) -> str:
    text = str(sentence)
    if len(text) > MAX_SENTENCE_CHARS:
        raise ValueError(f"A sentence has {len(text)} characters, more than {MAX_SENTENCE_CHARS}.")
    return text


def _check_kind(word: str) -> SectionKind:
    if word not in _KINDS:
        raise ValueError(f"No section is of the kind {word!r}.")
    return word  # type: ignore[return-value]


def _check_form(word: str) -> Form:
    if word not in _FORMS:
        raise ValueError(f"No sentence has the form {word!r}.")
    return word  # type: ignore[return-value]
