"""Which observations are near kinks, and sums of lines over ranges, against rational arithmetic."""

from fractions import Fraction

import numpy as np
import pytest

from univariate import ReluNet, Sample
from univariate.common.integers import whole
from univariate.problem.fitted import ShallowFitted
from univariate.standing.replay_ranges import Lines, Ranges, near

pytestmark = pytest.mark.core


def far(w: float, b: float, x: float) -> float:
    """(w x + b)²/((w² + b²)(x² + 1)); inf where the way onto x turns the neuron round.

    A constant neuron looks neither way.
    """
    w, b, x = map(Fraction, (w, b, x))
    if w * w + b * b == 0 or (w - b * x > 0 if w < 0 else w != 0 and w - b * x < 0):
        return float("inf")
    return (w * x + b) ** 2 / ((w * w + b * b) * (x * x + 1))


@pytest.mark.parametrize("reach", [1e-12, 1e-9, 1e-6])
@pytest.mark.parametrize("size", [1e-9, 1.0, 1e8, 1e100])
def test_all_observations_within_reach_are_near(reach, size):
    rng = np.random.default_rng(0)
    x = size * rng.standard_normal(20)
    x = np.unique(np.concatenate([x, [0.0], x[:8] * (1.0 + reach * rng.standard_normal(8))]))
    w = rng.standard_normal(60) * rng.choice([1.0, 0.0, -0.0, 1e-8], 60, p=[0.7, 0.1, 0.1, 0.1])
    t = rng.choice(x, 60) * (1.0 + reach * rng.uniform(-2.0, 2.0, 60))
    b = np.where(w == 0.0, rng.choice([1.0, -1.0, 0.0], 60), -w * t)
    fit = ShallowFitted(ReluNet(np.ones(60), w, b), Sample(x, np.ones(len(x))))
    found = near(fit, reach)
    pairs = 0
    for j in range(60):
        if w[j] == b[j] == 0.0:
            assert not found.some[j]
            continue
        squares = np.array([far(w[j], b[j], point) for point in x.tolist()], dtype=object)
        within = np.flatnonzero(squares <= Fraction(reach) ** 2)
        assert np.all((found.first[j] <= within) & (within < found.stop[j]))
        pairs += len(within)
        if w[j] == 0.0:  # its kink is at both ends of the line: inputs between them count, too
            continue
        listed = squares[found.first[j] : found.stop[j]]
        assert np.all(
            listed <= (Fraction(reach) * (1 + Fraction(2) ** -19) + Fraction(2) ** -47) ** 2
        )
    assert pairs > 0


def test_a_constant_neuron_has_its_kink_at_both_ends_of_the_line():
    x = np.array([-1e7, -1.0, 1.0, 1e7])
    for offset in (1.0, -1.0):
        net = ReluNet([1.0], [0.0], [offset])
        for chosen, wanted in ((x, (0, 4)), (x[:3], (0, 1)), (x[1:], (2, 3)), (x[1:3], (0, 0))):
            found = near(ShallowFitted(net, Sample(chosen, np.ones(len(chosen)))), 1e-6)
            first, stop = int(found.first[0]), int(found.stop[0])
            if wanted[0] == wanted[1]:
                assert first >= stop
            else:
                assert first <= wanted[0] < wanted[1] <= stop


def test_lines_are_added_over_their_ranges():
    rng = np.random.default_rng(1)
    x, one = whole(rng.standard_normal(9))
    first, stop = rng.integers(0, 10, (2, 40))
    cut = rng.integers(0, 10, 40)
    left = rng.random(40) < 0.5
    slope, rise = whole(rng.standard_normal((2, 40)))[0]
    lines = Lines(x, one)
    lines.add(Ranges(first, stop).on_side(left, cut), slope, rise)
    wanted = [
        sum(
            slope[j] * x[i] + rise[j] * one
            for j in range(40)
            if first[j] <= i < stop[j] and (i < cut[j]) == left[j]
        )
        for i in range(9)
    ]
    assert lines.sums().tolist() == wanted
