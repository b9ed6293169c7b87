"""Sweeps that polish their nets to KKT points: what is recorded, and that stores go on."""

import json
from dataclasses import asdict, replace

import numpy as np
import pytest

import highdim
from highdim.sweeps.polishing import COLUMNS
from highdim.sweeps.screen import polish_lines, sweep_table
from highdim.sweeps.store import key_of

SMALL = {"width": 10, "error_precision": 0.2, "error_samples": 500}


@pytest.fixture(scope="module")
def rows(tmp_path_factory):
    runs = highdim.grid(m=8, d=(2, 40), p=0.2, flow_time=60.0, polish=True, **SMALL)
    return highdim.sweep(runs, tmp_path_factory.mktemp("polished") / "runs.sqlite")


def test_a_polished_run_tells_its_kkt_point(rows):
    for row in rows:
        assert set(COLUMNS) <= row.keys()
        assert row["polished_verdict"] == "HOLDS"
        assert row["polished_residual"] < 1e-9 < row["kkt_residual"]
        assert row["norm_ratio"] >= 1.0 - 1e-9
        assert row["optimum_ratio"] >= 1.0 - 1e-9
        assert row["polished_clean_error_low"] <= row["polished_clean_error"]
        assert row["polished_clean_error"] <= row["polished_clean_error_high"]
        assert row["polish_note"] == ""
    json.dumps(rows, allow_nan=False)


def test_the_record_is_that_of_the_functions(rows):
    one = highdim.RunConfig(8, 40, 0.2, flow_time=60.0, **SMALL)
    start = highdim.init_network(10, 40, rng=np.random.default_rng(one.words(2)))
    trained = highdim.gradient_flow(start, one.sample(), flow_time=60.0, dtype="float32").net
    point = highdim.kkt_point(trained, one.sample())
    row = next(row for row in rows if row["d"] == 40)
    assert row["polished_norm_squared"] == pytest.approx(point.certificate.norm_squared, rel=1e-4)
    assert row["polished_neurons"] == point.neurons


def test_nothing_else_changes(tmp_path, rows):
    plain = highdim.grid(m=8, d=(2, 40), p=0.2, flow_time=60.0, **SMALL)
    for one, row in zip(highdim.sweep(plain, tmp_path / "runs.sqlite"), rows, strict=True):
        same = one.keys() - {"polish", "seconds"}
        assert {name: one[name] for name in same} == {name: row[name] for name in same}


def test_what_cannot_be_polished_says_why(tmp_path):
    runs = highdim.grid(m=8, d=2, p=0.2, flow_time=1e-3, polish=True, **SMALL)
    (row,) = highdim.sweep(runs, tmp_path / "runs.sqlite")
    assert "`net` must interpolate" in row["polish_note"]
    assert row["polished_verdict"] is None
    assert row["norm_ratio"] is None


def test_a_defect_ends_the_sweep(tmp_path, monkeypatch):
    def fail(*_, **__):
        raise ValueError("operands could not be broadcast together")

    monkeypatch.setattr("highdim.sweeps.polishing.kkt_point", fail)
    runs = highdim.grid(m=8, d=2, p=0.2, flow_time=1e-3, polish=True, **SMALL)
    with pytest.raises(ValueError, match="broadcast"):
        highdim.sweep(runs, tmp_path / "runs.sqlite")


def test_the_screen_says_how_many_could_not_be_polished_and_why(tmp_path, rows, monkeypatch):
    monkeypatch.setattr("highdim.standing.kkt_point.LARGEST", 3)
    runs = highdim.grid(m=8, d=2, p=(0.2, 0.3), flow_time=(1e-3, 60.0), polish=True, **SMALL)
    refused = highdim.sweep(runs, tmp_path / "runs.sqlite")
    notes = [row["polish_note"] for row in refused]
    large = [note for note in notes if "at most 3 pairs" in note]
    small = [note for note in notes if "must interpolate" in note]
    assert len(large) == len(small) == 2
    lines = polish_lines([*rows, *refused])
    assert lines[0] == f"{len(rows)} of {len(rows) + 4} polished to a certified KKT point."
    assert any(large[0] in line and line.startswith("2 of 6 could not") for line in lines[1:])
    assert any(small[0] in line and line.startswith("2 of 6 could not") for line in lines[1:])
    assert len(lines) == 3
    assert polish_lines([row | {"polish": False} for row in rows]) == []


def test_the_table_shows_certified_kkt_points_below_the_nets(rows):
    low, high = (next(row for row in rows if row["d"] == d) for d in (2, 40))
    undecided = low | {"polished_verdict": "UNDECIDED", "polished_clean_error": 0.9}
    table = sweep_table([low, undecided, high])
    cells = {column.header: list(column.cells) for column in table.columns}
    assert cells["net"] == ["trained", "KKT point"] * 2
    assert cells["interpolate"] == ["2/2", "1/2", "1/1", "1/1"]
    points = [f"{row['polished_clean_error']:.3g}" for row in (low, high)]
    assert cells["0.2"][1::2] == points
    assert cells["0.2"][0::2] == [f"{row['clean_error']:.3g}" for row in (low, high)]
    plain = sweep_table([row | {"polish": False} for row in rows])
    assert "net" not in [column.header for column in plain.columns]
    assert plain.row_count == 2


def test_stores_of_before_go_on(tmp_path, monkeypatch):
    """A key without the field is that of a run that is not polished, and a polished one another."""
    plain = highdim.RunConfig(8, 2, 0.2, **SMALL)
    assert key_of(plain.key) == key_of(
        {name: value for name, value in asdict(plain).items() if name != "polish"}
    )
    polished = replace(plain, polish=True)
    assert key_of(polished.key) == key_of(asdict(polished))
    store = tmp_path / "runs.sqlite"
    both = highdim.sweep([plain, polished], store)
    assert [row["polish"] for row in both] == [False, True]
    monkeypatch.setattr("highdim.sweeps.sweep.run_one", None)
    assert highdim.sweep([plain, polished], store) == both


def test_three_layers_are_not_polished():
    with pytest.raises(ValueError, match="`polish` must be left out at depth 3"):
        highdim.RunConfig(8, 2, 0.2, depth=3, polish=True)
