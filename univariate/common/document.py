"""Results as strictly valid JSON that stays short, whatever the size of the arrays in them."""

import json
import math
import platform
from collections.abc import Mapping
from importlib.metadata import PackageNotFoundError, version
from pathlib import Path
from typing import Any, Final

import numpy as np
from numpy.typing import NDArray

from univariate.common.files import PathLike, write_atomically
from univariate.common.result import Result, field_names, plain

LONGEST: Final = 64
"""Arrays and tuples with more entries than this are summarised."""


def document(value: Any) -> Any:
    """Turn a result into JSON-ready Python; unlike `result.plain`, long arrays become a
    summary.

    A summary has the keys count, shape, smallest, largest, mean. Infinities become "inf" and
    "-inf", NaN None.
    """
    if isinstance(value, Result):
        return {name: document(getattr(value, name)) for name in field_names(value)}
    if isinstance(value, Mapping):
        return {str(key): document(item) for key, item in value.items()}
    if isinstance(value, np.ndarray):
        return _summary(value) if value.size > LONGEST else document(value.tolist())
    if isinstance(value, tuple) and hasattr(value, "_asdict"):
        return document(value._asdict())
    if isinstance(value, list | tuple):
        return [document(item) for item in value]
    if isinstance(value, float) and math.isnan(value):
        return None
    return plain(value)


def write_document(content: Mapping[str, Any], path: PathLike, schema: str) -> Path:
    """Write JSON-ready values as strictly valid JSON after their schema and the versions of
    packages.
    """
    found = {"schema": schema, "versions": versions(), **content}
    text = json.dumps(found, indent=1, ensure_ascii=False, allow_nan=False) + "\n"
    return write_atomically(path, lambda stream: stream.write(text.encode()))


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


def _summary(array: NDArray[Any]) -> dict[str, Any]:
    with np.errstate(over="ignore"):
        mean = float(array.mean())
    return {
        "count": len(array),
        "shape": list(array.shape),
        "smallest": document(float(array.min())),
        "largest": document(float(array.max())),
        "mean": document(mean),
    }
