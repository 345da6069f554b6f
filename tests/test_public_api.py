"""The names that `import curator` offers."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import pytest

import curator


@pytest.mark.parametrize("name", curator.__all__)
def test_every_public_name_can_be_loaded(name: str) -> None:
    assert getattr(curator, name) is not None
    assert name in dir(curator)


def test_an_unknown_name_is_an_attribute_error() -> None:
    with pytest.raises(AttributeError, match="no attribute 'no_such_name'"):
        _ = curator.no_such_name


def test_importing_curator_loads_nothing_else() -> None:
    code = "import sys, curator; print([m for m in sys.modules if m.startswith('curator.')], 'duckdb' in sys.modules)"
    loaded = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert loaded.stdout.split() == ["[]", "False"]


def test_type_checkers_find_the_types() -> None:
    assert (Path(curator.__file__).parent / "py.typed").is_file()
