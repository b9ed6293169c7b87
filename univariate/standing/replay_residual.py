"""Replaying refutations: a direction proves that θ is far from every Σ λ_i y_i h_i."""

from math import fsum, inf, sqrt

import numpy as np

from univariate.common.arrays import Indices, Mask, Matrix, Vector
from univariate.common.integers import Whole, whole
from univariate.problem.fitted import ShallowFitted
from univariate.problem.network import ReluNet
from univariate.standing.replay import quotients
from univariate.standing.replay_ranges import Lines, Ranges, near

# cover the roundings of quotients, roots and sums of correctly rounded numbers
_DOWN = 1.0 - 2.0**-40
_UP = 1.0 + 2.0**-40


def least_residual(fit: ShallowFitted, direction: Matrix, level: float) -> float:
    """Return a lower bound on |θ − Σ λ_i y_i h_i|/|θ| over all λ ≥ 0 and gradients h_i.

    λ_i = 0 unless the margin exceeds the smallest by at most `level`; kinks within a relative
    `level` of an observation may take any σ' ∈ [0, 1] there, also of several. If e = d + κ (v, 0,
    0) has y_i h_i·e ≥ 0 for every such gradient, no point of their cone is nearer to θ than
    −θ·e/|e|. y_i h_i·(v, 0, 0) is y_i N(x_i), whatever σ'. Products with d are exact, the bound is
    rounded down. Cost O((n + m) log m).
    """
    kappa = _lift(fit, least_gains(fit, direction, level), fit.active(level))
    if kappa == inf:
        return 0.0
    theta = np.stack(fit.net.parameters, axis=1)
    top = float(np.abs(theta).max())
    theta = theta / top
    straight = direction / top
    moved = straight + kappa * theta * (1.0, 0.0, 0.0)
    largest = float(np.abs(moved).max())
    if not 0.0 < largest < inf:  # beyond the range of doubles nothing is proved
        return 0.0
    # what rounding can do to e, much where d and κ (v, 0, 0) nearly cancel
    stray = 2.0**-51 * sqrt(moved.size) * ((float(np.abs(straight).max()) + kappa) / largest)
    # a power of two changes no bit of the quotient, and keeps squares within the range
    power = int(np.frexp(largest)[1])
    moved = np.ldexp(moved, -power)
    size = sqrt(fsum((moved**2).ravel()))
    norm = sqrt(fsum((theta**2).ravel()))
    slope = fsum((theta * moved).ravel()) + stray * norm
    return max(0.0, -slope / ((size + stray) * norm) * _DOWN)


def _lift(fit: ShallowFitted, gains: Vector, active: Mask) -> float:
    """Return a κ ≥ 0 with y_i h_i·(d + κ (v, 0, 0)) ≥ 0 for every gradient; inf if none is sure."""
    found = fit.margins
    floor = (found.values - found.bounds) * _DOWN
    if np.all(gains >= 0.0):
        return 0.0
    if np.any(floor[active] <= 0.0):
        return inf
    return float((-gains[active] / floor[active]).max()) * _UP


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
    share[near(fit, level).some] = 0.0
    return sqrt(fsum(share**2) / fsum((theta**2).ravel())) * _DOWN


def least_gains(fit: ShallowFitted, direction: Matrix, level: float) -> Vector:
    """Return for active data the least y_i h_i·d over their gradients; 0 elsewhere.

    Exact sums, rounded down. What is active, and where σ' is free, as in `least_residual`.
    """
    gains = np.zeros(fit.sample.size)
    moving = np.flatnonzero(np.any(direction != 0.0, axis=1))
    if not len(moving):
        return gains
    gained, unit = _exact_gains(fit, direction, moving, near(fit, level).take(moving))
    felt = np.flatnonzero(fit.active(level))
    gains[felt] = quotients(gained[felt], unit)
    return gains * np.where(gains < 0.0, _UP, _DOWN)


def _exact_gains(
    fit: ShallowFitted, direction: Matrix, moving: Indices, beside: Ranges
) -> tuple[Whole, int]:
    """Return the least y_i h_i·d over all gradients at every observation, and their unit. Exact."""
    net, sample = fit.net, fit.sample
    theta, theta_unit = fit.parameters
    step, step_unit = whole(direction[moving].T)
    x, one = whole(sample.x)
    (v, w, b), (dv, dw, db) = theta[:, moving], step
    left = net.w[moving] < 0.0
    everywhere = Ranges(np.zeros_like(moving), np.full_like(moving, sample.size))
    on = everywhere.on_side(left, fit.cut[moving])
    sure = on.on_side(left, np.where(left, beside.first, beside.stop))
    lines = Lines(x, one)
    lines.add(on, dv * w, dv * b)
    lines.add(Ranges(*np.where(beside.some, sure, on)), v * dw, v * db)
    # a kink near an observation may be on or off there: the worse of both counts
    side = np.sign(net.v[moving])
    change = ReluNet(np.ones(len(moving)), side * direction[moving, 1], side * direction[moving, 2])
    cut = ShallowFitted(change, sample).cut
    rising, falling = Lines(x, one), Lines(x, one)
    rising.add(beside.on_side(change.w < 0.0, cut), v * dw, v * db)
    falling.add(beside.on_side(~(change.w < 0.0), cut), v * dw, v * db)
    positive = sample.y > 0.0
    least = np.where(positive, falling.sums(), -rising.sums())
    return np.where(positive, 1, -1) * lines.sums() + least, one * theta_unit * step_unit
