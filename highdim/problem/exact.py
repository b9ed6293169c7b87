"""Signs of margins: by floats where a bound on rounding allows it, else in rational arithmetic."""

from fractions import Fraction
from operator import mul
from typing import Any, Final, NamedTuple

import numpy as np

from highdim.problem.network import Network, TwoLayerNet
from univariate.common.arrays import Indices, Mask, Matrix, Vector
from univariate.common.result import Verdict
from univariate.common.tolerance import UNIT_ROUNDOFF

TINY: Final = 2.0**-1074
LARGEST: Final = float(np.finfo(np.float64).max)
_LARGEST: Final = 2 * 10**6
"""Products of one margin beyond which it is left undecided: some seconds of work."""


class Signs(NamedTuple):
    """Margins y_i N(x_i), rounded, and which are positive and which are not, for certain."""

    margins: Vector
    positive: Mask
    wrong: Mask

    @property
    def verdict(self) -> Verdict:
        """Whether all margins are positive."""
        if np.all(self.positive):
            return Verdict.HOLDS
        return Verdict.FAILS if np.any(self.wrong) else Verdict.UNDECIDED


class Sides(NamedTuple):
    """Where N ≤ 0, N ≥ 0, N > 0 and N < 0, each for certain."""

    low: Mask
    high: Mask
    positive: Mask
    negative: Mask


def sides(net: Network, X: Matrix) -> Sides:
    """Return the sides of N at the rows of X, none of them where rounding hides it. Cost O(m ·
    parameters).
    """
    with np.errstate(over="ignore", invalid="ignore"):
        values = net(X)
        slack = _rounding(net, X)
        zero = _silent(net, X)
        positive = values > slack
        negative = values < -slack
    return Sides(negative | zero, positive | zero, positive, negative)


def signs(net: Network, X: Matrix, y: Vector) -> Signs:
    """Return the signs of all margins; exact where rounding, underflow or overflow hides one.

    If one is found wrong by floats, the hidden ones stay open. Cost O(m · parameters), and a
    rational evaluation for every hidden sign.
    """
    with np.errstate(over="ignore", invalid="ignore"):
        margins = y * net(X) + 0.0  # no −0
        slack = _rounding(net, X)
        positive = margins > slack
        wrong = (margins < -slack) | _silent(net, X)
    if not wrong.any():
        doubtful = np.flatnonzero(~positive)
        positive[doubtful], wrong[doubtful] = settled(net, X, y, doubtful)
    if not np.isfinite(margins).all():
        exact = ExactNet(net)
        for i in np.flatnonzero(~np.isfinite(margins)).tolist():
            margins[i] = _clamped(exact.value(X[i])) * y[i]
    return Signs(margins, positive, wrong)


def relative_outputs(net: Network, X: Matrix, worst: Fraction) -> Vector:
    """Return N(x) over a smallest margin. By exact arithmetic, for what leaves the doubles."""
    exact = ExactNet(net)
    return np.array([_clamped(exact.value(x) / worst) for x in X])


def smallest_margin(net: Network, X: Matrix, y: Vector) -> Fraction:
    """Return the smallest margin. Exact; cost a rational evaluation of every datum."""
    exact = ExactNet(net)
    return min(exact.value(x) * int(label) for x, label in zip(X, y, strict=True))


def _clamped(value: Fraction) -> float:
    """Return a value as a double, the largest of its sign where it is beyond these."""
    return float(max(min(value, Fraction(LARGEST)), -Fraction(LARGEST)))


def _rounding(net: Network, X: Matrix) -> Vector:
    """Bound the rounding error of N at the rows of X, (k,); inf where a sum may leave the range of
    doubles.

    It is at most that of a sum of positive terms of the same sizes, and 2^−1074 a product.
    """
    sizes = np.abs(X)
    lost = np.zeros(len(X))  # by underflow
    terms = 32 + len(net.v)
    for weight, bias in net.hidden:
        lost = lost[:, None] * np.abs(weight).max(axis=1, initial=0.0) * weight.shape[1]
        lost = (lost + weight.shape[1] * TINY).max(axis=1)
        sizes = sizes @ np.abs(weight).T
        if bias is not None:
            sizes = sizes + np.abs(bias)
        terms += 2 * weight.shape[1] + 2
    lost = lost * np.abs(net.v).sum() + len(net.v) * TINY
    found = terms * UNIT_ROUNDOFF * (sizes @ np.abs(net.v)) + lost
    return np.where(np.isfinite(found) & np.isfinite(sizes).all(axis=1), found, np.inf)


def _silent(net: Network, X: Matrix) -> Mask:
    """Return where N(x) = 0 for sure, as no neuron can be active; of nets with two layers only."""
    if not isinstance(net, TwoLayerNet):
        return np.zeros(len(X), dtype=np.bool_)
    b = net.biases
    inner = X @ net.W.T + b
    sizes = np.abs(X) @ np.abs(net.W).T + np.abs(b)
    off = inner < -(net.dimension + 2) * (UNIT_ROUNDOFF * sizes + TINY)
    # neurons that are zero, whatever their rounding
    never = (net.v == 0.0) | (~np.any(net.W, axis=1) & (b <= 0.0))
    return np.asarray(np.all(off | never, axis=1))


class ExactNet:
    """A net in whole numbers times powers of two, whose values are exact.

    Making it costs O(parameters), a value one product of Python's integers a parameter.
    """

    def __init__(self, net: Network) -> None:
        self.products = net.size
        self._layers = [
            (scaled(weight), None if bias is None else scaled(bias)) for weight, bias in net.hidden
        ]
        self._outer = scaled(net.v)

    def value(self, x: Vector) -> Fraction:
        """Return N(x)."""
        whole, exponent = self._at(x)
        return whole * Fraction(2) ** exponent

    def sign(self, x: Vector) -> int:
        """Return the sign of N(x): −1, 0 or 1."""
        whole, _ = self._at(x)
        return (whole > 0) - (whole < 0)

    def _at(self, x: Vector) -> tuple[int, int]:
        """Return N(x) as whole · 2^exponent."""
        hidden, exponent = scaled(x)
        for (rows, power), bias in self._layers:
            inner = [_dot(row, hidden) for row in rows]
            exponent += power
            if bias is not None:
                inner, exponent = _sum((inner, exponent), bias)
            hidden = [max(entry, 0) for entry in inner]
        outer, power = self._outer
        return _dot(outer, hidden), exponent + power


def scaled(values: Vector | Matrix) -> tuple[Any, int]:
    """Return finite floats as whole numbers, in (nested) lists, times one power of two. Exact."""
    mantissas, exponents = np.frexp(values)
    present = mantissas != 0.0
    least = int(exponents[present].min()) if present.any() else 0
    whole = np.ldexp(mantissas, 53).astype(np.int64).astype(object)
    return (whole << np.where(present, exponents - least, 0).astype(object)).tolist(), least - 53


def _sum(one: tuple[list[int], int], other: tuple[list[int], int]) -> tuple[list[int], int]:
    """Return the sum of two vectors of whole numbers times a power of two each."""
    least = min(one[1], other[1])
    first = one[1] - least
    second = other[1] - least
    pairs = zip(one[0], other[0], strict=True)
    return [(a << first) + (b << second) for a, b in pairs], least


def _dot(row: list[int], point: list[int]) -> int:
    return sum(map(mul, row, point))


def settled(net: Network, X: Matrix, y: Vector, doubtful: Indices) -> tuple[Mask, Mask]:
    """Return which of some margins y_i N(x_i) are positive, and which are not. Exact.

    Both are False for nets that are too large for rational arithmetic.
    """
    positive = np.zeros(len(doubtful), dtype=np.bool_)
    if net.size > _LARGEST or net.size * len(doubtful) > 16 * _LARGEST:
        return positive, positive.copy()
    exact = ExactNet(net)
    for k, i in enumerate(doubtful.tolist()):
        positive[k] = exact.sign(X[i]) * y[i] > 0.0
    return positive, ~positive
