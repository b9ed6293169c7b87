"""Replaying local minima: a few vectors of multipliers serve every choice of sides.

The sites are the observations i with a multiplier on which a neuron j of the same sign, y_i v_j >
0, has its kink: one of either orientation at most, or else λ_i must be 0. The state of a site is
[its right-oriented neuron is on] + 2 [its left-oriented one is on]. Let T_k = Σ_{i ≥ k} λ_i y_i
(x_i, 1). At every site T passes the same point of the plane, right or left of observation i as the
state says; call this its cut.

For every pair of states at neighbouring sites some vector of a branch must have both. Then any
choice has multipliers, put together block by block between the cuts. Where the vectors differ at a
cut by at most e_k, the sum T so made differs from theirs by at most D = Σ e_k and S − T by 2 D,
which costs neuron j 2 D |θ_j| of its residual.
"""

from fractions import Fraction
from itertools import product
from math import hypot, inf, nextafter, sqrt
from typing import NamedTuple

import numpy as np

from univariate.common.arrays import Indices, Mask, Matrix, Vector
from univariate.common.integers import whole
from univariate.common.rounding import worst
from univariate.common.tolerance import NEARLY
from univariate.problem.fitted import Margins, ShallowFitted
from univariate.problem.kernels.sums import total
from univariate.problem.rational import prefix_sums
from univariate.problem.sample import Sample
from univariate.standing.replay import Pins, Stationarity, quotient, slackness, stationarity
from univariate.standing.replay_ranges import near_some

Places = dict[int, tuple[int, int]]

_UP = 1.0 + 2.0**-40  # covers the roundings of roots of sums of squares
_EXPLAINED = 1e-3  # of a neuron, apart from what multipliers make it


class Branch(NamedTuple):
    """Multipliers for all choices of sides that agree with those fixed."""

    fixed: tuple[tuple[int, int], ...]  # (site, state), from the root of the tree of branches on
    states: Indices  # (q, s) of every site, for each of q vectors of multipliers
    high: Matrix  # (q, m)
    low: Matrix  # (q, m)
    weight_high: Matrix  # (q, k) λ_i σ'_ij of every pinned kink
    weight_low: Matrix  # (q, k)


class Sided(NamedTuple):
    """Kinks taken to lie on data, the sites among these, and multipliers for every choice."""

    neuron: Indices  # (k,) each neuron at most once
    datum: Indices  # (k,)
    sites: Indices  # (s,) observations, decreasing
    branches: tuple[Branch, ...]


class EverySide(NamedTuple):
    """Bounds that hold for all choices at once, or why there are none."""

    residual: float  # |θ − Σ λ_i y_i h_i|/|θ|, rounded up
    distance: float  # largest relative distance of a pinned kink
    slackness: float  # Σ λ_i (y_i N(x_i) − 1)/Σ λ_i for a worst margin of 1, rounded up
    loose: Indices  # neurons that are zero, or that the multipliers do not explain
    flaw: str  # empty if the multipliers cover all choices


def every_side(
    fit: ShallowFitted, sided: Sided, reach: float, known: Stationarity | None = None
) -> EverySide:
    """Bound |θ − Σ λ_i y_i h_i|/|θ| for every choice of sides z.

    There σ'_ij = z_ij on the kinks of same-sign neurons. A choice takes every λ_i from one of the
    vectors, which bounds its slackness. Same-sign kinks within `reach` of an observation with a
    multiplier must be pinned. Exact sums, rounded upwards; `known` is what `stationarity` measures,
    where there is one vector and it was measured before. Cost O((n + m) log m) for every vector of
    multipliers, on integers of some hundred bits.
    """
    carrying = np.zeros(fit.sample.size, dtype=np.bool_)
    for branch in sided.branches:
        carrying |= np.any((branch.high != 0.0) | (branch.low != 0.0), axis=0)
    places, flaw = _places(fit, sided, carrying)
    flaw = flaw or _uncovered(sided, places) or _overlooked(fit, sided, carrying, reach)
    if flaw:
        return _flawed(fit, flaw)
    residual = 0.0
    apart = np.zeros(fit.net.width)
    distance = 0.0
    slack = 0.0
    for branch in sided.branches:
        found = [known] if known is not None else _measured(fit, sided, branch)
        if not all(one.signs for one in found):
            return _flawed(fit, "a multiplier is negative, or a weight exceeds it")
        most = np.max([one.per_neuron for one in found], axis=0)
        apart = np.maximum(apart, most)
        spread = _spread(fit.sample, places, branch)
        residual = worst(residual, nextafter(_UP * (sqrt(total(most**2)) + 2.0 * spread), inf))
        distance = worst(distance, *(one.distance for one in found))
        slack = worst(slack, _slackness(fit.margins, branch))
    return EverySide(residual, distance, slack, _loose(fit, apart), "")


def _flawed(fit: ShallowFitted, flaw: str) -> EverySide:
    return EverySide(1.0, 1.0, 1.0, np.arange(fit.net.width), flaw)


def _loose(fit: ShallowFitted, apart: Vector) -> Indices:
    """Return the neurons that are apart from Σ λ_i y_i h_i by a thousandth of themselves.

    `apart` is relative to |θ|. A neuron that is tiny may point anywhere within the tolerance; like
    one that is zero it may become any small atom.
    """
    net = fit.net
    top = max(float(np.abs(part).max()) for part in (net.v, net.w, net.b)) or 1.0
    sizes = np.hypot(net.v / top, np.hypot(net.w / top, net.b / top))
    whole_size = sqrt(total(sizes**2))
    return np.flatnonzero(~(apart * whole_size <= _EXPLAINED * sizes) | (sizes == 0.0))


def _measured(fit: ShallowFitted, sided: Sided, branch: Branch) -> list[Stationarity]:
    rows = zip(branch.high, branch.low, branch.weight_high, branch.weight_low, strict=True)
    return [
        stationarity(fit, high, low, Pins(sided.neuron, sided.datum, weight_high, weight_low))
        for high, low, weight_high, weight_low in rows
    ]


def _slackness(found: Margins, branch: Branch) -> float:
    """Bound the mean excess of margins over the smallest, for all choices of a branch."""
    multipliers = branch.high + branch.low
    one = len(multipliers) == 1
    most = multipliers[0] if one else multipliers.max(axis=0)
    excess = slackness(found, most, np.zeros_like(most))
    if excess.largest > NEARLY:
        return 1.0
    whole_sum = float(most.sum())
    least = whole_sum if one else float(multipliers.min(axis=0).sum())
    if least <= 0.0:
        return excess.largest
    return excess.mean * (whole_sum / least) * _UP


def _places(fit: ShallowFitted, sided: Sided, carrying: Mask) -> tuple[Places, str]:
    """Return {site: its right- and left-oriented same-sign pins, −1 if none}, or a flaw."""
    net, sample = fit.net, fit.sample
    found: dict[int, list[list[int]]] = {}
    same = carrying[sided.datum] & (net.v[sided.neuron] * sample.y[sided.datum] > 0.0)
    for place in np.flatnonzero(same).tolist():
        left = bool(net.w[sided.neuron[place]] < 0.0)
        found.setdefault(int(sided.datum[place]), [[], []])[left].append(place)
    listed = sided.sites.tolist()
    if listed != sorted(set(listed), reverse=True):
        return {}, "the sites do not decrease"
    if not found.keys() <= set(listed):
        return (
            {},
            (
                f"observation {min(found.keys() - set(listed))} has a multiplier and a same-sign"
                " kink, but no choice"
            ),
        )
    if any(len(kind) > 1 for kinds in found.values() for kind in kinds):
        return {}, "an observation with two same-sign kinks of one orientation has a multiplier"
    single = {
        datum: tuple(kind[0] if kind else -1 for kind in kinds) for datum, kinds in found.items()
    }
    return {
        datum: (single[datum][0], single[datum][1]) if datum in single else (-1, -1)
        for datum in listed
    }, ""


def _states(pair: tuple[int, int]) -> list[int]:
    """Return the states that a site can have."""
    return [s for s in range(4) if (pair[0] >= 0 or s % 2 == 0) and (pair[1] >= 0 or s < 2)]


def _uncovered(sided: Sided, places: Places) -> str:
    """Return why the branches do not cover every choice; empty if they do."""
    if not sided.branches or not _complete(
        [dict(branch.fixed) for branch in sided.branches], [*places.values()]
    ):
        return "the branches do not cover all choices"
    for branch in sided.branches:
        if branch.states.shape != (len(branch.high), len(places)) or not len(branch.high):
            return "a branch is damaged"
        if not _paired(branch, [*places.values()]):
            return "some pair of choices at neighbouring sites is missing"
        for k, (datum, pair) in enumerate(places.items()):
            for place, on in (
                (pair[0], branch.states[:, k] % 2 == 1),
                (pair[1], branch.states[:, k] >= 2),
            ):
                for kept, full in (
                    (branch.weight_high, branch.high),
                    (branch.weight_low, branch.low),
                ):
                    if place >= 0 and np.any(kept[:, place] != np.where(on, full[:, datum], 0.0)):
                        return "a weight does not belong to its choice"
    return ""


def _complete(fixed: list[dict[int, int]], pairs: list[tuple[int, int]]) -> bool:
    """Whether the leaves of a tree of choices cover them all, each listed from the root on."""
    if any(not choices for choices in fixed):
        return True
    site = next(iter(fixed[0])) if fixed else -1
    if not 0 <= site < len(pairs):
        return False
    for state in _states(pairs[site]):
        below = [
            {k: s for k, s in choices.items() if k != site}
            for choices in fixed
            if choices.get(site) == state
        ]
        if not _complete(below, pairs):
            return False
    return True


def _paired(branch: Branch, pairs: list[tuple[int, int]]) -> bool:
    """Whether all allowed pairs of states at neighbouring sites have their multipliers."""
    fixed = dict(branch.fixed)
    allowed = [[fixed[k]] if k in fixed else _states(pair) for k, pair in enumerate(pairs)]
    if len(pairs) == 1:
        return set(allowed[0]) <= set(branch.states[:, 0].tolist())
    for k in range(len(pairs) - 1):
        seen = set(map(tuple, branch.states[:, k : k + 2].tolist()))
        if not set(product(allowed[k], allowed[k + 1])) <= seen:
            return False
    return True


def _overlooked(fit: ShallowFitted, sided: Sided, carrying: Mask, reach: float) -> str:
    """Return which same-sign kink near a datum with a multiplier is not pinned to it. Exact.

    One that is pinned to another datum counts if it moves over at no more than `reach` of a margin.
    """
    net, sample = fit.net, fit.sample
    neurons, beside = near_some(fit, reach)
    place = np.full(net.width, -1)
    place[sided.neuron] = sided.datum
    pinned = place[neurons]
    for sign in (-1.0, 1.0):
        asking = carrying & (sample.y == sign)
        upto = prefix_sums(asking)
        own = (beside.first <= pinned) & (pinned < beside.stop) & asking[pinned]
        some = beside.some & (upto[beside.stop] - upto[beside.first] > own)
        for k in np.flatnonzero(some & (net.v[neurons] * sign > 0.0)).tolist():
            j = int(neurons[k])
            first, stop = int(beside.first[k]), int(beside.stop[k])
            for i in (first + np.flatnonzero(asking[first:stop])).tolist():
                if i != pinned[k] and _reaches(fit, j, i, reach, free=pinned[k] < 0):
                    return f"neuron {j} has its kink on observation {i} too"
    return ""


def _reaches(fit: ShallowFitted, j: int, i: int, reach: float, *, free: bool) -> bool:
    """Whether (w_j, b_j) is within a relative reach of {w x_i + b = 0}, and unless it is `free`
    v_j (w_j x_i + b_j) within that of the smallest margin. Exact.
    """
    line = tuple(float(part[j]) for part in fit.net.parameters)
    at = float(fit.sample.x[i])
    most = reach * max(0.0, fit.margins.low)
    if not free and _change(line, at) > 2.0 * most:
        return False  # of most kinks this is clear without fractions
    v, w, b = map(Fraction, line)
    x = Fraction(at)
    away = abs(w * x + b)
    near_by = away**2 <= Fraction(reach) ** 2 * (w**2 + b**2) * (x**2 + 1)
    return near_by and (
        free or abs(v) * away <= Fraction(reach) * Fraction(max(0.0, fit.margins.low))
    )


def _change(line: tuple[float, ...], x: float) -> float:
    """Return a lower bound on |v (w x + b)|, up to a relative 1e-15; NaN beyond doubles."""
    v, w, b = line
    product = w * x
    return abs(v) * (abs(product + b) - 2.0**-50 * (abs(product) + abs(b)))


def _spread(sample: Sample, places: Places, branch: Branch) -> float:
    """Return Σ e_k over the cuts and the left end, rounded up; exact differences."""
    if len(branch.high) == 1:
        return 0.0
    x, one = whole(sample.x)
    parts, unit = whole(np.stack([branch.high, branch.low]))
    charges = (parts[0] + parts[1]) * np.where(sample.y > 0.0, 1, -1)
    passed: list[list[tuple[int, int]]] = []
    for states, charge in zip(branch.states.tolist(), charges, strict=True):
        # T_k, from the right
        mass = prefix_sums(charge[::-1])[::-1]
        moment = prefix_sums((charge * x)[::-1])[::-1]
        cuts = [_cut(*place, state) for place, state in zip(places.items(), states, strict=True)]
        passed.append([(moment[k], mass[k]) for k in (*cuts, 0)])
    spread = 0.0
    for (p, r), *others in zip(*passed, strict=True):
        spread += 2.0 * max(
            hypot(quotient(a - p, unit * one), quotient(b - r, unit)) for a, b in others
        )
    return spread * _UP


def _cut(datum: int, pair: tuple[int, int], state: int) -> int:
    """Return the k of T_k at a site.

    It is right of the observation where the state leaves that to the left block.
    """
    return datum + (state % 2 == 0 if pair[0] >= 0 else state >= 2)
