"""The net of least norm that interpolates exactly: closed form, against a conic solver."""

from fractions import Fraction

import numpy as np
import pytest
import strategies
from oracles import exact, naive
from scipy import stats

from univariate import (
    MinimumNorm,
    NearestNeighbours,
    Sample,
    clean_error,
    draw_sample,
    exact_clean_error,
    max_margin,
)


def covered(rng):
    """A random sample on [0, 1], [−1, 1] or far to one side, to which the theorem applies."""
    while True:
        m = int(rng.integers(3, 15))
        shape = int(rng.integers(4))
        x = np.sort(rng.random(m)) if shape else np.cumsum(rng.integers(1, 4, m)) / 64.0
        x = {2: 2.0 * x - 1.0, 3: -1.0 - 4.0 * x[::-1]}.get(shape, x)
        y = np.repeat(rng.choice([-1.0, 1.0], m), rng.integers(1, 5, m))[:m]
        try:
            return MinimumNorm(Sample(x, y))
        except ValueError:
            continue


def test_hundred_samples_against_a_conic_solver():
    rng = np.random.default_rng(0)
    for _ in range(100):
        rule = covered(rng)
        sample = rule.sample
        solution = naive.solve_max_margin(sample.x, sample.y, exactly=True)
        assert rule.norm_squared == pytest.approx(solution.norm_squared, rel=1e-5)
        # the solution is unique as a function: the solver's net is the polygon, on the line
        net = naive.dense_net(solution.v, solution.w, solution.b)
        spread = sample.x[-1] - sample.x[0]
        points = np.linspace(sample.x[0] - spread, sample.x[-1] + spread, 301)
        assert rule(points) == pytest.approx(net(points), abs=2e-3 * np.abs(net(points)).max())
        assert rule(sample.x) == pytest.approx(sample.y, abs=1e-9)


def test_it_decides_like_the_nearest_neighbour():
    rng = np.random.default_rng(1)
    for _ in range(50):
        rule = covered(rng)
        truth = exact.nearest_neighbour_error(rule.sample.x, rule.sample.y)
        assert exact_clean_error(rule) == truth
        points = rng.uniform(-2.0, 2.0, 200)
        nearest = naive.nearest_neighbour_label(rule.sample.x, rule.sample.y, points)
        values = rule(points)
        clear = np.abs(values) > 1e-9
        assert np.array_equal(np.sign(values[clear]), nearest[clear])


def test_its_norm_is_that_of_max_margin_or_more():
    for seed in range(4):
        sample = draw_sample(80, 0.3, rng=seed)
        rule = MinimumNorm(sample)
        assert rule.norm_squared >= max_margin(sample).dual_norm_squared
        # kinks and values are those of the polygon
        slopes = np.diff(rule.heights) / np.diff(rule.knots)
        assert np.all(np.abs(rule(sample.x) - sample.y) <= 1e-9 * np.abs(slopes).max())
    x = np.arange(1.0, 7.0) / 8.0
    alternating = Sample(x, [1.0, -1.0, 1.0, -1.0, 1.0, -1.0])
    assert MinimumNorm(alternating).norm_squared == pytest.approx(
        max_margin(alternating).norm_squared, rel=1e-12
    )


def test_derived_by_hand():
    """Runs of two, three and one: kinks on 1/8, 2/8, 4/8 and 5/8 of a run of three and its ends."""
    sample = Sample(np.arange(6.0) / 8.0, [1.0, 1.0, -1.0, -1.0, -1.0, 1.0])
    rule = MinimumNorm(sample)
    assert rule.knots.tolist() == [0.125, 0.25, 0.5]
    assert rule.heights.tolist() == [1.0, -1.0, -1.0]
    assert rule([-1.0, 0.1875, 0.3, 0.75]).tolist() == [1.0, 0.0, -1.0, 3.0]
    total = 16.0 * sum(np.sqrt(1.0 + t * t) for t in (0.125, 0.25, 0.5))
    assert rule.norm_squared == pytest.approx(2.0 * total, rel=1e-14)
    assert exact_clean_error(rule) == Fraction(3, 8)


def test_another_density():
    sample = draw_sample(200, 0.3, rng=0, density=stats.expon())
    found, known = (clean_error(rule(sample)) for rule in (MinimumNorm, NearestNeighbours))
    assert found == known


@pytest.mark.parametrize(
    ("x", "y", "message"),
    [
        ([-2.0, 0.0, 1.0, 2.0], [1.0, -1.0, 1.0, -1.0], "must satisfy 1 \\+ x_1 x_m"),
        ([0.0, 0.1, 0.2], [1.0, -1.0, 1.0], "must have two runs of equal labels"),
        ([0.0, 0.1, 0.2], [1.0, 1.0, 1.0], "must have two runs of equal labels"),
        ([0.0], [1.0], "must have two runs of equal labels"),
    ],
)
def test_what_the_theorem_does_not_cover_is_refused(x, y, message):
    with pytest.raises(ValueError, match=f"`sample` {message}"):
        MinimumNorm(Sample(x, y))


def test_where_the_data_lie_far_on_both_sides_of_zero_it_may_decide_otherwise():
    """The hypothesis 1 + x_1 x_m ≥ 0 is needed."""
    x, y = [-11.0, 6.0, 7.0, 9.0], [1.0, -1.0, 1.0, 1.0]
    solution = naive.solve_max_margin(x, y, exactly=True)
    net = naive.dense_net(solution.v, solution.w, solution.b)
    assert net(np.array([-5.0]))[0] < -0.1  # nearest is −11, with the label +1
    kinks = 2.0 * (2.0 / 17.0 + 2.0) * np.hypot(1.0, 6.0) + 4.0 * np.hypot(1.0, 7.0)
    assert solution.norm_squared < kinks / 1.5


@pytest.mark.core
def test_hostile_samples():
    rng = np.random.default_rng(4)
    seen = 0
    for _ in range(100):
        x, y = strategies.random_sample(rng, 4, 12)
        try:
            rule = MinimumNorm(Sample(x, y))
        except ValueError:
            continue
        seen += 1
        assert exact_clean_error(rule) == exact.nearest_neighbour_error(x, y)
        steepest = 2.0 / np.diff(x).min()
        assert np.abs(rule(x) - y).max() <= 1e-14 * steepest
    assert seen > 30
