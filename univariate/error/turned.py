"""Nets against a truth: where f* = −1 a net is looked at upside down, so that {N f* ≤ 0} is a
sublevel set on every piece of the truth.

A piece that ends at a breakpoint which is no double is left to exact arithmetic.
"""

from fractions import Fraction

import numpy as np

from univariate.common.arrays import Vector
from univariate.common.rounding import round_down, round_up
from univariate.problem.exact import exact_net
from univariate.problem.kernels.lines import Sweep
from univariate.problem.network import DeepReluNet, Network, ReluNet
from univariate.problem.rational import Interval
from univariate.problem.truth import Truth


def turned_lines(lines: Sweep, truth: Truth) -> Sweep:
    """Return a sweep of N f*, of a sweep of N whose knots include `truth.knots`.

    Pieces on which f* = 0 count as negative, so that they are errors whole. Rounded as the sweep.
    """
    sign = truth(lines.tau[:-1])
    hidden = truth.between_doubles(lines.tau[:-1])
    after = lines.after.copy()
    before = lines.before.copy()
    silent = lines.silent.copy()
    after[:-1] = _turned(after[:-1], sign)
    before[1:] = _turned(before[1:], sign)
    # undecided whatever the bounds: zero at both ends, and not for want of neurons
    after[:-1][hidden] = 0.0
    before[1:][hidden] = 0.0
    silent[:-1][hidden] = False
    return lines._replace(after=after, before=before, silent=silent)


def turned_heights(knots: Vector, height: Vector, truth: Truth) -> tuple[Vector, Vector]:
    """Return N f* at both ends of every piece, by its own sign; 0 where that is left undecided."""
    if truth.is_positive:
        return height[:-1], height[1:]
    sign = truth(knots[:-1])
    hidden = truth.between_doubles(knots[:-1])
    start, end = _turned(height[:-1], sign), _turned(height[1:], sign)
    return np.where(hidden, 0.0, start), np.where(hidden, 0.0, end)


def _turned(values: Vector, sign: Vector) -> Vector:
    return np.where(sign == 0.0, -np.inf, np.where(sign < 0.0, -values, values))


def negated(net: Network) -> Network:
    """Return −N. Exact."""
    if isinstance(net, ReluNet):
        return ReluNet(-net.v, net.w, net.b)
    weight, bias = net.layers[-1]
    return DeepReluNet((*net.layers[:-1], (-weight, -bias)))


def exact_errors(
    net: Network, ends: list[tuple[float, float]], truth: Truth, level: float = 0.0
) -> list[Interval]:
    """Return {N f* ≤ level} within intervals [a, b], maximal and of positive length. Exact.

    In the order of the intervals; those that touch within one are joined. Cost O(n log n), and
    O(log n) rational operations for every kink and breakpoint inside.
    """
    if not ends:
        return []
    below = exact_net(net)
    if truth.is_positive:
        return [part for a, b in ends for part in below.sublevel(a, b, level)]
    above = exact_net(negated(net)) if -1 in truth.signs else below
    found: list[Interval] = []
    for a, b in ends:
        inside: list[Interval] = []
        for start, end, sign in truth.pieces(a, b):
            if sign == 0:
                parts = [(start, end)]
            else:
                # doubles around the piece, which may end at fractions
                wide = _outside(start, end, a, b)
                parts = (below if sign > 0 else above).sublevel(*wide, level)
            inside.extend(_clipped(parts, start, end))
        found.extend(_joined(inside))
    return found


def _outside(start: Fraction, end: Fraction, a: float, b: float) -> tuple[float, float]:
    return max(a, round_down(start)), min(b, round_up(end))


def _clipped(parts: list[Interval], start: Fraction, end: Fraction) -> list[Interval]:
    cut = [(max(a, start), min(b, end)) for a, b in parts]
    return [(a, b) for a, b in cut if a < b]


def _joined(parts: list[Interval]) -> list[Interval]:
    found: list[Interval] = []
    for a, b in parts:
        if found and found[-1][1] == a:
            found[-1] = (found[-1][0], b)
        else:
            found.append((a, b))
    return found
