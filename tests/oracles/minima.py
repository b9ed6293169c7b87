"""Which nets are KKT points or local minima of Problem (1), by dense float64 programs; and a source
of such nets.

A net is N(x) = Σ_j v_j max(0, w_j x + b_j), Problem (1) is min ‖θ‖² subject to y_i N(x_i) ≥ 1.
Every function here takes the net as it is and first divides it by its worst margin μ: N is
2-homogeneous in θ = (v, w, b), so θ/√μ has margins y_i N(x_i)/μ. A point is active when this is
at most 1 + `active_tolerance`; a neuron j has its kink on x_i when |w_j x_i + b_j| ≤
`kink_tolerance`·‖(w_j, b_j)‖ ‖(x_i, 1)‖.
"""

from itertools import product
from typing import NamedTuple

import clarabel
import numpy as np
from numpy.typing import ArrayLike, NDArray
from scipy import linalg, optimize, sparse

from oracles import naive
from oracles.naive import Block

Vector = NDArray[np.float64]
Net = tuple[Vector, Vector, Vector]
ROUNDING = 64 * float(np.finfo(np.float64).eps)  # of sums of a few dozen products of size one
NEAR = 1e-5  # relative accuracy of the conic solver's atoms
NEWTON_STEPS = 12  # the last few change nothing


class _Local(NamedTuple):
    """The net with worst margin 1, the active points and, for these (rows) and all neurons
    (columns), the kinks.
    """

    theta: Vector  # (3, n): v, w, b
    points: Vector
    labels: Vector
    indices: NDArray[np.intp]
    values: Vector  # w_j x_i + b_j
    kinks: NDArray[np.bool_]


def _local(
    net: Net, x: ArrayLike, y: ArrayLike, active_tolerance: float, kink_tolerance: float
) -> _Local:
    points, labels = np.asarray(x, dtype=np.float64), np.asarray(y, dtype=np.float64)
    margins = labels * naive.dense_net(*net)(points)
    worst = float(np.min(margins))
    if not worst > 0.0:
        raise ValueError(f"the net must interpolate, its smallest margin is {worst}")
    theta = np.asarray(net, dtype=np.float64) / np.sqrt(worst)
    indices = np.flatnonzero(margins / worst - 1.0 <= active_tolerance)
    near = points[indices]
    values = near[:, None] * theta[1] + theta[2]
    kinks = (
        np.abs(values)
        <= kink_tolerance * np.hypot(theta[1], theta[2]) * np.hypot(1.0, near)[:, None]
    )
    return _Local(theta, near, labels[indices], indices, values, kinks)


# Stationarity  θ is a (Clarke-)KKT point iff θ = Σ_i λ_i y_i h_i with λ ≥ 0 on the active points
# and h_i in the Clarke subdifferential of N(x_i): (σ(w_j x_i + b_j), v_j s_ij x_i, v_j s_ij) for
# every neuron, with s_ij = 1 or 0 off the kink and any s_ij in [0, 1] on it. The sums form a closed
# convex cone, spanned by the y_i h_i with every s_ij 0 or 1. There may be 2^kinks of these per
# point, so they are generated: while the residual r = θ − (projection onto the cone of those at
# hand) has r·(y_i h_i) > 0 for some i and the s_i that maximise it, those are added.


def kkt_distance(
    v: ArrayLike,
    w: ArrayLike,
    b: ArrayLike,
    x: ArrayLike,
    y: ArrayLike,
    *,
    active_tolerance: float,
    kink_tolerance: float,
) -> tuple[float, Vector]:
    """Distance of θ/√μ from the cone {Σ λ_i y_i h_i}, relative to its norm, and the λ (m,) of the
    nearest sum.

    By nonnegative least squares, good to rounding. The multipliers may be not unique: these are one
    choice.

    Raises
    ------
    ValueError
        The net does not interpolate: its smallest margin is not positive.
    """
    local = _local((v, w, b), x, y, active_tolerance, kink_tolerance)
    target = local.theta.ravel()
    residual, rays, owners = target, np.empty((target.size, 0)), np.empty(0, dtype=np.intp)
    weights = np.empty(0)
    while True:
        found = _steepest_rays(local, residual)
        gains = found.T @ residual / np.linalg.norm(found, axis=0)
        known = np.any(np.all(found[:, :, None] == rays[:, None, :], axis=0), axis=1)
        fresh = np.flatnonzero((gains > ROUNDING * np.linalg.norm(target)) & ~known)
        if not fresh.size:
            break
        rays, owners = np.column_stack((rays, found[:, fresh])), np.append(owners, fresh)
        weights, _ = optimize.nnls(rays, target, maxiter=100 * len(owners))
        residual = target - rays @ weights
    multipliers = np.zeros(np.size(x))
    np.add.at(multipliers, local.indices[owners], weights)
    return float(np.linalg.norm(residual) / np.linalg.norm(target)), multipliers


def _steepest_rays(local: _Local, residual: Vector) -> Vector:
    """Return, as columns, y_i h_i with s_ij = 0 | 1 on the kinks such that residual·(y_i h_i) is
    largest.
    """
    _, dw, db = residual.reshape(3, -1)
    signs = np.sign(local.labels)[:, None] * local.theta[0]  # of y_i v_j, times |v_j|
    gains = signs * (local.points[:, None] * dw + db)
    on = np.where(local.kinks, gains > 0.0, local.values > 0.0) * signs
    dv = local.labels[:, None] * np.maximum(0.0, local.values)
    return np.concatenate((dv, on * local.points[:, None], on), axis=1).T


# Local minimality  For a net without an all-zero neuron, θ is a local minimum iff no direction d =
# (dv, dw, db) with y_i N'(x_i; d) ≥ 0 for every active i has θ·d < 0: Problem (1) is convex on each
# of the finitely many cells around θ, and moving along θ raises every margin. On a kink, N' has the
# term v_j σ(x_i dw_j + db_j). If y_i v_j < 0 the constraint is concave in it: two linear pieces, s
# ≥ 0 and s ≥ x_i dw_j + db_j. If y_i v_j > 0 it is not, and a binary z says which piece of σ holds:
# s ≤ M z and s ≤ x_i dw_j + db_j + M (1 − z), with M = 1 + |x_i| as |d|_∞ ≤ 1.


def local_minimum_slope(
    v: ArrayLike,
    w: ArrayLike,
    b: ArrayLike,
    x: ArrayLike,
    y: ArrayLike,
    *,
    active_tolerance: float,
    kink_tolerance: float,
) -> tuple[float, Vector]:
    """Least slope θ·d/‖θ‖ over |d|_∞ ≤ 1 with y_i N'(x_i; d) ≥ 0 for every active i, and a d (3, n)
    that attains it.

    0, up to the 1e-10 of the last linear program times the sum of multipliers, iff no first-order
    feasible direction descends. That is a local minimum if no neuron is all zero; such a neuron is
    ignored. The binaries are HiGHS's with its tolerances of 1e-6, and a linear program with these
    binaries fixed returns slope and direction.

    Raises
    ------
    ValueError
        The net does not interpolate: its smallest margin is not positive.
    RuntimeError
        The solver stopped without a solution.
    """
    local = _local((v, w, b), x, y, active_tolerance, kink_tolerance)
    cost, rows, right, reach, binary = _directional_program(local)
    low, high = np.where(binary, 0.0, -reach), np.where(binary, 1.0, reach)
    if binary.any():
        constraint = optimize.LinearConstraint(rows, ub=right)
        choice = optimize.milp(
            cost, integrality=binary, bounds=optimize.Bounds(low, high), constraints=constraint
        )
        if choice.x is None:
            raise RuntimeError(f"HiGHS stopped without a choice of sides: {choice.message}")
        low[binary] = high[binary] = np.round(choice.x[binary])
    tight = {"primal_feasibility_tolerance": 1e-10, "dual_feasibility_tolerance": 1e-10}
    found = optimize.linprog(
        cost, rows, right, bounds=np.column_stack((low, high)), method="highs", options=tight
    )
    if found.x is None:
        raise RuntimeError(f"HiGHS stopped without a direction: {found.message}")
    return float(found.fun), found.x[: local.theta.size].reshape(3, -1)


def _directional_program(local: _Local) -> tuple[Vector, Vector, Vector, Vector, NDArray[np.bool_]]:
    """Return c, A, r, bounds on |·| and which are binary, for: min c·(d, s, z) subject to A (d, s,
    z) ≤ r.
    """
    n, (kinked, neurons) = local.theta.shape[1], np.nonzero(local.kinks)
    points, labels, outer = local.points, local.labels, local.theta[0]
    active = ~local.kinks & (local.values > 0.0)
    same = labels[kinked] * outer[neurons] > 0.0
    pairs, sides = len(kinked), int(np.sum(same))
    # margins: −y_i N'(x_i; d) ≤ 0, each divided by its largest entry
    by_kink = np.zeros((len(points), pairs))
    by_kink[kinked, np.arange(pairs)] = outer[neurons]
    moved = (
        np.maximum(0.0, local.values),
        active * outer * points[:, None],
        active * outer,
        by_kink,
    )
    margins = -labels[:, None] * np.concatenate(moved, axis=1)
    margins /= np.max(np.abs(margins), axis=1, keepdims=True)
    # pieces: ±(s − x_i dw_j − db_j) ≤ 0, or M (1 − z) for the same sign; ±s ≤ 0, or M z
    turn = np.zeros((pairs, 3 * n))
    turn[np.arange(pairs), n + neurons] = points[kinked]
    turn[np.arange(pairs), 2 * n + neurons] = 1.0
    big = 1.0 + np.abs(points[kinked])
    choice = np.zeros((pairs, sides))
    choice[np.flatnonzero(same), np.arange(sides)] = big[same]
    facing = np.where(same, 1.0, -1.0)[:, None]
    rows = np.block(
        [
            [margins, np.zeros((len(points), sides))],
            [-facing * turn, facing * np.eye(pairs), choice],
            [np.zeros((pairs, 3 * n)), facing * np.eye(pairs), -choice],
        ]
    )
    right = np.concatenate((np.zeros(len(points)), np.where(same, big, 0.0), np.zeros(pairs)))
    cost = np.concatenate(
        (local.theta.ravel() / np.linalg.norm(local.theta), np.zeros(pairs + sides))
    )
    binary = np.arange(len(cost)) >= 3 * n + pairs
    return cost, rows, right, np.concatenate((np.ones(3 * n), big, np.ones(sides))), binary


# Multipliers for every side  Without sizes and margins: let every neuron be balanced, and say which
# points may carry a multiplier. θ is stationary iff sign(v_j) Σ_i λ_i y_i s_ij (x_i, 1) = (w_j,
# b_j)/‖(w_j, b_j)‖ for all j. For a local minimum there must be such λ ≥ 0 for every choice of s_ij
# in {0, 1} on the kinks with y_i v_j > 0, and of s_ij in [0, 1] on those with y_i v_j < 0 as
# needed.


def multipliers_for_every_side(
    v: ArrayLike,
    w: ArrayLike,
    b: ArrayLike,
    x: ArrayLike,
    y: ArrayLike,
    active: ArrayLike,
    *,
    kink_tolerance: float,
    enough: float = np.inf,
) -> tuple[float, list[tuple[int, int]]]:
    """Largest, over all choices of sides, least violation of these equations; and the (i, j) with a
    choice.

    One dense linear program for each of the 2^kinks choices; it stops at the first that violates by
    more than `enough`. 0, up to the 1e-10 of the linear programs, iff there are multipliers for
    every side. No neuron is dead.
    """
    outer, inner, bias, points, labels = (
        np.asarray(array, dtype=np.float64) for array in (v, w, b, x, y)
    )
    carries = np.asarray(active, dtype=bool)
    size = np.hypot(inner, bias)
    values = points[:, None] * inner + bias
    kinks = np.abs(values) <= kink_tolerance * size * np.hypot(1.0, points)[:, None]
    facing = labels[:, None] * outer
    chosen = np.argwhere(kinks & (facing > 0.0) & carries[:, None])
    free = np.argwhere(kinks & (facing < 0.0))
    largest = 0.0
    for sides in product((0.0, 1.0), repeat=len(chosen)):
        on = np.where(kinks, 0.0, values > 0.0)
        on[tuple(chosen.T)] = sides
        found = _least_violation(
            np.sign(outer), np.stack((inner, bias)) / size, points, labels, carries, on, free
        )
        largest = max(largest, found)
        if largest > enough:
            break
    return largest, [(int(i), int(j)) for i, j in chosen]


def _least_violation(
    signs: Vector,
    directions: Vector,
    points: Vector,
    labels: Vector,
    carries: NDArray[np.bool_],
    on: Vector,
    free: NDArray[np.intp],
) -> float:
    """Minimise t over λ ≥ 0, shares 0 ≤ μ ≤ λ of the free kinks and |equations| ≤ t; λ is 0 unless
    it carries.
    """
    m, extra = len(points), len(free)
    lines = np.stack((points, np.ones(m)))
    on_lambda = signs * labels[:, None] * on
    equations = np.concatenate([(on_lambda * line[:, None]).T for line in lines])
    shares = np.zeros((len(equations), extra))
    for place, (i, j) in enumerate(free):
        shares[[j, j + len(signs)], place] = signs[j] * labels[i] * lines[:, i]
    table = np.concatenate((equations, shares), axis=1)
    slack = -np.ones((len(table), 1))
    within = np.zeros((extra, m + extra + 1))
    within[np.arange(extra), m + np.arange(extra)] = 1.0
    within[np.arange(extra), free[:, 0]] = -1.0
    right = np.concatenate((directions.ravel(), -directions.ravel(), np.zeros(extra)))
    bounds = [(0.0, None if able else 0.0) for able in carries] + [(0.0, None)] * (extra + 1)
    found = optimize.linprog(
        np.append(np.zeros(m + extra), 1.0),
        np.concatenate((np.hstack((table, slack)), np.hstack((-table, slack)), within)),
        right,
        bounds=bounds,
        method="highs",
        options={"primal_feasibility_tolerance": 1e-10, "dual_feasibility_tolerance": 1e-10},
    )
    if found.x is None:
        raise RuntimeError(f"HiGHS stopped without multipliers: {found.message}")
    return float(found.fun)


# The dual constraint


def dual_ratio(x: ArrayLike, y: ArrayLike, multipliers: ArrayLike) -> float:
    """sup_t |D_±(t)|/√(1 + t²): at most 1 iff the multipliers are feasible for the dual of Problem
    (1).

    D_+(t) = Σ_{x_i>t} λ_i y_i (x_i − t) and D_−(t) = Σ_{x_i<t} λ_i y_i (t − x_i) are linear, a + c
    t, between neighbouring points. |a + c t|/√(1 + t²) is largest at t = c/a, where it is √(a² +
    c²), or at an end of the piece.
    """
    points, labels = np.asarray(x, dtype=np.float64), np.asarray(y, dtype=np.float64)
    order = np.argsort(points)
    points, charges = points[order], (labels * np.asarray(multipliers, dtype=np.float64))[order]
    ratios = [0.0]
    for cell in range(len(points) + 1):
        start = points[cell - 1] if cell > 0 else -np.inf
        end = points[cell] if cell < len(points) else np.inf
        for part in (slice(cell, None), slice(0, cell)):  # D_+, and −D_−
            a, c = float(charges[part] @ points[part]), -float(np.sum(charges[part]))
            ratios += [
                abs(a + c * t) / float(np.hypot(1.0, t)) if np.isfinite(t) else abs(c)
                for t in (start, end)
            ]
            if a != 0.0 and start < c / a < end:
                ratios.append(float(np.hypot(a, c)))
    return max(ratios)


# KKT points, by the dozen  With the blocks of `naive` (atoms u = v·(w, b) with one sign and one set
# of active points) Problem (1) over a few blocks drawn at random is convex, and its solution is
# mostly a KKT point of Problem (1) over nets of that width. Where an atom ends on the border of its
# cell, the cell beyond is added; an atom that two cells hold against their common point is one
# neuron with its kink there. Some blocks hold their kink on a point to begin with. A block's
# solution satisfies, beside λ ≥ 0 and the inactive margins, B'(u/‖u‖ − Σ_{i in A} λ_i y_i (x_i, 1))
# = 0,   y_i Σ_{blocks with i in A} u·(x_i, 1) = 1, with B the identity, or the unit vector along
# the ray of kinks on the point: Newton's method, to rounding.


def kkt_points(
    x: ArrayLike, y: ArrayLike, rng: np.random.Generator, count: int, *, pinned: float = 0.2
) -> list[Net]:
    """Return KKT points of Problem (1), balanced and mostly not global, from `count` random sets of
    blocks.

    Fewer than `count`: a set is dropped when its solution is no KKT point to 1e-12, most often for
    gaps below 1e-3. Repeats are kept. x ascends. `pinned` is the probability with which a block
    drawn holds its kink on a point; at a kink on a point, w x + b is 0 in float64. No neuron is
    zero.
    """
    points, labels = np.asarray(x, dtype=np.float64), np.asarray(y, dtype=np.float64)
    nets = (_random_kkt_point(points, labels, rng, pinned) for _ in range(count))
    return [net for net in nets if net is not None and _is_kkt(net, points, labels)]


def _is_kkt(net: Net, points: Vector, labels: Vector) -> bool:
    if np.min(labels * naive.dense_net(*net)(points)) < 1.0 - 1e-12:
        return False
    return (
        kkt_distance(*net, points, labels, active_tolerance=1e-9, kink_tolerance=1e-12)[0] <= 1e-12
    )


def _random_kkt_point(
    points: Vector, labels: Vector, rng: np.random.Generator, pinned: float
) -> Net | None:
    """Solve over random blocks, as many as are feasible, and over the cells beyond the kinks on
    points; polish.
    """
    cells = {
        (block.sign, frozenset(block.active)): block for block in naive.cell_blocks(len(points))
    }
    pool = [_pinned(block) if rng.random() < pinned else block for block in cells.values()]
    pool = [pool[index] for index in rng.permutation(len(pool))]
    blocks = [pool.pop() for _ in range(1 + int(rng.integers(len(points))))]
    while True:
        solution = _block_solution(points, labels, blocks)
        if solution is None and not pool:
            return None
        if solution is None:
            blocks.append(pool.pop())
            continue
        atoms, multipliers = solution
        at = [_kink_on(block, atom, points) for block, atom in zip(blocks, atoms, strict=True)]
        mirror = [
            (block.sign, frozenset(block.active) ^ {i}) for block, i in zip(blocks, at, strict=True)
        ]
        free = [
            key
            for key, block in zip(mirror, blocks, strict=True)
            if key in cells and len(block.sides) < 3
        ]
        beyond = [cells[key] for key in dict.fromkeys(free) if cells[key] not in blocks]
        if not beyond:
            return _polished(points, labels, blocks, at, atoms, multipliers)
        blocks += beyond


def _pinned(block: Block) -> Block:
    """Return the block with its kink on the neighbouring point at which it is not active, if there
    is one.
    """
    return Block(
        block.sign,
        block.active,
        block.sides + tuple((i, 1.0) for i, side in block.sides if side < 0.0),
    )


def _block_solution(
    points: Vector, labels: Vector, blocks: list[Block]
) -> tuple[Vector, Vector] | None:
    """Return atoms, zero if tiny, and multipliers of Problem (1) over these blocks; None if it is
    not feasible.
    """
    cost, matrix, right, cones = naive._conic_program(points, labels, blocks)
    settings = clarabel.DefaultSettings()
    settings.verbose, settings.max_threads = False, 1
    settings.tol_gap_abs = settings.tol_gap_rel = settings.tol_feas = 1e-12
    no_quadratic = sparse.csc_matrix((len(cost), len(cost)))
    solution = clarabel.DefaultSolver(no_quadratic, cost, matrix, right, cones, settings).solve()
    if str(solution.status) not in ("Solved", "AlmostSolved"):
        return None
    atoms = np.asarray(solution.x).reshape(-1, 3)[:, 1:]
    sizes = np.hypot(*atoms.T)
    return (
        np.where(sizes[:, None] > NEAR * sizes.max(), atoms, 0.0),
        np.asarray(solution.z)[-len(points) :] / 2.0,
    )


def _kink_on(block: Block, atom: Vector, points: Vector) -> int | None:
    """Index of the point next to its cell that the atom has its kink on; None for a zero atom."""
    for i, _ in block.sides:
        if np.any(atom) and abs(atom @ (points[i], 1.0)) <= NEAR * np.hypot(*atom) * np.hypot(
            points[i], 1.0
        ):
            return i
    return None


def _polished(
    points: Vector,
    labels: Vector,
    blocks: list[Block],
    at: list[int | None],
    atoms: Vector,
    multipliers: Vector,
) -> Net:
    """Solve the equations above by Newton's method, with margin 1 where λ_i > y_i N(x_i) − 1."""
    m, merged = len(points), {}
    for block, i, atom in zip(blocks, at, atoms, strict=True):
        if np.any(atom):  # with its kink on a point, one neuron for the blocks on both sides
            key = block.sign, tuple(k in block.active and k != i for k in range(m)), i
            merged[key] = merged.get(key, 0.0) + atom
    bases = [np.eye(2) if i is None else _ray(points[i], u) for (_, _, i), u in merged.items()]
    basis = linalg.block_diag(*bases)
    place = basis.T @ np.concatenate(list(merged.values()))
    on = np.array([mask for _, mask, _ in merged]).T * labels[:, None]
    reach = np.stack((on * points[:, None], on), axis=2).reshape(m, -1) @ basis
    active = multipliers > reach @ place - 1.0
    reach, lam = reach[active], multipliers[active]
    for _ in range(NEWTON_STEPS):
        u = (basis @ place).reshape(-1, 2)
        size = np.hypot(*u.T)[:, None, None]
        bend = linalg.block_diag(*(np.eye(2) / size - u[:, :, None] * u[:, None, :] / size**3))
        system = np.block(
            [[basis.T @ bend @ basis, -reach.T], [reach, np.zeros((len(lam), len(lam)))]]
        )
        error = np.concatenate(
            (basis.T @ (u / size[:, 0]).ravel() - reach.T @ lam, reach @ place - 1.0)
        )
        if not np.max(np.abs(error)) < 1e3:  # astray: the net then fails the check of its margins
            break
        step = np.linalg.lstsq(system, error)[0]
        place, lam = place - step[: len(place)], lam - step[len(place) :]
    v, w, b = naive.balanced_neurons(
        np.array([sign for sign, _, _ in merged]), (basis @ place).reshape(-1, 2)
    )
    for j, (_, _, i) in enumerate(merged):
        if i is not None:
            b[j] = -w[j] * points[i]
    return v, w, b


def _ray(point: float, atom: Vector) -> Vector:
    """Return the unit vector along (1, −x), or its negative, nearest to the atom, as a column."""
    ray = np.array([[1.0], [-point]]) / np.hypot(1.0, point)
    return ray * np.sign(ray[:, 0] @ atom)
