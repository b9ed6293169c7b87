"""Columns of inputs that look like copies of the labels, which would be coordinates."""

from collections.abc import Iterable
from typing import Any, Final
from weakref import WeakValueDictionary

import numpy as np

from univariate.common.arrays import Matrix, Vector
from univariate.common.warn import warn

_FEWEST: Final = 8  # rows of a table: a fair coin agrees with fewer often enough

_FEWEST_UNNAMED: Final = 20  # rows of an array, of many columns perhaps

_CODES: Final = (-1.0, 0.0, 1.0, 2.0)
"""What labels are called by numbers."""


_ASKED: Final = WeakValueDictionary[int, Any]()
"""Inputs of samples, by identity: those of samples made of samples were compared before."""


class NamedInputs(np.ndarray[Any, Any]):
    """An array of inputs with what its columns are called; without names nothing is asked of them,
    as where it was said which are meant.
    """

    columns: tuple[str, ...] = ()


def with_names(inputs: Any, names: Iterable[str]) -> NamedInputs:
    """Return inputs that have these names."""
    found = np.asarray(inputs).view(NamedInputs)
    found.columns = tuple(names)
    return found


def warn_of_label_copies(given: Any, inputs: Matrix, labels: Vector) -> None:
    """Warn the caller of this package of inputs (m, d), made of what was `given`, that have two
    values, one for each label, in all rows. Of arrays, which have no names, only those that are
    ±1, 0 and 1, or 1 and 2, in 20 rows or more. Nothing is said of one input, of a few rows, or
    where there is one label alone. Cost O(d), and a pass over columns that begin so.
    """
    is_known = _ASKED.get(id(given)) is given
    _ASKED[id(inputs)] = inputs
    if is_known:
        return
    copy = _copy(given, inputs, labels)
    if copy is None:
        return
    names = getattr(given, "columns", None)
    called = f"column {copy} of `X`" if names is None else f"the input {str(names[copy])!r}"
    warn(
        f"{called} has one value for each label in all {len(labels)} rows, as a copy of the labels"
        f" has; drop it if it is one, else {_way_on(names, inputs[:, copy])}"
    )


def _copy(given: Any, inputs: Matrix, labels: Vector) -> int | None:
    """Return the first column of inputs that looks like a copy of the labels, if any does."""
    names = getattr(given, "columns", None)
    fewest = _FEWEST_UNNAMED if names is None else _FEWEST
    if inputs.ndim != 2 or inputs.shape[1] < 2 or len(labels) < fewest:
        return None
    if np.all(labels == labels[0]):
        return None
    alike = labels == labels[0]
    other = int(np.argmin(alike))
    may = inputs[0] != inputs[other]
    if names is None:
        may &= np.isin(inputs[0], _CODES) & np.isin(inputs[other], _CODES)
    elif len(names) != inputs.shape[1]:
        return None
    return next((k for k in np.flatnonzero(may).tolist() if _tells(inputs[:, k], alike)), None)


def _way_on(names: Any, column: Vector) -> str:
    """Return what to do where such an input is meant."""
    ways = "name the columns that are meant by columns= (--columns)"
    if names is None:
        return "pass this warning over by warnings.filterwarnings"
    if np.all(np.isin(column, _CODES)):
        return f"{ways}, or pass this warning over by warnings.filterwarnings"
    return f"{ways}, or pass X.to_numpy() for a table in memory"


def _tells(column: Vector, alike: Any) -> bool:
    """Whether a column has one value where labels are as the first, and another elsewhere."""
    if not np.array_equal(column == column[0], alike):
        return False
    others = column[~alike]
    return bool(np.all(others == others[0]))
