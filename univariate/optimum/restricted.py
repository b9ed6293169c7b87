"""KKT points of Problem (1): its optima over regions, each region grown until no kink lies at its
border. Rounded.

As for the whole problem, a linear programme with priced kinks finds the support, Newton's method
the solution, and careful rounding float64 neurons; whoever needs a proof certifies them afterwards.
"""

from collections.abc import Iterator
from typing import Final, NamedTuple

import numpy as np
from numpy.typing import NDArray

from univariate.optimum.columns import Atoms, Points, Restricted, solve_restricted
from univariate.optimum.float_fit import Net, fitted_nets
from univariate.optimum.kernels.atoms import net_margins
from univariate.optimum.mending import defect, mended
from univariate.optimum.polish import State, newton
from univariate.optimum.region import Region
from univariate.optimum.support import plain_net, starts

Vector = NDArray[np.float64]
Indices = NDArray[np.intp]

_PRICE_TOLERANCE: Final = 1e-9
_MARGIN_TOLERANCE: Final = 1e-7
_ROUNDS: Final = 60
_MENDS: Final = 8
_SOLVED: Final = 1e-10


class Grown(NamedTuple):
    """A region without kinks at its border, and the vertex that solves the linear programme over
    it.
    """

    region: Region
    atoms: Atoms
    found: Restricted


def grow(x: Vector, y: Vector, region: Region) -> Grown | None:
    """Solve over a region, adding cells that its kinks would go into; None if it cannot
    interpolate.

    Those are the neighbours of cells with kinks at their ends, and the cells into which kinks held
    on data would leave.

    All data are rows. Rounded to about 1e-9; cost a few sparse linear programmes.
    """
    points = Points.of(x, y)
    atoms = region.first_atoms(points)
    while True:
        found = None
        for _ in range(_ROUNDS):
            found = solve_restricted(points, atoms)
            if found is None:
                return None
            candidates, ratios = region.price(points, found.dual)
            wanted = ratios > 1.0 + _PRICE_TOLERANCE
            if not wanted.any():
                break
            atoms = atoms.join(candidates.take(wanted))
        assert found is not None
        used = atoms.take(found.weight > 0.0)
        larger = region.grown(used, x)
        if larger is not None:
            atoms = atoms.join(larger.first_atoms(points))
        else:
            larger = region.released(used, points, found.dual)
            if larger is None:
                return Grown(region, atoms, found)
            atoms = larger.first_atoms(points)
        region = larger


def polished(x: Vector, y: Vector, grown: Grown) -> Iterator[Net]:
    """Yield float64 nets near the optimum over a region, the most plausible first; certify before
    use.
    """
    prices = grown.region.price
    everything = np.arange(len(x))
    for guess in starts(x, y, everything, grown.atoms, grown.found):
        current: tuple[Indices, State] | None = guess
        for _ in range(_MENDS):
            if current is None:
                break
            index = current[0]
            points = Points.of(x[index], y[index])
            state = newton(points, current[1], prices)
            short = _violated(x, y, index, plain_net(points, state.blocks))
            error = defect(points, state, prices)
            if error <= _SOLVED and not len(short):
                yield from reversed(fitted_nets(points, state.blocks))
                break
            current = mended(x, y, index, state, short, prices)


def _violated(x: Vector, y: Vector, index: Indices, net: Net) -> Indices:
    """Return the datum of least margin below 1 between every two neighbours of the working set."""
    others = np.setdiff1d(np.arange(len(x)), index)
    excess = net_margins(*net, x[others], y[others])
    short, excess = others[excess < -_MARGIN_TOLERANCE], excess[excess < -_MARGIN_TOLERANCE]
    cell = np.searchsorted(index, short)
    order = np.lexsort((excess, cell))
    return short[order][np.unique(cell[order], return_index=True)[1]]
