"""Where the neurons of a first layer are active on the circle and the sphere, for pictures."""

from typing import NamedTuple

import numpy as np

from highdim.problem.network import Network, TwoLayerNet
from univariate.common.arrays import Matrix, Vector
from univariate.common.figure_style import GREY, NEGATIVE, POSITIVE

_FAINTEST = 0.15  # opacity


class Caps(NamedTuple):
    """The caps {w·x + b > 0} of the sphere, for neurons that are active somewhere.

    Unit `axes` (n, d), half-widths in angle `reach` (n,), π where the neuron is active all over;
    signs of v (n,), 0 in deeper nets, where neurons have none; `strength` |v| ‖(w, b)‖ of the
    largest (n,), in (0, 1].
    """

    axes: Matrix
    reach: Vector
    sign: Vector
    strength: Vector

    def colour(self, j: int) -> str:
        """Return the colour of a sign."""
        if self.sign[j] == 0.0:
            return GREY
        return POSITIVE if self.sign[j] > 0.0 else NEGATIVE

    def opacity(self, j: int) -> float:
        """Return how opaque a neuron of its strength is drawn."""
        return _FAINTEST + (1.0 - _FAINTEST) * float(self.strength[j])


def caps(net: Network) -> Caps:
    """Return the caps of the first layer of a net on R^d. Rounded; cost O(n d)."""
    W, b = net.hidden[0]
    biases = np.zeros(len(W)) if b is None else b
    # powers of two keep squares from overflow, and from vanishing
    exponents = np.frexp(np.abs(W).max(axis=1))[1]
    scaled = np.ldexp(W, -exponents[:, None])
    lengths = np.linalg.norm(scaled, axis=1)
    turning = lengths > 0.0
    axes = scaled / np.where(turning, lengths, 1.0)[:, None]
    with np.errstate(over="ignore", under="ignore", divide="ignore"):
        heights = np.ldexp(-biases / np.where(turning, lengths, 1.0), -exponents)
        sizes = np.logaddexp2(2.0 * (np.log2(lengths) + exponents), 2.0 * np.log2(np.abs(biases)))
    heights = np.where(turning, heights, np.where(biases > 0.0, -1.0, 1.0))
    reach = np.arccos(np.clip(heights, -1.0, 1.0))
    sign, logs = np.zeros(len(W)), 0.5 * sizes
    if isinstance(net, TwoLayerNet):
        sign = np.sign(net.v)
        with np.errstate(divide="ignore"):
            logs = logs + np.log2(np.abs(net.v))
    kept = np.flatnonzero((logs > -np.inf) & (reach > 0.0))
    strength = np.exp2(logs[kept] - np.max(logs[kept], initial=-np.inf))
    return Caps(axes[kept], reach[kept], sign[kept], strength)
