"""Timings for developers, by pytest-benchmark: ours and references side by side at moderate size,
then cold starts.

    python -m pytest benchmarks/speed --benchmark-group-by=group

Not collected by a plain `pytest`; the committed ratios come from `benchmarks.speed.ratios`.
"""

import os
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest
from numpy.typing import NDArray
from pytest_benchmark.fixture import BenchmarkFixture

import univariate
from benchmarks.speed import references

ROOT = Path(__file__).parents[2]
FIRST_CALLS = {
    "import": "import univariate",
    "clean_error": (
        "import univariate; univariate.clean_error(univariate.ReluNet([1.0], [1.0], [-0.5]))"
    ),
    "clean_errors": "import univariate; univariate.clean_errors([[1.0]], [[1.0]], [[-0.5]])",
    "max_margin": (
        "import univariate; univariate.max_margin(univariate.draw_sample(100, 0.2, rng=0))"
    ),
}

Stack = tuple[NDArray[np.float64], NDArray[np.float64], NDArray[np.float64]]


@pytest.fixture(scope="module")
def net() -> univariate.ReluNet:
    """One wide net."""
    return univariate.ReluNet(*np.random.default_rng(0).normal(size=(3, 10**5)))


@pytest.fixture(scope="module")
def stack() -> Stack:
    """Many nets of a thousand neurons."""
    v, w, b = np.random.default_rng(0).normal(size=(3, 10**3, 10**3))
    return v, w, b


@pytest.fixture(scope="module")
def sample() -> univariate.Sample:
    """A large sample."""
    return univariate.draw_sample(10**5, 0.2, rng=0)


# Warm: what is timed has run before


@pytest.mark.benchmark(group="a net, n = 10⁵")
def test_clean_error(benchmark: BenchmarkFixture, net: univariate.ReluNet) -> None:
    """Sweep, signs, enclosure."""
    univariate.clean_error(net)
    benchmark(univariate.clean_error, net)


@pytest.mark.benchmark(group="a net, n = 10⁵")
def test_argsort(benchmark: BenchmarkFixture, net: univariate.ReluNet) -> None:
    """The reference: sorting as many numbers."""
    benchmark(np.argsort, net.v)


@pytest.mark.benchmark(group="a thousand nets, n = 10³")
def test_clean_errors(benchmark: BenchmarkFixture, stack: Stack) -> None:
    """All of them."""
    univariate.clean_errors(*stack)
    benchmark(univariate.clean_errors, *stack)


@pytest.mark.benchmark(group="ten nets, n = 10³")
@pytest.mark.parametrize(
    "by",
    [references.clean_error_by_dense_evaluation, references.clean_error_by_prefix_sums],
    ids=["dense", "prefix sums"],
)
def test_clean_errors_by_roots(
    benchmark: BenchmarkFixture, stack: Stack, by: Callable[..., float]
) -> None:
    """The references: a hundredth of them."""
    benchmark(lambda: [by(*(part[i] for part in stack)) for i in range(10)])


@pytest.mark.benchmark(group="a sample, m = 10⁵")
def test_max_margin(benchmark: BenchmarkFixture, sample: univariate.Sample) -> None:
    """Closed form with all proofs."""
    univariate.max_margin(sample)
    benchmark(univariate.max_margin, sample)


@pytest.mark.benchmark(group="a sample, m = 10⁵")
def test_sort(benchmark: BenchmarkFixture) -> None:
    """The reference: sorting as many numbers."""
    benchmark(np.sort, np.random.default_rng(1).random(10**5))


@pytest.mark.benchmark(group="a sample, m = 10⁵")
def test_global_minimum_certificate(benchmark: BenchmarkFixture, sample: univariate.Sample) -> None:
    """Of the optimum, which is solved for again."""
    net = univariate.max_margin(sample).net
    benchmark(univariate.global_minimum_certificate, net, sample)


# Cold: a fresh process


@pytest.mark.benchmark(group="cold start, compiled code cached")
@pytest.mark.parametrize("first_call", FIRST_CALLS)
def test_first_call(benchmark: BenchmarkFixture, first_call: str) -> None:
    """Interpreter, imports, loading of cached machine code, the call."""
    _run(first_call, {})
    benchmark.pedantic(_run, (first_call, {}), rounds=3)  # type: ignore[no-untyped-call]


@pytest.mark.benchmark(group="cold start, nothing compiled")
@pytest.mark.parametrize("first_call", FIRST_CALLS)
def test_first_call_ever(benchmark: BenchmarkFixture, first_call: str, tmp_path: Path) -> None:
    """The same with an empty cache: compilation, once per machine."""
    environment = {"NUMBA_CACHE_DIR": str(tmp_path)}
    benchmark.pedantic(_run, (first_call, environment), rounds=1)  # type: ignore[no-untyped-call]


def _run(first_call: str, environment: dict[str, str]) -> None:
    subprocess.run(
        [sys.executable, "-c", FIRST_CALLS[first_call]],
        cwd=ROOT,
        check=True,
        env=os.environ | environment,
    )
