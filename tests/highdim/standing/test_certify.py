"""Where nets on R^d stand, against descent, exhaustive directions and the line."""

import numpy as np
import pytest

from highdim import SphereSample, TwoLayerNet, certify, draw_sphere_sample, kkt_point, max_margin
from univariate import ReluNet, Sample, Verdict, certify as on_the_line


def circle(angles, labels):
    angles = np.asarray(angles)
    return SphereSample(np.column_stack((np.cos(angles), np.sin(angles))), np.asarray(labels))


@pytest.mark.core
@pytest.mark.parametrize(("m", "d", "seed"), [(3, 2, 0), (6, 2, 1), (8, 3, 2), (5, 4, 3)])
def test_the_optimum_is_the_last_level(m, d, seed):
    sample = draw_sphere_sample(m, d, 0.4, rng=seed)
    optimum = max_margin(sample)
    found = certify(optimum.net, sample, optimum=optimum)
    assert found.level == "global minimum"
    assert found.rank == 4
    assert found.interpolation is Verdict.HOLDS
    assert found.local_minimum is Verdict.HOLDS
    assert found.global_minimum.duality_gap <= 1e-8
    assert found.witness is None
    scaled = TwoLayerNet(3.0 * optimum.net.v, 3.0 * optimum.net.W, 3.0 * optimum.net.b)
    assert certify(scaled, sample, optimum=optimum).level == "global minimum"


def test_nets_that_miss_data_are_infeasible():
    sample = circle([0.0, 1.0], [1.0, -1.0])
    found = certify(TwoLayerNet([1.0], [[0.0, 0.0]], [1.0]), sample)
    assert found.level == "infeasible"
    assert found.interpolation is Verdict.FAILS
    assert found.global_minimum.verdict is Verdict.FAILS
    assert "observation 1" in found.reason


def test_a_worse_net_is_refuted_with_a_better_one():
    sample = draw_sphere_sample(6, 2, 0.4, rng=1)
    optimum = max_margin(sample)
    net = optimum.net
    worse = TwoLayerNet(
        np.append(net.v, [1.0, -1.0]),
        np.vstack((net.W, [[1.0, 0.5], [1.0, 0.5]])),
        np.append(net.b, [3.0, 3.0]),
    )
    found = certify(worse, sample, optimum=optimum)
    assert found.level == "feasible"
    assert found.global_minimum.verdict is Verdict.FAILS
    better = found.witness
    assert np.min(sample.y * better(sample.X)) >= 1.0 - 1e-12
    assert better.norm_squared < found.global_minimum.norm_squared


@pytest.mark.parametrize("seed", range(8))
def test_polished_nets_stand_no_lower_than_descent_finds(seed):
    """A net called a local minimum is not beaten by small steps, in 20,000 directions."""
    sample = draw_sphere_sample(5, 2, 0.4, rng=seed)
    rng = np.random.default_rng(seed)
    start = TwoLayerNet(
        rng.standard_normal(12), rng.standard_normal((12, 2)), rng.standard_normal(12)
    )
    try:
        net = kkt_point(_fitting(start, sample), sample).net
    except ValueError:
        pytest.skip("the start does not interpolate")
    found = certify(net, sample)
    assert found.rank >= 1
    if found.rank >= 3:
        assert _best_nearby(net, sample, rng) >= -1e-6
    if found.level == "kkt":
        assert found.local_minimum is not Verdict.HOLDS


def _fitting(net, sample):
    """The net with output weights that interpolate, by least squares."""
    hidden = np.maximum(sample.X @ net.W.T + net.b, 0.0)
    return TwoLayerNet(np.linalg.lstsq(hidden, sample.y)[0], net.W, net.b)


def _best_nearby(net, sample, rng, size=1e-4):
    """The least relative change of ‖θ‖²/(worst margin) over random small steps, per step size."""
    theta = np.concatenate([array.ravel() for array in net.parameters.values()])
    n, d = net.W.shape

    def cost(vector):
        v, W, b = vector[:n], vector[n : n + n * d].reshape(n, d), vector[n + n * d :]
        worst = np.min(sample.y * (np.maximum(sample.X @ W.T + b, 0.0) @ v))
        return vector @ vector / worst if worst > 0.0 else np.inf

    base = cost(theta)
    steps = rng.standard_normal((20_000, theta.size))
    steps *= size * np.linalg.norm(theta) / np.linalg.norm(steps, axis=1, keepdims=True)
    return min(cost(theta + step) / base - 1.0 for step in steps) / size


def by_hand():
    """A KKT point that is no local minimum, on the line: net and sample."""
    first, second = np.array([1.0, 1.0]) / 3.0, np.array([-1.0, 1.0]) / 2.0
    rows = np.array([one / np.sqrt(np.linalg.norm(one)) for one in (first, second)])
    net = TwoLayerNet(np.linalg.norm(rows, axis=1), rows[:, :1], rows[:, 1])
    return net, SphereSample(np.array([[-1.0], [2.0]]), np.array([1.0, 1.0]))


def test_kinks_of_their_own_sign_leave_it_open():
    """The example by hand: as on the line."""
    net, sample = by_hand()
    found = certify(net, sample)
    assert found.level == "kkt"
    assert found.local_minimum is Verdict.UNDECIDED
    assert "its own sign" in found.reason
    assert found.global_minimum.verdict is Verdict.FAILS
    line = on_the_line(ReluNet(net.v, net.W[:, 0], net.b), Sample(sample.X[:, 0], sample.y))
    assert line.level == found.level


def test_an_optimum_that_was_solved_loosely_vouches_for_no_worse_net():
    """Of 0.15 of ‖θ‖² that can be saved, a tolerance of 0.2 would make a global minimum."""
    net, sample = by_hand()
    found = certify(net, sample, optimum=max_margin(sample, tolerance=0.2))
    assert found.level == "kkt"
    assert found.local_minimum is Verdict.UNDECIDED
    assert found.global_minimum.verdict is Verdict.FAILS
    assert found.global_minimum.tolerance == 1e-8


def beside(distance, d):
    """Two data of one label, and a neuron for each: the right one has its kink just right of the
    left datum, and is better beyond it.
    """
    left = -1.0 - distance
    lines = np.array([[0.5, 0.5], np.array([left, 1.0]) / (left * left + 1.0)])
    rows = lines / np.sqrt(np.linalg.norm(lines, axis=1, keepdims=True))
    X, W = np.zeros((2, 2, d))
    X[:, 0], W[:, 0] = (left, 1.0), rows[:, 0]
    net = TwoLayerNet(np.linalg.norm(rows, axis=1), W, rows[:, 1])
    return net, SphereSample(X, np.ones(2))


@pytest.mark.parametrize("d", [1, 2])
def test_kinks_of_their_own_sign_within_the_tolerance_leave_it_open(d):
    """A kink that is 1e-10 or 3e-14 beside a datum, its multipliers being right on this side."""
    for distance in (2.0**-33, 2.0**-45):
        found = certify(*beside(distance, d))
        assert found.kkt.verdict is Verdict.HOLDS
        assert found.local_minimum is Verdict.UNDECIDED
        assert "on observation 0 of its own sign" in found.reason
    assert certify(*beside(2.0**-20, d)).local_minimum is Verdict.HOLDS
    assert certify(*beside(2.0**-33, d), tolerance=1e-12).local_minimum is Verdict.HOLDS


def test_a_neuron_that_is_zero_leaves_it_open_unless_the_net_is_optimal():
    sample = circle([0.0, 1.0, 2.0], [1.0, -1.0, 1.0])
    optimum = max_margin(sample)
    net = optimum.net
    wider = TwoLayerNet(
        np.append(net.v, 0.0), np.vstack((net.W, [[0.0, 0.0]])), np.append(net.b, 0)
    )
    assert certify(wider, sample, optimum=optimum).level == "global minimum"


@pytest.mark.parametrize("size", [1e-7, 1e-10, 1e-30, 1e-200])
def test_neurons_too_small_to_be_felt_leave_it_open(size):
    """A second neuron that gains 5, so that no local minimum is near, however small it is."""
    sample = SphereSample.from_arrays([[-10.0], [10.0]], [1, 1])
    q = size / np.sqrt(101.0)
    found = certify(TwoLayerNet([1.0, size], [[0.0], [10.0 * q]], [1.0, q]), sample)
    assert found.local_minimum is not Verdict.HOLDS
    if found.kkt.verdict is Verdict.HOLDS:
        assert "too small to be felt" in found.reason


@pytest.mark.parametrize("seed", range(6))
@pytest.mark.parametrize("size", [1e-12, 1e-9, 1e-7, 1e-6, 1e-5, 1e-3])
def test_no_level_holds_beyond_one_that_fails(seed, size):
    rng = np.random.default_rng(seed)
    sample = draw_sphere_sample(int(rng.integers(2, 9)), int(rng.integers(2, 4)), 0.4, rng=seed)
    optimum = max_margin(sample)
    parts = {
        name: array * (1.0 + size * rng.standard_normal(array.shape))
        for name, array in optimum.net.parameters.items()
    }
    found = certify(TwoLayerNet(**parts), sample, optimum=optimum)
    verdicts = [found.interpolation, found.kkt.verdict, found.local_minimum]
    verdicts.append(found.global_minimum.verdict)
    if Verdict.FAILS in verdicts:
        assert Verdict.HOLDS not in verdicts[verdicts.index(Verdict.FAILS) :]


def test_arguments_are_checked():
    sample = circle([0.0, 1.0], [1.0, -1.0])
    optimum = max_margin(sample)
    with pytest.raises(ValueError, match="`optimum` must belong to this sample"):
        certify(optimum.net, circle([0.0, 1.1], [1.0, -1.0]), optimum=optimum)
    with pytest.raises(ValueError, match="`optimum` must belong to this sample"):
        certify(optimum.net, sample, optimum=max_margin(sample, bias=False))
    with pytest.raises(TypeError, match="`net` must be a TwoLayerNet"):
        certify("net", sample)
    with pytest.raises(ValueError, match="tolerance"):
        certify(optimum.net, sample, tolerance=1.0)
