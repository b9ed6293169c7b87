"""Deep nets of scalar input: knots layer by layer, float screening with error bounds, exact pieces.

Within a piece every pre-activation is a line whose coefficients are sums of products of parameters,
hence dyadic: exact arithmetic stays cheap however deep the net is.
"""

from collections.abc import Iterator
from fractions import Fraction
from typing import NamedTuple

import numpy as np

from univariate.common.arrays import Vector
from univariate.common.integers import whole_layers
from univariate.common.tolerance import UNIT_ROUNDOFF
from univariate.problem.rational import Line

Layers = tuple[tuple[Vector, Vector], ...]


class ExactDeepNet:
    """Exact linear pieces of a deep net.

    Exact throughout; cost about (pieces) × (parameters) integer products. `unit` is the power of
    two that all slopes and rises are multiples of.
    """

    def __init__(self, layers: Layers) -> None:
        self._weights, self._biases, exponent = whole_layers(layers)
        self.unit = Fraction(2) ** exponent

    def value(self, x: float) -> Fraction:
        """Return N(x) at a double x."""
        at = Fraction(x)
        lines = self._first_lines()
        for depth in range(1, len(self._weights)):
            lines = self._push(
                depth, [line if line[0] * at + line[1] > 0 else None for line in lines]
            )
        slope, rise = lines[0]
        return (slope * at + rise) * self.unit

    def pieces(self, low: float, high: float) -> tuple[list[Fraction], list[Line]]:
        """Return break points in [low, high], ends included, and the lines between them.

        Lines are in units of `unit`.
        """
        found = list(self._descend(0, Fraction(low), Fraction(high), self._first_lines()))
        return [Fraction(low), *(end for end, _ in found)], [line for _, line in found]

    def _first_lines(self) -> list[Line]:
        return [(row[0], rise) for row, rise in zip(self._weights[0], self._biases[0], strict=True)]

    def _push(self, depth: int, hidden: list[Line | None]) -> list[Line]:
        active = [(j, line) for j, line in enumerate(hidden) if line is not None]
        lines = []
        for row, bias in zip(self._weights[depth], self._biases[depth], strict=True):
            slope = sum(row[j] * line[0] for j, line in active)
            lines.append((slope, sum(row[j] * line[1] for j, line in active) + bias))
        return lines

    def _descend(
        self, depth: int, low: Fraction, high: Fraction, lines: list[Line]
    ) -> Iterator[tuple[Fraction, Line]]:
        """Yield (end, line) of every linear piece of the output on [low, high], from the left.

        From piece to piece only the neurons with their root between change what is pushed on.
        """
        if depth == len(self._weights) - 1:
            yield high, lines[0]
            return
        roots: dict[Fraction, list[int]] = {}
        active = []
        for j, (slope, rise) in enumerate(lines):
            start = slope * low + rise
            active.append(start > 0 or (start == 0 and slope > 0))
            root = Fraction(-rise, slope) if slope else low
            if low < root < high:
                roots.setdefault(root, []).append(j)
        pushed = self._push(
            depth + 1, [line if on else None for on, line in zip(active, lines, strict=True)]
        )
        for root in sorted(roots):
            yield from self._descend(depth + 1, low, root, pushed)
            pushed = self._toggled(depth + 1, pushed, lines, roots[root])
            low = root
        yield from self._descend(depth + 1, low, high, pushed)

    def _toggled(
        self, depth: int, pushed: list[Line], lines: list[Line], neurons: list[int]
    ) -> list[Line]:
        """Return what is pushed on right of the root of some neurons."""
        slopes = [slope for slope, _ in pushed]
        rises = [rise for _, rise in pushed]
        for j in neurons:
            slope, rise = lines[j]
            sign = 1 if slope > 0 else -1  # switches on, or off
            for i, row in enumerate(self._weights[depth]):
                slopes[i] += sign * row[j] * slope
                rises[i] += sign * row[j] * rise
        return list(zip(slopes, rises, strict=True))


class Screen(NamedTuple):
    """Float values of a deep net at its knots, and how far each piece may stray from its chord."""

    knots: Vector  # (k,)
    values: Vector  # (k,)
    stray: Vector  # (k − 1,) |N − chord| on the piece, rounding of the values included


def knots_between(layers: Layers, low: float, high: float, points: Vector) -> Vector:
    """Rounded knots in [low, high], ends and further points inside included.

    Layer by layer, where pre-activations change their signs.
    """
    knots = np.unique(np.concatenate([[low, high], points]))
    for depth in range(len(layers) - 1):
        with np.errstate(all="ignore"):
            hidden = _pre_activation(layers, knots, depth)
            a, b = hidden[:-1], hidden[1:]
            crossings = knots[:-1, None] + (knots[1:] - knots[:-1])[:, None] * (
                np.abs(a) / (np.abs(a) + np.abs(b))
            )
            if depth == 0:  # the kinks of the first layer are known to half an ulp
                crossings = np.broadcast_to(-layers[0][1] / layers[0][0][:, 0], a.shape)
        knots = np.unique(np.concatenate([knots, crossings[(a < 0.0) != (b < 0.0)]]))
        knots = knots[(knots >= low) & (knots <= high)]
    return knots


def screen(layers: Layers, low: float, high: float, points: Vector) -> Screen:
    """Evaluate a deep net at its knots in [low, high], and at points, with rigorous bounds.

    Rounded, with bounds. Cost O(knots · parameters), by matrix products.
    """
    # an overflow turns into an unbounded stray: such pieces are left undecided
    with np.errstate(all="ignore"):
        knots = knots_between(layers, low, high, points)
        hidden = knots[:, None]
        error = np.zeros((len(knots), 1))
        stray = np.zeros((len(knots) - 1, 1))
        for depth, (weight, bias) in enumerate(layers):
            hidden, error = _affine(hidden, error, weight, bias)
            stray = 1.01 * (stray @ np.abs(weight).T)
            if depth == len(layers) - 1:
                break
            a, b = hidden[:-1], hidden[1:]
            doubt = np.maximum(error[:-1], error[1:])
            nearest = np.minimum(np.abs(a), np.abs(b))
            steady = ((a > 0.0) == (b > 0.0)) & (nearest > doubt + stray)
            # a line that changes sign strays from the chord of its ReLU by at most its smaller end
            # value
            bend = np.where((a > 0.0) == (b > 0.0), 0.0, nearest) + 2.0 * doubt + stray
            stray = np.where(steady, np.where(a > 0.0, stray, 0.0), stray + bend)
            hidden = np.maximum(hidden, 0.0)
        return Screen(knots, hidden[:, 0], stray[:, 0] + np.maximum(error[:-1, 0], error[1:, 0]))


def evaluate_deep(layers: Layers, x: Vector) -> tuple[Vector, Vector]:
    """Return N(x) in float64 and a rigorous bound on its error; infinite on overflow."""
    with np.errstate(all="ignore"):
        hidden = x[:, None]
        error = np.zeros((len(x), 1))
        for depth, (weight, bias) in enumerate(layers):
            hidden = np.maximum(hidden, 0.0) if depth else hidden
            hidden, error = _affine(hidden, error, weight, bias)
        value = hidden[:, 0]
        bound = error[:, 0] * 1.0625
    finite = np.isfinite(value) & np.isfinite(bound)
    return np.where(np.isfinite(value), value, 0.0), np.where(finite, bound, np.inf)


def _affine(hidden: Vector, error: Vector, weight: Vector, bias: Vector) -> tuple[Vector, Vector]:
    """One layer and the bound on its error, in whatever order the matrix product sums."""
    size = np.abs(hidden) @ np.abs(weight).T + np.abs(bias)
    gamma = (weight.shape[1] + 3) * UNIT_ROUNDOFF * 1.01
    error = 1.01 * (error @ np.abs(weight).T) + gamma * size + 1e-300
    return hidden @ weight.T + bias, error


def _pre_activation(layers: Layers, points: Vector, depth: int) -> Vector:
    hidden = points[:, None]
    for level in range(depth + 1):
        weight, bias = layers[level]
        hidden = (np.maximum(hidden, 0.0) if level else hidden) @ weight.T + bias
    return hidden
