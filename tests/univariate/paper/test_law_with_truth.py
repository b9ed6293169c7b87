"""The nearest-neighbour law against any truth and under noise: it is about decisions, so verdicts
stay, and errors differ by no more than the law lets decisions differ. In rational arithmetic.
"""

import random
from fractions import Fraction
from itertools import pairwise

import numpy as np
import pytest
import rational_cases
from oracles import rational_kkt, truths
from scipy import stats

from univariate import (
    ReluNet,
    Sample,
    Truth,
    Verdict,
    draw_sample,
    exact_nearest_neighbour_difference,
    kkt_certificate,
    kkt_clean_error_bounds,
    kkt_noisy_error_bounds,
    max_margin,
    nearest_neighbour_law,
    nearest_neighbour_noisy_error,
    noisy_error,
    search_kkt_points,
    theorem_3_1,
    theorem_3_2,
)
from univariate.paper.law.reach import reach
from univariate.problem.population import Population

CASES = list(rational_cases.CASES)
ZERO = Fraction(0)


def rounded(point):
    net = ReluNet(*np.array([[float(part) for part in one] for one in point.neurons]).T)
    return net, Sample([float(x) for x in point.x], [float(y) for y in point.y])


def drawn_truth(rng, low, high, near=()):
    """Breakpoints anywhere in [low, high], some of them at given places."""
    pool = {low + (high - low) * Fraction(rng.randrange(1, 1000), 1000) for _ in range(3)}
    if near:
        pool |= {rng.choice(near) for _ in range(2)}
    kept = sorted(rng.sample(sorted(pool), rng.randrange(len(pool) + 1)))
    return Truth(kept, [rng.choice((1, -1)) for _ in range(len(kept) + 1)])


def signs_of(truth):
    return truths.Signs([Fraction(place) for place in truth.breakpoints], truth.signs)


@pytest.mark.parametrize("case", CASES)
def test_kkt_points_in_rationals_under_any_truth(case):
    rng = random.Random(case)
    for point, design in rational_cases.points(case):
        net, sample = rounded(point)
        law = truths.uniform(design.low, design.high)
        density = stats.uniform(float(design.low), float(design.high - design.low))
        certificate = kkt_certificate(net, sample)
        plain = nearest_neighbour_law(net, sample, certificate=certificate, density=density)
        kinks = [kink.place for kink in rational_kkt.kinks(point)]
        cuts = [*kinks, *point.x]
        middles = [(a + b) / 2 for a, b in pairwise(point.x)]
        for _ in range(3):
            truth = drawn_truth(rng, design.low, design.high, middles)
            signs = signs_of(truth)
            p = Fraction(rng.randrange(9), 8)
            errors = [truths.error(point.value, cuts, signs, law, q) for q in (ZERO, p)]
            nearest = [truths.neighbour_error(point.x, point.y, signs, law, q) for q in (ZERO, p)]
            found = nearest_neighbour_law(
                net, sample, certificate=certificate, truth=truth, density=density
            )
            assert found.difference.value == pytest.approx(float(errors[0] - nearest[0]), abs=1e-12)
            assert found.clean_error.value == pytest.approx(float(errors[0]), abs=1e-12)
            # decisions do not depend on the truth
            assert found.verdict is plain.verdict is Verdict.HOLDS
            assert [one.gap for one in found.deviations] == [one.gap for one in plain.deviations]
            assert [one.share for one in found.deviations] == [
                one.share for one in plain.deviations
            ]
            # and errors differ by no more than decisions do, a plateau N = 0 counted as one
            apart = decided_apart(point, law)
            assert abs(errors[0] - nearest[0]) <= apart
            assert abs(errors[1] - nearest[1]) <= max(p, 1 - p) * apart
            clean = kkt_clean_error_bounds(sample, truth=truth, density=density)
            assert Fraction(clean.low) <= errors[0] <= Fraction(clean.high)
            noisy = kkt_noisy_error_bounds(sample, float(p), truth=truth, density=density)
            assert Fraction(noisy.low) <= errors[1] <= Fraction(noisy.high)
            of_net = noisy_error(net, float(p), truth=truth, density=density)
            assert of_net.value == pytest.approx(float(errors[1]), abs=1e-12)


def decided_apart(point, law):
    """The mass on which the sign of N is not the label of the nearest observation."""
    borders = [(a + b) / 2 for a, b in pairwise(point.x)]
    label = truths.Signs(borders, point.y)
    kinks = [*(kink.place for kink in rational_kkt.kinks(point)), *point.x]
    cuts = [*kinks, *borders, *truths.zeros(point.value, kinks, law)]
    return truths.expectation(lambda x: Fraction(point.value(x) * label.at(x) <= 0), cuts, law)


def test_the_exact_difference_under_a_truth():
    rng = random.Random(1)
    for seed in range(30):
        sample = draw_sample(8, 0.3, rng=seed)
        net = max_margin(sample).net
        truth = drawn_truth(rng, ZERO, Fraction(1))
        x = [Fraction(one) for one in sample.x.tolist()]
        signs = signs_of(truth)
        law = truths.uniform()
        parts = zip(net.v.tolist(), net.w.tolist(), net.b.tolist(), strict=True)
        neurons = [tuple(Fraction(part) for part in one) for one in parts]

        def value(at, neurons=neurons):
            return sum((v * max(ZERO, w * at + b) for v, w, b in neurons), ZERO)

        kinks = [-b / w for _, w, b in neurons if w]
        nearest = truths.neighbour_error(x, [int(one) for one in sample.y], signs, law)
        expected = truths.error(value, kinks, signs, law) - nearest
        assert exact_nearest_neighbour_difference(net, sample, truth=truth) == expected
        told = Sample(sample.x, sample.y, truth=truth)
        assert exact_nearest_neighbour_difference(net, told) == expected


# The reach of a number of zeros


def decided(rng, x, y):
    """Some decisions with values in {+1, 0, −1}, made of those of the rule by spending zeros: as
    places, signs, and the number of zeros.
    """
    places, signs, spent = [], [y[0]], 0

    def inside(a, b, count):
        return sorted(a + (b - a) * Fraction(rng.randrange(1, 99), 99) for _ in range(count))

    if rng.random() < 0.3:  # from −∞ on another sign, or none
        places, signs, spent = inside(ZERO, x[0], 1), [rng.choice((0, -y[0])), y[0]], 1
    for (a, b), (left, right) in zip(pairwise(x), pairwise(y), strict=True):
        kind = rng.random()
        if left != right and kind < 0.4:
            places.append((a + b) / 2)
            signs.append(right)
        elif left != right and kind < 0.7:  # another border, or a plateau in its place
            cuts = inside(a, b, rng.choice((1, 2)))
            places += cuts
            signs += [right] if len(cuts) == 1 else [0, right]
            spent += 1
        elif left != right:
            places += inside(a, b, 3)
            signs += [right, left, right]
            spent += 3
        elif kind < 0.4:
            places += inside(a, b, 2)
            signs += [rng.choice((0, -left)), left]
            spent += 2
    if rng.random() < 0.3:
        places += inside(x[-1], Fraction(1), 1)
        signs.append(rng.choice((0, -y[-1])))
        spent += 1
    return truths.Signs(places, signs), spent


def test_no_decisions_with_so_many_zeros_err_more_or_less():
    rng = random.Random(3)
    law = truths.uniform()
    reached = 0
    for _ in range(400):
        x = sorted({Fraction(rng.randrange(1, 64), 64) for _ in range(rng.randrange(2, 9))})
        y = [rng.choice((1, -1)) for _ in x]
        truth = drawn_truth(rng, ZERO, Fraction(1), [(a + b) / 2 for a, b in pairwise(x)])
        p = Fraction(rng.randrange(9), 8) * rng.choice((0, 1))
        signs = signs_of(truth)
        decisions, spent = decided(rng, x, y)
        sample = Sample([float(one) for one in x], y)
        down, up = reach(sample, Population.of(None, truth), spent, float(p))

        def missed(at, decisions=decisions, signs=signs, p=p):
            product = decisions.at(at) * signs.at(at)
            return (1 - p) * (product <= 0) + p * (product >= 0)

        cuts = [*decisions.places, *signs.places]
        error = truths.expectation(missed, cuts, law)
        change = error - truths.neighbour_error(x, y, signs, law, p)
        assert -Fraction(down) <= change <= Fraction(up)
        reached += bool(spent and change and abs(change) > 0.5 * (up if change > 0 else down))
    assert reached > 20  # the bounds are not idle


def test_the_reach_is_attained():
    """Two observations, one border to be moved, an end to be turned over."""
    sample = Sample([0.25, 0.75], [-1, 1])
    plain = Population.of()
    # f* ≡ +1: the right half of the gap may become wrong, or the right end; the left half right
    assert reach(sample, plain, 1) == pytest.approx((0.25, 0.25), abs=1e-12)
    assert reach(sample, plain, 2) == pytest.approx((0.5, 0.5), abs=1e-12)
    # the truth of the rule itself: nothing to gain, and a plateau loses the whole gap
    own = Population.of(None, "0.5:-+")
    assert reach(sample, own, 1) == pytest.approx((0.0, 0.5), abs=1e-12)
    assert reach(sample, own, 3) == pytest.approx((0.0, 1.0), abs=1e-12)
    # under noise 1/4 that costs 3/4 of it
    assert reach(sample, own, 1, 0.25) == pytest.approx((0.0, 0.375), abs=1e-12)


# Drawn samples


@pytest.mark.parametrize("truth", ["0.3,0.6:+-+", "0.5:-+"])
def test_test_errors_of_kkt_points_are_those_of_the_nearest_neighbour(truth):
    p = 0.2
    sample = draw_sample(40, p, rng=1, truth=truth)
    points = search_kkt_points(sample, count=3, rng=3, draws=6)
    near = nearest_neighbour_noisy_error(sample, p)
    bounds = kkt_noisy_error_bounds(sample, p)
    assert bounds.nearest_neighbour == near
    for net in [max_margin(sample).net, *(point.net for point in points)]:
        found = noisy_error(net, p, truth=sample.truth)
        law = nearest_neighbour_law(net, sample)
        deviating = sum(
            one.share * (min(one.last, 1.0) - max(one.first, 0.0)) for one in law.deviations
        )
        assert abs(found.value - near.value) <= deviating + 1e-9
        assert bounds.low <= found.value <= bounds.high
        assert law.clean_error == found.clean_error


def test_test_errors_tend_to_twice_p_times_one_minus_p():
    """The rule asks one noisy label, and is asked about another: 2 p (1 − p) in the limit."""
    sample = draw_sample(50_000, 0.2, rng=0, truth="0.3,0.6:+-+")
    bounds = kkt_noisy_error_bounds(sample, 0.2)
    assert bounds.nearest_neighbour.value == pytest.approx(0.32, abs=0.01)
    assert bounds.high - bounds.low < 0.01


def test_theorems_make_no_claim_under_another_truth():
    sample = draw_sample(150, 0.1, rng=0, truth="0.3,0.6:+-+")
    net = max_margin(sample).net
    for theorem in (theorem_3_1, theorem_3_2):
        found = theorem(net, sample)
        (row,) = (one for one in found.hypotheses if one.name == "f* ≡ +1")
        assert (row.verdict, row.form) == (Verdict.FAILS, "printed")
        assert found.verdict is Verdict.UNDECIDED
        assert "f* ≡ +1 (FAILS)" in found.reason
        assert "bounds are about f* ≡ +1" in found.reason
        assert {bound.verdict for bound in found.bounds} == {Verdict.UNDECIDED}
        assert found.p == sample.noise_rate
        # told that the labels are noise around +1, they are too many for that
        told = theorem(net, sample, truth="+1", p=0.1)
        (row,) = (one for one in told.hypotheses if one.name == "f* ≡ +1")
        assert row.holds
        assert told.p == 0.1
        assert told.verdict is Verdict.UNDECIDED
        assert any(
            "labels of the noise level" in one.name and not one.holds for one in told.hypotheses
        )
    plain = theorem_3_2(max_margin(draw_sample(60, 0.1, rng=0)).net, draw_sample(60, 0.1, rng=0))
    assert plain.verdict is Verdict.HOLDS
