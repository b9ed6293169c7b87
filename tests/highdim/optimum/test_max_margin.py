"""The max-margin net on R^d against full enumeration, the line, and rational arithmetic."""

import os
import signal
from fractions import Fraction

import numpy as np
import pytest
import scipy.optimize
from oracles import cells, sphere_optimum

from highdim import SphereSample, TwoLayerNet, draw_sphere_sample, max_margin, orthogonal_limit
from highdim.optimum import best as search
from highdim.optimum.blocks import Blocks
from highdim.optimum.exchange import exchanged
from highdim.optimum.points import Points
from highdim.optimum.scaled import Scaled
from highdim.optimum.supremum import gains_above
from univariate import Sample, Verdict, max_margin as on_the_line

SOLVER = 1e-6  # relative, of a conic solver on all cells
LARGE = 10**7


def drawn(seed, most=12):
    """A small sample of any dimension up to 4, of any size of inputs, some of them on a grid; and
    whether there are biases.
    """
    rng = np.random.default_rng(seed)
    d = int(rng.integers(1, 5))
    m = int(rng.integers(1, most + 1 - d))
    X = rng.standard_normal((m, d)) * rng.choice([0.3, 1.0, 3.0])
    if rng.random() < 0.2:
        X = np.round(2.0 * X) + 0.5
    y = np.where(rng.random(m) < 0.4, -1.0, 1.0)
    X, first = np.unique(X, axis=0, return_index=True)
    bias = bool(rng.random() < 0.7) or d == 1
    return SphereSample(X, y[first]), bias


def circle(angles, labels):
    angles = np.asarray(angles)
    return SphereSample(np.column_stack((np.cos(angles), np.sin(angles))), np.asarray(labels))


def assert_proved(sample, found, bias):
    """In rational arithmetic: margins ≥ 1, and ‖θ‖² at most what is said."""
    net = found.net
    margins = cells.rational_margins(net.v, net.W, net.b, sample.X, sample.y)
    assert min(margins) >= 1
    squares = sum(
        Fraction(entry) ** 2
        for array in net.parameters.values()
        for entry in array.ravel().tolist()
    )
    assert squares <= Fraction(found.norm_squared)
    assert (net.b is not None) == bias


# The oracle


def test_oracle_finds_all_cells():
    """m(m − 1) + 2 cells of m great circles of the sphere, 2m of m lines in the plane."""
    rng = np.random.default_rng(0)
    for m in range(1, 7):
        assert len(cells.cells(rng.standard_normal((m, 3)))) == m * (m - 1) + 2
        assert len(cells.cells(rng.standard_normal((m, 2)))) == 2 * m


@pytest.mark.parametrize("seed", range(6))
def test_oracle_gains_agree(seed):
    rng = np.random.default_rng(seed)
    m, d, bias = 5, 1 + seed % 3, seed < 4
    X, charges = rng.standard_normal((m, d)), rng.standard_normal(m)
    exact = cells.squared_gain(cells.rational_rows(X, bias), [Fraction(one) for one in charges])
    gain = sphere_optimum.largest_gain(X, np.sign(charges), np.abs(charges), bias)
    assert float(exact) == pytest.approx(gain**2, rel=1e-10)


# Against the oracles


@pytest.mark.parametrize("seed", range(120))
def test_agrees_with_full_enumeration(seed):
    sample, bias = drawn(seed)
    upper, lower = cells.max_margin_norm(sample.X, sample.y, bias)
    found = max_margin(sample, bias=bias)
    assert found.lower <= upper * (1.0 + SOLVER)
    if upper == np.inf:
        assert found.net is None
        return
    assert found.norm_squared >= lower * (1.0 - SOLVER)
    assert found.norm_squared == pytest.approx(upper, rel=SOLVER)
    assert found.verdict is Verdict.HOLDS, found.reason
    assert found.duality_gap <= found.tolerance
    assert_proved(sample, found, bias)


@pytest.mark.parametrize("seed", range(24))
def test_lower_bounds_in_rational_arithmetic(seed):
    rng = np.random.default_rng(seed)
    d = 1 + seed % 3
    bias = d < 3
    X = rng.standard_normal((int(rng.integers(2, 8 - d)), d))
    sample = SphereSample(X, np.where(rng.random(len(X)) < 0.4, -1.0, 1.0))
    found = max_margin(sample, bias=bias)
    assert found.lower > 0.0
    charges = [
        Fraction(lam) * int(label)
        for lam, label in zip(found.multipliers.tolist(), sample.y.tolist(), strict=True)
    ]
    gain = cells.squared_gain(cells.rational_rows(sample.X, bias), charges)
    total = 2 * sum(abs(charge) for charge in charges)
    assert gain <= Fraction(found.gain) ** 2
    assert Fraction(found.lower) ** 2 * gain <= total**2
    assert Fraction(found.lower) * Fraction(found.gain) <= total


@pytest.mark.core
@pytest.mark.parametrize("seed", range(12))
def test_agrees_with_the_line(seed):
    rng = np.random.default_rng(seed)
    x = np.sort(rng.random(int(rng.integers(1, 16))))
    y = np.where(rng.random(len(x)) < 0.4, -1.0, 1.0)
    line = on_the_line(Sample.from_arrays(x, y))
    found = max_margin(SphereSample(x[:, None], y))
    assert found.norm_squared == pytest.approx(line.norm_squared, rel=1e-9)
    assert found.lower == pytest.approx(line.dual_norm_squared, rel=1e-9)
    assert found.verdict is Verdict.HOLDS


# Degenerate data are the rule


@pytest.mark.core
@pytest.mark.parametrize(
    ("sample", "bias"),
    [
        (circle([0.3], [-1.0]), True),
        (circle([0.3, 0.3, 0.3], [1.0, 1.0, 1.0]), True),
        (circle([0.0, np.pi], [1.0, -1.0]), True),
        (circle([0.0, np.pi], [1.0, 1.0]), False),
        (circle(np.arange(8) * np.pi / 4, [1.0, -1.0] * 4), True),
        (circle(np.arange(6) * np.pi / 3, [1.0, 1.0, -1.0] * 2), False),
        (circle([0.0, 1e-7, 2.0], [1.0, 1.0, -1.0]), True),
        (SphereSample([[0.0, 0.0], [1.0, 1.0], [2.0, 2.0]], [1.0, -1.0, 1.0]), True),
        (SphereSample([[0.0, 0.0], [1.0, 0.0], [0.0, 1.0], [1.0, 1.0]], [1, -1, -1, 1]), True),
        (SphereSample(np.eye(3), [1.0, -1.0, 1.0]), True),
        (SphereSample([[1e-3, 0.0], [0.0, 1e3]], [1.0, -1.0]), False),
    ],
)
def test_degenerate_data(sample, bias):
    upper, lower = cells.max_margin_norm(*_merged(sample), bias)
    found = max_margin(sample, bias=bias)
    assert found.verdict is Verdict.HOLDS, found.reason
    assert lower * (1.0 - SOLVER) <= found.norm_squared <= upper * (1.0 + SOLVER)
    assert_proved(sample, found, bias)


def _merged(sample):
    X, first = np.unique(sample.X, axis=0, return_index=True)
    return X, sample.y[first]


def test_the_circle():
    """Of 30 samples' size: the optimum is proved, and moves with the circle."""
    sample = draw_sphere_sample(30, 2, 0.3, rng=0)
    found = max_margin(sample)
    assert found.verdict is Verdict.HOLDS
    assert found.method == "exact supremum"
    turned = np.linalg.qr(np.random.default_rng(0).standard_normal((2, 2)))[0]
    other = max_margin(SphereSample(sample.X @ turned, -sample.y))
    assert other.norm_squared == pytest.approx(found.norm_squared, rel=1e-7)


@pytest.mark.parametrize("bias", [True, False])
@pytest.mark.parametrize("power", [-150, -40, 40, 150])
def test_scales(power, bias):
    """Without biases ‖θ*‖² scales inversely; with them, of huge inputs, nearly so."""
    sample = draw_sphere_sample(7, 2, 0.4, rng=3)
    scaled = SphereSample(np.ldexp(sample.X, power), sample.y)
    found = max_margin(scaled, bias=bias)
    if bias and power < 0:  # inputs that are nearly one, with different labels
        assert found.lower > 2.0**30
        return
    assert found.verdict is Verdict.HOLDS
    plain = max_margin(sample, bias=False)
    assert found.norm_squared == pytest.approx(np.ldexp(plain.norm_squared, -power), rel=1e-7)


def test_inputs_without_a_net():
    """On a ray from the origin, a net without biases is linear."""
    found = max_margin(SphereSample([[1.0, 1.0], [2.0, 2.0]], [1.0, -1.0]), bias=False)
    assert found.net is None
    assert found.norm_squared == np.inf
    assert found.verdict is Verdict.UNDECIDED
    assert found.lower > 1e4
    assert "no net that interpolates" in found.reason


# The supremum


@pytest.mark.core
@pytest.mark.parametrize("seed", range(40))
def test_gains_are_those_of_all_cells(seed):
    rng = np.random.default_rng(seed)
    m, d = int(rng.integers(1, 8)), int(rng.integers(1, 5))
    X = rng.standard_normal((m, d))
    if seed % 3 == 0:
        X = np.round(X) + 0.25
    if seed % 4 == 0:
        X = np.concatenate((X, X[: m // 2], -X[: m // 2]))
    y = np.where(rng.random(len(X)) < 0.4, -1.0, 1.0)
    bias = bool(seed % 2)
    points = Points(X, y, X @ X.T, bias)
    data = Scaled.of(points)
    lam = rng.exponential(size=len(X))
    exact = sphere_optimum.largest_gain(X, y, lam, bias)
    scaled = lam / data.own(np.ones(len(X)))
    found = gains_above(data, scaled, 0.0, room=0, budget=LARGE)
    assert exact * (1.0 - 1e-12) <= found.above <= exact * (1.0 + 1e-11)
    listed = gains_above(data, scaled, 0.5 * exact, room=50, budget=LARGE)
    assert len(listed.values)
    assert listed.values.max() >= exact * (1.0 - 1e-11) or len(listed.values) >= 50
    for sign, u, value in zip(listed.signs, listed.directions, listed.values, strict=True):
        assert np.linalg.norm(u) == pytest.approx(1.0, rel=1e-14)
        gain = sign * float(np.maximum(data.f @ u, 0.0) @ (y * scaled))
        assert gain == pytest.approx(value, rel=1e-12)


def test_a_small_budget_is_honest():
    sample = draw_sphere_sample(40, 3, 0.3, rng=0)
    data = Scaled.of(Points.of(sample, True))
    lam = np.random.default_rng(0).exponential(size=40)
    exact = gains_above(data, lam, 0.0, room=0, budget=LARGE)
    for budget in (1, 10, 100, 1000):
        found = gains_above(data, lam, 0.0, room=0, budget=budget)
        assert found.above >= exact.above * (1.0 - 1e-12)
        assert found.cones <= 2 * (budget + 16 + 64 * 4)


def test_a_spent_budget_leaves_the_verdict_open():
    sample = draw_sphere_sample(12, 3, 0.3, rng=0)
    solved = max_margin(sample)
    found = max_margin(sample, budget=3)
    assert found.verdict is Verdict.UNDECIDED
    assert "budget" in found.reason
    assert found.lower <= solved.norm_squared
    assert found.norm_squared >= solved.lower


# Many dimensions


def test_orthonormal_data_are_solved_in_any_dimension():
    sample = SphereSample(np.eye(20), np.repeat([1.0, -1.0], [13, 7]))
    found = max_margin(sample)
    assert found.method == "bounded gains"
    assert found.verdict is Verdict.HOLDS
    limit = orthogonal_limit(13, 7).norm_squared
    assert found.lower <= limit * (1.0 + 1e-12)
    assert found.norm_squared == pytest.approx(limit, rel=1e-11)


@pytest.mark.parametrize(("m", "d"), [(12, 8), (20, 10), (20, 25)])
def test_what_is_open_is_said(m, d):
    """Nets are still found, those of descent are no better, and the gap is no secret."""
    sample = draw_sphere_sample(m, d, 0.3, rng=0)
    found = max_margin(sample)
    assert found.method == "bounded gains"
    assert found.verdict is Verdict.UNDECIDED
    assert 0.0 < found.lower < found.norm_squared
    assert found.duality_gap > 0.01
    assert "more than 6" in found.reason
    assert_proved(sample, found, True)
    rng = np.random.default_rng(0)
    reached = sphere_optimum.least_norm_by_descent(sample.X, sample.y, True, 8, 2, rng)
    assert found.norm_squared <= reached * (1.0 + 1e-4)


@pytest.mark.parametrize("seed", range(10))
def test_few_data_in_many_dimensions_are_solved(seed):
    rng = np.random.default_rng(seed)
    m, d, bias = int(rng.integers(1, 6)), int(rng.integers(6, 40)), bool(seed % 2)
    sample = SphereSample(rng.standard_normal((m, d)), np.where(rng.random(m) < 0.4, -1.0, 1.0))
    found = max_margin(sample, bias=bias)
    assert found.method == "exact supremum"
    assert found.verdict is Verdict.HOLDS
    optimum = sphere_optimum.max_margin_norm(sample.X, sample.y, bias)
    assert found.norm_squared == pytest.approx(optimum, rel=SOLVER)
    assert_proved(sample, found, bias)


# The door


def test_results_read_well():
    sample = circle([0.0, 1.0, 2.5], [1.0, -1.0, 1.0])
    found = max_margin(sample)
    assert isinstance(found.net, TwoLayerNet)
    assert found.to_dict()["verdict"] == "HOLDS"
    assert "UNDECIDED" not in repr(found)
    assert found == max_margin(sample)


@pytest.mark.parametrize(
    ("options", "error", "message"),
    [
        ({"train_output": False}, ValueError, "`train_output` must be True"),
        ({"train_output": 1}, TypeError, "`train_output` must be a bool"),
        ({"bias": 1}, TypeError, "`bias` must be a bool"),
        ({"tolerance": 0.0}, ValueError, "`tolerance` must lie in"),
        ({"tolerance": np.nan}, ValueError, "`tolerance` must be finite"),
        ({"budget": 0}, ValueError, "`budget` must be an integer"),
    ],
)
def test_options_are_checked(options, error, message):
    with pytest.raises(error, match=message):
        max_margin(circle([0.0, 1.0], [1.0, -1.0]), **options)


def test_samples_are_checked():
    with pytest.raises(TypeError, match="`sample` must be a SphereSample"):
        max_margin([[0.0]])
    zero = SphereSample([[1.0, 0.0], [0.0, 0.0]], [1.0, -1.0])
    with pytest.raises(ValueError, match="must not hold the input 0"):
        max_margin(zero, bias=False)
    assert max_margin(zero).verdict is Verdict.HOLDS
    with pytest.raises(ArithmeticError, match="rescale"):
        max_margin(SphereSample([[1e120, 0.0]], [1.0]))


def test_ctrl_c_keeps_what_is_proved(monkeypatch):
    rounds = search.rounds

    def interrupted(*arguments):
        for one in rounds(*arguments):
            os.kill(os.getpid(), signal.SIGINT)
            yield one

    sample = draw_sphere_sample(24, 2, 0.3, rng=0)
    solved = max_margin(sample)
    monkeypatch.setattr(search, "rounds", interrupted)
    found = max_margin(sample)
    assert found.verdict is Verdict.UNDECIDED
    assert found.reason.startswith("interrupted")
    assert found.rounds == 1
    assert 0.0 < found.lower <= solved.norm_squared


@pytest.mark.parametrize("bias", [False, True])
@pytest.mark.parametrize("scale", [2.0**-60, 2.0**-17, 2.0**17, 2.0**40])
def test_a_factor_of_all_data_changes_nothing(scale, bias):
    """Without biases ‖θ*‖² goes with 1/scale; with them, data of equal labels need their bias."""
    sample = draw_sphere_sample(4, 2, 0.5, rng=5)
    y = sample.y if not bias else np.ones(4)
    plain, scaled = (
        max_margin(SphereSample.from_arrays(sample.X * factor, y), bias=bias)
        for factor in (1.0, scale)
    )
    assert scaled.verdict is plain.verdict is Verdict.HOLDS
    if not bias:
        assert scaled.norm_squared * scale == pytest.approx(plain.norm_squared, rel=1e-12)


def test_where_the_search_finds_nothing_the_split_net_stands():
    sample = SphereSample.from_arrays([[1.0, 0.0], [1.0, 1e-6]], [1, -1])
    found = max_margin(sample)
    assert found.net is not None
    assert found.duality_gap < 1e-3


# The first look by linear programmes


@pytest.mark.parametrize(("m", "d"), [(9, 2), (14, 3), (9, 4)])
def test_exchanged_vectors_lead_to_the_optimum(m, d):
    """Over their directions alone a net of nearly the least norm exists: its norm by a linear
    programme of its own, and no smaller than the optimum.
    """
    sample = draw_sphere_sample(m, d, 0.3, rng=m + d)
    data = Scaled.of(Points.of(sample, True))
    found = exchanged(data, np.random.default_rng(0))
    np.testing.assert_allclose(np.linalg.norm(found.directions, axis=1), 1.0, rtol=1e-12)
    assert set(found.signs) <= {1.0, -1.0}
    gains = found.signs[:, None] * sample.y * np.maximum(found.directions @ data.f.T, 0.0)
    least = scipy.optimize.linprog(np.ones(len(gains)), A_ub=-gains.T, b_ub=-data.r).fun
    optimum = max_margin(sample).norm_squared / (2.0 * data.unit)
    assert optimum * (1.0 - 1e-9) <= least <= 1.1 * optimum
    again = exchanged(data, np.random.default_rng(0))
    np.testing.assert_array_equal(found.directions, again.directions)


def test_a_linear_programme_that_is_not_solved_ends_the_first_look(monkeypatch):
    sample = draw_sphere_sample(8, 2, 0.3, rng=0)
    expected = max_margin(sample)
    monkeypatch.setattr("highdim.optimum.exchange._solved", lambda *_: None)
    found = max_margin(sample)
    assert found.verdict is Verdict.HOLDS
    assert found.norm_squared == pytest.approx(expected.norm_squared, rel=1e-8)


@pytest.mark.parametrize("d", [2, 3])
def test_blocks_have_all_walls_of_their_cells_on_the_circle(d):
    """A wall is a datum without which the cell would be larger, by linear programmes."""
    sample = draw_sphere_sample(10, d, 0.3, rng=4)
    data = Scaled.of(Points.of(sample, True))
    rng = np.random.default_rng(5)
    blocks = Blocks.around(data, rng.standard_normal((6, d + 1)), np.ones(6))
    missed = 0
    for sides, walls in zip(blocks.sides(), blocks.walls, strict=True):
        inward = sides[:, None] * data.f
        for i in range(10):
            others = np.delete(inward, i, axis=0)
            far = scipy.optimize.linprog(
                inward[i], A_ub=-others, b_ub=np.zeros(9), bounds=(-1.0, 1.0)
            )
            needed = far.fun < -1e-9
            assert needed or not walls[i]
            missed += needed and not walls[i]
    assert missed <= 1  # rays may pass by a corner that is cut off
