"""Margins in rational arithmetic, for the observations whose sign rounding hides."""

from collections.abc import Sequence
from fractions import Fraction
from typing import Final

import numpy as np

from highdim.problem.network import Network
from univariate.common.arrays import Indices, Mask, Matrix, Vector

_LARGEST: Final = 2 * 10**6
"""Products of one margin beyond which it is left undecided: some seconds of work."""


def exact_value(net: Network, x: Vector) -> Fraction:
    """Return N(x). Exact; cost a rational product for every parameter."""
    hidden = [Fraction(entry) for entry in x.tolist()]
    for weight, bias in net.hidden:
        offsets = [0.0] * len(weight) if bias is None else bias.tolist()
        hidden = [
            max(Fraction(0), _dot(row, hidden) + Fraction(offset))
            for row, offset in zip(weight.tolist(), offsets, strict=True)
        ]
    return _dot(net.v.tolist(), hidden)


def _dot(row: Sequence[float], point: Sequence[Fraction]) -> Fraction:
    pairs = zip(row, point, strict=True)
    return sum((Fraction(a) * b for a, b in pairs if a and b), Fraction(0))


def settled(net: Network, X: Matrix, y: Vector, doubtful: Indices) -> tuple[Mask, Mask]:
    """Return which of some margins y_i N(x_i) are positive, and which are not. Exact.

    Both are False for nets that are too large for rational arithmetic.
    """
    positive = np.zeros(len(doubtful), dtype=np.bool_)
    if net.size > _LARGEST or net.size * len(doubtful) > 16 * _LARGEST:
        return positive, positive.copy()
    for k, i in enumerate(doubtful.tolist()):
        positive[k] = exact_value(net, X[i]) * int(y[i]) > 0
    return positive, ~positive
