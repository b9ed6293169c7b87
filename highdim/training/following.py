"""The flow by controlled steps."""

from collections.abc import Iterator

import numpy as np

from highdim.training.frozen import sharpness
from highdim.training.losses import slopes
from highdim.training.run import Run
from highdim.training.spaces import Array
from highdim.training.stepping import State, controlled_step, state_of, tangent_kernel


def follow(run: Run) -> Iterator[None]:
    """Take steps as long as the tolerance allows; every one leaves a row."""
    state, length = state_of(run.model, _shares(run.extra)), float(run.extra.get("next_step", 0.0))
    K = _note(run, state, 0.0)
    while True:
        run.snap()
        if run.arrived():
            return
        length, stop = length or _first_length(K, run), run.next_stop
        if not np.isfinite(run.time + length):  # after a thousand doublings of τ
            run.stall()
            return
        lands = run.time + length >= stop
        tried = stop - run.time if lands else length
        step = controlled_step(
            state, K, run.y, run.settings.loss, tried, run.settings.tolerance, run.time
        )
        if step is None:
            run.stall()
            return
        state = step.state
        # a step cut short says little about the next
        if step.length < tried or not lands or step.next_length < tried:
            length = step.next_length
        run.model = state.model
        run.advance(stop if lands and step.length == tried else run.time + step.length)
        run.extra = {"next_step": np.array(length)} | {
            f"S{i}": S for i, S in enumerate(state.shares)
        }
        K = _note(run, state, step.error)
        yield


def _note(run: Run, state: State, error: float) -> Array:
    """Record a state; returns its tangent kernel."""
    K = tangent_kernel(state)
    run.see(state.outputs, state.values, state.shares, K)
    run.row(error, state.values[0])
    return K


def _first_length(K: Array, run: Run) -> float:
    """One over the largest curvature; where nothing moves, any length will do."""
    start = np.ones(len(run.y)) / np.sqrt(len(run.y))
    curvature, _ = sharpness(K, slopes(run.margins, run.settings.loss), start, 20)
    return 1.0 / curvature if curvature > 0.0 else 1.0


def _shares(extra: dict[str, Array]) -> tuple[Array, ...] | None:
    names = [f"S{i}" for i in range(2) if f"S{i}" in extra]
    return tuple(extra[name] for name in names) or None
