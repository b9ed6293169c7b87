"""What a run was asked for, and the schedule of its rows."""

from math import inf
from typing import Final, NamedTuple

METHODS: Final = ("flow", "euler", "gd", "sgd")

_PER_DECADE: Final = 30  # rows of descent for every tenfold of steps


class Settings(NamedTuple):
    """What decides every step; a run may only be resumed with the same."""

    method: str = "flow"
    loss: str = "logistic"
    learning_rate: float = 0.1
    batch_size: int = 0  # 0 for all data
    reduction: str = "mean"
    tolerance: float = 0.005
    step_safety: float = 0.5
    dtype: str = "float64"
    train_output: bool = True
    space: str = "gram"
    threads: int = 1


class Goals(NamedTuple):
    """When to stop: whatever comes first."""

    flow_time: float = inf
    steps: float = inf
    margin: float = inf
    kkt_residual: float = -inf


class Schedule:
    """Numbers of the steps of descent that leave a row, ever more rarely: 0, 1, 2, …, later 30 for
    every tenfold.
    """

    def __init__(self) -> None:
        self._next = 0

    def due(self, step: int) -> bool:
        """Whether a step leaves a row; steps must be asked about in increasing order."""
        while self._next < step:
            self._next = max(self._next + 1, round(self._next * 10.0 ** (1.0 / _PER_DECADE)))
        return self._next == step
