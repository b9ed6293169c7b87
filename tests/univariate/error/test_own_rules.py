"""Rules of one's own: functions of x with declared breakpoints, and classes that tell signs."""

from fractions import Fraction
from itertools import pairwise

import numpy as np
import pytest
from hypothesis import given, strategies as st
from scipy import stats

import univariate as u

SAMPLE = u.draw_sample(20, 0.2, rng=0)

PLACES = st.lists(
    st.fractions(Fraction(1, 97), Fraction(96, 97), max_denominator=97),
    min_size=1,
    max_size=6,
    unique=True,
).map(sorted)


def alternating(places):
    """A function that changes its sign at every place, and the signs between."""
    return lambda x: float((-1) ** sum(place < x for place in places))


def brute(places, truth_places):
    """The length on which two functions that alternate from +1 differ, piece by piece."""
    ends = sorted({Fraction(0), Fraction(1), *places, *truth_places})
    wrong = Fraction(0)
    for a, b in pairwise(ends):
        at = (a + b) / 2
        changes = sum(place < at for place in [*places, *truth_places])
        wrong += (b - a) * (changes % 2)
    return wrong


@pytest.mark.core
@given(places=PLACES, truth_places=PLACES)
def test_declared_functions_have_exact_errors(places, truth_places):
    rule = u.Rule.of_function(SAMPLE, alternating(places), places)
    truth = u.Truth(truth_places, [(-1) ** k for k in range(len(truth_places) + 1)])
    for told, others in ((None, []), (truth, truth_places)):
        exact = brute(places, others)
        assert u.exact_clean_error(rule, truth=told) == exact
        found = u.clean_error(rule, truth=told)
        assert found.low <= exact <= found.high
        assert found.high - found.low < 1e-14


def test_a_declared_function_under_another_law():
    sample = u.draw_sample(20, 0.2, rng=0, density="norm(0, 1)")
    rule = u.Rule.of_function(sample, lambda x: x + 1.0, [-1.0])
    assert float(u.clean_error(rule)) == pytest.approx(stats.norm.cdf(-1.0), rel=1e-12)
    assert np.array_equal(rule([[-3.0, 0.5]]), [[-2.0, 1.5]])


@pytest.mark.parametrize(
    ("function", "places", "message"),
    [
        (lambda x: x - 0.4, [], "`breakpoints` must hold every change of sign"),
        (lambda x: 0.0, [0.5], "`function` must be positive or negative between its breakpoints"),
        (lambda x: x - 2.0, [2.0], "`breakpoints` must lie inside"),
    ],
    ids=["missing", "zero", "outside"],
)
def test_wrong_declarations(function, places, message):
    with pytest.raises(ValueError, match=message):
        u.Rule.of_function(SAMPLE, function, places)


class Told(u.Rule):
    def __init__(self, sample, found):
        self.sample = sample
        self.found = found

    def __call__(self, x):
        raise NotImplementedError

    def signs(self, low, high):
        return self.found


def test_signs_of_a_class_of_ones_own():
    rule = Told(SAMPLE, u.Signs.enclosed([0.25, 0.5], [0.25, 0.625], [1, -1, 0]))
    found = u.clean_error(rule)
    assert (found.low, found.high) == pytest.approx(
        (0.625, 0.75), abs=1e-15
    )  # nothing is said between
    rule = Told(SAMPLE, u.Signs.enclosed([0.25, 0.5], [0.25, 0.625], [1, -1, 1]))
    found = u.clean_error(rule)
    assert (found.low, found.high) == pytest.approx((0.25, 0.375), abs=1e-15)
    assert float(u.clean_error(Told(SAMPLE, u.Signs.enclosed([], [], [-1])))) == 1.0


def test_classes_0_and_1_for_signs_are_a_warning_where_the_truth_is_minus_1():
    """There 0 is an error as well as +1: the class 0 was wrong everywhere."""
    classes = Told(SAMPLE, u.Signs.enclosed([0.25], [0.25], [0, 1]))
    for ask in (lambda: u.clean_error(classes, truth="0.25:-+"), lambda: u.noisy_error(classes, 0)):
        with pytest.warns(UserWarning, match="`signs` of Told are 0 and"):
            ask()
    assert float(u.clean_error(classes)) == 0.25  # against +1 both are errors, as they should
    signs = 2 * classes.found.signs - 1  # as it says
    right = Told(SAMPLE, u.Signs.enclosed([0.25], [0.25], signs))
    assert float(u.clean_error(right, truth="0.25:-+")) == 0.0


def test_values_of_nets_are_no_probabilities():
    net = u.ReluNet([0.5], [1.0], [0.1])  # between 0.05 and 0.55
    assert u.Truth.of_function(net, []) == u.Truth([], "+")
    with pytest.warns(UserWarning, match="values from 0 to 1 alone"):
        u.Truth.of_function(lambda x: float(net(x)), [])


def test_classes_0_and_1_for_the_signs_of_a_truth_are_a_warning():
    """Everything was an error where the class is 0."""
    with pytest.warns(UserWarning, match="`signs` are 0 and 1 alone"):
        u.Truth([0.5], [0, 1])
    half = u.Truth.of(u.ReluNet([1.0], [1.0], [-0.5]))
    opposite = -half
    alike = u.Truth([0.5], (0, 1)), u.Truth([0.5], "0+"), u.Truth.named("0.5:0+"), -opposite
    assert set(alike) == {half}


def test_functions_are_no_nets_but_may_be_rules():
    for one in (lambda x: x - 0.5, np.sign, type("Classifier", (), {"predict": None})()):
        with pytest.raises(TypeError, match=r"`net` must be .*, or Rule\.of_function"):
            u.clean_error(one)
    with pytest.raises(TypeError, match=r'`truth` must be a Truth, got int; pass "-1"'):
        u.clean_error(u.ReluNet([1.0], [1.0], [0.0]), truth=-1)


@pytest.mark.filterwarnings("error")
def test_infinite_values_of_functions_have_signs():
    rule = u.Rule.of_function(SAMPLE, lambda x: np.inf if x > 0.5 else -np.inf, [0.5])
    assert float(u.clean_error(rule)) == 0.5


@pytest.mark.parametrize(
    ("function", "message", "mended"),
    [
        (
            lambda x: x > 0.5,
            "return 1 if it is true, else -1",
            lambda f: lambda x: 1 if f(x) else -1,
        ),
        (lambda x: int(x > 0.5), "return 2 * f(x) - 1 of cl", lambda f: lambda x: 2 * f(x) - 1),
        (
            lambda x: np.uint8(x > 0.5) * np.uint8(2) - np.uint8(1),
            "got 255 of uint8 at 0.25, which wraps around",
            lambda f: lambda x: 2.0 * (f(x) == 1) - 1.0,
        ),
        (
            lambda x: x[:, 0] - 0.5,
            "pass lambda x: f(numpy.array([[x]]))",
            lambda f: lambda x: f(np.array([[x]])),
        ),
        (
            lambda x: x[0] - 0.5,
            "pass lambda x: f(numpy.array([x]))",
            lambda f: lambda x: f(np.array([x])),
        ),
        (lambda x: np.array([0.5, x]), "return one number", lambda f: lambda x: x - 0.5),
    ],
    ids=["truth values", "classes", "bytes", "of a matrix", "of a vector", "two numbers"],
)
@pytest.mark.filterwarnings("ignore:overflow encountered")
def test_remedies_for_functions_lead_on(function, message, mended):
    with pytest.raises((TypeError, ValueError), match="`truth` must") as caught:
        u.Truth.of_function(function, [0.5])
    assert message in str(caught.value)
    assert u.Truth.of_function(mended(function), [0.5]) == u.Truth([0.5], "-+")


@pytest.mark.parametrize(
    "found",
    [
        [0.25],
        ([0.5], [1.0, -1.0]),
        None,
        u.Signs(np.array([0.5]), np.array([0.5]), np.array([1.0, -1.0])),
    ],
    ids=["a list", "a pair", "nothing", "numbers for pairs"],
)
def test_other_signs_are_refused(found):
    with pytest.raises(TypeError, match="`signs` of Told must return Signs"):
        u.clean_error(Told(SAMPLE, found))


@pytest.mark.core
@pytest.mark.parametrize(
    ("lower", "upper", "signs", "message"),
    [
        ([0.5], [0.5], [1], "one more than the borders"),
        ([[0.5]], [[0.5]], [1, -1], "one more than the borders"),
        ([0.5, 0.25], [0.5, 0.25], [1, -1, 1], "in increasing order"),
        ([0.5], [0.25], [1, -1], "in increasing order"),
        ([0.5], [0.5], [1, 2], "must be -1, 0 or"),
        ([np.nan], [0.5], [1, -1], "`lower`"),
    ],
)
def test_signs_that_are_none(lower, upper, signs, message):
    with pytest.raises(ValueError, match=message):
        u.Signs.enclosed(lower, upper, signs)


class Threshold(u.Rule):
    """+1 left of 0.4, and what it tells of that."""

    def __init__(self, sample, place, signs, values=lambda x: np.where(np.less(x, 0.4), 1.0, -1.0)):
        object.__setattr__(self, "sample", sample)
        self.told = u.Signs.enclosed([place], [place], signs)
        self.values = values

    def __call__(self, x):
        return self.values(x)

    def signs(self, low, high):
        return self.told

    __setattr__ = object.__setattr__


@pytest.mark.parametrize("law", [None, "norm(0, 1)"])
@pytest.mark.parametrize(("place", "signs"), [(0.4, [-1, 1]), (0.95, [1, -1]), (0.1, [1, -1])])
def test_rules_that_tell_other_signs_than_they_have_are_refused(law, place, signs):
    sample = u.draw_sample(20, 0.2, rng=0, density=law)
    with pytest.raises(ValueError, match=r"`signs` of Threshold must be those of its values"):
        u.clean_error(Threshold(sample, place, signs))
    wrong = sample.density.sf(0.4)
    assert float(u.clean_error(Threshold(sample, 0.4, [1, -1]))) == pytest.approx(wrong, rel=1e-12)


def test_rules_that_cannot_be_asked_are_believed():
    for values in (lambda x: 1.0 if x < 0.4 else -1.0, lambda x: [[1.0]], lambda x: 1.0):
        rule = Threshold(SAMPLE, 0.4, [1, -1], values)
        assert u.clean_error(rule).value == pytest.approx(0.6, rel=1e-15)


def vote(sample, k):
    """The vote of the k nearest observations, by brute force."""
    return lambda x: float(sample.y[np.argsort(np.abs(sample.x - x), kind="stable")[:k]].sum())


@pytest.mark.parametrize("k", [1, 3])
@pytest.mark.parametrize("m", [40, 400])
def test_changes_of_sign_beside_observations_must_be_declared(m, k):
    for seed in range(5):
        sample = u.draw_sample(m, 0.25, rng=seed)
        wrong = u.exact_clean_error(u.NearestNeighbours(sample, k))
        with pytest.raises(ValueError, match="`breakpoints` must hold every change of sign"):
            u.Rule.of_function(sample, vote(sample, k), [])
        neighbours = u.NearestNeighbours(sample, k)
        places = neighbours.sign_changes().mean(axis=1).tolist()
        rule = u.Rule.of_function(sample, vote(sample, k), places)
        assert abs(float(u.clean_error(rule)) - float(wrong)) < 1e-13


def test_a_rule_may_have_its_labels_on_a_null_set():
    sample = u.draw_sample(100, 0.3, rng=0)
    labels = dict(zip(sample.x.tolist(), sample.y.tolist(), strict=True))
    rule = u.Rule.of_function(sample, lambda x: labels.get(x, 1.0), [])
    assert u.exact_clean_error(rule) == 0


def test_rules_that_err_on_observations_are_asked_inside_their_domain():
    asked = []
    sample = u.Sample.from_arrays([-3.0, 0.25, 0.5, 4.0], [-1.0, 1.0, -1.0, -1.0])

    def function(x):
        asked.append(x)
        return 1.0

    u.Rule.of_function(sample, function, [], domain=(0.0, 1.0))
    assert min(asked) > 0.0
    assert max(asked) < 1.0
    lone = u.Sample([0.5], [-1.0])
    assert u.exact_clean_error(u.Rule.of_function(lone, lambda x: 1.0, [])) == 0


def test_warnings_name_the_line_that_declares_a_rule():
    with pytest.warns(UserWarning, match="if these are probabilities") as caught:
        u.Rule.of_function(SAMPLE, lambda x: 0.25 + 0.5 * x, [])
    assert caught[0].filename == __file__


class Vote(u.Rule):
    """A vote that tells the borders of another number of neighbours."""

    def __init__(self, sample, k, told):
        self.sample, self.k, self.told = sample, k, told

    def __call__(self, x):
        return np.array([vote(self.sample, self.k)(one) for one in np.ravel(x)])

    def signs(self, low, high):
        return self.told


@pytest.mark.parametrize("k", [1, 3])
def test_signs_told_are_those_of_values_beside_observations(k):
    for seed in range(5):
        sample = u.draw_sample(200, 0.2, rng=seed)
        right = u.NearestNeighbours(sample, k)
        told = right.signs(0.0, 1.0)
        assert float(u.clean_error(Vote(sample, k, told))) == float(u.clean_error(right))
        plus = u.Signs.enclosed([], [], [1.0])
        for wrong in (plus, u.Signs.enclosed([0.001], [0.002], [1.0, 1.0])):
            with pytest.raises(ValueError, match="`signs` of Vote must be those of its values"):
                u.clean_error(Vote(sample, k, wrong))
