"""KKT conditions in one dimension as a path of partial sums through given points of the plane.

T_k = Σ_{i ≥ k} λ_i y_i (x_i, 1), k = m … 0, is a path from 0 to S = Σ λ_i y_i (x_i, 1) whose k-th
step is a multiple λ_k ≥ 0 of y_k (x_k, 1). Stationarity of a balanced neuron with direction c =
sign(v)(w, b)/|(w, b)| says: T = c where a right-oriented one cuts the data, S − T = c where a
left-oriented one does; a kink on a datum, with its σ' ∈ [0, 1], says that the point lies on the
step itself. Between two neighbouring stops the step must lie in the cone of the data between them:
at most four half-planes, linear in S. So everything but the 2-vector S decouples, and S solves a
linear programme in three variables (S and the largest violation), whose dual has at most three
half-planes: a direction of descent that moves at most six neurons. New; cost O(n + m) after
sorting.
"""

from typing import NamedTuple

import numpy as np

from univariate.common.arrays import Indices, Mask, Matrix, Vector
from univariate.problem.cells import Cells
from univariate.standing.kernels.conditions import (
    Pairs,
    Planes,
    list_planes,
    look_between,
    met_at_zero,
    widest,
)
from univariate.standing.kernels.dual_path import Walk, walk
from univariate.standing.kernels.stops import Stops, laid_out, neighbours

_ROUNDS = 60  # every one adds cuts; the best S so far is kept
_NEGLIGIBLE = 2.0**-50  # a violation of unit vectors below this is rounding
_WORKING = 64  # cuts that come in at once; three decide in the end


class Neighbours(NamedTuple):
    """Pairs of stops whose difference is a condition."""

    far: Indices  # (q,) the stop on the right
    near: Indices  # (q,) the one on the left


class HalfPlanes(NamedTuple):
    """Conditions normal·(point of `near` − point of `far`) ≥ 0 between neighbouring stops.

    Normals have length 1.
    """

    far: Indices  # (q,) the cell whose stop is on the right, −1 for the right end
    near: Indices  # (q,) the one on the left, −1 for the left end
    normal: Matrix  # (q, 2)
    slope: Matrix  # (q, 2) coefficient of S
    offset: Vector  # (q,)

    def take(self, chosen: Indices | Mask) -> "HalfPlanes":
        """Return some of the conditions."""
        return HalfPlanes(
            self.far[chosen],
            self.near[chosen],
            self.normal[chosen],
            self.slope[chosen],
            self.offset[chosen],
        )

    def excess(self, total: Vector) -> Vector:
        """Return by how much each condition is violated at S = total; negative where it holds."""
        return -(self.slope @ total + self.offset)


class Passage(NamedTuple):
    """The best path: its S, the largest violation, and the conditions that prevent a better one."""

    total: Vector  # (2,)
    excess: float
    tight: Indices  # at most three conditions
    weights: Vector  # ≥ 0, sum 1: Σ weights · slope = 0, Σ weights · offset = −excess


def stops(cells: Cells, size: int) -> Stops:
    """Order the neurons by their position among `size` data, right to left. Cost O(n log n)."""
    order = np.argsort(-cells.position, kind="stable")
    return laid_out(order, cells.position, cells.left, cells.direction, size)


def neighbouring(found: Stops) -> Neighbours:
    """Return the pairs of stops whose difference is a condition. Cost O(n)."""
    return Neighbours(*neighbours(found.position, found.slope))


def gap(found: Stops, pairs: Neighbours, active: Mask, enough: float) -> float:
    """Return how far neighbouring stops of one orientation are apart without active data between.

    No S mends that: `passage` has at least this excess. Where it is beyond `enough`, some gap that
    is. Cost O(n + m).
    """
    return widest(found, *pairs, active, enough)


def trivial(found: Stops, pairs: Neighbours, x: Vector, y: Vector, active: Mask) -> Passage | None:
    """Return the path with S = 0 if that violates nothing, up to rounding; what `passage` finds.

    At the closed form's optimum it does not. Cost O(n + m), without a list of conditions.
    """
    if not met_at_zero(x, y, active, found, *pairs, 0.5 * _NEGLIGIBLE):
        return None
    return Passage(np.zeros(2), 0.5 * _NEGLIGIBLE, np.zeros(0, np.intp), np.zeros(0))


def half_planes(found: Stops, x: Vector, y: Vector, active: Mask) -> HalfPlanes:
    """Return the conditions between all neighbouring stops. Cost O(n + m)."""
    pairs = neighbouring(found)
    q = len(pairs.far)
    cones = Pairs(*pairs, np.empty((q, 4), np.intp), np.empty(q, np.int16))
    p = look_between(x, y, active, found.position, cones)
    ends = np.empty(p, np.intp), np.empty(p, np.intp)
    planes = Planes(*ends, np.empty((p, 2)), np.empty((p, 2)), np.empty(p))
    list_planes(x, y, found, cones, planes)
    return HalfPlanes(*planes)


def passage(conditions: HalfPlanes) -> Passage:
    """Return the S of least largest violation, by cutting planes.

    Rounded to a few 1e-16 at a vertex.
    """
    total = np.zeros(2)
    excess = conditions.excess(total)
    moment, mass = conditions.slope.T
    beyond_mending = np.flatnonzero((moment == 0.0) & (mass == 0.0))
    fixed = excess[beyond_mending].max(initial=-np.inf)
    rigid = beyond_mending[np.argmax(excess[beyond_mending])] if len(beyond_mending) else -1
    best = Passage(np.zeros(2), np.inf, np.zeros(0, np.intp), np.zeros(0))
    box = 4.0 * (1.0 + np.abs(conditions.offset).max(initial=0.0)) * 2.0**10
    working = np.zeros(0, np.intp)
    for _ in range(_ROUNDS):
        reached = float(np.fmax.reduce(excess)) if len(excess) else 0.0  # NaN shows nothing
        if reached < best.excess:
            best = best._replace(total=total, excess=reached)
        if reached <= max(_NEGLIGIBLE, fixed):
            break
        worst = _largest(excess)
        if np.isin(worst[0], working):
            break
        working = np.union1d(working, worst)
        found = _programme(conditions.take(working), box)
        if found is None:
            break
        total, tight, weights = found
        best = best._replace(tight=working[tight], weights=weights)
        excess = conditions.excess(total)
    if fixed > _NEGLIGIBLE and fixed >= best.excess:  # one condition that no S can mend
        return best._replace(tight=np.array([rigid]), weights=np.ones(1))
    return best


def multipliers(
    found: Stops, total: Vector, x: Vector, y: Vector, active: Mask
) -> tuple[Stops, Walk]:
    """Return multipliers along the path through the stops, and the order of the stops on it.

    Cost O(n + m). Rounded: T meets each stop to a few 1e-16 if every condition holds at `total`.
    """
    found = _along(found, total, x, y)
    sizes = len(x), len(x), len(found.position), len(found.position)
    walked = Walk(*(np.zeros(size) for size in sizes))
    walk(x, y, active, found, total, walked)
    return found, walked


def _along(found: Stops, total: Vector, x: Vector, y: Vector) -> Stops:
    """Return the stops with those on one datum in the order in which they lie along its step."""
    tied = np.flatnonzero(_shared(found.position))
    tied = tied[found.position[tied] % 2 == 1]  # in a gap all are one point
    if not len(tied):
        return found
    datum = found.position[tied] // 2
    goal = found.slope[tied, None] * total + found.offset[tied]
    along = y[datum] * (goal[:, 0] * x[datum] + goal[:, 1])
    order = np.lexsort((along, -datum))
    ordered = Stops(*(part.copy() for part in found))
    for part, place in zip(ordered, found, strict=True):
        part[tied] = place[tied[order]]
    return ordered


def _shared(position: Indices) -> Mask:
    """Return which entries of a sorted array occur more than once."""
    same = np.concatenate([[False], position[1:] == position[:-1], [False]])
    return np.asarray(same[1:] | same[:-1])


def moves(tight: HalfPlanes, weights: Vector, cells: Cells) -> tuple[Indices, Matrix]:
    """Return the neurons, and the changes of their v (w, b), that tight conditions allow.

    Every half-plane is a move between two neurons as in the proofs of Propositions A.4 and A.5:
    adding its normal line on the data between the two stops raises every margin there.
    """
    cell = np.concatenate([tight.near, tight.far])
    change = weights[:, None] * tight.normal
    real = cell >= 0
    change = np.concatenate([change, -change])[real] * np.where(
        cells.left[cell[real], None], -1.0, 1.0
    )
    neurons, place = np.unique(cells.neuron[cell[real]], return_inverse=True)
    summed = np.zeros((len(neurons), 2))
    np.add.at(summed, place, change)
    return neurons, summed


def _largest(excess: Vector) -> Indices:
    """Return where the largest entries are, decreasing."""
    few = (
        np.argpartition(-excess, _WORKING)[:_WORKING]
        if len(excess) > _WORKING
        else np.arange(len(excess))
    )
    return few[np.lexsort((few, -excess[few]))]


def _programme(chosen: HalfPlanes, box: float) -> tuple[Vector, Indices, Vector] | None:
    """Minimise the largest violation over S: HiGHS, then the vertex again in full precision."""
    from scipy.optimize import linprog

    count = len(chosen.offset)
    bounds = [(-box, box), (-box, box), (None, None)]
    matrix = np.column_stack([-chosen.slope, -np.ones(count)])
    found = linprog(
        [0.0, 0.0, 1.0], A_ub=matrix, b_ub=chosen.offset, bounds=bounds, method="highs-ds"
    )
    if found.status != 0 or found.x is None:
        return None
    weights = np.maximum(-np.asarray(found.ineqlin.marginals), 0.0)
    tight = np.flatnonzero(weights > 0.0)
    best: Vector = np.asarray(found.x[:2], dtype=np.float64)
    corner: Vector = np.linalg.lstsq(matrix[tight], chosen.offset[tight], rcond=None)[0][:2].astype(
        np.float64
    )
    if chosen.excess(corner).max() < chosen.excess(best).max():
        best = corner
    # weights of the violation's proof: Σ weights · (slope, 1) = (0, 0, 1), again in full precision
    system = np.column_stack([chosen.slope[tight], np.ones(len(tight))]).T
    exact = np.linalg.lstsq(system, np.array([0.0, 0.0, 1.0]), rcond=None)[0]
    return best, tight, np.maximum(exact, 0.0)
