"""Margins within rounding: their signs are settled in rational arithmetic, and what is polished is
never made worse.
"""

from fractions import Fraction

import numpy as np
import pytest

import highdim
from highdim import SphereSample, ThreeLayerNet, TwoLayerNet
from highdim.paper.checks import FOUR, fits
from highdim.problem.exact import ExactNet, settled
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
    assert ExactNet(two).value(x) == first - Fraction(1, 2) * second
    three = ThreeLayerNet([2.0], [[1.0, -1.0]], [0.25], two.W, two.b)
    assert ExactNet(three).value(x) == 2 * max(0, first - second + Fraction(1, 4))
    assert float(ExactNet(two).value(x)) == pytest.approx(float(two(x[None])[0]), rel=1e-14)


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


NEARLY_PARALLEL = (
    (-1.3384325194768547, 0.3612537486433768),
    (1.2928930501938052, 0.45367126425696813),
    (-1.6901599429769263, -0.7281950274352488),
    (1.2323034025042632, 0.2983352450652942),
    (-401880.634069376, 477124.65857381816),
    (401880.634069376, -477124.65857381816),
    (-897776.2103723172, 424403.6193944152),
)
BIASES = (
    *(0.0014291364966681958, -0.005439577217873256, -0.0013345155853725455, 0.012978717611819932),
    *(-0.009678198646920558, 0.019266627091351407, 0.01879344377381986),
)


@pytest.mark.parametrize("train_output", [True, False])
@pytest.mark.parametrize("biases", [BIASES, None])
def test_a_polished_net_is_no_worse_than_it_was(biases, train_output):
    """Two nearly parallel data of different labels: a cell's optimum may be all rounding."""
    angles = np.array([0.7, 0.70001, 2.7])
    X = np.column_stack([np.cos(angles), np.sin(angles)])
    sample = SphereSample.from_arrays(X, [1.0, -1.0, 1.0])
    net = TwoLayerNet([1.0, -1.0, 1.0, -1.0, -1.0, 1.0, 1.0], NEARLY_PARALLEL, biases)
    assert np.min(sample.y * net(X)) > 0.0
    before = highdim.kkt_certificate(net, sample, train_output=train_output).norm_squared
    found = highdim.kkt_point(net, sample, train_output=train_output)
    assert np.min(sample.y * found.net(X)) > 0.0
    assert np.isfinite(found.norm_squared_fall)
    assert found.certificate.norm_squared <= before * (1.0 + 1e-8)
