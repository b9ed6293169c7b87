"""Errors against any truth and under noise, in rational arithmetic: cell by cell, at the middles.

The line is cut wherever anything can change: at the kinks and zeros of a net, at the borders of a
rule, at the breakpoints of the truth. Between two cuts all signs are constant, so that the middle
of a cell speaks for it. Laws of x are rational distribution functions on a bounded interval.
"""

from bisect import bisect_right
from collections.abc import Callable, Iterable, Sequence
from fractions import Fraction
from itertools import pairwise
from typing import NamedTuple

ZERO, ONE = Fraction(0), Fraction(1)
Function = Callable[[Fraction], Fraction]


class Law(NamedTuple):
    """A distribution on [low, high] with a rational distribution function."""

    low: Fraction
    high: Fraction
    cdf: Function


class Signs(NamedTuple):
    """A step function: signs left of, between, and right of its places."""

    places: Sequence[Fraction]
    signs: Sequence[int]

    def at(self, x: Fraction) -> int:
        return self.signs[bisect_right(self.places, x)]


def uniform(low: Fraction = ZERO, high: Fraction = ONE) -> Law:
    return Law(low, high, lambda x: (x - low) / (high - low))


def triangular(low: Fraction, top: Fraction, high: Fraction) -> Law:
    """The density that rises linearly on [low, top] and falls on [top, high], low < top < high."""

    def cdf(x: Fraction) -> Fraction:
        if x <= top:
            return (x - low) ** 2 / ((high - low) * (top - low))
        return ONE - (high - x) ** 2 / ((high - low) * (high - top))

    return Law(low, high, cdf)


def histogram(edges: Sequence[Fraction], weights: Sequence[int]) -> Law:
    """Constant density on each bin, its mass proportional to a weight."""
    total = Fraction(sum(weights))

    def cdf(x: Fraction) -> Fraction:
        found = ZERO
        for (a, b), weight in zip(pairwise(edges), weights, strict=True):
            found += weight * min(max((x - a) / (b - a), ZERO), ONE)
        return found / total

    return Law(edges[0], edges[-1], cdf)


def zeros(value: Function, cuts: Iterable[Fraction], law: Law) -> list[Fraction]:
    """Return where a function that is linear between cuts changes its sign inside a cell."""
    ends = [(x, value(x)) for x in _ends(cuts, law)]
    found = []
    for (a, at), (b, there) in pairwise(ends):
        if at * there < 0:
            found.append(a + (b - a) * at / (at - there))
    return found


def expectation(weight: Function, cuts: Iterable[Fraction], law: Law) -> Fraction:
    """Return E weight(X) for a weight that is constant between cuts."""
    return sum(
        ((law.cdf(b) - law.cdf(a)) * weight((a + b) / 2) for a, b in pairwise(_ends(cuts, law))),
        ZERO,
    )


def error(
    value: Function, cuts: Iterable[Fraction], truth: Signs, law: Law, p: Fraction = ZERO
) -> Fraction:
    """Return Pr[y N ≤ 0], y the truth's sign, or with probability p its opposite; N is linear
    between cuts.
    """
    kinks = list(cuts)
    every = [*kinks, *zeros(value, kinks, law), *truth.places]

    def missed(x: Fraction) -> Fraction:
        product = value(x) * truth.at(x)
        return (ONE - p) * (product <= 0) + p * (product >= 0)

    return expectation(missed, every, law)


def neighbour_error(
    x: Sequence[Fraction], y: Sequence[int], truth: Signs, law: Law, p: Fraction = ZERO
) -> Fraction:
    """Return the same for the rule of the nearest sample point."""
    borders = [(a + b) / 2 for a, b in pairwise(x)]
    label = Signs(borders, y)

    def missed(at: Fraction) -> Fraction:
        product = label.at(at) * truth.at(at)
        return (ONE - p) * (product <= 0) + p * (product >= 0)

    return expectation(missed, [*borders, *truth.places], law)


def _ends(cuts: Iterable[Fraction], law: Law) -> list[Fraction]:
    inside = {Fraction(cut) for cut in cuts if law.low < cut < law.high}
    return [law.low, *sorted(inside), law.high]
