"""Initial networks: ranges, scales, fixed outputs, common random numbers, and the door."""

import numpy as np
import pytest

import highdim
from highdim import ThreeLayerNet, TwoLayerNet, init_network


@pytest.mark.core
@pytest.mark.parametrize("depth", [2, 3])
@pytest.mark.parametrize("scheme", ["pytorch", "he"])
def test_same_seed_same_bits(depth, scheme):
    first, second, other = (
        init_network(6, 4, depth=depth, scheme=scheme, rng=seed) for seed in (1, 1, 2)
    )
    assert all(
        np.array_equal(first.parameters[name], second.parameters[name]) for name in first.parameters
    )
    assert not np.array_equal(first.v, other.v)
    assert type(first) is (TwoLayerNet if depth == 2 else ThreeLayerNet)


def test_pytorch_ranges_are_filled():
    net = init_network((400, 300), 25, depth=3, rng=0)
    for part, fan_in in ((net.W1, 25), (net.b1, 25), (net.W2, 400), (net.b2, 400), (net.v, 300)):
        bound = 1.0 / np.sqrt(fan_in)
        assert 0.95 * bound < np.abs(part).max() <= bound
        assert part.var() == pytest.approx(bound**2 / 3, rel=0.25)


def test_pytorch_ranges_are_those_of_torch():
    torch = pytest.importorskip("torch")
    torch.manual_seed(0)
    layer = torch.nn.Linear(25, 4000)
    net = init_network(4000, 25, rng=0)
    for ours, tensor in ((net.W, layer.weight), (net.b, layer.bias)):
        theirs = tensor.detach().numpy()
        assert np.abs(ours).max() == pytest.approx(np.abs(theirs).max(), rel=1e-2)
        assert ours.var() == pytest.approx(theirs.var(), rel=0.1)


def test_he_variances():
    net = init_network((400, 300), 25, depth=3, scheme="he", rng=0)
    for part, variance in ((net.W1, 2 / 25), (net.W2, 2 / 400), (net.v, 1 / 300)):
        assert part.var() == pytest.approx(variance, rel=0.25)
    assert not np.any(net.b1)
    assert not np.any(net.b2)


@pytest.mark.parametrize("depth", [2, 3])
def test_weights_do_not_depend_on_biases_and_everything_scales(depth):
    biased, bare = (init_network(6, 4, depth=depth, bias=bias, rng=1) for bias in (True, False))
    small = init_network(6, 4, depth=depth, scale=2.0**-7, rng=1)
    for name, part in bare.parameters.items():
        np.testing.assert_array_equal(part, biased.parameters[name])
    for name, part in biased.parameters.items():
        np.testing.assert_array_equal(2.0**-7 * part, small.parameters[name])


def test_fixed_outputs():
    net = init_network(6, 4, train_output=False, scale=0.5, rng=1)
    np.testing.assert_array_equal(net.v, [1.0, 1.0, 1.0, -1.0, -1.0, -1.0])
    np.testing.assert_array_equal(net.W, init_network(6, 4, scale=0.5, rng=1).W)


@pytest.mark.core
@pytest.mark.parametrize(
    ("options", "message"),
    [
        ({"width": 0}, "`width` must be an integer >= 1"),
        ({"d": 0}, "`d` must be an integer >= 1"),
        ({"depth": 4}, "`depth` must be 2 or 3, got 4"),
        ({"width": (3, 4)}, "`width` must be one number with 2 layers"),
        ({"scheme": "xavier"}, "`scheme` must be one of pytorch, he, got 'xavier'"),
        ({"scale": 0.0}, "`scale` must be positive"),
        ({"width": 5, "train_output": False}, "`width` must be even with fixed outputs"),
        ({"rng": None}, "`rng` must be an int seed"),
    ],
)
def test_the_door(options, message):
    with pytest.raises((ValueError, TypeError), match=message):
        init_network(**({"width": 4, "d": 3, "rng": 0} | options))


@pytest.mark.parametrize("offset", [True, False])
def test_all_parameters_of_a_converted_net_are_trained(offset):
    """Zeros that stand for biases it lacks, beside an output bias, move; without one there are
    none.
    """
    rng = np.random.default_rng(0)
    layers = {"a.weight": rng.normal(size=(4, 3)), "b.weight": rng.normal(size=(1, 4))}
    net = highdim.network_from_torch(layers | ({"b.bias": np.array([0.5])} if offset else {}))
    sample = highdim.draw_sphere_sample(5, 3, 0.2, rng=1)
    found = highdim.gradient_flow(net, sample, method="gd", steps=3).net
    if not offset:
        assert net.b is None
        assert found.b is None
        return
    assert net.b.tolist() == [0.0, 0.0, 0.0, 0.0, 1.0]
    assert np.all(net.W[-1] == 0.0)
    assert np.count_nonzero(found.b[:-1]) > 0
    assert np.any(found.W[-1] != 0.0)
