"""How many rounds the solvers of the max-margin net take on hostile samples: what their limits are
chosen by.

    PYTHONPATH=.:tests python -m hunts.iterations --count 600

Inputs of all scales, in clusters, cumulated from steps of all sizes, a few ulps apart; 2 to 30 of
them, labels in runs.
"""

import argparse
import sys
from collections import Counter
from collections.abc import Callable
from typing import Any
from unittest import mock

import numpy as np

import univariate
from univariate.optimum import fitted_net, max_margin, newton

INPUTS: tuple[Callable[[np.random.Generator, int, float], Any], ...] = (
    lambda rng, m, scale: rng.normal(size=m) * scale,
    lambda rng, m, scale: rng.normal(size=m) * 3.0,
    lambda rng, m, scale: scale * (1.0 + rng.integers(0, 40, m) * 2.0 ** -rng.choice([20, 40, 50])),
    lambda rng, m, scale: 10.0 ** rng.uniform(-6, 6, m) * rng.choice([-1, 1], m),
    lambda rng, m, scale: np.cumsum(10.0 ** rng.uniform(-9, 0, m)) - 1.0,
)


def sample_of(seed):
    """Return the sample of a seed."""
    rng = np.random.default_rng([5, seed])
    scale = 10.0 ** rng.choice([0, 0, 3, 6, 12])
    x = np.unique(INPUTS[seed % len(INPUTS)](rng, int(rng.integers(2, 30)), scale))
    turns = np.cumsum(rng.random(len(x)) < rng.choice([0.1, 0.3, 0.6])) % 2
    return univariate.Sample(x, np.where(turns, 1.0, -1.0))


class Rounds:
    """Counts of one function's calls within calls of another, over all of the latter."""

    def __init__(self, inner: tuple[Any, str], outer: tuple[Any, str] | None = None) -> None:
        self.calls = 0
        self.found: Counter[int] = Counter()
        self._replace(*inner, self._counting)
        if outer is not None:
            self._replace(*outer, self._collecting)

    def collect(self, begun: int) -> None:
        """Note how many calls there were since `begun`."""
        self.found[self.calls - begun] += 1

    def _replace(self, module: Any, name: str, wrapped: Callable[[Any], Any]) -> None:
        mock.patch.object(module, name, wrapped(getattr(module, name))).start()

    def _counting(self, function: Any) -> Any:
        def counted(*given: Any, **named: Any) -> Any:
            self.calls += 1
            return function(*given, **named)

        return counted

    def _collecting(self, function: Any) -> Any:
        def collected(*given: Any, **named: Any) -> Any:
            begun = self.calls
            found = function(*given, **named)
            self.collect(begun)
            return found

        return collected


def main(arguments: list[str] | None = None) -> int:
    """Solve, and print how often each number of rounds was taken."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--count", type=int, default=600)
    chosen = parser.parse_args(arguments)
    try:
        _count(chosen.count)
    finally:
        mock.patch.stopall()
    return 0


def _count(samples: int) -> None:
    attempts = Rounds((max_margin, "shortfall"))
    told = {
        "attempts of a proof (`ATTEMPTS`)": attempts,
        "refinements (`_REFINEMENTS`)": Rounds(
            (fitted_net, "spline_residual"), (fitted_net, "_fitted_lines")
        ),
        "steps of a walk (`_STEPS`)": Rounds((newton, "damped_step"), (newton, "_walk")),
    }
    unsolved = 0
    for seed in range(samples):
        begun = attempts.calls
        try:
            univariate.max_margin(sample_of(seed))
            attempts.collect(begun)
        except ArithmeticError:
            unsolved += 1
    print(f"{samples} samples, {unsolved} without a net in doubles")
    for name, rounds in told.items():
        print(name, "  ".join(f"{n}: {k}" for n, k in sorted(rounds.found.items())))


if __name__ == "__main__":
    sys.exit(main())
