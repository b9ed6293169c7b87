"""How far a norm² is above the least one, of which both bounds are known only.

`max_margin` encloses ‖θ*‖² between a dual bound and the norm² of the net found. Neither is the
least norm² itself, so a ratio to it is a pair of bounds, and words say so where they are apart.
"""

from math import inf
from typing import Final, NamedTuple

from univariate.common.words import at_least, at_most
from univariate.optimum.max_margin import MaxMargin

KNOWN: Final = 1e-3
"""Up to this relative distance two bounds are printed as one number."""

VAGUE: Final = 0.5
"""From this relative distance on bounds on the least norm² say nothing worth printing."""


class NormRatio(NamedTuple):
    """Bounds on ‖θ‖²/‖θ*‖² at worst margin 1, each rounded."""

    low: float  # against the norm² found
    high: float  # against the dual bound; inf where there is none

    @classmethod
    def of(cls, ratio: float, optimum: MaxMargin) -> "NormRatio":
        """Return the bounds for a feasible net, given its ‖θ‖² over `optimum.norm_squared`."""
        # no feasible net has less than the least
        low = max(1.0, ratio)
        if optimum.dual_norm_squared <= 0.0:
            return cls(low, inf)
        return cls(low, max(low, ratio * (optimum.norm_squared / optimum.dual_norm_squared)))

    @property
    def apart(self) -> float:
        """1 − low/high, the relative distance of the bounds."""
        return 1.0 - self.low / self.high

    @property
    def known(self) -> bool:
        """Whether the bounds are close enough to be printed as one number."""
        return self.apart <= KNOWN

    @property
    def vague(self) -> bool:
        """Whether the bounds are too far apart to say anything."""
        return not self.apart < VAGUE

    def number(self, digits: int = 4) -> str:
        """Return "1.07", or "1 to 1.12" where the bounds are apart, or "–" where they say nothing.

        One number has no more digits than the bounds share; two are rounded outwards.
        """
        if self.known:
            return _common(self.low, self.high, digits)
        if self.vague:
            return "–"
        return f"{at_least(self.low)} to {at_most(self.high)}"

    def words(self) -> str:
        """Return "at 1.07 times the least norm²", or that it is not known."""
        if self.vague:
            return "the least norm² not available"
        return f"at {self.number()} times the least norm²"


def _common(low: float, high: float, digits: int) -> str:
    """Return two numbers that are equal to `KNOWN` as one, with as many digits as they share.

    Some they do: places where numbers round apart to one digit and to two are a relative 0.005
    from each other, so two so close lie across one of these at most.
    """
    shared = (n for n in (*range(digits, 0, -1), 2) if f"{low:.{n}g}" == f"{high:.{n}g}")
    return f"{high:.{next(shared)}g}"


def least_norm(optimum: MaxMargin, digits: int = 10) -> str:
    """Return the least norm² as "= 12.5", or as "in [11, 13]" where its bounds are apart.

    One number has no more digits than the bounds share.
    """
    if optimum.duality_gap <= KNOWN:
        return f"= {_common(optimum.dual_norm_squared, optimum.norm_squared, digits)}"
    return f"in [{at_least(optimum.dual_norm_squared)}, {at_most(optimum.norm_squared)}]"
