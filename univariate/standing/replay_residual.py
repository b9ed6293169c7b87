"""Replaying refutations: a direction proves that θ is far from every Σ λ_i y_i h_i."""

from math import fsum, inf, sqrt

import numpy as np

from univariate.common.arrays import Indices, Mask, Matrix, Vector
from univariate.common.integers import whole
from univariate.problem.fitted import ShallowFitted
from univariate.standing.replay import quotients

# cover the roundings of quotients, roots and sums of correctly rounded numbers
_DOWN = 1.0 - 2.0**-40
_UP = 1.0 + 2.0**-40


def least_residual(fit: ShallowFitted, direction: Matrix, level: float) -> float:
    """Return a lower bound on |θ − Σ λ_i y_i h_i|/|θ| over all λ ≥ 0 and gradients h_i.

    λ_i = 0 unless the margin exceeds the smallest by at most `level`; kinks within a relative
    `level` of an observation may take any σ' ∈ [0, 1] there. If e = d + κθ has y_i h_i·e ≥ 0 for
    every such gradient, no point of their cone is nearer to θ than −θ·e/|e|. y_i h_i·θ is 2 y_i
    N(x_i), less at most |v z| for every kink at z = |w x_i + b| from its observation. Products with
    d are exact, the bound is rounded down. Cost O(m) for each neuron that moves.
    """
    net, found = fit.net, fit.margins
    datum = near(fit, level)
    short = _shortfalls(fit, direction, fit.active(level), datum)
    needy = np.flatnonzero(short > 0.0)
    floor = (2.0 * (found.values - found.bounds) * _DOWN - _blur(fit, datum) * _UP)[needy]
    if np.any(floor <= 0.0):
        return 0.0
    kappa = float((short[needy] / floor).max(initial=0.0)) * _UP
    theta = np.stack([net.v, net.w, net.b], axis=1)
    top = float(np.abs(theta).max())
    theta = theta / top
    moved = direction / top + kappa * theta
    largest = float(np.abs(moved).max())
    if not 0.0 < largest < inf:  # beyond the range of doubles nothing is proved
        return 0.0
    # a power of two changes no bit of the quotient, and keeps squares within the range
    moved = np.ldexp(moved, -int(np.frexp(largest)[1]))
    size = sqrt(fsum((moved**2).ravel()))
    norm = sqrt(fsum((theta**2).ravel()))
    slope = fsum((theta * moved).ravel())
    return max(0.0, -slope / (size * norm) * _DOWN)


def imbalance(fit: ShallowFitted, level: float) -> float:
    """Return a lower bound on the same residual from |v| ≠ |(w, b)| alone.

    (v, −w, −b) is orthogonal to every gradient, unless σ' is free although the kink misses its
    observation: these neurons count nothing. Dead neurons (v = 0 or (w, b) = 0) count with all of
    θ_j. Rounded down.
    """
    net = fit.net
    theta = np.stack([net.v, net.w, net.b], axis=1)
    theta = theta / np.abs(theta).max()
    outer = np.abs(theta[:, 0])
    inner = np.hypot(theta[:, 1], theta[:, 2])
    size = np.hypot(outer, inner)
    excess = np.abs((inner - outer) * (inner + outer))
    share = np.divide(excess, size, out=np.zeros_like(size), where=size > 0.0)
    # what rounding can do to the difference of squares
    share = np.maximum(0.0, share - 8.0 * np.finfo(float).eps * size)
    share[near(fit, level) >= 0] = 0.0
    return sqrt(fsum(share**2) / fsum((theta**2).ravel())) * _DOWN


def near(fit: ShallowFitted, reach: float) -> Indices:
    """Return the observation nearest to every kink, −1 if it is further than a relative `reach`."""
    net, x = fit.net, fit.sample.x
    sides = np.clip(np.stack([fit.cut - 1, fit.cut]), 0, len(x) - 1)
    with np.errstate(divide="ignore", invalid="ignore"):
        away = np.abs(net.w * x[sides] + net.b) / (np.hypot(net.w, net.b) * np.hypot(1.0, x[sides]))
    away = np.where(np.isnan(away), inf, away)
    nearer = np.argmin(away, axis=0)
    each = np.arange(net.width)
    return np.where(away[nearer, each] <= reach, sides[nearer, each], -1)


def _blur(fit: ShallowFitted, datum: Indices) -> Vector:
    """Return Σ |v z| over the kinks near every observation, rounded up."""
    net, sample = fit.net, fit.sample
    on = np.flatnonzero(datum >= 0)
    at = sample.x[datum[on]]
    product = net.w[on] * at
    away = np.abs(product + net.b[on]) + np.finfo(float).eps * np.abs(product)
    blur = np.abs(net.v[on]) * away * _UP
    return np.bincount(datum[on], blur, minlength=sample.size).astype(np.float64)


def _shortfalls(fit: ShallowFitted, direction: Matrix, active: Mask, near_to: Indices) -> Vector:
    """Return for active data the largest −y_i h_i·d over their gradients; 0 elsewhere.

    Exact sums, rounded up.
    """
    net, sample = fit.net, fit.sample
    moving = np.flatnonzero(np.any(direction != 0.0, axis=1))
    theta, theta_unit = fit.parameters
    step, step_unit = whole(direction[moving].T)
    x, one = whole(sample.x)
    (v, w, b), (dv, dw, db) = theta[:, moving], step
    left = net.w[moving] < 0.0
    start = np.where(left, 0, fit.cut[moving])
    stop = np.where(left, fit.cut[moving], sample.size)
    # a kink near an observation may be on or off there: the worse of both counts
    on = np.flatnonzero(near_to[moving] >= 0)
    at = near_to[moving[on]]
    inside = (start[on] <= at) & (at < stop[on])
    outer = np.where(inside, dv[on] * (w[on] * x[at] + b[on] * one), 0)
    inner = v[on] * (dw[on] * x[at] + db[on] * one)
    sign = np.where(sample.y > 0.0, 1, -1)
    loss = np.zeros(sample.size, dtype=object)
    np.add.at(loss, at, sign[at] * outer + np.minimum(0, sign[at] * inner))
    stop[on] = np.where(left[on], np.minimum(stop[on], at), stop[on])
    start[on] = np.where(left[on], start[on], np.maximum(start[on], at + 1))
    # what strictly active neurons add is slope · x + rise; their ranges as differences
    slope, rise = np.zeros((2, sample.size + 1), dtype=object)
    some = start < stop
    for line, change in ((slope, dv * w + v * dw), (rise, dv * b + v * db)):
        np.add.at(line, start[some], change[some])
        np.subtract.at(line, stop[some], change[some])
    gained = sign * (np.cumsum(slope)[:-1] * x + np.cumsum(rise)[:-1] * one) + loss
    lost = np.flatnonzero(active & (gained < 0))
    short = np.zeros(sample.size)
    short[lost] = quotients(-gained[lost], one * theta_unit * step_unit)
    return short * _UP
