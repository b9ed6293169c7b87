"""A first look at Problem (1): linear programmes over unit vectors, exchanged for better ones.

Over given unit vectors u_j of signs s_j the dual is a linear programme,

    max Σ r_i λ_i  subject to  0 ≤ λ_i ≤ M,  Σ λ_i s_j y_i σ(u_j·f_i) ≤ 1 for all j.

Vectors that gain more than 1 from its λ come in, those far below 1 go, and so on: cutting planes
(Kelley, J. SIAM 8 (1960); exchange methods, Hettich and Kortanek, SIAM Review 35 (1993)).
A round costs little, and the vectors left lie in the cells that matter. The last digits would take
many rounds, since ‖u‖ is curved within a cell, which cuts are not: these are for the conic solver.
Answers are guesses, for others to prove.
"""

from typing import Any, Final, NamedTuple

import numpy as np

from highdim.optimum.ascent import climbed, starts
from highdim.optimum.blocks import first_of_each
from highdim.optimum.scaled import Scaled
from univariate.common.arrays import Indices, Matrix, Vector

_ROUNDS: Final = 60
_CLOSE: Final = 1.02  # a largest gain at which this is done
_ABOVE: Final = 1.0 + 1e-6  # gains of vectors that come in
_KEPT: Final = 0.7  # and of those that stay
_MOST: Final = 1e9  # M
_LEAST_STARTS: Final = 32  # of ascents, in each round


class Signed(NamedTuple):
    """Unit vectors in rows (n, k) and the signs ±1 of their outputs (n,)."""

    directions: Matrix
    signs: Vector

    def joined(self, other: "Signed") -> "Signed":
        """Return these vectors and others."""
        return Signed._make(map(np.concatenate, zip(self, other, strict=True)))

    def taken(self, kept: Indices) -> "Signed":
        """Return some of them."""
        return Signed._make(part[kept] for part in self)


def exchanged(data: Scaled, rng: np.random.Generator) -> Signed:
    """Return vectors in the cells of which the optimum is likely to be found.

    Rounded. Cost a few dozen linear programmes in m variables with some 3 m constraints.
    """
    near = [starts(data, _count(data), rng) for _ in range(2)]
    found = Signed(np.concatenate(near), np.repeat([1.0, -1.0], [len(one) for one in near]))
    for _ in range(_ROUNDS):
        costs = data.costs(*found)
        solution = _solved(data.r, costs)
        if solution is None:
            break
        multipliers, weights = solution
        kept = np.flatnonzero((costs @ multipliers > _KEPT) | (weights > 0.0))
        better, largest = _better(data, multipliers, found.taken(np.flatnonzero(weights)), rng)
        found = found.taken(kept).joined(better)
        if largest <= _CLOSE:
            break
    return found


def _count(data: Scaled) -> int:
    return max(len(data.y), _LEAST_STARTS)


def _solved(r: Vector, costs: Matrix) -> tuple[Vector, Vector] | None:
    """Return the multipliers (m,) and the weights of the constraints (n,)."""
    from scipy.optimize import linprog

    found: Any = linprog(
        -r, A_ub=costs, b_ub=np.ones(len(costs)), bounds=(0.0, _MOST), method="highs-ds"
    )
    if found.x is None:
        return None
    return np.asarray(found.x), -np.asarray(found.ineqlin.marginals)


def _better(
    data: Scaled, multipliers: Vector, known: Signed, rng: np.random.Generator
) -> tuple[Signed, float]:
    """Return vectors that gain more than 1, the best of each cell, and the largest gain."""
    largest = 1.0
    parts = []
    for sign in (1.0, -1.0):
        own = known.directions[known.signs == sign]
        near = np.concatenate((own, starts(data, _count(data), rng)))
        ends, values = climbed(data, sign * data.y * multipliers, near)
        order = np.argsort(-values, kind="stable")
        order = order[values[order] > _ABOVE]
        largest = max(largest, float(np.max(values)))
        signs = np.full(len(order), sign)
        parts.append(Signed(ends[order], signs))
    better = parts[0].joined(parts[1])
    cells = first_of_each(better.signs, better.directions @ data.f.T > 0.0)
    return better.taken(cells), largest
