"""The public door: what is not a net, a sample, an optimum or a tolerance is named, and no user's
data are lost.
"""

import pathlib

import numpy as np
import pytest
from scipy import stats

import highdim
import univariate as u
from univariate.report.study import read_study

NET = u.ReluNet([1.0], [1.0], [1.0])
SAMPLE = u.Sample([0.2, 0.4], [1.0, -1.0])


@pytest.mark.parametrize(
    "call",
    [
        lambda: u.max_margin(([0.0, 1.0], [1.0, -1.0])),
        lambda: u.margins(NET, ([0.0], [1.0])),
        lambda: u.interpolates(NET, None),
        lambda: u.nearest_neighbour_clean_error([0.0, 1.0]),
        lambda: u.sample_events("sample", 0.05),
        lambda: u.theorem_3_1(NET, None),
        lambda: u.global_minimum_certificate(NET, 3),
    ],
)
def test_samples_are_required(call):
    with pytest.raises(
        TypeError, match=r"`sample` must be a Sample, got \w+; use Sample.from_arrays\(x, y\)"
    ):
        call()


@pytest.mark.parametrize(
    "call", [u.spline, u.clean_error, u.exact_clean_error, lambda net: u.margins(net, SAMPLE)]
)
def test_networks_are_required(call):
    with pytest.raises(
        TypeError, match="`net` must be a ReluNet or DeepReluNet, got str; read a file"
    ):
        call("net")


class Fitted:
    coefs_ = ()


class Module:
    def state_dict(self):
        return {}


@pytest.mark.parametrize(
    ("value", "words"),
    [
        ({"fc.weight": [[1.0]]}, r"dict; convert it by {torch}"),
        (Module(), r"Module; convert it by {torch}"),
        (Fitted(), r"Fitted; convert it by {sklearn}"),
        (pathlib.Path("net.pt"), r"\w+; read a file by load_network"),
        (3, r"int; {other}"),
    ],
)
def test_what_becomes_a_network_is_told_how(tmp_path, value, words):
    line = {"torch": r"ReluNet\.from_torch", "sklearn": r"ReluNet\.from_sklearn"}
    with pytest.raises(TypeError, match=words.format(other="use ReluNet", **line)):
        u.clean_error(value)
    with pytest.raises(TypeError, match=words.format(other="make a ReluNet", **line)):
        list(u.compare({"own": lambda _: value}, [5], [0.2], [0], tmp_path / "rows.csv"))
    with pytest.raises(TypeError, match=words.replace("; {other}", "$").format(**line)):
        u.certify(value, SAMPLE)
    line = {"torch": "network_from_torch", "sklearn": r"network_from_torch\(.*"}
    with pytest.raises(TypeError, match=words.format(other="use init_network", **line)):
        highdim.clean_error(value)
    sphere = highdim.draw_sphere_sample(4, 3, 0.2, rng=0)
    with pytest.raises(TypeError, match=words.format(other="build one by TwoLayerNet", **line)):
        highdim.certify(value, sphere)
    with pytest.raises(TypeError, match=words.format(other="the theorem is about two", **line)):
        highdim.theorem_4_1(value, sphere)
    with pytest.raises(TypeError, match=words.format(other="Problem", **line)):
        highdim.optimum_bounds(sphere, [value])


def test_the_advice_for_classifiers_keeps_the_output_bias():
    rng = np.random.default_rng(0)
    W, b, v, c = rng.normal(size=(3, 5)), rng.normal(size=5), rng.normal(size=(5, 1)), [-2.0]
    fitted = Fitted()
    fitted.coefs_, fitted.intercepts_ = [W, v], [b, np.array(c)]
    with pytest.raises(TypeError) as told:
        highdim.clean_error(fitted)
    advice = str(told.value).partition("convert it by ")[2]
    names = {"network_from_torch": highdim.network_from_torch, **vars(fitted)}
    net = eval(advice, names)
    X = rng.normal(size=(20, 3))
    assert np.allclose(net(X), np.maximum(X @ W + b, 0.0) @ v[:, 0] - 2.0, rtol=1e-12)


def test_the_advice_for_output_biases_keeps_negative_ones(tmp_path):
    v, w, b, c = [1.0, -2.0], [1.0, 3.0], [0.5, 0.0], -0.75
    np.savez(tmp_path / "net.npz", v=v, w=w, b=b, c=c)
    with pytest.raises(ValueError, match="append it to v, 0 to the weights and 1 to b"):
        u.load_network(tmp_path / "net.npz")
    net = u.ReluNet([*v, c], [*w, 0.0], [*b, 1.0])
    assert net(2.0) == 2.5 - 12.0 + c


def test_results_are_no_nets_but_have_one():
    optimum = u.max_margin(SAMPLE)
    for call in (u.clean_error, lambda net: u.certify(net, SAMPLE), highdim.clean_error):
        with pytest.raises(TypeError, match=r"got MaxMargin; pass its \.net"):
            call(optimum)


def test_paths_are_no_models():
    with pytest.raises(TypeError, match=r"got str; .* or read a file by load_network"):
        u.ReluNet.from_torch("net.pt")


def of_the_neighbours(net, density):
    return u.nearest_neighbour_clean_error(SAMPLE, density=density)


@pytest.mark.parametrize("call", [u.clean_error, of_the_neighbours])
@pytest.mark.parametrize("density", [stats.norm, [0.1, 0.2], 3])
def test_densities_must_be_frozen(call, density):
    with pytest.raises(
        TypeError, match=r"`density` must be a frozen scipy\.stats distribution, got"
    ):
        call(NET, density=density)


def test_discrete_densities_have_no_null_sets():
    with pytest.raises(ValueError, match="`density` must be continuous, got 'poisson'"):
        u.clean_error(NET, density=stats.poisson(3))


def test_the_optimum_of_another_sample_is_refused():
    other = u.max_margin(u.Sample([0.1, 0.5, 0.9], [1.0, 1.0, 1.0]))
    with pytest.raises(
        ValueError,
        match=r"`optimum` must belong to `sample`, got .*: it has 3 multipliers for 2 observations",
    ):
        u.global_minimum_certificate(NET, SAMPLE, optimum=other)


def test_the_tolerance_is_a_share():
    with pytest.raises(ValueError, match="`tolerance` must be finite, got nan"):
        u.global_minimum_certificate(NET, SAMPLE, tolerance=float("nan"))


def test_masked_arrays_would_lose_their_mask():
    with pytest.raises(TypeError, match=r"`x` must not be masked.*pass x.compressed\(\)"):
        u.Sample.from_arrays(np.ma.array([0.1, 0.2, 0.3], mask=[0, 1, 0]), [1.0, 1.0, -1.0])
    x, y = [0.1, 0.2, 0.3], [1.0, 1.0, -1.0]
    for whole in (np.ma.array(x), np.ma.array(x, mask=[0, 0, 0])):
        assert u.Sample.from_arrays(whole, y) == u.Sample.from_arrays(x, y)


@pytest.mark.parametrize("text", ["x,y\n0.1,1\n0.2,-1", "my only line of notes", "m,p"])
def test_a_file_that_is_no_study_is_left_alone(tmp_path, text):
    path = tmp_path / "notes.csv"
    path.write_text(text)
    with pytest.raises(ValueError, match=r"notes\.csv"):
        read_study(path)
    assert path.read_text() == text


def test_merged_observations_survive_a_round_trip(tmp_path):
    sample = u.Sample.from_arrays([0.1, 0.1, 0.5, 0.5], [1.0, 1.0, -1.0, -1.0])
    sample.save(tmp_path / "sample.npz")
    again = u.Sample.load(tmp_path / "sample.npz")
    assert again.merged == 2
    assert not u.sample_events(again, 0.05).collisions.holds


def test_links_and_permissions_survive_saving(tmp_path):
    target, link = tmp_path / "net.npz", tmp_path / "link.npz"
    NET.save(target)
    target.chmod(0o600)
    link.symlink_to(target)
    NET.save(link)
    assert link.is_symlink()
    assert target.stat().st_mode & 0o777 == 0o600


def test_gaps_below_double_precision_are_refused_in_words():
    with pytest.raises(
        ArithmeticError, match=r"too uneven for double precision, rescale or thin the inputs"
    ):
        u.max_margin(u.Sample([0.0, 5e-324, 1e-323, 1.5e-323], [1.0, -1.0, 1.0, -1.0]))


def test_a_norm_beyond_the_doubles_is_infinite_not_an_error():
    found = u.global_minimum_certificate(
        u.ReluNet([1e-300], [0.0], [1e300]), u.Sample([0.5], [1.0])
    )
    assert found.verdict is u.Verdict.FAILS
    assert found.norm_squared == float("inf")


def test_a_border_that_rounds_onto_the_end_still_counts():
    sample = u.Sample([0.5, np.nextafter(1.0, 0.0), 1.0], [1.0, 1.0, -1.0])
    found = u.nearest_neighbour_clean_error(sample)
    assert found.low <= 2.0**-54 <= found.high


def test_probabilities_of_far_intervals_carry_the_error_of_the_cdf():
    """N < 0 on half a unit of a density a million wide: differences of a cdf near 1/2 lose ten
    digits.
    """
    # N ≤ 0 on [1/4, 3/4]
    net = u.ReluNet([1.0, -4.0, 8.0, -4.0], [0.0, 1.0, 1.0, 1.0], [1.0, 0.0, -0.5, -1.0])
    found = u.clean_error(net, density=stats.norm(scale=1e6))
    truth = 0.5 * stats.norm.pdf(0.0) / 1e6  # to a relative 1e-13, the square of 1/scale
    np.testing.assert_array_equal(found.intervals, [[0.25, 0.75]])
    assert found.low <= truth <= found.high
    assert found.high - found.low < 1e-14
