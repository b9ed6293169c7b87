"""The nets of the gallery: their standing by the certificates, by independent programs, and in
rational numbers.
"""

import math
from fractions import Fraction

import cases
import numpy as np
import pytest
from oracles import exact, minima, naive

from univariate import ReluNet, Sample, Verdict, certify, max_margin, recheck, structure

SHARP = {"active_tolerance": 1e-9, "kink_tolerance": 1e-12}
STATIONARY = 1e-12  # of the oracle's distance from the cone of gradients
FLAT = 1e-7  # of the oracle's slope
SOLVER = 1e-6  # relative accuracy of the conic solver's norm

gallery = pytest.mark.parametrize(
    ("net", "x", "y", "level"),
    [entry[1:] for entry in cases.GALLERY],
    ids=[entry[0] for entry in cases.GALLERY],
)
rational = pytest.mark.parametrize("case", cases.BEND_CASES, ids=str)


def moved(net, step):
    """The net with v_1 moved by a relative step, or by one unit in the last place."""
    v, w, b = (part.copy() for part in net)
    v[0] = np.nextafter(v[0], math.copysign(np.inf, v[0])) if step is None else v[0] * (1.0 + step)
    return v, w, b


@gallery
def test_levels_are_certified_and_replayed(net, x, y, level):
    found, sample = certify(ReluNet(*net), Sample(x, y)), Sample(x, y)
    assert found.level == level
    for certificate in (found.kkt, found.local_minimum, found.global_minimum):
        assert certificate.verdict is not Verdict.UNDECIDED
        assert recheck(certificate, ReluNet(*net), sample).verdict is Verdict.HOLDS
    assert found.kkt.accuracy <= 1e-14
    assert (found.witness is None) == (level == "global minimum")
    if found.witness is not None:
        better = found.witness.v, found.witness.w, found.witness.b
        worst = min(exact.margins(*net, x, y))
        assert min(exact.margins(*better, x, y)) >= 1
        assert exact.norm_squared(*better) < exact.norm_squared(*net) / worst


@gallery
def test_levels_agree_with_the_oracles(net, x, y, level):
    distance, multipliers = minima.kkt_distance(*net, x, y, **SHARP)
    assert distance <= STATIONARY
    slope, _ = minima.local_minimum_slope(*net, x, y, **SHARP)
    norm_squared = float(exact.norm_squared(*net) / min(exact.margins(*net, x, y)))
    low, high = naive.norm_squared_bounds(x, y)
    # the oracle ignores zero neurons, an atom may pay
    if np.all([part == 0.0 for part in net], axis=0).any():
        assert slope == pytest.approx(0.0, abs=FLAT)
        assert (minima.dual_ratio(x, y, multipliers) > 1.01) == (level == "kkt")
    else:
        assert (slope < -0.01) == (level == "kkt")
        assert slope < -0.01 or slope == pytest.approx(0.0, abs=FLAT)
    if level == "global minimum":
        assert low * (1.0 - SOLVER) <= norm_squared <= high * (1.0 + SOLVER)
    else:
        assert norm_squared > 1.01 * high


@gallery
def test_one_step_away(net, x, y, level):
    """An ulp changes no verdict; a thousandth of v_1 refutes all; between, a verdict that claims
    less is possible.
    """
    sample = Sample(x, y)
    optimum = max_margin(sample)
    given, near, off, far = (
        certify(ReluNet(*moved(net, step)), sample, optimum=optimum)
        for step in (0.0, None, 1e-7, 1e-3)
    )
    for name in ("kkt", "local_minimum", "global_minimum"):
        assert getattr(near, name).verdict is getattr(given, name).verdict
        assert getattr(far, name).verdict is Verdict.FAILS
    assert near.level == level
    assert far.level == "feasible"
    best = off.global_minimum.verdict is Verdict.HOLDS
    assert off.level == ("global minimum" if best else "feasible")
    assert near.kkt.accuracy < 1e-14
    assert off.kkt.accuracy > 1e-8
    if off.kkt.verdict is Verdict.UNDECIDED:
        assert off.kkt.accuracy <= 1e-6
        assert off.kkt.reason.startswith("KKT to")
    for found, step in ((near, None), (off, 1e-7), (far, 1e-3)):
        for certificate in (found.kkt, found.local_minimum, found.global_minimum):
            claims = certificate.verdict is not Verdict.UNDECIDED
            replayed = recheck(certificate, ReluNet(*moved(net, step)), sample)
            assert replayed.verdict is (Verdict.HOLDS if claims else Verdict.UNDECIDED)


# In rational numbers


def root(square: Fraction) -> Fraction:
    """The root of a rational square."""
    found = Fraction(math.isqrt(square.numerator), math.isqrt(square.denominator))
    assert found**2 == square
    return found


def value(case, t):
    return sum(jump * max(Fraction(0), side * (t - kink)) for jump, kink, side in case.bends)


def length(kink: Fraction) -> Fraction:
    return root(1 + kink**2)


def shares(case):
    """For each bend the share of the datum on its kink that makes it stationary, None without one;
    exact.
    """
    charges = [
        (x, Fraction(y) * lam) for x, y, lam in zip(case.x, case.y, case.multipliers, strict=True)
    ]
    found = []
    for jump, kink, side in case.bends:
        active = [(x, charge) for x, charge in charges if side * (x - kink) > 0]
        across = sum(charge * side * (x - kink) for x, charge in active)  # D_±(kink)
        along = sum(charge * (x * kink + 1) for x, charge in active)
        assert across == (1 if jump > 0 else -1) * length(kink)
        on = sum(charge for x, charge in charges if x == kink)
        assert on != 0 or along == 0
        found.append(-along / (on * (1 + kink**2)) if on else None)
    return found


@rational
def test_rational_nets_are_kkt_points(case):
    margins = [Fraction(y) * value(case, x) for x, y in zip(case.x, case.y, strict=True)]
    assert min(margins) == 1
    assert all(lam >= 0 for lam in case.multipliers)
    assert all(
        lam == 0 or margin == 1 for lam, margin in zip(case.multipliers, margins, strict=True)
    )
    assert all(share is None or 0 <= share <= 1 for share in shares(case))
    assert 2 * sum(abs(jump) * length(kink) for jump, kink, _ in case.bends) == case.norm_squared
    assert 2 * sum(case.multipliers) == case.norm_squared
    at = dict(zip(case.x, case.y, strict=True))
    same = [
        k
        for k, (jump, kink, _) in enumerate(case.bends)
        if kink in at and jump * Fraction(at[kink]) > 0
    ]
    assert tuple(same) == case.sites


@rational
def test_floats_are_the_rational_nets(case):
    v, w, b = case.net
    width = len(case.bends)
    assert len(v) == width + case.zeros
    assert not np.any([v[width:], w[width:], b[width:]])
    for k, (jump, kink, side) in enumerate(case.bends):
        assert (v[k] * w[k], v[k] * b[k]) == pytest.approx(
            (float(side * jump), float(-side * jump * kink)), rel=1e-14
        )
        assert abs(v[k]) == pytest.approx(math.hypot(w[k], b[k]), rel=1e-14)
    found = certify(ReluNet(v, w, b), Sample(list(map(float, case.x)), case.y))
    assert found.kkt.norm_squared == pytest.approx(float(case.norm_squared), rel=1e-13)
    assert found.kkt.multipliers == pytest.approx(
        np.array(case.multipliers, dtype=float), rel=1e-12, abs=1e-12
    )


def test_the_share_at_the_site_suits_neither_side():
    case = cases.KKT_NOT_LOCAL_IN_UNIT_INTERVAL
    assert shares(case) == [Fraction(5, 7), Fraction(8, 13), Fraction(7, 15), Fraction(7, 15)]
    # D_±(kink) = ± √(1 + kink²) are four equations for four multipliers: λ is unique if they are
    # independent
    system = [
        [
            Fraction(y) * max(Fraction(0), side * (x - kink))
            for x, y in zip(case.x, case.y, strict=True)
        ]
        for _, kink, side in case.bends
    ]
    assert determinant(system) != 0


def determinant(rows):
    if not rows:
        return 1
    minors = ([row[:k] + row[k + 1 :] for row in rows[1:]] for k in range(len(rows)))
    return sum((-1) ** k * rows[0][k] * determinant(minor) for k, minor in enumerate(minors))


def test_three_standings_of_one_graph():
    same = (
        cases.KKT_NOT_LOCAL_IN_UNIT_INTERVAL,
        cases.LOCAL_WITH_THE_SAME_GRAPH,
        cases.GLOBAL_WITH_THE_SAME_GRAPH,
    )
    for case in same:
        assert {kink for _, kink, _ in case.bends if 0 < kink < 1} == set(case.x[1:3])
        assert [value(case, x) for x in case.x] == [1, -1, 1, -1]  # so linear in between
        assert exact.clean_error(*case.net) == pytest.approx(0.5, abs=1e-14)
    assert [float(case.norm_squared) for case in same] == [72.0, 60.0, 58.4]


def test_global_minima_are_dual_feasible():
    """The rational multipliers are: D_± stay within √(1 + t²) in exact arithmetic, and touch it."""
    for case in (cases.GLOBAL_WITH_THE_SAME_GRAPH, cases.TWO_WAYS, cases.OTHER_WAY):
        ratio = exact.dual_ratio_squared(
            tuple(map(float, case.x)), case.y, tuple(map(float, case.multipliers))
        )
        assert float(ratio) == pytest.approx(1.0, abs=1e-13)


def test_optima_that_the_local_minima_miss():
    for case, least in (
        (cases.LOCAL_NOT_GLOBAL, cases.LOCAL_NOT_GLOBAL_OPTIMUM),
        (cases.LOCAL_AND_ZERO, cases.LOCAL_NOT_GLOBAL_OPTIMUM),
        (cases.AGAINST_A4, cases.AGAINST_A4_OPTIMUM),
        (cases.LOCAL_WITH_THE_SAME_GRAPH, cases.GLOBAL_WITH_THE_SAME_GRAPH.norm_squared),
    ):
        optimum = max_margin(Sample(list(map(float, case.x)), case.y))
        assert optimum.norm_squared == pytest.approx(float(least), rel=1e-13)
        assert least < case.norm_squared


def test_a_local_minimum_against_proposition_a4():
    case = cases.AGAINST_A4
    sample = Sample(list(map(float, case.x)), case.y)
    assert value(case, Fraction(1)) == Fraction(12, 7)
    found = structure(ReluNet(*case.net), sample)
    assert found.proposition_a4.verdict is Verdict.FAILS
    (violation,) = found.proposition_a4.violations
    assert (violation.first, violation.last, violation.limit) == (3, 4, 1.0)
    assert violation.value == pytest.approx(12.0 / 7.0, rel=1e-13)
    others = [check for check in found.checks if check is not found.proposition_a4]
    assert all(check.verdict is Verdict.HOLDS for check in others)
    optimal = structure(ReluNet(*cases.TWO_WAYS.net), sample)
    assert all(check.verdict is Verdict.HOLDS for check in optimal.checks)


def test_optima_with_two_graphs_and_all_mixtures():
    x, y = cases.TWO_OPTIMA_X, cases.TWO_OPTIMA_Y
    constant, split = cases.CONSTANT_OPTIMUM, cases.SPLIT_OPTIMUM
    assert ReluNet(*constant)(0.0) == 1.0
    assert ReluNet(*split)(0.0) == pytest.approx(0.5, abs=1e-15)
    for part in (0.25, 0.5, 0.75):  # atoms add up when v and (w, b) are scaled alike
        pair = (np.sqrt(part) * np.array(constant), np.sqrt(1.0 - part) * np.array(split))
        assert (
            certify(ReluNet(*np.concatenate(pair, axis=1)), Sample(x, y)).level == "global minimum"
        )


def test_optima_with_one_graph():
    one, other = cases.TWO_WAYS, cases.OTHER_WAY
    points = [Fraction(k, 120) for k in range(-60, 181)]
    assert [value(one, t) for t in points] == [value(other, t) for t in points]
    assert sorted(one.bends) != sorted(other.bends)
    for share in (Fraction(1, 3), Fraction(1, 2)):
        mixture = [(share * jump, kink, side) for jump, kink, side in one.bends]
        mixture += [((1 - share) * jump, kink, side) for jump, kink, side in other.bends]
        cost = 2 * sum(abs(jump) * length(kink) for jump, kink, _ in mixture)
        assert cost == one.norm_squared


@pytest.mark.parametrize(
    "case", [cases.GLOBAL_WITH_THE_SAME_GRAPH, cases.LOCAL_WITH_THE_SAME_GRAPH], ids=str
)
@pytest.mark.parametrize("part", range(3))
@pytest.mark.parametrize("neuron", range(4))
def test_kkt_points_to_the_tolerance_are_local_minima_to_it(case, part, neuron):
    """One tolerance for one thing: a step that the KKT certificate forgives must not refute the
    local minimum.
    """
    sample = Sample(np.array(case.x, dtype=np.float64), case.y)
    net = [entry.copy() for entry in case.net]
    net[part][neuron] *= 1.0 + 1e-10
    found = certify(ReluNet(*net), sample)
    assert found.kkt.verdict is Verdict.HOLDS
    assert found.level == case.level
