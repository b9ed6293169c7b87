"""Replaying certificates: small functions of (net, sample, witness) alone, in integer arithmetic.

Doubles are integers times powers of two, so the sums in the KKT conditions are computed without
error; only final quotients are rounded, upwards where they bound something. Nothing here knows how
a witness was found.
"""

from fractions import Fraction
from itertools import accumulate
from math import fsum, hypot, inf, isqrt, nextafter, sqrt
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from univariate.problem.exact import exact_norm_squared
from univariate.problem.margins import Margins, margins_reach, smallest_margin
from univariate.problem.network import ReluNet
from univariate.problem.rational import integers
from univariate.problem.sample import Sample
from univariate.problem.sweep import rounded_kinks

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
    net: ReluNet, sample: Sample, multipliers: Vector, remainders: Vector, pins: Pins
) -> Stationarity:
    """Measure θ − Σ_i λ_i y_i h_i with λ = multipliers + remainders.

    h_i is the gradient of N(x_i), with σ' = weight/λ_i for the pinned kinks, at the net θ̂ whose
    pinned kinks have been moved onto their data the shortest way; `distance` is the largest such
    move relative to |(w, b)|. Sums without error, quotients correctly rounded, results upwards.
    Cost O((n + m) log m) on integers of some hundred bits.
    """
    parts, _ = whole(np.concatenate([net.v, net.w, net.b]))
    v, w, b = parts[: net.width], parts[net.width : 2 * net.width], parts[2 * net.width :]
    x, one = points(sample.x)
    count, size = sample.size, len(pins.datum)
    lam, unit = whole(np.concatenate([multipliers, remainders, pins.high, pins.low]))
    weight = [
        p + q
        for p, q in zip(lam[2 * count : 2 * count + size], lam[2 * count + size :], strict=True)
    ]
    lam = [p + q for p, q in zip(lam[:count], lam[count : 2 * count], strict=True)]
    datum, plus = pins.datum.tolist(), (sample.y > 0.0).tolist()
    signs = min(lam) >= 0 and all(0 <= q <= lam[i] for q, i in zip(weight, datum, strict=True))
    charge = [q if positive else -q for q, positive in zip(lam, plus, strict=True)]
    mass = list(accumulate(charge, initial=0))
    moment = list(accumulate((q * t for q, t in zip(charge, x, strict=True)), initial=0))
    cut, pin_of = (
        active_from(net, sample.x).tolist(),
        dict(zip(pins.neuron.tolist(), range(size), strict=True)),
    )
    scale, norm = unit * one, max(1, isqrt(sum(p * p for p in parts)))
    residuals, distance = [], 0.0
    for j in range(net.width):
        pin, left = pin_of.get(j), w[j] < 0
        k = cut[j] if pin is None else datum[pin] + (not left)
        first, second = (
            (moment[k], mass[k]) if left else (moment[-1] - moment[k], mass[-1] - mass[k])
        )
        outer, square = v[j] * scale - w[j] * first - b[j] * second * one, 1
        if pin is not None:
            i = datum[pin]
            share = weight[pin] if plus[i] else -weight[pin]
            first, second = first + share * x[i], second + share
            # v − ŵ A − b̂ B with (ŵ, b̂) = (w, b) − z (x, 1)/(x² + 1), z = w x + b
            z, square = w[j] * x[i] + b[j] * one, x[i] * x[i] + one * one
            outer = (v[j] * scale - w[j] * first - b[j] * second * one) * square + z * (
                x[i] * first + one * one * second
            )
            distance = max(distance, _distance(z, square, w[j], b[j]))
        inner = (w[j] * scale - v[j] * first, b[j] * scale - v[j] * second * one)
        bottom = scale * norm
        residuals.append(
            hypot(quotient(outer, square * bottom), *(quotient(p, bottom) for p in inner))
        )
    total = nextafter(_UP * sqrt(fsum(r * r for r in residuals)), inf)
    return Stationarity(total, np.array(residuals), distance, signs)


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


def improvement(net: ReluNet, sample: Sample, witness: ReluNet) -> Fraction | None:
    """Return by how much ‖witness‖² is smaller than ‖net‖² after scaling to worst margin 1; None
    unless feasible.

    Feasible means every margin ≥ 1, smaller means positive; both exact. The net must interpolate.
    """
    if not margins_reach(witness, sample, 1.0).all():
        return None
    decrease = exact_norm_squared(net) / smallest_margin(net, sample) - exact_norm_squared(witness)
    return decrease if decrease > 0 else None


def active_from(net: ReluNet, x: Vector) -> Indices:
    """Return for every neuron the k with w x_i + b > 0 for exactly i ≥ k if w ≥ 0, i < k if w < 0.

    Exact: x below or above a correctly rounded kink is below or above the kink. Cost O(n log m).
    """
    kinks = rounded_kinks(net.w, net.b)
    kinks = np.where(net.w == 0.0, np.where(net.b > 0.0, -inf, inf), kinks)
    first, last = np.searchsorted(x, kinks), np.searchsorted(x, kinks, side="right")
    for j in np.flatnonzero(last > first):
        inside = (
            Fraction(float(net.w[j])) * Fraction(float(x[first[j]])) + Fraction(float(net.b[j])) > 0
        )
        if inside == (net.w[j] < 0.0):
            first[j] = last[j]
    return first


def points(x: Vector) -> tuple[list[int], int]:
    """Return integers X and a positive integer `one` with x = X/one exactly."""
    found, unit = whole(np.concatenate([x, [1.0]]))
    return found[:-1], found[-1] if unit else 1


def whole(values: Vector) -> tuple[list[int], int]:
    """Return integers and a power of two `unit` with values = integers/unit, or integers·2^k where
    all are large.
    """
    mantissas, exponents = integers(values)
    least = min([0, *(e for m, e in zip(mantissas, exponents, strict=True) if m)])
    return [
        m << (e - least) if m else 0 for m, e in zip(mantissas, exponents, strict=True)
    ], 1 << -least


def quotient(numerator: int, denominator: int) -> float:
    """Return the correctly rounded quotient, ±inf beyond the range of doubles."""
    try:
        return numerator / denominator
    except OverflowError:
        return inf if numerator > 0 else -inf


def _distance(z: int, square: int, w: int, b: int) -> float:
    """Return |z|/√(square (w² + b²)) rounded up."""
    return nextafter(_UP * sqrt(quotient(z * z, square * (w * w + b * b))), inf) if z else 0.0
