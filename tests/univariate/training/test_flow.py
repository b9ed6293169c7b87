"""Gradient flow and descent: against plain descent and worked examples, how runs end, and how they
go on.
"""

import dataclasses
import math

import numba
import numpy as np
import pytest
import strategies
from hypothesis import given, settings, strategies as st
from oracles import training
from scipy.special import expi
from threadpoolctl import threadpool_limits

from univariate import (
    DeepReluNet,
    ReluNet,
    Sample,
    Trajectory,
    Verdict,
    clean_error,
    draw_sample,
    gradient_flow,
    init_network,
    interpolates,
    loss_and_gradient,
    max_margin,
)
from univariate.training import diagnosis, implicit, run
from univariate.training.kernels.regimes import FREE
from univariate.training.losses import LOSSES, weigh
from univariate.training.recording import log_duration

EPSILON = float(np.finfo(np.float64).eps)
COUNTS = ("held", "crossed", "caught", "rejected")
ROWS = (
    "log_times",
    "scaled_times",
    "log_losses",
    "margins",
    "norms_squared",
    "clean_errors",
    "step_errors",
    *COUNTS,
)

SIX = Sample([0.0, 0.2, 0.45, 0.6, 0.8, 1.0], [1.0, 1.0, -1.0, -1.0, 1.0, 1.0])

# One neuron that looks right from a kink at 1/4, with v > 0: the datum 1 draws the kink to the
# left, and at 0, where the label is −1, it is held: beyond, that datum would push it back harder.
# N(0) = 0 for ever, so the datum 0 is never learnt.
EDGE = Sample([0.0, 1.0], [-1.0, 1.0])
TOWARDS_THE_EDGE = ReluNet([1.0], [1.0], [-0.25])
ON_THE_EDGE = ReluNet([1.0], [1.0], [0.0])

few = settings(max_examples=25, deadline=None, database=None)


@pytest.fixture(autouse=True)
def one_thread():
    """As runs do themselves: threads of compiled code wait for one another longer than a small net
    takes.
    """
    threads = numba.get_num_threads()
    numba.set_num_threads(1)
    yield
    numba.set_num_threads(threads)


def start(sample: Sample, seed: int, scheme: str = "spread", **options) -> ReluNet:
    return init_network(sample, scheme=scheme, rng=seed, **options)


def same_net(one: ReluNet, other: ReluNet) -> bool:
    return all(np.array_equal(getattr(one, part), getattr(other, part)) for part in "vwb")


def assert_same_run(one: Trajectory, other: Trajectory) -> None:
    """Every field, bit for bit."""
    for field in dataclasses.fields(Trajectory):
        ours, theirs = getattr(one, field.name), getattr(other, field.name)
        if field.name in ("net", "snapshots"):
            ours, theirs = (nets if isinstance(nets, tuple) else (nets,) for nets in (ours, theirs))
            assert len(ours) == len(theirs), field.name
            assert all(map(same_net, ours, theirs)), field.name
        else:
            assert np.array_equal(ours, theirs), field.name


def raising_at(call: int, function):
    """The function, until Ctrl-C strikes at its call number `call`, counted from 1."""
    calls = []

    def wrapped(*arguments, **options):
        calls.append(None)
        if len(calls) == call:
            raise KeyboardInterrupt
        return function(*arguments, **options)

    return wrapped


# What every run leaves behind


def assert_rows_are_right(found: Trajectory, net: ReluNet, sample: Sample) -> None:
    """Times go on, the loss never rises in a flow, and the first and the last row are about the two
    ends.
    """
    assert found.log_times[0] == -math.inf
    assert found.scaled_times[0] == 0.0
    assert np.all(np.diff(found.log_times[1:]) >= 0.0)
    assert np.all(np.diff(found.scaled_times) >= 0.0)
    if found.method == "flow":
        assert np.all(np.diff(found.log_losses) <= 0.0)
        assert np.all(found.step_errors <= found.tolerance)
    assert len({len(getattr(found, name)) for name in ROWS}) == 1
    for row, end in ((0, net), (-1, found.net)):
        truth = loss_and_gradient(end, sample, loss=found.loss)
        assert found.log_losses[row] == truth.log_loss
        assert found.margins[row] == truth.margins.min()
        assert found.norms_squared[row] == pytest.approx(end.norm_squared, rel=1e-14)
        assert found.clean_errors[row] == pytest.approx(clean_error(end).value, abs=1e-12)
    assert same_net(found.snapshots[0], net)
    assert found.snapshot_log_times[0] == -math.inf
    assert set(found.snapshot_log_times) <= set(found.log_times)
    held = found.sliding != FREE
    assert held.sum() == found.held[-1]
    assert np.all(found.net.w[held] * sample.x[found.sliding[held]] + found.net.b[held] == 0.0)


@pytest.mark.parametrize("loss", LOSSES)
@pytest.mark.parametrize("scheme", ["spread", "pytorch"])
@pytest.mark.parametrize("m", [1, 2, 5, 9])
def test_rows_of_ordinary_runs(m, scheme, loss):
    for seed in range(3):
        sample = draw_sample(m, 0.3, rng=seed)
        net = start(sample, 10 + seed, scheme)
        found = gradient_flow(net, sample, loss=loss, margin=20.0, steps=400)
        assert_rows_are_right(found, net, sample)
        assert found.status in ("margin reached", "trapped")
        descent = gradient_flow(net, sample, loss=loss, method="gd", learning_rate=1e-3, steps=100)
        assert_rows_are_right(descent, net, sample)
        assert descent.status in ("steps exhausted", "diverged")


@pytest.mark.core
@few
@given(
    strategies.nets(8), strategies.samples(max_size=8, unit_interval=False), st.sampled_from(LOSSES)
)
def test_rows_of_hostile_nets(net, sample, loss):
    """Whatever the start is: no exception, nothing that is not a number, and a flow in which the
    loss never rises.
    """
    if max(float(np.abs(part).max()) for part in net) > 1e50:
        with pytest.raises(ValueError, match=r"must stay within 10\^50"):
            gradient_flow(ReluNet(*net), Sample(*sample), loss=loss)
        return
    for method in ("flow", "gd"):
        found = gradient_flow(ReluNet(*net), Sample(*sample), loss=loss, method=method, steps=15)
        assert_rows_are_right(found, ReluNet(*net), Sample(*sample))
        assert not any(np.isnan(getattr(found, name)).any() for name in ROWS)
        assert found.status
        assert found.reason


@pytest.mark.parametrize("seed", range(3))
def test_rows_of_a_hundred_hostile_nets(seed):
    rng = np.random.default_rng(seed)
    for _ in range(33):
        net = ReluNet(*strategies.random_hostile_net(rng, extreme=False))
        sample = Sample(*strategies.random_sample(rng, unit_interval=False))
        assert_rows_are_right(gradient_flow(net, sample, steps=25), net, sample)


@pytest.mark.core
def test_the_log_of_a_duration_by_hand():
    """∫ dσ/L of a step: σ/L for a constant loss; by the trapezoidal rule (σ/2)(1/L + 1/L')
    otherwise.
    """
    assert log_duration(3.0, math.log(2.0), math.log(2.0)) == pytest.approx(
        math.log(1.5), rel=4 * EPSILON
    )
    assert log_duration(1.0, 0.0, -math.log(3.0)) == pytest.approx(math.log(2.0), rel=4 * EPSILON)
    assert log_duration(2.0, -1e6, -1e6) == pytest.approx(1e6 + math.log(2.0), rel=4 * EPSILON)
    assert log_duration(0.0, 0.0, 0.0) == -math.inf


def test_times_and_losses_beyond_the_doubles_keep_their_logarithm():
    found = gradient_flow(start(SIX, 0), SIX, margin=800.0)
    assert found.status == "margin reached"
    assert found.times[-1] == math.inf
    assert found.losses[-1] == 0.0
    assert np.all(np.isfinite(found.log_times[1:]))
    assert found.log_losses[-1] == pytest.approx(-found.margins[-1], abs=math.log(6.0))
    # dσ = L dt: in the end L is about 1/t, whatever the net
    assert found.log_times[-1] == pytest.approx(-found.log_losses[-1], abs=20.0)


@pytest.mark.parametrize(
    ("margins", "first"),
    [
        ([1.0, 2.0], 0),
        ([-1.0, 1.0, 2.0], 1),
        ([1.0, 0.0, 2.0, 3.0], 2),
        ([1.0, -1.0], None),
        ([0.0], None),
    ],
)
def test_from_when_on_a_run_interpolates(margins, first):
    found = gradient_flow(ON_THE_EDGE, EDGE, steps=1)
    assert dataclasses.replace(found, margins=np.array(margins)).interpolates_from == first


def test_there_are_snapshots_for_every_part_of_a_run():
    """At least four for every tenfold of σ while steps are shorter than that, at its rows, in
    order.
    """
    found = gradient_flow(start(SIX, 0), SIX, tolerance=1e-3)
    marks = {math.floor(4.0 * math.log10(sigma)) for sigma in found.scaled_times[1:]}
    assert len(found.snapshots) == len(found.snapshot_log_times) > len(marks)
    assert np.all(np.diff(found.snapshot_log_times) > 0.0)
    for net, log_time in zip(found.snapshots, found.snapshot_log_times, strict=True):
        (row,) = np.flatnonzero(found.log_times == log_time)
        assert loss_and_gradient(net, SIX).log_loss == found.log_losses[row]


# The flow is the limit of descent


@pytest.mark.parametrize("loss", LOSSES)
@pytest.mark.parametrize(("scheme", "scale"), [("spread", 1.0), ("pytorch", 2.0)])
def test_the_flow_is_the_limit_of_descent(scheme, scale, loss):
    """Margins at equal time t, up to a smallest margin of 1, kinks that slide included.

    A step of error `tolerance` is of length √tolerance, its order being 1: that is the rate at
    which the error falls, down to that of descent, which is seen by halving its learning rate.
    """
    net = start(SIX, 0, scheme, scale=scale, width=None if scheme == "spread" else 20)
    tolerances, errors = (1e-1, 1e-3, 1e-5), []
    for tolerance in tolerances:
        found = gradient_flow(net, SIX, loss=loss, margin=1.0, tolerance=tolerance)
        assert found.held.max() >= 1
        truth = descended(net, loss, found.times[-1], steps=4000)
        errors.append(np.abs(loss_and_gradient(found.net, SIX, loss=loss).margins - truth).max())
    floor = np.abs(descended(net, loss, found.times[-1], steps=2000) - truth).max()
    assert floor < 0.01
    for tolerance, error in zip(tolerances, errors, strict=True):
        assert error <= 2.0 * math.sqrt(tolerance) + 2.0 * floor
    assert errors[2] < errors[0] / 20.0


def descended(net: ReluNet, loss: str, time: float, steps: int) -> np.ndarray:
    found = gradient_flow(
        net, SIX, loss=loss, method="gd", margin=1e9, learning_rate=time / steps, steps=steps
    )
    assert found.times[-1] == pytest.approx(time, rel=1e-12)
    return loss_and_gradient(found.net, SIX, loss=loss).margins


@pytest.mark.core
@pytest.mark.parametrize("loss", LOSSES)
def test_descent_is_descent(loss):
    """Step by step the dense float64 code, with its rows where they were promised."""
    net, rate, steps = start(SIX, 1, "pytorch", width=8), 0.02, 150
    found = gradient_flow(net, SIX, loss=loss, method="gd", learning_rate=rate, steps=steps)
    theta, nets, scaled = (net.v, net.w, net.b), [net], [0.0]
    for _ in range(steps):
        scaled.append(
            scaled[-1] + rate * float(np.exp(training.dense_log_loss(theta, SIX.x, SIX.y, loss)))
        )
        slope = training.dense_gradient(theta, SIX.x, SIX.y, loss)
        theta = tuple(part - rate * by for part, by in zip(theta, slope, strict=True))
        nets.append(ReluNet(*theta))
    done = np.round(found.times / rate).astype(int)
    assert done.tolist()[:20] == list(range(20))
    assert done[-1] == steps
    assert np.all(np.diff(done) <= 0.05 * done[1:] + 1)  # 60 for every tenfold, or all
    np.testing.assert_allclose(
        found.log_times[1:], np.log(done[1:] * rate), rtol=4 * EPSILON, atol=4 * EPSILON
    )
    np.testing.assert_allclose(found.scaled_times, np.array(scaled)[done], rtol=1e-11)
    for row, count in enumerate(done):
        truth = loss_and_gradient(nets[count], SIX, loss=loss)
        assert found.log_losses[row] == pytest.approx(truth.log_loss, abs=1e-11)
        assert found.margins[row] == pytest.approx(truth.margins.min(), abs=1e-11)
    for part in "vwb":
        np.testing.assert_allclose(getattr(found.net, part), getattr(nets[-1], part), atol=1e-11)
    assert not any(getattr(found, name).any() for name in ("step_errors", *COUNTS))


# Kinks that slide


@pytest.mark.core
def test_a_kink_that_is_held_follows_its_law():
    """v = w and b = 0 stay; with z = v w, dz/dt = 2 z e^−z for the exponential loss, so Ei(z) −
    Ei(1) = 2 t.
    """
    errors = []
    for tolerance in (1e-1, 1e-3, 1e-5):
        found = gradient_flow(ON_THE_EDGE, EDGE, loss="exponential", tolerance=tolerance, steps=45)
        assert found.held.tolist() == [1.0] * len(found.held)
        assert found.sliding.tolist() == [0]
        assert found.net.b[0] == 0.0
        assert found.net.v[0] == pytest.approx(found.net.w[0], rel=1e-12)
        law = (expi(found.net.v[0] * found.net.w[0]) - expi(1.0)) / 2.0
        errors.append(abs(law / found.times[-1] - 1.0))
    assert errors[0] < 0.2
    assert errors[1] < 0.02
    assert errors[2] < 0.002


@pytest.mark.parametrize("loss", LOSSES)
def test_a_kink_is_caught_where_descent_chatters(loss):
    """The flow ends exactly on the datum; descent jumps about it by one of its steps, and moves v
    and w as the flow.
    """
    found = gradient_flow(TOWARDS_THE_EDGE, EDGE, loss=loss, tolerance=1e-5, steps=250)
    assert found.caught.sum() == 1
    assert found.held[0] == 0.0
    assert found.held[-1] == 1.0
    assert found.crossed.sum() == 0
    assert found.net.kinks[0] == 0.0
    assert np.all(np.diff(found.held) >= 0.0)
    for rate in (1e-2, 1e-3):
        steps = round(found.times[-1] / rate)
        options = {"loss": loss, "method": "gd", "learning_rate": rate}
        descent = gradient_flow(TOWARDS_THE_EDGE, EDGE, steps=steps, **options)
        v, w = descent.net.v[0], descent.net.w[0]
        assert abs(v - found.net.v[0]) <= rate
        assert abs(w - found.net.w[0]) <= rate
        biases = []
        for more in range(1, 41):
            descent = gradient_flow(
                descent.net, EDGE, steps=steps + more, resume=descent, **options
            )
            biases.append(descent.net.b[0])
        assert min(biases) < 0.0 < max(biases)
        assert np.abs(biases).max() <= rate * v  # |∂L/∂b| < v


def test_balances_are_kept():
    """v_j² − w_j² − b_j² is constant along the flow, for kinks that slide as for all others."""
    for seed in range(3):
        net = start(SIX, seed)
        found = gradient_flow(net, SIX, tolerance=1e-4, margin=1.0)
        assert found.held.max() >= 1
        before, after = (n.v**2 - n.w**2 - n.b**2 for n in (net, found.net))
        assert np.abs(after - before).max() <= 0.02 * (found.net.v**2).max()


def test_a_datum_of_the_same_sign_is_crossed():
    """The label +1 at 1/2 does not hold a kink of a neuron with v > 0: it helps to draw it on, to
    the left.
    """
    sample = Sample([0.0, 0.5, 1.0], [1.0, 1.0, 1.0])
    found = gradient_flow(ReluNet([1.0], [1.0], [-0.75]), sample, margin=5.0)
    assert found.status == "margin reached"
    assert found.caught.sum() == 0
    assert found.crossed.sum() == 2
    assert found.net.kinks[0] < 0.0


@pytest.mark.core
@pytest.mark.parametrize("loss", LOSSES)
@pytest.mark.parametrize("h", [1e-3, 0.1, 10.0])
def test_a_step_solves_its_system(loss, h):
    """(I + h Jᵀ M J) δ = h Jᵀ p in all parameters, against m × m by Woodbury; kinks that are held
    included.

    M = diag(ℓ''/L) − p pᵀ, as log L would have it; where that is indefinite p pᵀ is shortened until
    it is not.
    """
    data = implicit.Data(SIX.x, SIX.y, loss)
    seen = 0
    for seed in range(6):
        net = start(SIX, seed)
        state = implicit.state_of(np.stack([net.v, net.w, net.b]), data)
        for _ in range(3):
            state = implicit.implicit_step(state, data, 0.05)[0]
        seen += bool(np.any(state.held != FREE))
        step, first, _ = implicit._solve(state, data, h)
        held = np.where(state.held == FREE, np.nan, SIX.x[state.held])
        right = (state.theta[1] >= 0.0)[:, None]
        on = np.where(
            right, np.arange(6) >= state.cell[:, None], np.arange(6) < state.cell[:, None]
        )
        jacobian = SIX.y[:, None] * training.dense_jacobian(tuple(state.theta), SIX.x, on, held)
        p, second = state.weights.first, state.weights.second
        shorter = min(1.0, 1.0 / float(np.sum(p**2 / second)))
        curvature = jacobian.T @ (np.diag(second) - shorter * np.outer(p, p)) @ jacobian
        dv, along, db = np.linalg.solve(
            np.eye(len(curvature)) + h * curvature, h * jacobian.T @ p
        ).reshape(3, -1)
        at = np.where(np.isnan(held), 0.0, held)
        unit = np.sqrt(1.0 + at * at)
        expected = (
            dv,
            np.where(np.isnan(held), along, along / unit),
            np.where(np.isnan(held), db, -at * along / unit),
        )
        np.testing.assert_allclose(step, expected, rtol=1e-9, atol=1e-9 * np.abs(step).max())
        gain = jacobian @ np.concatenate([dv, along, db])
        after = np.maximum(0.0, p - second * gain + p * (p @ gain))
        np.testing.assert_allclose(first, after, rtol=1e-9, atol=1e-9 * p.max())
    assert seen > 0


@pytest.mark.core
@pytest.mark.parametrize("h", [1e6, 1e10, 1e14])
def test_data_of_tiny_weights_stiffen_a_step(h):
    """(I + h K M) g = h K p in rationals, g the gains of margins, weights from 1 down to 1e-15.

    Weights that were too small to be counted, below 1e-11, left gains that were wrong by as much as
    they are large: late in runs, where h K is 1e15, such data went up and down for ever.
    """
    data = implicit.Data(SIX.x, SIX.y, "exponential")
    for seed in range(3):
        net = init_network(SIX, scheme="pytorch", width=8, rng=seed)
        state = implicit.state_of(np.stack([net.v, net.w, net.b]), data)
        virtual = np.array([0.0, 27.0, 30.0, 1.0, 26.0, 33.0])
        state = state._replace(weights=weigh(virtual, data.loss))
        step = implicit._solve(state, data, h)[0]
        right = (state.theta[1] >= 0.0)[:, None]
        on = np.where(
            right, np.arange(6) >= state.cell[:, None], np.arange(6) < state.cell[:, None]
        )
        jacobian = training.dense_jacobian(tuple(state.theta), SIX.x, on, np.full(8, np.nan))
        gain = SIX.y * (jacobian @ step.ravel())
        expected = training.gains(SIX.y[:, None] * jacobian, *state.weights[1:3], h)
        np.testing.assert_allclose(gain, expected, rtol=1e-10, atol=1e-10 * np.abs(gain).max())


@pytest.mark.core
@pytest.mark.parametrize("h", [1.0, 1e3, 1e6])
def test_stiff_systems_are_refined_until_their_answers_are_exact(monkeypatch, h):
    """Whatever the elimination loses: what is left is small compared with the answer, which may be
    many orders of magnitude smaller than the right side.
    """
    solved = implicit.linear_system.solved
    off = 1.0 + 1e-4 * np.array([1.0, -1.0, 1.0, 1.0, -1.0, -1.0])
    monkeypatch.setattr(implicit.linear_system, "solved", lambda system, z: off * solved(system, z))
    data = implicit.Data(SIX.x, SIX.y, "logistic")
    net = start(SIX, 0)
    state = implicit.state_of(np.stack([net.v, net.w, net.b]), data)
    root = np.sqrt(h * state.weights.second) * SIX.y
    free = np.full(net.width, np.nan)
    increments = implicit.linear_system.increments(*state.theta, free, SIX.x, state.cell)
    system = implicit.linear_system.eliminate(SIX.x, root, *increments)
    right = implicit._applied(state, data, root, np.ones(6))
    answer = implicit._refined(system, state, data, root, right)
    left = right - implicit._applied(state, data, root, answer)
    assert np.linalg.norm(left) <= 1e-5 * np.linalg.norm(answer)
    np.testing.assert_allclose(answer, 1.0, rtol=0.0, atol=3e-5)


@pytest.mark.core
def test_kinks_move_onto_their_data_the_shortest_way():
    """(1, −1/4) to the line w/2 + b = 0: the foot of the perpendicular is (9/8) (1, −1/2) /
    (5/4).
    """
    theta = np.array([[2.0, 3.0], [1.0, 1.0], [-0.25, -0.25]])
    implicit._project(theta, np.array([0.25, 0.5]), np.array([1, FREE]))
    np.testing.assert_allclose(theta, [[2.0, 3.0], [0.9, 1.0], [-0.45, -0.25]], rtol=4 * EPSILON)


@pytest.mark.core
def test_a_neuron_that_turns_around_is_let_go():
    """The datum 0 holds the kink, as 1 outweighs 10 in pulling it; times x it does not, and w falls
    through 0.
    """
    sample = Sample([0.0, 1.0, 10.0], [-1.0, 1.0, -1.0])
    data = implicit.Data(sample.x, sample.y, "logistic")
    theta = np.array([[1.0, -1.0], [0.01, 1.0], [0.0, -9.0]])
    state = implicit.state_of(theta, data, held=np.array([0, FREE]))
    stays = implicit.implicit_step(state, data, 1e-3)[0]
    assert stays.held.tolist() == [0, FREE]
    assert 0.0 < stays.theta[1, 0] < 0.01
    turned = implicit.implicit_step(state, data, 0.02)[0]
    assert turned.held.tolist() == [FREE, FREE]
    assert turned.theta[1, 0] < 0.0
    assert turned.cell[0] == 0  # it looks to the left of 0 now, where there are no data


@pytest.mark.core
@pytest.mark.parametrize("rounds", [1, 2, 16])
def test_steps_end_in_states_that_are_true(monkeypatch, rounds):
    """Also where corrections run out: held kinks are on their data, and cells are where the
    parameters say.
    """
    monkeypatch.setattr(implicit, "_ROUNDS", rounds)
    data = implicit.Data(SIX.x, SIX.y, "logistic")
    corrected = 0
    for seed in range(4):
        net = start(SIX, seed)
        state = implicit.state_of(np.stack([net.v, net.w, net.b]), data)
        for length in (1e-3, 1e-2, 0.1, 0.3, 1.0, 1.0):
            state, corrections = implicit.implicit_step(state, data, length)
            corrected += corrections > 0
            held = state.held != FREE
            assert np.all(
                state.theta[1, held] * SIX.x[state.held[held]] + state.theta[2, held] == 0.0
            )
            again = implicit.state_of(state.theta, data)
            assert np.array_equal(state.cell, again.cell)
            assert np.array_equal(state.margins, again.margins)
    assert corrected > 0


# How runs end


@pytest.mark.parametrize("loss", LOSSES)
def test_the_end_to_end_run(loss):
    """20 observations from a spread start to margin 100; ‖θ‖² over the margin comes down to near
    its optimum.
    """
    sample = draw_sample(20, 0.2, rng=0)
    net = start(sample, 1)
    found = gradient_flow(net, sample, loss=loss)
    assert found.status == "margin reached"
    assert found.reason == f"the smallest margin is {found.margins[-1]:.6g}"
    assert found.margins[-1] >= 100.0 > found.margins[-2]
    assert interpolates(found.net, sample).verdict is Verdict.HOLDS
    assert_rows_are_right(found, net, sample)
    first, best = found.interpolates_from, max_margin(sample).norm_squared
    ratios = found.norms_squared[first:] / found.margins[first:] / best
    assert np.all(ratios >= 1.0 - 1e-9)
    assert ratios[-1] == ratios.min()
    assert ratios[-1] < 1.1
    assert found.caught.sum() >= 10
    assert found.crossed.sum() >= 10


@pytest.mark.core
def test_margin_reached_at_once():
    found = gradient_flow(ReluNet([1.0], [0.0], [200.0]), Sample([0.5], [1.0]))
    assert (found.status, len(found.margins)) == ("margin reached", 1)
    assert same_net(found.net, found.snapshots[0])


@pytest.mark.core
@pytest.mark.parametrize("method", ["flow", "gd"])
def test_steps_exhausted(method):
    found = gradient_flow(TOWARDS_THE_EDGE, EDGE, method=method, steps=3)
    assert found.status == "steps exhausted"
    assert found.reason.startswith(
        "after 3 steps 1 of 2 observations are wrong: 0 (x = 0, y N(x) = "
    )
    assert len(found.margins) == 4
    right = gradient_flow(
        ReluNet([1.0], [0.0], [1.0]), Sample([0.5], [1.0]), method=method, steps=2
    )
    assert (
        right.reason
        == f"after 2 steps the net interpolates with a smallest margin of {right.margins[-1]:.6g}"
    )


@pytest.mark.core
@pytest.mark.parametrize("loss", LOSSES)
def test_trapped_on_a_datum(loss):
    """What the worked example must come to: it names the datum, and that there is no other kink for
    it.
    """
    found = gradient_flow(TOWARDS_THE_EDGE, EDGE, loss=loss)
    assert found.status == "trapped"
    assert found.reason.startswith(
        "the loss has stopped falling; 1 of 2 observations are wrong: 0 (x = 0, y N(x) = 0)"
    )
    limit = {"logistic": math.log(math.log(2.0)), "exponential": 0.0}[loss]
    assert limit < found.log_losses[-1] < limit + 1e-3


@pytest.mark.core
@pytest.mark.parametrize("kinkless", [(0,), (1,), (0, 1)])
def test_trapped_because_all_neurons_are_dead(kinkless):
    """Beyond the last datum, beyond the first, or nowhere: then both data lack a kink on their side
    of the other.
    """
    neuron = {(0,): (1.0, 1.0, -5.0), (1,): (1.0, -1.0, -0.5), (0, 1): (2.0, 0.0, -1.0)}[kinkless]
    found = gradient_flow(ReluNet(*([entry] for entry in neuron)), EDGE)
    assert found.status == "trapped"
    named = [
        f"{i} (x = {i}, y N(x) = 0{'; no kink is left around it' * (i in kinkless)})"
        for i in (0, 1)
    ]
    assert found.reason.endswith(f"2 of 2 observations are wrong: {', '.join(named)}")
    assert np.array_equal([found.net.v[0], found.net.w[0], found.net.b[0]], neuron)


def test_trapped_without_the_kinks_that_it_takes():
    """Right-oriented kinks right of all but one datum: left of them N = 0, for ever, although the
    width would do.
    """
    sample = Sample([0.0, 0.25, 0.5, 1.0], [1.0, -1.0, 1.0, -1.0])
    found = gradient_flow(ReluNet([1.0, -1.0, 1.0], [1.0, 1.0, 1.0], [-0.75, -0.8, -0.9]), sample)
    assert found.status == "trapped"
    assert (
        "3 of 4 observations are wrong: 0 (x = 0, y N(x) = 0; no kink is left around it), 1 (x ="
        " 0.25" in found.reason
    )
    assert "2 (x = 0.5, y N(x) = 0)" in found.reason


def test_trapped_at_a_stationary_point_is_noticed():
    """Found to take 20,000 steps for nothing: rounding had refused all longer ones, so that σ did
    not grow.
    """
    sample = draw_sample(6, 0.3, rng=9)
    found = gradient_flow(start(sample, 9, "pytorch", width=12, scale=3.0), sample)
    assert found.status == "trapped"
    assert (
        "2 of 6 observations are wrong: 2 (x = 0.716075, y N(x) = -0.892; no kink is left"
        " around it)" in found.reason
    )
    assert len(found.margins) < 100


@pytest.mark.core
def test_stationary_points_are_told_from_saddles(monkeypatch):
    """Where all neurons that are not dead stay, however little σ has grown; a small one that grows
    is no end.
    """
    monkeypatch.setattr(diagnosis, "_TRAPPED_FROM", math.inf)
    dead = (1.0, 1.0, -5.0)
    found = gradient_flow(ReluNet(*([entry] for entry in dead)), EDGE)
    assert (found.status, len(found.margins)) == ("trapped", 21)
    assert found.reason.startswith(
        "a stationary point of the loss, |θ| |∇ log L| = 0; 2 of 2 observations are wrong"
    )
    data = implicit.Data(EDGE.x, EDGE.y, "logistic")
    settings = run.Settings("logistic", "flow", 100.0, 100, 0.1)
    for size in (1e-12, 1e-40):
        small = np.stack([dead, (size, size, 0.0)], axis=1)
        begun = run.Run.begun(small, data, settings)
        assert diagnosis.trap(begun.recorder.rows, begun.now.state, data) == ""


def test_many_wrong_observations_are_named_by_the_worst():
    sample = Sample(np.arange(6.0), [1.0] * 6)
    found = gradient_flow(ReluNet([-1.0], [1.0], [1.0]), sample, steps=1)
    margins = loss_and_gradient(found.net, sample).margins
    worst = [f"{i} (x = {i}, y N(x) = {margins[i]:.3g})" for i in (5, 4, 3)]
    assert found.reason == f"after 1 steps 6 of 6 observations are wrong: {', '.join(worst)}, ..."


@pytest.mark.parametrize("scale", [1e2, 1e4, 1e6])
def test_large_nets_are_not_trapped_before_they_can_change(scale):
    """With margins of −scale² the loss falls at last when σ is about ‖θ‖²; that a net of scale 1e4
    … was given up.
    """
    sample = draw_sample(6, 0.3, rng=1)
    found = gradient_flow(start(sample, 1, "pytorch", width=20, scale=scale), sample)
    assert found.margins[0] < -0.01 * scale**2
    assert found.status == "margin reached"


def test_stalled_is_no_trap():
    """From margins of −2e32 rounding stops the flow where the net is not stationary: nothing is
    claimed.
    """
    found = gradient_flow(ReluNet([-1e16], [1e16], [1e16]), EDGE)
    assert found.status == "stalled"
    assert found.reason.startswith(
        "no step is small enough; 1 of 2 observations are wrong: 1 (x = 1, y N(x) = -"
    )


@pytest.mark.core
@pytest.mark.parametrize("method", ["flow", "gd"])
def test_narrow_nets_cannot_interpolate(method):
    sample = Sample(np.arange(9.0), (-1.0) ** np.arange(9))
    net = ReluNet([1.0, -1.0], [1.0, 2.0], [-0.5, 0.3])
    found = gradient_flow(net, sample, method=method)
    assert found.status == "cannot interpolate"
    assert (
        found.reason
        == "the labels change 8 times, and a net of 2 neurons, which is linear on at most 3 pieces,"
        " changes its sign once on each; take a wider net"
    )
    assert len(found.margins) == 1
    assert same_net(found.net, net)
    # 8 neurons: 9 pieces may do
    wider = ReluNet(*(np.tile(part, 4) for part in (net.v, net.w, net.b)))
    assert gradient_flow(wider, sample, method=method, steps=1).status == "steps exhausted"


@pytest.mark.core
@pytest.mark.parametrize("loss", LOSSES)
@pytest.mark.parametrize("rate", [1e60, 1e200, 1e308])
def test_descent_diverges_in_words(loss, rate):
    """The end is the last net that is one, and a row is about it."""
    net = start(SIX, 0, "pytorch", width=8)
    found = gradient_flow(net, SIX, loss=loss, method="gd", learning_rate=rate)
    assert found.status == "diverged"
    assert found.reason.startswith("parameters exceed 1e+100 after ")
    assert found.reason.endswith("lower `learning_rate`")
    assert_rows_are_right(found, net, SIX)


def test_descent_that_overshoots_dies():
    """The known fate of large steps: every neuron is silent on all data."""
    sample = draw_sample(20, 0.2, rng=0)
    found = gradient_flow(start(sample, 0), sample, method="gd", learning_rate=10.0, steps=300)
    assert found.status == "steps exhausted"
    assert "20 of 20 observations are wrong" in found.reason


# Ctrl-C, and going on


@pytest.mark.core
@pytest.mark.parametrize("loss", LOSSES)
@pytest.mark.parametrize("scheme", ["spread", "pytorch"])
def test_a_run_in_single_steps_is_the_run(scheme, loss):
    net, options = start(SIX, 3, scheme), {"loss": loss, "margin": 1e3}
    whole = gradient_flow(net, SIX, steps=30, **options)
    part = gradient_flow(net, SIX, steps=1, **options)
    for steps in range(2, 31):
        part = gradient_flow(part.net, SIX, steps=steps, resume=part, **options)
    assert_same_run(part, whole)
    assert whole.held.max() >= 1


@pytest.mark.parametrize("seed", range(3))
def test_hostile_runs_in_two_parts_are_the_run(seed):
    rng = np.random.default_rng(seed)
    for _ in range(10):
        net = ReluNet(*strategies.random_hostile_net(rng, extreme=False))
        sample = Sample(*strategies.random_sample(rng, 5, 12))
        whole = gradient_flow(net, sample, steps=30)
        for steps in rng.integers(1, 30, 2).tolist():
            part = gradient_flow(net, sample, steps=steps)
            if part.status == "steps exhausted":  # another end may be gone beyond
                assert_same_run(gradient_flow(part.net, sample, steps=30, resume=part), whole)


def test_runs_with_kinks_on_data_go_on():
    """A kink that was let go, or whose neuron changed its sign, was exactly on its datum a step
    ago.
    """
    for m, seed in ((8, 3), (8, 8), (8, 19), (8, 22), (8, 25), (5, 7), (5, 8), (5, 26)):
        sample = Sample(np.linspace(0.0, 1.0, m), (-1.0) ** np.arange(m))
        net = start(sample, seed, "pytorch", width=10)
        whole = gradient_flow(net, sample, steps=20)
        for steps in (10, 13, 14, 15):
            part = gradient_flow(net, sample, steps=steps)
            assert_same_run(gradient_flow(part.net, sample, steps=20, resume=part), whole)


@pytest.mark.core
@pytest.mark.parametrize("breaks", [(1,), (7, 8), (25, 90), (100, 101, 102)])
def test_descent_in_parts_is_descent(tmp_path, breaks):
    """Bit for bit, with the same rows and snapshots, also through files."""
    net = start(SIX, 4)
    whole = gradient_flow(net, SIX, method="gd", steps=150, learning_rate=1e-3)
    part = None
    for steps in (*breaks, 150):
        begin = net if part is None else part.net
        part = gradient_flow(begin, SIX, method="gd", steps=steps, learning_rate=1e-3, resume=part)
        assert part.log_times[-1] == pytest.approx(np.log(steps * 1e-3), rel=1e-12)
        part.save(tmp_path / "part.npz")
        part = Trajectory.load(tmp_path / "part.npz")
    assert_same_run(part, whole)
    # to end where it is
    again = gradient_flow(part.net, SIX, method="gd", steps=150, learning_rate=1e-3, resume=part)
    assert_same_run(again, whole)


@pytest.mark.parametrize("loss", LOSSES)
def test_descent_to_a_margin_and_on_is_descent(loss):
    """The end of the first part is a step like others; snapshots are taken when margins grow."""
    net, options = start(SIX, 4), {"loss": loss, "method": "gd", "steps": 120}
    whole = gradient_flow(net, SIX, margin=1e3, **options)
    for margin in np.unique(whole.margins[whole.margins > 0.0])[:-1:7]:
        part = gradient_flow(net, SIX, margin=float(margin) * 0.99, **options)
        part = gradient_flow(part.net, SIX, margin=1e3, resume=part, **options)
        assert_same_run(part, whole)


@pytest.mark.core
@pytest.mark.parametrize("strike", [1, 2, 9, 20])
def test_interrupted_runs_go_on_to_the_same_end(monkeypatch, strike):
    """Wherever Ctrl-C strikes in a step, or between a step and its row."""
    net, options = start(SIX, 5), {"steps": 30, "margin": 1e3}
    whole = gradient_flow(net, SIX, **options)
    for name in ("controlled_step", "clean_errors"):
        with monkeypatch.context() as patch:
            # one call of `clean_errors` comes before the run, for the row of the start
            patch.setattr(
                run, name, raising_at(strike + (name == "clean_errors"), getattr(run, name))
            )
            found = gradient_flow(net, SIX, **options)
        assert found.status == "interrupted"
        done = strike - (name == "controlled_step")
        assert (
            found.reason
            == f"interrupted after {done} steps, at a smallest margin of {found.margins[-1]:.6g}"
        )
        assert_rows_are_right(found, net, SIX)
        assert len(found.margins) == done + 1
        assert_same_run(gradient_flow(found.net, SIX, resume=found, **options), whole)


@pytest.mark.core
@pytest.mark.parametrize("strike", [1, 2, 44, 77])
def test_interrupted_descent_goes_on_to_the_same_end(monkeypatch, strike):
    """Found to repeat steps since the last row, and to count rows for steps."""
    net, options = start(SIX, 6), {"method": "gd", "steps": 120, "learning_rate": 1e-3}
    whole = gradient_flow(net, SIX, **options)
    with monkeypatch.context() as patch:
        patch.setattr(run, "descent_step", raising_at(strike, run.descent_step))
        found = gradient_flow(net, SIX, **options)
    assert found.status == "interrupted"
    assert found.reason.startswith(
        f"interrupted after {strike - 1} steps, at a smallest margin of "
    )
    assert_rows_are_right(found, net, SIX)
    if strike > 1:
        assert found.times[-1] == pytest.approx((strike - 1) * 1e-3, rel=1e-12)
    again = gradient_flow(found.net, SIX, resume=found, **options)
    assert same_net(again.net, whole.net)
    assert again.log_times[-1] == whole.log_times[-1]
    assert again.scaled_times[-1] == whole.scaled_times[-1]
    assert again.reason == whole.reason


@pytest.mark.core
@pytest.mark.parametrize("method", ["flow", "gd"])
def test_saved_runs_come_back_bit_for_bit_and_go_on(tmp_path, method):
    net, path = start(SIX, 7), tmp_path / "run.npz"
    options = {"method": method, "learning_rate": 1e-3}
    found = gradient_flow(net, SIX, steps=20, **options)
    found.save(path)
    loaded = Trajectory.load(path)
    assert_same_run(loaded, found)
    assert loaded.sliding.dtype == found.sliding.dtype
    rest = gradient_flow(loaded.net, SIX, steps=40, resume=loaded, **options)
    assert_same_run(rest, gradient_flow(found.net, SIX, steps=40, resume=found, **options))


@pytest.mark.parametrize("bias", [False, True])
def test_training_goes_on_from_a_state_dict(tmp_path, bias):
    """An output bias is one more neuron that no kink bounds; it trains as such."""
    torch = pytest.importorskip("torch")
    torch.manual_seed(0)
    module = torch.nn.Sequential(
        torch.nn.Linear(1, 400), torch.nn.ReLU(), torch.nn.Linear(400, 1, bias=bias)
    )
    net = ReluNet.from_torch(module.state_dict())
    assert net.width == 400 + bias
    sample = draw_sample(40, 0.2, rng=3)
    whole = gradient_flow(net, sample, steps=30)
    assert np.all(np.diff(whole.log_losses) <= 0.0)
    assert whole.log_losses[-1] < whole.log_losses[0]
    assert same_net(whole.snapshots[0], net)
    gradient_flow(net, sample, steps=12).save(tmp_path / "run.npz")
    kept = Trajectory.load(tmp_path / "run.npz")
    assert_same_run(gradient_flow(kept.net, sample, steps=30, resume=kept), whole)


@pytest.mark.core
def test_a_run_that_has_ended_goes_on_with_another_goal():
    net = start(SIX, 8)
    short = gradient_flow(net, SIX, margin=2.0)
    assert short.status == "margin reached"
    again = gradient_flow(short.net, SIX, margin=2.0, resume=short)
    assert_same_run(again, short)
    assert_same_run(
        gradient_flow(short.net, SIX, margin=50.0, resume=short),
        gradient_flow(net, SIX, margin=50.0),
    )


@pytest.mark.parametrize("damage", ["sliding", "reason", "tolerance", "w", "margins"])
def test_damaged_files_are_named(tmp_path, damage):
    path = tmp_path / "run.npz"
    gradient_flow(ON_THE_EDGE, EDGE, steps=2).save(path)
    with np.load(path) as archive:
        arrays = {name: archive[name] for name in archive.files if name != damage}
    np.savez(path, **arrays)
    with pytest.raises(
        ValueError, match=rf"run\.npz' lacks {damage}; it may be damaged, train again"
    ):
        Trajectory.load(path)


def test_other_files_are_no_runs(tmp_path):
    ON_THE_EDGE.save(tmp_path / "net.npz")
    with pytest.raises(
        ValueError,
        match=r"net\.npz' holds 'univariate\.ReluNet/1', expected 'univariate\.Trajectory/1'",
    ):
        Trajectory.load(tmp_path / "net.npz")
    with pytest.raises(FileNotFoundError, match="`path` must name an existing file"):
        Trajectory.load(tmp_path / "missing.npz")


# Same input, same bits


def test_threads_change_no_bit():
    """60 observations: large enough for a threaded BLAS to split its work."""
    sample = draw_sample(60, 0.3, rng=2)
    net = start(sample, 3)
    runs = []
    for threads in (1, min(2, numba.config.NUMBA_NUM_THREADS), 1):
        numba.set_num_threads(threads)
        with threadpool_limits(threads):
            runs.append(gradient_flow(net, sample, steps=12))
        assert numba.get_num_threads() == threads
    assert_same_run(runs[0], runs[1])
    assert_same_run(runs[0], runs[2])


def test_threads_are_given_back_after_an_interruption(monkeypatch):
    threads = min(2, numba.config.NUMBA_NUM_THREADS)
    numba.set_num_threads(threads)
    monkeypatch.setattr(run, "controlled_step", raising_at(1, run.controlled_step))
    assert gradient_flow(start(SIX, 0), SIX).status == "interrupted"
    assert numba.get_num_threads() == threads


def test_inputs_are_left_alone():
    net = start(SIX, 9)
    before = [getattr(net, part).copy() for part in "vwb"]
    first = gradient_flow(net, SIX, steps=10, margin=1e3)
    rows = {name: getattr(first, name).copy() for name in ROWS}
    second = gradient_flow(first.net, SIX, steps=20, margin=1e3, resume=first)
    assert len(second.margins) == 21
    assert all(
        np.array_equal(getattr(net, part), one) for part, one in zip("vwb", before, strict=True)
    )
    assert all(np.array_equal(getattr(first, name), rows[name]) for name in ROWS)
    assert len(first.snapshots) == len(first.snapshot_log_times)


def test_progress_goes_to_stderr_and_changes_nothing(capsys):
    net = start(SIX, 10)
    silent = gradient_flow(net, SIX)
    assert capsys.readouterr() == ("", "")
    assert_same_run(gradient_flow(net, SIX, progress=True), silent)
    assert capsys.readouterr().out == ""


def test_a_run_can_be_written_as_json():
    found = gradient_flow(ON_THE_EDGE, EDGE, steps=2).to_dict()
    assert found["log_times"][0] == "-inf"
    assert found["status"] == "steps exhausted"
    assert found["sliding"] == [0]


# The door


@pytest.mark.parametrize(
    ("options", "error", "message"),
    [
        (
            {"loss": "hinge"},
            ValueError,
            r"`loss` must be one of logistic, exponential, got 'hinge'; choose one of",
        ),
        (
            {"method": "sgd"},
            ValueError,
            r"`method` must be one of flow, gd, got 'sgd'; choose one of these",
        ),
        (
            {"margin": 0.0},
            ValueError,
            r"`margin` must be positive, got 0.0; leave it out for the usual value",
        ),
        ({"margin": math.inf}, ValueError, r"`margin` must be finite, got inf"),
        ({"tolerance": -1.0}, ValueError, r"`tolerance` must be positive, got -1.0"),
        ({"tolerance": "small"}, TypeError, r"`tolerance` must be a real number, got 'small'"),
        ({"learning_rate": 0}, ValueError, r"`learning_rate` must be positive, got 0"),
        ({"learning_rate": math.nan}, ValueError, r"`learning_rate` must be finite, got nan"),
        ({"steps": 0}, ValueError, r"`steps` must be an integer >= 1, got 0"),
        ({"steps": 10.5}, TypeError, r"`steps` must be an integer, got 10.5"),
        (
            {"resume": "run.npz"},
            TypeError,
            r"`resume` must be a Trajectory, got str; pass what gradient_flow returned",
        ),
    ],
)
def test_options_out_of_range(options, error, message):
    with pytest.raises(error, match=message):
        gradient_flow(ON_THE_EDGE, EDGE, **options)


def test_nets_and_samples_are_required():
    deep = DeepReluNet([(np.ones((1, 1)), [0.0]), (np.ones((1, 1)), [0.5])])
    with pytest.raises(TypeError, match=r"`net` must be a ReluNet, .* got DeepReluNet"):
        gradient_flow(deep, EDGE)
    with pytest.raises(TypeError, match=r"`sample` must be a Sample, got list"):
        gradient_flow(ON_THE_EDGE, [[0.0, 1.0], [-1.0, 1.0]])


@pytest.mark.parametrize(
    ("net", "x"),
    [
        (ReluNet([1e51], [1.0], [1.0]), 1.0),
        (ReluNet([1.0], [1.0], [-1e60]), 1.0),
        (ON_THE_EDGE, 1e51),
    ],
)
def test_numbers_beyond_1e50_are_refused(net, x):
    with pytest.raises(
        ValueError, match=r"`net` and `sample` must stay within 10\^50, got 1e\+\d\d; rescale them"
    ):
        gradient_flow(net, Sample([x], [1.0]))


def test_a_run_goes_on_where_it_ended_and_as_it_began():
    part = gradient_flow(TOWARDS_THE_EDGE, EDGE, steps=5)
    for options, message in (
        (
            {"method": "gd"},
            r"`method` must be that of the run to resume, 'flow', got 'gd'; or start anew",
        ),
        (
            {"loss": "exponential"},
            r"`loss` must be that of the run to resume, 'logistic', got 'exponential'",
        ),
    ):
        with pytest.raises(ValueError, match=message):
            gradient_flow(part.net, EDGE, resume=part, **options)
    with pytest.raises(
        ValueError,
        match=r"`net` must be where the run to resume ended, got another; pass resume.net",
    ):
        gradient_flow(TOWARDS_THE_EDGE, EDGE, resume=part)
    for other in (
        Sample([0.0, 0.5], [-1.0, 1.0]),
        Sample([0.0], [-1.0]),
        Sample([0.0, 1.0], [-1.0, -1.0]),
    ):
        if loss_and_gradient(part.net, other).margins.min() == part.margins[-1]:
            continue  # the smallest margin is all that is remembered of a sample
        with pytest.raises(
            ValueError,
            match=r"`sample` must be that of the run to resume, with a smallest margin of ",
        ):
            gradient_flow(part.net, other, resume=part)


def test_kinks_cannot_be_held_on_observations_that_there_are_not():
    part = gradient_flow(ON_THE_EDGE, EDGE, steps=2)
    for sliding in ([2], [0, 0]):
        damaged = dataclasses.replace(part, sliding=np.array(sliding))
        with pytest.raises(ValueError, match=r"`sample` must be that of the run to resume"):
            gradient_flow(part.net, EDGE, resume=damaged)


def test_descent_goes_on_at_its_learning_rate():
    part = gradient_flow(TOWARDS_THE_EDGE, EDGE, method="gd", steps=5, learning_rate=0.1)
    with pytest.raises(
        ValueError,
        match=r"`learning_rate` must be that of the run to resume, 0.1, got 0.2; or start",
    ):
        gradient_flow(part.net, EDGE, method="gd", learning_rate=0.2, resume=part)
