"""Laws of x: names that identify them, draws, samples that keep them, and what is refused."""

import pickle
import re
from dataclasses import replace

import numpy as np
import pytest
from scipy import stats

from highdim import (
    Ball,
    Gaussian,
    Law,
    Product,
    Sampler,
    Sphere,
    SphereSample,
    clean_error,
    draw_sphere_sample,
    half_space,
)
from highdim.problem.recognised import DISTRIBUTIONS, law_of, recalled

SIGMA = np.array([[2.0, 1.0, 0.0], [1.0, 2.0, 0.0], [0.0, 0.0, 0.0]])
NORMAL = Gaussian(SIGMA, mean=[1.0, 0.0, -2.0])


def corners(rng, n):
    """Vertices of a cube."""
    return rng.choice([-1.0, 1.0], (n, 3))


LAWS = {
    "uniform on the sphere": Sphere(),
    "uniform in the ball": Ball(),
    "uniform in the ball of radius 0.5": Ball(0.5),
    "N(0, I)": Gaussian(),
    "N(0, 0.1 I)": Gaussian(0.1),
    "N((0, 3, 1), I)": Gaussian(mean=[0, 3, 1]),
    "N(0, diag(1, 0, 2))": Gaussian([1, 0, 2]),
    "product of uniform(-1, 2)": Product(stats.uniform(-1, 2)),
    "product of norm(), bernoulli(0.3), t(3, loc=1)": Product(
        [stats.norm(), stats.bernoulli(0.3), stats.t(3, loc=1)]
    ),
    "sampler corners": Sampler(corners),
    "cube": Sampler(corners, "cube"),
}


@pytest.mark.parametrize("name", LAWS)
def test_names_identify_laws(name):
    law = LAWS[name]
    assert law.name == law.brief() == law.to_dict() == name
    assert law == pickle.loads(pickle.dumps(law))
    others = [other for other in LAWS.values() if other is not law]
    assert law not in others
    assert law_of(law, 3) is law


def test_names_tell_matrices_apart():
    other = Gaussian(SIGMA + np.eye(3), mean=[1.0, 0.0, -2.0])
    assert other != NORMAL
    assert NORMAL.name.startswith("N((1, 0, -2), Σ of shape 3×3 #")
    assert Gaussian(np.arange(9.0)).name != Gaussian(np.arange(9.0)[::-1]).name


def histogram(*counts):
    return stats.rv_histogram((np.array(counts), np.linspace(-1.0, 1.0, len(counts) + 1)))


class Uneven(stats.rv_continuous):
    """A family of one's own under a name that scipy has, with a number that only it knows."""

    def __init__(self, high):
        super().__init__(name="norm")
        self.high = high

    def _ppf(self, q):
        return self.high * q


class Unnamed:
    """An object that draws, and has neither a name nor words."""

    def __init__(self, high):
        self.high = high

    def rvs(self, size, random_state):
        return random_state.uniform(0.0, self.high, size)


@pytest.mark.parametrize(
    ("make", "start"),
    [
        (histogram, "rv_histogram #"),
        (lambda *counts: histogram(*counts)(), "rv_histogram #"),
        (lambda *high: Uneven(sum(high)), "norm #"),
        (lambda *high: Unnamed(sum(high)), "Unnamed #"),
        (lambda *high: stats.rv_discrete(values=(high, (0.25, 0.25, 0.5))), "rv_sample #"),
    ],
    ids=["histogram", "frozen histogram", "family", "object", "discrete"],
)
def test_names_tell_parameters_that_words_leave_out(make, start):
    law = Product(make(1, 2, 3))
    assert law.name.startswith(f"product of {start}")
    assert " at 0x" not in law.name
    assert law == Product(make(1, 2, 3))
    assert law != Product(make(1, 2, 4))


@pytest.mark.parametrize("told", [object.__repr__, lambda law: f"Mine({law.size})"])
def test_laws_of_one_class_that_draw_something_else_are_others(told):
    """A class that was changed, and holds the same numbers."""

    def made(draw):
        kind = type("Mine", (), {"size": 2.0, "__repr__": told})
        kind.rvs = lambda self, size, random_state: draw(random_state, size)
        return kind()

    plus, times = (lambda rng, n: rng.normal(size=n) + 2.0), (lambda rng, n: rng.normal(size=n) * 2)
    assert Product(made(plus)) == Product(made(plus))
    assert Product(made(plus)) != Product(made(times))


def test_laws_that_draw_by_another_generator_are_refused():
    """Their names, and all that is drawn from them, would differ from one seed to the same."""
    own = np.random.default_rng(1)
    law = Unnamed(1.0)
    law.rvs = lambda size, random_state: own.uniform(size=size)
    with pytest.raises(ValueError, match="which draws something else from the same seed"):
        Product([stats.norm(), law])


@pytest.mark.parametrize(
    "name",
    [
        *DISTRIBUTIONS,
        "uniform on the sphere",
        "uniform in the ball of radius 2",
        "N(0, 0.5 I)",
        "N((0, 3), diag(1, 4))",
        "product of norm()",
    ],
)
def test_samplers_do_not_go_by_the_names_of_other_laws(name):
    with pytest.raises(ValueError, match="`name` must not be that of another law"):
        Sampler(corners, name)
    assert Sampler(corners, f"my {name}") != LAWS.get(name)


def test_files_recall_what_a_name_says():
    known = [name for name in LAWS if name.startswith("uniform") or name.endswith("I)")]
    for name in known:
        if "N((" not in name:
            assert recalled(name) == LAWS[name]
            assert type(recalled(name)) is type(LAWS[name])
    lost = recalled("product of uniform(-1, 2)")
    assert type(lost) is Law
    with pytest.raises(ValueError, match="`law` must be passed: the sample was drawn from product"):
        lost.draw(1, 2, np.random.default_rng(0))


def test_normal_draws_have_their_mean_and_covariance():
    X = NORMAL.draw(100_000, 3, np.random.default_rng(0))
    np.testing.assert_allclose(X.mean(axis=0), NORMAL.mean, atol=6.0 * np.sqrt(2.0 / 1e5))
    np.testing.assert_allclose(np.cov(X.T), SIGMA, atol=12.0 * 2.0 / np.sqrt(1e5))
    spread = Gaussian([4.0, 0.0]).draw(1000, 2, np.random.default_rng(1))
    assert np.all(spread[:, 1] == 0.0)


@pytest.mark.parametrize("kind", [np.float32, np.float64])
def test_matrices_that_rounding_left_unsymmetric_or_with_negative_eigenvalues_are_taken(kind):
    """As numpy.corrcoef gives them, and torch.corrcoef in single precision, of few points."""
    X = np.random.default_rng(3).normal(size=(5, 12)).astype(kind)
    Z = (X - X.mean(axis=0)) / X.std(axis=0)
    matrix = np.array([[kind(np.dot(a, b) / 5) for b in Z.T] for a in Z.T])
    matrix[0, 1] = np.nextafter(matrix[0, 1], kind(2.0))
    law = Gaussian(matrix)
    np.testing.assert_allclose(law.root @ law.root, matrix, atol=64 * np.finfo(kind).eps)
    unsymmetric = matrix.astype(np.float64)
    unsymmetric[0, 1] += 0.01
    with pytest.raises(ValueError, match=r"symmetric, got entries that differ by 0\.01"):
        Gaussian(unsymmetric)
    assert Gaussian(np.corrcoef(X.T.astype(np.float64))).dimension == 12


@pytest.mark.parametrize("d", [2, 7])
def test_radii_in_a_ball(d):
    X = Ball(3.0).draw(20_000, d, np.random.default_rng(2))
    uniform = (np.linalg.norm(X, axis=1) / 3.0) ** d
    assert stats.kstest(uniform, "uniform").pvalue > 1e-4


@pytest.mark.parametrize("name", LAWS)
def test_samples_draw_and_keep_their_law(tmp_path, name):
    law = LAWS[name]
    low, high = (draw_sphere_sample(9, 3, p, rng=4, law=law) for p in (0.0, 0.0))
    assert low == high
    assert low.law is law
    words = {"uniform on the sphere": "sphere", "uniform in the ball": "ball"}
    assert low.distribution == words.get(name, name)
    path = tmp_path / "sample.npz"
    low.save(path)
    again = SphereSample.load(path)
    assert (again.law.name, again.distribution) == (name, low.distribution)
    np.testing.assert_array_equal(again.X, low.X)


def test_words_are_laws():
    drawn = draw_sphere_sample(5, 4, 0.1, rng=0, distribution="gaussian")
    assert drawn.law == Gaussian(0.25)
    again = draw_sphere_sample(5, 4, 0.1, rng=0, law=Gaussian(0.25))
    assert (again.law, again.distribution) == (drawn.law, "gaussian")
    np.testing.assert_allclose(again.X, drawn.X, rtol=1e-15)
    assert law_of("ball", 4) == Ball()
    assert law_of(None, 4) == Sphere()


def test_a_law_and_a_word_that_contradict_it_are_refused():
    sphere = draw_sphere_sample(5, 4, 0.1, rng=0)
    calls = {
        "'gaussian' with the law 'uniform on the sphere'": lambda: replace(
            sphere, distribution="gaussian"
        ),
        "'sphere' with the law 'N": lambda: replace(sphere, law=Gaussian()),
        "'ball' with the law 'N": lambda: SphereSample(
            sphere.X, sphere.y, 0.1, "ball", law=Gaussian()
        ),
        "'ball' with the law 'product of norm": lambda: draw_sphere_sample(
            5, 4, 0.1, rng=0, distribution="ball", law=Product(stats.norm())
        ),
        "'sphere' with the law 'uniform in the ball'": lambda: SphereSample.from_arrays(
            sphere.X, sphere.y, distribution="sphere", law=Ball()
        ),
    }
    for message, call in calls.items():
        with pytest.raises(ValueError, match=f"`distribution` must be that of `law`.*{message}"):
            call()
    other = replace(sphere, law=Gaussian(), distribution=None)
    assert (other.law, other.distribution) == (Gaussian(), "N(0, I)")
    assert replace(sphere, distribution="ball", law=None).law == Ball()
    assert draw_sphere_sample(5, 4, 0.1, rng=0, distribution="ball", law=Ball()).law == Ball()
    assert replace(other, p=None).law == other.law


@pytest.mark.parametrize("law", LAWS.values(), ids=LAWS)
def test_a_seed_draws_as_its_generator(law):
    drawn = law.draw(4, 3, 7)
    assert drawn.shape == (4, 3)
    np.testing.assert_array_equal(drawn, law.draw(4, 3, np.random.default_rng(7)))


def test_labels_do_not_depend_on_the_law():
    truth = half_space([0.0, 0.0, 1.0], 0.1)
    laws = [
        law for law in LAWS.values() if law.draw(9, 3, np.random.default_rng(0))[:, 2].std() > 0
    ]
    laws = [law for law in laws if not isinstance(law, Sampler)]  # with 8 points only
    flips = []
    for law in laws:
        sample = draw_sphere_sample(30, 3, 0.3, rng=3, law=law, truth=truth)
        flips.append(sample.y != np.sign(truth(sample.X)))
    for other in flips[1:]:
        np.testing.assert_array_equal(other, flips[0])


def test_lemma_b_1_is_not_asked_of_other_laws():
    sample = draw_sphere_sample(5, 3, 0.1, rng=0, law=Gaussian(3.0))
    refusal = r"`sample` must have one of the laws sphere, gaussian, ball .* got N\(0, 3 I\); ask"
    with pytest.raises(ValueError, match=refusal):
        sample.near_orthogonality(0.1)
    with pytest.raises(
        ValueError, match=r"`p` must be given for a sample .* got None; pass p=sample"
    ):
        SphereSample(sample.X, sample.y).near_orthogonality(0.1)


@pytest.mark.parametrize(
    ("call", "error", "message"),
    [
        (lambda: Gaussian([-1, 2]), ValueError, "`covariance` must not have negative variances"),
        (lambda: Gaussian([[1, 2], [2, 1]]), ValueError, "must be positive semidefinite"),
        (lambda: Gaussian([[1, 2], [0, 1]]), ValueError, "`covariance` must be symmetric"),
        (lambda: Gaussian([[1, 2]]), ValueError, "a number, d variances or a d x d matrix"),
        (lambda: Gaussian(0), ValueError, "`covariance` must be positive and up to"),
        (lambda: Gaussian("1"), TypeError, "`covariance` must hold real numbers"),
        (lambda: Gaussian(np.nan), ValueError, "`covariance` must be finite"),
        (lambda: Gaussian([1, 2], mean=[1]), ValueError, "`mean` must have the dimension of"),
        (lambda: Gaussian(mean=[1e300]), ValueError, "`mean` must be up to"),
        (lambda: Ball(0), ValueError, "`radius` must be positive"),
        (lambda: Ball("x"), TypeError, "`radius` must be a real number"),
        (lambda: Product(3), TypeError, "`laws` must be distributions, got int"),
        (lambda: Product(stats.Normal), TypeError, r"got the class Normal; pass Normal\(\) with"),
        (lambda: Product([]), ValueError, "`laws` must not be empty"),
        (lambda: Product(stats.beta), TypeError, "with their parameters"),
        (lambda: Product(stats.multivariate_normal([0, 0])), ValueError, "one number each"),
        (lambda: Sampler(3), TypeError, "`function` must be callable, got int"),
        (
            lambda: draw_sphere_sample(4, 2, 0.1, rng=0, law=Gaussian([1, 2, 3])),
            ValueError,
            "`law` must be of the dimension of the inputs, 2",
        ),
        (
            lambda: draw_sphere_sample(4, 2, 0.1, rng=0, law=stats.norm()),
            TypeError,
            "pass Product",
        ),
        (
            lambda: SphereSample([[0.0, 1.0]], [1.0], law=Gaussian([1, 2, 3])),
            ValueError,
            "`law` must be of the dimension",
        ),
        (lambda: Product(stats.norm([0, 1])), ValueError, "norm with an array of parameters; pass"),
        (lambda: Product(stats.norm(scale=[2.0])), ValueError, "with an array of parameters"),
        (lambda: Product(stats.norm(0, -1)), ValueError, "`laws` must be distributions with their"),
        (lambda: Sphere().draw(0, 3, 0), ValueError, "`size` must be an integer >= 1, got 0"),
        (lambda: Ball().draw(3, 2.5, 0), TypeError, "`dimension` must be an integer"),
        (lambda: Gaussian().draw(3, 2, "0"), TypeError, "`rng` must be an int seed"),
        (
            lambda: Gaussian([1, 2]).draw(3, 5, 0),
            ValueError,
            r"`dimension` must be that of the law N\(0, diag\(1, 2\)\), 2, got 5",
        ),
    ],
    ids=range(27),
)
def test_bad_input(call, error, message):
    with pytest.raises(error, match=message):
        call()


DATA = np.random.default_rng(0).normal(size=(400_000, 3))


@pytest.mark.parametrize(
    "function",
    [
        lambda rng, n: DATA[:n],
        lambda rng, n: np.random.default_rng(0).normal(size=(n, 3)),
        lambda rng, n: np.resize(DATA[:7], (n, 3)),
    ],
    ids=["the first of data", "a seed of its own", "data again and again"],
)
def test_samplers_that_draw_the_same_from_every_generator_are_refused(function):
    """Two blocks of points were counted as different ones, and no seed gave others."""
    with pytest.raises(ValueError, match="`law` must draw by the generator that it is given"):
        clean_error(half_space([1.0, 0.0, 0.0]), law=Sampler(function), rng=0)


def test_samplers_may_draw_few_points_and_one():
    signs = Sampler(lambda rng, n: rng.choice([-1.0, 1.0], (n, 1)), "signs")
    one = Sampler(lambda rng, n: np.ones((n, 2)), "one point")
    data = Sampler(lambda rng, n: DATA[rng.integers(len(DATA), size=n)], "data")
    for law, dimension in ((signs, 1), (one, 2), (data, 3)):
        assert law.draw(3, dimension, 0).shape == (3, dimension)
        np.testing.assert_array_equal(law.draw(9, dimension, 1), law.draw(9, dimension, 1))


def test_laws_of_vectors_have_their_own_remedy():
    net = half_space([1.0, 0.0])
    law = stats.multivariate_normal([0.0, 0.0])
    with pytest.raises(TypeError, match=r"pass Gaussian\(covariance, mean=mean\)"):
        clean_error(net, law=law, rng=0)


VECTORS = {
    "t": stats.multivariate_t(np.zeros(3), df=5),
    "directions": stats.vonmises_fisher([1.0, 0.0, 0.0], 2.0),
    "uniform directions": stats.uniform_direction(3),
    "kernels": stats.gaussian_kde(DATA[:100].T),
    "data": DATA[:100],
    "lists": DATA[:100].tolist(),
    "the class": Gaussian,
    "coordinates": stats.t(5),
    "coordinates of kernels": stats.gaussian_kde(DATA[:100, 0]),
}


@pytest.mark.parametrize("given", VECTORS.values(), ids=VECTORS)
def test_remedies_for_laws_lead_on(given):
    """Laws of vectors were told to be those of one coordinate."""
    with pytest.raises(TypeError, match="`law` must be a Law, got ") as caught:
        draw_sphere_sample(4, 3, 0.1, rng=0, law=given)
    way = re.search("; pass (.*)$", str(caught.value))[1]
    way = re.sub(" (for|to|with) .*$", "", way)
    names = {"Sampler": Sampler, "Product": Product, "Sphere": Sphere, "Gaussian": Gaussian}
    law = eval(way, names | {"law": given, "numpy": np})
    drawn = law.draw(3, 3, 1)
    np.testing.assert_array_equal(drawn, law.draw(3, 3, 1))
    assert np.any(drawn != law.draw(3, 3, 2))


def test_coordinates_of_kernels_have_names_that_tell_their_data():
    laws = [Product(stats.gaussian_kde(DATA[:50, k])) for k in (0, 0, 1)]
    assert laws[0].name.startswith("product of gaussian_kde #")
    assert (laws[0] == laws[1], laws[0] == laws[2]) == (True, False)
    with pytest.raises(ValueError, match="`laws` must be finite laws of one number each"):
        Product(stats.gaussian_kde(DATA[:50].T))


def test_rare_events_may_come_alike_from_a_few_generators():
    """Three draws told before: one law of 2000 with an event of probability 1/16 was refused."""
    alike = {int(np.random.default_rng(seed).integers(2**62)) for seed in range(3)}

    def function(rng, n):
        place = 0 if int(rng.integers(2**62)) in alike else 1
        return (np.arange(n) == place)[:, None] * 1.0

    assert Sampler(function, "rare").draw(5, 1, 0).shape == (5, 1)


@pytest.mark.parametrize(
    ("given", "message"),
    [
        (stats.uniform_direction(3), "got uniform_direction_frozen; pass Sphere()"),
        (stats.vonmises_fisher([1, 0, 0], 3), "got vonmises_fisher_frozen; pass Sampler(lambda"),
        (stats.dirichlet([1, 1, 1]), "got dirichlet_frozen; pass Sampler(lambda"),
        (stats.multivariate_t([0, 0, 0]), "got multivariate_t_frozen; pass Sampler(lambda"),
        (stats.multivariate_normal([0, 0, 0]), "pass Gaussian(covariance, mean=mean)"),
        (stats.norm(), "pass Product(law) for independent coordinates"),
        (Gaussian, "got the class Gaussian; pass Gaussian() with its parameters"),
        (lambda rng, n: rng.normal(size=(n, 3)), "pass Sampler(function) if it draws"),
    ],
    ids=["direction", "fisher", "dirichlet", "t", "normal", "line", "class", "function"],
)
def test_what_is_no_law_is_refused_with_the_class_that_makes_one_of_it(given, message):
    with pytest.raises(TypeError, match=re.escape(message)):
        draw_sphere_sample(m=4, d=3, p=0.1, rng=0, law=given)


def rows(*shape):
    return lambda rng, n: rng.normal(size=[n if size is None else size for size in shape])


@pytest.mark.parametrize(
    ("function", "dimension"),
    [
        (rows(None), 1),
        (rows(1, None), 1),
        (rows(None, 1, 1), 1),
        (rows(2, None), 2),
        (rows(None, 1, 2), 2),
        (lambda rng, n: rng.normal(size=2 * n), 2),
        (lambda rng, n: rng.normal(size=(3, n)).tolist(), 3),
    ],
    ids=["numbers", "a row", "a column of columns", "turned", "an axis more", "flat", "lists"],
)
def test_remedies_for_shapes_of_points_lead_on(function, dimension):
    """Where the numbers are those of n points, the message says how to return them; follow it."""
    with pytest.raises(ValueError, match="`law` must draw n points in rows, shape") as caught:
        Sampler(function).draw(5, dimension, 0)
    way = re.search("; return (.*)$", str(caught.value))[1]

    def mended(rng, n):
        return eval(way, {"numpy": np, "points": function(rng, n), "n": n})

    X = Sampler(mended).draw(5, dimension, 0)
    values = np.asarray(function(np.random.default_rng(0), 5))
    np.testing.assert_array_equal(np.sort(X, axis=None), np.sort(values, axis=None))


@pytest.mark.parametrize(
    ("function", "remedy"),
    [
        (rows(None), r"draw all coordinates of each, as rng.normal\(size=\(n, 2\)\)"),
        (rows(), r"draw all coordinates of each, as rng.normal\(size=\(n, 2\)\)"),
        (rows(2), "draw as many as it is asked for"),
        (rows(15, 2), "draw as many as it is asked for"),
        (rows(None, 3), "or pass the dimension 3"),
    ],
    ids=["numbers", "one number", "one point", "too few", "another dimension"],
)
def test_other_shapes_of_points_say_what_they_lack(function, remedy):
    with pytest.raises(ValueError, match=rf"shape \(n, 2\), got .* for n = 16; .*{remedy}"):
        draw_sphere_sample(4, 2, 0.1, rng=0, law=Sampler(function))


@pytest.mark.parametrize(
    "function",
    [lambda n: np.ones((n, 2)), lambda n, rng: rng.normal(size=(n, 2)), stats.norm().rvs],
    ids=["of a number", "in the other order", "of scipy"],
)
def test_samplers_of_other_arguments_are_told_which(function):
    with pytest.raises(TypeError, match="`function` must draw when it is called with a generator"):
        Sampler(function).draw(4, 2, 0)


@pytest.mark.parametrize(
    "function",
    [
        lambda rng, n: np.random.normal(size=(n, 2)),  # noqa: NPY002 # the fault itself
        lambda rng, n: np.random.default_rng().normal(size=(n, 2)),
    ],
    ids=["the global generator", "a fresh one"],
)
def test_samplers_that_pass_over_the_generator_are_warned_of(function):
    """No seed gave the same numbers again, without a word."""
    law = Sampler(function, "mine")
    with pytest.warns(UserWarning, match="got mine, which draws other points from the same seed"):
        law.draw(4, 2, 0)
    law.draw(4, 2, 0)  # once is enough


def test_points_that_are_rounded_in_another_way_each_time_are_no_fault():
    noise = np.random.default_rng(0)

    def function(rng, n):
        return rng.normal(size=(n, 2)) * (1.0 + 1e-15 * noise.random((n, 2)))

    assert Sampler(function).draw(4, 2, 0).shape == (4, 2)
