"""The best net and the best multipliers of a search for the max-margin net, both proved."""

from collections.abc import Iterator
from math import inf

import numpy as np

from highdim.optimum.augmented import net_of
from highdim.optimum.feasible import Feasible, feasible
from highdim.optimum.generation import Round, rounds
from highdim.optimum.points import Points
from highdim.optimum.scaled import Scaled
from highdim.optimum.search import Dual, evaluate, worth
from highdim.optimum.sharpening import sharpened
from highdim.optimum.successive import Look
from highdim.optimum.supremum import LARGEST_DIMENSION, gains_above
from highdim.problem.network import TwoLayerNet
from univariate.common.arrays import Matrix, Vector
from univariate.common.rounding import gap_above

_NEGLIGIBLE = 2.0**-400  # of the largest multiplier: its square would underflow
_SETTLING = 100_000  # cones of the proof of a look that was the last
_NEARLY = 1e-2  # a gain of at most 1 + this: worth Newton's method


class Best:
    """What a search has proved so far: a net with margins ≥ 1 and multipliers λ (m,) with their
    lower bound on ‖θ*‖²; ‖θ‖² and bound are `upper` and `lower`.
    """

    def __init__(self, points: Points, budget: int) -> None:
        self.points = points
        self.data = Scaled.of(points)
        self.budget = budget
        self.found: Feasible | None = None
        self.multipliers = np.zeros(len(points.y))
        self.lower = 0.0
        self.gain = inf
        self.cones = 0
        self.pending: Look | None = None

    @property
    def exact(self) -> bool:
        """Whether gains are bounded by their exact supremum."""
        return bool(self.data.f.shape[1] <= LARGEST_DIMENSION)

    @property
    def upper(self) -> float:
        """‖θ‖² of the best net; inf without one."""
        return inf if self.found is None else self.found.norm_squared

    @property
    def gap(self) -> float:
        """1 − lower/upper, in [0, 1], rounded up; 1 without a net."""
        return gap_above(self.lower, self.upper)

    def search(self, tolerance: float) -> Iterator[float]:
        """Improve both round by round until the gap is within the tolerance or nothing is left to
        try; yields the gap after each round.
        """
        for one in rounds(self.data, self.budget):
            if isinstance(one, Look):
                self._offer_look(one)
            else:
                self.settle()
                self._offer_round(one, tolerance)
            yield self.gap
            if self.gap <= tolerance:
                return

    def settle(self) -> None:
        """Offer the last look that was not proved, by a proof of moderate cost."""
        if self.pending is not None:
            self.offer_net(self.pending.sign, self.pending.vectors)
            self.budget, budget = min(self.budget, _SETTLING), self.budget
            self.offer_multipliers(self.pending.multipliers)
            self.budget = budget
            self.pending = None

    def _offer_look(self, look: Look) -> None:
        if look.gains is None:
            self.pending = look
            return
        self.pending = None
        self.offer_net(look.sign, look.vectors)
        self.offer_bound(look.multipliers, look.gains.above, look.gains.cones)

    def _offer_round(self, one: Round, tolerance: float) -> None:
        self.offer_net(one.blocks.sign, one.vectors)
        self.offer_bound(one.multipliers, one.gains.above, one.gains.cones)
        if np.max(one.gains.values, initial=1.0) <= 1.0 + _NEARLY:
            self._offer_sharpened(one, tolerance)
        if self.gap > tolerance and len(one.vectors) < len(one.whole):
            # many small vectors may carry margins of size one; a sparse net is better where it does
            self.offer_net(one.all.sign, one.whole)

    def _offer_sharpened(self, one: Round, tolerance: float) -> None:
        if not self.exact:
            self.offer_multipliers(one.multipliers)
        for sharp in sharpened(self.data, one.all, one.multipliers):
            self.offer_net(sharp.sign, sharp.vectors)
            self.offer_multipliers(sharp.multipliers)
            if self.gap <= tolerance:
                return

    def offer_net(self, sign: Vector, vectors: Matrix) -> None:
        """Keep the net of these signs and vectors u = |v| (w, b) if it is better."""
        vectors = self.data.lifted(vectors)
        roots = np.sqrt(np.linalg.norm(vectors, axis=1))
        kept = roots > 0.0
        if not np.any(kept):
            return
        roots = roots[kept]
        rows = vectors[kept] / roots[:, None]
        self.offer(net_of(sign[kept] * roots, rows, self.points.bias))

    def offer(self, net: TwoLayerNet) -> None:
        """Keep a net, balanced and scaled to margins ≥ 1, if it is better."""
        found = feasible(net, self.points)
        if found is not None and found.norm_squared < self.upper:
            self.found = found

    def offer_multipliers(self, multipliers: Vector) -> None:
        """Prove what multipliers of the scaled data are worth, and keep them if they are better."""
        if not self.exact:
            own = self.data.own(multipliers)
            if not np.max(own) > 0.0:
                return
            own = own / np.max(own)
            self.offer_dual(evaluate(self.points, np.where(own > _NEGLIGIBLE, own, 0.0)))
            return
        found = gains_above(self.data, multipliers, 1.0, room=0, budget=self.budget)
        self.offer_bound(multipliers, found.above, found.cones)

    def offer_dual(self, dual: Dual) -> None:
        """Keep a bound of `highdim.optimum.search` if it is better."""
        if dual.lower > self.lower:
            self.lower = dual.lower
            self.gain = dual.gain
            self.multipliers = dual.multipliers

    def offer_bound(self, multipliers: Vector, gain: float, cones: int) -> None:
        """Keep multipliers of the scaled data, no unit vector gaining more than `gain`, if they are
        better.
        """
        self.cones = max(self.cones, cones)
        own = self.data.own(multipliers)
        if not gain > 0.0:  # no multiplier
            return
        lower = worth(own, gain)
        if lower > self.lower:
            self.lower = lower
            self.multipliers = own
            self.gain = gain
