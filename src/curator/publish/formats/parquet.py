"""The frames as a Parquet file with the rows of the CSV export; DuckDB writes it."""

from __future__ import annotations

import tempfile
from collections.abc import Iterator
from pathlib import Path

from curator.errors import PublishError, WarehouseError
from curator.publish.frame_rows import FrameRow, frame_rows
from curator.publish.snapshot import ListSnapshot
from curator.warehouse import ad_hoc

_PIECE_BYTES = 1 << 20


def render(snapshot: ListSnapshot) -> Iterator[bytes]:
    """Yield the Parquet file, piece by piece, from a temporary file.

    Raises:
        PublishError: The temporary file cannot be written.
    """
    rows = (dict(row) for row in frame_rows(snapshot.frames))
    with tempfile.TemporaryDirectory(prefix="curator-") as folder:
        file = Path(folder, "frames.parquet")
        try:
            ad_hoc.write_parquet(file, list(FrameRow.__annotations__), rows)
        except (OSError, WarehouseError) as error:
            raise PublishError(f"A temporary Parquet file cannot be written in {folder}: {error}.") from error
        with file.open("rb") as stream:
            while piece := stream.read(_PIECE_BYTES):
                yield piece
