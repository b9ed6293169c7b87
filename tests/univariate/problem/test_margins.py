"""Margins: enclosures, rational decisions, interpolation."""

from fractions import Fraction

import numpy as np
import strategies
from hypothesis import given, settings
from oracles import exact

from univariate import DeepReluNet, ReluNet, Sample, Verdict, interpolates, margins, smallest_margin
from univariate.problem.fitted import Fitted


@given(strategies.nets(), strategies.samples())
@settings(max_examples=300)
def test_enclosures_hold_and_decisions_are_exact(net, points):
    sample, truth = Sample(*points), exact.margins(*net, *points)
    found = margins(ReluNet(*net), sample)
    for value, bound, margin in zip(found.values, found.bounds, truth, strict=True):
        if np.isfinite(bound):
            assert abs(Fraction(value) - margin) <= Fraction(bound)
    for level in (0.0, 1.0):
        expected = [margin >= Fraction(level) for margin in truth]
        assert Fitted(ReluNet(*net), sample).reach(level).tolist() == expected
    assert smallest_margin(ReluNet(*net), sample) == min(truth)
    expected = Verdict.HOLDS if min(truth) > 0 else Verdict.FAILS
    decided = interpolates(ReluNet(*net), sample)
    assert decided.verdict is expected
    assert expected is Verdict.HOLDS or truth[decided.worst] <= 0
    if np.isfinite([decided.low, decided.high]).all():
        assert Fraction(decided.low) <= min(truth) <= Fraction(decided.high)


@given(strategies.deep_nets(), strategies.samples(max_size=6))
@settings(max_examples=100)
def test_deep_nets(layers, points):
    sample = Sample(*points)
    truth = [exact.deep_value(layers, x) * int(y) for x, y in zip(*points, strict=True)]
    found = margins(DeepReluNet(tuple(layers)), sample)
    for value, bound, margin in zip(found.values, found.bounds, truth, strict=True):
        assert abs(Fraction(value) - margin) <= Fraction(bound)
    assert smallest_margin(DeepReluNet(tuple(layers)), sample) == min(truth)


def test_the_lower_bound_is_one():
    rng = np.random.default_rng(0)
    for _ in range(200):
        net = strategies.random_hostile_net(rng, extreme=False)
        points = strategies.random_sample(rng)
        assert Fraction(margins(ReluNet(*net), Sample(*points)).low) <= min(
            exact.margins(*net, *points)
        )


def test_a_margin_of_exactly_zero_does_not_interpolate():
    found = interpolates(ReluNet([1.0], [1.0], [-0.5]), Sample([0.5, 0.75], [1.0, 1.0]))
    assert (found.verdict, found.worst, found.margin) == (Verdict.FAILS, 0, 0.0)
