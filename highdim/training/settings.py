"""What a run was asked for, and which of its steps leave a row."""

from collections.abc import Callable, Iterator
from math import inf
from typing import Final, NamedTuple

from highdim.problem.network import Network
from univariate.common.arrays import Vector

Measure = Callable[[Network], float]

METHODS: Final = ("flow", "euler", "gd", "sgd")

_GROWTH: Final = 10.0 ** (1.0 / 30)  # 30 rows of descent for every tenfold of steps
_MOST: Final = 1e18  # steps, out of reach


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
    """When to stop: whatever comes first; `patience` is the work after which getting on counts."""

    flow_time: float = inf
    steps: float = inf
    margin: float = inf
    kkt_residual: float = -inf
    patience: float = inf


class Asked(NamedTuple):
    """Labels, what decides the steps, when to stop, and when to take and measure snapshots."""

    y: Vector
    settings: Settings
    goals: Goals = Goals()
    stops: tuple[float, ...] = ()
    measure: Measure | None = None


def _rare_steps() -> Iterator[int]:
    step = 0
    while step < _MOST:
        yield step
        step = max(step + 1, round(step * _GROWTH))


_RARE: Final = frozenset(_rare_steps())


def leaves_row(method: str, step: int) -> bool:
    """Whether a step leaves a row: all of the flow; of descent 0, 1, 2, …, then ever fewer."""
    return method == "flow" or step in _RARE
