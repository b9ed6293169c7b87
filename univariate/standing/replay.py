"""Replaying certificates: small functions of (net, sample, witness) alone, in integer arithmetic.

Doubles are integers times powers of two, so the sums in the KKT conditions are computed without
error; only final quotients are rounded, upwards where they bound something. Nothing here knows how
a witness was found.
"""

from fractions import Fraction
from math import fsum, hypot, inf, isqrt, nextafter, sqrt
from typing import Final, NamedTuple

import numpy as np
from numpy.typing import NDArray

from univariate.problem.fitted import Margins, ShallowFitted
from univariate.problem.rational import Whole, prefix_sums, whole

Vector = NDArray[np.float64]
Indices = NDArray[np.intp]

_UP = 1.0 + 2.0**-40  # covers the roundings of a root of a sum of correctly rounded squares


class Pins(NamedTuple):
    """Kinks taken to lie on data: neuron, datum, and the weight λ_i σ'_ij = high + low exactly."""

    neuron: Indices  # (k,) each neuron at most once
    datum: Indices  # (k,)
    high: Vector  # (k,)
    low: Vector  # (k,)


class Stationarity(NamedTuple):
    """Bounds on what `stationarity` measures, and whether all signs are right."""

    residual: float  # |θ − Σ λ_i y_i h_i|/|θ|, rounded up
    per_neuron: Vector  # (n,) the same of every neuron's (v, w, b), still relative to |θ|
    distance: float  # largest relative distance of a pinned kink, rounded up
    signs: bool  # λ_i ≥ 0 and 0 ≤ weight ≤ λ_i


def stationarity(
    fit: ShallowFitted, multipliers: Vector, remainders: Vector, pins: Pins
) -> Stationarity:
    """Measure θ − Σ_i λ_i y_i h_i with λ = multipliers + remainders.

    h_i is the gradient of N(x_i), with σ' = weight/λ_i for the pinned kinks, at the net θ̂ whose
    pinned kinks have been moved onto their data the shortest way; `distance` is the largest such
    move relative to |(w, b)|. Sums without error, quotients correctly rounded, results upwards.
    Cost O((n + m) log m) on integers of some hundred bits.
    """
    net, sample = fit.net, fit.sample
    theta, _ = whole(np.stack([net.v, net.w, net.b]))
    v, w, b = theta
    # data without multiplier or pin are in none of the sums
    used = (multipliers != 0.0) | (remainders != 0.0)
    used[pins.datum] = True
    data, before = np.flatnonzero(used), np.append(0, np.cumsum(used))
    datum, pinned = before[pins.datum], pins.neuron
    x, one = whole(sample.x[data])
    count = len(data)
    parts, unit = whole(np.concatenate([multipliers[data], remainders[data], pins.high, pins.low]))
    lam = parts[:count] + parts[count : 2 * count]
    high, low = np.split(parts[2 * count :], 2)
    weight = high + low
    signs = bool(np.all(lam >= 0) and np.all((weight >= 0) & (weight <= lam[datum])))
    positive = sample.y[data] > 0.0
    charge = np.where(positive, lam, -lam)
    mass, moment = prefix_sums(charge), prefix_sums(charge * x)
    left = net.w < 0.0
    cut = before[fit.cut]
    cut[pinned] = datum + ~left[pinned]
    first = np.where(left, moment[cut], moment[-1] - moment[cut])
    second = np.where(left, mass[cut], mass[-1] - mass[cut])
    share = np.where(positive[datum], weight, -weight)
    first[pinned] += share * x[datum]
    second[pinned] += share
    scale = unit * one
    outer = v * scale - w * first - b * second * one
    # v − ŵ A − b̂ B with (ŵ, b̂) = (w, b) − z (x, 1)/(x² + 1), z = w x + b
    z = w[pinned] * x[datum] + b[pinned] * one
    square = x[datum] * x[datum] + one * one
    turned = z * (x[datum] * first[pinned] + one * one * second[pinned])
    outer[pinned] = outer[pinned] * square + turned
    bottom = scale * max(1, isqrt(np.sum(theta * theta)))
    bottoms = np.full(net.width, bottom, dtype=object)
    bottoms[pinned] = square * bottom
    residuals = np.array(
        [
            hypot(*three)
            for three in zip(
                quotients(outer, bottoms),
                quotients(w * scale - v * first, bottom),
                quotients(b * scale - v * second * one, bottom),
                strict=True,
            )
        ]
    )
    total = nextafter(_UP * sqrt(fsum(residuals**2)), inf)
    return Stationarity(total, residuals, _largest_distance(z, square, w[pinned], b[pinned]), signs)


class Slackness(NamedTuple):
    """By how much margins with multipliers exceed the smallest, the net scaled to that being 1;
    rounded up.
    """

    mean: float  # Σ λ_i (y_i N(x_i) − 1)/Σ λ_i
    largest: float  # max y_i N(x_i) − 1 where λ_i > 0
    product: float  # max λ_i (y_i N(x_i) − 1)


def slackness(found: Margins, multipliers: Vector) -> Slackness:
    """Measure complementary slackness. Cost O(m)."""
    low = found.low
    # below the resolution of its bounds: which margins are how much larger is not known
    if not low > 0.0:
        return Slackness(inf, inf, inf)
    excess = (found.values + found.bounds - low) / low * (1.0 + 2.0**-50)
    total, parts = fsum(multipliers), np.where(multipliers > 0.0, multipliers * excess, 0.0)
    mean = fsum(parts) / total * _UP if total > 0.0 else 0.0
    return Slackness(mean, float(excess[multipliers > 0.0].max(initial=0.0)), float(parts.max()))


def improvement(fit: ShallowFitted, witness: ShallowFitted) -> Fraction | None:
    """Return by how much ‖witness‖² is smaller than ‖net‖² after scaling to worst margin 1; None
    unless feasible.

    Feasible means every margin ≥ 1, smaller means positive; both exact. The net must interpolate.
    """
    if not witness.reach(1.0).all():
        return None
    decrease = fit.scaled_norm_squared - witness.norm_squared
    return decrease if decrease > 0 else None


def quotient(numerator: int, denominator: int) -> float:
    """Return the correctly rounded quotient, ±inf beyond the range of doubles."""
    try:
        return numerator / denominator
    except OverflowError:
        return inf if numerator > 0 else -inf


quotients: Final = np.frompyfunc(quotient, 2, 1)
"""The same of arrays of integers, elementwise."""


def _largest_distance(z: Whole, square: Whole, w: Whole, b: Whole) -> float:
    """Return the largest |z|/√(square (w² + b²)), rounded up; 0 if every z is 0."""
    off = np.flatnonzero(z != 0)
    if not off.size:
        return 0.0
    squares = quotients(z[off] ** 2, square[off] * (w[off] ** 2 + b[off] ** 2))
    return nextafter(_UP * sqrt(max(squares)), inf)
