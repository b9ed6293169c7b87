"""Right declarations are never refused, however borders and values are rounded; wrong ones are."""

import math
from fractions import Fraction

import numpy as np
import pytest
from scipy import stats

import univariate as u

SCALES = {
    "unit": (1.0, 0.0),
    "small": (1e-300, 0.0),
    "subnormal": (1e-310, 0.0),
    "large": (1e140, 0.0),
    "far from 0": (1.0, 1e8),
    "small and far": (1e-5, 1e8),
    "around 0": (1.0, -0.5),
    "a power of 2": (2.0**-20, 1.0),
}
"""Scale and offset of inputs."""

ROOTS = np.sort(np.roots([1.0, -1.5, 0.66, -0.08]).real).tolist()

BORDERS = {
    "square": (lambda t: t * t - 0.5, [math.sqrt(2.0) / 2.0]),
    "root of a half": (lambda t: 2.0 * t * t - 1.0, [math.sqrt(0.5)]),
    "fourth": (lambda t: t**4 - 0.25, [0.5**0.5]),
    "cosine": (lambda t: math.cos(math.pi * t) + 0.1, [math.acos(-0.1) / math.pi]),
    "exponential": (lambda t: math.exp(t) - 2.0, [math.log(2.0)]),
    "third": (lambda t: 3.0 * t - 1.0, [1.0 / 3.0]),
    "sum": (lambda t: t + 0.1 + 0.2 - 0.9, [0.6]),
    "expanded": (lambda t: t * t - (1 / 3 + 0.7) * t + 0.7 / 3, [1 / 3, 0.7]),
    "cubic": (lambda t: ((t - 1.4) * t + 0.56) * t - 0.064, [0.2, 0.4, 0.8]),
    "roots of numpy": (lambda t: ((t - 1.5) * t + 0.66) * t - 0.08, ROOTS),
    "nearer": (lambda t: abs(t - 0.1) - abs(t - 0.7), [(0.1 + 0.7) / 2.0]),
    "nearer, squared": (lambda t: (t - 0.1) ** 2 - (t - 0.7) ** 2, [(0.1 + 0.7) / 2.0]),
    # two within a few units in the last place
    "twice": (lambda t: (t * t - 0.5) * (t - 0.5**0.5 - 5e-16), [0.5**0.5, 0.5**0.5 + 5e-16]),
}


def scaled(kind, size, offset):
    """Return a function of inputs of a scale, and its declared borders, which are rounded."""
    function, borders = BORDERS[kind]
    return lambda t: function((float(t) - offset) / size), [offset + size * b for b in borders]


def beside(place, size, low, high):
    """Yield pairs of observations beside which a place is asked, or one a few doubles off."""
    for k in (*range(-4, 5), -16, -9, 9, 16):
        at = place + k * np.spacing(place)
        for share in (1 / 64, 1 / 4):
            for gap in (0.15 * size, -0.15 * size):
                x = np.sort([at - share * gap, at - share * gap + gap])
                if low < x[0] < x[1] < high:
                    yield x


def sample_of(x, labels, low, high):
    return u.Sample(x, labels, density=stats.uniform(low, high - low))


class Told(u.Rule):
    """A rule that tells the borders of a function of one number."""

    def __init__(self, sample, function, told):
        self.sample, self.function, self.told = sample, function, told

    def __call__(self, x):
        return np.array([self.function(one) for one in np.ravel(x)])

    def signs(self, low, high):
        return self.told


@pytest.mark.parametrize("scale", SCALES)
@pytest.mark.parametrize("kind", BORDERS)
def test_a_right_declaration_is_not_refused_where_rounding_decides(kind, scale):
    """It was asked right beside borders, where its values have the sign of the other side, or 0."""
    size, offset = SCALES[scale]
    function, borders = scaled(kind, size, offset)
    if len(set(borders)) < len(borders):
        return
    low, high = offset, offset + size
    for place in borders:
        for x in beside(place, size, low, high):
            # all are decided otherwise, and are asked
            sample = sample_of(x, [-1.0 if function(t) > 0 else 1.0 for t in x], low, high)
            rule = u.Rule.of_function(sample, function, borders, domain=(low, high))
            error = float(u.exact_clean_error(rule)) if rule.sample.density.is_uniform else 0.5
            assert 0.0 <= error <= 1.0
            told = u.Signs.enclosed(borders, borders, rule.steps.signs)
            u.clean_error(Told(sample, function, told))


def votes(sample, k):
    def vote(t):
        nearest = np.argsort(np.abs(sample.x - float(t)), kind="stable")[:k]
        return np.sign(float(sample.y[nearest].sum()))

    return vote


def borders_of_votes(sample, k):
    """Return where the vote changes, rounded: midway between the first and the one after the k."""
    sums = np.convolve(sample.y, np.ones(k), "valid")
    changes = np.flatnonzero(sums[1:] * sums[:-1] < 0.0)
    return [float((sample.x[i] + sample.x[i + k]) / 2.0) for i in changes]


DATA = {
    "unit": lambda rng, m: rng.random(m),
    "normal": lambda rng, m: rng.normal(size=m),
    "small": lambda rng, m: 1e-300 * rng.random(m),
    "large": lambda rng, m: 1e140 * rng.random(m),
    "far from 0": lambda rng, m: 1e8 + 1e-5 * rng.random(m),
    "a few doubles apart": lambda rng, m: 1e8 + np.cumsum(rng.integers(1, 6, m)) * 2.0**-26,
    "of all sizes": lambda rng, m: rng.normal(size=m) * 10.0 ** rng.integers(-12, 3, m),
    "a lattice": lambda rng, m: rng.choice(np.arange(4 * m), m, replace=False) / (4 * m),
}


@pytest.mark.parametrize("k", [1, 3, 5])
@pytest.mark.parametrize("kind", DATA)
def test_votes_declared_by_midpoints_are_not_refused(kind, k):
    for seed in range(12):
        rng = np.random.default_rng(seed)
        x = np.unique(DATA[kind](rng, 30))
        width = (x[-1] - x[0]) / 8
        low, high = x[0] - width, x[-1] + width
        sample = sample_of(x, rng.choice([-1.0, 1.0], len(x)), low, high)
        borders = borders_of_votes(sample, k)
        if len(set(borders)) == len(borders):  # midpoints of neighbours may be one double
            u.Rule.of_function(sample, votes(sample, k), borders, domain=(low, high))


def test_narrow_pieces_have_the_sign_that_is_told_inside():
    """Their ends are rounded, and so are the places that are asked."""
    root, after = math.sqrt(0.5), np.nextafter(math.sqrt(0.5), 1.0)
    for other in (after, root + 3e-16, root + 1e-15, Fraction(root) + Fraction(1, 2**60)):
        f = lambda t, end=other: 1.0 if root < t < end else -1.0  # noqa: E731
        assert u.Truth.of_function(f, [root, other]).signs == (-1, 1, -1)
    # 0 at the middle, where the product of two roots beside it is rounded
    f = lambda t: (2.0 * t * t - 1.0) * (t - root - 1e-15)  # noqa: E731
    assert u.Truth.of_function(f, [root, root + 1e-15]).signs == (1, -1, 1)


@pytest.mark.parametrize("scale", SCALES)
@pytest.mark.parametrize("k", [1, 3])
def test_votes_that_lack_a_border_are_refused_at_every_scale(k, scale):
    """Not all can be found: of three votes some have pieces far from what is asked. Far from 0 the
    small ones have their borders within a few doubles of what is asked.
    """
    size, offset = SCALES[scale]
    low, high = offset, offset + size
    refused = []
    for seed in range(4):
        rng = np.random.default_rng(seed)
        x = np.unique(offset + size * rng.random(40))
        sample = sample_of(x, rng.choice([-1.0, 1.0], len(x)), low, high)
        borders = borders_of_votes(sample, k)
        for lack in range(len(borders)):
            kept = borders[:lack] + borders[lack + 1 :]
            try:
                u.Rule.of_function(sample, votes(sample, k), kept, domain=(low, high))
                refused.append(False)
            except ValueError as error:
                refused.append("`breakpoints` must hold every change of sign" in str(error))
        with pytest.raises(ValueError, match="`breakpoints` must hold every change of sign"):
            u.Rule.of_function(sample, votes(sample, k), [], domain=(low, high))
    assert np.mean(refused) > (0.7 if scale == "small and far" else 0.9)


@pytest.mark.parametrize(
    ("function", "error"),
    [
        (lambda x: math.log(x + 0.5), ValueError),
        (lambda x: 1.0 / (x > 0.0), ZeroDivisionError),
    ],
)
def test_an_error_of_the_function_itself_says_where_it_was_asked(function, error):
    sample = u.draw_sample(20, p=0.1, rng=1)
    rule = u.Rule.of_function(sample, function, [0.5] if error is ValueError else [])
    assert u.clean_error(rule).value in {0.0, 0.5}
    with pytest.raises(error) as raised:
        u.clean_error(rule, density=stats.norm())
    (note,) = raised.value.__notes__
    at = float(note.removeprefix("`function` was asked at "))
    with pytest.raises(error):
        function(at)
