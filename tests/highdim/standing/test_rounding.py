"""Margins within rounding: their signs are settled in rational arithmetic, and what is polished is
never made worse.
"""

from fractions import Fraction

import numpy as np
import pytest

import highdim
from highdim import SphereSample, ThreeLayerNet, TwoLayerNet
from highdim.paper.checks import FOUR, fits
from highdim.problem.exact import exact_value, settled
from highdim.report.facts import FitFacts
from univariate.common.result import Verdict

ONES = SphereSample.from_arrays(np.ones((1, 3)), [1.0])
TINY = 2.0**-60


@pytest.mark.parametrize(
    ("row", "interpolates"),
    [
        ([1.0, TINY, -1.0], True),
        ([TINY, 1.0, -1.0], True),
        ([1.0, -TINY, -1.0], False),
        ([1.0, 0.0, -1.0], False),
        ([1.0, 1e-320, -1.0], True),
    ],
)
def test_a_margin_within_rounding_is_settled(row, interpolates):
    net = TwoLayerNet([1.0], [row])
    wanted = Verdict.of(interpolates)
    assert FitFacts.of(net, ONES).verdict is wanted
    assert fits(FOUR, net, ONES).verdict is wanted
    certificate = highdim.kkt_certificate(net, ONES)
    # of a margin that is rounding nothing more is known
    assert certificate.verdict is (Verdict.UNDECIDED if interpolates else Verdict.FAILS)
    assert highdim.proposition_4_4(net, ONES).verdict is not Verdict.FAILS


def test_exact_values_of_two_and_three_layers():
    two = TwoLayerNet([1.0, -0.5], [[0.1, 0.2], [3.0, -1.0]], [0.3, -0.7])
    x = np.array([1.0, 2.0])
    first = Fraction(0.1) + 2 * Fraction(0.2) + Fraction(0.3)
    second = 3 - 2 + Fraction(-0.7)
    assert exact_value(two, x) == first - Fraction(1, 2) * second
    three = ThreeLayerNet([2.0], [[1.0, -1.0]], [0.25], two.W, two.b)
    assert exact_value(three, x) == 2 * max(0, first - second + Fraction(1, 4))
    assert float(exact_value(two, x)) == pytest.approx(float(two(x[None])[0]), rel=1e-14)


def test_nets_too_large_for_rationals_stay_undecided():
    wide = TwoLayerNet(np.ones(2000), np.zeros((2000, 1200)))
    positive, wrong = settled(wide, np.ones((1, 1200)), np.ones(1), np.array([0]))
    assert not positive.any()
    assert not wrong.any()


def test_no_negative_zero_is_printed():
    net = TwoLayerNet([1.0], [[0.0, 0.0, 0.0]])
    sample = SphereSample.from_arrays(np.eye(3), [1.0, -1.0, 1.0])
    for margin in (
        FitFacts.of(net, sample).margin,
        highdim.kkt_certificate(net, sample).worst_margin,
        fits(FOUR, net, sample).value,
    ):
        assert f"{margin:.3g}" == "0"


@pytest.mark.parametrize("bias", [True, False])
@pytest.mark.parametrize("train_output", [True, False])
def test_a_polished_net_is_no_worse_than_it_was(bias, train_output):
    """Two nearly parallel data of different labels: the optimum of a cell is all rounding."""
    angles = np.array([0.7, 0.70001, 2.7])
    X = np.column_stack([np.cos(angles), np.sin(angles)])
    sample = SphereSample.from_arrays(X, [1.0, -1.0, 1.0])
    polished = 0
    for seed in range(6):
        rng = np.random.default_rng(seed)
        W = rng.standard_normal((8, 2))
        # a steep pair between the two, so that the net interpolates
        across = np.array([-np.sin(0.700005), np.cos(0.700005)]) * 4e5
        W = np.vstack([W, across, -across, 4e5 * X[2]])
        v = np.append(0.1 * rng.choice([-1.0, 1.0], 8), [-1.0, 1.0, 1.0])
        v = v if train_output else np.where(v > 0.0, 1.0, -1.0)
        net = TwoLayerNet(v, W * (1.0 if train_output else 10.0), np.zeros(11) if bias else None)
        if np.min(sample.y * net(sample.X)) <= 1e-3:
            continue
        before = highdim.kkt_certificate(net, sample, train_output=train_output).norm_squared
        found = highdim.kkt_point(net, sample, train_output=train_output)
        polished += 1
        assert np.min(sample.y * found.net(sample.X)) > 0.0
        assert np.isfinite(found.norm_squared_fall)
        assert found.certificate.norm_squared <= before * (1.0 + 1e-8)
    assert polished > 2
