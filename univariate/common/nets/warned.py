"""The warning of what stands beside a network and may say that it is another function."""

from collections.abc import Mapping, Sequence
from typing import Any

from univariate.common.nets.beside import entries_beside
from univariate.common.nets.named_layers import NamedLayers
from univariate.common.nets.unasked import unasked
from univariate.common.warn import warn


class PassedOverWarning(UserWarning):
    """A checkpoint holds entries that its network was read without.

    A state dict has the layers of a network, not what is between them: ReLU is assumed, and nothing
    before and after. What stands beside it and is known to say otherwise is refused; what is known
    to be of training alone, as epoch, loss and the state of an optimiser, is passed over in
    silence. All else is named by this warning, with its value: settings of any other name, sizes
    that are not those of the layers, and texts in which another activation is named, as "tanh_w20".

    `load_network` and `from_torch` warn, of both packages; commands say the same on stderr, and all
    that they passed over on the screen and in their JSON. Where the assumption holds, save the
    state dict alone, or ignore the warning by
    `warnings.simplefilter("ignore", univariate.PassedOverWarning)`; with "error" such checkpoints
    are refused:

    >>> import warnings, univariate
    >>> layers = {"0.weight": [[1.0], [2.0]], "2.weight": [[1.0, -1.0]]}
    >>> with warnings.catch_warnings(record=True) as found:
    ...     warnings.simplefilter("always")
    ...     net = univariate.ReluNet.from_torch({"model": layers, "epoch": 3, "alpha": 0.5})
    >>> print(str(found[0].message).partition(";")[0])
    `model` has 'alpha' = 0.5 beside its network, not taken into account
    """


def warn_of_model(model: Mapping[Any, Any], layers: NamedLayers) -> None:
    """Warn of what a checkpoint holds beside the network that was read of it."""
    warn_of(unasked(entries_beside(model), layers), "`model`")


def warn_of(entries: Sequence[str], where: str) -> None:
    """Warn the caller of this package of entries that were passed over; not if there are none."""
    if not entries:
        return
    warn(
        f"{_said(entries, where)}; if it is right, save the state_dict alone or ignore"
        " univariate.PassedOverWarning",
        PassedOverWarning,
    )


def complaint_of(entries: Sequence[str], where: str) -> str:
    """Return what a command says of entries that were passed over; empty if there are none."""
    return f"note: {_said(entries, where)}, and save the net" if entries else ""


def _said(entries: Sequence[str], where: str) -> str:
    return (
        f"{where} has {', '.join(entries)} beside its network, not taken into account; ReLU is"
        " assumed between layers and nothing before and after them: if that may be wrong, convert"
        " the module itself by from_torch, which evaluates it"
    )
