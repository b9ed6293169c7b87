"""Plain Monte Carlo under any law: signs of N at points that the law draws, or of N and a truth."""

from dataclasses import dataclass
from typing import ClassVar

import numpy as np

from highdim.error.draws import blocks
from highdim.error.form import Form
from highdim.error.intervals import Bounds, from_hits
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
        upper = 0.0 if self.form.upper is None else 0.07 * n * len(self.form.v)
        return float(0.07 * n * r + DRAWING * r + 3.0 * n + upper)

    def estimate(
        self, samples: int, rng: np.random.Generator, level: float, *, unseen: bool = True
    ) -> Bounds:
        """Return the share of fresh points in error, with its interval."""
        certain = 0
        possible = 0
        d = self.form.M.shape[1] - 1
        for part in blocks(samples, max(self.form.M.shape)):
            X = self.law.draw(part.stop - part.start, d, rng)
            flags = self.form.decide(_seen(self.form, X))
            certain = certain + int(flags[0].sum())
            possible = possible + int(flags[1].sum())
        return from_hits(certain, possible, samples, level)


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
        certain = 0
        possible = 0
        d = self.form.M.shape[1] - 1
        for part in blocks(samples, max(*self.form.M.shape, *self.truth.M.shape)):
            X = self.law.draw(part.stop - part.start, d, rng)
            net, truth = (_sides(form, X) for form in (self.form, self.truth))
            wrong, perhaps = errors(net, truth)
            certain = certain + int(np.sum(wrong))
            possible = possible + int(np.sum(perhaps))
        return from_hits(certain, possible, samples, level)


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
