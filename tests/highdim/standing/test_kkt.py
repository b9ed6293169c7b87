"""KKT certificates of 2-layer nets on R^d: closed forms, refutations with witnesses, and a dense
oracle.
"""

from math import sqrt

import numpy as np
import pytest
from oracles import sphere, sphere_kkt

from highdim.problem.network import ThreeLayerNet, TwoLayerNet
from highdim.problem.sample import SphereSample
from highdim.standing.folded import Problem
from highdim.standing.kkt import kkt_certificate
from highdim.standing.multipliers import fit
from highdim.standing.nonnegative import _descend
from univariate.common.result import Verdict
from univariate.common.tolerance import KKT_TOLERANCE, NEARLY

COUNTS = [(1, 0), (0, 1), (1, 1), (2, 1), (1, 5), (7, 3), (20, 5), (5, 20), (60, 40)]


def orthonormal(plus, minus, d=None, rng=None):
    m = plus + minus
    rows = (
        np.eye(m)
        if d is None
        else np.linalg.qr(np.random.default_rng(rng).standard_normal((d, m)))[0].T
    )
    return SphereSample.from_arrays(rows, np.r_[np.ones(plus), -np.ones(minus)])


def one_side(sample, label):
    """Input weight a on the points of a label, −β on the others, bias β with a + β = 1 and β/a =
    m₊/(1 + m₋).
    """
    own = sample.y == label
    ratio = own.sum() / (1 + (~own).sum())
    a = 1.0 / (1.0 + ratio)
    return np.append(np.where(own, a, -ratio * a) @ sample.X, ratio * a)


def max_margin(sample):
    """The two neurons of orthonormal data, |v| = |u| = 1 to the square root of |u|; none for a
    label that is absent.
    """
    labels = [label for label in (1.0, -1.0) if np.any(sample.y == label)]
    rows = np.array([one_side(sample, label) for label in labels])
    sizes = np.sqrt(np.linalg.norm(rows, axis=1))
    return TwoLayerNet(np.array(labels) * sizes, rows[:, :-1] / sizes[:, None], rows[:, -1] / sizes)


def without_biases(sample):
    """One neuron for each label, along the sum of its points."""
    labels = [label for label in (1.0, -1.0) if np.any(sample.y == label)]
    rows = np.array([(sample.y == label) @ sample.X for label in labels])
    sizes = np.sqrt(np.linalg.norm(rows, axis=1))
    return TwoLayerNet(np.array(labels) * sizes, rows / sizes[:, None])


def one_neuron_for_each_negative(sample, power):
    """Proposition 4.6: v = |I₊|^power along the sum of the positive points, and v = −1, w = x_i for
    the others.
    """
    own = sample.y > 0.0
    size = own.sum() ** power
    W = np.vstack([own @ sample.X / size, sample.X[~own]])
    return TwoLayerNet(np.r_[size, -np.ones((~own).sum())], W)


def parts(net):
    return net.v, net.W, net.b


def replay(certificate, net, sample):
    """All margins of the witness are at least 1 and its norm is smaller, in rational arithmetic."""
    witness, train_output = certificate.witness, certificate.train_output
    assert witness is not None
    assert min(sphere_kkt.exact_margins(*parts(witness), sample.X, sample.y)) >= 1
    before = sphere_kkt.exact_normalised(*parts(net), sample.X, sample.y, train_output)
    assert sphere_kkt.exact_norm_squared(*parts(witness), train_output) < before
    if not train_output:
        np.testing.assert_array_equal(witness.v, net.v)


def explained(certificate, net, sample):
    """The residual of the certificate's multipliers and derivatives, on the scaled net, by the
    oracle.
    """
    scale = certificate.scale
    v = net.v / scale if certificate.train_output else net.v
    scaled = v, net.W / scale, None if net.b is None else net.b / scale
    pairs = map(tuple, certificate.kinks.tolist())
    chosen = dict(zip(pairs, certificate.derivatives.tolist(), strict=True))
    return sphere_kkt.residual(
        scaled, sample.X, sample.y, certificate.multipliers, chosen, certificate.train_output
    )


def trained(seed, *, train_output=True, bias=True):
    """A small net that interpolates, by plain descent; from the first start of a seed that gets
    there.
    """
    rng = np.random.default_rng(seed)
    while True:
        m, d, n = (int(k) for k in rng.integers([3, 6, 8], [9, 12, 13]))
        X = rng.standard_normal((m, d))
        X /= np.linalg.norm(X, axis=1, keepdims=True)
        y = np.where(rng.random(m) < 0.6, 1.0, -1.0)
        net = {"v": np.where(np.arange(n) % 2, 1.0, -1.0), "W": rng.standard_normal((n, d))}
        if bias:
            net["b"] = rng.standard_normal(n)
        for _ in range(60):
            slope = sphere.gradient(
                net, X, y * sphere.minus_slope(y * sphere.outputs(net, X), "logistic")
            )
            net = {
                name: part + 0.2 * slope[name] * (train_output or name != "v")
                for name, part in net.items()
            }
        if np.min(y * sphere.outputs(net, X)) > 0.1:
            return TwoLayerNet(net["v"], net["W"], net.get("b")), SphereSample.from_arrays(X, y)


# Closed forms


@pytest.mark.core
@pytest.mark.parametrize(("plus", "minus"), COUNTS)
def test_the_max_margin_net_of_orthonormal_data_is_accepted(plus, minus):
    sample = orthonormal(plus, minus)
    certificate = kkt_certificate(max_margin(sample), sample)
    assert certificate.verdict is Verdict.HOLDS
    assert certificate.accuracy <= 1e-12
    m = plus + minus
    norm = 2.0 * (sqrt(plus * (1 + minus) / (1 + m)) + sqrt(minus * (1 + plus) / (1 + m)))
    assert certificate.norm_squared == pytest.approx(norm, rel=1e-13)
    # every neuron has a kink on every datum of the other label
    assert len(certificate.kinks) == (m if plus and minus else 0)
    assert certificate.multipliers.sum() == pytest.approx(norm / 2.0, rel=1e-12)  # Euler's identity
    assert explained(certificate, max_margin(sample), sample) <= 1e-12


@pytest.mark.parametrize(("plus", "minus"), [(3, 2), (12, 4), (2, 9)])
@pytest.mark.parametrize("d", [40, 300])
def test_so_is_it_in_any_orthonormal_frame(plus, minus, d):
    sample = orthonormal(plus, minus, d, rng=d)
    certificate = kkt_certificate(max_margin(sample), sample)
    assert certificate.verdict is Verdict.HOLDS
    assert certificate.accuracy <= 1e-12


@pytest.mark.parametrize(("plus", "minus"), COUNTS)
def test_without_biases_one_neuron_for_each_label_is_accepted(plus, minus):
    sample = orthonormal(plus, minus)
    certificate = kkt_certificate(without_biases(sample), sample)
    assert certificate.verdict is Verdict.HOLDS
    assert certificate.accuracy <= 1e-12
    assert certificate.norm_squared == pytest.approx(2.0 * (sqrt(plus) + sqrt(minus)), rel=1e-13)
    np.testing.assert_allclose(
        certificate.multipliers[sample.y > 0], 1 / sqrt(max(plus, 1)), rtol=1e-12
    )
    np.testing.assert_allclose(
        certificate.multipliers[sample.y < 0], 1 / sqrt(max(minus, 1)), rtol=1e-12
    )


@pytest.mark.core
@pytest.mark.parametrize(("plus", "minus"), [(1, 3), (4, 1), (9, 5), (30, 12)])
def test_proposition_4_6_balanced_and_as_printed(plus, minus):
    sample = orthonormal(plus, minus)
    certificate = kkt_certificate(one_neuron_for_each_negative(sample, 0.25), sample)
    assert certificate.verdict is Verdict.HOLDS
    assert certificate.accuracy <= 1e-12
    np.testing.assert_allclose(
        certificate.multipliers, np.where(sample.y > 0, plus**-0.5, 1.0), rtol=1e-12
    )
    printed = one_neuron_for_each_negative(sample, 0.0)
    refused = kkt_certificate(printed, sample)
    if plus == 1:
        assert refused.verdict is Verdict.HOLDS
    else:
        assert refused.verdict is Verdict.FAILS
        replay(refused, printed, sample)


@pytest.mark.parametrize(("plus", "minus"), [(1, 1), (3, 2), (8, 8)])
def test_fixed_outputs_of_orthonormal_data_without_biases(plus, minus):
    sample = orthonormal(plus, minus)
    W = np.array([(sample.y == label) @ sample.X for label in (1.0, 1.0, -1.0)]) * [
        [0.5],
        [0.5],
        [1.0],
    ]
    net = TwoLayerNet([1.0, 1.0, -1.0], W)
    certificate = kkt_certificate(net, sample, train_output=False)
    assert certificate.verdict is Verdict.HOLDS
    assert certificate.accuracy <= 1e-13
    np.testing.assert_allclose(
        certificate.multipliers, np.where(sample.y > 0, 0.5, 1.0), rtol=1e-13
    )
    assert certificate.norm_squared == pytest.approx(plus / 2 + minus)
    uneven = TwoLayerNet([1.0, 1.0, -1.0], W * [[0.8], [1.2], [1.0]])
    refused = kkt_certificate(uneven, sample, train_output=False)
    assert refused.verdict is Verdict.FAILS
    replay(refused, uneven, sample)


# Refutations


@pytest.mark.core
@pytest.mark.parametrize("train_output", [True, False])
@pytest.mark.parametrize("size", [1e-2, 1e-4])
@pytest.mark.parametrize(("plus", "minus"), [(2, 1), (7, 3), (3, 6)])
def test_perturbed_nets_fail_with_a_witness(plus, minus, size, train_output):
    sample = orthonormal(plus, minus)
    net, rng = max_margin(sample), np.random.default_rng(plus)
    moved = TwoLayerNet(net.v, net.W + size * rng.standard_normal(net.W.shape), net.b)
    certificate = kkt_certificate(moved, sample, train_output=train_output)
    assert certificate.verdict is Verdict.FAILS
    assert NEARLY < certificate.least_residual <= certificate.accuracy
    replay(certificate, moved, sample)


@pytest.mark.parametrize("size", [1e-3, 0.3])
def test_one_label(size):
    sample = orthonormal(4, 0)
    net = max_margin(sample)
    moved = TwoLayerNet(net.v, net.W, net.b * (1.0 + size))
    certificate = kkt_certificate(moved, sample)
    assert certificate.verdict is Verdict.FAILS
    replay(certificate, moved, sample)


@pytest.mark.parametrize("train_output", [True, False])
@pytest.mark.parametrize("bias", [True, False])
@pytest.mark.parametrize("seed", range(6))
def test_trained_nets_fail_as_the_oracle_says(seed, bias, train_output):
    net, sample = trained(seed, bias=bias, train_output=train_output)
    certificate = kkt_certificate(net, sample, train_output=train_output)
    everyone = range(sample.size)
    free, _ = sphere_kkt.nearest(parts(net), sample.X, sample.y, everyone, [], train_output)
    margins = sphere_kkt.margins(*parts(net), sample.X, sample.y)
    smallest = np.flatnonzero(margins <= margins.min() * (1 + 1e-9)).tolist()
    tight, _ = sphere_kkt.nearest(parts(net), sample.X, sample.y, smallest, [], train_output)
    assert certificate.verdict is Verdict.FAILS
    assert free * 0.99 <= certificate.least_residual <= tight + 1e-7
    assert certificate.stationarity == pytest.approx(tight, abs=1e-7)
    assert explained(certificate, net, sample) == pytest.approx(certificate.stationarity, rel=1e-9)
    assert certificate.worst_margin == pytest.approx(margins.min(), rel=1e-12)
    exact = sphere_kkt.exact_normalised(*parts(net), sample.X, sample.y, train_output)
    assert certificate.norm_squared == pytest.approx(float(exact), rel=1e-12)
    replay(certificate, net, sample)


@pytest.mark.parametrize("seed", range(8))
def test_no_multipliers_do_better_than_the_bound(seed):
    net, sample = trained(seed)
    certificate, rng = kkt_certificate(net, sample), np.random.default_rng(seed)
    _, near = sphere_kkt.nearest(parts(net), sample.X, sample.y, range(sample.size), [])
    margins = sphere_kkt.margins(*parts(net), sample.X, sample.y)
    on = margins <= margins.min() * (1 + KKT_TOLERANCE)
    for size in (0.0, 0.01, 0.3):
        multipliers = on * np.maximum(
            0.0, near + size * near.max() * rng.standard_normal(sample.size)
        )
        assert (
            sphere_kkt.residual(parts(net), sample.X, sample.y, multipliers, {})
            >= certificate.least_residual
        )


def test_multipliers_on_margins_that_are_not_smallest_are_refused():
    # stationary but for slackness: each neuron alone serves one orthonormal datum, with margins 1
    # and 1 + gap
    for gap in (1e-3, 0.5):
        sample = orthonormal(1, 1)
        net = TwoLayerNet([1.0, -sqrt(1.0 + gap)], [[1.0, 0.0], [0.0, sqrt(1.0 + gap)]])
        everyone, _ = sphere_kkt.nearest(parts(net), sample.X, sample.y, [0, 1], [])
        assert everyone < 1e-7
        certificate = kkt_certificate(net, sample)
        assert certificate.verdict is Verdict.FAILS
        replay(certificate, net, sample)


def test_nets_that_do_not_interpolate_fail():
    sample = orthonormal(2, 1)
    net = max_margin(sample)
    certificate = kkt_certificate(TwoLayerNet(-net.v, net.W, net.b), sample)
    assert certificate.verdict is Verdict.FAILS
    assert (certificate.accuracy, certificate.least_residual, certificate.norm_squared) == (
        1.0,
        1.0,
        np.inf,
    )
    assert "does not interpolate" in certificate.reason
    silent = kkt_certificate(TwoLayerNet([0.0], [[0.0, 0.0, 0.0]]), sample)
    assert silent.verdict is Verdict.FAILS


# Neurons of no use


@pytest.mark.parametrize(
    ("v", "u", "verdict"), [(0.0, 0.0, "HOLDS"), (0.0, 0.3, "FAILS"), (0.3, 0.0, "FAILS")]
)
def test_zero_neurons_are_stationary_and_half_of_one_is_not(v, u, verdict):
    sample = orthonormal(4, 2)
    net = max_margin(sample)
    more = TwoLayerNet(
        np.append(net.v, v), np.vstack([net.W, u * sample.X[0]]), np.append(net.b, 0.0)
    )
    certificate = kkt_certificate(more, sample)
    assert certificate.verdict.name == verdict
    if verdict == "FAILS":
        replay(certificate, more, sample)


@pytest.mark.parametrize("train_output", [True, False])
def test_neurons_inactive_on_all_data_are_not_stationary(train_output):
    sample = orthonormal(4, 2)
    net = max_margin(sample) if train_output else without_biases(sample)
    b = None if net.b is None else np.append(net.b, -1e-3)
    dead = TwoLayerNet(np.append(net.v, 1e-3), np.vstack([net.W, -1e-3 * sample.X.sum(axis=0)]), b)
    certificate = kkt_certificate(dead, sample, train_output=train_output)
    assert certificate.verdict is Verdict.FAILS
    replay(certificate, dead, sample)


def test_fixed_outputs_may_idle_at_zero():
    sample = orthonormal(3, 2)
    W = np.array([(sample.y == label) @ sample.X for label in (1.0, -1.0)])
    net = TwoLayerNet([1.0, -1.0, 1.0], np.vstack([W, np.zeros(5)]))
    assert kkt_certificate(net, sample, train_output=False).verdict is Verdict.HOLDS
    assert kkt_certificate(net, sample).verdict is Verdict.FAILS


@pytest.mark.parametrize("factor", [1.001, 3.0, 1e40])
def test_unbalanced_neurons_fail(factor):
    sample = orthonormal(5, 3)
    net = max_margin(sample)
    scales = np.array([factor, 1.0])
    moved = TwoLayerNet(net.v / scales, net.W * scales[:, None], net.b * scales)
    certificate = kkt_certificate(moved, sample)
    assert certificate.verdict is Verdict.FAILS
    outer, inner = moved.v**2, np.sum(moved.W**2, axis=1) + moved.b**2
    imbalance = sqrt(np.sum((inner - outer) ** 2 / (inner + outer)) / np.sum(inner + outer))
    pairs = [(0, i) for i in range(5, 8)] + [(1, i) for i in range(5)]
    expected, _ = sphere_kkt.nearest(parts(moved), sample.X, sample.y, range(8), pairs)
    assert imbalance * (1.0 - 1e-9) <= certificate.least_residual <= expected + 1e-7
    replay(certificate, moved, sample)


def test_split_neurons_are_as_good_as_one():
    sample = orthonormal(5, 3)
    net = max_margin(sample)
    shares = np.sqrt([[0.7], [0.3]])
    split = TwoLayerNet(
        np.concatenate(shares * net.v),
        np.vstack(shares[:, :, None] * net.W),
        np.concatenate(shares * net.b),
    )
    certificate = kkt_certificate(split, sample)
    assert certificate.accuracy <= 1e-12
    assert len(certificate.kinks) == 2 * sample.size


# Kinks


@pytest.mark.parametrize(
    ("size", "verdict"), [(1e-11, "HOLDS"), (1e-8, "UNDECIDED"), (1e-4, "FAILS")]
)
def test_kinks_beside_data_count_as_far_as_they_are_away(size, verdict):
    sample = orthonormal(3, 2)
    net = max_margin(sample)
    moved = TwoLayerNet(net.v, net.W * (1.0 + size), net.b)
    certificate = kkt_certificate(moved, sample)
    assert certificate.verdict.name == verdict
    if verdict != "FAILS":
        assert size / 30 < certificate.clarke_distance < size
        assert certificate.clarke_distance <= certificate.accuracy


def test_a_given_kink_tolerance_is_kept():
    sample = orthonormal(3, 2)
    net = max_margin(sample)
    moved = TwoLayerNet(net.v, net.W * (1.0 + 1e-8), net.b)
    assert len(kkt_certificate(moved, sample, kink_tolerance=1e-12).kinks) == 0
    assert kkt_certificate(moved, sample, kink_tolerance=1e-7).accuracy < 1e-7


def random_case(seed):
    rng = np.random.default_rng(seed)
    m, d, n = (int(k) for k in rng.integers([2, 2, 1], [9, 7, 6]))
    X, y = rng.standard_normal((m, d)), np.where(rng.random(m) < 0.5, 1.0, -1.0)
    if seed % 4 == 0:
        X[-1], y[-1] = X[0], y[0]
    bias = rng.standard_normal(n) if seed % 3 else None
    active = rng.random(m) < 0.8
    active[0] = True
    kinks = (rng.random((m, n)) < rng.choice([0.2, 0.6, 1.0])) & active[:, None]
    return (
        TwoLayerNet(rng.standard_normal(n), rng.standard_normal((n, d)), bias),
        X,
        y,
        active,
        kinks,
    )


@pytest.mark.parametrize("train_output", [True, False])
@pytest.mark.parametrize("seed", range(40))
def test_nearest_multipliers_with_many_kinks_on_a_datum(seed, train_output):
    """Whatever is taken for active and for a kink; the oracle has a variable for every σ'."""
    net, X, y, active, kinks = random_case(seed)
    problem = Problem.of(net, SphereSample.from_arrays(X, y), train_output)
    found = fit(problem, active, kinks)
    pairs = [(j, i) for i, j in np.argwhere(kinks).tolist()]
    expected, _ = sphere_kkt.nearest(
        parts(net), X, y, np.flatnonzero(active).tolist(), pairs, train_output
    )
    size = sqrt(problem.squared_size)
    assert found.size / size == pytest.approx(expected, abs=2e-7)
    assert found.size / size <= expected + 1e-10
    assert np.all(found.multipliers >= 0.0)
    assert not found.multipliers[~active].any()
    assert np.all((found.weights >= 0.0) & (found.weights <= found.multipliers[:, None]))


@pytest.mark.parametrize("seed", range(12))
def test_planted_kinks(seed):
    """Neurons that vanish on several data, exactly: they must come out as kinks, and the σ' as the
    oracle's.
    """
    rng = np.random.default_rng(seed)
    m, d = 6, 9
    X = rng.integers(-3, 4, (m, d)).astype(float) + 4.0 * np.eye(m, d)
    y = np.where(rng.random(m) < 0.5, 1.0, -1.0)
    W = np.linalg.pinv(X) @ (rng.integers(0, 3, (m, 4)) * np.where(rng.random((m, 4)) < 0.5, 1, 0))
    W = np.column_stack([W, np.linalg.pinv(X) @ np.eye(m)]).T
    net = TwoLayerNet(np.r_[1e-2 * rng.standard_normal(4), y], W)
    sample = SphereSample.from_arrays(X, y)
    if kkt_certificate(net, sample).scale == 0.0:
        pytest.skip("the small neurons outweigh the others")
    certificate = kkt_certificate(net, sample, kink_tolerance=1e-12)
    Z = X @ W.T
    distance = np.abs(Z) / np.outer(
        np.linalg.norm(X, axis=1), np.maximum(np.linalg.norm(W, axis=1), 1e-300)
    )
    planted = {(j, i) for i, j in np.argwhere((distance < 1e-12) & np.any(W, axis=1)).tolist()}
    margins = sphere_kkt.margins(*parts(net), X, y)
    support = np.flatnonzero(margins <= margins.min() * (1 + 1e-12)).tolist()
    found = set(map(tuple, certificate.kinks.tolist()))
    assert found == {(j, i) for j, i in planted if i in support}
    expected, _ = sphere_kkt.nearest((net.v, W, None), X, y, support, planted)
    assert certificate.stationarity == pytest.approx(expected, abs=2e-7)


# Invariances


@pytest.mark.parametrize("exponent", [-500, -160, 160, 480])
@pytest.mark.parametrize("train_output", [True, False])
def test_scales(exponent, train_output):
    """Powers of two in parameters and data change nothing but what they must."""
    sample = orthonormal(6, 3)
    net = without_biases(sample)
    plain = kkt_certificate(net, sample, train_output=train_output)
    factor = 2.0**exponent
    large = TwoLayerNet(net.v * factor if train_output else net.v, net.W * factor)
    scaled = kkt_certificate(large, sample, train_output=train_output)
    assert plain.verdict is scaled.verdict
    assert (scaled.accuracy, scaled.norm_squared) == (plain.accuracy, plain.norm_squared)
    assert scaled.scale == pytest.approx(plain.scale * factor, rel=1e-14)
    np.testing.assert_array_equal(scaled.multipliers, plain.multipliers)
    if abs(exponent) <= 160:
        far = SphereSample.from_arrays(sample.X * factor, sample.y)
        moved = kkt_certificate(net, far, train_output=train_output)
        assert moved.verdict is plain.verdict
        power = -1 if train_output else -2
        assert moved.norm_squared == pytest.approx(plain.norm_squared * factor**power, rel=1e-13)
        np.testing.assert_allclose(moved.multipliers, plain.multipliers * factor**power, rtol=1e-13)


@pytest.mark.parametrize("seed", range(4))
@pytest.mark.parametrize("train_output", [True, False])
def test_rotations_and_orders_and_positive_scales(seed, train_output):
    net, sample = trained(seed, train_output=train_output)
    rng = np.random.default_rng(seed)
    plain = kkt_certificate(net, sample, train_output=train_output)
    Q = np.linalg.qr(rng.standard_normal((sample.dimension,) * 2))[0]
    neurons, data = rng.permutation(net.width), rng.permutation(sample.size)
    other = SphereSample.from_arrays(sample.X[data] @ Q, sample.y[data])
    c = 3.7
    moved = TwoLayerNet(
        (c if train_output else 1.0) * net.v[neurons], c * net.W[neurons] @ Q, c * net.b[neurons]
    )
    found = kkt_certificate(moved, other, train_output=train_output)
    assert found.verdict is plain.verdict
    for name in ("accuracy", "stationarity", "norm_squared", "least_residual"):
        assert getattr(found, name) == pytest.approx(getattr(plain, name), rel=1e-9)
    np.testing.assert_allclose(found.multipliers, plain.multipliers[data], rtol=1e-7, atol=1e-9)


def test_same_input_same_bits():
    net, sample = trained(3)
    first, second = (kkt_certificate(net, sample) for _ in range(2))
    assert first == second
    np.testing.assert_array_equal(first.multipliers, second.multipliers)
    assert first.to_dict()["verdict"] == "FAILS"


# The door


@pytest.mark.core
def test_the_door():
    sample = orthonormal(2, 1)
    net = max_margin(sample)
    with pytest.raises(TypeError, match="not homogeneous"):
        kkt_certificate(ThreeLayerNet([1.0], [[1.0]], [0.0], [[1.0, 0.0, 0.0]], [0.0]), sample)
    with pytest.raises(TypeError, match="TwoLayerNet"):
        kkt_certificate("net", sample)
    with pytest.raises(TypeError, match="SphereSample"):
        kkt_certificate(net, sample.X)
    with pytest.raises(ValueError, match="dimension"):
        kkt_certificate(TwoLayerNet([1.0], [[1.0]]), sample)
    for wrong in (0.0, -1.0, 1e-3):
        with pytest.raises(ValueError, match="tolerance"):
            kkt_certificate(net, sample, tolerance=wrong)
    with pytest.raises(ValueError, match="kink_tolerance"):
        kkt_certificate(net, sample, kink_tolerance=0.5)


@pytest.mark.core
def test_columns_that_rest_at_zero_divide_nothing():
    with np.errstate(all="raise"):
        found = _descend(np.eye(2), np.array([0.0, 1.0]), np.zeros(2), np.array([True, True]))
    assert found.tolist() == [0.0, 1.0]
