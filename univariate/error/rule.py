"""Rules that decide by the sign of a function f of one input, fitted to a sample.

A rule is anything that can tell where f is positive, zero and negative. Errors, their lengths and
probabilities follow from that in one way for all of them: `clean_error(rule)`.
"""

from abc import ABC, abstractmethod
from fractions import Fraction
from typing import Any

from numpy.typing import ArrayLike

from univariate.common.arrays import Vector
from univariate.common.result import Result
from univariate.error.signs import Signs, against, enclosures, sublevel
from univariate.error.sublevel import SublevelSet
from univariate.problem.sample import Sample
from univariate.problem.truth import ALWAYS, Truth


class Rule(Result, ABC):
    """A rule that was fitted to a sample; to be derived from.

    Attributes
    ----------
    sample : Sample
        Its law of x and its truth are those that clean errors are about, unless others are given.
    """

    sample: Sample

    @abstractmethod
    def __call__(self, x: ArrayLike) -> Any:
        """Return f(x), whose sign is the decision."""

    @abstractmethod
    def signs(self, low: float, high: float) -> Signs:
        """Return where f is positive, zero and negative, at least on [low, high]."""

    def sublevel(self, low: float, high: float, truth: float = 1.0) -> SublevelSet:
        """Return {x ∈ [low, high] : truth · f(x) ≤ 0}, its length enclosed; truth is ±1."""
        return sublevel(self.signs(low, high), low, high, truth)

    def errors(self, truth: Truth, low: float, high: float) -> SublevelSet:
        """Return {x ∈ [low, high] : f(x) f*(x) ≤ 0}, its length enclosed."""
        return sublevel(against(self.signs(low, high), truth), low, high)

    def exact_error(self, low: float, high: float, truth: Truth = ALWAYS) -> Fraction:
        """Return the length of {x ∈ [low, high] : f(x) f*(x) ≤ 0}, if it is rational."""
        raise ValueError(
            f"`net` must have rational borders, got {type(self).__name__}; use clean_error, which"
            " encloses"
        )

    def sign_changes(self, low: float = 0.0, high: float = 1.0) -> Vector:
        """Return bounds [a, b] on all borders in [low, high], shape (r, 2), rounded outward.

        Off them the sign of f is proved. Where it is the same on both sides of one, nobody knows
        whether f touches zero there.
        """
        return enclosures(self.signs(low, high), low, high)
