"""The stops of the dual path, in order, and which of them are neighbours."""

from typing import NamedTuple

import numpy as np

from univariate.common.jit import kernel


class Stops(NamedTuple):
    """Where the path must pass, at `slope`·S + `offset`, from right to left, ends included."""

    position: np.ndarray  # (k,) int, decreasing
    slope: np.ndarray  # (k,) 0 for right-oriented neurons, 1 for left-oriented ones
    offset: np.ndarray  # (k, 2)
    cell: np.ndarray  # (k,) int, index into the cells, −1 at the ends


@kernel
def laid_out(
    order: np.ndarray, position: np.ndarray, left: np.ndarray, direction: np.ndarray, size: int
) -> Stops:
    """The stops of cells (k,) in a given order between the two ends of `size` data."""
    k = len(order)
    places = np.zeros(k + 2, np.int64)
    slope = np.zeros(k + 2)
    offset = np.zeros((k + 2, 2))
    cell = np.full(k + 2, -1)
    for s in range(k):
        j = order[s]
        places[s + 1] = position[j]
        slope[s + 1] = 1.0 if left[j] else 0.0
        for axis in range(2):
            offset[s + 1, axis] = -direction[j, axis] if left[j] else direction[j, axis]
        cell[s + 1] = j
    places[0] = 2 * size
    slope[k + 1] = 1.0
    return Stops(places, slope, offset, cell)


@kernel
def groups(position: np.ndarray, slope: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """Begin of each run of stops at one position, with len(position) appended, (g + 1,); and the
    first stop of the other slope in runs on a datum, −1 if there is none, (g,).
    """
    start = np.empty(len(position) + 1, np.int64)
    other = np.full(len(position), -1)
    g = 0
    for i in range(len(position)):
        if i == 0 or position[i] != position[i - 1]:
            start[g] = i
            g += 1
        elif other[g - 1] < 0 and position[i] % 2 == 1 and slope[i] != slope[start[g - 1]]:
            other[g - 1] = i
    start[g] = len(position)
    return start[: g + 1], other[:g]


@kernel
def neighbours(position: np.ndarray, slope: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """Pairs (far, near) of stops whose difference is a condition, (q,) each.

    position : (k,) decreasing; slope : (k,). They are neighbours at one position, or from one
    position to the next. In a gap all points must agree, so its last stop is compared with the next
    position, and its first with the one before. On a datum the order of right- and left-oriented
    kinks depends on S, so the first stop of each orientation is compared with both.
    """
    start, other = groups(position, slope)
    far = np.empty(len(position) + 4 * len(other), np.int64)
    near = np.empty(len(position) + 4 * len(other), np.int64)
    q = 0
    for i in range(1, len(position)):
        if position[i] == position[i - 1]:
            far[q], near[q] = i - 1, i
            q += 1
    for leaving in range(2):
        for entering in range(2):
            for g in range(len(other) - 1):
                begin = start[g]
                first = begin if position[begin] % 2 == 1 else start[g + 1] - 1
                out = other[g] if leaving else first
                into = other[g + 1] if entering else start[g + 1]
                if out >= 0 and into >= 0:
                    far[q], near[q] = out, into
                    q += 1
    return far[:q], near[:q]
