"""Sweeps: what is missing is done, once, whoever does it, whatever happens."""

import importlib
import json
import multiprocessing
import random
import sqlite3
import sys
import time
from contextlib import closing
from dataclasses import asdict, replace
from importlib.util import find_spec

import numpy as np
import pytest

import highdim
from highdim.sweeps import measuring
from highdim.sweeps.store import Store, key_of
from univariate.common.version import library_version

sweeping = importlib.import_module("highdim.sweeps.sweep")

SMALL = {"width": 8, "flow_time": 2.0, "error_precision": 0.2, "error_samples": 200}
GRID = highdim.grid(m=12, d=(6, 30), p=(0.1, 0.3), seed=range(2), **SMALL)
KILLS = 20


def without_time(rows):
    return [{name: value for name, value in row.items() if name != "seconds"} for row in rows]


@pytest.fixture(scope="module")
def rows(tmp_path_factory):
    return highdim.sweep(GRID, tmp_path_factory.mktemp("sweep") / "runs.sqlite")


def test_rows_are_those_of_the_grid(rows):
    for one, row in zip(GRID, rows, strict=True):
        assert {name: row[name] for name in one.to_dict()} == one.to_dict()
        assert row["clean_error_low"] <= row["clean_error"] <= row["clean_error_high"]
        assert row["flow_time_reached"] == pytest.approx(2.0, rel=1e-9)
        assert (
            row["interpolates"] == (row["smallest_margin"] > 0.0) == (row["training_error"] == 0.0)
        )


KINDS = (
    {"d": 2},
    {"d": 6, "distribution": "gaussian", "bias": False},
    {"d": 6, "train_output": False, "scheme": "he", "scale": 0.5},
    {"d": 6, "depth": 3, "method": "gd", "loss": "exponential", "reduction": "sum"},
    {"d": 6, "method": "sgd", "batch_size": 4, "distribution": "ball"},
)


@pytest.mark.parametrize("kind", KINDS)
def test_a_row_is_looked_at_by_its_configuration(tmp_path, kind):
    """What is drawn and trained again has the numbers of the row."""
    (one,) = highdim.grid(m=12, p=0.3, seed=3, learning_rate=0.01, **SMALL, **kind)
    (row,) = highdim.sweep([one], tmp_path / "runs.sqlite")
    again = highdim.RunConfig.of(row)
    assert again == one
    sample, run = again.sample(), again.train()
    assert row["noise_rate"] == sample.noise_rate
    assert run.start == again.start()
    assert (row["status"], row["steps"], row["loss_reached"]) == (
        run.status,
        run.steps,
        run.losses[-1],
    )
    assert row["smallest_margin"] == (sample.y * run.net(sample.X)).min()
    assert row["norm_squared"] == run.net.norm_squared
    error = again.clean_error(run.net)
    assert (row["clean_error"], row["clean_error_low"], row["clean_error_high"]) == (
        error.value,
        error.low,
        error.high,
    )
    assert again.train(sample).net == run.net


def test_rows_of_tables_are_looked_at_too(rows):
    """In a table of pandas None is NaN, and a size beside one is a float."""
    row = dict(rows[0]) | {"batch_size": float("nan")}
    assert highdim.RunConfig.of(row) == GRID[0]
    (batches,) = highdim.grid(m=12, d=6, p=0.1, method="sgd", batch_size=4)
    assert highdim.RunConfig.of(batches.to_dict() | {"batch_size": 4.0}) == batches
    # older stores know nothing of polishing
    old = {name: value for name, value in rows[0].items() if name != "polish"}
    assert highdim.RunConfig.of(old) == GRID[0]
    del old["seed"]
    with pytest.raises(ValueError, match="`row` must have the column 'seed' of its configuration"):
        highdim.RunConfig.of(old)
    with pytest.raises(
        TypeError, match="`row` must be a dict, got RunConfig; pass rows of `sweep`"
    ):
        highdim.RunConfig.of(GRID[0])
    with pytest.raises(TypeError, match="`m` must be an integer, got '12'"):
        highdim.RunConfig.of(dict(rows[0]) | {"m": "12"})


def test_seeds_of_runs_are_no_seeds_of_samples():
    """As the help of sweeps says: rows of stores are known by them, so that they stay so."""
    one = highdim.RunConfig(20, 20, 0.3, seed=1)
    assert one.sample().noise_rate == 0.55
    assert highdim.draw_sphere_sample(20, 20, 0.3, rng=1).noise_rate != 0.55
    assert "seed 1 is not" in " ".join(highdim.sweep.__doc__.split())


def test_one_sample_for_all_noise_levels():
    low, high = (highdim.RunConfig(12, 6, p).sample() for p in (0.1, 0.4))
    assert np.array_equal(low.X, high.X)
    assert np.all(high.y <= low.y)  # labels only flip to −1 as p grows
    assert not np.array_equal(low.X, highdim.RunConfig(12, 6, 0.1, seed=1).sample().X)


def test_finished_runs_are_not_done_again(tmp_path, rows, monkeypatch):
    store = tmp_path / "runs.sqlite"
    highdim.sweep(GRID[:3], store)
    asked = []
    monkeypatch.setattr(sweeping, "run_one", lambda one: asked.append(one) or original(one))
    again = highdim.sweep(GRID, store)
    assert sorted(map(repr, asked)) == sorted(map(repr, GRID[3:]))
    assert without_time(again) == without_time(rows)
    asked.clear()
    highdim.sweep([*GRID, *GRID], store)
    assert asked == []


original = sweeping.run_one


@pytest.mark.parametrize("distribution", ["gaussian", "ball"])
def test_errors_on_the_sphere_are_not_taken_for_those_under_another_law(tmp_path, distribution):
    """An older store holds the error on the sphere under the bare configuration."""
    one = highdim.RunConfig(5, 3, 0.2, width=4, flow_time=1.0, error_precision=0.3)
    other = replace(one, distribution=distribution)
    assert "error_law" not in one.key
    old = {name: value for name, value in asdict(other).items() if name != "polish"}
    store = tmp_path / "runs.sqlite"
    with Store(store, library_version()) as kept:
        kept.add(old, {"clean_error": -1.0})
    for _ in range(2):
        (row,) = highdim.sweep([other], store)
        assert row["clean_error"] >= 0.0
        assert row["error_law"] == row["distribution"] == distribution


def test_equal_configurations_are_one_run_whatever_the_type_of_their_numbers(tmp_path):
    """An older store has integers in its keys where they were given."""
    store = tmp_path / "runs.sqlite"
    given = {"m": 5, "d": 3, "p": 0, "width": 4, "error_precision": 0.3}
    (as_int,) = highdim.grid(**given, flow_time=1, scale=1, tolerance=1, learning_rate=1)
    as_float = replace(as_int, flow_time=np.float32(1.0), scale=1.0, p=-0.0)
    assert key_of(as_int.key) == key_of(as_float.key)
    with Store(store, library_version()) as kept:
        kept.add(as_int.key | {"flow_time": 1, "scale": 1, "p": 0}, {"clean_error": -1.0})
    (row,) = highdim.sweep([as_float], store)
    assert (row["clean_error"], type(row["flow_time"])) == (-1.0, float)
    with Store(store, library_version()) as kept:
        assert len(kept) == 1


@pytest.mark.parametrize("distribution", ["sphere", "gaussian", "ball"])
def test_the_limit_is_about_the_sphere(distribution):
    one = highdim.RunConfig(5, 3, 0.2, width=4, flow_time=1.0, error_precision=0.3)
    row = measuring.run_one(replace(one, distribution=distribution))
    assert (row["predicted_clean_error"] is None) == (distribution != "sphere")


def test_training_that_was_broken_off_is_no_record(monkeypatch):
    """A flow ends as "interrupted" on Ctrl-C, with what it has."""

    def broken_off(*given, **options):
        return replace(highdim.gradient_flow(*given, **options), status="interrupted")

    monkeypatch.setattr("highdim.sweeps.runs.gradient_flow", broken_off)
    with pytest.raises(KeyboardInterrupt):
        measuring.run_one(GRID[0])


def test_interruption_keeps_what_is_finished(tmp_path, rows, monkeypatch):
    done = []

    def interrupted(one):
        if len(done) == 4:
            raise KeyboardInterrupt
        done.append(one)
        return original(one)

    monkeypatch.setattr(sweeping, "run_one", interrupted)
    with pytest.raises(KeyboardInterrupt):
        highdim.sweep(GRID, tmp_path / "runs.sqlite")
    monkeypatch.setattr(sweeping, "run_one", original)
    with Store(tmp_path / "runs.sqlite", library_version()) as store:
        assert len(store) == 4
        assert all(one.key in store for one in done)
    assert without_time(highdim.sweep(GRID, tmp_path / "runs.sqlite")) == without_time(rows)


def test_processes_write_the_same_rows(tmp_path, rows):
    assert without_time(highdim.sweep(GRID, tmp_path / "runs.sqlite", n_jobs=2)) == without_time(
        rows
    )


def test_a_cluster_writes_the_same_rows(tmp_path, rows):
    distributed = pytest.importorskip("distributed")
    options = {
        "n_workers": 2,
        "threads_per_worker": 1,
        "processes": True,
        "dashboard_address": None,
    }
    with distributed.LocalCluster(**options) as cluster, distributed.Client(cluster):
        found = highdim.sweep(GRID, tmp_path / "runs.sqlite", n_jobs=2, backend="dask")
    assert without_time(found) == without_time(rows)


def test_dask_is_asked_for_before_a_store_is_begun(tmp_path, monkeypatch):
    store = tmp_path / "runs.sqlite"
    if find_spec("distributed"):
        with pytest.raises(ValueError, match="`backend` dask needs the workers of a distributed"):
            highdim.sweep(GRID, store, backend="dask")
    monkeypatch.setitem(sys.modules, "distributed", None)
    with pytest.raises(ModuleNotFoundError, match="`backend` needs Dask, which is not installed"):
        highdim.sweep(GRID, store, backend="dask")
    assert not list(tmp_path.iterdir())


QUICK_SWEEP = """
import importlib, time
import highdim
sweeping = importlib.import_module("highdim.sweeps.sweep")

def quick(one):
    time.sleep(pause)
    return {"value": one.p * one.seed, "text": "x" * 2000}

sweeping.run_one = quick
highdim.sweep(highdim.grid(m=10, d=5, p=(0.1, 0.2, 0.3), seed=range(400)), path)
"""


def quick_sweep(path, pause):
    """Start the sweep in a process of its own, forked from one that has imported the package."""
    processes = multiprocessing.get_context("forkserver")
    processes.set_forkserver_preload(["highdim.sweeps.sweep"])
    child = processes.Process(target=exec, args=(QUICK_SWEEP, {"path": path, "pause": pause}))
    child.start()
    return child


def test_sigkill_loses_nothing_and_repeats_nothing(tmp_path):
    """Twenty kills at random moments, then to the end: the rows of an uninterrupted run."""
    path, moments = tmp_path / "runs.sqlite", random.Random(0)
    seen, interrupted = dict[str, str](), 0
    for _ in range(KILLS):
        child = quick_sweep(path, pause=0.004)
        wait_for_rows(path, len(seen), child)
        time.sleep(moments.uniform(0.0, 0.05))
        interrupted += child.is_alive()
        child.kill()
        child.join()
        now = stored(path)
        assert seen.items() <= now.items()
        assert len(now) > len(seen)
        seen = now
    assert interrupted == KILLS
    last = quick_sweep(path, pause=0.0)
    last.join()
    assert last.exitcode == 0
    grid = highdim.grid(m=10, d=5, p=(0.1, 0.2, 0.3), seed=range(400))
    expected = {key_of(one.key): {"value": one.p * one.seed, "text": "x" * 2000} for one in grid}
    assert {key: json.loads(result) for key, result in stored(path).items()} == expected


def stored(path):
    with closing(sqlite3.connect(path)) as connection:  # also where the table is not there yet
        pairs = connection.execute("SELECT key, result FROM runs").fetchall()
    assert len(dict(pairs)) == len(pairs)
    return dict(pairs)


def wait_for_rows(path, more_than, child):
    """Wait until the child has written a row."""
    while child.is_alive():
        try:
            if path.exists() and len(stored(path)) > more_than:
                return
        except sqlite3.OperationalError:  # the tables are being made
            pass
        time.sleep(0.01)


def test_the_door(tmp_path):
    with pytest.raises(
        TypeError, match="`depht` is no field of RunConfig; fields are batch_size, "
    ):
        highdim.grid(m=10, d=5, p=0.1, depht=3)
    with pytest.raises(ValueError, match="`p` must not be empty"):
        highdim.grid(m=10, d=5, p=[])
    with pytest.raises(ValueError, match="`backend` must be one of loky, dask, got 'spark'"):
        highdim.sweep(GRID, tmp_path / "runs.sqlite", backend="spark")
    with pytest.raises(ValueError, match="`n_jobs` must be an integer >= 1"):
        highdim.sweep(GRID, tmp_path / "runs.sqlite", n_jobs=0)
    for wrong in (3, "runs", [GRID[0], {"m": 5}]):
        with pytest.raises(TypeError, match="`configurations` must be RunConfigs, got"):
            highdim.sweep(wrong, tmp_path / "runs.sqlite")
    assert highdim.sweep([], tmp_path / "runs.sqlite") == ()


@pytest.mark.parametrize(
    ("settings", "error", "message"),
    [
        ({"method": "adam"}, ValueError, "`method` must be one of"),
        ({"loss": np.array([1.0])}, ValueError, "`loss` must be one of"),
        ({"distribution": "cube"}, ValueError, "`distribution` must be one of"),
        ({"scheme": "xavier"}, ValueError, "`scheme` must be one of"),
        ({"dtype": "float16"}, ValueError, "`dtype` must be one of"),
        ({"reduction": "none"}, ValueError, "`reduction` must be one of"),
        ({"bias": "no"}, TypeError, "`bias` must be a bool, got 'no'"),
        ({"train_output": False, "width": 7}, ValueError, "`width` must be even"),
        ({"method": "sgd"}, ValueError, "`batch_size` must be given"),
        ({"method": "sgd", "batch_size": 10**6}, ValueError, "`batch_size` must be at most"),
        ({"scale": 0.0}, ValueError, "`scale` must be positive"),
        ({"error_samples": 1}, ValueError, "`error_samples` must be an integer >= 2"),
    ],
    ids=lambda value: next(iter(value)) if isinstance(value, dict) else None,
)
def test_what_cannot_be_trained_is_refused_before_anything_is(settings, error, message):
    with pytest.raises(error, match=message):
        replace(GRID[0], **settings)


def test_a_run_that_diverges_has_a_record_without_infinities():
    settings = {"method": "gd", "loss": "exponential", "learning_rate": 1e8, "reduction": "sum"}
    one = highdim.RunConfig(8, 4, 0.2, width=6, flow_time=1e12, error_samples=100, **settings)
    row = measuring.run_one(one)
    assert row["status"] == "diverged"
    assert row["loss_reached"] is None
    json.dumps(row, allow_nan=False)
