"""Clean errors of rules that are no nets: closed forms, brute force, coverage, refusals."""

import re
import warnings
from fractions import Fraction

import numpy as np
import pytest
from scipy.spatial import SphericalVoronoi

import highdim as h
from highdim.error import exact_signs
from univariate.common.result import Verdict


def circle(angles, y):
    return h.SphereSample(np.column_stack([np.cos(angles), np.sin(angles)]), y)


def nearest_label(sample, x):
    """By distances, one by one."""
    distances = [float(np.sum((x - one) ** 2)) for one in sample.X]
    return sample.y[int(np.argmin(distances))]


def test_the_nearest_neighbour_on_the_circle_errs_half_way():
    """−1 at angle 0, +1 at 1 and at −2: errors from −1 to ½."""
    sample = circle(np.array([0.0, 1.0, -2.0]), [-1.0, 1.0, 1.0])
    found = h.rule_clean_error(h.NearestNeighbour(sample), rng=0, level=0.9999)
    truth = 1.5 / (2.0 * np.pi)
    assert found.low <= truth <= found.high
    assert (found.method, found.law) == ("points", "uniform on the sphere")


def test_the_nearest_neighbour_in_space_errs_on_its_voronoi_cells():
    sample = h.draw_sphere_sample(15, 3, 0.4, rng=3)
    areas = SphericalVoronoi(sample.X).calculate_areas()
    truth = float(areas[sample.y < 0.0].sum() / areas.sum())
    found = h.rule_clean_error(h.NearestNeighbour(sample), rng=0, level=0.9999)
    assert found.low <= truth <= found.high


@pytest.mark.parametrize("law", [h.Gaussian(2.0), h.Ball(3.0)], ids=str)
def test_the_nearest_neighbour_decides_by_distance_whatever_the_law(law):
    sample = h.draw_sphere_sample(12, 4, 0.3, rng=1, law=law)
    rule = h.NearestNeighbour(sample)
    X = law.draw(200, 4, np.random.default_rng(5))
    np.testing.assert_array_equal(np.sign(rule(X)), [nearest_label(sample, x) for x in X])
    np.testing.assert_array_equal(np.sign(rule(sample.X)), sample.y)
    assert h.rule_clean_error(rule, rng=0).law == law.name


def test_one_label_is_the_answer_everywhere():
    for label, error in ((1.0, 0.0), (-1.0, 1.0)):
        sample = h.SphereSample(np.eye(3), np.full(3, label))
        assert h.rule_clean_error(h.NearestNeighbour(sample), rng=0).value == error


def test_equal_distances_count_for_the_value_and_not_for_the_lower_end():
    """+1 and −1 mirrored in the third coordinate, and points that have none."""
    sample = h.SphereSample([[0.0, 0.0, 1.0], [0.0, 0.0, -1.0]], [1.0, -1.0])
    flat = h.Sampler(lambda rng, n: np.column_stack([rng.standard_normal((n, 2)), np.zeros(n)]))
    found = h.rule_clean_error(h.NearestNeighbour(sample), law=flat, rng=0)
    assert (found.value, found.high) == (1.0, 1.0)


def test_the_regression_is_that_of_features_drawn_at_random():
    """The kernel is E[σ(w·x̃) σ(w·x̃′)] and E[σ'σ'] x̃·x̃′ over normal w, times 2."""
    sample = h.draw_sphere_sample(6, 3, 0.3, rng=2)
    rule = h.TangentRegression.of(sample)
    np.testing.assert_allclose(rule(sample.X), sample.y, atol=1e-9)
    X = h.Gaussian().draw(5, 3, np.random.default_rng(0))
    W = np.random.default_rng(1).standard_normal((400_000, 4))

    def kernel(left, right):
        left, right = (np.column_stack([part, np.ones(len(part))]) for part in (left, right))
        a, b = left @ W.T, right @ W.T
        outputs = np.maximum(a, 0.0) @ np.maximum(b, 0.0).T
        inner = (1.0 * (a > 0.0)) @ (1.0 * (b > 0.0)).T * (left @ right.T)
        return 2.0 * (outputs + inner) / len(W)

    drawn = kernel(X, sample.X) @ np.linalg.solve(kernel(sample.X, sample.X), sample.y)
    np.testing.assert_allclose(rule(X), drawn, atol=0.1)


def test_bounds_on_rounding_hold_against_longer_numbers():
    sample = h.draw_sphere_sample(8, 3, 0.3, rng=2)
    rule = h.TangentRegression.of(sample)
    X = np.concatenate([sample.X + 1e-7, h.Gaussian().draw(50, 3, np.random.default_rng(0))])
    values, bounds = rule.bounded(X)
    lifted, data = (
        np.column_stack([part, np.ones(len(part))]).astype(np.longdouble) for part in (X, sample.X)
    )
    r = np.sqrt(np.outer(np.sum(lifted**2, axis=1), np.sum(data**2, axis=1)))
    cosine = np.clip(lifted @ data.T / r, -1, 1)
    rest = np.arccos(-cosine)
    exact = (
        r
        * (2 * rest * cosine + np.sqrt((1 - cosine) * (1 + cosine)))
        / np.arccos(np.longdouble(-1))
    )
    exact = exact @ rule.coefficients.astype(np.longdouble)
    assert np.all(np.abs(values - exact) <= bounds)
    assert np.median(bounds) < 1e-11


@pytest.mark.parametrize("scale", [2.0**-1000, 2.0**-530, 1.0, 2.0**490])
def test_the_nearest_neighbour_is_the_same_at_every_scale(scale):
    """Squares of 1e-200 are no doubles; they are no zeros, either."""
    unit = h.draw_sphere_sample(12, 3, 0.4, rng=2)
    rule = h.NearestNeighbour(h.SphereSample(scale * unit.X, unit.y))
    X = np.random.default_rng(0).standard_normal((50, 3))
    values, bounds = rule.bounded(scale * X)
    assert np.all(np.sign(values) == [nearest_label(unit, x) for x in X])
    assert np.all(np.abs(values) > bounds)


@pytest.mark.parametrize("size", [2.0**-400, 2.0**-700, 2.0**-900])
def test_observations_that_are_tiny_beside_the_points_are_left_open(size):
    """Squares of their coordinates vanish. Rows of the same numbers in another order are equally
    far from every point of the diagonal; rounding may not tell them apart.
    """
    rng = np.random.default_rng(1)
    for _ in range(50):
        row = rng.random(5)
        X = size * np.array([row, np.roll(row, 2)])
        rule = h.NearestNeighbour(h.SphereSample(X, [1, -1]))
        values, bounds = rule.bounded(rng.random((20, 1)) * np.ones(5))
        assert np.all(np.abs(values) <= bounds)


@pytest.mark.parametrize("point", [1.0, 1e100])
def test_what_the_nearest_neighbour_cannot_tell_is_left_open(point):
    """Two observations closer than the least double of full precision, looked at from 1 and from
    where they are 0.
    """
    rule = h.NearestNeighbour(h.SphereSample([[1e-310, 0.0], [-1e-310, 0.0]], [1.0, -1.0]))
    values, bounds = rule.bounded(np.array([[point, 0.0]]))
    assert np.all(np.abs(values) <= bounds)


def test_intervals_of_a_rule_cover_as_often_as_they_say():
    """250 seeds of 200 points of a half space by a plain function; at least as often."""
    covered = 0
    for seed in range(250):
        found = h.rule_clean_error(lambda X: X[:, 0], 4, samples=200, level=0.9, rng=seed)
        covered += found.low <= 0.5 <= found.high
    assert covered >= 225 - 3.0 * np.sqrt(22.5)


def test_what_a_rule_needs_at_a_time_does_not_grow_with_the_observations():
    class Counted:
        sample = h.draw_sphere_sample(5000, 2, 0.1, rng=0)
        rows = ()

        def __call__(self, X):
            self.rows = (*self.rows, len(X))
            return X[:, 0]

    rule = Counted()
    h.rule_clean_error(rule, samples=1000, rng=0)
    assert sum(rule.rows) == 1000
    assert max(rule.rows) * rule.sample.size <= 2**19


def test_rules_are_held_against_a_truth():
    truth = h.half_space([np.cos(1.0), np.sin(1.0), 0.0])
    found = h.rule_clean_error(
        lambda X: np.where(X[:, 0] > 0.0, 1, -1), 3, truth=truth, rng=0, level=0.999
    )
    assert found.low <= 1.0 / np.pi <= found.high
    sample = h.draw_sphere_sample(60, 3, 0.0, rng=0, truth=truth)
    own = h.rule_clean_error(h.NearestNeighbour(sample), rng=0)
    assert own.value < 0.2


def test_signs_of_the_truth_that_rounding_hides_are_exact(monkeypatch):
    """At (1, ±10⁻¹⁷, −1) the sum is of that sign, and 0 in doubles: open without exact sums."""
    truth = h.half_space([1.0, 1.0, 1.0])
    for small, wrong in ((1e-17, 0.0), (-1e-17, 1.0), (0.0, 1.0)):
        beside = h.Sampler(lambda rng, n, e=small: np.tile([1.0, e, -1.0], (n, 1)), "one point")
        options = {"law": beside, "truth": truth, "samples": 100, "rng": 0}
        found = h.rule_clean_error(lambda X: np.ones(len(X)), 3, **options)
        assert (found.value, found.low > 0.0, found.high == 1.0) == (wrong, wrong == 1.0, wrong)
        with monkeypatch.context() as context:
            context.setattr(exact_signs, "BUDGET", 0)
            found = h.rule_clean_error(lambda X: np.ones(len(X)), 3, **options)
            assert (found.low, found.value, found.high) == (0.0, 1.0, 1.0)


SAMPLE = h.SphereSample(np.eye(3), [1.0, 1.0, -1.0])


@pytest.mark.parametrize(
    ("call", "error", "message"),
    [
        (lambda: h.rule_clean_error(3, 2, rng=0), TypeError, "`rule` must be a function"),
        (lambda: h.rule_clean_error(np.sum, rng=0), ValueError, "`dimension` must be given"),
        (lambda: h.rule_clean_error(lambda X: X, 2, rng=0), ValueError, "one number for every"),
        (
            lambda: h.rule_clean_error(lambda X: X[:, 0] * np.nan, 2, rng=0),
            ValueError,
            "`rule` must be finite",
        ),
        (lambda: h.NearestNeighbour(3), TypeError, "`sample` must be a SphereSample"),
        (lambda: h.TangentRegression.of(3), TypeError, "`sample` must be a SphereSample"),
        (lambda: h.NearestNeighbour(SAMPLE)(np.ones((2, 4))), ValueError, "`X` must have shape"),
        (lambda: h.TangentRegression(3, [1.0]), TypeError, "`sample` must be a SphereSample"),
        (
            lambda: h.TangentRegression(SAMPLE, np.ones(SAMPLE.size - 1)),
            ValueError,
            "`coefficients` must have a number for each of the",
        ),
        (
            lambda: h.TangentRegression(SAMPLE, np.full(SAMPLE.size, np.nan)),
            ValueError,
            "`coefficients` must be finite",
        ),
    ],
    ids=range(10),
)
def test_bad_input(call, error, message):
    with pytest.raises(error, match=message):
        call()


# The linear rule


@pytest.mark.parametrize(("m", "d"), [(10, 30), (30, 10), (6, 200)])
def test_the_half_space_of_largest_margin(m, d):
    truth = h.half_space(np.eye(d)[0], 0.05)
    sample = h.draw_sphere_sample(m, d, 0.0, rng=1, truth=truth)
    found = h.max_margin_half_space(sample)
    assert found.verdict is Verdict.HOLDS
    margins = sample.y * (sample.X @ found.direction - found.offset)
    assert margins.min() == pytest.approx(found.margin, rel=1e-9)
    assert found.margin <= found.upper * (1.0 + 1e-12)
    for label in (1.0, -1.0):
        assert found.multipliers[sample.y == label].sum() == pytest.approx(1.0)
    # of all half spaces near it none is better
    rng = np.random.default_rng(0)
    for _ in range(200):
        a = found.direction + 1e-3 * rng.standard_normal(d)
        values = sample.X @ (a / np.linalg.norm(a))
        margin = 0.5 * (values[sample.y > 0.0].min() - values[sample.y < 0.0].max())
        assert margin <= found.margin * (1.0 + 1e-6)
    error = h.clean_error(found.net, truth=truth, rng=0)
    assert 0.0 < error.value < 0.5


def test_two_points_have_the_border_between_them():
    found = h.max_margin_half_space(h.SphereSample([[3.0, 4.0], [0.0, 0.0]], [1.0, -1.0]))
    np.testing.assert_allclose(found.direction, [0.6, 0.8], atol=1e-9)
    assert (found.offset, found.margin) == pytest.approx((2.5, 2.5))
    assert h.clean_error(found.net).value == pytest.approx(1.0)  # the circle is on the side of 0


def test_samples_that_no_half_space_separates_are_refused():
    square = h.SphereSample([[1, 0], [-1, 0], [0, 1], [0, -1]], [1, 1, -1, -1])
    with pytest.raises(ValueError, match="`sample` must be separated by a half space"):
        h.max_margin_half_space(square)
    with pytest.raises(ValueError, match="`sample` must have labels of both signs"):
        h.max_margin_half_space(h.SphereSample(np.eye(2), [1, 1]))


def exact_margin(sample, a, c):
    """The squared margin of a·x > c, by Fractions; negative where it does not separate."""
    a = [Fraction(entry) for entry in a.tolist()]
    least = min(
        int(label) * (sum(p * Fraction(q) for p, q in zip(a, x, strict=True)) - Fraction(c))
        for x, label in zip(sample.X.tolist(), sample.y.tolist(), strict=True)
    )
    square = least**2 / sum(entry**2 for entry in a)
    return square if least > 0 else -square


def exact_upper(sample, multipliers):
    """The squared half distance of the points of both hulls, in rational arithmetic."""
    points = []
    for label in (1.0, -1.0):
        rows = sample.X[sample.y == label].tolist()
        weights = [Fraction(entry) for entry in multipliers[sample.y == label].tolist()]
        total = sum(weights)
        columns = zip(*rows, strict=True)
        points.append(
            [
                sum(w * Fraction(x) for w, x in zip(weights, column, strict=True)) / total
                for column in columns
            ]
        )
    return sum((p - q) ** 2 for p, q in zip(*points, strict=True)) / 4


@pytest.mark.parametrize("scale", [1e-290, 1.0, 1e130], ids=str)
@pytest.mark.parametrize("shift", [0.0, 1e4, -1e8, 1e15], ids=str)
@pytest.mark.parametrize(("m", "d"), [(12, 3), (6, 40)])
def test_bounds_on_the_margin_are_proved_wherever_the_origin_is(m, d, shift, scale):
    truth = h.half_space(np.eye(d)[0], 0.05)
    drawn = h.draw_sphere_sample(m, d, 0.0, rng=1, truth=truth)
    sample = h.SphereSample(scale * (drawn.X + shift), drawn.y)
    found = h.max_margin_half_space(sample)
    assert Fraction(found.margin) ** 2 <= exact_margin(sample, found.direction, found.offset)
    assert exact_upper(sample, found.multipliers) <= Fraction(found.upper) ** 2
    if abs(shift) < 1e8:
        assert found.verdict is Verdict.HOLDS
        at_home = h.max_margin_half_space(drawn)
        assert found.margin / scale == pytest.approx(at_home.margin, rel=1e-5)
    else:
        assert found.verdict is Verdict.HOLDS or "too far apart" in found.reason
    assert found.reason


HALF = h.half_space([1.0, 0.0, 0.0])


def test_classes_0_and_1_are_refused_against_a_truth():
    """Where the truth is -1, the class 0 is right, and was counted as an error."""
    tilted = np.array([1.0, 1.0, 0.0])

    def classes(X):
        return (X @ tilted > 0.0).astype(int)

    with pytest.raises(ValueError, match="`rule` must decide by its sign, got 0 and 1 alone"):
        h.rule_clean_error(classes, 3, truth=HALF, rng=0)
    found = h.rule_clean_error(lambda X: 2.0 * classes(X) - 1.0, 3, truth=HALF, rng=0, level=0.9999)
    assert found.low <= 0.25 <= found.high  # the angle is π/4
    # against +1 the class 0 is an error, as it is meant
    found = h.rule_clean_error(classes, 3, rng=0, level=0.9999)
    assert found.low <= 0.5 <= found.high
    # no decision anywhere on a half
    found = h.rule_clean_error(lambda X: 2.0 * classes(X), 3, truth=HALF, rng=0, level=0.9999)
    assert found.low <= 0.625 <= found.high


def test_rules_that_prepare_inputs_in_place_change_nothing_else():
    """The truth was asked at the points that the rule had moved."""

    def turned(X):
        X *= -1.0
        return X[:, 0]

    found = h.rule_clean_error(turned, 3, truth=HALF, samples=1000, rng=0)
    assert found.value == 1.0


def first(X):
    return X[:, 0]


@pytest.mark.parametrize(
    "wrong",
    [
        lambda X: first(X)[:, None],
        lambda X: first(X)[None, :],
        lambda X: np.column_stack([-first(X), first(X)]),
        lambda X: np.column_stack(
            [1.0 / (1.0 + np.exp(first(X))), 1.0 / (1.0 + np.exp(-first(X)))]
        ),
        lambda X: first(X) > 0.0,
        lambda X: np.where(first(X) > 0.0, "right", "left"),
        lambda x: 1.0 if x[0] > 0.0 else -1.0,
        lambda x: float(x[0]),
        lambda x: x[0],
    ],
    ids=[
        *("a column", "a row", "two scores", "two probabilities", "truth values", "texts"),
        *("a point, with if", "a point, by float", "a point"),
    ],
)
def test_remedies_for_rules_lead_on(wrong):
    """Each message holds the function that is wanted; the rule is the half space x_1 > 0."""
    with pytest.raises((TypeError, ValueError), match=r"`rule` must .* pass lambda X: ") as caught:
        h.rule_clean_error(wrong, 3, rng=0)
    way = str(caught.value).rpartition("pass ")[2]
    mended = eval(way, {"np": np, "rule": wrong, "right": "right"})
    X = h.Gaussian().draw(50, 3, 0)
    np.testing.assert_array_equal(np.sign(mended(X)), np.sign(X[:, 0]))
    assert h.rule_clean_error(mended, 3, truth=HALF, samples=2000, rng=0).value == 0.0


def test_errors_of_rules_themselves_come_through():
    def broken(X):
        raise ValueError("no such file")

    def choosy(X):
        if np.any(X < 0.0):
            raise ValueError("no such point")
        return X[:, 0]

    for rule, text in ((broken, "no such file"), (choosy, "no such point")):
        with pytest.raises(ValueError) as found:  # noqa: PT011 (all of the text is compared)
            h.rule_clean_error(rule, 3, rng=0)
        assert str(found.value) == text


def test_rules_of_another_dimension_are_told_theirs():
    """Words of numpy's came from within, of core dimensions and gufuncs."""
    sample = h.draw_sphere_sample(10, 3, 0.1, rng=0)
    mean = sample.X.mean(axis=0)
    functions = {
        "a product": lambda X: X @ mean,
        "differences": lambda X: np.sum((X - mean) ** 2, axis=1) - 1.0,
        "a coordinate": lambda X: X[:, 2] if X.shape[1] < 4 else X[:, 9],
    }
    for name, rule in functions.items():
        assert 0.0 <= h.rule_clean_error(rule, 3, samples=20, rng=0).value <= 1.0, name
        for d in (2, 4, 7):
            with pytest.raises((ValueError, IndexError)) as found:
                h.rule_clean_error(rule, d, samples=20, rng=0)
            (note,) = found.value.__notes__
            assert re.match(rf"`rule` was asked .*, {d}\); pass the `dimension` of its", note)
    rules = {
        "neighbours": h.NearestNeighbour(sample),
        "a regression": h.TangentRegression.of(sample),
        "a net": h.init_network(4, 3, rng=0),
        "a deep net": h.init_network(4, 3, depth=3, rng=0),
    }
    for name, rule in rules.items():
        assert 0.0 <= h.rule_clean_error(rule, 3, samples=20, rng=0).value <= 1.0, name
        for d in (2, 4, 7):
            text = rf"^`dimension` must be that of the inputs of `rule`, 3, got {d}; pass 3$"
            with pytest.raises(ValueError, match=text):
                h.rule_clean_error(rule, d, samples=20, rng=0)


@pytest.mark.filterwarnings("error")
def test_values_of_nets_are_no_codes_of_classes():
    """σ(x_1)/2 is 0 on a half and below 1; |x_1| is never 1 here but on its plateau."""
    half = h.TwoLayerNet([0.5], [[1.0, 0.0]])
    found = h.rule_clean_error(half, 2, rng=0, level=0.9999)
    assert found.low <= 0.5 <= found.high
    deeper = h.ThreeLayerNet([1.0], [[0.5]], None, [[1.0, 0.0]], None)
    assert h.rule_clean_error(deeper, 2, rng=0).value == found.value
    step = h.TwoLayerNet([1.0, -1.0], [[2.0, 0.0], [2.0, 0.0]], [0.0, -1.0])
    at = h.Sampler(lambda rng, n: rng.choice([-1.0, 1.0], (n, 2)), "corners")
    options = {"law": at, "truth": h.half_space([1.0, 0.0]), "rng": 0, "level": 0.9999}
    found = h.rule_clean_error(step, 2, **options)  # 0 at x_1 = −1, and 0 is an error
    assert found.low <= 0.5 <= found.high
    for net in (half, deeper):
        with pytest.warns(UserWarning, match="values from 0 to 1 alone"):
            h.rule_clean_error(lambda X, net=net: 1.0 * net(X), 2, rng=0)


class Classifier:
    """As of a library: methods, and no call."""

    def predict(self, X):
        return np.sign(first(X))


@pytest.mark.parametrize(
    ("wrong", "message"),
    [
        (Classifier(), "got Classifier; pass rule.predict"),
        (
            lambda X: np.where(np.abs(first(X)) < 0.1, np.nan, first(X)),
            r"pass lambda X: np.nan_to_",
        ),
        (lambda X: 1e308 * first(X) / (np.abs(first(X)) > 0.1), r"got -?inf \(\d+ such\); decide"),
    ],
    ids=["a classifier", "NaN", "infinite"],
)
@pytest.mark.filterwarnings("ignore:divide by zero")
def test_other_remedies_for_rules_lead_on(wrong, message):
    with pytest.raises((TypeError, ValueError), match=message) as caught:
        h.rule_clean_error(wrong, 3, rng=0)
    way = str(caught.value).rpartition("pass ")[2].partition(", where")[0]
    mended = eval(way, {"np": np, "rule": wrong})
    found = h.rule_clean_error(mended, 3, truth=HALF, samples=2000, rng=0).value
    assert found == (pytest.approx(0.1, abs=0.05) if "nan" in message else 0.0)


def test_labels_that_wrapped_around_are_refused():
    """2 y − 1 of bytes 0 and 1 is 255 and 1: positive everywhere, which was the error of +1."""

    def labels(X):
        return np.uint8(2) * (first(X) > 0.0).astype(np.uint8) - np.uint8(1)

    for truth in (None, HALF):
        with pytest.raises(ValueError, match="got 255 of uint8, which has no numbers below 0"):
            h.rule_clean_error(labels, 3, truth=truth, rng=0)
    few = h.rule_clean_error(lambda X: (first(X) > 0.0).astype(np.uint8), 3, rng=0, level=0.9999)
    assert few.low <= 0.5 <= few.high


def test_three_classes_are_a_warning():
    def classes(X):
        return np.digitize(first(X), [-0.5, 0.5])

    with pytest.warns(UserWarning, match="gives whole numbers from 0 to 2 alone: if these are cl"):
        h.rule_clean_error(classes, 3, rng=0)
    with pytest.warns(UserWarning, match="gives whole numbers from 1 to 3 alone"):
        h.rule_clean_error(lambda X: classes(X) + 1.0, 3, rng=0)


def test_errors_on_the_sphere_of_samples_off_it_are_a_warning():
    """As of standardised data: the sphere is meant if nothing is said."""
    sample = h.draw_sphere_sample(12, 3, 0.2, rng=0)
    off = h.SphereSample(3.0 * sample.X, sample.y)
    biased = h.init_network(5, 3, rng=1)
    asked = (
        lambda s, **law: h.clean_error(biased, sample=s, rng=0, samples=2, **law),
        lambda s, **law: h.rule_clean_error(h.NearestNeighbour(s), samples=2, rng=0, **law),
    )
    for ask in asked:
        with pytest.warns(UserWarning, match="`sample` has inputs off the unit sphere, and its"):
            ask(off)
        with warnings.catch_warnings():
            warnings.simplefilter("error")
            ask(off, law=h.Gaussian(9.0))
            ask(off, law=h.Sphere())
            ask(h.SphereSample(sample.X.astype(np.float16), sample.y))
            ask(h.SphereSample(off.X, off.y, law=h.Gaussian(9.0)))
    free = h.TwoLayerNet(biased.v, biased.W, None)
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        h.clean_error(free, sample=off, rng=0, samples=2)
