"""Clean errors on the sphere: arcs against exact arithmetic, estimates against nets whose error is known."""

import numpy as np
import pytest
from oracles import arcs

import highdim
from highdim import ThreeLayerNet, TwoLayerNet

CORE = pytest.mark.core


def dyadic(rng, *shape):
    return rng.integers(-16, 17, shape) / 8.0


def plane_net(seed):
    """A net on R² with ties, dead neurons and plateaus."""
    rng = np.random.default_rng(seed)
    n = int(rng.integers(1, 7))
    bias = None if seed % 4 == 0 else dyadic(rng, n)
    return TwoLayerNet(dyadic(rng, n), dyadic(rng, n, 2), bias)


def deep_plane_net(seed):
    rng = np.random.default_rng(seed)
    return ThreeLayerNet(dyadic(rng, 3), dyadic(rng, 3, 4), dyadic(rng, 3), dyadic(rng, 4, 2), dyadic(rng, 4))


def layers_of(net):
    if isinstance(net, TwoLayerNet):
        return [(net.W, net.b), (net.v, None)]
    return [(net.W1, net.b1), (net.W2, net.b2), (net.v, None)]


def cap(d, t):
    """N = t − e·x, as ReLUs: an error where e·x ≥ t."""
    W = np.zeros((3, d))
    W[0, 0], W[1, 0] = 1.0, -1.0
    return TwoLayerNet([-1.0, 1.0, 1.0], W, [0.0, 0.0, t])


@CORE
@pytest.mark.parametrize("seed", range(25))
def test_arcs_enclose_the_exact_share(seed):
    for net in (plane_net(seed), deep_plane_net(seed)):
        found, truth = highdim.clean_error(net), float(arcs.clean_error(layers_of(net)))
        assert found.method == "arcs"
        assert found.low - 1e-15 <= truth <= found.high + 1e-15
        assert found.value == pytest.approx(truth, abs=1e-12)


@CORE
def test_regions_without_active_neurons_are_errors():
    """σ(x − 1/2) is 0 on two thirds of the circle, although it is never negative."""
    found = highdim.clean_error(TwoLayerNet([1.0], [[1.0, 0.0]], [-0.5]))
    assert found.value == pytest.approx(2.0 / 3.0, abs=1e-14)
    assert highdim.clean_error(TwoLayerNet([1.0, -1.0], [[1.0, 0.0]] * 2, [1.0, 1.0])).value == 1.0  # N ≡ 0


@pytest.mark.parametrize(("d", "t"), [(3, 0.3), (10, 0.5), (100, 0.3), (1000, 0.5), (1000, 0.9)])
def test_lines_find_caps_however_small(d, t):
    found = highdim.clean_error(cap(d, t), method="lines", rng=0)
    truth = float(arcs.log10_cap(d, t))
    assert found.log10_low - 1e-9 <= truth <= found.log10_high + 1e-9
    assert found.log10_value == pytest.approx(truth, abs=0.02)


@pytest.mark.parametrize("method", ["points", "circles", "lines", "auto"])
def test_methods_agree_on_a_moderate_error(method):
    found = highdim.clean_error(cap(6, 0.4), method=method, rng=1, level=0.999)
    truth = 10.0 ** float(arcs.log10_cap(6, 0.4))
    assert found.low <= truth <= found.high
    again = highdim.clean_error(cap(6, 0.4), method=method, rng=1, level=0.999)
    assert (again.value, again.low, again.high) == (found.value, found.low, found.high)


def test_no_hit_is_an_upper_bound():
    found = highdim.clean_error(cap(500, 0.9), method="points", samples=1000, rng=0)
    assert (found.value, found.low) == (0.0, 0.0)
    assert found.high == pytest.approx(1.0 - 0.025 ** (1.0 / 1000.0), rel=1e-9)
    assert "upper bound" in found.note


def test_precision_is_reached():
    found = highdim.clean_error(cap(50, 0.4), precision=0.01, rng=0)
    assert found.high - found.low <= 0.02 * found.value


@pytest.mark.parametrize(
    ("options", "message"),
    [
        ({"method": "guess"}, "`method` must be one of"),
        ({"method": "arcs"}, "`method` must not be 'arcs' unless d = 2"),
        ({"level": 1.0}, "`level` must"),
        ({"samples": 1}, "`samples` must be an integer ≥ 2"),
        ({"precision": 0.0}, "`precision` must be positive"),
    ],
)
def test_the_door(options, message):
    with pytest.raises(ValueError, match=message):
        highdim.clean_error(cap(5, 0.4), rng=0, **options)
