"""Networks made elsewhere: PyTorch modules and state_dicts, and scikit-learn MLPs.

Nothing is imported from those packages unless one of their objects or files is handed over; objects
are recognised by what they offer. Parameters of any float type are lifted to float64 exactly.
"""

from collections.abc import Mapping
from os import PathLike
from typing import Any

import numpy as np

from univariate.common.arrays import Matrix, Vector
from univariate.common.check import real_array
from univariate.common.foreign_arrays import plain_array
from univariate.common.labels import LabelMap, signs
from univariate.common.nets.module import layers_of_module
from univariate.common.nets.named_layers import NamedLayers
from univariate.common.nets.predictions import require_predictions
from univariate.common.nets.state_dict import layers_of_state_dict
from univariate.common.nets.warned import warn_of_model
from univariate.common.reading.networks import RawNetwork

Layers = list[tuple[Matrix, Vector]]


def layers_from_torch(model: Any, key: str | None = None) -> Layers:
    """Return (weight, bias) of every linear layer of a module or state_dict, in order; zeros for a
    missing bias.

    As `named_layers_from_torch`.
    """
    return filled(named_layers_from_torch(model, key))


def filled(layers: NamedLayers) -> Layers:
    """Return (weight, bias) of layers, zeros for a missing bias."""
    return [
        (weight, np.zeros(len(weight)) if bias is None else bias)
        for weight, bias in layers.values()
    ]


def named_layers_from_torch(model: Any, key: str | None = None) -> NamedLayers:
    """Return name → (weight, bias or None) of every linear layer of a module or state_dict, first
    layer first.

    A module is evaluated, in double precision and evaluation mode, and is what it computes: see
    `univariate.common.nets.module`. In a state_dict ReLU is assumed between layers; their order is
    that of `univariate.common.nets.layer_order`. Checkpoints are looked into, whatever their
    state_dict is called; `key` says which one where there are several.

    Warns
    -----
    PassedOverWarning
        Entries beside the network that are not known to be of training alone; names of layers as
        of residual blocks.

    Raises
    ------
    TypeError
        Neither a module nor a mapping of names to tensors.
    ValueError
        A module that computes something else, entries that are not weights and biases, or layers
        that do not fit together.
    """
    if callable(getattr(model, "state_dict", None)) and callable(getattr(model, "modules", None)):
        if key is not None:
            raise ValueError("`key` must be left out for a module, which is one network; drop it")
        return layers_of_module(model)
    if not isinstance(model, Mapping):
        remedy = "pass the module, or its state_dict if ReLU is between its layers"
        if isinstance(model, str | bytes | PathLike):
            remedy += ", or read a file by load_network"
        raise TypeError(
            f"`model` must be a torch module or a state_dict, got {type(model).__name__}; {remedy}"
        )
    layers = layers_of_state_dict(model, key)
    warn_of_model(model, layers, key)
    return layers


def constant_neuron(value: float) -> tuple[float, float]:
    """Return (v, b) with v σ(b) = `value` exactly: an output bias as a neuron that is always on.

    b is the power of two that leaves the two nearest to each other in size.
    """
    half = int(np.frexp(value)[1]) // 2
    return float(np.ldexp(value, -half)), float(np.ldexp(1.0, half))


def layers_from_sklearn(mlp: Any, label_map: LabelMap | None = None) -> Layers:
    """Return (weight, bias) of every layer of a fitted MLPClassifier or MLPRegressor with ReLU
    activation; the last with its sign turned where the class of positive scores is −1.

    Its predictions are compared with them: see `univariate.common.nets.predictions`.
    """
    if hasattr(mlp, "predict") and not hasattr(mlp, "hidden_layer_sizes"):
        raise TypeError(
            f"`mlp` must be a scikit-learn MLP itself, got {type(mlp).__name__}; pass its MLP step,"
            " fitted, inputs as that step sees them, and remember what is done to its outputs"
        )
    if not (hasattr(mlp, "coefs_") and hasattr(mlp, "intercepts_")):
        raise TypeError(
            f"`mlp` must be a fitted scikit-learn MLP, got {type(mlp).__name__}; call .fit first"
        )
    if getattr(mlp, "activation", None) != "relu":
        raise ValueError(
            f"`mlp` must use activation='relu', got {getattr(mlp, 'activation', None)!r}; fit one"
            " with it"
        )
    squashing = getattr(mlp, "out_activation_", "identity")
    if not hasattr(mlp, "classes_") and squashing != "identity":
        raise ValueError(
            f"`mlp` must predict its score, got a regressor of {squashing}(score), as of"
            f" loss={getattr(mlp, 'loss', None)!r}; fit one of loss='squared_error'"
        )
    pairs = zip(mlp.coefs_, mlp.intercepts_, strict=True)
    layers = [
        (real_array("coefs_", coef).T, real_array("intercepts_", bias)) for coef, bias in pairs
    ]
    classes = getattr(mlp, "classes_", None)
    if classes is None and label_map is not None:
        raise ValueError(
            "`label_map` must be left out for a regressor, which has no classes; drop it"
        )
    weight, bias = layers[-1]
    if len(weight) != 1:
        return layers
    upper = classes is None or _is_upper_positive(classes, label_map)
    require_predictions(mlp, layers)
    return layers if upper else [*layers[:-1], (-weight, 0.0 - bias)]


def _is_upper_positive(classes: Any, label_map: LabelMap | None) -> bool:
    """Whether the class that scikit-learn gives to positive scores, the second one, is +1.

    Without a map classes are −1 and +1, 0 and 1, or False and True.
    """
    known = plain_array("classes_", classes)
    if known.shape != (2,):
        raise ValueError(
            f"`mlp` must have two classes, got {known.shape[0]}; fit it on labels of both signs"
        )
    usual = known.dtype.kind in "biuf" and set(known.tolist()) == {0, 1}
    meant = {0: -1, 1: 1} if usual and label_map is None else label_map
    lower, upper = signs("classes_", known.astype(int) if usual else known, meant)
    if lower == upper:
        raise ValueError(
            "`label_map` must map one class of `mlp` to +1 and the other to -1, got one sign for"
            f" both of {known.tolist()}; change one"
        )
    return bool(upper > 0.0)


def layers_in_words(raw: RawNetwork, neurons: int) -> str:
    """Return what was read of a file of layers: "fc1 (50×1) → fc2 (1×50), ReLU assumed between";
    empty for files of this package and those of arrays v, w, b.

    `neurons` are those of the net before its output; one more than in the file is an output bias.
    """
    if not raw.layers:
        return ""
    shapes = [
        f"{name or 'layer'} ({len(weight)}×{weight.shape[1]})"
        for name, (weight, _) in raw.layers.items()
    ]
    between = "as the file says" if raw.told else "assumed"
    *_, (output, _) = raw.layers.values()
    more = neurons > output.shape[1]
    bias = "; the output bias is one more neuron, which counts in width and norm" if more else ""
    beside = f"; passed over beside them: {', '.join(raw.beside)}" if raw.beside else ""
    doubts = f"; taken as a chain: {', '.join(raw.doubts)}" if raw.doubts else ""
    return f"Layers {' → '.join(shapes)}, ReLU {between} between them{bias}{doubts}{beside}"
