"""Write the locks from pyproject.toml, with uv. Run it as `make lock`; ARGS are passed on to `uv pip compile`."""

from __future__ import annotations

import os
import re
import subprocess
import sys
from pathlib import Path

ROOT = Path(__file__).parents[1]
COMPILE = [
    *(sys.executable, "-m", "uv", "pip", "compile", "pyproject.toml", "--quiet", "--group", "build"),
    *("--universal", "--python-version", "3.11"),  # one file for every system and for Python 3.11 and later
    *("--generate-hashes", "--only-binary", ":all:", "--emit-build-options", "--no-strip-extras"),
    *("--annotation-style", "line", "--custom-compile-command", "make lock"),
]
PIN_WITH_EXTRAS = re.compile(r"^([\w.-]+)\[[\w, -]+\](==.*\n(?:    --hash=.*\n)+(?:    # .*\n)?)", re.MULTILINE)


def main(arguments: list[str]) -> None:
    """Write the runtime lock, then the dev, bench and docs locks with the same versions."""
    environment = os.environ | {"UV_DEFAULT_INDEX": index_url()}
    write("runtime", [], arguments, environment)
    write("dev", ["--extra", "dev", "--constraint", "locks/runtime.txt"], arguments, environment)
    write("bench", ["--extra", "bench", "--constraint", "locks/dev.txt"], arguments, environment)
    write("docs", ["--extra", "docs", "--constraint", "locks/dev.txt"], arguments, environment)


def write(name: str, options: list[str], arguments: list[str], environment: dict[str, str]) -> None:
    """Resolve one lock. Versions in the existing file are kept unless the arguments ask for newer ones."""
    path = ROOT / "locks" / f"{name}.txt"
    command = [*COMPILE, *options, *arguments, "--output-file", f"locks/{name}.txt"]
    if subprocess.run(command, cwd=ROOT, env=environment, stdout=subprocess.DEVNULL).returncode:
        sys.exit(f"uv could not write locks/{name}.txt; the file is unchanged.")
    path.write_text(repeat_without_extras(path.read_text(encoding="utf-8")), encoding="utf-8")


def repeat_without_extras(lock: str) -> str:
    """Pin `name` beside each `name[extra]`: pip 23, which comes with Python 3.11, treats them as two packages."""
    return PIN_WITH_EXTRAS.sub(lambda pin: pin[1] + pin[2] + pin[0], lock)


def index_url() -> str:
    """Return the package index configured for uv or pip, or "" for uv's default. uv itself ignores pip's settings."""
    if given := os.environ.get("UV_DEFAULT_INDEX"):
        return given
    command = [sys.executable, "-m", "pip", "config", "list"]
    listed = subprocess.run(command, capture_output=True, text=True, check=True).stdout
    found = re.search(r"^(?::env:|global)\.index-url='(.*)'$", listed, re.MULTILINE)
    return found[1] if found else ""


if __name__ == "__main__":
    main(sys.argv[1:])
