"""Validation of matrices at the public door; the rest is done by `univariate.common.check`."""

import math
from typing import Any

import numpy as np

from univariate.common.arrays import Matrix, Vector
from univariate.common.check import count, real_array

# coordinates beyond this are refused: sums of their products would leave the range of doubles
FAR = 2.0**500


def matrix(name: str, value: Any, *, rows: int | None = None, columns: int | None = None) -> Matrix:
    """Return `value` as a fresh read-only float64 matrix of finite numbers, lifted exactly.

    Raises
    ------
    TypeError
        Not real numbers.
    ValueError
        Not two-dimensional, empty, not finite, or not of the wanted numbers of rows and columns.
    """
    array = real_array(name, value)
    if array.ndim != 2:
        remedy = _as_matrix(name, array.shape, rows, columns)
        raise ValueError(f"`{name}` must be two-dimensional, got shape {array.shape}; {remedy}")
    if array.size == 0:
        raise ValueError(
            f"`{name}` must not be empty, got shape {array.shape}; pass at least one row and one"
            " column"
        )
    if rows not in (None, array.shape[0]) or columns not in (None, array.shape[1]):
        wanted = ", ".join(str(size or "any") for size in (rows, columns))
        turned = array.shape[::-1]
        fits = rows in (None, turned[0]) and columns in (None, turned[1])
        remedy = f"pass numpy.transpose({name})" if fits else _of_size(rows, columns)
        raise ValueError(f"`{name}` must have shape ({wanted}), got {array.shape}; {remedy}")
    array.setflags(write=False)
    return array


def _as_matrix(name: str, shape: tuple[int, ...], rows: int | None, columns: int | None) -> str:
    """Return what makes a matrix of the wanted size of an array of another number of axes."""
    size = math.prod(shape)
    ways = []
    if len(shape) == 1 and rows in (None, size) and columns in (None, 1):
        ways.append(f"numpy.reshape({name}, (-1, 1)) for one coordinate")
    if len(shape) == 1 and rows in (None, 1) and columns in (None, size):
        ways.append(f"numpy.reshape({name}, (1, -1)) for a single row")
    if ways:
        return f"pass {', or '.join(ways)}"
    is_deep = len(shape) > 2 and rows in (None, shape[0])
    if is_deep and columns is not None and shape[0] * columns == size:
        return f"pass numpy.reshape({name}, ({shape[0]}, {columns}))"
    return _of_size(rows, columns)


def _of_size(rows: int | None, columns: int | None) -> str:
    """Return in words what matrix is wanted."""
    parts = [f"{size} {one}" for size, one in ((rows, "row(s)"), (columns, "column(s)")) if size]
    return f"pass a 2-d array{' of ' if parts else ''}{' and '.join(parts)}"


def label_counts(y: Vector) -> tuple[int, int]:
    """Return how many labels are +1, and how many −1."""
    plus = int(np.sum(y > 0.0))
    return plus, len(y) - plus


def possible_counts(m_plus: Any, m_minus: Any) -> tuple[int, int]:
    """Return numbers of labels +1 and −1; raise TypeError or ValueError for those of no sample."""
    counts = count("m_plus", m_plus, least=0), count("m_minus", m_minus, least=0)
    if not any(counts):
        raise ValueError(
            "`m_plus` + `m_minus` must be at least 1, got 0 + 0; pass the label counts of a sample"
        )
    return counts


def points(name: str, value: Any, dimension: int) -> Matrix:
    """Return `value` as a matrix (k, dimension) of points with coordinates up to 2^500."""
    array = matrix(name, value, columns=dimension)
    largest = max(float(array.max()), -float(array.min()))
    if largest > FAR:
        raise ValueError(
            f"`{name}` must have coordinates up to 2**500, got {largest}; rescale the input"
        )
    return array
