"""The short way to the max-margin net: its quadratic programmes, its ascents, and its end."""

import numpy as np
import pytest
from oracles import cells, sphere_optimum

from highdim import SphereSample, draw_sphere_sample, max_margin
from highdim.optimum import best, generation
from highdim.optimum.cuts import Basis, Cuts
from highdim.optimum.kernels.quadratic import minimise
from highdim.optimum.points import Points
from highdim.optimum.scaled import Scaled
from highdim.optimum.successive import looks
from univariate import Verdict

LARGE = 10**7


def drawn(seed, m, d):
    rng = np.random.default_rng(seed)
    return SphereSample(rng.standard_normal((m, d)), np.where(rng.random(m) < 0.4, -1.0, 1.0))


def scaled(seed, m, d):
    sample = drawn(seed, m, d)
    return sample, Scaled.of(Points.of(sample, True))


# Quadratic programmes


def solved(Q, a, C, b, start=None):
    n, N = len(a), len(C)
    x = np.zeros(n)
    multipliers = np.zeros(N + n) if start is None else np.array(start, dtype=np.float64)
    steps = minimise(Q.copy(), a, C, b, x, multipliers)
    return steps, x, multipliers


def assert_optimal(Q, a, C, b, x, multipliers):
    """Conditions that only the minimum of a convex programme meets."""
    N = len(C)
    scale = 1.0 + np.abs(a).max() + np.abs(x).max() * np.abs(Q).max()
    slack = np.concatenate((b - C @ x, x))
    normals = np.concatenate((C, -np.eye(len(a))))
    assert multipliers.min() >= 0.0
    assert slack.min() >= -1e-9 * (1.0 + np.abs(x).max())
    assert np.abs(Q @ x - a + normals.T @ multipliers).max() <= 1e-8 * scale
    assert np.abs(multipliers * slack).max() <= 1e-7 * scale * (1.0 + np.abs(x).max())
    np.testing.assert_array_equal(x[multipliers[N:] > 0.0], 0.0)


@pytest.mark.core
@pytest.mark.parametrize("seed", range(40))
def test_quadratic_programmes_meet_the_conditions_of_their_optimum(seed):
    """With more constraints than variables, the same constraint twice, and little curvature."""
    rng = np.random.default_rng(seed)
    n, N = int(rng.integers(1, 9)), int(rng.integers(1, 20))
    B = rng.standard_normal((n, int(rng.integers(1, n + 1))))
    Q = B @ B.T + rng.choice([1e-4, 1.0]) * np.eye(n)
    a = rng.standard_normal(n) + 1.0
    C = rng.standard_normal((N, n)) * rng.choice([1.0, 10.0])
    if seed % 3 == 0:
        C = np.round(C)
    C = np.concatenate((C, C[: N // 2]))
    b = np.ones(len(C))
    steps, x, multipliers = solved(Q, a, C, b)
    assert steps > 0
    assert_optimal(Q, a, C, b, x, multipliers)
    again, y, _ = solved(Q, a, C, b, multipliers)
    assert again > 0
    np.testing.assert_allclose(x, y, atol=1e-9 * (1.0 + np.abs(x).max()))
    _, y, other = solved(Q, a, C, b, rng.integers(2, size=len(C) + n))
    assert_optimal(Q, a, C, b, y, other)


@pytest.mark.core
def test_quadratic_programmes_without_solution_say_so():
    nothing = np.zeros(1), np.array([[1.0]]), np.array([-1.0])  # x ≤ −1 and x ≥ 0
    assert solved(np.eye(1), *nothing)[0] == 0
    flat = np.zeros((2, 2))
    assert solved(flat, np.ones(2), np.ones((1, 2)), np.ones(1))[0] == 0


# Ascents


@pytest.mark.core
@pytest.mark.parametrize("seed", range(24))
def test_ascents_end_at_local_maxima(seed):
    rng = np.random.default_rng(seed)
    d = 1 + seed % 4
    _, data = scaled(seed, int(rng.integers(2, 9)), d)
    lam = rng.exponential(size=len(data.y))
    peaks = Cuts.drawn(data, 20, rng).climbed(data, lam)
    gains = peaks.costs(data) @ lam
    np.testing.assert_allclose(np.linalg.norm(peaks.directions, axis=1), 1.0, rtol=1e-12)
    values = peaks.directions @ data.f.T
    assert np.abs(values[peaks.kinks]).max(initial=0.0) <= 1e-8
    assert not np.any(peaks.active & peaks.kinks)
    for size in (1e-3, 1e-6):
        for _ in range(20):
            moved = peaks.directions + size * rng.standard_normal(peaks.directions.shape)
            moved /= np.linalg.norm(moved, axis=1, keepdims=True)
            near = Cuts.at(data, moved, peaks.sign).costs(data) @ lam
            better = near > gains * (1.0 + 1e-12) + 1e-12
            assert not np.any(better & (gains > 0.0))


@pytest.mark.core
@pytest.mark.parametrize("seed", range(12))
def test_the_best_of_many_ascents_is_the_supremum(seed):
    rng = np.random.default_rng(seed)
    sample, data = scaled(seed, 6, 1 + seed % 3)
    lam = rng.exponential(size=6)
    peaks = Cuts.drawn(data, 60, rng).climbed(data, lam)
    exact = sphere_optimum.largest_gain(sample.X, sample.y, data.own(lam), True)
    found = np.max(peaks.costs(data) @ lam)
    assert found == pytest.approx(exact, rel=1e-9)


@pytest.mark.core
@pytest.mark.parametrize("seed", range(8))
def test_curvature_is_that_of_the_gains_of_peaks(seed):
    """Second differences of the largest gain near each peak, as multipliers change."""
    rng = np.random.default_rng(seed)
    _, data = scaled(seed, 7, 1 + seed % 3)
    lam = 1.0 + rng.random(7)
    peaks = Cuts.drawn(data, 4, rng).climbed(data, lam)
    gains = peaks.costs(data) @ lam
    peaks = peaks.taken(gains > 0.1 * gains.max())
    gains = peaks.costs(data) @ lam
    change = rng.standard_normal(7)
    size = 1e-4
    for j in range(len(gains)):
        one = peaks.taken(slice(j, j + 1))
        bend = change @ one.curvature(data, np.ones(1)) @ change / gains[j]
        moved = [one.climbed(data, lam + step * size * change) for step in (-1.0, 0.0, 1.0)]
        if len({two.faces()[0] for two in moved}) > 1:
            continue
        low, here, high = (
            float(two.costs(data)[0] @ (lam + step * size * change))
            for two, step in zip(moved, (-1.0, 0.0, 1.0), strict=True)
        )
        assert (low + high - 2.0 * here) / size**2 == pytest.approx(bend, rel=1e-3, abs=1e-5)


# Bases


def test_a_face_has_one_cut_that_comes_in():
    _, data = scaled(1, 8, 2)
    rng = np.random.default_rng(1)
    cuts = Cuts.drawn(data, 10, rng)
    lam = 10.0 * rng.exponential(size=8)
    rho = np.zeros(len(cuts.sign))
    rho[:3] = 1.0
    peaks = cuts.climbed(data, lam)
    order = np.concatenate((np.flatnonzero(rho), np.flatnonzero(rho == 0.0)))
    basis = Basis(cuts, np.zeros(len(rho))).renewed(data, lam, rho, peaks.taken(order))
    names = basis.cuts.faces().tolist()
    gains = peaks.costs(data) @ lam
    expected = set(peaks.taken(gains > 1.0 + 1e-12).faces().tolist())
    assert expected
    assert all(names.count(name) == 1 for name in expected - set(cuts.taken(rho > 0.0).faces()))
    assert len(basis.binding) == len(basis.cuts.sign)
    assert set(basis.binding) <= {0.0, 1.0}
    assert basis.binding.sum() <= 3


# The whole


@pytest.mark.parametrize(("m", "d"), [(1, 2), (6, 1), (12, 2), (30, 2), (12, 3), (10, 4), (9, 5)])
def test_the_short_way_ends_at_the_optimum(m, d):
    """Proved in its last look, with margins that are met, and no conic solver."""
    _, data = scaled(m, m, d)
    last = list(looks(data, LARGE))[-1]
    assert last.gains is not None
    assert last.gains.above <= 1.0 + 1e-9
    net = np.sum(2.0 * np.linalg.norm(last.vectors, axis=1))
    margins = data.y * (last.sign @ np.maximum(last.vectors @ data.f.T, 0.0))
    assert np.all(margins >= data.r * (1.0 - 1e-9))
    assert 2.0 * data.r @ last.multipliers == pytest.approx(net, rel=1e-9)


@pytest.mark.parametrize("seed", range(4))
def test_the_long_way_alone_agrees(seed, monkeypatch):
    sample = drawn(seed, 9, 1 + seed % 3)
    short = max_margin(sample)
    monkeypatch.setattr(generation, "looks", lambda *_: iter(()))
    long = max_margin(sample)
    assert long.verdict is short.verdict is Verdict.HOLDS
    assert long.norm_squared == pytest.approx(short.norm_squared, rel=1e-8)
    assert long.lower == pytest.approx(short.lower, rel=1e-8)


def test_the_long_way_without_linear_programmes(monkeypatch):
    sample = draw_sphere_sample(8, 2, 0.3, rng=0)
    expected = max_margin(sample)
    monkeypatch.setattr(generation, "looks", lambda *_: iter(()))
    monkeypatch.setattr("highdim.optimum.exchange._solved", lambda *_: None)
    found = max_margin(sample)
    assert found.verdict is Verdict.HOLDS
    assert found.norm_squared == pytest.approx(expected.norm_squared, rel=1e-8)


def test_what_the_short_way_cannot_solve_goes_the_long_way(monkeypatch):
    sample = draw_sphere_sample(8, 2, 0.3, rng=0)
    expected = max_margin(sample)
    monkeypatch.setattr("highdim.optimum.successive._minimise", lambda *_: 0)
    found = max_margin(sample)
    assert found.verdict is Verdict.HOLDS
    assert found.norm_squared == pytest.approx(expected.norm_squared, rel=1e-8)


def test_a_look_that_was_not_proved_is_settled(monkeypatch):
    """After an end without a proof, margins and gains of the last look are proved."""
    sample = draw_sphere_sample(10, 2, 0.3, rng=1)
    exact = max_margin(sample)
    monkeypatch.setattr(best, "rounds", lambda data, budget: list(looks(data, budget))[2:3])
    found = max_margin(sample)
    assert found.rounds == 1
    assert 0.0 < found.lower <= exact.norm_squared
    assert exact.lower <= found.norm_squared < np.inf
    margins = cells.rational_margins(found.net.v, found.net.W, found.net.b, sample.X, sample.y)
    assert min(margins) >= 1


def test_memory_grows_with_the_square_on_the_circle():
    """No list of all cells, and no matrix with a column for each: at most some hundred squares."""
    import tracemalloc

    sizes = []
    for m in (20, 40):
        sample = draw_sphere_sample(m, 2, 0.3, rng=0)
        max_margin(sample)
        tracemalloc.start()
        max_margin(sample)
        sizes.append(tracemalloc.get_traced_memory()[1])
        tracemalloc.stop()
    assert sizes[1] <= 5.0 * sizes[0]


def test_degenerate_data_do_not_stop_the_short_way():
    """A regular polygon with equal labels at its ends has many optima."""
    angles = np.arange(8) * np.pi / 4.0
    X = np.column_stack((np.cos(angles), np.sin(angles)))
    found = max_margin(SphereSample(X, [1.0, -1.0] * 4))
    assert found.verdict is Verdict.HOLDS
