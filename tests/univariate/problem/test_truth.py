"""Truths: what is taken for one, what it says at every double, and that a sample keeps its own."""

import math
import pickle
from fractions import Fraction
from itertools import pairwise

import numpy as np
import pytest
from hypothesis import example, given, settings, strategies as st
from scipy import stats

from univariate import (
    DeepReluNet,
    ReluNet,
    Sample,
    Truth,
    clean_error,
    draw_sample,
    gradient_flow,
    init_network,
    kkt_clean_error_bounds,
    kkt_point,
    max_margin,
    nearest_neighbour_clean_error,
    nearest_neighbour_law,
    search_kkt_points,
    spline,
    theorem_3_2,
    train_network,
)

THIRD = Fraction(1, 3)
places = st.lists(
    st.one_of(
        st.floats(-2.0, 2.0),
        st.fractions(-2, 2, max_denominator=50),
        st.sampled_from([0.0, 5e-324, 1e-300, 1e150, -1e150]),
    ),
    max_size=6,
    unique_by=Fraction,
).map(sorted)


@given(places, st.data())
@settings(max_examples=200)
def test_signs_are_those_of_the_piece_exactly_and_of_the_right_one_at_a_breakpoint(given, data):
    signs = data.draw(
        st.lists(st.sampled_from([1, -1, 0]), min_size=len(given) + 1, max_size=len(given) + 1)
    )
    truth = Truth(given, tuple(signs))
    points = [0.0, -3.0, 3.0]
    for place in given:
        near = float(place)
        points += [near, math.nextafter(near, math.inf), math.nextafter(near, -math.inf)]
    expected = [signs[sum(Fraction(place) <= Fraction(x) for place in given)] for x in points]
    assert truth(points).tolist() == expected
    assert (-truth)(points).tolist() == [-sign for sign in expected]
    # text in full brings it back, and so do its own parts; names identify
    assert Truth.named(truth.text) == truth == Truth(truth.breakpoints, truth.signs)
    assert hash(Truth.named(truth.text)) == hash(truth)
    assert pickle.loads(pickle.dumps(truth)) == truth
    assert (Truth.of(truth.name) == truth) if truth.name == truth.text else "#" in truth.name
    # the pieces tile every interval
    parts = list(truth.pieces(-2.5, 2.5))
    assert parts[0][0] == Fraction(-2.5)
    assert parts[-1][1] == Fraction(2.5)
    assert all(one[1] == other[0] for one, other in pairwise(parts))
    for start, end, sign in parts:
        middle = (start + end) / 2
        assert sign == signs[sum(Fraction(place) <= middle for place in given)]


@pytest.mark.parametrize(
    ("given", "text"),
    [
        (None, "+1"),
        ("+", "+1"),
        ("-1", "-1"),
        ("0.3:+-", "0.3:+-"),
        (" 0.25, 1/3 : -+−", "0.25,1/3:-+-"),
        ("2/8:+0", "0.25:+0"),
        (Truth([1], [1, -1]), "1.0:+-"),
        (Truth(np.array([0.25, 0.5]), np.array([1.0, -1.0, 1.0])), "0.25,0.5:+-+"),
        (Truth([0.25, 0.5], [1, 1, -1]), "0.5:+-"),
        (ReluNet([1.0, -2.0], [1.0, 1.0], [-0.25, -0.5]), "0.25,0.75:0+-"),
        (ReluNet([3.0, -1.0], [1.0, 0.0], [0.0, 1.0]), "1/3:-+"),
        (ReluNet([1.0], [0.0], [1.0]), "+1"),
        (ReluNet([0.0], [1.0], [1.0]), "0"),
        # touching zero changes no sign
        (ReluNet([1.0, 1.0], [1.0, -1.0], [-0.5, 0.5]), "+1"),
    ],
    ids=str,
)
def test_what_is_taken_for_a_truth(given, text):
    assert Truth.of(given).text == text


@pytest.mark.parametrize(
    ("net", "text"),
    [
        (ReluNet([3.0, -1.0], [1.0, 0.0], [0.0, 1.0]), "1/3:-+"),
        (ReluNet([1.0, 1.0], [0.0, 1.0], [-1.0, -0.5]), "0.5:0+"),
    ],
    ids=str,
)
def test_a_spline_is_taken_for_a_truth(net, text):
    assert Truth.of(spline(net)).text == text


def test_a_deep_net_is_a_truth_by_its_zeros():
    ramp = (np.array([[3.0]]), np.array([-1.0]))
    net = DeepReluNet([ramp, (np.array([[1.0]]), np.array([0.0])), (np.array([[2.0]]), [-1.0])])
    assert Truth.of(net) == Truth([0.5], "-+")


@pytest.mark.parametrize("waves", range(1, 41))
@pytest.mark.parametrize("domain", [(0.0, 1.0), (-1.0, 3.0), (-math.inf, math.inf)])
def test_waves_without_breakpoints_are_found(waves, domain):
    # those of four periods, or eight, have one sign at all quarters
    with pytest.raises(ValueError, match="must hold every change of sign"):
        Truth.of_function(lambda x: math.cos(2.0 * math.pi * waves * x), [], domain=domain)


def test_functions_are_asked_between_their_breakpoints():
    sine = Truth.of_function(lambda x: np.sin(20 * x), [k * np.pi / 20 for k in range(1, 7)])
    assert sine.signs == (1, -1, 1, -1, 1, -1, 1)
    x = np.linspace(0.001, 0.999, 997)
    assert np.array_equal(sine(x), np.sign(np.sin(20 * x)))
    # no double lies between: the middle, as a fraction
    asked = []

    def between(x):
        asked.append(x)
        return x - THIRD

    pair = [THIRD - Fraction(1, 2**70), THIRD]
    assert Truth.of_function(between, pair).signs == (-1, 1)
    assert THIRD - Fraction(1, 2**71) in asked
    assert all(isinstance(one, float | Fraction) for one in asked)
    line = Truth.of_function(lambda x: x, [0.0], domain=(-math.inf, math.inf))
    assert line == Truth([0.0], "-+")
    assert Truth.of_function(lambda x: Fraction(1, 10**400), []) == Truth([], "+")
    assert Truth.of_function(lambda x: math.inf, []) == Truth([], "+")


@pytest.mark.parametrize(
    ("make", "message"),
    [
        (lambda: Truth([0.3], [1]), "`signs` must be one more than the 1 `breakpoints`, got 1"),
        (lambda: Truth([0.3, 0.2], [1, -1, 1]), "`breakpoints` must be strictly increasing"),
        (lambda: Truth([0.3, 0.3], [1, -1, 1]), "got 0.3 before 0.3; sort them"),
        (lambda: Truth([math.nan], [1, -1]), "`breakpoints` must be finite, got nan"),
        (lambda: Truth([1e200], [1, -1]), "`breakpoints` must satisfy"),
        (lambda: Truth([Fraction(10**400)], [1, -1]), "`breakpoints` must satisfy"),
        (lambda: Truth(0.3, [1, -1]), "`breakpoints` must be a sequence of numbers, got 0.3"),
        (lambda: Truth(["0.3"], [1, -1]), "`breakpoints` must be a real number, got '0.3'"),
        (lambda: Truth([0.3], [1, 2]), "`signs` must be +1 or -1 (0 where nothing is right)"),
        (lambda: Truth([0.3], "+x"), "`signs` must be written with +, - and 0, got '+x'"),
        (lambda: Truth([0.3], 5), "`signs` must be a sequence of numbers, got 5"),
        (lambda: Truth.of(3), "`truth` must be a Truth, got int; pass e.g."),
        (lambda: Truth.of(np.sin), "pass Truth.of_function(f, breakpoints)"),
        (lambda: Truth.named("0.3"), "`truth` must be breakpoints, a colon and the signs"),
        (lambda: Truth.named(""), "`truth` must be"),
        (lambda: Truth.named("1/0:+-"), "`truth` must be breakpoints"),
        (lambda: Truth.named("0.3,0.2:+-+"), "`truth` must be one, got '0.3,0.2:+-+'"),
        (lambda: Truth.named("nan:+-"), "`truth` must be one, got 'nan:+-'"),
        (
            lambda: Truth.of_function(lambda x: x, [], domain=(-math.inf, math.inf)),
            "every change of sign, got values of both signs at -1 and 1",
        ),
        (lambda: Truth.of_function(lambda x: 0, []), "positive or negative between its"),
        (lambda: Truth.of_function(lambda x: math.nan, []), "got nan at 0.5"),
        (lambda: Truth.of_function(lambda x: "1", []), "must give real numbers, got '1'"),
        (lambda: Truth.of_function(lambda x: 1j, []), "must give real numbers, got 1j"),
        (lambda: Truth.of_function(lambda x: x - 0.3, []), "must hold every change of sign"),
        (lambda: Truth.of_function(lambda x: x, [0.0]), "must lie inside (0, 1), got 0 to 0"),
        (lambda: clean_error(ReluNet([1], [1], [0]), truth=0.3), "`truth` must be a Truth"),
    ],
    ids=range(26),
)
def test_what_is_no_truth_is_refused_by_name(make, message):
    with pytest.raises((TypeError, ValueError)) as caught:
        make()
    assert message in str(caught.value)


def test_truths_read_well():
    assert repr(Truth([0.3], [1, -1])) == "Truth('0.3:+-')"
    assert Truth([0.5, THIRD + 1], "+-+").to_dict() == {
        "breakpoints": [0.5, "4/3"],
        "signs": [1, -1, 1],
    }
    long = Truth(np.arange(1, 100) / 100, [1, -1] * 50)
    assert long.name.startswith("99 breakpoints from 0.01 to 0.99, #")
    assert long.name != (-long).name
    sample = draw_sample(5, 0.2, rng=0, truth="0.3:+-")
    assert repr(sample).endswith("density=uniform on [0, 1], truth=0.3:+-)")
    net = ReluNet([1.0], [1.0], [-0.5])
    assert str(clean_error(net, truth="0.3:+-")).endswith("x uniform on [0, 1], truth 0.3:+-)")


# Samples


@given(st.integers(0, 50), st.sampled_from([None, stats.beta(2, 5)]))
@settings(max_examples=40)
@example(0, None)
def test_inputs_and_flips_do_not_depend_on_the_truth(seed, density):
    truth = Truth([0.2, THIRD], "-+-")
    plain = draw_sample(30, 0.3, rng=seed, density=density)
    told = draw_sample(30, 0.3, rng=seed, density=density, truth=truth)
    assert np.array_equal(plain.x, told.x)
    assert np.array_equal(plain.y * truth(plain.x), told.y)
    assert told.noise_rate == plain.noise_rate
    assert np.array_equal(told.noise(), plain.y < 0.0)
    assert np.array_equal(told.noise("+1"), told.y < 0.0)


def test_the_stream_of_a_sample_without_a_truth_is_as_before():
    """Numbers of numpy's generator, drawn by hand."""
    generator = np.random.default_rng(7)
    x = np.sort(generator.random(20))
    y = np.where(generator.random(20) < 0.4, -1.0, 1.0)
    sample = draw_sample(20, 0.4, rng=7)
    assert np.array_equal(sample.x, x)
    assert np.array_equal(sample.y, y)


def test_a_truth_needs_a_sign_where_labels_are_drawn():
    with pytest.raises(ValueError, match=r"`truth` must be \+1 or -1 where x lies, got 0 at x"):
        draw_sample(20, 0.1, rng=0, truth="0.4:0+")
    # not elsewhere
    assert draw_sample(20, 0.1, rng=0, truth="0.0:0+").size == 20


def test_a_datum_on_a_breakpoint_has_the_sign_right_of_it():
    sample = Sample([0.25, 0.5], [-1, -1], truth="0.5:+-")
    assert sample.noise().tolist() == [True, False]
    assert Sample.from_arrays([0.5], [1], truth="0.5:+-").noise_rate == 1.0


@pytest.mark.parametrize(
    "truth", ["0.25,1/3:+-+", Truth(np.arange(1, 200) / 200, [1, -1] * 100), "+1"], ids=str
)
def test_files_keep_the_truth_in_full(tmp_path, truth):
    sample = draw_sample(12, 0.3, rng=1, density=stats.beta(2, 5), truth=truth)
    sample.save(tmp_path / "s.npz")
    again = Sample.load(tmp_path / "s.npz")
    assert again == sample
    assert again.truth == Truth.of(truth)
    assert pickle.loads(pickle.dumps(sample)) == sample
    sample.save(tmp_path / "s.csv")
    assert Sample.load(tmp_path / "s.csv").truth == Truth.of(truth)


def test_everything_asks_the_truth_of_the_sample():
    sample = draw_sample(24, 0.2, rng=3, truth="0.3,0.7:+-+")
    net = max_margin(sample).net
    found = clean_error(net, truth=sample.truth)
    plain = clean_error(net)
    assert found.value < plain.value
    near = nearest_neighbour_clean_error(sample)
    assert near == nearest_neighbour_clean_error(sample, truth=sample.truth)
    assert near.value == pytest.approx(found.value, abs=1e-12)
    assert theorem_3_2(net, sample).clean_error == found
    law = nearest_neighbour_law(net, sample)
    assert (law.clean_error, law.nearest_neighbour) == (found, near)
    assert kkt_clean_error_bounds(sample) == kkt_clean_error_bounds(sample, truth="0.3,0.7:+-+")
    # told otherwise, everything does otherwise
    assert theorem_3_2(net, sample, truth="+1").clean_error == plain
    assert nearest_neighbour_law(net, sample, truth="+1").clean_error == plain
    assert nearest_neighbour_clean_error(sample, truth="+1").truth == "+1"


def test_training_and_search_ask_the_sample():
    truth = Truth([THIRD], "-+")
    sample = draw_sample(10, 0.2, rng=2, truth=truth)
    start = init_network(sample, rng=5)
    run = gradient_flow(start, sample, margin=2.0)
    assert run.truth == truth
    assert run.clean_errors[-1] == clean_error(run.net, truth=truth).value
    point = kkt_point(run.net, sample)
    assert point.clean_error == clean_error(point.net, truth=truth)
    change = point.clean_error.value - clean_error(run.net, truth=truth).value
    assert point.clean_error_change == change
    trained = train_network(sample, rng=5, margin=2.0)
    assert trained.truth == truth
    assert trained.trajectory.clean_errors[-1] == trained.end_clean_error.value
    assert trained.clean_error == clean_error(trained.net, truth=truth)
    told = train_network(sample, rng=5, margin=2.0, truth="+1")
    assert told.clean_error == clean_error(told.net)
    (found, *_) = search_kkt_points(sample, count=1, rng=0, draws=4)
    assert found.clean_error == clean_error(found.net, truth=truth)
    with pytest.raises(ValueError, match=r"`truth` must be that of the run to resume, '1/3:-\+'"):
        gradient_flow(run.net, sample, resume=run, truth="+1")


def test_a_run_keeps_its_truth_in_its_file(tmp_path):
    truth = Truth([THIRD], "-+")
    sample = draw_sample(6, 0.2, rng=2, truth=truth)
    run = gradient_flow(init_network(sample, rng=5), sample, margin=1.0)
    run.save(tmp_path / "run.npz")
    again = type(run).load(tmp_path / "run.npz")
    assert again.truth == truth
    assert again.population(sample).truth == truth
    plain = gradient_flow(init_network(sample, rng=5), sample, margin=1.0, truth="+1")
    plain.save(tmp_path / "plain.npz")
    assert type(run).load(tmp_path / "plain.npz").truth == Truth.of(None)


def test_signs_may_be_a_list_of_texts():
    assert Truth([0.1], ["+", "-"]) == Truth([0.1], "+-") == Truth([0.1], ["+1", "−1"])
    assert Truth([0.1, 0.2], ["0", "+", "-1"]) == Truth([0.1, 0.2], [0, 1, -1])
    for wrong in (["+-"], ["+", ""], ["+", "1"], ["+", "-+"]):
        with pytest.raises(ValueError, match="`signs` must"):
            Truth([0.1], wrong)
