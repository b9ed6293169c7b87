"""Clean errors for d = 2: signs and orders are exact, lengths are good to a few ulps."""

from decimal import Decimal, localcontext
from fractions import Fraction
from functools import cmp_to_key
from itertools import pairwise
from math import nextafter, pi

import numpy as np
import pytest
from hypothesis import given, settings, strategies as st
from oracles import arcs

from highdim import ThreeLayerNet, TwoLayerNet, clean_error
from highdim.error.arcs.lengths import length
from highdim.error.arcs.lines import SEAM, Line, compare, ends


def as_layers(net):
    if isinstance(net, TwoLayerNet):
        return [(net.W, net.b), (net.v, None)]
    return [(net.W1, net.b1), (net.W2, net.b2), (net.v, None)]


def random_net(rng, n, depth):
    """Gaussian weights and smaller biases."""
    b = 0.3 * rng.standard_normal(n)
    if depth == 2:
        return TwoLayerNet(rng.standard_normal(n), rng.standard_normal((n, 2)), b)
    m = max(2, n // 3)
    return ThreeLayerNet(
        rng.standard_normal(m), rng.standard_normal((m, n)), None, rng.standard_normal((n, 2)), b
    )


def of(numerator, denominator=1):
    return Fraction(numerator, denominator)


HAND_DERIVED = {
    "half plane": (TwoLayerNet([1.0, -1.0], [[1, 0], [-1, 0]]), of(1, 2)),
    "one neuron, off on half of the circle": (TwoLayerNet([1.0], [[1.0, 0.0]]), of(1, 2)),
    "one negative neuron": (TwoLayerNet([-1.0], [[1.0, 0.0]]), of(1)),
    "third of the circle off": (TwoLayerNet([1.0], [[2.0, 0.0]], [1.0]), of(1, 3)),
    "two thirds off": (TwoLayerNet([1.0], [[2.0, 0.0]], [-1.0]), of(2, 3)),
    "quarter off": (TwoLayerNet([1.0], [[1.0, 1.0]], [1.0]), of(1, 4)),
    "sixth in error": (TwoLayerNet([1.0, -8.0], [[0, 0], [12, 16]], [3, -17.32050807568877]), None),
    "never on": (TwoLayerNet([1.0], [[1.0, 0.0]], [-2.0]), of(1)),
    "on at a single point": (TwoLayerNet([1.0], [[3.0, 4.0]], [-5.0]), of(1)),
    "always on": (TwoLayerNet([1.0], [[1.0, 0.0]], [2.0]), of(0)),
    "zero at a single point": (TwoLayerNet([1.0], [[3.0, 4.0]], [5.0]), of(0)),
    "constant": (TwoLayerNet([1.0], [[0.0, 0.0]], [1.0]), of(0)),
    "N = 0 by zero weights": (TwoLayerNet([0.0, 0.0], [[1, 2], [3, 4]], [1.0, 1.0]), of(1)),
    "N = 0 by cancellation": (TwoLayerNet([1.0, -2.0], [[1, 2], [0.5, 1]], [0.3, 0.15]), of(1)),
    "plateau by cancellation": (
        TwoLayerNet([1.0, -1.0, 1.0], [[1, 2], [1, 2], [1, 0]], [7.0, 7.0, 0.0]),
        of(1, 2),
    ),
    "|x| is never negative": (TwoLayerNet([1.0, 1.0], [[1, 0], [-1, 0]]), of(0)),
    "switches at the seam φ = ±π": (TwoLayerNet([1.0, 1.0], [[0, -1], [0, -2]]), of(1, 2)),
    "error across the seam": (TwoLayerNet([1.0], [[1.0, 1.0]]), of(1, 2)),
    "two eighths, a plateau and an off arc": (
        TwoLayerNet([1.0, 1.0, -1.0], [[1, 0], [-1, 1], [0, 1]]),
        of(1, 4),
    ),
    "huge and tiny": (TwoLayerNet([1e300, -1e-300], [[1e-300, 0.0], [1e300, 0.0]]), of(1)),
    "huge against tiny": (TwoLayerNet([1e100, -1e-20], [[1e100, 0.0], [0.0, 1e-20]]), None),
    "beyond the range of doubles": (
        TwoLayerNet([1e300, -1e300, 1e-300], [[1e300, 0], [1e300, 0], [1e-300, 0]]),
        of(1, 2),
    ),
    "three layers, quarter": (
        ThreeLayerNet([1.0], [[1.0, 1.0]], None, [[1, 0], [0, 1]], None),
        of(1, 4),
    ),
    "three layers, eighths": (
        ThreeLayerNet([1.0], [[1.0, -1.0]], None, [[1, 0], [0, 1]], None),
        of(5, 8),
    ),
    "three layers, N = 0": (
        ThreeLayerNet([1.0, -1.0], [[1, -1], [1, -1]], [0.5, 0.5], [[1, 0], [0, 1]], None),
        of(1),
    ),
    "three layers, off": (ThreeLayerNet([1.0], [[-1.0]], [0.0], [[1.0, 1.0]], [0.0]), of(1)),
    "three layers, nothing passes": (
        ThreeLayerNet([1.0], [[0.0]], [2.0], [[1.0, 1.0]], None),
        of(0),
    ),
}


@pytest.mark.core
@pytest.mark.parametrize("name", HAND_DERIVED)
def test_hand_derived_nets(name):
    net, truth = HAND_DERIVED[name]
    found = clean_error(net)
    assert found.exact == truth
    assert (found.method, found.samples, found.level) == ("arcs", 0, 1.0)
    if truth is not None:
        assert found.value == float(truth)
        assert found.low <= truth <= found.high


def hostile_net(rng):
    """Small dyadic numbers: common switches, also at the seam, duplicates, opposite pairs, neurons
    barely on; and numbers an ulp apart.
    """
    n, kind = rng.integers(1, 9), rng.integers(6)
    W, b = rng.integers(-2, 3, (n, 2)).astype(float), rng.integers(-2, 3, n).astype(float)
    if kind == 1:
        b[:] = 0.0
    if kind == 4:
        W, b = rng.integers(-16, 17, (n, 2)) / 8.0, rng.integers(-16, 17, n) / 8.0
    if kind == 5:
        W *= 1.0 + 2.0**-52 * rng.integers(-1, 2, (n, 2))
        b *= 1.0 + 2.0**-52 * rng.integers(-1, 2, n)
    if kind == 2:
        j = rng.integers(n)
        W[j], b[j] = (3.0, 4.0), -5.0 * (1.0 - rng.choice([0.0, 1e-15, 1e-12, 1e-8, -1e-14]))
    if kind == 3:
        W[1:] = W[:1] * rng.choice([1.0, -1.0, 2.0, 0.5], (n - 1, 1))
        b[1:] = b[0] * rng.choice([1.0, -1.0, 2.0], n - 1)
    if rng.random() < 0.6:
        return TwoLayerNet(rng.choice([-1.0, 1.0, -2.0, 0.5, 0.0, 1e-3], n), W, b)
    m = rng.integers(1, 5)
    W2, b2 = rng.integers(-2, 3, (m, n)), rng.integers(-1, 2, m)
    return ThreeLayerNet(rng.choice([-1.0, 1.0, -2.0, 0.5], m), W2, b2, W, b)


def assert_right(net):
    """Value, enclosure, rational value and arcs against 55 decimals."""
    truth = arcs.clean_error_in_decimals(as_layers(net))
    found = clean_error(net)
    with localcontext() as context:
        context.prec = arcs.DIGITS
        slack = Decimal(10) ** -40
        assert Decimal(found.low) - slack <= truth <= Decimal(found.high) + slack
        if found.exact is not None:
            rational = Decimal(found.exact.numerator) / Decimal(found.exact.denominator)
            assert abs(rational - truth) < slack
        elif not any(bias is not None and np.any(bias) for _, bias in net.hidden):
            # arguments of Gaussian rationals are multiples of π/4, or irrational
            assert abs(8 * truth - round(8 * truth)) > slack
    assert found.low <= found.value <= found.high
    assert found.high - found.low <= 2.0**-48 * found.value
    assert np.sum(np.diff(found.intervals)) / (2.0 * pi) == pytest.approx(found.value, abs=1e-14)


@pytest.mark.core
def test_a_few_hostile_nets():
    rng = np.random.default_rng(0)
    for _ in range(25):
        assert_right(hostile_net(rng))


@pytest.mark.parametrize("seed", [1, 2])
def test_many_hostile_nets(seed):
    rng = np.random.default_rng(seed)
    for _ in range(400):
        assert_right(hostile_net(rng))


@pytest.mark.parametrize("depth", [2, 3])
def test_random_nets(depth):
    rng = np.random.default_rng(depth)
    for n in (1, 2, 3, 5, 8):
        for _ in range(8):
            assert_right(random_net(rng, n, depth))


@pytest.mark.parametrize("depth", [2, 3])
def test_wide_nets(depth):
    rng = np.random.default_rng(2)
    for _ in range(3):
        net = random_net(rng, 400 if depth == 2 else 40, depth)
        found = clean_error(net)
        angles = (np.arange(200_000) + 0.5) / 200_000 * 2.0 * pi
        values = net(np.column_stack([np.cos(angles), np.sin(angles)]))
        crossings = np.count_nonzero(np.diff(values > 0.0)) + 1
        assert abs(found.value - np.mean(values <= 0.0)) <= crossings / 200_000
        assert found.high - found.low <= 2.0**-48


ENTRIES = st.one_of(
    st.sampled_from([0.0, 1.0, -1.0, 2.0, 0.5, 3.0, -4.0, 5.0, 1e300, -1e-300, 5e-324, 1 + 2e-16]),
    st.floats(-3.0, 3.0),
)


@given(st.data(), st.integers(1, 5), st.booleans())
@settings(max_examples=60, deadline=None)
def test_any_net_keeps_its_error_under_symmetries(data, n, deep):
    """Quarter turns, reflections, powers of two, the order of neurons, neurons that are split."""

    def draw(*shape):
        size = int(np.prod(shape))
        return np.array(data.draw(st.lists(ENTRIES, min_size=size, max_size=size))).reshape(shape)

    W, b = draw(n, 2), draw(n)
    upper = (draw(3, n), draw(3), draw(3)) if deep else (None, None, draw(n))

    def error(W, b, scale=1.0):
        W2, b2, v = upper
        if deep:
            return clean_error(ThreeLayerNet(v * scale, W2, b2, W, b))
        return clean_error(TwoLayerNet(v * scale, W, b))

    first = error(W, b)
    for other in (error(W[:, ::-1] * [-1.0, 1.0], b), error(W[:, ::-1], b), error(W, b, 4.0)):
        assert other.exact == first.exact
        assert other.low <= first.high
        assert first.low <= other.high
    assert first.low <= first.value <= first.high
    assert first.high <= nextafter(first.low * (1.0 + 2.0**-48), 1.0) + 1e-320


# Cancellation


@pytest.mark.parametrize("sign", [1.0, -1.0])
@pytest.mark.parametrize("ulps", [-3, -1, 1, 3])
def test_neurons_that_cancel_to_rounding_have_their_exact_sign(sign, ulps):
    """N = ±v (σ(z + b) − σ(z + b′)), b and b′ a few ulps apart: positive on one side only."""
    v = 1.2743907164015174
    b = 0.3963861374875561
    other = b + ulps * np.spacing(b)
    net = TwoLayerNet([sign * v, -sign * v], [[0.5, 1.6], [0.5, 1.6]], [other, b])
    assert_right(net)
    off = float(np.arccos(b / np.hypot(0.5, 1.6)) / np.pi)
    assert clean_error(net).value == pytest.approx(off if sign * ulps > 0 else 1.0, rel=1e-14)


@pytest.mark.parametrize("slope", [1e-17, 1e-30, 1e-300, 5e-324])
def test_errors_narrower_than_angles_are_enclosed_to_a_few_ulps(slope):
    """Both neurons are off on an arc of width `slope` at −π/2 only."""
    found = clean_error(TwoLayerNet([1.0, 1.0], [[1.0, 0.0], [-1.0, slope]]))
    truth = slope / (2.0 * np.pi)
    assert found.value == pytest.approx(truth, rel=1e-15, abs=5e-324)
    assert found.low <= truth <= found.high <= truth * (1.0 + 2.0**-48) + 1e-323


def test_arcs_that_end_beside_the_seam_do_not_end_on_it():
    """Positive on an arc of width 1e-17 beside −π, and errors beside it on an arc as narrow."""
    almost = clean_error(TwoLayerNet([1.0, -2.0], [[0.0, -1.0], [1e-17, -1.0]]))
    assert almost.exact is None
    assert almost.low < almost.high == 1.0
    for turn in ([1.0, 1.0], [-1.0, 1.0], [1.0, -1.0]):
        assert_right(TwoLayerNet([1.0, -2.0], np.array([[0.0, -1.0], [1e-17, -1.0]]) * turn))
        W = np.array([[0.0, -1.0], [0.0, 1.0], [1e-17, -1.0], [3e-17, -1.0]]) * turn
        assert_right(TwoLayerNet([1.0, 1.0, -2.0, 2.0], W))


def test_scaled_and_cancelling_nets_against_their_parts():
    """A pair that cancels exactly changes nothing, whatever its size."""
    rng = np.random.default_rng(7)
    for _ in range(40):
        net = random_net(rng, 3, 2)
        w = rng.standard_normal(2)
        b = float(rng.normal())
        scale = 10.0 ** rng.integers(-200, 200)
        pair = TwoLayerNet(
            np.append(net.v, [scale, -scale]),
            np.vstack([net.W, w, w]),
            np.append(net.biases, [b, b]),
        )
        one, two = clean_error(net), clean_error(pair)
        assert (one.value, one.low, one.high) == (two.value, two.low, two.high)
        assert np.array_equal(one.intervals, two.intervals)


@pytest.mark.parametrize("depth", [2, 3])
def test_entries_that_underflow_next_to_others(depth):
    """N = 1e-300 x₂ where x₁ > 0 and zero elsewhere: errors on three quarters of the circle."""
    W = [[1e300, 1e-300], [1e300, 0.0]]
    net = (
        TwoLayerNet([1.0, -1.0], W)
        if depth == 2
        else ThreeLayerNet([1.0, -1.0], np.eye(2), np.zeros(2), W, None)
    )
    # the first neuron alone is on for an angle of 1e-600
    found = clean_error(net)
    assert found.value == 0.75
    assert found.low <= 0.75 <= found.high


# Ends


def some_lines(rng):
    """Lines with zeros in common, an ulp apart, at the seam, and barely any."""
    kind = rng.integers(4)
    if kind == 0:
        return Line(*rng.integers(-3, 4, 3).tolist())
    if kind == 1:  # through the direction (3, 4) / 5
        a, b = rng.integers(-5, 6, 2).tolist()
        return Line(5 * a, 5 * b, -3 * a - 4 * b)
    if kind == 2:
        big = 2**52
        a, b, c = (rng.integers(-2, 3, 3) * big + rng.integers(-1, 2, 3)).tolist()
        return Line(a, b, c)
    return Line(3 * 10**15, 4 * 10**15, int(rng.choice([-1, 1])) * (5 * 10**15 - 1))


def in_decimals(end):
    """The angle of an end, by the half-angle substitution of the oracle."""
    a, b, c = map(Fraction, end.line)
    with localcontext() as context:
        context.prec = arcs.DIGITS
        full = arcs.machin()
        for t in {*arcs.zeros((a, b, c)), *([None] if c == a else [])}:
            slope = -b if t is None else b * (1 - Fraction(t) ** 2) - 2 * a * Fraction(t)
            if (slope > 0) == (end.side > 0) and slope != 0:
                return arcs.angle(t, full)
    raise AssertionError("every end is a zero of its line, or at π")


def test_ends_are_ordered_as_by_decimals():
    rng = np.random.default_rng(5)
    found = [end for _ in range(60) for end in ends(some_lines(rng))]
    places = [in_decimals(end) for end in found]
    equal = Decimal(10) ** -45
    ties = 0
    for one, place in zip(found, places, strict=True):
        assert one.angle == pytest.approx(float(place), abs=1e-14)
        for other, elsewhere in zip(found, places, strict=True):
            apart = place - elsewhere
            expected = 0 if abs(apart) < equal else int(apart.compare(Decimal(0)))
            assert compare(one, other) == expected
            ties += expected == 0 and one.line != other.line
    assert ties > 50
    ordered = sorted(found, key=cmp_to_key(compare))
    places = [in_decimals(end) for end in ordered]
    assert all(second - first > -equal for first, second in pairwise(places))


def test_lengths_have_all_their_digits_however_short():
    for k in (1, 20, 200, 2000):
        # zeros of sin φ and of sin φ − 2^−k cos φ, both rising
        first, last = ends(Line(0, 1, 0))[0], ends(Line(-1, 2**k, 0))[0]
        truth = np.arctan(0.5**k) if k < 1000 else 0.0
        assert length((first, last)) == pytest.approx(truth, rel=4e-16)
        assert length((last, first)) == pytest.approx(2.0 * pi - truth, rel=4e-16)
    assert length((ends(Line(0, 1, 0))[0], SEAM)) == pi
