"""The command line: reports, studies, audits, training, and what it says to bad input."""

import json
import os
import shlex
import signal
import struct
import subprocess
import sys
import time
import zlib

import numpy as np
import pytest
from typer.testing import CliRunner

import univariate.report.study
from univariate import (
    DeepReluNet,
    ReluNet,
    Sample,
    Trajectory,
    certify,
    clean_error,
    draw_sample,
    init_network,
    load_network,
    max_margin,
)
from univariate.cli.app import app
from univariate.common.interrupt import plain_interrupts
from univariate.common.program import BAD_INPUT, INTERRUPTED
from univariate.report.study import read_study, run_study
from univariate.training.stepping import controlled_step

runner = CliRunner()


def run(*arguments):
    return runner.invoke(app, [str(argument) for argument in arguments])


def complaint(result) -> str:
    """The one line on stderr, besides notes."""
    assert result.exit_code == BAD_INPUT, result.output
    lines = result.stderr.strip().splitlines()
    (line,) = (one for one in lines if not one.startswith("note: "))
    assert line.startswith("error: ")
    return line


def png_size(path) -> tuple[int, int]:
    """Width and height of a complete PNG whose checksums are right."""
    data, place, kinds = path.read_bytes(), 8, []
    assert data[:8] == b"\x89PNG\r\n\x1a\n"
    while place < len(data):
        (length,), kind = struct.unpack(">I", data[place : place + 4]), data[place + 4 : place + 8]
        body = data[place + 4 : place + 8 + length]
        assert struct.unpack(">I", data[place + 8 + length : place + 12 + length]) == (
            zlib.crc32(body),
        )
        kinds.append(kind)
        place += 12 + length
    assert kinds[-1] == b"IEND"
    return struct.unpack(">II", data[16:24])


@pytest.fixture
def audited(tmp_path):
    """A network file and a data file that fit each other."""
    sample = draw_sample(30, 0.2, rng=4)
    max_margin(sample).net.save(tmp_path / "net.npz")
    sample.save(tmp_path / "data.csv")
    return tmp_path / "net.npz", tmp_path / "data.csv"


# Reports


def test_report_writes_its_files_and_says_where(tmp_path):
    result = run("report", "--m", 60, "--p", 0.2, "--rng", 3, "--out", tmp_path)
    assert result.exit_code == 0, result.output
    assert "Exact clean error L_cl" in result.stdout
    assert f"Wrote {tmp_path / 'report.json'}, {tmp_path / 'report.png'}" in result.stdout
    found = json.loads((tmp_path / "report.json").read_text(encoding="utf-8"))
    assert found["schema"] == "univariate.report/2"
    assert found["origin"]["seed"] == 3
    assert found["origin"]["command"] == "univariate report --m 60 --p 0.2 --rng 3 --delta 0.05"
    assert found["sample_facts"]["size"] == 60
    assert png_size(tmp_path / "report.png") == (1584, 1452)


def test_same_seed_gives_the_same_report(tmp_path):
    texts = []
    for _ in range(2):
        run("report", "--m", 40, "--no-figure", "--out", tmp_path, "--overwrite")
        found = json.loads((tmp_path / "report.json").read_text(encoding="utf-8"))
        texts.append({key: value for key, value in found.items() if key != "seconds"})
    assert texts[0] == texts[1]


def test_net_and_sample_are_saved_and_can_be_audited(tmp_path):
    net, data = tmp_path / "net.npz", tmp_path / "sample.csv"
    saved = run(
        "report",
        "--m",
        50,
        "--save-net",
        net,
        "--save-sample",
        data,
        "--no-figure",
        "--out",
        tmp_path,
    )
    assert saved.exit_code == 0, saved.output
    assert not (tmp_path / "report.png").exists()
    assert isinstance(load_network(net), ReluNet)
    np.testing.assert_array_equal(Sample.load(data).x, draw_sample(50, 0.1, rng=0).x)
    result = run("audit", net, data, "--no-figure", "--out", tmp_path)
    report, audit = (
        json.loads((tmp_path / f"{name}.json").read_text()) for name in ("report", "audit")
    )
    assert result.exit_code == 0, result.output
    assert audit["clean_error"] == report["clean_error"]
    assert audit["standing"]["global_minimum"]["verdict"] == "HOLDS"


def test_density_is_parsed_not_evaluated(tmp_path):
    result = run("report", "--m", 40, "--density", "beta(2, b=5)", "--no-figure", "--out", tmp_path)
    assert result.exit_code == 0, result.output
    assert json.loads((tmp_path / "report.json").read_text())["density"] == "beta(2, b=5)"


def test_output_folder_is_made(tmp_path):
    result = run("report", "--m", 10, "--no-figure", "--out", tmp_path / "new" / "folder")
    assert result.exit_code == 0, result.output
    assert (tmp_path / "new" / "folder" / "report.json").is_file()


# Audits


def test_audit_of_a_net_that_does_not_interpolate_names_the_worst_observation(tmp_path):
    Sample([0.1, 0.4, 0.9], [1.0, -1.0, 1.0]).save(tmp_path / "data.csv")
    ReluNet([1.0], [1.0], [0.5]).save(tmp_path / "net.npz")
    result = run("audit", tmp_path / "net.npz", tmp_path / "data.csv", "--out", tmp_path)
    assert result.exit_code == 0, result.output
    assert "worst -0.9 at observation 1 (x = 0.4, y = −1)" in result.stdout
    found = json.loads((tmp_path / "audit.json").read_text())
    assert found["interpolation"]["verdict"] == "FAILS"
    assert found["origin"]["net"] == str(tmp_path / "net.npz")
    assert png_size(tmp_path / "audit.png") == (1584, 1452)


@pytest.mark.parametrize("bias", [[0.25], [0.0]], ids=["output bias", "three layers"])
def test_audit_of_other_architectures(tmp_path, audited, bias):
    hidden = [([[1.0], [-1.0]], [-0.5, 0.25])] + ([] if bias[0] else [([[1.0, 0.5]], [0.1])])
    last = ([[1.0] * len(hidden[-1][1])], bias)
    DeepReluNet((*hidden, last)).save(tmp_path / "deep.npz")
    result = run("audit", tmp_path / "deep.npz", audited[1], "--no-figure", "--out", tmp_path)
    assert result.exit_code == 0, result.output
    found = json.loads((tmp_path / "audit.json").read_text())
    assert found["standing"] is None
    assert 0.0 <= found["clean_error"]["low"] <= found["clean_error"]["high"] <= 1.0
    assert found["optimum"]["norm_squared"] > 0.0
    assert "not applicable" in result.stdout


def test_audit_delivers_what_needs_no_optimum(tmp_path):
    (tmp_path / "data.csv").write_text("x,y\n0,1\n1e-200,-1\n0.5,1\n")
    ReluNet([1.0], [1.0], [0.5]).save(tmp_path / "net.npz")
    result = run("audit", tmp_path / "net.npz", tmp_path / "data.csv", "--out", tmp_path)
    assert result.exit_code == 0, result.output
    assert "Least norm² not available: no float64 net" in " ".join(result.stdout.split())
    found = json.loads((tmp_path / "audit.json").read_text())
    assert found["optimum"] is None
    assert "too uneven" in found["optimum_missing"]
    assert found["clean_error"]["value"] == 0.0
    assert png_size(tmp_path / "audit.png") == (1584, 1452)


def test_audit_shows_the_level_and_writes_the_witness(tmp_path):
    sample = Sample([0.1, 0.3, 0.5, 0.7, 0.9], [1.0, -1.0, 1.0, -1.0, 1.0])
    sample.save(tmp_path / "data.csv")
    best = max_margin(sample).net
    # the optimum's function times 1.5, unbalanced
    ReluNet(1.5 * best.v, best.w, best.b).save(tmp_path / "net.npz")
    better = tmp_path / "better.npz"
    result = run(
        "audit",
        tmp_path / "net.npz",
        tmp_path / "data.csv",
        "--no-figure",
        "--out",
        tmp_path,
        "--save-witness",
        better,
    )
    assert result.exit_code == 0, result.output
    assert "The net interpolates and is no KKT point" in result.stdout
    assert "|v| ≠ |(w, b)| in" in result.stdout
    assert "A.4 HOLDS (2)" in result.stdout
    assert str(better) in result.stdout.replace("\n", "")
    witness = ReluNet.load(better)
    assert np.all(sample.y * witness(sample.x) >= 1.0 - 1e-15)
    assert witness.norm_squared < 1.5 * best.norm_squared
    found = json.loads((tmp_path / "audit.json").read_text())
    assert found["standing"]["level"] == "feasible"
    assert found["structure"]["proposition_a4"]["verdict"] == "HOLDS"


def test_audit_of_an_optimum_has_no_witness_to_write(tmp_path, audited):
    """Nor is the one of another net left beside it."""
    (tmp_path / "better.npz").write_text("of an earlier audit")
    result = run(
        "audit",
        *audited,
        "--no-figure",
        "--overwrite",
        "--out",
        tmp_path,
        "--save-witness",
        tmp_path / "better.npz",
    )
    assert result.exit_code == 0, result.output
    assert "no better net refutes the level" in result.stderr
    assert not (tmp_path / "better.npz").exists()


def test_audit_of_a_state_dict(tmp_path, audited):
    torch = pytest.importorskip("torch")
    net = ReluNet.load(audited[0])
    state = {
        "0.weight": torch.tensor(net.w[:, None].copy()),
        "0.bias": torch.tensor(net.b.copy()),
        "2.weight": torch.tensor(net.v[None, :].copy()),
    }
    torch.save(state, tmp_path / "net.pt")
    result = run("audit", tmp_path / "net.pt", audited[1], "--no-figure", "--out", tmp_path)
    assert result.exit_code == 0, result.output
    shapes = f"Layers 0 ({net.width}×1) → 2 (1×{net.width}), ReLU assumed between them"
    assert result.stdout.startswith(shapes)
    assert (
        json.loads((tmp_path / "audit.json").read_text())["standing"]["global_minimum"]["verdict"]
        == "HOLDS"
    )


def test_training_from_a_state_dict_says_what_is_assumed(tmp_path):
    layers = {"0.weight": [[1.0], [-1.0]], "0.bias": [1.0, 1.0], "2.weight": [[1.0, -1.0]]}
    net = tmp_path / "net.json"
    net.write_text(json.dumps(layers | {"2.bias": [0.5]}))
    asked = "--m", 3, "--p", 0, "--steps", 2, "--no-figure", "--out", tmp_path
    result = run("train", "--net", net, *asked)
    assert result.exit_code == 0, result.output
    words = "Layers 0 (2×1) → 2 (1×2), ReLU assumed between them; the output bias is one more neur"
    assert result.stdout.startswith(words)


def test_labels_and_networks_are_chosen_by_options(tmp_path):
    layers = {"a.weight": [[1.0], [2.0]], "a.bias": [0.0, -1.0], "b.weight": [[1.0, -3.0]]}
    checkpoint, data = tmp_path / "net.ckpt", tmp_path / "data.tsv"
    checkpoint.write_text(json.dumps({"model": layers, "ema": layers}))
    data.write_text("label\tx\ngood\t0,25\nbad\t0,75\n")
    asked = "audit", checkpoint, data, "--no-figure", "--out", tmp_path
    assert "several networks, 'model', 'ema'; say which one by key" in complaint(run(*asked))
    asked = *asked, "--net-key", "ema"
    assert "--label-map good=-1,bad=1, or the other way round" in complaint(run(*asked))
    result = run(*asked, "--label-map", "good=1,bad=-1")
    assert result.exit_code == 0, result.output
    assert "Layers a (2×1) → b (1×2), ReLU assumed" in " ".join(result.stdout.split())
    found = json.loads((tmp_path / "audit.json").read_text())
    assert found["origin"]["command"].endswith("--label-map good=1,bad=-1 --net-key ema")
    assert "`--label-map` is about" in complaint(run("train", "--label-map", "0=1,1=-1"))
    assert "`--net-key` is about" in complaint(run("train", "--net-key", "ema"))


@pytest.mark.parametrize("option", ["--save-net", "--save-sample"])
def test_other_formats_are_refused_before_the_work(tmp_path, option):
    message = complaint(run("report", "--m", 10**7, option, tmp_path / "best.pt"))
    assert f"`{option}` must end in" in message
    assert list(tmp_path.iterdir()) == []


def test_audit_of_values_without_a_picture_still_reports(tmp_path, audited):
    ReluNet([1e300], [1e300], [-1e299]).save(tmp_path / "huge.npz")
    result = run("audit", tmp_path / "huge.npz", audited[1], "--out", tmp_path)
    assert result.exit_code == 0, result.output
    assert "no figure: `net` has values or slopes beyond the range of doubles" in result.stderr
    assert (tmp_path / "audit.json").is_file()
    assert not (tmp_path / "audit.png").exists()


# Studies


def study(folder, *more):
    return run("report", "--m", "20,40", "--p", "0.1,0.3", "--seeds", 2, "--out", folder, *more)


def test_study_writes_rows_averages_and_a_figure(tmp_path):
    result = study(tmp_path)
    assert result.exit_code == 0, result.output
    rows = read_study(tmp_path / "study.csv")
    assert [(row.m, row.p, row.seed) for row in rows] == [
        (m, p, seed) for m in (20, 40) for p in (0.1, 0.3) for seed in (0, 1)
    ]
    assert all(abs(row.clean_error - row.nearest_neighbour) < 1e-12 for row in rows)
    summary = json.loads((tmp_path / "study.json").read_text())
    assert summary["schema"] == "univariate.study/1"
    assert [(one["m"], one["p"], one["seeds"]) for one in summary["summaries"]] == [
        (m, p, 2) for m in (20, 40) for p in (0.1, 0.3)
    ]
    assert min(png_size(tmp_path / "study.png")) > 600
    assert "8 max-margin nets" in result.stdout
    assert "bounds (realised): those of Theorem 3.2" in " ".join(result.stdout.split())
    smaller = study(tmp_path, "--seeds", 1)
    assert smaller.exit_code == 0
    assert "4 max-margin nets" in smaller.stdout
    assert "all 8 rows" in " ".join(smaller.stderr.split())
    again = json.loads((tmp_path / "study.json").read_text())
    assert again["summaries"] == summary["summaries"]
    # the command by itself would make fewer
    assert (summary["rows"], summary["origin"].get("rows_of_other_commands")) == (8, None)
    assert (again["rows"], again["origin"]["rows_of_other_commands"]) == (8, 4)


def test_a_study_whose_rows_another_one_removed_says_so(tmp_path, monkeypatch):
    original = univariate.report.study.study_row

    def measured(m, p, seed, **options):
        """Begin the file anew in the midst."""
        if (m, p, seed) == (40, 0.3, 0):
            (tmp_path / "study.csv").unlink()
        return original(m, p, seed, **options)

    monkeypatch.setattr(univariate.report.study, "study_row", measured)
    line = complaint(study(tmp_path, "--no-figure"))
    assert "got 6 fewer in" in line
    assert "begun anew; the same command makes them again" in line
    assert [path.name for path in tmp_path.iterdir()] == ["study.csv"]
    assert study(tmp_path, "--no-figure").exit_code == 0
    assert len(read_study(tmp_path / "study.csv")) == 8


def test_an_option_that_is_given_twice_is_named(tmp_path):
    result = run("report", "--m", 10, "--p", 0.3, "--p", 0.2, "--no-figure", "--out", tmp_path)
    assert result.exit_code == 0
    words = "note: --p is given 2 times, the last one counts: 0.2; several values are a comma list"
    assert words in " ".join(result.stderr.split())
    assert json.loads((tmp_path / "report.json").read_text())["p"] == 0.2
    once = run("report", "--m", 10, "--p", 0.2, "--no-figure", "--overwrite", "--out", tmp_path)
    assert once.exit_code == 0
    assert not once.stderr


def test_a_study_of_another_version_is_read_and_not_continued(tmp_path, monkeypatch):
    store = tmp_path / "study.csv"
    rows = list(run_study([20], [0.1], [0], store))
    monkeypatch.setattr(univariate.report.study, "library_version", lambda: "0.2.0")
    assert read_study(store) == rows
    with pytest.raises(ValueError, match=r"rows of this version, 0\.2\.0, got"):
        list(run_study([20], [0.1], [0, 1], store))
    lines = [line.rpartition(",")[0] for line in store.read_text().splitlines()]
    store.write_text("\n".join(lines) + "\n")  # as files of before are
    found = list(run_study([20], [0.1], [0, 1], store))
    assert [row.version for row in found] == ["", "0.2.0"]
    assert read_study(store) == found


def test_a_row_of_a_study_is_reproduced_by_a_report(tmp_path):
    study(tmp_path, "--no-figure")
    run("report", "--m", 40, "--p", 0.3, "--rng", 1, "--no-figure", "--out", tmp_path)
    (row,) = (
        row
        for row in read_study(tmp_path / "study.csv")
        if (row.m, row.p, row.seed) == (40, 0.3, 1)
    )
    assert (
        json.loads((tmp_path / "report.json").read_text())["clean_error"]["value"]
        == row.clean_error
    )


@pytest.fixture
def computed(monkeypatch):
    """Cells in the order in which they are computed; the study stops before the number in
    `limit`.
    """
    cells, limit = [], [10**9]
    original = univariate.report.study.study_row

    def counting(m, p, seed, **options):
        if len(cells) == limit[0]:
            raise KeyboardInterrupt
        cells.append((m, p, seed))
        return original(m, p, seed, **options)

    monkeypatch.setattr(univariate.report.study, "study_row", counting)
    return cells, limit


def test_a_study_refuses_what_would_be_without_effect(tmp_path):
    assert "`--delta` must be left out of a study, got 0.01" in complaint(
        study(tmp_path, "--delta", 0.01)
    )
    assert not list(tmp_path.iterdir())
    assert study(tmp_path, "--no-figure").exit_code == 0
    command = json.loads((tmp_path / "study.json").read_text())["origin"]["command"]
    assert "--delta" not in command  # it can be typed again


def test_an_interrupted_study_keeps_its_rows_and_continues(tmp_path, computed):
    cells, limit = computed
    limit[0] = 3
    result = study(tmp_path, "--no-figure")
    assert result.exit_code == INTERRUPTED
    assert (
        f"3 of 8 rows are finished and kept in {tmp_path / 'study.csv'}"
        in result.stderr.replace("\n", "")
    )
    assert len(read_study(tmp_path / "study.csv")) == 3
    # those that are finished and have not come up again count as well
    larger = study(tmp_path, "--no-figure", "--seeds", 3)
    assert "3 of 12 rows are finished and kept in" in larger.stderr
    limit[0] = 10**9
    assert study(tmp_path, "--no-figure").exit_code == 0
    assert len(cells) == len(set(cells)) == 8
    assert study(tmp_path, "--no-figure").exit_code == 0
    assert len(cells) == 8


def test_a_line_cut_off_by_a_crash_is_computed_again(tmp_path, computed):
    study(tmp_path, "--no-figure")
    path = tmp_path / "study.csv"
    whole = read_study(path)
    path.write_bytes(path.read_bytes()[:-25])
    assert study(tmp_path, "--no-figure").exit_code == 0
    assert len(computed[0]) == 9
    assert [row.clean_error for row in read_study(path)] == [row.clean_error for row in whole]


def test_a_study_does_not_mix_densities_or_files(tmp_path):
    study(tmp_path, "--no-figure")
    assert "holds rows of univariate.study/1, x uniform on [0, 1]; expected" in complaint(
        study(tmp_path, "--density", "beta(2, 5)")
    )
    path = tmp_path / "study.csv"
    path.write_text(path.read_text().replace(",20,0.1,0,", ",20,0.1,", 1))
    assert "line 2: not a row of a study" in complaint(study(tmp_path))
    for content in (b"x,y\n1,2\n", b"\xff\xfe\n"):
        path.write_bytes(content)
        assert "is not a study file" in complaint(study(tmp_path))


def test_rows_come_in_order_of_cost_and_are_checked(tmp_path):
    rows = list(run_study([30, 10], [0.2], [0], tmp_path / "study.csv"))
    assert [row.m for row in rows] == [10, 30]
    for grid in (([0], [0.1], [0]), ([5], [1.1], [0]), ([5], [0.1], [-1])):
        with pytest.raises(ValueError, match="must"):
            next(run_study(*grid, tmp_path / "study.csv"))


# Training


def train(folder, *more):
    return run("train", "--m", 10, "--p", 0.3, "--rng", 2, "--no-figure", "--out", folder, *more)


def same_net(first, second) -> bool:
    return all(np.array_equal(getattr(first, part), getattr(second, part)) for part in "vwb")


def test_training_writes_the_run_the_kkt_point_and_what_it_says(tmp_path):
    result = run("train", "--m", 10, "--p", 0.3, "--rng", 2, "--film", "--out", tmp_path)
    assert result.exit_code == 0, result.output
    names = ("sample.npz", "train.npz", "net.npz", "train.json", "train.png", "train.gif")
    assert sorted(path.name for path in tmp_path.iterdir()) == sorted(names)
    assert f"{tmp_path / 'net.npz'} (the KKT point)" in result.stdout
    found = json.loads((tmp_path / "train.json").read_text(encoding="utf-8"))
    assert found["schema"] == "univariate.training/1"
    assert found["origin"]["command"].startswith(
        "univariate train --m 10 --p 0.3 --start spread --rng 2 --delta 0.05"
    )
    assert set(found["versions"]) >= {"numpy", "numba"}
    sample, net = Sample.load(tmp_path / "sample.npz"), ReluNet.load(tmp_path / "net.npz")
    assert certify(net, sample).level == found["trained"]["standing"]["level"]
    assert clean_error(net).value == found["trained"]["clean_error"]["value"]
    assert (
        found["trained"]["run"]["margin"]
        == Trajectory.load(tmp_path / "train.npz").margins[-1]
        >= 100.0
    )
    assert png_size(tmp_path / "train.png") == (1584, 1628)
    assert (tmp_path / "train.gif").read_bytes()[:6] == b"GIF89a"
    assert found["finding"] in " ".join(result.stdout.split())


def test_the_sample_is_that_of_a_report_and_the_start_is_drawn_after_it(tmp_path):
    train(tmp_path, "--steps", 1)
    np.testing.assert_array_equal(
        Sample.load(tmp_path / "sample.npz").x, draw_sample(10, 0.3, rng=2).x
    )
    generator = np.random.default_rng(2)
    start = init_network(draw_sample(10, 0.3, rng=generator), rng=generator)
    assert same_net(Trajectory.load(tmp_path / "train.npz").snapshots[0], start)


def test_a_report_shows_the_same_trained_net(tmp_path):
    run("report", "--m", 10, "--p", 0.3, "--rng", 2, "--trained", "--no-figure", "--out", tmp_path)
    train(tmp_path)
    report, alone = (
        json.loads((tmp_path / f"{name}.json").read_text()) for name in ("report", "train")
    )
    assert report["origin"]["command"].endswith("--delta 0.05 --trained")
    assert report["trained"] == alone["trained"]


def test_training_stops_and_goes_on_as_if_it_had_not(tmp_path):
    assert train(tmp_path / "whole").exit_code == 0
    stopped = train(tmp_path / "parts", "--steps", 20)
    assert stopped.exit_code == 0, stopped.output
    assert "steps exhausted" in stopped.stdout
    assert train(tmp_path / "parts", "--resume").exit_code == 0
    whole, parts = (Trajectory.load(tmp_path / name / "train.npz") for name in ("whole", "parts"))
    np.testing.assert_array_equal(whole.margins, parts.margins)
    assert same_net(whole.net, parts.net)
    assert same_net(*(ReluNet.load(tmp_path / name / "net.npz") for name in ("whole", "parts")))


def test_training_says_all_commands_that_made_it(tmp_path):
    """With another tolerance the run is another one than either command alone gives."""
    first = "univariate train --m 10 --p 0.3 --start spread --rng 2"
    train(tmp_path, "--steps", 5)
    origin = json.loads((tmp_path / "train.json").read_text())["origin"]
    assert origin["command"].startswith(first)
    assert origin.keys() == {"command", "seed"}
    tighter = train(tmp_path, "--steps", 10, "--tolerance", 0.02, "--resume")
    usual = train(tmp_path, "--steps", 15, "--resume")
    for done, before in ((tighter, 0.1), (usual, 0.02)):
        assert f"the steps that are there were taken with --tolerance {before}, and" in done.stderr
    found = json.loads((tmp_path / "train.json").read_text())["origin"]
    assert found["command"] == origin["command"]
    finer, last = found["resumed"]
    assert finer.startswith(first)
    assert finer.endswith("--steps 10 --tolerance 0.02 --resume")
    assert last.endswith("--steps 15 --resume")
    run_there = Trajectory.load(tmp_path / "train.npz")
    assert run_there.commands == (found["command"], finer, last)
    # these, one after the other, make the run
    for line in run_there.commands:
        run(*shlex.split(line)[1:], "--no-figure", "--out", tmp_path / "again")
    again = Trajectory.load(tmp_path / "again" / "train.npz")
    assert again == run_there
    assert again.commands == run_there.commands
    assert "--tolerance" not in train(tmp_path, "--steps", 16, "--resume").stderr


def test_training_goes_on_from_a_checkpoint(tmp_path):
    """A state_dict within a checkpoint, float32 as it is by default."""
    torch = pytest.importorskip("torch")
    torch.manual_seed(1)
    module = torch.nn.Sequential(torch.nn.Linear(1, 30), torch.nn.ReLU(), torch.nn.Linear(30, 1))
    torch.save({"model": module.state_dict(), "epoch": 7}, tmp_path / "checkpoint.pt")
    draw_sample(10, 0.3, rng=2).save(tmp_path / "data.csv")

    def go_on(name, *options):
        files = ("--data", tmp_path / "data.csv", "--net", tmp_path / "checkpoint.pt")
        found = run("train", *files, "--no-figure", "--out", tmp_path / name, *options)
        assert found.exit_code == 0, found.output
        return Trajectory.load(tmp_path / name / "train.npz")

    whole = go_on("whole", "--steps", 40)
    assert same_net(whole.snapshots[0], ReluNet.from_torch(module.state_dict()))
    go_on("parts", "--steps", 15)
    parts = go_on("parts", "--steps", 40, "--resume")
    assert same_net(whole.net, parts.net)
    np.testing.assert_array_equal(whole.margins, parts.margins)


def test_interrupted_training_keeps_everything_and_goes_on(tmp_path, monkeypatch):
    with monkeypatch.context() as patch:
        steps = iter(range(12))

        def interrupt(*arguments):
            if next(steps, None) is None:
                raise KeyboardInterrupt
            return controlled_step(*arguments)

        patch.setattr("univariate.training.run.controlled_step", interrupt)
        result = run("train", "--m", 10, "--p", 0.3, "--rng", 2, "--out", tmp_path)
    assert result.exit_code == INTERRUPTED
    assert "the run is kept; the same command with --resume goes on" in result.stderr
    assert "(the end of the run)" in result.stdout
    assert (tmp_path / "train.png").is_file()
    kept = Trajectory.load(tmp_path / "train.npz")
    assert (kept.status, len(kept.margins)) == ("interrupted", 13)
    assert json.loads((tmp_path / "train.json").read_text())["trained"]["standing"] is None
    assert train(tmp_path, "--resume").exit_code == 0
    assert Trajectory.load(tmp_path / "train.npz").status == "margin reached"


def test_a_run_goes_on_with_its_own_sample_and_start_only(tmp_path):
    assert "must find a run in the folder of `--out`" in complaint(train(tmp_path, "--resume"))
    train(tmp_path, "--steps", 1)
    before = (tmp_path / "train.npz").read_bytes()
    assert "holds another one of 10 observations" in complaint(
        train(tmp_path, "--resume", "--m", 12)
    )
    assert "began elsewhere" in complaint(train(tmp_path, "--resume", "--scale", 2))
    assert "`--loss` must be that of the run" in complaint(
        train(tmp_path, "--resume", "--loss", "exponential")
    )
    assert (tmp_path / "train.npz").read_bytes() == before


def test_training_of_a_given_net_on_given_data(tmp_path, audited):
    net, data = audited
    doubled = ReluNet.load(net)
    ReluNet(2.0 * doubled.v, doubled.w, doubled.b).save(net)
    result = run(
        "train",
        "--data",
        data,
        "--net",
        net,
        "--margin",
        1.5,
        "--no-figure",
        "--out",
        tmp_path / "out",
    )
    assert result.exit_code == 0, result.output
    found = json.loads((tmp_path / "out" / "train.json").read_text())
    assert found["p"] == Sample.load(data).noise_rate
    assert found["start"].startswith(f"{net}, width")
    assert found["origin"]["command"].startswith(
        f"univariate train --data {data} --net {net} --rng 0"
    )
    assert found["trained"]["standing"]["level"] == "global minimum"
    assert "maybe not its limit" in " ".join(result.stdout.split())


def test_training_that_does_not_interpolate_is_a_result(tmp_path):
    result = train(
        tmp_path,
        "--start",
        "pytorch",
        "--width",
        8,
        "--method",
        "gd",
        "--learning-rate",
        0.01,
        "--steps",
        50,
    )
    assert result.exit_code == 0, result.output
    assert "gradient descent of the logistic loss, 50 steps: steps exhausted" in result.stdout
    assert "observations are wrong" in result.stdout
    assert (
        "Training does not interpolate (steps exhausted), so no theorem speaks of the net"
        in result.stdout
    )
    assert "Theorem 3.1" not in result.stdout
    found = json.loads((tmp_path / "train.json").read_text())
    assert found["saved"] == "the end of the run"
    assert found["trained"]["theorem_3_1"] is None


def test_the_screen_of_a_training_run_fits(tmp_path):
    for more in (
        (),
        ("--start", "pytorch", "--width", 3),
        ("--steps", 40),
        ("--method", "gd", "--steps", 5),
    ):
        lines = train(tmp_path, *more).stdout.split("\n")
        assert len(lines) <= 45
        assert max(len(line.rstrip()) for line in lines if not line.startswith("Wrote")) <= 100


@pytest.mark.parametrize(
    ("arguments", "part"),
    [
        (["--data", "data.csv", "--m", 5], "`--m` must be left out where `--data` names a file"),
        (
            ["--net", "net.npz", "--width", 5],
            "`--net` must come without `--start`, `--width` and `--scale`",
        ),
        (
            ["--method", "gd", "--tolerance", 0.1],
            "`--tolerance` must be left out for `--method` gd",
        ),
        (["--learning-rate", 0.1], "`--learning-rate` must be left out for `--method` flow"),
        (["--p", 2], "`--p` must lie in [0, 1], got 2.0"),
        (["--m", 0], "`--m` must be an integer >= 1, got 0"),
        (["--rng", -1], "`--rng` must be an integer >= 0"),
        (["--delta", 1], "`--delta` must lie in (0, 1)"),
        (["--start", "zero"], "`--start` must be one of spread, pytorch"),
        (["--width", 5], "`--width` must be 4 (m + 1)"),
        (["--scale", 0], "`--scale` must be positive"),
        (["--method", "sgd"], "`--method` must be one of flow, gd"),
        (["--margin", -1], "`--margin` must be positive"),
        (["--steps", 0], "`--steps` must be an integer >= 1"),
        (["--data", "none.csv"], "must name an existing file"),
        (["--net", "none.npz"], "must name an existing file"),
    ],
)
def test_bad_options_of_training_are_named(tmp_path, arguments, part):
    assert part in complaint(run("train", "--out", tmp_path, *arguments))
    assert list(tmp_path.iterdir()) == []


def test_a_report_trains_small_samples_one_at_a_time(tmp_path):
    assert "`--trained` needs m <= 200, got m = 1,000" in complaint(
        run("report", "--trained", "--out", tmp_path)
    )
    line = complaint(run("report", "--m", "10,2000", "--trained", "--out", tmp_path))
    assert "`--trained` needs m <= 200, got m = 2,000" in line
    assert list(tmp_path.iterdir()) == []


def test_a_report_ends_when_its_training_is_interrupted(tmp_path, monkeypatch):
    def interrupt(*_, **__):
        raise KeyboardInterrupt

    monkeypatch.setattr("univariate.training.run.controlled_step", interrupt)
    assert run("report", "--m", 10, "--trained", "--out", tmp_path).exit_code == INTERRUPTED
    assert list(tmp_path.iterdir()) == []


# Bad input


@pytest.mark.parametrize(
    ("arguments", "parts"),
    [
        (["--m", "0"], ["`--m` must be an integer >= 1", "got 0"]),
        (["--m", "1e3"], ["`--m` must be an integer >= 1", "'1e3'", "pass e.g. 100,1000"]),
        (["--p", "1.5"], ["`--p` must lie in [0, 1]", "got 1.5", "not a percentage"]),
        (["--p", "0.1,ten"], ["`--p` must be a number in [0, 1]", "'0.1,ten'"]),
        (["--p", "nan"], ["`--p` must be finite"]),
        (["--delta", "0"], ["`--delta` must lie in (0, 1)", "got 0.0"]),
        (["--rng", "-1"], ["`--rng` must be an integer >= 0", "got -1"]),
        (["--seeds", "0"], ["`--seeds` must be an integer >= 1"]),
        (
            ["--density", "bta(2, 5)"],
            ["`--density` must name", "got 'bta'", "try beta"],
        ),
        (["--density", "poisson(3)"], ["`--density` must name a continuous"]),
        (
            ["--density", "beta(2)"],
            ["`--density` must have parameters that beta allows (a, b, loc, scale)"],
        ),
        (["--density", "norm(0, -1)"], ["`--density` must have parameters that norm allows"]),
        (["--density", "norm(x)"], ["`--density` must have numbers as parameters"]),
        (["--density", "norm(0, inf)"], ["`--density` must have numbers as parameters"]),
        (["--density", "__import__('os').getcwd()"], ["`--density` must be a scipy.stats name"]),
        (
            ["--m", "10,20", "--save-net", "net.npz"],
            ["`--save-net` and `--save-sample` need"],
        ),
    ],
)
def test_bad_options_are_named_in_one_line(tmp_path, arguments, parts):
    line = complaint(run("report", "--out", tmp_path, *arguments))
    assert all(part in line for part in parts)
    assert list(tmp_path.iterdir()) == []


def test_output_must_be_a_folder(tmp_path):
    (tmp_path / "file").write_text("")
    assert "`--out` must be a folder" in complaint(run("report", "--out", tmp_path / "file"))


def test_unwritable_files_are_named(tmp_path):
    line = complaint(
        run(
            "report",
            "--m",
            10,
            "--no-figure",
            "--out",
            tmp_path,
            "--save-net",
            tmp_path / "no" / "n.npz",
        )
    )
    assert "`--save-net` must lie in a folder that exists" in line
    assert list(tmp_path.iterdir()) == []


@pytest.mark.parametrize(
    ("name", "content", "part"),
    [
        ("data.csv", b"x,y\n0.1,1\n0.2,0\n", "`y` must hold labels +1 and -1 only, got y[1] = 0;"),
        (
            "data.csv",
            b"x,y\n0.1,1\n0.2\n",
            "line 3: expected 2 numbers as in the lines before",
        ),
        ("data.csv", b"x,y\n0.1,1\n0.1,-1\n", "no network interpolates this"),
        ("data.csv", b"", "holds no data"),
        ("net.npz", b"PK\x03\x04 cut off", "is not a readable .npz file"),
        ("net.pt", b"nothing", "is no network, it is text"),
    ],
)
def test_damaged_files_are_named(tmp_path, audited, name, content, part):
    pytest.importorskip("torch") if name.endswith(".pt") else None
    files = {path.name: path for path in audited}
    (tmp_path / name).write_bytes(content)
    net = tmp_path / name if name.startswith("net") else files["net.npz"]
    assert part in complaint(run("audit", net, tmp_path / "data.csv", "--out", tmp_path))


def test_truncated_network_is_named(tmp_path, audited):
    net, data = audited
    net.write_bytes(net.read_bytes()[:200])
    line = complaint(run("audit", net, data, "--out", tmp_path))
    assert "net.npz' is not a readable .npz file" in line
    assert not (tmp_path / "audit.json").exists()


@pytest.mark.parametrize("missing", ["net.npz", "net.pt", "data.csv"])
def test_missing_files_are_named(tmp_path, audited, missing):
    net = tmp_path / "none" / missing if missing.startswith("net") else audited[0]
    data = tmp_path / "none" / missing if missing.startswith("data") else audited[1]
    line = complaint(run("audit", net, data))
    assert "must name an existing file" in line
    assert missing in line


def test_audit_checks_p(audited):
    assert "`--p` must lie in [0, 1], got 2.0" in complaint(run("audit", *audited, "--p", 2))


def test_interrupt_during_a_report(tmp_path, monkeypatch):
    def interrupt(*_, **__):
        raise KeyboardInterrupt

    monkeypatch.setattr("univariate.cli.report_command.build_report", interrupt)
    result = run("report", "--m", 10, "--out", tmp_path)
    assert result.exit_code == INTERRUPTED
    assert result.stderr.strip() == "interrupted"


def test_interrupt_inside_compiled_code(tmp_path, monkeypatch):
    def interrupt(*_, **__):
        try:
            raise KeyboardInterrupt
        except KeyboardInterrupt as cause:
            raise SystemError("a kernel returned a result with an exception set") from cause

    monkeypatch.setattr("univariate.report.study.study_row", interrupt)
    result = study(tmp_path)
    assert result.exit_code == INTERRUPTED
    assert "0 of 8 rows are finished" in result.stderr
    assert result.stderr.strip().endswith("interrupted")


def test_other_errors_of_the_interpreter_are_not_hidden(tmp_path, monkeypatch):
    def fail(*_, **__):
        raise SystemError("something else")

    monkeypatch.setattr("univariate.report.study.study_row", fail)
    assert isinstance(study(tmp_path).exception, SystemError)


@pytest.mark.parametrize("more", [0, 1, 5])
def test_interrupt_on_the_way_out_of_compiled_code_is_put_off(more):
    def called():
        for _ in range(more):
            signal.raise_signal(signal.SIGINT)

    def _numba_unpickle():
        # an exception here, or in what is called here, would be lost, or crash the interpreter
        signal.raise_signal(signal.SIGINT)
        called()
        return "returned"

    before, returned, slept = signal.getsignal(signal.SIGINT), None, False

    def work():
        nonlocal returned, slept
        with plain_interrupts():
            returned = _numba_unpickle()
            time.sleep(10.0)
            slept = True

    with pytest.raises(KeyboardInterrupt):
        work()
    assert returned == "returned"
    assert not slept or os.name == "nt"
    assert signal.getsignal(signal.SIGINT) is before


# The program


def test_version_and_help():
    assert run("--version").stdout.startswith("univariate ")
    assert run("report", "-h").stdout == run("report", "--help").stdout
    for arguments in (["--help"], ["report", "--help"], ["train", "--help"], ["audit", "--help"]):
        assert run(*arguments).exit_code == 0


def test_program_in_its_own_process(tmp_path):
    environment = {**os.environ, "PYTHONIOENCODING": "ascii"}  # no Greek letters on this terminal
    program = [
        sys.executable,
        "-m",
        "univariate",
        "report",
        "--m",
        "30",
        "--no-figure",
        "--out",
        str(tmp_path),
    ]
    result = subprocess.run(program, env=environment, capture_output=True, text=True, check=False)
    assert result.returncode == 0, result.stderr
    assert "Exact clean error L_cl" in result.stdout
    # other characters stand for those that are lacking
    assert "<= L_cl <=" in result.stdout
    assert "?" not in result.stdout
    assert (tmp_path / "report.json").is_file()
    result = subprocess.run(
        [*program, "--p", "7"], env=environment, capture_output=True, text=True, check=False
    )
    assert result.returncode == BAD_INPUT
    assert result.stderr.startswith("error: `--p` must lie in [0, 1], got 7.0")
    assert "Traceback" not in result.stderr
