"""Links: where neighbouring kinks of opposite signs have bends of one label between them, or none.

In angles θ = arctan t, with S = |S| (cos ω, −sin ω) and e(t) = (cos θ, −sin θ). The step of the
path from one kink of a link to the other is a positive multiple of y (sin ζ, cos ζ), ζ between
their angles, and perpendicular to (cos ζ, −sin ζ). Hence for kinks of both orientations, s the sign
of the right-oriented one,

    cos(θ₁ − ζ) + cos(θ₂ − ζ) = s |S| cos(ζ − ω).                                     (∗)

The left side lies in (0, 2]. So ζ is at a distance u ≥ 0 outward of a *centre*: ω, turned by π for
s = −1, and by γ = arccos(2/|S|) to either side where |S| > 2.
"""

from math import acos, atan, atan2, cos, hypot, inf, isfinite, pi, sin, tan

import numpy as np

from univariate.common.arrays import Vector
from univariate.common.result import Result, result
from univariate.paper.law.kinks import Turns
from univariate.paper.law.path import Path
from univariate.paper.law.transitions import Transitions, data_between
from univariate.problem.sample import Sample

_NOTHING = 1e-9  # a step of the path shorter than this is none


@result
class Link(Result):
    """A link of a KKT point. Rounded.

    Attributes
    ----------
    kinks : (float, float)
        Its kinks t, from left to right.
    orientations : str
        "RL" or "LR" in that order; "RR" or "LL" would contradict the law.
    sign : int
        Sign s of the right-oriented neuron.
    bends : int
        Observations with λ > 0 from kink to kink.
    label : int
        Their label; 0 without any.
    stretch : int
        How many regular transitions lie left of it.
    label_changes : int
        Of all observations from kink to kink; at most 1, as N is affine there.
    angle : float
        ζ in (−π/2, π/2).
    centre : float
        Position tan of the centre, ±inf for one at infinity.
    distance : float
        u ≥ 0, the angle from the centre to ζ.
    side : int
        +1 right of the centre, −1 left of it.
    residual : float
        Difference of the two sides of (∗).
    """

    kinks: tuple[float, float]
    orientations: str
    sign: int
    bends: int
    label: int
    stretch: int
    label_changes: int
    angle: float
    centre: float
    distance: float
    side: int
    residual: float

    @property
    def deltas(self) -> tuple[float, float]:
        """Distances of ζ from the angles of the two kinks."""
        return self.angle - atan(self.kinks[0]), atan(self.kinks[1]) - self.angle

    @property
    def wrapped(self) -> bool:
        """Whether the way from the centre to ζ passes infinity."""
        begin = self.angle - self.side * self.distance
        return not -pi / 2 < begin < pi / 2


def links_of(sample: Sample, turns: Turns, found: Transitions, path: Path) -> tuple[Link, ...]:
    """Return the links, from left to right. Cost O(e log m)."""
    first, last = data_between(turns, found.link)
    changes = np.concatenate([[0, 0], np.cumsum(sample.y[1:] != sample.y[:-1])])
    links = []
    for k, low, high, stretch in zip(
        found.link.tolist(), first.tolist(), last.tolist(), found.stretch.tolist(), strict=True
    ):
        inside = path.bends[(path.bends >= low) & (path.bends <= high)]
        label = int(sample.y[inside[0]]) if len(inside) else 0
        turned = int(changes[high + 1] - changes[low + 1]) if high >= low else 0
        links.append(_link(turns, path, k, len(inside), label, stretch, turned))
    return tuple(links)


def _link(
    turns: Turns, path: Path, k: int, bends: int, label: int, stretch: int, turned: int
) -> Link:
    pair, orientations = _pair(turns, k)
    kinks = (float(turns.place[k]), float(turns.place[k + 1]))
    right = orientations.find("R")
    sign = int(turns.sign[k + max(right, 0)])
    size = hypot(*path.total)
    rest = atan2(-path.total[1], path.total[0]) + (0.0 if sign > 0 else pi)
    angle = _angle(path.stop[pair[0]] - path.stop[pair[1]], kinks, rest)
    turn = (angle - rest + pi) % (2.0 * pi) - pi
    spread = acos(2.0 / size) if size > 2.0 else 0.0
    side = 1 if turn >= 0.0 else -1
    left, outer = angle - atan(kinks[0]), atan(kinks[1]) - angle
    return Link(
        kinks=kinks,
        orientations=orientations,
        sign=sign,
        bends=bends,
        label=label,
        stretch=stretch,
        label_changes=turned,
        angle=angle,
        centre=_position(rest + side * spread),
        distance=abs(turn) - spread,
        side=side,
        residual=cos(left) + cos(outer) - size * cos(turn),
    )


def _pair(turns: Turns, k: int) -> tuple[tuple[int, int], str]:
    """Return a neuron at each of the two kinks and their orientations: equal ones if there are."""
    for first, second, name in (
        (turns.right, turns.right, "RR"),
        (turns.left, turns.left, "LL"),
        (turns.right, turns.left, "RL"),
        (turns.left, turns.right, "LR"),
    ):
        pair = (int(first[k]), int(second[k + 1]))
        if min(pair) >= 0:
            return pair, name
    raise AssertionError("every kink has a neuron of its sign")


def _angle(step: Vector, kinks: tuple[float, float], rest: float) -> float:
    """Return ζ; without bends any angle between the kinks will do, the centre if it lies there."""
    if hypot(*step) > _NOTHING:
        # a multiple of ±(sin ζ, cos ζ)
        return atan(step[0] / step[1]) if step[1] else pi / 2
    low, high = atan(kinks[0]), atan(kinks[1])
    centre = (rest + pi / 2) % pi - pi / 2
    return min(max(centre, low), high)


def _position(angle: float) -> float:
    found = tan(angle)
    return found if isfinite(found) and abs(cos(angle)) > 1e-15 else inf


def outward(links: tuple[Link, ...]) -> list[list[Link]]:
    """Return the links of every side of every centre, in the order of their distances."""
    sides: dict[tuple[int, int, bool], list[Link]] = {}
    for link in links:
        sides.setdefault((link.sign, link.side, link.wrapped), []).append(link)
    return [sorted(side, key=lambda one: one.distance) for side in sides.values()]


def shortfall(link: Link) -> float:
    """Return by how much sin²(δ₁/2) + sin²(δ₂/2) ≥ 2 sin²(u/2) fails; negative where it holds."""
    left, right = link.deltas
    reached = sin(left / 2.0) ** 2 + sin(right / 2.0) ** 2
    return 2.0 * sin(link.distance / 2.0) ** 2 - reached
