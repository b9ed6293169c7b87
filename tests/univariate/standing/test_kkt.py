"""KKT certificates: against a projection onto the dense cone of gradients, and recomputed in
rational arithmetic.
"""

import json
import math
from collections import Counter
from fractions import Fraction
from itertools import product

import cases
import numpy as np
import pools
import pytest
import strategies
from hypothesis import assume, example, given, settings
from oracles import exact, minima
from pools import Instance, is_better

from univariate import (
    DeepReluNet,
    ReluNet,
    Sample,
    Verdict,
    draw_sample,
    kkt_certificate,
    max_margin,
    recheck,
)
from univariate.common.tolerance import KKT_TOLERANCE, NEARLY
from univariate.problem.fitted import ShallowFitted
from univariate.standing.dual_path import half_planes, neighbouring, passage, stops, trivial
from univariate.standing.kkt import KktCertificate
from univariate.standing.replay_residual import imbalance, least_residual

# kinks off their data by at most the tolerance change the oracle's gradients by about as much
FEW = 3.0
ROUNDING = minima.ROUNDING
TIGHT = 1e-9  # relative slack of a bound that rounds some quotients of exact sums upwards
EPSILON = float(np.finfo(np.float64).eps)


def kkt_points(step: int = 1) -> tuple[Instance, ...]:
    return pools.kkt_pool(11, 18, pinned=0.4)[::step]


def global_minima(step: int = 1) -> tuple[Instance, ...]:
    return pools.global_pool(0, 60)[::step]


def certified(instance: Instance, **options) -> KktCertificate:
    return kkt_certificate(ReluNet(*instance.net), Sample(instance.x, instance.y), **options)


def distance(instance: Instance, level: float) -> float:
    """Relative distance from the cone, with margins and kinks taken to `level`; infinite without
    interpolation.
    """
    if min(exact.margins(*instance.net, instance.x, instance.y)) <= 0:
        return math.inf
    return minima.kkt_distance(
        *instance.net, instance.x, instance.y, active_tolerance=level, kink_tolerance=level
    )[0]


def rationals(found: KktCertificate) -> tuple[list[Fraction], list[tuple[int, int, Fraction]]]:
    """The multipliers and the pinned kinks (neuron, observation, λ_i σ'_ij), as the sums of two
    doubles they are.
    """
    total = [
        Fraction(high) + Fraction(low)
        for high, low in zip(found.multipliers, found.remainders, strict=True)
    ]
    clarke = found.clarke
    weights = [
        Fraction(high) + Fraction(low)
        for high, low in zip(clarke.weight, clarke.remainder, strict=True)
    ]
    return total, list(
        zip(clarke.neuron.tolist(), clarke.observation.tolist(), weights, strict=True)
    )


def blur(instance: Instance) -> float:
    """What float64 rounding can do to a margin of the net, relative to the smallest."""
    (v, w, b), x, _ = instance
    size = np.max(np.abs(v) @ (np.abs(np.outer(w, x)) + np.abs(b)[:, None]))
    return (
        4
        * EPSILON
        * len(v)
        * float(size)
        / float(min(exact.margins(*instance.net, instance.x, instance.y)))
    )


def largest_excess(instance: Instance, found: KktCertificate) -> float:
    """By how much a margin with a multiplier exceeds the smallest, relatively."""
    margins = exact.margins(*instance.net, instance.x, instance.y)
    used = [margin for margin, lam in zip(margins, found.multipliers, strict=True) if lam > 0.0]
    return float(max(used) / min(margins) - 1) if used else 0.0


def compare(instance: Instance, tolerance: float = KKT_TOLERANCE, **options) -> KktCertificate:
    """Certify, and assert that the projection agrees."""
    found = certified(instance, tolerance=tolerance, **options)
    strict, loose = distance(instance, tolerance), distance(instance, NEARLY)
    if found.verdict is Verdict.HOLDS:
        assert found.accuracy <= tolerance
        # single margins with a multiplier may exceed the tolerance, their mean may not
        farthest = largest_excess(instance, found)
        assert farthest <= NEARLY
        assert (
            strict if farthest <= tolerance else distance(instance, farthest + blur(instance))
        ) <= FEW * tolerance
    elif found.verdict is Verdict.UNDECIDED:
        assert found.accuracy > tolerance
        assert strict > tolerance / FEW
        assert loose < FEW * NEARLY
    elif math.isfinite(strict):
        # a proof with margins and kinks taken to 1e-6 is one with the tolerance too
        assert tolerance < found.least_residual <= strict * (1.0 + ROUNDING) + ROUNDING
        assert found.accuracy > NEARLY
        # else multipliers are accurate to 1e-6
        assert loose > NEARLY / FEW or found.least_residual > loose
        assert found.witness is None or is_better(found.witness, instance)
        assert found.witness is not None or found.least_residual < NEARLY
    return found


# Against the projection


PERTURBED = {  # relative size: what may be said
    0.0: {Verdict.HOLDS},
    1e-16: {Verdict.HOLDS},
    1e-13: {Verdict.HOLDS},
    1e-8: {Verdict.UNDECIDED, Verdict.FAILS},
    1e-6: {Verdict.UNDECIDED, Verdict.FAILS},
    1e-4: {Verdict.FAILS},
    1e-2: {Verdict.FAILS},
}


def test_there_are_kkt_points_of_many_kinds():
    assert len(kkt_points()) >= 70
    pinned = [certified(instance).clarke.neuron.size for instance in kkt_points()]
    assert sum(count > 0 for count in pinned) >= 20
    assert sum(count > 1 for count in pinned) >= 5


@pytest.mark.parametrize("size", PERTURBED)
def test_perturbed_kkt_points_against_the_projection(size):
    rng = np.random.default_rng(1)
    verdicts = Counter(
        compare(pools.perturbed(one, size, rng)).verdict
        for one in kkt_points(1 if size < 1e-9 else 2)
    )
    assert set(verdicts) == PERTURBED[size]


@pytest.mark.parametrize("size", [1e-8, 1e-6, 1e-3])
def test_resized_neurons_against_the_projection(size):
    """Balanced and with their kinks in place, these nets are refuted by their margins only."""
    rng = np.random.default_rng(2)
    for instance in kkt_points(3):
        moved = pools.resized(instance, size, rng)
        found = compare(moved)
        assert found.unbalanced.size == 0
        if len(instance.net[0]) == 1:
            assert found.verdict is Verdict.HOLDS  # the size of a net does not matter
        else:
            # sizes changed alike by chance
            undecided = size < 1e-7 and found.slackness.relative <= KKT_TOLERANCE
            assert (found.verdict is Verdict.HOLDS) <= undecided
            assert size < 1e-4 or found.verdict is Verdict.FAILS


@pytest.mark.parametrize("tolerance", [1e-13, 1e-11, 1e-7, 1e-6])
def test_other_tolerances_against_the_projection(tolerance):
    rng = np.random.default_rng(3)
    for instance in kkt_points(9):
        for size in (0.0, tolerance / 1e3, tolerance, 1e3 * tolerance):
            found = compare(pools.perturbed(instance, size, rng), tolerance)
            assert found.tolerance == tolerance
            assert size >= tolerance or found.verdict is Verdict.HOLDS
            assert size <= tolerance or found.verdict is not Verdict.HOLDS


def test_global_minima_against_the_projection():
    for instance in global_minima(4):
        assert compare(instance).verdict is Verdict.HOLDS
        width = len(instance.net[0])
        resized = compare(pools.resized(instance, 1e-3, np.random.default_rng(4)))
        assert resized.verdict is (Verdict.FAILS if width > 1 else Verdict.HOLDS)


@pytest.mark.parametrize("balanced", [False, True])
def test_random_interpolators_against_the_projection(balanced):
    pool = pools.random_interpolators(5, 24, balanced=balanced)
    assert len(pool) >= 20
    for instance in pool:
        found = compare(instance)
        assert found.verdict is Verdict.FAILS
        assert (found.unbalanced.size == 0) is balanced
        assert found.witness is not None


def test_worked_example_that_is_not_local():
    instance = Instance(
        cases.KKT_NOT_LOCAL, *map(np.array, (cases.TWO_POSITIVE.x, cases.TWO_POSITIVE.y))
    )
    found = compare(instance)
    assert found.verdict is Verdict.HOLDS
    assert found.multipliers == pytest.approx(cases.KKT_NOT_LOCAL_MULTIPLIERS, rel=4 * EPSILON)
    assert found.norm_squared == pytest.approx(cases.KKT_NOT_LOCAL_NORM_SQUARED, rel=4 * EPSILON)
    assert (found.clarke.neuron.tolist(), found.clarke.observation.tolist()) == ([0], [0])
    assert found.clarke.derivative == pytest.approx([1 / 3], rel=8 * EPSILON)


@pytest.mark.core
@pytest.mark.parametrize("case", cases.MARGINS, ids=str)
def test_worked_optima(case):
    instance = Instance(case.net, np.array(case.x), np.array(case.y))
    found = compare(instance)
    assert found.verdict is Verdict.HOLDS
    assert found.accuracy <= ROUNDING
    assert found.multipliers == pytest.approx(case.multipliers, rel=8 * EPSILON, abs=8 * EPSILON)
    assert found.norm_squared == pytest.approx(case.norm_squared, rel=8 * EPSILON)
    assert (
        compare(instance._replace(net=(2.0 * case.net[0], case.net[1], case.net[2]))).verdict
        is Verdict.FAILS
    )


# Multipliers


def clarke_columns(instance: Instance, found: KktCertificate) -> tuple[np.ndarray, list[int]]:
    """Columns y_i ∂N(x_i) of the observations at the margin, then v_j y_i (x_i, 1) of the kinks on
    these.
    """
    (v, w, b), x, y = instance
    margins = [float(margin) for margin in exact.margins(v, w, b, x, y)]
    active = [
        i for i, margin in enumerate(margins) if margin <= min(margins) * (1.0 + KKT_TOLERANCE)
    ]
    pins = dict(zip(found.clarke.neuron.tolist(), found.clarke.observation.tolist(), strict=True))
    columns = []
    for i in active:
        on = np.array([w[j] * x[i] + b[j] > 0.0 and pins.get(j) != i for j in range(len(v))])
        columns.append(
            y[i] * np.concatenate([np.where(on, w * x[i] + b, 0.0), on * v * x[i], on * v])
        )
    for j, i in pins.items():
        column = np.zeros((3, len(v)))
        column[1:, j] = y[i] * v[j] * np.array([x[i], 1.0])
        columns.append(column.ravel())
    return np.array(columns).T, active


def test_multipliers_are_the_only_ones_where_gradients_are_independent():
    unique = 0
    for instance in kkt_points():
        found = certified(instance)
        columns, active = clarke_columns(instance, found)
        scale = np.linalg.norm(columns, axis=0)
        singular = np.linalg.svd(columns / scale, compute_uv=False)
        if columns.shape[1] > columns.shape[0] or singular[-1] < 1e-4 * singular[0]:
            continue
        unique += 1
        solution = np.linalg.lstsq(columns, np.concatenate(instance.net))[0]
        wanted = np.zeros(len(instance.x))
        wanted[active] = solution[: len(active)]
        # the inverse of the smallest singular value, times rounding
        accuracy = 1e4 * ROUNDING * np.abs(solution).max()
        assert found.multipliers == pytest.approx(wanted, abs=accuracy)
        assert found.clarke.weight == pytest.approx(solution[len(active) :], abs=accuracy)
    assert unique >= 50


def test_blocks_and_projection_agree():
    rng = np.random.default_rng(6)
    near = [instance for instance in global_minima() if np.max(np.abs(instance.x)) <= 2.0]
    for instance, size in product([*kkt_points(9), *near[::9]], (0.0, 1e-13, 1e-4, 1e-2)):
        moved = pools.perturbed(instance, size, rng)
        first, second = (compare(moved, method=method) for method in ("blocks", "projection"))
        assert first.verdict is second.verdict
        assert (first.method, second.method) in (("blocks", "projection"), ("none", "none"))
        assert first.worst_margin == second.worst_margin


@pytest.mark.parametrize("size", [0.0, 1e-14, 1e-12, 1e-7, 1e-3])
@pytest.mark.parametrize("method", ["blocks", "projection"])
def test_residuals_recomputed_in_rational_arithmetic(size, method):
    rng = np.random.default_rng(7)
    count = 0
    for instance in kkt_points(6) + global_minima(8):
        moved = pools.perturbed(instance, size, rng)
        found = certified(moved, method=method)
        if found.method != "none":
            recomputed(moved, found)
            count += 1
    assert count > 0


@pytest.mark.parametrize("size", [0.0, 1e-13, 1e-11, 1e-6, 1e-3])
def test_no_multipliers_do_better_than_the_projection(size):
    """θ − Σ λ_i y_i h_i at the net as it is, kinks near data not moved: no shorter than the
    distance from the cone.
    """
    rng = np.random.default_rng(12)
    for instance in kkt_points(6):
        moved = pools.perturbed(instance, size, rng)
        found = certified(moved)
        if found.method == "none":
            continue
        multipliers, pinned = rationals(found)
        residuals, _ = exact.kkt_residuals_squared(
            *moved.net, moved.x, moved.y, multipliers, pinned, moved=False
        )
        least = minima.kkt_distance(
            *moved.net,
            moved.x,
            moved.y,
            active_tolerance=largest_excess(moved, found) + blur(moved),
            kink_tolerance=found.clarke.distance + ROUNDING,
        )[0]
        assert math.sqrt(sum(residuals)) >= least - blur(moved)


def recomputed(instance: Instance, found: KktCertificate) -> None:
    """Assert that every residual is an upper bound, and a close one, and that the multipliers are
    as they must be.
    """
    multipliers, pinned = rationals(found)
    assert min(multipliers) >= 0
    assert all(0 <= weight <= multipliers[i] for _, i, weight in pinned)
    residuals, farthest = exact.kkt_residuals_squared(
        *instance.net, instance.x, instance.y, multipliers, pinned
    )
    between(sum(residuals), found.stationarity.relative)
    between(farthest, found.clarke.distance)
    owner = np.maximum(found.multipliers[found.clarke.observation], np.finfo(float).tiny)
    assert found.clarke.derivative == pytest.approx(found.clarke.weight / owner, abs=EPSILON)
    margins = exact.margins(*instance.net, instance.x, instance.y)
    worst = min(margins)
    excess = [margin / worst - 1 for margin in margins]
    # slackness, up to the rounding of the margins
    products = [lam * part for lam, part in zip(multipliers, excess, strict=True)]
    mean, rounding = (
        sum(products) / sum(multipliers) if sum(multipliers) else Fraction(0),
        8 * EPSILON,
    )
    assert (
        mean
        <= Fraction(found.slackness.relative)
        <= mean * (1 + Fraction(TIGHT)) + Fraction(rounding)
    )
    largest, top = max(products), max(multipliers)
    assert (
        largest
        <= Fraction(found.slackness.absolute)
        <= largest * (1 + Fraction(TIGHT)) + top * Fraction(rounding)
    )
    assert found.epsilon_delta == (found.stationarity.absolute, found.slackness.absolute)
    # the scaled net
    norm_squared = exact.norm_squared(*instance.net) / worst
    assert norm_squared <= Fraction(found.norm_squared) <= norm_squared * (1 + Fraction(TIGHT))
    assert found.stationarity.absolute == pytest.approx(
        found.stationarity.relative * math.sqrt(found.norm_squared), rel=4 * EPSILON
    )
    assert found.worst_margin == pytest.approx(float(worst), rel=ROUNDING)
    assert found.feasibility.absolute == 0.0


def between(squared: Fraction, bound: float) -> None:
    """Assert √squared ≤ bound ≤ √squared (1 + `TIGHT`)."""
    assert squared <= Fraction(bound) ** 2
    assert Fraction(bound) ** 2 <= squared * (1 + Fraction(TIGHT)) ** 2 + Fraction(5e-324) ** 2


# Proofs that there are no multipliers: bounds that must hold for every direction, found by a search
# or not


def missing(shift: float) -> Instance:
    """The worked example that is no local minimum, with the kink of neuron A beside the datum −1 by
    about `shift`.

    With λ_1 = 1/√2, e = λ_1 (−1, 1), T = λ_2 (2, 1) + s e neuron A = v (1, T) satisfies (w, b) = v
    T by construction, and v = Σ λ_i σ(w x_i + b) where T·(λ_2 (2, 1) + e) = 1. So θ = Σ λ_i h_i
    with σ' = s at a kink that misses its datum, and |v| ≠ |(w, b)|.
    """
    lam = math.sqrt(2.0) / 3.0 - shift
    s = (1.0 - 5.0 * lam * lam + lam / math.sqrt(2.0)) / (1.0 - lam / math.sqrt(2.0))
    e = np.array([-1.0, 1.0]) / math.sqrt(2.0)
    line = lam * np.array([2.0, 1.0]) + s * e
    v_a = 1.0 / math.sqrt(line @ (2.0, 1.0))
    v_b = math.sqrt((1.0 - v_a**2 * max(0.0, line @ (-1.0, 1.0))) / math.sqrt(2.0))
    net = cases.arrays([(v_a, *(v_a * line)), (v_b, *(v_b * e))])
    return Instance(net, np.array([-1.0, 2.0]), np.array([1.0, 1.0]))


def directions(instance: Instance, rng: np.random.Generator) -> list[np.ndarray]:
    """Shrinking and balancing, all of the net or one neuron; single parameters; any direction."""
    theta = np.array(instance.net).T
    flat = [-theta, theta * (1.0, -1.0, -1.0), -theta * (1.0, -1.0, -1.0)]
    for j in range(len(theta)):
        only = np.zeros_like(theta)
        only[j] = theta[j]
        flat += [-only, only * (1.0, -1.0, -1.0), only * (-1.0, 1.0, 1.0)]
        for k in range(3):
            single = np.zeros_like(theta)
            single[j, k] = np.abs(theta).max()
            flat += [single, -single]
    return flat + [rng.standard_normal(theta.shape) - weight * theta for weight in (0.0, 1.0, 10.0)]


@pytest.mark.parametrize("level", [1e-12, KKT_TOLERANCE, NEARLY])
def test_no_direction_proves_anything_at_kkt_points(level):
    rng = np.random.default_rng(13)
    pinned = 0
    for instance in kkt_points(2):
        fit = ShallowFitted(ReluNet(*instance.net), Sample(instance.x, instance.y))
        assert imbalance(fit, level) <= ROUNDING
        for direction in directions(instance, rng):
            assert least_residual(fit, direction, level) <= ROUNDING
        pinned += certified(instance).clarke.neuron.size > 0
    assert pinned >= 10


@pytest.mark.parametrize("shift", [-1e-7, -5e-8, 5e-8, 1e-7])
def test_kinks_that_miss_their_datum_prove_nothing(shift):
    rng = np.random.default_rng(14)
    instance = missing(shift)
    fit = ShallowFitted(ReluNet(*instance.net), Sample(instance.x, instance.y))
    # the kink is left of the datum: with it neuron A is active there
    if instance.net[1][0] < instance.net[2][0]:
        assert distance(instance, NEARLY) <= ROUNDING
        assert distance(instance, KKT_TOLERANCE) > abs(shift) / 10.0
        assert imbalance(fit, NEARLY) <= ROUNDING
        assert imbalance(fit, KKT_TOLERANCE) > abs(shift) / 10.0
    for direction in directions(instance, rng):
        bound = least_residual(fit, direction, NEARLY)
        assert bound <= distance(instance, NEARLY) * (1.0 + ROUNDING) + ROUNDING


def steep(rng: np.random.Generator) -> Instance:
    """Kinks beside data, on both sides of them, with output weights of least squares or more."""
    m, n = rng.integers(1, 6), rng.integers(1, 7)
    x = np.unique(np.round(rng.random(m), 2))
    y = rng.choice([-1.0, 1.0], len(x))
    w = rng.choice([-1.0, 1.0], n) * 2.0 ** rng.integers(0, 5, n)
    b = -w * (rng.choice(x, n) + rng.choice([0.0, 1e-3, -1e-3, 2e-2, -2e-2, 0.3], n))
    features = np.maximum(0.0, np.outer(x, w) + b)
    v = np.linalg.lstsq(features, y)[0]
    _, sizes, rows = np.linalg.svd(features)
    idle = rows[int(np.sum(sizes > 1e-9)) :]
    return Instance((v + rng.standard_normal(len(idle)) @ idle * 10.0, w, b), x, y)


def test_no_direction_proves_more_where_kinks_are_near_several_observations():
    rng = np.random.default_rng(16)
    proved = 0
    for _ in range(80):
        instance = steep(rng)
        fit = ShallowFitted(ReluNet(*instance.net), Sample(instance.x, instance.y))
        if fit.interpolates:
            level = float(rng.choice([1e-3, 1e-2, 5e-2]))
            limit = distance(instance, level) * (1.0 + ROUNDING) + ROUNDING
            bounds = [least_residual(fit, way, level) for way in directions(instance, rng)]
            assert max(*bounds, imbalance(fit, level)) <= limit
            proved += max(bounds) > 0.0
    assert proved >= 20


def test_a_direction_that_costs_some_margin_a_little_is_mended():
    """Observations beside kinks that are taken to others lose 1e-8 along the direction found."""
    rng = np.random.default_rng(3)
    sample = draw_sample(6000, 0.3, rng=2)
    v, w, b = max_margin(sample).net.parameters
    net = ReluNet(v, w, b + 1e-9 * w * rng.standard_normal(len(w)))
    found = kkt_certificate(net, sample)
    assert found.verdict is Verdict.FAILS
    assert recheck(found, net, sample).verdict is Verdict.HOLDS


def between_two(instance: Instance, found: KktCertificate, place: int) -> Instance | None:
    """Move a kink off its observation, to where a new one with a margin just larger is nearer."""
    (v, w, b), x, y = instance
    neuron, datum = int(found.clarke.neuron[place]), int(found.clarke.observation[place])
    at = x[datum]
    for side in (-1.0, 1.0):
        rise = y[datum] * (ReluNet(v, w, b)(at + side * 1e-4) - ReluNet(v, w, b)(at)) / 1e-4
        if rise / found.worst_margin > 4.0:
            new = at + side * 2.5e-6 * found.worst_margin / rise
            order = np.argsort(np.append(x, new))
            b = np.where(np.arange(len(b)) == neuron, -w * (0.4 * at + 0.6 * new), b)
            return Instance((v, w, b), np.append(x, new)[order], np.append(y, y[datum])[order])
    return None


def test_kinks_near_two_observations_may_lie_on_either():
    """The nearer one says nothing: multipliers that rest on the other one are accurate to 1e-6."""
    seen = 0
    for instance in (case for seed in (4, 5, 6, 8) for case in pools.kkt_pool(seed, 3, pinned=0.8)):
        found = certified(instance)
        inner = (found.clarke.derivative > 0.05) & (found.clarke.derivative < 0.95)
        for place in np.flatnonzero(inner & (found.verdict is Verdict.HOLDS)).tolist():
            moved = between_two(instance, found, place)
            if moved is None:
                continue
            again = certified(moved, tolerance=NEARLY)
            limit = distance(moved, NEARLY)
            assert again.least_residual <= limit * (1.0 + ROUNDING) + ROUNDING
            seen += limit < NEARLY
    assert seen >= 5


@pytest.mark.parametrize("size", [1e-8, 1e-5, 1e-2])
def test_no_direction_proves_more_than_the_distance(size):
    rng = np.random.default_rng(15)
    proved = 0
    for instance in kkt_points(6):
        moved = pools.perturbed(instance, size, rng)
        for level in (KKT_TOLERANCE, NEARLY):
            limit = distance(moved, level)
            fit = ShallowFitted(ReluNet(*moved.net), Sample(moved.x, moved.y))
            bounds = [least_residual(fit, direction, level) for direction in directions(moved, rng)]
            assert max(*bounds, imbalance(fit, level)) <= limit * (1.0 + ROUNDING) + ROUNDING
            proved += max(bounds) > 0.0
    assert proved >= 5


# Scale


def powers_of_two(instance: Instance, factor: float) -> Instance:
    return instance._replace(net=tuple(factor * part for part in instance.net))


@pytest.mark.parametrize("factor", [2.0**-300, 0.5, 2.0**31, 2.0**300])
def test_scaling_by_a_power_of_two_changes_the_worst_margin_only(factor):
    rng = np.random.default_rng(8)
    for instance in kkt_points(14):
        for size in (0.0, 1e-8, 1e-3):
            here = pools.perturbed(instance, size, rng)
            one, other = certified(here), certified(powers_of_two(here, factor))
            assert other.worst_margin == one.worst_margin * factor**2
            assert (other.verdict, other.reason, other.slackness) == (
                one.verdict,
                one.reason,
                one.slackness,
            )
            for name in ("accuracy", "norm_squared", "least_residual"):
                assert getattr(other, name) == pytest.approx(getattr(one, name), rel=4 * EPSILON), (
                    name
                )
            assert other.stationarity.relative == pytest.approx(
                one.stationarity.relative, rel=4 * EPSILON
            )
            np.testing.assert_array_equal(other.multipliers, one.multipliers)
            np.testing.assert_array_equal(other.clarke.derivative, one.clarke.derivative)
            assert (other.witness is None) is (one.witness is None)
            if other.witness is not None:
                # scaled to worst margin 1, it is the same problem
                assert is_better(other.witness, here)


@pytest.mark.parametrize("factor", [3.7, 1e-9, 1e150, 1e-150])
def test_scaling_by_any_number_keeps_verdict_and_multipliers(factor):
    for instance in kkt_points(4) + global_minima(4):
        one, other = certified(instance), certified(powers_of_two(instance, factor))
        assert one.verdict is other.verdict is Verdict.HOLDS
        assert other.worst_margin == pytest.approx(one.worst_margin * factor**2, rel=blur(instance))
        assert other.norm_squared == pytest.approx(one.norm_squared, rel=TIGHT)
        # rounding of the parameters times the condition of the multipliers, the larger the smaller
        # the gaps
        assert other.multipliers == pytest.approx(
            one.multipliers, abs=1e4 * ROUNDING * one.multipliers.max()
        )


@pytest.mark.parametrize("far", [1e3, 1e5, 1e7])
@pytest.mark.parametrize("shifted", [True, False])
def test_data_far_from_zero(far, shifted):
    """There, neighbours look alike from 0: the fewer digits kinks have, the less is decided, but
    nothing is claimed.
    """
    rng = np.random.default_rng(9)
    for _ in range(5):
        x, y = pools.random_points(rng)
        x = far + 16.0 * x if shifted else far * (x - 0.5)
        best = max_margin(Sample(x, y)).net
        instance = Instance((best.v, best.w, best.b), x, y)
        found = certified(instance)
        assert far > 1e3 or found.verdict is Verdict.HOLDS
        recomputed_bounds(instance, found)
        assert recheck(found, best, Sample(x, y)).verdict is replayed(found)


def replayed(found: KktCertificate) -> Verdict:
    """What a replay must say: what is claimed is found again."""
    return Verdict.UNDECIDED if found.verdict is Verdict.UNDECIDED else Verdict.HOLDS


# Neurons of no use


BASE = Instance(cases.ALTERNATING.net, np.array(cases.ALTERNATING.x), np.array(cases.ALTERNATING.y))
FIRST, LAST = float(BASE.x[0]), float(BASE.x[-1])


def with_neuron(instance: Instance, neuron: cases.Neuron, place: int = 0) -> Instance:
    return instance._replace(
        net=tuple(
            np.insert(part, place, value) for part, value in zip(instance.net, neuron, strict=True)
        )
    )


@pytest.mark.parametrize(
    "neuron",
    [
        (0.0, 1.0, 0.5),
        (0.5, 0.0, 0.0),
        (-0.5, 0.0, -0.5),
        (0.5, 0.25, -0.25 * (LAST + 1.0)),
        (-0.5, -0.25, 0.25 * (FIRST - 1.0)),
        (0.5, 0.25, -0.25 * LAST),
        (0.5, -0.25, 0.25 * FIRST),
        (0.0, 1e-300, 0.0),
    ],
    ids=str,
)
@pytest.mark.parametrize("place", [0, 1])
def test_dead_neurons_are_named_and_refute(neuron, place):
    found = compare(with_neuron(BASE, neuron, place))
    assert found.dead.tolist() == [place]
    assert found.zero.size == found.unbalanced.size == 0
    if max(map(abs, neuron)) > 1e-9:
        assert found.verdict is Verdict.FAILS
        assert found.witness is not None
        by_blocks = compare(with_neuron(BASE, neuron, place), method="blocks")
        assert by_blocks.reason.endswith(
            (f"neuron {place} is dead (1 such)", "reduces the norm at no margin's cost")
        )


@pytest.mark.parametrize("neuron", [(0.0, 0.0, 0.0), (-0.0, 0.0, -0.0)], ids=str)
def test_zero_neurons_are_named_and_do_no_harm(neuron):
    found = compare(with_neuron(BASE, neuron, 1))
    assert found.zero.tolist() == [1]
    assert found.dead.size == found.unbalanced.size == 0
    assert found.verdict is Verdict.HOLDS


@pytest.mark.parametrize(
    ("stretch", "named"),
    [(1.0 + KKT_TOLERANCE / 4, False), (1.0 + 4 * KKT_TOLERANCE, True), (2.0, True)],
)
@pytest.mark.parametrize("neuron", [0, 1])
def test_unbalanced_neurons_are_named(stretch, named, neuron):
    v, w, b = (part.copy() for part in BASE.net)
    v[neuron], w[neuron], b[neuron] = stretch * v[neuron], w[neuron] / stretch, b[neuron] / stretch
    found = compare(BASE._replace(net=(v, w, b)))
    assert found.unbalanced.tolist() == ([neuron] if named else [])
    assert found.dead.size == found.zero.size == 0
    assert stretch < 2.0 or found.verdict is Verdict.FAILS
    by_blocks = compare(BASE._replace(net=(v, w, b)), method="blocks")
    assert stretch < 2.0 or by_blocks.reason.endswith("|v| ≠ |(w, b)| in 1 neurons")


# Any net


def labelled_by(net: strategies.Net, x: np.ndarray) -> Instance:
    """The net with those of the points at which it is not zero, and its own signs for labels: it
    interpolates.
    """
    values = [exact.net_value(*net, point) for point in x]
    kept = [i for i, value in enumerate(values) if value != 0]
    assume(kept)
    return Instance(net, x[kept], np.array([1.0 if values[i] > 0 else -1.0 for i in kept]))


def recomputed_bounds(instance: Instance, found: KktCertificate) -> None:
    """Assert what is true of the bounds whatever the size of the numbers."""
    assert 0.0 <= found.accuracy <= 1.0
    for value in (found.stationarity, found.slackness, found.feasibility):
        assert value.absolute >= 0.0  # and no nan
        assert value.relative >= 0.0
    assert np.isfinite(found.multipliers).all()
    assert np.isfinite(found.remainders).all()
    assert np.isfinite(found.clarke.derivative).all()
    assert math.isfinite(found.least_residual)
    assert math.isfinite(found.worst_margin)
    if found.method == "none":
        return
    assert found.nearest <= found.distance
    norm_squared = exact.norm_squared(*instance.net) / min(
        exact.margins(*instance.net, instance.x, instance.y)
    )
    assert found.norm_squared == math.inf or norm_squared <= Fraction(found.norm_squared)
    assert found.norm_squared < math.inf or norm_squared > Fraction(np.finfo(float).max) * (
        1 - Fraction(TIGHT)
    )
    multipliers, pinned = rationals(found)
    residuals, farthest = exact.kkt_residuals_squared(
        *instance.net, instance.x, instance.y, multipliers, pinned
    )
    if found.accuracy < 1.0:
        assert sum(residuals) <= Fraction(found.stationarity.relative) ** 2
        assert farthest <= Fraction(found.clarke.distance) ** 2
    assert found.witness is None or is_better(found.witness, instance)


@given(strategies.nets(), strategies.samples(unit_interval=False))
@settings(max_examples=60)
@example(  # margins below the resolution of their bounds
    tuple(np.array(part) for part in ([-5e-324], [-1e-300], [-3e-308])),
    (np.array([-9.0, -1.0]), np.zeros(2)),
)
@example(  # ‖θ‖² over the worst margin is beyond the range of doubles
    tuple(np.array(part) for part in ([1e-300, 1e200], [0.0, 1.0], [1.0, -0.25])),
    (np.array([0.25, 0.75]), np.zeros(2)),
)
@example(  # w x + b and |(w, b)| overflow
    tuple(np.array(part) for part in ([1.0], [1.5e308], [1.5e308])),
    (np.array([0.25, 50.0]), np.zeros(2)),
)
@example(  # a right-oriented kink on the last observation, up to the rounding of (w, b)/|(w, b)|
    tuple(np.array(part) for part in ([-2.0, 1.0], [0.875, 0.0], [-0.65625, 1.0])),
    (np.array([0.5, 0.75]), np.zeros(2)),
)
def test_any_net_on_its_own_labels(net, sample):
    instance = labelled_by(net, sample[0])
    found = certified(instance)
    recomputed_bounds(instance, found)
    assert recheck(found, ReluNet(*net), Sample(instance.x, instance.y)).verdict is replayed(found)
    json.dumps(found.to_dict(), allow_nan=False)
    dead, zero = [], []
    for j, (v, w, b) in enumerate(zip(*(exact.fractions(part) for part in net), strict=True)):
        if v == w == b == 0:
            zero.append(j)
        elif v == 0 or all(w * Fraction(point) + b <= 0 for point in instance.x.tolist()):
            dead.append(j)
    assert (found.dead.tolist(), found.zero.tolist()) == (dead, zero)


@given(strategies.nets(), strategies.samples(unit_interval=False))
@settings(max_examples=40)
def test_any_net_on_any_sample(net, sample):
    x, y = sample
    found = certified(Instance(net, x, y))
    margins = exact.margins(*net, x, y)
    if min(margins) <= 0:
        assert found.verdict is Verdict.FAILS
        assert (found.accuracy, found.least_residual, found.method) == (1.0, 1.0, "none")
        missed = int(found.reason.split("observation ")[1].split(",")[0])
        assert margins[missed] <= 0
    recomputed_bounds(Instance(net, x, y), found)
    assert recheck(found, ReluNet(*net), Sample(x, y)).verdict is replayed(found)


# The door


NET, SAMPLE = ReluNet(*BASE.net), Sample(BASE.x, BASE.y)


@pytest.mark.parametrize(
    ("options", "error", "message"),
    [
        (
            {"tolerance": 0.0},
            ValueError,
            r"`tolerance` must lie in \(0, 1e-06\], got 0.0; it is relative, try 1e-09",
        ),
        (
            {"tolerance": -1e-9},
            ValueError,
            r"`tolerance` must lie in \(0, 1e-06\], got -1e-09; it is relative, try 1e-09",
        ),
        (
            {"tolerance": 1e-5},
            ValueError,
            r"`tolerance` must lie in \(0, 1e-06\], got 1e-05; it is relative, try 1e-09",
        ),
        ({"tolerance": math.nan}, ValueError, "`tolerance` must be finite, got nan"),
        ({"tolerance": "small"}, TypeError, "`tolerance`"),
        (
            {"method": "conic"},
            ValueError,
            "`method` must be one of auto, blocks, projection, got 'conic'; choose one of these",
        ),
    ],
)
def test_options_are_checked(options, error, message):
    with pytest.raises(error, match=message):
        kkt_certificate(NET, SAMPLE, **options)


@pytest.mark.parametrize(
    ("net", "sample", "message"),
    [
        (
            DeepReluNet([([[1.0]], [0.0]), ([[1.0]], [0.5])]),
            SAMPLE,
            (
                r"`net` must be a ReluNet, Problem \(1\) is about 2-layer nets without output bias;"
                r" got DeepReluNet"
            ),
        ),
        (None, SAMPLE, "`net` must be a ReluNet, .*; got NoneType"),
        (
            NET,
            (BASE.x, BASE.y),
            r"`sample` must be a Sample, got tuple; use Sample.from_arrays\(x, y\)",
        ),
        (NET, None, "`sample` must be a Sample, got NoneType"),
    ],
)
def test_other_arguments_are_refused(net, sample, message):
    with pytest.raises(TypeError, match=message):
        kkt_certificate(net, sample)


def test_the_missed_observation_is_named():
    found = kkt_certificate(
        ReluNet([1.0], [1.0], [0.0]), Sample([0.25, 0.5, 0.75], [1.0, -1.0, 1.0])
    )
    assert found.verdict is Verdict.FAILS
    assert found.reason == "the net does not interpolate: y N(x) = -0.5 at observation 1, x = 0.5"
    assert found.worst_margin == -0.5


# In miniature, for a run without the compiler


@pytest.mark.core
def test_kkt_points_in_miniature():
    rng = np.random.default_rng(10)
    for instance in kkt_points()[:8]:
        assert compare(instance).verdict is Verdict.HOLDS
        recomputed(instance, certified(instance, method="blocks"))
        assert compare(pools.perturbed(instance, 1e-3, rng)).verdict is Verdict.FAILS


@pytest.mark.core
def test_a_larger_optimum_in_miniature():
    sample = draw_sample(60, 0.3, rng=0)
    net = max_margin(sample).net
    found = kkt_certificate(net, sample, method="blocks")
    assert found.verdict is Verdict.HOLDS
    recomputed(Instance((net.v, net.w, net.b), sample.x, sample.y), found)


@pytest.mark.core
def test_paths_without_a_total_are_recognised_without_a_list_of_conditions():
    sample = draw_sample(40, 0.3, rng=2)
    net = max_margin(sample).net
    optimum = Instance((net.v, net.w, net.b), sample.x, sample.y)
    seen = set()
    for instance in (optimum, *kkt_points()[:12], *global_minima()[:6]):
        fit = ShallowFitted(ReluNet(*instance.net), Sample(instance.x, instance.y))
        for level in (1e-13, 1e-9):
            found = stops(fit.cells(level), len(instance.x))
            data = fit.sample.x, fit.sample.y, fit.active(level)
            quick = trivial(found, neighbouring(found), *data)
            planes = half_planes(found, *data)
            reached = planes.excess(np.zeros(2)).max(initial=-math.inf)
            # conditions are taken before normals are divided by their lengths
            length = math.hypot(1.0, np.abs(instance.x).max())
            if quick is None:
                assert reached * length > 2.0**-52
            else:
                assert reached <= 2.0**-50
                assert passage(planes).total.tolist() == quick.total.tolist() == [0.0, 0.0]
                assert not len(passage(planes).tight)
            seen.add(quick is None)
    assert seen == {True, False}


# Large nets


def test_a_large_optimum_needs_two_words_for_its_multipliers():
    sample = draw_sample(20_000, 0.3, rng=1)
    net = max_margin(sample).net
    found = kkt_certificate(net, sample)
    assert found.verdict is Verdict.HOLDS
    assert found.method == "blocks"
    assert found.multipliers.max() > 1e6
    assert recheck(found, net, sample).verdict is Verdict.HOLDS
    # λ by itself, rounded to one double, leaves more than the tolerance
    rounded = type(found)(**{**vars(found), "remainders": np.zeros(sample.size)})
    assert recheck(rounded, net, sample).accuracy > found.accuracy
