"""Plots of sweeps: one curve for every kind of run, on the axes given."""

import pytest
from matplotlib.figure import Figure

import highdim

ROW = {
    **{"m": 10, "width": 5, "depth": 2, "distribution": "sphere", "method": "flow", "train_output": True},
    **{"interpolates": True, "predicted_clean_error": 0.01},
}
ROWS = [
    ROW | {"d": d, "p": p, "width": width, "clean_error": p * 10.0 / d * (1 + seed), "seed": seed}
    for d in (10, 100)
    for p in (0.1, 0.2)
    for width in (5, 50)
    for seed in range(2)
]


def test_curves_are_means_over_seeds():
    ax = Figure().subplots()
    assert highdim.plot_sweep(ROWS, ax=ax) is ax
    curves = {line.get_label(): line for line in ax.get_lines() if not line.get_label().startswith("_")}
    assert sorted(curves) == [f"$d={d}$, $n={n}$" for d in (10, 100) for n in (5, 50)]
    assert curves["$d=100$, $n=5$"].get_ydata() == pytest.approx([0.015, 0.03])


def test_runs_that_do_not_interpolate_are_hollow():
    ax = highdim.plot_sweep([row | {"interpolates": row["p"] < 0.15} for row in ROWS])
    hollow = [line for line in ax.get_lines() if str(line.get_color()) == "white" and len(line.get_xdata())]
    assert len(hollow) == 4
    assert all(list(line.get_xdata()) == [0.2] for line in hollow)


def test_logarithmic_axes_have_the_limit_and_a_floor():
    ax = highdim.plot_sweep([row | {"clean_error": 0.0} for row in ROWS], logarithmic=True, floor=1e-5)
    assert ax.get_yscale() == "log"
    curves = [line for line in ax.get_lines() if not line.get_label().startswith("_")]
    assert all(list(line.get_ydata()) == [1e-5, 1e-5] for line in curves)
    assert sum(list(line.get_ydata()) == [0.01, 0.01] for line in ax.get_lines()) == 2


def test_no_rows():
    with pytest.raises(ValueError, match="`rows` must not be empty"):
        highdim.plot_sweep([])
