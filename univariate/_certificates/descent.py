"""Directions of descent: a proof that they are, and the better net at their end."""

from fractions import Fraction
from math import fsum, inf, sqrt
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from univariate._certificates.cells import cells
from univariate._certificates.replay import active_from, points, quotient, whole
from univariate._exact import exact_norm_squared
from univariate.margins import Margins, margins, margins_reach, smallest_margin
from univariate.network import ReluNet
from univariate.sample import Sample

Vector = NDArray[np.float64]
Matrix = NDArray[np.float64]
Mask = NDArray[np.bool_]

_DOWN = 1.0 - 2.0**-40
_HALVINGS = 44


class Improvement(NamedTuple):
    """A feasible net of smaller norm: every margin ≥ 1 and ‖·‖² smaller by `decrease`, both proved."""

    net: ReluNet
    decrease: float


def least_residual(net: ReluNet, sample: Sample, direction: Matrix, active: Mask, reach: float, margin: float) -> float:
    """Return a lower bound, relative to |θ|, on |θ − Σ λ_i y_i h_i| over all λ ≥ 0 on `active` and all gradients h_i.

    Kinks within `reach` of a datum may take any σ' ∈ [0, 1].  If no gradient has y_i h_i·d < −2κ m_i, then d + κθ has
    non-negative products with the whole cone, so no point of it is nearer to θ than −θ·(d + κθ)/|d + κθ|.  Products
    are exact, the bound is rounded down.  Cost O(m) for each neuron that moves.
    """
    kappa = _shortfall(net, sample, direction, active, reach) / (2.0 * margin)
    theta = np.stack([net.v, net.w, net.b], axis=1)
    top = float(np.abs(theta).max())
    theta = theta / top
    moved = direction / top + kappa * theta
    size, norm = sqrt(fsum((moved**2).ravel())), sqrt(fsum((theta**2).ravel()))
    slope = fsum((theta * moved).ravel())
    return max(0.0, -slope / (size * norm) * _DOWN) if 0.0 < size < inf else 0.0


def imbalance(net: ReluNet) -> tuple[float, Matrix]:
    """Return a lower bound on the residual from |v| ≠ |(w, b)| alone, relative to |θ|, and the direction that mends it.

    (v, −w, −b) is orthogonal to every gradient, whatever σ'.  Dead neurons (v = 0 or (w, b) = 0) count with all of θ_j.
    """
    theta = np.stack([net.v, net.w, net.b], axis=1)
    theta = theta / np.abs(theta).max()
    outer, inner = np.abs(theta[:, 0]), np.hypot(theta[:, 1], theta[:, 2])
    size = np.hypot(outer, inner)
    share = np.divide((inner - outer) * (inner + outer), size, out=np.zeros_like(size), where=size > 0.0)
    turned = theta * np.array([1.0, -1.0, -1.0])
    direction = np.divide(share, size, out=np.zeros_like(size), where=size > 0.0)[:, None] * turned
    # what rounding can do to the difference of squares
    share = np.maximum(0.0, np.abs(share) - 8.0 * np.finfo(float).eps * size)
    return sqrt(fsum(share**2) / fsum((theta**2).ravel())) * _DOWN, direction


def improved(net: ReluNet, sample: Sample, direction: Matrix) -> Improvement | None:
    """Walk along a direction, and return the best net on the way if it is better.  Exact comparison.

    Nets are compared by ‖θ‖²/worst margin, which scaling leaves alone; the one returned has all margins ≥ 1.
    """
    worst = smallest_margin(net, sample)
    before = exact_norm_squared(net) / worst
    theta = np.stack([net.v, net.w, net.b], axis=1)
    largest = float(np.abs(direction).max())
    if not 0.0 < largest < inf:
        return None
    step = float(np.abs(theta).max()) / largest
    best, least = None, float(before)
    for power in range(_HALVINGS):
        moved = theta + step * 0.5**power * direction
        candidate = ReluNet(*moved.T)
        found = margins(candidate, sample)
        if found.low > 0.0 and candidate.norm_squared / found.low < least:
            best, least = (candidate, found), candidate.norm_squared / found.low
        elif best is not None:
            break
    if best is None:
        return None
    return _scaled(*best, sample, before)


def _scaled(net: ReluNet, found: Margins, sample: Sample, before: Fraction) -> Improvement | None:
    """Scale a net to worst margin 1, upwards until that is proved, and compare."""
    for extra in range(4, 40, 6):
        factor = (1.0 + 2.0**-53 * 2.0**extra) / sqrt(found.low)
        candidate = ReluNet(net.v * factor, net.w * factor, net.b * factor)
        if margins_reach(candidate, sample, 1.0).all():
            decrease = before - exact_norm_squared(candidate)
            return Improvement(candidate, float(decrease)) if decrease > 0 else None
    return None


def _shortfall(net: ReluNet, sample: Sample, direction: Matrix, active: Mask, reach: float) -> float:
    """Largest −y_i h_i·d over active data and all their gradients, rounded up, at least 0.  Exact sums."""
    moving = np.flatnonzero(np.any(direction != 0.0, axis=1))
    if not len(moving):
        return 0.0
    theta, theta_unit = whole(np.concatenate([net.v, net.w, net.b]))
    step, step_unit = whole(direction.ravel())
    x, one = points(sample.x)
    cut, n = active_from(net, sample.x), net.width
    located = cells(net, sample.x, reach)
    datum = np.full(n, -1)
    datum[located.neuron] = located.datum
    # difference arrays over the data of what strictly active neurons add: slope · x + rise
    slope, rise, loss = [0] * (sample.size + 1), [0] * (sample.size + 1), [0] * sample.size
    for j in moving.tolist():
        v, w, b = theta[j], theta[n + j], theta[2 * n + j]
        dv, dw, db = step[3 * j : 3 * j + 3]
        first, second = dv * w + v * dw, dv * b + v * db
        start, stop = (0, int(cut[j])) if w < 0 else (int(cut[j]), sample.size)
        i = int(datum[j])
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
    least, a, s = 0, 0, 0
    for i in range(sample.size):
        a, s = a + slope[i], s + rise[i]
        if active[i]:
            found = a * x[i] + s * one
            least = min(least, (found if sample.y[i] > 0.0 else -found) + loss[i])
    return quotient(-least, one * theta_unit * step_unit) * (1.0 + 2.0**-50)
