"""Networks made elsewhere: PyTorch modules and state_dicts, scikit-learn MLPs, and .pt files.

Nothing is imported from those packages unless one of their objects or files is handed over; objects
are recognised by what they offer. Parameters of any float type are lifted to float64 exactly.
"""

from collections.abc import Mapping
from itertools import pairwise, permutations
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from univariate.common.check import real_array
from univariate.common.files import PathLike

Layers = list[tuple[NDArray[np.float64], NDArray[np.float64]]]
NamedLayers = dict[str, tuple[NDArray[np.float64], NDArray[np.float64] | None]]

_CHECKPOINT = ("state_dict", "model_state_dict", "model")
_PERMUTED = 6  # layers, up to which all orders are looked at
_TRANSPARENT = {"Linear", "ReLU", "Identity", "Flatten", "Dropout"}


def layers_from_torch(model: Any) -> Layers:
    """Return (weight, bias) of every linear layer of a module or state_dict, in order; zeros for a
    missing bias.

    As `named_layers_from_torch`.
    """
    layers = named_layers_from_torch(model).values()
    return [(weight, np.zeros(len(weight)) if bias is None else bias) for weight, bias in layers]


def named_layers_from_torch(model: Any) -> NamedLayers:
    """Return name → (weight, bias or None) of every linear layer of a module or state_dict, first
    layer first.

    ReLU is assumed between layers; a module whose leaves are visibly anything else is refused. A
    checkpoint is looked into if its state_dict is called state_dict, model_state_dict or model.
    Layers come in the order of declaration if their shapes fit and the last one has one output,
    otherwise in the only order in which that is so.

    Raises
    ------
    TypeError
        Neither a module nor a mapping of names to tensors.
    ValueError
        Leaves other than Linear and ReLU, entries that are not weights and biases, or layers that
        do not fit together.
    """
    if callable(getattr(model, "state_dict", None)) and callable(getattr(model, "modules", None)):
        _check_leaves(model)
        model = model.state_dict()
    if not isinstance(model, Mapping):
        raise TypeError(
            f"`model` must be a torch module or a state_dict, got {type(model).__name__}; pass"
            " model.state_dict()"
        )
    model = next(
        (model[name] for name in _CHECKPOINT if isinstance(model.get(name), Mapping)), model
    )
    grouped: dict[str, dict[str, NDArray[np.float64]]] = {}
    for name, tensor in model.items():
        prefix, _, kind = str(name).rpartition(".")
        if kind not in ("weight", "bias"):
            raise ValueError(
                f"`model` must hold only weights and biases of linear layers, got entry {name!r};"
                f" {_remedy(kind, tensor)}"
            )
        grouped.setdefault(prefix, {})[kind] = _tensor_to_array(str(name), tensor)
    layers: NamedLayers = {}
    for prefix, parts in grouped.items():
        if "weight" not in parts:
            raise ValueError(
                f"`model` has a bias without a weight in layer {prefix!r}; add or remove it"
            )
        weight = parts["weight"]
        if weight.ndim != 2:
            raise ValueError(
                f"`model` layer {prefix!r} must have a 2-d weight, got shape {weight.shape}; use"
                " Linear layers, and fold normalisation into them"
            )
        layers[prefix] = weight, parts.get("bias")
    return _in_order(layers)


def _remedy(kind: str, value: Any) -> str:
    if isinstance(value, Mapping):
        return "pass the mapping that holds the layers"
    if kind.startswith("running_") or kind == "num_batches_tracked":
        return "fold the normalisation layer into the linear layer before it"
    return (
        "call parameters as nn.Linear does, <layer>.weight and <layer>.bias, or build the net from"
        " its arrays"
    )


def _in_order(layers: NamedLayers) -> NamedLayers:
    """Return layers as declared if every one fits the next and the last has one output, or in the
    only such order.
    """

    def fits(order: tuple[str, ...]) -> bool:
        return all(len(layers[a][0]) == layers[b][0].shape[1] for a, b in pairwise(order))

    declared = tuple(layers)
    orders = permutations(declared) if len(declared) <= _PERMUTED else (declared,)
    able = (
        [order for order in orders if fits(order) and len(layers[order[-1]][0]) == 1]
        if declared
        else []
    )
    if declared in able or (not able and fits(declared)):
        return layers
    if len(able) != 1:
        shapes = ", ".join(f"{name!r} {weight.shape}" for name, (weight, _) in layers.items())
        raise ValueError(
            f"`model` must have layers that fit together, the last with one output, got {shapes} as"
            " (outputs, inputs); put them in the order in which they are applied"
        )
    return {name: layers[name] for name in able[0]}


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


def load_torch_file(path: PathLike) -> Any:
    """Read a .pt state_dict with torch's weights-only loader, which executes nothing.

    Raises
    ------
    ModuleNotFoundError
        PyTorch is not installed.
    ValueError
        The file is not a readable state_dict.
    """
    target = Path(path)
    if not target.is_file():
        raise FileNotFoundError(
            f"`path` must name an existing file, got {str(target)!r}; check the spelling"
        )
    try:
        import torch
    except ModuleNotFoundError:
        raise ModuleNotFoundError(
            f"reading {str(target)!r} needs PyTorch; install torch, or save the network by its own"
            " .save as .npz"
        ) from None
    try:
        return torch.load(target, map_location="cpu", weights_only=True)
    # the loader raises a different type for every way a file can be broken
    except Exception as error:
        reason = str(error).splitlines()[0] if str(error) else type(error).__name__
        reason = (
            "it holds more than tensors"
            if reason.startswith("Weights only load failed")
            else reason
        )
        raise ValueError(
            f"{str(target)!r} is not a readable state_dict ({reason}); save it with"
            " torch.save(model.state_dict(), path)"
        ) from None


def _check_leaves(module: Any) -> None:
    for child in module.modules():
        kind = type(child).__name__
        if not any(True for _ in child.children()) and kind not in _TRANSPARENT:
            raise ValueError(
                f"`model` must consist of Linear and ReLU layers, got {kind}; pass the state_dict"
                " if the rest is ReLU"
            )
    for child in module.modules():
        if type(child).__name__ == "Sequential":
            _check_order(child, whole=child is module)


def _check_order(sequence: Any, *, whole: bool) -> None:
    """Refuse Linear after Linear, and ReLU at the ends of the whole model: a state_dict would not
    show it.
    """
    kinds = [kind for kind in _kinds(sequence) if kind in ("Linear", "ReLU")]
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


def _tensor_to_array(name: str, tensor: Any) -> NDArray[np.float64]:
    if hasattr(tensor, "detach"):
        tensor = tensor.detach().cpu().double().numpy()
    return real_array(name, tensor)
