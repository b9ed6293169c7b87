"""Plain Monte Carlo under any law: signs of N at points that the law draws, or of N and a truth."""

from dataclasses import dataclass
from typing import ClassVar

import numpy as np

from highdim.error.draws import blocks
from highdim.error.form import Form
from highdim.error.intervals import Bounds, from_flags
from highdim.problem.exact import Sides
from highdim.problem.laws import Law
from univariate.common.arrays import Mask, Matrix

DRAWING = 100.0  # nanoseconds a coordinate: laws are not timed


@dataclass(frozen=True)
class Drawn:
    """Points of a law; the form is flat."""

    form: Form
    law: Law

    name: ClassVar[str] = "points"
    default: ClassVar[int] = 100_000
    pilot: ClassVar[int] = 1024

    @property
    def cost(self) -> float:
        """Nanoseconds a point, counted."""
        n, r = self.form.M.shape
        return float(0.07 * n * r + DRAWING * r + 3.0 * n + self.form.upper_cost)

    def estimate(
        self, samples: int, rng: np.random.Generator, level: float, *, unseen: bool = True
    ) -> Bounds:
        """Return the share of fresh points in error, with its interval."""
        d = self.form.M.shape[1] - 1
        flags = (
            self.form.decide(_seen(self.form, self.law.draw(part.stop - part.start, d, rng)))
            for part in blocks(samples, max(self.form.M.shape))
        )
        return from_flags(flags, samples, level)


@dataclass(frozen=True)
class DrawnAgainst:
    """Points of a law, in error where N T ≤ 0; both forms are flat."""

    form: Form
    truth: Form
    law: Law

    name: ClassVar[str] = "points"
    default: ClassVar[int] = Drawn.default
    pilot: ClassVar[int] = Drawn.pilot

    @property
    def cost(self) -> float:
        """Nanoseconds a point, counted."""
        return 2.0 * Drawn(self.form, self.law).cost + 2.0 * Drawn(self.truth, self.law).cost

    def estimate(
        self, samples: int, rng: np.random.Generator, level: float, *, unseen: bool = True
    ) -> Bounds:
        """Return the share of fresh points in error, with its interval."""
        d = self.form.M.shape[1] - 1
        points = (
            self.law.draw(part.stop - part.start, d, rng)
            for part in blocks(samples, max(*self.form.M.shape, *self.truth.M.shape))
        )
        flags = (errors(_sides(self.form, X), _sides(self.truth, X)) for X in points)
        return from_flags(flags, samples, level)


def errors(one: Sides, other: Sides) -> tuple[Mask, Mask]:
    """Return where N T ≤ 0 for certain, and where it may be."""
    wrong = (one.low & other.high) | (one.high & other.low)
    right = (one.positive & other.positive) | (one.negative & other.negative)
    return wrong, ~right


def _sides(form: Form, X: Matrix) -> Sides:
    """Return the sides of a net at points in rows; the form is flat."""
    Z = _seen(form, X)
    low, perhaps_low = form.decide(Z)
    high, perhaps_high = form.negated().decide(Z)
    return Sides(low, high, ~perhaps_low, ~perhaps_high)


def _seen(form: Form, X: Matrix) -> Matrix:
    """Return pre-activations of the first layer at (x, 1) over its length."""
    # first by the largest coordinate, whose square may be beyond doubles
    size = np.maximum(np.max(np.abs(X), axis=1), 1.0)[:, None]
    q = np.column_stack([X / size, 1.0 / size])
    return np.asarray(q / np.linalg.norm(q, axis=1)[:, None] @ form.M.T)
