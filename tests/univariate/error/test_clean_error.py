"""Clean error: the rational oracle lies in the enclosure, every time."""

from fractions import Fraction

import cases
import numpy as np
import pytest
import strategies
from hypothesis import example, given, settings
from oracles import exact, naive
from scipy import stats

from univariate import DeepReluNet, ReluNet, clean_error, clean_errors, exact_clean_error
from univariate.error.sublevel import error_set
from univariate.problem.truth import ALWAYS

WIDTH = 1e-12  # the enclosure that is promised


def check(net, truth):
    found = clean_error(net)
    assert Fraction(found.low) <= truth <= Fraction(found.high)
    assert found.low <= found.value <= found.high
    assert found.high - found.low <= WIDTH
    assert float(np.sum(np.diff(found.intervals))) == pytest.approx(float(truth), abs=1e-12)


@pytest.mark.core
@pytest.mark.parametrize("case", cases.NETS, ids=str)
def test_hand_derived_nets(case):
    net = ReluNet(*case.net)
    check(net, case.clean_error)
    assert exact_clean_error(net) == case.clean_error


@pytest.mark.core
@pytest.mark.parametrize("case", cases.DEEP_NETS, ids=str)
def test_hand_derived_deep_nets(case):
    net = DeepReluNet(case.layers)
    check(net, case.clean_error)
    assert exact_clean_error(net) == case.clean_error


def test_ten_thousand_hostile_nets():
    """Ties, kinks on 0, 1 and each other, dead units, plateaus, cancelling pairs, 1e±300."""
    rng = np.random.default_rng(2024)
    for _ in range(10_000):
        net = strategies.random_hostile_net(rng)
        check(ReluNet(*net), exact.clean_error(*net))


@given(strategies.nets())
@settings(max_examples=400)
# kinks of one double
@example((np.array([1.0, -1.0]), np.array([3.0, 1.0]), np.array([-1.0, -1.0 / 3.0])))
@example((np.array([5e-324]), np.array([1.0]), np.array([-0.5])))
def test_hostile_nets_found_by_search(net):
    check(ReluNet(*net), exact.clean_error(*net))


@given(strategies.deep_nets())
@settings(max_examples=150)
def test_deep_nets(layers):
    net, truth = DeepReluNet(tuple(layers)), exact.deep_clean_error(layers)
    check(net, truth)
    assert exact_clean_error(net) == truth


@pytest.mark.core
def test_a_small_bulk_of_hostile_nets():
    rng = np.random.default_rng(7)
    for _ in range(60):
        net = strategies.random_hostile_net(rng)
        check(ReluNet(*net), exact.clean_error(*net))
        assert exact_clean_error(ReluNet(*net)) == exact.clean_error(*net)


def test_any_domain():
    rng = np.random.default_rng(11)
    for _ in range(600):
        net = strategies.random_hostile_net(rng)
        low, high = sorted(rng.choice([-3.0, -0.5, 0.0, 0.3, 1.0, 1e6], 2, replace=False))
        found = error_set(ReluNet(*net), ALWAYS, low, high)
        assert Fraction(found.low) <= exact.clean_error(*net, low, high) <= Fraction(found.high)


@pytest.mark.parametrize("width", [100, 1000])
def test_ordinary_nets_are_known_to_the_last_digits(width):
    rng = np.random.default_rng(width)
    net = tuple(rng.standard_normal((3, width)))
    check(ReluNet(*net), exact.clean_error(*net))
    assert clean_error(ReluNet(*net)).high - clean_error(ReluNet(*net)).low <= 1e-15


def test_cancelling_neurons_keep_their_digits():
    """A thousand cancelling pairs of size 10⁶ around a small net: plain sums lose it whole."""
    rng = np.random.default_rng(3)
    small = rng.standard_normal((3, 20))
    v, w, b = 1e6 * rng.standard_normal((3, 1000))
    net = tuple(np.concatenate(parts) for parts in zip(small, (v, w, b), (-v, w, b), strict=True))
    check(ReluNet(*net), exact.clean_error(*small))  # the function is that of the small net
    assert clean_error(ReluNet(*net)).value == clean_error(ReluNet(*small)).value


def test_invariances():
    rng = np.random.default_rng(5)
    v, w, b = rng.standard_normal((3, 50))
    reference = clean_error(ReluNet(v, w, b)).value
    order = rng.permutation(50)
    assert clean_error(ReluNet(v[order], w[order], b[order])).value == pytest.approx(
        reference, abs=1e-15
    )
    assert clean_error(ReluNet(4.0 * v, w, b)).value == reference
    assert clean_error(ReluNet(0.5 * v, 2.0 * w, 2.0 * b)).value == reference
    mirrored = ReluNet(v, -w, b + w)  # x → 1 − x
    assert clean_error(mirrored).value == pytest.approx(reference, abs=1e-14)


def test_the_sign_set_and_its_complement_fill_the_interval():
    rng = np.random.default_rng(6)
    for _ in range(100):
        v, w, b = rng.standard_normal((3, 30))
        total = clean_error(ReluNet(v, w, b)).value + clean_error(ReluNet(-v, w, b)).value
        zero = error_set(ReluNet(np.abs(v), w, b), ALWAYS, 0.0, 1.0).value  # nobody is active
        assert total == pytest.approx(1.0 + zero, abs=1e-14)


@pytest.mark.parametrize(
    ("density", "sampler"),
    [
        (stats.beta(2, 5), "unit"),
        (stats.norm(0.3, 2.0), "line"),
        (stats.expon(), "ray"),
        (stats.cauchy(), "line"),
    ],
    ids=["beta", "norm", "expon", "cauchy"],
)
def test_densities_agree_with_quantile_grids(density, sampler):
    rng = np.random.default_rng(8)
    quantiles = density.ppf((np.arange(200_000) + 0.5) / 200_000)
    for _ in range(5):
        net = rng.standard_normal((3, 6))
        found = clean_error(ReluNet(*net), density=density)
        grid = np.mean(naive.dense_net(*net)(quantiles) <= 0.0)
        assert found.low <= found.value <= found.high
        assert found.value == pytest.approx(grid, abs=1e-4)
        assert found.high - found.low < 1e-12


def test_the_uniform_density_is_the_default():
    rng = np.random.default_rng(9)
    net = ReluNet(*rng.standard_normal((3, 40)))
    assert clean_error(net, density=stats.uniform()).value == pytest.approx(
        clean_error(net).value, abs=1e-14
    )


def test_small_tails_keep_their_relative_precision():
    net = ReluNet([1.0], [-1.0], [30.0])  # N ≤ 0 exactly on x ≥ 30
    found = clean_error(net, density=stats.norm())
    assert found.value == pytest.approx(stats.norm.sf(30.0), rel=1e-12)
    assert found.low > 0.0


def test_stacks_agree_with_single_nets():
    rng = np.random.default_rng(10)
    v, w, b = rng.standard_normal((3, 40, 25))
    expected = [clean_error(ReluNet(*net)).value for net in zip(v, w, b, strict=True)]
    np.testing.assert_allclose(clean_errors(v, w, b), expected, atol=2e-15, rtol=0.0)


@pytest.mark.parametrize("argument", [3.0, None, [[1.0]]])
def test_only_networks_are_taken(argument):
    with pytest.raises(TypeError, match=r"`net` must be a ReluNet or DeepReluNet, got"):
        clean_error(argument)


def test_density_must_be_a_distribution():
    with pytest.raises(
        TypeError, match=r"`density` must be a frozen scipy.stats distribution, got int"
    ):
        clean_error(ReluNet([1.0], [1.0], [0.0]), density=3)


def test_inputs_are_left_alone():
    v = np.array([1.0, -2.0])
    net = ReluNet(v, v, v)
    clean_error(net)
    np.testing.assert_array_equal(v, [1.0, -2.0])
    assert not net.v.flags.writeable


# One set, seen three ways

SEEN_THREE_WAYS = [
    ([1, 1, -2], [-10, 2, 2], [1e-8, -2e-9, -2.0000000000000005e-09]),
    ([1.0, 0.5, 3.0], [7.0, -8796093022208.0, 1e12], [-0.7, 8796.093022207999, -999.9999999999999]),
]


@pytest.mark.parametrize("net", SEEN_THREE_WAYS)
def test_intervals_value_and_enclosure_are_one_set(net):
    truth = exact.clean_error(*net)
    plain = clean_error(ReluNet(*net))
    assert float(np.sum(np.diff(plain.intervals))) == pytest.approx(plain.value, abs=1e-15)
    assert plain.low <= truth <= plain.high
    weighed = clean_error(ReluNet(*net), density=stats.uniform())
    assert weighed.value == pytest.approx(float(truth), abs=1e-15)
    assert weighed.low <= truth <= weighed.high
    assert weighed.high - weighed.low < 1e-14


def test_densities_see_the_set_of_the_uniform_law():
    rng = np.random.default_rng(4)
    laws = stats.uniform(), stats.beta(2, 5), stats.norm(), stats.cauchy(), stats.expon()
    for k in range(150):
        net = strategies.random_hostile_net(rng)
        law = laws[k % len(laws)]
        low, high = (float(np.clip(end, -(2.0**60), 2.0**60)) for end in law.support())
        pieces = exact.clean_error_intervals(*net, low, high)
        mass = [law.cdf(float(b)) - law.cdf(float(a)) for a, b in pieces]
        found = clean_error(ReluNet(*net), density=law)
        assert found.low - 1e-13 <= sum(mass) <= found.high + 1e-13
        ends = law.cdf(found.intervals)
        assert found.value == pytest.approx(float(np.sum(np.diff(ends))), abs=1e-13)
