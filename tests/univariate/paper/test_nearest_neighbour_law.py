"""The nearest-neighbour law: on KKT points of an oracle, on nets that break it step by step, and
its interval against the points of a sample.
"""

from dataclasses import replace
from fractions import Fraction
from itertools import pairwise

import numpy as np
import pools
import pytest
from oracles import exact
from scipy import stats

from univariate import (
    DeepReluNet,
    ReluNet,
    Sample,
    Verdict,
    clean_error,
    draw_sample,
    exact_nearest_neighbour_difference,
    kkt_certificate,
    kkt_clean_error_bounds,
    kkt_clean_error_deviation,
    max_margin,
    nearest_neighbour_clean_error,
    nearest_neighbour_law,
    search_kkt_points,
)
from univariate.paper.law import proof
from univariate.paper.law.anatomy import Anatomy
from univariate.paper.law.kinks import Turns, neurons_of, turns_of
from univariate.paper.law.links import Link
from univariate.paper.law.sample_bounds import most_links
from univariate.paper.law.statement import concluded
from univariate.paper.law.transitions import Transitions, transitions_of
from univariate.problem.density import UNIFORM
from univariate.problem.fitted import ShallowFitted


def spread(net, rng):
    """The same function and norm with three times the neurons, reordered, and an idle one."""
    shares = rng.dirichlet(np.ones(3), net.width)
    parts = [np.sqrt(shares[:, k]) for k in range(3)]
    order = rng.permutation(3 * net.width)
    v, w, b = (
        np.concatenate([part * one for part in parts])[order] for one in (net.v, net.w, net.b)
    )
    return ReluNet(np.append(v, 0.0), np.append(w, 0.0), np.append(b, 0.0))


@pytest.fixture(scope="module")
def points():
    """KKT points of the oracle, kinks on data of either sign among them, and searched ones."""
    instances = pools.kkt_pool(3, 24, pinned=0.4) + pools.global_pool(5, 60)
    nets = [(ReluNet(*one.net), Sample(one.x, one.y)) for one in instances]
    for m, p, seed in ((14, 0.4, 0), (14, 0.4, 1), (14, 0.4, 2), (40, 0.3, 0)):
        sample = draw_sample(m, p=p, rng=seed)
        nets += [(one.net, sample) for one in search_kkt_points(sample, count=8, rng=3, draws=10)]
    return nets


@pytest.fixture(scope="module")
def laws(points):
    return [(net, sample, nearest_neighbour_law(net, sample)) for net, sample in points]


def test_every_certified_point_obeys_it(laws):
    certified = [law for *_, law in laws if law.certificate.verdict is Verdict.HOLDS]
    assert len(certified) > 150
    assert {law.verdict for law in certified} == {Verdict.HOLDS}
    assert all(len(law.deviations) <= law.allowed for law in certified)
    # not for lack of links and deviations
    assert max(len(law.links) for law in certified) >= 2
    assert sum(len(law.deviations) > 0 for law in certified) > 5


def test_width_order_and_idle_neurons_change_nothing(points):
    rng = np.random.default_rng(0)
    for net, sample in points[::7]:
        first, second = (nearest_neighbour_law(one, sample) for one in (net, spread(net, rng)))
        assert first.verdict is second.verdict
        assert len(first.links) == len(second.links)
        assert [one.gap for one in first.deviations] == [one.gap for one in second.deviations]
        assert float(first.difference) == pytest.approx(float(second.difference), abs=1e-9)


def test_reflection_mirrors_it(laws):
    for net, sample, law in laws[::5]:
        mirrored = nearest_neighbour_law(
            ReluNet(net.v, -net.w, net.b),
            Sample(-sample.x[::-1], sample.y[::-1]),
            density=stats.uniform(-1.0, 1.0),
        )
        assert mirrored.verdict is law.verdict
        turned = {sample.size - one.gap: one.mass for one in mirrored.deviations}
        assert turned == pytest.approx({one.gap: one.mass for one in law.deviations}, abs=1e-12)
        assert [link.label for link in mirrored.links] == [link.label for link in law.links[::-1]]


def test_difference_is_the_sum_over_gaps_exactly(laws):
    compared = 0
    for net, sample, law in laws:
        of_net = exact.clean_error(net.v, net.w, net.b)
        difference = of_net - exact.nearest_neighbour_error(sample.x, sample.y)
        assert exact_nearest_neighbour_difference(net, sample) == difference
        assert law.difference.low <= difference <= law.difference.high
        assert abs(law.difference.value - float(difference)) <= 1e-15
        rest = law.difference.value - sum(one.mass for one in law.deviations)
        assert abs(rest) <= 1e-6
        compared += 1
    assert compared > 150


def test_deviating_gaps_are_those_of_brute_force(laws):
    grid = np.linspace(0.0, 1.0, 4097)[1::2]
    for net, sample, law in laws[::3]:
        nearest = sample.y[np.argmin(np.abs(grid[:, None] - sample.x), axis=1)]
        differ = (net(grid) > 1e-9) != (nearest > 0.0)
        # a point beside a border decides nothing
        close = np.min(np.abs(grid[:, None] - borders(sample)), axis=1, initial=np.inf) < 1e-6
        found = set(np.searchsorted(sample.x, grid[differ & ~close]).tolist())
        assert found <= {one.gap for one in law.deviations}
        wide = {one.gap for one in law.deviations if one.share > 0.05 and inside(one) > 0.02}
        assert wide <= set(np.searchsorted(sample.x, grid[differ]).tolist())


def borders(sample):
    return 0.5 * (sample.x[:-1] + sample.x[1:])


def inside(deviation):
    return min(deviation.last, 1.0) - max(deviation.first, 0.0)


def test_a_density_weighs_the_same_gaps(laws):
    law = stats.beta(2, 5)
    for net, sample, plain in laws[::9]:
        found = nearest_neighbour_law(net, sample, density=law)
        assert [one.gap for one in found.deviations] == [one.gap for one in plain.deviations]
        difference = (
            clean_error(net, density=law).value
            - nearest_neighbour_clean_error(sample, density=law).value
        )
        assert float(found.difference) == pytest.approx(difference, abs=1e-13)


def test_on_the_whole_line_ends_count_as_gaps():
    # N falls left of the data, as its kink is at 0.25 and its neuron looks right
    sample = Sample([0.5, 0.75], [1.0, 1.0])
    found = nearest_neighbour_law(max_margin(sample).net, sample, density=stats.norm())
    assert [one.gap for one in found.deviations] == [0]
    assert found.deviations[0].first == -np.inf
    assert found.deviations[0].cause == "the end of the data"
    assert found.verdict is Verdict.HOLDS


def wave(sample, dips):
    """A net through all labels that dips below zero in the middle of some gaps between +1, +1."""
    middle = borders(sample)[dips]
    knots = np.concatenate([sample.x, middle])
    values = np.concatenate([sample.y, -np.ones(len(dips))])
    order = np.argsort(knots)
    knots, values = knots[order], values[order]
    slopes = np.diff(values) / np.diff(knots)
    jumps = np.concatenate([[slopes[0]], np.diff(slopes)])
    ramp = [(jump, 1.0, -t) for jump, t in zip(jumps, knots[:-1], strict=True)]
    constant = values[0]
    return ReluNet(*np.array([(constant, 0.0, 1.0), *ramp]).T)


SAMPLE = Sample(np.arange(1, 20) / 20, np.ones(19))
WAVE = wave(SAMPLE, [2, 4, 6, 8, 10, 12])


def test_no_kkt_point_no_claim():
    found = nearest_neighbour_law(WAVE, SAMPLE)
    assert found.verdict is Verdict.UNDECIDED
    assert "not a certified KKT point" in found.reason
    assert found.links == ()
    assert found.allowed is None
    assert [one.gap for one in found.deviations] == [3, 5, 7, 9, 11, 13]
    assert float(found.difference) == pytest.approx(6 * 0.05 / 2)


def forged(net, sample):
    """What the law looks at, as if a net were a certified KKT point."""
    certificate = replace(kkt_certificate(net, sample), verdict=Verdict.HOLDS)
    sets = clean_error(net), nearest_neighbour_clean_error(sample)
    return Anatomy(ShallowFitted(net, sample), certificate, *sets, UNIFORM)


def test_more_deviations_than_links_allow_refute_it():
    net = forged(WAVE, SAMPLE)
    net.__dict__["links"] = ()  # where cached properties live
    steps = proof.evaluated(net)
    # a step of the proof is off: that says why, and refutes nothing
    assert concluded(net, steps)[0] is Verdict.UNDECIDED
    holding = tuple(replace(one, verdict=Verdict.HOLDS) for one in steps)
    verdict, reason = concluded(net, holding)
    assert verdict is Verdict.FAILS
    assert reason.startswith("6 of 20 gaps deviate")
    assert "the law allows 2" in reason
    net.__dict__["left_out"] = 3
    verdict, reason = concluded(net, holding)
    assert verdict is Verdict.UNDECIDED
    assert "3 neurons are too small" in reason


def test_a_residual_that_does_not_feel_the_net_refutes_nothing():
    """A gap of 2^-65 needs neurons of 2^33; beside them those of size 1 are free, and deviate."""
    gap = 2.0**-66
    steep = (1.0 + 2.0**-6) * gap
    parts = [(2.0**33, 2.0**33, steep * 2.0**33), (-(2.0**33), 2.0**33, -steep * 2.0**33)]
    flat = np.sqrt(1.0 + 2.0**-6)
    parts.append((-flat, 0.0, flat))

    def bend(change, kink, side):
        size = np.sqrt(abs(change) * np.hypot(1.0, kink))
        slope = abs(change) / size
        parts.append((np.sign(change) * size, side * slope, -side * slope * kink))

    right = [(0.5, 1.0 + 2.0**-6), (1.0, 1.0), (1.5, 0.06), (2.0, -1.0)]
    left = [(0.5, -1.0 - 2.0**-6), (1.0, -1.0), (9.0, 0.06), (17.0, 1.0), (145.0, 0.06)]
    for side, path in ((1.0, right), (-1.0, [*left, (273.0, -1.0)])):
        slope = 0.0
        for (here, value), (there, wanted) in pairwise(path):
            bend((wanted - value) / (there - here) - slope, side * here, side)
            slope = (wanted - value) / (there - here)
    net = ReluNet(*np.array(parts).T)
    sample = Sample([-273.0, -17.0, -1.0, -gap, gap, 1.0, 2.0], [-1, 1, -1, -1, 1, 1, -1])
    certificate = kkt_certificate(net, sample, tolerance=1e-8)
    assert certificate.verdict is Verdict.HOLDS
    law = nearest_neighbour_law(
        net, sample, certificate=certificate, density=stats.uniform(-300.0, 310.0)
    )
    assert len(law.deviations) > law.allowed
    assert law.verdict is Verdict.UNDECIDED


@pytest.mark.parametrize(
    "arguments",
    [(2, 1e-310), (2, 5e-324), (10**15, 1e-20, 1e-300), (10**300, 0.1), (10**4, 0.1, 1e-9)],
)
def test_bounds_that_say_nothing_are_one(arguments):
    assert kkt_clean_error_deviation(*arguments) == 1.0


def test_a_forged_certificate_is_not_enough():
    found = nearest_neighbour_law(WAVE, SAMPLE, certificate=forged(WAVE, SAMPLE).certificate)
    assert found.verdict is Verdict.UNDECIDED
    assert "step 1 is off" in found.reason
    # that of another net is refused
    with pytest.raises(ValueError, match="`certificate` must belong"):
        nearest_neighbour_law(
            WAVE, SAMPLE, certificate=kkt_certificate(WAVE, Sample(SAMPLE.x, -SAMPLE.y))
        )


@pytest.mark.parametrize("seed", range(4))
def test_counting_asks_only_that_a_net_interpolates(seed):
    """Steps 2 to 4 on nets that are nowhere near a KKT point: only E is large there."""
    rng = np.random.default_rng(seed)
    seen = 0
    for one in pools.random_interpolators(seed, 12, balanced=bool(seed % 2)):
        net = ReluNet(*one.net)
        sample = Sample(one.x, one.y)
        for scaled in (net, ReluNet(net.v * rng.choice([1e-3, 7.0]), net.w, net.b)):
            anatomy = forged(scaled, sample)
            assert len(anatomy.deviating(proof.ROUNDING)) <= len(anatomy.transitions.link) + 2
            for step in (proof.regular_zeros, proof.chains_without_zeros, proof.counts):
                assert step(anatomy).holds
            seen += len(anatomy.deviating(proof.ROUNDING)) > 0
    assert seen > 3


def a_link(**changes):
    link = Link(
        kinks=(0.0, 1.0),
        orientations="RL",
        sign=1,
        bends=1,
        label=1,
        stretch=0,
        label_changes=1,
        angle=0.3,
        centre=0.2,
        distance=0.1,
        side=1,
        residual=0.0,
    )
    return replace(link, **changes)


class Wrong:
    """What the steps look at, to be made wrong in one place."""

    def __init__(self, net, sample):
        self.anatomy = forged(net, sample)

    def with_(self, **parts):
        self.anatomy.__dict__.update(parts)
        return self.anatomy


@pytest.fixture
def wrong(points):
    return Wrong(*next(one for one in points if len(one[1].sign_changes) >= 3))


def test_tangency_notices_a_wrong_multiplier(wrong):
    net = wrong.anatomy
    assert proof.tangency(net).holds
    largest = int(np.argmax(net.certificate.multipliers))
    moved = net.certificate.multipliers.copy()
    moved[largest] *= 1.001
    other = replace(net, certificate=replace(net.certificate, multipliers=moved))
    assert not proof.tangency(other).holds


def test_a_regular_transition_that_misses_its_midpoint_is_noticed(wrong):
    net = wrong.anatomy
    assert len(net.transitions.border)
    found = net.comparison._replace(
        gap=net.transitions.border[:1], share=np.array([0.01]), mass=np.array([0.01])
    )
    assert proof.regular_zeros(net).holds
    assert not proof.regular_zeros(wrong.with_(comparison=found)).holds


def test_zeros_on_closed_chains_are_noticed(wrong):
    nothing = np.zeros(0, dtype=np.intp)
    closed = Transitions(np.array([0, 1]), np.array([2, 5]), nothing, nothing)
    net = wrong.with_(transitions=closed, zeros=nothing)
    assert proof.chains_without_zeros(net).holds
    assert proof.counts(net).holds
    net = wrong.with_(transitions=closed, zeros=np.array([3]))
    assert not proof.chains_without_zeros(net).holds
    # an open end has room for one
    net = wrong.with_(transitions=closed, zeros=np.array([0, 7]))
    assert proof.counts(net).holds
    net = wrong.with_(transitions=closed, zeros=np.array([0, 1, 7]))
    assert not proof.counts(net).holds


@pytest.mark.parametrize(
    ("step", "good", "bad"),
    [
        (proof.orientations, [a_link()], [a_link(orientations="LL")]),
        (proof.equation, [a_link(residual=1e-9)], [a_link(residual=-1e-3)]),
        (proof.distances, [a_link()], [a_link(distance=-0.01)]),
        (proof.distances, [a_link(distance=0.40)], [a_link(distance=0.41)]),
        (proof.labels, [a_link()], [a_link(label_changes=2)]),
        (
            proof.doubling,
            [a_link(), a_link(distance=0.11), a_link(distance=0.22)],
            [a_link(), a_link(distance=0.11), a_link(distance=0.2)],
        ),
        # of other signs, or on other sides, they have nothing to do with each other
        (
            proof.doubling,
            [a_link(), a_link(distance=0.11), a_link(distance=0.12, side=-1)],
            [a_link(distance=1.9), a_link(distance=2.0)],
        ),
    ],
    ids=lambda part: getattr(part, "__name__", ""),
)
def test_a_step_made_wrong_is_noticed(wrong, step, good, bad):
    assert step(wrong.with_(links=tuple(good))).holds
    assert not step(wrong.with_(links=tuple(bad))).holds


def turns(net, sample):
    fit = ShallowFitted(net, sample)
    certificate = kkt_certificate(net, sample)
    return turns_of(fit, neurons_of(fit, certificate))


THREE = Sample([0.0, 0.5, 1.0], [1.0, 1.0, 1.0])


@pytest.mark.parametrize(
    ("extra", "signs"),
    [
        ([(1.0, 3.0, -1.0), (1.0, -3.0, 1.0)], [1.0]),  # both orientations, one kink at 1/3
        ([(1.0, 3.0, -1.0), (-1.0, -3.0, 1.0)], []),  # a line
        ([(1.0, 3.0, -1.0), (-2.0, -3.0, 1.0)], [-1.0]),
        ([(1.0, 3.0, -1.0), (-1.0, 6.0, -2.0)], [-1.0]),  # |w| counts as well
        # kinks at 1/3 and 1/3 + 2^-55, one double: the order is that of the exact ones
        ([(1.0, 3.0, -1.0), (-1.0, 3.0, -1.0 - 2.0**-52)], [1.0, -1.0]),
        ([(-1.0, 3.0, -1.0), (1.0, 3.0, -1.0 - 2.0**-52)], [-1.0, 1.0]),
    ],
)
def test_kinks_at_one_place_are_one(extra, signs):
    net = ReluNet(*np.array([(9.0, 0.0, 1.0), *extra]).T)
    assert turns(net, THREE).sign.tolist() == signs


def test_transitions_by_hand():
    x = np.arange(8.0)
    sample = Sample(x, [1.0, -1.0, -1.0, 1.0, 1.0, 1.0, -1.0, -1.0])
    #  kinks in the gaps left of 1, 3, 3, 5, 7
    found = Turns(
        np.array([0.2, 2.2, 2.8, 4.5, 6.5]),
        np.array([2, 6, 6, 10, 14]),
        np.array([-1.0, 1.0, -1.0, -1.0, 1.0]),
        *np.full((2, 5), 0),
    )
    everything = np.ones(8, dtype=bool)
    result = transitions_of(sample, found, everything)
    # from 0.2 to 2.2 lie −1, −1; from 2.2 to 2.8 nothing; from 4.5 to 6.5 lie +1, −1
    assert result.regular.tolist() == [3]
    assert result.border.tolist() == [6]
    assert result.link.tolist() == [0, 1]
    assert result.links_in_stretches().tolist() == [2, 0]
    # where N ≠ y there is no bend
    everything[6] = False
    assert transitions_of(sample, found, everything).link.tolist() == [0, 1, 3]


def test_what_it_is_not_about_is_refused():
    deep = DeepReluNet([([[1.0]], [0.0]), ([[1.0]], [1.0]), ([[1.0]], [1.0])])
    with pytest.raises(TypeError, match="ReluNet"):
        nearest_neighbour_law(deep, THREE)
    with pytest.raises(ValueError, match="must interpolate"):
        nearest_neighbour_law(ReluNet([-1.0], [0.0], [1.0]), THREE)


def test_the_interval_holds_every_point_of_a_sample(laws):
    for _, sample, law in laws:
        bounds = kkt_clean_error_bounds(sample)
        assert bounds.low <= law.clean_error.low
        assert law.clean_error.high <= bounds.high
        assert len(law.links) <= bounds.links


def longest_chain_by_hand(angles, labels):
    """The most links on the right of a centre anywhere, by trying all chains of bends."""
    m = len(angles)

    def changes(first, end):
        inside = [label for a, label in zip(angles, labels, strict=True) if first <= a < end]
        return sum(one != two for one, two in pairwise(inside))

    def longest(centre, least):
        best = 0
        for i in range(m):
            distance = angles[i] - centre
            end = angles[i] + distance
            if angles[i] < least or end > np.pi / 2 or changes(angles[i], end) > 1:
                continue
            best = max(best, 1 + longest(centre, np.nextafter(max(end, angles[i]), np.inf)))
        return best

    counts = [longest(-np.pi / 2, -np.inf)]
    for j in range(m):
        own = 1 + longest(angles[j], np.nextafter(angles[j], np.inf))
        counts.append(own + longest(angles[j] - np.pi, -np.inf))
    return max(counts)


@pytest.mark.parametrize("seed", range(12))
def test_the_number_of_links_is_that_of_all_chains(seed):
    rng = np.random.default_rng(seed)
    m = int(rng.integers(2, 9))
    scale = (0.3, 1.0, 8.0)[seed % 3]
    x = np.sort(rng.normal(size=m)) * scale
    if seed % 4 == 0:
        x = np.sort(rng.choice([-1.0, 1.0], m) * scale * 2.0 ** -np.arange(m))
    y = np.where(rng.random(m) < 0.5, -1.0, 1.0)
    angles = np.arctan(x)
    right = longest_chain_by_hand(angles, y)
    left = longest_chain_by_hand(-angles[::-1], y[::-1])
    found = most_links(Sample(x, y))
    assert found >= 2 + right + left
    # a tie may be decided for a link, as rounding is
    assert found <= 2 + right + left + (2 if seed % 4 == 0 else 0)


def test_geometric_samples_have_room_for_many_links_and_random_ones_for_few():
    m = 40
    x = 0.25 + 0.5 * 2.0 ** -np.arange(m, dtype=float)[::-1]
    assert most_links(Sample(x, np.where(np.arange(m) % 2, 1.0, -1.0))) > 15
    assert most_links(draw_sample(10**4, p=0.5, rng=1)) < 24


def test_bounds_approach_each_other():
    widths = []
    for m in (10**2, 10**3, 10**4, 10**5):
        bounds = kkt_clean_error_bounds(draw_sample(m, p=0.1, rng=1))
        assert bounds.low <= bounds.nearest_neighbour.value <= bounds.high
        widths.append(bounds.high - bounds.low)
    assert all(wide > 3.0 * narrow for wide, narrow in pairwise(widths))


def test_the_deviation_holds_what_it_promises():
    m, p = 3000, 0.1
    allowed = kkt_clean_error_deviation(m, p)
    for seed in range(30):
        bounds = kkt_clean_error_bounds(draw_sample(m, p=p, rng=seed))
        assert p - allowed <= bounds.low
        assert bounds.high <= p + allowed
    values = [kkt_clean_error_deviation(10**k, p) for k in range(1, 9)]
    assert values == sorted(values, reverse=True)
    assert values[-1] < 3e-4
    assert kkt_clean_error_deviation(10**6, p, 1e-9) > kkt_clean_error_deviation(10**6, p, 0.5)


@pytest.mark.parametrize(("m", "p", "delta"), [(1, 0.1, 0.1), (9, 0.0, 0.1), (9, 0.1, 1.0)])
def test_the_deviation_refuses(m, p, delta):
    with pytest.raises(ValueError, match="must"):
        kkt_clean_error_deviation(m, p, delta)


def test_fractions_of_a_worked_example():
    # −1 at 1/2 between +1s; the optimum is the nearest neighbour
    sample = Sample([0.25, 0.5, 0.75, 1.0], [1.0, -1.0, 1.0, -1.0])
    net = wave(sample, [])
    assert exact_nearest_neighbour_difference(net, sample) == 0
    tilted = ReluNet([2.0, -4.0], [-1.0, 0.0], [0.75, 0.125])  # zero at 0.5 beside +1 at 0.25
    one = Sample([0.25, 1.0], [1.0, -1.0])
    assert exact_nearest_neighbour_difference(tilted, one) == Fraction(1, 8)
