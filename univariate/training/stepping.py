"""Step sizes by step doubling, and rejection of steps that raise the loss."""

from typing import Final, NamedTuple

import numpy as np

from univariate.training.implicit import FREE, Data, State, implicit_step

_FELT: Final = 1e-6  # of the largest ℓ''/L: whose margins are controlled
_SAFETY: Final = 0.9
_GROWTH: Final = 3.0
_SHRINKAGE: Final = 0.2
_LEAST_SHRINKAGE: Final = 0.9  # of a rejected step
_SMALLEST: Final = 1e-15


class Facts(NamedTuple):
    """What a step did; nothing at the start of a run, and in gradient descent."""

    error: float = 0.0  # estimated
    crossed: int = 0  # data crossed by kinks
    caught: int = 0  # kinks that began to slide
    rejected: int = 0  # longer steps that were tried in vain


class Step(NamedTuple):
    """An accepted step: its end, its length in σ, and the length of the one to come."""

    state: State
    length: float
    next_length: float
    facts: Facts


def controlled_step(state: State, data: Data, length: float, tolerance: float) -> Step | None:
    """Take two half steps that differ from a whole one by ≤ `tolerance`; None if none do.

    The difference is that of the margins, common growth aside: relative to one another they decide
    the weights.
    """
    rejected = 0
    while length > _SMALLEST:
        end, error = _doubled(state, data, length)
        falls = end.weights.log_loss <= state.weights.log_loss
        if falls and error <= tolerance:
            wanted = _SAFETY * np.sqrt(tolerance / max(error, 1e-300))
            next_length = length * float(np.clip(wanted, _SHRINKAGE, _GROWTH))
            was_free = state.held == FREE
            is_free = end.held == FREE
            crossed = int(np.abs(end.cell - state.cell)[was_free & is_free].sum())
            caught = int(np.sum(was_free & ~is_free))
            return Step(end, length, next_length, Facts(error, crossed, caught, rejected))
        rejected += 1
        shrink = _SAFETY * np.sqrt(tolerance / error) if falls and np.isfinite(error) else 0.5
        length *= float(np.clip(shrink, _SHRINKAGE, _LEAST_SHRINKAGE))
    return None


def _doubled(state: State, data: Data, length: float) -> tuple[State, float]:
    """Return the end of two half steps, and how far one whole step ends from it."""
    try:
        whole = implicit_step(state, data, length)[0]
        half = implicit_step(state, data, 0.5 * length)[0]
        end = implicit_step(half, data, 0.5 * length)[0]
    except np.linalg.LinAlgError:  # rounding made a system indefinite whose entries are far apart
        return state, float("inf")
    return end, _difference(state, whole, end)


def _difference(start: State, whole: State, halves: State) -> float:
    """Return the largest felt difference of margins from its mean, and the relative mean."""
    gap = halves.margins - whole.margins
    if not np.all(np.isfinite(gap)):
        return float("inf")
    share = start.weights.first / start.weights.first.sum()
    mean = float(share @ gap)
    felt = start.weights.second > _FELT * start.weights.second.max()
    largest = float(np.abs(gap - mean)[felt].max(initial=0.0))
    return largest + abs(mean) / max(1.0, abs(float(start.margins.min())))
