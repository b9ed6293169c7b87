"""Where the kinks of a net go during training, and the errors between them."""

from typing import TYPE_CHECKING

import numpy as np
from matplotlib.collections import LineCollection

from univariate.common import check
from univariate.common.arrays import Vector
from univariate.common.figure_style import ERROR, LABELS, dress, new_axes
from univariate.error.spline import spline
from univariate.problem.sample import Sample, require_sample
from univariate.report.figures.curves import FEW
from univariate.report.figures.kinds import FAINTEST, KINDS, faded, name_kinds, strengths
from univariate.report.figures.training_plot import TIME, log10_times, time_axis
from univariate.report.figures.truth_marks import wrong_intervals
from univariate.report.figures.visible import Domain, bars, shown_domain
from univariate.training.trajectory import Trajectory

if TYPE_CHECKING:
    from matplotlib.axes import Axes


def plot_kinks(
    trajectory: Trajectory,
    sample: Sample,
    *,
    ax: "Axes | None" = None,
    domain: Domain | None = None,
) -> "Axes":
    """Draw the kinks of the recorded nets over time, upwards, on the tinted error set.

    Parameters
    ----------
    trajectory : Trajectory
    sample : Sample
        Marked on the upper border.
    ax : matplotlib Axes, optional
    domain : pair of floats, optional
        What to show; [0, 1], or the middle 99.9 % of the density, widened to hold the sample.

    Returns the axes. One line a neuron, in the colour of its orientation and sign, as strong as
    what its kink moves N by across the gap it lies in, relative to the smallest margin (while that
    is small, to the median of all kinks). Lines are straight between recorded nets,
    `trajectory.snapshots`; the tint is that of the nearest one.
    """
    check.instance("trajectory", trajectory, Trajectory, "pass train_network(...).trajectory")
    require_sample(sample)
    ax = ax or new_axes(7.2, 3.4)
    low, high = domain or shown_domain(sample, trajectory.law(sample))
    times = snapshot_times(trajectory)
    _draw_errors(ax, trajectory, times, (low, high))
    _draw_lines(ax, trajectory, sample, times)
    _mark_sample(ax, sample)
    dress(ax, "$x$", TIME)
    time_axis(ax.yaxis, times)
    ax.set(xlim=(low, high), ylim=(times[0], max(times[-1], times[0] + 1e-9)))
    handles = [kind.handle(linewidth=1.6) for kind in KINDS]
    name_kinds(ax, handles, (0.0, 1.03), borderaxespad=0.0)
    return ax


def snapshot_times(trajectory: Trajectory) -> Vector:
    """Return log₁₀ t of the recorded nets; the start, at t = 0, stands beside the first step."""
    first = log10_times(trajectory)[0]
    return np.asarray(np.maximum(trajectory.snapshot_log_times / np.log(10.0), first))


def _draw_errors(ax: "Axes", trajectory: Trajectory, times: Vector, domain: Domain) -> None:
    middle = 0.5 * (times[1:] + times[:-1])
    edges = np.concatenate([times[:1], middle, times[-1:]])
    for net, low, high in zip(trajectory.snapshots, edges[:-1], edges[1:], strict=True):
        found = wrong_intervals(spline(net), trajectory.truth, domain)
        ax.broken_barh(
            bars(found),
            (low, high - low),
            facecolors=ERROR,
            linewidth=0.0,
            zorder=0.5,
            rasterized=True,
        )


def _draw_lines(ax: "Axes", trajectory: Trajectory, sample: Sample, times: Vector) -> None:
    nets = trajectory.snapshots
    kinks = np.array([net.kinks for net in nets])
    strong = np.array([strengths(net, sample) for net in nets])
    # a line between two nets is as faint as its fainter end
    strong = np.minimum(strong[1:], strong[:-1])
    for kind in KINDS:
        here = np.array([kind.of(net) for net in nets])
        row, neuron = np.nonzero(here[1:] & here[:-1] & (strong > FAINTEST))
        first, last = (np.column_stack([kinks[row + k, neuron], times[row + k]]) for k in (0, 1))
        colours = faded(kind.colour, strong[row, neuron])
        pieces = list(np.stack([first, last], axis=1))
        lines = LineCollection(pieces, colors=colours, linewidths=1.1, zorder=3, rasterized=True)
        ax.add_collection(lines, autolim=False)


def _mark_sample(ax: "Axes", sample: Sample) -> None:
    few = sample.size <= FEW
    for label, colour, shape in LABELS:
        x = sample.x[sample.y == label]
        ax.plot(
            x,
            np.full(len(x), 1.0),
            ls="",
            color=colour,
            marker=shape if few else "|",
            ms=3.2 if few else 5.0,
            mew=0.7,
            transform=ax.get_xaxis_transform(),
            clip_on=False,
            zorder=6,
        )
