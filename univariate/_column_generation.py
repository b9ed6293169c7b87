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

from fractions import Fraction
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from univariate._kernels.interpolant import divide, fine_pair
from univariate._kernels.pricing import (
    add,
    best_rounding,
    kink_pieces,
    net_margins,
    pricing_ratio,
    round_multipliers,
    spline_residual,
    times,
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
    size = np.hypot(1.0, points.x)
    if len(index) > 1:
        size = size * (np.append(1.0 / points.gap, 0.0) + np.append(0.0, 1.0 / points.gap))
    right, left = dual_values(points, found.dual)
    near_zero = np.max(np.abs(right - left) / np.hypot(1.0, points.x)) < 1e-3
    done = set()
    for active in (lam > 1e-8 * size, (found.slack == 0.0) & (lam > 0.0), found.slack == 0.0, found.slack <= 1e-9):
        if not active.any() or active.tobytes() in done:
            continue
        done.add(active.tobytes())
        chosen = index[active]
        sub = Points.of(x[chosen], y[chosen])
        blocks = merge(sub, atoms, found.weight)
        dual = np.append(found.dual[0], right[active][:-1])
        if near_zero and len(dual) > 2 and not (blocks.orientation == 0).any():
            yield chosen, tie(State(absorbed(blocks, True), dual))
        yield chosen, State(absorbed(blocks, False), dual)
        yield chosen, State(blocks, dual)


def absorbed(blocks: Blocks, tied: bool) -> Blocks:
    """Give each closed cell one kink per orientation and sign (both orientations alike if tied).

    |D| ≤ √(1 + t²) with D linear on a cell allows one contact: pinned kinks beside a free one, or at both ends of a cell,
    move into it.
    """
    cell, tau, pinned = blocks.cell.copy(), blocks.second.copy(), blocks.pinned.copy()
    side = np.where(blocks.orientation == 0, 2, np.where(tied, 1, blocks.orientation))
    group = 2 * side + (blocks.sign > 0)
    place = cell + np.where(pinned, tau, 0.0).astype(np.intp)
    taken = {(g, c) for g, c, p, o in zip(group, cell, pinned, blocks.orientation, strict=True) if o and not p}
    pins = {(g, p) for g, p, on in zip(group, place, pinned, strict=True) if on}
    taken |= {(g, p) for g, p in pins if (g, p + 1) in pins}
    for j in np.flatnonzero(pinned):
        homes = [c for c in (place[j] - 1, place[j]) if (group[j], c) in taken]
        if len(homes) >= 1:
            cell[j], tau[j], pinned[j] = homes[0], place[j] - homes[0], False
    return unite(blocks._replace(cell=cell, second=tau, pinned=pinned))


def unite(blocks: Blocks) -> Blocks:
    """Add up the blocks of one orientation, sign and cell (or pin)."""
    keys = {}
    for j in range(len(blocks.sign)):
        tau = blocks.second[j] if blocks.pinned[j] else -1.0
        keys.setdefault((blocks.orientation[j], blocks.cell[j], blocks.sign[j], tau), []).append(j)
    first, second, keep = blocks.first.copy(), blocks.second.copy(), []
    for key, same in keys.items():
        keep.append(same[0])
        if key[0] and len(same) > 1:
            first[same[0]] = blocks.first[same].sum()
            second[same[0]] = (blocks.first[same] * blocks.second[same]).sum() / first[same[0]]
    return blocks._replace(first=first, second=second).take(np.array(keep, dtype=np.intp))


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
        step = damped_step(jacobian, -scale * (rows @ missing), 1e-20, blocks.first)
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
    out = np.empty((3, len(u)))
    kink = points.x[blocks.cell] + (blocks.second * points.gap[blocks.cell] if len(points.gap) else 0.0)
    kink = np.where(blocks.orientation == 0, -np.inf, kink)
    for side in (1, -1):
        chosen = np.flatnonzero((blocks.orientation < 0) == (side < 0))
        chosen = chosen[np.argsort(kink[chosen], kind="stable")][::side]
        ends = np.searchsorted(points.x, kink[chosen], side="right" if side > 0 else "left")
        ends = np.append(ends, len(points.x) if side > 0 else 0)
        error = ((0.0, 0.0), (0.0, 0.0))
        for position, j in enumerate(chosen):
            piece = slice(*sorted(ends[position : position + 2]))
            wanted = add(u[j, 0], u[j, 1], *error[0]), add(u[j, 2], u[j, 3], *error[1])
            small = np.hypot(error[0][0], error[1][0]) <= 1e-7 * np.hypot(u[j, 0], u[j, 2])
            goal = wanted if small else ((u[j, 0], u[j, 1]), (u[j, 2], u[j, 3]))
            if blocks.orientation[j] == 0 and abs(u[j, 0]) < 1e-3 * abs(u[j, 2]):
                v = blocks.sign[j] * np.sqrt(np.hypot(u[j, 0], u[j, 2]))
                out[:, j] = v, goal[0][0] / v, goal[1][0] / v
            else:
                out[:, j] = tuned(goal[0], goal[1], points.x[piece], points.y[piece])
                if out[0, j] * blocks.sign[j] < 0.0:
                    out[:, j] *= -1.0
            made = two_product(out[0, j], out[1, j]), two_product(out[0, j], out[2, j])
            error = tuple(add(*wanted[k], -made[k][0], -made[k][1]) for k in range(2))
    return out[0], out[1], out[2]


def tuned(slope, rise, x, y):
    kink = divide((-rise[0], -rise[1]), slope)
    size = np.sqrt(abs(slope[0]) / np.hypot(1.0, kink[0]))
    ends = np.unique(np.concatenate([np.flatnonzero(y == label)[[0, -1]] for label in np.unique(y)])) if len(x) else []
    x, y = x[ends], y[ends]
    w = _near(size, kink, 1)
    found, loss = best_rounding(w, slope, rise, kink, x, y)
    if loss > 1e-15:
        w = _near(size, kink, 16)
        unit = np.spacing(size)
        stride = Fraction(kink[0]) * Fraction(unit) / Fraction(max(np.spacing(abs(size * kink[0])), 1e-300))
        step = stride.limit_denominator(2**16).denominator * unit
        found, loss = best_rounding((w[:, None] + step * np.arange(256)).ravel(), slope, rise, kink, x, y)
    return found


def _near(size, kink, count):
    starts = size * (1.0 + np.arange(count) * 2.0**-26)
    w = np.array([fine_pair(start, kink)[0] for start in starts])
    return np.where(np.abs(w - starts) <= 2.0**-25 * size, w, starts)


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
    lam, bound = rounded_multipliers(points, dual)
    value, v, w, b = best
    full = np.zeros(len(x))
    full[index] = lam
    gap = value / bound - 1.0
    return GeneralSolution(v, w, b, full, rounds, gap if np.isfinite(gap) else np.inf)


def mend(x, y, index, state, solution):
    points = Points.of(x[index], y[index])
    blocks, dual, n = state.blocks, state.dual, len(index)
    lam = multipliers_of(points, dual)
    size = np.hypot(1.0, points.x)
    if n > 1:
        size = size * (np.append(1.0 / points.gap, 0.0) + np.append(0.0, 1.0 / points.gap))
    bent = blocks.orientation != 0
    changed = False
    cell, second, pinned, first, turned = blocks.cell.copy(), blocks.second.copy(), blocks.pinned.copy(), blocks.first.copy(), blocks.orientation.copy()
    outside = bent & ~pinned & ((second < 0.0) | (second > 1.0))
    second[outside], pinned[outside] = np.round(np.clip(second[outside], 0.0, 1.0)), True
    changed |= outside.any()
    for j in np.flatnonzero(~bent):
        ends = first[j] * points.x[[0, -1]] + second[j]
        if n > 1 and ends.min() < 0.0:
            right = ends[0] < 0.0
            turned[j], cell[j], first[j], second[j], pinned[j] = (1, 0, abs(first[j]), 0.0, True) if right else (-1, n - 2, abs(first[j]), 1.0, True)
            changed = True
    # a kink pinned at the right end of its cell is filed under the next cell
    shift = pinned & (second == 1.0) & (cell < n - 2)
    cell[shift] += 1
    second[shift] = 0.0
    keep = (turned == 0) | (first > 0.0)
    changed |= not keep.all()
    blocks = Blocks(turned, cell, blocks.sign, pinned, first, second)
    atoms, ratios = price(points, dual)
    bad = np.flatnonzero(ratios > 1.0 + 1e-12)
    extra = []
    for k in bad:
        o, s = atoms.orientation[k], atoms.sign[k]
        same = keep & (blocks.orientation == o) & (blocks.sign == s)
        if o == 0:
            if not same.any():
                extra.append((0, 0, s, False, 1e-3 * atoms.w[k], 1e-3 * atoms.b[k]))
                changed = True
            continue
        c = int(np.clip(np.searchsorted(points.x, atoms.kink[k], side="right") - 1, 0, n - 2))
        tau = (atoms.kink[k] - points.x[c]) / points.gap[c]
        if (same & ~pinned & (cell == c)).any():
            continue
        beside = np.flatnonzero(same & pinned & ((cell + second == c) | (cell + second == c + 1)))
        if len(beside) and 0.0 < tau < 1.0:
            cell[beside[0]], second[beside[0]], pinned[beside[0]] = c, tau, False
            changed = True
        elif not len(beside):
            extra.append((o, c, s, tau in (0.0, 1.0), 1e-6 * np.median(np.abs(first)), tau))
            changed = True
    blocks = blocks.take(keep)
    if extra:
        parts = [np.array(part) for part in zip(*extra, strict=True)]
        blocks = Blocks(*(np.append(a, b).astype(a.dtype) for a, b in zip(blocks, parts, strict=True)))
    blocks = unite(blocks)
    near = np.setdiff1d(neighbours(x, solution.w, solution.b), index)
    short = violated(x, y, index, solution.v, solution.w, solution.b, 1e-12)
    drop = lam < -1e-12 * size
    if drop.sum() > 1:
        drop = np.arange(n) == np.argmin(lam / size)
    if not len(short) and not drop.any():
        return (index, State(blocks, dual, state.tied)) if changed else None
    wanted = np.union1d(index[~drop], short)
    if not len(wanted):
        return None
    bent = blocks.orientation != 0
    kink = np.zeros(len(bent))
    if n > 1:
        kink[bent] = points.x[blocks.cell[bent]] + blocks.second[bent] * points.gap[blocks.cell[bent]]
        on = bent & blocks.pinned
        kink[on] = points.x[(blocks.cell + blocks.second.astype(np.intp))[on]]
    norm = np.where(bent, np.hypot(1.0, kink), 1.0)
    w = np.where(bent, blocks.orientation / norm, blocks.first)
    b = np.where(bent, -blocks.orientation * kink / norm, blocks.second)
    atoms = Atoms(blocks.orientation, blocks.sign, kink, w, b)
    right, _ = dual_values(points, dual)
    new = x[wanted]
    values = np.interp(new, points.x, right) + np.where(new < points.x[0], -dual[0] * (new - points.x[0]), 0.0)
    blocks = merge(Points.of(new, y[wanted]), atoms, np.where(bent, blocks.first * norm, 1.0))
    return wanted, State(unite(blocks), np.append(dual[0], values[:-1]), state.tied)


def rounded_multipliers(points, dual):
    right, left = dual_values(points, dual)
    sizes, span = np.abs(multipliers_of(points, dual)), points.x[-1] - points.x[0]
    slips = [np.append(np.inf, sizes[:-1] * points.gap), np.append(sizes[1:] * points.gap, np.inf)]
    costs = [slip + np.hypot(1.0, points.x) + (sizes * span if dual[0] else 0.0) for slip in slips]
    inside = -np.sign(np.where(np.abs(left) > np.abs(right), left, right))
    best, bound = None, -1.0
    for follower in (0, 1):
        for last in np.argsort(costs[follower], kind="stable")[:3]:
            for lean in (inside, 0.0 * inside):
                lean = lean.copy()
                lean[last] = -np.sign(dual[0] + points.x[last] * (right[0] + dual[0] * points.x[0]))
                lam = round_multipliers(points.x, points.y, left, right, dual[0], lean, last, 1 - follower)
                value = 2.0 * lam.sum() / max(pricing_ratio(points.x, lam * points.y), 1e-300)
                if value > bound:
                    best, bound = lam, value
    return best, bound
