"""From candidate multipliers to rigorous residuals, and to proofs that there are none."""

from collections.abc import Iterator
from dataclasses import dataclass
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from univariate.common.arrays import Indices, Mask, Matrix, Vector
from univariate.common.tolerance import NEARLY
from univariate.problem.cells import Cells
from univariate.problem.fitted import ShallowFitted, lines_positive
from univariate.problem.network import ReluNet
from univariate.standing.descent import balancing, supported
from univariate.standing.kkt_search import PROJECTION_LIMIT, Attempt, Blocks, Found, by_projection
from univariate.standing.placing import Places
from univariate.standing.replay import Stationarity, slackness, stationarity
from univariate.standing.replay_residual import imbalance, least_gains, least_residual

_HOPELESS = 1e-3  # a path that misses unit vectors by this much is not worth measuring


class Measured(NamedTuple):
    """Multipliers with their relative residuals, all rounded up."""

    found: Found
    exact: Stationarity
    accuracy: float  # the largest of residual, slackness and distance; 1 where signs are wrong
    slackness: float
    largest_slack: float  # max λ_i (y_i N(x_i) − 1) of the scaled net


class Level(NamedTuple):
    """What counts as at the margin, and as on a datum, within a tolerance."""

    tolerance: float
    active: Mask
    located: Cells

    def same(self, other: "Level | None") -> bool:
        """Whether the same data and kinks are meant: then the same multipliers are found."""
        if other is None or not np.array_equal(self.active, other.active):
            return False
        return all(map(np.array_equal, self.located, other.located))


class Refutation(NamedTuple):
    """A proof that θ is far from every Σ λ_i y_i h_i, and what it rests on."""

    least_residual: float
    direction: NDArray[np.float64]
    cause: str


@dataclass(frozen=True)
class Measuring:
    """A net that interpolates, and its neurons of no use."""

    fit: ShallowFitted
    tolerance: float
    dead: Indices
    unbalanced: Indices
    zero: Indices

    @classmethod
    def of(cls, fit: ShallowFitted, tolerance: float) -> "Measuring":
        """Look at the neurons of a net. Cost O(n)."""
        net = fit.net
        # halves: the largest must not overflow
        outer = 0.5 * np.abs(net.v)
        inner = np.hypot(0.5 * net.w, 0.5 * net.b)
        idle = (net.v == 0.0) | ~_somewhere_active(net, fit.sample.x)
        zero = (net.v == 0.0) & (net.w == 0.0) & (net.b == 0.0)
        dead = idle & ~zero
        unbalanced = ~dead & ~zero & (np.abs(outer - inner) > tolerance * np.maximum(outer, inner))
        found = (np.flatnonzero(part) for part in (dead, unbalanced, zero))
        return cls(fit, tolerance, *found)

    def best(self, tolerance: float, method: str) -> Measured:
        """Return the most accurate multipliers, or the first that are within the tolerance.

        What counts as on a datum, or at the margin, is decided strictly first, then more loosely.
        """
        levels = [tolerance * 1e-4, tolerance * 1e-2, tolerance]
        while levels[-1] < NEARLY:
            levels.append(min(NEARLY, 10.0 * levels[-1]))
        best = None
        before = None
        for level in levels:
            now = Level(level, self.fit.active(level), self.fit.cells(level))
            if now.same(before) and not (best is None and level >= NEARLY):
                continue
            before = now
            for attempt in self._attempts(now, method):
                needed = best is None and level >= NEARLY
                if not needed and attempt.hopeless(_HOPELESS):
                    continue
                measured = self.measure(attempt.multipliers)
                best = measured if best is None or measured.accuracy < best.accuracy else best
                if best.accuracy <= tolerance:
                    return best
        assert best is not None  # the last level is always measured
        return best if method == "projection" else self._elsewhere(best, tolerance)

    def _elsewhere(self, best: Measured, tolerance: float) -> Measured:
        """Return better multipliers, with kinks on others than the nearest observations, or best.

        Only kinks within the tolerance of several are of use there, to multipliers that hold.
        """
        active = self.fit.active(tolerance)
        located = self.fit.cells(tolerance)
        located = located.take(notable(self.fit, located, tolerance))
        for attempt in Places(self.fit, active, located, tolerance).elsewhere():
            if attempt.hopeless(_HOPELESS):
                continue
            measured = self.measure(attempt.multipliers)
            best = measured if measured.accuracy < best.accuracy else best
            if best.accuracy <= tolerance:
                break
        return best

    def measure(self, found: Found) -> Measured:
        """Return rigorous residuals of candidates. Cost O((n + m) log m)."""
        exact = stationarity(self.fit, found.high, found.low, found.pins)
        slack = slackness(self.fit.margins, found.high, found.low)
        able = exact.signs and slack.largest <= NEARLY
        accuracy = max(exact.residual, slack.mean, exact.distance) if able else 1.0
        return Measured(found, exact, min(1.0, accuracy), slack.mean, slack.product)

    def refutation(self, method: str) -> Refutation:
        """Return the best proof that no multipliers exist, margins and kinks being taken to 1e-6.

        Taken to the tolerance more would be refuted, but not for good: multipliers of a margin just
        above it are no error where a net is as good as doubles allow.
        """
        tried = [(imbalance(self.fit, NEARLY), balancing(self.fit.net), self._idle())]
        widest = Level(NEARLY, self.fit.active(NEARLY), self.fit.cells(NEARLY))
        for attempt in self._attempts(widest, method):
            tried.append((0.0, attempt.direction, _movers(attempt.direction)))
        best = self._best_of(tried)
        if best.least_residual > self.tolerance:
            return best
        # the search takes kinks to the nearest observation: others beside them may lose a little
        mended = []
        for _, direction, cause in tried:
            gains = least_gains(self.fit, direction, NEARLY)
            way = supported(self.fit, direction, gains)
            if way is not None:
                mended.append((0.0, way, cause))
        return self._best_of(mended)

    def _best_of(self, tried: list[tuple[float, Matrix, str]]) -> Refutation:
        best = Refutation(0.0, np.zeros((self.fit.net.width, 3)), "")
        for known, direction, cause in tried:
            low = max(known, least_residual(self.fit, direction, NEARLY))
            if low > best.least_residual:
                best = Refutation(low, direction, cause)
        return best

    def _idle(self) -> str:
        if len(self.dead):
            return f"neuron {self.dead[0]} is dead ({len(self.dead)} such)"
        return f"|v| ≠ |(w, b)| in {len(self.unbalanced)} neurons"

    def _attempts(self, level: Level, method: str) -> Iterator[Attempt]:
        fit = self.fit
        reach, active, located = level
        if method != "projection":
            yield Blocks(fit, active, located)
            felt = notable(fit, located, self.tolerance)
            if not felt.all():
                yield Blocks(fit, active, located.take(felt))
        small = fit.net.width * fit.sample.size <= PROJECTION_LIMIT
        if method == "projection" or (method == "auto" and small):
            yield by_projection(fit, active, reach)


def _somewhere_active(net: ReluNet, x: Vector) -> Mask:
    """Which neurons are active on some datum: on the first if they look left, on the last if right.

    Exact.
    """
    end = np.where(net.w < 0.0, x[0], x[-1])
    product = net.w * end
    line = product + net.b
    on = np.asarray(line > 0.0)
    error = 2.0**-51 * (np.abs(product) + np.abs(net.b)) + np.finfo(np.float64).tiny
    doubt = np.flatnonzero(~(np.abs(line) > error) | ~np.isfinite(line))
    on[doubt] = lines_positive(net.w[doubt], net.b[doubt], end[doubt])
    return on


def notable(fit: ShallowFitted, located: Cells, tolerance: float) -> Mask:
    """Which neurons are large enough to be felt in a relative residual of the tolerance."""
    size = fit.sizes[located.neuron]
    return np.asarray(size > 0.1 * tolerance / np.sqrt(fit.net.width) * size.max(initial=0.0))


def _movers(direction: NDArray[np.float64]) -> str:
    moving = np.flatnonzero(np.any(direction != 0.0, axis=1))
    if len(moving) > 6:
        return f"{len(moving)} neurons together allow descent"
    which = ", ".join(map(str, moving))
    return f"moving neuron{'s' * (len(moving) > 1)} {which} reduces the norm at no margin's cost"
