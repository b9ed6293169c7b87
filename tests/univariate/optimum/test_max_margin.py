"""Max margin: against a conic solver, and against its own certificate recomputed in rational
arithmetic.
"""

import contextlib
from fractions import Fraction
from math import sqrt

import cases
import numpy as np
import pytest
import strategies
from hypothesis import example, given, settings
from oracles import exact, naive

from univariate import (
    DeepReluNet,
    ReluNet,
    Sample,
    Verdict,
    certify,
    clean_error,
    draw_sample,
    global_minimum_certificate,
    max_margin,
    nearest_neighbour_clean_error,
)
from univariate.common.tolerance import OPTIMALITY_GAP
from univariate.optimum.global_minimum import global_minimum_of
from univariate.problem.exact import exact_norm_squared
from univariate.problem.fitted import ShallowFitted

GAP = 1e-10  # the relative duality gap that is promised


def recomputed_gap(sample, found):
    """Feasibility, primal and dual value in rational arithmetic; nothing of the solver is
    trusted.
    """
    net = found.net
    assert min(exact.margins(net.v, net.w, net.b, sample.x, sample.y)) >= 1
    primal = exact.norm_squared(net.v, net.w, net.b)
    assert primal <= Fraction(found.norm_squared)
    left = 1 - Fraction(found.dual_norm_squared) / Fraction(found.norm_squared)
    assert left <= Fraction(found.duality_gap)
    assert np.all(found.multipliers >= 0.0)
    ratio_squared = exact.dual_ratio_squared(sample.x, sample.y, found.multipliers)
    assert ratio_squared <= Fraction(found.dual_ratio) ** 2 * (1 + Fraction(1, 2**50))
    dual = (
        2.0
        * float(sum(Fraction(float(item)) for item in found.multipliers))
        / sqrt(float(ratio_squared))
    )
    assert found.dual_norm_squared <= dual * (1.0 + 1e-15)
    return 1.0 - dual / float(primal)


def random_sample(rng):
    """Uniform, clustered, far away or straddling 0; any noise level from 0 to 1/2."""
    m, p = int(rng.integers(1, 61)), rng.uniform(0.0, 0.5)
    kind = rng.integers(5)
    if kind == 0:
        x = rng.random(m)
    elif kind == 1:
        x = np.cumsum(10.0 ** rng.uniform(-4, 0, m))
    elif kind == 2:
        x = rng.uniform(5.0, 6.0, m)
    elif kind == 3:
        x = rng.uniform(-300.0, 1000.0, m)
    else:
        x = rng.standard_normal(m)
    return Sample.from_arrays(np.unique(x), np.where(rng.random(len(np.unique(x))) < p, -1.0, 1.0))


def test_two_hundred_samples_against_a_conic_solver():
    rng = np.random.default_rng(1)
    methods = set()
    for _ in range(240):
        sample = random_sample(rng)
        found = max_margin(sample)
        methods.add(found.method)
        assert recomputed_gap(sample, found) <= GAP
        low, high = naive.norm_squared_bounds(sample.x, sample.y)
        assert found.dual_norm_squared <= high * (1.0 + 1e-12)
        assert found.norm_squared >= low * (1.0 - 1e-12)
    assert methods == {"closed form", "column generation"}


@given(strategies.samples(max_size=10, unit_interval=False))
@settings(max_examples=150)
@example((np.array([0.5]), np.array([-1.0])))
@example((np.array([-1.0, 2.0]), np.array([1.0, 1.0])))
@example((np.array([0.0, 1.0]), np.array([1.0, -1.0])))
def test_hostile_samples_found_by_search(points):
    """Gaps that differ by 2²⁰ cost digits, but never the certificate."""
    sample = Sample(*points)
    assert recomputed_gap(sample, max_margin(sample)) <= OPTIMALITY_GAP


@pytest.mark.parametrize("case", cases.MARGINS, ids=str)
def test_hand_derived_optima(case):
    sample = Sample(case.x, case.y)
    found = max_margin(sample)
    assert found.norm_squared == pytest.approx(float(case.norm_squared), rel=1e-10)
    assert recomputed_gap(sample, found) <= GAP


@pytest.mark.core
@pytest.mark.parametrize("m", [12, 40])
def test_closed_form_in_miniature(m):
    sample = draw_sample(m, 0.4, rng=m)
    found = max_margin(sample)
    assert found.method == "closed form"
    assert recomputed_gap(sample, found) <= 1e-12


@pytest.mark.parametrize("p", [0.05, 0.2, 0.5])
def test_the_closed_form_decides_like_the_nearest_neighbour(p):
    for seed in range(20):
        sample = draw_sample(200, p, rng=seed)
        found = max_margin(sample)
        if found.method == "closed form":
            neighbour = nearest_neighbour_clean_error(sample)
            assert clean_error(found.net).value == pytest.approx(neighbour.value, abs=1e-12)


@pytest.mark.parametrize("seed", range(5))
def test_the_net_is_balanced_and_as_narrow_as_its_kinks_allow(seed):
    sample = draw_sample(300, 0.3, rng=seed)
    found = max_margin(sample)
    np.testing.assert_allclose(np.abs(found.net.v), np.hypot(found.net.w, found.net.b), rtol=1e-6)
    assert found.net.width <= len(sample.sign_changes) + 1  # K kinks, at most two of them split


def test_large_samples_keep_a_small_gap():
    sample = draw_sample(100_000, 0.2, rng=0)
    found = max_margin(sample)
    assert found.duality_gap <= GAP
    assert clean_error(found.net).value == pytest.approx(
        nearest_neighbour_clean_error(sample).value, abs=1e-12
    )


@pytest.mark.parametrize(
    ("m", "flips"), [(1000, 0), (1000, 1), (1000, 2), (100_000, 1), (100_000, 3)]
)
def test_large_samples_with_few_sign_changes(m, flips):
    rng = np.random.default_rng(m + flips)
    y = np.ones(m)
    y[rng.choice(m, flips, replace=False)] = -1.0
    found = max_margin(Sample(np.sort(rng.random(m)), y))
    assert found.duality_gap <= GAP


def test_one_class_has_the_closed_optimum():
    x = np.array([0.2, 0.5, 0.9])
    assert max_margin(Sample(x, np.ones(3))).norm_squared == pytest.approx(
        2.0 / sqrt(1.0 + 0.2**2), rel=1e-12
    )
    assert max_margin(Sample(-x[::-1], np.ones(3))).norm_squared == pytest.approx(
        2.0 / sqrt(1.0 + 0.2**2), rel=1e-12
    )
    assert max_margin(Sample([-1.0, 2.0], [-1.0, -1.0])).norm_squared == pytest.approx(
        2.0, rel=1e-12
    )


def test_reflection_and_label_flip_keep_the_norm():
    sample = draw_sample(80, 0.3, rng=3)
    found = max_margin(sample).norm_squared
    assert max_margin(Sample(sample.x, -sample.y)).norm_squared == pytest.approx(found, rel=1e-10)
    assert max_margin(Sample(-sample.x[::-1], sample.y[::-1])).norm_squared == pytest.approx(
        found, rel=1e-10
    )


def test_certificate_of_the_optimum_and_of_its_scalings():
    sample = draw_sample(100, 0.2, rng=4)
    best = max_margin(sample)
    for scale in (1.0, 4.0, 0.25):
        found = global_minimum_certificate(
            ReluNet(best.net.v * scale, best.net.w * scale, best.net.b * scale), sample
        )
        assert found.verdict is Verdict.HOLDS
        assert found.duality_gap <= GAP
        assert found.worst_margin == pytest.approx(scale**2, rel=1e-9)


def test_certificate_refutes_with_a_witness_that_replays():
    sample = draw_sample(60, 0.3, rng=5)
    best = max_margin(sample)
    worse = ReluNet(best.net.v * 1.5, best.net.w, best.net.b)
    found = global_minimum_certificate(worse, sample)
    assert found.verdict is Verdict.FAILS
    witness = found.witness
    assert min(exact.margins(witness.v, witness.w, witness.b, sample.x, sample.y)) >= 1
    margin = min(exact.margins(worse.v, worse.w, worse.b, sample.x, sample.y))
    assert (
        exact.norm_squared(witness.v, witness.w, witness.b)
        < exact.norm_squared(worse.v, worse.w, worse.b) / margin
    )


def test_certificate_names_the_worst_observation_of_a_net_that_does_not_interpolate():
    sample = Sample([0.25, 0.5, 0.75], [1.0, -1.0, 1.0])
    found = global_minimum_certificate(ReluNet([1.0], [1.0], [0.0]), sample)
    assert found.verdict is Verdict.FAILS
    assert found.witness is None
    assert "observation 1, x = 0.5" in found.reason


def test_certificate_does_not_trust_the_optimum_it_is_given():
    """Multipliers far too large are cut down by the certificate's own dual check."""
    sample = draw_sample(40, 0.3, rng=6)
    best = max_margin(sample)
    forged = type(best)(
        best.net, 1.0, 1e9, 0.0, 5.0 * best.multipliers, 1.0, best.method, best.raised
    )
    with pytest.raises(ValueError, match="do not prove here"):
        global_minimum_certificate(best.net, sample, optimum=forged)
    found = global_minimum_of(ShallowFitted(best.net, sample), optimum=forged)
    assert found.dual_norm_squared <= best.norm_squared


def test_certificate_is_about_two_layers():
    with pytest.raises(
        TypeError, match=r"`net` must be a ReluNet, Problem \(1\) is about 2-layer nets"
    ):
        global_minimum_certificate(DeepReluNet([([[1.0]], [0.0])]), Sample([0.5], [1.0]))


@given(strategies.nets())
@settings(max_examples=100)
def test_exact_norm(net):
    assert exact_norm_squared(ReluNet(*net)) == exact.norm_squared(*net)


@pytest.mark.parametrize("length", [1e6, 5e7, 5e8, 1e10])
def test_labels_alike_far_from_the_origin(length):
    """λ of the outer datum is below the resolution of the linear programme, which must not cost the
    net.
    """
    found = max_margin(Sample([-length, length / 4.0], [-1.0, -1.0]))
    assert found.duality_gap <= 1e-9


# Extreme samples

EXTREME = [
    [0.0, 5e-324, 1e-100, 1e-50, 1e-10],
    [0.0, 1e-50, 1e-10],
    [0.001 + k * 2.0**-62 for k in range(5)],
    [0.0, 1e-320],
    [-1.0, 1e17],
    [-3.7e-9],
    [-9.7e-7, -1.2e-26, -8.7e-34, -5.7e-86, 1.0e-22],
    [
        *(-1.3173613468776373e-43, -6.201790178466939e-60, -2.1457214614948285e-82),
        *(6.41505283174246e-67, 4.801695749249352e-37, 7.11116864643958e-27, 0.000310391000321039),
    ],
    [0.0604, 0.5, 0.500000000001, 0.667, 0.757, 0.994],
    [-1e100, -1.0, -0.5, -1e-20, -1e-100, 0.0],
    [-2.68742012e-069, -2.09335614e-320, 4.02994807e-294, 5.71699865e146],
]


def check_solution_or_one_clear_error(x, y):
    """Return the solution, its bounds checked in rationals; None after the one clear error."""
    with contextlib.suppress(ArithmeticError):
        found = max_margin(Sample(x, y))
        return checked(found, x, y)
    with pytest.raises(ArithmeticError, match="rescale or thin the inputs"):
        max_margin(Sample(x, y))
    return None


def checked(found, x, y):
    total = 2 * sum(map(Fraction, found.multipliers.tolist()))
    ratio_squared = exact.dual_ratio_squared(x, y, found.multipliers)
    assert Fraction(found.dual_norm_squared) ** 2 * ratio_squared <= total**2
    assert min(exact.margins(found.net.v, found.net.w, found.net.b, x, y)) >= 1
    assert exact.norm_squared(found.net.v, found.net.w, found.net.b) <= Fraction(found.norm_squared)
    return found


@pytest.mark.filterwarnings("error")
@pytest.mark.parametrize("x", EXTREME, ids=lambda x: f"{len(x)} from {min(x):.2g}")
@pytest.mark.parametrize("pattern", ["+-", "-+", "+", "-", "++-"])
def test_extreme_samples_end_in_a_proof_or_one_clear_error(x, pattern):
    x = np.array(sorted(set(x)))
    y = np.array([1.0 if pattern[k % len(pattern)] == "+" else -1.0 for k in range(len(x))])
    found = check_solution_or_one_clear_error(x, y)
    if found is not None and found.duality_gap <= OPTIMALITY_GAP:
        # rounding may leave more of stationarity than the tolerance: undecided, not refuted
        assert certify(found.net, Sample(x, y), optimum=found).level == "global minimum"


@pytest.mark.parametrize("x", [[-1e-80, 0.0, 1e100], [0.0, 1e-80, 1e90], [-1e-89, 0.0, 1e55]])
def test_a_norm_beyond_the_range_of_doubles_is_no_bound(x):
    """Nets with margins of at least 1 were found, with parameters whose squares overflow."""
    assert check_solution_or_one_clear_error(x, [1.0, -1.0, -1.0]) is None


def test_one_label_on_one_side_of_zero_needs_one_neuron():
    rng = np.random.default_rng(0)
    for k in range(30):
        x = np.sort(rng.random(1 + k % 5) * 10.0 ** rng.integers(-12, 12))
        x = x if k % 2 else -x[::-1]
        y = np.full(len(x), 1.0 if k % 3 else -1.0)
        found = check_solution_or_one_clear_error(x, y)
        nearest = np.abs(x).min()
        assert found.norm_squared == pytest.approx(2.0 / np.hypot(1.0, nearest), rel=1e-14)
        assert found.net.width == 1
        assert certify(found.net, Sample(x, y), optimum=found).level == "global minimum"


@pytest.mark.parametrize(
    ("places", "pattern"),
    [
        ((10, 26), (1, -1)),
        ((4, 12, 23, 24, 25, 27, 32, 37), (1, -1, 1, 1, 1, 1, -1, 1)),
    ],
    ids=["column generation", "closed form"],
)
def test_margins_that_coarse_parameters_leave_too_large_are_lowered(places, pattern):
    """Between ulp-neighbours the first net with margins of at least 1 has larger ones."""
    sample = Sample(1.0 + 2.0**-50 * np.array(places), np.array(pattern, dtype=float))
    net = max_margin(sample).net
    smallest = min(exact.margins(net.v, net.w, net.b, sample.x, sample.y))
    assert 1 <= smallest <= 1 + Fraction(1, 10**6)
