"""How far zeros can take the error of a KKT point from that of the nearest neighbour. New.

The nearest-neighbour law is about decisions: N has at most E + 2 zeros that are not borders of the
rule, and every gap in which N decides otherwise, or is zero on a stretch, holds one of them at
least, two if its labels agree (`proof`, step 4; a plateau is one zero of each monotone piece that
it lies on). So |L − L_1NN| is at most the mass of these gaps whatever the truth f* and the noise p
are, and one can say which part of it:

Let the rule say y on a stretch, of which the mass r has f* = y and the mass w has f* = −y; where f*
is 0 both err. Against a label that is flipped with probability p, the rule errs with probability p
on r and 1 − p on w. Where N decides −y instead these are 1 − p and p, where N is 0 it errs for
certain. So N errs more by at most (1 − p) r + p w, and less by at most max(0, 1 − 2p) w + max(0,
2p − 1) r. For p = 0 these are r and w.

One zero moves the border of a label-changing gap to one side, so it gains on one half; a plateau in
the place of the border loses on both halves, and two more zeros may gain on the other one. Two turn
over a gap within a run, one turns over part of an end. The best use of E + 2 zeros is a choice of
gaps.
"""

from typing import NamedTuple

import numpy as np

from univariate.common.arrays import Mask, Vector
from univariate.problem.population import Population
from univariate.problem.rational import prefix_sums
from univariate.problem.sample import Sample


class _Masses(NamedTuple):
    """Masses of some stretches on which the rule has one label each, where that is right, and where
    it is wrong.
    """

    right: Vector
    wrong: Vector

    def raised(self, p: float) -> Vector:
        """Return by how much N can err more on each."""
        return (1.0 - p) * self.right + p * self.wrong

    def lowered(self, p: float) -> Vector:
        """Return by how much N can err less on each."""
        gain, loss = max(0.0, 1.0 - 2.0 * p), max(0.0, 2.0 * p - 1.0)
        return gain * self.wrong + loss * self.right


class _Stretches(NamedTuple):
    """The halves of all gaps, and the ends."""

    left: _Masses  # (m − 1,)
    right: _Masses  # (m − 1,)
    ends: _Masses  # (2,)


def reach(
    sample: Sample, population: Population, zeros: int, p: float = 0.0
) -> tuple[float, float]:
    """Return by how much zeros can lower the error of the rule, and raise it, at most.

    For p = 0 that is the clean error, otherwise the test error. Rounded up. Cost O(m log m + k).
    """
    found = _stretches(sample, population)
    changing = np.asarray(sample.y[1:] != sample.y[:-1])
    up = _up(found, changing, zeros, p)
    down = _down(found, changing, zeros, p)
    slack = 2.0**-50 * (1.0 + len(population.truth.breakpoints))
    if not population.density.is_uniform:
        slack += (zeros + 2) * _beside_places(sample, population)
    return down * (1.0 + 2.0**-40) + slack, up * (1.0 + 2.0**-40) + slack


def _up(found: _Stretches, changing: Mask, zeros: int, p: float) -> float:
    whole = found.left.raised(p) + found.right.raised(p)
    single = np.concatenate([whole[changing], found.ends.raised(p)])
    return _chosen(single, whole[~changing], zeros)


def _down(found: _Stretches, changing: Mask, zeros: int, p: float) -> float:
    left, right = found.left.lowered(p), found.right.lowered(p)
    single = np.concatenate([np.maximum(left, right)[changing], found.ends.lowered(p)])
    others = np.minimum(left, right)[changing]
    others = others[others > 0.0]
    return _chosen(single, np.concatenate([(left + right)[~changing], others]), zeros)


def _beside_places(sample: Sample, population: Population) -> float:
    """Return the largest mass between the doubles beside a border or a breakpoint, which are
    rounded.
    """
    x = sample.x
    breaks = [float(place) for place in population.truth.breakpoints]
    places = np.concatenate([0.5 * x[:-1] + 0.5 * x[1:], breaks])
    if not len(places):
        return 0.0
    around = [np.nextafter(places, way) for way in (-np.inf, np.inf)]
    below, upto = map(population.density.cdf, around)
    return float(np.max(upto - below))


def _stretches(sample: Sample, population: Population) -> _Stretches:
    x, y = sample.x, sample.y
    middle = 0.5 * x[:-1] + 0.5 * x[1:]
    parts = {}
    for sign in (1.0, -1.0):
        at, inner = population.mass(sign, x), population.mass(sign, middle)
        ends = np.array([at[0], population.whole(sign) - at[-1]])
        parts[sign] = inner - at[:-1], at[1:] - inner, ends
    return _Stretches(
        *(
            _Masses(np.where(label > 0.0, plus, minus), np.where(label > 0.0, minus, plus))
            for label, plus, minus in zip(
                (y[:-1], y[1:], y[[0, -1]]), parts[1.0], parts[-1.0], strict=True
            )
        )
    )


def _chosen(single: Vector, double: Vector, zeros: int) -> float:
    """Return the largest sum of values that cost one zero and of values that cost two."""
    ones = _best(single, zeros)
    twos = _best(double, zeros // 2)
    pairs = np.arange(zeros // 2 + 1)
    found = (
        ones[np.minimum(zeros - 2 * pairs, len(ones) - 1)] + twos[np.minimum(pairs, len(twos) - 1)]
    )
    return float(found.max())


def _best(values: Vector, count: int) -> Vector:
    """Return the largest sums of 0, 1, …, count of the values."""
    count = min(count, len(values))
    if count == 0:
        return np.zeros(1)
    largest = np.sort(np.partition(values, len(values) - count)[len(values) - count :])[::-1]
    return prefix_sums(largest)
