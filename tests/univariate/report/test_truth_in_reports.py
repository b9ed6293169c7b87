"""A truth other than f* ≡ +1 is named in every report, screen, document and figure, and used."""

import io
import json
from functools import partial

import numpy as np
import pytest
from rich.console import Console

from univariate import (
    NearestNeighbours,
    Sample,
    Truth,
    build_report,
    clean_error,
    compare,
    draw_sample,
    film,
    gradient_flow,
    init_network,
    max_margin,
    nearest_neighbour_clean_error,
    noisy_error,
    plot_bounds,
    plot_net,
    plot_report,
    plot_study,
    plot_trained,
    run_study,
    spline,
    train_network,
    write_json,
)
from univariate.report.figures.truth_marks import wrong_intervals
from univariate.report.screens.terminal import render
from univariate.report.screens.training import render_training
from univariate.report.training import build_training_report
from univariate.training.trained import TrainedNet

TRUTH = Truth([0.3, 0.6], "+-+")


def flat(rendered):
    screen = Console(width=200, file=io.StringIO())
    screen.print(rendered)
    return " ".join(screen.file.getvalue().split())


def texts(figure):
    """Everything that a figure says in words."""
    return [part.get_text() for part in figure.findobj(lambda one: hasattr(one, "get_text"))]


@pytest.fixture(scope="module")
def sample() -> Sample:
    return draw_sample(30, 0.1, rng=0, truth=TRUTH)


@pytest.fixture(scope="module")
def report(sample):
    return build_report(max_margin(sample).net, sample)


def test_reports_use_the_truth_of_the_sample_and_name_it(sample, report, tmp_path):
    net = report.net
    assert report.truth == "0.3,0.6:+-+"
    assert report.clean_error == clean_error(net, truth=TRUTH)
    assert report.noisy_error == noisy_error(net, sample.noise_rate, truth=TRUTH)
    assert report.p == report.sample_facts.noise_rate == sample.noise_rate
    assert report.sample_facts.negative_rate == np.mean(sample.y < 0.0)
    found = json.loads(write_json(report, tmp_path / "r.json").read_text(encoding="utf-8"))
    assert found["truth"] == found["clean_error"]["truth"] == "0.3,0.6:+-+"
    assert found["noisy_error"]["value"] == report.noisy_error.value
    assert found["sample"]["truth"] == {"breakpoints": [0.3, 0.6], "signs": [1, -1, 1]}
    assert {row["verdict"] for row in found["theorem_3_2"]["bounds"]} == {"UNDECIDED"}
    shown = flat(render(report))
    assert "x uniform on [0, 1], truth 0.3,0.6:+-+" in shown
    assert "f* ≡ +1 it is 0.3,0.6:+-+ FAILS FAILS" in shown
    assert "against the truth" in shown
    told = build_report(net, sample, truth="+1")
    assert told.clean_error == clean_error(net)
    assert "truth" not in flat(render(told)).replace("against the truth", "")


def test_training_reports_name_it(sample, tmp_path):
    small = draw_sample(8, 0.2, rng=2, truth=TRUTH)
    run = gradient_flow(init_network(small, rng=1), small, margin=2.0)
    trained = TrainedNet.of(run, small)
    found = build_training_report(trained, small, delta=0.05)
    assert found.truth == TRUTH.name
    assert found.p == small.noise_rate
    assert found.trained.clean_error == clean_error(trained.net, truth=TRUTH)
    assert f"truth {TRUTH.name}" in flat(render_training(found))
    assert json.loads(json.dumps(found.to_dict()))["truth"] == TRUTH.name
    figure = plot_trained(trained, small)
    assert any("N f^*" in text for text in texts(figure))
    assert any(f"truth {TRUTH.name}" in text for text in texts(figure))
    assert film(run, small, tmp_path / "run.gif").stat().st_size > 1000
    with pytest.raises(ValueError, match="`truth` must be that of the run"):
        TrainedNet.of(run, small, truth="+1")
    told = train_network(small, rng=1, margin=2.0, truth="-1")
    assert build_training_report(told, small, delta=0.05).truth == "-1"


def test_figures_tint_the_errors_against_it_and_mark_it(report):
    figure = plot_report(report)
    said = texts(figure)
    assert any("tinted where $N f^* \\leq 0$" in text for text in said)
    assert any("truth 0.3,0.6:+-+" in text for text in said)
    # bounds that are about f* ≡ +1 are left out
    names = [label.get_text() for label in plot_bounds(report).get_yticklabels()]
    assert names[0] == "all KKT points"
    marked = plot_net(report.net, report.sample)
    plain = plot_net(report.net, report.sample, truth="+1")
    assert len(marked.collections) == len(plain.collections) + 1
    assert {line.get_xdata()[0] for line in marked.lines} >= {0.3, 0.6}
    assert not {line.get_xdata()[0] for line in plain.lines} & {0.3, 0.6}


@pytest.mark.parametrize("truth", ["+1", "-1", "0.3,1/3,0.7:+-0+", "0"])
def test_pictures_show_the_exact_errors(truth):
    for seed in range(20):
        sample = draw_sample(12, 0.4, rng=seed)
        net = max_margin(sample).net
        found = wrong_intervals(spline(net), Truth.of(truth), (0.0, 1.0))
        expected = clean_error(net, truth=truth).intervals
        np.testing.assert_allclose(found, expected, atol=1e-12)


def test_studies_are_about_one_truth(tmp_path):
    path = tmp_path / "study.csv"
    rows = list(run_study([10, 20], [0.1, 0.2], [0], path, truth=TRUTH))
    sample = draw_sample(20, 0.2, rng=0, truth=TRUTH)
    assert rows[-1].density == "uniform on [0, 1], truth 0.3,0.6:+-+"
    assert rows[-1].noise_rate == sample.noise_rate
    assert rows[-1].clean_error == clean_error(max_margin(sample).net, truth=TRUTH).value
    assert rows[-1].lower_3_2 is None
    assert list(run_study([10, 20], [0.1, 0.2], [0], path, truth=TRUTH)) == rows
    with pytest.raises(ValueError, match=r"truth 0\.3,0\.6:\+-\+; expected .*, x uniform on"):
        list(run_study([10], [0.1], [0], path))
    for some in (rows, rows[:1]):
        figure = plot_study(some).get_figure(root=True)
        assert any("truth 0.3,0.6:+-+" in text for text in texts(figure))
        assert not any("bounds of Thm 3.2" in text for text in texts(figure))


def test_comparisons_are_about_one_truth(tmp_path):
    path = tmp_path / "rows.csv"
    makers = {
        "best": lambda sample: max_margin(sample).net,
        "3-nn": partial(NearestNeighbours, k=3),
    }
    rows = list(compare(makers, [20], [0.2], [0, 1], path, truth=TRUTH))
    for row in rows:
        sample = draw_sample(20, 0.2, rng=row.seed, truth=TRUTH)
        made = makers[row.rule](sample)
        assert row.clean_error == clean_error(made, truth=TRUTH).value
        assert row.nearest_neighbour == nearest_neighbour_clean_error(sample).value
        assert row.density == "uniform on [0, 1], truth 0.3,0.6:+-+"
    assert list(compare(makers, [20], [0.2], [0, 1], path, truth=TRUTH)) == rows
    with pytest.raises(ValueError, match=r"truth 0\.3,0\.6:\+-\+; expected .*, x uniform on"):
        list(compare(makers, [20], [0.2], [0], path))
