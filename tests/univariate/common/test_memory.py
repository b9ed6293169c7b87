"""Sizes far beyond the machine's memory."""

import os
import shlex
import sys
from subprocess import run

import numpy as np
import pytest

import highdim as h
import univariate as u
from univariate.common import memory


@pytest.fixture(autouse=True)
def _fresh():
    memory.physical_memory.cache_clear()
    yield
    memory.physical_memory.cache_clear()


def test_what_exceeds_memory_is_refused_and_what_does_not_is_drawn(monkeypatch):
    monkeypatch.setattr(memory, "physical_memory", lambda: 48 * 1000)
    assert u.draw_sample(1000, 0.1, rng=0).size == 1000
    rule = "`m` must leave room in memory, got 1,001: drawing so many observations would take 4.8"
    with pytest.raises(ValueError, match=rule):
        u.draw_sample(1001, 0.1, rng=0)
    assert h.draw_sphere_sample(60, 100, 0.1, rng=0).X.nbytes == 48 * 1000
    with pytest.raises(ValueError, match="`d` must leave room in memory, got 101: 60 inputs in"):
        h.draw_sphere_sample(60, 101, 0.1, rng=0)
    assert h.init_network(60, 100, rng=0).width == 60
    with pytest.raises(ValueError, match="`width` must leave room in memory, got 121: a net of"):
        h.init_network(121, 50, rng=0)


def test_a_study_is_refused_before_its_first_row(monkeypatch, tmp_path):
    monkeypatch.setattr(memory, "physical_memory", lambda: 48 * 1000)
    path = tmp_path / "rows.csv"
    with pytest.raises(ValueError, match="`sizes` must leave room in memory, got 1,001"):
        next(u.compare({"nn": u.NearestNeighbours}, [5, 1001], [0.1], [0], path))
    runs = h.grid(m=5, d=(10, 2000), p=0.1, width=4)
    with pytest.raises(ValueError, match="`d` must leave room in memory, got 2,000"):
        h.sweep(runs, tmp_path / "runs.sqlite")
    assert not list(tmp_path.iterdir())
    assert len(h.sweep(runs[:1], tmp_path / "runs.sqlite")) == 1
    with pytest.raises(ValueError, match="`d` must leave room in memory, got 2,000"):
        h.sweep(runs, tmp_path / "runs.sqlite")


def test_the_limit_of_a_container_counts(monkeypatch, tmp_path):
    monkeypatch.setattr(memory, "_LIMITS", ())
    whole = memory.physical_memory()
    assert whole is not None
    for text, found in (("max\n", whole), ("4096\n", 4096), (f"{2**63 - 4096}\n", whole)):
        (tmp_path / "limit").write_text(text)
        monkeypatch.setattr(memory, "_LIMITS", (str(tmp_path / "none"), str(tmp_path / "limit")))
        memory.physical_memory.cache_clear()
        assert memory.physical_memory() == found


def test_where_nobody_knows_nothing_is_refused(monkeypatch):
    monkeypatch.setattr(memory, "physical_memory", lambda: None)
    memory.require_memory("m", 10**30, 10**31, "that")
    assert np.isfinite(u.draw_sample(5, 0.1, rng=0).x).all()


@pytest.mark.skipif(sys.platform != "linux", reason="other systems do not limit addresses")
def test_commands_that_could_not_load_packages_end_in_a_line():
    """OpenBLAS asked for its buffers for ever, and SIGTERM did nothing."""
    command = f"ulimit -v 400000; exec {shlex.quote(sys.executable)} -m univariate report --m 5"
    # a buffer for each thread
    one = os.environ | {"OPENBLAS_NUM_THREADS": "1"}
    done = run(
        ["sh", "-c", command], check=False, capture_output=True, text=True, timeout=60, env=one
    )
    assert done.returncode == 2, done
    (line,) = done.stderr.splitlines()
    assert line == (
        "error: the limit of a process's addresses must be 0.5 GB or more, which packages take to"
        " load, got 0.41 GB; raise it (ulimit -v)"
    )


def test_a_limit_of_addresses_counts_as_memory(monkeypatch):
    whole = memory.physical_memory()
    memory.physical_memory.cache_clear()
    monkeypatch.setattr(memory, "_addresses", lambda: whole // 2)
    assert memory.physical_memory() == whole // 2
