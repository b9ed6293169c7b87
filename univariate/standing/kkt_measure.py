"""From candidates for multipliers to rigorous residuals, and to proofs that no multipliers
exist.
"""

from collections.abc import Iterator
from dataclasses import dataclass
from fractions import Fraction
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from univariate.common.tolerance import NEARLY
from univariate.problem.margins import Margins, active_within, margins
from univariate.problem.network import ReluNet
from univariate.problem.sample import Sample
from univariate.standing.cells import Cells, cells
from univariate.standing.descent import balancing
from univariate.standing.kkt_search import PROJECTION_LIMIT, Found, by_blocks, by_projection
from univariate.standing.replay import slackness, stationarity
from univariate.standing.replay_residual import imbalance, least_residual

Vector = NDArray[np.float64]
Indices = NDArray[np.intp]
Mask = NDArray[np.bool_]

_HOPELESS = 1e-3  # a path that misses unit vectors by this much is not worth measuring


class Measured(NamedTuple):
    """Multipliers with their relative residuals, all rounded up."""

    found: Found
    accuracy: float  # the largest of the next three; 1 where signs are wrong
    stationarity: float
    slackness: float
    distance: float
    largest_slack: float  # max λ_i (y_i N(x_i) − 1) of the scaled net


class Refutation(NamedTuple):
    """A proof that θ is far from every Σ λ_i y_i h_i, and what it rests on."""

    least_residual: float
    direction: NDArray[np.float64]
    cause: str


@dataclass(frozen=True)
class Measuring:
    """A net that interpolates, its margins, and its neurons of no use."""

    net: ReluNet
    sample: Sample
    margins: Margins
    tolerance: float
    dead: Indices
    unbalanced: Indices
    zero: Indices

    @classmethod
    def of(cls, net: ReluNet, sample: Sample, tolerance: float) -> "Measuring":
        """Look at a net and its neurons. Cost that of its margins."""
        # halves: the largest must not overflow
        outer, inner = 0.5 * np.abs(net.v), np.hypot(0.5 * net.w, 0.5 * net.b)
        idle = (net.v == 0.0) | ~_somewhere_active(net, sample.x)
        zero = (net.v == 0.0) & (net.w == 0.0) & (net.b == 0.0)
        dead = idle & ~zero
        unbalanced = ~dead & ~zero & (np.abs(outer - inner) > tolerance * np.maximum(outer, inner))
        found = (np.flatnonzero(part) for part in (dead, unbalanced, zero))
        return cls(net, sample, margins(net, sample), tolerance, *found)

    def best(self, tolerance: float, method: str) -> Measured:
        """Return the most accurate multipliers, or the first within the tolerance: strict notions
        of «on» first.
        """
        levels = [tolerance * 1e-4, tolerance * 1e-2, tolerance]
        while levels[-1] < NEARLY:
            levels.append(min(NEARLY, 10.0 * levels[-1]))
        best = None
        for level in levels:
            for found in self._attempts(level, method):
                if found.excess > _HOPELESS and (best is not None or level < NEARLY):
                    continue
                measured = self.measure(found)
                best = measured if best is None or measured.accuracy < best.accuracy else best
                if best.accuracy <= tolerance:
                    return best
        assert best is not None  # the last level is always measured
        return best

    def active(self, level: float) -> Mask:
        """Which margins exceed the smallest by at most `level`, relatively."""
        return active_within(self.margins, level)

    def measure(self, found: Found) -> Measured:
        """Return rigorous residuals of candidates. Cost O((n + m) log m)."""
        exact = stationarity(self.net, self.sample, found.high, found.low, found.pins)
        slack = slackness(self.margins, found.high)
        accuracy = max(exact.residual, slack.mean, exact.distance) if exact.signs else 1.0
        return Measured(
            found, min(1.0, accuracy), exact.residual, slack.mean, exact.distance, slack.product
        )

    def refutation(self, method: str) -> Refutation:
        """Return the best proof that no multipliers exist.

        Margins and kinks are taken to 1e-6 first; where that proves nothing, to the tolerance.
        """
        best = Refutation(0.0, np.zeros((self.net.width, 3)), "")
        for level in (NEARLY, self.tolerance):
            tried = [(imbalance(self.net, self.sample, level), balancing(self.net), self._idle())]
            for found in self._attempts(level, method):
                tried.append((0.0, found.direction, _movers(found)))
            for known, direction, cause in tried:
                low = least_residual(self.net, self.sample, direction, level)
                if max(known, low) > best.least_residual:
                    best = Refutation(max(known, low), direction, cause)
            if best.least_residual > self.tolerance:
                break
        return best

    def _idle(self) -> str:
        if len(self.dead):
            return f"neuron {self.dead[0]} is dead ({len(self.dead)} such)"
        return f"|v| ≠ |(w, b)| in {len(self.unbalanced)} neurons"

    def _attempts(self, level: float, method: str) -> Iterator[Found]:
        active, located = self.active(level), cells(self.net, self.sample.x, level)
        if method != "projection":
            yield by_blocks(self.net, self.sample, active, located)
            felt = notable(self.net, located, self.tolerance)
            if not felt.all():
                yield by_blocks(self.net, self.sample, active, located.take(felt))
        small = self.net.width * self.sample.size <= PROJECTION_LIMIT
        if method == "projection" or (method == "auto" and small):
            yield by_projection(self.net, self.sample, active, level)


def _somewhere_active(net: ReluNet, x: Vector) -> Mask:
    """Which neurons are active on some datum: on the first if they look left, on the last if right.

    Exact.
    """
    end = np.where(net.w < 0.0, x[0], x[-1])
    product = net.w * end
    line = product + net.b
    on = np.asarray(line > 0.0)
    doubt = ~(
        np.abs(line) > 2.0**-51 * (np.abs(product) + np.abs(net.b)) + np.finfo(np.float64).tiny
    )
    for j in np.flatnonzero(doubt | ~np.isfinite(line)).tolist():
        on[j] = Fraction(float(net.w[j])) * Fraction(float(end[j])) + Fraction(float(net.b[j])) > 0
    return on


def notable(net: ReluNet, located: Cells, tolerance: float) -> Mask:
    """Which neurons are large enough to be felt in a relative residual of the tolerance."""
    size = np.hypot(net.v, np.hypot(net.w, net.b))[located.neuron]
    return np.asarray(size > 0.1 * tolerance / np.sqrt(net.width) * size.max(initial=0.0))


def _movers(found: Found) -> str:
    moving = np.flatnonzero(np.any(found.direction != 0.0, axis=1))
    if len(moving) > 6:
        return f"{len(moving)} neurons together allow descent"
    which = ", ".join(map(str, moving))
    return f"moving neuron{'s' * (len(moving) > 1)} {which} reduces the norm at no margin's cost"
