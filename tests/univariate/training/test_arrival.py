"""Runs end at the margin asked for, and go on from there as if they had not."""

import math

import numpy as np
import pytest
from strategies import read_only

from univariate import Trajectory, draw_sample, gradient_flow, init_network, loss_and_gradient
from univariate.training.arrival import NEAR
from univariate.training.kernels import regimes
from univariate.training.losses import LOSSES


@pytest.mark.parametrize("loss", LOSSES)
@pytest.mark.parametrize("goal", [1.0, 50.0])
@pytest.mark.parametrize("m", [1, 5, 20])
def test_runs_end_at_their_margin(m, goal, loss):
    """Not 17 to 70 % beyond; of m = 20 one passes a range of lengths at which no step is found."""
    for seed in range(3):
        sample = draw_sample(m, 0.2, rng=seed)
        found = gradient_flow(init_network(sample, rng=seed + 1), sample, margin=goal, loss=loss)
        assert found.status == "margin reached"
        assert goal <= found.margins[-1] <= goal * (1.0 + NEAR)
        assert np.all(found.margins[:-1] < goal)
        assert np.all(np.diff(found.log_losses) <= 0.0)
        margins = loss_and_gradient(found.net, sample, loss=loss).margins
        assert found.margins[-1] == margins.min()


@pytest.mark.parametrize("goals", [(2.0, 2.001, 40.0), (30.0, 50.0)])
def test_runs_from_goal_to_goal_are_the_run(tmp_path, goals):
    """Bit for bit, through files, though the steps before a goal were shortened."""
    sample = draw_sample(20, 0.2, rng=0)
    net = init_network(sample, rng=1)
    whole = gradient_flow(net, sample, margin=goals[-1])
    part = gradient_flow(net, sample, margin=goals[0])
    assert part.turn.shape == (4, net.width)
    assert 0 < part.turn_row < len(part.margins) - 1
    for goal in goals[1:]:
        part.save(tmp_path / "run.npz")
        part = Trajectory.load(tmp_path / "run.npz")
        part = gradient_flow(part.net, sample, margin=goal, resume=part)
    for name in ("margins", "log_times", "scaled_times", "sliding", "turn", "next_step"):
        assert np.array_equal(getattr(part, name), getattr(whole, name)), name
    assert np.array_equal(part.net.v, whole.net.v)
    assert np.array_equal(part.snapshot_log_times, whole.snapshot_log_times)


def neuron(way: float, weight: float) -> tuple[np.ndarray, np.ndarray, np.ndarray, regimes.Weighed]:
    """One neuron held on the middle of three data: θ, what holds it, its pace, and the data."""
    x = read_only(np.array([0.0, 1.0, 2.0]))
    y = read_only(np.array([1.0, -1.0, 1.0]))
    first = np.array([1.0, weight, 1.0])
    data = regimes.Weighed(x, y, first, *regimes.sums(x, y, first))
    theta = np.array([[2.0], [1.0], [-1.0]])
    return theta, np.array([1]), np.array([[way], [0.0]]), data


@pytest.mark.core
@pytest.mark.parametrize(
    ("way", "weight", "drive"),
    # v = 2: the datum 2 drives z by 2 (2·1 + 1) = 6, the datum 1 holds by 4 weight
    [(0.0, 4.0, 0.0), (0.0, 0.5, 8.0), (-7.0, 4.0, 2.0), (11.0, 4.0, 2.0), (0.0, 0.0, math.inf)],
)
def test_drives_by_hand(way, weight, drive):
    theta, held, pace, data = neuron(way, weight)
    assert regimes.drives(theta, held, pace, data).tolist() == [drive]
    assert regimes.drives(theta, np.array([regimes.FREE]), pace, data).tolist() == [0.0]
    for bar in (0.0, 1.0, 2.0, 8.0, math.inf):
        arrays = theta.copy(), np.array([2]), held.copy()
        count = regimes.advance(
            arrays[0], np.zeros((3, 1)), True, arrays[1], arrays[2], pace, data, bar
        )
        leaves = drive > bar
        assert count == leaves
        assert (arrays[2][0] == regimes.FREE) == leaves
        assert arrays[1][0] == (1 if leaves and way >= 0.0 else 2)
