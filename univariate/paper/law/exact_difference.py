"""L_cl − L_1NN in rational arithmetic: the reference for the law's `difference`."""

from collections.abc import Iterator
from fractions import Fraction
from itertools import pairwise

from univariate.error.turned import exact_errors
from univariate.problem.fitted import ShallowFitted
from univariate.problem.network import ReluNet
from univariate.problem.rational import total_length
from univariate.problem.sample import Sample, require_sample
from univariate.problem.truth import Truth, TruthLike


def exact_nearest_neighbour_difference(
    net: ReluNet, sample: Sample, *, truth: TruthLike | None = None
) -> Fraction:
    """Return L_cl − L_1NN on [0, 1], uniform. Exact, in rational arithmetic throughout.

    Parameters
    ----------
    net : ReluNet
    sample : Sample
    truth : truth, optional
        f*, see `Truth.of`; the sample's own if not given.

    The errors of the net less those of the nearest neighbour. Cost O((n + m + k) log (n + m + k))
    rational operations for k breakpoints; the reference for `nearest_neighbour_law`.
    """
    fit = ShallowFitted.of(net, require_sample(sample))
    meant = sample.truth if truth is None else Truth.of(truth)
    of_net = total_length(exact_errors(fit.net, [(0.0, 1.0)], meant))
    wrong = (
        (start, end)
        for a, b, label in _cells(sample)
        for start, end, sign in meant.pieces(a, b)
        if sign * label <= 0.0
    )
    return of_net - total_length(list(wrong))


def _cells(sample: Sample) -> Iterator[tuple[Fraction, Fraction, float]]:
    """Yield where the nearest neighbour has one label, within [0, 1], and that label."""
    changes = sample.sign_changes.tolist()
    x = [Fraction(one) for one in sample.x.tolist()]
    borders = [(x[i] + x[i + 1]) / 2 for i in changes]
    ends = [Fraction(0), *(min(max(one, Fraction(0)), Fraction(1)) for one in borders), Fraction(1)]
    labels = [*sample.y[changes].tolist(), float(sample.y[-1])]
    for (a, b), label in zip(pairwise(ends), labels, strict=True):
        if a < b:
            yield a, b, label
