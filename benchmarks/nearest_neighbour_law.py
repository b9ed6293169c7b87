"""Every KKT point decides like its nearest neighbour, but in a few gaps: a search for exceptions.

KKT points are searched on samples of five kinds of gaps: uniform; clustered; geometric around a
centre, which leaves room for many links; equal; and normal, on the whole line. Each is certified,
then compared with the nearest neighbour: the number of gaps that are decided differently against
what the law allows, every step of its proof, and L_cl against the interval that holds all KKT
points of the sample.

The committed table and figure come from (root of the repository; a rerun does what is missing)

    python -m benchmarks.nearest_neighbour_law --preset full --n-jobs 2
"""

import sys
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import Any, ClassVar, NamedTuple

import numpy as np
from rich.table import Table
from scipy import stats

import univariate
from benchmarks import frame
from benchmarks.frame import Script, grouped
from univariate import NearestNeighbourLaw, Sample, Verdict

ENTROPY = 47  # first word of every seed
NORMAL = stats.norm()


class Plan(NamedTuple):
    """Sizes, with the samples in a batch and the draws on each; and batches for every kind."""

    sizes: dict[int, tuple[int, int]]
    levels: tuple[float, ...]
    seeds: int


PLANS = {
    "tiny": Plan({8: (4, 4)}, (0.3,), 1),
    "quick": Plan({5: (10, 8), 12: (10, 8), 40: (3, 8), 100: (2, 6)}, (0.1, 0.5), 1),
    "full": Plan(
        {5: (12, 8), 12: (12, 8), 40: (3, 8), 100: (1, 6), 300: (1, 3), 1000: (1, 2)},
        (0.05, 0.1, 0.3, 0.5),
        1,
    ),
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
    """What identifies a batch: kind of gaps, sample size, noise level, samples, draws, seed."""

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
    minima: int  # local minima among them
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
    first: str  # the first point that does not hold: sample in the batch, draw
    seconds: float = 0.0
    version: str = ""


class Found(NamedTuple):
    """A point found: in which sample of the batch, by which draw, its law and the bounds."""

    sample: int
    draw: int
    local: bool
    law: NearestNeighbourLaw
    bounds: univariate.KktCleanErrorBounds
    largest_gap: float


def grid(plan: Plan) -> list[Key]:
    """Return the runs of a preset, in the order of their keys."""
    return sorted(
        Key(gaps, m, p, *counts, seed)
        for gaps in GAPS
        for m, counts in plan.sizes.items()
        for p in plan.levels
        for seed in range(plan.seeds)
    )


def found_points(key: Key) -> Iterator[Found]:
    """Yield the KKT points found on every sample of a batch, with their laws."""
    density = NORMAL if key.gaps == "normal" else None
    for i in range(key.samples):
        rng = np.random.default_rng([ENTROPY, key.m, round(key.p * 10**6), key.seed, i])
        x = np.unique(GAPS[key.gaps](rng, key.m))
        sample = Sample(x, np.where(rng.random(len(x)) < key.p, -1.0, 1.0))
        bounds = univariate.kkt_clean_error_bounds(sample, density=density)
        measure = np.clip(x, 0.0, 1.0) if density is None else density.cdf(x)
        largest = float(np.diff(np.concatenate([[0.0], measure, [1.0]])).max())
        for point in univariate.search_kkt_points(
            sample, count=key.draws, draws=key.draws, rng=rng
        ):
            law = univariate.nearest_neighbour_law(
                point.net, sample, certificate=point.standing.kkt, density=density
            )
            yield Found(i, point.draw, point.standing.rank >= 3, law, bounds, largest)


def measure(key: Key) -> Row:
    """Search one batch. Same key, same row (but for `seconds`)."""
    found = list(found_points(key))
    laws = [one.law for one in found]
    apart = [abs(law.difference.value) for law in laws]
    broken = [one for one in found if one.law.verdict is not Verdict.HOLDS]
    return Row(
        **vars(key),
        points=len(found),
        minima=sum(one.local for one in found),
        fails=sum(law.verdict is Verdict.FAILS for law in laws),
        undecided=sum(law.verdict is Verdict.UNDECIDED for law in laws),
        outside=sum(map(_outside, found)),
        links=max((len(law.links) for law in laws), default=0),
        deviating=max((len(law.deviations) for law in laws), default=0),
        room=min((len(law.links) + 2 - len(law.deviations) for law in laws), default=2),
        deviations=_mean(len(law.deviations) for law in laws),
        difference=max(apart, default=0.0),
        mean_difference=_mean(apart),
        gaps_apart=max(
            (d / one.largest_gap for d, one in zip(apart, found, strict=True)), default=0
        ),
        interval=_mean(one.bounds.high - one.bounds.low for one in found),
        spread=_spread(found),
        admitted=max((one.bounds.links for one in found), default=0),
        first=f"sample {broken[0].sample} draw {broken[0].draw}" if broken else "",
    )


def _outside(one: Found) -> bool:
    error, bounds = one.law.clean_error, one.bounds
    inside = bounds.low <= error.low and error.high <= bounds.high
    return not inside or len(one.law.links) > bounds.links


def _spread(found: list[Found]) -> float:
    samples = grouped(found, lambda one: one.sample).values()
    values = ([one.law.clean_error.value for one in group] for group in samples)
    return _mean(max(group) - min(group) for group in values)


def _mean(values: Any) -> float:
    listed = list(values)
    return float(np.mean(listed)) if listed else 0.0


def findings(rows: list[Row]) -> dict[str, Any]:
    """Return the numbers that captions and documents quote: by kind of gaps, and of all."""
    groups = {"all": rows} | grouped(rows, lambda row: row.gaps)
    return {name: sums(group) for name, group in groups.items()}


def sums(rows: list[Row]) -> dict[str, Any]:
    """Return counts and extremes of some rows."""
    counts = ("points", "minima", "fails", "undecided", "outside")
    found: dict[str, Any] = {name: sum(getattr(row, name) for row in rows) for name in counts}
    most = ("m", "links", "deviating", "difference", "gaps_apart", "admitted")
    found |= {name: max(getattr(row, name) for row in rows) for name in most}
    return found | {"room": min(row.room for row in rows)}


def summary_table(found: dict[str, Any]) -> Table:
    """Return the findings, one line per kind of gaps."""
    names = ("points", "fails", "undecided", "outside", "links", "deviating", "room")
    lines = [(kind, *(f"{group[name]:,}" for name in names)) for kind, group in found.items()]
    return frame.table("KKT points against the nearest-neighbour law", ("gaps", *names), lines)


def _cost(key: Key) -> float:
    return 0.02 * key.samples * key.draws * (1.0 + key.m / 10.0)


def _warm_up() -> None:
    """Compile what `measure` needs, outside its clock."""
    measure(Key("uniform", 6, 0.4, 1, 2, 0))


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
