"""Hostile samples on the line end in a solution with a bound that holds, or in one clear error.

    PYTHONPATH=.:tests python -m hunts.hostile_samples --count 100000

Inputs of all sizes from 5e-324 to 2^500, an ulp apart, on grids, geometric about a centre; one in
`--every` is checked in rational arithmetic and certified.
"""

import argparse
import collections
import sys
import time
import warnings
from fractions import Fraction

import numpy as np
from oracles import exact

import univariate

LARGEST = 2.0**500
REFUSAL = "rescale or thin the inputs"
SPECIAL = [
    *(0.0, 5e-324, 1e-320, 1e-308, 1e-100, 1e-50, 1e-16, 1e-10, 1e-5, 0.1, 0.5, 1.0),
    *(1.0 + 2.0**-52, 2.0, 1e5, 1e17, 1e100, LARGEST),
]


def adjacent(rng, m):
    start = rng.choice([0.0, 1e-3, 0.5, 1.0, 1e5, -3.0, 1e-310])
    points = [start]
    while len(points) < m:
        points.append(np.nextafter(points[-1], np.inf))
    return points


def mixed(rng, m):
    return np.append(rng.random(m // 2), rng.random(m - m // 2) * 10.0 ** rng.uniform(-100, 100))


def geometric(rng, m):
    reach = rng.uniform(1.1, 30) ** -np.arange(m)
    return rng.random() + np.where(np.arange(m) % 2, 1.0, -1.0) * reach


INPUTS = (
    lambda rng, m: rng.random(m),
    lambda rng, m: 10.0 ** rng.uniform(-320, 150, m) * rng.choice([-1, 1], m),
    adjacent,
    lambda rng, m: rng.integers(-4, 5, m) * rng.choice([1.0, 1e-12, 2.0**-1074, 1e150, 2.0**40]),
    lambda rng, m: np.cumsum(10.0 ** rng.uniform(-16, 1, m)),
    geometric,
    lambda rng, m: 10.0 ** rng.uniform(-120, 3, m) * rng.choice([-1, 1], m),
    mixed,
    lambda rng, m: rng.choice(SPECIAL, m) * rng.choice([-1, 1]),
)


def sample_of(seed):
    """The hostile sample of a seed: up to 8 observations, half of the time alternating."""
    rng = np.random.default_rng(seed)
    m = int(rng.integers(1, 9))
    x = np.asarray(INPUTS[rng.integers(len(INPUTS))](rng, m), dtype=float)
    x = np.unique(np.clip(x, -LARGEST, LARGEST))
    y = rng.choice([-1.0, 1.0], len(x))
    if rng.random() < 0.5:
        y = np.where(np.arange(len(x)) % 2, 1.0, -1.0)
    return univariate.Sample(x, y)


def fault(seed, *, thorough):
    """What is wrong with the answer to a sample, None if nothing is; and how it ended."""
    sample = sample_of(seed)
    try:
        found = univariate.max_margin(sample)
    except ArithmeticError as error:
        return (None if REFUSAL in str(error) else repr(error)), "one clear error"
    except Exception as error:
        return repr(error), "raised"
    primal, dual = found.norm_squared, found.dual_norm_squared
    if not (np.isfinite(dual) and dual <= primal * (1.0 + 1e-15)):
        return f"dual bound {dual} above {primal}", "solved"
    if not thorough:
        return None, "solved"
    return _in_rationals(sample, found), univariate.certify(found.net, sample).level


def _in_rationals(sample, found):
    net = found.net
    least = min(exact.margins(net.v, net.w, net.b, sample.x, sample.y))
    if least < 1:
        return f"margin {float(least)}"
    multipliers = [Fraction(float(one)) for one in found.multipliers]
    if any(one < 0 for one in multipliers):
        return "a negative multiplier"
    if found.dual_norm_squared > 0.0:
        ratio = exact.dual_ratio_squared(sample.x, sample.y, found.multipliers)
        if Fraction(found.dual_norm_squared) ** 2 * ratio > (2 * sum(multipliers)) ** 2:
            return f"bound {found.dual_norm_squared} is more than its multipliers prove"
    return None


def hunt(seeds, every):
    """Count how samples end, and collect faults."""
    ends, faults = collections.Counter(), []
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        for seed in seeds:
            wrong, end = fault(seed, thorough=seed % every == 0)
            ends[end] += 1
            if wrong is not None:
                faults.append((seed, wrong))
    return ends, faults


def main():
    """Run a hunt and print what it met."""
    parser = argparse.ArgumentParser(description=__doc__.partition("\n")[0])
    parser.add_argument("--count", type=int, default=10_000)
    parser.add_argument("--start", type=int, default=0, help="first seed")
    parser.add_argument("--every", type=int, default=20, help="one in so many is checked exactly")
    chosen = parser.parse_args()
    begun = time.perf_counter()
    ends, faults = hunt(range(chosen.start, chosen.start + chosen.count), chosen.every)
    print(f"{chosen.count:,} samples in {time.perf_counter() - begun:.0f} s: {dict(ends)}")
    for seed, wrong in faults:
        print(f"seed {seed}: {wrong}")
    return 1 if faults else 0


if __name__ == "__main__":
    sys.exit(main())
