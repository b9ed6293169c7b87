"""Runs that get nowhere end, and say what that does and does not mean."""

import numpy as np
import pytest
from typer.testing import CliRunner

import highdim
from highdim.cli.app import app
from highdim.training.patience import LEAST_GAIN, Patience
from highdim.training.stepper import Look

WRONG = np.array([1.0, -1.0])
RIGHT = np.array([1.0, 2.0])


def look(work: int, margins=WRONG) -> Look:
    return Look(margins, (), work=work)


def ending_works(losses, patience: float = 100.0, margins=WRONG):
    """Return the work at which patience ends, with these losses at works 10, 20, 30, …."""
    asked = Patience(patience)
    for k, loss in enumerate(losses, 1):
        if asked.ending(look(10 * k, margins), float(k), loss) is not None:
            return 10 * k
    return None


def test_patience_ends_where_the_loss_hardly_falls_while_the_work_doubles():
    # asked at 50, 100, 200, …, and not in between
    assert ending_works([5.0] * 100) == 100
    assert ending_works([5.0] * 9) is None
    assert ending_works([5.0] * 4 + [5.0] * 4 + [1.0] * 100) == 200
    halved = [1.0 / (k + 1) for k in range(100)]
    assert ending_works(halved) is None
    least = 1.0 - LEAST_GAIN
    assert ending_works([1.0] * 9 + [least * 0.999] * 9) is None
    assert ending_works([1.0] * 9 + [least * 1.001] * 9) == 100


def test_patience_has_no_end_where_the_net_interpolates_or_none_is_asked_for():
    assert ending_works([5.0] * 100, margins=RIGHT) is None
    assert ending_works([5.0] * 100, patience=np.inf) is None


def test_a_step_may_take_the_work_far_beyond_where_it_was_due():
    """The next look was at a multiple of patience: at 1600, of work that had hardly grown."""
    asked = Patience(100.0)
    assert asked.ending(look(1550), 1.0, 2.0) is None
    assert asked.ending(look(1700), 1.5, 2.0) is None
    assert asked.ending(look(3099), 1.8, 2.0) is None
    found = asked.ending(look(3100), 2.0, 2.0)
    assert found.status == "no progress"
    assert "fell only from 2 to 2 between flow times 1 and 2" in found.reason
    assert "1 of 2 observations are wrong: 1 (y N(x) = -1)" in found.reason
    assert "whether more would help is undecided" in found.reason


@pytest.fixture(scope="module")
def stuck():
    """A sample on the circle, and a net of two neurons, which cannot fit its changes of sign."""
    return highdim.draw_sphere_sample(30, 2, 0.3, rng=0), highdim.init_network(2, 2, rng=0)


def test_a_run_that_is_stuck_ends_and_is_the_same_until_then(stuck):
    sample, net = stuck
    found = highdim.gradient_flow(net, sample, margin=0.5, steps=5000, patience=2000)
    assert found.status == "no progress"
    assert found.wrong[-1] > 0
    whole = highdim.gradient_flow(net, sample, margin=0.5, steps=found.steps)
    assert whole.status == "steps exhausted"
    assert whole.net == found.net
    assert whole.losses.tobytes() == found.losses.tobytes()


def test_a_run_that_gets_on_is_not_touched():
    sample = highdim.draw_sphere_sample(10, 50, 0.2, rng=0)
    net = highdim.init_network(20, 50, rng=0)
    plain = highdim.gradient_flow(net, sample, margin=2.0)
    found = highdim.gradient_flow(net, sample, margin=2.0, patience=1000)
    assert found.status == plain.status == "margin reached"
    assert found.net == plain.net


def test_patience_is_of_the_flow_and_positive(stuck):
    sample, net = stuck
    with pytest.raises(ValueError, match="`patience` must be an integer >= 1, got 0"):
        highdim.gradient_flow(net, sample, margin=1.0, patience=0)
    with pytest.raises(ValueError, match="`patience` must be left out for `method` gd, got 5"):
        highdim.gradient_flow(net, sample, method="gd", steps=5, patience=5)


def test_the_command_says_what_was_not_reached_and_what_to_try(tmp_path, monkeypatch):
    monkeypatch.setattr("highdim.cli.report_command.MOST_PATIENCE", 2000)
    line = ["report", "--m", "30", "--d", "2", "--p", "0.3", "--width", "2", "--no-figure"]
    found = CliRunner().invoke(app, [*line, "--margin", "0.5", "--out", str(tmp_path)])
    assert found.exit_code == 0
    assert "no progress" in found.stdout
    assert found.stderr.startswith("training ended before its goal, no progress: the loss fell")
    assert found.stderr.endswith("or give a --flow-time, to which the flow is followed\n")
    # with a time the run has an end, and patience is not asked for
    line += ["--margin", "0.5", "--flow-time", "200", "--overwrite", "--out", str(tmp_path)]
    found = CliRunner().invoke(app, line)
    assert (found.exit_code, found.stderr) == (0, "")
    assert "time reached" in found.stdout
