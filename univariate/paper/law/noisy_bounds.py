"""What the nearest-neighbour law says about the test errors of all KKT points of a sample. New.

The law is about decisions, so it bounds Pr[y N(x) ≤ 0] for noisy labels as it bounds the clean
error; `reach` has the derivation.
"""

from univariate.common import check
from univariate.common.result import Result, result
from univariate.error.noisy_error import NoisyError, noisy_neighbour
from univariate.paper.law.sample_bounds import around, most_links
from univariate.problem.density import DensityLike
from univariate.problem.sample import Sample, require_sample
from univariate.problem.truth import TruthLike


@result
class KktNoisyErrorBounds(Result):
    """An interval that holds the test error of every KKT point of a sample, whatever its width.

    Attributes
    ----------
    low, high : float
        The interval: rounded outwards for the uniform density, as good as its cdf for another.
    p : float
        Noise level of new labels.
    nearest_neighbour : NoisyError
    links : int
        No KKT point of the sample has more.
    """

    low: float
    high: float
    p: float
    nearest_neighbour: NoisyError
    links: int

    @property
    def allowed(self) -> int:
        """How many gaps can deviate from the nearest neighbour at most."""
        return self.links + 2


def kkt_noisy_error_bounds(
    sample: Sample,
    p: float,
    *,
    truth: TruthLike | None = None,
    density: DensityLike | None = None,
) -> KktNoisyErrorBounds:
    """Enclose the test errors Pr[y N(x) ≤ 0] of all KKT points of Problem (1) on a sample.

    Parameters
    ----------
    sample : Sample
    p : float
        Noise level of new labels, in [0, 1]; that of the sample is `sample.noise_rate`.
    truth, density : optional
        f* and the law of x; the sample's own if not given.

    Proved, see `law.proof` and `law.reach`; rounded outwards. For p = 0 these are
    `kkt_clean_error_bounds`. Cost that of these.

    Examples
    --------
    >>> from univariate import draw_sample, kkt_noisy_error_bounds
    >>> sample = draw_sample(10_000, 0.1, rng=0, truth="0.3,0.6:+-+")
    >>> bounds = kkt_noisy_error_bounds(sample, 0.1)
    >>> print(f"{bounds.low:.3f} to {bounds.high:.3f}")  # 2 p (1 − p) = 0.18 in the limit
    0.175 to 0.188
    """
    require_sample(sample)
    p = check.probability("p", p)
    population = sample.population(density, truth)
    neighbour = noisy_neighbour(sample, p, population)
    links = most_links(sample)
    low, high = around(sample, population, neighbour, links, p)
    return KktNoisyErrorBounds(low, high, p, neighbour, links)
