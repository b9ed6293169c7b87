"""The warning of what stands beside a network and may say that it is another function."""

from collections.abc import Mapping, Sequence
from typing import Any

from univariate.common.nets.beside import entries_beside
from univariate.common.nets.blocks import blocks_in
from univariate.common.nets.named_layers import NamedLayers
from univariate.common.nets.unasked import unasked
from univariate.common.warn import warn


class PassedOverWarning(UserWarning):
    """A checkpoint holds entries that its network was read without.

    A state dict has the layers of a network, not what is between them: ReLU is assumed, and nothing
    before and after. What stands beside it and is known to say otherwise is refused; what is known
    to be of training alone, as epoch, loss and the state of an optimiser, is passed over in
    silence. All else is named by this warning, with its value: settings of any other name, sizes
    that are not those of the layers, texts in which another activation is named, as "tanh_w20",
    files of settings beside that of the network (args.json, hparams.yaml, …) that name another
    activation or a scaling, and names of layers that are those of residual blocks, which are read
    as a chain.

    `load_network` and `from_torch` warn, of both packages; commands say the same on stderr, and all
    that they passed over on the screen and in their JSON. Where the assumption holds, save the
    state dict alone, by a plain name in a folder of its own, or ignore the warning by
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


def warn_of_model(model: Mapping[Any, Any], layers: NamedLayers, key: str | None) -> None:
    """Warn of what a checkpoint holds beside the network that was read of it, and of what its names
    let suspect, unless the `key` says that layers are a chain.
    """
    warn_of(unasked(entries_beside(model, key), layers), "`model`", doubts_of(layers, key))


def doubts_of(layers: NamedLayers, key: str | None) -> list[str]:
    """Return what names of layers let suspect; nothing where "" says that they are a chain."""
    return [] if key == "" else blocks_in(layers)


def warn_of(
    entries: Sequence[str],
    where: str,
    doubts: Sequence[str] = (),
    *,
    told: bool = False,
    around: bool = False,
) -> None:
    """Warn the caller of this package of entries that were passed over, and of doubts; not if there
    are none. Whether a file has `told` what is between layers, and whether some entries are not in
    it but `around`: names, and files beside it.
    """
    if not entries and not doubts:
        return
    alone = "leave them out" if told else "save the state_dict alone"
    alone += ", in a folder of its own, by names that say nothing else" if around else ""
    ways = [
        *[alone] * bool(entries),
        *["say by key='' that layers follow one another"] * bool(doubts),
        "ignore univariate.PassedOverWarning",
    ]
    warn(
        f"{_said(entries, where, doubts, told=told)}; if it is right, {' or '.join(ways)}",
        PassedOverWarning,
    )


def complaint_of(
    entries: Sequence[str], where: str, doubts: Sequence[str] = (), *, told: bool = False
) -> str:
    """Return what a command says of these; empty if there are none."""
    if not entries and not doubts:
        return ""
    saved = "" if told else ", and save the net"
    chain = "; if it is right, --net-key '' says so" if doubts else ""
    return f"note: {_said(entries, where, doubts, told=told)}{saved}{chain}"


def _said(entries: Sequence[str], where: str, doubts: Sequence[str], *, told: bool) -> str:
    beside = f"{', '.join(entries)} beside its network, not taken into account" if entries else ""
    chain = f"{', '.join(doubts)}, taken as a chain" if doubts else ""
    assumed = (
        "nothing is assumed before its graph and after it: if that may be wrong, put what is done"
        " to inputs and outputs into the model and export it again"
        if told
        else "ReLU is assumed between layers and nothing before and after them: if that may be"
        " wrong, convert the module itself by from_torch, which evaluates it"
    )
    return f"{where} has {', and has '.join(filter(None, (beside, chain)))}; {assumed}"
