"""What multipliers leave of large nets: the compiled sums against rational arithmetic, on nets that
are small enough for it.
"""

from dataclasses import replace
from fractions import Fraction

import numpy as np
import pools
import pytest
from oracles import exact
from pools import Instance

from univariate import (
    ReluNet,
    Sample,
    draw_sample,
    kkt_certificate,
    max_margin,
    recheck,
)
from univariate.common.result import Verdict
from univariate.common.rounding import worst
from univariate.problem.fitted import ShallowFitted
from univariate.standing import replay
from univariate.standing.replay import Pins, by_integers, stationarity
from univariate.standing.replay_large import Charges, leftover

EPSILON = float(np.finfo(np.float64).eps)
TIGHT = 2.0**-38  # of an upper bound, relatively
ABSOLUTE = 2.0**-90  # beside the products in a neuron's condition


def fitted(instance: Instance) -> ShallowFitted:
    return ShallowFitted(ReluNet(*instance.net), Sample(instance.x, instance.y))


def random_charges(instance: Instance, rng: np.random.Generator, span: int) -> Charges:
    """Return multipliers of sizes 2^±span, some 0, in two words, and kinks pinned on data onto
    which they move without turning round.
    """
    n, m = len(instance.net[0]), len(instance.x)
    high = rng.random(m) * 2.0 ** rng.integers(-span, span + 1, m)
    high[rng.random(m) < 0.2] = 0.0
    low = high * (rng.random(m) - 0.5) * EPSILON
    neuron = np.flatnonzero(rng.random(n) < 0.4)
    datum = rng.integers(0, m, len(neuron))
    _, w, b = (part[neuron] for part in instance.net)
    at = instance.x[datum]
    keeps = (w - (w * at + b) * at / (at * at + 1.0)) * w > 1e-6 * w * w
    neuron, datum = neuron[keeps], datum[keeps]
    part = rng.choice([0.0, 0.5, 1.0], len(neuron))
    return Charges(high, low, neuron, datum, part * high[datum], part * low[datum])


def expected(instance: Instance, charges: Charges) -> tuple[list[Fraction], Fraction]:
    """Return the squared residuals of all neurons and the largest squared distance."""

    def both(high, low):
        return [Fraction(a) + Fraction(b) for a, b in zip(high.tolist(), low.tolist(), strict=True)]

    weights = both(charges.weight_high, charges.weight_low)
    pinned = zip(charges.neuron.tolist(), charges.datum.tolist(), weights, strict=True)
    multipliers = both(charges.high, charges.low)
    return exact.kkt_residuals_squared(
        *instance.net, instance.x, instance.y, multipliers, list(pinned)
    )


def bounds(squared: Fraction, bound: float, slack: float) -> None:
    """Assert √squared ≤ bound ≤ √squared (1 + `TIGHT`) + slack."""
    assert squared <= Fraction(bound) ** 2
    below = max(Fraction(0), Fraction(bound) - Fraction(slack))
    assert below**2 <= squared * (1 + Fraction(TIGHT)) ** 2


@pytest.mark.core
@pytest.mark.parametrize("span", [0, 40, 100])
def test_bounds_are_upper_and_close(span):
    rng = np.random.default_rng(span)
    instances = (*pools.kkt_pool(5, 4), *pools.global_pool(7, 8))
    for instance in instances:
        charges = random_charges(instance, rng, span)
        found = leftover(fitted(instance), charges)
        assert found is not None
        residuals, farthest = expected(instance, charges)
        theta = np.stack(instance.net)
        reach = 1.0 + np.abs(instance.x).max() ** 2
        mass = 1.0 + charges.high.sum() * reach
        slack = ABSOLUTE * 10.0 * mass * np.abs(theta).max() / np.linalg.norm(theta)
        for squared, bound in zip(residuals, found.per_neuron.tolist(), strict=True):
            bounds(squared, bound, slack)
        bounds(sum(residuals, Fraction(0)), found.residual, slack * len(residuals))
        bounds(farthest, found.distance, 0.0)


@pytest.mark.core
@pytest.mark.parametrize("size", [1e6, 1e12, 1e15])
@pytest.mark.parametrize("part", [1.0 / 3.0, 0.7, 0.9, 0.97])
def test_words_that_cancel_are_measured_as_their_sums(size, part):
    """A certificate of anyone's may split λ as it likes; only the sum is said."""
    high = np.array([size * part])
    low = 0.3 - high
    first = np.zeros(1, dtype=np.intp)
    fit = ShallowFitted(ReluNet([1.0], [1.0], [-0.1]), Sample([0.1], [1.0]))
    found = leftover(fit, Charges(high, low, first, first, high, low))
    wanted = by_integers(fit, high, low, Pins(first, first, high, low))
    assert found is not None
    assert found.per_neuron == pytest.approx(wanted.per_neuron, rel=TIGHT)


def test_certificates_are_measured_alike():
    """Sums cancel by fifteen digits: λ of 10¹² lead to partial sums of order one."""
    sample = draw_sample(2000, 0.3, rng=3)
    net = max_margin(sample).net
    found = kkt_certificate(net, sample)
    clarke = found.clarke
    pins = Pins(clarke.neuron, clarke.observation, clarke.weight, clarke.remainder)
    fit = ShallowFitted(net, sample)
    wanted = by_integers(fit, found.multipliers, found.remainders, pins)
    charges = Charges(found.multipliers, found.remainders, *pins)
    measured = leftover(fit, charges)
    assert measured is not None
    assert wanted.residual <= measured.residual <= wanted.residual * (1.0 + TIGHT)
    assert measured.per_neuron == pytest.approx(wanted.per_neuron, rel=TIGHT, abs=1e-23)
    assert measured.distance == pytest.approx(wanted.distance, rel=TIGHT)
    assert measured.signs
    assert wanted.signs


def test_large_nets_are_measured_by_words(monkeypatch):
    sample = draw_sample(4096, 0.3, rng=4)
    net = max_margin(sample).net
    found = kkt_certificate(net, sample)
    clarke = found.clarke
    pins = Pins(clarke.neuron, clarke.observation, clarke.weight, clarke.remainder)
    fit = ShallowFitted(net, sample)
    charges = Charges(found.multipliers, found.remainders, *pins)
    monkeypatch.setattr(replay, "by_integers", None)
    again = stationarity(fit, found.multipliers, found.remainders, pins)
    assert again.residual == leftover(fit, charges).residual


@pytest.mark.parametrize("v", [0.0, 1.0])
def test_neurons_that_are_off_altogether_are_measured_as_by_integers(v):
    fit = ShallowFitted(ReluNet([1.0, v], [1.0, 0.0], [0.5, 0.0]), Sample([0.25, 1.0], [1.0, 1.0]))
    lam, none = np.array([0.5, 0.25]), np.zeros(2)
    pins = Pins(np.array([1]), np.array([0]), np.array([0.125]), np.zeros(1))
    found = leftover(fit, Charges(lam, none, *pins))
    wanted = by_integers(fit, lam, none, pins)
    assert found.distance == wanted.distance == 0.0
    assert found.residual == pytest.approx(wanted.residual, rel=TIGHT)
    zero = ShallowFitted(ReluNet([0.0], [0.0], [0.0]), fit.sample)
    assert leftover(zero, Charges(lam, none, *(part[:0] for part in pins))) is None


@pytest.mark.parametrize("size", [1e-70, 1e70, 5e-324, 1e300])
def test_numbers_far_apart_are_left_to_integers(size):
    (instance, *_) = pools.kkt_pool(5, 4)
    charges = random_charges(instance, np.random.default_rng(0), 0)
    fit = fitted(instance)
    charges.high[0] = size
    assert leftover(fit, charges) is None
    v, w, b = instance.net
    large = ShallowFitted(ReluNet(v * size, w, b), fit.sample)
    assert leftover(large, charges._replace(high=np.ones(len(instance.x)))) is None


@pytest.mark.parametrize(
    ("high", "low", "weight", "rest", "signs"),
    [
        (1.0, 0.0, 1.0, 0.0, True),
        (1.0, 0.0, 1.0, 5e-17, False),
        (1.0, 5e-17, 1.0, 5e-17, True),
        (1.0, 5e-17, 1.0, 6e-17, False),
        (1.0, -5e-17, 1.0 - 2.0**-53, 0.0, True),
        (1.0, -5e-17, 1.0 - 2.0**-53, 2.0**-53, False),
        (1.0, 0.0, 0.0, -1e-30, False),
        (-1.0, 0.0, 0.0, 0.0, False),
        (0.0, 0.0, 0.0, 0.0, True),
    ],
)
def test_signs_are_exact(high, low, weight, rest, signs):
    """0 ≤ weight ≤ λ, each the sum of two doubles."""
    net = ReluNet([1.0, 1.0], [1.0, -1.0], [0.0, 0.0])
    fit = ShallowFitted(net, Sample([-1.0, 1.0], [1.0, 1.0]))
    one = np.zeros(1, dtype=np.intp)
    lam = np.array([high, 1.0])
    more = np.array([low, 0.0])
    charges = Charges(lam, more, one, one, np.array([weight]), np.array([rest]))
    assert leftover(fit, charges).signs is signs
    pins = Pins(one, one, np.array([weight]), np.array([rest]))
    assert by_integers(fit, lam, more, pins).signs is signs


def test_a_pin_on_a_dead_neuron_hides_nothing():
    """Its distance was 0/0 once, and the largest one with it: recheck held a forged certificate."""
    fit = ShallowFitted(
        ReluNet([1.0, 0.0], [1.0, 0.0], [0.0, 0.0]), Sample([1.0, 2.0], [1.0, -1.0])
    )
    none = np.zeros(2)
    found = leftover(fit, Charges(none, none, np.arange(2), np.zeros(2, np.intp), none, none))
    assert found.distance == pytest.approx(np.sqrt(0.5))
    assert worst(0.0, np.nan) == np.inf


def test_a_forged_certificate_of_a_large_net_is_refuted():
    """Kinks of the optimum set 1e-5 off their data, each pinned there, beside 4,100 dead neurons of
    which one is pinned.
    """
    sample = Sample([0.0, 1.0, 2.0, 3.0], [1.0, -1.0, 1.0, -1.0])
    true = kkt_certificate(max_margin(sample).net, sample)
    best = max_margin(sample).net
    shift = 1e-5 * np.array([1.0, -1.0])
    v, w = np.repeat(best.v, 2) / np.sqrt(2.0), np.repeat(best.w, 2) / np.sqrt(2.0)
    b = np.repeat(best.b, 2) / np.sqrt(2.0) - np.tile(shift, best.width) * w
    dead = np.zeros(4100)
    net = ReluNet(*(np.append(part, dead) for part in (v, w, b)))
    clarke = true.clarke
    neuron = np.append(np.concatenate([2 * clarke.neuron, 2 * clarke.neuron + 1]), len(v))
    forged = replace(
        true,
        clarke=replace(
            clarke,
            neuron=neuron,
            observation=np.append(np.tile(clarke.observation, 2), 0),
            weight=np.append(np.tile(clarke.weight, 2), 0.0),
            remainder=np.append(np.tile(clarke.remainder, 2), 0.0),
            derivative=np.append(np.tile(clarke.derivative, 2), 0.0),
        ),
    )
    found = recheck(forged, net, sample)
    assert found.verdict is not Verdict.HOLDS
    assert found.accuracy > 1e-6


def test_bounds_that_are_mostly_rounding_give_way_to_integers():
    """Far from scale 1 sums cancel by forty digits."""
    rng = np.random.default_rng(5)
    x = np.sort(rng.random(4200)) * 2.0**50
    sample = Sample(x, np.where(rng.random(4200) < 0.004, -1.0, 1.0))
    net = max_margin(sample).net
    found = kkt_certificate(net, sample)
    assert found.verdict is Verdict.HOLDS
    assert recheck(found, net, sample).verdict is Verdict.HOLDS
