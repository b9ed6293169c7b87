"""The clean error of the optimum, told apart from that of the net found: against rationals."""

from fractions import Fraction

import cases
import numpy as np
import pytest
from hypothesis import example, given, settings, strategies as st
from oracles import exact

from univariate import Sample, draw_sample, max_margin, nearest_neighbour_clean_error
from univariate.optimum.closed_form import decides_like_nearest
from univariate.optimum.optimum_error import optimum_error

PAIR = [0.2, 0.5, 0.5 + 1e-12, 0.7, 0.9], [-1.0, 1.0, -1.0, 1.0, -1.0]
"""Like `cases.CLOSE_PAIR`, a sample with a pair so close that doubles cannot hold its kinks."""


def known(sample):
    return optimum_error(max_margin(sample), sample, sample.population())


@st.composite
def close_pairs(draw):
    """A sample on [0, 1] with at least three sign changes, some of them a hair apart."""
    spots = draw(st.lists(st.integers(1, 99), min_size=4, max_size=7, unique=True))
    x = [spot / 100.0 for spot in sorted(spots)]
    signs = draw(st.lists(st.sampled_from([-1.0, 1.0]), min_size=len(x), max_size=len(x)))
    place = draw(st.integers(0, len(x) - 1))
    x.insert(place + 1, x[place] + 10.0 ** -draw(st.integers(6, 13)))
    signs.insert(place + 1, -signs[place])
    return x, signs


@settings(max_examples=60, deadline=None)
@given(close_pairs())
@example(PAIR)
@example(cases.CLOSE_PAIR)
def test_both_clean_errors_are_enclosed_and_each_is_that_of_its_owner(drawn):
    sample = Sample(*drawn)
    found = known(sample)
    net = found.optimum.net
    of_net = exact.clean_error(net.v, net.w, net.b)
    assert Fraction(found.found.low) <= of_net <= Fraction(found.found.high)
    if len(sample.sign_changes) < 3:
        assert (found.kind, found.exact, found.strays) == ("found", None, False)
        assert found.best is found.found
        return
    truth = exact.nearest_neighbour_error(sample.x, sample.y)
    assert found.kind == "exact"
    assert found.best is found.exact
    assert Fraction(found.exact.low) <= truth <= Fraction(found.exact.high)
    # two enclosures apart prove the errors different
    if found.strays:
        assert of_net != truth


@pytest.mark.parametrize(
    ("drawn", "truth"),
    [(PAIR, 0.65), (cases.CLOSE_PAIR, 0.7204225904018763)],
    ids=["a pair at 1/2", "five changes"],
)
def test_the_net_found_is_not_taken_for_the_optimum(drawn, truth):
    found = known(Sample(*drawn))
    assert found.strays
    assert not found.confirms(found.found)
    assert found.exact.value == pytest.approx(truth, abs=1e-15)
    assert found.name == "max-margin net"


def test_an_ordinary_sample_has_one_clean_error():
    sample = draw_sample(60, 0.2, rng=4)
    found = known(sample)
    assert found.exact == nearest_neighbour_clean_error(sample)
    assert found.confirms(found.found)
    assert not found.strays


def test_where_no_theorem_speaks_only_the_net_found_is_known():
    found = known(Sample([0.2, 0.5, 0.9], [1.0, -1.0, 1.0]))
    assert (found.kind, found.exact) == ("found", None)
    assert found.name.startswith("max-margin net found (gap ")
    assert not found.confirms(found.found)


def meeting(a, b, c, d, sign):
    """Where the line from (a, sign) to (b, −sign) meets that from (c, −sign) to (d, sign)."""
    a, b, c, d = map(Fraction, (a, b, c, d))
    down, up = -2 * sign / (b - a), 2 * sign / (d - c)
    return (sign - down * a + sign + up * c) / (up - down)


@settings(max_examples=200, deadline=None)
@given(
    st.lists(st.integers(-40, 40), min_size=4, max_size=9, unique=True),
    st.lists(st.sampled_from([-1.0, 1.0]), min_size=9, max_size=9),
)
@example([-3, 1, 2, 3], [1.0, -1.0] * 4 + [1.0])
def test_the_theorem_asks_for_its_hypotheses_exactly(places, signs):
    x = np.array(sorted(places)) / 8.0
    sample = Sample(x, signs[: len(x)])
    changes = sample.sign_changes.tolist()
    if len(changes) < 3:
        assert not decides_like_nearest(sample)
        return
    (i, j), (k, n) = changes[:2], changes[-2:]
    first = meeting(x[i], x[i + 1], x[j], x[j + 1], int(sample.y[i]))
    last = meeting(x[k], x[k + 1], x[n], x[n + 1], int(sample.y[k]))
    expected = 1 + Fraction(x[i]) * first > 0 and 1 + Fraction(x[n + 1]) * last > 0
    assert decides_like_nearest(sample) is expected
    if expected:
        assert max_margin(sample).method == "closed form"
