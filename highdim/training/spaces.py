"""The first layer in two spaces.

Its pre-activations on the data are Z = W Xᵀ + b 1ᵀ, (n, m): neurons in rows.

Gradients of w_j lie in the span of the data, so the layer may be kept as coefficients A (n, m) with
W = W₀ + A X and b = b₀ + A 1: then Z = Z₀ + A G with the Gram matrix G = X Xᵀ + 1 1ᵀ (X Xᵀ without
biases), at a cost that does not depend on d. Z is always computed from A, never updated, so that it
does not drift. For d < m/2 the weights themselves are cheaper.
"""

from collections.abc import Iterable
from typing import Any, Protocol

import numpy as np
from numpy.typing import NDArray

from highdim.training.kernels.descent import masked, pull_back, rectify, rectify_biased
from univariate.common.arrays import Indices, Matrix

Array = NDArray[Any]  # float32 or float64, as the run was asked for
Arrays = dict[str, NDArray[Any]]  # what a checkpoint holds, a random state included
DType = np.dtype[np.floating]
Columns = Indices | slice

ALL = slice(None)


class FirstLayer(Protocol):
    """What both spaces offer; n neurons, m data, B the chosen columns of the data."""

    @property
    def kernel(self) -> Array:
        """G, (m, m)."""

    def values(self, columns: Columns = ALL) -> Array:
        """Return Z, (n, B)."""

    def hidden(self, v: Array, columns: Columns) -> tuple[Array, Array]:
        """Return σ(Z), (n, B), and vᵀ σ(Z), (B,)."""

    def change(self, load: Array) -> Array:
        """Return by how much Z changes when the layer moves along a load (n, m): load G."""

    def moved(self, load: Array) -> "FirstLayer":
        """Return the layer at W + load X, b + load 1."""

    def move(self, load: Array, columns: Columns) -> None:
        """Move along a load (n, B), in place."""

    def pull(self, H: Array, v: Array, u: Array, columns: Columns) -> None:
        """Move along the load v_j u_i where H_ji > 0, in place; H may be overwritten."""

    def length_squared(self, load: Array) -> float:
        """Return ‖load X‖² + ‖load 1‖², of the way that the layer moves along a load (n, m), in
        float64.
        """

    def norm_squared(self, Z: Array | None = None) -> float:
        """Return ‖W‖² + ‖b‖²; quicker if the pre-activations Z on all data are known."""

    def weights(self) -> tuple[Matrix, Matrix | None]:
        """Return W (n, d) and b (n,) in float64."""

    def arrays(self) -> Arrays:
        """Return what a checkpoint must hold."""


def gram_matrix(X: Matrix, biased: bool) -> Matrix:
    """Return X Xᵀ, plus 1 if there are biases, in float64."""
    gram = X @ X.T
    return gram + 1.0 if biased else gram


def total(array: Array) -> float:
    """Return the sum of the entries, in float64."""
    return float(np.sum(array, dtype=np.float64))


def squared(parts: Iterable[Array]) -> float:
    """Return the sum of the squares of all entries, in float64."""
    return float(sum(np.sum(part.astype(np.float64) ** 2) for part in parts))


def plus(Z: Array, b: Array | None) -> Array:
    """Return Z + b 1ᵀ; Z itself without biases."""
    return np.asarray(Z if b is None else Z + b[:, None])


class GramLayer:
    """Coefficients of the data."""

    def __init__(
        self, W: Matrix, b: Matrix | None, X: Matrix, dtype: DType, A: Array | None = None
    ) -> None:
        self._W = W
        self._b = b
        self._X = X
        self.kernel: Array = gram_matrix(X, b is not None).astype(dtype)
        self._start = plus(W @ X.T, b).astype(dtype)
        self._A: Array = np.zeros_like(self._start) if A is None else A.copy()
        self._buffer: Array = np.empty_like(self._start)
        self._norm_at_start = float(np.sum(W**2)) + (0.0 if b is None else float(np.sum(b**2)))

    def values(self, columns: Columns = ALL) -> Array:
        """Z = Z₀ + A G."""
        Z = self._A @ self.kernel[:, columns]
        Z += self._start[:, columns]
        return np.asarray(Z)

    def hidden(self, v: Array, columns: Columns) -> tuple[Array, Array]:
        """All data share a buffer, which the next call overwrites."""
        if isinstance(columns, slice):
            H = np.matmul(self._A, self.kernel, out=self._buffer)
            start = self._start
        else:
            H = self._A @ self.kernel[:, columns]
            start = self._start[:, columns]
        outputs = np.empty(H.shape[1], H.dtype)
        rectify(H, start, v, outputs)
        return H, outputs

    def change(self, load: Array) -> Array:
        """One product with G."""
        return np.asarray(load @ self.kernel)

    def moved(self, load: Array) -> "GramLayer":
        """A + load; the data are shared."""
        layer = object.__new__(GramLayer)
        layer.__dict__.update(self.__dict__)
        layer._A = self._A + load
        return layer

    def move(self, load: Array, columns: Columns) -> None:
        """A ← A + load."""
        self._A[:, columns] += load

    def pull(self, H: Array, v: Array, u: Array, columns: Columns) -> None:
        """In one pass over A if all data take part."""
        if isinstance(columns, slice):
            pull_back(self._A, H, v, u)
        else:
            masked(H, v, u)
            self._A[:, columns] += H

    def length_squared(self, load: Array) -> float:
        """⟨load, load G⟩: one product."""
        return total(load * (load @ self.kernel))

    def norm_squared(self, Z: Array | None = None) -> float:
        """‖W₀‖² + ‖b₀‖² + ⟨A, 2 Z₀ + A G⟩."""
        both = (self.values() if Z is None else Z).astype(np.float64) + self._start
        return self._norm_at_start + float(np.sum(self._A * both))

    def weights(self) -> tuple[Matrix, Matrix | None]:
        """W₀ + A X and b₀ + A 1."""
        A = self._A.astype(np.float64)
        return self._W + A @ self._X, None if self._b is None else self._b + A.sum(axis=1)

    def arrays(self) -> Arrays:
        """A."""
        return {"A": self._A.copy()}


class WeightLayer:
    """The weights themselves."""

    def __init__(self, W: Matrix, b: Matrix | None, X: Matrix, dtype: DType) -> None:
        self.kernel: Array = gram_matrix(X, b is not None).astype(dtype)
        self._X: Array = X.astype(dtype)
        self._W: Array = W.astype(dtype)
        self._b: Array | None = None if b is None else b.astype(dtype)

    def values(self, columns: Columns = ALL) -> Array:
        """Z = W Xᵀ + b 1ᵀ."""
        return plus(self._W @ self._X[columns].T, self._b)

    def hidden(self, v: Array, columns: Columns) -> tuple[Array, Array]:
        """Computed from the chosen data alone."""
        H = self._W @ self._X[columns].T
        outputs = np.empty(H.shape[1], H.dtype)
        rectify_biased(H, np.zeros_like(v) if self._b is None else self._b, v, outputs)
        return H, outputs

    def change(self, load: Array) -> Array:
        """Through the change of the weights."""
        Z = (load @ self._X) @ self._X.T
        return np.asarray(Z if self._b is None else Z + load.sum(axis=1, keepdims=True))

    def moved(self, load: Array) -> "WeightLayer":
        """A copy that has moved; the data are shared."""
        layer = object.__new__(WeightLayer)
        layer.__dict__.update(self.__dict__)
        layer._W, layer._b = self._W.copy(), None if self._b is None else self._b.copy()
        layer.move(load, ALL)
        return layer

    def move(self, load: Array, columns: Columns) -> None:
        """W ← W + load X, b ← b + load 1."""
        self._W += load @ self._X[columns]
        if self._b is not None:
            self._b += load.sum(axis=1)

    def pull(self, H: Array, v: Array, u: Array, columns: Columns) -> None:
        """The load overwrites H."""
        masked(H, v, u)
        self.move(H, columns)

    def length_squared(self, load: Array) -> float:
        """Through the change of the weights."""
        change = total((load @ self._X) ** 2)
        return change if self._b is None else change + total(load.sum(axis=1) ** 2)

    def norm_squared(self, Z: Array | None = None) -> float:
        """Summed in float64."""
        return squared([self._W] if self._b is None else [self._W, self._b])

    def weights(self) -> tuple[Matrix, Matrix | None]:
        """Lifted exactly."""
        return self._W.astype(np.float64), None if self._b is None else self._b.astype(np.float64)

    def arrays(self) -> Arrays:
        """W and b."""
        return {"W": self._W.copy()} | ({} if self._b is None else {"b": self._b.copy()})


def first_layer(
    space: str, W: Matrix, b: Matrix | None, X: Matrix, dtype: DType, arrays: Arrays | None
) -> FirstLayer:
    """Return the layer (W, b) in a space, "gram" or "weights", or as a checkpoint left it."""
    if space == "gram":
        return GramLayer(W, b, X, dtype, None if arrays is None else arrays["A"])
    if arrays is not None:
        W = arrays["W"]
        b = arrays.get("b")
    return WeightLayer(W, b, X, dtype)
