"""Results as strictly valid JSON that stays short, whatever the size of the arrays in them."""

import json
import platform
import sys
from collections.abc import Mapping
from importlib.metadata import PackageNotFoundError, version
from pathlib import Path
from typing import Any, Final

from univariate.common.files import PathLike, require_ending, write_atomically
from univariate.common.outputs import STANDARD_OUTPUT
from univariate.common.result import plain

LONGEST: Final = 64
"""Arrays and tuples with more entries than this are summarised."""


def document(value: Any) -> Any:
    """Turn a result into JSON-ready Python in which long arrays are summarised."""
    return plain(value, LONGEST)


def write_document(content: Mapping[str, Any], path: PathLike, schema: str) -> Path:
    """Write JSON-ready values as strictly valid JSON after their schema and the versions of
    packages; to standard output if the path is `STANDARD_OUTPUT`. ValueError for the ending of
    another format.
    """
    require_ending("path", path, ".json")
    found = {"schema": schema, "versions": versions(), **content}
    text = json.dumps(found, indent=1, ensure_ascii=False, allow_nan=False) + "\n"
    if path == STANDARD_OUTPUT:
        sys.stdout.write(text)
        sys.stdout.flush()
        return STANDARD_OUTPUT
    return write_atomically(path, lambda stream: stream.write(text.encode()))


def library_version() -> str:
    """Return the version of this distribution, "0+unknown" where it was never installed."""
    try:
        return version("tempered-overfitting")
    except PackageNotFoundError:
        return "0+unknown"


def versions() -> dict[str, str]:
    """Return the versions of Python, of this distribution and of the packages whose arithmetic it
    uses.
    """
    found = {"python": platform.python_version()}
    for name in ("tempered-overfitting", "numpy", "numba", "scipy", "shapely"):
        try:
            found[name] = version(name)
        except PackageNotFoundError:
            found[name] = "not installed"
    return found
