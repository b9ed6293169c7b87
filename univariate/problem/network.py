"""Networks: 2-layer ReLU nets N(x) = Σ_j v_j σ(w_j x + b_j) of a scalar x, and deeper ones.

Parameters are float64, hence exact rational numbers; every exact statement of the package is about
them as given.
"""

from collections.abc import Mapping
from functools import cached_property
from typing import Any

import numpy as np
from numpy.typing import ArrayLike

from univariate.common import check
from univariate.common.arrays import Matrix, Vector
from univariate.common.files import PathLike, expect_only, expect_schema, load_arrays, save_arrays
from univariate.common.fingerprint import fingerprint
from univariate.common.labels import LabelMap
from univariate.common.nets.conversion import conversion
from univariate.common.nets.to_torch import sequential
from univariate.common.result import Result, result
from univariate.common.rounding import nearest
from univariate.common.row_names import require_same_rows
from univariate.common.torch_layers import (
    Layers,
    constant_neuron,
    layers_from_sklearn,
    layers_from_torch,
)
from univariate.problem.deep_network import (
    DeepReluNet,
    checked_points,
    require_arrays,
    sum_of_squares,
)
from univariate.problem.evaluation import evaluate, rounded_kinks, scaled
from univariate.problem.rational import ExactNet

SCHEMA = "univariate.ReluNet/1"
OF_SOLUTION = ("multipliers", "error_intervals")
"""What reports keep with their solution, in one file."""


@result
class ReluNet(Result):
    """A 2-layer ReLU net without output bias, N(x) = Σ_j v_j σ(w_j x + b_j).

    Parameters
    ----------
    v, w, b : array_like, shape (n,)
        Output weights, input weights and biases; finite. float32 and integers are lifted exactly.

    Raises
    ------
    ValueError, TypeError
        Empty, of different lengths, not finite, not real, or columns of pandas whose rows are in
        different orders.
    """

    v: Vector
    w: Vector
    b: Vector

    def __post_init__(self) -> None:
        require_same_rows(v=self.v, w=self.w, b=self.b)
        for name in ("v", "w", "b"):
            object.__setattr__(self, name, check.vector(name, getattr(self, name)))
        check.same_length(v=self.v, w=self.w, b=self.b)

    def __call__(self, x: ArrayLike) -> Vector:
        """Return N(x), same shape as `x`.

        Rounded: to one unit in the last place unless neurons cancel to 2^−90 of their size; ±inf on
        overflow. Requires |x| ≤ 2^500. Cost O((n + k) log (n + k)) for k points.
        """
        points = checked_points(x)
        flat = points.ravel()
        values, bounds = evaluate(*self.parameters, flat)
        # a huge neuron, even an inactive one, may drown the others
        if scaled(*self.parameters).floor > 0.0:
            vague = np.flatnonzero(np.isinf(bounds) | (bounds > 2.0**-50 * np.abs(values)))
            exact = ExactNet(*self.parameters)
            values[vague] = [nearest(exact.value(t)) for t in flat[vague].tolist()]
        return values.reshape(points.shape)

    @property
    def parameters(self) -> tuple[Vector, Vector, Vector]:
        """v, w, b."""
        return self.v, self.w, self.b

    @property
    def width(self) -> int:
        """Number of neurons n, dead ones included."""
        return len(self.v)

    @cached_property
    def norm_squared(self) -> float:
        """Return ‖θ‖² = Σ v_j² + w_j² + b_j², to two units in the last place; inf beyond the range
        of doubles.
        """
        return sum_of_squares(self.parameters)

    @cached_property
    def fingerprint(self) -> str:
        """What results about this net are recognised by. Cost a pass over the parameters."""
        return fingerprint(*self.parameters)

    @property
    def kinks(self) -> Vector:
        """Correctly rounded kinks −b_j/w_j, shape (n,); ±inf where w_j = 0."""
        kinks = rounded_kinks(self.w, self.b)
        return np.where(np.isnan(kinks), np.inf, kinks) + 0.0

    def balanced(self) -> "ReluNet":
        """Return the same function with v_j² = w_j² + b_j², the cheapest scaling of every neuron.

        Rounded: parameters to a few units in the last place. A neuron that is dead everywhere
        becomes all zero.
        """
        live = (self.v != 0.0) & ((self.w != 0.0) | (self.b > 0.0))
        # powers of two aside first: squares and quotients of extreme numbers overflow, hypot of
        # subnormals is coarse
        (v, v_exponent), (w, w_exponent), (b, b_exponent) = map(np.frexp, self.parameters)
        top = np.frexp(np.maximum(np.abs(self.w), np.abs(self.b)))[1]
        half, odd = np.divmod(v_exponent + top, 2)
        with np.errstate(all="ignore"):
            line = np.hypot(np.ldexp(self.w, -top), np.ldexp(self.b, -top))
            root = np.where(live, np.sqrt(np.ldexp(np.abs(v) * line, odd)), 0.0)
            stretch = np.where(live, root / line, 0.0)
            return ReluNet(
                np.ldexp(np.copysign(root, v), half),
                np.ldexp(w * stretch, w_exponent + half - top),
                np.ldexp(b * stretch, b_exponent + half - top),
            )

    @property
    def layers(self) -> tuple[tuple[Matrix, Vector], ...]:
        """The net as (weight, bias) pairs: hidden layer (n, 1), output layer (1, n) with bias 0."""
        return (self.w[:, None], self.b), (self.v[None, :], np.zeros(1))

    def save(self, path: PathLike) -> None:
        """Write the net as .npz (no pickle).

        An existing file is replaced only by a complete one.
        """
        save_arrays(path, SCHEMA, dict(zip("vwb", self.parameters, strict=True)))

    @classmethod
    def load(cls, path: PathLike) -> "ReluNet":
        """Read a net written by `save`, bit for bit."""
        return shallow_net(path, *load_arrays(path))

    @classmethod
    def from_torch(cls, model: Any, *, key: str | None = None) -> "ReluNet | DeepReluNet":
        """Convert a torch module, or a state_dict of linear layers with ReLU between them.

        Parameters
        ----------
        model : torch module or mapping
            A module is evaluated, as in evaluation mode, and must be what its layers and
            activations are: ReLU, leaky ReLU, PReLU, |·|, the identity, wherever they are written;
            batch normalisation counts as in evaluation. Evaluated means: on a grid of [−2, 3], at
            three inputs for every power of ten on both sides, up to the range of its own type
            (2^500 in double precision), about the kinks of all layers, and where inputs,
            pre-activations or outputs are 0 or constants that the module holds. That is evidence,
            not proof: what a module does at none of these points is not seen. In a state_dict,
            bare or in a checkpoint, ReLU is assumed; its layers are <layer>.weight as in PyTorch or
            <layer>.kernel as in Flax and Keras, or mappings of their own.
        key : str, optional
            Which network of a checkpoint that holds several.

        Returns a ReluNet for one hidden layer, else a DeepReluNet. Parameters are lifted to float64
        exactly; an output bias c of one hidden layer becomes one more neuron, w = 0 and v b = c
        exactly, as Problem (1) has no output bias. Leaky neurons become two; their slopes times
        weights, and linear layers in a row, are rounded once, to nearest: each parameter to within
        2^−53 of its own size, exactly where that can be (square roots of batch normalisation are
        known to 150 digits). Biases that a layer lacks are zeros, and what is frozen in a module is
        not known here: training goes on with all parameters. Where a module has an output bias,
        leaky neurons or linear layers in a row, its own steps are others: the function is the same
        and the parameters are not. An output bias of 0 is left out, so that it does not train.

        Warns
        -----
        PassedOverWarning
            Entries beside a state_dict that are not known to be of training alone: they may say
            that something else than ReLU is between its layers, or before and after them. Names of
            layers as of residual blocks.

        Raises
        ------
        TypeError, ValueError
            Neither, a module that computes something else (the message says where and by how much),
            several networks and no key, layers that do not fit or contradict the numbers in their
            names or are no chain by these (key='' says that they are), numbers beside a state_dict
            that may be a scaling of inputs, settings beside it that name another activation.
        """
        return net_of_layers(layers_from_torch(model, key))

    def to_torch(self) -> Any:
        """Return the net as a `torch.nn.Sequential` in float64, parameters bit for bit; the output
        layer has no bias.

        `from_torch` gives the net back. Raises ModuleNotFoundError without PyTorch.
        """
        return sequential([(self.w[:, None], self.b), (self.v[None, :], None)])

    @classmethod
    def from_sklearn(
        cls, mlp: Any, *, label_map: LabelMap | None = None
    ) -> "ReluNet | DeepReluNet":
        """Convert a fitted scikit-learn MLP with ReLU activation.

        Parameters
        ----------
        mlp : MLPClassifier or MLPRegressor
            The output is the score before any squashing.
        label_map : mapping, optional
            Class → +1 or −1, for classes other than −1 and +1, 0 and 1, False and True, of which
            the greater is +1. A positive score of the net is the class that is +1: the last layer
            changes its sign where scikit-learn, which sorts classes, has it the other way round.

        Raises
        ------
        TypeError, ValueError
            No fitted MLP, another activation, other classes without a map, not one output; one
            whose predictions are not those of its layers, as of a subclass that prepares inputs.
        """
        return net_of_layers(layers_from_sklearn(mlp, label_map))


Network = ReluNet | DeepReluNet


def require_network(net: object) -> Network:
    """Return the argument if it is a ReluNet or a DeepReluNet; TypeError otherwise."""
    if not isinstance(net, Network):
        use = "use ReluNet(v, w, b)"
        if (callable(net) and not isinstance(net, type)) or hasattr(net, "predict"):
            use += ", or Rule.of_function(sample, f, breakpoints) where a rule will do"
        raise TypeError(
            f"`net` must be a ReluNet or DeepReluNet, got {type(net).__name__};"
            f" {conversion(net, use)}"
        )
    return net


def require_shallow(net: object) -> ReluNet:
    """Return the argument if it is a ReluNet; TypeError otherwise."""
    if not isinstance(net, ReluNet):
        remedy = conversion(net, "")
        raise TypeError(
            "`net` must be a ReluNet, Problem (1) is about 2-layer nets without output bias; got"
            f" {type(net).__name__}{remedy and f'; {remedy}'}"
        )
    return net


def shallow_net(path: PathLike, schema: str, arrays: Mapping[str, Any]) -> ReluNet:
    """Return the net in the arrays of a file that `save` wrote."""
    expect_schema(path, schema, SCHEMA)
    require_arrays(path, arrays, "vwb")
    expect_only(path, arrays, (*"vwb", *OF_SOLUTION))
    return ReluNet(*(arrays[name] for name in "vwb"))


def net_of_layers(layers: Layers) -> Network:
    """Return the net of (weight, bias) pairs; an output bias of two layers becomes a neuron."""
    deep = DeepReluNet(tuple(layers))
    if len(layers) != 2:
        return deep
    (weight, bias), (output, offset) = deep.layers
    v, w = output[0], weight[:, 0]
    if offset[0] != 0.0:
        constant = constant_neuron(float(offset[0]))
        v, w, bias = np.append(v, constant[0]), np.append(w, 0.0), np.append(bias, constant[1])
    return ReluNet(v, w, bias)
