"""The Nadaraya–Watson rule, against Sturm chains and against signs in fifty digits."""

from fractions import Fraction
from itertools import pairwise
from math import sqrt

import numpy as np
import pytest
import strategies
from hypothesis import given, settings, strategies as st
from oracles import rules
from scipy import stats

from univariate import (
    NadarayaWatson,
    NearestNeighbours,
    Sample,
    clean_error,
    draw_sample,
    exact_clean_error,
)
from univariate.error.kernels.far_field import ORDER, Blocks, cells_of, far_field
from univariate.error.nadaraya_watson import _table

EXPONENTS = (0.25, 0.5, 0.75, 1.0, 1.5, 2.0, 3.0, 8.0, 0.1, 0.37, 2.2, 6.66, 20.0, 100.5)


def hostile(rng):
    """Ordinary, clustered to 1e-12, geometric from the middle or from 0, and on a grid."""
    m = int(rng.integers(1, 14))
    places = {
        "ordinary": lambda: rng.random(m),
        "clusters": lambda: np.add.outer(rng.random(max(1, m // 4)), 1e-12 * rng.random(4)),
        "geometric": lambda: rng.integers(2) * rng.random() + 2.0 ** -np.arange(m),
        "wide": lambda: 2.0 ** -(np.arange(m) * rng.uniform(0.3, 20.0)),
        "grid": lambda: rng.integers(0, 64, m) / 64.0,
    }
    x = np.unique(places[rng.choice(list(places))]().ravel())
    return x, rng.choice([-1.0, 1.0], len(x), p=[0.4, 0.6])


def assert_signs(x, y, exponent, low, high):
    """Assert that every piece said to be certain has its sign, at both ends and between."""
    signs = NadarayaWatson(Sample(x, y), exponent).signs(low, high)
    lower, upper = (
        [sum(map(Fraction, pair)) for pair in side.tolist()] for side in (signs.lower, signs.upper)
    )
    ends = zip([Fraction(low), *upper], [*lower, Fraction(high)], signs.signs, strict=True)
    for start, end, sign in ends:
        a, b = max(start, Fraction(low)), min(end, Fraction(high))
        for t in (a, (a + b) / 2, b) if a <= b else ():
            assert rules.watson_sign(x, y, exponent, t) in (sign, 0)


@given(
    st.lists(st.integers(0, 200), min_size=1, max_size=5, unique=True),
    st.integers(0, 31),
    st.sampled_from([128, 256, 64]),
    st.integers(1, 3),
)
@settings(max_examples=120, deadline=None)
def test_sturm_oracle(places, labels, unit, exponent):
    x = np.sort(np.array(places, dtype=np.float64)) / unit
    y = np.array([1.0 if labels >> k & 1 else -1.0 for k in range(len(x))])
    low, high = rules.watson_error(x, y, exponent)
    found = clean_error(NadarayaWatson(Sample(x, y), exponent))
    assert Fraction(found.low) <= high
    assert low <= Fraction(found.high)
    assert found.low <= found.value <= found.high


@pytest.mark.parametrize("seed", range(8))
def test_signs_in_fifty_digits(seed):
    rng = np.random.default_rng(seed)
    for _ in range(12):
        x, y = hostile(rng)
        domain = (0.0, 1.0) if rng.integers(2) else (-5.0, 7.0)
        assert_signs(x, y, float(rng.choice(EXPONENTS)), *domain)


@pytest.mark.core
def test_signs_of_a_small_sample():
    sample = draw_sample(12, 0.4, rng=0)
    for exponent in (0.5, 1.0, 2.2):
        assert_signs(sample.x, sample.y, exponent, 0.0, 1.0)


@pytest.mark.parametrize("exponent", [0.5, 1.0, 4.0])
def test_signs_where_far_fields_count(exponent):
    sample = draw_sample(400, 0.3, rng=5)
    rule = NadarayaWatson(sample, exponent)
    for a, b in rule.sign_changes()[::23].tolist():
        # a zero lies within, and the enclosure is tight
        signs = [rules.watson_sign(sample.x, sample.y, exponent, Fraction(t)) for t in (a, b)]
        assert signs[0] == -signs[1] != 0
        assert b - a <= 1e-13


@pytest.mark.core
@pytest.mark.parametrize("exponent", [0.5, 1.0, 7.3])
def test_what_far_fields_miss_is_bounded(exponent):
    rng = np.random.default_rng(0)
    x, y = np.sort(rng.random(60)), rng.choice([-1.0, 1.0], 60)
    cells = cells_of(strategies.read_only(x), strategies.read_only(y))
    blocks = Blocks(np.array([0.5, -0.4]), np.array([0.01, 0.1]), np.array([0.01, 0.5]))
    field = far_field(cells, blocks, exponent, _table(exponent))
    for block, (begin, end) in enumerate(pairwise(field.first)):
        near = [j for c in field.near[begin:end] for j in range(cells.begin[c], cells.end[c])]
        far = np.setdiff1d(np.arange(60), near)
        assert len(far) > 20
        for t in (-1.0, 0.8):
            point = Fraction(blocks.centre[block]) + Fraction(blocks.radius[block]) * Fraction(t)
            nearest = min(abs(Fraction(a) - point) for a in x[far])
            value, _ = rules.watson_value(x[far], y[far], exponent, point)
            scale = float(blocks.unit[block] / nearest) ** exponent
            found = sum(field.polynomial[block, k] * t**k for k in range(ORDER))
            assert abs(found - float(value) * scale) <= field.missing[block, 0] + 1e-15 * scale
            assert field.missing[block, 0] <= 1e-11 * scale + 2.0**-50


def test_closed_forms():
    sample = Sample([0.0, 0.5, 1.0], [1.0, -1.0, 1.0])
    # 1/x + 1/(1 − x) = 1/(1/2 − x) at x = 1 − 1/√2
    assert float(clean_error(NadarayaWatson(sample))) == pytest.approx(sqrt(2.0) - 1.0, abs=1e-14)
    two = Sample([0.25, 0.75], [-1.0, 1.0])
    for exponent in EXPONENTS:
        found = clean_error(NadarayaWatson(two, exponent))
        assert found.low <= 0.5 <= found.high
        assert found.high - found.low <= 1e-13
    assert float(clean_error(NadarayaWatson(Sample([0.3], [-1.0])))) == 1.0
    assert float(clean_error(NadarayaWatson(Sample([3.0], [1.0])))) == 0.0


@pytest.mark.core
def test_signs_do_not_change_with_scale_and_mirror():
    sample = draw_sample(40, 0.3, rng=3)
    found = clean_error(NadarayaWatson(sample, 1.5))
    mirrored = Sample(1.0 - sample.x[::-1], sample.y[::-1])
    other = clean_error(NadarayaWatson(mirrored, 1.5))
    assert other.value == pytest.approx(found.value, abs=1e-12)
    rule = NadarayaWatson(Sample(sample.x * 2.0**-200, sample.y), 1.5)
    assert rule.sublevel(0.0, 2.0**-200).value * 2.0**200 == pytest.approx(found.value, abs=1e-12)


@pytest.mark.parametrize("power", [499, -850, -1000])
def test_far_out_and_far_in(power):
    """Powers of two change nothing, up to where doubles end; there all is left open."""
    sample = draw_sample(30, 0.3, rng=0)
    for exponent in (0.5, 2.2):
        known = NadarayaWatson(sample, exponent).sublevel(0.0, 1.0)
        rule = NadarayaWatson(Sample(sample.x * 2.0**power, sample.y), exponent)
        found = rule.sublevel(0.0, 2.0**power)
        assert found.low <= known.value * 2.0**power <= found.high
        assert power == -1000 or found.high - found.low <= 1e-12 * 2.0**power


def test_the_exponent_decides_how_it_overfits():
    sample = draw_sample(3_000, 0.2, rng=0)
    errors = [float(clean_error(NadarayaWatson(sample, b))) for b in (0.5, 1.0, 2.0, 8.0, 64.0)]
    assert errors == sorted(errors)
    assert errors[0] < 1e-4
    neighbour = float(clean_error(NearestNeighbours(sample)))
    assert errors[-1] == pytest.approx(neighbour, abs=1e-3)


def test_values():
    sample = draw_sample(50, 0.3, rng=1)
    rule = NadarayaWatson(sample, 2.0)
    assert np.array_equal(rule(sample.x), sample.y)
    for t in np.random.default_rng(0).random(5).tolist():
        value, size = rules.watson_value(sample.x, sample.y, 2.0, Fraction(t))
        assert rule([t])[0] == pytest.approx(float(value / size), rel=1e-12, abs=1e-14)


def test_another_density():
    sample = draw_sample(150, 0.3, rng=3, density=stats.norm(0.0, 2.0))
    rule = NadarayaWatson(sample, 1.0)
    found = clean_error(rule)
    points = sample.density.draw(20_000, np.random.default_rng(0))
    assert found.low <= found.value <= found.high <= found.low + 1e-10
    assert found.value == pytest.approx(np.mean(rule(points) <= 0.0), abs=0.015)


def test_labels_that_cancel_are_left_open_and_said_to_be():
    """A far quadrupole of 1e-12: what rounding hides counts in `high` alone."""
    x = 0.5 + 2.0**-40 * np.arange(4.0)
    found = clean_error(NadarayaWatson(Sample(x, [1.0, -1.0, -1.0, 1.0]), 1.0))
    assert found.low < 1e-11
    assert found.high > 0.5
    assert found.low <= found.value <= found.high


@pytest.mark.parametrize("exponent", [0.5, 1.0, 3.0])
def test_clusters_whose_labels_cancel_are_decided_from_afar(exponent):
    """Dipoles of 2^−40: cells part the clusters, and a cell's labels add up to 0 exactly."""
    x = np.add.outer([0.2, 0.5, 0.875], 2.0**-40 * np.arange(4.0)).ravel()
    y = np.tile([1.0, 1.0, -1.0, -1.0], 3)
    found = clean_error(NadarayaWatson(Sample(x, y), exponent))
    assert found.high - found.low <= 0.02
    assert_signs(x, y, exponent, 0.0, 1.0)


@pytest.mark.parametrize("exponent", [0.0, -1.0, 1e-3, 1e3])
def test_exponents_have_a_range(exponent):
    with pytest.raises(ValueError, match="`exponent` must lie in"):
        NadarayaWatson(Sample([0.0], [1.0]), exponent)


def test_its_error_is_no_fraction():
    rule = NadarayaWatson(Sample([0.0, 1.0], [1.0, -1.0]))
    with pytest.raises(ValueError, match="`net` must have rational borders, got NadarayaWatson"):
        exact_clean_error(rule)
    with pytest.raises(TypeError, match="`exponent` must be a real number"):
        NadarayaWatson(rule.sample, "2")
