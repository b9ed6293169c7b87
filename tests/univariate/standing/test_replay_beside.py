"""Better nets beside a net: the kink example of tests/cases, worked by hand."""

import numpy as np
import pytest

from univariate import ReluNet, Sample
from univariate.problem.fitted import ShallowFitted
from univariate.standing.replay_beside import better_beside

pytestmark = pytest.mark.core

TOLERANCE = 1e-9
# u_A = (1, 1)/3 with its kink on x = −1 and u_B = (−1, 1)/2 with its kink at 1 are 1 on both data
DATA = Sample([-1.0, 2.0], [1.0, 1.0])
CONSTANT = np.array([[1.0], [0.0], [1.0]])  # the global optimum


def net_of(*atoms):
    """Balanced neurons of u = v (w, b) with v > 0, given as ((w, b), …)."""
    line = np.array(atoms).T
    size = np.sqrt(np.hypot(*line))
    return ReluNet(size, *(line / size))


FIRST = net_of((1 / 3, 1 / 3), (-1 / 2, 1 / 2))


def beside(net, witness, sample=DATA):
    return better_beside(ShallowFitted(net, sample), witness, TOLERANCE)


def test_a_kink_may_leave_its_datum_to_either_side():
    """A's kink moves left, and what it gives at −1 is saved of B."""
    better = net_of((0.32, 0.36), (-0.48, 0.48))
    assert beside(FIRST, better)


@pytest.mark.parametrize(
    ("farthest", "leaves"), [(5e-16, True), (1e-12, True), (1.9e-9, True), (2.1e-9, False)]
)
@pytest.mark.parametrize("count", [1, 2, 3])
def test_a_kink_near_several_data_may_leave_all_of_them(farthest, leaves, count):
    """A's kink moves left, past neighbours of −1 within the tolerance: 2e-9 in x. A way that ends
    before those just beyond it saves less than the tolerance.
    """
    better = net_of((0.32, 0.36), (-0.48, 0.48))
    twins = -1.0 - farthest * np.arange(count, 0, -1) / count
    x = np.unique([*twins, -1.0, 2.0])
    mirrored = [ReluNet(net.v, -net.w, net.b) for net in (FIRST, better)]
    assert beside(FIRST, better, Sample(x, np.ones(len(x)))) is leaves
    assert beside(*mirrored, Sample(-x[::-1], np.ones(len(x)))) is leaves


def test_the_optimum_is_elsewhere():
    """Constant, it is on everywhere: for A that is beside −1, for B it is beyond 2."""
    assert not beside(FIRST, ReluNet(*np.hstack([CONSTANT, np.zeros((3, 1))])[:, ::-1]))
    assert beside(FIRST, ReluNet(*np.hstack([CONSTANT, np.zeros((3, 1))])))
    # of another width it is not compared
    assert not beside(FIRST, ReluNet(*CONSTANT))


def test_signs_and_worse_nets():
    worse = net_of((0.4, 0.4), (-0.7, 0.6))
    assert not beside(FIRST, worse)
    assert not beside(FIRST, FIRST)
    turned = net_of((0.32, 0.36), (-0.48, 0.48))
    assert not beside(FIRST, ReluNet(-turned.v, turned.w, turned.b))


def test_neurons_that_are_zero_lie_in_every_cell():
    zero = ReluNet(*(np.append(part, 0.0) for part in (FIRST.v, FIRST.w, FIRST.b)))
    grown = ReluNet(*np.hstack([np.zeros((3, 2)), CONSTANT]))
    assert beside(zero, grown)


@pytest.mark.parametrize("size", [1e-8, 1e-10, 1e-13])
def test_how_small_a_neuron_counts_as_zero_the_tolerance_says(size):
    """One that looks left from 0 comes to be a constant, and costs nothing to make one."""
    little = np.array([[size], [-size], [0.0]])
    net = ReluNet(*np.hstack([[FIRST.v, FIRST.w, FIRST.b], little]))
    grown = ReluNet(*np.hstack([np.zeros((3, 2)), CONSTANT]))
    for tolerance in (1e-9, 1e-12, 1e-15):
        fit = ShallowFitted(net, DATA)
        assert better_beside(fit, grown, tolerance) is (size < 1e3 * tolerance)


def test_the_way_to_a_witness_is_walked_down():
    """The witness itself has B's kink beyond 2, where it is on; halfway it is off there."""
    witness = net_of((1 / 15, 13 / 15), (-0.1, 0.22))
    assert beside(FIRST, witness)
