"""Signs that rounding hides under laws with atoms, against whole numbers and rationals."""

from fractions import Fraction

import numpy as np
import pytest
from scipy import stats

from highdim import (
    NearestNeighbour,
    Sampler,
    SphereSample,
    ThreeLayerNet,
    TwoLayerNet,
    clean_error,
    rule_clean_error,
)
from highdim.error import exact_signs

POINTS = 3000
STEP = 0.1  # no power of two: products round


class Lattice:
    """Points of {−1, 0, 1}^d times a step, and the whole numbers that were drawn."""

    def __init__(self, d, step=1.0):
        self.d = d
        self.step = step
        self.drawn = []

    def law(self):
        return Sampler(self.draw, "lattice")

    def draw(self, rng, n):
        whole = rng.integers(-1, 2, (n, self.d))
        self.drawn.append(whole)
        return self.step * whole

    @property
    def points(self):
        """The points of the estimate; those that were drawn before are no part of it."""
        return np.concatenate(self.drawn)[-POINTS:]


def whole_net(rng, d, depth):
    """A net of small whole numbers, many of whose kinks hold points of the lattice."""
    W, b = rng.integers(-2, 3, (7, d)), rng.integers(-2, 3, 7)
    if depth == 2:
        return TwoLayerNet(rng.choice([-1.0, 1.0], 7), W, b)
    return ThreeLayerNet(
        rng.choice([-1.0, 1.0], 5), rng.integers(-2, 3, (5, 7)), rng.integers(-2, 3, 5), W, b
    )


def values(net, X):
    """N in whole numbers."""
    hidden = X
    for weight, bias in net.hidden:
        hidden = np.maximum(hidden @ weight.T.astype(int) + bias.astype(int), 0)
    return hidden @ net.v.astype(int)


def assert_counted(found, errors):
    """An estimate is that of so many errors, with the interval of Clopper and Pearson."""
    assert found.method == "points"
    assert found.samples == POINTS
    assert found.value == pytest.approx(errors / POINTS, rel=1e-12)
    interval = stats.binomtest(errors, POINTS).proportion_ci(0.95, method="exact")
    assert (found.low, found.high) == pytest.approx(interval, rel=1e-9)


@pytest.mark.parametrize("depth", [2, 3])
@pytest.mark.parametrize("seed", range(6))
def test_errors_on_a_lattice_are_counted_exactly(depth, seed):
    rng = np.random.default_rng([31, seed])
    lattice = Lattice(4)
    net = whole_net(rng, 4, depth)
    found = clean_error(net, law=lattice.law(), samples=POINTS, rng=seed)
    N = values(net, lattice.points)
    assert np.any(N == 0)
    assert_counted(found, int(np.sum(N <= 0)))


@pytest.mark.parametrize("depth", [2, 3])
def test_errors_against_a_truth_are_counted_exactly(depth):
    for seed in range(4):
        rng = np.random.default_rng([32, seed])
        lattice = Lattice(4)
        net = whole_net(rng, 4, depth)
        truth = whole_net(rng, 4, 2)
        law = lattice.law()
        found = clean_error(net, law=law, truth=truth, method="points", samples=POINTS, rng=seed)
        assert_counted(
            found, int(np.sum(values(net, lattice.points) * values(truth, lattice.points) <= 0))
        )


def test_a_step_that_rounds():
    """Points 0.1 z and biases 0.2: in doubles a kink meets some of its points and misses others."""
    rng = np.random.default_rng(33)
    lattice = Lattice(3, STEP)
    W = rng.integers(-2, 3, (6, 3)).astype(float)
    net = TwoLayerNet(rng.choice([-1.0, 1.0], 6), W, STEP * rng.integers(-2, 3, 6))
    found = clean_error(net, law=lattice.law(), samples=POINTS, rng=0)
    X = STEP * lattice.points
    wrong = sum(rational(net, x) <= 0 for x in X)
    assert_counted(found, wrong)


def rational(net, x):
    inner = [
        max(
            Fraction(0),
            sum((Fraction(a) * Fraction(t) for a, t in zip(row, x, strict=True)), Fraction(c)),
        )
        for row, c in zip(net.W.tolist(), net.b.tolist(), strict=True)
    ]
    return sum(Fraction(a) * t for a, t in zip(net.v.tolist(), inner, strict=True))


def test_nearest_neighbours_that_tie_are_counted_exactly():
    rng = np.random.default_rng(34)
    X = np.unique(rng.integers(-3, 4, (12, 3)), axis=0)
    y = np.where(np.arange(len(X)) % 2, -1.0, 1.0)
    lattice = Lattice(3)
    truth = TwoLayerNet([1.0, -1.0], [[1.0, 1.0, 0.0], [-1.0, -1.0, 0.0]], [0.0, 0.0])
    sample = SphereSample.from_arrays(X.astype(float), y, law=lattice.law())
    for given in (None, truth):
        lattice.drawn.clear()
        found = rule_clean_error(
            NearestNeighbour(sample), truth=given, law=lattice.law(), samples=POINTS, rng=1
        )
        points = lattice.points
        distances = np.sum((points[:, None] - X) ** 2, axis=2)
        plus, minus = (distances[:, y == label].min(axis=1) for label in (1.0, -1.0))
        decided = np.sign(minus - plus)
        assert np.any(decided == 0)
        truly = 1 if given is None else np.sign(points[:, 0] + points[:, 1])
        assert_counted(found, int(np.sum(decided * truly <= 0)))


def test_beyond_the_budget_signs_stay_open(monkeypatch):
    """The value and `high` count them, `low` does not: an interval that is longer, and holds."""
    lattice = Lattice(4)
    net = whole_net(np.random.default_rng([31, 0]), 4, 2)
    exact = clean_error(net, law=lattice.law(), samples=POINTS, rng=0)
    monkeypatch.setattr(exact_signs, "BUDGET", 3 * (net.size + exact_signs.EACH))
    found = clean_error(net, law=lattice.law(), samples=POINTS, rng=0)
    assert found.low < exact.low
    assert found.value >= exact.value
    assert found.high >= exact.high
    assert found.low < float(np.mean(values(net, lattice.points) <= 0)) < found.high


def test_points_cost_more_than_their_products(monkeypatch):
    """N ≡ 0 and no point comes twice: the budget lasts for as many as it has the time for."""
    monkeypatch.setattr(exact_signs, "BUDGET", 10 * exact_signs.EACH)
    net = TwoLayerNet([1.0, -1.0], [[1.0, 0.0], [1.0, 0.0]], [5.0, 5.0])
    law = Sampler(lambda rng, n: rng.random((n, 2)), "square")
    found = clean_error(net, law=law, samples=POINTS, rng=0)
    assert found.value == 1.0
    assert 0.0 < found.low < 10 / POINTS
