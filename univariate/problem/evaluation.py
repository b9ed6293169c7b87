"""Values of a shallow net at sorted points, with error bounds: one sweep over its kinks.

Parameters are scaled, neurons split by orientation, kinks sorted. Cost O(n log n).
"""

from typing import NamedTuple

import numpy as np

from univariate.common.arrays import Indices, Vector
from univariate.problem.kernels.lines import Sweep, places, split, sweep

FAR = 2.0**500
"""Where the real line ends for floating-point work; lines evaluated beyond it would overflow."""

_MODERATE = 2.0**200


class Scaled(NamedTuple):
    """A net N·2^−exponent whose products neither overflow nor, beyond `floor`, underflow."""

    v: Vector
    w: Vector
    b: Vector
    exponent: int
    floor: float


def scaled(v: Vector, w: Vector, b: Vector) -> Scaled:
    """Rescale a net by powers of two so that the double-double kernels are safe.

    Each neuron is replaced by (v c, w/c, b/c), which leaves its function alone, and all of N by
    N·2^−exponent. Exact, save for what falls 2^−1060 below the largest neuron; `floor` bounds that.
    """
    sizes = [np.abs(part[part != 0.0]) for part in (v, w, b)]
    if all(
        size.size == 0 or (size.max() < _MODERATE and size.min() > 1.0 / _MODERATE)
        for size in sizes
    ):
        return Scaled(v, w, b, 0, 0.0)
    v_fraction, v_exponent = np.frexp(v)
    line_exponent = np.frexp(np.maximum(np.abs(w), np.abs(b)))[1]
    live = (v != 0.0) & ((w != 0.0) | (b != 0.0))
    both = v_exponent + line_exponent
    exponent = int(both[live].max()) if live.any() else 0
    v_scaled = np.ldexp(v_fraction, np.where(live, both - exponent, 0))
    return Scaled(
        v_scaled, np.ldexp(w, -line_exponent), np.ldexp(b, -line_exponent), exponent, 2.0**-1060
    )


class NetSweep(NamedTuple):
    """A sweep of the net N·2^−exponent, ends of the domain included among its knots."""

    lines: Sweep
    exponent: int


def sweep_net(
    v: Vector, w: Vector, b: Vector, low: float, high: float, points: Vector | None = None
) -> NetSweep:
    """Sweep the net over its kinks in [low, high], the two ends, and further bare points inside.

    Rounded, with the bounds of `Sweep`. Cost O((n + k) log (n + k)) for k points.
    """
    net = scaled(v, w, b)
    kinks, index, base = split(net.v, net.w, net.b, rounded_kinks(w, b), low, high)
    bare = np.zeros(0) if points is None else points
    if len(bare):
        rising = np.argsort(kinks)
        kinks = kinks[rising]
        index = index[rising]
    knots = np.concatenate([[low], bare, [high], kinks])
    owner = np.concatenate([np.full(len(bare) + 2, -1), index])
    order = _order(knots, merging=len(bare) > 0)
    return NetSweep(
        sweep(knots[order], owner[order], net.v, net.w, net.b, base, net.floor), net.exponent
    )


def _order(knots: Vector, *, merging: bool) -> Indices:
    """Return the order of knots. A stable sort merges what increases in long runs, O(k)."""
    runs = merging or bool(np.all(knots[3:] >= knots[2:-1]))
    return np.argsort(knots, kind="stable" if runs else "quicksort")


def _places(tau: Vector, x: Vector) -> Indices:
    """Return where x is among the distinct, increasing tau, all of which it is one of."""
    if np.all(x[1:] > x[:-1]):
        return places(tau, x)
    return np.searchsorted(tau, x)


def rounded_kinks(w: Vector, b: Vector) -> Vector:
    """Correctly rounded kinks −b/w.

    ±inf for a constant or an unreachable kink, NaN for w = b = 0.
    """
    with np.errstate(all="ignore"):
        return -b / w


def evaluate(v: Vector, w: Vector, b: Vector, x: Vector) -> tuple[Vector, Vector]:
    """Return N(x) and a rigorous bound on its error, for |x| ≤ 2^500.

    Rounded: correct to one unit in the last place unless neurons cancel to 2^−90 of their size; the
    bound says so. Overflow gives ±inf with an infinite bound. Cost O((n + k) log (n + k)) for k
    points.
    """
    if len(x) == 0:
        return np.zeros(0), np.zeros(0)
    lines, exponent = sweep_net(v, w, b, float(x.min()), float(x.max()), x)
    at = _places(lines.tau, x)
    with np.errstate(over="ignore", under="ignore"):
        value = np.ldexp(lines.at[at], exponent)
        bound = np.ldexp(lines.error[at] + 2.0**-52 * np.abs(lines.at[at]), exponent)
        bound = 1.0625 * bound + (5e-324 if exponent else 0.0)
    return value, np.where(np.isinf(value), np.inf, bound)
