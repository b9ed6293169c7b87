"""Signs of margins against rational arithmetic, at scales where products leave the doubles."""

from fractions import Fraction

import numpy as np
import pytest

from highdim import SphereSample, ThreeLayerNet, TwoLayerNet, kkt_certificate, proposition_4_4
from highdim.problem.exact import ExactNet, relative_outputs, signs, smallest_margin
from highdim.report.facts import FitFacts
from univariate.common.result import Verdict

SCALES = [1.0, 1e-200, 1e-170, 1e-150, 1e150, 1e200, 1e300, 2.0**-1060]


def exact_margin(net, x, y):
    """y N(x), written out anew."""
    values = [Fraction(entry) for entry in x]
    for weight, bias in net.hidden:
        offsets = np.zeros(len(weight)) if bias is None else bias
        values = [
            max(
                Fraction(0),
                sum((Fraction(a) * t for a, t in zip(row, values, strict=True)), Fraction(c)),
            )
            for row, c in zip(weight.tolist(), offsets.tolist(), strict=True)
        ]
    return int(y) * sum(Fraction(a) * t for a, t in zip(net.v.tolist(), values, strict=True))


def hostile(rng, scale, depth):
    """A net whose neurons nearly cancel on the first observation."""
    d = int(rng.integers(2, 4))
    X = rng.standard_normal((3, d))
    X /= np.linalg.norm(X, axis=1)[:, None]
    w = rng.standard_normal(d)
    across = rng.standard_normal(d)
    W = np.array([w, w + across - (across @ X[0]) * X[0]])
    v = np.array([1.0, -1.0]) * scale
    y = np.where(rng.random(3) < 0.5, -1.0, 1.0)
    if depth == 2:
        return TwoLayerNet(v, W * scale), X, y
    return ThreeLayerNet(v, np.eye(2), np.zeros(2), W * scale, None), X, y


@pytest.mark.filterwarnings("error")
@pytest.mark.parametrize("scale", SCALES)
@pytest.mark.parametrize("depth", [2, 3])
def test_signs_are_those_of_rational_arithmetic(scale, depth):
    rng = np.random.default_rng(0)
    for _ in range(60):
        net, X, y = hostile(rng, scale, depth)
        found = signs(net, X, y)
        truth = [exact_margin(net, x, label) for x, label in zip(X, y, strict=True)]
        for margin, positive, wrong in zip(truth, found.positive, found.wrong, strict=True):
            assert not positive or margin > 0
            assert not wrong or margin <= 0
        assert bool(found.positive.all()) is all(margin > 0 for margin in truth)
        assert bool(found.wrong.any()) is any(margin <= 0 for margin in truth)
        assert np.all(np.isfinite(found.margins))


@pytest.mark.parametrize("scale", SCALES)
def test_reports_of_fits_agree_with_rational_arithmetic(scale):
    rng = np.random.default_rng(1)
    for _ in range(40):
        net, X, y = hostile(rng, scale, 2)
        truth = all(exact_margin(net, x, label) > 0 for x, label in zip(X, y, strict=True))
        sample = SphereSample(X, y)
        (claim,) = [
            one for one in proposition_4_4(net, sample).hypotheses if "y_i N(x_i)" in one.claim
        ]
        assert claim.verdict is Verdict.of(truth)
        assert np.isfinite(claim.value)
        assert FitFacts.of(net, sample).verdict is Verdict.of(truth)
        assert truth or kkt_certificate(net, sample).scale == 0.0


def test_relative_outputs_beyond_the_doubles():
    net = TwoLayerNet([1e300, 3e300], [[1e300, 0.0], [0.0, 1e300]])
    worst = smallest_margin(net, np.eye(2), np.ones(2))
    assert worst == Fraction(1e300) ** 2
    assert relative_outputs(net, np.eye(2), worst).tolist() == pytest.approx([1.0, 3.0])


@pytest.mark.parametrize("depth", [2, 3])
def test_exact_nets_have_the_values_of_rational_arithmetic(depth):
    """Weights, biases and points from 1e-300 to 1e300 in one net, zeros among them."""
    rng = np.random.default_rng(5)

    def spread(*shape):
        size = 10.0 ** rng.integers(-100, 101, shape)
        return rng.choice([-1.0, 0.0, 1.0], shape) * rng.random(shape) * size

    for _ in range(40):
        W, b = spread(4, 3), spread(4)
        net = TwoLayerNet(spread(4), W, b)
        if depth == 3:
            net = ThreeLayerNet(spread(2), spread(2, 4), spread(2), W, b)
        exact = ExactNet(net)
        for x in (spread(3), np.array([1.0, 2.0**-1074, 2.0**1000])):
            value = exact_margin(net, x, 1)
            assert exact.value(x) == value
            assert exact.sign(x) == (value > 0) - (value < 0)
