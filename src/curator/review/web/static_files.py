"""Scripts, style sheet and icon of the page, at addresses that change with their content.

The modules of a script import each other by relative addresses, so they all come from the folder of the script that the
page names. That folder's name is a hash of all files, and the files are read once, when the process starts. Whether
Curator is upgraded between two requests or under a running server, a browser gets all modules of a page from one
version, or none; so it may cache them.
"""

from __future__ import annotations

import hashlib
from collections.abc import Mapping
from pathlib import Path

from fastapi import APIRouter, HTTPException
from fastapi.responses import Response

from curator.review.web.rendering import STATIC

MEDIA_TYPES = {".css": "text/css", ".js": "text/javascript", ".svg": "image/svg+xml"}
VERSION_LENGTH = 12  # hexadecimal digits of the hash
CACHE_HEADERS = {"Cache-Control": "private, max-age=31536000, immutable"}  # seconds: a year


def version_of(files: Mapping[str, bytes]) -> str:
    """Return a hash of files, given their contents by name."""
    digest = hashlib.sha256()
    for name, content in sorted(files.items()):
        digest.update(f"{name} {len(content)}\n".encode() + content)
    return digest.hexdigest()[:VERSION_LENGTH]


router = APIRouter()
FILES: Mapping[str, bytes] = {file.name: file.read_bytes() for file in STATIC.iterdir() if file.suffix in MEDIA_TYPES}
VERSION = version_of(FILES)
STATIC_PATH = f"/static/{VERSION}"  # without the prefix of the page's address


@router.get("/static/{version}/{name}")
async def static_file(version: str, name: str) -> Response:
    """Return a static file of this version; the files of any other version are not found."""
    if version != VERSION or name not in FILES:
        raise HTTPException(404, "This version of Curator has no such file. Reload the page.")
    return Response(FILES[name], media_type=MEDIA_TYPES[Path(name).suffix], headers=CACHE_HEADERS)
