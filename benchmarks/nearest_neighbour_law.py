"""Every KKT point decides like its nearest neighbour, but in a few gaps: a search for exceptions.

KKT points of six kinds, on samples of five kinds of gaps: uniform; clustered; geometric around a
centre, which leaves room for many links; equal; and normal, on the whole line.

searched
    Optima over random sets of neurons, every other one with kinks held on data.
trained
    The KKT points of the cells in which gradient flows end.
optimal
    Global minima.
gallery
    Those of `benchmarks.gallery`, derived by hand.
random design, chain design
    Those of `benchmarks.designed`, which choose the sample, with up to twenty links.

Each is certified, then compared with the nearest neighbour: the number of gaps that are decided
differently against what the law allows, every step of its proof, and L_cl against the interval that
holds all KKT points of the sample.

The committed table and figure come from (root of the repository; a rerun does what is missing)

    python -m benchmarks.nearest_neighbour_law --preset full --n-jobs 2 --write
"""

import sys
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import Any, ClassVar, NamedTuple

import numpy as np
from rich.table import Table
from scipy import stats

import univariate
from benchmarks import designed, frame, gallery
from benchmarks.columns import grouped
from benchmarks.decay import Decay, decay_of
from benchmarks.judged import Found, Point, designs, judged
from benchmarks.script import Script
from univariate import Sample, Verdict

ENTROPY = 47  # first word of every seed
NORMAL = stats.norm()


class Plan(NamedTuple):
    """Batches of one kind: sizes, with the samples in a batch and the draws on each."""

    kind: str
    gaps: tuple[str, ...]
    sizes: dict[int, tuple[int, int]]
    levels: tuple[float, ...]
    seeds: range


LEVELS = (0.05, 0.1, 0.3, 0.5)
ONE = range(1)
SIZES = (20, 40, 100, 300, 1000, 3000)
ALL = ("uniform", "clustered", "geometric", "equal", "normal")
DESIGNS = ("random design", "chain design")
LARGE = 40  # smaller samples often have too few sign changes for any link
UNKNOWN = 0.0  # designs have no noise level
FULL = (
    Plan(
        "searched",
        ALL,
        {5: (12, 8), 12: (12, 8), 40: (3, 8), 100: (1, 6), 300: (1, 3), 1000: (1, 2)},
        LEVELS,
        range(1),
    ),
    Plan("searched", ("uniform",), {12: (12, 3)}, LEVELS, range(1, 5)),
    Plan("searched", ("uniform",), {40: (8, 3), 100: (5, 3)}, LEVELS, range(1, 3)),
    Plan("searched", ("uniform",), {40: (8, 3)}, LEVELS[:1], range(3, 5)),
    Plan("searched", ("uniform",), {300: (3, 2)}, LEVELS, range(1, 2)),
    Plan("searched", ("uniform",), {300: (3, 2)}, LEVELS[:3], range(2, 3)),
    Plan("searched", ("clustered", "geometric", "normal"), {8: (16, 3)}, LEVELS, range(1, 2)),
    Plan("trained", ("clustered",), {10: (16, 1)}, LEVELS[:3], ONE),
    Plan("optimal", ALL, {30: (10, 1), 300: (10, 1), 3000: (10, 1)}, LEVELS, ONE),
    Plan("gallery", ("by hand",), {5: (1, 1)}, (UNKNOWN,), ONE),
    Plan("random design", ("designed",), dict.fromkeys(SIZES, (50, 1)), (UNKNOWN,), range(9)),
    Plan("chain design", ("designed",), dict.fromkeys(SIZES, (80, 1)), (UNKNOWN,), range(11)),
)
PLANS = {
    "tiny": (
        Plan("searched", ("uniform", "normal"), {8: (4, 4)}, (0.3,), ONE),
        Plan("trained", ("uniform",), {6: (1, 1)}, (0.3,), ONE),
        Plan("optimal", ("uniform",), {9: (2, 1)}, (0.3,), ONE),
        Plan("gallery", ("by hand",), {5: (1, 1)}, (UNKNOWN,), ONE),
        Plan("random design", ("designed",), {12: (2, 1)}, (UNKNOWN,), ONE),
        Plan("chain design", ("designed",), {20: (3, 1)}, (UNKNOWN,), ONE),
    ),
    "quick": (
        Plan(
            "searched",
            ALL,
            {5: (10, 8), 12: (10, 8), 40: (3, 8), 100: (2, 6)},
            (0.1, 0.5),
            ONE,
        ),
        Plan("random design", ("designed",), {40: (20, 1)}, (UNKNOWN,), ONE),
        Plan("chain design", ("designed",), {40: (20, 1)}, (UNKNOWN,), ONE),
    ),
    "full": FULL,
}


def _uniform(rng: np.random.Generator, m: int) -> np.ndarray:
    return rng.random(m)


def _clustered(rng: np.random.Generator, m: int) -> np.ndarray:
    centres = rng.random(max(2, m // 5))
    return centres[rng.integers(len(centres), size=m)] + 1e-3 * rng.normal(size=m)


def _geometric(rng: np.random.Generator, m: int) -> np.ndarray:
    order = np.arange(m)
    ratio = 1.3 + rng.random()
    # below 1e-9 the smallest gaps leave the certificate no digits
    reach = np.maximum(0.5 * ratio ** -(order / 2.0), 1e-9 * (m - order))
    return rng.random() + np.where(order % 2, 1.0, -1.0) * reach * (1.0 + 0.1 * rng.random(m))


def _equal(rng: np.random.Generator, m: int) -> np.ndarray:
    return (np.arange(m) + 0.5 * rng.random()) / m


def _normal(rng: np.random.Generator, m: int) -> np.ndarray:
    return rng.normal(size=m)


GAPS: dict[str, Callable[[np.random.Generator, int], np.ndarray]] = {
    "uniform": _uniform,
    "clustered": _clustered,
    "geometric": _geometric,
    "equal": _equal,
    "normal": _normal,
}


@dataclass(frozen=True, order=True)
class Key:
    """What identifies a batch: kind of points and of gaps, sample size, noise level, samples,
    draws, seed.
    """

    kind: str
    gaps: str
    m: int
    p: float
    samples: int
    draws: int
    seed: int


@dataclass(frozen=True)
class Row(Key, frame.Row):
    """The KKT points found on a batch of samples, against the law."""

    DIGITS: ClassVar = {"seconds": 3}
    OTHERS: ClassVar = 6

    points: int
    minima: int  # local minima among them, as far as that was asked
    fails: int
    undecided: int
    outside: int  # L_cl outside the sample's interval, or more links than it admits
    links: int  # most of one point
    deviating: int  # most gaps of one point
    room: int  # least of allowed − deviating
    deviations: float  # mean number of deviating gaps
    difference: float  # largest |L_cl − L_1NN|
    mean_difference: float
    gaps_apart: float  # largest |L_cl − L_1NN| over the mass of the largest gap
    interval: float  # mean length of the interval of all KKT points
    spread: float  # mean of largest − smallest L_cl on a sample
    admitted: int  # most links that a sample of the batch admits
    spare: int | None  # least number of links that a sample admits beyond those of a point
    taken: float | None  # largest |L_cl − L_1NN| over the length of the interval on that side
    uncertified: int | None  # points designed or trained that are no certified KKT points
    first: str  # the first point that does not hold: sample in the batch, draw
    seconds: float = 0.0
    version: str = ""


def grid(plans: tuple[Plan, ...]) -> list[Key]:
    """Return the runs of a preset, in the order of their keys."""
    return sorted(
        Key(plan.kind, gaps, m, p, *counts, seed)
        for plan in plans
        for gaps in plan.gaps
        for m, counts in plan.sizes.items()
        for p in plan.levels
        for seed in plan.seeds
    )


def _samples(key: Key) -> Iterator[tuple[int, Sample, np.random.Generator, Any]]:
    """Yield the samples of a batch, each with a generator for what is drawn on it."""
    density = NORMAL if key.gaps == "normal" else None
    for i in range(key.samples):
        rng = np.random.default_rng([ENTROPY, key.m, round(key.p * 10**6), key.seed, i])
        x = np.unique(GAPS[key.gaps](rng, key.m))
        yield i, Sample(x, np.where(rng.random(len(x)) < key.p, -1.0, 1.0)), rng, density


def _searched(key: Key) -> Iterator[Point]:
    for i, sample, rng, density in _samples(key):
        for one in univariate.search_kkt_points(sample, count=key.draws, draws=key.draws, rng=rng):
            local = one.standing.rank >= 3
            yield Point(i, one.draw, one.net, sample, one.standing.kkt, local, density)


def _trained(key: Key) -> Iterator[Point]:
    for i, sample, rng, density in _samples(key):
        for draw in range(key.draws):
            run = univariate.train_network(sample, rng=rng, p=key.p, steps=3000)
            if run.point is not None and run.standing is not None:
                local = run.standing.rank >= 3
                yield Point(i, draw, run.point.net, sample, run.standing.kkt, local, density)


def _optimal(key: Key) -> Iterator[Point]:
    for i, sample, _, density in _samples(key):
        net = univariate.max_margin(sample).net
        yield Point(i, 0, net, sample, univariate.kkt_certificate(net, sample), True, density)


def _by_hand(key: Key) -> Iterator[Point]:
    for i, exhibit in enumerate(gallery.EXHIBITS):
        for draw, net in enumerate(gallery.nets(exhibit)):
            certificate = univariate.kkt_certificate(net, exhibit.sample)
            local = exhibit.level != "kkt" and draw == 0
            yield Point(i, draw, net, exhibit.sample, certificate, local, None)


def _designed(key: Key) -> Iterator[Point]:
    make = designed.chain_points if key.kind == "chain design" else designed.random_points
    rng = np.random.default_rng([ENTROPY, DESIGNS.index(key.kind), key.m, key.seed])
    return designs(make(key.m, rng), key.samples)


KINDS: dict[str, Callable[[Key], Iterator[Point]]] = {
    "searched": _searched,
    "trained": _trained,
    "optimal": _optimal,
    "gallery": _by_hand,
    "random design": _designed,
    "chain design": _designed,
}


def measure(key: Key) -> Row:
    """Search one batch. Same key, same row (but for `seconds`)."""
    points = list(KINDS[key.kind](key))
    found = judged(points)
    broken = [one.point for one in found if one.law.verdict is not Verdict.HOLDS]
    return Row(
        **vars(key),
        points=len(found),
        minima=sum(one.point.local for one in found),
        fails=sum(one.law.verdict is Verdict.FAILS for one in found),
        undecided=sum(one.law.verdict is Verdict.UNDECIDED for one in found),
        outside=sum(one.outside for one in found),
        links=max((one.links for one in found), default=0),
        deviating=max((one.deviating for one in found), default=0),
        room=min((one.links + 2 - one.deviating for one in found), default=2),
        deviations=_mean(one.deviating for one in found),
        difference=max((one.apart for one in found), default=0.0),
        mean_difference=_mean(one.apart for one in found),
        gaps_apart=max((one.apart / one.largest_gap for one in found), default=0),
        interval=_mean(one.bounds.high - one.bounds.low for one in found),
        spread=_spread(found),
        admitted=max((one.bounds.links for one in found), default=0),
        spare=min((one.bounds.links - one.links for one in found), default=None),
        taken=max((one.taken for one in found), default=None),
        uncertified=len(points) - len(found),
        first=f"sample {broken[0].index} draw {broken[0].draw}" if broken else "",
    )


def _spread(found: list[Found]) -> float:
    samples = grouped(found, "point.index").values()
    values = ([one.law.clean_error.value for one in group] for group in samples)
    return _mean(max(group) - min(group) for group in values)


def _mean(values: Any) -> float:
    listed = list(values)
    return float(np.mean(listed)) if listed else 0.0


def findings(rows: list[Row]) -> dict[str, Any]:
    """Return the numbers that captions and documents quote: of all points, by kind of points, by
    kind of gaps, and how fast L_cl approaches L_1NN.
    """
    return {
        "all": sums(rows),
        "kinds": {name: sums(group) for name, group in grouped(rows, "kind").items()},
        "gaps": {name: sums(group) for name, group in grouped(rows, "gaps").items()},
        "decay": vars(decay(rows)),
    }


def uniform(rows: list[Row]) -> list[Row]:
    """Return the rows that the decay is fitted to: searched, uniform gaps, m ≥ 40."""
    searched = [row for row in rows if (row.kind, row.gaps) == ("searched", "uniform")]
    return [row for row in searched if row.m >= LARGE and row.points]


def decay(rows: list[Row]) -> Decay:
    """Return the fitted powers of m and p in the mean |L_cl − L_1NN| over the points found."""
    used = [(row.m, row.p, row.mean_difference, row.points) for row in uniform(rows)]
    return decay_of(*np.array(used, dtype=np.float64).reshape(-1, 4).T)


def sums(rows: list[Row]) -> dict[str, Any]:
    """Return counts and extremes of some rows."""
    counts = ("points", "minima", "fails", "undecided", "outside", "uncertified")
    found: dict[str, Any] = {name: sum(getattr(row, name) or 0 for row in rows) for name in counts}
    most = ("m", "links", "deviating", "difference", "gaps_apart", "admitted")
    found |= {name: max(getattr(row, name) for row in rows) for name in most}
    found["taken"] = max((row.taken for row in rows if row.taken is not None), default=0.0)
    spare = (row.spare for row in rows if row.spare is not None and row.links)
    return found | {"room": min(row.room for row in rows), "spare": min(spare, default=None)}


def summary_table(found: dict[str, Any]) -> Table:
    """Return the findings, one line per kind of points."""
    names = ("points", "fails", "undecided", "outside", "links", "deviating", "room")
    groups = {"all": found["all"]} | found["kinds"]
    lines = [(kind, *(f"{group[name]:,}" for name in names)) for kind, group in groups.items()]
    return frame.table("KKT points against the nearest-neighbour law", ("kind", *names), lines)


def _cost(key: Key) -> float:
    slow = {"searched": 0.15, "trained": 0.4}.get(key.kind, 0.05)
    return slow * key.samples * key.draws * (1.0 + key.m / 200.0)


def _warm_up() -> None:
    """Compile what `measure` needs, outside its clock."""
    for kind in ("searched", "trained", "optimal"):
        measure(Key(kind, "uniform", 6, 0.4, 1, 2, 0))


SCRIPT = Script(
    "nearest_neighbour_law",
    "KKT points against the nearest-neighbour law.",
    key=Key,
    row=Row,
    presets={name: grid(plan) for name, plan in PLANS.items()},
    measure=measure,
    warm_up=_warm_up,
    cost=_cost,
    findings=findings,
    table=summary_table,
    settings={"entropy": ENTROPY},
)

if __name__ == "__main__":
    sys.exit(SCRIPT.main())
