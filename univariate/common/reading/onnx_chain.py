"""ONNX models that are chains of affine maps and piecewise linear activations.

Unlike a state dict such a file says what is between its layers, so that nothing is assumed. Read by
the package onnx, which executes nothing, where it is installed.
"""

from collections.abc import Mapping
from fractions import Fraction
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

_FLOATS: Final = (1, 11)
"""What ONNX calls float32 and float64."""

_SHAPES: Final = ("Squeeze",)
_STANDARD: Final = ("", "ai.onnx")
"""Names of the domain whose operators the standard defines; elsewhere a Relu may be anything."""

_ABLE: Final = (
    *("Relu", "Max", "Abs", "LeakyRelu", "PRelu", "Clip", "MatMul", "Gemm", "BatchNormalization"),
    *("Add", "Sub", "Mul", "Div"),
)


def layers_of_onnx(path: str, data: bytes) -> NamedLayers:
    """Return name → (weight, bias or None) of the layers of an ONNX model, ReLU between them.

    Exact but for slopes, normalisation and affine maps in a row, see
    `univariate.common.nets.program`.

    Raises
    ------
    ModuleNotFoundError
        onnx is not installed.
    ValueError
        Damaged, with several inputs or outputs, branches, or nodes that are neither affine nor
        Relu, LeakyRelu, PRelu or Abs; Clip and Max at 0 are Relu, and a Squeeze at the end changes
        no number.
    """
    try:
        import onnx
        from onnx import numpy_helper
    except ModuleNotFoundError:
        raise ModuleNotFoundError(
            f"{path!r} is an ONNX model; reading it needs the package onnx, install it or save the"
            " PyTorch model's state_dict"
        ) from None
    try:
        graph = onnx.load_model_from_string(data).graph
        fixed = {one.name: numpy_helper.to_array(one) for one in graph.initializer}
        nodes = [_plain(node, onnx.helper.get_attribute_value) for node in graph.node]
        inputs = [one.name for one in graph.input if one.name not in fixed]
        outputs = [one.name for one in graph.output]
        for kind, _, found, options in nodes:
            if kind == "Constant":
                fixed[found[0]] = numpy_helper.to_array(options["value"])
    except Exception as error:  # every way a file can be broken
        reason = str(error).splitlines()[0] if str(error) else type(error).__name__
        raise ValueError(
            f"{path!r} is an ONNX model and not readable ({reason}); it may be truncated or keep"
            " its numbers in another file, export it again"
        ) from None
    if len(inputs) != 1 or len(outputs) != 1:
        raise ValueError(
            f"{path!r} is an ONNX model with {len(inputs)} inputs and {len(outputs)} outputs,"
            " expected one of each; export the network alone"
        )
    return layers_of_program(_chain(path, nodes, fixed, inputs[0], outputs[0]))


def _plain(node: Any, value_of: Any) -> tuple[str, list[str], list[str], dict[str, Any]]:
    options = {one.name: value_of(one) for one in node.attribute}
    kind = node.op_type if node.domain in _STANDARD else f"{node.domain}.{node.op_type}"
    return kind, list(node.input), list(node.output), options


def _chain(
    path: str,
    nodes: list[tuple[str, list[str], list[str], dict[str, Any]]],
    fixed: Mapping[str, NDArray[Any]],
    current: str,
    end: str,
) -> list[Step]:
    """Return the steps from the input to the output; every node must take what the last one gave,
    and constants.
    """
    steps: list[Step] = []
    for kind, given, found, options in nodes:
        if kind == "Constant":
            continue
        free = [name for name in given if name and name not in fixed]
        if free != [current]:
            raise ValueError(
                f"{path!r} is an ONNX model with a branch at node {kind}, expected a chain of"
                " layers; build the net of arrays"
            )
        parts = [fixed.get(name) for name in given]
        if kind in _SHAPES and found[0] != end:
            raise ValueError(
                f"{path!r} is an ONNX model with a node {kind} before its end, where only shapes"
                " (points, channels) are read; export it without"
            )
        steps += _steps(path, kind, parts, options, f"{kind}{len(steps)}")
        current = found[0]
    if current != end:
        raise ValueError(
            f"{path!r} is an ONNX model whose output {end!r} is not that of its last node; export"
            " the network alone"
        )
    return steps


def _steps(
    path: str, kind: str, parts: list[NDArray[Any] | None], options: dict[str, Any], name: str
) -> list[Step]:
    """Return what one node does; the input is None among its parts."""
    if _trains(kind, parts, options):
        raise ValueError(
            f"{path!r} is an ONNX model with a node {kind} in training mode, which is no function"
            " of x; export the network in evaluation mode"
        )
    if _changes_nothing(kind, parts, options):
        return []
    if kind == "Clip":
        return _clip(path, [*parts, None, None], options)
    if kind not in _ABLE:
        raise _unable(path, kind)
    arrays = [None if part is None else real_array(name, part) for part in parts]
    first = arrays[0] is None
    others = [array for array in arrays if array is not None]
    if kind == "Relu" or (kind == "Max" and len(others) == 1 and _is_zero(others[0])):
        return [RELU]
    if kind == "Abs":
        return [Bend(np.array(-1.0))]
    if kind == "LeakyRelu":
        return [Bend(np.array(float(np.float32(options.get("alpha", 0.01)))))]
    if kind == "PRelu" and first and _is_row(others[0]):
        return [Bend(others[0].reshape(-1) if others[0].size > 1 else others[0].reshape(()))]
    if kind == "MatMul" and first and others[0].ndim == 2:
        return [Affine(name, others[0].T, None)]
    if kind == "Gemm" and first and not options.get("transA", 0) and _are_layer(*others):
        return [_gemm(name, others, options)]
    if kind == "BatchNormalization" and first and len(others) == 4:
        gamma, beta, mean, variance = others
        epsilon = float(np.float32(options.get("epsilon", 1e-5)))
        return [normalisation(name, mean, variance, epsilon, (gamma, beta))]
    able = ("Add", "Sub", "Mul", "Div") if first else ("Add", "Mul")
    if kind in able and len(others) == 1 and _is_row(others[0]):
        return [_elementwise(name, kind, others[0].reshape(-1))]
    raise _unable(path, kind)


def _unable(path: str, kind: str) -> ValueError:
    return ValueError(
        f"{path!r} is an ONNX model with a node {kind}, expected Gemm, MatMul, Add, Relu,"
        " LeakyRelu, PRelu, Abs or BatchNormalization of one input; export the net without what"
        " changes shapes, train one of these, or build one of arrays"
    )


def _trains(kind: str, parts: list[NDArray[Any] | None], options: dict[str, Any]) -> bool:
    """Whether a node normalises by its batch, or drops numbers at random."""
    if kind == "Dropout" and len(parts) > 2 and parts[2] is not None and np.any(parts[2]):
        return True
    modes = options.get("training_mode", 0), not options.get("is_test", 1)
    return kind in ("Dropout", "BatchNormalization") and any(modes)


def _changes_nothing(kind: str, parts: list[NDArray[Any] | None], options: dict[str, Any]) -> bool:
    """Whether a node gives the numbers that it gets, in evaluation."""
    if kind == "Cast":
        return options.get("to") in _FLOATS
    if kind == "Flatten":
        return bool(options.get("axis", 1) == 1)
    if kind == "Squeeze":  # of outputs (k, 1)
        axes: Any = options.get("axes", []) if len(parts) < 2 else parts[1]
        return bool(np.all(np.isin(axes, (1, -1))))
    return kind in ("Identity", "Dropout")


def _is_zero(array: NDArray[np.float64]) -> bool:
    return array.size == 1 and not np.any(array)


def _clip(path: str, parts: list[NDArray[Any] | None], options: dict[str, Any]) -> list[Step]:
    """Return a clamp from below at 0, which is a ReLU, or one without limits; they were options
    once.
    """
    low, high = (
        options.get(name, default) if part is None else float(part)
        for name, default, part in (("min", -np.inf, parts[1]), ("max", np.inf, parts[2]))
    )
    largest = float(np.finfo(np.float32).max)
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


def _is_row(array: NDArray[np.float64]) -> bool:
    """Whether an array has one number for each channel, whatever the point."""
    return array.size == array.shape[-1] if array.ndim else False


def _are_layer(weight: NDArray[np.float64], bias: NDArray[np.float64] | None = None) -> bool:
    """Whether arrays are a matrix and, if it is given, a number for each of its channels."""
    return weight.ndim == 2 and (bias is None or bias.size == 1 or _is_row(bias))


def _gemm(name: str, others: list[NDArray[np.float64]], options: dict[str, Any]) -> Affine:
    """Return α x B + β C."""
    weight = others[0] if options.get("transB", 0) else others[0].T
    alpha, beta = (Fraction(float(options.get(key, 1.0))) for key in ("alpha", "beta"))
    bias = None
    if len(others) > 1:
        bias = np.broadcast_to(others[1].reshape(-1), (len(weight),)).copy()
    if alpha != 1:
        weight = _times(weight, alpha)
    if bias is not None and beta != 1:
        bias = _times(bias, beta)
    return Affine(name, weight, bias)


def _elementwise(name: str, kind: str, numbers: NDArray[np.float64]) -> Affine:
    ones = np.ones(len(numbers))
    if kind in ("Add", "Sub"):
        return Affine(name, ones, numbers if kind == "Add" else -numbers)
    if kind == "Mul":
        return Affine(name, numbers, None)
    if np.any(numbers == 0.0):
        raise ValueError("`model` must not divide by zero; export it again")
    quotients = np.empty(len(numbers), dtype=object)
    quotients[:] = [1 / Fraction(number) for number in numbers.tolist()]
    return Affine(name, quotients, None)


def _times(array: NDArray[np.float64], factor: Fraction) -> NDArray[Any]:
    entries = np.empty(array.size, dtype=object)
    entries[:] = [Fraction(entry) * factor for entry in array.ravel().tolist()]
    return entries.reshape(array.shape)
