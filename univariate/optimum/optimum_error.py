"""The clean error of the optimum of Problem (1), told apart from that of the net found.

`max_margin` returns a net in doubles. Its clean error is that of the net that was *found*, which
kinks between close data may move by more than any enclosure says. Where the closed form applies,
the optimum decides like the nearest neighbour (`univariate.optimum.closed_form`), so its own clean
error is that of the 1-NN rule, exactly.
"""

from dataclasses import dataclass
from typing import Literal

from univariate.common.words import at_most
from univariate.error.clean_error import CleanError, clean_error_of
from univariate.error.one_nearest_neighbour import neighbour_error_of
from univariate.optimum.closed_form import decides_like_nearest
from univariate.optimum.max_margin import MaxMargin
from univariate.problem.population import Population
from univariate.problem.sample import Sample


@dataclass(frozen=True)
class OptimumError:
    """The clean error of the optimum, if it is known, and that of the net found.

    Attributes
    ----------
    optimum : MaxMargin
        The solution of Problem (1) in doubles.
    exact : CleanError or None
        Of the optimum: that of the 1-NN rule, with its enclosure; None where no theorem says so.
    found : CleanError
        Of `optimum.net`. Its enclosure is of that net, not of the optimum.
    """

    optimum: MaxMargin
    exact: CleanError | None
    found: CleanError

    @property
    def kind(self) -> Literal["exact", "found"]:
        """Whether `best` is the optimum's, or only that of the net found."""
        return "found" if self.exact is None else "exact"

    @property
    def best(self) -> CleanError:
        """The clean error to compare others with: the optimum's where known."""
        return self.found if self.exact is None else self.exact

    @property
    def name(self) -> str:
        """Whose clean error `best` is, in words."""
        if self.exact is not None:
            return "max-margin net"
        return f"max-margin net found (gap {at_most(self.optimum.duality_gap, 1)})"

    def confirms(self, error: CleanError) -> bool:
        """Whether an error may pass for the optimum's: it is known, and nothing proves another."""
        return self.exact is not None and self.exact.agrees(error)

    @property
    def strays(self) -> bool:
        """Whether the net found is proved to have another clean error than the optimum."""
        return self.kind == "exact" and not self.confirms(self.found)


def optimum_error(
    optimum: MaxMargin,
    sample: Sample,
    population: Population,
    *,
    found: CleanError | None = None,
    nearest: CleanError | None = None,
) -> OptimumError:
    """Return what is known of the clean error of the optimum of Problem (1).

    Parameters
    ----------
    optimum : MaxMargin
        The result of `max_margin(sample)`.
    sample : Sample
    population : Population
        What clean errors are about.
    found, nearest : CleanError, optional
        Of `optimum.net` and of the 1-NN rule on this population, to save computing them again.

    The kind is "exact" by a theorem whose hypotheses are decided in rational arithmetic. Cost that
    of `clean_error`.
    """
    of_net = clean_error_of(optimum.net, population) if found is None else found
    exact = None
    if decides_like_nearest(sample):
        exact = neighbour_error_of(sample, population) if nearest is None else nearest
    return OptimumError(optimum, exact, of_net)
