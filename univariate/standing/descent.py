"""Directions of descent, and the better nets along them."""

from collections.abc import Callable
from math import inf, sqrt
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from univariate.common.rounding import nearest as nearest_double
from univariate.problem.margins import Margins, margins, margins_reach
from univariate.problem.network import ReluNet
from univariate.problem.sample import Sample
from univariate.standing.replay import improvement

Vector = NDArray[np.float64]
Indices = NDArray[np.intp]
Matrix = NDArray[np.float64]
Path = Callable[[float], Matrix]

_DOWN = 1.0 - 2.0**-40
_HALVINGS = 44
_NEAREST = 8  # so many of the nearest nets that seem better are tried exactly


class Improvement(NamedTuple):
    """A feasible net of smaller norm: every margin ≥ 1 and ‖·‖² smaller by `decrease`, both
    proved.
    """

    net: ReluNet
    decrease: float
    distance: float  # of the net from θ, relative to |θ|, both scaled to worst margin 1
    nearest: float  # the same for the nearest net on the way that is provably better


def balancing(net: ReluNet) -> Matrix:
    """Return the direction that balances every neuron: (v, −w, −b) times a factor, orthogonal to
    all gradients.
    """
    theta = np.stack([net.v, net.w, net.b], axis=1)
    theta = theta / np.abs(theta).max()
    outer, inner = np.abs(theta[:, 0]), np.hypot(theta[:, 1], theta[:, 2])
    square = outer**2 + inner**2
    excess = (inner - outer) * (inner + outer)
    factor = np.divide(excess, square, out=np.zeros_like(square), where=square > 0.0)
    direction: Matrix = factor[:, None] * theta * np.array([1.0, -1.0, -1.0])
    return direction


def lifted(net: ReluNet, neurons: Indices, changes: Matrix) -> Matrix:
    """Return the smallest change of (v, w, b) by which v·(w, b) changes as asked, to first order;
    zeros elsewhere.
    """
    v, line = net.v[neurons], np.stack([net.w[neurons], net.b[neurons]], axis=1)
    with np.errstate(all="ignore"):
        square = np.sum(line * line, axis=1)
        y = (changes - line * (np.sum(line * changes, axis=1) / (v * v + square))[:, None]) / (
            v * v
        )[:, None]
        parts = np.column_stack([np.sum(line * y, axis=1), v[:, None] * y])
    direction = np.zeros((net.width, 3))
    direction[neurons] = np.where(np.isfinite(parts), parts, 0.0)
    return direction


def straight(net: ReluNet, direction: Matrix) -> Path | None:
    """Return the path θ + h·direction, h = 1 moving the largest entry by the largest parameter;
    None if it is still.
    """
    theta = np.stack([net.v, net.w, net.b], axis=1)
    largest = float(np.abs(direction).max())
    if not 0.0 < largest < inf:
        return None
    step = float(np.abs(theta).max()) / largest * direction
    return lambda h: theta + h * step


def along_atoms(net: ReluNet, neurons: Indices, changes: Matrix, signs: Vector) -> Path:
    """Return the path on which v_j (w_j, b_j) moves straight, by h·changes, and these neurons stay
    balanced.

    N(x_i) is then linear in h until a kink meets a datum. h = 1 moves the largest change by the
    largest atom of the net. `signs` are those of v; a neuron that is all zero may take either.
    """
    theta = np.stack([net.v, net.w, net.b], axis=1)
    start = net.v[:, None] * theta[:, 1:]
    step = float(np.hypot(*start.T).max() / np.hypot(*changes.T).max()) * changes

    def at(h: float) -> Matrix:
        moved = theta.copy()
        atoms = start[neurons] + h * step
        roots = np.sqrt(np.hypot(*atoms.T))
        moved[neurons, 0] = signs * roots
        moved[neurons, 1:] = np.divide(
            signs[:, None] * atoms,
            roots[:, None],
            out=np.zeros_like(atoms),
            where=roots[:, None] > 0.0,
        )
        return moved

    return at


def improved(net: ReluNet, sample: Sample, path: Path) -> Improvement | None:
    """Walk along a path from h = 1 down, and return the best net on the way if it is better.

    Exact comparison.

    Nets are compared by ‖θ‖²/worst margin, which scaling leaves alone; the one returned has all
    margins ≥ 1. Cost up to 44 evaluations of all margins.
    """
    start = _quality(net, margins(net, sample))
    best, least, passed = None, start, []
    for power in range(_HALVINGS):
        candidate = _finite(path(0.5**power))
        if candidate is None:
            continue
        quality = _quality(candidate, found := margins(candidate, sample))
        if quality < least:
            best, least = (candidate, found), quality
        if quality < start:
            passed.append(0.5**power)
        elif passed:
            break
    if best is None:
        return None
    better = _scaled(*best, sample)
    decrease = None if better is None else improvement(net, sample, better)
    if better is None or decrease is None:
        return None
    distance = _distance(net, sample, better)
    closest = _closest(net, sample, path, passed[-_NEAREST:])
    return Improvement(better, nearest_double(decrease), distance, min(distance, closest))


def _closest(net: ReluNet, sample: Sample, path: Path, passed: list[float]) -> float:
    """Return the distance of the nearest of some nets on the way that is provably better; inf if
    none is.

    The nearest ones are better by rounding only, and scaling to margins ≥ 1 takes as much.
    """
    for h in reversed(passed):
        candidate = ReluNet(*path(h).T)
        scaled = _scaled(candidate, margins(candidate, sample), sample)
        if scaled is not None and improvement(net, sample, scaled) is not None:
            return _distance(net, sample, scaled)
    return inf


def _quality(net: ReluNet, found: Margins) -> float:
    """Return ‖θ‖² over the worst margin, inf without one; rounded."""
    return net.norm_squared / found.low if found.low > 0.0 else inf


def _finite(theta: Matrix) -> ReluNet | None:
    return ReluNet(*theta.T) if np.all(np.isfinite(theta)) and np.any(theta) else None


def _scaled(net: ReluNet, found: Margins, sample: Sample) -> ReluNet | None:
    """Scale a net to worst margin 1, upwards until that is proved."""
    for extra in range(2, 40, 4):
        factor = (1.0 + 2.0**-53 * 2.0**extra) / sqrt(found.low)
        candidate = ReluNet(net.v * factor, net.w * factor, net.b * factor)
        if margins_reach(candidate, sample, 1.0).all():
            return candidate
    return None


def _distance(net: ReluNet, sample: Sample, other: ReluNet) -> float:
    """Return |θ' − θ|/|θ| for θ scaled to worst margin 1 and θ' as it is. Rounded."""
    theta, moved = (
        np.concatenate([net.v, net.w, net.b]),
        np.concatenate([other.v, other.w, other.b]),
    )
    top = float(np.abs(theta).max())
    # the worst margin is positive, but may be below the resolution of its bounds; |√margin θ' − θ|
    # divides by none
    root = sqrt(max(0.0, margins(net, sample).low))
    theta, moved = theta / top, root / top * moved
    return float(np.linalg.norm(moved - theta) / np.linalg.norm(theta))
