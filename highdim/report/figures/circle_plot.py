"""A net of inputs in R² on the unit circle: N over the angle, its errors, its neurons, the data."""

from collections.abc import Iterator
from dataclasses import replace
from math import pi
from typing import TYPE_CHECKING, Any, Final

import numpy as np

from highdim.error.clean_error import clean_error
from highdim.problem.law import OFF
from highdim.problem.network import Network, TwoLayerNet, require_network
from highdim.problem.sample import SphereSample, require_sample
from highdim.report.figures.borders import Caps, caps
from univariate.common.arrays import Vector
from univariate.common.figure_style import (
    DPI,
    ERROR,
    GREY,
    INK,
    LABELS,
    PALE,
    SIZE,
    draw_levels,
    dress,
    label_scale,
    scale_name,
)

if TYPE_CHECKING:
    from matplotlib.axes import Axes

_POINTS: Final = 2048
_STRIP: Final = 0.42  # height of the neurons, in heights of the graph
_GAP: Final = 0.04  # between them
_EDGES: Final = (0.075, 0.985, 0.125, 0.97)  # left, right, bottom, top of new axes
_THICKEST: Final = 2.2
_TICKS: Final = {-pi: r"$-\pi$", -pi / 2: r"$-\pi/2$", 0.0: "0", pi / 2: r"$\pi/2$", pi: r"$\pi$"}


def plot_circle(
    net: Network, sample: SphereSample | None = None, *, ax: "Axes | None" = None
) -> "Axes":
    """Draw a net on the unit circle over the angle, and below it where its neurons are active.

    Parameters
    ----------
    net : TwoLayerNet or ThreeLayerNet
        Of inputs in R².
    sample : SphereSample, optional
        Its observations lie on the graph: discs have label +1, squares −1. N is drawn in units of
        the smallest margin, where all margins are positive. Observations off the circle are drawn
        at their angle and N(x_i), off the graph; the axis says so.
    ax : matplotlib Axes, optional
        Those of a new figure if not given.

    Returns the axes; the neurons are on inset axes below. The arcs in error are tinted: those with
    N f* ≤ 0 for the truth of the sample, as `clean_error` has them, exact. A neuron is a line over
    the arc on which it is active, blue where v > 0, vermilion where v < 0, grey in the first layer
    of a deeper net, strongest at the bottom and the more opaque the larger |v| ‖(w, b)‖. The y-axis
    is linear, or scaled by arsinh where |N| exceeds 8.

    Raises
    ------
    TypeError, ValueError
        No such net or sample, or not of dimension 2.
    """
    require_plane(net, sample, 2, "circle", "plot_sphere where it is 3")
    ax = ax or _new_axes()
    found = caps(net)
    unit, named = margin_unit(net, sample)
    angles = _angles(found)
    values = net(_on_circle(angles)) / unit
    low, high = float(values.min()), float(values.max())
    for start, end in _in_error(net, None if sample is None else sample.truth):
        ax.axvspan(start, end, color=ERROR, lw=0.0, zorder=0)
    ax.plot(angles, values, color=INK, lw=1.0, zorder=3)
    if sample is not None:
        outputs = net(sample.X) / unit
        low, high = min(low, float(outputs.min())), max(high, float(outputs.max()))
        _draw_data(ax, sample, outputs)
    draw_levels(ax)
    label_scale(ax, low, high)
    dress(ax, ylabel=f"{named}{scale_name(ax)}")
    strip = ax.inset_axes((0.0, -_STRIP - _GAP, 1.0, _STRIP), sharex=ax)
    _draw_neurons(strip, found)
    if sample is not None and is_off_the_sphere(sample):
        strip.set_xlabel(
            "angle of $x$; data are off the circle, drawn at their angles and $N(x_i)$"
        )
    ax.set_xlim(-pi, pi)
    ax.tick_params(axis="x", length=0.0, labelbottom=False)
    return ax


def with_room(ax: "Axes") -> "Axes":
    """Return axes cut to the part of their place that leaves room for the neurons below."""
    place = ax.get_position()
    height = place.height / (1.0 + _STRIP + _GAP)
    ax.set_position((place.x0, place.y1 - height, place.width, height))
    return ax


def _new_axes() -> "Axes":
    from matplotlib.figure import Figure

    # no constrained layout, which does not see the lettering of inset axes
    left, right, bottom, top = _EDGES
    figure = Figure(figsize=(7.2, 3.4), dpi=DPI)
    return with_room(figure.add_axes((left, bottom, right - left, top - bottom)))


def require_plane(net: object, sample: object, dimension: int, figure: str, remedy: str) -> None:
    """Refuse what is no net, or no sample, of a dimension."""
    require_network(net)
    assert isinstance(net, Network)  # for the type checker
    if net.dimension != dimension:
        raise ValueError(
            f"`net` must have inputs of dimension {dimension} for a picture of the {figure}, got"
            f" {net.dimension}; use {remedy}"
        )
    if sample is None:
        return
    require_sample(sample)
    assert isinstance(sample, SphereSample)
    if sample.dimension != dimension:
        raise ValueError(
            f"`sample` must have the dimension of the net, {dimension}, got {sample.dimension};"
            " pass the sample that it was trained on"
        )


def margin_unit(net: Network, sample: SphereSample | None) -> tuple[float, str]:
    """Return the smallest margin, if it is positive, else 1, and what N in this unit is called."""
    if sample is None:
        return 1.0, "$N$"
    least = float(np.min(sample.y * net(sample.X)))
    if least > 0.0:
        return least, "$N$ / margin"
    return 1.0, "$N$, no interpolation"


def is_off_the_sphere(sample: SphereSample) -> bool:
    """Whether some observation is off the unit sphere by more than norms are rounded."""
    with np.errstate(over="ignore"):
        return float(np.max(np.abs(np.sum(sample.X**2, axis=1) - 1.0))) > OFF


def _in_error(net: Network, truth: TwoLayerNet | None) -> list[tuple[float, float]]:
    """Return the arcs with N f* ≤ 0: f* = 1 without a truth."""
    if truth is None or isinstance(net, TwoLayerNet):
        return _arcs(net, truth)
    # N ≤ 0 where the truth is ≥ 0, and the other way round
    pairs = ((net, replace(truth, v=-truth.v)), (replace(net, v=-net.v), truth))
    return [
        (max(one[0], other[0]), min(one[1], other[1]))
        for first, second in pairs
        for one in _arcs(first)
        for other in _arcs(second)
        if max(one[0], other[0]) < min(one[1], other[1])
    ]


def _arcs(net: Network, truth: TwoLayerNet | None = None) -> list[tuple[float, float]]:
    intervals = clean_error(net, truth=truth).intervals
    assert intervals is not None
    return [(start, end) for start, end in intervals.tolist()]


def _on_circle(angles: Vector) -> Vector:
    return np.column_stack((np.cos(angles), np.sin(angles)))


def _angles(found: Caps) -> Vector:
    """Return angles to draw N at, ends of arcs among them."""
    middles = np.arctan2(found.axes[:, 1], found.axes[:, 0])
    bends = np.concatenate((middles - found.reach, middles + found.reach))
    inside = (bends + pi) % (2.0 * pi) - pi
    return np.sort(np.concatenate((np.linspace(-pi, pi, _POINTS + 1), inside)))


def _draw_data(ax: "Axes", sample: SphereSample, outputs: Vector) -> None:
    places = np.arctan2(sample.X[:, 1], sample.X[:, 0])
    for label, colour, mark in LABELS:
        own = sample.y == label
        look: dict[str, Any] = {"color": colour, "ms": 3.6, "mec": "white", "mew": 0.5, "zorder": 4}
        ax.plot(places[own], outputs[own], mark, **look)


def _draw_neurons(strip: "Axes", found: Caps) -> None:
    """Draw arcs in rows, the strongest of each sign at the bottom, v > 0 below v < 0."""
    order = np.lexsort((-found.strength, -found.sign))
    width = min(_THICKEST, 60.0 / max(len(order), 1))
    for row, j in enumerate(order):
        for start, end in _arc(found, int(j)):
            strip.plot(
                (start, end),
                (row, row),
                color=found.colour(j),
                alpha=found.opacity(j),
                lw=width,
                solid_capstyle="butt",
            )
    strip.set_ylim(-1.0, max(len(order), 1))
    strip.set_yticks([])
    dress(strip, xlabel="angle of $x$")
    strip.set_ylabel(_named(len(order)), fontsize=SIZE - 1.0, color=GREY, labelpad=9)
    strip.spines["left"].set_visible(False)
    strip.set_xticks(list(_TICKS), list(_TICKS.values()))
    strip.axhline(-1.0, color=PALE, lw=0.6)


def _named(count: int) -> str:
    return f"{count} neuron{'s' * (count != 1)}"


def _arc(found: Caps, j: int) -> Iterator[tuple[float, float]]:
    """Yield the parts of an arc in [−π, π]."""
    middle = float(np.arctan2(found.axes[j, 1], found.axes[j, 0]))
    reach = float(found.reach[j])
    for turn in (-2.0 * pi, 0.0, 2.0 * pi):
        start, end = max(middle - reach + turn, -pi), min(middle + reach + turn, pi)
        if start < end:
            yield start, end
