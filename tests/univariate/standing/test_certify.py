"""The level of a net: the last one up to which all certificates hold, whatever holds beyond."""

import json
import math
from dataclasses import replace

import cases
import numpy as np
import pools
import pytest
import strategies
from hypothesis import assume, example, given, settings
from oracles import exact
from pools import Instance

from univariate import (
    DeepReluNet,
    ReluNet,
    Sample,
    Standing,
    Verdict,
    certify,
    global_minimum_certificate,
    kkt_certificate,
    local_minimum_certificate,
    max_margin,
    recheck,
)
from univariate.common.ladder import LEVELS
from univariate.common.tolerance import OPTIMALITY_GAP

LINE = 1200  # characters of one line of text that names all fields
EPSILON = float(np.finfo(np.float64).eps)


def standing(instance: Instance, **options) -> Standing:
    return certify(ReluNet(*instance.net), Sample(instance.x, instance.y), **options)


def on_sample(net: pools.Net, case: cases.MarginCase) -> Instance:
    return Instance(net, np.array(case.x), np.array(case.y))


LOCAL = cases.LOCAL_NOT_GLOBAL
OPTIMAL = on_sample(cases.ALTERNATING.net, cases.ALTERNATING)
EXAMPLES = {
    "infeasible": on_sample(tuple(-part for part in cases.ALTERNATING.net), cases.ALTERNATING),
    "feasible": OPTIMAL._replace(net=(1.5 * OPTIMAL.net[0], *OPTIMAL.net[1:])),
    "kkt": on_sample(cases.KKT_NOT_LOCAL, cases.TWO_POSITIVE),
    "local minimum": Instance(LOCAL.net, np.array(LOCAL.x, dtype=float), np.array(LOCAL.y)),
    "global minimum": OPTIMAL,
}


def consistent(found: Standing, instance: Instance) -> None:
    """Assert that a standing is what its certificates say, and no more."""
    certificates = (found.interpolation, found.kkt, found.local_minimum, found.global_minimum)
    verdicts = [certificate.verdict for certificate in certificates]
    held = [k + 1 for k, verdict in enumerate(verdicts) if verdict is Verdict.HOLDS]
    rank = max(held, default=0) if verdicts[0] is Verdict.HOLDS else 0
    assert found.rank == rank
    # what holds implies what comes before it: that may be undecided, but does not fail
    assert Verdict.FAILS not in verdicts[:rank]
    assert found.level == LEVELS[rank]
    assert found.next_verdict is (verdicts[rank] if rank < len(verdicts) else Verdict.HOLDS)
    worst = min(exact.margins(*instance.net, instance.x, instance.y))
    assert (rank > 0) is (worst > 0)
    if rank == 0:
        assert (found.scale, found.witness, found.next_verdict) == (0.0, None, Verdict.FAILS)
        assert "observation" in found.reason
        return
    assert found.witness is (certificates[rank].witness if rank < len(certificates) else None)
    assert found.reason == certificates[min(rank, 3)].reason
    # each level implies those before: a better net nearby refutes all that follow
    if verdicts[1] is Verdict.FAILS:
        assert verdicts[2] is Verdict.FAILS
    assert verdicts[2] is not Verdict.HOLDS or verdicts[1] is Verdict.HOLDS
    assert verdicts[3] is not Verdict.HOLDS or Verdict.FAILS not in verdicts[:3]
    if found.witness is not None:
        theta = found.witness.v, found.witness.w, found.witness.b
        assert min(exact.margins(*theta, instance.x, instance.y)) >= 1
        assert exact.norm_squared(*theta) < exact.norm_squared(*instance.net) / worst


# Levels


def test_levels_are_ordered():
    assert LEVELS == ("infeasible", "feasible", "kkt", "local minimum", "global minimum")
    ranks = [standing(instance).rank for instance in EXAMPLES.values()]
    assert ranks == [0, 1, 2, 3, 4]


@pytest.mark.core
@pytest.mark.parametrize("level", EXAMPLES)
def test_a_net_of_every_level(level):
    instance = EXAMPLES[level]
    found = standing(instance)
    assert found.level == level
    consistent(found, instance)
    assert found.next_verdict is (Verdict.HOLDS if level == "global minimum" else Verdict.FAILS)
    assert (found.witness is None) is (level in ("infeasible", "global minimum"))


def test_certificates_are_those_of_the_functions():
    for instance in EXAMPLES.values():
        net, sample = ReluNet(*instance.net), Sample(instance.x, instance.y)
        found = certify(net, sample, optimum=max_margin(sample))
        assert found == certify(net, sample)
        assert found.kkt == kkt_certificate(net, sample)
        assert found.local_minimum == local_minimum_certificate(net, sample)
        best = global_minimum_certificate(net, sample, tolerance=OPTIMALITY_GAP)
        assert found.global_minimum.to_dict() == best.to_dict()
        assert found.local_minimum.kkt is found.kkt


def near_zero(step: int) -> list[Instance]:
    return [instance for instance in pools.global_pool(0, 60) if np.max(np.abs(instance.x)) <= 2.0][
        ::step
    ]


@pytest.mark.parametrize("size", [0.0, 1e-12, 1e-9, 1e-7, 1e-5])
def test_levels_of_perturbed_nets(size):
    rng = np.random.default_rng(1)
    undecided = 0
    for instance in (*pools.kkt_pool(20, 12, pinned=0.3)[::16], *near_zero(12), *EXAMPLES.values()):
        moved = pools.perturbed(instance, size, rng)
        found = standing(moved)
        consistent(found, moved)
        undecided += found.next_verdict is Verdict.UNDECIDED
    assert (undecided > 0) is (1e-11 < size < 1e-5)


def test_the_ladder_is_monotone():
    """Stretching one neuron by 1 + h leaves N alone and raises the norm² by h² only, but
    stationarity by h: the norm is the least one to 1e-9 when it is undecided whether the net is a
    KKT point, and when it is none. Then it is no global minimum to the tolerance of θ either.
    """
    v, w, b = OPTIMAL.net
    for stretch, verdict, best, level in (
        (1.0 + 1e-7, Verdict.UNDECIDED, Verdict.HOLDS, "global minimum"),
        (1.0 + 1e-5, Verdict.FAILS, Verdict.UNDECIDED, "feasible"),
    ):
        factor = np.where(np.arange(len(v)) == 1, stretch, 1.0)
        instance = OPTIMAL._replace(net=(factor * v, w / factor, b / factor))
        found = standing(instance)
        consistent(found, instance)
        assert found.kkt.verdict is found.local_minimum.verdict is verdict
        assert found.global_minimum.verdict is best
        assert found.level == level


def test_a_feasible_net_of_nearly_the_least_norm_is_not_certified_in_part():
    net = ReluNet([1], [1e-5], [1]).balanced()
    found = certify(net, Sample([0.0, 1.0], [1.0, 1.0]))
    assert found.level == "feasible"
    assert found.kkt.verdict is Verdict.FAILS
    assert found.global_minimum.verdict is Verdict.UNDECIDED
    # a multiplier at a margin of 1 + 1e-5 is none, however small
    given = replace(
        found.kkt,
        verdict=Verdict.HOLDS,
        multipliers=np.array([1.0 - 1e-5, 1e-5]),
        remainders=np.zeros(2),
    )
    assert recheck(given, net, Sample([0.0, 1.0], [1.0, 1.0])).verdict is Verdict.FAILS


def test_the_tolerance_is_that_of_kkt_points_and_local_minima():
    rng = np.random.default_rng(2)
    for instance in near_zero(6):
        moved = pools.perturbed(instance, 1e-12, rng)
        for tolerance, verdict in ((1e-14, Verdict.UNDECIDED), (1e-7, Verdict.HOLDS)):
            found = standing(moved, tolerance=tolerance)
            assert found.level == "global minimum"
            assert found.kkt.verdict is verdict
            assert found.kkt.tolerance == found.local_minimum.tolerance == tolerance
            assert found.global_minimum.tolerance == OPTIMALITY_GAP


@pytest.mark.parametrize("factor", [1e-100, 1.0 / 3.0, 2.0**20])
@pytest.mark.parametrize("level", EXAMPLES)
def test_scaling_keeps_the_level(level, factor):
    instance = EXAMPLES[level]
    scaled = instance._replace(net=tuple(factor * part for part in instance.net))
    found = standing(scaled)
    assert found.level == level
    consistent(found, scaled)
    if level != "infeasible":
        assert found.scale == pytest.approx(factor * standing(instance).scale, rel=8 * EPSILON)
        v, w, b = (part / found.scale for part in scaled.net)
        assert float(min(exact.margins(v, w, b, instance.x, instance.y))) == pytest.approx(
            1.0, rel=64 * EPSILON
        )


# As text and data


@pytest.mark.parametrize("level", EXAMPLES)
def test_results_serialise_and_read_well(level):
    found = standing(EXAMPLES[level])
    for result in (
        found,
        found.interpolation,
        found.kkt,
        found.local_minimum,
        found.global_minimum,
    ):
        data = json.loads(json.dumps(result.to_dict(), allow_nan=False))
        assert data["reason" if hasattr(result, "reason") else "verdict"]
        assert "\n" not in repr(result)
        assert len(repr(result)) < LINE
    data = found.to_dict()
    assert (data["level"], data["kkt"]["verdict"]) == (level, found.kkt.verdict.name)
    assert np.array_equal(data["kkt"]["multipliers"], found.kkt.multipliers)
    assert len(repr(found)) < 400


def test_certificates_of_large_nets_read_well():
    instance = pools.global_pool(0, 60)[5]
    many = Instance(
        tuple(np.concatenate([part / 4.0] * 16) for part in instance.net), instance.x, instance.y
    )
    for found in (standing(many), standing(pools.perturbed(many, 1e-3, np.random.default_rng(0)))):
        for result in (found, found.kkt, found.local_minimum, found.global_minimum):
            assert "\n" not in repr(result)
            assert len(repr(result)) < LINE


# Any net


@given(strategies.nets(), strategies.samples(unit_interval=False))
@settings(max_examples=40)
@example(  # a direction over the largest parameter overflows
    tuple(np.array([5e-324]) for _ in "vwb"), (np.array([0.0]), np.array([1.0]))
)
@example(  # sums of margin and bound overflow
    tuple(np.array(part) for part in ([-1.0, -1.0], [1.0, 3e-310], [0.5, 1.7976931348623157e308])),
    (np.array([-0.25, 0.5]), np.array([-1.0, -1.0])),
)
def test_any_net_has_a_level(net, sample):
    x, y = sample
    values = [exact.net_value(*net, point) for point in x]
    if all(value != 0 for value in values):  # let it interpolate
        y = np.array([1.0 if value > 0 else -1.0 for value in values])
    instance = Instance(net, x, y)
    found = standing(instance)
    consistent(found, instance)
    for certificate in (found.kkt, found.local_minimum, found.global_minimum):
        again = recheck(certificate, ReluNet(*net), Sample(x, y)).verdict
        assert again is (
            Verdict.UNDECIDED if certificate.verdict is Verdict.UNDECIDED else Verdict.HOLDS
        )
    json.dumps(found.to_dict(), allow_nan=False)


@given(strategies.samples(max_size=6, unit_interval=False))
@settings(max_examples=25)
def test_optima_of_any_sample_are_global_minima_or_undecided(points):
    """Gaps that differ by 2²⁰ cost digits of the parameters, and a verdict perhaps, but never make
    it wrong.
    """
    x, y = points
    best = max_margin(Sample(x, y))
    found = standing(Instance((best.net.v, best.net.w, best.net.b), x, y), optimum=best)
    assume(best.duality_gap <= OPTIMALITY_GAP)
    assert found.global_minimum.verdict is Verdict.HOLDS
    assert found.level == "global minimum" or found.next_verdict is not Verdict.HOLDS


# The door


NET, SAMPLE = ReluNet(*OPTIMAL.net), Sample(OPTIMAL.x, OPTIMAL.y)


@pytest.mark.parametrize(
    ("net", "sample", "message"),
    [
        (
            DeepReluNet([([[1.0]], [0.0]), ([[1.0]], [0.5])]),
            SAMPLE,
            r"`net` must be a ReluNet, Problem \(1\) is about",
        ),
        ("net", SAMPLE, "`net` must be a ReluNet, .*; got str"),
        (NET, OPTIMAL.x, r"`sample` must be a Sample, got ndarray; use Sample.from_arrays\(x, y\)"),
    ],
)
def test_other_arguments_are_refused(net, sample, message):
    with pytest.raises(TypeError, match=message):
        certify(net, sample)


@pytest.mark.parametrize("tolerance", [0.0, 2e-6, math.inf])
def test_tolerances_are_checked(tolerance):
    with pytest.raises(ValueError, match="`tolerance` must"):
        certify(NET, SAMPLE, tolerance=tolerance)


def test_the_optimum_of_another_sample_is_refused():
    other = max_margin(Sample([0.1, 0.5, 0.9], [1.0, 1.0, 1.0]))
    with pytest.raises(ValueError, match="`optimum` must belong to `sample`"):
        certify(NET, SAMPLE, optimum=other)


@pytest.mark.parametrize("spare", [0, 1])
def test_without_an_optimum_in_doubles_only_the_global_minimum_is_left_open(spare):
    sample = Sample([0.0, 1e-90, 1.0], [-1.0, 1.0, -1.0])
    with pytest.raises(ArithmeticError, match="too uneven"):
        max_margin(sample)
    zeros = [0.0] * spare
    v = [1e45, -1e45, -1.0, -2.0, *zeros]
    w = [2e45, 2e45, 0.0, 1.0, *zeros]
    net = ReluNet(v, w, [0.0, -2e-45, 1.0, 0.0, *zeros])
    found = certify(net, sample)
    assert found.level == "feasible"
    best = found.global_minimum
    assert best == global_minimum_certificate(net, sample)
    assert best.verdict is Verdict.UNDECIDED
    assert best.witness is None
    assert best.dual_norm_squared == 0.0
    assert best.duality_gap == 1.0
    assert best.reason.startswith("the optimum is not available: no float64 net")


def test_without_an_optimum_a_net_that_misses_labels_is_no_minimum():
    sample = Sample([0.0, 1e-200], [1.0, -1.0])
    best = global_minimum_certificate(ReluNet([1.0], [1.0], [1.0]), sample)
    assert best.verdict is Verdict.FAILS
    assert "does not interpolate" in best.reason
