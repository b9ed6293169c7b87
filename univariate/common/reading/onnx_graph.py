"""Files of ONNX as a graph of nodes and constants, those that constants alone make included.

Read by the package onnx, which executes nothing, where it is installed.
"""

import os
from collections.abc import Callable
from typing import Any, Final, NamedTuple

import numpy as np
from numpy.typing import NDArray

_STANDARD: Final = ("", "ai.onnx")
"""Names of the domain whose operators the standard defines; elsewhere a Relu may be anything."""

_TYPES: Final = {1: np.float32, 10: np.float16, 11: np.float64, 6: np.int32, 7: np.int64}
"""Numbers of the standard, of types that constants are cast to."""

_VALUES: Final = {
    "value_float": np.float32,
    "value_floats": np.float32,
    "value_int": np.int64,
    "value_ints": np.int64,
}
"""What a node Constant may hold instead of a tensor."""


_OF_EXPORTERS: Final = ("pkg.", "onnx.", "onnx_", "namespace", "producer")
"""What their notes are called."""


class Node(NamedTuple):
    """One node: what it does, names of what it takes and gives, and its options."""

    kind: str
    given: list[str]
    found: list[str]
    options: dict[str, Any]


class Graph(NamedTuple):
    """Nodes that depend on the one input, in order, and constants by name."""

    nodes: list[Node]
    fixed: dict[str, NDArray[Any]]
    start: str
    end: str
    width: int | None
    """Numbers at each point of the input, if the file says."""
    version: int
    """Of the standard's operators."""
    notes: dict[str, str]
    """What the file says besides."""


def read_graph(path: str, data: bytes) -> Graph:
    """Read a model of one input and one output; its numbers may lie in a file beside it, as
    exporters write them, by the name that the model says.

    Raises
    ------
    ModuleNotFoundError
        onnx is not installed.
    ValueError
        Damaged, without the file of its numbers, or with several inputs or outputs.
    """
    try:
        import onnx
        from onnx import numpy_helper
        from onnx.external_data_helper import load_external_data_for_model
    except ModuleNotFoundError:
        raise ModuleNotFoundError(
            f"{path!r} is an ONNX model; reading it needs the package onnx, install it or save the"
            " PyTorch model's state_dict"
        ) from None
    try:
        model = onnx.load_model_from_string(data)
        # else numbers in a file of their own would be sought where the process runs
        load_external_data_for_model(model, os.path.dirname(os.path.abspath(path)))
        graph = model.graph
        fixed = {one.name: numpy_helper.to_array(one) for one in graph.initializer}
        made = [_plain(node, onnx.helper.get_attribute_value) for node in graph.node]
        inputs = [one for one in graph.input if one.name not in fixed]
        outputs = [one.name for one in graph.output]
        versions = [one.version for one in model.opset_import if one.domain in _STANDARD]
        nodes = [node for node in made if not _folded(node, fixed, numpy_helper.to_array)]
    except Exception as error:  # every way a file can be broken
        reason = str(error).splitlines()[0] if str(error) else type(error).__name__
        raise ValueError(
            f"{path!r} is an ONNX model and not readable ({reason}); it may be truncated, or its"
            " numbers are in a file of their own, which must lie beside it; export it again, with"
            " external_data=False if in one file"
        ) from None
    if len(inputs) != 1 or len(outputs) != 1:
        raise ValueError(
            f"{path!r} is an ONNX model with {len(inputs)} inputs and {len(outputs)} outputs,"
            " expected one of each; export the network alone, its parameters in the file"
        )
    sizes = [one.dim_value for one in inputs[0].type.tensor_type.shape.dim]
    width = sizes[-1] if len(sizes) > 1 else 0
    notes = _notes(model)
    version = max(versions, default=1)
    return Graph(nodes, fixed, inputs[0].name, outputs[0], width or None, version, notes)


def _notes(model: Any) -> dict[str, str]:
    """Return what a model says besides, but for what exporters write of themselves."""
    of_graph = getattr(model.graph, "metadata_props", ())  # since onnx 1.16
    said = {one.key: one.value for one in (*model.metadata_props, *of_graph)}
    said |= {"doc_string": model.doc_string, "graph.doc_string": model.graph.doc_string}
    return {
        name: text
        for name, text in said.items()
        if text and not name.startswith(_OF_EXPORTERS) and not text.startswith("converted from ")
    }


def _plain(node: Any, value_of: Callable[[Any], Any]) -> Node:
    options = {one.name: value_of(one) for one in node.attribute}
    kind = node.op_type if node.domain in _STANDARD else f"{node.domain}.{node.op_type}"
    return Node(kind, list(node.input), list(node.output), options)


def _folded(
    node: Node, fixed: dict[str, NDArray[Any]], to_array: Callable[[Any], NDArray[Any]]
) -> bool:
    """Add what a node of constants alone gives to them; return False if it is no such node."""
    parts = [fixed[name] for name in node.given if name in fixed]
    if len(parts) < len(node.given):
        return False
    if node.kind == "Constant":
        found = _constant(node.options, to_array)
    elif parts:
        found = _of_constants(node.kind, parts, node.options)
    else:
        return False
    if found is None:
        return False
    fixed[node.found[0]] = found
    return True


def _constant(
    options: dict[str, Any], to_array: Callable[[Any], NDArray[Any]]
) -> NDArray[Any] | None:
    if "value" in options:
        return to_array(options["value"])
    for name, kind in _VALUES.items():
        if name in options:
            return np.array(options[name], dtype=kind)
    return None


def _of_constants(
    kind: str, parts: list[NDArray[Any]], options: dict[str, Any]
) -> NDArray[Any] | None:
    """Return what a node that moves or casts the entries of an array gives; None for others."""
    first = parts[0]
    axes = parts[1].tolist() if len(parts) > 1 else options.get("axes")
    if kind == "Identity":
        return first
    if kind == "Transpose":
        return np.transpose(first, options.get("perm"))
    if kind == "Cast" and options["to"] in _TYPES:
        return first.astype(_TYPES[options["to"]])
    if kind == "Squeeze":
        return np.squeeze(first, None if axes is None else tuple(axes))
    if kind == "Unsqueeze" and axes is not None:
        return np.expand_dims(first, tuple(axes))
    if kind == "Reshape" and axes is not None and 0 not in axes:
        return first.reshape(axes)
    return None
