"""What a refused command leaves behind: nothing. Both programs, and the scripts of benchmarks.

Every line begins in a folder with a few files of its own, and ends there with these files, as they
were, and no others.
"""

import importlib
import os
import shlex
import subprocess
import sys
from pathlib import Path

import pytest
from typer.testing import CliRunner

import highdim
import univariate
from benchmarks import command
from univariate.common.home import at_home
from univariate.common.outputs import make_folder, nothing_left
from univariate.common.program import BAD_INPUT

TYPED = """
univariate report --out new/a --m 0
univariate report --out new/a --m 1e3
univariate report --out new/a --p 10%
univariate report --out new/a --m 1000 --trained
univariate report --out new/a --m 10 --truth nonsense
univariate report --out new/a --m 10 --density nope
univariate report --out new/a --m 10 --json text
univariate report --out new/a --m 10 --json new/b/x.json
univariate report --out new/a --m 10 --save-net new/b/x.npz
univariate report --out new/a --m 10 --save-net x.csv
univariate report --out new/a --m 10,20 --save-sample x.csv
univariate report --out new/a --m 10,20 --json x.csv
univariate report --out new/a --m 10,20 --delta 0.1
univariate report --out text/a --m 10
univariate report --out taken --m 10 --overwrite
univariate train --out taken --m 5 --overwrite
univariate report --out taken --m 10,20 --overwrite
univariate report --out new.json --m 10 --json new.json
univariate report --out new.npz/a --m 10 --save-net new.npz
univariate report --out text/a --m 10,20
univariate report --out new/a extra
univariate train --out new/a --resume
univariate train --out new/a --data none.csv
univariate train --out new/a --net text
univariate train --out new/a --net sphere-net.npz
univariate train --out new/a --data sphere.npz
univariate train --out new/a --data sample.csv --m 5
univariate train --out new/a --loss hinge
univariate train --out new/a --method adam
univariate train --out new/a --margin -1
univariate train --out new/a --steps 0
univariate train --out new/a --figure-format gif
univariate audit none.npz sample.csv --out new/a
univariate audit text sample.csv --out new/a
univariate audit net.npz text --out new/a
univariate audit net.npz sphere.npz --out new/a
univariate audit net.npz sample.csv --out new/a --columns a,b
univariate audit net.npz sample.csv --out new/a --label-map nonsense
univariate audit net.npz sample.csv --out new/a --net-key other
univariate audit net.npz sample.csv --out new/a --save-witness net.npz --overwrite
univariate compare nonsense --out new/a
univariate compare 0-nn --out new/a --m 10 --p 0.1 --seeds 1
univariate compare math:sqrt --out new/a --m 10 --p 0.1 --seeds 1
univariate compare none.py:f --out new/a
univariate compare max-margin --out new/a --n-jobs 0
univariate compare max-margin --out text
highdim report --out new/a --d 1
highdim report --out new/a --m 5 --d 3 --truth none
highdim report --out new/a --m 5 --d 3 --truth sphere.npz
highdim report --out new/a --m 5 --d 3 --law cauchy
highdim report --out new/a --m 5 --d 3 --depth 4
highdim report --out new/a --m 5 --d 3 --save-sample x.txt
highdim report --out new/a --m 5 --d 3 --json -1.csv
highdim audit sphere-net.npz sample.csv --out new/a
highdim audit net.npz sphere.npz --out new/a
highdim audit sphere-net.npz sphere.npz --out new/a --law nope
highdim audit sphere-net.npz sphere.npz --out new/a --p 3
highdim sweep --out new/a --preset nope
highdim sweep --out new/a --size quick
highdim sweep --out new/a --m 5,x
highdim sweep --out new/a --m 5 --d 3 --flow-time 1e300
highdim sweep --out new/a --m 5 --d 3 --backend spark
highdim sweep --out new/a --m 5 --d 3 --backend dask
highdim sweep --out new/a --m 5 --d 3 --backend loky --scheduler tcp://localhost:1
highdim sweep --out new/a --m 5 --d 3 --store text
highdim sweep --out new/a --m 5 --d 3 --store new/b/x.sqlite
highdim sweep --m 5 --d 3 --store sweep.csv
highdim sweep --out text --m 5 --d 3
highdim figure none.sqlite
highdim figure text --out new.png
benchmarks.theorem_4_1 --preset nope
benchmarks.theorem_4_1 --n-jobs 0
benchmarks.theorem_4_1 --store x.txt
benchmarks.theorem_4_1 --store sample.csv
benchmarks.ledger --page x.txt
benchmarks.ledger --store sample.csv
benchmarks.coverage --only nothing
benchmarks.coverage --repetitions 0
benchmarks.highdim_integrators --problems 0
benchmarks.unique_optima --count -1
benchmarks.figure_1 --preset tiny --backend spark
benchmarks.figure_1 --preset tiny --backend dask
benchmarks.figure_2 --preset tiny --n-jobs 0
benchmarks.figure_2 --preset tiny --n-jobs 0 --store new/x.sqlite
benchmarks.figure_3 --store x.png
benchmarks.speed.ratios --only nothing
"""
LINES = [line for line in TYPED.splitlines() if line]
PROGRAMS = {"univariate": "univariate.cli.app", "highdim": "highdim.cli.app"}


@pytest.fixture
def folder(tmp_path, monkeypatch):
    """A folder with files of both packages, and a home without any, as the current one."""
    place = tmp_path / "here"
    place.mkdir()
    (tmp_path / "home").mkdir()
    monkeypatch.setenv("HOME", str(tmp_path / "home"))
    monkeypatch.chdir(place)
    sample = univariate.draw_sample(6, 0.2, rng=0)
    sample.save("sample.csv")
    univariate.ReluNet([1.0], [1.0], [0.0]).save("net.npz")
    highdim.draw_sphere_sample(6, 3, 0.2, rng=0).save("sphere.npz")
    highdim.init_network(4, 3, rng=0).save("sphere-net.npz")
    Path("text").write_text("nothing\n")
    for name in ("report.png", "train.npz", "study.csv"):
        (place / "taken" / name).mkdir(parents=True)
    return place


def contents(folder) -> dict[str, tuple[int, bytes]]:
    """Everything below a folder; of its files time and content, too."""
    return {
        str(path.relative_to(folder)): (
            (path.stat().st_mtime_ns, path.read_bytes()) if path.is_file() else (0, b"")
        )
        for path in sorted(folder.rglob("*"))
    }


def exit_code(words: list[str]) -> int:
    """Run a command line in this process."""
    name, *arguments = words
    if name in PROGRAMS:
        found = CliRunner().invoke(importlib.import_module(PROGRAMS[name]).app, arguments)
        assert found.exit_code == 0 or len(found.stderr.splitlines()) == 1
        return found.exit_code
    module = importlib.import_module(f"{name}.__main__" if name.endswith("ledger") else name)
    sphere = getattr(module, "SCRIPT", None), arguments
    try:
        if name.endswith(("figure_1", "figure_2")):
            return module.main(*sphere)
        return (module.main if hasattr(module, "main") else module.SCRIPT.main)(arguments)
    except SystemExit as end:
        return end.code


@pytest.mark.parametrize("line", LINES)
def test_a_refused_command_leaves_the_disk_as_it_was(folder, line, monkeypatch):
    monkeypatch.setitem(sys.modules, "distributed", None)
    before = contents(folder)
    assert exit_code(shlex.split(line)) == BAD_INPUT
    assert contents(folder) == before
    # matplotlib may have made its own, which begin with a point
    assert not list((folder.parent / "home").glob("[!.]*"))


def test_folders_go_where_what_they_were_made_for_fails(tmp_path):
    def fail():
        make_folder("out", tmp_path / "new" / "b" / "c")
        (make_folder("out", tmp_path / "kept" / "a") / "file").write_text("")
        raise KeyError

    with pytest.raises(KeyError), nothing_left():
        fail()
    assert {path.name for path in tmp_path.rglob("*")} == {"kept", "a", "file"}
    with nothing_left():
        make_folder("out", tmp_path / "new" / "b")
    assert (tmp_path / "new" / "b").is_dir()
    with pytest.raises(OSError, match="`out` must be a folder"), nothing_left():
        make_folder("out", tmp_path / "other" / ("long" * 100))
    assert not (tmp_path / "other").exists()


def test_folders_of_others_stay(tmp_path, monkeypatch):
    """An empty folder reached by way of a missing one was taken away, and one that another command
    made at the same moment.
    """

    def fail(path):
        make_folder("out", path)
        raise KeyError

    (tmp_path / "mine").mkdir()
    with pytest.raises(KeyError), nothing_left():
        fail(tmp_path / "new" / ".." / "mine")
    assert list(tmp_path.iterdir()) == [tmp_path / "mine"]
    plain = Path.mkdir

    def late(self, *rest, **others):
        plain(self)  # the other command is first
        plain(self, *rest, **others)

    monkeypatch.setattr(Path, "mkdir", late)
    with pytest.raises(KeyError), nothing_left():
        fail(tmp_path / "theirs")
    assert (tmp_path / "theirs").is_dir()


def test_a_folder_of_before_stays_though_it_is_empty(folder):
    Path("new").mkdir()
    assert exit_code(shlex.split("univariate train --out new/a --resume")) == BAD_INPUT
    assert sorted(path.name for path in folder.iterdir() if path.is_dir()) == ["new", "taken"]


def test_copies_go_where_a_script_refuses_unless_they_have_grown(tmp_path, monkeypatch, capsys):
    monkeypatch.chdir(tmp_path)
    committed = tmp_path / "results" / "numbers.csv"
    committed.parent.mkdir()
    committed.write_text("m\n1\n")
    for line, left in (("m\n1\n", False), ("m\n1\n2\n", True)):
        chosen = command.options("numbers", "", [], store=(committed, "the table"))
        chosen.store.write_text(line)
        assert command.refuse(chosen, "no") == BAD_INPUT
        assert Path(command.ASIDE).exists() == left
    assert capsys.readouterr().out == "no\nno\n"


@pytest.mark.parametrize(
    "line",
    [
        "univariate report --m 5 --no-figure --out=~/new",
        "univariate report --m 5 --no-figure --out '~/new'",
        "univariate report --m 5 --no-figure --json=~/a.json --save-net ~/n.npz --out=~",
        "univariate report --m 5,6 --no-figure --out=~/new",
        "univariate audit '~/../here/net.npz' sample.csv --no-figure --json=~/a.json",
        "univariate train --data=~/../here/sample.csv --margin 2 --no-figure --out=~/new",
        "univariate compare 1-nn --m 5 --p 0.1 --seeds 1 --no-figure --out=~",
        "highdim report --m 5 --d 3 --flow-time 1 --truth=~/../here/sphere-net.npz --no-figure"
        " --out=~",
        "highdim sweep --m 5 --d 3 --p 0.1 --width 4 --flow-time 1 --no-figure --store=~/s.sqlite"
        " --out=~/new",
    ],
)
def test_home_is_that_of_the_user_in_every_path(folder, line):
    Path("~").mkdir()  # a shell would pass this over, too
    before = contents(folder)
    assert exit_code(shlex.split(line)) == 0
    assert contents(folder) == before
    assert list((folder.parent / "home").glob("[!.]*"))


def test_what_is_called_so_is_written_as_for_a_shell(folder):
    assert exit_code(shlex.split("univariate report --m 5 --no-figure --out=./~/new")) == 0
    assert (folder / "~" / "new" / "report.json").exists()
    assert not list((folder.parent / "home").glob("[!.]*"))
    # a name without a user stays, as do other words that begin so
    assert exit_code(shlex.split("univariate report --m 5 --no-figure --out=~nobody~")) == 0
    assert (folder / "~nobody~" / "report.json").exists()
    assert exit_code(shlex.split("univariate report --m 5 --truth ~ --no-figure")) == BAD_INPUT


def test_home_in_the_doors_of_python(folder):
    home = folder.parent / "home"
    sample = univariate.Sample.load("~/../here/sample.csv")
    sample.save("~/sample.npz")
    assert univariate.Sample.load(Path("~/sample.npz")).x.tolist() == sample.x.tolist()
    univariate.ReluNet([1.0], [1.0], [0.0]).save("~/net.npz")
    assert univariate.load_network("~/net.npz") == univariate.load_network(home / "net.npz")
    assert highdim.load_network("~/../here/sphere-net.npz").width == 4
    one = highdim.grid(m=5, d=3, p=0.1, width=4, flow_time=1.0)
    highdim.export(highdim.sweep(one, "~/store.sqlite"), "~/table.csv")
    names = {path.name for path in home.glob("[!.]*")}
    assert names == {"sample.npz", "net.npz", "store.sqlite", "table.csv"}
    assert not (folder / "~").exists()
    chosen = command.options("x", "", ["--store", "~/x.csv"], store=(Path("y.csv"), ""))
    assert chosen.store == home / "x.csv"


@pytest.mark.skipif(os.name != "posix", reason="elsewhere a folder in use stays")
def test_a_current_folder_that_is_gone_is_said(tmp_path):
    # imports first: Python 3.13.0 loads no compiled module where there is no folder
    script = (
        "import os, sys, pydantic.type_adapter, univariate.cli.report_command;"
        "os.mkdir('gone'); os.chdir('gone'); os.rmdir('../gone');"
        "from univariate.cli import main; sys.argv = ['univariate', 'report', '--m', '5']; main()"
    )
    environment = os.environ | {"PYTHONPATH": str(Path(univariate.__file__).parents[1])}
    found = subprocess.run(
        [sys.executable, "-c", script],
        cwd=tmp_path,
        env=environment,
        capture_output=True,
        text=True,
        check=False,
    )
    assert found.returncode == BAD_INPUT
    (line,) = found.stderr.splitlines()
    assert line.startswith("error: the current folder is gone")


@pytest.mark.skipif(os.name != "posix", reason="who has which home is asked of pwd")
def test_a_home_that_nothing_tells_is_no_folder_of_that_name(folder, monkeypatch):
    import pwd

    def unknown(_):
        raise KeyError

    monkeypatch.delenv("HOME")
    monkeypatch.setattr(pwd, "getpwuid", unknown)
    with pytest.raises(ValueError, match="`path` must lie in a home that is known, got '~/x'"):
        at_home("~/x")
    assert at_home("./~/x") == folder / "~" / "x"
    line = "univariate report --m 5 --no-figure --out=~/new"
    before = contents(folder)
    assert exit_code(shlex.split(line)) == BAD_INPUT
    assert contents(folder) == before
