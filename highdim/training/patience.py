"""Runs that get nowhere: where a net does not interpolate, and its loss hardly falls any more.

The flow of a net that is too small, or stuck, goes on for ever, in ever stiffer steps; neither can
be told from a long way round by a finite part of it. So nothing is said of what would come: a run
ends because more work has not helped.
"""

from math import inf
from typing import Final, NamedTuple

from highdim.training.ending import Ending
from highdim.training.stepper import Look

LEAST_GAIN: Final = 0.05
"""Part of its loss that a run has to lose while its work doubles. At this pace half of the loss
takes more than 2^13 times the work.
"""


class Mark(NamedTuple):
    """Where a run was when its work was counted."""

    time: float
    loss: float


class Patience:
    """Looks at the loss of a run at half of `work`, and whenever the work has doubled since."""

    def __init__(self, work: float) -> None:
        self._next = 0.5 * work
        self._before = Mark(0.0, inf)

    def ending(self, look: Look, time: float, loss: float) -> Ending | None:
        """Return the ending of a run that has got nowhere since the last look."""
        if look.work < self._next:
            return None
        before = self._before
        self._before = Mark(time, loss)
        self._next = 2.0 * look.work  # a step may take it far beyond where it was due
        if not look.wrong.any() or loss < (1.0 - LEAST_GAIN) * before.loss:
            return None
        return Ending(
            "no progress",
            f"the loss fell only from {before.loss:.4g} to {loss:.4g} between flow times"
            f" {before.time:.4g} and {time:.4g}, while the work doubled to {look.work:,} products"
            f" of the kernel; {look.misfit()}; whether more would help is undecided",
        )
