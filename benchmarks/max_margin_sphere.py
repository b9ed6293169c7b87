"""The certified max-margin net in low dimension, and the nearest neighbour.

On the line (d = 1, x uniform on [0, 1]) the optimum is the nearest-neighbour rule. Is it on the
circle and the sphere (d = 2 and 3), and is it tempered? Every optimum is proved, its clean error is
enclosed, and both are put beside the nearest neighbour's. The share p of labels −1 is exact in each
sample, so that the nearest neighbour's clean error is p in the mean.

The committed table and figure come from (root of the repository; a rerun does what is missing)

    python -m benchmarks.max_margin_sphere --preset two-core --n-jobs 2 --write
"""

import sys
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray
from rich.table import Table

import highdim
import univariate
from benchmarks import columns, frame
from benchmarks.columns import grouped
from benchmarks.script import Script
from highdim.optimum.max_margin import GAP
from univariate.common.words import at_most

ENTROPY = 58  # first word of every seed
POINTS = 20_000  # of the comparison with the nearest neighbour on the sphere
POSITIVE = 1e-9  # part of the largest multiplier from which an observation counts as a support

Intervals = NDArray[np.float64]  # disjoint, in increasing order, in rows


@dataclass(frozen=True, order=True)
class Key:
    """What identifies a run."""

    d: int
    m: int
    p: float  # share of labels −1
    seed: int


@dataclass(frozen=True, kw_only=True)
class Row(frame.Row, Key):
    """One sample, its optimum, and the nearest neighbour."""

    norm_squared: float
    duality_gap: float
    verdict: str  # of optimality
    width: int
    supports: int  # observations with λ > 0
    clean_error: float
    low: float
    high: float
    nearest_neighbour: float  # its clean error
    # Pr[the net decides otherwise than the nearest neighbour]
    disagreement: float
    seconds: float = 0.0
    version: str = ""


def grid(dimensions: dict[int, Sequence[int]], levels: Sequence[float], seeds: int) -> list[Key]:
    """Return the runs of all sample sizes by dimension."""
    return sorted(
        Key(d, m, p, seed)
        for d, sizes in dimensions.items()
        for m in sizes
        for p in levels
        for seed in range(seeds)
    )


PRESETS = {
    "tiny": grid({1: (8,), 2: (8,), 3: (8,)}, (0.25,), 2),
    "quick": grid({1: (10, 20), 2: (10, 20), 3: (10,)}, (0.2,), 4),
    "two-core": grid({1: (10, 20, 40), 2: (10, 20, 40), 3: (10, 20)}, (0.1, 0.2, 0.3), 30),
}


def measure(key: Key) -> Row:
    """Do one run. Same key, same row (but for `seconds`)."""
    rng = np.random.default_rng([ENTROPY, key.d, key.m, key.seed])
    y = np.where(rng.permutation(key.m) < round(key.p * key.m), -1.0, 1.0)
    found = _on_the_line(rng, y) if key.d == 1 else _on_the_sphere(key.d, rng, y)
    return Row(**vars(key), **found)


def _on_the_line(rng: np.random.Generator, y: NDArray[np.float64]) -> dict[str, Any]:
    sample = univariate.Sample.from_arrays(np.sort(rng.random(len(y))), y)
    optimum = univariate.max_margin(sample)
    error = univariate.clean_error(optimum.net)
    nearest = univariate.nearest_neighbour_clean_error(sample)
    x = sample.x
    ends = np.concatenate(([0.0], 0.5 * (x[1:] + x[:-1]), [1.0]))
    cells = np.column_stack((ends[:-1], ends[1:]))[sample.y < 0.0]
    return {
        **_solved(optimum, error),
        "verdict": univariate.Verdict.of(optimum.duality_gap <= GAP).value,
        "nearest_neighbour": float(nearest),
        "disagreement": apart(error.intervals, cells),
    }


def _on_the_sphere(d: int, rng: np.random.Generator, y: NDArray[np.float64]) -> dict[str, Any]:
    X = rng.standard_normal((len(y), d))
    sample = highdim.SphereSample(X / np.linalg.norm(X, axis=1, keepdims=True), y)
    optimum = highdim.max_margin(sample)
    if optimum.net is None:
        raise ArithmeticError(optimum.reason)
    error = highdim.clean_error(optimum.net, rng=rng)
    if d == 2:
        disagreement = apart(error.intervals, arcs(sample)) / (2.0 * np.pi)
    else:
        drawn = rng.standard_normal((POINTS, d))
        decided = sample.y[np.argmax(drawn @ sample.X.T, axis=1)]
        drawn /= np.linalg.norm(drawn, axis=1, keepdims=True)
        disagreement = float(np.mean((optimum.net(drawn) > 0.0) != (decided > 0.0)))
    return {
        **_solved(optimum, error),
        "verdict": optimum.verdict.value,
        "nearest_neighbour": nearest_neighbour(sample),
        "disagreement": disagreement,
    }


def _solved(optimum: Any, error: Any) -> dict[str, Any]:
    """Return what line and sphere say alike of the optimum, and of its clean error."""
    return {
        "norm_squared": optimum.norm_squared,
        "duality_gap": optimum.duality_gap,
        "width": optimum.net.width,
        "supports": supports(optimum.multipliers),
        "clean_error": error.value,
        "low": error.low,
        "high": error.high,
    }


def supports(multipliers: NDArray[np.float64]) -> int:
    """Return the number of observations with λ > 0."""
    return int(np.sum(multipliers > POSITIVE * np.max(multipliers)))


def nearest_neighbour(sample: highdim.SphereSample) -> float:
    """Return the clean error of the nearest neighbour, d = 2 or 3. Rounded."""
    if sample.dimension == 3:
        return voronoi(sample)
    parts = arcs(sample)
    return float(np.sum(parts[:, 1] - parts[:, 0])) / (2.0 * np.pi)


def arcs(sample: highdim.SphereSample) -> Intervals:
    """Return the angles in [−π, π] nearest to an observation of label −1."""
    angles = np.arctan2(sample.X[:, 1], sample.X[:, 0])
    order = np.argsort(angles)
    angles = angles[order]
    whole = np.concatenate(([angles[-1] - 2.0 * np.pi], angles, [angles[0] + 2.0 * np.pi]))
    middles = 0.5 * (whole[1:] + whole[:-1])
    ends = np.column_stack((middles[:-1], middles[1:]))[sample.y[order] < 0.0]
    parts = [
        (max(low + turn, -np.pi), min(high + turn, np.pi))
        for low, high in ends
        for turn in (-2.0 * np.pi, 0.0, 2.0 * np.pi)
    ]
    return np.array(sorted(part for part in parts if part[0] < part[1])).reshape(-1, 2)


def apart(one: Intervals, other: Intervals) -> float:
    """Return the length of what lies in just one of two unions of intervals."""
    low = np.maximum(one[:, None, 0], other[None, :, 0])
    high = np.minimum(one[:, None, 1], other[None, :, 1])
    both = float(np.sum(np.maximum(high - low, 0.0)))
    lengths = sum(float(np.sum(part[:, 1] - part[:, 0])) for part in (one, other))
    return max(0.0, lengths - 2.0 * both)


def voronoi(sample: highdim.SphereSample) -> float:
    """Return the share of the sphere that is nearest to observations of label −1, d = 3."""
    from scipy.spatial import SphericalVoronoi

    areas = SphericalVoronoi(sample.X).calculate_areas()
    return float(np.sum(areas[sample.y < 0.0]) / np.sum(areas))


def findings(rows: list[Row]) -> dict[str, Any]:
    """Return the numbers that captions and documents quote."""
    return {
        "runs": len(rows),
        "optimal": sum(row.verdict == "HOLDS" for row in rows),
        "largest_gap": max(row.duality_gap for row in rows),
        "groups": {
            f"d = {d}, m = {m}, p = {p:g}": _group(group)
            for (d, m, p), group in grouped(rows, "d", "m", "p").items()
        },
        "nearest_neighbour": {
            f"d = {d}": sum(row.disagreement < 1e-9 for row in group)
            for d, group in grouped(rows, "d").items()
        },
    }


def _group(rows: list[Row]) -> dict[str, float | None]:
    errors = np.array([row.clean_error for row in rows])
    nearest = np.array([row.nearest_neighbour for row in rows])
    return {
        "runs": len(rows),
        "mean_error": float(errors.mean()),
        "standard_error": _of_the_mean(errors),
        "mean_nearest_neighbour": float(nearest.mean()),
        "mean_difference": float((errors - nearest).mean()),
        "difference_error": _of_the_mean(errors - nearest),
        "median_disagreement": columns.median(rows, "disagreement"),
        "largest_disagreement": max(row.disagreement for row in rows),
        "median_width": columns.median(rows, "width"),
        "median_supports": columns.median(rows, "supports"),
        "median_norm_squared": columns.median(rows, "norm_squared"),
    }


def _of_the_mean(values: NDArray[np.float64]) -> float | None:
    """Return the standard error of a mean; None for a single value."""
    return None if len(values) < 2 else float(values.std(ddof=1)) / len(values) ** 0.5


def summary_table(found: dict[str, Any]) -> Table:
    """Return errors and disagreements by dimension, size and noise."""
    title = (
        f"{found['runs']} samples, {found['optimal']} optima proved, gaps at most"
        f" {at_most(found['largest_gap'])}"
    )
    lines = [
        (
            name,
            f"{one['mean_error']:.3f} ± {one['standard_error'] or 0.0:.3f}",
            f"{one['mean_nearest_neighbour']:.3f}",
            f"{one['mean_difference']:+.3f} ± {one['difference_error'] or 0.0:.3f}",
            f"{one['median_disagreement']:.3f}",
            f"{one['median_width']:.0f}",
        )
        for name, one in found["groups"].items()
    ]
    columns = ("samples", "mean L_cl", "1-NN", "difference", "median disagreement", "width")
    return frame.table(title, columns, lines)


def _cost(key: Key) -> float:
    return {1: 0.01, 2: 1e-3 * key.m**1.8, 3: 2e-3 * key.m**1.8}[key.d]


def _warm_up() -> None:
    """Compile what `measure` needs, outside its clock."""
    for d in (1, 2, 3):
        measure(Key(d, 6, 0.5, 0))


SCRIPT = Script(
    "max_margin_sphere",
    "The max-margin net on line, circle and sphere, proved, and the nearest neighbour.",
    key=Key,
    row=Row,
    presets=PRESETS,
    measure=measure,
    warm_up=_warm_up,
    cost=_cost,
    findings=findings,
    table=summary_table,
    settings={"entropy": ENTROPY, "points": POINTS},
)

if __name__ == "__main__":
    sys.exit(SCRIPT.main())
