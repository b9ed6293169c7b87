"""The nearest-neighbour law where noise and truth change over x: the test error of a KKT point is
that of the 1-nearest-neighbour rule, but in its deviating gaps. All integrals are exact.
"""

from fractions import Fraction
from itertools import pairwise

import numpy as np
import pytest
import rational_cases
from oracles import rational_kkt

from benchmarks import changing_labels
from univariate import ReluNet, Sample, nearest_neighbour_law

BORDERS = [Fraction(1, 5), Fraction(1, 2), Fraction(3, 4)]
HEIGHTS = [Fraction(19, 20), Fraction(3, 10), Fraction(9, 10), Fraction(9, 20)]
STEPS = changing_labels.Steps(np.array(BORDERS, float), np.array(HEIGHTS, float))
ZERO, ONE = Fraction(0), Fraction(1)


def rate(x):
    return HEIGHTS[sum(border <= x for border in BORDERS)]


def errors_of(point):
    """Those of N and of 1-NN on [0, 1], and their difference gap by gap."""
    cuts = {ZERO, ONE, *BORDERS, *point.x, *(kink.place for kink in rational_kkt.kinks(point))}
    cuts |= {(a + b) / 2 for a, b in pairwise(point.x)}
    ends = sorted(cut for cut in cuts if 0 <= cut <= 1)
    zeros = set()
    for a, b in pairwise(ends):
        at, there = point.value(a), point.value(b)
        if at * there < 0:
            zeros.add(a + (b - a) * at / (at - there))
    of_net, of_neighbour, gaps = ZERO, ZERO, {}
    for a, b in pairwise(sorted({*ends, *zeros})):
        middle = (a + b) / 2
        value, positive = point.value(middle), rate(middle)
        # N = 0 is wrong whatever the label
        net = (positive if value <= 0 else 0) + (1 - positive if value >= 0 else 0)
        nearest = min(range(len(point.x)), key=lambda i: abs(point.x[i] - middle))
        neighbour = positive if point.y[nearest] < 0 else 1 - positive
        of_net += (b - a) * net
        of_neighbour += (b - a) * neighbour
        gap = sum(x < middle for x in point.x)
        gaps[gap] = gaps.get(gap, ZERO) + (b - a) * (net - neighbour)
    return of_net, of_neighbour, {gap: part for gap, part in gaps.items() if part}


LINKED = ["links with one bend", "six links", "link without bends", "kinks on data", "w = 0"]


@pytest.mark.parametrize("case", LINKED)
def test_only_deviating_gaps_matter(case):
    for point, _ in rational_cases.points(case):
        of_net, of_neighbour, gaps = errors_of(point)
        deviating = rational_kkt.deviations(point, ZERO, ONE)
        assert set(gaps) <= set(deviating)
        assert of_net - of_neighbour == sum(gaps.values(), ZERO)
        # no more than the mass of these gaps, and how much of it the labels decide
        for gap, part in gaps.items():
            assert abs(part) <= deviating[gap][0]
        net = ReluNet(*np.array([[float(part) for part in one] for one in point.neurons]).T)
        sample = Sample([float(x) for x in point.x], [float(y) for y in point.y])
        assert changing_labels.expected_error(net, STEPS) == pytest.approx(float(of_net), abs=1e-12)
        assert changing_labels.neighbour_error(sample, STEPS) == pytest.approx(
            float(of_neighbour), abs=1e-12
        )
        law = nearest_neighbour_law(net, sample)
        assert set(gaps) <= {one.gap for one in law.deviations}


def test_constant_rates_are_noise_alone():
    """With η ≡ 1 the test error is the clean error; with η ≡ 1/2 all nets err on half."""
    point = rational_cases.points("six links")[0][0]
    net = ReluNet(*np.array([[float(part) for part in one] for one in point.neurons]).T)
    clean = changing_labels.Steps(np.zeros(0), np.ones(1))
    assert changing_labels.expected_error(net, clean) == pytest.approx(
        nearest_neighbour_law(
            net, Sample([float(x) for x in point.x], [float(y) for y in point.y])
        ).clean_error.value,
        abs=1e-15,
    )
    even = changing_labels.Steps(np.array([0.3]), np.array([0.5, 0.5]))
    assert changing_labels.expected_error(net, even) == pytest.approx(0.5, abs=1e-15)


def test_kkt_points_err_like_the_nearest_neighbour_on_drawn_labels():
    row = changing_labels.measure(12, 3, 2)
    assert row.points >= 3
    assert row.room >= 0
    assert row.of_deviating <= 1.0
    large = changing_labels.measure(1000, 4, 0)
    assert large.difference <= 1e-9
    # both tend to ∫ 2 η (1 − η)
    assert large.error == pytest.approx(large.limit, abs=0.05)
    assert large.least < large.limit < 2.0 * large.least
