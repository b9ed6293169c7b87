"""Where results of a command go: nothing finished is replaced, stdout is what was asked for, and a
figure that cannot be drawn costs a line.
"""

import errno
import json
import os
import re
import shlex
import signal
import subprocess
import sys
import tempfile
import threading
import time
from itertools import product
from pathlib import Path

import matplotlib
import pytest
from typer.testing import CliRunner

import highdim.cli.app
import univariate.cli.app
from univariate import ReluNet, Sample, draw_sample, max_margin
from univariate.common.program import BAD_INPUT, EXIT_CODES, TERMINATED
from univariate.common.tables.ownership import MARK
from univariate.common.turns import alone_in
from univariate.report.study import TrainedStudyRow, read_study

PROGRAMS = {"univariate": univariate.cli.app.app, "highdim": highdim.cli.app.app}
SMALL = {
    "univariate report": ["report", "--m", 12],
    "univariate train": ["train", "--m", 5, "--margin", 2],
    "highdim report": ["report", "--m", 6, "--d", 20, "--width", 4, "--flow-time", 2],
}
SWEEP = ["sweep", "--m", 6, "--d", 20, "--width", 4, "--flow-time", 1, "--p", 0.2]


def run(program, *arguments):
    return CliRunner().invoke(PROGRAMS[program], [str(one) for one in arguments])


def complaint(result) -> str:
    assert result.exit_code == BAD_INPUT, result.output
    (line,) = result.stderr.strip().splitlines()
    assert line.startswith("error: ")
    return line


def contents(folder) -> dict[str, bytes]:
    return {path.name: path.read_bytes() for path in sorted(folder.iterdir())}


small = pytest.mark.parametrize("name", SMALL)


@small
def test_nothing_finished_is_replaced_unless_told(tmp_path, name):
    program, arguments = name.split()[0], [*SMALL[name], "--out", tmp_path]
    assert run(program, *arguments).exit_code == 0
    before = contents(tmp_path)
    line = complaint(run(program, *arguments))
    assert "`--overwrite` must be given to replace what is finished, got" in line
    assert ("--resume" in line) == ("train" in name)
    assert contents(tmp_path) == before
    # another seed, so that the files differ
    assert run(program, *arguments, "--rng", 7, "--overwrite", "--no-figure").exit_code == 0
    after = contents(tmp_path)
    changed = [key for key in before if key.endswith((".json", ".npz"))]
    assert all(after[key] != before[key] for key in changed)
    # not that of the run which was replaced
    assert not {key for key in after if key.endswith((".png", ".gif"))}


@small
def test_what_stands_beside_a_result_is_about_it(tmp_path, name):
    """Whatever was asked for before: pictures in another format, JSON in a file or elsewhere."""
    program, command = name.split()
    arguments = [*SMALL[name], "--out", tmp_path]

    def made(*options):
        assert run(program, *arguments, "--overwrite", *options).exit_code == 0
        return {path.name for path in tmp_path.glob(f"{command}.*") if path.suffix != ".npz"}

    (tmp_path / f"{command}.txt").write_text("somebody's")
    others = {f"{command}.txt"}
    assert made() == others | {f"{command}.json", f"{command}.png"}
    line = complaint(run(program, *arguments, "--figure-format", "pdf", "--json", "-"))
    assert f"{command}.json" in line
    assert f"{command}.png" in line
    assert made("--figure-format", "pdf") == others | {f"{command}.json", f"{command}.pdf"}
    assert made("--figure-format", "svg", "--json", "-") == others | {f"{command}.svg"}
    assert made("--no-figure") == others | {f"{command}.json"}
    if command == "report":
        # nothing is written there, so nothing there is meant
        before = contents(tmp_path)
        assert run(program, *arguments, "--no-figure", "--json", "-").exit_code == 0
        assert contents(tmp_path) == before


def test_training_that_goes_on_leaves_no_picture_of_where_it_was(tmp_path):
    train = [*SMALL["univariate train"], "--out", tmp_path]
    assert run("univariate", *train, "--film", "--steps", 5).exit_code == 0
    assert {"train.png", "train.gif", "train.json"} <= contents(tmp_path).keys()
    assert run("univariate", *train, "--resume", "--no-figure", "--json", "-").exit_code == 0
    assert contents(tmp_path).keys() == {"net.npz", "sample.npz", "train.npz"}


def test_files_that_were_written_are_named_alike(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    bare = ["--m", 10, "--p", 0.2, "--no-figure"]
    study = run("univariate", "report", *bare, "--seeds", 2).stdout
    assert f"Wrote {tmp_path / 'study.csv'}, {tmp_path / 'study.json'}" in study
    compared = run("univariate", "compare", "1-nn", *bare, "--seeds", 1).stdout
    assert f"Wrote {tmp_path / 'comparison.csv'}" in compared
    swept = run("highdim", *SWEEP, "--no-figure").stdout
    assert "1 run, " in swept
    assert f"Wrote {tmp_path / 'sweep.csv'}" in swept


def test_studies_and_sweeps_that_go_on_leave_no_picture_of_fewer_rows(tmp_path):
    study = ["report", "--m", 10, "--p", 0.2, "--out", tmp_path, "--seeds"]
    assert run("univariate", *study, 2).exit_code == 0
    assert run("univariate", *study, 3, "--figure-format", "pdf", "--json", "-").exit_code == 0
    assert contents(tmp_path).keys() == {"study.csv", "study.pdf"}
    assert run("univariate", *study, 2, "--overwrite", "--no-figure").exit_code == 0
    assert contents(tmp_path).keys() == {"study.csv", "study.json"}

    (tmp_path / "sweep.json").write_text("somebody's")
    sweep = [*SWEEP, "--out", tmp_path]
    assert run("highdim", *sweep).exit_code == 0
    assert (tmp_path / "sweep.png").exists()
    assert run("highdim", *sweep, "--seeds", 2, "--no-figure").exit_code == 0
    assert {"sweep.csv", "sweep.json", "sweep.sqlite"} <= contents(tmp_path).keys()
    assert not (tmp_path / "sweep.png").exists()

    compare = ["compare", "1-nn", "--m", 10, "--p", 0.2, "--out", tmp_path, "--seeds"]
    assert run("univariate", *compare, 1).exit_code == 0
    assert (tmp_path / "comparison.png").exists()
    assert run("univariate", *compare, 2, "--no-figure").exit_code == 0
    assert not (tmp_path / "comparison.png").exists()


def test_nobody_elses_file_goes_because_of_its_name(tmp_path):
    """A paper in LaTeX, which keeps the words of the figures in it, among them."""
    others = {
        "study.pdf": b"%PDF-1.5\n%\xd0\xd4\xc5\xd8\n/Keywords (" + MARK.encode() + b")",
        "study.svg": b"<svg/>",
        "train.pdf": b"%PDF-1.4\n%\xac\xdc \xab\xba\n",
        "train.svg": b"<svg/>",
        "train.gif": b"GIF89a",
        "notes.json": b"{}",
    }
    for name, content in others.items():
        (tmp_path / name).write_bytes(content)
    study = ["report", "--m", 8, "--out", tmp_path, "--seeds"]
    train = [*SMALL["univariate train"], "--out", tmp_path]
    assert run("univariate", *study, 2).exit_code == 0
    assert run("univariate", *train, "--steps", 5).exit_code == 0
    for arguments in ([*study, 3], [*train, "--resume"]):
        line = complaint(run("univariate", *arguments, "--json", tmp_path / "notes.json"))
        assert "`--json` must lead to new files or those of an earlier run" in line
        named = [*arguments, "--json", tmp_path / "mine.json"]
        assert run("univariate", *named).exit_code == 0
        assert run("univariate", *named).exit_code == 0
        (tmp_path / "mine.json").unlink()
    assert run("univariate", *study, 2, "--overwrite", "--no-figure").exit_code == 0
    assert run("univariate", *train, "--overwrite", "--no-figure").exit_code == 0
    found = contents(tmp_path)
    assert {name: found[name] for name in others} == others
    assert not {"study.png", "train.png"} & found.keys()


def test_what_goes_on_leaves_alone_what_is_the_users(tmp_path):
    """A figure in the format that is asked for now, by the name that it would have."""
    train = [*SMALL["univariate train"], "--out", tmp_path]
    study = ["report", "--m", 8, "--out", tmp_path, "--seeds", 2]
    compare = ["compare", "1-nn", "--m", 8, "--p", 0.2, "--seeds", 1, "--out", tmp_path]
    sweep = [*SWEEP, "--store", tmp_path / "s.sqlite", "--out"]
    begun = [("univariate", *train), ("univariate", *study), ("univariate", *compare)]
    for command in (*begun, ("highdim", *sweep, tmp_path)):
        assert run(*command, "--no-figure").exit_code == 0
    for command, name in zip(begun, ["train", "study", "comparison"], strict=True):
        mine = tmp_path / f"{name}.svg"
        mine.write_text("<svg/>")
        more = ["--resume"] if name == "train" else []
        line = complaint(run(*command, *more, "--figure-format", "svg"))
        assert f"{name}.svg', which holds something else; move that away" in line
        assert mine.read_text() == "<svg/>"
        mine.unlink()
        for _ in range(2):
            assert run(*command, *more, "--figure-format", "svg").exit_code == 0
    other = tmp_path / "other"
    other.mkdir()
    for name in ("sweep.csv", "sweep.png"):
        (other / name).write_text("mine")
        line = complaint(run("highdim", *sweep, other))
        assert f"{name}', which holds something else" in line
        (other / name).unlink()
    assert run("highdim", *sweep, other).exit_code == 0


def test_nothing_that_is_read_is_replaced(tmp_path):
    sample = draw_sample(5, 0.2, rng=0)
    sample.save(tmp_path / "sample.npz")
    max_margin(sample).net.save(tmp_path / "net.npz")
    net = tmp_path / "audit.json"
    net.write_text('{"v": [1.0], "w": [1.0], "b": [1.0]}')
    folder = ["--out", tmp_path, "--overwrite"]
    train = ["train", "--margin", 2, *folder]
    before = contents(tmp_path)
    for command, message in (
        ([*train, "--net", tmp_path / "net.npz"], "`net.npz` must be another file than `--net`"),
        ([*train, "--data", tmp_path / "sample.npz"], "another file than `--data`"),
        (["audit", net, tmp_path / "sample.npz", *folder], "another file than `NET`"),
    ):
        assert message in complaint(run("univariate", *command))
    sweep = [*SWEEP, "--store", tmp_path / "sweep.csv", "--out", tmp_path]
    assert "another file than `--store`" in complaint(run("highdim", *sweep))
    assert contents(tmp_path) == before


def test_studies_sweeps_audits_and_figures_replace_nothing_either(tmp_path):
    grid = ["report", "--m", "10,20", "--out", tmp_path / "study"]
    assert run("univariate", *grid).exit_code == 0
    rows = (tmp_path / "study" / "study.csv").read_bytes()
    assert run("univariate", *grid).exit_code == 0  # the same study goes on
    assert (tmp_path / "study" / "study.csv").read_bytes() == rows
    (tmp_path / "study" / "study.csv").unlink()
    assert "study.json, study.png" in complaint(run("univariate", *grid))
    assert run("univariate", *grid, "--overwrite").exit_code == 0

    sample = draw_sample(12, 0.2, rng=0)
    sample.save(tmp_path / "s.npz")
    max_margin(sample).net.save(tmp_path / "n.npz")
    audit = ["audit", tmp_path / "n.npz", tmp_path / "s.npz", "--out", tmp_path]
    assert run("univariate", *audit, "--no-figure").exit_code == 0
    assert "got audit.json in" in complaint(run("univariate", *audit))
    options = ["--save-witness", tmp_path / "n.npz", "--json", "-", "--no-figure"]
    for more in ([], ["--overwrite"]):
        witness = run("univariate", *audit, *options, *more)
        assert "`--save-witness` must be another file than `NET`" in complaint(witness)
    assert (tmp_path / "n.npz").exists()

    out = ["--out", tmp_path / "sweep"]
    assert run("highdim", *SWEEP, *out).exit_code == 0
    assert run("highdim", *SWEEP, *out).exit_code == 0
    (tmp_path / "sweep" / "sweep.sqlite").rename(tmp_path / "kept.sqlite")
    assert "got sweep.csv, sweep.png in" in complaint(run("highdim", *SWEEP, *out))
    (tmp_path / "kept.png").write_bytes((tmp_path / "kept.sqlite").read_bytes())
    same = ["figure", tmp_path / "kept.png", "--out", tmp_path / "kept.png", "--overwrite"]
    assert "`--out` must be another file than `STORE`" in complaint(run("highdim", *same))
    figure = ["figure", tmp_path / "kept.sqlite", "--out", tmp_path / "sweep" / "sweep.png"]
    assert "got sweep.png in" in complaint(run("highdim", *figure))
    assert run("highdim", *figure, "--overwrite").exit_code == 0


WORK = {
    "univariate report": "univariate.cli.report_command.build_report",
    "univariate train": "univariate.cli.train_options.gradient_flow",
    "highdim report": "highdim.cli.report_command.build_report",
}


def meanwhile(monkeypatch, name, happens):
    """Let something happen while a command is at work."""
    module, _, function = WORK[name].rpartition(".")
    work = getattr(sys.modules[module], function)

    def worked(*arguments, **options):
        happens()
        return work(*arguments, **options)

    monkeypatch.setattr(WORK[name], worked)


@small
@pytest.mark.parametrize("ending", ["json", "pdf"])
def test_what_another_command_wrote_meanwhile_stays(tmp_path, monkeypatch, name, ending):
    """Its figure too, although in another format."""
    program, command = name.split()
    theirs = tmp_path / f"{command}.{ending}"
    first = run(program, *SMALL[name], "--figure-format", "pdf", "--out", tmp_path / "theirs")
    assert first.exit_code == 0, first.output
    finished = tmp_path / "theirs" / theirs.name
    meanwhile(monkeypatch, name, lambda: theirs.write_bytes(finished.read_bytes()))
    line = complaint(run(program, *SMALL[name], "--rng", 7, "--out", tmp_path))
    assert f"got {theirs.name} in" in line
    assert "another command wrote that while this one ran" in line
    assert contents(tmp_path / "theirs")[theirs.name] == theirs.read_bytes()
    assert {path.name for path in tmp_path.iterdir()} == {"theirs", theirs.name}


@small
def test_commands_write_to_a_folder_one_after_the_other(tmp_path, monkeypatch, name):
    held, told = threading.Event(), threading.Event()
    seen = []

    def write_slowly():
        with alone_in([tmp_path]):
            held.set()
            told.wait(60.0)
            seen.append(contents(tmp_path))

    def hear(line):
        seen.append(line)
        told.set()

    monkeypatch.setattr("univariate.common.turns.remark", hear)
    other = threading.Thread(target=write_slowly)
    other.start()
    held.wait()
    program = name.split()[0]
    assert run(program, *SMALL[name], "--overwrite", "--out", tmp_path).exit_code == 0
    other.join()
    assert seen == [f"waiting for another command that writes to {tmp_path.resolve()}", {}]


@pytest.mark.parametrize(
    ("options", "message"),
    [
        (["--save-net", "best.pt"], "`--save-net` must end in .npz, got 'best.pt'"),
        (["--save-sample", "s.txt"], "`--save-sample` must end in .csv or .npz, got 's.txt'"),
        (["--save-net", "a.npz", "--save-sample", "a.npz"], "must be another file than"),
        (["--save-net", "no/a.npz"], "`--save-net` must lie in a folder that exists"),
        (["--json", "report.png"], "`--json` must be another file than those of the report"),
        (["--json", "a.pt", "--save-net", "b.npz"], "`--json` must end in .json, which"),
        (["--json", "."], "`--json` must be a file"),
        (["--figure-format", "gif"], "'--figure-format'"),
        (["--foo"], "No such option"),
        (["--m"], "'--m' requires an argument"),
        (["--m", "0"], "`--m` must be"),
    ],
)
def test_files_and_options_are_refused_before_the_work(tmp_path, monkeypatch, options, message):
    monkeypatch.chdir(tmp_path)
    monkeypatch.setattr("univariate.cli.report_command.draw_sample", None)
    monkeypatch.setattr("highdim.cli.report_command.gradient_flow", None)
    for program in PROGRAMS:
        line = complaint(run(program, "report", *options)).replace('"', "'")
        assert message in line or "equires" in message
    assert list(tmp_path.iterdir()) == []


NAMED = {
    "univariate report": {"--save-net": "n.npz", "--save-sample": "s.csv", "--json": "o.json"},
    "univariate train": {"--json": "o.json"},
    "highdim report": {"--save-net": "n.npz", "--save-sample": "s.csv", "--json": "o.json"},
}


@small
@pytest.mark.parametrize("above", [False, True])
def test_files_may_be_named_in_the_folder_that_the_command_makes(tmp_path, name, above):
    """Or in one that is made on the way to it; in no other that is missing."""
    folder = tmp_path / "a" / "b"
    place = folder.parent if above else folder
    program, command = [name.split()[0], *SMALL[name], "--no-figure", "--out", folder], NAMED[name]
    options = [one for option, file in command.items() for one in (option, place / file)]
    done = run(*program, *options)
    assert done.exit_code == 0, done.output
    assert {*command.values()} <= contents_deep(place)
    for option, file in command.items():
        missing = tmp_path / "c" / "none" / file
        line = complaint(run(*program[:-1], tmp_path / "c" / "d", option, missing))
        assert f"`{option}` must lie in a folder that exists, got {str(missing)!r}" in line
        whole = tmp_path / f"c{Path(file).suffix}"
        line = complaint(run(*program[:-1], whole / "d", option, whole))
        assert f"`{option}` must be a file, got" in line
    assert {path.name for path in tmp_path.iterdir()} == {"a"}


def contents_deep(folder) -> set[str]:
    return {path.name for path in folder.rglob("*") if path.is_file()}


def test_studies_audits_and_sweeps_name_files_in_the_folder_that_they_make(tmp_path):
    study = ["report", "--m", 8, "--seeds", 2, "--no-figure", "--out", tmp_path / "study"]
    done = run("univariate", *study, "--json", tmp_path / "study" / "o.json")
    assert done.exit_code == 0, done.output
    assert contents_deep(tmp_path / "study") == {"study.csv", "o.json"}

    ReluNet([1.0], [1.0], [0.5]).save(tmp_path / "n.npz")
    draw_sample(6, 0.5, rng=1).save(tmp_path / "s.npz")  # not fitted, so a net is better
    audit = ["audit", tmp_path / "n.npz", tmp_path / "s.npz", "--no-figure"]
    place = tmp_path / "audit"
    files = ["--json", place / "o.json", "--save-witness", place / "w.npz"]
    done = run("univariate", *audit, "--out", place, *files)
    assert done.exit_code == 0, done.output
    assert (place / "o.json").is_file()

    sphere = tmp_path / "sphere"
    report = [*SMALL["highdim report"], "--no-figure", "--out", sphere]
    files = ["--save-net", sphere / "n.npz", "--save-sample", sphere / "s.npz"]
    assert run("highdim", *report, *files).exit_code == 0
    place = tmp_path / "audit of the sphere"
    audit = ["audit", sphere / "n.npz", sphere / "s.npz", "--no-figure", "--out", place]
    assert run("highdim", *audit, "--json", place / "o.json").exit_code == 0
    assert contents_deep(place) == {"o.json"}

    place = tmp_path / "sweep"
    sweep = [*SWEEP, "--no-figure", "--out", place, "--store"]
    assert "`--store` must lie in a folder" in complaint(run("highdim", *sweep, place / "a/k.db"))
    assert "`--store` must be a file, got" in complaint(run("highdim", *sweep, place))
    assert not place.exists()
    assert run("highdim", *sweep, place / "k.sqlite").exit_code == 0
    assert contents_deep(place) == {"k.sqlite", "sweep.csv"}


@small
def test_a_folder_that_cannot_be_written_to_is_refused_before_the_work(tmp_path, monkeypatch, name):
    """And only where something goes there."""
    locked = tmp_path / "locked"
    access = os.access
    monkeypatch.setattr(
        "univariate.common.outputs.os.access",
        lambda path, mode: access(path, mode) and (path, mode) != (locked.resolve(), os.W_OK),
    )
    program = name.split()[0]
    if "train" not in name:
        nothing = ["--no-figure", "--json", "-", "--out", locked]
        assert run(program, *SMALL[name], *nothing).exit_code == 0
    monkeypatch.setattr(WORK[name], None)
    line = complaint(run(program, *SMALL[name], "--out", locked))
    assert "`--out` must be writable, got" in line
    assert "choose another folder" in line


@small
def test_json_on_standard_output_is_all_of_it(tmp_path, name):
    done = run(name.split()[0], *SMALL[name], "--json", "-", "--out", tmp_path)
    assert done.exit_code == 0, done.output
    found = json.loads(done.stdout)
    assert found["schema"].startswith(name.split()[0])
    assert not list(tmp_path.glob("*.json"))
    assert list(tmp_path.glob("*.png"))
    elsewhere = tmp_path / "other.json"
    arguments = [*SMALL[name], "--json", elsewhere, "--out", tmp_path / "new"]
    assert run(name.split()[0], *arguments).exit_code == 0
    assert json.loads(elsewhere.read_text(encoding="utf-8"))["finding"] == found["finding"]


@pytest.mark.parametrize("charset", ["ascii", "latin-1", "utf-8"])
def test_json_names_the_files_that_were_read_whatever_can_be_printed(tmp_path, charset):
    """A quote and a letter beyond ASCII; and a byte that is no UTF-8, where there may be one."""
    name = 'dé"ta.csv'
    net = "n.npz" if os.name != "posix" else "n\udcff.npz"
    sample = draw_sample(6, 0.2, rng=0)
    sample.save(tmp_path / name)
    ReluNet([1.0, 1.0], [1.0, -1.0], [0.5, 2.0]).save(tmp_path / net)
    audit = ["audit", str(tmp_path / net), str(tmp_path / name), "--json", "-", "-q", "--no-figure"]
    done = CliRunner(charset=charset).invoke(PROGRAMS["univariate"], audit)
    assert done.exit_code == 0, done.output
    origin = json.loads(done.stdout_bytes.decode(charset))["origin"]
    assert (origin["net"], origin["data"]) == (audit[1], audit[2])
    assert shlex.split(origin["command"])[2:4] == audit[1:3]


@small
def test_quiet_says_nothing(tmp_path, name):
    done = run(name.split()[0], *SMALL[name], "--quiet", "--out", tmp_path)
    assert (done.exit_code, done.output) == (0, "")
    assert list(tmp_path.glob("*.json"))
    assert complaint(run(name.split()[0], *SMALL[name], "--quiet", "--out", tmp_path))


@small
@pytest.mark.parametrize("kind", ["pdf", "svg"])
def test_formats_of_figures(tmp_path, name, kind):
    starts = {"pdf": b"%PDF", "svg": b"<?xml"}
    pictures = []
    for folder in (tmp_path / "one", tmp_path / "two"):
        arguments = [*SMALL[name], "--figure-format", kind, "--out", folder]
        assert run(name.split()[0], *arguments).exit_code == 0
        (path,) = folder.glob(f"*.{kind}")
        assert not list(folder.glob("*.png"))
        pictures.append(path.read_bytes())
    assert pictures[0].startswith(starts[kind])
    assert pictures[0] == pictures[1]  # no date in them


@small
def test_the_users_matplotlib_neither_spoils_a_figure_nor_changes(tmp_path, name):
    """No LaTeX is installed here, nor such a font."""
    program, arguments = name.split()[0], SMALL[name]
    assert run(program, *arguments, "--out", tmp_path / "usual").exit_code == 0
    strange = {
        "text.usetex": True,
        "font.family": ["Nonsense"],
        "axes.grid": True,
        "figure.dpi": 31.0,
        "savefig.dpi": 17.0,
        "savefig.bbox": "tight",
        "axes.facecolor": "black",
    }
    with matplotlib.rc_context(strange):
        before = dict(dict.items(matplotlib.rcParams))  # asking for the backend would choose one
        done = run(program, *arguments, "--out", tmp_path / "strange")
        assert dict(dict.items(matplotlib.rcParams)) == before
    assert done.exit_code == 0
    assert "no figure" not in done.stderr
    one, other = (next((tmp_path / kind).glob("*.png")) for kind in ("usual", "strange"))
    assert one.read_bytes() == other.read_bytes()


@small
def test_a_figure_that_cannot_be_drawn_costs_one_line_and_not_the_run(tmp_path, monkeypatch, name):
    def fail(*_, **__):
        raise RuntimeError("no fonts,\nno picture")

    monkeypatch.setattr("matplotlib.figure.Figure.savefig", fail)
    done = run(name.split()[0], *SMALL[name], "--out", tmp_path)
    assert done.exit_code == 0
    assert "no figure: no fonts, no picture" in done.stderr
    assert "removed" not in done.stderr
    assert list(tmp_path.glob("*.json"))
    assert not list(tmp_path.glob("*.png"))
    assert len(done.stdout.splitlines()) > 10


@small
def test_a_picture_that_goes_for_one_that_cannot_be_drawn_is_told(tmp_path, monkeypatch, name):
    """And a film."""
    program, command = name.split()
    film = ["--film"] if command == "train" else []
    arguments = [*SMALL[name], *film, "--out", tmp_path]
    assert run(program, *arguments).exit_code == 0

    def fail(*_, **__):
        raise RuntimeError("no fonts")

    monkeypatch.setattr("matplotlib.figure.Figure.savefig", fail)
    monkeypatch.setattr("univariate.report.plots.film", fail)
    done = run(program, *arguments, "--overwrite")
    assert done.exit_code == 0, done.output
    told = {line for line in done.stderr.splitlines() if "removed" in line}
    kinds = {"figure": "png"} | ({"film": "gif"} if film else {})
    assert told == {
        f"no {kind}: no fonts; {tmp_path / command}.{ending}, which was to be replaced, is removed"
        for kind, ending in kinds.items()
    }
    assert not {f"{command}.png", f"{command}.gif"} & contents(tmp_path).keys()


def test_a_backend_that_does_not_exist_costs_one_line_and_not_the_run(tmp_path):
    environment = {**os.environ, "MPLBACKEND": "nonsense"}
    program = [sys.executable, "-m", "univariate", "report", "--m", "12", "--out", str(tmp_path)]
    done = subprocess.run(program, env=environment, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr
    assert "Traceback" not in done.stderr
    assert (tmp_path / "report.json").is_file()


def test_a_study_with_trained_nets(tmp_path):
    study = ["report", "--m", "5,8", "--p", "0.3", "--trained", "--out", tmp_path]
    done = run("univariate", *study)
    assert done.exit_code == 0, done.output
    assert "trained" in done.stdout
    rows = read_study(tmp_path / "study.csv", trained=True)
    assert [row.m for row in rows] == [5, 8]
    assert all(isinstance(row, TrainedStudyRow) for row in rows)
    one = ["report", "--m", "8", "--p", "0.3", "--trained", "--json", "-", "--no-figure"]
    found = json.loads(run("univariate", *one).stdout)
    assert found["trained"]["clean_error"]["value"] == rows[1].trained_clean_error
    assert found["clean_error"]["value"] == rows[1].clean_error
    # a study without them does not take the file for its own
    plain = ["report", "--m", "5,8", "--p", "0.3", "--out", tmp_path]
    assert "is not a study file" in complaint(run("univariate", *plain))


@pytest.mark.parametrize("name", ["s.csv", "s.npz"])
def test_a_saved_sample_keeps_its_law(tmp_path, name):
    law = ["report", "--m", 12, "--density", "beta(2, 5)", "--no-figure", "--out", tmp_path]
    run("univariate", *law, "--save-sample", tmp_path / name)
    assert Sample.load(tmp_path / name).density.name == "beta(2, 5)"
    ReluNet([1.0], [1.0], [0.5]).save(tmp_path / "n.npz")
    audit = ["audit", tmp_path / "n.npz", tmp_path / name, "--out", tmp_path, "--no-figure"]
    assert "x beta(2, 5)" in run("univariate", *audit).stdout


@pytest.mark.parametrize("program", PROGRAMS)
def test_help_says_the_exit_codes_and_stands_alone(program):
    text = " ".join(re.sub(r"[│╭╮╰╯─]", " ", run(program, "--help").output).split())
    assert EXIT_CODES in text
    assert "--install-completion" in text
    for command in ("report", "audit"):
        words = " ".join(run(program, command, "--help").output.split())
        assert "same questions" not in words
        assert all(one in words for one in ("--overwrite", "--json", "--quiet", "--figure-format"))
    alone = run(program)
    assert alone.exit_code == 0
    assert "Usage" in alone.output


@pytest.mark.skipif(os.name == "nt", reason="no SIGTERM")
def test_sigterm_keeps_what_ctrl_c_keeps(tmp_path):
    """Also in the background of a script, where Ctrl-C is ignored."""
    program = [
        sys.executable,
        "-m",
        "univariate",
        "train",
        "--m",
        "3000",
        "--rng",
        "1",
        "--no-figure",
    ]

    def ignored():
        signal.signal(signal.SIGINT, signal.SIG_IGN)

    for prepare in (None, ignored):
        for patience in (3, 6, 12, 24, 48):  # a busy machine takes long until it trains
            folder = tmp_path / f"{prepare is None} {patience}"
            process = subprocess.Popen(
                [*program, "--out", str(folder)],
                stderr=subprocess.PIPE,
                stdout=subprocess.DEVNULL,
                preexec_fn=prepare,  # noqa: PLW1509 (no threads here)
                text=True,
            )
            while not folder.exists():
                time.sleep(0.05)
                assert process.poll() is None
            time.sleep(patience)
            process.send_signal(signal.SIGTERM)
            errors = process.communicate(timeout=120)[1]
            assert process.returncode == TERMINATED, errors
            if (folder / "train.npz").is_file():
                break
        assert (folder / "train.npz").is_file()
        assert "the run is kept" in errors


def test_there_must_be_a_run_to_go_on_with(tmp_path):
    line = complaint(run("univariate", "train", "--m", 5, "--resume", "--out", tmp_path / "none"))
    assert "`--resume` must find a run in the folder of `--out`, got none in" in line
    train = [*SMALL["univariate train"], "--steps", 5, "--no-figure", "--out", tmp_path]
    assert run("univariate", *train).exit_code == 0
    (tmp_path / "sample.npz").unlink()
    before = contents(tmp_path)
    line = complaint(run("univariate", *train, "--resume"))
    assert "`--out` must hold the sample.npz of the run that `--resume` goes on with, got" in line
    assert line.endswith("put it back beside train.npz, or begin anew by `--overwrite`")
    assert contents(tmp_path) == before


def test_a_size_beyond_memory_is_said_to_be_one(tmp_path):
    # the system grants what is not there, and kills who then uses it
    for size, command in product((3 * 10**9, 10**13), ("report", "train", "compare max-margin")):
        line = complaint(
            run("univariate", *command.split(), "--m", f"{size}", "--out", tmp_path / "new")
        )
        assert (
            f"`--m` must leave room in memory, got {size:,}: drawing so many observations" in line
        )
        assert f"would take {48 * size / 1e9:,.0f} GB or more of the" in line
    line = complaint(run("univariate", "report", "--m", f"9,{10**12}", "--out", tmp_path / "new"))
    assert "`--m` must leave room in memory, got 1,000,000,000,000: " in line
    for options, message in (
        (("report", "--m", 3 * 10**9), "m` must leave room in memory, got 3,000,000,000: 3,0"),
        (("report", "--d", 10**12), "d` must leave room in memory, got 1,000,000,000,000: 100 inp"),
        (
            ("report", "--width", 3 * 10**9),
            "width` must leave room in memory, got 3,000,000,000: a net",
        ),
        (
            ("report", "--depth", 3, "--width", 10**7),
            "width` must leave room in memory, got 10,000,000",
        ),
        (
            ("sweep", "--m", "9,2000000000", "--flow-time", 1),
            "m` must leave room in memory, got 2,0",
        ),
    ):
        line = complaint(run("highdim", *options, "--out", tmp_path / "new"))
        assert f"`--{message}" in line
    assert not list(tmp_path.iterdir())


def test_a_maker_whose_name_no_table_can_hold_is_refused_before_the_work(tmp_path):
    name = f"{tmp_path / 'f'}\udcff.py:f"
    try:
        Path(name.removesuffix(":f")).write_text("def f(sample): ...\n")
    except (OSError, UnicodeError):
        pytest.skip("file names are characters here")
    line = complaint(run("univariate", "compare", name, "--m", 8, "--out", tmp_path / "new"))
    assert "`MAKERS` must have names of characters, got" in line
    assert not (tmp_path / "new").exists()


STUDY = ["report", "--m", 20, "--p", "0.2,0.3"]
COMPARISON = ["compare", "1-nn", "--m", 10, "--p", "0.2,0.3", "--seeds", 1]
FILM = [*SMALL["univariate train"], "--resume"]
GOING_ON = {
    "study": ("univariate", STUDY, ["--seeds", 2], "study.csv"),
    "comparison": ("univariate", COMPARISON, ["--seeds", 2], "comparison.csv"),
    "train": ("univariate", FILM, ["--margin", 3], "train.npz"),
    "sweep": ("highdim", SWEEP, ["--seeds", 2], "sweep.sqlite"),
}


@pytest.mark.parametrize("name", GOING_ON)
def test_pictures_of_what_is_finished_stay_until_that_changes(tmp_path, name):
    """In every format; and the film, and a JSON document where this one goes elsewhere."""
    program, arguments, more, source = GOING_ON[name]
    go_on = [*arguments, "--out", tmp_path]
    first = [one for one in go_on if one != "--resume"]
    first += ["--film"] if name == "train" else []
    assert run(program, *first).exit_code == 0
    before = contents(tmp_path)
    elsewhere = ["--json", "-"] if name in ("study", "train") else []
    for options in (["--no-figure"], elsewhere, ["--figure-format", "pdf"]):
        done = run(program, *go_on, *options)
        assert done.exit_code == 0, done.output
        assert "removed" not in done.stderr
        kept = contents(tmp_path)
        pictures = [one for one in before if one.endswith((".png", ".gif"))]
        assert len(pictures) == 1 + (name == "train")
        assert all(kept[one] == before[one] for one in pictures)
    assert kept.keys() == before.keys() | {f"{name}.pdf"}

    done = run(program, *go_on, *more, *elsewhere, "--figure-format", "svg")
    assert done.exit_code == 0, done.output
    gone = before.keys() & {f"{name}.png", f"{name}.json", "train.gif"} | {f"{name}.pdf"}
    assert contents(tmp_path).keys() == (kept.keys() - gone) | {f"{name}.svg"}
    told = [line for line in done.stderr.splitlines() if line.startswith("removed")]
    reason = f"which does not show what {tmp_path / source} holds now"
    assert sorted(told) == sorted(f"removed {tmp_path / one}, {reason}" for one in gone)


def test_a_run_that_is_replaced_says_which_pictures_go(tmp_path):
    report = [*SMALL["univariate report"], "--out", tmp_path]
    assert run("univariate", *report).exit_code == 0
    again = run("univariate", *report, "--overwrite")
    assert "removed" not in again.stderr
    done = run("univariate", *report, "--overwrite", "--no-figure")
    line = f"removed {tmp_path / 'report.png'}, which is of what is replaced"
    assert line in done.stderr.splitlines()
    train = [*SMALL["univariate train"], "--out", tmp_path, "--film"]
    for more in ([], ["--overwrite"], ["--resume", "--margin", 3]):
        done = run("univariate", *train, *more)
        assert done.exit_code == 0, done.output
        assert "removed" not in done.stderr
    done = run("univariate", *train[:-1], "--overwrite")
    line = f"removed {tmp_path / 'train.gif'}, which is of what is replaced"
    assert line in done.stderr.splitlines()


@small
@pytest.mark.parametrize("kind", ["beside", "elsewhere", "-"])
def test_a_run_that_is_replaced_says_that_its_json_goes(tmp_path, name, kind):
    """Where the new one goes elsewhere; one that is written anew costs no line."""
    program, command = name.split()
    folder = tmp_path / "out"
    arguments = [*SMALL[name], "--out", folder]
    assert run(program, *arguments).exit_code == 0
    own = folder / f"{command}.json"
    places = {"beside": folder / "other.json", "elsewhere": tmp_path / "other.json", "-": "-"}
    again = [*arguments, "--rng", 7, "--overwrite", "--json"]
    for spelled in (own, folder / ".." / "out" / own.name):
        done = run(program, *again, spelled)
        assert done.exit_code == 0, done.output
        assert "removed" not in done.stderr
    done = run(program, *again, places[kind])
    assert done.exit_code == 0, done.output
    line = f"removed {own}, which is of what is replaced"
    assert [one for one in done.stderr.splitlines() if "removed" in one] == [line]
    assert not own.exists()


@small
def test_where_only_named_files_are_written_none_of_the_folder_goes(tmp_path, name):
    """Train writes its net there in any case."""
    program, command = name.split()
    arguments = [*SMALL[name], "--out", tmp_path]
    assert run(program, *arguments).exit_code == 0
    before = contents(tmp_path)
    options = ["--overwrite", "--no-figure", "--json", tmp_path / "other.json"]
    done = run(program, *arguments, "--rng", 7, *options)
    assert done.exit_code == 0, done.output
    gone = {f"{command}.json", f"{command}.png"} if command == "train" else set()
    told = {line for line in done.stderr.splitlines() if line.startswith("removed")}
    reason = "which is of what is replaced"
    assert told == {f"removed {tmp_path / one}, {reason}" for one in gone}
    assert contents(tmp_path).keys() == (before.keys() - gone) | {"other.json"}


def test_a_study_and_a_witness_that_are_replaced_say_what_goes(tmp_path):
    study = ["report", "--m", 8, "--seeds", 2, "--out", tmp_path, "--no-figure"]
    assert run("univariate", *study).exit_code == 0
    done = run("univariate", *study, "--overwrite", "--json", "-")
    line = f"removed {tmp_path / 'study.json'}, which is of what is replaced"
    assert [one for one in done.stderr.splitlines() if "removed" in one] == [line]

    sample = draw_sample(12, 0.2, rng=0)
    sample.save(tmp_path / "s.npz")
    max_margin(sample).net.save(tmp_path / "n.npz")  # no net is better
    witness = tmp_path / "better.npz"
    witness.write_bytes((tmp_path / "n.npz").read_bytes())
    audit = ["audit", tmp_path / "n.npz", tmp_path / "s.npz", "--out", tmp_path / "new"]
    done = run("univariate", *audit, "--save-witness", witness, "--overwrite")
    assert done.exit_code == 0, done.output
    assert f"removed {witness}, which is of what is replaced" in done.stderr.splitlines()
    assert not witness.exists()


def test_only_files_that_are_written_are_said_to_hold_all_rows(tmp_path):
    study = ["report", "--m", 10, "--p", 0.2, "--no-figure", "--out", tmp_path, "--seeds"]
    assert run("univariate", *study, 3).exit_code == 0
    done = run("univariate", *study, 2)
    assert f"the JSON is of all 3 rows of {tmp_path / 'study.csv'}, the table" in done.stderr
    sweep = [*SWEEP, "--no-figure", "--out", tmp_path]
    assert run("highdim", *sweep, "--seeds", 2).exit_code == 0
    assert "the table file holds all 2 runs of" in run("highdim", *sweep).stderr


def full_for(monkeypatch, *endings):
    """Let the disk be full where files with such endings are written."""
    make = tempfile.mkstemp

    def refused(*arguments, prefix, **options):
        if prefix.rstrip(".").endswith(endings):
            raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC))
        return make(*arguments, prefix=prefix, **options)

    monkeypatch.setattr("univariate.common.files.tempfile.mkstemp", refused)


@small
def test_a_file_that_cannot_be_written_is_told_with_those_that_were(tmp_path, monkeypatch, name):
    program, command = name.split()
    arguments = [*SMALL[name], "--out", tmp_path]
    full_for(monkeypatch, ".json")
    line = complaint(run(program, *arguments))
    first = [tmp_path / one for one in ("sample.npz", "train.npz", "net.npz")]
    before = f" (written before: {', '.join(map(str, first))})" if command == "train" else ""
    assert line.endswith(f"No space left on device; choose another folder{before}")
    monkeypatch.undo()
    if command == "train":
        arguments = [*arguments, "--overwrite"]
    assert run(program, *arguments).exit_code == 0
    full_for(monkeypatch, ".png")
    line = complaint(run(program, *arguments, "--overwrite"))
    written = [*(first if command == "train" else ()), tmp_path / f"{command}.json"]
    names = ", ".join(map(str, written))
    assert line.endswith(f"(written before: {names}; removed before: {tmp_path / command}.png)")
    assert {*contents(tmp_path)} == {one.name for one in written}


def test_rows_that_were_added_are_told_where_a_figure_cannot_be_written(tmp_path, monkeypatch):
    full_for(monkeypatch, ".png")
    study = ["report", "--m", 10, "--p", 0.2, "--seeds", 2, "--out", tmp_path]
    names = f"{tmp_path / 'study.csv'}, {tmp_path / 'study.json'}"
    assert complaint(run("univariate", *study)).endswith(f"(written before: {names})")
    line = complaint(run("univariate", *study, "--quiet"))
    assert line.endswith(f"(written before: {tmp_path / 'study.json'})")
    line = complaint(run("highdim", *SWEEP, "--out", tmp_path))
    names = f"{tmp_path / 'sweep.sqlite'}, {tmp_path / 'sweep.csv'}"
    assert line.endswith(f"(written before: {names})")
