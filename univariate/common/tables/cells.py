"""Cells of tables of typed rows: what values are as text, and texts as values."""

import csv
import io
from collections.abc import Iterable, Sequence
from math import isnan
from typing import Any, Final

from univariate.common.files import PathLike

_MISSING: Final = ("nan", "na")
"""A number that is None, as other programs write it, whatever the case."""
_TRUTH_VALUES: Final = {"true": True, "false": False}
_KINDS: Final = {int: "a whole number", float: "a number", bool: "True or False"}


def csv_bytes(lines: Iterable[Sequence[Any]]) -> bytes:
    """Return lines of cells as the bytes of a .csv file; floats in full, None as nothing."""
    text = io.StringIO(newline="")
    csv.writer(text, lineterminator="\n").writerows(lines)
    return text.getvalue().encode()


def read_cells(path: PathLike) -> list[dict[str, str]]:
    """Return the lines of a .csv file as texts by the names of their columns."""
    with open(path, encoding="utf-8", newline="") as stream:
        return list(csv.DictReader(stream))


def cell_of(value: object, digits: int | None) -> str:
    """Return a value as text; a float with so many significant digits, or in full."""
    if digits is not None and isinstance(value, float):
        return f"{value:.{digits}g}"
    return "" if value is None else str(value)


def value_of(kind: Any, cell: str) -> Any:
    """Read a cell of type `kind`, a type or its union with None.

    Raises ValueError, which says what it should hold.
    """
    options = getattr(kind, "__args__", ())
    if options:
        missing = cell == "" or (options[0] is not str and cell.lower() in _MISSING)
        return None if missing else value_of(options[0], cell)
    try:
        found = truth_value(cell) if kind is bool else kind(cell)
        if kind is float and isnan(found):
            raise ValueError
    except ValueError:
        raise ValueError(f"must hold {_KINDS[kind]}, got {cell[:80]!r}") from None
    return found


def truth_value(cell: str) -> bool:
    """Read a truth value, also as spreadsheets and R write it: TRUE is not False."""
    word = cell.lower()
    if word not in _TRUTH_VALUES:
        raise ValueError(f"no truth value in {cell!r}")
    return _TRUTH_VALUES[word]
