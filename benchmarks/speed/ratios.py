"""The speed budgets as ratios, each against a reference timed in the same run on the same machine.

Ours and the reference take turns; both are called once before the clock starts (compiled code, caches); a row holds
the medians.  The table in `results/ratios.csv` comes from, in the root of the repository,

    python -m benchmarks.speed.ratios

and `--only NAME` measures the rows whose names contain NAME again and keeps the others.
"""

import argparse
import csv
import os
import platform
import shlex
import subprocess
import sys
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from functools import partial
from math import isnan, nan
from pathlib import Path
from statistics import median
from time import perf_counter

import clarabel
import numba
import numpy as np
import scipy
from rich.console import Console
from rich.progress import MofNCompleteColumn, Progress, TextColumn, TimeElapsedColumn
from rich.table import Table

import univariate
from benchmarks.speed import references

HERE = Path(__file__).parent
ROOT = HERE.parents[1]
RESULTS = HERE / "results" / "ratios.csv"
COLUMNS = ("name", "ours_seconds", "reference_seconds", "ratio", "budget", "met", "repetitions", "reference", "note")
MACHINE = ("cores", "machine", "versions", "command")
AGREEMENT = 1e-9  # two answers to one question; a benchmark of a wrong answer is worth nothing
SHORTEST = 0.02  # a call is repeated until it takes so many seconds

Call = Callable[[], object]
Clock = Callable[[], float]


@dataclass(frozen=True)
class Comparison:
    """Two clocks, each of which runs its task once and returns the seconds.

    `budget` bounds ours/reference from above ("≤ 6") or reference/ours from below ("≥ 100"); without a reference it
    bounds our seconds ("< 5 s").
    """

    ours: Clock
    reference: Clock | None
    against: str
    budget: str
    repetitions: int
    note: str = ""


def clock(call: Call, *, share: float = 1.0) -> Clock:
    """Return a clock for a call that does `share` of the task.  Short calls are repeated; the first is not timed."""
    call()
    start = perf_counter()
    call()
    count = max(1, round(SHORTEST / max(perf_counter() - start, 1e-7)))

    def seconds() -> float:
        start = perf_counter()
        for _ in range(count):
            call()
        return (perf_counter() - start) / (count * share)

    return seconds


# The rows


def one_clean_error() -> Comparison:
    """A single net of a million neurons, enclosure included."""
    v, w, b = np.random.default_rng(0).normal(size=(3, 10**6))
    net = univariate.ReluNet(v, w, b)
    return Comparison(
        clock(lambda: univariate.clean_error(net)),
        clock(lambda: np.argsort(v)),
        "numpy.argsort of as many float64",
        "≤ 6",
        11,
    )


def many_clean_errors(by: Callable[..., float], against: str) -> Comparison:
    """Ten thousand nets of a thousand neurons; the reference does a hundred of them."""
    sample = 100
    v, w, b = np.random.default_rng(0).normal(size=(3, 10**4, 10**3))
    values = univariate.clean_errors(v, w, b)
    expected = [by(*net) for net in zip(v[:sample], w[:sample], b[:sample], strict=True)]
    if not np.allclose(values[:sample], expected, rtol=0.0, atol=AGREEMENT):
        raise ArithmeticError("clean_errors and its reference disagree")
    return Comparison(
        clock(lambda: univariate.clean_errors(v, w, b)),
        clock(lambda: [by(v[i], w[i], b[i]) for i in range(sample)], share=sample / len(v)),
        against,
        "≥ 100",
        11,
        f"reference timed on {sample} of the 10⁴ nets and scaled; one thread, ours {numba.get_num_threads()}",
    )


def large_max_margin() -> Comparison:
    """A million points, closed form, proof of the duality gap included."""
    m = 10**6
    sample = univariate.draw_sample(m, 0.2, rng=0)
    unsorted = np.random.default_rng(1).random(m)
    return Comparison(
        clock(lambda: univariate.max_margin(sample)),
        clock(lambda: np.sort(unsorted)),
        "numpy.sort of as many float64",
        "≤ 60",
        5,
    )


def conic_max_margin() -> Comparison:
    """The conic program over all cells grows with m²; m = 400 is about as far as it goes."""
    solve = references.conic_solver().solve_max_margin
    sample = univariate.draw_sample(400, 0.2, rng=0)
    optimum = univariate.max_margin(sample)
    start = perf_counter()
    solution = solve(sample.x, sample.y)
    first = perf_counter() - start
    if abs(solution.norm_squared / optimum.norm_squared - 1.0) > 1e-4:
        raise ArithmeticError("max_margin and Clarabel disagree")

    def again(sample: univariate.Sample) -> float:
        start = perf_counter()
        solve(sample.x, sample.y)
        return perf_counter() - start

    return Comparison(
        clock(lambda: univariate.max_margin(sample)),
        partial(again, sample),
        "Clarabel, exact reformulation by cells",
        "≥ 10000",
        3,
        f"status {solution.status}, first solve {first:.3g} s, not counted",
    )


def certificate() -> Comparison:
    """Data and neurons 10⁵ each: every neuron of the optimum in two halves, which changes neither N nor its norm."""
    sample, net = _optimal_pair(10**5)
    verdict = univariate.global_minimum_certificate(net, sample).verdict
    return Comparison(
        clock(lambda: univariate.global_minimum_certificate(net, sample)),
        None,
        "",
        "< 5 s",
        5,
        f"m = {len(sample.x)}, n = {net.width}, verdict {verdict.value}, max_margin included",
    )


def certificate_memory() -> Comparison:
    """How the peak memory grows: megabytes, not seconds, each in a fresh process."""
    return Comparison(
        partial(_peak_growth, 2 * 10**5),
        partial(_peak_growth, 10**5),
        "m = n = 10⁵ (MB beyond what is held before the call)",
        "≤ 2.5",
        3,
        "columns 2 and 3 are MB; ours is m = n = 2·10⁵",
    )


def import_time() -> Comparison:
    """Seconds of the import statement in a fresh interpreter."""
    return Comparison(
        partial(_import_seconds, "univariate"),
        partial(_import_seconds, "numba"),
        "import numba",
        "≤ 1.3",
        15,
        "files in the page cache",
    )


ROWS: dict[str, Callable[[], Comparison]] = {
    "clean_error, n = 10⁶": one_clean_error,
    "clean_errors, 10⁴ × 10³, dense": partial(
        many_clean_errors, references.clean_error_by_dense_evaluation, "PPoly roots, net evaluated at every kink"
    ),
    "clean_errors, 10⁴ × 10³, prefix sums": partial(
        many_clean_errors, references.clean_error_by_prefix_sums, "PPoly roots, values by cumulative sums"
    ),
    "max_margin, m = 10⁶": large_max_margin,
    "max_margin, m = 400, conic": conic_max_margin,
    "global_minimum_certificate, m = n = 10⁵": certificate,
    "global_minimum_certificate, memory": certificate_memory,
    "import univariate": import_time,
}


def _optimal_pair(m: int) -> tuple[univariate.Sample, univariate.ReluNet]:
    """Return a sample of m points and an optimal net of about m neurons."""
    sample = univariate.draw_sample(m, 0.5, rng=0)
    net = univariate.max_margin(sample).net
    v, w, b = (np.tile(part / np.sqrt(2.0), 2) for part in (net.v, net.w, net.b))
    return sample, univariate.ReluNet(v, w, b)


def _peak_growth(m: int) -> float:
    code = f"""
import resource
from benchmarks.speed.ratios import _optimal_pair, univariate
univariate.global_minimum_certificate(*reversed(_optimal_pair(1000)))
sample, net = _optimal_pair({m})
before = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
univariate.global_minimum_certificate(net, sample)
print((resource.getrusage(resource.RUSAGE_SELF).ru_maxrss - before) / 1024)
"""
    return _in_fresh_process(code)


def _import_seconds(module: str) -> float:
    return _in_fresh_process(
        f"from time import perf_counter; start = perf_counter(); import {module}; print(perf_counter() - start)"
    )


def _in_fresh_process(code: str) -> float:
    done = subprocess.run([sys.executable, "-c", code], cwd=ROOT, check=True, capture_output=True, text=True)
    return float(done.stdout)
