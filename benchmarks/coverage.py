"""How often the intervals of `highdim.clean_error` hold the clean error: many repetitions on nets
whose error is known.

The nets are those of `benchmarks.zoo`. An answer may miss the error if it says so: what counts are
the answers that are vouched for, those whose verdict is HOLDS.

The committed table comes from (repository root)

    python -m benchmarks.coverage --write

and leaves out the slow ones. Those are in results/coverage_slow.csv, the rows of one run each:
`--only "30 caps" --store 1.csv`, and so on for every name in `benchmarks.zoo.SLOW`.
"""

import sys
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from typing import ClassVar, NamedTuple

import numpy as np
from joblib import Parallel, delayed
from rich.console import Console
from rich.table import Table
from scipy.stats import beta

import highdim
from benchmarks import command, frame
from benchmarks.zoo import NETS, SLOW, Known
from univariate.common.result import Verdict

RESULTS = frame.RESULTS / "coverage.csv"
ROUNDING = 1e-9  # relative, of closed forms: incomplete beta functions


class Estimator(NamedTuple):
    """Arguments of `clean_error` under test."""

    method: str
    samples: int | None = None
    precision: float | None = None


@dataclass(frozen=True)
class Row(frame.Row):
    """One estimator on one net.

    `coverage_low` and `coverage_high` are the 95 % interval of Clopper and Pearson for the
    coverage, `undecided` the part of answers that are not vouched for, `wrong` that of answers
    that are and miss the error, `too_low` and `too_high` the parts of the intervals that lie
    below and above the clean error, `bias` the mean estimate relative to the clean error, less
    one, with its standard error, `width` the median half width relative to the median value.
    """

    OTHERS: ClassVar = 6

    net: str
    d: int
    depth: int
    clean_error: float
    source: str
    source_error: float
    method: str
    samples: int | None
    precision: float | None
    level: float
    repetitions: int
    coverage: float
    coverage_low: float
    coverage_high: float
    undecided: float
    wrong: float
    too_low: float
    too_high: float
    bias: float
    bias_error: float
    width: float
    drawn: float


ESTIMATORS = (
    Estimator("points", samples=1000),
    Estimator("circles", samples=1000),
    Estimator("lines", samples=256),
    Estimator("splitting", samples=8),
    Estimator("auto", samples=512),
)


def sensible(estimator: Estimator, known: Known) -> bool:
    """Points and circles need errors to hit; for d = 2 lines are the whole circle, and for d ≤ 3
    "auto" encloses, whatever the seed.
    """
    if known.net.dimension == 2:
        return estimator.method in ("points", "circles")
    if estimator.method == "auto":
        return known.net.dimension > 3
    return estimator.method not in ("points", "circles") or known.value > 5e-3


def compute(
    nets: Iterable[str] = tuple(NETS), repetitions: int = 300, n_jobs: int = 1
) -> Iterator[Row]:
    """Measure every sensible estimator on the named nets."""
    for name in nets:
        known = (NETS | SLOW)[name]()
        for estimator in ESTIMATORS:
            if sensible(estimator, known):
                yield measure(name, known, estimator, repetitions, n_jobs)


def measure(
    name: str, known: Known, estimator: Estimator, repetitions: int, n_jobs: int = 1
) -> Row:
    """Repeat one estimator with seeds 0, 1, 2 and so on."""
    one = delayed(highdim.clean_error)
    tasks = (one(known.net, rng=seed, **estimator._asdict()) for seed in range(repetitions))
    found = Parallel(n_jobs=n_jobs, batch_size=16)(tasks)
    value, low, high = (
        np.array([getattr(one, end) for one in found]) for end in ("value", "low", "high")
    )
    doubted = np.array([one.verdict is not Verdict.HOLDS for one in found])
    # what is known is known to rounding only
    too_low = high < known.value * (1.0 - ROUNDING)
    too_high = low > known.value * (1.0 + ROUNDING)
    missed = too_low | too_high
    covered = repetitions - int(missed.sum())
    relative = value / known.value - 1.0
    low_share, high_share = clopper_pearson(covered, repetitions)
    return Row(
        net=name,
        d=known.net.dimension,
        depth=known.net.depth,
        clean_error=known.value,
        source=known.source,
        source_error=known.error,
        **estimator._asdict(),
        level=found[0].level,
        repetitions=repetitions,
        coverage=covered / repetitions,
        coverage_low=low_share,
        coverage_high=high_share,
        undecided=float(np.mean(doubted)),
        wrong=float(np.mean(missed & ~doubted)),
        too_low=float(np.mean(too_low)),
        too_high=float(np.mean(too_high)),
        bias=float(relative.mean()),
        bias_error=float(relative.std(ddof=1) / np.sqrt(repetitions)),
        width=float(np.median(0.5 * (high - low)) / np.median(value)),
        drawn=float(np.mean([one.samples for one in found])),
    )


def clopper_pearson(hits: int, trials: int) -> tuple[float, float]:
    """95 % interval of a probability."""
    low = beta.ppf(0.025, hits, trials - hits + 1) if hits else 0.0
    high = beta.ppf(0.975, hits + 1, trials - hits) if hits < trials else 1.0
    return float(low), float(high)


def table(rows: list[Row]) -> Table:
    """Return the table for the terminal."""
    lines = []
    for row in rows:
        estimator = row.method + (f", precision {row.precision}" if row.precision else "")
        interval = f"{100 * row.coverage_low:.1f}–{100 * row.coverage_high:.1f}"
        numbers = f"{row.drawn:.0f}", f"{row.width:.2g}", f"{100 * row.coverage:.1f}", interval
        numbers += (f"{100 * row.undecided:.1f}", f"{100 * row.wrong:.1f}")
        lines.append((row.net, estimator, f"{row.clean_error:.4g}", *numbers))
    names = (
        "",
        "estimator",
        "clean error",
        "samples",
        "half width",
        "coverage",
        "95 %",
        "undecided",
        "wrong",
    )
    return frame.table("", names, lines, left=2)


def main(arguments: Sequence[str] | None = None) -> int:
    """Measure, store and print."""
    options = command.options(
        "coverage",
        "Measure the coverage of intervals; write results/coverage.csv.",
        arguments,
        rules={"only": command.known_part(NETS | SLOW, "net")},
        repetitions=(300, "of every estimator on every net"),
        only=("", "the nets whose names contain this"),
        n_jobs=(2, "processes"),
        store=(RESULTS, "the table"),
    )
    listed = NETS | SLOW if options.only else NETS
    names = [name for name in listed if options.only in name]
    console = Console()
    rows = []
    for row in compute(names, options.repetitions, options.n_jobs):
        rows.append(row)
        frame.write(rows, options.store)
        console.print(f"{row.net}: {row.method}, coverage {row.coverage:.3f}")
    console.print(table(rows))
    return 0


if __name__ == "__main__":
    sys.exit(main())
