"""The arguments of a training run, checked one by one."""

from collections.abc import Iterable, Sequence
from itertools import pairwise
from math import inf
from typing import Any, Final

import numpy as np

from highdim.training.losses import LOSSES
from highdim.training.settings import METHODS, Goals, Measure
from univariate.common import check
from univariate.common.arrays import Matrix

LARGEST: Final = 1e9
_FINEST: Final = {"float64": 1e-6, "float32": 1e-2}  # sines that 1 − cos² resolves
CHOICES: Final = {
    "method": METHODS,
    "loss": LOSSES,
    "reduction": ("mean", "sum"),
    "dtype": ("float64", "float32"),
    "space": ("auto", "gram", "weights"),
}


def chosen(**values: str) -> dict[str, Any]:
    """Return the arguments if each is one of its choices."""
    for name, value in values.items():
        check.choice(name, value, CHOICES[name])
    return values


def moderate(name: str, arrays: Iterable[Matrix]) -> None:
    """Require entries whose products over a whole net stay finite, in float32 too."""
    largest = max(float(np.abs(array).max()) for array in arrays)
    if largest > LARGEST:
        raise ValueError(
            f"`{name}` must hold numbers up to {LARGEST:g} to be trained, got {largest:.6g};"
            " rescale it"
        )


def positive(name: str, value: Any, *, below: float = inf) -> float:
    """Return a positive number below a bound."""
    number = check.real(name, value)
    if not 0.0 < number < below:
        bound = "positive" if below == inf else f"positive and below {below:g}"
        raise ValueError(
            f"`{name}` must be {bound}, got {number}; leave it out for the usual value"
        )
    return number


def batch(method: str, batch_size: int | None, m: int) -> int:
    """Return the batch size of "sgd", 0 for other methods."""
    if method != "sgd":
        if batch_size is not None:
            raise ValueError(
                f'`batch_size` must be left out for "{method}", got {batch_size}; only "sgd" has'
                " batches"
            )
        return 0
    if batch_size is None:
        raise ValueError(
            '`batch_size` must be given for "sgd", got None; pass 32, say, or choose "gd"'
        )
    if check.count("batch_size", batch_size) > m:
        raise ValueError(
            f"`batch_size` must be at most the sample size {m}, got {batch_size}; take a"
            " smaller one"
        )
    return batch_size


def chosen_space(space: str, m: int, d: int) -> str:
    """Return "gram" or "weights", for "auto" the cheaper one: m² n against 2 m d n a step."""
    chosen(space=space)
    return ("weights" if 2 * d < m else "gram") if space == "auto" else space


def goals(
    flow_time: float | None,
    steps: int | None,
    margin: float | None,
    kkt_residual: float | None,
    dtype: str,
    patience: int | None = None,
) -> Goals:
    """Return when to stop."""
    if flow_time is None and steps is None and margin is None and kkt_residual is None:
        raise ValueError(
            "`flow_time`, `steps`, `margin` or `kkt_residual` must be given, got none; pass"
            " flow_time=20.0, say"
        )
    return Goals(
        inf if flow_time is None else positive("flow_time", flow_time),
        inf if steps is None else float(check.count("steps", steps)),
        inf if margin is None else positive("margin", margin),
        -inf if kkt_residual is None else _residual(kkt_residual, dtype),
        inf if patience is None else float(check.count("patience", patience)),
    )


def _residual(value: float, dtype: str) -> float:
    """Return a residual that rounding does not hide."""
    number = positive("kkt_residual", value, below=1.0)
    if number < _FINEST[dtype]:
        remedy = "choose float64" if number >= _FINEST["float64"] else "ask for less"
        raise ValueError(
            f"`kkt_residual` must be at least {_FINEST[dtype]:g} in {dtype}, whose rounding hides"
            f" smaller ones, got {number:g}; {remedy}"
        )
    return number


def stops(record: Sequence[float]) -> tuple[float, ...]:
    """Return the times of the snapshots."""
    times = tuple(check.vector("record", record, allow_empty=True).tolist())
    if any(time <= 0.0 for time in times) or any(a >= b for a, b in pairwise(times)):
        raise ValueError(
            f"`record` must hold increasing positive times, got {times}; sort them, and leave out 0"
        )
    return times


def measured(measure: Measure | None) -> Measure | None:
    """Return what is called with nets; a run must not end in finding that it cannot be called."""
    if measure is not None and not callable(measure):
        raise TypeError(
            f"`measure` must be a function of a net, got {type(measure).__name__}; pass"
            " lambda net: float(clean_error(net, rng=0)), say"
        )
    return measure
