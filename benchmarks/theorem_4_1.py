"""Theorem 4.1 on trained nets: how fast the clean error falls with d/m, and how far the proof is
from that.

Every run trains a net of 100 neurons, polishes its end to a KKT point of Problem (1), encloses the
max-margin norm ‖θ*‖² between certified bounds, and evaluates the theorem and every step of its
proof. Samples have exactly p·m labels −1, on which alone the prediction depends.

The committed table and figure come from (root of the repository; a rerun does what is missing)

    python -m benchmarks.theorem_4_1 --preset two-core --n-jobs 2 --write
"""

import sys
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from math import isfinite, log, sqrt
from typing import Any

import numpy as np
from numpy.typing import NDArray
from rich.table import Table
from scipy.special import log_ndtr

import highdim
from benchmarks import ends, frame
from benchmarks.columns import grouped, holds_from
from benchmarks.ends import End, Ended, fitted_line, shares, spread
from benchmarks.script import Script
from highdim import SphereSample
from highdim.optimum.optimum_bounds import OptimumBounds, optimum_bounds
from highdim.paper.theorem_4_1 import theorem_4_1

ENTROPY = 41  # first word of every seed
WIDTH = 100
LEVELS = (0.05, 0.1, 0.2, 0.3, 0.4)
RATIOS = (0.5, 1.0, 2.0, 4.0, 8.0, 16.0, 32.0, 100.0)
SHOWN = 0.1  # noise level of the last panel
FITTED = (4.0, 100.0)  # least and largest d/m of fits
FACTOR = 2.0  # between the bounds of ‖θ*‖², that the figure marks
LN10 = log(10.0)


@dataclass(frozen=True, order=True)
class Key:
    """What identifies a run."""

    m: int
    p: float  # share of labels −1
    ratio: float  # d/m
    seed: int


@dataclass(frozen=True)
class Sized(Key):
    """The sizes of a run."""

    d: int
    width: int


@dataclass(frozen=True, kw_only=True)
class Row(Ended, Sized):
    """One run; what is None could not be asked because it did not interpolate."""

    log10_predicted: float  # by the orthogonal limit
    early_log10: float | None  # clean error at the flow time of the paper's protocol
    early_norm_squared: float | None  # at worst margin 1
    flow_norm_squared: float | None  # where the flow ends
    limit_norm_squared: float  # ‖θ*‖² of orthonormal data
    lower: float  # certified bounds of ‖θ*‖²
    upper: float  # without the net among the candidates
    upper_source: str
    upper_with_net: float
    upper_with_net_source: str
    bias_sum: float | None  # N(0) at worst margin 1
    limit_bias_sum: float
    c1: float | None
    c2: float | None
    c3: float | None
    c4_low: float | None
    c4_high: float | None
    epsilon_proof: float | None
    epsilon_levy: float | None
    dimension_for_epsilon: float | None
    hypotheses_hold: int
    hypotheses_fail: int
    hypotheses_undecided: int
    failing: str  # sources of hypotheses that fail
    conclusion: str
    verdict: str


def grid(
    sizes: Iterable[tuple[int, Sequence[float], int]], levels: Sequence[float] = LEVELS
) -> list[Key]:
    """Return the runs for (m, values of d/m, number of seeds), in the order of their keys."""
    return sorted(
        Key(m, p, float(ratio), seed)
        for m, ratios, seeds in sizes
        for p in levels
        for ratio in ratios
        for seed in range(seeds)
    )


PRESETS = {
    "tiny": grid([(20, (1.0, 8.0, 32.0), 1)], (0.1, 0.3)),
    "quick": grid([(40, (1.0, 4.0, 16.0, 100.0), 1)]),
    "two-core": grid([(40, (*RATIOS, 1000.0), 2), (100, RATIOS[::2] + RATIOS[-1:], 1)]),
}


def draw_sample(key: Key) -> SphereSample:
    """Return the sample of a run; its inputs are the same at every noise level."""
    d = round(key.ratio * key.m)
    return ends.draw_sample(key.m, d, round(key.p * key.m), [ENTROPY, 1, key.m, d, key.seed])


def measure(key: Key) -> Row:
    """Do one run. Same key, same row (but for `seconds`)."""
    sample = draw_sample(key)
    words = [key.m, sample.dimension, key.seed]
    end = ends.train(sample, WIDTH, [ENTROPY, 2, *words])
    common = ends.columns(end, sample, [ENTROPY, 3, *words])
    minus = round(key.p * key.m)
    limit = highdim.orthogonal_limit(key.m - minus, minus)
    plain = optimum_bounds(sample)
    both = optimum_bounds(sample, [end.net]) if end.interpolates else plain
    early = None if end.early is None else ends.measured(end.early, [ENTROPY, 3, *words])
    return Row(
        **vars(key),
        d=sample.dimension,
        width=WIDTH,
        **common,
        log10_predicted=log10_predicted(key.m - minus, minus, key.ratio),
        early_log10=None if early is None else early.log10_value,
        early_norm_squared=None if end.early is None else _at_margin_one(end.early, sample),
        flow_norm_squared=_at_margin_one(end.run.net, sample) if end.interpolates else None,
        limit_norm_squared=limit.norm_squared,
        lower=plain.lower,
        upper=plain.upper,
        upper_source=plain.upper_source,
        upper_with_net=both.upper,
        upper_with_net_source=both.upper_source,
        limit_bias_sum=limit.value_at_origin,
        **_evaluated(end, sample, both, words),
    )


def _evaluated(
    end: End, sample: SphereSample, bounds: OptimumBounds, words: list[int]
) -> dict[str, Any]:
    """Return the columns that come from the theorem."""
    report = theorem_4_1(
        end.net,
        sample,
        certificate=end.certificate,
        bounds=bounds,
        error=ends.measured(end.net, [ENTROPY, 3, *words]),
    )
    names = ("bias_sum", "c1", "c2", "c3", "c4_low", "c4_high", "epsilon_proof", "epsilon_levy")
    found = {name: report.quantities.get(name) for name in (*names, "dimension_for_epsilon")}
    return found | ends.verdicts(report)


def _at_margin_one(net: highdim.Network, sample: SphereSample) -> float:
    return float(net.norm_squared / np.min(sample.y * net(sample.X)))


def log10_predicted(plus: int, minus: int, ratio: float | NDArray[np.float64]) -> Any:
    """Return log10 Φ(−(m₊ − m₋)/(2√(m₊m₋)) √(d/m)), the orthogonal limit's clean error, far below
    any double too.
    """
    return log_ndtr(-(plus - minus) / (2.0 * sqrt(plus * minus)) * np.sqrt(ratio)) / LN10


def findings(rows: list[Row]) -> dict[str, Any]:
    """Return the numbers that captions and documents quote."""
    good = [row for row in rows if row.interpolates]
    return {
        **shares(rows),
        **ends.count_verdicts(rows),
        "slopes": {
            f"m = {m}, p = {p:g}": _slopes(group) for (m, p), group in _by_level(good).items()
        },
        "bias_sum": spread(row.bias_sum for row in good),
        "bias_sum_at_most_half": sum(
            row.bias_sum <= 0.5 for row in good if row.bias_sum is not None
        ),
        "gap_of_bounds": {
            f"m = {m}, p = {p:g}": _crossing(group, lambda row: row.upper_with_net / row.lower)
            for (m, p), group in _by_level(rows).items()
        },
        "optimal": sum(
            row.norm_squared <= row.lower * (1.0 + 1e-9) for row in good if row.norm_squared
        ),
        "net_improves_bound": sum(row.upper_with_net < row.upper * (1.0 - 1e-9) for row in good),
        "norm_ratio": spread(row.norm_squared / row.lower for row in good if row.norm_squared),
        "norm_ratio_of_flow": spread(
            row.flow_norm_squared / row.lower for row in good if row.flow_norm_squared
        ),
        "norm_ratio_of_protocol": spread(
            row.early_norm_squared / row.lower for row in good if row.early_norm_squared
        ),
        "c4_high": spread(row.c4_high for row in good),
        "proof_vacuous": sum(row.epsilon_proof == 1.0 for row in good),
        "levy_vacuous": sum(row.epsilon_levy == 1.0 for row in good),
        "dimension_asked_over_d": spread(
            row.dimension_for_epsilon / row.d for row in good if row.dimension_for_epsilon
        ),
        "log10_kkt_over_protocol": spread(
            row.log10_clean_error - row.early_log10 for row in good if row.early_log10 is not None
        ),
    }


def _slopes(rows: list[Row]) -> dict[str, Any] | None:
    """Fit log L_cl = intercept + slope · d/m, and the same for the prediction at the same d/m."""
    shown = [
        row
        for row in rows
        if FITTED[0] <= row.ratio <= FITTED[1] and isfinite(row.log10_clean_error)
    ]
    x = [row.ratio for row in shown]
    found = fitted_line(x, [row.log10_clean_error * LN10 for row in shown])
    predicted = fitted_line(x, [row.log10_predicted * LN10 for row in shown])
    if found is None or predicted is None:
        return None
    p = shown[0].p
    asymptotic = -((1.0 - 2.0 * p) ** 2) / (8.0 * p * (1.0 - p))
    return {
        **found._asdict(),
        "of_prediction": predicted.slope,
        "asymptotic": asymptotic,
        "largest_ratio": max(x),
    }


def _crossing(rows: list[Row], gap: Any) -> dict[str, Any]:
    """Return the median upper/lower by d/m, and the least d/m from which on every run is below
    `FACTOR`.
    """
    medians = {
        ratio: [gap(row) for row in group] for ratio, group in grouped(rows, "ratio").items()
    }
    return {
        "below_factor_2_from": holds_from(
            {ratio: max(found) <= FACTOR for ratio, found in medians.items()}
        ),
        "median": {
            f"{ratio:g}": float(np.median(found))
            for ratio, found in medians.items()
            if isfinite(max(found))
        },
    }


def _by_level(rows: list[Row]) -> dict[Any, list[Row]]:
    return grouped(rows, "m", "p")


def summary_table(found: dict[str, Any]) -> Table:
    """Return the fitted slopes, one line per sample size and noise level."""
    title = (
        f"{found['runs']} runs, {found['interpolating']} interpolate, {found['certified']} KKT"
        " points; slopes of log L_cl in d/m"
    )
    lines = []
    for name, one in found["slopes"].items():
        if one is not None:
            crossing = found["gap_of_bounds"][name]["below_factor_2_from"]
            interval = f"[{one['low']:.3g}, {one['high']:.3g}]"
            numbers = (f"{one[part]:.3g}" for part in ("of_prediction", "asymptotic"))
            start = "–" if crossing is None else f"{crossing:g}"
            lines.append((name, f"{one['slope']:.3g}", interval, *numbers, start))
    names = ("runs", "fitted", "95 % interval", "prediction", "asymptotic", "gap < 2 from d/m =")
    return frame.table(title, names, lines)


def _cost(key: Key) -> float:
    return (key.m / 40.0) ** 2 * (2.0 + 3.0 * key.p) + key.m * key.ratio / 10_000.0


def _warm_up() -> None:
    """Compile what `measure` needs, outside its clock."""
    measure(Key(10, 0.2, 4.0, 0))


SCRIPT = Script(
    "theorem_4_1",
    "Theorem 4.1 on trained nets.",
    key=Key,
    row=Row,
    presets=PRESETS,
    measure=measure,
    warm_up=_warm_up,
    cost=_cost,
    findings=findings,
    table=summary_table,
    settings={"entropy": ENTROPY, **ends.SETTINGS, "width": WIDTH},
)

if __name__ == "__main__":
    sys.exit(SCRIPT.main())
