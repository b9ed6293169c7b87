"""The catastrophic KKT point: its conditions by plain loops, its clean error by quadrature, closed
forms and draws.
"""

import math
from itertools import pairwise

import numpy as np
import pytest
from oracles import propositions as oracle

from highdim import SphereSample, clean_error, draw_sphere_sample
from highdim.paper.catastrophic import catastrophic_kkt_point, orthonormal_clean_error
from highdim.paper.rectified import rectified_majority
from univariate.common.result import Verdict


def basis(labels, d):
    return SphereSample.from_arrays(np.eye(d)[: len(labels)], labels)


@pytest.mark.core
@pytest.mark.parametrize("a", [1, 2, 7, 1000, 10**6])
def test_one_negative_normal_in_closed_form(a):
    """√a |g| ≤ g₁ is a wedge of half-angle arctan(1/√a): Pr = arctan(1/√a)/π."""
    found = rectified_majority(a, 1)
    assert found.value == pytest.approx(math.atan(1.0 / math.sqrt(a)) / math.pi, abs=1e-15)
    assert found.low <= math.atan(1.0 / math.sqrt(a)) / math.pi <= found.high <= found.low + 1e-12


@pytest.mark.parametrize("a", [1, 3, 20])
def test_two_negative_normals_in_closed_form(a):
    """Both active: 1 − 8 Pr[g₁, g₂ > 0, √a g > g₁ + g₂], a spherical triangle."""
    normal = np.array([-1.0, -1.0, math.sqrt(a)])
    between = math.acos(-1.0 / math.sqrt(a + 2.0))  # the angle of `normal` with each axis
    triangle = 0.5 - (math.pi / 2 + 2.0 * between) / (4.0 * math.pi)
    assert normal[0] / np.linalg.norm(normal) == pytest.approx(math.cos(between))
    expected = 0.5 * 2.0 * math.atan(1.0 / math.sqrt(a)) / math.pi + 0.25 * (1.0 - 8.0 * triangle)
    assert rectified_majority(a, 2).value == pytest.approx(expected, abs=1e-14)


@pytest.mark.parametrize("k", [1, 2, 3])
@pytest.mark.parametrize("a", [1, 2, 5, 50])
def test_quadrature_against_products_of_gauss_rules(a, k):
    found = rectified_majority(a, k)
    assert found.value == pytest.approx(oracle.rectified_majority(a, k), abs=2e-13)
    assert found.high - found.low < k * 1e-12


@pytest.mark.parametrize(("a", "k"), [(1, 4), (3, 8), (40, 30), (400, 60)])
def test_quadrature_against_draws(a, k):
    def event(g):
        return math.sqrt(a) * np.abs(g[:, 0]) <= np.maximum(g[:, 1:], 0.0).sum(axis=1)

    low, high = oracle.sampled(event, k + 1, a + k)
    assert low <= rectified_majority(a, k).value <= high


def test_quadrature_at_the_extremes():
    assert rectified_majority(5, 0) == (0.0, 0.0, 0.0)
    assert rectified_majority(0, 5) == (1.0, 1.0, 1.0)
    many = rectified_majority(1, 20_000)
    assert 1.0 - 1e-7 < many.low <= many.value <= many.high <= 1.0
    assert rectified_majority(10**8, 3).value == pytest.approx(
        math.sqrt(2.0 / math.pi) * 3.0 / math.sqrt(2.0 * math.pi) / 1e4, rel=1e-6
    )  # E erf(S/√(2a)) ≈ √(2/(π a)) E S for large a


def test_errors_grow_with_the_negatives():
    values = [orthonormal_clean_error(4, k).value for k in range(12)]
    assert values[0] == 0.5
    assert all(low < high < 1.0 for low, high in pairwise(values))
    with pytest.raises(ValueError, match="must be at least 1, got 0"):
        orthonormal_clean_error(0, 0)


@pytest.mark.core
@pytest.mark.parametrize(("a", "k", "d"), [(1, 1, 2), (1, 3, 4), (4, 2, 9), (9, 0, 9), (0, 2, 3)])
def test_conditions_by_loops(a, k, d):
    """Margins 1, |v| = |w|, and θ = Σ λ_i y_i h_i with the λ reported."""
    labels = ([1, -1] * max(a, k))[: 2 * min(a, k)] + [1] * (a - min(a, k)) + [-1] * (k - min(a, k))
    sample = basis(labels, d)
    found = catastrophic_kkt_point(sample)
    v, W, X, y = found.net.v.tolist(), found.net.W.tolist(), sample.X.tolist(), sample.y.tolist()
    assert [label * oracle.output(v, W, x) for x, label in zip(X, y, strict=True)] == pytest.approx(
        [1.0] * (a + k)
    )
    left_v, left_w = oracle.residual(v, W, X, y, found.multipliers.tolist(), [])
    assert left_v == pytest.approx([0.0] * len(v), abs=1e-15)
    assert np.max(np.abs(left_w)) <= 1e-15
    assert [math.hypot(*w) for w in W] == pytest.approx(np.abs(v))
    assert found.multipliers == pytest.approx(
        [1.0 / math.sqrt(a) if label > 0 else 1.0 for label in y]
    )
    assert found.certificate.verdict is Verdict.HOLDS
    assert found.certificate.multipliers == pytest.approx(found.multipliers)
    assert (found.m_plus, found.m_minus, found.net.b, found.defect) == (a, k, None, 0.0)
    # the paper's weights: the same function, off by |I₊| − 1 in v with its λ = 1
    printed_v, printed_w = found.printed_net.v.tolist(), found.printed_net.W.tolist()
    left_v, left_w = oracle.residual(printed_v, printed_w, X, y, [1.0] * (a + k), [])
    assert np.max(np.abs(left_w)) <= 1e-15
    assert np.max(np.abs(left_v)) == pytest.approx(max(a - 1.0, 0.0))
    assert found.printed_certificate.verdict is (Verdict.FAILS if a > 1 else Verdict.HOLDS)
    assert found.net.v[:, None] * found.net.W == pytest.approx(
        found.printed_net.v[:, None] * found.printed_net.W
    )


@pytest.mark.parametrize(("a", "k", "d"), [(2, 1, 3), (3, 3, 8), (10, 4, 200)])
def test_clean_error_against_the_net(a, k, d):
    Q = np.linalg.qr(np.random.default_rng(0).standard_normal((d, d)))[0]
    found = catastrophic_kkt_point(SphereSample.from_arrays(Q[: a + k], [1] * a + [-1] * k))
    assert found.clean_error.method == "quadrature"
    assert found.clean_error.high - found.clean_error.low < 1e-11
    sampled = clean_error(found.net, rng=1, level=1.0 - 1e-7)
    assert sampled.low <= found.clean_error.value <= sampled.high
    low, high = oracle.sampled_error(found.net.v, found.net.W, 2) if d < 50 else (0.0, 1.0)
    assert low <= found.clean_error.value <= high


def test_one_of_each_in_the_plane():
    """N = σ(x₁) − σ(x₂): an error on x₁ ≤ 0, and on 0 < x₁ ≤ x₂, 5/8 in all."""
    found = catastrophic_kkt_point(basis([1, -1], 2))
    assert found.clean_error.value == pytest.approx(0.625, abs=1e-15)
    assert clean_error(found.net).value == pytest.approx(0.625, abs=1e-14)


def test_enclosures_widen_with_the_defect():
    """Off orthogonality by 1e-8 the enclosure still holds the clean error, which arcs give exactly
    in the plane.
    """
    tilt = 1e-8
    sample = SphereSample.from_arrays([[1.0, 0.0], [math.sin(tilt), math.cos(tilt)]], [1, -1])
    found = catastrophic_kkt_point(sample)
    truth = clean_error(found.net)
    assert found.defect == pytest.approx(tilt)
    assert found.clean_error.low <= truth.low
    assert truth.high <= found.clean_error.high <= found.clean_error.low + 1e-6
    assert abs(truth.value - 0.625) > 1e-10


def test_data_that_are_not_orthogonal():
    sample = draw_sphere_sample(10, 20, 0.4, rng=0)
    found = catastrophic_kkt_point(sample, rng=0)
    assert found.certificate.verdict is Verdict.FAILS
    assert found.defect == pytest.approx(np.max(np.abs(sample.X @ sample.X.T - np.eye(10))))
    assert found.clean_error.samples > 0
    assert found.clean_error.low >= 0.5
    low, high = oracle.sampled_error(found.net.v, found.net.W, 3)
    assert found.clean_error.low <= high
    assert low <= found.clean_error.high


def test_repeated_points():
    sample = SphereSample.from_arrays(
        [[1.0, 0.0, 0.0], [1.0, 0.0, 0.0], [0.0, 1.0, 0.0]], [1, 1, -1]
    )
    found = catastrophic_kkt_point(sample)
    assert found.defect == 1.0
    assert found.certificate.verdict is not Verdict.HOLDS


def test_same_seed_same_bits():
    sample = draw_sphere_sample(6, 12, 0.4, rng=0)
    assert (
        catastrophic_kkt_point(sample, rng=5).clean_error
        == catastrophic_kkt_point(sample, rng=5).clean_error
    )


@pytest.mark.parametrize(
    ("X", "message"),
    [
        ([[3.0, 4.0]], "row 0 of norm 5; divide"),
        ([[1.0, 0.0], [0.0, 0.0]], "row 1 of norm 0"),
        ([[1.0]], "d >= 2"),
    ],
)
def test_door(X, message):
    with pytest.raises(ValueError, match=message):
        catastrophic_kkt_point(SphereSample.from_arrays(X, [1] * len(X)))
    with pytest.raises(TypeError, match="must be a SphereSample"):
        catastrophic_kkt_point(X)
