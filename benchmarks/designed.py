"""KKT points by design: the path of the multipliers first, then the network, then the sample.

Choose a vector S = |S| (cos ω, −sin ω), kinks t_1 < … < t_K with signs s_k and orientations. With
e(t) = (1, −t)/√(1 + t²), the path T of the multipliers must pass s_k e(t_k), or S + s_k e(t_k) for
a left-oriented neuron, on its way from S to 0. So the steps D between neighbouring kinks are known
before there are data. Each is made by two observations at which N = ∓1, so that N crosses there, or
by a single one, which must lie at D_0/D_1 and have the label sign(D_1): there N has that value.
Between kinks of opposite signs that is a link.

With the slope changes as unknowns these are linear conditions, which a linear programme meets or
refutes. Observations follow from the network; others are added where |N| ≥ 1. Nothing here is
believed: points count when `univariate.kkt_certificate` certifies them.

Points of many links come out, which a search on random samples hardly meets: in a chain each link
begins at the kink at which the one before ended, and distances from the centre grow by 1 + √2 or
more.
"""

from collections.abc import Iterator
from typing import NamedTuple

import numpy as np
from scipy import optimize

from univariate import ReluNet, Sample

Vector = np.ndarray
LEAST_RATIO = 1.0 + np.sqrt(2.0)
"""Of the distances of neighbouring kinks in a chain from its centre."""

_CLEAR = 1.02  # |N| at kinks that are not on data, and at data that are added
_LIMITS = 1e-3, 1e4  # of slope changes, in units of one over the gap beside


class Plan(NamedTuple):
    """What is chosen of a KKT point before there are data."""

    total: Vector  # (2,) S
    place: Vector  # (k,) kinks, increasing
    sign: Vector  # (k,) ±1
    right: Vector  # (k,) whether right-oriented
    domain: tuple[float, float]

    @property
    def ends(self) -> Vector:
        """The kinks, and the ends of the domain."""
        return np.concatenate([self.domain[:1], self.place, self.domain[1:]])


class Designed(NamedTuple):
    """A network, a sample for which it should be a KKT point, and where the sample was drawn."""

    net: ReluNet
    sample: Sample
    domain: tuple[float, float]


def steps(plan: Plan) -> Vector:
    """Return the steps of the path from S over all kinks to 0, (k + 1, 2)."""
    direction = np.stack([np.ones_like(plan.place), -plan.place], axis=1)
    stops = (plan.sign / np.hypot(1.0, plan.place))[:, None] * direction
    stops = stops + np.where(plan.right[:, None], 0.0, plan.total)
    path = np.concatenate([[plan.total], stops, [[0.0, 0.0]]])
    return path[:-1] - path[1:]


def single_bends(plan: Plan) -> Vector:
    """Return where one observation makes each step; NaN where that is not between its kinks."""
    step = steps(plan)
    with np.errstate(divide="ignore", invalid="ignore"):
        where = step[:, 0] / step[:, 1]
    ends = plan.ends
    return np.where((where > ends[:-1]) & (where < ends[1:]), where, np.nan)


def graph(plan: Plan, x: Vector) -> Vector:
    """Return what slope changes of one at the kinks add to N(x), (len(x), k)."""
    beyond = np.asarray(x)[:, None] - plan.place
    return np.where(plan.right, np.maximum(beyond, 0.0), np.maximum(-beyond, 0.0))


class _Conditions:
    """Linear conditions on the slope changes, and the observations that they make room for."""

    def __init__(self, plan: Plan, held: float, rng: np.random.Generator) -> None:
        self.plan = plan
        self.held = set(plan.place[rng.random(len(plan.place)) < held].tolist())
        self.rng = rng
        gap = np.diff(plan.ends)
        self.unit = plan.sign / np.minimum(gap[:-1], gap[1:])
        self.equal: list[tuple[Vector, float]] = []
        self.below: list[tuple[Vector, float]] = []
        self.bends: list[tuple[int, float, float]] = []  # step, place or NaN, label

    def row(self, x: float) -> Vector:
        """Return N(x) as a linear form."""
        return graph(self.plan, np.array([x]))[0] * self.unit

    def single(self, k: int, place: float, label: float) -> None:
        """Let one observation make step k."""
        self.equal.append((self.row(place), label))
        self.bends.append((k, place, label))

    def crossing(self, k: int, rise: float, low: float, high: float) -> None:
        """Let N cross from −rise to rise between two places; kinks may be held on data there."""
        for place, value in ((low, -rise), (high, rise)):
            if place in self.held:
                self.equal.append((self.row(place), value))
                self.bends.append((k, place, value))
            else:
                self.below.append((-value * self.row(place), -_CLEAR))
                self.bends.append((k, np.nan, value))

    def met(self) -> Vector | None:
        """Return slope changes that meet them, None if there are none."""
        count = len(self.unit)
        equal = np.array([row for row, _ in self.equal]).reshape(-1, count)
        wanted = np.array([value for _, value in self.equal])
        below = np.array([row for row, _ in self.below]).reshape(-1, count)
        limit = np.array([value for _, value in self.below])
        found = []
        for _ in range(2):
            price = 0.01 + self.rng.random(count)
            one = optimize.linprog(price, below, limit, equal, wanted, _LIMITS, "highs")
            if one.status != 0:
                return None
            found.append(one.x)
        middle = np.mean(found, axis=0)
        for _ in range(2):  # to rounding
            middle = middle + np.linalg.lstsq(equal, wanted - equal @ middle)[0]
        return middle * self.unit


def _conditions(
    plan: Plan, single: float, held: float, rng: np.random.Generator
) -> _Conditions | None:
    """Return conditions for a plan, None if a step cannot be made; choices are drawn."""
    found = _Conditions(plan, held, rng)
    ends = plan.ends
    bends = single_bends(plan)
    for k, step in enumerate(steps(plan)):
        low, bend, high = ends[k], bends[k], ends[k + 1]
        if np.isfinite(bend) and rng.random() < single:
            found.single(k, float(bend), float(np.sign(step[1])))
            continue
        # two observations make it where D_0 − x D_1 has the sign in which N crosses
        left, right = np.sign(step[0] - np.array([low, high]) * step[1])
        if left == right != 0.0:
            found.crossing(k, left, low, high)
        elif np.isfinite(bend) and rng.random() < 0.5:
            found.crossing(k, left, low, float(bend))
        elif np.isfinite(bend):
            found.crossing(k, right, float(bend), high)
        else:
            return None
    return found


def design(
    plan: Plan, size: int, rng: np.random.Generator, *, single: float = 1.0, held: float = 0.0
) -> Designed | None:
    """Return a network for a plan and a sample of so many observations, None if there is none.

    Where one observation can make a step, it does with probability `single`; kinks at crossings are
    put on data with probability `held`.
    """
    conditions = _conditions(plan, single, held, rng)
    change = None if conditions is None else conditions.met()
    if change is None or conditions is None:
        return None
    ends = plan.ends
    value = graph(plan, ends) @ change
    slope = np.diff(value) / np.diff(ends)
    chosen: dict[float, float] = {}
    for k, place, label in conditions.bends:
        where = place if np.isfinite(place) else ends[k] + (label - value[k]) / slope[k]
        chosen[float(where)] = label
    while len(chosen) < size:
        more = rng.uniform(*plan.domain, size=size)
        heights = graph(plan, more) @ change
        clear = np.flatnonzero(np.abs(heights) > _CLEAR)[: size - len(chosen)]
        if not len(clear):
            return None
        chosen |= dict(zip(more[clear].tolist(), np.sign(heights[clear]).tolist(), strict=True))
    if len(chosen) > size:
        return None
    x = np.array(sorted(chosen))
    weight = np.sqrt(np.abs(change) * np.hypot(1.0, plan.place))
    slopes = np.where(plan.right, 1.0, -1.0) * np.abs(change) / weight
    net = ReluNet(plan.sign * weight, slopes, -slopes * plan.place)
    return Designed(net, Sample(x, np.array([chosen[one] for one in x.tolist()])), plan.domain)


def random_plan(rng: np.random.Generator) -> Plan:
    """Draw kinks anywhere, or at all distances from a centre; |S| anywhere, or near 2."""
    count = int(rng.integers(2, 9))
    angle = float(np.arctan(rng.random()))
    near = 2.0 + 1e-2 * rng.uniform(-1.0, 1.0)
    length = float(rng.choice([3.0 * rng.random(), near, 2.0, rng.random()]))
    if rng.random() < 0.5:
        place = np.sort(rng.random(count))
    else:
        away = rng.choice([-1.0, 1.0], count) * 10.0 ** rng.uniform(-4.0, 0.0, count)
        place = np.sort(np.tan(angle) + away)
    alternating = np.where(np.arange(count) % 2, 1.0, -1.0) * rng.choice([-1.0, 1.0])
    sign = alternating if rng.random() < 0.7 else rng.choice([-1.0, 1.0], count)
    domain = min(place[0] - rng.random(), 0.0), max(place[-1] + rng.random(), 1.0)
    return Plan(_vector(length, angle), place, sign, rng.random(count) < 0.5, domain)


def chain_plan(rng: np.random.Generator, links: int) -> Plan | None:
    """Draw chains of links left and right of two centres, R⁺ and L⁻ in turn, R⁻ and L⁺ between.

    So many links in all; None if the kinks drawn are not in order.
    """
    angle = float(np.arctan(rng.random())) if rng.random() < 0.7 else 0.0
    reach = 0.05 + 0.4 * rng.random()
    ratio = LEAST_RATIO * (1.0 + rng.random() * rng.choice([1e-3, 0.1, 0.5]))
    before = int(rng.integers(0, links + 1))
    left = reach * ratio ** -np.arange(before + 1.0)
    right = reach * ratio ** -np.arange(links - before + 1.0)[::-1]
    near = min(left[-1], right[0])
    length = 2.0 + near**2 * float(rng.choice([0.0, rng.random(), -rng.random()]))
    spread = float(np.arccos(min(1.0, 2.0 / length)))
    middle = np.sort(rng.uniform(-near, near, 2))
    angles = np.concatenate([angle - spread - left, angle + middle, angle + spread + right])
    # left of the left centre R⁺ is the nearest, right of the right one L⁻
    convex = np.concatenate(
        [np.arange(before, -1, -1) % 2 == 0, [False, True], np.arange(len(right)) % 2 == 1]
    )
    oriented = convex.copy()
    oriented[before + 1 : before + 3] = True, False
    for end in (0, -1):
        if rng.random() < 0.5:  # one of the other pair beyond
            beyond = angles[end] + 0.3 * rng.random() * (1.0 if end else -1.0)
            where = len(angles) if end else 0
            angles = np.insert(angles, where, beyond)
            oriented = np.insert(oriented, where, convex[end])
            convex = np.insert(convex, where, not convex[end])
    if np.abs(angles).max() > 1.5 or np.diff(angles).min() <= 0.0:
        return None
    place = np.tan(angles)
    domain = min(place[0] - 3.0 * rng.random(), 0.0), max(place[-1] + 3.0 * rng.random(), 1.0)
    return Plan(_vector(length, angle), place, np.where(convex, 1.0, -1.0), oriented, domain)


def random_points(size: int, rng: np.random.Generator) -> Iterator[Designed]:
    """Yield points of random plans, without end."""
    while True:
        found = design(random_plan(rng), size, rng, single=0.8, held=float(rng.choice([0.0, 0.3])))
        if found is not None:
            yield found


def chain_points(size: int, rng: np.random.Generator, most: int = 20) -> Iterator[Designed]:
    """Yield points of chains of up to `most` links, as far as the sample has room, without end."""
    while True:
        plan = chain_plan(rng, int(rng.integers(1, max(2, min(most + 1, size - 6)))))
        found = None if plan is None else design(plan, size, rng)
        if found is not None:
            yield found


def _vector(length: float, angle: float) -> Vector:
    return length * np.array([np.cos(angle), -np.sin(angle)])
