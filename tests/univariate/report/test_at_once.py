"""Studies and comparisons that several processes make in one file: every row stands once."""

import csv
import os
import signal
import subprocess
import sys
import time
from collections import Counter
from itertools import product

import pytest

from univariate.common.turns import alone_with
from univariate.report import study

STUDY = """
import sys
from pathlib import Path
from time import sleep
from univariate.report.study import run_study
folder = Path(sys.argv[1])
(folder / f"ready{sys.argv[2]}").touch()
while not (folder / "go").exists():
    sleep(0.001)
for row in run_study([5, 6], [0.1, 0.2], range(int(sys.argv[3])), folder / "study.csv"):
    pass
"""
COMPARISON = STUDY.replace("report.study import run_study", "report.comparison import compare")
COMPARISON = COMPARISON.replace(
    "import Path", "import Path\nfrom univariate import NearestNeighbours"
)
COMPARISON = COMPARISON.replace("run_study(", "compare({'a\\nb': NearestNeighbours}, ")


def begun(program, folder, name, seeds):
    return subprocess.Popen([sys.executable, "-c", program, str(folder), name, str(seeds)])


def at_once(program, folder, seeds, count=2):
    """Run a program in several processes, which begin together."""
    both = [begun(program, folder, str(k), seeds) for k in range(count)]
    while not all((folder / f"ready{k}").exists() for k in range(count)):
        assert all(one.poll() is None for one in both)
        time.sleep(0.005)
    (folder / "go").touch()
    return [one.wait(120.0) for one in both]


def samples(path):
    """Return the samples of a file, as other programs read it."""
    with path.open(newline="", encoding="utf-8") as stream:
        rows = list(csv.DictReader(stream))
    return [(int(row["m"]), float(row["p"]), int(row["seed"])) for row in rows]


def times(path):
    """Return how often every configuration stands in a file."""
    return Counter(samples(path))


@pytest.mark.parametrize("program", [STUDY, COMPARISON])
def test_two_processes_write_every_row_once(tmp_path, program):
    assert at_once(program, tmp_path, 25) == [0, 0]
    found = samples(tmp_path / "study.csv")
    assert found == list(product([5, 6], [0.1, 0.2], range(25)))


@pytest.mark.parametrize("program", [STUDY, COMPARISON])
def test_rows_of_one_that_ends_earlier_and_brings_order_are_kept_for_the_others(tmp_path, program):
    """The file is replaced while others add to it, again and again."""
    shares = "seeds = int(sys.argv[3])\nfor k in reversed(range(int(sys.argv[2]), seeds, 3)):\n"
    loop = program.index("for row in")
    program = program[:loop] + shares + "    " + program[loop:].replace("    pass", "        pass")
    program = program.replace("range(int(sys.argv[3]))", "[k]")
    assert at_once(program, tmp_path, 60, count=3) == [0, 0, 0]
    found = samples(tmp_path / "study.csv")
    assert found == list(product([5, 6], [0.1, 0.2], range(60)))


@pytest.mark.parametrize("bytes_before", [0, 9000])
def test_one_that_is_killed_in_the_middle_of_a_line_leaves_nothing_of_it(tmp_path, bytes_before):
    (tmp_path / "go").touch()
    path = tmp_path / "study.csv"
    both = [begun(STUDY, tmp_path, name, 60) for name in "ab"]
    while not (path.exists() and path.stat().st_size > bytes_before):
        assert both[0].poll() is None
        time.sleep(0.0005)
    both[0].kill()
    with alone_with(path), path.open("ab") as stream:  # in the middle of a letter
        stream.write("univariate.study/1,uniform on [0, 1] f* ≡".encode()[:-1])
    assert [one.wait(120.0) for one in both] == [-signal.SIGKILL, 0]
    found = times(path)
    assert len(found) == 240
    assert set(found.values()) == {1}
    assert len(study.read_study(path)) == 240


def test_rows_of_another_density_are_refused_that_came_meanwhile(tmp_path):
    path = tmp_path / "study.csv"
    first = study.run_study([5], [0.1], range(3), path)
    second = study.run_study([5], [0.1], range(3), path, density="beta(2, 5)")
    kept = [next(first)]
    with pytest.raises(ValueError, match=r"holds rows of .*uniform.*expected .*beta"):
        next(second)
    kept += first
    assert study.read_study(path) == kept
    trained = study.run_study([5], [0.1], range(3), tmp_path / "other.csv", trained=True)
    plain = study.run_study([5], [0.1], range(3), tmp_path / "other.csv")
    next(plain)
    with pytest.raises(ValueError, match="is not a study with trained nets file"):
        next(trained)


def test_a_file_that_was_replaced_meanwhile_gets_what_it_lacks(tmp_path):
    path = tmp_path / "study.csv"
    running = study.run_study([5], [0.1], range(4), path)
    rows = [next(running), next(running)]
    again = tmp_path / "again.csv"
    again.write_bytes(path.read_bytes())
    os.replace(again, path)
    assert list(study.run_study([5], [0.1], range(3), path))[:2] == rows
    rows += running
    assert study.read_study(path) == rows
    assert set(times(path).values()) == {1}
