"""Layers whose weights PyTorch computes from other parameters: by a norm, by a mask, by scales."""

from collections.abc import Iterable
from typing import Any, Final

from univariate.common.nets.names import word_set

_UNDONE: Final = {
    "weight_g": "torch.nn.utils.remove_weight_norm(layer)",
    "weight_mask": "torch.nn.utils.prune.remove(layer, 'weight')",
    "bias_mask": "torch.nn.utils.prune.remove(layer, 'bias')",
    "weight_u": "torch.nn.utils.remove_spectral_norm(layer)",
    "original0": "torch.nn.utils.parametrize.remove_parametrizations(layer, 'weight')",
    "original": "torch.nn.utils.parametrize.remove_parametrizations(layer, 'weight')",
}
"""Last names of parameters that such layers have, and what makes weights of them."""

_QUANTISED: Final = word_set(
    "_packed_params qweight qzeros SCB weight_scale weight_scale_inv weight_zero_point absmax"
    " quant_map fake_quant_enabled"
)
"""Last names of what quantised layers have, in PyTorch and elsewhere."""


def undoing(names: Iterable[Any]) -> str | None:
    """Return what to do about such layers among parameters; None if there are none."""
    kinds = {str(name).rpartition(".")[2] for name in names}
    calls = [call for kind, call in _UNDONE.items() if kind in kinds]
    if not calls and not _QUANTISED.isdisjoint(kinds):
        return (
            "weights are quantised, save them as they were before, or their values as floats,"
            " <layer>.weight"
        )
    if not calls:
        return None
    return f"weights are computed from others, make them plain by {' and '.join(calls)} first"
