"""Where a function was asked for its signs, and whether x lies there: beyond, nothing is known."""

from typing import Final

import numpy as np

from univariate.common.arrays import Vector
from univariate.problem.density import Density
from univariate.problem.laws import rounding_of_ends
from univariate.problem.truth import Truth

_BEYOND: Final = 1e-12  # a probability that is lost in the tails of a law


def probability_beyond(law: Density, domain: tuple[float, float]) -> float:
    """Return the probability that x lies off an interval, but for the rounding of ends; 0 for a law
    that only its name is known of.
    """
    slack = rounding_of_ends(domain)
    low, high = domain[0] - slack, domain[1] + slack
    first, last = law.support()
    try:
        below = float(law.cdf(low)) if first < low else 0.0
        above = float(law.sf(high)) if last > high else 0.0
    except ValueError:
        return 0.0
    return below + above


def require_domain(name: str, maker: str, domain: tuple[float, float] | None, law: Density) -> None:
    """Raise ValueError if x may lie where a function was not asked; `maker` takes the domain."""
    if domain is None:
        return
    beyond = probability_beyond(law, domain)
    if beyond > _BEYOND:
        low, high = map(_number, law.support())
        start, end = map(_number, domain)
        raise ValueError(
            f"`{name}` must be a function that was asked wherever x lies, got the domain"
            f" [{start}, {end}] and x {law.name}, beyond with a probability of {beyond:.3g}; pass"
            f" domain=({low}, {high}) to {maker}, and the breakpoints there"
        )


def require_asked(truth: Truth, law: Density) -> None:
    """Raise ValueError if x may lie where the function that a truth was made of was not asked."""
    require_domain("truth", "Truth.of_function", truth.domain, law)


def require_asked_at(truth: Truth, x: Vector) -> None:
    """Raise ValueError if an input lies where the function of a truth was not asked."""
    if truth.domain is None:
        return
    low, high = truth.domain
    slack = rounding_of_ends(truth.domain)
    outside = np.flatnonzero((x < low - slack) | (x > high + slack))
    if outside.size:
        i = int(outside[0])
        raise ValueError(
            "`truth` must be a function that was asked wherever x lies, got the domain"
            f" [{_number(low)}, {_number(high)}] and x[{i}] = {_number(x[i])}; pass a domain that"
            " holds all x to Truth.of_function, and the breakpoints there"
        )


def _number(value: float) -> str:
    """Return a number in full: it may miss another by its last digit."""
    return repr(float(value)).removesuffix(".0")
