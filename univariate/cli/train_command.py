"""Training on the command line: a run that Ctrl-C does not lose, then its KKT point and what is
decided about that.
"""

from collections.abc import Mapping
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np

from univariate.cli.train_options import TrainOptions
from univariate.common.changes import in_vain
from univariate.common.console import complain, console, on_terminal, remark, say_where, working
from univariate.common.delivery import Delivery, drawn
from univariate.common.readings import document_of, say
from univariate.common.tables.ownership import is_ours
from univariate.optimum.max_margin import MaxMargin, max_margin
from univariate.problem.density import Density
from univariate.problem.sample import Sample
from univariate.problem.truth import Truth
from univariate.report.screens.training import render_training
from univariate.report.training import (
    TrainingReport,
    build_training_report,
    run_digest,
    write_training_json,
)
from univariate.training.flow import FLOW_TOLERANCE
from univariate.training.trained import TrainedNet, train_network
from univariate.training.trajectory import Trajectory

if TYPE_CHECKING:
    from matplotlib.figure import Figure

    from univariate.problem.network import Network

_RUN = ("sample.npz", "train.npz")
_MADE = ("net.npz",)  # from the run, besides the report
_FILM = "train.gif"

LARGEST = 200
"""Observations up to which a report trains a net beside the optimum."""


def train(
    options: TrainOptions,
    where: Delivery,
    *,
    density: Density | None,
    truth: Truth | None,
    command: str,
    resume: bool,
    animated: bool,
) -> None:
    """Train or go on, write the run, its sample, its net and the report, and show that.

    `command` is the line that was typed. The run keeps all those that made it, and the report says
    them: the first as its command, those that went on as `resumed`.

    Ctrl-C ends the run only; it passes through when everything is written.
    """
    folder = where.folder
    run = [folder / name for name in _RUN]
    film = [_FILM] if animated or is_ours(folder / _FILM) else []
    made = where.products("train", *_MADE, *film)
    if resume:
        # the run stays until it is replaced whole, and what was made from it is made again
        where = where.again(path for path in made if path.name not in _MADE)
    read = {} if resume else {"net": options.net, "data": options.data}
    where.prepare([*run, *made], read=read, remedy="go on with that run by --resume, ")
    with working("Drawing, and solving Problem (1)"):
        sample, start, heard = options.problem(density, truth)
        best = max_margin(sample)
    say(heard)
    resumed = _resumed(folder, sample, start) if resume else None
    if resumed is not None and resumed.method == "flow":
        _say_tolerances(resumed.tolerance, options.tolerance)
    trajectory = _run(options, sample, start, resumed, command)
    digest = run_digest(trajectory, sample)
    pictures = [*where.pictures("train"), *(folder / name for name in film)]
    new_film = folder / _FILM if animated else None
    with where.turn("train", *_RUN, *_MADE, *film):
        if not resume:
            where.clear([*run, *made], new_film)
        files = _keep(trajectory, sample, folder)
        where.drop_stale(pictures, digest, folder / "train.npz", new_film)
        report = _reported(trajectory, sample, best, options, document_of(heard))
        files += _saved(report, where)
        screen = console()
        screen.print(render_training(report))
        files += _draw(report, sample, where, digest, animated=animated)
        say_where(screen, files)
    if trajectory.status == "interrupted":
        complain("the run is kept; the same command with --resume goes on")
        raise KeyboardInterrupt


def _resumed(folder: Path, sample: Sample, start: "Network") -> Trajectory:
    """Read the run to go on with, and refuse that of another sample or start."""
    if not (folder / "train.npz").exists():
        raise FileNotFoundError(
            f"`resume` must find a run in the folder of `out`, got none in {str(folder)!r}; leave"
            " it out to begin one"
        )
    if not (folder / "sample.npz").exists():
        raise FileNotFoundError(
            "`out` must hold the sample.npz of the run that `resume` goes on with, got none in"
            f" {str(folder)!r}; put it back beside train.npz, or begin anew by `overwrite`"
        )
    found = Trajectory.load(folder / "train.npz")
    kept = Sample.load(folder / "sample.npz")
    if not (np.array_equal(kept.x, sample.x) and np.array_equal(kept.y, sample.y)):
        raise ValueError(
            f"`resume` must go on with the same sample, {folder / 'sample.npz'} holds another one"
            f" of {kept.size} observations; repeat the options of the first call"
        )
    begun = found.snapshots[0]
    if start != begun:
        raise ValueError(
            f"`resume` must go on from the same start, {folder / 'train.npz'} began elsewhere, at a"
            f" net of width {begun.width}; repeat the options of the first call"
        )
    return found


def _say_tolerances(before: float, asked: float | None) -> None:
    """Say it where a run goes on with another tolerance."""
    now = FLOW_TOLERANCE if asked is None else asked
    if now != before:
        remark(f"note: the steps that are there were taken with --tolerance {before:g}, and stay")


def _run(
    options: TrainOptions,
    sample: Sample,
    start: "Network",
    resumed: Trajectory | None,
    command: str,
) -> Trajectory:
    """Return a run that has ended, with the commands that made it."""
    trajectory = options.run(start, sample, resumed, progress=on_terminal())
    before = () if resumed is None else resumed.commands
    return replace(trajectory, commands=(*before, command))


def _keep(trajectory: Trajectory, sample: Sample, folder: Path) -> list[Path | str]:
    """Write what cannot be computed again quickly, first."""
    sample.save(folder / "sample.npz")
    trajectory.save(folder / "train.npz")
    return [folder / "sample.npz", folder / "train.npz"]


def _reported(
    trajectory: Trajectory,
    sample: Sample,
    best: MaxMargin,
    options: TrainOptions,
    heard: Mapping[str, Any],
) -> TrainingReport:
    """Polish the end of a run, certify what comes out, and report on it."""
    asked: dict[str, Any] = {"delta": options.delta, "p": options.noise}
    first, *later = trajectory.commands
    origin: dict[str, Any] = {"command": first, "seed": options.rng, **heard}
    if later:
        origin["resumed"] = later
    with working("Polishing, and certifying the KKT point"):
        trained = TrainedNet.of(trajectory, sample, optimum=best, **asked)
        words = options.words(trained.start)
        return build_training_report(trained, sample, start=words, origin=origin, **asked)


def _saved(report: TrainingReport, where: Delivery) -> list[Path | str]:
    """Write the net and the JSON, beside which no train.json of another end stays."""
    net = where.folder / "net.npz"
    report.trained.net.save(net)
    written = write_training_json(report, where.json_path("train"))
    where.drop_stale_json("train", report.to_dict(), where.folder / "train.npz")
    return [f"{net} ({report.saved})", written]


def _draw(
    report: TrainingReport, sample: Sample, where: Delivery, digest: str, *, animated: bool
) -> list[Path]:
    files: list[Path] = []
    if where.figure:
        path = where.figure_path("train")
        files += drawn(lambda: _figure(report, sample), path, digest=digest)
    if animated:
        files += _filmed(report, sample, where.folder / _FILM)
    return files


def _figure(report: TrainingReport, sample: Sample) -> "Figure":
    from univariate.report.plots import plot_trained

    return plot_trained(report.trained, sample)


def _filmed(report: TrainingReport, sample: Sample, path: Path) -> list[Path]:
    try:
        from univariate.report.plots import film

        with working("Filming"):
            return [film(report.trained.trajectory, sample, path)]
    except OSError:
        raise
    except Exception as error:
        complain(f"no film: {' '.join(str(error).split())}{in_vain(path)}")
        return []


def train_beside(
    sample: Sample, generator: np.random.Generator, options: Mapping[str, Any]
) -> TrainedNet:
    """Train a net from a spread start, for comparison; Ctrl-C passes through."""
    found = train_network(sample, rng=generator, progress=on_terminal(), **options)
    if found.trajectory.status == "interrupted":
        raise KeyboardInterrupt
    return found


def require_trainable(m: int) -> None:
    """Refuse samples on which training takes too long to be part of a report."""
    if m > LARGEST:
        raise ValueError(
            f"`trained` needs m <= {LARGEST}, got m = {m:,}: training would take hours; lower m, or"
            " drop it"
        )
