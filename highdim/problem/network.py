"""Networks on R^d with two layers, N(x) = Σ_j v_j σ(w_j·x + b_j), and with three.

Two layers are those of Section 2 of the paper. Three, those of Section 5, are
N(x) = Σ_k v_k σ(Σ_j W2_kj σ(w1_j·x + b1_j) + b2_k). No output bias; hidden biases may be missing,
which is not the same as zero: a bias-less net has none to train and none in its norm.
"""

from collections.abc import Mapping
from dataclasses import fields
from functools import cached_property
from typing import Any, ClassVar, Final, Self, TypeVar

import numpy as np
from numpy.typing import ArrayLike, NDArray

from highdim.problem import layers
from highdim.problem.check import matrix, points
from highdim.problem.torch_layers import hidden_and_output
from univariate.common import check
from univariate.common.arrays import Matrix, Vector
from univariate.common.files import PathLike, expect_only, expect_schema, load_arrays, save_arrays
from univariate.common.fingerprint import fingerprint
from univariate.common.nets.conversion import conversion
from univariate.common.nets.named_layers import NamedLayers
from univariate.common.nets.to_torch import sequential
from univariate.common.result import Result, result
from univariate.common.row_names import require_same_rows
from univariate.common.torch_layers import named_layers_from_torch

THREE: Final = "highdim.ThreeLayerNet/1"

N = TypeVar("N", bound="_Net")


class _Net(Result):
    """What nets of both depths share.

    Subclasses give `hidden`, pairs (weight, bias or None), first layer first.
    """

    _schema: ClassVar[str]
    v: Vector

    @property
    def hidden(self) -> layers.Hidden:
        """Pairs (weight, bias or None), first layer first."""
        raise NotImplementedError

    def __call__(self, X: ArrayLike) -> Vector:
        """Return N at the rows of X, (k, d) → (k,).

        Rounded, plain float64; ±inf on overflow, never NaN. Requires coordinates up to 2^500. Cost
        O(k · parameters).
        """
        return layers.evaluate(self._tame, points("X", X, self.dimension))

    def gradient(self, X: ArrayLike) -> Matrix:
        """Return ∇N by x at the rows of X, (k, d) → (k, d), with σ'(0) = 0.

        Rounded; cost O(k · parameters).
        """
        return layers.input_gradient(self._tame, points("X", X, self.dimension))

    @property
    def width(self) -> int:
        """Number of neurons of the first layer, dead ones included."""
        return len(self.hidden[0][0])

    @property
    def widths(self) -> tuple[int, ...]:
        """Numbers of neurons of all hidden layers, first layer first."""
        return tuple(len(weight) for weight, _ in self.hidden)

    @property
    def dimension(self) -> int:
        """Input dimension d."""
        return int(self.hidden[0][0].shape[1])

    @property
    def depth(self) -> int:
        """Number of layers, 2 or 3."""
        return len(self.hidden) + 1

    @property
    def size(self) -> int:
        """Number of parameters."""
        return sum(array.size for array in self.parameters.values())

    @property
    def parameters(self) -> dict[str, NDArray[np.float64]]:
        """The arrays by name, those that are None left out."""
        named = {field.name: getattr(self, field.name) for field in fields(self)}  # type: ignore[arg-type]
        return {name: array for name, array in named.items() if array is not None}

    @cached_property
    def fingerprint(self) -> str:
        """What results about this net are recognised by. Cost a pass over the parameters."""
        return fingerprint(*self.parameters.values())

    @cached_property
    def norm_squared(self) -> float:
        """Return ‖θ‖², the sum of squares of all parameters; rounded, inf beyond doubles."""
        return layers.sum_of_squares(self.parameters)

    def save(self, path: PathLike) -> None:
        """Write the net as .npz, never pickled; an old file is replaced only by a whole one."""
        save_arrays(path, self._schema, self.parameters)

    @classmethod
    def load(cls, path: PathLike) -> Self:
        """Read a net written by `save`, bit for bit."""
        return net_of_arrays(cls, path, *load_arrays(path))

    @classmethod
    def from_torch(cls, model: Any, *, key: str | None = None) -> Self:
        """Convert a torch module or state_dict of this depth, see `network_from_torch`."""
        net = network_from_torch(model, key=key)
        if not isinstance(net, cls):
            raise ValueError(
                f"`model` must have the depth of a {cls.__name__}, got {net.depth} layers; use"
                " highdim.network_from_torch"
            )
        return net

    def to_torch(self) -> Any:
        """Return the net as a `torch.nn.Sequential` in float64, parameters bit for bit; the output
        layer has no bias, the others have one where the net does.

        `from_torch` gives the net back. Raises ModuleNotFoundError without PyTorch.
        """
        return sequential([*self.hidden, (self.v[None, :], None)])

    @cached_property
    def _tame(self) -> layers.Layers:
        return layers.scaled(self.hidden, self.v)


@result
class TwoLayerNet(_Net):
    """A 2-layer ReLU net without output bias, N(x) = Σ_j v_j σ(w_j·x + b_j).

    Parameters
    ----------
    v : array_like, shape (n,)
        Output weights.
    W : array_like, shape (n, d)
        Input weights, w_j in rows.
    b : array_like, shape (n,), or None
        Hidden biases; None for a net without (Section 4.2).

    All finite; float32 and integers are lifted to float64 exactly.

    Raises
    ------
    ValueError, TypeError
        Empty, of shapes that do not fit, not finite, or not real.
    """

    _schema: ClassVar[str] = "highdim.TwoLayerNet/1"

    v: Vector
    W: Matrix
    b: Vector | None = None

    def __post_init__(self) -> None:
        require_same_rows(v=self.v, W=self.W, b=self.b)
        _set(self, v=check.vector("v", self.v))
        _set(self, W=matrix("W", self.W, rows=len(self.v)), b=_bias("b", self.b, len(self.v)))

    @property
    def hidden(self) -> layers.Hidden:
        """Pairs (weight, bias or None), first layer first."""
        return ((self.W, self.b),)

    @property
    def biases(self) -> Vector:
        """The hidden biases; zeros for a net without."""
        return np.zeros(len(self.v)) if self.b is None else self.b


@result
class ThreeLayerNet(_Net):
    """A 3-layer ReLU net without output bias, N(x) = v·σ(W2 σ(W1 x + b1) + b2).

    Parameters
    ----------
    v : array_like, shape (n2,)
        Output weights.
    W2, b2 : array_like, shapes (n2, n1) and (n2,)
        Second layer; b2 may be None.
    W1, b1 : array_like, shapes (n1, d) and (n1,)
        First layer; b1 may be None.

    All finite; float32 and integers are lifted to float64 exactly.

    Raises
    ------
    ValueError, TypeError
        Empty, of shapes that do not fit, not finite, or not real.
    """

    _schema: ClassVar[str] = THREE

    v: Vector
    W2: Matrix
    b2: Vector | None
    W1: Matrix
    b1: Vector | None

    def __post_init__(self) -> None:
        require_same_rows(v=self.v, W2=self.W2, b2=self.b2)
        require_same_rows(W1=self.W1, b1=self.b1)
        _set(self, v=check.vector("v", self.v), W1=matrix("W1", self.W1))
        _set(self, b1=_bias("b1", self.b1, len(self.W1)), b2=_bias("b2", self.b2, len(self.v)))
        _set(self, W2=matrix("W2", self.W2, rows=len(self.v), columns=len(self.W1)))

    @property
    def hidden(self) -> layers.Hidden:
        """Pairs (weight, bias or None), first layer first."""
        return (self.W1, self.b1), (self.W2, self.b2)


Network = TwoLayerNet | ThreeLayerNet


def require_network(net: object) -> None:
    """Raise TypeError unless the argument is a TwoLayerNet or a ThreeLayerNet."""
    if not isinstance(net, Network):
        raise TypeError(
            f"`net` must be a TwoLayerNet or ThreeLayerNet, got {type(net).__name__};"
            f" {becoming(net, 'use init_network')}"
        )


def becoming(value: object, otherwise: str) -> str:
    """Return how something becomes a net, or else `otherwise`."""
    return conversion(
        value,
        otherwise,
        of_torch="network_from_torch",
        of_sklearn=(
            "network_from_torch({'fc1.weight': coefs_[0].T, 'fc1.bias': intercepts_[0],"
            " 'fc2.weight': coefs_[1].T, 'fc2.bias': intercepts_[1]})"
        ),
    )


def net_of_arrays(kind: type[N], path: PathLike, schema: str, arrays: Mapping[str, Any]) -> N:
    """Return the net in the arrays of a file that `save` wrote."""
    expect_schema(path, schema, kind._schema)
    names = [field.name for field in fields(kind)]  # type: ignore[arg-type]
    missing = [name for name in names if name not in arrays and not name.startswith("b")]
    if missing:
        raise ValueError(
            f"{str(path)!r} lacks the arrays {', '.join(missing)}; it may be damaged, save it again"
        )
    expect_only(path, arrays, names)
    return kind(**{name: arrays.get(name) for name in names})


def network_from_torch(model: Any, *, key: str | None = None) -> Network:
    """Convert a torch module or state_dict of two or three layers with ReLU between them.

    As `univariate.ReluNet.from_torch`: a module is what it computes, leaky ReLU and |·| become
    pairs of neurons, linear layers in a row one; in a state_dict, or the one of a checkpoint that
    `key` names, ReLU is assumed. Parameters are lifted to float64 exactly, products of them rounded
    once. Layers made with bias=False stay without, unless an output bias c ≠ 0 comes after the last
    hidden one: it becomes one more neuron of that layer, of weights 0, with v b = c exactly, and
    the biases of the others are zeros then. What a module has frozen is not kept: `gradient_flow`
    trains all parameters of the net, that neuron and such zeros included, so that where there is an
    output bias, leaky units or linear layers in a row its steps are not the module's; an output
    bias of 0 is left out, and does not train.

    Warns
    -----
    univariate.PassedOverWarning
        Entries beside a state_dict that are not known to be of training alone; names of layers as
        of residual blocks.

    Raises
    ------
    TypeError, ValueError
        Anything else: modules that compute something else, one layer or more than three, several
        outputs.
    """
    return net_of_layers(named_layers_from_torch(model, key))


def net_of_layers(named: NamedLayers) -> Network:
    """Return the net of two or three layers."""
    hidden, v = hidden_and_output(named)
    if len(hidden) == 1:
        return TwoLayerNet(v, *hidden[0])
    return ThreeLayerNet(v, *hidden[1], *hidden[0])


def _bias(name: str, value: Any, neurons: int) -> Vector | None:
    if value is None:
        return None
    bias = check.vector(name, value)
    if len(bias) != neurons:
        raise ValueError(
            f"`{name}` must have shape ({neurons},), got {bias.shape}; pass one bias per neuron, or"
            " None"
        )
    return bias


def _set(net: _Net, **arrays: NDArray[np.float64] | None) -> None:
    for name, array in arrays.items():
        object.__setattr__(net, name, array)
