"""How bad and how good can a KKT point be? Extremes of the clean error over KKT points and local
minima of a sample.

Theorem 3.1 bounds L_cl at KKT points by p⁵ and √p, up to constants; trained nets are at p.
`search_kkt_points` looks for points at which no flow would end. All of them are certified, so that
the extremes found are honest inner bounds on what Problem (1) allows: whatever is between p⁵ and
the smallest of them is not proved real.

The committed table and figure come from (root of the repository; a rerun does what is missing)

    python -m benchmarks.extremes --preset full --n-jobs 2
"""

import sys
from collections import Counter
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from typing import Any, ClassVar, NamedTuple

import numpy as np
from matplotlib.axes import Axes
from matplotlib.figure import Figure
from rich.table import Table

import univariate
from benchmarks import frame, style
from benchmarks.frame import Script, grouped
from univariate import FoundPoint, Verdict
from univariate.report.figures.axes import GREEN, POSITIVE

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
    optimum: float  # L_cl of the max-margin net
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
        "by_size": {
            str(m): _size_findings(group) for m, group in grouped(rows, lambda row: row.m).items()
        },
    }


def _mean_over_p(rows: list[Row]) -> list[float]:
    """Return the least mean smallest L_cl/p and the greatest mean largest L_cl/p over noise
    levels.
    """
    groups = grouped(rows, lambda row: row.p)
    low = [_mean([row.smallest for row in group]) / p for p, group in groups.items()]
    high = [_mean([row.largest for row in group]) / p for p, group in groups.items()]
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
        "seconds": round(sum(row.seconds for row in rows), 1),
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


TITLE = "Certified KKT points of every kind have clean errors near p, not p⁵ or √p"
LARGE = 16  # samples at least this large in means over sizes


def draw(rows: list[Row]) -> Figure:
    """Left: the extremes of L_cl against p. Right: their distance from the optimum, against m."""
    margins = {"left": 0.068, "right": 0.985, "top": 0.875, "bottom": 0.265, "wspace": 0.24}
    with style.page(
        (10.4, 5.5), TITLE, _caption(rows), heights=(0.948, 0.022), **margins
    ) as figure:
        left, right = figure.subplots(1, 2, gridspec_kw={"width_ratios": [1.2, 1.0]})
        _draw_extremes(left, [row for row in rows if row.m >= LARGE] or rows)
        _draw_distances(right, rows)
    return figure


Extreme = tuple[str, str, Callable[[Row], float | None], Callable[[Row], float | None]]
EXTREMES: tuple[Extreme, ...] = (  # colour, name, over KKT points, over local minima
    (POSITIVE, "largest", lambda row: row.largest, lambda row: row.largest_local),
    (GREEN, "smallest", lambda row: row.smallest, lambda row: row.smallest_local),
)


def _draw_extremes(axes: Axes, rows: list[Row]) -> None:
    style.draw_powers(axes, 0.08)
    jitter, groups = np.random.default_rng(0), grouped(rows, lambda row: row.p)
    levels = list(groups)
    for colour, name, all_points, minima in EXTREMES:
        seen = [row for row in rows if all_points(row)]
        x = [row.p for row in seen] * np.exp(jitter.uniform(-0.06, 0.06, len(seen)))
        axes.scatter(x, [all_points(row) for row in seen], s=7, color=colour, alpha=0.3, lw=0)
        for value, line, kind_ in ((all_points, "-", "KKT points"), (minima, ":", "local minima")):
            means = [_mean([value(row) for row in group]) for group in groups.values()]
            axes.plot(levels, means, color=colour, ls=line, lw=1.6, label=f"{name}, {kind_}")
    best = [_mean([row.optimum for row in group]) for group in groups.values()]
    look: dict[str, Any] = {"color": "0.1", "marker": "o", "ms": 4.0, "lw": 0.0}
    axes.plot(levels, best, label="max-margin net, 1-NN rule", **look)
    axes.set(xlim=(0.08, 0.6), ylim=(2e-3, 1.0))
    style.p_ticks(axes, LEVELS)
    axes.legend(frameon=False, loc="lower left", fontsize=8.8)
    axes.set_title(
        f"Every sample, and means; $m={min(row.m for row in rows)}$ to {max(row.m for row in rows)}"
    )


def _draw_distances(axes: Axes, rows: list[Row]) -> None:
    groups = grouped([row for row in rows if row.points], lambda row: row.m)
    jitter = np.random.default_rng(0)
    for colour, _, all_points, minima in EXTREMES:
        for at, group in enumerate(groups.values()):
            x = at + jitter.uniform(-0.2, 0.2, len(group))
            y = _above([all_points(row) for row in group], group)
            axes.scatter(x, y, s=7, color=colour, alpha=0.3, lw=0)
        for value, line in ((all_points, "-"), (minima, ":")):
            means = [
                _mean(_above([value(row) for row in group], group)) for group in groups.values()
            ]
            axes.plot(range(len(means)), means, color=colour, ls=line, lw=1.6)
    axes.axhline(0.0, color="0.1", lw=0.8)
    axes.set_xticks(range(len(groups)), [str(m) for m in groups])
    axes.set(xlabel="sample size $m$", ylabel="$L_{cl}$ less that of the max-margin net")
    axes.set_title("Less the optimum, all $p$; colours and lines as there")


def _above(values: list[float | None], rows: list[Row]) -> list[float]:
    """Return values less those of the optima; NaN for none."""
    return [
        np.nan if value is None else value - row.optimum
        for value, row in zip(values, rows, strict=True)
    ]


def _mean(values: Sequence[float | None]) -> float:
    known = [value for value in values if value is not None and not np.isnan(value)]
    return float(np.mean(known)) if known else float("nan")


def _caption(rows: list[Row]) -> str:
    found = findings(rows)
    shares = " to ".join(f"{share:.2f}" for share in found["mean_over_p"])
    return (
        f"{found['points']:,} certified KKT points on {found['samples']} samples:"
        f" {found['local_minima']:,} local minima that are not global, {found['global_minima']}"
        f" global ones, {found['kkt_only']} that are no minima and go further on {found['wider']}"
        f" samples.\nMeans over samples (labels of both kinds, m ≥ {LARGE}): {shares} p. "
        f" ‖θ‖²/‖θ*‖² up to {found['largest_norm_ratio']:.1f}.  Local minima:"
        f" {found['violates_a4']} violate Proposition A.4,\n{found['violates_a4_mirrored']} its"
        f" mirror image, {found['violates_a5']} A.5; {found['below_3_2']} lie below and"
        f" {found['above_3_2']} above the realised bounds of Theorem 3.2.  All points:"
        f" {found['violates_a2']} violate Lemma A.2,\n{found['violates_a3']} Corollary A.3,"
        f" {found['below_3_1']} the realised bound of Theorem 3.1."
    )


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
    draw=draw,
    table=summary_table,
    settings={"entropy": ENTROPY},
)

if __name__ == "__main__":
    sys.exit(SCRIPT.main())
