"""A net under training on fixed data: first layer, perhaps a second hidden layer, output weights.

Arrays are (neurons, data). `ascend` moves the parameters along Σ u_i ∇N(x_i), in place.
"""

from dataclasses import dataclass, replace
from typing import NamedTuple

import numpy as np

from highdim.problem.network import Network, ThreeLayerNet, TwoLayerNet
from highdim.training.spaces import (
    ALL,
    Array,
    Arrays,
    Columns,
    DType,
    FirstLayer,
    first_layer,
    plus,
    squared,
    total,
)
from univariate.common.arrays import Matrix


class Dense(NamedTuple):
    """The second hidden layer of a net with three layers: W (n2, n1), b (n2,) or None."""

    W: Array
    b: Array | None

    def values(self, H: Array) -> Array:
        """Return W H + b 1ᵀ, (n2, m)."""
        return plus(self.W @ H, self.b)

    def moved(self, load: Array, H: Array) -> "Dense":
        """Return the layer at W + load Hᵀ, b + load 1."""
        return Dense(self.W + load @ H.T, None if self.b is None else self.b + load.sum(axis=1))


class Passed(NamedTuple):
    """Hidden values of every layer on some data, first layer first, and outputs N."""

    hidden: tuple[Array, ...]
    outputs: Array


@dataclass(frozen=True)
class Model:
    """The parameters. `upper` is empty for two layers; `train_output` says whether v moves."""

    first: FirstLayer
    upper: tuple[Dense, ...]
    v: Array
    train_output: bool

    def forward(self, columns: Columns = ALL) -> Passed:
        """Evaluate on the chosen data; for two layers the hidden values live in a buffer."""
        if not self.upper:
            H, outputs = self.first.hidden(self.v, columns)
            return Passed((H,), outputs)
        hidden = [np.maximum(self.first.values(columns), 0.0)]
        for layer in self.upper:
            hidden.append(np.maximum(layer.values(hidden[-1]), 0.0))
        return Passed(tuple(hidden), self.v @ hidden[-1])

    def ascend(self, hidden: tuple[Array, ...], u: Array, columns: Columns = ALL) -> None:
        """Move along Σ u_i ∇N(x_i) over the chosen data, given hidden values there; in place."""
        top = hidden[-1]
        gradient = top @ u if self.train_output else None
        if not self.upper:
            self.first.pull(top, self.v, u, columns)
        else:
            layer = self.upper[0]
            load = (top > 0.0) * np.outer(self.v, u)  # σ'(0) = 0
            below = (hidden[0] > 0.0) * (layer.W.T @ load)
            layer.W[...] += load @ hidden[0].T
            if layer.b is not None:
                layer.b[...] += load.sum(axis=1)
            self.first.move(below, columns)
        if gradient is not None:
            self.v[...] += gradient

    def alive(self) -> bool:
        """Whether a neuron of the last hidden layer is active on some datum."""
        return bool(np.any(self.values()[-1] > 0.0))

    def values(self) -> tuple[Array, ...]:
        """Pre-activations of every hidden layer on all data."""
        found = [self.first.values()]
        for layer in self.upper:
            found.append(layer.values(np.maximum(found[-1], 0.0)))
        return tuple(found)

    def moved(self, first: FirstLayer, upper: tuple[Dense, ...], v: Array) -> "Model":
        """Return a model with other parameters."""
        return replace(self, first=first, upper=upper, v=v)

    def norm_squared(self, Z: Array | None = None) -> float:
        """‖θ‖², all layers, in float64; quicker if the first pre-activations on all data are
        known.
        """
        parts = [part for layer in self.upper for part in layer if part is not None]
        return self.first.norm_squared(Z) + squared([self.v, *parts])

    @property
    def homogeneous(self) -> bool:
        """Whether N is homogeneous in what is trained: no bias above the first layer."""
        return all(layer.b is None for layer in self.upper)

    def trained_norm_squared(self, norm_squared: float) -> float:
        """‖θ‖² without outputs that are fixed, given the whole of it."""
        return (
            norm_squared
            if self.train_output
            else norm_squared - total(self.v.astype(np.float64) ** 2)
        )

    def alignment(
        self,
        values: tuple[Array, ...],
        u: Array,
        shares: tuple[Array, ...] | None = None,
        kernel: Array | None = None,
    ) -> tuple[float, float]:
        """Return θ·g and ‖g‖² for g = Σ u_i ∇N(x_i) over all data, by what is trained, if N is
        homogeneous in it.

        `values` are pre-activations of every hidden layer, `shares` stand for σ' of them. Without
        shares σ'(0) = 0, and hidden values do as well. Rounded, sums in float64. Cost: one product
        for each layer, none for the first if the tangent kernel (m, m) is known, with the same σ'.
        """
        top = np.maximum(values[-1], 0.0) @ u if self.train_output else np.zeros_like(self.v)
        loads = self._loads(u, tuple(Z > 0.0 for Z in values) if shares is None else shares)
        inner = total(self.v * top) + sum(
            total(load * Z) for load, Z in zip(loads, values, strict=True)
        )
        if kernel is not None:
            return inner, total(u * (kernel @ u))
        length = total(top**2) + self.first.length_squared(loads[0])
        return inner, length + sum(
            total((load @ np.maximum(Z, 0.0).T) ** 2)
            for load, Z in zip(loads[1:], values, strict=False)
        )

    def _loads(self, u: Array, active: tuple[Array, ...]) -> list[Array]:
        """How g moves the hidden layers, first layer first; σ' is given."""
        loads = [active[-1] * np.outer(self.v, u)]
        for layer, S in zip(self.upper, active, strict=False):
            loads.insert(0, S * (layer.W.T @ loads[0]))
        return loads

    def network(self) -> Network:
        """Return the net in float64. Cost O(m n d) in Gram space."""
        W, b = self.first.weights()
        if not self.upper:
            return TwoLayerNet(self.v, W, b)
        return ThreeLayerNet(self.v, self.upper[0].W, self.upper[0].b, W, b)

    def arrays(self) -> Arrays:
        """Return what a checkpoint must hold."""
        found = self.first.arrays() | {"v": self.v.copy()}
        for layer in self.upper:
            found |= {"W2": layer.W.copy()} | ({} if layer.b is None else {"b2": layer.b.copy()})
        return found


def build(
    net: Network,
    X: Matrix,
    space: str,
    dtype: DType,
    train_output: bool,
    arrays: Arrays | None,
) -> Model:
    """Return the model of a net on inputs X, or as a checkpoint left it."""
    W, b = (net.W1, net.b1) if isinstance(net, ThreeLayerNet) else (net.W, net.b)
    first = first_layer(space, W, b, X, dtype, arrays)
    v = net.v if arrays is None else arrays["v"]
    upper: tuple[Dense, ...] = ()
    if isinstance(net, ThreeLayerNet):
        W2, b2 = (net.W2, net.b2) if arrays is None else (arrays["W2"], arrays.get("b2"))
        upper = (Dense(W2.astype(dtype), None if b2 is None else b2.astype(dtype)),)
    return Model(first, upper, v.astype(dtype), train_output)
