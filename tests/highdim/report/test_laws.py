"""Reports about samples of another law of x than the sphere's."""

import io
import json

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
