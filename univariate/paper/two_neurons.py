"""The two-neuron moves of the proofs, in rational arithmetic.

See `univariate.paper.moves` for the formulas. Exact.
"""

from fractions import Fraction
from typing import NamedTuple

import numpy as np

from univariate.common.rounding import nearest, round_down, round_up
from univariate.problem.network import ReluNet


class Pair(NamedTuple):
    """Two neurons in rational numbers, and κ."""

    first: int
    second: int
    v1: Fraction
    w1: Fraction
    b1: Fraction
    v2: Fraction
    w2: Fraction
    b2: Fraction

    @property
    def ratio(self) -> Fraction:
        """κ = v_1 w_1 / (v_2 w_2)."""
        return self.v1 * self.w1 / (self.v2 * self.w2)

    @property
    def kinks(self) -> tuple[Fraction, Fraction]:
        """t_1, t_2."""
        return -self.b1 / self.w1, -self.b2 / self.w2


def pair_of(net: ReluNet, first: int, second: int) -> Pair:
    """Return two neurons of a net."""
    numbers = (Fraction(float(part[j])) for j in (first, second) for part in net.parameters)
    return Pair(first, second, *numbers)


def moved(net: ReluNet, pair: Pair, equation: str, delta: Fraction) -> ReluNet | None:
    """Return the net after a move; None if it is out of range, or neuron 2 turns around."""
    if equation != "10" and 1 + delta * pair.ratio <= 0:
        return None
    v = net.v.copy()
    w = net.w.copy()
    b = net.b.copy()
    v[pair.first] = nearest((1 - delta) * pair.v1)
    if equation == "10":
        shift = pair.w1 * pair.b2 / pair.w2 - pair.b1
        b[pair.first] = nearest(pair.b1 - delta / (1 - delta) * shift)
        v[pair.second] = nearest((1 + delta * pair.ratio) * pair.v2)
    else:
        w[pair.second] = nearest(pair.w2 + delta * pair.v1 * pair.w1 / pair.v2)
        b[pair.second] = nearest(pair.b2 + delta * pair.v1 * pair.b1 / pair.v2)
    return ReluNet(v, w, b) if np.isfinite([v, w, b]).all() else None


def gain(pair: Pair, equation: str) -> Fraction:
    """Return G: to first order ‖θ‖² falls by 2 δ G."""
    if equation == "10":
        shift = pair.b1 - pair.w1 * pair.b2 / pair.w2
        return pair.v1**2 - pair.v1 * pair.w1 * pair.v2 / pair.w2 - pair.b1 * shift
    inner = pair.w1 * pair.w2 + pair.b1 * pair.b2
    return pair.v1**2 - pair.v1 * inner / pair.v2


def hull(pair: Pair, equation: str, delta: Fraction) -> tuple[float, float]:
    """Return where N changes: between the kinks before and after."""
    one, two = pair.kinks
    if equation == "10":
        shifted = (one - delta * two) / (1 - delta)
    else:
        weight = delta * pair.ratio
        shifted = (two + weight * one) / (1 + weight)
    return round_down(min(one, two, shifted)), round_up(max(one, two, shifted))
