"""How training went, against the flow time t: losses and margins, clean errors, norms."""

from typing import TYPE_CHECKING, Final

import numpy as np
from matplotlib.axis import Axis
from matplotlib.figure import Figure
from matplotlib.ticker import FixedLocator, FuncFormatter, LogLocator, NullLocator

from univariate.common import check
from univariate.common.arrays import Mask, Vector
from univariate.common.figure_style import (
    DPI,
    GREY,
    INK,
    NEGATIVE,
    PALE,
    POSITIVE,
    SIZE,
    dress,
    label_scale,
    legend,
    scale_name,
    scientific,
)
from univariate.training.trajectory import Trajectory

if TYPE_CHECKING:
    from matplotlib.axes import Axes


EARLY: Final = 5.0
"""log₁₀ t is drawn to the scale of arsinh(log₁₀ t / EARLY), as margins grow only like log t."""

TIME: Final = "flow time $t$, arsinh of its logarithm"

_FITS: Final = 26  # characters along a small axis

_POWERS: Final = (-40, -20, -10, -5, -2, 0, 2, 5, 10, 20, 40, 80, 160, 320, 640, 1280)


def plot_trajectory(
    trajectory: Trajectory, *, axes: "tuple[Axes, Axes, Axes] | None" = None
) -> "tuple[Axes, Axes, Axes]":
    """Draw a training run against the logarithm of the flow time, and return the three axes.

    Parameters
    ----------
    trajectory : Trajectory
    axes : three matplotlib Axes, optional
        Those of a new figure if not given.

    The smallest margin with −log L, both to a scale of arsinh; the clean error; ‖θ‖² divided by the
    smallest margin from where the net interpolates on, which cannot fall below ‖θ*‖². The time
    before the net interpolates is tinted.
    """
    check.instance("trajectory", trajectory, Trajectory, "pass train_network(...).trajectory")
    if axes is None:
        axes = tuple(Figure(figsize=(7.2, 2.2), dpi=DPI, layout="constrained").subplots(1, 3))
    times = log10_times(trajectory)
    rows = after_start(trajectory)
    _draw_margins(axes[0], times, -trajectory.log_losses[rows], trajectory.margins[rows])
    axes[1].plot(times, trajectory.clean_errors[rows], color=NEGATIVE, linewidth=1.1)
    axes[1].set_ylim(bottom=0.0)
    dress(axes[1], TIME, f"clean error, $x$ {trajectory.density}{_against(trajectory)}")
    _draw_norms(axes[2], trajectory)
    for ax in axes:
        _tint_misfit(ax, trajectory)
        time_axis(ax.xaxis, times, 0.13)
        ax.set_xlim(times[0], times[-1] + 1e-9)
    return axes


def _against(trajectory: Trajectory) -> str:
    """Name another truth than f* ≡ +1 on a line of its own, where it fits."""
    truth = trajectory.truth
    if truth.is_positive:
        return ""
    short = len(truth.name) <= _FITS
    return f"\ntruth {truth.name}" if short else "\nagainst another truth than +1"


def after_start(trajectory: Trajectory) -> Mask:
    """Return which rows have t > 0: all but the first, unless that is the only one."""
    later = np.isfinite(trajectory.log_times)
    return later if later.any() else np.ones_like(later)


def log10_times(trajectory: Trajectory) -> Vector:
    """Return log₁₀ t of the rows after the start; [0] if there are none."""
    found = trajectory.log_times[after_start(trajectory)] / np.log(10.0)
    return np.where(np.isfinite(found), found, 0.0)


def time_axis(axis: Axis, times: Vector, apart: float = 0.05) -> None:
    """Scale an axis of log₁₀ t; its powers of ten stand at least a share `apart` of it apart."""
    # the public setters exist for x and y apart, not for an axis
    axis._set_axes_scale("asinh", linear_width=EARLY)  # type: ignore[attr-defined]
    axis.set_major_locator(FixedLocator(_powers(times, apart)))
    axis.set_minor_locator(NullLocator())
    axis.set_major_formatter(
        FuncFormatter(lambda power, _: f"$10^{{{power:.0f}}}$" if power else "1")
    )


def _powers(times: Vector, apart: float) -> list[float]:
    """Choose powers of ten to letter, those nearest to 1 first."""
    low, high = np.arcsinh(times[[0, -1]] / EARLY)
    chosen: list[float] = []
    for power in sorted(_POWERS, key=abs):
        place = np.arcsinh(power / EARLY)
        taken = np.arcsinh(np.array(chosen) / EARLY)
        if low <= place <= high and np.all(np.abs(taken - place) >= apart * (high - low)):
            chosen.append(float(power))
    return chosen


def _draw_margins(ax: "Axes", times: Vector, gains: Vector, margins: Vector) -> None:
    ax.axhline(0.0, color=INK, linewidth=0.5, zorder=0.8)
    ax.plot(times, gains, color=GREY, linewidth=0.9, dashes=(4, 2), label="$-\\log L$")
    ax.plot(times, margins, color=POSITIVE, linewidth=1.1, label="smallest margin")
    both = np.concatenate([gains, margins])
    label_scale(ax, float(both.min()), float(both.max()))
    dress(ax, TIME, scale_name(ax).removeprefix(", "))
    legend(ax, place="upper left")


def _draw_norms(ax: "Axes", trajectory: Trajectory) -> None:
    begin = trajectory.interpolates_from
    dress(ax, TIME, "$\\|\\theta\\|^2$ / smallest margin")
    if begin is None:
        ax.set_yticks([])
        ax.text(
            0.5,
            0.5,
            "does not interpolate",
            transform=ax.transAxes,
            ha="center",
            fontsize=SIZE,
            color=GREY,
        )
        return
    # at t = 0 there is no logarithm
    begin = max(begin, 1)
    times = trajectory.log_times[begin:] / np.log(10.0)
    ratios = trajectory.norms_squared[begin:] / trajectory.margins[begin:]
    ax.plot(times, ratios, color=INK, linewidth=1.1)
    ax.set_yscale("log")
    few_decades = ratios.max() / ratios.min() < 100.0
    ax.yaxis.set_major_locator(
        LogLocator(subs=(1.0, 2.0, 5.0) if few_decades else (1.0,), numticks=6)
    )
    ax.yaxis.set_major_formatter(
        FuncFormatter(lambda value, _: scientific(value, 1).replace("$1\\cdot ", "$"))
    )
    ax.yaxis.set_minor_locator(NullLocator())


def _tint_misfit(ax: "Axes", trajectory: Trajectory) -> None:
    """Tint the time before every margin is positive."""
    begin = trajectory.interpolates_from
    end = len(trajectory.log_times) - 1 if begin is None else begin
    if end > 0:
        times = log10_times(trajectory)
        ax.axvspan(
            times[0],
            trajectory.log_times[end] / np.log(10.0),
            color=PALE,
            alpha=0.35,
            linewidth=0.0,
            zorder=0,
        )
