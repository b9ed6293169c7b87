"""A net of inputs in R³ on the unit sphere, on an equal-area map: errors, borders of neurons, data.

Hammer's map sends longitude λ and latitude φ to (2√2 cos φ sin ½λ, √2 sin φ)/√(1 + cos φ cos ½λ),
an ellipse with half axes 2√2 and √2; areas are those of the sphere, so that the tinted part of the
ellipse is the clean error.
"""

from math import pi, sqrt
from typing import TYPE_CHECKING, Any, Final

import numpy as np
from matplotlib.colors import ListedColormap

from highdim.problem.network import Network
from highdim.problem.sample import SphereSample
from highdim.report.figures.borders import Caps, caps
from highdim.report.figures.circle_plot import is_off_the_sphere, require_plane
from univariate.common.arrays import Matrix, Vector
from univariate.common.figure_style import ERROR, GREY, INK, LABELS, PALE, SIZE, new_axes

if TYPE_CHECKING:
    from matplotlib.axes import Axes

_A: Final = 2.0 * sqrt(2.0)
_B: Final = sqrt(2.0)
_PIXELS: Final = 400  # rows of the raster
_POINTS: Final = 721  # of a circle
_SIDE: Final = 0.028  # of the faint line on the active side, in radians
_MERIDIANS: Final = np.radians(np.arange(-120.0, 121.0, 60.0))
_PARALLELS: Final = np.radians([-60.0, -30.0, 0.0, 30.0, 60.0])


def plot_sphere(
    net: Network, sample: SphereSample | None = None, *, ax: "Axes | None" = None
) -> "Axes":
    """Draw a net on the unit sphere of R³, on Hammer's equal-area map.

    Parameters
    ----------
    net : TwoLayerNet or ThreeLayerNet
        Of inputs in R³.
    sample : SphereSample, optional
        Its observations, by their directions: discs have label +1, squares −1. A text in the
        corner says so where they are off the sphere.
    ax : matplotlib Axes, optional
        Those of a new figure if not given.

    Returns the axes. What is in error, N f* ≤ 0 for the truth of the sample, is tinted, and N = 0
    is a line: the tinted part of the map is the clean error. The border of a neuron, {w·x + b = 0},
    is a circle of the sphere, doubled by a faint line on the side on which the neuron is active; it
    is blue where v > 0, vermilion where v < 0, grey in the first layer of a deeper net, and the
    more opaque the larger |v| ‖(w, b)‖. The map has longitude and latitude 0 in its middle, the
    first axis, and the third axis is up. A raster: `clean_error` encloses what it shows.

    Raises
    ------
    TypeError, ValueError
        No such net or sample, or not of dimension 3.
    """
    require_plane(net, sample, 3, "sphere", "plot_circle where it is 2")
    ax = ax or new_axes(7.2, 3.9)
    _draw_errors(ax, net, None if sample is None else sample.truth)
    _draw_graticule(ax)
    _draw_borders(ax, caps(net))
    if sample is not None:
        _draw_data(ax, sample)
        if is_off_the_sphere(sample):
            words = "data off the sphere,\nby their directions"
            ax.text(0.0, 0.0, words, transform=ax.transAxes, fontsize=SIZE - 1.0, color=GREY)
    ax.set(xlim=(-1.01 * _A, 1.01 * _A), ylim=(-1.02 * _B, 1.02 * _B), aspect="equal")
    ax.set_axis_off()
    return ax


def hammer(x: Matrix) -> Matrix:
    """Return the places (n, 2) of directions (n, 3) on the map; lengths do not matter."""
    longitude = np.arctan2(x[:, 1], x[:, 0])
    level = np.hypot(x[:, 0], x[:, 1])
    latitude = np.arctan2(x[:, 2], level)
    scale = sqrt(2.0) / np.sqrt(1.0 + np.cos(latitude) * np.cos(0.5 * longitude))
    east = 2.0 * scale * np.cos(latitude) * np.sin(0.5 * longitude)
    return np.column_stack((east, scale * np.sin(latitude)))


def unhammer(places: Matrix) -> Matrix:
    """Return the unit vectors (n, 3) for places (n, 2) inside the ellipse."""
    half = 1.0 - (places[:, 0] / 4.0) ** 2 - (places[:, 1] / 2.0) ** 2
    root = np.sqrt(np.maximum(half, 0.5))  # ½ on the ellipse
    longitude = 2.0 * np.arctan2(root * places[:, 0], 2.0 * (2.0 * root**2 - 1.0))
    rise = root * places[:, 1]
    level = np.sqrt(np.maximum(1.0 - rise**2, 0.0))
    return np.column_stack((level * np.cos(longitude), level * np.sin(longitude), rise))


def _draw_errors(ax: "Axes", net: Network, truth: Network | None) -> None:
    """Tint {N f* ≤ 0} pixel by pixel, and draw the line N = 0."""
    east = (np.arange(2 * _PIXELS) + 0.5) / _PIXELS * _A - _A
    north = (np.arange(_PIXELS) + 0.5) / _PIXELS * 2.0 * _B - _B
    grid = np.stack(np.meshgrid(east, north), axis=2)
    inside = (grid[:, :, 0] / _A) ** 2 + (grid[:, :, 1] / _B) ** 2 < 1.0
    values = np.full(inside.shape, np.nan)
    values[inside] = net(unhammer(grid[inside]))
    agreeing = values.copy()
    if truth is not None:
        agreeing[inside] *= np.sign(truth(unhammer(grid[inside])))
    wrong = np.ma.masked_where(~(agreeing <= 0.0), np.ones_like(values))
    ends = (-_A, _A, -_B, _B)
    look: dict[str, Any] = {"origin": "lower", "interpolation": "nearest", "zorder": 0}
    ax.imshow(wrong, extent=ends, cmap=ListedColormap([ERROR]), **look)
    if np.nanmin(values) < 0.0 < np.nanmax(values):
        ax.contour(east, north, values, [0.0], colors=[INK], linewidths=0.9, zorder=2)


def _draw_graticule(ax: "Axes") -> None:
    """Draw the outline, meridians and parallels."""
    turn = np.linspace(0.0, 2.0 * pi, _POINTS)
    ax.plot(_A * np.cos(turn), _B * np.sin(turn), color=INK, lw=0.7, zorder=5)
    rise = np.linspace(-0.5 * pi, 0.5 * pi, _POINTS)
    for longitude in _MERIDIANS:
        ax.plot(*_placed(np.full(_POINTS, longitude), rise).T, color=PALE, lw=0.5, zorder=1)
    round_ = np.linspace(-pi, pi, _POINTS)[1:-1]
    for latitude in _PARALLELS:
        level = np.full(len(round_), latitude)
        ax.plot(*_placed(round_, level).T, color=PALE, lw=0.5, zorder=1)


def _placed(longitude: Vector, latitude: Vector) -> Matrix:
    level = np.cos(latitude)
    return hammer(
        np.column_stack((level * np.cos(longitude), level * np.sin(longitude), np.sin(latitude)))
    )


def _draw_borders(ax: "Axes", found: Caps) -> None:
    """Draw the circles of neurons that switch on the sphere, the strongest on top."""
    for j in np.argsort(found.strength):
        reach = float(found.reach[j])
        if reach >= pi:
            continue
        look: dict[str, Any] = {"color": found.colour(j), "zorder": 3}
        alpha = found.opacity(j)
        ax.plot(*_circle(found.axes[j], reach), lw=0.9, alpha=alpha, **look)
        inner = max(reach - _SIDE, 0.0)
        ax.plot(*_circle(found.axes[j], inner), lw=1.8, alpha=0.3 * alpha, **look)


def _circle(axis: Vector, reach: float) -> tuple[Vector, Vector]:
    """Return the places of a circle of the sphere, broken where it leaves the map."""
    frame = np.linalg.svd(axis[None, :])[2]
    turn = np.linspace(0.0, 2.0 * pi, _POINTS)
    around = np.outer(np.cos(turn), frame[1]) + np.outer(np.sin(turn), frame[2])
    places = hammer(np.cos(reach) * axis + np.sin(reach) * around)
    steps = np.linalg.norm(np.diff(places, axis=0), axis=1)
    places[1:][steps > 0.5] = np.nan
    return places[:, 0], places[:, 1]


def _draw_data(ax: "Axes", sample: SphereSample) -> None:
    places = hammer(sample.X)
    for label, colour, mark in LABELS:
        own = places[sample.y == label]
        look: dict[str, Any] = {"color": colour, "ms": 4.2, "mec": "white", "mew": 0.6}
        ax.plot(own[:, 0], own[:, 1], mark, zorder=6, **look)
