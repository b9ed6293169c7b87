"""Networks as PyTorch modules, parameters bit for bit."""

from collections.abc import Sequence
from typing import Any

import numpy as np

from univariate.common.arrays import Matrix, Vector


def sequential(layers: Sequence[tuple[Matrix, Vector | None]]) -> Any:
    """Return a `torch.nn.Sequential` of linear layers in float64 with ReLU between them.

    Parameters
    ----------
    layers : sequence of (weight, bias)
        First layer first, weights of shape (outputs, inputs); a layer whose bias is None has none.

    Raises
    ------
    ModuleNotFoundError
        PyTorch is not installed.
    """
    try:
        import torch
    except ModuleNotFoundError:
        raise ModuleNotFoundError(
            "`to_torch` needs PyTorch; install torch, or save the network by its own .save"
        ) from None
    parts: list[Any] = []
    for weight, bias in layers:
        outputs, inputs = weight.shape
        # on no device first: no random numbers are drawn, and the caller's generator stays
        linear = torch.nn.Linear(
            inputs, outputs, bias=bias is not None, dtype=torch.float64, device="meta"
        ).to_empty(device="cpu")
        with torch.no_grad():
            linear.weight.copy_(torch.from_numpy(np.array(weight)))
            if bias is not None:
                linear.bias.copy_(torch.from_numpy(np.array(bias)))
        parts += [linear, torch.nn.ReLU()]
    return torch.nn.Sequential(*parts[:-1])
