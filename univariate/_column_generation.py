"""Problem (1) in one dimension for any sample: column and constraint generation, Newton, careful rounding.

min Σ v² + w² + b² subject to y_i N(x_i) ≥ 1. In order:

1. a linear programme over kinks and a working set of data, to which exact pricing adds kinks and the net's margins add
   data, until both are satisfied to about 1e-9;
2. Newton's method on the optimality conditions of its support (`univariate._polish`), with the support mended where a
   weight or multiplier turns negative, a kink leaves its cell, a kink is missing or a margin is short;
3. rounding to float64 with error feedback, because neurons of size 10⁹ must cancel to values of order one.

The result is *rounded*: float64 parameters whose margins and duality gap were measured in double-double. Whoever needs
a proof checks margins and dual bound rigorously afterwards.
"""

from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from univariate._kernels.interpolant import neuron
from univariate._kernels.pricing import (
    add,
    kink_pieces,
    net_margins,
    pricing_ratio,
    round_multipliers,
    spline_residual,
    two_product,
)
from univariate._polish import Blocks, State, damped_step, tie, fit_equations, merge, newton
from univariate._pricing import (
    Atoms,
    Points,
    Restricted,
    affine,
    chord_rows,
    dual_values,
    first_atoms,
    kinks,
    multipliers_of,
    price,
    solve_restricted,
)
from univariate.tolerance import SOLVER_GAP

Vector = NDArray[np.float64]
Indices = NDArray[np.intp]

_PRICE_TOLERANCE = 1e-9
_MARGIN_TOLERANCE = 1e-7
_MENDS = 8


class GeneralSolution(NamedTuple):
    """Balanced neurons and multipliers; `gap` compares both after scaling each to feasibility, in float64."""

    v: Vector
    w: Vector
    b: Vector
    multipliers: Vector
    rounds: int
    gap: float


class Generated(NamedTuple):
    """Where the generation of columns and constraints ended: data indices, atoms, solution, rounds."""

    index: Indices
    atoms: Atoms
    found: Restricted
    rounds: int


def general_solution(
    x: Vector, y: Vector, *, gap_tolerance: float = SOLVER_GAP, max_rounds: int = 100
) -> GeneralSolution:
    """Solve Problem (1) for increasing x and labels y = ±1. Rounded; see the module's docstring."""
    generated = generate(x, y, max_rounds)
    best: GeneralSolution | None = None
    for index, state in starts(x, y, generated):
        for _ in range(_MENDS):
            points = Points.of(x[index], y[index])
            state = newton(points, state)
            solution = finished(x, y, index, state, generated.rounds)
            if best is None or solution.gap < best.gap:
                best = solution
            if best.gap <= gap_tolerance:
                return best
            mended = mend(x, y, index, state, solution)
            if mended is None:
                break
            index, state = mended
    return best


def generate(x: Vector, y: Vector, max_rounds: int) -> Generated:
    """Return a vertex solution of the linear programme over generated kinks and data."""
    changes = np.flatnonzero(y[1:] != y[:-1])
    index = np.unique(np.concatenate([[0, len(x) - 1], changes, changes + 1]))
    points = Points.of(x[index], y[index])
    atoms = first_atoms(points)
    for rounds in range(1, max_rounds + 1):
        found = solve_restricted(points, atoms)
        candidates, ratios = price(points, found.dual)
        used = found.weight > 0.0
        chosen = atoms.take(used)
        v = chosen.sign * found.weight[used]
        short = violated(x, y, index, v, chosen.w, chosen.b, _MARGIN_TOLERANCE)
        wanted = ratios > 1.0 + _PRICE_TOLERANCE
        if not wanted.any() and not len(short):
            break
        if rounds == max_rounds:
            break
        atoms = atoms.join(candidates.take(wanted))
        if len(short):
            index = np.union1d(index, short)
            points = Points.of(x[index], y[index])
            atoms = atoms.join(first_atoms(points))
    return Generated(index, atoms, found, rounds)


def neighbours(x: Vector, w: Vector, b: Vector) -> Indices:
    """Return the indices of the data next to the kinks: on a run of labels the least margin is there or at its ends."""
    bent = w != 0.0
    place = np.searchsorted(x, -b[bent] / w[bent])
    near = place[:, None] + np.arange(-2, 2)
    return np.unique(np.clip(near, 0, len(x) - 1))


def violated(x: Vector, y: Vector, index: Indices, v: Vector, w: Vector, b: Vector, tolerance: float) -> Indices:
    """Return the datum with the worst margin below 1 − tolerance between every two neighbours of the working set."""
    near = np.setdiff1d(neighbours(x, w, b), index)
    excess = net_margins(v, w, b, x[near], y[near])
    short, excess = near[excess < -tolerance], excess[excess < -tolerance]
    cell = np.searchsorted(index, short)
    order = np.lexsort((excess, cell))
    return short[order][np.unique(cell[order], return_index=True)[1]]


def starts(x, y, generated):
    index, atoms, found, _ = generated
    points = Points.of(x[index], y[index])
    lam = multipliers_of(points, found.dual)
    size = np.abs(lam).max()
    right, left = dual_values(points, found.dual)
    near_zero = np.max(np.abs(right - left) / np.hypot(1.0, points.x)) < 1e-3
    for active in (lam > 1e-9 * size, found.slack <= 1e-9):
        for absorb in (True, False):
            chosen = index[active]
            blocks = merge(Points.of(x[chosen], y[chosen]), atoms, found.weight)
            if absorb:
                blocks = absorbed(blocks)
            dual = (
                np.append(found.dual[0], found.dual[1:][active[:-1]])
                if active[-1]
                else np.append(found.dual[0], found.dual[1:][active[:-1]][:-1])
            )
            state = State(blocks, dual)
            if near_zero and len(dual) > 2 and not (blocks.orientation == 0).any():
                yield chosen, tie(state)
            yield chosen, state


def absorbed(blocks: Blocks) -> Blocks:
    """Merge pinned kinks into the free block beside."""
    keep = np.ones(len(blocks.sign), dtype=bool)
    first, second = blocks.first.copy(), blocks.second.copy()
    for j in np.flatnonzero(blocks.pinned):
        place = blocks.cell[j] + int(blocks.second[j] == 1.0)
        same = ~blocks.pinned & (blocks.orientation == blocks.orientation[j]) & (blocks.sign == blocks.sign[j])
        beside = np.flatnonzero(same & ((blocks.cell == place) | (blocks.cell == place - 1)))
        if len(beside) == 1:
            k = beside[0]
            tau = float(place - blocks.cell[k])
            total = first[k] + first[j]
            second[k] = (second[k] * first[k] + tau * first[j]) / total
            first[k] = total
            keep[j] = False
    return blocks._replace(first=first, second=second).take(keep)


def pieces(points: Points, blocks: Blocks) -> Vector:
    bent = blocks.orientation != 0
    u = np.zeros((len(bent), 4))
    u[:, 0], u[:, 2] = blocks.sign * blocks.first, blocks.sign * blocks.second
    if bent.any():
        slope = (blocks.sign * blocks.orientation * blocks.first)[bent]
        u[bent] = kink_pieces(points.x, points.gap, blocks.cell[bent], blocks.second[bent], slope)
    return u


def places(blocks: Blocks) -> tuple[Indices, Indices]:
    right = blocks.cell + 1 + (blocks.pinned & (blocks.second == 1.0))
    left = blocks.cell - (blocks.pinned & (blocks.second == 0.0))
    place = np.where(blocks.orientation > 0, right, np.where(blocks.orientation < 0, left, 0))
    return np.where(blocks.orientation < 0, -1, 1), place


def fitted(points: Points, blocks: Blocks, target: Vector) -> Vector:
    u = pieces(points, blocks)
    side, place = places(blocks)
    size = len(blocks.sign)
    second = np.full(size, -1)
    free = ~blocks.pinned
    second[free] = size + np.arange(free.sum())
    _, jacobian, scale = fit_equations(points, blocks, second)
    bent = np.flatnonzero(blocks.orientation)
    flat = np.flatnonzero(blocks.orientation == 0)
    rows = chord_rows(points)
    for _ in range(4):
        missing = spline_residual(points.x, target, side, place, u)
        step = damped_step(jacobian, -scale * (rows @ missing), 1e-20)
        by_first, by_second = step[:size], np.zeros(size)
        by_second[free] = step[size:]
        change = np.zeros((size, 2))
        change[flat, 0], change[flat, 1] = (blocks.sign * by_first)[flat], (blocks.sign * by_second)[flat]
        if len(bent):
            gap = points.gap[blocks.cell[bent]]
            t = points.x[blocks.cell[bent]] + blocks.second[bent] * gap
            turned = (blocks.sign * blocks.orientation)[bent]
            change[bent, 0] = turned * by_first[bent]
            change[bent, 1] = -turned * (by_first[bent] * t + blocks.first[bent] * gap * by_second[bent])
        for j in range(size):
            u[j, 0], u[j, 1] = add(u[j, 0], u[j, 1], change[j, 0], 0.0)
            u[j, 2], u[j, 3] = add(u[j, 2], u[j, 3], change[j, 1], 0.0)
    return u


def rounded(points: Points, blocks: Blocks, u: Vector) -> tuple[Vector, Vector, Vector]:
    v, w, b = np.empty(len(u)), np.empty(len(u)), np.empty(len(u))
    kink = points.x[blocks.cell] + (blocks.second * points.gap[blocks.cell] if len(points.gap) else 0.0)
    order = np.lexsort((kink, blocks.orientation != 0))
    for side in (1, -1):
        chosen = [j for j in order if (blocks.orientation[j] < 0) == (side < 0)][::side]
        error = ((0.0, 0.0), (0.0, 0.0))
        for j in chosen:
            goal = [add(u[j, 0], u[j, 1], *error[0]), add(u[j, 2], u[j, 3], *error[1])]
            size = np.hypot(u[j, 0], u[j, 2])
            if np.hypot(error[0][0], error[1][0]) > 1e-7 * size:
                goal = [(u[j, 0], u[j, 1]), (u[j, 2], u[j, 3])]
            if blocks.orientation[j] == 0:
                v[j] = blocks.sign[j] * np.sqrt(size)
                w[j], b[j] = goal[0][0] / v[j], goal[1][0] / v[j]
            else:
                v[j], w[j], b[j] = neuron(goal[0], goal[1])
                if side < 0:
                    v[j], w[j], b[j] = -v[j], -w[j], -b[j]
            slope, rise = two_product(v[j], w[j]), two_product(v[j], b[j])
            wanted = add(u[j, 0], u[j, 1], *error[0]), add(u[j, 2], u[j, 3], *error[1])
            error = add(*wanted[0], -slope[0], -slope[1]), add(*wanted[1], -rise[0], -rise[1])
    return v, w, b


def finished(x, y, index, state, rounds) -> GeneralSolution:
    points = Points.of(x[index], y[index])
    blocks, dual = state.blocks, state.dual
    target = points.y.copy()
    best = None
    for _ in range(3):
        u = fitted(points, blocks, target)
        v, w, b = rounded(points, blocks, u)
        near = np.union1d(neighbours(x, w, b), index)
        changes = np.flatnonzero(y[1:] != y[:-1])
        near = np.union1d(near, np.concatenate([[0, len(x) - 1], changes, changes + 1]))
        excess = net_margins(v, w, b, x[near], y[near])
        cost = float(np.sum(v * v + w * w + b * b))
        value = cost / max(1.0 + excess.min(), 1e-300)
        if best is None or value < best[0]:
            best = value, v, w, b
        on = net_margins(v, w, b, points.x, points.y)
        if on.min() >= -1e-14:
            break
        target = target + points.y * 2.0 * np.maximum(0.0, -on)
    right, left = dual_values(points, dual)
    if len(points.x) > 1:
        sizes = np.abs(multipliers_of(points, dual))
        middle = int(np.argmin(np.maximum(sizes[1:], sizes[:-1]) + np.hypot(1.0, points.x[1:]) / points.gap))
        lean = -np.sign(np.where(np.abs(left) > np.abs(right), left, right))
        lam = round_multipliers(points.x, points.y, left, right, lean, middle)
    else:
        lam = np.abs(dual)
    ratio = pricing_ratio(points.x, lam * points.y)
    bound = 2.0 * lam.sum() / ratio
    value, v, w, b = best
    full = np.zeros(len(x))
    full[index] = lam
    gap = value / bound - 1.0
    return GeneralSolution(v, w, b, full, rounds, gap if np.isfinite(gap) else np.inf)


def mend(x, y, index, state, solution):
    return None
