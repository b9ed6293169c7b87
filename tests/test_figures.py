"""Every script under benchmarks/ at tiny size: it computes, resumes, draws, and its numbers are the
claimed ones.
"""

import csv
import importlib
import json
import subprocess
import sys
from dataclasses import replace
from hashlib import blake2b
from pathlib import Path

import cases
import numpy as np
import pytest
from matplotlib.image import imread
from PIL import Image

from benchmarks import frame

ROOT = Path(__file__).parent.parent
SEEDS, LEVELS = {20: 2, 50: 2}, (0.05, 0.3, 0.5)


def load(name):
    """Import a script of benchmarks/."""
    return importlib.import_module(f"benchmarks.{name}")


@pytest.fixture(scope="module")
def law():
    return load("theorem_3_2")


@pytest.fixture(scope="module")
def rows(law, tmp_path_factory):
    return law.SCRIPT.compute(law.grid(SEEDS, LEVELS), tmp_path_factory.mktemp("law") / "rows.csv")


def keys_of(script, rows):
    return [script.SCRIPT.key_of(row) for row in rows]


def without_time(rows):
    return [replace(row, seconds=0.0) for row in rows]


def test_rows_are_complete_and_consistent(law, rows):
    assert keys_of(law, rows) == law.grid(SEEDS, LEVELS)
    for row in rows:
        assert row.low <= row.clean_error <= row.high
        assert abs(row.difference) <= 1e-12  # the decision rule is that of the nearest neighbour
        assert row.lower_realised - 1e-12 <= row.clean_error <= row.upper_realised + 1e-12
        assert row.verdict != "FAILS"
        assert 0.0 <= row.duality_gap <= 1e-9


def test_figure(law, rows, tmp_path):
    path = tmp_path / "figure.png"
    load("drawings.theorem_3_2").draw(rows, []).savefig(path, dpi=60)
    pixels = imread(path)
    assert pixels.ndim == 3
    assert pixels.std() > 0.05


def test_interrupted_run_goes_on_where_it_stopped(law, rows, tmp_path):
    store, keys, measured = tmp_path / "rows.csv", law.grid(SEEDS, LEVELS), []

    def measure(key):
        if len(measured) == 5:
            raise KeyboardInterrupt
        measured.append(key)
        return law.measure(key)

    interrupted = replace(law.SCRIPT, measure=measure, warm_up=lambda: None)
    with pytest.raises(KeyboardInterrupt):
        interrupted.compute(keys, store)
    assert keys_of(law, law.SCRIPT.load(store)) == keys[:5]
    with store.open("a") as stream:
        stream.write("20,0.3,0,0.2")  # a kill in the middle of a line
    finishing = replace(law.SCRIPT, measure=lambda key: measured.append(key) or law.measure(key))
    finishing = replace(finishing, warm_up=lambda: None)
    again = finishing.compute(keys, store)
    assert measured == keys
    assert without_time(again) == without_time(rows)


def test_training_that_was_broken_off_is_no_row(trained, tmp_path):
    """Flows end as "interrupted" on Ctrl-C, with what they have: the next start does them again."""
    script, rows = trained
    broken = replace(rows[0], status="interrupted")
    breaking = replace(script.SCRIPT, measure=lambda key: broken, warm_up=lambda: None)
    with pytest.raises(KeyboardInterrupt):
        breaking.compute(script.SCRIPT.presets["tiny"], tmp_path / "rows.csv")
    assert script.SCRIPT.load(tmp_path / "rows.csv") == []


def test_store_of_another_configuration_is_refused(law, tmp_path):
    store = tmp_path / "rows.csv"
    law.SCRIPT.compute([], store)
    sidecar = store.with_suffix(".json")
    content = json.loads(sidecar.read_text())
    content["configuration"]["delta"] = 0.5
    sidecar.write_text(json.dumps(content))
    with pytest.raises(ValueError, match="move it away"):
        law.SCRIPT.compute([], store)
    sidecar.unlink()
    with pytest.raises(ValueError, match="beside it"):
        law.SCRIPT.compute([], store)


def test_two_processes_write_the_same_rows(law, tmp_path):
    store = tmp_path / "rows.csv"
    command = [
        sys.executable,
        "-m",
        "benchmarks.theorem_3_2",
        "--preset",
        "tiny",
        "--n-jobs",
        "2",
        "--store",
        store,
    ]
    subprocess.run(command, cwd=ROOT, check=True, capture_output=True)
    here = law.SCRIPT.compute(law.SCRIPT.presets["tiny"], tmp_path / "here.csv")
    assert without_time(law.SCRIPT.load(store)) == without_time(here)
    assert store.with_suffix(".png").stat().st_size > 10_000
    assert json.loads(store.with_suffix(".json").read_text())["findings"]["runs"] == len(here)


@pytest.mark.parametrize("m", [2, 3, 10])
def test_variance_law(law, m):
    """E Σ V_i² of the cells of the nearest sample point, by simulation."""
    x = np.sort(np.random.default_rng(0).random((200_000, m)), axis=1)
    borders = np.pad(0.5 * (x[:, 1:] + x[:, :-1]), ((0, 0), (1, 1)), constant_values=(0.0, 1.0))
    sums = np.sum(np.diff(borders, axis=1) ** 2, axis=1)
    assert abs(sums.mean() - law.variance_factor(m)) <= 5.0 * sums.std() / np.sqrt(len(sums))


def test_line_fit_recovers_a_line(law, rows):
    exact = [replace(row, clean_error=0.25 + 0.5 * row.p) for row in rows]
    fit = law.line_fit(exact)
    assert fit["slope"] == pytest.approx(0.5, abs=1e-12)
    assert fit["intercept"] == pytest.approx(0.25, abs=1e-12)
    assert fit["slope_error"] <= 1e-12


@pytest.fixture(scope="module")
def trained(tmp_path_factory):
    script = load("theorem_3_1")
    return script, script.SCRIPT.compute(
        script.SCRIPT.presets["tiny"], tmp_path_factory.mktemp("flow") / "a.csv"
    )


def test_trained_rows_are_consistent(trained):
    script, rows = trained
    assert keys_of(script, rows) == script.SCRIPT.presets["tiny"]
    assert {row.interpolates for row in rows if row.start == "spread"} == {True}
    for row in rows:
        known = [
            row.clean_error,
            row.residual,
            row.norm_ratio,
            row.violates_a4,
            row.lower_3_2,
            row.upper,
        ]
        assert (
            row.interpolates
            == (row.wrong == 0)
            == (row.level != "infeasible")
            == all(one is not None for one in known)
        )
        if row.interpolates:
            assert row.low <= row.clean_error <= row.high
            assert row.residual <= 1e-9
            assert row.norm_ratio >= 1.0 - 1e-9


def test_trained_tables_and_figures(trained, law, rows, tmp_path):
    script, ends = trained
    store = tmp_path / "theorem_3_1.csv"
    script.SCRIPT.compute([], store)
    frame.write(ends, store)
    assert script.SCRIPT.load(store) == ends
    found = script.findings(ends)
    assert found["halved_tolerance"]["pairs"] == found["instances"] == len(ends) // 2
    script.SCRIPT.draw(ends).savefig(tmp_path / "trained.png", dpi=60)
    load("drawings.theorem_3_2").draw(rows, law.trained(store)).savefig(
        tmp_path / "law.png", dpi=60
    )
    assert imread(tmp_path / "trained.png").std() > 0.05
    assert imread(tmp_path / "law.png").std() > 0.05
    assert len(law.trained(store)) == found["interpolating"]
    assert law.trained(tmp_path / "none.csv") == []


def test_exponent_and_shares_recover_what_they_should(trained):
    script, ends = trained
    rows = [
        replace(ends[0], p=p, seed=k, clean_error=3.0 * p**1.5)
        for p in (0.1, 0.2, 0.4)
        for k in range(3)
    ]
    fit = script.exponent(rows)
    assert fit["value"] == pytest.approx(1.5, abs=1e-9)
    assert fit["high"] - fit["low"] <= 1e-9
    assert fit["samples"] == 9
    noisy = script.exponent(
        [replace(row, clean_error=row.clean_error * (0.9 + 0.1 * row.seed)) for row in rows]
    )
    assert noisy["low"] < 1.5 < noisy["high"]
    assert script.exponent(rows[:3]) is None
    low, high = script.wilson(3, 10)  # Wilson (1927), worked out in many textbooks
    assert (low, high) == pytest.approx((0.1078, 0.6032), abs=1e-4)


def test_extremes_are_consistent(tmp_path):
    script = load("extremes")
    rows = script.SCRIPT.compute(script.SCRIPT.presets["tiny"], tmp_path / "extremes.csv")
    for row in rows:
        assert row.points >= 1
        assert row.smallest <= row.smallest_local <= row.largest_local <= row.largest
        assert row.largest_norm_ratio >= 1.0 - 1e-9
        assert row.local_minima + row.global_minima <= row.points
    assert script.findings(rows)["points"] == sum(row.points for row in rows)
    assert script.SCRIPT.load(tmp_path / "extremes.csv") == rows
    script.SCRIPT.draw(rows).savefig(tmp_path / "extremes.png", dpi=60)
    assert imread(tmp_path / "extremes.png").std() > 0.05


def test_isolated_negatives_are_counted(tmp_path, monkeypatch):
    script = load("proposition_a_4")
    monkeypatch.setattr(script, "SAMPLES", 3)
    monkeypatch.setattr(script, "OPTIMA", 20)
    monkeypatch.setattr(script, "LEVELS", (0.2, 0.4))  # others run the same code
    keys = script.grid(script.PLANS["tiny"])
    rows = script.SCRIPT.compute(keys, tmp_path / "proposition_a_4.csv")
    assert {row.kind for row in rows} == set(script.KINDS)
    for row in rows:
        assert row.global_minima <= row.minima
        assert max(row.violates_a6, row.violates_a7) <= row.violates_a4 <= row.isolated
        assert row.violates_a4 <= row.violates_a6 + row.violates_a7
        assert bool(row.first) == bool(row.violates_a4)
        if row.kind == "global":
            assert row.minima == row.global_minima <= row.samples
    script.SCRIPT.draw(rows).savefig(tmp_path / "proposition_a_4.png", dpi=60)
    assert imread(tmp_path / "proposition_a_4.png").std() > 0.05


def test_proposition_a_4_holds_where_it_should():
    """In the committed table: never violated at global minima and right-oriented local ones, often
    elsewhere.
    """
    script = load("proposition_a_4")
    found = script.findings(script.SCRIPT.committed())
    assert found["any"]["violates_a4"] > 0
    assert found["right"]["isolated"] >= 100
    assert found["global"]["isolated"] >= 10_000
    for name in ("right", "global"):
        assert found[name]["violates_a4"] == 0


def test_kkt_points_are_held_against_the_nearest_neighbour_law(tmp_path):
    script = load("nearest_neighbour_law")
    keys = script.grid(script.PLANS["tiny"])
    store = tmp_path / "nearest_neighbour_law.csv"
    rows = script.SCRIPT.compute(keys, store)
    assert {row.kind for row in rows} == set(script.KINDS)
    for row in rows:
        assert row.points > 0
        assert (row.fails, row.undecided, row.outside, row.first) == (0, 0, 0, "")
        assert row.room >= 0
        assert row.links <= row.admitted
        assert row.mean_difference <= row.difference
        if row.kind not in script.DESIGNS and row.kind != "gallery":  # one sample or a few
            assert row.difference <= row.interval
            assert row.spread <= row.interval
        assert 0.0 <= row.taken <= 1.0
        assert row.spare >= 0
    assert script.SCRIPT.load(store) == rows
    script.SCRIPT.draw(rows).savefig(tmp_path / "law.png", dpi=60)
    assert imread(tmp_path / "law.png").std() > 0.05


def test_no_exception_to_the_nearest_neighbour_law_was_found():
    script = load("nearest_neighbour_law")
    found = script.findings(script.SCRIPT.committed())
    assert found["all"]["points"] >= 10_000
    assert set(found["kinds"]) == set(script.KINDS)
    assert set(found["gaps"]) >= set(script.GAPS)
    for group in (found["all"], *found["kinds"].values(), *found["gaps"].values()):
        assert (group["fails"], group["undecided"], group["outside"]) == (0, 0, 0)
        assert group["room"] >= 0
    assert found["all"]["m"] == 3000
    low, high = found["decay"]["size_interval"]
    assert low <= found["decay"]["size"] <= high < 0.0


def test_powers_in_means_are_found_again():
    decay = load("decay")
    rng = np.random.default_rng(0)
    cells = [(m, p) for m in (10, 30, 100, 300) for p in (0.1, 0.3, 0.5) for _ in range(40)]
    sizes, levels = np.array(cells).T
    expected = 2.0 * sizes**-1.2 * levels**0.4
    # half of the batches have no distance at all
    means = expected * 2.0 * (rng.random(len(cells)) < 0.5)
    fit = decay.decay_of(sizes, levels, means, np.ones(len(cells)))
    assert fit.size_interval[0] < -1.2 < fit.size_interval[1]
    assert fit.noise_interval[0] < 0.4 < fit.noise_interval[1]
    exact = decay.decay_of(sizes, levels, expected, np.ones(len(cells)))
    assert (exact.size, exact.noise, exact.scale) == pytest.approx((-1.2, 0.4, 2.0), rel=1e-6)
    nothing = decay.decay_of(sizes, levels, 0.0 * means, np.ones(len(cells)))
    assert np.isnan(nothing.size)


def test_bounds_of_the_law_against_points_by_design():
    rows = load("law_tightness").compute((20, 40), 10)
    assert sum(row.points for row in rows) >= 10
    assert sum(row.against for row in rows) == 0
    assert max(row.links for row in rows) >= 4
    for row in load("law_tightness").SCRIPT.committed():
        assert row.against == 0
        assert row.deviating <= row.links + 2
        assert row.links <= row.admitted
        assert row.taken <= 1.0


def test_kkt_points_err_like_the_nearest_neighbour_where_labels_change():
    rows = load("changing_labels").SCRIPT.committed()
    assert [row.m for row in rows] == list(load("changing_labels").SIZES)
    for row in rows:
        assert row.room >= 0
        assert row.of_deviating <= 1.0
    assert rows[-1].difference < 1e-9
    assert rows[-1].neighbour == pytest.approx(rows[-1].limit, abs=0.01)


def test_figure_3_saves_norm_and_keeps_the_margins(tmp_path):
    script = load("figure_3")
    rows = script.compute()
    assert [row.equation for row in rows] == ["10", "12", "10", "14", "14"]
    assert len({row.case for row in rows}) == len(script.PANELS) == 5
    for panel, row in zip(script.PANELS, rows, strict=True):
        moved = script.moved(panel).net
        assert row.norm_squared_after < 0.95 * row.norm_squared_before
        assert row.change == pytest.approx(
            row.norm_squared_after - row.norm_squared_before, rel=1e-12
        )
        assert np.all(moved(script.SAMPLE.x) * script.SAMPLE.y >= 1.0)
        inside = np.linspace(row.low, row.high, 100)
        assert np.abs(moved(inside) - panel.net(inside)).max() > 0.3  # enough to be seen
        outside = np.array([0.1, row.low, row.high, 1.0])
        assert moved(outside) == pytest.approx(panel.net(outside), abs=1e-12)
    frame.write(rows, tmp_path / "figure_3.csv")
    committed = script.SCRIPT.results.read_text(encoding="utf-8").splitlines()
    assert (tmp_path / "figure_3.csv").read_text(encoding="utf-8").splitlines()[0] == committed[0]
    assert len(committed) == 1 + len(rows)
    assert script.table(rows).row_count == len(rows)


def test_figure_3_is_drawn(tmp_path):
    script = load("figure_3")
    assert script.SCRIPT.main(["--store", str(tmp_path / "figure_3.csv")]) == 0
    pixels = imread(tmp_path / "figure_3.png")
    assert pixels.ndim == 3
    assert pixels.std() > 0.05


def test_gallery_shows_the_nets_that_are_derived():
    script = load("gallery")
    found = []
    for _, exhibit in script.lettered():
        for net in script.nets(exhibit):
            claim = tuple(exhibit.sample.x), tuple(exhibit.sample.y), exhibit.level
            alike = (
                case for case in cases.GALLERY if case[2:] == claim and len(case[1][0]) == net.width
            )
            found += [
                name
                for name, parts, *_ in alike
                if np.allclose(parts, (net.v, net.w, net.b), rtol=1e-14)
            ]
    assert sorted(found) == sorted(name for name, *_ in cases.GALLERY)


def test_gallery_rows_are_consistent(tmp_path):
    script = load("gallery")
    rows = script.compute()
    nets = [net for _, exhibit in script.lettered() for net in script.nets(exhibit)]
    assert [row.moved for row in rows] == list(script.STEPS) * len(nets)
    for row in rows:
        assert row.norm_squared >= row.optimal_norm_squared * (1.0 - 1e-12)
        assert row.witness_norm_squared is None or row.witness_norm_squared < row.norm_squared
        # a relative 1e-7 may leave the norm² the least one to 1e-9
        moved = row.moved in ("1e-7", "1e-3") and row.global_minimum != "HOLDS"
        assert (row.level == "feasible") == moved
    given = [row for row in rows if row.moved == "as given"]
    assert [row.n for row in given] == [net.width for net in nets]
    assert [row.panel for row in given if row.violation] == ["c"]
    frame.write(rows, tmp_path / "gallery.csv")
    committed = script.SCRIPT.results.read_text(encoding="utf-8").splitlines()
    assert (tmp_path / "gallery.csv").read_text(encoding="utf-8").splitlines()[0] == committed[0]
    assert len(committed) == 1 + len(rows)
    assert script.table(rows).row_count == len(rows)


def test_gallery_refuses_a_net_of_another_standing(monkeypatch):
    script = load("gallery")
    wrong = script.EXHIBITS[0]._replace(level="global minimum")
    monkeypatch.setattr(script, "EXHIBITS", (wrong, *script.EXHIBITS[1:]))
    with pytest.raises(ArithmeticError, match="certified as local minimum"):
        script.compute()


def test_gallery_is_drawn(tmp_path):
    script = load("gallery")
    assert script.SCRIPT.main(["--store", str(tmp_path / "gallery.csv")]) == 0
    pixels = imread(tmp_path / "gallery.png")
    assert pixels.ndim == 3
    assert pixels.std() > 0.05


@pytest.mark.parametrize("name", ["figure_1", "figure_2"])
def test_sphere_figures(name, tmp_path):
    script, sphere = load(name), importlib.import_module("benchmarks.sphere")
    panels = script.SCRIPT.presets["tiny"]
    store = tmp_path / "made" / f"{name}.sqlite"
    assert (
        sphere.main(script.SCRIPT, ["--preset", "tiny", "--store", str(store), "--n-jobs", "1"])
        == 0
    )
    assert imread(store.with_suffix(".png")).std() > 0.05
    about = json.loads(store.with_suffix(".json").read_text())
    assert about["findings"]["runs"] == sum(len(panel.runs) for panel in panels)
    assert len(store.with_suffix(".csv").read_text().splitlines()) == 1 + about["findings"]["runs"]


def test_highdim_integrators_end_alike_after_fewer_steps(tmp_path, monkeypatch):
    """Two of three small problems, on which clean errors are far from 0 and the data are
    interpolated.
    """
    script, store = load("highdim_integrators"), tmp_path / "integrators.csv"
    problems = (
        script.Problem(20, 10, 0.3, 60),
        script.Problem(30, 20, 0.3, 40),
        script.Problem(20, 10, 0.3, 40),
    )
    monkeypatch.setattr(script, "PROBLEMS", problems)
    assert (
        script.main(
            ["--epochs", "2000", "--points", "4000", "--problems", "2", "--store", str(store)]
        )
        == 0
    )
    with store.open(encoding="utf-8", newline="") as stream:
        rows = list(csv.DictReader(stream))
    with script.RESULTS.open(encoding="utf-8", newline="") as stream:
        assert list(rows[0]) == next(csv.reader(stream))
    methods = ["gd", "euler", "flow", "flow, tight"]
    assert [(row["m"], row["method"]) for row in rows] == [
        (m, method) for m in ("20", "30") for method in methods
    ]
    for gd, *others in (rows[:4], rows[4:]):
        assert int(gd["steps"]) == 2000
        assert float(gd["clean_error"]) > 0.2
        assert 0.0 < float(gd["interpolation_time"]) < float(gd["flow_time"])
        for row, least in zip(others, (3.0, 15.0, 5.0), strict=True):
            assert float(row["flow_time"]) == pytest.approx(0.1 * 2000 / float(row["m"]), rel=1e-12)
            assert float(row["steps_ratio"]) == pytest.approx(2000 / int(row["steps"]), rel=1e-3)
            assert float(row["steps_ratio"]) > least
            for late, early in (
                ("clean_error", "difference"),
                ("early_clean_error", "early_difference"),
            ):
                difference = float(row[late]) - float(gd[late])
                assert float(row[early]) == pytest.approx(difference, abs=1e-9)
                assert abs(difference) < 0.01
            assert float(row["interpolation_time"]) == pytest.approx(
                float(gd["interpolation_time"]), rel=0.1
            )


def test_networks_of_pytorch_agree_with_the_grid(tmp_path):
    pytest.importorskip("torch")
    script = load("train_pytorch")
    rows = script.compute(tmp_path, steps=30, points=30_000)
    assert [row.network for row in rows] == [recipe.name for recipe in script.RECIPES]
    assert all(row.agrees for row in rows)
    frame.write(rows, tmp_path / "pytorch.csv")
    assert len((tmp_path / "pytorch.csv").read_text().splitlines()) == 1 + len(rows)
    assert script.table(rows).row_count == len(rows)


def test_the_grid_comparison_can_fail(tmp_path):
    """A network stretched by far more than a cell is noticed."""
    pytest.importorskip("torch")
    script = load("train_pytorch")
    points = 10_000
    assert script.grid_clean_error(lambda x: x - 0.25, points) == 0.25
    # zero counts as an error
    assert script.grid_clean_error(lambda x: np.where(x < 0.5, 0.0, 1.0), points) == 0.5
    rows = script.compute(tmp_path, steps=0, points=points)
    recipe, row = script.RECIPES[1], rows[1]
    assert row.crossings > 0
    exact = script.evaluator(recipe, tmp_path / f"{recipe.name}.pt")
    shifted = script.grid_clean_error(lambda x: exact(0.9 * x), points)
    assert abs(shifted - row.clean_error) > row.resolution


@pytest.fixture(scope="module")
def low(tmp_path_factory):
    script = load("max_margin_sphere")
    store = tmp_path_factory.mktemp("low") / "max_margin_sphere.csv"
    assert script.SCRIPT.main(["--preset", "tiny", "--store", str(store)]) == 0
    return script, script.SCRIPT.load(store), store


def test_optima_in_low_dimension(low):
    script, rows, store = low
    assert keys_of(script, rows) == script.PRESETS["tiny"]
    for row in rows:
        assert row.verdict == "HOLDS"
        assert row.duality_gap <= 1e-8
        assert row.low <= row.clean_error <= row.high
        assert row.supports <= row.m
        assert 0.0 <= row.disagreement <= 1.0
        # two rules differ by at least the difference of their errors
        assert abs(row.clean_error - row.nearest_neighbour) <= row.disagreement + 0.01
        if row.d == 1:
            assert row.disagreement < 1e-12
    assert imread(store.with_suffix(".png")).std() > 0.05
    found = script.findings(rows)
    assert json.loads(store.with_suffix(".json").read_text())["findings"] == found
    assert found["optimal"] == found["runs"] == len(rows)
    assert found["nearest_neighbour"]["d = 1"] == 2


def test_arcs_and_cells_of_the_nearest_neighbour():
    """Against the nearest of many points, on the circle; and areas of the octants of a sphere."""
    script = load("max_margin_sphere")
    sample = script.highdim.draw_sphere_sample(9, 2, 0.4, rng=0)
    arcs = script.arcs(sample)
    phi = -np.pi + (np.arange(100_000) + 0.5) * 2.0 * np.pi / 100_000
    points = np.column_stack((np.cos(phi), np.sin(phi)))
    negative = sample.y[np.argmax(points @ sample.X.T, axis=1)] < 0.0
    inside = np.any((arcs[:, 0] <= phi[:, None]) & (phi[:, None] <= arcs[:, 1]), axis=1)
    assert np.mean(negative != inside) < 1e-4
    axes = np.concatenate((np.eye(3), -np.eye(3)))
    labels = np.array([-1.0, 1.0, 1.0, -1.0, 1.0, 1.0])
    assert script.voronoi(script.highdim.SphereSample(axes, labels)) == pytest.approx(1.0 / 3.0)


def test_length_of_what_two_unions_do_not_share():
    apart = load("max_margin_sphere").apart
    one = np.array([[0.0, 1.0], [2.0, 4.0]])
    assert apart(one, one) == 0.0
    assert apart(one, np.zeros((0, 2))) == 3.0
    assert apart(one, np.array([[0.5, 3.0]])) == pytest.approx(0.5 + 1.0 + 1.0)


def test_the_committed_optima_in_low_dimension():
    """What the README says of them."""
    script = load("max_margin_sphere")
    rows = script.SCRIPT.committed()
    assert keys_of(script, rows) == script.PRESETS["two-core"]
    found = script.findings(rows)
    assert found["optimal"] == found["runs"] == 720
    assert found["largest_gap"] < 1e-8
    assert found["nearest_neighbour"] == {"d = 1": 270, "d = 2": 0, "d = 3": 0}
    for row in rows:
        assert row.low <= row.clean_error <= row.high
    largest = found["groups"]["d = 2, m = 40, p = 0.2"]
    assert largest["mean_difference"] < -4.0 * largest["difference_error"]
    small = found["groups"]["d = 3, m = 10, p = 0.1"]
    assert small["mean_difference"] > 4.0 * small["difference_error"]


def drawings_of_tables():
    """Names of the committed figures that have a table beside them."""
    pictures = sorted((ROOT / "benchmarks" / "results").glob("*.png"))
    return [picture.stem for picture in pictures if picture.with_suffix(".csv").exists()]


@pytest.mark.parametrize("name", drawings_of_tables())
def test_committed_figures_are_drawn_from_the_tables_beside_them(name):
    """A table that was renewed without its figure has another digest."""
    picture = ROOT / "benchmarks" / "results" / f"{name}.png"
    table = picture.with_suffix(".csv").read_text(encoding="utf-8")
    digest = blake2b(table.encode(), digest_size=16).hexdigest()
    with Image.open(picture) as found:
        assert found.text["Description"] == f"{name}.csv, blake2b {digest}"
