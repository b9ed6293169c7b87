"""Plain Monte Carlo under any law: signs of N at points that the law draws, or of N and a truth.

Where rounding hides a sign, it is reckoned in whole numbers.
"""

from dataclasses import dataclass
from functools import cached_property
from typing import ClassVar

import numpy as np

from highdim.error.draws import blocks
from highdim.error.exact_signs import Settled
from highdim.error.form import Form
from highdim.error.intervals import Bounds, from_flags
from highdim.error.law_form import flat_form
from highdim.problem.exact import ExactNet, Sides
from highdim.problem.law import Law
from highdim.problem.network import Network
from univariate.common.arrays import Mask, Matrix

DRAWING = 100.0  # nanoseconds a coordinate: laws are not timed


@dataclass(frozen=True)
class Seen:
    """A net at any points: what floats say of its signs, and exact arithmetic where they cannot."""

    net: Network

    @cached_property
    def form(self) -> Form:
        """The net in homogeneous coordinates."""
        return flat_form(self.net)

    @cached_property
    def settled(self) -> Settled:
        """Its exact signs."""
        return Settled(ExactNet(self.net))

    @property
    def cost(self) -> float:
        """Nanoseconds a point, counted."""
        n, r = self.form.M.shape
        return float(0.07 * n * r + DRAWING * r + 3.0 * n + self.form.upper_cost)

    def errs(self, X: Matrix) -> tuple[Mask, Mask]:
        """Return where N ≤ 0 for certain, and where it may be."""
        return self.settled.at_most_zero(X, *self.form.decide(_inner(self.form, X)))

    def sides(self, X: Matrix) -> Sides:
        """Return the sides of N at points in rows."""
        Z = _inner(self.form, X)
        low, perhaps_low = self.form.decide(Z)
        high, perhaps_high = self.form.negated().decide(Z)
        return self.settled.sides(X, Sides(low, high, ~perhaps_low, ~perhaps_high))


@dataclass(frozen=True)
class Drawn:
    """A net at points of a law."""

    net: Network
    law: Law

    name: ClassVar[str] = "points"
    default: ClassVar[int] = 100_000
    pilot: ClassVar[int] = 1024

    @cached_property
    def seen(self) -> Seen:
        """The net as points see it."""
        return Seen(self.net)

    @property
    def form(self) -> Form:
        """The net in homogeneous coordinates."""
        return self.seen.form

    @property
    def cost(self) -> float:
        """Nanoseconds a point, counted."""
        return self.seen.cost

    def estimate(
        self, samples: int, rng: np.random.Generator, level: float, *, unseen: bool = True
    ) -> Bounds:
        """Return the share of fresh points in error, with its interval."""
        d = self.net.dimension
        flags = (
            self.seen.errs(self.law.draw(part.stop - part.start, d, rng))
            for part in blocks(samples, max(self.form.M.shape))
        )
        return from_flags(flags, samples, level)


@dataclass(frozen=True)
class DrawnAgainst:
    """A net at points of a law, in error where N T ≤ 0."""

    net: Network
    truth: Network
    law: Law

    name: ClassVar[str] = "points"
    default: ClassVar[int] = Drawn.default
    pilot: ClassVar[int] = Drawn.pilot

    @cached_property
    def pair(self) -> tuple[Seen, Seen]:
        """The net and the truth as points see them."""
        return Seen(self.net), Seen(self.truth)

    @property
    def form(self) -> Form:
        """The net in homogeneous coordinates."""
        return self.pair[0].form

    @property
    def cost(self) -> float:
        """Nanoseconds a point, counted."""
        return sum(2.0 * seen.cost for seen in self.pair)

    def estimate(
        self, samples: int, rng: np.random.Generator, level: float, *, unseen: bool = True
    ) -> Bounds:
        """Return the share of fresh points in error, with its interval."""
        net, truth = self.pair
        points = (
            self.law.draw(part.stop - part.start, self.net.dimension, rng)
            for part in blocks(samples, max(*net.form.M.shape, *truth.form.M.shape))
        )
        flags = (errors(net.sides(X), truth.sides(X)) for X in points)
        return from_flags(flags, samples, level)


def errors(one: Sides, other: Sides) -> tuple[Mask, Mask]:
    """Return where N T ≤ 0 for certain, and where it may be."""
    wrong = (one.low & other.high) | (one.high & other.low)
    right = (one.positive & other.positive) | (one.negative & other.negative)
    return wrong, ~right


def _inner(form: Form, X: Matrix) -> Matrix:
    """Return pre-activations of the first layer at (x, 1) over its length."""
    # first by the largest coordinate, whose square may be beyond doubles
    size = np.maximum(np.max(np.abs(X), axis=1), 1.0)[:, None]
    q = np.column_stack([X / size, 1.0 / size])
    return np.asarray(q / np.linalg.norm(q, axis=1)[:, None] @ form.M.T)
