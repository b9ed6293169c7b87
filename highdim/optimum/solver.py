"""Clarabel, the conic solver, as this package asks it: on one thread, in silence. Its answers are
guesses, for others to polish and to prove.
"""

from collections.abc import Collection, Sequence
from typing import Any, NamedTuple

import numpy as np

from univariate.common.arrays import Vector


class Answer(NamedTuple):
    """What the solver says of itself, x, and the multipliers z of the rows."""

    status: str
    x: Vector
    z: Vector

    def among(self, statuses: Collection[str]) -> bool:
        """Whether the status is one of these, and all numbers are finite."""
        finite = np.isfinite(self.x).all() and np.isfinite(self.z).all()
        return self.status in statuses and bool(finite)


def answered(
    quadratic: Any, cost: Vector, matrix: Any, right: Vector, cones: Sequence[Any], goal: float
) -> Answer:
    """Solve min ½ x·P x + c·x subject to right − A x in the cones, to errors of `goal`, absolute
    and relative, if all goes well.

    P and A may be dense or sparse. Cost that of an interior-point method: some twenty
    factorisations.
    """
    import clarabel
    from scipy import sparse

    settings = clarabel.DefaultSettings()
    settings.verbose = False
    settings.max_threads = 1
    settings.tol_gap_abs = settings.tol_gap_rel = settings.tol_feas = goal
    P, A = (sparse.csc_matrix(part) for part in (quadratic, matrix))
    found = clarabel.DefaultSolver(P, cost, A, right, list(cones), settings).solve()
    return Answer(str(found.status), np.array(found.x), np.array(found.z))
