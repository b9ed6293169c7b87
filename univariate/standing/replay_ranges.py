"""Ranges of observations, one for every neuron, as those that its kink is near, and sums of lines
over them in integers.
"""

from math import inf, sqrt
from typing import NamedTuple

import numpy as np

from univariate.common.arrays import Indices, Mask, Vector
from univariate.common.integers import Whole
from univariate.problem.fitted import ShallowFitted


class Ranges(NamedTuple):
    """Observations first, …, stop − 1, for every neuron; none unless first < stop."""

    first: Indices
    stop: Indices

    @property
    def some(self) -> Mask:
        """Where there are any."""
        return self.first < self.stop

    def take(self, chosen: Indices) -> "Ranges":
        """Return those of some neurons."""
        return Ranges(self.first[chosen], self.stop[chosen])

    def on_side(self, left: Mask, cut: Indices) -> "Ranges":
        """Return what of them is left of a cut where that is wanted, and else what is right."""
        first = np.where(left, self.first, np.maximum(self.first, cut))
        return Ranges(first, np.where(left, np.minimum(self.stop, cut), self.stop))


def near(fit: ShallowFitted, reach: float) -> Ranges:
    """Return the observations within a relative `reach` of every kink, and some just beyond it.

    Cost O(n + k log m) for k kinks that have any.
    """
    neurons, found = near_some(fit, reach)
    first, stop = np.zeros((2, fit.net.width), dtype=np.intp)
    first[neurons] = found.first
    stop[neurons] = found.stop
    return Ranges(first, stop)


def near_some(fit: ShallowFitted, reach: float) -> tuple[Indices, Ranges]:
    """Return the neurons whose kinks have such observations, and these.

    They are on both sides of its cut: arctan x is within arcsin `reach` of arctan of the kink. If
    neither of its neighbours is one of them, none is.
    """
    x = fit.sample.x
    low, high = _limits(fit.kinks, reach, x)
    left = np.maximum(fit.passed, 1) - 1
    right = np.minimum(fit.passed, len(x) - 1)
    some = (x[left] >= low) | (x[right] <= high)
    # a neuron without a line has no kink
    some &= (fit.net.w != 0.0) | (fit.net.b != 0.0)
    neurons = np.flatnonzero(some)
    first = np.searchsorted(x, low[neurons])
    return neurons, Ranges(first, np.searchsorted(x, high[neurons], side="right"))


def _limits(kinks: Vector, reach: float, x: Vector) -> tuple[Vector, Vector]:
    """Return between which inputs a kink is within a relative reach.

    At infinity it is at both ends of the line: near all inputs, if there are any at the one that it
    does not look from.
    """
    # of the largest angle, and more than roundings take
    tangent = reach / sqrt(1.0 - reach**2) * (1.0 + 2.0**-20) + 2.0**-48
    with np.errstate(all="ignore"):
        below = 1.0 + tangent * kinks
        above = 1.0 - tangent * kinks
        low = np.where(below > 0.0, (kinks - tangent) / below, -inf)
        high = np.where(above > 0.0, (kinks + tangent) / above, inf)
    low[kinks == inf] = 1.0 / tangent if x[0] > -1.0 / tangent else -inf
    high[kinks == -inf] = -1.0 / tangent if x[-1] < 1.0 / tangent else inf
    return low, high


class Lines:
    """Σ slope · x_i + rise over the lines whose range holds i, without error. Cost O(1) a line."""

    def __init__(self, x: Whole, one: int) -> None:
        self._x, self._one = x, one  # inputs x/one
        self._changes = np.zeros((2, len(x) + 1), dtype=object)

    def add(self, over: Ranges, slope: Whole, rise: Whole) -> None:
        """Add a line for every range."""
        some = np.flatnonzero(over.some)
        for sums, change in zip(self._changes, (slope[some], rise[some]), strict=True):
            np.add.at(sums, over.first[some], change)
            np.subtract.at(sums, over.stop[some], change)

    def sums(self) -> Whole:
        """Return the sums at all observations, times `one`."""
        slope, rise = np.cumsum(self._changes, axis=1)[:, :-1]
        return np.asarray(slope * self._x + rise * self._one)
