"""The nearest-neighbour law on KKT points that are verified in rational numbers, one or more for
every case that its proof tells apart; and on points by design with up to twenty links.
"""

from dataclasses import replace
from fractions import Fraction
from itertools import islice

import numpy as np
import pytest
import rational_cases
from oracles import exact, rational_kkt
from oracles.squares import four_squares
from scipy import stats

from benchmarks import designed
from univariate import (
    ReluNet,
    Sample,
    Verdict,
    exact_nearest_neighbour_difference,
    kkt_certificate,
    kkt_clean_error_bounds,
    nearest_neighbour_law,
)

CASES = list(rational_cases.CASES)


def all_points(*cases):
    return [found for case in cases or CASES for found in rational_cases.points(case)]


def rounded(point, *, zeros=0):
    """The net and the sample in doubles, with some all-zero neurons."""
    neurons = [[float(part) for part in neuron] for neuron in point.neurons]
    net = ReluNet(*np.array(neurons + [[0.0] * 3] * zeros).T)
    return net, Sample([float(x) for x in point.x], [float(y) for y in point.y])


def reread(point):
    """The rational point that the doubles are; its multipliers are those of the point."""
    neurons = [tuple(Fraction(float(part)) for part in neuron) for neuron in point.neurons]
    return replace(point, neurons=neurons, x=[Fraction(float(x)) for x in point.x])


@pytest.mark.parametrize("case", CASES)
def test_every_case_is_a_kkt_point_exactly_and_obeys_the_law(case):
    for point, design in rational_cases.points(case):
        assert rational_kkt.violations(point) == []
        deviating = rational_kkt.deviations(point, design.low, design.high)
        links = rational_kkt.links(point)
        assert len(deviating) <= links + 2
        low, high = float(design.low), float(design.high)
        density = stats.uniform(low, high - low)
        for zeros in (0, 2):
            net, sample = rounded(point, zeros=zeros)
            certificate = kkt_certificate(net, sample)
            assert certificate.verdict is Verdict.HOLDS
            law = nearest_neighbour_law(net, sample, certificate=certificate, density=density)
            assert law.verdict is Verdict.HOLDS
            assert all(step.holds for step in law.steps)
            assert [one.gap for one in law.deviations] == sorted(deviating)
            assert law.allowed == len(law.links) + 2
            if case != "kinks that meet":
                assert len(law.links) == links
            else:  # rounding takes the kinks apart, and they are counted as they are then
                assert len(law.links) >= links
            whole = design.high - design.low
            for one in law.deviations:
                signed = deviating[one.gap][1]
                assert one.mass == pytest.approx(float(signed / whole), abs=1e-12)
            exactly = float(sum(signed for _, signed in deviating.values()) / whole)
            assert law.difference.value == pytest.approx(exactly, abs=1e-12)
            bounds = kkt_clean_error_bounds(sample, density=density)
            assert bounds.low <= law.clean_error.low
            assert law.clean_error.high <= bounds.high
            assert links <= bounds.links


def test_the_cases_are_what_they_are_called():
    def sizes(case):
        return {
            design.total[0] ** 2 + design.total[1] ** 2 for _, design in rational_cases.points(case)
        }

    assert sizes("S = 0") == {0}
    assert sizes("|S| = 1") == sizes("w = 0") == sizes("one label") == {1}
    assert sizes("|S| = 2") == {4}
    assert all(0 < size < 1 for size in sizes("|S| between 0 and 1"))
    assert all(1 < size < 4 for size in sizes("|S| between 1 and 2"))
    assert all(size > 4 for size in sizes("|S| > 2"))
    for point, _ in all_points("w = 0"):
        assert any(w == 0 for _, w, _ in point.neurons)
    for point, design in all_points("active on all data, w ≠ 0"):
        ends = design.low, design.high
        assert any(all(w * x + b > 0 for x in ends) and w != 0 for _, w, b in point.neurons)
    for point, _ in all_points("kinks that meet", "S = 0"):
        places = [(-b / w, w > 0) for _, w, b in point.neurons]
        assert any((t, not right) in places for t, right in places)
    for point, _ in all_points("one label", "no regular transition"):
        assert len({kink.change > 0 for kink in rational_kkt.kinks(point)}) <= 1


def test_kinks_on_data_are_of_all_kinds():
    kinds = set()
    for point, _ in all_points("kinks on data", "two kinks on one datum", "no regular transition"):
        for j, i in point.shares:
            v, w, _ = point.neurons[j]
            kinds.add((v > 0, w > 0, v * point.y[i] > 0))
    # of their own label's sign or the other, of both orientations
    assert len({kind[:2] for kind in kinds}) == 4
    for point, _ in all_points("two kinks on one datum"):
        shares = {}
        for (j, i), share in point.shares.items():
            shares.setdefault((i, point.neurons[j][1] > 0), set()).add(share)
        both = {i for i, right in shares if (i, not right) in shares}
        assert any(shares[i, True] != shares[i, False] for i in both)


def test_there_are_many_links_and_as_many_deviations():
    found = {rational_kkt.links(point) for point, _ in all_points()}
    assert found >= {0, 1, 2}
    assert max(found) >= 6
    # and as many deviating gaps
    deviating = {
        len(rational_kkt.deviations(point, design.low, design.high))
        for point, design in all_points("eight links")
    }
    assert max(deviating) >= 6


def test_the_difference_is_exact_in_fractions():
    """By == on the doubles of every rational net."""
    compared = 0
    for point, _ in all_points():
        net, sample = rounded(point)
        of_net = exact.clean_error(net.v, net.w, net.b)
        difference = of_net - exact.nearest_neighbour_error(sample.x, sample.y)
        assert exact_nearest_neighbour_difference(net, sample) == difference
        found = rational_kkt.deviations(reread(point), Fraction(0), Fraction(1))
        assert sum((signed for _, signed in found.values()), Fraction(0)) == difference
        compared += 1
    assert compared >= 50


def a_point():
    return rational_cases.points("kinks on data")[0][0]


def test_the_oracle_notices_what_is_wrong():
    point = a_point()
    assert rational_kkt.violations(point) == []
    i = next(k for k, weight in enumerate(point.multipliers) if weight)
    some = list(point.multipliers)
    some[i] *= Fraction(10**12 + 1, 10**12)
    assert rational_kkt.violations(replace(point, multipliers=some))
    some[i] = -some[i]
    assert f"λ[{i}] is" in "".join(rational_kkt.violations(replace(point, multipliers=some)))
    v, w, b = point.neurons[0]
    scaled = [(2 * v, w / 2, b / 2), *point.neurons[1:]]  # the same function
    assert "neuron 0 is not balanced" in rational_kkt.violations(replace(point, neurons=scaled))
    smaller = [(v / 2, w, b), *point.neurons[1:]]
    assert any("margin" in one for one in rational_kkt.violations(replace(point, neurons=smaller)))
    weighted = {at: share for at, share in point.shares.items() if point.multipliers[at[1]]}
    at = next(iter(weighted))
    moved = {**point.shares, at: point.shares[at] + Fraction(1, 10**9)}
    assert rational_kkt.violations(replace(point, shares=moved))
    # λ at a margin above 1
    k = next(k for k, x in enumerate(point.x) if point.y[k] * point.value(x) > 1)
    some = list(point.multipliers)
    some[k] = Fraction(1)
    found = rational_kkt.violations(replace(point, multipliers=some))
    assert any(f"λ[{k}] is 1 at margin" in one for one in found)


def test_the_oracle_counts_by_hand():
    """N = 3 |x| − 2 between +, −, +: it deviates from the midpoints ±1/2 as far as ±2/3."""
    one, two, three = Fraction(1), Fraction(2), Fraction(3)
    net = [(one, three, 0 * one), (one, -three, 0 * one), (-one, 0 * one, two)]
    point = rational_kkt.RationalPoint(net, [-one, 0 * one, one], [1, -1, 1], [0 * one] * 3, {})
    assert rational_kkt.kinks(point) == [(0, 6)]
    found = rational_kkt.deviations(point, -one, one)
    assert found == {1: (Fraction(1, 6), Fraction(1, 6)), 2: (Fraction(1, 6), Fraction(1, 6))}
    assert rational_kkt.links(point) == 0
    # a hat beside a valley, and nothing but one datum of label +1 in between
    hat = [(one, one, one), (-one, 2 * one, 0 * one), (one, one, -one)]
    point = replace(point, neurons=hat)
    assert [kink.change for kink in rational_kkt.kinks(point)] == [1, -2, 1]
    assert rational_kkt.links(point) == 2


@pytest.mark.parametrize("seed", range(3))
def test_points_by_design_are_certified_and_obey_the_law(seed):
    rng = np.random.default_rng(seed)
    chains = islice(designed.chain_points(60, rng), 12)
    links = []
    for net, sample, (low, high) in [*chains, *islice(designed.random_points(30, rng), 6)]:
        certificate = kkt_certificate(net, sample)
        if certificate.verdict is not Verdict.HOLDS:
            continue  # rounding to doubles takes a long chain too far from its KKT point
        density = stats.uniform(low, high - low)
        law = nearest_neighbour_law(net, sample, certificate=certificate, density=density)
        assert law.verdict is Verdict.HOLDS
        assert len(law.deviations) <= law.allowed
        bounds = kkt_clean_error_bounds(sample, density=density)
        assert bounds.low <= law.clean_error.low
        assert law.clean_error.high <= bounds.high
        assert len(law.links) <= bounds.links
        links.append(len(law.links))
    assert max(links) >= 8
    assert len(links) >= 9


def test_rationals_are_sums_of_squares():
    for value in (Fraction(7, 3), Fraction(1, 999_983), Fraction(2**89 - 1, 3**40), Fraction(4)):
        roots = four_squares(value)
        assert len(roots) <= 4
        assert sum(root**2 for root in roots) == value
