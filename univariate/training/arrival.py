"""The last step of a flow, or the last few: to the margin that a run was asked for."""

from typing import Final

from univariate.training.states import Data, State
from univariate.training.stepping import Step, controlled_step

NEAR: Final = 1e-3
"""How far beyond its goal a run may end, relative to the goal."""

_TRIES: Final = 8
_INSIDE: Final = 0.05  # of what is left between lengths too short and too long


def passes(step: Step, goal: float) -> bool:
    """Whether a step ends too far beyond a goal."""
    return _margin(step.state) > goal * (1.0 + NEAR)


def arriving_step(state: State, data: Data, whole: Step, goal: float, tolerance: float) -> Step:
    """Return a step to a margin between the goal and `NEAR` beyond, given one that passes both.

    Lengths by linear interpolation: late margins grow like σ. Where no step of a suitable length is
    found, a shorter one on the way; where there is no such one either, one that goes farther.
    """
    aim = goal * (1.0 + 0.5 * NEAR)
    start = _margin(state)
    best = whole
    short: Step | None = None
    for _ in range(_TRIES):
        if not passes(best, goal):
            return best
        low = (0.0, start) if short is None else (short.length, _margin(short.state))
        part = (aim - low[1]) / (_margin(best.state) - low[1])
        part = min(max(part, _INSIDE), 1.0 - _INSIDE)
        step = controlled_step(state, data, low[0] + part * (best.length - low[0]), tolerance)
        if step is None or step.length <= low[0]:
            break
        if _margin(step.state) >= goal:
            best = step
        else:
            short = step
    if short is not None and _margin(short.state) - start >= _INSIDE * (goal - start):
        return short
    return best


def _margin(state: State) -> float:
    return float(state.margins.min())
