"""From tempered to benign, from d = 1 on: KKT points of training, the optimum, and other rules.

Every run trains a net of 50 neurons on m observations, on the line (d = 1, x uniform on [0, 1]) or
the unit sphere of R^d, polishes where training was left to a certified KKT point of Problem (1),
and solves Problem (1): up to d = 5 to a proved duality gap, beyond with the bounds that are quick,
which meet where data are nearly orthogonal. Beside their clean errors stand those of three rules
that also fit every label: the nearest neighbour, the ridgeless regression with the tangent kernel
of wide nets, and the max-margin half-space, where there is one. The share p of labels −1 is exact.

The committed table and figure come from (root of the repository; a rerun does what is missing)

    python -m benchmarks.transition --preset two-core --n-jobs 2 --write
"""

import sys
from collections.abc import Sequence
from dataclasses import dataclass
from math import isfinite
from typing import Any, ClassVar

import numpy as np
from rich.table import Table

import highdim
import univariate
from benchmarks import ends, frame
from benchmarks.columns import grouped
from benchmarks.max_margin_sphere import nearest_neighbour
from benchmarks.script import Script
from univariate.training.trained import train_network

ENTROPY = 62  # first word of every seed
WIDTH = 50
MARGIN = 20.0  # of every datum, at which training is left
STEPS = 400  # after which it is left at the latest
POINTS = 20_000  # new ones, for rules without a better way
SOLVED = 5  # largest dimension in which Problem (1) is solved
OPTIMAL = 1e-6  # ‖θ‖² beyond the lower bound, relative, up to which a net counts as optimal


@dataclass(frozen=True, order=True)
class Key:
    """What identifies a run."""

    d: int
    m: int
    p: float  # share of labels −1
    seed: int


@dataclass(frozen=True, kw_only=True)
class Row(frame.Row, Key):
    """One sample; clean errors of nets by their logarithms, which may be far below any double."""

    DIGITS: ClassVar = {"seconds": 4}
    OTHERS: ClassVar = 10

    interpolates: bool
    margin: float  # the smallest where training was left
    log10_of_flow: float  # clean error there
    kkt: str | None  # verdict on the KKT point
    norm_squared: float | None
    log10_kkt: float | None
    lower: float  # proved bound on ‖θ*‖²
    upper: float
    log10_optimum: float | None  # of the net found, if it is optimal up to 1e-6
    nearest_neighbour: float
    kernel: float
    half_space: float | None  # None where labels are not separable
    seconds: float = 0.0
    version: str = ""

    @property
    def ratio(self) -> float | None:
        """‖θ‖² of the KKT point over the lower bound on ‖θ*‖²."""
        return None if self.norm_squared is None else self.norm_squared / self.lower

    @property
    def solved(self) -> bool:
        """Whether ‖θ*‖² is known."""
        return self.upper <= self.lower * (1.0 + OPTIMAL)


def grid(sizes: dict[tuple[int, int], int], levels: Sequence[float]) -> list[Key]:
    """Return the runs for (m, d) → number of seeds."""
    return sorted(
        Key(d, m, p, seed)
        for (m, d), seeds in sizes.items()
        for p in levels
        for seed in range(seeds)
    )


_LEVELS = (0.1, 0.2, 0.3)
_SEEDS = dict.fromkeys((1, 2, 3, 4), 12) | {5: 4} | dict.fromkeys((10, 20, 50, 200), 6)
_MORE = dict.fromkeys((1, 2, 3, 20, 40, 100, 400), 4)
PRESETS = {
    "tiny": grid({(10, 1): 1, (10, 2): 1, (10, 3): 1, (10, 60): 1}, (0.2,)),
    "quick": grid({(20, d): 1 for d in (1, 2, 3, 10, 20, 50)}, (0.2,)),
    "two-core": grid(
        {(20, d): seeds for d, seeds in _SEEDS.items()}
        | {(40, d): seeds for d, seeds in _MORE.items()},
        _LEVELS,
    ),
}


def measure(key: Key) -> Row:
    """Do one run. Same key, same row (but for `seconds`)."""
    minus = round(key.p * key.m)
    words = [ENTROPY, key.d, key.m, key.seed]
    on_the_line = key.d == 1
    found = _on_the_line(key, minus, words) if on_the_line else _on_the_sphere(key, minus, words)
    return Row(**vars(key), **found)


def _on_the_line(key: Key, minus: int, words: list[int]) -> dict[str, Any]:
    m = key.m
    rng = np.random.default_rng(words)
    y = np.where(rng.permutation(m) < minus, -1.0, 1.0)
    sample = univariate.Sample.from_arrays(np.sort(rng.random(m)), y)
    run = train_network(
        sample, rng=np.random.default_rng([*words, 1]), margin=MARGIN, steps=20 * STEPS
    )
    optimum = run.optimum
    point = run.point
    certificate = None if point is None else univariate.kkt_certificate(point.net, sample)
    places = (np.arange(POINTS) + 0.5) / POINTS
    rows = highdim.SphereSample(sample.x[:, None], sample.y)
    kernel = highdim.TangentRegression.of(rows)
    return {
        "interpolates": run.interpolates,
        "margin": float(run.trajectory.margins[-1].min()),
        "log10_of_flow": log10(run.end_clean_error.value),
        "kkt": None if certificate is None else certificate.verdict.value,
        "norm_squared": None if point is None else point.net.norm_squared,
        "log10_kkt": None if point is None else log10(run.clean_error.value),
        "lower": optimum.norm_squared * (1.0 - optimum.duality_gap),
        "upper": optimum.norm_squared,
        "log10_optimum": log10(univariate.clean_error(optimum.net).value),
        "nearest_neighbour": float(univariate.nearest_neighbour_clean_error(sample)),
        "kernel": float(np.mean(kernel(places[:, None]) <= 0.0)),
        "half_space": None,
    }


def _on_the_sphere(key: Key, minus: int, words: list[int]) -> dict[str, Any]:
    sample = ends.draw_sample(key.m, key.d, minus, words)
    start = highdim.init_network(WIDTH, key.d, rng=np.random.default_rng([*words, 1]))
    run = highdim.gradient_flow(start, sample, margin=MARGIN, steps=STEPS)
    net = ends.shallow(run.net)
    interpolates = bool(run.margins[-1] > ends.ABOVE_ROUNDING)
    point = ends.near(net, sample) if interpolates else None
    seed = [*words, 2]
    lower, upper, best = _bounds(sample, None if point is None else point.net)
    optimal = upper <= lower * (1.0 + OPTIMAL)
    return {
        "interpolates": interpolates,
        "margin": float(run.margins[-1]),
        "log10_of_flow": ends.measured(net, seed).log10_value,
        "kkt": None if point is None else point.verdict.value,
        "norm_squared": None if point is None else point.certificate.norm_squared,
        "log10_kkt": None if point is None else ends.measured(point.net, seed).log10_value,
        "lower": lower,
        "upper": upper,
        "log10_optimum": ends.measured(best, seed).log10_value if optimal and best else None,
        **_rules(sample, [*words, 3]),
    }


def _bounds(
    sample: highdim.SphereSample, net: highdim.TwoLayerNet | None
) -> tuple[float, float, highdim.TwoLayerNet | None]:
    """Return bounds on ‖θ*‖², and the best net known."""
    if sample.dimension <= SOLVED:
        solved = highdim.max_margin(sample)
        return solved.lower, solved.norm_squared, solved.net
    found = highdim.optimum_bounds(sample, [] if net is None else [net])
    return found.lower, found.upper, found.net


def _rules(sample: highdim.SphereSample, words: list[int]) -> dict[str, Any]:
    """Return the clean errors of rules that are no nets; all see the same points."""
    return {
        "nearest_neighbour": _nearest(sample, words),
        "kernel": _by_points(highdim.TangentRegression.of(sample), words),
        "half_space": half_space(sample, words),
    }


def _nearest(sample: highdim.SphereSample, words: list[int]) -> float:
    """Return the clean error of the nearest neighbour, exact up to d = 3."""
    if sample.dimension <= 3:
        return nearest_neighbour(sample)
    return _by_points(highdim.NearestNeighbour(sample), words)


def _by_points(
    rule: highdim.NearestNeighbour | highdim.TangentRegression, words: list[int]
) -> float:
    rng = np.random.default_rng(words)
    return highdim.rule_clean_error(rule, samples=POINTS, rng=rng).value


def half_space(sample: highdim.SphereSample, words: list[int]) -> float | None:
    """Return the clean error of the max-margin half-space; None where there is none."""
    try:
        net = highdim.max_margin_half_space(sample).net
    except ValueError:  # not separable
        return None
    return highdim.clean_error(net, rng=np.random.default_rng(words)).value


def log10(value: float) -> float:
    """Return a decimal logarithm, −inf for 0."""
    with np.errstate(divide="ignore"):
        return float(np.log10(value))


def findings(rows: list[Row]) -> dict[str, Any]:
    """Return the numbers that captions and documents quote."""
    polished = [row for row in rows if row.kkt is not None]
    return {
        "runs": len(rows),
        "interpolate": sum(row.interpolates for row in rows),
        "kkt_points": sum(row.kkt == "HOLDS" for row in polished),
        "groups": {
            f"m = {m}, d = {d}, p = {p:g}": _group(group)
            for (m, d, p), group in grouped(rows, "m", "d", "p").items()
        },
        "ends": {
            f"m = {m}, d = {d}": _ends(group) for (m, d), group in grouped(rows, "m", "d").items()
        },
    }


def _group(rows: list[Row]) -> dict[str, Any]:
    """Means of clean errors; medians of logarithms."""
    names = ("nearest_neighbour", "kernel", "half_space")
    return {
        "kkt": _mean([_power(row.log10_kkt) for row in rows]),
        "optimum": _mean([_power(row.log10_optimum) for row in rows]),
        **{name: _mean([getattr(row, name) for row in rows]) for name in names},
        "separable": sum(row.half_space is not None for row in rows),
        "median_log10_kkt": _median([row.log10_kkt for row in rows]),
    }


def _ends(rows: list[Row]) -> dict[str, Any]:
    """Whether training ends at the optimum, where that is known."""
    known = [row for row in rows if row.solved and row.ratio is not None]
    ratios = [row.ratio for row in known]
    apart = [
        abs(_power(row.log10_kkt) - _power(row.log10_optimum))
        for row in known
        if row.log10_kkt is not None and row.log10_optimum is not None
    ]
    return {
        "solved": sum(row.solved for row in rows),
        "compared": len(known),
        "optimal": sum(ratio <= 1.0 + OPTIMAL for ratio in ratios if ratio is not None),
        "median_ratio": _median(ratios),
        "largest_ratio": max((ratio for ratio in ratios if ratio is not None), default=None),
        "median_difference": _median(apart),
        "largest_bounds": max(row.upper / row.lower for row in rows),
    }


def _power(value: float | None) -> Any:
    return None if value is None else 10.0**value


def _mean(values: Sequence[float | None]) -> float | None:
    known = [value for value in values if value is not None]
    return float(np.mean(known)) if known else None


def _median(values: Sequence[float | None]) -> float | None:
    known = [value for value in values if value is not None]
    middle = float(np.median(known)) if known else -np.inf
    return middle if isfinite(middle) else None


def summary_table(found: dict[str, Any]) -> Table:
    """Return mean clean errors by size, dimension and noise."""
    title = (
        f"{found['runs']} runs, {found['interpolate']} interpolate, {found['kkt_points']} certified"
        " KKT points"
    )
    names = ("kkt", "optimum", "nearest_neighbour", "kernel", "half_space")
    lines = [
        (name, *("" if one[column] is None else f"{one[column]:.3g}" for column in names))
        for name, one in found["groups"].items()
    ]
    columns = ("samples", "KKT point", "optimum", "1-NN", "tangent kernel", "half-space")
    return frame.table(title, columns, lines)


def _cost(key: Key) -> float:
    return {1: 1.0, 2: 2.0, 3: 2.5, 4: 3.0, 5: 10.0}.get(key.d, 0.6 + 2e-4 * key.m**2)


def _warm_up() -> None:
    """Compile what `measure` needs, outside its clock."""
    for d in (1, 2, 3, 8):
        measure(Key(d, 6, 0.5, 0))


SCRIPT = Script(
    "transition",
    "Clean errors of KKT points, the optimum and other rules, from d = 1 on.",
    key=Key,
    row=Row,
    presets=PRESETS,
    measure=measure,
    warm_up=_warm_up,
    cost=_cost,
    findings=findings,
    table=summary_table,
    settings={
        "entropy": ENTROPY,
        "width": WIDTH,
        "margin": MARGIN,
        "steps": STEPS,
        "points": POINTS,
        "solved": SOLVED,
    },
)

if __name__ == "__main__":
    sys.exit(SCRIPT.main())
