"""The loss and its gradient: against rational arithmetic, sixty digits and torch; and the kernels
training rests on.
"""

import math
from collections import Counter
from fractions import Fraction

import numpy as np
import pytest
import strategies
from hypothesis import assume, example, given, settings, strategies as st
from oracles import training
from oracles.exact import fractions

from benchmarks.speed.tangent import stiffen, tangent_kernel
from univariate import DeepReluNet, ReluNet, Sample, loss_and_gradient
from univariate.training.kernels import gradient, regimes
from univariate.training.losses import LOSSES, carried, weigh

EPSILON = float(np.finfo(np.float64).eps)
TINY = Fraction(5e-324)
RELATIVE = 1e-12
"""Of the largest summand of an entry of the gradient: the accuracy that is asked for."""
FREE = regimes.FREE

thorough = settings(max_examples=100, deadline=None, database=None)
brief = settings(max_examples=30, deadline=None, database=None)


def hostile(rng: np.random.Generator, *, extreme: bool) -> tuple[training.Net, strategies.Sample]:
    """A net of some family and a sample; often some kinks are moved onto data, and all neurons made
    huge or tiny.
    """
    v, w, b = strategies.random_hostile_net(rng, 9, extreme=extreme)
    x, y = strategies.random_sample(rng, max_size=9, unit_interval=rng.random() < 0.5)
    if not extreme and rng.random() < 0.25:
        inner, outer = 10.0 ** rng.choice([-100, -50, 50, 100], 2)
        v, w, b = outer * v, inner * w, inner * b
    if np.abs(w).max() < 1e150 and rng.random() < 0.5:
        moved = rng.random(len(v)) < 0.5
        b = np.where(moved, -(w * rng.choice(x, len(v))), b)
    return (v, w, b), (x, y)


def small_enough(net: training.Net, x: np.ndarray) -> bool:
    """Whether the door is open: no entry beyond 10^150, and no value near the largest double."""
    if max(float(np.abs(part).max()) for part in (*net, x)) > 1e150:
        return False
    return max(training.margins(net, x, np.ones(len(x)))[1]) < 10**307


def entries(found) -> np.ndarray:
    return np.stack([found.log_loss_v, found.log_loss_w, found.log_loss_b])


def assert_margins(margins: np.ndarray, net: training.Net, x: np.ndarray, y: np.ndarray) -> None:
    """One rounding, 2^−90 of what the active neurons add up, and what is lost where products
    underflow.
    """
    exact, sizes = training.margins(net, x, y)
    for i, (margin, value, size) in enumerate(zip(margins.tolist(), exact, sizes, strict=True)):
        lost = 8 * len(net[0]) * TINY * (1 + abs(Fraction(x[i])))
        assert abs(Fraction(margin) - value) <= abs(value) / 2**52 + size / 2**90 + lost, (
            net,
            x,
            i,
        )


def assert_is_right(net: training.Net, x: np.ndarray, y: np.ndarray, loss: str) -> None:
    """Margins as above; all else is a function of them as rounded, and right to `RELATIVE` of the
    largest summand.

    Weights below the smallest double are 0: each may be off by that much, times what it is
    multiplied by.
    """
    found = loss_and_gradient(ReluNet(*net), Sample(x, y), loss=loss)
    assert_margins(found.margins, net, x, y)
    expected = training.weights(fractions(found.margins), loss)
    assert abs(Fraction(found.log_loss) - expected.log_loss) <= 4 * EPSILON * max(
        1, abs(expected.log_loss)
    )
    charges = [
        -Fraction(label) * weight for label, weight in zip(y.tolist(), expected.first, strict=True)
    ]
    far = 1 + abs(Fraction(np.abs(x).max()))
    got = entries(found)
    for j, (gradients, sizes) in enumerate(training.pulled_back(net, x, charges)):
        v, w, b = (abs(Fraction(part[j])) for part in net)
        for part, factor in enumerate((w * far + b, v * far, v)):
            lost = 4 * len(x) * TINY * (1 + factor)
            error = abs(Fraction(got[part, j]) - gradients[part])
            assert error <= Fraction(RELATIVE) * sizes[part] + lost, (net, x, y, part, j)
    assert_scaled(found)


def assert_scaled(found) -> None:
    """∇L = L ∇ log L, one rounding each, 0 with it; L is e^(log L), 0 or infinite beyond the
    doubles.
    """
    if abs(found.log_loss) < 700.0:
        assert found.loss == pytest.approx(math.exp(found.log_loss), rel=4 * EPSILON)
    assert (found.loss == 0.0) <= (found.log_loss < -745.0)
    assert (found.loss == math.inf) == (found.log_loss > 709.79)
    for part in "vwb":
        relative, scaled = getattr(found, f"log_loss_{part}"), getattr(found, part)
        assert np.all(scaled[relative == 0.0] == 0.0)
        felt = relative != 0.0
        with np.errstate(over="ignore"):
            assert np.array_equal(scaled[felt], relative[felt] * found.loss)


# Against the oracles


@pytest.mark.parametrize("seed", range(6))
def test_250_hostile_nets_against_rational_arithmetic(seed):
    rng = np.random.default_rng(seed)
    seen: Counter[str] = Counter()
    while seen["nets"] < 250:
        net, (x, y) = hostile(rng, extreme=seen["nets"] % 2 == 0)
        if not small_enough(net, x):
            continue
        assert_is_right(net, x, y, LOSSES[seen["nets"] // 2 % 2])
        v, w, b = net
        seen["nets"] += 1
        seen["kink on a datum"] += bool(
            np.any((w[:, None] * x + b[:, None] == 0.0) & (w[:, None] != 0.0))
        )
        seen["w = 0"] += bool(np.any(w == 0.0))
        seen["never active"] += bool(np.any(~training.activity(w, b, x).any(axis=1)))
        seen["duplicates"] += len({*zip(*(part.tolist() for part in net), strict=True)}) < len(v)
        seen["both orientations"] += bool(np.any(w > 0.0) and np.any(w < 0.0))
        seen["cancelled"] += bool(
            any(q == 0 < size for q, size in zip(*training.margins(net, x, y), strict=True))
        )
        seen["beyond 1e50"] += float(np.abs(net).max()) > 1e50
        seen["below 1e-50"] += bool(np.any((np.abs(net) < 1e-50) & (np.array(net) != 0.0)))
    assert len(seen) == 9
    assert min(seen.values()) >= 5, seen


@pytest.mark.core
@pytest.mark.parametrize("loss", LOSSES)
def test_a_few_hostile_nets_against_rational_arithmetic(loss):
    rng = np.random.default_rng(100)
    done = 0
    while done < 20:
        net, (x, y) = hostile(rng, extreme=done % 2 == 0)
        if small_enough(net, x):
            assert_is_right(net, x, y, loss)
            done += 1


@thorough
@given(
    strategies.nets(8), strategies.samples(max_size=8, unit_interval=False), st.sampled_from(LOSSES)
)
def test_any_net_against_rational_arithmetic(net, sample, loss):
    assume(small_enough(net, sample[0]))
    assert_is_right(net, *sample, loss)


@pytest.mark.parametrize("seed", range(4))
def test_300_hostile_nets_against_torch(seed):
    """Torch rounds every product: what that does to its margins, weights and sums is allowed for,
    and is small.
    """
    pytest.importorskip("torch")
    rng = np.random.default_rng(200 + seed)
    done = 0
    while done < 300:
        net, (x, y) = hostile(rng, extreme=False)
        v, w, b = net
        reach = np.abs(w[:, None] * x) + np.abs(b)[:, None]
        blur = (len(v) + 4) * EPSILON * float((np.abs(v) @ reach).max())
        if blur > RELATIVE or float(np.abs(training.dense_margins(net, x, y)).max()) > 600.0:
            continue
        loss = LOSSES[done % 2]
        found = loss_and_gradient(ReluNet(*net), Sample(x, y), loss=loss)
        on, ell = training.activity(w, b, x), np.exp(-found.margins)
        g = ell if loss == "exponential" else ell / (1.0 + ell)
        largest = (
            (on * reach * g).max(axis=1),
            (on * g * np.abs(x)).max(axis=1),
            (on * g).max(axis=1),
        )
        scales = largest[0], np.abs(v) * largest[1], np.abs(v) * largest[2]
        for part, expected, scale in zip(
            "vwb", training.torch_gradient(net, x, y, loss), scales, strict=True
        ):
            assert np.all(
                np.abs(getattr(found, part) - expected) <= 4 * len(x) * RELATIVE * scale
            ), (net, x, y)
        done += 1


@pytest.mark.parametrize("loss", LOSSES)
@pytest.mark.parametrize("size", [1e-100, 1e-30, 1e30, 1e100])
def test_neurons_of_extreme_size(loss, size):
    """Also balanced the other way round, so that the products are of order one."""
    rng = np.random.default_rng(3)
    x, y = np.sort(rng.random(7)), np.where(np.arange(7) % 2, 1.0, -1.0)
    v, w, b = rng.normal(size=(3, 6))
    for net in (
        (size * v, size * w, size * b),
        (v / size, size * w, size * b),
        (size * v, w / size, b / size),
    ):
        assert_is_right(net, x, y, loss)


@pytest.mark.core
@pytest.mark.parametrize("loss", LOSSES)
@pytest.mark.parametrize(
    "margin", [690.0, 720.0, 745.5, 1e4, 1e9, 1e150, -690.0, -720.0, -1e4, -1e9, -1e150]
)
def test_losses_beyond_the_doubles_keep_their_logarithm(loss, margin):
    """N = margin σ(2x − 1) + c: at x = 1 and, to be felt beside it, one unit more at x = 1.5."""
    net = np.array([margin, 1.0]), np.array([2.0, 2.0]), np.array([-1.0, -2.0])
    x, y = np.array([0.25, 1.0]), np.array([1.0, 1.0])
    assert_is_right(net, x[1:], y[1:], loss)
    assert_is_right(net, x, y, loss)
    found = loss_and_gradient(ReluNet(*net), Sample(x[1:], y[1:]), loss=loss)
    assert found.margins.tolist() == [margin]
    if margin > 0.0:
        assert found.log_loss == -margin
        assert found.log_loss_v == pytest.approx([-1.0, 0.0], rel=RELATIVE)
    elif loss == "logistic":
        assert found.log_loss == pytest.approx(math.log(-margin), rel=RELATIVE)
    else:
        assert found.log_loss == -margin


# What must hold whatever the numbers are


@thorough
@given(
    strategies.nets(8, extreme=False),
    strategies.samples(max_size=8, unit_interval=False),
    st.sampled_from(LOSSES),
)
def test_eulers_identity(net, sample, loss):
    """N is linear in v and in (w, b): v ∂L/∂v and w ∂L/∂w + b ∂L/∂b both add up to Σ q ℓ'(q)."""
    found = loss_and_gradient(ReluNet(*net), Sample(*sample), loss=loss)
    v, w, b = net
    expected = -math.fsum(found.margins * weigh(found.margins, loss).first)
    sizes = [float(size) for size in training.margins(net, *sample)[1]]
    scale = max(
        weight * size for weight, size in zip(weigh(found.margins, loss).first, sizes, strict=True)
    )
    slack = RELATIVE * len(v) * len(sizes) * scale
    assert abs(math.fsum(v * found.log_loss_v) - expected) <= slack
    assert abs(math.fsum([*(w * found.log_loss_w), *(b * found.log_loss_b)]) - expected) <= slack


@pytest.mark.parametrize("loss", LOSSES)
@pytest.mark.parametrize("seed", range(3))
def test_directional_derivatives_are_difference_quotients(seed, loss):
    """In long doubles and extrapolated, far enough from kinks that none is passed."""
    rng = np.random.default_rng(seed)
    done = 0
    while done < 20:
        x, y = np.sort(rng.random(6)), rng.choice([-1.0, 1.0], 6)
        net = tuple(rng.normal(size=(3, 8)))
        step = 1e-4
        if np.abs(net[1][:, None] * x + net[2][:, None]).min() < 100.0 * step:
            continue
        found = loss_and_gradient(ReluNet(*net), Sample(x, y), loss=loss)
        direction = rng.normal(size=(3, 8))

        def slope(h, net=net, direction=direction, x=x, y=y):
            at = [np.asarray(part, dtype=np.longdouble) for part in net]
            ahead, behind = (
                [p + s * h * d for p, d in zip(at, direction, strict=True)] for s in (1, -1)
            )
            rise = training.dense_log_loss(ahead, x, y, loss) - training.dense_log_loss(
                behind, x, y, loss
            )
            return rise / (2 * np.longdouble(h))

        quotient = (4 * slope(step / 2) - slope(step)) / 3
        expected = float(np.sum(entries(found) * direction))
        assert float(quotient) == pytest.approx(
            expected, abs=1e-11 * float(np.abs(entries(found) * direction).sum())
        )
        done += 1


@pytest.mark.core
@brief
@given(
    strategies.nets(8, extreme=False),
    strategies.samples(max_size=8),
    st.randoms(use_true_random=False),
)
def test_the_order_of_neurons_changes_nothing(net, sample, random):
    order = list(range(len(net[0])))
    random.shuffle(order)
    found = loss_and_gradient(ReluNet(*net), Sample(*sample))
    again = loss_and_gradient(ReluNet(*(part[order] for part in net)), Sample(*sample))
    size = max(float(size) for size in training.margins(net, *sample)[1])
    assert np.all(
        np.abs(again.margins - found.margins)
        <= EPSILON * np.abs(found.margins) + EPSILON**1.5 * size
    )
    scale = np.abs(entries(found)).max()
    assert np.all(np.abs(entries(again) - entries(found)[:, order]) <= RELATIVE * scale)


@brief
@given(
    strategies.nets(8, extreme=False),
    strategies.samples(max_size=8),
    st.integers(-60, 60),
    st.sampled_from(LOSSES),
)
def test_rescaled_neurons_are_rescaled_bit_for_bit(net, sample, power, loss):
    """(v/c, c w, c b) is the same function; for powers of two no rounding differs."""
    v, w, b = net
    c = 2.0**power
    found = loss_and_gradient(ReluNet(*net), Sample(*sample), loss=loss)
    again = loss_and_gradient(ReluNet(v / c, c * w, c * b), Sample(*sample), loss=loss)
    assert np.array_equal(again.margins, found.margins)
    assert again.log_loss == found.log_loss
    assert np.array_equal(again.log_loss_v, c * found.log_loss_v)
    assert np.array_equal(again.log_loss_w, found.log_loss_w / c)
    assert np.array_equal(again.log_loss_b, found.log_loss_b / c)


@brief
@given(strategies.nets(8, extreme=False), strategies.samples(max_size=8), st.sampled_from(LOSSES))
def test_other_labels_and_other_signs_are_the_same_problem(net, sample, loss):
    (v, w, b), (x, y) = net, sample
    found = loss_and_gradient(ReluNet(v, w, b), Sample(x, y), loss=loss)
    again = loss_and_gradient(ReluNet(-v, w, b), Sample(x, -y), loss=loss)
    assert np.array_equal(again.margins, found.margins)
    assert np.array_equal(again.v, -found.v)
    assert np.array_equal(again.w, found.w)
    assert np.array_equal(again.b, found.b)


@brief
@given(strategies.nets(8, extreme=False), strategies.samples(max_size=8), st.sampled_from(LOSSES))
def test_the_mirror_image_is_the_same_problem(net, sample, loss):
    """Left-oriented neurons are as accurate as right-oriented ones; only the order of the sums
    differs.
    """
    (v, w, b), (x, y) = net, sample
    found = loss_and_gradient(ReluNet(v, w, b), Sample(x, y), loss=loss)
    again = loss_and_gradient(ReluNet(v, -w, b), Sample(-x[::-1], y[::-1]), loss=loss)
    size = max(float(size) for size in training.margins(net, *sample)[1])
    np.testing.assert_allclose(
        again.margins[::-1], found.margins, rtol=EPSILON, atol=EPSILON**1.5 * size
    )
    scale = RELATIVE * np.abs(entries(found)).max()
    np.testing.assert_allclose(again.log_loss_v, found.log_loss_v, rtol=0.0, atol=scale)
    np.testing.assert_allclose(again.log_loss_w, -found.log_loss_w, rtol=0.0, atol=scale)
    np.testing.assert_allclose(again.log_loss_b, found.log_loss_b, rtol=0.0, atol=scale)


def test_copies_of_a_neuron_have_the_same_gradient():
    rng = np.random.default_rng(5)
    v, w, b = (np.tile(part, 3) for part in rng.normal(size=(3, 5)))
    found = entries(
        loss_and_gradient(
            ReluNet(v, w, b), Sample(np.sort(rng.random(9)), rng.choice([-1.0, 1.0], 9))
        )
    )
    assert np.array_equal(found[:, :5], found[:, 5:10])
    assert np.array_equal(found[:, :5], found[:, 10:])


# Kinks on data, dead neurons


@pytest.mark.core
def test_a_kink_on_a_datum_is_silent_there():
    """σ'(0) = 0: the datum 1/2 moves neither neuron, the data beyond do; N = 0 on both, so −ℓ'/L =
    1/(4 log 2).
    """
    sample = Sample([0.5, 0.75], [1.0, -1.0])
    right = loss_and_gradient(ReluNet([1.0], [1.0], [-0.5]), sample)
    left = loss_and_gradient(ReluNet([1.0], [-1.0], [0.5]), sample)
    assert right.margins.tolist() == [0.0, -0.25]
    assert (right.v[0], right.w[0], right.b[0]) == pytest.approx(
        tuple(factor / (1.0 + math.exp(-0.25)) for factor in (0.25, 0.75, 1.0)), rel=4 * EPSILON
    )
    assert (left.v[0], left.w[0], left.b[0]) == (0.0, 0.0, 0.0)
    assert left.loss == pytest.approx(2.0 * math.log(2.0), rel=2 * EPSILON)


@pytest.mark.core
def test_activity_is_that_of_float64_code():
    """3 · fl(1/3) = 1 − 2^−54 is 1 when rounded, so that a neuron that is not quite positive there
    counts as silent.

    And 49 · fl(1/49) rounds to 1 − 2^−53 from 1 − 2^-53.4…: silent for b = −1 + 2^−53, whatever the
    exact value.
    """
    third = loss_and_gradient(ReluNet([1.0], [-3.0], [1.0]), Sample([1.0 / 3.0], [1.0]))
    assert 1 - 3 * Fraction(1.0 / 3.0) > 0
    assert third.margins[0] == 0.0
    assert third.log_loss_w[0] == third.log_loss_v[0] == 0.0
    part, bias = 1.0 / 49.0, -math.nextafter(1.0, 0.0)
    silent = loss_and_gradient(ReluNet([1.0], [49.0], [bias]), Sample([part], [1.0]))
    assert 49.0 * part + bias == 0.0
    assert silent.log_loss_w[0] == 0.0


@pytest.mark.core
def test_silent_neurons_have_no_gradient():
    sample = Sample([0.25, 0.75], [1.0, -1.0])
    # v = 0 and active: only v moves; w = b = 0; inactive on all data; w = 0 with either sign of b
    found = loss_and_gradient(
        ReluNet(
            [0.0, 1.0, 1.0, 1.0, 1.0, -0.0],
            [1.0, 0.0, -1.0, 0.0, -0.0, -0.0],
            [1.0, 0.0, 0.0, -1.0, 2.0, -0.0],
        ),
        sample,
    )
    assert (found.v != 0.0).tolist() == [True, False, False, False, True, False]
    assert (
        (found.w != 0.0).tolist()
        == (found.b != 0.0).tolist()
        == [False, False, False, False, True, False]
    )


# The door


SAMPLE = Sample([0.25, 0.75], [1.0, -1.0])
NET = ReluNet([1.0], [1.0], [1.0])


def test_only_shallow_nets_without_output_bias_are_trained():
    deep = DeepReluNet([(np.ones((1, 1)), [0.0]), (np.ones((1, 1)), [0.5])])
    for net in (deep, "net", None):
        with pytest.raises(
            TypeError, match=rf"`net` must be a ReluNet, .* got {type(net).__name__}"
        ):
            loss_and_gradient(net, SAMPLE)


def test_a_sample_is_required():
    with pytest.raises(
        TypeError, match=r"`sample` must be a Sample, got tuple; use Sample.from_arrays\(x, y\)"
    ):
        loss_and_gradient(NET, ([0.25, 0.75], [1.0, -1.0]))


@pytest.mark.parametrize("loss", ["hinge", "", None, 3, "Logistic"])
def test_other_losses_are_unknown(loss):
    with pytest.raises(
        ValueError,
        match=r"`loss` must be one of logistic, exponential, got .*; choose one of these",
    ):
        loss_and_gradient(NET, SAMPLE, loss=loss)


@pytest.mark.parametrize(
    ("net", "x"),
    [
        (([1e151], [1.0], [1.0]), 0.5),
        (([1.0], [-1e151], [1.0]), 0.5),
        (([1.0], [1.0], [1e300]), 0.5),
        (([1.0], [1.0], [1.0]), 2.0**500),
    ],
)
def test_numbers_beyond_1e150_are_refused(net, x):
    with pytest.raises(
        ValueError, match=r"`net` and `sample` must stay within 10\^150, got \d.*; rescale them"
    ):
        loss_and_gradient(ReluNet(*net), Sample([x], [1.0]))


@pytest.mark.core
@pytest.mark.parametrize("v", [1e150, -1e150])
def test_values_beyond_the_doubles_are_refused_in_words(v):
    """Found NaN: v w x is far beyond the doubles although each factor passes the door."""
    with pytest.raises(
        ValueError,
        match=r"`net` must have values in the range of doubles.*at observation 1; rescale",
    ):
        loss_and_gradient(ReluNet([v], [1e150], [0.0]), Sample([1.0, 1e10], [1.0, 1.0]))


def test_the_inputs_are_left_alone_and_results_compare():
    v, w, b = (part.copy() for part in (NET.v, NET.w, NET.b))
    found = loss_and_gradient(NET, SAMPLE)
    assert np.array_equal(NET.v, v)
    assert np.array_equal(NET.w, w)
    assert np.array_equal(NET.b, b)
    assert found == loss_and_gradient(NET, SAMPLE)
    assert set(found.to_dict()) >= {"loss", "log_loss", "v", "w", "b", "margins"}


# Losses of margins


def assert_weights(margins: np.ndarray, loss: str) -> None:
    found, expected = weigh(margins, loss), training.weights(fractions(margins), loss)
    assert abs(Fraction(found.log_loss) - expected.log_loss) <= 4 * EPSILON * max(
        1, abs(expected.log_loss)
    )
    for got, exact in ((found.first, expected.first), (found.second, expected.second)):
        for one, truth in zip(got.tolist(), exact, strict=True):
            # exp turns the rounding of its argument, at most 745 here, into a relative error
            assert abs(Fraction(one) - truth) <= 745 * EPSILON * truth + 2 * TINY, (margins, loss)


@pytest.mark.core
@pytest.mark.parametrize("loss", LOSSES)
@pytest.mark.parametrize(
    "margins",
    [
        [0.0],
        [-0.0, 0.0],
        [35.99999, 36.0, 36.00001],
        [36.5, 37.0, 40.0, 700.0],
        [1e4, 1e4 + 1.0],
        [1e9, 1e9 + 0.5, 1e9 + 800.0],
        [1e300, 1e300],
        [1e300, -1e300],
        [-1e300, -1e299, 5.0],
        [-745.0, -746.0],
        [-40.0, 40.0, 1e-300, -1e-300],
        [5e-324, -5e-324],
    ],
)
def test_weights_of_given_margins_with_sixty_digits(margins, loss):
    assert_weights(np.array(margins), loss)


@thorough
@given(
    st.lists(st.floats(-1e300, 1e300) | st.floats(-50.0, 50.0), min_size=1, max_size=6),
    st.sampled_from(LOSSES),
)
@example([1e8, 1e8 + 0.25, 2e8], "logistic")
def test_weights_of_any_margins_with_sixty_digits(margins, loss):
    assert_weights(np.array(margins), loss)


@brief
@given(st.lists(st.floats(1e3, 1e12), min_size=1, max_size=6), st.integers(0, 2**40))
def test_late_weights_do_not_depend_on_the_loss_or_on_a_common_part(margins, shift):
    """From 745 on both losses are e^−q, of which the weights see differences only: they are the
    same bit for bit.
    """
    late = np.floor(np.array(margins))
    logistic, exponential = weigh(late, "logistic"), weigh(late, "exponential")
    assert np.array_equal(logistic.first, exponential.first)
    assert np.array_equal(logistic.second, exponential.second)
    assert np.array_equal(weigh(late + shift, "exponential").first, exponential.first)


# The kernels


@pytest.mark.core
@thorough
@given(strategies.nets(8), strategies.samples(max_size=8, unit_interval=False), st.data())
def test_cells_are_found_from_anywhere(net, sample, data):
    (_, w, b), x = net, strategies.read_only(sample[0])
    start = np.array(
        data.draw(st.lists(st.integers(0, len(x)), min_size=len(w), max_size=len(w))), dtype=np.intp
    )
    cell = start.copy()
    with np.errstate(over="ignore"):
        on = training.activity(w, b, x)
        crossed = gradient.locate(w, b, x, cell)
    expected = np.where(
        (w >= 0.0)[:, None], np.arange(len(x)) >= cell[:, None], np.arange(len(x)) < cell[:, None]
    )
    assert np.array_equal(on, expected)
    assert crossed == np.abs(cell - start).sum()


def located(net: training.Net, x: np.ndarray) -> np.ndarray:
    cell = np.zeros(len(net[0]), dtype=np.intp)
    gradient.locate(net[1], net[2], strategies.read_only(x), cell)
    return cell


def sized(values, sizes) -> list[tuple[Fraction, Fraction]]:
    return list(zip(values, sizes, strict=True))


@pytest.mark.core
@brief
@given(
    strategies.nets(8, extreme=False),
    strategies.samples(max_size=8, unit_interval=False),
    st.integers(0, 2**32),
)
def test_values_changes_and_gradients_against_rational_arithmetic(net, sample, seed):
    """Sums in double-double: what is left are the roundings of the terms of a change, and one of
    each result.
    """
    x = strategies.read_only(sample[0])
    rng, cell = np.random.default_rng(seed), located(net, x)
    assert_margins(gradient.values(*net, x, cell), net, x, np.ones(len(x)))
    step = rng.normal(size=(3, len(net[0])))
    for got, (value, size) in zip(
        gradient.changes(*net, x, cell, step).tolist(),
        sized(*training.changes(net, x, tuple(step))),
        strict=True,
    ):
        assert abs(Fraction(got) - value) <= 4 * EPSILON * size
    g = rng.normal(size=len(x)) * 10.0 ** rng.integers(-20, 20, len(x))
    back = gradient.pulled_back(*net, x, cell, g)
    for j, (values, sizes) in enumerate(training.pulled_back(net, x, fractions(g))):
        for part, (value, size) in enumerate(sized(values, sizes)):
            assert (
                abs(Fraction(back[part, j]) - value)
                <= abs(value) * 2 * EPSILON + size / 2**85 + len(x) * TINY
            )


@pytest.mark.core
@pytest.mark.parametrize("side", [1.0, -1.0])
def test_what_cancels_leaves_what_is_left(side):
    """3 fl(0.1) − fl(0.3) is 2.8e-17, and 5.6e-17 in plain doubles: summed over data, and over
    neurons.
    """
    x, cell = strategies.read_only(np.array([0.1, 0.3])), np.array([0 if side > 0.0 else 2] * 2)
    left = 3 * Fraction(0.1) - Fraction(0.3)
    back = gradient.pulled_back(
        np.ones(2), side * np.ones(2), np.ones(2), x, cell, np.array([3.0, -1.0])
    )
    assert back[1].tolist() == [float(left)] * 2
    assert back[0].tolist() == [float(int(side) * left + 2)] * 2
    at_three = gradient.values(
        np.array([0.1, -0.3]), np.array([3.0 * side, side]), np.zeros(2), x, cell
    )
    assert at_three.tolist() == [float(int(side) * left * Fraction(point)) for point in x]
    constant = gradient.values(
        np.array([0.1, -0.3]), np.zeros(2), np.array([3.0, 1.0]), x, np.zeros(2, np.intp)
    )
    assert constant.tolist() == [float(left)] * 2


@pytest.mark.core
@brief
@given(
    strategies.nets(8, extreme=False),
    strategies.samples(max_size=8, unit_interval=False),
    st.integers(0, 2**32),
)
def test_gradients_are_adjoint_to_changes(net, sample, seed):
    """g · J δ = Jᵀ g · δ, in any cells: kinks need not be where the cells say."""
    x, rng = strategies.read_only(sample[0]), np.random.default_rng(seed)
    cell = rng.integers(0, len(x) + 1, len(net[0]))
    step, g = rng.normal(size=(3, len(net[0]))), rng.normal(size=len(x))
    forward = g * gradient.changes(*net, x, cell, step)
    back = gradient.pulled_back(*net, x, cell, g) * step
    terms = np.abs(net[0]).max() + np.abs(net[1]).max() + np.abs(net[2]).max()
    size = terms * (1.0 + np.abs(x).max()) * np.abs(g).sum() * np.abs(step).sum()
    assert abs(math.fsum(forward) - math.fsum(back.ravel())) <= 16 * EPSILON * size


@pytest.mark.core
@brief
@given(
    strategies.nets(8, extreme=False),
    strategies.samples(max_size=8, unit_interval=False),
    st.data(),
)
def test_the_tangent_kernel_is_j_j_transposed(net, sample, data):
    """With kinks held on data or not, for all data or some."""
    x, n = sample[0], len(net[0])
    chosen = np.array(sorted(data.draw(st.sets(st.integers(0, len(x) - 1)))), dtype=np.intp)
    index = np.array(data.draw(st.lists(st.integers(-1, len(x) - 1), min_size=n, max_size=n)))
    # silent on the datum they are held on
    cell = np.where(index >= 0, index + (net[1] >= 0.0), located(net, x))
    held = np.where(index >= 0, x[index], np.nan)
    on = np.where(
        (net[1] >= 0.0)[:, None],
        np.arange(len(x)) >= cell[:, None],
        np.arange(len(x)) < cell[:, None],
    )
    jacobian = training.dense_jacobian(net, x, on, held)
    far = np.abs(x)[:, None] + 1.0
    _, w, b = net
    size = (on * (far.T * (np.abs(w) + np.abs(b) + np.abs(net[0]))[:, None])) ** 2
    found = tangent_kernel(*net, held, x, cell, chosen)
    assert found.shape == (len(chosen), len(chosen))
    assert np.array_equal(found, found.T)
    tolerance = 16 * n * EPSILON * np.sqrt(np.outer(size.sum(axis=0), size.sum(axis=0)))
    assert np.all(
        np.abs(found - (jacobian @ jacobian.T)[np.ix_(chosen, chosen)])
        <= tolerance[np.ix_(chosen, chosen)]
    )


@pytest.mark.core
def test_the_tangent_kernel_by_hand():
    """σ(x) with v = 2 at x = 1, 2: gradients (1, 2, 2), (2, 4, 2); with the kink held on 0 the last
    entries go.
    """
    v, w, b, x, cell = (
        np.array([2.0]),
        np.array([1.0]),
        np.array([0.0]),
        np.array([1.0, 2.0]),
        np.zeros(1, np.intp),
    )
    both = np.arange(2)
    assert tangent_kernel(v, w, b, np.array([np.nan]), x, cell, both).tolist() == [
        [9.0, 14.0],
        [14.0, 24.0],
    ]
    assert tangent_kernel(v, w, b, np.zeros(1), x, cell, both).tolist() == [
        [5.0, 10.0],
        [10.0, 20.0],
    ]
    assert tangent_kernel(v, w, b, np.zeros(1), x, cell, both[1:]).tolist() == [[20.0]]


@pytest.mark.core
@pytest.mark.parametrize("size", [0, 1, 5])
def test_the_matrix_of_a_step(size):
    rng = np.random.default_rng(size)
    kernel, (scale, first, second) = rng.normal(size=(size, size)), rng.normal(size=(3, size))
    found, h = kernel.copy(), 0.3
    stiffen(found, scale, first, second, h)
    rank_two = np.outer(first, second) + np.outer(second, first)
    expected = np.eye(size) + h * (np.outer(scale, scale) * kernel - rank_two)
    np.testing.assert_allclose(np.tril(found), np.tril(expected), rtol=0.0, atol=32 * EPSILON)
    assert np.array_equal(np.triu(found, 1), np.triu(kernel, 1))


# Kinks at data: labels +, −, + at 0, 1, 3 and weights 1, p, 1. Seen from the datum 1, the others
# pull a kink of either orientation by Σ y p (x · 1 + 1): 1 from the left, 4 from the right; the
# datum itself takes away 2 p.


def weighed(*first: float, y: tuple[float, ...] = (1.0, -1.0, 1.0)) -> regimes.Weighed:
    x, labels = (strategies.read_only(np.array(one, float)) for one in ([0.0, 1.0, 3.0], y))
    weights = np.array(first)
    return regimes.Weighed(x, labels, weights, *regimes.sums(x, labels, weights))


@pytest.mark.core
def test_sums_by_hand():
    data = weighed(1.0, 4.0, 2.0)
    assert data.after.tolist() == [[2.0, 2.0, 6.0, 0.0], [-1.0, -2.0, 2.0, 0.0]]
    assert data.before.tolist() == [[0.0, 0.0, -4.0, 2.0], [0.0, 1.0, -3.0, -1.0]]


@pytest.mark.core
@pytest.mark.parametrize(
    ("v", "w", "weight", "share"),
    [
        (1.0, 1.0, 4.0, 0.5),
        (8.0, 0.25, 4.0, 0.5),
        (1.0, 1.0, 1.0, 2.0),
        (1.0, -1.0, 1.0, 0.5),
        (1.0, -1.0, 0.25, 2.0),
        (-1.0, 1.0, 4.0, -math.inf),
        (-1.0, -1.0, 4.0, -math.inf),
        (1.0, 1.0, 0.0, math.inf),
        (0.0, 1.0, 1.0, -math.inf),
    ],
)
def test_shares_by_hand(v, w, weight, share):
    assert regimes.share_at(v, w, 1, weighed(1.0, weight, 1.0)) == share


@pytest.mark.core
@brief
@given(strategies.samples(2, 8), st.integers(0, 2**32))
def test_with_its_share_a_kink_stays(sample, seed):
    """The gradient of Σ p_i y_i N(x_i), with σ'_ij = share at the datum, moves (w, b) along the ray
    of the datum.
    """
    (x, y), rng = map(strategies.read_only, sample), np.random.default_rng(seed)
    first = rng.random(len(x))
    data = regimes.Weighed(x, y, first, *regimes.sums(x, y, first))
    for i, w in ((i, w) for i in range(len(x)) for w in (1.0, -1.0)):
        v = -y[i]
        share = regimes.share_at(v, w, i, data)
        on = np.where(w * (x - x[i]) > 0.0, 1.0, 0.0)
        on[i] = share
        pull = v * y * first * on
        assert abs(np.sum(pull * x) * x[i] + np.sum(pull)) <= 16 * len(x) * EPSILON * (
            np.abs(pull).sum() + first.sum()
        )


def arrive(held, cell, kink_from, kink_to, data, *, v=1.0, w=1.0, way=0.0):
    """One neuron with |w| = 1 through `advance`, its kink going from one place to another: (count,
    held, cell, kink). `way` is ż that led onto the datum 1 since the step began.
    """
    theta = np.array([[v], [w], [-w * kink_from]])
    step = np.array([[0.0], [0.0], [-w * (kink_to - kink_from)]])
    pace = np.array([[way], [0.0]])
    arrays = np.array([cell]), np.array([held])
    count = regimes.advance(theta, step, True, *arrays, pace, data)
    return count, int(arrays[1][0]), int(arrays[0][0]), float(-theta[2, 0] / theta[1, 0])


@pytest.mark.core
def test_kinks_are_let_go_to_the_side_they_pull():
    stays, active, repelled = (
        weighed(1.0, 4.0, 1.0),
        weighed(1.0, 0.25, 1.0),
        weighed(1.0, 4.0, 1.0, y=(-1, -1, -1)),
    )
    for w, held_cell, on, off in ((1.0, 2, 1, 2), (-1.0, 1, 2, 1)):
        assert arrive(1, held_cell, 1.0, 1.0, stays, w=w) == (0, 1, held_cell, 1.0)
        # share > 1: active on it from now on
        assert arrive(1, held_cell, 1.0, 1.0, active, w=w) == (1, FREE, on, 1.0)
        # share < 0: silent
        assert arrive(1, held_cell, 1.0, 1.0, repelled, w=w) == (1, FREE, off, 1.0)
        # v changed its sign
        assert arrive(1, held_cell, 1.0, 1.0, stays, v=-1.0, w=w) == (1, FREE, off, 1.0)
    # the share is (4 + way)/8
    for way, share_is_right in ((3.9, True), (4.1, False), (-3.9, True), (-4.1, False)):
        found = arrive(1, 2, 1.0, 1.0, stays, way=way)
        assert (found[1] == 1) == share_is_right
        assert share_is_right or found[2] == (1 if way > 0.0 else 2)


@pytest.mark.core
def test_kinks_are_kept_by_the_last_share():
    """0 and 1 count: with weights 4 to 2 · 2 the share is exactly 1."""
    assert arrive(1, 2, 1.0, 1.0, weighed(1.0, 2.0, 1.0))[:2] == (0, 1)
    assert arrive(1, 2, 1.0, 1.0, weighed(1.0, 2.0, 0.0))[:2] == (0, 1)


@pytest.mark.core
def test_kinks_are_caught_by_the_first_datum_that_keeps_them():
    keeps, active = weighed(1.0, 4.0, 1.0), weighed(1.0, 0.25, 1.0)
    repels = weighed(1.0, 4.0, 1.0, y=(-1, -1, -1))
    # right-oriented, kink from right to left
    assert arrive(FREE, 2, 2.0, -0.5, keeps) == (1, 1, 2, 1.0)
    assert arrive(FREE, 1, 0.5, 4.0, keeps) == (1, 1, 2, 1.0)  # and back
    assert arrive(FREE, 1, 0.5, 4.0, keeps, w=-1.0) == (1, 1, 1, 1.0)  # left-oriented
    assert arrive(FREE, 2, 2.0, -0.5, keeps, w=-1.0) == (1, 1, 1, 1.0)
    # becoming active on the datum: held if share < 1 only; becoming silent there: if share > 0 only
    assert arrive(FREE, 2, 2.0, -1.0, active) == (2, FREE, 0, -1.0)
    assert arrive(FREE, 1, 0.5, 4.0, active)[:3] == (1, 1, 2)
    assert arrive(FREE, 2, 2.0, -0.5, repels)[:3] == (1, 1, 2)
    assert arrive(FREE, 1, 0.5, 2.0, repels) == (1, FREE, 2, 2.0)
    # data of its own sign, and data that are not crossed
    assert arrive(FREE, 2, 2.0, 0.5, keeps, v=-1.0) == (1, FREE, 1, 0.5)
    assert arrive(FREE, 2, 2.5, 1.5, keeps) == (0, FREE, 2, 1.5)


@pytest.mark.core
def test_kinks_in_the_way_are_led_onto_the_next_datum():
    """`blocked` holds what a step would carry over a datum that keeps it; nothing moves yet."""
    for kink, to, w, expected in (
        (2.0, 0.5, 1.0, 1),
        (2.0, 1.5, 1.0, FREE),
        (0.5, 4.0, -1.0, 1),
        (1.0, 0.5, 1.0, 1),
        (1.0, 1.5, 1.0, FREE),
    ):
        for weight in (4.0, 0.25):
            theta = np.array([[1.0], [w], [-w * kink]])
            step = np.array([[0.0], [0.0], [-w * (to - kink)]])
            cell = np.array([1 if kink < 1.0 else 2])
            held = np.array([FREE])
            data = weighed(1.0, weight, 1.0)
            count = regimes.blocked(theta, step, cell, held, np.zeros((2, 1)), data)
            # with the lesser weight the share exceeds 1: what is not on the datum yet crosses it
            passes = weight < 1.0 and kink != 1.0
            assert held[0] == (FREE if passes else expected)
            assert count == (held[0] != FREE)


@pytest.mark.core
def test_kinks_on_data_are_held_before_those_that_are_on_their_way():
    """What lies on a datum and would cross it leads others astray until it is held."""
    theta = np.array([[1.0, 1.0], [1.0, 1.0], [-1.0, -2.0]])
    step = np.array([[0.0, 0.0], [0.0, 0.0], [0.5, 1.5]])
    cell = np.array([2, 2])
    held = np.array([FREE, FREE])
    data = weighed(1.0, 4.0, 1.0)
    for expected in ([1, FREE], [1, 1]):
        assert regimes.blocked(theta, step, cell, held, np.zeros((2, 2)), data) == 1
        assert held.tolist() == expected
    assert regimes.blocked(theta, step, cell, held, np.zeros((2, 2)), data) == 0


@pytest.mark.core
@pytest.mark.parametrize("m", [1, 2, 5])
def test_cones_are_cells_in_the_order_of_kinks(m):
    """Walking around the origin of the plane of (w, b), every border is crossed once and forth."""
    x = np.linspace(-1.0, 2.0, m) if m > 1 else np.array([0.5])
    cones = []
    for angle in -np.linspace(0.0, 2.0 * np.pi, 4001)[:-1] - 1e-4:
        w, b = np.cos(angle), np.sin(angle)
        cell = regimes.cell_at(w, b, x)
        cone = regimes.cone_of(w, cell, m)
        assert regimes.cell_of(w, cone, m) == cell
        assert regimes.beyond(w, b, cone, x) == 0
        cones.append(cone)
    steps = np.diff([*cones, cones[0]]) % (2 * m)
    assert set(steps) == {0, 1}
    assert steps.sum() == 2 * m


@pytest.mark.core
@pytest.mark.parametrize("loss", ["logistic", "exponential"])
def test_carried_weights_change_along_a_line(loss):
    """To first order as margins + step; for the exponential loss exactly linear above a half."""
    rng = np.random.default_rng(0)
    margins = np.abs(rng.normal(size=6)) * 5.0
    step = rng.normal(size=6)
    now = weigh(margins, loss)
    for size in (1e-3, 1e-4):
        then = carried(margins, now, size * step, loss)
        first = weigh(then, loss).first
        rates = (weigh(margins + size * step, loss).first - first) / now.first
        assert np.abs(rates).max() <= 20.0 * size**2
    if loss == "exponential":
        then = weigh(carried(margins, now, 0.1 * step, loss), loss).first
        line = now.first * (1.0 + 0.1 * (now.first @ step - step))
        np.testing.assert_allclose(then, line, rtol=1e-12)
    far = carried(margins, now, 1e3 * step, loss)
    assert np.all(np.isfinite(far))
    wrong = weigh(-margins, loss)
    assert np.all(np.isfinite(carried(-margins, wrong, step, loss)))
