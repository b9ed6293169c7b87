"""Trained nets: what is bundled agrees with what it is made of, and nothing is claimed where
nothing is known.
"""

from dataclasses import replace

import numpy as np
import pytest
from scipy import stats

import univariate.training.trained
from univariate import (
    ReluNet,
    Sample,
    TrainedNet,
    Verdict,
    certify,
    clean_error,
    draw_sample,
    gradient_flow,
    init_network,
    interpolates,
    kkt_certificate,
    max_margin,
    search_kkt_points,
    spline,
    theorem_3_2,
    train_network,
)

LATER = ("point", "standing", "structure", "norm_ratio", "regions", "theorem_3_1", "theorem_3_2")


@pytest.fixture(scope="module")
def sample() -> Sample:
    return draw_sample(12, 0.3, rng=3)


@pytest.fixture(scope="module")
def trained(sample) -> TrainedNet:
    return train_network(sample, rng=1, margin=60.0)


def test_it_holds_the_run_and_its_start(trained, sample):
    start = init_network(sample, rng=1)
    np.testing.assert_array_equal(trained.start.b, start.b)
    assert trained.trajectory.status == "margin reached"
    assert trained.trajectory.margins[-1] >= 60.0
    assert trained.interpolates
    assert trained.missing == ""
    assert trained.end_clean_error == clean_error(trained.trajectory.net)


def test_everything_is_about_the_kkt_point(trained, sample):
    net = trained.net
    assert net is trained.point.net
    assert kkt_certificate(net, sample).verdict is Verdict.HOLDS
    assert trained.standing.level == certify(net, sample).level
    assert trained.standing.rank >= 2
    assert trained.clean_error == clean_error(net)
    assert trained.structure.worst_margin == pytest.approx(1.0)
    assert trained.regions == spline(net).linear_regions()
    assert trained.theorem_3_2.verdict is theorem_3_2(net, sample).verdict


def test_norms_are_compared_at_margin_one(trained, sample):
    least = max_margin(sample).norm_squared
    run = trained.trajectory
    assert trained.optimum.norm_squared == least
    assert trained.norm_ratio == pytest.approx(trained.net.norm_squared / least, rel=1e-6)
    assert trained.end_norm_ratio == pytest.approx(
        run.norms_squared[-1] / run.margins[-1] / least, rel=1e-9
    )
    assert 1.0 - 1e-9 <= trained.norm_ratio <= trained.end_norm_ratio


def test_same_seed_same_bits(trained, sample):
    again = train_network(sample, rng=1, margin=60.0, optimum=max_margin(sample))
    for part in "vwb":
        np.testing.assert_array_equal(
            getattr(again.trajectory.net, part), getattr(trained.trajectory.net, part)
        )
        np.testing.assert_array_equal(getattr(again.net, part), getattr(trained.net, part))
    assert again.to_dict() == trained.to_dict()


def test_options_reach_the_theorems(sample):
    from scipy import stats

    density = stats.beta(2, 2)
    found = train_network(sample, rng=1, margin=10.0, delta=0.2, p=0.25, density=density)
    assert (found.theorem_3_1.delta, found.theorem_3_1.p) == (0.2, 0.25)
    assert found.clean_error == clean_error(found.net, density=density)
    assert found.end_clean_error == clean_error(found.trajectory.net, density=density)


def test_a_run_that_does_not_interpolate_claims_nothing():
    alternating = Sample(np.arange(1.0, 10.0) / 10.0, np.array([1.0, -1.0] * 4 + [1.0]))
    found = train_network(alternating, rng=0, scheme="pytorch", width=3)
    assert found.trajectory.status == "cannot interpolate"
    assert not found.interpolates
    assert all(getattr(found, name) is None for name in (*LATER, "end_norm_ratio"))
    assert found.missing == found.trajectory.reason
    assert found.net is found.trajectory.net
    assert found.clean_error is found.end_clean_error


def test_an_interrupted_run_is_not_examined(trained, sample):
    stopped = replace(trained.trajectory, status="interrupted", reason="interrupted after 5 steps")
    found = TrainedNet.of(stopped, sample)
    assert found.interpolates
    assert all(getattr(found, name) is None for name in LATER)
    assert found.missing == "interrupted after 5 steps"


def test_the_end_of_the_run_is_examined_where_polishing_fails(trained, sample, monkeypatch):
    def fail(*_, **__):
        raise ArithmeticError("no optimum over the cell")

    monkeypatch.setattr(univariate.training.trained, "kkt_point_of", fail)
    found = TrainedNet.of(trained.trajectory, sample)
    assert (found.point, found.missing) == (None, "no optimum over the cell")
    assert found.net is trained.trajectory.net
    assert found.standing.level == "feasible"
    assert found.norm_ratio == pytest.approx(trained.end_norm_ratio)
    assert found.theorem_3_1.verdict is Verdict.UNDECIDED


def test_any_run_can_be_examined(sample):
    net = max_margin(sample).net
    run = gradient_flow(ReluNet(8.0 * net.v, net.w, net.b), sample, margin=4.0)
    found = TrainedNet.of(run, sample)
    assert interpolates(run.net, sample).verdict is Verdict.HOLDS
    assert found.standing.level == "global minimum"
    np.testing.assert_array_equal(found.start.v, 8.0 * net.v)


@pytest.mark.parametrize(
    ("options", "message"),
    [
        ({"delta": 0.0}, "`delta` must lie in"),
        ({"p": 1.5}, "`p` must lie in"),
        ({"scheme": "random"}, "`scheme` must be one of"),
        ({"loss": "square"}, "`loss` must be one of"),
        ({"margin": 0.0}, "`margin` must be positive"),
    ],
)
def test_bad_options_are_refused_before_training(sample, options, message, monkeypatch):
    monkeypatch.setattr(
        "univariate.training.run.Run.go", lambda *_, **__: pytest.fail("it trained")
    )
    with pytest.raises(ValueError, match=message):
        train_network(sample, rng=0, **options)


def test_a_density_is_a_distribution(sample):
    with pytest.raises(TypeError, match="`density` must be a frozen"):
        train_network(sample, rng=0, density=3)


def test_every_clean_error_of_a_run_is_under_its_density():
    density = stats.beta(2.0, 5.0)
    sample = draw_sample(12, 0.3, rng=2, density=density)
    found = train_network(sample, rng=1, density=density)
    assert found.end_clean_error == clean_error(found.trajectory.net, density=density)
    point = found.point
    assert point.clean_error == clean_error(point.net, density=density)
    assert point.clean_error.value != clean_error(point.net).value
    assert point.clean_error_change == pytest.approx(
        point.clean_error.value - found.end_clean_error.value, abs=1e-12
    )
    assert found.theorem_3_1.clean_error == point.clean_error
    for one in search_kkt_points(sample, count=2, rng=0, draws=6, density=density):
        assert one.clean_error == clean_error(one.net, density=density)
    with pytest.raises(TypeError, match="`density` must be a frozen"):
        search_kkt_points(sample, count=1, rng=0, density=3)
