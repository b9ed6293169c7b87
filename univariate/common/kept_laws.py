"""Laws as they are when they are taken: copies that later changes do not reach.

A law that went on to follow the object that it was made of would have the name of the one before.
"""

from copy import copy, deepcopy
from typing import Any, Final

import numpy as np

_NEWER: Final = ("ccdf", "icdf", "sample")
"""Methods of the newer objects of scipy, which cannot be changed, nor be copied: a copy of
`Normal(mu=1)` is another law.
"""


def kept(given: Any) -> Any:
    """Return a copy of a distribution: of its attributes, and of arrays, lists, dictionaries and
    sets among them; the same object if it cannot be copied.
    """
    if all(hasattr(given, name) for name in _NEWER):
        return given
    try:
        if hasattr(given, "resample"):
            return deepcopy(given)  # nothing but numbers
        found = _copied(given)
        family = getattr(given, "dist", None)
        if family is not None and hasattr(given, "kwds"):
            found.dist, found.kwds = _copied(family), dict(given.kwds)
    except Exception:  # whatever it holds
        return given
    return found


def _copied(own: Any) -> Any:
    """Return a copy that holds what an object holds, collections copied; TypeError if there is
    none.
    """
    found = copy(own)
    if type(found) is not type(own) or vars(found).keys() != vars(own).keys():
        raise TypeError
    for name, value in vars(own).items():
        if isinstance(value, np.ndarray | list | dict | set):
            vars(found)[name] = _collection(value)
    return found


def _collection(value: Any) -> Any:
    """Return a copy of a collection, and of what it holds if all of that can be copied."""
    try:
        return deepcopy(value)
    except Exception:  # a lock, say
        return copy(value)
