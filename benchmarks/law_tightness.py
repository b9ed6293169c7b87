"""How tight is what a sample says about all its KKT points: their links, and their interval.

`benchmarks.designed` makes KKT points with chains of links, and a sample for each. For every number
of links: how many the sample admits at least (`kkt_clean_error_bounds(sample).links`), how many
gaps deviate at most, and the largest part that |L_cl − L_1NN| takes of the room that the interval
leaves on its side of L_1NN.

Part of what is left: the count uses that distances from a centre double from link to link, while in
these chains they grow by 1 + √2 = 2.41 for small angles. That no chain grows more slowly is not
proved.

The committed table comes from (repository root)

    python -m benchmarks.law_tightness --write
"""

import sys
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from rich.table import Table

from benchmarks import designed, frame
from benchmarks.columns import grouped
from benchmarks.judged import Found, designs, judged
from benchmarks.quick import Quick
from univariate import Verdict

ENTROPY = 59  # first word of every seed
SIZES = (20, 40, 100)
POINTS = 60  # of every size


@dataclass(frozen=True)
class Row(frame.Row):
    """Points of one number of links."""

    OTHERS = 6

    links: int
    points: int
    against: int  # where the law or the bounds fail
    deviating: int  # most
    admitted: int  # least
    difference: float  # largest |L_cl − L_1NN|, of the mass of the domain
    taken: float  # its largest part of the interval on its side


def points(size: int, count: int) -> list[Found]:
    """Return the points of one sample size that are certified."""
    rng = np.random.default_rng([ENTROPY, size])
    return judged(designs(designed.chain_points(size, rng), count))


def _against(one: Found) -> bool:
    return one.outside or one.law.verdict is not Verdict.HOLDS


def compute(sizes: Sequence[int] = SIZES, count: int = POINTS) -> list[Row]:
    """Return the rows, by number of links."""
    found = [one for size in sizes for one in points(size, count)]
    return [
        Row(
            links=links,
            points=len(group),
            against=sum(map(_against, group)),
            deviating=max(one.deviating for one in group),
            admitted=min(one.bounds.links for one in group),
            difference=max(one.apart for one in group),
            taken=max(one.taken for one in group),
        )
        for links, group in grouped(found, "links").items()
    ]


def table(rows: list[Row]) -> Table:
    """Return the rows for the terminal."""
    names = ("links", "points", "against", "deviating", "admitted", "largest apart", "of interval")
    lines = [
        (
            *(str(n) for n in (row.links, row.points, row.against, row.deviating, row.admitted)),
            f"{row.difference:.4f}",
            f"{row.taken:.3f}",
        )
        for row in rows
    ]
    return frame.table(
        "KKT points by design against the bounds of their samples", names, lines, left=0
    )


SCRIPT = Quick(
    "law_tightness",
    "How tight the bounds of the nearest-neighbour law are.",
    Row,
    compute,
    table,
    width=120,
)

if __name__ == "__main__":
    sys.exit(SCRIPT.main())
