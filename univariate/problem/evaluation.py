"""Values of a shallow net at sorted points, with error bounds: one sweep over its kinks.

Parameters are scaled, neurons split by orientation, kinks sorted. Cost O(n log n).
"""

from typing import Final, Literal, NamedTuple

import numpy as np

from univariate.common.arrays import Matrix, Vector
from univariate.problem.kernels.lines import (
    HALF_ULP,
    SQUARED_ROUNDOFF,
    Sweep,
    split,
    sweep,
)
from univariate.problem.kernels.values import pass_by, settle

FAR = 2.0**500
"""Where the real line ends for floating-point work; lines evaluated beyond it would overflow."""

_MODERATE = 2.0**200

_FEW_RUNS: Final = 64
"""Up to so many increasing runs a stable sort, which merges them, is taken to be quicker."""


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
    if all(map(_moderate, (v, w, b))):
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


def _moderate(part: Vector) -> bool:
    """Whether products of what is not zero keep both their words."""
    sizes = np.abs(part)
    least = sizes.min(where=sizes > 0.0, initial=1.0)
    return bool(sizes.max(initial=0.0) < _MODERATE and least > 1.0 / _MODERATE)


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
    knots = np.concatenate([[low], bare, [high], kinks])
    owner = np.concatenate([np.full(len(bare) + 2, -1), index])
    order = np.argsort(knots, kind=_kind(kinks))
    return NetSweep(
        sweep(knots[order], owner[order], net.v, net.w, net.b, base, net.floor), net.exponent
    )


def _kind(numbers: Vector) -> Literal["stable", "quicksort"]:
    """Return the quicker way to sort: a stable sort merges what increases in long runs, O(k)."""
    runs = 1 + np.count_nonzero(numbers[1:] < numbers[:-1])
    return "stable" if runs <= _FEW_RUNS else "quicksort"


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
    rising = None if np.all(x[1:] >= x[:-1]) else np.argsort(x)
    points = x if rising is None else x[rising]
    net = scaled(v, w, b)
    found = _values(net, rounded_kinks(w, b), points)
    value = np.empty(len(points))
    bound = np.empty(len(points))
    settle(found, points, (len(v) + 8.0) * net.floor, value, bound)
    if net.exponent:
        with np.errstate(over="ignore", under="ignore"):
            value = np.ldexp(value, net.exponent)
            bound = np.ldexp(bound, net.exponent) + 5e-324
        bound[np.isinf(value)] = np.inf
    if rising is None:
        return value, bound
    back = np.empty_like(rising)
    back[rising] = np.arange(len(x))
    return value[back], bound[back]


def _values(net: Scaled, kinks: Vector, x: Vector) -> Matrix:
    """Return N(x) at increasing x in two words, and bounds on their errors, (3, k)."""
    kinks, index, base = split(net.v, net.w, net.b, kinks, float(x[0]), float(x[-1]))
    if np.any(kinks[1:] < kinks[:-1]):
        order = np.argsort(kinks, kind=_kind(kinks))
        kinks = kinks[order]
        index = index[order]
    found = np.zeros((3, len(x)))
    n = len(net.v)
    factor = (8.0 * n + 64.0) * SQUARED_ROUNDOFF * (1.0 + 4.0 * n * HALF_ULP)
    right = np.signbit(net.w[index]) == 0
    for step, side, on in ((1, right, base), (-1, ~right, np.zeros(6))):
        chosen = np.flatnonzero(side)[::step]
        neurons = np.stack([part[index[chosen]] for part in (net.v, net.w, net.b)])
        pass_by(x, kinks[chosen], neurons, on, step, factor, found)
    return found
