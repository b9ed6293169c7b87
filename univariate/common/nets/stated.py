"""Entries as a message states them, on one line: name and value, or what is inside."""

from collections.abc import Mapping
from typing import Any, Final

_LONGEST: Final = 60  # letters of a name, or of a value
_MOST: Final = 6  # names


def stated(path: str, value: Any) -> str:
    """Return the name and the value of an entry, as "'config.alpha' = 0.5", "'extra' (a, b)"."""
    name = _shortly(path)
    if isinstance(value, str):
        return f"{name} = {_shortly(value)}"
    if isinstance(value, bool | float | None):
        return f"{name} = {value!r}"
    if isinstance(value, int):  # of a million digits takes long to print
        return f"{name} = {value}" if value.bit_length() < 200 else f"{name}, a whole number"
    if isinstance(value, Mapping):
        inside = [_shortly(str(key))[1:-1] for key, _ in zip(value, range(_MOST), strict=False)]
        more = [f"{len(value) - _MOST} more"] if len(value) > _MOST else []
        return f"{name} ({', '.join(inside + more)})"
    shape = getattr(value, "shape", None)
    if shape is not None:
        return f"{name}, an array of shape {tuple(shape)}"
    if isinstance(value, list | tuple):
        is_short = len(value) <= _MOST and all(map(_is_short, value))
        return f"{name} = {value!r}" if is_short else f"{name}, a list of {len(value)}"
    return f"{name}, of type {type(value).__name__}"


def _is_short(value: Any) -> bool:
    return isinstance(value, bool | float) or (type(value) is int and value.bit_length() < 60)


def _shortly(text: str) -> str:
    """Return a text with its control characters spelled, the end of a long one left out."""
    return repr(text if len(text) <= _LONGEST else f"{text[:_LONGEST]}…")
