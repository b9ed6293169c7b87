"""Directions of descent, and the better nets along them."""

from collections import deque
from collections.abc import Callable
from math import inf, sqrt
from typing import Any, NamedTuple

import numpy as np

from univariate.common.arrays import Indices, Matrix, Vector
from univariate.common.rounding import nearest as nearest_double
from univariate.problem.fitted import ShallowFitted
from univariate.problem.network import ReluNet
from univariate.standing.replay import improvement

Path = Callable[[float], Matrix]

_HALVINGS = 44  # shorter steps drown in the rounding of the parameters
_FEW = 64  # observations that lose along a direction; the cost is that of all neurons for each
_AMPLY = 1.0 + 2.0**-30
_NEAREST = 8  # how many of the nearest nets that seem better are tried exactly


class Improvement(NamedTuple):
    """A feasible net of smaller norm: margins ≥ 1 and the decrease are proved."""

    witness: ReluNet
    decrease: float
    distance: float  # of the net from θ, relative to |θ|, both scaled to worst margin 1
    nearest: float  # the same for the nearest net on the way that is provably better


def witness_fields(better: Improvement | None) -> dict[str, Any]:
    """Return the fields by which certificates show a better net; nothing where there is none."""
    if better is None:
        return {"witness": None, "decrease": 0.0, "distance": 0.0, "nearest": 0.0}
    return better._asdict()


def balancing(net: ReluNet) -> Matrix:
    """Return the direction that balances every neuron, orthogonal to all gradients.

    It is (v, −w, −b) times a factor.
    """
    theta = np.stack([net.v, net.w, net.b], axis=1)
    theta = theta / np.abs(theta).max()
    outer = np.abs(theta[:, 0])
    inner = np.hypot(theta[:, 1], theta[:, 2])
    square = outer**2 + inner**2
    excess = (inner - outer) * (inner + outer)
    factor = np.divide(excess, square, out=np.zeros_like(square), where=square > 0.0)
    direction: Matrix = factor[:, None] * theta * np.array([1.0, -1.0, -1.0])
    return direction


def lifted(net: ReluNet, neurons: Indices, changes: Matrix) -> Matrix:
    """Return the smallest change of (v, w, b) that changes v·(w, b) as asked, to first order.

    Other neurons stay as they are.
    """
    v = net.v[neurons]
    line = np.stack([net.w[neurons], net.b[neurons]], axis=1)
    with np.errstate(all="ignore"):
        square = np.sum(line * line, axis=1)
        y = (changes - line * (np.sum(line * changes, axis=1) / (v * v + square))[:, None]) / (
            v * v
        )[:, None]
        parts = np.column_stack([np.sum(line * y, axis=1), v[:, None] * y])
    direction = np.zeros((net.width, 3))
    direction[neurons] = np.where(np.isfinite(parts), parts, 0.0)
    return direction


def supported(fit: ShallowFitted, direction: Matrix, gains: Vector) -> Matrix | None:
    """Return the direction with output weights changed so that no observation loses, if few do.

    gains : (m,) what margins gain along it to first order. What one loses a multiple of its own
    gradient by v gives back, at a cost of that much of the norm.
    """
    losing = np.flatnonzero(gains < 0.0)
    if not 0 < len(losing) <= _FEW:
        return None
    net, x, y = fit.net, fit.sample.x, fit.sample.y
    changed = direction.copy()
    for i in losing.tolist():
        gradient = np.maximum(0.0, net.w * x[i] + net.b)
        share = -gains[i] / float(gradient @ gradient) * _AMPLY
        changed[:, 0] += y[i] * share * gradient
    return changed if np.all(np.isfinite(changed)) else None


def straight(net: ReluNet, direction: Matrix) -> Path | None:
    """Return the path θ + h·direction, or None if it does not move.

    h = 1 moves the largest entry by the largest parameter.
    """
    theta = np.stack([net.v, net.w, net.b], axis=1)
    largest = float(np.abs(direction).max())
    if not 0.0 < largest < inf:
        return None
    step = float(np.abs(theta).max()) / largest * direction
    return lambda h: theta + h * step


def along_atoms(net: ReluNet, neurons: Indices, changes: Matrix, signs: Vector) -> Path:
    """Return the path on which v_j (w_j, b_j) moves by h·changes, balanced neurons staying so.

    N(x_i) is then linear in h until a kink meets a datum. h = 1 moves the largest change by the
    largest atom of the net. `signs` are those of v; a neuron that is all zero may take either.
    """
    theta = np.stack([net.v, net.w, net.b], axis=1)
    start = net.v[:, None] * theta[:, 1:]
    step = float(np.hypot(*start.T).max() / np.hypot(*changes.T).max()) * changes

    def at(h: float) -> Matrix:
        """Return the parameters (v, w, b) of all neurons at h, (n, 3)."""
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


def improved(fit: ShallowFitted, path: Path) -> Improvement | None:
    """Walk along a path from h = 1 down, and return the best net on the way if it is better.

    Exact comparison.

    Nets are compared by ‖θ‖²/worst margin, which scaling leaves alone; the one returned has all
    margins ≥ 1. Cost up to 44 evaluations of all margins.
    """
    start = least = _quality(fit)
    best = None
    passed: deque[ShallowFitted] = deque(maxlen=_NEAREST)  # the nearest, with their margins
    for power in range(_HALVINGS):
        theta = path(0.5**power)
        if not (np.all(np.isfinite(theta)) and np.any(theta)):
            continue
        candidate = ShallowFitted(ReluNet(*theta.T), fit.sample)
        quality = _quality(candidate)
        if quality < least:
            best, least = candidate, quality
        if quality < start:
            passed.append(candidate)
        elif passed:
            break
    if best is None:
        return None
    better = _scaled(best)
    decrease = None if better is None else improvement(fit, better)
    if better is None or decrease is None:
        return None
    distance = _distance(fit, better.net)
    closest = _closest(fit, passed)
    return Improvement(better.net, nearest_double(decrease), distance, min(distance, closest))


def _closest(fit: ShallowFitted, passed: deque[ShallowFitted]) -> float:
    """Return the distance of the nearest provably better net of some on the way, or inf.

    The nearest ones are better by rounding only, and scaling to margins ≥ 1 takes as much.
    """
    for candidate in reversed(passed):
        scaled = _scaled(candidate)
        if scaled is not None and improvement(fit, scaled) is not None:
            return _distance(fit, scaled.net)
    return inf


def _quality(fit: ShallowFitted) -> float:
    """Return ‖θ‖² over the worst margin, inf without one; rounded."""
    low = fit.margins.low
    return fit.net.norm_squared / low if low > 0.0 else inf


def _scaled(fit: ShallowFitted) -> ShallowFitted | None:
    """Scale a net to worst margin 1, upwards until that is proved."""
    net = fit.net
    root = sqrt(fit.margins.low)
    for extra in range(2, 40, 4):
        factor = (1.0 + 2.0**-53 * 2.0**extra) / root
        candidate = ReluNet(net.v * factor, net.w * factor, net.b * factor)
        scaled = ShallowFitted(candidate, fit.sample)
        if scaled.reach(1.0).all():
            return scaled
    return None


def _distance(fit: ShallowFitted, other: ReluNet) -> float:
    """Return |θ' − θ|/|θ| for θ scaled to worst margin 1 and θ' as it is. Rounded."""
    net = fit.net
    theta = np.concatenate([net.v, net.w, net.b])
    moved = np.concatenate([other.v, other.w, other.b])
    top = float(np.abs(theta).max())
    # the worst margin is positive, but may be below the resolution of its bounds; |√margin θ' − θ|
    # divides by none
    root = sqrt(max(0.0, fit.margins.low))
    theta = theta / top
    moved = root / top * moved
    return float(np.linalg.norm(moved - theta) / np.linalg.norm(theta))
