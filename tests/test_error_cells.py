"""The benchmark of where max-margin nets on the circle err: its splitting against brute force."""

import json
from dataclasses import replace
from importlib import import_module

import numpy as np
import pytest
from matplotlib.image import imread

import highdim

script = import_module("benchmarks.error_cells")
PLACES = 50_000


def drawn(seed, m, *, minus=0.4):
    rng = np.random.default_rng(seed)
    y = np.where(rng.random(m) < minus, -1.0, 1.0)
    y[:2] = 1.0, -1.0
    return highdim.SphereSample(unit(rng.uniform(-np.pi, np.pi, m)), y)


def unit(angles):
    return np.column_stack((np.cos(angles), np.sin(angles)))


def zones_of_places(phi, sample):
    """By loops: the nearest datum, steps to a noisy one each way, and what lies on that side."""
    angles = np.arctan2(sample.X[:, 1], sample.X[:, 0])
    order = np.argsort(angles)
    m = len(order)
    found = []
    for place in phi:
        apart = (angles[order] - place + np.pi) % (2.0 * np.pi) - np.pi
        k = int(np.argmin(np.abs(apart)))
        labels = [sample.y[order[(k + step) % m]] for step in range(-m, m + 1)]
        away = min(abs(step) for step in range(-m, m + 1) if labels[step + m] < 0.0)
        # a place before its datum lies towards the datum before
        neighbour = labels[m - 1] if apart[k] > 0.0 else labels[m + 1]
        facing = away == 1 and neighbour < 0.0
        found.append("facing" if facing else ("noisy", "one", "two", "farther")[min(away, 3)])
    return np.array(found)


@pytest.mark.parametrize(("seed", "m"), [(0, 2), (1, 3), (2, 7), (3, 12), (4, 30)])
def test_parts_are_those_of_many_places(seed, m):
    sample = drawn(seed, m, minus=0.2)
    net = highdim.init_network(9, 2, rng=seed)
    error = highdim.clean_error(net)
    phi = -np.pi + (np.arange(PLACES) + 0.5) * 2.0 * np.pi / PLACES
    wrong = net(unit(phi)) <= 0.0
    where = zones_of_places(phi, sample)
    circle = script.Circle(sample)
    sizes = circle.by_zone(np.diff(circle.ends)[:, 0] / (2.0 * np.pi))
    parts = circle.by_zone(circle.held(error.intervals))
    # a place is decided alike on its whole step, but for the steps that hold an end of something
    off = (2 * m + 2 * len(error.intervals) + 2) / PLACES
    for name in script.ZONES:
        assert sizes[name] == pytest.approx(np.mean(where == name), abs=off)
        assert parts[name] == pytest.approx(np.mean(wrong & (where == name)), abs=off)
        assert parts[name] <= sizes[name] + 1e-15
    assert sum(sizes.values()) == pytest.approx(1.0, abs=1e-14)
    assert sum(parts.values()) == pytest.approx(error.value, abs=1e-14)


@pytest.mark.parametrize("seed", range(6))
def test_parts_are_those_of_the_owners_of_errors(seed):
    sample = drawn(seed, 9)
    net = highdim.init_network(7, 2, rng=seed)
    error = highdim.clean_error(net, sample=sample)
    if error.intervals is None or not len(error.intervals):
        return
    parts = script.Circle(sample)
    held = parts.by_zone(parts.held(error.intervals))
    assert held["noisy"] == pytest.approx(error.regions.owners[sample.y < 0.0].sum(), abs=1e-14)


def test_zones_by_hand():
    """Eight data at equal distances, one of them noisy, at angle 0; all the circle in error."""
    sample = highdim.SphereSample(unit(np.arange(8) * np.pi / 4.0), [-1.0] + [1.0] * 7)
    circle = script.Circle(sample)
    whole = np.array([[-np.pi, np.pi]])
    expected = {"noisy": 2, "facing": 2, "one": 2, "two": 4, "farther": 6}
    found = circle.by_zone(circle.held(whole))
    assert found == pytest.approx({name: part / 16.0 for name, part in expected.items()})
    assert script.cells_away(sample.y < 0.0).tolist() == [0, 1, 2, 3, 4, 3, 2, 1]
    assert not circle.held(np.zeros((0, 2))).any()


def test_islands_hold_no_observation():
    sample = highdim.SphereSample(unit(np.array([0.0, 3.0])), [1.0, -1.0])
    assert script.islands(np.array([[1.0, 2.0], [2.5, 3.1]]), sample) == 1
    assert script.islands(np.array([[-np.pi, -3.0], [-0.1, 0.1], [3.1, np.pi]]), sample) == 1
    assert script.islands(np.array([[-np.pi, -3.0], [2.9, np.pi]]), sample) == 0
    assert script.islands(np.array([[-np.pi, np.pi]]), sample) == 0
    assert script.islands(np.zeros((0, 2)), sample) == 0


def test_ratios_of_means():
    found = script.ratio("part", [1.0, 2.0, 3.0], np.array([2.0, 4.0, 6.0]))
    assert found == {"part": pytest.approx(0.5), "part_error": pytest.approx(0.0, abs=1e-15)}
    assert script.ratio("part", [1.0], [4.0]) == {"part": 0.25, "part_error": None}
    rng = np.random.default_rng(0)
    wholes = 1.0 + rng.random((2000, 50))
    parts = wholes * rng.random((2000, 50))
    ratios = [script.ratio("r", *one) for one in zip(parts, wholes, strict=True)]
    spread = np.std([one["r"] for one in ratios])
    assert np.mean([one["r_error"] for one in ratios]) == pytest.approx(spread, rel=0.1)


@pytest.fixture(scope="module")
def tiny(tmp_path_factory):
    store = tmp_path_factory.mktemp("tiny") / "error_cells.csv"
    assert script.SCRIPT.main(["--preset", "tiny", "--store", str(store)]) == 0
    return script.SCRIPT.load(store), store


def check(row):
    """What holds for every row."""
    parts = [getattr(row, name) for name in script.ZONES]
    assert row.low <= row.clean_error <= row.high
    assert sum(parts) == pytest.approx(row.clean_error, abs=1e-13)
    assert row.noisy <= row.nearest_neighbour + 1e-13
    assert (row.between > script.ROUNDING) <= (row.islands > 0)
    sizes = row.nearest_neighbour, row.all_facing, row.all_one, row.all_two, row.all_farther
    assert sum(sizes) == pytest.approx(1.0, abs=1e-13)
    assert (row.farthest >= 3) == (row.farther > script.ROUNDING)


def test_rows_resume_and_are_drawn(tiny, tmp_path):
    rows, store = tiny
    assert [script.SCRIPT.key_of(row) for row in rows] == script.PRESETS["tiny"]
    for row in rows:
        check(row)
    assert imread(store.with_suffix(".png")).std() > 0.05
    about = json.loads(store.with_suffix(".json").read_text())
    assert about["findings"] == json.loads(json.dumps(script.findings(rows)))
    copy = tmp_path / store.name
    lines = store.read_text().splitlines(keepends=True)
    copy.write_text("".join([*lines[:2], *lines[3:]]))
    copy.with_suffix(".json").write_text(store.with_suffix(".json").read_text())
    again = script.SCRIPT.compute(script.PRESETS["tiny"], copy)
    untimed = [[replace(row, seconds=0.0) for row in some] for some in (again, rows)]
    assert untimed[0] == untimed[1]


def test_the_committed_table():
    """What the README says of it."""
    rows = script.SCRIPT.committed()
    assert [script.SCRIPT.key_of(row) for row in rows] == script.PRESETS["two-core"]
    for row in rows:
        check(row)
    found = script.findings(rows)
    assert (found["runs"], found["optimal"], found["farthest"]) == (640, 635, 20)
    assert found["largest_gap"] < 5e-7
    shares = {}
    for m in (10, 20, 160):
        mine = [row for row in rows if row.m == m]
        errors = [row.clean_error for row in mine]
        shares[m] = script.ratio("outside", [row.outside for row in mine], errors)["outside"]
        assert (m == 10) == all(row.between < script.ROUNDING for row in mine)
    assert {m: round(share, 2) for m, share in shares.items()} == {10: 0.17, 20: 0.12, 160: 0.03}
    large = [row for row in rows if row.m >= 40]
    assert sum(row.between > script.ROUNDING for row in large) == 54
    assert len(large) == 240
    for p, outside, between, spared in ((0.1, 0.11, 0.066, 0.24), (0.4, 0.055, 0.007, 0.12)):
        mine = [row for row in large if row.p == p]
        errors = [row.clean_error for row in mine]
        nearest = [row.nearest_neighbour for row in mine]
        for name, expected, wholes in (
            ("outside", outside, errors),
            ("between", between, errors),
            ("spared", spared, nearest),
        ):
            part = script.ratio(name, [getattr(row, name) for row in mine], wholes)[name]
            assert part == pytest.approx(expected, abs=0.005)
