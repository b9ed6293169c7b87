"""The max-margin norm by full enumeration of activation cells, and gains in rational arithmetic.

A cell is a pattern s in {0, 1}^m for which some u has u·x̃_i > 0 where s_i = 1 and < 0 elsewhere.
They are found datum by datum: a pattern of the first i data goes on where a convex problem says so.
The conic program over all of them is solved as it is, and again with the blocks in use.
"""

from fractions import Fraction
from itertools import combinations, product

import numpy as np
from numpy.typing import NDArray
from scipy import optimize

from oracles.sphere_optimum import Block, _conic, coordinates

Array = NDArray[np.float64]
Rational = list[Fraction]


def cells(points: Array) -> list[tuple[float, ...]]:
    """The patterns of all cells with interior."""
    found: list[tuple[float, ...]] = [()]
    for i in range(len(points)):
        longer = [(*one, side) for one in found for side in (0.0, 1.0)]
        found = [one for one in longer if _open(points[: i + 1], one)]
    return found


def _open(points: Array, pattern: tuple[float, ...]) -> bool:
    """Whether some u has side_i u·f_i ≥ 1 for all i, by least distance programming."""
    sides = (2.0 * np.array(pattern) - 1.0)[:, None] * points
    system = np.vstack((sides.T, np.ones(len(sides))))
    target = np.append(np.zeros(points.shape[1]), 1.0)
    return optimize.nnls(system, target, maxiter=1000)[1] > 1e-9


def max_margin_norm(X: Array, y: Array, bias: bool) -> tuple[float, float]:
    """‖θ‖² of a feasible net and a lower bound on ‖θ*‖² by weak duality over all cells."""
    points, labels = coordinates(X, bias), np.asarray(y, dtype=np.float64)
    patterns = cells(points)
    blocks: list[Block] = [(one, sign) for one in patterns for sign in (1.0, -1.0)]
    upper, lower = np.inf, 0.0
    for _ in range(3):
        solved = _conic(points, labels, blocks)
        if solved is None:
            break
        vectors, multipliers = solved
        lengths = np.linalg.norm(vectors, axis=1)
        signs = np.array([sign for _, sign in blocks])
        margins = labels * (signs @ np.maximum(vectors @ points.T, 0.0))
        if margins.min() > 0.0:
            upper = min(upper, float(2.0 * lengths.sum() / margins.min()))
        gain = _gain(points, labels * multipliers, patterns)
        lower = max(lower, float(2.0 * multipliers.sum()) / gain)
        kept = lengths > 1e-4 * lengths.max()
        blocks = [block for block, one in zip(blocks, kept, strict=True) if one]
    return upper, lower


def _gain(points: Array, charges: Array, patterns: list[tuple[float, ...]]) -> float:
    """The largest gain of a unit vector: over all cells, the projection of the gradient."""
    best = 0.0
    for pattern in patterns:
        s = np.array(pattern)
        sides = (2.0 * s - 1.0)[:, None] * points
        for sign in (1.0, -1.0):
            pull = sign * (s * charges) @ points
            if np.linalg.norm(pull) > best:
                weights, _ = optimize.nnls(sides.T, -pull, maxiter=1000)
                best = max(best, float(np.linalg.norm(pull + weights @ sides)))
    return best


def rational_rows(X: Array, bias: bool) -> list[Rational]:
    """x̃_i, exactly."""
    last = [Fraction(1)] if bias else []
    return [[Fraction(entry) for entry in row] + last for row in np.asarray(X).tolist()]


def squared_gain(rows: list[Rational], charges: Rational) -> Fraction:
    """sup over ‖u‖ ≤ 1 of |Σ charges_i σ(u·f_i)|, squared, exactly; data in general position.

    The supremum over a closed cell is at the projection of its gradient on the subspace of a face,
    where that lies in the cell. Every cell has a corner, and at a corner k − 1 data are 0.
    """
    m, k = len(rows), len(rows[0])
    best = Fraction(0)
    for pattern in _patterns(rows):
        gradient = [sum(charges[i] * rows[i][e] for i in range(m) if pattern[i]) for e in range(k)]
        for sign in (1, -1):
            pull = [sign * entry for entry in gradient]
            if _dot(pull, pull) <= best:
                continue
            for size in range(k):
                for face in combinations(range(m), size):
                    p = _projected(pull, [rows[i] for i in face])
                    height = _dot(p, p)
                    if height > best and _inside(rows, pattern, face, p):
                        best = height
    return best


def _inside(
    rows: list[Rational], pattern: tuple[bool, ...], face: tuple[int, ...], p: Rational
) -> bool:
    sides = ((_dot(row, p), pattern[i]) for i, row in enumerate(rows) if i not in face)
    return all(value >= 0 if active else value <= 0 for value, active in sides)


def _patterns(rows: list[Rational]) -> set[tuple[bool, ...]]:
    """The patterns of all cells, from the corners of the arrangement."""
    m, k = len(rows), len(rows[0])
    if m < k:
        return set(product((False, True), repeat=m))
    found = set()
    for face in combinations(range(m), k - 1):
        corner = _orthogonal([rows[i] for i in face], k)
        for turn in (1, -1):
            values = [turn * _dot(row, corner) for row in rows]
            assert all(value for i, value in enumerate(values) if i not in face)
            for sides in product((False, True), repeat=k - 1):
                at = dict(zip(face, sides, strict=True))
                found.add(tuple(at.get(i, value > 0) for i, value in enumerate(values)))
    return found


def _orthogonal(rows: list[Rational], k: int) -> Rational:
    """A vector orthogonal to k − 1 independent rows: what is left of a unit vector."""
    for e in range(k):
        left = _projected([Fraction(int(e == other)) for other in range(k)], rows)
        if any(left):
            return left
    raise ArithmeticError("the rows span the space")


def _projected(vector: Rational, rows: list[Rational]) -> Rational:
    """The vector less its projection on the span of independent rows."""
    basis: list[Rational] = []
    for row in rows:
        left = _less(row, basis)
        assert any(left)
        basis.append(left)
    return _less(vector, basis)


def _less(vector: Rational, basis: list[Rational]) -> Rational:
    for one in basis:
        share = _dot(vector, one) / _dot(one, one)
        vector = [a - share * b for a, b in zip(vector, one, strict=True)]
    return vector


def _dot(a: Rational, b: Rational) -> Fraction:
    return sum((x * y for x, y in zip(a, b, strict=True)), Fraction(0))


def rational_margins(v: Array, W: Array, b: Array | None, X: Array, y: Array) -> list[Fraction]:
    """y_i N(x_i), exactly."""
    offsets = np.zeros(len(v)) if b is None else b
    found = []
    for x, label in zip(np.asarray(X).tolist(), np.asarray(y).tolist(), strict=True):
        point = [Fraction(entry) for entry in x]
        total = Fraction(0)
        for outer, row, offset in zip(v.tolist(), W.tolist(), offsets.tolist(), strict=True):
            inner = _dot([Fraction(entry) for entry in row], point) + Fraction(offset)
            total += Fraction(outer) * max(inner, Fraction(0))
        found.append(Fraction(label) * total)
    return found
