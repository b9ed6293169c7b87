"""Where the max-margin net on the circle errs: in which cells of the nearest neighbour.

The circle falls into cells, of the places nearest to an observation. The nearest neighbour errs on
the cells of the observations that are labelled −1, the noisy ones, and nowhere else; so does every
KKT point on the line, up to a few gaps. Here the arcs on which the proved optimum of Problem (1) is
≤ 0 are split, exactly, by zones: noisy cells; the halves of other cells that face a noisy datum,
which hold errors where the border is not half way; and the rest of the circle, between neighbours
that are both labelled +1, by the number of cells from the next noisy datum. N ≥ 1 at both ends of
such a gap, so what errs there is an *island*, which holds no observation.

The committed table and figure come from (root of the repository; a rerun does what is missing)

    python -m benchmarks.error_cells --preset two-core --n-jobs 2 --write
"""

import sys
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, ClassVar

import numpy as np
from numpy.typing import NDArray
from rich.table import Table

import highdim
from benchmarks import columns, ends, frame
from benchmarks.columns import grouped
from benchmarks.script import Script

ENTROPY = 66  # first word of every seed
ZONES = ("noisy", "facing", "one", "two", "farther")
"""Cells of noisy data; halves of others that face one; the other halves of these cells; cells two,
and three or more away from a noisy one.
"""
ROUNDING = 1e-13  # a share of the circle that may be an error of rounding

Matrix = NDArray[np.float64]


@dataclass(frozen=True, order=True)
class Key:
    """What identifies a run."""

    m: int
    p: float  # share of labels −1
    seed: int


@dataclass(frozen=True, kw_only=True)
class Row(frame.Row, Key):
    """One sample: the errors of its optimum, and their parts; shares of the circle."""

    DIGITS: ClassVar = {"seconds": 4, "duality_gap": 3}

    norm_squared: float
    duality_gap: float
    verdict: str  # of optimality
    clean_error: float
    low: float
    high: float
    nearest_neighbour: float  # all noisy cells
    noisy: float  # errors in them
    facing: float
    one: float
    two: float
    farther: float
    # the zones themselves, errors or not
    all_facing: float
    all_one: float
    all_two: float
    all_farther: float
    islands: int  # arcs of errors without an observation
    farthest: int  # cells from a noisy one to the farthest error
    seconds: float = 0.0
    version: str = ""

    @property
    def outside(self) -> float:
        """Errors where the nearest neighbour makes none."""
        return self.facing + self.between

    @property
    def between(self) -> float:
        """Errors between neighbours that are both labelled +1."""
        return self.one + self.two + self.farther

    @property
    def spared(self) -> float:
        """Errors of the nearest neighbour that the net does not make."""
        return self.nearest_neighbour - self.noisy


def grid(seeds: dict[int, int], levels: Sequence[float]) -> list[Key]:
    """Return the runs for m → number of seeds."""
    return sorted(
        Key(m, p, seed) for m, count in seeds.items() for p in levels for seed in range(count)
    )


PRESETS = {
    "tiny": grid({10: 2, 20: 1}, (0.2,)),
    "quick": grid({10: 4, 20: 4, 40: 4}, (0.2,)),
    "two-core": grid({10: 60, 20: 40, 40: 30, 80: 20, 160: 10}, (0.1, 0.2, 0.3, 0.4)),
}


class Circle:
    """The halves of the cells of a sample on the circle, cut at ±π.

    Attributes
    ----------
    ends : ndarray, shape (r, 2)
        Angles in [−π, π], in rows.
    zone, away : ndarray, shape (r,)
        The place in `ZONES`, and the number of cells from the next noisy one.
    """

    def __init__(self, sample: highdim.SphereSample) -> None:
        angles = np.arctan2(sample.X[:, 1], sample.X[:, 0])
        order = np.argsort(angles)
        angles, noisy = angles[order], sample.y[order] < 0.0
        after = np.roll(np.arange(len(angles)), -1)
        ahead = np.append(angles[1:], angles[0] + 2.0 * np.pi)
        middle = 0.5 * (angles + ahead)
        away = cells_away(noisy)
        first = self._zones(away, noisy[after])
        second = self._zones(away[after], noisy)
        whole = np.concatenate((np.stack((angles, middle), 1), np.stack((middle, ahead), 1)))
        turned = np.concatenate((whole, whole - 2.0 * np.pi))
        self.ends = np.clip(turned, -np.pi, np.pi)
        self.zone = np.tile(np.concatenate((first, second)), 2)
        self.away = np.tile(np.concatenate((away, away[after])), 2)

    @staticmethod
    def _zones(away: NDArray[np.int64], facing: NDArray[np.bool_]) -> NDArray[np.int64]:
        """Return zones of halves by the distance of their owner, and whether they face a noisy
        datum.
        """
        return np.where(away == 0, 0, np.where(facing, 1, np.minimum(away, 3) + 1))

    def held(self, arcs: Matrix) -> Matrix:
        """Return how much of each half cell lies in disjoint arcs, as a share of the circle."""
        low = np.maximum(self.ends[:, None, 0], arcs[None, :, 0])
        high = np.minimum(self.ends[:, None, 1], arcs[None, :, 1])
        return np.asarray(np.sum(np.maximum(high - low, 0.0), axis=1) / (2.0 * np.pi))

    def by_zone(self, shares: Matrix) -> dict[str, float]:
        """Return sums over the half cells of each zone."""
        sums = np.bincount(self.zone, shares, len(ZONES))
        return dict(zip(ZONES, sums.tolist(), strict=True))


def cells_away(noisy: NDArray[np.bool_]) -> NDArray[np.int64]:
    """Return the least number of steps round the circle to a noisy datum; m if there is none."""
    m = len(noisy)
    places = np.flatnonzero(noisy)
    steps = np.abs(np.arange(m)[:, None] - places)
    return np.min(np.minimum(steps, m - steps), axis=1, initial=m)


def islands(arcs: Matrix, sample: highdim.SphereSample) -> int:
    """Return the number of arcs, joined at ±π, that hold no observation."""
    angles = np.arctan2(sample.X[:, 1], sample.X[:, 0])
    empty = [not np.any((low <= angles) & (angles <= high)) for low, high in arcs]
    if len(arcs) > 1 and arcs[0, 0] <= -np.pi and arcs[-1, 1] >= np.pi:
        last = empty.pop()
        empty[0] &= last
    return sum(empty)


def measure(key: Key) -> Row:
    """Do one run. Same key, same row (but for `seconds`)."""
    minus = round(key.p * key.m)
    sample = ends.draw_sample(key.m, 2, minus, [ENTROPY, key.m, minus, key.seed])
    optimum = highdim.max_margin(sample)
    if optimum.net is None:
        raise ArithmeticError(optimum.reason)
    error = highdim.clean_error(optimum.net)
    circle = Circle(sample)
    shares = circle.held(error.intervals)
    zones = circle.by_zone(np.diff(circle.ends)[:, 0] / (2.0 * np.pi))
    return Row(
        **vars(key),
        norm_squared=optimum.norm_squared,
        duality_gap=optimum.duality_gap,
        verdict=optimum.verdict.value,
        clean_error=error.value,
        low=error.low,
        high=error.high,
        nearest_neighbour=zones["noisy"],
        **circle.by_zone(shares),
        **{f"all_{name}": zones[name] for name in ZONES[1:]},
        islands=islands(error.intervals, sample),
        farthest=int(np.max(circle.away[shares > ROUNDING], initial=0)),
    )


def findings(rows: list[Row]) -> dict[str, Any]:
    """Return the numbers that captions and documents quote."""
    return {
        "runs": len(rows),
        "optimal": sum(row.verdict == "HOLDS" for row in rows),
        "largest_gap": max(row.duality_gap for row in rows),
        "farthest": max(row.farthest for row in rows),
        "groups": {
            f"m = {m}, p = {p:g}": _group(group)
            for (m, p), group in grouped(rows, "m", "p").items()
        },
    }


def _group(rows: list[Row]) -> dict[str, float | None]:
    """Means, and parts of all errors together with their standard errors."""
    errors = np.array([row.clean_error for row in rows])
    return {
        "runs": len(rows),
        "mean_error": float(errors.mean()),
        "mean_nearest_neighbour": columns.mean(rows, "nearest_neighbour"),
        **ratio("outside", [row.outside for row in rows], errors),
        **{name: ratio(name, [getattr(row, name) for row in rows], errors)[name] for name in ZONES},
        **ratio("between", [row.between for row in rows], errors),
        **ratio("spared", [row.spared for row in rows], [row.nearest_neighbour for row in rows]),
        **{f"in_{name}": part for name, part in densities(rows).items()},
        "islands": columns.mean(rows, "islands"),
        "with_islands": sum(row.islands > 0 for row in rows),
    }


def ratio(name: str, parts: Sequence[float], wholes: Any) -> dict[str, float | None]:
    """Return the ratio of two means over samples, and its standard error to first order."""
    part, whole = np.array(parts), np.array(wholes)
    found = float(part.mean() / whole.mean())
    error = None
    if len(part) > 1:
        spread = float(np.std(part - found * whole, ddof=1))
        error = spread / len(part) ** 0.5 / float(whole.mean())
    return {name: found, f"{name}_error": error}


def densities(rows: list[Row]) -> dict[str, float]:
    """Return Pr[error | zone] over all samples together, where there is that zone."""
    sizes = {"noisy": [row.nearest_neighbour for row in rows]} | {
        name: [getattr(row, f"all_{name}") for row in rows] for name in ZONES[1:]
    }
    return {
        name: float(np.sum([getattr(row, name) for row in rows]) / np.sum(size))
        for name, size in sizes.items()
        if np.sum(size) > 0.0
    }


def summary_table(found: dict[str, Any]) -> Table:
    """Return the parts of the error by size and noise."""
    title = (
        f"{found['runs']} samples, {found['optimal']} optima proved; parts of the clean error by"
        " zone, and of noisy cells that are spared"
    )
    lines = [
        (
            name,
            f"{one['mean_error']:.3f}",
            *(f"{one[zone]:.3f}" for zone in ZONES),
            f"{one['outside']:.3f} ± {one['outside_error'] or 0.0:.3f}",
            f"{one['spared']:.3f}",
            f"{one['islands']:.2f}",
        )
        for name, one in found["groups"].items()
    ]
    columns = ("samples", "L_cl", *ZONES, "outside", "spared", "islands")
    return frame.table(title, columns, lines)


def _cost(key: Key) -> float:
    return 2e-6 * float(key.m) ** 2.6 + 0.01


def _warm_up() -> None:
    """Compile what `measure` needs, outside its clock."""
    measure(Key(6, 0.5, 0))


SCRIPT = Script(
    "error_cells",
    "In which cells of the nearest neighbour max-margin nets on the circle err.",
    key=Key,
    row=Row,
    presets=PRESETS,
    measure=measure,
    warm_up=_warm_up,
    cost=_cost,
    findings=findings,
    table=summary_table,
    settings={"entropy": ENTROPY, "rounding": ROUNDING},
)

if __name__ == "__main__":
    sys.exit(SCRIPT.main())
