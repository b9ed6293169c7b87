"""The closed form for orthonormal data against a generic optimiser."""

import numpy as np
import pytest
from scipy.optimize import minimize
from scipy.stats import norm

from highdim import orthogonal_limit


def cheapest_pair(m_plus, m_minus):
    """Norm of the best two-neuron net on the standard basis: one neuron for each label, by general optimisation."""
    labels = np.array([1.0] * m_plus + [-1.0] * m_minus)

    def one_neuron(own, other):
        # weights a on own points, −c on the others, bias b: a + b = 1 there, b − c = 0 here, least √(‖w‖² + b²)
        cost = lambda b: np.sqrt(own * (1.0 - b) ** 2 + other * b**2 + b**2)  # noqa: E731
        return minimize(lambda z: cost(z[0]), [0.3], tol=1e-14).fun

    plus, minus = int(np.sum(labels > 0)), int(np.sum(labels < 0))
    return 2.0 * ((one_neuron(plus, minus) if plus else 0.0) + (one_neuron(minus, plus) if minus else 0.0))


@pytest.mark.parametrize(("m_plus", "m_minus"), [(1, 0), (1, 1), (5, 2), (30, 10), (450, 50), (0, 3)])
def test_norm_of_the_best_two_neurons(m_plus, m_minus):
    assert orthogonal_limit(m_plus, m_minus).norm_squared == pytest.approx(cheapest_pair(m_plus, m_minus), rel=1e-9)


@pytest.mark.parametrize(("m_plus", "m_minus"), [(1, 1), (5, 2), (30, 10), (60, 5)])
def test_no_smaller_norm_exists(m_plus, m_minus):
    """Weak duality: 2 Σ λ is a lower bound if no unit neuron has |Σ λ_i y_i σ(w·x_i + b)| > 1; ascent finds none."""
    m = m_plus + m_minus
    plus, minus = np.sqrt((1 + m_minus) / (m_plus * (1 + m))), np.sqrt((1 + m_plus) / (m_minus * (1 + m)))
    charges = np.concatenate([np.full(m_plus, plus), np.full(m_minus, -minus)])
    assert orthogonal_limit(m_plus, m_minus).norm_squared == pytest.approx(2.0 * np.abs(charges).sum(), rel=1e-12)
    neurons = np.random.default_rng(0).standard_normal((2000, m + 1))
    for sign in (1.0, -1.0):
        for _ in range(400):
            active = neurons[:, :-1] + neurons[:, -1:] > 0.0
            ascent = sign * np.concatenate([active * charges, (active * charges).sum(axis=1, keepdims=True)], axis=1)
            neurons += 0.05 * ascent
            neurons /= np.linalg.norm(neurons, axis=1, keepdims=True)
        reached = sign * np.maximum(neurons[:, :-1] + neurons[:, -1:], 0.0) @ charges
        assert reached.max() <= 1.0 + 1e-12
        assert reached.max() >= 0.98


def test_prediction_is_a_normal_tail():
    found = orthogonal_limit(350, 150)
    expected = norm.cdf(-200.0 / (2.0 * np.sqrt(350 * 150)) * np.sqrt(2000 / 500))
    assert found.predicted_clean_error(2000) == pytest.approx(expected, rel=1e-12)
    assert found.predicted_clean_error(2000) == pytest.approx(0.191, abs=5e-4)
    assert orthogonal_limit(7, 0).predicted_clean_error(3) == 0.0
    assert orthogonal_limit(0, 7).predicted_clean_error(3) == 1.0


def test_value_at_the_origin():
    assert orthogonal_limit(3, 1).value_at_origin == 0.4


@pytest.mark.parametrize(
    ("arguments", "message"),
    [((0, 0), "must be at least 1"), ((-1, 2), r"`m_plus` must be an integer ≥ 0"), ((1, 2.5), "`m_minus` must be")],
)
def test_bad_input(arguments, message):
    with pytest.raises((ValueError, TypeError), match=message):
        orthogonal_limit(*arguments)
