"""The closed form for orthonormal data against a generic optimiser."""

import numpy as np
import pytest
from scipy.optimize import minimize
from scipy.stats import norm

from highdim import draw_sphere_sample, orthogonal_limit


def cheapest_pair(m_plus, m_minus):
    """Norm of the best two-neuron net on the standard basis: one neuron for each label, by general
    optimisation.
    """
    labels = np.array([1.0] * m_plus + [-1.0] * m_minus)

    def one_neuron(own, other):
        # weights a on own points, −c on the others, bias b: a + b = 1 there, b − c = 0 here, least
        # √(‖w‖² + b²)
        cost = lambda b: np.sqrt(own * (1.0 - b) ** 2 + other * b**2 + b**2)  # noqa: E731
        return minimize(lambda z: cost(z[0]), [0.3], tol=1e-14).fun

    plus, minus = int(np.sum(labels > 0)), int(np.sum(labels < 0))
    return 2.0 * (
        (one_neuron(plus, minus) if plus else 0.0) + (one_neuron(minus, plus) if minus else 0.0)
    )


@pytest.mark.parametrize(
    ("m_plus", "m_minus"), [(1, 0), (1, 1), (5, 2), (30, 10), (450, 50), (0, 3)]
)
def test_norm_of_the_best_two_neurons(m_plus, m_minus):
    assert orthogonal_limit(m_plus, m_minus).norm_squared == pytest.approx(
        cheapest_pair(m_plus, m_minus), rel=1e-9
    )


@pytest.mark.parametrize(("m_plus", "m_minus"), [(1, 1), (5, 2), (30, 10), (60, 5)])
def test_no_smaller_norm_exists(m_plus, m_minus):
    """Weak duality: 2 Σ λ is a lower bound if no unit neuron has |Σ λ_i y_i σ(w·x_i + b)| > 1;
    ascent finds none.
    """
    m = m_plus + m_minus
    plus, minus = (
        np.sqrt((1 + m_minus) / (m_plus * (1 + m))),
        np.sqrt((1 + m_plus) / (m_minus * (1 + m))),
    )
    charges = np.concatenate([np.full(m_plus, plus), np.full(m_minus, -minus)])
    assert orthogonal_limit(m_plus, m_minus).norm_squared == pytest.approx(
        2.0 * np.abs(charges).sum(), rel=1e-12
    )
    neurons = np.random.default_rng(0).standard_normal((2000, m + 1))
    for sign in (1.0, -1.0):
        for _ in range(400):
            active = neurons[:, :-1] + neurons[:, -1:] > 0.0
            ascent = sign * np.concatenate(
                [active * charges, (active * charges).sum(axis=1, keepdims=True)], axis=1
            )
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


def orthonormal(m_plus, m_minus, d):
    basis = np.linalg.qr(np.random.default_rng(1).standard_normal((d, m_plus + m_minus)))[0].T
    return basis, np.repeat([1.0, -1.0], [m_plus, m_minus])


@pytest.mark.core
@pytest.mark.parametrize(
    ("m_plus", "m_minus"), [(1, 0), (0, 1), (6, 0), (0, 3), (1, 1), (5, 2), (30, 10)]
)
def test_net_on_orthonormal_data(m_plus, m_minus):
    """All margins are 1, the norm and N(0) are the closed form's, neurons are balanced, each off
    the other label.
    """
    limit, (X, y) = orthogonal_limit(m_plus, m_minus), orthonormal(m_plus, m_minus, 50)
    net = limit.net(X, y)
    assert net.width == (m_plus > 0) + (m_minus > 0)
    np.testing.assert_allclose(y * net(X), 1.0, rtol=1e-13)
    assert net.norm_squared == pytest.approx(limit.norm_squared, rel=1e-13)
    assert net(np.zeros((1, 50)))[0] == pytest.approx(limit.value_at_origin, rel=1e-13)
    np.testing.assert_allclose(
        np.abs(net.v), np.sqrt(np.sum(net.W**2, axis=1) + net.b**2), rtol=1e-13
    )
    for v, w, b in zip(net.v, net.W, net.b, strict=True):
        np.testing.assert_allclose(X[y != np.sign(v)] @ w + b, 0.0, atol=1e-14)


def test_net_takes_labels_in_any_order():
    X, y = orthonormal(4, 3, 9)
    order = np.random.default_rng(0).permutation(7)
    there, here = (orthogonal_limit(4, 3).net(*data) for data in ((X, y), (X[order], y[order])))
    np.testing.assert_allclose(there.W, here.W, rtol=0.0, atol=1e-15)


def test_net_on_nearly_orthonormal_data():
    sample = draw_sphere_sample(20, 20_000, 0.3, rng=0)
    limit = orthogonal_limit(int(np.sum(sample.y > 0)), int(np.sum(sample.y < 0)))
    net = limit.net(sample.X, sample.y)
    np.testing.assert_allclose(sample.y * net(sample.X), 1.0, atol=0.2)
    assert net.norm_squared == pytest.approx(limit.norm_squared, rel=0.02)


@pytest.mark.parametrize(
    ("X", "y", "message"),
    [
        ([[1.0, 0.0], [0.0, 1.0]], [1.0, 1.0], r"got 2 and 0; use orthogonal_limit\(2, 0\)"),
        ([[1.0, 0.0]], [1.0, -1.0], "`X` must have shape"),
        ([[1.0, 0.0], [0.0, 1.0]], [1.0, 2.0], "labels"),
        ([[1.0, 0.0], [1.0, 0.0]], [1.0, -1.0], "different labels"),
    ],
)
def test_net_of_bad_input(X, y, message):
    with pytest.raises(ValueError, match=message):
        orthogonal_limit(1, 1).net(X, y)


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        ((0, 0), "must be at least 1"),
        ((-1, 2), r"`m_plus` must be an integer >= 0"),
        ((1, 2.5), "`m_minus` must be"),
    ],
)
def test_bad_input(arguments, message):
    with pytest.raises((ValueError, TypeError), match=message):
        orthogonal_limit(*arguments)
