"""Two- and three-layer nets on R^d: values, input gradients, norms, files, torch, and the door."""

from fractions import Fraction

import numpy as np
import pytest
from oracles import sphere

from highdim import ThreeLayerNet, TwoLayerNet, init_network, load_network, network_from_torch

EPSILON = np.finfo(np.float64).eps
KINDS = [(depth, bias) for depth in (2, 3) for bias in (True, False)]


def draw(depth, bias, *, width=7, d=4, rng=0):
    return init_network(width, d, depth=depth, bias=bias, scale=2.0, rng=rng)


def points(k, d, rng=1):
    return np.random.default_rng(rng).standard_normal((k, d))


@pytest.mark.core
@pytest.mark.parametrize(("depth", "bias"), KINDS)
def test_values(depth, bias):
    net, X = draw(depth, bias), points(9, 4)
    np.testing.assert_allclose(
        net(X), sphere.outputs(net.parameters, X), rtol=0.0, atol=100 * EPSILON
    )


@pytest.mark.parametrize(("depth", "bias"), KINDS)
def test_input_gradient_is_the_slope_of_the_values(depth, bias):
    net, X, h = draw(depth, bias), points(9, 4), 1e-6
    steps = h * np.eye(4)
    slopes = np.stack([(net(X + step) - net(X - step)) / (2 * h) for step in steps], axis=1)
    np.testing.assert_allclose(net.gradient(X), slopes, rtol=0.0, atol=1e-7)


def test_silent_neurons_have_no_slope():
    net = TwoLayerNet([1.0, 1.0], [[1.0, 0.0], [-1.0, 0.0]])
    np.testing.assert_array_equal(net.gradient([[0.0, 5.0]]), [[0.0, 0.0]])


def test_many_points_are_taken_in_pieces():
    net, X = draw(3, True, width=(60, 80)), points(120_000, 4)
    picked = [0, 60_000, 119_999]
    np.testing.assert_allclose(net(X)[picked], net(X[picked]), rtol=0.0, atol=100 * EPSILON)


@pytest.mark.parametrize(("depth", "bias"), KINDS)
def test_shapes_and_norm(depth, bias):
    net = init_network((3, 5) if depth == 3 else 3, 4, depth=depth, bias=bias, rng=0)
    assert (net.width, net.dimension, net.depth) == (3, 4, depth)
    assert net.widths == ((3, 5) if depth == 3 else (3,))
    expected = sum(float(np.sum(part**2)) for part in net.parameters.values())
    assert net.norm_squared == pytest.approx(expected, rel=10 * EPSILON)
    assert ("b" in net.parameters or "b1" in net.parameters) == bias


@pytest.mark.parametrize("exponent", [600, 900])
def test_huge_parameters_overflow_to_infinity_never_to_nan(exponent):
    huge = 2.0**exponent
    net = TwoLayerNet([huge, -huge], [[huge, 0.0], [huge, 0.0]], [0.0, 0.0])
    np.testing.assert_array_equal(net([[1.0, 0.0], [-1.0, 3.0]]), [0.0, 0.0])
    assert TwoLayerNet([huge], [[huge, huge]])([[1.0, 1.0]]) == np.inf
    assert TwoLayerNet([-huge], [[huge, huge]])([[1.0, 1.0]]) == -np.inf
    deep = ThreeLayerNet([huge], [[huge, -huge]], [huge], [[huge, 0.0], [0.0, huge]], None)
    assert not np.any(np.isnan(deep([[1.0, 1.0], [1.0, 2.0], [2.0, 1.0]])))
    assert net.norm_squared == np.inf


def test_a_common_power_of_two_changes_nothing_but_the_exponent():
    net, X = draw(3, True), points(5, 4)
    large = ThreeLayerNet(
        net.v * 2.0**300, net.W2 * 2.0**200, net.b2 * 2.0**500, net.W1 * 2.0**300, net.b1 * 2.0**300
    )
    np.testing.assert_array_equal(large(X), net(X) * 2.0**800)


def test_inputs_are_copied_and_results_are_read_only():
    W = np.ones((2, 3), np.float32)
    net = TwoLayerNet(np.ones(2, np.int64), W)
    W[0, 0] = 5.0
    assert net.W[0, 0] == 1.0
    assert net.W.dtype == np.float64
    assert net.b is None
    with pytest.raises(ValueError, match="read-only"):
        net.W[0, 0] = 2.0


@pytest.mark.parametrize(("depth", "bias"), KINDS)
def test_files(tmp_path, depth, bias):
    net = draw(depth, bias)
    net.save(tmp_path / "net.npz")
    for found in (load_network(tmp_path / "net.npz"), type(net).load(tmp_path / "net.npz")):
        assert type(found) is type(net)
        assert found.parameters.keys() == net.parameters.keys()
        assert all(
            np.array_equal(found.parameters[name], part) for name, part in net.parameters.items()
        )


def test_files_of_another_kind_are_refused(tmp_path):
    draw(2, True).save(tmp_path / "net.npz")
    with pytest.raises(ValueError, match=r"expected 'highdim\.ThreeLayerNet/1'"):
        ThreeLayerNet.load(tmp_path / "net.npz")
    np.savez(tmp_path / "damaged.npz", schema=np.array("highdim.TwoLayerNet/1"), v=np.ones(2))
    with pytest.raises(ValueError, match="lacks the arrays W"):
        TwoLayerNet.load(tmp_path / "damaged.npz")


def sequential(torch, depth, bias, output_bias=False):
    nn = torch.nn
    torch.manual_seed(0)
    layers = [nn.Linear(4, 6, bias=bias), nn.ReLU()]
    if depth == 3:
        layers += [nn.Linear(6, 5, bias=bias), nn.ReLU()]
    return nn.Sequential(*layers, nn.Linear(6 if depth == 2 else 5, 1, bias=output_bias))


@pytest.mark.parametrize(("depth", "bias"), KINDS)
def test_from_torch(tmp_path, depth, bias):
    torch = pytest.importorskip("torch")
    module, X = sequential(torch, depth, bias), points(8, 4)
    kind = TwoLayerNet if depth == 2 else ThreeLayerNet
    torch.save(module.state_dict(), tmp_path / "net.pt")
    with torch.no_grad():
        expected = module.double()(torch.tensor(X))[:, 0].numpy()
    found = (
        kind.from_torch(module),
        network_from_torch(module.state_dict()),
        load_network(tmp_path / "net.pt"),
    )
    for net in found:
        assert type(net) is kind
        assert any(name.startswith("b") for name in net.parameters) == bias
        np.testing.assert_allclose(net(X), expected, rtol=0.0, atol=100 * EPSILON)


@pytest.mark.parametrize(("depth", "bias"), KINDS)
def test_an_output_bias_becomes_a_neuron(depth, bias):
    torch = pytest.importorskip("torch")
    module, X = sequential(torch, depth, bias, output_bias=True), points(8, 4)
    net = network_from_torch(module)
    last = net.b if depth == 2 else net.b2
    assert Fraction(net.v[-1]) * Fraction(last[-1]) == Fraction(module[-1].bias.item())
    with torch.no_grad():
        expected = module.double()(torch.tensor(X))[:, 0].numpy()
    np.testing.assert_allclose(net(X), expected, rtol=0.0, atol=100 * EPSILON)


def test_torch_nets_that_do_not_fit_are_refused():
    torch = pytest.importorskip("torch")
    with pytest.raises(
        ValueError, match="`model` must have the depth of a ThreeLayerNet, got 2 layers"
    ):
        ThreeLayerNet.from_torch(sequential(torch, 2, True))
    with pytest.raises(ValueError, match="`model` must have 2 or 3 linear layers, got 1"):
        network_from_torch(torch.nn.Sequential(torch.nn.Linear(4, 1)))
    with pytest.raises(
        ValueError, match=r"`model` must have one output, got a last layer of shape \(2, 3\)"
    ):
        network_from_torch(
            torch.nn.Sequential(torch.nn.Linear(4, 3), torch.nn.ReLU(), torch.nn.Linear(3, 2))
        )
    with pytest.raises(TypeError, match="`model` must be a torch module or a state_dict"):
        network_from_torch(3)


@pytest.mark.core
@pytest.mark.parametrize(
    ("call", "message"),
    [
        (
            lambda: TwoLayerNet([1.0], [1.0, 2.0]),
            r"`W` must be two-dimensional, got shape \(2,\); pass numpy.reshape\(W, \(1, -1\)\)",
        ),
        (
            lambda: TwoLayerNet([1.0], [[1.0], [2.0]]),
            r"`W` must have shape \(1, any\), got \(2, 1\)",
        ),
        (lambda: TwoLayerNet([1.0], [[np.nan]]), "`W` must be finite"),
        (lambda: TwoLayerNet([1.0], np.empty((1, 0))), "`W` must not be empty"),
        (
            lambda: TwoLayerNet([1.0], [[1.0]], [1.0, 2.0]),
            r"`b` must have shape \(1,\), got \(2,\)",
        ),
        (lambda: TwoLayerNet([1.0], [["a"]]), "`W` must hold real numbers"),
        (
            lambda: ThreeLayerNet([1.0], [[1.0, 2.0]], None, [[1.0]], None),
            r"`W2` must have shape \(1, 1\)",
        ),
        (
            lambda: ThreeLayerNet([1.0], [[1.0]], [1.0, 1.0], [[1.0]], None),
            r"`b2` must have shape \(1,\)",
        ),
        (
            lambda: TwoLayerNet([1.0], [[1.0]])([1.0]),
            r"`X` must be two-dimensional, got shape \(1,\)",
        ),
        (
            lambda: TwoLayerNet([1.0], [[1.0]])([[1.0, 2.0]]),
            r"`X` must have shape \(any, 1\), got \(1, 2\)",
        ),
        (
            lambda: TwoLayerNet([1.0], [[1.0]])([[1e200]]),
            r"`X` must have coordinates up to 2\*\*500",
        ),
    ],
)
def test_the_door(call, message):
    with pytest.raises((ValueError, TypeError), match=message):
        call()
