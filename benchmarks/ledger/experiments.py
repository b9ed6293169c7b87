"""The rows on the experiments of Section 5: its claims in words, on the committed runs of Figures 1
and 2.

Words such as “close” have no exact meaning, so most rows are left open and give the numbers.
"""

from collections.abc import Iterable
from dataclasses import dataclass
from functools import cache
from itertools import pairwise
from pathlib import Path

import numpy as np

import highdim
from benchmarks.columns import where
from benchmarks.frame import RESULTS
from benchmarks.ledger.row import Finding, Outcome, Size, Statement, span
from univariate.common.tables.cells import read_cells

LONGER = 5.0  # 100,000 epochs against 20,000


@dataclass(frozen=True)
class Run:
    """What a row of a figure's table says."""

    m: int
    d: int
    p: float
    seed: int
    width: int
    depth: int
    clean_error: float
    interpolates: bool


def runs(name: str) -> list[Run]:
    """Return the runs behind a figure.

    Raises
    ------
    ValueError
        There is no table yet.
    """
    return list(_read(RESULTS / f"{name}.csv"))


@cache
def _read(path: Path) -> tuple[Run, ...]:
    if not path.exists():
        raise ValueError(
            f"{path.name} must exist for the claims of Section 5; run python -m"
            f" benchmarks.{path.stem}"
        )
    return tuple(
        Run(
            m=int(row["m"]),
            d=int(row["d"]),
            p=float(row["p"]),
            seed=int(row["seed"]),
            width=int(row["width"]),
            depth=int(row["depth"]),
            clean_error=float(row["clean_error"]),
            interpolates=row["interpolates"] == "True",
        )
        for row in read_cells(path)
    )


def interpolation(size: Size) -> Finding:
    """All runs of both figures."""
    del size
    every = [*runs("figure_1"), *runs("figure_2")]
    missed = sum(not run.interpolates for run in every)
    return Finding(
        "In all experiments the trained network classified all training data correctly",
        "the runs of Figures 1 and 2, gradient flow to the time of 20,000 full-batch epochs",
        len(every),
        _sizes(every),
        Outcome.OPEN if missed else Outcome.HOLDS,
        f"{len(every) - missed} of {len(every)} runs interpolate",
    )


def longer_training(size: Size) -> Finding:
    """L_cl at τ and at 5τ, by line sampling."""
    seeds = {Size.TINY: 1, Size.QUICK: 2, Size.FULL: 10}[size]
    m, time = 100, 20.0
    changes = []
    for d in (25, 100, 400):
        for seed in range(seeds):
            sample = highdim.draw_sphere_sample(m, d, 0.2, rng=seed)
            start = highdim.init_network(200, d, rng=100 + seed)
            run = highdim.gradient_flow(start, sample, flow_time=LONGER * time, record=(time,))
            errors = [
                float(highdim.clean_error(net, rng=seed, precision=0.01))
                for net in (run.snapshots[0], run.net)
            ]
            changes.append(errors[1] / errors[0] - 1.0)
    return Finding(
        "100,000 epochs in place of 20,000 leave the results unaffected",
        "gradient flow to the times of both, p = 0.2, 200 neurons; the change of L_cl relative to"
        " itself",
        len(changes),
        f"m = {m}, d = 25 to 400",
        Outcome.OPEN,
        f"L_cl changes by {min(changes):+.0%} to {max(changes):+.0%}, {np.median(changes):+.0%} in"
        " the median",
    )


def tempered(size: Size) -> Finding:
    """The lowest dimensions, against L_cl = p."""
    del size
    found = where(runs("figure_1"), m=500, d=250)
    quotients = [run.clean_error / run.p for run in found]
    return Finding(
        "In low dimensions the clean error is linear in p: tempered",
        "L_cl/p for m = 500, d = 250, the lowest of Figure 1",
        len(found),
        _sizes(found),
        Outcome.OPEN,
        f"L_cl is {min(quotients):.2f} p to {max(quotients):.2f} p; it rises faster than p, from"
        f" {_mean(found, 0.05) / 0.05:.2f} p at p = 0.05",
    )


def benign(size: Size) -> Finding:
    """The highest dimension, at both ends of p."""
    del size
    found = where(runs("figure_1"), m=500, d=10_000)
    return Finding(
        "As d grows against m the clean error falls to near 0 for small p, not for p near ½",
        "mean L_cl for m = 500, d = 10,000, over seeds",
        len(found),
        _sizes(found),
        Outcome.OPEN,
        ", ".join(f"{_mean(found, p):.1e} at p = {p:g}" for p in (0.1, 0.2, 0.3, 0.4)),
    )


def gradual(size: Size) -> Finding:
    """Whether L_cl falls with d at every p < ½ and seed."""
    del size
    kinds: dict[tuple[int, float, int], list[tuple[int, float]]] = {}
    for run in runs("figure_1"):
        if run.p < 0.5:
            kinds.setdefault((run.m, run.p, run.seed), []).append((run.d, run.clean_error))
    pairs = [pair for curve in kinds.values() for pair in _neighbours(sorted(curve))]
    rises = sum(after > before for before, after in pairs)
    return Finding(
        "The transition from tempered to benign is gradual as d grows",
        "L_cl at neighbouring dimensions of Figure 1, same labels and p < ½: does it fall?",
        len(pairs),
        _sizes(runs("figure_1")),
        Outcome.OPEN if rises else Outcome.HOLDS,
        f"it falls in {len(pairs) - rises} of {len(pairs)} steps",
    )


def width(size: Size) -> Finding:
    """50 neurons against 3000, same sample."""
    del size
    found = {
        (run.d, run.p, run.seed, run.width): run.clean_error
        for run in runs("figure_2")
        if run.depth == 2
    }
    gaps = [
        abs(error - found[d, p, seed, 3000]) for (d, p, seed, n), error in found.items() if n == 50
    ]
    return Finding(
        "The width has little effect on the overfitting profile",
        "|L_cl(n = 50) − L_cl(n = 3000)| on the same samples, Figure 2 left",
        len(gaps),
        "m = 500, d = 250 to 10,000",
        Outcome.OPEN,
        f"at most {max(gaps):.3f}, {np.median(gaps):.3f} in the median",
    )


def depth(size: Size) -> Finding:
    """Three layers against two, same sample."""
    del size
    shallow = {
        (run.d, run.p, run.seed): run.clean_error for run in runs("figure_1") if run.m == 500
    }
    deep = where(runs("figure_2"), depth=3)
    gaps = [abs(run.clean_error - shallow[run.d, run.p, run.seed]) for run in deep]
    return Finding(
        "Three layers look very similar to two",
        "|L_cl(3 layers) − L_cl(2 layers)| on the same samples, 1000 neurons a layer, Figure 2"
        " right and Figure 1 left",
        len(gaps),
        "m = 500, d = 250 to 10,000",
        Outcome.OPEN,
        f"at most {max(gaps):.3f}, {np.median(gaps):.3f} in the median",
    )


def _mean(found: list[Run], p: float) -> float:
    return float(np.mean([run.clean_error for run in found if run.p == p]))


def _neighbours(curve: list[tuple[int, float]]) -> Iterable[tuple[float, float]]:
    errors = [error for _, error in curve]
    return pairwise(errors)


def _sizes(found: list[Run]) -> str:
    return f"{span('m', (run.m for run in found))}, {span('d', (run.d for run in found))}"


SECTION_5 = (
    Statement("Section 5, interpolation", interpolation),
    Statement("Section 5, longer training", longer_training),
    Statement("Section 5, tempered", tempered),
    Statement("Section 5, benign", benign),
    Statement("Section 5, transition", gradual),
    Statement("Section 5, width", width),
    Statement("Section 5, depth", depth),
)
