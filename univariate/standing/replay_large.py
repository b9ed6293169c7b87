"""What multipliers leave of a large net: exact sums in compiled code, rounded upwards.

Integers of any size are exact but slow; here sums of multipliers are integers of a fixed size, and
what follows is done in double-doubles with a bound on their rounding. Where numbers are too far
apart for that, nothing is said. Shares no code with those that search multipliers.
"""

from fractions import Fraction
from math import inf, nextafter, sqrt
from typing import NamedTuple

import numpy as np

from univariate.common.arrays import Indices, Mask, Vector
from univariate.common.rounding import nearest
from univariate.problem.fitted import ShallowFitted
from univariate.problem.kernels.sums import total
from univariate.standing.kernels.exact_sums import Grid, Survey, neuron_sums, survey
from univariate.standing.kernels.stationarity import Pinned, leftovers

_UP = 1.0 + 2.0**-40  # covers the roundings of roots of sums of squares
_MODERATE = 200  # exponents: products of three keep all their digits
# of a residual that may be rounding, and what is far below any tolerance
_SHARE, _NEGLIGIBLE = 2.0**-6, 1e-14


class Charges(NamedTuple):
    """Multipliers λ = high + low, and of pinned kinks the weights λ_i σ'_ij, as two words each."""

    high: Vector  # (m,)
    low: Vector  # (m,)
    neuron: Indices  # (k,)
    datum: Indices  # (k,)
    weight_high: Vector  # (k,)
    weight_low: Vector  # (k,)


class Leftover(NamedTuple):
    """|θ_j − Σ λ_i y_i h_ij|/|θ| of every neuron and in all, and distances; rounded upwards."""

    residual: float
    per_neuron: Vector
    distance: float
    signs: bool
    slack: float  # of the residual, for rounding

    @property
    def coarse(self) -> bool:
        """Whether the residual may well be mostly rounding."""
        return self.slack > max(_SHARE * self.residual, _NEGLIGIBLE)


def leftover(fit: ShallowFitted, charges: Charges) -> Leftover | None:
    """Return upper bounds on what `stationarity` measures, or None where numbers leave a range of
    exponents, and for the zero net.

    They exceed it by a relative 2^−40, and by 2^−90 of the sizes of the products in a neuron's
    condition. Cost O((n + m) log m).
    """
    net, sample = fit.net, fit.sample
    inputs = survey(sample.x[[0, -1]], _beside_zero(sample.x))
    words = survey(charges.high, charges.low)
    weights = survey(charges.weight_high, charges.weight_low)
    inner = survey(net.w, net.b)
    outer = survey(net.v, net.v)
    ranges = inputs, words, weights, inner, outer
    if any(max(abs(one.least), abs(one.largest)) > _MODERATE for one in ranges):
        return None
    norm = sqrt(nearest(fit.norm_squared)) * (1.0 - 2.0**-50)
    if norm == 0.0:
        return None
    signs = not (words.negative or weights.negative) and _within(charges)
    grid = _grid(inputs, words)
    left = net.w < 0.0
    cut = fit.cut.copy()  # active from there on, or before it
    cut[charges.neuron] = charges.datum + ~left[charges.neuron]
    place = np.zeros((2, sample.size + 1), np.int32)
    sums = neuron_sums(sample.x, sample.y, charges.high, charges.low, cut, left, grid, place)
    found, slack, distances = leftovers(net.v, net.w, net.b, sums, _pinned(fit, charges))
    residuals = found / norm * _UP
    if not (np.all(np.isfinite(residuals)) and np.all(np.isfinite(distances))):
        return None
    size = nextafter(_UP * sqrt(total(residuals**2)), inf)
    rounding = sqrt(total((slack / norm) ** 2))
    return Leftover(size, residuals, float(distances.max()) * _UP, signs, rounding)


def _beside_zero(x: Vector) -> Vector:
    """Return the inputs that are nearest to 0 and not 0, or 0: one from either side."""
    below = x[np.searchsorted(x, 0.0) - 1]
    above = x[np.searchsorted(x, 0.0, side="right") % len(x)]
    return np.array([below, above])


def _grid(inputs: Survey, words: Survey) -> Grid:
    """Return limbs for all products of inputs and words, and for sums of 2^28 of them."""
    base = words.least - 53 + min(0, inputs.least - 53)
    top = words.largest + max(0, inputs.largest) + 32
    count = (top - base) // 32 + 2  # a mantissa touches three limbs, the highest below 2^top
    return Grid(base, np.ldexp(1.0, base + 32 * np.arange(count)))


def _pinned(fit: ShallowFitted, charges: Charges) -> Pinned:
    width = fit.net.width
    on: Mask = np.zeros(width, dtype=np.bool_)
    x = np.zeros(width)
    share = np.zeros((2, width))
    on[charges.neuron] = True
    x[charges.neuron] = fit.sample.x[charges.datum]
    label = fit.sample.y[charges.datum]
    share[0, charges.neuron] = charges.weight_high * label
    share[1, charges.neuron] = charges.weight_low * label
    return Pinned(on, x, share)


def _within(charges: Charges) -> bool:
    """Whether weight ≤ λ. Exact."""
    high, low = charges.high[charges.datum], charges.low[charges.datum]
    same = (charges.weight_high == high) & (charges.weight_low == low)
    first = high - charges.weight_high
    size = np.abs(high) + np.abs(low) + np.abs(charges.weight_high) + np.abs(charges.weight_low)
    clear = first + (low - charges.weight_low) > 2.0**-50 * size
    for k in np.flatnonzero(~(same | clear)).tolist():
        parts = high[k], low[k], -charges.weight_high[k], -charges.weight_low[k]
        if sum(Fraction(float(part)) for part in parts) < 0:
            return False
    return True
