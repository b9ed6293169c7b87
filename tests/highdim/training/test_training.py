"""Training on the sphere: against plain loops and torch, between the two spaces, resumed,
interrupted, refused.
"""

import json
import os
import signal
from itertools import pairwise

import numpy as np
import pytest
from oracles import sphere

from highdim import (
    FLOW_TOLERANCE,
    SphereSample,
    ThreeLayerNet,
    Trajectory,
    TwoLayerNet,
    draw_sphere_sample,
    gradient_flow,
    init_network,
)
from highdim.training.batches import Batches
from highdim.training.frozen_kernel import frozen_flow
from highdim.training.kernels import descent, sliding
from highdim.training.settings import leaves_row

KINDS = [
    (depth, bias, train_output)
    for depth in (2, 3)
    for bias in (True, False)
    for train_output in (True, False)
]
"""Two or three layers, with or without biases, trained or fixed outputs."""

SAME = 1e-10
"""What both spaces and the plain loops must agree to after 500 steps."""

ROWS = (
    "times",
    "step_numbers",
    "losses",
    "margins",
    "norms_squared",
    "wrong",
    "step_errors",
    "kkt_residuals",
)


def problem(depth=2, bias=True, train_output=True, *, m=20, d=15, width=12, p=0.3, rng=0):
    sample = draw_sphere_sample(m, d, p, rng=rng)
    return (
        init_network(width, d, depth=depth, bias=bias, train_output=train_output, rng=rng + 1),
        sample,
    )


def distance(net, expected):
    """Return the largest difference between parameters of one name, relative to the largest of
    them, or to 1.
    """
    parts = net.parameters
    assert parts.keys() == expected.keys()
    return max(
        np.abs(parts[name] - expected[name]).max() / max(1.0, np.abs(expected[name]).max())
        for name in expected
    )


def close(net, expected, tolerance):
    return distance(net, expected) < tolerance


def nudged(net, train_output):
    """Return the net with every trained parameter moved by one unit in the last place, up or
    down.
    """
    rng = np.random.default_rng(0)
    parts = {
        name: np.nextafter(part, np.where(rng.random(part.shape) < 0.5, -np.inf, np.inf))
        for name, part in net.parameters.items()
    }
    if not train_output:
        parts["v"] = net.v
    return type(net)(**parts)


def identical(first, second):
    bits = [
        {name: (part.dtype, part.shape, part.tobytes()) for name, part in one.items()}
        for one in (first, second)
    ]
    return bits[0] == bits[1]


def assert_same_run(first, second):
    assert identical(first.net.parameters, second.net.parameters)
    for name in ROWS:
        np.testing.assert_array_equal(getattr(first, name), getattr(second, name), err_msg=name)
    assert first.interpolation_time == second.interpolation_time
    assert identical(first._checkpoint, second._checkpoint)


# Against plain loops and torch


@pytest.mark.parametrize("space", ["gram", "weights"])
@pytest.mark.parametrize(("depth", "bias", "train_output"), KINDS)
def test_descent_is_a_plain_loop_over_dense_arrays(depth, bias, train_output, space):
    net, sample = problem(depth, bias, train_output)
    found = gradient_flow(
        net,
        sample,
        method="gd",
        steps=500,
        learning_rate=0.5,
        train_output=train_output,
        space=space,
    )
    expected = sphere.descend(
        net.parameters,
        sample.X,
        sample.y,
        [0.5 / 20] * 500,
        [slice(None)] * 500,
        train_output=train_output,
    )
    assert close(found.net, expected, SAME)
    assert found.flow_time == pytest.approx(0.5 * 500 / 20, rel=1e-14)
    assert found.settings.space == space


@pytest.mark.core
@pytest.mark.parametrize("loss", ["logistic", "exponential"])
@pytest.mark.parametrize("reduction", ["mean", "sum"])
@pytest.mark.parametrize("depth", [2, 3])
def test_losses_and_reductions(depth, reduction, loss):
    net, sample = problem(depth, m=6, d=3, width=4)
    found = gradient_flow(
        net, sample, method="gd", steps=8, learning_rate=0.05, reduction=reduction, loss=loss
    )
    rate = 0.05 / (6 if reduction == "mean" else 1)
    expected = sphere.descend(
        net.parameters, sample.X, sample.y, [rate] * 8, [slice(None)] * 8, loss=loss
    )
    assert close(found.net, expected, SAME)
    assert found.flow_time == pytest.approx(8 * rate, rel=1e-14)


@pytest.mark.parametrize(("depth", "bias", "train_output"), KINDS)
def test_descent_is_that_of_torch(depth, bias, train_output):
    pytest.importorskip("torch")
    net, sample = problem(depth, bias, train_output)
    for loss in ("logistic", "exponential"):
        found = gradient_flow(
            net, sample, method="gd", steps=12, train_output=train_output, loss=loss
        )
        expected = sphere.torch_descend(
            net.parameters, sample.X, sample.y, 0.1, 12, train_output=train_output, loss=loss
        )
        assert close(found.net, expected, SAME)


@pytest.mark.parametrize("reduction", ["mean", "sum"])
@pytest.mark.parametrize("space", ["gram", "weights"])
@pytest.mark.parametrize("depth", [2, 3])
def test_batches_are_permutations_cut_into_pieces(depth, space, reduction):
    """A fresh permutation from the seed every epoch, the last batch smaller; τ counts expected
    sum-loss time.
    """
    net, sample = problem(depth)
    found = gradient_flow(
        net,
        sample,
        method="sgd",
        steps=500,
        batch_size=8,
        rng=4,
        space=space,
        reduction=reduction,
        learning_rate=0.03,
    )
    generator = np.random.default_rng(4)
    orders = [generator.permutation(20) for _ in range(167)]
    batches = [order[start : start + 8] for order in orders for start in (0, 8, 16)][:500]
    rates = [0.03 / (len(batch) if reduction == "mean" else 1) for batch in batches]
    assert close(
        found.net, sphere.descend(net.parameters, sample.X, sample.y, rates, batches), SAME
    )
    assert found.flow_time == pytest.approx(
        500 * 0.03 / (20 if reduction == "mean" else 3), rel=1e-12
    )


# Between the spaces


@pytest.mark.parametrize("method", ["gd", "sgd"])
@pytest.mark.parametrize(("depth", "bias", "train_output"), KINDS)
def test_both_spaces_give_one_descent(depth, bias, train_output, method):
    net, sample = problem(depth, bias, train_output, m=30, d=40, width=20)
    batches = {"batch_size": 7, "rng": 2} if method == "sgd" else {}
    one, other = (
        gradient_flow(
            net, sample, method=method, steps=600, train_output=train_output, space=space, **batches
        )
        for space in ("gram", "weights")
    )
    assert close(one.net, other.net.parameters, SAME)
    np.testing.assert_allclose(one.norms_squared, other.norms_squared, rtol=SAME)
    np.testing.assert_allclose(one.margins, other.margins, atol=SAME)


@pytest.mark.parametrize(
    ("bias", "train_output"), [(b, t) for b in (True, False) for t in (True, False)]
)
def test_both_spaces_give_one_flow(bias, train_output):
    net, sample = problem(2, bias, train_output, m=30, d=40, width=20)
    one, other = (
        gradient_flow(net, sample, steps=500, train_output=train_output, space=space)
        for space in ("gram", "weights")
    )
    assert one.steps == other.steps == 500
    # at times up to 1e128 the flow has amplified rounding: the spaces differ as runs do that start
    # an ulp apart
    again = gradient_flow(
        nudged(net, train_output), sample, steps=500, train_output=train_output, space="gram"
    )
    amplified = max(distance(again.net, one.net.parameters), 1e-13)
    assert amplified < SAME
    assert distance(other.net, one.net.parameters) < 100.0 * amplified
    np.testing.assert_allclose(one.times[:100], other.times[:100], rtol=SAME)


def test_the_cheaper_space_is_chosen():
    for d, space in ((9, "weights"), (10, "gram"), (30, "gram")):
        net, sample = problem(m=20, d=d)
        assert gradient_flow(net, sample, method="gd", steps=1).settings.space == space


# The flow


@pytest.mark.parametrize("loss", ["logistic", "exponential"])
@pytest.mark.parametrize(("depth", "bias", "train_output"), KINDS)
def test_flow_is_the_limit_of_short_explicit_steps(depth, bias, train_output, loss):
    net, sample = problem(depth, bias, train_output, m=12, d=8, width=10)
    time, start = 2.0, net.parameters
    limit = sphere.fine_flow(
        start, sample.X, sample.y, time, 4000, train_output=train_output, loss=loss
    )
    probes = draw_sphere_sample(200, 8, 0.1, rng=5).X
    expected = sphere.dense_outputs(limit, probes)
    bounds = (0.05, 0.01) if depth == 2 else (0.3, 0.1)
    runs = [
        ({"tolerance": tolerance}, bound)
        for tolerance, bound in zip((1e-2, 1e-3), bounds, strict=True)
    ]
    for options, bound in [*runs, ({"method": "euler", "step_safety": 0.02}, 0.1)]:
        found = gradient_flow(
            net, sample, flow_time=time, loss=loss, train_output=train_output, **options
        )
        assert (found.status, found.flow_time) == ("time reached", time)
        error = float(np.sqrt(np.mean((found.net(probes) - expected) ** 2)))
        assert error < bound, options


@pytest.mark.core
@pytest.mark.parametrize("depth", [2, 3])
def test_a_small_flow(depth):
    """Few steps on little data: the loss falls, both spaces agree, and stopping in between changes
    nothing.
    """
    net, sample = problem(depth, m=6, d=3, width=4)
    one, other = (gradient_flow(net, sample, steps=6, space=space) for space in ("gram", "weights"))
    assert np.all(np.diff(one.losses) < 0.0)
    assert close(one.net, other.net.parameters, SAME)
    part = gradient_flow(net, sample, steps=3, space="gram")
    assert_same_run(gradient_flow(part.net, sample, steps=6, space="gram", resume=part), one)


def test_flow_needs_far_fewer_steps_than_descent():
    net, sample = problem(m=50, d=40, width=100)
    probes = draw_sphere_sample(20_000, 40, 0.1, rng=5).X
    flow = gradient_flow(net, sample, flow_time=20.0)
    descent = gradient_flow(net, sample, method="gd", flow_time=20.0, learning_rate=0.1)
    assert descent.steps == 10_000
    assert flow.steps < 200
    assert flow.interpolation_time == pytest.approx(descent.interpolation_time, rel=0.05)
    errors = [np.mean(run.net(probes) <= 0.0) for run in (flow, descent)]
    assert errors[0] == pytest.approx(errors[1], abs=2e-3)
    assert np.all(flow.step_errors <= 3 * FLOW_TOLERANCE)


def test_flow_slows_down_like_one_over_the_loss():
    """Late steps grow with τ: a thousandfold time takes few more steps."""
    net, sample = problem(m=10, d=20, width=10)
    early, late = (gradient_flow(net, sample, flow_time=time).steps for time in (1e2, 1e5))
    assert late < 2 * early


def test_a_net_without_active_neurons_is_dead():
    sample = SphereSample.from_arrays([[1.0, 0.0], [0.0, 1.0]], [1.0, -1.0])
    net = TwoLayerNet([1.0], [[-1.0, -1.0]], [0.0])
    for method in ("flow", "gd", "euler"):
        found = gradient_flow(net, sample, method=method, flow_time=1.0)
        assert found.status == "dead"
        assert found.reason.startswith("no neuron is active")
        assert identical(found.net.parameters, net.parameters)


def test_the_sum_loss_kills_every_neuron_at_once():
    """Section 5 does not say which reduction was used; with the sum, the first step goes far beyond
    every kink.
    """
    net, sample = problem(m=200, d=300, width=60, p=0.5)
    found = gradient_flow(net, sample, method="gd", reduction="sum", learning_rate=5.0, steps=200)
    assert found.status == "dead"
    assert found.steps < 200


# What a run records


@pytest.mark.parametrize("method", ["flow", "euler", "gd", "sgd"])
@pytest.mark.parametrize("space", ["gram", "weights"])
def test_rows_describe_the_nets(method, space):
    net, sample = problem(3, m=15, d=10)
    batches = {"batch_size": 4, "rng": 2} if method == "sgd" else {}
    run = gradient_flow(
        net, sample, method=method, flow_time=0.5, record=(0.1, 0.25), space=space, **batches
    )
    q = sample.y * run.net(sample.X)
    assert run.margins[-1] == pytest.approx(q.min(), abs=1e-12)
    assert run.losses[-1] == pytest.approx(np.sum(np.log1p(np.exp(-q))), rel=1e-12)
    assert run.norms_squared[-1] == pytest.approx(run.net.norm_squared, rel=1e-12)
    assert run.norms_squared[0] == pytest.approx(net.norm_squared, rel=1e-12)
    assert run.normalised_margins[-1] == pytest.approx(
        q.min() / run.net.norm_squared**1.5, abs=1e-12
    )
    assert run.wrong[-1] == np.sum(q <= 0.0)
    assert run.times[0] == run.step_numbers[0] == 0.0
    assert np.all(np.diff(run.step_numbers) > 0)
    assert np.all(np.diff(run.times) > 0)
    assert len(run.snapshots) == 2
    assert np.all(run.snapshot_times >= [0.1, 0.25])
    if method in ("flow", "euler"):
        np.testing.assert_array_equal(run.snapshot_times, [0.1, 0.25])
        at = np.flatnonzero(run.times == 0.1) if method == "flow" else []
        assert all(
            run.margins[i] == pytest.approx(min(sample.y * run.snapshots[0](sample.X))) for i in at
        )


def test_interpolation_time_is_the_last_change():
    net, sample = problem(m=30, d=40, width=30)
    run = gradient_flow(net, sample, method="gd", steps=4000)
    assert run.interpolation_time is not None
    before = gradient_flow(net, sample, method="gd", flow_time=run.interpolation_time)
    assert before.margins[-1] > 0.0
    just = gradient_flow(net, sample, method="gd", steps=before.steps - 1)
    assert just.margins[-1] <= 0.0
    assert just.interpolation_time is None
    assert "observations are wrong" in just.reason


def test_measure_is_asked_at_snapshots_and_at_the_end():
    net, sample = problem()
    asked = []

    def measure(one):
        asked.append(one)
        return float(len(asked))

    run = gradient_flow(net, sample, flow_time=1.0, record=(0.25, 0.5), measure=measure)
    np.testing.assert_array_equal(run.clean_errors, [1.0, 2.0])
    assert run.clean_error == 3.0
    assert asked == [*run.snapshots, run.net]
    bare = gradient_flow(net, sample, flow_time=1.0, record=(0.25,))
    assert (len(bare.clean_errors), bare.clean_error) == (0, None)


def test_goals():
    net, sample = problem()
    assert gradient_flow(*problem(d=40, width=20), margin=0.5).status == "margin reached"
    assert gradient_flow(net, sample, steps=3).status == "steps exhausted"
    both = gradient_flow(net, sample, method="gd", steps=50, flow_time=0.02)
    assert (both.status, both.steps) == ("time reached", 4)
    wild = gradient_flow(net, sample, method="gd", learning_rate=1e6, steps=50, loss="exponential")
    assert wild.status == "diverged"
    assert np.isfinite(wild.net.norm_squared)


def test_float32_follows_float64():
    net, sample = problem(m=40, d=60, width=50)
    double, single = (
        gradient_flow(net, sample, method="gd", steps=500, learning_rate=1.0, dtype=dtype)
        for dtype in ("float64", "float32")
    )
    np.testing.assert_allclose(single.margins, double.margins, atol=0.05)
    assert single.net.W.dtype == np.float64
    flows = [
        gradient_flow(net, sample, flow_time=5.0, dtype=dtype) for dtype in ("float64", "float32")
    ]
    assert flows[1].margins[-1] == pytest.approx(flows[0].margins[-1], rel=1e-2)


def test_the_start_is_left_alone_and_equal_runs_agree():
    net, sample = problem(3)
    before = {name: part.copy() for name, part in net.parameters.items()}
    runs = [gradient_flow(net, sample, method="gd", steps=20, space="weights") for _ in range(2)]
    assert identical(net.parameters, before)
    assert_same_run(*runs)


# The KKT residual


HOMOGENEOUS = [kind for kind in KINDS if kind[:2] != (3, True)]
METHODS = {
    "flow": {"flow_time": 200.0},
    "euler": {"method": "euler", "flow_time": 50.0},
    "gd": {"method": "gd", "steps": 2000, "learning_rate": 0.3},
    "sgd": {"method": "sgd", "steps": 2000, "learning_rate": 0.1, "batch_size": 5, "rng": 3},
}


def shares_of(run):
    """What "flow" takes for σ', layer by layer; None for other methods."""
    return [run._checkpoint[name] for name in ("S0", "S1") if name in run._checkpoint] or None


def ascent(net, sample, loss="logistic", shares=None):
    """−∇L over a number, by dense arrays; by the oracle without shares."""
    q = sample.y * sphere.dense_outputs(net.parameters, sample.X)
    u = sample.y * sphere.minus_slope(q - q.min() if loss == "exponential" else q, loss)
    if shares is None:
        return sphere.gradient(net.parameters, sample.X, u)
    hidden, below = [], sample.X.T
    for weight, bias in sphere.hidden_layers(net.parameters):
        below = np.maximum(weight @ below + (0.0 if bias is None else bias[:, None]), 0.0)
        hidden.append(below)
    load = shares[-1] * np.outer(net.v, u)
    parts = {"v": hidden[-1] @ u}
    if net.depth == 3:
        parts["W2"] = load @ hidden[0].T
        load = shares[0] * (net.W2.T @ load)
    suffix = "1" if net.depth == 3 else ""
    return parts | {"W" + suffix: load @ sample.X, "b" + suffix: load.sum(axis=1)}


def sine(first, second, train_output=True):
    """Sine of the angle between nets, as the distance of one unit vector from the line through the
    other.
    """
    names = sorted(name for name in first if name != "v" or train_output)
    one, other = (np.concatenate([net[name].ravel() for name in names]) for net in (first, second))
    one, other = one / np.linalg.norm(one), other / np.linalg.norm(other)
    return np.linalg.norm(one - other * (one @ other)) if one @ other > 0.0 else 1.0


def expected_residual(net, sample, train_output=True, loss="logistic", shares=None):
    q = sample.y * sphere.dense_outputs(net.parameters, sample.X)
    multipliers = sphere.minus_slope(q - q.min() if loss == "exponential" else q, loss)
    slack = sum(multipliers * (q - q.min())) / sum(multipliers) / q.min()
    return max(sine(net.parameters, ascent(net, sample, loss, shares), train_output), slack)


@pytest.mark.parametrize("space", ["gram", "weights"])
@pytest.mark.parametrize("method", METHODS)
@pytest.mark.parametrize(("depth", "bias", "train_output"), HOMOGENEOUS)
def test_kkt_residuals_are_those_of_dense_arrays(depth, bias, train_output, method, space):
    net, sample = problem(depth, bias, train_output, m=14, d=30, width=40)
    for loss in ("logistic", "exponential"):
        run = gradient_flow(
            net, sample, loss=loss, train_output=train_output, space=space, **METHODS[method]
        )
        assert run.margins[-1] > 0.0
        expected = expected_residual(run.net, sample, train_output, loss, shares_of(run))
        assert run.kkt_residuals[-1] == pytest.approx(expected, abs=1e-11)
        np.testing.assert_array_equal(np.isfinite(run.kkt_residuals), run.margins > 0.0)


@pytest.mark.parametrize("space", ["gram", "weights"])
@pytest.mark.parametrize("method", METHODS)
def test_kkt_residuals_in_single_precision(method, space):
    net, sample = problem(2, m=14, d=30, width=40)
    run = gradient_flow(net, sample, dtype="float32", space=space, **METHODS[method])
    expected = expected_residual(run.net, sample, shares=shares_of(run))
    assert run.kkt_residuals[-1] ** 2 == pytest.approx(expected**2, abs=1e-5)


def test_the_flow_goes_where_its_shares_say():
    """Many kinks stay on data: there the gradient of either side is not where the net goes."""
    net, sample = problem(2, m=40, d=100, width=60)
    before = gradient_flow(net, sample, steps=120)
    after = gradient_flow(before.net, sample, steps=121, resume=before)
    way = {name: part - before.net.parameters[name] for name, part in after.net.parameters.items()}
    (S,) = shares_of(after)
    assert sine(way, ascent(after.net, sample, shares=[S])) < 0.01
    assert sine(way, ascent(after.net, sample)) > 0.5
    assert after.kkt_residuals[-1] < 0.5 * expected_residual(after.net, sample)
    Z = after.net.W @ sample.X.T + after.net.b[:, None]
    lengths = np.sqrt(np.sum(after.net.W**2, axis=1) + after.net.b**2)[:, None]
    assert np.all((np.abs(Z) < 0.003 * lengths)[(Z > 0.0) != S])
    assert np.mean((S > 0.0) & (S < 1.0)) > 0.05


@pytest.mark.core
@pytest.mark.parametrize("method", ["flow", "gd", "euler"])
def test_kkt_residual_of_one_neuron_on_one_datum(method):
    """θ = (v, w) = (1, 1, ½) and ∇N ∝ (1, 1, 0): sine 1/3.

    Later w₂ = ½ remains, so the sine is ½/‖θ‖ for v = w₁.
    """
    sample = SphereSample.from_arrays([[1.0, 0.0]], [1.0])
    net = TwoLayerNet([1.0], [[1.0, 0.5]])
    for space in ("gram", "weights"):
        run = gradient_flow(
            net, sample, method=method, kkt_residual=0.25, learning_rate=0.1, space=space
        )
        assert run.status == "residual reached"
        assert run.reason == f"the KKT residual is {run.kkt_residuals[-1]:.6g}"
        assert run.kkt_residuals[0] == pytest.approx(1 / 3, abs=1e-12)
        np.testing.assert_allclose(run.kkt_residuals, 0.5 / np.sqrt(run.norms_squared), rtol=1e-3)
        assert run.kkt_residuals[-1] <= 0.25 < run.kkt_residuals[-2]
    fixed = gradient_flow(net, sample, method=method, steps=1, train_output=False)
    # θ = w = (1, ½), ∇N ∝ (1, 0)
    assert fixed.kkt_residuals[0] == pytest.approx(np.sqrt(0.2), abs=1e-12)


@pytest.mark.core
def test_slackness_counts():
    """Data x₁ and 2 x₁ pull one way, so the sine is 0; λ₂/λ₁ = e^(q₁ − q₂) for the exponential
    loss.
    """
    sample = SphereSample.from_arrays([[1.0, 0.0], [2.0, 0.0]], [1.0, 1.0])
    run = gradient_flow(
        TwoLayerNet([1.0], [[1.0, 0.0]]), sample, loss="exponential", method="gd", steps=1
    )
    assert run.kkt_residuals[0] == pytest.approx(1.0 / (1.0 + np.e), rel=1e-12)
    large = TwoLayerNet([30.0], [[30.0, 0.0]])  # slopes of e^−900 and e^−1800
    for loss in ("logistic", "exponential"):
        run = gradient_flow(large, sample, loss=loss, method="gd", kkt_residual=1e-6)
        assert (run.status, run.steps) == ("residual reached", 0)
        assert run.kkt_residuals[0] < 1e-7


@pytest.mark.parametrize("space", ["gram", "weights"])
@pytest.mark.parametrize("method", METHODS)
def test_a_run_to_a_residual_is_the_start_of_a_longer_one(method, space):
    """The first row with a residual so small ends the run, also after resuming; from there it goes
    on as usual.
    """
    net, sample = problem(2, m=14, d=30, width=40)
    options = METHODS[method] | {"space": space}
    whole = gradient_flow(net, sample, **options)
    seen = np.unique(whole.kkt_residuals[np.isfinite(whole.kkt_residuals)])
    goal = float(seen[len(seen) // 3])
    first = int(np.argmax(whole.kkt_residuals <= goal))
    found = gradient_flow(net, sample, kkt_residual=goal, **options)
    assert found.status == "residual reached"
    assert 0 < first < len(whole.times) - 1
    for name in ROWS:
        np.testing.assert_array_equal(
            getattr(found, name), getattr(whole, name)[: first + 1], err_msg=name
        )
    part = gradient_flow(net, sample, **options | {"steps": found.steps - 1})
    again = gradient_flow(part.net, sample, kkt_residual=goal, resume=part, **options)
    assert again.status == "residual reached"
    assert_same_run(again, found)
    still = gradient_flow(found.net, sample, kkt_residual=goal, resume=found, **options)
    assert (still.status, still.steps) == ("residual reached", found.steps)
    assert_same_run(gradient_flow(found.net, sample, resume=found, **options), whole)


@pytest.mark.core
def test_nets_that_are_not_homogeneous_have_no_kkt_residual():
    """Biases b2 are of another degree than the rest; b1 is not."""
    net, sample = problem(3, m=6, d=12, width=20)
    run = gradient_flow(net, sample, method="gd", learning_rate=1.0, margin=0.5)
    assert run.status == "margin reached"
    assert np.all(np.isinf(run.kkt_residuals))
    with pytest.raises(
        ValueError,
        match=r"`kkt_residual` must be left out for three layers with biases b2, .* got 0\.5",
    ):
        gradient_flow(net, sample, kkt_residual=0.5)
    below = ThreeLayerNet(net.v, net.W2, None, net.W1, net.b1)
    run = gradient_flow(below, sample, method="gd", learning_rate=1.0, kkt_residual=0.9)
    assert run.status == "residual reached"
    assert run.kkt_residuals[-1] == pytest.approx(expected_residual(run.net, sample), abs=1e-11)


# Resuming


@pytest.mark.parametrize("dtype", ["float64", "float32"])
@pytest.mark.parametrize("space", ["gram", "weights"])
@pytest.mark.parametrize("depth", [2, 3])
@pytest.mark.parametrize("method", ["flow", "euler", "gd", "sgd"])
def test_a_resumed_run_is_the_uninterrupted_one(tmp_path, method, depth, space, dtype):
    net, sample = problem(depth)
    options = {"method": method, "space": space, "dtype": dtype}
    options |= {"batch_size": 6, "rng": 2} if method == "sgd" else {}
    whole = gradient_flow(net, sample, steps=97, **options)
    part = gradient_flow(net, sample, steps=13, **options)
    for steps in (14, 61, 97):
        part.save(tmp_path / "run.npz")
        part = Trajectory.load(tmp_path / "run.npz")
        part = gradient_flow(part.net, sample, steps=steps, resume=part, **options)
    assert_same_run(part, whole)


def test_a_run_resumed_at_a_time_is_one_that_stops_there():
    net, sample = problem()
    whole = gradient_flow(net, sample, flow_time=2.0, record=(0.5, 1.0, 1.5))
    part = gradient_flow(net, sample, flow_time=1.0, record=(0.5, 1.0))
    rest = gradient_flow(part.net, sample, flow_time=2.0, record=(0.5, 1.0, 1.5), resume=part)
    assert_same_run(rest, whole)
    np.testing.assert_array_equal(rest.snapshot_times, whole.snapshot_times)
    assert all(
        identical(a.parameters, b.parameters)
        for a, b in zip(rest.snapshots, whole.snapshots, strict=True)
    )


@pytest.mark.parametrize("method", ["flow", "gd", "sgd"])
def test_ctrl_c_ends_a_run_between_steps(method):
    net, sample = problem()
    options = {"method": method} | ({"batch_size": 6, "rng": 2} if method == "sgd" else {})
    asked = []

    def press(_):
        if not asked:
            os.kill(os.getpid(), signal.SIGINT)
        asked.append(True)
        return 0.0

    run = gradient_flow(net, sample, flow_time=3.0, record=(1.0,), measure=press, **options)
    assert run.status == "interrupted"
    assert 1.0 <= run.flow_time < 3.0
    assert signal.getsignal(signal.SIGINT) is signal.default_int_handler
    rest = gradient_flow(run.net, sample, flow_time=3.0, resume=run, **options)
    assert_same_run(rest, gradient_flow(net, sample, flow_time=3.0, record=(1.0,), **options))


def test_files(tmp_path):
    net, sample = problem(3, bias=False)
    run = gradient_flow(
        net, sample, flow_time=1.0, record=(0.5,), measure=lambda one: one.width / 100
    )
    run.save(tmp_path / "run.npz")
    found = Trajectory.load(tmp_path / "run.npz")
    assert_same_run(found, run)
    assert (found.status, found.reason, found.settings) == (run.status, run.reason, run.settings)
    assert identical(found.start.parameters, net.parameters)
    assert identical(found.snapshots[0].parameters, run.snapshots[0].parameters)
    assert (found.clean_error, *found.clean_errors) == (0.12, 0.12)
    assert json.loads(json.dumps(found.to_dict()))["settings"]["method"] == "flow"
    net.save(tmp_path / "net.npz")
    with pytest.raises(ValueError, match=r"expected 'highdim\.Trajectory/1'"):
        Trajectory.load(tmp_path / "net.npz")
    with np.load(tmp_path / "run.npz") as file:
        arrays = dict(file)

    def without(name):
        rest = {key: part for key, part in arrays.items() if key != name}
        np.savez(tmp_path / "older.npz", **rest)

    without("kkt_residuals")
    older = Trajectory.load(tmp_path / "older.npz")
    np.testing.assert_array_equal(older.kkt_residuals, np.full(len(run.times), np.inf))
    np.testing.assert_array_equal(older.losses, run.losses)
    for name in ("step_numbers", "reason", "start.v"):
        without(name)
        with pytest.raises(ValueError, match=f"lacks {name};"):
            Trajectory.load(tmp_path / "older.npz")
    np.savez(tmp_path / "damaged.npz", schema=np.array("highdim.Trajectory/1"), times=np.zeros(1))
    with pytest.raises(ValueError, match="lacks step_numbers"):
        Trajectory.load(tmp_path / "damaged.npz")


@pytest.mark.filterwarnings("error")
def test_the_net_zero_has_the_normalised_margin_zero():
    sample = problem()[1]
    net = TwoLayerNet(np.zeros(4), np.zeros((4, sample.dimension)))
    run = gradient_flow(net, sample, steps=3)
    assert run.status == "dead"
    assert run.normalised_margins.tolist() == [0.0]


def test_progress_goes_to_stderr(capsys):
    net, sample = problem()
    quiet, shown = (
        gradient_flow(net, sample, steps=30, progress=progress) for progress in (False, True)
    )
    assert capsys.readouterr().out == ""
    assert_same_run(quiet, shown)


# Parts


@pytest.mark.core
@pytest.mark.parametrize("dtype", [np.float32, np.float64])
def test_elementwise_kernels(dtype):
    rng = np.random.default_rng(0)
    Z, base, A = (rng.standard_normal((5, 7)).astype(dtype) for _ in range(3))
    v, b, u = (rng.standard_normal(size).astype(dtype) for size in (5, 5, 7))
    for kernel, offset, full in (
        (descent.rectify, base, base),
        (descent.rectify_biased, b, b[:, None]),
    ):
        H, outputs = Z.copy(), np.empty(7, dtype)
        kernel(H, offset, v, outputs)
        np.testing.assert_array_equal(H, np.maximum(Z + full, 0.0))
        np.testing.assert_allclose(outputs, v @ H, rtol=0.0, atol=50 * np.finfo(dtype).eps)
    expected = (Z > 0.0) * np.outer(v, u)
    pulled, masked = A.copy(), Z.copy()
    descent.pull_back(pulled, Z, v, u)
    descent.masked(masked, v, u)
    np.testing.assert_array_equal(masked, expected)
    np.testing.assert_allclose(pulled, A + expected, rtol=0.0, atol=10 * np.finfo(dtype).eps)


@pytest.mark.core
def test_shares_solve_the_complementarity_problem():
    rng = np.random.default_rng(1)
    n, m = 6, 9
    X = rng.standard_normal((m, 12)) / np.sqrt(12)
    G, Z, F = X @ X.T + 1.0, 0.3 * rng.standard_normal((n, m)), 0.5 * rng.standard_normal((n, m))
    S = (Z > 0.0).astype(float)
    first = sliding.load(Z, S, F)
    np.testing.assert_array_equal(first, S * F)
    end = Z + first @ G
    explicit = np.where(F < 0.0, 0.0, (Z > 0.0) * F)
    sliding.settle(Z, end, S, F, G, 10_000)
    pushed = F < 0.0
    np.testing.assert_allclose(
        end, Z + (np.where(pushed, S * F, 0.0) + explicit) @ G, rtol=0.0, atol=1e-12
    )
    assert np.all((S >= 0.0) & (S <= 1.0))
    assert np.all(S[pushed & (end > 1e-10)] == 1.0)
    assert np.all(S[pushed & (end < -1e-10)] == 0.0)
    assert np.any(pushed & (S > 0.0) & (S < 1.0))
    crossing = ~pushed & ((Z > 0.0) != (end > 0.0))
    way = np.where(Z > 0.0, Z, end) / (np.abs(Z) + np.abs(end))
    np.testing.assert_allclose(S[crossing], way[crossing], rtol=1e-14)
    assert np.all(S[~pushed & ~crossing] == (Z > 0.0)[~pushed & ~crossing])


def test_margins_under_a_frozen_kernel():
    """Against very many Euler steps; the impulse accounts for the outputs exactly."""
    rng = np.random.default_rng(2)
    J = rng.standard_normal((8, 20))
    K, y, N = J @ J.T, np.where(rng.random(8) < 0.3, -1.0, 1.0), 0.1 * rng.standard_normal(8)
    fine = N.copy()
    for _ in range(40_000):
        fine += 0.5 / 40_000 * (K @ (y / (1.0 + np.exp(y * fine))))
    found = frozen_flow(K, N, y, "logistic", 0.5)
    np.testing.assert_allclose(found.outputs, fine, atol=0.02)
    np.testing.assert_allclose(N + K @ found.impulse, found.outputs, atol=1e-12)


def test_a_stretch_that_is_too_stiff_ends_early():
    """One input with both labels keeps its full curvature for ever."""
    K, y = 1e6 * np.ones((2, 2)), np.array([1.0, -1.0])
    found = frozen_flow(K, np.zeros(2), y, "logistic", 1.0)
    assert 0.0 < found.length < 0.1
    np.testing.assert_allclose(found.outputs, K @ found.impulse, atol=1e-6)


@pytest.mark.core
def test_every_epoch_is_a_permutation():
    batches = Batches(10, 4, np.random.default_rng(0))
    epochs = [[next(batches) for _ in range(3)] for _ in range(3)]
    assert [len(batch) for batch in epochs[0]] == [4, 4, 2]
    assert all(sorted(np.concatenate(epoch).tolist()) == list(range(10)) for epoch in epochs)
    assert len({np.concatenate(epoch).tobytes() for epoch in epochs}) == 3
    next(batches)
    copy = Batches.from_arrays(4, batches.arrays())
    assert all(np.array_equal(next(batches), next(copy)) for _ in range(7))


@pytest.mark.core
def test_rows_become_rare():
    due = [step for step in range(20_000) if leaves_row("gd", step)]
    assert due[:10] == list(range(10))
    assert len(due) < 250
    assert all(b - a <= max(1, 0.1 * b) for a, b in pairwise(due))


# The door


@pytest.mark.core
@pytest.mark.parametrize(
    ("options", "message"),
    [
        ({}, "`flow_time`, `steps`, `margin` or `kkt_residual` must be given"),
        ({"flow_time": 0.0}, "`flow_time` must be positive"),
        ({"flow_time": np.inf}, "`flow_time` must be finite"),
        ({"steps": 0}, "`steps` must be an integer >= 1"),
        ({"margin": -1.0}, "`margin` must be positive"),
        ({"kkt_residual": 0.0}, "`kkt_residual` must be positive and below 1"),
        ({"kkt_residual": 1.0}, "`kkt_residual` must be positive and below 1"),
        (
            {"kkt_residual": 1e-3, "dtype": "float32"},
            r"must be at least 0\.01 in float32, .* got 0\.001; choose float64",
        ),
        ({"kkt_residual": 1e-7, "dtype": "float32"}, "got 1e-07; ask for less"),
        (
            {"kkt_residual": 1e-7},
            "`kkt_residual` must be at least 1e-06 in float64, .* got 1e-07; ask for less",
        ),
        (
            {"steps": 1, "method": "adam"},
            "`method` must be one of flow, euler, gd, sgd, got 'adam'",
        ),
        ({"steps": 1, "loss": "hinge"}, "`loss` must be one of logistic, exponential"),
        ({"steps": 1, "reduction": "max"}, "`reduction` must be one of mean, sum"),
        ({"steps": 1, "dtype": "float16"}, "`dtype` must be one of float64, float32"),
        ({"steps": 1, "space": "fourier"}, "`space` must be one of auto, gram, weights"),
        ({"steps": 1, "learning_rate": 0.0}, "`learning_rate` must be positive"),
        ({"steps": 1, "tolerance": -1.0}, "`tolerance` must be positive"),
        ({"steps": 1, "step_safety": 2.0}, "`step_safety` must be positive and below 2"),
        ({"steps": 1, "train_output": 1}, "`train_output` must be a bool"),
        ({"steps": 1, "threads": 0}, "`threads` must be an integer >= 1"),
        ({"steps": 1, "method": np.array(["gd", "sgd"])}, "`method` must be one of flow, euler"),
        (
            {"steps": 1, "learning_rate": 1e300},
            "`learning_rate` must be positive and below 1e",
        ),
        ({"steps": 1, "measure": 3}, "`measure` must be a function of a net, got int"),
        ({"steps": 1, "resume": "run.npz"}, "`resume` must be a Trajectory, got str; pass"),
        ({"steps": 1, "batch_size": 4}, '`batch_size` must be left out for "flow"'),
        ({"steps": 1, "method": "sgd", "rng": 0}, '`batch_size` must be given for "sgd"'),
        (
            {"steps": 1, "method": "sgd", "rng": 0, "batch_size": 7},
            "`batch_size` must be at most the sample size 6",
        ),
        ({"steps": 1, "method": "sgd", "batch_size": 2}, "`rng` must be an int seed"),
        ({"steps": 1, "record": (2.0, 1.0)}, "`record` must hold increasing positive times"),
        ({"steps": 1, "record": (0.0,)}, "`record` must hold increasing positive times"),
    ],
)
def test_bad_arguments(options, message):
    net, sample = problem(m=6, d=3, width=4)
    with pytest.raises((ValueError, TypeError), match=message):
        gradient_flow(net, sample, **options)


@pytest.mark.core
def test_bad_pairs():
    net, sample = problem(m=6, d=3, width=4)
    other = draw_sphere_sample(6, 4, 0.1, rng=0)
    with pytest.raises(TypeError, match="`net` must be a TwoLayerNet or ThreeLayerNet, got int"):
        gradient_flow(3, sample, steps=1)
    with pytest.raises(TypeError, match="`sample` must be a SphereSample, got int"):
        gradient_flow(net, 3, steps=1)
    with pytest.raises(ValueError, match="`net` must have the dimension of the sample, 4, got 3"):
        gradient_flow(net, other, steps=1)
    large = SphereSample.from_arrays([[1e10, 0.0, 0.0]], [1.0])
    with pytest.raises(
        ValueError, match=r"`sample` must hold numbers up to 1e\+09 to be trained, got 1e\+10"
    ):
        gradient_flow(net, large, steps=1)


def test_bad_resumptions():
    net, sample = problem()
    run = gradient_flow(net, sample, method="gd", steps=5)
    options = {"method": "gd", "steps": 10, "resume": run}
    with pytest.raises(
        ValueError, match=r"`learning_rate` must be that of the run to resume, 0\.1, got 0\.2"
    ):
        gradient_flow(run.net, sample, learning_rate=0.2, **options)
    with pytest.raises(ValueError, match="`net` must be where the run to resume ended"):
        gradient_flow(net, sample, **options)
    with pytest.raises(ValueError, match="`sample` must be that of the run to resume"):
        gradient_flow(run.net, draw_sphere_sample(20, 15, 0.3, rng=9), **options)
    bare = gradient_flow(net, sample, method="gd", steps=5, record=(0.01,))
    with pytest.raises(
        ValueError, match="`measure` must be left out, the run to resume did not measure"
    ):
        gradient_flow(bare.net, sample, method="gd", steps=10, resume=bare, measure=lambda one: 0.0)
    wild = gradient_flow(net, sample, method="gd", learning_rate=1e6, steps=50, loss="exponential")
    with pytest.raises(
        ValueError, match="`resume` must be a run that can go on, got one that is diverged"
    ):
        gradient_flow(
            wild.net,
            sample,
            method="gd",
            learning_rate=1e6,
            steps=60,
            loss="exponential",
            resume=wild,
        )
