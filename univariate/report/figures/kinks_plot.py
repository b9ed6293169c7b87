"""Where the kinks of a net go during training, and the errors between them."""

from typing import TYPE_CHECKING, Any, Final, NamedTuple

import numpy as np
from matplotlib.collections import LineCollection
from matplotlib.colors import to_rgba_array
from matplotlib.lines import Line2D
from numpy.typing import NDArray

from univariate.error.spline import UNIT_INTERVAL, spline
from univariate.problem.network import ReluNet
from univariate.problem.sample import Sample
from univariate.report.figures.axes import (
    AZURE,
    ERROR,
    GREEN,
    NEGATIVE,
    ORANGE,
    POSITIVE,
    PURPLE,
    SIZE,
    dress,
    new_axes,
)
from univariate.report.figures.curves import FEW
from univariate.report.figures.training_plot import log10_times, time_axis
from univariate.training.trajectory import Trajectory

if TYPE_CHECKING:
    from matplotlib.axes import Axes

Vector = NDArray[np.float64]


class Kind(NamedTuple):
    """Kinks of one orientation and sign, and how they are drawn."""

    right: bool
    convex: bool
    name: str
    colour: str


KINDS: Final = (
    Kind(True, True, "right-oriented, convex", GREEN),
    Kind(True, False, "right-oriented, concave", AZURE),
    Kind(False, True, "left-oriented, convex", PURPLE),
    Kind(False, False, "left-oriented, concave", ORANGE),
)

FAINTEST: Final = 0.03
"""Kinks that move N by less than this share of its margin are left out."""


def plot_kinks(
    trajectory: Trajectory,
    sample: Sample,
    *,
    ax: "Axes | None" = None,
    domain: tuple[float, float] | None = None,
) -> "Axes":
    """Draw the kinks of the recorded nets over time, upwards, with the error set tinted; return the
    axes.

    Parameters
    ----------
    trajectory : Trajectory
    sample : Sample
        Marked on the upper border.
    ax : matplotlib Axes, optional
    domain : pair of floats, optional
        What to show; [0, 1], widened to hold the sample, if not given.

    One line a neuron, in the colour of its orientation and sign, as strong as what its kink moves N
    by across the gap it lies in, relative to the smallest margin (while that is small, to the
    median of all kinks). Lines are straight between recorded nets, `trajectory.snapshots`; the tint
    is that of the nearest one.
    """
    ax = new_axes(7.2, 3.4) if ax is None else ax
    low, high = UNIT_INTERVAL if domain is None else domain
    if domain is None:
        low, high = min(low, float(sample.x[0])), max(high, float(sample.x[-1]))
    times = snapshot_times(trajectory)
    _draw_errors(ax, trajectory, times, (low, high))
    _draw_lines(ax, trajectory, sample, times)
    _mark_sample(ax, sample)
    dress(ax, "", "$x$", "flow time $t$")
    time_axis(ax.yaxis, times)
    ax.set(xlim=(low, high), ylim=(times[0], max(times[-1], times[0] + 1e-9)))
    _name_kinds(ax)
    return ax


def snapshot_times(trajectory: Trajectory) -> Vector:
    """Return log₁₀ t of the recorded nets; the start, at t = 0, stands beside the first step."""
    first = log10_times(trajectory)[0]
    return np.asarray(np.maximum(trajectory.snapshot_log_times / np.log(10.0), first))


def effects(net: ReluNet, sample: Sample) -> Vector:
    """Return by how much every kink moves N across the gap between observations that it lies in,
    shape (n,).

    Beyond the observations and on a sample of one the gap counts as the mean one, or 1. Rounded.
    """
    gaps = sample.gaps
    mean = float(gaps.mean()) if len(gaps) else 1.0
    place = np.searchsorted(sample.x, net.kinks)
    return np.asarray(np.abs(net.v * net.w) * np.concatenate([[mean], gaps, [mean]])[place])


def strengths(net: ReluNet, sample: Sample) -> Vector:
    """Return the effects relative to the smallest margin, or to their median where that is more; at
    most 1.
    """
    found = effects(net, sample)
    margin = float((sample.y * net(sample.x)).min())
    typical = float(np.median(found[found > 0.0])) if np.any(found > 0.0) else 1.0
    return np.asarray(np.minimum(found / max(margin, typical), 1.0))


def of_kind(net: ReluNet, kind: Kind) -> NDArray[np.bool_]:
    """Return which neurons bend N with this orientation and sign."""
    return np.asarray(
        (np.sign(net.w) == (1.0 if kind.right else -1.0))
        & (np.sign(net.v) == (1.0 if kind.convex else -1.0))
    )


def faded(colour: str, strength: Vector) -> Vector:
    """Return a colour as strong as given, shape (k, 4)."""
    found = np.tile(to_rgba_array(colour), (len(strength), 1))
    found[:, 3] = strength
    return found


def _draw_errors(
    ax: "Axes", trajectory: Trajectory, times: Vector, domain: tuple[float, float]
) -> None:
    middle = 0.5 * (times[1:] + times[:-1])
    edges = np.concatenate([times[:1], middle, times[-1:]])
    for net, low, high in zip(trajectory.snapshots, edges[:-1], edges[1:], strict=True):
        found = spline(net).sublevel_intervals(0.0, domain)
        strips = np.column_stack([found[:, 0], found[:, 1] - found[:, 0]])
        ax.broken_barh(
            strips.tolist(),
            (low, high - low),
            facecolors=ERROR,
            linewidth=0.0,
            zorder=0.5,
            rasterized=True,
        )


def _draw_lines(ax: "Axes", trajectory: Trajectory, sample: Sample, times: Vector) -> None:
    nets = trajectory.snapshots
    kinks, strong = (
        np.array([net.kinks for net in nets]),
        np.array([strengths(net, sample) for net in nets]),
    )
    strong = np.minimum(strong[1:], strong[:-1])
    for kind in KINDS:
        here = np.array([of_kind(net, kind) for net in nets])
        row, neuron = np.nonzero(here[1:] & here[:-1] & (strong > FAINTEST))
        first, last = (np.column_stack([kinks[row + k, neuron], times[row + k]]) for k in (0, 1))
        colours = faded(kind.colour, strong[row, neuron])
        pieces = list(np.stack([first, last], axis=1))
        lines = LineCollection(pieces, colors=colours, linewidths=1.1, zorder=3, rasterized=True)
        ax.add_collection(lines, autolim=False)


def _mark_sample(ax: "Axes", sample: Sample) -> None:
    few = sample.size <= FEW
    for label, colour, shape in ((1.0, POSITIVE, "o"), (-1.0, NEGATIVE, "s")):
        x = sample.x[sample.y == label]
        style: dict[str, Any] = {
            "marker": shape if few else "|",
            "ms": 3.2 if few else 5.0,
            "mew": 0.7,
        }
        style |= {"transform": ax.get_xaxis_transform(), "clip_on": False, "zorder": 6}
        ax.plot(x, np.full(len(x), 1.0), ls="", color=colour, **style)


def _name_kinds(ax: "Axes") -> None:
    lines = [Line2D([], [], color=kind.colour, linewidth=1.6, label=kind.name) for kind in KINDS]
    style: dict[str, Any] = {
        "ncols": 4,
        "fontsize": SIZE - 1.0,
        "frameon": False,
        "borderaxespad": 0.0,
    }
    ax.legend(handles=lines, loc="lower left", bbox_to_anchor=(0.0, 1.03), **style)
