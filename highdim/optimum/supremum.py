"""The supremum of a unit neuron's gain, S = sup over ‖u‖ ≤ 1 of |Σ_i λ_i y_i σ(u·f_i)|, proved.

In few dimensions S is found by branch and bound (Land and Doig, Econometrica 28 (1960)), with a
bound that is new, derived here. Take one sign of it, g(u) = Σ w_i σ(u·f_i), and a cone spanned by
unit vectors t_1 … t_k, at first an orthant. Data that are active on all t_j are active on all of
the cone, and g is linear in them; the others are inactive, or *crossing*.

*Bound.* For crossing data with w_i > 0, w_i σ is convex; for those with w_i < 0, w_i σ(t) ≤ w_i κ t
whatever κ in [0, 1]. The sum of linear, convex and replaced terms is a convex function h ≥ g,
homogeneous, so h(Σ a_j t_j) ≤ Σ a_j h(t_j) for a ≥ 0. Let q be any vector. As the t_j lie in one
orthant, t_i·t_j ≥ 0 and (Σ a_j)² ≤ k ‖Σ a_j t_j‖², so for unit u = Σ a_j t_j

    g(u) ≤ q·u + Σ a_j (h(t_j) − q·t_j) ≤ ‖q‖ + √k max_j (h(t_j) − q·t_j)₊.

The best q is the shortest with q·t_j ≥ h(t_j): it is a combination of some of the t_j, and every
choice is tried. The κ are improved by turns: the κ that makes q shortest.

*Branching.* An edge of the cone is cut where the crossing datum that bends most changes sign; after
a few such cuts no part has it crossing. Without crossing data h is g, linear, and the bound is
reached: the search ends, with S exact, after finitely many cuts. Nothing depends on general
position: duplicates, antipodes and circles through one point are cut like others. The cones looked
at are a small part of the cells of the arrangement {u·f_i = 0}.

*Rounding.* Signs of t_j·f_i are trusted beyond the error of a product. Below it a datum counts as
active or inactive on the cone, and what w_i σ may exceed that by is added; so is the error of h, of
products of size γ, of the sums in c (compensated; w_i f_i is rounded once), and of the new corner,
which is off its edge by rounding: a vector u of the cone is moved by at most √k times that, and h
changes by at most its Lipschitz constant, ‖c‖ + Σ |w_i| ‖f_i‖ over crossing data, times it.
"""

from typing import Any, Final, NamedTuple

import numpy as np

from highdim.optimum.kernels.cones import branch_and_bound
from highdim.optimum.kernels.work import Scratch, Stack, Task
from highdim.optimum.rounding import UP, gamma, norms_above
from highdim.optimum.scaled import Scaled
from univariate.common.arrays import Matrix, Vector
from univariate.common.tolerance import UNIT_ROUNDOFF

LARGEST_DIMENSION: Final = 6
"""Of u; beyond it the 2^k orthants alone are too many."""

SHARP: Final = 2.0**-42
"""What an exact supremum may be off by, relative; about k m roundings."""


_bounded: Any = branch_and_bound  # kernels have no types


class Gains(NamedTuple):
    """A bound S on |Σ λ_i y_i σ(u·f_i)| over ‖u‖ ≤ 1, cones looked at, and unit vectors with gains
    above a target: rows of `directions` (n, k), signs ±1 (n,) and values (n,).
    """

    above: float
    cones: int
    directions: Matrix
    signs: Vector
    values: Vector


def gains_above(
    data: Scaled, multipliers: Vector, target: float, *, room: int, budget: int
) -> Gains:
    """Bound S and list up to `room` vectors of each sign that gain more than `target`.

    Where neither ends it early, S is at most the larger of the target and (1 + `SHARP`) times the
    true one. Proved, rounded up. Cost at most a multiple of m^(k−1) cones, in
    practice far fewer, and O(k³ 2^k + k m) a cone; memory O(k m + room).
    """
    m, k = data.f.shape
    length = norms_above(data.f)
    total = float(multipliers @ length)
    above, cones = 0.0, 0
    found: list[tuple[Matrix, Vector, Vector]] = []
    for sign in (1.0, -1.0):
        directions = np.zeros((room, k))
        values = np.zeros(room)
        task = Task(data.f, sign * data.y * multipliers, length, target, SHARP, budget)
        top, looked, hits = _bounded(task, Stack.of(m, k), Scratch.of(m, k), directions, values)
        above = max(above, top)
        cones += looked
        found.append((directions[:hits], np.full(hits, sign), values[:hits]))
    rounded = 2.0 * UNIT_ROUNDOFF * total  # of the products w_i f_i
    directions, signs, values = (np.concatenate(parts) for parts in zip(*found, strict=True))
    blurred = float(np.sum(multipliers * data.blur)) * (1.0 + gamma(m))
    whole = (above + rounded) * data.stretch + blurred
    return Gains(whole * UP, cones, directions, signs, values)
