"""What is asked of the rows of a table: selections, groups, means of columns."""

from collections.abc import Iterable, Mapping
from operator import attrgetter
from typing import Any, TypeVar

import numpy as np

K = TypeVar("K")
T = TypeVar("T")


def where(rows: Iterable[T], **wanted: Any) -> list[T]:
    """Return the rows that have these values in these columns."""
    # all columns are asked for, so that a misspelt one is noticed at the first row
    return [row for row in rows if {name: getattr(row, name) for name in wanted} == wanted]


def part(result: object, path: str) -> Any:
    """Return what is under an attribute of a result, as "clean_error.value"; None of None."""
    return None if result is None else attrgetter(path)(result)


def different(rows: Iterable[T], name: str) -> list[Any]:
    """Return the values of a column, increasing, each once."""
    return sorted({getattr(row, name) for row in rows})


def mean(rows: Iterable[T], name: str) -> float:
    """Return the mean of a column."""
    return float(np.mean([getattr(row, name) for row in rows]))


def median(rows: Iterable[T], name: str) -> float:
    """Return the median of a column."""
    return float(np.median([getattr(row, name) for row in rows]))


def total_seconds(rows: Iterable[Any]) -> float:
    """Return how long all runs took together."""
    return round(sum(row.seconds for row in rows), 1)


def grouped(rows: Iterable[T], *names: str) -> dict[Any, list[T]]:
    """Return {value: rows} of one column, or {values: rows} of several, in increasing order."""
    value = attrgetter(*names)
    found: dict[Any, list[T]] = {}
    for row in rows:
        found.setdefault(value(row), []).append(row)
    return dict(sorted(found.items()))


def holds_from(tested: Mapping[K, bool]) -> K | None:
    """Return the least key from which on everything holds; keys increase."""
    broken = [key for key, holds in tested.items() if not holds]
    return next((key for key in tested if not broken or key > broken[-1]), None)
