"""Networks of any file that holds one."""

from dataclasses import fields
from typing import Any

from highdim.problem.network import (
    THREE,
    Network,
    ThreeLayerNet,
    TwoLayerNet,
    net_of_arrays,
    net_of_layers,
)
from univariate.common.files import PathLike
from univariate.common.reading.networks import RawNetwork, read_network, refuse_others


def load_network(path: PathLike, *, key: str | None = None) -> Network:
    """Read a network from a file, told by its content, whatever its ending.

    Parameters
    ----------
    path : path
        As `save` writes it; a state dict of PyTorch or safetensors, bare or in a checkpoint, ReLU
        assumed between its layers; arrays of `numpy.savez` or JSON: v, W and b, or v, W2, b2, W1
        and b1, biases only where the net has them; or the layers of a state dict.
    key : str, optional
        Which network of a checkpoint that holds several, by the name under which it is; "" for all
        layers of the file, one after the other. Without it layers that may also be branches or a
        skipped connection (one output before the last layer) are refused.

    Warns
    -----
    univariate.PassedOverWarning
        Entries of the file, its name or the folders that it is in, that are not known to be of
        training alone: they may say that something else than ReLU is between the layers, or before
        and after them. So may settings in args.json, config.json, hparams.yaml, config.yaml or
        .hydra/config.yaml beside the file, or above its folder of checkpoints. Names of layers that
        are those of residual blocks.

    Raises
    ------
    FileNotFoundError, ModuleNotFoundError
        No such file; PyTorch is needed and not installed.
    ValueError
        Not readable, no network of two or three layers, or several and no key.
    """
    raw = read_network(path, key)
    net = network_of(raw)
    raw.warn()
    return net


def network_of(raw: RawNetwork) -> Network:
    """Return the network of a file that was read; ValueError if it has not two or three layers."""
    if raw.layers:
        return net_of_layers(raw.layers)
    if raw.schema:
        written: type[Network] = ThreeLayerNet if raw.schema == THREE else TwoLayerNet
        return net_of_arrays(written, raw.path, raw.schema, raw.arrays)
    kind = ThreeLayerNet if "W1" in raw.arrays else TwoLayerNet
    arrays = dict(raw.arrays)
    if kind is TwoLayerNet and "W" not in arrays and "w" in arrays:
        arrays["W"] = arrays.pop("w")
    return kind(**_named(raw._replace(arrays=arrays), kind))


def _named(raw: RawNetwork, kind: type[Network]) -> dict[str, Any]:
    """Return the parameters of a net from arrays of a file, by name; None for missing biases."""
    names = [field.name for field in fields(kind)]
    refuse_others(raw, *names)
    missing = [name for name in names if name not in raw.arrays and not name.startswith("b")]
    if missing:
        raise ValueError(
            f"{raw.path!r} lacks the arrays {', '.join(missing)}; save it with"
            f" numpy.savez(path, {', '.join(f'{name}={name}' for name in names)})"
        )
    return {name: raw.arrays.get(name) for name in names}
