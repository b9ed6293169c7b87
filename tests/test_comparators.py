"""The benchmark of other rules on the line, at tiny size, and its committed table."""

import json
from dataclasses import replace
from importlib import import_module

import numpy as np
import pytest
from matplotlib.image import imread

import univariate

script = import_module("benchmarks.comparators")


@pytest.fixture(scope="module")
def tiny(tmp_path_factory):
    store = tmp_path_factory.mktemp("tiny") / "comparators.csv"
    assert script.SCRIPT.main(["--preset", "tiny", "--store", str(store)]) == 0
    return script.SCRIPT.load(store), store


def without_time(rows):
    return [replace(row, seconds=0.0) for row in rows]


def test_rows_are_complete_and_enclosed(tiny):
    rows, store = tiny
    assert [script.SCRIPT.key_of(row) for row in rows] == script.SCRIPT.presets["tiny"]
    for row in rows:
        assert 0.0 <= row.low <= row.clean_error <= row.high <= row.low + 1e-11
    about = json.loads(store.with_suffix(".json").read_text())
    assert about["findings"] == json.loads(json.dumps(script.findings(rows)))
    assert imread(store.with_suffix(".png")).std() > 0.05


def test_a_lost_row_is_done_again_and_is_the_same(tiny, tmp_path):
    rows, store = tiny
    copy = tmp_path / store.name
    lines = store.read_text().splitlines(keepends=True)
    copy.write_text("".join([*lines[:5], *lines[6:]]))
    copy.with_suffix(".json").write_text(store.with_suffix(".json").read_text())
    again = script.SCRIPT.compute(script.SCRIPT.presets["tiny"], copy)
    assert without_time(again) == without_time(rows)


def test_rows_are_what_the_library_says(tiny):
    rows, _ = tiny
    points = (np.arange(20_000) + 0.5) / 20_000
    for row in rows[:: len(rows) // 12]:
        sample = script.draw_sample(row)
        values = script.RULES[row.rule](sample)(points)
        truth = 1.0 if row.truth == "constant" else np.where(points < script.BORDER, -1.0, 1.0)
        assert row.clean_error == pytest.approx(np.mean(truth * values <= 0.0), abs=2e-3)
        if row.rule == "1-NN" and row.truth == "constant":
            known = univariate.nearest_neighbour_clean_error(sample)
            assert row.clean_error == known.value


def test_both_truths_flip_the_same_labels():
    key = script.Key(50, 0.3, "constant", "1-NN", 0)
    one, other = (script.draw_sample(replace(key, truth=truth)) for truth in script.TRUTHS)
    assert np.array_equal(one.x, other.x)
    assert np.array_equal(one.y == other.y, one.x >= script.BORDER)


@pytest.mark.parametrize(("m", "k"), [(2, 1), (100, 5), (1_000, 7), (100_000, 11)])
def test_odd_logarithms(m, k):
    assert script.odd_logarithm(m) == k
    assert abs(k - np.log(m)) <= 1.0


def test_committed_table_shows_one_exponent_decide():
    rows = script.SCRIPT.committed()
    assert [script.SCRIPT.key_of(row) for row in rows] == script.SCRIPT.presets["full"]
    means = script.findings(rows)["means"]
    for p in map("{:g}".format, script.LEVELS):
        constant, step = (
            {rule: means[truth][rule][p] for rule in script.RULES} for truth in script.TRUTHS
        )
        # tempered: the nearest neighbour, and exponents above 1
        assert constant["1-NN"]["100000"] == pytest.approx(float(p), rel=0.05)
        assert constant["NW 8"]["100000"] > 0.85 * constant["1-NN"]["100000"]
        # benign: falling slowly; catastrophic: all of the minority's quarter
        falling = [constant["NW 1"][m] for m in ("100", "1000", "10000", "100000")]
        assert falling == sorted(falling, reverse=True)
        assert step["NW 0.5"]["100000"] == pytest.approx(script.BORDER, abs=1e-3)
    for row in rows:
        assert row.low <= row.clean_error <= row.high <= row.low + 1e-9
