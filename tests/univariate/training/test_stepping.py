"""How far steps of the flow are from their ends, and from one another."""

import numpy as np
import pytest

from univariate.training import descents, implicit, states, stepping
from univariate.training.losses import Weights, weigh

LOW = 1e-12  # a weight, relative to the largest


def state(margins, weights=None) -> states.State:
    """A state of three observations, of which only margins and weights matter."""
    margins = np.asarray(margins, dtype=float)
    nothing = np.empty(0, dtype=np.intp)
    found = weigh(margins, "exponential") if weights is None else weights
    return states.State(np.empty((3, 0)), nothing, nothing, margins, found)


def way(gain, lag, relative=(1.0, 1.0, LOW)) -> descents.Way:
    first = np.asarray(relative) / np.sum(relative)
    where = state([1.0, 1.0, 30.0], Weights(0.0, first, first))
    return descents.Way(where, np.empty((3, 0)), np.asarray(gain), np.asarray(lag))


@pytest.mark.parametrize(
    ("moved", "scale"), [(0.0, 1.0), (0.5, 1.0), (-0.5, 1.0), (10.0, 10.0), (-10.0, 10.0)]
)
def test_errors_of_margins_that_jump_are_relative_to_the_jump(moved, scale):
    """The other two carry all the weight, and stand still."""
    weights = Weights(0.0, np.array([0.5, 0.5, LOW]), np.array([0.5, 0.5, LOW]))
    start = state([1.0, 1.0, 30.0])
    halves = state([1.0, 1.0, 30.0 + moved], weights)
    whole = state([1.0, 1.0, 30.0 + moved - 0.1], weights)
    expected = np.sqrt(weights.felt[2]) * 0.1 / scale
    assert stepping._difference(start, whole, halves) == pytest.approx(expected, rel=1e-6)


def test_common_growth_hides_no_error():
    """All margins grow by 10, one of them by 0.1 more in two half steps than in one."""
    start = state([1.0, 1.0, 1.0])
    halves = state([11.0, 11.0, 11.1])
    whole = state([11.0, 11.0, 11.0])
    share = halves.weights.first[2] / halves.weights.first.sum()
    largest = max(np.sqrt(halves.weights.felt[2]) * (0.1 - 0.1 * share), 0.1 * share)
    expected = largest + 0.1 * share
    assert stepping._difference(start, whole, halves) == pytest.approx(expected, rel=1e-9)


def test_what_is_hardly_felt_counts_less_after_many_corrections():
    far = way([0.0, 0.0, 1e-2], [0.0, 0.0, 0.0])
    assert implicit._left_over(far, 0) == far.size
    assert implicit._left_over(far, implicit._PATIENCE) == far.effect
    assert far.effect < 1e-7
    assert far.size > 1e-6
    near = way([1e-2, 0.0, 0.0], [0.0, 0.0, 0.0])
    assert near.effect == pytest.approx(near.size)


@pytest.mark.parametrize(("least", "lowest"), [(1.0, 0.5), (0.0, -0.5), (-10.0, -15.0)])
def test_virtual_margins_do_not_fall_far_below_all_others(least, lowest):
    """A datum was thrown back by 900 while its weight was far below the smallest double."""
    virtual = np.array([least, least + 1.0, 120.0])
    now = descents.Iterate(state(virtual), virtual, 0.0)
    thrown = way([0.0, 0.0, 5.0], [0.0, 0.0, -900.0])
    data = states.Data(np.arange(3.0), np.ones(3), "exponential")
    assert descents._carried(now, thrown, 1.0, data)[2] == lowest
    behind = way([0.0, 0.0, 5.0], [0.0, 0.0, -100.0])
    assert descents._carried(now, behind, 1.0, data)[2] == 25.0
