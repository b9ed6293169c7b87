"""Why a run ends."""

from typing import Final, NamedTuple

import numpy as np

from highdim.training.model import Model
from highdim.training.row import tame
from highdim.training.settings import Asked
from highdim.training.stepper import Look

FINAL: Final = ("diverged", "dead", "stalled")
"""After these a run cannot go on."""

_LANDED: Final = 1e-12  # relative; a time as good as reached


class Ending(NamedTuple):
    """One of the statuses that `Trajectory` lists, and a sentence."""

    status: str
    reason: str


def ending(
    look: Look, model: Model, asked: Asked, time: float, step: int, residual: float
) -> Ending | None:
    """Return why to stop here, if there is a reason; `residual` is that of a row recorded here."""
    goals = asked.goals
    if not tame(look, asked.settings.loss):
        return Ending("diverged", f"outputs run away after {step} steps; take smaller ones")
    if look.margin >= goals.margin:
        return Ending("margin reached", f"the smallest margin is {look.margin:.6g}")
    if residual <= goals.kkt_residual:
        return Ending("residual reached", f"the KKT residual is {residual:.6g}")
    if reached(time, goals.flow_time):
        return Ending("time reached", f"at flow time {time:.6g} {look.misfit()}")
    if step >= goals.steps:
        return Ending("steps exhausted", f"after {step} steps {look.misfit()}")
    if not np.any(look.margins) and not model.alive():
        reason = f"no neuron is active on any observation after {step} steps"
        return Ending("dead", reason)
    return None


def interrupted(look: Look, step: int) -> Ending:
    """Return the ending that the user wants."""
    return Ending("interrupted", f"interrupted after {step} steps, {look.misfit()}")


def stalled(look: Look, time: float) -> Ending:
    """Return the ending of a run for which no step is short enough."""
    reason = f"no step is short enough at flow time {time:.6g}; {look.misfit()}"
    return Ending("stalled", reason)


def reached(time: float, goal: float) -> bool:
    """Whether a time is reached, up to rounding."""
    return time >= goal * (1.0 - _LANDED)


def ahead(stops: tuple[float, ...], time: float) -> tuple[float, ...]:
    """Return the times that are still to come, by more than rounding."""
    return tuple(stop for stop in stops if stop > time * (1.0 + _LANDED))
