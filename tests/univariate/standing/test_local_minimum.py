"""Local minima: against a mixed-integer program, by witnesses in rational arithmetic, and under
symmetries.
"""

from collections import Counter
from functools import cache
from itertools import pairwise

import cases
import numpy as np
import pools
import pytest
from oracles import exact, minima
from pools import Instance, is_better

from univariate import (
    DeepReluNet,
    ReluNet,
    Sample,
    Verdict,
    certify,
    draw_sample,
    kkt_certificate,
    local_minimum_certificate,
    max_margin,
    recheck,
)
from univariate.common.ladder import LEVELS
from univariate.common.tolerance import KKT_TOLERANCE
from univariate.standing.local_minimum import LocalMinimumCertificate

FLAT = 1e-7  # of the program's slope: its feasibility 1e-10 times the sum of multipliers, over |θ|
CLEAR = 1e-4  # slopes of KKT points that are not local minima, data on a grid of 1/16
# relative distance at which a better net is provable: the resolution of norms over `CLEAR`, and
# more
NEARBY = 1e-9
EPSILON = float(np.finfo(np.float64).eps)
ORDER = {Verdict.FAILS: 0, Verdict.UNDECIDED: 1, Verdict.HOLDS: 2}


def certified(instance: Instance, **options) -> LocalMinimumCertificate:
    return local_minimum_certificate(
        ReluNet(*instance.net), Sample(instance.x, instance.y), **options
    )


def slope(instance: Instance, level: float = KKT_TOLERANCE) -> float:
    """Least slope with margins and kinks taken to `level`."""
    return minima.local_minimum_slope(
        *instance.net, instance.x, instance.y, active_tolerance=level, kink_tolerance=level
    )[0]


def compare(instance: Instance) -> LocalMinimumCertificate:
    """Certify a KKT point without zero neurons, and assert that the program agrees."""
    found = certified(instance)
    assert found.kkt.verdict is Verdict.HOLDS
    assert found.verdict is not Verdict.UNDECIDED
    # a single margin with a multiplier may exceed the tolerance, if their mean does not
    margins = np.array(
        [float(margin) for margin in exact.margins(*instance.net, instance.x, instance.y)]
    )
    excess = float(margins[found.kkt.multipliers > 0.0].max() / margins.min() - 1.0)
    least = slope(instance, max(KKT_TOLERANCE, 2.0 * excess))
    if found.verdict is Verdict.HOLDS:
        assert least > -FLAT
        assert found.accuracy <= KKT_TOLERANCE
        assert (found.witness, found.direction) == (None, None)
    else:
        assert least < -CLEAR
        assert is_better(found.witness, instance)
        assert 0.0 < found.nearest <= min(found.distance, NEARBY)
        assert found.decrease > 0.0
        assert found.direction.shape == (len(instance.net[0]), 3)
        assert found.sites.size > 0  # without same-sign kinks on data KKT points are local minima
    assert (
        recheck(found, ReluNet(*instance.net), Sample(instance.x, instance.y)).verdict
        is Verdict.HOLDS
    )
    return found


def on_sample(net: pools.Net, case: cases.MarginCase) -> Instance:
    return Instance(net, np.array(case.x), np.array(case.y))


def further_right(c: float) -> Instance:
    """The worked example that is no local minimum, with its datum 2 at c > 1: multipliers 1/√2 and
    √2/(c + 1).
    """
    neurons = [(1.0, 1.0 / (c + 1.0), 1.0 / (c + 1.0)), (1.0, -0.5, 0.5)]
    return Instance(
        cases.arrays(map(cases.balance, neurons)), np.array([-1.0, c]), np.array([1.0, 1.0])
    )


REDUNDANT = Instance(cases.REDUNDANT_SITE, cases.REDUNDANT_SITE_X, cases.REDUNDANT_SITE_Y)
NOT_LOCAL = on_sample(cases.KKT_NOT_LOCAL, cases.TWO_POSITIVE)


@cache
def not_local() -> tuple[Instance, ...]:
    """KKT points with a same-sign kink on a datum with a multiplier: by hand, and random ones."""
    by_hand = cases.KKT_NOT_LOCAL_IN_UNIT_INTERVAL
    first = Instance(by_hand.net, np.array(by_hand.x, dtype=float), np.array(by_hand.y))
    family = [further_right(c) for c in (1.125, 1.5, 2.0, 3.0, 10.0)]
    pool = pools.kkt_pool(56, 20, pinned=1.0)
    return (first, *family, *(instance for instance in pool if certified(instance).sites.size))


@cache
def local() -> tuple[Instance, ...]:
    """Local minima, about half of them not global."""
    return tuple(
        instance
        for instance in pools.kkt_pool(20, 12, pinned=0.3)
        if not certified(instance).sites.size
    )


def is_global(instance: Instance) -> bool:
    best = max_margin(Sample(instance.x, instance.y))
    norm_squared = exact.norm_squared(*instance.net) / min(
        exact.margins(*instance.net, instance.x, instance.y)
    )
    return float(norm_squared) <= best.norm_squared * (1.0 + KKT_TOLERANCE)


# Against the program


def test_there_are_points_of_every_kind():
    assert len(local()) >= 35
    assert 10 <= sum(map(is_global, local())) <= len(local()) - 10
    assert len(not_local()) >= 12


@pytest.mark.parametrize("size", [0.0, 1e-16, 1e-12])
def test_kkt_points_against_the_program(size):
    rng = np.random.default_rng(1)
    verdicts = Counter(
        compare(pools.perturbed(one, size, rng)).verdict for one in local() + not_local()
    )
    assert verdicts == {Verdict.HOLDS: len(local()), Verdict.FAILS: len(not_local())}


@pytest.mark.parametrize("size", [0.0, 1e-13])
def test_global_minima_against_the_program(size):
    rng = np.random.default_rng(2)
    near = [instance for instance in pools.global_pool(0, 60) if np.max(np.abs(instance.x)) <= 2.0]
    assert len(near) >= 45
    for instance in near:
        assert compare(pools.perturbed(instance, size, rng)).verdict is Verdict.HOLDS


@pytest.mark.core
def test_worked_examples():
    assert compare(NOT_LOCAL).verdict is Verdict.FAILS
    assert compare(NOT_LOCAL).sites.tolist() == [0]
    for case in cases.MARGINS:
        assert compare(on_sample(case.net, case)).verdict is Verdict.HOLDS


def test_worked_example_moves_towards_the_constant():
    """Moving A's kink left is descent; the witness is on the way to the optimum of norm² 2, from
    5√2/3.
    """
    found = compare(NOT_LOCAL)
    assert 2.0 <= found.witness.norm_squared < cases.KKT_NOT_LOCAL_NORM_SQUARED
    assert found.decrease == pytest.approx(
        cases.KKT_NOT_LOCAL_NORM_SQUARED - found.witness.norm_squared, rel=1e-9
    )
    kink = -found.witness.b[0] / found.witness.w[0]
    assert kink < -1.0


def test_directions_descend_to_first_order():
    """θ·d < 0, and no margin of the net moved a little by d falls by more than second order."""
    for instance in not_local():
        found = certified(instance)
        theta = np.array(instance.net).T
        direction = found.direction / np.abs(found.direction).max()
        rate = -float(np.sum(theta * direction)) / float(np.sum(theta**2))
        assert rate > 0.0
        worst = float(min(exact.margins(*instance.net, instance.x, instance.y)))
        for step in (1e-4, 1e-5, 1e-6):
            moved = theta + step * direction
            lost = 1.0 - float(min(exact.margins(*moved.T, instance.x, instance.y))) / worst
            second_order = step**2 * (1.0 + np.max(np.abs(instance.x))) * 4.0 * len(theta) / worst
            assert lost <= second_order
        smaller = float(np.sum(moved**2) / np.sum(theta**2))
        assert smaller == pytest.approx(1.0 - 2.0 * step * rate, abs=10.0 * step**2)


# A redundant datum on a same-sign kink


@pytest.mark.core
def test_a_redundant_datum_on_a_same_sign_kink():
    found = compare(REDUNDANT)
    assert found.verdict is Verdict.HOLDS
    assert found.sites.tolist() == [3]
    assert found.kkt.multipliers == pytest.approx(
        cases.REDUNDANT_SITE_MULTIPLIERS, abs=32 * EPSILON
    )
    assert found.kkt.norm_squared == pytest.approx(
        2.0 * cases.REDUNDANT_SITE_MULTIPLIERS.sum(), rel=32 * EPSILON
    )
    assert "(1 such)" in found.reason
    fewer = REDUNDANT._replace(x=np.delete(REDUNDANT.x, 3), y=np.delete(REDUNDANT.y, 3))
    assert compare(fewer).sites.size == 0


@pytest.mark.parametrize("size", [1e-16, 1e-14, 1e-12, 1e-11])
def test_nets_beside_a_redundant_datum(size):
    """Rounding gives the datum a multiplier or takes it, and its margin: the verdict is the
    same.
    """
    rng = np.random.default_rng(3)
    for _ in range(6):
        assert compare(pools.perturbed(REDUNDANT, size, rng)).verdict is Verdict.HOLDS


@pytest.mark.parametrize("places", [(-2.0, -1.0, 3.0), (-3.0, -1.0, 3.0), (-2.0, -0.75, 4.0)])
def test_redundant_data_elsewhere(places):
    x, jumps, kinks, _ = cases.redundant_site(*places)
    neurons = [
        cases.balance((np.sign(jump), side * abs(jump), -side * abs(jump) * kink))
        for jump, kink, side in zip(jumps, kinks, (1.0, 1.0, -1.0, 1.0), strict=True)
    ]
    found = compare(Instance(cases.arrays(neurons), x, cases.REDUNDANT_SITE_Y))
    assert found.verdict is Verdict.HOLDS
    assert found.sites.tolist() == [3]


# A kink beside a datum


def beside(distance: float) -> Instance:
    """One neuron for each of two positive data: the kink of the right one, at −1, lies right of the
    left datum.

    Its atom is (1, 1)/2, so λ_2 = 1/√2, as long as it is off at the left datum; that of the other
    (x_1, 1)/(x_1² + 1).
    """
    left = -1.0 - distance
    neurons = [(1.0, 0.5, 0.5), (1.0, left / (left * left + 1.0), 1.0 / (left * left + 1.0))]
    return Instance(
        cases.arrays(map(cases.balance, neurons)), np.array([left, 1.0]), np.array([1.0, 1.0])
    )


def twinned(instance: Instance, places: list[int]) -> Instance:
    """Return the instance with a twin of the same label an ulp left and right of some data."""
    x = np.concatenate([instance.x, *(np.nextafter(instance.x[places], end) for end in (-9, 9))])
    y = np.concatenate([instance.y, *[instance.y[places]] * 2])
    order = np.argsort(x)
    return instance._replace(x=x[order], y=y[order])


def test_a_kink_on_a_datum_is_on_its_twins_too():
    """A multiplier may go to a twin, which the kink is on by the tolerance: beyond it a better net
    begins.
    """
    seen = 0
    for instance in not_local():
        places = certified(instance).sites.tolist()
        twins = twinned(instance, places)
        if places and certified(twins).kkt.verdict is Verdict.HOLDS:
            assert certified(twins).verdict is not Verdict.HOLDS
            seen += 1
    assert seen > 5


def test_a_kink_just_beside_a_datum_is_neither():
    near = certified(beside(2.0**-33))
    assert near.kkt.verdict is Verdict.HOLDS
    assert near.verdict is Verdict.UNDECIDED
    assert "lies a relative 5.8e-11 beside observation" in near.reason
    assert (near.witness, near.sides) == (None, None)
    # as the program says: a local minimum if the kink does not count as on the datum, else none
    assert slope(beside(2.0**-33), 1e-12) > -FLAT
    assert slope(beside(2.0**-33)) < -CLEAR
    assert compare(beside(2.0**-20)).verdict is Verdict.HOLDS
    assert compare(beside(2.0**-33)._replace(x=np.array([-1.0, 1.0]))).verdict is Verdict.FAILS


# Zero neurons


def with_zeros(instance: Instance, count: int = 1) -> Instance:
    return instance._replace(net=tuple(np.append(part, np.zeros(count)) for part in instance.net))


@pytest.mark.parametrize("count", [1, 3])
def test_zero_neurons_have_nothing_to_gain_at_a_global_minimum(count):
    for instance in pools.global_pool(0, 60)[:16:2]:
        found, width = certified(with_zeros(instance, count)), len(instance.net[0])
        assert found.verdict is Verdict.HOLDS
        assert found.spare.tolist() == list(range(width, width + count))
        assert found.global_minimum.verdict is Verdict.HOLDS
        assert "global minimum" in found.reason
        net, sample = ReluNet(*with_zeros(instance, count).net), Sample(instance.x, instance.y)
        assert recheck(found, net, sample).verdict is Verdict.HOLDS


def test_zero_neurons_pay_at_any_other_point():
    unfinished = [instance for instance in local() if not is_global(instance)]
    assert len(unfinished) >= 10
    for instance in (*unfinished[::2], *not_local()[::2], REDUNDANT):
        found = certified(with_zeros(instance))
        assert found.verdict is Verdict.FAILS
        assert found.kkt.verdict is Verdict.HOLDS
        assert is_better(found.witness, instance)
        assert 0.0 < found.nearest <= found.distance
        assert np.all(found.direction[-1] == 0.0)  # it grows like the root of the step
        net, sample = ReluNet(*with_zeros(instance).net), Sample(instance.x, instance.y)
        assert recheck(found, net, sample).verdict is Verdict.HOLDS
        # the multipliers at hand are not feasible for the dual: some atom pays
        if not slope(instance) < -CLEAR:
            assert (
                minima.dual_ratio(instance.x, instance.y, found.kkt.multipliers)
                > 1.0 + KKT_TOLERANCE
            )
            assert found.reason.endswith("it pays")


def test_neurons_too_small_to_be_felt_count_as_zero():
    for instance in pools.global_pool(0, 60)[5:15]:
        tiny = tuple(np.append(part, 1e-13 * part[:1]) for part in instance.net)
        found = certified(instance._replace(net=tiny))
        assert found.verdict is Verdict.HOLDS


# Symmetries


def reflected(instance: Instance) -> Instance:
    v, w, b = instance.net
    return Instance((v, -w, b), -instance.x[::-1], instance.y[::-1])


def flipped(instance: Instance) -> Instance:
    v, w, b = instance.net
    return Instance((-v, w, b), instance.x, -instance.y)


def scaled(instance: Instance) -> Instance:
    return instance._replace(net=tuple(3.0 * part for part in instance.net))


def shuffled(instance: Instance) -> Instance:
    order = np.random.default_rng(len(instance.net[0])).permutation(len(instance.net[0]))
    return instance._replace(net=tuple(part[order] for part in instance.net))


def stretched(instance: Instance, neuron: int, factor: float) -> Instance:
    """The same function, with |v| ≠ |(w, b)| in one neuron."""
    v, w, b = (part.copy() for part in instance.net)
    v[neuron], w[neuron], b[neuron] = factor * v[neuron], w[neuron] / factor, b[neuron] / factor
    return instance._replace(net=(v, w, b))


def split(instance: Instance, neuron: int, copies: int) -> Instance:
    """Copies of one neuron, over √copies each: the same function, exactly if that is a power of
    two, and balanced.
    """
    parts = [part.copy() for part in instance.net]
    for part in parts:
        part[neuron] /= np.sqrt(copies)
    return instance._replace(
        net=tuple(np.append(part, np.repeat(part[neuron], copies - 1)) for part in parts)
    )


@pytest.mark.parametrize("transform", [reflected, flipped, scaled, shuffled])
def test_symmetries_keep_the_verdict(transform):
    for instance in (*local()[::4], *not_local()[::2], REDUNDANT):
        one, other = certified(instance), certified(transform(instance))
        assert one.verdict is other.verdict
        sites = other.sites if transform is not reflected else len(instance.x) - 1 - other.sites
        assert sorted(sites.tolist()) == sorted(one.sites.tolist())
        assert other.kkt.norm_squared == pytest.approx(one.kkt.norm_squared, rel=KKT_TOLERANCE)
        if one.verdict is Verdict.FAILS:
            assert is_better(other.witness, transform(instance))


@pytest.mark.parametrize("far", [1e7, 1e9, 1e100])
def test_a_constant_net_is_a_local_minimum_whichever_end_has_data_far_away(far):
    """It is the optimum where all labels are +1 and some x_i ≤ 0. Its kink is at both ends of the
    line, and can be pinned to data at the one that it looks from.
    """
    net = ReluNet([1.0], [0.0], [1.0])
    for x in ([-1.0, 1.0, far], [-far, -1.0, 1.0]):
        sample = Sample(x, np.ones(3))
        found = local_minimum_certificate(net, sample, tolerance=1e-6)
        assert found.verdict is Verdict.HOLDS
        assert recheck(found, net, sample).verdict is Verdict.HOLDS


@pytest.mark.parametrize("copies", [2, 4])
def test_splitting_a_neuron_keeps_the_verdict(copies):
    """Where the net descends, so do its copies, moved alike.

    Where it does not, λ serves the copies too, unless they
    can move to different sides of a datum with λ_i ≠ 0 on a same-sign kink: no such net is here."""
    rng = np.random.default_rng(4)
    for instance in (*local()[::12], *not_local()[::3]):
        for neuron in range(len(instance.net[0])):
            apart = split(instance, neuron, copies)
            found = certified(apart)
            assert found.verdict is certified(instance).verdict
            assert found.kkt.norm_squared == pytest.approx(
                float(
                    exact.norm_squared(*instance.net)
                    / min(exact.margins(*instance.net, instance.x, instance.y))
                ),
                rel=KKT_TOLERANCE,
            )
            if found.verdict is Verdict.FAILS:
                assert is_better(found.witness, apart)
            if rng.random() < 0.2 or found.verdict is Verdict.FAILS:
                assert (slope(apart) < -FLAT) is (found.verdict is Verdict.FAILS)


@pytest.mark.parametrize("copies", [2, 4])
@pytest.mark.parametrize("neuron", range(4))
def test_splitting_beside_a_redundant_datum_keeps_a_local_minimum(neuron, copies):
    """Copies on different sides of the datum ask for λ_4 = 0, which it is."""
    apart = split(REDUNDANT, neuron, copies)
    found = certified(apart)
    assert found.verdict is Verdict.HOLDS
    assert slope(apart) > -FLAT
    assert recheck(found, ReluNet(*apart.net), Sample(apart.x, apart.y)).verdict is Verdict.HOLDS


@pytest.mark.parametrize("factor", [2.0, 1.0 - 1e-3])
def test_unbalancing_a_neuron_refutes(factor):
    for instance in (*local()[::12], *not_local()[::6]):
        for neuron in range(len(instance.net[0])):
            found = certified(stretched(instance, neuron, factor))
            assert found.verdict is Verdict.FAILS
            assert found.kkt.unbalanced.tolist() == [neuron]
            assert is_better(found.witness, stretched(instance, neuron, factor))


# Perturbation ladders


RUNGS = (1e-14, 1e-12, 1e-11, 1e-10, 1e-9, 1e-8, 1e-7, 1e-6, 1e-5)


def ladder(instance: Instance, rng: np.random.Generator) -> list[Instance]:
    """The net, the net one ulp off in every parameter, and further and further in the same
    direction.
    """
    theta = np.array(instance.net)
    direction = rng.standard_normal(theta.shape)
    one_ulp = np.nextafter(theta, theta * (1.0 + 0.1 * direction))
    rungs = [theta, one_ulp, *(theta * (1.0 + size * direction) for size in RUNGS)]
    return [instance._replace(net=tuple(rung)) for rung in rungs]


def descends(values: list[int]) -> bool:
    return all(after <= before for before, after in pairwise(values))


@pytest.mark.parametrize("source", ["local", "global"])
def test_verdicts_only_degrade_along_a_ladder(source):
    rng = np.random.default_rng(5)
    several = [one for one in local() if len(one.net[0]) > 1]
    chosen = (
        [one for one in several if not is_global(one)]
        if source == "local"
        else pools.global_pool(0, 60)[3:33:2]
    )
    seen = Counter()
    for instance in chosen[:11]:
        sample = Sample(instance.x, instance.y)
        optimum = max_margin(sample)
        found = [
            certify(ReluNet(*rung.net), sample, optimum=optimum) for rung in ladder(instance, rng)
        ]
        verdicts = [one.local_minimum.verdict for one in found]
        assert descends([ORDER[verdict] for verdict in verdicts])
        assert descends([one.rank for one in found])
        assert found[0].level == LEVELS[4 if source == "global" else 3]
        assert verdicts[0] is verdicts[2] is Verdict.HOLDS
        assert verdicts[-1] is Verdict.FAILS
        seen.update(verdicts)
    assert len(chosen) >= 11
    assert set(seen) == set(Verdict)


# The door, and parts given


BASE = on_sample(cases.ALTERNATING.net, cases.ALTERNATING)
NET, SAMPLE = ReluNet(*BASE.net), Sample(BASE.x, BASE.y)


def test_certificates_given_are_used():
    optimum = max_margin(SAMPLE)
    kkt = kkt_certificate(NET, SAMPLE)
    found = local_minimum_certificate(NET, SAMPLE, kkt=kkt, optimum=optimum)
    assert found.kkt is kkt
    assert found == local_minimum_certificate(NET, SAMPLE)


@pytest.mark.parametrize(
    ("options", "message"),
    [
        ({"tolerance": 0.0}, r"`tolerance` must lie in \(0, 1e-06\], got 0.0"),
        ({"tolerance": 1e-5}, r"`tolerance` must lie in \(0, 1e-06\], got 1e-05"),
    ],
)
def test_options_are_checked(options, message):
    with pytest.raises(ValueError, match=message):
        local_minimum_certificate(NET, SAMPLE, **options)


def test_a_certificate_of_another_tolerance_is_refused():
    kkt = kkt_certificate(NET, SAMPLE, tolerance=1e-8)
    message = "`kkt` must be of the tolerance 1e-09, got 1e-08; compute it anew"
    with pytest.raises(ValueError, match=message):
        local_minimum_certificate(NET, SAMPLE, kkt=kkt)


@pytest.mark.parametrize(
    ("net", "sample", "message"),
    [
        (
            DeepReluNet([([[1.0]], [0.0]), ([[1.0]], [0.5])]),
            SAMPLE,
            r"`net` must be a ReluNet, Problem \(1\) is about",
        ),
        (NET, None, "`sample` must be a Sample, got NoneType"),
    ],
)
def test_other_arguments_are_refused(net, sample, message):
    with pytest.raises(TypeError, match=message):
        local_minimum_certificate(net, sample)


@pytest.mark.parametrize("size", [1e-7, 1e-2])
def test_what_is_no_kkt_point_is_no_local_minimum(size):
    rng = np.random.default_rng(6)
    seen = set()
    for instance in local()[::4]:
        found = certified(pools.perturbed(instance, size, rng))
        assert found.verdict is found.kkt.verdict
        assert (
            found.reason.startswith(
                "not even a KKT point: "
                if found.verdict is Verdict.FAILS
                else "whether it is a KKT point is undecided: "
            )
            or found.verdict is Verdict.HOLDS
        )
        assert found.reason.endswith(found.kkt.reason)
        assert found.witness is found.kkt.witness
        seen.add(found.verdict)
    assert Verdict.FAILS in seen


# Large nets


def test_a_large_optimum_with_proportional_neurons():
    sample = draw_sample(5_000, 0.3, rng=2)
    best = max_margin(sample)
    quarters = (np.concatenate([part / 2.0] * 4) for part in (best.net.v, best.net.w, best.net.b))
    net = ReluNet(*quarters)
    found = local_minimum_certificate(net, sample, optimum=best)
    assert found.verdict is Verdict.HOLDS
    assert recheck(found, net, sample).verdict is Verdict.HOLDS
