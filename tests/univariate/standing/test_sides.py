"""Multipliers for every choice of sides: against a linear program for each choice, replayed, mixed
and tampered with.

The nets here are balanced and need not interpolate: what is decided is whether the stationarity
conditions have solutions λ ≥ 0 on given data for every choice of sides at the kinks of same-sign
neurons.
"""

from collections import Counter
from collections.abc import Callable
from fractions import Fraction
from functools import cache
from itertools import pairwise, product
from math import prod
from typing import NamedTuple

import numpy as np
import pytest
from numpy.typing import NDArray
from oracles import exact, minima

from univariate import ReluNet, Sample
from univariate.common.tolerance import KKT_TOLERANCE
from univariate.problem.fitted import ShallowFitted
from univariate.standing import sides
from univariate.standing.dual_path import HalfPlanes, half_planes, stops
from univariate.standing.replay_sides import Branch, EverySide, Sided, every_side
from univariate.standing.sides import Outcome, decide_sides

Vector = NDArray[np.float64]

SMALL, LARGE = 900, 600  # instances: few data between kinks, and many
# of the oracle's linear programs: their feasibility 1e-10 times the multipliers, at most 1e3 here
FLAT = 1e-7
# what conditions violated at all are violated by, with data and kinks on a grid of 1/16
CLEAR = 1e-6
ROUNDING = minima.ROUNDING
# double-doubles leave rounding only, times the inverse of gaps and the number of vectors
REPLAYED = 1e-10


class Case(NamedTuple):
    """A net, a sample, which data may carry multipliers, and the decision."""

    net: ReluNet
    sample: Sample
    active: NDArray[np.bool_]
    found: Outcome

    @property
    def verdict(self) -> str:
        return (
            "HOLDS"
            if self.found.sided is not None
            else "FAILS"
            if self.found.descent is not None
            else "UNDECIDED"
        )


def decided(net: ReluNet, sample: Sample, active: NDArray[np.bool_]) -> Case:
    fit = ShallowFitted(net, sample)
    located = fit.cells(KKT_TOLERANCE)
    return Case(net, sample, active, decide_sides(fit, active, located, KKT_TOLERANCE))


def random_case(rng: np.random.Generator, large: bool) -> Case:
    """Kinks mostly on data, of neurons mostly of the datum's sign; labels free or alternating."""
    m = int(rng.integers(8, 24)) if large else int(rng.integers(3, 14))
    x = np.sort(rng.choice(33, m, replace=False)) / 16 - 1
    y = np.where(rng.random(m) < 0.5, -1.0, 1.0)
    if rng.random() < 0.5:
        y = np.where(np.arange(m) % 2, 1.0, -1.0)
    neurons = []
    for _ in range(int(rng.integers(1, 6))):
        if rng.random() < (0.95 if large else 0.75):
            i = int(rng.integers(m))
            kink, sign = x[i], y[i] * (1.0 if rng.random() < 0.8 else -1.0)
        else:
            kink, sign = rng.integers(-20, 20) / 16 + 1 / 64, rng.choice([-1.0, 1.0])
        w = rng.choice([-1.0, 1.0]) * 2.0 ** rng.integers(-3, 4)
        neurons.append((sign * np.hypot(w, w * kink), w, -w * kink))
    active = rng.random(m) < 0.85 if rng.random() < 0.3 else np.ones(m, dtype=np.bool_)
    return decided(ReluNet(*np.array(neurons).T), Sample(x, y), active)


@cache
def pool() -> tuple[Case, ...]:
    small, large = np.random.default_rng(3), np.random.default_rng(3)
    cases = [random_case(small, False) for _ in range(SMALL)] + [
        random_case(large, True) for _ in range(LARGE)
    ]
    return tuple(cases)


def holding(least_sites: int = 0) -> list[Case]:
    return [
        case for case in pool() if case.verdict == "HOLDS" and len(case.found.sites) >= least_sites
    ]


def by_brute_force(case: Case) -> tuple[float, list[tuple[int, int]]]:
    net, sample = case.net, case.sample
    return minima.multipliers_for_every_side(
        net.v,
        net.w,
        net.b,
        sample.x,
        sample.y,
        case.active,
        kink_tolerance=KKT_TOLERANCE,
        enough=CLEAR,
    )


def same_sign_kinks(case: Case) -> list[tuple[int, int]]:
    """(i, j) of the kinks of same-sign neurons on active data: on grids, w x + b is exactly 0
    there.
    """
    on = (
        np.add.outer(case.net.b, np.zeros(case.sample.size)) + np.outer(case.net.w, case.sample.x)
        == 0.0
    )
    same = np.outer(case.net.v, case.sample.y) > 0.0
    return [(int(i), int(j)) for i, j in np.argwhere((on & same & case.active).T)]


def agrees(case: Case) -> None:
    """Assert that the programs for single choices say the same."""
    violation, kinks = by_brute_force(case)
    assert violation < FLAT or violation > CLEAR
    assert case.verdict == ("HOLDS" if violation < FLAT else "FAILS")
    assert kinks == same_sign_kinks(case)
    alike = Counter((i, bool(case.net.w[j] < 0.0)) for i, j in kinks)
    crowded = {i for (i, _), count in alike.items() if count > 1}
    assert set(case.found.sites.tolist()) == {i for i, _ in kinks} - crowded


# Decisions


def test_decisions_against_a_program_for_every_choice():
    kinds = Counter()
    for case in pool():
        agrees(case)
        kinds[case.verdict, len(case.found.sites) >= 2, case.found.branches > 1] += 1
    assert sum(kinds.values()) == SMALL + LARGE
    assert min(kinds["HOLDS", True, False], kinds["FAILS", True, False]) >= 50
    assert min(kinds["HOLDS", True, True], kinds["FAILS", True, True]) >= 2
    assert not any(verdict == "UNDECIDED" for verdict, *_ in kinds)


def test_directions_of_descent_are_feasible_and_descend():
    """With atoms u_j = v_j (w_j, b_j): every y_i N'(x_i; d) ≥ 0, and Σ ‖u_j‖ falls at the rate that
    is said.
    """
    for case in pool():
        if case.verdict != "FAILS":
            continue
        net, sample, descent = case.net, case.sample, case.found.descent
        changes = np.zeros((net.width, 2))
        changes[descent.neurons] = descent.changes
        sign = np.sign(net.v)
        directions = (
            sign[:, None] * np.stack([net.w, net.b], axis=1) / np.hypot(net.w, net.b)[:, None]
        )
        rate = -float(np.sum(directions * changes))
        assert rate == pytest.approx(descent.rate, rel=1e-6)
        assert rate > CLEAR
        moved = changes @ np.stack([sample.x, np.ones(sample.size)])
        line = np.outer(net.w, sample.x) + net.b[:, None]
        on_kink = sign[:, None] * np.maximum(0.0, sign[:, None] * moved)
        gained = sample.y * np.where(line == 0.0, on_kink, (line > 0.0) * moved).sum(axis=0)
        assert gained[case.active].min(initial=0.0) >= -ROUNDING * np.abs(changes).max()


def test_reflection_and_order_change_nothing():
    rng = np.random.default_rng(1)
    for case in pool()[::10]:
        net, sample = case.net, case.sample
        order = rng.permutation(net.width)
        shuffled = ReluNet(net.v[order], net.w[order], net.b[order])
        assert decided(shuffled, sample, case.active).verdict == case.verdict
        mirrored = Sample(-sample.x[::-1], sample.y[::-1])
        assert (
            decided(ReluNet(net.v, -net.w, net.b), mirrored, case.active[::-1]).verdict
            == case.verdict
        )


def rows(planes: HalfPlanes) -> set[tuple[int, int, float, float]]:
    return {*zip(planes.far.tolist(), planes.near.tolist(), *planes.normal.T.tolist(), strict=True)}


def test_every_choice_finds_its_own_conditions_among_those_of_all():
    """Also between kinks without a choice, one of them on the datum of a site: they are neighbours
    when the site's own kink lies on the other side.
    """
    x = np.array([-1.0, -0.5, 0.0, 0.5, 1.0])
    y = np.array([1.0, -1.0, 1.0, -1.0, 1.0])
    for side in (1.0, -1.0):
        kinks, looks, signs = (
            [0.0, 0.0, 0.75, -0.75],
            side * np.array([1, -1, 1, -1]),
            [1, -1, 1, 1],
        )
        net = ReluNet(np.array(signs, dtype=float), looks, -looks * np.array(kinks))
        fit = ShallowFitted(net, Sample(x, y))
        active = np.ones(5, dtype=np.bool_)
        located = fit.cells(KKT_TOLERANCE)
        located = located.take(np.argsort(-located.position, kind="stable"))
        sites, allowed = sides._sites(fit, active, located)
        assert sites.datum.tolist() == [2]
        conditions, tags = sides._conditions(fit.sample, allowed, located, sites)
        for state in sites.states(0):
            placed = sides._placed(located, sites, np.array([state]))
            own = half_planes(stops(placed, 5), x, y, allowed)
            assert rows(own) <= rows(conditions.take(tags.allow(((0, state),))))


# Splitting neurons


def split(net: ReluNet, neuron: int) -> ReluNet:
    """Four copies of (v, w, b)/2 in the place of one neuron: the same function, exactly, and as
    balanced.
    """
    parts = []
    for part in (net.v, net.w, net.b):
        halved = part.copy()
        halved[neuron] /= 2.0
        parts.append(np.append(halved, [halved[neuron]] * 3))
    return ReluNet(*parts)


def test_splitting_a_neuron_forbids_a_multiplier_at_its_same_sign_kink():
    """Copies may move to either side of the datum: with one on and one off, λ_i (x_i, 1) makes the
    difference of their equal conditions, so λ_i = 0. Without a same-sign kink on an active datum
    copies ask for nothing new.
    """
    kinds, tested = Counter(), 0
    for case in [*holding(1)[::3], *pool()[::30]]:
        kinks = same_sign_kinks(case)
        data = {j: i for i, j in kinks}
        for neuron in range(case.net.width):
            after = decided(split(case.net, neuron), case.sample, case.active)
            allowed = case.active.copy()
            if neuron in data:
                allowed[data[neuron]] = False
            assert after.verdict == decided(case.net, case.sample, allowed).verdict
            kinds[neuron in data, case.verdict, after.verdict] += 1
            if len(kinks) == 1 and neuron in data and tested < 20:  # four copies make 2^4 choices
                agrees(after)
                tested += 1
    assert set(kinds) == {
        (True, "HOLDS", "HOLDS"),
        (True, "HOLDS", "FAILS"),
        (True, "FAILS", "FAILS"),
        (False, "HOLDS", "HOLDS"),
        (False, "FAILS", "FAILS"),
    }
    assert min(kinds.values()) >= 5


# Replays


def replay(case: Case, sided: Sided | None = None) -> EverySide:
    fit = ShallowFitted(case.net, case.sample)
    return every_side(fit, case.found.sided if sided is None else sided, KKT_TOLERANCE)


def test_every_multiplier_found_is_confirmed():
    for case in holding():
        found = replay(case)
        assert found.flaw == ""
        assert found.residual <= REPLAYED
        assert found.distance == 0.0
        assert not carrying(case)[~case.active].any()


def carrying(case: Case) -> NDArray[np.bool_]:
    """Which data have a multiplier in some vector."""
    return np.any(
        [np.any(branch.high != 0.0, axis=0) for branch in case.found.sided.branches], axis=0
    )


def rows_for(branch: Branch, states: tuple[int, ...]) -> list[int]:
    """For every block between cuts, right to left, a vector with the states of both sites beside
    it.
    """
    rows = []
    for k in range(len(states) + 1):
        beside = slice(max(0, k - 1), k + 1)
        matches = np.all(branch.states[:, beside] == states[beside], axis=1)
        rows.append(int(np.flatnonzero(matches)[0]))
    return rows


def composed(case: Case, branch: Branch, states: tuple[int, ...]) -> tuple[list[Fraction], list]:
    """Multipliers and pinned kinks for one choice, put together block by block."""
    sided, net, size = case.found.sided, case.net, case.sample.size
    same = net.v[sided.neuron] * case.sample.y[sided.datum] > 0.0
    cuts = []
    for site, state in zip(sided.sites.tolist(), states, strict=True):
        mine = sided.neuron[(sided.datum == site) & same]
        right_is_on, left_is_on = state % 2 == 1, state >= 2
        looks_right = bool(np.any(net.w[mine] > 0.0))
        # T passes the prescribed point right of the datum, or left of it: the datum is in the right
        # block then
        cuts.append(site if (right_is_on if looks_right else not left_is_on) else site + 1)
    blocks = [sum(i < cut for cut in cuts) for i in range(size)]
    row = rows_for(branch, states)
    total = [
        Fraction(branch.high[row[k], i]) + Fraction(branch.low[row[k], i])
        for i, k in enumerate(blocks)
    ]
    pinned = []
    for place, (neuron, datum) in enumerate(
        zip(sided.neuron.tolist(), sided.datum.tolist(), strict=True)
    ):
        k = row[blocks[datum]]
        weight = Fraction(branch.weight_high[k, place]) + Fraction(branch.weight_low[k, place])
        if same[place] and datum in sided.sites:
            state = states[sided.sites.tolist().index(datum)]
            on = state >= 2 if net.w[neuron] < 0.0 else state % 2 == 1
            weight = total[datum] if on else Fraction(0)
        pinned.append((neuron, datum, weight))
    return total, pinned


def possible_states(case: Case, site: int) -> list[int]:
    sided = case.found.sided
    mine = (sided.datum == site) & (case.net.v[sided.neuron] * case.sample.y[site] > 0.0)
    w = case.net.w[sided.neuron[mine]]
    return [s for s in range(4) if (np.any(w > 0.0) or s % 2 == 0) and (np.any(w < 0.0) or s < 2)]


def test_any_choice_has_multipliers_put_together_block_by_block():
    """Exact residuals of the composed multipliers, for all choices: below the bound that is claimed
    for every side.
    """
    rng = np.random.default_rng(2)
    mixed = 0
    for case in holding(1):
        sided, claimed = case.found.sided, replay(case)
        states = [possible_states(case, int(site)) for site in sided.sites]
        every = list(product(*states))
        assert len(every) == prod(map(len, states))
        for index in rng.permutation(len(every))[:6]:
            chosen = every[index]
            (branch,) = [
                b for b in sided.branches if all(chosen[site] == state for site, state in b.fixed)
            ]
            total, pinned = composed(case, branch, chosen)
            assert min(total) >= 0
            assert all(total[i] == 0 for i in np.flatnonzero(~case.active))
            residuals, _ = exact.kkt_residuals_squared(
                case.net.v, case.net.w, case.net.b, case.sample.x, case.sample.y, total, pinned
            )
            assert sum(residuals) <= Fraction(claimed.residual) ** 2
            mixed += len(set(rows_for(branch, chosen))) > 1
    assert mixed >= 50


# Tampering

Tampered = Sided | None  # None where there is nothing to tamper with


def with_branch(sided: Sided, index: int, branch: Branch) -> Sided:
    branches = list(sided.branches)
    branches[index] = branch
    return sided._replace(branches=tuple(branches))


def with_entry(array: Vector, place: tuple[int, ...], value: float) -> Vector:
    changed = array.copy()
    changed[place] = value
    return changed


def without_a_branch(case: Case) -> Tampered:
    sided = case.found.sided
    return sided._replace(branches=sided.branches[1:]) if len(sided.branches) > 1 else None


def without_any_branch(case: Case) -> Tampered:
    return case.found.sided._replace(branches=())


def without_a_vector(case: Case) -> Tampered:
    branch = case.found.sided.branches[-1]
    kept = (
        branch.states[1:],
        branch.high[1:],
        branch.low[1:],
        branch.weight_high[1:],
        branch.weight_low[1:],
    )
    return with_branch(
        case.found.sided, len(case.found.sided.branches) - 1, Branch(branch.fixed, *kept)
    )


def with_states_swapped(case: Case) -> Tampered:
    """Where some multiplier at a site says to which of the two choices its vector belongs."""
    for index, branch in enumerate(case.found.sided.branches):
        for first, second in product(range(len(branch.states)), repeat=2):
            differ = branch.states[first] != branch.states[second]
            if np.any(branch.high[first, case.found.sites[differ]] > CLEAR):
                order = np.arange(len(branch.states))
                order[[first, second]] = second, first
                return with_branch(
                    case.found.sided, index, branch._replace(states=branch.states[order])
                )
    return None


def with_another_choice_fixed(case: Case) -> Tampered:
    for index, branch in enumerate(case.found.sided.branches):
        if branch.fixed:
            *others, (site, state) = branch.fixed
            states = possible_states(case, int(case.found.sites[site]))
            other = states[(states.index(state) + 1) % len(states)]
            return with_branch(
                case.found.sided, index, branch._replace(fixed=(*others, (site, other)))
            )
    return None


def with_a_negative_multiplier(case: Case) -> Tampered:
    branch = case.found.sided.branches[0]
    row, i = np.unravel_index(np.argmax(branch.high), branch.high.shape)
    if branch.high[row, i] <= 0.0:
        return None
    return with_branch(
        case.found.sided,
        0,
        branch._replace(high=with_entry(branch.high, (row, i), -branch.high[row, i])),
    )


def felt(case: Case) -> NDArray[np.bool_]:
    """Data on which some neuron is active for good: their multipliers are in its condition."""
    line = np.outer(case.net.w, case.sample.x) + case.net.b[:, None]
    return np.any(line > 0.0, axis=0)


def with_a_larger_multiplier(case: Case) -> Tampered:
    branch = case.found.sided.branches[0]
    places = np.argwhere(
        (branch.high > CLEAR) & felt(case) & ~np.isin(np.arange(case.sample.size), case.found.sites)
    )
    if not len(places):
        return None
    row, i = places[-1]
    high = with_entry(branch.high, (row, i), 1.01 * branch.high[row, i])
    return with_branch(case.found.sided, 0, branch._replace(high=high))


def with_a_multiplier_beside_the_margin(case: Case) -> Tampered:
    """Where λ was 0."""
    branch = case.found.sided.branches[0]
    places = np.argwhere((branch.high == 0.0) & felt(case))
    if not len(places):
        return None
    return with_branch(
        case.found.sided, 0, branch._replace(high=with_entry(branch.high, tuple(places[0]), 0.01))
    )


def with_another_weight(case: Case) -> Tampered:
    """Take some σ' of a pinned kink to the other end of [0, 1]."""
    sided = case.found.sided
    branch = sided.branches[0]
    for row, place in np.ndindex(branch.weight_high.shape):
        owner = branch.high[row, sided.datum[place]]
        if owner > CLEAR:
            other = 0.0 if branch.weight_high[row, place] > owner / 2 else owner
            weight_high = with_entry(branch.weight_high, (row, place), other)
            weight_low = with_entry(branch.weight_low, (row, place), 0.0)
            return with_branch(
                sided, 0, branch._replace(weight_high=weight_high, weight_low=weight_low)
            )
    return None


def with_a_weight_beyond_its_multiplier(case: Case) -> Tampered:
    sided = case.found.sided
    branch = sided.branches[0]
    if not branch.weight_high.size:
        return None
    beyond = 2.0 * branch.high[0, sided.datum[0]] + 1.0
    return with_branch(
        sided, 0, branch._replace(weight_high=with_entry(branch.weight_high, (0, 0), beyond))
    )


def with_a_kink_unpinned(case: Case) -> Tampered:
    """One whose datum has a multiplier, and that is on in some vector."""
    sided = case.found.sided
    same = case.net.v[sided.neuron] * case.sample.y[sided.datum] > 0.0
    weights = np.max(
        [np.max(branch.weight_high, axis=0, initial=0.0) for branch in sided.branches], axis=0
    )
    places = np.flatnonzero((same & carrying(case)[sided.datum]) | (weights > CLEAR))
    if not len(places):
        return None
    kept = np.arange(len(sided.neuron)) != places[0]
    branches = (
        b._replace(weight_high=b.weight_high[:, kept], weight_low=b.weight_low[:, kept])
        for b in sided.branches
    )
    return Sided(sided.neuron[kept], sided.datum[kept], sided.sites, tuple(branches))


def with_sites_reversed(case: Case) -> Tampered:
    return (
        case.found.sided._replace(sites=case.found.sites[::-1])
        if len(case.found.sites) > 1
        else None
    )


def without_a_site(case: Case) -> Tampered:
    sided = case.found.sided
    if not len(sided.sites) or not carrying(case)[sided.sites[0]]:
        return None
    branches = (branch._replace(states=branch.states[:, 1:]) for branch in sided.branches)
    return sided._replace(sites=sided.sites[1:], branches=tuple(branches))


def with_a_kink_on_another_datum(case: Case) -> Tampered:
    sided = case.found.sided
    if not len(sided.datum) or case.sample.size < 2:
        return None
    datum = sided.datum.copy()
    datum[0] = datum[0] - 1 if datum[0] else 1
    return sided._replace(datum=datum)


@pytest.mark.parametrize(
    "tamper",
    [
        without_a_branch,
        without_any_branch,
        without_a_vector,
        with_states_swapped,
        with_another_choice_fixed,
        with_a_negative_multiplier,
        with_a_larger_multiplier,
        with_a_multiplier_beside_the_margin,
        with_another_weight,
        with_a_weight_beyond_its_multiplier,
        with_a_kink_unpinned,
        with_sites_reversed,
        without_a_site,
        with_a_kink_on_another_datum,
    ],
)
def test_tampered_multipliers_are_rejected(tamper: Callable[[Case], Tampered]):
    tried = 0
    for case in holding():
        sided = tamper(case)
        if sided is None:
            continue
        tried += 1
        found = replay(case, sided)
        assert found.flaw or max(found.residual, found.distance) > KKT_TOLERANCE
    assert tried >= 5


def test_multipliers_of_another_net_are_rejected():
    """Two nets of one width and size, kinks pinned where the other one's are not."""
    by_shape: dict[tuple[int, int], list[Case]] = {}
    for case in holding():
        by_shape.setdefault((case.net.width, case.sample.size), []).append(case)
    tried = 0
    for alike in by_shape.values():
        for one, other in pairwise(alike):
            found = every_side(
                ShallowFitted(other.net, other.sample), one.found.sided, KKT_TOLERANCE
            )
            assert found.flaw or max(found.residual, found.distance) > KKT_TOLERANCE
            tried += 1
    assert tried >= 50


# Limits


def test_too_many_branches_are_no_decision(monkeypatch):
    monkeypatch.setattr(sides, "MOST_BRANCHES", 1)
    seen = Counter()
    for case in [case for case in pool() if case.found.branches > 1] + list(pool()[::5]):
        again = decided(case.net, case.sample, case.active)
        seen[case.found.branches > 1, again.verdict] += 1
        assert again.verdict in (case.verdict, "UNDECIDED")
        assert again.verdict == "UNDECIDED" or case.found.branches == 1
    assert seen[True, "UNDECIDED"] >= 5


@pytest.mark.core
@pytest.mark.parametrize("large", [False, True])
def test_decisions_in_miniature(large):
    rng = np.random.default_rng(3)
    verdicts = Counter()
    for _ in range(12):
        case = random_case(rng, large)
        agrees(case)
        verdicts[case.verdict] += 1
        if case.verdict == "HOLDS":
            assert replay(case).flaw == ""
            assert replay(case).residual <= REPLAYED
    assert set(verdicts) == {"HOLDS", "FAILS"}


@pytest.mark.parametrize("datum", range(4))
def test_no_kink_is_near_an_observation_with_a_multiplier_and_free(datum):
    """The nearest observations are not the only ones."""
    sample = Sample([0.0, 1e-8, 2e-8, 1.0], np.ones(4))
    fit = ShallowFitted(ReluNet([1.0], [1.0], [1e-8]), sample)
    none = np.zeros(0, dtype=np.intp)
    high = np.zeros((1, 4))
    high[0, datum] = 1.0
    empty = np.zeros((1, 0))
    branch = Branch((), empty.astype(np.intp), high, np.zeros((1, 4)), empty, empty)
    flaw = every_side(fit, Sided(none, none, none, (branch,)), 1e-6).flaw
    assert flaw == ("" if datum == 3 else f"neuron 0 has its kink on observation {datum} too")
