"""Reports about samples of another law of x than the sphere's."""

import io
import json
import warnings

import numpy as np
import pytest
from rich.console import Console
from scipy import stats

import highdim as h
from highdim.report.figures.outputs_plot import new_outputs
from highdim.report.figures.report_plot import plot_report
from highdim.report.report import build_report
from highdim.report.screens.terminal import render

CUBE = h.Product(stats.uniform(-1, 2))


def shown(found):
    screen = Console(width=100, file=io.StringIO())
    with screen.capture() as text:
        screen.print(render(found))
    return text.get()


@pytest.mark.parametrize("law", [h.Gaussian(), h.Ball(), CUBE], ids=["normal", "ball", "cube"])
@pytest.mark.parametrize("d", [2, 6])
def test_a_report_asks_under_the_law_of_the_sample(d, law):
    sample = h.draw_sphere_sample(8, d, 0.2, rng=1, law=law)
    net = h.gradient_flow(h.init_network(20, d, rng=0), sample, flow_time=50).net
    found = build_report(net, sample, rng=0)
    own = h.clean_error(net, law=law, rng=1)
    assert found.clean_error.law == law.name == found.sample_facts.law
    assert found.clean_error.low <= own.high
    assert own.low <= found.clean_error.high
    assert found.theorem_4_1 is None
    assert "Section 4 is about x uniform on the sphere" in found.missing["theorem_4_1"]
    assert (found.near_orthogonality is None) == (sample.distribution == law.name)
    screen = shown(found)
    assert law.name in screen
    assert "orthogonal limit" not in screen
    assert "off the unit sphere" not in found.finding
    assert found.predicted_clean_error is None
    assert json.loads(json.dumps(found.to_dict()))["sample"]["law"] == law.name
    assert len(plot_report(found, points=200).axes) == 3


def test_new_points_are_of_the_law():
    net = h.half_space([1.0, 0.0, 0.0], -1.0)
    share = float(np.mean(new_outputs(net, 20_000, 0, law=h.Gaussian()) <= 0.0))
    assert share == pytest.approx(stats.norm.sf(1.0), abs=0.012)


def test_propositions_miss_a_hypothesis_under_another_law():
    sample = h.draw_sphere_sample(4, 9, 0.0, rng=1, law=h.Gaussian())
    labelled = h.SphereSample(sample.X, [1.0, 1.0, 1.0, -1.0], law=sample.law)
    net = h.TwoLayerNet([1.0, -1.0], np.eye(9)[:2], None)
    found = h.proposition_4_4(net, labelled, rng=0)
    assert [one.verdict.name for one in found.missing if "uniform" in one.claim] == ["FAILS"]


LAWS = {
    "ball": (h.Ball(2.0), 1.9, 2.1),
    "cube": (CUBE, 0.5, 10.0),
    "one law a coordinate": (h.Product([stats.uniform(-1, 2), stats.truncnorm(-2, 2)]), 0.5, 10.0),
    "newer objects": (h.Product(stats.Uniform(a=-1.0, b=1.0)), 0.5, 10.0),
    "classes": (h.Product(stats.randint(-1, 2)), 1.0, 2.0),
    "no variance": (h.Gaussian([1.0, 0.0]), 0.0, 1.0),
}


@pytest.mark.parametrize("name", LAWS)
def test_laws_tell_what_lies_outside_their_support(name):
    law, inside, beyond = LAWS[name]
    points = [[0.0, inside], [-inside, 0.0], [0.0, 0.0]]
    assert law.outside(np.array(points)) == 0
    points = [[0.0, inside], [0.0, beyond], [-beyond, -beyond]]
    assert law.outside(np.array(points)) == 2
    assert law.outside(law.draw(1000, 2, 0)) == 0


def test_laws_on_the_whole_space_have_nothing_outside_and_samplers_do_not_tell():
    far = np.full((3, 2), 1e150)
    kernels = h.Product(stats.gaussian_kde(np.arange(9.0)))
    assert h.Gaussian().outside(far) == h.Gaussian(np.eye(2)).outside(far) == 0
    assert kernels.outside(far) == 0
    assert h.Sphere().outside(far) == h.Ball().outside(far) == 3
    assert h.Sampler(lambda rng, n: rng.random((n, 2))).outside(far) is None


@pytest.mark.parametrize("fits", [True, False])
@pytest.mark.parametrize("law", [h.Ball(), CUBE, None], ids=["ball", "cube", "sphere"])
def test_data_outside_the_support_are_said(law, fits):
    """Ten times as long as the law draws them; whether or not the net interpolates."""
    drawn = h.draw_sphere_sample(12, 4, 0.2, rng=1, law=law)
    far = h.SphereSample(10.0 / np.linalg.norm(drawn.X, axis=1)[:, None] * drawn.X, drawn.y)
    far = h.SphereSample(far.X, far.y, law=drawn.law)
    start = h.init_network(40, 4, rng=0)
    net = h.gradient_flow(start, far, flow_time=50).net if fits else start
    found = build_report(net, far, rng=0)
    assert found.finding.startswith("The net does not") != fits
    words = "12 of 12 inputs lie outside the support of the law of x, which L_cl is about"
    if law is None:
        words = "the data are off the unit sphere, which L_cl and the theorems are about"
    assert words in found.finding
    assert found.to_dict()["sample_facts"]["outside"] == 12
    screen = " ".join(shown(found).split())
    assert ("‖x_i‖² is off 1" if law is None else f"Inputs {words[:40]}") in screen


def test_data_outside_the_support_of_a_law_that_is_passed_are_a_warning():
    drawn = h.draw_sphere_sample(12, 4, 0.2, rng=1)
    words = (
        r"`X` has 12 of 12 inputs outside the support of the law uniform in the ball of radius 2"
    )
    with pytest.warns(UserWarning, match=words) as found:
        h.SphereSample.from_arrays(5.0 * drawn.X, drawn.y, law=h.Ball(2.0))
    assert [one.filename for one in found] == [__file__]
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        h.SphereSample.from_arrays(5.0 * drawn.X, drawn.y, law=h.Ball(5.0))
        h.SphereSample.from_arrays(5.0 * drawn.X, drawn.y, distribution="gaussian")
        h.SphereSample.from_arrays(5.0 * drawn.X, drawn.y)
