"""The k-nearest-neighbours rule on the line, exactly.

The k data nearest to x are neighbours x_i, …, x_{i+k−1}, and the first gives way to x_{i+k} where
x passes their midpoint. So the vote changes at the borders (x_i + x_{i+k})/2 alone, in this order,
and the errors are whole pieces between them. For k = 1 the borders that matter are the midpoints
of neighbours with different labels, where the max-margin net changes sign too.
"""

from fractions import Fraction

import numpy as np
from numpy.typing import ArrayLike

from univariate.common import check
from univariate.common.arrays import Indices, Vector
from univariate.common.result import result
from univariate.error.rule import Rule, wrong_length
from univariate.error.signs import Signs, two_sum
from univariate.problem.rational import prefix_sums
from univariate.problem.sample import Sample, require_sample
from univariate.problem.truth import ALWAYS, Truth


@result
class NearestNeighbours(Rule):
    """The vote of the k nearest observations, f(x) = mean of their labels.

    Parameters
    ----------
    sample : Sample
        Repeated observations that it merged count once.
    k : int
        From 1 to m. If k is even, f = 0 where they are split evenly: an error, as in Pr[f(x) ≤ 0].

    All borders are halves of sums of two doubles, so they are rational, and so is the clean error
    where the sample's law is uniform between two doubles: `exact_clean_error(rule)` gives it, and
    `clean_error(rule)` rounds it once on [0, 1]. At a border itself, a null set, the smaller of two
    data at one distance votes. Cost O(m).

    Examples
    --------
    >>> from univariate import NearestNeighbours, Sample, clean_error, exact_clean_error
    >>> sample = Sample([0.0, 0.25, 0.5, 1.0], [1.0, -1.0, -1.0, 1.0])
    >>> [str(exact_clean_error(NearestNeighbours(sample, k))) for k in (1, 2, 3, 4)]
    ['5/8', '1', '1', '1']
    >>> NearestNeighbours(sample, k=3)([0.1, 0.9])
    array([-0.33333333, -0.33333333])
    """

    sample: Sample
    k: int = 1

    def __post_init__(self) -> None:
        require_sample(self.sample)
        object.__setattr__(self, "k", check.count("k", self.k))
        if self.k > self.sample.size:
            raise ValueError(
                f"`k` must be at most the number of observations, {self.sample.size}, got"
                f" {self.k}; pass a smaller one"
            )

    def __call__(self, x: ArrayLike) -> Vector:
        """Return the mean label of the k nearest observations, in the shape of x. O(log m) each.

        Rounded: within an ulp of a border the neighbours of the other side may vote.
        """
        points = check.real_array("x", x)
        data = self.sample.x
        borders = 0.5 * data[: -self.k] + 0.5 * data[self.k :]
        return self._votes[np.searchsorted(borders, points, side="left")] / self.k

    def signs(self, low: float, high: float) -> Signs:
        """Return where the vote is positive, even and negative, on the whole line."""
        first, signs = self._changes
        x = self.sample.x
        ends = np.concatenate([x[first], x[first + self.k]])
        halves = 0.5 * ends
        lower = upper = halves
        if np.any(2.0 * halves != ends):  # odd multiples of the smallest double have no half
            lower = np.where(2.0 * halves > ends, np.nextafter(halves, -np.inf), halves)
            upper = np.where(2.0 * halves < ends, np.nextafter(halves, np.inf), halves)
        count = len(first)
        return Signs(
            two_sum(lower[:count], lower[count:]), two_sum(upper[:count], upper[count:]), signs
        )

    def exact_error(self, low: float, high: float, truth: Truth = ALWAYS) -> Fraction:
        """Return the length of {x ∈ [low, high] : f(x) f*(x) ≤ 0}, in rational arithmetic."""
        first, signs = self._changes
        left, right = (self.sample.x[first + step].tolist() for step in (0, self.k))
        borders = [
            min(max((Fraction(a) + Fraction(b)) / 2, Fraction(low)), Fraction(high))
            for a, b in zip(left, right, strict=True)
        ]
        ends = [Fraction(low), *borders, Fraction(high)]
        return wrong_length(zip(ends[:-1], ends[1:], signs.tolist(), strict=True), truth)

    @property
    def _changes(self) -> tuple[Indices, Vector]:
        """Return the first neighbours whose leaving changes the sign, and all signs in order."""
        signs = np.sign(self._votes)
        first = np.flatnonzero(signs[1:] != signs[:-1])
        return first, signs[np.append(first, len(signs) - 1)]

    @property
    def _votes(self) -> Vector:
        """Σ y over every k neighbours. Exact: sums of small integers."""
        totals = prefix_sums(self.sample.y)
        found: Vector = totals[self.k :] - totals[: -self.k]
        return found
