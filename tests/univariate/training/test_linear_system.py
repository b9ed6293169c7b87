"""The implicit step's linear system in O(n + m), against elimination in rational arithmetic and
against dense algebra.
"""

from fractions import Fraction

import numpy as np
import pytest
import strategies
from hypothesis import example, given, settings, strategies as st
from oracles import training
from oracles.exact import fractions

from benchmarks.speed.tangent import tangent_kernel
from univariate.training import implicit
from univariate.training.kernels import gradient, linear_system

EPSILON = float(np.finfo(np.float64).eps)

brief = settings(max_examples=80, deadline=None, database=None)

UNDER_ONE = (np.array([2.0]), np.array([1.0]), np.array([0.0]))
"""The neuron 2 σ(x)."""


def solved(net, x, cell, held, a, r) -> np.ndarray:
    x = strategies.read_only(x)
    increments = linear_system.increments(*net, held, x, cell)
    return linear_system.solved(linear_system.eliminate(x, a, *increments), r)


def activity(net, x, cell) -> np.ndarray:
    index = np.arange(len(x))
    return np.where((net[1] >= 0.0)[:, None], index >= cell[:, None], index < cell[:, None])


def free(net) -> np.ndarray:
    return np.full(len(net[0]), np.nan)


def located(net, x) -> np.ndarray:
    cell = np.zeros(len(net[0]), dtype=np.intp)
    gradient.locate(net[1], net[2], strategies.read_only(x), cell)
    return cell


def assert_solves(net, x, cell, held, a, r) -> None:
    """Within the rounding of pre-activations and sums: B = I + A K A with B⁻¹ ≤ I turns a change of
    B by ε |A| |J| |Jᵀ| |A| into one of z by no more, relatively.
    """
    on = activity(net, x, cell)
    exact = training.solution(training.tangent_system(net, x, on, held, a), fractions(r))
    truth = np.array([float(entry) for entry in exact])
    found = solved(net, x, cell, held, a, r)
    v, w, b = map(np.abs, net)
    sizes = on * (w[:, None] * np.abs(x) + b[:, None] + v[:, None] * (1.0 + np.abs(x)))
    far = np.where(np.isnan(held), 0.0, np.abs(held))
    reach = float(np.sum((sizes + on * (v * far)[:, None]) ** 2 * a**2))
    assert np.all(np.isfinite(found))
    error = np.linalg.norm(found - truth)
    assert error <= 8.0 * len(x) * EPSILON * (1.0 + reach) * np.linalg.norm(truth)


@pytest.mark.core
@brief
@given(
    strategies.nets(8, extreme=False),
    strategies.samples(max_size=8, unit_interval=False),
    st.integers(0, 2**32),
    st.integers(-8, 4),
)
def test_any_cells_any_kinks_held(net, sample, seed, size):
    """Cells need not be where the kinks are: that is how a guess looks in the middle of a step."""
    x = sample[0]
    rng = np.random.default_rng(seed)
    cell = rng.integers(0, len(x) + 1, len(net[0]))
    held = np.where(rng.random(len(cell)) < 0.3, rng.choice(x, len(cell)), np.nan)
    a = 10.0**size * rng.normal(size=len(x)) * (rng.random(len(x)) < 0.8)
    assert_solves(net, x, cell, held, a, rng.normal(size=len(x)))


@pytest.mark.core
@pytest.mark.parametrize("seed", range(6))
def test_weights_and_neurons_of_all_sizes(seed):
    """Gaps down to 1e-9, kinks at a relative distance of 1e-6 from data, weights over twelve orders
    of magnitude, such as e^−q makes: 1e-9 relative, where dense algebra in doubles is up to 1e-4
    off.
    """
    rng = np.random.default_rng(seed)
    for _ in range(6):
        m, n = rng.integers(1, 10), rng.integers(1, 25)
        x = np.cumsum(10.0 ** rng.uniform(-9.0, 0.0, m))
        v, w = rng.normal(size=(2, n)) * 10.0 ** rng.uniform(-3.0, 3.0, (2, n))
        b = -w * rng.choice(x, n) * (1.0 + 1e-6 * rng.normal(size=n))
        net = (v, w, b)
        a = 10.0 ** rng.uniform(-6.0, 4.0, m)
        r = rng.normal(size=m)
        cell, held = located(net, x), free(net)
        on = activity(net, x, cell)
        exact = training.solution(training.tangent_system(net, x, on, held, a), fractions(r))
        truth = np.array([float(entry) for entry in exact])
        found = solved(net, x, cell, held, a, r)
        assert np.abs(found - truth).max() <= 1e-9 * np.abs(truth).max()


@pytest.mark.core
@pytest.mark.parametrize("seed", range(3))
def test_hundreds_of_data_against_dense_algebra(seed):
    """Kinks in all gaps, as after a spread start; some on data."""
    rng = np.random.default_rng(seed)
    m = 300
    x = np.sort(rng.random(m))
    w = rng.normal(size=4 * m)
    net = (rng.normal(size=4 * m), w, -w * rng.random(4 * m))
    index = np.where(rng.random(4 * m) < 0.2, rng.integers(0, m, 4 * m), -1)
    cell = np.where(index >= 0, index + (w >= 0.0), located(net, x))
    held = np.where(index >= 0, x[index], np.nan)
    a = rng.choice([-1.0, 1.0], m) * np.exp(2.0 * rng.normal(size=m))
    r = rng.normal(size=m)
    kernel = tangent_kernel(*net, held, x, cell, np.arange(m))
    truth = np.linalg.solve(np.eye(m) + a[:, None] * kernel * a, r)
    found = solved(net, x, cell, held, a, r)
    assert np.abs(found - truth).max() <= 1e-9 * np.abs(truth).max()


@pytest.mark.core
def test_one_datum_by_hand():
    """2 σ(x) at x = 1: the gradient is (1, 2, 2), K = 9, and 1 + 9 a² = 10 for a = 1; with the kink
    held on 0 it is (1, 2), K = 5.
    """
    x = np.array([1.0])
    cell = np.zeros(1, np.intp)
    one = np.ones(1)
    assert solved(UNDER_ONE, x, cell, free(UNDER_ONE), one, one).tolist() == [1.0 / 10.0]
    assert solved(UNDER_ONE, x, cell, np.zeros(1), one, one).tolist() == [1.0 / 6.0]


@pytest.mark.core
@pytest.mark.parametrize("side", [1.0, -1.0])
def test_two_data_by_hand(side):
    """2 σ(±x) at ±x = 1, 2: K = (9, 14; 14, 24); for a = 1 the inverse of (10, 14; 14, 25) is (25,
    −14; −14, 10)/54.
    """
    net = (UNDER_ONE[0], side * UNDER_ONE[1], UNDER_ONE[2])
    x = np.sort(side * np.array([1.0, 2.0]))
    cell = located(net, x)
    found = solved(net, x, cell, free(net), np.ones(2), np.float64(x == side))
    expected = np.array([25.0, -14.0]) / 54.0
    np.testing.assert_allclose(found[np.argsort(np.abs(x))], expected, rtol=16 * EPSILON)


@pytest.mark.core
def test_data_without_weight_and_without_neurons():
    """z = r where a = 0 or no neuron is active, exactly."""
    x = np.array([-2.0, -1.0, 1.0, 2.0])
    r = np.array([0.1, 0.2, 0.3, 0.4])
    a = np.array([1.0, 1.0, 0.0, 0.0])
    cell = located(UNDER_ONE, x)
    assert solved(UNDER_ONE, x, cell, free(UNDER_ONE), a, r).tolist() == r.tolist()
    dead = (np.array([0.0]), np.array([0.0]), np.array([0.0]))
    assert solved(dead, x, np.zeros(1, np.intp), free(dead), np.ones(4), r).tolist() == r.tolist()


@pytest.mark.core
@brief
@given(
    st.lists(
        st.tuples(*[st.integers(-8, 8)] * 2, st.sampled_from([0, 1, 4])), min_size=1, max_size=6
    ),
    *[st.integers(-8, 8)] * 2,
    st.sampled_from([1, 3]),
)
@example([(0, 5, 1)], 1, 1, 1)
@example([(1, 0, 0)], 1, 1, 1)
def test_factors_of_a_covariance(terms, l1, l2, weight):
    """Rank-one terms are added and taken away as in rational arithmetic."""
    factors = (0.0, 0.0, 0.0)
    matrix = [[Fraction(0)] * 2 for _ in range(2)]
    for f1, f2, size in terms:
        factors = linear_system.grown(factors, float(f1), float(f2), float(size))
        for i, k in np.ndindex(2, 2):
            matrix[i][k] += size * (f1, f2)[i] * (f1, f2)[k]
    assert_factors(factors, matrix)
    image = [row[0] * l1 + row[1] * l2 for row in matrix]
    part = Fraction(weight) / (1 + weight * (image[0] * l1 + image[1] * l2))
    factors = linear_system.shrunk(factors, float(l1), float(l2), float(weight))
    less = [[matrix[i][k] - part * image[i] * image[k] for k in range(2)] for i in range(2)]
    assert_factors(factors, less)


def assert_factors(factors, matrix) -> None:
    d1, b, d2 = factors
    found = np.array([[d1, d1 * b], [d1 * b, d1 * b * b + d2]])
    size = max(float(matrix[0][0] + matrix[1][1]), 1.0)
    expected = [[float(entry) for entry in row] for row in matrix]
    assert min(d1, d2) >= 0.0
    np.testing.assert_allclose(found, expected, rtol=0.0, atol=64 * EPSILON * size)


def test_a_large_covariance_joins_a_small_one():
    """A kink 1e-8 from a datum: the moments of either size keep their digits."""
    net = np.array([0.7475]), np.array([-1.0]), np.array([0.9999999914756817])
    x = np.array([0.0, 1.0])
    assert_solves(net, x, located(net, x), free(net), np.full(2, 0.325), np.array([1.0, -0.3]))


@pytest.mark.parametrize("factor", [1e-4, 1e-2, 1.0])
def test_the_answer_is_refined_by_the_gradients(factor):
    """Kinks an ulp from data, output weights of 10⁴: elimination alone is off by 5e-6."""
    x = strategies.read_only(np.array([0.5038678969483185, 0.9304805746400825]))
    net = (
        np.array([-11192.652010288573, -1926.2619904115115]) * factor,
        np.array([0.49947426063141565, -0.7974544869731925]),
        np.array([-0.2516690452841677, 0.7420159092881283]),
    )
    a = np.array([235.55568250315355, 45.29916186641177])
    r = np.array([-0.4399069918016034, -1.4953772502720857])
    cell = np.array([1, 1])
    system = training.tangent_system(net, x, activity(net, x, cell), free(net), a)
    truth = np.array([float(entry) for entry in training.solution(system, fractions(r))])
    data = implicit.Data(x, np.ones(2), "exponential")
    state = implicit.state_of(np.array(net), data, cell)
    eliminated = linear_system.eliminate(x, a, *linear_system.increments(*net, free(net), x, cell))
    found = implicit._refined(eliminated, state, data, a, r)
    assert np.linalg.norm(found - truth) <= 1e-9 * np.linalg.norm(truth)
