"""Other rules on the line, by their exact clean errors: tempered, benign or catastrophic.

The max-margin net decides like the nearest neighbour, so its clean error is p on average. Beside it
stand the vote of k neighbours and the interpolating Nadaraya–Watson rule, the sign of
Σ y_i |x − x_i|^−β, which takes every label like the net and yet overfits as its one exponent says
(Barzilai, Kornowski and Shamir, "Beyond Benign Overfitting in Nadaraya-Watson Interpolators",
2025): tempered for β > d, benign for β = d and catastrophic for β < d, here d = 1. Every clean
error is enclosed with proof.

For β = 1 and a truth of +1 a label −1 holds where its 1/|x − x_i| beats the others, which sum up to
about 2 m (1 − 2p) log m; so it loses all but a share of order 1/log m of its cell, and L_cl is
about p/((1 − 2p) log m). (A heuristic, drawn dotted.) Catastrophes need a truth that changes: with
f* = −1 on [0, 1/10] and +1 beyond, for β = 1/2 the far majority outvotes the minority where it
lives, at every p.

The committed table and figure come from (repository root; rows are appended one by one, a rerun
does what is missing)

    python -m benchmarks.comparators --preset full --write
"""

import sys
from collections.abc import Callable
from dataclasses import dataclass
from itertools import product
from math import log
from typing import Any, ClassVar

import numpy as np
from rich.table import Table

import univariate
from benchmarks import columns, frame
from benchmarks.columns import grouped
from benchmarks.script import Script

ENTROPY = 61  # first word of every seed
BORDER = 0.1  # where the truth that changes does
TRUTHS = {"constant": "+", "step": f"{BORDER}:-+"}
EXPONENTS = (0.5, 1.0, 2.0, 4.0, 8.0)
LEVELS = (0.05, 0.1, 0.2, 0.3, 0.4)
SEEDS: dict[str, dict[int, int]] = {  # sample size: number of seeds
    "tiny": {30: 2, 60: 1},
    "quick": {100: 20, 1_000: 5},
    "full": {100: 40, 1_000: 20, 10_000: 6, 100_000: 2},
}


def neighbours(sample: univariate.Sample, k: int) -> univariate.Rule:
    """Return the vote of k neighbours, of all if there are fewer."""
    return univariate.NearestNeighbours(sample, min(k, sample.size))


RULES: dict[str, Callable[[univariate.Sample], univariate.Rule]] = {
    "1-NN": lambda sample: neighbours(sample, 1),
    "3-NN": lambda sample: neighbours(sample, 3),
    "5-NN": lambda sample: neighbours(sample, 5),
    "log m-NN": lambda sample: neighbours(sample, odd_logarithm(sample.size)),
} | {
    f"NW {exponent:g}": lambda sample, exponent=exponent: univariate.NadarayaWatson(
        sample, exponent
    )
    for exponent in EXPONENTS
}


@dataclass(frozen=True, order=True)
class Key:
    """What identifies a run."""

    m: int
    p: float
    truth: str
    rule: str
    seed: int


@dataclass(frozen=True)
class Row(Key, frame.Row):
    """One rule on one sample."""

    DIGITS: ClassVar = {"seconds": 3}

    clean_error: float
    low: float  # rigorous enclosure of the clean error
    high: float
    seconds: float = 0.0
    version: str = ""


def grid(seeds: dict[int, int]) -> list[Key]:
    """Return the runs of a preset, small samples first."""
    cells = product(sorted(seeds), LEVELS, TRUTHS, sorted(RULES))
    return [Key(*cell, seed) for cell in cells for seed in range(seeds[cell[0]])]


def odd_logarithm(m: int) -> int:
    """Return the odd number next to log m, at least 1."""
    return 2 * int(log(m) / 2.0) + 1


def draw_sample(key: Key) -> univariate.Sample:
    """Return the sample of a run: labels of the truth, flipped with probability p.

    All rules and both truths see the same inputs and the same flips.
    """
    words = [ENTROPY, key.m, round(key.p * 10**6), key.seed]
    rng = np.random.default_rng(words)
    return univariate.draw_sample(key.m, key.p, rng=rng, truth=TRUTHS[key.truth])


def measure(key: Key) -> Row:
    """Draw one sample and enclose the error of one rule; same key, same row (but for `seconds`)."""
    found = univariate.clean_error(RULES[key.rule](draw_sample(key)))
    return Row(**vars(key), clean_error=found.value, low=found.low, high=found.high)


def findings(rows: list[Row]) -> dict[str, Any]:
    """Return the numbers that caption and documents quote: means over samples, by size."""
    cells = grouped(rows, "truth", "rule", "p", "m")
    means: dict[str, Any] = {}
    for (truth, rule, p, m), cell in cells.items():
        levels = means.setdefault(truth, {}).setdefault(rule, {}).setdefault(f"{p:g}", {})
        levels[str(m)] = columns.mean(cell, "clean_error")
    return {
        "runs": len(rows),
        "widest_enclosure": max(row.high - row.low for row in rows),
        "seconds": columns.total_seconds(rows),
        "means": means,
    }


def summary_table(found: dict[str, Any]) -> Table:
    """Return the means of the largest samples, one line per rule."""
    means = found["means"]
    shown = tuple(f"{p:g}" for p in LEVELS[::2])
    size = list(means["constant"]["1-NN"][shown[0]])[-1]
    lines = [
        (rule, *(f"{means[truth][rule][p][size]:.3g}" for truth in TRUTHS for p in shown))
        for rule in RULES
    ]
    names = ("rule", *(f"{truth}, p = {p}" for truth in TRUTHS for p in shown))
    title = f"Mean clean errors at m = {int(size):,}; {found['runs']:,} runs"
    return frame.table(title, names, lines)


def _warm_up() -> None:
    """Compile what `measure` needs, outside its clock."""
    for rule in RULES:
        measure(Key(40, 0.2, "constant", rule, 0))


def _cost(key: Key) -> float:
    return 0.002 + key.m * (2.5e-5 if key.rule.startswith("NW") else 1e-6)


SCRIPT = Script(
    "comparators",
    "Exact clean errors of nearest neighbours and Nadaraya-Watson rules against p.",
    key=Key,
    row=Row,
    presets={name: grid(seeds) for name, seeds in SEEDS.items()},
    measure=measure,
    warm_up=_warm_up,
    cost=_cost,
    findings=findings,
    table=summary_table,
    settings={"entropy": ENTROPY, "border": BORDER},
)

if __name__ == "__main__":
    sys.exit(SCRIPT.main())
