import io
from dataclasses import replace
from fractions import Fraction
from math import isqrt

import numpy as np
import pytest
from matplotlib.axes import Axes
from matplotlib.figure import Figure
from oracles import counterexamples as oracle

from univariate.common.result import Verdict
from univariate.counterexamples import Counterexample, Pin, proposition_a_4, theorem_3_2_lower_bound
from univariate.error.clean_error import exact_clean_error
from univariate.optimum.max_margin import max_margin
from univariate.paper.structure import structure
from univariate.paper.theorems import theorem_3_2
from univariate.report.plots import plot_counterexample
from univariate.standing.certify import certify
from univariate.standing.recheck import recheck

HALF = Fraction(1, 2)
BOTH = pytest.mark.parametrize("make", [proposition_a_4, theorem_3_2_lower_bound])


@pytest.fixture(scope="module")
def found() -> Counterexample:
    return proposition_a_4()


def neurons(one: Counterexample) -> list[oracle.Neuron]:
    return list(zip(one.v, one.w, one.b, strict=True))


def flaws(one: Counterexample) -> list[str]:
    kinks = {(pin.neuron, pin.observation): pin.derivative for pin in one.pins}
    return oracle.flaws(neurons(one), one.x, one.y, one.multipliers, kinks)


def broken(one: Counterexample) -> list[str]:
    return [condition.name for condition in one.conditions() if not condition.holds]


def changed(values: tuple[Fraction, ...], k: int, value: Fraction) -> tuple[Fraction, ...]:
    return (*values[:k], value, *values[k + 1 :])


@BOTH
@pytest.mark.core
def test_multipliers_prove_a_local_minimum(make):
    found = make()
    assert flaws(found) == []
    assert broken(found) == []


@BOTH
@pytest.mark.core
def test_they_violate_the_proposition(make):
    found = make()
    obeyed = {
        i: oracle.obeys_a4(neurons(found), *found.x[i : i + 2])
        for i in oracle.isolated_negatives(found.y)
    }
    assert obeyed == {1: True, found.isolated: False}
    low, high = found.interval
    assert oracle.output(neurons(found), low) == -1
    assert oracle.output(neurons(found), high) == found.value(high) > 4
    assert found.interval == (found.x[3], found.x[4])


@pytest.mark.core
def test_the_clean_error_is_below_the_bound_of_the_proof():
    found = theorem_3_2_lower_bound()
    error = oracle.clean_error(neurons(found))
    halves = [(found.x[i + 1] - found.x[i]) / 2 for i in oracle.isolated_negatives(found.y)]
    assert error == found.clean_error()
    assert error < sum(halves) - Fraction(1, 10)
    assert float(error) == pytest.approx(0.2825, abs=5e-5)
    assert float(sum(halves)) == pytest.approx(0.3895, abs=5e-5)
    assert float(exact_clean_error(found.net)) == pytest.approx(float(error), rel=1e-13)
    report = theorem_3_2(found.net, found.sample)
    assert report.bounds[0].verdict is Verdict.FAILS
    assert report.bounds[0].realised == pytest.approx(float(sum(halves)), rel=1e-14)


@BOTH
def test_numbers_are_those_of_the_docstring(make):
    found = make()
    assert len(found.x) == 5
    assert len(found.v) == 8
    assert [found.value(t) for t in found.x[:4]] == [1, -1, 1, -1]
    assert found.norm_squared == oracle.norm_squared(neurons(found))
    assert found.clean_error() == oracle.clean_error(neurons(found))
    assert found.kinks == tuple(found.x[k // 2] for k in range(8))
    assert all(0 <= t <= 1 for t in found.x)
    quoted = make.__doc__.replace("−", "-")
    printed = [
        *found.x,
        *found.multipliers[:4],
        *map(abs, found.v),
        *(pin.derivative for pin in found.pins),
    ]
    printed += [found.norm_squared, found.value(1)]
    for number in printed:
        assert f"{number}" in quoted
    for v, w, b in zip(found.v[::2], found.w[::2], found.b[::2], strict=True):
        scale = (w / abs(v)).denominator
        assert f"({w / abs(v) * scale}, {b / abs(v) * scale})/{scale}" in quoted


def test_the_slope_beyond_the_last_negative(found):
    assert found.value(1) - found.value(found.x[3]) == Fraction(338200, 13689) * (1 - found.x[3])


@BOTH
def test_the_lagrangian_is_least_at_the_net(make):
    """The proof itself, tried on neighbours of every size and direction for which it is meant."""
    found = make()
    rng = np.random.default_rng(0)
    data = found.x, found.y, found.multipliers
    least = oracle.lagrangian(neurons(found), *data)
    assert 2 * least == found.norm_squared
    for _ in range(200):
        size = Fraction(1, 2 ** int(rng.integers(6, 40)))
        steps = [
            [Fraction(int(part)) * size / 64 for part in row]
            for row in rng.integers(-64, 65, (8, 3))
        ]
        moved = [
            tuple(part + step for part, step in zip(neuron, row, strict=True))
            for neuron, row in zip(neurons(found), steps, strict=True)
        ]
        assert oracle.lagrangian(moved, *data) > least


@BOTH
def test_pairs_merge_into_four_neurons_of_the_same_norm(make):
    found = make()
    squares = [one**2 + other**2 for one, other in zip(found.v[::2], found.v[1::2], strict=True)]
    assert 2 * sum(squares) == found.norm_squared
    assert all(isqrt(square.numerator) ** 2 != square.numerator for square in squares)  # irrational


# Every condition can fail


SPOILT = {
    "label": lambda c: replace(c, y=changed(c.y, 1, Fraction(2))),
    "feasibility": lambda c: replace(c, x=changed(c.x, 4, Fraction(7, 10))),
    "sign": lambda c: replace(c, multipliers=changed(c.multipliers, 0, Fraction(-1))),
    "slackness": lambda c: replace(c, multipliers=changed(c.multipliers, 4, HALF)),
    "balance": lambda c: replace(c, v=changed(c.v, 0, 2 * c.v[0])),
    "derivative": lambda c: replace(c, pins=(Pin(0, 0, Fraction(3, 2)), *c.pins[1:])),
    "convex": lambda c: replace(c, v=(-c.v[0], *c.v[1:])),
    "stationarity": lambda c: replace(c, pins=(Pin(0, 0, HALF), *c.pins[1:])),
    "duality": lambda c: replace(c, multipliers=changed(c.multipliers, 1, c.multipliers[1] + 1)),
    "length": lambda c: replace(c, multipliers=tuple(2 * part for part in c.multipliers)),
}


@pytest.mark.parametrize("name", SPOILT)
def test_what_is_spoilt_is_noticed(found, name):
    spoilt = SPOILT[name](found)
    assert any(flaw.startswith(name) for flaw in flaws(spoilt))
    assert broken(spoilt)


def test_the_smallest_changes_are_noticed(found):
    tiny = Fraction(1, 10**40)
    for k in range(5):
        for name in ("x", "multipliers"):
            values = getattr(found, name)
            moved = replace(found, **{name: changed(values, k, values[k] + tiny)})
            expected = not (name == "x" and k == 4)  # where N is above 1 the observation may move
            assert bool(flaws(moved)) == bool(broken(moved)) == expected
    for name in "vwb":
        moved = replace(
            found, **{name: changed(getattr(found, name), 5, getattr(found, name)[5] + tiny)}
        )
        assert flaws(moved)
        assert broken(moved)


def test_a_net_that_obeys_the_proposition_is_no_counterexample(found):
    """Moved to where N = 1 the last observation is on the line."""
    reached = found.x[3] + 2 * (1 - found.x[3]) / (found.value(1) + 1)
    obedient = replace(found, x=changed(found.x, 4, reached))
    assert flaws(obedient) == []
    assert broken(obedient) == ["N is not the line from −1 to +1"]
    assert oracle.obeys_a4(neurons(obedient), *obedient.interval)
    elsewhere = replace(found, isolated=2)
    assert "the observation is an isolated −1" in broken(elsewhere)


# The library on the rounded net


@BOTH
def test_certificates_of_the_rounded_net(make):
    found = make()
    standing = certify(found.net, found.sample)
    assert standing.level == "local minimum"
    assert standing.local_minimum.accuracy < 1e-13
    assert recheck(standing.local_minimum, found.net, found.sample).verdict is Verdict.HOLDS
    np.testing.assert_allclose(
        standing.kkt.multipliers, [float(part) for part in found.multipliers], rtol=1e-11
    )
    assert found.net.norm_squared == pytest.approx(float(found.norm_squared), rel=1e-14)


@BOTH
def test_statements_on_the_rounded_net(make):
    found = make()
    shape = structure(found.net, found.sample)
    assert [check.statement for check in shape.checks if check.verdict is Verdict.FAILS] == [
        "Proposition A.4"
    ]
    (violation,) = shape.proposition_a4.violations
    assert (violation.first, violation.last) == (3, 4)
    assert violation.value == pytest.approx(float(found.value(1)), rel=1e-12)
    best = max_margin(found.sample)
    assert best.norm_squared < 0.9 * float(found.norm_squared)
    assert all(check.verdict is Verdict.HOLDS for check in structure(best.net, found.sample).checks)


def test_values_are_exact_and_refuse_nonsense(found):
    assert found.value(0.5) == oracle.output(neurons(found), HALF)
    assert found.value(1) == found.value(Fraction(1)) == found.value(1.0)
    with pytest.raises(ValueError, match="`x`"):
        found.value(float("nan"))
    with pytest.raises(TypeError, match="`x`"):
        found.value("half")


def test_it_serialises(found):
    plain = found.to_dict()
    assert plain["multipliers"] == ["578/27", "15268/81", "70343/405", "836/135", "0/1"]
    assert plain["pins"][0] == {"neuron": 0, "observation": 0, "derivative": "11745/11849"}
    assert "Proposition A.4" in repr(found)


# The picture


def test_it_is_drawn_on_given_axes_or_new_ones(found):
    given = Figure().subplots()
    assert plot_counterexample(found, ax=given) is given
    ax = plot_counterexample(found)
    assert isinstance(ax, Axes)
    ax.figure.savefig(io.BytesIO())
    claims = [line for line in ax.lines if list(line.get_ydata()) == [-1.0, 1.0]]
    assert [list(line.get_xdata()) for line in claims] == [[float(t) for t in found.interval]]
    assert ax.get_yscale() == "linear"
    assert ax.get_ylim()[1] > 92221 / 13689


def test_arrows_point_into_the_active_sides(found):
    arrows = [text for text in plot_counterexample(found).texts if text.arrow_patch is not None]
    ends = {(text.xyann[0], text.xy[0] > text.xyann[0]) for text in arrows}
    assert ends == {(float(t), bool(w > 0)) for t, w in zip(found.net.kinks, found.w, strict=True)}
