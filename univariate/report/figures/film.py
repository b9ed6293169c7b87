"""A film of training: one frame for every recorded net, as an animated GIF.

What stands still is drawn once and copied under every frame; all frames share one palette.
"""

from pathlib import Path
from typing import IO, TYPE_CHECKING, Any, Final

import numpy as np
from matplotlib.backends.backend_agg import FigureCanvasAgg
from matplotlib.figure import Figure
from PIL import Image

from univariate.common import check
from univariate.common.figure_style import (
    GREY,
    INK,
    NEGATIVE,
    SIZE,
    draw_levels,
    dress,
    label_scale,
    scale_name,
)
from univariate.common.files import PathLike, require_ending, write_atomically
from univariate.common.tables.ownership import marked
from univariate.error.clean_error import clean_error_of
from univariate.error.spline import spline
from univariate.problem.network import ReluNet
from univariate.problem.population import Population
from univariate.problem.sample import Sample
from univariate.report.figures.curves import draw_error_set, draw_graph, draw_sample
from univariate.report.figures.film_palette import common_palette
from univariate.report.figures.kinds import FAINTEST, KINDS, faded, name_kinds, strengths
from univariate.report.figures.kinks_plot import snapshot_times
from univariate.report.figures.training_plot import TIME, after_start, log10_times, time_axis
from univariate.report.figures.truth_marks import draw_truth, wrong_intervals
from univariate.report.figures.visible import rounded_margin, shown_domain, value_range
from univariate.report.training import run_digest
from univariate.training.trajectory import Trajectory

if TYPE_CHECKING:
    from matplotlib.artist import Artist
    from matplotlib.axes import Axes


DPI: Final = 120
PAUSE: Final = 2000
"""Milliseconds that the last net stays."""


def film(trajectory: Trajectory, sample: Sample, path: PathLike, *, rate: float = 6.0) -> Path:
    """Write a training run as an animated GIF, and return its path.

    Parameters
    ----------
    trajectory : Trajectory
    sample : Sample
    path : path
        An old file is replaced only by a complete one.
    rate : float
        Frames a second, positive.

    A frame is a recorded net, `trajectory.snapshots`; none is made up in between. It shows N
    divided by its smallest margin once that exceeds 1, tinted where N f* ≤ 0, with the kinks that
    matter as arrows into their active side, and how far the clean error has come. 792 × 504 pixels,
    below 3 MB. Cost some 50 ms a frame.
    """
    rate = check.real("rate", rate)
    if rate <= 0.0:
        raise ValueError(f"`rate` must be positive, got {rate}; 6 frames a second is the usual")
    require_ending("path", path, ".gif")
    population = trajectory.population(sample)
    shots = [_Shot(net, sample, population) for net in trajectory.snapshots]
    frames = _frames(trajectory, shots)
    palette = common_palette(frames)
    flat = [frame.quantize(palette=palette, dither=Image.Dither.NONE) for frame in frames]
    times = [round(1000.0 / rate)] * (len(flat) - 1) + [PAUSE]

    digest = run_digest(trajectory, sample)

    def save(stream: IO[bytes]) -> None:
        """Write all frames."""
        flat[0].save(
            stream,
            format="GIF",
            save_all=True,
            append_images=flat[1:],
            duration=times,
            loop=0,
            comment=marked(digest),
        )

    return write_atomically(path, save)


class _Shot:
    """A net ready to be drawn: scaled, with its spline on the domain shown and its range."""

    def __init__(self, net: ReluNet, sample: Sample, population: Population) -> None:
        self.sample = sample
        self.net = net
        self.truth = population.truth
        self.domain = shown_domain(sample, population.density)
        self.margin = rounded_margin(net, sample)
        self.curve = spline(ReluNet(net.v / max(1.0, self.margin), net.w, net.b))
        self.low, self.high = value_range(self.curve, self.domain)
        self.intervals = wrong_intervals(self.curve, self.truth, self.domain)
        self.error = clean_error_of(net, population).value

    def draw(self, ax: "Axes") -> None:
        """Draw what is not the same in all frames."""
        draw_error_set(ax, self.intervals, self.domain)
        draw_graph(ax, self.curve, self.domain, 0.9)
        draw_sample(ax, self.sample, self.domain)
        at = self.net.kinks
        strong = strengths(self.net, self.sample)
        shown = (strong > FAINTEST) & (at >= self.domain[0]) & (at <= self.domain[1])
        for kind in KINDS:
            here = shown & kind.of(self.net)
            ax.scatter(
                at[here],
                self.curve(at[here]),
                s=22.0,
                color=faded(kind.colour, strong[here]),
                linewidth=0.0,
                marker=kind.arrow,
                zorder=5,
            )


def _frames(trajectory: Trajectory, shots: list[_Shot]) -> list[Image.Image]:
    """Draw every net over a background drawn once."""
    figure = Figure(figsize=(6.6, 4.2), dpi=DPI)
    canvas: Any = FigureCanvasAgg(figure)  # its drawing methods are not annotated
    grid = figure.add_gridspec(
        2,
        1,
        height_ratios=[3.6, 1.0],
        left=0.085,
        right=0.98,
        top=0.865,
        bottom=0.09,
        hspace=0.26,
    )
    stage = figure.add_subplot(grid[0])
    clock = figure.add_subplot(grid[1])
    _set_stage(stage, shots)
    _draw_clock(clock, trajectory)
    handles = [kind.handle(ls="", marker=kind.arrow, ms=5.0, mew=0.0) for kind in KINDS]
    name_kinds(figure, handles, (0.07, 0.945), "upper left", handletextpad=0.2)
    # axes and legends are the same in all frames
    canvas.draw()
    background = canvas.copy_from_bbox(figure.bbox)
    frames: list[Image.Image] = []
    for shot, time in zip(shots, snapshot_times(trajectory).tolist(), strict=True):
        canvas.restore_region(background)
        when = f"10^{{{time:.2f}}}" if frames else "0"
        for artist in _moving(stage, clock, shot, time, when):
            artist.draw(canvas.get_renderer())
            artist.remove()
        frames.append(Image.fromarray(np.asarray(canvas.buffer_rgba())[:, :, :3].copy()))
    return frames


def _set_stage(ax: "Axes", shots: list[_Shot]) -> None:
    draw_levels(ax)
    draw_truth(ax, shots[0].truth, shots[0].domain)
    label_scale(ax, min(shot.low for shot in shots), max(shot.high for shot in shots))
    ax.set_xlim(*shots[0].domain)
    dress(ax, ylabel=f"$N(x)$ / max(1, margin){scale_name(ax)}")


def _draw_clock(ax: "Axes", trajectory: Trajectory) -> None:
    """Draw the clean error over time; at t = 0 it may be far above the rest, and is not shown."""
    times = log10_times(trajectory)
    errors = trajectory.clean_errors[after_start(trajectory)]
    ax.plot(times, errors, color=GREY, linewidth=0.9)
    time_axis(ax.xaxis, times)
    ax.set_xlim(times[0], times[-1] + 1e-9)
    ax.set_ylim(0.0, 1.15 * max(float(errors.max()), 1e-3))
    dress(ax, TIME, "clean error")


def _moving(stage: "Axes", clock: "Axes", shot: _Shot, time: float, when: str) -> "list[Artist]":
    """Return what one frame adds, from back to front."""
    kept = set(stage.get_children())
    shot.draw(stage)
    words = f"$t = {when}$      smallest margin {shot.margin:.3g}      clean error {shot.error:.4f}"
    stage.text(
        0.085,
        0.978,
        words,
        fontsize=SIZE + 1.5,
        color=INK,
        transform=stage.figure.transSubfigure,
        clip_on=False,
        va="top",
    )
    new = [artist for artist in stage.get_children() if artist not in kept]
    # the start may be off the scale
    height = min(shot.error, clock.get_ylim()[1])
    new += clock.plot([time], [height], ls="", marker="o", ms=5.0, color=NEGATIVE, clip_on=False)
    return sorted(new, key=lambda artist: artist.get_zorder())
