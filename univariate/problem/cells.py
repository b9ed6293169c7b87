"""Where the kinks of a net lie among the data: in a gap, or on a datum.

A neuron is active on all data on one side of its kink, so only the gap matters for the values
N(x_i) and their derivatives. Positions run along the line: 2k is the gap left of datum k (2m the
one right of all data), 2i + 1 is datum i itself. A kink counts as lying on a datum when (w, b) is
within `reach` of the line w x_i + b = 0, relatively.
"""

from typing import NamedTuple

import numpy as np

from univariate.common.arrays import Indices, Mask, Matrix, Vector
from univariate.problem.kernels.cells import nearer, positions
from univariate.problem.network import ReluNet


class Cells(NamedTuple):
    """The live neurons of a net, each with its cut through the data."""

    neuron: Indices  # (k,) indices into the net
    position: Indices  # (k,) see the module's docstring
    left: Mask  # (k,) True where the neuron is active left of its cut
    direction: Matrix  # (k, 2) sign(v) (w, b)/|(w, b)|
    datum: Indices  # (k,) the datum that the kink lies on, −1 if none
    distance: Vector  # (k,) how far from it, relative to |(w, b)|; 0 if none

    def take(self, chosen: Mask | Indices) -> "Cells":
        """Return some of the neurons."""
        return Cells(
            self.neuron[chosen],
            self.position[chosen],
            self.left[chosen],
            self.direction[chosen],
            self.datum[chosen],
            self.distance[chosen],
        )


class Kinks(NamedTuple):
    """The live neurons of a net, each with the gap its kink lies in and the nearest datum."""

    neuron: Indices  # (k,) indices into the net
    after: Indices  # (k,) how many data are left of the kink
    left: Mask
    direction: Matrix
    datum: Indices
    distance: Vector

    @classmethod
    def of(cls, net: ReluNet, x: Vector, places: Indices) -> "Kinks":
        """Locate the live neurons (v ≠ 0 and (w, b) ≠ 0). Rounded: distances to a few 1e-16.

        `places` says how many data are left of the kink of every neuron. Cost O(n).
        """
        top = np.maximum(np.abs(net.w), np.abs(net.b))
        live = np.flatnonzero((net.v != 0.0) & (top > 0.0))
        exponent = np.frexp(top[live])[1]
        w = np.ldexp(net.w[live], -exponent)
        b = np.ldexp(net.b[live], -exponent)
        size = np.hypot(w, b)
        w = w / size
        b = b / size
        after = places[live]
        # beside b they may be as good as constant
        flat = np.flatnonzero(w == 0.0)
        after[flat] = np.where(b[flat] > 0.0, 0, len(x))
        direction = np.sign(net.v[live])[:, None] * np.stack([w, b], axis=1)
        return cls(live, after, w < 0.0, direction, *nearer(w, b, after, x))

    def within(self, reach: float) -> Cells:
        """Return the cells, kinks within a relative `reach` of a datum being on it."""
        position, datum, distance = positions(self.datum, self.distance, self.after, reach)
        return Cells(self.neuron, position, self.left, self.direction, datum, distance)
