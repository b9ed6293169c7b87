"""The nearest point of the cone of Σ λ_i y_i h_i to θ: multipliers and derivatives at kinks, all at
once.

With μ_ij = λ_i σ'_ij the unknowns satisfy 0 ≤ μ_ij ≤ λ_i, a cone for every datum whose edges choose
each σ' to be 0 or 1. Edges are too many to list where several neurons have a kink on one datum, so
non-negative least squares starts with the edges «all 0» and «all 1», and the edge that correlates
best with the residual joins until none does. The face found is then solved again, with residuals
taken in parameter space: Gram matrices square condition numbers.
"""

from typing import Final, NamedTuple

import numpy as np

from highdim.standing.columns import Columns, Correlations, against, correlations, normal_matrix
from highdim.standing.folded import Direction, Problem
from highdim.standing.nonnegative import Factor, nonnegative
from univariate.common.arrays import Indices, Mask, Matrix, Vector

_ROUNDS: Final = 200  # of new edges
_STEPS: Final = 6  # of refinement
_JOIN: Final = 1e-12  # cosine with the residual above which an edge joins
_FALL: Final = 1e-12  # relative fall of the residual that counts
_NEAR: Final = 1e-6  # relative residual at which the face is probably right
_EXACT: Final = 1e-12  # and at which nothing is left to find


class Fit(NamedTuple):
    """Multipliers (m,), their weights μ_ij = λ_i σ'_ij (m, n), and the residual of stationarity."""

    multipliers: Vector
    weights: Matrix
    residual: Direction
    size: float


def fit(problem: Problem, active: Mask, kinks: Mask) -> Fit:
    """Return multipliers on the active data that bring Σ λ_i y_i h_i nearest to θ.

    active : (m,) data that may carry multipliers; kinks : (m, n) where σ' is free in [0, 1].
    Rounded. Cost O(m n q + p² (n + p)) for p edges, about m.
    """
    base = problem.settled(kinks)
    columns = _edges(base, active, kinks)
    target = correlations(problem, problem.trained)
    best = measured(problem, np.zeros(len(problem.y)), np.zeros(kinks.shape))
    few = False
    kept = columns.taken(np.zeros(len(columns.datum), dtype=np.bool_))
    for _ in range(_ROUNDS):
        weight = nonnegative(normal_matrix(problem, columns), against(columns, target))
        found = _combined(problem, columns, weight)
        if found.size < best.size * (1.0 - _FALL):
            best = found
            few = False
            kept = columns.taken(weight > 0.0)
        elif few:  # not even the best edge alone helps: the rest is rounding
            break
        else:
            few = True
        if best.size <= _NEAR * np.sqrt(problem.squared_size):
            best = refined(problem, best, base, kinks)
        joining = _joining(problem, best, active, kinks, base, few)
        if joining is None or best.size <= _EXACT * np.sqrt(problem.squared_size):
            break
        columns = kept.joined(joining)
    return refined(problem, best, base, kinks)


def _combined(problem: Problem, columns: Columns, weight: Vector) -> Fit:
    multipliers = np.zeros(len(problem.y))
    np.add.at(multipliers, columns.datum, weight)
    mixed = np.zeros(problem.Z.shape)
    np.add.at(mixed, columns.datum, weight[:, None] * columns.slope)
    return measured(problem, multipliers, mixed)


def refined(problem: Problem, found: Fit, base: Matrix, kinks: Mask) -> Fit:
    """Solve once more on the face of the cone that holds these multipliers, with residuals in
    parameter space.
    """
    best = found
    free, columns = _face(found.multipliers, found.weights, base, kinks)
    if not len(columns.datum):
        return best
    factor = Factor(normal_matrix(problem, columns))
    count = int(columns.gradient.sum())
    owner = columns.datum
    now = best
    for _ in range(_STEPS):
        step = factor.solve(against(columns, correlations(problem, now.residual)))
        multipliers = now.multipliers.copy()
        weights = now.weights.copy()
        multipliers[owner[:count]] += step[:count]
        weights[owner[:count]] += step[:count, None] * columns.slope[:count]
        weights[free] += step[count:]
        multipliers = np.maximum(multipliers, 0.0)
        now = measured(problem, multipliers, np.clip(weights, 0.0, multipliers[:, None]))
        if not now.size < best.size:
            break
        gained = best.size - now.size
        best = now
        if gained < 1e-3 * best.size:
            break
    return best


def measured(problem: Problem, multipliers: Vector, weights: Matrix) -> Fit:
    """Return the fit with its residual θ − Σ λ_i y_i h_i. Cost O(m n q)."""
    R, r = problem.trained
    R = R - (weights * problem.y[:, None] * problem.v).T @ problem.X
    if r is not None:
        r = r - np.maximum(problem.Z, 0.0).T @ (problem.y * multipliers)
    residual = Direction(R, r)
    return Fit(multipliers, weights, residual, float(np.sqrt(residual.dot(residual))))


def best_edges(found: Correlations, base: Matrix, kinks: Mask) -> Vector:
    """Return the largest correlation of an edge of every datum with the vector behind `found`,
    (m,).
    """
    return np.asarray(
        np.sum(found.slope * base + np.maximum(found.slope, 0.0) * kinks, axis=1) + found.value
    )


def _edges(base: Matrix, active: Mask, kinks: Mask) -> Columns:
    plain = np.flatnonzero(active)
    kinked = np.flatnonzero(active & kinks.any(axis=1))
    datum = np.concatenate([plain, kinked])
    return Columns(
        datum, np.concatenate([base[plain], base[kinked] + kinks[kinked]]), np.ones(len(datum))
    )


def _joining(
    problem: Problem, fit: Fit, active: Mask, kinks: Mask, base: Matrix, few: bool
) -> Columns | None:
    """Return the best edge of every datum along which the residual still falls, or of one; None if
    there are none.
    """
    found = correlations(problem, fit.residual)
    gain = np.where(active, best_edges(found, base, kinks), 0.0)
    chosen = np.flatnonzero(gain > _JOIN * _longest(problem) * fit.size)
    if not len(chosen):
        return None
    chosen = chosen[[np.argmax(gain[chosen])]] if few else chosen
    return Columns(chosen, (base + (kinks & (found.slope > 0.0)))[chosen], np.ones(len(chosen)))


def _longest(problem: Problem) -> float:
    """Return a bound on the sizes of gradients, attained up to a factor of two."""
    lengths = np.linalg.norm(problem.X, axis=1) * float(np.linalg.norm(problem.v))
    values = np.linalg.norm(np.maximum(problem.Z, 0.0), axis=1) if problem.train_output else 0.0
    return float(np.max(np.maximum(lengths, values)))


def _face(
    multipliers: Vector, weights: Matrix, base: Matrix, kinks: Mask
) -> tuple[tuple[Indices, Indices], Columns]:
    """Return the positions of μ strictly between 0 and λ, and the columns of the face: λ's first,
    then those.
    """
    data = np.flatnonzero(multipliers > 0.0)
    owner = multipliers[:, None]
    top = kinks & (weights >= owner * (1.0 - 1e-12)) & (owner > 0.0)
    datum, neuron = np.nonzero(kinks & ~top & (weights > 0.0))
    parts = np.zeros((len(datum), base.shape[1]))
    parts[np.arange(len(parts)), neuron] = 1.0
    gradients = Columns(data, base[data] + top[data], np.ones(len(data)))
    return (datum, neuron), gradients.joined(Columns(datum, parts, np.zeros(len(parts))))
