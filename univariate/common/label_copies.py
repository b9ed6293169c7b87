"""Columns of tables that look like copies of the labels, which would be coordinates of inputs."""

from collections.abc import Iterable
from typing import Any, Final

import numpy as np

from univariate.common.arrays import Matrix, Vector
from univariate.common.warn import warn

_FEWEST: Final = 8  # rows: a fair coin agrees with fewer often enough


def warn_of_label_copies(names: Iterable[Any], inputs: Matrix, labels: Vector) -> None:
    """Warn the caller of this package of inputs (m, d) of a table that have two values, one for
    each label, in all rows. Nothing is said of arrays, which have no names, of tables of one input
    or of a few rows, or where there is one label alone. Cost a pass over the inputs.
    """
    called = [str(name) for name in names]
    several = inputs.ndim == 2 and inputs.shape[1] == len(called) > 1
    if not several or len(labels) < _FEWEST or np.all(labels == labels[0]):
        return
    alike = labels == labels[0]
    pairs = zip(called, inputs.T, strict=True)
    copy = next((name for name, column in pairs if _tells(column, alike)), None)
    if copy is None:
        return
    warn(
        f"the input {copy!r} has one value for each label in all {len(labels)} rows, as a copy"
        " of the labels has; drop it if it is one, else name the columns that are meant by columns="
        " (--columns), or pass X.to_numpy() for a table in memory"
    )


def _tells(column: Vector, alike: Any) -> bool:
    """Whether a column has one value where labels are as the first, and another elsewhere."""
    if not np.array_equal(column == column[0], alike):
        return False
    others = column[~alike]
    return bool(np.all(others == others[0]))
