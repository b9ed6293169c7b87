"""Replaying certificates: small functions of (net, sample, witness) alone, in integer arithmetic.

Doubles are integers times powers of two, so the sums in the KKT conditions are computed without
error; only what follows is rounded, upwards where it bounds something. Nothing here knows how a
witness was found.
"""

from fractions import Fraction
from math import hypot, inf, isqrt, nextafter, sqrt
from typing import NamedTuple

import numpy as np

from univariate.common.arrays import Indices, Mask, Vector
from univariate.common.integers import Whole, whole
from univariate.problem.fitted import Margins, ShallowFitted
from univariate.problem.kernels.sums import total
from univariate.problem.rational import prefix_sums
from univariate.standing.kernels.slackness import excesses
from univariate.standing.replay_large import Charges, leftover

_UP = 1.0 + 2.0**-40  # covers the roundings of a root of a sum of correctly rounded squares

_SMALL = 4096  # neurons and observations, up to which integers of any size are quick enough


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
    distance: float  # largest relative distance of a pinned kink, rounded up; 1 if one turns
    signs: bool  # λ_i ≥ 0 and 0 ≤ weight ≤ λ_i


def stationarity(
    fit: ShallowFitted, multipliers: Vector, remainders: Vector, pins: Pins
) -> Stationarity:
    """Measure θ − Σ_i λ_i y_i h_i with λ = multipliers + remainders.

    h_i is the gradient of N(x_i), with σ' = weight/λ_i for the pinned kinks, at the net θ̂ whose
    pinned kinks have been moved onto their data the shortest way; `distance` is the largest such
    move relative to |(w, b)|, 1 if one turns its neuron round. Sums without error, results rounded
    upwards: for small nets after quotients that are correctly rounded, for large ones as
    `replay_large` says, unless its bound is mostly rounding. Cost O((n + m) log m).
    """
    if fit.net.width + fit.sample.size > _SMALL:
        charges = Charges(multipliers, remainders, pins.neuron, pins.datum, pins.high, pins.low)
        found = leftover(fit, charges)
        if found is not None and not found.coarse:
            return Stationarity(found.residual, found.per_neuron, found.distance, found.signs)
    return by_integers(fit, multipliers, remainders, pins)


def by_integers(
    fit: ShallowFitted, multipliers: Vector, remainders: Vector, pins: Pins
) -> Stationarity:
    """Measure the same on integers of some hundred bits; quotients are correctly rounded."""
    net, sample = fit.net, fit.sample
    (v, w, b), theta_unit = fit.parameters
    data, before = _in_sums(multipliers, remainders, pins)
    datum, pinned = before[pins.datum], pins.neuron
    x, one = whole(sample.x[data])
    lam, weight, unit = _weights(multipliers[data], remainders[data], pins)
    signs = bool(np.all(lam >= 0) and np.all((weight >= 0) & (weight <= lam[datum])))
    positive = sample.y[data] > 0.0
    charge = np.where(positive, lam, -lam)
    left = net.w < 0.0
    cut = before[fit.cut]
    cut[pinned] = datum + ~left[pinned]
    # A = Σ λ_i y_i x_i and B = Σ λ_i y_i of the data that a neuron is active on
    first, second = (_on_active_side(part, cut, left) for part in (charge * x, charge))
    share = np.where(positive[datum], weight, -weight)
    first[pinned] += share * x[datum]
    second[pinned] += share
    second *= one
    scale = unit * one
    outer = v * scale - w * first - b * second
    # v − ŵ A − b̂ B with (ŵ, b̂) = (w, b) − z (x, 1)/(x² + 1), z = w x + b
    z = w[pinned] * x[datum] + b[pinned] * one
    square = x[datum] * x[datum] + one * one
    turned = z * (x[datum] * first[pinned] + one * second[pinned])
    outer[pinned] = outer[pinned] * square + turned
    norm = isqrt(int(fit.norm_squared * theta_unit**2))
    bottom = scale * max(1, norm)
    bottoms = np.full(net.width, bottom, dtype=object)
    bottoms[pinned] = square * bottom
    rows = (outer, bottoms), (w * scale - v * first, bottom), (b * scale - v * second, bottom)
    parts = (quotients(*row).tolist() for row in rows)
    residuals = np.array(list(map(hypot, *parts)))
    size = nextafter(_UP * sqrt(total(residuals**2)), inf)
    # (ŵ, b̂) = (w − b x) (1, −x)/(x² + 1): looking the other way, a neuron has other gradients
    ahead = w[pinned] * one - b[pinned] * x[datum]
    turns = bool(np.any(np.where(left[pinned], ahead > 0, ahead < 0)))
    distance = 1.0 if turns else _largest_distance(z, square, w[pinned], b[pinned])
    return Stationarity(size, residuals, distance, signs)


def _in_sums(multipliers: Vector, remainders: Vector, pins: Pins) -> tuple[Indices, Indices]:
    """Return the data with a multiplier or a pin, and how many of them are before each datum."""
    used = (multipliers != 0.0) | (remainders != 0.0)
    used[pins.datum] = True
    return np.flatnonzero(used), np.append(0, np.cumsum(used))


def _on_active_side(terms: Whole, cut: Indices, left: Mask) -> Whole:
    """Return, of every neuron, the sum of the terms of the data before its cut, or of the others
    unless it is left-oriented.
    """
    sums = prefix_sums(terms)
    found = sums[cut]
    return np.where(left, found, sums[-1] - found)


def _weights(multipliers: Vector, remainders: Vector, pins: Pins) -> tuple[Whole, Whole, int]:
    """Return λ_i and the weights λ_i σ'_ij as integers, and their unit."""
    parts, unit = whole(np.concatenate([multipliers, pins.high, remainders, pins.low]))
    high, low = np.split(parts, 2)
    both = high + low
    return both[: len(multipliers)], both[len(multipliers) :], unit


class Slackness(NamedTuple):
    """By how much margins with multipliers exceed the smallest, scaled to 1; rounded up."""

    mean: float  # Σ λ_i (y_i N(x_i) − 1)/Σ λ_i
    largest: float  # max y_i N(x_i) − 1 where λ_i > 0
    product: float  # max λ_i (y_i N(x_i) − 1)


def slackness(found: Margins, multipliers: Vector, remainders: Vector) -> Slackness:
    """Measure complementary slackness of λ = multipliers + remainders. Cost O(m)."""
    low = found.low
    # below the resolution of its bounds: which margins are how much larger is not known
    if not low > 0.0:
        return Slackness(inf, inf, inf)
    lam, excess, products = excesses(found.values, found.bounds, multipliers, remainders, low)
    mass = total(lam)
    mean = total(products) / mass * _UP if mass > 0.0 else 0.0
    return Slackness(mean, float(excess.max(initial=0.0)), float(products.max(initial=0.0)))


def improvement(fit: ShallowFitted, witness: ShallowFitted) -> Fraction | None:
    """Return ‖net‖² − ‖witness‖², the net scaled to worst margin 1; None unless better.

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


def quotients(numerators: Whole, denominators: Whole | int) -> Vector:
    """Return the same of arrays of integers, elementwise."""
    try:
        return np.asarray(numerators / denominators, dtype=np.float64)
    except OverflowError:
        return np.asarray(np.frompyfunc(quotient, 2, 1)(numerators, denominators), np.float64)


def _largest_distance(z: Whole, square: Whole, w: Whole, b: Whole) -> float:
    """Return the largest |z|/√(square (w² + b²)), rounded up; 0 if every z is 0."""
    off = np.flatnonzero(z != 0)
    if not off.size:
        return 0.0
    z = z[off]
    square = square[off]
    w = w[off]
    b = b[off]
    squares = quotients(z * z, square * (w * w + b * b))
    return nextafter(_UP * sqrt(squares.max()), inf)
