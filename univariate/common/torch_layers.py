"""Networks made elsewhere: PyTorch modules and state_dicts, scikit-learn MLPs, and .pt files.

Nothing is imported from those packages unless one of their objects or files is handed over; objects
are recognised by what they offer. Parameters of any float type are lifted to float64 exactly.
"""

from collections.abc import Mapping
from copy import deepcopy
from itertools import pairwise
from typing import Any

import numpy as np
from numpy.typing import NDArray

from univariate.common.check import real_array
from univariate.common.files import PathLike
from univariate.common.nets.state_dict import (
    NamedLayers,
    grouped,
    in_order,
    layers_of_state_dict,
    orders,
)
from univariate.common.reading.networks import read_network

Layers = list[tuple[NDArray[np.float64], NDArray[np.float64]]]

_AGREEMENT = 2.0**-52  # of two evaluations in double precision, for every term that is added up
_FAR = 1e100
_KINKS = 200  # at which values are compared
_BESIDE = (0.0, 1e-6, -1e-6, 1e-4, 1e-3, -1e-3, 1e-2, 0.1, -0.1)  # distances from them
_TRANSPARENT = {"Linear", "ReLU", "Identity", "Flatten", "Dropout"}


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

    A module is evaluated, in double precision and evaluation mode, and must agree with its linear
    layers and ReLU between them; they come in the order in which that is so. In a state_dict ReLU
    is assumed, and the order of declaration if the shapes fit then and the last layer has one
    output, otherwise the only order in which that is so. A checkpoint is looked into if its
    state_dict is called state_dict, model_state_dict or model.

    Raises
    ------
    TypeError
        Neither a module nor a mapping of names to tensors.
    ValueError
        A module that computes something else, entries that are not weights and biases, or layers
        that do not fit together.
    """
    if callable(getattr(model, "state_dict", None)) and callable(getattr(model, "modules", None)):
        _check_leaves(model)
        if key is not None:
            raise ValueError("`key` must be left out for a module, which is one network; drop it")
        return _as_evaluated(model, grouped(model.state_dict()))
    if not isinstance(model, Mapping):
        raise TypeError(
            f"`model` must be a torch module or a state_dict, got {type(model).__name__}; pass"
            " model.state_dict()"
        )
    return layers_of_state_dict(model, key)


def _as_evaluated(module: Any, layers: NamedLayers) -> NamedLayers:
    """Return the layers in the order in which they are what the module computes.

    Raises
    ------
    ValueError
        There is no such order: the module has other activations, skips layers, scales inputs.
    """
    able = orders(layers)
    if not able:
        _check_orders(module)
        return in_order(layers, ordered=True)
    points = _points(layers[able[0][0]])
    try:
        found = _evaluated(module, points)
    except ValueError:
        _check_orders(module)  # a better reason
        raise
    for order in able:
        if _points(layers[order[0]]).shape[1] == points.shape[1]:
            values, allowed = _composed([layers[name] for name in order], points)
            if np.all(np.abs(found - values) <= allowed):
                return {name: layers[name] for name in order}
    _check_orders(module)
    values, _ = _composed([layers[name] for name in able[0]], points)
    worst = int(np.argmax(np.abs(found - values)))
    where = np.array2string(points[worst], precision=6, threshold=4, edgeitems=2)
    raise ValueError(
        "`model` must compute what its linear layers compute with ReLU between them, got"
        f" {found[worst]:.6g} where these give {values[worst]:.6g}, at x = {where}; other"
        " activations, skipped or shared layers and scaled inputs are not converted: train a net"
        " without them, or build one of arrays"
    )


def _points(first: tuple[NDArray[np.float64], NDArray[np.float64] | None]) -> NDArray[np.float64]:
    """Return points at which nets are compared, (k, d): of several sizes, and near places where
    neurons of the first layer switch; for d = 1 on a grid, too.
    """
    weight, bias = first
    d = weight.shape[1]
    rng = np.random.default_rng(0)
    rows = weight[:_KINKS]
    offsets = np.zeros(len(rows)) if bias is None else bias[:_KINKS]
    with np.errstate(all="ignore"):
        lengths = np.sqrt(np.sum(rows**2, axis=1))
        normals = rows / lengths[:, None]
        feet = -(offsets / lengths)[:, None] * normals
    seen = np.all(np.isfinite(feet) & (np.abs(feet) < _FAR) & np.isfinite(normals), axis=1)
    normals, feet = normals[seen], feet[seen]
    aside = rng.standard_normal(feet.shape) / np.sqrt(d)
    feet = feet + aside - np.sum(aside * normals, axis=1)[:, None] * normals
    beside = [feet + distance * normals for distance in _BESIDE]
    directions = rng.standard_normal((64, d)) / np.sqrt(d)
    anywhere = [directions, np.zeros((1, d)), 10.0 * directions, 1e3 * directions[:8]]
    grid = [np.linspace(-2.0, 3.0, 2001)[:, None]] if d == 1 else []
    return np.concatenate([*grid, *anywhere, *beside])


def _evaluated(module: Any, points: NDArray[np.float64]) -> NDArray[np.float64]:
    """Return a module's values, of a copy in double precision and evaluation mode."""
    import torch

    try:
        with torch.no_grad():
            values = deepcopy(module).double().cpu().eval()(torch.from_numpy(points))
        return np.asarray(values.numpy(), dtype=np.float64).reshape(len(points))
    except Exception as error:  # whatever forward does
        reason = str(error).splitlines()[0] if str(error) else type(error).__name__
        raise ValueError(
            f"`model` must map inputs of shape {points.shape} to one output each, got"
            f" {type(error).__name__}: {reason}; if it is made of linear layers with ReLU between"
            " them, pass their state_dict"
        ) from None


def _composed(
    layers: list[tuple[NDArray[np.float64], NDArray[np.float64] | None]],
    points: NDArray[np.float64],
) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
    """Return the values of layers with ReLU between them, and a bound on their rounding."""
    values, sizes = points, np.abs(points)
    terms = 8
    for depth, (weight, bias) in enumerate(layers):
        offset = np.zeros(len(weight)) if bias is None else bias
        values = (np.maximum(values, 0.0) if depth else values) @ weight.T + offset
        sizes = sizes @ np.abs(weight).T + np.abs(offset)
        terms += 2 * weight.shape[1] + 4
    return values[:, 0], _AGREEMENT * terms * sizes[:, 0]


def constant_neuron(value: float) -> tuple[float, float]:
    """Return (v, b) with v σ(b) = `value` exactly: an output bias as a neuron that is always on.

    b is the power of two that leaves the two nearest to each other in size.
    """
    half = int(np.frexp(value)[1]) // 2
    return float(np.ldexp(value, -half)), float(np.ldexp(1.0, half))


def layers_from_sklearn(mlp: Any) -> Layers:
    """Return (weight, bias) of every layer of a fitted MLPClassifier or MLPRegressor with ReLU
    activation.
    """
    if not (hasattr(mlp, "coefs_") and hasattr(mlp, "intercepts_")):
        raise TypeError(
            f"`mlp` must be a fitted scikit-learn MLP, got {type(mlp).__name__}; call .fit first"
        )
    if getattr(mlp, "activation", None) != "relu":
        raise ValueError(
            f"`mlp` must use activation='relu', got {getattr(mlp, 'activation', None)!r}; fit one"
            " with it"
        )
    pairs = zip(mlp.coefs_, mlp.intercepts_, strict=True)
    return [(real_array("coefs_", coef).T, real_array("intercepts_", bias)) for coef, bias in pairs]


def layers_in_words(path: PathLike, key: str | None = None) -> str:
    """Return what is read of a file of layers: "fc1 (50×1) → fc2 (1×50), ReLU assumed between";
    empty for files of this package and those of arrays v, w, b.
    """
    layers = read_network(path, key).layers
    shapes = (
        f"{name or 'layer'} ({len(weight)}×{weight.shape[1]})"
        for name, (weight, _) in layers.items()
    )
    return f"Layers {' → '.join(shapes)}, ReLU assumed between them" if layers else ""


def _check_leaves(module: Any) -> None:
    """Refuse activations that PyTorch has besides ReLU, and parameters that are not those of linear
    layers. What other modules do, evaluation tells.
    """
    for child in module.modules():
        kinds = [kind.__name__ for kind in type(child).__mro__]
        if any(True for _ in child.children()) or not _TRANSPARENT.isdisjoint(kinds):
            continue
        activation = type(child).__module__ == "torch.nn.modules.activation"
        if activation or any(True for _ in child.parameters(recurse=False)):
            raise ValueError(
                f"`model` must consist of Linear and ReLU layers, got {kinds[0]}; train a net of"
                " these, or build one of arrays"
            )


def _check_orders(module: Any) -> None:
    for child in module.modules():
        if type(child).__name__ == "Sequential":
            _check_order(child, whole=child is module)


def _check_order(sequence: Any, *, whole: bool) -> None:
    """Refuse Linear after Linear, and ReLU at the ends of the whole model: a state_dict would not
    show it.
    """
    leaves = _kinds(sequence)
    if not _TRANSPARENT.issuperset(leaves):  # of the user's own: evaluation tells
        return
    kinds = [kind for kind in leaves if kind in ("Linear", "ReLU")]
    bare = any(pair == ("Linear", "Linear") for pair in pairwise(kinds))
    if bare or (whole and (kinds[:1] != ["Linear"] or kinds[-1:] != ["Linear"])):
        raise ValueError(
            "`model` must alternate Linear, ReLU, …, Linear, got"
            f" {', '.join(kinds) or 'no layers'}; rebuild it that way"
        )


def _kinds(module: Any) -> list[str]:
    """Type names of the leaves in the order of execution; inside anything but Sequential, of
    declaration.
    """
    children = list(module) if type(module).__name__ == "Sequential" else list(module.children())
    return [kind for child in children for kind in _kinds(child)] or [type(module).__name__]
