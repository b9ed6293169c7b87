"""Neurons that are zero may become any small atom v (w, b): the net descends if one pays.

With multipliers λ a unit atom of a right-oriented neuron with its kink in a gap earns sign(v) (w,
b)·T, T the sum of λ_i y_i (x_i, 1) right of the gap, and costs 1: no atom pays iff |D_±(t)| ≤ √(1 +
t²) everywhere. With other multipliers for the same choice of sides it may be another one that pays,
so an atom alone refutes a local minimum iff the linear programme over it and the neurons of the net
descends.
"""

from typing import TYPE_CHECKING, Any, NamedTuple

import numpy as np

from univariate.common.arrays import Indices, Mask, Matrix, Vector
from univariate.problem.cells import Cells
from univariate.problem.sample import Sample

if TYPE_CHECKING:
    from scipy import sparse


_FEASIBLE = 1e-10  # tolerances of the linear programme
_DESCENT = 1e-7  # a rate of descent worth trying


class Atom(NamedTuple):
    """A unit atom u = sign·(w, b), what it earns, and the data it is active on."""

    sign: float
    line: Vector  # (2,) (w, b)
    earns: float


class Growth(NamedTuple):
    """Changes of v (w, b) of neurons, and the atom that a zero neuron becomes with them."""

    neurons: Indices
    changes: Matrix
    atom: Vector  # (2,)
    sign: float
    rate: float  # of descent of Σ |u_j|


def paying_atoms(sample: Sample, multipliers: Vector, most: int) -> list[Atom]:
    """Return unit atoms that earn more than they cost, the best of each place, best first."""
    x = sample.x
    charge = multipliers * sample.y
    right = np.zeros((sample.size + 1, 2))  # sums over data ≥ k
    right[:-1, 0] = np.cumsum((charge * x)[::-1])[::-1]
    right[:-1, 1] = np.cumsum(charge[::-1])[::-1]
    low = np.concatenate([[-np.inf], x])
    high = np.concatenate([x, [np.inf]])
    found: list[tuple[float, float, Vector]] = []
    for orientation, sums in ((1.0, right), (-1.0, right[0] - right)):
        size = np.hypot(sums[:, 0], sums[:, 1])
        with np.errstate(divide="ignore", invalid="ignore"):
            kink = np.where(size > 0.0, -sums[:, 1] / sums[:, 0], np.nan)
        inside = (kink > low) & (kink < high)
        for k in np.flatnonzero(inside & (size > 1.0)).tolist():
            line = sums[k] / size[k]
            sign = 1.0 if line[0] * orientation > 0.0 else -1.0
            found.append((float(size[k]), sign, sign * line))
        ends = (
            np.stack([np.full(sample.size, orientation), -orientation * x], axis=1)
            / np.hypot(1.0, x)[:, None]
        )
        earned = np.sum(ends * sums[:-1], axis=1)
        found += [
            (abs(float(earned[k])), float(np.sign(earned[k])), ends[k])
            for k in np.flatnonzero(np.abs(earned) > 1.0)
        ]
    constant = float(right[0, 1])
    if abs(constant) > 1.0:
        found.append((abs(constant), float(np.sign(constant)), np.array([0.0, 1.0])))
    found.sort(key=lambda item: -item[0])
    return [Atom(sign, line, earned) for earned, sign, line in found[:most]]


def growth(sample: Sample, active: Mask, located: Cells, atom: Atom) -> Growth | None:
    """Return the steepest descent by one new atom with the neurons of the net, if any.

    `located` holds the stops of a choice of sides. Rounded; cost that of a sparse linear programme
    in O(n + m) variables.
    """
    from scipy.optimize import linprog

    count = len(located.neuron)
    m = sample.size
    pinned = np.flatnonzero(
        (located.position % 2 == 1) & active[np.minimum(located.position // 2, m - 1)]
    )
    # variables: moves d_j (c, 2), the atom's size, sums of moves right- and left-oriented (m, 2)
    # each, pinned shares
    rest = 2 * count + 1 + 4 * m
    cost = np.concatenate([located.direction.ravel(), [1.0], np.zeros(4 * m + len(pinned))])
    bounds = (
        [(-1.0, 1.0)] * (2 * count)
        + [(0.0, 1.0)]
        + [(None, None)] * (4 * m)
        + [(None, 0.0)] * len(pinned)
    )
    options = {"primal_feasibility_tolerance": _FEASIBLE, "dual_feasibility_tolerance": _FEASIBLE}
    equal = _sums(located, m, rest + len(pinned))
    above = _losses(sample, active, located, atom, pinned, rest)
    zero = (np.zeros(part.shape[0]) for part in (above, equal))
    solve: Any = linprog  # its overloads know dense matrices only
    found = solve(
        cost, above, next(zero), equal, next(zero), bounds, method="highs", options=options
    )
    if found.status != 0 or found.x is None or found.fun > -_DESCENT:
        return None
    changes = found.x[: 2 * count].reshape(count, 2)
    share = float(found.x[2 * count])
    return Growth(
        located.neuron, changes, atom.sign * share * atom.line, atom.sign, -float(found.fun)
    )


def _sums(located: Cells, m: int, width: int) -> "sparse.csr_array":
    """Rows that define, at every datum, the sum of the moves of neurons active and not pinned."""
    from scipy import sparse

    count = len(located.neuron)
    # where the sum changes
    first = np.where(located.left, (located.position - 2) // 2, (located.position + 1) // 2)
    cells = np.flatnonzero((first >= 0) & (first < m))
    rows = []
    columns = []
    values = []
    for axis in (0, 1):
        right = 2 * np.arange(m) + axis
        left = 2 * m + 2 * np.arange(m) + axis
        at = 2 * count + 1
        rows += [
            right,
            right[1:],
            left,
            left[:-1],
            np.where(located.left, 2 * m, 0)[cells] + 2 * first[cells] + axis,
        ]
        columns += [at + right, at + right[:-1], at + left, at + left[1:], 2 * cells + axis]
        values += [np.ones(m), -np.ones(m - 1), np.ones(m), -np.ones(m - 1), -np.ones(len(cells))]
    entries = np.concatenate(values), (np.concatenate(rows), np.concatenate(columns))
    return sparse.csr_array(entries, shape=(4 * m, width))


def _losses(
    sample: Sample, active: Mask, located: Cells, atom: Atom, pinned: Indices, rest: int
) -> "sparse.csr_array":
    """Rows −y_i N'(x_i; d) ≤ 0 of the active data, and bounds on what a pinned kink adds.

    That is at most y_i d_j·(x_i, 1), and at most 0.
    """
    from scipy import sparse

    count = len(located.neuron)
    m = sample.size
    places = np.flatnonzero(active)
    row = np.full(m, -1)
    row[places] = np.arange(len(places))
    x = sample.x[places]
    size = np.hypot(1.0, sample.x[places])
    y = sample.y[places]
    at = 2 * count + 1
    lines = np.arange(len(places))
    grown = atom.sign * np.maximum(0.0, atom.line[0] * x + atom.line[1])
    rows = [lines]
    columns = [np.full(len(places), 2 * count)]
    values = [-y * grown / size]
    for half in (0, 2 * m):
        rows += [lines, lines]
        columns += [at + half + 2 * places, at + half + 2 * places + 1]
        values += [-y * x / size, -y / size]
    datum = located.position[pinned] // 2
    extra = np.arange(len(pinned))
    label = sample.y[datum]
    scale = np.hypot(1.0, sample.x[datum])
    share = len(places) + extra
    rows += [row[datum], share, share, share]
    columns += [rest + extra, rest + extra, 2 * pinned, 2 * pinned + 1]
    values += [-1.0 / scale, 1.0 / scale, -label * sample.x[datum] / scale, -label / scale]
    entries = np.concatenate(values), (np.concatenate(rows), np.concatenate(columns))
    return sparse.csr_array(entries, shape=(len(places) + len(pinned), rest + len(pinned)))
