"""Entries as a message states them, on one line: name and value, or what is inside."""

from collections.abc import Mapping
from typing import Any, Final

_LONGEST: Final = 60  # letters of a name, or of a value
_MOST: Final = 6  # names, or numbers
_BITS: Final = 200  # of a number: one of a million digits takes long to print


def stated(path: str, value: Any) -> str:
    """Return the name and the value of an entry, as "'config.alpha' = 0.5", "'extra' (a, b)"."""
    name = repr(cut(path))
    if isinstance(value, str):
        return f"{name} = {cut(value)!r}"
    if isinstance(value, Mapping):
        inside = [repr(cut(str(key)))[1:-1] for key in value]
        return f"{name} ({', '.join(first_of(inside, _MOST))})"
    if value is None or _is_short(value):
        return f"{name} = {value!r}"
    if isinstance(value, int):
        return f"{name}, a whole number"
    shape = getattr(value, "shape", None)
    if shape is not None:
        return f"{name}, an array of shape {tuple(shape)}"
    if isinstance(value, list | tuple):
        is_short = len(value) <= _MOST and all(map(_is_short, value))
        return f"{name} = {value!r}" if is_short else f"{name}, a list of {len(value)}"
    return f"{name}, of type {type(value).__name__}"


def cut(text: str) -> str:
    """Return a text without the end of a long one."""
    return text if len(text) <= _LONGEST else f"{text[:_LONGEST]}..."


def first_of(names: list[str], most: int) -> list[str]:
    """Return names, or the first of many and how many more there are."""
    more = len(names) - most
    return names if more <= 1 else [*names[:most], f"{more} more"]


def _is_short(value: Any) -> bool:
    return isinstance(value, float) or (isinstance(value, int) and value.bit_length() < _BITS)
