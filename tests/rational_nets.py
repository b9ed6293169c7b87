"""KKT points in rational numbers, made from the path of their multipliers.

With e(t) = (1, −t)/√(1 + t²) a right-oriented kink t of sign s is where T(t) = s e(t), a
left-oriented one where T(t) = S + s e(t), T being the path Σ_{x_i > t} λ_i y_i (x_i, 1) from S to
0. All of that is rational for t = 2r/(1 − r²) with r rational, as √(1 + t²) = (1 + r²)/(1 − r²). So
kinks and S are chosen; a linear programme in floats says which slope changes go with them, if any;
those are rounded, made to meet their equations exactly, and observations and multipliers follow by
solving two equations in two unknowns for every step of the path. A neuron with slope change Δ has
v² = |Δ| √(1 + t²), which is no square in general: it is split into up to four neurons of one
direction whose v² are squares.

Nothing here is believed: `oracles.rational_kkt` verifies what comes out.
"""

import random
from collections.abc import Callable, Iterable, Sequence
from fractions import Fraction
from functools import cache
from itertools import pairwise
from typing import NamedTuple

import numpy as np
from oracles.rational_kkt import Neuron, RationalPoint
from oracles.squares import four_squares
from scipy import optimize

Vector = tuple[Fraction, Fraction]
ZERO, ONE = Fraction(0), Fraction(1)
CLEAR = Fraction(51, 50)  # |N| at kinks that are not on data
COARSE = 1000  # largest denominator of what can be rounded


class Kink(NamedTuple):
    """A kink that is to be: its half angle, sign and orientation."""

    half: Fraction  # r
    sign: int
    right: bool

    @property
    def place(self) -> Fraction:
        """Where it is: t."""
        return _place(self.half)

    @property
    def secant(self) -> Fraction:
        """√(1 + t²)."""
        return _secant(self.half)

    @property
    def direction(self) -> Vector:
        """The vector e(t)."""
        return _direction(self.half)


@cache
def _place(half: Fraction) -> Fraction:
    return 2 * half / (1 - half**2)


@cache
def _secant(half: Fraction) -> Fraction:
    return (1 + half**2) / (1 - half**2)


@cache
def _direction(half: Fraction) -> Vector:
    return 1 / _secant(half), -_place(half) / _secant(half)


class Step(NamedTuple):
    """How the path steps on from kink to kink, or end.

    "regular": two data, N crosses zero; "single": one datum; "datum": one on which both kinks lie;
    "none": it does not move.
    """

    kind: str
    rise: int = 0  # of N where it crosses zero


class Design(NamedTuple):
    """What is chosen. Kinks on data are those in `held`."""

    total: Vector
    kinks: tuple[Kink, ...]
    steps: tuple[Step, ...]
    held: frozenset[int] = frozenset()
    line: Vector = (ZERO, ZERO)  # an affine part a·(x, 1) of all-active neurons, a times this
    low: Fraction = Fraction(-1)
    high: Fraction = Fraction(2)

    @property
    def ends(self) -> list[Fraction]:
        """The kinks, and the ends of the data."""
        return [self.low, *(kink.place for kink in self.kinks), self.high]

    def path(self) -> list[Vector]:
        """Return the steps of the path from S over all kinks to 0."""
        stops = [self.total]
        for kink in self.kinks:
            x, z = (kink.sign * part for part in kink.direction)
            base = (ZERO, ZERO) if kink.right else self.total
            stops.append((base[0] + x, base[1] + z))
        stops.append((ZERO, ZERO))
        return [(a[0] - b[0], a[1] - b[1]) for a, b in pairwise(stops)]

    def row(self, x: Fraction) -> list[Fraction]:
        """Return N(x) as a linear form in the sizes of slope changes and of the affine part."""
        parts = []
        for kink in self.kinks:
            beyond = x - kink.place if kink.right else kink.place - x
            parts.append(kink.sign * max(ZERO, beyond))
        return [*parts, self.line[0] * x + self.line[1]] if any(self.line) else parts


def designed(design: Design, seed: int, *, extra: int = 3) -> RationalPoint | None:
    """Return the point of a design, None if there is none; `extra` more data where |N| > 1."""
    rng = random.Random(seed)
    equal: list[tuple[list[Fraction], Fraction]] = []
    below: list[tuple[list[Fraction], Fraction]] = []
    ends, path = design.ends, design.path()
    for k, (step, drop) in enumerate(zip(design.steps, path, strict=True)):
        if not _possible(step, drop, ends[k], ends[k + 1]):
            return None
        if step.kind in ("single", "datum"):
            equal.append((design.row(drop[0] / drop[1]), Fraction(sign_of(drop[1]))))
        if step.kind == "regular":
            for j, value in ((k, -step.rise), (k + 1, step.rise)):
                row = design.row(_within(drop, step.rise, ends[k], ends[k + 1], j - k))
                if j - 1 in design.held:
                    equal.append((row, Fraction(value)))
                else:
                    below.append(([-value * part for part in row], -CLEAR))
    sizes = _sizes(equal, below, rng)
    return None if sizes is None else _assembled(design, sizes, rng, extra)


def _possible(step: Step, drop: Vector, low: Fraction, high: Fraction) -> bool:
    """Whether bends between two kinks can make a step of the path."""
    inside = drop[1] != 0 and low < drop[0] / drop[1] < high
    if step.kind == "none":
        return not any(drop)
    if step.kind == "datum":
        return low == high and drop[1] != 0 and drop[0] == low * drop[1]
    if step.kind == "regular":
        at = [step.rise * (drop[0] - x * drop[1]) > 0 for x in (low, high)]
        return all(at) or (inside and any(at))
    return inside


def _within(drop: Vector, rise: int, low: Fraction, high: Fraction, which: int) -> Fraction:
    """Return the end of the part of a step in which N can cross zero."""
    end = (low, high)[which]
    return end if rise * (drop[0] - end * drop[1]) > 0 else drop[0] / drop[1]


def _sizes(
    equal: list[tuple[list[Fraction], Fraction]],
    below: list[tuple[list[Fraction], Fraction]],
    rng: random.Random,
) -> list[Fraction] | None:
    """Return sizes > 0 that meet the equations exactly, None if there are none."""
    count = len((equal or below)[0][0])
    largest = [max(abs(float(row[j])) for row, _ in equal + below) for j in range(count)]
    unit = 1.0 / np.maximum(1e-9, largest)

    def table(rows: list[tuple[list[Fraction], Fraction]]) -> np.ndarray:
        return np.array([row for row, _ in rows], dtype=float).reshape(-1, count) * unit

    found = []
    for _ in range(2):
        price = [0.01 + rng.random() for _ in range(count)]
        one = optimize.linprog(
            price,
            table(below),
            [float(value) for _, value in below],
            table(equal),
            [float(value) for _, value in equal],
            (1e-3, 1e6),
        )
        if one.status != 0:
            return None
        found.append(one.x * unit)
    return solved(equal, np.mean(found, axis=0).tolist())


def solved(
    equations: list[tuple[list[Fraction], Fraction]], near: Sequence[float]
) -> list[Fraction] | None:
    """Return an exact solution of some linear equations near a given one, None if there is none."""
    rows = [[*row, value] for row, value in equations]
    count = len(near)
    pivots: list[int] = []
    for _ in range(len(rows)):
        r = len(pivots)
        free = [j for j in range(count) if j not in pivots]
        size = {(i, j): abs(float(rows[i][j])) for i in range(r, len(rows)) for j in free}
        if not size or max(size.values()) == 0.0:
            break
        i, j = max(size, key=lambda at: size[at])
        rows[r], rows[i] = rows[i], rows[r]
        rows[r] = [part / rows[r][j] for part in rows[r]]
        for other in range(len(rows)):
            if other != r and rows[other][j]:
                factor = rows[other][j]
                rows[other] = [a - factor * b for a, b in zip(rows[other], rows[r], strict=True)]
        pivots.append(j)
    if any(row[-1] for row in rows[len(pivots) :]):
        return None
    out = [_rounded(value) for value in near]
    fixed = {j: out[j] for j in range(count) if j not in pivots}
    for r, j in enumerate(pivots):
        out[j] = rows[r][-1] - sum((rows[r][k] * one for k, one in fixed.items()), ZERO)
    return out if min(out) > 0 else None


def _rounded(value: float) -> Fraction:
    return Fraction(value).limit_denominator(COARSE) if value > 0.05 else Fraction(value)


def _assembled(
    design: Design, sizes: list[Fraction], rng: random.Random, extra: int
) -> RationalPoint | None:
    """Return the point: observations, multipliers, and neurons of square sizes."""

    def value(x: Fraction) -> Fraction:
        return sum((a * b for a, b in zip(design.row(x), sizes, strict=True)), ZERO)

    weights: dict[Fraction, Fraction] = {}
    labels: dict[Fraction, int] = {}
    parts: dict[tuple[int, Fraction], Fraction] = {}  # of a datum, by step
    for k, drop in enumerate(design.path()):
        for x, y, weight in _bends(design, k, drop, value):
            if weight <= 0:
                return None
            weights[x] = weights.get(x, ZERO) + weight
            labels[x] = y
            parts[k, x] = weight
    for _ in range(20 * extra):
        x = design.low + (design.high - design.low) * Fraction(rng.randrange(1, 500), 500)
        if len(labels) < len(weights) + extra and x not in labels and abs(value(x)) >= 1:
            labels[x] = sign_of(value(x))
    x = sorted(labels)
    neurons: list[Neuron] = []
    shares: dict[tuple[int, int], Fraction] = {}
    for k, (kink, size) in enumerate(zip(design.kinks, sizes, strict=False)):
        side = 1 if kink.right else -1
        for root in four_squares(size * kink.secant):
            if kink.place in weights:
                # a right-oriented neuron takes what is right of it on the path, a left one the rest
                before = sum(
                    (part for (j, at), part in parts.items() if at == kink.place and j <= k), ZERO
                )
                whole = weights[kink.place]
                share = (whole - before if kink.right else before) / whole
                shares[len(neurons), x.index(kink.place)] = share
            slope = side * root / kink.secant
            neurons.append((kink.sign * root, slope, -slope * kink.place))
    if any(design.line):
        sign = sign_of(design.line[0] * x[0] + design.line[1])
        for root in four_squares(sizes[-1]):
            neurons.append((sign * root, *(sign * root * part for part in design.line)))
    multipliers = [weights.get(at, ZERO) for at in x]
    return RationalPoint(neurons, x, [labels[at] for at in x], multipliers, shares)


def _bends(
    design: Design, k: int, drop: Vector, value: Callable[[Fraction], Fraction]
) -> Iterable[tuple[Fraction, int, Fraction]]:
    """Yield the observations that make a step: place, label and multiplier."""
    low, high = design.ends[k], design.ends[k + 1]
    step = design.steps[k]
    if step.kind in ("single", "datum"):
        yield drop[0] / drop[1], sign_of(drop[1]), abs(drop[1])
    if step.kind == "regular":
        at, there = value(low), value(high)
        slope = (there - at) / (high - low)
        if slope * step.rise <= 0:
            yield low, step.rise, -ONE
            return
        first = low + (-step.rise - at) / slope
        last = low + (step.rise - at) / slope
        # λ₂ x₂ − λ₁ x₁ = rise D₀, λ₂ − λ₁ = rise D₁
        yield first, -step.rise, step.rise * (drop[0] - last * drop[1]) / (last - first)
        yield last, step.rise, step.rise * (drop[0] - first * drop[1]) / (last - first)


def sign_of(value: Fraction) -> int:
    return (value > 0) - (value < 0)
