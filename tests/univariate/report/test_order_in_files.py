"""Files of comparisons and studies have the order of the grid, in whatever order rows were made."""

import csv
import os
import random
import time
from dataclasses import replace
from types import SimpleNamespace

import pytest

import univariate as u
from univariate.common.tables.growing import GrowingTable
from univariate.report import comparison, study
from univariate.report.comparison_rows import row_file

MAKERS = dict.fromkeys(("nn", "b\nc", "a"), u.NearestNeighbours)
LAST = {"z": u.NearestNeighbours}
GRID = ([5, 9], [0.1, 0.3], [0, 1])
SMALLER = ([3, 9], [0.1, 0.2], [0, 2])


@pytest.fixture
def finishing(monkeypatch):
    """Runs end in an order of chance, and a number of them is left out, as by a kill."""
    monkeypatch.setattr(comparison, "time", SimpleNamespace(perf_counter=lambda: 0.0))
    plan = SimpleNamespace(rng=random.Random(0), most=10**6)

    def results(jobs, measure, *, n_jobs):
        mixed = list(jobs)
        if n_jobs > 1:
            plan.rng.shuffle(mixed)
        for job in mixed[: plan.most]:
            yield job, measure(job)
        if len(mixed) > plan.most:
            raise KeyboardInterrupt

    monkeypatch.setattr("univariate.common.work.results", results)
    return plan


def made(path, commands, n_jobs):
    for makers, grid in commands:
        list(u.compare(makers, *grid, path, n_jobs=n_jobs))
    return path.read_bytes()


COMMANDS = [
    [(MAKERS, GRID)],
    [(MAKERS, GRID), (MAKERS, SMALLER)],
    [(MAKERS, GRID), (LAST, SMALLER), (LAST, GRID)],
    [(LAST, GRID), (MAKERS | LAST, SMALLER), (MAKERS, GRID)],
    [(MAKERS, GRID), ({"a": MAKERS["a"]}, SMALLER), (MAKERS, SMALLER)],
]


@pytest.mark.parametrize("commands", COMMANDS)
@pytest.mark.parametrize("most", [1, 7])
def test_a_file_is_the_same_for_any_number_of_jobs_and_kills(tmp_path, finishing, commands, most):
    wanted = made(tmp_path / "one.csv", commands, 1)
    path = tmp_path / "two.csv"
    assert made(path, commands, 2) == wanted
    path.unlink()
    for makers, grid in commands:
        while True:
            finishing.most = most if finishing.rng.random() < 0.7 else 10**6
            try:
                list(u.compare(makers, *grid, path, n_jobs=2))
            except KeyboardInterrupt:
                continue
            break
    assert path.read_bytes() == wanted


def test_a_file_of_two_processes_is_that_of_one(tmp_path):
    def late(sample):
        time.sleep(0.3 if sample.size == 5 else 0.0)
        return u.NearestNeighbours(sample)

    makers = {"late": late, "early": u.NearestNeighbours}
    for jobs in (1, 2):
        rows = list(u.compare(makers, [5, 9], [0.1], [0, 1], tmp_path / f"{jobs}.csv", n_jobs=jobs))
        assert u.read_comparison(tmp_path / f"{jobs}.csv") == rows
    assert untimed(tmp_path / "1.csv") == untimed(tmp_path / "2.csv")


def untimed(path):
    with path.open(newline="") as stream:
        return [{**row, "seconds": ""} for row in csv.DictReader(stream)]


def test_rows_of_one_sample_come_as_their_makers_and_those_of_others_stay(tmp_path):
    path = tmp_path / "rows.csv"

    def rules(*names):
        list(u.compare(dict.fromkeys(names, u.NearestNeighbours), [5], [0.1], [0], path))
        return [row.rule for row in u.read_comparison(path)]

    assert rules("c", "a") == ["c", "a"]
    assert rules("b") == ["c", "a", "b"]
    assert rules("a") == ["c", "a", "b"]
    assert rules("b", "c") == ["b", "a", "c"]
    assert rules("a", "b", "c", "d") == ["a", "b", "c", "d"]


def test_a_study_of_more_sizes_is_that_of_all_at_once(tmp_path, monkeypatch):
    monkeypatch.setattr(study, "time", SimpleNamespace(perf_counter=lambda: 0.0))
    path = tmp_path / "more.csv"
    for sizes, rates in ([20], [0.2]), ([10, 20], [0.1]), ([10], [0.2]):
        list(study.run_study(sizes, rates, [0, 1], path))
    rows = list(study.run_study([10, 20], [0.1, 0.2], [0, 1], tmp_path / "all.csv"))
    assert path.read_bytes() == (tmp_path / "all.csv").read_bytes()
    assert study.read_study(path) == rows


@pytest.fixture(params=["study", "comparison"])
def work(request, tmp_path):
    """A file in the order of the grid, and a command that has nothing to add to it."""
    path = tmp_path / "rows.csv"

    def run():
        if request.param == "study":
            return list(study.run_study([10, 20], [0.2], [0, 1], path))
        return list(u.compare({"nn": u.NearestNeighbours}, [10, 20], [0.2], [0, 1], path))

    return path, run, run()


def test_a_file_in_order_is_left_alone(work):
    path, run, rows = work
    os.utime(path, ns=(1, 1))
    before = path.stat()
    assert run() == rows
    assert (path.stat().st_ino, path.stat().st_mtime_ns) == (before.st_ino, before.st_mtime_ns)


def disordered(path):
    names, *lines = path.read_text().splitlines(keepends=True)
    path.write_text("".join([names, *reversed(lines)]))


def test_a_command_with_nothing_to_do_brings_order(work):
    path, run, rows = work
    whole = path.read_bytes()
    disordered(path)
    assert run() == rows
    assert path.read_bytes() == whole


def test_lines_move_as_somebody_wrote_them(work):
    """Marks of byte order, ends of lines, quotes and blank lines stay, columns of before too."""
    path, run, rows = work
    lines = path.read_text().splitlines()
    if isinstance(rows[0], study.StudyRow):
        lines = [line.rpartition(",")[0] for line in lines]  # without the version
    names, first, *others = lines
    names, first = f"\ufeff{names}", first.replace(",10,", ',"10",')
    path.write_bytes("\r\n".join([names, *others[::-1], "", first, ""]).encode())
    run()
    assert (
        path.read_bytes() == "\r\n".join([names, first, *others[:-1], "", others[-1], ""]).encode()
    )


def test_where_no_order_can_be_brought_a_warning_says_so(work, monkeypatch):
    path, run, rows = work
    disordered(path)
    before = path.read_bytes()
    with monkeypatch.context() as patch:
        # of a folder that cannot be written to, as root may write everywhere
        patch.setattr("os.access", lambda *_, **__: False)
        with pytest.warns(UserWarning, match="stay in the order in which they came: it or its fol"):
            assert run() == rows
    with monkeypatch.context() as patch:
        patch.setattr("os.replace", lambda *_: os.open(path / "none", 0))
        with pytest.warns(UserWarning, match=r"came: writing .* failed: .*; pair them by their co"):
            assert run() == rows
    with monkeypatch.context() as patch:
        patch.setattr(
            "univariate.common.turns._locked_at_once", lambda _: os.open(path / "none", 0)
        )
        with pytest.warns(
            UserWarning, match="they came: its disk has no locks, and other commands"
        ):
            assert run() == rows
    assert path.read_bytes() == before
    assert os.listdir(path.parent) == [path.name]


def test_who_adds_rows_sees_those_that_another_put_before_its_own(tmp_path):
    """Also in a file with the number of the one before, which systems give again."""
    path = tmp_path / "rows.csv"
    (row,) = u.compare({"nn": u.NearestNeighbours}, [5], [0.1], [0], path)
    rows = [replace(row, seed=k) for k in range(4)]  # as many letters each
    first, second = row_file(path), row_file(tmp_path / "other.csv")
    path.unlink()
    table = GrowingTable(first)
    table.add(rows[2])
    second.write([rows[1], rows[2]])
    with path.open("r+b") as stream:
        stream.write(second.path.read_bytes())
    table.add(rows[1])
    table.add(rows[3])
    assert len(path.read_text().splitlines()) == 4  # reading removes those that stand twice
    assert first.read() == [rows[1], rows[2], rows[3]]
