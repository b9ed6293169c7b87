"""Rational arithmetic: values, breakpoints, sublevel sets and clean errors without a rounding.

Float64 numbers are dyadic rationals, so everything a net does to a rational point is a rational
number, and every function below returns that number itself. A net is N(x) = Σ_j v_j max(0, w_j x +
b_j), given by three arrays; a deep net is a list of (weight, bias) with max(0, ·) between the
layers and none after the last.
"""

from collections.abc import Callable, Iterable, Sequence
from fractions import Fraction
from itertools import accumulate, pairwise
from math import lcm

import numpy as np
from numpy.typing import ArrayLike, NDArray

Rational = Fraction | float | int
Function = Callable[[Fraction], Fraction]
Interval = tuple[Fraction, Fraction]
Layers = Sequence[tuple[NDArray[np.float64], NDArray[np.float64]]]
RationalLayers = list[tuple[list[list[Fraction]], list[Fraction]]]

ZERO = Fraction(0)


def fractions(values: ArrayLike) -> list[Fraction]:
    """Return the entries of a flat array as the rationals they are."""
    return [Fraction(value) for value in np.asarray(values, dtype=np.float64).tolist()]


# Values


def net_value(v: ArrayLike, w: ArrayLike, b: ArrayLike, x: Rational) -> Fraction:
    """N(x) = Σ_j v_j max(0, w_j x + b_j)."""
    return _as_function(v, w, b)(Fraction(x))


def deep_value(layers: Layers, x: Rational) -> Fraction:
    """Value at x of a deep net with scalar input and output."""
    return _deep_as_function(layers)(Fraction(x))


def margins(v: ArrayLike, w: ArrayLike, b: ArrayLike, x: ArrayLike, y: ArrayLike) -> list[Fraction]:
    """y_i N(x_i) for every sample point."""
    value = _as_function(v, w, b)
    return [label * value(point) for point, label in zip(fractions(x), fractions(y), strict=True)]


def norm_squared(v: ArrayLike, w: ArrayLike, b: ArrayLike) -> Fraction:
    """Σ_j v_j² + w_j² + b_j²."""
    entries, unit = _over_one_denominator([*fractions(v), *fractions(w), *fractions(b)])
    return Fraction(sum(entry**2 for entry in entries), unit**2)


def _as_function(v: ArrayLike, w: ArrayLike, b: ArrayLike) -> Function:
    """Return N as a function, its parameters converted once to integers over one denominator.

    With x = p/q and integers V, W, B: N(x) = Σ V max(0, W p + B q) / (their denominators · q).
    """
    outer, outer_unit = _over_one_denominator(fractions(v))
    slopes_and_biases, inner_unit = _over_one_denominator([*fractions(w), *fractions(b)])
    slopes, biases = slopes_and_biases[: len(outer)], slopes_and_biases[len(outer) :]
    neurons = list(zip(outer, slopes, biases, strict=True))
    unit = outer_unit * inner_unit

    def value(x: Fraction) -> Fraction:
        p, q = x.numerator, x.denominator
        total = sum(factor * max(0, slope * p + bias * q) for factor, slope, bias in neurons)
        return Fraction(total, unit * q)

    return value


def _over_one_denominator(values: list[Fraction]) -> tuple[list[int], int]:
    """Return the numerators over the least common denominator, and that denominator."""
    unit = lcm(*(value.denominator for value in values))
    return [value.numerator * (unit // value.denominator) for value in values], unit


def _deep_as_function(layers: Layers) -> Function:
    """Return a deep net as a function, its parameters converted once."""
    rational = _rational_layers(layers)
    return lambda x: _last_outputs(rational, x)[0]


def _rational_layers(layers: Layers) -> RationalLayers:
    return [([fractions(row) for row in weight], fractions(bias)) for weight, bias in layers]


def _last_outputs(layers: RationalLayers, x: Fraction) -> list[Fraction]:
    """Outputs at x of the last of `layers`, before any max(0, ·) is applied to them."""
    inputs, outputs = [x], [x]
    for weight, bias in layers:
        outputs = [
            sum((entry * value for entry, value in zip(row, inputs, strict=True)), offset)
            for row, offset in zip(weight, bias, strict=True)
        ]
        inputs = [max(ZERO, value) for value in outputs]
    return outputs


# Where a net bends


def breakpoints(
    v: ArrayLike, w: ArrayLike, b: ArrayLike, low: Rational = 0, high: Rational = 1
) -> list[Fraction]:
    """Return the distinct kinks −b_j/w_j in the open (low, high), ascending; N is linear between
    them.

    Neurons with v_j = 0 or w_j = 0 bend nothing. A point where several kinks cancel is still
    listed.
    """
    neurons = zip(fractions(v), fractions(w), fractions(b), strict=True)
    kinks = {-bias / inner for outer, inner, bias in neurons if outer != 0 and inner != 0}
    return sorted(kink for kink in kinks if low < kink < high)


def deep_breakpoints(layers: Layers, low: Rational = 0, high: Rational = 1) -> list[Fraction]:
    """Return the points in the open (low, high) where a deep net may bend, ascending.

    Before layer k every unit is linear between the points found so far, so its zero crossings
    follow from its values there; they are added and the next layer is looked at.
    """
    rational = _rational_layers(layers)
    points = [Fraction(low), Fraction(high)]
    for depth in range(1, len(rational)):
        outputs = [_last_outputs(rational[:depth], point) for point in points]
        crossings = {
            _crossing(left, right, before, after)
            for (left, right), (befores, afters) in zip(
                pairwise(points), pairwise(outputs), strict=True
            )
            for before, after in zip(befores, afters, strict=True)
            if before * after < 0
        }
        points = sorted({*points, *crossings})
    return points[1:-1]


def _crossing(left: Fraction, right: Fraction, before: Fraction, after: Fraction) -> Fraction:
    """Zero of the line through (left, before) and (right, after), whose values have different
    signs.
    """
    return left + (right - left) * before / (before - after)


# Where a net is at most `level`


def sublevel_intervals(
    value: Function,
    breakpoints: Iterable[Rational],
    low: Rational = 0,
    high: Rational = 1,
    level: Rational = 0,
) -> list[Interval]:
    """Return the maximal intervals of positive length in [low, high] on which `value` is at most
    `level`.

    `value` must be continuous, and linear between consecutive `breakpoints`, which ascend inside
    (low, high). A single point at which `value` touches `level` from above has no length and is
    left out.
    """
    points = [Fraction(low), *map(Fraction, breakpoints), Fraction(high)]
    heights = [value(point) for point in points]
    if level:
        heights = [height - Fraction(level) for height in heights]
    intervals: list[Interval] = []
    for (left, right), (before, after) in zip(pairwise(points), pairwise(heights), strict=True):
        if before > 0 and after > 0:
            continue
        start = left if before <= 0 else _crossing(left, right, before, after)
        end = right if after <= 0 else _crossing(left, right, before, after)
        if start == end:
            continue
        if intervals and intervals[-1][1] == start:
            start = intervals.pop()[0]
        intervals.append((start, end))
    return intervals


def clean_error_intervals(
    v: ArrayLike,
    w: ArrayLike,
    b: ArrayLike,
    low: Rational = 0,
    high: Rational = 1,
    *,
    level: Rational = 0,
) -> list[Interval]:
    """Return the maximal intervals in [low, high] with N ≤ level."""
    return sublevel_intervals(
        _as_function(v, w, b), breakpoints(v, w, b, low, high), low, high, level
    )


def clean_error(
    v: ArrayLike,
    w: ArrayLike,
    b: ArrayLike,
    low: Rational = 0,
    high: Rational = 1,
    *,
    level: Rational = 0,
) -> Fraction:
    """Length of {x in [low, high] : N(x) ≤ level}; N ≡ level on an interval counts whole."""
    return total_length(clean_error_intervals(v, w, b, low, high, level=level))


def deep_clean_error(
    layers: Layers, low: Rational = 0, high: Rational = 1, *, level: Rational = 0
) -> Fraction:
    """Length of {x in [low, high] : N(x) ≤ level} for a deep net."""
    points = deep_breakpoints(layers, low, high)
    return total_length(sublevel_intervals(_deep_as_function(layers), points, low, high, level))


def total_length(intervals: Iterable[Interval]) -> Fraction:
    """Sum of the lengths of disjoint intervals."""
    return sum((end - start for start, end in intervals), ZERO)


# The sample


def nearest_neighbour_error(x: ArrayLike, y: ArrayLike) -> Fraction:
    """Length of {t in [0, 1] : the sample point nearest to t has label −1}, for ascending x.

    The points nearest to x_i reach from the midpoint with x_{i−1} to the midpoint with x_{i+1}, the
    outermost ones to the ends of [0, 1]; whatever of this lies outside [0, 1] is cut off.
    """
    points, labels = fractions(x), fractions(y)
    middles = [(left + right) / 2 for left, right in pairwise(points)]
    borders = [ZERO, *(min(max(middle, ZERO), Fraction(1)) for middle in middles), Fraction(1)]
    cells = zip(pairwise(borders), labels, strict=True)
    return sum((right - left for (left, right), label in cells if label < 0), ZERO)


def dual_ratio_squared(x: ArrayLike, y: ArrayLike, multipliers: ArrayLike) -> Fraction:
    """Supremum over real t of max(D_+(t)², D_−(t)²)/(1 + t²), for ascending x.

    D_+(t) = Σ_{x_i>t} λ_i y_i (x_i − t), D_−(t) = Σ_{x_i<t} λ_i y_i (t − x_i). The multipliers λ ≥
    0 are feasible for the dual of Problem (1) exactly when the result is at most 1. As |t| → ∞ both
    ratios tend to S₀² = (Σ λ_i y_i)², which is part of the supremum.

    Both functions are linear between neighbouring points, and on such a piece (α + s t)² ≤ (α² +
    s²)(1 + t²) by Cauchy–Schwarz, with equality at t = s/α only: the ratio is unimodal in t away
    from its zero, so its largest value is at an end of the piece or at s/α inside it.
    """
    points = fractions(x)
    charges = [a * b for a, b in zip(fractions(multipliers), fractions(y), strict=True)]
    moments = [charge * point for charge, point in zip(charges, points, strict=True)]
    total, moment = sum(charges, ZERO), sum(moments, ZERO)
    pieces = pairwise([None, *points, None])
    left_sums = zip(
        accumulate(charges, initial=ZERO), accumulate(moments, initial=ZERO), strict=True
    )
    ratios = [total**2]
    for (left, right), (charge_left, moment_left) in zip(pieces, left_sums, strict=True):
        # on (left, right): D_−(t) = t·charge_left − moment_left, and D_+(t) = (moment −
        # moment_left) − t·(total − charge_left)
        ratios.append(_largest_ratio(-moment_left, charge_left, left, right))
        ratios.append(_largest_ratio(moment - moment_left, charge_left - total, left, right))
    return max(ratios)


# Stationarity


def kkt_residuals_squared(
    v: ArrayLike,
    w: ArrayLike,
    b: ArrayLike,
    x: ArrayLike,
    y: ArrayLike,
    multipliers: Sequence[Fraction],
    pinned: Iterable[tuple[int, int, Fraction]] = (),
    *,
    moved: bool = True,
) -> tuple[list[Fraction], Fraction]:
    """Return ‖(θ − Σ λ_i y_i h_i)_j‖²/‖θ‖² for every neuron j, and the largest squared distance of
    a pinned kink.

    `pinned` lists (neuron, point, λ_i σ'_ij). h_i is the gradient of N(x_i) with these σ' and 1{w_j
    x_i + b_j > 0} else. With `moved` it is taken at the net in which every pinned (w_j, b_j) is
    replaced by the nearest one with its kink on the point. Distances are those of the (w_j, b_j) so
    moved, relative to ‖(w_j, b_j)‖.
    """
    points, labels = fractions(x), fractions(y)
    pins = {neuron: (point, weight) for neuron, point, weight in pinned}
    norm = norm_squared(v, w, b)
    residuals, farthest = [], ZERO
    for j, (outer, inner, bias) in enumerate(
        zip(fractions(v), fractions(w), fractions(b), strict=True)
    ):
        at, weight = pins.get(j, (-1, ZERO))
        slope, offset = inner, bias
        if at >= 0:
            excess = inner * points[at] + bias
            length = points[at] ** 2 + 1
            farthest = max(farthest, excess**2 / (length * (inner**2 + bias**2)))
            if moved:
                slope, offset = inner - excess * points[at] / length, bias - excess / length
        sums = [outer, inner, bias]
        for i, (point, label, multiplier) in enumerate(
            zip(points, labels, multipliers, strict=True)
        ):
            value = slope * point + offset
            share = weight if i == at else (multiplier if value > 0 else ZERO)
            sums[0] -= multiplier * label * max(ZERO, value)
            sums[1] -= share * label * outer * point
            sums[2] -= share * label * outer
        residuals.append(sum((entry**2 for entry in sums), ZERO) / norm)
    return residuals, farthest


def _largest_ratio(
    constant: Fraction, slope: Fraction, left: Fraction | None, right: Fraction | None
) -> Fraction:
    """Largest (constant + slope t)²/(1 + t²) over the ends of [left, right] and the stationary
    point inside.

    An end of None is infinite and no candidate.
    """
    candidates = [end for end in (left, right) if end is not None]
    if constant != 0:
        stationary = slope / constant
        if (left is None or left <= stationary) and (right is None or stationary <= right):
            candidates.append(stationary)
    return max((constant + slope * t) ** 2 / (1 + t**2) for t in candidates)
