"""Copies of results, by `copy`, pickle and what sends objects to other processes: what is read-only
stays so, and what was worked out before is left behind.

NumPy makes every copy of an array writable. A copied net could be changed then, and would go on to
say the norm and the fingerprint of the net that it was copied from.
"""

from collections.abc import Iterator, Mapping
from functools import cached_property
from inspect import getattr_static
from typing import Any, Final

import numpy as np
from numpy.typing import NDArray

_READ_ONLY: Final = "read-only"
"""Key beside the names of fields, which have no hyphens."""


def state_of(result: object) -> dict[str, Any]:
    """Return what a copy is made of: the attributes that are not worked out from others, and which
    of them are read-only.
    """
    kind = type(result)
    kept = {
        name: value
        for name, value in vars(result).items()
        if not isinstance(getattr_static(kind, name, None), cached_property)
    }
    return kept | {_READ_ONLY: [name for name, value in kept.items() if _is_read_only(value)]}


def restore(result: object, state: Mapping[str, Any]) -> None:
    """Give a copy its attributes."""
    kept = dict(state)
    for name in kept.pop(_READ_ONLY, ()):
        for array in _arrays(kept[name]):
            array.setflags(write=False)
    vars(result).update(kept)


def _is_read_only(value: Any) -> bool:
    found = list(_arrays(value))
    return bool(found) and not any(array.flags.writeable for array in found)


def _arrays(value: Any) -> Iterator[NDArray[Any]]:
    """Yield the arrays of an attribute; results inside look after their own."""
    if isinstance(value, np.ndarray):
        yield value
    elif isinstance(value, list | tuple):
        for item in value:
            yield from _arrays(item)
    elif isinstance(value, Mapping):
        for item in value.values():
            yield from _arrays(item)
