"""The files that a backup may contain: a backup can come from a stranger, so every name is checked."""

from __future__ import annotations

import re
import tomllib
import unicodedata
from pathlib import Path, PurePosixPath

from curator.ops.backup_archive import BadArchive
from curator.settings import Settings

WAREHOUSE = "warehouse/curator.duckdb"
"""The name of the warehouse in a backup."""

_ALLOWED_FILES = (  # each with its highest number of bytes; the last pattern is the list, which the settings name
    (re.compile(r"curator\.toml"), 1 << 20),
    (re.compile(r"prompts/[^/]+\.md"), 1 << 20),
    (re.compile(r"warehouse/queries/[^/]+\.sql"), 1 << 20),
    (re.compile(r"warehouse/pdfs/[^/]+\.pdf"), 2000 << 20),  # read.max_pdf_mb
    (re.compile(re.escape(WAREHOUSE)), 1 << 42),
    (re.compile(r"(?i:(?!(?:warehouse|backups|prompts)/))(?:[^/]+/){0,4}[^/]+\.md"), 1 << 28),
)
_NOT_PORTABLE = re.compile(r'[\x00-\x1f\x7f-\x9f\ud800-\udfff<>:"\\|?*]|[. ](?:/|$)|[^/]{121}')
_DEVICE = re.compile(r"(?:^|/)(?:con|prn|aux|nul|conin\$|conout\$|(?:com|lpt)[0-9¹²³])\s*(?:[./]|$)", re.IGNORECASE)
"""Names that Windows gives to devices ("Naming Files, Paths, and Namespaces" in Microsoft's documentation)."""


class BackupNames:
    """Checks the names of one archive: each belongs to a workspace, is valid on every system, and occurs only once."""

    def __init__(self) -> None:
        self.seen: list[str] = []
        self._folded: set[str] = set()

    def problem_with(self, name: str, size: int) -> str:
        """Add a name; return why it is not allowed, or "".

        Args:
            name: The path of a file in the workspace, with slashes.
            size: The size of the file in bytes.
        """
        max_bytes = next((limit for pattern, limit in _ALLOWED_FILES if pattern.fullmatch(name)), None)
        if max_bytes is None:
            return "a workspace has no such file"
        if _NOT_PORTABLE.search(name) or _DEVICE.search(name):
            return "the name is not valid on every system"
        if size > max_bytes:
            return f"it is larger than {max_bytes >> 20} MB"
        folded = unicodedata.normalize("NFKC", name).casefold()
        if folded in self._folded:
            return "another file has the same name, except for upper and lower case"
        self._folded.add(folded)
        self.seen.append(name)
        return ""


def check_list_name(names: list[str], settings_file: Path) -> None:
    """Check that the only file without a fixed name is the list that the backup's settings name.

    Args:
        names: All names in the backup.
        settings_file: The unpacked settings; they may be missing.

    Raises:
        BadArchive: There is another such file, or the settings cannot be read.
    """
    fixed = [pattern for pattern, _ in _ALLOWED_FILES[:-1]]
    other_names = [name for name in names if not any(pattern.fullmatch(name) for pattern in fixed)]
    if not other_names:
        return
    try:
        table = tomllib.loads(settings_file.read_text(encoding="utf-8-sig")) if settings_file.exists() else {}
    except (ValueError, RecursionError) as error:
        raise BadArchive("its settings cannot be read") from error
    list_name = table.get("list", Settings.model_fields["list"].default)
    for name in other_names:
        if not isinstance(list_name, str) or PurePosixPath(list_name.strip()) != PurePosixPath(name):
            raise BadArchive(f"it holds {name[:80]!r}: a workspace has no such file")
