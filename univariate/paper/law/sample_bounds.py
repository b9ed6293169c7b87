"""What the nearest-neighbour law says about all KKT points of a sample at once. New.

L_cl of a KKT point differs from L_1NN by its deviating gaps only, and their number is bounded by
that of its links (`proof`, step 4), which the sample bounds:

Links lie on two sides: left of the left centre and right of the right one, angles taken modulo π
(`proof`, step 7; a centre of s = −1 is one of s = +1 turned by π). Let c be the right centre, d the
distance of the first bend of a link from it. From the second link of a side on, the link reaches
from its first bend at least to 2 d (step 8), so the first bend of the next is at 2 d or beyond, and
the labels on [d, 2 d] change at most once (step 9). A link without bends is the first of both
sides, as it holds the centre, which is ω then. So a side has at most one link more than the longest
chain of such d. The centre is not known: with it in (α_{j−1}, α_j] both conditions are weakest at
α_j, where one more bend may be, so chains from all α_j are tried. Chains are longest if every
member is the first possible one.

Zeros are worth gaps, see `reach`.
"""

from math import log, log1p, log2, pi, sqrt

import numpy as np

from univariate.common import check
from univariate.common.arrays import Indices, Vector
from univariate.common.result import Result, result
from univariate.common.tolerance import DEFAULT_CONFIDENCE, UNIT_ROUNDOFF
from univariate.error.clean_error import CleanError
from univariate.error.noisy_error import NoisyError
from univariate.error.one_nearest_neighbour import neighbour_error_of
from univariate.paper.kernels.chains import longest_chain
from univariate.paper.law.reach import reach
from univariate.problem.density import DensityLike
from univariate.problem.population import Population
from univariate.problem.sample import Sample, require_sample
from univariate.problem.truth import TruthLike

_LONGEST = 2**60  # runs: their reach is beyond all data before
_SLACK = 64.0 * UNIT_ROUNDOFF  # angles, and sums of two of them, are rounded


@result
class KktCleanErrorBounds(Result):
    """An interval that holds L_cl of every KKT point of a sample, whatever its width.

    Attributes
    ----------
    low, high : float
        The interval: rounded outwards for the uniform density, as good as its cdf for another.
    nearest_neighbour : CleanError
    links : int
        No KKT point of the sample has more.
    """

    low: float
    high: float
    nearest_neighbour: CleanError
    links: int

    @property
    def allowed(self) -> int:
        """How many gaps can deviate from the nearest neighbour at most."""
        return self.links + 2


def kkt_clean_error_bounds(
    sample: Sample, *, truth: TruthLike | None = None, density: DensityLike | None = None
) -> KktCleanErrorBounds:
    """Enclose the clean errors of all KKT points of Problem (1) on a sample.

    Parameters
    ----------
    sample : Sample
    truth : truth, optional
        f*, see `Truth.of`; the sample's own if not given.
    density : distribution, optional
        Of x; the sample's own if not given.

    Proved, see `law.proof` and the module; rounded outwards. The interval is short where the sample
    is large: its length is at most the sum of the E + 2 largest gaps, whatever the truth; twice
    that if f* changes within these gaps. Cost O(m log m) on samples with noise, O(m² log m) at
    worst.
    """
    population = require_sample(sample).population(density, truth)
    return bounds_around(sample, population, neighbour_error_of(sample, population))


def bounds_around(
    sample: Sample, population: Population, neighbour: CleanError
) -> KktCleanErrorBounds:
    """Return the interval of `kkt_clean_error_bounds`, L_1NN being known."""
    links = most_links(sample)
    low, high = around(sample, population, neighbour, links)
    return KktCleanErrorBounds(low, high, neighbour, links)


def around(
    sample: Sample,
    population: Population,
    neighbour: CleanError | NoisyError,
    links: int,
    p: float = 0.0,
) -> tuple[float, float]:
    """Return how far errors of KKT points can be, given that of the rule. Rounded outwards."""
    down, up = reach(sample, population, links + 2, p)
    low = float(np.nextafter(neighbour.low - down, -np.inf))
    high = float(np.nextafter(neighbour.high + up, np.inf))
    return max(0.0, low), min(1.0, high)


def most_links(sample: Sample) -> int:
    """Return a number of links that no KKT point of the sample exceeds. Proved."""
    if sample.size < 2:
        return 0
    angles = np.arctan(sample.x)
    right = longest_chain(angles, _second_change(sample.y), _SLACK)
    mirrored = np.ascontiguousarray(-angles[::-1])
    left = longest_chain(mirrored, _second_change(sample.y[::-1]), _SLACK)
    return int(2 + right + left)


def _second_change(y: Vector) -> Indices:
    """Return for every datum the first by which the labels from it on changed twice, m if none."""
    m = len(y)
    change = np.flatnonzero(y[1:] != y[:-1]) + 1  # the first datum of every later run
    after = np.searchsorted(change, np.arange(m), side="right")
    return np.append(change, [m, m])[after + 1]


def kkt_clean_error_deviation(m: int, p: float, delta: float = DEFAULT_CONFIDENCE) -> float:
    """Return a B with |L_cl − p| ≤ B for all KKT points at once, with probability 1 − δ.

    Parameters
    ----------
    m : int
        Observations, x uniform on [0, 1], at least 2.
    p : float
        Probability of a label −1, in (0, 1).
    delta : float
        In (0, 1).

    Proved, rounded: the union of five events of probability δ/5 each. (1) The largest of the m + 1
    spacings is at most g. (2) The smallest inner one is at least δ/(5 m²). (3) Chebyshev: the
    squares of the spacings add up to at most their mean plus √(variance · 5/δ). (4) Given x, L_1NN
    is a weighted sum of independent labels, within √(2 p (1 − p) V log(10/δ)) + w log(10/δ)/3 of p
    by Bernstein, w its largest weight and V the sum of their squares. (5) No run of n + 1
    neighbours has fewer than two label changes, so the chains of the module end at angles n g: at
    most 2 (4 + log₂ of n g over half the smallest spacing) links, whence
    |L_cl − L_1NN| ≤ (E/2 + 2) g. (Of a side the first two links and the last one may be anywhere:
    the last one's outer kink may lie beyond the data, where no n + 1 neighbours are. None passes
    infinity, as x in [0, 1] and a link's angle is below π/2.)

    For fixed p and δ, B is O(√(log(1/δ)/m) + log² m/m); Chebyshev adds √(log(1/δ)) δ^(−1/4)
    m^(−3/4) to that. Cost O(log m).
    """
    m = check.count("m", m, least=2)
    p = check.probability("p", p, open_interval=True)
    delta = check.probability("delta", delta, open_interval=True) / 5.0
    largest = -np.expm1((log(delta) - log(m + 1.0)) / m)
    smallest = delta / m / m
    if smallest == 0.0 or log1p(-min(p, 1.0 - p)) == 0.0:
        return 1.0  # beyond the range of doubles, where nothing is to be said
    k = m + 1.0
    variance = (4.0 * k + 20.0) / ((k + 1.0) * (k + 2.0) * (k + 3.0)) - 4.0 / (k + 1.0) ** 2
    squares = 2.0 / (k + 1.0) + sqrt(max(variance, 0.0) / delta) + 2.0 * largest**2
    odds = log(2.0 / delta)
    labels = sqrt(2.0 * p * (1.0 - p) * squares * odds) + 1.5 * largest * odds / 3.0
    reach = min(_unchanged_run(m, p, delta) * largest, pi / 4.0)
    links = 2.0 * (4.0 + max(0.0, log2(2.0 * reach / smallest)))
    return float(min(1.0, labels + (0.5 * links + 2.0) * largest))


def _unchanged_run(m: int, p: float, delta: float) -> int:
    """Return an n with fewer than two label changes in some n + 1 neighbours of probability ≤ δ."""
    log_major = log1p(-min(p, 1.0 - p))
    n = 1
    # at most 2 n + 2 patterns, each of probability at most max(p, 1 − p)^(n + 1)
    while log(m) + log(2 * n + 2) + (n + 1) * log_major > log(delta):
        n *= 2
        if n > _LONGEST:
            return n
    low, high = n // 2, n
    while high - low > 1:
        middle = (low + high) // 2
        enough = log(m) + log(2 * middle + 2) + (middle + 1) * log_major <= log(delta)
        low, high = (low, middle) if enough else (middle, high)
    return high
