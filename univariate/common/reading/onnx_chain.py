"""ONNX models that are chains of affine maps and piecewise linear activations.

Unlike a state dict such a file says what is between its layers, so that nothing is assumed.
"""

from collections.abc import Callable, Mapping
from typing import Any, Final

import numpy as np
from numpy.typing import NDArray

from univariate.common.check import real_array
from univariate.common.nets.named_layers import NamedLayers
from univariate.common.nets.program import (
    RELU,
    Affine,
    Bend,
    Step,
    layers_of_program,
    normalisation,
)
from univariate.common.nets.siblings import require_of_training
from univariate.common.reading.onnx_graph import Graph, Node, read_graph
from univariate.common.reading.onnx_maps import elementwise, gemm, is_row

_FLOATS: Final = (1, 11)
"""What ONNX calls float32 and float64."""

_ELEMENTWISE: Final = ("Add", "Sub", "Mul", "Div")
_SLOPES: Final[Mapping[str, Callable[[dict[str, Any]], float]]] = {
    "Abs": lambda options: -1.0,
    "LeakyRelu": lambda options: float(np.float32(options.get("alpha", 0.01))),
}
_ABLE: Final = (
    *("Relu", "Max", "PRelu", "Clip", "MatMul", "Gemm", "BatchNormalization", "Neg"),
    *_ELEMENTWISE,
    *_SLOPES,
)

Part = NDArray[Any] | None


def layers_of_onnx(path: str, data: bytes) -> tuple[NamedLayers, dict[str, str]]:
    """Return name → (weight, bias or None) of the layers of an ONNX model, ReLU between them, and
    its notes.

    Exact but for slopes, normalisation and affine maps in a row, see
    `univariate.common.nets.program`.

    Raises
    ------
    ModuleNotFoundError
        onnx is not installed.
    ValueError
        Damaged, with several inputs or outputs, branches, notes of a scaling, or nodes that are
        neither affine nor Relu, LeakyRelu, PRelu or Abs; Clip and Max at 0 are Relu, and a Squeeze
        at the end, or a Reshape to the width that is there, changes no number. Constants may be
        made by nodes that move or cast their entries.
    """
    graph = read_graph(path, data)
    try:
        require_of_training(graph.notes, [])
    except ValueError as error:
        raise ValueError(f"{path!r} {str(error).removeprefix('`model` ')}") from None
    return layers_of_program(_chain(path, graph)), graph.notes


def _chain(path: str, graph: Graph) -> list[Step]:
    """Return the steps from the input to the output; every node must take what the last one gave,
    and constants.
    """
    steps: list[Step] = []
    current, width = graph.start, graph.width or _first_width(graph)
    for node in graph.nodes:
        free = [name for name in node.given if name and name not in graph.fixed]
        if not free:
            raise ValueError(
                f"{path!r} is an ONNX model with a node {node.kind} that computes constants; fold"
                " them (onnxsim does), export plain weights, or convert the module by from_torch"
            )
        if free != [current]:
            raise ValueError(
                f"{path!r} is an ONNX model with a branch at node {node.kind}, expected a chain of"
                " layers; build the net of arrays"
            )
        if node.found[0] != graph.end and _drops_axis(node, graph):
            raise ValueError(
                f"{path!r} is an ONNX model with a node {node.kind} before its end, where only"
                " shapes (points, channels) are read; export it without"
            )
        if _trains(node, graph):
            raise ValueError(
                f"{path!r} is an ONNX model with a node {node.kind} in training mode, which is no"
                " function of x; export the network in evaluation mode"
            )
        parts = [graph.fixed.get(name) for name in node.given]
        found = _steps(path, node, parts, f"{node.kind}{len(steps)}", width)
        for step in found:
            width = len(step.weight) if isinstance(step, Affine) else width
        steps += found
        current = node.found[0]
    if current != graph.end:
        raise ValueError(
            f"{path!r} is an ONNX model whose output {graph.end!r} is not that of its last node;"
            " export the network alone"
        )
    return steps


def _drops_axis(node: Node, graph: Graph) -> bool:
    """Whether a node makes shapes (points,) of others."""
    shape = graph.fixed.get(node.given[-1])
    return node.kind == "Squeeze" or (
        node.kind == "Reshape" and shape is not None and shape.size < 2
    )


def _first_width(graph: Graph) -> int | None:
    """Return how many numbers the first layer takes at each point."""
    for node in graph.nodes:
        matrix = graph.fixed.get(node.given[1]) if node.kind in ("Gemm", "MatMul") else None
        if matrix is not None and matrix.ndim == 2:
            return int(matrix.shape[1 if node.options.get("transB", 0) else 0])
    return None


def _steps(path: str, node: Node, parts: list[Part], name: str, width: int | None) -> list[Step]:
    """Return what one node does to `width` numbers; the input is None among its parts."""
    kind, options = node.kind, node.options
    if _changes_nothing(kind, parts, options, width):
        return []
    if kind == "Clip":
        return _clip(path, [*parts, None, None], options)
    if kind not in _ABLE or "axis" in options:
        raise _unable(path, kind)
    arrays = [None if part is None else real_array(name, part) for part in parts]
    first = arrays[0] is None
    others = [array for array in arrays if array is not None]
    if kind == "Relu" or (kind == "Max" and len(others) == 1 and _is_zero(others[0])):
        return [RELU]
    if kind in _SLOPES:
        return [Bend(np.array(_SLOPES[kind](options)))]
    found = None
    if kind in _ELEMENTWISE and len(others) == 1:
        found = elementwise(name, kind if first else f"{kind} after", others[0], width)
    elif kind == "Neg":
        found = Affine(name, np.array([-1.0] * (width or 1)), None)
    elif kind == "PRelu" and first and is_row(others[0], width):
        return [Bend(others[0].reshape(-1) if others[0].size > 1 else others[0].reshape(()))]
    elif kind == "MatMul" and first and others[0].ndim == 2:
        found = Affine(name, others[0].T, None)
    elif kind == "Gemm" and first and not options.get("transA", 0):
        found = gemm(name, others, options)
    elif kind == "BatchNormalization" and first and len(others) == 4:
        gamma, beta, mean, variance = others
        epsilon = float(np.float32(options.get("epsilon", 1e-5)))
        found = normalisation(name, mean, variance, epsilon, (gamma, beta))
    if found is None or width not in (None, found.weight.shape[-1]):
        raise _unable(path, kind)
    return [found]


def _unable(path: str, kind: str) -> ValueError:
    return ValueError(
        f"{path!r} is an ONNX model with a node {kind}, expected Gemm, MatMul, Add, Relu,"
        " LeakyRelu, PRelu, Abs or BatchNormalization of one input; export the net without what"
        " changes shapes, train one of these, or build one of arrays"
    )


def _trains(node: Node, graph: Graph) -> bool:
    """Whether a node normalises by its batch, or drops numbers at random."""
    if node.kind not in ("Dropout", "BatchNormalization"):
        return False
    if graph.version < 7:  # in training unless it says otherwise
        return not node.options.get("is_test", 0)
    if node.kind == "BatchNormalization":
        # before there was an option, further outputs said so
        return bool(node.options.get("training_mode", 0)) or any(node.found[1:])
    mode = graph.fixed.get(node.given[2]) if len(node.given) > 2 else None
    return mode is not None and bool(np.any(mode))


def _changes_nothing(
    kind: str, parts: list[Part], options: dict[str, Any], width: int | None
) -> bool:
    """Whether a node gives the numbers that it gets, `width` at each point, in evaluation."""
    if kind == "Cast":
        return options.get("to") in _FLOATS
    if kind == "Flatten":
        return bool(options.get("axis", 1) == 1)
    if kind == "Squeeze":  # of outputs (k, 1)
        axes: Any = options.get("axes", []) if len(parts) < 2 else parts[1]
        return bool(np.all(np.isin(axes, (1, -1))))
    if kind == "Reshape":
        *_, shape = parts
        flat = [[-1, width]] + [[-1]] * (width == 1)
        return shape is not None and shape.tolist() in flat
    return kind in ("Identity", "Dropout")


def _is_zero(array: NDArray[np.float64]) -> bool:
    return array.size == 1 and not np.any(array)


def _clip(path: str, parts: list[Part], options: dict[str, Any]) -> list[Step]:
    """Return a clamp from below at 0, which is a ReLU, or one without limits; they were options
    once.
    """
    if any(part is not None and part.size != 1 for part in parts):
        raise _unable(path, "Clip")
    low, high = (
        options.get(name, default) if part is None else float(part.item())
        for name, default, part in (("min", -np.inf, parts[1]), ("max", np.inf, parts[2]))
    )
    is_double = any(part is not None and part.dtype == np.float64 for part in parts)
    largest = float(np.finfo(np.float64 if is_double else np.float32).max)
    bounded = low > -largest, high < largest
    if bounded == (False, False):
        return []
    if low == 0.0 and not bounded[1]:
        return [RELU]
    being = {
        (True, True): f"{low:g} + relu(h - {low:g}) - relu(h - {high:g})",
        (True, False): f"{low:g} + relu(h - {low:g})",
        (False, True): f"{high:g} - relu({high:g} - h)",
    }
    raise ValueError(
        f"{path!r} is an ONNX model with a node Clip (clamp) to [{low:g}, {high:g}], which is no"
        " ReLU; train a net with clamps at 0 from below, or build one of arrays, a clamp being"
        f" {being[bounded]}"
    )
