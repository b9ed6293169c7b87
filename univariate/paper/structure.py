"""What the proofs say about the shape of N, checked on a given net.

At KKT points N' increases at most twice along a run of −1 (Lemma A.2), so that of four neighbouring
gaps in it one is negative whole (Corollary A.3). At local minima N should be the line from −1 to +1
right of an isolated −1 (Proposition A.4) and nowhere negative between neighbours +1, +1
(Proposition A.5). Proposition A.4 is false for nets that mix orientations, so each statement is a
check with a verdict. Its mirror image, the line left of an isolated −1, is new: the reflection x →
−x maps Problem (1) to itself and swaps the orientations of the neurons.

N is 2-homogeneous, so everything is measured on the net whose worst margin is scaled to 1. A kink
is convex iff v > 0: the slope of N jumps there by v|w|, whatever the sign of w (Eq. (9) ff. say
v w, right for w > 0 only). The checks do not depend on whether the net *is* a KKT point or a local
minimum.
"""

from typing import Final

from univariate.common import check
from univariate.common.claim import Source
from univariate.common.result import Result, result
from univariate.paper.shape import measured, worst_margin
from univariate.paper.statements import (
    StatementCheck,
    increases,
    lines,
    negative_gaps,
    positive_gaps,
)
from univariate.problem.fitted import ShallowFitted
from univariate.problem.network import ReluNet
from univariate.problem.sample import Sample

STRUCTURE_TOLERANCE: Final = 1e-6
"""How much N, divided by its worst margin, may miss a statement before that is a violation."""


@result
class Structure(Result):
    """The statements on one net and sample.

    `worst_margin` is what the net was divided by, `tolerance` what the checks allowed.
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

    def check(self, source: str) -> StatementCheck:
        """Return the check of one statement."""
        return next(check for check in self.checks if check.source == source)


def structure(net: ReluNet, sample: Sample, *, tolerance: float = STRUCTURE_TOLERANCE) -> Structure:
    """Check Lemma A.2, Corollary A.3, Propositions A.4 (and its mirror image) and A.5 on a net.

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
        increases(graph, tolerance),
        negative_gaps(graph, tolerance),
        lines(graph, tolerance, Source.PROPOSITION_A_4),
        lines(graph, tolerance, Source.PROPOSITION_A_4_MIRRORED),
        positive_gaps(graph, tolerance),
        margin,
        tolerance,
    )
