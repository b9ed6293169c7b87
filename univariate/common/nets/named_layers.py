"""Named tensors as linear layers: weights of nn.Linear, (outputs, inputs), and kernels of Flax and
Keras, (inputs, outputs).
"""

import re
from collections.abc import Mapping
from typing import Any, Final

import numpy as np
from numpy.typing import NDArray

from univariate.common.check import real_array
from univariate.common.nets.names import is_of_training, word_set, words_of
from univariate.common.nets.parametrized import undoing
from univariate.common.nets.siblings import number_kind

Layer = tuple[NDArray[np.float64], NDArray[np.float64] | None]
NamedLayers = dict[str, Layer]

KINDS: Final = ("weight", "kernel", "bias")
"""Last names of what a layer has."""

_CODES: Final = re.compile(r"u?int([1-9]|1[0-6])")
"""Types of integers of 16 bits or less."""

_JUDGES: Final = word_set("criterion loss losses acc accs accuracy accuracies metrics epoch epochs")
KERAS: Final = (
    "of a Keras model save {v.path: v.numpy() for v in model.weights} by numpy.savez, and read"
    " that, if ReLU is between its layers"
)
"""What to do with models of Keras' torch backend."""

_COUNTS: Final = ("n_averaged",)
"""Entries that training averages leave, and that change nothing."""


def grouped(model: Mapping[Any, Any]) -> NamedLayers:
    """Return the layers of a state dict, as declared, their weights as (outputs, inputs).

    Counts of steps, and what is of a loss or a metric, as criterion.pos_weight, are passed over.
    """
    grouped: dict[str, dict[str, NDArray[np.float64]]] = {}
    for name, tensor in model.items():
        prefix, _, kind = str(name).rpartition(".")
        if kind in _COUNTS:
            continue
        if kind not in KINDS and _is_count_or_of_loss(str(name), tensor):
            continue
        if kind not in KINDS:
            raise ValueError(
                f"`model` must hold only weights and biases of linear layers, got entry {name!r};"
                f" {undoing(model) or _of_keras(str(name)) or _remedy(kind, tensor)}"
            )
        if isinstance(tensor, Mapping):
            raise ValueError(
                f"`model` must hold an array in {name!r}, got a mapping of"
                f" {', '.join(map(repr, tensor))}; save the state_dict of the model, in which it is"
                " one"
            )
        require_no_codes(str(name), tensor)
        grouped.setdefault(prefix, {})[kind] = real_array(str(name), tensor)
    return {prefix: _layer(prefix, parts) for prefix, parts in grouped.items()}


def require_no_codes(name: str, value: Any) -> None:
    """Refuse integers of 16 bits or less, as quantised weights are, whose scales lie elsewhere."""
    dtype = getattr(value, "dtype", None)
    kind = str(getattr(dtype, "name", dtype)).removeprefix("torch.")
    if _CODES.fullmatch(kind):
        raise ValueError(
            f"`model` must hold weights and biases themselves, got {kind} in {name!r}, as of"
            " quantised ones, which are to be multiplied by a scale; save their values, as floats,"
            f" or {name} as float32 if these integers are its values"
        )


def _is_count_or_of_loss(name: str, value: Any) -> bool:
    """Whether an entry of a state dict, called as no parameter of a layer, is of a loss or a
    metric, or counts steps; a float that is called step may be that of a quantisation.
    """
    *parts, last = name.split(".")
    judges = (part for part in (*parts, last) if not words_of(part).isdisjoint(_JUDGES))
    is_int = number_kind(value) == "int"
    return any(map(is_of_training, judges)) or (is_int and is_of_training(last))


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
    if bias is not None and bias.ndim != 1 and bias.size == len(weight):
        raise ValueError(
            f"`model` layer {prefix!r} must have a bias of shape {weight.shape[:1]}, got"
            f" {bias.shape}; save it by .reshape(-1)"
        )
    if bias is not None and bias.shape != weight.shape[:1]:
        raise ValueError(
            f"`model` layer {prefix!r} must have one bias for each of its {len(weight)} outputs,"
            f" got shape {bias.shape}; check which layer it is of, and whether its weights are"
            " transposed: those of Flax and Keras are <layer>.kernel, or <layer>.weight transposed"
        )
    return weight, bias


def _of_keras(name: str) -> str:
    return KERAS if "_torch_params" in name.split(".") else ""


def _remedy(kind: str, value: Any) -> str:
    if isinstance(value, Mapping):
        return "pass the mapping that holds the layers; in a file, save that alone"
    if callable(getattr(value, "state_dict", None)):
        return "pass it alone, which is evaluated if it is a module"
    if isinstance(value, str):
        return "leave it out if it says what is assumed, ReLU between layers and no more"
    if kind.startswith("running_") or kind == "num_batches_tracked":
        return (
            "pass the module itself, in which the normalisation layer is folded into the linear one"
            " as in evaluation"
        )
    return (
        "call parameters as nn.Linear does, <layer>.weight and <layer>.bias, and leave out what"
        " its outputs do not depend on, or build the net from its arrays"
    )
