"""Local minimality: multipliers for every choice of sides.

Let i be active and on the kink of neuron j. If y_i v_j < 0 the constraint is concave in the move of
the kink, and any σ'_ij ∈ [0, 1] may be used. If y_i v_j > 0, y_i N'(x_i; d) has the term max(0, y_i
v_j (x_i dw_j + db_j)): it is satisfied if it is with the factor z_ij = 0 or with z_ij = 1 in the
place of the maximum. So the directions that are feasible to first order are a union of convex cones
over z, and θ is a local minimum iff for every z there are multipliers with σ'_ij = z_ij: the stop
of the neuron is at the beginning or at the end of the step of datum i, not on it. Two neurons of
one orientation on one datum prescribe the same point; with z = 0 for one and z = 1 for the other
λ_i must be 0, and then no choice matters.

Given S, the choices z enter only into the blocks beside them, so the half-planes for S are all
found from a few colourings of the sites. By Helly's theorem three half-planes decide: if one S
satisfies them all, θ is a local minimum; three that exclude each other refute it if they ask for no
two choices at one site, and else that site is branched on. New; cost O((n + m) log (n + m)) a
branch, where a mixed-integer programme is exponential.
"""

from collections.abc import Iterator
from itertools import product
from typing import NamedTuple

import numpy as np

from univariate.common.arrays import Indices, Mask, Matrix, Vector
from univariate.problem.cells import Cells
from univariate.problem.fitted import ShallowFitted
from univariate.problem.sample import Sample
from univariate.standing.crowded import apart, groups, same_sign
from univariate.standing.dual_path import (
    HalfPlanes,
    half_planes,
    moves,
    multipliers,
    passage,
    stops,
)
from univariate.standing.kkt_search import flush, pins_of
from univariate.standing.replay_sides import Branch, Sided

Fixed = tuple[tuple[int, int], ...]

MOST_BRANCHES = 256  # each is a linear programme


class Sites(NamedTuple):
    """Data with kinks of their own sign, right to left, and the neurons whose side is open.

    A state of a site is [its right-oriented neuron is on] + 2 [its left-oriented one is on].
    """

    datum: Indices  # (s,) decreasing
    right: Indices  # (s,) the cell of a right-oriented neuron, −1 if none
    left: Indices  # (s,) of a left-oriented one, −1 if none

    def states(self, site: int) -> tuple[int, ...]:
        """Return the states that a site can have."""
        if self.right[site] < 0:
            return 0, 2
        return (0, 1) if self.left[site] < 0 else (0, 1, 2, 3)


class Descent(NamedTuple):
    """A first-order feasible direction of descent: changes of v (w, b) of a few neurons."""

    neurons: Indices
    changes: Matrix
    rate: float  # by how much Σ |u_j| falls, to first order, per unit of the largest change


class Outcome(NamedTuple):
    """Multipliers for every choice, or a direction of descent, or neither."""

    sided: Sided | None
    descent: Descent | None
    sites: Indices  # observations
    branches: int


def decide_sides(fit: ShallowFitted, active: Mask, located: Cells, limit: float) -> Outcome:
    """Search multipliers for all choices of sides.

    Conditions violated by at most `limit` count as holding.
    """
    sample = fit.sample
    located = located.take(np.argsort(-located.position, kind="stable"))
    crowded = [
        group
        for group in groups(fit, active, located)
        if max(len(group.right), len(group.left)) > 1
    ]
    sites, active = _sites(fit, active, located)
    conditions, tags = _conditions(sample, active, located, sites)
    leaves: list[tuple[Fixed, Vector]] = []
    open_branches: list[Fixed] = [()]
    while open_branches:
        fixed = open_branches.pop()
        allowed = np.flatnonzero(tags.allow(fixed))
        found = passage(conditions.take(allowed))
        if found.excess <= limit:
            leaves.append((fixed, found.total))
        else:
            tight = allowed[found.tight]
            conflict = tags.conflict(tight)
            if conflict is None:
                neurons, changes = moves(conditions.take(tight), found.weights, located)
                neurons, changes = apart(fit, located, crowded, neurons, changes)
                return Outcome(
                    None, Descent(neurons, changes, found.excess), sites.datum, len(leaves) + 1
                )
            open_branches += [(*fixed, (conflict, state)) for state in sites.states(conflict)]
        if len(leaves) + len(open_branches) > MOST_BRANCHES:
            return Outcome(None, None, sites.datum, len(leaves) + len(open_branches))
    branches = tuple(_branch(sample, active, located, sites, *leaf) for leaf in leaves)
    pinned = located.datum >= 0
    sided = Sided(located.neuron[pinned], located.datum[pinned], sites.datum, branches)
    return Outcome(sided, None, sites.datum, len(branches))


def open_sites(fit: ShallowFitted, active: Mask, located: Cells) -> Indices:
    """Return the active data with same-sign kinks on them, decreasing.

    Those with two kinks of one orientation are left out.
    """
    located = located.take(same_sign(fit, active, located))
    located = located.take(np.argsort(-located.position, kind="stable"))
    return _sites(fit, active, located)[0].datum


def placed_stops(
    fit: ShallowFitted, active: Mask, located: Cells, listed: Indices, states: Indices
) -> Cells:
    """Return the neurons with the stops of a choice of sides: off at sites not listed."""
    located = located.take(np.argsort(-located.position, kind="stable"))
    sites = _sites(fit, active, located)[0]
    chosen = dict(zip(listed.tolist(), states.tolist(), strict=True))
    every = np.array([chosen.get(datum, 0) for datum in sites.datum.tolist()], dtype=np.intp)
    return _placed(located, sites, every)


class _Tags(NamedTuple):
    """The choices that a half-plane belongs to: of its far and its near stop; −1 if none."""

    site: Indices  # (q, 2)
    state: Indices  # (q, 2)

    def allow(self, fixed: Fixed) -> Mask:
        """Whether the choices agree with those fixed."""
        allowed = np.ones(len(self.site), dtype=np.bool_)
        for site, state in fixed:
            allowed &= np.all((self.site != site) | (self.state == state), axis=1)
        return allowed

    def conflict(self, chosen: Indices) -> int | None:
        """Return a site at which some half-planes ask for two choices, if there is one."""
        seen: dict[int, int] = {}
        for site, state in zip(
            self.site[chosen].ravel().tolist(), self.state[chosen].ravel().tolist(), strict=True
        ):
            if site >= 0 and seen.setdefault(site, state) != state:
                return int(site)
        return None


def _sites(fit: ShallowFitted, active: Mask, located: Cells) -> tuple[Sites, Mask]:
    """Find the open choices; data with two kinks of one orientation are no longer active."""
    allowed = active.copy()
    data = []
    rights = []
    lefts = []
    for datum, right, left in groups(fit, active, located):
        if max(len(right), len(left)) > 1:
            allowed[datum] = False
        else:
            data.append(datum)
            rights.append(int(right[0]) if len(right) else -1)
            lefts.append(int(left[0]) if len(left) else -1)
    return Sites(*(np.array(part, dtype=np.intp) for part in (data, rights, lefts))), allowed


def _placed(located: Cells, sites: Sites, states: Indices) -> Cells:
    """Put the stops where a choice of states says.

    Right of the datum's step if a right-oriented neuron is off.
    """
    position = located.position.copy()
    for cell, at in ((sites.right, 2 * (1 - states % 2)), (sites.left, 2 * (states // 2))):
        real = cell >= 0
        position[cell[real]] = 2 * sites.datum[real] + at[real]
    return located._replace(position=position)


def _colourings(sites: Sites, fixed: Fixed) -> list[Indices]:
    """Return states of all sites in which all pairs of states at neighbouring sites occur.

    The fixed ones stay as they are.
    """
    table = [sites.states(site) for site in range(len(sites.datum))]
    most = max(map(len, table), default=1)
    found: dict[bytes, Indices] = {}
    for pair in product(range(most), repeat=2):
        states = np.array(
            [own[pair[site % 2] % len(own)] for site, own in enumerate(table)], dtype=np.intp
        )
        for site, state in fixed:
            states[site] = state
        found[states.tobytes()] = states
    return list(found.values())


def _conditions(
    sample: Sample, active: Mask, located: Cells, sites: Sites
) -> tuple[HalfPlanes, _Tags]:
    """Return the half-planes of all colourings; those that belong to no choice once.

    What are neighbours without a choice may depend on the choice of a third kink on their datum.
    """
    site_of = np.full(len(located.position) + 1, -1)  # the last entry is that of the ends
    for cell in (sites.right, sites.left):
        site_of[cell[cell >= 0]] = np.flatnonzero(cell >= 0)
    parts = []
    known = np.zeros(0, np.intp)
    for states in _colourings(sites, ()):
        planes = half_planes(
            stops(_placed(located, sites, states), sample.size), sample.x, sample.y, active
        )
        site = np.stack([site_of[planes.far], site_of[planes.near]], axis=1)
        state = np.where(site >= 0, np.append(states, -1)[site], -1)
        pair = planes.far * len(site_of) + planes.near
        fresh = np.any(site >= 0, axis=1) | ~np.isin(pair, known)
        known = np.union1d(known, pair[~np.any(site >= 0, axis=1)])
        parts.append((planes.take(fresh), site[fresh], state[fresh]))
    planes = HalfPlanes(
        *(np.concatenate(part) for part in zip(*(part[0] for part in parts), strict=True))
    )
    return planes, _Tags(
        np.concatenate([part[1] for part in parts]), np.concatenate([part[2] for part in parts])
    )


def _branch(
    sample: Sample, active: Mask, located: Cells, sites: Sites, fixed: Fixed, total: Vector
) -> Branch:
    """Return the multipliers of all colourings that agree with the choices fixed."""
    rows = list(_rows(sample, active, located, sites, fixed, total))
    states = np.array([row[0] for row in rows], dtype=np.intp).reshape(len(rows), len(sites.datum))
    stacked = (np.array([row[k] for row in rows]) for k in range(1, 5))
    return Branch(fixed, states, *stacked)


def _rows(
    sample: Sample, active: Mask, located: Cells, sites: Sites, fixed: Fixed, total: Vector
) -> Iterator[tuple[Indices, Vector, Vector, Vector, Vector]]:
    pinned = located.datum >= 0
    place = np.full(len(located.position), -1)
    place[pinned] = np.arange(int(pinned.sum()))
    for states in _colourings(sites, fixed):
        placed = _placed(located, sites, states)
        ordered, walked = multipliers(stops(placed, sample.size), total, sample.x, sample.y, active)
        weight = np.zeros((2, int(pinned.sum())))
        pins, cells = pins_of(ordered, located, walked)
        weight[:, place[cells]] = pins.high, pins.low
        high, low = walked.high, walked.low
        flush(high, low)
        for cell, on in ((sites.right, states % 2 == 1), (sites.left, states // 2 == 1)):
            chosen = (cell >= 0) & on
            weight[:, place[cell[chosen]]] = high[sites.datum[chosen]], low[sites.datum[chosen]]
        yield states, high, low, weight[0], weight[1]
