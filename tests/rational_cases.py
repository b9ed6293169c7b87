"""Designs of rational KKT points, one for every case that the proof of the nearest-neighbour law
tells apart.

Two cases are missing, as by hand none is found to exist. R^s and L^−s at one place whose slope
changes cancel: N is affine around it, so one side has bends of one label, or both have those of a
plateau, and either way the path cannot reach the next kinks. A link with two bends, N ≡ y between
its kinks: |N| > 1 beyond the one at which N leaves the plateau away from 0, so the path stops until
the next kink, which contradicts the sign of the bends.
"""

import random
from collections.abc import Callable
from fractions import Fraction
from functools import cache

from oracles.rational_kkt import RationalPoint
from rational_nets import ONE, ZERO, Design, Kink, Step, Vector, designed, sign_of

Plan = tuple[Vector, list[Kink]]  # S and kinks, from left to right
Draw = Callable[[random.Random], Design | None]


def filled(
    plan: Plan,
    rng: random.Random,
    *,
    line: bool = False,
    held: float = 0.0,
) -> Design | None:
    """Return a design for S and kinks, with single bends where possible; None if a step cannot be
    made.
    """
    total, kinks = plan
    reach = [Fraction(rng.randrange(1, 30), 20) for _ in range(2)]
    first, last = (kinks[0].place, kinks[-1].place) if kinks else (ZERO, ONE)
    on_data = frozenset(k for k in range(len(kinks)) if rng.random() < held)
    pull = total if line else (ZERO, ZERO)
    low, high = first - reach[0], last + reach[1]
    bare = Design(total, tuple(kinks), (), on_data, pull, low, high)
    steps = [
        _drawn(drop, left, right, rng)
        for drop, left, right in zip(bare.path(), bare.ends, bare.ends[1:], strict=False)
    ]
    return None if None in steps else bare._replace(steps=tuple(steps))


def _drawn(drop: Vector, low: Fraction, high: Fraction, rng: random.Random) -> Step | None:
    if not any(drop):
        return Step("none")
    if low == high:
        return Step("datum")
    if drop[1] and low < drop[0] / drop[1] < high:
        return Step("single" if rng.random() < 0.8 else "regular", rng.choice((1, -1)))
    rises = [rise for rise in (1, -1) if rise * (drop[0] - low * drop[1]) > 0]
    return Step("regular", rises[0]) if rises else None


def scattered(total: Vector, rng: random.Random, least: int = 2) -> Plan:
    """Draw kinks anywhere in (−1/2, 3/2)."""
    count = rng.randrange(least, 6)
    halves = sorted(Fraction(one, 60) for one in rng.sample(range(-14, 34), count))
    sign = rng.choice((1, -1))
    kinks = [Kink(r, sign * (-1) ** k, rng.random() < 0.5) for k, r in enumerate(halves)]
    return total, kinks


def chained(before: int, after: int, rng: random.Random) -> Plan:
    """Draw so many links left and right of the centre at 0, |S| = 2: R⁺ and L⁻ in turn, R⁻ and L⁺
    between.
    """
    ratio, reach = Fraction(rng.choice((5, 6, 7)), 2), Fraction(1, rng.randrange(5, 12))
    left = [reach / ratio**k for k in range(before + 1)]
    right = [reach / ratio**k for k in range(after, -1, -1)]
    near = min(left[-1], right[0]) / 10
    kinks = [_of_chain(-r, (before - k) % 2 == 0) for k, r in enumerate(left)]
    middle = sorted(rng.sample(range(-9, 10), 2))
    kinks += [Kink(near * middle[0], -1, True), Kink(near * middle[1], 1, False)]
    kinks += [_of_chain(r, k % 2 == 1) for k, r in enumerate(right)]
    for end in (0, -1):
        if rng.random() < 0.5:
            away = Fraction(rng.randrange(1, 20), 100 if end else -100)
            sign = -kinks[end].sign
            beyond = Kink(kinks[end].half + away, sign, sign < 0)
            kinks.insert(len(kinks) if end else 0, beyond)
    return (Fraction(2), ZERO), kinks


def _of_chain(half: Fraction, convex: bool) -> Kink:
    return Kink(half, 1 if convex else -1, convex)


def _constant(rng: random.Random) -> Design | None:
    return filled(scattered((ZERO, Fraction(rng.choice((1, -1)))), rng), rng, line=True)


def _leaning(rng: random.Random) -> Design | None:
    sign = rng.choice((1, -1))
    x = Fraction(*rng.choice(((3, 5), (5, 13), (-3, 5), (8, 17))))
    total = sign * x, sign * Fraction({5: 4, 13: 12, 17: 15}[x.denominator], x.denominator)
    found = filled(scattered(total, rng), rng, line=True)
    if found is None:
        return None
    active = {sign_of(total[0] * end + total[1]) for end in (found.low, found.high)}
    return found if len(active) == 1 and 0 not in active else None


def _on_a_circle(length: Fraction, *, held: float = 0.0) -> Draw:
    def draw(rng: random.Random) -> Design | None:
        kink = Kink(Fraction(rng.randrange(-10, 20), 30), 1, True)
        x, z = (length * rng.choice((1, -1)) * part for part in kink.direction)
        return filled(scattered((x, z), rng), rng, held=held)

    return draw


def _both_ways(rng: random.Random) -> Design | None:
    """S = 0, where a kink may look both ways."""
    total, kinks = scattered((ZERO, ZERO), rng)
    both = [
        Kink(kink.half, kink.sign, right)
        for kink in kinks
        for right in rng.sample((True, False), 2)
    ]
    return filled((total, both), rng)


def _meeting(rng: random.Random) -> Design | None:
    """Kinks R^s and L^−s at one place, S = 2 s e(t); their slope changes never cancel wholly."""
    _, kinks = scattered((ZERO, ZERO), rng, least=3)
    k = rng.randrange(len(kinks))
    one = kinks[k]._replace(right=True)
    pair = rng.sample((one, Kink(one.half, -one.sign, right=False)), 2)
    x, z = one.direction
    total = 2 * one.sign * x, 2 * one.sign * z
    return filled((total, kinks[:k] + pair + kinks[k + 1 :]), rng)


def _two_on_a_datum(rng: random.Random) -> Design | None:
    """Kinks R^s and L^s on one datum of label −s, with different σ'; S is a multiple of (t, 1)."""
    _, kinks = scattered((ZERO, ZERO), rng)
    k = rng.randrange(len(kinks))
    one = kinks[k]
    first, second = (one._replace(right=right) for right in rng.sample((True, False), 2))
    # the step from the first to the second is ∓S = −s κ (t, 1), κ > 0
    size = Fraction(rng.choice((1, 2, 3)), 4) * one.sign * (1 if first.right else -1)
    plan = (size * one.place, size), [*kinks[:k], first, second, *kinks[k + 1 :]]
    found = filled(plan, rng)
    return None if found is None else found._replace(held=frozenset((k, k + 1)))


def _one_label(rng: random.Random) -> Design | None:
    """All labels equal: one neuron, active on all data."""
    kink = Kink(Fraction(rng.randrange(0, 20), 30), 1, True)
    sign = rng.choice((1, -1))
    # perpendicular to e(t): the multiple of (t, 1) of length one
    total = sign * kink.place / kink.secant, sign / kink.secant
    return filled((total, []), rng, line=True)


def _no_transition(rng: random.Random) -> Design | None:
    """Labels s, −s, s, and kinks of sign s only: a constant −s between two slopes."""
    sign = rng.choice((1, -1))
    left, right = (Fraction(rng.randrange(1, 12), 60) for _ in range(2))
    kinks = [Kink(-left, sign, right=False), Kink(right, sign, right=True)]
    found = filled(((ZERO, Fraction(-sign)), kinks), rng, line=True)
    return None if found is None else found._replace(held=frozenset((0, 1)))


def _no_bend(rng: random.Random) -> Design | None:
    """A link R^s, L^−s or L^s, R^−s on which the path does not move."""
    _, kinks = scattered((ZERO, ZERO), rng)
    k = rng.randrange(len(kinks) - 1)
    right = rng.random() < 0.5
    kinks[k] = kinks[k]._replace(right=right)
    kinks[k + 1] = kinks[k + 1]._replace(right=not right)
    sign = kinks[k].sign if right else -kinks[k].sign
    pairs = zip(kinks[k].direction, kinks[k + 1].direction, strict=True)
    x, z = (sign * (a + b) for a, b in pairs)
    return filled(((x, z), kinks), rng)


def _one_bend(rng: random.Random) -> Design | None:
    return filled(chained(*rng.choice(((1, 1), (0, 2), (2, 0), (1, 2))), rng), rng)


def _chain(before: int, after: int) -> Draw:
    return lambda rng: filled(chained(before, after, rng), rng)


CASES: dict[str, Draw] = {
    "w = 0": _constant,
    "active on all data, w ≠ 0": _leaning,
    "S = 0": _both_ways,
    "|S| between 0 and 1": _on_a_circle(Fraction(1, 2)),
    "|S| = 1": _on_a_circle(ONE),
    "|S| between 1 and 2": _on_a_circle(Fraction(3, 2)),
    "|S| = 2": _on_a_circle(Fraction(2)),
    "|S| > 2": _on_a_circle(Fraction(9, 4)),
    "kinks that meet": _meeting,
    "kinks on data": _on_a_circle(Fraction(7, 10), held=0.7),
    "two kinks on one datum": _two_on_a_datum,
    "one label": _one_label,
    "no regular transition": _no_transition,
    "link without bends": _no_bend,
    "links with one bend": _one_bend,
    "six links": _chain(3, 3),
    "eight links": _chain(4, 4),
}


@cache
def points(case: str, count: int = 3) -> tuple[tuple[RationalPoint, Design], ...]:
    """Return the first points of a case that come out."""
    rng = random.Random(case)
    found = []
    for attempt in range(4000):
        design = CASES[case](rng)
        point = None if design is None else designed(design, attempt)
        if design is not None and point is not None:
            found.append((point, design))
        if len(found) == count:
            return tuple(found)
    raise AssertionError(f"no {count} points of {case!r} came out, but {len(found)}")
