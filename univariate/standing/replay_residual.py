"""Replaying the refutation of a KKT point: a direction proves that θ is far from every Σ λ_i y_i
h_i.
"""

from math import fsum, inf, sqrt

import numpy as np
from numpy.typing import NDArray

from univariate.problem.margins import active_within, margins
from univariate.problem.network import ReluNet
from univariate.problem.sample import Sample
from univariate.standing.replay import active_from, points, quotient, whole

Vector = NDArray[np.float64]
Matrix = NDArray[np.float64]
Indices = NDArray[np.intp]
Mask = NDArray[np.bool_]

_DOWN = 1.0 - 2.0**-40
_UP = 1.0 + 2.0**-40


def least_residual(net: ReluNet, sample: Sample, direction: Matrix, level: float) -> float:
    """Return a lower bound, relative to |θ|, on |θ − Σ λ_i y_i h_i| over all λ ≥ 0 and all
    gradients h_i.

    λ_i = 0 unless the margin exceeds the smallest by at most `level`; kinks within a relative
    `level` of an observation may take any σ' ∈ [0, 1] there. If e = d + κθ has y_i h_i·e ≥ 0 for
    every such gradient, no point of their cone is nearer to θ than −θ·e/|e|. y_i h_i·θ is 2 y_i
    N(x_i), less at most |v z| for every kink at z = |w x_i + b| from its observation. Products with
    d are exact, the bound is rounded down. Cost O(m) for each neuron that moves.
    """
    found = margins(net, sample)
    datum = near(net, sample.x, level)
    short = _shortfalls(net, sample, direction, active_within(found, level), datum)
    needy = np.flatnonzero(short > 0.0)
    floor = (2.0 * (found.values - found.bounds) * _DOWN - _blur(net, sample, datum) * _UP)[needy]
    if np.any(floor <= 0.0):
        return 0.0
    kappa = float((short[needy] / floor).max(initial=0.0)) * _UP
    theta = np.stack([net.v, net.w, net.b], axis=1)
    top = float(np.abs(theta).max())
    theta = theta / top
    moved = direction / top + kappa * theta
    size, norm = sqrt(fsum((moved**2).ravel())), sqrt(fsum((theta**2).ravel()))
    slope = fsum((theta * moved).ravel())
    return max(0.0, -slope / (size * norm) * _DOWN) if 0.0 < size < inf else 0.0


def imbalance(net: ReluNet, sample: Sample, level: float) -> float:
    """Return a lower bound on the same residual from |v| ≠ |(w, b)| alone.

    (v, −w, −b) is orthogonal to every gradient, unless σ' is free although the kink misses its
    observation: these neurons count nothing. Dead neurons (v = 0 or (w, b) = 0) count with all of
    θ_j. Rounded down.
    """
    theta = np.stack([net.v, net.w, net.b], axis=1)
    theta = theta / np.abs(theta).max()
    outer, inner = np.abs(theta[:, 0]), np.hypot(theta[:, 1], theta[:, 2])
    size = np.hypot(outer, inner)
    excess = np.abs((inner - outer) * (inner + outer))
    share = np.divide(excess, size, out=np.zeros_like(size), where=size > 0.0)
    # what rounding can do to the difference of squares
    share = np.maximum(0.0, share - 8.0 * np.finfo(float).eps * size)
    share[near(net, sample.x, level) >= 0] = 0.0
    return sqrt(fsum(share**2) / fsum((theta**2).ravel())) * _DOWN


def near(net: ReluNet, x: Vector, reach: float) -> Indices:
    """Return the observation nearest to every kink, −1 where it is further than a relative
    `reach`.
    """
    cut = active_from(net, x)
    sides = np.stack([np.clip(cut - 1, 0, len(x) - 1), np.clip(cut, 0, len(x) - 1)])
    with np.errstate(divide="ignore", invalid="ignore"):
        away = np.abs(net.w * x[sides] + net.b) / (np.hypot(net.w, net.b) * np.hypot(1.0, x[sides]))
    away = np.where(np.isnan(away), inf, away)
    nearer = np.argmin(away, axis=0)
    each = np.arange(net.width)
    return np.where(away[nearer, each] <= reach, sides[nearer, each], -1)


def _blur(net: ReluNet, sample: Sample, datum: Indices) -> Vector:
    """Return Σ |v z| over the kinks near every observation, rounded up."""
    on = np.flatnonzero(datum >= 0)
    at = sample.x[datum[on]]
    product = net.w[on] * at
    away = np.abs(product + net.b[on]) + np.finfo(float).eps * np.abs(product)
    return np.bincount(datum[on], np.abs(net.v[on]) * away * _UP, minlength=sample.size).astype(
        np.float64
    )


def _shortfalls(
    net: ReluNet, sample: Sample, direction: Matrix, active: Mask, near_to: Indices
) -> Vector:
    """Return for every active datum the largest −y_i h_i·d over its gradients, rounded up; 0
    elsewhere. Exact sums.
    """
    short = np.zeros(sample.size)
    moving = np.flatnonzero(np.any(direction != 0.0, axis=1))
    if not len(moving):
        return short
    theta, theta_unit = whole(np.concatenate([net.v, net.w, net.b]))
    step, step_unit = whole(direction.ravel())
    x, one = points(sample.x)
    cut, n = active_from(net, sample.x), net.width
    # difference arrays over the data of what strictly active neurons add: slope · x + rise
    slope, rise, loss = [0] * (sample.size + 1), [0] * (sample.size + 1), [0] * sample.size
    for j in moving.tolist():
        v, w, b = theta[j], theta[n + j], theta[2 * n + j]
        dv, dw, db = step[3 * j : 3 * j + 3]
        first, second = dv * w + v * dw, dv * b + v * db
        start, stop = (0, int(cut[j])) if w < 0 else (int(cut[j]), sample.size)
        i = int(near_to[j])
        if i >= 0:
            inside = start <= i < stop
            outer = dv * (w * x[i] + b * one) if inside else 0
            inner = v * (dw * x[i] + db * one)
            sign = 1 if sample.y[i] > 0.0 else -1
            loss[i] += sign * outer + min(0, sign * inner)
            start, stop = (start, min(stop, i)) if w < 0 else (max(start, i + 1), stop)
        if start < stop:
            slope[start] += first
            slope[stop] -= first
            rise[start] += second
            rise[stop] -= second
    a, s, unit = 0, 0, one * theta_unit * step_unit
    for i in range(sample.size):
        a, s = a + slope[i], s + rise[i]
        if active[i]:
            found = a * x[i] + s * one
            found = (found if sample.y[i] > 0.0 else -found) + loss[i]
            if found < 0:
                short[i] = quotient(-found, unit) * _UP
    return short
