"""A training run as a value: where it ended, what happened on the way, and what resuming it
needs.
"""

import json
from dataclasses import field
from typing import Any, Final

import numpy as np
from numpy.typing import NDArray

from highdim.problem.network import Network, ThreeLayerNet, TwoLayerNet
from highdim.training.settings import Settings
from highdim.training.spaces import Arrays
from univariate.common.arrays import Vector
from univariate.common.files import PathLike, expect_schema, load_arrays, save_arrays
from univariate.common.result import Result, result

ROWS: Final = (
    "times",
    "step_numbers",
    "losses",
    "margins",
    "norms_squared",
    "wrong",
    "step_errors",
    "kkt_residuals",
)

_SCHEMA: Final = "highdim.Trajectory/1"
_VECTORS: Final = (*ROWS, "snapshot_times", "clean_errors")
_SCALARS: Final = ("clean_error", "interpolation_time")


@result
class Trajectory(Result):
    """A training run.

    Attributes
    ----------
    net : TwoLayerNet or ThreeLayerNet
        Where it ended.
    status : str
        "time reached", "steps exhausted", "margin reached", "residual reached", "interrupted",
        "diverged" (descent with too large steps), "dead" (no neuron is active on any observation,
        so nothing moves any more), "stalled" (no step is short enough) or "no progress" (see
        `patience` of `gradient_flow`).
    reason : str
        One sentence; for a run that does not interpolate which observations are wrong, and by how
        much.
    times : ndarray, shape (k,)
        Flow times τ of the *sum* loss, row by row, from the start (0) to the end. Every step of
        "flow" leaves a row, those of the other methods ever more rarely, 30 for every tenfold.
    step_numbers, losses, margins, norms_squared, wrong : ndarray, shape (k,)
        Steps so far, L = Σ ℓ(y_i N(x_i)), the smallest y_i N(x_i), ‖θ‖² with fixed outputs
        included, and how many observations have y_i N(x_i) ≤ 0.
    step_errors : ndarray, shape (k,)
        Error estimate of the step of "flow" that ended in the row: root mean square over the data,
        of N; 0 for other methods.
    kkt_residuals : ndarray, shape (k,)
        How far the direction of θ is from that of a KKT point of Problem (1): the sine of the angle
        between what is trained and −∇L = Σ λ_i y_i ∇N(x_i) with λ_i = −ℓ'(q_i), q_i = y_i N(x_i),
        or the slackness Σ λ_i (q_i − min q)/(min q Σ λ_i) if that is larger (Lyu and Li, 2020). inf
        where a margin is not positive, where N is not homogeneous, which biases b2 cause, and in
        files that lack it. "flow" takes for σ' the share of the last step for which the neuron was
        active, a Goldstein subgradient at kinks that stay on data; other methods take σ'(0) = 0,
        and kinks that chatter about data keep their residuals up. Rounded: its square within some
        1e-14, in float32 1e-5.
    interpolation_time : float or None
        The first τ from which on every margin is positive; None if the run does not end so. "sgd"
        looks at all data only where it leaves a row.
    snapshots : tuple of networks
        Nets at the times asked for, or at the first step after them; `snapshot_times` (s,) says
        when.
    clean_errors : ndarray, shape (s,)
        What `measure` said about the snapshots; empty without it.
    clean_error : float or None
        What `measure` said about `net`.
    start : TwoLayerNet or ThreeLayerNet
        Where it began.
    settings : Settings
        Method, loss and everything else that decides the steps.
    """

    net: Network
    status: str
    reason: str
    times: Vector
    step_numbers: Vector
    losses: Vector
    margins: Vector
    norms_squared: Vector
    wrong: Vector
    step_errors: Vector
    kkt_residuals: Vector
    interpolation_time: float | None
    snapshots: tuple[Network, ...]
    snapshot_times: Vector
    clean_errors: Vector
    clean_error: float | None
    start: Network
    settings: Settings
    _checkpoint: Arrays = field(default_factory=dict)

    @property
    def flow_time(self) -> float:
        """τ at the end."""
        return float(self.times[-1])

    @property
    def steps(self) -> int:
        """Steps taken."""
        return int(self.step_numbers[-1])

    @property
    def normalised_margins(self) -> Vector:
        """Smallest margin over ‖θ‖^depth, row by row: ‖θ‖² for two layers, of which N is
        homogeneous; 0 where θ is.
        """
        sizes = self.norms_squared ** (self.net.depth / 2.0)
        return np.divide(self.margins, sizes, out=np.zeros_like(sizes), where=sizes > 0.0)

    def save(self, path: PathLike) -> None:
        """Write the run as .npz (no pickle), to be loaded, looked at or resumed; holds all nets in
        full.
        """
        arrays: dict[str, NDArray[Any]] = {name: getattr(self, name) for name in _VECTORS}
        arrays |= {
            name: np.array(np.nan if (x := getattr(self, name)) is None else x) for name in _SCALARS
        }
        arrays |= {name: np.array(getattr(self, name)) for name in ("status", "reason")}
        arrays["settings"] = np.array(json.dumps(self.settings._asdict()))
        for owner, net in (("net", self.net), ("start", self.start), *_numbered(self.snapshots)):
            arrays |= {f"{owner}.{name}": part for name, part in net.parameters.items()}
        arrays |= {f"checkpoint.{name}": part for name, part in self._checkpoint.items()}
        save_arrays(path, _SCHEMA, arrays)

    @classmethod
    def load(cls, path: PathLike) -> "Trajectory":
        """Read a run written by `save`, bit for bit."""
        schema, arrays = load_arrays(path)
        expect_schema(path, schema, _SCHEMA)
        if "times" in arrays:
            arrays.setdefault("kkt_residuals", np.full(len(arrays["times"]), np.inf))
        missing = [
            name
            for name in (*_VECTORS, *_SCALARS, "status", "reason", "settings", "net.v", "start.v")
            if name not in arrays
        ]
        if missing:
            raise ValueError(
                f"{str(path)!r} lacks {', '.join(missing)}; it may be damaged, train again"
            )
        count = len(arrays["snapshot_times"])
        found: dict[str, Any] = {name: arrays[name] for name in _VECTORS}
        found |= {
            name: None if np.isnan(arrays[name]) else float(arrays[name]) for name in _SCALARS
        }
        found |= {name: str(arrays[name]) for name in ("status", "reason")}
        return cls(
            net=_network(_owned(arrays, "net")),
            start=_network(_owned(arrays, "start")),
            snapshots=tuple(_network(_owned(arrays, f"snapshot{i}")) for i in range(count)),
            settings=Settings(**json.loads(str(arrays["settings"]))),
            _checkpoint=_owned(arrays, "checkpoint"),
            **found,
        )


def _numbered(nets: tuple[Network, ...]) -> list[tuple[str, Network]]:
    return [(f"snapshot{i}", net) for i, net in enumerate(nets)]


def _owned(arrays: Arrays, owner: str) -> dict[str, NDArray[Any]]:
    return {
        name.removeprefix(f"{owner}."): part
        for name, part in arrays.items()
        if name.startswith(f"{owner}.")
    }


def _network(parts: dict[str, NDArray[Any]]) -> Network:
    if "W" in parts:
        return TwoLayerNet(parts["v"], parts["W"], parts.get("b"))
    return ThreeLayerNet(parts["v"], parts["W2"], parts.get("b2"), parts["W1"], parts.get("b1"))
