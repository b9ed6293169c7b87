"""What the proofs say about the shape of N, checked on a given net: Lemma A.2, Corollary A.3,
Propositions A.4, A.5.

At KKT points N' increases at most twice along a run of −1 (Lemma A.2), so that of four neighbouring
gaps in it one is negative whole (Corollary A.3). At local minima N should be the line from −1 to +1
right of an isolated −1 (Proposition A.4) and nowhere negative between neighbours +1, +1
(Proposition A.5). Proposition A.4 is false for nets that mix orientations, so each statement is a
check with a verdict. Its mirror image, the line left of an isolated −1, is new: the reflection x →
−x maps Problem (1) to itself and swaps the orientations of the neurons.

N is 2-homogeneous, so that everything is measured on the net whose worst margin is scaled to 1. A
kink is convex iff v > 0: the slope of N jumps there by v|w|, whatever the sign of w (Eq. (9) ff.
say v w, right for w > 0 only). Whether the net *is* a KKT point or a local minimum is not looked
at.
"""

from dataclasses import dataclass
from typing import Final, NamedTuple

import numpy as np
from numpy.typing import NDArray

from univariate.common import check
from univariate.common.result import Result, Verdict
from univariate.paper.shape import Graph, measured, merged_kinks, worst_margin
from univariate.problem.fitted import ShallowFitted
from univariate.problem.network import ReluNet
from univariate.problem.sample import Sample

Vector = NDArray[np.float64]
Indices = NDArray[np.intp]

STRUCTURE_TOLERANCE: Final = 1e-6
"""How much N, divided by its worst margin, may miss a statement before that counts as a violation.
"""

REPORTED: Final = 100
"""Of the violations of a statement this many are reported, the worst ones; all are counted."""

_RESOLUTION: Final = 2.0**-50  # relative: what equal kinks and sums of slope changes may differ by


@dataclass(frozen=True, repr=False)
class Violation(Result):
    """One place where a statement fails.

    Attributes
    ----------
    statement : str
    first, last : int
        The segment [x_first, x_last], by observation.
    quantity : str
        What is violated, in words.
    value, limit : float
        The quantity, in units of the worst margin where it is a value of N, and what the statement
        allows.
    neurons : tuple of int
        The neurons with v ≠ 0 whose kinks lie in the segment.
    """

    statement: str
    first: int
    last: int
    quantity: str
    value: float
    limit: float
    neurons: tuple[int, ...]


@dataclass(frozen=True, repr=False)
class StatementCheck(Result):
    """One statement on all its segments.

    Attributes
    ----------
    statement : str
    verdict : Verdict
        HOLDS or FAILS; HOLDS with `checked` = 0 where the sample has no segment of the kind.
    checked : int
        How many segments the statement speaks about.
    violated : int
        How many violations there are; an isolated −1 can have three, one for each quantity of
        Proposition A.4.
    violations : tuple of Violation
        The worst of them, worst first, at most `REPORTED`.
    worst : float or None
        The largest excess over the limit, negative where there is room left everywhere; None if
        nothing was checked.
    """

    statement: str
    verdict: Verdict
    checked: int
    violated: int
    violations: tuple[Violation, ...]
    worst: float | None


@dataclass(frozen=True, repr=False)
class Structure(Result):
    """The statements on one net and sample, the worst margin it was divided by, and the
    tolerance.
    """

    lemma_a2: StatementCheck
    corollary_a3: StatementCheck
    proposition_a4: StatementCheck
    proposition_a4_mirrored: StatementCheck
    proposition_a5: StatementCheck
    worst_margin: float
    tolerance: float

    @property
    def checks(self) -> tuple[StatementCheck, ...]:
        """The five statements, in the order of the paper."""
        return (
            self.lemma_a2,
            self.corollary_a3,
            self.proposition_a4,
            self.proposition_a4_mirrored,
            self.proposition_a5,
        )


def structure(net: ReluNet, sample: Sample, *, tolerance: float = STRUCTURE_TOLERANCE) -> Structure:
    """Check Lemma A.2, Corollary A.3, Proposition A.4 with its mirror image, and Proposition A.5 on
    a net.

    Parameters
    ----------
    net : ReluNet
        Must interpolate the sample; it is measured as if scaled to worst margin 1.
    sample : Sample
    tolerance : float
        A value of N counts as violating only if it does by more than this; a slope change counts
        only if it moves N by more than this along its run; kinks closer than this, relative to the
        gap between the observations, are one.

    Raises
    ------
    TypeError
        A deep net.
    ValueError
        The net does not interpolate.

    Rounded, without rigorous bounds, hence the tolerance; that the net interpolates is exact.
    Cost O((n + m) log (n + m)), vectorised. Source: Lemma A.2 to Proposition A.5; mirror image new.
    """
    if not isinstance(net, ReluNet):
        raise TypeError(
            "`net` must be a ReluNet, the statements are about 2-layer nets; got"
            f" {type(net).__name__}, whose shape spline(net) gives"
        )
    return structure_of(ShallowFitted.of(net, sample), tolerance)


def structure_of(fit: ShallowFitted, tolerance: float = STRUCTURE_TOLERANCE) -> Structure:
    """Return the structure of `structure`."""
    tolerance = check.probability("tolerance", tolerance)
    margin = worst_margin(fit)
    graph = measured(fit, margin)
    return Structure(
        _increases(graph, tolerance),
        _negative_gaps(graph, tolerance),
        _lines(graph, tolerance, "Proposition A.4", 1),
        _lines(graph, tolerance, "Proposition A.4, mirrored", -1),
        _positive_gaps(graph, tolerance),
        margin,
        tolerance,
    )


class _Measured(NamedTuple):
    """A quantity on many segments."""

    quantity: str
    first: Indices
    last: Indices
    value: Vector
    limit: float
    excess: Vector


def _increases(graph: Graph, tolerance: float) -> StatementCheck:
    """Lemma A.2: at most two points of a run of −1 at which N' increases."""
    border = np.flatnonzero(np.diff(graph.y < 0.0, prepend=False, append=False))
    first, last = border[::2], border[1::2] - 1
    first, last = first[last > first], last[last > first]
    counts = np.zeros(len(first))
    if len(graph.kinks) and len(first):
        starts, ends, change, size = merged_kinks(graph, tolerance)
        run = np.searchsorted(graph.x[first], ends, side="right") - 1
        inside = (run >= 0) & (starts <= graph.x[last][run])
        length = (graph.x[last] - graph.x[first])[run]
        increases = change * length > tolerance + _RESOLUTION * size * length
        counts += np.bincount(run[inside & increases], minlength=len(first))
    found = _Measured("points at which N' increases", first, last, counts, 2.0, counts - 2.0)
    return _judged(graph, "Lemma A.2", len(first), tolerance, found)


def _negative_gaps(graph: Graph, tolerance: float) -> StatementCheck:
    """Corollary A.3: of the four gaps between five consecutive −1, N < 0 on the closure of one."""
    windows = max(len(graph.y) - 4, 0)
    first = np.flatnonzero(np.all([graph.y[k : k + windows] < 0.0 for k in range(5)], axis=0))
    least = np.min([graph.top[first + k] for k in range(4)], axis=0)
    found = _Measured("largest N on the lowest of four gaps", first, first + 4, least, 0.0, least)
    return _judged(graph, "Corollary A.3", len(first), tolerance, found)


def _lines(graph: Graph, tolerance: float, statement: str, side: int) -> StatementCheck:
    """Proposition A.4 on the gap right (side +1) or left (−1) of every isolated −1."""
    y = graph.y
    i = np.flatnonzero((y[:-2] > 0.0) & (y[1:-1] < 0.0) & (y[2:] > 0.0)) + 1
    first, last = np.minimum(i, i + side), np.maximum(i, i + side)
    here, there, bend = graph.at[i], graph.at[i + side], graph.bend[first]
    return _judged(
        graph,
        statement,
        len(i),
        tolerance,
        _Measured("N at the isolated −1", first, last, here, -1.0, -1.0 - here),
        _Measured(
            f"N at its {'right' if side > 0 else 'left'} neighbour",
            first,
            last,
            there,
            1.0,
            there - 1.0,
        ),
        _Measured("largest distance of N from a line", first, last, bend, 0.0, bend),
    )


def _positive_gaps(graph: Graph, tolerance: float) -> StatementCheck:
    """Proposition A.5: N ≥ 0 between neighbours +1, +1."""
    first = np.flatnonzero((graph.y[:-1] > 0.0) & (graph.y[1:] > 0.0))
    least = graph.bottom[first]
    found = _Measured("smallest N between neighbours +1, +1", first, first + 1, least, 0.0, -least)
    return _judged(graph, "Proposition A.5", len(first), tolerance, found)


def _judged(
    graph: Graph, statement: str, checked: int, tolerance: float, *found: _Measured
) -> StatementCheck:
    excess = np.concatenate([part.excess for part in found])
    beyond = np.flatnonzero(excess > tolerance)
    chosen = beyond[np.argsort(-excess[beyond], kind="stable")][:REPORTED]
    violations = (
        _violation(graph, statement, found[k // checked], k % checked) for k in chosen.tolist()
    )
    worst = float(excess.max()) if checked else None
    return StatementCheck(
        statement, Verdict.of(not beyond.size), checked, len(beyond), tuple(violations), worst
    )


def _violation(graph: Graph, statement: str, found: _Measured, k: int) -> Violation:
    first, last = int(found.first[k]), int(found.last[k])
    low = np.searchsorted(graph.kinks, graph.x[first], side="left")
    high = np.searchsorted(graph.kinks, graph.x[last], side="right")
    neurons = tuple(sorted(graph.neurons[low:high].tolist()))
    return Violation(
        statement, first, last, found.quantity, float(found.value[k]), found.limit, neurons
    )
