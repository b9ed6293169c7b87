"""Networks: construction, values, norms, kinks, balancing, text and JSON forms."""

import json
import math
import subprocess
import sys
from fractions import Fraction

import numpy as np
import pytest
import strategies
from hypothesis import example, given, settings, strategies as st
from oracles import exact

import highdim
from univariate.problem.deep_network import DeepReluNet
from univariate.problem.network import ReluNet
from univariate.problem.network_files import load_network

EPSILON = Fraction(float(np.finfo(np.float64).eps))
SUBNORMAL = Fraction(5e-324)
BEYOND = Fraction(2) ** 1024 - Fraction(2) ** 970
"""From here on the nearest double is infinite."""
EXTREMES = (5e-324, 3e-310, 1e-300, 1e-150, 1.0, 1e150, 1e300, 1.7e308)

few = settings(max_examples=60, deadline=None, database=None)


def hat() -> ReluNet:
    return ReluNet([1.0, -2.0, 1.0], [1.0, 1.0, 1.0], [-0.25, -0.5, -0.75])


def deep() -> DeepReluNet:
    return DeepReluNet([([[1.0], [-1.0]], [0.0, 0.5]), ([[1.0, 2.0]], [-0.25]), ([[3.0]], [0.125])])


def probes(net: ReluNet) -> np.ndarray:
    """Ordinary points, kinks, and their neighbours."""
    kinks = net.kinks[np.abs(net.kinks) <= 2.0**500]
    around = [kinks, np.nextafter(kinks, np.inf), np.nextafter(kinks, -np.inf)]
    points = np.concatenate([[0.0, 1.0, -2.5, 1 / 3, 0.7, 1e5, -1e-5, 2.0**500], *around])
    return points[np.abs(points) <= 2.0**500]


def active_size(net: ReluNet, x: float) -> Fraction:
    """Σ |v| (|w x| + |b|) over the neurons that are active at x, or are within rounding of their
    kink there.
    """
    neurons = zip(*(exact.fractions(part) for part in (net.v, net.w, net.b)), strict=True)
    at = Fraction(x)
    active = ((v, w, b) for v, w, b in neurons if w * at + b > -abs(b) / 2**50)
    return sum((abs(v) * (abs(w * at) + abs(b)) for v, w, b in active), Fraction(0))


# Construction


@pytest.mark.parametrize(
    "numbers",
    [
        [1, -2, 3],
        (1.0, -2.0, 3.0),
        np.array([1, -2, 3], dtype=np.int8),
        np.array([1, -2, 3], dtype=np.float16),
        np.array([1.0, -2.0, 3.0], dtype=">f8"),
        np.array([1.0, 0.0, -2.0, 0.0, 3.0])[::2],
    ],
    ids=["ints", "tuple", "int8", "float16", "big endian", "strided"],
)
def test_any_sequence_of_numbers_becomes_float64(numbers):
    net = ReluNet(numbers, numbers, numbers)
    for part in (net.v, net.w, net.b):
        assert part.dtype == np.float64
        assert part.dtype.isnative
        assert part.tolist() == [1.0, -2.0, 3.0]


def test_float32_is_lifted_exactly():
    single = np.array([0.1, 1 / 3, 1e-40], dtype=np.float32)
    net = ReluNet(single, single, single)
    assert [Fraction(x) for x in net.w.tolist()] == [Fraction(float(x)) for x in single]


def test_arrays_that_refuse_writing_are_accepted():
    frozen = np.ones(3)
    frozen.setflags(write=False)
    assert ReluNet(frozen, frozen, frozen).width == 3


def test_inputs_are_neither_changed_nor_kept():
    parts = [np.array([1.0, 2.0]), np.array([3.0, 4.0]), np.array([5.0, 6.0])]
    net = ReluNet(*parts)
    net([0.0, 1.0])
    net.balanced()
    assert [part.tolist() for part in parts] == [[1.0, 2.0], [3.0, 4.0], [5.0, 6.0]]
    for part in parts:
        assert part.flags.writeable
        part[:] = 99.0
    assert net.v.tolist() == [1.0, 2.0]


def test_points_are_not_changed_by_evaluation():
    points = np.array([0.7, 0.2, 0.7])
    hat()(points)
    deep()(points)
    assert points.tolist() == [0.7, 0.2, 0.7]


@pytest.mark.parametrize("name", ["v", "w", "b"])
def test_a_net_cannot_be_changed(name):
    net = hat()
    with pytest.raises(ValueError, match="read-only"):
        getattr(net, name)[0] = 5.0
    with pytest.raises(AttributeError):
        setattr(net, name, np.ones(3))


def test_layers_of_a_deep_net_cannot_be_changed():
    weight = np.ones((1, 1))
    net = DeepReluNet([(weight, [0.0])])
    weight[0, 0] = 5.0
    assert net.layers[0][0][0, 0] == 1.0
    with pytest.raises(ValueError, match="read-only"):
        net.layers[0][0][0, 0] = 5.0


@pytest.mark.parametrize("position", [0, 1, 2])
@pytest.mark.parametrize("bad", [math.nan, math.inf, -math.inf])
def test_parameters_must_be_finite(position, bad):
    parts = [[1.0, 2.0], [1.0, 2.0], [1.0, 2.0]]
    parts[position] = [1.0, bad]
    name = "vwb"[position]
    with pytest.raises(
        ValueError, match=rf"`{name}` must be finite, got {name}\[1\] = {bad} .*; remove or repair"
    ):
        ReluNet(*parts)


@pytest.mark.parametrize("bad", [[[1.0]], 1.0])
def test_parameters_must_be_flat(bad):
    with pytest.raises(
        ValueError, match=r"`w` must be one-dimensional, got shape \(.*\); pass numpy.ravel\(w\)"
    ):
        ReluNet([1.0], bad, [1.0])


def test_zero_neurons_are_refused():
    with pytest.raises(ValueError, match="`v` must not be empty; pass at least one"):
        ReluNet([], [], [])


def test_lengths_must_agree():
    with pytest.raises(
        ValueError,
        match=r"`v`, `w`, `b` must have one length, got len\(v\) = 1, len\(w\) = 2.*; cut",
    ):
        ReluNet([1.0], [1.0, 2.0], [1.0])


@pytest.mark.parametrize("bad", [["a"], [1j], [None]])
def test_parameters_must_be_real_numbers(bad):
    with pytest.raises(TypeError, match="`b` must hold real numbers, got "):
        ReluNet([1.0], [1.0], bad)


# Values


def test_value_by_hand():
    assert hat()([0.0, 0.25, 0.375, 0.5, 0.75, 9.0]).tolist() == [0.0, 0.0, 0.125, 0.25, 0.0, 0.0]
    assert deep()([0.0, 1.0]).tolist() == [3 * 0.75 + 0.125, 3 * 0.75 + 0.125]


@pytest.mark.parametrize("net", [hat(), deep()], ids=["shallow", "deep"])
@pytest.mark.parametrize("shape", [(), (0,), (3,), (2, 3), (2, 0, 3)])
def test_values_have_the_shape_of_the_points(net, shape):
    assert net(np.full(shape, 0.5)).shape == shape


@pytest.mark.parametrize("net", [hat(), deep()], ids=["shallow", "deep"])
@pytest.mark.parametrize("bad", [math.nan, math.inf])
def test_points_must_be_finite(net, bad):
    with pytest.raises(ValueError, match=r"`x` must be finite, got x\[1\] = .*; remove or repair"):
        net([0.0, bad])


@pytest.mark.parametrize("net", [hat(), deep()], ids=["shallow", "deep"])
def test_points_must_not_be_too_far_away(net):
    with pytest.raises(ValueError, match=r"`x` must satisfy .* 2\*\*500, got 1e\+200; rescale"):
        net([-1e200, 0.0])


@pytest.mark.parametrize("seed", range(4))
def test_hostile_nets_are_right_to_one_unit_in_the_last_place(seed):
    rng = np.random.default_rng(seed)
    for _ in range(50):
        net = ReluNet(*strategies.random_hostile_net(rng))
        x = probes(net)
        for point, value in zip(x.tolist(), net(x).tolist(), strict=True):
            true = exact.net_value(net.v, net.w, net.b, point)
            assert math.isinf(value) == (abs(true) >= BEYOND), (net, point)
            if math.isfinite(value):
                allowed = abs(true) * EPSILON + active_size(net, point) / 2**90 + SUBNORMAL
                assert abs(Fraction(value) - true) <= allowed, (net, point)


def test_a_huge_inactive_neuron_does_not_drown_the_others():
    net = ReluNet([1.0, 1e300], [1.0, -3e-310], [0.0, -1e300])
    assert net([0.5, 1.0]).tolist() == [0.5, 1.0]


def test_huge_neurons_that_cancel_leave_the_rest():
    net = ReluNet([1e300, -1e300, 1.0], [1e300, 1e300, 1.0], [1.0, 1.0, 0.25])
    assert net([0.5, 1.0]).tolist() == [0.75, 1.25]


def test_the_sign_is_right_between_a_kink_and_its_rounded_value():
    # a neuron may be active at its rounded kink by less than rounding of w x + b would show
    w, b = np.array([-11.0, 11.0, 3.0, -3.0]), np.array([9.0, -9.0, -1.0, 1.0])
    for inner, bias in zip(w, b, strict=True):
        kink = -bias / inner
        net = ReluNet([1.0], [inner], [bias])
        assert Fraction(float(net(kink))) == exact.net_value(net.v, net.w, net.b, kink)


@pytest.mark.parametrize("sign", [1.0, -1.0])
def test_overflow_gives_infinity_of_the_right_sign(sign):
    assert ReluNet([sign * 1e300], [1e300], [0.0])([1.0, -1.0]).tolist() == [sign * math.inf, 0.0]
    assert DeepReluNet([([[1e300]], [0.0]), ([[sign * 1e300]], [0.0])])([1.0, -1.0]).tolist() == [
        sign * math.inf,
        0.0,
    ]


@few
@given(strategies.deep_nets(), st.floats(-4.0, 4.0))
def test_deep_values_equal_the_oracle_to_rounding(layers, x):
    net = DeepReluNet(layers)
    size = abs(Fraction(x))
    for weight, bias in layers:
        size = max(sum(abs(entry) for entry in exact.fractions(row)) * size for row in weight)
        size += max(abs(entry) for entry in exact.fractions(bias))
    steps = sum(weight.shape[1] + 2 for weight, _ in layers)
    assert abs(Fraction(float(net(x))) - exact.deep_value(layers, x)) <= steps * size * EPSILON


@pytest.mark.parametrize(
    "layers",
    [
        [([[1e300], [1e300]], [0.0, 0.0]), ([[1e300, -1e300]], [0.0])],
        [([[1e300]], [0.0]), ([[-1e300]], [1e200]), ([[1.0]], [0.5])],
        [([[1e300]], [0.0]), ([[-1e-300]], [1e200]), ([[1.0]], [0.5])],
        [([[1e300], [1.0]], [0.0, 0.0]), ([[0.0, 1.0]], [0.0])],
        [([[1e200]], [0.0]), ([[1e200]], [0.0]), ([[1e-300]], [0.0])],
    ],
    ids=["difference", "far below zero", "not so far below", "times zero", "and back"],
)
@pytest.mark.parametrize("x", [1e100, 1e-250, 2.0**500])
def test_overflow_inside_a_deep_net_does_no_harm(layers, x):
    arrays = [(np.array(weight), np.array(bias)) for weight, bias in layers]
    true = exact.deep_value(arrays, x)
    value = float(DeepReluNet(layers)(x))
    assert (
        value == math.inf
        if true >= BEYOND
        else abs(Fraction(value) - true) <= abs(true) * 2 * EPSILON
    )


# Width, norm, kinks


def test_width_counts_dead_neurons():
    assert ReluNet([0.0, 1.0], [0.0, 0.0], [0.0, -1.0]).width == 2
    assert deep().widths == (2, 1)


def assert_rounds_to(value: float, true: Fraction) -> None:
    if true >= BEYOND:
        assert value == math.inf
    else:
        assert abs(Fraction(value) - true) <= max(2 * true * EPSILON, 2 * SUBNORMAL)


@few
@given(strategies.nets())
@example((np.full(100, 1.5e-162), np.zeros(100), np.zeros(100)))
@example((np.full(1000, 1e153), np.zeros(1000), np.zeros(1000)))
@example((np.array([1e155]), np.zeros(1), np.zeros(1)))
@example((np.zeros(2), np.zeros(2), np.zeros(2)))
def test_norm_squared_is_right_to_two_units_in_the_last_place(parts):
    assert_rounds_to(ReluNet(*parts).norm_squared, exact.norm_squared(*parts))


@few
@given(strategies.deep_nets())
def test_norm_squared_of_a_deep_net_counts_every_parameter(layers):
    true = sum(
        entry**2 for pair in layers for part in pair for entry in exact.fractions(part.ravel())
    )
    assert_rounds_to(DeepReluNet(layers).norm_squared, Fraction(true))


def test_norm_squared_of_a_huge_deep_net_is_infinite():
    assert DeepReluNet([([[1e300]], [0.0])]).norm_squared == math.inf


@few
@given(strategies.nets())
def test_kinks_are_correctly_rounded(parts):
    _, w, b = parts
    for kink, inner, bias in zip(
        ReluNet(*parts).kinks.tolist(), w.tolist(), b.tolist(), strict=True
    ):
        assert not math.isnan(kink)
        if inner == 0.0:
            assert math.isinf(kink)
            continue
        true = -Fraction(bias) / Fraction(inner)
        if abs(true) >= BEYOND:
            assert kink == (math.inf if true > 0 else -math.inf)
        else:
            assert kink == float(true)


def test_a_kink_at_zero_is_not_negative_zero():
    assert math.copysign(1.0, ReluNet([1.0], [1.0], [0.0]).kinks[0]) == 1.0


# Balancing


def assert_balanced(net: ReluNet) -> None:
    """v_j² = w_j² + b_j² up to rounding, which is absolute near the smallest double."""
    for v, w, b in zip(*(exact.fractions(part) for part in (net.v, net.w, net.b)), strict=True):
        line = w**2 + b**2
        size = abs(v) + abs(w) + abs(b)
        assert abs(v**2 - line) <= 16 * EPSILON * line + 4 * SUBNORMAL * size, (v, w, b)


def assert_same_function(net: ReluNet, other: ReluNet) -> None:
    """Up to a few roundings per neuron, absolute near the smallest double."""
    for v, w, b, *image in zip(net.v, net.w, net.b, other.v, other.w, other.b, strict=True):
        outer, inner, bias = exact.fractions(image)
        for x in (Fraction(-3), Fraction(0), Fraction(1, 3), Fraction(1)):
            before = exact.net_value([v], [w], [b], x)
            after = outer * max(Fraction(0), inner * x + bias)
            size = abs(Fraction(float(v))) * (abs(Fraction(float(w)) * x) + abs(Fraction(float(b))))
            underflow = 4 * SUBNORMAL * (abs(outer) * (1 + abs(x)) + abs(inner * x) + abs(bias) + 1)
            assert abs(before - after) <= 16 * EPSILON * size + underflow, (v, w, b)


def representable(parts) -> bool:
    """Whether the balanced net is certain to be in the range of doubles."""
    neurons = zip(*(exact.fractions(part) for part in parts), strict=True)
    return all(v**2 * (w**2 + b**2) < Fraction(2) ** 4092 for v, w, b in neurons)


@few
@given(strategies.nets().filter(representable))
def test_balancing_balances_and_keeps_the_function(parts):
    net = ReluNet(*parts)
    balanced = net.balanced()
    assert balanced.width == net.width
    assert_balanced(balanced)
    assert_same_function(net, balanced)


@pytest.mark.parametrize("v", EXTREMES)
@pytest.mark.parametrize("w", [-3e-310, 1e-300, 1e300])
@pytest.mark.parametrize("b", [0.0, 5e-324, -1e-160, 1e300])
def test_extreme_parameters_are_balanced(v, w, b):
    net = ReluNet([v, -v], [w, w], [b, b])
    assert_balanced(net.balanced())
    assert_same_function(net, net.balanced())


def test_balancing_by_hand():
    net = ReluNet([8.0, -1.0], [0.0, 3.0], [2.0, -4.0]).balanced()
    assert net.v == pytest.approx([4.0, -math.sqrt(5.0)], rel=4 * float(EPSILON))
    assert net.w == pytest.approx([0.0, 3.0 / math.sqrt(5.0)], rel=4 * float(EPSILON))
    assert net.b == pytest.approx([4.0, -4.0 / math.sqrt(5.0)], rel=4 * float(EPSILON))


@few
@given(strategies.nets(extreme=False))
def test_balancing_is_the_cheapest_scaling(parts):
    net = ReluNet(*parts)
    balanced = net.balanced()
    assert balanced.norm_squared <= net.norm_squared * (1.0 + 16 * float(EPSILON))
    assert balanced.balanced().norm_squared == pytest.approx(
        balanced.norm_squared, rel=16 * float(EPSILON)
    )


@pytest.mark.parametrize(
    "dead", [(0.0, 1.0, 2.0), (3.0, 0.0, 0.0), (0.0, 0.0, 0.0), (3.0, 0.0, -1.0)]
)
def test_dead_neurons_become_zero(dead):
    v, w, b = dead
    net = ReluNet([v, 1.0], [w, 1.0], [b, 0.0]).balanced()
    assert (net.v[0], net.w[0], net.b[0]) == (0.0, 0.0, 0.0)
    assert (net.v[1], net.w[1]) == (1.0, 1.0)


def test_balancing_beyond_the_range_of_doubles_is_refused():
    with pytest.raises(ValueError, match="`v` must be finite"):
        ReluNet([1.7e308], [1.7e308], [1.7e308]).balanced()


# Deep nets


def test_layers_of_a_shallow_net_give_the_same_function():
    same = DeepReluNet(hat().layers)
    x = np.linspace(-1.0, 2.0, 13)
    assert same.widths == (3,)
    assert np.array_equal(same(x), hat()(x))


def test_a_deep_net_may_be_linear():
    net = DeepReluNet([([[2.0]], [1.0])])
    assert net.widths == ()
    assert net([-1.0, 1.0]).tolist() == [-1.0, 3.0]


def test_layers_may_come_from_an_iterator():
    assert DeepReluNet(iter([([[2]], [1])])).layers[0][1].dtype == np.float64


def test_layers_must_not_be_empty():
    with pytest.raises(ValueError, match="`layers` must not be empty; pass at least one"):
        DeepReluNet([])


@pytest.mark.parametrize("bad", [None, 3, [1, 2], [np.ones((3, 1)), np.ones((1, 3))], [([[1.0]],)]])
def test_layers_must_be_pairs(bad):
    with pytest.raises(
        TypeError, match=r"`layers` must hold pairs \(weight, bias\), got .*; pass a list of tuples"
    ):
        DeepReluNet(bad)


@pytest.mark.parametrize(
    ("layers", "message"),
    [
        (
            [([[1.0, 2.0]], [0.0])],
            r"`layers\[0\]` must have weight shape \(1, 1\) .*, got \(1, 2\); .* scalar",
        ),
        (
            [([[1.0]], [0.0, 0.0])],
            r"`layers\[0\]` must have weight shape \(2, 1\) .*, got \(1, 1\)",
        ),
        ([([1.0], [0.0])], r"`layers\[0\]` must have weight shape \(1, 1\) .*, got \(1,\)"),
        (
            [([[1.0]], [0.0]), ([[1.0, 1.0]], [0.0])],
            r"`layers\[1\]` must have weight shape \(1, 1\) .*, got \(1, 2\)",
        ),
        ([([[1.0], [1.0]], [0.0, 0.0])], r"`layers` must end in one output, got 2; .* scalar"),
        (
            [([[math.nan]], [0.0])],
            r"`layers\[0\]\[0\]` must be finite, got layers\[0\]\[0\]\[0, 0\] = nan",
        ),
        ([([[1.0]], [[0.0]])], r"`layers\[0\]\[1\]` must be one-dimensional, got shape \(1, 1\)"),
        ([(np.zeros((0, 1)), [])], r"`layers\[0\]\[1\]` must not be empty"),
    ],
)
def test_layers_must_fit_each_other(layers, message):
    with pytest.raises(ValueError, match=message):
        DeepReluNet(layers)


# Saving


@few
@given(parts=strategies.nets())
def test_a_saved_net_is_loaded_bit_for_bit(tmp_path_factory, parts):
    path = tmp_path_factory.mktemp("nets") / "net.npz"
    net = ReluNet(*parts)
    net.save(path)
    for again in (ReluNet.load(path), load_network(str(path))):
        assert isinstance(again, ReluNet)
        for name in ("v", "w", "b"):
            assert getattr(again, name).tobytes() == getattr(net, name).tobytes()


@few
@given(layers=strategies.deep_nets())
def test_a_saved_deep_net_is_loaded_bit_for_bit(tmp_path_factory, layers):
    path = tmp_path_factory.mktemp("nets") / "net.npz"
    net = DeepReluNet(layers)
    net.save(path)
    for again in (DeepReluNet.load(path), load_network(path)):
        assert isinstance(again, DeepReluNet)
        assert len(again.layers) == len(net.layers)
        for pair, other in zip(net.layers, again.layers, strict=True):
            for part, same in zip(pair, other, strict=True):
                assert part.shape == same.shape
                assert part.tobytes() == same.tobytes()


def test_a_deep_net_with_a_dozen_layers_keeps_their_order(tmp_path):
    net = DeepReluNet([([[float(i + 1)]], [float(-i)]) for i in range(12)])
    net.save(tmp_path / "net.npz")
    assert DeepReluNet.load(tmp_path / "net.npz").to_dict() == net.to_dict()


@pytest.mark.parametrize("kind", ["shallow", "deep", "of R^d"])
def test_files_of_nets_hold_nothing_else(tmp_path, kind):
    """A scaling that someone adds to a saved net is not dropped, nor half a layer."""
    nets = {
        "shallow": ReluNet([1.0, -3.0], [1.0, 2.0], [0.0, -1.0]),
        "deep": DeepReluNet([([[2.0]], [1.0])]),
        "of R^d": highdim.TwoLayerNet([1.0], [[1.0, 2.0]], [0.5]),
    }
    nets[kind].save(tmp_path / "net.npz")
    read = highdim.load_network if kind == "of R^d" else load_network
    assert read(tmp_path / "net.npz") == nets[kind]
    for name in ("x_mean", "W1"):
        with np.load(tmp_path / "net.npz") as arrays:
            np.savez(tmp_path / "more.npz", **arrays, **{name: np.ones(1)})
        for door in (read, type(nets[kind]).load):
            with pytest.raises(
                ValueError, match=rf"more\.npz' holds {name} besides what its schema"
            ):
                door(tmp_path / "more.npz")


def test_a_saved_net_keeps_the_name_it_was_given(tmp_path):
    hat().save(tmp_path / "no ending")
    assert [path.name for path in tmp_path.iterdir()] == ["no ending"]
    assert ReluNet.load(tmp_path / "no ending").width == 3


# Text and JSON


@pytest.mark.parametrize(
    "net", [hat(), deep(), ReluNet(*3 * [np.arange(1.0, 8.0)])], ids=["small", "deep", "wide"]
)
def test_dictionaries_are_valid_json(net):
    assert json.loads(json.dumps(net.to_dict(), allow_nan=False)) == net.to_dict()


def test_dictionaries_hold_the_parameters():
    assert hat().to_dict() == {
        "v": [1.0, -2.0, 1.0],
        "w": [1.0, 1.0, 1.0],
        "b": [-0.25, -0.5, -0.75],
    }
    assert deep().to_dict()["layers"][1] == [[[1.0, 2.0]], [-0.25]]


@few
@given(strategies.nets())
def test_json_keeps_every_bit(parts):
    again = json.loads(json.dumps(ReluNet(*parts).to_dict(), allow_nan=False))
    for name, part in zip("vwb", parts, strict=True):
        assert np.array(again[name]).tobytes() == part.tobytes()


@pytest.mark.parametrize(
    ("net", "text"),
    [
        (hat(), "ReluNet(v=[ 1. -2.  1.], w=[1. 1. 1.], b=[-0.25 -0.5  -0.75])"),
        (ReluNet(*3 * [np.ones(5000)]), "ReluNet(v=<5000 array>, w=<5000 array>, b=<5000 array>)"),
        (DeepReluNet([(np.ones((9, 1)), np.ones(9)), (np.ones((1, 9)), [2])]), None),
    ],
    ids=["small", "wide", "deep"],
)
def test_text_form_is_one_short_line(net, text):
    assert repr(net) == (
        text or "DeepReluNet(layers=((<9x1 array>, <9 array>), (<1x9 array>, [2.])))"
    )


# Imports


def test_importing_networks_imports_neither_torch_nor_scikit_learn():
    program = (
        "import sys, univariate.problem.network, univariate.problem.sample;print([name for name in"
        " ('torch', 'sklearn', 'onnx', 'matplotlib', 'shapely') if name in sys.modules])"
    )
    done = subprocess.run(
        [sys.executable, "-c", program], capture_output=True, text=True, check=True
    )
    assert done.stdout.strip() == "[]"
