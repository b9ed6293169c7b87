"""How bad and how good can a KKT point be? Extremes of the clean error over KKT points and local
minima of a sample.

Theorem 3.1 bounds L_cl at KKT points by p⁵ and √p, up to constants; trained nets are at p.
`search_kkt_points` looks for points at which no flow would end. All of them are certified, so that
the extremes found are honest inner bounds on what Problem (1) allows: whatever is between p⁵ and
the smallest of them is not proved real.

The committed table and figure come from (root of the repository; a rerun does what is missing)

    python -m benchmarks.extremes --preset full --n-jobs 2 --write
"""

import sys
from collections import Counter
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from typing import Any, ClassVar, NamedTuple

import numpy as np
from rich.table import Table

import univariate
from benchmarks import columns, frame
from benchmarks.columns import grouped
from benchmarks.script import Script
from univariate import FoundPoint, Verdict

ENTROPY = 33  # first word of every seed
MOST = 10_000  # points kept of a sample: all
RESOLVED = 1e-9  # clean errors that differ by less are equal
LEVELS = (0.1, 0.2, 0.3, 0.4)
MINIMA = ("local minimum", "global minimum")
COUNTS = (
    "points",
    "local_minima",
    "global_minima",
    "violates_a4",
    "violates_a4_mirrored",
    "violates_a5",
    "below_3_2",
    "above_3_2",
    "below_3_1",
    "violates_a2",
    "violates_a3",
    "saddles_violate_a5",
)


class Plan(NamedTuple):
    """Samples of one size: how many seeds for every p, and draws of the search."""

    seeds: int
    draws: int


PLANS: dict[str, dict[int, Plan]] = {
    "tiny": {6: Plan(1, 6)},
    "quick": {8: Plan(2, 60), 10: Plan(2, 60), 16: Plan(2, 60), 24: Plan(2, 60)},
    "full": {
        8: Plan(15, 60),
        10: Plan(15, 60),
        16: Plan(12, 60),
        24: Plan(10, 60),
        60: Plan(5, 60),
        120: Plan(2, 60),
    },
}


@dataclass(frozen=True, order=True)
class Key:
    """What identifies a sample and its search."""

    m: int
    p: float
    seed: int
    draws: int


@dataclass(frozen=True)
class Row(Key, frame.Row):
    """One sample: extremes over the certified points found, and over the local minima of them."""

    DIGITS: ClassVar = {"largest_norm_ratio": 10, "largest_residual": 3, "seconds": 3}

    noise_rate: float  # share of labels −1
    points: int
    local_minima: int  # not global ones
    global_minima: int
    smallest: float | None  # L_cl over all points
    largest: float | None
    smallest_local: float | None  # L_cl over local and global minima
    largest_local: float | None
    optimum: float  # L_cl of the max-margin net that was found
    nearest_neighbour: float
    largest_norm_ratio: float | None
    largest_residual: float | None
    violates_a4: int  # local minima, global ones included, that violate a statement
    violates_a4_mirrored: int
    violates_a5: int
    below_3_2: int  # local minima beyond the realised bounds of Theorem 3.2
    above_3_2: int
    below_3_1: int  # points of all kinds below that of Theorem 3.1
    violates_a2: int  # points of all kinds
    violates_a3: int
    saddles_violate_a5: int  # KKT points that are no local minima
    draw_of_smallest: int | None
    draw_of_largest: int | None
    seconds: float = 0.0
    version: str = ""


def grid(preset: dict[int, Plan]) -> list[Key]:
    """Return the runs of a preset, in the order of their keys."""
    return sorted(
        Key(m, p, seed, plan.draws)
        for m, plan in preset.items()
        for p in LEVELS
        for seed in range(plan.seeds)
    )


def draw_mixed_sample(
    entropy: int, m: int, p: float, seed: int
) -> tuple[univariate.Sample, list[int]]:
    """Return a sample with labels of both kinds, and the words of its seed but the first.

    A draw without noise is drawn again.
    """
    words = [m, round(p * 10**6), seed]
    rng = np.random.default_rng([entropy, *words])
    while True:
        sample = univariate.draw_sample(m, p, rng=rng)
        if len(sample.sign_changes):
            return sample, words


def search(key: Key) -> tuple[univariate.Sample, tuple[FoundPoint, ...]]:
    """Return a sample and the certified points found on it."""
    sample, words = draw_mixed_sample(ENTROPY, key.m, key.p, key.seed)
    rng = np.random.default_rng([ENTROPY + 1, *words])
    return sample, univariate.search_kkt_points(sample, count=MOST, draws=key.draws, rng=rng)


def measure(key: Key) -> Row:
    """Search one sample. Same key, same row (but for `seconds`)."""
    sample, found = search(key)
    levels = Counter(point.standing.level for point in found)
    local = [point for point in found if point.standing.level in MINIMA]
    saddles = [point for point in found if point.standing.level == "kkt"]
    best = univariate.max_margin(sample)
    errors = {point.draw: point.clean_error.value for point in found}
    minima = [point.clean_error.value for point in local]
    return Row(
        **vars(key),
        noise_rate=sample.noise_rate,
        points=len(found),
        local_minima=levels["local minimum"],
        global_minima=levels["global minimum"],
        smallest=min(errors.values(), default=None),
        largest=max(errors.values(), default=None),
        smallest_local=min(minima, default=None),
        largest_local=max(minima, default=None),
        optimum=univariate.clean_error(best.net).value,
        nearest_neighbour=univariate.nearest_neighbour_clean_error(sample).value,
        largest_norm_ratio=max((point.norm_ratio for point in found), default=None),
        largest_residual=max((point.standing.kkt.accuracy for point in found), default=None),
        violates_a4=_violating(local, "proposition_a4"),
        violates_a4_mirrored=_violating(local, "proposition_a4_mirrored"),
        violates_a5=_violating(local, "proposition_a5"),
        below_3_2=_outside(univariate.theorem_3_2, "lower", local, sample, key.p),
        above_3_2=_outside(univariate.theorem_3_2, "upper", local, sample, key.p),
        below_3_1=_outside(univariate.theorem_3_1, "lower", found, sample, key.p),
        violates_a2=_violating(found, "lemma_a2"),
        violates_a3=_violating(found, "corollary_a3"),
        saddles_violate_a5=_violating(saddles, "proposition_a5"),
        draw_of_smallest=min(errors, key=errors.__getitem__, default=None),
        draw_of_largest=max(errors, key=errors.__getitem__, default=None),
    )


def findings(rows: list[Row]) -> dict[str, Any]:
    """Return the numbers that captions and documents quote."""
    sums = {name: sum(getattr(row, name) for row in rows) for name in COUNTS}
    large = [row for row in rows if row.m >= LARGE and row.points]
    minima = sums["local_minima"] + sums["global_minima"]
    return {
        "samples": len(rows),
        **sums,
        "kkt_only": sums["points"] - minima,
        "violates_a4_small": sum(row.violates_a4 for row in rows if row.m <= 10),
        "mean_over_p": _mean_over_p(large),
        "wider": sum(row.points > 0 and _wider(row) for row in rows),
        "largest_norm_ratio": max((row.largest_norm_ratio or 1.0 for row in rows), default=1.0),
        "largest_residual": max((row.largest_residual or 0.0 for row in rows), default=0.0),
        "by_size": {str(m): _size_findings(group) for m, group in grouped(rows, "m").items()},
    }


def _mean_over_p(rows: list[Row]) -> list[float]:
    """Return the least mean smallest L_cl/p and the greatest mean largest L_cl/p over noise
    levels.
    """
    groups = grouped(rows, "p")
    low = [mean([row.smallest for row in group]) / p for p, group in groups.items()]
    high = [mean([row.largest for row in group]) / p for p, group in groups.items()]
    return [min(low), max(high)] if rows else []


def _wider(row: Row) -> bool:
    """Whether KKT points that are no local minima go beyond the local minima."""
    if row.smallest_local is None:
        return False
    return (
        row.smallest < row.smallest_local - RESOLVED or row.largest > row.largest_local + RESOLVED
    )


def _size_findings(rows: list[Row]) -> dict[str, Any]:
    seen = [row for row in rows if row.points]
    return {
        "samples": len(rows),
        "points": sum(row.points for row in rows),
        "local_minima": sum(row.local_minima for row in rows),
        "mean_spread": (
            float(np.mean([row.largest - row.smallest for row in seen])) if seen else 0.0
        ),
        "largest_spread": max((row.largest - row.smallest for row in seen), default=0.0),
        "below_optimum": max((row.optimum - row.smallest for row in seen), default=0.0),
        "above_optimum": max((row.largest - row.optimum for row in seen), default=0.0),
        "violates_a4": sum(row.violates_a4 for row in rows),
        "seconds": columns.total_seconds(rows),
    }


def summary_table(found: dict[str, Any]) -> Table:
    """Return the findings, one line per sample size."""
    title = (
        f"{found['points']:,} certified points on {found['samples']} samples:"
        f" {found['local_minima']} local minima that are not global, {found['kkt_only']} KKT"
        " points that are not local minima"
    )
    lines = []
    for m, one in found["by_size"].items():
        counts = (str(one[name]) for name in ("samples", "points", "local_minima"))
        spreads = f"{one['mean_spread']:.4f}", f"{one['largest_spread']:.4f}"
        lines.append((m, *counts, *spreads, str(one["violates_a4"]), f"{one['seconds']:g}"))
    names = ("m", "samples", "points", "local minima", "mean spread of L_cl", "largest")
    return frame.table(title, (*names, "against A.4", "seconds"), lines, left=0)


LARGE = 16  # samples at least this large in means over sizes


def mean(values: Sequence[float | None]) -> float:
    """Return the mean of the values that are known, NaN without any."""
    known = [value for value in values if value is not None and not np.isnan(value)]
    return float(np.mean(known)) if known else float("nan")


def _violating(points: Iterable[FoundPoint], statement: str) -> int:
    checks = (getattr(point.structure, statement) for point in points)
    return sum(check.verdict is Verdict.FAILS for check in checks)


Theorem = Callable[..., univariate.TheoremReport]


def _outside(
    theorem: Theorem, side: str, points: Sequence[FoundPoint], sample: univariate.Sample, p: float
) -> int:
    """How many points leave a realised bound of a theorem by more than the enclosures of their
    clean errors.
    """
    reports = (
        theorem(one.net, sample, p=p, error=one.clean_error, standing=one.standing)
        for one in points
    )
    return sum(
        bound.verdict is Verdict.FAILS
        for report in reports
        for bound in report.bounds
        if bound.side == side
    )


def _cost(key: Key) -> float:
    return 0.05 * key.draws * (1.0 + key.m / 60.0)


def _warm_up() -> None:
    """Compile what `measure` needs, outside its clock."""
    measure(Key(6, 0.4, 0, 2))


SCRIPT = Script(
    "extremes",
    "Extremes of L_cl over certified KKT points.",
    key=Key,
    row=Row,
    presets={name: grid(plans) for name, plans in PLANS.items()},
    measure=measure,
    warm_up=_warm_up,
    cost=_cost,
    findings=findings,
    table=summary_table,
    settings={"entropy": ENTROPY},
)

if __name__ == "__main__":
    sys.exit(SCRIPT.main())
