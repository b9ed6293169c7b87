"""Where the kinks of a net lie among the data: in a gap, or on a datum.

A neuron is active on all data on one side of its kink, so only the gap matters for the values
N(x_i) and their derivatives. Positions run along the line: 2k is the gap left of datum k (2m the
one right of all data), 2i + 1 is datum i itself. A kink counts as lying on a datum when (w, b) is
within `reach` of the line w x_i + b = 0, relatively.
"""

from typing import NamedTuple

import numpy as np

from univariate.common.arrays import Indices, Mask, Matrix, Vector
from univariate.problem.evaluation import rounded_kinks
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
    def of(cls, net: ReluNet, x: Vector) -> "Kinks":
        """Locate the live neurons (v ≠ 0 and (w, b) ≠ 0). Rounded: distances to a few 1e-16.

        Cost O(n log m).
        """
        top = np.maximum(np.abs(net.w), np.abs(net.b))
        live = np.flatnonzero((net.v != 0.0) & (top > 0.0))
        exponent = np.frexp(top[live])[1]
        w = np.ldexp(net.w[live], -exponent)
        b = np.ldexp(net.b[live], -exponent)
        size = np.hypot(w, b)
        w = w / size
        b = b / size
        kinks = rounded_kinks(net.w[live], net.b[live])
        kinks = np.where(w == 0.0, np.where(b > 0.0, -np.inf, np.inf), kinks)
        after = np.searchsorted(x, kinks)
        direction = np.sign(net.v[live])[:, None] * np.stack([w, b], axis=1)
        return cls(live, after, w < 0.0, direction, *_nearest(w, b, after, x))

    def within(self, reach: float) -> Cells:
        """Return the cells, kinks within a relative `reach` of a datum being on it."""
        on = self.distance <= reach
        return Cells(
            self.neuron,
            np.where(on, 2 * self.datum + 1, 2 * self.after),
            self.left,
            self.direction,
            np.where(on, self.datum, -1),
            np.where(on, self.distance, 0.0),
        )


def _nearest(w: Vector, b: Vector, after: Indices, x: Vector) -> tuple[Indices, Vector]:
    """Return the nearer of the two data beside each kink, and its distance |w x + b|/√(1 + x²).

    That is inf if moving (w, b) there turns the neuron round: it then looks the other way, as if
    its kink passed infinity.
    """
    sides = np.stack([np.clip(after - 1, 0, len(x) - 1), np.clip(after, 0, len(x) - 1)])
    distances = np.abs(w * x[sides] + b) / np.hypot(1.0, x[sides])
    # (w, b) comes to be a multiple w − b x of (1, −x)
    ahead = w - b * x[sides]
    distances = np.where(np.where(w < 0.0, ahead > 0.0, ahead < 0.0), np.inf, distances)
    nearer = np.argmin(distances, axis=0)
    each = np.arange(len(after))
    return sides[nearer, each], distances[nearer, each]
