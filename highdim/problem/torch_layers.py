"""PyTorch modules and state_dicts as layers of nets on R^d; torch is never imported here.

Unlike a zero bias, a missing bias (bias=False) stays missing.
"""

from typing import Any

import numpy as np

from univariate.common.arrays import Matrix, Vector
from univariate.common.torch_layers import named_layers_from_torch

Hidden = list[tuple[Matrix, Vector | None]]


def hidden_and_output(model: Any) -> tuple[Hidden, Vector]:
    """Return the hidden layers (weight, bias or None), first layer first, and the output weights.

    Parameters are lifted to float64 exactly.

    Raises
    ------
    TypeError, ValueError
        Anything but two or three linear layers with ReLU between them, one output, and no output
        bias (or a zero one).
    """
    layers = list(named_layers_from_torch(model).values())
    if len(layers) not in (2, 3):
        raise ValueError(
            f"`model` must have 2 or 3 linear layers, got {len(layers)}; other depths are not"
            " supported"
        )
    output, offset = layers[-1]
    if len(output) != 1:
        raise ValueError(
            f"`model` must have one output, got a last layer of shape {output.shape} as (outputs,"
            " inputs); N(x) is a single score, so check the order of the layers and whether"
            " weights are transposed"
        )
    if offset is not None and np.any(offset):
        raise ValueError(
            f"`model` must have no output bias, got {offset[0]:.6g}; the nets of the paper have"
            " none, train with nn.Linear(n, 1, bias=False)"
        )
    return layers[:-1], output[0]
