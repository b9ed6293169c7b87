"""Clean and test errors against any truth: rational arithmetic lies in every enclosure, and exact
results are equal to it.
"""

import math
from fractions import Fraction
from itertools import pairwise

import numpy as np
import pytest
import strategies
from hypothesis import example, given, settings, strategies as st
from oracles import exact, truths
from scipy import stats

from univariate import (
    DeepReluNet,
    NadarayaWatson,
    NearestNeighbours,
    ReluNet,
    Sample,
    Truth,
    clean_error,
    clean_errors,
    draw_sample,
    exact_clean_error,
    exact_noisy_error,
    max_margin,
    nearest_neighbour_clean_error,
    nearest_neighbour_noisy_error,
    noisy_error,
    spline,
)

WIDTH = 1e-12  # the enclosure that is promised, as for f* ≡ +1
CASES = 240
UNIT = truths.uniform()


def oracle_of(truth):
    return truths.Signs([Fraction(place) for place in truth.breakpoints], truth.signs)


def net_of(parameters):
    """The oracle's view of a shallow net: its values, and everywhere that it bends."""
    kinks = exact.breakpoints(*parameters, -(10**9), 10**9)
    return exact._as_function(*parameters), kinks


def holds(found, truth, width=WIDTH):
    assert Fraction(found.low) <= truth <= Fraction(found.high)
    assert found.low <= found.value <= found.high
    assert found.high - found.low <= width


def laws(rng):
    """A law as scipy has it, and the same in fractions: all parameters are dyadic."""
    low = Fraction(int(rng.integers(-8, 4)), 8)
    width = Fraction(int(rng.integers(2, 16)), 8)
    kind = int(rng.integers(3))
    if kind == 0:
        return stats.uniform(float(low), float(width)), truths.uniform(low, low + width)
    if kind == 1:
        share = Fraction(int(rng.integers(1, 4)), 4)
        law = stats.triang(float(share), float(low), float(width))
        return law, truths.triangular(low, low + share * width, low + width)
    edges = [low + k * width / 4 for k in range(5)]
    weights = [int(one) for one in rng.integers(1, 9, 4)]
    law = stats.rv_histogram((np.array(weights), np.array(edges, float)), density=False)
    return law, truths.histogram(edges, weights)


def random_truth(rng):
    """Doubles, fractions, or the signs of another net, plateaus included."""
    kind = int(rng.integers(3))
    if kind == 0:
        return Truth.of(ReluNet(*strategies.random_hostile_net(rng, 6, extreme=False)))
    count = int(rng.integers(0, 6))
    if kind == 1:
        places = sorted({float(one) for one in rng.random(count)})
    else:
        tops, bottoms = rng.integers(-3, 14, count), rng.integers(1, 13, count)
        places = sorted({Fraction(int(a), int(b)) for a, b in zip(tops, bottoms, strict=True)})
    return Truth(places, rng.choice([-1, 1], len(places) + 1).tolist())


@pytest.mark.core
@pytest.mark.parametrize(
    ("truth", "error"),
    [
        # N is 0 up to 1/4, positive up to 3/4, negative beyond
        ("+1", Fraction(1, 2)),
        ("-1", Fraction(3, 4)),
        ("3/4:+-", Fraction(1, 4)),
        ("3/4:-+", Fraction(1)),
        ("1/3:-+", Fraction(7, 12)),
        ("1/4,3/4:-+-", Fraction(1, 4)),
        ("1/4,3/4:0+-", Fraction(1, 4)),
        ("0", Fraction(1)),
        ("0.5,0.625:+0+", Fraction(5, 8)),
    ],
)
def test_by_hand(truth, error):
    net = ReluNet(v=[1.0, -2.0], w=[1.0, 1.0], b=[-0.25, -0.5])
    assert exact_clean_error(net, truth=truth) == error
    found = clean_error(net, truth=truth)
    holds(found, error)
    assert found.truth == Truth.named(truth).name
    assert float(np.sum(np.diff(found.intervals))) == pytest.approx(float(error), abs=1e-15)


@pytest.mark.parametrize("seed", range(CASES))
def test_truths_and_laws_in_rationals(seed):
    rng = np.random.default_rng([seed, 77])
    parameters = strategies.random_hostile_net(rng, 8, extreme=False)
    net, truth = ReluNet(*parameters), random_truth(rng)
    value, kinks = net_of(parameters)
    signs = oracle_of(truth)
    p = Fraction(int(rng.integers(0, 9)), 8)
    error = truths.error(value, kinks, signs, UNIT)
    assert exact_clean_error(net, truth=truth) == error
    assert exact_noisy_error(net, p, truth=truth) == truths.error(value, kinks, signs, UNIT, p)
    holds(clean_error(net, truth=truth), error)
    law, rational = laws(rng)
    found = noisy_error(net, float(p), truth=truth, density=law)
    holds(found.clean_error, truths.error(value, kinks, signs, rational))
    holds(found, truths.error(value, kinks, signs, rational, p))
    assert found.clean_error.truth == truth.name


def steep(rng, places):
    """A law on a few doubles beside each of some places, as scipy has it and in fractions."""
    edges = set()
    while len(edges) < 2:
        for place in places:
            near = float(place)
            edges |= {near + int(k) * math.ulp(near) for k in rng.integers(-12, 13, 2)}
    edges = sorted(edges)
    weights = [int(one) for one in rng.integers(1, 9, len(edges) - 1)]
    law = stats.rv_histogram((np.array(weights), np.array(edges)), density=False)
    return law, truths.histogram([Fraction(edge) for edge in edges], weights)


def beside(rng, place):
    """A fraction that rounds to the same double as a place, or to one next to it."""
    return place + Fraction(int(rng.integers(-3, 4)), 4) * Fraction(math.ulp(float(place)))


@pytest.mark.parametrize("seed", range(120))
def test_laws_on_a_few_doubles(seed):
    """Errors, and gaps between them, that contain no double weigh much there."""
    rng = np.random.default_rng([seed, 5])
    parameters = rng.standard_normal((3, 4))
    value, kinks = net_of(parameters)
    cuts = [*kinks, *truths.zeros(value, kinks, truths.uniform(Fraction(-50), Fraction(50)))]
    places = sorted(one for one in cuts if abs(one) < 50)
    chosen = [places[k] for k in rng.integers(len(places), size=2)]
    breaks = sorted({beside(rng, one) for one in chosen})
    truth = Truth(breaks, [1, -1, 1][: len(breaks) + 1])
    law, rational = steep(rng, chosen)
    found = clean_error(ReluNet(*parameters), truth=truth, density=law)
    holds(found, truths.error(value, kinks, oracle_of(truth), rational), 1.0)


@pytest.mark.parametrize("seed", range(60))
def test_the_neighbour_under_laws_on_a_few_doubles(seed):
    rng = np.random.default_rng([seed, 6])
    x = np.sort(rng.random(4))
    y = np.array([1.0, -1.0, 1.0, -1.0])
    inputs = [Fraction(one) for one in x.tolist()]
    borders = [(a + b) / 2 for a, b in pairwise(inputs)]
    place = beside(rng, borders[1])
    truth = Truth([place], [1, -1])
    law, rational = steep(rng, borders)
    wanted = truths.neighbour_error(inputs, y.astype(int).tolist(), oracle_of(truth), rational)
    sample = Sample(x, y)
    holds(nearest_neighbour_clean_error(sample, truth=truth, density=law), wanted, 1.0)
    holds(clean_error(NearestNeighbours(sample, 1), truth=truth, density=law), wanted, 1.0)


@st.composite
def nets_with_truths(draw, nets):
    """A net and a truth that changes at, or one unit in the last place beside, its kinks and zeros,
    or anywhere.
    """
    parameters = draw(nets)
    value, kinks = net_of(parameters)
    zeros = truths.zeros(value, kinks, UNIT)
    pool = [*(k for k in kinks if 0 <= k <= 1), *zeros]
    places = set()
    for _ in range(draw(st.integers(0, 4))):
        kind = draw(st.integers(0, 4))
        if kind < 4 and pool:
            at = draw(st.sampled_from(pool))
            near = float(at)
            places.add(
                [
                    at,
                    Fraction(near),
                    Fraction(math.nextafter(near, 2)),
                    Fraction(math.nextafter(near, -1)),
                ][kind]
            )
        else:
            places.add(Fraction(draw(st.sampled_from([0.0, 1.0, 0.5, 1e-300, 5e-324, 0.3]))))
    signs = draw(
        st.lists(st.sampled_from([1, -1, 0]), min_size=len(places) + 1, max_size=len(places) + 1)
    )
    return parameters, Truth(sorted(places), tuple(signs))


@given(nets_with_truths(strategies.nets()))
@settings(max_examples=300, deadline=None)
# the kink and zero 1/3, which is no double, and a truth that changes there
@example(
    (
        (np.array([1.0, -1.0]), np.array([3.0, 1.0]), np.array([-1.0, -1.0 / 3.0])),
        Truth([Fraction(1, 3)], "+-"),
    )
)
@example(((np.array([5e-324]), np.array([1.0]), np.array([-0.5])), Truth([0.5], "+-")))
# two breakpoints between the same two doubles
@example(
    (
        (np.array([1.0]), np.array([0.0]), np.array([1.0])),
        Truth([Fraction(1, 3), Fraction(1, 3) + Fraction(1, 2**60)], "+-+"),
    )
)
def test_breakpoints_on_kinks_and_zeros(case):
    parameters, truth = case
    net = ReluNet(*parameters)
    value, kinks = net_of(parameters)
    error = truths.error(value, kinks, oracle_of(truth), UNIT)
    assert exact_clean_error(net, truth=truth) == error
    found = clean_error(net, truth=truth)
    holds(found, error)
    start, end = found.intervals.T
    assert np.all(start < end)
    assert np.all(end[:-1] < start[1:])
    assert float(np.sum(end - start)) == pytest.approx(float(error), abs=1e-12)


@given(strategies.deep_nets(), st.integers(0, 10**6))
@settings(max_examples=60, deadline=None)
def test_deep_nets_and_deep_truths(layers, seed):
    rng = np.random.default_rng(seed)
    net = DeepReluNet(layers)
    other = DeepReluNet(strategies._deep_net(strategies._pick_by(rng), 3))
    value = exact._deep_as_function(layers)
    kinks = exact.deep_breakpoints(layers)
    for truth in (random_truth(rng), Truth.of(other)):
        error = truths.error(value, kinks, oracle_of(truth), UNIT)
        assert exact_clean_error(net, truth=truth) == error
        holds(clean_error(net, truth=truth), error)


@given(strategies.nets(max_width=8))
@settings(max_examples=150, deadline=None)
def test_a_net_as_truth_errs_where_it_is_zero(parameters):
    net = ReluNet(*parameters)
    truth = Truth.of(net)
    value, kinks = net_of(parameters)
    every = [*kinks, *truths.zeros(value, kinks, UNIT)]
    plateau = truths.expectation(lambda x: Fraction(value(x) == 0), every, UNIT)
    assert exact_clean_error(net, truth=net) == plateau
    assert exact_clean_error(net, truth=-truth) == 1
    assert exact_clean_error(net, truth=truth) == plateau
    holds(clean_error(net, truth=truth), plateau)
    # whatever the truth, an observation is wrong under f*, under −f*, or under both
    half = Truth([0.5], "+-")
    assert exact_clean_error(net, truth=half) + exact_clean_error(net, truth=-half) == 1 + plateau
    assert exact_noisy_error(net, Fraction(1, 2), truth=half) == (1 + plateau) / 2


def test_a_spline_is_a_truth_by_its_own_zeros():
    net = ReluNet([1.0, -3.0], [1.0, 1.0], [-0.125, -0.5])
    curve = spline(net)
    assert Truth.of(curve) == Truth.of(net)
    assert exact_clean_error(net, truth=curve) == Fraction(1, 8)


@pytest.mark.core
def test_without_a_truth_nothing_changes():
    rng = np.random.default_rng(5)
    for _ in range(50):
        net = ReluNet(*strategies.random_hostile_net(rng))
        plain = clean_error(net)
        for truth in (None, "+1", Truth([], [1]), Truth([0.4], [1, 1])):
            assert clean_error(net, truth=truth) == plain
        negated = ReluNet(-net.v, net.w, net.b)
        assert exact_clean_error(net, truth="-1") == exact_clean_error(negated)


def test_stacks_of_nets_under_a_truth():
    stack = np.random.default_rng(0).normal(size=(3, 5, 4))
    for options in ({"truth": "0.3:+-"}, {"truth": "0.3:+-", "density": stats.beta(2, 5)}):
        singly = [
            clean_error(ReluNet(*parts), **options).value for parts in zip(*stack, strict=True)
        ]
        assert clean_errors(*stack, **options).tolist() == singly


def test_many_breakpoints_keep_a_narrow_enclosure():
    rng = np.random.default_rng(3)
    places = np.sort(rng.random(2000)).tolist()
    truth = Truth(places, [1, -1] * 1000 + [1])
    net = ReluNet(*rng.normal(size=(3, 400)))
    found = clean_error(net, truth=truth)
    holds(found, exact_clean_error(net, truth=truth), 2e-14)


@pytest.mark.parametrize(
    "law", [stats.norm(), stats.expon(), stats.t(2)], ids=lambda law: law.dist.name
)
def test_the_whole_line(law):
    """N > 0 right of 1/3, exactly; the truth changes there, far out, and in the last double."""
    net = ReluNet([3.0, -3.0, -1.0], [1.0, -1.0, 0.0], [0.0, 0.0, 1.0])
    third = Fraction(1, 3)
    parts = {"1/3:-+": 0.0, "1/3:+-": 1.0, "-1": law.sf(1 / 3), "+1": law.cdf(1 / 3)}
    parts["-2.0,1/3,3.0:-+-+"] = law.cdf(1 / 3) - law.cdf(-2.0) + law.sf(1 / 3) - law.sf(3.0)
    for truth, expected in parts.items():
        found = clean_error(net, truth=truth, density=law)
        assert found.low <= expected + 1e-15
        assert expected - 1e-15 <= found.high
        assert found.high - found.low < 1e-14
    far = Truth([-(2.0**500), third, 2.0**499], "+-+-")
    assert clean_error(net, truth=far, density=law).value == pytest.approx(0.0, abs=1e-14)


@pytest.mark.parametrize("p", [-0.1, 1.5, math.nan, "a"])
def test_noise_levels_are_probabilities(p):
    net = ReluNet([1.0], [1.0], [0.0])
    for call in (noisy_error, exact_noisy_error):
        with pytest.raises((TypeError, ValueError), match="`p` must"):
            call(net, p)


# The nearest neighbour


@given(strategies.samples(max_size=12), st.integers(0, 10**6), st.integers(0, 8))
@settings(max_examples=250, deadline=None)
def test_the_nearest_neighbour_in_rationals(points, seed, eighths):
    rng = np.random.default_rng(seed)
    x, y = [Fraction(one) for one in points[0].tolist()], [int(one) for one in points[1]]
    truth = random_truth(rng)
    if rng.random() < 0.5:  # breakpoints on borders and on data, or an ulp beside
        pool = [*x, *((a + b) / 2 for a, b in pairwise(x))]
        chosen = {pool[k] for k in rng.integers(len(pool), size=4)}
        beside = {Fraction(math.nextafter(float(one), 9.0)) for one in chosen}
        places = sorted(chosen | beside)
        truth = Truth(places, rng.choice([-1, 1], len(places) + 1).tolist())
    p = Fraction(eighths, 8)
    sample = Sample(*points, truth=truth)
    signs = oracle_of(truth)
    found = nearest_neighbour_clean_error(sample)
    holds(found, truths.neighbour_error(x, y, signs, UNIT), 3e-16)
    assert found == nearest_neighbour_clean_error(Sample(*points), truth=truth)
    noisy = nearest_neighbour_noisy_error(sample, float(p))
    holds(noisy, truths.neighbour_error(x, y, signs, UNIT, p), 1e-15)
    law, rational = laws(rng)
    holds(
        nearest_neighbour_clean_error(sample, density=law),
        truths.neighbour_error(x, y, signs, rational),
    )
    start, end = found.intervals.T
    assert np.all(start < end)
    assert np.all(end[:-1] < start[1:])


# Other rules


@given(strategies.samples(max_size=10), st.integers(1, 10), st.integers(0, 10**6))
@settings(max_examples=150, deadline=None)
def test_more_neighbours_in_rationals(points, k, seed):
    rng = np.random.default_rng(seed)
    x, y = [Fraction(one) for one in points[0].tolist()], [int(one) for one in points[1]]
    k = min(k, len(x))
    borders = [(a + b) / 2 for a, b in zip(x, x[k:], strict=False)]
    truth = random_truth(rng)
    if rng.random() < 0.5:  # breakpoints on borders, or an ulp beside
        chosen = {borders[j] for j in rng.integers(len(borders), size=3)} if borders else set()
        beside = {Fraction(math.nextafter(float(one), 9.0)) for one in chosen}
        places = sorted(chosen | beside)
        truth = Truth(places, tuple(rng.choice([-1, 0, 1], len(places) + 1).tolist()))
    rule = NearestNeighbours(Sample(*points, truth=truth), k)
    signs = oracle_of(truth)

    def wrong(at):
        vote = sum(y[j] for j in sorted(range(len(x)), key=lambda j: abs(x[j] - at))[:k])
        return Fraction(vote * signs.at(at) <= 0)

    error = truths.expectation(wrong, [*borders, *truth.breakpoints], UNIT)
    assert exact_clean_error(rule) == error
    found = clean_error(rule)
    holds(found, error, 1e-15)
    assert found.truth == truth.name
    assert found == clean_error(NearestNeighbours(Sample(*points), k), truth=truth)
    if k == 1:
        near = nearest_neighbour_clean_error(rule.sample)
        assert near.low <= found.high
        assert found.low <= near.high
        noisy = nearest_neighbour_noisy_error(rule.sample, 0.25)
        assert noisy_error(rule, 0.25).value == pytest.approx(noisy.value, abs=1e-15)


def test_rules_with_enclosed_borders():
    """Borders of the Nadaraya–Watson rule are known up to rounding: at, beside and between them."""
    sample = draw_sample(12, 0.3, rng=4)
    rule = NadarayaWatson(sample, 1.5)
    ends = rule.sign_changes()
    plain = clean_error(rule)
    inside = [float(one) for one in 0.5 * (ends[:, 0] + ends[:, 1])]
    assert clean_error(rule, truth=Truth([], [1])) == plain
    for places in ([0.3, 0.7], inside, [Fraction(one) + Fraction(1, 2**80) for one in inside]):
        truth = Truth(places, [(-1) ** j for j in range(len(places) + 1)])
        one, other = clean_error(rule, truth=truth), clean_error(rule, truth=-truth)
        # the rule vanishes nowhere for long
        assert one.low + other.low <= 1.0 + 1e-15
        assert one.high + other.high >= 1.0 - 1e-15
        assert one.high - one.low < 1e-9
        # by counting on a grid
        grid = (np.arange(20_000) + 0.5) / 20_000
        share = np.mean(rule(grid) * truth(grid) <= 0.0)
        assert one.value == pytest.approx(share, abs=20 / 20_000)
    # a truth that changes sign with the rule is right nearly everywhere
    own = Truth(
        inside, [int(np.sign(rule(0.0)).item()) * (-1) ** j for j in range(len(inside) + 1)]
    )
    assert clean_error(rule, truth=own).high < 1e-9


# What it is for


def clusters():
    """Nine clusters, of one sign each, with room between."""
    centres = np.arange(1, 10) / 10
    signs = [1, -1, -1, 1, 1, -1, 1, -1, 1]
    edges = np.sort(np.concatenate([centres - 0.01, centres + 0.01]))
    weights = np.array([1.0, 0.0] * 9)[:-1]
    law = stats.rv_histogram((weights, edges), density=False)
    truth = Truth(((centres[1:] + centres[:-1]) / 2).tolist(), signs)
    return law, truth, np.mean(np.array(signs) < 0)


def test_labels_of_clusters_are_no_noise():
    """Four of nine clusters are labelled −1: against f* ≡ +1 that is an error of .447, against the
    truth it is .0029.
    """
    law, truth, share = clusters()
    sample = draw_sample(400, 0.005, rng=0, density=law, truth=truth)
    net = max_margin(sample).net
    wrong = clean_error(net, density=law)
    right = clean_error(net, density=law, truth=truth)
    assert wrong.value == pytest.approx(0.4473, abs=1e-4)
    assert share == pytest.approx(wrong.value, abs=0.01)
    assert right.value == pytest.approx(0.00287, abs=1e-5)
    assert right.high - right.low < 1e-13
    assert sample.noise_rate == 0.0025
    near = nearest_neighbour_clean_error(sample)
    assert near.value == pytest.approx(right.value, abs=1e-9)
    # flipping new labels, too, mixes errors and right answers
    p = 0.25
    noisy = noisy_error(net, p, density=law, truth=truth)
    assert noisy.value == pytest.approx((1 - p) * right.value + p * (1 - right.value), abs=1e-12)
