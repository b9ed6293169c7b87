"""The pursuit of an optimum: columns and data are generated, the support polished and mended.

1. A linear programme over kinks and a working set of data, to which prices add kinks and the
margins of the net add data, until both are satisfied to about 1e-9 (`programme`, `pricing`);
2. Newton's method on the optimality conditions of its support (`newton`), merged from its atoms
(`support`) and mended where a sign, a place, a price or a margin is wrong (`mending`).

Problem (1) as a whole (`column_generation`) and Problem (1) over a region (`regional`) are pursued
alike; what differs is said by the fields of `Pursuit`. Everything is rounded.
"""

from collections.abc import Callable
from typing import Final, NamedTuple

import numpy as np

from univariate.common.arrays import Indices, Vector
from univariate.optimum.atoms import Atoms, Points, first_atoms
from univariate.optimum.blocks import Net, plain_net
from univariate.optimum.kernels.values import net_margins
from univariate.optimum.mending import defect, mended
from univariate.optimum.newton import newton
from univariate.optimum.pricing import Prices
from univariate.optimum.programme import Vertex, solve
from univariate.optimum.support import Guess

PRICE_TOLERANCE: Final = 1e-9  # of the linear programme; HiGHS resolves little more
MARGIN_TOLERANCE: Final = 1e-7  # before rounding with care


class Generated(NamedTuple):
    """Where the generation of columns and rows ended."""

    working: Indices
    vertex: Vertex | None  # the last one found; None if there was none
    solved: bool  # False where a linear programme was not


class Polished(NamedTuple):
    """A guess after Newton's method."""

    guess: Guess
    defect: float  # see `mending.defect`
    short: Indices  # data whose margins are too small


Judge = Callable[[Polished], Indices | None]
"""Says which data are short of margin, or None where a polished guess is good enough."""


class Pursuit(NamedTuple):
    """Problem (1) over some set of neurons, and how its optimum is pursued."""

    data: Points
    prices: Prices  # of the atoms in the set
    near_kinks: bool  # whether only data next to kinks can be short of margin
    rounds: int  # largest number of linear programmes
    mends: int  # largest number of times that a guess is polished

    def generate(self, working: Indices, atoms: Atoms) -> Generated:
        """Solve linear programmes until no atom and no datum is left to add."""
        points = self.data.take(working)
        found = Generated(working, None, solved=True)
        for _ in range(self.rounds):
            vertex = solve(points, atoms)
            if vertex is None:
                return found._replace(solved=False)
            found = Generated(working, vertex, solved=True)
            candidates, ratios = self.prices(points, vertex.dual)
            wanted = ratios > 1.0 + PRICE_TOLERANCE
            short = self.short(working, _weighted(vertex), MARGIN_TOLERANCE)
            if not wanted.any() and not len(short):
                break
            atoms = atoms.join(candidates.take(wanted))
            if len(short):
                working = np.union1d(working, short)
                points = self.data.take(working)
                atoms = atoms.join(first_atoms(points))
        return found

    def polish(self, guess: Guess, judge: Judge) -> Polished | None:
        """Polish and mend a guess until the judge is content; None if that does not come."""
        for _ in range(self.mends):
            points = self.data.take(guess.active)
            state = newton(points, guess.state, self.prices)
            guess = Guess(guess.active, state)
            short = self.short(guess.active, plain_net(points, state.blocks), MARGIN_TOLERANCE)
            polished = Polished(guess, defect(points, state, self.prices), short)
            missing = judge(polished)
            if missing is None:
                return polished
            better = mended(self.data, guess, missing, self.prices)
            if better is None:
                break
            guess = better
        return None

    def short(self, known: Indices, net: Net, tolerance: float) -> Indices:
        """Return the datum of least margin < 1 − tolerance between every two known ones."""
        x = self.data.x
        candidates = neighbours(x, net) if self.near_kinks else np.arange(len(x))
        unknown = np.setdiff1d(candidates, known)
        excess = net_margins(*net, x[unknown], self.data.y[unknown])
        below = excess < -tolerance
        found = unknown[below]
        cell = np.searchsorted(known, found)
        order = np.lexsort((excess[below], cell))
        _, worst = np.unique(cell[order], return_index=True)
        return found[order][worst]


def neighbours(x: Vector, net: Net) -> Indices:
    """Return the data next to the kinks: within a run of labels the least margin is there or at its
    ends.
    """
    _, w, b = net
    bent = w != 0.0
    place = np.searchsorted(x, -b[bent] / w[bent])
    near = place[:, None] + np.arange(-2, 2)
    return np.unique(np.clip(near, 0, len(x) - 1))


def _weighted(vertex: Vertex) -> Net:
    """Return the net of a vertex, not balanced."""
    used = vertex.weight > 0.0
    atoms = vertex.used
    return vertex.weight[used] * atoms.sign, atoms.w, atoms.b
