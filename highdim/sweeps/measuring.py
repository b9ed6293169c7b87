"""A training run of a sweep, done: what its record says."""

from time import perf_counter
from typing import Any

import numpy as np
from numpy.typing import NDArray

from highdim.error.estimate import Estimate
from highdim.optimum.orthogonal_limit import orthogonal_limit
from highdim.problem.check import label_counts
from highdim.sweeps.polishing import polished_record
from highdim.sweeps.runs import POLISHED, RunConfig
from highdim.sweeps.store import Record, number
from highdim.training.trajectory import Trajectory


def run_one(configuration: RunConfig) -> Record:
    """Draw, train, and measure. Same configuration, same record, but for `seconds`.

    Rounded; the clean error is estimated with a 95 % interval. Raises KeyboardInterrupt where the
    training is interrupted: half a run is no record. Cost that of `gradient_flow`.
    """
    start = perf_counter()
    one = configuration
    sample = one.sample()
    run = one.train(sample)
    if run.status == "interrupted":
        raise KeyboardInterrupt
    error = one.clean_error(run.net)
    trained = _trained(run, sample.y * run.net(sample.X))
    measured = {
        "noise_rate": sample.noise_rate,
        **_estimated(error),
        "predicted_clean_error": _predicted(one, sample.y),
    }
    if one.polish:
        kind = {"train_output": one.train_output, "bias": one.bias}
        asked: dict[str, Any] = {
            "precision": one.error_precision,
            "samples": one.error_samples,
            "rng": np.random.default_rng(one.words(POLISHED)),
        }
        measured |= polished_record(run.net, sample, **kind, error=asked)
    return trained | measured | {"seconds": perf_counter() - start}


def _trained(run: Trajectory, margins: NDArray[np.float64]) -> Record:
    """Return what a record says about the training."""
    return {
        "status": run.status,
        "interpolates": bool(margins.min() > 0.0),
        "training_error": float(np.mean(margins <= 0.0)),
        "smallest_margin": number(margins.min()),
        "normalised_margin": number(run.normalised_margins[-1]),
        "norm_squared": number(run.net.norm_squared),
        "flow_time_reached": run.flow_time,
        "interpolation_time": run.interpolation_time,
        "steps": run.steps,
        "loss_reached": number(run.losses[-1]),
    }


def _estimated(error: Estimate) -> Record:
    """Return what a record says about the clean error."""
    # the logarithm of an estimate of exactly 0 is no number of JSON
    known = error.value > 0.0 or error.log10_value > -1e300
    return {
        "clean_error": error.value,
        "clean_error_low": error.low,
        "clean_error_high": error.high,
        "log10_clean_error": error.log10_value if known else None,
        "error_method": error.method,
        "error_drawn": error.samples,
    }


def _predicted(one: RunConfig, y: NDArray[np.float64]) -> float | None:
    """Return what the orthogonal limit predicts for a net with biases; None off the sphere."""
    if one.distribution != "sphere":
        return None
    return orthogonal_limit(*label_counts(y)).predicted_clean_error(one.d)
