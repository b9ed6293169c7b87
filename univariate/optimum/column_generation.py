"""Problem (1) in one dimension for any sample: column and constraint generation, Newton, careful
rounding.

min Σ v² + w² + b² subject to y_i N(x_i) ≥ 1. In order:

1. a linear programme over kinks and a working set of data, to which exact pricing adds kinks and
the margins of the
   net add data, until both are satisfied to about 1e-9 (`pricing`);
2. Newton's method on the optimality conditions of its support (`polish`), merged from its atoms
(`support`) and
   mended where a sign, a place, a price or a margin is wrong (`mending`);
3. rounding to float64 that keeps margins and prices (`float_fit`).

The result is *rounded*: float64 parameters whose margins and duality gap were measured in
double-double. Whoever needs a proof checks margins and the dual bound rigorously afterwards. Cost:
it grows with the number of sign changes (a sparse linear programme of about that size, a few
times), and with m only through one scan.
"""

from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from univariate.common.tolerance import SOLVER_GAP
from univariate.optimum.columns import (
    Atoms,
    Points,
    Restricted,
    first_atoms,
    interpolation,
    price,
    solve_restricted,
)
from univariate.optimum.float_fit import Net, fitted_multipliers, fitted_nets
from univariate.optimum.kernels.atoms import net_margins
from univariate.optimum.mending import defect, mended
from univariate.optimum.polish import State, newton
from univariate.optimum.support import plain_net, plain_start, starts

Vector = NDArray[np.float64]
Indices = NDArray[np.intp]

_PRICE_TOLERANCE = 1e-9  # of the linear programme; HiGHS resolves little more
_MARGIN_TOLERANCE = 1e-7
_FINAL_MARGIN_TOLERANCE = 1e-12
_MENDS = 6
_SOLVED = 1e-11  # defect at which nothing but rounding is left to improve


class GeneralSolution(NamedTuple):
    """Approximate optimum of Problem (1) and of its dual. Rounded.

    `v`, `w`, `b` : (n,) balanced neurons, at most one per orientation, cell of the active data and
    sign; `multipliers` : (m,) ≥ 0; `rounds` : linear programmes solved; `gap` : the quotient of
    ‖θ‖²/(worst margin) and 2 Σ λ/sup |D|/√(1 + t²), less 1.
    """

    v: Vector
    w: Vector
    b: Vector
    multipliers: Vector
    rounds: int
    gap: float


class Generated(NamedTuple):
    """Where the generation of columns and constraints ended: working set, atoms, solution,
    rounds.
    """

    working: Indices
    atoms: Atoms
    found: Restricted
    rounds: int


class _Best:
    """The best net and the best multipliers seen, each scaled to feasibility."""

    def __init__(self, x: Vector, y: Vector, ends: Indices) -> None:
        self.x, self.y, self.ends = x, y, ends
        self.value, self.bound, self.defect = np.inf, 0.0, np.inf
        self.net: Net = (np.zeros(0), np.zeros(0), np.zeros(0))
        self.multipliers = np.zeros(len(x))

    @property
    def gap(self) -> float:
        """Relative duality gap."""
        return self.value / self.bound - 1.0 if self.bound > 0.0 else np.inf

    def offer(self, index: Indices, state: State) -> None:
        """Round a state, and keep what is better than before."""
        for net in fitted_nets(Points.of(self.x[index], self.y[index]), state.blocks):
            near = np.union1d(self.ends, neighbours(self.x, net[1], net[2]))
            margin = 1.0 + float(net_margins(*net, self.x[near], self.y[near]).min())
            value = (
                sum(float(np.sum(part * part)) for part in net) / margin if margin > 0.0 else np.inf
            )
            if value < self.value:
                self.value, self.net = value, net
        multipliers, bound = fitted_multipliers(self.x, self.y, index, state)
        if bound > self.bound:
            self.bound, self.multipliers = bound, multipliers


def general_solution(
    x: Vector, y: Vector, *, gap_tolerance: float = SOLVER_GAP, max_rounds: int = 100
) -> GeneralSolution:
    """Solve min ‖θ‖² s.t.

    y_i N(x_i) ≥ 1 over nets of any width, for any strictly increasing x and labels y = ±1.

    Parameters
    ----------
    x, y : ndarray, shape (m,)
        Increasing inputs, labels.
    gap_tolerance : float
        Relative duality gap at which to stop; where float64 parameters cannot reach it, the least
        one found counts.
    max_rounds : int
        Largest number of linear programmes.

    Exactness: rounded, see the module's docstring. Deterministic.
    """
    ends = run_ends(y)
    generated = generate(x, y, ends, max_rounds)
    best = _Best(x, y, ends)
    guesses = starts(x, y, generated.working, generated.atoms, generated.found)
    for guess in guesses:
        if best.gap <= gap_tolerance or _pursue(guess, best, gap_tolerance):
            break
    # no guess led to the optimum: the linear programme itself may do better
    if best.gap > _PRICE_TOLERANCE:
        best.offer(*guesses[-1])
    if best.value == np.inf:
        best.offer(*plain_start(x, y, generated.working, generated.atoms, generated.found))
    return GeneralSolution(*best.net, best.multipliers, generated.rounds, best.gap)


def _pursue(guess: tuple[Indices, State], best: _Best, gap_tolerance: float) -> bool:
    """Polish and mend a guess until it is optimal (True) or nothing improves it."""
    current: tuple[Indices, State] | None = guess
    for _ in range(_MENDS):
        if current is None:
            break
        index, points = current[0], Points.of(best.x[current[0]], best.y[current[0]])
        state = newton(points, current[1])
        short = violated(best.x, best.y, index, plain_net(points, state.blocks), _MARGIN_TOLERANCE)
        error = defect(points, state)
        if error < 0.5 * best.defect or error <= _SOLVED or best.value == np.inf:
            best.defect = min(error, best.defect)
            best.offer(index, state)
            short = violated(best.x, best.y, index, best.net, _FINAL_MARGIN_TOLERANCE)
        if best.gap <= gap_tolerance or (error <= _SOLVED and not len(short)):
            return True
        current = mended(best.x, best.y, index, state, short)
    return False


def run_ends(y: Vector) -> Indices:
    """Return the first and last index of every run of equal labels."""
    changes = np.flatnonzero(y[1:] != y[:-1])
    return np.unique(np.concatenate([[0, len(y) - 1], changes, changes + 1]))


def generate(x: Vector, y: Vector, ends: Indices, max_rounds: int) -> Generated:
    """Return a vertex of the linear programme over generated kinks and data, with no kink or datum
    left to add.
    """
    index, points = ends, Points.of(x[ends], y[ends])
    atoms = first_atoms(points)
    best = Generated(index, atoms, interpolation(points, atoms), 0)
    for rounds in range(1, max_rounds + 1):
        found = solve_restricted(points, atoms)
        if found is None:
            break
        best = Generated(index, atoms, found, rounds)
        candidates, ratios = price(points, found.dual)
        used, wanted = found.weight > 0.0, ratios > 1.0 + _PRICE_TOLERANCE
        net = found.weight[used] * atoms.sign[used], atoms.w[used], atoms.b[used]
        short = violated(x, y, index, net, _MARGIN_TOLERANCE)
        if not wanted.any() and not len(short):
            break
        atoms = atoms.join(candidates.take(wanted))
        if len(short):
            index = np.union1d(index, short)
            points = Points.of(x[index], y[index])
            atoms = atoms.join(first_atoms(points))
    return best


def neighbours(x: Vector, w: Vector, b: Vector) -> Indices:
    """Return the data next to the kinks: within a run of labels the least margin is there or at its
    ends.
    """
    bent = w != 0.0
    place = np.searchsorted(x, -b[bent] / w[bent])
    near = place[:, None] + np.arange(-2, 2)
    return np.unique(np.clip(near, 0, len(x) - 1))


def violated(x: Vector, y: Vector, index: Indices, net: Net, tolerance: float) -> Indices:
    """Return the datum of least margin below 1 − tolerance between every two neighbours of the
    working set.
    """
    near = np.setdiff1d(neighbours(x, net[1], net[2]), index)
    excess = net_margins(*net, x[near], y[near])
    short, excess = near[excess < -tolerance], excess[excess < -tolerance]
    cell = np.searchsorted(index, short)
    order = np.lexsort((excess, cell))
    return short[order][np.unique(cell[order], return_index=True)[1]]
