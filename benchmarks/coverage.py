"""How often the intervals of `highdim.clean_error` hold the clean error: many repetitions on nets
whose error is known.

Known in closed form: caps {w·x ≥ t} and unions of disjoint ones, whose share of the sphere is a
regularised incomplete beta function; d = 2, by arcs. Known by a long run: nets trained crudely, a
random net of three layers, and a trained net that is lifted until errors are rare. The long run is
line sampling with another seed, or 10⁷ plain points where those are sharper: precise to a small
part of the intervals that are tested. Where both are to be had they must agree.

The committed table comes from (repository root)

    python -m benchmarks.coverage
"""

import sys
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass
from math import pi
from typing import ClassVar, NamedTuple

import numpy as np
from joblib import Parallel, delayed
from rich.console import Console
from rich.table import Table
from scipy.special import betainc
from scipy.stats import beta

import highdim
from benchmarks import frame

RESULTS = frame.RESULTS / "coverage.csv"
# samples of the reference and of its check
LONG = 400_000
POINTS = 10**7
ONE_SIGMA = 0.6827

Net = highdim.TwoLayerNet | highdim.ThreeLayerNet


class Known(NamedTuple):
    """A net, its clean error, where that comes from, and its relative standard error."""

    net: Net
    value: float
    source: str
    error: float = 0.0


class Estimator(NamedTuple):
    """Arguments of `clean_error` under test."""

    method: str
    samples: int | None = None
    precision: float | None = None


@dataclass(frozen=True)
class Row(frame.Row):
    """One estimator on one net.

    `coverage_low` and `coverage_high` are the 95 % interval of Clopper and Pearson for the
    coverage, `too_low` and `too_high` the parts of the intervals that lie below and above the clean
    error, `bias` the mean estimate relative to the clean error, less one, with its standard error,
    `width` the median half width relative to the median value.
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
    too_low: float
    too_high: float
    bias: float
    bias_error: float
    width: float
    drawn: float


def share_of_cap(d: int, t: float) -> float:
    """Share of the sphere with w·x ≥ t for a unit vector w, t ≥ 0."""
    return 0.5 * float(betainc(0.5 * (d - 1), 0.5, 1.0 - t * t))


def cap(d: int, t: float) -> Known:
    """N = t − w·x, as t − σ(w·x) + σ(−w·x)."""
    w = np.ones(d) / np.sqrt(d)
    net = highdim.TwoLayerNet([-1.0, 1.0, 1.0], [w, -w, 0.0 * w], [0.0, 0.0, t])
    return Known(net, share_of_cap(d, t), "closed form")


def deep_cap(d: int, t: float) -> Known:
    """The same with three layers: N = t + 1 − σ(σ(w·x) − σ(−w·x) + 1)."""
    w = np.ones(d) / np.sqrt(d)
    net = highdim.ThreeLayerNet(
        [-1.0, 1.0], [[1.0, -1.0], [0.0, 0.0]], [1.0, t + 1.0], [w, -w], None
    )
    return Known(net, share_of_cap(d, t), "closed form")


def two_caps(d: int, t: tuple[float, float], angle: float) -> Known:
    """N = 1 − Σ 50 σ(w_i·x − t_i + 1/50): a flat net with two steep holes, w_1 and w_2 at an
    angle.
    """
    w = np.zeros((3, d))
    w[1, 0], w[2, :2] = 1.0, (np.cos(angle), np.sin(angle))
    net = highdim.TwoLayerNet([1.0, -50.0, -50.0], w, [1.0, 0.02 - t[0], 0.02 - t[1]])
    return Known(net, share_of_cap(d, t[0]) + share_of_cap(d, t[1]), "closed form")


def slab(d: int, t: float) -> Known:
    """N = |w·x| − t: errors in a band, and no direction in which N falls."""
    w = np.eye(d)[0]
    net = highdim.TwoLayerNet([1.0, 1.0, -1.0], [w, -w, 0.0 * w], [0.0, 0.0, t])
    return Known(net, 1.0 - 2.0 * share_of_cap(d, t), "closed form")


def in_the_plane(n: int) -> Known:
    """A random net for d = 2."""
    rng = np.random.default_rng(1)
    net = highdim.TwoLayerNet(
        rng.standard_normal(n), rng.standard_normal((n, 2)), 0.3 * rng.standard_normal(n)
    )
    return Known(net, highdim.clean_error(net).value, "arcs")


def trained(d: int, p: float, *, n: int, m: int, steps: int, lift: float = 0.0) -> Known:
    """Full-batch descent of the logistic loss to a near interpolation; `lift` is added to N."""
    rng = np.random.default_rng(0)
    X = rng.standard_normal((m, d))
    X /= np.linalg.norm(X, axis=1)[:, None]
    y = np.where(rng.random(m) < p, -1.0, 1.0)
    W = rng.uniform(-1.0, 1.0, (n, d)) / np.sqrt(d)
    b = rng.uniform(-1.0, 1.0, n) / np.sqrt(d)
    v = rng.uniform(-1.0, 1.0, n) / np.sqrt(n)
    for _ in range(steps):
        hidden = np.maximum(X @ W.T + b, 0.0)
        pull = 5.0 / m * y / (1.0 + np.exp(y * (hidden @ v)))
        back = np.outer(pull, v) * (hidden > 0.0)
        v = v + hidden.T @ pull
        W = W + back.T @ X
        b = b + back.sum(axis=0)
    net = highdim.TwoLayerNet(np.append(v, 1.0), np.vstack([W, np.zeros(d)]), np.append(b, lift))
    return by_long_run(net)


def three_random_layers(d: int) -> Known:
    """Random weights, and a neuron that makes N mostly positive."""
    rng = np.random.default_rng(3)
    v = np.append(rng.standard_normal(5), 3.0)
    b = 0.5 + 0.3 * rng.standard_normal(6)
    net = highdim.ThreeLayerNet(
        v,
        0.5 * rng.standard_normal((6, 12)),
        b,
        rng.standard_normal((12, d)),
        0.1 * rng.standard_normal(12),
    )
    return by_long_run(net)


def by_long_run(net: Net) -> Known:
    """The sharper of line sampling at length and, where errors are not too rare, of many plain
    points.

    Raises
    ------
    ArithmeticError
        The two disagree.
    """
    lines = highdim.clean_error(net, method="lines", samples=LONG, rng=10**6, level=ONE_SIGMA)
    sources = [(_relative_error(lines), lines.value, f"{LONG} lines")]
    if lines.value > 1e-5:
        points = highdim.clean_error(
            net, method="points", samples=POINTS, rng=10**6 + 1, level=ONE_SIGMA
        )
        sources.append((_relative_error(points), points.value, f"{POINTS} points"))
        (one, value, _), (other, found, _) = sources
        if abs(value - found) > 4.0 * value * float(np.hypot(one, other)):
            raise ArithmeticError(f"lines find {value}, points {found}")
    error, value, source = min(sources)
    return Known(net, value, source + (", the other agrees" if len(sources) > 1 else ""), error)


NETS: dict[str, Callable[[], Known]] = {
    "cap": lambda: cap(100, 0.3),
    "cap, three layers": lambda: deep_cap(20, 0.4),
    "two caps, opposite": lambda: two_caps(20, (0.5, 0.6), pi),
    "two caps, at right angles": lambda: two_caps(20, (0.72, 0.8), pi / 2.0),
    "band": lambda: slab(10, 0.2),
    "random, d = 2": lambda: in_the_plane(30),
    "three random layers": lambda: three_random_layers(10),
    "trained, d = 10, p = .1": lambda: trained(10, 0.1, n=50, m=50, steps=3000),
    "trained, d = 10, p = .4": lambda: trained(10, 0.4, n=50, m=50, steps=3000),
    "trained, d = 100, p = .2": lambda: trained(100, 0.2, n=40, m=100, steps=2000),
    "trained, d = 100, lifted": lambda: trained(100, 0.1, n=40, m=100, steps=1000, lift=8.5),
}
ESTIMATORS = (
    Estimator("points", samples=1000),
    Estimator("circles", samples=1000),
    Estimator("lines", samples=256),
    Estimator("auto", precision=0.05),
)


def sensible(estimator: Estimator, known: Known) -> bool:
    """Points and circles need errors to hit; at d = 2 lines are the whole circle, and "auto" takes
    arcs.
    """
    if known.net.dimension == 2:
        return estimator.method in ("points", "circles")
    return estimator.method in ("lines", "auto") or known.value > 5e-3


def compute(
    nets: Iterable[str] = tuple(NETS), repetitions: int = 1000, n_jobs: int = 1
) -> Iterator[Row]:
    """Measure every sensible estimator on the named nets."""
    for name in nets:
        known = NETS[name]()
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
    too_low = int(np.sum(high < known.value))
    too_high = int(np.sum(low > known.value))
    covered = repetitions - too_low - too_high
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
        too_low=too_low / repetitions,
        too_high=too_high / repetitions,
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
        lines.append((row.net, estimator, f"{row.clean_error:.4g}", *numbers))
    names = ("", "estimator", "clean error", "samples", "half width", "coverage", "95 %")
    return frame.table("", names, lines, left=2)


def main(arguments: Sequence[str] | None = None) -> int:
    """Measure, store and print."""
    options = frame.options(
        "coverage",
        "Measure the coverage of intervals; write results/coverage.csv.",
        arguments,
        repetitions=(1000, "of every estimator on every net"),
        only=("", "the nets whose names contain this"),
        n_jobs=(2, "processes"),
        store=(RESULTS, "the table"),
    )
    names = [name for name in NETS if options.only in name]
    console = Console()
    if not names:
        known = ", ".join(map(repr, NETS))
        raise SystemExit(f"--only: no net contains {options.only!r}; nets are {known}")
    rows = []
    for row in compute(names, options.repetitions, options.n_jobs):
        rows.append(row)
        frame.write(rows, options.store)
        console.print(f"{row.net}: {row.method}, coverage {row.coverage:.3f}")
    console.print(table(rows))
    return 0


def _relative_error(found: highdim.Estimate) -> float:
    return (found.high - found.low) / (2.0 * found.value)


if __name__ == "__main__":
    sys.exit(main())
