"""Networks of any file that holds one."""

from typing import Any

from univariate.common import check
from univariate.common.arrays import Vector
from univariate.common.files import PathLike
from univariate.common.reading.networks import RawNetwork, read_network, refuse_others
from univariate.common.torch_layers import filled
from univariate.problem.deep_network import SCHEMA as DEEP, DeepReluNet, deep_net, require_arrays
from univariate.problem.network import Network, ReluNet, net_of_layers, shallow_net


def load_network(path: PathLike, *, key: str | None = None) -> Network:
    """Read a network from a file, told by its content, whatever its ending.

    Parameters
    ----------
    path : path
        As `save` writes it; a state dict of PyTorch or safetensors, bare or in a checkpoint, ReLU
        assumed between its layers; arrays of `numpy.savez` or JSON: v, w, b, or W1, b1, W2, …, or
        the layers of a state dict; an ONNX model that is a chain. A layer of a state dict is
        <layer>.weight, of shape (outputs, inputs), or <layer>.kernel, transposed, also joined by
        /, with <layer>.bias, or a mapping.
    key : str, optional
        Which network of a checkpoint that holds several, by the name under which it is; "" for all
        layers of the file, one after the other. Without it layers that may also be branches or a
        skipped connection (one output before the last layer) are refused.

    Warns
    -----
    PassedOverWarning
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
        Not readable, no network, or several and no key; weights without biases whose shapes fit in
        another order than their names; numbers beside a network that may be a scaling of inputs;
        settings, notes or names of layers that say that something else than ReLU is between.
    """
    raw = read_network(path, key)
    net = network_of(raw)
    raw.warn()
    return net


def network_of(raw: RawNetwork) -> Network:
    """Return the network of a file that was read; ValueError if it is none of scalar input."""
    path = raw.path
    if raw.layers:
        return net_of_layers(filled(raw.layers))
    if raw.schema:
        build = deep_net if raw.schema == DEEP else shallow_net
        return build(path, raw.schema, raw.arrays)
    if "layers" in raw.arrays:
        refuse_others(raw, "layers")
        return DeepReluNet(raw.arrays["layers"])
    names = "vWb" if "W" in raw.arrays and "w" not in raw.arrays else "vwb"
    refuse_others(raw, *names)
    if "b" not in raw.arrays and names[1] in raw.arrays:
        raise ValueError(f"{path!r} lacks the arrays b; save numpy.zeros(len(v)) if there are none")
    require_arrays(path, raw.arrays, names)
    return ReluNet(*(_flat(name, raw.arrays[name]) for name in names))


def _flat(name: str, value: Any) -> Vector:
    """Return a vector, a row or a column as a vector."""
    array = check.real_array(name, value)
    return array.ravel() if array.ndim == 2 and 1 in array.shape else array
