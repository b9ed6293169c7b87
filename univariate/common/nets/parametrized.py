"""Layers whose weights PyTorch computes from other parameters: by a norm, by a mask."""

from collections.abc import Iterable
from typing import Any, Final

_UNDONE: Final = {
    "weight_g": "torch.nn.utils.remove_weight_norm(layer)",
    "weight_mask": "torch.nn.utils.prune.remove(layer, 'weight')",
    "bias_mask": "torch.nn.utils.prune.remove(layer, 'bias')",
    "weight_u": "torch.nn.utils.remove_spectral_norm(layer)",
    "original0": "torch.nn.utils.parametrize.remove_parametrizations(layer, 'weight')",
    "original": "torch.nn.utils.parametrize.remove_parametrizations(layer, 'weight')",
}
"""Last names of parameters that such layers have, and what makes weights of them."""


def undoing(names: Iterable[Any]) -> str | None:
    """Return what to do about such layers among parameters; None if there are none."""
    kinds = {str(name).rpartition(".")[2] for name in names}
    calls = [call for kind, call in _UNDONE.items() if kind in kinds]
    if not calls:
        return None
    return f"weights are computed from others, make them plain by {' and '.join(calls)} first"
