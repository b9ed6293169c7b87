"""Theorem 3.2 as an exact law: the clean error of the max-margin net against the noise level p.

Theorem 3.2 states L_cl = Θ(p) with unnamed constants. For x uniform on [0, 1] the max-margin net
decides like the 1-nearest-neighbour rule, and that rule can be averaged exactly. Let V_i be the
length of the part of [0, 1] whose nearest sample point is x_i, so that Σ V_i = 1 (the two end
pieces included) and L_cl = Σ V_i 1[y_i = −1]. Labels are −1 with probability p, independently of
the inputs, hence for every sample size m and all inputs

    E[L_cl | x] = p,    Var[L_cl | x] = p(1 − p) Σ V_i²,    E Σ V_i² = (3m + 8) / (2(m + 1)(m + 2))
    (m ≥ 2),

the last one because the spacings (g_0, …, g_m) are uniform on the simplex, E g_i² = 2E g_i g_j =
2/((m + 1)(m + 2)), with V_i = (g_{i−1} + g_i)/2 inside and g_0 + g_1/2, g_{m−1}/2 + g_m at the
ends. So E L_cl = p, and the standard deviation is √(3p(1 − p)/(2m)) to leading order. New; the
paper has Θ(p) with deviations O(√(log(m/δ)/m)).

The decision rules agree whenever the closed form applies, on [0, 1] with at least three sign
changes. With none N keeps one sign. With one, a right-oriented kink t > 0 in the gap would need
Σ_{x_i>t} λ_i y_i (x_i, 1) ∝ (1, −t): two signs, but these data share a label and x_i > 0.
Left-oriented ones alike; N is a line across the gap. With two sign changes agreement is observed
here in every run, not proved. Off [0, 1] it can fail: on (−2, +1), (3, −1) the optimum changes sign
at 1/7, not 1/2.

The committed table and figure come from (repository root; rows are appended one by one, a rerun
does what is missing)

    python -m benchmarks.theorem_3_2 --preset full --n-jobs 2 --write

Nets that gradient flow trained are drawn beside the optimal ones: the certified minima of
`benchmarks.theorem_3_1`.
"""

import sys
from collections import Counter
from collections.abc import Iterable
from dataclasses import dataclass
from itertools import product
from math import sqrt
from pathlib import Path
from typing import Any, ClassVar

import numpy as np
from numpy.typing import NDArray
from rich.table import Table
from scipy.stats import chi2

import univariate
from benchmarks import columns, frame, theorem_3_1
from benchmarks.columns import grouped
from benchmarks.script import Script

Vector = NDArray[np.float64]

ENTROPY = 32  # first word of every seed
DELTA = 0.05
LEVELS = (0.01, 0.05, 0.1, 0.15, 0.2, 0.25, 0.3, 0.35, 0.4, 0.45, 0.5)
SEEDS: dict[str, dict[int, int]] = {  # sample size: number of seeds
    "tiny": {20: 1, 50: 1},
    "quick": {100: 100, 1_000: 40, 10_000: 10},
    "full": {100: 200, 1_000: 100, 10_000: 40, 100_000: 20, 1_000_000: 6},
}


@dataclass(frozen=True, order=True)
class Key:
    """What identifies a run."""

    m: int
    p: float
    seed: int


@dataclass(frozen=True)
class Row(Key, frame.Row):
    """One sample, its max-margin net, and what Theorem 3.2's report says about them."""

    DIGITS: ClassVar = {
        "difference": 3,
        "noise_rate": 10,
        "norm_squared": 10,
        "norm_ratio": 6,
        "duality_gap": 3,
        "lower_realised": 8,
        "lower_expected": 8,
        "upper_realised": 8,
        "upper_expected": 8,
        "seconds": 3,
    }

    clean_error: float
    low: float  # rigorous enclosure of the clean error
    high: float
    nearest_neighbour: float  # clean error of the 1-nearest-neighbour rule
    difference: float  # clean_error − nearest_neighbour
    noise_rate: float  # share of labels −1
    sign_changes: int
    width: int
    norm_squared: float
    norm_ratio: float  # norm_squared / (p m²)
    duality_gap: float
    method: str
    lower_realised: float
    lower_expected: float
    upper_realised: float
    upper_expected: float
    verdict: str
    seconds: float = 0.0
    version: str = ""


def grid(seeds: dict[int, int], levels: Iterable[float] = LEVELS) -> list[Key]:
    """Return the runs of a preset, small samples first."""
    return [
        Key(m, p, seed)
        for m, p in product(sorted(seeds), sorted(levels))
        for seed in range(seeds[m])
    ]


def measure(key: Key) -> Row:
    """Draw one sample, solve Problem (1), and evaluate Theorem 3.2.

    Same key, same row (but for `seconds`).
    """
    m, p = key.m, key.p
    words = [ENTROPY, m, round(p * 10**6), key.seed]
    sample = univariate.draw_sample(m, p, rng=np.random.default_rng(words))
    try:
        optimum = univariate.max_margin(sample)
        report = univariate.theorem_3_2(optimum.net, sample, DELTA, p=p, optimum=optimum)
    except ArithmeticError as error:
        raise RuntimeError(f"the run {key} failed: {error}") from error
    nearest = univariate.nearest_neighbour_clean_error(sample).value
    error, (lower, upper) = report.clean_error, report.bounds
    return Row(
        **vars(key),
        clean_error=error.value,
        low=error.low,
        high=error.high,
        nearest_neighbour=nearest,
        difference=error.value - nearest,
        noise_rate=sample.noise_rate,
        sign_changes=len(sample.sign_changes),
        width=optimum.net.width,
        norm_squared=optimum.norm_squared,
        norm_ratio=optimum.norm_squared / (p * m**2),
        duality_gap=optimum.duality_gap,
        method=optimum.method,
        lower_realised=lower.realised,
        lower_expected=lower.expected,
        upper_realised=upper.realised,
        upper_expected=upper.expected,
        verdict=report.verdict.value,
    )


def trained(store: Path = theorem_3_1.SCRIPT.results) -> list[theorem_3_1.Row]:
    """Return the trained nets whose KKT points are certified minima; none if there is no table."""
    rows = theorem_3_1.SCRIPT.load(store)
    return [row for row in theorem_3_1.usual(rows) if row.level in theorem_3_1.MINIMA]


def variance_factor(m: int) -> float:
    """Return E Σ V_i² = Var[L_cl] / (p(1 − p)) of the 1-nearest-neighbour rule, for m ≥ 2.

    Exact, rounded once.
    """
    return (3 * m + 8) / (2 * (m + 1) * (m + 2))


def deviations(rows: "list[Row] | list[theorem_3_1.Row]") -> Vector:
    """Return (L_cl − p)/√(p(1 − p)), whose variance is `variance_factor(m)` at every p."""
    return np.array([(row.clean_error - row.p) / sqrt(row.p * (1.0 - row.p)) for row in rows])


def line_fit(rows: list[Row]) -> dict[str, float]:
    """Fit L_cl = intercept + slope p by least squares with weights 1/(p(1 − p)); errors from the
    residuals.
    """
    p = np.array([row.p for row in rows])
    errors = np.array([row.clean_error for row in rows])
    scale = 1.0 / np.sqrt(p * (1.0 - p))
    design = np.column_stack([scale, p * scale])
    solution, *_ = np.linalg.lstsq(design, errors * scale)
    residual = errors * scale - design @ solution
    covariance = np.linalg.inv(design.T @ design) * (residual @ residual) / max(len(rows) - 2, 1)
    slope_error = sqrt(covariance[1, 1])
    intercept_error = sqrt(covariance[0, 0])
    return {
        "slope": float(solution[1]),
        "slope_error": slope_error,
        "intercept": float(solution[0]),
        "intercept_error": intercept_error,
    }


def findings(rows: list[Row]) -> dict[str, Any]:
    """Return the numbers that title, caption and documents quote."""
    cells = grouped(rows, "m", "p")
    scores = [
        float(np.mean(deviations(cell))) / sqrt(variance_factor(cell[0].m) / len(cell))
        for cell in cells.values()
    ]
    statistic = float(np.sum(np.square(scores)))
    return {
        "runs": len(rows),
        "largest_difference": max(abs(row.difference) for row in rows),
        "largest_duality_gap": max(row.duality_gap for row in rows),
        "widest_enclosure": max(row.high - row.low for row in rows),
        "mean_is_p": {
            "largest_z": max(map(abs, scores)),
            "chi_squared": statistic,
            "degrees": len(scores),
            "p_value": float(chi2.sf(statistic, len(scores))),
        },
        "exponent": exponent(rows),
        "by_size": {str(m): _size_findings(group) for m, group in grouped(rows, "m").items()},
        "by_method": {
            method: _method_findings(group) for method, group in grouped(rows, "method").items()
        },
    }


def exponent(rows: list[Row]) -> dict[str, float] | None:
    """Fit log rms deviation = const + value · log m, weighted by the number of runs; None for one
    sample size.
    """
    sizes = grouped(rows, "m")
    if len(sizes) < 2:
        return None
    # log RMS has variance 1/(2 runs)
    weight = np.sqrt(2.0 * np.array([len(group) for group in sizes.values()]))
    design = np.column_stack([np.ones(len(sizes)), np.log(list(sizes))]) * weight[:, None]
    spread = np.log([root_mean_square(group) for group in sizes.values()])
    solution, *_ = np.linalg.lstsq(design, spread * weight)
    return {"value": float(solution[1]), "error": sqrt(np.linalg.inv(design.T @ design)[1, 1])}


def summary_table(found: dict[str, Any]) -> Table:
    """Return the findings, one line per sample size."""
    title = f"{found['runs']:,} runs; largest |L_cl − 1-NN| {found['largest_difference']:.2g}"
    lines = [
        (
            f"{int(m):,}",
            str(size["runs"]),
            f"{size['slope']:.4f} ± {size['slope_error']:.4f}",
            f"{1e4 * size['intercept']:.1f} ± {1e4 * size['intercept_error']:.1f}",
            f"{size['rms_over_law']:.3f}",
            f"{size['median_norm_ratio']:.3g}",
        )
        for m, size in found["by_size"].items()
    ]
    names = ("m", "runs", "slope", "10⁴ · intercept", "rms/law", "‖θ*‖²/(p m²)")
    return frame.table(title, names, lines, left=0)


def _warm_up() -> None:
    """Compile what `measure` needs, outside its clock."""
    for p in (0.01, 0.5):
        measure(Key(40, p, 0))


def _cost(key: Key) -> float:
    return 0.01 + key.m * (1.0 + 60.0 * key.p) * 1e-6


def _size_findings(rows: list[Row]) -> dict[str, Any]:
    return {
        "runs": len(rows),
        **line_fit(rows),
        "rms_over_law": root_mean_square(rows) / sqrt(variance_factor(rows[0].m)),
        "largest_difference": max(abs(row.difference) for row in rows),
        "largest_duality_gap": max(row.duality_gap for row in rows),
        "median_norm_ratio": columns.median(rows, "norm_ratio"),
        "verdicts": dict(sorted(Counter(row.verdict for row in rows).items())),
        "seconds": columns.total_seconds(rows),
    }


def _method_findings(rows: list[Row]) -> dict[str, Any]:
    return {
        "runs": len(rows),
        "fewest_sign_changes": min(row.sign_changes for row in rows),
        "most_sign_changes": max(row.sign_changes for row in rows),
        "largest_difference": max(abs(row.difference) for row in rows),
    }


def root_mean_square(rows: list[Row]) -> float:
    """Return that of the deviations."""
    return float(np.sqrt(np.mean(np.square(deviations(rows)))))


SCRIPT = Script(
    "theorem_3_2",
    "L_cl of the max-margin net against p, exactly.",
    key=Key,
    row=Row,
    presets={name: grid(seeds) for name, seeds in SEEDS.items()},
    measure=measure,
    warm_up=_warm_up,
    cost=_cost,
    findings=findings,
    table=summary_table,
    settings={"entropy": ENTROPY, "delta": DELTA},
)

if __name__ == "__main__":
    sys.exit(SCRIPT.main())
