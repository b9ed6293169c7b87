"""What a run takes over from an earlier part, and which earlier part it may go on with."""

import numpy as np

from highdim.problem.network import Network
from highdim.training.ending import FINAL
from highdim.training.row import Row
from highdim.training.run import Before, Run
from highdim.training.settings import Asked, Settings
from highdim.training.spaces import Arrays
from highdim.training.trajectory import ROWS, Trajectory

# margins of one net on one sample, as far apart as rounding and a thousand steps may take them
_SAME = 1e-3


def require_resumable(resume: Trajectory, net: Network, asked: Asked) -> None:
    """Refuse what is no run, another net, other settings, a run that cannot go on, and a `measure`
    that is new.
    """
    if not isinstance(resume, Trajectory):
        raise TypeError(
            f"`resume` must be a Trajectory, got {type(resume).__name__}; pass the result of"
            " gradient_flow, or Trajectory.load(path)"
        )
    for name, given, kept in zip(Settings._fields, asked.settings, resume.settings, strict=True):
        if given != kept and name != "threads":
            raise ValueError(
                f"`{name}` must be that of the run to resume, {kept!r}, got {given!r}; or start"
                " anew"
            )
    ours, theirs = net.parameters, resume.net.parameters
    if ours.keys() != theirs.keys() or not all(
        np.array_equal(ours[name], theirs[name]) for name in ours
    ):
        raise ValueError(
            "`net` must be where the run to resume ended, got another; pass resume.net"
        )
    if resume.status in FINAL:
        raise ValueError(
            f"`resume` must be a run that can go on, got one that is {resume.status}; start anew"
        )
    if asked.measure is not None and len(resume.clean_errors) < len(resume.snapshots):
        raise ValueError(
            "`measure` must be left out, the run to resume did not measure its snapshots; call it"
            " on the snapshots afterwards"
        )


def require_same_sample(run: Run, resume: Trajectory) -> None:
    """Refuse a sample on which the net has another margin than the run to resume found."""
    margin = run.now.look.margin
    if abs(margin - resume.margins[-1]) > _SAME * max(1.0, abs(margin)):
        raise ValueError(
            "`sample` must be that of the run to resume, got another margin on it; or start anew"
        )


def before(resume: Trajectory | None) -> Before:
    """Return rows, time and step of an earlier part, if there is one."""
    if resume is None:
        return Before()
    columns = (getattr(resume, name).tolist() for name in ROWS)
    rows = [Row(*row) for row in zip(*columns, strict=True)]
    since = float(resume._checkpoint["since"])
    return Before(rows, resume.flow_time, resume.steps, None if np.isnan(since) else since)


def trajectory(run: Run, start: Network, resume: Trajectory | None) -> Trajectory:
    """Return a run that has ended as a value, with what it has taken over."""
    now, measure = run.now, run.asked.measure
    assert run.ending is not None
    net = run.model.network()
    nets: list[Network] = [one.net for one in run.snapshots]
    times = [one.time for one in run.snapshots]
    errors = [one.clean_error for one in run.snapshots]
    if resume is not None:
        nets = [*resume.snapshots, *nets]
        times = [*resume.snapshot_times, *times]
        errors = [*resume.clean_errors, *errors]
    since = {"since": np.array(np.nan if now.since is None else now.since)}
    checkpoint: Arrays = now.stepper.arrays() | since
    return Trajectory(
        net=net,
        status=run.ending.status,
        reason=run.ending.reason,
        **dict(zip(ROWS, np.array(run.rows, dtype=np.float64).T.copy(), strict=True)),
        interpolation_time=run.interpolation_time,
        snapshots=tuple(nets),
        snapshot_times=np.array(times, dtype=np.float64),
        clean_errors=np.array([] if measure is None else errors, dtype=np.float64),
        clean_error=None if measure is None else float(measure(net)),
        start=start,
        settings=run.asked.settings,
        _checkpoint=checkpoint,
    )
