"""Replays: certificates are found again on their net, and those tampered with, or of another net,
are not.
"""

import dataclasses
import math
from collections import Counter
from dataclasses import replace
from fractions import Fraction
from functools import cache

import cases
import numpy as np
import pools
import pytest
from oracles import exact
from pools import Instance

from univariate import (
    DeepReluNet,
    ReluNet,
    Sample,
    Verdict,
    certify,
    draw_sample,
    global_minimum_certificate,
    kkt_certificate,
    local_minimum_certificate,
    max_margin,
    recheck,
)
from univariate.common.tolerance import KKT_TOLERANCE
from univariate.optimum.global_minimum import GlobalMinimumCertificate
from univariate.standing.kkt import Clarke, KktCertificate
from univariate.standing.local_minimum import LocalMinimumCertificate
from univariate.standing.replay_sides import Branch, Sided

Certificate = KktCertificate | LocalMinimumCertificate | GlobalMinimumCertificate
FUNCTIONS = (kkt_certificate, local_minimum_certificate, global_minimum_certificate)
EPSILON = float(np.finfo(np.float64).eps)


def on_sample(net: pools.Net, case: cases.MarginCase) -> Instance:
    return Instance(net, np.array(case.x), np.array(case.y))


def net_of(instance: Instance) -> ReluNet:
    return ReluNet(*instance.net)


def sample_of(instance: Instance) -> Sample:
    return Sample(instance.x, instance.y)


def again(certificate: Certificate, instance: Instance):
    return recheck(certificate, net_of(instance), sample_of(instance))


OPTIMAL = on_sample(cases.ALTERNATING.net, cases.ALTERNATING)
NOT_LOCAL = on_sample(cases.KKT_NOT_LOCAL, cases.TWO_POSITIVE)
REDUNDANT = Instance(cases.REDUNDANT_SITE, cases.REDUNDANT_SITE_X, cases.REDUNDANT_SITE_Y)


@cache
def pool() -> tuple[Instance, ...]:
    """Local minima, global and not, KKT points with same-sign kinks, at hand and perturbed."""
    rng = np.random.default_rng(0)
    points = (
        *pools.kkt_pool(20, 12, pinned=0.3)[::8],
        *pools.kkt_pool(56, 20, pinned=1.0)[::5],
        *pools.global_pool(0, 60)[::12],
        NOT_LOCAL,
        REDUNDANT,
    )
    return tuple(
        pools.perturbed(one, size, rng) for one in points for size in (0.0, 1e-13, 1e-8, 1e-3)
    )


@cache
def certified(function) -> tuple[tuple[Instance, Certificate], ...]:
    return tuple((one, function(net_of(one), sample_of(one))) for one in pool())


# Untouched


@pytest.mark.parametrize("function", FUNCTIONS)
def test_what_is_claimed_is_found_again(function):
    seen = Counter()
    for instance, certificate in certified(function):
        found = again(certificate, instance)
        seen[certificate.verdict] += 1
        assert found.claim is certificate.verdict
        if certificate.verdict is Verdict.UNDECIDED:
            assert (found.verdict, found.reason) == (
                Verdict.UNDECIDED,
                "an undecided certificate claims nothing",
            )
            continue
        assert found.verdict is Verdict.HOLDS
        if certificate.verdict is Verdict.HOLDS:
            claimed = (
                certificate.duality_gap
                if function is global_minimum_certificate
                else certificate.accuracy
            )
            assert found.accuracy == pytest.approx(claimed, rel=1e-6, abs=8 * EPSILON)
        elif certificate.witness is not None:
            worst = min(exact.margins(*instance.net, instance.x, instance.y))
            norm_squared = exact.norm_squared(*instance.net) / worst
            theta = certificate.witness.v, certificate.witness.w, certificate.witness.b
            assert found.accuracy == pytest.approx(
                float(1 - exact.norm_squared(*theta) / norm_squared), rel=1e-9
            )
    assert min(seen[Verdict.HOLDS], seen[Verdict.FAILS]) >= 15
    assert function is global_minimum_certificate or seen[Verdict.UNDECIDED] >= 10


@pytest.mark.core
@pytest.mark.parametrize("function", FUNCTIONS)
def test_replays_in_miniature(function):
    for instance in (OPTIMAL, NOT_LOCAL, REDUNDANT):
        certificate = function(net_of(instance), sample_of(instance))
        assert again(certificate, instance).verdict is Verdict.HOLDS
        other = pools.resized(instance, 1e-3, np.random.default_rng(1))
        assert (
            certificate.verdict is Verdict.FAILS
            or again(certificate, other).verdict is Verdict.FAILS
        )


def test_text_and_data():
    found = again(kkt_certificate(net_of(OPTIMAL), sample_of(OPTIMAL)), OPTIMAL)
    data = found.to_dict()
    assert (data["verdict"], data["claim"], data["accuracy"]) == ("HOLDS", "HOLDS", found.accuracy)
    assert "relative residuals" in data["reason"]
    assert "\n" not in repr(found)
    assert len(repr(found)) < 200


# Claims that hold


def holding(function) -> list[tuple[Instance, Certificate]]:
    return [
        (one, certificate)
        for one, certificate in certified(function)
        if certificate.verdict is Verdict.HOLDS
    ]


def times(name: str, factor: float):
    return lambda certificate: dataclasses.replace(
        certificate, **{name: factor * getattr(certificate, name)}
    )


def without_one_multiplier(certificate: KktCertificate) -> KktCertificate:
    multipliers = certificate.multipliers.copy()
    multipliers[np.argmax(multipliers)] = 0.0
    return dataclasses.replace(
        certificate, multipliers=multipliers, remainders=np.zeros(len(multipliers))
    )


def without_pins(certificate: KktCertificate) -> KktCertificate:
    nothing, none = np.zeros(0), np.zeros(0, dtype=np.intp)
    clarke = type(certificate.clarke)(none, none, nothing, nothing, nothing, 0.0)
    return dataclasses.replace(certificate, clarke=clarke)


def with_weights(factor: float):
    def tamper(certificate: KktCertificate) -> KktCertificate:
        clarke = dataclasses.replace(certificate.clarke, weight=factor * certificate.clarke.weight)
        return dataclasses.replace(certificate, clarke=clarke)

    return tamper


@pytest.mark.parametrize(
    "tamper",
    [
        times("multipliers", 1.0 + 1e-6),
        times("multipliers", 0.5),
        times("multipliers", -1.0),
        times("multipliers", 0.0),
        without_one_multiplier,
        lambda certificate: dataclasses.replace(
            certificate, multipliers=certificate.multipliers[:-1]
        ),
        lambda certificate: dataclasses.replace(certificate, tolerance=1e-18),
    ],
    ids=["a little more", "half", "negative", "none", "one less", "one short", "a finer tolerance"],
)
def test_kkt_multipliers_tampered_with(tamper):
    tried = 0
    for instance, certificate in holding(kkt_certificate):
        if certificate.accuracy == 0.0 and tamper(certificate).tolerance < KKT_TOLERANCE:
            continue
        tried += 1
        assert again(tamper(certificate), instance).verdict is Verdict.FAILS
    assert tried >= 20


@pytest.mark.parametrize(
    "tamper",
    [without_pins, with_weights(0.5), with_weights(1e3), with_weights(-1.0)],
    ids=["none", "½", "10³", "−1"],
)
def test_kkt_kinks_tampered_with(tamper):
    tried = 0
    for instance, certificate in holding(kkt_certificate):
        if certificate.clarke.weight.max(initial=0.0) > 1e-3:
            tried += 1
            assert again(tamper(certificate), instance).verdict is Verdict.FAILS
    assert tried >= 10


@pytest.mark.parametrize("neuron", [-1, 99])
def test_kkt_kinks_of_no_neuron(neuron):
    certificate = kkt_certificate(net_of(NOT_LOCAL), sample_of(NOT_LOCAL))
    for part in ("neuron", "observation"):
        clarke = dataclasses.replace(certificate.clarke, **{part: np.array([neuron])})
        found = again(dataclasses.replace(certificate, clarke=clarke), NOT_LOCAL)
        assert (found.verdict, found.reason) == (
            Verdict.FAILS,
            "it belongs to another net or sample",
        )


def test_a_kink_is_taken_to_one_observation():
    """Of one that is listed twice the first entry would count for choices, the last for sums."""
    certificate = kkt_certificate(net_of(NOT_LOCAL), sample_of(NOT_LOCAL))
    twice = {
        part: np.repeat(getattr(certificate.clarke, part), 2)
        for part in ("neuron", "observation", "derivative", "weight", "remainder")
    }
    clarke = dataclasses.replace(certificate.clarke, **twice)
    assert again(certificate, NOT_LOCAL).verdict is Verdict.HOLDS
    found = again(dataclasses.replace(certificate, clarke=clarke), NOT_LOCAL)
    assert found.reason == "it belongs to another net or sample"


def test_local_minima_tampered_with():
    """The parts of `sides` one by one are the subject of test_sides; here, that the replay looks at
    them.
    """
    for instance, certificate in holding(local_minimum_certificate):
        sides = certificate.sides
        branch, *others = sides.branches
        more = branch._replace(high=branch.high * (1.0 + 1e-6))
        for broken in (
            None,
            sides._replace(branches=()),
            sides._replace(branches=(more, *others)),
            sides._replace(
                branches=(branch._replace(high=branch.high[:, 1:], low=branch.low[:, 1:]), *others)
            ),
            sides._replace(neuron=sides.neuron + 99) if len(sides.neuron) else None,
        ):
            assert (
                again(dataclasses.replace(certificate, sides=broken), instance).verdict
                is Verdict.FAILS
            )


def test_zero_neurons_need_the_proof_of_a_global_minimum():
    instance = OPTIMAL._replace(net=tuple(np.append(part, 0.0) for part in OPTIMAL.net))
    certificate = local_minimum_certificate(net_of(instance), sample_of(instance))
    assert again(certificate, instance).verdict is Verdict.HOLDS
    for optimal in (
        None,
        dataclasses.replace(
            certificate.global_minimum, multipliers=0.0 * certificate.global_minimum.multipliers
        ),
    ):
        found = again(dataclasses.replace(certificate, global_minimum=optimal), instance)
        assert (found.verdict, found.reason) == (
            Verdict.FAILS,
            "neurons that are zero, and no proof of a global minimum",
        )


@pytest.mark.parametrize(
    "tamper",
    [
        times("multipliers", 0.0),
        times("multipliers", -1.0),
        lambda certificate: dataclasses.replace(
            certificate, multipliers=certificate.multipliers[::-1] + 1.0
        ),
        lambda certificate: dataclasses.replace(
            certificate, multipliers=certificate.multipliers[1:]
        ),
    ],
    ids=["none", "negative", "others", "one short"],
)
def test_global_minima_tampered_with(tamper):
    pairs = holding(global_minimum_certificate)
    assert len(pairs) >= 10
    for instance, certificate in pairs:
        assert again(tamper(certificate), instance).verdict is Verdict.FAILS


@pytest.mark.parametrize("words", [(0.0, 1.0), (-1.0, 2.0), (2.0**-60, 1.0)])
def test_remainders_are_multipliers_too(words):
    """u = (1, 1) is stationary with λ on x = 1, whose margin is twice the smallest."""
    sample = Sample([0.0, 1.0], [1.0, 1.0])
    size = 2.0**0.25
    net = ReluNet([size], [1.0 / size], [1.0 / size])
    honest = kkt_certificate(net, sample)
    assert honest.verdict is Verdict.FAILS
    high, low = (np.array([0.0, word * 0.5 * size**2]) for word in words)
    forged = replace(
        honest, verdict=Verdict.HOLDS, multipliers=high, remainders=low, direction=None
    )
    reason = "a multiplier is at a margin that is not active"
    assert recheck(forged, net, sample).reason == reason
    nothing = np.zeros(0, dtype=np.intp)
    none = np.zeros((1, 0))
    branch = Branch((), none.astype(np.intp), high[None], low[None], none, none)
    sided = Sided(nothing, nothing, nothing, (branch,))
    local = replace(
        local_minimum_certificate(net, sample), verdict=Verdict.HOLDS, kkt=forged, sides=sided
    )
    assert recheck(local, net, sample).verdict is Verdict.FAILS


def test_arrays_of_other_lengths_prove_nothing():
    """Words side by side in one array would be read as others: λ moves to its neighbour."""
    sample = Sample([0.0, 1.0], [1.0, 1.0])
    size = 2.0**0.25
    net = ReluNet([size, 1.0], [1.0 / size, 1.0], [1.0 / size, -1.0])
    pin = np.array([1])
    pinned = Clarke(pin, pin, np.zeros(1), np.zeros(2), np.zeros(0), 0.0)
    forged = replace(
        kkt_certificate(net, sample),
        verdict=Verdict.HOLDS,
        tolerance=1e-6,
        multipliers=np.zeros(2),
        remainders=np.array([0.5 * size**2, 0.0]),
        clarke=pinned,
        direction=None,
    )
    assert recheck(forged, net, sample).reason == "its arrays do not fit together"
    shorter = replace(forged, remainders=np.zeros(1), clarke=pinned)
    assert recheck(shorter, net, sample).reason == "it belongs to another net or sample"
    bytes_ = np.array([0, 128], dtype=np.uint8)
    wrapped = replace(forged, multipliers=bytes_, remainders=bytes_)
    assert recheck(wrapped, net, sample).reason == "it belongs to another net or sample"
    mask = replace(forged, clarke=replace(pinned, neuron=np.array([False, True])))
    assert recheck(mask, net, sample).reason == "it belongs to another net or sample"


@pytest.mark.parametrize("size", [1e307, 1.7e308])
def test_multipliers_whose_sum_overflows_prove_no_global_minimum(size):
    for instance, certificate in holding(global_minimum_certificate):
        twice = instance._replace(net=tuple(10.0 * part for part in instance.net))
        twice = twice._replace(net=tuple(np.append(part, part[0]) for part in twice.net))
        huge = replace(certificate, multipliers=np.full(len(instance.x), size))
        assert again(huge, twice).verdict is Verdict.FAILS


@pytest.mark.parametrize("between", [1, 5000])
@pytest.mark.parametrize("far", [1e10, 1e12, 1e60])
def test_a_dead_neuron_is_not_turned_round_onto_an_observation(far, between):
    """With its kink at `far`, it lies a relative 2/far from one that looks right from −far."""
    x = np.append(-far, np.linspace(0.0, 1.0, between))
    net = ReluNet([-1.0, 1.0], [0.0, 1.0 / far], [1.0, -1.0])
    sample = Sample(x, -np.ones(len(x)))
    honest = kkt_certificate(net, sample)
    assert honest.verdict is Verdict.FAILS
    multipliers = np.zeros(len(x))
    multipliers[1] = 1.0
    none = np.zeros(1)
    pinned = Clarke(np.array([1]), np.array([0]), none, none, none, 0.0)
    forged = replace(
        honest,
        verdict=Verdict.HOLDS,
        multipliers=multipliers,
        remainders=np.zeros(len(x)),
        clarke=pinned,
        direction=None,
    )
    assert recheck(forged, net, sample).verdict is Verdict.FAILS


@pytest.mark.parametrize("factor", [0.5, 2.0])
def test_multipliers_of_any_size_are_scaled_to_be_feasible_for_the_dual(factor):
    """They prove what they prove when scaled, no more and no less."""
    for instance, certificate in holding(global_minimum_certificate):
        found = again(times("multipliers", factor)(certificate), instance)
        assert found.verdict is Verdict.HOLDS
        assert found.accuracy == pytest.approx(
            again(certificate, instance).accuracy, abs=8 * EPSILON
        )


@pytest.mark.parametrize("function", FUNCTIONS)
def test_claims_that_hold_do_not_hold_of_other_nets(function):
    rng = np.random.default_rng(2)
    for instance, certificate in holding(function):
        others = [
            instance._replace(net=tuple(-part for part in instance.net)),
            instance._replace(net=(1.5 * instance.net[0], *instance.net[1:])),
        ]
        # a net of one neuron is as good twice, and as good in any size
        if len(instance.net[0]) > 1:
            others.append(pools.resized(instance, 1e-2, rng))
            others.append(
                instance._replace(net=tuple(np.append(part, part[0]) for part in instance.net))
            )
        for other in others:
            assert again(certificate, other).verdict is Verdict.FAILS


@pytest.mark.parametrize("function", FUNCTIONS)
def test_claims_that_hold_do_not_hold_on_other_samples(function):
    for instance, certificate in holding(function):
        others = [
            instance._replace(y=-instance.y),
            instance._replace(x=instance.x + 0.25 * np.diff(instance.x).min()),
            Instance(
                instance.net,
                np.append(instance.x, instance.x[-1] + 1.0),
                np.append(instance.y, instance.y[-1]),
            ),
        ]
        for other in others:
            assert again(certificate, other).verdict is Verdict.FAILS


def test_claims_do_not_hold_of_nets_that_miss_an_observation():
    certificate = kkt_certificate(net_of(OPTIMAL), sample_of(OPTIMAL))
    found = again(certificate, OPTIMAL._replace(y=-OPTIMAL.y))
    assert (found.verdict, found.claim, found.reason) == (
        Verdict.FAILS,
        Verdict.HOLDS,
        "the net does not interpolate",
    )


# Claims that fail


def refuted(function) -> list[tuple[Instance, Certificate]]:
    kept = [
        (one, certificate)
        for one, certificate in certified(function)
        if certificate.verdict is Verdict.FAILS
    ]
    return [(one, certificate) for one, certificate in kept if certificate.witness is not None]


def with_the_net_itself(certificate: Certificate, instance: Instance) -> Certificate:
    """Scaled up so that every margin is at least 1."""
    worst = float(min(exact.margins(*instance.net, instance.x, instance.y)))
    # more than rounding takes from the margins, far from 0 too
    factor = (1.0 + 1e-9) / np.sqrt(worst)
    theta = tuple(factor * part for part in instance.net)
    assert min(exact.margins(*theta, instance.x, instance.y)) >= 1
    return dataclasses.replace(certificate, witness=ReluNet(*theta))


def with_a_smaller_witness(certificate: Certificate, _: Instance) -> Certificate:
    """Of smaller norm still, with margins below 1."""
    witness = certificate.witness
    return dataclasses.replace(certificate, witness=ReluNet(0.99 * witness.v, witness.w, witness.b))


def with_a_larger_witness(certificate: Certificate, _: Instance) -> Certificate:
    witness = certificate.witness
    return dataclasses.replace(
        certificate, witness=ReluNet(9.0 * witness.v, 9.0 * witness.w, 9.0 * witness.b)
    )


@pytest.mark.parametrize("function", FUNCTIONS)
@pytest.mark.parametrize(
    "tamper", [with_the_net_itself, with_a_smaller_witness, with_a_larger_witness]
)
def test_witnesses_that_are_no_better(function, tamper):
    pairs = refuted(function)
    assert len(pairs) >= 10
    for instance, certificate in pairs:
        found = again(tamper(certificate, instance), instance)
        assert (found.verdict, found.reason) == (Verdict.FAILS, "the witness is no better")


@pytest.mark.parametrize("function", FUNCTIONS)
def test_a_witness_refutes_no_optimum(function):
    """It may refute other nets on the sample, for which it is better too; but not the optimum."""
    for instance, certificate in refuted(function)[::2]:
        best = max_margin(sample_of(instance)).net
        optimum = instance._replace(net=(best.v, best.w, best.b))
        assert again(certificate, optimum).verdict is Verdict.FAILS


def test_without_a_witness_the_direction_is_replayed():
    """The residual along it, or that of imbalance, which needs no direction."""
    tried = 0
    for instance, certificate in refuted(kkt_certificate):
        without = dataclasses.replace(certificate, witness=None)
        found = again(without, instance)
        assert found.verdict is Verdict.HOLDS
        assert found.accuracy > KKT_TOLERANCE
        assert found.accuracy == pytest.approx(certificate.least_residual, rel=1e-9)
        still = dataclasses.replace(without, direction=np.zeros_like(certificate.direction))
        backwards = dataclasses.replace(without, direction=-certificate.direction)
        if not certificate.unbalanced.size and not certificate.dead.size:
            tried += 1
            assert again(still, instance).verdict is Verdict.FAILS
            assert again(backwards, instance).verdict is Verdict.FAILS
        for direction in (None, certificate.direction[:-1]):
            broken = dataclasses.replace(without, direction=direction)
            assert again(broken, instance).reason == "it has no witness that can be replayed"
    balanced = [
        pools.resized(one, 1e-2, np.random.default_rng(3))
        for one in pools.kkt_pool(20, 12, pinned=0.3)[:12]
    ]
    for instance in balanced:
        certificate = kkt_certificate(net_of(instance), sample_of(instance))
        if certificate.direction is not None:
            tried += 1
            for factor, verdict in (
                (1.0, Verdict.HOLDS),
                (0.0, Verdict.FAILS),
                (-1.0, Verdict.FAILS),
            ):
                broken = dataclasses.replace(
                    certificate, witness=None, direction=factor * certificate.direction
                )
                assert again(broken, instance).verdict is verdict
    assert tried >= 8


def test_a_missed_observation_is_missed_again():
    missing = OPTIMAL._replace(net=tuple(-part for part in OPTIMAL.net))
    for function in FUNCTIONS:
        certificate = function(net_of(missing), sample_of(missing))
        found = again(certificate, missing)
        assert (found.verdict, found.claim) == (Verdict.HOLDS, Verdict.FAILS)
        assert found.reason.startswith("the net misses observation ")
        # which says nothing against a net that does not
        assert again(certificate, OPTIMAL).reason == "it has no witness that can be replayed"


# The door


def optimum():
    return max_margin(sample_of(OPTIMAL))


@pytest.mark.parametrize("make", [type(None), lambda: "HOLDS", lambda: Verdict.HOLDS, optimum])
def test_other_things_are_no_certificates(make):
    certificate = make()
    message = (
        "`certificate` must be that of a KKT point, a local or a global minimum, got"
        f" {type(certificate).__name__}; "
    )
    with pytest.raises(TypeError, match=message + "pass the result of kkt_certificate"):
        again(certificate, OPTIMAL)


def test_other_arguments_are_refused():
    certificate = kkt_certificate(net_of(OPTIMAL), sample_of(OPTIMAL))
    with pytest.raises(TypeError, match=r"`net` must be a ReluNet, .*; got DeepReluNet"):
        recheck(certificate, DeepReluNet([([[1.0]], [0.0]), ([[1.0]], [0.5])]), sample_of(OPTIMAL))
    with pytest.raises(TypeError, match="`sample` must be a Sample, got NoneType"):
        recheck(certificate, net_of(OPTIMAL), None)


# Large nets


def test_replays_of_a_large_optimum():
    sample = draw_sample(10_000, 0.3, rng=3)
    best = max_margin(sample)
    for function in FUNCTIONS:
        certificate = function(best.net, sample)
        assert certificate.verdict is Verdict.HOLDS
        assert recheck(certificate, best.net, sample).verdict is Verdict.HOLDS
        other = ReluNet(best.net.v * 1.001, best.net.w, best.net.b)
        assert recheck(certificate, other, sample).verdict is Verdict.FAILS


# What a certificate says about itself is not believed

OUTWARD = (
    ("-388/35", "0", 1),
    ("768/35", "5/12", 1),
    ("-2400/91", "8/15", -1),
    ("1828/91", "3/4", -1),
)
FOUR = Sample([0.0, 5 / 12, 8 / 15, 3 / 4], [1.0, -1.0, 1.0, -1.0])


def outward(*extra):
    """A local minimum that is not global, and perhaps more neurons (v, w, b)."""
    atoms = []
    for jump, kink, side in OUTWARD:
        size, place = Fraction(jump), Fraction(kink)
        atoms.append((math.copysign(1.0, size), side * abs(size), -side * abs(size) * place))
    best = ReluNet(*np.array(atoms, dtype=float).T).balanced()
    more = np.array(extra, dtype=float).reshape(-1, 3).T
    return ReluNet(*(np.append(a, b) for a, b in zip((best.v, best.w, best.b), more, strict=True)))


def test_neurons_to_spare_are_those_of_the_net():
    certificate = local_minimum_certificate(outward(), FOUR)
    assert certificate.verdict is Verdict.HOLDS
    assert recheck(certificate, outward(), FOUR).verdict is Verdict.HOLDS
    assert recheck(certificate, outward((0.0, 0.0, 0.0)), FOUR).verdict is Verdict.FAILS


@pytest.mark.parametrize("size", [0.0, 1e-300, 1e-14, 1e-12, 1e-10, 1e-9, 1e-8, 1e-7, 1e-6])
def test_a_neuron_too_small_to_have_a_direction_is_one_to_spare(size):
    net = outward(size * np.array([13 / 12, -1.0, 5 / 12]))
    found = local_minimum_certificate(net, FOUR)
    assert found.verdict is not Verdict.HOLDS
    if size <= 1e-9:
        assert found.verdict is Verdict.FAILS
        assert 4 in found.spare
        assert recheck(found, net, FOUR).verdict is Verdict.HOLDS


def test_numbers_that_are_none_prove_nothing():
    sample = Sample([0.0, 1.0], [1.0, -1.0])
    best = max_margin(sample)
    none = np.full(2, np.nan)
    for other in (none, np.full(2, np.inf), -best.multipliers):
        given = replace(global_minimum_certificate(best.net, sample), multipliers=other)
        assert recheck(given, best.net, sample).verdict is Verdict.FAILS
        given = replace(kkt_certificate(best.net, sample), multipliers=other)
        assert recheck(given, best.net, sample).verdict is Verdict.FAILS
    net = ReluNet([1.0, -3.0], [0.0, 1.0], [1.0, 0.0])
    for certified in (global_minimum_certificate, certify):
        with pytest.raises(ValueError, match="finite multipliers"):
            certified(net, sample, optimum=replace(best, multipliers=none))
    with pytest.raises(ValueError, match="`kkt` must belong"):
        local_minimum_certificate(net, sample, kkt=kkt_certificate(best.net, sample))


def test_a_net_that_is_better_elsewhere_refutes_a_global_minimum_only():
    best = max_margin(FOUR).net
    certificates = [function(outward(), FOUR) for function in FUNCTIONS]
    assert [one.verdict for one in certificates] == [Verdict.HOLDS, Verdict.HOLDS, Verdict.FAILS]
    for certificate in certificates:
        given = replace(certificate, verdict=Verdict.FAILS, witness=best)
        is_global = isinstance(certificate, GlobalMinimumCertificate)
        assert recheck(given, outward(), FOUR).verdict is Verdict.of(is_global)


def test_a_better_net_of_as_many_neurons_may_lie_in_another_cell():
    """The same sample, every neuron with its own sign, kinks in other gaps."""
    certificate = local_minimum_certificate(outward(), FOUR)
    net = outward()
    best = max_margin(FOUR).net
    paired = np.zeros((3, net.width))
    free = list(range(net.width))
    for neuron in np.array([best.v, best.w, best.b]).T:
        j = next(j for j in free if net.v[j] * neuron[0] > 0.0)
        free.remove(j)
        paired[:, j] = neuron
    witness = ReluNet(*paired)
    given = replace(certificate, verdict=Verdict.FAILS, witness=witness)
    found = recheck(given, net, FOUR)
    assert found.reason == "the witness is better, but refutes no such point"


@pytest.mark.parametrize("tolerance", [1.0, 1e-3, math.inf, math.nan])
def test_what_a_certificate_rests_on_is_no_weaker_than_it(tolerance):
    """Neurons that are zero gain nothing at a global minimum; this is none."""
    certificate = local_minimum_certificate(outward(), FOUR)
    best = global_minimum_certificate(outward(), FOUR)
    given = replace(certificate, global_minimum=replace(best, tolerance=tolerance))
    assert recheck(given, outward((0.0, 0.0, 0.0)), FOUR).verdict is Verdict.FAILS


def test_a_tolerance_within_a_certificate_refutes_nothing():
    certificate = local_minimum_certificate(outward(), FOUR)
    direction = np.zeros((outward().width, 3))
    within = replace(certificate.kkt, tolerance=-1.0, direction=direction)
    given = replace(certificate, verdict=Verdict.FAILS, kkt=within)
    assert recheck(given, outward(), FOUR).verdict is Verdict.FAILS


def test_a_tolerance_that_is_none_refutes_nothing():
    sample = Sample([0.0, 1.0], [1.0, -1.0])
    best = max_margin(sample).net
    holds = kkt_certificate(best, sample)
    for tolerance in (-1.0, math.nan, 1e-3):
        nothing = np.zeros((best.width, 3))
        given = replace(holds, verdict=Verdict.FAILS, tolerance=tolerance, direction=nothing)
        assert recheck(given, best, sample).verdict is Verdict.FAILS
