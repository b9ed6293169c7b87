"""Networks made elsewhere: PyTorch modules and state_dicts, scikit-learn MLPs, and .pt files.

Nothing is imported from those packages unless one of their objects or files is handed over; objects are recognised
by what they offer.  Parameters of any float type are lifted to float64 exactly.
"""

from collections.abc import Mapping
from itertools import pairwise
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from univariate._check import real_array
from univariate._files import PathLike

Layers = list[tuple[NDArray[np.float64], NDArray[np.float64]]]

_TRANSPARENT = {"Linear", "ReLU", "Identity", "Flatten", "Dropout"}


def layers_from_torch(model: Any) -> Layers:
    """Return (weight, bias) of every linear layer of a module or state_dict, in order.

    ReLU is assumed between layers; a module whose leaves are visibly anything else is refused.

    Raises
    ------
    TypeError
        Neither a module nor a mapping of names to tensors.
    ValueError
        Leaves other than Linear and ReLU, or entries that are not weights and biases.
    """
    if callable(getattr(model, "state_dict", None)) and callable(getattr(model, "modules", None)):
        _check_leaves(model)
        model = model.state_dict()
    if not isinstance(model, Mapping):
        raise TypeError(
            f"`model` must be a torch module or a state_dict, got {type(model).__name__}; pass model.state_dict()"
        )
    grouped: dict[str, dict[str, NDArray[np.float64]]] = {}
    for name, tensor in model.items():
        prefix, _, kind = str(name).rpartition(".")
        if kind not in ("weight", "bias"):
            raise ValueError(
                f"`model` must hold only weights and biases of linear layers, got entry {name!r}; remove it"
            )
        grouped.setdefault(prefix, {})[kind] = _tensor_to_array(str(name), tensor)
    layers: Layers = []
    for prefix, parts in grouped.items():
        if "weight" not in parts:
            raise ValueError(f"`model` has a bias without a weight in layer {prefix!r}; add or remove it")
        weight = parts["weight"]
        if weight.ndim != 2:
            raise ValueError(
                f"`model` layer {prefix!r} must have a 2-d weight, got shape {weight.shape}; use Linear layers"
            )
        layers.append((weight, parts.get("bias", np.zeros(len(weight)))))
    return layers


def layers_from_sklearn(mlp: Any) -> Layers:
    """Return (weight, bias) of every layer of a fitted MLPClassifier or MLPRegressor with ReLU activation."""
    if not (hasattr(mlp, "coefs_") and hasattr(mlp, "intercepts_")):
        raise TypeError(f"`mlp` must be a fitted scikit-learn MLP, got {type(mlp).__name__}; call .fit first")
    if getattr(mlp, "activation", None) != "relu":
        raise ValueError(f"`mlp` must use activation='relu', got {getattr(mlp, 'activation', None)!r}; fit one with it")
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
        raise FileNotFoundError(f"`path` must name an existing file, got {str(target)!r}; check the spelling")
    try:
        import torch
    except ModuleNotFoundError:
        raise ModuleNotFoundError(
            f"reading {str(target)!r} needs PyTorch; install torch, or save the network with ReluNet.save as .npz"
        ) from None
    try:
        return torch.load(target, map_location="cpu", weights_only=True)
    except Exception as error:  # the loader raises a different type for every way a file can be broken
        reason = str(error).splitlines()[0] if str(error) else type(error).__name__
        raise ValueError(
            f"{str(target)!r} is not a readable state_dict ({reason}); save it with"
            " torch.save(model.state_dict(), path)"
        ) from None


def _check_leaves(module: Any) -> None:
    for child in module.modules():
        kind = type(child).__name__
        if not any(True for _ in child.children()) and kind not in _TRANSPARENT:
            raise ValueError(
                f"`model` must consist of Linear and ReLU layers, got {kind}; pass the state_dict if the rest is ReLU"
            )
    for child in module.modules():
        if type(child).__name__ == "Sequential":
            _check_order(child, whole=child is module)


def _check_order(sequence: Any, *, whole: bool) -> None:
    """Refuse Linear after Linear, and ReLU at the ends of the whole model: a state_dict would not show it."""
    kinds = [kind for kind in _kinds(sequence) if kind in ("Linear", "ReLU")]
    bare = any(pair == ("Linear", "Linear") for pair in pairwise(kinds))
    if bare or (whole and (kinds[:1] != ["Linear"] or kinds[-1:] != ["Linear"])):
        raise ValueError(
            f"`model` must alternate Linear, ReLU, …, Linear, got {', '.join(kinds) or 'no layers'}; rebuild it"
            " that way"
        )


def _kinds(module: Any) -> list[str]:
    """Type names of the leaves in the order of execution; inside anything but Sequential, of declaration."""
    children = list(module) if type(module).__name__ == "Sequential" else list(module.children())
    return [kind for child in children for kind in _kinds(child)] or [type(module).__name__]


def _tensor_to_array(name: str, tensor: Any) -> NDArray[np.float64]:
    if hasattr(tensor, "detach"):
        tensor = tensor.detach().cpu().double().numpy()
    return real_array(name, tensor)
