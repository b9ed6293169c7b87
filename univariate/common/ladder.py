"""The ladder of Problem (1), on the line and on the sphere, and how far up a net is known to be."""

from collections.abc import Sequence
from typing import Final

from univariate.common.result import Result, Verdict, result

LEVELS: Final = ("infeasible", "feasible", "kkt", "local minimum", "global minimum")
"""The levels, each implying those before it."""


@result
class Ladder(Result):
    """The level of a net, by its name in `LEVELS`."""

    level: str

    @property
    def rank(self) -> int:
        """The place of the level in `LEVELS`, for comparisons."""
        return LEVELS.index(self.level)


def reached(verdicts: Sequence[Verdict]) -> int:
    """Return the place in `LEVELS` that verdicts on all levels but the first lead to.

    It is that of the last verdict that HOLDS, whatever is undecided before it; a net that is not
    known to interpolate is infeasible.
    """
    if verdicts[0] is not Verdict.HOLDS:
        return 0
    return max(k for k, verdict in enumerate(verdicts) if verdict is Verdict.HOLDS) + 1
