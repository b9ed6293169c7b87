"""Splitting, asked about the answer of another estimator."""

from math import log
from typing import Final, NamedTuple

import numpy as np

from highdim.error.intervals import Bounds
from highdim.error.plan import Choice
from highdim.error.splitting import KEPT, Splitting

SHARE: Final = 0.25  # of the cost of the answer that is checked, as counted
IN_DOUBT: Final = 5e9  # nanoseconds, as counted, that a doubt is worth
REPETITIONS: Final = 8
SURE: Final = 0.999


class Opinion(NamedTuple):
    """Whether splitting disagrees; an interval that holds both answers, and words for it."""

    disagrees: bool
    bounds: Bounds
    words: str


def second_opinion(
    found: Bounds, choice: Choice, rng: np.random.Generator, level: float, *, in_doubt: bool
) -> Opinion | None:
    """Ask splitting about an estimate, if that is cheap next to it, or if there is a doubt.

    Its draws are of a stream of their own. They disagree if their intervals do not meet, that of
    splitting at 99.9 %. The value of the opinion is the larger one: what is missed is missing.
    """
    splitting = Splitting(choice.estimator.form)
    likely = found.log_value if np.isfinite(found.log_value) else found.log_high
    levels = 1.0 + likely / log(KEPT)
    cost = REPETITIONS * levels * splitting.cost
    spent = (found.samples + choice.pilots) * choice.estimator.cost
    if cost > (IN_DOUBT if in_doubt else SHARE * spent):
        return None
    other = splitting.estimate(REPETITIONS, rng.spawn(1)[0], max(level, SURE))
    disagrees = other.log_low > found.log_high or other.log_high < found.log_low
    value = max(found.log_value, other.log_value) if disagrees else found.log_value
    both = found._replace(
        log_value=value,
        log_low=min(found.log_low, other.log_low, value),
        log_high=max(found.log_high, other.log_high, value),
    )
    says = (
        f"splitting says 10^{other.log_low / log(10.0):.4g} to 10^{other.log_high / log(10.0):.4g}"
    )
    return Opinion(disagrees, both, says)
