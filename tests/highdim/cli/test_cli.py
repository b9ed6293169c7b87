"""The command `highdim`: reports, sweeps of a grid, figures of a store, complaints in one line."""

import csv
import json
import os
import signal
import sqlite3
import subprocess
import sys
from contextlib import closing

import pytest
from matplotlib.image import imread
from typer.testing import CliRunner

import highdim
from highdim.cli import sweep_command
from highdim.cli.app import app
from highdim.problem.network_files import load_network
from highdim.report.plots import plot_dimensions
from highdim.report.report import build_report
from highdim.sweeps.store import stored_rows
from univariate.common.program import BAD_INPUT
from univariate.common.version import library_version

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
        # nothing was computed again, not even the seconds
        assert list(csv.DictReader(stream)) == rows
    smaller = run("sweep", *SMALL, "--out", tmp_path)
    assert smaller.exit_code == 0
    assert "4 runs" in smaller.output
    assert "hold all 8 runs" in " ".join(smaller.output.split())
    with (tmp_path / "sweep.csv").open(newline="") as stream:
        found = list(csv.DictReader(stream))
    assert list(found[0]) == list(rows[0])
    assert [row["seed"] for row in found] == ["0"] * 4 + ["1"] * 4
    assert sorted(map(str, found)) == sorted(map(str, rows))


def test_variants(tmp_path):
    done = run("sweep", *SMALL, "--no-bias", "--fixed-output", "--depth", 3, "--out", tmp_path)
    assert done.exit_code == 0, done.output
    with (tmp_path / "sweep.csv").open(newline="") as stream:
        assert {
            (row["bias"], row["train_output"], row["depth"]) for row in csv.DictReader(stream)
        } == {("False", "False", "3")}


def test_a_sweep_that_polishes(tmp_path):
    done = run("sweep", *SMALL, "--polish", "--flow-time", 60, "--out", tmp_path)
    assert done.exit_code == 0, done.output
    assert "polished to a certified KKT point" in done.output
    with (tmp_path / "sweep.csv").open(newline="") as stream:
        rows = list(csv.DictReader(stream))
    certified = sum(row["polished_verdict"] == "HOLDS" for row in rows)
    assert f"{certified} of {len(rows)} polished" in done.output
    assert certified > 0


def test_a_new_store_replaces_nothing_that_another_one_made(tmp_path):
    (tmp_path / "sweep.csv").write_text("mine")
    done = run("sweep", *SMALL, "--out", tmp_path)
    assert done.exit_code == BAD_INPUT
    words = " ".join(done.output.split())
    assert "`--out` must hold none of the files that a new store makes, got sweep.csv in" in words
    assert "by `--store`, move them away, or choose another folder" in words
    assert [path.name for path in tmp_path.iterdir()] == ["sweep.csv"]


def test_the_table_of_another_store_is_not_replaced(tmp_path):
    one, other = (["--store", tmp_path / f"{name}.sqlite", "--no-figure"] for name in "ab")
    here, there = (["--out", tmp_path / name] for name in ("here", "there"))
    for store, folder, seeds in ((one, here, 2), (other, there, 1)):
        done = run("sweep", *SMALL, "--seeds", seeds, *store, *folder)
        assert done.exit_code == 0, done.output
    table = (tmp_path / "here" / "sweep.csv").read_bytes()
    refused = run("sweep", *SMALL, *other, *here)
    assert refused.exit_code == BAD_INPUT
    words = " ".join(refused.output.split())
    assert "`--out` must hold the table of this store or none" in words
    assert "4 runs that" in words
    assert "choose another folder, and name this store by `--store`" in words
    assert (tmp_path / "here" / "sweep.csv").read_bytes() == table
    # nothing is lost where a store has all that the table holds
    for store, folder in ((one, there), (one, here), (other, here)):
        done = run("sweep", *SMALL, "--seeds", 2, *store, *folder)
        assert done.exit_code == 0, done.output


def test_a_table_that_a_spreadsheet_saved_anew_is_made_again(tmp_path):
    options = [*SMALL, "--out", tmp_path, "--no-figure"]
    assert run("sweep", *options).exit_code == 0
    path = tmp_path / "sweep.csv"
    table = path.read_text()
    anew = table.replace(",", ";").replace(".", ",").replace("True", "TRUE")
    path.write_text("\ufeff" + anew.replace("\n", "\r\n"), newline="")
    done = run("sweep", *options)
    assert done.exit_code == 0, done.output
    assert path.read_text() == table


def test_a_table_that_comes_while_a_sweep_runs_is_not_replaced(tmp_path, monkeypatch):
    own = sweep_command._rows

    def rows(*given):
        """Make the table of another sweep meanwhile."""
        monkeypatch.setattr(sweep_command, "_rows", own)
        run("sweep", *SMALL, "--p", 0.2, "--store", tmp_path / "b.sqlite", *rest)
        return own(*given)

    rest = ["--out", tmp_path, "--no-figure"]
    assert run("sweep", *SMALL, "--store", tmp_path / "a.sqlite", *rest).exit_code == 0
    (tmp_path / "sweep.csv").unlink()
    monkeypatch.setattr(sweep_command, "_rows", rows)
    refused = run("sweep", *SMALL, "--store", tmp_path / "a.sqlite", *rest)
    assert refused.exit_code == BAD_INPUT
    assert "with 2 runs that" in " ".join(refused.output.split())
    with (tmp_path / "sweep.csv").open(newline="") as stream:
        assert {row["p"] for row in csv.DictReader(stream)} == {"0.2"}


@pytest.fixture(scope="module")
def twice(tmp_path_factory):
    """A store of four runs, polished too."""
    folder = tmp_path_factory.mktemp("twice")
    run("sweep", *SMALL, "--no-figure", "--out", folder)
    run("sweep", *SMALL, "--polish", "--no-figure", "--out", folder)
    assert len(stored_rows(folder / "sweep.sqlite", library_version())) == 8
    return folder / "sweep.sqlite"


@pytest.mark.parametrize(
    "options",
    [[], ["--log"], ["--along", "d/m", "--log"], ["--along", "d/m", "--log", "--floor", "0.05"]],
    ids=" ".join,
)
def test_figures_of_a_store(tmp_path, twice, options):
    done = run("figure", twice, "--out", tmp_path / "one.png", *options)
    assert done.exit_code == 0, done.output
    assert done.output.startswith("4 runs; wrote")
    assert imread(tmp_path / "one.png").std() > 0.02


def test_the_floor_is_where_it_was_asked_for(tmp_path, twice, monkeypatch):
    asked = []
    monkeypatch.setattr(
        "highdim.report.plots.plot_dimensions",
        lambda rows, **look: asked.append(look) or plot_dimensions(rows, **look),
    )
    out = ["--out", tmp_path / "one.png", "--along", "d/m"]
    assert run("figure", twice, *out, "--log", "--floor", 1e-12).exit_code == 0
    assert asked == [{"logarithmic": True, "floor": 1e-12}]
    done = run("figure", twice, *out, "--floor", 1e-12)
    assert done.exit_code == BAD_INPUT
    assert "`--floor` is about logarithmic errors; add `--log`" in done.output


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        (["sweep", "--preset", "figure-3"], "`--preset` must be one of figure-1-left"),
        (
            ["sweep", "--preset", "figure-1-left", "--size", "huge"],
            "`--size` must be one of quick, two-core, paper",
        ),
        (
            ["sweep", "--preset", "figure-1-left", "--m", "100"],
            "`--m` must be left out with the preset 'figure-1-left'",
        ),
        (
            ["sweep", "--preset", "figure-1-left", "--flow-time", "3"],
            "`--flow-time` must be left out with the preset",
        ),
        (["sweep", *SMALL, "--size", "quick"], "`--size` must be left out without a preset"),
        (["sweep", "--p", "0.1,x"], "`--p` must be a number or a comma list"),
        (["sweep", *SMALL, "--backend", "spark"], "`--backend` must be one of loky, dask"),
        (["figure", "missing.sqlite", "--along", "m"], "`--along` must be one of p, d/m"),
        (["sweep", *SMALL, "--polish", "--depth", "3"], "`--polish` must be left out at depth 3"),
        (["figure", "missing.sqlite"], "`STORE` must name an existing file"),
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

    monkeypatch.setattr("highdim.sweeps.sweep.run_one", interrupted)
    done = run("sweep", *SMALL, "--out", tmp_path)
    assert done.exit_code == 130
    assert "the same command goes on" in done.output


def test_version():
    assert run("--version").output.startswith("highdim ")


# Reports

TINY = ["report", "--m", "12", "--d", "60", "--width", "8", "--p", "0.25"]


def report_of(folder, *options):
    done = run(*TINY, *options, "--out", folder)
    assert done.exit_code == 0, done.output
    return json.loads((folder / "report.json").read_text(encoding="utf-8")), done.output


def test_a_report_trains_examines_and_writes(tmp_path):
    files = "--save-net", tmp_path / "net.npz", "--save-sample", tmp_path / "sample.npz"
    found, output = report_of(tmp_path, "--rng", 3, "--epsilon", 0.05, *files)
    net, sample = (
        load_network(tmp_path / "net.npz"),
        highdim.SphereSample.load(tmp_path / "sample.npz"),
    )
    again = build_report(net, sample, epsilon=0.05, rng=3)
    assert found["finding"] == again.finding
    assert found["theorem_4_1"] == json.loads(json.dumps(again.to_dict()["theorem_4_1"]))
    assert "".join(again.finding.split()) in "".join(output.split())
    assert found["run"]["flow_time"] == pytest.approx(2000 / 12)
    assert found["origin"] == {
        "command": (
            "highdim report --m 12 --d 60 --p 0.25 --width 8 --rng 3 --depth 2 --epsilon 0.05"
            " --delta 0.05"
        ),
        "seed": 3,
    }
    assert imread(tmp_path / "report.png").std() > 0.02
    assert all(name in output for name in ("net.npz", "sample.npz", "report.json", "report.png"))


def test_the_max_margin_net_is_put_beside_the_net(tmp_path):
    small = ("--m", 6, "--d", 2, "--max-margin", "--flow-time", 20)
    found, output = report_of(tmp_path, *small)
    assert found["max_margin"]["optimum"]["verdict"] == "HOLDS"
    assert "--max-margin" in found["origin"]["command"]
    assert "Max-margin net HOLDS" in " ".join(output.split())
    plain, _ = report_of(tmp_path / "plain", *small[:4])
    assert plain["max_margin"] is None


def test_same_command_same_bits(tmp_path):
    for folder in ("one", "two"):
        report_of(tmp_path / folder, "--polish")
    for name in ("report.json", "report.png"):
        assert (tmp_path / "one" / name).read_bytes() == (tmp_path / "two" / name).read_bytes()


@pytest.mark.parametrize(
    ("options", "kind"),
    [
        (["--no-bias"], "2-layer ReLU net without biases"),
        (["--fixed-output"], "2-layer ReLU net with biases, outputs ±1"),
        (["--no-bias", "--fixed-output"], "2-layer ReLU net without biases, outputs ±1"),
        (["--depth", "3", "--flow-time", "5"], "3-layer ReLU net with biases"),
    ],
)
def test_kinds_of_nets(tmp_path, options, kind):
    found, output = report_of(tmp_path, "--no-figure", *options)
    assert found["net_facts"]["kind"] == kind
    assert kind in output
    assert not (tmp_path / "report.png").exists()


def test_another_law_of_x(tmp_path):
    files = "--save-net", tmp_path / "net.npz", "--save-sample", tmp_path / "sample.csv"
    found, output = report_of(tmp_path, "--law", "N(0, 2 I)", "--no-figure", *files)
    assert found["clean_error"]["law"] == found["sample_facts"]["law"] == "N(0, 2 I)"
    assert "--law 'N(0, 2 I)'" in found["origin"]["command"]
    assert "x N(0, 2 I)" in output
    for options, law in (([], "N(0, 2 I)"), (["--law", "ball"], "uniform in the ball")):
        out = ["--no-figure", "--overwrite", "--out", tmp_path]
        done = run("audit", tmp_path / "net.npz", tmp_path / "sample.csv", *options, *out)
        assert done.exit_code == 0, done.output
        audited = json.loads((tmp_path / "audit.json").read_text(encoding="utf-8"))
        assert audited["clean_error"]["law"] == law
    refused = run(*TINY, "--law", "cube", "--out", tmp_path)
    assert refused.exit_code == 2
    assert "`--law` must be one of sphere, gaussian, ball" in refused.output


def test_goals_of_training(tmp_path):
    found, _ = report_of(tmp_path, "--no-figure", "--margin", 2)
    assert found["run"]["status"] == "margin reached"
    assert found["run"]["margin"] >= 2.0
    found, _ = report_of(tmp_path, "--no-figure", "--flow-time", 3, "--overwrite")
    assert found["run"]["flow_time"] == 3.0
    found, _ = report_of(tmp_path, "--no-figure", "--flow-time", 3, "--margin", 100, "--overwrite")
    assert found["run"]["status"] == "time reached"


def test_ctrl_c_ends_the_training_and_the_net_is_reported(tmp_path, monkeypatch):
    pressed = []

    def interrupted(*arguments, **options):
        def press(net):
            if not pressed:
                pressed.append(net)
                signal.raise_signal(signal.SIGINT)
            return 0.0

        return highdim.gradient_flow(*arguments, **options, record=[40.0], measure=press)

    before = signal.getsignal(signal.SIGINT)
    monkeypatch.setattr("highdim.cli.report_command.gradient_flow", interrupted)
    done = run(*TINY, "--no-figure", "--out", tmp_path)
    assert done.exit_code == 130
    found = json.loads((tmp_path / "report.json").read_text(encoding="utf-8"))
    assert found["run"]["status"] == "interrupted"
    assert found["run"]["flow_time"] < 2000 / 12
    assert "the report is about the net at that moment" in done.stderr
    assert signal.getsignal(signal.SIGINT) is before


def test_ctrl_c_elsewhere_in_a_report(tmp_path, monkeypatch):
    def interrupt(*_, **__):
        raise KeyboardInterrupt

    monkeypatch.setattr("highdim.cli.report_command.build_report", interrupt)
    done = run(*TINY, "--out", tmp_path / "new")
    assert done.exit_code == 130
    lost, last = done.stderr.strip().splitlines()
    assert lost == "there is no report on the trained net, which is lost: --save-net keeps it"
    assert last == "interrupted"
    assert not list(tmp_path.iterdir())
    files = ["--save-net", tmp_path / "net.npz", "--save-sample", tmp_path / "sample.npz"]
    done = run(*TINY, "--out", tmp_path, *files)
    assert done.exit_code == 130
    kept = f"there is no report on the trained net, which is kept in {tmp_path / 'net.npz'}"
    assert done.stderr.strip().splitlines() == [kept, "interrupted"]
    assert {one.name for one in tmp_path.iterdir()} == {"net.npz", "sample.npz"}
    trained = highdim.TwoLayerNet.load(tmp_path / "net.npz")
    sample = highdim.SphereSample.load(tmp_path / "sample.npz")
    assert (sample.y * trained(sample.X) > 0.0).all()


@pytest.mark.parametrize(
    ("options", "message"),
    [
        (["--m", 0], "`--m` must be an integer >= 1, got 0"),
        (["--d", 1], "`--d` must be an integer >= 2, got 1"),
        (["--p", 1.5], "`--p` must lie in [0, 1], got 1.5"),
        (["--width", 0], "`--width` must be an integer >= 1, got 0"),
        (["--width", 3, "--fixed-output"], "`--width` must be even with fixed outputs"),
        (["--depth", 4], "`--depth` must be 2 or 3, got 4"),
        (["--rng", -1], "`--rng` must be an integer >= 0, got -1"),
        (["--margin", -1], "`--margin` must be"),
        (["--epsilon", 1], "`--epsilon` must lie in (0, 1), got 1.0"),
    ],
)
def test_reports_refuse_bad_options(tmp_path, options, message):
    done = run(*TINY, *options, "--out", tmp_path)
    assert done.exit_code == 2
    assert message in done.stderr
    assert len(done.stderr.strip().splitlines()) == 1
    assert not (tmp_path / "report.json").exists()


def test_help_names_all_commands():
    text = run("--help").output
    assert all(
        name in text for name in ("report", "audit", "sweep", "figure", "Theorems 4.1 and 4.3")
    )
    for name in ("report", "audit"):
        assert run(name, "--help").exit_code == 0


def test_program_in_its_own_process(tmp_path):
    environment = {**os.environ, "PYTHONIOENCODING": "ascii"}  # no Greek letters on this terminal
    program = [sys.executable, "-m", "highdim", *TINY, "--no-figure", "--out", str(tmp_path)]
    done = subprocess.run(program, env=environment, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr
    assert "Clean error L_cl" in done.stdout
    assert "?" not in done.stdout
    assert done.stderr == ""
    done = subprocess.run(
        [*program, "--p", "7"], env=environment, capture_output=True, text=True, check=False
    )
    assert done.returncode == 2
    assert done.stderr.startswith("error: `--p` must lie in [0, 1], got 7.0")


@pytest.mark.parametrize("content", [b"", b"x0,x1,y\n1,0,1\n"])
def test_figures_leave_other_files_alone(tmp_path, content):
    other = tmp_path / "data.csv"
    other.write_bytes(content)
    done = run("figure", other, "--out", tmp_path / "one.png")
    assert done.exit_code == BAD_INPUT
    assert "`STORE` must be a store of runs" in done.stderr
    assert other.read_bytes() == content
    assert [path.name for path in tmp_path.iterdir()] == ["data.csv"]


@pytest.mark.parametrize(
    ("option", "value", "named"),
    [
        ("--seeds", "0", "`--seeds`"),
        ("--p", "0.1,1.5", "`--p`"),
        ("--m", "20,0", "`--m`"),
        ("--d", "30,1", "`--d`"),
        ("--width", "0", "`--width`"),
        ("--depth", "4", "`--depth`"),
        ("--flow-time", "-1", "`--flow-time`"),
        ("--n-jobs", "0", "`--n-jobs`"),
    ],
)
def test_a_grid_is_refused_before_anything_is_trained(tmp_path, option, value, named):
    arguments = ["sweep", "--m", "20", "--d", "30", "--width", "8", "--p", "0.1"]
    done = CliRunner().invoke(app, [*arguments, option, value, "--out", str(tmp_path / "new")])
    assert done.exit_code == BAD_INPUT
    assert named in done.stderr
    assert len(done.stderr.strip().splitlines()) == 1
    assert not list(tmp_path.glob("new/*.csv"))


def test_a_figure_of_a_foreign_database_is_refused_in_one_line(tmp_path):
    path = tmp_path / "theirs.sqlite"
    with closing(sqlite3.connect(path)) as connection:
        connection.execute("CREATE TABLE runs (id INTEGER, note TEXT)")
        connection.commit()
    before = path.read_bytes()
    done = CliRunner().invoke(app, ["figure", str(path), "--out", str(tmp_path / "a.png")])
    assert done.exit_code == BAD_INPUT
    assert len(done.stderr.strip().splitlines()) == 1
    assert "`STORE` must be a store of runs" in done.stderr
    assert path.read_bytes() == before
    assert [one.name for one in tmp_path.iterdir()] == ["theirs.sqlite"]


def test_help_tells_seeds_of_sweeps_from_those_of_reports():
    """A row of a study of the line is `univariate report --rng`, so that it is looked for."""

    def words(command):
        shown = run(command, "--help").output
        return " ".join(shown.replace("│", " ").split())

    assert "its seed is no --rng of `highdim report`" in words("sweep")
    assert "highdim.RunConfig.of(row)" in words("sweep")
    assert "not that of a run of a sweep" in words("report")
