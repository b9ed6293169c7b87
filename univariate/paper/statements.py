"""The checks behind `structure`: Lemma A.2 to Proposition A.5 on the segments of a measured net.

Every check lists quantities on segments and by how much they exceed what the statement allows.
Rounded, without rigorous bounds. See `univariate.paper.structure`.
"""

import enum
from dataclasses import dataclass
from typing import ClassVar, Final, NamedTuple

import numpy as np

from univariate.common.arrays import Indices, Vector
from univariate.common.claim import Claim, Kind, Source
from univariate.common.result import Result, Verdict, result
from univariate.paper.patterns import label_runs
from univariate.paper.shape import Graph, merged_kinks

REPORTED: Final = 100
"""Of the violations of a statement this many are reported, the worst ones; all are counted."""

_RESOLUTION: Final = 2.0**-50  # relative: what equal kinks and sums of slope changes may differ by


class Quantity(enum.StrEnum):
    """What is measured on a segment."""

    INCREASES = "points at which N' increases"
    LOWEST_GAP = "largest N on the lowest of four gaps"
    AT_NEGATIVE = "N at the isolated −1"
    AT_RIGHT = "N at its right neighbour"
    AT_LEFT = "N at its left neighbour"
    BEND = "largest distance of N from a line"
    LOWEST = "smallest N between neighbours +1, +1"

    def __repr__(self) -> str:
        return repr(self.value)


_CLAIMS: Final = {
    Source.LEMMA_A_2: "N' increases at most twice along a run of −1",
    Source.COROLLARY_A_3: "N < 0 on one of four neighbouring gaps in a run of −1",
    Source.PROPOSITION_A_4: "N is the line from −1 to +1 right of an isolated −1",
    Source.PROPOSITION_A_4_MIRRORED: "N is the line from −1 to +1 left of an isolated −1",
    Source.PROPOSITION_A_5: "N ≥ 0 between neighbours +1, +1",
}


@result
class Violation(Result):
    """One place where a statement fails.

    Attributes
    ----------
    statement : Source
    first, last : int
        The segment [x_first, x_last], by observation.
    quantity : Quantity
        What is violated.
    value, limit : float
        The quantity, in units of the worst margin where it is a value of N, and what the statement
        allows.
    neurons : tuple of int
        The neurons with v ≠ 0 whose kinks lie in the segment.
    """

    statement: Source
    first: int
    last: int
    quantity: Quantity
    value: float
    limit: float
    neurons: tuple[int, ...]


@dataclass(frozen=True, repr=False, kw_only=True)
class StatementCheck(Claim):
    """One statement on all its segments: the largest excess over its limits is within a tolerance.

    Attributes
    ----------
    value, worst : float or None
        The largest excess over the limit, negative where there is room left everywhere; None if
        nothing was checked.
    verdict : Verdict
        HOLDS or FAILS; HOLDS with `checked` = 0 where the sample has no segment of the kind.
    checked : int
        How many segments the statement speaks about.
    violated : int
        How many violations there are; an isolated −1 can have three, one for each quantity of
        Proposition A.4.
    violations : tuple of Violation
        The worst of them, worst first, at most `REPORTED`.
    """

    checked: int
    violated: int
    violations: tuple[Violation, ...]

    derived: ClassVar[tuple[str, ...]] = (*Claim.derived, "statement", "worst")

    @property
    def statement(self) -> str:
        """The statement by its number in the paper."""
        return self.source

    @property
    def worst(self) -> float | None:
        """The largest excess over the limit."""
        return self.value


class _Measured(NamedTuple):
    """A quantity on many segments."""

    quantity: Quantity
    first: Indices
    last: Indices
    value: Vector
    limit: float
    excess: Vector


def increases(graph: Graph, tolerance: float) -> StatementCheck:
    """Lemma A.2: at most two points of a run of −1 at which N' increases."""
    first, last = label_runs(graph.y, -1.0)
    # a run of one observation has no length on which N could bend
    first, last = first[last > first], last[last > first]
    counts = np.zeros(len(first))
    if len(graph.kinks) and len(first):
        starts, ends, change, size = merged_kinks(graph, tolerance)
        run = np.searchsorted(graph.x[first], ends, side="right") - 1
        inside = (run >= 0) & (starts <= graph.x[last][run])
        length = (graph.x[last] - graph.x[first])[run]
        # summands of opposite signs cancel up to their own rounding errors
        rises = change * length > tolerance + _RESOLUTION * size * length
        counts += np.bincount(run[inside & rises], minlength=len(first))
    found = _Measured(Quantity.INCREASES, first, last, counts, 2.0, counts - 2.0)
    return _judged(graph, Source.LEMMA_A_2, tolerance, found)


def negative_gaps(graph: Graph, tolerance: float) -> StatementCheck:
    """Corollary A.3: of the four gaps between five consecutive −1, N < 0 on the closure of one."""
    windows = max(len(graph.y) - 4, 0)
    first = np.flatnonzero(np.all([graph.y[k : k + windows] < 0.0 for k in range(5)], axis=0))
    # the gap on which the largest N is least is the one to be negative
    least = np.min([graph.top[first + k] for k in range(4)], axis=0)
    found = _Measured(Quantity.LOWEST_GAP, first, first + 4, least, 0.0, least)
    return _judged(graph, Source.COROLLARY_A_3, tolerance, found)


def lines(graph: Graph, tolerance: float, source: Source) -> StatementCheck:
    """Proposition A.4 on the gap right of every isolated −1, or mirrored on the gap left of it."""
    side, there = 1, Quantity.AT_RIGHT
    if source is Source.PROPOSITION_A_4_MIRRORED:
        side, there = -1, Quantity.AT_LEFT
    y = graph.y
    i = np.flatnonzero((y[:-2] > 0.0) & (y[1:-1] < 0.0) & (y[2:] > 0.0)) + 1
    first = np.minimum(i, i + side)
    last = np.maximum(i, i + side)
    low = graph.at[i]
    high = graph.at[i + side]
    bend = graph.bend[first]
    return _judged(
        graph,
        source,
        tolerance,
        _Measured(Quantity.AT_NEGATIVE, first, last, low, -1.0, -1.0 - low),
        _Measured(there, first, last, high, 1.0, high - 1.0),
        _Measured(Quantity.BEND, first, last, bend, 0.0, bend),
    )


def positive_gaps(graph: Graph, tolerance: float) -> StatementCheck:
    """Proposition A.5: N ≥ 0 between neighbours +1, +1."""
    first = np.flatnonzero((graph.y[:-1] > 0.0) & (graph.y[1:] > 0.0))
    least = graph.bottom[first]
    found = _Measured(Quantity.LOWEST, first, first + 1, least, 0.0, -least)
    return _judged(graph, Source.PROPOSITION_A_5, tolerance, found)


def _judged(graph: Graph, source: Source, tolerance: float, *found: _Measured) -> StatementCheck:
    """Judge quantities that were all measured on the same segments."""
    checked = len(found[0].first)
    excess = np.concatenate([part.excess for part in found])
    beyond = np.flatnonzero(excess > tolerance)
    chosen = beyond[np.argsort(-excess[beyond], kind="stable")][:REPORTED]
    violations = tuple(
        _violation(graph, source, found[k // checked], k % checked) for k in chosen.tolist()
    )
    return StatementCheck(
        source=source,
        claim=_CLAIMS[source],
        value=float(excess.max()) if checked else None,
        relation="≤",
        threshold=tolerance,
        form="computed",
        verdict=Verdict.of(not beyond.size),
        kind=Kind.SHAPE,
        checked=checked,
        violated=len(beyond),
        violations=violations,
    )


def _violation(graph: Graph, source: Source, found: _Measured, k: int) -> Violation:
    first = int(found.first[k])
    last = int(found.last[k])
    # kinks on either end belong to the segment
    low = np.searchsorted(graph.kinks, graph.x[first], side="left")
    high = np.searchsorted(graph.kinks, graph.x[last], side="right")
    neurons = tuple(sorted(graph.neurons[low:high].tolist()))
    value = float(found.value[k])
    return Violation(source, first, last, found.quantity, value, found.limit, neurons)
