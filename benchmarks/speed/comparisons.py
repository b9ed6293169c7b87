"""The rows of the table of ratios: what is timed, against what, and the budget."""

import subprocess
import sys
from collections.abc import Callable
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from time import perf_counter, process_time, thread_time
from typing import Any

import numba
import numpy as np

import univariate
from benchmarks.speed import references

ROOT = Path(__file__).parents[2]
AGREEMENT = 1e-9  # two answers to one question: a benchmark of a wrong answer is worth nothing
CONIC_AGREEMENT = 1e-4
SHORTEST = 0.02  # seconds: shorter calls are repeated

Clock = Callable[[], float]


@dataclass(frozen=True)
class Comparison:
    """Two clocks; each runs its task once and returns seconds (or megabytes, if `unit` says so).

    budget : bounds ours/reference from above ("≤ 6") or reference/ours from below ("≥ 100");
    without a reference it bounds our seconds ("< 5").
    """

    ours: Clock
    reference: Clock | None
    against: str
    budget: str
    repetitions: int
    note: str = ""
    unit: str = "s"


def clock(
    call: Callable[[], object],
    *,
    share: float = 1.0,
    timer: Clock = perf_counter,
    threads: int = 1,
) -> Clock:
    """Return a clock for a call that does `share` of the task; its first run, not timed, compiles
    and fills caches. Processor time is fair on a machine that has other work. That of a call on
    several threads is divided by their number: a little less than it lasts on as many free cores,
    as what one thread does alone is divided, too.
    """
    call()
    count = max(1, round(SHORTEST / max(_timed(call), 1e-7)))

    def seconds() -> float:
        start = timer()
        for _ in range(count):
            call()
        return (timer() - start) / (count * share * threads)

    return seconds


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


def many_clean_errors(by: Callable[..., float], against: str, budget: str) -> Comparison:
    """Ten thousand nets of a thousand neurons each; the reference does a hundred of them."""
    some = 100
    threads = numba.get_num_threads()
    v, w, b = np.random.default_rng(0).normal(size=(3, 10**4, 10**3))
    values = univariate.clean_errors(v, w, b)
    expected = [by(v[i], w[i], b[i]) for i in range(some)]
    if not np.allclose(values[:some], expected, rtol=0.0, atol=AGREEMENT):
        raise ArithmeticError("clean_errors and its reference disagree")
    return Comparison(
        clock(lambda: univariate.clean_errors(v, w, b), timer=process_time, threads=threads),
        clock(
            lambda: [by(v[i], w[i], b[i]) for i in range(some)],
            share=some / len(v),
            timer=thread_time,  # threads of ours may still spin
        ),
        against,
        budget,
        11,
        f"processor time, ours that of {threads} threads divided by {threads}; reference on one"
        f" thread, timed on {some} of 10000 nets and scaled",
    )


def large_max_margin() -> Comparison:
    """A million points, the proofs of margins and duality gap included."""
    sample = univariate.draw_sample(10**6, 0.2, rng=0)
    unsorted = np.random.default_rng(1).random(10**6)
    return Comparison(
        clock(lambda: univariate.max_margin(sample), timer=process_time),
        clock(lambda: np.sort(unsorted), timer=process_time),
        "numpy.sort of as many float64",
        "≤ 15",
        5,
        "processor time",
    )


def large_certify() -> Comparison:
    """Where the optimum of a million points stands, solving included, against solving alone."""
    sample = univariate.draw_sample(10**6, 0.1, rng=0)
    net = univariate.max_margin(sample).net
    level = univariate.certify(net, sample).level
    if level != "global minimum":
        raise ArithmeticError(f"the optimum is certified as {level}")
    return Comparison(
        clock(lambda: univariate.certify(net, sample), timer=process_time),
        clock(lambda: univariate.max_margin(sample), timer=process_time),
        "max_margin of the same sample",
        "≤ 2",
        5,
        f"processor time, n = {net.width}, level {level}, max_margin included",
    )


def conic_max_margin() -> Comparison:
    """The conic program over all cells grows like m²: m = 400 is about as far as it goes."""
    solve = references.oracle("naive").solve_max_margin
    sample = univariate.draw_sample(400, 0.2, rng=0)
    optimum = univariate.max_margin(sample)
    solution = solve(sample.x, sample.y)
    if abs(solution.norm_squared / optimum.norm_squared - 1.0) > CONIC_AGREEMENT:
        raise ArithmeticError("max_margin and Clarabel disagree")
    return Comparison(
        clock(lambda: univariate.max_margin(sample)),
        lambda: _timed(lambda: solve(sample.x, sample.y)),
        "Clarabel on the exact reformulation by cells",
        "≥ 10000",
        3,
        f"status of the solver: {solution.status}",
    )


def certificate() -> Comparison:
    """An optimal net of 10⁵ neurons on 2·10⁵ points; the optimum that it is compared with is found
    again.
    """
    sample, net = optimal_pair(2 * 10**5)
    how = univariate.global_minimum_certificate
    return _certified(how, net, sample, "< 5", ", max_margin included")


def kkt_certificate() -> Comparison:
    """The same net: multipliers for every neuron, measured in integer arithmetic."""
    sample, net = optimal_pair(2 * 10**5)
    return _certified(univariate.kkt_certificate, net, sample, "< 5")


def local_minimum_certificate() -> Comparison:
    """An optimal net that is split to as many neurons as points; its KKT certificate included."""
    sample = univariate.draw_sample(2000, 0.2, rng=0)
    net = split(univariate.max_margin(sample).net, 2000)
    return _certified(univariate.local_minimum_certificate, net, sample, "< 60")


def _certified(
    how: Callable[[univariate.ReluNet, univariate.Sample], Any],
    net: univariate.ReluNet,
    sample: univariate.Sample,
    budget: str,
    more: str = "",
) -> Comparison:
    """Return a certificate with a budget and no reference."""
    verdict = how(net, sample).verdict.value
    note = f"m = {len(sample.x)}, n = {net.width}, verdict {verdict}{more}"
    return Comparison(clock(lambda: how(net, sample)), None, "", budget, 5, note)


def certificate_memory() -> Comparison:
    """Peak memory, each in a fresh process: twice the size should take twice as much.

    Much smaller arrays share pages with what is freed, and count as less.
    """
    return Comparison(
        partial(_peak_growth, 8 * 10**5),
        partial(_peak_growth, 4 * 10**5),
        "the same at half the size, m = 4·10⁵, n = 2·10⁵",
        "≤ 2.5",
        3,
        "beyond what a warm-up at m = 1000 leaves: sample, max_margin and all certificates",
        "MB",
    )


def import_time() -> Comparison:
    """The import statement in a fresh interpreter."""
    return Comparison(
        partial(_import_seconds, "univariate"),
        partial(_import_seconds, "numba"),
        "import numba",
        "≤ 1.3",
        15,
    )


ROWS: dict[str, Callable[[], Comparison]] = {
    "clean_error, n = 10⁶": one_clean_error,
    "clean_errors, 10⁴ × 10³, dense": partial(
        many_clean_errors,
        references.clean_error_by_dense_evaluation,
        "PPoly.roots, net evaluated at every kink",
        "≥ 100",
    ),
    "clean_errors, 10⁴ × 10³, prefix sums": partial(
        many_clean_errors,
        references.clean_error_by_prefix_sums,
        "PPoly.roots, values by cumulative sums",
        "≥ 20",
    ),
    "max_margin, m = 10⁶": large_max_margin,
    "max_margin, m = 400, conic": conic_max_margin,
    "certify, m = 10⁶": large_certify,
    "global minimum, m = 2·10⁵, n = 10⁵": certificate,
    "KKT point, m = 2·10⁵, n = 10⁵": kkt_certificate,
    "local minimum, m = n = 2000": local_minimum_certificate,
    "certificates, memory": certificate_memory,
    "import univariate": import_time,
}


def optimal_pair(m: int) -> tuple[univariate.Sample, univariate.ReluNet]:
    """Return a sample of m points and an optimal net of about m/2 neurons."""
    sample = univariate.draw_sample(m, 0.5, rng=0)
    return sample, univariate.max_margin(sample).net


def split(net: univariate.ReluNet, width: int) -> univariate.ReluNet:
    """Return the same function with about `width` neurons: some in four parts (v/2, w/2, b/2),
    which is exact.
    """
    some = slice(0, min(net.width, (width - net.width) // 3))
    parts = []
    for part in (net.v, net.w, net.b):
        halved = part.copy()
        halved[some] /= 2.0
        parts.append(np.concatenate([halved, *[halved[some]] * 3]))
    return univariate.ReluNet(*parts)


def _timed(call: Callable[[], object]) -> float:
    start = perf_counter()
    call()
    return perf_counter() - start


def _peak_growth(m: int) -> float:
    """Megabytes. From /proc (Linux): `ru_maxrss` would start from the peak of this process, and
    that of a warm-up is freed again: what it held at most would count as room for nothing.
    """
    return _in_fresh_process(f"""
import re
from pathlib import Path
from benchmarks.speed.comparisons import optimal_pair, univariate

def certify(m):
    sample, net = optimal_pair(m)
    univariate.certify(net, sample)

def megabytes(kind):
    return int(re.search(kind + ":\\s*(\\d+) kB", Path("/proc/self/status").read_text())[1]) / 1024

certify(1000)
Path("/proc/self/clear_refs").write_text("5")  # the peak begins anew
before = megabytes("VmRSS")
certify({m})
print(megabytes("VmHWM") - before)
""")


def _import_seconds(module: str) -> float:
    return _in_fresh_process(
        f"from time import perf_counter; start = perf_counter(); import {module};"
        " print(perf_counter() - start)"
    )


def _in_fresh_process(code: str) -> float:
    done = subprocess.run(
        [sys.executable, "-c", code], cwd=ROOT, check=True, capture_output=True, text=True
    )
    return float(done.stdout)
