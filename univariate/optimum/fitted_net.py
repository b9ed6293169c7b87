"""Float64 neurons for a state of Newton's method, with the margins that matter kept.

Neurons of size 10⁹ cancel to values of order one, so parameters rounded one by one miss the margins
by 10⁻⁷. Here the blocks are fitted to the margins in double-double, and then rounded in turn, each
taking over what the ones before it left, at one of thousands of nearly balanced neighbours that
keeps the values at its own data. Everything is rounded; margins are measured in double-double.
"""

from typing import Final

import numpy as np

from univariate.common.arrays import Indices, Vector
from univariate.optimum.atoms import Points
from univariate.optimum.blocks import Blocks, Net, block_kinks, block_sizes
from univariate.optimum.damped import damped_step
from univariate.optimum.equations import fit_equations
from univariate.optimum.kernels.rounding import Double, add, fine_neuron, subtract, two_product
from univariate.optimum.kernels.values import kink_lines, net_margins, spline_residual
from univariate.optimum.rows import chords, row_scale

Line = tuple[Double, Double]
"""Slope and rise."""
Neuron = tuple[float, float, float]

# a fit that gets there takes 7 at most (tests/hunts/iterations); others end in rounding
_REFINEMENTS: Final = 8
_FITTED: Final = 1e-20  # error of a value
# whoever proves the margins raises them further
_RAISES: Final = 3
_NEGLIGIBLE: Final = 1e-14  # loss of margin
# picks a short step among many; less leaves its free part to rounding
_DAMPING: Final = 1e-16
_CARRIED: Final = 1e-7  # largest error, relative to a block, that the block takes over
_NEARLY_CONSTANT: Final = 1e-3  # slope over rise


def fitted_nets(points: Points, blocks: Blocks) -> list[Net]:
    """Return roundings (v, w, b), each with margins raised where the one before fell short."""
    target = points.y.copy()
    nets = []
    for _ in range(_RAISES):
        net = _rounded_net(points, blocks, _fitted_lines(points, blocks, target))
        nets.append(net)
        excess = net_margins(*net, points.x, points.y)
        if excess.min() >= -_NEGLIGIBLE:
            break
        target += 2.0 * points.y * np.maximum(0.0, -excess)
    return nets


def _fitted_lines(points: Points, blocks: Blocks, target: Vector) -> Vector:
    """Return the lines u of the blocks with N(x_i) = target_i: (k, 4) double-doubles."""
    size = len(blocks.sign)
    bent = np.flatnonzero(blocks.orientation)
    turned = blocks.sign * np.where(blocks.orientation == 0, 1, blocks.orientation)
    lines = np.zeros((size, 4))
    lines[:, 0] = blocks.sign * blocks.first
    lines[:, 2] = blocks.sign * blocks.second
    cells = blocks.cell[bent]
    slopes = (turned * blocks.first)[bent]
    lines[bent] = kink_lines(points.x, points.gap, cells, blocks.second[bent], slopes)
    side, place = _first_active(blocks)
    _, derivatives = fit_equations(points, blocks)
    jacobian = derivatives.tocsc()
    kink = block_kinks(points, blocks)
    for _ in range(_REFINEMENTS):
        missing = spline_residual(points.x, target, side, place, lines)
        if np.abs(missing).max() <= _FITTED:
            break
        residual = -row_scale(points) * chords(points, missing)
        step = damped_step(jacobian, residual, _DAMPING, block_sizes(blocks))
        by_second = np.zeros(size)
        by_second[~blocks.pinned] = step[size:]
        slope = turned * step[:size]
        rise = turned * by_second
        rise[bent] = -slopes * points.gap[cells] * by_second[bent] - (slope * kink)[bent]
        for line, more_slope, more_rise in zip(lines, slope, rise, strict=True):
            line[:2] = add((line[0], line[1]), (more_slope, 0.0))
            line[2:] = add((line[2], line[3]), (more_rise, 0.0))
    return lines


def _first_active(blocks: Blocks) -> tuple[Indices, Indices]:
    """Return from which side (±1) each block acts, and on which point it is active first."""
    on_end = blocks.pinned & (blocks.second == 1.0)
    on_start = blocks.pinned & (blocks.second == 0.0)
    turned = [blocks.orientation > 0, blocks.orientation < 0]
    place = np.select(turned, [blocks.cell + 1 + on_end, blocks.cell - on_start], 0)
    return np.where(blocks.orientation < 0, -1, 1), place


def _rounded_net(points: Points, blocks: Blocks, lines: Vector) -> Net:
    """Return float64 neurons for the lines, with error feedback along either orientation."""
    out = np.empty((3, len(lines)))
    # affine blocks first, as if their kinks were before all points
    kink = np.where(blocks.orientation == 0, -np.inf, block_kinks(points, blocks))
    for side in (1, -1):
        chosen = np.flatnonzero((blocks.orientation < 0) == (side < 0))
        chosen = chosen[np.argsort(kink[chosen], kind="stable")][::side]
        ends = np.searchsorted(points.x, kink[chosen], side="right" if side > 0 else "left")
        ends = np.append(ends, len(points.x) if side > 0 else 0)
        slope_error = (0.0, 0.0)
        rise_error = (0.0, 0.0)
        for j, begin, end in zip(chosen, ends[:-1], ends[1:], strict=True):
            own = ((lines[j, 0], lines[j, 1]), (lines[j, 2], lines[j, 3]))
            slope = add(own[0], slope_error)
            rise = add(own[1], rise_error)
            error = np.hypot(slope_error[0], rise_error[0])
            small = error <= _CARRIED * np.hypot(lines[j, 0], lines[j, 2])
            goal = (slope, rise) if small else own
            piece = _extremes(points, min(begin, end), max(begin, end))
            if blocks.orientation[j] == 0:
                neuron = _affine_neuron(piece, float(blocks.sign[j]), own, goal)
            else:
                silent = begin - 1 if side > 0 else begin
                neuron = _kinked_neuron(points, piece, side, goal, silent)
            out[:, j] = neuron
            v, w, b = neuron
            slope_error = subtract(slope, two_product(v, w))
            rise_error = subtract(rise, two_product(v, b))
    return out[0], out[1], out[2]


def _affine_neuron(piece: Points, sign: float, own: Line, goal: Line) -> Neuron:
    """Return (v, w, b) of one sign that adds the line `goal`, near `own`, on all points."""
    slope = own[0][0]
    rise = own[1][0]
    if abs(slope) <= _NEARLY_CONSTANT * abs(rise):
        v = sign * np.sqrt(np.hypot(slope, rise))
        return v, goal[0][0] / v, goal[1][0] / v
    turned = float(np.sign(slope) * sign)
    return fine_neuron(turned, *goal, piece.x, piece.y, _beyond(goal, turned))


def _kinked_neuron(points: Points, piece: Points, side: int, goal: Line, silent: int) -> Neuron:
    """Return (v, w, b) that adds the line `goal`, and nothing at the point `silent`."""
    known = 0 <= silent < len(points.x)
    quiet = points.x[silent] if known else _beyond(goal, side)
    return fine_neuron(float(side), *goal, piece.x, piece.y, quiet)


def _beyond(line: Line, side: float) -> float:
    """Return a place on the other side of where a line is 0."""
    slope, rise = line[0][0], line[1][0]
    zero = -rise / slope if slope else 0.0  # a slope that underflowed adds nothing anywhere
    return zero - side * (1.0 + abs(zero))


def _extremes(points: Points, begin: int, end: int) -> Points:
    """Return the first and last point of either label: an affine error is largest there."""
    label = points.y[begin:end]
    chosen = [np.flatnonzero(label == one)[[0, -1]] for one in np.unique(label)]
    inside = np.concatenate([np.zeros(0, dtype=np.intp), *chosen])
    return points.take(begin + np.unique(inside))
