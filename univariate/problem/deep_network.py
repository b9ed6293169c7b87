"""Deep ReLU nets of a scalar x, and what all nets share."""

import reprlib
from collections.abc import Iterable, Mapping, Sequence
from functools import cached_property
from itertools import chain
from typing import Any

import numpy as np
from numpy.typing import ArrayLike

from univariate.common import check
from univariate.common.arrays import Matrix, Vector
from univariate.common.files import PathLike, expect_only, expect_schema, load_arrays, save_arrays
from univariate.common.fingerprint import fingerprint
from univariate.common.nets.to_torch import sequential
from univariate.common.result import Result, result
from univariate.common.rounding import nearest
from univariate.problem.deep import ExactDeepNet
from univariate.problem.evaluation import FAR
from univariate.problem.kernels.sums import total

SCHEMA = "univariate.DeepReluNet/1"


@result
class DeepReluNet(Result):
    """A ReLU net of scalar input and output with any number of layers, biases everywhere.

    Parameters
    ----------
    layers : sequence of (weight, bias)
        weight (outputs, inputs), bias (outputs,); the first has one input, the last one output;
        ReLU after all layers but the last.
    """

    layers: tuple[tuple[Matrix, Vector], ...]

    def __post_init__(self) -> None:
        checked, inputs = [], 1
        try:
            pairs = [(weight, bias) for weight, bias in self.layers]
        except (TypeError, ValueError):
            received = " ".join(reprlib.repr(self.layers).split())
            raise TypeError(
                f"`layers` must hold pairs (weight, bias), got {received}; pass a list of tuples"
            ) from None
        if not pairs:
            raise ValueError("`layers` must not be empty; pass at least one (weight, bias) pair")
        for depth, (weight, bias) in enumerate(pairs):
            matrix = check.real_array(f"layers[{depth}][0]", weight)
            offset = check.vector(f"layers[{depth}][1]", bias)
            if matrix.ndim != 2 or matrix.shape != (len(offset), inputs):
                raise _misfit(depth, (len(offset), inputs), matrix.shape)
            matrix.setflags(write=False)
            checked.append((matrix, offset))
            inputs = len(offset)
        if inputs != 1:
            raise ValueError(
                f"`layers` must end in one output, got {inputs}; the net must be scalar: of the"
                " scores of two classes take the difference, weight[1:] - weight[:1] and bias[1:] -"
                " bias[:1] of the last layer"
            )
        object.__setattr__(self, "layers", tuple(checked))

    def __call__(self, x: ArrayLike) -> Vector:
        """Return N(x), same shape as `x`, in plain float64 without error bound; cost O(parameters ·
        points).

        Requires |x| ≤ 2^500. Points where that overflows are redone exactly; ±inf beyond the range.
        """
        points = checked_points(x)
        hidden = points.reshape(1, -1)
        wild = np.zeros(points.size, dtype=np.bool_)
        with np.errstate(over="ignore", invalid="ignore"):
            for depth, (weight, bias) in enumerate(self.layers):
                hidden = weight @ (np.maximum(hidden, 0.0) if depth else hidden) + bias[:, None]
                wild |= ~np.all(np.isfinite(hidden), axis=0)
        values = hidden.reshape(-1)
        if np.any(wild):
            exact = ExactDeepNet(self.layers)
            values[wild] = [nearest(exact.value(t)) for t in points.reshape(-1)[wild].tolist()]
        return values.reshape(points.shape)

    @property
    def parameters(self) -> tuple[Vector, ...]:
        """Weights and biases of all layers in turn."""
        return tuple(chain.from_iterable(self.layers))

    @property
    def widths(self) -> tuple[int, ...]:
        """Hidden widths, first layer first."""
        return tuple(len(bias) for _, bias in self.layers[:-1])

    @cached_property
    def norm_squared(self) -> float:
        """Return the sum of squares of all parameters, to two units in the last place; inf beyond
        the range.
        """
        return sum_of_squares(self.parameters)

    @cached_property
    def fingerprint(self) -> str:
        """What results about this net are recognised by. Cost a pass over the parameters."""
        return fingerprint(*self.parameters)

    def to_torch(self) -> Any:
        """Return the net as a `torch.nn.Sequential` in float64, parameters bit for bit, biases
        everywhere.

        Raises ModuleNotFoundError without PyTorch.
        """
        return sequential(self.layers)

    def save(self, path: PathLike) -> None:
        """Write the net as .npz (no pickle).

        An existing file is replaced only by a complete one.
        """
        arrays = {
            f"{kind}{i}": part
            for i, pair in enumerate(self.layers)
            for kind, part in zip("Wb", pair, strict=True)
        }
        save_arrays(path, SCHEMA, arrays)

    @classmethod
    def load(cls, path: PathLike) -> "DeepReluNet":
        """Read a net written by `save`, bit for bit."""
        return deep_net(path, *load_arrays(path))


def _misfit(depth: int, wanted: tuple[int, int], found: tuple[int, ...]) -> ValueError:
    """Return what is said of a weight whose shape is not that of its place."""
    remedy = "the input of the net is scalar"
    if found[::-1] == wanted:
        remedy += ", and weights are (outputs, inputs): transpose them"
    elif depth == 0 and len(found) == 2 and found[1] > 1:
        remedy += (
            ": a second column of ones is the bias, add its weights to that; for points of R^d use"
            " highdim"
        )
    return ValueError(
        f"`layers[{depth}]` must have weight shape {wanted} to match its bias and the layer before,"
        f" got {found}; {remedy}"
    )


def deep_net(path: PathLike, schema: str, arrays: Mapping[str, Any]) -> DeepReluNet:
    """Return the net in the arrays of a file that `save` wrote."""
    expect_schema(path, schema, SCHEMA)
    depth = len(arrays) // 2
    names = [f"{kind}{i}" for i in range(depth) for kind in "Wb"]
    require_arrays(path, arrays, names)
    expect_only(path, arrays, names)
    return DeepReluNet(tuple((arrays[f"W{i}"], arrays[f"b{i}"]) for i in range(depth)))


def checked_points(x: ArrayLike) -> Vector:
    """Return inputs that a net takes."""
    points = check.real_array("x", x)
    if np.any(np.abs(points) > FAR):
        raise ValueError(
            f"`x` must satisfy |x| <= 2**500, got {np.abs(points).max()}; rescale the input"
        )
    return points


def sum_of_squares(parts: Sequence[Vector]) -> float:
    """Return the sum of squares of all entries, to two units in the last place."""
    entries = np.concatenate([part.ravel() for part in parts])
    exponent = int(np.frexp(np.abs(entries).max())[1])
    with np.errstate(over="ignore", under="ignore"):
        return float(np.ldexp(total(np.ldexp(entries, -exponent) ** 2), 2 * exponent))


def require_arrays(path: PathLike, arrays: Mapping[str, Any], names: Iterable[str]) -> None:
    """Raise ValueError unless a file has the arrays of these names."""
    missing = [name for name in names if name not in arrays]
    if missing:
        raise ValueError(
            f"{str(path)!r} lacks the arrays {', '.join(missing)}; it may be damaged, save it again"
        )
