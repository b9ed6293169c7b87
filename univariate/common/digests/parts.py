"""What objects of other people's classes are made of, as far as that is the same in every process.

Pickling says it for plain values of Python, and for those of NumPy and SciPy, but for most private
attributes, which are filled as they are used; the numbers of a table do, and the parameters of an
estimator of scikit-learn, or of those who follow it. Objects of other packages may hold addresses,
identifiers and clocks, and say nothing here.
"""

import copyreg
from collections import defaultdict
from collections.abc import Iterator
from datetime import datetime
from decimal import Context
from functools import cached_property, partial, partialmethod
from random import Random
from typing import Any, Final
from uuid import UUID

import numpy as np

_OF_PYTHON: Final = {
    *("builtins", "types", "functools", "operator", "collections", "array", "string", "re"),
    *("datetime", "zoneinfo", "statistics", "fractions", "decimal"),
}
_STEADY: Final = {"numpy", "scipy"} | _OF_PYTHON
"""Packages whose objects hold nothing that differs from one process to the next, as handles of
libraries and threads do.
"""

_MOVING: Final = (
    *(Random, np.random.Generator, np.random.RandomState, np.random.BitGenerator),
    *(Iterator, datetime, UUID, Context),
)
"""Classes whose objects change by using them, or are often others in every process."""

_MADE_OF: Final = frozenset(
    (
        *("_t", "_c", "_eval_args", "_grid", "_values", "_original_parameters"),
        *("_num", "_den", "_zeros", "_poles", "_gain", "_A", "_B", "_C", "_D", "_dt"),
    )
)
"""Private attributes in which SciPy keeps what splines, interpolators, linear systems and laws were
made of; using these leaves them as they are.
"""


def parts(value: Any) -> list[Any]:
    """Return what an object is made of; nothing where that is not known, or changes by using it."""
    match value:
        case staticmethod() | classmethod():
            return [value.__func__]
        case property():
            return [value.fget, value.fset, value.fdel]
        case cached_property():
            return [value.func]
        case partialmethod():
            return [value.func, value.args, value.keywords]
        case defaultdict():
            return [] if value.default_factory is None else [value.default_factory]
        case np.ma.MaskedArray():  # of which the numbers are read as those of any array
            return [np.ma.getmaskarray(value)]
        case np.vectorize():
            return [value.pyfunc]
        case memoryview():
            return [value.tobytes()]
        case partial():
            return [vars(value)] if vars(value) else []
        case _:
            pass
    if isinstance(value, _MOVING):
        return []
    try:
        return _parameters(value) or _table(value) or _pickled(value)
    except Exception:  # whatever the code of others raises, as for locks
        return []


def attributes_beside(value: Any, wrapped: Any) -> list[Any]:
    """Return the attributes of what wraps a function that are not those of the function."""
    found = {
        name: one
        for name, one in vars(value).items()
        if not name.startswith(("__", "cache_")) and getattr(wrapped, name, value) is not one
    }
    return [found] if found else []


def _parameters(value: Any) -> list[Any]:
    """Return the parameters of an estimator; what it was fitted to may change as it is used."""
    ask = None if isinstance(value, type) else getattr(value, "get_params", None)
    found = ask(deep=False) if callable(ask) else None
    return [found] if isinstance(found, dict) else []


def _table(value: Any) -> list[Any]:
    """Return the numbers of a table or a column, and the names of its columns."""
    ask = None if isinstance(value, type) else getattr(value, "to_numpy", None)
    found = ask() if callable(ask) else None
    return [found, list(getattr(value, "columns", ()))] if isinstance(found, np.ndarray) else []


def _pickled(value: Any) -> list[Any]:
    """Return the function that makes an object anew, its arguments, state and members."""
    package = type(value).__module__.partition(".")[0]
    if package not in _STEADY:
        return []
    registered = copyreg.dispatch_table.get(type(value))
    found = value.__reduce_ex__(4) if registered is None else registered(value)
    if isinstance(found, str):
        return [found]
    made_by, arguments, *more = found
    told = [list(one) if isinstance(one, Iterator) else one for one in more]
    if package not in _OF_PYTHON:
        told = [_public(one) for one in told]
    held = [one for state in told if isinstance(state, dict) for one in state.values()]
    return [] if any(isinstance(one, _MOVING) for one in held) else [made_by, arguments, *told]


def _public(state: Any) -> Any:
    """Return a state without private attributes that may be caches; those in slots are none."""
    if isinstance(state, dict):
        names = [name for name in state if name in _MADE_OF or not str(name).startswith("_")]
        return {name: state[name] for name in names}
    return (_public(state[0]), *state[1:]) if isinstance(state, tuple) and state else state
