"""Laws of x: whatever kind of distribution, and that a sample keeps its own."""

import pickle

import numpy as np
import pytest
from scipy import stats

import univariate
from univariate import (
    Sample,
    clean_error,
    clean_errors,
    draw_sample,
    gradient_flow,
    init_network,
    kkt_clean_error_bounds,
    kkt_point,
    max_margin,
    nearest_neighbour_clean_error,
    nearest_neighbour_law,
    sample_events,
    search_kkt_points,
    theorem_3_2,
    train_network,
)
from univariate.problem.density import UNIFORM, Density

DATA = np.random.default_rng(0).normal(0.4, 0.2, 80)
LAWS = {
    "beta(2, 5)": stats.beta(2, 5),
    "norm(loc=1, scale=2)": stats.norm(loc=1, scale=2),
    "Normal()": stats.Normal(),
    "Normal(mu=1.0, sigma=2.0)": stats.Normal(mu=1, sigma=2),
    "Mixture([Normal(), Normal(mu=3.0, sigma=1.0)], weights=[0.3, 0.7])": stats.Mixture(
        [stats.Normal(), stats.Normal(mu=3)], weights=[0.3, 0.7]
    ),
    "rv_histogram(8 bins": stats.rv_histogram(np.histogram(DATA, bins=8)),
    "gaussian_kde(80 points": stats.gaussian_kde(DATA),
}
every_law = pytest.mark.parametrize(("name", "given"), LAWS.items(), ids=list(LAWS))


@every_law
def test_a_law_of_any_kind_measures_as_its_own_draws_do(name, given):
    law = Density.of(given)
    assert law.name.startswith(name)
    draws = law.draw(20_000, np.random.default_rng(1))
    for level in np.quantile(draws, [0.02, 0.3, 0.9]):
        assert law.cdf(level) + law.sf(level) == pytest.approx(1.0, abs=1e-14)
        # four standard deviations of a share of 20,000
        assert abs(np.mean(draws <= level) - law.cdf(level)) < 0.015
    low, high = law.middle()
    assert 0.99 < law.cdf(high) - law.cdf(low) < 1.0
    assert law.support()[0] <= low < high <= law.support()[1]


@every_law
def test_a_sample_keeps_its_law_and_everything_asks_it(name, given):
    sample = draw_sample(24, 0.25, rng=3, density=given)
    assert sample.density.name.startswith(name)
    net = max_margin(sample).net
    found = clean_error(net, density=given)
    assert found.density == sample.density.name
    assert clean_error(net, density=sample.density) == found
    near = nearest_neighbour_clean_error(sample)
    assert near == nearest_neighbour_clean_error(sample, density=given)
    assert near.value == pytest.approx(found.value, abs=1e-9)
    report = theorem_3_2(net, sample)
    assert report.clean_error == found
    # told otherwise, it does otherwise
    assert theorem_3_2(net, sample, density=stats.uniform()).clean_error == clean_error(net)
    assert nearest_neighbour_law(net, sample).clean_error == found
    assert kkt_clean_error_bounds(sample) == kkt_clean_error_bounds(sample, density=given)
    assert sample_events(sample, 0.05) == sample_events(sample, 0.05, density=given)
    assert pickle.loads(pickle.dumps(sample)) == sample


def test_training_and_search_ask_the_sample():
    law = stats.beta(2, 5)
    sample = draw_sample(10, 0.3, rng=2, density=law)
    start = init_network(sample, rng=5)
    run = gradient_flow(start, sample, margin=2.0)
    assert run.density == "beta(2, 5)"
    assert run.clean_errors[-1] == clean_error(run.net, density=law).value
    point = kkt_point(run.net, sample)
    assert point.clean_error == clean_error(point.net, density=law)
    trained = train_network(sample, rng=5, margin=2.0)
    assert trained.density == sample.density
    assert trained.trajectory.clean_errors[-1] == trained.end_clean_error.value
    assert trained.clean_error == clean_error(trained.net, density=law)
    told = train_network(sample, rng=5, margin=2.0, density=stats.uniform())
    assert told.density == UNIFORM
    assert told.clean_error == clean_error(told.net)
    (found, *_) = search_kkt_points(sample, count=1, rng=0)
    assert found.clean_error == clean_error(found.net, density=law)
    with pytest.raises(ValueError, match=r"`density` must be that of the run to resume, 'beta"):
        gradient_flow(run.net, sample, resume=run, density=stats.uniform())


def test_stacks_of_nets_under_a_law():
    v, w, b = np.random.default_rng(0).normal(size=(3, 5, 4))
    law = stats.beta(2, 5)
    found = clean_errors(v, w, b, density=law)
    singly = [
        clean_error(univariate.ReluNet(*parts), density=law).value
        for parts in zip(v, w, b, strict=True)
    ]
    assert found.tolist() == singly


def test_a_file_keeps_the_law_by_its_name(tmp_path):
    sample = draw_sample(12, 0.3, rng=1, density=stats.beta(2, 5))
    sample.save(tmp_path / "s.npz")
    again = Sample.load(tmp_path / "s.npz")
    assert again == sample
    assert nearest_neighbour_clean_error(again) == nearest_neighbour_clean_error(sample)
    other = draw_sample(12, 0.3, rng=1, density=LAWS["gaussian_kde(80 points"])
    other.save(tmp_path / "k.npz")
    again = Sample.load(tmp_path / "k.npz")
    assert again.density == other.density
    with pytest.raises(ValueError, match=r"`density` must be passed: .* gaussian_kde\(80 points"):
        nearest_neighbour_clean_error(again)
    given = nearest_neighbour_clean_error(again, density=LAWS["gaussian_kde(80 points"])
    assert given == nearest_neighbour_clean_error(other)


@pytest.mark.parametrize(
    ("given", "message"),
    [
        (stats.poisson(3), "must be continuous, got 'poisson'"),
        (stats.Binomial(n=3, p=0.5), "must be continuous, got 'Binomial'"),
        (stats.rv_discrete(name="dice", values=([0, 1], [0.5, 0.5])), "continuous, got 'dice'"),
        (stats.vonmises(2.0), "a law of angles is none on the line; pass one that is"),
        (stats.norm, "got scipy.stats.norm without parentheses"),
        (stats.gaussian_kde(np.random.default_rng(0).normal(size=(2, 50))), "of 2 variables"),
        (stats.norm([0, 1], 1), "one number, got parameters of shape"),
        (stats.Normal(mu=[0, 1]), "one number, got 2 of them"),
        (stats.norm(0, -1), "parameters that its family allows"),
        (stats.ecdf([1, 2, 3]), "data have atoms"),
        ([0.1, 0.2], "data have atoms"),
        (stats.multivariate_normal([0, 0]), "got multivariate_normal_frozen"),
        (3, "got int"),
        ("beta(2", "must be a scipy.stats name"),
    ],
    ids=lambda part: part if isinstance(part, str) else type(part).__name__,
)
def test_what_is_no_law_is_refused_by_name(given, message):
    with pytest.raises((TypeError, ValueError), match="`density` must") as caught:
        draw_sample(5, 0.2, rng=0, density=given)
    assert message in str(caught.value)


@pytest.mark.parametrize("far", [1e100, 1e300, 1.7e308])
def test_a_cdf_that_overflows_far_out_has_its_limits_there(far):
    law = Density.of(stats.mielke(10.4, 4.6))  # NaN in scipy
    assert law.cdf([1.0, far]).tolist() == [stats.mielke(10.4, 4.6).cdf(1.0), 1.0]
    assert (law.sf(far), law.cdf(-far), law.sf(-far)) == (0.0, 0.0, 1.0)
    assert Density.of(stats.kappa3(1.0)).cdf(far) <= 1.0  # 1 + 2e-16 in scipy
    sample = draw_sample(10, 0.4, rng=2, density=law)
    error = clean_error(max_margin(sample).net, density=law)
    assert error.high - error.low < 1e-9
    assert nearest_neighbour_clean_error(sample).value == pytest.approx(error.value, abs=1e-9)


def test_theorems_say_whether_x_is_uniform_as_printed():
    sample = draw_sample(400, 0.1, rng=0, density=stats.beta(2, 5))
    net = max_margin(sample).net
    (row,) = (one for one in theorem_3_2(net, sample).hypotheses if one.name == "x beta(2, 5)")
    assert (row.form, row.holds) == ("corrected", True)
    assert "printed for Unif[0, 1]" in row.reason
    # the law forgotten: the data refute that they are uniform, and no claim is made
    told = theorem_3_2(net, sample, density=stats.uniform())
    (row,) = (one for one in told.hypotheses if one.name == "x uniform on [0, 1]")
    assert (row.form, row.holds) == ("printed", False)
    assert "x uniform on [0, 1] (FAILS)" in told.reason
    assert told.verdict is univariate.Verdict.UNDECIDED
    uniform = draw_sample(400, 0.1, rng=0)
    (row,) = (
        one
        for one in theorem_3_2(max_margin(uniform).net, uniform).hypotheses
        if one.name == "x uniform on [0, 1]"
    )
    assert row.holds


def test_names_of_scipy_with_parameters_it_does_not_allow_are_refused_in_files(tmp_path):
    path = tmp_path / "s.csv"
    for name in ("beta(-2, 5)", "beta", "norm(0, x)"):
        path.write_text(f'# univariate.Sample/1 {{"density": "{name}"}}\nx,y\n0.5,1\n')
        with pytest.raises(ValueError, match="`density` must have"):
            Sample.load(path)
    path.write_text('# univariate.Sample/1 {"density": "mine(2)"}\nx,y\n0.5,1\n')
    assert Sample.load(path).density.name == "mine(2)"


def test_inputs_lie_where_their_density_does(tmp_path):
    for density, x, i in (
        ("beta(2, 5)", [0.5, 3.0], 1),
        ("expon", [-0.1, 1.0], 0),
        ("uniform(1, 2)", [1.5, 3.0 + 1e-14], 1),
    ):
        message = rf"`x` must lie where the density does, in \[.*, got x\[{i}\] = "
        with pytest.raises(ValueError, match=message):
            Sample(x, [1.0, -1.0], density=density)
    # ends belong to it, up to rounding, and Unif[0, 1] is a hypothesis that may fail
    assert Sample([1.0, 3.0 + 4e-16], [1.0, -1.0], density="uniform(1, 2)").size == 2
    assert Sample([-4.0, 7.0], [1.0, -1.0]).density == UNIFORM
    assert Sample([-4.0, 7.0], [1.0, -1.0], density="norm").size == 2
