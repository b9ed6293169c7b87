"""Step sizes by step doubling, and rejection of steps that raise the loss."""

from typing import Final, NamedTuple

import numpy as np

from univariate.training.implicit import implicit_step, unsolved
from univariate.training.states import FREE, Data, State

_SAFETY: Final = 0.85
_GROWTH: Final = 2.0
_SHRINKAGE: Final = 0.2
_LEAST_SHRINKAGE: Final = 0.9  # of a rejected step
_SHORTER: Final = 0.5  # where a step of another length is not found, or raises the loss
_ACCURACY: Final = 1e-4  # of the ends of steps, relative to the tolerance
_EASY: Final = 10  # so many corrections let steps grow; more, less
_SMALLEST: Final = 1e-15


class Facts(NamedTuple):
    """What a step did; nothing at the start of a run, and in gradient descent."""

    error: float = 0.0  # estimated
    crossed: int = 0  # data crossed by kinks
    caught: int = 0  # kinks that began to slide
    rejected: int = 0  # longer steps that were tried in vain


class Step(NamedTuple):
    """An accepted step: its end, log L half way, its length in σ, and that of the next."""

    state: State
    middle: float
    length: float
    next_length: float
    facts: Facts


class Doubled(NamedTuple):
    """Two half steps: their ends, and how far one whole step ends from them."""

    half: State
    end: State
    error: float
    corrections: int  # the most that one of the three took


def controlled_step(state: State, data: Data, length: float, tolerance: float) -> Step | None:
    """Take two half steps that differ from a whole one by ≤ `tolerance`; None if none do.

    The difference is that of the margins, common growth aside: relative to one another they decide
    the weights. What hardly changes weights counts less, and so does what jumps.
    """
    rejected = 0
    growth = _GROWTH
    while length > _SMALLEST:
        found = _doubled(state, data, length, _ACCURACY * tolerance)
        if found is None:
            rejected += 1
            length *= _SHORTER
            growth = 1.0
            continue
        half, end, error, corrections = found
        growth = min(growth, _GROWTH * (_EASY / max(corrections, _EASY)))
        falls = end.weights.log_loss <= state.weights.log_loss
        if falls and error <= tolerance:
            wanted = _SAFETY * np.sqrt(tolerance / max(error, 1e-300))
            next_length = length * float(np.clip(wanted, _SHRINKAGE, growth))
            facts = _facts(state, end, error, rejected)
            return Step(end, half.weights.log_loss, length, next_length, facts)
        rejected += 1
        shrink = _SAFETY * np.sqrt(tolerance / error) if falls else _SHORTER
        length *= float(np.clip(shrink, _SHRINKAGE, _LEAST_SHRINKAGE))
    return None


def _facts(state: State, end: State, error: float, rejected: int) -> Facts:
    """Return what a step did."""
    was_free = state.held == FREE
    is_free = end.held == FREE
    crossed = int(np.abs(end.cell - state.cell)[was_free & is_free].sum())
    return Facts(error, crossed, int(np.sum(was_free & ~is_free)), rejected)


def _doubled(state: State, data: Data, length: float, accuracy: float) -> Doubled | None:
    """Take two half steps and a whole one; None if one of them is not found."""
    try:
        half = implicit_step(state, data, 0.5 * length, None, accuracy)
        if unsolved(half[1]):
            return None
        end = implicit_step(half[0], data, 0.5 * length, None, accuracy)
        if unsolved(end[1]):
            return None
        whole = implicit_step(state, data, length, end[0], accuracy)
    except np.linalg.LinAlgError:  # rounding made a system indefinite whose entries are far apart
        return None
    if unsolved(whole[1]) or not np.all(np.isfinite(end[0].margins - whole[0].margins)):
        return None
    corrections = max(half[1], end[1], whole[1])
    return Doubled(half[0], end[0], _difference(state, whole[0], end[0]), corrections)


def _difference(start: State, whole: State, halves: State) -> float:
    """Return the largest felt difference of margins from its mean, and the relative mean.

    A margin that moves by more than 1 against the mean counts relative to that: when a datum comes
    free its margin rises like the logarithm of the time since, whole steps and halves are log 2
    apart however short they are, and later steps forget it.
    """
    share = halves.weights.first / halves.weights.first.sum()
    gap = halves.margins - whole.margins
    mean = float(share @ gap)
    moved = halves.margins - start.margins
    scale = np.maximum(1.0, np.abs(moved - float(share @ moved)))
    largest = float((np.sqrt(halves.weights.felt) * np.abs(gap - mean) / scale).max())
    return largest + abs(mean) / max(1.0, abs(float(start.margins.min())))
