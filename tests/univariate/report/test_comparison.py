"""Comparisons of makers: rows, restarts, processes, failures, the figure and the command."""

import csv
import sys
from functools import partial

import numpy as np
import pytest
from matplotlib.image import imread
from scipy import stats
from typer.testing import CliRunner

import univariate as u
from univariate.cli.app import app
from univariate.problem.population import Population
from univariate.report import comparison, study
from univariate.report.comparison_rows import summaries

GRID = ([20, 40], [0.1, 0.3], [0, 1])


def constant(sample, rng):
    """A net whose sign is random: the seed must reach it."""
    return u.ReluNet([1.0 if rng.random() < 0.5 else -1.0], [0.0], [1.0])


def best(sample):
    return u.max_margin(sample).net


MAKERS = {"best": best, "3-nn": partial(u.NearestNeighbours, k=3), "coin": constant}


def test_rows_say_what_the_makers_made(tmp_path):
    rows = list(u.compare(MAKERS, *GRID, tmp_path / "rows.csv"))
    assert len(rows) == 24
    for row in rows:
        sample = u.draw_sample(row.m, row.p, rng=row.seed)
        assert row.clean_error_low <= row.clean_error <= row.clean_error_high
        assert row.nearest_neighbour == u.nearest_neighbour_clean_error(sample).value
        if row.rule == "best":
            assert row.interpolates
            assert row.clean_error == u.clean_error(best(sample)).value
        if row.rule == "3-nn":
            assert row.interpolates is None
            assert row.clean_error == u.clean_error(u.NearestNeighbours(sample, 3)).value
    coins = [row.clean_error for row in rows if row.rule == "coin"]
    assert set(coins) == {0.0, 1.0}
    assert u.read_comparison(tmp_path / "rows.csv") == rows


def test_a_killed_study_goes_on(tmp_path):
    store = tmp_path / "rows.csv"
    whole = list(u.compare(MAKERS, *GRID, tmp_path / "whole.csv"))
    calls = []

    def counted(sample):
        calls.append(sample.size)
        if len(calls) == 3:
            raise KeyboardInterrupt
        return best(sample)

    makers = MAKERS | {"best": counted}
    with pytest.raises(KeyboardInterrupt):
        list(u.compare(makers, *GRID, store))
    kept = u.read_comparison(store)
    assert len(kept) == 6
    with store.open("a") as stream:
        stream.write("univariate.comparison/1,best,uni")  # a kill in the middle of a line
    rows = list(u.compare(makers, *GRID, store))
    assert len(calls) == 3 + 6
    assert [untimed(row) for row in rows] == [untimed(row) for row in whole]


def test_processes_make_the_same_rows(tmp_path):
    grid = ([20], [0.3], range(3))
    one = list(u.compare({"coin": constant}, *grid, tmp_path / "one.csv"))
    bias = 1.0

    def closure(sample, rng):
        return u.ReluNet([1.0 if rng.random() < 0.5 else -1.0], [0.0], [bias])

    two = list(u.compare({"coin": closure}, *grid, tmp_path / "two.csv", n_jobs=2))
    assert list(map(untimed, one)) == list(map(untimed, two))


def test_another_truth_and_law(tmp_path):
    more = {"truth": "0.3:+-", "density": "beta(2, 5)"}
    rows = list(u.compare(MAKERS, *GRID, tmp_path / "rows.csv", **more))
    for row in rows:
        sample = u.draw_sample(row.m, row.p, rng=row.seed, **more)
        assert row.density == sample.population().name
        if row.rule == "3-nn":
            found = u.clean_error(u.NearestNeighbours(sample, 3))
            assert row.clean_error == found.value
        assert row.nearest_neighbour == u.nearest_neighbour_clean_error(sample).value
    assert list(u.read_comparison(tmp_path / "rows.csv", **more)) == rows
    with pytest.raises(ValueError, match="the same density and truth"):
        u.read_comparison(tmp_path / "rows.csv", density="beta(2, 5)")


def untimed(row):
    """What the makers have in common that make the same."""
    return tuple(v for name, v in row.to_dict().items() if name not in {"seconds", "maker"})


@pytest.mark.parametrize(
    ("maker", "error", "message"),
    [
        (lambda sample: 3, TypeError, "the maker 'x' must return a net or a rule, got int"),
        (
            lambda sample: best,
            TypeError,
            r"got function; .* Rule.of_function\(sample, function, br",
        ),
        (lambda sample: 1 / 0, RuntimeError, "the maker 'x' failed at m = 20, p = 0.1, seed 0"),
        (lambda sample: sys.exit(3), RuntimeError, r"seed 0: it ends the program by sys.exit\(3\)"),
    ],
    ids=["no net", "function", "fails", "exits"],
)
def test_makers_that_go_wrong_are_named(tmp_path, maker, error, message):
    with pytest.raises(error, match=message):
        list(u.compare({"x": maker}, *GRID, tmp_path / "rows.csv"))


def in_percent(sample):
    return u.NearestNeighbours(u.Sample(sample.x * 100, sample.y))


def of_x(sample):
    """The rule of percents, as one of x."""
    rule = in_percent(sample)
    borders = rule.sign_changes(0, 100).mean(axis=1) / 100
    return u.Rule.of_function(sample, lambda x: float(rule(100 * x)), borders)


def test_a_rule_of_other_units_is_refused(tmp_path):
    for density, low, high in [(None, 0, 1), (stats.uniform(2, 3), 2, 5)]:
        with pytest.raises(ValueError, match="the maker 'x' must return a rule of x") as caught:
            list(u.compare({"x": in_percent}, [20], [0.2], [0], tmp_path / "x", density=density))
        (line,) = str(caught.value).splitlines()
        assert f"lies in [{low}, {high}], got a NearestNeighbours of a sample with " in line
    assert "with 20 of 20 inputs beyond, from " in line
    assert "units of x, or make a rule of x of it by Rule.of_function(sample, " in line
    assert not (tmp_path / "x").exists()
    # also where it comes from another process
    with pytest.raises(ValueError, match="the maker 'x' must return a rule of x"):
        list(u.compare({"x": in_percent}, [20], [0.2], [0], tmp_path / "x", n_jobs=2))


def test_rules_of_other_samples_that_lie_where_x_does_are_measured(tmp_path):
    def halves(sample):  # ten of twenty are beyond
        return u.NearestNeighbours(
            u.Sample.from_arrays([*sample.x, *(sample.x + 1)], [*sample.y] * 2)
        )

    makers = {"1-nn": u.NearestNeighbours, "of x": of_x, "halves": halves}
    rows = list(u.compare(makers, [20], [0.2], [0, 1], tmp_path / "rows.csv"))
    assert len(rows) == 6
    assert rows[0].clean_error == pytest.approx(rows[1].clean_error, abs=1e-12)


def test_bad_arguments_and_foreign_files(tmp_path):
    store = tmp_path / "rows.csv"
    with pytest.raises(TypeError, match="`makers` must be a mapping"):
        list(u.compare([best], *GRID, store))
    with pytest.raises(TypeError, match="`makers` must map names to functions"):
        list(u.compare({"x": 3}, *GRID, store))
    with pytest.raises(ValueError, match="`rates` must lie in"):
        list(u.compare(MAKERS, [20], [2.0], [0], store))
    list(u.compare({"best": best}, [20], [0.1], [0], store))
    with pytest.raises(ValueError, match=r"holds rows of .* choose another file"):
        u.read_comparison(store, density="beta(2, 5)")
    store.write_text("a,b\n1,2\n")
    with pytest.raises(ValueError, match="is not a comparison file"):
        u.read_comparison(store)


def test_a_file_that_cannot_be_begun_is_refused_before_work(tmp_path):
    def never(sample):
        raise AssertionError

    lost = tmp_path / "missing" / "rows.csv"
    with pytest.raises(FileNotFoundError, match=r"`path` must lie in a folder .* make .*missing"):
        list(u.compare({"x": never}, *GRID, lost))
    with pytest.raises(IsADirectoryError, match="`path` must be a file, got the folder"):
        list(u.compare({"x": never}, *GRID, tmp_path))
    with pytest.raises(FileNotFoundError, match=r"`path` must lie in a folder .* make .*missing"):
        list(u.run_study([10**7], [0.1], [0], lost))
    with pytest.raises(IsADirectoryError, match="`path` must be a file, got the folder"):
        list(u.run_study([10**7], [0.1], [0], tmp_path))
    assert not lost.parent.exists()


@pytest.mark.parametrize("work", ["compare", "study"])
def test_a_finished_file_is_read_where_none_could_be_begun(tmp_path, monkeypatch, work):
    store = tmp_path / "rows.csv"

    def rows():
        if work == "study":
            return list(u.run_study([20], [0.1], [0], store))
        return list(u.compare({"best": best}, [20], [0.1], [0], store))

    made = rows()
    # of a folder that cannot be written to, as root may write everywhere
    monkeypatch.setattr("os.access", lambda *_, **__: False)
    assert rows() == made


def test_rows_come_in_the_order_of_the_grid(tmp_path):
    store = tmp_path / "rows.csv"
    whole = list(u.compare(MAKERS, *GRID, tmp_path / "whole.csv"))
    list(u.compare({"coin": constant}, [40], [0.3], [1], store))
    list(u.compare(dict(reversed(MAKERS.items())), [20], [0.1, 0.3], [0], store))
    rows = list(u.compare(MAKERS, *GRID, store, n_jobs=2))
    assert [untimed(row) for row in rows] == [untimed(row) for row in whole]
    assert u.read_comparison(store) == rows


def trained(neurons):
    return lambda sample: u.ReluNet([1.0] * neurons, [0.0] * neurons, [1.0] * neurons)


def test_a_maker_that_changed_is_refused(tmp_path):
    store = tmp_path / "rows.csv"
    rows = list(u.compare({"mine": trained(20)}, [20], [0.1], [0], store))
    assert rows[0].maker
    before = store.read_bytes()
    assert list(u.compare({"mine": trained(20)}, [20], [0.1], [0], store)) == rows
    for seed in (0, 1):
        with pytest.raises(
            ValueError, match="got another 'mine': a value that it uses has changed"
        ):
            list(u.compare({"mine": trained(3)}, [20], [0.1], [seed], store))
        with pytest.raises(ValueError, match="got another 'mine': its definition, or one that"):
            list(u.compare({"mine": best}, [20], [0.1], [seed], store))
    assert store.read_bytes() == before
    assert len(list(u.compare({"mine 3": trained(3)}, [20], [0.1], [0], store))) == 1
    assert len(u.read_comparison(store)) == 2


def test_rows_of_unknown_makers_are_told(tmp_path):
    store = tmp_path / "rows.csv"
    rows = list(u.compare(MAKERS, [20], [0.1], [0], store))
    lines = [line.rsplit(",", 2)[0] for line in store.read_text().splitlines()]
    store.write_text("\n".join(lines) + "\n")  # as files of before are
    old = u.read_comparison(store)
    assert [(row.maker, row.version) for row in old] == [("", "")] * 3
    assert [untimed(row)[:-1] for row in old] == [untimed(row)[:-1] for row in rows]
    with pytest.warns(UserWarning, match=r"nothing tells whether 3 rows of .* 'best', '3-nn', 'co"):
        assert list(u.compare(MAKERS, [20], [0.1], [0], store)) == old
    with pytest.warns(UserWarning, match="by the same 'best'"):
        more = list(u.compare({"best": trained(2)}, [20], [0.1], [0, 1], store))
    assert [bool(row.maker) for row in more] == [False, True]
    assert u.read_comparison(store) == [*old, more[1]]
    unreadable = eval("lambda sample: best(sample)", {"best": best})
    list(u.compare({"text": unreadable}, [20], [0.1], [0], store))
    with pytest.warns(UserWarning, match="whether 1 row of .* by the same 'text'"):
        list(u.compare({"text": unreadable}, [20], [0.1], [0], store))


def test_rows_of_another_version_are_read_and_not_continued(tmp_path, monkeypatch):
    store = tmp_path / "rows.csv"
    list(u.compare({"best": best}, [20], [0.1], [0], store))
    monkeypatch.setattr("univariate.report.comparison_rows.library_version", lambda: "0.2.0")
    assert len(u.read_comparison(store)) == 1
    with pytest.raises(ValueError, match=r"`path` must hold rows of this version, 0\.2\.0, got"):
        list(u.compare({"best": best}, [20], [0.1], [0, 1], store))


def test_averages_say_how_many_nets_interpolate(tmp_path):
    makers = MAKERS | {"one": trained(1)}
    rows = list(u.compare(makers, [20, 40], [0.1], [0, 1, 2], tmp_path / "rows.csv"))
    found = summaries(rows)
    assert [(one.m, one.rule) for one in found] == [(m, name) for m in (20, 40) for name in makers]
    for one in found:
        group = [row.clean_error for row in rows if (row.m, row.rule) == (one.m, one.rule)]
        assert one.seeds == len(group) == 3
        assert (one.smallest, one.largest) == (min(group), max(group))
        assert one.clean_error == pytest.approx(np.mean(group), rel=1e-14)
        pure = sum(bool(np.all(u.draw_sample(one.m, 0.1, rng=k).y > 0.0)) for k in range(3))
        if one.rule in {"best", "3-nn"}:
            assert (one.nets, one.interpolating) == ((3, 3) if one.rule == "best" else (0, 0))
        if one.rule == "one":
            assert (one.nets, one.interpolating) == (3, pure)


def test_figures_say_what_they_show(tmp_path):
    makers = MAKERS | {"one": trained(1)}
    rows = list(u.compare(makers, [20, 40], [0.1, 0.3], [0, 1], tmp_path / "rows.csv"))
    axes = u.plot_comparison(rows[::-1], rules=list(makers))
    words = axes.get_title("left") + " ".join(text.get_text() for text in axes.texts)
    assert "m = 40, the largest of 2" in words
    assert "means over 2 seeds" in words
    missing = sum(row.interpolates is False for row in rows if row.m == 40)
    assert 4 < missing < 12
    assert f"hollow: {missing} of 12 nets do not interpolate" in words
    assert axes.get_legend_handles_labels()[1] == ["$L_{cl} = p$", *makers]
    # means at one p lie side by side, around it
    starts = [bar.lines[0].get_xdata()[0] for bar in axes.containers]
    assert np.all(np.diff(starts) > 0.01)
    assert np.mean(starts) == pytest.approx(0.1)
    assert "rules side by side" in words
    alone = u.plot_comparison(rows, rules=["one"])
    assert len(alone.containers) == 1
    assert "side by side" not in " ".join(text.get_text() for text in alone.texts)
    with pytest.raises(ValueError, match="`rules` must name rules of the rows, got 'two'"):
        u.plot_comparison(rows, rules=["two"])


@pytest.mark.parametrize("rates", [[0.1, 0.3], [0.2]])
def test_figures(tmp_path, rates):
    rows = list(u.compare(MAKERS, [20, 40], rates, [0, 1], tmp_path / "rows.csv"))
    axes = u.plot_comparison(rows)
    axes.get_figure().savefig(tmp_path / "figure.png", dpi=60)
    assert imread(tmp_path / "figure.png").std() > 0.05
    assert {"best", "3-nn", "coin"} <= set(axes.get_legend_handles_labels()[1])
    with pytest.raises(ValueError, match="`rows` must not be empty"):
        u.plot_comparison([])


def invoke(*words):
    return CliRunner().invoke(app, ["compare", *map(str, words)])


def test_command_with_a_function_of_ones_own(tmp_path):
    mine = tmp_path / "mine.py"
    mine.write_text(
        "import univariate as u\n\n\ndef train(sample):\n    return u.max_margin(sample).net\n"
    )
    words = [f"{mine}:train", "1-nn", "nw:2", "minimum-norm", "--m", "30,60", "--p", "0.3"]
    words += ["--seeds", "2", "--out", tmp_path / "out"]
    found = invoke(*words)
    assert found.exit_code == 0, found.output
    with (tmp_path / "out" / "comparison.csv").open(newline="") as stream:
        rows = list(csv.DictReader(stream))
    assert len(rows) == 16
    by_rule = {
        rule: np.array([float(row["clean_error"]) for row in rows if row["rule"] == rule])
        for rule in (f"{mine}:train", "1-nn", "minimum-norm")
    }
    assert by_rule[f"{mine}:train"] == pytest.approx(by_rule["1-nn"], abs=1e-12)
    assert np.array_equal(by_rule["minimum-norm"], by_rule["1-nn"])
    assert imread(tmp_path / "out" / "comparison.png").std() > 0.05
    assert found.output.count("2 of 2") == 2  # nets of one function, at two sizes
    again = invoke(*words)
    assert again.exit_code == 0
    assert "holds 16 rows, which are not computed again" in again.output
    mine.write_text(mine.read_text() + "\n\n# a remark\n")
    smaller = invoke("1-nn", *words[4:-4], "--seeds", 1, *words[-2:])
    assert smaller.exit_code == 0, smaller.output
    assert "the figure shows all 16 rows" in " ".join(smaller.output.split())


@pytest.mark.parametrize("jobs", [1, 2])
def test_command_refuses_a_function_that_changed(tmp_path, jobs):
    mine = tmp_path / "mine.py"
    text = "import univariate as u\n\nNEURONS = 20\n\n\ndef train(sample, rng):\n"
    text += "    n = NEURONS\n    return u.ReluNet(rng.normal(size=n), [1.0] * n, rng.random(n))\n"
    words = [f"{mine}:train", "--m", 20, "--p", 0.1, "--seeds", 2, "--n-jobs", jobs]
    words += ["--no-figure", "--out", tmp_path / "out"]
    mine.write_text(text)
    assert invoke(*words).exit_code == 0
    store = tmp_path / "out" / "comparison.csv"
    before = store.read_bytes()
    mine.write_text(text.replace("20", "30"))  # within the same second, of the same length
    done = invoke(*words)
    assert done.exit_code == 2
    (line,) = done.stderr.strip().splitlines()
    assert f"got another '{mine}:train': a value that it uses has changed" in line
    assert line.startswith("error: `MAKERS` must be those that made the rows of")
    assert line.endswith("nothing finished is replaced; rename it, or choose another `--out`")
    assert store.read_bytes() == before
    mine.write_text(text + "\n\nprint\n")
    with pytest.warns(UserWarning, match=r"the code beside '.*mine.py:train' is not that of 2 ro"):
        assert invoke(*words).exit_code == 0
    assert store.read_bytes() == before
    assert invoke(*words, "--overwrite").exit_code == 0
    assert store.read_bytes() != before


@pytest.mark.parametrize(
    ("name", "message"),
    [
        ("nonsense", "must be max-margin"),
        ("nw:x", "exponent after nw:"),
        ("none.py:train", "a file that exists"),
        ("univariate:nothing", "no function 'nothing'"),
        ("no_such_module:train", "can be imported"),
    ],
)
def test_names_that_stand_for_nothing(tmp_path, name, message):
    found = invoke(name, "--out", tmp_path)
    assert found.exit_code == 2
    assert message in " ".join(found.output.split())


def test_a_maker_gets_a_generator_of_its_own():
    rows = [
        comparison._measured({"coin": constant}, Population(), (20, 0.1, seed, "coin"))
        for seed in range(8)
    ]
    assert {row.clean_error for row in rows} == {0.0, 1.0}


def test_a_rule_that_refuses_a_sample_is_one_line(tmp_path):
    options = ["--m", "50", "--p", "0.2", "--seeds", "1", "--out", str(tmp_path)]
    done = CliRunner().invoke(app, ["compare", "max-margin", "60-nn", *options])
    assert done.exit_code == 2
    (line,) = done.stderr.strip().splitlines()
    assert line.startswith("error: ")
    assert "1 rows are finished and kept in" in line


def test_rows_of_other_grids_are_kept_and_counted(tmp_path):
    (tmp_path / "own.py").write_text("def give_up(sample):\n    raise SystemExit\n")
    options = ["--m", "20", "--p", "0.2", "--no-figure", "--out", str(tmp_path)]
    assert CliRunner().invoke(app, ["compare", "1-nn", *options, "--seeds", "2"]).exit_code == 0
    maker = f"{tmp_path / 'own.py'}:give_up"
    done = CliRunner().invoke(app, ["compare", maker, *options, "--seeds", "1"])
    assert done.exit_code == 2
    assert "it ends the program by sys.exit(None)" in done.stderr
    assert "2 rows are finished and kept in" in done.stderr


@pytest.mark.parametrize("text", ["import sys\nsys.exit()\n", "1 / 0\n", "def f(:\n"])
def test_a_file_of_makers_that_does_not_run_is_one_line(tmp_path, monkeypatch, text):
    (tmp_path / "broken_makers.py").write_text(text)
    monkeypatch.chdir(tmp_path)
    for name in ("broken_makers.py:f", "broken_makers:f"):
        done = CliRunner().invoke(app, ["compare", name])
        assert done.exit_code == 2
        assert "does not run: " in done.stderr


def test_what_two_processes_made_at_once_counts_once(tmp_path):
    path = tmp_path / "rows.csv"
    both = [u.compare({"nn": u.NearestNeighbours}, [20], [0.2], range(3), path) for _ in "ab"]
    for rows in zip(*both, strict=True):
        assert rows[0].clean_error == rows[1].clean_error
        assert rows[0].seconds == rows[1].seconds
    assert len(path.read_text().splitlines()) == 4  # both had read the file before the first
    assert [row.seed for row in u.read_comparison(path)] == [0, 1, 2]
    path = tmp_path / "study.csv"
    both = [study.run_study([20], [0.2], range(3), path) for _ in "ab"]
    assert len(list(zip(*both, strict=True))) == 3
    assert [one.seeds for one in study.summaries(study.read_study(path))] == [3]
