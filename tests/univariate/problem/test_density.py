"""Laws of x: whatever kind of distribution, and that a sample keeps its own."""

import math
import pickle
from typing import ClassVar

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
    (found, *_) = search_kkt_points(sample, count=1, rng=0, draws=4)
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


class Heavy:
    """A mixture whose weights add up to 1.1."""

    def cdf(self, x):
        return 0.4 * stats.norm.cdf(x) + 0.7 * stats.norm.cdf(x, 1.0)

    def sf(self, x):
        return 1.0 - self.cdf(x)

    def ppf(self, q):
        return stats.norm.ppf(q)

    def support(self):
        return -math.inf, math.inf

    def rvs(self, size, random_state):
        return random_state.normal(size=size)


def test_weights_that_do_not_add_up_to_1_are_named():
    """Only a cdf that grows with every turn is one of angles."""
    with pytest.raises(ValueError, match=r"got 1\.1 at 10000; check its constant, or its weights"):
        Density.of(Heavy())


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
        (stats.ecdf([1, 2, 3]).cdf, "data have atoms"),
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


def test_a_density_by_its_class_alone_names_the_two_ways_to_make_one():
    for given in (stats.beta(2, 5), "beta(2, 5)"):
        with pytest.raises(TypeError, match=r"Density\.of\(.*Density\.named\("):
            Density(given)


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
    for name in ("beta(-2, 5)", "beta", "norm(0, x)", "norm(0, 0)"):
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


# Names that identify


class Squares(stats.rv_continuous):
    """Pr[X ≤ x] = x² on [0, 1], whatever it is called."""

    def _cdf(self, x):
        return x**2

    def _ppf(self, q):
        return np.sqrt(q)


class Roots(stats.rv_continuous):
    def _cdf(self, x):
        return np.sqrt(x)

    def _ppf(self, q):
        return q**2


class Plain:
    """An object with the methods that are asked for, and nothing else."""

    def cdf(self, x):
        return np.clip(x, 0.0, 1.0) ** 2

    def sf(self, x):
        return 1.0 - self.cdf(x)

    def ppf(self, q):
        return np.sqrt(q)

    def support(self):
        return 0, 1

    def rvs(self, size=None, random_state=None):
        return np.sqrt(random_state.random(size))


HALF = univariate.ReluNet([1, -1], [1, 0], [0, 0.5])  # errs on x ≤ ½


@pytest.mark.parametrize("moved", [{"loc": 0.25}, {"scale": 2.0}, {"loc": 0.5, "scale": 0.5}, {}])
def test_histograms_are_where_they_were_moved(moved):
    law = stats.rv_histogram(([1, 2], [0.0, 0.5, 1.0]), density=False)(**moved)
    assert clean_error(HALF, density=law).value == pytest.approx(law.cdf(0.5), abs=1e-15)
    sample = draw_sample(200, 0.2, rng=0, density=law)
    low, high = law.support()
    assert low <= sample.x.min() < low + 0.1 * (high - low)
    assert high - 0.1 * (high - low) < sample.x.max() <= high
    others = [
        stats.rv_histogram(([1, 2], [0.0, 0.5, 1.0])),
        stats.rv_histogram(([1, 2], [0, 1, 2])),
    ]
    assert (Density.of(others[0]) == Density.of(law)) is not bool(moved)
    assert Density.of(others[1]) != Density.of(law)


@pytest.mark.parametrize("name", ["uniform", "uniform_sum", "norm", "beta", None])
def test_laws_of_ones_own_are_what_they_do_whatever_they_are_called(tmp_path, name):
    law = Squares(a=0, b=1, name=name)()
    found = Density.of(law)
    assert not found.is_uniform
    assert clean_error(HALF, density=law).value == pytest.approx(0.25, abs=1e-15)
    assert found == Density.of(Squares(a=0, b=1, name=name)())
    assert found != Density.of(Roots(a=0, b=1, name=name)())
    assert found != Density.of(Squares(a=0, b=1, name=name)(scale=2.0))
    draw_sample(9, 0.2, rng=0, density=law).save(tmp_path / "s.npz")
    again = Sample.load(tmp_path / "s.npz")
    assert again.density == found
    with pytest.raises(ValueError, match="`density` must be passed: the sample was drawn from"):
        nearest_neighbour_clean_error(again)
    assert Sample.load(tmp_path / "s.npz", density=law).density.cdf(0.5) == law.cdf(0.5)


def test_resumed_comparisons_refuse_another_law_without_a_name(tmp_path):
    def compare(family):
        law = family(a=0, b=1)()
        return list(
            univariate.compare(
                {"half": lambda sample: HALF}, [5], [0.2], [0], tmp_path / "c.csv", density=law
            )
        )

    assert compare(Squares)[0].clean_error == pytest.approx(0.25, abs=1e-15)
    with pytest.raises(ValueError, match="Roots"):
        compare(Roots)


def test_an_object_with_the_methods_is_a_law():
    assert clean_error(HALF, density=Plain()).value == pytest.approx(0.25, abs=1e-15)
    sample = draw_sample(50, 0.2, rng=0, density=Plain())
    assert sample.density.name.startswith("Plain #")
    assert np.all((sample.x >= 0.0) & (sample.x <= 1.0))
    made = stats.make_distribution(stats.beta)
    assert Density.of(made(a=2, b=5)) != Density.of(made(a=2, b=6))
    with pytest.raises(
        TypeError, match=r"got the class Normal; pass Normal\(\) with its parameters"
    ):
        Density.of(stats.Normal)
    third, other = ([weight, 1.0 - weight] for weight in (1 / 3, 1 / 3 + 1e-12))
    mixed = [stats.Mixture([stats.Normal(), stats.Normal(mu=3)], weights=w) for w in (third, other)]
    assert Density.of(mixed[0]) != Density.of(mixed[1])


def test_scipys_uniform_law_is_uniform_however_it_is_written():
    for given in (stats.uniform(), stats.uniform(0, 1), stats.uniform(loc=0.0, scale=1.0)):
        assert Density.of(given).is_uniform
    assert Density.of(stats.Uniform(a=0, b=1)).is_uniform
    assert not Density.of(stats.uniform(0, 2)).is_uniform
    assert not Density.of(stats.Uniform(a=0, b=2)).is_uniform


@pytest.mark.parametrize(
    "text", ["norm(loc=0,loc=1)", "beta(,2,5)", "beta(2,5,)", "norm(1_0)", "norm(,)"]
)
def test_parameters_are_numbers_each_once(text):
    with pytest.raises(ValueError, match="must have numbers as parameters, each once"):
        Density.named(text)


@pytest.mark.parametrize(
    ("name", "scipys"),
    [("gaussian", "norm"), ("normal", "norm"), ("exponential", "expon"), ("student_t", "t")],
)
def test_names_of_textbooks_lead_to_those_of_scipy(name, scipys):
    with pytest.raises(ValueError, match=f"got '{name}'; try {scipys}$"):
        Density.named(f"{name}(0.5)")


def test_a_clean_error_lies_in_its_enclosure_where_a_cdf_is_not_monotone():
    net = univariate.ReluNet([2.223840429355968], [-0.7716884176971655], [1.889928156697635])
    found = clean_error(net, density=stats.gamma(1.2005858825213094))
    assert found.low <= found.value <= found.high
    rng = np.random.default_rng(0)
    for kappa in rng.uniform(0.5, 4.0, 60):
        net = univariate.ReluNet(*rng.normal(size=(3, 2)))
        found = clean_error(net, density=stats.vonmises_line(kappa))
        assert found.low <= found.value <= found.high


@pytest.mark.parametrize(
    ("law", "high"),
    [
        (stats.beta(2, 0.1, loc=1000, scale=0.01), 1000.01),
        (stats.uniform(3, 0.01), 3.01),
        (stats.beta(0.5, 0.3, loc=3, scale=0.01), 3.01),
    ],
    ids=["beta at 1000", "uniform at 3", "beta at 3"],
)
def test_all_of_a_law_lies_between_its_ends(law, high):
    """The end is rounded where a law is scaled and moved, and its own cdf there is not 1."""
    assert law.cdf(high) < 1.0
    found = Density.of(law)
    assert found.support()[1] == high
    assert found.cdf(high) == 1.0
    assert found.sf(high) == 0.0
    assert found.cdf([0.0, high]).tolist() == [0.0, 1.0]
    always, never = (univariate.ReluNet([v], [0], [1]) for v in (-1, 1))
    assert clean_error(always, density=law).value == 1.0
    assert clean_error(never, density=law, truth="-1").value == 1.0
    assert clean_error(never, density=law).value == 0.0
    middle = float(law.ppf(0.5))
    right = clean_error(never, density=law, truth=f"{middle!r}:+-")
    assert right.low <= 1.0 - law.cdf(middle) <= right.high


def test_a_cdf_need_not_know_what_is_beyond_its_ends():
    unsure = with_methods(
        cdf=lambda self, x: np.where((np.asarray(x) < 0) | (np.asarray(x) > 1), np.nan, x) ** 2.0
    )
    assert clean_error(HALF, density=unsure).value == pytest.approx(0.25, abs=1e-15)


def with_methods(**methods):
    """Return a law as `Plain`, with other methods; those that are None it does not have."""
    kept = {name: one for name, one in vars(Plain).items() if not name.startswith("__")} | methods
    return type("Mine", (), {name: one for name, one in kept.items() if one is not None})()


def test_a_cdf_of_numbers_may_be_made_one_of_arrays_by_numpy():
    """numpy.vectorize takes no empty arrays."""
    one_by_one = np.vectorize(lambda x: min(max(x, 0.0), 1.0) ** 2)
    law = with_methods(cdf=lambda self, x: one_by_one(x))
    assert clean_error(HALF, density=law).value == pytest.approx(0.25, abs=1e-15)
    whole = univariate.ReluNet([1], [0], [1])
    assert clean_error(whole, density=law).value == 0.0


def no_root(self, q):
    raise RuntimeError("no root")


@pytest.mark.parametrize(
    ("methods", "message"),
    [
        ({"ppf": None}, "cdf, sf, ppf, support, rvs, got Mine without ppf; write them, or pass"),
        ({"ppf": lambda self, q: np.nan}, "a ppf that gives one number, got nan of Mine at 0.0156"),
        ({"ppf": lambda self, q: q if q < 0.9 else np.nan}, "got nan of Mine at 0.906"),
        ({"ppf": no_root}, "got RuntimeError: no root of Mine at 0.0156"),
        ({"ppf": lambda self, q: [q, q]}, "a ppf that gives one number, got TypeError"),
        ({"cdf": lambda self, x: 0.5}, "a cdf that takes arrays, got shape () for one of shape (6"),
        ({"cdf": lambda self, x: float(x)}, "a cdf that takes arrays, got TypeError: only "),
        ({"support": lambda self: None}, "a support of two ends, got None; return low, high"),
        ({"cdf": lambda self, x: 1.0 - np.clip(x, 0.0, 1.0)}, "a cdf that does not decrease, got"),
        ({"sf": lambda self, x: np.clip(x, 0.0, 1.0) ** 2}, "an sf that add up to 1, got 0.0156"),
        ({"support": lambda self: (0.0, 0.5)}, "[0, 0.5] of Mine with a probability of 0.75 bey"),
        ({"support": lambda self: (0.5, np.inf)}, "[0.5, inf] of Mine with a probability of 0.25"),
    ],
    ids=[
        *("no ppf", "NaN", "NaN in the tail", "no root", "two quantiles", "one probability"),
        *("a cdf of numbers", "no support", "a cdf that decreases", "a cdf for an sf"),
        *("an end too low", "an end too high"),
    ],
)
def test_laws_of_ones_own_say_what_they_lack(methods, message):
    with pytest.raises((TypeError, ValueError), match="`density` must") as caught:
        Density.of(with_methods(**methods))
    assert message in str(caught.value)


def test_laws_of_ones_own_draw_what_their_cdf_says():
    halved = with_methods(
        rvs=lambda self, size, random_state: 0.5 * np.sqrt(random_state.random(size))
    )
    with pytest.raises(ValueError, match="`density` must draw what its cdf says, got 1,000 values"):
        univariate.draw_sample(1000, 0.1, rng=0, density=halved)
    for m in (1, 2, 10, 1000):
        univariate.draw_sample(m, 0.1, rng=0, density=with_methods())


@pytest.mark.parametrize(
    ("given", "message"),
    [
        (lambda size: None, "an rvs that gives as many finite numbers as it is asked for, 9 here"),
        (lambda size: ["a"] * size, "got ValueError: could not convert string to float: 'a' of"),
        (lambda size: np.linspace(0.1, 0.9, size - 1), "got 8 of them of Mine; check its rvs"),
        (lambda size: np.append(np.nan, np.linspace(0.1, 0.9, size - 1)), "got 8 of them of Mine"),
        (lambda size: 0.5, "got 1 of them of Mine"),
        (lambda size: np.zeros(0), "got 0 of them of Mine"),
    ],
    ids=["nothing", "texts", "too few", "NaN", "one", "none"],
)
def test_laws_of_ones_own_draw_numbers(given, message):
    law = with_methods(rvs=lambda self, size, random_state: given(size))
    with pytest.raises(ValueError, match="`density` must have an rvs") as caught:
        univariate.draw_sample(9, 0.1, rng=0, density=law)
    assert message in str(caught.value)


class Data:
    """The law of data: each has an equal share."""

    def __init__(self, data):
        self.data = np.sort(data)

    def cdf(self, x):
        return np.searchsorted(self.data, x, side="right") / len(self.data)

    def sf(self, x):
        return 1.0 - self.cdf(x)

    def ppf(self, q):
        return np.quantile(self.data, q, method="inverted_cdf")

    def support(self):
        return self.data[0], self.data[-1]

    def rvs(self, size=None, random_state=None):
        return random_state.choice(self.data, size)


def half_at_a_point():
    """Half of the mass is at 1/2, and the draws are as the cdf says."""
    return with_methods(
        cdf=lambda self, x: 0.5 * (np.asarray(x) >= 0.5) + 0.5 * np.clip(x, 0.0, 1.0),
        sf=lambda self, x: 0.5 * (np.asarray(x) < 0.5) + 0.5 * (1.0 - np.clip(x, 0.0, 1.0)),
        ppf=lambda self, q: float(np.clip(2.0 * q, 0.0, 0.5) + np.clip(2.0 * q - 1.5, 0.0, 0.5)),
        rvs=lambda self, size, random_state: np.where(
            random_state.random(size) < 0.5, 0.5, random_state.random(size)
        ),
    )


GRID = np.round(np.random.default_rng(0).beta(2, 5, 3000), 2)


@pytest.mark.parametrize(
    ("law", "jump"),
    [
        (half_at_a_point(), "0.5 at 0.5"),
        (Data([0.1, 0.25, 0.5]), "0.333 at 0.25"),
        (Data(GRID), f"{np.mean(np.isclose(GRID, 0.03)):.3g} at 0.03"),
        (Data(np.random.default_rng(0).random(30_000)), "3.33e-05 at 0."),
    ],
    ids=["half at a point", "three data", "data on a grid", "many data"],
)
def test_atoms_of_ones_own_are_refused(law, jump):
    """An atom where an interval of errors begins was left out, and no enclosure told it."""
    with pytest.raises(ValueError, match="`density` must be continuous, got ") as caught:
        clean_error(HALF, density=law, truth="0.25,0.5:+-+")
    assert f"whose cdf jumps by {jump}" in str(caught.value)


@pytest.mark.parametrize(
    "family",
    [stats.norm(), stats.dgamma(0.03), stats.beta(0.02, 0.02), stats.dweibull(0.05)],
    ids=["norm", "dgamma", "beta", "dweibull"],
)
@pytest.mark.parametrize(("loc", "scale"), [(0, 1), (1, 1), (1.7e9, 1e-3), (1, 1e-15), (0, 1e-300)])
def test_narrow_and_steep_laws_of_ones_own_have_no_atoms(family, loc, scale):
    """As far as doubles tell: neighbours have about the same mass."""
    law = family.dist(*family.args, loc=loc, scale=scale)
    told = ("cdf", "sf", "ppf", "support", "rvs")
    own = type("Mine", (), {name: staticmethod(getattr(law, name)) for name in told})()
    assert Density.of(own).name.startswith("Mine #")


def test_laws_of_ones_own_for_scipy_draw_what_their_cdf_says():
    class Halved:
        __make_distribution_version__ = "1.16.0"
        parameters: ClassVar = {"c": {"endpoints": (0, 2), "inclusive": (True, True)}}
        support: ClassVar = {"endpoints": (0, 1), "inclusive": (True, True)}

        def pdf(self, x, c):
            return np.ones_like(x) + 0.0 * c

        def sample(self, shape, *, c, rng=None, **_):
            return 0.5 * rng.random(shape)

    law = stats.make_distribution(Halved())(c=1.0)
    with pytest.raises(ValueError, match="`density` must draw what its cdf says"):
        univariate.draw_sample(1000, 0.1, rng=0, density=law)


def test_laws_of_one_ppf_and_another_cdf_are_others():
    """Clean errors are of the cdf: an inherited ppf does not make them equal."""
    cubes = with_methods(
        cdf=lambda self, x: np.clip(x, 0.0, 1.0) ** 3,
        sf=lambda self, x: 1.0 - np.clip(x, 0.0, 1.0) ** 3,
    )
    squares = with_methods()
    assert Density.of(squares) == Density.of(with_methods())
    assert Density.of(squares) != Density.of(cubes)
    errors = [clean_error(HALF, density=law).value for law in (squares, cubes)]
    assert errors == [pytest.approx(0.25, abs=1e-15), pytest.approx(0.125, abs=1e-15)]


def test_an_enclosure_is_as_wide_as_cdf_and_sf_differ():
    """scipy's truncated normal has a survival function that is off by 1.7e-6 at 1.221."""
    law = stats.truncate(stats.Normal(mu=0.3, sigma=0.5), lb=0.2)
    net = univariate.ReluNet([1.0, -1.0], [1.0, 0.0], [0.0, 1.221])  # errs on x ≤ 1.221
    whole = stats.norm.sf(0.2, 0.3, 0.5)
    for truth, exactly in (
        ("+1", (stats.norm.cdf(1.221, 0.3, 0.5) - stats.norm.cdf(0.2, 0.3, 0.5)) / whole),
        ("-1", stats.norm.sf(1.221, 0.3, 0.5) / whole),
    ):
        found = clean_error(net, density=law, truth=truth)
        assert found.low <= exactly <= found.high
    # others are as before
    found = clean_error(HALF, density=stats.norm(0.5, 0.3))
    assert found.high - found.low < 1e-14
