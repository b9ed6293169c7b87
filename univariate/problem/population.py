"""What new observations are like: the law of x, and the truth."""

from dataclasses import dataclass
from math import inf
from typing import Final

import numpy as np

from univariate.common.arrays import Vector
from univariate.problem.asked import require_asked
from univariate.problem.density import UNIFORM, Density, DensityLike
from univariate.problem.evaluation import FAR
from univariate.problem.rational import prefix_sums
from univariate.problem.truth import ALWAYS, Truth, TruthLike


@dataclass(frozen=True)
class Population:
    """The law of x and the truth f*, which travel together."""

    density: Density = UNIFORM
    truth: Truth = ALWAYS

    def __post_init__(self) -> None:
        require_asked(self.truth, self.density)

    @classmethod
    def of(cls, density: DensityLike | None = None, truth: TruthLike | None = None) -> "Population":
        """Return what the arguments `density` and `truth` stand for."""
        return cls(Density.of(density), Truth.of(truth))

    @property
    def name(self) -> str:
        """The law in words, and the truth unless that is f* ≡ +1."""
        return population_name(self.density.name, self.truth.name)

    @property
    def words(self) -> str:
        """The law of x with where it lies, and the truth with what it is there if it is constant
        there, and not everywhere.
        """
        low, high = self.density.support()
        left, right = "(["[low > -inf], ")]"[high < inf]
        where = "" if self.density.is_uniform else f" on {left}{low:g}, {high:g}{right}"
        found = population_name(f"{self.density.name}{where}", self.truth.name)
        signs = {sign for _, _, sign in self.truth.pieces(max(low, -FAR), min(high, FAR))}
        constant = len(signs) == 1 < len(self.truth.signs)
        return found + (f", which is {signs.pop():+d} there" if constant else "")

    @property
    def decisions(self) -> "Population":
        """The same law of x with f* ≡ +1, for which the errors are where N ≤ 0."""
        return Population(self.density)

    @property
    def opposite(self) -> "Population":
        """The same law of x with −f*."""
        return Population(self.density, -self.truth)

    def mass(self, sign: float, x: Vector) -> Vector:
        """Pr[X ≤ x, f*(X) = sign] at finite x, rounded as the cdf is."""
        if sign not in self.truth.signs:
            return np.zeros(len(x))
        measure = np.asarray(self.density.cdf(x), dtype=np.float64)
        if not self.truth.breakpoints:
            return measure
        levels, counted = self._pieces(sign)
        before = prefix_sums(counted * np.diff(levels))
        piece = self.truth.piece(x)
        return before[piece] + counted[piece] * (measure - levels[piece])

    def whole(self, sign: float) -> float:
        """Pr[f*(X) = sign], rounded as the cdf is."""
        levels, counted = self._pieces(sign)
        return float(np.sum(counted * np.diff(levels)))

    def _pieces(self, sign: float) -> tuple[Vector, Vector]:
        """Return the cdf at the ends of all pieces of the truth, and 1.0 for those with a sign."""
        places = np.array([float(place) for place in self.truth.breakpoints])
        levels = np.concatenate([[0.0], np.atleast_1d(self.density.cdf(places)), [1.0]])
        return levels, np.array([float(one == sign) for one in self.truth.signs])


PLAIN: Final = Population()
"""Unif[0, 1] and f* ≡ +1, which are meant if nothing is given."""


def population_name(density: str, truth: str) -> str:
    """Return the law of x and the truth in words; f* ≡ +1 goes without saying."""
    return density if truth == ALWAYS.name else f"{density}, truth {truth}"
