"""Results as strictly valid JSON that stays short, whatever the size of the arrays in them."""

import codecs
import json
import platform
import sys
from collections.abc import Mapping
from importlib.metadata import PackageNotFoundError, version
from pathlib import Path
from typing import Any, Final, TextIO

from univariate.common.files import PathLike, require_ending, write_bytes
from univariate.common.outputs import STANDARD_OUTPUT
from univariate.common.result import plain

LONGEST: Final = 64
"""Arrays and tuples with more entries than this are summarised."""


def document(value: Any) -> Any:
    """Turn a result into JSON-ready Python in which long arrays are summarised."""
    return plain(value, LONGEST)


def write_document(content: Mapping[str, Any], path: PathLike, schema: str) -> Path:
    """Write JSON-ready values as strictly valid JSON after their schema and the versions of
    packages, in UTF-8; to standard output if the path is `STANDARD_OUTPUT`, in characters of ASCII
    alone where that is not in UTF-8. ValueError for the ending of another format.
    """
    require_ending("path", path, ".json")
    found = {"schema": schema, "versions": versions(), **content}
    if path == STANDARD_OUTPUT:
        sys.stdout.write(_json(found, plainly=not _in_utf_8(sys.stdout)))
        sys.stdout.flush()
        return STANDARD_OUTPUT
    return write_bytes(path, _json(found).encode())


def _json(content: Mapping[str, Any], *, plainly: bool = False) -> str:
    """Return JSON that can be encoded: of ASCII alone if `plainly`, and without lone surrogates,
    which stand in names of files for bytes that are no UTF-8.
    """
    text = json.dumps(content, indent=1, ensure_ascii=plainly, allow_nan=False) + "\n"
    # the escapes of Python for surrogates, \udc80 to \udcff among them, are those of JSON
    return text.encode(errors="backslashreplace").decode()


def _in_utf_8(stream: TextIO) -> bool:
    """Whether what is written arrives in UTF-8, or is kept as text."""
    if stream.encoding is None:
        return True
    try:
        return codecs.lookup(stream.encoding).name == "utf-8"
    except LookupError:
        return False


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
