"""From candidates for multipliers to rigorous residuals, and to proofs that no multipliers exist."""

from collections.abc import Iterator
from dataclasses import dataclass
from math import fsum
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from univariate._certificates.cells import Cells, cells
from univariate._certificates.descent import imbalance, least_residual
from univariate._certificates.kkt_search import PROJECTION_LIMIT, Found, by_blocks, by_projection
from univariate._certificates.replay import stationarity
from univariate.margins import Margins, margins
from univariate.network import ReluNet
from univariate.sample import Sample
from univariate.tolerance import NEARLY

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
        """Look at a net and its neurons.  Cost O((n + m) log (n + m))."""
        outer, inner = np.abs(net.v), np.hypot(net.w, net.b)
        located = cells(net, sample.x, 0.0)
        idle = np.ones(net.width, dtype=np.bool_)
        cut = located.position // 2
        idle[located.neuron] = np.where(located.left, cut == 0, cut == sample.size)
        zero = (outer == 0.0) & (inner == 0.0)
        dead = idle & ~zero
        unbalanced = ~dead & ~zero & (np.abs(outer - inner) > tolerance * np.maximum(outer, inner))
        found = (np.flatnonzero(part) for part in (dead, unbalanced, zero))
        return cls(net, sample, margins(net, sample), tolerance, *found)

    def best(self, tolerance: float, method: str) -> Measured:
        """Return the most accurate multipliers, or the first within the tolerance: strict notions of «on» first."""
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
        smallest = float(self.margins.values.min())
        return np.asarray(self.margins.values <= smallest * (1.0 + level) + 2.0 * self.margins.bounds)

    def measure(self, found: Found) -> Measured:
        """Return rigorous residuals of candidates.  Cost O((n + m) log m)."""
        exact = stationarity(self.net, self.sample, found.high, found.low, found.pins)
        low = self.margins.low
        excess = (self.margins.values + self.margins.bounds - low) / low * (1.0 + 2.0**-50)
        parts = found.high * excess
        total = fsum(found.high)
        slackness = fsum(parts) / total * (1.0 + 2.0**-40) if total > 0.0 else 0.0
        accuracy = max(exact.residual, slackness, exact.distance) if exact.signs else 1.0
        return Measured(found, min(1.0, accuracy), exact.residual, slackness, exact.distance, float(parts.max()))

    def refutation(self, method: str) -> Refutation:
        """Return the best proof that no multipliers exist, even if margins and kinks are taken to 1e-6."""
        active, smallest = self.active(NEARLY), float(self.margins.values.min())
        low, direction = imbalance(self.net)
        best = Refutation(low, direction, self._idle())
        for found in self._attempts(NEARLY, method):
            if found.direction.any():
                low = least_residual(self.net, self.sample, found.direction, active, NEARLY, smallest)
                if low > best.least_residual:
                    best = Refutation(low, found.direction, _movers(found))
        return best

    def _idle(self) -> str:
        if len(self.dead):
            return f"neuron {self.dead[0]} is dead ({len(self.dead)} such)"
        return f"|v| ≠ |(w, b)| in {len(self.unbalanced)} neurons"

    def _attempts(self, level: float, method: str) -> Iterator[Found]:
        active, located = self.active(level), cells(self.net, self.sample.x, level)
        if method != "projection":
            yield by_blocks(self.net, self.sample, active, located)
            notable = self._notable(located)
            if not notable.all():
                yield by_blocks(self.net, self.sample, active, located.take(notable))
        small = self.net.width * self.sample.size <= PROJECTION_LIMIT
        if method == "projection" or (method == "auto" and small):
            yield by_projection(self.net, self.sample, active, level)

    def _notable(self, located: Cells) -> Mask:
        """Which neurons are large enough to be felt in a relative residual of the tolerance."""
        size = np.hypot(self.net.v, np.hypot(self.net.w, self.net.b))[located.neuron]
        return np.asarray(size > 0.1 * self.tolerance / np.sqrt(self.net.width) * size.max(initial=0.0))


def _movers(found: Found) -> str:
    moving = np.flatnonzero(np.any(found.direction != 0.0, axis=1))
    if len(moving) > 6:
        return f"{len(moving)} neurons together allow descent"
    which = ", ".join(map(str, moving))
    return f"moving neuron{'s' * (len(moving) > 1)} {which} reduces the norm at no margin's cost"
