"""PyTorch modules and state_dicts as layers of nets on R^d; torch is never imported here.

Unlike a zero bias, a missing bias (bias=False) stays missing.
"""

from typing import Any

import numpy as np
from numpy.typing import NDArray

from univariate.interop import layers_from_torch

Matrix = NDArray[np.float64]
Vector = NDArray[np.float64]
Hidden = list[tuple[Matrix, Vector | None]]


def hidden_and_output(model: Any) -> tuple[Hidden, Vector]:
    """Return the hidden layers (weight, bias or None), first layer first, and the output weights; lifted exactly.

    Raises
    ------
    TypeError, ValueError
        Anything but two or three linear layers with ReLU between them, one output, and no output bias (or a zero one).
    """
    layers = layers_from_torch(model)
    names = [str(name) for name in (model.state_dict() if hasattr(model, "state_dict") else model)]
    biased = {name.rpartition(".")[0] for name in names if name.rpartition(".")[2] == "bias"}
    prefixes = dict.fromkeys(name.rpartition(".")[0] for name in names)
    if len(layers) not in (2, 3):
        raise ValueError(f"`model` must have 2 or 3 linear layers, got {len(layers)}; other depths are not supported")
    output, offset = layers[-1]
    if len(output) != 1:
        raise ValueError(f"`model` must have one output, got {len(output)}; N(x) is a single score")
    if np.any(offset):
        raise ValueError(
            f"`model` must have no output bias, got {offset[0]:.6g}; the nets of the paper have none, train with"
            " nn.Linear(n, 1, bias=False)"
        )
    pairs = zip(prefixes, layers[:-1], strict=False)
    return [(weight, bias if prefix in biased else None) for prefix, (weight, bias) in pairs], output[0]
