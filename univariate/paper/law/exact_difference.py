"""L_cl − L_1NN in rational arithmetic: the reference for the law's `difference`."""

from fractions import Fraction

from univariate.error.against_truth import exact_errors
from univariate.error.exact_law import exact_ends
from univariate.error.k_nearest_neighbours import NearestNeighbours
from univariate.problem.fitted import ShallowFitted
from univariate.problem.network import ReluNet
from univariate.problem.rational import total_length
from univariate.problem.sample import Sample, require_sample
from univariate.problem.truth import TruthLike


def exact_nearest_neighbour_difference(
    net: ReluNet, sample: Sample, *, truth: TruthLike | None = None
) -> Fraction:
    """Return L_cl − L_1NN under the sample's law. Exact, in rational arithmetic throughout.

    Parameters
    ----------
    net : ReluNet
    sample : Sample
        Its law of x is uniform between two doubles, on [0, 1] unless it says otherwise.
    truth : truth, optional
        f*, see `Truth.of`; the sample's own if not given.

    The errors of the net less those of the nearest neighbour. Cost O((n + m + k) log (n + m + k))
    rational operations for k breakpoints; the reference for `nearest_neighbour_law`.
    """
    fit = ShallowFitted.of(net, require_sample(sample))
    meant = sample.population(None, truth)
    ends = exact_ends(meant.density, "use nearest_neighbour_law, which gives `difference`")
    of_net = total_length(exact_errors(fit.net, [ends], meant.truth))
    of_rule = NearestNeighbours(sample).exact_error(*ends, meant.truth)
    return (of_net - of_rule) / (Fraction(ends[1]) - Fraction(ends[0]))
