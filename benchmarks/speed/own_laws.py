"""A row for the table of ratios: draws from a law of one's own that says its cdf and no more."""

from collections.abc import Callable
from time import process_time
from typing import Any

import numpy as np
from scipy import stats

import highdim
from benchmarks.speed.comparisons import AGREEMENT, Comparison, clock

DRAWS = 10**5
TIMED = 500  # of scipy's, one by one


class Logistic(stats.rv_continuous):
    """1 / (1 + e⁻ˣ)."""

    def _cdf(self, x: Any) -> Any:
        return 1.0 / (1.0 + np.exp(-x))


def draws() -> Comparison:
    """Coordinates of points, with what asks whether the cdf takes arrays.

    Raises
    ------
    ArithmeticError
        Other numbers than scipy's.
    """
    own = Logistic(name="own_logistic")()
    law = highdim.Product(own)
    theirs = own.rvs(size=TIMED, random_state=np.random.default_rng(0))
    if not np.allclose(law.draw(TIMED, 1, 0)[:, 0], theirs, rtol=AGREEMENT, atol=AGREEMENT):
        raise ArithmeticError("Product and scipy draw other numbers")
    return Comparison(
        clock(lambda: law.draw(DRAWS, 1, 0), timer=process_time),
        clock(lambda: own.rvs(size=TIMED, random_state=0), share=TIMED / DRAWS, timer=process_time),
        "rvs of scipy, a root search a number",
        "≥ 100",
        5,
        f"processor time; reference timed on {TIMED} draws and scaled",
    )


ROWS: dict[str, Callable[[], Comparison]] = {"draws of a law by its cdf, 10⁵": draws}
