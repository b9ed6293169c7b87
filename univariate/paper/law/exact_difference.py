"""L_cl − L_1NN in rational arithmetic: the reference for the law's `difference`."""

from fractions import Fraction

from univariate.error.against_truth import exact_errors
from univariate.error.k_nearest_neighbours import NearestNeighbours
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
    return of_net - NearestNeighbours(sample).exact_error(0.0, 1.0, meant)
