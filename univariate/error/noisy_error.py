"""Test error under label noise, Pr[y N(x) ≤ 0] for a new observation. New.

Its label y is f*(x), flipped with probability p, so that the error is (1 − p) Pr[N f* ≤ 0] + p
Pr[N f* ≥ 0]: the clean errors against f* and against −f*, weighted. Where N is zero, both labels
are missed.
"""

from fractions import Fraction

from univariate.common import check
from univariate.common.enclosed import Enclosed
from univariate.common.result import result
from univariate.common.rounding import round_down, round_up
from univariate.error.clean_error import (
    CleanError,
    clean_error_of,
    exact_clean_error,
    population_of,
)
from univariate.error.digits import certain
from univariate.error.one_nearest_neighbour import neighbour_error_of
from univariate.error.rule import Rule
from univariate.problem.density import DensityLike
from univariate.problem.network import Network
from univariate.problem.population import Population, population_name
from univariate.problem.sample import Sample, require_sample
from univariate.problem.truth import TruthLike


@result
class NoisyError(Enclosed):
    """A test error with its enclosure.

    As a number it is its value: in arithmetic, in `error == 0`, `error < 0.1` and `if error:`. Two
    results are equal if they say the same in all fields; compare `.value` for the numbers alone.

    Attributes
    ----------
    value : float
        Rounded; `float(result)` gives it too.
    low, high : float
        Enclosure, as good as those of the clean errors that it is made of.
    p : float
        Probability that the label of a new observation is flipped.
    clean_error : CleanError
        Pr[N f* ≤ 0], what it is for p = 0.
    opposite : CleanError
        Pr[N f* ≥ 0], what it is for p = 1.
    """

    p: float
    clean_error: CleanError
    opposite: CleanError

    def in_full(self) -> str:
        """Return the error with its certain digits, and of which labels it is."""
        number = certain(self.value, self.low, self.high)
        where = population_name(self.clean_error.density, self.clean_error.truth)
        return f"NoisyError({number}, p {self.p:g}, x {where})"


def noisy_error(
    net: Network | Rule,
    p: float,
    *,
    truth: TruthLike | None = None,
    density: DensityLike | None = None,
) -> NoisyError:
    """Return the test error Pr[y N(x) ≤ 0] of a net, y = −f*(x) with probability p, else f*(x).

    Parameters
    ----------
    net : ReluNet, DeepReluNet, or a rule such as NearestNeighbours
        The truth and the law of x of a rule's sample hold for it, unless others are given.
    p : float
        Noise level of new labels, in [0, 1].
    truth : truth, optional
        f*, as in `clean_error`; f* ≡ +1 if not given.
    density : distribution, optional
        Of x; uniform on [0, 1] if not given.

    Enclosed as two clean errors are; zero plateaus of N count whole, whatever p. Cost that of two
    clean errors.

    Examples
    --------
    >>> from univariate import ReluNet, noisy_error
    >>> net = ReluNet(v=[1.0, -2.0], w=[1.0, 1.0], b=[-0.25, -0.5])
    >>> noisy_error(net, 0.25).value  # 1/4 where N > 0, 3/4 where N < 0, 1 where N = 0
    0.5625
    """
    p = check.probability("p", p)
    population = population_of(net, density, truth)
    return mixed(p, clean_error_of(net, population), clean_error_of(net, population.opposite))


def nearest_neighbour_noisy_error(
    sample: Sample,
    p: float,
    *,
    truth: TruthLike | None = None,
    density: DensityLike | None = None,
) -> NoisyError:
    """Return the test error of the 1-nearest-neighbour rule.

    Parameters
    ----------
    sample : Sample
    p : float
        Noise level of new labels, in [0, 1]; that of the sample is `sample.noise_rate`.
    truth, density : optional
        The sample's own if not given.

    Enclosed as `nearest_neighbour_clean_error` is. Cost O(m).
    """
    p = check.probability("p", p)
    return noisy_neighbour(sample, p, require_sample(sample).population(density, truth))


def noisy_neighbour(sample: Sample, p: float, population: Population) -> NoisyError:
    """Return the same for a law of x and a truth that travel together."""
    clean, opposite = (neighbour_error_of(sample, one) for one in (population, population.opposite))
    return mixed(p, clean, opposite)


def exact_noisy_error(
    net: Network | Rule, p: float | Fraction, *, truth: TruthLike | None = None
) -> Fraction:
    """Return the test error as a fraction; p is the number that it is. Exact.

    Parameters as in `noisy_error`, the law of x and cost as in two calls of `exact_clean_error`.
    """
    check.probability("p", p)
    meant = population_of(net, None, truth).truth
    share = Fraction(p)
    against = exact_clean_error(net, truth=-meant)
    return (1 - share) * exact_clean_error(net, truth=meant) + share * against


def mixed(p: float, clean: CleanError, opposite: CleanError) -> NoisyError:
    """Return (1 − p) times one error plus p times the other, rounded outwards."""
    value, low, high = (
        (1 - Fraction(p)) * Fraction(one) + Fraction(p) * Fraction(other)
        for one, other in (
            (clean.value, opposite.value),
            (clean.low, opposite.low),
            (clean.high, opposite.high),
        )
    )
    return NoisyError(float(value), round_down(low), round_up(high), p, clean, opposite)
