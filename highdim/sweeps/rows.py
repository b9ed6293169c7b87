"""Rows of sweeps as fits and plots take them: checked, grouped by settings, in order."""

from collections.abc import Callable, Container, Iterable, Mapping
from math import inf, isnan
from numbers import Real
from typing import Any, Final

import numpy as np

from highdim.sweeps.store import ERROR_LAW, Record
from univariate.common import check

SETTINGS: Final = (
    *("m", "width", "depth", "bias", "train_output", "scheme", "scale", "distribution", "method"),
    *("loss", "flow_time", "tolerance", "learning_rate", "batch_size", "reduction", "dtype"),
    ERROR_LAW,
)
"""Columns in which runs of one kind agree: all that is set but for d, p, the seed, and how well the
clean error is estimated and whether the net is polished afterwards."""

_REMEDY: Final = "pass rows of `sweep`"


def checked(rows: Iterable[Record], *numbers: str) -> list[Record]:
    """Return rows that have a number in each of these columns, and a truth value in `interpolates`;
    every run once, see `distinct`. What is missing is None, also where a table of pandas has NaN.

    Raises
    ------
    TypeError
        No rows, or something else in such a column, texts of a table included.
    ValueError
        None at all, a column that is missing, or numbers that are not finite.
    """
    found = check.several("rows", rows, "sweep(grid(m=100, d=500, p=(0.1, 0.2)), 'runs.sqlite')")
    for k, row in enumerate(found):
        _require_row(f"rows[{k}]", row)
        for name in (*numbers, "interpolates"):
            if name not in row:
                raise ValueError(
                    f"`rows` must have the column {name!r}, got rows[{k}] without it; {_REMEDY}"
                )
        for name in numbers:
            check.real(f"rows[{k}][{name!r}]", row[name])
        if not isinstance(row["interpolates"], bool | np.bool_):
            raise TypeError(
                f"`rows[{k}]['interpolates']` must be a truth value, got"
                f" {check.shown(row['interpolates'])}; {_REMEDY}"
            )
    return distinct(map(_without_nan, found))


def configuration(row: Record, names: Iterable[str], optional: Container[str]) -> Record:
    """Return the columns of a row with these names; None, and a size in a column with None, are
    floats in a table of pandas.

    Raises
    ------
    TypeError
        No row.
    ValueError
        A column is missing that is not optional.
    """
    _require_row("row", row)
    wanted = list(names)
    missing = [name for name in wanted if name not in row and name not in optional]
    if missing:
        raise ValueError(
            f"`row` must have the column {missing[0]!r} of its configuration, got none; {_REMEDY},"
            " or make a RunConfig of its fields"
        )
    found = _without_nan({name: row[name] for name in wanted if name in row})
    size = found["batch_size"]
    return found | {"batch_size": int(size) if _is_whole(size) else size}


def _require_row(name: str, row: object) -> None:
    if not isinstance(row, Mapping):
        raise TypeError(
            f"`{name}` must be a dict, got {type(row).__name__}; {_REMEDY}, or"
            " table.to_dict('records') of a table of pandas"
        )


def _is_whole(value: object) -> bool:
    return isinstance(value, float) and value.is_integer()


def _without_nan(row: Record) -> Record:
    # NaN differs from itself: every row would be of a kind of its own
    return {name: None if _is_nan(value) else value for name, value in row.items()}


def _is_nan(value: object) -> bool:
    return isinstance(value, float) and isnan(value)


def distinct(rows: Iterable[Record]) -> list[Record]:
    """Return one row for every training run, in their order.

    A store may hold a run several times: polished too, with its clean error estimated better, or
    under keys that write equal numbers in several ways. The best estimate stays. Rows without a
    seed are all kept.
    """
    read = settings((*SETTINGS, "d", "p", "seed"))
    best: dict[Any, Record] = {}
    for k, row in enumerate(rows):
        run = k if row.get("seed") is None else read(row)
        if run not in best or _roughness(row) < _roughness(best[run]):
            best[run] = row
    return list(best.values())


def _roughness(row: Record) -> tuple[float, float]:
    """Return what is smaller for better estimates of clean errors."""
    return row.get("error_precision") or inf, -(row.get("error_samples") or 0)


def has_limit(row: Mapping[str, Any]) -> bool:
    """Whether the orthogonal limit speaks of a run: one of nets with biases, on the sphere."""
    bias = row.get("bias")
    return (bias is None or bool(bias)) and row.get("distribution") in (None, "sphere")


def ratio(row: Record) -> float:
    """Return d/m."""
    return float(row["d"] / row["m"])


def grouped(
    rows: Iterable[Record], key: Callable[[Record], tuple[Any, ...]]
) -> dict[tuple[Any, ...], list[Record]]:
    """Return rows by their keys, keys in order: numbers as numbers, after None and before texts."""
    found: dict[tuple[Any, ...], list[Record]] = {}
    for row in rows:
        found.setdefault(key(row), []).append(row)
    return {one: found[one] for one in sorted(found, key=lambda key: [*map(_rank, key)])}


def settings(names: Iterable[str]) -> Callable[[Record], tuple[Any, ...]]:
    """Return what reads columns of a row; None where it has none."""
    chosen = tuple(names)
    return lambda row: tuple(row.get(name) for name in chosen)


def _rank(value: Any) -> tuple[int, float, str]:
    if value is None:
        return 0, 0.0, ""
    if isinstance(value, Real):
        return 1, float(value), ""
    return 2, 0.0, str(value)
