"""KKT points: optima over regions, which grow until no kink lies at their border.

They are pursued as the optimum of the whole problem is (`pursuit`); whoever needs a proof certifies
them afterwards. Rounded.
"""

from collections.abc import Iterator
from typing import Final, NamedTuple

import numpy as np

from univariate.common.arrays import Indices, Vector
from univariate.optimum.atoms import Atoms, Points
from univariate.optimum.blocks import Net
from univariate.optimum.fitted_net import fitted_nets
from univariate.optimum.programme import Vertex
from univariate.optimum.pursuit import PRICE_TOLERANCE, Polished, Pursuit
from univariate.optimum.region import Region
from univariate.optimum.support import starts

_ROUNDS: Final = 60  # of one linear programme, in which all data are rows from the start
_MENDS: Final = 8  # a region has few guesses
_SOLVED: Final = 1e-10  # defect that certificates still accept


class Grown(NamedTuple):
    """A region without kinks at its border, and the vertex that is optimal over it."""

    region: Region
    vertex: Vertex


def grow(x: Vector, y: Vector, region: Region) -> Grown | None:
    """Solve over a region, adding cells that kinks would enter; None if it cannot interpolate.

    Those are the neighbours of cells with kinks at their ends, and the cells into which kinks held
    on data would leave. Rounded to about 1e-9; cost a few sparse linear programmes.
    """
    points = Points.of(x, y)
    vertex = _vertex(points, region, region.first_atoms(points))
    while vertex is not None:
        larger = region.grown(vertex.used, x)
        if larger is not None:
            # cells that kinks may enter, and that nothing pays to enter, leave the optimum as it is
            if np.any(larger.price(points, vertex.dual)[1] > 1.0 + PRICE_TOLERANCE):
                more = larger.beyond(region).first_atoms(points)
                vertex = _vertex(points, larger, vertex.atoms.join(more))
        else:
            larger = region.released(vertex.used, points, vertex.dual)
            if larger is None:
                return Grown(region, vertex)
            # the atoms of a kink that is no longer held are left behind
            vertex = _vertex(points, larger, larger.first_atoms(points))
        region = larger
    return None


def polished(x: Vector, y: Vector, grown: Grown) -> Iterator[Net]:
    """Yield float64 nets near the optimum, the most plausible first; certify before use."""
    data = Points.of(x, y)
    pursuit = _pursuit(data, grown.region)
    for guess in starts(data, np.arange(len(x)), grown.vertex):
        found = pursuit.polish(guess, _missing)
        if found is not None:
            index, state = found.guess
            yield from reversed(fitted_nets(data.take(index), state.blocks))


def _vertex(points: Points, region: Region, atoms: Atoms) -> Vertex | None:
    generated = _pursuit(points, region).generate(np.arange(len(points.x)), atoms)
    return generated.vertex if generated.solved else None


def _pursuit(data: Points, region: Region) -> Pursuit:
    # the margins at the ends of runs, which are no rows here, may be the least ones too
    return Pursuit(data, region.price, near_kinks=False, rounds=_ROUNDS, mends=_MENDS)


def _missing(polished: Polished) -> Indices | None:
    """Say which data are short of margin, or None at the optimum."""
    if polished.defect <= _SOLVED and not len(polished.short):
        return None
    return polished.short
