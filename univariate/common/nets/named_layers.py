"""Named tensors as linear layers: weights of nn.Linear, (outputs, inputs), and kernels of Flax and
Keras, (inputs, outputs).
"""

from collections.abc import Mapping
from typing import Any, Final

import numpy as np
from numpy.typing import NDArray

from univariate.common.check import real_array
from univariate.common.nets.rewritten import undoing

Layer = tuple[NDArray[np.float64], NDArray[np.float64] | None]
NamedLayers = dict[str, Layer]

KINDS: Final = ("weight", "kernel", "bias")
"""Last names of what a layer has."""

_COUNTS: Final = ("n_averaged",)
"""Entries that training averages leave, and that change nothing."""


def grouped(model: Mapping[Any, Any]) -> NamedLayers:
    """Return the layers of a state dict, as declared, their weights as (outputs, inputs)."""
    grouped: dict[str, dict[str, NDArray[np.float64]]] = {}
    for name, tensor in model.items():
        prefix, _, kind = str(name).rpartition(".")
        if kind in _COUNTS:
            continue
        if kind not in KINDS:
            raise ValueError(
                f"`model` must hold only weights and biases of linear layers, got entry {name!r};"
                f" {undoing(model) or _remedy(kind, tensor)}"
            )
        grouped.setdefault(prefix, {})[kind] = real_array(str(name), tensor)
    return {prefix: _layer(prefix, parts) for prefix, parts in grouped.items()}


def turned(layers: NamedLayers) -> NamedLayers:
    """Return the layers that are meant if all their weights are transposed; none if biases say
    that they are not.
    """
    if any(bias is not None and len(bias) != weight.shape[1] for weight, bias in layers.values()):
        return {}
    return {name: (weight.T, bias) for name, (weight, bias) in layers.items()}


def _layer(prefix: str, parts: dict[str, NDArray[np.float64]]) -> Layer:
    if ("weight" in parts) == ("kernel" in parts):
        raise ValueError(
            f"`model` has both a weight and a kernel in layer {prefix!r}; leave out one"
            if "weight" in parts
            else f"`model` has a bias without a weight in layer {prefix!r}; add or remove it"
        )
    # a kernel is what its input is multiplied by from the right, x @ kernel
    weight = parts["weight"] if "weight" in parts else np.ascontiguousarray(parts["kernel"].T)
    bias = parts.get("bias")
    if weight.ndim == 1:
        raise ValueError(
            f"`model` layer {prefix!r} must have a 2-d weight, got shape {weight.shape}, as of"
            " PReLU or a normalisation; pass the module itself, which is evaluated"
        )
    if weight.ndim != 2 or weight.size == 0:
        raise ValueError(
            f"`model` layer {prefix!r} must have a 2-d weight, got shape {weight.shape}; use"
            " Linear layers"
        )
    if bias is not None and bias.shape != weight.shape[:1]:
        raise ValueError(
            f"`model` layer {prefix!r} must have one bias for each of its {len(weight)} outputs,"
            f" got shape {bias.shape}; check which layer it is of, and whether its weights are"
            " transposed: those of Flax and Keras are <layer>.kernel, or <layer>.weight transposed"
        )
    return weight, bias


def _remedy(kind: str, value: Any) -> str:
    if isinstance(value, Mapping):
        return "pass the mapping that holds the layers"
    if isinstance(value, str):
        return "leave it out if it says what is assumed, ReLU between layers and no more"
    if kind.startswith("running_") or kind == "num_batches_tracked":
        return (
            "pass the module itself, in which the normalisation layer is folded into the linear one"
            " as in evaluation"
        )
    return (
        "call parameters as nn.Linear does, <layer>.weight and <layer>.bias, or build the net from"
        " its arrays"
    )
