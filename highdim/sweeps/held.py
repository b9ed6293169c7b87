"""Which runs the table of a sweep holds, also where a spreadsheet has saved it anew: with other
separators, decimal commas, TRUE for True, a mark of byte order, and numbers rounded to ten digits.
"""

import csv
import io
from collections.abc import Iterable, Mapping
from dataclasses import fields
from pathlib import Path
from typing import Any, Final

from highdim.sweeps.runs import RunConfig
from highdim.sweeps.store import ERROR_LAW, Record

_SEPARATORS: Final = (",", ";", "\t", "|")
_FIRST: Final = ["m", "d", "p", "seed", "width"]
_TRUTH_VALUES: Final = {"TRUE": "True", "FALSE": "False"}
_REAL: Final = frozenset(one.name for one in fields(RunConfig) if one.type is float)
_FEWEST: Final = 9
"""Significant digits from which on a number may be a rounded one."""

Run = tuple[str | float, ...]


def lost(table: Path, rows: Iterable[Record]) -> int:
    """Return how many runs a .csv table of a sweep holds that are none of these rows."""
    if not table.exists():
        return 0
    held = {_run(row): row for row in _lines(table)}
    known = set(map(_run, rows))
    alike: dict[Run, list[Run]] = {}
    for run in known:
        alike.setdefault(_whole(run), []).append(run)
    missing = [run for run in held if run not in known]
    return sum(
        not any(_rounds(held[run], other) for other in alike.get(_whole(run), []))
        for run in missing
    )


def saved_anew(table: Path) -> bool:
    """Whether another program has written a table of a sweep."""
    return not table.read_bytes().startswith(",".join(_FIRST).encode())


def _lines(table: Path) -> list[dict[str, str]]:
    """Return the lines of a table by its columns, with points in numbers."""
    text = table.read_text(encoding="utf-8-sig", errors="replace")
    names = text.partition("\n")[0].replace('"', "")
    found = [one for one in _SEPARATORS if names.split(one)[: len(_FIRST)] == _FIRST]
    separator = found[0] if found else ","
    lines = csv.DictReader(io.StringIO(text, newline=""), delimiter=separator)
    return [_as_written(line, separator) for line in lines]


def _as_written(line: dict[str, str], separator: str) -> dict[str, str]:
    """Return the cells of a line as they had been written; commas in whole numbers stay."""
    cells = {name: _TRUTH_VALUES.get(cell, cell) for name, cell in line.items()}
    if separator != ",":
        for name in _REAL.intersection(cells):
            cells[name] = (cells[name] or "").replace(",", ".")
    return cells


def _run(row: Mapping[str, Any]) -> Run:
    """Return the configuration of a row, one of a table included, by value: 5 is 5.0."""
    cells = (row.get(one.name, one.default) for one in fields(RunConfig))
    return tuple(_value(cell) for cell in (*cells, row.get(ERROR_LAW)))


def _value(cell: Any) -> str | float:
    text = "" if cell is None else str(cell)
    try:
        return float(text)
    except ValueError:
        return text


def _whole(run: Run) -> Run:
    """Return of a configuration what is no real number, and is never rounded."""
    names = (*(one.name for one in fields(RunConfig)), ERROR_LAW)
    return tuple(value for name, value in zip(names, run, strict=True) if name not in _REAL)


def _rounds(row: Mapping[str, str], run: Run) -> bool:
    """Whether the real numbers of a line of a table are those of a run, rounded as it has them."""
    configured = zip(fields(RunConfig), run, strict=False)
    return all(
        _is_rounded(row.get(one.name, one.default), value)
        for one, value in configured
        if one.name in _REAL
    )


def _is_rounded(cell: Any, value: str | float) -> bool:
    found = _value(cell)
    if found == value or isinstance(found, str) or isinstance(value, str):
        return found == value
    mantissa = str(cell).lower().partition("e")[0]
    digits = sum(letter.isdigit() for letter in mantissa.lstrip("+-0."))
    return digits >= _FEWEST and float(f"{value:.{digits - 1}e}") == found
