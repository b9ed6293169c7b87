"""Float64 neurons and multipliers for a state of Newton's method, with the values that matter kept.

Neurons of size 10⁹ cancel to values of order one, so parameters rounded one by one miss the margins
by 10⁻⁷. Here the blocks are fitted to the margins in double-double, and then rounded in turn, each
taking over what the ones before it left, at one of thousands of nearly balanced neighbours that
keeps the values at its own data. Multipliers likewise: each makes up for the rounding of the ones
before, on the safe side of |D| ≤ √(1 + t²). Everything is rounded; margins and prices are measured
in double-double.
"""

import numpy as np
from numpy.typing import NDArray

from univariate.optimum.columns import Points, chord_rows, dual_values, multipliers_of, row_scale
from univariate.optimum.kernels.atoms import (
    add,
    fine_neuron,
    kink_lines,
    net_margins,
    pricing_ratio,
    round_multipliers,
    spline_residual,
    two_product,
)
from univariate.optimum.polish import Blocks, State, damped_step, fit_equations, sizes_of
from univariate.optimum.support import block_kinks

Vector = NDArray[np.float64]
Indices = NDArray[np.intp]
Net = tuple[Vector, Vector, Vector]

_REFINEMENTS = 8
_FITTED = 1e-20
_RAISES = 3
_NEGLIGIBLE = 1e-14  # loss of margin
_SHRINKS = tuple(2.0**-44 + k * 2.0**-40 for k in range(8))  # of D; each rounds differently
_WELL_ROUNDED = 1e-12  # relative loss of the dual bound
_CLOSINGS = 3
_DAMPING = 1e-26  # only keeps the system solvable
_CARRIED = 1e-7  # largest error, relative to a block, that the block takes over
_NEARLY_CONSTANT = 1e-3


def fitted_nets(points: Points, blocks: Blocks) -> list[Net]:
    """Return roundings (v, w, b) of the blocks, later ones with margins raised where earlier ones
    fell short.
    """
    target, nets = points.y.copy(), []
    for _ in range(_RAISES):
        nets.append(rounded_net(points, blocks, fitted_lines(points, blocks, target)))
        excess = net_margins(*nets[-1], points.x, points.y)
        if excess.min() >= -_NEGLIGIBLE:
            break
        target += 2.0 * points.y * np.maximum(0.0, -excess)
    return nets


def fitted_lines(points: Points, blocks: Blocks, target: Vector) -> Vector:
    """Return the signed lines u of the blocks, (k, 4) slopes and rises in double-double, with
    N(x_i) = target_i.
    """
    size, free = len(blocks.sign), ~blocks.pinned
    bent, flat = np.flatnonzero(blocks.orientation), np.flatnonzero(blocks.orientation == 0)
    turned = blocks.sign * np.where(blocks.orientation == 0, 1, blocks.orientation)
    lines = np.zeros((size, 4))
    lines[flat, 0], lines[flat, 2] = (
        (blocks.sign * blocks.first)[flat],
        (blocks.sign * blocks.second)[flat],
    )
    cells, slopes = blocks.cell[bent], (turned * blocks.first)[bent]
    lines[bent] = kink_lines(points.x, points.gap, cells, blocks.second[bent], slopes)
    side, place = _first_active(blocks)
    _, jacobian = fit_equations(points, blocks)
    rows, kink = chord_rows(points), block_kinks(points, blocks)
    for _ in range(_REFINEMENTS):
        missing = spline_residual(points.x, target, side, place, lines)
        if np.abs(missing).max() <= _FITTED:
            break
        scaled = -row_scale(points) * (rows @ missing)
        step = damped_step(jacobian.tocsc(), scaled, _DAMPING, sizes_of(blocks))
        by_second = np.zeros(size)
        by_second[free] = step[size:]
        slope, rise = turned * step[:size], turned * by_second
        rise[bent] = -slopes * points.gap[cells] * by_second[bent] - (slope * kink)[bent]
        for j in range(size):
            lines[j, 0], lines[j, 1] = add(lines[j, 0], lines[j, 1], slope[j], 0.0)
            lines[j, 2], lines[j, 3] = add(lines[j, 2], lines[j, 3], rise[j], 0.0)
    return lines


def _first_active(blocks: Blocks) -> tuple[Indices, Indices]:
    """Return the side (±1) from which each block acts, and the first point there on which it is
    active.
    """
    right = blocks.cell + 1 + (blocks.pinned & (blocks.second == 1.0))
    left = blocks.cell - (blocks.pinned & (blocks.second == 0.0))
    place = np.where(blocks.orientation > 0, right, np.where(blocks.orientation < 0, left, 0))
    return np.where(blocks.orientation < 0, -1, 1), place


def rounded_net(points: Points, blocks: Blocks, lines: Vector) -> Net:
    """Return float64 neurons for the lines, with error feedback along either orientation."""
    out = np.empty((3, len(lines)))
    kink = np.where(blocks.orientation == 0, -np.inf, block_kinks(points, blocks))
    for side in (1, -1):
        chosen = np.flatnonzero((blocks.orientation < 0) == (side < 0))
        chosen = chosen[np.argsort(kink[chosen], kind="stable")][::side]
        ends = np.searchsorted(points.x, kink[chosen], side="right" if side > 0 else "left")
        ends = np.append(ends, len(points.x) if side > 0 else 0)
        slope_error, rise_error = (0.0, 0.0), (0.0, 0.0)
        for j, begin, end in zip(chosen, ends[:-1], ends[1:], strict=True):
            own, size = lines[j], np.hypot(lines[j, 0], lines[j, 2])
            slope, rise = add(own[0], own[1], *slope_error), add(own[2], own[3], *rise_error)
            carried = np.hypot(slope_error[0], rise_error[0]) <= _CARRIED * size
            goal = (slope, rise) if carried else ((own[0], own[1]), (own[2], own[3]))
            if blocks.orientation[j] == 0 and abs(own[0]) <= _NEARLY_CONSTANT * abs(own[2]):
                v = blocks.sign[j] * np.sqrt(size)
                out[:, j] = v, goal[0][0] / v, goal[1][0] / v
            else:
                silent = begin - 1 if side > 0 else begin
                known = blocks.orientation[j] != 0 and 0 <= silent < len(points.x)
                piece = _extremes(points, min(begin, end), max(begin, end))
                turned = (
                    float(side)
                    if blocks.orientation[j]
                    else float(np.sign(own[0]) * blocks.sign[j])
                )
                zero = -goal[1][0] / goal[0][0]
                quiet = points.x[silent] if known else zero - turned * (1.0 + abs(zero))
                out[:, j] = fine_neuron(
                    turned, goal[0], goal[1], points.x[piece], points.y[piece], quiet
                )
            made = two_product(out[0, j], out[1, j]), two_product(out[0, j], out[2, j])
            slope_error = add(*slope, -made[0][0], -made[0][1])
            rise_error = add(*rise, -made[1][0], -made[1][1])
    return out[0], out[1], out[2]


def _extremes(points: Points, begin: int, end: int) -> Indices:
    """Return the first and last point of either label in a range: an affine error is largest
    there.
    """
    inside = np.arange(begin, end)
    chosen = [
        inside[points.y[begin:end] == label][[0, -1]] for label in np.unique(points.y[begin:end])
    ]
    return np.unique(np.concatenate(chosen)) if chosen else inside


def fitted_multipliers(x: Vector, y: Vector, index: Indices, state: State) -> tuple[Vector, float]:
    """Return multipliers (m,) ≥ 0 for the dual of a state, the best of several roundings, and their
    bound on ‖θ*‖².

    D is made a little smaller than wanted, so that they are feasible as they stand: dividing them
    by 1 + 10⁻¹⁵ would round each anew. Where a run of labels goes on beside an active datum, its
    next datum may carry a tiny multiplier, which places D more finely than the rounding of the
    large ones allows.
    """
    active = Points.of(x[index], y[index])
    beside, owner = (
        np.concatenate([index[:-1] + 1, index[1:] - 1]),
        np.concatenate([index[:-1], index[1:]]),
    )
    finer = np.union1d(index, beside[y[beside] == y[owner]])
    ideal = 2.0 * float(multipliers_of(active, state.dual).sum())
    best, bound = np.zeros(len(x)), 0.0
    for shrink in _SHRINKS:
        for chosen in (index, finer):
            found, value = _best_rounding(
                active, Points.of(x[chosen], y[chosen]), state.dual * (1.0 - shrink)
            )
            if value > bound:
                best, bound = np.zeros(len(x)), value
                best[chosen] = found
            if bound >= ideal * (1.0 - _WELL_ROUNDED):
                return best, bound
    return best, bound


def _best_rounding(active: Points, points: Points, dual: Vector) -> tuple[Vector, float]:
    """Try the best data at which to close the sum, either leading side, and rounding to the inside
    or nearest.
    """
    extra = ~np.isin(points.x, active.x)
    wanted = np.stack(
        [np.interp(points.x, active.x, part) for part in dual_values(active, dual)[::-1]]
    )
    sizes = np.zeros(len(points.x))
    sizes[~extra] = np.abs(multipliers_of(active, dual))
    inside = -np.sign(np.where(np.abs(wanted[0]) > np.abs(wanted[1]), wanted[0], wanted[1]))
    torque = dual[0] + points.x * (wanted[1, 0] + dual[0] * points.x[0])
    span = points.x[-1] - points.x[0] if dual[0] else 0.0
    best, bound = sizes, 0.0
    reach = np.append(np.inf, sizes[:-1] * points.gap), np.append(sizes[1:] * points.gap, np.inf)
    for follower in (0, 1):
        order = np.argsort(reach[follower] + np.hypot(1.0, points.x) + sizes * span, kind="stable")
        for last in np.concatenate(
            [order[extra[order]][:_CLOSINGS], order[~extra[order]][:_CLOSINGS]]
        ):
            for strict in (1.0, 0.0):
                lean = np.where(extra, -points.y, strict * inside)
                lean[last] = -np.sign(torque[last])
                found = round_multipliers(
                    points.x, points.y, wanted, dual[0], lean, last, 1 - follower
                )
                value = (
                    2.0 * float(found.sum()) / max(1.0, pricing_ratio(points.x, found * points.y))
                )
                if value > bound:
                    best, bound = found, value
    return best, bound
