"""The benchmarks on Theorems 4.1, 4.3 and on the role of the bias, at tiny size, and their
committed tables.
"""

import json
import os
from dataclasses import fields, replace
from importlib import import_module
from math import isfinite, log10
from pathlib import Path

import numpy as np
import pytest
from matplotlib.image import imread
from scipy.stats import linregress

import highdim
from highdim.standing.kkt import kkt_certificate

NAMES = ("theorem_4_1", "theorem_4_3", "role_of_bias")
ROUNDING = 1e-9
"""Relative: a table's summary goes through fits, logarithms and quantiles of a few hundred rows."""
RESULTS = Path(__file__).parents[1] / "benchmarks" / "results"
columns = import_module("benchmarks.columns")
ends = import_module("benchmarks.ends")
command = import_module("benchmarks.command")
frame = import_module("benchmarks.frame")
SCRIPTS = {name: import_module(f"benchmarks.{name}") for name in NAMES}


@pytest.fixture(scope="module")
def tiny(tmp_path_factory):
    """Return a function: name → script, its tiny table, and where that lies; made once."""
    folder, made = tmp_path_factory.mktemp("tiny"), {}

    def table(name):
        if name not in made:
            script, store = SCRIPTS[name], folder / f"{name}.csv"
            assert script.SCRIPT.main(["--preset", "tiny", "--store", str(store)]) == 0
            made[name] = (script, script.SCRIPT.load(store), store)
        return made[name]

    return table


def assert_same(found, expected):
    """Assert that two JSON values agree, floats to what another processor's libraries may make of
    them.
    """
    if isinstance(expected, dict):
        assert list(found) == list(expected)
        found, expected = list(found.values()), list(expected.values())
    if isinstance(expected, list):
        for one, other in zip(found, expected, strict=True):
            assert_same(one, other)
    elif isinstance(expected, float):
        assert found == pytest.approx(expected, rel=ROUNDING)
    else:
        assert found == expected


def without_time(rows):
    return [replace(row, seconds=0.0) for row in rows]


@pytest.mark.parametrize("name", NAMES)
def test_rows_are_complete_and_consistent(tiny, name):
    script, rows, _ = tiny(name)
    assert [script.SCRIPT.key_of(row) for row in rows] == script.PRESETS["tiny"]
    for row in rows:
        assert row.log10_low <= row.log10_clean_error <= row.log10_high
        assert row.interpolates == (row.norm_squared is not None) == (row.kkt is not None)
        assert row.wrong == 0 or not row.interpolates
        assert row.starts == ends.STARTS or row.interpolates
        assert row.flow_time > 0.0
        assert row.steps > 0
        assert row.polished == (row.neurons is not None)
        if row.polished:
            assert row.kkt == "HOLDS"
            assert row.accuracy <= 1e-9


@pytest.mark.parametrize("name", NAMES)
def test_command_draws_and_keeps_its_findings(tiny, name):
    script, rows, store = tiny(name)
    assert imread(store.with_suffix(".png")).std() > 0.05
    about = json.loads(store.with_suffix(".json").read_text())
    assert about["findings"] == json.loads(json.dumps(script.findings(rows), allow_nan=False))
    assert about["configuration"] == script.SCRIPT.configuration
    assert script.summary_table(about["findings"]).row_count > 0 or script is SCRIPTS["theorem_4_1"]


@pytest.mark.parametrize("name", NAMES)
def test_a_lost_row_is_done_again_and_is_the_same(tiny, name, tmp_path):
    script, rows, store = tiny(name)
    copy = tmp_path / store.name
    lines = store.read_text().splitlines(keepends=True)
    # the first row gone, the last cut by a kill
    copy.write_text("".join([lines[0], *lines[2:-1], lines[-1][:20]]))
    copy.with_suffix(".json").write_text(store.with_suffix(".json").read_text())
    wanted = [script.SCRIPT.key_of(row) for row in rows[:-1]]
    again = script.SCRIPT.compute(wanted, copy)
    assert without_time(again) == without_time(rows[:-1])
    assert script.SCRIPT.load(copy) == again
    os.utime(copy, ns=(1, 1))
    assert script.SCRIPT.compute(wanted, copy) == again
    assert copy.stat().st_mtime_ns == 1  # what has its order is left alone


def test_theorem_4_1_rows(tiny):
    _, rows, _ = tiny("theorem_4_1")
    for row in rows:
        assert row.interpolates
        assert row.lower <= row.norm_squared * (1.0 + 1e-12)  # weak duality
        assert row.lower <= row.upper_with_net <= min(row.upper, row.norm_squared * (1.0 + 1e-9))
        assert row.norm_squared <= row.flow_norm_squared <= row.early_norm_squared
        assert row.c4_low <= row.c4_high
        assert min(1.0, row.clean_error) <= row.epsilon_levy <= 1.0
        assert min(1.0, row.clean_error) <= row.epsilon_proof <= 1.0
        assert row.hypotheses_hold + row.hypotheses_fail + row.hypotheses_undecided == 8
        assert row.conclusion == ("HOLDS" if row.log10_high <= log10(0.01) else "FAILS")
    for p in (0.1, 0.3):
        errors = [row.log10_clean_error for row in rows if row.p == p]
        assert errors == sorted(errors, reverse=True)  # falling in d/m


def test_rows_of_theorem_4_1_are_what_the_library_says(tiny):
    script, rows, _ = tiny("theorem_4_1")
    row = rows[-1]
    sample = script.draw_sample(row)
    end = ends.train(sample, script.WIDTH, [script.ENTROPY, 2, row.m, row.d, row.seed])
    assert kkt_certificate(end.net, sample).verdict.value == row.kkt
    assert np.min(sample.y * end.net(sample.X)) == pytest.approx(1.0, rel=1e-9)
    assert end.net.norm_squared == pytest.approx(row.norm_squared, rel=1e-9)
    assert float(end.net(np.zeros((1, row.d)))[0]) == pytest.approx(row.bias_sum, rel=1e-8)
    # another estimator
    plain = highdim.clean_error(end.net, method="points", samples=200_000, rng=0)
    assert plain.low <= row.clean_error <= plain.high


def test_theorem_4_3_rows(tiny):
    _, rows, _ = tiny("theorem_4_3")
    for row in rows:
        assert row.interpolates
        assert row.c1 == pytest.approx(row.minus / row.m * row.n**2)
        assert (row.b5 == "HOLDS") == (row.least_bias >= 0.0)
        assert (row.b9 == "HOLDS") == (row.bias_sum > 0.25)
        assert (row.b8 == "HOLDS") == (row.lambda_minus_high <= 2.5)
        assert (row.b7 == "HOLDS") == (row.lambda_plus_low >= 0.25 / row.n)
        assert row.dimension_b5 < row.dimension_b7 < row.dimension_b8
        assert row.negative_biases > 0 or row.least_bias >= 0.0
        assert row.fewest_active >= 1.0
        assert row.verdict == "UNDECIDED"  # d is too small for the theorem


def test_dimensions_that_are_enough():
    script = SCRIPTS["theorem_4_3"]
    base = script.SCRIPT.load(RESULTS / "theorem_4_3.csv")[0]
    rows = [
        replace(base, d=d, seed=k, b9=b9)
        for d, k, b9 in [
            (10, 0, "HOLDS"),
            (20, 0, "FAILS"),
            (20, 1, "HOLDS"),
            (40, 0, "HOLDS"),
            (80, 0, "HOLDS"),
        ]
    ]
    name = f"m = {base.m}, |I-| = {base.minus}, B.9"
    assert script.enough(rows)[name]["holds_from"] == 40
    assert script.enough(rows)[name]["share"] == pytest.approx(0.8)
    assert script.enough(rows[:2])[name]["holds_from"] is None
    assert script.enough(rows[2:])[name]["holds_from"] == 20


def test_rows_on_the_role_of_the_bias(tiny):
    _, rows, _ = tiny("role_of_bias")
    for row in rows:
        assert row.catastrophic > 0.5
        assert row.printed_bound == pytest.approx(2.0**-row.width, rel=1e-9)
        assert (row.width_two is None) == row.bias
        if row.width_two is not None:
            assert row.width_two >= 0.5  # Proposition 4.4
        if row.interpolates:
            assert row.norm_squared >= row.lower * (1.0 - 1e-12)
        if row.off is not None:
            assert row.clean_error >= row.off * 0.9  # zero counts as an error
    biased, bare = (
        [row for row in rows if row.bias is bias and row.width == 16] for bias in (True, False)
    )
    for one, other in zip(biased, bare, strict=True):
        assert other.clean_error > 2.0 * one.clean_error
    narrow = [row for row in rows if row.width == 2 and not row.bias]
    assert [row.interpolates for row in narrow] == [False]
    assert narrow[0].wrong > 0
    assert narrow[0].neurons is None


@pytest.mark.core
def test_samples_share_their_inputs_and_have_the_labels_asked_for():
    one, other = (ends.draw_sample(12, 30, minus, [1, 2]) for minus in (1, 5))
    assert np.array_equal(one.X, other.X)
    assert (int(np.sum(one.y < 0)), int(np.sum(other.y < 0))) == (1, 5)
    assert one.p == 1 / 12
    assert np.array_equal(ends.draw_sample(4, 9, 2, [1], orthonormal=True).gram, np.eye(4))
    script = SCRIPTS["role_of_bias"]
    key = script.Key("sphere", 10, 0.2, 4, 2, False, 0)
    assert np.array_equal(
        script.draw_sample(key).X, script.draw_sample(replace(key, width=16, bias=True)).X
    )


@pytest.mark.core
def test_fitted_line_agrees_with_scipy():
    rng = np.random.default_rng(0)
    x = rng.random(12)
    y = 3.0 - 2.0 * x + 0.1 * rng.standard_normal(12)
    found, known = ends.fitted_line(x.tolist(), y.tolist()), linregress(x, y)
    assert found.slope == pytest.approx(known.slope, rel=1e-12)
    # t at 10, 0.975
    assert 0.5 * (found.high - found.low) == pytest.approx(2.228138852 * known.stderr, rel=1e-9)
    assert found.points == 12
    assert ends.fitted_line([1.0, 1.0, 1.0], [1.0, 2.0, 3.0]) is None
    assert ends.fitted_line([1.0, 2.0], [1.0, 2.0]) is None


@pytest.mark.core
def test_prediction_is_that_of_the_orthogonal_limit():
    predicted = SCRIPTS["theorem_4_1"].log10_predicted
    for plus, minus, ratio in ((36, 4, 2.0), (24, 16, 100.0), (10, 10, 5.0)):
        known = highdim.orthogonal_limit(plus, minus).predicted_clean_error(
            round(ratio * (plus + minus))
        )
        assert predicted(plus, minus, ratio) == pytest.approx(log10(known), rel=1e-10)
    far = predicted(38, 2, 1000.0)  # below every double: −z²/2 − log(z √(2π)) to first order
    z = 36.0 / (2.0 * np.sqrt(76.0)) * np.sqrt(1000.0)
    assert far == pytest.approx(
        (-0.5 * z * z - np.log(z * np.sqrt(2.0 * np.pi))) / np.log(10.0), rel=1e-6
    )


def test_slopes_recover_an_exponential_law():
    script = SCRIPTS["theorem_4_1"]
    base = script.SCRIPT.load(RESULTS / "theorem_4_1.csv")[0]
    rows = [
        replace(base, p=0.2, ratio=r, seed=k, log10_clean_error=-0.3 - 0.1 * r)
        for r in (4.0, 8.0, 16.0)
        for k in range(2)
    ]
    found = script._slopes(rows)
    assert found["slope"] == pytest.approx(-0.1 * np.log(10.0), rel=1e-9)
    assert found["high"] - found["low"] <= 1e-9
    assert found["asymptotic"] == pytest.approx(-0.36 / (8.0 * 0.16))
    assert script._slopes(rows[:2]) is None


@pytest.mark.parametrize("name", NAMES)
def test_committed_table_is_what_this_version_writes(name):
    script, store = SCRIPTS[name], RESULTS / f"{name}.csv"
    rows = script.SCRIPT.load(store)
    assert store.read_text(encoding="utf-8").splitlines()[0].split(",") == [
        field.name for field in fields(script.Row)
    ]
    assert [script.SCRIPT.key_of(row) for row in rows] == script.PRESETS["two-core"]
    about = json.loads(store.with_suffix(".json").read_text(encoding="utf-8"))
    assert about["configuration"] == script.SCRIPT.configuration
    assert_same(about["findings"], json.loads(json.dumps(script.findings(rows), allow_nan=False)))
    assert imread(store.with_suffix(".png")).std() > 0.05
    for row in rows:
        assert row.log10_low <= row.log10_clean_error <= row.log10_high
        assert row.kkt != "HOLDS" or row.accuracy <= 1e-9
        assert row.wrong == 0 or not row.interpolates


def test_committed_rows_obey_what_is_proved():
    """Weak duality, and the bounds on the clean error that the nets' own numbers prove."""
    for row in SCRIPTS["theorem_4_1"].SCRIPT.load(RESULTS / "theorem_4_1.csv"):
        assert row.lower <= row.upper_with_net <= row.upper
        assert row.lower <= row.norm_squared * (1.0 + 1e-9)
        assert row.verdict != "FAILS"
        for bound in (row.epsilon_levy, row.epsilon_proof):
            assert bound == 0.0 or row.log10_low <= log10(bound)
    for row in SCRIPTS["theorem_4_3"].SCRIPT.load(RESULTS / "theorem_4_3.csv"):
        assert row.verdict != "FAILS"
        assert "FAILS" not in (row.b5, row.b6, row.b7, row.b8, row.b9)
    for row in SCRIPTS["role_of_bias"].SCRIPT.load(RESULTS / "role_of_bias.csv"):
        assert row.proposition_4_4 != "FAILS"
        assert row.corrected_4_5 != "FAILS"
        assert row.width_two is None or row.width_two >= 0.5
        assert isfinite(row.lower)


def test_commands_leave_committed_files_alone_unless_told(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    committed = tmp_path / "results" / "numbers.csv"
    committed.parent.mkdir()
    committed.write_text("m\n1\n")
    committed.with_suffix(".json").write_text("{}")
    words = (committed, "the table")
    aside = command.options("numbers", "", [], store=words).store
    assert aside.resolve() == tmp_path / "benchmark-results" / "numbers.csv"
    assert aside.read_text() == "m\n1\n"
    assert aside.with_suffix(".json").exists()
    aside.write_text("m\n1\n2\n")
    assert command.options("numbers", "", [], store=words).store.read_text() == "m\n1\n2\n"
    assert command.options("numbers", "", ["--write"], store=words).store == committed
    other = tmp_path / "other.csv"
    assert command.options("numbers", "", ["--store", str(other)], store=words).store == other
    for ending in (".json", ".png", ".sqlite", ""):  # written beside the table, some of them
        with pytest.raises(SystemExit):
            command.options("numbers", "", ["--store", f"other{ending}"], store=words)
    assert committed.read_text() == "m\n1\n"


def test_what_a_script_did_not_make_is_in_its_way(tmp_path, capsys):
    """Files of the names that it would write, as the committed ones say; not those beside them."""
    committed = tmp_path / "results" / "numbers.csv"
    committed.parent.mkdir()
    committed.write_text("m,p\n1,0\n")
    committed.with_suffix(".json").write_text("{}")
    committed.with_suffix(".png").write_text("")
    words = (committed, "the table")
    store = tmp_path / "mine.csv"

    def chosen():
        try:
            return command.options("numbers", "", ["--store", str(store)], store=words).store
        except SystemExit:
            return capsys.readouterr().err.splitlines()[-1]

    store.with_suffix(".pdf").write_text("mine")
    assert chosen() == store
    store.with_suffix(".png").write_text("mine")
    assert "--store: nothing is replaced that this script did not make, got mine.png in" in chosen()
    store.write_text("a,b\n1,2\n")
    assert "got mine.csv in" in chosen()
    for own in ("m,p\n1,0\n2,0\n", "m,p\r\n", ""):
        store.write_text(own)
        assert chosen() == store
    store.unlink()
    store.with_suffix(".json").write_text("[]")
    assert "got mine.json, mine.png in" in chosen()
    # left by a run that was killed before its table began
    frame.write_json(store.with_suffix(".json"), {"configuration": {"schema": "benchmarks.n/1"}})
    assert chosen() == store


def test_a_figure_that_is_broken_off_leaves_that_of_before(tiny, monkeypatch, capsys):
    script, _, store = tiny("theorem_4_1")
    before = store.with_suffix(".png").read_bytes()

    def broken_off(figure, target, **_):
        write = target.write if hasattr(target, "write") else Path(target).write_bytes
        write(b"half of a picture")
        raise KeyboardInterrupt

    monkeypatch.setattr("matplotlib.figure.Figure.savefig", broken_off)
    assert script.SCRIPT.main(["--preset", "tiny", "--store", str(store)]) == 130
    assert "the same command draws them" in " ".join(capsys.readouterr().out.split())
    assert store.with_suffix(".png").read_bytes() == before


def test_tables_that_cannot_be_read_are_said(tmp_path, capsys):
    script = SCRIPTS["theorem_4_1"].SCRIPT
    store = tmp_path / "t.csv"
    lines = script.results.read_text(encoding="utf-8").splitlines(keepends=True)
    store.write_text("".join([lines[0], "1,2\n"]), encoding="utf-8")
    assert script.main(["--preset", "tiny", "--store", str(store)]) == 2
    assert "line 2: not a row of a table" in " ".join(capsys.readouterr().out.split())


def test_columns_that_do_not_exist_are_noticed_at_the_first_row():
    rows = SCRIPTS["theorem_4_1"].SCRIPT.committed()
    assert columns.where(rows, m=rows[0].m, p=rows[0].p)
    for wanted in ({"seeed": 0}, {"m": -1, "seeed": 0}):
        with pytest.raises(AttributeError, match="seeed"):
            columns.where(rows, **wanted)
    for asked in (columns.grouped, columns.different, columns.mean, columns.median):
        with pytest.raises(AttributeError, match="seeed"):
            asked(rows, "seeed")
