"""How far a module's numbers go: the range of its type, and the constants that it holds."""

from collections.abc import Iterable
from typing import Any, Final

import numpy as np
from numpy.typing import NDArray

_MOST: Final = 12  # constants
_HALF: Final = float(np.finfo(np.float16).max)
_SMALL: Final = 16  # entries of a buffer or a list that counts as constants


def range_of(module: Any) -> float:
    """Return the largest number of the narrowest type of a module's parameters, half precision at
    least: what is stored in eight bits is not evaluated in them.
    """
    import torch

    types = {part.dtype for part in module.parameters() if part.is_floating_point()}
    ranges = (float(torch.finfo(kind).max) for kind in types)
    return max(_HALF, min(ranges, default=float(np.finfo(float).max)))


def constants_of(module: Any) -> NDArray[np.float64]:
    """Return numbers that a module and its parts hold beside their weights, at which they may do
    something else: attributes, small buffers and parameters without axes, distinct and not 0.
    """
    found: list[float] = []
    for part in module.modules():
        # those of PyTorch itself are known by their types
        own = {} if type(part).__module__.startswith("torch.") else vars(part)
        held = [value for name, value in own.items() if not name.startswith("_")]
        tensors = [tensor for tensor in part.parameters(recurse=False) if tensor.ndim == 0]
        for value in (*held, *part.buffers(recurse=False), *tensors):
            found += _numbers(value)
    able = [value for value in dict.fromkeys(found) if value and np.isfinite(value)]
    return np.array(able[:_MOST])


def _numbers(value: Any) -> Iterable[float]:
    if isinstance(value, list | tuple) and len(value) <= _SMALL:
        return [float(one) for one in value if isinstance(one, float) or type(one) is int]
    if isinstance(value, float) or type(value) is int:
        return [float(value)]
    if getattr(value, "numel", None) is None or value.numel() > _SMALL or value.is_complex():
        return []
    numbers: list[float] = value.detach().cpu().double().reshape(-1).tolist()
    return numbers
