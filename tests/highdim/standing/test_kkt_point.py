"""From trained nets to KKT points of their cells, against the same cells solved in weight space."""

import numpy as np
import pytest
from oracles import sphere_kkt

from highdim.problem.draws import draw_sphere_sample
from highdim.problem.network import ThreeLayerNet, TwoLayerNet
from highdim.problem.sample import SphereSample
from highdim.standing.kkt import kkt_certificate
from highdim.standing.kkt_point import LARGEST, kkt_point
from highdim.standing.unpolished import UnfitNetError
from highdim.training.flow import gradient_flow
from highdim.training.starts import init_network
from univariate.common.result import Verdict


def parts(net):
    return net.v, net.W, net.b


def trained(seed, *, train_output=True, bias=True):
    """A small sample and a net that gradient flow brought to margin 2; the first start of a seed
    that gets there.
    """
    rng = np.random.default_rng(seed)
    while True:
        m, d, n = int(rng.integers(6, 21)), int(rng.integers(10, 51)), 2 * int(rng.integers(2, 11))
        sample = draw_sphere_sample(m, d, 0.3, rng=rng)
        start = init_network(n, d, bias=bias, train_output=train_output, scale=2.0, rng=rng)
        net = gradient_flow(
            start, sample, margin=2.0, flow_time=2e3, steps=300, train_output=train_output
        ).net
        if np.min(sample.y * net(sample.X)) > 0.5:
            return net, sample


def off_its_kinks(net):
    """The flow leaves kinks on data up to rounding, so that rounding would decide in which cell the
    net lies.
    """
    return TwoLayerNet(
        net.v, net.W + 1e-9 * np.random.default_rng(0).standard_normal(net.W.shape), net.b
    )


def check(net, sample, found, train_output=True):
    """The claims of the result, by the oracle."""
    margins = sphere_kkt.margins(*parts(found.net), sample.X, sample.y)
    assert margins.min() == pytest.approx(1.0, abs=1e-11)
    before = sphere_kkt.exact_normalised(*parts(net), sample.X, sample.y, train_output)
    after = sphere_kkt.exact_normalised(*parts(found.net), sample.X, sample.y, train_output)
    assert float(after) <= float(before) * (1.0 + 1e-12)
    assert found.norm_squared_fall == pytest.approx(
        float(before - after), abs=1e-10 * float(before)
    )
    assert found.verdict is found.certificate.verdict
    alive = np.any(found.net.W != 0.0, axis=1)
    assert found.neurons <= alive.sum()
    if train_output:
        assert found.neurons == found.net.width
        inner = np.sum(found.net.W**2, axis=1) + (0.0 if found.net.b is None else found.net.b**2)
        np.testing.assert_allclose(inner, found.net.v**2, rtol=1e-9)
    else:
        np.testing.assert_array_equal(found.net.v, net.v)


@pytest.mark.parametrize("train_output", [True, False])
@pytest.mark.parametrize("bias", [True, False])
@pytest.mark.parametrize("seed", range(8))
def test_trained_nets_reach_kkt_points(seed, bias, train_output):
    net, sample = trained(seed, bias=bias, train_output=train_output)
    assert kkt_certificate(net, sample, train_output=train_output).verdict is Verdict.FAILS
    found = kkt_point(net, sample, train_output=train_output)
    assert found.verdict is Verdict.HOLDS, found.reason
    assert found.certificate.accuracy <= 1e-12
    assert found.norm_squared_fall > 0.0
    check(net, sample, found, train_output)


@pytest.mark.parametrize("train_output", [True, False])
@pytest.mark.parametrize("seed", range(10))
def test_the_first_cell_is_solved_as_the_oracle_does(seed, train_output):
    net, sample = trained(seed, bias=bool(seed % 2), train_output=train_output)
    apart = 1e-9 * np.random.default_rng(seed).standard_normal(
        net.W.shape
    )  # the flow leaves kinks on data, to rounding
    net = TwoLayerNet(net.v, net.W + apart, net.b)
    found = kkt_point(net, sample, train_output=train_output, most_cells=1)
    expected, _ = sphere_kkt.cell_optimum(*parts(net), sample.X, sample.y, train_output)
    norm = sphere_kkt.exact_normalised(*parts(found.net), sample.X, sample.y, train_output)
    assert float(norm) == pytest.approx(expected, rel=1e-6)
    assert found.cells_crossed == 0
    check(net, sample, found, train_output)
    if found.verdict is not Verdict.HOLDS:
        assert "after 1 cells" in found.reason


@pytest.mark.parametrize("seed", range(5))
def test_the_optimum_of_its_own_cell(seed):
    """No net with neurons on the sides of the result, or beside its kinks, has a smaller norm."""
    net, sample = trained(seed)
    found = kkt_point(net, sample)
    pushed = TwoLayerNet(found.net.v, found.net.W, found.net.b)
    rng = np.random.default_rng(seed)
    for _ in range(3):
        W = pushed.W + 1e-9 * rng.standard_normal(pushed.W.shape)  # kinks fall to either side
        expected, _ = sphere_kkt.cell_optimum(pushed.v, W, pushed.b, sample.X, sample.y)
        assert found.certificate.norm_squared <= expected * (1.0 + 1e-6)


@pytest.mark.parametrize("train_output", [True, False])
@pytest.mark.parametrize("seed", range(5))
def test_a_kkt_point_stays_where_it_is(seed, train_output):
    net, sample = trained(seed, train_output=train_output)
    first = kkt_point(net, sample, train_output=train_output)
    again = kkt_point(first.net, sample, train_output=train_output)
    assert again.cells_crossed == 0
    if again.neurons == first.neurons:  # otherwise neurons merge, on a flat piece of optima
        assert again.distance < 1e-10
    assert again.verdict is Verdict.HOLDS
    assert abs(again.norm_squared_fall) < 1e-11 * first.certificate.norm_squared


def test_rotations_turn_the_point_where_it_is_unique():
    """With fixed outputs the problem over a cell is strictly convex; with trained ones optima may
    be a flat piece.
    """
    net, sample = trained(4, train_output=False)
    net = off_its_kinks(net)
    plain = kkt_point(net, sample, train_output=False)
    Q = np.linalg.qr(np.random.default_rng(0).standard_normal((sample.dimension,) * 2))[0]
    turned_sample = SphereSample.from_arrays(sample.X @ Q, sample.y)
    turned = kkt_point(TwoLayerNet(net.v, net.W @ Q, net.b), turned_sample, train_output=False)
    assert turned.distance == pytest.approx(plain.distance, rel=1e-6)
    np.testing.assert_allclose(turned.net.W, plain.net.W @ Q, atol=1e-7)


@pytest.mark.core
def test_the_closed_form_of_orthonormal_data_from_afar():
    """Two neurons, split and disturbed within their cell, come back to (m₊ + …) of the closed
    form.
    """
    plus, minus = 5, 3
    y = np.r_[np.ones(plus), -np.ones(minus)]
    sample = SphereSample.from_arrays(np.eye(plus + minus), y)
    W = np.array([np.where(y == label, 0.6, -0.5) for label in (1.0, 1.0, -1.0)])
    W[1] *= np.linspace(0.5, 2.0, plus + minus)
    net = TwoLayerNet([1.0, 0.3, -0.8], W, [0.3, 0.1, 0.4])
    found = kkt_point(net, sample)
    m = plus + minus
    expected = 2.0 * (np.sqrt(plus * (1 + minus) / (1 + m)) + np.sqrt(minus * (1 + plus) / (1 + m)))
    assert found.neurons == 2
    assert found.certificate.norm_squared == pytest.approx(expected, rel=1e-13)
    assert found.certificate.accuracy <= 1e-13
    ratio = -found.net.W[0, -1] / found.net.W[0, 0]
    assert ratio == pytest.approx(plus / (1 + minus), rel=1e-12)


@pytest.mark.parametrize("dimension", [2, 4, 8])
def test_more_data_than_dimensions(dimension):
    """Multipliers need not be unique there; what is reached is said honestly, and certified on the
    way.
    """
    held = 0
    for seed in range(8):
        rng = np.random.default_rng(seed)
        X = rng.standard_normal((12, dimension))
        y = np.where(X[:, 0] + 0.3 * np.abs(X[:, 1]) > 0.1, 1.0, -1.0)
        sample = SphereSample.from_arrays(X, y)
        start = init_network(24, dimension, scale=2.0, rng=rng)
        net = gradient_flow(start, sample, margin=1.0, flow_time=2e3, steps=300).net
        if np.min(y * net(X)) <= 0.1:
            continue
        found = kkt_point(net, sample)
        check(net, sample, found)
        assert (found.verdict is Verdict.HOLDS) == (
            found.certificate.accuracy <= found.certificate.tolerance
        )
        held += found.verdict is Verdict.HOLDS
    assert held > 0


def test_neurons_of_no_use_are_dropped_or_put_to_zero():
    net, sample = trained(3)
    dead = TwoLayerNet(
        np.r_[net.v, 0.0, 2.0],
        np.vstack([net.W, net.W[0], 0.0 * net.W[0]]),
        np.r_[net.b, net.b[0], -1.0],
    )
    plain, found = kkt_point(net, sample), kkt_point(dead, sample)
    assert found.certificate.norm_squared == pytest.approx(
        plain.certificate.norm_squared, rel=1e-12
    )
    fixed = kkt_point(dead, sample, train_output=False)
    assert fixed.verdict is Verdict.HOLDS
    np.testing.assert_array_equal(fixed.net.W[-2:], 0.0)
    np.testing.assert_array_equal(fixed.net.v, dead.v)


def test_scales_and_rotations():
    net, sample = trained(4)
    plain = kkt_point(net, sample)
    factor = 2.0**300
    huge = kkt_point(TwoLayerNet(net.v * factor, net.W * factor, net.b * factor), sample)
    np.testing.assert_array_equal(huge.net.W, plain.net.W)
    Q = np.linalg.qr(np.random.default_rng(0).standard_normal((sample.dimension,) * 2))[0]
    turned = kkt_point(
        TwoLayerNet(net.v, net.W @ Q, net.b), SphereSample.from_arrays(sample.X @ Q, sample.y)
    )
    assert turned.certificate.norm_squared == pytest.approx(
        plain.certificate.norm_squared, rel=1e-10
    )
    again = kkt_point(net, sample)
    assert (again.distance, again.cells_crossed) == (plain.distance, plain.cells_crossed)
    np.testing.assert_array_equal(again.net.W, plain.net.W)


@pytest.mark.core
def test_the_door():
    sample = draw_sphere_sample(8, 12, 0.3, rng=0)
    with pytest.raises(TypeError, match="not homogeneous"):
        kkt_point(ThreeLayerNet([1.0], [[1.0]], [0.0], np.ones((1, 12)), [0.0]), sample)
    with pytest.raises(ValueError, match="interpolate"):
        kkt_point(TwoLayerNet([1.0], np.zeros((1, 12))), sample)
    with pytest.raises(ValueError, match="most_cells"):
        kkt_point(TwoLayerNet(sample.y, sample.X), sample, most_cells=0)
    # None was False: outputs that are fixed
    for certified in (kkt_point, kkt_certificate):
        with pytest.raises(TypeError, match="`train_output` must be a bool, got None"):
            certified(TwoLayerNet(sample.y, sample.X), sample, train_output=None)


@pytest.mark.parametrize("scales", [(1e-310, 1.0, 1.0), (1e-200, 1e-10, 1e-200)])
def test_a_norm_at_margin_one_beyond_doubles_is_refused(scales):
    """Fixed outputs of 1e-310 ask for weights of 1e310."""
    sample = draw_sphere_sample(6, 12, 0.3, rng=0)
    net = TwoLayerNet(scales[0] * sample.y, scales[1] * (np.linalg.pinv(sample.X).T))
    with pytest.raises(UnfitNetError, match="within the range of doubles, got one beyond; balance"):
        kkt_point(net, SphereSample(scales[2] * sample.X, sample.y), train_output=False)


def test_a_problem_too_large_is_refused():
    sample = draw_sphere_sample(120, 300, 0.3, rng=0)
    rng = np.random.default_rng(0)
    W = np.sign(np.linalg.pinv(sample.X) @ rng.standard_normal((120, 400))).T
    own = TwoLayerNet(
        np.r_[1e-6 * np.ones(400), sample.y], np.vstack([W, 3.0 * np.linalg.pinv(sample.X).T])
    )
    assert np.min(sample.y * own(sample.X)) > 0.5
    with pytest.raises(ValueError, match=str(LARGEST)):
        kkt_point(own, sample)
