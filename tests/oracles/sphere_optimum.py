"""The max-margin norm of few points by a convex program over all activity patterns, and gains by
brute force.

A two-layer net may be taken with one neuron for each pattern s in {0, 1}^m and each sign, u = (w,
b) in the closed cell of the pattern, where σ(u·x̃_i) = s_i u·x̃_i: neurons of one cell and sign
merge at no cost (Pilanci and Ergen, 2020). Balanced neurons cost 2‖u‖, so Problem (1) is a
second-order cone program of 2^(m+1) vectors. Many of these are not needed and cost the solver
digits, so it is solved again with those that are, and the answer is checked: the net is feasible
once it is scaled, and the multipliers bound every net by weak duality, with the exact gain of a
neuron.
"""

from itertools import product
from typing import NamedTuple

import clarabel
import numpy as np
from numpy.typing import ArrayLike, NDArray
from scipy import optimize, sparse

Array = NDArray[np.float64]

TOLERANCE = 1e-10
GAP = 3e-8  # relative, between a feasible net and a bound by weak duality
ROUNDS = 12
TURNS = 8

Block = tuple[tuple[float, ...], float]  # an activity pattern and the sign of v


def coordinates(X: ArrayLike, bias: bool) -> Array:
    """Rows with the inner products of x̃_i = (x_i, 1), or x_i, in as many dimensions as they span,
    at least one.
    """
    rows = np.asarray(X, dtype=np.float64)
    if bias:
        rows = np.concatenate((rows, np.ones((len(rows), 1))), axis=1)
    left, sizes, _ = np.linalg.svd(rows, full_matrices=False)
    rank = max(1, int(np.sum(sizes > 1e-12 * sizes[0])))
    return left[:, :rank] * sizes[:rank]


def max_margin_norm(X: ArrayLike, y: ArrayLike, bias: bool = True) -> float:
    """‖θ*‖², the norm of a feasible net that is within `GAP` of it; inf if no net interpolates.

    For m up to 6.

    Of random turns of the coordinates the solver loses itself in one in twenty-five, on orthonormal
    data (60 of 1,571): which one is left to rounding, so others are tried.
    """
    points, labels = coordinates(X, bias), np.asarray(y, dtype=np.float64)
    gaps = []
    for seed in range(TURNS):
        turned = points @ _turn(points.shape[1], seed)
        norm, gap = _refined(turned, labels)
        if gap <= GAP:
            return norm
        gaps.append(gap)
    raise RuntimeError(f"no net within {GAP} of the optimum was found, gaps {gaps}")


def _turn(r: int, seed: int) -> Array:
    if seed == 0:
        return np.eye(r)
    return np.linalg.qr(np.random.default_rng(seed).standard_normal((r, r)))[0]


def _refined(points: Array, labels: Array) -> tuple[float, float]:
    """The norm of a feasible net and its gap, from programs of fewer and fewer cells; (inf, 0) if
    none interpolates.
    """
    blocks: list[Block] = [
        (s, sign) for s in product((0.0, 1.0), repeat=len(labels)) for sign in (1.0, -1.0)
    ]
    found = [(np.inf, np.inf)]
    for k in range(ROUNDS):
        solved = _conic(points, labels, blocks)
        if solved is None:
            return (np.inf, 0.0) if k == 0 else min(found, key=lambda one: one[1])
        vectors, multipliers = solved
        lengths = np.linalg.norm(vectors, axis=1)
        values = sum(
            sign * np.maximum(points @ u, 0.0) for (_, sign), u in zip(blocks, vectors, strict=True)
        )
        norm = float(2.0 * lengths.sum() / np.min(labels * values))
        best = steepest(points, labels * multipliers)
        found.append((norm, norm * best[0].gain / (2.0 * multipliers.sum()) - 1.0))
        if found[-1][1] <= GAP:
            return found[-1]
        kept = [
            block
            for block, length in zip(blocks, lengths, strict=True)
            if length > 1e-4 * lengths.max()
        ]
        close = [one.block for one in best if one.gain > best[0].gain * (1.0 - 1e-5)]
        blocks = list(dict.fromkeys(kept + close))
    return min(found, key=lambda one: one[1])


def _conic(points: Array, labels: Array, blocks: list[Block]) -> tuple[Array, Array] | None:
    """Return u for every block and the multipliers of the margins; None if the program is
    infeasible.
    """
    m, r = points.shape
    size = r + 1  # t, a with ‖a‖ ≤ t
    cells, cones = [], []
    margins = np.zeros((m, size * len(blocks)))
    for k, (pattern, sign) in enumerate(blocks):
        s = np.array(pattern)
        sides = (2.0 * s - 1.0)[:, None] * points
        cells.append(np.concatenate((np.zeros((m, 1)), -sides), axis=1))
        margins[:, k * size + 1 : (k + 1) * size] = -(sign * labels * s)[:, None] * points
        cones.append(-np.eye(size))
    walls, lengths = (
        sparse.block_diag([sparse.coo_array(one) for one in part]) for part in (cells, cones)
    )
    A = sparse.csc_matrix(sparse.vstack((walls, sparse.csc_array(margins), lengths)))
    right = np.concatenate((np.zeros(m * len(blocks)), -np.ones(m), np.zeros(size * len(blocks))))
    cost = np.zeros(size * len(blocks))
    cost[::size] = 2.0
    kinds = [clarabel.NonnegativeConeT(m * len(blocks) + m)] + [
        clarabel.SecondOrderConeT(size)
    ] * len(blocks)
    settings = clarabel.DefaultSettings()
    settings.verbose = False
    settings.tol_gap_abs = settings.tol_gap_rel = settings.tol_feas = TOLERANCE
    found = clarabel.DefaultSolver(
        sparse.csc_matrix((len(cost), len(cost))), cost, A, right, kinds, settings
    ).solve()
    if found.status == clarabel.SolverStatus.PrimalInfeasible:
        return None
    multipliers = np.array(found.z)[m * len(blocks) : m * len(blocks) + m]
    return np.array(found.x).reshape(len(blocks), size)[:, 1:], np.maximum(multipliers, 0.0)


class Neuron(NamedTuple):
    """The unit vector of largest gain in a cell."""

    gain: float
    block: Block


def steepest(points: Array, charges: Array) -> list[Neuron]:
    """For every cell and sign the largest of sign Σ charges_i σ(u·x̃_i) over unit u in it, largest
    first.
    """
    found = []
    for pattern in product((0.0, 1.0), repeat=len(charges)):
        s = np.array(pattern)
        sides = (2.0 * s - 1.0)[:, None] * points  # the cell is sides·u ≥ 0
        for sign in (1.0, -1.0):
            pull = sign * (s * charges) @ points
            weights, _ = optimize.nnls(sides.T, -pull)
            found.append(Neuron(float(np.linalg.norm(pull + weights @ sides)), (pattern, sign)))
    return sorted(found, key=lambda one: -one.gain)


def largest_gain(X: ArrayLike, y: ArrayLike, multipliers: ArrayLike, bias: bool = True) -> float:
    """sup over ‖u‖ ≤ 1 of |Σ λ_i y_i σ(u·x̃_i)|, cell by cell: the norm of a projection onto a
    cone. For m up to 10.
    """
    charges = np.asarray(multipliers, dtype=np.float64) * np.asarray(y, dtype=np.float64)
    return steepest(coordinates(X, bias), charges)[0].gain


def gain_reached(
    X: ArrayLike,
    y: ArrayLike,
    multipliers: ArrayLike,
    bias: bool,
    starts: int,
    steps: int,
    rng: np.random.Generator,
) -> float:
    """The largest |Σ λ_i y_i σ(u·x̃_i)| that ascent on the unit sphere reaches from random u: S
    from below.
    """
    points = coordinates(X, bias)
    charges = np.asarray(multipliers, dtype=np.float64) * np.asarray(y, dtype=np.float64)
    best = 0.0
    for sign in (1.0, -1.0):
        u = rng.standard_normal((starts, points.shape[1]))
        u /= np.linalg.norm(u, axis=1, keepdims=True)
        for _ in range(steps):
            values = np.maximum(u @ points.T, 0.0)
            best = max(best, float(np.max(sign * values @ charges)))
            pull = sign * ((u @ points.T > 0.0) * charges) @ points
            u = u + 0.9 * pull / np.maximum(np.linalg.norm(pull, axis=1, keepdims=True), 1e-300)
            u /= np.linalg.norm(u, axis=1, keepdims=True)
    return best


def least_norm_by_descent(
    X: ArrayLike, y: ArrayLike, bias: bool, width: int, starts: int, rng: np.random.Generator
) -> float:
    """The least ‖θ‖²/(worst margin) that quasi-Newton descent on ‖θ‖² + growing penalties reaches;
    inf if none.
    """
    points, labels = coordinates(X, bias), np.asarray(y, dtype=np.float64)
    r, best = points.shape[1], np.inf

    def split(theta: Array) -> tuple[Array, Array]:
        return theta[:width], theta[width:].reshape(width, r)

    def objective(theta: Array, weight: float) -> tuple[float, Array]:
        v, u = split(theta)
        z = points @ u.T
        short = np.maximum(1.0 - labels * (np.maximum(z, 0.0) @ v), 0.0)
        back = -2.0 * weight * short * labels
        du = ((z > 0.0) * v * back[:, None]).T @ points
        slope = 2.0 * theta + np.concatenate((np.maximum(z, 0.0).T @ back, du.ravel()))
        return float(theta @ theta + weight * short @ short), slope

    for _ in range(starts):
        theta = 0.5 * rng.standard_normal(width * (r + 1))
        for weight in (10.0, 1e3, 1e5):
            theta = optimize.minimize(
                objective, theta, (weight,), "L-BFGS-B", jac=True, options={"maxiter": 500}
            ).x
        v, u = split(theta)
        worst = float(np.min(labels * (np.maximum(points @ u.T, 0.0) @ v)))
        if worst > 0.0:
            best = min(best, float(theta @ theta) / worst)
    return best
