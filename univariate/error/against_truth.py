"""Nets against a truth: where f* = −1 a net is looked at upside down, so that {N f* ≤ 0} is a
sublevel set on every piece of the truth.

A piece that ends at a breakpoint which is no double is left to exact arithmetic.
"""

import numpy as np

from univariate.common.arrays import Vector
from univariate.common.rounding import round_down, round_up
from univariate.problem.exact import exact_net
from univariate.problem.kernels.lines import Sweep
from univariate.problem.network import Network
from univariate.problem.rational import Interval, joined, sublevel_of_lines
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


def exact_errors(net: Network, ends: list[tuple[float, float]], truth: Truth) -> list[Interval]:
    """Return {N f* ≤ 0} within intervals [a, b], maximal and of positive length. Exact.

    In the order of the intervals; those that touch within one are joined. Cost O(n log n), and
    O(log n) rational operations for every kink and breakpoint inside.
    """
    if not ends:
        return []
    exact = exact_net(net)
    found: list[Interval] = []
    for a, b in ends:
        inside: list[Interval] = []
        for start, end, sign in truth.pieces(a, b):
            # doubles around the piece, which may end at fractions
            points, lines = exact.pieces(max(a, round_down(start)), min(b, round_up(end)))
            turned = [(sign * slope, sign * rise) for slope, rise in lines]
            parts = sublevel_of_lines(points, turned)
            inside += [(max(low, start), min(high, end)) for low, high in parts]
        found += joined(inside)
    return found
