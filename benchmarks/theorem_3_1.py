"""Theorem 3.1 on trained nets: where gradient flow ends, certified, and how its clean error grows
with the noise p.

Every run draws a sample and a start, follows the gradient flow of the logistic loss until every
margin is 100, polishes the end to the KKT point of its cell, and asks the certificates where that
stands. Starts that spread kinks over the gaps ("spread") are compared with PyTorch's default at
several widths. Each run is done twice, with the error tolerance of the flow and with half of it;
who asks whether the integrator matters compares these.

The committed table and figure come from (root of the repository; a rerun does what is missing)

    python -m benchmarks.theorem_3_1 --preset full --n-jobs 2 --write
"""

import sys
from collections import Counter
from dataclasses import dataclass
from math import sqrt
from typing import Any, ClassVar, NamedTuple

import numpy as np
from rich.table import Table
from scipy.optimize import curve_fit
from scipy.stats import t as student

import univariate
from benchmarks import columns, frame
from benchmarks.columns import grouped, part, where
from benchmarks.script import Script

ENTROPY = 31  # first word of every seed
DELTA = 0.05
MARGIN = 100.0
LEVELS = (0.05, 0.1, 0.2, 0.3, 0.4)
TOLERANCES = (0.1, 0.05)  # the usual one of the flow, and half of it
RESOLVED = 1e-9  # clean errors and KKT residuals that differ by less count as equal
MINIMA = ("local minimum", "global minimum")
START = ("m", "p", "start", "neurons", "seed")  # what identifies it


class Plan(NamedTuple):
    """Runs at one sample size: how many seeds, starts as (scheme, neurons for each gap), noise
    levels, tolerances.
    """

    seeds: int
    starts: tuple[tuple[str, int], ...]
    levels: tuple[float, ...] = LEVELS
    tolerances: tuple[float, ...] = TOLERANCES


BOTH = (("spread", 4), ("pytorch", 4))
WIDE = (*BOTH, ("pytorch", 40))
PLANS: dict[str, dict[int, Plan]] = {
    "tiny": {10: Plan(1, BOTH, (0.2, 0.4))},
    "quick": {20: Plan(2, BOTH), 50: Plan(2, BOTH)},
    "full": {
        20: Plan(6, WIDE),
        50: Plan(4, WIDE),
        100: Plan(3, BOTH),
        200: Plan(1, BOTH),
        500: Plan(1, (("spread", 4),), (0.05, 0.1, 0.2), TOLERANCES[:1]),
        1000: Plan(7, (("spread", 4),), (0.05, 0.1, 0.2), TOLERANCES[:1]),
    },
}


@dataclass(frozen=True, order=True)
class Key:
    """What identifies a run."""

    m: int
    p: float
    start: str
    neurons: int  # for each gap: the width is neurons · (m + 1)
    seed: int
    tolerance: float


@dataclass(frozen=True)
class Row(Key, frame.Row):
    """One training run; what is None could not be asked because the run did not interpolate."""

    DIGITS: ClassVar = dict.fromkeys(("residual", "distance", "seconds"), 3) | {
        "log_time": 6,
        "norm_ratio": 12,
        "optimal_norm_squared": 10,
    }

    noise_rate: float  # share of labels −1
    sign_changes: int
    status: str
    interpolates: bool
    wrong: int  # observations with y N(x) ≤ 0 at the end
    steps: int
    first_interpolating: int | None  # step from which every margin is positive
    rejected: int
    log_time: float
    clean_error_of_flow: float  # at the end of the flow
    clean_error: float | None  # of the KKT point
    low: float | None
    high: float | None
    nearest_neighbour: float
    level: str
    residual: float | None  # relative KKT residual
    distance: float | None  # from the end of the flow to the KKT point
    entered: int | None  # cells entered on the way
    norm_ratio: float | None  # ‖θ‖² over that of the max-margin net found
    optimal_norm_squared: float
    width: int
    regions: int | None  # linear pieces on [0, 1]
    optimal_regions: int
    violates_a4: int | None
    violates_a5: int | None
    verdict_3_1: str
    verdict_3_2: str
    lower_3_1: float | None  # realised bounds
    lower_3_2: float | None
    upper: float | None
    seconds: float = 0.0
    version: str = ""


def grid(preset: dict[int, Plan]) -> list[Key]:
    """Return the runs of a preset, in the order of their keys."""
    return sorted(
        Key(m, p, start, neurons, seed, tolerance)
        for m, plan in preset.items()
        for p in plan.levels
        for start, neurons in plan.starts
        for seed in range(plan.seeds)
        for tolerance in plan.tolerances
    )


def draw_sample(key: Key) -> univariate.Sample:
    """Return the sample of a run, the same for every start."""
    return univariate.draw_sample(key.m, key.p, rng=np.random.default_rng([ENTROPY, *_words(key)]))


def train(
    key: Key, sample: univariate.Sample, optimum: univariate.MaxMargin
) -> univariate.TrainedNet:
    """Train and certify a run; starts of one seed are independent of the sample."""
    return univariate.train_network(
        sample,
        rng=np.random.default_rng([ENTROPY + 1, *_words(key)]),
        scheme=key.start,
        width=key.neurons * (key.m + 1),
        margin=MARGIN,
        tolerance=key.tolerance,
        optimum=optimum,
        delta=DELTA,
        p=key.p,
    )


def measure(key: Key) -> Row:
    """Do one run. Same key, same row (but for `seconds`)."""
    sample = draw_sample(key)
    optimum = univariate.max_margin(sample)
    trained = train(key, sample, optimum)
    run = trained.trajectory
    first = trained.theorem_3_1
    second = trained.theorem_3_2
    point = trained.point
    standing = trained.standing
    shape = trained.structure
    return Row(
        **vars(key),
        noise_rate=sample.noise_rate,
        sign_changes=len(sample.sign_changes),
        status=run.status,
        interpolates=trained.interpolates,
        wrong=int(np.sum(univariate.margins(run.net, sample).values <= 0.0)),
        steps=len(run.margins) - 1,
        first_interpolating=run.interpolates_from,
        rejected=int(run.rejected.sum()),
        log_time=float(run.log_times[-1]),
        clean_error_of_flow=trained.clean_error.value,
        clean_error=part(point, "clean_error.value"),
        low=part(point, "clean_error.low"),
        high=part(point, "clean_error.high"),
        nearest_neighbour=univariate.nearest_neighbour_clean_error(sample).value,
        level="infeasible" if standing is None else standing.level,
        residual=part(point, "certificate.accuracy"),
        distance=part(point, "distance"),
        entered=part(point, "entered"),
        norm_ratio=trained.norm_ratio,
        optimal_norm_squared=optimum.norm_squared,
        width=run.net.width,
        regions=trained.regions,
        optimal_regions=univariate.spline(optimum.net).linear_regions(),
        violates_a4=part(shape, "proposition_a4.violated"),
        violates_a5=part(shape, "proposition_a5.violated"),
        verdict_3_1="" if first is None else first.verdict.value,
        verdict_3_2="" if second is None else second.verdict.value,
        lower_3_1=_bound(first, "lower"),
        lower_3_2=_bound(second, "lower"),
        upper=_bound(second, "upper"),
    )


def findings(rows: list[Row]) -> dict[str, Any]:
    """Return the numbers that captions and documents quote."""
    once = usual(rows)
    polished = [row for row in rows if row.clean_error is not None]
    minima = [row for row in polished if row.level in MINIMA]
    return {
        "runs": len(rows),
        "instances": len(once),
        "interpolating": sum(row.interpolates for row in once),
        "levels": dict(Counter(row.level for row in once if row.interpolates)),
        "largest_residual": max((row.residual for row in polished), default=0.0),
        "outside_bounds": sum(not row.lower_3_2 <= row.clean_error <= row.upper for row in minima),
        "violates_a4": sum(row.violates_a4 > 0 for row in minima),
        "violates_a5": sum(row.violates_a5 > 0 for row in minima),
        "largest_norm_ratio": max((row.norm_ratio for row in polished), default=1.0),
        "halved_tolerance": halved(rows),
        "starts": {
            f"m = {m}, {start} × {neurons}": _start_findings(group)
            for (m, start, neurons), group in grouped(once, "m", "start", "neurons").items()
        },
        "exponents": {
            str(m): exponent([row for row in group if row.clean_error is not None])
            for m, group in grouped(once, "m").items()
        },
    }


def halved(rows: list[Row]) -> dict[str, Any]:
    """Compare runs with the same runs at half the tolerance: of those that interpolate both times,
    who agrees.
    """
    starts = grouped(rows, *START)
    pairs = [tuple(group) for group in starts.values() if len(group) == 2]
    both = [
        (one, other)
        for one, other in pairs
        if one.clean_error is not None and other.clean_error is not None
    ]
    changes = [abs(one.clean_error - other.clean_error) for one, other in both]
    return {
        "pairs": len(pairs),
        "interpolating": len(both),
        "same_outcome": sum(one.interpolates == other.interpolates for one, other in pairs),
        "agree": sum(change < RESOLVED for change in changes),
        "largest_change": max(changes, default=0.0),
        "others": [
            [getattr(one, name) for name in START]
            for (one, _), change in zip(both, changes, strict=True)
            if change >= RESOLVED
        ],
    }


def exponent(rows: list[Row]) -> dict[str, float] | None:
    """Fit L_cl = c · p^exponent by least squares with weights 1/(p(1 − p)); 95 % interval from the
    residuals.

    A sample counts once, with the mean over its runs. None for fewer than three samples or two
    levels of p.
    """
    means = {
        key: columns.mean(group, "clean_error") for key, group in grouped(rows, "p", "seed").items()
    }
    p = np.array([key[0] for key in means])
    errors = np.array(list(means.values()))
    if len(p) < 3 or len(set(p)) < 2:
        return None
    found, covariance = curve_fit(
        lambda p, c, power: c * p**power, p, errors, (1.0, 1.0), np.sqrt(p * (1.0 - p))
    )
    reach = float(student.ppf(0.975, len(p) - 2) * np.sqrt(covariance[1, 1]))
    value = float(found[1])
    return {"value": value, "low": value - reach, "high": value + reach, "samples": len(p)}


def _start_findings(rows: list[Row]) -> dict[str, Any]:
    good = [row for row in rows if row.interpolates]
    low, high = interpolating_interval(rows)
    return {
        "runs": len(rows),
        "interpolating": len(good),
        "share_low": low,
        "share_high": high,
        "levels": dict(Counter(row.level for row in good)),
        "statuses": dict(Counter(row.status for row in rows)),
        "median_steps": columns.median(rows, "steps"),
        "median_wrong": columns.median(rows, "wrong"),
        "seconds": columns.total_seconds(rows),
    }


def interpolating_interval(rows: list[Row]) -> tuple[float, float]:
    """Return the 95 % interval of the share of runs that interpolate."""
    return wilson(sum(row.interpolates for row in rows), len(rows))


def wilson(hits: int, runs_: int) -> tuple[float, float]:
    """Return Wilson's 95 % interval of a share."""
    z = 1.959963984540054
    centre = hits + 0.5 * z * z
    width = z * sqrt(hits * (runs_ - hits) / runs_ + 0.25 * z * z)
    return (centre - width) / (runs_ + z * z), (centre + width) / (runs_ + z * z)


def summary_table(found: dict[str, Any]) -> Table:
    """Return the findings, one line per sample size and start."""
    halving = found["halved_tolerance"]
    title = (
        f"{found['runs']:,} runs, {found['instances']} starts; {found['interpolating']}"
        f" interpolate; half the tolerance: {halving['agree']} of {halving['interpolating']}"
        " with the same L_cl"
    )
    lines = []
    for name, one in found["starts"].items():
        levels = ", ".join(f"{count} {level}" for level, count in one["levels"].items())
        numbers = (f"{one[name]:g}" for name in ("median_steps", "median_wrong", "seconds"))
        share = f"{one['interpolating']}/{one['runs']}"
        lines.append((name, levels or "–", share, *numbers))
    names = ("start", "levels", "interpolate", "median steps", "median wrong", "seconds")
    return frame.table(title, names, lines, left=2)


def usual(rows: list[Row]) -> list[Row]:
    """Return the runs with the larger tolerance: every start once."""
    return where(rows, tolerance=TOLERANCES[0])


def _words(key: Key) -> list[int]:
    return [key.m, round(key.p * 10**6), key.seed]


def _bound(report: univariate.TheoremReport | None, side: str) -> float | None:
    if report is None:
        return None
    return next(bound.realised for bound in report.bounds if bound.side == side)


def _cost(key: Key) -> float:
    return 0.5 + (key.m / 30.0) ** 2.5 * (1.0 if key.start == "spread" else 0.5)


def _warm_up() -> None:
    """Compile what `measure` needs, outside its clock."""
    measure(Key(10, 0.4, "spread", 4, 0, TOLERANCES[0]))


SCRIPT = Script(
    "theorem_3_1",
    "Where gradient flow ends, certified.",
    key=Key,
    row=Row,
    presets={name: grid(plans) for name, plans in PLANS.items()},
    measure=measure,
    warm_up=_warm_up,
    cost=_cost,
    findings=findings,
    table=summary_table,
    settings={"entropy": ENTROPY, "delta": DELTA, "margin": MARGIN},
)

if __name__ == "__main__":
    sys.exit(SCRIPT.main())
