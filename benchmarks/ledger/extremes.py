"""What `benchmarks.extremes` found on many samples, for the rows on Theorems 3.1 and 3.2 and their
footnotes.

Its committed table has certified KKT points, their extremes of L_cl, and what they violate; the
rows read it.
"""

from collections.abc import Callable
from functools import cache
from typing import NamedTuple

import numpy as np

from benchmarks import extremes
from benchmarks.columns import grouped
from benchmarks.ledger.row import listed

Row = extremes.Row


class Means(NamedTuple):
    """Means over the samples of one noise level of the smallest and of the largest L_cl."""

    p: float
    smallest: float
    largest: float


@cache
def rows() -> tuple[Row, ...]:
    """Return the rows of the committed table on samples with points."""
    return tuple(row for row in extremes.SCRIPT.committed() if row.points)


def minimal() -> list[Row]:
    """Return the rows with local minima, global ones included."""
    return [row for row in rows() if row.smallest_local is not None]


def points() -> int:
    """Return the number of certified KKT points."""
    return sum(row.points for row in rows())


def minima() -> int:
    """Return the number of local minima, global ones included."""
    return sum(row.local_minima + row.global_minima for row in rows())


def sizes() -> str:
    """Return the sample sizes, in words."""
    return listed("m", (row.m for row in rows()))


def means(
    smallest: Callable[[Row], float], largest: Callable[[Row], float], seen: list[Row]
) -> list[Means]:
    """Return the means of extremes by noise level."""
    return [
        Means(p, *(float(np.mean([value(row) for row in group])) for value in (smallest, largest)))
        for p, group in grouped(seen, "p").items()
    ]
