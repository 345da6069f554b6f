"""A Document as JSON and back: how the child process hands over what it read.

JSON and not pickle: the child parses strangers' files, and whoever takes it over must not be able to run code here.
"""

from __future__ import annotations

import base64
import json
import struct
from typing import IO, Any, get_args

from curator.types import Box, Document, Extraction, Form, HiddenText, Page, Section, SectionKind, Sentence, Span

MAX_MESSAGE = 256 * 1024 * 1024  # bytes; a 400-page book with all its rectangles makes about 10 MB
MAX_SENTENCE = 10_000  # characters; the reader cuts them at 1,500
_PART = 1024 * 1024  # bytes
_KINDS: frozenset[str] = frozenset(get_args(SectionKind))
_FORMS: frozenset[str] = frozenset(get_args(Form))


def send(stream: IO[bytes], message: Any) -> None:
    """Write one message: its length as four bytes, big end first, then JSON."""
    body = json.dumps(message, ensure_ascii=True, separators=(",", ":")).encode("ascii")
    stream.write(struct.pack(">I", len(body)) + body)
    stream.flush()


def receive(stream: IO[bytes]) -> Any:
    """Read one message. Raises EOFError at the stream's end, ValueError where the bytes are no message."""
    head = stream.read(4)
    if len(head) < 4:
        raise EOFError
    (length,) = struct.unpack(">I", head)
    if length > MAX_MESSAGE:
        raise ValueError(f"a message of {length} bytes")
    body = stream.read(length)
    if len(body) < length:
        raise EOFError
    return json.loads(body)


def send_file(stream: IO[bytes], file: IO[bytes], size: int) -> None:
    """Write the next `size` bytes of an open file, after their number as eight bytes, big end first.

    Raises:
        EOFError: The file is shorter.
    """
    stream.write(struct.pack(">Q", size))
    while size:
        part = file.read(min(size, _PART))
        if not part:
            raise EOFError
        stream.write(part)
        size -= len(part)
    stream.flush()


def receive_bytes(stream: IO[bytes]) -> bytes | None:
    """Read what `send_file` wrote; None, with all of it read, where memory does not hold it.

    Raises:
        EOFError: The stream ends before that.
    """
    head = stream.read(8)
    if len(head) < 8:
        raise EOFError
    (left,) = struct.unpack(">Q", head)
    try:
        body: bytes | None = stream.read(left)
    except MemoryError:  # before anything was read
        body = None
        while left:
            part = stream.read(min(left, _PART))
            if not part:
                raise EOFError from None
            left -= len(part)
    if body is not None and len(body) < left:
        raise EOFError
    return body


def packed(data: bytes) -> str:
    """Bytes as JSON can carry them."""
    return base64.b64encode(data).decode("ascii")


def unpacked(text: str) -> bytes:
    """The bytes that `packed` packed. Raises ValueError where it is none."""
    return base64.b64decode(text.encode("ascii"), validate=True)


def pack(document: Document) -> dict[str, Any]:
    """The document as lists, tuples and dictionaries."""
    return {
        "sha256": document.sha256,
        "pages": [[p.number, p.text, p.width, p.height, p.boxes] for p in document.pages],
        "sections": [[s.title, s.kind, s.page, s.start] for s in document.sections],
        "sentences": [[s.text, s.spans, s.section, s.form] for s in document.sentences],
        "hidden": [[h.page, h.text, h.why, h.is_ocr_layer] for h in document.hidden],
        "extractor": document.extraction.extractor,
        "settings": dict(document.extraction.settings),
    }


def unpack(message: dict[str, Any], paper_id: str, version: int) -> Document:
    """The document that `pack` packed. Raises KeyError, TypeError or ValueError where the message is not one."""
    return Document(
        paper_id=paper_id,
        version=version,
        sha256=str(message["sha256"]),
        pages=tuple(
            Page(int(number), str(text), float(width), float(height), tuple(Box(*box) for box in boxes))
            for number, text, width, height, boxes in message["pages"]
        ),
        sections=tuple(Section(str(t), _kind(k), int(page), int(start)) for t, k, page, start in message["sections"]),
        sentences=tuple(
            Sentence(number, _short(text), tuple(Span(*span) for span in spans), _kind(kind), _form(form))
            for number, (text, spans, kind, form) in enumerate(message["sentences"], start=1)
        ),
        hidden=tuple(
            HiddenText(int(page), str(text), str(why), bool(honest)) for page, text, why, honest in message["hidden"]
        ),
        extraction=Extraction(str(message["extractor"]), message["settings"]),
    )


def _short(sentence: Any) -> str:
    """A sentence of the length that the reader makes; what works on sentences relies on that."""
    text = str(sentence)
    if len(text) > MAX_SENTENCE:
        raise ValueError(f"a sentence of {len(text)} characters")
    return text


def _kind(word: str) -> SectionKind:
    if word not in _KINDS:
        raise ValueError(f"no kind of section: {word!r}")
    return word  # type: ignore[return-value]


def _form(word: str) -> Form:
    if word not in _FORMS:
        raise ValueError(f"no form of text: {word!r}")
    return word  # type: ignore[return-value]
