"""Angles between vectors as parts of a full turn, with ties decided in exact arithmetic.

Whether two vectors are parallel, orthogonal, or at an acute angle is a matter of signs of integers.
The propositions rest on such ties, L_cl = ½ or 2^−n, which rounded angles could not decide.
"""

from collections.abc import Sequence
from math import atan2, dist, hypot, pi
from typing import Final, NamedTuple

import numpy as np
from numpy.typing import NDArray

from highdim.error.estimate import Estimate, enclosure
from univariate.common.arrays import Matrix

Exact = Sequence[int]

ROUNDING: Final = 2.0**-49
"""Bound on the rounding error of a turn: entries, norms, distances and the arctangent are off by a
few ulps each.
"""

ONE_BY_ONE: Final = 200_000
"""Largest number of exact products spent on signs of inner products that rounding leaves open."""

LEAST_DOUBLE: Final = 1074
"""2^−1074 is the least positive double."""

TINY: Final = 2.0**-900
"""Stands for a cosine whose sign is known and whose size is not."""


class Share(NamedTuple):
    """A probability or a part of a turn, and an enclosure."""

    value: float
    low: float
    high: float

    def estimate(self, method: str) -> Estimate:
        """Return it as a clean error that nothing was sampled for."""
        return enclosure(*self, 0, method)


def exact(row: Sequence[float] | NDArray[np.float64], factor: float | None = None) -> list[int]:
    """Return the row as integers, exactly, in units of the least double.

    With a factor, factor · row in units of its square.
    """
    numbers = [_in_least_doubles(entry) for entry in row]
    if factor is None:
        return numbers
    scale = _in_least_doubles(factor)
    return [scale * number for number in numbers]


def inner(first: Exact, second: Exact) -> int:
    """Return the inner product."""
    return sum(a * b for a, b in zip(first, second, strict=True) if a and b)


def turn(first: Exact, second: Exact) -> Share:
    """Return the angle between two vectors that are not zero, as a part of a full turn in [0, ½].

    Exact at 0, ¼ and ½, on the right side of ¼ always, and within 2^-49 elsewhere. Kahan's formula,
    which is as good at small angles as at large ones. Cost O(d) products of integers of up to 4200
    bits.
    """
    product = inner(first, second)
    if product == 0:
        return Share(0.25, 0.25, 0.25)
    if product**2 == inner(first, first) * inner(second, second):
        straight = 0.0 if product > 0 else 0.5
        return Share(straight, straight, straight)
    a = _unit(first)
    b = _unit(second)
    value = atan2(dist(a, b), dist(a, [-entry for entry in b])) / pi
    # the sign of the product is exact, so is the side of ¼
    bottom, top = (0.0, 0.25) if product > 0 else (0.25, 0.5)
    low = max(value - ROUNDING, bottom)
    high = min(value + ROUNDING, top)
    return Share(min(max(value, low), high), low, high)


def cosines(W: Matrix) -> tuple[Matrix, Matrix]:
    """Return the cosines between rows that are not zero, and bounds on their errors, (k, k) each.

    The sign of a cosine is certain wherever its bound is 0; a cosine within rounding of 0 gets its
    sign from exact arithmetic, if there are not too many. Cost O(k² d).
    """
    scaled = np.ldexp(W, -np.frexp(np.abs(W).max(axis=1))[1][:, None])
    unit = scaled / np.linalg.norm(scaled, axis=1, keepdims=True)
    found = unit @ unit.T
    common = (unit != 0.0).astype(np.float64)
    slack = (W.shape[1] + 8) * 2.0**-52 * (np.abs(unit) @ np.abs(unit).T)
    # products that left the range of doubles
    slack = np.maximum(slack, TINY * (common @ common.T > 0.0))
    slack[np.abs(found) > slack] = 0.0
    open_pairs = [(i, j) for i, j in np.argwhere(slack > 0.0) if i < j]
    if len(open_pairs) * W.shape[1] <= ONE_BY_ONE:
        for i, j in open_pairs:
            product = inner(exact(W[i]), exact(W[j]))
            size = max(abs(float(found[i, j])), TINY)
            sign = (product > 0) - (product < 0)
            found[i, j] = found[j, i] = sign * size
            slack[i, j] = slack[j, i] = 0.0
    return found, slack


def _in_least_doubles(number: float) -> int:
    """Return number · 2^1074, an integer for every double."""
    numerator, denominator = float(number).as_integer_ratio()
    return numerator << (LEAST_DOUBLE + 1 - denominator.bit_length())


def _unit(vector: Exact) -> list[float]:
    """Return the vector at length one."""
    # integers beyond the range of doubles: quotients by the largest entry are rounded correctly
    largest = max(abs(entry) for entry in vector)
    tame = [float(entry / largest) for entry in vector]
    length = hypot(*tame)
    return [entry / length for entry in tame]
