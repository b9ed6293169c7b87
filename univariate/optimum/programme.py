"""The linear programme over given atoms and data. Rounded, to about 1e-9 relatively."""

from typing import TYPE_CHECKING, Final, NamedTuple

import numpy as np

from univariate.common.arrays import Vector
from univariate.optimum.atoms import Atoms, Points
from univariate.optimum.rows import chord_rows, chords, columns, row_scale

if TYPE_CHECKING:
    from scipy import sparse


class Attempt(NamedTuple):
    """How the linear programme is put to HiGHS."""

    unit: bool  # right side scaled to a largest entry of 1
    tolerance: float
    presolve: bool
    method: str


# in turn until one is solved: on data with tiny gaps HiGHS now and then reports a bounded problem
# as unbounded
_LADDER: Final = (
    Attempt(False, 1e-10, True, "highs-ds"),
    Attempt(True, 1e-10, True, "highs-ds"),
    Attempt(True, 1e-10, False, "highs-ds"),
    Attempt(False, 1e-7, True, "highs-ds"),
    Attempt(False, 1e-7, False, "highs-ds"),
    Attempt(True, 1e-8, True, "highs-ipm"),
)


class Vertex(NamedTuple):
    """A solution: atoms and their weights, `slack` y_i N(x_i) − 1, `dual` (S₀, D_+(x_0), …)."""

    atoms: Atoms
    weight: Vector
    slack: Vector
    dual: Vector

    @property
    def used(self) -> Atoms:
        """The atoms of positive weight."""
        return self.atoms.take(self.weight > 0.0)


def solve(points: Points, atoms: Atoms) -> Vertex | None:
    """Minimise the total weight of the atoms subject to y_i N(x_i) ≥ 1; None where HiGHS gives up.

    By the dual simplex method, so weights and slacks are those of a vertex.
    """
    scale = row_scale(points)
    matrix, shrink = _scaled(points, atoms, scale)
    count = len(atoms.sign)
    cost = np.append(np.ones(count), np.zeros(len(points.x))) * shrink
    right = scale * chords(points, points.y)
    for attempt in _LADDER:
        size = float(np.abs(right).max()) if attempt.unit else 1.0
        found = _attempted(cost, matrix, right / size, attempt)
        if found is not None:
            weight = np.maximum(found[0], 0.0) * shrink * size
            return Vertex(atoms, weight[:count], weight[count:], found[1] * scale)
    return None


def _scaled(points: Points, atoms: Atoms, scale: Vector) -> tuple["sparse.csc_array", Vector]:
    """Return the rows of the atoms and of −y_i times the slacks, scaled, with columns shrunk to a
    largest entry of 1, and by how much.

    Products of sparse matrices would take longer than HiGHS does on few data.
    """
    from scipy import sparse

    fit = columns(points, atoms)
    slack = chord_rows(points)
    row = np.concatenate([fit.indices, slack.indices])
    start = np.concatenate([fit.indptr, fit.indptr[-1] + slack.indptr[1:]])
    lengths = np.diff(start)
    signed = slack.data * np.repeat(-points.y, np.diff(slack.indptr))
    entry = scale[row] * np.concatenate([fit.data, signed])
    largest = np.zeros(len(lengths))
    filled = lengths > 0
    largest[filled] = np.maximum.reduceat(np.abs(entry), start[:-1][filled])
    shrink = 1.0 / np.maximum(largest, 1e-300)
    shape = (len(points.x), len(lengths))
    matrix = sparse.csc_array((entry * np.repeat(shrink, lengths), row, start), shape=shape)
    matrix.eliminate_zeros()
    return matrix, shrink


def _attempted(
    cost: Vector, matrix: "sparse.csc_array", right: Vector, attempt: Attempt
) -> tuple[Vector, Vector] | None:
    """Return the solution of one linear programme and its dual; None unless it was solved."""
    from scipy.optimize import linprog

    options = {
        "primal_feasibility_tolerance": attempt.tolerance,
        "dual_feasibility_tolerance": attempt.tolerance,
        "presolve": attempt.presolve,
    }
    found = linprog(  # type: ignore[call-overload]  # its stubs know dense matrices only
        cost,
        A_eq=matrix,
        b_eq=right,
        method=attempt.method,
        options=options,
    )
    if found.status != 0:
        return None
    return found.x, np.asarray(found.eqlin.marginals)


def interpolation(points: Points, atoms: Atoms) -> Vertex:
    """Return a feasible net of ± the constant and right-oriented kinks on the data.

    `atoms` must begin with those of `first_atoms`. It stands in for a linear programme that could
    not be solved.
    """
    n = len(points.x)
    weight = np.zeros(len(atoms.sign))
    weight[int(points.y[0] < 0.0)] = 1.0
    changes = chords(points, points.y)[1:] * np.hypot(1.0, points.x[:-1])
    weight[2 : n + 1] = np.maximum(changes, 0.0)
    weight[2 * n : 3 * n - 1] = np.maximum(-changes, 0.0)
    dual = np.zeros(n)
    dual[0] = points.y[0] / np.hypot(1.0, points.x[0])
    return Vertex(atoms, weight, np.zeros(n), dual)
