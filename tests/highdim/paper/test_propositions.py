"""Propositions 4.4–4.6: every number of a report by other means, and witnesses against what is
printed.
"""

import math
from fractions import Fraction

import numpy as np
import pytest
from oracles import arcs, propositions as oracle
from scipy import stats

from highdim import SphereSample, ThreeLayerNet, TwoLayerNet, clean_error, draw_sphere_sample
from highdim.paper.angles import Share, cosines, exact, turn
from highdim.paper.checks import FIVE, included
from highdim.paper.counterexamples import proposition_4_5_counterexample
from highdim.paper.orthants import orthant_probability
from highdim.paper.plane import decisive_clean_error, width_two_clean_error
from highdim.paper.propositions import proposition_4_4, proposition_4_5, proposition_4_6
from highdim.paper.rational_counterexamples import RATIONAL_COUNTEREXAMPLES
from highdim.problem.truth import half_space
from highdim.standing.kkt import kkt_certificate
from univariate.common.result import Verdict

HOLDS, FAILS, UNDECIDED = Verdict.HOLDS, Verdict.FAILS, Verdict.UNDECIDED


def random_rows(seed, k, d):
    return np.random.default_rng(seed).standard_normal((k, d))


def one(report, claim, form=None):
    """The only check whose claim has this part."""
    (found,) = [
        check
        for check in (*report.hypotheses, *report.steps, report.conclusion)
        if claim in check.claim and form in (None, check.form)
    ]
    return found


def deep_net(d=3):
    return ThreeLayerNet([1.0], [[1.0]], None, np.ones((1, d)), None)


# ---------------------------------------------------------------- angles


@pytest.mark.core
def test_turns_are_exact_at_ties():
    u, right, back = exact([3.0, 4.0, 0.0]), exact([-4.0, 3.0, 0.0]), exact([-0.3, -0.4, 0.0], 10.0)
    assert turn(u, right) == (0.25, 0.25, 0.25)
    assert turn(u, exact([6.0, 8.0, 0.0])) == (0.0, 0.0, 0.0)
    assert turn(u, exact([-6.0, -8.0, 0.0])) == (0.5, 0.5, 0.5)
    # 0.3 and 0.4 are not in the ratio 3 : 4 as doubles: nearly opposite, not opposite
    found = turn(u, back)
    assert found.low < 0.5
    assert found.high == 0.5


@pytest.mark.parametrize("angle", [1e-12, 1e-7, 0.3, 1.5707, 1.5709, 3.0, math.pi - 1e-9])
def test_turns_of_known_angles(angle):
    found = turn(exact([1.0, 0.0]), exact([math.cos(angle), math.sin(angle)]))
    assert found.value == pytest.approx(angle / (2.0 * math.pi), rel=1e-15, abs=2e-16)
    assert found.low <= angle / (2.0 * math.pi) <= found.high
    assert (found.high <= 0.25) if angle < math.pi / 2 else (found.low >= 0.25)


def test_turns_of_any_size():
    tiny, huge = [5e-324, 0.0], [1e308, 1e308]
    assert turn(exact(tiny), exact(huge)).value == pytest.approx(0.125, rel=1e-15)


def test_cosines_near_zero_get_their_sign_from_rational_numbers():
    W = np.array([[1.0, 1.0, 2.0**-60], [1.0, -1.0, 1.0], [1.0, -1.0, 0.0], [1.0, -1.0, -1.0]])
    found, slack = cosines(W)
    assert np.all(slack == 0.0)
    assert found[0, 1] > 0.0
    assert found[0, 2] == 0.0
    assert found[0, 3] < 0.0
    expected = [[float(np.dot(a, b) / np.linalg.norm(a) / np.linalg.norm(b)) for b in W] for a in W]
    assert found == pytest.approx(np.array(expected), abs=1e-15)


def test_cosines_whose_products_leave_the_range():
    found, slack = cosines(np.array([[1.0, 1e-200], [0.0, 1.0], [-1e-250, 1e-250]]))
    assert found[0, 1] > 0.0
    assert found[0, 2] < 0.0
    assert np.all(slack == 0.0)


# ---------------------------------------------------------------- width two


@pytest.mark.parametrize("d", [2, 3, 40])
@pytest.mark.parametrize("signs", [(1, 1), (1, -1), (-1, 1), (-1, -1)])
@pytest.mark.parametrize("seed", [0, 1, 2])
def test_width_two_against_exact_arcs_and_a_grid(d, signs, seed):
    W = random_rows(seed, 2, d)
    v = np.array(signs) * np.random.default_rng(seed + 10).uniform(0.2, 3.0, 2)
    found = width_two_clean_error(TwoLayerNet(v, W))
    flat_v, flat_w = oracle.in_their_plane(v, W)
    assert found.value == pytest.approx(
        arcs.clean_error([(flat_w, None), (flat_v, None)]), abs=1e-14
    )
    assert found.value == pytest.approx(oracle.share_of_grid(flat_v, flat_w), abs=3e-5)
    assert found.low <= found.value <= found.high <= found.low + 1e-14
    sampled = clean_error(
        TwoLayerNet(v, W), method="auto" if d == 2 else "points", rng=seed, level=1.0 - 1e-7
    )
    assert sampled.low - 1e-12 <= found.value <= sampled.high + 1e-12


@pytest.mark.core
@pytest.mark.parametrize(
    ("v", "W", "expected"),
    [
        ([1.0, 1.0], [[0.1, 0.3], [-0.1, -0.3]], 0.0),  # |w·x|
        ([1.0, 1.0], [[1.0, 0.0], [0.0, 1.0]], 0.25),
        ([1.0, 1.0], [[1.0, 2.0], [2.0, 4.0]], 0.5),
        ([1.0, -1.0], [[1.0, 0.0], [0.0, 1.0]], 0.625),
        ([1.0, -1.0], [[1.0, 2.0], [1.0, 2.0]], 1.0),  # N = 0
        ([1.0, -2.0], [[1.0, 2.0], [1.0, 2.0]], 1.0),
        ([2.0, -1.0], [[1.0, 2.0], [1.0, 2.0]], 0.5),
        ([1.0, -3.0], [[1.0, 2.0], [-1.0, -2.0]], 0.5),
        ([-1.0, -1.0], [[1.0, 0.0], [0.0, 1.0]], 1.0),
        ([1.0, 0.0], [[1.0, 0.0], [0.0, 1.0]], 0.5),
        ([1.0, 1.0], [[0.0, 0.0], [0.0, 1.0]], 0.5),
        ([0.0, -1.0], [[1.0, 0.0], [0.0, 0.0]], 1.0),
        ([-1.0], [[1.0, 0.0]], 1.0),
        ([1.0], [[1.0, 0.0]], 0.5),
        ([1e-300, -1e300], [[1e300, 0.0], [0.0, 1e-300]], 0.625),
        ([1.0, 1.0, 0.0, 3.0], [[1.0, 0.0], [0.0, 1.0], [1.0, 1.0], [0.0, 0.0]], 0.25),
    ],
)
def test_width_two_where_it_is_exact(v, W, expected):
    found = width_two_clean_error(TwoLayerNet(v, W))
    assert found.value == pytest.approx(expected, abs=1e-16)
    assert (found.low == found.high == expected) or expected == 0.625
    assert (found.samples, found.level) == (0, 1.0)


def test_width_two_with_neurons_that_nearly_cancel():
    """u − z is 2^-52 of u: rounding it in plain arithmetic after scaling by |v_j| would lose its
    direction.
    """
    eps = 2.0**-52
    net = TwoLayerNet([3.0, -3.0], [[1.0, 1.0], [1.0 - eps, 1.0 + eps]])
    # u − z = 3 ε (1, −1), at a right angle to u
    assert width_two_clean_error(net).value == 0.75
    assert width_two_clean_error(TwoLayerNet([0.1, -0.1], net.W)).value == 0.75


def test_width_two_door():
    with pytest.raises(TypeError, match="must be a TwoLayerNet, got ThreeLayerNet"):
        width_two_clean_error(deep_net())
    with pytest.raises(ValueError, match="at most two live neurons, got 3"):
        width_two_clean_error(TwoLayerNet([1.0, 1.0, 1.0], random_rows(0, 3, 3)))
    with pytest.raises(ValueError, match=r"largest bias of 0\.5"):
        width_two_clean_error(TwoLayerNet([1.0], [[1.0, 1.0]], [0.5]))
    with pytest.raises(ValueError, match="d >= 2, got 1"):
        width_two_clean_error(TwoLayerNet([1.0], [[1.0]]))


# ---------------------------------------------------------------- orthants


@pytest.mark.core
@pytest.mark.parametrize("k", [0, 1, 2, 3, 4, 7])
def test_orthants_of_the_standard_basis(k):
    found = orthant_probability(np.eye(8)[:k], rng=0)
    assert found.low == found.value == found.high == 0.5**k


@pytest.mark.parametrize("k", [2, 3, 4, 6])
def test_orthants_at_correlation_one_half(k):
    """e_j + e_0: w_j·x ≤ 0 for all j where −x_0 is the largest of k + 1 exchangeable numbers."""
    W = np.eye(k + 1)[1:] + np.eye(k + 1)[0]
    found = orthant_probability(W, rng=0)
    assert found.low <= 1.0 / (k + 1) <= found.high
    assert found.value == pytest.approx(1.0 / (k + 1), abs=1e-14 if k <= 3 else 5e-3)


@pytest.mark.parametrize("d", [2, 3, 9])
def test_orthants_of_three_against_multivariate_normals(d):
    W = random_rows(d, 3, d)
    found = orthant_probability(W, rng=0)
    low, high = oracle.sampled(lambda g: np.all(g @ W.T <= 0.0, axis=1), d, 5)
    assert low <= found.value <= high
    if d > 2:
        # scipy integrates by random points, which its default accuracy lets be 1e-5 off
        law = stats.multivariate_normal(
            cov=W @ W.T, allow_singular=True, maxpts=10_000_000, abseps=1e-8, releps=1e-8
        )
        assert found.value == pytest.approx(law.cdf(np.zeros(3)), abs=1e-6)


def test_orthants_of_degenerate_vectors():
    u, w = np.array([1.0, 2.0, 2.0]), np.array([1.0, 0.0, -1.0])
    assert orthant_probability(np.array([u, -u, w]), rng=0).value == 0.0
    assert orthant_probability(np.array([u, 2.0 * u, 3.0 * u]), rng=0).value == pytest.approx(
        0.5, abs=1e-16
    )
    third = np.array([[1.0, 0.0], [-0.5, math.sqrt(0.75)], [-0.5, -math.sqrt(0.75)]])
    assert orthant_probability(third, rng=0).value == pytest.approx(0.0, abs=1e-15)
    assert orthant_probability(np.array([u, np.zeros(3)]), rng=0).value == 0.5


def test_orthants_are_products_over_orthogonal_classes():
    first, second = random_rows(1, 3, 3), random_rows(2, 2, 3)
    W = np.block([[first, np.zeros((3, 3))], [np.zeros((2, 3)), second]])
    found = orthant_probability(W[[0, 3, 1, 4, 2]], rng=0)
    expected = orthant_probability(first, rng=0).value * orthant_probability(second, rng=0).value
    assert found.value == pytest.approx(expected, rel=1e-14)
    assert found.samples == 0


# ---------------------------------------------------------------- Proposition 4.4


@pytest.mark.parametrize("d", [2, 5, 3000])
def test_4_4_holds_where_its_hypotheses_do(d):
    W = random_rows(d, 2, d) / np.sqrt(d)
    v = np.array([1.5, -0.5])
    X = random_rows(7, 400, d)
    X /= np.linalg.norm(X, axis=1, keepdims=True)
    values = (
        np.array([oracle.output(v, W, x) for x in X[:40]])
        if d < 100
        else np.maximum(X[:40] @ W.T, 0.0) @ v
    )
    keep = np.flatnonzero(values != 0.0)
    sample = SphereSample.from_arrays(X[keep], np.sign(values[keep]))
    found = proposition_4_4(TwoLayerNet(v, W), sample)
    assert found.verdict is HOLDS
    assert found.conclusion.value == width_two_clean_error(TwoLayerNet(v, W)).value >= 0.5
    assert one(found, "y_i N(x_i)").value == pytest.approx(np.min(np.abs(values[keep])), rel=1e-9)
    assert one(found, "some label").value == np.sum(values[keep] < 0.0)
    assert one(found, "v_j < 0").value == -0.5
    assert one(found, "Pr[w₁·x ≤ 0]").value == 0.5
    assert one(found, "v₂ σ").value == 0.0
    assert all(check.holds for check in (*found.hypotheses, *found.steps))


def test_4_4_without_a_label_minus_says_nothing():
    net = TwoLayerNet([1.0, 1.0], [[1.0, 0.0], [-1.0, 0.0]])
    found = proposition_4_4(net, SphereSample.from_arrays([[0.6, 0.8]], [1]))
    assert found.verdict is UNDECIDED
    assert one(found, "some label").verdict is FAILS
    assert one(found, "v_j < 0").verdict is FAILS
    assert found.conclusion.verdict is FAILS
    assert found.conclusion.value == 0.0
    assert "does not apply" in found.reason
    assert found.witness is None


@pytest.mark.parametrize(
    ("net", "claim"),
    [
        (TwoLayerNet([-1.0, 1.0], [[1.0, 0.0], [0.0, 1.0]], [0.1, 0.0]), "no biases"),
        (TwoLayerNet([-1.0, 1.0, 1.0], [[1.0, 0.0], [0.0, 1.0], [0.0, -1.0]]), "n ≤ 2"),
        (TwoLayerNet([1.0, 1.0], [[1.0, 0.0], [0.0, 1.0]]), "y_i N(x_i)"),
    ],
)
def test_4_4_names_the_hypothesis_that_fails(net, claim):
    sample = SphereSample.from_arrays([[1.0, 0.0], [0.0, 1.0]], [-1, 1])
    found = proposition_4_4(net, sample)
    assert [check.claim for check in found.hypotheses if not check.holds] == [
        one(found, claim).claim
    ]
    assert one(found, claim).verdict is FAILS
    assert found.verdict is UNDECIDED
    assert found.conclusion.value == pytest.approx(
        arcs.clean_error(
            [(net.W.tolist(), None if net.b is None else net.b.tolist()), (net.v.tolist(), None)]
        ),
        abs=1e-14,
    )


def test_4_4_zero_biases_are_none():
    sample = SphereSample.from_arrays([[1.0, 0.0], [0.0, 1.0]], [-1, 1])
    found = proposition_4_4(TwoLayerNet([-1.0, 1.0], np.eye(2), [0.0, 0.0]), sample)
    assert found.verdict is HOLDS


@pytest.mark.parametrize("label", [-1, 1])
def test_4_4_margins_within_rounding_are_decided_exactly(label):
    """N(x) = 2⁻⁵² exactly, whatever the order of its sums: every product and every partial sum is a
    double.
    """
    net = TwoLayerNet([1.0 + 2.0**-52, -1.0], [[1.0, 0.0], [1.0, 0.0]])
    sample = SphereSample.from_arrays([[1.0, 0.0]], [label])
    found = one(proposition_4_4(net, sample), "y_i N(x_i)")
    assert found.value == label * 2.0**-52
    assert found.verdict is Verdict.of(label > 0)
    # a net too large for rational arithmetic is left undecided
    wide = TwoLayerNet(np.append(net.v, np.zeros(40_000)), np.tile([[1.0, 0.0]], (40_002, 1)))
    many = SphereSample.from_arrays(np.tile([[1.0, 0.0]], (400, 1)), np.full(400, label))
    assert one(proposition_4_4(wide, many), "y_i N(x_i)").verdict is UNDECIDED


def test_4_4_one_neuron_and_huge_parameters():
    sample = SphereSample.from_arrays([[1.0, 0.0]], [-1])
    single = proposition_4_4(TwoLayerNet([-2.0], [[1.0, 0.0]]), sample)
    assert single.verdict is HOLDS
    assert single.conclusion.value == one(single, "Pr[w₁").value == 1.0
    huge = proposition_4_4(TwoLayerNet([-1e300, 1e300], [[1e300, 0.0], [0.0, 1e300]]), sample)
    assert huge.verdict is HOLDS
    assert huge.conclusion.value == pytest.approx(0.625, abs=1e-15)


def test_4_4_door():
    sample = draw_sphere_sample(2, 3, 0.5, rng=0)
    with pytest.raises(TypeError, match="train a net of depth 2"):
        proposition_4_4(deep_net(), sample)
    with pytest.raises(ValueError, match="dimension of the sample, 3, got 2"):
        proposition_4_4(TwoLayerNet([1.0], [[1.0, 0.0]]), sample)
    with pytest.raises(TypeError, match="must be a SphereSample"):
        proposition_4_4(TwoLayerNet([1.0], [[1.0, 0.0]]), [[1.0, 0.0]])


# ---------------------------------------------------------------- Proposition 4.5


@pytest.mark.core
@pytest.mark.parametrize("case", RATIONAL_COUNTEREXAMPLES)
def test_4_5_rational_counterexamples(case):
    """In rational numbers: unit vectors, margins 1, KKT conditions, and arctan(t)/π < t/3 < 2^−n (π
    > 3).
    """
    n = len(case.v)
    for x, label in zip(case.X, case.y, strict=True):
        assert sum(c * c for c in x) == 1
        assert label * oracle.output(case.v, case.W, x) == 1
    assert all(multiplier > 0 for multiplier in case.multipliers)
    for j, i, derivative in case.kinks:
        assert sum(a * b for a, b in zip(case.W[j], case.X[i], strict=True)) == 0
        assert 0 <= derivative <= 1
    left_v, left_w = oracle.residual(case.v, case.W, case.X, case.y, case.multipliers, case.kinks)
    assert left_v == [0] * n
    assert left_w == [[0] * len(case.X[0])] * n
    assert case.clean_error_below == case.tangent / 3 < case.printed_bound == Fraction(1, 2**n)
    # the net is a |q·x| − σ(w·x) with w ⊥ q: the tangent is ‖w‖/a
    q = case.W[0]
    assert [-c for c in q] == list(case.W[1])
    assert case.v[0] == case.v[1] > 0
    slope_squared = case.v[0] ** 2 * sum(c * c for c in q)
    if n == 3:
        w = case.W[2]
        assert case.v[2] == -1
        assert sum(a * b for a, b in zip(q, w, strict=True)) == 0
        assert case.tangent**2 * slope_squared == sum(c * c for c in w)
        assert -1 in case.y
    else:
        assert (n, case.tangent) == (2, 0)


@pytest.mark.core
@pytest.mark.parametrize("case", RATIONAL_COUNTEREXAMPLES)
def test_4_5_fails_as_printed_at_kkt_points(case):
    net, sample = case.network(), case.sample()
    found = proposition_4_5(net)
    expected = math.atan(case.tangent) / math.pi
    assert found.verdict is FAILS
    assert found.witness is net
    assert found.conclusion.value == pytest.approx(expected, abs=1e-15)
    assert oracle.below_arctan(case.tangent) / Fraction(22, 7) <= Fraction(found.conclusion.value)
    assert found.conclusion.value <= case.clean_error_below
    assert found.conclusion.threshold == case.printed_bound
    assert one(found, "Pr[w_j·x < 0 for all j ∈ J₊] ≥ 2").verdict is FAILS
    assert one(found, "w_i·w_j").value == -1.0
    assert one(found, "L_cl ≥ 2^−|J₊|").verdict is UNDECIDED
    certificate = kkt_certificate(net, sample)
    assert certificate.verdict is HOLDS
    assert certificate.multipliers == pytest.approx([float(c) for c in case.multipliers], rel=1e-12)


@pytest.mark.parametrize("seed", range(6))
def test_4_5_corrected_where_positive_neurons_are_acute(seed):
    """Positive neurons in an orthant have w_i·w_j ≥ 0: both forms hold, whatever the negative
    ones.
    """
    rng = np.random.default_rng(seed)
    positive, negative, d = (
        int(rng.integers(1, 5)),
        int(rng.integers(0, 3)),
        int(rng.integers(2, 7)),
    )
    W = np.concatenate([rng.uniform(0.0, 1.0, (positive, d)), rng.standard_normal((negative, d))])
    v = np.concatenate([rng.uniform(0.5, 2.0, positive), -rng.uniform(0.5, 2.0, negative)])
    found = proposition_4_5(TwoLayerNet(v, W), rng=seed)
    assert found.verdict is HOLDS
    assert all(
        check.holds for check in found.steps if check.claim != "L_cl ≥ Pr[w_j·x < 0 for all j ∈ J₊]"
    )
    low, high = oracle.sampled_error(v, W, seed)
    assert found.quantities["clean_error_low"] <= high
    assert low <= found.quantities["clean_error_high"]
    low, high = oracle.sampled(lambda g: np.all(g @ W[:positive].T <= 0.0, axis=1), d, seed + 100)
    assert found.quantities["orthant_low"] <= high
    assert low <= found.quantities["orthant_high"]
    assert one(found, "L_cl ≥ 2^−|J₊|").threshold == 0.5**positive
    assert found.conclusion.threshold == 0.5 ** (positive + negative)
    if positive > 1:
        dots = [
            W[i] @ W[j] / np.linalg.norm(W[i]) / np.linalg.norm(W[j])
            for i in range(positive)
            for j in range(i)
        ]
        assert one(found, "w_i·w_j").value == pytest.approx(min(dots), rel=1e-12)


def test_4_5_ties_are_decided():
    """L_cl = 2^−n exactly: orthogonal neurons, all positive."""
    for n in (1, 2, 3, 5):
        found = proposition_4_5(TwoLayerNet(np.ones(n), 3.0 * np.eye(n + 1)[:n]))
        assert found.verdict is HOLDS
        assert found.conclusion.value == found.conclusion.threshold == 0.5**n
        assert all(check.holds for check in found.steps)


@pytest.mark.parametrize(
    ("error", "off", "verdict"),
    [
        ((0.5, 0.4, 0.6), (0.3, 0.2, 0.39), HOLDS),
        ((0.5, 0.4, 0.6), (0.3, 0.2, 0.45), UNDECIDED),
        ((0.5, 0.4, 0.6), (0.55, 0.5, 0.7), UNDECIDED),
        ((0.5, 0.4, 0.6), (0.7, 0.65, 0.8), FAILS),
        ((0.5, 0.5, 0.5), (0.5, 0.5, 0.5), HOLDS),
    ],
)
def test_4_5_compares_intervals(error, off, verdict):
    found = included(Share(*error).estimate("points"), Share(*off).estimate("points"))
    assert found.verdict is verdict
    assert (found.value, found.threshold) == (error[0], off[0])
    assert ("overlap" in found.reason) is (verdict is UNDECIDED)


def test_4_5_a_negative_neuron_behind_the_only_positive_one():
    """L_cl = ½ exactly, with many negative neurons: the interval does not begin below ½."""
    w = np.array([1.0, 2.0, 3.0])
    net = TwoLayerNet([1.0, -1.0, -2.0, -3.0], [w, -w, -2.0 * w, -3.0 * w])
    found = proposition_4_5(net)
    assert found.quantities["clean_error_low"] == 0.5
    assert one(found, "L_cl ≥ 2^−|J₊|").verdict is HOLDS
    assert decisive_clean_error(net, 0).value == pytest.approx(0.5, abs=1e-2)


def test_4_5_bounds_below_the_least_double():
    """N = Σ |w_j·x| with 2000 neurons: 0 is not ≥ 2^−2000, although that rounds to 0."""
    W = random_rows(0, 1000, 2)
    found = proposition_4_5(TwoLayerNet(np.ones(2000), np.concatenate([W, -W])))
    assert found.conclusion.threshold > 0.0
    assert found.conclusion.value == 0.0
    assert found.verdict is FAILS


def test_4_5_nets_with_biases_and_constant_nets():
    biased = proposition_4_5(TwoLayerNet([1.0, 1.0], [[1.0, 0.0], [-1.0, 0.0]], [0.5, 0.5]))
    assert biased.verdict is UNDECIDED
    assert one(biased, "no biases").value == 0.5
    assert biased.conclusion.value == 0.0
    assert biased.conclusion.verdict is FAILS
    for v in ([-1.0, -2.0, -3.0], [0.0, 0.0, 0.0]):
        nothing = proposition_4_5(TwoLayerNet(v, np.eye(3)))
        assert nothing.conclusion.value == one(nothing, "L_cl ≥ 2^−|J₊|").threshold == 1.0
        assert nothing.verdict is HOLDS


def test_4_5_door():
    with pytest.raises(TypeError, match="must be a TwoLayerNet, got ThreeLayerNet"):
        proposition_4_5(deep_net())
    with pytest.raises(ValueError, match="d >= 2, got 1"):
        proposition_4_5(TwoLayerNet([1.0], [[1.0]]))


@pytest.mark.parametrize(("m", "d", "p"), [(1, 2, 1.0), (12, 30, 0.3), (40, 200, 0.2), (6, 3, 0.0)])
def test_4_5_counterexamples_for_given_samples(m, d, p):
    sample = draw_sphere_sample(m, d, p, rng=3)
    found = proposition_4_5_counterexample(sample)
    assert found.net.width == (3 if np.any(sample.y < 0.0) else 2)
    values = [oracle.output(found.net.v, found.net.W, x) for x in sample.X]
    assert found.margins == pytest.approx(sample.y * values, rel=1e-9)
    assert found.margins.min() >= 1.0 - 1e-12
    assert np.linalg.norm(found.direction) == pytest.approx(1.0, rel=1e-15)
    low, high = oracle.sampled_error(found.net.v, found.net.W, 0)
    assert low <= found.clean_error.value <= high
    assert found.clean_error.value <= 1.0 / 16.0 + 1e-15
    report = proposition_4_5(found.net, rng=0)
    assert report.verdict is FAILS
    assert report.quantities["clean_error_low"] - 1e-12 <= found.clean_error.value
    assert found.clean_error.value <= report.quantities["clean_error_high"] + 1e-12


def test_4_5_counterexample_of_one_negative_point():
    """w = (a q, −a q, x₁): L_cl = arctan(1/a)/π goes to 0 with 1/a."""
    sample = SphereSample.from_arrays(
        [[0.6, 0.8, 0.0], [0.0, 0.6, 0.8], [-1.0, 0.0, 0.0]], [-1, 1, 1]
    )
    for slope in (3.0, 1e3, 1e6):
        found = proposition_4_5_counterexample(sample, slope=slope)
        assert found.net.W[2] == pytest.approx(sample.X[0], abs=1e-15)
        assert found.net.W[0] == pytest.approx(-found.net.W[1])
        assert found.net.W[0] @ sample.X[0] == pytest.approx(0.0, abs=1e-15 * slope)
        assert found.clean_error.value == pytest.approx(math.atan(1.0 / slope) / math.pi, rel=1e-12)
    assert found.clean_error.value < 1e-6


def test_4_5_counterexample_door():
    sample = SphereSample.from_arrays([[1.0, 0.0], [0.8, 0.6]], [-1, 1])
    with pytest.raises(ValueError, match=r"above 1\.33333"):
        proposition_4_5_counterexample(sample, slope=1.0)
    with pytest.raises(ValueError, match="drowns them in rounding"):
        proposition_4_5_counterexample(draw_sphere_sample(3, 5, 1.0, rng=0), slope=1e17)
    with pytest.raises(ValueError, match="off the span of the -1 points, got row 1"):
        proposition_4_5_counterexample(SphereSample.from_arrays([[1.0, 0.0], [-1.0, 0.0]], [-1, 1]))
    with pytest.raises(ValueError, match="linearly independent and fewer than d = 2"):
        proposition_4_5_counterexample(SphereSample.from_arrays([[1.0, 0.0], [0.8, 0.6]], [-1, -1]))
    with pytest.raises(ValueError, match="linearly independent and fewer than d = 3"):
        proposition_4_5_counterexample(
            SphereSample.from_arrays([[1.0, 0.0, 0.0], [-1.0, 0.0, 0.0]], [-1, -1])
        )
    with pytest.raises(ValueError, match="d >= 2, got 1"):
        proposition_4_5_counterexample(SphereSample.from_arrays([[1.0]], [1]))
    with pytest.raises(ValueError, match=r"`sample` must have the truth \+1"):
        proposition_4_5_counterexample(
            SphereSample(sample.X, sample.y, truth=half_space([1.0, 0.0]))
        )


# ---------------------------------------------------------------- Proposition 4.6


def orthonormal(a, k, d, seed=0):
    Q = np.linalg.qr(np.random.default_rng(seed).standard_normal((d, d)))[0]
    return SphereSample.from_arrays(Q[: a + k], [1] * a + [-1] * k)


@pytest.mark.parametrize(("a", "k", "d"), [(1, 1, 2), (3, 2, 5), (6, 3, 40), (4, 0, 4), (0, 3, 4)])
def test_4_6_every_number(a, k, d):
    sample = orthonormal(a, k, d)
    found = proposition_4_6(sample)
    assert found.verdict is HOLDS
    assert found.conclusion.threshold == 0.5 - 0.5**k
    assert one(found, "x_i·x_j = 0").value == pytest.approx(
        np.max(np.abs(sample.X @ sample.X.T - np.eye(a + k)))
    )
    # with λ = 1 the gradient in v of the paper's neuron for the +1 points is |I₊|, its v is 1
    assert one(found, "|v − Σ").value == pytest.approx(max(a - 1, 0), abs=1e-12)
    assert one(found, "|v − Σ").verdict is (HOLDS if a <= 1 else FAILS)
    assert one(found, "the paper's net is a KKT point", "printed").verdict is (
        HOLDS if a <= 1 else FAILS
    )
    assert one(found, "where v is fixed").verdict is HOLDS
    assert one(found, "the balanced net").verdict is HOLDS
    assert one(found, "sampled interval").verdict is HOLDS
    W = np.array([*sample.X[a:], *([sample.X[:a].sum(axis=0)] if a else [])])
    low, high = oracle.sampled_error([-1.0] * k + [1.0] * (a > 0), W, 1)
    assert low <= found.conclusion.value <= high
    if k:
        assert one(found, "L_cl > ½").verdict is HOLDS
    else:
        assert found.conclusion.value == 0.5


def test_4_6_away_from_orthogonal_data():
    sample = draw_sphere_sample(12, 300, 0.3, rng=1)
    found = proposition_4_6(sample)
    assert found.hypotheses[0].verdict is FAILS
    assert found.verdict is UNDECIDED
    assert found.conclusion.verdict is UNDECIDED
    assert "does not apply" in found.reason
    assert found.witness is None


def test_reports_serialise():
    sample = orthonormal(2, 1, 4)
    for report in (proposition_4_6(sample), proposition_4_5(RATIONAL_COUNTEREXAMPLES[1].network())):
        assert report.to_dict()["verdict"] == report.verdict.value
    assert RATIONAL_COUNTEREXAMPLES[1].to_dict()["tangent"] == "1/4"


@pytest.mark.parametrize("seed", range(8))
def test_what_is_proved_is_never_refuted_by_sampling(seed):
    """Thirty nearly orthogonal neurons: errors of probability 2^-30 and a little more."""
    W = np.eye(30, 60) + 1e-9 * (1.0 - np.eye(30, 60))
    report = proposition_4_5(TwoLayerNet(np.ones(30), W), rng=seed)
    assert all(one.verdict is not Verdict.FAILS for one in report.named(FIVE, "corrected"))
    # the points that decide are drawn from a stream of their own
    assert report.quantities["clean_error_high"] > 1e-5
