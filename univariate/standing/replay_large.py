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
from univariate.standing.kernels.stationarity import Grid, Pinned, Sums, leftovers, partial_sums

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
    ends = _exponents(sample.x), _exponents(charges.high, charges.low)
    inner = [_exponents(part) for part in (net.v, net.w, net.b)]
    inner.append(_exponents(charges.weight_high, charges.weight_low))
    if any(max(abs(low), abs(high)) > _MODERATE for low, high in (*ends, *inner)):
        return None
    norm = sqrt(nearest(fit.norm_squared)) * (1.0 - 2.0**-50)
    if norm == 0.0:
        return None
    signs = _signs(charges)
    sign = np.where(sample.y > 0.0, 1.0, -1.0)
    sums = _sums(fit, charges, sign, _grid(*ends))
    found, slack, distances = leftovers(net.v, net.w, net.b, sums, _pinned(fit, charges, sign))
    residuals = found / norm * _UP
    if not (np.all(np.isfinite(residuals)) and np.all(np.isfinite(distances))):
        return None
    size = nextafter(_UP * sqrt(total(residuals**2)), inf)
    rounding = sqrt(total((slack / norm) ** 2))
    return Leftover(size, residuals, float(distances.max()) * _UP, signs, rounding)


def _exponents(*parts: Vector) -> tuple[int, int]:
    """Return the least and largest exponent of what is not zero, and of 1/2."""
    least = 0.5
    largest = 0.5
    for part in parts:
        sizes = np.abs(part)
        least = min(least, sizes.min(where=sizes > 0.0, initial=least))
        largest = max(largest, sizes.max(initial=largest))
    return int(np.frexp(least)[1]), int(np.frexp(largest)[1])


def _grid(inputs: tuple[int, int], words: tuple[int, int]) -> Grid:
    """Return limbs for all products of inputs and words, and for sums of 2^31 of them."""
    base = words[0] - 53 + min(0, inputs[0] - 53)
    top = words[1] + max(0, inputs[1]) + 32
    count = (top - base) // 32 + 4
    return Grid(base, np.ldexp(1.0, base + 32 * np.arange(count)))


def _sums(fit: ShallowFitted, charges: Charges, sign: Vector, grid: Grid) -> Sums:
    """Return the sums over the data that each neuron is active on, pinned ones left out."""
    used = (charges.high != 0.0) | (charges.low != 0.0)
    data = np.flatnonzero(used)
    before = np.append(0, np.cumsum(used))
    x = fit.sample.x[data]
    words = [part[data] * sign[data] for part in (charges.high, charges.low)]
    left = fit.net.w < 0.0
    start, stop = fit.cut.copy(), fit.cut.copy()  # active from `start` on, or before `stop`
    stop[charges.neuron] = charges.datum
    start[charges.neuron] = charges.datum + 1
    stop, start = before[stop[left]], before[start[~left]]
    moment = np.zeros((2, fit.net.width))
    mass = np.zeros((2, fit.net.width))
    turns = ((left, stop, 1), (~left, len(data) - start, -1))
    for chosen, cut, step in turns:
        wanted = np.zeros(len(data) + 1, dtype=np.bool_)
        wanted[cut] = True
        places, high, low = (np.ascontiguousarray(part[::step]) for part in (x, *words))
        moments, masses = partial_sums(places, high, low, wanted, grid)
        moment[:, chosen] = moments[:, cut]
        mass[:, chosen] = masses[:, cut]
    return Sums(moment, mass)


def _pinned(fit: ShallowFitted, charges: Charges, sign: Vector) -> Pinned:
    width = fit.net.width
    on: Mask = np.zeros(width, dtype=np.bool_)
    x = np.zeros(width)
    share = np.zeros((2, width))
    on[charges.neuron] = True
    x[charges.neuron] = fit.sample.x[charges.datum]
    turned = sign[charges.datum]
    share[0, charges.neuron] = charges.weight_high * turned
    share[1, charges.neuron] = charges.weight_low * turned
    return Pinned(on, x, share)


def _signs(charges: Charges) -> bool:
    """Whether λ ≥ 0 and 0 ≤ weight ≤ λ. Exact: a rounded sum of two has the sign of the sum."""
    high, low = charges.high[charges.datum], charges.low[charges.datum]
    if np.any(charges.high + charges.low < 0.0):
        return False
    if np.any(charges.weight_high + charges.weight_low < 0.0):
        return False
    same = (charges.weight_high == high) & (charges.weight_low == low)
    first = high - charges.weight_high
    size = np.abs(high) + np.abs(low) + np.abs(charges.weight_high) + np.abs(charges.weight_low)
    clear = first + (low - charges.weight_low) > 2.0**-50 * size
    for k in np.flatnonzero(~(same | clear)).tolist():
        parts = high[k], low[k], -charges.weight_high[k], -charges.weight_low[k]
        if sum(Fraction(float(part)) for part in parts) < 0:
            return False
    return True
