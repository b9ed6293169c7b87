"""Where does Proposition A.4 hold? Isolated −1 at local minima of any orientation, at
right-oriented ones, at optima.

The proposition says that N is the line from −1 to +1 right of an isolated −1, at every local
minimum. Its proof covers right-oriented neurons. Found local minima whose neurons look both ways
violate it; here those whose neurons with kinks between the data all look right, and global minima,
are searched for a violation just as hard. Local minima of one orientation are rare: neurons that
are active on all data tend to want a kink among them, looking left. So there are many samples and
few draws on each.

The committed table and figure come from (root of the repository; a rerun does what is missing)

    python -m benchmarks.proposition_a_4 --preset full --n-jobs 2 --write
"""

import sys
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any, ClassVar, NamedTuple

import numpy as np
from rich.table import Table

import univariate
from benchmarks import frame
from benchmarks.columns import grouped
from benchmarks.script import Script
from univariate import Structure

ENTROPY = 46  # first word of every seed
LEVELS = (0.1, 0.2, 0.3, 0.4)
MINIMA = ("local minimum", "global minimum")
LOOKING = {"any": "both", "right": "right"}  # kinds of local minima, and what the search is told
KINDS = {"any": "local minima", "right": "local, right-oriented", "global": "global minima"}
SAMPLES, DRAWS = 40, 4  # a row, and draws on each of its samples
OPTIMA = 200  # samples a row of global minima
COUNTS = (
    "samples",
    "minima",
    "global_minima",
    "isolated",
    "violates_a4",
    "violates_a6",
    "violates_a7",
    "isolated_mirrored",
    "violates_mirrored",
)


class Plan(NamedTuple):
    """Rows for every p and size: how many, and the sizes for the search and for optima."""

    seeds: int
    searched: tuple[int, ...]
    solved: tuple[int, ...]


PLANS = {
    "tiny": Plan(1, (8,), (10,)),
    "quick": Plan(1, (8, 12, 20, 40), (10, 30, 100)),
    "full": Plan(3, (8, 12, 20, 40), (10, 30, 100, 300)),
}


@dataclass(frozen=True, order=True)
class Key:
    """What identifies a batch of samples: kind of minima, sample size, noise level, seed."""

    kind: str
    m: int
    p: float
    seed: int


@dataclass(frozen=True)
class Row(Key, frame.Row):
    """Isolated −1 of the minima found on a batch: how many, and how many violate a statement."""

    DIGITS: ClassVar = {"seconds": 3}

    samples: int
    minima: int  # different ones
    global_minima: int
    isolated: int  # observations −1 between two +1, of all minima
    violates_a4: int  # isolated −1 that violate it
    violates_a6: int  # N is not linear
    violates_a7: int  # N has not the values −1 and 1
    isolated_mirrored: int
    violates_mirrored: int
    first: str  # the first violation of A.4: sample in the batch, draw
    seconds: float = 0.0
    version: str = ""


class Minimum(NamedTuple):
    """A minimum found: in which sample of the batch, by which draw, whether it is the global one,
    and its shape.
    """

    sample: int
    draw: int
    best: bool
    shape: Structure


def grid(plan: Plan) -> list[Key]:
    """Return the runs of a preset, in the order of their keys."""
    sizes = {"any": plan.searched, "right": plan.searched, "global": plan.solved}
    return sorted(
        Key(kind, m, p, seed)
        for kind in KINDS
        for m in sizes[kind]
        for p in LEVELS
        for seed in range(plan.seeds)
    )


def minima(key: Key) -> Iterator[Minimum]:
    """Yield the certified local minima found on every sample of a batch, or its optima."""
    for i in range(OPTIMA if key.kind == "global" else SAMPLES):
        words = [ENTROPY, key.m, round(key.p * 10**6), key.seed, i]
        sample = univariate.draw_sample(key.m, key.p, rng=np.random.default_rng(words))
        if not len(sample.sign_changes):
            continue
        if key.kind == "global":
            yield Minimum(
                i, 0, True, univariate.structure(univariate.max_margin(sample).net, sample)
            )
            continue
        rng = np.random.default_rng([*words, 1])
        looking = LOOKING[key.kind]
        for point in univariate.search_kkt_points(
            sample, count=DRAWS, draws=DRAWS, rng=rng, orientation=looking
        ):
            if point.standing.level in MINIMA:
                yield Minimum(i, point.draw, point.standing.level == MINIMA[1], point.structure)


def measure(key: Key) -> Row:
    """Search one batch. Same key, same row (but for `seconds`)."""
    found = list(minima(key))
    broken = [one for one in found if one.shape.proposition_a4.violated]
    return Row(
        **vars(key),
        samples=OPTIMA if key.kind == "global" else SAMPLES,
        minima=len(found),
        global_minima=sum(one.best for one in found),
        isolated=sum(one.shape.proposition_a4.checked for one in found),
        violates_a4=sum(_broken(one.shape) for one in found),
        violates_a6=sum(_broken(one.shape, "distance") for one in found),
        violates_a7=sum(_broken(one.shape, "N at") for one in found),
        isolated_mirrored=sum(one.shape.proposition_a4_mirrored.checked for one in found),
        violates_mirrored=sum(_broken(one.shape, mirrored=True) for one in found),
        first=f"sample {broken[0].sample} draw {broken[0].draw}" if broken else "",
    )


def _broken(shape: Structure, quantity: str = "", *, mirrored: bool = False) -> int:
    """How many isolated −1 violate Proposition A.4, or the part of it that speaks of a quantity."""
    check = shape.proposition_a4_mirrored if mirrored else shape.proposition_a4
    return len({one.first for one in check.violations if quantity in one.quantity})


def findings(rows: list[Row]) -> dict[str, Any]:
    """Return the numbers that captions and documents quote, by kind of minima."""
    return {name: sums(group) for name, group in grouped(rows, "kind").items()}


def sums(rows: list[Row]) -> dict[str, int]:
    """Return the counts of all rows together."""
    return {name: sum(getattr(row, name) for row in rows) for name in COUNTS}


def summary_table(found: dict[str, Any]) -> Table:
    """Return the findings, one line per kind of minima."""
    counts = ("samples", "minima", "isolated", "violates_a4", "violates_a6", "violates_a7")
    lines = [
        (label, *(f"{found[name][one]:,}" for one in (*counts, "violates_mirrored")))
        for name, label in KINDS.items()
    ]
    names = ("minima", "samples", "found", "isolated −1", "not A.4", "A.6", "A.7", "mirrored")
    return frame.table("Isolated −1 of certified minima against Proposition A.4", names, lines)


def _cost(key: Key) -> float:
    return 3.0 if key.kind == "global" else 0.1 * SAMPLES * DRAWS * (1.0 + key.m / 60.0)


def _warm_up() -> None:
    """Compile what `measure` needs, outside its clock."""
    sample = univariate.draw_sample(6, 0.4, rng=1)
    univariate.search_kkt_points(sample, count=1, draws=2, rng=0)


SCRIPT = Script(
    "proposition_a_4",
    "Isolated −1 against Proposition A.4.",
    key=Key,
    row=Row,
    presets={name: grid(plan) for name, plan in PLANS.items()},
    measure=measure,
    warm_up=_warm_up,
    cost=_cost,
    findings=findings,
    table=summary_table,
    settings={"entropy": ENTROPY},
)

if __name__ == "__main__":
    sys.exit(SCRIPT.main())
