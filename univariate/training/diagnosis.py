"""Why a run does not interpolate: what is said about a training run that has come to rest."""

from collections.abc import Sequence
from math import inf
from typing import Final

import numpy as np

from univariate.problem.evaluation import rounded_kinks
from univariate.training.implicit import ascent
from univariate.training.recording import Row
from univariate.training.states import Data, State

_TRAPPED_AFTER: Final = 100.0
"""A flow is trapped when log L falls by less than `_TRAPPED_FALL` while σ grows by this factor, …
"""

_TRAPPED_FALL: Final = 1e-3
# … from this σ on, and from ‖θ‖²: a large net takes as long to change at all
_TRAPPED_FROM: Final = 1e4
# |θ| |∇ log L| at a standstill, and the speed of a neuron relative to its size
_STATIONARY: Final = 1e-8
_NAMED: Final = 3  # so many wrong observations are named


def hopeless(state: State, data: Data) -> str:
    """Say why no net of this width interpolates; empty if one may."""
    width = state.theta.shape[1]
    changes = int(np.sum(data.y[1:] != data.y[:-1]))
    if changes <= width + 1:
        return ""
    return (
        f"the labels change {changes} times, and a net of {width} neurons, which is linear on at"
        f" most {width + 1} pieces, changes its sign once on each; take a wider net"
    )


def trap(rows: Sequence[Row], state: State, data: Data) -> str:
    """Say why no observation that is wrong will become right; empty if one may."""
    last = rows[-1]
    long_ago = (
        row for row in reversed(rows) if row.scaled_time * _TRAPPED_AFTER < last.scaled_time
    )
    earlier = next(long_ago, None)
    late = last.scaled_time >= max(_TRAPPED_FROM, last.norm_squared)
    if late and earlier is not None and earlier.log_loss - last.log_loss < _TRAPPED_FALL:
        return f"the loss has stopped falling; {misfit(state, data)}"
    return stationary(state, data)


def stationary(state: State, data: Data) -> str:
    """Say so at a stationary point; empty elsewhere, and where a small neuron still grows."""
    speed = np.linalg.norm(ascent(state, data), axis=0)
    size = np.linalg.norm(state.theta, axis=0)
    slope = float(np.linalg.norm(speed) * np.linalg.norm(size))
    if slope >= _STATIONARY or np.any(speed > _STATIONARY * size):
        return ""
    return f"a stationary point of the loss, |θ| |∇ log L| = {slope:.2g}; {misfit(state, data)}"


def misfit(state: State, data: Data) -> str:
    """Say which observations are wrong, and by how much."""
    wrong = np.flatnonzero(state.margins <= 0.0)
    if not len(wrong):
        margin = float(state.margins.min())
        return f"the net interpolates with a smallest margin of {margin:.6g}"
    worst = wrong[np.argsort(state.margins[wrong])][:_NAMED].tolist()
    named = []
    for i in worst:
        margin = state.margins[i] + 0.0  # never −0
        alone = "" if _has_kink_around(i, state, data) else "; no kink is left around it"
        named.append(f"{i} (x = {data.x[i]:.6g}, y N(x) = {margin:.3g}{alone})")
    if len(wrong) > _NAMED:
        named.append("...")
    return f"{len(wrong)} of {len(data.x)} observations are wrong: {', '.join(named)}"


def _has_kink_around(i: int, state: State, data: Data) -> bool:
    """Whether a kink lies between an observation and the nearest ones of the other label."""
    others = np.flatnonzero(data.y != data.y[i])
    place = np.searchsorted(others, i)
    low = data.x[others[place - 1]] if place > 0 else -inf
    high = data.x[others[place]] if place < len(others) else inf
    v, w, b = state.theta
    kinks = rounded_kinks(w, b)
    live = (v != 0.0) & (w != 0.0)
    return bool(np.any(live & (kinks > low) & (kinks < high)))
