"""The shapely geometry against the exact code: measures of sublevel sets, gates against margins."""

from fractions import Fraction

import cases
import numpy as np
import pytest
import strategies
from oracles import exact

from univariate import DeepReluNet, ReluNet, clean_error, draw_sample, margins, max_margin, spline
from univariate.error.geometry import GATE_CLEARANCE, gates_met, margin_gates, sublevel_region
from univariate.problem.sample import Sample

BEYOND_FLOATS = ("subnormal height", "huge parameters")
"""Nets whose heights are no ordinary doubles; shapely cannot see them."""


def random_net(rng: np.random.Generator, width: int) -> ReluNet:
    return ReluNet(
        rng.normal(size=width), rng.normal(size=width) * 4.0, rng.normal(size=width) * 2.0
    )


# Sublevel sets


@pytest.mark.parametrize(
    "case", [case for case in cases.NETS if case.name not in BEYOND_FLOATS], ids=str
)
def test_length_of_the_error_set_of_hand_cases(case):
    region = sublevel_region(spline(ReluNet(*case.net)))
    assert region.length == pytest.approx(float(case.clean_error), abs=1e-12)
    assert len(region.geoms) == len(case.intervals)
    for part, (start, end) in zip(region.geoms, case.intervals, strict=True):
        assert part.bounds == pytest.approx((float(start), 0.0, float(end), 0.0), abs=1e-12)


@pytest.mark.parametrize("case", cases.DEEP_NETS, ids=str)
def test_length_of_the_error_set_of_deep_hand_cases(case):
    region = sublevel_region(spline(DeepReluNet(tuple(case.layers))))
    assert region.length == pytest.approx(float(case.clean_error), abs=1e-12)


@pytest.mark.parametrize("width", [1, 3, 30, 300])
def test_length_agrees_with_clean_error_on_random_nets(width):
    rng = np.random.default_rng(width)
    for _ in range(12):
        net = random_net(rng, width)
        assert sublevel_region(spline(net)).length == pytest.approx(
            clean_error(net).value, abs=1e-9
        )


def test_length_agrees_with_rational_arithmetic_on_hostile_nets():
    rng = np.random.default_rng(5)
    for _ in range(60):
        v, w, b = strategies.random_hostile_net(rng, 8, extreme=False)
        found = sublevel_region(spline(ReluNet(v, w, b))).length
        assert found == pytest.approx(float(exact.clean_error(v, w, b)), abs=1e-9)


@pytest.mark.parametrize("level", [-2.5, -0.3, 0.0, 0.7, 1e3, -1e3])
def test_other_levels_and_domains(level):
    rng = np.random.default_rng(8)
    for _ in range(10):
        net = random_net(rng, 10)
        expected = exact.clean_error(net.v, net.w, net.b, -2, 3, level=level)
        region = sublevel_region(spline(net), level, (-2.0, 3.0))
        assert region.length == pytest.approx(float(expected), abs=1e-9)
        assert all(part.bounds[1] == level == part.bounds[3] for part in region.geoms)


def test_a_positive_net_has_an_empty_error_set():
    region = sublevel_region(spline(ReluNet([1.0], [0.0], [1.0])))
    assert region.is_empty
    assert region.length == 0.0


@pytest.mark.parametrize("domain", [(0.0, np.inf), (1.0, 0.0)])
def test_a_domain_must_be_finite_and_ordered(domain):
    with pytest.raises(ValueError, match="`domain` must"):
        sublevel_region(spline(ReluNet([1.0], [1.0], [0.0])), domain=domain)


# Gates


def test_gates_stand_on_the_wrong_side_in_the_order_of_the_sample():
    sample = Sample([0.25, 0.5], [1.0, -1.0])
    up, down = (tuple(gate.coords) for gate in margin_gates(sample, 3.0).geoms)
    assert up == ((0.25, -3.0), (0.25, 1.0 - GATE_CLEARANCE))
    assert down == ((0.5, 3.0), (0.5, -1.0 + GATE_CLEARANCE))


@pytest.mark.parametrize("height", [1.0, 0.0, -2.0, np.nan, np.inf])
def test_a_gate_must_be_higher_than_the_labels(height):
    with pytest.raises(ValueError, match="`height` must be"):
        margin_gates(Sample([0.5], [1.0]), height)


@pytest.mark.parametrize("m", [1, 2, 7, 60, 400])
def test_a_feasible_net_meets_no_gate_and_a_scaled_one_meets_those_at_the_margin(m):
    sample = draw_sample(m, 0.3, rng=m)
    net = max_margin(sample).net
    assert len(gates_met(spline(net), sample)) == 0
    short = ReluNet(net.v * 0.999, net.w, net.b)
    expected = np.flatnonzero(margins(short, sample).values < 1.0 - GATE_CLEARANCE)
    assert len(expected) > 0
    np.testing.assert_array_equal(gates_met(spline(short), sample), expected)


def test_gates_met_are_the_margins_below_one_of_any_net():
    rng = np.random.default_rng(2)
    for _ in range(20):
        net, sample = random_net(rng, 15), draw_sample(30, 0.5, rng=rng)
        margin = exact.margins(net.v, net.w, net.b, sample.x, sample.y)
        expected = [i for i, value in enumerate(margin) if value < 1 - Fraction(GATE_CLEARANCE)]
        assert gates_met(spline(net), sample).tolist() == expected


def test_gates_cannot_be_overflown():
    sample = Sample([-4.0, 9.0], [1.0, -1.0])
    net = ReluNet([-1e6, 1e6], [0.0, 1.0], [1.0, 0.0])  # far on the wrong side of both
    assert gates_met(spline(net), sample).tolist() == [0, 1]
