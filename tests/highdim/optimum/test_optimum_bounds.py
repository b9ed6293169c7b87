"""Bounds on the max-margin norm against a convex program over all activity patterns, descent, and
exact arithmetic.
"""

from fractions import Fraction
from math import inf, nextafter, sqrt

import numpy as np
import pytest
from oracles import sphere_optimum as oracle

from highdim import (
    SphereSample,
    ThreeLayerNet,
    TwoLayerNet,
    draw_sphere_sample,
    max_margin,
    orthogonal_limit,
)
from highdim.optimum.dual_bound import dual_bound
from highdim.optimum.feasible import margins_below
from highdim.optimum.gain import filling
from highdim.optimum.optimum_bounds import optimum_bounds
from highdim.optimum.points import Points
from highdim.optimum.rounding import (
    blocked,
    largest_eigenvalue_above,
    norms_above,
    sum_of_squares_above,
)
from highdim.optimum.search import equal_multipliers

SOLVER = 1e-7  # relative accuracy of the conic solver
ROUNDING = 1e-12


def small_sample(seed):
    """One to five Gaussian points of very different norms, dependent or not, in 1 to 11 dimensions;
    and bias.
    """
    rng = np.random.default_rng(seed)
    m, d = int(rng.integers(1, 6)), int(rng.integers(1, 12))
    X = rng.standard_normal((m, d)) * rng.choice([0.3, 1.0, 1.0 / sqrt(d), 3.0])
    y = np.where(rng.random(m) < 0.4, -1.0, 1.0)
    return SphereSample(X, y), bool(rng.random() < 0.5)


def orthonormal_sample(m_plus, m_minus, d, seed=0):
    m = m_plus + m_minus
    basis = np.linalg.qr(np.random.default_rng(seed).standard_normal((d, m)))[0].T
    return SphereSample(basis, np.repeat([1.0, -1.0], [m_plus, m_minus]))


# The oracle


@pytest.mark.parametrize("bias", [True, False])
def test_oracle_on_one_point(bias):
    """min 2‖u‖ subject to u·x̃ ≥ 1 is 2/‖x̃‖."""
    x = [[0.6, -0.3]]
    assert oracle.max_margin_norm(x, [-1.0], bias) == pytest.approx(
        2.0 / sqrt(0.45 + bias), rel=SOLVER
    )


def test_oracle_on_opposite_points():
    """x = ±1 without biases and labels ±1: σ(x) − σ(−x), ‖θ‖² = 4; equal labels σ(x) + σ(−x), 4;
    with biases 2.
    """
    points = [[1.0], [-1.0]]
    assert oracle.max_margin_norm(points, [1.0, -1.0], False) == pytest.approx(4.0, rel=SOLVER)
    assert oracle.max_margin_norm(points, [1.0, 1.0], False) == pytest.approx(4.0, rel=SOLVER)
    assert oracle.max_margin_norm(points, [1.0, 1.0], True) == pytest.approx(2.0, rel=SOLVER)
    assert oracle.max_margin_norm([[1.0], [2.0]], [1.0, -1.0], False) == inf


@pytest.mark.parametrize("seed", range(12))
def test_oracle_gains_and_norm_are_dual(seed):
    """Weak duality holds for random multipliers, and ascent comes within the exact gain."""
    sample, bias = small_sample(seed)
    rng = np.random.default_rng(seed)
    lam = rng.exponential(size=sample.size)
    gain = oracle.largest_gain(sample.X, sample.y, lam, bias)
    reached = oracle.gain_reached(sample.X, sample.y, lam, bias, 100, 50, rng)
    assert reached <= gain * (1.0 + ROUNDING)
    assert reached >= gain * 0.99
    assert 2.0 * lam.sum() / gain <= oracle.max_margin_norm(sample.X, sample.y, bias) * (
        1.0 + SOLVER
    )


# The sandwich


@pytest.mark.core
@pytest.mark.parametrize("seed", range(80))
def test_optimum_lies_between(seed):
    sample, bias = small_sample(seed)
    optimum = oracle.max_margin_norm(sample.X, sample.y, bias)
    found = optimum_bounds(sample, bias=bias)
    assert found.lower <= found.upper
    assert found.ratio == found.upper / found.lower
    assert found.lower <= optimum * (1.0 + SOLVER)
    assert found.upper >= optimum * (1.0 - SOLVER)
    assert found.lower >= 0.15 * optimum or optimum == inf  # the bound is worth something
    assert (found.upper == inf) == (found.net is None) == (found.upper_source == "none")


def test_most_small_samples_are_solved():
    """With three points or fewer per five dimensions the split net is nearly always proved
    optimal.
    """
    ratios = []
    for seed in range(40):
        sample = draw_sphere_sample(5, 40, 0.4, rng=seed)
        found = optimum_bounds(sample)
        assert found.lower <= oracle.max_margin_norm(sample.X, sample.y) * (1.0 + SOLVER)
        ratios.append(found.ratio)
    assert np.mean(np.array(ratios) < 1.0 + 1e-9) > 0.8


@pytest.mark.core
@pytest.mark.parametrize("bias", [True, False])
@pytest.mark.parametrize(("m_plus", "m_minus"), [(1, 0), (0, 3), (1, 1), (3, 2), (1, 4)])
def test_orthonormal_data_are_solved(m_plus, m_minus, bias):
    sample = orthonormal_sample(m_plus, m_minus, 7)
    found = optimum_bounds(sample, bias=bias)
    limit = (
        orthogonal_limit(m_plus, m_minus).norm_squared
        if bias
        else 2.0 * (sqrt(m_plus) + sqrt(m_minus))
    )
    assert found.orthogonal_limit == pytest.approx(limit, rel=1e-15)
    assert oracle.max_margin_norm(sample.X, sample.y, bias) == pytest.approx(limit, rel=SOLVER)
    assert found.lower == pytest.approx(limit, rel=ROUNDING)
    assert found.upper == pytest.approx(limit, rel=ROUNDING)
    assert found.candidates["orthogonal limit"] == pytest.approx(limit, rel=ROUNDING)
    assert found.candidates["split"] == pytest.approx(limit, rel=ROUNDING)
    assert found.gram_norm == pytest.approx(1.0, rel=ROUNDING)


@pytest.mark.parametrize("bias", [True, False])
def test_more_orthonormal_points(bias):
    found = optimum_bounds(orthonormal_sample(50, 12, 80), bias=bias)
    assert found.lower == pytest.approx(found.orthogonal_limit, rel=1e-11)
    assert found.upper == pytest.approx(found.orthogonal_limit, rel=1e-11)
    assert 1.0 <= found.ratio <= 1.0 + 1e-11


@pytest.mark.parametrize("seed", range(6))
def test_descent_finds_nothing_below(seed):
    rng = np.random.default_rng(seed)
    sample, bias = draw_sphere_sample(8, int(rng.integers(4, 30)), 0.4, rng=seed), bool(seed % 2)
    found = optimum_bounds(sample, bias=bias)
    reached = oracle.least_norm_by_descent(sample.X, sample.y, bias, 6, 6, rng)
    assert reached >= found.lower
    assert reached <= found.upper * 1.1


def test_descent_finds_the_optimum_proved():
    sample = draw_sphere_sample(10, 300, 0.5, rng=0)
    found = optimum_bounds(sample)
    reached = oracle.least_norm_by_descent(sample.X, sample.y, True, 4, 6, np.random.default_rng(0))
    assert found.ratio < 1.0 + ROUNDING
    assert found.lower <= reached <= found.upper * 1.001


@pytest.mark.core
@pytest.mark.parametrize("bias", [True, False])
@pytest.mark.parametrize(
    ("m", "d", "p", "ratio"), [(30, 3000, 0.1, 1.001), (30, 300, 0.3, 1.05), (40, 40, 0.2, 2.0)]
)
def test_ratios(m, d, p, ratio, bias):
    found = optimum_bounds(draw_sphere_sample(m, d, p, rng=1), bias=bias)
    assert 1.0 <= found.ratio <= ratio


@pytest.mark.parametrize("seed", range(6))
def test_the_optimum_is_found_in_low_dimension(seed):
    """It costs what `max_margin` says, and no candidate beats it."""
    bias = bool(seed % 2)
    sample = draw_sphere_sample(10, 2 + seed % 3 // 2, 0.4, rng=seed)
    found, solved = optimum_bounds(sample, bias=bias), max_margin(sample, bias=bias)
    assert found.ratio <= 1.0 + 1e-8
    assert found.upper == pytest.approx(solved.norm_squared, rel=1e-7)
    assert found.lower == pytest.approx(solved.lower, rel=1e-7)
    assert min(found.candidates.values()) == found.upper
    assert np.max(found.lower_multipliers) == 1.0
    total = 2.0 * float(np.sum(found.lower_multipliers))
    assert found.lower == pytest.approx(total / found.sup_bound, rel=ROUNDING)


# The gain of a neuron


@pytest.mark.core
@pytest.mark.parametrize("seed", range(40))
def test_gain_is_bounded(seed):
    """Over all activity patterns, for random multipliers, some of them 0, and for those that the
    lower bound uses.
    """
    sample, bias = small_sample(seed)
    rng = np.random.default_rng(seed)
    lam = rng.exponential(size=sample.size) * (rng.random(sample.size) < 0.8)
    lam[0] += 0.1
    found, best = dual_bound(sample, lam, bias=bias), optimum_bounds(sample, bias=bias)
    assert float(found) == found.value
    assert found.value == pytest.approx(2.0 * lam.sum() / found.sup_bound, rel=ROUNDING)
    assert found.value <= oracle.max_margin_norm(sample.X, sample.y, bias) * (1.0 + SOLVER)
    for multipliers, bound in ((lam, found.sup_bound), (best.lower_multipliers, best.sup_bound)):
        gain = oracle.largest_gain(sample.X, sample.y, multipliers, bias)
        assert gain <= bound * (1.0 + ROUNDING)
        assert bound <= 6.0 * gain


@pytest.mark.parametrize(("m", "d"), [(40, 20), (40, 200), (60, 2000)])
@pytest.mark.parametrize("bias", [True, False])
def test_no_ascent_exceeds_the_bound(m, d, bias):
    sample, rng = draw_sphere_sample(m, d, 0.3, rng=2), np.random.default_rng(0)
    best = optimum_bounds(sample, bias=bias)
    lam = rng.exponential(size=m)
    for multipliers, bound in (
        (best.lower_multipliers, best.sup_bound),
        (lam, dual_bound(sample, lam, bias=bias).sup_bound),
    ):
        reached = oracle.gain_reached(sample.X, sample.y, multipliers, bias, 200, 60, rng)
        assert reached <= bound * (1.0 + ROUNDING)
        assert reached >= 0.6 * bound


@pytest.mark.parametrize("seed", range(5))
def test_other_points_filled_best(seed):
    """No level κ and no single change improves δ ‖μ‖² + (T − Σ μ)²."""
    rng = np.random.default_rng(seed)
    own, other, delta = (
        rng.exponential(size=6),
        rng.exponential(size=9),
        float(rng.uniform(0.5, 3.0)),
    )
    cost = lambda mu: delta * float(mu @ mu) + (own.sum() - mu.sum()) ** 2  # noqa: E731
    mu = filling(own, other, delta)
    assert np.all((mu >= 0.0) & (mu <= other))
    for level in np.linspace(0.0, other.max(), 400):
        assert cost(mu) <= cost(np.minimum(other, level)) * (1.0 + ROUNDING)
    for i in range(9):
        for step in (-1e-4, 1e-4):
            moved = mu.copy()
            moved[i] = np.clip(mu[i] + step, 0.0, other[i])
            assert cost(mu) <= cost(moved) * (1.0 + ROUNDING)
    assert filling(own, np.zeros(0), delta).size == 0


@pytest.mark.parametrize("delta", [0.7, 1.0, 2.5])
@pytest.mark.parametrize("bias", [True, False])
def test_equal_multipliers_prove_the_norm_of_orthogonal_points(delta, bias):
    """On points of squared norm δ the closed form is attained; without biases it is 2(√m₊ +
    √m₋)/√δ.
    """
    plus, minus = 7, 4
    sample = orthonormal_sample(plus, minus, 15)
    scaled = SphereSample(sqrt(delta) * sample.X, sample.y)
    m = plus + minus
    expected = (
        2.0 * sqrt(plus * (delta + minus) / (delta * (delta + m)))
        + 2.0 * sqrt(minus * (delta + plus) / (delta * (delta + m)))
        if bias
        else 2.0 * (sqrt(plus) + sqrt(minus)) / sqrt(delta)
    )
    lam = np.where(sample.y > 0.0, *equal_multipliers(plus, minus, delta, bias=bias))
    found = dual_bound(scaled, lam, bias=bias)
    assert found.sup_bound == pytest.approx(1.0, rel=ROUNDING)
    assert found.value == pytest.approx(expected, rel=ROUNDING)
    assert optimum_bounds(scaled, bias=bias).upper == pytest.approx(expected, rel=ROUNDING)
    assert (
        dual_bound(sample, lam * 2.0**-900, bias=bias).value
        == dual_bound(sample, lam, bias=bias).value
    )


def test_labels_may_be_exchanged():
    sample = draw_sphere_sample(20, 60, 0.3, rng=3)
    mirrored = optimum_bounds(SphereSample(sample.X, -sample.y))
    found = optimum_bounds(sample)
    assert mirrored.lower == pytest.approx(found.lower, rel=1e-10)
    assert mirrored.candidates["split"] == pytest.approx(found.candidates["split"], rel=1e-10)


# Feasible nets


def exact_margins(net, sample):
    """y_i N(x_i) in rational arithmetic."""
    found = []
    for x, label in zip(sample.X, sample.y, strict=True):
        value = Fraction(0)
        for j in range(net.width):
            z = sum(
                (Fraction(w) * Fraction(t) for w, t in zip(net.W[j], x, strict=True)), Fraction(0)
            )
            z += 0 if net.b is None else Fraction(net.b[j])
            value += Fraction(net.v[j]) * max(z, Fraction(0))
        found.append(Fraction(label) * value)
    return found


def exact_norm_squared(net):
    return sum(
        Fraction(float(entry)) ** 2 for array in net.parameters.values() for entry in array.ravel()
    )


@pytest.mark.parametrize("seed", range(12))
def test_the_net_is_feasible_in_exact_arithmetic(seed):
    bias = bool(seed % 2)
    sample = draw_sphere_sample(6, 25, 0.4, rng=seed)
    found = optimum_bounds(sample, bias=bias)
    assert min(exact_margins(found.net, sample)) >= 1
    assert exact_norm_squared(found.net) <= Fraction(found.upper)
    assert float(exact_norm_squared(found.net)) == pytest.approx(found.upper, rel=ROUNDING)
    assert min(exact_margins(found.net, sample)) <= 1 + ROUNDING


@pytest.mark.parametrize("bias", [True, False])
def test_margins_are_never_above_exact_ones(bias):
    rng = np.random.default_rng(0)
    sample = SphereSample(rng.standard_normal((5, 400)), np.array([1.0, -1.0, 1.0, 1.0, -1.0]))
    points = Points(sample.X, sample.y, sample.gram, bias)
    for _ in range(5):
        v, W = (
            rng.standard_normal(7) * 10.0 ** rng.integers(-9, 9, 7),
            rng.standard_normal((7, 400)),
        )
        b = rng.standard_normal(7) if bias else None
        exact = exact_margins(TwoLayerNet(v, W, b), sample)
        below = margins_below(v, W, b, points)
        assert all(Fraction(low) <= margin for low, margin in zip(below, exact, strict=True))
        np.testing.assert_allclose(
            below, [float(margin) for margin in exact], rtol=1e-11, atol=1e-11 * np.abs(v).max()
        )


def test_given_nets_are_balanced_and_scaled():
    """A copy with halved margins and neurons out of balance costs what the net itself does."""
    sample = draw_sphere_sample(12, 200, 0.3, rng=5)
    best = optimum_bounds(sample)
    shift = np.array([8.0, 0.125])
    copy = TwoLayerNet(
        np.append(0.5 * best.net.v * shift, 0.0),
        np.vstack((best.net.W / shift[:, None], best.net.W[0])),
        np.append(best.net.b / shift, 1.0),
    )
    found = optimum_bounds(sample, [copy, TwoLayerNet([1.0], np.zeros((1, 200)), [1.0])])
    assert found.candidates["net 0"] == pytest.approx(best.upper, rel=ROUNDING)
    assert found.candidates["net 1"] == inf
    assert found.lower == best.lower


def test_a_better_net_is_taken():
    """Labels + − + on a line in R^8: the split net does not exist, σ's at both ends do it."""
    line = np.zeros((3, 8))
    line[:, 0] = [-1.0, 0.0, 1.0]
    sample = SphereSample(line, [1.0, -1.0, 1.0])
    W = np.zeros((3, 8))
    W[:, 0] = [1.0, -1.0, 0.0]
    net = TwoLayerNet([2.0, 2.0, -1.0], W, [0.0, 0.0, 1.0])
    alone, found = optimum_bounds(sample), optimum_bounds(sample, [net])
    assert alone.upper == inf
    assert alone.net is None
    assert found.upper_source == "net 0"
    assert found.upper == pytest.approx(10.0, rel=ROUNDING)
    assert found.lower <= oracle.max_margin_norm(sample.X, sample.y) <= found.upper * (1.0 + SOLVER)


def test_lemma_b3_is_a_candidate():
    sample = draw_sphere_sample(20, 30_000, 0.2, rng=0)
    found = optimum_bounds(sample)
    minus = float(np.sum(sample.y < 0.0))
    assert found.upper < found.candidates["Lemma B.3"] < 10.0 / 1.6 * sqrt(minus)
    assert found.candidates["Lemma B.3"] < inf
    assert "Lemma B.3" not in optimum_bounds(sample, bias=False).candidates


# Rounding


@pytest.mark.parametrize("seed", range(8))
def test_eigenvalues_are_never_above_the_bound(seed):
    """D I − H is positive definite in rational arithmetic, and D is near."""
    rng = np.random.default_rng(seed)
    n = int(rng.integers(1, 7))
    A = rng.standard_normal((n, n)) * 10.0 ** rng.integers(-6, 7)
    H = A @ A.T if seed % 2 else A + A.T
    H = np.tril(H) + np.tril(H, -1).T
    bound = largest_eigenvalue_above(H)
    rest = [[Fraction(bound) * (i == j) - Fraction(H[i, j]) for j in range(n)] for i in range(n)]
    for k in range(n):  # symmetric elimination: all pivots positive
        assert rest[k][k] > 0
        for i in range(k + 1, n):
            factor = rest[i][k] / rest[k][k]
            for j in range(n):
                rest[i][j] -= factor * rest[k][j]
    assert bound <= max(np.linalg.eigvalsh(H)[-1], 0.0) + 1e-12 * np.abs(H).sum()


def test_eigenvalue_of_nothing():
    assert largest_eigenvalue_above(np.zeros((3, 3))) == 0.0
    assert 0.0 <= largest_eigenvalue_above(-np.eye(3)) <= 1e-12


@pytest.mark.parametrize("bias", [True, False])
def test_sums_over_points_against_exact_ones(bias):
    """Errors of Σ z_i x̃_i and of x̃_i·e stay within their bounds, under cancellation too."""
    rng = np.random.default_rng(0)
    X = rng.standard_normal((40, 30)) + 1e3
    z = rng.standard_normal(40)
    z[-1] -= z.sum()
    points = Points(X, np.ones(40), X @ X.T, bias)
    e, off = points.combined(z)
    rows = [[Fraction(t) for t in row] for row in points.extended]
    exact = [
        sum(Fraction(c) * row[k] for c, row in zip(z, rows, strict=True)) for k in range(len(e))
    ]
    error = sqrt(sum((Fraction(t) - s) ** 2 for t, s in zip(e, exact, strict=True)))
    assert 0.0 < error <= off <= 1e-10 * np.abs(z).sum() * 6e3
    values, errors = points.products(e)
    for row, value, bound in zip(rows, values, errors, strict=True):
        assert abs(
            sum(s * Fraction(t) for s, t in zip(row, e, strict=True)) - Fraction(value)
        ) <= Fraction(bound)


@pytest.mark.parametrize("d", [1, 127, 128, 129, 1000])
def test_products_and_norms_against_exact_ones(d):
    rng = np.random.default_rng(d)
    left, right = rng.standard_normal((2, d)), rng.standard_normal((3, d))
    values, relative = blocked(left, right)
    lengths = [norms_above(rows) for rows in (left, right)]
    for i in range(2):
        square = sum(Fraction(t) ** 2 for t in left[i])
        assert Fraction(float(lengths[0][i])) ** 2 >= square
        assert lengths[0][i] == pytest.approx(sqrt(square), rel=1e-12)
        for j in range(3):
            exact = sum(Fraction(s) * Fraction(t) for s, t in zip(left[i], right[j], strict=True))
            assert abs(Fraction(float(values[i, j])) - exact) <= Fraction(
                relative * lengths[0][i] * lengths[1][j]
            )
    total = sum(Fraction(t) ** 2 for t in left.ravel())
    assert total <= Fraction(sum_of_squares_above(left)) <= total * Fraction(1.0 + 1e-13)
    assert sum_of_squares_above(np.array([1e200])) == inf


# Extreme and bad input


@pytest.mark.filterwarnings("error")
@pytest.mark.parametrize("bias", [True, False])
@pytest.mark.parametrize("scale", [1e-200, 1e-150, 1e-8, 1e8, 1e150])
def test_extreme_scales(scale, bias):
    sample = draw_sphere_sample(6, 40, 0.5, rng=0)
    found = optimum_bounds(SphereSample(scale * sample.X, sample.y), bias=bias)
    assert 0.0 < found.lower < inf
    assert found.lower <= found.upper
    if not bias and 1e-100 < scale < 1e100:  # ‖θ*‖² is homogeneous of degree −1
        assert found.upper == pytest.approx(
            optimum_bounds(sample, bias=False).upper / scale, rel=1e-10
        )
    # nearly equal points (x, 1) defeat the search for a split net
    if scale > 1e-100 and not (bias and scale < 1.0):
        assert found.ratio < 1.3


def test_points_at_the_origin_and_repeated_points():
    apart = SphereSample([[0.0, 0.0], [1.0, 0.0], [1.0, 0.0]], [1.0, -1.0, -1.0])
    optimum = oracle.max_margin_norm(apart.X, apart.y)
    found = optimum_bounds(apart)
    assert found.lower <= optimum * (1.0 + SOLVER)
    assert optimum <= found.upper * (1.0 + SOLVER)
    without = optimum_bounds(apart, bias=False)  # N(0) = 0
    assert without.upper == inf
    assert without.lower > 0.0
    constant = optimum_bounds(SphereSample([[0.0, 0.0]], [1.0]))
    assert constant.lower == pytest.approx(2.0, rel=ROUNDING)
    assert constant.upper == pytest.approx(2.0, rel=ROUNDING)


def test_huge_and_dead_nets_are_no_candidates():
    sample = draw_sphere_sample(4, 5, 0.5, rng=0)
    huge = TwoLayerNet([1e300, -1e300], 1e300 * np.ones((2, 5)), [1e300, -1e300])
    dead = TwoLayerNet([0.0], np.ones((1, 5)), [1.0])
    found = optimum_bounds(sample, [huge, dead])
    assert found.candidates["net 0"] == inf
    assert found.candidates["net 1"] == inf


def test_results_serialise_and_repeat():
    sample = draw_sphere_sample(8, 50, 0.3, rng=0)
    first, again = optimum_bounds(sample), optimum_bounds(sample)
    assert first == again
    np.testing.assert_array_equal(first.lower_multipliers, again.lower_multipliers)
    assert first.to_dict()["candidates"]["split"] == first.candidates["split"]
    assert nextafter(first.upper, inf) > first.lower


NET = TwoLayerNet([1.0], [[1.0, 0.0]], [0.0])
SAMPLE = SphereSample([[1.0, 0.0], [0.0, 1.0]], [1.0, -1.0])


@pytest.mark.parametrize(
    ("call", "message"),
    [
        (lambda: optimum_bounds(NET), "`sample` must be a SphereSample"),
        (lambda: optimum_bounds(SAMPLE, NET), "`nets` must be a sequence of nets"),
        (lambda: optimum_bounds(SAMPLE, 3), "`nets` must be a sequence of nets"),
        (lambda: optimum_bounds(SAMPLE, [NET], bias=False), "`nets` must have biases iff"),
        (lambda: optimum_bounds(SAMPLE, [TwoLayerNet([1.0], [[1.0, 0.0]])]), "net without biases"),
        (
            lambda: optimum_bounds(SAMPLE, [TwoLayerNet([1.0], [[1.0]], [0.0])]),
            "dimension of the sample, 2, got 1",
        ),
        (
            lambda: optimum_bounds(
                SAMPLE, [ThreeLayerNet([1.0], [[1.0]], None, [[1.0, 0.0]], None)]
            ),
            "TwoLayerNet only",
        ),
        (lambda: optimum_bounds(SAMPLE, bias=1), "`bias` must be a bool"),
        (lambda: dual_bound(SAMPLE, [1.0]), r"`multipliers` must have shape \(2,\)"),
        (lambda: dual_bound(SAMPLE, [1.0, -1.0]), "at least 0 and not all 0"),
        (lambda: dual_bound(SAMPLE, [0.0, 0.0]), "at least 0 and not all 0"),
        (lambda: dual_bound(SAMPLE, [1.0, np.nan]), "`multipliers` must be finite"),
    ],
)
def test_bad_input(call, message):
    with pytest.raises((ValueError, TypeError), match=message):
        call()


@pytest.mark.filterwarnings("error")
@pytest.mark.parametrize("bias", [False, True])
@pytest.mark.parametrize("size", [1e-160, 1e-200, 1e-300])
def test_tiny_data_end_in_bounds(size, bias):
    """The largest eigenvalue of a Gram matrix that underflows was looked for without end."""
    found = optimum_bounds(SphereSample([[size, 0.0]], [1]), bias=bias)
    # one neuron (a, b): 2 a at a √(size² + 1) = 1 with biases, else at a · size = 1
    truth = 2.0 / np.hypot(size, 1.0) if bias else 2.0 / size
    assert found.lower <= truth * (1.0 + 1e-12)
    assert truth <= found.upper * (1.0 + 1e-12)
