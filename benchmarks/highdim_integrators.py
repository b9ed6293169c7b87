"""How many steps the flow takes for what full-batch gradient descent does in 20,000, and how far
apart they end.

The reference is descent on the mean logistic loss with learning rate 0.1, as in Section 5; it ends
at the flow time τ = 0.1 · epochs/m, and so do the flow with its usual tolerance and with a fifth of
it, and explicit Euler steps. Clean errors are shares of the same random points for all, so that
differences are finer than the errors themselves. Training is in float32, in Gram space or on the
weights, whichever is cheaper.

The committed table comes from (repository root)

    python -m benchmarks.highdim_integrators --write
"""

import sys
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from time import perf_counter
from typing import Any, ClassVar, NamedTuple

import numpy as np
from rich.console import Console
from rich.table import Table

import highdim
from benchmarks import command, frame
from univariate.common.work import progress

RESULTS = frame.RESULTS / "highdim_integrators.csv"
LEARNING_RATE = 0.1
EARLY = 10  # errors are compared at τ/10 too, where they change fast
TARGET = 2e-3  # what clean errors may differ by
METHODS: dict[str, dict[str, Any]] = {
    "gd": {"method": "gd", "learning_rate": LEARNING_RATE},
    "euler": {"method": "euler"},
    "flow": {"method": "flow"},
    "flow, tight": {"method": "flow", "tolerance": highdim.FLOW_TOLERANCE / 5.0},
}


class Problem(NamedTuple):
    """A sample and a start."""

    m: int
    d: int
    p: float
    width: int
    depth: int = 2
    seed: int = 0


PROBLEMS = (
    Problem(100, 10, 0.1, 1000),
    Problem(100, 25, 0.3, 1000),
    Problem(100, 100, 0.3, 1000),
    Problem(100, 100, 0.3, 1000, seed=1),
    Problem(100, 500, 0.2, 1000),
    Problem(100, 1000, 0.4, 1000),
    Problem(100, 100, 0.3, 200, depth=3),
    Problem(500, 50, 0.2, 200),
    Problem(500, 250, 0.3, 200),
    Problem(500, 500, 0.4, 200),
    Problem(500, 2000, 0.3, 200),
)


@dataclass(frozen=True)
class Row(frame.Row):
    """One run; ratios and differences are against "gd" on the same problem."""

    DIGITS: ClassVar = {
        "seconds": 4,
        "steps_ratio": 4,
        "seconds_ratio": 4,
        "difference": 6,
        "early_difference": 6,
    }

    m: int
    d: int
    p: float
    width: int
    depth: int
    seed: int
    method: str
    flow_time: float
    steps: int
    steps_ratio: float  # gd's over these
    seconds: float
    seconds_ratio: float
    interpolation_time: float  # 0 if it does not interpolate
    clean_error: float
    difference: float
    early_clean_error: float
    early_difference: float
    points: int
    numpy: str


def compute(
    problems: tuple[Problem, ...], *, epochs: int, points: int, console: Console
) -> Iterator[list[Row]]:
    """Yield the rows of one problem after another."""
    total = len(problems) * len(METHODS)
    with progress(console, total=total, done=0, runs=total) as advance:
        for problem in problems:
            rows: list[Row] = []
            for method in METHODS:
                rows.append(run(problem, method, epochs, points, rows[0] if rows else None))
                advance(1.0)
            yield rows


def run(problem: Problem, method: str, epochs: int, points: int, reference: Row | None) -> Row:
    """Train once and compare with the reference."""
    m, d, p, width, depth, seed = problem
    sample = highdim.draw_sphere_sample(m, d, p, rng=seed)
    net = highdim.init_network(width, d, depth=depth, rng=1000 + seed)
    probes = highdim.draw_sphere_sample(points, d, 0.0, rng=2000).X
    time = LEARNING_RATE * epochs / m
    options: dict[str, Any] = {
        "flow_time": time,
        "dtype": "float32",
        "record": (time / EARLY,),
        **METHODS[method],
    }
    # compiles
    highdim.gradient_flow(net, sample, **options | {"flow_time": None, "steps": 2, "record": ()})
    start = perf_counter()
    found = highdim.gradient_flow(net, sample, **options)
    seconds = perf_counter() - start
    late, early = (float(np.mean(one(probes) <= 0.0)) for one in (found.net, found.snapshots[0]))
    return Row(
        *problem,
        method=method,
        flow_time=found.flow_time,
        steps=found.steps,
        steps_ratio=1.0 if reference is None else reference.steps / found.steps,
        seconds=seconds,
        seconds_ratio=1.0 if reference is None else reference.seconds / seconds,
        interpolation_time=found.interpolation_time or 0.0,
        clean_error=late,
        difference=0.0 if reference is None else late - reference.clean_error,
        early_clean_error=early,
        early_difference=0.0 if reference is None else early - reference.early_clean_error,
        points=points,
        numpy=np.__version__,
    )


def table(rows: list[Row]) -> Table:
    """Return the comparison, one line per run."""
    lines = []
    for row in rows:
        first = row.method == "gd"
        cells = (row.m, row.d, row.p, row.width, row.depth) if first else ("",) * 5
        numbers = [f"{row.steps:,}", f"{row.seconds:.1f}", f"{row.clean_error:.4f}", *[""] * 4]
        if not first:
            ratios = f"{row.steps_ratio:.0f}", f"{row.seconds_ratio:.1f}"
            numbers[3:] = *ratios, *map(_coloured, (row.difference, row.early_difference))
        lines.append((row.method, *map(str, cells), *numbers))
    names = ("", "m", "d", "p", "n", "layers", "steps", "s", "L_cl", "× fewer", "× quicker")
    return frame.table("", (*names, "off by", "at τ/10"), lines)


def main(arguments: Sequence[str] | None = None) -> int:
    """Compute, store and print; returns the exit status."""
    chosen = command.options(
        "highdim_integrators",
        "Steps of the flow against descent.",
        arguments,
        epochs=(20_000, "of the reference"),
        points=(50_000, "for the clean error"),
        problems=(len(PROBLEMS), "only the first so many"),
        store=(RESULTS, "the .csv file"),
    )
    console = Console()
    start = perf_counter()
    rows = []
    problems = PROBLEMS[: chosen.problems]
    for some in compute(problems, epochs=chosen.epochs, points=chosen.points, console=console):
        rows += some
        frame.write(rows, chosen.store)
    console.print(table(rows))
    console.print(f"{perf_counter() - start:.0f} s in all")
    return 0


def _coloured(difference: float) -> str:
    return f"[{'green' if abs(difference) <= TARGET else 'red'}]{difference:+.4f}"


if __name__ == "__main__":
    sys.exit(main())
