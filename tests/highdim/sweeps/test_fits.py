"""Fits of clean errors along p and d/m: exact lines, intervals that cover, and what is left out."""

from dataclasses import asdict, fields

import numpy as np
import pytest
from scipy.special import ndtr
from scipy.stats import norm

from highdim import RunConfig, fit_errors, plot_dimensions, plot_sweep
from highdim.sweeps.rows import distinct

KIND = {
    **{"m": 100, "width": 10, "depth": 2, "bias": True, "train_output": True, "scheme": "pytorch"},
    **{"scale": 1.0, "distribution": "sphere", "method": "flow", "loss": "logistic"},
    **{"flow_time": 4.0, "interpolates": True},
}
LEVELS = (0.05, 0.1, 0.2, 0.4)
RATIOS = (1, 2, 4, 8)


def along_p(error, seeds=1, d=50):
    return [
        KIND | {"d": d, "p": p, "seed": seed, "clean_error": error(p, seed)}
        for p in LEVELS
        for seed in range(seeds)
    ]


def along_dimension(error, seeds=1, p=0.1):
    return [
        KIND | {"d": 100 * ratio, "p": p, "seed": seed, "clean_error": error(ratio, seed)}
        for ratio in RATIOS
        for seed in range(seeds)
    ]


def test_a_power_of_p_is_found():
    (found,) = fit_errors(along_p(lambda p, _: 0.7 * p**1.5))
    assert found.slope == pytest.approx(1.5, rel=1e-12)
    assert np.exp(found.intercept) == pytest.approx(0.7, rel=1e-12)
    assert found(0.3) == pytest.approx(0.7 * 0.3**1.5)
    assert (found.slope_low, found.seeds, found.places, found.left_out) == (None, 1, 4, 0)
    assert found.predicted_slope is None
    assert found.to_dict()["kind"]["d"] == 50


def test_the_orthogonal_limit_is_found_along_the_dimension():
    slope = 0.8 / (2.0 * 0.3)  # (1 − 2p)/(2 √(p (1 − p))) at p = 0.1
    (found,) = fit_errors(along_dimension(lambda r, _: ndtr(-slope * np.sqrt(r))), along="d/m")
    assert found.slope == pytest.approx(slope, rel=1e-12)
    assert found.predicted_slope == pytest.approx(slope, rel=1e-12)
    assert found.intercept == pytest.approx(0.0, abs=1e-12)
    assert found(4.0) == pytest.approx(ndtr(-2.0 * slope))


def test_errors_of_zero_and_small_ratios_are_left_out():
    rows = along_dimension(lambda r, _: 0.0 if r == 8 else 0.3 / r)
    (found,) = fit_errors(rows, along="d/m", least=2.0)
    assert (found.places, found.left_out) == (2, 1)
    assert fit_errors(rows, along="d/m", least=4.0) == ()


def test_kinds_have_fits_of_their_own():
    rows = along_p(lambda p, _: p) + along_p(lambda p, _: p**2, d=500)
    found = fit_errors(rows)
    assert [one.kind["d"] for one in found] == [50, 500]
    assert [one.slope for one in found] == pytest.approx([1.0, 2.0])


def test_kinds_come_in_the_order_of_numbers():
    rows = [row for d in (1000, 5, 20) for row in along_p(lambda p, _: p, d=d)]
    assert [one.kind["d"] for one in fit_errors(rows)] == [5, 20, 1000]
    levels = (0.5, 0.25, 0.05, 0.1)
    rows = [row for p in levels for row in along_dimension(lambda r, _: 0.3 / r, p=p)]
    assert [one.kind["p"] for one in fit_errors(rows, along="d/m")] == sorted(levels)
    rows = [row | {"batch_size": size} for size in (32, None, 4) for row in along_p(lambda p, _: p)]
    assert [one.kind["batch_size"] for one in fit_errors(rows)] == [None, 4, 32]


def test_settings_of_training_are_kinds_and_nets_that_do_not_interpolate_are_counted():
    rows = [row | {"learning_rate": 0.1} for row in along_p(lambda p, _: p)]
    rows += [row | {"learning_rate": 0.5} for row in along_p(lambda p, _: p**2)]
    first, second = fit_errors([row | {"interpolates": row["p"] < 0.25} for row in rows])
    assert (first.slope, second.slope) == pytest.approx((1.0, 2.0))
    assert (first.kind["learning_rate"], second.kind["learning_rate"]) == (0.1, 0.5)
    assert first.not_interpolating == sum(p >= 0.25 for p in LEVELS) > 0


@pytest.mark.parametrize(("seeds", "level"), [(2, 0.9), (5, 0.9), (12, 0.95)])
def test_intervals_cover_as_often_as_they_say(seeds, level):
    """Of 400 sweeps with errors 0.1 p^(1 + shared) e^own, where all errors of a seed tilt
    together.
    """
    covered = 0
    for k in range(400):
        rng = np.random.default_rng([3, k])
        tilt = 0.3 * rng.standard_normal(seeds)
        own = 0.05 * rng.standard_normal((len(LEVELS), seeds))

        def error(p, seed, tilt=tilt, own=own):
            return 0.1 * p ** (1.0 + tilt[seed]) * np.exp(own[LEVELS.index(p), seed])

        (found,) = fit_errors(along_p(error, seeds), level=level)
        covered += found.slope_low <= 1.0 <= found.slope_high
    assert abs(covered - 400 * level) <= 3.5 * np.sqrt(400 * level * (1.0 - level))


def test_errors_below_the_least_double_have_logarithms():
    rows = along_dimension(lambda r, _: 0.0)
    for row in rows:
        row["log10_clean_error"] = norm.logsf(30.0 * np.sqrt(row["d"] / row["m"])) / np.log(10.0)
    (found,) = fit_errors(rows, along="d/m")
    assert found.slope == pytest.approx(30.0, rel=1e-9)


@pytest.mark.parametrize(
    ("options", "message"),
    [
        ({"rows": []}, "`rows` must not be empty"),
        ({"along": "m"}, "`along` must be one of p, d/m, got 'm'"),
        ({"level": 1.0}, "`level` must lie in"),
    ],
    ids=["rows", "along", "level"],
)
def test_bad_input(options, message):
    with pytest.raises(ValueError, match=message):
        fit_errors(**({"rows": along_p(lambda p, _: p)} | options))


@pytest.mark.parametrize("door", [fit_errors, plot_dimensions, plot_sweep])
def test_columns_that_are_missing_or_no_numbers_are_refused(door):
    """One way for all: nobody guesses whether a net interpolates."""
    rows = along_p(lambda p, _: p, seeds=2)
    for name in ("interpolates", "p", "d", "clean_error"):
        lacking = {key: value for key, value in rows[3].items() if key != name}
        with pytest.raises(ValueError, match=rf"column '{name}', got rows\[3\] without it; pass"):
            door([*rows[:3], lacking])
    with pytest.raises(TypeError, match=r"rows\[0\]\['interpolates'\]` must be a truth value, got"):
        door([rows[0] | {"interpolates": "False"}])
    with pytest.raises(TypeError, match=r"rows\[1\]\['p'\]` must be a real number, got '0.1'"):
        door([rows[0], rows[1] | {"p": "0.1"}])
    # what a table of pandas gives that is gone through
    with pytest.raises(TypeError, match=r"got str; pass rows .* table\.to_dict\('records'\)"):
        door(["m", "d"])
    with pytest.raises(ValueError, match=r"rows\[0\]\['clean_error'\]` must be finite"):
        door([rows[0] | {"clean_error": float("nan")}])


def test_the_legend_names_fits_and_limits_that_are_drawn():
    def keys(rows, **options):
        labels = plot_dimensions(rows, **options).get_legend_handles_labels()[1]
        return [label for label in labels if not label.startswith("$p=")]

    rows = along_dimension(lambda r, _: 0.3 / r)
    fitted, limited = "fit to the typical error", "orthogonal limit"
    assert keys(rows) == [fitted, limited]
    assert keys(rows, fit=False) == [limited]
    assert keys(rows, limit=False) == [fitted]
    # no fit to a single ratio
    assert keys(rows[:1]) == []
    assert keys(rows, least=7.0) == [limited]
    # no limit for nets without biases, nor off the sphere, of which no slope is named either
    for other in ({"bias": False}, {"distribution": "ball"}):
        assert keys([row | other for row in rows]) == [fitted]
        assert fit_errors([row | other for row in rows], along="d/m")[0].predicted_slope is None
    # no limit at p = 1/2, nor below d = m
    assert keys(along_dimension(lambda r, _: 0.3 / r, p=0.5)) == [fitted]
    assert keys([row | {"m": 10_000} for row in rows], least=0.0) == [fitted]


def test_runs_of_other_settings_have_curves_and_fits_of_their_own_along_the_dimension():
    rows = along_dimension(lambda r, _: 0.3 / r)
    wide = [row | {"width": 200, "clean_error": row["clean_error"] / 2.0} for row in rows]
    ax = plot_dimensions(wide + rows, limit=False)
    named = dict(zip(*ax.get_legend_handles_labels()[::-1], strict=True))
    curves = [named[label] for label in named if label.startswith("$p=0.1$, $n=")]
    names = [label.split(", slope")[0] for label in named]
    assert names[:2] == ["$p=0.1$, $n=10$", "$p=0.1$, $n=200$"]
    assert all(", slope " in label for label in list(named)[:2])
    for curve, error in zip(curves, (0.3, 0.15), strict=True):
        np.testing.assert_allclose(curve.get_ydata(), error / np.array(RATIOS))
    assert len({curve.get_marker() for curve in curves}) == 2


OTHERS = {
    **{"m": 50, "width": 20, "depth": 3, "bias": False, "train_output": False, "scheme": "other"},
    **{"scale": 2.0, "distribution": "ball", "method": "gd", "loss": "exponential"},
    **{"flow_time": 5.0, "tolerance": 0.5, "learning_rate": 0.5, "batch_size": 3},
    **{"reduction": "sum", "dtype": "float64"},
}
SAME = ("d", "p", "seed", "error_precision", "error_samples", "polish")
"""What curves are along, means over, and what the trained net does not depend on."""


def test_every_setting_of_a_run_is_known_here():
    assert {one.name for one in fields(RunConfig)} == {*OTHERS, *SAME}


@pytest.mark.parametrize("name", OTHERS)
def test_runs_of_two_kinds_are_never_one_curve_or_fit(name):
    """Whatever the setting that differs, the curve of either kind is what it is alone."""
    plain = [asdict(RunConfig(100, row["d"], 0.1)) | row for row in along_dimension(_third)]
    other = [row | {name: OTHERS[name], "clean_error": 0.1 * row["clean_error"]} for row in plain]
    if name == "m":
        other = [row | {"d": row["d"] // 2} for row in other]
    means = {tuple(row["clean_error"] for row in rows) for rows in (plain, other)}
    slopes = {fit_errors(rows, along="d/m")[0].slope for rows in (plain, other)}
    ax = plot_dimensions(plain + other, limit=False)
    labels = ax.get_legend_handles_labels()[1]
    curves = [line for line in ax.get_lines() if line.get_label().startswith("$p=")]
    assert {tuple(line.get_ydata()) for line in curves} == means
    assert len({line.get_label() for line in curves}) == len(curves) == 2
    assert sum(", slope" in label for label in labels) == 2
    assert {one.slope for one in fit_errors(plain + other, along="d/m")} == slopes

    # against p
    first, second = (
        [row | {"d": 100, "p": 0.1 * k} for k, row in enumerate(rows, 1)] for rows in (plain, other)
    )
    ax = plot_sweep(first + second)
    curves = [line for line in ax.get_lines() if line.get_label().startswith("$d=")]
    assert {tuple(line.get_ydata()) for line in curves} == means
    assert len({(line.get_linestyle(), line.get_label()) for line in curves}) == 2


def _third(ratio, _):
    return 0.3 / ratio


def test_one_kind_with_few_runs_leaves_the_fit_of_the_other_alone():
    rows = along_dimension(_third)
    ax = plot_dimensions([*rows, rows[0] | {"bias": False, "clean_error": 0.5}], limit=False)
    labels = ax.get_legend_handles_labels()[1]
    assert [", slope" in label for label in labels[:2]] == [False, True]
    assert labels[0] == "$p=0.1$, bias False"


@pytest.mark.parametrize(
    "again",
    [
        {"polish": True, "polished_clean_error": 0.7},
        {"flow_time": 4, "scale": 1},
        {"error_precision": 0.1, "clean_error": 0.4},
        {"error_precision": 0.01, "error_samples": 10, "clean_error": 0.4},
    ],
    ids=["polished", "integers", "rough", "few"],
)
def test_a_run_that_is_there_twice_counts_once(again):
    """A mean over seeds, a fit and what it leaves out are those of the runs, not of the rows."""
    estimated = {"polish": False, "error_precision": 0.01, "error_samples": 1000}
    rows = along_dimension(lambda r, seed: 0.0 if r == 8 else (0.3 + 0.1 * seed) / r, seeds=2)
    rows = [row | estimated for row in rows]
    twice = [row | again for row in rows[::2]]
    for both in (rows + twice, twice + rows):
        assert len(distinct(both)) == len(rows)
        assert fit_errors(both, along="d/m") == fit_errors(rows, along="d/m")
        for plot in (plot_dimensions, plot_sweep):
            curves = (
                [list(line.get_ydata()) for line in plot(each).get_lines()] for each in (rows, both)
            )
            assert next(curves) == next(curves)
    assert fit_errors(rows, along="d/m")[0].left_out == 2


def test_rows_that_do_not_say_their_seed_are_all_kept():
    rows = [{name: row[name] for name in row if name != "seed"} for row in along_dimension(_third)]
    assert distinct(rows + rows) == rows + rows


def test_rows_that_pandas_read_from_a_table_are_those_of_the_sweep():
    """What is missing is NaN there, a new object in every row, and no setting of its own."""
    rows = along_dimension(lambda r, seed: 0.0 if r == 8 else (0.3 + 0.1 * seed) / r, seeds=3)
    rows = [row | {"batch_size": None, "log10_clean_error": None} for row in rows]
    read = [row | {"batch_size": float("nan"), "log10_clean_error": float("nan")} for row in rows]
    found = fit_errors(rows, along="d/m")
    assert len(found) == 1
    assert fit_errors(read, along="d/m") == found
    assert fit_errors(read + rows, along="d/m") == found
    for plot in (plot_dimensions, plot_sweep):
        names = [[line.get_label() for line in plot(each).get_lines()] for each in (rows, read)]
        assert names[0] == names[1]


@pytest.mark.parametrize("plot", [plot_dimensions, plot_sweep])
def test_means_below_the_floor_are_open_triangles_and_no_points(plot):
    rows = along_dimension(lambda r, _: 9.9e-13 if r == 8 else 0.3 / r)
    rows = [row | {"predicted_clean_error": 0.1} for row in rows]
    ax = plot(rows, logarithmic=True, **({"fit": False} if plot is plot_dimensions else {}))
    (below,) = (
        line for line in ax.get_lines() if line.get_marker() == "v" and len(line.get_xdata())
    )
    assert (list(below.get_ydata()), below.get_markerfacecolor()) == ([1e-8], "white")
    marked = [line for line in ax.get_lines() if line.get_marker() == "o" and len(line.get_xdata())]
    seen = [y for line in marked for y in line.get_ydata()[line.get_markevery()]]
    assert sorted(seen) == sorted(0.3 / r for r in RATIOS if r < 8)
    assert "below 1e-8" in ax.get_legend_handles_labels()[1]
    lower = plot(rows, logarithmic=True, floor=1e-14)
    assert "v" not in {line.get_marker() for line in lower.get_lines()}
    assert lower.get_ylim()[0] == 1e-14


@pytest.mark.parametrize("levels", [(0.01, 0.6), (0.3,), (0.0, 1.0), (0.05, 0.5)], ids=str)
@pytest.mark.parametrize("logarithmic", [False, True])
def test_all_noise_levels_are_within_the_frame(levels, logarithmic):
    rows = [
        row | {"p": p, "predicted_clean_error": 0.1}
        for p in levels
        for row in along_dimension(_third)[:1]
    ]
    ax = plot_sweep(rows, logarithmic=logarithmic)
    low, high = ax.get_xlim()
    assert low < min(levels) <= max(levels) < high
    if levels == (0.05, 0.5):
        assert (low, high) == pytest.approx((0.03, 0.52))


def test_there_is_one_limit_for_every_m_of_nets_with_biases_on_the_sphere():
    rows = [
        row | {"m": m, "predicted_clean_error": 1.0 / m}
        for m in (10, 40)
        for row in along_p(lambda p, _: p, seeds=2)
    ]
    rows += [row | {"bias": False, "predicted_clean_error": 0.6} for row in rows]
    off = [row | {"distribution": "ball", "predicted_clean_error": None} for row in rows]
    lines = plot_sweep(rows + off, logarithmic=True).get_lines()
    limits = [set(line.get_ydata()) for line in lines if line.get_alpha() == 0.9]
    assert limits == [{0.1}, {0.025}, set()]  # the last one is for the legend
    assert len(plot_sweep(off, logarithmic=True).get_lines()) > 0
    with pytest.raises(TypeError, match=r"'predicted_clean_error'\]` must be a real number"):
        plot_sweep([rows[0] | {"predicted_clean_error": None}], logarithmic=True)


@pytest.mark.parametrize("logarithmic", [False, True])
def test_curves_along_the_dimension(logarithmic):
    rows = along_dimension(lambda r, seed: (0.2 + 0.01 * seed) / r, seeds=4)
    rows += along_dimension(lambda r, seed: 0.4 / r, seeds=1, p=0.3)
    ax = plot_dimensions(rows, logarithmic=logarithmic)
    labels = ax.get_legend_handles_labels()[1]
    assert labels[0].startswith("$p=0.1$, slope ")
    assert "[" in labels[0]
    assert labels[1].endswith("limit 0.44")
    curve = ax.get_lines()[1]
    np.testing.assert_allclose(curve.get_xdata(), RATIOS)
    np.testing.assert_allclose(curve.get_ydata(), 0.215 / np.array(RATIOS))
    assert ax.get_xscale() == "log"
    assert len(plot_dimensions(rows, fit=False, limit=False).get_lines()) == 4


def test_the_legend_says_how_many_runs_a_fit_leaves_out():
    rows = along_dimension(lambda r, seed: 0.0 if seed and r > 2 else 0.3 / r, seeds=2)
    lost = sum(row["clean_error"] == 0.0 for row in rows)
    labels = plot_dimensions(rows).get_legend_handles_labels()[1]
    said = f"fit to the typical error; {lost} runs with $L_{{cl}}$ = 0 or 1 left out"
    assert lost > 1
    assert said in labels


def test_means_below_the_floor_are_estimates_where_intervals_reach_above_it():
    rows = along_dimension(lambda r, _: 0.0 if r == 8 else 0.3 / r)
    for upper, words in (
        (3e-5, "estimates below 1e-8"),
        (1e-9, "below 1e-8"),
        (None, "below 1e-8"),
    ):
        known = [row | {"clean_error_high": upper, "predicted_clean_error": 0.1} for row in rows]
        for plot in (plot_dimensions, plot_sweep):
            labels = plot(known, logarithmic=True).get_legend_handles_labels()[1]
            assert words in labels
