"""The statements about the shape of N: against a loop over exact splines, and on nets made to
violate them.
"""

import json
from fractions import Fraction
from itertools import groupby, pairwise

import cases
import numpy as np
import pytest
from oracles import exact

from univariate import DeepReluNet, ReluNet, Sample, Verdict, draw_sample, max_margin, structure
from univariate.paper.statements import REPORTED
from univariate.paper.structure import STRUCTURE_TOLERANCE

STATEMENTS = (
    "Lemma A.2",
    "Corollary A.3",
    "Proposition A.4",
    "Proposition A.4, mirrored",
    "Proposition A.5",
)


def polygon(knots, values, rng=None):
    """A net through the points (knots, values), constant right of the last and running on left of
    the first.

    Kinks look right, or at random; what is left over is a line, made by a constant neuron and one
    with a kink far away.
    """
    knots, values = np.asarray(knots, dtype=float), np.asarray(values, dtype=float)
    slopes = np.append(np.diff(values) / np.diff(knots), 0.0)
    jumps, at = np.diff(slopes), knots[1:]
    side = np.ones(len(at)) if rng is None else rng.choice([-1.0, 1.0], len(at))
    left = side < 0.0
    slope = slopes[0] + jumps[left].sum()
    rise = values[0] - slopes[0] * knots[0] - (jumps * at)[left].sum()
    far = knots[0] - 4.0
    line = [(slope, 1.0, -far), (rise + slope * far, 0.0, 1.0)]
    kinked = [(jump, way, -way * t) for jump, way, t in zip(jumps, side, at, strict=True)]
    return ReluNet(*np.array(line + kinked).T)


def reflected(net, sample):
    return ReluNet(net.v, -net.w, net.b), Sample(-sample.x[::-1], sample.y[::-1])


def random_instance(rng):
    """A net that interpolates, and often breaks the statements."""
    x = np.sort(rng.choice(64, rng.integers(2, 17), replace=False)) / 64
    y = np.where(rng.random(len(x)) < rng.choice([0.3, 0.8]), -1.0, 1.0)
    knots, values = list(x), list(y * rng.choice([1.0, 1.0, 1.5, 3.0], len(x)))
    often, heights = rng.choice([0.4, 0.95]), rng.permuted([-2.0, -1.0, -0.25, 0.25, 1.0, 2.0])[:4]
    for low, high in pairwise(x):
        if rng.random() < often:
            knots.append(low + (high - low) * rng.choice([0.25, 0.5]))
            values.append(rng.choice(heights))
    order = np.argsort(knots)
    net = polygon(np.array(knots)[order], np.array(values)[order], rng)
    return ReluNet(net.v * rng.choice([0.25, 1.0, 7.0]), net.w, net.b), Sample(x, y)


def expected(net, sample):
    """{statement: sorted violations (first, last)} by loops in rational arithmetic, and how often
    it was checked.
    """
    x, y, m = sample.x, sample.y, sample.size
    worst = min(exact.margins(net.v, net.w, net.b, x, y))
    height = [
        label * margin / worst
        for label, margin in zip(map(int, y), exact_margins(net, sample), strict=True)
    ]
    little = Fraction(STRUCTURE_TOLERANCE)

    def inside(i):
        knots = exact.breakpoints(net.v, net.w, net.b, x[i], x[i + 1])
        return [(t, exact.net_value(net.v, net.w, net.b, t) / worst) for t in knots]

    def from_line(i):
        low, high = Fraction(x[i]), Fraction(x[i + 1])
        chord = [
            height[i] + (height[i + 1] - height[i]) * (t - low) / (high - low) for t, _ in inside(i)
        ]
        return max(
            [abs(value - line) for (_, value), line in zip(inside(i), chord, strict=True)],
            default=0,
        )

    found = {name: [] for name in STATEMENTS}
    checked = dict.fromkeys(STATEMENTS, 0)
    for label, members in groupby(range(m), key=lambda i: y[i]):
        run = list(members)
        i, j = run[0], run[-1]
        if label < 0 and j > i:
            checked["Lemma A.2"] += 1
            found["Lemma A.2"] += [(i, j)] * bool(increases(net, worst, x[i], x[j]) > 2)
    for i in range(m - 4):
        if np.all(y[i : i + 5] < 0):
            checked["Corollary A.3"] += 1
            tops = [
                max([height[k], height[k + 1], *(value for _, value in inside(k))])
                for k in range(i, i + 4)
            ]
            found["Corollary A.3"] += [(i, i + 4)] * (min(tops) > little)
    for i in range(1, m - 1):
        if y[i - 1] > 0 > y[i] and y[i + 1] > 0:
            for name, side in (("Proposition A.4", 1), ("Proposition A.4, mirrored", -1)):
                checked[name] += 1
                gap = min(i, i + side)
                broken = (-height[i] - 1, height[i + side] - 1, from_line(gap))
                found[name] += [(gap, gap + 1)] * sum(excess > little for excess in broken)
    for i in range(m - 1):
        if y[i] > 0 and y[i + 1] > 0:
            checked["Proposition A.5"] += 1
            lowest = min([0, *(value for _, value in inside(i))])
            found["Proposition A.5"] += [(i, i + 1)] * (lowest < -little)
    return found, checked


def exact_margins(net, sample):
    return exact.margins(net.v, net.w, net.b, sample.x, sample.y)


def increases(net, worst, low, high):
    """Points of [low, high] at which N' increases; kinks that agree to nine digits are one."""
    jumps = {}
    for v, w, b in zip(net.v, net.w, net.b, strict=True):
        if v != 0.0 and w != 0.0 and low <= -b / w <= high:
            t = round(-b / w, 9)
            jumps[t] = jumps.get(t, 0.0) + v * abs(w)
    return sum(
        bool(jump / float(worst) * (high - low) > STRUCTURE_TOLERANCE) for jump in jumps.values()
    )


def segments(check):
    return sorted((violation.first, violation.last) for violation in check.violations)


def test_against_loops_over_exact_splines():
    rng = np.random.default_rng(0)
    seen = dict.fromkeys(STATEMENTS, 0)
    for _ in range(300):
        net, sample = random_instance(rng)
        found = structure(net, sample)
        wanted, checked = expected(net, sample)
        for name, check in zip(STATEMENTS, found.checks, strict=True):
            assert check.statement == name
            assert segments(check) == wanted[name]
            assert check.checked == checked[name]
            assert check.violated == len(wanted[name])
            assert (check.verdict is Verdict.FAILS) == bool(wanted[name])
            seen[name] += check.violated > 0
    assert min(seen.values()) >= 5


@pytest.mark.parametrize("noise", [0.1, 0.25, 0.5, 0.9])
def test_the_statements_hold_at_optima(noise):
    for seed in range(8):
        sample = draw_sample(300, noise, rng=seed)
        for check in structure(max_margin(sample).net, sample).checks:
            assert check.verdict is Verdict.HOLDS
            assert check.violations == ()
            assert check.checked == 0 or check.worst <= 1e-10


@pytest.mark.parametrize("case", cases.MARGINS, ids=str)
def test_the_statements_hold_on_worked_examples(case):
    found = structure(ReluNet(*case.net), Sample(case.x, case.y))
    assert all(check.verdict is Verdict.HOLDS for check in found.checks)
    assert found.worst_margin == pytest.approx(1.0, abs=1e-14)
    json.dumps(found.to_dict(), allow_nan=False)


def test_three_increases_in_a_run():
    """Kinks at 1/4, 1/2 and 3/4 bend upwards, those at 3/8 and 5/8 downwards; all look right."""
    net = polygon(
        [0.0, 0.25, 0.375, 0.5, 0.625, 0.75, 1.0], [-1.0, -2.0, -1.0, -2.0, -1.0, -2.0, -1.0]
    )
    sample = Sample([0.0, 0.375, 1.0], [-1.0, -1.0, -1.0])
    (violation,) = structure(net, sample).lemma_a2.violations
    assert (violation.first, violation.last, violation.value, violation.limit) == (0, 2, 3.0, 2.0)
    assert violation.quantity == "points at which N' increases"
    assert violation.neurons == (2, 3, 4, 5, 6, 7)
    fewer = Sample([0.0, 0.375, 0.6875], [-1.0, -1.0, -1.0])
    assert structure(net, fewer).lemma_a2.verdict is Verdict.HOLDS


def test_a_run_with_no_negative_gap():
    x = np.arange(5) / 4
    knots = np.arange(9) / 8
    net = polygon(knots, [-1.0, 0.5, -1.0, 0.25, -1.0, 0.5, -1.0, 0.5, -1.0])
    check = structure(net, Sample(x, -np.ones(5))).corollary_a3
    assert check.verdict is Verdict.FAILS
    (violation,) = check.violations
    assert (violation.first, violation.last, violation.value) == (0, 4, 0.25)
    assert check.worst == 0.25
    touching = polygon(knots, [-1.0, 0.5, -1.0, -1e-9, -1.0, 0.5, -1.0, 0.5, -1.0])
    assert structure(touching, Sample(x, -np.ones(5))).corollary_a3.verdict is Verdict.HOLDS


@pytest.mark.parametrize(
    ("values", "quantity", "value", "limit"),
    [
        ([1.0, -2.0, -0.5, 1.0], "N at the isolated −1", -2.0, -1.0),
        ([1.0, -1.0, 1.0, 3.0], "N at its right neighbour", 3.0, 1.0),
        ([1.0, -1.0, 0.5, 1.0], "largest distance of N from a line", 0.5, 0.0),
    ],
)
def test_three_ways_to_violate_proposition_a4(values, quantity, value, limit):
    net, sample = (
        polygon([0.0, 0.25, 0.5, 0.75], values),
        Sample([0.0, 0.25, 0.75], [1.0, -1.0, 1.0]),
    )
    found = structure(net, sample)
    (violation,) = found.proposition_a4.violations
    assert (violation.first, violation.last, violation.quantity) == (1, 2, quantity)
    assert (violation.value, violation.limit) == (pytest.approx(value, abs=1e-14), limit)
    assert violation.neurons == ((2, 4) if value in (-2.0, 3.0) else (2, 3, 4))
    assert found.proposition_a4_mirrored.violated == (value == -2.0)


def test_negative_between_two_positive():
    net, sample = polygon([0.0, 0.5, 1.0], [1.0, -0.75, 1.0]), Sample([0.0, 1.0], [1.0, 1.0])
    check = structure(ReluNet(4.0 * net.v, net.w, net.b), sample).proposition_a5
    (violation,) = check.violations
    assert (violation.first, violation.last, violation.value, violation.limit) == (0, 1, -0.75, 0.0)
    assert violation.neurons == (2, 3)
    assert check.worst == 0.75


def test_reflection_swaps_proposition_a4_and_its_mirror():
    rng = np.random.default_rng(1)
    for _ in range(60):
        net, sample = random_instance(rng)
        here, there = structure(net, sample), structure(*reflected(net, sample))
        pairs = (
            (here.lemma_a2, there.lemma_a2),
            (here.corollary_a3, there.corollary_a3),
            (here.proposition_a4, there.proposition_a4_mirrored),
            (here.proposition_a4_mirrored, there.proposition_a4),
            (here.proposition_a5, there.proposition_a5),
        )
        for one, other in pairs:
            last = sample.size - 1
            assert segments(one) == sorted((last - j, last - i) for i, j in segments(other))
            assert one.worst == pytest.approx(other.worst, abs=1e-12)


def test_splitting_a_neuron_changes_nothing():
    """Into two proportional ones, of which the kinks may round differently."""
    rng = np.random.default_rng(2)
    for _ in range(60):
        net, sample = random_instance(rng)
        share, stretch = rng.random(net.width), rng.uniform(0.1, 10.0, net.width)
        split = ReluNet(
            np.concatenate([share * net.v, (1.0 - share) * net.v / stretch]),
            np.concatenate([net.w, stretch * net.w]),
            np.concatenate([net.b, stretch * net.b]),
        )
        for one, other in zip(
            structure(net, sample).checks, structure(split, sample).checks, strict=True
        ):
            assert segments(one) == segments(other)
            assert one.worst == pytest.approx(other.worst, abs=1e-10)


def test_nothing_to_check_holds():
    for check in structure(ReluNet([1.0], [0.0], [1.0]), Sample([0.5], [1.0])).checks:
        assert (check.verdict, check.checked, check.worst) == (Verdict.HOLDS, 0, None)


def test_the_worst_violations_are_reported_and_all_counted():
    m = 4 * REPORTED + 1
    x = np.arange(m) / m
    depths = np.linspace(0.5, 2.0, m - 1)
    net = polygon(
        np.arange(2 * m - 1) / (2 * m),
        np.append(np.column_stack([np.ones(m - 1), -depths]).ravel(), 1.0),
    )
    check = structure(net, Sample(x, np.ones(m))).proposition_a5
    assert (check.checked, check.violated, len(check.violations)) == (m - 1, m - 1, REPORTED)
    assert [violation.first for violation in check.violations] == list(
        range(m - 2, m - 2 - REPORTED, -1)
    )


def test_tolerance_is_in_units_of_the_worst_margin():
    net, sample = (
        polygon([0.0, 0.25, 0.75], [1.0, -1.01, 1.0]),
        Sample([0.0, 0.25, 0.75], [1.0, -1.0, 1.0]),
    )
    small = ReluNet(net.v / 1024.0, net.w, net.b)
    assert structure(small, sample, tolerance=0.0099).proposition_a4.violated == 1
    assert structure(small, sample, tolerance=0.0101).proposition_a4.violated == 0
    assert structure(small, sample).worst_margin == pytest.approx(1.0 / 1024.0, rel=1e-12)


def test_other_arguments_are_refused():
    sample = Sample([0.25, 0.5], [1.0, -1.0])
    with pytest.raises(TypeError, match="`net` must be a ReluNet"):
        structure(DeepReluNet([([[1.0]], [0.0]), ([[1.0]], [0.5])]), sample)
    with pytest.raises(ValueError, match=r"at observation 1, x = 0\.5"):
        structure(ReluNet([1.0], [1.0], [0.0]), sample)
    with pytest.raises(TypeError, match="`sample` must be a Sample"):
        structure(ReluNet([1.0], [1.0], [0.0]), None)
    with pytest.raises(ValueError, match="`tolerance`"):
        structure(max_margin(sample).net, sample, tolerance=2.0)
    with pytest.raises(ValueError, match="range of normal doubles"):
        structure(ReluNet([2.0**1000], [2.0**1000], [0.0]), Sample([0.25], [1.0]))
    with pytest.raises(ValueError, match="remove the neurons"):
        structure(
            ReluNet([1e-300, 1e200], [0.0, 1.0], [1.0, -0.25]), Sample([0.25, 0.75], [1.0, 1.0])
        )


def test_a_large_net_takes_no_loop():
    sample = draw_sample(20_000, 0.4, rng=0)
    found = structure(max_margin(sample).net, sample)
    assert all(check.verdict is Verdict.HOLDS for check in found.checks)
    assert found.proposition_a4.checked > 2_000
