"""The command `highdim`: sweeps of a grid, figures of a store, complaints in one line."""

import csv
import sys

import pytest
from matplotlib.image import imread
from typer.testing import CliRunner

from highdim.cli import app

SMALL = ["--m", "12", "--d", "6,30", "--p", "0.1,0.3", "--width", "8", "--flow-time", "1"]


def run(*arguments):
    return CliRunner().invoke(app, [*map(str, arguments)])


def test_a_sweep_writes_store_table_and_figure(tmp_path):
    done = run("sweep", *SMALL, "--seeds", 2, "--out", tmp_path)
    assert done.exit_code == 0, done.output
    assert "8 runs" in done.output
    with (tmp_path / "sweep.csv").open(newline="") as stream:
        rows = list(csv.DictReader(stream))
    assert [(row["d"], row["p"], row["seed"]) for row in rows[:3]] == [
        ("6", "0.1", "0"),
        ("6", "0.1", "1"),
        ("6", "0.3", "0"),
    ]
    assert imread(tmp_path / "sweep.png").std() > 0.02
    again = run("sweep", *SMALL, "--seeds", 2, "--out", tmp_path)
    assert again.exit_code == 0
    with (tmp_path / "sweep.csv").open(newline="") as stream:
        assert list(csv.DictReader(stream)) == rows  # nothing was computed again, not even the seconds


def test_variants(tmp_path):
    done = run("sweep", *SMALL, "--no-bias", "--fixed-output", "--depth", 3, "--out", tmp_path)
    assert done.exit_code == 0, done.output
    with (tmp_path / "sweep.csv").open(newline="") as stream:
        assert {(row["bias"], row["train_output"], row["depth"]) for row in csv.DictReader(stream)} == {
            ("False", "False", "3")
        }


@pytest.mark.parametrize("options", [[], ["--log"]])
def test_figures_of_a_store(tmp_path, options):
    run("sweep", *SMALL, "--out", tmp_path)
    done = run("figure", tmp_path / "sweep.sqlite", "--out", tmp_path / "one.png", *options)
    assert done.exit_code == 0, done.output
    assert imread(tmp_path / "one.png").std() > 0.02


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        (["sweep", "--preset", "figure-3"], "`name` must be one of figure-1-left"),
        (["sweep", "--preset", "figure-1-left", "--size", "huge"], "`size` must be one of quick, two-core, paper"),
        (["sweep", "--p", "0.1,x"], "`p` must be a number or a comma list"),
        (["sweep", *SMALL, "--backend", "spark"], "`backend` must be 'loky' or 'dask'"),
        (["figure", "missing.sqlite"], "`store` must name an existing file"),
    ],
)
def test_bad_input_is_one_line_and_exit_code_2(tmp_path, monkeypatch, arguments, message):
    monkeypatch.chdir(tmp_path)
    done = run(*arguments)
    assert done.exit_code == 2
    assert message in done.output
    assert len(done.stderr.strip().splitlines()) == 1


def test_ctrl_c_is_exit_code_130(tmp_path, monkeypatch):
    def interrupted(one):
        raise KeyboardInterrupt

    monkeypatch.setattr(sys.modules["highdim.sweep"], "run_one", interrupted)
    done = run("sweep", *SMALL, "--out", tmp_path)
    assert done.exit_code == 130
    assert "the same command goes on" in done.output


def test_version():
    assert run("--version").output.startswith("highdim ")
