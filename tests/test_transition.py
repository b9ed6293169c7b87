"""Benchmarks from the line to many dimensions: KKT points beside the optimum and other rules, and
whether optima are unique.
"""

import importlib
import json

import numpy as np
import pytest
from matplotlib.image import imread


def load(name):
    """Import a script of benchmarks/."""
    return importlib.import_module(f"benchmarks.{name}")


def keys_of(script, rows):
    return [script.SCRIPT.key_of(row) for row in rows]


@pytest.fixture(scope="module")
def crossing(tmp_path_factory):
    script = load("transition")
    store = tmp_path_factory.mktemp("crossing") / "transition.csv"
    assert script.SCRIPT.main(["--preset", "tiny", "--store", str(store)]) == 0
    return script, script.SCRIPT.load(store), store


def test_from_tempered_to_benign(crossing):
    script, rows, store = crossing
    assert keys_of(script, rows) == script.PRESETS["tiny"]
    for row in rows:
        assert row.lower <= row.upper * (1.0 + 1e-12)
        assert row.solved == (row.d <= script.SOLVED or row.upper <= row.lower * (1.0 + 1e-6))
        if row.kkt is not None:
            assert row.kkt == "HOLDS"
            assert row.ratio >= 1.0 - 1e-9
        assert (row.half_space is None) <= (row.d < row.m)
    line = rows[0]
    assert (line.d, line.ratio) == (1, pytest.approx(1.0, abs=1e-9))
    assert 10.0**line.log10_kkt == pytest.approx(line.nearest_neighbour)
    assert imread(store.with_suffix(".png")).std() > 0.05
    found = script.findings(rows)
    assert json.loads(store.with_suffix(".json").read_text())["findings"] == found


def test_half_spaces_by_hand():
    script = load("transition")
    sphere = script.highdim.SphereSample
    two = sphere(np.array([[1.0, 0.0], [-1.0, 0.0]]), [1.0, -1.0])
    assert script.half_space(two, [0]) == pytest.approx(0.5)
    near = sphere(np.array([[1.0, 0.0], [0.0, 1.0]]), [1.0, -1.0])
    assert script.half_space(near, [0]) == pytest.approx(0.5)
    cap = sphere(np.array([[0.0, 1.0], [1.0, 0.0], [-1.0, 0.0]]), [-1.0, 1.0, 1.0])
    assert script.half_space(cap, [0]) == pytest.approx(1.0 / 3.0, abs=1e-6)
    crossed = sphere(np.concatenate((np.eye(2), -np.eye(2))), [1.0, -1.0, 1.0, -1.0])
    assert script.half_space(crossed, [0]) is None


@pytest.mark.parametrize("d", [2, 3, 4, 10, 50])
def test_stored_errors_of_other_rules_are_those_of_the_package(d):
    """Points next to a border may change sides with the processor."""
    script = load("transition")
    row = next(row for row in script.SCRIPT.committed() if (row.d, row.m, row.p) == (d, 20, 0.2))
    words = [script.ENTROPY, d, 20, row.seed]
    found = script._rules(script.ends.draw_sample(20, d, 4, words), [*words, 3])
    assert found["nearest_neighbour"] == pytest.approx(row.nearest_neighbour, abs=1e-4)
    assert found["kernel"] == pytest.approx(row.kernel, abs=1e-4)
    assert found["half_space"] == (row.half_space and pytest.approx(row.half_space, rel=1e-6))


def test_unique_optima():
    script = load("unique_optima")
    one = script.measure(2, 10, 0.2, 0)
    assert one.unique == "net"
    assert one.contacts == one.rank == one.width
    # two antipodal data: no matter how neurons share a linear function
    sample = script.highdim.SphereSample(np.array([[1.0, 0.0], [-1.0, 0.0]]), [1.0, -1.0])
    optimum = script.highdim.max_margin(sample)
    directions, signs = script.contacts(sample, optimum.multipliers / optimum.gain)
    gains = np.maximum(directions @ script.lifted(sample.X).T, 0.0)
    values = gains @ (sample.y * optimum.multipliers / optimum.gain)
    np.testing.assert_allclose(values, signs, atol=1e-6)
    found = script.contacts(sample, 0.5 * optimum.multipliers / optimum.gain)[0]
    assert not len(found)
    assert script.largest(np.eye(2), np.eye(2, 3), np.ones(2)) == pytest.approx(1.0)
    # σ(t) − σ(−t) − σ(s) + σ(−s) = t − s
    pair = np.array([[1.0, 0.0, 0.0], [-1.0, 0.0, 0.0]])
    pairs = np.concatenate((pair, pair))
    assert script.largest(np.array([[1.0], [-1.0], [-1.0], [1.0]]), pairs, np.ones(4)) < 1e-15


def test_the_committed_tables():
    """What the README says of them."""
    script = load("transition")
    rows = script.SCRIPT.committed()
    assert keys_of(script, rows) == script.PRESETS["two-core"]
    found = script.findings(rows)
    assert found["runs"] == 312
    ends = found["ends"]
    optimal = {
        d: (
            sum(one["optimal"] for name, one in ends.items() if f"d = {d}" in name.split(", ")),
            sum(one["compared"] for name, one in ends.items() if f"d = {d}" in name.split(", ")),
        )
        for d in (1, 2, 3, 4, 5, 200)
    }
    known = {1: (48, 48), 2: (7, 23), 3: (14, 48), 4: (10, 36), 5: (5, 12), 200: (7, 7)}
    assert optimal == known
    shown = found["groups"]["m = 20, d = 200, p = 0.2"]
    assert round(shown["kkt"], 3) == 0.018
    assert round(shown["half_space"], 3) == 0.014
    unique = load("unique_optima")
    rows = load("frame").file_of(unique.Row, unique.RESULTS).read()
    kinds = [row.unique for row in rows]
    assert len(rows) == sum(3 * count for count in unique.SIZES.values()) == 150
    assert {kind: kinds.count(kind) for kind in set(kinds)} == {
        "net": 119,
        "function": 30,
        "open": 1,
    }
    assert min(row.least for row in rows) > 1e-6
    assert max(row.dropped for row in rows) < 1e-13
