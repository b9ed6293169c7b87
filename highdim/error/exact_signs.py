"""Signs at points where rounding hides them: exact, while a budget of products lasts.

A law with atoms, points of a lattice or of a table say, puts many points on kinks and where N = 0
exactly. Such points come again and again, so each is reckoned once.
"""

from typing import Final, Protocol

import numpy as np

from highdim.problem.exact import Sides
from univariate.common.arrays import Mask, Matrix, Vector

BUDGET: Final = 2 * 10**7
"""Products of whole numbers in one estimate: a few seconds of work."""

EACH: Final = 128
"""Products that take as long as all that a point costs besides: nets of few neurons have few."""


class Exact(Protocol):
    """What has an exact sign everywhere, at a cost of so many products."""

    products: int

    def sign(self, x: Vector) -> int:
        """Return the sign at a point: −1, 0 or 1."""


class Settled:
    """Exact signs of a net or a rule, each point's reckoned once, until the budget is spent."""

    def __init__(self, exact: Exact) -> None:
        self._exact = exact
        self._left = BUDGET
        self._known: dict[bytes, int] = {}

    def at_most_zero(self, X: Matrix, certain: Mask, possible: Mask) -> tuple[Mask, Mask]:
        """Return where the value is ≤ 0 for certain, and where it may be, given what floats say."""
        found = self._signs(X, possible & ~certain)
        return certain | (found <= 0.0), possible & ~(found > 0.0)

    def sides(self, X: Matrix, known: Sides) -> Sides:
        """Return the sides at points in rows, given what floats say of them."""
        zero = known.low & known.high
        found = self._signs(X, ~(known.positive | known.negative | zero))
        return Sides(
            known.low | (found <= 0.0),
            known.high | (found >= 0.0),
            known.positive | (found > 0.0),
            known.negative | (found < 0.0),
        )

    def _signs(self, X: Matrix, wanted: Mask) -> Vector:
        """Return signs at those points that are wanted; NaN elsewhere and where they cost too
        much.
        """
        found = np.full(len(X), np.nan)
        cost = self._exact.products + EACH
        for i in np.flatnonzero(wanted).tolist():
            key = X[i].tobytes()
            if key not in self._known:
                if cost > self._left:
                    continue
                self._left -= cost
                self._known[key] = self._exact.sign(X[i])
            found[i] = self._known[key]
        return found
