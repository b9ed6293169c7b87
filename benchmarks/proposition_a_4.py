"""Where does Proposition A.4 hold? Isolated −1 at local minima of any orientation, at
right-oriented ones, at optima.

The proposition says that N is the line from −1 to +1 right of an isolated −1, at every local
minimum. Its proof covers right-oriented neurons. Found local minima whose neurons look both ways
violate it; here those whose neurons with kinks between the data all look right, and global minima,
are searched for a violation just as hard. Local minima of one orientation are rare: neurons that
are active on all data tend to want a kink among them, looking left. So there are many samples and
few draws on each.

The committed table and figure come from (root of the repository; a rerun does what is missing)

    python -m benchmarks.proposition_a_4 --preset full --n-jobs 2
"""

import argparse
import sys
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from time import perf_counter
from typing import Any, NamedTuple

import matplotlib as mpl
import numpy as np
from matplotlib.axes import Axes
from matplotlib.figure import Figure
from rich import box
from rich.table import Table

import univariate
from benchmarks import runs
from benchmarks.runs import grouped, library_version
from benchmarks.style import ACCENT, GREY, STYLE
from univariate import Structure

RESULTS = Path(__file__).parent / "results" / "proposition_a_4.csv"
SCHEMA = "benchmarks.proposition_a_4/1"
ENTROPY = 46  # first word of every seed
LEVELS = (0.1, 0.2, 0.3, 0.4)
MINIMA = ("local minimum", "global minimum")
LOOKING = {"any": "both", "right": "right"}  # kinds of local minima, and what the search is told
KINDS = {"any": "local minima", "right": "local, right-oriented", "global": "global minima"}
SAMPLES, DRAWS = 40, 4  # a row, and draws on each of its samples
OPTIMA = 200  # samples a row of global minima
COUNTS = (
    *(
        "samples",
        "minima",
        "global_minima",
        "isolated",
        "violates_a4",
        "violates_a6",
        "violates_a7",
    ),
    *("isolated_mirrored", "violates_mirrored"),
)


class Plan(NamedTuple):
    """Rows for every p and size: how many, and the sizes for the search and for optima."""

    seeds: int
    searched: tuple[int, ...]
    solved: tuple[int, ...]


PRESETS = {
    "tiny": Plan(1, (8,), (10,)),
    "quick": Plan(1, (8, 12, 20, 40), (10, 30, 100)),
    "full": Plan(3, (8, 12, 20, 40), (10, 30, 100, 300)),
}


class Key(NamedTuple):
    """What identifies a batch of samples: the kind of minima, the sample size, the noise level, the
    seed.
    """

    kind: str
    m: int
    p: float
    seed: int


@dataclass(frozen=True)
class Row(runs.Row):
    """The isolated −1 of the minima found on a batch of samples: how many, and how many violate the
    statements.
    """

    kind: str
    m: int
    p: float
    seed: int
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
    seconds: float
    version: str

    @property
    def key(self) -> Key:
        """The run this row belongs to."""
        return Key(self.kind, self.m, self.p, self.seed)

    @classmethod
    def digits(cls) -> dict[str, int]:
        """Only seconds are measured."""
        return {"seconds": 3}


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
        rng, looking = np.random.default_rng([*words, 1]), LOOKING[key.kind]
        for point in univariate.search_kkt_points(
            sample, count=DRAWS, draws=DRAWS, rng=rng, orientation=looking
        ):
            if point.standing.level in MINIMA:
                yield Minimum(i, point.draw, point.standing.level == MINIMA[1], point.structure)


def measure(key: Key) -> Row:
    """Search one batch. Same key, same row (but for `seconds`)."""
    start, found = perf_counter(), list(minima(key))
    broken = [one for one in found if one.shape.proposition_a4.violated]
    return Row(
        *key,
        samples=OPTIMA if key.kind == "global" else SAMPLES,
        minima=len(found),
        global_minima=sum(one.best for one in found),
        isolated=sum(one.shape.proposition_a4.checked for one in found),
        violates_a4=sum(_broken(one.shape) for one in found),
        violates_a6=sum(_broken(one.shape, "distance") for one in found),
        violates_a7=sum(_broken(one.shape, "N at") for one in found),
        isolated_mirrored=sum(one.shape.proposition_a4_mirrored.checked for one in found),
        violates_mirrored=sum(
            len({v.first for v in one.shape.proposition_a4_mirrored.violations}) for one in found
        ),
        first=f"sample {broken[0].sample} draw {broken[0].draw}" if broken else "",
        seconds=perf_counter() - start,
        version=library_version(),
    )


def _broken(shape: Structure, quantity: str = "") -> int:
    """How many isolated −1 violate Proposition A.4, or the part of it that speaks of a quantity."""
    return len({one.first for one in shape.proposition_a4.violations if quantity in one.quantity})


def kind() -> runs.Runs[Key, Row]:
    """Return the runs of this table."""
    configuration = {"schema": SCHEMA, "entropy": ENTROPY, "version": library_version()}
    return runs.Runs("proposition_a_4", configuration, Row, measure, _cost, _warm_up)


def findings(rows: list[Row]) -> dict[str, Any]:
    """Return the numbers that captions and documents quote, by kind of minima."""
    return {name: _sums(group) for name, group in grouped(rows, lambda row: row.kind).items()}


def _sums(rows: list[Row]) -> dict[str, int]:
    names = (
        "samples",
        "minima",
        "global_minima",
        "isolated",
        "violates_a4",
        "violates_a6",
        "violates_a7",
    )
    return {
        name: sum(getattr(row, name) for row in rows)
        for name in (*names, "isolated_mirrored", "violates_mirrored")
    }


def summary_table(found: dict[str, Any]) -> Table:
    """Return the findings, one line per kind of minima."""
    table = Table(title="Isolated −1 of certified minima against Proposition A.4", box=box.SIMPLE)
    for name in ("minima", "samples", "found", "isolated −1", "not A.4", "A.6", "A.7", "mirrored"):
        table.add_column(name, justify="left" if name == "minima" else "right")
    for name, label in KINDS.items():
        one = found[name]
        counts = (f"{one[field]:,}" for field in ("samples", "minima", "isolated"))
        against = (
            f"{one[field]:,}"
            for field in ("violates_a4", "violates_a6", "violates_a7", "violates_mirrored")
        )
        table.add_row(label, *counts, *against)
    return table


TITLE = "Proposition A.4 needs one orientation, or a global minimum"
MARKS = ((ACCENT, 0.97), ("#0072B2", 1.03), ("0.1", 1.0))  # colour, and shift to the side


def draw(rows: list[Row]) -> Figure:
    """Return the share of isolated −1 that violate A.4 against m, with 95 % intervals, or only
    their upper ends.
    """
    with mpl.rc_context(STYLE):
        figure = Figure(figsize=(7.2, 4.6))
        axes = figure.subplots()
        figure.subplots_adjust(left=0.105, right=0.985, top=0.86, bottom=0.235)
        for (name, label), colour, shift in zip(
            KINDS.items(), (ACCENT, "#0072B2", "0.1"), (0.97, 1.03, 1.0), strict=True
        ):
            _draw_shares(axes, [row for row in rows if row.kind == name], label, colour, shift)
        axes.set(
            xscale="log",
            yscale="log",
            xlabel="sample size $m$",
            ylabel="share of isolated −1 against A.4",
        )
        sizes = sorted({row.m for row in rows})
        axes.set_xticks(sizes, [str(m) for m in sizes])
        axes.minorticks_off()
        axes.legend(frameon=False, loc="lower left")
        figure.text(
            0.03,
            0.93,
            TITLE,
            fontsize=12.5,
            fontweight="bold",
            ha="left",
        )
        figure.text(
            0.03,
            0.025,
            _caption(rows),
            fontsize=8.6,
            color=GREY,
            ha="left",
            va="bottom",
            linespacing=1.45,
        )
    return figure


def _draw_shares(axes: Axes, rows: list[Row], label: str, colour: str, shift: float) -> None:
    style: dict[str, Any] = {"color": colour, "ms": 5.0, "lw": 1.2}
    for m, group in grouped(rows, lambda row: row.m).items():
        total = _sums(group)
        share, (low, high) = _interval(total["violates_a4"], total["isolated"])
        if not total["violates_a4"]:
            # a caret down from the upper end
            axes.plot([m * shift], [high], **style, marker=11, ls="", label=label)
        else:
            axes.errorbar(
                [m * shift],
                [share],
                [[share - low], [high - share]],
                fmt="o",
                capsize=2.5,
                **style,
                label=label,
            )
        label = "_"  # in the legend once


def _interval(hits: int, count: int) -> tuple[float, tuple[float, float]]:
    """Return share and Clopper–Pearson interval at 95 %; the isolated −1 of one sample are not
    independent.
    """
    from scipy.stats import binomtest

    if not count:
        return float("nan"), (float("nan"), float("nan"))
    found = binomtest(hits, count).proportion_ci(0.95)
    return hits / count, (float(found.low), float(found.high))


def _caption(rows: list[Row]) -> str:
    found = findings(rows)
    counts = [
        f"{label}: {found[name]['violates_a4']:,} of {found[name]['isolated']:,} isolated −1"
        f" ({found[name]['minima']:,} minima, {found[name]['samples']:,} samples)"
        for name, label in KINDS.items()
        if name in found
    ]
    return ";\n".join(counts) + ".  Carets: none, 95 % upper ends."


def main(arguments: Sequence[str] | None = None) -> int:
    """Compute, draw, and store the findings; returns the exit status."""
    parser = argparse.ArgumentParser(
        prog="proposition_a_4", description="Isolated −1 against Proposition A.4."
    )
    parser.add_argument(
        "--preset", choices=PRESETS, default="quick", help="which sample sizes and how many seeds"
    )
    parser.add_argument("--n-jobs", type=int, default=1, help="processes")
    parser.add_argument(
        "--store", type=Path, default=RESULTS, help="the .csv file; .json and .png go beside it"
    )
    chosen = parser.parse_args(arguments)
    keys, draft = grid(PRESETS[chosen.preset]), runs.Draft(draw, findings, summary_table)
    given = None if arguments is None else list(arguments)
    return kind().main(keys, chosen.store, chosen.n_jobs, draft, given)


def _cost(key: Key) -> float:
    return 3.0 if key.kind == "global" else 0.1 * SAMPLES * DRAWS * (1.0 + key.m / 60.0)


def _warm_up() -> None:
    """Compile what `measure` needs, outside its clock."""
    sample = univariate.draw_sample(6, 0.4, rng=1)
    univariate.search_kkt_points(sample, count=1, draws=2, rng=0)


if __name__ == "__main__":
    sys.exit(main())
