"""Multipliers for the KKT conditions: block by block, or by projection onto a cone.

What is found here is never trusted: `replay` measures it.
"""

from dataclasses import dataclass
from functools import cached_property
from itertools import product
from typing import NamedTuple, Protocol

import numpy as np
from numpy.typing import NDArray

from univariate.common.arrays import Indices, Mask, Matrix, Vector
from univariate.problem.cells import Cells
from univariate.problem.fitted import ShallowFitted
from univariate.problem.network import ReluNet
from univariate.problem.sample import Sample
from univariate.standing.descent import lifted
from univariate.standing.dual_path import (
    HalfPlanes,
    Neighbours,
    Passage,
    gap,
    half_planes,
    moves,
    multipliers,
    neighbouring,
    passage,
    stops,
    trivial,
)
from univariate.standing.kernels.dual_path import Walk, clear_below
from univariate.standing.kernels.stops import Stops
from univariate.standing.replay import Pins

PROJECTION_LIMIT = 40_000
"""Largest n · m for which the dense projection is tried."""

_FLUSH = 2.0**-180
_MOST_PINS = 4  # on one datum: each doubles its columns


class Found(NamedTuple):
    """Multipliers λ = high + low with pinned kinks."""

    high: Vector
    low: Vector
    pins: Pins
    method: str


class Attempt(Protocol):
    """A way to multipliers, and a direction of descent where these must leave a residual."""

    def hopeless(self, limit: float) -> bool:
        """Whether a neuron's unit vector is missed by more than a limit, whatever is done."""

    @property
    def multipliers(self) -> Found:
        """The multipliers."""

    @property
    def direction(self) -> Matrix:
        """Changes (n, 3) of v, w, b, or zeros."""


@dataclass(frozen=True)
class Blocks:
    """Multipliers block by block along the dual path. Cost O((n + m) log m)."""

    fit: ShallowFitted
    active: Mask
    located: Cells

    @cached_property
    def _stops(self) -> Stops:
        return stops(self.located, self.fit.sample.size)

    @cached_property
    def _pairs(self) -> Neighbours:
        return neighbouring(self._stops)

    @property
    def _conditions(self) -> HalfPlanes:
        # not kept: they take more room than anything else, and only a refutation asks again
        return half_planes(self._stops, self.fit.sample.x, self.fit.sample.y, self.active)

    @cached_property
    def _at_zero(self) -> Passage | None:
        x, y = self.fit.sample.x, self.fit.sample.y
        return trivial(self._stops, self._pairs, x, y, self.active)

    @cached_property
    def _passage(self) -> Passage:
        return passage(self._conditions) if self._at_zero is None else self._at_zero

    @property
    def excess(self) -> float:
        """By how much the best path misses a neuron's unit vector."""
        return self._passage.excess

    @property
    def conflict(self) -> Indices:
        """The cells between whose stops the tight conditions are: at most six."""
        tight = self._passage.tight
        if not len(tight):
            return tight
        conditions = self._conditions
        ends = np.unique(np.concatenate([conditions.far[tight], conditions.near[tight]]))
        return ends[ends >= 0]

    def hopeless(self, limit: float) -> bool:
        """Whether a neuron's unit vector is missed by more than a limit, whatever is done."""
        if self._at_zero is None and gap(self._stops, self._pairs, self.active, limit) > limit:
            return True
        return self._passage.excess > limit

    @property
    def multipliers(self) -> Found:
        """The multipliers of the best path."""
        x, y = self.fit.sample.x, self.fit.sample.y
        ordered, walked = multipliers(self._stops, self._passage.total, x, y, self.active)
        pins, _ = pins_of(ordered, self.located, walked)
        flush(walked.high, walked.low)
        return Found(walked.high, walked.low, pins, "blocks")

    @property
    def direction(self) -> Matrix:
        """The descent that the tight conditions allow."""
        tight = self._conditions.take(self._passage.tight)
        return lifted(self.fit.net, *moves(tight, self._passage.weights, self.located))


class Projection(NamedTuple):
    """The point of the cone of λ_i y_i h_i nearest to θ, and what is left."""

    multipliers: Found
    direction: Matrix

    def hopeless(self, limit: float) -> bool:
        """Whether there is no use in it: never, it has the least residual there is."""
        return False


def by_projection(fit: ShallowFitted, active: Mask, reach: float) -> Projection:
    """Project θ onto the cone of λ_i y_i h_i: the least residual there is.

    Dense, cost O(n m) memory.
    """
    from scipy.optimize import nnls

    net = fit.net
    sample = fit.sample
    located = fit.cells(reach)
    largest = float(max(np.abs(part).max() for part in (net.v, net.w, net.b)))
    # λ is the same, and no square overflows
    net = ReluNet(net.v / largest, net.w / largest, net.b / largest)
    gradients, kinks = _gradients(net, sample, located)
    columns = []
    owner = []
    chosen = []
    for i in np.flatnonzero(active):
        on = kinks[i][:_MOST_PINS]
        for states in product((0.0, 1.0), repeat=len(on)):
            extra = np.zeros_like(gradients[i])
            for (neuron, part), state in zip(on, states, strict=True):
                extra[neuron] += state * part
            columns.append(sample.y[i] * (gradients[i] + extra).ravel())
            owner.append(i)
            chosen.append([neuron for (neuron, _), state in zip(on, states, strict=True) if state])
    matrix = np.array(columns).T
    theta = np.stack([net.v, net.w, net.b], axis=1).ravel()
    size = np.maximum(np.sqrt(np.sum(matrix**2, axis=0)), 1e-300)
    try:
        shares = nnls(matrix / size, theta, maxiter=30 * len(columns))[0] / size
    except RuntimeError:  # too many steps
        shares = np.zeros(len(columns))
    high = np.zeros(sample.size)
    weight = np.zeros(net.width)
    for share, i, neurons in zip(shares, owner, chosen, strict=True):
        high[i] += share
        weight[neurons] += share
    pinned = located.take(located.datum >= 0)
    shares_on = np.minimum(weight[pinned.neuron], high[pinned.datum])
    pins = Pins(pinned.neuron, pinned.datum, shares_on, np.zeros(len(pinned.neuron)))
    rest = (matrix @ shares - theta).reshape(-1, 3)
    return Projection(Found(high, np.zeros(sample.size), pins, "projection"), rest)


def pins_of(ordered: Stops, located: Cells, walked: Walk) -> tuple[Pins, Indices]:
    """Return the kinks held on data, with their cells.

    A right-oriented one takes the part of λ_i right of its stop, a left-oriented one the rest.
    """
    stop = np.flatnonzero((ordered.cell >= 0) & (ordered.position % 2 == 1))
    cell = ordered.cell[stop]
    datum = located.datum[cell]
    high, low = walked.right_high[stop], walked.right_low[stop]
    left = np.flatnonzero(located.left[cell])
    # λ − right, without rounding: the difference of two double-doubles of which one is part of the
    # other
    parts = walked.high[datum[left]], high[left], walked.low[datum[left]], low[left]
    rest = (parts[0] - parts[1]) + (parts[2] - parts[3])
    high[left] = rest
    low[left] = _difference_error(*parts, rest)
    flush(high, low)
    return Pins(located.neuron[cell], datum, high, low), cell


def _difference_error(ah: Vector, bh: Vector, al: Vector, bl: Vector, rest: Vector) -> Vector:
    s = ah - bh
    t = s - ah
    first = (ah - (s - t)) + (-bh - t)
    d = al - bl
    return ((s - rest) + d) + first


def flush(*parts: Vector) -> None:
    """Drop, in place, what is too small to matter and would only lengthen the integers of the
    replay.
    """
    for part in parts:
        clear_below(part, _FLUSH)


def _gradients(
    net: ReluNet, sample: Sample, located: Cells
) -> tuple[NDArray[np.float64], list[list[tuple[int, Vector]]]]:
    """Gradients (m, n, 3) of N(x_i) with pinned kinks off, and what each adds when on."""
    pinned = np.full(net.width, -1)
    pinned[located.neuron] = located.datum
    x = sample.x[:, None]
    line = net.w * x + net.b
    on = (line > 0.0) & (pinned != np.arange(sample.size)[:, None])
    gradients = np.stack([line * on, net.v * x * on, net.v * on], axis=2)
    kinks: list[list[tuple[int, Vector]]] = [[] for _ in range(sample.size)]
    for j in np.flatnonzero(pinned >= 0):
        i = int(pinned[j])
        kinks[i].append((int(j), np.array([0.0, net.v[j] * sample.x[i], net.v[j]])))
    return gradients, kinks
